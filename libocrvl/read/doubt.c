#include "read/doubt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/words.h"

#define BELIEVED 0.5     /* confidence of a reading that says what text of this page looks like */
#define LOW 0.6          /* of the height of the page's text: lower lines must read the better the lower they are */
#define DOUBTED 0.1      /* a line as high as the page's text reads no worse than this... */
#define DOUBTED_LOW 0.25 /* ...and a lower one no worse than this, its confidence taken times its height */
#define DOUBTED_ALL 0.5  /* both where hardly a line of the page is to be believed, */
#define DOUBTED_DUST 0.9 /* and there for single signs, which dust looks like */
#define TINY 16          /* pixels: a letter or two so low, with no text on the page, are dust that has met */
enum { SIGNS = 2 };
enum { RUN = 3, WORDED = 8 }; /* letters that make a word; characters of a line that may be handwriting */

/* What is known of one line. */
typedef struct evidence {
    double height;                 /* pixels */
    double chars, worded, certain; /* characters, those in words of several letters, and the sum of their confidences */
    double figures;                /* characters that are figures */
} evidence;

static double confidence(const evidence *k) { return k->chars > 0 ? k->certain / k->chars : 0; }

static bool is_letter(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xC0 && (c < 0x2000 || c > 0x2BFF) && c != OCRVL_UTF8_BAD);
}

static bool is_figure(char c) { return c >= '0' && c <= '9'; }

/* Whether byte i parts the figures of one number: "40.85", "1914-18". */
static bool parts_number(const char *text, size_t len, size_t i)
{
    return i > 0 && i + 1 < len && is_figure(text[i - 1]) && is_figure(text[i + 1]) && strchr(".,:-/", text[i]);
}

/* Characters of a word that stand in runs of RUN letters and figures and more. */
static size_t in_runs(const char *text, size_t len)
{
    size_t sum = 0, run = 0;
    for (size_t i = 0; i < len;) {
        bool goes_on = parts_number(text, len, i);
        goes_on |= is_letter(ocrvl_utf8_next(text, len, &i));
        sum += run >= RUN && !goes_on ? run : 0;
        run = goes_on ? run + 1 : 0;
    }
    return run >= RUN ? sum + run : sum;
}

static ocrvl_status take(evidence *k, const ocrvl_transcript *t, ocrvl_error *err)
{
    ocrvl_word_span *spans;
    size_t n;
    ocrvl_status st = ocrvl_text_words(t->text, t->len, &spans, &n, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++) {
        size_t chars = spans[i].cp_end - spans[i].cp_start;
        k->chars += (double)chars;
        for (size_t c = spans[i].byte_start; c < spans[i].byte_end; c++)
            k->figures += is_figure(t->text[c]);
        k->worded += (double)in_runs(t->text + spans[i].byte_start, spans[i].byte_end - spans[i].byte_start);
        k->certain += (double)chars * ocrvl_transcript_probability(t, spans[i].byte_start, spans[i].byte_end);
    }
    ocrvl_free(spans);
    return OCRVL_OK;
}

typedef struct weighed {
    double height, weight;
} weighed;

static int by_height(const void *a, const void *b)
{
    const weighed *p = a, *q = b;
    return (p->height > q->height) - (p->height < q->height);
}

/* The height of the page's text: the median of the believed lines' heights, each weighing as much as it says surely; 0:
 * there are none. *share: of all that was read, what the believed lines say. */
static ocrvl_status text_height(const evidence *k, size_t n, double *height, double *share, ocrvl_error *err)
{
    weighed *w = ocrvl_alloc_array(n, sizeof *w);
    double sum = 0, chars = 0, believed = 0, at = 0;
    size_t m = 0;
    if (!w)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        double c = confidence(&k[i]);
        chars += k[i].chars;
        if (c <= BELIEVED)
            continue;
        believed += k[i].worded;
        w[m++] = (weighed){k[i].height, k[i].chars * c * c};
        sum += w[m - 1].weight;
    }
    qsort(w, m, sizeof *w, by_height);
    *height = 0;
    for (size_t i = 0; i < m && at * 2 < sum; i++) {
        at += w[i].weight;
        *height = w[i].height;
    }
    *share = chars > 0 ? believed / chars : 0;
    ocrvl_free(w);
    return OCRVL_OK;
}

/* height: of the page's text; 0 if it isn't known. */
static bool is_doubtful(const evidence *k, double height, bool all)
{
    double high = height > 0 ? k->height / height : 1, c = confidence(k);
    bool worded = k->worded * 2 >= k->chars;
    if (k->chars == 0)
        return false;
    if (high >= 0.8 && k->chars >= WORDED && worded && (!all || c > DOUBTED)) /* handwriting reads badly, too */
        return false;
    if (all && k->chars <= SIGNS && k->figures == 0 && k->height < TINY)
        return true;
    if (all)
        return c * fmin(high, 1) < (worded ? DOUBTED_ALL : DOUBTED_DUST);
    return high >= LOW ? c < DOUBTED : c * high < DOUBTED_LOW;
}

static ocrvl_status measure_all(evidence *k, const ocrvl_layout *l, const ocrvl_lines *lines, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < l->line_count; i++)
        k[i].height = l->lines[i].ink.y1 - l->lines[i].ink.y0;
    for (size_t i = 0; lines->readings && i < lines->count && !st; i++)
        if (!lines->readings[i].skipped && lines->readings[i].transcript.len > 0 &&
            lines->strips[i].line < l->line_count)
            st = take(&k[lines->strips[i].line], &lines->readings[i].transcript, err);
    return st;
}

ocrvl_status ocrvl_doubt_lines(bool **out, const ocrvl_layout *l, const ocrvl_lines *lines, ocrvl_error *err)
{
    evidence *k = ocrvl_alloc_array(l->line_count, sizeof *k);
    double height = 0, share = 0;
    *out = ocrvl_alloc_array(l->line_count, sizeof **out);
    ocrvl_status st = k && *out ? measure_all(k, l, lines, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = text_height(k, l->line_count, &height, &share, err);
    bool alone = !st && l->line_count == 1 && l->grey && k[0].height * 4 > l->grey->height;
    for (size_t i = 0; !st && !alone && i < l->line_count; i++)
        (*out)[i] = is_doubtful(&k[i], height, share < 0.1);
    ocrvl_free(k);
    if (st) {
        ocrvl_free(*out);
        *out = NULL;
    }
    return st;
}
