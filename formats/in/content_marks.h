/* What a PDF's content shows between its marks (ISO 32000-2, 14.6): where text begins and ends, and where pictures
 * stand. */
#ifndef OCRVL_IN_CONTENT_MARKS_H
#define OCRVL_IN_CONTENT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_matrix { /* as PDF writes it: x' = a x + c y + e, y' = b x + d y + f */
    double a, b, c, d, e, f;
} ocrvl_matrix;

/* First m, then n. */
ocrvl_matrix ocrvl_matrix_then(ocrvl_matrix m, ocrvl_matrix n);

/* What a mark says: one of these, or the number of what it marks. A mark that says nothing is as the one around it. */
enum { OCRVL_MARKED_NOT = 0, OCRVL_MARKED_ARTIFACT = 1, OCRVL_MARKED = 2 /* the least such number */ };

typedef struct ocrvl_marks_shown { /* what one operator shows; places are in the user space of the page, and finite */
    uint32_t mark;
    bool picture;
    float x0, y0, x1, y1; /* of text: where it begins and ends, on its baseline; of a picture: its box */
    float size;           /* of text, at a right angle to its baseline; 0 of a picture */
    int font;             /* ocrvl_widths.font; 0: not known, or a picture */
} ocrvl_marks_shown;

typedef struct ocrvl_marks_list { /* in the order of the content; zero-initialise; `at` is to be freed */
    ocrvl_marks_shown *at;
    size_t count, cap;
    size_t operators; /* that were met, of all content of the page */
    bool failed;      /* memory was exhausted */
    bool cut;         /* there is more than is taken */
} ocrvl_marks_list;

/* How wide a font's characters are, in thousandths of its size. */
typedef struct ocrvl_widths {
    int font; /* the number of its object */
    bool two; /* bytes make a character */
    double usual;
    uint32_t first;
    size_t count;
    float *at; /* [count] of characters from `first` on; negative: the usual */
} ocrvl_widths;

typedef struct ocrvl_marks_names { /* names are decoded and have their slash */
    void *user;
    const ocrvl_widths *(*font)(void *user, const char *name); /* NULL: not known */
    /* What a mark says. id: its MCID, or -1; properties: the name of its properties, or NULL. Returns UINT32_MAX if it
     * says nothing. */
    uint32_t (*mark)(void *user, const char *tag, const char *properties, int64_t id);
    /* Called for Do with what the unit of space is then. Returns whether it is a picture. */
    bool (*shows)(void *user, const char *object, const ocrvl_matrix *ctm, uint32_t mark);
} ocrvl_marks_names;

/* Adds what the content shows, which begins with ctm and within `mark`. */
void ocrvl_content_marks(ocrvl_marks_list *out, const uint8_t *data, size_t len, const ocrvl_matrix *ctm, uint32_t mark,
                         const ocrvl_marks_names *names);

#endif
