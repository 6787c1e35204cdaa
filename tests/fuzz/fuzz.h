/* What fuzz targets share. With clang's -fsanitize=fuzzer and -DOCRVL_FUZZING each is a libFuzzer target (`make
 * fuzz`); without them a program for `make check`, which runs every seed, and copies of it that are cut and changed,
 * the same in every run.
 *
 * A target includes this once, and defines LLVMFuzzerTestOneInput, fuzz_folders and fuzz_seeds. */
#ifndef OCRVL_TESTS_FUZZ_H
#define OCRVL_TESTS_FUZZ_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "ocrvl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_seed {
    const char *text; /* NULL ends the list */
    size_t len;
} fuzz_seed;

/* A string as a seed; it may hold NUL. */
#define FUZZ_SEED(s)                                                                                                   \
    {                                                                                                                  \
        (s), sizeof(s) - 1                                                                                             \
    }

/* Folders and files whose bytes are seeds, the last NULL, and seeds that are written here. */
extern const char *const fuzz_folders[];
extern const fuzz_seed fuzz_seeds[];

#ifndef FUZZ_CHANGES
#define FUZZ_CHANGES 25 /* copies of a seed */
#endif
#ifndef FUZZ_LARGEST
#define FUZZ_LARGEST 60000 /* larger files are no seeds */
#endif

/* The error of a call that failed says what is wrong, and it isn't ours. */
static inline void fuzz_check(ocrvl_status st, const ocrvl_error *err)
{
    must(st == OCRVL_OK || (err->status == st && err->message[0] && st != OCRVL_E_INTERNAL));
}

static inline int fuzz_nowhere(void *user, const void *data, size_t len)
{
    (void)user, (void)data, (void)len;
    return 0;
}

/* The part of the data up to the next NUL, which *at is moved past; at the end an empty one. */
static inline fuzz_seed fuzz_part(const uint8_t *data, size_t size, size_t *at)
{
    size_t from = *at < size ? *at : size;
    const uint8_t *end = from < size ? memchr(data + from, 0, size - from) : NULL;
    size_t to = end ? (size_t)(end - data) : size;
    *at = end ? to + 1 : size;
    return (fuzz_seed){(const char *)data + from, to - from};
}

/* ---- seeds ------------------------------------------------------------------------------------------- */

typedef void fuzz_use(void *user, const char *name, const uint8_t *data, size_t len);

static inline void fuzz_file(const char *path, fuzz_use *use, void *user)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(FUZZ_LARGEST + 1);
    must(f && data);
    size_t n = fread(data, 1, FUZZ_LARGEST + 1, f);
    const char *slash = strrchr(path, '/');
    if (n <= FUZZ_LARGEST)
        use(user, slash ? slash + 1 : path, data, n);
    free(data);
    fclose(f);
}

static inline void fuzz_each_seed(fuzz_use *use, void *user)
{
    for (size_t i = 0; fuzz_seeds[i].text; i++) {
        char name[32];
        snprintf(name, sizeof name, "seed-%zu", i);
        use(user, name, (const uint8_t *)fuzz_seeds[i].text, fuzz_seeds[i].len);
    }
    for (size_t i = 0; fuzz_folders[i]; i++) {
        DIR *dir = opendir(fuzz_folders[i]);
        if (!dir)
            fuzz_file(fuzz_folders[i], use, user);
        for (struct dirent *d; dir && (d = readdir(dir));) {
            char path[512];
            snprintf(path, sizeof path, "%s/%s", fuzz_folders[i], d->d_name);
            if (d->d_name[0] != '.')
                fuzz_file(path, use, user);
        }
        if (dir)
            closedir(dir);
    }
}

#ifdef OCRVL_FUZZING

int LLVMFuzzerInitialize(int *argc, char ***argv);

static inline void fuzz_write(void *user, const char *name, const uint8_t *data, size_t len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", (const char *)user, name);
    FILE *f = fopen(path, "wb");
    must(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

/* With $OCRVL_SEEDS, a folder, the seeds are written there, and that is all. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char *folder = getenv("OCRVL_SEEDS");
    (void)argc, (void)argv;
    if (folder) {
        fuzz_each_seed(fuzz_write, folder);
        exit(0);
    }
    return 0;
}

#else

/* Runs bytes that lie in memory of their own, so that reading past them is seen. */
static inline void fuzz_run(const uint8_t *data, size_t len)
{
    uint8_t *exact = calloc(len ? len : 1, 1);
    must(exact);
    if (len)
        memcpy(exact, data, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

static inline uint32_t fuzz_random(uint32_t *state) /* xorshift32 */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline void fuzz_replay(void *user, const char *name, const uint8_t *data, size_t len)
{
    static const char strange[] = "\0\xFF\x80\n<>&\"'{}[]()/%-.,;:0189aAeE \xE2\xC3";
    unsigned *count = user;
    uint32_t state = 2463534242u ^ (uint32_t)len;
    uint8_t *copy = malloc(len + 1);
    must(copy);
    fuzz_run(data, len);
    for (unsigned i = 0; i < FUZZ_CHANGES && len; i++) {
        memcpy(copy, data, len);
        for (unsigned k = 0; k <= i % 8; k++)
            copy[fuzz_random(&state) % len] = fuzz_random(&state) & 1
                                                  ? (uint8_t)strange[fuzz_random(&state) % (sizeof strange - 1)]
                                                  : (uint8_t)fuzz_random(&state);
        fuzz_run(copy, i % 3 ? len : fuzz_random(&state) % len);
    }
    free(copy);
    printf("ok %u - %s\n", ++*count, name);
    fflush(stdout);
}

int main(void)
{
    unsigned count = 0;
    fuzz_each_seed(fuzz_replay, &count);
    printf("1..%u\n", count);
    return count == 0;
}

#endif
#endif
