/* JPEG by libjpeg-turbo: grey, YCbCr, RGB, CMYK and YCCK become 8-bit grey or RGB, upright by EXIF. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"
#include "base/exif.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/jpeg.h"
#include "in/pixels.h"
#include "in/source.h"

/* A progressive image repeats its coefficients in each scan, so some hundred bytes can demand hours of work. Encoders
 * write about ten scans. */
#define MAX_SCANS 200

static bool jpeg_sniff(const uint8_t *data, size_t len)
{
    return len >= 3 && data[0] == 0xFF && data[1] == 0xD8 && data[2] == 0xFF;
}

/* ---- MPF: a TIFF directory inside a marker ----------------------------------------------------------- */

/* CIPA DC-007 (Multi-Picture Format): p is the segment, at `at` in the file. Returns where the last of its images ends,
 * or 0 if that is not certain. Those images are previews, depth or gain maps of the main one, not pages. */
static size_t read_mpf(const uint8_t *p, size_t len, size_t at)
{
    ocrvl_tiff_part t;
    if (len < 12 || memcmp(p, "MPF\0", 4) != 0 || !ocrvl_tiff_begin(&t, p + 4, len - 4))
        return 0;
    size_t e = ocrvl_tiff_entry(&t, 0xB002), end = 0;
    if (!e)
        return 0;
    size_t bytes = ocrvl_tiff_get32(&t, e + 4), list = ocrvl_tiff_get32(&t, e + 8);
    if (list > t.len || bytes > t.len - list)
        return 0;
    for (size_t i = list; i + 16 <= list + bytes; i += 16) {
        size_t size = ocrvl_tiff_get32(&t, i + 4), offset = ocrvl_tiff_get32(&t, i + 8);
        if (offset && at + 4 + offset + size > end)
            end = at + 4 + offset + size;
    }
    return end;
}

/* ---- extent ------------------------------------------------------------------------------------------ */

/* The position after the EOI marker, or after the images that an MPF segment lists. */
static size_t jpeg_extent(const uint8_t *data, size_t len)
{
    size_t i = 2, mpf_end = 0;
    bool scan = false;
    while (len - i >= 2) {
        if (data[i] != 0xFF || data[i + 1] == 0 || data[i + 1] == 0xFF) {
            if (!scan && data[i] != 0xFF)
                return len;
            const uint8_t *ff = memchr(data + i + 1, 0xFF, len - i - 1);
            if (!ff)
                return len;
            i = (size_t)(ff - data);
            continue;
        }
        unsigned marker = data[i + 1];
        i += 2;
        if (marker == 0xD9)
            return mpf_end > i && mpf_end <= len ? mpf_end : i;
        if ((marker >= 0xD0 && marker <= 0xD7) || marker == 0x01)
            continue;
        if (marker == 0xD8 && scan) /* this image was cut, and another one begins */
            return i - 2;
        size_t n = len - i >= 2 ? (size_t)data[i] << 8 | data[i + 1] : 0;
        if (marker == 0xD8 || n < 2 || n > len - i)
            return len;
        if (marker == 0xE2 && !mpf_end)
            mpf_end = read_mpf(data + i + 2, n - 2, i + 2);
        scan |= marker == 0xDA;
        i += n;
    }
    return len;
}

bool ocrvl_jpeg_head_read(ocrvl_jpeg_head *h, const uint8_t *data, size_t len)
{
    size_t end = jpeg_sniff(data, len) ? jpeg_extent(data, len) : 0;
    *h = (ocrvl_jpeg_head){.whole = end >= 2 && data[end - 2] == 0xFF && data[end - 1] == JPEG_EOI};
    for (size_t i = 2; end && len - i >= 10 && data[i] == 0xFF;) {
        unsigned marker = data[i + 1];
        size_t n = (size_t)data[i + 2] << 8 | data[i + 3];
        if (marker == 0xFF) { /* filling */
            i++;
            continue;
        }
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            h->height = (uint32_t)data[i + 5] << 8 | data[i + 6];
            h->width = (uint32_t)data[i + 7] << 8 | data[i + 8];
            h->channels = data[i + 9];
            return h->width && h->height && h->channels;
        }
        if (marker == 0xDA || n + 2 > len - i)
            break;
        i += n + 2;
    }
    return false;
}

/* ---- decoding ---------------------------------------------------------------------------------------- */

typedef struct reader {
    struct jpeg_decompress_struct c;
    struct jpeg_error_mgr mgr;
    struct jpeg_source_mgr src;
    struct jpeg_progress_mgr progress;
    jmp_buf env;
    const uint8_t *data;
    uint64_t max_pixels;
    ocrvl_image *img;
    uint8_t *row;  /* one row of CMYK */
    bool lenient;  /* goes on after damage, with what libjpeg makes of it */
    bool cut;      /* the data have ended */
    bool missing;  /* and weren't all */
    bool surplus;  /* data were left where they should have been all used: a part of the image has been misread */
    uint32_t rows; /* of the image, before the first that isn't whole, if `missing` */
    ocrvl_status st;
    ocrvl_error *err;
} reader;

static reader *reader_of(j_common_ptr c) { return c->client_data; }

static void give_up(j_common_ptr c, ocrvl_status st, const char *text)
{
    reader *r = reader_of(c);
    r->st = ocrvl_fail(r->err, st, "JPEG: %s", text);
    longjmp(r->env, 1);
}

static void on_error(j_common_ptr c)
{
    char text[JMSG_LENGTH_MAX];
    int code = c->err->msg_code;
    c->err->format_message(c, text);
    bool unsupported = code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_CONVERSION_NOTIMPL ||
                       code == JERR_NOT_COMPILED || code == JERR_ARITH_NOTIMPL || code == JERR_CCIR601_NOTIMPL;
    give_up(c, code == JERR_OUT_OF_MEMORY ? OCRVL_E_NOMEM : unsupported ? OCRVL_E_UNSUPPORTED : OCRVL_E_FORMAT, text);
}

/* Whether bytes that libjpeg has passed over before a marker are image data: in a scan, more than a writer may have put
 * behind, and no padding. A changed byte often makes such data, which have no sum, longer or shorter. */
static bool is_surplus(const reader *r)
{
    enum { MOST = 1 };
    const uint8_t *end = r->src.next_input_byte; /* the marker, unless the data have ended */
    int n = r->mgr.msg_parm.i[0];
    bool differ = false;
    if (r->cut || r->c.input_scan_number < 1 || n <= MOST || n > end - r->data)
        return false;
    for (int i = 1; i < n; i++)
        differ |= end[-n] != end[i - n];
    return differ;
}

/* Warnings that mean lost image data become errors, because libjpeg would continue with grey, unless it is the data's
 * end that they tell of. The others have no visible effect. */
static void on_message(j_common_ptr c, int level)
{
    int code = c->err->msg_code;
    reader *r = reader_of(c);
    if (level < 0 && code == JWRN_EXTRANEOUS_DATA)
        r->surplus |= is_surplus(r);
    if (level >= 0 || (code != JWRN_HIT_MARKER && code != JWRN_HUFF_BAD_CODE && code != JWRN_ARITH_BAD_CODE &&
                       code != JWRN_MUST_RESYNC && code != JWRN_JPEG_EOF))
        return;
    if (!r->cut && !r->lenient)
        on_error(c);
    if (!r->missing)
        r->rows = r->c.output_scanline;
    r->missing = true;
}

static void print_nothing(j_common_ptr c) { (void)c; }

static void init_source(j_decompress_ptr c) { (void)c; }

/* Supplies an EOI at the end of the data: an image that only lacks its end mark is whole; if data are missing the
 * decoder warns of it, unless whole scans are missing. */
static boolean fill_input(j_decompress_ptr c)
{
    static const JOCTET end[2] = {0xFF, JPEG_EOI};
    reader_of((j_common_ptr)c)->cut = true;
    c->src->next_input_byte = end;
    c->src->bytes_in_buffer = 2;
    return TRUE;
}

static void skip_input(j_decompress_ptr c, long n)
{
    if (n <= 0)
        return;
    if ((size_t)n > c->src->bytes_in_buffer)
        give_up((j_common_ptr)c, OCRVL_E_FORMAT, "the file ends within a marker");
    c->src->next_input_byte += n;
    c->src->bytes_in_buffer -= (size_t)n;
}

static void watch_scans(j_common_ptr c)
{
    j_decompress_ptr d = (j_decompress_ptr)c;
    if (d->input_scan_number > MAX_SCANS)
        give_up(c, OCRVL_E_LIMIT, "too many scans");
}

/* Simple inks on white paper: the light left by the colour ink times the light left by black. Adobe stores inverted
 * inks. */
static void put_cmyk(uint8_t *to, const uint8_t *from, size_t width, bool inverted)
{
    unsigned flip = inverted ? 0 : 255;
    for (size_t x = 0; x < width; x++, from += 4)
        for (int i = 0; i < 3; i++)
            *to++ = (uint8_t)(((from[i] ^ flip) * (from[3] ^ flip) + 127) / 255);
}

static void find_density(const struct jpeg_decompress_struct *c, const ocrvl_exif *e, double *dpi_x, double *dpi_y)
{
    double unit = c->density_unit == 1 ? 1 : c->density_unit == 2 ? 2.54 : 0;
    bool jfif = c->saw_JFIF_marker && unit > 0 && c->X_density > 1 && c->Y_density > 1;
    *dpi_x = jfif ? c->X_density * unit : e->dpi_x;
    *dpi_y = jfif ? c->Y_density * unit : e->dpi_y;
}

/* Everything that may longjmp; what it allocates is owned by r. */
static void read_picture(reader *r, ocrvl_exif *e)
{
    struct jpeg_decompress_struct *c = &r->c;
    double dpi_x, dpi_y;
    jpeg_save_markers(c, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(c, TRUE);
    for (jpeg_saved_marker_ptr m = c->marker_list; m; m = m->next)
        ocrvl_exif_read(e, m->data, m->data_length);
    find_density(c, e, &dpi_x, &dpi_y);
    bool grey = c->jpeg_color_space == JCS_GRAYSCALE;
    bool cmyk = c->jpeg_color_space == JCS_CMYK || c->jpeg_color_space == JCS_YCCK;
    c->out_color_space = grey ? JCS_GRAYSCALE : cmyk ? JCS_CMYK : JCS_RGB;
    r->st =
        ocrvl_image_new(&r->img, c->image_width, c->image_height, grey ? 1 : 3, dpi_x, dpi_y, r->max_pixels, r->err);
    if (r->st)
        return;
    ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)c->image_width * c->image_height);
    r->row = cmyk ? ocrvl_alloc_array(c->image_width, 4) : NULL;
    if (cmyk && !r->row) {
        r->st = ocrvl_fail_nomem(r->err);
        return;
    }
    jpeg_start_decompress(c);
    size_t row = (size_t)c->image_width * (grey ? 1 : 3);
    while (c->output_scanline < c->output_height) {
        uint8_t *to = ocrvl_image_pixels(r->img) + row * c->output_scanline;
        JSAMPROW line = cmyk ? r->row : to;
        jpeg_read_scanlines(c, &line, 1);
        if (cmyk)
            put_cmyk(to, r->row, c->image_width, c->saw_Adobe_marker);
    }
    bool scans = jpeg_has_multiple_scans(c);
    jpeg_finish_decompress(c);
    if (!scans && r->missing && r->rows == 0)
        give_up((j_common_ptr)c, OCRVL_E_FORMAT, "the file ends before the first rows");
    if (!scans && r->missing && r->cut)
        memset(ocrvl_image_pixels(r->img) + row * r->rows, 255, row * (c->output_height - r->rows));
    r->missing |= r->surplus;
    r->missing |= r->cut && scans; /* the missing scan would have followed those that are whole */
}

static void begin_reading(reader *r, const uint8_t *data, size_t len, uint64_t max_pixels, ocrvl_error *err)
{
    r->data = data;
    r->max_pixels = max_pixels;
    r->err = err;
    r->c.err = jpeg_std_error(&r->mgr);
    r->mgr.error_exit = on_error;
    r->mgr.emit_message = on_message;
    r->mgr.output_message = print_nothing;
    r->c.client_data = r;
    r->src = (struct jpeg_source_mgr){.next_input_byte = data,
                                      .bytes_in_buffer = len,
                                      .init_source = init_source,
                                      .fill_input_buffer = fill_input,
                                      .skip_input_data = skip_input,
                                      .resync_to_restart = jpeg_resync_to_restart,
                                      .term_source = init_source};
    r->progress.progress_monitor = watch_scans;
}

/* Of the reader's, which are set after jpeg_create_decompress has cleared the others. */
static void create(reader *r)
{
    jpeg_create_decompress(&r->c);
    r->c.src = &r->src;
    r->c.progress = &r->progress;
}

static ocrvl_status decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool lenient,
                           bool *cut, ocrvl_exif *e, ocrvl_error *err)
{
    *img = NULL;
    reader *r = ocrvl_alloc(sizeof *r);
    if (!r)
        return ocrvl_fail_nomem(err);
    r->lenient = lenient;
    begin_reading(r, data, len, max_pixels, err);
    if (setjmp(r->env) == 0) {
        create(r);
        read_picture(r, e);
    }
    if (lenient && r->st == OCRVL_E_FORMAT && r->img && r->c.output_scanline > 0) {
        size_t row = (size_t)r->img->width * r->img->channels;
        memset(r->img->data + row * r->c.output_scanline, 255, row * (r->img->height - r->c.output_scanline));
        r->st = OCRVL_OK;
        r->missing = true;
    }
    jpeg_destroy_decompress(&r->c);
    ocrvl_status st = r->st;
    ocrvl_free(r->row);
    if (st) {
        ocrvl_image_free(r->img);
    } else {
        *img = r->img;
        *cut = r->missing;
    }
    ocrvl_free(r);
    return st;
}

/* What libjpeg makes of damaged data, unless it makes nothing of them. */
static ocrvl_status jpeg_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                                ocrvl_error *err)
{
    ocrvl_exif e = {.orientation = 1}, again = e;
    ocrvl_error why = {0};
    ocrvl_status st = decode(img, data, len, max_pixels, false, cut, &e, &why);
    if (st == OCRVL_E_FORMAT && decode(img, data, len, max_pixels, true, cut, &again, NULL) == OCRVL_OK) {
        *cut = true;
        e = again;
        st = OCRVL_OK;
    }
    if (st && err)
        *err = why;
    return st ? st : ocrvl_pixels_orient(img, e.orientation, err);
}

ocrvl_status ocrvl_jpeg_salvage(ocrvl_image **img, bool *damaged, const uint8_t *data, size_t len, uint64_t max_pixels,
                                ocrvl_error *err)
{
    ocrvl_exif e = {.orientation = 1};
    *damaged = false;
    return decode(img, data, len, max_pixels, true, damaged, &e, err);
}

/* Whether the data end with the mark of their end, which some bytes may follow. */
static bool has_end(const uint8_t *data, size_t len)
{
    for (size_t i = len < 32 ? 0 : len - 32; i + 1 < len; i++)
        if (data[i] == 0xFF && data[i + 1] == JPEG_EOI)
            return true;
    return false;
}

/* Goes through all of the data, with an eighth of the pixels; briefly: through the first rows alone if there is a
 * single scan. What may longjmp. */
static void go_through(reader *r, JSAMPROW row, bool briefly)
{
    jpeg_read_header(&r->c, TRUE);
    if ((uint64_t)r->c.image_width * r->c.image_height > r->max_pixels)
        return;
    ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)r->c.image_width * r->c.image_height);
    r->c.scale_num = 1;
    r->c.scale_denom = 8;
    r->c.do_fancy_upsampling = FALSE;
    jpeg_start_decompress(&r->c);
    briefly = briefly && !jpeg_has_multiple_scans(&r->c);
    while (r->c.output_scanline < (briefly ? 1 : r->c.output_height))
        jpeg_read_scanlines(&r->c, &row, 1);
    if (briefly)
        return;
    r->missing |= r->cut && jpeg_has_multiple_scans(&r->c);
    jpeg_finish_decompress(&r->c);
}

bool ocrvl_jpeg_is_damaged(const uint8_t *data, size_t len, uint64_t max_pixels, bool briefly)
{
    enum { ROW = 65536 / 8 * 4 }; /* the widest picture, of four colours */
    reader *r = ocrvl_alloc(sizeof *r);
    uint8_t *row = ocrvl_alloc(ROW);
    bool damaged = false;
    if (r && row) {
        r->lenient = true;
        begin_reading(r, data, len, max_pixels, NULL);
        if (setjmp(r->env) == 0) {
            create(r);
            go_through(r, row, briefly && has_end(data, len));
        }
        jpeg_destroy_decompress(&r->c);
        damaged = r->missing || r->surplus || r->st == OCRVL_E_FORMAT;
    }
    ocrvl_free(row);
    ocrvl_free(r);
    return damaged;
}

const ocrvl_picture_format ocrvl_picture_jpeg = {"image/jpeg", jpeg_sniff, jpeg_extent, jpeg_decode};
