/* GGUF files, in which llama.cpp keeps models: metadata and tensors, mapped. The files are hostile: every count,
 * length, type and offset is checked when a file is opened, and messages name the file and the key or tensor. Versions
 * 2 and 3, little-endian. Source: ggml's docs/gguf.md. */
#ifndef OCRVL_MODEL_GGUF_H
#define OCRVL_MODEL_GGUF_H

#include "kern/kern.h"
#include "ocrvl.h"

/* A type that tensors are stored in: blocks of `numbers` numbers, each `bytes` long. */
typedef struct ocrvl_gguf_type {
    const char *name;
    uint32_t id, numbers, bytes;
    void (*widen)(float *out, const uint8_t *block); /* one block; NULL for plain floats */
    ocrvl_dtype plain;                               /* of those */
} ocrvl_gguf_type;

/* n numbers, whole blocks, to floats. */
void ocrvl_gguf_widen(const ocrvl_kern *kern, const ocrvl_gguf_type *type, float *out, const void *data, size_t n);
/* The type of that number, or NULL if it can't be read. */
const ocrvl_gguf_type *ocrvl_gguf_type_of(uint32_t id);
/* The type's name, for messages: those that can't be read have names too. */
const char *ocrvl_gguf_type_name(uint32_t id);

enum { OCRVL_GGUF_NAME = 128, OCRVL_GGUF_RANK = 4 };

typedef struct ocrvl_gguf_tensor {
    char name[OCRVL_GGUF_NAME];
    const ocrvl_gguf_type *type;
    uint32_t rank;
    uint64_t shape[OCRVL_GGUF_RANK]; /* slowest first, unlike in the file; a row is the last */
    const uint8_t *data;
    uint64_t bytes;
} ocrvl_gguf_tensor;

typedef struct ocrvl_gguf ocrvl_gguf; /* immutable */

/* Fails with OCRVL_E_FORMAT if the file is broken, OCRVL_E_UNSUPPORTED if a type or version of it can't be read. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_gguf_open(ocrvl_gguf **out, const char *path, ocrvl_error *err);
void ocrvl_gguf_free(ocrvl_gguf *g);
const char *ocrvl_gguf_path(const ocrvl_gguf *g);
/* The whole file, as it is mapped. */
void ocrvl_gguf_file(const ocrvl_gguf *g, const uint8_t **data, size_t *len);

size_t ocrvl_gguf_tensors(const ocrvl_gguf *g);
const ocrvl_gguf_tensor *ocrvl_gguf_tensor_at(const ocrvl_gguf *g, size_t i);
const ocrvl_gguf_tensor *ocrvl_gguf_tensor_of(const ocrvl_gguf *g, const char *name); /* NULL: there is none */

/* The value of a key, borrowed; NULL if there is no such key. All functions below take NULL and values of another kind
 * too, and return false, NULL or 0 then. */
typedef struct ocrvl_gguf_value ocrvl_gguf_value;
const ocrvl_gguf_value *ocrvl_gguf_find(const ocrvl_gguf *g, const char *key);
bool ocrvl_gguf_int(const ocrvl_gguf_value *v, int64_t *out); /* of any integer type that it fits */
bool ocrvl_gguf_real(const ocrvl_gguf_value *v, double *out); /* of a float or an integer */
/* Not terminated; may contain anything. */
const char *ocrvl_gguf_string(const ocrvl_gguf_value *v, size_t *len);
uint64_t ocrvl_gguf_length(const ocrvl_gguf_value *v); /* of an array */
/* Item i of an array of numbers or truth values. */
bool ocrvl_gguf_int_at(const ocrvl_gguf_value *v, uint64_t i, int64_t *out);
bool ocrvl_gguf_real_at(const ocrvl_gguf_value *v, uint64_t i, double *out);

/* Goes through an array of strings; without any if v is something else. */
typedef struct ocrvl_gguf_strings {
    const uint8_t *at;
    uint64_t left;
} ocrvl_gguf_strings;
ocrvl_gguf_strings ocrvl_gguf_strings_of(const ocrvl_gguf_value *v);
const char *ocrvl_gguf_next(ocrvl_gguf_strings *s, size_t *len); /* NULL at the end */

#endif
