#include <math.h>
#include <stdlib.h>

#include "align/align_parts.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"

/* The extent of a letter is the median over lines with at least this many matched letters, if there are enough such
 * lines. */
#define LETTERS 12
#define LINES 3
#define ACCOUNTED 0.6f
/* Letters differ in width: this many times the spread of the extent is not counted as free space. */
#define BLUR 2.0f
/* Words may need at most this many times the space that is left. */
#define SQUEEZE 1.3f
#define LONGEST 1e9f /* greater extents are taken as unknown */

/* Two kinds of type: typewriter, with letters of one width, and print. */
enum { TYPED, PRINTED, KINDS };

static float space_of(int kind) { return kind == TYPED ? 1 : 0.5f; }

/* The width of a folded letter. */
static float width_of(uint32_t c, int kind)
{
    if (kind == TYPED)
        return 1;
    switch (c) {
    case 'i':
    case 'j':
    case '.':
    case ',':
    case ';':
    case ':':
    case '\'': return 0.55f;
    case 'f':
    case 'r':
    case 't':
    case '-':
    case '(':
    case ')': return 0.75f;
    case 'm': return 1.65f;
    case 'w': return 1.45f;
    default: return 1;
    }
}

static float word_width(const ocrvl_align_state *s, size_t word, int kind)
{
    float all = space_of(kind);
    for (size_t i = s->b.start[word]; i < s->b.start[word + 1]; i++)
        all += width_of(s->b.code[i], kind);
    return all;
}

/* Adds up the width of the text on each line. */
static void add_widths(const ocrvl_align_state *s, const ocrvl_alignment *out, int kind, float *widths)
{
    for (size_t i = 0; i < s->line_count; i++)
        widths[i] = -space_of(kind);
    for (size_t i = 0; i < s->b.included; i++) {
        const ocrvl_align_place *p = &out->words[i];
        if (p->line < 0 || p->unsupported)
            continue;
        widths[p->line] += space_of(kind);
        for (size_t k = s->b.start[i]; k < s->b.start[i + 1]; k++) {
            bool later = s->pair[k] != OCRVL_ALIGN_NONE && (int32_t)s->a.unit[s->pair[k]] == p->last_line;
            widths[later ? p->last_line : p->line] += width_of(s->b.code[k], kind);
        }
    }
}

/* A line's extent; 0 means unknown. */
static float extent_of(const ocrvl_align_line *line)
{
    return line->extent > 0 && line->extent < LONGEST ? line->extent : 0;
}

/* The extent of a letter (0 if unknown) and how much lines differ in it. sorted is [line_count] scratch. */
static float letter_of(const ocrvl_align_state *s, const ocrvl_align_tally *t, const float *widths, float *sorted,
                       float *spread)
{
    size_t n = 0;
    for (size_t i = 0; i < s->line_count; i++) {
        float len = (float)(s->a.start[i + 1] - s->a.start[i]);
        if (extent_of(&s->lines[i]) > 0 && t[i].letters >= LETTERS && widths[i] > 0 &&
            (float)t[i].same >= ACCOUNTED * len && (float)t[i].same >= ACCOUNTED * (float)t[i].letters)
            sorted[n++] = s->lines[i].extent / widths[i];
    }
    if (n < LINES)
        return 0;
    qsort(sorted, n, sizeof *sorted, ocrvl_compare_floats);
    float letter = sorted[n / 2];
    for (size_t i = 0; i < n; i++)
        sorted[i] = fabsf(sorted[i] - letter) / letter;
    qsort(sorted, n, sizeof *sorted, ocrvl_compare_floats);
    *spread = sorted[n / 2];
    return letter;
}

static bool is_missing(const ocrvl_align_state *s, const ocrvl_alignment *out, size_t i)
{
    return out->words[i].line < 0 && (out->words[i].unsupported || s->b.start[i] == s->b.start[i + 1]);
}

/* Places the words [from, to) on one of the lines of the words around them. */
static void put_run(const ocrvl_align_state *s, ocrvl_alignment *out, size_t from, size_t to, int kind, float *slack)
{
    float need = 0;
    for (size_t i = from; i < to; i++)
        need += word_width(s, i, kind);
    int32_t before = from > 0 && !out->words[from - 1].unsupported ? out->words[from - 1].last_line : -1;
    int32_t after = to < s->b.included && !out->words[to].unsupported ? out->words[to].line : -1, line = before;
    if (line < 0 || (after >= 0 && slack[after] > slack[line]))
        line = after;
    if (line < 0 || need <= 0 || slack[line] * SQUEEZE < need)
        return;
    slack[line] -= need;
    for (size_t i = from; i < to; i++) {
        out->words[i].line = out->words[i].last_line = line;
        out->words[i].unsupported = false;
    }
}

static void put_runs(const ocrvl_align_state *s, ocrvl_alignment *out, int kind, float *slack)
{
    for (size_t i = 0, to; i < s->b.included; i = to) {
        for (to = i; to < s->b.included && is_missing(s, out, to); to++)
            ;
        if (to > i)
            put_run(s, out, i, to, kind, slack);
        to += to == i;
    }
}

ocrvl_status ocrvl_align_use_slack(const ocrvl_align_state *s, const ocrvl_align_tally *t, ocrvl_alignment *out,
                                   ocrvl_error *err)
{
    float *widths[KINDS] = {0}, *sorted = ocrvl_alloc_array(s->line_count, sizeof *sorted), letter[KINDS],
          spread[KINDS] = {0};
    bool good = sorted != NULL;
    for (int k = 0; k < KINDS; k++) {
        widths[k] = ocrvl_alloc_array(s->line_count, sizeof(float));
        good &= widths[k] != NULL;
        if (!good)
            continue;
        add_widths(s, out, k, widths[k]);
        letter[k] = letter_of(s, t, widths[k], sorted, &spread[k]);
    }
    if (good && letter[TYPED] > 0) {
        int kind = letter[PRINTED] > 0 && spread[PRINTED] < spread[TYPED] ? PRINTED : TYPED;
        for (size_t i = 0; i < s->line_count; i++) {
            float space = extent_of(&s->lines[i]) / letter[kind] * (1 - BLUR * spread[kind]);
            widths[kind][i] = space - widths[kind][i];
        }
        put_runs(s, out, kind, widths[kind]);
    }
    ocrvl_free(sorted);
    for (int k = 0; k < KINDS; k++)
        ocrvl_free(widths[k]);
    return good ? OCRVL_OK : ocrvl_fail_nomem(err);
}
