#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/languages.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"

static bool keep(ocrvl_draft *d, ocrvl_status st)
{
    if (st && !d->failed)
        d->failed = st;
    return !d->failed;
}

void ocrvl_draft_free(ocrvl_draft *d)
{
    ocrvl_builder_free(d->builder);
    ocrvl_buf_free(&d->text);
    ocrvl_buf_free(&d->scratch);
    ocrvl_free(d->words);
    memset(d, 0, sizeof *d);
}

void ocrvl_draft_page(ocrvl_draft *d, uint32_t width, uint32_t height, double dpi_x, double dpi_y)
{
    ocrvl_builder_free(d->builder);
    d->builder = NULL;
    d->width = width;
    d->height = height;
    d->block = d->cell = d->line = (ocrvl_node_info){0};
    d->block_opened = d->cell_opened = false;
    d->failed = OCRVL_OK;
    d->scale = d->scale > 0 ? d->scale : 1;
    keep(d, ocrvl_builder_new(&d->builder, width, height, dpi_x, dpi_y, &d->why));
}

/* The tag of what the file says, in `out`, which is returned; NULL if there is none. */
static const char *take_lang(char out[OCRVL_DRAFT_TAG], const char *lang)
{
    const char *tag = lang && *lang ? ocrvl_language_tag(lang) : NULL;
    if (!tag || strlen(tag) >= OCRVL_DRAFT_TAG)
        return NULL;
    memcpy(out, tag, strlen(tag) + 1);
    return out;
}

static ocrvl_node_info info_of(ocrvl_kind kind, ocrvl_box box)
{
    ocrvl_node_info i = {.size = sizeof i, .kind = kind, .box = box, .row_span = 1, .col_span = 1};
    i.origin = box.x1 > box.x0 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    return i;
}

static void open_block(ocrvl_draft *d)
{
    if (d->failed || d->block_opened || !d->block.kind)
        return;
    d->block_opened = keep(d, ocrvl_builder_open(d->builder, &d->block, &d->why));
}

void ocrvl_draft_block(ocrvl_draft *d, ocrvl_role role, ocrvl_box box, const char *lang)
{
    ocrvl_draft_block_end(d);
    if (!d->builder) /* no page is open */
        return;
    d->block = info_of(OCRVL_BLOCK, box);
    d->block.role = role;
    d->block.lang = take_lang(d->block_lang, lang);
    d->block_used = false;
}

void ocrvl_draft_cell(ocrvl_draft *d, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols, ocrvl_box box)
{
    ocrvl_draft_cell_end(d);
    if (!d->builder)
        return;
    open_block(d);
    d->block_used = true;
    d->cell = info_of(OCRVL_CELL, box);
    d->cell.row = row;
    d->cell.col = col;
    d->cell.row_span = rows;
    d->cell.col_span = cols;
}

/* Cells open in the builder with their first line or at their end, so that the caller may say more of them. */
static void open_cell(ocrvl_draft *d)
{
    if (d->failed || d->cell_opened || !d->cell.kind)
        return;
    d->cell_opened = keep(d, ocrvl_builder_open(d->builder, &d->cell, &d->why));
}

void ocrvl_draft_line(ocrvl_draft *d, ocrvl_box box, const char *lang)
{
    ocrvl_draft_line_end(d);
    if (!d->builder)
        return;
    if (!d->block.kind)
        ocrvl_draft_block(d, OCRVL_ROLE_PARAGRAPH, (ocrvl_box){0}, NULL);
    d->block_used = true;
    d->line = info_of(OCRVL_LINE, box);
    d->line.lang = take_lang(d->line_lang, lang);
    ocrvl_buf_clear(&d->text);
    d->space = false;
    d->count = 0;
}

static bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

void ocrvl_draft_text(ocrvl_draft *d, const char *text, size_t len)
{
    if (!d->line.kind || d->failed)
        return;
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && is_white(text[i]))
            i++;
        d->space |= i > from;
        from = i;
        while (i < len && !is_white(text[i]))
            i++;
        if (i == from)
            break;
        if (d->space && d->text.len)
            ocrvl_buf_putc(&d->text, ' ');
        d->space = false;
        ocrvl_draft_word *w = d->count ? &d->words[d->count - 1] : NULL;
        if (w && w->len == SIZE_MAX) { /* a word waits for its text */
            w->byte = d->text.len;
            w->len = SIZE_MAX - 1;
        }
        ocrvl_buf_put(&d->text, text + from, i - from);
    }
}

void ocrvl_draft_word_end(ocrvl_draft *d)
{
    ocrvl_draft_word *w = d->count ? &d->words[d->count - 1] : NULL;
    if (!w || w->len < SIZE_MAX - 1)
        return;
    if (w->len == SIZE_MAX) /* a word without text is none */
        d->count--;
    else
        w->len = d->text.len - w->byte;
}

void ocrvl_draft_word_begin(ocrvl_draft *d, ocrvl_box box, float confidence, const char *lang)
{
    if (!d->line.kind || d->failed)
        return;
    ocrvl_draft_word_end(d);
    if (d->count == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 64;
        ocrvl_draft_word *p = ocrvl_realloc_array(d->words, cap, sizeof *p);
        if (!p) {
            keep(d, ocrvl_fail_nomem(&d->why));
            return;
        }
        d->words = p;
        d->cap = cap;
    }
    ocrvl_draft_word *w = &d->words[d->count++];
    memset(w, 0, sizeof *w);
    w->len = SIZE_MAX;
    w->box = box;
    w->origin = box.x1 > box.x0 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    w->confidence = confidence;
    take_lang(w->lang, lang);
}

/* Ill-formed UTF-8, which the builder refuses, becomes U+FFFD. */
static void mend(ocrvl_draft *d)
{
    size_t n = d->text.len;
    if (d->text.failed || n == 0 || ocrvl_utf8_valid(d->text.data, n))
        return;
    ocrvl_buf_clear(&d->scratch);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(d->text.data, n, &i);
        ocrvl_buf_put_codepoint(&d->scratch, c == OCRVL_UTF8_BAD ? 0xFFFD : c);
    }
    d->count = 0; /* their offsets are lost; the text is kept */
    ocrvl_buf swap = d->text;
    d->text = d->scratch;
    d->scratch = swap;
}

static void put_words(ocrvl_draft *d)
{
    uint32_t cp = 0;
    size_t at = 0;
    for (size_t k = 0; k < d->count && !d->failed; k++) {
        const ocrvl_draft_word *w = &d->words[k];
        ocrvl_node_info i = info_of(OCRVL_WORD, w->box);
        cp += (uint32_t)ocrvl_utf8_count(d->text.data + at, w->byte - at);
        ocrvl_buf_clear(&d->scratch);
        ocrvl_buf_put(&d->scratch, d->text.data + w->byte, w->len);
        if (d->scratch.failed) {
            keep(d, ocrvl_fail_nomem(&d->why));
            return;
        }
        i.text = d->scratch.data;
        i.start = cp;
        i.origin = w->origin;
        i.confidence = w->confidence;
        i.lang = *w->lang ? w->lang : NULL;
        if (keep(d, ocrvl_builder_open(d->builder, &i, &d->why)))
            keep(d, ocrvl_builder_close(d->builder, &d->why));
        cp += (uint32_t)ocrvl_utf8_count(i.text, w->len);
        at = w->byte + w->len;
    }
}

void ocrvl_draft_line_end(ocrvl_draft *d)
{
    if (!d->line.kind)
        return;
    ocrvl_draft_word_end(d);
    open_block(d);
    open_cell(d);
    mend(d);
    if (d->text.failed || d->scratch.failed)
        keep(d, ocrvl_fail_nomem(&d->why));
    d->line.text = d->text.data ? d->text.data : "";
    if (!d->failed && keep(d, ocrvl_builder_open(d->builder, &d->line, &d->why))) {
        put_words(d);
        if (!d->failed)
            keep(d, ocrvl_builder_close(d->builder, &d->why));
    }
    d->line.kind = 0;
}

void ocrvl_draft_cell_end(ocrvl_draft *d)
{
    ocrvl_draft_line_end(d);
    open_cell(d);
    if (d->cell_opened && !d->failed)
        keep(d, ocrvl_builder_close(d->builder, &d->why));
    d->cell.kind = 0;
    d->cell_opened = false;
}

void ocrvl_draft_block_end(ocrvl_draft *d)
{
    ocrvl_draft_cell_end(d);
    open_block(d);
    if (d->block_opened && !d->failed)
        keep(d, ocrvl_builder_close(d->builder, &d->why));
    d->block.kind = 0;
    d->block_opened = false;
}

ocrvl_status ocrvl_draft_finish(ocrvl_draft *d, ocrvl_page **page, ocrvl_error *err)
{
    ocrvl_draft_block_end(d);
    *page = NULL;
    if (!d->failed)
        keep(d, ocrvl_builder_finish(d->builder, page, &d->why));
    ocrvl_builder_free(d->builder);
    d->builder = NULL;
    if (d->failed && err)
        *err = d->why;
    return d->failed;
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

ocrvl_box ocrvl_draft_box(const ocrvl_draft *d, double x0, double y0, double x1, double y1)
{
    double v[4] = {x0 * d->scale, y0 * d->scale, x1 * d->scale, y1 * d->scale};
    for (int i = 0; i < 4; i++) {
        double most = i % 2 ? d->height : d->width;
        v[i] = v[i] > 0 ? (v[i] < most ? v[i] : most) : 0; /* NaN too becomes 0 */
    }
    ocrvl_box b = {(int32_t)lround(v[0]), (int32_t)lround(v[1]), (int32_t)lround(v[2]), (int32_t)lround(v[3])};
    return b.x1 > b.x0 && b.y1 > b.y0 ? b : (ocrvl_box){0};
}

bool ocrvl_parse_number(const char **s, double *out)
{
    const char *p = *s + strspn(*s, " \t\r\n");
    bool minus = *p == '-';
    double v = 0, unit = 1;
    p += *p == '-' || *p == '+';
    size_t whole = strspn(p, "0123456789");
    for (size_t i = 0; i < whole; i++)
        v = v * 10 + (p[i] - '0');
    p += whole;
    size_t part = *p == '.' ? strspn(p + 1, "0123456789") : 0;
    for (size_t i = 1; i <= part; i++)
        v += (unit /= 10) * (p[i] - '0');
    p += part ? part + 1 : whole && *p == '.';
    if (whole + part == 0 || v > 1e15)
        return false;
    *out = minus ? -v : v;
    *s = p;
    return true;
}

size_t ocrvl_parse_points(const char *s, double (*points)[2], size_t cap)
{
    size_t n = 0;
    double x, y;
    while (ocrvl_parse_number(&s, &x)) {
        s += strspn(s, " ,");
        if (!ocrvl_parse_number(&s, &y))
            break;
        s += strspn(s, " ,");
        if (n < cap) {
            points[n][0] = x;
            points[n][1] = y;
        }
        n++;
    }
    return n;
}

static bool is_unspaced(uint32_t c)
{
    return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE50) ||
           (c >= 0xFF00 && c < 0xFFA0) || (c >= 0x1B000 && c < 0x1B300) || (c >= 0x20000 && c < 0x40000) ||
           (c >= 0x0E00 && c < 0x0F00) || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
}

bool ocrvl_unspaced(const char *before, size_t before_len, const char *after, size_t after_len)
{
    size_t i = 0, last = before_len;
    while (last > 0 && ((unsigned char)before[--last] & 0xC0) == 0x80)
        ;
    return before_len && after_len && is_unspaced(ocrvl_utf8_next(before, before_len, &last)) &&
           is_unspaced(ocrvl_utf8_next(after, after_len, &i));
}
