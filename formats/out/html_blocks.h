/* The blocks of a page as HTML. */
#ifndef OCRVL_OUT_HTML_BLOCKS_H
#define OCRVL_OUT_HTML_BLOCKS_H

#include "out/writer.h"

typedef struct ocrvl_html_tables { /* of a page: those that may be parts of tables over pages, or NULL */
    const ocrvl_node *first;       /* goes on from the page before */
    uint32_t repeats;              /* its first rows that are the table's head once more */
    bool written;                  /* its rows have been written */
    const ocrvl_node *last;        /* is left open, and what follows it is held back */
} ocrvl_html_tables;

/* Writes them in reading order. A table that goes on from the page before has the class "continues". */
void ocrvl_put_html_blocks(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place,
                           const ocrvl_html_tables *tables);
/* The rows of a table that goes on, for the table that is open: a body of their own, with the page's number. */
void ocrvl_put_html_rows(ocrvl_writer *w, const ocrvl_html_tables *tables);

#endif
