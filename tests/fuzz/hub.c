/* Any bytes as what the Hugging Face hub says of a model's files. */
#define FUZZ_CHANGES 100
#include "fuzz/fuzz.h"

#include "hub_list.c" /* of the program, not of a library */

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED(
        "{\"sha\":\"0123456789abcdef0123456789abcdef01234567\",\"siblings\":[{\"rfilename\":\"config.json\",\"size\":2,"
        "\"blobId\":\"0123456789abcdef0123456789abcdef01234567\"},{\"rfilename\":\"model-00001-of-00002.safetensors\","
        "\"size\":9000000000,\"blobId\":\"0123456789abcdef0123456789abcdef01234567\",\"lfs\":{\"sha256\":"
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":9000000000}},{\"rfilename\":"
        "\"a/../../tokenizer.json\",\"size\":1,\"blobId\":\"0123456789abcdef0123456789abcdef01234567\"}]}"),
    FUZZ_SEED("{\"sha\":\"\",\"siblings\":[{}]}"),
    {0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cli_hub_list l = {0};
    ocrvl_error err;
    ocrvl_status st = cli_hub_list_read(&l, (const char *)data, size, &err);
    fuzz_check(st, &err);
    for (size_t i = 0; !st && i < l.count; i++) { /* names become files, digests the names of others */
        must(l.files[i].name[0] && !strchr(l.files[i].name, '/') && strcmp(l.files[i].name, "..") != 0);
        must(strspn(l.files[i].digest, "0123456789abcdef") == strlen(l.files[i].digest));
        must(strlen(l.files[i].digest) == (l.files[i].lfs ? 64 : 40));
    }
    must(st || strlen(l.commit) == 40);
    cli_hub_list_free(&l);
    return 0;
}
