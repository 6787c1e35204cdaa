/* What the files of the structure share. Sizes are in points, places in pixels of the page image, turned upright. */
#ifndef OCRVL_STRUCTURE_STRUCTURE_PARTS_H
#define OCRVL_STRUCTURE_STRUCTURE_PARTS_H

#include "structure/marks.h"
#include "tree/tree.h"

/* ---- facts.c: what can be measured of a block -------------------------------------------------------- */

typedef struct ocrvl_facts {
    ocrvl_node *node;
    ocrvl_box box;            /* around its lines */
    size_t lines, words;      /* lines with text */
    size_t letters, alnum;    /* letters; letters and digits */
    float size;               /* of its type, that of most characters; measured in scans; 0: not known */
    bool measured;            /* the size was measured, to within a tenth or so */
    bool bold, mono;          /* most of its characters are */
    const char *first, *last; /* words; "" if there is none */
    const char *second;
    ocrvl_mark mark;               /* of its first word */
    uint32_t depth;                /* of the number that its first word is (ocrvl_number_depth) */
    int32_t first_left, rest_left; /* of the first line and of the others (which is the first's if there are none) */
    int32_t text_left;             /* of its second word: where text begins after a mark */
    int32_t last_right;            /* where the last line ends */
    float first_base, last_base;   /* baselines */
    bool leads;                    /* it has a row of dots */
    bool text;                     /* it has lines of its own; a table hasn't */
} ocrvl_facts;

typedef struct ocrvl_sheet { /* a page with the facts of its blocks */
    ocrvl_page *page;
    ocrvl_facts *facts; /* [count], in reading order */
    size_t count;
    uint32_t height; /* of the page upright */
    uint64_t number; /* of the page in its document, from 0 */
    uint64_t document;
} ocrvl_sheet;

OCRVL_MUST_CHECK ocrvl_status ocrvl_sheet_make(ocrvl_sheet *s, ocrvl_page *page, ocrvl_error *err);
void ocrvl_sheet_free(ocrvl_sheet *s); /* not the page */

/* ---- type.c: the sizes of a document's type ---------------------------------------------------------- */

enum { OCRVL_TYPE_SIZES = 200, OCRVL_TYPE_STYLES = 48, OCRVL_DEPTHS = 6 };

typedef struct ocrvl_type_style { /* of headings */
    float size;
    bool bold, measured;
    uint32_t count, numbered[OCRVL_DEPTHS + 1]; /* how many, and how many have numbers of so many parts */
} ocrvl_type_style;

typedef struct ocrvl_type {                 /* zero-initialise */
    uint64_t sizes[OCRVL_TYPE_SIZES], bold; /* characters by half a point */
    uint64_t running[OCRVL_TYPE_SIZES];     /* those of them in blocks too long for headings, but bold ones */
    uint64_t total;
    ocrvl_type_style styles[OCRVL_TYPE_STYLES];
    size_t style_count;
} ocrvl_type;

/* Adds what a page says. */
void ocrvl_type_add(ocrvl_type *t, const ocrvl_sheet *s);
/* The size of most characters; 0: nothing is known. */
float ocrvl_type_body(const ocrvl_type *t);
/* Whether a block of a sheet is a heading by its type. */
bool ocrvl_is_heading(const ocrvl_type *t, const ocrvl_sheet *s, size_t i);
void ocrvl_type_add_headings(ocrvl_type *t, const ocrvl_sheet *s);
/* The level of a heading by what is known by now: 1 to 6. */
uint32_t ocrvl_heading_level(const ocrvl_type *t, const ocrvl_facts *f);

/* ---- margins.c: what comes back at the head and foot of pages ---------------------------------------- */

enum { OCRVL_MARGIN_TEXT = 80, OCRVL_MARGIN_LINES = 6, OCRVL_MARGIN_PAGES = 12 };

typedef struct ocrvl_margin_line {
    char text[OCRVL_MARGIN_TEXT]; /* in lower case, with '#' for numbers */
    float place;                  /* of its baseline, in heights of the page */
    int32_t value;                /* of its number; -1: it has none, or several */
    bool top;
} ocrvl_margin_line;

typedef struct ocrvl_margin_page {
    uint64_t number, document;
    size_t count;
    ocrvl_margin_line lines[OCRVL_MARGIN_LINES];
} ocrvl_margin_page;

typedef struct ocrvl_margins {                   /* zero-initialise */
    ocrvl_margin_page pages[OCRVL_MARGIN_PAGES]; /* the last ones, in a ring */
    uint64_t count;                              /* of all that were added */
} ocrvl_margins;

void ocrvl_margins_add(ocrvl_margins *m, const ocrvl_sheet *s, float body);
/* Gives running heads, feet and page numbers their roles. */
void ocrvl_margins_apply(const ocrvl_margins *m, const ocrvl_sheet *s, float body);

/* ---- lists.c, flow.c: what a page's blocks are to one another ---------------------------------------- */

enum { OCRVL_LIST_DEPTH = 6 };

typedef struct ocrvl_lists { /* the items that are open, outermost first */
    ocrvl_mark marks[OCRVL_LIST_DEPTH];
    int32_t lefts[OCRVL_LIST_DEPTH], texts[OCRVL_LIST_DEPTH]; /* where their marks begin, and their text */
    size_t depth;
    int32_t bottom; /* of the last item's lines, on its page */
} ocrvl_lists;

/* Gives list items their role and depth, and what belongs to an item its depth. */
void ocrvl_lists_apply(ocrvl_lists *l, const ocrvl_sheet *s);

typedef struct ocrvl_flow { /* the paragraph that may go on on the next page */
    bool open;
    ocrvl_role role;
    uint32_t level;
    float size;
    bool bold, hyphen;
} ocrvl_flow;

/* Tells captions, footnotes, code and quotes. */
void ocrvl_blocks_apply(const ocrvl_sheet *s, float body);
/* Tells what goes on from the block before it. */
void ocrvl_flow_apply(ocrvl_flow *f, const ocrvl_sheet *s);

#endif
