#include "read/leftward.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

/* How many more letters run from right to left on the page than from left to right. */
static int64_t balance(const ocrvl_layout *l, const ocrvl_lines *lines, const ocrvl_own_page *own)
{
    int64_t more = 0;
    for (size_t i = 0; lines->readings && i < lines->count; i++)
        if (lines->readings[i].transcript.text)
            more += ocrvl_utf8_leftward(lines->readings[i].transcript.text, lines->readings[i].transcript.len);
    for (size_t i = 0; own->text && i < l->line_count; i++) {
        if (!l->lines[i].known)
            continue;
        const ocrvl_own_line *line = &own->text->lines[own->line[l->lines[i].known - 1]];
        for (size_t w = line->first; w < line->first + line->count; w++)
            more += ocrvl_utf8_leftward(own->text->words[w].text, strlen(own->text->words[w].text));
    }
    return more;
}

typedef struct place { /* of a strip */
    size_t line, strip;
} place;

static int by_line(const void *a, const void *b)
{
    const place *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return (p->strip > q->strip) - (p->strip < q->strip);
}

/* Sorts the strips, whose lines are numbered anew by line_of, with their readings. */
static ocrvl_status sort_strips(ocrvl_lines *lines, const size_t *line_of, ocrvl_error *err)
{
    place *places = ocrvl_alloc_array(lines->count, sizeof *places);
    ocrvl_strip *strips = ocrvl_alloc_array(lines->count, sizeof *strips);
    ocrvl_reading *readings = ocrvl_alloc_array(lines->count, sizeof *readings);
    ocrvl_status st = places && strips && readings ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; i < lines->count && !st; i++) {
        lines->strips[i].line = (uint32_t)line_of[lines->strips[i].line];
        places[i] = (place){lines->strips[i].line, i};
    }
    if (!st && lines->count) {
        qsort(places, lines->count, sizeof *places, by_line);
        memcpy(strips, lines->strips, lines->count * sizeof *strips);
        if (lines->readings)
            memcpy(readings, lines->readings, lines->count * sizeof *readings);
    }
    for (size_t i = 0; i < lines->count && !st; i++) {
        lines->strips[i] = strips[places[i].strip];
        if (lines->readings)
            lines->readings[i] = readings[places[i].strip];
    }
    ocrvl_free(places);
    ocrvl_free(strips);
    ocrvl_free(readings);
    return st;
}

ocrvl_status ocrvl_order_leftward(ocrvl_layout *l, ocrvl_lines *lines, const ocrvl_own_page *own, ocrvl_error *err)
{
    size_t n = l->line_count;
    if (own->tagged || n < 2 || balance(l, lines, own) <= 0)
        return OCRVL_OK;
    size_t *line_of = ocrvl_alloc_array(n, sizeof *line_of), *line_of_row = ocrvl_alloc_array(n, sizeof *line_of_row);
    uint32_t *rows = ocrvl_alloc_array(n, sizeof *rows);
    ocrvl_status st = line_of && line_of_row && rows ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n && !st; i++)
        rows[i] = l->lines[i].row;
    if (!st)
        st = ocrvl_layout_from_right(l, err);
    for (size_t i = 0; i < n && !st; i++)
        line_of_row[l->lines[i].row] = i;
    for (size_t i = 0; i < n && !st; i++)
        line_of[i] = line_of_row[rows[i]];
    if (!st)
        st = sort_strips(lines, line_of, err);
    ocrvl_free(line_of_row);
    ocrvl_free(line_of);
    ocrvl_free(rows);
    return st;
}
