#include "markup/markup.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "markup/markup_parts.h"
#include "unicode/unicode.h"

static const struct {
    const char *code, *message;
} repairs[OCRVL_MARKUP_REPAIRS] = {
    [OCRVL_MARKUP_BAD_UTF8] = {"bad_utf8", "the text was not well-formed UTF-8"},
    [OCRVL_MARKUP_TABLE_NOT_CLOSED] = {"table_not_closed", "a table was not closed"},
    [OCRVL_MARKUP_TABLE_NOT_OPENED] = {"table_not_opened", "rows or cells were outside a table"},
    [OCRVL_MARKUP_TABLE_EMPTY] = {"table_empty", "a table without cells was left out"},
    [OCRVL_MARKUP_TABLE_NESTED] = {"table_nested", "a table within a cell became text of that cell"},
    [OCRVL_MARKUP_TABLE_SPLIT] = {"table_split", "a table of more than 1000 rows was split"},
    [OCRVL_MARKUP_ROW_NOT_OPENED] = {"row_not_opened", "a table's cells were outside a row"},
    [OCRVL_MARKUP_CELL_NOT_CLOSED] = {"cell_not_closed", "a table's cell was not closed"},
    [OCRVL_MARKUP_CELLS_MISSING] = {"cells_missing", "a table's rows had different lengths; empty cells were added"},
    [OCRVL_MARKUP_CELLS_JOINED] = {"cells_joined", "a table had more than 1000 columns; the last ones were joined"},
    [OCRVL_MARKUP_TEXT_OUTSIDE_CELL] = {"text_outside_cell", "text inside a table but outside its cells became a cell"},
    [OCRVL_MARKUP_SPAN_BAD] = {"span_bad", "a table cell's span was not a number or was out of range"},
    [OCRVL_MARKUP_SPAN_CUT] = {"span_cut",
                               "a table cell overlapped another or reached past the table's end and was cut"},
    [OCRVL_MARKUP_PIPE_COLUMNS] = {"pipe_columns", "a table's rule and its first row had different numbers of columns"},
    [OCRVL_MARKUP_PIPE_NO_RULE] = {"pipe_no_rule", "a table had no rule below its first row"},
    [OCRVL_MARKUP_STRAY_TAG] = {"stray_tag", "a tag of a table that opened or closed nothing was left out"},
    [OCRVL_MARKUP_COMMENT] = {"comment", "a comment was left out"},
    [OCRVL_MARKUP_FORMULA_NOT_CLOSED] = {"formula_not_closed", "a formula was not closed and stays as text"},
    [OCRVL_MARKUP_CODE_NOT_CLOSED] = {"code_not_closed", "a code block was not closed"},
    [OCRVL_MARKUP_FENCE_AROUND] = {"fence_around", "a code fence around the whole text was removed"},
    [OCRVL_MARKUP_TOO_DEEP] = {"too_deep", "lists or quotes nested more than 16 deep stay as text"},
    [OCRVL_MARKUP_FRONT_MATTER] = {"front_matter", "a line of the front matter was not understood"},
};

const char *ocrvl_markup_repair_code(ocrvl_markup_repair repair)
{
    return (unsigned)repair < OCRVL_MARKUP_REPAIRS ? repairs[repair].code : "";
}

const char *ocrvl_markup_repair_message(ocrvl_markup_repair repair)
{
    return (unsigned)repair < OCRVL_MARKUP_REPAIRS ? repairs[repair].message : "";
}

void ocrvl_markup_free(ocrvl_markup *m)
{
    if (!m)
        return;
    ocrvl_free(m->text);
    ocrvl_free(m->source);
    ocrvl_free(m->blocks);
    ocrvl_free(m->cells);
    ocrvl_free(m);
}

/* ---- plain text -------------------------------------------------------------------------------------- */

static void end_paragraph(ocrvl_markup_parser *p)
{
    ocrvl_markup_run run;
    ocrvl_markup_run_begin(p, &run);
    ocrvl_markup_put_text(p, &p->raw, false, false);
    ocrvl_markup_run_end(p, &run);
    ocrvl_markup_block *b = run.count ? ocrvl_markup_add_block(p, OCRVL_ROLE_PARAGRAPH) : NULL;
    if (b)
        b->text = run;
}

static void plain(ocrvl_markup_parser *p, uint32_t i)
{
    bool blank = true;
    for (; i < p->n && !p->failed; i++) {
        uint32_t c = p->in[i];
        bool ends = c == '\n' || c == '\r';
        if (c == '\r' && i + 1 < p->n && p->in[i + 1] == '\n')
            continue;
        if (ends && blank)
            end_paragraph(p);
        else
            ocrvl_markup_push(p, &p->raw, ends ? '\n' : c, i);
        blank = ends || (blank && ocrvl_markup_is_blank(c));
    }
    end_paragraph(p);
}

/* ---- all --------------------------------------------------------------------------------------------- */

/* Decodes the input to code points, of which there are never more than bytes. */
static uint32_t *decode(ocrvl_markup_parser *p, const char *text, size_t len)
{
    uint32_t *in = ocrvl_alloc_array(len, sizeof *in);
    for (size_t i = 0; in && i < len; p->n++) {
        uint32_t c = ocrvl_utf8_next(text, len, &i);
        if (c == OCRVL_UTF8_BAD)
            ocrvl_markup_note(p, OCRVL_MARKUP_BAD_UTF8, p->n);
        in[p->n] = c == OCRVL_UTF8_BAD || c == 0 ? 0xFFFD : c;
    }
    return in;
}

static void release(ocrvl_markup_parser *p)
{
    void *all[] = {p->raw.c,          p->raw.src,          p->cell.c,        p->cell.src,    p->scratch.drop,
                   p->scratch.delims, p->scratch.brackets, p->scratch.ticks, p->scratch.last};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ocrvl_free(all[i]);
    ocrvl_buf_free(&p->text);
    ocrvl_free(p);
}

static bool parse(ocrvl_markup_parser *p, const char *text, size_t len, ocrvl_markup_mode mode)
{
    uint32_t *in = decode(p, text, len);
    if (!in)
        return false;
    p->in = in;
    ocrvl_buf_putc(&p->text, '\0'); /* the text of the empty run */
    p->failed = p->text.failed;
    uint32_t from = ocrvl_markup_front_matter(p);
    if (mode == OCRVL_MARKUP_MARKDOWN)
        ocrvl_markup_markdown(p, from);
    else
        plain(p, from);
    if (!p->failed)
        ocrvl_markup_roles(p);
    ocrvl_free(in);
    if (!p->failed)
        p->doc->text = ocrvl_buf_steal(&p->text, NULL);
    return p->doc->text != NULL;
}

ocrvl_status ocrvl_markup_parse(ocrvl_markup **out, const char *text, size_t len, ocrvl_markup_mode mode,
                                ocrvl_error *err)
{
    *out = NULL;
    if (mode != OCRVL_MARKUP_PLAIN && mode != OCRVL_MARKUP_MARKDOWN)
        return ocrvl_fail(err, OCRVL_E_ARG, "there is no markup mode %d", (int)mode);
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    ocrvl_markup_parser *p = ocrvl_alloc(sizeof *p);
    ocrvl_markup *doc = ocrvl_alloc(sizeof *doc);
    if (!p || !doc) {
        ocrvl_free(p);
        ocrvl_free(doc);
        return ocrvl_fail_nomem(err);
    }
    p->doc = doc;
    bool ok = parse(p, text, len, mode);
    release(p);
    if (!ok) {
        ocrvl_markup_free(doc);
        return ocrvl_fail_nomem(err);
    }
    *out = doc;
    return OCRVL_OK;
}
