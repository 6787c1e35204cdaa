/* LaTeX that is a block of its own: $$, \[ and environments. */
#include <string.h>

#include "markup/markup_parts.h"

typedef ocrvl_markup_parser parser;

static bool is_break(uint32_t c) { return c == '\n' || c == '\r'; }

bool ocrvl_markup_starts_with(const parser *p, uint32_t i, uint32_t end, const char *s)
{
    while (*s && i < end && p->in[i] == (unsigned char)*s) {
        i++;
        s++;
    }
    return !*s;
}

static bool two_at(const parser *p, uint32_t i, uint32_t a, uint32_t b)
{
    return i + 1 < p->n && p->in[i] == a && p->in[i + 1] == b;
}

/* The next blank line's beginning from i on; remembered. */
static uint32_t next_blank(parser *p, uint32_t i)
{
    if (p->blank >= i && p->blank > 0)
        return p->blank;
    for (; i < p->n; i++) {
        if (!is_break(p->in[i]))
            continue;
        uint32_t next = ocrvl_markup_skip_prefix(p, i + 1 + two_at(p, i, '\r', '\n'));
        if (next < p->n && is_break(p->in[next]))
            break;
    }
    return p->blank = i;
}

/* The next a, b from i on; *cache remembers it. */
static uint32_t next_two(const parser *p, uint32_t *cache, uint32_t i, uint32_t a, uint32_t b)
{
    if (*cache < i)
        for (*cache = i; *cache < p->n && !two_at(p, *cache, a, b);)
            ++*cache;
    return *cache;
}

/* \begin{equation} and the like, with or without a star: 1 + its number, or 0; *len is that of the name. */
static uint32_t environment(const parser *p, uint32_t i, uint32_t *len)
{
    static const char *const names[OCRVL_MARKUP_ENVIRONMENTS / 2] = {"equation", "align",       "gather", "multline",
                                                                     "eqnarray", "displaymath", "math"};
    if (!ocrvl_markup_starts_with(p, i, p->line_end, "\\begin{"))
        return 0;
    for (uint32_t k = 0; k < OCRVL_MARKUP_ENVIRONMENTS / 2; k++) {
        uint32_t n = (uint32_t)strlen(names[k]), end = i + 7 + n;
        bool star = end < p->line_end && p->in[end] == '*';
        if (ocrvl_markup_starts_with(p, i + 7, p->line_end, names[k]) && end + star < p->line_end &&
            p->in[end + star] == '}') {
            *len = n + star;
            return 1 + 2 * k + star;
        }
    }
    return 0;
}

/* After \end{NAME} of the environment at i, before `stop`; 0: nowhere. A search in vain is remembered. */
static uint32_t environment_end(parser *p, uint32_t i, uint32_t number, uint32_t len, uint32_t stop)
{
    if (p->no_end[number - 1] == stop)
        return 0;
    for (uint32_t k = i + 8 + len; k + 6 + len <= stop; k++)
        if (ocrvl_markup_starts_with(p, k, stop, "\\end{") && p->in[k + 5 + len] == '}' &&
            memcmp(p->in + k + 5, p->in + i + 7, len * sizeof *p->in) == 0)
            return k + 6 + len;
    p->no_end[number - 1] = stop;
    return 0;
}

uint32_t ocrvl_markup_formula(parser *p, uint32_t i, uint32_t matched)
{
    bool dollars = two_at(p, i, '$', '$'), bracket = two_at(p, i, '\\', '[');
    uint32_t len = 0, number = dollars || bracket ? 0 : environment(p, i, &len), from = i, close, end;
    if (i >= p->line_end || (!dollars && !bracket && !number))
        return 0;
    uint32_t stop = next_blank(p, i);
    if (number)
        close = end = environment_end(p, i, number, len, stop);
    else {
        from = i + 2;
        close = dollars ? next_two(p, &p->dollars, from, '$', '$') : next_two(p, &p->bracket, from, '\\', ']');
        end = close + 2;
    }
    if (!end || close > stop || (!number && close == stop)) {
        ocrvl_markup_note(p, OCRVL_MARKUP_FORMULA_NOT_CLOSED, i);
        return 0;
    }
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    for (uint32_t k = from; k < close; k++) {
        bool newline = is_break(p->in[k]);
        ocrvl_markup_push(p, &p->raw, newline ? '\n' : p->in[k], k);
        if (newline)
            k = ocrvl_markup_skip_prefix(p, k + 1) - 1;
    }
    ocrvl_markup_put_block(p, OCRVL_ROLE_FORMULA, 0, &p->raw);
    return end;
}
