#include "in/pdf_tree.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

#define NONE UINT32_MAX
enum { MOST_OBJECT = 8400000, MOST_STRINGS = 8 << 20, MOST_TEXT = 4000, MOST_ATTRIBUTES = 16, CHAIN = 8, SPAN = 1000 };

typedef struct frame { /* an element whose kids are gone through */
    qpdf_oh kids;      /* its K; an array, or the only kid */
    int count, at;     /* of kids */
    uint32_t element;
    int page; /* number of the object that its content is on; 0: not told */
} frame;

typedef struct walk {
    qpdf_data pdf;
    ocrvl_tag_tree *t;
    qpdf_oh roles, classes;
    uint8_t *seen; /* [MOST_OBJECT / 8] elements that were met, by the numbers of their objects */
    frame stack[OCRVL_TREE_DEPTH];
    size_t depth;
    ocrvl_tree_fault fault;
    bool failed;
} walk;

/* ---- what qpdf says ---------------------------------------------------------------------------------- */

/* qpdf keeps each handle that it gave until it is released. */
static void let_go(qpdf_data pdf, qpdf_oh o) { qpdf_oh_release(pdf, o); }

static qpdf_oh key_of(qpdf_data pdf, qpdf_oh dict, const char *key) { return qpdf_oh_get_key_if_dict(pdf, dict, key); }

/* A whole number under the key within [least, most], or `otherwise`. */
static int64_t number_of(qpdf_data pdf, qpdf_oh dict, const char *key, int64_t least, int64_t most, int64_t otherwise)
{
    qpdf_oh o = key_of(pdf, dict, key);
    long long v = qpdf_oh_is_integer(pdf, o) ? qpdf_oh_get_int_value(pdf, o) : least - 1;
    let_go(pdf, o);
    return v >= least && v <= most ? v : otherwise;
}

/* The number of the object under the key, or `otherwise`. */
static int object_of(qpdf_data pdf, qpdf_oh dict, const char *key, int otherwise)
{
    qpdf_oh o = key_of(pdf, dict, key);
    int id = qpdf_oh_is_null(pdf, o) ? 0 : qpdf_oh_get_object_id(pdf, o);
    let_go(pdf, o);
    return id > 0 ? id : otherwise;
}

/* Keeps the text under the key; 0: there is none that is of any use. */
static uint32_t keep_text(walk *w, qpdf_oh dict, const char *key)
{
    ocrvl_buf *b = &w->t->strings;
    qpdf_oh o = key_of(w->pdf, dict, key);
    uint32_t at = 0;
    if (qpdf_oh_is_string(w->pdf, o)) {
        const char *s = qpdf_oh_get_utf8_value(w->pdf, o);
        size_t n = s ? strlen(s) : 0;
        if (n && n <= MOST_TEXT && ocrvl_utf8_valid(s, n) && b->len < MOST_STRINGS) {
            at = (uint32_t)b->len;
            ocrvl_buf_put(b, s, n + 1);
        }
    }
    let_go(w->pdf, o);
    return at;
}

/* ---- roles ------------------------------------------------------------------------------------------- */

/* The name that a map of roles has for another, without slash; false: none. */
static bool map_name(walk *w, qpdf_oh map, char name[OCRVL_PDF_NAME])
{
    char key[OCRVL_PDF_NAME + 2] = "/";
    memcpy(key + 1, name, strlen(name) + 1);
    qpdf_oh to = key_of(w->pdf, map, key);
    if (qpdf_oh_is_array(w->pdf, to)) { /* with a namespace, in those of PDF 2.0 */
        qpdf_oh first = qpdf_oh_get_array_item(w->pdf, to, 0);
        let_go(w->pdf, to);
        to = first;
    }
    const char *s = qpdf_oh_is_name(w->pdf, to) ? qpdf_oh_get_name(w->pdf, to) : NULL;
    bool found = s && strlen(s) > 1 && strlen(s) <= OCRVL_PDF_NAME;
    if (found)
        memcpy(name, s + 1, strlen(s));
    let_go(w->pdf, to);
    return found;
}

/* The standard type of an element. */
static ocrvl_tag_type type_of(walk *w, qpdf_oh element)
{
    ocrvl_tag_type type = OCRVL_TAG_GROUP;
    char name[OCRVL_PDF_NAME] = "";
    qpdf_oh s = key_of(w->pdf, element, "/S"), ns = key_of(w->pdf, element, "/NS"),
            own = key_of(w->pdf, ns, "/RoleMapNS");
    const char *text = qpdf_oh_is_name(w->pdf, s) ? qpdf_oh_get_name(w->pdf, s) : NULL;
    if (text && strlen(text) <= OCRVL_PDF_NAME)
        memcpy(name, text + 1, strlen(text));
    for (int i = 0; i < CHAIN && *name; i++) {
        if (ocrvl_tag_type_by_name(&type, name))
            break;
        if (!map_name(w, own, name) && !map_name(w, w->roles, name))
            break;
    }
    let_go(w->pdf, s);
    let_go(w->pdf, own);
    let_go(w->pdf, ns);
    return type;
}

/* ---- attributes -------------------------------------------------------------------------------------- */

static void take_box(walk *w, qpdf_oh dict, ocrvl_tag_element *e)
{
    qpdf_oh box = key_of(w->pdf, dict, "/BBox");
    double v[4] = {0};
    bool fine = qpdf_oh_is_array(w->pdf, box) && qpdf_oh_get_array_n_items(w->pdf, box) == 4;
    for (int i = 0; fine && i < 4; i++) {
        qpdf_oh o = qpdf_oh_get_array_item(w->pdf, box, i);
        v[i] = qpdf_oh_is_number(w->pdf, o) ? qpdf_oh_get_numeric_value(w->pdf, o) : NAN;
        fine = v[i] > -1e6 && v[i] < 1e6;
        let_go(w->pdf, o);
    }
    let_go(w->pdf, box);
    for (int i = 0; fine && i < 2; i++) {
        e->box[i] = (float)fmin(v[i], v[i + 2]);
        e->box[i + 2] = (float)fmax(v[i], v[i + 2]);
        e->boxed = true;
    }
}

static void take_attributes(walk *w, qpdf_oh dict, ocrvl_tag_element *e)
{
    if (!qpdf_oh_is_dictionary(w->pdf, dict))
        return;
    if (e->type == OCRVL_TAG_TD || e->type == OCRVL_TAG_TH) {
        e->row_span = (uint16_t)number_of(w->pdf, dict, "/RowSpan", 1, SPAN, e->row_span);
        e->col_span = (uint16_t)number_of(w->pdf, dict, "/ColSpan", 1, SPAN, e->col_span);
    } else if (e->type == OCRVL_TAG_FIGURE) {
        take_box(w, dict, e);
    }
}

/* Those of an object that is a dictionary, or an array of them. */
static void take_all_attributes(walk *w, qpdf_oh a, ocrvl_tag_element *e)
{
    if (!qpdf_oh_is_array(w->pdf, a)) {
        take_attributes(w, a, e);
        return;
    }
    int n = qpdf_oh_get_array_n_items(w->pdf, a);
    for (int i = 0; i < n && i < MOST_ATTRIBUTES; i++) {
        qpdf_oh o = qpdf_oh_get_array_item(w->pdf, a, i);
        take_attributes(w, o, e);
        let_go(w->pdf, o);
    }
}

/* Those of an element's classes. */
static void take_classes(walk *w, qpdf_oh element, ocrvl_tag_element *e)
{
    qpdf_oh c = key_of(w->pdf, element, "/C");
    bool many = qpdf_oh_is_array(w->pdf, c);
    int n = many ? qpdf_oh_get_array_n_items(w->pdf, c) : 1;
    for (int i = 0; i < n && i < MOST_ATTRIBUTES; i++) {
        qpdf_oh o = many ? qpdf_oh_get_array_item(w->pdf, c, i) : c;
        if (qpdf_oh_is_name(w->pdf, o)) {
            qpdf_oh a = key_of(w->pdf, w->classes, qpdf_oh_get_name(w->pdf, o));
            take_all_attributes(w, a, e);
            let_go(w->pdf, a);
        }
        if (many)
            let_go(w->pdf, o);
    }
    let_go(w->pdf, c);
}

static void describe(walk *w, qpdf_oh element, ocrvl_tag_element *e)
{
    e->type = (uint8_t)type_of(w, element);
    if (e->type == OCRVL_TAG_TD || e->type == OCRVL_TAG_TH || e->type == OCRVL_TAG_FIGURE) {
        qpdf_oh a = key_of(w->pdf, element, "/A");
        take_classes(w, element, e);
        take_all_attributes(w, a, e);
        let_go(w->pdf, a);
    }
    e->alt = e->type == OCRVL_TAG_FIGURE || e->type == OCRVL_TAG_FORMULA ? keep_text(w, element, "/Alt") : 0;
    e->lang = keep_text(w, element, "/Lang");
    e->instead = keep_text(w, element, "/ActualText");
}

/* ---- the tree ---------------------------------------------------------------------------------------- */

static void add_leaf(walk *w, int page, int stream, int64_t id, uint32_t element)
{
    ocrvl_tag_tree *t = w->t;
    if (id < 0 || id > INT32_MAX || page <= 0)
        return;
    if (t->leaf_count == OCRVL_TREE_LEAVES)
        w->fault = OCRVL_TREE_LARGE;
    else if (!OCRVL_ARRAY_RESERVE(t->leaves, t->leaf_cap, t->leaf_count + 1))
        w->failed = true;
    else
        t->leaves[t->leaf_count++] =
            (ocrvl_tag_leaf){page, stream, (uint32_t)id, element, (uint32_t)t->element_count, 0};
}

/* Whether an element is met for the first time; one that is no object of its own can't be met twice. */
static bool is_new(walk *w, qpdf_oh element)
{
    int id = qpdf_oh_get_object_id(w->pdf, element);
    if (id <= 0 || id >= MOST_OBJECT)
        return id == 0;
    uint8_t *byte = &w->seen[id / 8], bit = (uint8_t)(1 << id % 8);
    if (*byte & bit)
        return false;
    *byte |= bit;
    return true;
}

/* Adds an element, whose kids come next. */
static void open_element(walk *w, qpdf_oh element, uint32_t parent, int page)
{
    ocrvl_tag_tree *t = w->t;
    if (!is_new(w, element)) {
        w->fault = w->fault ? w->fault : OCRVL_TREE_CYCLIC;
        return;
    }
    if (t->element_count == OCRVL_TREE_ELEMENTS || w->depth == OCRVL_TREE_DEPTH) {
        w->fault = OCRVL_TREE_LARGE;
        return;
    }
    if (!OCRVL_ARRAY_RESERVE(t->elements, t->element_cap, t->element_count + 1)) {
        w->failed = true;
        return;
    }
    ocrvl_tag_element *e = &t->elements[t->element_count];
    *e = (ocrvl_tag_element){.parent = parent, .row_span = 1, .col_span = 1};
    if (parent != NONE)
        describe(w, element, e);
    frame *f = &w->stack[w->depth++];
    *f = (frame){key_of(w->pdf, element, "/K"), 1, 0, (uint32_t)t->element_count++,
                 object_of(w->pdf, element, "/Pg", page)};
    if (qpdf_oh_is_array(w->pdf, f->kids))
        f->count = qpdf_oh_get_array_n_items(w->pdf, f->kids);
    else if (qpdf_oh_is_null(w->pdf, f->kids))
        f->count = 0;
}

static void take_kid(walk *w, qpdf_oh kid, const frame *f)
{
    qpdf_data pdf = w->pdf;
    if (qpdf_oh_is_integer(pdf, kid)) {
        long long id = qpdf_oh_get_int_value(pdf, kid);
        add_leaf(w, f->page, 0, id, f->element);
        return;
    }
    if (!qpdf_oh_is_dictionary(pdf, kid))
        return;
    if (qpdf_oh_has_key(pdf, kid, "/S")) {
        open_element(w, kid, f->element, f->page);
    } else if (qpdf_oh_has_key(pdf, kid, "/MCID")) {
        int page = object_of(pdf, kid, "/Pg", f->page), stream = object_of(pdf, kid, "/Stm", 0);
        add_leaf(w, page, stream, number_of(pdf, kid, "/MCID", 0, INT32_MAX, -1), f->element);
    }
}

static void follow(walk *w)
{
    while (w->depth && !w->failed) {
        frame *f = &w->stack[w->depth - 1];
        if (f->at == f->count || w->fault == OCRVL_TREE_LARGE) {
            let_go(w->pdf, f->kids);
            w->depth--;
            continue;
        }
        bool many = qpdf_oh_is_array(w->pdf, f->kids);
        qpdf_oh kid = many ? qpdf_oh_get_array_item(w->pdf, f->kids, f->at) : f->kids;
        frame of = *f;
        f->at++;
        take_kid(w, kid, &of);
        if (many)
            let_go(w->pdf, kid);
        ocrvl_pdf_objects_warned(w->pdf);
    }
}

ocrvl_status ocrvl_pdf_tree_read(ocrvl_tag_tree *t, ocrvl_tree_fault *fault, qpdf_data pdf, ocrvl_error *err)
{
    qpdf_oh root = key_of(pdf, qpdf_get_root(pdf), "/StructTreeRoot");
    *t = (ocrvl_tag_tree){0};
    *fault = OCRVL_TREE_NONE;
    if (!qpdf_oh_is_dictionary(pdf, root))
        return OCRVL_OK;
    walk *w = ocrvl_alloc(sizeof *w);
    if (!w || !(w->seen = ocrvl_alloc(MOST_OBJECT / 8))) {
        ocrvl_free(w);
        return ocrvl_fail_nomem(err);
    }
    w->pdf = pdf;
    w->t = t;
    w->roles = key_of(pdf, root, "/RoleMap");
    w->classes = key_of(pdf, root, "/ClassMap");
    ocrvl_buf_putc(&t->strings, '\0'); /* offset 0 says that there is none */
    open_element(w, root, NONE, 0);
    follow(w);
    *fault = w->fault;
    bool failed = w->failed || t->strings.failed;
    ocrvl_free(w->seen);
    ocrvl_free(w);
    ocrvl_status st = failed ? ocrvl_fail_nomem(err) : ocrvl_tag_tree_blocks(t, err);
    if (!st && t->leaf_count == 0)
        *fault = *fault ? *fault : OCRVL_TREE_NONE;
    if (st)
        ocrvl_tag_tree_free(t);
    return st;
}
