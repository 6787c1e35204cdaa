#include <string.h>

#include "base/mem.h"
#include "layout/layout_parts.h"

/* Leptonica sets and clears whole images once for each pixel of a brick's length. Here the rows stand one behind another
 * as one row of bits, so that pixels which lie `step` bits apart meet by one shift along or down the page alike, and
 * windows of n pixels come from those of n/2. */

enum { WORD = 32 }; /* bits; pixel 0 is the highest */

typedef struct strip {
    uint32_t *at;
    size_t words, before, row; /* of all of it; ahead of the first pixel; from one row to the next */
    size_t step;               /* bits from one pixel of the brick to its next */
} strip;

static uint32_t *row_of(const strip *s, int32_t y) { return s->at + s->before + (size_t)y * s->row; }

/* Room for an image and what a brick of n pixels reaches beyond it, all of it zero. */
static bool make_strip(strip *s, PIX *pix, int32_t n, bool upright)
{
    size_t wpl = (size_t)pixGetWpl(pix), h = (size_t)pixGetHeight(pix), reach = (size_t)n;
    s->row = upright ? wpl : wpl + reach / WORD + 1;
    s->step = upright ? WORD * wpl : 1;
    s->before = upright ? reach * wpl : reach / WORD + 1;
    s->words = 2 * s->before + h * s->row + 1;
    s->at = ocrvl_alloc_array(s->words, sizeof *s->at);
    return s->at != NULL;
}

static uint32_t word_from(const uint32_t *at, size_t bits)
{
    return bits ? at[0] << bits | at[1] >> (WORD - bits) : at[0];
}

/* Each bit becomes the union, or the intersection, of itself and of the n - 1 pixels that follow it. */
static void widen(strip *s, int32_t n, bool all)
{
    for (int32_t have = 1, more; have < n; have += more) {
        more = have < n - have ? have : n - have;
        size_t bits = (size_t)more * s->step, skip = bits / WORD, end = s->words - skip - 1;
        bits %= WORD;
        uint32_t *at = s->at;
        if (!bits && all)
            for (size_t i = 0; i < end; i++)
                at[i] &= at[i + skip];
        else if (!bits)
            for (size_t i = 0; i < end; i++)
                at[i] |= at[i + skip];
        else if (all)
            for (size_t i = 0; i < end; i++)
                at[i] &= at[i + skip] << bits | at[i + skip + 1] >> (WORD - bits);
        else
            for (size_t i = 0; i < end; i++)
                at[i] |= at[i + skip] << bits | at[i + skip + 1] >> (WORD - bits);
    }
}

/* Clears `count` bits from one on, which may lie in the middle of a word. */
static void clear_bits(uint32_t *at, size_t from, size_t count)
{
    for (size_t i = from; i < from + count;)
        if (i % WORD == 0 && from + count - i >= WORD) {
            at[i / WORD] = 0;
            i += WORD;
        } else {
            at[i / WORD] &= ~(UINT32_C(1) << (WORD - 1 - i % WORD));
            i++;
        }
}

/* After a window's union, which begins n - 1 pixels early: clears what lies beyond the image were it in the middle. */
static void clear_beyond(const strip *s, int32_t w, int32_t h, int32_t n, bool upright)
{
    size_t half = (size_t)n / 2 * s->step, length = upright ? (size_t)h * s->step : (size_t)w;
    for (int32_t y = 0; y < (upright ? 1 : h); y++) {
        size_t begin = (size_t)(row_of(s, y) - s->at) * WORD;
        clear_bits(s->at, begin - 2 * half, half);
        clear_bits(s->at, begin + length - half, half);
    }
}

static void load(const strip *s, PIX *pix)
{
    size_t w = (size_t)pixGetWidth(pix), words = (w + WORD - 1) / WORD;
    for (int32_t y = 0; y < pixGetHeight(pix); y++) {
        uint32_t *to = row_of(s, y);
        memcpy(to, pixGetData(pix) + (ptrdiff_t)y * pixGetWpl(pix), words * sizeof *to);
        clear_bits(to, w, words * WORD - w);
    }
}

/* Takes the result, which begins n - 1 pixels early. */
static void unload(PIX *pix, const strip *s, int32_t n)
{
    size_t early = (size_t)(n - 1) * s->step, w = (size_t)pixGetWidth(pix), words = (w + WORD - 1) / WORD;
    for (int32_t y = 0; y < pixGetHeight(pix); y++) {
        size_t from = (size_t)(row_of(s, y) - s->at) * WORD - early;
        l_uint32 *to = pixGetData(pix) + (ptrdiff_t)y * pixGetWpl(pix);
        for (size_t i = 0; i < words; i++)
            to[i] = word_from(s->at + from / WORD + i, from % WORD);
        clear_bits(to, w, words * WORD - w);
    }
}

static PIX *apply(PIX *pix, int32_t n, bool upright, bool close)
{
    strip s;
    PIX *out = make_strip(&s, pix, n, upright) ? pixCreateTemplate(pix) : NULL;
    if (out) {
        load(&s, pix);
        widen(&s, n, !close);
        if (close)
            clear_beyond(&s, pixGetWidth(pix), pixGetHeight(pix), n, upright);
        widen(&s, n, close);
        unload(out, &s, n);
    }
    ocrvl_free(s.at);
    return out;
}

PIX *ocrvl_close_gaps(PIX *pix, int32_t n, bool upright) { return apply(pix, n, upright, true); }

PIX *ocrvl_keep_runs(PIX *pix, int32_t n, bool upright) { return apply(pix, n, upright, false); }
