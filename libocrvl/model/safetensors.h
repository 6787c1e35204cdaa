/* The tensors of a checkpoint folder: model.safetensors, or the shards that model.safetensors.index.json names. The
 * files are hostile: the header's length and every shape, product and offset are checked here, once, and so is that the
 * tensors of a file lie end to end without gap or overlap (as the format demands). */
#ifndef OCRVL_MODEL_SAFETENSORS_H
#define OCRVL_MODEL_SAFETENSORS_H

#include "ocrvl.h"

enum { OCRVL_MAX_RANK = 8 };

typedef struct ocrvl_tensor {
    const char *name;
    const char *dtype; /* as written in the file, such as "BF16" */
    uint32_t rank;
    uint64_t shape[OCRVL_MAX_RANK];
    uint64_t bytes;
    const void *data; /* aligned for its type; mapped, or copied if the file didn't align it */
} ocrvl_tensor;

typedef struct ocrvl_tensors ocrvl_tensors; /* immutable */

/* Fails with OCRVL_E_MODEL if a file is missing and OCRVL_E_FORMAT if a file is broken. Messages name file and
 * tensor. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tensors_open(ocrvl_tensors **out, const char *dir, ocrvl_error *err);
/* A list of tensors that are in no file: copies of those in `list`, whose names and data stay the caller's. Fails with
 * OCRVL_E_FORMAT if two of them have one name. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tensors_of(ocrvl_tensors **out, const ocrvl_tensor *list, size_t count,
                                               ocrvl_error *err);
void ocrvl_tensors_free(ocrvl_tensors *t);
size_t ocrvl_tensors_count(const ocrvl_tensors *t);
/* Tensor number i in the byte order of their names. Returns NULL past the end. */
const ocrvl_tensor *ocrvl_tensors_at(const ocrvl_tensors *t, size_t i);
const ocrvl_tensor *ocrvl_tensors_find(const ocrvl_tensors *t, const char *name);
/* The version of packing that the files' metadata give under that key; 0 if they give none. */
#define OCRVL_PACKING_KEY "ocrvl.packing"
long ocrvl_tensors_packing(const ocrvl_tensors *t);
/* The bytes of weight file i, in the order of the files' names, for hashing. Returns false past the end. */
bool ocrvl_tensors_file(const ocrvl_tensors *t, size_t i, const uint8_t **data, size_t *len);

#endif
