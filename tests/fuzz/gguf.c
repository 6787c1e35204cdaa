/* Any bytes as a model that others made smaller, packed: the first byte says which (g: GGUF, the length of the
 * decoder's file in 4 bytes, that file, the tower's; q: config.json, NUL, model.safetensors). Seeds: make_gguf.py
 * --fuzz. */
#define FUZZ_CHANGES 40
#include "fuzz/fuzz.h"

#include <unistd.h>

#include "ocrvl_dev.h"

const char *const fuzz_folders[] = {"tests/fuzz/corpus/gguf", NULL};
const fuzz_seed fuzz_seeds[] = {FUZZ_SEED("g\x18\0\0\0GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                          "GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
                                {0}};

static char folder[] = "/dev/shm/ocrvl-fuzz-XXXXXX";
static const char *const names[] = {"model.gguf", "mmproj.gguf", "config.json", "model.safetensors"};

static void path_of(char path[128], const char *name) { snprintf(path, 128, "%s/%s", folder, name); }

static void put(const char *name, const uint8_t *data, size_t len)
{
    char path[128];
    path_of(path, name);
    FILE *f = fopen(path, "wb");
    must(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

static void clean(void)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        path_of(path, names[i]);
        unlink(path);
    }
}

static void end(void)
{
    clean();
    rmdir(folder);
}

static void pack(const char *const *paths, size_t count)
{
    ocrvl_dev_packer *p;
    ocrvl_error err;
    const char *text;
    size_t len;
    ocrvl_status st = ocrvl_dev_packer_open(&p, paths, count, &err);
    fuzz_check(st, &err);
    must(st == OCRVL_OK || !strchr(err.message, '\n'));
    for (size_t i = 0; !st && ocrvl_dev_packer_file(p, i, &text, &len); i++)
        must(text[len] == '\0');
    for (ocrvl_dev_pack type = OCRVL_DEV_PACK_BF16; !st && type <= OCRVL_DEV_PACK_FLOAT32; type++) {
        ocrvl_dev_packed told;
        ocrvl_status written = ocrvl_dev_packer_write(p, type, fuzz_nowhere, NULL, &told, &err);
        fuzz_check(written, &err);
    }
    ocrvl_dev_packer_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    char one[128], two[128];
    if (size < 5)
        return 0;
    if (!begun) {
        must(mkdtemp(folder));
        atexit(end);
        begun = true;
    }
    clean();
    if (data[0] == 'g') {
        size_t len = data[1] | (size_t)data[2] << 8 | (size_t)data[3] << 16;
        len = len < size - 5 ? len : size - 5;
        put(names[0], data + 5, len);
        put(names[1], data + 5 + len, size - 5 - len);
        path_of(one, names[0]);
        path_of(two, names[1]);
        pack((const char *const[]){one, two}, 2);
    } else {
        size_t at = 1;
        fuzz_seed config = fuzz_part(data, size, &at);
        put(names[2], (const uint8_t *)config.text, config.len);
        put(names[3], data + at, size - at);
        pack((const char *const[]){folder}, 1);
    }
    return 0;
}
