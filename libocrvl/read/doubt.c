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
#define LEGIBLE 0.7      /* of what was read on a page is to be believed: there little else reads badly, */
#define ILLEGIBLE 0.025  /* and no line reads worse than this, */
#define ASIDE 0.2        /* none that stands aside of the text worse than this, */
#define MARK 0.3         /* no few signs worse than this, */
#define MARK_ABOVE 0.4   /* none above or below it, where page numbers stand, worse than this, */
#define MARK_BESIDE 0.6  /* and none beside it worse than this; figures may */
#define CLOSE 2.5        /* heights: so near to its text stands a list's sign */
#define TINY 16          /* pixels: a letter or two so low, with no text on the page, are dust that has met */
enum { SIGNS = 2, FEW = 3 };
enum { GRAINY = 300 }; /* lines of a page, hardly one of them believed: it is grain, or the other side seen through */
enum { RUN = 3, WORDED = 8 }; /* letters that make a word; characters of a line that may be handwriting */

/* What is known of one line. */
typedef struct evidence {
    ocrvl_box box;
    double height;                 /* pixels */
    double chars, worded, figures; /* characters, those in words of several letters, and those that are figures */
    double spelt[2], certain[2]; /* characters of words without and with letters or figures; their confidences' sums */
    bool cut;                    /* a reading found no end */
    bool mark;                   /* it was found as a mark that may stand alone */
} evidence;

/* That of the words, or of the signs where there are none: a row of dashes is sure of itself. */
static double confidence(const evidence *k)
{
    bool any = k->spelt[1] > 0;
    return k->spelt[any] > 0 ? k->certain[any] / k->spelt[any] : 0;
}

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

static bool has_letters(const char *text, size_t len)
{
    for (size_t i = 0; i < len;)
        if (is_letter(ocrvl_utf8_next(text, len, &i)))
            return true;
    return false;
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
        size_t chars = spans[i].cp_end - spans[i].cp_start, len = spans[i].byte_end - spans[i].byte_start;
        const char *word = t->text + spans[i].byte_start;
        bool spelt = has_letters(word, len);
        for (size_t c = 0; c < len; c++)
            k->figures += is_figure(word[c]);
        k->chars += (double)chars;
        k->worded += (double)in_runs(word, len);
        k->spelt[spelt] += (double)chars;
        k->certain[spelt] += (double)chars * ocrvl_transcript_probability(t, spans[i].byte_start, spans[i].byte_end);
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

/* What is known of the text of a page. */
typedef struct page_text {
    double height; /* the median of the believed lines' heights, each weighing as much as it says surely; 0: unknown */
    double worded; /* of all that was read, what the words of the believed lines are, */
    double believed;       /* and all that they say */
    ocrvl_box box;         /* of believed lines that say more than a few signs */
    const evidence *lines; /* [count] */
    size_t count;
} page_text;

static void grow(ocrvl_box *b, const ocrvl_box *by)
{
    if (b->x1 <= b->x0)
        *b = *by;
    b->x0 = by->x0 < b->x0 ? by->x0 : b->x0;
    b->y0 = by->y0 < b->y0 ? by->y0 : b->y0;
    b->x1 = by->x1 > b->x1 ? by->x1 : b->x1;
    b->y1 = by->y1 > b->y1 ? by->y1 : b->y1;
}

static ocrvl_status measure_page(page_text *t, const evidence *k, size_t n, ocrvl_error *err)
{
    weighed *w = ocrvl_alloc_array(n, sizeof *w);
    double sum = 0, chars = 0, at = 0;
    size_t m = 0;
    *t = (page_text){.lines = k, .count = n};
    if (!w)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        double c = confidence(&k[i]);
        chars += k[i].chars;
        if (c <= BELIEVED)
            continue;
        t->worded += k[i].worded;
        t->believed += k[i].chars;
        if (k[i].chars >= WORDED)
            grow(&t->box, &k[i].box);
        w[m++] = (weighed){k[i].height, k[i].chars * c * c};
        sum += w[m - 1].weight;
    }
    qsort(w, m, sizeof *w, by_height);
    for (size_t i = 0; i < m && at * 2 < sum; i++) {
        at += w[i].weight;
        t->height = w[i].height;
    }
    t->worded = chars > 0 ? t->worded / chars : 0;
    t->believed = chars > 0 ? t->believed / chars : 0;
    ocrvl_free(w);
    return OCRVL_OK;
}

/* Whether a line stands further beside the page's text than a line is high. */
static bool is_beside(const evidence *k, const page_text *t)
{
    double x = (k->box.x0 + k->box.x1) / 2.0;
    return t->box.x1 > t->box.x0 && (x < t->box.x0 - t->height || x > t->box.x1 + t->height);
}

/* The same above and below, of two lines. */
static bool is_above_or_below(const evidence *k, const page_text *t)
{
    double y = (k->box.y0 + k->box.y1) / 2.0;
    return t->box.y1 > t->box.y0 && (y < t->box.y0 - 2 * t->height || y > t->box.y1 + 2 * t->height);
}

/* Whether a line has others that are believed in its row and in its column, as a table's cell has. */
static bool is_cell(const evidence *all, size_t n, const evidence *k)
{
    bool row = false, column = false;
    int32_t w = k->box.x1 - k->box.x0, h = k->box.y1 - k->box.y0;
    for (size_t i = 0; i < n && !(row && column); i++) {
        const ocrvl_box *a = &k->box, *b = &all[i].box;
        if (&all[i] == k || confidence(&all[i]) <= BELIEVED)
            continue;
        int32_t across = (a->x1 < b->x1 ? a->x1 : b->x1) - (a->x0 > b->x0 ? a->x0 : b->x0);
        int32_t down = (a->y1 < b->y1 ? a->y1 : b->y1) - (a->y0 > b->y0 ? a->y0 : b->y0);
        row |= down * 2 > h;
        column |= across * 2 > w && all[i].worded >= RUN;
    }
    return row && column;
}

/* Whether a line is a sign or two without a letter or figure, with no text close beside: dust, a crease, a piece of a
 * seal or of a signature. */
static bool is_lone_sign(const evidence *k, const page_text *t)
{
    double h = k->box.y1 - k->box.y0, w = k->box.x1 - k->box.x0;
    if (t->believed < LEGIBLE || k->mark || k->chars > SIGNS || k->spelt[1] > 0 || w > 2 * h ||
        is_cell(t->lines, t->count, k))
        return false;
    for (size_t i = 0; i < t->count; i++) {
        const ocrvl_box *b = &t->lines[i].box;
        if (&t->lines[i] != k && t->lines[i].chars > SIGNS && b->y0 < k->box.y1 - h / 4 && b->y1 > k->box.y0 + h / 4 &&
            b->x0 < k->box.x1 + CLOSE * h && b->x1 > k->box.x0 - CLOSE * h)
            return false;
    }
    return true;
}

/* Whether a line is a stamp, a stain or a shadow on a page whose text reads well. On one that reads badly as a whole it
 * may be handwriting. */
static bool is_stain(const evidence *k, const page_text *t)
{
    double c = confidence(k);
    bool beside = is_beside(k, t) && !(k->chars <= FEW && is_cell(t->lines, t->count, k)),
         aside = beside || is_above_or_below(k, t);
    if (t->believed < LEGIBLE)
        return false;
    if (k->chars > FEW)
        return c < (aside ? ASIDE : ILLEGIBLE);
    if (k->figures > 0)
        return c < MARK;
    return c < (beside ? MARK_BESIDE : aside ? MARK_ABOVE : MARK);
}

static bool is_doubtful(const evidence *k, const page_text *t)
{
    double high = t->height > 0 ? k->height / t->height : 1, c = confidence(k);
    bool worded = k->worded * 2 >= k->chars, all = t->worded < 0.1;
    if (k->chars == 0)
        return false;
    if (is_stain(k, t) || is_lone_sign(k, t) ||
        (k->cut && (!worded || c < BELIEVED))) /* the line reader goes round in noise */
        return true;
    if (all && t->count > GRAINY)
        return !worded || c < DOUBTED_DUST;
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
    for (size_t i = 0; i < l->line_count; i++) {
        k[i].box = l->lines[i].ink;
        k[i].height = k[i].box.y1 - k[i].box.y0;
        k[i].mark = l->lines[i].mark != 0;
    }
    for (size_t i = 0; lines->readings && i < lines->count && !st; i++) {
        const ocrvl_reading *r = &lines->readings[i];
        if (r->skipped || r->transcript.len == 0 || lines->strips[i].line >= l->line_count)
            continue;
        k[lines->strips[i].line].cut |= r->cut;
        st = take(&k[lines->strips[i].line], &r->transcript, err);
    }
    return st;
}

ocrvl_status ocrvl_doubt_lines(bool **out, const ocrvl_layout *l, const ocrvl_lines *lines, ocrvl_error *err)
{
    evidence *k = ocrvl_alloc_array(l->line_count, sizeof *k);
    page_text t;
    *out = ocrvl_alloc_array(l->line_count, sizeof **out);
    ocrvl_status st = k && *out ? measure_all(k, l, lines, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = measure_page(&t, k, l->line_count, err);
    bool alone = !st && l->line_count == 1 && l->grey && k[0].height * 4 > l->grey->height;
    for (size_t i = 0; !st && !alone && i < l->line_count; i++)
        (*out)[i] = is_doubtful(&k[i], &t);
    ocrvl_free(k);
    if (st) {
        ocrvl_free(*out);
        *out = NULL;
    }
    return st;
}
