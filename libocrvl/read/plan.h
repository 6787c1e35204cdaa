/* Budgets: how large a model sees pages so that reading keeps to a bound on memory and to seconds. ocrvl_planner_page
 * tells what these functions find, and ocrvl_read and ocrvl_ask do it. */
#ifndef OCRVL_READ_PLAN_H
#define OCRVL_READ_PLAN_H

#include "base/buf.h"
#include "read/tasks.h"
#include "read/tiles.h"

/* What a task, the options and the checkpoint's profile (or NULL) make of tiles, budgets aside. */
ocrvl_tile_limits ocrvl_plan_limits(const ocrvl_task *t, const ocrvl_read_options *o, const ocrvl_config *c,
                                    const ocrvl_profile *profile);

/* Of a page that is read block by block: the side of its layout's picture, where a picture may have so many pixels; and
 * the limits of a block that takes so many visual tokens, whose answer can't be much longer than it is large. */
uint32_t ocrvl_plan_layout_side(const ocrvl_config *c, uint64_t most);
ocrvl_tile_limits ocrvl_plan_block_limits(const ocrvl_tile_limits *limits, size_t visual_tokens);
enum { OCRVL_BLOCKS_TOGETHER = 16 }; /* that are decoded in one pass */

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

/* Tokens of an answer unless its options say otherwise, and of a question that the context is to have room for. */
enum { OCRVL_ASK_ANSWER = 1024, OCRVL_ASK_PROMPT = 512 };

/* How large a picture is shown in a question: its letters, at which they are read well in so many pixels (0: it has
 * none), as large as a page's are when it is read, and at least in 1280 visual tokens if it has the pixels, which is
 * how pictures without text are shown; all within the limits. */
ocrvl_pixel_range ocrvl_range_in_question(const ocrvl_config *c, const ocrvl_image *img, uint64_t letters,
                                          ocrvl_pixel_range limits);

typedef struct ocrvl_shown_plan {
    uint64_t
        most; /* pixels that no picture may exceed to keep to the budgets; UINT64_MAX: its range alone limits each */
    size_t tokens;   /* visual tokens of all */
    double seconds;  /* 0: the machine wasn't measured */
    uint64_t memory; /* bytes */
} ocrvl_shown_plan;

/* `most` is never less than the smallest tile has; what the budgets change is said in note. p may be NULL: then only
 * `most` is set. OCRVL_E_LIMIT: the pictures don't fit. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_plan_pictures(const ocrvl_planner *p, const ocrvl_config *c, const ocrvl_shown *s,
                                                  ocrvl_shown_plan *out, ocrvl_buf *note, ocrvl_error *err);

/* The page model's configuration. */
const ocrvl_config *ocrvl_planner_config(const ocrvl_planner *p);

#endif
