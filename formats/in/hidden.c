#include "in/hidden.h"

#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "in/content.h"

#define MAX_PACKED (512u << 10) /* size limit of a stream that is examined: Flate expands it at most 1032 times */
#define MAX_STREAMS 4096u       /* limit of streams of a page */
#define DEEP 12                 /* depth of nested forms */
#define PARENTS 200

typedef struct hidden {
    qpdf_data pdf;
    bool changed, failed; /* failed: memory was exhausted */
    ocrvl_buf seen;       /* object ids of forms that were examined, as ints */
} hidden;

typedef struct part { /* a stream of the content */
    int id, generation;
    size_t from, to; /* position in the joined content */
} part;

static ocrvl_status check(qpdf_data pdf, ocrvl_error *err)
{
    if (!qpdf_has_error(pdf))
        return OCRVL_OK;
    qpdf_error e = qpdf_get_error(pdf);
    const char *text = qpdf_get_error_full_text(pdf, e);
    if (qpdf_get_error_code(pdf, e) == qpdf_e_password)
        return ocrvl_fail(err, OCRVL_E_PASSWORD, "the PDF is encrypted, and the password doesn't open it");
    if (strstr(text, "bad_alloc"))
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: %.100s", text);
}

/* ---- streams ----------------------------------------------------------------------------------------- */

static bool is_filter(qpdf_data pdf, qpdf_oh f, const char *const *names)
{
    for (; *names; names++)
        if (qpdf_oh_is_name_and_equals(pdf, f, *names))
            return true;
    return false;
}

/* Whether decoding can't make more of the stream than MAX_PACKED allows, because it has one compressing filter at
 * most. */
static bool is_bounded(qpdf_data pdf, qpdf_oh stream)
{
    static const char *const one[] = {"/FlateDecode",    "/Fl",  "/LZWDecode", "/LZW", "/ASCII85Decode", "/A85",
                                      "/ASCIIHexDecode", "/AHx", NULL};
    static const char *const text[] = {"/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx", NULL};
    qpdf_oh f = qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, stream), "/Filter");
    int n = qpdf_oh_is_array(pdf, f) ? qpdf_oh_get_array_n_items(pdf, f) : -1;
    if (n < 0)
        return qpdf_oh_is_null(pdf, f) || is_filter(pdf, f, one);
    return n == 0 || (n == 1 && is_filter(pdf, qpdf_oh_get_array_item(pdf, f, 0), one)) ||
           (n == 2 && is_filter(pdf, qpdf_oh_get_array_item(pdf, f, 0), text) &&
            is_filter(pdf, qpdf_oh_get_array_item(pdf, f, 1), one));
}

/* Appends a stream's decoded bytes. Returns false if it can't be decoded. */
static bool decode(qpdf_data pdf, qpdf_oh stream, ocrvl_buf *out)
{
    unsigned char *data = NULL;
    size_t len = 0;
    QPDF_BOOL filtered = QPDF_FALSE;
    if (!qpdf_oh_is_stream(pdf, stream) || !is_bounded(pdf, stream))
        return false;
    bool fine =
        !(qpdf_oh_get_stream_data(pdf, stream, qpdf_dl_none, NULL, &data, &len) & QPDF_ERRORS) && len <= MAX_PACKED;
    free(data); /* allocated by qpdf with malloc */
    data = NULL;
    fine = fine && !(qpdf_oh_get_stream_data(pdf, stream, qpdf_dl_generalized, &filtered, &data, &len) & QPDF_ERRORS);
    if (fine && filtered)
        ocrvl_buf_put(out, data, len);
    free(data);
    return fine && filtered && !out->failed;
}

/* Appends the part's bytes without the cuts. */
static void put_rest(ocrvl_buf *b, const ocrvl_buf *whole, const part *p, const ocrvl_cuts *cuts)
{
    size_t at = p->from;
    for (size_t i = 0; i < cuts->count; i++) {
        const ocrvl_cut *c = &cuts->list[i];
        if (c->to <= at || c->from >= p->to)
            continue;
        if (c->from >= at) {
            ocrvl_buf_put(b, whole->data + at, c->from - at);
            ocrvl_buf_puts(b, c->instead);
        }
        at = c->to < p->to ? c->to : p->to;
    }
    ocrvl_buf_put(b, whole->data + at, p->to - at);
}

static bool any_cut(const part *p, const ocrvl_cuts *cuts)
{
    for (size_t i = 0; i < cuts->count; i++)
        if (cuts->list[i].from < p->to && cuts->list[i].to > p->from)
            return true;
    return false;
}

static void rewrite(hidden *h, const ocrvl_buf *whole, const part *parts, size_t count, const ocrvl_cuts *cuts)
{
    for (size_t i = 0; i < count; i++) {
        ocrvl_buf b = {0};
        if (!any_cut(&parts[i], cuts))
            continue;
        put_rest(&b, whole, &parts[i], cuts);
        h->failed |= b.failed;
        qpdf_oh stream = qpdf_get_object_by_id(h->pdf, parts[i].id, parts[i].generation);
        if (!b.failed)
            qpdf_oh_replace_stream_data(h->pdf, stream, (const unsigned char *)(b.data ? b.data : ""), b.len,
                                        qpdf_oh_new_null(h->pdf), qpdf_oh_new_null(h->pdf));
        h->changed = true;
        ocrvl_buf_free(&b);
    }
}

/* ---- content ----------------------------------------------------------------------------------------- */

typedef struct place { /* the owner of the content */
    hidden *h;
    qpdf_oh resources;
    ocrvl_buf forms; /* object ids of the forms that it shows, as ints */
} place;

static bool is_drawn(void *user, const char *font)
{
    place *p = user;
    qpdf_data pdf = p->h->pdf;
    qpdf_oh f = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key_if_dict(pdf, p->resources, "/Font"), font);
    return qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key_if_dict(pdf, f, "/Subtype"), "/Type3");
}

static bool holds(const ocrvl_buf *ids, int id)
{
    for (size_t i = 0; i + sizeof id <= ids->len; i += sizeof id)
        if (memcmp(ids->data + i, &id, sizeof id) == 0)
            return true;
    return false;
}

static void shows(void *user, const char *object)
{
    place *p = user;
    qpdf_data pdf = p->h->pdf;
    qpdf_oh o = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key_if_dict(pdf, p->resources, "/XObject"), object);
    if (!qpdf_oh_is_stream(pdf, o) ||
        !qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, o), "/Subtype"), "/Form"))
        return;
    int id = qpdf_oh_get_object_id(pdf, o);
    if (qpdf_oh_get_generation(pdf, o) == 0 && !holds(&p->h->seen, id)) {
        ocrvl_buf_put(&p->h->seen, &id, sizeof id);
        ocrvl_buf_put(&p->forms, &id, sizeof id);
    }
}

/* Cuts hidden text out of the parts, and out of the forms that they show. */
static void clean(hidden *h, const ocrvl_buf *whole, const part *parts, size_t count, qpdf_oh resources, int deep);

static void clean_form(hidden *h, int id, qpdf_oh outer, int deep)
{
    ocrvl_buf whole = {0};
    qpdf_oh form = qpdf_get_object_by_id(h->pdf, id, 0), dict = qpdf_oh_get_dict(h->pdf, form);
    qpdf_oh own = qpdf_oh_get_key(h->pdf, dict, "/Resources");
    if (decode(h->pdf, form, &whole)) {
        part p = {id, 0, 0, whole.len};
        clean(h, &whole, &p, 1, qpdf_oh_is_dictionary(h->pdf, own) ? own : outer, deep + 1);
    }
    h->failed |= whole.failed;
    ocrvl_buf_free(&whole);
}

static void clean(hidden *h, const ocrvl_buf *whole, const part *parts, size_t count, qpdf_oh resources, int deep)
{
    ocrvl_cuts cuts = {0};
    place p = {h, resources, {0}};
    ocrvl_content_names names = {&p, is_drawn, shows};
    if (ocrvl_content_hidden(&cuts, (const uint8_t *)(whole->data ? whole->data : ""), whole->len, &names))
        rewrite(h, whole, parts, count, &cuts);
    h->failed |= cuts.failed || p.forms.failed || h->seen.failed;
    ocrvl_free(cuts.list);
    for (size_t i = 0; i + sizeof(int) <= p.forms.len && deep < DEEP && !h->failed; i += sizeof(int)) {
        int id;
        memcpy(&id, p.forms.data + i, sizeof id);
        clean_form(h, id, resources, deep);
    }
    ocrvl_buf_free(&p.forms);
}

static qpdf_oh resources_of(qpdf_data pdf, qpdf_oh page)
{
    for (int i = 0; i < PARENTS && qpdf_oh_is_dictionary(pdf, page); i++) {
        if (qpdf_oh_has_key(pdf, page, "/Resources"))
            return qpdf_oh_get_key(pdf, page, "/Resources");
        page = qpdf_oh_get_key(pdf, page, "/Parent");
    }
    return qpdf_oh_new_null(pdf);
}

static void clean_page(hidden *h, size_t index)
{
    qpdf_data pdf = h->pdf;
    qpdf_oh page = qpdf_get_page_n(pdf, index), contents = qpdf_oh_get_key(pdf, page, "/Contents");
    bool many = qpdf_oh_is_array(pdf, contents), fine = true;
    int n = many ? qpdf_oh_get_array_n_items(pdf, contents) : 1;
    if (n < 1 || (unsigned)n > MAX_STREAMS)
        return;
    part *parts = ocrvl_alloc_array((size_t)n, sizeof *parts);
    ocrvl_buf whole = {0};
    h->failed |= !parts;
    for (int i = 0; i < n && parts && fine; i++) {
        qpdf_oh s = many ? qpdf_oh_get_array_item(pdf, contents, i) : contents;
        parts[i] = (part){qpdf_oh_get_object_id(pdf, s), qpdf_oh_get_generation(pdf, s), whole.len, 0};
        fine = decode(pdf, s, &whole);
        parts[i].to = whole.len;
        ocrvl_buf_putc(&whole, '\n');
    }
    if (parts && fine && !whole.failed)
        clean(h, &whole, parts, (size_t)n, resources_of(pdf, page), 0);
    h->failed |= whole.failed;
    ocrvl_free(parts);
    ocrvl_buf_free(&whole);
    qpdf_oh_release_all(pdf);
}

/* ---- the document ------------------------------------------------------------------------------------ */

/* Changes nothing else; see ocrvl_qpdf_write. */
static ocrvl_status write_anew(uint8_t **out, size_t *out_len, qpdf_data pdf, ocrvl_error *err)
{
    qpdf_init_write_memory(pdf);
    ocrvl_status st = check(pdf, err);
    if (st)
        return st;
    qpdf_set_stream_data_mode(pdf, qpdf_s_preserve);
    qpdf_set_decode_level(pdf, qpdf_dl_none);
    qpdf_set_compress_streams(pdf, QPDF_FALSE);
    qpdf_set_object_stream_mode(pdf, qpdf_o_preserve);
    qpdf_set_newline_before_endstream(pdf, QPDF_TRUE);
    qpdf_set_linearization(pdf, qpdf_is_linearized(pdf));
    if (!qpdf_is_encrypted(pdf))
        qpdf_set_deterministic_ID(pdf, QPDF_TRUE);
    qpdf_write(pdf);
    st = check(pdf, err);
    if (st)
        return st;
    *out_len = qpdf_get_buffer_length(pdf);
    *out = ocrvl_alloc(*out_len);
    if (!*out)
        return ocrvl_fail_nomem(err);
    memcpy(*out, qpdf_get_buffer(pdf), *out_len);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pdf_drop_hidden(uint8_t **out, size_t *out_len, const void *data, size_t len, const char *password,
                                   ocrvl_error *err)
{
    hidden h = {.pdf = qpdf_init()};
    *out = NULL;
    *out_len = 0;
    qpdf_silence_errors(h.pdf);
    qpdf_set_suppress_warnings(h.pdf, QPDF_TRUE);
    qpdf_read_memory(h.pdf, "PDF", data, len, password);
    ocrvl_status st = check(h.pdf, err);
    int n = st ? 0 : qpdf_get_num_pages(h.pdf);
    for (int i = 0; i < n && !h.failed; i++)
        clean_page(&h, (size_t)i);
    if (!st)
        st = h.failed ? ocrvl_fail_nomem(err) : check(h.pdf, err);
    if (!st && h.changed)
        st = write_anew(out, out_len, h.pdf, err);
    ocrvl_buf_free(&h.seen);
    qpdf_cleanup(&h.pdf);
    return st;
}
