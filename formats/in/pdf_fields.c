#include "in/pdf_fields.h"

#include <math.h>
#include <string.h>

#include <poppler.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

enum { MOST_FIELDS = 2000, MOST_TEXT = 20000, MOST_LINES = 20000 };
#define LINE_POINTS 11.0 /* of a field's text, whose size poppler doesn't say */

typedef struct adding {
    ocrvl_own_lines *o;
    const ocrvl_pdf_page *p;
    size_t line_cap, word_cap, fields, given; /* given: lines that were there before */
    bool failed;
} adding;

static int32_t within(double v, uint32_t most) { return (int32_t)fmin(fmax(floor(v + 0.5), 0), most); }

/* A word [s, s + n) of a line; its text is kept behind those of the other words. */
static void add_word(adding *a, const char *s, size_t n, ocrvl_box box)
{
    ocrvl_own_lines *o = a->o;
    char *text = ocrvl_strndup(s, n);
    a->failed |= !text || !OCRVL_ARRAY_RESERVE(o->words, a->word_cap, o->word_count + 1) ||
                 !OCRVL_ARRAY_RESERVE(o->extra, o->extra_cap, o->extra_count + 1);
    if (a->failed) {
        ocrvl_free(text);
        return;
    }
    o->extra[o->extra_count++] = text;
    o->words[o->word_count++] = (ocrvl_own_word){.text = text, .box = box, .style = UINT32_MAX};
}

/* Line i of n of a text in its box. */
static void add_line(adding *a, const char *s, size_t len, ocrvl_box box, size_t i, size_t n)
{
    ocrvl_own_lines *o = a->o;
    int32_t high = box.y1 - box.y0;
    double most = LINE_POINTS * a->p->height / a->p->points_h;
    ocrvl_box b = {box.x0, box.y0 + (int32_t)((size_t)high * i / n), box.x1,
                   box.y0 + (int32_t)((size_t)high * (i + 1) / n)};
    ocrvl_own_line line = {.first = o->word_count, .box = b, .field = true};
    for (size_t k = 0; k < len;) {
        size_t space = strspn(s + k, " \t\r"), word;
        k = k + space < len ? k + space : len;
        word = strcspn(s + k, " \t\r\n");
        word = word < len - k ? word : len - k;
        if (word)
            add_word(a, s + k, word, b);
        k += word;
    }
    line.count = o->word_count - line.first;
    if (!line.count || a->failed)
        return;
    line.x_height = (float)fmax(1, OCRVL_X_OF_SIZE * fmin(most, b.y1 - b.y0));
    line.baseline = (float)(b.y1 - 0.25 * (b.y1 - b.y0));
    a->failed |= !OCRVL_ARRAY_RESERVE(o->lines, a->line_cap, o->line_count + 1);
    if (!a->failed)
        o->lines[o->line_count++] = line;
}

/* Whether lines of the page stand in the box: poppler may have told of what fills it. They are marked. */
static bool is_told(const adding *a, ocrvl_box box)
{
    bool told = false;
    for (size_t i = 0; i < a->given; i++) {
        ocrvl_own_line *l = &a->o->lines[i];
        int32_t x = l->box.x0 + (l->box.x1 - l->box.x0) / 2, y = l->box.y0 + (l->box.y1 - l->box.y0) / 2;
        bool within_box = x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1;
        l->field |= within_box;
        told |= within_box;
    }
    return told;
}

/* A text that fills an area, which poppler gives in points from the lower left corner. */
static void add_text(adding *a, const char *s, const PopplerRectangle *r)
{
    double sx = a->p->width / a->p->points_w, sy = a->p->height / a->p->points_h, high = a->p->points_h;
    ocrvl_box box = {
        within(fmin(r->x1, r->x2) * sx, a->p->width), within((high - fmax(r->y1, r->y2)) * sy, a->p->height),
        within(fmax(r->x1, r->x2) * sx, a->p->width), within((high - fmin(r->y1, r->y2)) * sy, a->p->height)};
    size_t lines = 1, i = 0;
    if (!s || !*s || !g_utf8_validate(s, -1, NULL) || strlen(s) > MOST_TEXT || a->fields++ >= MOST_FIELDS)
        return;
    for (const char *c = s; *c; c++)
        lines += *c == '\n' && c[1];
    if (box.x1 <= box.x0 || (size_t)(box.y1 - box.y0) < 2 * lines || is_told(a, box))
        return;
    for (const char *end; *s; s = *end ? end + 1 : end, i++) {
        end = s + strcspn(s, "\n");
        add_line(a, s, (size_t)(end - s), box, i < lines ? i : lines - 1, lines);
    }
}

static char *value_of(PopplerFormField *f)
{
    if (poppler_form_field_get_field_type(f) == POPPLER_FORM_FIELD_TEXT)
        return poppler_form_field_text_is_password(f) ? NULL : poppler_form_field_text_get_text(f);
    if (poppler_form_field_get_field_type(f) != POPPLER_FORM_FIELD_CHOICE)
        return NULL;
    for (int i = 0; i < poppler_form_field_choice_get_n_items(f) && i < MOST_FIELDS; i++)
        if (poppler_form_field_choice_is_item_selected(f, i))
            return poppler_form_field_choice_get_item(f, i);
    return poppler_form_field_choice_is_editable(f) ? poppler_form_field_choice_get_text(f) : NULL;
}

static void add_fields(adding *a)
{
    GList *list = poppler_page_get_form_field_mapping(a->p->page);
    for (const GList *i = list; i && !a->failed && a->fields < MOST_FIELDS; i = i->next) {
        const PopplerFormFieldMapping *m = i->data;
        char *text = value_of(m->field);
        add_text(a, text, &m->area);
        g_free(text);
    }
    poppler_page_free_form_field_mapping(list);
}

static void add_notes(adding *a)
{
    GList *list = poppler_page_get_annot_mapping(a->p->page);
    for (const GList *i = list; i && !a->failed && a->fields < MOST_FIELDS; i = i->next) {
        const PopplerAnnotMapping *m = i->data;
        if (poppler_annot_get_annot_type(m->annot) != POPPLER_ANNOT_FREE_TEXT)
            continue;
        char *text = poppler_annot_get_contents(m->annot);
        add_text(a, text, &m->area);
        g_free(text);
    }
    poppler_page_free_annot_mapping(list);
}

ocrvl_status ocrvl_pdf_fields_add(ocrvl_own_lines *o, const ocrvl_pdf_page *p, ocrvl_error *err)
{
    adding a = {.o = o,
                .p = p,
                .line_cap = o->line_count,
                .word_cap = o->word_count,
                .given = o->line_count < MOST_LINES ? o->line_count : MOST_LINES};
    add_fields(&a);
    add_notes(&a);
    return a.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}
