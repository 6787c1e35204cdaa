/* The block structure of Markdown, line by line: containers (quotes and list items) on a stack of fixed depth, and one
 * open leaf. HTML tables and formulas consume as many lines as they need and return the rest of their last line. */
#include "markup/markup_line.h"

#define MAX_FENCE_INDENT 3u

typedef ocrvl_markup_parser parser;

/* ---- lines ------------------------------------------------------------------------------------------------- */

static bool is_break(uint32_t c) { return c == '\n' || c == '\r'; }

static void set_line(parser *p, uint32_t i)
{
    if (i <= p->line_end && p->line_end > 0)
        return;
    for (p->line_end = i; p->line_end < p->n && !is_break(p->in[p->line_end]);)
        p->line_end++;
    p->next_line = p->line_end;
    if (p->next_line < p->n)
        p->next_line +=
            p->in[p->next_line] == '\r' && p->next_line + 1 < p->n && p->in[p->next_line + 1] == '\n' ? 2 : 1;
}

uint32_t ocrvl_markup_skip_prefix(const parser *p, uint32_t i)
{
    uint32_t quotes = 0;
    for (uint32_t k = 0; k < p->depth; k++)
        quotes += p->stack[k].quote;
    while (i < p->n && (ocrvl_markup_is_space(p->in[i]) || (p->in[i] == '>' && quotes > 0)))
        quotes -= p->in[i++] == '>';
    return i;
}

/* ---- what a line can begin --------------------------------------------------------------------------------- */

static bool heading(parser *p, uint32_t i, uint32_t matched)
{
    uint32_t level = ocrvl_markup_count_of(p, i, '#'), from = i + level, to = p->line_end, end;
    if (level < 1 || level > 6 || (from < to && !ocrvl_markup_is_space(p->in[from])))
        return false;
    while (to > from && ocrvl_markup_is_space(p->in[to - 1]))
        to--;
    for (end = to; end > from && p->in[end - 1] == '#';)
        end--;
    if (end < to && (end == from || ocrvl_markup_is_space(p->in[end - 1])))
        to = end;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_push_range(p, &p->raw, from, to);
    ocrvl_markup_put_block(p, OCRVL_ROLE_HEADING, level, &p->raw);
    return true;
}

/* Whether the word after a fence says that everything inside is markup. */
static bool is_wrapper(const parser *p, uint32_t i)
{
    static const char *const words[] = {"markdown", "md", "html"};
    while (ocrvl_markup_is_space(ocrvl_markup_at(p, i)))
        i++;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t n = 0;
        while (words[k][n] && (ocrvl_markup_at(p, i + (uint32_t)n) | 32) == (uint32_t)words[k][n])
            n++;
        if (!words[k][n] && ocrvl_markup_is_blank_from(p, i + (uint32_t)n))
            return true;
    }
    return false;
}

/* Whether only nothing or one ASCII word follows a fence. Anything else is text, which must not be dropped. */
static bool is_info(const parser *p, uint32_t i)
{
    while (ocrvl_markup_is_space(ocrvl_markup_at(p, i)))
        i++;
    while (i < p->line_end && p->in[i] > ' ' && p->in[i] < 0x7F && p->in[i] != '`')
        i++;
    return ocrvl_markup_is_blank_from(p, i);
}

static bool fence(parser *p, uint32_t i, uint32_t indent, uint32_t matched)
{
    uint32_t c = ocrvl_markup_at(p, i), len = c == '`' || c == '~' ? ocrvl_markup_count_of(p, i, c) : 0;
    if (len < 3 || !is_info(p, i + len))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    if (p->depth == 0 && !p->wrap && is_wrapper(p, i + len)) {
        ocrvl_markup_note(p, OCRVL_MARKUP_FENCE_AROUND, i);
        p->wrap = c;
        p->wrap_len = len;
        return true;
    }
    ocrvl_markup_open_leaf(p, OCRVL_LEAF_FENCE);
    p->fence = c;
    p->fence_len = len;
    p->fence_indent = indent;
    p->leaf_at = i;
    return true;
}

static bool closes_fence(const parser *p, uint32_t i, uint32_t c, uint32_t len)
{
    uint32_t text;
    if (ocrvl_markup_indent_at(p, i, &text) > MAX_FENCE_INDENT || ocrvl_markup_at(p, text) != c)
        return false;
    uint32_t n = ocrvl_markup_count_of(p, text, c);
    return n >= len && ocrvl_markup_is_blank_from(p, text + n);
}

static void fence_line(parser *p, uint32_t i)
{
    if (closes_fence(p, i, p->fence, p->fence_len)) {
        p->fence = 0;
        ocrvl_markup_close_leaf(p);
        return;
    }
    ocrvl_markup_skip_indent(p, &i, p->fence_indent);
    ocrvl_markup_add_line(p, i, p->line_end);
}

/* A setext underline: below a heading's only line, or below any number of lines if it is of "=". */
static bool setext(parser *p, uint32_t i)
{
    uint32_t c = ocrvl_markup_at(p, i);
    if (p->leaf != OCRVL_LEAF_PARAGRAPH || p->has_role || (c != '=' && (c != '-' || p->lines > 1)) ||
        !ocrvl_markup_is_blank_from(p, i + ocrvl_markup_count_of(p, i, c)))
        return false;
    p->leaf = OCRVL_LEAF_NONE;
    ocrvl_markup_put_block(p, OCRVL_ROLE_HEADING, c == '=' ? 1 : 2, &p->raw);
    return true;
}

static bool separator(parser *p, uint32_t i, uint32_t matched)
{
    if (!ocrvl_markup_is_thematic(p, i))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_place_block(p, OCRVL_ROLE_SEPARATOR);
    return true;
}

/* The end of the bracket that opens at i, or 0 if it isn't closed in its line. */
static uint32_t bracket_end(const parser *p, uint32_t i)
{
    uint32_t depth = 0;
    for (; i < p->line_end; i++) {
        if (p->in[i] == '\\') {
            i++;
            continue;
        }
        depth += p->in[i] == '[';
        depth -= p->in[i] == ']';
        if (depth == 0)
            return i;
    }
    return 0;
}

/* ![alt](file) alone in its line. */
static bool figure(parser *p, uint32_t i, uint32_t matched)
{
    if (ocrvl_markup_at(p, i) != '!' || ocrvl_markup_at(p, i + 1) != '[')
        return false;
    uint32_t close = bracket_end(p, i + 1);
    uint32_t end = close ? ocrvl_markup_destination(p->in, p->line_end, close + 1, true) : 0;
    if (!end || !ocrvl_markup_is_blank_from(p, end))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_push_range(p, &p->raw, i + 2, close);
    ocrvl_markup_put_block(p, OCRVL_ROLE_FIGURE, 0, &p->raw);
    return true;
}

/* [^1]: text. The paragraph that begins after it is a footnote. Returns where it begins, or 0. */
static uint32_t footnote(parser *p, uint32_t i, uint32_t matched)
{
    if (ocrvl_markup_at(p, i) != '[' || ocrvl_markup_at(p, i + 1) != '^')
        return 0;
    uint32_t to = i + 2;
    while (to < p->line_end && to - i < 32 && p->in[to] != ']' && p->in[to] != '[' && !ocrvl_markup_is_space(p->in[to]))
        to++;
    if (to == i + 2 || ocrvl_markup_at(p, to) != ']' || ocrvl_markup_at(p, to + 1) != ':')
        return 0;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_end_role(p);
    ocrvl_markup_flush_marker(p);
    ocrvl_markup_run_begin(p, &p->footnote);
    for (uint32_t k = i + 2; k < to; k++)
        ocrvl_markup_run_put(p, p->in[k], k);
    ocrvl_markup_run_end(p, &p->footnote);
    p->has_role = true;
    p->role = OCRVL_ROLE_FOOTNOTE;
    p->role_level = 0;
    return to + 2;
}

/* ---- pipe tables ------------------------------------------------------------------------------------------- */

static bool is_empty_row(const uint32_t *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (c[i] != '|' && !ocrvl_markup_is_space(c[i]))
            return false;
    return true;
}

/* A rule below the last line of the open paragraph makes that line the table's first row. */
static bool pipe_table(parser *p, uint32_t i)
{
    ocrvl_markup_raw *raw = &p->raw;
    if (p->leaf != OCRVL_LEAF_PARAGRAPH || p->has_role)
        return false;
    uint32_t n = raw->n - p->last_line, rule = ocrvl_markup_pipe_rule(p->in + i, p->line_end - i);
    uint32_t cells = rule ? ocrvl_markup_pipe_count(raw->c + p->last_line, n) : 0;
    bool pipes = ocrvl_markup_pipe_count(p->in + i, p->line_end - i) > 0;
    if (!rule || !cells || !pipes)
        return false;
    if (cells != rule)
        ocrvl_markup_note(p, OCRVL_MARKUP_PIPE_COLUMNS, i);
    uint32_t first = p->last_line; /* the table's first row stays in raw when the paragraph before it is added */
    p->leaf_at = raw->src[first];
    raw->n = first ? first - 1 : 0;
    p->lines--;
    ocrvl_markup_close_paragraph(p);
    ocrvl_markup_table_begin(p);
    if (!is_empty_row(raw->c + first, n))
        ocrvl_markup_pipe_row(p, raw->c + first, raw->src + first, n, true);
    ocrvl_markup_open_leaf(p, OCRVL_LEAF_PIPES);
    return true;
}

static void pipe_row(parser *p, uint32_t i)
{
    ocrvl_markup_push_range(p, &p->raw, i, p->line_end);
    ocrvl_markup_pipe_row(p, p->raw.c, p->raw.src, p->raw.n, false);
    p->raw.n = 0;
}

/* ---- all --------------------------------------------------------------------------------------------------- */

static void blank_line(parser *p, uint32_t matched)
{
    ocrvl_markup_close_to(p, matched);
    if (p->leaf == OCRVL_LEAF_CODE)
        ocrvl_markup_add_line(p, p->line_end, p->line_end);
    else
        ocrvl_markup_close_leaf(p);
    if (p->has_role && p->role_has_text)
        ocrvl_markup_end_role(p);
}

static void code_line(parser *p, uint32_t i)
{
    if (p->leaf != OCRVL_LEAF_CODE)
        ocrvl_markup_open_leaf(p, OCRVL_LEAF_CODE);
    ocrvl_markup_skip_indent(p, &i, OCRVL_MARKUP_CODE_INDENT);
    ocrvl_markup_add_line(p, i, p->line_end);
}

/* Parses a line, from after its containers on. Returns where parsing continues. */
static uint32_t leaf_line(parser *p, uint32_t i, uint32_t matched, bool resumed)
{
    uint32_t text, past, indent = ocrvl_markup_indent_at(p, i, &text);
    bool here = matched == p->depth, code = indent >= OCRVL_MARKUP_CODE_INDENT && !resumed;
    if (!code) {
        if ((here && (setext(p, text) || pipe_table(p, text))) || heading(p, text, matched) ||
            fence(p, text, indent, matched) || separator(p, text, matched) || (!resumed && figure(p, text, matched)))
            return p->next_line;
        if ((past = ocrvl_markup_formula(p, text, matched)) != 0) {
            p->resumed = true;
            return past;
        }
        if ((past = footnote(p, text, matched)) != 0)
            return ocrvl_markup_paragraph(p, past);
    }
    if (p->leaf == OCRVL_LEAF_PIPES && here && ocrvl_markup_pipe_count(p->in + text, p->line_end - text)) {
        pipe_row(p, text);
        return p->next_line;
    }
    if (p->leaf == OCRVL_LEAF_PARAGRAPH) /* in its containers or, as CommonMark allows, without their marks */
        return ocrvl_markup_paragraph(p, text);
    ocrvl_markup_close_to(p, matched);
    if (!(code && p->leaf == OCRVL_LEAF_CODE))
        ocrvl_markup_close_leaf(p);
    if (!code)
        return ocrvl_markup_paragraph(p, text);
    code_line(p, i);
    return p->next_line;
}

static uint32_t line(parser *p, uint32_t i)
{
    bool resumed = p->resumed;
    p->resumed = false;
    set_line(p, i);
    uint32_t matched = resumed ? p->depth : ocrvl_markup_match_containers(p, &i);
    if (p->leaf == OCRVL_LEAF_FENCE && matched == p->depth) {
        fence_line(p, i);
        return p->next_line;
    }
    if (ocrvl_markup_is_blank_from(p, i)) {
        if (!resumed)
            blank_line(p, matched);
        return p->next_line;
    }
    if (p->wrap && closes_fence(p, i, p->wrap, p->wrap_len)) {
        ocrvl_markup_close_to(p, 0);
        ocrvl_markup_close_leaf(p);
        p->wrap = 0;
        return p->next_line;
    }
    if (!resumed && ocrvl_markup_open_containers(p, &i, &matched) && ocrvl_markup_is_blank_from(p, i))
        return p->next_line;
    return leaf_line(p, i, matched, resumed);
}

void ocrvl_markup_markdown(parser *p, uint32_t from)
{
    for (uint32_t i = from; i < p->n && !p->failed;)
        i = line(p, i);
    ocrvl_markup_close_to(p, 0);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_end_role(p);
}
