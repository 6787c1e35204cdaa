/* The language that a PDF says it is in. */
#ifndef OCRVL_IN_PDF_LANG_H
#define OCRVL_IN_PDF_LANG_H

#include <stddef.h>

enum { OCRVL_PDF_LANG_BYTES = 36 };

/* Copies the catalog's /Lang as it stands there; "" if there is none, or if the file can't be opened for it. */
void ocrvl_pdf_language(char out[OCRVL_PDF_LANG_BYTES], const void *data, size_t len, const char *password);

#endif
