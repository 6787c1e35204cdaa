#include "in/pdf_mend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/resample.h"
#include "in/jpeg.h"
#include "in/pdf_contents.h"
#include "in/pdf_picture.h"
#include "in/source.h"

/* ---- pictures ---------------------------------------------------------------------------------------- */

typedef struct mender {
    ocrvl_pdf_walk walk;
    uint64_t max_pixels;
} mender;

static void set_number(qpdf_data pdf, qpdf_oh dict, const char *key, uint32_t v)
{
    qpdf_oh_replace_key(pdf, dict, key, qpdf_oh_new_integer(pdf, v));
}

/* The dictionary of a picture says what its data are: size, and grey, RGB or CMYK of 8 bits. */
static void describe(qpdf_data pdf, qpdf_oh dict, uint32_t width, uint32_t height, uint32_t channels)
{
    const char *space = channels == 1 ? "/DeviceGray" : channels == 3 ? "/DeviceRGB" : "/DeviceCMYK";
    set_number(pdf, dict, "/Width", width);
    set_number(pdf, dict, "/Height", height);
    set_number(pdf, dict, "/BitsPerComponent", 8);
    if (ocrvl_pdf_picture_channels(pdf, dict) == channels)
        return;
    qpdf_oh_replace_key(pdf, dict, "/ColorSpace", qpdf_oh_new_name(pdf, space));
    qpdf_oh_remove_key(pdf, dict, "/Decode"); /* it is for as many colours as the space had */
}

/* Puts the pixels that there are in place of damaged data: poppler shows nothing of a JPEG in several scans, or a JPEG
 * 2000, that is cut, and libjpeg would tell standard error of others. Frees img. */
static void replace_data(mender *m, qpdf_oh image, qpdf_oh dict, ocrvl_image *img)
{
    qpdf_data pdf = m->walk.pdf;
    uint32_t width = ocrvl_image_width(img), height = ocrvl_image_height(img), n = ocrvl_image_channels(img);
    qpdf_oh_replace_stream_data(pdf, image, ocrvl_image_data(img), (size_t)width * height * n, qpdf_oh_new_null(pdf),
                                qpdf_oh_new_null(pdf));
    describe(pdf, dict, width, height, n);
    ocrvl_image_free(img);
}

/* A picture that is too long for cairo, as fine as it can be drawn. Returns NULL if there is no memory; frees img. */
static ocrvl_image *fit_side(ocrvl_image *img)
{
    double longest = fmax(img->width, img->height), scale = OCRVL_PICTURE_SIDE / longest;
    ocrvl_image *fit = NULL;
    if (scale >= 1)
        return img;
    uint32_t width = (uint32_t)fmax(1, img->width * scale), height = (uint32_t)fmax(1, img->height * scale);
    uint8_t *data = NULL;
    if (!ocrvl_resize_bicubic(&data, img->data, img->height, img->width, img->channels, height, width, true, NULL) &&
        !ocrvl_image_new(&fit, width, height, img->channels, 0, 0, (uint64_t)width * height, NULL))
        memcpy(fit->data, data, (size_t)width * height * img->channels);
    ocrvl_free(data);
    ocrvl_image_free(img);
    return fit;
}

static void mend_jpeg(mender *m, qpdf_oh image, qpdf_oh dict, const uint8_t *data, size_t len)
{
    ocrvl_jpeg_head head;
    ocrvl_image *img;
    bool damaged;
    if (!ocrvl_jpeg_head_read(&head, data, len) || head.channels == 2)
        return;
    describe(m->walk.pdf, dict, head.width, head.height, head.channels);
    if (fmax(head.width, head.height) <= OCRVL_PICTURE_SIDE && !ocrvl_jpeg_is_damaged(data, len, m->max_pixels, false))
        return;
    ocrvl_status st = ocrvl_jpeg_salvage(&img, &damaged, data, len, m->max_pixels, NULL);
    if (!st)
        img = fit_side(img);
    m->walk.failed |= st == OCRVL_E_NOMEM || (!st && !img);
    if (!st && img)
        replace_data(m, image, dict, img);
}

static void mend_jp2(mender *m, qpdf_oh image, qpdf_oh dict, const uint8_t *data, size_t len)
{
    ocrvl_image *img = NULL;
    bool cut = false;
    ocrvl_status st = ocrvl_picture_jp2.decode(&img, data, len, m->max_pixels, &cut, NULL);
    m->walk.failed |= st == OCRVL_E_NOMEM;
    if (!st && cut) {
        qpdf_oh_remove_key(m->walk.pdf, dict, "/SMaskInData");
        replace_data(m, image, dict, img);
    } else {
        ocrvl_image_free(img);
    }
}

static void mend_picture(void *user, qpdf_oh image)
{
    mender *m = user;
    qpdf_data pdf = m->walk.pdf;
    qpdf_oh dict = qpdf_oh_get_dict(pdf, image);
    unsigned char *data = NULL; /* allocated by qpdf with malloc */
    size_t len = 0;
    bool jpeg = ocrvl_pdf_picture_is(pdf, dict, "/DCTDecode", "/DCT");
    if ((!jpeg && !ocrvl_pdf_picture_is(pdf, dict, "/JPXDecode", "/JPXDecode")) ||
        (qpdf_oh_get_stream_data(pdf, image, qpdf_dl_none, NULL, &data, &len) & QPDF_ERRORS))
        return;
    if (jpeg)
        mend_jpeg(m, image, dict, data, len);
    else
        mend_jp2(m, image, dict, data, len);
    free(data);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* The corners of a box, lower left first; false if it is none, or empty. */
static bool get_box(double b[4], qpdf_data pdf, qpdf_oh array)
{
    double v[4];
    if (!qpdf_oh_is_array(pdf, array) || qpdf_oh_get_array_n_items(pdf, array) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        v[i] = qpdf_oh_get_numeric_value(pdf, qpdf_oh_get_array_item(pdf, array, i));
    for (int i = 0; i < 2; i++) {
        b[i] = fmin(v[i], v[i + 2]);
        b[i + 2] = fmax(v[i], v[i + 2]);
    }
    return b[2] > b[0] && b[3] > b[1];
}

/* A page without a size becomes US Letter, as readers do it; a crop box beside the page, or of which hardly
 * anything is on it, is left out. */
static void mend_boxes(qpdf_data pdf, qpdf_oh page)
{
    double m[4] = {0, 0, 612, 792}, c[4];
    qpdf_oh media = ocrvl_pdf_objects_inherited(pdf, page, "/MediaBox"),
            crop = ocrvl_pdf_objects_inherited(pdf, page, "/CropBox");
    if (!get_box(m, pdf, media)) {
        media = qpdf_oh_new_array(pdf);
        for (int i = 0; i < 4; i++)
            qpdf_oh_append_item(pdf, media, qpdf_oh_new_integer(pdf, (long long)(i < 2 ? 0 : i == 2 ? 612 : 792)));
        qpdf_oh_replace_key(pdf, page, "/MediaBox", media);
        memcpy(m, (const double[]){0, 0, 612, 792}, sizeof m);
    }
    if (qpdf_oh_is_null(pdf, crop))
        return;
    bool some = get_box(c, pdf, crop);
    bool apart = !some || fmin(m[2], c[2]) - fmax(m[0], c[0]) < fmin(OCRVL_PDF_LEAST, m[2] - m[0]) ||
                 fmin(m[3], c[3]) - fmax(m[1], c[1]) < fmin(OCRVL_PDF_LEAST, m[3] - m[1]);
    if (apart)
        qpdf_oh_replace_key(pdf, page, "/CropBox", media);
}

/* poppler refuses a page with over MOST annotations, and takes long over as many. */
static void mend_annotations(qpdf_data pdf, qpdf_oh page)
{
    enum { MOST = 10000, KEPT = 1000 };
    qpdf_oh list = qpdf_oh_get_key(pdf, page, "/Annots");
    int n = qpdf_oh_is_array(pdf, list) ? qpdf_oh_get_array_n_items(pdf, list) : 0;
    if (n <= MOST)
        return;
    qpdf_oh shorter = qpdf_oh_new_array(pdf);
    for (int i = 0; i < KEPT; i++)
        qpdf_oh_append_item(pdf, shorter, qpdf_oh_get_array_item(pdf, list, i));
    qpdf_oh_replace_key(pdf, page, "/Annots", shorter);
}

/* ---- fonts of drawn glyphs --------------------------------------------------------------------------- */

static qpdf_oh empty_glyph(qpdf_data pdf)
{
    static const unsigned char nothing[] = "0 0 d0";
    qpdf_oh glyph = qpdf_oh_new_stream(pdf);
    qpdf_oh_replace_stream_data(pdf, glyph, nothing, sizeof nothing - 1, qpdf_oh_new_null(pdf), qpdf_oh_new_null(pdf));
    return glyph;
}

/* A Type 3 font without glyphs, or with one that is no stream, keeps cairo from drawing the whole page. */
static void mend_font(qpdf_data pdf, qpdf_oh font)
{
    qpdf_oh kind = qpdf_oh_get_key_if_dict(pdf, font, "/Subtype"), glyphs;
    bool any = false;
    if (!qpdf_oh_is_name_and_equals(pdf, kind, "/Type3"))
        return;
    glyphs = qpdf_oh_get_key(pdf, font, "/CharProcs");
    if (!qpdf_oh_is_dictionary(pdf, glyphs)) {
        glyphs = qpdf_oh_new_dictionary(pdf);
        qpdf_oh_replace_key(pdf, font, "/CharProcs", glyphs);
    }
    for (qpdf_oh_begin_dict_key_iter(pdf, glyphs); qpdf_oh_dict_more_keys(pdf); any = true) {
        const char *name = qpdf_oh_dict_next_key(pdf);
        if (!qpdf_oh_is_stream(pdf, qpdf_oh_get_key(pdf, glyphs, name)))
            qpdf_oh_replace_key(pdf, glyphs, name, empty_glyph(pdf));
    }
    if (!any)
        qpdf_oh_replace_key(pdf, glyphs, "/.notdef", empty_glyph(pdf));
}

/* Of the page, and of the forms in its resources. */
static void mend_fonts(mender *m, qpdf_oh page)
{
    qpdf_data pdf = m->walk.pdf;
    ocrvl_buf fonts = {0}, forms = {0};
    qpdf_oh o, resources = ocrvl_pdf_objects_inherited(pdf, page, "/Resources");
    ocrvl_pdf_objects_values(&fonts, pdf, qpdf_oh_get_key_if_dict(pdf, resources, "/Font"));
    ocrvl_pdf_objects_values(&forms, pdf, qpdf_oh_get_key_if_dict(pdf, resources, "/XObject"));
    for (size_t i = 0; (i + 1) * sizeof o <= forms.len; i++) {
        memcpy(&o, forms.data + i * sizeof o, sizeof o);
        if (qpdf_oh_is_stream(pdf, o))
            ocrvl_pdf_objects_values(
                &fonts, pdf,
                qpdf_oh_get_key_if_dict(pdf, qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, o), "/Resources"), "/Font"));
    }
    for (size_t i = 0; (i + 1) * sizeof o <= fonts.len; i++) {
        memcpy(&o, fonts.data + i * sizeof o, sizeof o);
        mend_font(pdf, o);
    }
    m->walk.failed |= fonts.failed || forms.failed;
    ocrvl_buf_free(&fonts);
    ocrvl_buf_free(&forms);
}

/* ---- the document ------------------------------------------------------------------------------------ */

/* Whether the document is open and has pages; *st is set if memory is exhausted or the password is wrong. */
static bool count(uint64_t *pages, qpdf_data pdf, ocrvl_status *st, ocrvl_error *err)
{
    *st = ocrvl_pdf_objects_check(pdf, err);
    int n = *st ? 0 : qpdf_get_num_pages(pdf);
    if (!*st)
        *st = ocrvl_pdf_objects_check(pdf, err);
    *pages = *st || n < 0 ? 0 : (uint64_t)n;
    if (*st == OCRVL_E_FORMAT || *st == OCRVL_E_UNSUPPORTED)
        *st = OCRVL_OK;
    return *pages > 0;
}

/* The dictionary under that key, which becomes an object of its own if it isn't: poppler wants that of the catalog and
 * of the tree of pages. */
static qpdf_oh own_object(qpdf_data pdf, qpdf_oh holder, const char *key)
{
    qpdf_oh o = qpdf_oh_get_key(pdf, holder, key);
    if (!qpdf_oh_is_dictionary(pdf, o) || qpdf_oh_get_object_id(pdf, o) != 0)
        return o;
    o = qpdf_make_indirect_object(pdf, o);
    qpdf_oh_replace_key(pdf, holder, key, o);
    return o;
}

/* Makes a tree of one level, with their true number, of the pages that were found. */
static void mend_tree(qpdf_data pdf, uint64_t pages)
{
    qpdf_oh root = own_object(pdf, own_object(pdf, qpdf_get_trailer(pdf), "/Root"), "/Pages");
    qpdf_oh kids = qpdf_oh_new_array(pdf);
    if (!qpdf_oh_is_dictionary(pdf, root) || qpdf_push_inherited_attributes_to_page(pdf) & QPDF_ERRORS)
        return;
    for (uint64_t i = 0; i < pages; i++) {
        qpdf_oh page = qpdf_get_page_n(pdf, (size_t)i);
        qpdf_oh_append_item(pdf, kids, page);
        qpdf_oh_replace_key(pdf, page, "/Parent", root);
    }
    qpdf_oh_replace_key(pdf, root, "/Kids", kids);
    qpdf_oh_replace_key(pdf, root, "/Count", qpdf_oh_new_integer(pdf, (long long)pages));
    qpdf_oh_release_all(pdf);
}

static ocrvl_status mend_pages(qpdf_data pdf, uint64_t pages, uint64_t max_pixels, ocrvl_error *err)
{
    mender m = {{.pdf = pdf, .find = ocrvl_content_unbalanced, .user = &m, .picture = mend_picture}, max_pixels};
    for (uint64_t i = 0; i < pages && !m.walk.failed; i++) {
        qpdf_oh page = qpdf_get_page_n(pdf, (size_t)i);
        mend_boxes(pdf, page);
        mend_annotations(pdf, page);
        mend_fonts(&m, page);
        ocrvl_pdf_walk_page(&m.walk, (size_t)i);
    }
    mend_tree(pdf, pages);
    ocrvl_buf_free(&m.walk.seen);
    return m.walk.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status ocrvl_pdf_mend(uint8_t **out, size_t *out_len, const void *data, size_t len, const char *password,
                            uint64_t max_pixels, ocrvl_error *err)
{
    ocrvl_status st;
    uint64_t pages;
    *out = NULL;
    *out_len = 0;
    qpdf_data pdf = ocrvl_pdf_objects_open(data, len, password);
    if (count(&pages, pdf, &st, err))
        st = mend_pages(pdf, pages, max_pixels, err);
    if (!st && pages)
        st = ocrvl_pdf_objects_write(out, out_len, pdf, true, err);
    ocrvl_pdf_objects_close(&pdf);
    return st == OCRVL_E_FORMAT ? OCRVL_OK : st;
}

ocrvl_status ocrvl_pdf_count_pages(ocrvl_pdf_count *c, uint8_t **cleaned, size_t *cleaned_len, const void *data,
                                   size_t len, const char *password, ocrvl_error *err)
{
    *c = (ocrvl_pdf_count){0};
    *cleaned = NULL;
    *cleaned_len = 0;
    qpdf_data pdf = ocrvl_pdf_objects_open(data, len, password);
    ocrvl_status st = ocrvl_pdf_objects_check(pdf, err);
    c->opened = !st;
    if (!st)
        st = ocrvl_pdf_clean_kids(&c->kids, pdf, err);
    if (!st)
        count(&c->pages, pdf, &st, err);
    if (!st && c->kids.changed && c->pages)
        st = ocrvl_pdf_objects_write(cleaned, cleaned_len, pdf, false, err);
    ocrvl_pdf_objects_close(&pdf);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}
