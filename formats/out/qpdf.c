/* Writes text onto the pages of a PDF, by libqpdf.
 *
 * The C API turns C++ exceptions into an error that stays in the handle, and its object functions continue with nulls;
 * so the error is checked once, after a page. Its handles are numbers of objects, which are all released after each
 * page. */
#include "out/qpdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "out/pdfa.h"
#include "out/pdfparts.h"

#define DEEP 200 /* nested arrays and dictionaries, which no sound document reaches */

typedef struct entry { /* an object that was encountered: its number here and in the target */
    uint64_t key;      /* 0 means no entry */
    size_t number;     /* 0 means that it is left out */
} entry;

typedef struct numbers {
    uint64_t *data;
    size_t count, cap;
} numbers;

struct ocrvl_qpdf {
    qpdf_data pdf;
    const void *data;
    size_t len;
    uint64_t pages;
    numbers taken; /* pages, in the order in which they were added */
    bool changed;
    ocrvl_pdfa asked, part; /* what its pages were held against; what it says it keeps */
    ocrvl_pdf_codes codes;
    int font, descendant, glyphs, unicode; /* object numbers; 0 means not made yet */
    entry *met;                            /* open addressing; filled by copying */
    size_t met_count, slots;
    numbers todo; /* keys of objects that are still to be copied */
};

void ocrvl_qpdf_free(ocrvl_qpdf *q)
{
    if (!q)
        return;
    if (qpdf_has_error(q->pdf))
        qpdf_get_error(q->pdf); /* or qpdf tells standard error of it */
    qpdf_cleanup(&q->pdf);
    ocrvl_pdf_codes_free(&q->codes);
    ocrvl_free(q->taken.data);
    ocrvl_free(q->met);
    ocrvl_free(q->todo.data);
    ocrvl_free(q);
}

/* Returns false if memory is exhausted. */
static bool push(numbers *list, uint64_t n)
{
    if (!OCRVL_ARRAY_RESERVE(list->data, list->cap, list->count + 1))
        return false;
    list->data[list->count++] = n;
    return true;
}

/* Returns the error that stays in the handle, if any. */
static ocrvl_status check(ocrvl_qpdf *q, ocrvl_error *err)
{
    if (!qpdf_has_error(q->pdf))
        return OCRVL_OK;
    qpdf_error e = qpdf_get_error(q->pdf);
    const char *text = qpdf_get_error_message_detail(q->pdf, e);
    if (qpdf_get_error_code(q->pdf, e) == qpdf_e_password)
        return ocrvl_fail(err, OCRVL_E_PASSWORD, "the PDF is encrypted, and the password doesn't open it");
    if (!text || !*text)
        text = qpdf_get_error_full_text(q->pdf, e);
    if (strstr(text, "bad_alloc"))
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: %.100s", text);
}

static bool any_warning(ocrvl_qpdf *q)
{
    bool any = false;
    while (qpdf_more_warnings(q->pdf)) {
        qpdf_next_warning(q->pdf);
        any = true;
    }
    return any;
}

static bool is_signed(qpdf_data pdf)
{
    qpdf_oh root = qpdf_get_root(pdf);
    qpdf_oh form = qpdf_oh_get_key_if_dict(pdf, root, "/AcroForm");
    qpdf_oh flags = qpdf_oh_get_key_if_dict(pdf, form, "/SigFlags");
    return (qpdf_oh_is_integer(pdf, flags) && (qpdf_oh_get_int_value(pdf, flags) & 1)) ||
           qpdf_oh_is_dictionary(pdf, qpdf_oh_get_key_if_dict(pdf, root, "/Perms"));
}

ocrvl_status ocrvl_qpdf_open(ocrvl_qpdf **out, ocrvl_qpdf_info *info, const void *data, size_t len,
                             const char *password, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_qpdf *q = ocrvl_alloc(sizeof *q);
    if (!q)
        return ocrvl_fail_nomem(err);
    q->pdf = qpdf_init();
    q->data = data;
    q->len = len;
    qpdf_silence_errors(q->pdf);
    qpdf_set_suppress_warnings(q->pdf, QPDF_TRUE);
    qpdf_read_memory(q->pdf, "PDF", data, len, password);
    ocrvl_status st = check(q, err);
    int n = st ? 0 : qpdf_get_num_pages(q->pdf);
    if (!st)
        st = check(q, err);
    if (!st && n < 1)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the PDF has no page");
    if (!st) {
        q->pages = (uint64_t)n;
        *info = (ocrvl_qpdf_info){q->pages, any_warning(q), is_signed(q->pdf), qpdf_is_encrypted(q->pdf)};
        st = check(q, err);
    }
    if (st)
        ocrvl_qpdf_free(q);
    else
        *out = q;
    return st;
}

bool ocrvl_qpdf_changed(const ocrvl_qpdf *q) { return q->changed; }

/* ---- objects ----------------------------------------------------------------------------------------- */

/* Makes a deflated stream of these bytes. Returns its number, or 0 if memory is exhausted. */
static int make_stream(ocrvl_qpdf *q, const ocrvl_buf *data)
{
    ocrvl_buf packed = {.failed = data->failed};
    int id = 0;
    ocrvl_deflate(&packed, data->data, data->len);
    if (!packed.failed) {
        qpdf_oh s = qpdf_oh_new_stream(q->pdf);
        qpdf_oh_replace_stream_data(q->pdf, s, (const unsigned char *)packed.data, packed.len,
                                    qpdf_oh_new_name(q->pdf, "/FlateDecode"), qpdf_oh_new_null(q->pdf));
        id = qpdf_oh_get_object_id(q->pdf, s);
    }
    ocrvl_buf_free(&packed);
    return id;
}

/* The same for a stream that exists already. */
static bool fill_stream(ocrvl_qpdf *q, int id, const ocrvl_buf *data)
{
    ocrvl_buf packed = {.failed = data->failed};
    ocrvl_deflate(&packed, data->data, data->len);
    if (!packed.failed)
        qpdf_oh_replace_stream_data(q->pdf, qpdf_get_object_by_id(q->pdf, id, 0), (const unsigned char *)packed.data,
                                    packed.len, qpdf_oh_new_name(q->pdf, "/FlateDecode"), qpdf_oh_new_null(q->pdf));
    bool fine = !packed.failed;
    ocrvl_buf_free(&packed);
    return fine;
}

static qpdf_oh by_id(ocrvl_qpdf *q, int id) { return qpdf_get_object_by_id(q->pdf, id, 0); }

/* Makes the invisible font; what depends on its codes stays empty until ocrvl_qpdf_write. */
static bool make_font(ocrvl_qpdf *q)
{
    qpdf_data pdf = q->pdf;
    ocrvl_buf b = {0};
    q->glyphs = make_stream(q, &b);
    q->unicode = make_stream(q, &b);
    ocrvl_buf_put(&b, ocrvl_glyphless, OCRVL_GLYPHLESS_BYTES);
    int file = make_stream(q, &b);
    ocrvl_buf_free(&b);
    if (!q->glyphs || !q->unicode || !file)
        return false;
    qpdf_oh_replace_key(pdf, qpdf_oh_get_dict(pdf, by_id(q, file)), "/Length1",
                        qpdf_oh_new_integer(pdf, OCRVL_GLYPHLESS_BYTES));
    qpdf_oh descriptor = qpdf_make_indirect_object(pdf, qpdf_oh_parse(pdf, "<< " OCRVL_PDF_DESCRIPTOR " >>"));
    qpdf_oh_replace_key(pdf, descriptor, "/FontFile2", by_id(q, file));
    qpdf_oh descendant = qpdf_make_indirect_object(pdf, qpdf_oh_parse(pdf, "<< " OCRVL_PDF_DESCENDANT " >>"));
    qpdf_oh_replace_key(pdf, descendant, "/FontDescriptor", descriptor);
    qpdf_oh_replace_key(pdf, descendant, "/CIDToGIDMap", by_id(q, q->glyphs));
    q->descendant = qpdf_oh_get_object_id(pdf, descendant);
    qpdf_oh font = qpdf_make_indirect_object(pdf, qpdf_oh_parse(pdf, "<< " OCRVL_PDF_FONT " >>"));
    qpdf_oh_replace_key(pdf, font, "/DescendantFonts", qpdf_oh_wrap_in_array(pdf, descendant));
    qpdf_oh_replace_key(pdf, font, "/ToUnicode", by_id(q, q->unicode));
    q->font = qpdf_oh_get_object_id(pdf, font);
    return true;
}

/* A dictionary with the same entries; an empty one if `from` is not a dictionary. */
static qpdf_oh copy_dictionary(qpdf_data pdf, qpdf_oh from)
{
    qpdf_oh to = qpdf_oh_new_dictionary(pdf);
    if (!qpdf_oh_is_dictionary(pdf, from))
        return to;
    for (qpdf_oh_begin_dict_key_iter(pdf, from); qpdf_oh_dict_more_keys(pdf);) {
        const char *key = qpdf_oh_dict_next_key(pdf);
        qpdf_oh_replace_key(pdf, to, key, qpdf_oh_get_key(pdf, from, key));
    }
    return to;
}

/* ---- text on a page ---------------------------------------------------------------------------------- */

/* The matrix from the page as it is shown, in points from its lower left, to the page's own coordinates. */
static void put_matrix(ocrvl_buf *b, const double box[4], int turns)
{
    static const signed char linear[4][4] = {{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}};
    for (int i = 0; i < 4; i++)
        ocrvl_buf_printf(b, "%d ", linear[turns][i]);
    ocrvl_buf_put_number(b, turns == 1 || turns == 2 ? box[2] : box[0], 4);
    ocrvl_buf_putc(b, ' ');
    ocrvl_buf_put_number(b, turns >= 2 ? box[3] : box[1], 4);
    ocrvl_buf_puts(b, " cm\n");
}

/* Quarter turns, clockwise. */
static int turns_of(qpdf_data pdf, qpdf_oh page)
{
    qpdf_oh r = ocrvl_pdfa_inherited(pdf, page, "/Rotate");
    double degrees = qpdf_oh_is_number(pdf, r) ? qpdf_oh_get_numeric_value(pdf, r) : 0;
    if (!(degrees > -1e6 && degrees < 1e6))
        return 0;
    return (((int)degrees / 90) % 4 + 4) % 4;
}

/* A box of the page, with its corners in order. Returns false if the page doesn't have it. */
static bool get_box(qpdf_data pdf, qpdf_oh page, const char *key, double box[4])
{
    qpdf_oh a = ocrvl_pdfa_inherited(pdf, page, key);
    double v[4];
    if (!qpdf_oh_is_array(pdf, a) || qpdf_oh_get_array_n_items(pdf, a) != 4)
        return false;
    for (int i = 0; i < 4; i++) {
        qpdf_oh n = qpdf_oh_get_array_item(pdf, a, i);
        if (!qpdf_oh_is_number(pdf, n))
            return false;
        v[i] = qpdf_oh_get_numeric_value(pdf, n);
    }
    const double sorted[4] = {fmin(v[0], v[2]), fmin(v[1], v[3]), fmax(v[0], v[2]), fmax(v[1], v[3])};
    if (!(sorted[2] > sorted[0] && sorted[3] > sorted[1]))
        return false;
    memcpy(box, sorted, sizeof sorted);
    return true;
}

/* The part of the page that is shown, by poppler's rules. */
static void crop_box(qpdf_data pdf, qpdf_oh page, double box[4])
{
    double media[4] = {0, 0, 612, 792}, crop[4];
    get_box(pdf, page, "/MediaBox", media);
    memcpy(box, media, sizeof media);
    if (!get_box(pdf, page, "/CropBox", crop))
        return;
    for (int i = 0; i < 2; i++) {
        crop[i] = fmax(crop[i], media[i]);
        crop[i + 2] = fmin(crop[i + 2], media[i + 2]);
    }
    if (crop[2] > crop[0] && crop[3] > crop[1])
        memcpy(box, crop, sizeof crop);
}

/* Gives the page a copy of its resources that includes our font, under `name`. */
static void add_font(ocrvl_qpdf *q, qpdf_oh page, qpdf_oh resources, qpdf_oh fonts, const char *name)
{
    qpdf_oh_replace_key(q->pdf, fonts, name, by_id(q, q->font));
    qpdf_oh_replace_key(q->pdf, resources, "/Font", fonts);
    qpdf_oh_replace_key(q->pdf, page, "/Resources", resources);
}

static void free_name(qpdf_data pdf, qpdf_oh fonts, ocrvl_buf *name)
{
    for (unsigned i = 1; i <= 100000; i++) {
        ocrvl_buf_clear(name);
        ocrvl_buf_printf(name, "/Ocrvl%u", i);
        if (name->failed || !qpdf_oh_has_key(pdf, fonts, name->data))
            return;
    }
}

static bool add_content(ocrvl_qpdf *q, qpdf_oh page, const ocrvl_buf *content)
{
    qpdf_data pdf = q->pdf;
    qpdf_oh was = qpdf_oh_get_key(pdf, page, "/Contents"), list = qpdf_oh_new_array(pdf);
    int id = make_stream(q, content);
    if (!id)
        return false;
    qpdf_oh_append_item(pdf, list, by_id(q, id));
    if (qpdf_oh_is_array(pdf, was))
        for (int i = 0, n = qpdf_oh_get_array_n_items(pdf, was); i < n; i++) {
            qpdf_oh item = qpdf_oh_get_array_item(pdf, was, i);
            qpdf_oh_append_item(pdf, list, item);
            qpdf_oh_release(pdf, item);
        }
    else if (!qpdf_oh_is_null(pdf, was))
        qpdf_oh_append_item(pdf, list, was);
    qpdf_oh_replace_key(pdf, page, "/Contents", list);
    return true;
}

/* Returns false if memory is exhausted. */
static bool put_text(ocrvl_qpdf *q, const ocrvl_page *page, const ocrvl_page_place *place)
{
    qpdf_data pdf = q->pdf;
    double box[4];
    qpdf_oh own = qpdf_get_page_n(pdf, (size_t)place->index);
    memcpy(box, place->pdf_box, sizeof box);
    if (!(box[2] > box[0] && box[3] > box[1])) /* results that don't have the box */
        crop_box(pdf, own, box);
    qpdf_oh resources = copy_dictionary(pdf, ocrvl_pdfa_inherited(pdf, own, "/Resources"));
    qpdf_oh fonts = copy_dictionary(pdf, qpdf_oh_get_key(pdf, resources, "/Font"));
    int turns = turns_of(pdf, own);
    bool lies = turns % 2 == 1;
    ocrvl_buf name = {0}, text = {0}, content = {0};
    free_name(pdf, fonts, &name);
    ocrvl_pdf_sheet sheet = {lies ? box[3] - box[1] : box[2] - box[0], lies ? box[2] - box[0] : box[3] - box[1],
                             name.failed ? "" : name.data + 1, place->text_boxes, place->text_box_count};
    ocrvl_put_pdf_text(&text, &q->codes, page, &sheet);
    bool fine = !name.failed && !text.failed;
    if (fine && text.len) {
        ocrvl_buf_puts(&content, "q ");
        put_matrix(&content, box, turns);
        ocrvl_buf_put(&content, text.data, text.len);
        ocrvl_buf_puts(&content, "Q\n");
        fine = (q->font || make_font(q)) && add_content(q, own, &content);
        if (fine)
            add_font(q, own, resources, fonts, name.data);
        q->changed = true;
    }
    ocrvl_buf_free(&name);
    ocrvl_buf_free(&text);
    ocrvl_buf_free(&content);
    return fine;
}

ocrvl_status ocrvl_qpdf_add(ocrvl_qpdf *q, const ocrvl_page *page, const ocrvl_page_place *place, ocrvl_error *err)
{
    if (place->index >= q->pages)
        return ocrvl_fail(err, OCRVL_E_ARG, "the PDF onto which text is written has no page %llu",
                          (unsigned long long)place->index + 1);
    bool fine = push(&q->taken, place->index);
    fine = fine && put_text(q, page, place);
    ocrvl_status st = check(q, err);
    if (!st && !fine)
        st = ocrvl_fail_nomem(err);
    qpdf_oh_release_all(q->pdf);
    return st;
}

ocrvl_status ocrvl_qpdf_keep(ocrvl_qpdf *q, const ocrvl_page_place *place, ocrvl_error *err)
{
    if (place->index >= q->pages)
        return ocrvl_fail(err, OCRVL_E_ARG, "the PDF has no page %llu", (unsigned long long)place->index + 1);
    return push(&q->taken, place->index) ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_qpdf_examine(ocrvl_qpdf *q, uint64_t page, ocrvl_pdfa part, ocrvl_buf *why, ocrvl_error *err)
{
    q->asked = part;
    if (page == UINT64_MAX)
        ocrvl_pdfa_document(q->pdf, part, why);
    else if (page < q->pages)
        ocrvl_pdfa_page(q->pdf, (size_t)page, part, why);
    return why->failed ? ocrvl_fail_nomem(err) : check(q, err);
}

ocrvl_status ocrvl_qpdf_claim(ocrvl_qpdf *q, ocrvl_pdfa part, const ocrvl_pdfa_parts *parts, ocrvl_error *err)
{
    ocrvl_pdfa_add(q->pdf, parts);
    q->changed = true;
    q->part = part;
    return check(q, err);
}

/* Writes the font's maps, when all codes are known. */
static ocrvl_status finish_font(ocrvl_qpdf *q, ocrvl_error *err)
{
    ocrvl_buf glyphs = {0}, unicode = {0}, widths = {0};
    if (!q->font)
        return OCRVL_OK;
    ocrvl_put_pdf_glyph_map(&glyphs, &q->codes);
    ocrvl_put_pdf_unicode_map(&unicode, &q->codes);
    ocrvl_put_pdf_widths(&widths, &q->codes);
    bool fine = fill_stream(q, q->glyphs, &glyphs) && fill_stream(q, q->unicode, &unicode) && !widths.failed;
    if (fine)
        qpdf_oh_replace_key(q->pdf, by_id(q, q->descendant), "/W", qpdf_oh_parse(q->pdf, widths.data));
    ocrvl_buf_free(&widths);
    ocrvl_buf_free(&glyphs);
    ocrvl_buf_free(&unicode);
    return fine ? check(q, err) : ocrvl_fail_nomem(err);
}

/* Changes as little as possible in a document that isn't ours: streams stay compressed as they are, objects in streams
 * stay in streams, and a linearised document is linearised again. qpdf 12 drops the encryption if it is told to
 * compress nothing, so an encrypted document's streams without a filter get one. */
static void set_up_writing(ocrvl_qpdf *q, bool linear, bool encrypted)
{
    qpdf_set_decode_level(q->pdf, qpdf_dl_none);
    qpdf_set_compress_streams(q->pdf, encrypted ? QPDF_TRUE : QPDF_FALSE);
    qpdf_set_preserve_encryption(q->pdf, QPDF_TRUE);
    qpdf_set_object_stream_mode(q->pdf, qpdf_o_preserve);
    qpdf_set_newline_before_endstream(q->pdf, QPDF_TRUE); /* PDF/A demands it */
    qpdf_set_linearization(q->pdf, linear);
    if (!encrypted)
        qpdf_set_deterministic_ID(q->pdf, QPDF_TRUE);
}

/* PDF/A has no encryption and no LZW, and part 1 no streams of objects; what isn't packed by a codec of pictures is
 * packed anew. */
static void set_up_pdfa(ocrvl_qpdf *q)
{
    qpdf_set_preserve_encryption(q->pdf, QPDF_FALSE);
    qpdf_set_deterministic_ID(q->pdf, QPDF_TRUE);
    qpdf_set_decode_level(q->pdf, qpdf_dl_generalized);
    qpdf_set_compress_streams(q->pdf, QPDF_TRUE);
    if (q->part == OCRVL_PDFA_1B)
        qpdf_set_object_stream_mode(q->pdf, qpdf_o_disable);
    qpdf_force_pdf_version(q->pdf, q->part == OCRVL_PDFA_1B ? "1.4" : "1.7");
}

/* Whether these bytes are an encrypted document: it opens without a password and says so, or doesn't open without
 * one. */
static bool is_encrypted(const void *data, size_t len)
{
    qpdf_data pdf = qpdf_init();
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    qpdf_read_memory(pdf, "PDF", data, len, NULL);
    bool encrypted =
        qpdf_has_error(pdf) ? qpdf_get_error_code(pdf, qpdf_get_error(pdf)) == qpdf_e_password : qpdf_is_encrypted(pdf);
    qpdf_cleanup(&pdf);
    return encrypted;
}

ocrvl_status ocrvl_qpdf_write(ocrvl_qpdf *q, const void **data, size_t *len, ocrvl_error *err)
{
    *data = q->data;
    *len = q->len;
    if (!q->changed)
        return OCRVL_OK;
    ocrvl_status st = finish_font(q, err);
    if (st)
        return st;
    bool linear = qpdf_is_linearized(q->pdf), encrypted = qpdf_is_encrypted(q->pdf);
    qpdf_init_write_memory(q->pdf);
    st = check(q, err);
    if (st)
        return st;
    set_up_writing(q, linear, encrypted);
    if (q->part)
        set_up_pdfa(q);
    qpdf_write(q->pdf);
    st = check(q, err);
    if (st)
        return st;
    *data = qpdf_get_buffer(q->pdf);
    *len = qpdf_get_buffer_length(q->pdf);
    if (encrypted && !q->part && !is_encrypted(*data, *len))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the PDF is encrypted, and qpdf %s can't write it encrypted again",
                          qpdf_get_qpdf_version());
    return OCRVL_OK;
}

/* ---- copying pages into another document ------------------------------------------------------------- */

static uint64_t key_of(qpdf_data pdf, qpdf_oh o)
{
    return (uint64_t)(uint32_t)qpdf_oh_get_object_id(pdf, o) << 20 |
           (uint64_t)(qpdf_oh_get_generation(pdf, o) & 0xFFFF);
}

static entry *find(entry *met, size_t slots, uint64_t key)
{
    size_t k = (size_t)(key * 0x9E3779B97F4A7C15ull >> 20) % slots;
    while (met[k].key && met[k].key != key)
        k = (k + 1) % slots;
    return &met[k];
}

/* The object's entry; a new one has number 0 and sets *fresh. Returns NULL if memory is exhausted. */
static entry *meet(ocrvl_qpdf *q, uint64_t key, bool *fresh)
{
    if (2 * q->met_count >= q->slots) {
        size_t slots = q->slots ? 2 * q->slots : 256;
        entry *met = ocrvl_alloc_array(slots, sizeof *met);
        if (!met)
            return NULL;
        for (size_t i = 0; i < q->slots; i++)
            if (q->met[i].key)
                *find(met, slots, q->met[i].key) = q->met[i];
        ocrvl_free(q->met);
        q->met = met;
        q->slots = slots;
    }
    entry *e = find(q->met, q->slots, key);
    *fresh = !e->key;
    q->met_count += *fresh;
    e->key = key;
    return e;
}

/* Whether an object leads out of a page into its document: other pages, and the document's structure. */
static bool leads_out(qpdf_data pdf, qpdf_oh o)
{
    static const char *const types[] = {"/Page", "/Pages", "/Catalog", "/StructTreeRoot", "/StructElem"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (qpdf_oh_is_dictionary_of_type(pdf, o, types[i], ""))
            return true;
    return false;
}

static void put_reference(ocrvl_qpdf *q, ocrvl_buf *b, qpdf_oh o, const ocrvl_qpdf_target *to)
{
    bool fresh = false;
    uint64_t key = key_of(q->pdf, o);
    entry *e = meet(q, key, &fresh);
    b->failed |= !e;
    if (e && fresh && !leads_out(q->pdf, o)) {
        e->number = to->reserve(to->user);
        b->failed |= !e->number || !push(&q->todo, key);
    }
    if (e && e->number)
        ocrvl_buf_printf(b, "%zu 0 R", e->number);
    else
        ocrvl_buf_puts(b, "null");
}

static void put_value(ocrvl_qpdf *q, ocrvl_buf *b, qpdf_oh o, const ocrvl_qpdf_target *to, int deep);

/* Writes the entries except those of `without` (names; NULL is the last). */
static void put_entries(ocrvl_qpdf *q, ocrvl_buf *b, qpdf_oh dictionary, const char *const *without,
                        const ocrvl_qpdf_target *to, int deep)
{
    ocrvl_buf keys = {0}; /* the API has a single iterator */
    for (qpdf_oh_begin_dict_key_iter(q->pdf, dictionary); qpdf_oh_dict_more_keys(q->pdf);) {
        const char *key = qpdf_oh_dict_next_key(q->pdf);
        bool wanted = true;
        for (const char *const *w = without; *w; w++)
            wanted = wanted && strcmp(key, *w) != 0;
        if (wanted)
            ocrvl_buf_put(&keys, key, strlen(key) + 1);
    }
    b->failed |= keys.failed;
    for (size_t i = 0; i < keys.len && !b->failed; i += strlen(keys.data + i) + 1) {
        qpdf_oh name = qpdf_oh_new_name(q->pdf, keys.data + i),
                value = qpdf_oh_get_key(q->pdf, dictionary, keys.data + i);
        ocrvl_buf_puts(b, qpdf_oh_unparse(q->pdf, name));
        ocrvl_buf_putc(b, ' ');
        put_value(q, b, value, to, deep + 1);
        ocrvl_buf_putc(b, '\n');
        qpdf_oh_release(q->pdf, name);
        qpdf_oh_release(q->pdf, value);
    }
    ocrvl_buf_free(&keys);
}

static void put_direct(ocrvl_qpdf *q, ocrvl_buf *b, qpdf_oh o, const ocrvl_qpdf_target *to, int deep)
{
    static const char *const none[] = {NULL};
    if (deep > DEEP) {
        ocrvl_buf_puts(b, "null");
    } else if (qpdf_oh_is_array(q->pdf, o)) {
        ocrvl_buf_puts(b, "[ ");
        for (int i = 0, n = qpdf_oh_get_array_n_items(q->pdf, o); i < n && !b->failed; i++) {
            qpdf_oh item = qpdf_oh_get_array_item(q->pdf, o, i);
            put_value(q, b, item, to, deep + 1);
            ocrvl_buf_putc(b, ' ');
            qpdf_oh_release(q->pdf, item);
        }
        ocrvl_buf_putc(b, ']');
    } else if (qpdf_oh_is_dictionary(q->pdf, o)) {
        ocrvl_buf_puts(b, "<< ");
        put_entries(q, b, o, none, to, deep);
        ocrvl_buf_puts(b, ">>");
    } else {
        ocrvl_buf_puts(b, qpdf_oh_unparse_resolved(q->pdf, o));
    }
}

static void put_value(ocrvl_qpdf *q, ocrvl_buf *b, qpdf_oh o, const ocrvl_qpdf_target *to, int deep)
{
    if (qpdf_oh_is_indirect(q->pdf, o))
        put_reference(q, b, o, to);
    else
        put_direct(q, b, o, to, deep);
}

/* Whether a stream is packed by LZW, which PDF/A hasn't. */
static bool is_lzw(ocrvl_qpdf *q, qpdf_oh dict)
{
    qpdf_oh f = qpdf_oh_get_key(q->pdf, dict, "/Filter");
    bool many = qpdf_oh_is_array(q->pdf, f);
    for (int i = 0, n = many ? qpdf_oh_get_array_n_items(q->pdf, f) : 1; i < n; i++) {
        qpdf_oh one = many ? qpdf_oh_get_array_item(q->pdf, f, i) : f;
        if (qpdf_oh_is_name_and_equals(q->pdf, one, "/LZWDecode"))
            return true;
    }
    return false;
}

/* Copies such a stream packed otherwise; *fine: it could be unpacked. */
static ocrvl_status copy_repacked(ocrvl_qpdf *q, qpdf_oh o, size_t number, const ocrvl_qpdf_target *to, bool *fine,
                                  ocrvl_error *err)
{
    static const char *const without[] = {"/Length", "/Filter", "/DecodeParms", NULL};
    ocrvl_buf b = {0}, packed = {0};
    unsigned char *data = NULL;
    size_t len = 0;
    QPDF_BOOL filtered = QPDF_FALSE;
    qpdf_oh_get_stream_data(q->pdf, o, qpdf_dl_generalized, &filtered, &data, &len);
    ocrvl_status st = check(q, err);
    *fine = !st && filtered;
    if (*fine) {
        ocrvl_deflate(&packed, (const char *)data, len);
        ocrvl_buf_printf(&b, "<< /Length %zu /Filter /FlateDecode\n", packed.len);
        put_entries(q, &b, qpdf_oh_get_dict(q->pdf, o), without, to, 0);
        ocrvl_buf_puts(&b, ">>");
        if (!packed.failed && !b.failed)
            to->put(to->user, number, &b, packed.data, packed.len);
        st = b.failed || packed.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    }
    free(data);
    ocrvl_buf_free(&b);
    ocrvl_buf_free(&packed);
    return st;
}

static ocrvl_status copy_stream(ocrvl_qpdf *q, qpdf_oh o, size_t number, const ocrvl_qpdf_target *to, ocrvl_error *err)
{
    static const char *const without[] = {"/Length", NULL};
    ocrvl_buf b = {0};
    unsigned char *data = NULL;
    size_t len = 0;
    if (q->asked && is_lzw(q, qpdf_oh_get_dict(q->pdf, o))) {
        bool fine;
        ocrvl_status repacked = copy_repacked(q, o, number, to, &fine, err);
        if (repacked || fine)
            return repacked;
    }
    qpdf_oh_get_stream_data(q->pdf, o, qpdf_dl_none, NULL, &data, &len);
    ocrvl_status st = check(q, err);
    if (!st) {
        ocrvl_buf_printf(&b, "<< /Length %zu\n", len);
        put_entries(q, &b, qpdf_oh_get_dict(q->pdf, o), without, to, 0);
        ocrvl_buf_puts(&b, ">>");
        to->put(to->user, number, &b, data ? data : (const unsigned char *)"", len);
        st = b.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    }
    free(data); /* allocated by qpdf with malloc */
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status copy_object(ocrvl_qpdf *q, uint64_t key, const ocrvl_qpdf_target *to, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    bool fresh;
    entry *e = meet(q, key, &fresh);
    size_t number = e ? e->number : 0;
    qpdf_oh o = qpdf_get_object_by_id(q->pdf, (int)(key >> 20), (int)(key & 0xFFFF));
    if (qpdf_oh_is_stream(q->pdf, o))
        return copy_stream(q, o, number, to, err);
    put_direct(q, &b, o, to, 0);
    to->put(to->user, number, &b, NULL, 0);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : check(q, err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status copy_page(ocrvl_qpdf *q, uint64_t index, const ocrvl_qpdf_target *to, ocrvl_error *err)
{
    static const char *const without[] = {"/Parent", "/StructParents", "/B", NULL};
    ocrvl_buf b = {0};
    bool fresh;
    qpdf_oh page = qpdf_get_page_n(q->pdf, (size_t)index);
    entry *e = meet(q, key_of(q->pdf, page), &fresh);
    size_t number = e ? e->number : 0;
    ocrvl_buf_printf(&b, "<< /Parent %zu 0 R\n", to->parent);
    put_entries(q, &b, page, without, to, 0);
    ocrvl_buf_puts(&b, ">>");
    b.failed |= !number;
    if (!b.failed) {
        to->put(to->user, number, &b, NULL, 0);
        to->page(to->user, number);
    }
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : check(q, err);
    ocrvl_buf_free(&b);
    for (size_t i = 0; i < q->todo.count && !st; i++) { /* the list grows meanwhile */
        st = copy_object(q, q->todo.data[i], to, err);
        qpdf_oh_release_all(q->pdf);
    }
    q->todo.count = 0;
    return st;
}

ocrvl_status ocrvl_qpdf_copy(ocrvl_qpdf *q, const ocrvl_qpdf_target *to, ocrvl_error *err)
{
    ocrvl_status st = finish_font(q, err);
    if (!st) {
        qpdf_push_inherited_attributes_to_page(q->pdf);
        st = check(q, err);
    }
    for (size_t i = 0; i < q->taken.count && !st; i++) { /* the pages' numbers come first, because a page may refer to a
                                                          * later one */
        bool fresh = false;
        qpdf_oh page = qpdf_get_page_n(q->pdf, (size_t)q->taken.data[i]);
        entry *e = meet(q, key_of(q->pdf, page), &fresh);
        if (!e || (fresh && !(e->number = to->reserve(to->user))))
            st = ocrvl_fail_nomem(err);
        qpdf_oh_release_all(q->pdf);
    }
    for (size_t i = 0; i < q->taken.count && !st; i++)
        st = copy_page(q, q->taken.data[i], to, err);
    return st;
}

/* ---- rehearsal --------------------------------------------------------------------------------------- */

static size_t number_nothing(void *user)
{
    size_t *last = user;
    return ++*last;
}

static void put_nowhere(void *user, size_t number, const ocrvl_buf *object, const void *stream, size_t len)
{
    (void)user, (void)number, (void)object, (void)stream, (void)len;
}

static void turn_nowhere(void *user, size_t number) { (void)user, (void)number; }

static ocrvl_status examine_all(ocrvl_qpdf *q, ocrvl_error *err)
{
    ocrvl_buf why = {0};
    ocrvl_status st = ocrvl_qpdf_examine(q, UINT64_MAX, OCRVL_PDFA_1B, &why, err);
    for (uint64_t i = 0; i < q->pages && !st; i++) {
        ocrvl_page_place place = {.size = sizeof place, .index = i};
        ocrvl_buf_clear(&why);
        st = ocrvl_qpdf_examine(q, i, OCRVL_PDFA_1B, &why, err);
        st = st ? st : ocrvl_qpdf_keep(q, &place, err);
    }
    ocrvl_buf_free(&why);
    return st;
}

ocrvl_status ocrvl_qpdf_rehearse(const void *data, size_t len, const char *password, ocrvl_error *err)
{
    ocrvl_qpdf *q;
    ocrvl_qpdf_info info;
    const void *made;
    size_t made_len, last = 1;
    const ocrvl_qpdf_target nowhere = {&last, last, number_nothing, put_nowhere, turn_nowhere};
    ocrvl_status st = ocrvl_qpdf_open(&q, &info, data, len, password, err);
    if (st)
        return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
    st = examine_all(q, err);
    if (st != OCRVL_E_NOMEM)
        st = ocrvl_qpdf_copy(q, &nowhere, err);
    q->changed = true;
    q->part = OCRVL_PDFA_1B;
    if (st != OCRVL_E_NOMEM)
        st = ocrvl_qpdf_write(q, &made, &made_len, err);
    if (ocrvl_pdfa_lacked_memory(q->pdf))
        st = ocrvl_fail_nomem(err);
    ocrvl_qpdf_free(q);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}
