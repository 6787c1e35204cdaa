/* Containers of Markdown, quotes and list items, on a stack of fixed depth: which go on in a line, and which it begins.
 */
#include "markup/markup_line.h"

typedef ocrvl_markup_parser parser;

/* A page number such as "- 12 -". */
static bool is_dashed_number(const parser *p, uint32_t i)
{
    uint32_t from;
    if (ocrvl_markup_at(p, i) != '-')
        return false;
    for (from = ++i; ocrvl_markup_is_space(ocrvl_markup_at(p, from));)
        from++;
    for (i = from; ocrvl_markup_is_digit(ocrvl_markup_at(p, i));)
        i++;
    if (i == from || i - from > 4)
        return false;
    while (ocrvl_markup_is_space(ocrvl_markup_at(p, i)))
        i++;
    return ocrvl_markup_at(p, i) == '-' && ocrvl_markup_is_blank_from(p, i + 1);
}

bool ocrvl_markup_is_thematic(const parser *p, uint32_t i)
{
    uint32_t c = ocrvl_markup_at(p, i), n = 0;
    if (c != '-' && c != '*' && c != '_')
        return false;
    for (; i < p->line_end && (p->in[i] == c || ocrvl_markup_is_space(p->in[i])); i++)
        n += p->in[i] == c;
    return i == p->line_end && n >= 3;
}

/* Returns the end of the list marker at i, or 0. */
static uint32_t marker_end(const parser *p, uint32_t i, bool *ordered)
{
    static const uint32_t bullets[] = {'-', '+', '*', 0x2022, 0x25E6, 0x25AA, 0x25CF, 0x25CB, 0x2023};
    uint32_t end = i;
    *ordered = ocrvl_markup_is_digit(ocrvl_markup_at(p, i));
    if (*ordered) {
        while (ocrvl_markup_is_digit(ocrvl_markup_at(p, end)) && end - i < 9)
            end++;
        if (ocrvl_markup_at(p, end) != '.' && ocrvl_markup_at(p, end) != ')')
            return 0;
        end++;
    } else
        for (size_t k = 0; k < sizeof bullets / sizeof *bullets; k++)
            if (ocrvl_markup_at(p, i) == bullets[k])
                end = i + 1;
    bool fits = end > i && (end == p->line_end || ocrvl_markup_is_space(p->in[end]));
    return fits && !ocrvl_markup_is_thematic(p, i) && !is_dashed_number(p, i) ? end : 0;
}

/* Whether the list item continues in this line. An item that is indented two columns more than its neighbour's marker
 * is taken as nested in it, though that one's text is indented further still ("1. a" over "  - b"). */
static bool goes_on(const parser *p, const ocrvl_markup_container *item, uint32_t *i)
{
    uint32_t text, end = *i, indent = ocrvl_markup_indent_at(p, *i, &text);
    bool ordered;
    if (indent >= item->width) {
        ocrvl_markup_skip_indent(p, &end, item->width);
        *i = end;
        return true;
    }
    if (indent >= item->indent + 2 && marker_end(p, text, &ordered)) {
        *i = text;
        return true;
    }
    return false;
}

uint32_t ocrvl_markup_match_containers(const parser *p, uint32_t *i)
{
    uint32_t k = 0;
    for (; k < p->depth; k++) {
        uint32_t text, indent = ocrvl_markup_indent_at(p, *i, &text);
        if (p->stack[k].quote) {
            if (indent >= OCRVL_MARKUP_CODE_INDENT || ocrvl_markup_at(p, text) != '>')
                break;
            *i = text + 1;
            *i += ocrvl_markup_at(p, *i) == ' ';
        } else if (text < p->line_end && !goes_on(p, &p->stack[k], i))
            break;
    }
    return k;
}

static void push_container(parser *p, const ocrvl_markup_container *c, uint32_t matched)
{
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_flush_marker(p);
    p->stack[p->depth++] = *c;
}

static bool open_item(parser *p, uint32_t *i, uint32_t matched, uint32_t indent, uint32_t text)
{
    ocrvl_markup_container c = {.indent = indent};
    uint32_t end = marker_end(p, text, &c.ordered), after = end, spaces;
    bool in_paragraph = p->leaf == OCRVL_LEAF_PARAGRAPH && matched == p->depth;
    if (!end)
        return false;
    bool empty = ocrvl_markup_is_blank_from(p, end);
    if (in_paragraph && (empty || (c.ordered && !(end - text == 2 && p->in[text] == '1'))))
        return false;
    ocrvl_markup_close_to(p, matched);
    ocrvl_markup_close_leaf(p);
    ocrvl_markup_flush_marker(p);
    ocrvl_markup_run_begin(p, &c.marker);
    for (uint32_t k = text; k < end; k++)
        ocrvl_markup_run_put(p, p->in[k], k);
    ocrvl_markup_run_end(p, &c.marker);
    spaces = ocrvl_markup_skip_indent(p, &after, UINT32_MAX);
    if (empty || spaces > OCRVL_MARKUP_CODE_INDENT) {
        after = end + !empty;
        spaces = 1;
    }
    c.width = indent + (end - text) + spaces;
    p->stack[p->depth++] = c;
    *i = after;
    return true;
}

bool ocrvl_markup_open_containers(parser *p, uint32_t *i, uint32_t *matched)
{
    bool any = false;
    for (;;) {
        uint32_t text, indent = ocrvl_markup_indent_at(p, *i, &text);
        bool ordered, quote = ocrvl_markup_at(p, text) == '>';
        if (indent >= OCRVL_MARKUP_CODE_INDENT || (!quote && !marker_end(p, text, &ordered)))
            return any;
        if (*matched == OCRVL_MARKUP_DEPTH) {
            ocrvl_markup_note(p, OCRVL_MARKUP_TOO_DEEP, text);
            return any;
        }
        if (quote) {
            push_container(p, &(ocrvl_markup_container){.quote = true, .used = true}, *matched);
            *i = text + 1;
            *i += ocrvl_markup_at(p, *i) == ' ';
        } else if (!open_item(p, i, *matched, indent, text))
            return any;
        *matched = p->depth;
        any = true;
    }
}
