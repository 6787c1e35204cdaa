/* Any bytes as a document. With -fsanitize=fuzzer and -DOCRVL_FUZZING a libFuzzer target; without, a program that
 * replays the corpus and prints TAP. */
#include <dirent.h>

#include "sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_anything(data, size, "secret");
    return 0;
}

#ifndef OCRVL_FUZZING
#define CORPUS "tests/fuzz/corpus/source"

int main(void)
{
    unsigned n = 0;
    DIR *dir = opendir(CORPUS);
    if (!dir)
        return 1;
    for (struct dirent *d; (d = readdir(dir));) {
        char path[512];
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, CORPUS "/%s", d->d_name);
        bytes b = bytes_load(path);
        LLVMFuzzerTestOneInput(b.data, b.len);
        bytes_free(&b);
        printf("ok %u - %s\n", ++n, d->d_name);
    }
    closedir(dir);
    printf("1..%u\n", n);
    return 0;
}
#endif
