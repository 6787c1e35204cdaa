/* Markdown (CommonMark with GFM's tables): blocks become paragraphs, headings, lists, tables, quotes and code.
 * Everything on the page is there. Running heads, feet and page numbers stand in a comment, which renderers don't show,
 * where their page begins, unless there is one page only; a paragraph that goes on in another column or on another page
 * is one, and so is a table that goes on, if it has pipes. What is not a part of the text, such as captions and
 * footnotes, comes after the paragraph that it would part. Text that Markdown would take for markup is escaped.
 * Tables are written with pipes, but as HTML if cells span. Line breaks stay. */
#include "out/markdown.h"

#include <stdio.h>
#include <string.h>

#include "out/cells.h"
#include "out/continued.h"
#include "out/markdown_text.h"
#include "out/writer.h"

enum { DEPTHS = 7, MOST_INDENT = 40 };

/* Between blocks, and between pages where a document is written as one. */
typedef struct flow {
    ocrvl_buf *out;
    ocrvl_markdown_style style;
    bool one_page;              /* what stands at its head and foot can't be known to run: it stays in the text */
    bool begun, ended;          /* something is written, and its last line has its end */
    bool open;                  /* the last thing written is a paragraph or item that may go on */
    bool item;                  /* it is an item or in one */
    bool pipes;                 /* the last thing written is a table with pipes */
    size_t indent;              /* of what is open */
    size_t inner[DEPTHS];       /* how far the text of an item of each depth is indented; [0] is 0 */
    uint32_t depth;             /* of the item that is open */
    ocrvl_markdown_notes notes; /* of the page */
    uint8_t used[1000 / 8];     /* numbers of notes that are labels already, a bit each */
    ocrvl_buf aside;            /* what waits until the paragraph has ended */
    bool aside_pipes;           /* the last of it is a table with pipes */
} flow;

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* Writes code between fences of more backticks than it contains in a row. */
static void put_code(ocrvl_buf *b, const char *language, const char *s)
{
    size_t fence = 2;
    for (const char *p = s; *p;) {
        size_t run = strspn(p, "`");
        fence = run > fence ? run : fence;
        p += run ? run : 1;
    }
    for (size_t i = 0; i <= fence; i++)
        ocrvl_buf_putc(b, '`');
    ocrvl_buf_printf(b, "%s\n%s\n", language, s);
    for (size_t i = 0; i <= fence; i++)
        ocrvl_buf_putc(b, '`');
}

static void put_formula(ocrvl_buf *b, const char *latex)
{
    if (strchr(latex, '$') || strstr(latex, "\n\n"))
        put_code(b, "math", latex);
    else
        ocrvl_buf_printf(b, "$$\n%s\n$$", latex);
}

static bool spans(const ocrvl_node *table)
{
    for (const ocrvl_node *cell = ocrvl_node_first(table); cell; cell = ocrvl_node_next(cell)) {
        ocrvl_node_info i = ocrvl_info(cell);
        if (i.row_span > 1 || i.col_span > 1)
            return true;
    }
    return false;
}

static void put_rule(ocrvl_buf *b, uint32_t columns)
{
    ocrvl_buf_putc(b, '|');
    for (uint32_t c = 0; c < columns; c++)
        ocrvl_buf_puts(b, " --- |");
    ocrvl_buf_putc(b, '\n');
}

/* The rows of a table from `first` on, each after a line break but the first. head: a rule is below the first one.
 * note: stands at the beginning of them. */
static void put_pipe_rows(ocrvl_buf *b, const ocrvl_node *table, uint32_t first, bool head, const char *note,
                          ocrvl_markdown_style style)
{
    ocrvl_table_grid g;
    ocrvl_column_widths widths;
    ocrvl_buf text = {0};
    const ocrvl_node *cell;
    bool begun = false;
    ocrvl_measure_columns(&widths, table);
    ocrvl_grid_begin(&g, table);
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (g.row < first)
            continue;
        if (step == OCRVL_GRID_ROW) {
            if (begun)
                ocrvl_buf_putc(b, '\n');
            if (begun && head)
                put_rule(b, g.columns);
            head &= !begun;
            ocrvl_buf_printf(b, "|%s", begun ? "" : note);
            begun = true;
            continue;
        }
        ocrvl_buf_putc(b, ' ');
        if (step == OCRVL_GRID_CELL) {
            ocrvl_put_cell_lines(&text, cell, &widths, style.join);
            ocrvl_put_markdown_text(b, text.data ? text.data : "", OCRVL_IN_CELL, "<br>", style.plain, NULL);
        }
        ocrvl_buf_puts(b, " |");
    }
    if (begun && head) {
        ocrvl_buf_putc(b, '\n');
        put_rule(b, g.columns);
        if (!b->failed)
            b->data[--b->len] = 0; /* without its line break, because the caller ends blocks */
    }
    b->failed |= text.failed;
    ocrvl_buf_free(&text);
}

/* A pipe table has a head: its first row if that has header cells, else an empty row. */
static void put_pipes(ocrvl_buf *b, const ocrvl_node *table, ocrvl_markdown_style style)
{
    ocrvl_table_grid g;
    bool head = false;
    for (const ocrvl_node *c = ocrvl_node_first(table); c && ocrvl_info(c).row == 0; c = ocrvl_node_next(c))
        head |= ocrvl_info(c).header;
    ocrvl_grid_begin(&g, table);
    if (!head) {
        ocrvl_buf_putc(b, '|');
        for (uint32_t c = 0; c < g.columns; c++)
            ocrvl_buf_puts(b, "  |");
        ocrvl_buf_putc(b, '\n');
        put_rule(b, g.columns);
    }
    put_pipe_rows(b, table, 0, head, "", style);
}

static void put_table(ocrvl_buf *b, const ocrvl_node *table, ocrvl_markdown_style style)
{
    if (!ocrvl_node_first(table))
        return;
    if (spans(table))
        ocrvl_put_html_table(b, table, style.join);
    else
        put_pipes(b, table, style);
}

/* Whether the block is no part of the text that runs past it. */
static void put_text_block(ocrvl_buf *b, const ocrvl_node_info *i, const char *text, bool plain,
                           const ocrvl_markdown_notes *notes)
{
    bool heading = i->role == OCRVL_ROLE_TITLE || i->role == OCRVL_ROLE_HEADING;
    uint32_t level = i->level ? i->level : i->role == OCRVL_ROLE_TITLE ? 1 : 2;
    if (heading) {
        ocrvl_buf_printf(b, "%.*s ", (int)level, "######");
        ocrvl_put_markdown_text(b, text, OCRVL_IN_HEADING, " ", plain, notes);
    } else {
        ocrvl_put_markdown_text(b, text, OCRVL_IN_TEXT, "\n", plain, notes);
    }
}

/* Writes the label of a footnote that has one, and returns how many bytes of its text that stands for. */
static size_t put_note_label(ocrvl_buf *b, const char *s, const ocrvl_markdown_notes *notes)
{
    size_t n, raised = *s == OCRVL_RAISED;
    const char *label = ocrvl_markdown_note(notes, ocrvl_note_number(s + raised, &n));
    if (!label)
        return 0;
    ocrvl_buf_printf(b, "[^%s]: ", label);
    n += raised;
    n += s[n] == OCRVL_RAISED_END;
    n += s[n] == '.' || s[n] == ')';
    return n + (s[n] == ' ');
}

/* What a picture shows, as the document says; there is no file of the picture. */
static void put_picture(ocrvl_buf *b, const char *alt)
{
    ocrvl_buf_puts(b, "![");
    for (const char *s = alt; *s; s++) {
        if (*s && strchr("[]\\", *s))
            ocrvl_buf_putc(b, '\\');
        ocrvl_buf_putc(b, *s);
    }
    ocrvl_buf_puts(b, "]()");
}

/* Writes a block without a line break at its end. An item is without its mark, of which *mark [16] tells. */
static void put_block(ocrvl_buf *b, const ocrvl_node *block, ocrvl_markdown_style style,
                      const ocrvl_markdown_notes *notes, char *mark)
{
    ocrvl_node_info i = ocrvl_info(block);
    ocrvl_buf text = {0};
    *mark = '\0';
    if (i.role == OCRVL_ROLE_TABLE) {
        put_table(b, block, style);
    } else if (i.role == OCRVL_ROLE_FORMULA && i.latex && *i.latex) {
        put_formula(b, i.latex);
    } else if (i.role == OCRVL_ROLE_CODE && *i.text) {
        put_code(b, "", i.text);
    } else if (i.role == OCRVL_ROLE_SEPARATOR && !*i.text) {
        ocrvl_buf_puts(b, "---");
    } else if (i.alt && !*i.text) {
        put_picture(b, i.alt);
    } else if (*i.text) {
        ocrvl_put_styled(&text, block, style.join);
        const char *s = text.data ? text.data : "";
        size_t n = strcspn(s, "\n"), bullet = 0, number = 0;
        if (i.role == OCRVL_ROLE_LIST_ITEM) {
            bullet = ocrvl_markdown_bullet(s, n);
            number = bullet ? 0 : ocrvl_markdown_ordinal(s, n);
            ocrvl_buf m = {0};
            ocrvl_buf_put(&m, number ? s : "-", number ? number : 1);
            snprintf(mark, 16, "%.14s ", m.data ? m.data : "-");
            ocrvl_buf_free(&m);
        }
        if (i.role == OCRVL_ROLE_FOOTNOTE)
            bullet = put_note_label(b, s, notes);
        put_text_block(b, &i, s + (number ? number : bullet), style.plain, notes);
    }
    b->failed |= text.failed;
    ocrvl_buf_free(&text);
}

/* Appends text whose lines after the first are indented. */
static void put_indented(ocrvl_buf *b, const char *s, size_t indent, const char *before)
{
    for (; *s; s++) {
        ocrvl_buf_putc(b, *s);
        if (*s == '\n' && (s[1] != '\n' || *before))
            ocrvl_buf_printf(b, "%*s%s", (int)indent, "", before);
    }
}

/* ---- the flow ---------------------------------------------------------------------------------------- */

/* Parts what comes next from what was written, by an empty line or not. */
static void part(flow *f, bool apart)
{
    if (f->begun)
        ocrvl_buf_puts(f->out, &"\n\n"[f->ended + !apart]);
    f->begun = true;
    f->ended = f->pipes = false;
}

/* Ends what is open, and writes what waited for that. */
static void settle(flow *f)
{
    if (f->aside.len) {
        part(f, true);
        ocrvl_buf_put(f->out, f->aside.data, f->aside.len);
        f->item = false;
        f->pipes = f->aside_pipes;
    }
    f->out->failed |= f->aside.failed;
    ocrvl_buf_clear(&f->aside);
    f->open = false;
}

/* The indentation of an item of this depth, whose mark is so many bytes wide, and which is open from now on. */
static size_t open_item(flow *f, uint32_t depth, size_t mark)
{
    depth = depth == 0 ? 1 : depth < DEPTHS ? depth : DEPTHS - 1;
    for (uint32_t d = f->depth + 1; d < depth; d++) /* those between aren't on the page */
        f->inner[d] = f->inner[d - 1];
    size_t indent = f->inner[depth - 1] < MOST_INDENT ? f->inner[depth - 1] : MOST_INDENT;
    f->inner[depth] = indent + mark;
    f->depth = depth;
    return indent;
}

/* Writes a block of the text, which `text` holds. */
static void put_in_flow(flow *f, const ocrvl_node_info *i, const char *text, const char *mark)
{
    bool item = i->role == OCRVL_ROLE_LIST_ITEM, after = f->item;
    const char *before = i->role == OCRVL_ROLE_QUOTE ? "> " : "";
    if (i->continues && f->open && !item) {
        ocrvl_buf_printf(f->out, "\n%*s", (int)f->indent, "");
        put_indented(f->out, text, f->indent, "");
        return;
    }
    bool waited = f->aside.len > 0;
    settle(f);
    part(f, !(item && after && !waited));
    bool inside = i->level && i->role != OCRVL_ROLE_HEADING && i->role != OCRVL_ROLE_TITLE && i->level <= f->depth;
    f->indent = item ? open_item(f, i->level, strlen(mark)) : inside ? f->inner[i->level] : 0;
    f->depth = item || inside ? (item ? f->depth : i->level) : 0;
    ocrvl_buf_printf(f->out, "%*s%s%s", (int)f->indent, "", before, mark);
    f->indent += strlen(mark);
    put_indented(f->out, text, f->indent, before);
    f->item = item;
    f->open = item || i->role == OCRVL_ROLE_PARAGRAPH;
    f->pipes = i->role == OCRVL_ROLE_TABLE && *text == '|';
}

/* Whether a block is a piece of a rule, as drawings and forms have them, which parts no text: upright, or short. */
static bool is_piece(const ocrvl_node *n, const ocrvl_page_info *page)
{
    ocrvl_node_info i = ocrvl_info(n);
    int64_t w = i.box.x1 - i.box.x0, h = i.box.y1 - i.box.y0;
    return i.role == OCRVL_ROLE_SEPARATOR && !*i.text && ocrvl_has_box(&i) && (h > w || w * 8 < page->width);
}

/* Gives the footnotes of a page their labels, if they are to have any: a note 12 is 12 in the document, if it is the
 * first one. */
static void label_notes(flow *f, const ocrvl_page *page, uint64_t number)
{
    ocrvl_markdown_notes *all = &f->notes;
    all->count = 0;
    for (const ocrvl_node *b = ocrvl_page_first(page); b && all->count < OCRVL_MOST_NOTES; b = ocrvl_node_next(b)) {
        ocrvl_node_info i = ocrvl_info(b);
        size_t len;
        uint32_t n = i.role == OCRVL_ROLE_FOOTNOTE ? ocrvl_note_number(i.text, &len) : 0;
        if (n == 0 || n >= 8 * sizeof f->used || ocrvl_markdown_note(all, n))
            continue;
        char *label = all->labels[all->count];
        if (f->used[n / 8] & 1 << n % 8)
            snprintf(label, sizeof all->labels[0], "%u-p%llu", n, (unsigned long long)number);
        else
            snprintf(label, sizeof all->labels[0], "%u", n);
        f->used[n / 8] |= (uint8_t)(1 << n % 8);
        all->numbers[all->count++] = n;
    }
}

/* done: a block that has been written already, or NULL. */
static void put_blocks(flow *f, const ocrvl_page *page, const ocrvl_node *done)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_buf block = {0};
    char mark[16];
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (n == done || (ocrvl_is_running(i.role) && !f->one_page) || is_piece(n, &info))
            continue;
        ocrvl_buf_clear(&block);
        put_block(&block, n, f->style, &f->notes, mark);
        if (block.len == 0 || block.failed)
            continue;
        if (ocrvl_is_aside(i.role) && f->open) {
            ocrvl_buf_puts(&f->aside, f->aside.len ? "\n\n" : "");
            put_indented(&f->aside, block.data, i.role == OCRVL_ROLE_FOOTNOTE ? 4 : 0, "");
            f->aside_pipes = i.role == OCRVL_ROLE_TABLE && *block.data == '|';
        } else {
            put_in_flow(f, &i, block.data, mark);
        }
    }
    f->out->failed |= block.failed;
    ocrvl_buf_free(&block);
}

void ocrvl_put_markdown(ocrvl_buf *b, const ocrvl_page *page, ocrvl_markdown_style style)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    flow f = {.out = b, .style = style};
    size_t from = b->len;
    if (info.markdown)
        ocrvl_buf_puts(b, info.markdown);
    else
        put_blocks(&f, page, NULL);
    settle(&f);
    ocrvl_buf_free(&f.aside);
    if (b->len > from && b->data[b->len - 1] != '\n')
        ocrvl_buf_putc(b, '\n');
}

/* ---- documents --------------------------------------------------------------------------------------- */

/* Writes text inside a comment, which "--" and ">" would end for some readers. */
static void put_in_comment(ocrvl_buf *b, const char *s)
{
    for (; *s; s++)
        ocrvl_buf_putc(b, *s == '-' || *s == '<' || *s == '>' || *s == '\n' ? ' ' : *s);
}

/* The comment where a page begins: its number, what runs over its head and foot, and why it failed, if it did. False:
 * there is nothing to say. */
static bool put_comment(ocrvl_buf *b, const ocrvl_page *page, uint64_t number, bool one_page)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    bool failed = info.status == OCRVL_PAGE_FAILED, any = number > 1 || failed;
    ocrvl_buf_printf(b, "<!-- page %llu", (unsigned long long)number);
    if (failed) {
        ocrvl_buf_puts(b, " failed: ");
        put_in_comment(b, info.error_message);
    }
    for (const ocrvl_node *n = info.markdown || one_page ? NULL : ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (!ocrvl_is_running(i.role) || !*i.text)
            continue;
        any = true;
        ocrvl_buf_printf(b, " | %s: ", i.role == OCRVL_ROLE_PAGE_NUMBER ? "number" : ocrvl_role_name(i.role));
        put_in_comment(b, i.text);
    }
    ocrvl_buf_puts(b, " -->");
    return any;
}

/* Whether the page's text goes on from what is open. */
static bool goes_on(const flow *f, const ocrvl_page *page)
{
    if (!f->open || ocrvl_info_of_page(page).markdown)
        return false;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (!ocrvl_is_running(i.role) && !ocrvl_is_aside(i.role))
            return i.continues;
    }
    return false;
}

static void free_flow(void *state)
{
    flow *f = state;
    ocrvl_buf_free(&f->aside);
}

/* Writes the rows of a table that goes on from the page before; note: where the page begins. */
static void put_more_rows(flow *f, const ocrvl_node *table, uint32_t repeats, const ocrvl_buf *note)
{
    ocrvl_buf rows = {0}, before = {0};
    if (note->len)
        ocrvl_buf_printf(&before, " %s", note->data);
    put_pipe_rows(&rows, table, repeats, false, before.data ? before.data : "", f->style);
    if (rows.len)
        ocrvl_buf_printf(f->out, "%s%s", f->ended ? "" : "\n", rows.data);
    f->ended &= !rows.len;
    f->out->failed |= rows.failed | before.failed;
    ocrvl_buf_free(&rows);
    ocrvl_buf_free(&before);
}

/* more: the table that goes on from the page before, or NULL; repeats: how many of its rows are that one's head. */
static void put_page(flow *f, ocrvl_writer *w, const ocrvl_page *page, const ocrvl_node *more, uint32_t repeats)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_buf comment = {0};
    bool on = goes_on(f, page), any = put_comment(&comment, page, w->pages, f->one_page);
    if (!on) {
        settle(f);
        memset(f->inner, 0, sizeof f->inner);
        f->depth = 0;
    }
    if (more)
        put_more_rows(f, more, repeats, &comment);
    else if (any && on)
        ocrvl_buf_putc(f->out, ' ');
    else if (any)
        part(f, true);
    if (any && !more)
        ocrvl_buf_puts(f->out, comment.data ? comment.data : "");
    f->item = on && f->item;
    f->out->failed |= comment.failed;
    ocrvl_buf_free(&comment);
    if (!info.markdown) {
        label_notes(f, page, w->pages);
        put_blocks(f, page, more);
        return;
    }
    size_t len = strlen(info.markdown);
    while (len && info.markdown[len - 1] == '\n')
        len--;
    if (len)
        part(f, true);
    ocrvl_buf_put(f->out, info.markdown, len);
}

static void end_line(flow *f)
{
    if (f->begun && !f->ended)
        ocrvl_buf_putc(f->out, '\n');
    f->ended = true;
}

static void markdown_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    uint32_t repeats;
    const ocrvl_node *more = ocrvl_continued_table(&w->last, page, place, &repeats);
    flow *f = ocrvl_writer_state(w, sizeof *f, free_flow);
    if (!f)
        return;
    f->out = &w->buf;
    if (more && !goes_on(f, page))
        settle(f); /* the table that goes on may have waited for it */
    if (more && (!f->pipes || f->open || spans(more)))
        more = NULL;
    f->style = (ocrvl_markdown_style){.join = ocrvl_joining(w)};
    f->one_page = w->opt.pages == 1;
    put_page(f, w, page, more, repeats);
    if (!f->open)
        end_line(f);
}

static void markdown_end(ocrvl_writer *w)
{
    flow *f = ocrvl_writer_state(w, sizeof *f, free_flow);
    if (!f)
        return;
    f->out = &w->buf;
    settle(f);
    end_line(f);
}

const ocrvl_writer_ops ocrvl_markdown_ops = {.page = markdown_page, .end = markdown_end};
