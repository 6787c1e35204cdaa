/* Text that a document carries, on its way to the result: lines that the layout needn't look for. */
#ifndef OCRVL_READ_OWN_TEXT_H
#define OCRVL_READ_OWN_TEXT_H

#include "read/own_page.h"

/* A page most of whose text isn't level is turned, unless keep_rotation is set. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_page_make(ocrvl_own_page *out, const ocrvl_own_text *text, bool keep_rotation,
                                                  ocrvl_error *err);
void ocrvl_own_page_free(ocrvl_own_page *o); /* leaves it empty */

#endif
