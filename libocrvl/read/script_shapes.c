#include "read/script_shapes.h"

#include <math.h>
#include <string.h>

#include "base/maths.h"
#include "read/script_weights.h"

enum { BANDS = 8 };

ocrvl_shape ocrvl_shape_of_script(const char *code)
{
    static const struct {
        char code[5];
        ocrvl_shape shape;
    } known[] = {{"Latn", OCRVL_SHAPE_EUROPEAN}, {"Grek", OCRVL_SHAPE_EUROPEAN}, {"Cyrl", OCRVL_SHAPE_EUROPEAN},
                 {"Latf", OCRVL_SHAPE_EUROPEAN}, {"Arab", OCRVL_SHAPE_ARABIC},   {"Aran", OCRVL_SHAPE_ARABIC},
                 {"Hebr", OCRVL_SHAPE_HEBREW},   {"Hani", OCRVL_SHAPE_EASTERN},  {"Hans", OCRVL_SHAPE_EASTERN},
                 {"Hant", OCRVL_SHAPE_EASTERN},  {"Jpan", OCRVL_SHAPE_EASTERN},  {"Hira", OCRVL_SHAPE_EASTERN},
                 {"Kana", OCRVL_SHAPE_EASTERN},  {"Hrkt", OCRVL_SHAPE_EASTERN},  {"Kore", OCRVL_SHAPE_EASTERN},
                 {"Hang", OCRVL_SHAPE_EASTERN}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(known[i].code, code, 4) == 0)
            return known[i].shape;
    return OCRVL_SHAPES;
}

/* ---- ink --------------------------------------------------------------------------------------------- */

typedef struct ink {
    const ocrvl_strip *s;
    uint8_t below;           /* of this grey, ink is darker */
    uint32_t x0, x1, y0, y1; /* where ink is */
} ink;

static bool is_ink(const ink *k, uint32_t x, uint32_t y) { return k->s->grey[(size_t)y * k->s->width + x] < k->below; }

/* The grey that a share of the pixels isn't lighter than. */
static uint32_t grey_at(const size_t *histogram, size_t n, double share)
{
    size_t sum = 0;
    for (uint32_t v = 0; v < 256; v++) {
        sum += histogram[v];
        if ((double)sum > share * (double)n)
            return v;
    }
    return 255;
}

/* Midway between the darkest twentieth and the lightest quarter; false where they are hardly apart. */
static bool find_threshold(ink *k)
{
    size_t histogram[256] = {0}, n = (size_t)k->s->width * k->s->height;
    for (size_t i = 0; i < n; i++)
        histogram[k->s->grey[i]]++;
    uint32_t dark = grey_at(histogram, n, 0.05), light = grey_at(histogram, n, 0.75);
    k->below = (uint8_t)((dark + light + 1) / 2);
    return light >= dark + 24;
}

static bool find_extent(ink *k)
{
    k->x0 = k->s->width;
    k->y0 = k->s->height;
    k->x1 = k->y1 = 0;
    for (uint32_t y = 0; y < k->s->height; y++)
        for (uint32_t x = 0; x < k->s->width; x++)
            if (is_ink(k, x, y)) {
                k->x0 = x < k->x0 ? x : k->x0;
                k->x1 = x >= k->x1 ? x + 1 : k->x1;
                k->y0 = y < k->y0 ? y : k->y0;
                k->y1 = y + 1;
            }
    return k->x1 > k->x0;
}

/* By bands from the top: [0, BANDS) the share of the ink, [BANDS, 2 BANDS) strokes that a row crosses in a width of as
 * much as the ink is high. */
static void measure_rows(const ink *k, double *m)
{
    double high = k->y1 - k->y0, wide = k->x1 - k->x0, all = 0, rows[BANDS] = {0};
    for (uint32_t y = k->y0; y < k->y1; y++) {
        size_t band = (y - k->y0) * BANDS / (k->y1 - k->y0);
        rows[band]++;
        bool before = false;
        for (uint32_t x = k->x0; x < k->x1; x++) {
            bool here = is_ink(k, x, y);
            m[band] += here;
            m[BANDS + band] += here && !before;
            all += here;
            before = here;
        }
    }
    for (size_t b = 0; b < BANDS; b++) {
        m[b] /= all;
        m[BANDS + b] *= rows[b] > 0 ? high / wide / rows[b] : 0;
    }
}

/* The share of columns without ink; how often there is one after some with ink, in a width of as much as the ink is
 * high; how far ink goes on without one, in that unit; strokes that an inked column crosses, and the share of it that
 * is ink. */
static void measure_columns(const ink *k, double m[5])
{
    double high = k->y1 - k->y0, wide = k->x1 - k->x0, blank = 0, runs = 0, strokes = 0, area = 0;
    bool before = false;
    for (uint32_t x = k->x0; x < k->x1; x++) {
        bool any = false, above = false;
        for (uint32_t y = k->y0; y < k->y1; y++) {
            bool here = is_ink(k, x, y);
            strokes += here && !above;
            area += here;
            any |= here;
            above = here;
        }
        blank += !any;
        runs += any && !before;
        before = any;
    }
    double inked = wide - blank;
    m[0] = blank / wide;
    m[1] = runs * high / wide;
    m[2] = inked / runs / high;
    m[3] = strokes / inked;
    m[4] = area / inked / high;
}

bool ocrvl_shape_measure(const ocrvl_strip *s, double measures[OCRVL_SHAPE_MEASURES])
{
    ink k = {.s = s};
    memset(measures, 0, OCRVL_SHAPE_MEASURES * sizeof *measures);
    if (!find_threshold(&k) || !find_extent(&k))
        return false;
    measure_rows(&k, measures);
    measure_columns(&k, measures + 2 * BANDS);
    return true;
}

/* ---- likelihoods ------------------------------------------------------------------------------------- */

enum { HIDDEN = sizeof ocrvl_script_inner / sizeof *ocrvl_script_inner };

static double weighed(const double *w, const double *x, size_t n)
{
    double sum = w[n];
    for (size_t i = 0; i < n; i++)
        sum += w[i] * x[i];
    return sum;
}

void ocrvl_shapes_of_strip(const ocrvl_strip *s, double likely[OCRVL_SHAPES])
{
    double m[OCRVL_SHAPE_MEASURES], hidden[HIDDEN], most = -INFINITY, sum = 0;
    bool any = ocrvl_shape_measure(s, m);
    for (size_t k = 0; k < HIDDEN; k++) /* tanh */
        hidden[k] = 1 - 2 / (ocrvl_exp(2 * weighed(ocrvl_script_inner[k], m, OCRVL_SHAPE_MEASURES)) + 1);
    for (size_t k = 0; k < OCRVL_SHAPES; k++) {
        likely[k] = any ? weighed(ocrvl_script_outer[k], hidden, HIDDEN) : 0;
        most = fmax(most, likely[k]);
    }
    for (size_t k = 0; k < OCRVL_SHAPES; k++)
        sum += likely[k] = ocrvl_exp(likely[k] - most);
    for (size_t k = 0; k < OCRVL_SHAPES; k++)
        likely[k] /= sum;
}
