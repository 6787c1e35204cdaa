/* Paragraphs of Markdown, and the HTML tags in them that end a paragraph or give it a role. */
#include <stdio.h>

#include "markup/markup_line.h"

#define MAX_DESCRIPTION 4096u /* characters between <img> and </img> */

typedef ocrvl_markup_parser parser;

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
        ocrvl_markup_end_role(p);
        return;
    }
    if (is_described(p, tag->end)) {
        ocrvl_markup_end_role(p);
        p->has_role = true;
        p->role = OCRVL_ROLE_FIGURE;
        p->role_level = 0;
        return;
    }
    if (ocrvl_markup_attribute(p->in, tag, "alt", &from, &to))
        ocrvl_markup_push_range(p, &p->raw, from, to);
    ocrvl_markup_put_block(p, OCRVL_ROLE_FIGURE, 0, &p->raw);
}

/* A whole number of at most 8 digits; 0 if the attribute has none. */
static uint32_t number_of(const parser *p, const ocrvl_markup_tag *tag, const char *name)
{
    uint32_t from, to, n = 0;
    if (!ocrvl_markup_attribute(p->in, tag, name, &from, &to) || to - from > 8)
        return 0;
    for (; from < to && ocrvl_markup_is_digit(p->in[from]); from++)
        n = 10 * n + (p->in[from] - '0');
    return from == to ? n : 0;
}

/* Whether the item whose text begins at i says its number itself: "2.", "2)", "(b)". */
static bool says_number(const parser *p, uint32_t i)
{
    while (ocrvl_markup_is_space(ocrvl_markup_at(p, i)) || ocrvl_markup_at(p, i) == '\n')
        i++;
    uint32_t from = i;
    while (ocrvl_markup_is_digit(ocrvl_markup_at(p, i)))
        i++;
    return ocrvl_markup_at(p, i) == '(' || (i > from && (ocrvl_markup_at(p, i) == '.' || ocrvl_markup_at(p, i) == ')'));
}

static void list_tag(parser *p, const ocrvl_markup_tag *tag)
{
    uint32_t from, to;
    if (tag->closing) {
        p->html_lists -= p->html_lists > 0;
    } else if (p->html_lists < OCRVL_MARKUP_DEPTH) {
        uint32_t start = number_of(p, tag, "start");
        p->html_number[p->html_lists] = !tag->ordered ? 0 : start ? start : 1;
        p->html_unnumbered[p->html_lists++] =
            ocrvl_markup_attribute(p->in, tag, "type", &from, &to) && from < to && p->in[from] != '1';
    }
    p->html_marker = (ocrvl_markup_run){0};
}

/* Browsers draw an item's number, which stands on the page as well. */
static void item_tag(parser *p, const ocrvl_markup_tag *tag)
{
    uint32_t k = p->html_lists - 1;
    char text[16];
    p->html_marker = (ocrvl_markup_run){0};
    if (tag->closing || p->html_lists == 0 || p->html_number[k] == 0)
        return;
    uint32_t value = number_of(p, tag, "value"), n = value ? value : p->html_number[k];
    p->html_number[k] = n + 1;
    if (p->html_unnumbered[k] || says_number(p, tag->end))
        return;
    size_t len = (size_t)snprintf(text, sizeof text, "%u.", n);
    ocrvl_markup_run_begin(p, &p->html_marker);
    for (size_t i = 0; i < len && n < 1000; i++) /* each has a place of its own in "<li>" */
        ocrvl_markup_run_put(p, (unsigned char)text[i], tag->end - (uint32_t)(len - i));
    ocrvl_markup_run_end(p, &p->html_marker);
}

/* A tag that separates paragraphs, other than those of tables. */
static void block_tag(parser *p, const ocrvl_markup_tag *tag)
{
    ocrvl_markup_close_leaf(p);
    switch (tag->class) {
    case OCRVL_TAG_RULE: ocrvl_markup_place_block(p, OCRVL_ROLE_SEPARATOR); break;
    case OCRVL_TAG_IMG: image_tag(p, tag); break;
    case OCRVL_TAG_LIST:
        list_tag(p, tag);
        ocrvl_markup_end_role(p);
        break;
    case OCRVL_TAG_ROLE:
    case OCRVL_TAG_ITEM:
    case OCRVL_TAG_CAPTION:
        if (tag->class == OCRVL_TAG_ITEM)
            item_tag(p, tag);
        ocrvl_markup_end_role(p);
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
    if (to == from || (p->leaf != OCRVL_LEAF_PARAGRAPH && ocrvl_markup_is_blank_from(p, from)))
        return;
    if (p->leaf != OCRVL_LEAF_PARAGRAPH)
        ocrvl_markup_open_leaf(p, OCRVL_LEAF_PARAGRAPH);
    ocrvl_markup_add_line(p, from, to);
}

/* Whether there is a tag at i that separates paragraphs, outside backticks. Only tags that open a table or its parts
 * may extend to the next line. */
static bool parts(const parser *p, uint32_t i, uint32_t from, ocrvl_markup_tag *tag)
{
    return p->in[i] == '<' && !(i > from && p->in[i - 1] == '`') && ocrvl_markup_tag_at(p->in, p->n, i, tag) &&
           tag->class >= OCRVL_TAG_IMG && ((tag->class >= OCRVL_TAG_TABLE && !tag->closing) || tag->end <= p->line_end);
}

uint32_t ocrvl_markup_paragraph(parser *p, uint32_t i)
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
