#include "in/pdf_contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "out/pdfa.h"

#define MAX_PACKED (512u << 10) /* size limit of a stream that is examined: Flate expands it at most 1032 times */
#define MAX_STREAMS 4096u       /* limit of streams of a page */
#define DEEP 12                 /* depth of nested forms */
#define PARENTS 200

typedef struct part { /* a stream of the content */
    int id, generation;
    size_t from, to; /* position in the joined content */
} part;

qpdf_data ocrvl_pdf_objects_open(const void *data, size_t len, const char *password)
{
    qpdf_data pdf = qpdf_init();
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    qpdf_read_memory(pdf, "PDF", data, len, password);
    return pdf;
}

bool ocrvl_pdf_objects_open_whole(qpdf_data *out, const void *data, size_t len, const char *password)
{
    *out = qpdf_init();
    qpdf_silence_errors(*out);
    qpdf_set_suppress_warnings(*out, QPDF_TRUE);
    qpdf_set_attempt_recovery(*out, QPDF_FALSE);
    bool fine = !(qpdf_read_memory(*out, "PDF", data, len, password) & QPDF_ERRORS);
    if (!fine)
        ocrvl_pdf_objects_close(out);
    return fine;
}

void ocrvl_pdf_objects_close(qpdf_data *pdf)
{
    if (!*pdf)
        return;
    if (qpdf_has_error(*pdf))
        qpdf_get_error(*pdf); /* or qpdf tells standard error of it */
    qpdf_cleanup(pdf);
}

ocrvl_status ocrvl_pdf_objects_check(qpdf_data pdf, ocrvl_error *err)
{
    if (!qpdf_has_error(pdf))
        return OCRVL_OK;
    qpdf_error e = qpdf_get_error(pdf);
    const char *text = qpdf_get_error_full_text(pdf, e);
    if (qpdf_get_error_code(pdf, e) == qpdf_e_password)
        return ocrvl_fail(err, OCRVL_E_PASSWORD, "the PDF is encrypted, and the password doesn't open it");
    if (strstr(text, "unsupported encryption filter"))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED,
                          "the PDF is encrypted by a method that uses no password, which isn't supported");
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

bool ocrvl_pdf_unknown_filter(char name[OCRVL_PDF_NAME], qpdf_data pdf, qpdf_oh dict)
{
    static const char *const known[] = {
        "/FlateDecode",    "/Fl",  "/LZWDecode",       "/LZW",         "/ASCII85Decode",  "/A85",
        "/ASCIIHexDecode", "/AHx", "/RunLengthDecode", "/RL",          "/CCITTFaxDecode", "/CCF",
        "/DCTDecode",      "/DCT", "/JPXDecode",       "/JBIG2Decode", "/Crypt",          NULL};
    qpdf_oh f = qpdf_oh_get_key(pdf, dict, "/Filter");
    bool many = qpdf_oh_is_array(pdf, f);
    int n = many ? qpdf_oh_get_array_n_items(pdf, f) : !qpdf_oh_is_null(pdf, f);
    for (int i = 0; i < n; i++) {
        qpdf_oh one = many ? qpdf_oh_get_array_item(pdf, f, i) : f;
        if (is_filter(pdf, one, known))
            continue;
        snprintf(name, OCRVL_PDF_NAME, "%s", qpdf_oh_is_name(pdf, one) ? qpdf_oh_get_name(pdf, one) + 1 : "");
        return true;
    }
    return false;
}

static void tell(ocrvl_pdf_walk *w, ocrvl_pdf_fault fault, const char *name)
{
    if (w->broken)
        w->broken(w->user, fault, name);
}

bool ocrvl_pdf_objects_warned(qpdf_data pdf)
{
    bool any = false;
    while (qpdf_more_warnings(pdf)) {
        qpdf_next_warning(pdf);
        any = true;
    }
    return any;
}

bool ocrvl_pdf_stream_decode(unsigned char **data, size_t *len, bool *whole, qpdf_data pdf, qpdf_oh stream)
{
    QPDF_BOOL filtered = QPDF_FALSE;
    *data = NULL;
    if (whole)
        *whole = true;
    if (!qpdf_oh_is_stream(pdf, stream) || !is_bounded(pdf, stream))
        return false;
    bool fine = !(qpdf_oh_get_stream_data(pdf, stream, qpdf_dl_none, NULL, data, len) & QPDF_ERRORS);
    free(*data);
    *data = NULL;
    if (fine && *len > MAX_PACKED)
        return false;
    ocrvl_pdf_objects_warned(pdf);
    fine = fine && !(qpdf_oh_get_stream_data(pdf, stream, qpdf_dl_generalized, &filtered, data, len) & QPDF_ERRORS) &&
           filtered;
    bool warned = ocrvl_pdf_objects_warned(pdf);
    if (whole)
        *whole = fine && !warned;
    if (fine)
        return true;
    free(*data);
    *data = NULL;
    return false;
}

/* Appends a stream's decoded bytes. Returns false if it can't be decoded. */
static bool decode(ocrvl_pdf_walk *w, qpdf_oh stream, ocrvl_buf *out)
{
    qpdf_data pdf = w->pdf;
    unsigned char *data;
    size_t len = 0;
    bool whole;
    char name[OCRVL_PDF_NAME];
    if (!qpdf_oh_is_stream(pdf, stream)) {
        tell(w, OCRVL_PDF_NO_CONTENT, "");
        return false;
    }
    if (ocrvl_pdf_unknown_filter(name, pdf, qpdf_oh_get_dict(pdf, stream))) {
        tell(w, OCRVL_PDF_UNKNOWN_FILTER, name);
        return false;
    }
    bool fine = ocrvl_pdf_stream_decode(&data, &len, &whole, pdf, stream);
    if (!whole)
        tell(w, OCRVL_PDF_CUT_CONTENT, "");
    if (fine)
        ocrvl_buf_put(out, data, len);
    free(data);
    return fine && !out->failed;
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

static void rewrite(ocrvl_pdf_walk *w, const ocrvl_buf *whole, const part *parts, size_t count, const ocrvl_cuts *cuts)
{
    for (size_t i = 0; i < count; i++) {
        ocrvl_buf b = {0};
        if (!any_cut(&parts[i], cuts))
            continue;
        put_rest(&b, whole, &parts[i], cuts);
        w->failed |= b.failed;
        qpdf_oh stream = qpdf_get_object_by_id(w->pdf, parts[i].id, parts[i].generation);
        if (!b.failed)
            qpdf_oh_replace_stream_data(w->pdf, stream, (const unsigned char *)(b.data ? b.data : ""), b.len,
                                        qpdf_oh_new_null(w->pdf), qpdf_oh_new_null(w->pdf));
        w->changed = true;
        ocrvl_buf_free(&b);
    }
}

/* ---- content ----------------------------------------------------------------------------------------- */

typedef struct place { /* the owner of the content */
    ocrvl_pdf_walk *w;
    qpdf_oh resources;
    const struct place *outer; /* of a form: what shows it, whose resources it may use as well; or NULL */
    ocrvl_buf forms;           /* object ids of the forms that it shows, as ints */
} place;

/* The resource of that kind and name; null if there is none. */
static qpdf_oh resource(const place *p, const char *kind, const char *name)
{
    qpdf_data pdf = p->w->pdf;
    qpdf_oh o = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key_if_dict(pdf, p->resources, kind), name);
    for (p = p->outer; p && qpdf_oh_is_null(pdf, o); p = p->outer)
        o = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key_if_dict(pdf, p->resources, kind), name);
    return o;
}

static bool is_drawn(void *user, const char *font)
{
    place *p = user;
    qpdf_data pdf = p->w->pdf;
    qpdf_oh f = resource(p, "/Font", font);
    if (!qpdf_oh_is_dictionary(pdf, f))
        tell(p->w, OCRVL_PDF_NO_FONT, font + 1);
    return qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key_if_dict(pdf, f, "/Subtype"), "/Type3");
}

static bool is_clear(void *user, const char *state, bool were)
{
    place *p = user;
    qpdf_data pdf = p->w->pdf;
    qpdf_oh alpha = qpdf_oh_get_key_if_dict(pdf, resource(p, "/ExtGState", state), "/ca");
    return qpdf_oh_is_number(pdf, alpha) ? qpdf_oh_get_numeric_value(pdf, alpha) <= 0 : were;
}

static bool holds(const ocrvl_buf *ids, int id)
{
    for (size_t i = 0; i + sizeof id <= ids->len; i += sizeof id)
        if (memcmp(ids->data + i, &id, sizeof id) == 0)
            return true;
    return false;
}

bool ocrvl_pdf_walk_is_new(ocrvl_pdf_walk *w, int id)
{
    if (holds(&w->seen, id))
        return false;
    ocrvl_buf_put(&w->seen, &id, sizeof id);
    return true;
}

static void shows(void *user, const char *object)
{
    place *p = user;
    qpdf_data pdf = p->w->pdf;
    qpdf_oh o = resource(p, "/XObject", object);
    if (!qpdf_oh_is_stream(pdf, o)) {
        tell(p->w, OCRVL_PDF_NO_PICTURE, object + 1);
        return;
    }
    qpdf_oh kind = qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, o), "/Subtype");
    int id = qpdf_oh_get_object_id(pdf, o);
    if (qpdf_oh_is_name_and_equals(pdf, kind, "/Form")) {
        if (qpdf_oh_get_generation(pdf, o) == 0 && ocrvl_pdf_walk_is_new(p->w, id))
            ocrvl_buf_put(&p->forms, &id, sizeof id);
    } else if (p->w->picture && qpdf_oh_is_name_and_equals(pdf, kind, "/Image") && ocrvl_pdf_walk_is_new(p->w, id)) {
        p->w->picture(p->w->user, o);
    }
}

/* Cuts what is found out of the parts, and out of the forms that they show. */
static void edit(ocrvl_pdf_walk *w, const ocrvl_buf *whole, const part *parts, size_t count, qpdf_oh resources,
                 const place *outer, int deep);

static void edit_form(ocrvl_pdf_walk *w, int id, const place *outer, int deep)
{
    ocrvl_buf whole = {0};
    qpdf_oh form = qpdf_get_object_by_id(w->pdf, id, 0), dict = qpdf_oh_get_dict(w->pdf, form);
    qpdf_oh own = qpdf_oh_get_key(w->pdf, dict, "/Resources");
    bool layer = w->no_layers && !qpdf_oh_is_null(w->pdf, qpdf_oh_get_key(w->pdf, dict, "/OC"));
    if (!layer && decode(w, form, &whole)) {
        part p = {id, 0, 0, whole.len};
        bool before = w->changed;
        w->changed = false;
        edit(w, &whole, &p, 1, qpdf_oh_is_dictionary(w->pdf, own) ? own : outer->resources, outer, deep + 1);
        w->forms_changed |= w->changed;
        w->changed |= before;
    }
    w->failed |= whole.failed;
    ocrvl_buf_free(&whole);
}

static void edit(ocrvl_pdf_walk *w, const ocrvl_buf *whole, const part *parts, size_t count, qpdf_oh resources,
                 const place *outer, int deep)
{
    ocrvl_cuts cuts = {0};
    place p = {w, resources, outer, {0}};
    ocrvl_content_names names = {&p, is_drawn, shows, is_clear};
    if (w->find(&cuts, (const uint8_t *)(whole->data ? whole->data : ""), whole->len, &names))
        rewrite(w, whole, parts, count, &cuts);
    else if (!cuts.failed)
        tell(w, OCRVL_PDF_CONFUSED_CONTENT, "");
    w->failed |= cuts.failed || p.forms.failed || w->seen.failed;
    ocrvl_free(cuts.list);
    for (size_t i = 0; i + sizeof(int) <= p.forms.len && deep < DEEP && !w->failed; i += sizeof(int)) {
        int id;
        memcpy(&id, p.forms.data + i, sizeof id);
        edit_form(w, id, &p, deep);
    }
    ocrvl_buf_free(&p.forms);
}

qpdf_oh ocrvl_pdf_objects_inherited(qpdf_data pdf, qpdf_oh page, const char *key)
{
    for (int i = 0; i < PARENTS && qpdf_oh_is_dictionary(pdf, page); i++) {
        if (qpdf_oh_has_key(pdf, page, key))
            return qpdf_oh_get_key(pdf, page, key);
        page = qpdf_oh_get_key(pdf, page, "/Parent");
    }
    return qpdf_oh_new_null(pdf);
}

void ocrvl_pdf_objects_values(ocrvl_buf *list, qpdf_data pdf, qpdf_oh dict)
{
    if (!qpdf_oh_is_dictionary(pdf, dict))
        return;
    for (qpdf_oh_begin_dict_key_iter(pdf, dict); qpdf_oh_dict_more_keys(pdf);) {
        qpdf_oh value = qpdf_oh_get_key(pdf, dict, qpdf_oh_dict_next_key(pdf));
        ocrvl_buf_put(list, &value, sizeof value);
    }
}

bool ocrvl_pdf_objects_looks(ocrvl_buf *list, qpdf_data pdf, qpdf_oh page)
{
    enum { MOST = 1000 };
    qpdf_oh annotations = qpdf_oh_get_key_if_dict(pdf, page, "/Annots");
    int n = qpdf_oh_is_array(pdf, annotations) ? qpdf_oh_get_array_n_items(pdf, annotations) : 0;
    for (int i = 0; i < n && i < MOST; i++) {
        qpdf_oh looks = qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_array_item(pdf, annotations, i), "/AP");
        qpdf_oh normal = qpdf_oh_get_key_if_dict(pdf, looks, "/N");
        if (qpdf_oh_is_stream(pdf, normal))
            ocrvl_buf_put(list, &normal, sizeof normal);
        else
            ocrvl_pdf_objects_values(list, pdf, normal);
    }
    return n <= MOST;
}

void ocrvl_pdf_walk_page(ocrvl_pdf_walk *w, size_t index)
{
    qpdf_data pdf = w->pdf;
    qpdf_oh page = qpdf_get_page_n(pdf, index), contents = qpdf_oh_get_key(pdf, page, "/Contents");
    bool many = qpdf_oh_is_array(pdf, contents), fine = true;
    int n = many ? qpdf_oh_get_array_n_items(pdf, contents) : 1;
    if (!many && qpdf_oh_is_null(pdf, contents) && qpdf_oh_get_object_id(pdf, contents) == 0)
        n = 0; /* a page without contents, not one whose contents are lost */
    if (n < 1 || (unsigned)n > MAX_STREAMS)
        return;
    part *parts = ocrvl_alloc_array((size_t)n, sizeof *parts);
    ocrvl_buf whole = {0};
    w->failed |= !parts;
    for (int i = 0; i < n && parts && (fine || w->broken); i++) {
        qpdf_oh s = many ? qpdf_oh_get_array_item(pdf, contents, i) : contents;
        parts[i] = (part){qpdf_oh_get_object_id(pdf, s), qpdf_oh_get_generation(pdf, s), whole.len, 0};
        fine = decode(w, s, &whole) && fine;
        parts[i].to = whole.len;
        ocrvl_buf_putc(&whole, '\n');
    }
    if (parts && (fine || w->broken) && !whole.failed)
        edit(w, &whole, parts, (size_t)n, ocrvl_pdf_objects_inherited(pdf, page, "/Resources"), NULL, 0);
    w->failed |= whole.failed;
    ocrvl_free(parts);
    ocrvl_buf_free(&whole);
    qpdf_oh_release_all(pdf);
}

/* ---- the document ------------------------------------------------------------------------------------ */

/* Leaves the document in the handle's memory. */
static ocrvl_status write_whole(qpdf_data pdf, bool bare, ocrvl_error *err)
{
    qpdf_init_write_memory(pdf);
    ocrvl_status st = ocrvl_pdf_objects_check(pdf, err);
    if (st)
        return st;
    qpdf_set_stream_data_mode(pdf, qpdf_s_preserve);
    qpdf_set_decode_level(pdf, qpdf_dl_none);
    qpdf_set_compress_streams(pdf, QPDF_FALSE);
    qpdf_set_object_stream_mode(pdf, qpdf_o_preserve);
    qpdf_set_newline_before_endstream(pdf, QPDF_TRUE);
    qpdf_set_linearization(pdf, qpdf_is_linearized(pdf));
    if (bare)
        qpdf_set_preserve_encryption(pdf, QPDF_FALSE);
    if (bare || !qpdf_is_encrypted(pdf))
        qpdf_set_deterministic_ID(pdf, QPDF_TRUE);
    qpdf_write(pdf);
    return ocrvl_pdf_objects_check(pdf, err);
}

ocrvl_status ocrvl_pdf_objects_try(const void *data, size_t len, const char *password, ocrvl_error *err)
{
    qpdf_data pdf = ocrvl_pdf_objects_open(data, len, password);
    ocrvl_status st = ocrvl_pdf_objects_check(pdf, err);
    st = st ? st : write_whole(pdf, false, err);
    if (ocrvl_pdfa_lacked_memory(pdf))
        st = ocrvl_fail_nomem(err);
    ocrvl_pdf_objects_close(&pdf);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

ocrvl_status ocrvl_pdf_objects_write(uint8_t **out, size_t *out_len, qpdf_data pdf, bool bare, ocrvl_error *err)
{
    *out = NULL;
    *out_len = 0;
    ocrvl_status st = write_whole(pdf, bare, err);
    if (st)
        return st;
    *out_len = qpdf_get_buffer_length(pdf);
    *out = ocrvl_alloc(*out_len);
    if (!*out)
        return ocrvl_fail_nomem(err);
    memcpy(*out, qpdf_get_buffer(pdf), *out_len);
    return OCRVL_OK;
}
