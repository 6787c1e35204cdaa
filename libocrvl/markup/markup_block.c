/* The block structure of Markdown, line by line: containers (quotes and list items) on a stack of fixed depth, and one
 * open leaf. HTML tables and formulas consume as many lines as they need and return the rest of their last line. */
#include <string.h>

#include "markup/markup_parts.h"

#define MAX_FENCE_INDENT 3u
#define CODE_INDENT 4u
#define MAX_DESCRIPTION 4096u /* characters between <img> and </img> */

typedef ocrvl_markup_parser parser;

/* ---- lines ------------------------------------------------------------------------------------------- */

static bool is_break(uint32_t c) { return c == '\n' || c == '\r'; }

static bool is_space(uint32_t c) { return c == ' ' || c == '\t'; }

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static uint32_t at(const parser *p, uint32_t i) { return i < p->line_end ? p->in[i] : 0; }

/* Skips up to `most` columns of white space from *i on and returns how many there were. Tabs stop at every fourth
 * column of the text. */
static uint32_t skip_indent(const parser *p, uint32_t *i, uint32_t most)
{
    uint32_t columns = 0;
    while (columns < most && is_space(at(p, *i)))
        columns += p->in[(*i)++] == '\t' ? 4 - columns % 4 : 1;
    return columns;
}

static uint32_t indent_at(const parser *p, uint32_t i, uint32_t *text)
{
    *text = i;
    return skip_indent(p, text, UINT32_MAX);
}

static bool is_blank_from(const parser *p, uint32_t i)
{
    while (i < p->line_end && ocrvl_markup_is_blank(p->in[i]))
        i++;
    return i == p->line_end;
}

static uint32_t count_of(const parser *p, uint32_t i, uint32_t c)
{
    uint32_t n = 0;
    while (i + n < p->line_end && p->in[i + n] == c)
        n++;
    return n;
}

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
    while (i < p->n && (is_space(p->in[i]) || (p->in[i] == '>' && quotes > 0)))
        quotes -= p->in[i++] == '>';
    return i;
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* Ends the open element's role. A footnote's marker without any text after it becomes a block. */
static void end_role(parser *p)
{
    ocrvl_markup_block *b = p->footnote.count ? ocrvl_markup_place_block(p, OCRVL_ROLE_FOOTNOTE) : NULL;
    if (b)
        b->marker = p->footnote;
    p->has_role = p->role_has_text = false;
    p->footnote = (ocrvl_markup_run){0};
}

/* The marker of an item that has no block yet becomes a block. */
static void flush_marker(parser *p)
{
    if (p->depth && !p->stack[p->depth - 1].quote && !p->stack[p->depth - 1].used)
        ocrvl_markup_place_block(p, OCRVL_ROLE_LIST_ITEM);
}

ocrvl_markup_block *ocrvl_markup_place_block(parser *p, ocrvl_role role)
{
    if (role != OCRVL_ROLE_FOOTNOTE && p->footnote.count)
        end_role(p);
    ocrvl_markup_block *b = ocrvl_markup_add_block(p, role);
    ocrvl_markup_container *item = NULL;
    if (!b)
        return NULL;
    for (uint32_t k = 0; k < p->depth; k++) {
        b->quote += p->stack[k].quote;
        b->list += !p->stack[k].quote;
        if (!p->stack[k].quote)
            item = &p->stack[k];
    }
    b->list += p->html_lists;
    b->ordered = p->html_lists ? p->html_ordered : item && item->ordered;
    if (item && !item->used)
        b->marker = item->marker;
    b->continued = item && item->used;
    if (item)
        item->used = true;
    if (p->has_role)
        p->role_has_text = true;
    return b;
}

void ocrvl_markup_put_block(parser *p, ocrvl_role role, uint32_t level, ocrvl_markup_raw *raw)
{
    ocrvl_markup_run run;
    ocrvl_markup_run_begin(p, &run);
    ocrvl_markup_put_text(p, raw, role != OCRVL_ROLE_FORMULA, false);
    ocrvl_markup_run_end(p, &run);
    if (run.count == 0 && role != OCRVL_ROLE_FIGURE)
        return;
    ocrvl_markup_block *b = ocrvl_markup_place_block(p, role);
    if (!b)
        return;
    b->text = run;
    b->level = level;
    if (role == OCRVL_ROLE_FOOTNOTE && p->footnote.count) {
        b->marker = p->footnote;
        p->footnote = (ocrvl_markup_run){0};
    }
}

static void push_range(parser *p, ocrvl_markup_raw *raw, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        ocrvl_markup_push(p, raw, p->in[i], i);
}

/* ---- leaves ------------------------------------------------------------------------------------------ */

/* Whether the paragraph is a table without a rule: each of its lines has two pipes or more, and begins and ends with
 * one. */
static bool are_rows(const parser *p)
{
    const uint32_t *c = p->raw.c;
    if (p->lines < 2)
        return false;
    for (uint32_t i = 0, end; i < p->raw.n; i = end + 1) {
        uint32_t last;
        for (end = i; end < p->raw.n && c[end] != '\n';)
            end++;
        for (last = end; last > i && is_space(c[last - 1]);)
            last--;
        if (last - i < 3 || c[i] != '|' || c[last - 1] != '|')
            return false;
    }
    return true;
}

static void put_rows(parser *p)
{
    ocrvl_markup_raw *raw = &p->raw;
    ocrvl_markup_note(p, OCRVL_MARKUP_PIPE_NO_RULE, raw->src[0]);
    ocrvl_markup_table_begin(p);
    for (uint32_t i = 0, end; i < raw->n && !p->failed; i = end + 1) {
        for (end = i; end < raw->n && raw->c[end] != '\n';)
            end++;
        ocrvl_markup_pipe_row(p, raw->c + i, raw->src + i, end - i, false);
    }
    ocrvl_markup_table_end(p, raw->src[0]);
    raw->n = 0;
}

static void close_paragraph(parser *p)
{
    bool item = p->html_lists > 0;
    for (uint32_t k = 0; k < p->depth; k++)
        item = item || !p->stack[k].quote;
    if (p->raw.n && !p->has_role && are_rows(p))
        put_rows(p);
    else
        ocrvl_markup_put_block(p,
                               p->has_role ? p->role
                               : item      ? OCRVL_ROLE_LIST_ITEM
                                           : OCRVL_ROLE_PARAGRAPH,
                               p->has_role ? p->role_level : 0, &p->raw);
}

static void close_code(parser *p)
{
    ocrvl_markup_run run;
    ocrvl_markup_raw *raw = &p->raw;
    while (raw->n && raw->c[raw->n - 1] == '\n')
        raw->n--;
    ocrvl_markup_run_begin(p, &run);
    for (uint32_t i = 0; i < raw->n && !p->failed; i++)
        ocrvl_markup_run_put(p, raw->c[i], raw->src[i]);
    ocrvl_markup_run_end(p, &run);
    raw->n = 0;
    ocrvl_markup_block *b = run.count ? ocrvl_markup_place_block(p, OCRVL_ROLE_CODE) : NULL;
    if (b)
        b->text = run;
}

void ocrvl_markup_close_leaf(parser *p)
{
    ocrvl_markup_leaf leaf = p->leaf;
    p->leaf = OCRVL_LEAF_NONE;
    if (leaf == OCRVL_LEAF_PARAGRAPH)
        close_paragraph(p);
    else if (leaf == OCRVL_LEAF_FENCE || leaf == OCRVL_LEAF_CODE)
        close_code(p);
    else if (leaf == OCRVL_LEAF_PIPES)
        ocrvl_markup_table_end(p, p->leaf_at);
    if (leaf == OCRVL_LEAF_FENCE && p->fence)
        ocrvl_markup_note(p, OCRVL_MARKUP_CODE_NOT_CLOSED, p->leaf_at);
    p->lines = 0;
}

void ocrvl_markup_close_to(parser *p, uint32_t depth)
{
    if (p->depth > depth)
        ocrvl_markup_close_leaf(p);
    while (p->depth > depth) {
        flush_marker(p);
        p->depth--;
    }
}

static void open_leaf(parser *p, ocrvl_markup_leaf leaf)
{
    p->leaf = leaf;
    p->raw.n = p->lines = p->last_line = 0;
}

/* Adds a line to the open leaf, with a line break before it. */
static void add_line(parser *p, uint32_t from, uint32_t to)
{
    if (p->lines++)
        ocrvl_markup_push(p, &p->raw, '\n', p->break_at);
    p->last_line = p->raw.n;
    push_range(p, &p->raw, from, to);
    p->break_at = p->line_end;
}

/* ---- containers -------------------------------------------------------------------------------------- */

/* A page number such as "- 12 -". */
static bool is_dashed_number(const parser *p, uint32_t i)
{
    uint32_t from;
    if (at(p, i) != '-')
        return false;
    for (from = ++i; is_space(at(p, from));)
        from++;
    for (i = from; is_digit(at(p, i));)
        i++;
    if (i == from || i - from > 4)
        return false;
    while (is_space(at(p, i)))
        i++;
    return at(p, i) == '-' && is_blank_from(p, i + 1);
}

static bool is_thematic(const parser *p, uint32_t i)
{
    uint32_t c = at(p, i), n = 0;
    if (c != '-' && c != '*' && c != '_')
        return false;
    for (; i < p->line_end && (p->in[i] == c || is_space(p->in[i])); i++)
        n += p->in[i] == c;
    return i == p->line_end && n >= 3;
}

/* Returns the end of the list marker at i, or 0. */
static uint32_t marker_end(const parser *p, uint32_t i, bool *ordered)
{
    static const uint32_t bullets[] = {'-', '+', '*', 0x2022, 0x25E6, 0x25AA, 0x25CF, 0x25CB, 0x2023};
    uint32_t end = i;
    *ordered = is_digit(at(p, i));
    if (*ordered) {
        while (is_digit(at(p, end)) && end - i < 9)
            end++;
        if (at(p, end) != '.' && at(p, end) != ')')
            return 0;
        end++;
    } else
        for (size_t k = 0; k < sizeof bullets / sizeof *bullets; k++)
            if (at(p, i) == bullets[k])
                end = i + 1;
    bool fits = end > i && (end == p->line_end || is_space(p->in[end]));
    return fits && !is_thematic(p, i) && !is_dashed_number(p, i) ? end : 0;
}

/* Whether the list item continues in this line. An item that is indented two columns more than its neighbour's marker
 * is taken as nested in it, though that one's text is indented further still ("1. a" over "  - b"). */
static bool goes_on(const parser *p, const ocrvl_markup_container *item, uint32_t *i)
{
    uint32_t text, end = *i, indent = indent_at(p, *i, &text);
    bool ordered;
    if (indent >= item->width) {
        skip_indent(p, &end, item->width);
        *i = end;
        return true;
    }
    if (indent >= item->indent + 2 && marker_end(p, text, &ordered)) {
        *i = text;
        return true;
    }
    return false;
}

/* How many of the open containers continue in the line; *i is moved past their marks. */
static uint32_t match(const parser *p, uint32_t *i)
{
    uint32_t k = 0;
    for (; k < p->depth; k++) {
        uint32_t text, indent = indent_at(p, *i, &text);
        if (p->stack[k].quote) {
            if (indent >= CODE_INDENT || at(p, text) != '>')
                break;
            *i = text + 1;
            *i += at(p, *i) == ' ';
        } else if (text < p->line_end && !goes_on(p, &p->stack[k], i))
            break;
    }
    return k;
}

static void push_container(parser *p, const ocrvl_markup_container *c, uint32_t matched)
{
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    flush_marker(p);
    p->stack[p->depth++] = *c;
}

static bool open_item(parser *p, uint32_t *i, uint32_t matched, uint32_t indent, uint32_t text)
{
    ocrvl_markup_container c = {.indent = indent};
    uint32_t end = marker_end(p, text, &c.ordered), after = end, spaces;
    bool in_paragraph = p->leaf == OCRVL_LEAF_PARAGRAPH && matched == p->depth;
    if (!end)
        return false;
    bool empty = is_blank_from(p, end);
    if (in_paragraph && (empty || (c.ordered && !(end - text == 2 && p->in[text] == '1'))))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    flush_marker(p);
    ocrvl_markup_run_begin(p, &c.marker);
    for (uint32_t k = text; k < end; k++)
        ocrvl_markup_run_put(p, p->in[k], k);
    ocrvl_markup_run_end(p, &c.marker);
    spaces = skip_indent(p, &after, UINT32_MAX);
    if (empty || spaces > CODE_INDENT) {
        after = end + !empty;
        spaces = 1;
    }
    c.width = indent + (end - text) + spaces;
    p->stack[p->depth++] = c;
    *i = after;
    return true;
}

/* Opens the containers that begin in this line. Returns whether there were any. */
static bool open_containers(parser *p, uint32_t *i, uint32_t *matched)
{
    bool any = false;
    for (;;) {
        uint32_t text, indent = indent_at(p, *i, &text);
        bool ordered, quote = at(p, text) == '>';
        if (indent >= CODE_INDENT || (!quote && !marker_end(p, text, &ordered)))
            return any;
        if (*matched == OCRVL_MARKUP_DEPTH) {
            ocrvl_markup_note(p, OCRVL_MARKUP_TOO_DEEP, text);
            return any;
        }
        if (quote) {
            push_container(p, &(ocrvl_markup_container){.quote = true, .used = true}, *matched);
            *i = text + 1;
            *i += at(p, *i) == ' ';
        } else if (!open_item(p, i, *matched, indent, text))
            return any;
        *matched = p->depth;
        any = true;
    }
}

/* ---- what a line can begin --------------------------------------------------------------------------- */

static bool heading(parser *p, uint32_t i, uint32_t matched)
{
    uint32_t level = count_of(p, i, '#'), from = i + level, to = p->line_end, end;
    if (level < 1 || level > 6 || (from < to && !is_space(p->in[from])))
        return false;
    while (to > from && is_space(p->in[to - 1]))
        to--;
    for (end = to; end > from && p->in[end - 1] == '#';)
        end--;
    if (end < to && (end == from || is_space(p->in[end - 1])))
        to = end;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    push_range(p, &p->raw, from, to);
    ocrvl_markup_put_block(p, OCRVL_ROLE_HEADING, level, &p->raw);
    return true;
}

/* Whether the word after a fence says that everything inside is markup. */
static bool is_wrapper(const parser *p, uint32_t i)
{
    static const char *const words[] = {"markdown", "md", "html"};
    while (is_space(at(p, i)))
        i++;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t n = 0;
        while (words[k][n] && (at(p, i + (uint32_t)n) | 32) == (uint32_t)words[k][n])
            n++;
        if (!words[k][n] && is_blank_from(p, i + (uint32_t)n))
            return true;
    }
    return false;
}

/* Whether only nothing or one ASCII word follows a fence. Anything else is text, which must not be dropped. */
static bool is_info(const parser *p, uint32_t i)
{
    while (is_space(at(p, i)))
        i++;
    while (i < p->line_end && p->in[i] > ' ' && p->in[i] < 0x7F && p->in[i] != '`')
        i++;
    return is_blank_from(p, i);
}

static bool fence(parser *p, uint32_t i, uint32_t indent, uint32_t matched)
{
    uint32_t c = at(p, i), len = c == '`' || c == '~' ? count_of(p, i, c) : 0;
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
    open_leaf(p, OCRVL_LEAF_FENCE);
    p->fence = c;
    p->fence_len = len;
    p->fence_indent = indent;
    p->leaf_at = i;
    return true;
}

static bool closes_fence(const parser *p, uint32_t i, uint32_t c, uint32_t len)
{
    uint32_t text;
    if (indent_at(p, i, &text) > MAX_FENCE_INDENT || at(p, text) != c)
        return false;
    uint32_t n = count_of(p, text, c);
    return n >= len && is_blank_from(p, text + n);
}

static void fence_line(parser *p, uint32_t i)
{
    if (closes_fence(p, i, p->fence, p->fence_len)) {
        p->fence = 0;
        ocrvl_markup_close_leaf(p);
        return;
    }
    skip_indent(p, &i, p->fence_indent);
    add_line(p, i, p->line_end);
}

/* A setext underline: below a heading's only line, or below any number of lines if it is of "=". */
static bool setext(parser *p, uint32_t i)
{
    uint32_t c = at(p, i);
    if (p->leaf != OCRVL_LEAF_PARAGRAPH || p->has_role || (c != '=' && (c != '-' || p->lines > 1)) ||
        !is_blank_from(p, i + count_of(p, i, c)))
        return false;
    p->leaf = OCRVL_LEAF_NONE;
    ocrvl_markup_put_block(p, OCRVL_ROLE_HEADING, c == '=' ? 1 : 2, &p->raw);
    return true;
}

static bool separator(parser *p, uint32_t i, uint32_t matched)
{
    if (!is_thematic(p, i))
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
    if (at(p, i) != '!' || at(p, i + 1) != '[')
        return false;
    uint32_t close = bracket_end(p, i + 1);
    uint32_t end = close ? ocrvl_markup_destination(p->in, p->line_end, close + 1, true) : 0;
    if (!end || !is_blank_from(p, end))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    push_range(p, &p->raw, i + 2, close);
    ocrvl_markup_put_block(p, OCRVL_ROLE_FIGURE, 0, &p->raw);
    return true;
}

/* [^1]: text. The paragraph that begins after it is a footnote. Returns where it begins, or 0. */
static uint32_t footnote(parser *p, uint32_t i, uint32_t matched)
{
    if (at(p, i) != '[' || at(p, i + 1) != '^')
        return 0;
    uint32_t to = i + 2;
    while (to < p->line_end && to - i < 32 && p->in[to] != ']' && p->in[to] != '[' && !is_space(p->in[to]))
        to++;
    if (to == i + 2 || at(p, to) != ']' || at(p, to + 1) != ':')
        return 0;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    end_role(p);
    flush_marker(p);
    ocrvl_markup_run_begin(p, &p->footnote);
    for (uint32_t k = i + 2; k < to; k++)
        ocrvl_markup_run_put(p, p->in[k], k);
    ocrvl_markup_run_end(p, &p->footnote);
    p->has_role = true;
    p->role = OCRVL_ROLE_FOOTNOTE;
    p->role_level = 0;
    return to + 2;
}

/* ---- paragraphs and the tags in them ----------------------------------------------------------------- */

/* Whether "</img>" comes soon after an <img>, before another one: its description stands between the two. */
static bool is_described(const parser *p, uint32_t i)
{
    uint32_t end = p->n - i < MAX_DESCRIPTION ? p->n : i + MAX_DESCRIPTION;
    for (; i < end; i++)
        if (p->in[i] == '<' && ocrvl_markup_starts_with(p, i, end, "</img>"))
            return true;
        else if (p->in[i] == '<' && ocrvl_markup_starts_with(p, i, end, "<img"))
            return false;
    return false;
}

static void image_tag(parser *p, const ocrvl_markup_tag *tag)
{
    uint32_t from, to;
    if (tag->closing) {
        if (p->has_role && p->role == OCRVL_ROLE_FIGURE && !p->role_has_text)
            ocrvl_markup_place_block(p, OCRVL_ROLE_FIGURE);
        end_role(p);
        return;
    }
    if (is_described(p, tag->end)) {
        end_role(p);
        p->has_role = true;
        p->role = OCRVL_ROLE_FIGURE;
        p->role_level = 0;
        return;
    }
    if (ocrvl_markup_attribute(p->in, tag, "alt", &from, &to))
        push_range(p, &p->raw, from, to);
    ocrvl_markup_put_block(p, OCRVL_ROLE_FIGURE, 0, &p->raw);
}

/* A tag that separates paragraphs, other than those of tables. */
static void block_tag(parser *p, const ocrvl_markup_tag *tag)
{
    ocrvl_markup_close_leaf(p);
    switch (tag->class) {
    case OCRVL_TAG_RULE: ocrvl_markup_place_block(p, OCRVL_ROLE_SEPARATOR); break;
    case OCRVL_TAG_IMG: image_tag(p, tag); break;
    case OCRVL_TAG_LIST:
        if (!tag->closing && p->html_lists < OCRVL_MARKUP_DEPTH)
            p->html_lists++;
        else if (tag->closing && p->html_lists > 0)
            p->html_lists--;
        p->html_ordered = tag->ordered;
        end_role(p);
        break;
    case OCRVL_TAG_ROLE:
    case OCRVL_TAG_ITEM:
    case OCRVL_TAG_CAPTION:
        end_role(p);
        p->has_role = !tag->closing;
        p->role = tag->role;
        p->role_level = tag->level;
        break;
    default: break;
    }
}

/* A comment that begins at i and ends in a later line: returns where it ends, or 0. (Comments within a line are inline
 * markup.) */
static uint32_t long_comment(parser *p, uint32_t i)
{
    if (!ocrvl_markup_starts_with(p, i, p->line_end, "<!--"))
        return 0;
    if (p->comment < i + 4)
        for (p->comment = i + 4; p->comment < p->n && !ocrvl_markup_starts_with(p, p->comment, p->n, "-->");)
            p->comment++;
    return p->comment > p->line_end && p->comment < p->n ? p->comment + 3 : 0;
}

/* Adds [from, to) of a line to the open paragraph, or to a new one. */
static void paragraph_text(parser *p, uint32_t from, uint32_t to)
{
    if (to == from || (p->leaf != OCRVL_LEAF_PARAGRAPH && is_blank_from(p, from)))
        return;
    if (p->leaf != OCRVL_LEAF_PARAGRAPH)
        open_leaf(p, OCRVL_LEAF_PARAGRAPH);
    add_line(p, from, to);
}

/* Whether there is a tag at i that separates paragraphs, outside backticks. Only tags that open a table or its parts
 * may extend to the next line. */
static bool parts(const parser *p, uint32_t i, uint32_t from, ocrvl_markup_tag *tag)
{
    return p->in[i] == '<' && !(i > from && p->in[i - 1] == '`') && ocrvl_markup_tag_at(p->in, p->n, i, tag) &&
           tag->class >= OCRVL_TAG_IMG && ((tag->class >= OCRVL_TAG_TABLE && !tag->closing) || tag->end <= p->line_end);
}

/* Adds text to a paragraph from i to the line's end, or to the end of a table or comment in the line. */
static uint32_t paragraph(parser *p, uint32_t i)
{
    uint32_t from = i;
    while (i < p->line_end && !p->failed) {
        ocrvl_markup_tag tag;
        uint32_t past = long_comment(p, i);
        if (!past && !parts(p, i, from, &tag)) {
            i++;
            continue;
        }
        paragraph_text(p, from, i);
        if (past) {
            ocrvl_markup_note(p, OCRVL_MARKUP_COMMENT, i);
            p->resumed = true;
            return past;
        }
        block_tag(p, &tag);
        if (tag.class >= OCRVL_TAG_TABLE && !tag.closing) {
            p->resumed = true;
            return ocrvl_markup_html_table(p, i);
        }
        if (tag.class >= OCRVL_TAG_TABLE)
            ocrvl_markup_note(p, OCRVL_MARKUP_STRAY_TAG, i);
        i = from = tag.end;
    }
    paragraph_text(p, from, p->line_end);
    return p->next_line;
}

/* ---- pipe tables ------------------------------------------------------------------------------------- */

static bool is_empty_row(const uint32_t *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (c[i] != '|' && !is_space(c[i]))
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
    close_paragraph(p);
    ocrvl_markup_table_begin(p);
    if (!is_empty_row(raw->c + first, n))
        ocrvl_markup_pipe_row(p, raw->c + first, raw->src + first, n, true);
    open_leaf(p, OCRVL_LEAF_PIPES);
    return true;
}

static void pipe_row(parser *p, uint32_t i)
{
    push_range(p, &p->raw, i, p->line_end);
    ocrvl_markup_pipe_row(p, p->raw.c, p->raw.src, p->raw.n, false);
    p->raw.n = 0;
}

/* ---- all --------------------------------------------------------------------------------------------- */

static void blank_line(parser *p, uint32_t matched)
{
    ocrvl_markup_close_to(p, matched);
    if (p->leaf == OCRVL_LEAF_CODE)
        add_line(p, p->line_end, p->line_end);
    else
        ocrvl_markup_close_leaf(p);
    if (p->has_role && p->role_has_text)
        end_role(p);
}

static void code_line(parser *p, uint32_t i)
{
    if (p->leaf != OCRVL_LEAF_CODE)
        open_leaf(p, OCRVL_LEAF_CODE);
    skip_indent(p, &i, CODE_INDENT);
    add_line(p, i, p->line_end);
}

/* Parses a line, from after its containers on. Returns where parsing continues. */
static uint32_t leaf_line(parser *p, uint32_t i, uint32_t matched, bool resumed)
{
    uint32_t text, past, indent = indent_at(p, i, &text);
    bool here = matched == p->depth, code = indent >= CODE_INDENT && !resumed;
    if (!code) {
        if ((here && (setext(p, text) || pipe_table(p, text))) || heading(p, text, matched) ||
            fence(p, text, indent, matched) || separator(p, text, matched) || (!resumed && figure(p, text, matched)))
            return p->next_line;
        if ((past = ocrvl_markup_formula(p, text, matched)) != 0) {
            p->resumed = true;
            return past;
        }
        if ((past = footnote(p, text, matched)) != 0)
            return paragraph(p, past);
    }
    if (p->leaf == OCRVL_LEAF_PIPES && here && ocrvl_markup_pipe_count(p->in + text, p->line_end - text)) {
        pipe_row(p, text);
        return p->next_line;
    }
    if (p->leaf == OCRVL_LEAF_PARAGRAPH) /* in its containers or, as CommonMark allows, without their marks */
        return paragraph(p, text);
    ocrvl_markup_close_to(p, matched);
    if (!(code && p->leaf == OCRVL_LEAF_CODE))
        ocrvl_markup_close_leaf(p);
    if (!code)
        return paragraph(p, text);
    code_line(p, i);
    return p->next_line;
}

static uint32_t line(parser *p, uint32_t i)
{
    bool resumed = p->resumed;
    p->resumed = false;
    set_line(p, i);
    uint32_t matched = resumed ? p->depth : match(p, &i);
    if (p->leaf == OCRVL_LEAF_FENCE && matched == p->depth) {
        fence_line(p, i);
        return p->next_line;
    }
    if (is_blank_from(p, i)) {
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
    if (!resumed && open_containers(p, &i, &matched) && is_blank_from(p, i))
        return p->next_line;
    return leaf_line(p, i, matched, resumed);
}

void ocrvl_markup_markdown(parser *p, uint32_t from)
{
    for (uint32_t i = from; i < p->n && !p->failed;)
        i = line(p, i);
    ocrvl_markup_close_to(p, 0);
    ocrvl_markup_close_leaf(p);
    end_role(p);
}
