#include "in/pdf_kids.h"

#include "base/buf.h"
#include "base/error.h"

#define DEEP 200
#define MAX_OBJECT (1 << 27) /* no file has so many */

typedef struct tree {
    qpdf_data pdf;
    ocrvl_buf seen; /* a bit for each object's number: a node that was met */
    uint64_t lost;  /* pages or nodes that it names and the file lacks */
    bool changed;
} tree;

/* Whether the object is met for the first time; one without a number always is. */
static bool is_new(tree *t, qpdf_oh node)
{
    static const char empty[4096] = {0};
    int id = qpdf_oh_get_object_id(t->pdf, node);
    if (id <= 0 || id > MAX_OBJECT)
        return id <= 0;
    size_t at = (size_t)id / 8;
    while (t->seen.len <= at && !t->seen.failed)
        ocrvl_buf_put(&t->seen, empty, sizeof empty);
    if (t->seen.failed)
        return false;
    char bit = (char)(1u << id % 8);
    bool was = t->seen.data[at] & bit;
    t->seen.data[at] |= bit;
    return !was;
}

/* The entries of a node, as an array; false if it has none. */
static bool get_kids(qpdf_oh *kids, tree *t, qpdf_oh node)
{
    *kids = qpdf_oh_get_key(t->pdf, node, "/Kids");
    if (qpdf_oh_is_dictionary(t->pdf, *kids)) {
        qpdf_oh one = qpdf_oh_new_array(t->pdf);
        qpdf_oh_append_item(t->pdf, one, *kids);
        qpdf_oh_replace_key(t->pdf, node, "/Kids", one);
        t->changed = true;
        *kids = one;
    }
    return qpdf_oh_is_array(t->pdf, *kids);
}

static bool is_page(tree *t, qpdf_oh node)
{
    bool called_node = qpdf_oh_is_name_and_equals(t->pdf, qpdf_oh_get_key(t->pdf, node, "/Type"), "/Pages");
    return !called_node || qpdf_oh_has_key(t->pdf, node, "/Contents");
}

/* Cleans what is below the node. Returns how many pages there are, itself being one or not. */
static long long clean(tree *t, qpdf_oh node, int deep)
{
    qpdf_data pdf = t->pdf;
    qpdf_oh kids;
    long long pages = 0;
    t->lost += qpdf_oh_is_null(pdf, node) && qpdf_oh_get_object_id(pdf, node) > 0;
    if (!qpdf_oh_is_dictionary(pdf, node))
        return 0;
    if (!qpdf_oh_has_key(pdf, node, "/Kids"))
        return is_page(t, node);
    if (deep > DEEP || !is_new(t, node) || !get_kids(&kids, t, node))
        return 0;
    for (int i = qpdf_oh_get_array_n_items(pdf, kids) - 1; i >= 0 && !t->seen.failed; i--) {
        qpdf_oh kid = qpdf_oh_get_array_item(pdf, kids, i);
        long long below = clean(t, kid, deep + 1);
        if (!below) {
            qpdf_oh_erase_item(pdf, kids, i);
            t->changed = true;
        }
        pages += below;
        qpdf_oh_release(pdf, kid);
    }
    if (t->changed)
        qpdf_oh_replace_key(pdf, node, "/Count", qpdf_oh_new_integer(pdf, pages));
    return pages;
}

ocrvl_status ocrvl_pdf_clean_kids(ocrvl_pdf_kids *k, qpdf_data pdf, ocrvl_error *err)
{
    tree t = {.pdf = pdf};
    qpdf_oh root = qpdf_oh_get_key_if_dict(pdf, qpdf_get_root(pdf), "/Pages");
    qpdf_oh count = qpdf_oh_get_key_if_dict(pdf, root, "/Count");
    long long n = qpdf_oh_is_integer(pdf, count) ? qpdf_oh_get_int_value(pdf, count) : 0;
    clean(&t, root, 0);
    *k = (ocrvl_pdf_kids){n > 0 ? (uint64_t)n : 0, t.lost, t.changed};
    bool failed = t.seen.failed;
    ocrvl_buf_free(&t.seen);
    qpdf_oh_release_all(pdf);
    return failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}
