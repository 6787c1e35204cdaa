/* Joins the JPEG data of a TIFF's tiles by libjpeg, as jpegtran would: only the Huffman codes are others. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "base/exif.h"
#include "base/mem.h"
#include "in/jpeg_strips.h"

enum { CHUNK = 1 << 14, MOST_SCANS = 200 };

typedef struct joiner {
    struct jpeg_decompress_struct in;
    struct jpeg_compress_struct out;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_destination_mgr sink;
    jmp_buf failed;
    const ocrvl_jpeg_strips *s;
    jvirt_barray_ptr whole[3]; /* the page's coefficients */
    ocrvl_buf *file;
    JOCTET chunk[CHUNK];
} joiner;

/* ---- libjpeg's errors and output --------------------------------------------------------------------- */

static void give_up(j_common_ptr jpeg)
{
    joiner *j = jpeg->client_data;
    longjmp(j->failed, 1);
}

/* Any warning is of damage, which isn't to be passed on. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
        give_up(jpeg);
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void watch_scans(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS)
        give_up(jpeg);
}

static void begin(j_compress_ptr jpeg)
{
    joiner *j = jpeg->client_data;
    j->sink.next_output_byte = j->chunk;
    j->sink.free_in_buffer = CHUNK;
}

static boolean flush(j_compress_ptr jpeg)
{
    joiner *j = jpeg->client_data;
    ocrvl_buf_put(j->file, j->chunk, CHUNK);
    begin(jpeg);
    return TRUE;
}

static void end(j_compress_ptr jpeg)
{
    joiner *j = jpeg->client_data;
    ocrvl_buf_put(j->file, j->chunk, CHUNK - j->sink.free_in_buffer);
}

/* ---- the page's coefficients ------------------------------------------------------------------------- */

/* Sets the page up like its first block, and makes room for its coefficients. */
static void begin_page(joiner *j)
{
    const ocrvl_jpeg_strips *s = j->s;
    struct jpeg_memory_mgr *mem = j->out.mem;
    j->in.jpeg_color_space = s->components == 1 ? JCS_GRAYSCALE : s->ycc ? JCS_YCbCr : JCS_RGB;
    jpeg_copy_critical_parameters(&j->in, &j->out);
    j->out.image_width = s->width;
    j->out.image_height = s->height;
    j->out.optimize_coding = TRUE;
    for (unsigned c = 0; c < s->components; c++) {
        const jpeg_component_info *of = &j->in.comp_info[c];
        JDIMENSION h = (JDIMENSION)of->h_samp_factor, v = (JDIMENSION)of->v_samp_factor;
        JDIMENSION mcu_width = 8 * (JDIMENSION)j->in.max_h_samp_factor;
        JDIMENSION mcu_height = 8 * (JDIMENSION)j->in.max_v_samp_factor;
        j->whole[c] = mem->request_virt_barray((j_common_ptr)&j->out, JPOOL_IMAGE, TRUE,
                                               (s->width + mcu_width - 1) / mcu_width * h,
                                               (s->height + mcu_height - 1) / mcu_height * v, v);
    }
    mem->realize_virt_arrays((j_common_ptr)&j->out);
}

/* Whether the block is coded as the page is. */
static bool is_alike(const joiner *j)
{
    for (unsigned c = 0; c < j->s->components; c++) {
        const jpeg_component_info *a = &j->in.comp_info[c], *b = &j->out.comp_info[c];
        const JQUANT_TBL *table = j->out.quant_tbl_ptrs[b->quant_tbl_no];
        if (a->h_samp_factor != b->h_samp_factor || a->v_samp_factor != b->v_samp_factor || !a->quant_table || !table ||
            memcmp(a->quant_table->quantval, table->quantval, sizeof table->quantval) != 0)
            return false;
    }
    return true;
}

/* Copies a component's coefficients to where (x, y) is in it, in blocks of 8 x 8: `width` x `height` of them. */
static void copy_component(joiner *j, unsigned c, jvirt_barray_ptr from, const JDIMENSION at[2], const JDIMENSION n[2])
{
    for (JDIMENSION i = 0; i < n[1]; i++) {
        JBLOCKARRAY to = j->out.mem->access_virt_barray((j_common_ptr)&j->out, j->whole[c], at[1] + i, 1, TRUE);
        JBLOCKARRAY row = j->in.mem->access_virt_barray((j_common_ptr)&j->in, from, i, 1, FALSE);
        memcpy(to[0] + at[0], row[0], n[0] * sizeof **row);
    }
}

/* x, y: of the block in the page; width, height: what of it is on the page. */
static void copy_block(joiner *j, jvirt_barray_ptr *from, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
    uint32_t unit[2] = {8 * (uint32_t)j->in.max_h_samp_factor, 8 * (uint32_t)j->in.max_v_samp_factor};
    for (unsigned c = 0; c < j->s->components; c++) {
        uint32_t h = (uint32_t)j->in.comp_info[c].h_samp_factor, v = (uint32_t)j->in.comp_info[c].v_samp_factor;
        JDIMENSION at[2] = {x * h / unit[0], y * v / unit[1]};
        JDIMENSION n[2] = {(width * h + unit[0] - 1) / unit[0], (height * v + unit[1] - 1) / unit[1]};
        if (x * h % unit[0] || y * v % unit[1])
            give_up((j_common_ptr)&j->in);
        copy_component(j, c, from[c], at, n);
    }
}

static void take_block(joiner *j, size_t i)
{
    const ocrvl_jpeg_strips *s = j->s;
    size_t row = (s->width + s->across - 1) / s->across;
    uint32_t x = (uint32_t)(i % row) * s->across, y = (uint32_t)(i / row) * s->rows;
    uint32_t width = s->width - x < s->across ? s->width - x : s->across;
    uint32_t height = s->height - y < s->rows ? s->height - y : s->rows;
    jpeg_mem_src(&j->in, s->strips[i].data, s->strips[i].len);
    jpeg_read_header(&j->in, TRUE);
    if (j->in.num_components != (int)s->components || j->in.data_precision != 8 || j->in.image_width < width ||
        j->in.image_height < height || j->in.image_width > s->across || j->in.image_height > s->rows)
        give_up((j_common_ptr)&j->in);
    jvirt_barray_ptr *from = jpeg_read_coefficients(&j->in);
    if (i == 0)
        begin_page(j);
    if (!is_alike(j))
        give_up((j_common_ptr)&j->in);
    copy_block(j, from, x, y, width, height);
    jpeg_finish_decompress(&j->in);
}

static void join(joiner *j)
{
    const ocrvl_jpeg_strips *s = j->s;
    uint8_t exif[OCRVL_EXIF_ORIENTATION];
    if (s->tables.len) {
        jpeg_mem_src(&j->in, s->tables.data, s->tables.len);
        if (jpeg_read_header(&j->in, FALSE) != JPEG_HEADER_TABLES_ONLY)
            give_up((j_common_ptr)&j->in);
    }
    for (size_t i = 0; i < s->count; i++)
        take_block(j, i);
    jpeg_write_coefficients(&j->out, j->whole);
    if (s->orientation != 1) {
        ocrvl_exif_put_orientation(exif, s->orientation);
        jpeg_write_marker(&j->out, JPEG_APP0 + 1, exif, sizeof exif);
    }
    jpeg_finish_compress(&j->out);
}

static bool run(joiner *j)
{
    if (setjmp(j->failed) != 0)
        return false;
    jpeg_create_decompress(&j->in);
    jpeg_create_compress(&j->out);
    j->in.progress = &j->progress;
    j->out.dest = &j->sink;
    join(j);
    return true;
}

/* Whether there are as many blocks as the page is laid out for. */
static bool is_complete(const ocrvl_jpeg_strips *s)
{
    if (s->width == 0 || s->height == 0 || s->across == 0 || s->rows == 0 || s->width > 65535 || s->height > 65535 ||
        s->across > 65535 || s->rows > 65535 || (s->components != 1 && s->components != 3))
        return false;
    return s->count == (size_t)((s->width + s->across - 1) / s->across) * ((s->height + s->rows - 1) / s->rows);
}

bool ocrvl_jpeg_join_blocks(ocrvl_buf *out, const ocrvl_jpeg_strips *s)
{
    joiner *j = is_complete(s) ? ocrvl_alloc(sizeof *j) : NULL;
    if (!j)
        return false;
    j->s = s;
    j->file = out;
    j->in.err = j->out.err = jpeg_std_error(&j->errors);
    j->errors.error_exit = give_up;
    j->errors.emit_message = on_message;
    j->errors.output_message = say_nothing;
    j->progress.progress_monitor = watch_scans;
    j->sink =
        (struct jpeg_destination_mgr){.init_destination = begin, .empty_output_buffer = flush, .term_destination = end};
    j->in.client_data = j->out.client_data = j;
    bool done = run(j);
    jpeg_destroy_compress(&j->out);
    jpeg_destroy_decompress(&j->in);
    ocrvl_free(j);
    return done && !out->failed;
}
