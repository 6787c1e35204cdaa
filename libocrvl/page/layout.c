#include "page/layout.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "page/layout_parts.h"

#define PI 3.14159265358979323846

static ocrvl_status find_rows(ocrvl_rows *rows, ocrvl_mask *mask, ocrvl_regions *regions, ocrvl_layout_mode mode,
                              ocrvl_error *err)
{
    ocrvl_blobs blobs = {0}, light = {0};
    ocrvl_status st = ocrvl_layout_clean(mask, &blobs, &light, regions, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_rows(rows, mask, false, &blobs, regions, mode, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_rows(rows, mask, true, &light, regions, mode, err);
    ocrvl_free(blobs.at);
    ocrvl_free(light.at);
    return st;
}

static ocrvl_status find_lines(ocrvl_layout *l, const ocrvl_layout_options *opt, ocrvl_error *err)
{
    ocrvl_mask *mask = l->mask;
    ocrvl_regions regions = {0};
    ocrvl_rows rows = {0};
    ocrvl_status st = ocrvl_layout_one_line(&rows, mask, &regions, opt->mode == OCRVL_LAYOUT_LINE, err);
    if (st == OCRVL_OK && rows.count == 0 && opt->mode != OCRVL_LAYOUT_LINE)
        st = find_rows(&rows, mask, &regions, opt->mode, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_blocks(l, &rows, &regions, err);
    if (st == OCRVL_OK && opt->mode == OCRVL_LAYOUT_AUTO)
        st = ocrvl_layout_roles(l, err);
    ocrvl_free(regions.at);
    ocrvl_free(rows.at);
    return st;
}

ocrvl_status ocrvl_layout_new(ocrvl_layout **out, const ocrvl_image *page, const ocrvl_layout_options *opt,
                              ocrvl_error *err)
{
    static const ocrvl_layout_options defaults = {OCRVL_LAYOUT_AUTO, false, false};
    *out = NULL;
    ocrvl_layout_options how = opt ? *opt : defaults;
    how.keep_skew |= how.mode == OCRVL_LAYOUT_LINE; /* its lean is followed */
    setMsgSeverity(L_SEVERITY_NONE); /* Leptonica's own word on stderr: the library never prints */
    ocrvl_layout *l = ocrvl_alloc(sizeof *l);
    ocrvl_mask *mask = ocrvl_alloc(sizeof *mask);
    if (!l || !mask) {
        ocrvl_free(l);
        ocrvl_free(mask);
        return ocrvl_fail_nomem(err);
    }
    l->mask = mask;
    ocrvl_status st = ocrvl_layout_prepare(l, page, &how, err);
    if (st == OCRVL_OK) {
        uint32_t w = l->grey->width, h = l->grey->height, up = (uint64_t)w * h < OCRVL_SMALL_PAGE ? 2 : 1;
        st = ocrvl_mask_make(mask, l->grey, ocrvl_mask_factor(w, h, OCRVL_MASK_PIXELS), up, err);
    }
    if (st == OCRVL_OK)
        st = find_lines(l, &how, err);
    if (st == OCRVL_OK)
        *out = l;
    else
        ocrvl_layout_free(l);
    return st;
}

void ocrvl_layout_free(ocrvl_layout *l)
{
    if (!l)
        return;
    ocrvl_mask *mask = l->mask;
    if (mask)
        ocrvl_mask_clear(mask);
    ocrvl_free(mask);
    ocrvl_image_free(l->grey);
    ocrvl_free(l->blocks);
    ocrvl_free(l->lines);
    ocrvl_free(l);
}

ocrvl_point ocrvl_layout_to_page(const ocrvl_layout *l, float x, float y)
{
    double w = l->page_width, h = l->page_height, px = x, py = y;
    if (l->skew != 0) {
        double tw = l->rotation % 180 ? h : w, th = l->rotation % 180 ? w : h, a = l->skew * PI / 180;
        double u = x - l->grey->width / 2.0, v = y - l->grey->height / 2.0;
        px = u * cos(a) + v * sin(a) + tw / 2;
        py = v * cos(a) - u * sin(a) + th / 2;
    }
    switch (l->rotation) {
    case 90:
        return (ocrvl_point){(float)py, (float)(h - px)};
    case 180:
        return (ocrvl_point){(float)(w - px), (float)(h - py)};
    case 270:
        return (ocrvl_point){(float)(w - py), (float)px};
    default:
        return (ocrvl_point){(float)px, (float)py};
    }
}

static int32_t clip(double v, uint32_t most) { return v < 0 ? 0 : v > most ? (int32_t)most : (int32_t)v; }

ocrvl_box ocrvl_layout_box_to_page(const ocrvl_layout *l, ocrvl_box b)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < 4; i++) {
        ocrvl_point p = ocrvl_layout_to_page(l, (float)(i & 1 ? b.x1 : b.x0), (float)(i & 2 ? b.y1 : b.y0));
        x0 = fmin(x0, p.x), x1 = fmax(x1, p.x);
        y0 = fmin(y0, p.y), y1 = fmax(y1, p.y);
    }
    const double near = 0.01; /* what rounding of floats may add isn't a pixel */
    return (ocrvl_box){clip(floor(x0 + near), l->page_width), clip(floor(y0 + near), l->page_height),
                       clip(ceil(x1 - near), l->page_width), clip(ceil(y1 - near), l->page_height)};
}
