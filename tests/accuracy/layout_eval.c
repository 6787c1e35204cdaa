/* Holds the layout against pages with truth: layout_eval [-o FOLDER] [-r DEGREES] [-v 1] NAME.json IMAGE ... A truth
 * line is found if a line shares over half of the wider one's width and of the lower one's height with it. Prints,
 * for each page and over all: truth lines, how many were found, lines that match none (false), neighbours of the
 * truth that aren't found as neighbours (apart), time. -r turns the page clockwise first; -v lists what differs; -o
 * writes pictures: found lines green, false ones red, missed truth blue, order as a thread. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <leptonica/allheaders.h>

#include "base/image.h"
#include "base/json.h"
#include "layout/layout.h"

typedef struct truth {
    ocrvl_box box;
    long found; /* number of the line that is it, or -1 */
} truth;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The share of the boxes' widths and heights that they have in common; 0: the one isn't the other. */
static double match(const ocrvl_box *a, const ocrvl_box *b)
{
    double w = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), h = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    double wide = w / fmax(1, fmax(a->x1 - a->x0, b->x1 - b->x0)),
           high = h / fmax(1, fmin(a->y1 - a->y0, b->y1 - b->y0));
    return wide > 0.5 && high > 0.5 ? wide * high : 0;
}

static int32_t field(const ocrvl_json *line, const char *key)
{
    double v = 0;
    return ocrvl_json_number(ocrvl_json_get(line, key), &v) ? (int32_t)v : 0;
}

static ocrvl_image *load_image(const char *path, int degrees)
{
    PIX *any = pixRead(path), *grey = any ? pixConvertTo8(any, 0) : NULL,
        *pix = grey ? pixRotateOrth(grey, degrees / 90) : NULL;
    ocrvl_image *img = NULL;
    ocrvl_error err;
    if (pix &&
        ocrvl_image_new(&img, (uint32_t)pixGetWidth(pix), (uint32_t)pixGetHeight(pix), 1, 0, 0, 0, &err) == OCRVL_OK)
        for (uint32_t y = 0; y < img->height; y++)
            for (uint32_t x = 0; x < img->width; x++)
                img->data[(size_t)y * img->width + x] = GET_DATA_BYTE(pixGetData(pix) + (size_t)y * pixGetWpl(pix), x);
    pixDestroy(&any);
    pixDestroy(&grey);
    pixDestroy(&pix);
    return img;
}

static void draw(PIX *pix, ocrvl_box b, int thick, int red, int green, int blue)
{
    BOX *box = boxCreate(b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0);
    pixRenderBoxArb(pix, box, thick, (l_uint8)red, (l_uint8)green, (l_uint8)blue);
    boxDestroy(&box);
}

static void overlay(const char *folder, const char *name, const ocrvl_layout *l, const truth *t, size_t n,
                    const bool *good)
{
    char path[4096];
    PIX *grey = pixCreate((l_int32)l->page_width, (l_int32)l->page_height, 8), *pix;
    const ocrvl_layout flat = *l;
    for (uint32_t y = 0; y < l->grey->height; y++)
        for (uint32_t x = 0; x < l->grey->width; x++) {
            ocrvl_point p = ocrvl_layout_to_page(&flat, (float)x + 0.5f, (float)y + 0.5f);
            pixSetPixel(grey, (l_int32)p.x, (l_int32)p.y, l->grey->data[(size_t)y * l->grey->width + x]);
        }
    pix = pixConvertTo32(grey);
    for (size_t i = 0; i < n; i++)
        if (t[i].found < 0)
            draw(pix, t[i].box, 3, 0, 0, 255);
    for (size_t b = 0; b < l->block_count; b++) {
        ocrvl_box box = ocrvl_layout_box_to_page(l, l->blocks[b].box);
        int sep = l->blocks[b].role == OCRVL_ROLE_SEPARATOR;
        draw(pix, box, sep ? 3 : 1, 200, sep ? 0 : 160, sep ? 200 : 0);
    }
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_box b = ocrvl_layout_box_to_page(l, l->lines[i].ink);
        draw(pix, b, 2, good[i] ? 0 : 255, good[i] ? 170 : 0, 0);
        if (i > 0) {
            ocrvl_box a = ocrvl_layout_box_to_page(l, l->lines[i - 1].ink);
            pixRenderLineArb(pix, (a.x0 + a.x1) / 2, (a.y0 + a.y1) / 2, (b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2, 2, 255,
                             140, 0);
        }
    }
    const char *base = strrchr(name, '/');
    snprintf(path, sizeof path, "%s/%s.png", folder, base ? base + 1 : name);
    pixWrite(path, pix, IFF_PNG);
    pixDestroy(&grey);
    pixDestroy(&pix);
}

typedef struct sums {
    size_t truth, found, lines, wrong, apart;
    double time;
} sums;

/* The truth lines that each stand at their number, those of the layout that are none of them. */
static sums compare(const ocrvl_layout *l, truth *t, size_t n, bool *good)
{
    sums s = {.truth = n, .lines = l->line_count};
    for (size_t i = 0; i < n; i++) {
        double best = 0;
        t[i].found = -1;
        for (size_t k = 0; k < l->line_count; k++) {
            ocrvl_box b = ocrvl_layout_box_to_page(l, l->lines[k].ink);
            double m = good[k] ? 0 : match(&t[i].box, &b);
            if (m > best) {
                best = m;
                t[i].found = (long)k;
            }
        }
        if (t[i].found >= 0) {
            good[t[i].found] = true;
            s.found++;
        }
    }
    for (size_t i = 1; i < n; i++)
        s.apart += t[i - 1].found < 0 || t[i].found != t[i - 1].found + 1;
    for (size_t k = 0; k < l->line_count; k++)
        s.wrong += !good[k];
    return s;
}

static void print(const char *name, const sums *s)
{
    printf("%-24s %5zu truth %5zu found (%5.1f %%) %4zu false (%4.1f %%) %3zu apart %6.0f ms\n", name, s->truth,
           s->found, s->truth ? 100.0 * (double)s->found / (double)s->truth : 100.0, s->wrong,
           s->lines ? 100.0 * (double)s->wrong / (double)s->lines : 0.0, s->apart, s->time * 1e3);
}

static double shared(const ocrvl_box *a, const ocrvl_box *b)
{
    double w = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), h = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    return w > 0 && h > 0 ? w * h : 0;
}

static double area(const ocrvl_box *b) { return (double)(b->x1 - b->x0) * (b->y1 - b->y0); }

/* Each missed line with the line that covers most of it, and each false line. */
static void list(const ocrvl_layout *l, const truth *t, size_t n, const bool *good, const ocrvl_json *lines)
{
    for (size_t i = 0; i < n; i++) {
        double best = 0;
        ocrvl_box near = {0};
        for (size_t k = 0; k < l->line_count && t[i].found < 0; k++) {
            ocrvl_box b = ocrvl_layout_box_to_page(l, l->lines[k].ink);
            if (shared(&b, &t[i].box) > best) {
                best = shared(&b, &t[i].box);
                near = b;
            }
        }
        if (t[i].found < 0)
            printf("    missed %d,%d,%d,%d: %.2f of it in %d,%d,%d,%d (%.2f of that): %s\n", t[i].box.x0, t[i].box.y0,
                   t[i].box.x1, t[i].box.y1, best / area(&t[i].box), near.x0, near.y0, near.x1, near.y1,
                   best > 0 ? best / area(&near) : 0,
                   ocrvl_json_string(ocrvl_json_get(ocrvl_json_at(lines, i), "text"), NULL));
    }
    for (size_t k = 0; k < l->block_count; k++) {
        ocrvl_box b = ocrvl_layout_box_to_page(l, l->blocks[k].box);
        if (l->blocks[k].role != OCRVL_ROLE_PARAGRAPH && l->blocks[k].role != OCRVL_ROLE_SEPARATOR)
            printf("    role %d: %d,%d,%d,%d, %zu lines\n", (int)l->blocks[k].role, b.x0, b.y0, b.x1, b.y1,
                   l->blocks[k].lines);
    }
    for (size_t k = 0; k < l->line_count; k++) {
        ocrvl_box b = ocrvl_layout_box_to_page(l, l->lines[k].ink);
        if (!good[k])
            printf("    false %d,%d,%d,%d\n", b.x0, b.y0, b.x1, b.y1);
    }
}

static int page(const char *json, const char *image, const char *folder, int degrees, bool verbose, sums *all)
{
    ocrvl_json *root = NULL;
    ocrvl_layout *l = NULL;
    ocrvl_error err = {0};
    ocrvl_image *img = load_image(image, degrees);
    if (!img || ocrvl_json_load(&root, json, 10 << 20, &err) != OCRVL_OK) {
        fprintf(stderr, "%s: %s\n", image, img ? err.message : "cannot be read");
        return 1;
    }
    const ocrvl_json *lines = ocrvl_json_get(root, "lines");
    size_t n = ocrvl_json_length(lines);
    truth *t = calloc(n + 1, sizeof *t);
    bool upright = degrees % 180 == 0;
    int32_t w = (int32_t)(upright ? img->width : img->height), h = (int32_t)(upright ? img->height : img->width);
    for (size_t i = 0; i < n; i++) {
        const ocrvl_json *v = ocrvl_json_at(lines, i);
        t[i].box = ocrvl_box_turn((ocrvl_box){field(v, "x0"), field(v, "y0"), field(v, "x1"), field(v, "y1")}, w, h,
                                  (uint32_t)degrees);
    }
    double start = seconds();
    if (ocrvl_layout_new(&l, img, NULL, &err) != OCRVL_OK) {
        fprintf(stderr, "%s: %s\n", image, err.message);
        return 1;
    }
    double time = seconds() - start;
    bool *good = calloc(l->line_count + 1, sizeof *good);
    sums s = compare(l, t, n, good);
    s.time = time;
    const char *base = strrchr(image, '/');
    print(base ? base + 1 : image, &s);
    if (l->rotation != (uint32_t)(360 - degrees) % 360)
        printf("    turned by %u\n", l->rotation);
    if (verbose)
        list(l, t, n, good, lines);
    if (folder)
        overlay(folder, image, l, t, n, good);
    all->truth += s.truth, all->found += s.found, all->lines += s.lines, all->wrong += s.wrong;
    all->apart += s.apart, all->time += s.time;
    free(good);
    free(t);
    ocrvl_layout_free(l);
    ocrvl_json_free(root);
    ocrvl_image_free(img);
    return 0;
}

int main(int argc, char **argv)
{
    const char *folder = NULL;
    int degrees = 0, i = 1, failed = 0;
    bool verbose = false;
    sums all = {0};
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (argv[i][1] == 'o')
            folder = argv[i + 1];
        else if (argv[i][1] == 'r')
            degrees = (int)strtol(argv[i + 1], NULL, 10);
        else if (argv[i][1] == 'v')
            verbose = true;
    }
    for (; i + 1 < argc; i += 2)
        failed += page(argv[i], argv[i + 1], folder, degrees, verbose, &all);
    print("all", &all);
    return failed != 0;
}
