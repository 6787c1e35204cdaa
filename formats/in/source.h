/* What a format gives the source. A document format (PDF, TIFF) knows its pages; a picture format (PNG, JPEG, PNM)
 * knows one picture, and picture_stream.c makes a document of the pictures that follow one another in the input. */
#ifndef OCRVL_IN_SOURCE_H
#define OCRVL_IN_SOURCE_H

#include "ocrvl_formats.h"

/* The input bytes, which stay while the document is open, and the caller's options with every limit filled in. */
typedef struct ocrvl_input {
    const uint8_t *data;
    size_t len;
    const ocrvl_source_options *opt;
} ocrvl_input;

typedef struct ocrvl_document_format {
    const char *media_type;
    bool (*sniff)(const uint8_t *data, size_t len);
    /* *pages: how many there are, more than limits.max_pages of them or not. */
    ocrvl_status (*open)(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err);
    void (*free)(void *doc);
    /* Page `index`, 0-based. *img is NULL on failure. Of *place, sets label, pdf_box, native and media_type where they
     * apply; the rest is set before the call or afterwards. Strings last until the next call. */
    ocrvl_status (*page)(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err);
} ocrvl_document_format;

extern const ocrvl_document_format ocrvl_format_pdf, ocrvl_format_tiff, ocrvl_format_pictures;

typedef struct ocrvl_picture_format {
    const char *media_type;
    bool (*sniff)(const uint8_t *data, size_t len);
    /* Bytes from the start of a sniffed picture to its end, without decoding; len if it is broken or cut, so that
     * nothing can be said of what follows. */
    size_t (*extent)(const uint8_t *data, size_t len);
    ocrvl_status (*decode)(ocrvl_image **img, const uint8_t *data, size_t len, const ocrvl_limits *limits,
                           ocrvl_error *err);
} ocrvl_picture_format;

extern const ocrvl_picture_format ocrvl_picture_png, ocrvl_picture_jpeg, ocrvl_picture_pnm;

#endif
