/* An sRGB profile of our own, by ICC.1:2001-04: nine tags, with one curve shared by the three channels. The primaries
 * are those of IEC 61966-2-1 adapted to D50 (Bradford); the curve is its formula at 1024 points. */
#include <string.h>

#include "out/pdfparts.h"

#include "base/maths.h"

#define TAGS 9u
#define POINTS 1024u

static void put32(ocrvl_buf *b, uint32_t v)
{
    const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
    ocrvl_buf_put(b, bytes, 4);
}

static void put16(ocrvl_buf *b, uint32_t v)
{
    const char bytes[] = {(char)(v >> 8), (char)v};
    ocrvl_buf_put(b, bytes, 2);
}

static void put_zeros(ocrvl_buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_putc(b, 0);
}

static void put_text(ocrvl_buf *b, const char *type, const char *s)
{
    ocrvl_buf_put(b, type, 4);
    put32(b, 0);
    ocrvl_buf_put(b, s, strlen(s) + 1);
}

/* textDescriptionType with empty Unicode and Macintosh parts. */
static void put_description(ocrvl_buf *b, const char *s)
{
    ocrvl_buf_puts(b, "desc");
    put32(b, 0);
    put32(b, (uint32_t)strlen(s) + 1);
    ocrvl_buf_put(b, s, strlen(s) + 1);
    put_zeros(b, 4 + 4 + 2 + 1 + 67);
}

/* s15Fixed16 numbers. */
static void put_xyz(ocrvl_buf *b, uint32_t x, uint32_t y, uint32_t z)
{
    ocrvl_buf_puts(b, "XYZ ");
    put32(b, 0);
    put32(b, x);
    put32(b, y);
    put32(b, z);
}

static void put_curve(ocrvl_buf *b)
{
    ocrvl_buf_puts(b, "curv");
    put32(b, 0);
    put32(b, POINTS);
    for (uint32_t i = 0; i < POINTS; i++) {
        double v = (double)i / (POINTS - 1), linear = v <= 0.04045 ? v / 12.92 : ocrvl_pow((v + 0.055) / 1.055, 2.4);
        put16(b, (uint32_t)(linear * 65535 + 0.5));
    }
}

static void put_header(ocrvl_buf *b, uint32_t size)
{
    put32(b, size);
    put32(b, 0);
    put32(b, 0x02100000);
    ocrvl_buf_puts(b, "mntrRGB XYZ ");
    for (int i = 0; i < 3; i++) /* 2026-01-01, midnight */
        put16(b, i ? 1 : 2026);
    put_zeros(b, 6);
    ocrvl_buf_puts(b, "acsp");
    put_zeros(b, 28);
    put32(b, 0xF6D6);
    put32(b, 0x10000);
    put32(b, 0xD32D);
    put_zeros(b, 48);
}

void ocrvl_put_srgb(ocrvl_buf *out)
{
    static const char names[] = "desccprtwtptrXYZgXYZbXYZrTRCgTRCbTRC";
    ocrvl_buf data = {0}, head = {0};
    uint32_t at[TAGS + 1], first = 128 + 4 + 12 * TAGS;
    for (uint32_t i = 0; i < TAGS; i++) {
        while (data.len % 4 && !data.failed)
            ocrvl_buf_putc(&data, 0);
        at[i] = (uint32_t)data.len;
        switch (i) {
        case 0: put_description(&data, "sRGB IEC61966-2.1"); break;
        case 1: put_text(&data, "text", "No copyright, use freely"); break;
        case 2: put_xyz(&data, 0xF6D6, 0x10000, 0xD32D); break;
        case 3: put_xyz(&data, 0x6FA2, 0x38F5, 0x0390); break;
        case 4: put_xyz(&data, 0x6299, 0xB785, 0x18DA); break;
        case 5: put_xyz(&data, 0x24A0, 0x0F84, 0xB6CF); break;
        case 6: put_curve(&data); break;
        default: /* the curve of red serves all three */ at[i] = at[6];
        }
    }
    at[TAGS] = (uint32_t)data.len;
    put_header(&head, first + (uint32_t)data.len);
    put32(&head, TAGS);
    for (uint32_t i = 0; i < TAGS; i++) {
        static const uint32_t lengths[TAGS] = {
            108, 33, 20, 20, 20, 20, 12 + 2 * POINTS, 12 + 2 * POINTS, 12 + 2 * POINTS};
        ocrvl_buf_put(&head, names + 4 * i, 4);
        put32(&head, first + at[i]);
        put32(&head, lengths[i]);
    }
    out->failed |= data.failed || head.failed;
    ocrvl_buf_put(out, head.data, head.len);
    ocrvl_buf_put(out, data.data, data.len);
    ocrvl_buf_free(&head);
    ocrvl_buf_free(&data);
}
