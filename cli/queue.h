/* Pages between their document and the output: several are read in a batch, and leave in the order in which they
 * came. */
#ifndef OCRVL_CLI_QUEUE_H
#define OCRVL_CLI_QUEUE_H

#include "ocrvl_formats.h"

typedef struct cli_queued { /* a page with everything known about it; it has one owner from the source to the output */
    struct cli_queued *next;
    ocrvl_page_place place; /* its strings, the document's text, boxes and original are copies */
    ocrvl_image *img;       /* NULL if it could not be made */
    ocrvl_error why;        /* why img is NULL */
    bool unread;            /* it has text already, and stays unread */
    bool own;               /* it has text of its own */
    bool lost;              /* its reading was stopped: there is nothing to write */
    uint64_t file, pages;   /* file, 1-based; number of the document's pages, 0 if unknown */
    ocrvl_source *source;   /* the document, if this is its last page; or NULL */
} cli_queued;

typedef struct cli_queue { /* must be zero-initialised */
    cli_queued *first, *last;
    cli_queued *fresh;  /* the first that hasn't been read; those before it wait for what comes after them */
    ocrvl_source *done; /* the last document of which all pages have left: results may still be reading it */
} cli_queue;

/* Appends a page. The queue owns img (which may be NULL) from now on, even if this fails. Returns NULL if memory is
 * exhausted. */
cli_queued *cli_queue_put(cli_queue *q, ocrvl_image *img, const ocrvl_page_place *place);
/* Tells the queue that the document has given all its pages, at least one. It is freed when the last page of the next
 * document leaves. */
void cli_queue_source(cli_queue *q, ocrvl_source *src);
/* Removes and frees the first page. */
void cli_queue_drop(cli_queue *q);
void cli_queue_free(cli_queue *q);

#endif
