#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/maths.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Direction and skew are found on a mask of about this many pixels: A4 at 150 dpi. */
#define POSE_PIXELS (9u << 18)
#define PI 3.14159265358979323846
#define USUAL_SKEW 7.0 /* degrees */
#define SURE_SKEW 8.0 /* confidence of an angle; a page that leans by more than USUAL_SKEW seldom gives it to another */
#define LEAST_CONFIDENCE 3.0 /* of an angle that is believed */
#define MAX_SKEW 21.0        /* looked for otherwise: an angle at the end of the sweep is refused */
#define LEAST_SKEW 0.09      /* below this a line of 2000 pixels drifts by 3: not worth the resampling */
/* Pixels over the page's width. In a small image this is the angle's own error, and its small letters suffer most. */
#define LEAST_DRIFT 3

static ocrvl_status new_image(ocrvl_image **out, uint32_t w, uint32_t h, const ocrvl_image *like, ocrvl_error *err)
{
    return ocrvl_image_new(out, w, h, 1, like->dpi_x, like->dpi_y, UINT64_MAX, err);
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
    double c, s;
    ocrvl_sincos(l->skew * PI / 180, &s, &c);
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

/* How sharply lines of text stand out across the page, at the skew where they do most; the skew is in degrees. */
static double sharpness(PIX *ink, double *skew, double *confidence)
{
    l_float32 angle = 0, conf = 0, score = 0;
    l_float32 wide_angle = 0, wide_conf = 0, wide_score = 0;
    if (pixFindSkewSweepAndSearchScore(ink, &angle, &conf, &score, 4, 2, 0, USUAL_SKEW, 1, 0.01f) != 0)
        angle = conf = score = 0;
    if (conf < SURE_SKEW &&
        pixFindSkewSweepAndSearchScore(ink, &wide_angle, &wide_conf, &wide_score, 4, 2, 0, MAX_SKEW, 1, 0.01f) == 0 &&
        wide_conf > conf) {
        angle = wide_angle;
        conf = wide_conf;
        score = wide_score;
    }
    *skew = angle;
    *confidence = conf;
    return score;
}

/* Evidence of letters' upper parts: how many standard deviations more letters reach above than below. Of Latin-like
 * letters more reach above; of Cyrillic ones, below. */
static double ascenders(PIX *ink)
{
    l_float32 coarse = 0, fine = 0;
    PIX *twice = pixExpandReplicate(ink, 2); /* the patterns suit letters of about 300 dpi: try both scales */
    if (pixUpDownDetect(ink, &coarse, 0, 0, 0) != 0)
        coarse = 0;
    if (!twice || pixUpDownDetect(twice, &fine, 0, 0, 0) != 0)
        fine = 0;
    pixDestroy(&twice);
    if ((coarse > 0) != (fine > 0) && coarse != 0 && fine != 0)
        return 0;
    return (fabsf(coarse) > fabsf(fine) ? coarse : fine) / 2;
}

/* Whether a and b stand in one column. */
static bool above_each_other(const ocrvl_box *a, const ocrvl_box *b)
{
    int32_t shared = (a->x1 < b->x1 ? a->x1 : b->x1) - (a->x0 > b->x0 ? a->x0 : b->x0);
    int32_t wide = a->x1 - a->x0 > b->x1 - b->x0 ? a->x1 - a->x0 : b->x1 - b->x0;
    return shared * 10 > wide * 1;
}

static int by_base(const void *a, const void *b)
{
    const ocrvl_row *p = a, *q = b;
    return (p->base > q->base) - (p->base < q->base);
}

/* The next row below row i in its column, or NULL. rows are sorted by their baselines. */
static const ocrvl_row *next_below(const ocrvl_rows *rows, size_t i)
{
    const ocrvl_row *r = &rows->at[i];
    for (size_t k = i + 1; k < rows->count && rows->at[k].base < r->base + 8 * r->x_height; k++)
        if (rows->at[k].base > r->base + r->x_height && above_each_other(&rows->at[k].box, &r->box))
            return &rows->at[k];
    return NULL;
}

/* Evidence of paragraphs' ends, -1..1: positive where lines end short at the right, as those of upright text do. 0 of
 * few lines. */
static double raggedness(ocrvl_rows *rows)
{
    double left = 0, right = 0, xh = 0;
    if (rows->count == 0)
        return 0;
    qsort(rows->at, rows->count, sizeof *rows->at, by_base);
    for (size_t i = 0; i < rows->count; i++) {
        const ocrvl_row *a = &rows->at[i], *b = a->glyphs >= 4 ? next_below(rows, i) : NULL;
        if (!b || b->glyphs < 4)
            continue;
        left += abs(a->box.x0 - b->box.x0);
        right += abs(a->box.x1 - b->box.x1);
        xh = fmax(xh, a->x_height);
    }
    return left + right > 20 * xh ? (right - left) / (left + right) : 0;
}

/* What a mask of level text tells of the way it stands. */
typedef struct evidence {
    double letters, paragraphs; /* positive: upright; negative: on its head */
    size_t text;                /* letters in lines of several, */
    size_t few;                 /* and in words of figures, too */
} evidence;

static ocrvl_status examine(evidence *e, ocrvl_ink_mask *mask, ocrvl_error *err)
{
    ocrvl_blobs blobs = {0}, light = {0};
    ocrvl_regions regions = {0};
    ocrvl_rows rows = {0};
    *e = (evidence){.letters = ascenders(mask->ink)};
    ocrvl_status st = ocrvl_layout_clean(mask, &blobs, &light, &regions, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_rows(&rows, mask, false, &blobs, &regions, OCRVL_LAYOUT_AUTO, err);
    if (st == OCRVL_OK) {
        e->paragraphs = raggedness(&rows);
        for (size_t i = 0; i < rows.count; i++) {
            bool stands = rows.at[i].standing >= 0.6;
            e->text += rows.at[i].glyphs >= 5 && stands ? rows.at[i].glyphs : 0;
            e->few += rows.at[i].glyphs >= 3 && stands ? rows.at[i].glyphs : 0;
        }
    }
    ocrvl_free(blobs.at);
    ocrvl_free(light.at);
    ocrvl_free(regions.at);
    ocrvl_free(rows.at);
    return st;
}

/* Takes the rules out of a mask: they would speak louder than the text. */
static ocrvl_status without_rules(ocrvl_ink_mask *mask, ocrvl_error *err)
{
    ocrvl_blobs blobs = {0}, light = {0};
    ocrvl_regions regions = {0};
    ocrvl_status st = ocrvl_layout_clean(mask, &blobs, &light, &regions, err);
    ocrvl_free(blobs.at);
    ocrvl_free(light.at);
    ocrvl_free(regions.at);
    return st;
}

/* Level text is turned only if letters speak loudly (those of some scripts speak falsely), or less loudly with the
 * paragraphs agreeing. */
static bool on_its_head(const evidence *e)
{
    return e->letters <= -16 || (e->letters <= -10 && e->paragraphs < 0.25) ||
           (e->letters <= -3.5 && e->paragraphs < -0.25);
}

/* 1 or -1: how text that surely lies on its side stands after a quarter turn; 0 if the text gives no sign. */
static int after_quarter(const evidence *e)
{
    double letters = fmax(-6, fmin(6, e->letters)), sum = letters + 6 * e->paragraphs;
    return fabs(sum) < 2 ? 0 : sum > 0 ? 1 : -1;
}

/* Turns an image of a mask by an angle that lines of level text can't be found under; smaller ones stay. */
static ocrvl_status straighten(PIX **ink, double skew, double confidence, ocrvl_error *err)
{
    if (!*ink || fabs(skew) <= USUAL_SKEW || confidence < LEAST_CONFIDENCE)
        return OCRVL_OK;
    PIX *level = pixRotate(*ink, (l_float32)(skew * PI / 180), L_ROTATE_SAMPLING, L_BRING_IN_WHITE, 0, 0);
    if (!level)
        return ocrvl_fail_nomem(err);
    pixDestroy(ink);
    *ink = level;
    return OCRVL_OK;
}

#define LEAST_TEXT 60 /* letters: a page of fewer is never turned by their shapes alone */
#define FEW_TEXT 8    /* and one of fewer than this isn't doubted */
#define SURE 5.0      /* evidence of letters that needs no other */
#define LIKELY 2.5    /* and less of it that needs that of paragraphs: */
#define RAGGED 0.25

/* Whether text that is thought to be upright surely is. */
static bool is_sure(const evidence *e)
{
    return e->letters >= SURE || (e->letters >= LIKELY && e->paragraphs >= RAGGED);
}

/* The skew and the evidence of a page's level text or, turned by a quarter, of its upright text. */
typedef struct pose {
    double skew, confidence, sharp;
    evidence e;
} pose;

/* Says from the evidence how the page is turned: tells whether it is in doubt, and whether the skew is that of the
 * side. The sharpness of lines tells level from upright ones at once on most pages; tables are as sharp both ways, and
 * there letters that form lines decide. */
static bool decide(ocrvl_layout *l, const pose *level, const pose *side)
{
    if (side->e.text >= LEAST_TEXT && side->e.text * 2 > level->e.text * 3) {
        int sign = after_quarter(&side->e);
        l->rotation = sign >= 0 ? 90 : 270;
        l->doubtful = sign == 0 || !is_sure(&side->e);
        l->doubtful_side = sign == 0;
        return true;
    }
    if (level->e.text >= LEAST_TEXT && on_its_head(&level->e))
        l->rotation = 180;
    else
        l->doubtful = level->e.few + side->e.few >= FEW_TEXT && !is_sure(&level->e);
    l->doubtful_side = l->doubtful && side->e.few * 3 > level->e.few * 2;
    return false;
}

static ocrvl_status measure_pose(pose *p, ocrvl_ink_mask *mask, ocrvl_error *err)
{
    ocrvl_status st = straighten(&mask->ink, p->skew, p->confidence, err);
    if (st == OCRVL_OK)
        st = straighten(&mask->light, p->skew, p->confidence, err);
    return st == OCRVL_OK ? examine(&p->e, mask, err) : st;
}

/* Fills l->rotation and l->skew from a mask of the page as it came. */
static ocrvl_status find_pose(ocrvl_layout *l, ocrvl_ink_mask *mask, const ocrvl_layout_options *opt, ocrvl_error *err)
{
    pose level = {0}, side = {0};
    ocrvl_ink_mask turned = {.factor = mask->factor, .up = 1};
    bool known = opt->turned || opt->keep_rotation, on_side = opt->turned && opt->rotation % 180 != 0;
    ocrvl_status st = without_rules(mask, err);
    level.sharp = sharpness(mask->ink, &level.skew, &level.confidence);
    if (st == OCRVL_OK && (!known || on_side)) {
        if (!(turned.ink = pixRotate90(mask->ink, 1)))
            return ocrvl_fail_nomem(err);
        side.sharp = sharpness(turned.ink, &side.skew, &side.confidence);
    }
    if (st == OCRVL_OK && !known) {
        st = measure_pose(&level, mask, err);
        if (st == OCRVL_OK && side.sharp * 3 > level.sharp)
            st = measure_pose(&side, &turned, err);
        if (st == OCRVL_OK)
            on_side = decide(l, &level, &side);
    }
    ocrvl_ink_mask_clear(&turned);
    if (st != OCRVL_OK)
        return st;
    if (opt->turned)
        l->rotation = opt->rotation % 360 / 90 * 90;
    const pose *p = on_side ? &side : &level;
    double s, c;
    ocrvl_sincos(p->skew * PI / 180, &s, &c);
    double drift = fabs(s) * l->grey->width;
    bool level_enough = p->confidence < LEAST_CONFIDENCE || fabs(p->skew) < LEAST_SKEW || drift < LEAST_DRIFT;
    l->skew = opt->keep_skew || level_enough ? 0 : p->skew;
    return OCRVL_OK;
}

static ocrvl_status inspect(ocrvl_layout *l, const ocrvl_layout_options *opt, ocrvl_error *err)
{
    ocrvl_ink_mask mask;
    uint32_t factor = ocrvl_ink_mask_factor(l->grey->width, l->grey->height, POSE_PIXELS);
    ocrvl_status st = ocrvl_ink_mask_make(&mask, l->grey, factor, 1, err);
    if (st == OCRVL_OK)
        st = find_pose(l, &mask, opt, err);
    ocrvl_ink_mask_clear(&mask);
    return st;
}

ocrvl_status ocrvl_layout_prepare(ocrvl_layout *l, const ocrvl_image *page, const ocrvl_layout_options *opt,
                                  ocrvl_error *err)
{
    l->page_width = page->width;
    l->page_height = page->height;
    ocrvl_status st = to_grey(&l->grey, page, err);
    if (st == OCRVL_OK && (!opt->keep_rotation || !opt->keep_skew || opt->turned))
        st = inspect(l, opt, err);
    if (st == OCRVL_OK)
        st = turn_grey(l, err);
    if (st == OCRVL_OK)
        st = deskew_grey(l, err);
    if (st == OCRVL_OK)
        l->flat_height = l->grey->height;
    return st;
}
