/* A page model's text as a result tree: parsed, put on the page's lines by what the line reader sees there, and
 * compared with it. */
#ifndef OCRVL_READ_COMPOSE_H
#define OCRVL_READ_COMPOSE_H

#include "model/family.h"
#include "read/lines.h"
#include "read/regions.h"
#include "read/tasks.h"

typedef struct ocrvl_composing {
    ocrvl_builder *b;
    const ocrvl_layout *layout;
    const ocrvl_lines *lines; /* what the line reader says; NULL or without readings: then no word has a box */
    const ocrvl_transcript *transcript;
    const ocrvl_model_regions *regions; /* of the transcript: parts of the page that the model named; or NULL */
    const char *markdown;               /* what the page is told to be in Markdown, if not the transcript; or NULL */
    ocrvl_prompt_output output;         /* how it is to be parsed */
    bool strict;                        /* text without ink, ink without text: the page is partial */
    bool diplomatic;                    /* as in ocrvl_read_options */
    ocrvl_box_scale boxes;              /* of a grounding answer: what its numbers are, */
    uint32_t shown_width, shown_height; /* and how large the upright page was shown */
} ocrvl_composing;

/* Adds blocks, lines and words to the builder; warnings for repairs of the markup, for text that has no ink
 * (`unsupported`) and for ink that has no text (`unread`). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_compose(const ocrvl_composing *c, ocrvl_error *err);
/* The same of a grounding answer (compose_grounding.c): each label with a box is a block, its box where the model says.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_compose_grounding(const ocrvl_composing *c, ocrvl_error *err);
/* A box on the upright page, as a model gives it, in the page as it came. */
ocrvl_box ocrvl_upright_to_page(const ocrvl_layout *l, ocrvl_box b);

#endif
