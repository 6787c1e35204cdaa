/* A TIFF, and the parts of its reader: tiff.c finds its pages, tiff_pixels.c makes a page's pixels, and tiff_given.c
 * gives data that others can take without decoding. */
#ifndef OCRVL_IN_TIFF_H
#define OCRVL_IN_TIFF_H

#include <tiffio.h>

#include "base/buf.h"
#include "in/samples.h"
#include "in/source.h"

typedef struct ocrvl_tiff {
    const uint8_t *data;
    size_t len;
    bool big_endian, big; /* big: BigTIFF */
    uint64_t max_pixels;
    bool originals;
    uint64_t *pages; /* offsets of directories; 0 where the chain becomes a cycle */
    size_t count, cap;
    char message[160]; /* the first error of libtiff */
    bool cut;          /* the last page's data ended early */
    uint8_t *fax;      /* the last page's fax data, if they had to be made */
    size_t fax_len, fax_cap;
    ocrvl_buf jpeg; /* the last page's JPEG file, if its data are one */
} ocrvl_tiff;

/* Everything is mapped, so libtiff reads through these functions only at the very start. */
typedef struct ocrvl_tiff_cursor {
    const ocrvl_tiff *d;
    uint64_t at;
} ocrvl_tiff_cursor;

/* For libtiff: user is the document, whose message and cut are set. */
int ocrvl_tiff_on_error(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap);
int ocrvl_tiff_on_warning(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap);
int ocrvl_tiff_close_nothing(thandle_t h);

/* What a piece of memory for one page may take; 0: anything. */
uint64_t ocrvl_tiff_most_bytes(const ocrvl_tiff *d);

/* OCRVL_E_FORMAT in libtiff's words. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tiff_fail(const ocrvl_tiff *d, ocrvl_error *err);

typedef struct ocrvl_tiff_layout { /* of a page */
    uint32_t width, height;
    uint16_t bits, samples, photometric, format; /* format: SAMPLEFORMAT_* */
    uint32_t block_width, block_height;          /* of a tile or strip */
    bool tiled, separate;                        /* separate: one plane for each sample */
    unsigned channels, inks;                     /* of the result; inks: samples that are used, without alpha */
    unsigned alpha;                              /* index of the alpha sample; 0 means none */
    bool associated;                             /* colours are multiplied by alpha already */
    bool foreign;                                /* libtiff converts to RGBA */
    uint8_t *map;                                /* for palettes: [1 << bits][3] */
    ocrvl_samples scale;                         /* of the samples of colours */
} ocrvl_tiff_layout;

/* l is zero before, and l->map is to be freed in any case. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tiff_layout_read(ocrvl_tiff_layout *l, TIFF *tif, ocrvl_error *err);

/* Fills img [height][width][channels], as the page lies. d->cut is set if there is no data for its end. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tiff_pixels(ocrvl_image *img, TIFF *tif, ocrvl_tiff_layout *l, ocrvl_tiff *d,
                                                ocrvl_error *err);

/* Provides the page's fax or JPEG data if it has any; if not, or if that fails, there are still the pixels, img. */
void ocrvl_tiff_give_fax(ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, unsigned orientation,
                         const ocrvl_image *img, ocrvl_page_place *place);
void ocrvl_tiff_give_jpeg(ocrvl_tiff *d, TIFF *tif, const ocrvl_tiff_layout *l, unsigned orientation,
                          ocrvl_page_place *place);

#endif
