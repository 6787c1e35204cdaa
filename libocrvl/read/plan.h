/* Budgets: how large a model sees pages so that reading keeps to a bound on memory and to seconds. ocrvl_planner_page
 * tells what these functions find, and ocrvl_read and ocrvl_ask do it. */
#ifndef OCRVL_READ_PLAN_H
#define OCRVL_READ_PLAN_H

#include "base/buf.h"
#include "read/tasks.h"
#include "read/tiles.h"

/* What a task and the options make of tiles, budgets aside. */
ocrvl_tile_limits ocrvl_plan_limits(const ocrvl_task *t, const ocrvl_read_options *o, const ocrvl_config *c);

typedef struct ocrvl_tile_plan { /* zero-initialise */
    ocrvl_tiles tiles;
    size_t largest;  /* which of them takes the most memory */
    uint64_t memory; /* bytes resident at the most, all counted */
    double seconds;  /* of the tiles */
    ocrvl_buf note;  /* what the budgets changed, a sentence; empty: nothing */
} ocrvl_tile_plan;

/* The tiles of a page (img as it came), of which `spent` seconds went before them. p NULL: without budgets, memory and
 * seconds stay 0. Bounds on memory make tiles smaller and more; seconds make letters smaller, down to OCRVL_X_LEAST.
 * OCRVL_E_LIMIT: the page doesn't fit. out->note is the caller's on failure too. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_plan_page_tiles(const ocrvl_planner *p, ocrvl_tile_plan *out, const ocrvl_config *c,
                                                    const ocrvl_layout *l, const ocrvl_image *img,
                                                    const ocrvl_tile_limits *limits, double spent, ocrvl_error *err);

/* Where several pages are read at a time: bytes of a page image that stays in memory, and bytes that the answer to a
 * tile goes on holding. */
uint64_t ocrvl_plan_image_bytes(const ocrvl_image *img);
uint64_t ocrvl_plan_sequence_bytes(const ocrvl_planner *p, const ocrvl_tile *k, const ocrvl_tile_limits *limits);
/* Whether a tile can be shown (NULL: the smallest) while so many bytes are in use. p NULL: always. */
bool ocrvl_plan_fits(const ocrvl_planner *p, uint64_t held, const ocrvl_tile *k, const ocrvl_tile_limits *limits);

typedef struct ocrvl_pixel_range { /* of one picture as the model sees it */
    uint64_t least, most;
} ocrvl_pixel_range;

/* The range without sizes over `most`. */
static inline ocrvl_pixel_range ocrvl_pixels_up_to(ocrvl_pixel_range r, uint64_t most)
{
    r.most = r.most < most ? r.most : most;
    r.least = r.least < r.most ? r.least : r.most;
    return r;
}

typedef struct ocrvl_shown { /* pictures of one prompt */
    const ocrvl_image *const *images;
    const ocrvl_pixel_range *ranges; /* of the images */
    size_t count;
    size_t extra;          /* visual tokens besides: a video's */
    size_t prompt, answer; /* tokens */
} ocrvl_shown;

/* *most: pixels that no picture may exceed to keep to the budgets, which note then says; UINT64_MAX if its range alone
 * limits each. Never less than the smallest tile has. p may be NULL. OCRVL_E_LIMIT: the pictures don't fit. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_plan_pictures(const ocrvl_planner *p, const ocrvl_config *c, const ocrvl_shown *s,
                                                  uint64_t *most, ocrvl_buf *note, ocrvl_error *err);

#endif
