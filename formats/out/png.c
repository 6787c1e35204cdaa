/* A page image as PNG: 8-bit grey or RGB, with its resolution. */
#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "ocrvl_formats.h"

typedef struct sink {
    ocrvl_write_fn fn;
    void *user;
    ocrvl_status st;
    ocrvl_error *err;
} sink;

static void on_error(png_structp png, png_const_charp message)
{
    sink *s = png_get_error_ptr(png);
    if (s->st == OCRVL_OK && strstr(message, "emory"))
        s->st = ocrvl_fail_nomem(s->err);
    else if (s->st == OCRVL_OK)
        s->st = ocrvl_fail(s->err, OCRVL_E_INTERNAL, "PNG: %s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void write_bytes(png_structp png, png_bytep data, size_t n)
{
    sink *s = png_get_io_ptr(png);
    int e = s->fn(s->user, data, n);
    if (e) {
        s->st = ocrvl_fail_errno(s->err, e, "cannot write the PNG image");
        png_error(png, "write");
    }
}

static void flush_nothing(png_structp png) { (void)png; }

/* libpng's errors jump back to here. */
static void try_picture(png_structp png, png_infop info, const ocrvl_image *img)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return;
    double dpi_x, dpi_y;
    uint32_t width = ocrvl_image_width(img), height = ocrvl_image_height(img), channels = ocrvl_image_channels(img);
    ocrvl_image_dpi(img, &dpi_x, &dpi_y);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(png, info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (dpi_x > 0 && dpi_y > 0)
        png_set_pHYs(png, info, (png_uint_32)(dpi_x / 0.0254 + 0.5), (png_uint_32)(dpi_y / 0.0254 + 0.5),
                     PNG_RESOLUTION_METER);
    /* Measured on photographed pages: files are 5 % larger than at level 9 with all filters, in a twelfth of its time
     * or less. Choosing filters line by line took longer and made them larger. */
    png_set_compression_level(png, 3);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_info(png, info);
    const uint8_t *row = ocrvl_image_data(img);
    for (uint32_t y = 0; y < height; y++, row += (size_t)width * channels)
        png_write_row(png, row);
    png_write_end(png, NULL);
}

ocrvl_status ocrvl_image_write_png(const ocrvl_image *img, ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    sink s = {.fn = fn, .user = user, .err = err};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_write_struct(&png, NULL);
        return ocrvl_fail_nomem(err);
    }
    png_set_write_fn(png, &s, write_bytes, flush_nothing);
    try_picture(png, info, img);
    png_destroy_write_struct(&png, &info);
    return s.st;
}
