/* The parts of a searchable PDF: deflated bytes, images, the invisible font, a colour profile and a page's text. */
#ifndef OCRVL_OUT_PDFPARTS_H
#define OCRVL_OUT_PDFPARTS_H

#include "base/buf.h"
#include "ocrvl_formats.h"

/* Appends len bytes as a zlib stream. A failure sets out->failed. */
void ocrvl_deflate(ocrvl_buf *out, const void *data, size_t len);

#define OCRVL_GLYPHLESS_BYTES 676
extern const uint8_t ocrvl_glyphless[OCRVL_GLYPHLESS_BYTES];

/* Appends an ICC profile (version 2) of the sRGB colour space, IEC 61966-2-1. */
void ocrvl_put_srgb(ocrvl_buf *out);

/* How an image object is written: its dictionary without the length, its bytes, and the matrix that maps the unit
 * square to a page of width 1 and height 1. */
typedef struct ocrvl_pdf_image {
    ocrvl_buf dictionary, data;
    const uint8_t *bytes; /* points into data or into the original */
    size_t len;
    double matrix[6];
} ocrvl_pdf_image;

/* Uses the page's original data if possible: JPEG, if a PDF can contain it (grey or three colours; rotated as its EXIF
 * data say), fax data, or, if jp2 is true, JPEG 2000. Otherwise the pixels are deflated, in one bit each if they are
 * black and white. */
void ocrvl_pdf_image_make(ocrvl_pdf_image *out, const ocrvl_page_place *place, bool jp2);
void ocrvl_pdf_image_free(ocrvl_pdf_image *i);

/* The codes of the font: one for each code point that occurs, from 1 on, in order of first occurrence. */
typedef struct ocrvl_pdf_codes {
    uint32_t *points; /* code point of code i + 1 */
    size_t count, cap;
    uint32_t *table; /* open addressing: indices into points, counting from 1 */
    size_t slots;
    bool failed;
} ocrvl_pdf_codes;

void ocrvl_pdf_codes_free(ocrvl_pdf_codes *c);

/* The font's dictionaries, without the references from each to the next and to its data: the font refers to its
 * descendant and the Unicode map, the descendant to its descriptor and the glyph map, the descriptor to the file
 * (ocrvl_glyphless). */
#define OCRVL_PDF_FONT "/Type /Font /Subtype /Type0 /BaseFont /GlyphLess /Encoding /Identity-H"
#define OCRVL_PDF_DESCENDANT                                                                                           \
    "/Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLess /CIDSystemInfo << /Registry (Adobe) /Ordering "           \
    "(Identity) "                                                                                                      \
    "/Supplement 0 >> /DW 500"
#define OCRVL_PDF_DESCRIPTOR                                                                                           \
    "/Type /FontDescriptor /FontName /GlyphLess /Flags 5 /FontBBox [0 -200 500 800] /ItalicAngle 0 /Ascent 800 "       \
    "/Descent -200 /CapHeight 800 /StemV 80"
/* Appends the widths that differ from the descendant's default, as its array /W: characters that take no space have
 * width 0. */
void ocrvl_put_pdf_widths(ocrvl_buf *b, const ocrvl_pdf_codes *c);
void ocrvl_put_pdf_glyph_map(ocrvl_buf *b, const ocrvl_pdf_codes *c);
void ocrvl_put_pdf_unicode_map(ocrvl_buf *b, const ocrvl_pdf_codes *c);

/* Where text is written: a page of width x height points, which the page image fills, and the font's name there. Text
 * that would lie on one of the boxes (in pixels of the page image) is left out, because the page has it already. */
typedef struct ocrvl_pdf_sheet {
    double width, height;
    const char *font;
    const ocrvl_box *taken;
    size_t taken_count;
} ocrvl_pdf_sheet;

/* Appends operators that write the page's text, invisible, where its lines are. */
void ocrvl_put_pdf_text(ocrvl_buf *out, ocrvl_pdf_codes *codes, const ocrvl_page *page, const ocrvl_pdf_sheet *on);

#endif
