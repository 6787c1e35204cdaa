/* The structure tree of a tagged document (ISO 32000-2, 14.7 and 14.8) as a flat list, and the blocks that it says. */
#ifndef OCRVL_IN_TAG_TREE_H
#define OCRVL_IN_TAG_TREE_H

#include "base/buf.h"
#include "ocrvl.h"

typedef enum ocrvl_tag_type {
    OCRVL_TAG_GROUP = 0, /* of no meaning here: it only holds others */
    OCRVL_TAG_SECTION,   /* a group that headings without a level are counted by */
    OCRVL_TAG_INLINE,
    OCRVL_TAG_P,
    OCRVL_TAG_H, /* of no level of its own; H1 and so on follow */
    OCRVL_TAG_H1,
    OCRVL_TAG_H6 = OCRVL_TAG_H1 + 5,
    OCRVL_TAG_TITLE,
    OCRVL_TAG_L,
    OCRVL_TAG_LI,
    OCRVL_TAG_LBL,
    OCRVL_TAG_LBODY,
    OCRVL_TAG_TABLE,
    OCRVL_TAG_TR,
    OCRVL_TAG_TH,
    OCRVL_TAG_TD,
    OCRVL_TAG_THEAD,
    OCRVL_TAG_CAPTION,
    OCRVL_TAG_FIGURE,
    OCRVL_TAG_FORMULA,
    OCRVL_TAG_NOTE,
    OCRVL_TAG_QUOTE,
    OCRVL_TAG_CODE,
    OCRVL_TAG_TOCI,
    OCRVL_TAG_ARTIFACT
} ocrvl_tag_type;

/* The standard type of that name, without slash; false: there is none. */
bool ocrvl_tag_type_by_name(ocrvl_tag_type *type, const char *name);

typedef struct ocrvl_tag_element {
    uint32_t parent; /* UINT32_MAX: none */
    uint16_t row_span, col_span;
    uint8_t type;
    bool boxed;
    float box[4];                /* x0, y0, x1, y1 in the user space of its page */
    uint32_t alt, lang, instead; /* where they begin in the strings; 0: none. instead: its ActualText */
    uint32_t block, body;        /* for ocrvl_tag_tree_blocks */
} ocrvl_tag_element;

typedef struct ocrvl_tag_leaf { /* marked content */
    int page, stream;           /* numbers of objects; stream 0: the page's own content */
    uint32_t id;                /* its MCID */
    uint32_t element;           /* that holds it */
    uint32_t before;            /* the element that comes next in the tree */
    uint32_t block;             /* UINT32_MAX: none, it is an artifact */
} ocrvl_tag_leaf;

typedef struct ocrvl_tag_block { /* an element with its content, or with a part of it that nothing else interrupts */
    uint32_t element;
    uint32_t leaf; /* its first one; of a cell without content the next in the tree */
    ocrvl_role role;
    uint32_t level;
    bool told;      /* false: the tree says where it stands in reading order, but not what it is */
    bool again;     /* its element has content before it that something else interrupts */
    uint32_t table; /* counted from 1; 0: it isn't a cell, and the rest is 0 */
    uint32_t row, col, row_span, col_span;
    bool header;
} ocrvl_tag_block;

typedef struct ocrvl_tag_tree {  /* zero-initialise */
    ocrvl_tag_element *elements; /* [element_count] each before what it holds */
    size_t element_count, element_cap;
    ocrvl_tag_leaf *leaves; /* [leaf_count] in the tree's order */
    size_t leaf_count, leaf_cap;
    ocrvl_tag_block *blocks; /* [block_count] in the tree's order */
    size_t block_count, block_cap;
    uint32_t *sorted; /* [leaf_count] leaves by page, stream and id */
    ocrvl_buf strings;
    size_t twice; /* leaves that are claimed twice; the first claim is that which counts */
    uint32_t tables;
} ocrvl_tag_tree;

void ocrvl_tag_tree_free(ocrvl_tag_tree *t); /* leaves it empty */

/* Tells the blocks of the elements and leaves, and sorts the leaves. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tag_tree_blocks(ocrvl_tag_tree *t, ocrvl_error *err);

/* The leaf of that content, or SIZE_MAX. */
size_t ocrvl_tag_tree_find(const ocrvl_tag_tree *t, int page, int stream, uint32_t id);

/* The nearest value of an element or what holds it, or NULL: its language. */
const char *ocrvl_tag_tree_language(const ocrvl_tag_tree *t, uint32_t element);

#endif
