/* The blocks of a page as HTML: nested lists, paragraphs that go on in another column, and words as they look. */
#include "out/html_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "out/html_held.h"
#include "out/htmlview.h"
#include "out/markdown_text.h"
#include "out/styled.h"
#include "out/writer.h"

#define FROM_BEFORE "This table goes on from the page before."
enum { DEPTHS = 6 };

typedef struct context {    /* of a page */
    uint64_t shift, number; /* number: of its section */
    const ocrvl_html_tables *tables;
    ocrvl_markdown_notes notes;
    const ocrvl_node *owners[OCRVL_MOST_NOTES]; /* their blocks */
} context;

typedef struct lists { /* that are open: each has an open item */
    bool ordered[DEPTHS];
    uint32_t depth;
} lists;

/* ---- text -------------------------------------------------------------------------------------------- */

static void put_language(ocrvl_writer *w, const ocrvl_node_info *i)
{
    ocrvl_xml_attr(w->xml, "lang", i->lang);
    ocrvl_xml_attr(w->xml, "dir", i->dir == OCRVL_DIR_RTL ? "rtl" : i->dir == OCRVL_DIR_LTR ? "ltr" : NULL);
}

/* Opens a link. A page of the document is one of its sections, if this is the only document. */
static const char *open_link(ocrvl_writer *w, const char *s, const context *c)
{
    const char *end = strchr(s, OCRVL_LINK_TEXT);
    ocrvl_buf href = {0};
    if (*s == '#')
        ocrvl_buf_printf(&href, "#page-%llu", strtoull(s + strlen("#page="), NULL, 10) + c->shift);
    else
        ocrvl_buf_put(&href, s, (size_t)(end - s));
    ocrvl_xml_open(w->xml, "a");
    ocrvl_xml_attr(w->xml, "href", href.failed ? NULL : href.data);
    w->nomem |= href.failed;
    ocrvl_buf_free(&href);
    return end + 1;
}

/* Writes what is raised, which leads to its note if it is the mark of one on the page; returns what follows it. */
static const char *put_raised(ocrvl_writer *w, const char *s, const context *c)
{
    size_t n = strcspn(s, "\x10"), len;
    uint32_t number = ocrvl_note_number(s, &len);
    bool note = len == n && ocrvl_markdown_note(&c->notes, number);
    ocrvl_xml_open(w->xml, "sup");
    if (note) {
        ocrvl_xml_open(w->xml, "a");
        ocrvl_xml_attr_printf(w->xml, "href", "#note-%llu-%u", (unsigned long long)c->number, number);
    }
    ocrvl_xml_text(w->xml, s, n);
    if (note)
        ocrvl_xml_close_pair(w->xml);
    ocrvl_xml_close_pair(w->xml);
    return s + n + (s[n] != '\0');
}

/* Writes text with the marks of styled.h. */
static void put_styled(ocrvl_writer *w, const char *s, const context *c)
{
    static const char *const tags[] = {[OCRVL_BOLD] = "b", [OCRVL_ITALIC] = "i", [OCRVL_MONO] = "code"};
    while (*s) {
        size_t n = strcspn(s, "\x01\x02\x03\x04\x05\x06\x07\x08\x0F");
        if (n)
            ocrvl_xml_text(w->xml, s, n);
        s += n;
        if (*s == OCRVL_LINK) {
            s = open_link(w, s + 1, c);
        } else if (*s == OCRVL_RAISED) {
            s = put_raised(w, s + 1, c);
        } else if (*s == OCRVL_BOLD || *s == OCRVL_ITALIC || *s == OCRVL_MONO) {
            ocrvl_xml_open(w->xml, tags[(int)*s]);
            s++;
        } else if (*s) {
            ocrvl_xml_close_pair(w->xml);
            s++;
        }
    }
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* The block that goes on from this one on the page, or NULL. */
static const ocrvl_node *rest_of(const ocrvl_node *block)
{
    for (const ocrvl_node *n = ocrvl_node_next(block); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (!ocrvl_is_running(i.role) && !ocrvl_is_aside(i.role))
            return i.continues ? n : NULL;
    }
    return NULL;
}

/* The text of a block and of those that go on from it, without its first `skip` bytes unless all of its words are
 * shown. */
static void put_whole(ocrvl_writer *w, const ocrvl_node *block, size_t skip, const context *c)
{
    ocrvl_buf text = {0};
    for (const ocrvl_node *n = block; n && ocrvl_is_view(w); n = rest_of(n))
        ocrvl_view_put_text(w, n);
    if (ocrvl_is_view(w))
        return;
    for (const ocrvl_node *n = block; n; n = rest_of(n)) {
        if (n != block)
            ocrvl_buf_putc(&text, '\n');
        ocrvl_put_styled(&text, n, NULL);
    }
    ocrvl_buf_clear(&w->buf);
    if (text.data && w->opt.join_hyphens && ocrvl_info(block).role != OCRVL_ROLE_CODE)
        ocrvl_put_joined(&w->buf, text.data, &w->words);
    else
        ocrvl_buf_put(&w->buf, text.data ? text.data : "", text.len);
    w->nomem |= text.failed || w->buf.failed;
    put_styled(w, w->buf.data ? w->buf.data + skip : "", c);
    ocrvl_buf_free(&text);
}

static void put_element(ocrvl_writer *w, const char *tag, const char *class, const ocrvl_node *block, const context *c)
{
    ocrvl_node_info i = ocrvl_info(block);
    ocrvl_xml_open(w->xml, tag);
    ocrvl_xml_attr(w->xml, "class", class);
    for (size_t k = 0; k < c->notes.count; k++)
        if (c->owners[k] == block)
            ocrvl_xml_attr_printf(w->xml, "id", "note-%llu-%u", (unsigned long long)c->number, c->notes.numbers[k]);
    put_language(w, &i);
    put_whole(w, block, 0, c);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_cell(ocrvl_writer *w, const ocrvl_node *cell)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_open_cell(w->xml, &i);
    put_language(w, &i);
    if (ocrvl_is_view(w))
        ocrvl_view_put_text(w, cell);
    else
        ocrvl_xml_text(w->xml, i.text, strlen(i.text));
    ocrvl_xml_close_pair(w->xml);
}

/* The rows of a table but for the first `skip` ones. */
static void put_rows(ocrvl_writer *w, const ocrvl_node *table, uint32_t skip)
{
    ocrvl_table_grid g;
    const ocrvl_node *cell;
    bool row = false;
    ocrvl_grid_begin(&g, table);
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (g.row < skip)
            continue;
        if (step == OCRVL_GRID_ROW && row)
            ocrvl_xml_close_pair(w->xml);
        if (step == OCRVL_GRID_ROW) {
            ocrvl_put_newline(w);
            ocrvl_xml_open(w->xml, "tr");
        }
        row = true;
        if (step == OCRVL_GRID_CELL)
            put_cell(w, cell);
        if (step == OCRVL_GRID_GAP) {
            ocrvl_xml_open(w->xml, "td");
            ocrvl_xml_close_pair(w->xml);
        }
    }
    if (row)
        ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

void ocrvl_put_html_rows(ocrvl_writer *w, const ocrvl_html_tables *tables)
{
    ocrvl_xml_open(w->xml, "tbody");
    ocrvl_xml_attr(w->xml, "class", "continues");
    ocrvl_xml_attr_printf(w->xml, "id", "page-%llu", (unsigned long long)w->pages);
    put_rows(w, tables->first, tables->repeats);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_table(ocrvl_writer *w, const ocrvl_node *table, const context *c)
{
    ocrvl_node_info i = ocrvl_info(table);
    bool goes_on = table == c->tables->first;
    ocrvl_table_grid g;
    ocrvl_grid_begin(&g, table);
    if (g.rows == 0 || (goes_on && c->tables->written))
        return;
    ocrvl_xml_open(w->xml, "table");
    if (goes_on)
        ocrvl_xml_attr(w->xml, "class", "continues");
    i.dir = i.dir == OCRVL_DIR_NONE && ocrvl_table_runs_leftwards(table) ? OCRVL_DIR_RTL : i.dir;
    put_language(w, &i);
    if (goes_on && w->pages > 1) {
        ocrvl_xml_open(w->xml, "caption");
        ocrvl_xml_open(w->xml, "a");
        ocrvl_xml_attr_printf(w->xml, "href", "#page-%llu", (unsigned long long)w->pages - 1);
        ocrvl_xml_text(w->xml, FROM_BEFORE, strlen(FROM_BEFORE));
        ocrvl_xml_close_pair(w->xml);
        ocrvl_xml_close_pair(w->xml);
    }
    ocrvl_xml_open(w->xml, "tbody");
    put_rows(w, table, 0);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
    if (table == c->tables->last) {
        ocrvl_html_hold(w);
        return;
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_wrapped(ocrvl_writer *w, const char *tag, const char *inner, const ocrvl_node *block, const context *c)
{
    ocrvl_xml_open(w->xml, tag);
    put_element(w, inner, NULL, block, c);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

/* In the view they stand below the heading of the page, and no level is left out. */
static void put_heading(ocrvl_writer *w, const ocrvl_node *block, const ocrvl_node_info *i, const context *c)
{
    char tag[] = "h1";
    uint32_t level = i->level ? i->level : i->role == OCRVL_ROLE_TITLE ? 1 : 2;
    ocrvl_html_state *s = ocrvl_is_view(w) ? ocrvl_html_state_of(w) : NULL;
    if (s) {
        level = level + 2 > s->level + 1 ? s->level + 1 : level + 2;
        level = level > 6 ? 6 : level;
        s->level = level;
    }
    tag[1] = (char)('0' + level);
    put_element(w, tag, NULL, block, c);
}

/* What a picture shows, if the document says it; in the view also where it is. */
static void put_picture(ocrvl_writer *w, const ocrvl_node_info *i)
{
    if (i->alt && !ocrvl_is_view(w)) {
        ocrvl_xml_open(w->xml, "figure");
        ocrvl_xml_attr(w->xml, "role", "img");
        ocrvl_xml_attr(w->xml, "aria-label", i->alt);
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
    if (!ocrvl_is_view(w) || !ocrvl_has_box(i))
        return;
    const char *name = i->alt ? i->alt : i->role == OCRVL_ROLE_FIGURE ? "Picture" : ocrvl_role_name(i->role);
    ocrvl_xml_open(w->xml, "p");
    ocrvl_xml_attr(w->xml, "class", "figure");
    ocrvl_view_put_box(w, &i->box);
    ocrvl_xml_text(w->xml, name, strlen(name));
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_block(ocrvl_writer *w, const ocrvl_node *block, const context *c)
{
    ocrvl_node_info i = ocrvl_info(block);
    const char *class = i.role == OCRVL_ROLE_PARAGRAPH ? (i.continues ? "continues" : NULL) : ocrvl_role_name(i.role);
    if (i.role == OCRVL_ROLE_TABLE) {
        put_table(w, block, c);
    } else if (i.role == OCRVL_ROLE_SEPARATOR && !*i.text) {
        ocrvl_xml_open(w->xml, "hr");
        ocrvl_xml_close(w->xml);
        ocrvl_put_newline(w);
    } else if (i.latex && *i.latex) {
        ocrvl_xml_open(w->xml, "p");
        ocrvl_xml_attr(w->xml, "class", "formula");
        ocrvl_xml_element(w->xml, "code", i.latex);
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    } else if (!*i.text) {
        put_picture(w, &i);
    } else if (i.role == OCRVL_ROLE_TITLE || i.role == OCRVL_ROLE_HEADING) {
        put_heading(w, block, &i, c);
    } else if (i.role == OCRVL_ROLE_CODE) {
        put_element(w, "pre", NULL, block, c);
    } else if (i.role == OCRVL_ROLE_QUOTE) {
        put_wrapped(w, "blockquote", "p", block, c);
    } else {
        put_element(w, "p", class, block, c);
    }
}

/* ---- lists ------------------------------------------------------------------------------------------- */

static void close_lists(ocrvl_writer *w, lists *l, uint32_t depth)
{
    for (; l->depth > depth; l->depth--) {
        ocrvl_xml_close_pair(w->xml); /* the item */
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
}

/* An item whose mark is a number has that as its value; the mark of others but bullets is text. */
static void put_item(ocrvl_writer *w, lists *l, const ocrvl_node *block, const context *c)
{
    ocrvl_node_info i = ocrvl_info(block);
    uint32_t depth = i.level == 0 ? 1 : i.level < DEPTHS ? i.level : DEPTHS;
    size_t n = strcspn(i.text, "\n"), bullet = ocrvl_markdown_bullet(i.text, n),
           number = bullet ? 0 : ocrvl_markdown_ordinal(i.text, n), skip = bullet ? bullet : number;
    close_lists(w, l, depth);
    if (l->depth == depth && l->ordered[depth - 1] != (number > 0))
        close_lists(w, l, depth - 1);
    else if (l->depth == depth)
        ocrvl_xml_close_pair(w->xml);
    while (l->depth < depth) {
        l->ordered[l->depth] = number > 0;
        ocrvl_xml_open(w->xml, number ? "ol" : "ul");
        if (!skip || ocrvl_is_view(w))
            ocrvl_xml_attr(w->xml, "class", "marked");
        if (++l->depth < depth) /* its parents aren't on the page */
            ocrvl_xml_open(w->xml, "li");
    }
    ocrvl_put_newline(w);
    ocrvl_xml_open(w->xml, "li");
    if (number)
        ocrvl_xml_attr_printf(w->xml, "value", "%lu", strtoul(i.text, NULL, 10));
    put_language(w, &i);
    skip += i.text[skip] == ' ';
    put_whole(w, block, skip, c);
}

/* The numbers of the page's footnotes, each of which has one note. */
static void find_notes(context *c, const ocrvl_page *page)
{
    ocrvl_markdown_notes *all = &c->notes;
    for (const ocrvl_node *b = ocrvl_page_first(page); b && all->count < OCRVL_MOST_NOTES; b = ocrvl_node_next(b)) {
        ocrvl_node_info i = ocrvl_info(b);
        size_t len;
        uint32_t n = i.role == OCRVL_ROLE_FOOTNOTE ? ocrvl_note_number(i.text, &len) : 0;
        if (!n || ocrvl_markdown_note(all, n))
            continue;
        c->owners[all->count] = b;
        all->numbers[all->count++] = n;
    }
}

void ocrvl_put_html_blocks(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place,
                           const ocrvl_html_tables *tables)
{
    lists l = {.depth = 0};
    context c = {.shift = w->pages - 1 - place->index, .number = w->pages, .tables = tables};
    find_notes(&c, page);
    const ocrvl_node *done = NULL; /* the block that goes on from one that has been written */
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        bool own = i.role == OCRVL_ROLE_PARAGRAPH || i.role == OCRVL_ROLE_CODE || i.role == OCRVL_ROLE_QUOTE;
        if (n == done) {
            done = rest_of(n);
            continue;
        }
        if (i.role == OCRVL_ROLE_LIST_ITEM && *i.text) {
            put_item(w, &l, n, &c);
        } else {
            close_lists(w, &l, own && *i.text ? i.level : 0);
            put_block(w, n, &c);
        }
        if (i.role == OCRVL_ROLE_LIST_ITEM || i.role == OCRVL_ROLE_PARAGRAPH)
            done = rest_of(n);
    }
    close_lists(w, &l, 0);
}
