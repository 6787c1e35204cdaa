#include "read/gaps.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

#define DARK 0.4f     /* of the way from paper to ink: a column with a pixel as dark has ink */
#define WORD_GAP 0.1f /* of the strip's height: no gap between words is narrower */
#define CLEAR 1.6f    /* a gap between words is so much wider than one within them, where the two are told apart, */
#define PASSABLE 1.2f /* and at least so much, where the reading says so */
enum { TWICE = 3 };   /* bytes with which two words begin alike, if one of them is said twice */
enum { ASTRAY = 3 };  /* words that are missing or too many: with more of them the gaps aren't what they look like */
enum { LATIN_END = 0x2E80 }; /* scripts from here on put no space between words */

/* How dark the paper is, and the ink. */
static void find_tones(const ocrvl_strip *s, int *paper, int *ink)
{
    size_t counts[256] = {0}, n = (size_t)s->width * s->height, sum = 0;
    for (size_t i = 0; i < n; i++)
        counts[s->grey[i]]++;
    *ink = *paper = -1;
    for (int v = 0; v < 256; v++) {
        sum += counts[v];
        *ink = *ink < 0 && sum * 50 > n ? v : *ink;
        *paper = *paper < 0 && sum * 5 >= n * 4 ? v : *paper;
    }
}

static int widest_first(const void *a, const void *b)
{
    float p = *(const float *)a, q = *(const float *)b;
    return (p < q) - (p > q);
}

/* How dark a column's darkest pixel is: 0 as the paper, 1 as the ink. */
static float darkness(const ocrvl_strip *s, uint32_t x, int paper, int ink)
{
    int least = 255;
    for (uint32_t y = 0; y < s->height; y++) {
        int v = s->grey[(size_t)y * s->width + x];
        least = v < least ? v : least;
    }
    float dark = (float)(paper - least) / (float)(paper - ink);
    return dark < 0 ? 0 : dark > 1 ? 1 : dark;
}

/* The gaps between columns with ink, the widest first, gaps: [width + 1]; returns how many. The paler the columns at
 * their ends, the wider they are. */
static size_t list_gaps(const ocrvl_strip *s, float *gaps)
{
    int paper, ink;
    size_t n = 0;
    float light = 0, last = 1; /* the gap so far; how dark the last column with ink was */
    bool begun = false, open = false;
    find_tones(s, &paper, &ink);
    for (uint32_t x = 0; paper > ink && x < s->width; x++) {
        float dark = darkness(s, x, paper, ink);
        if (dark < DARK) {
            light += 1 - dark;
            open = true;
            continue;
        }
        if (begun && open)
            gaps[n++] = light + 1 - last + 1 - dark;
        begun = true;
        open = false;
        light = 0;
        last = dark;
    }
    qsort(gaps, n, sizeof *gaps, widest_first);
    return n;
}

/* Whether the k widest gaps are so many times as wide as the others. */
static bool parts(const float *gaps, size_t n, size_t k, float times)
{
    return k == 0 || k >= n || gaps[k - 1] >= times * gaps[k];
}

/* Whether two words that follow each other begin alike: "View. Viewet". */
static bool says_twice(const char *text, size_t len)
{
    for (size_t i = 0, before = 0; i < len; i++) {
        size_t n = 0;
        if (text[i] != ' ')
            continue;
        while (i + 1 + n < len && text[before + n] != ' ' && text[before + n] == text[i + 1 + n])
            n++;
        if (n >= TWICE)
            return true;
        before = i + 1;
    }
    return false;
}

ocrvl_status ocrvl_words_fit_gaps(bool *fit, const ocrvl_strip *strip, const char *text, size_t len, ocrvl_error *err)
{
    size_t spaces = 0;
    *fit = true;
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(text, len, &i);
        spaces += c == ' ';
        if (c >= LATIN_END)
            return OCRVL_OK;
    }
    float *gaps = ocrvl_alloc_array(strip->width + 1, sizeof *gaps);
    if (!gaps)
        return ocrvl_fail_nomem(err);
    size_t n = list_gaps(strip, gaps);
    bool twice = says_twice(text, len), said = spaces <= n;
    size_t first = !twice ? spaces + 1 : spaces > ASTRAY ? spaces - ASTRAY : 1; /* words set close have narrow gaps */
    if (said)
        said = spaces ? parts(gaps, n, spaces, twice ? CLEAR : PASSABLE) : n == 0 || gaps[0] < (float)strip->height / 3;
    for (size_t k = first; !said && k < n && k <= spaces + ASTRAY; k++)
        if (k != spaces && gaps[k - 1] >= WORD_GAP * (float)strip->height && parts(gaps, n, k, CLEAR))
            *fit = false;
    ocrvl_free(gaps);
    return OCRVL_OK;
}
