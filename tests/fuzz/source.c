/* Any bytes as a document. */
#define FUZZ_CHANGES 6 /* of each the tests of sources have made many */
#include "fuzz/fuzz.h"

#include "sources.h"

const char *const fuzz_folders[] = {"tests/fuzz/corpus/source", NULL};
const fuzz_seed fuzz_seeds[] = {{0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_anything(data, size, "secret");
    return 0;
}
