#include "read/script_choice.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "read/script_shapes.h"

/* Doubtful from here on down: a letter in seven is wrong, or the line is of another script. */
#define DOUBTFUL (-0.15)
/* A reading by another tongue has to be so much likelier than the first. */
#define BETTER 0.05
/* No script's letters are wider than the line is high by more; of letters that are missing every other is wrong. */
#define WIDEST 2.0
#define MISSING (-0.7)
/* What a reader of Arabic reads in Latin letters alone, a reader of these reads better. */
#define OTHER 1.0
/* A shape's likelihood is never taken as less: one stroke more or less says no more. */
#define LEAST (-4.0)
/* How much the page counts beside the strip itself. */
#define PAGE 1.0
/* Shapes of so much likelihood in all are of scripts that no tongue reads; where the page's other strips speak for it,
 * those of more likelihood than others are enough. */
#define STRANGE 0.9
/* Doubtful strips that are shown to another tongue before one is known to help: as many, or this share of a page's. */
enum { TRIED = 2, TRIED_SHARE = 16 };
/* What a tongue reads in fewer tokens counts only on pages on which it has read more: alef is a stroke. */
enum { HEARD = 3 };

double ocrvl_script_score(const ocrvl_strip *s, const ocrvl_reading *r)
{
    if (r->skipped || r->cut)
        return -INFINITY;
    double missing = fmax(0, s->width / (WIDEST * s->height) - r->tokens);
    return (r->likelihood + MISSING * missing) / (r->tokens + 1 + missing) - (r->other ? OTHER : 0);
}

/* ---- shapes ------------------------------------------------------------------------------------------ */

/* Which shapes the scripts of a checkpoint have; false: it names none that has one. */
static bool shapes_of(const ocrvl_config *c, bool has[OCRVL_SHAPES])
{
    bool any = false;
    memset(has, 0, OCRVL_SHAPES * sizeof *has);
    for (size_t at = 0, len = strlen(c->scripts); at < len; at += 5) {
        ocrvl_shape s = ocrvl_shape_of_script(c->scripts + at);
        if (s < OCRVL_SHAPES)
            any = has[s] = true;
    }
    return any;
}

/* ln of the odds of shapes of a strip that no tongue reads, within what a strip can say. */
static double odds(double unread)
{
    return fmax(LEAST, fmin(-LEAST, ocrvl_log(fmax(1e-9, unread) / fmax(1e-9, 1 - unread))));
}

/* Sets strange[] by how likely each strip is of shapes that no tongue reads, and the page. */
static void find_strange(ocrvl_script_choice *k, const ocrvl_strip *strips, const double *unread)
{
    double page = 0, wide = 0;
    for (size_t i = 0; i < k->count; i++) {
        page += strips[i].width * odds(unread[i]);
        wide += strips[i].width;
    }
    for (size_t i = 0; i < k->count; i++)
        k->strange[i] =
            unread[i] > STRANGE || (unread[i] > 0.5 && odds(unread[i]) + PAGE * page / wide > odds(STRANGE));
}

/* unread: room for [count]. */
static void look(ocrvl_script_choice *k, const ocrvl_config *const *c, const ocrvl_strip *strips, double *unread)
{
    bool has[OCRVL_MAX_TONGUES][OCRVL_SHAPES], told[OCRVL_MAX_TONGUES], all = true;
    for (size_t t = 0; t < k->tongues; t++)
        all &= told[t] = shapes_of(c[t], has[t]);
    for (size_t i = 0; i < k->count; i++) {
        double likely[OCRVL_SHAPES], read = 0;
        ocrvl_shapes_of_strip(&strips[i], likely);
        for (size_t s = 0; s < OCRVL_SHAPES; s++) {
            bool any = false;
            for (size_t t = 0; t < k->tongues; t++)
                any |= told[t] && has[t][s];
            read += any ? likely[s] : 0;
        }
        unread[i] = 1 - read;
        for (size_t t = 0; t < k->tongues; t++) {
            double p = 0;
            for (size_t s = 0; s < OCRVL_SHAPES; s++)
                p += told[t] && has[t][s] ? likely[s] : 0;
            k->shape[i * k->tongues + t] = fmax(LEAST, ocrvl_log(fmax(1e-9, p)));
        }
    }
    if (all)
        find_strange(k, strips, unread);
}

/* Gives each strip to the tongue that its shapes and its page's speak for; of equals to the first. */
static void guess(ocrvl_script_choice *k, const ocrvl_strip *strips)
{
    double page[OCRVL_MAX_TONGUES] = {0}, wide = 0;
    for (size_t i = 0; i < k->count; i++) {
        wide += strips[i].width;
        for (size_t t = 0; t < k->tongues; t++)
            page[t] += strips[i].width * k->shape[i * k->tongues + t];
    }
    for (size_t i = 0; i < k->count; i++) {
        double best = -INFINITY;
        for (size_t t = 0; t < k->tongues; t++) {
            double s = k->shape[i * k->tongues + t] + PAGE * page[t] / wide;
            if (s > best) {
                best = s;
                k->tongue[i] = (uint8_t)t;
            }
        }
        k->tried[i] = (uint8_t)(1u << k->tongue[i]);
    }
}

ocrvl_status ocrvl_script_choice_init(ocrvl_script_choice *k, const ocrvl_config *const *c, size_t tongues,
                                      const ocrvl_strip *strips, size_t count, ocrvl_error *err)
{
    k->tongues = tongues;
    k->count = count;
    k->tongue = ocrvl_alloc_array(count, sizeof *k->tongue);
    k->strange = ocrvl_alloc_array(count, sizeof *k->strange);
    if (!k->tongue || !k->strange)
        return ocrvl_fail_nomem(err);
    if (tongues == 1)
        return OCRVL_OK;
    k->shape = ocrvl_alloc_array(count * tongues, sizeof *k->shape);
    k->tried = ocrvl_alloc_array(count, sizeof *k->tried);
    k->trial = ocrvl_alloc_array(count, sizeof *k->trial);
    k->which = ocrvl_alloc_array(count, sizeof *k->which);
    double *unread = ocrvl_alloc_array(count, sizeof *unread);
    ocrvl_status st = k->shape && k->tried && k->trial && k->which && unread ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        look(k, c, strips, unread);
        guess(k, strips);
    }
    ocrvl_free(unread);
    return st;
}

void ocrvl_script_choice_free(ocrvl_script_choice *k)
{
    ocrvl_free(k->shape);
    ocrvl_free(k->strange);
    ocrvl_free(k->tongue);
    ocrvl_free(k->tried);
    ocrvl_free(k->trial);
    ocrvl_free(k->which);
}

/* ---- trials ------------------------------------------------------------------------------------------ */

/* The tongue that hasn't read the strip and that its shapes speak for most; false: all have. */
static bool next_tongue(const ocrvl_script_choice *k, size_t i, uint8_t *out)
{
    double best = -INFINITY;
    for (size_t t = 0; t < k->tongues; t++)
        if (!(k->tried[i] & 1u << t) && k->shape[i * k->tongues + t] > best) {
            best = k->shape[i * k->tongues + t];
            *out = (uint8_t)t;
        }
    return best > -INFINITY;
}

/* Notes the tongues of strips that are read well and say more than a stroke may be taken for. */
static void listen(ocrvl_script_choice *k, const ocrvl_lines *l)
{
    for (size_t i = 0; i < k->count; i++) {
        const ocrvl_reading *r = &l->readings[i];
        if (!r->skipped && r->tokens >= HEARD && ocrvl_script_score(&l->strips[i], r) >= DOUBTFUL)
            k->heard |= 1u << k->tongue[i];
    }
}

/* The score of a strip's reading by that tongue on this page. */
static double score_here(const ocrvl_script_choice *k, uint8_t tongue, const ocrvl_strip *s, const ocrvl_reading *r)
{
    bool heard = k->heard >> tongue & 1u || r->tokens >= HEARD;
    return ocrvl_script_score(s, r) - (heard ? 0 : OTHER);
}

static double score_now(const ocrvl_script_choice *k, const ocrvl_lines *l, size_t i)
{
    return score_here(k, k->tongue[i], &l->strips[i], &l->readings[i]);
}

/* Keeps the `most` of the strips in `which` that read worst, by selection: there are few. */
static void keep_worst(ocrvl_script_choice *k, const ocrvl_lines *l, size_t most)
{
    for (size_t n = 0; n < most && n < k->trials; n++)
        for (size_t i = n + 1; i < k->trials; i++) {
            size_t a = k->which[n], b = k->which[i];
            if (score_now(k, l, b) < score_now(k, l, a)) {
                k->which[n] = b;
                k->which[i] = a;
            }
        }
    k->trials = k->trials < most ? k->trials : most;
}

void ocrvl_script_choice_next(ocrvl_script_choice *k, const ocrvl_lines *l)
{
    size_t share = k->count / (TRIED_SHARE * (k->tongues > 1 ? k->tongues - 1 : 1)), left = 0;
    k->trials = 0;
    listen(k, l);
    for (size_t i = 0; k->tongues > 1 && i < k->count; i++)
        if (!l->readings[i].skipped && score_now(k, l, i) < DOUBTFUL)
            k->which[k->trials++] = i;
    if (!k->switched) /* as long as no other tongue reads anything better, the same few are shown to the next one */
        keep_worst(k, l, share > TRIED ? share : TRIED);
    for (size_t i = 0; i < k->trials; i++)
        if (next_tongue(k, k->which[i], &k->trial[k->which[i]]))
            k->which[left++] = k->which[i];
    k->trials = left;
}

bool ocrvl_script_choice_judge(ocrvl_script_choice *k, size_t i, const ocrvl_strip *strip, const ocrvl_reading *own,
                               const ocrvl_reading *other)
{
    k->tried[i] |= (uint8_t)(1u << k->trial[i]);
    double now = score_here(k, k->tongue[i], strip, own), then = score_here(k, k->trial[i], strip, other);
    if (other->skipped || other->other || !(own->other || then > now + BETTER))
        return false;
    k->tongue[i] = k->trial[i];
    k->switched++;
    return true;
}

/* Whether at least half of what is said is figures, which letters of another script aren't taken for. */
static bool is_of_figures(const ocrvl_transcript *t)
{
    size_t figures = 0, others = 0;
    for (size_t i = 0; i < t->len; i++) {
        bool figure = t->text[i] >= '0' && t->text[i] <= '9';
        figures += figure;
        others += !figure && t->text[i] != ' ';
    }
    return figures > 0 && figures >= others;
}

bool ocrvl_script_is_foreign(const ocrvl_script_choice *k, size_t i, const ocrvl_strip *s, const ocrvl_reading *r)
{
    return k->strange[i] && !r->skipped && ocrvl_script_score(s, r) < DOUBTFUL && !is_of_figures(&r->transcript);
}
