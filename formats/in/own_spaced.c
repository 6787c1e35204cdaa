/* Words whose letters are spaced out, which come as a word a letter. */
#include <math.h>
#include <string.h>

#include "base/image.h"
#include "base/utf8.h"
#include "in/own_join.h"

enum { LEAST_LETTERS = 4, LEAST_ALONE = 6, MOST_LETTERS = 64 };
#define ALIKE 0.2    /* of the gap between letters: how much it differs */
#define MOST_GAP 0.9 /* sizes between letters */
#define WORD_GAP 1.5 /* times that: between words */

static bool is_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x2000);
}

bool ocrvl_own_is_letter(const ocrvl_own_word *w)
{
    size_t n = strlen(w->text), at = 0;
    uint32_t c = n ? ocrvl_utf8_next(w->text, n, &at) : 0;
    return at == n && is_letter(c);
}

/* Whether it is two letters, which kerning may have brought together. */
static bool is_pair(const ocrvl_own_word *w)
{
    size_t n = strlen(w->text), at = 0;
    uint32_t a = n ? ocrvl_utf8_next(w->text, n, &at) : 0, b = at < n ? ocrvl_utf8_next(w->text, n, &at) : 0;
    return at == n && is_letter(a) && is_letter(b);
}

static double gap_after(const ocrvl_own_word *w) { return w[1].box.x0 - w[0].box.x1; }

/* The end of the single letters at the beginning of a run. */
static size_t letters_end(const ocrvl_own_word *w, size_t i, size_t end)
{
    size_t k = i;
    while (k < end && ocrvl_own_is_letter(&w[k]))
        k++;
    return k;
}

/* The end of the run of single letters from word i on that are equally far apart; among many a pair is taken for two. */
static size_t run_end(const ocrvl_own_word *w, size_t i, size_t count, double size)
{
    size_t end = i + 1, letters = 1, pairs = 0;
    if (!ocrvl_own_is_letter(&w[i]) || end == count)
        return end;
    double gap = gap_after(&w[i]);
    while (end < count && end < i + MOST_LETTERS && gap > 0 && gap < MOST_GAP * size &&
           fabs(gap_after(&w[end - 1]) - gap) <= ALIKE * gap + 0.05 * size &&
           w[end].text == w[end - 1].text + strlen(w[end - 1].text) + 1) {
        bool letter = ocrvl_own_is_letter(&w[end]);
        if (!letter && !is_pair(&w[end]))
            break;
        letters += letter;
        pairs += !letter;
        end++;
    }
    return pairs == 0 || letters >= LEAST_LETTERS * pairs ? end : letters_end(w, i, end);
}

/* Whether the words around a run stand further off than its letters from one another; alone on its line it is long. */
static bool is_spaced(const ocrvl_own_word *w, size_t i, size_t end, size_t count)
{
    if (end - i < LEAST_LETTERS || (i == 0 && end == count && end - i < LEAST_ALONE))
        return false;
    double gap = gap_after(&w[i]);
    return (i == 0 || gap_after(&w[i - 1]) > WORD_GAP * gap) &&
           (end == count || gap_after(&w[end - 1]) > WORD_GAP * gap);
}

/* Makes words [i, end) the first of them. Their texts follow one another in memory. */
static void close_up(ocrvl_own_word *w, size_t i, size_t end)
{
    char *to = (char *)(uintptr_t)w[i].text;
    for (size_t k = i; k < end; k++) {
        size_t n = strlen(w[k].text);
        memmove(to, w[k].text, n);
        to += n;
        w[i].box = ocrvl_box_union(w[i].box, w[k].box);
    }
    *to = '\0';
}

/* The gap between the letters of the first word of a line that is surely spaced out; 0: there is none. */
static double spacing_of(const ocrvl_own_word *w, size_t count, double size)
{
    for (size_t i = 0; i < count; i++)
        if (is_spaced(w, i, run_end(w, i, count, size), count))
            return gap_after(&w[i]);
    return 0;
}

/* Whether a shorter run is a word as well, beside one whose letters are so far apart. */
static bool is_spaced_alike(const ocrvl_own_word *w, size_t i, size_t end, size_t count, double spacing)
{
    return end - i >= 2 && end - i < LEAST_LETTERS && spacing > 0 &&
           fabs(gap_after(&w[i]) - spacing) <= ALIKE * spacing &&
           (i == 0 || gap_after(&w[i - 1]) > WORD_GAP * spacing) &&
           (end == count || gap_after(&w[end - 1]) > WORD_GAP * spacing);
}

double ocrvl_own_letter_gap(const ocrvl_own_word *w, size_t count, double size)
{
    return count >= 2 && run_end(w, 0, count, size) == count ? gap_after(w) : 0;
}

void ocrvl_own_lines_close_up(ocrvl_own_lines *o)
{
    size_t to = 0;
    for (size_t l = 0; l < o->line_count; l++) {
        ocrvl_own_line *line = &o->lines[l];
        ocrvl_own_word *w = o->words + line->first;
        size_t count = line->count, first = to;
        double size = line->x_height / OCRVL_X_OF_SIZE, spacing = line->turn ? 0 : spacing_of(w, count, size);
        for (size_t i = 0, end; i < count; i = end) {
            end = spacing > 0 ? run_end(w, i, count, size) : i + 1;
            if (is_spaced(w, i, end, count) || is_spaced_alike(w, i, end, count, spacing))
                close_up(w, i, end);
            else
                end = i + 1;
            o->words[to++] = w[i];
        }
        line->first = first;
        line->count = to - first;
    }
    o->word_count = to;
}
