/* The weights of a checkpoint, each checked against the shape that the config demands. Immutable once opened. */
#ifndef OCRVL_MODEL_WEIGHTS_H
#define OCRVL_MODEL_WEIGHTS_H

#include "kern/gemm.h"
#include "model/config.h"
#include "model/safetensors.h"

/* A packed checkpoint (model/pack.c) stores matrix X as two tensors: codes under X and one of the first two suffixes
 * (U8 [n / 16][bytes of a panel's codes]), scales under X and the third (BF16 [n / 16][numbers of a panel's scales]).
 * kern/quant.h describes their contents. */
#define OCRVL_INT8_SUFFIX ".int8"
#define OCRVL_INT4_SUFFIX ".int4"
#define OCRVL_SCALES_SUFFIX ".scales"
/* Version of their contents. Version 1 had a scale for 64 numbers of 8 bits, version 2 one for 32 numbers of 4 bits;
 * its 8 bits are today's. */
enum { OCRVL_PACKING = 3, OCRVL_PACKING_INT8 = 2 };

/* The mode that the suffix of a tensor's name stands for; OCRVL_GEMM_FLOAT if it has neither suffix. */
ocrvl_gemm_mode ocrvl_gemm_mode_of_name(const char *name);
/* Whether a matrix [n][k] of that name may be integers: those of the tower's blocks and mergers, of the decoder's layers
 * and the head may, if k is at most OCRVL_MAX_ROUNDED_K; embeddings and the patches' projection may not. */
bool ocrvl_may_be_integers(const char *name, size_t k);
/* Whether the tensor of that name is half of a packed matrix: its codes or its scales. */
bool ocrvl_is_half_of_packed(const char *name);
/* Returns false if the type is not one of the known floating-point types. */
bool ocrvl_tensor_type(const ocrvl_tensor *t, ocrvl_dtype *type);

typedef struct ocrvl_linear { /* y = x w^T + bias */
    ocrvl_mat w;
    float *bias; /* [w.n] or NULL */
} ocrvl_linear;

typedef struct ocrvl_norm_weights {
    float *w, *b; /* b is NULL for RMS norm */
} ocrvl_norm_weights;

typedef struct ocrvl_vision_block {
    ocrvl_norm_weights norm1, norm2;
    ocrvl_linear qkv, proj, in, up, down; /* in is the gate of `up` if that is there (w.n is not 0) */
} ocrvl_vision_block;

/* merge^2 patches side by side become a visual token. */
typedef struct ocrvl_merger {
    ocrvl_norm_weights norm; /* over each patch, or over all of them */
    size_t norm_size;
    ocrvl_linear in, out;
} ocrvl_merger;

typedef struct ocrvl_layer {
    ocrvl_norm_weights norm1, norm2;
    ocrvl_linear q, k, v, o, gate, up, down;
    float *q_norm, *k_norm; /* [head_dim], or NULL if heads aren't normalised */
} ocrvl_layer;

/* The arithmetic of products. AUTO: matrices of line readers are rounded to int8, as ocrvl pack does; other checkpoints,
 * of more than 64 MB and stored in bfloat16, are multiplied in bfloat16 if the processor has kernels for it. */
typedef enum ocrvl_precision {
    OCRVL_PRECISION_AUTO = 0,
    OCRVL_PRECISION_FLOAT32,
    OCRVL_PRECISION_BF16,
    OCRVL_PRECISION_INT8 /* random weights as int8 is packed; otherwise as AUTO */
} ocrvl_precision;

typedef struct ocrvl_weights {
    ocrvl_config config;
    bool low_precision;  /* some matrices have a mode other than float32, and attention is in bfloat16, the tower's
                          * partly from bytes */
    uint64_t int8, int4; /* number of parameters packed so, without a tied head's own packed form */
    ocrvl_tensors *tensors;
    ocrvl_linear patch_embed;                  /* [v_width][3 * temporal * patch * patch] */
    float *places;                             /* [v_places^2][v_width], or NULL */
    ocrvl_vision_block *blocks;                /* [v_depth] */
    ocrvl_merger merger, deep[OCRVL_MAX_DEEP]; /* [v_deep_count] of the latter */
    ocrvl_mat embed;                           /* [vocab][width] */
    ocrvl_layer *layers;
    ocrvl_norm_weights norm;
    ocrvl_linear head; /* the embedding itself if the head is tied */
    float *v_freq;     /* [v_head_dim / 4] */
    float *t_freq;     /* [head_dim / 2] */
    void **made;       /* the data of matrices that are random or rounded, [made_count] */
    size_t made_count, made_cap;
} ocrvl_weights;

/* Opens DIR's config and tensors. Matrices that are multiplied in float32 are packed for the kernels at once if the
 * model is small (up to 64 MB of parameters); all others stay mapped as they are. Tensors that the model doesn't know
 * are ignored. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_weights_open(ocrvl_weights **out, const char *dir, ocrvl_error *err);
/* The same with a chosen precision; F16 and F32 matrices are multiplied in float32 whatever it is. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_weights_open_as(ocrvl_weights **out, const char *dir, ocrvl_precision precision,
                                                    ocrvl_error *err);
/* Proves that tensors of these names, shapes and types are all that a model of that config needs; their data aren't
 * looked at. Of the config nothing is kept. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_weights_check(const ocrvl_config *config, const ocrvl_tensor *list, size_t count,
                                                  ocrvl_error *err);
/* The folder's config alone, for what needs no weights: all else is NULL or 0. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_weights_describe(ocrvl_weights **out, const char *dir, ocrvl_error *err);
/* Makes random weights, stored as bfloat16 or packed as int8, of the config's shapes, for benchmarks. *config is moved
 * into them (its `system` must be NULL). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_weights_random(ocrvl_weights **out, const ocrvl_config *config,
                                                   ocrvl_precision precision, ocrvl_error *err);
/* Whether a checkpoint of so many bytes is small, 64 MB at the most: see OCRVL_PRECISION_AUTO and ocrvl_weights_open.
 */
bool ocrvl_weights_are_small(uint64_t bytes);
/* Bytes that the weights of such a checkpoint hold: as stored in bfloat16 and, of a small one, in float32 as well or, of
 * a line reader (rounded), as int8. */
uint64_t ocrvl_weights_resident(uint64_t bytes, bool rounded);
/* Bytes that a decoding step reads: the layers' matrices and the head, as they are stored or packed. */
uint64_t ocrvl_weights_step_bytes(const ocrvl_weights *m);
void ocrvl_weights_free(ocrvl_weights *m);

#endif
