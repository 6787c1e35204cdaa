#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

#define MOSTLY 0.7     /* of a row's ink */
#define LONG 5.0       /* x-heights */
#define THIN 12        /* times longer than thick */
enum { RULE_AIR = 2 }; /* pixels of the mask by which the drawing of a rule may be wider than it */

ocrvl_box ocrvl_to_mask(ocrvl_box b, const ocrvl_ink_mask *m)
{
    int32_t up = (int32_t)m->up, k = (int32_t)m->factor;
    return (ocrvl_box){b.x0 * up / k, b.y0 * up / k, (b.x1 * up + k - 1) / k, (b.y1 * up + k - 1) / k};
}

ocrvl_status ocrvl_layout_known_rows(ocrvl_rows *rows, const ocrvl_ink_mask *mask, const ocrvl_known_line *known,
                                     size_t count, ocrvl_error *err)
{
    double scale = (double)mask->up / mask->factor;
    size_t cap = rows->count + count;
    ocrvl_row *at = ocrvl_realloc_array(rows->at, cap ? cap : 1, sizeof *at);
    if (!at)
        return ocrvl_fail_nomem(err);
    rows->at = at;
    rows->cap = cap;
    for (size_t i = 0; i < count; i++)
        rows->at[rows->count++] = (ocrvl_row){.box = ocrvl_to_mask(known[i].box, mask),
                                              .base = known[i].baseline * scale,
                                              .x_height = known[i].x_height * scale,
                                              .glyphs = 8, /* no line of a few letters, whose baseline is a guess */
                                              .standing = 1,
                                              .known = (uint32_t)i + 1,
                                              .style = known[i].style,
                                              .begins = known[i].begins,
                                              .code = known[i].code};
    return OCRVL_OK;
}

ocrvl_status ocrvl_layout_known_rules(ocrvl_layout *l, const ocrvl_own_rule *rules, size_t count, ocrvl_error *err)
{
    ocrvl_layout_rule *all = ocrvl_realloc_array(l->rules, l->rule_count + count + 1, sizeof *all);
    if (!all)
        return ocrvl_fail_nomem(err);
    l->rules = all;
    for (size_t i = 0; i < count; i++)
        all[l->rule_count++] = (ocrvl_layout_rule){rules[i].box, rules[i].vertical};
    return OCRVL_OK;
}

/* Whether it is no stroke of a letter as large as the page's: long beside its type, and thin. */
static bool is_long(ocrvl_box b, double x_height)
{
    int32_t w = b.x1 - b.x0, h = b.y1 - b.y0, length = w > h ? w : h, thick = w > h ? h : w;
    return length >= LONG * x_height && thick * THIN <= length;
}

/* Whether most of the row's ink is that of long rules. */
static bool is_of_rules(const ocrvl_row *r, const ocrvl_ink_mask *mask, double x_height, const ocrvl_own_rule *rules,
                        size_t count)
{
    const ocrvl_box *b = &r->box;
    int64_t ink = 0;
    for (size_t i = 0; i < count; i++) {
        const ocrvl_box a = ocrvl_to_mask(rules[i].box, mask);
        if (is_long(a, x_height))
            ink += ocrvl_ink_in(mask->ink, a.x0 - RULE_AIR > b->x0 ? a.x0 - RULE_AIR : b->x0,
                                a.y0 - RULE_AIR > b->y0 ? a.y0 - RULE_AIR : b->y0,
                                a.x1 + RULE_AIR < b->x1 ? a.x1 + RULE_AIR : b->x1,
                                a.y1 + RULE_AIR < b->y1 ? a.y1 + RULE_AIR : b->y1);
    }
    return ink > 0 && (double)ink >= MOSTLY * ocrvl_ink_in(mask->ink, b->x0, b->y0, b->x1, b->y1);
}

/* The x-height of the page's own lines, on the whole; 0: there are none. */
static double mean_x_height(const ocrvl_ink_mask *mask, const ocrvl_known_line *known, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += known[i].x_height;
    return count ? sum / (double)count * mask->up / mask->factor : 0;
}

void ocrvl_layout_drop_rules(ocrvl_rows *rows, const ocrvl_ink_mask *mask, const ocrvl_known_line *known,
                             size_t known_count, const ocrvl_own_rule *rules, size_t count)
{
    double x_height = mean_x_height(mask, known, known_count);
    size_t n = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (!is_of_rules(&rows->at[i], mask, x_height, rules, count))
            rows->at[n++] = rows->at[i];
    rows->count = n;
}

void ocrvl_layout_clear_known(ocrvl_ink_mask *mask, const ocrvl_known_line *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ocrvl_box b = ocrvl_to_mask(known[i].box, mask);
        int32_t more = (b.y1 - b.y0) / 8 + 1; /* what reaches out of the type's height */
        int32_t x = b.x0 - more, y = b.y0 - more, w = b.x1 - b.x0 + 2 * more, h = b.y1 - b.y0 + 2 * more;
        pixRasterop(mask->ink, x, y, w, h, PIX_CLR, NULL, 0, 0);
        if (mask->light)
            pixRasterop(mask->light, x, y, w, h, PIX_CLR, NULL, 0, 0);
    }
}
