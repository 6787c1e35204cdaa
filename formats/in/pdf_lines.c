#include "in/pdf_lines.h"

#include <math.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

void ocrvl_pdf_lines_free(ocrvl_pdf_lines *l)
{
    g_free(l->text);
    ocrvl_free(l->lines);
    ocrvl_free(l->boxes);
    *l = (ocrvl_pdf_lines){0};
}

typedef struct text_box {
    double x0, y0, x1, y1; /* in points, from the top left of the page as it is shown */
} text_box;

static text_box turned_right(PopplerRectangle r)
{
    return (text_box){fmin(r.x1, r.x2), fmin(r.y1, r.y2), fmax(r.x1, r.x2), fmax(r.y1, r.y2)};
}

static bool is_next_to(const text_box *a, const text_box *b)
{
    double h = a->y1 - a->y0, w = a->x1 - a->x0;
    return fmax(a->y0, b->y0) < fmin(a->y1, b->y1) - h / 2 && b->x0 < a->x1 + h && b->x1 > a->x0 - fmax(h, w);
}

static int32_t pixel(double points, double scale, uint32_t most)
{
    return (int32_t)fmin(fmax(floor(points * scale + 0.5), 0), most);
}

ocrvl_status ocrvl_pdf_lines_boxes(ocrvl_pdf_lines *l, PopplerPage *page, ocrvl_pdf_size points, const ocrvl_image *img,
                                   ocrvl_page_place *place, ocrvl_error *err)
{
    PopplerRectangle *rects = NULL;
    guint n = 0;
    size_t count = 0;
    ocrvl_free(l->boxes);
    l->boxes = NULL;
    if (!poppler_page_get_text_layout(page, &rects, &n) || n == 0) {
        g_free(rects);
        return OCRVL_OK;
    }
    char *text = poppler_page_get_text(page);
    double sx = img->width / points.w, sy = img->height / points.h;
    text_box run = {0};
    bool open = false;
    const char *p = text;
    l->boxes = ocrvl_alloc_array(n, sizeof *l->boxes);
    for (guint i = 0; l->boxes && i <= n; i++) {
        bool ends = i == n || *p == '\0', space = ends || g_unichar_isspace(g_utf8_get_char(p));
        text_box b = i < n ? turned_right(rects[i]) : (text_box){0};
        if (open && (space || !is_next_to(&run, &b))) {
            l->boxes[count++] = (ocrvl_box){pixel(run.x0, sx, img->width), pixel(run.y0, sy, img->height),
                                            pixel(run.x1, sx, img->width), pixel(run.y1, sy, img->height)};
            open = false;
        }
        if (ends)
            break;
        if (!space)
            run = open ? (text_box){fmin(run.x0, b.x0), fmin(run.y0, b.y0), fmax(run.x1, b.x1), fmax(run.y1, b.y1)} : b;
        open |= !space;
        p = g_utf8_next_char(p);
    }
    g_free(text);
    g_free(rects);
    place->text_boxes = l->boxes;
    place->text_box_count = count;
    return l->boxes ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* ---- the text layer ---------------------------------------------------------------------------------- */

enum { MOST_LINES = 20000 };

/* The box of characters [from, to) in pixels; returns false if they take no space. */
static bool box_of(const PopplerRectangle *r, guint from, guint to, ocrvl_pdf_size points, const ocrvl_image *img,
                   ocrvl_box *out)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY, sx = img->width / points.w,
           sy = img->height / points.h;
    for (; from < to; from++) {
        text_box b = turned_right(r[from]);
        if (!(b.x1 > b.x0 && b.y1 > b.y0))
            continue;
        x0 = fmin(x0, b.x0);
        y0 = fmin(y0, b.y0);
        x1 = fmax(x1, b.x1);
        y1 = fmax(y1, b.y1);
    }
    *out = (ocrvl_box){pixel(x0, sx, img->width), pixel(y0, sy, img->height), pixel(x1, sx, img->width),
                       pixel(y1, sy, img->height)};
    return x1 > x0;
}

ocrvl_status ocrvl_pdf_lines_place(ocrvl_pdf_lines *l, PopplerPage *page, ocrvl_pdf_size points, const ocrvl_image *img,
                                   ocrvl_page_place *place, ocrvl_error *err)
{
    PopplerRectangle *r = NULL;
    guint n = 0, at = 0, first = 0;
    g_free(l->text);
    ocrvl_free(l->lines);
    l->text = g_strdup(place->text_layer);
    l->lines = ocrvl_alloc_array(MOST_LINES, sizeof *l->lines);
    place->text_places = l->lines;
    place->text_place_count = 0;
    if (!l->lines)
        return ocrvl_fail_nomem(err);
    if (!poppler_page_get_text_layout(page, &r, &n))
        return OCRVL_OK;
    char *line = l->text;
    for (char *c = line; place->text_place_count < MOST_LINES; at++) {
        char *next = *c ? g_utf8_next_char(c) : c;
        if (*c && *c != '\n') {
            c = next;
            continue;
        }
        bool last = !*c;
        *c = '\0';
        ocrvl_text_place *p = &l->lines[place->text_place_count];
        p->text = line;
        place->text_place_count += at <= n && box_of(r, first, at, points, img, &p->box);
        if (last)
            break;
        first = at + 1;
        c = line = next;
    }
    g_free(r);
    return OCRVL_OK;
}
