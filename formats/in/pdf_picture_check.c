#include "in/pdf_picture_check.h"

#include <stdlib.h>

#include "base/buf.h"
#include "in/flate.h"
#include "in/jpeg.h"
#include "in/packed.h"
#include "in/pdf_picture.h"
#include "in/source.h"

typedef struct picture {
    qpdf_data pdf;
    ocrvl_pdf_care care;
    uint64_t max_pixels;
    bool *mendable;
    qpdf_oh dict;
    long long width, height;
    const uint8_t *data; /* as the file has them */
    size_t len;
} picture;

static bool is_packed(const picture *p, const char *filter, const char *brief)
{
    return ocrvl_pdf_picture_is(p->pdf, p->dict, filter, brief);
}

static bool jpeg_is_damaged(const picture *p)
{
    ocrvl_jpeg_head head;
    if (!ocrvl_jpeg_head_read(&head, p->data, p->len))
        return true;
    uint32_t channels = ocrvl_pdf_picture_channels(p->pdf, p->dict);
    *p->mendable |= head.width != p->width || head.height != p->height || (channels && channels != head.channels);
    *p->mendable |= ocrvl_pdf_picture_number(p->pdf, p->dict, "/BitsPerComponent", "/BPC", 8) != 8;
    bool damaged = ocrvl_jpeg_is_damaged(p->data, p->len, p->max_pixels, p->care == OCRVL_PDF_BRIEFLY);
    *p->mendable |= damaged || head.width > OCRVL_PICTURE_SIDE || head.height > OCRVL_PICTURE_SIDE;
    return damaged;
}

/* Whether it is cut or broken. What our decoder doesn't support, or is too large, isn't. */
static bool jp2_is_damaged(const picture *p)
{
    ocrvl_image *img = NULL;
    bool cut = false;
    ocrvl_status st = ocrvl_picture_jp2.decode(&img, p->data, p->len, p->max_pixels, &cut, NULL);
    ocrvl_image_free(img);
    *p->mendable |= cut;
    return cut || st == OCRVL_E_FORMAT;
}

/* Whether two codes that end a line of fax data, of 12 bits each, follow one another within the bytes: so the data
 * end. */
static bool has_fax_end(const uint8_t *data, size_t len)
{
    uint32_t window = 0xFFFFFF;
    for (size_t i = len < 16 ? 0 : len - 16; i < len; i++)
        for (int bit = 7; bit >= 0; bit--) {
            window = (window << 1 | (data[i] >> bit & 1)) & 0xFFFFFF;
            if (window == 0x001001)
                return true;
        }
    return false;
}

/* Whether fax data begin with the code that ends a line: of others libtiff, which wants those codes, can't tell. */
static bool has_fax_lines(const uint8_t *data, size_t len)
{
    return len > 2 && data[0] == 0 && (data[1] >> 4 == 1 || data[1] == 0);
}

static void put16(ocrvl_buf *b, unsigned v)
{
    ocrvl_buf_putc(b, (char)(v & 255));
    ocrvl_buf_putc(b, (char)(v >> 8 & 255));
}

static void put32(ocrvl_buf *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

static void put_entry(ocrvl_buf *b, unsigned tag, uint32_t v)
{
    put16(b, tag);
    put16(b, 4); /* LONG */
    put32(b, 1);
    put32(b, v);
}

/* The fax data as a TIFF of one strip. */
static void put_tiff(ocrvl_buf *b, const picture *p, bool group4, uint32_t options)
{
    enum { HEAD = 8, ENTRIES = 10 };
    const uint32_t values[ENTRIES][2] = {{256, (uint32_t)p->width},
                                         {257, (uint32_t)p->height},
                                         {258, 1},
                                         {259, group4 ? 4 : 3},
                                         {262, 0},
                                         {273, HEAD},
                                         {277, 1},
                                         {278, (uint32_t)p->height},
                                         {279, (uint32_t)p->len},
                                         {group4 ? 293 : 292, options}};
    ocrvl_buf_put(b, "II*\0", 4);
    put32(b, HEAD + (uint32_t)p->len);
    ocrvl_buf_put(b, p->data, p->len);
    put16(b, ENTRIES);
    for (int i = 0; i < ENTRIES; i++)
        put_entry(b, values[i][0], values[i][1]);
    put32(b, 0);
}

static bool tiff_fails(const picture *p, const ocrvl_buf *tiff)
{
    ocrvl_source_options opt = {.size = sizeof opt, .max_pixels = p->max_pixels, .max_pages = 1};
    ocrvl_input in = {(const uint8_t *)tiff->data, tiff->len, &opt, false};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = NULL;
    void *doc = NULL;
    uint64_t pages;
    ocrvl_status st = ocrvl_format_tiff.open(&doc, &in, &pages, NULL);
    if (!st)
        st = ocrvl_format_tiff.page(doc, 0, &img, &place, NULL);
    bool damaged = st == OCRVL_E_FORMAT || place.damage;
    ocrvl_image_free(img);
    if (doc)
        ocrvl_format_tiff.free(doc);
    return damaged;
}

static bool is_true(qpdf_data pdf, qpdf_oh dict, const char *key)
{
    qpdf_oh v = qpdf_oh_get_key_if_dict(pdf, dict, key);
    return qpdf_oh_is_bool(pdf, v) && qpdf_oh_get_bool_value(pdf, v);
}

static qpdf_oh parameters(const picture *p)
{
    qpdf_oh parms = qpdf_oh_get_key(p->pdf, p->dict, "/DecodeParms");
    bool listed = qpdf_oh_is_array(p->pdf, parms) && qpdf_oh_get_array_n_items(p->pdf, parms) == 1;
    return listed ? qpdf_oh_get_array_item(p->pdf, parms, 0) : parms;
}

static bool fax_is_damaged(const picture *p)
{
    qpdf_oh parms = parameters(p);
    if (!qpdf_oh_is_dictionary(p->pdf, parms))
        return false;
    long long k = ocrvl_pdf_picture_number(p->pdf, parms, "/K", "/K", 0);
    long long columns = ocrvl_pdf_picture_number(p->pdf, parms, "/Columns", "/Columns", 1728);
    bool aligned = is_true(p->pdf, parms, "/EncodedByteAlign");
    if (columns != p->width || p->len > UINT32_MAX / 2 || (k < 0 && aligned) ||
        (p->care != OCRVL_PDF_CLOSELY && ((k >= 0 && !has_fax_lines(p->data, p->len)) || has_fax_end(p->data, p->len))))
        return false;
    ocrvl_buf tiff = {0};
    put_tiff(&tiff, p, k < 0, k < 0 ? 0 : (k > 0) | (aligned ? 4u : 0));
    bool damaged = !tiff.failed && tiff_fails(p, &tiff);
    ocrvl_buf_free(&tiff);
    return damaged;
}

/* The bytes of a row of pixels; 0 if that isn't known. */
static uint64_t row_bytes(const picture *p)
{
    bool is_mask = is_true(p->pdf, p->dict, "/ImageMask");
    long long bits = is_mask ? 1 : ocrvl_pdf_picture_number(p->pdf, p->dict, "/BitsPerComponent", "/BPC", 1);
    uint32_t channels = ocrvl_pdf_picture_channels(p->pdf, p->dict);
    return bits < 1 || bits > 16 || channels > 32 ? 0 : ((uint64_t)p->width * channels * (uint64_t)bits + 7) / 8;
}

/* Whether over a row is missing of pixels of which there are so many bytes. */
static bool lacks_rows(const picture *p, uint64_t there)
{
    uint64_t row = row_bytes(p);
    return there + row < row * (uint64_t)p->height;
}

/* Readers make pixels of broken data as well, and take no notice of the sum at their end. */
static bool flate_is_damaged(const picture *p)
{
    uint64_t there;
    ocrvl_flate_state state = ocrvl_flate_check(&there, p->data, p->len, p->max_pixels * 8);
    bool unknown = p->care == OCRVL_PDF_CLOSELY && row_bytes(p) == 0;
    return state == OCRVL_FLATE_BROKEN || (state == OCRVL_FLATE_CUT && (unknown || lacks_rows(p, there)));
}

static bool lzw_is_damaged(const picture *p)
{
    qpdf_oh parms = parameters(p);
    bool some = qpdf_oh_is_dictionary(p->pdf, parms);
    bool early = !some || ocrvl_pdf_picture_number(p->pdf, parms, "/EarlyChange", "/EarlyChange", 1) != 0;
    return lacks_rows(p, ocrvl_packed_lzw(p->data, p->len, early));
}

static bool is_damaged(const picture *p)
{
    qpdf_oh filter = qpdf_oh_get_key(p->pdf, p->dict, "/Filter");
    if (qpdf_oh_is_null(p->pdf, filter))
        return lacks_rows(p, p->len);
    if (p->len == 0)
        return true;
    if (is_packed(p, "/DCTDecode", "/DCT"))
        return jpeg_is_damaged(p);
    if (is_packed(p, "/CCITTFaxDecode", "/CCF"))
        return fax_is_damaged(p);
    if (is_packed(p, "/JBIG2Decode", "/JBIG2Decode"))
        return !ocrvl_packed_jbig2(p->data, p->len);
    if (is_packed(p, "/RunLengthDecode", "/RL"))
        return lacks_rows(p, ocrvl_packed_runs(p->data, p->len));
    if (is_packed(p, "/LZWDecode", "/LZW"))
        return lzw_is_damaged(p);
    if (is_packed(p, "/FlateDecode", "/Fl"))
        return flate_is_damaged(p);
    return p->care == OCRVL_PDF_CLOSELY && is_packed(p, "/JPXDecode", "/JPXDecode") && jp2_is_damaged(p);
}

bool ocrvl_pdf_picture_is_damaged(qpdf_data pdf, qpdf_oh image, uint32_t width, uint32_t height, ocrvl_pdf_care care,
                                  uint64_t max_pixels, bool *mendable)
{
    picture p = {pdf, care, max_pixels, mendable, qpdf_oh_get_dict(pdf, image), width, height, NULL, 0};
    unsigned char *data = NULL; /* allocated by qpdf with malloc */
    if (qpdf_oh_get_stream_data(pdf, image, qpdf_dl_none, NULL, &data, &p.len) & QPDF_ERRORS)
        return false;
    p.data = data ? data : (const uint8_t *)"";
    bool damaged = is_damaged(&p);
    free(data);
    return damaged;
}
