#include "in/jpeg_strips.h"

#include <string.h>

#include "base/exif.h"

enum {
    SOF0 = 0xC0,
    SOF1 = 0xC1,
    SOF2 = 0xC2,
    DHT = 0xC4,
    RST0 = 0xD0,
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    DQT = 0xDB,
    DRI = 0xDD
};

/* What one strip is made of; segments are given with their markers. */
typedef struct strip {
    ocrvl_jpeg_bytes frame, scan, coded; /* SOF, SOS, and what comes behind it up to EOI */
    ocrvl_buf tables;                    /* DQT and DHT */
    unsigned kind;                       /* of the frame: the marker */
    bool restarts;
} strip;

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static void put16(ocrvl_buf *b, uint32_t v)
{
    ocrvl_buf_putc(b, (char)(v >> 8));
    ocrvl_buf_putc(b, (char)v);
}

/* The coded data end at the first marker that is no restart; anything but EOI there is another scan. */
static bool take_coded(strip *s, const uint8_t *p, size_t len, size_t at)
{
    size_t from = at;
    for (; at + 1 < len; at++)
        if (p[at] == 0xFF && p[at + 1] != 0 && (p[at + 1] < RST0 || p[at + 1] > RST0 + 7))
            break;
    s->coded = (ocrvl_jpeg_bytes){p + from, at - from};
    return at + 1 < len && p[at + 1] == EOI;
}

/* Reads markers from SOI on; tables end without a scan. */
static bool read_strip(strip *s, const uint8_t *p, size_t len)
{
    if (len < 4 || p[0] != 0xFF || p[1] != SOI)
        return false;
    for (size_t at = 2; len - at >= 4 && p[at] == 0xFF;) {
        unsigned marker = p[at + 1];
        size_t n = 2 + get16(p + at + 2);
        if (n < 4 || n > len - at)
            return false;
        ocrvl_jpeg_bytes segment = {p + at, n};
        if (marker == DQT || marker == DHT)
            ocrvl_buf_put(&s->tables, segment.data, n);
        if (marker >= SOF0 && marker <= SOF2) {
            s->frame = segment;
            s->kind = marker;
        }
        s->restarts |= marker == DRI && n >= 6 && get16(p + at + 4) > 0;
        at += n;
        if (marker == SOS) {
            s->scan = segment;
            return take_coded(s, p, len, at);
        }
    }
    return true;
}

/* What the frame says of its size and components. */
typedef struct frame {
    uint32_t height, width, across, down; /* across, down: pixels of the unit in which data are coded */
} frame;

static bool read_frame(frame *f, const strip *s, unsigned components)
{
    const uint8_t *p = s->frame.data;
    size_t n = s->frame.len;
    if (n < 10 || p[9] != components || n < 10 + 3 * (size_t)components || p[4] != 8)
        return false;
    *f = (frame){.height = get16(p + 5), .width = get16(p + 7), .across = 8, .down = 8};
    for (unsigned i = 0; i < components && components > 1; i++) {
        uint32_t h = p[11 + 3 * i] >> 4, v = p[11 + 3 * i] & 15;
        f->across = 8 * h > f->across ? 8 * h : f->across;
        f->down = 8 * v > f->down ? 8 * v : f->down;
    }
    return f->width > 0;
}

static void put_head(ocrvl_buf *out, const ocrvl_jpeg_strips *s)
{
    static const uint8_t adobe[] = {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0};
    uint8_t exif[OCRVL_EXIF_ORIENTATION];
    ocrvl_buf_put(out, "\xFF\xD8", 2);
    if (s->orientation != 1) {
        ocrvl_exif_put_orientation(exif, s->orientation);
        ocrvl_buf_put(out, "\xFF\xE1", 2);
        put16(out, sizeof exif + 2);
        ocrvl_buf_put(out, exif, sizeof exif);
    }
    if (s->components == 1)
        return;
    ocrvl_buf_put(out, adobe, sizeof adobe);
    ocrvl_buf_putc(out, s->ycc); /* the transform: 1 is YCbCr, 0 none */
}

static void free_strip(strip *s) { ocrvl_buf_free(&s->tables); }

static bool same(ocrvl_jpeg_bytes a, ocrvl_jpeg_bytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static ocrvl_jpeg_bytes bytes_of(const ocrvl_buf *b)
{
    return (ocrvl_jpeg_bytes){(const uint8_t *)(b->data ? b->data : ""), b->len};
}

/* Frames are alike but for their heights. */
static bool alike(const strip *a, const strip *b)
{
    size_t n = a->frame.len;
    return a->kind == b->kind && n == b->frame.len && memcmp(a->frame.data, b->frame.data, 5) == 0 &&
           memcmp(a->frame.data + 7, b->frame.data + 7, n - 7) == 0 && same(a->scan, b->scan) &&
           same(bytes_of(&a->tables), bytes_of(&b->tables)) && !b->restarts;
}

/* The strip's coded data, behind a restart marker if it isn't the first. */
static bool put_strip(ocrvl_buf *out, const ocrvl_jpeg_strips *all, size_t i, const strip *first)
{
    strip s = {0};
    frame f;
    uint32_t rows = i + 1 < all->count ? all->rows : all->height - (uint32_t)i * all->rows;
    bool fine = read_strip(&s, all->strips[i].data, all->strips[i].len) && !s.tables.failed && s.scan.len &&
                read_frame(&f, &s, all->components) && f.width == all->width && f.height == rows && alike(first, &s);
    if (fine && i) {
        ocrvl_buf_putc(out, (char)0xFF);
        ocrvl_buf_putc(out, (char)(RST0 + (i - 1) % 8));
    }
    if (fine)
        ocrvl_buf_put(out, s.coded.data, s.coded.len);
    free_strip(&s);
    return fine;
}

/* Tables, the frame with the page's height, the restart interval, and the scan's head. */
static bool put_joined_head(ocrvl_buf *out, const ocrvl_jpeg_strips *s, const strip *first)
{
    frame f;
    if (!first->scan.len || first->restarts || (first->kind != SOF0 && first->kind != SOF1) ||
        !read_frame(&f, first, s->components) || s->rows % f.down)
        return false;
    uint64_t units = (uint64_t)((s->width + f.across - 1) / f.across) * (s->rows / f.down);
    const uint8_t *scan = first->scan.data;
    if (units > 65535 || scan[4] != s->components)
        return false;
    ocrvl_buf_put(out, first->tables.data ? first->tables.data : "", first->tables.len);
    ocrvl_buf_put(out, first->frame.data, 5);
    put16(out, s->height);
    ocrvl_buf_put(out, first->frame.data + 7, first->frame.len - 7);
    ocrvl_buf_put(out, "\xFF\xDD\0\4", 4);
    put16(out, (uint32_t)units);
    ocrvl_buf_put(out, first->scan.data, first->scan.len);
    return true;
}

static bool join(ocrvl_buf *out, const ocrvl_jpeg_strips *s)
{
    strip first = {0};
    bool fine = read_strip(&first, s->strips[0].data, s->strips[0].len) && put_joined_head(out, s, &first);
    for (size_t i = 0; fine && i < s->count; i++)
        fine = put_strip(out, s, i, &first);
    ocrvl_buf_put(out, "\xFF\xD9", 2);
    fine = fine && !first.tables.failed;
    free_strip(&first);
    return fine;
}

/* One strip stays as it is, whatever its scans. */
static bool take_one(ocrvl_buf *out, const ocrvl_jpeg_strips *s)
{
    const ocrvl_jpeg_bytes *only = s->strips;
    strip head = {0};
    frame f;
    (void)read_strip(&head, only->data, only->len); /* false also where several scans follow */
    bool fine = head.scan.len && read_frame(&f, &head, s->components) && f.width == s->width && f.height == s->height;
    free_strip(&head);
    if (!fine)
        return false;
    ocrvl_buf_put(out, only->data + 2, only->len - 2);
    if (only->data[only->len - 2] != 0xFF || only->data[only->len - 1] != EOI)
        ocrvl_buf_put(out, "\xFF\xD9", 2);
    return true;
}

bool ocrvl_jpeg_join_strips(ocrvl_buf *out, const ocrvl_jpeg_strips *s)
{
    strip tables = {0};
    if (s->count == 0 || s->width > 65535 || s->height > 65535 || (s->components != 1 && s->components != 3))
        return false;
    put_head(out, s);
    bool fine = s->tables.len == 0 || read_strip(&tables, s->tables.data, s->tables.len);
    if (fine && tables.tables.len)
        ocrvl_buf_put(out, tables.tables.data, tables.tables.len);
    fine = fine && !tables.tables.failed && (s->count == 1 ? take_one(out, s) : join(out, s));
    free_strip(&tables);
    return fine && !out->failed;
}
