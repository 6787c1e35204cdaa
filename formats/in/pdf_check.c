#include "in/pdf_check.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/mem.h"
#include "in/jpeg.h"
#include "in/pdf_contents.h"
#include "in/pdf_picture.h"
#include "in/source.h"

#define MOST_SAID 400 /* bytes after which no more is told of a page */

struct ocrvl_pdf_checker {
    qpdf_data pdf;
};

typedef struct check { /* of a page */
    qpdf_data pdf;
    ocrvl_pdf_care care;
    uint64_t max_pixels;
    ocrvl_buf *says;
    bool *mendable;
} check;

ocrvl_pdf_checker *ocrvl_pdf_checker_open(const void *data, size_t len, const char *password)
{
    ocrvl_pdf_checker *c = ocrvl_alloc(sizeof *c);
    if (!c)
        return NULL;
    c->pdf = ocrvl_pdf_objects_open(data, len, password);
    if (qpdf_get_num_pages(c->pdf) < 1 || ocrvl_pdf_objects_check(c->pdf, NULL)) {
        ocrvl_pdf_checker_free(c);
        return NULL;
    }
    return c;
}

void ocrvl_pdf_checker_free(ocrvl_pdf_checker *c)
{
    if (c)
        ocrvl_pdf_objects_close(&c->pdf);
    ocrvl_free(c);
}

/* Begins one more remark; returns false if enough is said. */
static bool begin_remark(check *c)
{
    if (c->says->len > MOST_SAID)
        return false;
    if (c->says->len)
        ocrvl_buf_puts(c->says, "; ");
    return true;
}

/* Appends a name of the file's, which may be any bytes. */
static void put_name(ocrvl_buf *b, const char *name)
{
    for (int n = 0; *name && n < OCRVL_PDF_NAME; name++, n++)
        ocrvl_buf_putc(b, *name > ' ' && *name < 127 ? *name : '?');
}

static void tell(void *user, ocrvl_pdf_fault fault, const char *name)
{
    check *c = user;
    bool sure = fault != OCRVL_PDF_CUT_CONTENT && fault != OCRVL_PDF_CONFUSED_CONTENT; /* to readers as well */
    if ((!sure && c->care != OCRVL_PDF_CLOSELY) || !begin_remark(c))
        return;
    switch (fault) {
    case OCRVL_PDF_NO_CONTENT: ocrvl_buf_puts(c->says, "content of the page is missing from the file"); break;
    case OCRVL_PDF_UNKNOWN_FILTER:
        ocrvl_buf_puts(c->says, "content of the page is packed by the unknown filter ");
        put_name(c->says, name);
        break;
    case OCRVL_PDF_CUT_CONTENT:
        ocrvl_buf_puts(c->says, "content of the page is damaged, and what follows the damage is missing");
        break;
    case OCRVL_PDF_CONFUSED_CONTENT:
        ocrvl_buf_puts(c->says, "content of the page has a picture without an end, and what follows it is missing");
        break;
    case OCRVL_PDF_NO_PICTURE:
        ocrvl_buf_puts(c->says, "the file lacks the picture or form ");
        put_name(c->says, name);
        break;
    case OCRVL_PDF_NO_FONT:
        ocrvl_buf_puts(c->says, "the file lacks the font ");
        put_name(c->says, name);
        break;
    }
}

/* ---- pictures ---------------------------------------------------------------------------------------- */

typedef struct picture {
    qpdf_oh dict;
    long long width, height;
    const uint8_t *data; /* as the file has them */
    size_t len;
} picture;

static bool is_packed(check *c, const picture *p, const char *filter, const char *brief)
{
    return ocrvl_pdf_picture_is(c->pdf, p->dict, filter, brief);
}

static bool jpeg_is_damaged(check *c, const picture *p)
{
    ocrvl_jpeg_head head;
    if (!ocrvl_jpeg_head_read(&head, p->data, p->len))
        return true;
    uint32_t channels = ocrvl_pdf_picture_channels(c->pdf, p->dict);
    *c->mendable |= head.width != p->width || head.height != p->height || (channels && channels != head.channels);
    *c->mendable |= ocrvl_pdf_picture_number(c->pdf, p->dict, "/BitsPerComponent", "/BPC", 8) != 8;
    bool damaged = ocrvl_jpeg_is_damaged(p->data, p->len, c->max_pixels, c->care == OCRVL_PDF_BRIEFLY);
    *c->mendable |= damaged;
    return damaged;
}

/* Whether it is cut or broken. What our decoder doesn't support, or is too large, isn't. */
static bool jp2_is_damaged(check *c, const picture *p)
{
    ocrvl_image *img = NULL;
    bool cut = false;
    ocrvl_status st = ocrvl_picture_jp2.decode(&img, p->data, p->len, c->max_pixels, &cut, NULL);
    ocrvl_image_free(img);
    *c->mendable |= cut;
    return cut || st == OCRVL_E_FORMAT;
}

/* Whether fax data end with the mark of their end, which is two codes of 12 bits; some bytes may follow. */
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

static bool tiff_fails(const check *c, const ocrvl_buf *tiff)
{
    ocrvl_source_options opt = {.size = sizeof opt, .max_pixels = c->max_pixels, .max_pages = 1};
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

static bool fax_is_damaged(check *c, const picture *p)
{
    qpdf_oh parms = qpdf_oh_get_key(c->pdf, p->dict, "/DecodeParms");
    if (qpdf_oh_is_array(c->pdf, parms) && qpdf_oh_get_array_n_items(c->pdf, parms) == 1)
        parms = qpdf_oh_get_array_item(c->pdf, parms, 0);
    if (!qpdf_oh_is_dictionary(c->pdf, parms))
        return false;
    long long k = ocrvl_pdf_picture_number(c->pdf, parms, "/K", "/K", 0);
    long long columns = ocrvl_pdf_picture_number(c->pdf, parms, "/Columns", "/Columns", 1728);
    bool aligned = is_true(c->pdf, parms, "/EncodedByteAlign");
    if (columns != p->width || p->len > UINT32_MAX / 2 || (k < 0 && aligned) ||
        (c->care != OCRVL_PDF_CLOSELY && (k >= 0 || has_fax_end(p->data, p->len))))
        return false;
    ocrvl_buf tiff = {0};
    put_tiff(&tiff, p, k < 0, k < 0 ? 0 : (k > 0) | (aligned ? 4u : 0));
    bool damaged = !tiff.failed && tiff_fails(c, &tiff);
    ocrvl_buf_free(&tiff);
    return damaged;
}

/* Whether zlib's data end before their end mark, or don't make sense. */
static bool flate_is_damaged(const check *c, const picture *p)
{
    uint8_t out[16384];
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)p->data};
    size_t left = p->len;
    int rc = inflateInit(&z);
    if (rc != Z_OK)
        return false;
    while (rc == Z_OK && z.total_out / 8 <= c->max_pixels) {
        if (z.avail_in == 0) {
            z.avail_in = left < (1u << 30) ? (uInt)left : 1u << 30;
            left -= z.avail_in;
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        rc = inflate(&z, Z_NO_FLUSH);
    }
    inflateEnd(&z);
    return rc == Z_BUF_ERROR || rc == Z_DATA_ERROR;
}

/* Whether over a row is missing of pixels that aren't packed. */
static bool plain_is_damaged(check *c, const picture *p)
{
    long long bits = ocrvl_pdf_picture_number(c->pdf, p->dict, "/BitsPerComponent", "/BPC", 1);
    uint32_t channels = ocrvl_pdf_picture_channels(c->pdf, p->dict);
    if (bits < 1 || bits > 16 || channels > 32)
        return false;
    uint64_t row = ((uint64_t)p->width * channels * (uint64_t)bits + 7) / 8;
    return p->len + row < row * (uint64_t)p->height;
}

static bool is_damaged(check *c, const picture *p)
{
    qpdf_oh filter = qpdf_oh_get_key(c->pdf, p->dict, "/Filter");
    if (qpdf_oh_is_null(c->pdf, filter))
        return plain_is_damaged(c, p);
    if (is_packed(c, p, "/DCTDecode", "/DCT"))
        return jpeg_is_damaged(c, p);
    if (is_packed(c, p, "/CCITTFaxDecode", "/CCF"))
        return fax_is_damaged(c, p);
    if (c->care != OCRVL_PDF_CLOSELY)
        return false;
    if (is_packed(c, p, "/JPXDecode", "/JPXDecode"))
        return jp2_is_damaged(c, p);
    return is_packed(c, p, "/FlateDecode", "/Fl") && flate_is_damaged(c, p);
}

static void check_picture(void *user, qpdf_oh image)
{
    check *c = user;
    picture p = {.dict = qpdf_oh_get_dict(c->pdf, image)};
    unsigned char *data = NULL; /* allocated by qpdf with malloc */
    char filter[OCRVL_PDF_NAME];
    p.width = ocrvl_pdf_picture_number(c->pdf, p.dict, "/Width", "/W", 0);
    p.height = ocrvl_pdf_picture_number(c->pdf, p.dict, "/Height", "/H", 0);
    if (p.width < 1 || p.height < 1 || p.width > 1000000 || p.height > 1000000)
        return;
    if (ocrvl_pdf_unknown_filter(filter, c->pdf, p.dict)) {
        if (begin_remark(c)) {
            ocrvl_buf_printf(c->says,
                             "a picture of %lld x %lld pixels is missing, as it is packed by the unknown filter ",
                             p.width, p.height);
            put_name(c->says, filter);
        }
        return;
    }
    if (qpdf_oh_get_stream_data(c->pdf, image, qpdf_dl_none, NULL, &data, &p.len) & QPDF_ERRORS)
        return;
    p.data = data ? data : (const uint8_t *)"";
    if (is_damaged(c, &p) && begin_remark(c))
        ocrvl_buf_printf(c->says, "a picture of %lld x %lld pixels is cut or damaged, and part of it is missing",
                         p.width, p.height);
    free(data);
}

/* ocrvl_pdf_walk.find that cuts nothing out. */
static bool look(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    bool fine = ocrvl_content_unbalanced(cuts, data, len, names);
    cuts->count = 0;
    return fine;
}

void ocrvl_pdf_checker_page(ocrvl_pdf_checker *c, size_t index, ocrvl_pdf_care care, uint64_t max_pixels,
                            ocrvl_buf *says, bool *mendable)
{
    check k = {c->pdf, care, max_pixels, says, mendable};
    ocrvl_pdf_walk w = {.pdf = c->pdf, .find = look, .user = &k, .picture = check_picture, .broken = tell};
    ocrvl_pdf_walk_page(&w, index);
    ocrvl_buf_free(&w.seen);
}
