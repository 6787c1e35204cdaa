/* The characters of a PDF's page, with their places and looks, and the words and lines that they make. */
#ifndef OCRVL_IN_GLYPHS_H
#define OCRVL_IN_GLYPHS_H

#include "in/own_turn.h"

typedef struct ocrvl_glyph {
    uint32_t c;           /* a code point; ' ' and '\n' part words and lines */
    uint32_t style;       /* in ocrvl_glyphs.styles */
    float x0, y0, x1, y1; /* points, from the top left of the page as it is shown; x0 <= x1, y0 <= y1, or NaN */
    bool ordered;         /* its line is in the order in which it is read (ocrvl_glyphs_order) */
} ocrvl_glyph;

typedef struct ocrvl_link {
    double x0, y0, x1, y1; /* as those of glyphs */
    char *target;
} ocrvl_link;

typedef struct ocrvl_glyph_font { /* of a style */
    char *name;                   /* as poppler gives it, which leaves out the tags of subsets */
    int id;                       /* the number of its object, which no other font has; 0: not known */
} ocrvl_glyph_font;

typedef struct ocrvl_glyphs { /* zero-initialise */
    ocrvl_glyph *
        at; /* [count], lines in the document's reading order; within a word in logical order, words of a line from left
                        to right */
    size_t count;
    ocrvl_text_style *styles; /* [style_count], their fonts' names within those of fonts */
    ocrvl_glyph_font *fonts;  /* [style_count] */
    size_t style_count, style_cap;
    ocrvl_link *links; /* [link_count] */
    size_t link_count;
    bool cut;                /* there is more on the page */
    const uint8_t *verdicts; /* by the numbers of the styles' fonts; NULL if there is none */
} ocrvl_glyphs;

void ocrvl_glyphs_free(ocrvl_glyphs *g); /* leaves it empty */

/* The name of a font without the tag of a subset: six capitals and a plus sign before it. */
const char *ocrvl_font_without_tag(const char *font);

/* The number of a style, which is added if it is new. font: as the file names it, or NULL; its weight and slant are
 * told by it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_glyphs_style(ocrvl_glyphs *g, uint32_t *index, const char *font, double size,
                                                 uint32_t colour, bool underlined, ocrvl_error *err);

/* Sets *index, a style, to the one that differs from it in the number of the font alone, which is added if it is new. If
 * there are too many styles it stays. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_glyphs_style_in(ocrvl_glyphs *g, uint32_t *index, int id, ocrvl_error *err);

/* The fonts that a document's pages have shown so far. Zero-initialise. */
enum { OCRVL_MOST_FONTS = 512 };
typedef struct ocrvl_fonts {
    ocrvl_glyph_font at[OCRVL_MOST_FONTS];
    uint8_t verdicts[OCRVL_MOST_FONTS]; /* ocrvl_verdict */
    size_t count;
} ocrvl_fonts;

void ocrvl_fonts_free(ocrvl_fonts *f);
/* Gives the styles their fonts' numbers; more fonts than fit share the last. What is known of that one, and of fonts
 * without a number of their object, is forgotten: on another page it may be another font. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_fonts_number(ocrvl_fonts *f, ocrvl_glyphs *g, ocrvl_error *err);

/* Words and lines of a page, with the memory that they are in. */
typedef struct ocrvl_own_lines { /* zero-initialise */
    ocrvl_own_line *lines;
    size_t line_count;
    ocrvl_own_word *words;
    size_t word_count;
    char *text;   /* of all words, each with a NUL */
    char **extra; /* [extra_count] texts of words that stand elsewhere */
    size_t extra_count, extra_cap;
    /* words that were left out, as their characters aren't text: of private use, unknown or control codes, or of a font
     * that differs from what can be read */
    size_t unsound;
    size_t outside; /* words that were left out, as they aren't on the page */
} ocrvl_own_lines;

void ocrvl_own_lines_free(ocrvl_own_lines *o); /* leaves it empty */
/* Gives it the lines and words of `made` in place of its own; their texts are the same. */
void ocrvl_own_lines_replace(ocrvl_own_lines *o, const ocrvl_own_lines *made);

/* Words and lines of glyphs on a page of width x height pixels, sx and sy pixels a point. Ligatures and the forms of
 * Arabic letters become letters; soft hyphens vanish, but at a line's end they are hyphens; words of right-to-left
 * lines come in logical order. Where a word is left out a line ends. A link's target is borrowed from g. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_lines_make(ocrvl_own_lines *out, const ocrvl_glyphs *g, uint32_t width,
                                                   uint32_t height, double sx, double sy, ocrvl_error *err);

#endif
