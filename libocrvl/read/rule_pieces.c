#include "read/rule_pieces.h"

#include <string.h>

#define NEAR 0.7f /* x-heights: so near to a word's end is a rule that was read with it */

static bool is_bar(char c) { return c == '|' || c == '[' || c == ']'; }

/* Whether an upright rule crosses the line's small letters near x. */
static bool has_rule(const ocrvl_layout *l, const ocrvl_layout_line *line, int32_t x)
{
    float near = NEAR * line->x_height, y = line->baseline[0] - line->x_height / 2;
    for (size_t i = 0; i < l->rule_count; i++) {
        const ocrvl_box *b = &l->rules[i].box;
        if (l->rules[i].vertical && (float)b->y0 < y && (float)b->y1 > y && (float)b->x0 - near < (float)x &&
            (float)b->x1 + near > (float)x)
            return true;
    }
    return false;
}

static void drop_word(ocrvl_result *r, size_t at)
{
    ocrvl_text_free(r->words[at].text);
    memmove(&r->words[at], &r->words[at + 1], (r->count - at - 1) * sizeof *r->words);
    r->count--;
}

/* Where the character at one end of a word stands. */
static int32_t place_of(const ocrvl_result_word *w, bool last)
{
    int32_t n = (int32_t)strlen(w->text), width = (w->box.x1 - w->box.x0) / (n ? n : 1);
    return last ? w->box.x1 - width / 2 : w->box.x0 + width / 2;
}

void ocrvl_drop_rule_pieces(ocrvl_result *r, size_t line, size_t first)
{
    const ocrvl_layout_line *on = &r->layout->lines[line];
    for (int last = 0; last < 2; last++)
        while (r->count > first) {
            size_t at = last ? r->count - 1 : first;
            ocrvl_result_word *w = &r->words[at];
            size_t n = strlen(w->text);
            if (w->box.x1 <= w->box.x0 || !is_bar(w->text[last ? n - 1 : 0]) ||
                !has_rule(r->layout, on, place_of(w, last != 0)))
                break;
            if (n == 1) {
                drop_word(r, at);
                continue;
            }
            int32_t width = (w->box.x1 - w->box.x0) / (int32_t)n;
            memmove(w->text, w->text + !last, n - 1);
            w->text[n - 1] = '\0';
            *(last ? &w->box.x1 : &w->box.x0) += last ? -width : width;
        }
}
