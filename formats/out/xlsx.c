#define _GNU_SOURCE /* memfd_create */

/* Office Open XML workbooks by libxlsxwriter: a sheet for each table, named by the page where it begins: one that goes
 * on over pages is one, without the heads that it repeats. Numbers that are written plainly are numbers, everything
 * else is text. A document without tables is a workbook with an empty sheet.
 *
 * The library writes files by name, so the workbook is made in one that has no place in a folder, where a run that is
 * killed would leave it, and its bytes are passed on at the end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "out/continued.h"
#include "out/parts.h"
#include "out/writer.h"

enum { MOST_ROWS = 1048576, MOST_TEXT = 32767 }; /* of a sheet; bytes of a cell, where the format counts characters */

enum { DECIMALS = 9 }; /* more are shown as the program that opens it likes */

typedef struct workbook {
    lxw_workbook *book;
    lxw_format *plain, *head, *numbers[DECIMALS + 1]; /* numbers: by decimal places, from 1 on; made when asked for */
    bool has_file;
    int fd;               /* of the file that it is made in, if it has one */
    uint64_t of_page;     /* tables of the page in hand */
    lxw_worksheet *sheet; /* the last one; NULL: there is none */
    uint32_t rows;        /* that it has */
} workbook;

static void clear(void *state)
{
    workbook *k = state;
    if (k->book)
        lxw_workbook_free(k->book);
    if (k->has_file)
        close(k->fd);
}

static bool open_book(ocrvl_writer *w, workbook *k)
{
    char name[32];
    if (!k->has_file && (k->fd = memfd_create("ocrvl workbook", MFD_CLOEXEC)) < 0) {
        w->sys_errno = w->sys_errno ? w->sys_errno : errno;
        return false;
    }
    k->has_file = true;
    snprintf(name, sizeof name, "/proc/self/fd/%d", k->fd);
    k->book = workbook_new(name);
    k->plain = k->book ? workbook_add_format(k->book) : NULL;
    k->head = k->book ? workbook_add_format(k->book) : NULL;
    w->nomem |= !k->plain || !k->head;
    if (!k->plain || !k->head)
        return false;
    format_set_text_wrap(k->plain);
    format_set_align(k->plain, LXW_ALIGN_VERTICAL_TOP);
    format_set_text_wrap(k->head);
    format_set_align(k->head, LXW_ALIGN_VERTICAL_TOP);
    format_set_bold(k->head);
    /* the library's default is the time of day, and the same pages are to give the same bytes */
    lxw_doc_properties about = {.created = 315532800};
    return workbook_set_properties(k->book, &about) == LXW_NO_ERROR;
}

/* Whether the text is a number such as "-12.5", without spaces, signs of thousands or zeros before it; *decimals: how
 * many places after the point it has. */
static bool is_plain_number(const char *s, size_t *decimals)
{
    s += *s == '-';
    size_t n = strspn(s, "0123456789"), more = 0;
    if (n == 0 || n > 15 || (n > 1 && *s == '0'))
        return false;
    if (s[n] == '.')
        more = strspn(s + n + 1, "0123456789");
    *decimals = more;
    return n + more <= 15 && (s[n] == '\0' || (more && s[n + 1 + more] == '\0'));
}

/* The value of such a number; strtod goes by the process's locale. */
static double value_of(const char *s, size_t decimals)
{
    bool negative = *s == '-';
    double v = 0, scale = 1;
    for (; *s; s++)
        v = *s >= '0' && *s <= '9' ? v * 10 + (*s - '0') : v;
    for (size_t i = 0; i < decimals; i++)
        scale *= 10;
    return (negative ? -v : v) / scale;
}

/* The format of a number that keeps its decimal places: 8.0 isn't shown as 8. */
static lxw_format *number_format(workbook *k, lxw_format *plain, size_t decimals)
{
    static const char most[] = "0.000000000";
    char how[sizeof most];
    if (plain != k->plain || decimals == 0 || decimals > DECIMALS)
        return plain;
    if (!k->numbers[decimals] && (k->numbers[decimals] = workbook_add_format(k->book))) {
        snprintf(how, sizeof how, "%.*s", (int)decimals + 2, most);
        format_set_num_format(k->numbers[decimals], how);
        format_set_align(k->numbers[decimals], LXW_ALIGN_VERTICAL_TOP);
    }
    return k->numbers[decimals] ? k->numbers[decimals] : plain;
}

/* Row `first` of the table is row k->rows of the sheet; those before it are left out. head: the table's own head is
 * written as such. */
static void put_cell(ocrvl_writer *w, workbook *k, const ocrvl_node *cell, uint32_t first, bool head, ocrvl_buf *text)
{
    ocrvl_node_info i = ocrvl_info(cell);
    lxw_worksheet *sheet = k->sheet;
    lxw_format *format = i.header && head ? k->head : k->plain;
    uint64_t end = (uint64_t)k->rows + i.row + i.row_span - first;
    if (i.row < first || end > MOST_ROWS)
        return;
    lxw_row_t row = (lxw_row_t)(end - i.row_span), last_row = (lxw_row_t)(end - 1);
    lxw_col_t col = (lxw_col_t)i.col, last_col = (lxw_col_t)(i.col + i.col_span - 1);
    ocrvl_put_cell_text(text, cell, ocrvl_joining(w));
    const char *s = text->data ? text->data : "";
    if (text->failed)
        return;
    if (text->len > MOST_TEXT && s == text->data) {
        text->data[ocrvl_utf8_before(s, MOST_TEXT + 1)] = '\0';
        ocrvl_writer_note(w, NULL, "the text of a cell was cut to what a sheet may hold");
    }
    if (last_row > row || last_col > col)
        worksheet_merge_range(sheet, row, col, last_row, last_col, "", format);
    size_t decimals;
    if (is_plain_number(s, &decimals))
        worksheet_write_number(sheet, row, col, value_of(s, decimals), number_format(k, format, decimals));
    else if (*s)
        worksheet_write_string(sheet, row, col, s, format);
}

static void begin_sheet(ocrvl_writer *w, workbook *k)
{
    char name[32]; /* 31 characters are a sheet's longest */
    snprintf(name, sizeof name, "Page %llu Table %llu", (unsigned long long)w->pages, (unsigned long long)++k->of_page);
    k->sheet = workbook_add_worksheet(k->book, name);
    k->rows = 0;
    w->nomem |= !k->sheet;
}

/* goes_on: with the last sheet's; first: the row with which it begins. */
static void put_table(ocrvl_writer *w, workbook *k, const ocrvl_node *table, bool goes_on, uint32_t first)
{
    ocrvl_buf text = {0};
    ocrvl_table_grid g;
    if (!goes_on || !k->sheet)
        begin_sheet(w, k);
    ocrvl_grid_begin(&g, table);
    for (const ocrvl_node *cell = ocrvl_node_first(table); k->sheet && cell; cell = ocrvl_node_next(cell))
        put_cell(w, k, cell, first, !goes_on, &text);
    k->rows += g.rows - first;
    if (k->rows > MOST_ROWS)
        k->rows = MOST_ROWS;
    w->nomem |= text.failed;
    ocrvl_buf_free(&text);
}

static workbook *book_of(ocrvl_writer *w)
{
    workbook *k = ocrvl_writer_state(w, sizeof(workbook), clear);
    return k && (k->book || open_book(w, k)) ? k : NULL;
}

static void xlsx_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    uint32_t repeats;
    const ocrvl_node *goes_on = ocrvl_continued_table(&w->last, page, place, &repeats);
    workbook *k = book_of(w);
    if (k)
        k->of_page = 0;
    for (const ocrvl_node *n = k ? ocrvl_page_first(page) : NULL; n; n = ocrvl_node_next(n))
        if (ocrvl_info(n).role == OCRVL_ROLE_TABLE && ocrvl_node_first(n))
            put_table(w, k, n, n == goes_on, n == goes_on ? repeats : 0);
}

/* Passes on the file's bytes. */
static void pass_on(ocrvl_writer *w, const workbook *k)
{
    char part[65536];
    ssize_t n;
    off_t at = 0;
    while ((n = pread(k->fd, part, sizeof part, at)) > 0) {
        ocrvl_writer_put(w, part, (size_t)n);
        at += n;
    }
    if (n < 0 && !w->sys_errno)
        w->sys_errno = errno;
}

static void xlsx_end(ocrvl_writer *w)
{
    workbook *k = book_of(w);
    if (!k)
        return;
    lxw_error e = workbook_close(k->book);
    k->book = NULL;
    if (e == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        w->nomem = true;
    } else if (e != LXW_NO_ERROR) {
        ocrvl_error err;
        ocrvl_status st = ocrvl_fail(&err, OCRVL_E_FORMAT, "the workbook can't be written: %s", lxw_strerror(e));
        ocrvl_writer_fail(w, st, &err);
    } else {
        pass_on(w, k);
    }
}

const ocrvl_writer_ops ocrvl_xlsx_ops = {.page = xlsx_page, .end = xlsx_end};
