/* Tables that go on over pages, in HTML to read: one that ends its page stays open until the next page is known, and
 * what follows it on its own page, running lines, is held back so long. So each such table is one, in the section of
 * the page where it begins. */
#ifndef OCRVL_OUT_HTML_HELD_H
#define OCRVL_OUT_HTML_HELD_H

#include "out/writer.h"

typedef struct ocrvl_html_state { /* of the writer */
    uint32_t level;               /* in the view: of the last heading */
    bool section;                 /* to read: one is open */
    bool open;                    /* and a table in it, which what is held follows */
    ocrvl_xml *main, *held; /* where w->xml leads while nothing is held, and while something is; made when needed */
    ocrvl_buf text;         /* what is held */
} ocrvl_html_state;

/* Zeroed at first; NULL if memory is exhausted, which is recorded. */
ocrvl_html_state *ocrvl_html_state_of(ocrvl_writer *w);
/* Holds back what is written to w->xml from here on. The open element is the table. */
void ocrvl_html_hold(ocrvl_writer *w);
/* To be called at the end of a page: w->xml leads to the document again. */
void ocrvl_html_unhold(ocrvl_writer *w);
/* Closes the open table, if there is one, and writes what is held; the section stays open. */
void ocrvl_html_release(ocrvl_writer *w);
/* Whether a table is open that may go on; it may not once much is held back. */
bool ocrvl_html_may_go_on(ocrvl_writer *w);

#endif
