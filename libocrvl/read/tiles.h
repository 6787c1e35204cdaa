/* What a page model is shown of a page: how large, and in how many tiles.
 *
 * Letters are read well when an x is about OCRVL_X_TARGET px high: a visual token is 28 px a side, so a line of text is
 * then about a token high (150 dpi of 10-point text). More pixels cost time and win nothing; fewer lose letters. At
 * OCRVL_X_LEAST letters are still legible: olmOCR was taught pages of 1024 px, on which an x of 10-point text is 6
 * px high. */
#ifndef OCRVL_READ_TILES_H
#define OCRVL_READ_TILES_H

#include "layout/layout.h"
#include "model/config.h"

enum { OCRVL_MAX_TILES = 64 };
#define OCRVL_X_TARGET 10.0
#define OCRVL_X_LEAST 6.0

typedef struct ocrvl_tile {
    ocrvl_box part;         /* of the upright (turned, not deskewed) page */
    uint32_t width, height; /* that the model sees: multiples of patch * merge */
    bool beside;            /* it goes on to the right where the tile before it ends */
} ocrvl_tile;

typedef struct ocrvl_tiles {
    double x_height; /* of the page's lines, the median by length, in page pixels; 0 if it isn't known */
    double scale;    /* model pixels per page pixel that were wanted */
    uint64_t wanted; /* pixels of the whole page at that scale */
    uint64_t most;   /* pixels that one tile may have */
    bool columns;    /* the page is cut between its columns */
    ocrvl_tile tile[OCRVL_MAX_TILES];
    size_t count;
} ocrvl_tiles;

typedef struct ocrvl_tile_limits {       /* 0: none of its own */
    uint64_t min_pixels, max_pixels;     /* of one tile; the checkpoint's hold too */
    uint32_t longest_side;               /* the page is scaled to it, in one tile */
    bool one_tile;                       /* however small the letters become */
    double x_height;                     /* of letters as the model sees them, at the most; 0: OCRVL_X_TARGET */
    size_t prompt_tokens, answer_tokens; /* what the context must hold besides the picture */
} ocrvl_tile_limits;

/* Where the budget doesn't reach, the page is cut in bands (or columns first) between lines, each band showing the line
 * after its cut once more, so that nothing falls in between. What is over 200 times as long as wide, which models
 * refuse, is cut too, a wide strip between words, and then it is `beside`. OCRVL_E_LIMIT: not even that many tiles
 * reach. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_plan_tiles(ocrvl_tiles *out, const ocrvl_config *c, const ocrvl_layout *l,
                                               double dpi, const ocrvl_tile_limits *limits, ocrvl_error *err);

/* Pixels at which a model reads the picture's letters well, in one tile, or 0 if the layout has no lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pixels_for_letters(uint64_t *pixels, const ocrvl_layout *l, ocrvl_error *err);

/* Visual tokens of a tile. */
size_t ocrvl_tile_tokens(const ocrvl_tile *k, const ocrvl_config *c);

#endif
