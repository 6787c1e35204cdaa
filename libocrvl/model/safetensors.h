/* The tensors of a checkpoint folder: model.safetensors, or shards named by model.safetensors.index.json.
 * The files are hostile: the header's length, every shape, product and offset are checked here, once; so is that the
 * tensors of a file lie end to end without hole or overlap (as the format demands). */
#ifndef OCRVL_MODEL_SAFETENSORS_H
#define OCRVL_MODEL_SAFETENSORS_H

#include "ocrvl.h"

enum { OCRVL_MAX_RANK = 8 };

typedef struct ocrvl_tensor {
    const char *name;
    const char *dtype; /* as in the file: "BF16" */
    uint32_t rank;
    uint64_t shape[OCRVL_MAX_RANK];
    uint64_t bytes;
    const void *data; /* aligned for its type; mapped, or copied where the file didn't align it */
} ocrvl_tensor;

typedef struct ocrvl_tensors ocrvl_tensors; /* immutable */

/* OCRVL_E_MODEL: a file is missing; OCRVL_E_FORMAT: a file is broken. Messages name file and tensor. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tensors_open(ocrvl_tensors **out, const char *dir, ocrvl_error *err);
void ocrvl_tensors_free(ocrvl_tensors *t);
size_t ocrvl_tensors_count(const ocrvl_tensors *t);
/* In the order of their names (bytes). NULL past the end. */
const ocrvl_tensor *ocrvl_tensors_at(const ocrvl_tensors *t, size_t i);
const ocrvl_tensor *ocrvl_tensors_find(const ocrvl_tensors *t, const char *name);
/* The version of packing that the files' metadata tell, under that key; 0: none. */
#define OCRVL_PACKING_KEY "ocrvl.packing"
long ocrvl_tensors_packing(const ocrvl_tensors *t);
/* The weight files' bytes, in the order of the files' names, for hashing. False past the end. */
bool ocrvl_tensors_file(const ocrvl_tensors *t, size_t i, const uint8_t **data, size_t *len);

#endif
