#include "in/pdf_marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "in/content_plain.h"

enum { DEEP = 12, MOST_FORMS = 2000, MOST_STREAMS = 4096, MOST_CODE = 65536, MOST_WIDTHS = 1 << 20 };

void ocrvl_pdf_marks_free(ocrvl_pdf_marks *m)
{
    for (size_t i = 0; i < m->font_count; i++)
        ocrvl_free(m->widths[i].at);
    m->font_count = 0;
}

static double number_at(qpdf_data pdf, qpdf_oh array, int i, double otherwise)
{
    qpdf_oh o = qpdf_oh_get_array_item(pdf, array, i);
    double v = qpdf_oh_is_number(pdf, o) ? qpdf_oh_get_numeric_value(pdf, o) : otherwise;
    qpdf_oh_release(pdf, o);
    return v;
}

static double number_of(qpdf_data pdf, qpdf_oh dict, const char *key, double otherwise)
{
    qpdf_oh o = qpdf_oh_get_key_if_dict(pdf, dict, key);
    double v = qpdf_oh_is_number(pdf, o) ? qpdf_oh_get_numeric_value(pdf, o) : otherwise;
    qpdf_oh_release(pdf, o);
    return v;
}

/* ---- fonts ------------------------------------------------------------------------------------------- */

static bool grow(ocrvl_widths *w, size_t count)
{
    float *at = count > w->count ? ocrvl_realloc_array(w->at, count, sizeof *at) : w->at;
    if (!at)
        return false;
    for (w->at = at; w->count < count; w->count++)
        at[w->count] = -1;
    return true;
}

/* W of a font with two bytes a character: [c [w w ...]  c c w ...]. */
static void take_ranges(ocrvl_widths *w, qpdf_data pdf, qpdf_oh array)
{
    int n = qpdf_oh_is_array(pdf, array) ? qpdf_oh_get_array_n_items(pdf, array) : 0;
    size_t done = 0;
    for (int i = 0; i + 1 < n && done < MOST_WIDTHS; done++) {
        double first = number_at(pdf, array, i, -1);
        qpdf_oh next = qpdf_oh_get_array_item(pdf, array, i + 1);
        bool list = qpdf_oh_is_array(pdf, next);
        double last = list ? first + qpdf_oh_get_array_n_items(pdf, next) - 1 : number_at(pdf, array, i + 1, -1);
        double all = list || i + 2 >= n ? 0 : number_at(pdf, array, i + 2, 0);
        bool fine = first >= 0 && last >= first && last < MOST_CODE && grow(w, (size_t)last + 1);
        for (size_t c = fine ? (size_t)first : 1; fine && c <= (size_t)last && done < MOST_WIDTHS; c++, done++)
            w->at[c] = (float)(list ? number_at(pdf, next, (int)(c - (size_t)first), 0) : all);
        qpdf_oh_release(pdf, next);
        i += list ? 2 : 3;
    }
}

static void take_simple(ocrvl_widths *w, qpdf_data pdf, qpdf_oh font)
{
    qpdf_oh array = qpdf_oh_get_key(pdf, font, "/Widths"), matrix = qpdf_oh_get_key(pdf, font, "/FontMatrix");
    double first = number_of(pdf, font, "/FirstChar", 0), unit = 1;
    int n = qpdf_oh_is_array(pdf, array) ? qpdf_oh_get_array_n_items(pdf, array) : 0;
    if (qpdf_oh_is_array(pdf, matrix))
        unit = 1000 * number_at(pdf, matrix, 0, 0.001);
    w->usual = 500;
    if (!(first >= 0 && first < 256) || !grow(w, (size_t)(n < 256 ? n : 256)))
        return;
    w->first = (uint32_t)first;
    for (size_t i = 0; i < w->count; i++)
        w->at[i] = (float)(unit * number_at(pdf, array, (int)i, -1));
}

static void take_widths(ocrvl_widths *w, qpdf_data pdf, qpdf_oh font)
{
    if (!qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key(pdf, font, "/Subtype"), "/Type0")) {
        take_simple(w, pdf, font);
        return;
    }
    qpdf_oh kids = qpdf_oh_get_key(pdf, font, "/DescendantFonts");
    qpdf_oh own = qpdf_oh_is_array(pdf, kids) && qpdf_oh_get_array_n_items(pdf, kids) > 0
                      ? qpdf_oh_get_array_item(pdf, kids, 0)
                      : qpdf_oh_new_null(pdf);
    w->two = true;
    w->usual = number_of(pdf, own, "/DW", 1000);
    take_ranges(w, pdf, qpdf_oh_get_key_if_dict(pdf, own, "/W"));
}

/* ---- content ----------------------------------------------------------------------------------------- */

typedef struct place { /* the owner of the content */
    ocrvl_pdf_marks *m;
    ocrvl_marks_list *out;
    qpdf_oh resources;
    const struct place *outer;
    int page, stream; /* numbers of objects; stream 0: it is the page's own content */
    bool own_marks;   /* of a form that has marks of its own in the tree */
    int deep;
    size_t *forms; /* that were shown on the page */
} place;

static qpdf_oh resource(const place *p, const char *kind, const char *name)
{
    qpdf_data pdf = p->m->pdf;
    qpdf_oh o = qpdf_oh_new_null(pdf);
    for (; p && qpdf_oh_is_null(pdf, o); p = p->outer)
        o = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key_if_dict(pdf, p->resources, kind), name);
    return o;
}

static const ocrvl_widths *font(void *user, const char *name)
{
    place *p = user;
    ocrvl_pdf_marks *m = p->m;
    qpdf_oh f = resource(p, "/Font", name);
    int id = qpdf_oh_get_object_id(m->pdf, f);
    if (!qpdf_oh_is_dictionary(m->pdf, f) || id <= 0)
        return NULL;
    for (size_t i = 0; i < m->font_count; i++)
        if (m->fonts[i] == id)
            return &m->widths[i];
    if (m->font_count == OCRVL_MARKS_FONTS)
        return NULL;
    ocrvl_widths *w = &m->widths[m->font_count];
    m->fonts[m->font_count++] = id;
    *w = (ocrvl_widths){.font = id};
    take_widths(w, m->pdf, f);
    return w;
}

static uint32_t mark(void *user, const char *tag, const char *properties, int64_t id)
{
    const place *p = user;
    const ocrvl_tag_tree *t = p->m->tree;
    if (!t)
        return OCRVL_MARKED_NOT;
    if (strcmp(tag, "/Artifact") == 0)
        return OCRVL_MARKED_ARTIFACT;
    if (properties)
        id = (int64_t)number_of(p->m->pdf, resource(p, "/Properties", properties), "/MCID", -1);
    if (id < 0 || id > INT32_MAX)
        return UINT32_MAX;
    size_t leaf = ocrvl_tag_tree_find(t, p->page, p->stream, (uint32_t)id);
    if (leaf == SIZE_MAX && p->stream && !p->own_marks)
        leaf = ocrvl_tag_tree_find(t, p->page, 0, (uint32_t)id);
    if (leaf == SIZE_MAX)
        return OCRVL_MARKED_NOT;
    return t->leaves[leaf].block == UINT32_MAX ? OCRVL_MARKED_ARTIFACT : OCRVL_MARKED + (uint32_t)leaf;
}

static void go_through(const place *p, const uint8_t *data, size_t len, const ocrvl_matrix *ctm, uint32_t within);

static void show_form(const place *outer, qpdf_oh form, const ocrvl_matrix *ctm, uint32_t within)
{
    qpdf_data pdf = outer->m->pdf;
    qpdf_oh dict = qpdf_oh_get_dict(pdf, form), own = qpdf_oh_get_key(pdf, dict, "/Resources"),
            array = qpdf_oh_get_key(pdf, dict, "/Matrix");
    unsigned char *data;
    size_t len = 0;
    double v[6] = {1, 0, 0, 1, 0, 0};
    bool placed = qpdf_oh_is_array(pdf, array) && qpdf_oh_get_array_n_items(pdf, array) == 6;
    for (int i = 0; i < 6 && placed; i++)
        v[i] = number_at(pdf, array, i, 0);
    if (outer->deep == DEEP || ++*outer->forms > MOST_FORMS || !ocrvl_pdf_stream_decode(&data, &len, NULL, pdf, form))
        return;
    ocrvl_matrix m = ocrvl_matrix_then((ocrvl_matrix){v[0], v[1], v[2], v[3], v[4], v[5]}, *ctm);
    place p = *outer;
    p.outer = outer;
    p.resources = qpdf_oh_is_dictionary(pdf, own) ? own : outer->resources;
    p.stream = qpdf_oh_get_object_id(pdf, form);
    p.own_marks = qpdf_oh_has_key(pdf, dict, "/StructParents");
    p.deep++;
    go_through(&p, data, len, &m, within);
    free(data);
}

static bool shows(void *user, const char *object, const ocrvl_matrix *ctm, uint32_t within)
{
    const place *p = user;
    qpdf_data pdf = p->m->pdf;
    qpdf_oh o = resource(p, "/XObject", object);
    if (!qpdf_oh_is_stream(pdf, o))
        return false;
    qpdf_oh kind = qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, o), "/Subtype");
    if (qpdf_oh_is_name_and_equals(pdf, kind, "/Form"))
        show_form(p, o, ctm, within);
    return qpdf_oh_is_name_and_equals(pdf, kind, "/Image");
}

static void go_through(const place *p, const uint8_t *data, size_t len, const ocrvl_matrix *ctm, uint32_t within)
{
    place own = *p;
    ocrvl_marks_names names = {&own, font, mark, shows};
    ocrvl_content_marks(p->out, data, len, ctm, within, &names);
}

/* Appends the page's content. Returns false if a part of it can't be decoded. */
static bool join_contents(ocrvl_buf *whole, qpdf_data pdf, qpdf_oh page)
{
    qpdf_oh contents = qpdf_oh_get_key_if_dict(pdf, page, "/Contents");
    bool many = qpdf_oh_is_array(pdf, contents), fine = true;
    int n = many ? qpdf_oh_get_array_n_items(pdf, contents) : 1;
    for (int i = 0; i < n && i < MOST_STREAMS; i++) {
        unsigned char *data;
        size_t len = 0;
        if (!ocrvl_pdf_stream_decode(&data, &len, NULL, pdf,
                                     many ? qpdf_oh_get_array_item(pdf, contents, i) : contents)) {
            fine = false;
            continue;
        }
        ocrvl_buf_put(whole, data, len);
        ocrvl_buf_putc(whole, '\n');
        free(data);
    }
    return fine && n <= MOST_STREAMS && !whole->failed;
}

/* By how many degrees, clockwise, the page is turned when it is shown. */
static int turn_of(qpdf_data pdf, qpdf_oh page)
{
    qpdf_oh turn = ocrvl_pdf_objects_inherited(pdf, page, "/Rotate");
    long long degrees = qpdf_oh_is_integer(pdf, turn) ? qpdf_oh_get_int_value(pdf, turn) : 0;
    return (int)((degrees % 360 + 360) % 360) / 90 * 90;
}

void ocrvl_pdf_marks_page(ocrvl_pdf_marks *m, size_t index, ocrvl_marks_list *out, int *page, int *rotate)
{
    static const ocrvl_matrix as_is = {1, 0, 0, 1, 0, 0};
    qpdf_data pdf = m->pdf;
    qpdf_oh dict = qpdf_get_page_n(pdf, index);
    size_t forms = 0;
    ocrvl_buf whole = {0};
    *page = qpdf_oh_get_object_id(pdf, dict);
    *rotate = turn_of(pdf, dict);
    join_contents(&whole, pdf, dict);
    place p = {.m = m,
               .out = out,
               .resources = ocrvl_pdf_objects_inherited(pdf, dict, "/Resources"),
               .page = *page,
               .forms = &forms};
    if (whole.len && !whole.failed)
        go_through(&p, (const uint8_t *)whole.data, whole.len, &as_is, OCRVL_MARKED_NOT);
    out->failed |= whole.failed;
    ocrvl_buf_free(&whole);
    qpdf_oh_release_all(pdf);
    ocrvl_pdf_objects_warned(pdf);
}

/* ---- plain pages ------------------------------------------------------------------------------------- */

static bool is_letters(void *user, const char *name)
{
    const place *p = user;
    qpdf_data pdf = p->m->pdf;
    qpdf_oh f = resource(p, "/Font", name), kind = qpdf_oh_get_key_if_dict(pdf, f, "/Subtype");
    return qpdf_oh_is_dictionary(pdf, f) && !qpdf_oh_is_name_and_equals(pdf, kind, "/Type3");
}

/* Whether the state says nothing else than that lines are drawn so, and that what is drawn is opaque. */
static bool is_opaque(void *user, const char *name)
{
    static const char *const known[] = {"/Type", "/LW", "/LC", "/LJ", "/ML",  "/D",   "/RI", "/FL",
                                        "/SM",   "/SA", "/OP", "/op", "/OPM", "/AIS", NULL};
    const place *p = user;
    qpdf_data pdf = p->m->pdf;
    qpdf_oh state = resource(p, "/ExtGState", name);
    if (!qpdf_oh_is_dictionary(pdf, state))
        return false;
    for (qpdf_oh_begin_dict_key_iter(pdf, state); qpdf_oh_dict_more_keys(pdf);) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        qpdf_oh value = qpdf_oh_get_key(pdf, state, key);
        bool fine = false;
        for (size_t i = 0; known[i] && !fine; i++)
            fine = strcmp(key, known[i]) == 0;
        if (strcmp(key, "/ca") == 0 || strcmp(key, "/CA") == 0)
            fine = qpdf_oh_is_number(pdf, value) && qpdf_oh_get_numeric_value(pdf, value) == 1;
        else if (strcmp(key, "/BM") == 0)
            fine = qpdf_oh_is_name_and_equals(pdf, value, "/Normal");
        else if (strcmp(key, "/SMask") == 0)
            fine = qpdf_oh_is_name_and_equals(pdf, value, "/None");
        if (!fine)
            return false;
    }
    return true;
}

static bool has_links_alone(qpdf_data pdf, qpdf_oh page)
{
    qpdf_oh list = qpdf_oh_get_key_if_dict(pdf, page, "/Annots");
    int n = qpdf_oh_is_array(pdf, list) ? qpdf_oh_get_array_n_items(pdf, list) : 0;
    bool fine = n || qpdf_oh_is_null(pdf, list);
    for (int i = 0; i < n && fine; i++) {
        qpdf_oh one = qpdf_oh_get_array_item(pdf, list, i);
        fine = qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key_if_dict(pdf, one, "/Subtype"), "/Link");
    }
    return fine;
}

bool ocrvl_pdf_marks_plain(ocrvl_pdf_marks *m, size_t index, ocrvl_painted *painted)
{
    qpdf_data pdf = m->pdf;
    qpdf_oh page = qpdf_get_page_n(pdf, index);
    place p = {.m = m, .resources = ocrvl_pdf_objects_inherited(pdf, page, "/Resources")};
    ocrvl_plain_names names = {&p, is_letters, is_opaque};
    ocrvl_buf whole = {0};
    bool plain = has_links_alone(pdf, page) && join_contents(&whole, pdf, page) && whole.len &&
                 ocrvl_content_is_plain((const uint8_t *)whole.data, whole.len, &names, painted) &&
                 (!painted->count || turn_of(pdf, page) == 0);
    ocrvl_buf_free(&whole);
    qpdf_oh_release_all(pdf);
    ocrvl_pdf_objects_warned(pdf);
    return plain;
}
