/* The page reader: a page read whole by a page model. Its groups are tiles: the page, or the parts in which it is
 * shown; each is one sequence, with a prompt, drafts, a repetition detector, and at the end composition (compose.h). */
#ifndef OCRVL_READ_PAGE_READER_H
#define OCRVL_READ_PAGE_READER_H

#include "read/reader.h"

extern const ocrvl_reader_ops ocrvl_page_reader_ops;

#endif
