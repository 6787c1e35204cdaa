/* The picture that a page of a PDF is, as the file has it. */
#ifndef OCRVL_IN_SCAN_H
#define OCRVL_IN_SCAN_H

#include "ocrvl_formats.h"

typedef struct ocrvl_scans ocrvl_scans; /* the document */

/* The bytes must stay. NULL: it can't be opened. */
ocrvl_scans *ocrvl_scans_open(const void *data, size_t len, const char *password);
void ocrvl_scans_free(ocrvl_scans *s);

/* The page's only picture, of which it is known that it is of this size and fills the page upright: sets original,
 * original_len and original_type if the bytes mean the same in any document, as JPEG, fax data, or JPEG 2000 of grey or
 * sRGB; without masks, turned values or other pictures beside it. They last until the next call. */
void ocrvl_scans_take(ocrvl_scans *s, uint64_t index, uint32_t width, uint32_t height, ocrvl_page_place *place);

#endif
