/* What the builder and the page it makes share: nodes, and the arena in which everything of a page lies. */
#ifndef OCRVL_TREE_TREE_H
#define OCRVL_TREE_TREE_H

#include "base/arena.h"
#include "base/buf.h"
#include "ocrvl.h"

#define OCRVL_TREE_MAX_TEXT 0x40000000u /* bytes of one page's text: offsets are 32 bits */

struct ocrvl_node {
    ocrvl_node_info info;
    ocrvl_node *first, *last, *next;
    uint32_t count;       /* code points of a line's or word's text */
    uint32_t offset;      /* of a word in its line, in code points */
    size_t length;        /* bytes of a line's or word's text */
    double sum, weight;   /* of the confidences below, by code points */
    uint32_t given_level; /* with which it was built, as info.given is the role, */
    bool given_on;        /* and whether it went on */
};

typedef struct ocrvl_tree_warning {
    struct ocrvl_tree_warning *next;
    const char *code, *message;
    ocrvl_box box; /* all zero: none */
} ocrvl_tree_warning;

typedef struct ocrvl_tree_style {
    struct ocrvl_tree_style *next;
    ocrvl_text_style style;
} ocrvl_tree_style;

typedef struct ocrvl_tree_language {
    const char *tag;
    uint64_t count; /* code points */
} ocrvl_tree_language;

struct ocrvl_page {
    ocrvl_page_info info;
    ocrvl_arena arena; /* all that the page is, this struct too */
    ocrvl_node *first;
    ocrvl_tree_warning *warnings;    /* [info.warnings] */
    const ocrvl_tree_style **styles; /* [style_count] */
    uint32_t style_count;
    ocrvl_tree_language *languages;
    size_t language_count;
    uint64_t count; /* code points in lines */
};

struct ocrvl_builder {
    ocrvl_arena arena;
    ocrvl_page_info info;
    double across, down;  /* see ocrvl_builder_set_scale; 0: 1 */
    const char *language; /* see ocrvl_builder_set_language */
    bool failed, partial, finished;
    bool guessed; /* see ocrvl_page_info */
    bool again;   /* see ocrvl_builder_set_guessed */
    ocrvl_node *first, *last;
    ocrvl_node *open[4]; /* block, cell, line, word */
    size_t depth;
    ocrvl_tree_warning *first_warning, *last_warning;
    ocrvl_tree_style *first_style, *last_style, *used_style; /* used: by the last word that had one */
    uint32_t style_count;
    ocrvl_buf text;
    uint32_t count;         /* code points in text */
    uint32_t word_cp;       /* where the open line's last word ended, */
    size_t word_byte;       /* and the same in bytes */
    uint32_t columns, rows; /* of the open table */
    uint32_t *until;        /* by column of the open table: the first row in which it is free again */
};

/* ---- text.c ------------------------------------------------------------------------------------------ */

typedef enum ocrvl_text_mode {
    OCRVL_TEXT_ONE_LINE,
    OCRVL_TEXT_LINES,
    OCRVL_TEXT_LOSSY /* one line; ill-formed parts become U+FFFD */
} ocrvl_text_mode;

/* n zeroed bytes of the arena, or NULL. */
void *ocrvl_tree_take(ocrvl_builder *b, size_t n);
/* A copy of n bytes with a NUL after them, or NULL. */
const char *ocrvl_tree_copy(ocrvl_builder *b, const char *s, size_t n);
/* A legal copy of s in the arena, its bytes and code points (NULL: not wanted). s NULL: an empty text. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tree_text(ocrvl_builder *b, const char **out, size_t *length, uint32_t *count,
                                              const char *s, ocrvl_text_mode mode, ocrvl_error *err);

/* ---- builder.c --------------------------------------------------------------------------------------- */

/* Whether it is a language tag of the shape that JSON's schema and XML's xsd:language both take. */
bool ocrvl_tree_is_language(const char *s);

/* OCRVL_E_ARG once the page is finished. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tree_refuse_finished(const ocrvl_builder *b, ocrvl_error *err);

#endif
