/* Markdown (CommonMark with GFM's tables): blocks become paragraphs, headings, lists, tables and code.
 *
 * Everything on the page is there, running heads too. Text that Markdown would take for markup is escaped. Tables are
 * written with pipes, but as HTML if cells span. Line breaks stay. Pages are separated by a comment, which renderers
 * don't show. */
#include "out/markdown.h"

#include <string.h>

#include "out/parts.h"
#include "out/writer.h"

typedef enum context { IN_TEXT, IN_HEADING, IN_CELL } context;

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Bytes of "12." or "12)" before a space or the end, which would begin a list item; else 0. */
static size_t ordinal(const char *s, size_t n)
{
    size_t digits = 0;
    while (digits < n && digits < 9 && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    bool mark = digits > 0 && digits < n && (s[digits] == '.' || s[digits] == ')');
    return mark && (digits + 1 == n || s[digits + 1] == ' ') ? digits + 1 : 0;
}

/* Bytes of a bullet and its space. */
static size_t bullet(const char *s, size_t n)
{
    static const char *const bullets[] = {"- ",
                                          "* ",
                                          "+ ",
                                          "\xE2\x80\xA2 ", /* bullet */
                                          "\xE2\x80\xA3 ", /* triangular bullet */
                                          "\xE2\x97\xA6 ", /* white bullet */
                                          "\xE2\x96\xAA ", /* black small square */
                                          "\xC2\xB7 "};    /* middle dot */
    for (size_t k = 0; k < sizeof bullets / sizeof *bullets; k++) {
        size_t len = strlen(bullets[k]);
        if (n >= len && memcmp(s, bullets[k], len) == 0)
            return len;
    }
    return 0;
}

/* Whether byte i of the line would be markup. */
static bool needs_escape(const char *s, size_t n, size_t i, context in)
{
    char c = s[i], next = i + 1 < n ? s[i + 1] : '\0';
    switch (c) {
    case '\\':
    case '`':
    case '*':
    case '[':
    case ']':
    case '<':
    case '~':
    case '$':
    case '|': return true;
    case '_': return !(i > 0 && alnum(s[i - 1]) && alnum(next));
    case '&': return alnum(next) || next == '#';
    case '#': return i == 0 || in == IN_HEADING;
    case '>': return i == 0;
    case '-':
    case '+':
    case '=': return i == 0 && in == IN_TEXT && (next == '\0' || next == ' ' || next == c);
    case '.':
    case ')': return in == IN_TEXT && i > 0 && i + 1 == ordinal(s, n);
    default: return false;
    }
}

/* Writes a line without the white space around it, which would be markup too. */
static void put_line(ocrvl_buf *b, const char *s, size_t n, context in, bool plain)
{
    for (size_t i = 0; i < n; i++) {
        bool pipe = in == IN_CELL && s[i] == '|';
        if (plain ? pipe : needs_escape(s, n, i, in))
            ocrvl_buf_putc(b, '\\');
        ocrvl_buf_putc(b, s[i]);
    }
}

/* Finds the next line of *s without the spaces around it; returns false at the end. Empty lines are skipped. */
static bool next_line(const char **s, const char **line, size_t *len)
{
    while (**s) {
        const char *from = *s + strspn(*s, " "), *end = *s + strcspn(*s, "\n");
        *s = *end ? end + 1 : end;
        for (*len = from < end ? (size_t)(end - from) : 0; *len && from[*len - 1] == ' ';)
            --*len;
        *line = from;
        if (*len)
            return true;
    }
    return false;
}

static void put_lines(ocrvl_buf *b, const char *s, context in, const char *between, bool plain)
{
    const char *line;
    size_t len, count = 0;
    while (next_line(&s, &line, &len)) {
        if (count++)
            ocrvl_buf_puts(b, between);
        put_line(b, line, len, in, plain);
    }
}

static void put_item(ocrvl_buf *b, const char *s, bool plain)
{
    size_t n = strcspn(s, "\n"), mark = bullet(s, n), number = mark ? 0 : ordinal(s, n);
    char between[16] = "\n  ";
    if (number) {
        ocrvl_buf_put(b, s, number);
        ocrvl_buf_putc(b, ' ');
        memset(between + 1, ' ', number + 1);
        between[number + 2] = '\0';
    } else {
        ocrvl_buf_puts(b, "- ");
    }
    put_lines(b, s + (number ? number : mark), IN_TEXT, between, plain);
}

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

/* A pipe table has a head: its first row if that has header cells, else an empty row. */
static void put_pipes(ocrvl_buf *b, const ocrvl_node *table, ocrvl_table_grid *g, bool plain)
{
    const ocrvl_node *cell = ocrvl_node_first(table);
    uint32_t row = 0;
    bool head = false;
    for (; cell && ocrvl_info(cell).row == 0; cell = ocrvl_node_next(cell))
        head |= ocrvl_info(cell).header;
    ocrvl_grid_begin(g, table);
    if (!head) {
        ocrvl_buf_putc(b, '|');
        for (uint32_t c = 0; c < g->columns; c++)
            ocrvl_buf_puts(b, "  |");
        ocrvl_buf_putc(b, '\n');
        put_rule(b, g->columns);
    }
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(g, &cell)) != OCRVL_GRID_END;) {
        if (step == OCRVL_GRID_ROW) {
            if (row)
                ocrvl_buf_putc(b, '\n');
            if (row == 1 && head)
                put_rule(b, g->columns);
            row++;
            ocrvl_buf_putc(b, '|');
            continue;
        }
        ocrvl_buf_putc(b, ' ');
        if (step == OCRVL_GRID_CELL)
            put_lines(b, ocrvl_info(cell).text, IN_CELL, "<br>", plain);
        ocrvl_buf_puts(b, " |");
    }
    if (row == 1 && head) {
        ocrvl_buf_putc(b, '\n');
        put_rule(b, g->columns);
        if (!b->failed)
            b->data[--b->len] = 0; /* without its line break, because the caller ends blocks */
    }
}

static void put_table(ocrvl_buf *b, const ocrvl_node *table, bool plain)
{
    ocrvl_table_grid g;
    if (!ocrvl_node_first(table))
        return;
    if (spans(table))
        ocrvl_put_html_table(b, table, &g);
    else
        put_pipes(b, table, &g, plain);
}

/* Writes a block without a line break at its end. */
static void put_block(ocrvl_buf *b, const ocrvl_node *block, ocrvl_markdown_style style)
{
    ocrvl_node_info i = ocrvl_info(block);
    bool heading = i.role == OCRVL_ROLE_TITLE || i.role == OCRVL_ROLE_HEADING;
    uint32_t level = i.level ? i.level : i.role == OCRVL_ROLE_TITLE ? 1 : 2;
    ocrvl_buf joined = {0};
    if (style.join && i.role != OCRVL_ROLE_CODE && i.role != OCRVL_ROLE_TABLE) {
        ocrvl_put_joined(&joined, i.text);
        b->failed |= joined.failed;
        i.text = joined.data ? joined.data : i.text;
    }
    if (i.role == OCRVL_ROLE_TABLE) {
        put_table(b, block, style.plain);
    } else if (i.role == OCRVL_ROLE_FORMULA && i.latex && *i.latex) {
        put_formula(b, i.latex);
    } else if (i.role == OCRVL_ROLE_CODE && *i.text) {
        put_code(b, "", i.text);
    } else if (i.role == OCRVL_ROLE_LIST_ITEM && *i.text) {
        put_item(b, i.text, style.plain);
    } else if (heading && *i.text) {
        ocrvl_buf_printf(b, "%.*s ", (int)level, "######");
        put_lines(b, i.text, IN_HEADING, " ", style.plain);
    } else if (i.role == OCRVL_ROLE_SEPARATOR && !*i.text) {
        ocrvl_buf_puts(b, "---");
    } else {
        put_lines(b, i.text, IN_TEXT, "\n", style.plain);
    }
    ocrvl_buf_free(&joined);
}

void ocrvl_put_markdown(ocrvl_buf *b, const ocrvl_page *page, ocrvl_markdown_style style)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_buf block = {0};
    size_t from = b->len;
    ocrvl_role before = OCRVL_ROLE_OTHER;
    if (info.markdown)
        ocrvl_buf_puts(b, info.markdown);
    for (const ocrvl_node *n = ocrvl_page_first(page); !info.markdown && n; n = ocrvl_node_next(n)) {
        ocrvl_role role = ocrvl_info(n).role;
        ocrvl_buf_clear(&block);
        put_block(&block, n, style);
        if (block.len == 0)
            continue;
        bool list = role == OCRVL_ROLE_LIST_ITEM && before == OCRVL_ROLE_LIST_ITEM;
        if (b->len > from)
            ocrvl_buf_puts(b, list ? "\n" : "\n\n");
        ocrvl_buf_put(b, block.data, block.len);
        before = role;
    }
    b->failed |= block.failed;
    ocrvl_buf_free(&block);
    if (b->len > from && b->data[b->len - 1] != '\n')
        ocrvl_buf_putc(b, '\n');
}

/* Writes text inside a comment, which "--" and ">" would end for some readers. */
static void put_in_comment(ocrvl_buf *b, const char *s)
{
    for (; *s; s++)
        ocrvl_buf_putc(b, *s == '-' || *s == '<' || *s == '>' || *s == '\n' ? ' ' : *s);
}

static void markdown_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    (void)place;
    ocrvl_buf *b = &w->buf;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    bool failed = info.status == OCRVL_PAGE_FAILED;
    if (w->pages > 1)
        ocrvl_buf_putc(b, '\n');
    if (w->pages > 1 || failed) {
        ocrvl_buf_printf(b, "<!-- page %llu", (unsigned long long)w->pages);
        if (failed) {
            ocrvl_buf_puts(b, " failed: ");
            put_in_comment(b, info.error_message);
        }
        ocrvl_buf_puts(b, " -->\n\n");
    }
    ocrvl_put_markdown(b, page, (ocrvl_markdown_style){.join = w->opt.join_hyphens});
}

const ocrvl_writer_ops ocrvl_markdown_ops = {.page = markdown_page};
