/* The parts of the vision tower: vision.c calls the others. */
#ifndef OCRVL_MODEL_VISION_PARTS_H
#define OCRVL_MODEL_VISION_PARTS_H

#include "model/engine.h"

typedef struct ocrvl_tower {
    ocrvl_engine *e;
    const ocrvl_kern *kern;
    const ocrvl_config *c;
    size_t patches;
    size_t *frame; /* [frames + 1] first patch of each frame */
    size_t frames, longest;
    /* Where blocks attend to windows, a window's patches follow one another: [windows + 1] the first patch of each, and
     * [patches / merge^2] the visual token that stands at each place. Else NULL. */
    size_t *window;
    uint32_t *order;
    size_t windows, widest; /* widest: patches of the largest window */
    size_t vd;              /* head_dim rounded up to a panel */
    float *cos, *sin;       /* [patches][head_dim / 2] */
    float *x;               /* [patches][width] */
    void *y;                /* [patches] rows of width, as the next product wants them */
    float *qkv;             /* [patches][3 * width]; what attention gives takes the place of its queries */
    float *panels;          /* of keys and values: a slot for each head, or for each worker */
    float *scores;          /* [workers][QUERIES][longest panels * 16 + vd], or [workers][ocrvl_attend_scratch] */
    size_t at, n;           /* the frame at hand: its first patch and size */
} ocrvl_tower;

static inline size_t ocrvl_tower_round_up(size_t n) { return (n + OCRVL_PANEL - 1) / OCRVL_PANEL * OCRVL_PANEL; }

static inline size_t ocrvl_tower_tokens(const ocrvl_tower *t) { return t->patches / (t->c->merge * t->c->merge); }

/* vision_places.c: counts frames and patches (t->frame); OCRVL_E_ARG if the grids are not valid. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tower_count(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count,
                                                ocrvl_error *err);
/* Cuts frames into windows (t->window, t->order), if the config has some. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tower_cut(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count,
                                              ocrvl_error *err);
/* Fills t->frame and the rotary tables; adds to x [patches][width] the learned vectors of places, if there are some. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tower_place(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count, float *x,
                                                ocrvl_error *err);

/* vision_attend.c: floats that the slots for keys and values take, and those of a worker's scores. */
size_t ocrvl_tower_panels(const ocrvl_tower *t);
size_t ocrvl_tower_scores(const ocrvl_tower *t);
/* Attention of a block, whose queries, keys and values are in t->qkv: the results take the place of the queries. */
void ocrvl_tower_attend(ocrvl_tower *t, size_t block);

#endif
