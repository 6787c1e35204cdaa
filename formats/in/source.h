/* The operations of an input format. A document format (PDF, TIFF) knows its pages; an image format (PNG, JPEG and
 * others) knows one image, and picture_stream.c makes a document of the images that follow one another in the input. */
#ifndef OCRVL_IN_SOURCE_H
#define OCRVL_IN_SOURCE_H

#include "ocrvl_formats.h"

/* The input's bytes, which stay valid while the document is open, and the caller's options with every limit filled
 * in. */
typedef struct ocrvl_input {
    const uint8_t *data;
    size_t len;
    const ocrvl_source_options *opt;
    bool shared; /* page images are meant for another process (ocrvl_image_new_shared) */
} ocrvl_input;

typedef struct ocrvl_document_format {
    const char *media_type;
    bool (*sniff)(const uint8_t *data, size_t len);
    /* *pages is the number of pages, even if it is over max_pages. */
    ocrvl_status (*open)(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err);
    void (*free)(void *doc);
    /* Page `index`, 0-based. *img is NULL on failure. Sets label, pdf_box, native and media_type of *place where they
     * apply; the other members are set before the call or afterwards. Strings are valid until the next call. */
    ocrvl_status (*page)(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err);
} ocrvl_document_format;

/* ocrvl_page_place.damage of an image that ends early. */
#define OCRVL_CUT_IMAGE "the image's data end early or are damaged, and part of it is missing or wrong"

/* The longest side of a PDF's picture that poppler draws: a longer one is left out without a word, from 32,731 or
 * 32,768 pixels on, by how much it is made smaller. */
#define OCRVL_PICTURE_SIDE 32700.0

extern const ocrvl_document_format ocrvl_format_pdf, ocrvl_format_tiff, ocrvl_format_pictures;

typedef struct ocrvl_picture_format {
    const char *media_type;
    bool (*sniff)(const uint8_t *data, size_t len);
    /* Bytes from the start of a detected image to its end, found without decoding; len if it is broken or cut, so that
     * it isn't certain what follows. NULL: it is never told, and the image takes all that there is. */
    size_t (*extent)(const uint8_t *data, size_t len);
    /* *img is NULL before; what it holds on failure is freed by the caller. *cut, false before, is set if the data
     * end early and the image holds what there is, white below. */
    ocrvl_status (*decode)(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                           ocrvl_error *err);
} ocrvl_picture_format;

extern const ocrvl_picture_format ocrvl_picture_png, ocrvl_picture_jpeg, ocrvl_picture_pnm, ocrvl_picture_webp,
    ocrvl_picture_gif, ocrvl_picture_bmp, ocrvl_picture_jp2, ocrvl_picture_heif;

#endif
