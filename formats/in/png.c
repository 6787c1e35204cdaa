/* PNG by libpng: every colour type and depth becomes 8-bit grey or RGB, with alpha laid on white, or on
 * another ground if white hides the ink, upright by eXIf. */
#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "base/exif.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/big_endian.h"
#include "in/confine.h"
#include "in/pixels.h"
#include "in/samples.h"
#include "in/source.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"

static bool png_sniff(const uint8_t *data, size_t len) { return len >= 8 && memcmp(data, SIGNATURE, 8) == 0; }

/* The position after the IEND chunk; for a broken image, the next signature. */
static size_t png_extent(const uint8_t *data, size_t len)
{
    size_t i = 8;
    while (len - i >= 12) {
        const uint8_t *c = data + i;
        size_t n = ocrvl_big_endian32(c);
        if (n > len - i - 12 || (i > 8 && memcmp(c + 4, "IHDR", 4) == 0))
            break;
        i += n + 12;
        if (memcmp(c + 4, "IEND", 4) == 0)
            return i;
    }
    for (i = 8; i < len; i++) {
        const uint8_t *next = memchr(data + i, SIGNATURE[0] & 0xFF, len - i);
        if (!next)
            break;
        i = (size_t)(next - data);
        if (png_sniff(next, len - i))
            return i;
    }
    return len;
}

typedef struct reader {
    png_structp png;
    png_infop info;
    const uint8_t *data;
    size_t len, at;
    uint64_t max_pixels;
    ocrvl_image *img;
    uint8_t *rows;  /* one row, or all rows of an interlaced image, as libpng gives them */
    uint8_t *alpha; /* [height][width], or NULL */
    ocrvl_exif exif;
    bool lenient;        /* takes what there is of a damaged image */
    bool deep;           /* rows have samples of 16 bits, in the machine's byte order, */
    ocrvl_samples scale; /* which are colours so many bits deep */
    size_t pixel;        /* bytes of a pixel in rows */
    int passes, pass;    /* of an interlaced image: how many, and those that are done */
    uint32_t done;       /* rows that are done of this pass */
    ocrvl_status st;
    ocrvl_error *err;
} reader;

static void on_error(png_structp png, png_const_charp message)
{
    reader *r = png_get_error_ptr(png);
    bool memory = strstr(message, "emory") != NULL;
    r->st = memory ? ocrvl_fail_nomem(r->err) : ocrvl_fail(r->err, OCRVL_E_FORMAT, "PNG: %s", message);
    if (r->err)
        r->err->offset = memory ? 0 : r->at;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep to, size_t n)
{
    reader *r = png_get_io_ptr(png);
    if (n > r->len - r->at)
        png_error(png, "the file ends within the image");
    memcpy(to, r->data + r->at, n);
    r->at += n;
}

/* Converts to 1 or 3 colour channels of 8 or 16 bits, followed by alpha if the image has any. */
static void set_transforms(png_structp png, png_infop info)
{
    const uint16_t one = 1;
    bool little = *(const uint8_t *)&one == 1;
    int type = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    else if (depth < 8)
        png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS))
        png_set_tRNS_to_alpha(png);
    if (depth == 16 && little)
        png_set_swap(png);
}

/* An eXIf chunk, which may stand before the pixels or behind. */
static void read_exif(reader *r)
{
    png_uint_32 len = 0;
    png_bytep data = NULL;
    if (png_get_eXIf_1(r->png, r->info, &len, &data))
        ocrvl_exif_read_tiff(&r->exif, data, len);
}

/* A row of deep samples -> one of 8 bits, in its place. */
static void flatten(reader *r, uint8_t *row)
{
    size_t n = r->img->width * (r->pixel / 2), all = r->pixel / 2, channels = r->img->channels;
    for (size_t i = 0; i < n; i++) {
        uint16_t v;
        memcpy(&v, row + 2 * i, 2);
        if (i % all < channels) {
            ocrvl_samples_measure(&r->scale, row, i);
            row[i] = ocrvl_sample_byte(&r->scale, row, i);
        } else {
            row[i] = (uint8_t)(v >> 8);
        }
    }
}

/* A row as libpng gives it -> the image. */
static void put_row(reader *r, uint32_t y, uint8_t *from)
{
    size_t width = r->img->width, channels = r->img->channels;
    uint8_t *to = r->img->data + y * width * channels;
    if (r->deep)
        flatten(r, from);
    if (r->alpha)
        ocrvl_pixels_lay_on_white(to, r->alpha + y * width, from, width, channels);
    else
        memcpy(to, from, width * channels);
}

/* The rows of an interlaced image, in which each pass is finer than the one before. */
static void put_passes(reader *r)
{
    for (uint32_t y = 0; r->passes > 1 && y < r->img->height; y++)
        put_row(r, y, r->rows + (size_t)r->img->width * r->pixel * y);
}

/* Everything that may longjmp; what it allocates is owned by r. */
static void read_picture(reader *r)
{
    png_read_info(r->png, r->info);
    uint32_t width = png_get_image_width(r->png, r->info), height = png_get_image_height(r->png, r->info);
    double dpi_x = png_get_x_pixels_per_meter(r->png, r->info) * 0.0254;
    double dpi_y = png_get_y_pixels_per_meter(r->png, r->info) * 0.0254;
    int passes = png_set_interlace_handling(r->png);
    set_transforms(r->png, r->info);
    png_read_update_info(r->png, r->info);
    size_t all = png_get_channels(r->png, r->info), row = png_get_rowbytes(r->png, r->info);
    size_t channels = all < 3 ? 1 : 3;
    bool alpha = all == 2 || all == 4;
    read_exif(r);
    r->st = ocrvl_image_new(&r->img, width, height, (uint32_t)channels, dpi_x, dpi_y, r->max_pixels, r->err);
    if (r->st)
        return;
    ocrvl_confine_room(OCRVL_ROOM_PICTURE * (uint64_t)width * height);
    r->deep = png_get_bit_depth(r->png, r->info) == 16;
    r->pixel = all * (r->deep ? 2 : 1);
    if (row != width * r->pixel || (!r->deep && png_get_bit_depth(r->png, r->info) != 8))
        png_error(r->png, "rows of unexpected length");
    r->rows = ocrvl_alloc_array(passes > 1 ? height : 1, row);
    r->alpha = alpha ? ocrvl_alloc_array(width, height) : NULL;
    if (!r->rows || (alpha && !r->alpha)) {
        r->st = ocrvl_fail_nomem(r->err);
        return;
    }
    memset(r->rows, 255, row * (passes > 1 ? height : 1));
    r->passes = passes;
    for (; r->pass < passes; r->pass++)
        for (r->done = 0; r->done < height; r->done++) {
            png_read_row(r->png, NULL, passes > 1 ? r->rows + row * r->done : r->rows);
            if (passes == 1)
                put_row(r, r->done, r->rows);
        }
    put_passes(r);
    png_read_end(r->png, r->info);
    read_exif(r);
}

/* libpng's errors jump back to here. r is in the caller, so that its values are still valid after a longjmp. */
static void try_picture(reader *r)
{
    if (setjmp(png_jmpbuf(r->png)) != 0)
        return;
    png_set_user_limits(r->png, 0x7fffffff, 0x7fffffff); /* ocrvl_image_new enforces the limits */
    png_set_chunk_malloc_max(r->png, 8000000);
    png_set_chunk_cache_max(r->png, 1000);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* skips text, profiles and other chunks */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "pHYs\0eXIf", 2);
    png_set_read_fn(r->png, r, read_bytes);
    if (r->lenient) {
        png_set_crc_action(r->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
        png_set_compression_buffer_size(r->png, 16); /* libpng takes nothing of a piece that isn't whole */
    }
    read_picture(r);
}

/* With r->scale. *img is NULL on failure. */
static ocrvl_status read_scaled(ocrvl_image **img, reader *r)
{
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    if (!r->info) {
        png_destroy_read_struct(&r->png, NULL, NULL);
        return ocrvl_fail_nomem(r->err);
    }
    try_picture(r);
    if (r->lenient && r->st == OCRVL_E_FORMAT && r->pixel && (r->pass > 0 || r->done > 0)) {
        size_t row = (size_t)r->img->width * r->img->channels;
        if (r->passes > 1)
            put_passes(r);
        else if (r->pass == 0)
            memset(r->img->data + row * r->done, 255, row * (r->img->height - r->done));
        if (r->alpha && r->passes == 1 && r->pass == 0) /* what is missing isn't clear */
            memset(r->alpha + (size_t)r->img->width * r->done, 255, (size_t)r->img->width * (r->img->height - r->done));
        r->st = OCRVL_OK;
    }
    if (!r->st && r->alpha)
        ocrvl_pixels_choose_ground(r->img, r->alpha);
    ocrvl_free(r->rows);
    ocrvl_free(r->alpha);
    png_destroy_read_struct(&r->png, &r->info, NULL);
    if (r->st)
        ocrvl_image_free(r->img);
    else
        *img = r->img;
    return r->st;
}

/* Deep samples that fill few of their bits are read again as what they are. *img is NULL on failure. */
static ocrvl_status read_once(ocrvl_image **img, reader *r)
{
    reader again = *r;
    (void)ocrvl_samples_begin(&r->scale, OCRVL_SAMPLE_UNSIGNED, 16);
    ocrvl_status st = read_scaled(img, r);
    if (!st && r->deep)
        ocrvl_samples_settle(&r->scale);
    if (st || !r->scale.narrow)
        return st;
    ocrvl_image_free(*img);
    *img = NULL;
    again.scale = r->scale;
    *r = again;
    return read_scaled(img, r);
}

static ocrvl_status png_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    ocrvl_error why = {0};
    reader r = {.data = data, .len = len, .max_pixels = max_pixels, .exif = {.orientation = 1}, .err = &why};
    reader again = r;
    again.lenient = true;
    again.err = NULL;
    *img = NULL;
    ocrvl_status st = read_once(img, &r);
    if (st == OCRVL_E_FORMAT && r.pixel && read_once(img, &again) == OCRVL_OK) {
        *cut = true;
        st = OCRVL_OK;
    }
    if (st) {
        if (err)
            *err = why;
        return st;
    }
    return ocrvl_pixels_orient(img, *cut ? again.exif.orientation : r.exif.orientation, err);
}

const ocrvl_picture_format ocrvl_picture_png = {"image/png", png_sniff, png_extent, png_decode};
