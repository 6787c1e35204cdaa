/* Tesseract's TSV. Each of its paragraphs becomes a block. Words get a space between them, except between letters of
 * scripts without spaces, because the format doesn't say. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"

enum { LEFT = 6, CONF = 10, COLUMNS = 12 }; /* of a row */
static const char head[] =
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext";

typedef struct tsv_reader {
    const char *data;
    size_t len, at;
    ocrvl_draft draft;
    double line[3]; /* block, paragraph and line of the line that is open */
} tsv_reader;

typedef struct row {
    double number[COLUMNS - 1];
    const char *text;
    size_t len;
} row;

static bool sniff(const char *data, size_t len)
{
    return len >= sizeof head - 1 && memcmp(data, head, sizeof head - 1) == 0;
}

static ocrvl_status tsv_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    tsv_reader *r = ocrvl_alloc(sizeof *r);
    *out = r;
    if (!r)
        return ocrvl_fail_nomem(err);
    const char *end = memchr(data, '\n', len);
    r->data = data;
    r->len = len;
    r->at = end ? (size_t)(end - data) + 1 : len;
    return OCRVL_OK;
}

static void tsv_free(void *reader)
{
    tsv_reader *r = reader;
    ocrvl_draft_free(&r->draft);
    ocrvl_free(r);
}

/* Reads a column; of a box and a confidence that aren't known some leave out the numbers. Returns false if it isn't a
 * number. */
static bool read_number(double *out, int column, const char *text, size_t len)
{
    char number[32];
    const char *s = number;
    if (len == 0 && column >= LEFT) {
        *out = column == CONF ? -1 : 0;
        return true;
    }
    if (len >= sizeof number)
        return false;
    memcpy(number, text, len);
    number[len] = '\0';
    return ocrvl_parse_number(&s, out) && !*s;
}

/* Reads the row at r->at and stores in *next where it ends. Returns false if it isn't a row. */
static bool read_row(const tsv_reader *r, row *out, size_t *next)
{
    const char *line = r->data + r->at, *nl = memchr(line, '\n', r->len - r->at);
    size_t n = nl ? (size_t)(nl - line) : r->len - r->at, i = 0;
    *next = r->at + n + (nl != NULL);
    if (n && line[n - 1] == '\r')
        n--;
    for (int c = 0; c < COLUMNS - 1; c++) {
        size_t from = i;
        while (i < n && line[i] != '\t')
            i++;
        if (!read_number(&out->number[c], c, line + from, i - from) || (i == n && c < COLUMNS - 2))
            return false;
        i += i < n;
    }
    out->text = line + i;
    out->len = n - i;
    return out->number[0] >= 1 && out->number[0] <= 5;
}

static ocrvl_box box_of(ocrvl_draft *d, const row *r)
{
    const double *v = r->number + LEFT;
    return ocrvl_draft_box(d, v[0], v[1], v[0] + v[2], v[1] + v[3]);
}

static void open_line(tsv_reader *t, const row *r, ocrvl_box box)
{
    ocrvl_draft_line(&t->draft, box, NULL);
    memcpy(t->line, r->number + 2, sizeof t->line);
}

/* A word whose line has no row begins one without a box, and so does one whose block or paragraph has none. */
static void put_word(tsv_reader *t, const row *r)
{
    ocrvl_draft *d = &t->draft;
    double conf = r->number[CONF];
    size_t from = 0, to = r->len;
    while (from < to && r->text[from] == ' ')
        from++;
    while (to > from && r->text[to - 1] == ' ')
        to--;
    if (from == to)
        return;
    if (d->line.kind && memcmp(t->line, r->number + 2, 2 * sizeof *t->line) != 0)
        ocrvl_draft_block(d, OCRVL_ROLE_PARAGRAPH, (ocrvl_box){0}, NULL);
    if (!d->line.kind || memcmp(t->line, r->number + 2, sizeof t->line) != 0)
        open_line(t, r, (ocrvl_box){0});
    if (d->text.len && !ocrvl_utf8_unspaced(d->text.data, d->text.len, r->text + from, to - from))
        ocrvl_draft_text(d, " ", 1);
    ocrvl_draft_word_begin(d, box_of(d, r), conf >= 0 && conf <= 100 ? (float)(conf / 100) : -1, NULL);
    ocrvl_draft_text(d, r->text + from, to - from);
    ocrvl_draft_word_end(d);
}

static void put_row(tsv_reader *t, const row *r)
{
    ocrvl_draft *d = &t->draft;
    switch ((int)r->number[0]) {
    case 2: /* a block; if it has paragraphs, they become our blocks */
        ocrvl_draft_block(d, OCRVL_ROLE_PARAGRAPH, box_of(d, r), NULL);
        break;
    case 3:
        if (d->block.kind && !d->block_used)
            d->block.kind = 0;
        ocrvl_draft_block(d, OCRVL_ROLE_PARAGRAPH, box_of(d, r), NULL);
        break;
    case 4: open_line(t, r, box_of(d, r)); break;
    default: put_word(t, r);
    }
}

static ocrvl_status tsv_next(void *reader, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    tsv_reader *r = reader;
    row first, other;
    size_t next;
    (void)place;
    if (r->at >= r->len)
        return OCRVL_OK;
    size_t at = r->at;
    bool fine = read_row(r, &first, &next);
    r->at = next;
    bool whole = fine && first.number[0] == 1; /* else a page whose row was left out, as by who keeps the words alone */
    if (!fine || (whole && (first.number[8] > 1e6 || first.number[9] > 1e6))) {
        r->at = r->len;
        return ocrvl_fail(err, OCRVL_E_FORMAT, "there is no row of a page at byte %zu", at);
    }
    double w = whole ? first.number[8] : 0, h = whole ? first.number[9] : 0;
    ocrvl_draft_page(&r->draft, w >= 1 && h >= 1 ? (uint32_t)w : 0, w >= 1 && h >= 1 ? (uint32_t)h : 0, 0, 0);
    if (!whole)
        put_row(r, &first);
    for (; r->at < r->len; r->at = next) {
        if (!read_row(r, &other, &next)) {
            at = r->at;
            r->at = r->len;
            return ocrvl_fail(err, OCRVL_E_FORMAT,
                              "the row at byte %zu doesn't have twelve columns, with numbers in all but the last", at);
        }
        if (other.number[0] == 1 || other.number[1] != first.number[1])
            break;
        put_row(r, &other);
    }
    return ocrvl_draft_finish(&r->draft, page, err);
}

static size_t tsv_done(const void *reader) { return ((const tsv_reader *)reader)->at; }

const ocrvl_result_format ocrvl_result_tsv = {sniff, tsv_open, tsv_free, tsv_next, tsv_done};
