/* What a question about one picture will take. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "layout/layout.h"
#include "model/pixels.h"
#include "read/plan.h"
#include "read/tiles.h"

static ocrvl_status letters_of(const ocrvl_image *img, uint64_t *letters, ocrvl_page_plan *plan, ocrvl_error *err)
{
    ocrvl_layout *l;
    ocrvl_image *square;
    ocrvl_status st = ocrvl_image_square(&square, img, err);
    if (st)
        return st;
    st = ocrvl_layout_new(&l, square ? square : img, NULL, err);
    ocrvl_image_free(square);
    if (st)
        return st;
    plan->lines = (uint32_t)l->line_count;
    st = ocrvl_pixels_for_letters(letters, l, err);
    ocrvl_layout_free(l);
    return st;
}

ocrvl_status ocrvl_planner_question(ocrvl_planner *p, const ocrvl_image *img, const ocrvl_ask_options *opt,
                                    ocrvl_page_plan *plan, ocrvl_error *err)
{
    const ocrvl_config *c = ocrvl_planner_config(p);
    ocrvl_ask_options o = {0};
    ocrvl_page_plan out = {.size = plan->size, .width = img->width, .height = img->height, .tiles = 1};
    uint64_t letters = 0, height = 0, width = 0;
    double from = ocrvl_clock();
    ocrvl_buf note = {0};
    if (opt)
        memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    if (c->line_reader)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "a line reader answers no questions");
    ocrvl_status st = ocrvl_planner_measure(p, err);
    if (!st)
        st = letters_of(img, &letters, &out, err);
    size_t side = c->patch * c->merge, others = OCRVL_ASK_PROMPT + (o.max_tokens ? o.max_tokens : OCRVL_ASK_ANSWER);
    ocrvl_pixel_range limits = {o.min_pixels ? o.min_pixels : c->min_pixels,
                                o.max_pixels ? o.max_pixels : c->max_pixels};
    limits = ocrvl_pixels_up_to(limits, (c->context > others ? c->context - others : 1) * side * side);
    ocrvl_pixel_range range = ocrvl_range_in_question(c, img, letters, limits);
    ocrvl_shown shown = {&img, &range, 1, 0, OCRVL_ASK_PROMPT, others - OCRVL_ASK_PROMPT};
    ocrvl_shown_plan all = {0};
    out.seconds = ocrvl_clock() - from;
    if (!st)
        st = ocrvl_plan_pictures(p, c, &shown, &all, &note, err);
    range = ocrvl_pixels_up_to(range, all.most);
    if (!st)
        st = ocrvl_smart_resize(img->height, img->width, side, range.least, range.most, &height, &width, err);
    out.tile_width = (uint32_t)width;
    out.tile_height = (uint32_t)height;
    out.visual_tokens = all.tokens;
    out.memory = all.memory;
    out.seconds += all.seconds;
    if (!st && note.len)
        memcpy(out.budget, note.data, note.len < sizeof out.budget ? note.len : sizeof out.budget - 1);
    ocrvl_buf_free(&note);
    if (!st)
        memcpy(plan, &out, plan->size < sizeof out ? plan->size : sizeof out);
    return st;
}
