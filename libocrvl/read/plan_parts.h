/* What the parts of the planner share: the models that it knows, and what a pass of one costs. */
#ifndef OCRVL_READ_PLAN_PARTS_H
#define OCRVL_READ_PLAN_PARTS_H

#include "generate/checkpoint.h"
#include "layout/layout_result.h"
#include "model/cost.h"
#include "read/script_choice.h"

/* Bytes of the program, its libraries and their work; of a pixel of a page image besides its own, for the layout. */
#define OCRVL_PLAN_PROGRAM (48u << 20)
enum { OCRVL_PLAN_LAYOUT = 2, OCRVL_PLAN_MORE = OCRVL_MAX_TONGUES - 1 };

typedef struct ocrvl_plan_model {
    ocrvl_config config;
    const ocrvl_profile *profile;
    uint64_t bytes;     /* of its weights as stored */
    uint64_t step;      /* of these, what a generated token reads */
    bool low_precision; /* computed in bfloat16 */
} ocrvl_plan_model;

struct ocrvl_planner {
    ocrvl_plan_model main, line; /* line: of a page reader's companion, or main again */
    bool has_line;
    /* [more_count] further line readers, which read few lines of a page or all but few */
    ocrvl_plan_model more[OCRVL_PLAN_MORE];
    size_t more_count;
    uint32_t threads;
    double flops, narrow_flops; /* a second, of all threads */
    double bandwidth;           /* bytes a second */
    uint64_t max_memory;        /* UINT64_MAX: none */
    double max_seconds;         /* 0 if there is none */
};

/* ---- planner.c --------------------------------------------------------------------------------------- */

/* Sets what the machine computes and reads in a second. */
ocrvl_status ocrvl_planner_measure_machine(ocrvl_planner *p, ocrvl_error *err);

/* ---- plan_costs.c ------------------------------------------------------------------------------------ */

typedef struct ocrvl_strips_shown { /* what a line reader sees of a page */
    double count, width;            /* width: of one, the mean, in pixels */
    double group;                   /* how many are read at a time */
} ocrvl_strips_shown;

ocrvl_strips_shown ocrvl_plan_strips(const ocrvl_planner *p, const ocrvl_config *c, const ocrvl_layout *l);
ocrvl_pass_shape ocrvl_plan_strips_shape(const ocrvl_config *c, double width, double count);
/* Sizes in tokens; longest: visual tokens of the largest picture. */
ocrvl_pass_shape ocrvl_plan_tile_shape(const ocrvl_planner *p, size_t tokens, size_t longest, size_t prompt,
                                       size_t answer);
uint64_t ocrvl_plan_tile_bytes(const ocrvl_planner *p, size_t tokens, size_t longest, size_t prompt, size_t answer);
/* All that is resident but the page and what the tiles of it take; l NULL: at the least. */
uint64_t ocrvl_plan_base_bytes(const ocrvl_planner *p, const ocrvl_layout *l);
/* Seconds of an answer of so many tokens; of a pass and its answer. */
double ocrvl_plan_answer_seconds(const ocrvl_planner *p, const ocrvl_plan_model *k, size_t sequences, double answer);
double ocrvl_plan_seconds(const ocrvl_planner *p, const ocrvl_plan_model *k, const ocrvl_pass_shape *s, double answer);

#endif
