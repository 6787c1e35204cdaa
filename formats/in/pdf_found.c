#include "in/pdf_found.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/pdf_contents.h"

/* ---- poppler ----------------------------------------------------------------------------------------- */

static ocrvl_status open_error(const GError *e, bool password, const uint8_t *data, size_t len, ocrvl_error *err)
{
    if (e && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        qpdf_data pdf = ocrvl_pdf_objects_open(data, len, NULL);
        ocrvl_status st = ocrvl_pdf_objects_check(pdf, err);
        ocrvl_pdf_objects_close(&pdf);
        if (st == OCRVL_E_UNSUPPORTED)
            return st;
        return ocrvl_fail(err, OCRVL_E_PASSWORD,
                          password ? "the password is wrong" : "the document is encrypted and needs a password");
    }
    return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: %s", e ? e->message : "the document cannot be read");
}

/* Opens the file as a stream: poppler 22.12 crashes if a document that it was given as a block of memory, which it
 * reads faster, can't be opened with the password. */
static PopplerDocument *open_with_password(const uint8_t *data, size_t len, const char *password, GError **e)
{
    GInputStream *stream = g_memory_input_stream_new_from_data(data, (gssize)len, NULL);
    PopplerDocument *d = poppler_document_new_from_stream(stream, (goffset)len, password, NULL, e);
    g_object_unref(stream);
    return d;
}

ocrvl_status ocrvl_pdf_open_poppler(PopplerDocument **out, const uint8_t *data, size_t len, const char *password,
                                    ocrvl_error *err)
{
    GError *e = NULL;
    GBytes *bytes = g_bytes_new_static(data, len);
    *out = poppler_document_new_from_bytes(bytes, NULL, &e);
    g_bytes_unref(bytes);
    if (password && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        g_clear_error(&e);
        *out = open_with_password(data, len, password, &e);
    }
    ocrvl_status st = *out ? OCRVL_OK : open_error(e, password != NULL, data, len, err);
    g_clear_error(&e);
    if (*out && poppler_document_get_n_pages(*out) <= 0) {
        g_clear_object(out);
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the PDF has no page");
    }
    return st;
}

/* ---- what the file holds ------------------------------------------------------------------------------ */

/* Whether poppler finds no page in the document, or none that it can read, for another reason than a password. */
static bool has_no_page(const uint8_t *data, size_t len, const char *password)
{
    PopplerDocument *opened;
    ocrvl_status st = ocrvl_pdf_open_poppler(&opened, data, len, password, NULL);
    PopplerPage *page = opened ? poppler_document_get_page(opened, 0) : NULL;
    bool none = st == OCRVL_E_FORMAT || (!st && !page);
    g_clear_object(&page);
    g_clear_object(&opened);
    return none;
}

/* Takes f->data for the document; made, which f owns then, if it isn't NULL, is put in its place. */
static void put_in_place(ocrvl_pdf_found *f, uint8_t *made, size_t len)
{
    if (!made)
        return;
    ocrvl_free(f->made);
    f->made = made;
    f->data = made;
    f->len = len;
}

/* Puts a document in place of the file: with a clean tree of pages, if its own has what is no page, or made of its
 * objects, if neither qpdf nor poppler finds a page. */
static ocrvl_status recover(ocrvl_pdf_found *f, const char *password, ocrvl_error *err)
{
    size_t len;
    uint8_t *made;
    bool own_tree;
    ocrvl_status st = ocrvl_pdf_count_pages(&f->count, &made, &len, f->data, f->len, password, err);
    if (st || made || f->count.pages || !has_no_page(f->data, f->len, password)) {
        put_in_place(f, made, len);
        return st;
    }
    st = ocrvl_pdf_recover(&made, &len, &own_tree, f->data, f->len, f->count.opened, err);
    if (st || !made)
        return st;
    put_in_place(f, made, len);
    st = ocrvl_pdf_count_pages(&f->count, &made, &len, f->data, f->len, password, err);
    put_in_place(f, made, len);
    if (!own_tree)
        f->count.kids.told = 0;
    return st;
}

/* Gives the stream in which the file is cut an end, for others to find what there is of it. */
static ocrvl_status close_stream(ocrvl_pdf_found *f, ocrvl_error *err)
{
    static const char closing[] = "\nendstream\nendobj\n";
    uint8_t *closed = ocrvl_alloc(f->len + sizeof closing);
    if (!closed)
        return ocrvl_fail_nomem(err);
    memcpy(closed, f->data, f->len);
    memcpy(closed + f->len, closing, sizeof closing - 1);
    put_in_place(f, closed, f->len + sizeof closing - 1);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pdf_find(ocrvl_pdf_found *f, const uint8_t *data, size_t len, const char *password, ocrvl_error *err)
{
    size_t begin = 0;
    ocrvl_pdf_begins(data, len, &begin);
    *f = (ocrvl_pdf_found){.data = data + begin, .end = ocrvl_pdf_find_end(data + begin, len - begin)};
    f->len = f->end.len;
    ocrvl_status st = f->end.within ? close_stream(f, err) : OCRVL_OK;
    return st ? st : recover(f, password, err);
}

void ocrvl_pdf_found_free(ocrvl_pdf_found *f)
{
    ocrvl_free(f->made);
    *f = (ocrvl_pdf_found){0};
}
