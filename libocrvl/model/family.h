/* The families of checkpoints that the engine opens. A row of the table says how a family's files spell what the engine
 * needs, and how the family is talked to. config.c and weights.c fill members by it that may be missing; what computes
 * afterwards asks for the members and never for the family. */
#ifndef OCRVL_MODEL_FAMILY_H
#define OCRVL_MODEL_FAMILY_H

#include "kern/gemm.h"

/* What numbers of a box stand for in an answer. */
typedef enum ocrvl_box_scale {
    OCRVL_BOX_TAGS = 1, /* thousandths of the sides, between <|box_start|> and <|box_end|> */
    OCRVL_BOX_PIXELS,   /* JSON: pixels of the picture as it was shown, under "bbox_2d" */
    OCRVL_BOX_THOUSAND  /* JSON: thousandths of the sides, under "bbox_2d" */
} ocrvl_box_scale;

/* How a video's frames stand in a prompt and in time. */
typedef enum ocrvl_video_time {
    OCRVL_VIDEO_SLOTS = 1, /* one grid; t counts slots of frames */
    OCRVL_VIDEO_SECONDS,   /* one grid; t counts tokens_per_second times the seconds of a slot */
    OCRVL_VIDEO_STAMPS     /* a grid for each slot, its time as text before it */
} ocrvl_video_time;

/* Names of matrices are without ".weight". */
typedef struct ocrvl_family {
    const char *type; /* model_type of config.json */
    const char *name; /* for people */
    /* what llama.cpp's files call it: general.architecture of the decoder, clip.projector_type of the tower */
    const char *gguf, *projector;
    /* keys of vision_config */
    const char *v_width, *v_out, *v_activation; /* the tower's width, that of its visual tokens, hidden_act's value */
    bool v_mlp_ratio;                /* the MLP's width is mlp_ratio times the tower's, not a key of its own */
    bool windows, places, deepstack; /* whether there are keys for them */
    /* names of tensors in the tower */
    const char *v_in, *v_up, *v_down; /* of a block's MLP; v_up is NULL if it has no gate */
    const char *merger_norm, *merger_in, *merger_out;
    ocrvl_ending v_ending; /* what becomes of v_in's sums */
    bool v_rms;            /* norms without bias, but for those of mergers after the first */
    bool patch_bias;
    /* what transformers takes where config.json has no such keys: the tower's depth and patches, the decoder's
     * positions */
    size_t depth, patch, context;
    /* the decoder */
    double rms_eps, rope_theta; /* the same */
    size_t head_dim;            /* the same; 0: the width divided by the heads */
    bool qkv_bias, qk_norm, mrope_mixed;
    /* how it is talked to */
    const char *system; /* the default system turn; NULL: none */
    ocrvl_box_scale boxes;
    ocrvl_video_time video;
} ocrvl_family;

/* The family of a model_type, or NULL. */
const ocrvl_family *ocrvl_family_of_type(const char *type);
/* The family of a projector_type in GGUF, [len]; NULL if there is none. */
const ocrvl_family *ocrvl_family_of_projector(const char *type, size_t len);
/* Row i of the table, or NULL past its end. */
const ocrvl_family *ocrvl_family_at(size_t i);

#endif
