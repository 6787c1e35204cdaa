/* MinerU2.5's way to read a page, as its makers' client has it (opendatalab/mineru-vl-utils, August 2026): it is shown
 * the page squeezed to a square and writes its layout, then each block is cut out of the page and shown alone, with a
 * prompt by its kind. */
#ifndef OCRVL_READ_MINERU_H
#define OCRVL_READ_MINERU_H

#include "base/image.h"
#include "generate/transcript.h"
#include "read/growing.h"
#include "read/regions.h"

enum { OCRVL_MINERU_SIDE = 1036 }; /* of the square */

typedef enum ocrvl_mineru_kind {
    OCRVL_MINERU_TEXT = 0,
    OCRVL_MINERU_TITLE,    /* of the document */
    OCRVL_MINERU_SUBTITLE, /* of a section */
    OCRVL_MINERU_TABLE,
    OCRVL_MINERU_FORMULA,
    OCRVL_MINERU_CODE,
    OCRVL_MINERU_FIGURE,   /* read only where pictures are asked about */
    OCRVL_MINERU_PICTURES, /* holds pictures; not read */
    OCRVL_MINERU_GROUP     /* holds other blocks; not read */
} ocrvl_mineru_kind;

/* What a block is read with if it stands inside of it. */
typedef enum ocrvl_mineru_part {
    OCRVL_MINERU_ALONE = 0,
    OCRVL_MINERU_OF_TABLE,  /* text and formulas */
    OCRVL_MINERU_OF_PICTURE /* its caption */
} ocrvl_mineru_part;

typedef struct ocrvl_mineru_block {
    ocrvl_mineru_kind kind;
    ocrvl_role role; /* of text, where the kind says more than that: a caption, a header ... */
    ocrvl_mineru_part part;
    bool goes_on;  /* continues the text block before it */
    bool large;    /* of a picture: enough to be read */
    ocrvl_box box; /* on the page that was shown */
    uint32_t turn; /* degrees clockwise that make it upright */
    ocrvl_transcript said;
} ocrvl_mineru_block;

typedef struct ocrvl_mineru_figure { /* a picture that isn't read */
    ocrvl_box box;
    size_t before; /* so many of the blocks stand before it */
} ocrvl_mineru_figure;

typedef struct ocrvl_mineru {   /* zero-initialise */
    ocrvl_mineru_block *blocks; /* those to be read, in the order of the answer */
    size_t count, cap;
    ocrvl_mineru_figure *figures;
    size_t figure_count, figure_cap;
    size_t bad;    /* parts of the answer that are no blocks */
    bool pictures; /* whether pictures are read */
} ocrvl_mineru;

/* Reads the layout of a page of that size. Text and formulas inside a table, and captions inside a picture, are left
 * out, since these are read with it, and so are groups, whose parts are blocks too. Pictures are kept apart; with
 * `pictures` those of a tenth of the page's sides, or a hundredth of its area, that stand in no table and no group of
 * pictures are blocks to be read. At most 1024 blocks are kept. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_mineru_layout(ocrvl_mineru *m, const char *answer, uint32_t width, uint32_t height,
                                                  bool pictures, ocrvl_error *err);
/* What is asked about a block. */
const char *ocrvl_mineru_prompt(ocrvl_mineru_kind kind);
/* The block's picture: cut out, upright, at most 50 times as long as wide, at least `least` pixels a side. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_mineru_cut(ocrvl_image **out, const ocrvl_image *page, const ocrvl_mineru_block *b,
                                               uint32_t least, ocrvl_error *err);
/* The size of that picture. */
void ocrvl_mineru_size(const ocrvl_mineru_block *b, uint32_t least, uint32_t *width, uint32_t *height);
/* All that was said, as Markdown; paragraphs that go on in another block are one. With regions, each block is a region
 * of its own, those that go on too, and pictures of which nothing is said are regions without text. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_mineru_join(const ocrvl_mineru *m, ocrvl_transcript *out,
                                                ocrvl_model_regions *regions, ocrvl_error *err);
/* What was said of a picture, as Markdown: its caption as the text of a figure, then what it holds: a chart's table, a
 * flowchart's code. A picture of a table or a formula alone is that. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_mineru_picture(ocrvl_growing *g, const ocrvl_transcript *said, ocrvl_error *err);
void ocrvl_mineru_free(ocrvl_mineru *m);

#endif
