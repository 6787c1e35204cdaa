/* What is proved of the values that a file's keys have, and how a message says that one is wrong: in JSON and in GGUF
 * alike. */
#ifndef OCRVL_MODEL_KEYS_H
#define OCRVL_MODEL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "ocrvl.h"

/* A file while its keys are read. Only the first failure is recorded, so that it is checked once after many reads. */
typedef struct ocrvl_keys {
    const char *path;
    const char *before; /* what messages say before a key's name: "", "key " */
    ocrvl_error *err;
    ocrvl_status st;
} ocrvl_keys;

/* Fails with OCRVL_E_MODEL: "PATH: [before]KEY WHAT". */
void ocrvl_keys_wrong(ocrvl_keys *k, const char *key, const char *what);
/* n if it is a whole number (is_whole) in [low, high]. A missing key (!there) gives `otherwise`, or a failure if that
 * is negative; after a failure it is low. */
int64_t ocrvl_keys_whole(ocrvl_keys *k, const char *key, bool there, bool is_whole, int64_t n, int64_t low,
                         int64_t high, int64_t otherwise);
/* d if it is a number in [low, high]; `otherwise` if the key is missing, or after a failure. */
double ocrvl_keys_real(ocrvl_keys *k, const char *key, bool there, bool is_number, double d, double low, double high,
                       double otherwise);

#endif
