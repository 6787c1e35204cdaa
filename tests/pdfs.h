/* PDFs that tests make: one page with a picture of something like print. */
#ifndef OCRVL_TESTS_PDFS_H
#define OCRVL_TESTS_PDFS_H

#include "sources.h"

#include <jpeglib.h>

typedef struct pdf {
    bytes b;
    size_t offsets[32];
    unsigned count; /* objects 1..count-1 */
} pdf;

static inline void begin(pdf *p)
{
    *p = (pdf){.count = 1};
    bytes_puts(&p->b, "%PDF-1.5\n");
}

static inline void object(pdf *p, const char *dict, const void *data, size_t len)
{
    char text[64];
    p->offsets[p->count] = p->b.len;
    snprintf(text, sizeof text, "%u 0 obj\n", p->count++);
    bytes_puts(&p->b, text);
    bytes_puts(&p->b, dict);
    if (data) {
        snprintf(text, sizeof text, "/Length %zu>>\nstream\n", len);
        bytes_puts(&p->b, text);
        bytes_put(&p->b, data, len);
        bytes_puts(&p->b, "\nendstream");
    }
    bytes_puts(&p->b, "\nendobj\n");
}

static inline void end(pdf *p)
{
    char text[96];
    size_t at = p->b.len;
    snprintf(text, sizeof text, "xref\n0 %u\n0000000000 65535 f \n", p->count);
    bytes_puts(&p->b, text);
    for (unsigned i = 1; i < p->count; i++) {
        snprintf(text, sizeof text, "%010zu 00000 n \n", p->offsets[i]);
        bytes_puts(&p->b, text);
    }
    snprintf(text, sizeof text, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", p->count, at);
    bytes_puts(&p->b, text);
}

/* Begins a document of one page: objects 1 to 3, of which the page's contents are to be 4. `catalog` and `page` are
 * more entries of theirs. */
static inline void begin_page(pdf *p, const char *catalog, const char *page)
{
    char text[2048];
    begin(p);
    snprintf(text, sizeof text, "<</Type/Catalog/Pages 2 0 R%s>>", catalog);
    object(p, text, NULL, 0);
    object(p, "<</Type/Pages/Kids[3 0 R]/Count 1>>", NULL, 0);
    snprintf(text, sizeof text, "<</Type/Page/Parent 2 0 R/Contents 4 0 R%s>>", page);
    object(p, text, NULL, 0);
}

/* The font F in a page's resources. */
#define HELVETICA "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"

enum { WIDTH = 200, HEIGHT = 280 };

/* Lines of something like letters, none like another, in `channels` channels. */
static inline uint8_t *make_scan(unsigned channels)
{
    uint32_t state = 7;
    uint8_t *p = malloc(WIDTH * HEIGHT * channels);
    assert_non_null(p);
    memset(p, 250, WIDTH * HEIGHT * channels);
    for (unsigned y = 10; y + 18 < HEIGHT; y += 14)
        for (unsigned x = 10; x + 12 < WIDTH - y / 4; x += 4 + next_random(&state) % 8) {
            unsigned w = 1 + next_random(&state) % 3, h = 4 + next_random(&state) % 6;
            for (unsigned v = y; v < y + h; v++)
                for (unsigned i = (v * WIDTH + x) * channels; i < (v * WIDTH + x + w) * channels; i++)
                    p[i] = (uint8_t)(i % channels * 60);
        }
    return p;
}

typedef struct scan_spec {
    const char *media, *page;   /* "0 0 96 134.4"; more entries of the page */
    const char *place;          /* the cm operands of the picture */
    const char *before, *after; /* content around it */
    const char *image;          /* entries of the picture's dictionary, but for its size */
    const char *more;           /* one more object, 6 */
    int width, height;          /* of the picture; 0: WIDTH and HEIGHT */
} scan_spec;

static inline bytes make_pdf(const scan_spec *s, const void *data, size_t len)
{
    pdf p;
    char text[1024];
    snprintf(text, sizeof text, "/MediaBox[%s]%s/Resources<</XObject<</I 5 0 R>>" HELVETICA ">>",
             s->media ? s->media : "0 0 96 134.4", s->page ? s->page : "");
    begin_page(&p, "/AcroForm<</Fields[6 0 R]>>", text);
    snprintf(text, sizeof text, "%s q %s cm /I Do Q %s", s->before ? s->before : "",
             s->place ? s->place : "96 0 0 134.4 0 0", s->after ? s->after : "");
    object(&p, "<<", text, strlen(text));
    snprintf(text, sizeof text, "<</Type/XObject/Subtype/Image/Width %d/Height %d%s", s->width ? s->width : WIDTH,
             s->height ? s->height : HEIGHT, s->image);
    object(&p, text, data, len);
    object(&p, s->more ? s->more : "<<>>", NULL, 0);
    end(&p);
    return p.b;
}

#define GREY "/ColorSpace/DeviceGray/BitsPerComponent 8"
#define RGB "/ColorSpace/DeviceRGB/BitsPerComponent 8"

/* Grey pixels as JPEG, to be freed. */
static inline unsigned char *make_jpeg_of(uint8_t *pixels, unsigned width, unsigned height, unsigned long *len)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr mgr;
    unsigned char *out = NULL;
    *len = 0;
    c.err = jpeg_std_error(&mgr);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, len);
    c.image_width = width;
    c.image_height = height;
    c.input_components = 1;
    c.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&c);
    jpeg_start_compress(&c, TRUE);
    for (uint8_t *row = pixels; row < pixels + (size_t)width * height; row += width)
        jpeg_write_scanlines(&c, &row, 1);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return out;
}

/* The grey scan as JPEG, to be freed. */
static inline unsigned char *make_jpeg(uint8_t *scan, unsigned long *len)
{
    return make_jpeg_of(scan, WIDTH, HEIGHT, len);
}

#endif
