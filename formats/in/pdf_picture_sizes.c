#include "in/pdf_picture_sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "in/pdf_contents.h"

/* Objects that are looked at for a page, and ancestors whose resources it may have. */
enum { MOST_OBJECTS = 50000, SLOTS = 1 << 17 };

struct ocrvl_pdf_picture_sizes {
    qpdf_data pdf;
    size_t pages;
};

typedef struct walk { /* over what a page can show */
    qpdf_data pdf;
    qpdf_oh *open; /* [count] what is still to be looked at */
    size_t count, cap, seen;
    uint64_t *known; /* [SLOTS] the objects that are or were in `open`, by hash; 0: free */
    ocrvl_pdf_picture_size most, longest;
    bool used_only; /* of the objects among resources only what the contents name */
    bool failed;
} walk;

/* ---- bytes ------------------------------------------------------------------------------------------- */

static int hex(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool is_delimiter(uint8_t c) { return c <= ' ' || (c < 128 && strchr("()<>[]{}/%", c)); }

/* Whether the whole name at p, after its slash, is this one, some of its characters maybe written as #xx. *after: behind
 * it. */
static bool is_name(const uint8_t *p, const uint8_t *end, const char *name, const uint8_t **after)
{
    for (; *name && p < end; name++) {
        uint8_t c = *p++;
        if (c == '#' && end - p >= 2 && hex(p[0]) >= 0 && hex(p[1]) >= 0) {
            c = (uint8_t)(hex(p[0]) << 4 | hex(p[1]));
            p += 2;
        }
        if (c != (uint8_t)*name)
            return false;
    }
    *after = p;
    return *name == '\0' && (p == end || is_delimiter(*p));
}

bool ocrvl_pdf_is_pictured(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *after;
    for (const uint8_t *p = data; p < end && (p = memchr(p, '/', (size_t)(end - p)));) {
        p++;
        if (is_name(p, end, "Image", &after) || is_name(p, end, "Width", &after))
            return true;
        if (!is_name(p, end, "Subtype", &after))
            continue;
        while (after < end && (*after == ' ' || *after == '\n' || *after == '\r' || *after == '\t'))
            after++;
        if (after < end && *after >= '0' && *after <= '9')
            return true; /* it stands elsewhere */
    }
    return false;
}

/* Reads the number after a name such as "/Width", if p begins with that name. */
static bool named_number(const uint8_t *p, const uint8_t *end, const char *name, uint64_t *v)
{
    size_t n = strlen(name);
    if ((size_t)(end - p) <= n || memcmp(p, name, n) != 0)
        return false;
    for (p += n; p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t');)
        p++;
    if (p == end || *p < '0' || *p > '9')
        return false;
    for (*v = 0; p < end && *p >= '0' && *p <= '9' && *v < UINT32_MAX / 16; p++)
        *v = 10 * *v + (uint64_t)(*p - '0');
    return true;
}

uint64_t ocrvl_pdf_largest_picture(const uint8_t *data, size_t len)
{
    enum { NEAR = 512 }; /* width and height must be this close to belong to one dictionary */
    const uint8_t *end = data + len, *at_w = NULL, *at_h = NULL;
    uint64_t w = 0, h = 0, most = 0;
    for (const uint8_t *p = data; p < end && (p = memchr(p, '/', (size_t)(end - p))); p++) {
        if (named_number(p, end, "/Width", &w))
            at_w = p;
        else if (named_number(p, end, "/Height", &h))
            at_h = p;
        else
            continue;
        if (at_w && at_h && at_w - at_h <= NEAR && at_h - at_w <= NEAR && w * h > most)
            most = w * h;
    }
    return most;
}

/* ---- objects ----------------------------------------------------------------------------------------- */

ocrvl_pdf_picture_sizes *ocrvl_pdf_picture_sizes_open(const void *data, size_t len, const char *password)
{
    ocrvl_pdf_picture_sizes *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return NULL;
    p->pdf = ocrvl_pdf_objects_open(data, len, password);
    if (qpdf_has_error(p->pdf)) {
        ocrvl_pdf_picture_sizes_free(p);
        return NULL;
    }
    int n = qpdf_get_num_pages(p->pdf);
    p->pages = n > 0 ? (size_t)n : 0;
    return p;
}

void ocrvl_pdf_picture_sizes_free(ocrvl_pdf_picture_sizes *p)
{
    if (!p)
        return;
    ocrvl_pdf_objects_close(&p->pdf);
    ocrvl_free(p);
}

/* Whether an object is met for the first time; one without a number always is. */
static bool is_new(walk *w, qpdf_oh o)
{
    uint64_t id =
        (uint64_t)qpdf_oh_get_object_id(w->pdf, o) << 17 | ((uint64_t)qpdf_oh_get_generation(w->pdf, o) & 0x1FFFF);
    if (id >> 17 == 0)
        return true;
    size_t at = (size_t)((id * UINT64_C(0x9E3779B97F4A7C15)) >> 40) % SLOTS;
    while (w->known[at] && w->known[at] != id)
        at = (at + 1) % SLOTS;
    bool fresh = !w->known[at];
    w->known[at] = id;
    return fresh;
}

/* Puts an object by for later if it may hold others. */
static void add(walk *w, qpdf_oh o)
{
    bool holds = qpdf_oh_is_dictionary(w->pdf, o) || qpdf_oh_is_stream(w->pdf, o) || qpdf_oh_is_array(w->pdf, o);
    if (!holds || w->failed || !is_new(w, o))
        return;
    w->failed = ++w->seen > MOST_OBJECTS || !OCRVL_ARRAY_RESERVE(w->open, w->cap, w->count + 1);
    if (!w->failed)
        w->open[w->count++] = o;
}

/* What leads to no picture, or away from the page. */
static bool is_skipped(const char *key)
{
    static const char *const skipped[] = {"/Parent",   "/P",        "/FontDescriptor", "/DescendantFonts", "/ToUnicode",
                                          "/Widths",   "/Encoding", "/Metadata",       "/ColorSpace",      "/Function",
                                          "/Contents", "/Annots",   "/Kids",           "/StructParents"};
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
        if (strcmp(key, skipped[i]) == 0)
            return true;
    return false;
}

static double number(qpdf_data pdf, qpdf_oh dict, const char *name, const char *shorter)
{
    qpdf_oh n = qpdf_oh_get_key(pdf, dict, name);
    if (qpdf_oh_is_null(pdf, n))
        n = qpdf_oh_get_key(pdf, dict, shorter);
    double v = qpdf_oh_is_number(pdf, n) ? qpdf_oh_get_numeric_value(pdf, n) : 0;
    return v > 0 ? v : 0;
}

/* Whether contents have the name, which begins with a slash; one in a string counts as well. */
static bool names(const uint8_t *p, size_t len, const char *name)
{
    const uint8_t *end = p + len, *after;
    for (; p < end && (p = memchr(p, '/', (size_t)(end - p))); p++)
        if (is_name(p + 1, end, name + 1, &after))
            return true;
    return false;
}

/* What contents use of their resources; all of it if they can't be read. */
static void add_resources(walk *w, qpdf_oh resources, const uint8_t *contents, size_t len)
{
    qpdf_data pdf = w->pdf;
    qpdf_oh objects = qpdf_oh_get_key_if_dict(pdf, resources, "/XObject");
    if (!contents || !qpdf_oh_is_dictionary(pdf, objects)) {
        add(w, resources);
        return;
    }
    for (qpdf_oh_begin_dict_key_iter(pdf, resources); qpdf_oh_dict_more_keys(pdf);) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        if (strcmp(key, "/XObject") != 0 && !is_skipped(key))
            add(w, qpdf_oh_get_key(pdf, resources, key));
    }
    for (qpdf_oh_begin_dict_key_iter(pdf, objects); qpdf_oh_dict_more_keys(pdf);) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        if (names(contents, len, key))
            add(w, qpdf_oh_get_key(pdf, objects, key));
    }
}

/* The resources of a form. */
static void add_form_resources(walk *w, qpdf_oh form)
{
    unsigned char *contents = NULL;
    size_t len = 0;
    bool read = !(qpdf_oh_get_stream_data(w->pdf, form, qpdf_dl_generalized, NULL, &contents, &len) & QPDF_ERRORS);
    add_resources(w, qpdf_oh_get_key(w->pdf, qpdf_oh_get_dict(w->pdf, form), "/Resources"), read ? contents : NULL,
                  len);
    free(contents);
}

static void look_at_dictionary(walk *w, qpdf_oh dict, bool resources)
{
    qpdf_data pdf = w->pdf;
    if (qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key(pdf, dict, "/Subtype"), "/Image")) {
        ocrvl_pdf_picture_size p = {number(pdf, dict, "/Width", "/W"), number(pdf, dict, "/Height", "/H")};
        if (p.width * p.height > w->most.width * w->most.height)
            w->most = p;
        if (fmax(p.width, p.height) > fmax(w->longest.width, w->longest.height))
            w->longest = p;
    }
    for (qpdf_oh_begin_dict_key_iter(pdf, dict); qpdf_oh_dict_more_keys(pdf);) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        if (!is_skipped(key) && (resources || strcmp(key, "/Resources") != 0))
            add(w, qpdf_oh_get_key(pdf, dict, key));
    }
}

static void look_at(walk *w, qpdf_oh o)
{
    if (qpdf_oh_is_stream(w->pdf, o)) {
        qpdf_oh dict = qpdf_oh_get_dict(w->pdf, o);
        look_at_dictionary(w, dict, !w->used_only);
        if (w->used_only && qpdf_oh_has_key(w->pdf, dict, "/Resources"))
            add_form_resources(w, o);
    } else if (qpdf_oh_is_dictionary(w->pdf, o)) {
        look_at_dictionary(w, o, true);
    } else {
        int n = qpdf_oh_get_array_n_items(w->pdf, o);
        for (int i = 0; i < n && !w->failed; i++)
            add(w, qpdf_oh_get_array_item(w->pdf, o, i));
    }
}

/* The page's resources, which an ancestor may have, and the looks of its annotations. */
static void begin(walk *w, qpdf_oh page)
{
    qpdf_data pdf = w->pdf;
    qpdf_oh annotations = qpdf_oh_get_key_if_dict(pdf, page, "/Annots");
    qpdf_oh resources = ocrvl_pdf_objects_inherited(pdf, page, "/Resources");
    unsigned char *contents = NULL;
    size_t len = 0;
    bool read = w->used_only && !(qpdf_oh_get_page_content_data(pdf, page, &contents, &len) & QPDF_ERRORS);
    add_resources(w, resources, read ? contents : NULL, len);
    free(contents);
    int n = qpdf_oh_is_array(pdf, annotations) ? qpdf_oh_get_array_n_items(pdf, annotations) : 0;
    for (int i = 0; i < n && !w->failed; i++)
        add(w, qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_array_item(pdf, annotations, i), "/AP"));
}

/* What page `index` can show; false if that isn't known. */
static bool walk_page(walk *w, size_t index)
{
    w->known = ocrvl_alloc_array(SLOTS, sizeof *w->known);
    w->failed = !w->known;
    if (!w->failed)
        begin(w, qpdf_get_page_n(w->pdf, index));
    while (w->count && !w->failed)
        look_at(w, w->open[--w->count]);
    qpdf_oh_release_all(w->pdf);
    ocrvl_free(w->open);
    ocrvl_free(w->known);
    return !w->failed;
}

bool ocrvl_pdf_picture_sizes_largest(ocrvl_pdf_picture_sizes *p, uint64_t index, double most_pixels, double most_side,
                                     ocrvl_pdf_picture_size *most, ocrvl_pdf_picture_size *longest)
{
    walk all = {.pdf = p->pdf}, used = {.pdf = p->pdf, .used_only = true};
    *most = *longest = (ocrvl_pdf_picture_size){0};
    if (index >= p->pages || !walk_page(&all, (size_t)index))
        return false;
    bool over =
        all.most.width * all.most.height > most_pixels || fmax(all.longest.width, all.longest.height) > most_side;
    if (over && !walk_page(&used, (size_t)index))
        return false;
    *most = over ? used.most : all.most;
    *longest = over ? used.longest : all.longest;
    return true;
}
