/* Tab-separated values with Tesseract's columns: a row for each page, block, paragraph, line and word.
 *
 * page_num counts the pages of the output. A block is a block; its lines are in paragraph 1, those of a table in a
 * paragraph for each cell. Only words have a confidence (0 to 100) and text; everything else, and words without
 * confidence, have -1. An element without box has the one around it (see ocrvl_box_around), because the columns can't
 * be left out. Readers put a space between words, so words without a space between them on the page ("worden" and ";")
 * share a row, unless their script has no spaces; the row has the lowest of their confidences. Texts contain no tab or
 * line break, which the builder ensures. Nothing is quoted, because readers of this format don't expect it. */
#include <string.h>

#include "base/utf8.h"
#include "out/parts.h"
#include "out/writer.h"

enum { PAGE, BLOCK, PARAGRAPH, LINE, WORD, LEVELS };

typedef struct where {
    size_t number[LEVELS];
    ocrvl_box box;
} where;

/* level is PAGE .. WORD and is written counting from 1. */
static void put_row(ocrvl_buf *b, int level, const where *at, float confidence, const char *text, size_t len)
{
    ocrvl_buf_printf(b, "%d", level + 1);
    for (int i = 0; i < LEVELS; i++)
        ocrvl_buf_printf(b, "\t%zu", i <= level ? at->number[i] : 0);
    ocrvl_buf_printf(b, "\t%d\t%d\t%d\t%d\t", at->box.x0, at->box.y0, at->box.x1 - at->box.x0, at->box.y1 - at->box.y0);
    ocrvl_buf_put_number(b, confidence < 0 ? -1 : (double)confidence * 100, 4);
    ocrvl_buf_putc(b, '\t');
    ocrvl_buf_put(b, text, len);
    ocrvl_buf_putc(b, '\n');
}

/* Adds a piece to the row of the word that it continues. */
static void join(ocrvl_piece *row, ocrvl_box *box, float *confidence, const ocrvl_piece *p)
{
    ocrvl_node_info i = p->word ? ocrvl_info(p->word) : (ocrvl_node_info){.confidence = -1};
    row->len += p->len;
    if (ocrvl_has_box(&i))
        ocrvl_box_stretch(box, &i.box);
    if (i.confidence >= 0 && (*confidence < 0 || i.confidence < *confidence))
        *confidence = i.confidence;
}

static void put_line(ocrvl_buf *b, const ocrvl_node *line, where at)
{
    ocrvl_pieces it;
    ocrvl_piece p, next;
    at.box = ocrvl_box_around(line, at.box);
    put_row(b, LINE, &at, -1, "", 0);
    where word = at;
    word.number[WORD] = 0;
    ocrvl_pieces_begin(&it, line);
    for (bool more = ocrvl_pieces_next(&it, &p); more; p = next) {
        ocrvl_piece row = {.text = p.text};
        float confidence = -1;
        word.box = (ocrvl_box){0};
        join(&row, &word.box, &confidence, &p);
        while ((more = ocrvl_pieces_next(&it, &next)) && !next.space &&
               !ocrvl_utf8_unspaced(row.text, row.len, next.text, next.len))
            join(&row, &word.box, &confidence, &next);
        word.number[WORD]++;
        word.box = word.box.x1 ? word.box : at.box;
        put_row(b, WORD, &word, confidence, row.text, row.len);
    }
}

static void put_paragraph(ocrvl_buf *b, const ocrvl_node *parent, where at)
{
    if (!ocrvl_node_first(parent))
        return;
    at.box = ocrvl_box_around(parent, at.box);
    at.number[LINE] = 0;
    put_row(b, PARAGRAPH, &at, -1, "", 0);
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line)) {
        at.number[LINE]++;
        put_line(b, line, at);
    }
}

static void put_block(ocrvl_buf *b, const ocrvl_node *block, where at)
{
    at.box = ocrvl_box_around(block, at.box);
    put_row(b, BLOCK, &at, -1, "", 0);
    at.number[PARAGRAPH] = 1;
    if (ocrvl_info(block).role != OCRVL_ROLE_TABLE) {
        put_paragraph(b, block, at);
        return;
    }
    for (const ocrvl_node *cell = ocrvl_node_first(block); cell; cell = ocrvl_node_next(cell)) {
        put_paragraph(b, cell, at);
        at.number[PARAGRAPH] += ocrvl_node_first(cell) != NULL;
    }
}

static void put_head(ocrvl_buf *b)
{
    ocrvl_buf_puts(b,
                   "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n");
}

static void tsv_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    (void)place;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    where at = {.number = {[PAGE] = w->pages}, .box = {0, 0, (int32_t)info.width, (int32_t)info.height}};
    if (w->pages == 1)
        put_head(&w->buf);
    put_row(&w->buf, PAGE, &at, -1, "", 0);
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        at.number[BLOCK]++;
        put_block(&w->buf, n, at);
    }
}

static void tsv_end(ocrvl_writer *w)
{
    if (w->pages == 0)
        put_head(&w->buf);
}

const ocrvl_writer_ops ocrvl_tsv_ops = {.page = tsv_page, .end = tsv_end};
