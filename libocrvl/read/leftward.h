/* Pages whose script runs from right to left. */
#ifndef OCRVL_READ_LEFTWARD_H
#define OCRVL_READ_LEFTWARD_H

#include "read/lines.h"
#include "read/own_page.h"

/* Puts the layout's lines, and with them the strips and their readings, in the order in which a page is read whose
 * text, as it was read or as the document says it, mostly runs from right to left; others stay as they are, and so do
 * pages whose order the document's tags tell. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_order_leftward(ocrvl_layout *l, ocrvl_lines *lines, const ocrvl_own_page *own,
                                                   ocrvl_error *err);

#endif
