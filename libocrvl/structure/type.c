#include <math.h>
#include <string.h>

#include "structure/structure_parts.h"

#define LARGER 1.12f         /* than the body: a heading's type... */
#define LARGER_MEASURED 1.3f /* ...and where it was measured */
#define NUMBER_MEASURED 1.5f /* ...and is a number alone */
#define MUCH_LARGER 1.3f
/* Sizes that differ by less are one. */
#define SAME 1.03f
#define SAME_MEASURED 1.12f
enum { HEADING_LINES = 3, HEADING_WORDS = 24, RUNNING_TEXT = 150 /* characters */ };

/* ---- sizes ------------------------------------------------------------------------------------------- */

static size_t size_index(float size)
{
    float k = size * 2 + 0.5f;
    return k < OCRVL_TYPE_SIZES - 1 ? (size_t)k : OCRVL_TYPE_SIZES - 1;
}

void ocrvl_type_add(ocrvl_type *t, const ocrvl_sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_facts *f = &s->facts[i];
        if (!f->text || !(f->size > 0))
            continue;
        t->sizes[size_index(f->size)] += f->alnum;
        if (f->lines > HEADING_LINES && !f->bold)
            t->running[size_index(f->size)] += f->alnum;
        t->bold += f->bold ? f->alnum : 0;
        t->total += f->alnum;
    }
}

float ocrvl_type_body(const ocrvl_type *t)
{
    size_t best = 0;
    for (size_t i = 1; i < OCRVL_TYPE_SIZES; i++)
        best = t->sizes[i] > t->sizes[best] ? i : best;
    return (float)best / 2;
}

/* ---- headings ---------------------------------------------------------------------------------------- */

static bool ends_sentence(const char *s)
{
    size_t n = strlen(s);
    return n && strchr(".,;:?!", s[n - 1]);
}

static bool same_row(const ocrvl_facts *a, const ocrvl_facts *b)
{
    return b->text && fabsf(a->first_base - b->first_base) < 0.3f * (float)(a->box.y1 - a->box.y0) / (float)a->lines;
}

/* Whether type of its size and weight sets running text as well, much of it: where small tables are most of a document
 * its text is larger than most characters. */
static bool is_set_as_text(const ocrvl_type *t, const ocrvl_facts *f)
{
    size_t k = size_index(f->size);
    return !f->bold && t->running[k] > RUNNING_TEXT && t->running[k] * 2 > t->sizes[k];
}

/* Whether the block before or after it stands on its row: the cells of a table do. */
static bool has_neighbour(const ocrvl_sheet *s, size_t i)
{
    const ocrvl_facts *f = &s->facts[i];
    return (i > 0 && same_row(f, f - 1)) || (i + 1 < s->count && same_row(f, f + 1));
}

static bool may_be_heading(const ocrvl_facts *f)
{
    ocrvl_role r = f->node->info.role;
    return f->text && (r == OCRVL_ROLE_PARAGRAPH || r == OCRVL_ROLE_HEADING || r == OCRVL_ROLE_TITLE) &&
           f->lines <= HEADING_LINES && f->words <= HEADING_WORDS && !f->leads && !f->mono &&
           f->mark.kind != OCRVL_MARK_BULLET;
}

bool ocrvl_is_heading(const ocrvl_type *t, const ocrvl_sheet *s, size_t i)
{
    const ocrvl_facts *f = &s->facts[i];
    float body = ocrvl_type_body(t);
    if (!may_be_heading(f) || !(body > 0) || f->alnum == 0)
        return false;
    if (f->measured && f->letters == 0) /* the number of a chapter */
        return f->words == 1 && f->size >= NUMBER_MEASURED * body;
    if (f->measured)
        return f->node->info.role == OCRVL_ROLE_HEADING || (f->letters > 1 && f->size >= LARGER_MEASURED * body);
    if (f->letters < 2)
        return f->size >= MUCH_LARGER * body && f->lines == 1;
    if (f->size >= LARGER * body && !is_set_as_text(t, f))
        return true;
    return f->bold && t->bold * 2 < t->total && f->size >= 0.95f * body && f->lines <= 2 && !has_neighbour(s, i) &&
           (f->depth > 1 || !ends_sentence(f->last));
}

/* ---- levels ------------------------------------------------------------------------------------------ */

static bool same_size(float a, float b, bool measured)
{
    float most = measured ? SAME_MEASURED : SAME;
    return a <= b * most && b <= a * most;
}

static ocrvl_type_style *style_of(const ocrvl_type *t, const ocrvl_facts *f)
{
    for (size_t i = 0; i < t->style_count; i++) {
        const ocrvl_type_style *s = &t->styles[i];
        if (s->measured == f->measured && s->bold == f->bold && same_size(s->size, f->size, f->measured))
            return (ocrvl_type_style *)(uintptr_t)s;
    }
    return NULL;
}

void ocrvl_type_add_headings(ocrvl_type *t, const ocrvl_sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_facts *f = &s->facts[i];
        if (!ocrvl_is_heading(t, s, i))
            continue;
        ocrvl_type_style *style = style_of(t, f);
        if (!style && t->style_count < OCRVL_TYPE_STYLES) {
            style = &t->styles[t->style_count++];
            *style = (ocrvl_type_style){.size = f->size, .bold = f->bold, .measured = f->measured};
        }
        if (!style)
            continue;
        style->count++;
        style->numbered[f->depth < OCRVL_DEPTHS ? f->depth : OCRVL_DEPTHS]++;
    }
}

static bool is_above(const ocrvl_type_style *a, const ocrvl_type_style *b)
{
    if (same_size(a->size, b->size, a->measured || b->measured))
        return a->bold && !b->bold;
    return a->size > b->size;
}

/* Whether it stands above all that come back, and doesn't come back itself: as what is on a title page. */
static bool is_of_title(const ocrvl_type *t, const ocrvl_type_style *s)
{
    bool any = false;
    for (size_t i = 0; i < t->style_count; i++) {
        any |= t->styles[i].count > 1;
        if (t->styles[i].count > 1 && !is_above(s, &t->styles[i]))
            return false;
    }
    return any;
}

/* How many styles of headings stand above this one, and 1. Those of a title count as one. */
static uint32_t rank_of(const ocrvl_type *t, const ocrvl_type_style *s)
{
    uint32_t rank = 1, title = 0;
    for (size_t i = 0; i < t->style_count; i++) {
        bool above = is_above(&t->styles[i], s), of_title = above && is_of_title(t, &t->styles[i]);
        rank += above && !of_title;
        title |= of_title;
    }
    return rank + title;
}

/* How many parts most of the numbers of a style have; 0: it has none to speak of. */
static uint32_t depth_of(const ocrvl_type_style *s)
{
    uint32_t best = 1;
    for (uint32_t d = 2; d <= OCRVL_DEPTHS; d++)
        best = s->numbered[d] > s->numbered[best] ? d : best;
    return s->numbered[best] * 2 > s->count ? best : 0;
}

/* How much deeper numbered headings are than their numbers say, as others stand above them. */
static uint32_t offset_of(const ocrvl_type *t)
{
    uint32_t least = OCRVL_DEPTHS;
    bool any = false;
    for (size_t i = 0; i < t->style_count; i++) {
        uint32_t depth = depth_of(&t->styles[i]), rank = depth ? rank_of(t, &t->styles[i]) : 0;
        if (!depth)
            continue;
        any = true;
        least = rank < depth ? 0 : rank - depth < least ? rank - depth : least;
    }
    return any ? least : 0;
}

uint32_t ocrvl_heading_level(const ocrvl_type *t, const ocrvl_facts *f)
{
    const ocrvl_type_style *style = style_of(t, f);
    uint32_t offset = offset_of(t), depth = f->depth ? f->depth : style ? depth_of(style) : 0, level = 1;
    if (depth)
        level = depth + offset;
    else if (style)
        level = rank_of(t, style);
    return level < 6 ? level : 6;
}
