#include "markup/grounding.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/unicode.h"

/* A start tag is even; the next number is its end tag. */
enum { REF, REF_END, BOX, BOX_END, QUAD, QUAD_END, TAGS };

static const char *const names[TAGS] = {"<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
                                        "<|box_end|>",          "<|quad_start|>",     "<|quad_end|>"};

typedef struct tag {
    int kind;        /* TAGS stands for the end of the input */
    size_t from, to; /* in bytes */
    uint32_t cp;     /* code point of from; tags are ASCII */
} tag;

typedef struct parser {
    ocrvl_grounding *g;
    const char *s; /* well-formed UTF-8 */
    size_t n;
    double side[2];
    tag at, next; /* the current tag and the one after it */
    ocrvl_buf text;
    size_t source_cap, item_cap, fault_cap;
    const char *label; /* the label that the next item gets */
    size_t label_len;
} parser;

const char *ocrvl_grounding_reason_name(ocrvl_grounding_reason reason)
{
    static const char *const reasons[] = {"", "unclosed", "stray_end", "syntax", "points"};
    return reason >= OCRVL_GROUNDING_UNCLOSED && reason <= OCRVL_GROUNDING_POINTS ? reasons[reason] : "";
}

void ocrvl_grounding_free(ocrvl_grounding *g)
{
    if (!g)
        return;
    ocrvl_free(g->text);
    ocrvl_free(g->source);
    ocrvl_free(g->items);
    ocrvl_free(g->faults);
    ocrvl_free(g->input);
    ocrvl_free(g->labels);
    ocrvl_free(g);
}

static bool put_text(parser *p, size_t from, size_t to, uint32_t cp)
{
    ocrvl_grounding *g = p->g;
    ocrvl_buf_put(&p->text, p->s + from, to - from);
    for (size_t i = from; i < to; cp++) {
        ocrvl_utf8_next(p->s, to, &i);
        if (!OCRVL_ARRAY_RESERVE(g->source, p->source_cap, (size_t)g->text_count + 1))
            return false;
        g->source[g->text_count++] = cp;
    }
    return !p->text.failed;
}

static bool put_fault(parser *p, ocrvl_grounding_reason reason, uint32_t start, uint32_t end)
{
    ocrvl_grounding *g = p->g;
    if (!OCRVL_ARRAY_RESERVE(g->faults, p->fault_cap, g->fault_count + 1))
        return false;
    g->faults[g->fault_count++] = (ocrvl_grounding_fault){reason, start, end};
    return true;
}

/* ---- points ------------------------------------------------------------------------------------------ */

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void skip_space(const char **s, const char *end)
{
    while (*s < end && is_space(**s))
        ++*s;
}

/* Skips the character c and the white space around it. */
static bool take(const char **s, const char *end, char c)
{
    skip_space(s, end);
    if (*s == end || **s != c)
        return false;
    ++*s;
    skip_space(s, end);
    return true;
}

/* Parses -?D+(.D+)? as a double. Only 18 digits are used: the error below that is far smaller than a pixel. */
static bool take_number(const char **s, const char *end, double *value)
{
    const char *p = *s;
    uint64_t digits = 0;
    int scale = 0;
    bool minus = p < end && *p == '-', point = false;
    p += minus;
    if (p == end || !is_digit(*p))
        return false;
    for (; p < end; p++) {
        if (*p == '.' && !point && end - p > 1 && is_digit(p[1])) {
            point = true;
            continue;
        }
        if (!is_digit(*p))
            break;
        bool full = digits >= 100000000000000000u;
        if (!full)
            digits = digits * 10 + (uint64_t)(*p - '0');
        if (point && !full)
            scale--;
        else if (!point && full)
            scale = scale < 100 ? scale + 1 : scale;
    }
    *s = p;
    double v = scale < 0 ? (double)digits / ocrvl_power_of_ten(-scale) : (double)digits * ocrvl_power_of_ten(scale);
    *value = digits == 0 ? 0 : minus ? -v : v;
    return true;
}

static bool take_point(const char **s, const char *end, double xy[2])
{
    return take(s, end, '(') && take_number(s, end, &xy[0]) && take(s, end, ',') && take_number(s, end, &xy[1]) &&
           take(s, end, ')');
}

/* Returns how many points there are and stores the first four; 0 means wrong syntax. */
static size_t take_points(const char *s, const char *end, double points[4][2])
{
    size_t n = 0;
    do {
        double xy[2];
        if (!take_point(&s, end, xy))
            return 0;
        if (n < 4)
            memcpy(points[n], xy, sizeof xy);
        n++;
    } while (take(&s, end, ','));
    return s == end ? n : 0;
}

/* ---- items ------------------------------------------------------------------------------------------- */

static void place(const parser *p, ocrvl_grounding_item *item, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++) {
            double *v = &item->points[i][k];
            item->clamped |= *v < 0 || *v > 1000;
            *v = *v < 0 ? 0 : *v > 1000 ? 1000 : *v;
        }
    for (size_t k = 0; n == 2 && k < 2; k++)
        if (item->points[0][k] > item->points[1][k]) {
            double v = item->points[0][k];
            item->points[0][k] = item->points[1][k];
            item->points[1][k] = v;
        }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++) {
            item->pixels[i][k] = item->points[i][k] * p->side[k] / 1000;
            item->pixels_int[i][k] = (int64_t)floor(item->pixels[i][k] + 0.5);
        }
}

/* Parses an item from a box's or quad's start tag to its end tag. */
static bool put_item(parser *p)
{
    ocrvl_grounding *g = p->g;
    size_t want = p->at.kind == BOX ? 2 : 4;
    uint32_t start = p->at.cp, end = p->next.cp + (uint32_t)(p->next.to - p->next.from);
    ocrvl_grounding_item item = {.kind = p->at.kind == BOX ? OCRVL_GROUNDING_BOX : OCRVL_GROUNDING_QUAD,
                                 .label = p->label,
                                 .label_len = p->label_len,
                                 .from = p->label ? (size_t)(p->label - p->s) : 0,
                                 .to = p->label ? (size_t)(p->label - p->s) + p->label_len : 0,
                                 .start = start,
                                 .end = end};
    size_t n = take_points(p->s + p->at.to, p->s + p->next.from, item.points);
    if (n != want)
        return put_fault(p, n ? OCRVL_GROUNDING_POINTS : OCRVL_GROUNDING_SYNTAX, start, end) &&
               put_text(p, p->at.to, p->next.from, start + (uint32_t)(p->at.to - p->at.from));
    place(p, &item, n);
    if (!OCRVL_ARRAY_RESERVE(g->items, p->item_cap, g->item_count + 1))
        return false;
    g->items[g->item_count++] = item;
    return true;
}

/* ---- tags -------------------------------------------------------------------------------------------- */

/* The first tag at or after byte i, which is code point cp. */
static tag find_tag(const parser *p, size_t i, uint32_t cp)
{
    while (i < p->n) {
        for (int k = 0; p->s[i] == '<' && k < TAGS; k++) {
            size_t len = strlen(names[k]);
            if (p->n - i >= len && memcmp(p->s + i, names[k], len) == 0)
                return (tag){k, i, i + len, cp};
        }
        ocrvl_utf8_next(p->s, p->n, &i);
        cp++;
    }
    return (tag){TAGS, p->n, p->n, cp};
}

static tag tag_after(const parser *p, const tag *t) { return find_tag(p, t->to, t->cp + (uint32_t)(t->to - t->from)); }

/* Adds the text between tags; any text but white space ends the label's reach. */
static bool put_between(parser *p, size_t from, size_t to, uint32_t cp)
{
    for (size_t i = from; i < to && p->label; i++)
        if (!is_space(p->s[i]))
            p->label = NULL;
    p->label_len = p->label ? p->label_len : 0;
    return put_text(p, from, to, cp);
}

static void set_label(parser *p, const char *label, size_t len)
{
    p->label = label;
    p->label_len = len;
}

/* Handles the current tag, together with the next one if that is its end. */
static bool put_tag(parser *p)
{
    const tag at = p->at;
    uint32_t end = at.cp + (uint32_t)(at.to - at.from);
    bool is_end = at.kind % 2;
    if (is_end || p->next.kind != at.kind + 1) {
        set_label(p, NULL, 0);
        if (!put_fault(p, is_end ? OCRVL_GROUNDING_STRAY_END : OCRVL_GROUNDING_UNCLOSED, at.cp, end))
            return false;
        p->at = p->next;
        return put_between(p, at.to, p->at.from, end);
    }
    if (at.kind == REF)
        set_label(p, p->s + at.to, p->next.from - at.to);
    if (!(at.kind == REF ? put_text(p, at.to, p->next.from, end) : put_item(p)))
        return false;
    tag pair_end = p->next;
    p->at = tag_after(p, &pair_end);
    return put_between(p, pair_end.to, p->at.from, pair_end.cp + (uint32_t)(pair_end.to - pair_end.from));
}

static bool parse(parser *p)
{
    p->at = find_tag(p, 0, 0);
    if (!put_between(p, 0, p->at.from, 0))
        return false;
    while (p->at.kind != TAGS) {
        p->next = tag_after(p, &p->at);
        if (!put_tag(p))
            return false;
    }
    p->g->text = ocrvl_buf_steal(&p->text, &p->g->text_len);
    return p->g->text != NULL;
}

ocrvl_status ocrvl_grounding_parse(ocrvl_grounding **out, const char *text, size_t len, uint32_t width, uint32_t height,
                                   ocrvl_error *err)
{
    *out = NULL;
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    ocrvl_buf input = {0};
    for (size_t i = 0; i < len;)
        ocrvl_buf_put_codepoint(&input, ocrvl_utf8_next(text, len, &i));
    parser p = {.g = ocrvl_alloc(sizeof *p.g), .side = {width, height}};
    char *copy = ocrvl_buf_steal(&input, &p.n);
    p.s = copy;
    bool ok = p.g && copy;
    if (p.g)
        p.g->input = copy;
    else
        ocrvl_free(copy);
    ok = ok && parse(&p);
    ocrvl_buf_free(&p.text);
    if (!ok) {
        ocrvl_grounding_free(p.g);
        return ocrvl_fail_nomem(err);
    }
    *out = p.g;
    return OCRVL_OK;
}
