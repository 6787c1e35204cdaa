/* A page's characters by poppler-glib: its text in UTF-8, a rectangle for each character of it, and ranges of the same
 * font and colour. The rectangles are in visual order, while the text of each word that runs from right to left stands
 * between marks of direction, which have no rectangle, and in logical order. */
#include "in/pdf_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>
#include <poppler.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/glyphs_order.h"
#include "in/own_ink.h"
#include "in/own_join.h"
#include "in/pdf_fields.h"
#include "in/pdf_fonts.h"
#include "in/pdf_scan.h"

enum { MOST_GLYPHS = 400000, MOST_LINKS = 2000 };
enum { LRE = 0x202A, RLE = 0x202B, PDF = 0x202C };

/* Turns the rectangles of the characters [from, to) round; the characters stay. */
static void reverse_places(ocrvl_glyph *g, size_t from, size_t to)
{
    while (from + 1 < to) {
        ocrvl_glyph a = g[from], b = g[--to];
        uint32_t c = a.c, d = b.c;
        g[from] = b;
        g[to] = a;
        g[from++].c = c;
        g[to].c = d;
    }
}

static void place(ocrvl_glyph *g, const PopplerRectangle *r)
{
    g->x0 = (float)fmin(r->x1, r->x2);
    g->x1 = (float)fmax(r->x1, r->x2);
    g->y0 = (float)fmin(r->y1, r->y2);
    g->y1 = (float)fmax(r->y1, r->y2);
    if (!isfinite(r->x1) || !isfinite(r->x2) || !isfinite(r->y1) || !isfinite(r->y2))
        g->x0 = NAN;
}

enum { MOST_INNER = 64 };
typedef struct directions { /* of the word that text is in */
    int depth;
    bool right_to_left[2];
    size_t outer, inner[MOST_INNER][2], inners; /* where it begins; [inners] what runs the other way within it */
} directions;

/* A mark ends what runs from left to right within what runs the other way, or the latter: its places are turned round as
 * a whole, and only then what is within it. */
static void end_direction(directions *d, ocrvl_glyphs *out, size_t count)
{
    d->depth -= d->depth > 0;
    if (d->depth == 1 && d->inners < MOST_INNER)
        d->inner[d->inners++][1] = count;
    if (d->depth || !d->right_to_left[0])
        return;
    reverse_places(out->at, d->outer, count);
    for (size_t i = 0; i < d->inners; i++)
        reverse_places(out->at, d->inner[i][0], d->inner[i][1]);
}

/* Pairs text and rectangles. Marks of direction may be nested once, numbers among letters that run from right to left.
 */
static void pair(ocrvl_glyphs *out, const char *text, const PopplerRectangle *r, size_t n)
{
    size_t count = 0;
    directions d = {0};
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        uint32_t c = g_utf8_get_char(p);
        if (c == LRE || c == RLE) {
            if (d.depth < 2)
                d.right_to_left[d.depth] = c == RLE;
            if (d.depth == 0) {
                d.outer = count;
                d.inners = 0;
            } else if (d.depth == 1 && d.inners < MOST_INNER) {
                d.inner[d.inners][0] = count;
            }
            d.depth++;
        } else if (c == PDF) {
            end_direction(&d, out, count);
        } else if (count < n) {
            place(&out->at[count], &r[count]);
            out->at[count++].c = c;
        }
    }
    out->count = count;
    out->cut |= count < n;
}

static ocrvl_status add_styles(ocrvl_glyphs *out, PopplerPage *page, PopplerRectangle *area, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    GList *list = poppler_page_get_text_attributes_for_area(page, area);
    for (const GList *i = list; i && !st; i = i->next) {
        const PopplerTextAttributes *a = i->data;
        uint32_t style,
            colour = (uint32_t)(a->color.red >> 8) << 16 | (uint32_t)(a->color.green >> 8) << 8 | a->color.blue >> 8;
        st = ocrvl_glyphs_style(out, &style, a->font_name, a->font_size, colour, a->is_underlined, err);
        for (gint k = a->start_index; !st && k >= 0 && k <= a->end_index && (size_t)k < out->count; k++)
            out->at[k].style = style;
    }
    poppler_page_free_text_attributes(list);
    return st;
}

/* What a link says: an address, or a page of the same document. */
static char *target_of(PopplerDocument *document, const PopplerAction *action)
{
    char page[32];
    int number = 0;
    if (action->type == POPPLER_ACTION_URI && action->uri.uri && g_utf8_validate(action->uri.uri, -1, NULL))
        return ocrvl_strdup(action->uri.uri);
    if (action->type != POPPLER_ACTION_GOTO_DEST || !action->goto_dest.dest)
        return NULL;
    PopplerDest *dest = action->goto_dest.dest;
    if (dest->type == POPPLER_DEST_NAMED && dest->named_dest) {
        PopplerDest *found = poppler_document_find_dest(document, dest->named_dest);
        number = found ? found->page_num : 0;
        poppler_dest_free(found);
    } else {
        number = dest->page_num;
    }
    if (number <= 0)
        return NULL;
    snprintf(page, sizeof page, "#page=%d", number);
    return ocrvl_strdup(page);
}

/* poppler gives their areas in points from the lower left corner. */
static ocrvl_status add_links(ocrvl_glyphs *out, PopplerDocument *document, PopplerPage *page, ocrvl_error *err)
{
    double width, height;
    GList *list = poppler_page_get_link_mapping(page);
    guint n = g_list_length(list) < MOST_LINKS ? g_list_length(list) : MOST_LINKS;
    poppler_page_get_size(page, &width, &height);
    if (n && !(out->links = ocrvl_alloc_array(n, sizeof *out->links))) {
        poppler_page_free_link_mapping(list);
        return ocrvl_fail_nomem(err);
    }
    for (const GList *i = list; i && out->link_count < n; i = i->next) {
        const PopplerLinkMapping *m = i->data;
        ocrvl_link link = {fmin(m->area.x1, m->area.x2), height - fmax(m->area.y1, m->area.y2),
                           fmax(m->area.x1, m->area.x2), height - fmin(m->area.y1, m->area.y2),
                           target_of(document, m->action)};
        if (link.target)
            out->links[out->link_count++] = link;
    }
    poppler_page_free_link_mapping(list);
    return OCRVL_OK;
}

/* poppler begins and ends with what is nearest to an area's corners, so on pages whose text leans or runs over an edge an
 * area as big as the page leaves words out: this one is bigger on each side. */
static PopplerRectangle whole_area(PopplerPage *page, bool rtl)
{
    double w, h;
    poppler_page_get_size(page, &w, &h);
    return (PopplerRectangle){rtl ? 2 * w : -w, -h, rtl ? -w : 2 * w, 2 * h};
}

/* The page's characters: *area is the one that holds them all. On pages that run from right to left poppler finds text
 * in an area alone that is given from right to left as well. */
static bool find_places(PopplerPage *page, PopplerRectangle *area, PopplerRectangle **r, guint *n)
{
    PopplerRectangle *other = NULL, reversed = whole_area(page, true);
    guint others = 0;
    *area = whole_area(page, false);
    if (!poppler_page_get_text_layout_for_area(page, area, r, n))
        *n = 0;
    if (!poppler_page_get_text_layout_for_area(page, &reversed, &other, &others))
        others = 0;
    bool more = others > *n;
    g_free(more ? *r : other);
    if (more) {
        *area = reversed;
        *r = other;
        *n = others;
    }
    return *n > 0;
}

/* *out is empty on failure. */
static ocrvl_status find_glyphs(ocrvl_glyphs *out, PopplerRectangle *area, PopplerDocument *document, PopplerPage *page,
                                ocrvl_error *err)
{
    PopplerRectangle *r = NULL;
    guint n = 0;
    *out = (ocrvl_glyphs){0};
    if (!find_places(page, area, &r, &n))
        return OCRVL_OK;
    size_t most = n < MOST_GLYPHS ? n : MOST_GLYPHS;
    char *text = poppler_page_get_text_for_area(page, area);
    out->at = ocrvl_alloc_array(most, sizeof *out->at);
    out->cut = n > most;
    ocrvl_status st = out->at ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st && text)
        pair(out, text, r, most);
    g_free(text);
    g_free(r);
    if (!st)
        st = add_styles(out, page, area, err);
    if (!st)
        st = add_links(out, document, page, err);
    if (st)
        ocrvl_glyphs_free(out);
    return st;
}

/* ---- what can be seen of it -------------------------------------------------------------------------- */

/* So small that drawing takes little; 8-point letters still have a shape. */
#define LOOK_DPI 60.0
enum { MOST_LOOK_PIXELS = 4000000 };

typedef struct look {
    uint32_t width, height;
    double sx, sy; /* pixels a point */
} look;

static uint32_t side(double points, double dpi) { return (uint32_t)fmax(1, ceil(points * dpi / 72)); }

static look choose_look(const ocrvl_pdf_page *p)
{
    double dpi = fmin(LOOK_DPI, 72 * sqrt(MOST_LOOK_PIXELS / (p->points_w * p->points_h)));
    dpi = fmin(dpi, 72 * 30000 / fmax(p->points_w, p->points_h)); /* cairo's largest surfaces */
    look l = {side(p->points_w, dpi), side(p->points_h, dpi), 0, 0};
    l.sx = l.width / p->points_w;
    l.sy = l.height / p->points_h;
    return l;
}

/* White, in points of the page. It is freed by end_drawing. */
static cairo_t *begin_drawing(const look *l)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)l->width, (int)l->height);
    cairo_t *cr = cairo_create(s);
    cairo_surface_destroy(s);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, l->sx, l->sy);
    return cr;
}

/* A row of pixels -> how bright they are. */
static void put_grey(uint8_t *restrict out, const uint32_t *restrict row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(((row[i] >> 16 & 255) * 77 + (row[i] >> 8 & 255) * 151 + (row[i] & 255) * 28) >> 8);
}

/* A row of pixels -> how dark they are. */
static void put_cover(uint8_t *restrict out, const uint32_t *restrict row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(255 - (row[i] >> 8 & 255));
}

/* What was drawn, a value for each pixel -> out [height][width]. */
static ocrvl_status end_drawing(uint8_t *out, cairo_t *cr, const look *l,
                                void (*put)(uint8_t *restrict out, const uint32_t *restrict row, size_t n),
                                ocrvl_error *err)
{
    cairo_surface_t *s = cairo_get_target(cr);
    cairo_status_t status = cairo_status(cr);
    cairo_surface_flush(s);
    const uint8_t *data = cairo_image_surface_get_data(s);
    for (uint32_t y = 0; status == CAIRO_STATUS_SUCCESS && y < l->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + y * (size_t)cairo_image_surface_get_stride(s));
        put(out, row, l->width);
        out += l->width;
    }
    cairo_destroy(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        return OCRVL_OK;
    return status == CAIRO_STATUS_NO_MEMORY
               ? ocrvl_fail_nomem(err)
               : ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be drawn: %s", cairo_status_to_string(status));
}

/* The page on white -> grey [height][width]. */
static ocrvl_status draw_page(uint8_t *grey, const ocrvl_pdf_page *p, const look *l, ocrvl_error *err)
{
    cairo_t *cr = begin_drawing(l);
    poppler_page_render(p->page, cr);
    return end_drawing(grey, cr, l, put_grey, err);
}

/* All glyphs of the page's text, whether they can be seen or not -> how much they cover, [height][width]. */
static ocrvl_status draw_glyphs(uint8_t *cover, const ocrvl_pdf_page *p, bool rtl, const look *l, ocrvl_error *err)
{
    PopplerRectangle all = whole_area(p->page, rtl);
    PopplerColor black = {0, 0, 0}, white = {65535, 65535, 65535};
    cairo_t *cr = begin_drawing(l);
    poppler_page_render_selection(p->page, cr, &all, NULL, POPPLER_SELECTION_GLYPH, &black, &white);
    return end_drawing(cover, cr, l, put_cover, err);
}

void ocrvl_pdf_own_free(ocrvl_pdf_own *o)
{
    ocrvl_own_lines_free(&o->lines);
    ocrvl_borders_free(&o->rules);
    ocrvl_glyphs_free(&o->glyphs);
    ocrvl_free(o->tags);
    ocrvl_image_free(o->small);
    *o = (ocrvl_pdf_own){0};
}

static int32_t within(double v, uint32_t most) { return (int32_t)fmin(fmax(v, 0), most); }

/* Where the page's pictures stand that aren't tiny, in pixels of the page image, of which parts may lie beyond what is
 * shown; returns how many there are. */
static size_t find_pictures(ocrvl_box out[OCRVL_PDF_PLACES], const ocrvl_pdf_page *p)
{
    double sx = p->width / p->points_w, sy = p->height / p->points_h;
    size_t n = p->pictures ? p->pictures->place_count : 0;
    for (size_t i = 0; i < n; i++) {
        const double *at = p->pictures->places[i];
        out[i] = (ocrvl_box){within(at[0] * sx, p->width), within(at[1] * sy, p->height), within(at[2] * sx, p->width),
                             within(at[3] * sy, p->height)};
    }
    return n;
}

static ocrvl_status draw_small(ocrvl_pdf_own *o, const ocrvl_pdf_page *p, const look *l, ocrvl_error *err)
{
    ocrvl_status st =
        ocrvl_image_new(&o->small, l->width, l->height, 1, l->sx * 72, l->sy * 72, MOST_LOOK_PIXELS + 100000, err);
    if (!st)
        st = draw_page(ocrvl_image_pixels(o->small), p, l, err);
    if (st) {
        ocrvl_image_free(o->small);
        o->small = NULL;
    }
    return st;
}

ocrvl_status ocrvl_pdf_own_look(ocrvl_pdf_own *out, const ocrvl_pdf_page *p, ocrvl_error *err)
{
    look l = choose_look(p);
    ocrvl_pdf_own_free(out);
    ocrvl_status st = draw_small(out, p, &l, err);
    out->drawn = p->page;
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

enum { TO_BE_TICKED = 18 }; /* points; no box to be ticked has as long a side */

/* Whether the page shows the text, and nothing else that might be text beside what it paints, of which it finds the
 * borders. three: [3][height][width] */
static ocrvl_status compare_painted(bool *plain, uint8_t *three, ocrvl_pdf_own *o, const ocrvl_pdf_page *p,
                                    const ocrvl_painted *painted, const look *l, ocrvl_error *err)
{
    PopplerRectangle crop;
    size_t pixels = (size_t)l->width * l->height;
    uint8_t *all = three, *rest = three + pixels, *no_glyphs = three + 2 * pixels;
    poppler_page_get_crop_box(p->page, &crop);
    ocrvl_painted_view view = {crop.x1, crop.y2, l->width / (crop.x2 - crop.x1), l->height / (crop.y2 - crop.y1)};
    ocrvl_own_ink ink = {.width = l->width, .height = l->height, .page = ocrvl_image_data(o->small), .rest = rest};
    ocrvl_drawn drawn = {l->width, l->height, all, no_glyphs};
    ocrvl_painted_draw(all, l->width, l->height, painted, &view, TO_BE_TICKED);
    ocrvl_painted_take(rest, ink.page, all, l->width, l->height);
    ocrvl_status st = ocrvl_own_ink_plain(plain, &o->lines, p->width, p->height, &ink, err);
    if (st || !*plain)
        return st;
    ocrvl_painted_draw(all, l->width, l->height, painted, &view, 0);
    return ocrvl_borders_find(&o->rules, p->width, p->height, &drawn, err);
}

/* Whether the page shows all the text, and nothing else that might be text. Then its ink needn't be compared with that of
 * the glyphs. */
static ocrvl_status find_plain(bool *plain, ocrvl_pdf_own *o, const ocrvl_pdf_page *p, const look *l, ocrvl_error *err)
{
    const uint8_t *page = ocrvl_image_data(o->small);
    ocrvl_own_ink ink = {.width = l->width, .height = l->height, .page = page, .rest = page};
    ocrvl_painted painted = {0};
    ocrvl_status st = OCRVL_OK;
    *plain =
        !p->pictures && p->marks && !o->lines.unsound && ocrvl_pdf_marks_plain(p->marks, (size_t)p->index, &painted);
    if (*plain && !painted.count) {
        st = ocrvl_own_ink_plain(plain, &o->lines, p->width, p->height, &ink, err);
    } else if (*plain) {
        uint8_t *three = ocrvl_alloc_array((size_t)l->width * l->height, 3);
        st = three ? compare_painted(plain, three, o, p, &painted, l, err) : ocrvl_fail_nomem(err);
        ocrvl_free(three);
    }
    ocrvl_painted_free(&painted);
    return st;
}

static ocrvl_status judge(ocrvl_pdf_own *o, const ocrvl_pdf_page *p, bool rtl, size_t *unseen, ocrvl_error *err)
{
    ocrvl_box pictures[OCRVL_PDF_PLACES];
    look l = choose_look(p);
    ocrvl_status st = o->small ? OCRVL_OK : draw_small(o, p, &l, err);
    if (!st)
        st = find_plain(&o->text.whole, o, p, &l, err);
    if (st || o->text.whole)
        return st;
    uint8_t *cover = ocrvl_alloc_array(l.width, l.height);
    st = cover ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st)
        st = draw_glyphs(cover, p, rtl, &l, err);
    if (!st) {
        const uint8_t *page = ocrvl_image_data(o->small);
        ocrvl_own_ink ink = {l.width, l.height, page, page, cover, pictures, find_pictures(pictures, p)};
        ocrvl_drawn drawn = {l.width, l.height, ink.page, cover};
        st = ocrvl_borders_find(&o->rules, p->width, p->height, &drawn, err);
        if (!st)
            st = ocrvl_own_ink_judge(&o->lines, p->width, p->height, &ink, unseen, &o->text.whole, err);
    }
    ocrvl_free(cover);
    return st;
}

static ocrvl_status tell_fonts(ocrvl_glyphs *g, const ocrvl_pdf_page *p, ocrvl_error *err)
{
    PopplerRectangle crop;
    if (!p->marks || !g->count)
        return OCRVL_OK;
    poppler_page_get_crop_box(p->page, &crop);
    const double corners[4] = {crop.x1, crop.y1, crop.x2, crop.y2};
    return ocrvl_pdf_fonts_tell(g, p->marks, p->index, p->points_w, p->points_h, corners, err);
}

static void explain(ocrvl_pdf_own *o, size_t unseen)
{
    int n = 0;
    o->doubt[0] = '\0';
    if (unseen)
        n = snprintf(o->doubt, sizeof o->doubt, "%zu %s of the document's own text can't be seen", unseen,
                     unseen == 1 ? "word" : "words");
    if (o->lines.unsound)
        n += snprintf(o->doubt + n, sizeof o->doubt - (size_t)n, "%s%zu %s unknown characters", n ? "; " : "",
                      o->lines.unsound, o->lines.unsound == 1 ? "word has" : "words have");
    if (o->glyphs.cut)
        snprintf(o->doubt + n, sizeof o->doubt - (size_t)n, "%sonly the first %d of its characters were taken",
                 n ? "; " : "", MOST_GLYPHS);
    o->text.doubt = o->doubt[0] ? o->doubt : NULL;
}

ocrvl_status ocrvl_pdf_own_text(ocrvl_pdf_own *out, const ocrvl_pdf_page *p, ocrvl_error *err)
{
    size_t unseen = 0;
    PopplerRectangle area;
    ocrvl_image *small = out->drawn == p->page ? out->small : NULL;
    if (small)
        out->small = NULL;
    ocrvl_pdf_own_free(out);
    out->small = small;
    ocrvl_status st = find_glyphs(&out->glyphs, &area, p->document, p->page, err);
    if (!st)
        st = tell_fonts(&out->glyphs, p, err);
    if (!st)
        st = ocrvl_fonts_number(p->fonts, &out->glyphs, err);
    if (!st && out->glyphs.count)
        st = ocrvl_glyphs_order(&out->glyphs, err);
    if (!st && out->glyphs.count)
        st = ocrvl_own_lines_make(&out->lines, &out->glyphs, p->width, p->height, p->width / p->points_w,
                                  p->height / p->points_h, err);
    if (!st && out->lines.line_count)
        st = ocrvl_own_lines_stack(&out->lines, err);
    if (!st && out->lines.line_count)
        st = ocrvl_own_lines_join(&out->lines, &out->glyphs, err);
    if (!st)
        ocrvl_own_lines_close_up(&out->lines);
    if (!st)
        st = ocrvl_pdf_fields_add(&out->lines, p, err);
    if (!st && out->lines.line_count)
        st = judge(out, p, area.x1 > area.x2, &unseen, err);
    if (st) {
        ocrvl_pdf_own_free(out);
        return st;
    }
    explain(out, unseen);
    out->text.width = p->width;
    out->text.height = p->height;
    out->text.dpi = p->dpi;
    out->text.verdicts = p->fonts->verdicts;
    out->text.font_count = p->fonts->count;
    out->text.lines = out->lines.lines;
    out->text.line_count = out->lines.line_count;
    out->text.words = out->lines.words;
    out->text.word_count = out->lines.word_count;
    out->text.rules = out->rules.at;
    out->text.rule_count = out->rules.count;
    out->text.styles = out->glyphs.styles;
    out->text.style_count = out->glyphs.style_count;
    return OCRVL_OK;
}
