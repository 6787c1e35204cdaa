#include "in/hidden.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/pdf_contents.h"
#include "in/pdf_same.h"

/* What is cut out of a page. */
enum { NOTHING, EVERY, SUSPECTS, KINDS };

#define FAINT 24 /* how much brighter white text is than paper on which no one sees it, of 255 */

typedef struct document { /* borrowed */
    const void *data;
    size_t len;
    const char *password;
} document;

/* Opens the document, has `each` called for its pages, and, if that changed it, writes it anew; *out is NULL if not. */
static ocrvl_status edit(uint8_t **out, size_t *out_len, const document *d, bool bare, ocrvl_pdf_walk *w,
                         void (*each)(ocrvl_pdf_walk *w, size_t index), ocrvl_error *err)
{
    *out = NULL;
    *out_len = 0;
    w->pdf = ocrvl_pdf_objects_open(d->data, d->len, d->password);
    ocrvl_status st = ocrvl_pdf_objects_check(w->pdf, err);
    int n = st ? 0 : qpdf_get_num_pages(w->pdf);
    for (int i = 0; i < n && !w->failed; i++)
        each(w, (size_t)i);
    if (!st)
        st = w->failed ? ocrvl_fail_nomem(err) : ocrvl_pdf_objects_check(w->pdf, err);
    if (!st && w->changed)
        st = ocrvl_pdf_objects_write(out, out_len, w->pdf, bare, err);
    ocrvl_buf_free(&w->seen);
    ocrvl_pdf_objects_close(&w->pdf);
    return st;
}

/* ---- text that a drawing tells ----------------------------------------------------------------------- */

typedef struct trial {
    size_t pages;
    uint8_t *kinds;    /* [pages] what is cut out of each */
    uint8_t *changed;  /* [pages] whether there was something to cut */
    uint8_t *pictured; /* [pages] */
    size_t index;
} trial;

static void note_picture(void *user, qpdf_oh image)
{
    trial *t = user;
    (void)image;
    t->pictured[t->index] = 1;
}

static bool find_nothing(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    bool fine = ocrvl_content_unbalanced(cuts, data, len, names);
    cuts->count = 0;
    return fine;
}

static void look_for_pictures(ocrvl_pdf_walk *w, size_t index)
{
    trial *t = w->user;
    t->index = index;
    ocrvl_buf_clear(&w->seen); /* a picture may be on several pages */
    if (index < t->pages)
        ocrvl_pdf_walk_page(w, index);
}

static void cut_page(ocrvl_pdf_walk *w, size_t index)
{
    trial *t = w->user;
    bool before = w->changed;
    if (index >= t->pages || t->kinds[index] == NOTHING)
        return;
    w->find = t->kinds[index] == EVERY ? ocrvl_content_text : ocrvl_content_suspects;
    w->changed = false;
    ocrvl_pdf_walk_page(w, index);
    t->changed[index] = w->changed;
    w->changed |= before;
}

/* Sets kinds to `kind` where the page has pictures, has such text, and looks the same without; those that are set
 * already stay. */
static ocrvl_status try_kind(trial *t, uint8_t kind, const document *bare, ocrvl_error *err)
{
    uint8_t *out, *settled = t->kinds, *tried = ocrvl_alloc(t->pages);
    size_t len;
    if (!tried)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < t->pages; i++)
        tried[i] = t->pictured[i] && settled[i] == NOTHING ? kind : NOTHING;
    memset(t->changed, 0, t->pages);
    t->kinds = tried;
    ocrvl_pdf_walk w = {.user = t, .no_layers = true};
    ocrvl_status st = edit(&out, &len, bare, true, &w, cut_page, err);
    t->kinds = settled;
    if (!st && out)
        st = ocrvl_pdf_same(t->changed, t->pages, bare->data, bare->len, out, len, kind == EVERY ? 0 : FAINT, err);
    for (size_t i = 0; i < t->pages && !st && out; i++)
        if (t->changed[i])
            settled[i] = kind;
    ocrvl_free(out);
    ocrvl_free(tried);
    return st;
}

/* Whether all pages of the edited document look as in the other, where forms may be shown by several. */
static ocrvl_status check_forms(bool *fine, trial *t, const document *bare, ocrvl_error *err)
{
    uint8_t *out;
    size_t len;
    ocrvl_pdf_walk w = {.user = t, .no_layers = true};
    ocrvl_status st = edit(&out, &len, bare, true, &w, cut_page, err);
    *fine = true;
    if (!st && out && w.forms_changed) {
        memset(t->changed, 1, t->pages);
        st = ocrvl_pdf_same(t->changed, t->pages, bare->data, bare->len, out, len, FAINT, err);
        for (size_t i = 0; i < t->pages; i++)
            *fine = *fine && t->changed[i];
    }
    ocrvl_free(out);
    return st;
}

/* Shows the page whole: what is cropped away isn't hidden text. */
static void uncrop(qpdf_data pdf, size_t index)
{
    qpdf_oh page = qpdf_get_page_n(pdf, index), media = qpdf_oh_get_key(pdf, page, "/MediaBox");
    if (qpdf_oh_is_array(pdf, media))
        qpdf_oh_replace_key(pdf, page, "/CropBox", media);
    qpdf_oh_release_all(pdf);
}

/* The document as it is, without encryption and crop boxes. */
static ocrvl_status make_bare(uint8_t **out, size_t *len, size_t *pages, const document *d, ocrvl_error *err)
{
    *out = NULL;
    qpdf_data pdf = ocrvl_pdf_objects_open(d->data, d->len, d->password);
    ocrvl_status st = ocrvl_pdf_objects_check(pdf, err);
    int n = st ? 0 : qpdf_get_num_pages(pdf);
    *pages = n > 0 ? (size_t)n : 0;
    if (!st && *pages)
        qpdf_push_inherited_attributes_to_page(pdf);
    for (size_t i = 0; i < *pages; i++)
        uncrop(pdf, i);
    if (!st)
        st = ocrvl_pdf_objects_write(out, len, pdf, true, err);
    ocrvl_pdf_objects_close(&pdf);
    return st;
}

static ocrvl_status find_unseen(trial *t, const document *bare, ocrvl_error *err)
{
    uint8_t *unchanged;
    size_t len;
    bool any = false, fine = true;
    ocrvl_pdf_walk w = {.user = t, .find = find_nothing, .picture = note_picture};
    ocrvl_status st = edit(&unchanged, &len, bare, true, &w, look_for_pictures, err);
    ocrvl_free(unchanged);
    for (uint8_t kind = EVERY; kind < KINDS && !st; kind++)
        st = try_kind(t, kind, bare, err);
    for (size_t i = 0; i < t->pages && !st; i++)
        any |= t->kinds[i] != NOTHING;
    if (!st && any)
        st = check_forms(&fine, t, bare, err);
    if (!fine)
        memset(t->kinds, NOTHING, t->pages);
    return st;
}

static ocrvl_status drop_unseen(uint8_t **out, size_t *out_len, const document *d, ocrvl_error *err)
{
    uint8_t *bytes;
    size_t len = 0;
    trial t = {0};
    *out = NULL;
    *out_len = 0;
    ocrvl_status st = make_bare(&bytes, &len, &t.pages, d, err);
    if (st)
        return st;
    t.kinds = ocrvl_alloc_array(3, t.pages ? t.pages : 1);
    if (!t.kinds)
        st = ocrvl_fail_nomem(err);
    if (!st) {
        t.changed = t.kinds + t.pages;
        t.pictured = t.changed + t.pages;
        document bare = {bytes, len, NULL};
        st = find_unseen(&t, &bare, err);
    }
    ocrvl_free(bytes);
    ocrvl_pdf_walk w = {.user = &t, .no_layers = true};
    if (!st)
        st = edit(out, out_len, d, false, &w, cut_page, err);
    ocrvl_free(t.kinds);
    return st;
}

/* ---- the document ------------------------------------------------------------------------------------ */

ocrvl_status ocrvl_pdf_drop_hidden(uint8_t **out, size_t *out_len, const void *data, size_t len, const char *password,
                                   ocrvl_error *err)
{
    document d = {data, len, password};
    uint8_t *more;
    size_t more_len;
    ocrvl_pdf_walk w = {.find = ocrvl_content_hidden};
    ocrvl_status st = edit(out, out_len, &d, false, &w, ocrvl_pdf_walk_page, err);
    if (st)
        return st;
    if (*out)
        d = (document){*out, *out_len, password};
    st = drop_unseen(&more, &more_len, &d, err);
    if (!st && more) {
        ocrvl_free(*out);
        *out = more;
        *out_len = more_len;
    }
    if (st != OCRVL_E_NOMEM) /* what is hidden otherwise stays */
        return OCRVL_OK;
    ocrvl_free(*out);
    *out = NULL;
    return st;
}
