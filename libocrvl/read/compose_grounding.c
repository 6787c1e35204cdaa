/* What a model detected: labels and their boxes on the upright page. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "markup/grounding.h"
#include "read/compose.h"
#include "read/result.h"

ocrvl_box ocrvl_upright_to_page(const ocrvl_layout *l, ocrvl_box b)
{
    int32_t w = (int32_t)l->page_width, h = (int32_t)l->page_height;
    bool side = l->rotation % 180 == 90;
    return ocrvl_box_turn(b, side ? h : w, side ? w : h, (360 - l->rotation) % 360);
}

static ocrvl_box box_of(const ocrvl_layout *l, const ocrvl_grounding_item *item)
{
    ocrvl_box b = {INT32_MAX, INT32_MAX, 0, 0};
    int points = item->kind == OCRVL_GROUNDING_QUAD ? 4 : 2;
    for (int i = 0; i < points; i++) {
        int32_t x = (int32_t)item->pixels_int[i][0], y = (int32_t)item->pixels_int[i][1];
        b.x0 = x < b.x0 ? x : b.x0;
        b.y0 = y < b.y0 ? y : b.y0;
        b.x1 = x > b.x1 ? x : b.x1;
        b.y1 = y > b.y1 ? y : b.y1;
    }
    return ocrvl_upright_to_page(l, b);
}

static float probability(void *user, const ocrvl_word_span *span)
{
    (void)span;
    return *(const float *)user;
}

/* One item: a block of one line. An item without label stands as an empty figure. */
static ocrvl_status put_item(ocrvl_result *r, const ocrvl_composing *c, const ocrvl_grounding_item *item,
                             ocrvl_error *err)
{
    bool labeled = item->label && item->label_len;
    ocrvl_node_info info = {.size = sizeof info,
                            .kind = OCRVL_BLOCK,
                            .confidence = -1,
                            .box = box_of(r->layout, item),
                            .origin = OCRVL_ORIGIN_MODEL,
                            .role = labeled ? OCRVL_ROLE_PARAGRAPH : OCRVL_ROLE_FIGURE};
    ocrvl_status st = ocrvl_result_open(r, &info, err);
    if (!st && labeled) {
        float p = ocrvl_transcript_probability(c->transcript, item->from, item->to);
        ocrvl_passage label = {item->label, item->label_len, false, probability, &p};
        ocrvl_result_line line = {.first = r->count, .ink = OCRVL_NO_INK, .box = info.box, .origin = info.origin};
        st = ocrvl_result_add(r, &label, err);
        line.count = r->count - line.first;
        if (!st)
            st = ocrvl_result_put_line(r, &line, err);
    }
    return st ? st : ocrvl_builder_close(r->b, err);
}

static ocrvl_status warn_faults(const ocrvl_composing *c, const ocrvl_grounding *g, ocrvl_error *err)
{
    char message[96];
    if (g->fault_count == 0)
        return OCRVL_OK;
    snprintf(message, sizeof message, "%zu malformed box%s, the first at character %u: %s", g->fault_count,
             g->fault_count == 1 ? "" : "es", g->faults[0].start, ocrvl_grounding_reason_name(g->faults[0].reason));
    return ocrvl_builder_warn(c->b, "grounding", message, false, err);
}

/* An answer in JSON, or in tags: fine-tunes of the families that write JSON may write tags all the same. */
static ocrvl_status parse(ocrvl_grounding **out, const ocrvl_composing *c, uint32_t width, uint32_t height,
                          ocrvl_error *err)
{
    const ocrvl_transcript *t = c->transcript;
    bool thousand = c->boxes == OCRVL_BOX_THOUSAND;
    *out = NULL;
    if (c->boxes == OCRVL_BOX_TAGS || strstr(t->text, "<|box_start|>"))
        return ocrvl_grounding_parse(out, t->text, t->len, width, height, err);
    return ocrvl_grounding_parse_json(out, t->text, t->len, thousand ? 1000 : c->shown_width,
                                      thousand ? 1000 : c->shown_height, width, height, err);
}

ocrvl_status ocrvl_compose_grounding(const ocrvl_composing *c, ocrvl_error *err)
{
    bool side = c->layout->rotation % 180 == 90;
    uint32_t width = side ? c->layout->page_height : c->layout->page_width;
    uint32_t height = side ? c->layout->page_width : c->layout->page_height;
    ocrvl_grounding *g;
    ocrvl_result r = {.b = c->b, .layout = c->layout, .diplomatic = c->diplomatic};
    ocrvl_status st = parse(&g, c, width, height, err);
    for (size_t i = 0; !st && i < g->item_count; i++)
        st = put_item(&r, c, &g->items[i], err);
    if (!st)
        st = warn_faults(c, g, err);
    if (!st && g->item_count == 0)
        st = ocrvl_builder_warn(c->b, "grounding", "the model gave no box", false, err);
    ocrvl_result_free(&r);
    ocrvl_grounding_free(g);
    return st;
}
