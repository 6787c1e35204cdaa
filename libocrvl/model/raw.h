/* The tensors of a checkpoint as something to be packed (model/pack.c): under the names and in the shapes that the
 * engine knows, whatever the files call them and however they store them, their rows to be read as floats. */
#ifndef OCRVL_MODEL_RAW_H
#define OCRVL_MODEL_RAW_H

#include "base/arena.h"
#include "base/buf.h"
#include "kern/kern.h"
#include "model/config.h"
#include "model/safetensors.h"

enum { OCRVL_RAW_PARTS = 4 };

typedef struct ocrvl_raw ocrvl_raw;

/* Writes rows [row, row + rows) of s, each the product of its sizes after the first. */
typedef void (*ocrvl_rows_fn)(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out);

typedef struct ocrvl_raw_part { /* bytes of a file that a tensor is made of */
    const void *data;
    uint64_t bytes;
    size_t rows;      /* by which it adds to the tensor's, where parts lie one after the other */
    const void *type; /* what rows() knows them by */
} ocrvl_raw_part;

struct ocrvl_raw {
    const char *name; /* owned by the list */
    const char
        *dtype; /* as safetensors writes it, if the bytes of parts[0] are the tensor just so; NULL: they aren't */
    uint32_t rank;
    uint64_t shape[OCRVL_MAX_RANK];
    ocrvl_rows_fn rows; /* NULL: no floats; to be copied */
    ocrvl_raw_part parts[OCRVL_RAW_PARTS];
    const struct ocrvl_numbers *numbers; /* of integers (model/numbers.h); borrowed */
    size_t groups;                       /* scales along k, of those */
};

typedef struct ocrvl_raw_file { /* a text that belongs beside the tensors */
    const char *name;
    ocrvl_buf text;
} ocrvl_raw_file;

enum { OCRVL_RAW_FILES = 8, OCRVL_RAW_GGUF = 64 };

typedef struct ocrvl_raws { /* must be zero-initialised */
    ocrvl_raw *list;
    size_t count, cap;
    ocrvl_arena names;
    ocrvl_config config; /* what the tensors must fit */
    /* files to be written in place of the checkpoint's own of those names */
    ocrvl_raw_file files[OCRVL_RAW_FILES];
    size_t file_count;
    /* what they are made from: one of the two */
    ocrvl_tensors *tensors;
    struct ocrvl_gguf *gguf[OCRVL_RAW_GGUF];
    size_t gguf_count;
} ocrvl_raws;

/* Opens what `count` paths name: one folder, or the files of a model in GGUF. Every tensor that the config demands is
 * proved to be there, in its shape. On failure s is empty. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_raws_open(ocrvl_raws *s, const char *const *paths, size_t count, ocrvl_error *err);
void ocrvl_raws_free(ocrvl_raws *s);

/* For those that fill a list: the next entry, of that name, or NULL if memory fails. */
ocrvl_raw *ocrvl_raws_add(ocrvl_raws *s, const char *name);
/* A text to be written, or NULL if there are too many. */
ocrvl_buf *ocrvl_raws_file(ocrvl_raws *s, const char *name);
/* Numbers in a row, and in all. */
size_t ocrvl_raw_columns(const ocrvl_raw *s);
uint64_t ocrvl_raw_numbers(const ocrvl_raw *s);

/* Fills config, list and, if its config must change, files from a folder of safetensors (model/raw_folder.c). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_raws_folder(ocrvl_raws *s, const char *dir, ocrvl_error *err);

/* Fills config, list and files from GGUF files (model/gguf_model.c). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_raws_gguf(ocrvl_raws *s, const char *const *paths, size_t count, ocrvl_error *err);

#endif
