/* The line of Markdown in hand: what stands at a place of it. Places are code points of the input; past the line's
 * end there is 0. */
#ifndef OCRVL_MARKUP_MARKUP_LINE_H
#define OCRVL_MARKUP_MARKUP_LINE_H

#include "markup/markup_parts.h"

#define OCRVL_MARKUP_CODE_INDENT 4u /* columns from which on a line is code */

static inline bool ocrvl_markup_is_space(uint32_t c) { return c == ' ' || c == '\t'; }

static inline bool ocrvl_markup_is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static inline uint32_t ocrvl_markup_at(const ocrvl_markup_parser *p, uint32_t i)
{
    return i < p->line_end ? p->in[i] : 0;
}

/* Skips up to `most` columns of white space from *i on and returns how many there were. Tabs stop at every fourth
 * column of the text. */
static inline uint32_t ocrvl_markup_skip_indent(const ocrvl_markup_parser *p, uint32_t *i, uint32_t most)
{
    uint32_t columns = 0;
    while (columns < most && ocrvl_markup_is_space(ocrvl_markup_at(p, *i)))
        columns += p->in[(*i)++] == '\t' ? 4 - columns % 4 : 1;
    return columns;
}

static inline uint32_t ocrvl_markup_indent_at(const ocrvl_markup_parser *p, uint32_t i, uint32_t *text)
{
    *text = i;
    return ocrvl_markup_skip_indent(p, text, UINT32_MAX);
}

static inline bool ocrvl_markup_is_blank_from(const ocrvl_markup_parser *p, uint32_t i)
{
    while (i < p->line_end && ocrvl_markup_is_blank(p->in[i]))
        i++;
    return i == p->line_end;
}

static inline uint32_t ocrvl_markup_count_of(const ocrvl_markup_parser *p, uint32_t i, uint32_t c)
{
    uint32_t n = 0;
    while (i + n < p->line_end && p->in[i + n] == c)
        n++;
    return n;
}

#endif
