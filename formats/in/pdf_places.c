#include "in/pdf_places.h"

#include <math.h>

#include "base/error.h"
#include "base/mem.h"

enum { BANDS = OCRVL_PLACES_BANDS, MOST_ENTRIES = 4000000, MOST_LOOKS = 30000000 };

ocrvl_pdf_view ocrvl_pdf_view_of(double width, double height, const double crop[4], int rotate)
{
    bool side = rotate % 180 != 0;
    ocrvl_pdf_view v = {
        fmin(crop[0], crop[2]), fmin(crop[1], crop[3]), fmax(crop[0], crop[2]), fmax(crop[1], crop[3]), 0, 0, rotate};
    double w = side ? v.y1 - v.y0 : v.x1 - v.x0, h = side ? v.x1 - v.x0 : v.y1 - v.y0;
    v.sx = w > 0 ? width / w : 0;
    v.sy = h > 0 ? height / h : 0;
    return v;
}

void ocrvl_pdf_view_map(const ocrvl_pdf_view *v, float *x, float *y)
{
    double right = v->rotate == 0     ? (double)*x - v->x0
                   : v->rotate == 90  ? (double)*y - v->y0
                   : v->rotate == 180 ? v->x1 - (double)*x
                                      : v->y1 - (double)*y;
    double down = v->rotate == 0     ? v->y1 - (double)*y
                  : v->rotate == 90  ? (double)*x - v->x0
                  : v->rotate == 180 ? (double)*y - v->y0
                                     : v->x1 - (double)*x;
    *x = (float)(right * v->sx);
    *y = (float)(down * v->sy);
}

static void map_all(ocrvl_marks_list *shown, const ocrvl_pdf_view *v)
{
    for (size_t i = 0; i < shown->count; i++) {
        ocrvl_marks_shown *s = &shown->at[i];
        ocrvl_pdf_view_map(v, &s->x0, &s->y0);
        ocrvl_pdf_view_map(v, &s->x1, &s->y1);
        s->size *= (float)((v->sx + v->sy) / 2);
    }
}

static size_t band_of(double y, double height)
{
    double b = height > 0 ? y * BANDS / height : 0;
    return b > 0 ? (size_t)fmin(b, BANDS - 1) : 0;
}

ocrvl_status ocrvl_places_make(ocrvl_places *p, ocrvl_marks_list *shown, const ocrvl_pdf_view *v, double height,
                               ocrvl_error *err)
{
    size_t n[BANDS + 1] = {0};
    *p = (ocrvl_places){.shown = shown->at, .height = height};
    map_all(shown, v);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < shown->count; i++) {
            const ocrvl_marks_shown *s = &shown->at[i];
            double top = (double)(fminf(s->y0, s->y1) - 1.2f * s->size), foot = (double)(fmaxf(s->y0, s->y1) + s->size);
            if (s->picture || foot < 0 || top > height)
                continue;
            for (size_t b = band_of(top, height), end = band_of(foot, height); b <= end; b++) {
                if (round)
                    p->entries[p->first[b] + n[b]] = i;
                n[b]++;
            }
        }
        for (size_t b = 0; b < BANDS && !round; b++) {
            p->first[b + 1] = p->first[b] + n[b];
            n[b] = 0;
        }
        if (!round && (p->cut |= p->first[BANDS] > MOST_ENTRIES))
            return OCRVL_OK;
        if (!round && !(p->entries = ocrvl_alloc_array(p->first[BANDS] + 1, sizeof *p->entries)))
            return ocrvl_fail_nomem(err);
    }
    return OCRVL_OK;
}

void ocrvl_places_free(ocrvl_places *p)
{
    ocrvl_free(p->entries);
    p->entries = NULL;
}

/* How badly what has its middle there fits what is shown, in sizes of the type. */
static float misfit(const ocrvl_marks_shown *s, float x, float y)
{
    float dx = s->x1 - s->x0, dy = s->y1 - s->y0, len = sqrtf(dx * dx + dy * dy), size = fmaxf(s->size, 1);
    float ux = len > 0.01f ? dx / len : 1, uy = len > 0.01f ? dy / len : 0;
    float along = (x - s->x0) * ux + (y - s->y0) * uy, above = (x - s->x0) * uy - (y - s->y0) * ux;
    float before = along < 0 ? -along / size : 0, after = along > len ? (along - len) / size : 0;
    float off = fabsf(above / size - 0.3f);
    float doubt = s->mark >= OCRVL_MARKED ? 0 : s->mark == OCRVL_MARKED_NOT ? 0.05f : 0.02f;
    return off > 0.7f || before > 0.6f || after > 4 ? INFINITY : 2 * off + 3 * before + after + doubt;
}

uint32_t ocrvl_places_find(ocrvl_places *p, float x, float y, bool (*fits)(void *user, const ocrvl_marks_shown *s),
                           void *user)
{
    float best = INFINITY;
    size_t b = band_of((double)y, p->height);
    uint32_t found = UINT32_MAX;
    for (size_t i = p->entries ? p->first[b] : p->first[b + 1]; i < p->first[b + 1]; i++, p->looks++) {
        if ((p->cut |= p->looks >= MOST_LOOKS))
            break;
        const ocrvl_marks_shown *s = &p->shown[p->entries[i]];
        float m = fits && !fits(user, s) ? INFINITY : misfit(s, x, y);
        if (m < best) {
            best = m;
            found = p->entries[i];
        }
    }
    return found;
}
