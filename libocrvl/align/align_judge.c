#include <math.h>

#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* A reading trusted this much is evidence against a word that differs from it. */
#define TRUSTED 0.5f
/* The share in which a fully trusted reading agrees with the text on its line, and how many matching characters support
 * a word where the reading doesn't agree. */
#define LINE_AGREES 0.8f
#define ALONE 12
/* Letters that may be lost where a word is broken. */
#define TORN 1

float ocrvl_align_weight(const ocrvl_align_line *line) { return line->weight > 0 ? fminf(line->weight, 1) : 0; }

static bool is_same(const ocrvl_align_state *s, size_t b)
{
    return s->pair[b] != OCRVL_ALIGN_NONE && s->a.code[s->pair[b]] == s->b.code[b];
}

bool ocrvl_align_is_solid(const ocrvl_align_state *s, size_t word)
{
    size_t n = 0, len = s->b.start[word + 1] - s->b.start[word];
    for (size_t i = s->b.start[word]; i < s->b.start[word + 1]; i++)
        n += is_same(s, i);
    return n * 5 >= len * 3;
}

/* The part of a word that is on one line. */
typedef struct share {
    uint32_t line, first, last; /* first, last: characters of a */
    size_t same, all;
} share;

/* Lists the lines that have the word's characters, in the word's order; at most cap. */
static size_t shares_of(const ocrvl_align_state *s, size_t word, share *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = s->b.start[word]; i < s->b.start[word + 1]; i++) {
        uint32_t a = s->pair[i];
        if (a == OCRVL_ALIGN_NONE)
            continue;
        if (n == 0 || out[n - 1].line != s->a.unit[a]) {
            if (n == cap)
                break;
            out[n++] = (share){.line = s->a.unit[a], .first = a};
        }
        out[n - 1].last = a;
        out[n - 1].all++;
        out[n - 1].same += is_same(s, i);
    }
    return n;
}

/* Whether a word with part p continues in q: p ends its line and q begins its own, but for a letter or two misread. */
static bool goes_on(const ocrvl_align_state *s, const share *p, const share *q)
{
    return p->same > 0 && q->same > 0 && p->line != q->line && p->last + 1 + TORN >= s->a.start[p->line + 1] &&
           q->first <= s->a.start[q->line] + TORN;
}

static void judge_word(const ocrvl_align_state *s, size_t word, ocrvl_align_place *out)
{
    share sh[4];
    size_t len = s->b.start[word + 1] - s->b.start[word], n = shares_of(s, word, sh, 4), best = 0;
    *out = (ocrvl_align_place){.line = -1, .last_line = -1};
    for (size_t i = 1; i < n; i++)
        if (sh[i].same * 2 + sh[i].all > sh[best].same * 2 + sh[best].all)
            best = i;
    size_t first = best, last = best, same = 0, all = 0;
    if (n > 0 && best > 0 && goes_on(s, &sh[best - 1], &sh[best]))
        first = best - 1;
    else if (n > 0 && best + 1 < n && goes_on(s, &sh[best], &sh[best + 1]))
        last = best + 1;
    for (size_t i = first; i <= last && i < n; i++) {
        same += sh[i].same;
        all += sh[i].all;
    }
    if (len == 0 || word >= s->b.included)
        return;
    out->score = (float)same / (float)len;
    if (all * 2 < len) {
        out->unsupported = !s->cut;
        return;
    }
    out->line = (int32_t)sh[first].line;
    out->last_line = (int32_t)sh[last].line;
    if (len >= 3 && same * 2 < len && ocrvl_align_weight(&s->lines[sh[best].line]) >= TRUSTED)
        out->unsupported = true;
}

/* Words without characters that count are placed where the words before and after them are, if these two agree. */
static void place_empty(const ocrvl_align_state *s, ocrvl_alignment *out)
{
    for (size_t i = 1; i + 1 < out->word_count; i++) {
        ocrvl_align_place *p = &out->words[i];
        if (i < s->b.included && s->b.start[i] == s->b.start[i + 1] &&
            out->words[i - 1].last_line == out->words[i + 1].line)
            p->line = p->last_line = out->words[i - 1].last_line;
    }
}

static void count(const ocrvl_align_state *s, const ocrvl_alignment *out, ocrvl_align_tally *t)
{
    for (size_t i = 0; i < s->line_count; i++)
        t[i] = (ocrvl_align_tally){0};
    for (size_t i = 0; i < s->b.n; i++) {
        const ocrvl_align_place *p = &out->words[s->b.unit[i]];
        if (p->line < 0 || p->unsupported)
            continue;
        t[p->line].letters++;
        if (s->pair[i] == OCRVL_ALIGN_NONE)
            continue;
        uint32_t line = s->a.unit[s->pair[i]];
        if ((int32_t)line == p->line || (int32_t)line == p->last_line) {
            t[line].all++;
            t[line].same += is_same(s, i);
        }
    }
}

/* A line has other text if its reading agrees with little of the text placed on it, and little of the reading is
 * accounted for. */
static void doubt_lines(const ocrvl_align_state *s, ocrvl_alignment *out, const ocrvl_align_tally *t)
{
    for (size_t i = 0; i < s->b.included; i++) {
        ocrvl_align_place *p = &out->words[i];
        if (p->line < 0 || p->unsupported || p->score * (float)(s->b.start[i + 1] - s->b.start[i]) >= ALONE)
            continue;
        const ocrvl_align_tally *l = &t[p->line];
        size_t len = s->a.start[p->line + 1] - s->a.start[p->line];
        float agreed = (float)(l->same + 1) / (float)(l->letters + 1),
              covered = (float)(l->same + 1) / (float)(len + 1);
        float certain = 1 - 1 / sqrtf((float)len + 1); /* a short line is weak evidence */
        if ((agreed + covered) / 2 < LINE_AGREES * certain * ocrvl_align_weight(&s->lines[p->line]))
            p->unsupported = true;
    }
}

ocrvl_status ocrvl_align_judge(const ocrvl_align_state *s, ocrvl_alignment *out, ocrvl_error *err)
{
    ocrvl_align_tally *t = ocrvl_alloc_array(s->line_count, sizeof *t);
    if (!t)
        return ocrvl_fail_nomem(err);
    out->cut = s->cut;
    for (size_t i = 0; i < out->word_count; i++)
        judge_word(s, i, &out->words[i]);
    count(s, out, t);
    doubt_lines(s, out, t);
    count(s, out, t);
    ocrvl_status st = ocrvl_align_use_slack(s, t, out, err);
    place_empty(s, out);
    count(s, out, t);
    for (size_t i = 0; i < out->line_count; i++) {
        size_t len = s->a.start[i + 1] - s->a.start[i];
        out->lines[i].score = len > 0 ? (float)t[i].same / (float)len : 0;
        out->lines[i].unread = !s->cut && t[i].all * 2 < len + (len == 0);
    }
    ocrvl_free(t);
    return st;
}
