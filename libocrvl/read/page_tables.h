/* The tables of a page that was read line by line, or says itself what stands on it. */
#ifndef OCRVL_READ_PAGE_TABLES_H
#define OCRVL_READ_PAGE_TABLES_H

#include "layout/tables.h"
#include "read/result.h"

typedef struct ocrvl_page_tables { /* zero-initialise */
    ocrvl_tables found;            /* its words are those of the result */
    uint32_t *table_of;            /* [r->count] which table a word is in, counted from 1; 0: none */
    uint32_t *line_of;             /* [r->count, when they were found] the layout's line that a word was of */
} ocrvl_page_tables;

void ocrvl_page_tables_free(ocrvl_page_tables *t); /* leaves it empty */

/* Finds the tables among the words of lines [layout->line_count] of the result, which says of each line of the layout
 * what stands on it (count 0: nothing). Single letters that were read in columns of numbers become the figures that
 * look like them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_tables_find(ocrvl_page_tables *out, ocrvl_result *r,
                                                     const ocrvl_result_line *lines, ocrvl_error *err);

/* Puts table i, counted from 0. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_page_tables_put(const ocrvl_page_tables *t, size_t i, ocrvl_result *r,
                                                    const ocrvl_result_line *lines, ocrvl_error *err);

/* Puts words [first, first + count) of the result, a part of `whole`, as a line. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_put_part(ocrvl_result *r, const ocrvl_result_line *whole, size_t first,
                                             size_t count, ocrvl_error *err);

#endif
