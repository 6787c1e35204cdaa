#include "in/pdf_fonts.h"

#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/pdf_places.h"

enum { MOST_PLACES = 2000, MOST_FONTS = 2000, MANY = -1 };

typedef struct page_font { /* that the page may show */
    int id;                /* number of its object; 0: it is written where it is used */
    size_t name;           /* in names */
} page_font;

typedef struct page_fonts {
    qpdf_data pdf;
    page_font *at; /* [count] */
    size_t count, cap;
    ocrvl_buf names;        /* each with a NUL */
    ocrvl_buf dicts;        /* of resources and XObjects that are to be gone through, as qpdf_oh */
    ocrvl_buf seen;         /* numbers of objects that were, as ints */
    bool failed, cut;       /* memory was exhausted; there are too many */
    ocrvl_places places;    /* of what the page shows, once it is asked for */
    ocrvl_marks_list shown; /* the same */
    const char *wanted;     /* the name of the fonts that are looked for */
} page_fonts;

/* ---- the page's fonts -------------------------------------------------------------------------------- */

static void push(page_fonts *f, qpdf_oh o)
{
    if (f->dicts.len >= MOST_PLACES * sizeof o)
        f->cut = true;
    else
        ocrvl_buf_put(&f->dicts, &o, sizeof o);
}

static bool is_new(page_fonts *f, int id)
{
    for (size_t i = 0; id && i + sizeof id <= f->seen.len; i += sizeof id)
        if (memcmp(f->seen.data + i, &id, sizeof id) == 0)
            return false;
    ocrvl_buf_put(&f->seen, &id, sizeof id);
    return true;
}

static void add_font(page_fonts *f, qpdf_oh font)
{
    int id = qpdf_oh_get_object_id(f->pdf, font);
    for (size_t i = 0; id && i < f->count; i++)
        if (f->at[i].id == id)
            return;
    qpdf_oh base = qpdf_oh_get_key_if_dict(f->pdf, font, "/BaseFont");
    const char *name = qpdf_oh_is_name(f->pdf, base) ? ocrvl_font_without_tag(qpdf_oh_get_name(f->pdf, base) + 1) : "";
    if (!ocrvl_utf8_valid(name, strlen(name)))
        name = ""; /* as ocrvl_glyphs_style has it */
    if ((f->cut |= f->count == MOST_FONTS))
        return;
    if (!OCRVL_ARRAY_RESERVE(f->at, f->cap, f->count + 1)) {
        f->failed = true;
        return;
    }
    f->at[f->count++] = (page_font){id, f->names.len};
    ocrvl_buf_put(&f->names, name, strlen(name) + 1);
}

/* Calls `take` for each of a list of qpdf_oh, and frees it. */
static void take_all(page_fonts *f, ocrvl_buf *list, void (*take)(page_fonts *f, qpdf_oh o))
{
    qpdf_oh o;
    for (size_t i = 0; i + sizeof o <= list->len; i += sizeof o) {
        memcpy(&o, list->data + i, sizeof o);
        take(f, o);
    }
    f->failed |= list->failed;
    ocrvl_buf_free(list);
}

/* Calls `take` for all that a dictionary has. */
static void each(page_fonts *f, qpdf_oh dict, void (*take)(page_fonts *f, qpdf_oh o))
{
    ocrvl_buf values = {0};
    ocrvl_pdf_objects_values(&values, f->pdf, dict);
    take_all(f, &values, take);
}

/* Goes through a resource dictionary, or through that of a stream: a form, a pattern, or the looks of an annotation. */
static void go_through(page_fonts *f, qpdf_oh o)
{
    if (qpdf_oh_is_stream(f->pdf, o))
        o = qpdf_oh_get_key(f->pdf, qpdf_oh_get_dict(f->pdf, o), "/Resources");
    if (!qpdf_oh_is_dictionary(f->pdf, o) || !is_new(f, qpdf_oh_get_object_id(f->pdf, o)))
        return;
    each(f, qpdf_oh_get_key(f->pdf, o, "/Font"), add_font);
    each(f, qpdf_oh_get_key(f->pdf, o, "/XObject"), push);
    each(f, qpdf_oh_get_key(f->pdf, o, "/Pattern"), push);
}

static void list_fonts(page_fonts *f, uint64_t index)
{
    qpdf_oh page = qpdf_get_page_n(f->pdf, (size_t)index), o;
    ocrvl_buf looks = {0};
    push(f, ocrvl_pdf_objects_inherited(f->pdf, page, "/Resources"));
    f->cut |= !ocrvl_pdf_objects_looks(&looks, f->pdf, page);
    take_all(f, &looks, push);
    for (size_t i = 0; i + sizeof o <= f->dicts.len && !f->failed; i += sizeof o) {
        memcpy(&o, f->dicts.data + i, sizeof o);
        go_through(f, o);
    }
    f->failed |= f->names.failed || f->dicts.failed || f->seen.failed;
}

/* The number of the only font of that name; 0: none is known; MANY: there are several. */
static int only_font(const page_fonts *f, const char *name)
{
    int id = 0;
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->names.data + f->at[i].name, ocrvl_font_without_tag(name)) == 0) {
            if (id || !f->at[i].id)
                return MANY;
            id = f->at[i].id;
        }
    return id;
}

/* ---- characters in one of several fonts --------------------------------------------------------------- */

static bool is_wanted(void *user, const ocrvl_marks_shown *s)
{
    const page_fonts *f = user;
    for (size_t i = 0; s->font && i < f->count; i++)
        if (f->at[i].id == s->font)
            return strcmp(f->names.data + f->at[i].name, ocrvl_font_without_tag(f->wanted)) == 0;
    return false;
}

/* Tells the fonts of the characters whose style is `old`. */
static ocrvl_status part_style(page_fonts *f, ocrvl_glyphs *g, uint32_t old, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    f->wanted = g->fonts[old].name;
    for (size_t i = 0; !st && i < g->count; i++) {
        ocrvl_glyph *c = &g->at[i];
        if (c->style != old || c->c <= ' ' || !(c->x0 == c->x0))
            continue;
        uint32_t at = ocrvl_places_find(&f->places, (c->x0 + c->x1) / 2, (c->y0 + c->y1) / 2, is_wanted, f);
        st = ocrvl_glyphs_style_in(g, &c->style, at == UINT32_MAX ? 0 : f->shown.at[at].font, err);
        f->wanted = g->fonts[old].name; /* the list may have moved */
    }
    return st;
}

static ocrvl_status part_styles(page_fonts *f, ocrvl_glyphs *g, ocrvl_pdf_marks *marks, uint64_t index, double width,
                                double height, const double crop[4], ocrvl_error *err)
{
    int page, rotate;
    ocrvl_pdf_marks_page(marks, (size_t)index, &f->shown, &page, &rotate);
    ocrvl_pdf_view v = ocrvl_pdf_view_of(width, height, crop, rotate);
    ocrvl_status st =
        f->shown.failed ? ocrvl_fail_nomem(err) : ocrvl_places_make(&f->places, &f->shown, &v, height, err);
    size_t n = g->style_count;
    for (uint32_t i = 0; !st && i < n; i++)
        if (g->fonts[i].id == MANY)
            st = part_style(f, g, i, err);
    for (size_t i = 0; i < g->style_count; i++)
        if (g->fonts[i].id == MANY || f->places.cut || f->shown.cut)
            g->fonts[i].id = 0;
    return st;
}

ocrvl_status ocrvl_pdf_fonts_tell(ocrvl_glyphs *g, ocrvl_pdf_marks *marks, uint64_t index, double width, double height,
                                  const double crop[4], ocrvl_error *err)
{
    page_fonts f = {.pdf = marks->pdf};
    bool many = false;
    list_fonts(&f, index);
    qpdf_oh_release_all(f.pdf);
    ocrvl_pdf_objects_warned(f.pdf);
    for (size_t i = 0; i < g->style_count && !f.failed; i++) {
        g->fonts[i].id = f.cut ? 0 : only_font(&f, g->fonts[i].name);
        many |= g->fonts[i].id == MANY;
    }
    ocrvl_status st = f.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    if (!st && many)
        st = part_styles(&f, g, marks, index, width, height, crop, err);
    ocrvl_free(f.at);
    ocrvl_free(f.shown.at);
    ocrvl_places_free(&f.places);
    ocrvl_buf_free(&f.names);
    ocrvl_buf_free(&f.dicts);
    ocrvl_buf_free(&f.seen);
    return st;
}
