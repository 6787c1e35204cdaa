#include "in/pdf_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "in/flate.h"
#include "in/pdf_contents.h"
#include "in/pdf_picture.h"
#include "in/pdf_picture_check.h"

#define MOST_SAID 400 /* bytes after which no more is told of a page */

struct ocrvl_pdf_checker {
    qpdf_data pdf;
    ocrvl_buf known; /* verdicts on pictures that pages share, whose sums take long */
};

typedef struct verdict {
    int id; /* of the picture's object */
    bool damaged;
} verdict;

typedef struct check { /* of a page */
    qpdf_data pdf;
    ocrvl_buf *known;
    ocrvl_pdf_care care;
    uint64_t max_pixels;
    ocrvl_buf *says;
    bool *mendable;
    bool in_mask; /* what is looked at is the mask of a picture */
    bool broken;  /* content's data were found to be */
} check;

ocrvl_pdf_checker *ocrvl_pdf_checker_open(const void *data, size_t len, const char *password)
{
    ocrvl_pdf_checker *c = ocrvl_alloc(sizeof *c);
    if (!c)
        return NULL;
    c->pdf = ocrvl_pdf_objects_open(data, len, password);
    if (qpdf_get_num_pages(c->pdf) < 1 || ocrvl_pdf_objects_check(c->pdf, NULL)) {
        ocrvl_pdf_checker_free(c);
        return NULL;
    }
    return c;
}

void ocrvl_pdf_checker_free(ocrvl_pdf_checker *c)
{
    if (c) {
        ocrvl_pdf_objects_close(&c->pdf);
        ocrvl_buf_free(&c->known);
    }
    ocrvl_free(c);
}

/* Begins one more remark; returns false if enough is said. */
static bool begin_remark(check *c)
{
    if (c->says->len > MOST_SAID)
        return false;
    if (c->says->len)
        ocrvl_buf_puts(c->says, "; ");
    return true;
}

/* Appends a name of the file's, which may be any bytes. */
static void put_name(ocrvl_buf *b, const char *name)
{
    for (int n = 0; *name && n < OCRVL_PDF_NAME; name++, n++)
        ocrvl_buf_putc(b, *name > ' ' && *name < 127 ? *name : '?');
}

static void tell(void *user, ocrvl_pdf_fault fault, const char *name)
{
    check *c = user;
    bool sure = fault != OCRVL_PDF_CUT_CONTENT && fault != OCRVL_PDF_CONFUSED_CONTENT; /* to readers as well */
    if ((!sure && c->care != OCRVL_PDF_CLOSELY) || (c->broken && fault == OCRVL_PDF_CUT_CONTENT) || !begin_remark(c))
        return;
    switch (fault) {
    case OCRVL_PDF_NO_CONTENT: ocrvl_buf_puts(c->says, "content of the page is missing from the file"); break;
    case OCRVL_PDF_UNKNOWN_FILTER:
        ocrvl_buf_puts(c->says, "content of the page is packed by the unknown filter ");
        put_name(c->says, name);
        break;
    case OCRVL_PDF_CUT_CONTENT:
        ocrvl_buf_puts(c->says, "content of the page is damaged, and what follows the damage is missing");
        break;
    case OCRVL_PDF_CONFUSED_CONTENT:
        ocrvl_buf_puts(c->says, "content of the page has a picture without an end, and what follows it is missing");
        break;
    case OCRVL_PDF_NO_PICTURE:
        ocrvl_buf_puts(c->says, "the file lacks the picture or form ");
        put_name(c->says, name);
        break;
    case OCRVL_PDF_NO_FONT:
        ocrvl_buf_puts(c->says, "the file lacks the font ");
        put_name(c->says, name);
        break;
    }
}

/* ---- the sums of contents ---------------------------------------------------------------------------- */

/* Whether data packed by Deflate make no sense, or their sum is wrong. */
static bool is_broken(const check *c, qpdf_oh stream)
{
    enum { MOST = 64 << 20 };
    unsigned char *data = NULL; /* allocated by qpdf with malloc */
    size_t len = 0;
    uint64_t there;
    if (!qpdf_oh_is_stream(c->pdf, stream) ||
        !ocrvl_pdf_picture_is(c->pdf, qpdf_oh_get_dict(c->pdf, stream), "/FlateDecode", "/Fl") ||
        (qpdf_oh_get_stream_data(c->pdf, stream, qpdf_dl_none, NULL, &data, &len) & QPDF_ERRORS))
        return false;
    bool broken = data && ocrvl_flate_check(&there, data, len, MOST) == OCRVL_FLATE_BROKEN;
    free(data);
    return broken;
}

static void check_sums(check *c, qpdf_oh page)
{
    enum { MOST = 4096 };
    qpdf_oh contents = qpdf_oh_get_key(c->pdf, page, "/Contents");
    bool many = qpdf_oh_is_array(c->pdf, contents);
    int n = many ? qpdf_oh_get_array_n_items(c->pdf, contents) : 1;
    for (int i = 0; i < n && i < MOST && !c->broken; i++)
        c->broken = is_broken(c, many ? qpdf_oh_get_array_item(c->pdf, contents, i) : contents);
    if (c->broken && begin_remark(c))
        ocrvl_buf_puts(c->says, "content of the page is damaged, and part of it is missing or wrong");
}

/* ---- pictures ---------------------------------------------------------------------------------------- */

static void check_picture(void *user, qpdf_oh image);

/* What shows through a picture may be one as well. */
static void check_mask(check *c, qpdf_oh dict, const char *key)
{
    qpdf_oh mask = qpdf_oh_get_key(c->pdf, dict, key);
    if (c->in_mask || !qpdf_oh_is_stream(c->pdf, mask))
        return;
    c->in_mask = true;
    check_picture(c, mask);
    c->in_mask = false;
}

static bool is_damaged(check *c, qpdf_oh image, long long width, long long height)
{
    enum { MOST = 1000 };
    verdict v = {qpdf_oh_get_object_id(c->pdf, image), false};
    bool shared = c->care != OCRVL_PDF_CLOSELY && v.id &&
                  ocrvl_pdf_picture_is(c->pdf, qpdf_oh_get_dict(c->pdf, image), "/FlateDecode", "/Fl");
    for (size_t i = 0; shared && i < c->known->len; i += sizeof v) {
        verdict before;
        memcpy(&before, c->known->data + i, sizeof before);
        if (before.id == v.id)
            return before.damaged;
    }
    v.damaged = ocrvl_pdf_picture_is_damaged(c->pdf, image, (uint32_t)width, (uint32_t)height, c->care, c->max_pixels,
                                             c->mendable);
    if (shared && c->known->len < MOST * sizeof v)
        ocrvl_buf_put(c->known, &v, sizeof v);
    return v.damaged;
}

static void check_picture(void *user, qpdf_oh image)
{
    check *c = user;
    qpdf_oh dict = qpdf_oh_get_dict(c->pdf, image);
    char filter[OCRVL_PDF_NAME];
    long long width = ocrvl_pdf_picture_number(c->pdf, dict, "/Width", "/W", 0);
    long long height = ocrvl_pdf_picture_number(c->pdf, dict, "/Height", "/H", 0);
    if (width < 1 || height < 1 || width > 1000000 || height > 1000000)
        return;
    if (ocrvl_pdf_unknown_filter(filter, c->pdf, dict)) {
        if (begin_remark(c)) {
            ocrvl_buf_printf(c->says,
                             "a picture of %lld x %lld pixels is missing, as it is packed by the unknown filter ",
                             width, height);
            put_name(c->says, filter);
        }
        return;
    }
    if (is_damaged(c, image, width, height) && begin_remark(c))
        ocrvl_buf_printf(c->says,
                         "a picture of %lld x %lld pixels is cut or damaged, and part of it is missing or wrong", width,
                         height);
    check_mask(c, dict, "/SMask");
    check_mask(c, dict, "/Mask");
}

/* ---- pictures that no content names ------------------------------------------------------------------ */

/* Goes through the pictures of the page's patterns and of its annotations' looks, and of the forms there, that the walk
 * hasn't met. */
static void check_beside(check *c, ocrvl_pdf_walk *w, qpdf_oh page)
{
    enum { MOST = 1000 };
    ocrvl_buf list = {0};
    qpdf_oh o, resources = ocrvl_pdf_objects_inherited(c->pdf, page, "/Resources");
    ocrvl_pdf_objects_values(&list, c->pdf, qpdf_oh_get_key_if_dict(c->pdf, resources, "/Pattern"));
    (void)ocrvl_pdf_objects_looks(&list, c->pdf, page);
    for (size_t i = 0; (i + 1) * sizeof o <= list.len && i < MOST; i++) {
        memcpy(&o, list.data + i * sizeof o, sizeof o);
        if (!qpdf_oh_is_stream(c->pdf, o) || !ocrvl_pdf_walk_is_new(w, qpdf_oh_get_object_id(c->pdf, o)))
            continue;
        qpdf_oh dict = qpdf_oh_get_dict(c->pdf, o);
        if (qpdf_oh_is_name_and_equals(c->pdf, qpdf_oh_get_key(c->pdf, dict, "/Subtype"), "/Image"))
            check_picture(c, o);
        else
            ocrvl_pdf_objects_values(
                &list, c->pdf,
                qpdf_oh_get_key_if_dict(c->pdf, qpdf_oh_get_key(c->pdf, dict, "/Resources"), "/XObject"));
    }
    ocrvl_buf_free(&list);
}

/* ocrvl_pdf_walk.find that cuts nothing out. */
static bool look(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    bool fine = ocrvl_content_unbalanced(cuts, data, len, names);
    cuts->count = 0;
    return fine;
}

void ocrvl_pdf_checker_page(ocrvl_pdf_checker *c, size_t index, ocrvl_pdf_care care, uint64_t max_pixels,
                            ocrvl_buf *says, bool *mendable)
{
    check k = {
        .pdf = c->pdf, .known = &c->known, .care = care, .max_pixels = max_pixels, .says = says, .mendable = mendable};
    ocrvl_pdf_walk w = {.pdf = c->pdf, .find = look, .user = &k, .picture = check_picture, .broken = tell};
    check_sums(&k, qpdf_get_page_n(c->pdf, index));
    if (care != OCRVL_PDF_SUMS) {
        ocrvl_pdf_walk_page(&w, index);
        check_beside(&k, &w, qpdf_get_page_n(c->pdf, index));
    }
    qpdf_oh_release_all(c->pdf);
    ocrvl_buf_free(&w.seen);
}
