#include "read/own_turn.h"

#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

uint32_t ocrvl_own_rotation(const ocrvl_own_text *text)
{
    size_t bytes[4] = {0}, most = 0;
    for (size_t i = 0; i < text->line_count; i++) {
        const ocrvl_own_line *l = &text->lines[i];
        for (size_t w = l->first; w < l->first + l->count; w++)
            bytes[l->turn / 90 % 4] += strlen(text->words[w].text);
    }
    for (size_t i = 1; i < 4; i++)
        most = bytes[i] > bytes[most] ? i : most;
    return (uint32_t)(4 - most) % 4 * 90;
}

/* Where a baseline is on the turned page: y of it, or x where its text isn't level then. */
static float turn_baseline(const ocrvl_own_line *l, const ocrvl_own_text *t, uint32_t rotation)
{
    bool level = l->turn % 180 == 0;
    /* a level line's y is measured from the other side if its page's foot comes left or on top, another's x if the
     * page's right edge does */
    bool from_other_side = level ? rotation == 90 || rotation == 180 : rotation == 180 || rotation == 270;
    return from_other_side ? (float)(level ? t->height : t->width) - l->baseline : l->baseline;
}

static void turn(ocrvl_own_text *out, ocrvl_own_line *lines, ocrvl_own_word *words, ocrvl_own_rule *rules,
                 const ocrvl_own_text *t, uint32_t rotation)
{
    int32_t w = (int32_t)t->width, h = (int32_t)t->height;
    *out = *t;
    out->width = rotation % 180 ? t->height : t->width;
    out->height = rotation % 180 ? t->width : t->height;
    for (size_t i = 0; i < t->line_count; i++) {
        lines[i] = t->lines[i];
        lines[i].box = ocrvl_box_turn(t->lines[i].box, w, h, rotation);
        lines[i].baseline = turn_baseline(&t->lines[i], t, rotation);
        lines[i].turn = (uint16_t)((t->lines[i].turn + rotation) % 360);
    }
    for (size_t i = 0; i < t->word_count; i++) {
        words[i] = t->words[i];
        words[i].box = ocrvl_box_turn(t->words[i].box, w, h, rotation);
    }
    for (size_t i = 0; i < t->rule_count; i++)
        rules[i] = (ocrvl_own_rule){ocrvl_box_turn(t->rules[i].box, w, h, rotation),
                                    t->rules[i].vertical != (rotation % 180 != 0)};
    out->lines = lines;
    out->words = words;
    out->rules = rules;
}

ocrvl_status ocrvl_own_turned(ocrvl_own_text **out, const ocrvl_own_text *text, uint32_t rotation, ocrvl_error *err)
{
    ocrvl_own_line *lines = ocrvl_alloc_array(text->line_count + 1, sizeof *lines);
    ocrvl_own_word *words = ocrvl_alloc_array(text->word_count + 1, sizeof *words);
    ocrvl_own_rule *rules = ocrvl_alloc_array(text->rule_count + 1, sizeof *rules);
    *out = ocrvl_alloc(sizeof **out);
    if (*out && lines && words && rules) {
        turn(*out, lines, words, rules, text, rotation);
        return OCRVL_OK;
    }
    ocrvl_free(lines);
    ocrvl_free(words);
    ocrvl_free(rules);
    ocrvl_free(*out);
    *out = NULL;
    return ocrvl_fail_nomem(err);
}

void ocrvl_own_turned_free(ocrvl_own_text *t)
{
    if (!t)
        return;
    ocrvl_free((void *)(uintptr_t)t->lines);
    ocrvl_free((void *)(uintptr_t)t->words);
    ocrvl_free((void *)(uintptr_t)t->rules);
    ocrvl_free(t);
}
