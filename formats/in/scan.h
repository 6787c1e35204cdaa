/* The image of a PDF page that is one scan, as the file stores it. */
#ifndef OCRVL_IN_SCAN_H
#define OCRVL_IN_SCAN_H

#include "ocrvl_formats.h"

typedef struct ocrvl_scans ocrvl_scans; /* the document */

/* The bytes must stay valid. Returns NULL if the document can't be opened. */
ocrvl_scans *ocrvl_scans_open(const void *data, size_t len, const char *password);
void ocrvl_scans_free(ocrvl_scans *s);

/* Takes the page's only image, which is known to be of this size and to fill the page upright: sets original,
 * original_len and original_type if the bytes mean the same in any document, as JPEG, fax data, or JPEG 2000 in grey or
 * sRGB, without masks, inverted values or other images on the page. They are valid until the next call. */
void ocrvl_scans_take(ocrvl_scans *s, uint64_t index, uint32_t width, uint32_t height, ocrvl_page_place *place);

#endif
