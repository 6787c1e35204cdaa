/* Pages between their document and the output: several are read together, and come out in the order they went in. */
#ifndef OCRVL_CLI_QUEUE_H
#define OCRVL_CLI_QUEUE_H

#include "ocrvl_formats.h"

typedef struct cli_queued { /* a page, with all that is known of it; one owner from the source to the output */
    struct cli_queued *next;
    ocrvl_page_place place; /* its strings, the document's text, boxes and original are copies */
    ocrvl_image *img;       /* NULL: it could not be made, */
    ocrvl_error why;        /* and why */
    bool unread;            /* it has text already, and is left as it is */
    uint64_t file, pages;   /* 1-based file; pages of the document, 0: not known */
    ocrvl_source *source;   /* of which it is the last page, or NULL */
} cli_queued;

typedef struct cli_queue { /* zero-initialise */
    cli_queued *first, *last;
    ocrvl_source *done; /* the last one of which all pages have left: results may still be reading it */
} cli_queue;

/* Puts a page at the end; img (or NULL) is the queue's from now on, whatever comes of it. NULL: no memory. */
cli_queued *cli_queue_put(cli_queue *q, ocrvl_image *img, const ocrvl_page_place *place);
/* The document has given all its pages, one at least: it is freed when the last page of the next one leaves. */
void cli_queue_source(cli_queue *q, ocrvl_source *src);
/* Takes the first page out and frees it. */
void cli_queue_drop(cli_queue *q);
void cli_queue_free(cli_queue *q);

#endif
