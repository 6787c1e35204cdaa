/* Qwen's grounding: a model's answer as plain text, boxes and quads. Qwen2-VL writes tags: the rules, and cases that
 * test them, are in tests/vectors/data (README.md, "Grounding"; grounding.json). Later families write JSON. */
#ifndef OCRVL_MARKUP_GROUNDING_H
#define OCRVL_MARKUP_GROUNDING_H

#include "ocrvl.h"

typedef enum ocrvl_grounding_kind {
    OCRVL_GROUNDING_BOX = 1, /* 2 points: top left, bottom right */
    OCRVL_GROUNDING_QUAD     /* 4 points, in the model's order */
} ocrvl_grounding_kind;

typedef enum ocrvl_grounding_reason {
    OCRVL_GROUNDING_UNCLOSED = 1, /* a start tag that isn't followed by its own end tag */
    OCRVL_GROUNDING_STRAY_END,    /* an end tag without a start */
    OCRVL_GROUNDING_SYNTAX,       /* there are no points between the tags */
    OCRVL_GROUNDING_POINTS        /* there are too few or too many points */
} ocrvl_grounding_reason;

typedef struct ocrvl_grounding_item {
    ocrvl_grounding_kind kind;
    const char *label; /* label_len bytes, not NUL-terminated; NULL if there is no label */
    size_t label_len;
    size_t from, to;          /* bytes of `input` that the label stands in: itself, or in JSON its object */
    double points[4][2];      /* x, y in thousandths of the image's width and height */
    double pixels[4][2];      /* points * side / 1000 */
    int64_t pixels_int[4][2]; /* floor(pixels + 1/2) */
    bool clamped;             /* a number was outside the image */
    uint32_t start, end;      /* offsets in code points of the input, tags included */
} ocrvl_grounding_item;

typedef struct ocrvl_grounding_fault {
    ocrvl_grounding_reason reason;
    uint32_t start, end; /* offsets in code points of the input: of a lone tag the tag itself, else from start tag to
                          * end tag */
} ocrvl_grounding_fault;

typedef struct ocrvl_grounding {
    char *text; /* text_len bytes and a NUL (it may contain other NULs): the input without tags and without the points
                 * of items */
    size_t text_len;
    uint32_t *source; /* [text_count]; for each code point of text, its offset in the input */
    uint32_t text_count;
    ocrvl_grounding_item *items; /* in the order of the input */
    size_t item_count;
    ocrvl_grounding_fault *faults;
    size_t fault_count;
    char *input;  /* the memory that labels of tags point into */
    char *labels; /* the memory that labels of JSON point into, or NULL */
} ocrvl_grounding;

/* Returns "unclosed", "stray_end", "syntax" or "points", never NULL. */
const char *ocrvl_grounding_reason_name(ocrvl_grounding_reason reason);

/* width and height are those, in pixels, of the image that the model was given, or of the page in its place. Ill-formed
 * UTF-8 becomes U+FFFD, one code point for each maximal part. Takes time in proportion to len. Fails with OCRVL_E_LIMIT
 * for texts over 64 MiB. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_grounding_parse(ocrvl_grounding **out, const char *text, size_t len, uint32_t width,
                                                    uint32_t height, ocrvl_error *err);
/* The same of an answer in JSON, whatever stands around it or is missing at its end: each object with "bbox_2d", four
 * numbers, is a box; its label is the string under "label", "text_content", "text" or "content". An object without
 * "bbox_2d" but with "point_2d" is a fault (points). full_width and full_height are what the sides of the image are in
 * the answer's numbers: 1000, or the pixels of the image as it was shown. `text` is all of the answer. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_grounding_parse_json(ocrvl_grounding **out, const char *text, size_t len,
                                                         uint32_t full_width, uint32_t full_height, uint32_t width,
                                                         uint32_t height, ocrvl_error *err);
void ocrvl_grounding_free(ocrvl_grounding *g);

#endif
