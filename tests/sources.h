/* What the tests of sources share: bytes in memory, pages out of them, and numbers that look random but are the same in
 * every run. */
#ifndef OCRVL_TESTS_SOURCES_H
#define OCRVL_TESTS_SOURCES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

#include "ocrvl_formats.h"

typedef struct bytes { /* zero-initialise */
    uint8_t *data;
    size_t len, cap;
} bytes;

static inline void bytes_put(bytes *b, const void *data, size_t n)
{
    if (b->len + n > b->cap) {
        b->cap = 2 * (b->len + n) + 256;
        b->data = realloc(b->data, b->cap);
        assert_non_null(b->data);
    }
    if (n)
        memcpy(b->data + b->len, data, n);
    b->len += n;
}

static inline void bytes_puts(bytes *b, const char *s) { bytes_put(b, s, strlen(s)); }

static inline void bytes_free(bytes *b)
{
    free(b->data);
    *b = (bytes){0};
}

static inline bytes bytes_load(const char *path)
{
    bytes b = {0};
    uint8_t part[65536];
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: not there", path);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        bytes_put(&b, part, n);
    fclose(f);
    return b;
}

/* As an ocrvl_write_fn. */
static inline int bytes_write(void *user, const void *data, size_t len)
{
    bytes_put(user, data, len);
    return 0;
}

static inline uint32_t next_random(uint32_t *state) /* xorshift32 */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline ocrvl_source *open_bytes(const bytes *b, const ocrvl_source_options *opt)
{
    ocrvl_source *s;
    assert_ok(ocrvl_source_open_memory(&s, b->data, b->len, "test", opt, err));
    return s;
}

static inline ocrvl_image *next_page(ocrvl_source *s, ocrvl_page_place *place)
{
    ocrvl_image *img;
    ocrvl_page_place unused = {.size = sizeof unused};
    assert_ok(ocrvl_source_next(s, &img, place ? place : &unused, err));
    return img;
}

/* The first page; place's strings are gone afterwards. */
static inline ocrvl_image *read_first(const bytes *b, ocrvl_page_place *place)
{
    ocrvl_source *s = open_bytes(b, NULL);
    ocrvl_image *img = next_page(s, place);
    ocrvl_source_free(s);
    assert_non_null(img);
    return img;
}

static inline ocrvl_image *first_page(const char *path)
{
    ocrvl_source *s;
    assert_ok(ocrvl_source_open(&s, path, NULL, err));
    ocrvl_image *img = next_page(s, NULL);
    ocrvl_source_free(s);
    assert_non_null(img);
    return img;
}

/* Opening or the first page fails so, with `part` in the message. */
static inline void expect_error(const bytes *b, const ocrvl_source_options *opt, ocrvl_status want, const char *part)
{
    ocrvl_error e = {0};
    ocrvl_source *s;
    ocrvl_status st = ocrvl_source_open_memory(&s, b->data, b->len, "test", opt, &e);
    if (st == OCRVL_OK) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_source_next(s, &img, &place, &e);
        assert_int_equal(place.width, 0);
        assert_true(st == OCRVL_OK || !img);
        ocrvl_image_free(img);
        ocrvl_source_free(s);
    }
    if (st != want || !strstr(e.message, part))
        fail_msg("%s: %s, wanted %s: ...%s...", ocrvl_status_name(st), e.message, ocrvl_status_name(want), part);
}

/* What a page is in RGB, whether it has 1 or 3 channels. */
static inline unsigned rgb_at(const ocrvl_image *img, uint32_t x, uint32_t y, unsigned c)
{
    uint32_t n = ocrvl_image_channels(img);
    return ocrvl_image_data(img)[((size_t)y * ocrvl_image_width(img) + x) * n + (n == 3 ? c : 0)];
}

/* want: [height][width][3] */
static inline void expect_rgb(const ocrvl_image *img, uint32_t width, uint32_t height, const uint8_t *want,
                              int tolerance)
{
    assert_int_equal(ocrvl_image_width(img), width);
    assert_int_equal(ocrvl_image_height(img), height);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned c = 0; c < 3; c++) {
                int is = (int)rgb_at(img, x, y, c), should = want[((size_t)y * width + x) * 3 + c];
                if (abs(is - should) > tolerance)
                    fail_msg("pixel %u,%u channel %u is %d, not %d", x, y, c, is, should);
            }
}

static inline void expect_dpi(const ocrvl_image *img, double x, double y, double tolerance)
{
    double dpi_x, dpi_y;
    ocrvl_image_dpi(img, &dpi_x, &dpi_y);
    if (!(dpi_x >= x - tolerance && dpi_x <= x + tolerance && dpi_y >= y - tolerance && dpi_y <= y + tolerance))
        fail_msg("%g x %g dpi, not %g x %g", dpi_x, dpi_y, x, y);
}

/* Reads whatever it is, within limits that keep it quick. What must hold of any bytes: an error has a status and a
 * message of its own, a page has pixels within the limit, and the document ends. Returns how many pages came out. */
static inline unsigned read_anything(const uint8_t *data, size_t len, const char *password)
{
    ocrvl_source_options opt = {.size = sizeof opt, .password = password, .max_pixels = 250000, .max_pages = 50};
    ocrvl_error e = {0};
    ocrvl_source *src;
    unsigned pages = 0;
    uint8_t *exact = malloc(len ? len : 1); /* so that a byte read past the end shows */
    if (!exact)
        abort();
    if (len)
        memcpy(exact, data, len);
    ocrvl_status st = ocrvl_source_open_memory(&src, exact, len, "any", &opt, &e);
    if (st == OCRVL_OK) {
        uint64_t count = ocrvl_source_count(src), calls = 0;
        for (;; calls++) {
            ocrvl_image *img;
            ocrvl_page_place place = {.size = sizeof place};
            e = (ocrvl_error){0};
            st = ocrvl_source_next(src, &img, &place, &e);
            if (st == OCRVL_OK && !img)
                break;
            if (st ? img || e.status != st || !e.message[0] || st == OCRVL_E_INTERNAL || st == OCRVL_E_ARG
                   : (uint64_t)place.width * place.height == 0 || (uint64_t)place.width * place.height > 250000)
                abort();
            pages += img != NULL;
            ocrvl_image_free(img);
        }
        if (calls != count)
            abort();
        ocrvl_source_free(src);
    } else if (src || e.status != st || !e.message[0])
        abort();
    free(exact);
    return pages;
}

#endif
