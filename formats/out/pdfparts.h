/* The parts of a searchable PDF: deflated bytes, images, the invisible font, a colour profile and a page's text. */
#ifndef OCRVL_OUT_PDFPARTS_H
#define OCRVL_OUT_PDFPARTS_H

#include "base/buf.h"
#include "ocrvl_formats.h"

/* Appends len bytes as a zlib stream. A failure is out->failed. */
void ocrvl_deflate(ocrvl_buf *out, const void *data, size_t len);

#define OCRVL_GLYPHLESS_BYTES 676
extern const uint8_t ocrvl_glyphless[OCRVL_GLYPHLESS_BYTES];

/* Appends an ICC profile (version 2) of the sRGB colour space, IEC 61966-2-1. */
void ocrvl_put_srgb(ocrvl_buf *out);

/* How an image object is written: its dictionary without the length, its bytes, and how the unit square is put on a
 * page of width 1 and height 1. */
typedef struct ocrvl_pdf_image {
    ocrvl_buf dictionary, data;
    const uint8_t *bytes; /* data's, or the original's */
    size_t len;
    double matrix[6];
} ocrvl_pdf_image;

/* The page's original as it is: JPEG, if a PDF can hold it (grey or three colours; turned as its EXIF data say), fax
 * data, or, where it may be, JPEG 2000; else the pixels deflated, in one bit where they are black and white. */
void ocrvl_pdf_image_make(ocrvl_pdf_image *out, const ocrvl_page_place *place, bool jp2);
void ocrvl_pdf_image_free(ocrvl_pdf_image *i);

/* The codes of the font: one for each code point that occurs, from 1 on, in the order in which they do. */
typedef struct ocrvl_pdf_codes {
    uint32_t *points; /* of code i + 1 */
    size_t count, cap;
    uint32_t *table; /* open addressing: indices into points, counting from 1 */
    size_t slots;
    bool failed;
} ocrvl_pdf_codes;

void ocrvl_pdf_codes_free(ocrvl_pdf_codes *c);

/* The font's dictionaries, without the references from each to the next and to its data: the font names its descendant
 * and the Unicode map, the descendant its descriptor and the glyph map, the descriptor the file (ocrvl_glyphless). */
#define OCRVL_PDF_FONT "/Type /Font /Subtype /Type0 /BaseFont /GlyphLess /Encoding /Identity-H"
#define OCRVL_PDF_DESCENDANT                                                                                           \
    "/Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLess /CIDSystemInfo << /Registry (Adobe) /Ordering "           \
    "(Identity) "                                                                                                      \
    "/Supplement 0 >> /DW 500"
#define OCRVL_PDF_DESCRIPTOR                                                                                           \
    "/Type /FontDescriptor /FontName /GlyphLess /Flags 5 /FontBBox [0 -200 500 800] /ItalicAngle 0 /Ascent 800 "       \
    "/Descent -200 /CapHeight 800 /StemV 80"
/* The widths that aren't the descendant's default, as its array /W: characters that take no room have none. */
void ocrvl_put_pdf_widths(ocrvl_buf *b, const ocrvl_pdf_codes *c);
void ocrvl_put_pdf_glyph_map(ocrvl_buf *b, const ocrvl_pdf_codes *c);
void ocrvl_put_pdf_unicode_map(ocrvl_buf *b, const ocrvl_pdf_codes *c);

/* Where text goes: a page of width x height points, which the page image fills, and the font's name there. What would
 * lie on one of the boxes (pixels of the page image) is left out, since the page says it already. */
typedef struct ocrvl_pdf_sheet {
    double width, height;
    const char *font;
    const ocrvl_box *taken;
    size_t taken_count;
} ocrvl_pdf_sheet;

/* Appends operators that put the page's text, invisible, where its lines are. */
void ocrvl_put_pdf_text(ocrvl_buf *out, ocrvl_pdf_codes *codes, const ocrvl_page *page, const ocrvl_pdf_sheet *on);

#endif
