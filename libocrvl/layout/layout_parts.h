/* What the files of the layout share. All of this is in pixels of the ink mask: the upright grey image reduced by a
 * whole factor if it is very large, or enlarged if it is small. Boxes are x0 <= x < x1. */
#ifndef OCRVL_LAYOUT_LAYOUT_PARTS_H
#define OCRVL_LAYOUT_LAYOUT_PARTS_H

#include <leptonica/allheaders.h>

#include "layout/layout_result.h"

/* Pages of fewer pixels than this are looked at enlarged: their letters may be small. */
#define OCRVL_SMALL_PAGE (5u << 19)
/* Pages of more pixels than this are looked at reduced, so that time and memory stay bounded. */
#define OCRVL_MASK_PIXELS (24u << 20)

/* A box of one shade with text on it. */
typedef struct ocrvl_panel {
    ocrvl_box box;
    uint8_t ground; /* its grey */
    bool light;     /* the text is lighter than that */
} ocrvl_panel;

/* What ocrvl_layout.mask points to. */
typedef struct ocrvl_ink_mask {
    PIX *ink;            /* 1 bpp, set where there is ink */
    PIX *light;          /* the same of light text in dark boxes; NULL if there are none */
    PIX *rules;          /* the ink of rules, which isn't in `ink`; NULL if there are none */
    PIX *dots;           /* the ink of screens that text stands on, which isn't in `ink`; NULL if there are none */
    uint32_t factor;     /* one pixel of it covers factor x factor of the grey image... */
    uint32_t up;         /* ...or, if this is 2 (and factor 1), a quarter of one */
    bool inverted_page;  /* the whole page is light on dark: light and dark change places */
    ocrvl_box paper;     /* where the page is; outside there is no ink */
    ocrvl_panel *panels; /* [panel_count] those that others stand on first; their text is in `ink`, dark or light */
    size_t panel_count;
} ocrvl_ink_mask;

/* ---- ink.c: which pixels are ink ---- */

/* The factor that keeps a page of this size within max_pixels. */
uint32_t ocrvl_ink_mask_factor(uint32_t width, uint32_t height, uint64_t max_pixels);
/* Reduces grey by the factor, or enlarges it (factor 1, up 2), and thresholds it by the paper and ink levels of each
 * place. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_ink_mask_make(ocrvl_ink_mask *out, const ocrvl_image *grey, uint32_t factor,
                                                  uint32_t up, ocrvl_error *err);

void ocrvl_ink_mask_clear(ocrvl_ink_mask *m);
/* Set pixels of row y in columns x0 <= x < x1, all within the image. */
uint32_t ocrvl_ink_in_row(PIX *ink, int32_t y, int32_t x0, int32_t x1);

/* ---- panels.c: shaded boxes ---- */

/* Finds the panels of grey [h][w], which the ink is looked for in, and makes them paper with dark text there. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_flatten_panels(ocrvl_ink_mask *mask, uint8_t *grey, int32_t w, int32_t h,
                                                   ocrvl_error *err);
/* Whether a box of the mask is text on a panel that is darker. */
bool ocrvl_on_light_panel(const ocrvl_ink_mask *mask, const ocrvl_box *b);

/* ---- prepare.c: which way is up ---- */

/* Fills l->grey, rotation, skew, page_width and page_height. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_prepare(ocrvl_layout *l, const ocrvl_image *page,
                                                   const ocrvl_layout_options *opt, ocrvl_error *err);

/* ---- blobs.c: connected components ---- */

typedef struct ocrvl_blob {
    int32_t x0, y0, x1, y1;
    int32_t area; /* ink pixels */
} ocrvl_blob;

typedef struct ocrvl_blobs {
    ocrvl_blob *at;
    size_t count;
} ocrvl_blobs;

/* The 8-connected components of a 1 bpp image, in the raster order of their first pixels. More than max of them is
 * OCRVL_E_LIMIT: the page is noise. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_blobs_find(ocrvl_blobs *out, PIX *ink, size_t max, ocrvl_error *err);

/* ---- bricks.c: runs of pixels, level or upright ---- */

/* A new 1 bpp image in which gaps between the pixels of a row, or of a column, are filled if they are shorter than n,
 * which is odd: Leptonica's pixCloseBrick. As with that, n / 2 pixels along both edges that the rows run into stay
 * empty. NULL: no memory. */
PIX *ocrvl_close_gaps(PIX *pix, int32_t n, bool upright);
/* A new 1 bpp image of those runs that have n pixels or more: Leptonica's pixOpenBrick. NULL: no memory. */
PIX *ocrvl_keep_runs(PIX *pix, int32_t n, bool upright);

/* ---- clean.c: what isn't text ---- */

typedef struct ocrvl_region {
    ocrvl_box box;
    ocrvl_role role; /* figure or separator */
    bool vertical;   /* a separator that stands upright */
    bool leader;     /* a separator of dots, which may belong to a line */
} ocrvl_region;

typedef struct ocrvl_regions {
    ocrvl_region *at;
    size_t count, cap;
} ocrvl_regions;

/* Takes rules out of the ink mask, finds what blobs remain, and leaves in *blobs those that may be letters; in *light
 * those of mask->light. Rules and pictures are added to *regions. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_clean(ocrvl_ink_mask *mask, ocrvl_blobs *blobs, ocrvl_blobs *light,
                                                 ocrvl_regions *regions, ocrvl_error *err);
/* Moves rules, level or upright ones, from the mask's ink to its rules and to *regions: runs of more than `length`
 * pixels that form bars not thicker than `thick`. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_take_rules(ocrvl_ink_mask *mask, ocrvl_regions *regions, int32_t length,
                                               int32_t thick, bool vertical, ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_region_add(ocrvl_regions *r, ocrvl_region region, ocrvl_error *err);

/* The height of the page's usual letters: the median of the blobs' heights, each counted by its height so that specks
 * weigh little; the dots of a halftone, far more than the letters, are left out. At least 4. */
int32_t ocrvl_median_height(const ocrvl_blobs *b, int32_t page_height);

/* ---- bend.c: lines that aren't straight ---- */

/* Measures the bend of a page by its letters; a page that is straight, or with too little text to tell, has none. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_bend(ocrvl_bend *out, const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs,
                                              ocrvl_error *err);
void ocrvl_bend_clear(ocrvl_bend *b);
/* The height on the bent page of a place of the straight one; for a bend with columns. */
double ocrvl_bend_at(const ocrvl_bend *b, double x, double y);
/* The image without its bend, which has columns; beyond the image its edge goes on. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_straighten(ocrvl_image **out, const ocrvl_image *in, const ocrvl_bend *b,
                                               ocrvl_error *err);

/* ---- paper.c: the page's edge ---- */

/* Where the page lies in an image [h][w], whose middle grey is mid[] in tiles [(h + tile - 1) / tile] rows by
 * [(w + tile - 1) / tile]; along sides where no edge is found, the image's. */
ocrvl_box ocrvl_find_paper(const uint8_t *grey, int32_t w, int32_t h, const uint8_t *mid, int32_t tile);
/* Takes away rules that are the shadow or the cut of the page's edge. */
void ocrvl_drop_paper_edges(ocrvl_regions *regions, const ocrvl_ink_mask *mask);

/* ---- leaders.c: rows of dots ---- */

/* Adds the leaders among the blobs to *regions. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_leaders(const ocrvl_blobs *blobs, ocrvl_regions *regions, ocrvl_error *err);
/* The same for level rules of a dozen dashes and more, beside which no letters stand. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_dashed(const ocrvl_blobs *blobs, ocrvl_regions *regions, ocrvl_error *err);
/* Takes the leaders' dots, or the dashes of the dashed rules, out of the ink, and returns them as an image of their own;
 * NULL if memory fails. No other separators are known yet. */
PIX *ocrvl_take_leaders(PIX *ink, const ocrvl_regions *regions, bool dashed);

/* ---- halftones.c ---- */

/* Adds pictures that are printed as a screen of dots to *regions as figures, and takes their ink out of the mask; of a
 * screen that is the ground of text, its dots go to mask->dots. median: the median height of the page's letters; *any:
 * whether ink was taken out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_take_halftones(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs,
                                                   ocrvl_regions *regions, int32_t median, bool *any, ocrvl_error *err);
/* Paints mask->dots, if there are any, over with what is beside them in grey, the image of the mask. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_paint_dots(ocrvl_image *grey, const ocrvl_ink_mask *mask, ocrvl_error *err);

/* ---- matrix.c ---- */

/* Joins the dots that a page's letters consist of in the mask's ink; *joined: whether they do. blobs: of the ink. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_dots(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, bool *joined,
                                              ocrvl_error *err);

/* ---- strokes.c ---- */

/* Moves strokes of a pen that join letters of several lines from the mask's ink to its rules; *any: there are some.
 * blobs: those of the ink; median: the median height of the page's letters. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_take_strokes(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, int32_t median,
                                                 bool *any, ocrvl_error *err);

/* ---- pictures.c ---- */

/* Adds pictures to *regions as figures. blobs: those of the ink; median: the median height of the page's letters. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_pictures(const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs,
                                                  ocrvl_regions *regions, int32_t median, ocrvl_error *err);

/* ---- seals.c ---- */

/* Adds seals, rings with letters along them, to *regions as figures. blobs, median: as of ocrvl_find_pictures. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_seals(const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs,
                                               ocrvl_regions *regions, int32_t median, ocrvl_error *err);

/* ---- segment.c: blobs to lines ---- */

typedef struct ocrvl_row {
    ocrvl_box box;         /* of its ink */
    double base, slope;    /* baseline: y = base + slope * x */
    double x_height, type; /* type: that of its letters, less on a page whose usual lines are capitals or figures */
    int32_t shown[2];      /* the rows that a reader is shown, within the box; 0, 0: the box's */
    size_t glyphs;         /* blobs as tall as letters */
    int32_t wide;          /* the sum of their widths */
    double standing;       /* share of them that stand on the baseline */
    double above, below;   /* how far the furthest of them reach from it */
    bool inverted;
    bool led;              /* dots lead from it or to it; its box holds them, its other figures don't */
    uint32_t known, style; /* as of ocrvl_layout_line and ocrvl_known_line; 0 if there is none */
    bool begins, code;     /* as of ocrvl_known_line */
    char mark;             /* as of ocrvl_layout_line */
} ocrvl_row;

static inline double ocrvl_row_base(const ocrvl_row *r, double x) { return r->base + r->slope * x; }

typedef struct ocrvl_rows {
    ocrvl_row *at;
    size_t count, cap;
} ocrvl_rows;

/* Adds the lines that the blobs make to *rows. boxed: the blobs are those of mask->light. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_rows(ocrvl_rows *rows, const ocrvl_ink_mask *mask, bool boxed,
                                                const ocrvl_blobs *blobs, const ocrvl_regions *regions,
                                                ocrvl_layout_mode mode, ocrvl_error *err);

/* How much of the ink is in a box, which may reach beyond it or be empty. */
int32_t ocrvl_ink_in(PIX *ink, int32_t x0, int32_t y0, int32_t x1, int32_t y1);

/* ---- faint.c: the other side seen through ---- */

/* Takes rows out of hundreds that are far fainter than the page's text, where most of them are crumbs. grey: the image
 * of the mask. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_drop_faint(ocrvl_rows *rows, const ocrvl_ink_mask *mask, const ocrvl_image *grey,
                                               ocrvl_error *err);

/* ---- spine.c: the next page of an open book ---- */

/* Takes lines and regions of the edge of a next page, at either side, out of *rows and *regions, and ends the mask's
 * paper at the fold. grey: the image of the mask. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_drop_next_page(ocrvl_rows *rows, ocrvl_regions *regions, ocrvl_ink_mask *mask,
                                                   const ocrvl_image *grey, ocrvl_error *err);

/* ---- known.c: lines that the document says ---- */

/* A box of the page in pixels of the mask. */
ocrvl_box ocrvl_to_mask(ocrvl_box b, const ocrvl_ink_mask *mask);
/* Adds the known lines to *rows. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_known_rows(ocrvl_rows *rows, const ocrvl_ink_mask *mask,
                                                      const ocrvl_known_line *known, size_t count, ocrvl_error *err);
/* Adds the rules that the document draws to l->rules. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_known_rules(ocrvl_layout *l, const ocrvl_own_rule *rules, size_t count,
                                                       ocrvl_error *err);
/* Takes out of *rows those that were made of the ink of rules that the document draws, far longer than letters of the
 * known lines are high. */
void ocrvl_layout_drop_rules(ocrvl_rows *rows, const ocrvl_ink_mask *mask, const ocrvl_known_line *known,
                             size_t known_count, const ocrvl_own_rule *rules, size_t count);
/* Takes the ink of the known lines out of the mask. */
void ocrvl_layout_clear_known(ocrvl_ink_mask *mask, const ocrvl_known_line *known, size_t count);

/* ---- one_line.c: an image that is one line ---- */

/* Adds the line, if there is ink, to *rows, and the rules under and over it, which are taken out of the ink, to
 * *regions. surely: it is one line; otherwise nothing is done unless it looks like one, its letters too high for what
 * is known of pages to help. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_one_line(ocrvl_rows *rows, ocrvl_ink_mask *mask, ocrvl_regions *regions,
                                                    bool surely, ocrvl_error *err);

/* ---- order.c: lines to blocks in reading order ---- */

/* What ocrvl_layout.found points to. */
typedef struct ocrvl_found {
    ocrvl_rows rows;
    ocrvl_regions regions;
    bool roles;       /* the blocks' roles are looked for */
    ocrvl_box *cards; /* [card_count] frames that stand side by side, each around several rows, in pixels of the mask */
    size_t card_count;
} ocrvl_found;

/* Fills l->blocks, l->lines and l->leaders, which are empty, from l->found. from_right: as of
 * ocrvl_layout_from_right. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_blocks(ocrvl_layout *l, bool from_right, ocrvl_error *err);
/* Fills l->rules, which is empty, from l->found. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_rules(ocrvl_layout *l, ocrvl_error *err);

/* ---- cards.c: frames that stand side by side ---- */

/* Fills found->cards, which are none: frames of several rows each, by the rules that the document draws. Cells of tables, which touch one another, are
 * left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_cards(ocrvl_found *found, const ocrvl_ink_mask *mask,
                                                 const ocrvl_own_rule *rules, size_t count, ocrvl_error *err);
/* Whether the middle of the row is in the card. */
bool ocrvl_is_in_card(const ocrvl_box *card, const ocrvl_box *row);

/* ---- roles.c: headings, page numbers, running lines ---- */

OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_roles(ocrvl_layout *l, ocrvl_error *err);

/* ---- ink_of_line.c: the ink of one line, for cutting it and for placing words ---- */

/* Ink of columns x0 <= x < x1 of the upright frame within the line's letters, rules taken out. */
typedef struct ocrvl_columns {
    int32_t x0, x1;
    uint16_t *ink; /* [x1 - x0]: pixels of the mask */
} ocrvl_columns;

OCRVL_MUST_CHECK ocrvl_status ocrvl_columns_new(ocrvl_columns *out, const ocrvl_layout *l, size_t line, int32_t x0,
                                                int32_t x1, ocrvl_error *err);
/* A box of the mask in pixels of the grey image. */
ocrvl_box ocrvl_from_mask(const ocrvl_layout *l, ocrvl_box b);
/* Whether there is a rule's ink in a pixel of the upright frame; false beyond the page. */
bool ocrvl_is_rule(const ocrvl_layout *l, int32_t x, int32_t y);
/* The rows [y0, y1) of the upright frame that the line's ink takes in columns x0 <= x < x1; false if there is none. */
bool ocrvl_ink_rows(const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1, int32_t *y0, int32_t *y1);

#endif
