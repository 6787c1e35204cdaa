/* draw FOLDER KIND COUNT [SEED]: pages with known truth, FOLDER/KIND-N.png beside FOLDER/KIND-N.json in the form of
 * samples/pages. The same seed and fonts draw the same pages. Kinds: lines (of 20 to 200 characters), columns (two or
 * three, each with its own pitch and start, under a headline), leaders (a table of contents), singles (single
 * characters beside lines), desk (a page on a dark table, with its shadow), photo (text beside a halftone), magazine
 * (columns that change down the page, round a photograph, with a box, a spanning line and notes), book (a page bent at
 * the spine, with the edge of the next one), lean (turned by up to 19 degrees), dark (a page light on dark, or with a
 * dark box), matrix (strokes of faint dots), seal (a letter with seals and a signature), lid (a page on a scanner's
 * lid as bright as its paper), tint (text on a screen of dots), panels (boxes of many shades, side by side and one in
 * the other, dark text and light in them, and a table whose head and stripes are shaded), blank (grain, dust, folds,
 * show-through, holes, coloured paper, stripes).
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo/cairo.h>

enum { PAGE_W = 1654, PAGE_H = 2339, MARGIN = 150 }; /* A4 at 200 dpi */

static const char *const words[] = {
    "the",    "and",      "harbour",   "committee", "report",     "of",         "water",   "pumps",    "were",
    "laid",   "before",   "winter",    "town",      "engineer",   "drainage",   "quays",   "asked",    "whether",
    "cost",   "more",     "than",      "para",      "desarrollo", "necesarios", "los",     "trabajos", "ciudad",
    "según",  "año",      "también",   "dans",      "cette",      "première",   "où",      "général",  "très",
    "maison", "l’homme",  "nell’anno", "città",     "perché",     "della",      "sempre",  "Straße",   "für",
    "über",   "Gemeinde", "wurde",     "1914",      "27",         "it",         "is",      "in",       "a",
    "to",     "by",       "which",     "letter",    "received",   "minutes",    "meeting", "approved", "present",
    "North",  "Quarry",   "Lane",      "office",    "value",      "jumping",    "fixed"};
static const char *const fonts[] = {"Liberation Serif", "DejaVu Serif", "Liberation Sans", "FreeSerif",
                                    "Liberation Mono"};

typedef struct page {
    cairo_surface_t *surface;
    cairo_t *cr;
    FILE *truth;
    size_t lines;
    const char *font;
    double size;
    double bend; /* pixels by which a line rises at the left edge of the page */
} page;

static uint32_t state;

/* xorshift32: [0, n). */
static uint32_t chance(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % n;
}

static double between(double lo, double hi) { return lo + (hi - lo) * chance(1 << 20) / (1 << 20); }

static void grey(cairo_t *cr, double v) { cairo_set_source_rgb(cr, v, v, v); }

static void set_font(page *p, const char *font, double size, bool bold)
{
    p->font = font;
    p->size = size;
    cairo_select_font_face(p->cr, font, CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(p->cr, size);
}

static double width_of(page *p, const char *text)
{
    cairo_text_extents_t e;
    cairo_text_extents(p->cr, text, &e);
    return e.x_advance;
}

#define BEND 260.0 /* pixels over which a bend falls to a third */

static double lifted(const page *p, double x) { return p->bend * exp(-x / BEND); }

/* Fills the letters, bent. */
static void show_bent(page *p, double x, double y, const char *text)
{
    cairo_new_path(p->cr);
    cairo_move_to(p->cr, x, y);
    cairo_text_path(p->cr, text);
    cairo_path_t *path = cairo_copy_path(p->cr);
    for (int i = 0; i < path->num_data; i += path->data[i].header.length)
        for (int k = 1; k < path->data[i].header.length; k++)
            path->data[i + k].point.y -= lifted(p, path->data[i + k].point.x);
    cairo_new_path(p->cr);
    cairo_append_path(p->cr, path);
    cairo_path_destroy(path);
    cairo_fill(p->cr);
}

/* Notes the box of a line in the truth, where it comes to stand on the page. */
static void note(page *p, double x0, double y0, double x1, double y1, const char *text)
{
    double top = y0 - fmax(lifted(p, x0), lifted(p, x1)), bottom = y1 - fmin(lifted(p, x0), lifted(p, x1));
    double x[4] = {x0, x1, x1, x0}, y[4] = {top, top, bottom, bottom}, b[4] = {1e9, 1e9, 0, 0};
    for (int i = 0; i < 4; i++) {
        cairo_user_to_device(p->cr, &x[i], &y[i]);
        b[0] = fmin(b[0], x[i]), b[1] = fmin(b[1], y[i]), b[2] = fmax(b[2], x[i]), b[3] = fmax(b[3], y[i]);
    }
    fprintf(p->truth, "%s\n  {\"x0\": %d, \"y0\": %d, \"x1\": %d, \"y1\": %d, \"text\": \"%s\"}", p->lines++ ? "," : "",
            (int)b[0], (int)b[1], (int)b[2] + 1, (int)b[3], text);
}

/* Draws a line with its baseline at y and notes it in the truth. */
static void put(page *p, double x, double y, const char *text)
{
    cairo_text_extents_t e;
    cairo_text_extents(p->cr, text, &e);
    cairo_move_to(p->cr, x, y);
    if (p->bend != 0)
        show_bent(p, x, y, text);
    else
        cairo_show_text(p->cr, text);
    note(p, x + e.x_bearing, y - 0.75 * p->size, x + e.x_bearing + e.width, y + 0.25 * p->size, text);
}

/* Words up to `width` pixels, or up to `chars` bytes where that isn't 0. */
static void make_line(page *p, char *text, size_t cap, double width, size_t chars)
{
    char longer[512];
    text[0] = '\0';
    for (;;) {
        snprintf(longer, sizeof longer, "%s%s%s", text, *text ? " " : "", words[chance(sizeof words / sizeof *words)]);
        if (strlen(longer) >= cap || (chars ? strlen(longer) > chars : width_of(p, longer) > width))
            break;
        snprintf(text, cap, "%s", longer);
        if (strlen(text) + 2 >= cap)
            break;
    }
}

static void column(page *p, double x, double y, double width, double bottom, double pitch)
{
    char text[400];
    for (; y < bottom; y += pitch) {
        make_line(p, text, sizeof text, width, 0);
        put(p, x, y, text);
    }
}

static void draw_lines(page *p)
{
    char text[400];
    for (double y = 120; y < PAGE_H - 100; y += 44) {
        size_t chars = 20 + chance(181);
        set_font(p, fonts[chance(3)], 26, false);
        make_line(p, text, sizeof text, 0, chars);
        double w = width_of(p, text);
        if (w > PAGE_W * 2 - 100)
            continue;
        put(p, 50, y, text);
    }
}

static void draw_columns(page *p)
{
    const char *font = fonts[chance(4)];
    char text[400];
    int n = 2 + (int)chance(2);
    double gutter = between(1.2, 2.6), size = between(20, 28), y = 200;
    set_font(p, font, size * 2, true);
    make_line(p, text, sizeof text, PAGE_W * 0.7, 0);
    put(p, (PAGE_W - width_of(p, text)) / 2, y, text);
    double w = (PAGE_W - 2.0 * MARGIN - (n - 1) * gutter * size) / n;
    for (int i = 0; i < n; i++) {
        double own = size * (chance(2) ? 1 : between(0.9, 1.1));
        set_font(p, font, own, false);
        column(p, MARGIN + i * (w + gutter * size), y + 90 + between(0, own), w,
               chance(2) ? PAGE_H - 200 : between(1200, PAGE_H - 200), own * between(1.2, 1.5));
    }
}

static void draw_leaders(page *p)
{
    char text[400], number[8];
    set_font(p, fonts[chance(4)], between(22, 30), false);
    for (double y = 250; y < PAGE_H - 300; y += 2 * p->size) {
        make_line(p, text, 60, between(300, 700), 0);
        snprintf(number, sizeof number, " %u", 1 + chance(300));
        while (strlen(text) < 380 && width_of(p, text) + width_of(p, number) < PAGE_W - 2 * MARGIN)
            strcat(text, ".");
        strcat(text, number);
        put(p, MARGIN, y, text);
    }
}

static void draw_singles(page *p)
{
    char text[400], one[8];
    set_font(p, fonts[chance(4)], between(22, 30), false);
    for (double y = 250; y < PAGE_H - 300; y += 1.8 * p->size) {
        snprintf(one, sizeof one, chance(2) ? "%u" : "%u)", 1 + chance(9));
        put(p, MARGIN, y, one);
        make_line(p, text, sizeof text, PAGE_W - 2 * MARGIN - 12 * p->size, 0);
        put(p, MARGIN + 6 * p->size, y, text);
    }
}

static void draw_desk(page *p)
{
    double x0 = between(60, 160), y0 = between(60, 160), x1 = PAGE_W - between(60, 160), y1 = PAGE_H - between(60, 160);
    for (int i = 0; i < 60000; i++) { /* the table's grain */
        grey(p->cr, between(0.1, 0.45));
        cairo_rectangle(p->cr, between(0, PAGE_W), between(0, PAGE_H), between(5, 60), between(1, 3));
        cairo_fill(p->cr);
    }
    for (int i = 30; i >= 0; i--) { /* the page's shadow */
        cairo_set_source_rgba(p->cr, 0, 0, 0, 0.04);
        cairo_rectangle(p->cr, x0 + 4, y0 + 4, x1 - x0 + i, y1 - y0 + i);
        cairo_fill(p->cr);
    }
    grey(p->cr, 0.92);
    cairo_rectangle(p->cr, x0, y0, x1 - x0, y1 - y0);
    cairo_fill(p->cr);
    grey(p->cr, 0.1);
    set_font(p, fonts[chance(5)], between(22, 30), false);
    column(p, x0 + 130, y0 + 180, x1 - x0 - 260, y1 - 150, 1.5 * p->size);
}

static void bar(page *p, double x, double y, double w, double h, double v)
{
    grey(p->cr, v);
    cairo_rectangle(p->cr, x, y, w, h);
    cairo_fill(p->cr);
}

static void halftone(page *p, double x0, double y0, double x1, double y1, double step)
{
    double fx = between(0.004, 0.02), fy = between(0.004, 0.02);
    grey(p->cr, 0.05);
    for (double y = y0; y < y1; y += step)
        for (double x = x0; x < x1; x += step) {
            double tone = 0.5 + 0.25 * sin(x * fx) + 0.25 * cos(y * fy);
            cairo_arc(p->cr, x, y, step * (0.1 + 0.5 * tone), 0, 6.2832);
            cairo_fill(p->cr);
        }
}

static void draw_photo(page *p)
{
    double y0 = between(500, 800), y1 = y0 + between(500, 900), x0 = MARGIN + (chance(2) ? 0 : 600), x1 = x0 + 700;
    halftone(p, x0, y0, x1, y1, between(6, 12));
    grey(p->cr, 0.05);
    set_font(p, fonts[chance(4)], between(22, 30), false);
    column(p, MARGIN, 250, PAGE_W - 2 * MARGIN, y0 - 60, 1.5 * p->size);
    column(p, MARGIN, y1 + 80, PAGE_W - 2 * MARGIN, PAGE_H - 150, 1.5 * p->size);
}

/* One, two and three columns under each other, which a photograph interrupts, a box and a line across the page. */
static void draw_magazine(page *p)
{
    const char *font = fonts[chance(3)];
    char text[400];
    double size = between(20, 25), y = 170, w = PAGE_W - 2.0 * MARGIN, gap = between(1.4, 2.2) * size;
    set_font(p, font, 2.6 * size, true);
    make_line(p, text, sizeof text, w * 0.8, 0);
    put(p, MARGIN, y, text);
    set_font(p, font, 1.25 * size, false);
    column(p, MARGIN, y + 70, w, y + 160, 1.9 * size);
    for (int n = 2; n <= 3; n++) {
        double top = n == 2 ? y + 230 : 1330, bottom = n == 2 ? 1230 : PAGE_H - 330, own = (w - (n - 1) * gap) / n;
        int with = (int)chance((uint32_t)n), higher = (int)chance(2);
        for (int i = 0; i < n; i++) {
            double x = MARGIN + i * (own + gap), from = top;
            if (i == with) {
                halftone(p, x + 4, higher ? top - 16 : bottom - 330, x + own - 4, higher ? top + 300 : bottom, 8);
                from = higher ? top + 340 : top;
            }
            grey(p->cr, 0.05);
            set_font(p, font, size, false);
            column(p, x, from, own, i == with && !higher ? bottom - 360 : bottom, between(1.25, 1.4) * size);
            if (n == 3 && i > 0)
                bar(p, x - gap / 2, top - 10, 1.5, bottom - top, 0.3);
        }
    }
    set_font(p, font, 1.8 * size, true);
    make_line(p, text, sizeof text, w, 0);
    put(p, MARGIN, PAGE_H - 270, text);
    set_font(p, font, 0.8 * size, false);
    column(p, MARGIN, PAGE_H - 210, w, PAGE_H - 130, 1.3 * size);
}

/* The left page's edge with the ends of its lines, the dark of the spine, and a page that falls into it. */
static void draw_book(page *p)
{
    double spine = between(90, 150), size = between(24, 30);
    set_font(p, fonts[chance(4)], size, false);
    for (double y = 250; y < PAGE_H - 200; y += 1.5 * size) {
        cairo_move_to(p->cr, -160, y);
        cairo_show_text(p->cr, words[chance(sizeof words / sizeof *words)]);
        cairo_show_text(p->cr, "mentations");
    }
    for (double x = spine - 45; x < spine + 60; x++) {
        cairo_set_source_rgba(p->cr, 0, 0, 0, 0.75 * exp(-fabs(x - spine) / 14));
        cairo_rectangle(p->cr, x, 0, 1, PAGE_H);
        cairo_fill(p->cr);
    }
    grey(p->cr, 0.05);
    p->bend = between(20, 75) * (chance(2) ? 1 : -1);
    column(p, spine + 110, 250, PAGE_W - spine - 260, PAGE_H - 200, 1.5 * size);
}

static void draw_lean(page *p)
{
    double angle = between(3, 19) * (chance(2) ? 1 : -1) * 3.14159265 / 180;
    cairo_translate(p->cr, PAGE_W / 2.0, PAGE_H / 2.0);
    cairo_rotate(p->cr, angle);
    cairo_translate(p->cr, -PAGE_W / 2.0, -PAGE_H / 2.0);
    set_font(p, fonts[chance(5)], between(22, 30), false);
    column(p, 360, 520, PAGE_W - 720, PAGE_H - 480, 1.5 * p->size);
}

static void draw_dark(page *p)
{
    bool all = chance(2), second = chance(2);
    double y = 250;
    set_font(p, fonts[chance(4)], between(24, 32), false);
    if (all) {
        grey(p->cr, between(0.05, 0.25));
        cairo_paint(p->cr);
    }
    for (int i = 0; i < 3; i++, y += 620) {
        bool dark = all != (i == (second ? 1 : 2));
        bar(p, MARGIN - 40, y - 60, PAGE_W - 2 * MARGIN + 80, 580, dark ? all ? 0.15 : 0.1 : 1);
        grey(p->cr, dark ? 0.95 : 0.05);
        column(p, MARGIN, y, PAGE_W - 2 * MARGIN, y + 480, 1.5 * p->size);
    }
}

/* Letters cut out of a raster of dots. */
static void draw_matrix(page *p)
{
    double step = between(3, 3.6), size = between(28, 34);
    cairo_surface_t *dot = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 16, 16);
    cairo_t *cr = cairo_create(dot);
    cairo_set_source_rgb(cr, 0.4, 0.4, 0.4);
    cairo_arc(cr, 8, 8, between(5.8, 7), 0, 6.2832);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_pattern_t *dots = cairo_pattern_create_for_surface(dot);
    cairo_matrix_t m;
    cairo_matrix_init_scale(&m, 16 / step, 16 / step);
    cairo_pattern_set_matrix(dots, &m);
    cairo_pattern_set_extend(dots, CAIRO_EXTEND_REPEAT);
    set_font(p, "Liberation Mono", size, true);
    cairo_set_source(p->cr, dots);
    column(p, MARGIN, 250, PAGE_W - 2 * MARGIN, PAGE_H - 200, 1.6 * size);
    cairo_pattern_destroy(dots);
    cairo_surface_destroy(dot);
}

/* Text of the other side, mirrored and faint. */
static void show_through(page *p)
{
    char text[400];
    cairo_save(p->cr);
    cairo_translate(p->cr, PAGE_W, 0);
    cairo_scale(p->cr, -1, 1);
    grey(p->cr, between(0.78, 0.88));
    set_font(p, "Liberation Serif", 28, false);
    for (double y = 250; y < PAGE_H - 200; y += 42) {
        make_line(p, text, sizeof text, PAGE_W - 2 * MARGIN, 0);
        cairo_move_to(p->cr, MARGIN, y);
        cairo_show_text(p->cr, text);
    }
    cairo_restore(p->cr);
}

static void dust(page *p, int n, double most, double dark)
{
    for (int i = 0; i < n; i++) {
        grey(p->cr, between(dark, 0.8));
        cairo_arc(p->cr, between(0, PAGE_W), between(0, PAGE_H), between(0.3, most), 0, 6.2832);
        cairo_fill(p->cr);
    }
}

/* A round seal: letters along its ring, and an emblem. */
static void seal(page *p, double x, double y, double r, const char *around)
{
    set_font(p, "Liberation Sans", 0.26 * r, true);
    cairo_set_source_rgb(p->cr, 0.35, 0.2, 0.5);
    for (int ring = 0; ring < 3; ring++) {
        cairo_set_line_width(p->cr, ring ? 2 : 5);
        cairo_new_path(p->cr);
        cairo_arc(p->cr, x, y, r * (ring == 0 ? 1 : ring == 1 ? 0.66 : 0.3), 0, 6.2832);
        cairo_stroke(p->cr);
    }
    for (int ray = 0; ray < 10; ray++) {
        double a = ray * 0.62832;
        cairo_move_to(p->cr, x + 0.32 * r * cos(a), y + 0.32 * r * sin(a));
        cairo_line_to(p->cr, x + 0.55 * r * cos(a + 0.3), y + 0.55 * r * sin(a + 0.3));
        cairo_stroke(p->cr);
    }
    double at = between(0, 6);
    for (; *around; around++) {
        char letter[2] = {*around, '\0'};
        cairo_save(p->cr);
        cairo_translate(p->cr, x + 0.74 * r * cos(at), y + 0.74 * r * sin(at));
        cairo_rotate(p->cr, at + 1.5708);
        cairo_move_to(p->cr, 0, 0);
        cairo_show_text(p->cr, letter);
        cairo_restore(p->cr);
        at += (width_of(p, letter) + 0.06 * r) / (0.74 * r);
    }
}

static void signature(page *p, double x, double y, double width)
{
    cairo_set_source_rgb(p->cr, 0.15, 0.2, 0.5);
    cairo_set_line_width(p->cr, 3);
    cairo_move_to(p->cr, x, y);
    for (double at = 0; at < width; at += between(15, 45))
        cairo_curve_to(p->cr, x + at + between(-20, 40), y + between(-90, 10), x + at + between(-10, 60),
                       y + between(-10, 60), x + at + between(10, 50), y + between(-25, 15));
    cairo_stroke(p->cr);
}

static void draw_seal(page *p)
{
    double foot = between(1300, 1600);
    grey(p->cr, 0.1);
    set_font(p, fonts[chance(5)], between(24, 30), false);
    column(p, MARGIN, 350, PAGE_W - 2 * MARGIN, foot, 1.6 * p->size);
    signature(p, between(850, 950), foot + 180, between(350, 500));
    seal(p, between(350, 450), foot + between(200, 260), between(110, 150), "MAIRIE * ARCHIVES * ");
    seal(p, between(1250, 1350), between(180, 200), between(90, 120), "BIBLIOTHEK UND ARCHIV ");
}

/* A page on a lid that is as bright: its edge shows as a thin shadow on two sides, and the lid has dust and scratches.
 */
static void draw_lid(page *p)
{
    double x0 = between(120, 200), y0 = between(100, 200), x1 = PAGE_W - between(120, 200),
           y1 = PAGE_H - between(200, 400);
    grey(p->cr, 0.94);
    cairo_paint(p->cr);
    dust(p, 500, 4, 0.3);
    for (int i = 0; i < 40; i++) {
        double x = between(0, PAGE_W), y = between(0, PAGE_H);
        grey(p->cr, between(0.4, 0.8));
        cairo_set_line_width(p->cr, between(1, 3));
        cairo_move_to(p->cr, x, y);
        cairo_line_to(p->cr, x + between(-60, 60), y + between(-25, 25));
        cairo_stroke(p->cr);
    }
    bar(p, x0, y0, x1 - x0, y1 - y0, 0.95);
    bar(p, x1, y0 + 6, between(2, 7), y1 - y0, between(0.5, 0.75));
    bar(p, x0 + 6, y1, x1 - x0, between(2, 7), between(0.5, 0.75));
    grey(p->cr, 0.1);
    set_font(p, fonts[chance(5)], between(22, 30), false);
    column(p, x0 + 130, y0 + 180, x1 - x0 - 260, y1 - 150, 1.5 * p->size);
}

/* Text on paper, in a box tinted by a screen, and over a photograph. */
static void draw_tint(page *p)
{
    double step = between(6, 10), y0 = between(700, 900), y1 = y0 + between(350, 500);
    grey(p->cr, 0.05);
    for (double y = y0; y < y1; y += step)
        for (double x = MARGIN - 30; x < PAGE_W - MARGIN + 30; x += step) {
            cairo_arc(p->cr, x, y, step * 0.2, 0, 6.2832);
            cairo_fill(p->cr);
        }
    const char *font = fonts[chance(3)];
    double small = between(22, 28);
    set_font(p, font, small, false);
    column(p, MARGIN, 250, PAGE_W - 2 * MARGIN, y0 - 60, 1.5 * p->size);
    set_font(p, font, between(28, 34), true);
    column(p, MARGIN, y0 + 2 * p->size, PAGE_W - 2 * MARGIN, y1 - p->size, 1.6 * p->size);
    set_font(p, font, small, false);
    column(p, MARGIN, y1 + 90, PAGE_W - 2 * MARGIN, y1 + 500, 1.5 * p->size);
    halftone(p, 400, y1 + 600, 1200, PAGE_H - 150, step);
}

/* A shade for a box, and for the text on it: at least 0.4 lie between them. */
static double shade(double *text)
{
    double ground = between(0.12, 0.95);
    *text = ground > 0.55 ? between(0, ground - 0.5) : between(ground + 0.45, 1);
    return ground;
}

static void panel(page *p, double x, double y, double w, double lines)
{
    double text, pitch = 1.5 * p->size, ground = shade(&text);
    bar(p, x, y, w, (lines + 0.8) * pitch, ground);
    grey(p->cr, text);
    column(p, x + p->size, y + 1.1 * pitch, w - 2 * p->size, y + (lines + 0.2) * pitch, pitch);
}

/* A row of a table: words in `columns` cells. */
static void cells(page *p, double y, double w, int columns)
{
    char text[100];
    for (int i = 0; i < columns; i++) {
        make_line(p, text, sizeof text, w / columns - 2 * p->size, 0);
        put(p, MARGIN + w / columns * i + 0.6 * p->size, y, text);
    }
}

static void draw_panels(page *p)
{
    double w = PAGE_W - 2.0 * MARGIN, text, y, size = between(22, 28), high = 1.7 * size, head, ground;
    int columns = 3 + (int)chance(2);
    set_font(p, fonts[chance(4)], size, false);
    column(p, MARGIN, 220, w, 330, 1.5 * size);
    panel(p, MARGIN, 390, w, 3);
    double half = (w - size) / 2;
    panel(p, MARGIN, 620, half, 5);
    panel(p, MARGIN + half + size, 620, half, 5);
    grey(p->cr, 0.05);
    column(p, MARGIN, 990, w, 1100, 1.5 * size);
    bar(p, MARGIN, 1150, w, 380, between(0.7, 0.9));
    panel(p, MARGIN + 60, 1200, w - 120, 2);
    grey(p->cr, 0.05);
    column(p, MARGIN + 60, 1420, w - 120, 1500, 1.5 * size);
    head = shade(&text);
    ground = between(0.75, 0.95);
    bar(p, MARGIN, y = 1620, w, high, head);
    grey(p->cr, text);
    set_font(p, p->font, size, true);
    cells(p, y + 1.2 * size, w, columns);
    set_font(p, p->font, size, false);
    for (int row = 1; row < 12; row++) {
        y += high;
        if (row % 2 == 0)
            bar(p, MARGIN, y, w, high, ground);
        grey(p->cr, 0.05);
        cells(p, y + 1.2 * size, w, columns);
    }
}

static void draw_blank(page *p, int n)
{
    double paper = between(0.75, 1);
    cairo_set_source_rgb(p->cr, paper, paper * between(0.8, 1), paper * between(0.7, 1));
    cairo_paint(p->cr);
    switch (n % 8) {
    case 0: dust(p, 40000, 1.5, paper - 0.15); break;
    case 1: dust(p, 600, 5, 0.1); break;
    case 2:
        for (int i = 0; i < 3; i++)
            bar(p, 0, between(200, PAGE_H - 200), PAGE_W, between(1, 6), between(0.3, 0.7));
        bar(p, between(300, PAGE_W - 300), 0, between(1, 6), PAGE_H, between(0.3, 0.7));
        break;
    case 3: show_through(p); break;
    case 4:
        for (int i = 0; i < 4; i++) {
            grey(p->cr, 0.08);
            cairo_arc(p->cr, between(50, 110), 300 + i * 560, between(18, 32), 0, 6.2832);
            cairo_fill(p->cr);
        }
        dust(p, 200, 2, 0.3);
        break;
    case 5:
        for (int i = 0; i < 12; i++)
            bar(p, between(0, PAGE_W), 0, between(1, 12), PAGE_H, paper - between(0.02, 0.2));
        break;
    case 6:
        bar(p, 0, 0, between(20, 90), PAGE_H, 0.03);
        bar(p, 0, PAGE_H - between(20, 60), PAGE_W, 90, 0.05);
        dust(p, 300, 3, 0.2);
        break;
    default: halftone(p, 0, 0, PAGE_W, PAGE_H, between(5, 9)); break;
    }
}

/* Grain over the whole page, as a scanner's. */
static void add_noise(cairo_surface_t *s, int strength)
{
    cairo_surface_flush(s);
    unsigned char *d = cairo_image_surface_get_data(s);
    int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s),
        stride = cairo_image_surface_get_stride(s);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int off = (int)chance(2 * (uint32_t)strength + 1) - strength;
            for (int c = 0; c < 3; c++) {
                int v = d[y * stride + 4 * x + c] + off;
                d[y * stride + 4 * x + c] = (unsigned char)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
        }
    cairo_surface_mark_dirty(s);
}

static int draw(const char *folder, const char *kind, int n)
{
    static const struct {
        const char *name;
        void (*draw)(page *p);
    } kinds[] = {{"lines", draw_lines},       {"columns", draw_columns}, {"leaders", draw_leaders},
                 {"singles", draw_singles},   {"desk", draw_desk},       {"photo", draw_photo},
                 {"magazine", draw_magazine}, {"book", draw_book},       {"lean", draw_lean},
                 {"dark", draw_dark},         {"matrix", draw_matrix},   {"seal", draw_seal},
                 {"lid", draw_lid},           {"tint", draw_tint},       {"panels", draw_panels}};
    char path[4096];
    int w = strcmp(kind, "lines") == 0 ? PAGE_W * 2 : PAGE_W;
    page p = {.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, PAGE_H)};
    p.cr = cairo_create(p.surface);
    grey(p.cr, 1);
    cairo_paint(p.cr);
    grey(p.cr, 0.05);
    snprintf(path, sizeof path, "%s/%s-%d.json", folder, kind, n);
    if (!(p.truth = fopen(path, "w")))
        return 1;
    fputs("{\"lines\": [", p.truth);
    if (strcmp(kind, "blank") == 0)
        draw_blank(&p, n);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i].name) == 0)
            kinds[i].draw(&p);
    fputs("\n]}\n", p.truth);
    add_noise(p.surface, 6);
    snprintf(path, sizeof path, "%s/%s-%d.png", folder, kind, n);
    int failed = fclose(p.truth) != 0 || cairo_surface_write_to_png(p.surface, path) != CAIRO_STATUS_SUCCESS;
    cairo_destroy(p.cr);
    cairo_surface_destroy(p.surface);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: draw FOLDER KIND COUNT [SEED]\n");
        return 2;
    }
    unsigned long seed = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
    for (int n = 0; n < (int)strtol(argv[3], NULL, 10); n++) {
        state = (uint32_t)(seed * 2654435761u + (unsigned)n * 40503u) | 1;
        for (int i = 0; i < 8; i++)
            chance(2);
        if (draw(argv[1], argv[2], n)) {
            fprintf(stderr, "draw: %s/%s-%d cannot be written\n", argv[1], argv[2], n);
            return 1;
        }
    }
    return 0;
}
