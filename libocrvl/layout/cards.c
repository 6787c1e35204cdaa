/* Frames that stand side by side, such as cards: what is in each is read before what is in the next. */
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum {
    MOST_RULES = 300, /* each way; a page with more has tables */
    LEAST_ROWS = 2    /* in a frame, and in one beside it */
};
#define NEAR 0.6 /* x-heights: so near are the ends of two sides, or the sides of two cells of a table */

typedef struct sides { /* the document's rules one way, in pixels of the mask */
    ocrvl_box at[MOST_RULES];
    size_t count;
    bool many;
} sides;

static void gather(sides *s, const ocrvl_own_rule *rules, size_t count, bool vertical, const ocrvl_ink_mask *mask)
{
    s->count = 0;
    s->many = false;
    for (size_t i = 0; i < count && !s->many; i++) {
        if (rules[i].vertical != vertical)
            continue;
        s->many = s->count == MOST_RULES;
        if (!s->many)
            s->at[s->count++] = ocrvl_to_mask(rules[i].box, mask);
    }
}

static bool are_near(int32_t a, int32_t b, double near) { return a - b <= near && b - a <= near; }

/* Whether an upright rule stands at x from y0 to y1. */
static bool has_side(const sides *upright, int32_t x, int32_t y0, int32_t y1, double near)
{
    for (size_t i = 0; i < upright->count; i++) {
        const ocrvl_box *b = &upright->at[i];
        if (are_near((b->x0 + b->x1) / 2, x, near) && b->y0 <= y0 + near && b->y1 >= y1 - near)
            return true;
    }
    return false;
}

/* The frame whose upper side is a level rule; empty if it is none's. */
static ocrvl_box frame_below(const sides *level, const sides *upright, size_t top, double near)
{
    const ocrvl_box *a = &level->at[top];
    ocrvl_box frame = {0};
    for (size_t i = 0; i < level->count; i++) {
        const ocrvl_box *b = &level->at[i];
        if (b->y0 <= a->y1 + 2 * near || !are_near(a->x0, b->x0, near) || !are_near(a->x1, b->x1, near) ||
            (frame.y1 && frame.y1 <= b->y1) || !has_side(upright, a->x0, a->y1, b->y0, near) ||
            !has_side(upright, a->x1, a->y1, b->y0, near))
            continue;
        frame = (ocrvl_box){a->x0, a->y0, a->x1, b->y1};
    }
    return frame;
}

static size_t rows_within(const ocrvl_rows *rows, const ocrvl_box *b)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->count; i++)
        n += ocrvl_is_in_card(b, &rows->at[i].box);
    return n;
}

bool ocrvl_is_in_card(const ocrvl_box *card, const ocrvl_box *row)
{
    int32_t x = (row->x0 + row->x1) / 2, y = (row->y0 + row->y1) / 2;
    return x >= card->x0 && x < card->x1 && y >= card->y0 && y < card->y1;
}

/* Whether the frame touches another one, as a table's cells do, or lies within it. */
static bool is_touched(const ocrvl_box *all, size_t count, size_t one, double near)
{
    const ocrvl_box *a = &all[one];
    for (size_t i = 0; i < count; i++) {
        const ocrvl_box *b = &all[i];
        if (i != one && b->x0 < a->x1 + near && b->x1 > a->x0 - near && b->y0 < a->y1 + near && b->y1 > a->y0 - near)
            return true;
    }
    return false;
}

/* Whether two frames stand beside one another, for the most part of the lower one's height. */
static bool are_beside(const ocrvl_box *a, const ocrvl_box *b)
{
    int32_t shared = (a->y1 < b->y1 ? a->y1 : b->y1) - (a->y0 > b->y0 ? a->y0 : b->y0);
    int32_t less = a->y1 - a->y0 < b->y1 - b->y0 ? a->y1 - a->y0 : b->y1 - b->y0;
    return shared * 2 > less && (a->x1 <= b->x0 || b->x1 <= a->x0);
}

static bool has_neighbour(const ocrvl_box *all, size_t count, size_t one)
{
    for (size_t i = 0; i < count; i++)
        if (i != one && are_beside(&all[i], &all[one]))
            return true;
    return false;
}

/* Those of the frames that are wanted -> found->cards. */
static void keep(ocrvl_found *found, const ocrvl_box *all, size_t count, double near)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_touched(all, count, i, near) && rows_within(&found->rows, &all[i]) >= LEAST_ROWS)
            found->cards[n++] = all[i];
    found->card_count = n;
    for (n = 0; n < found->card_count; n++)
        if (!has_neighbour(found->cards, found->card_count, n)) {
            found->cards[n] = found->cards[--found->card_count];
            n = (size_t)-1; /* another one may have lost its neighbour */
        }
}

ocrvl_status ocrvl_layout_cards(ocrvl_found *found, const ocrvl_ink_mask *mask, const ocrvl_own_rule *rules,
                                size_t count, ocrvl_error *err)
{
    size_t n = 0;
    if (!count || !found->rows.count)
        return OCRVL_OK;
    sides *both = ocrvl_alloc_array(2, sizeof *both);
    ocrvl_box *all = ocrvl_alloc_array(MOST_RULES, sizeof *all);
    found->cards = ocrvl_alloc_array(MOST_RULES, sizeof *found->cards);
    ocrvl_status st = both && all && found->cards ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        double near = NEAR * found->rows.at[found->rows.count / 2].x_height;
        gather(&both[0], rules, count, false, mask);
        gather(&both[1], rules, count, true, mask);
        for (size_t i = 0; i < both[0].count && !both[0].many && !both[1].many; i++) {
            all[n] = frame_below(&both[0], &both[1], i, near);
            n += all[n].y1 > 0;
        }
        keep(found, all, n, near);
    }
    ocrvl_free(both);
    ocrvl_free(all);
    return st;
}
