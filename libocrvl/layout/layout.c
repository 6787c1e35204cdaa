#include "layout/layout.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Drops rows of the first `dark` that stand within one of the others: what is dark between light letters. */
static void drop_between(ocrvl_rows *rows, size_t dark)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        ocrvl_row r = rows->at[i];
        bool within = false;
        for (size_t k = dark; i < dark && k < rows->count && !within; k++) {
            const ocrvl_box *b = &rows->at[k].box;
            int32_t x = (r.box.x0 + r.box.x1) / 2, y = (r.box.y0 + r.box.y1) / 2;
            within = x >= b->x0 && x < b->x1 && y >= b->y0 && y < b->y1;
        }
        if (!within)
            rows->at[kept++] = r;
    }
    rows->count = kept;
}

/* Makes the mask of the grey image. */
static ocrvl_status make_mask(ocrvl_layout *l, ocrvl_error *err)
{
    uint32_t w = l->grey->width, h = l->grey->height, up = (uint64_t)w * h < OCRVL_SMALL_PAGE ? 2 : 1;
    return ocrvl_ink_mask_make(l->mask, l->grey, ocrvl_ink_mask_factor(w, h, OCRVL_MASK_PIXELS), up, err);
}

/* Takes the page's bend out of the grey image, if there is one, and makes its mask anew; *straightened: whether there
 * was. */
static ocrvl_status take_bend(ocrvl_layout *l, const ocrvl_blobs *blobs, bool *straightened, ocrvl_error *err)
{
    ocrvl_image *straight;
    ocrvl_status st = ocrvl_find_bend(&l->bend, l->mask, blobs, err);
    *straightened = !st && l->bend.count;
    if (!*straightened)
        return st;
    st = ocrvl_straighten(&straight, l->grey, &l->bend, err);
    if (st)
        return st;
    ocrvl_image_free(l->grey);
    l->grey = straight;
    ocrvl_ink_mask_clear(l->mask);
    return make_mask(l, err);
}

static ocrvl_status find_blobs(ocrvl_layout *l, ocrvl_blobs *blobs, ocrvl_blobs *light, ocrvl_regions *regions,
                               const ocrvl_layout_options *opt, ocrvl_error *err)
{
    bool straightened = false;
    ocrvl_status st = ocrvl_layout_clean(l->mask, blobs, light, regions, err);
    if (st == OCRVL_OK && !opt->keep_skew && !opt->known_count)
        st = take_bend(l, blobs, &straightened, err);
    if (st == OCRVL_OK && straightened) {
        ocrvl_free(blobs->at);
        ocrvl_free(light->at);
        *blobs = *light = (ocrvl_blobs){0};
        regions->count = 0;
        st = ocrvl_layout_clean(l->mask, blobs, light, regions, err);
    }
    return st ? st : ocrvl_paint_dots(l->grey, l->mask, err);
}

static ocrvl_status find_rows(ocrvl_layout *l, ocrvl_rows *rows, ocrvl_regions *regions,
                              const ocrvl_layout_options *opt, ocrvl_error *err)
{
    ocrvl_ink_mask *mask = l->mask;
    ocrvl_layout_mode mode = opt->mode;
    ocrvl_blobs blobs = {0}, light = {0};
    ocrvl_status st = find_blobs(l, &blobs, &light, regions, opt, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_rows(rows, mask, false, &blobs, regions, mode, err);
    size_t dark = rows->count;
    if (st == OCRVL_OK)
        st = ocrvl_layout_rows(rows, mask, true, &light, regions, mode, err);
    if (st == OCRVL_OK)
        drop_between(rows, dark);
    ocrvl_free(blobs.at);
    ocrvl_free(light.at);
    return st;
}

#define EDGE 0.012 /* of the page's width or height */

/* Drops rows of a letter or two at the edges of a page that leans: dirt, and ends of pen strokes. Where a page stands
 * straight, its rows were judged by that already. */
static void drop_at_edges(const ocrvl_layout *l, ocrvl_rows *rows)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const ocrvl_row *r = &rows->at[i];
        double base = ocrvl_row_base(r, (r->box.x0 + r->box.x1) / 2.0);
        ocrvl_box letters = {r->box.x0, (int32_t)(base - r->x_height), r->box.x1, (int32_t)base};
        ocrvl_box b = ocrvl_layout_box_to_page(l, ocrvl_from_mask(l, letters));
        double w = l->page_width, h = l->page_height;
        bool at_edge = b.x0 < w * EDGE || b.x1 > w * (1 - EDGE) || b.y0 < h * EDGE || b.y1 > h * (1 - EDGE);
        if (l->skew == 0 || r->glyphs > 2 || !at_edge)
            rows->at[kept++] = *r;
    }
    rows->count = kept;
}

/* Those of a single line. */
static ocrvl_status find_leaders(const ocrvl_ink_mask *mask, ocrvl_regions *regions, ocrvl_error *err)
{
    ocrvl_blobs blobs;
    ocrvl_status st = ocrvl_blobs_find(&blobs, mask->ink, SIZE_MAX, err);
    if (st == OCRVL_OK)
        st = ocrvl_find_leaders(&blobs, regions, err);
    ocrvl_free(blobs.at);
    return st;
}

/* Fills l->border. A dark band along a side that has light text on it belongs to the page. */
static void set_border(ocrvl_layout *l)
{
    const ocrvl_ink_mask *m = l->mask;
    ocrvl_box b = ocrvl_from_mask(l, m->paper);
    int32_t w = (int32_t)l->grey->width, h = (int32_t)l->grey->height;
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_box *k = &l->lines[i].ink;
        int32_t x = (k->x0 + k->x1) / 2, y = (k->y0 + k->y1) / 2;
        b.x0 = x < b.x0 ? 0 : b.x0;
        b.y0 = y < b.y0 ? 0 : b.y0;
        b.x1 = x >= b.x1 ? w : b.x1;
        b.y1 = y >= b.y1 ? h : b.y1;
    }
    if (b.x0 > 0 || b.y0 > 0 || b.x1 < w || b.y1 < h)
        l->border = b;
}

/* Makes lines, blocks and rules of what was found, and adds the rules that the document draws. */
static ocrvl_status put_in_order(ocrvl_layout *l, const ocrvl_own_rule *rules, size_t rule_count, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_layout_cards(l->found, l->mask, rules, rule_count, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_blocks(l, false, err);
    if (st == OCRVL_OK)
        st = ocrvl_layout_rules(l, err);
    return st ? st : ocrvl_layout_known_rules(l, rules, rule_count, err);
}

static ocrvl_status find_lines(ocrvl_layout *l, const ocrvl_layout_options *opt, ocrvl_error *err)
{
    ocrvl_ink_mask *mask = l->mask;
    ocrvl_found *found = l->found;
    ocrvl_regions *regions = &found->regions;
    ocrvl_rows *rows = &found->rows;
    ocrvl_status st = OCRVL_OK;
    found->roles = opt->mode == OCRVL_LAYOUT_AUTO;
    ocrvl_layout_clear_known(mask, opt->known, opt->known_count);
    if (!opt->known_count)
        st = ocrvl_layout_one_line(rows, mask, regions, opt->mode == OCRVL_LAYOUT_LINE, err);
    if (st == OCRVL_OK && rows->count > 0)
        st = find_leaders(mask, regions, err);
    else if (st == OCRVL_OK && opt->mode != OCRVL_LAYOUT_LINE)
        st = find_rows(l, rows, regions, opt, err);
    for (size_t i = 0; i < rows->count; i++)
        rows->at[i].inverted ^= ocrvl_on_light_panel(mask, &rows->at[i].box);
    if (st == OCRVL_OK && opt->mode == OCRVL_LAYOUT_AUTO)
        drop_at_edges(l, rows);
    if (st == OCRVL_OK && opt->mode == OCRVL_LAYOUT_AUTO)
        st = ocrvl_drop_next_page(rows, regions, mask, l->grey, err);
    if (st == OCRVL_OK && opt->mode == OCRVL_LAYOUT_AUTO)
        st = ocrvl_drop_faint(rows, mask, l->grey, err);
    if (st == OCRVL_OK)
        ocrvl_drop_paper_edges(regions, mask);
    ocrvl_layout_drop_rules(rows, mask, opt->known, opt->known_count, opt->rules, opt->rule_count);
    if (st == OCRVL_OK)
        st = ocrvl_layout_known_rows(rows, mask, opt->known, opt->known_count, err);
    if (st == OCRVL_OK)
        st = put_in_order(l, opt->rules, opt->rule_count, err);
    if (st == OCRVL_OK && opt->mode != OCRVL_LAYOUT_LINE)
        set_border(l);
    return st;
}

/* Leptonica writes to standard error, and how much is a setting of the process. It is changed once: whoever sets it
 * afterwards has the last word, and no two threads write it. */
static void silence(void) { setMsgSeverity(L_SEVERITY_NONE); }

/* An empty layout. */
static ocrvl_status new_layout(ocrvl_layout **out, ocrvl_error *err)
{
    ocrvl_layout *l = ocrvl_alloc(sizeof *l);
    *out = l;
    if (l && (l->mask = ocrvl_alloc(sizeof(ocrvl_ink_mask))) && (l->found = ocrvl_alloc(sizeof(ocrvl_found))))
        return OCRVL_OK;
    ocrvl_layout_free(l);
    *out = NULL;
    return ocrvl_fail_nomem(err);
}

/* Hands the layout over, or frees it if it failed. */
static ocrvl_status end_layout(ocrvl_layout **out, ocrvl_layout *l, ocrvl_status st)
{
    if (st == OCRVL_OK)
        *out = l;
    else
        ocrvl_layout_free(l);
    return st;
}

ocrvl_status ocrvl_layout_of_known(ocrvl_layout **out, uint32_t width, uint32_t height, uint32_t rotation,
                                   const ocrvl_known_line *known, size_t count, const ocrvl_own_rule *rules,
                                   size_t rule_count, ocrvl_error *err)
{
    ocrvl_layout *l;
    *out = NULL;
    ocrvl_status st = new_layout(&l, err);
    if (st)
        return st;
    ocrvl_ink_mask *mask = l->mask;
    ocrvl_found *found = l->found;
    mask->factor = mask->up = 1;
    l->page_width = rotation % 180 ? height : width;
    l->page_height = rotation % 180 ? width : height;
    l->rotation = rotation;
    found->roles = true;
    st = ocrvl_layout_known_rows(&found->rows, mask, known, count, err);
    if (st == OCRVL_OK)
        st = put_in_order(l, rules, rule_count, err);
    return end_layout(out, l, st);
}

ocrvl_status ocrvl_layout_new(ocrvl_layout **out, const ocrvl_image *page, const ocrvl_layout_options *opt,
                              ocrvl_error *err)
{
    static const ocrvl_layout_options defaults = {.mode = OCRVL_LAYOUT_AUTO};
    *out = NULL;
    ocrvl_layout_options how = opt ? *opt : defaults;
    how.keep_skew |=
        how.mode == OCRVL_LAYOUT_LINE || how.known_count; /* a line's lean is followed; known lines have none */
    how.keep_rotation |= how.known_count > 0;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, silence);
    ocrvl_layout *l;
    ocrvl_status st = new_layout(&l, err);
    if (st)
        return st;
    st = ocrvl_layout_prepare(l, page, &how, err);
    if (st == OCRVL_OK)
        st = make_mask(l, err);
    if (st == OCRVL_OK)
        st = find_lines(l, &how, err);
    return end_layout(out, l, st);
}

/* Frees what ocrvl_layout_blocks makes. */
static void free_blocks(ocrvl_layout *l)
{
    ocrvl_free(l->blocks);
    ocrvl_free(l->lines);
    ocrvl_free(l->leaders);
    l->blocks = NULL;
    l->lines = NULL;
    l->leaders = NULL;
    l->block_count = l->line_count = l->leader_count = 0;
}

ocrvl_status ocrvl_layout_from_right(ocrvl_layout *l, ocrvl_error *err)
{
    free_blocks(l);
    ocrvl_status st = ocrvl_layout_blocks(l, true, err);
    if (st)
        free_blocks(l);
    return st;
}

void ocrvl_layout_free(ocrvl_layout *l)
{
    if (!l)
        return;
    ocrvl_ink_mask *mask = l->mask;
    ocrvl_found *found = l->found;
    if (mask)
        ocrvl_ink_mask_clear(mask);
    ocrvl_free(mask);
    if (found) {
        ocrvl_free(found->rows.at);
        ocrvl_free(found->regions.at);
        ocrvl_free(found->cards);
    }
    ocrvl_free(found);
    ocrvl_image_free(l->grey);
    ocrvl_bend_clear(&l->bend);
    free_blocks(l);
    ocrvl_free(l->rules);
    ocrvl_free(l);
}
