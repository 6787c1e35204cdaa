#include "out/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/resample.h"

enum { CHUNK = 1 << 15 };

typedef struct encoder {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr sink;
    jmp_buf failed;
    ocrvl_buf *out;
    JOCTET chunk[CHUNK];
} encoder;

static void on_error(j_common_ptr jpeg)
{
    encoder *e = jpeg->client_data;
    longjmp(e->failed, 1);
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void begin(j_compress_ptr jpeg)
{
    encoder *e = jpeg->client_data;
    e->sink.next_output_byte = e->chunk;
    e->sink.free_in_buffer = CHUNK;
}

static boolean flush(j_compress_ptr jpeg)
{
    encoder *e = jpeg->client_data;
    ocrvl_buf_put(e->out, e->chunk, CHUNK);
    begin(jpeg);
    return TRUE;
}

static void end(j_compress_ptr jpeg)
{
    encoder *e = jpeg->client_data;
    ocrvl_buf_put(e->out, e->chunk, CHUNK - e->sink.free_in_buffer);
}

/* libjpeg's errors jump back to here. */
static bool encode(encoder *e, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int quality)
{
    if (setjmp(e->failed) != 0)
        return false;
    jpeg_create_compress(&e->jpeg);
    e->jpeg.dest = &e->sink;
    e->jpeg.image_width = width;
    e->jpeg.image_height = height;
    e->jpeg.input_components = (int)channels;
    e->jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&e->jpeg);
    jpeg_set_quality(&e->jpeg, quality, TRUE);
    e->jpeg.dct_method = JDCT_ISLOW; /* the same bytes on every processor */
    e->jpeg.optimize_coding = TRUE;
    jpeg_start_compress(&e->jpeg, TRUE);
    for (uint32_t y = 0; y < height; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)y * width * channels);
        jpeg_write_scanlines(&e->jpeg, &row, 1);
    }
    jpeg_finish_compress(&e->jpeg);
    return true;
}

static ocrvl_status put_pixels(ocrvl_buf *b, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                               int quality, ocrvl_error *err)
{
    encoder *e = ocrvl_alloc(sizeof *e);
    if (!e)
        return ocrvl_fail_nomem(err);
    e->out = b;
    e->jpeg.err = jpeg_std_error(&e->errors);
    e->errors.error_exit = on_error;
    e->errors.output_message = say_nothing;
    e->sink =
        (struct jpeg_destination_mgr){.init_destination = begin, .empty_output_buffer = flush, .term_destination = end};
    e->jpeg.client_data = e;
    bool done = encode(e, pixels, width, height, channels, quality);
    jpeg_destroy_compress(&e->jpeg);
    ocrvl_free(e);
    return done && !b->failed ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_jpeg_put(ocrvl_buf *b, const ocrvl_image *img, uint32_t side, int quality, ocrvl_error *err)
{
    uint32_t width = img->width, height = img->height, longer = width > height ? width : height;
    if (longer <= side)
        return put_pixels(b, img->data, width, height, img->channels, quality, err);
    uint8_t *small;
    uint32_t w = (uint32_t)((uint64_t)width * side / longer), h = (uint32_t)((uint64_t)height * side / longer);
    w = w ? w : 1;
    h = h ? h : 1;
    ocrvl_status st = ocrvl_resize_bicubic(&small, img->data, height, width, img->channels, h, w, false, err);
    if (st)
        return st;
    st = put_pixels(b, small, w, h, img->channels, quality, err);
    ocrvl_free(small);
    return st;
}
