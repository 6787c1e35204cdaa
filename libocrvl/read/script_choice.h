/* Which of several tongues (read/tongue.h) reads a strip: first by its shapes and its page's, then, where the reading
 * is doubtful, by what the others say of it. Readings are compared by the probability of their letters, which each
 * checkpoint's temperature makes honest. */
#ifndef OCRVL_READ_SCRIPT_CHOICE_H
#define OCRVL_READ_SCRIPT_CHOICE_H

#include "model/config.h"
#include "read/lines.h"

enum { OCRVL_MAX_TONGUES = 8 };

typedef struct ocrvl_script_choice { /* zero-initialise */
    size_t tongues, count;
    double *shape; /* [count][tongues] ln of how likely the strip is, by shapes, of the scripts that the tongue reads */
    bool *strange; /* [count] its shapes are of a script that no tongue reads */
    uint8_t *tongue; /* [count] whose reading stands */
    uint8_t *tried;  /* [count] a bit for each tongue that has read it */
    uint8_t *trial;  /* [count] which tongue a strip is shown to in the trial that is on, */
    size_t *which;   /* [trials] and the strips */
    size_t trials;
    size_t switched; /* strips that another tongue has read better so far */
    unsigned heard;  /* a bit for each tongue that has read more than a stroke of this page, and well */
} ocrvl_script_choice;

/* Looks at the strips [count] of a page. c: of each tongue [tongues], which is at least 1. With one, all strips are its
 * own and nothing is looked at. To be freed on failure too. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_script_choice_init(ocrvl_script_choice *k, const ocrvl_config *const *c,
                                                       size_t tongues, const ocrvl_strip *strips, size_t count,
                                                       ocrvl_error *err);
void ocrvl_script_choice_free(ocrvl_script_choice *k);

/* The next trial: says in `which` [trials] and `trial` which strips are read again by which tongue, since their
 * readings are doubtful. trials 0: there is no more to try. Until a trial has changed something only the worst strips
 * are tried: on a page that is hard to read, but of one script, few are read for nothing. */
void ocrvl_script_choice_next(ocrvl_script_choice *k, const ocrvl_lines *l);
/* Notes that strip `i` of the page has been read by its trial's tongue; true: that reading is the better one. */
bool ocrvl_script_choice_judge(ocrvl_script_choice *k, size_t i, const ocrvl_strip *strip, const ocrvl_reading *own,
                               const ocrvl_reading *other);

/* Whether the strip's reading is doubtful and none of several tongues is for its script. */
bool ocrvl_script_is_foreign(const ocrvl_script_choice *k, size_t i, const ocrvl_strip *s, const ocrvl_reading *r);

/* ln of the probability of a letter of the reading, the mean; what it says too little for the strip's width counts as
 * letters that are as likely wrong as right. -INFINITY: it wasn't read to the end. */
double ocrvl_script_score(const ocrvl_strip *s, const ocrvl_reading *r);

#endif
