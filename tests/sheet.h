/* Pages drawn for the tests of the layout: letters of a small bitmap font, so that where each stands is known. */
#ifndef OCRVL_TESTS_SHEET_H
#define OCRVL_TESTS_SHEET_H

#include "testing.h"

#include <string.h>

#include "base/image.h"

/* Letters of 5 x 9 cells: ascenders begin in row 0, x-height in row 2, the baseline is below row 6, descenders end in
 * row 8. More of them reach above than below, as in Latin text. */
static const char *const glyphs[] = {
    ".....", ".....", ".###.", "....#", ".####", "#...#", ".####", ".....", ".....", /* a */
    "#....", "#....", "####.", "#...#", "#...#", "#...#", "####.", ".....", ".....", /* b */
    "....#", "....#", ".####", "#...#", "#...#", "#...#", ".####", ".....", ".....", /* d */
    ".....", ".....", ".###.", "#...#", "#####", "#....", ".####", ".....", ".....", /* e */
    "#....", "#....", "####.", "#...#", "#...#", "#...#", "#...#", ".....", ".....", /* h */
    "..#..", "..#..", "..#..", "..#..", "..#..", "..#..", "..##.", ".....", ".....", /* l */
    ".....", ".....", "####.", "#...#", "#...#", "#...#", "#...#", ".....", ".....", /* n */
    ".....", ".....", ".###.", "#...#", "#...#", "#...#", ".###.", ".....", ".....", /* o */
    ".....", ".....", "####.", "#...#", "#...#", "#...#", "####.", "#....", "#....", /* p */
    ".....", ".....", ".####", "#....", ".###.", "....#", "####.", ".....", ".....", /* s */
    ".#...", ".#...", "####.", ".#...", ".#...", ".#...", "..##.", ".....", ".....", /* t */
};
static const char letters[] = "abdehlnopst";
#define ASCENT 7 /* cells from the top of ascenders to the baseline */

typedef struct sheet {
    ocrvl_image *img;
    uint8_t ink;
} sheet;

static inline sheet new_sheet(uint32_t w, uint32_t h, uint8_t paper, uint8_t ink)
{
    sheet s = {.ink = ink};
    assert_ok(ocrvl_image_new(&s.img, w, h, 1, 0, 0, 0, err));
    memset(s.img->data, paper, (size_t)w * h);
    return s;
}

static inline void fill(const sheet *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1, uint8_t v)
{
    for (int32_t y = y0 < 0 ? 0 : y0; y < y1 && y < (int32_t)s->img->height; y++)
        for (int32_t x = x0 < 0 ? 0 : x0; x < x1 && x < (int32_t)s->img->width; x++)
            s->img->data[(size_t)y * s->img->width + x] = v;
}

/* Writes text with its baseline at y, cells of `size` pixels; returns the box of its ink. */
static inline ocrvl_box write_text(const sheet *s, int32_t x, int32_t y, int32_t size, const char *text)
{
    ocrvl_box box = {INT32_MAX, INT32_MAX, 0, 0};
    for (; *text; text++, x += 6 * size) {
        const char *at = strchr(letters, *text);
        for (int32_t row = 0; at && *at && row < 9; row++)
            for (int32_t col = 0; col < 5; col++)
                if (glyphs[(at - letters) * 9 + row][col] == '#') {
                    int32_t cx = x + col * size, cy = y + (row - ASCENT) * size;
                    fill(s, cx, cy, cx + size, cy + size, s->ink);
                    box.x0 = cx < box.x0 ? cx : box.x0;
                    box.y0 = cy < box.y0 ? cy : box.y0;
                    box.x1 = cx + size > box.x1 ? cx + size : box.x1;
                    box.y1 = cy + size > box.y1 ? cy + size : box.y1;
                }
    }
    return box;
}

#endif
