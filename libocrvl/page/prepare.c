#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "page/layout_parts.h"

/* Direction and skew are found on a mask of about this many pixels: A4 at 150 dpi. */
#define LOOK_PIXELS (9u << 18)
#define MAX_SKEW 7.0       /* degrees */
#define LEAST_SKEW 0.09    /* below this a line of 2000 pixels drifts by 3: not worth the resampling */

static ocrvl_status new_image(ocrvl_image **out, uint32_t w, uint32_t h, const ocrvl_image *like, ocrvl_error *err)
{
    ocrvl_limits limits = {.max_pixels = UINT64_MAX};
    return ocrvl_image_new(out, w, h, 1, like->dpi_x, like->dpi_y, &limits, err);
}

/* Luminance with Leptonica's weights. */
static ocrvl_status to_grey(ocrvl_image **out, const ocrvl_image *page, ocrvl_error *err)
{
    ocrvl_status st = new_image(out, page->width, page->height, page, err);
    if (st != OCRVL_OK)
        return st;
    size_t n = (size_t)page->width * page->height;
    if (page->channels == 1) {
        memcpy((*out)->data, page->data, n);
        return OCRVL_OK;
    }
    const uint8_t *p = page->data;
    for (size_t i = 0; i < n; i++, p += 3)
        (*out)->data[i] = (uint8_t)((3u * p[0] + 5u * p[1] + 2u * p[2] + 5) / 10);
    return OCRVL_OK;
}

/* ---- turning ---- */

/* The image turned clockwise by quarters * 90 degrees, in squares that stay in the cache. */
static void turn(ocrvl_image *out, const ocrvl_image *in, uint32_t quarters)
{
    const uint32_t w = in->width, h = in->height, block = 64;
    for (uint32_t by = 0; by < h; by += block)
        for (uint32_t bx = 0; bx < w; bx += block)
            for (uint32_t y = by; y < h && y < by + block; y++)
                for (uint32_t x = bx; x < w && x < bx + block; x++) {
                    uint32_t ox = quarters == 1 ? h - 1 - y : quarters == 2 ? w - 1 - x : y;
                    uint32_t oy = quarters == 1 ? x : quarters == 2 ? h - 1 - y : w - 1 - x;
                    out->data[(size_t)oy * out->width + ox] = in->data[(size_t)y * w + x];
                }
}

static ocrvl_status turn_grey(ocrvl_layout *l, ocrvl_error *err)
{
    ocrvl_image *in = l->grey, *out;
    uint32_t quarters = l->rotation / 90;
    if (quarters == 0)
        return OCRVL_OK;
    ocrvl_status st = quarters == 2 ? new_image(&out, in->width, in->height, in, err)
                                    : new_image(&out, in->height, in->width, in, err);
    if (st != OCRVL_OK)
        return st;
    turn(out, in, quarters);
    if (quarters != 2) {
        out->dpi_x = in->dpi_y;
        out->dpi_y = in->dpi_x;
    }
    ocrvl_image_free(in);
    l->grey = out;
    return OCRVL_OK;
}

/* ---- deskewing ---- */

/* in at (x, y) / 65536, between its pixels; beyond the edge the edge's pixels go on. */
static uint8_t between(const ocrvl_image *in, int64_t x, int64_t y)
{
    int64_t mx = ((int64_t)in->width - 1) << 16, my = ((int64_t)in->height - 1) << 16;
    x = x < 0 ? 0 : x > mx ? mx : x;
    y = y < 0 ? 0 : y > my ? my : y;
    uint32_t fx = (uint32_t)(x & 0xFFFF) >> 8, fy = (uint32_t)(y & 0xFFFF) >> 8;
    const uint8_t *p = in->data + (size_t)(y >> 16) * in->width + (size_t)(x >> 16);
    size_t right = x < mx ? 1 : 0, down = y < my ? in->width : 0;
    uint32_t top = p[0] * (256 - fx) + p[right] * fx, bottom = p[down] * (256 - fx) + p[down + right] * fx;
    return (uint8_t)((top * (256 - fy) + bottom * fy + 32768) >> 16);
}

/* Turns the grey image clockwise by l->skew on a sheet that holds all of it. */
static ocrvl_status deskew_grey(ocrvl_layout *l, ocrvl_error *err)
{
    ocrvl_image *in = l->grey, *out;
    if (l->skew == 0)
        return OCRVL_OK;
    double a = l->skew * 3.14159265358979323846 / 180, c = cos(a), s = sin(a);
    uint32_t w = (uint32_t)ceil(in->width * c + in->height * fabs(s));
    uint32_t h = (uint32_t)ceil(in->height * c + in->width * fabs(s));
    ocrvl_status st = new_image(&out, w, h, in, err);
    if (st != OCRVL_OK)
        return st;
    int64_t dx = llround(c * 65536), dy = llround(-s * 65536);
    for (uint32_t y = 0; y < h; y++) {
        double u = 0.5 - w / 2.0, v = y + 0.5 - h / 2.0;
        int64_t px = llround((u * c + v * s + in->width / 2.0 - 0.5) * 65536);
        int64_t py = llround((v * c - u * s + in->height / 2.0 - 0.5) * 65536);
        uint8_t *row = out->data + (size_t)y * w;
        for (uint32_t x = 0; x < w; x++, px += dx, py += dy)
            row[x] = between(in, px, py);
    }
    ocrvl_image_free(in);
    l->grey = out;
    return OCRVL_OK;
}

/* ---- finding out ---- */

/* How uneven the ink of the rows is, row beside row: great where text lies level. */
static double row_contrast(PIX *ink)
{
    NUMA *sums = pixCountPixelsByRow(ink, NULL);
    double total = 0, change = 0, before = 0;
    if (!sums)
        return 0;
    for (l_int32 i = 0; i < numaGetCount(sums); i++) {
        l_float32 v = 0;
        numaGetFValue(sums, i, &v);
        total += v;
        change += (v - before) * (v - before);
        before = v;
    }
    numaDestroy(&sums);
    return total > 0 ? change / total : 0;
}

/* Which way the text lies, as the clockwise turn that makes it upright; 0 unless the evidence is strong. */
static uint32_t find_rotation(PIX *ink)
{
    PIX *side = pixRotate90(ink, 1);
    l_float32 up = 0, left = 0;
    uint32_t rotation = 0;
    if (side && pixOrientDetect(ink, &up, &left, 0, 0) == 0) {
        double level = row_contrast(ink), upright = row_contrast(side);
        (void)level, (void)upright;
        if (up < -10 && -up > 2.5 * fabsf(left))
            rotation = 180;
        else if (left > 10 && left > 2.5 * fabsf(up))
            rotation = 90;
        else if (left < -10 && -left > 2.5 * fabsf(up))
            rotation = 270;
    }
    pixDestroy(&side);
    return rotation;
}

/* Degrees that the text leans counter-clockwise; 0 if it can't be told. */
static double find_skew(PIX *ink)
{
    l_float32 angle = 0, confidence = 0;
    if (pixFindSkewSweepAndSearch(ink, &angle, &confidence, 4, 2, MAX_SKEW, 1.0f, 0.01f) != 0 || confidence < 3)
        return 0;
    return fabsf(angle) < LEAST_SKEW ? 0 : angle;
}

static ocrvl_status look(ocrvl_layout *l, const ocrvl_layout_options *opt, ocrvl_error *err)
{
    ocrvl_mask mask;
    ocrvl_status st =
        ocrvl_mask_make(&mask, l->grey, ocrvl_mask_factor(l->grey->width, l->grey->height, LOOK_PIXELS), 1, err);
    if (st != OCRVL_OK)
        return st;
    if (!opt->keep_rotation)
        l->rotation = find_rotation(mask.ink);
    PIX *upright = pixRotateOrth(mask.ink, (l_int32)(l->rotation / 90));
    if (!upright)
        st = ocrvl_fail_nomem(err);
    else if (!opt->keep_skew)
        l->skew = find_skew(upright);
    pixDestroy(&upright);
    pixDestroy(&mask.ink);
    return st;
}

ocrvl_status ocrvl_layout_prepare(ocrvl_layout *l, const ocrvl_image *page, const ocrvl_layout_options *opt,
                                  ocrvl_error *err)
{
    l->page_width = page->width;
    l->page_height = page->height;
    ocrvl_status st = to_grey(&l->grey, page, err);
    if (st == OCRVL_OK && (!opt->keep_rotation || !opt->keep_skew))
        st = look(l, opt, err);
    if (st == OCRVL_OK)
        st = turn_grey(l, err);
    if (st == OCRVL_OK)
        st = deskew_grey(l, err);
    return st;
}
