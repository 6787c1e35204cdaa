#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "structure/structure_parts.h"

#define X_OF_SIZE 0.48f /* x-height of common faces, of their size */
enum { LINES_MEASURED = 63 };

static bool is_letter(uint32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0xC0; }

static bool is_led(const char *word)
{
    size_t dots = strspn(word, ".");
    return dots > 3;
}

/* What the words of a block say in sum. */
typedef struct tally {
    size_t characters, bold, mono, dots; /* dots: words that are a single one */
    float size[8];                       /* the sizes that it has, */
    size_t of_size[8];                   /* and how many characters of each */
    float heights[LINES_MEASURED];
    size_t measured;
} tally;

static void add_style(tally *t, const ocrvl_text_style *s, size_t n)
{
    size_t i = 0;
    t->bold += s->bold ? n : 0;
    t->mono += s->mono ? n : 0;
    while (i < 7 && t->of_size[i] && t->size[i] != s->size)
        i++;
    t->size[i] = s->size;
    t->of_size[i] += n;
}

static ocrvl_box upright_box(const ocrvl_page *page, ocrvl_box b)
{
    return ocrvl_box_is_empty(b)
               ? b
               : ocrvl_box_turn(b, (int32_t)page->info.width, (int32_t)page->info.height, page->info.rotation);
}

static void add_words(ocrvl_facts *f, tally *t, const ocrvl_node *line, const ocrvl_page *page)
{
    for (const ocrvl_node *w = line->first; w; w = w->next) {
        const char *s = w->info.text;
        for (size_t i = 0, n = w->length; i < n;) {
            uint32_t c = ocrvl_utf8_next(s, n, &i);
            f->letters += is_letter(c);
            f->alnum += is_letter(c) || (c >= '0' && c <= '9');
        }
        if (f->words == 0)
            f->first = s;
        if (f->words == 1) {
            bool placed = w != line->first && !ocrvl_box_is_empty(w->info.box);
            f->second = s;
            f->text_left = placed ? upright_box(page, w->info.box).x0 : f->first_left;
        }
        f->last = s;
        f->words++;
        f->leads |= is_led(s);
        t->dots += strcmp(s, ".") == 0;
        t->characters += w->count;
        if (w->info.style)
            add_style(t, w->info.style, w->count);
    }
}

/* The y of a point of the page, turned upright. */
static float upright_y(const ocrvl_page_info *page, ocrvl_point p)
{
    switch (page->rotation) {
    case 90: return p.x;
    case 180: return (float)page->height - p.y;
    case 270: return (float)page->width - p.x;
    default: return p.y;
    }
}

static void add_line(ocrvl_facts *f, tally *t, const ocrvl_node *line, const ocrvl_page *page)
{
    const ocrvl_box upright = upright_box(page, line->info.box), *b = &upright;
    const ocrvl_point *p = line->info.baseline;
    float base = p->x > 0 || p->y > 0 ? upright_y(&page->info, *p) : (float)b->y1;
    if (!f->lines++) {
        f->box = *b;
        f->first_left = f->rest_left = b->x0;
        f->first_base = base;
    } else {
        f->rest_left = f->lines == 2 || b->x0 < f->rest_left ? b->x0 : f->rest_left;
    }
    f->box = ocrvl_box_union(f->box, *b);
    f->last_right = b->x1;
    f->last_base = base;
    if (t->measured < LINES_MEASURED && line->info.x_height > 0)
        t->heights[t->measured++] = line->info.x_height;
}

/* The size of most characters, if the document says it; else by the lines' x-heights. */
static void set_size(ocrvl_facts *f, tally *t, double dpi)
{
    size_t best = 0;
    for (size_t i = 1; i < 8; i++)
        best = t->of_size[i] > t->of_size[best] ? i : best;
    f->size = t->of_size[best] ? t->size[best] : 0;
    if (!(f->size > 0) && t->measured) {
        qsort(t->heights, t->measured, sizeof *t->heights, ocrvl_compare_floats);
        f->size = t->heights[t->measured / 2] / X_OF_SIZE * 72 / (float)(dpi > 0 ? dpi : 200);
        f->measured = true;
    }
}

static void measure(ocrvl_facts *f, ocrvl_node *block, const ocrvl_page *page)
{
    tally t = {0};
    *f = (ocrvl_facts){.node = block, .first = "", .second = "", .last = ""};
    if (block->info.role == OCRVL_ROLE_TABLE) {
        f->box = upright_box(page, block->info.box);
        return;
    }
    for (const ocrvl_node *line = block->first; line; line = line->next)
        if (line->count) {
            add_line(f, &t, line, page);
            add_words(f, &t, line, page);
        }
    f->text = f->lines > 0;
    f->text_left = f->words > 1 ? f->text_left : f->first_left;
    if (!f->text)
        f->box = upright_box(page, block->info.box);
    f->leads |= t.dots > 3;
    f->bold = t.bold * 2 > t.characters;
    f->mono = t.mono * 10 > t.characters * 9;
    f->mark = ocrvl_mark_of(f->first);
    if (f->mark.kind == OCRVL_MARK_BULLET && strcmp(f->first, f->second) == 0) /* an ornament: "* * *" */
        f->mark = (ocrvl_mark){OCRVL_MARK_NONE, 0, false};
    f->depth = f->words > 1 ? ocrvl_number_depth(f->first) : 0;
    set_size(f, &t, page->info.rotation % 180 ? page->info.dpi_x : page->info.dpi_y);
}

ocrvl_status ocrvl_sheet_make(ocrvl_sheet *s, ocrvl_page *page, ocrvl_error *err)
{
    size_t n = 0;
    *s = (ocrvl_sheet){.page = page, .height = page->info.rotation % 180 ? page->info.width : page->info.height};
    for (const ocrvl_node *b = page->first; b; b = b->next)
        n++;
    s->facts = ocrvl_alloc_array(n + 1, sizeof *s->facts);
    if (!s->facts)
        return ocrvl_fail_nomem(err);
    for (ocrvl_node *b = page->first; b; b = b->next)
        measure(&s->facts[s->count++], b, page);
    return OCRVL_OK;
}

void ocrvl_sheet_free(ocrvl_sheet *s)
{
    ocrvl_free(s->facts);
    *s = (ocrvl_sheet){0};
}
