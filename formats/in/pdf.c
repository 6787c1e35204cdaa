/* PDF by poppler-glib and cairo. A page that is one scan gives the scan's own pixels; any other page is rendered.
 *
 * Limits of poppler: it decodes an image whole before its size is known, it can't be interrupted, and it aborts if
 * memory is exhausted (as GLib does). */
#define _GNU_SOURCE /* memmem */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <poppler.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/hidden.h"
#include "in/pdf_check.h"
#include "in/pdf_contents.h"
#include "in/pdf_draw.h"
#include "in/pdf_found.h"
#include "in/pdf_heard.h"
#include "in/pdf_info.h"
#include "in/pdf_lang.h"
#include "in/pdf_lines.h"
#include "in/pdf_mend.h"
#include "in/pdf_picture_sizes.h"
#include "in/pdf_scan.h"
#include "in/pdf_tags.h"
#include "in/pdf_text.h"
#include "in/said.h"
#include "in/scan.h"
#include "in/source.h"
#include "out/qpdf.h"

#define DEFAULT_DPI 300.0
#define MIN_DPI 150.0
#define MAX_DPI 600.0
#define FEW_PICTURES 0.25 /* share of a page; a small drawing of it unpacks them */

typedef struct document {
    const ocrvl_source_options *opt;
    bool shared; /* ocrvl_input.shared */
    PopplerDocument *poppler;
    const uint8_t *data; /* the file; NULL if text can't be written onto it */
    size_t len;
    const uint8_t *bytes;  /* what is read: `found`, or `own` */
    ocrvl_pdf_found found; /* the document in the file */
    size_t bytes_len;
    char *password;  /* or NULL */
    uint8_t *mended; /* what poppler reads, if that differs from `bytes`; or NULL */
    size_t mended_len;
    bool tried;                 /* to mend it */
    ocrvl_pdf_checker *checker; /* of `bytes`; NULL: it wasn't needed so far, or can't be opened */
    ocrvl_buf damage;           /* of the last page */
    ocrvl_scans *scans;         /* NULL if not needed, or if the file can't be opened for it */
    uint8_t *own;               /* the file without hidden text, to which `data` then points; or NULL */
    char *label, *text;         /* of the last page; in GLib's memory */
    ocrvl_pdf_lines lines;      /* of the last page */
    ocrvl_pdf_own own_text;     /* of the last page */
    ocrvl_pdf_tags *tags;       /* NULL: it isn't tagged, or nobody has looked, */
    bool tags_sought;
    ocrvl_pdf_marks marks; /* of `bytes`; its handle is NULL: it wasn't needed so far, or can't be opened for it */
    bool marks_sought;
    PopplerPage *page; /* the last page, while parts of it may be wanted; or NULL */
    ocrvl_fonts fonts; /* of all pages so far */
    ocrvl_pdf_info info;
    ocrvl_pdf_picture_sizes *sizes;       /* NULL if there are no pictures, or if the file can't be opened for it */
    uint64_t most_pixels;                 /* then: of the largest image in the file, as far as its bytes show it */
    bool pictured;                        /* there may be images in it */
    bool sized, pictured_page;            /* the sizes of the last page's images are known; there may be some */
    ocrvl_pdf_picture_size most, longest; /* of these, if they are known */
    double largest;                       /* pixels of the last page's largest image; 0: it has none, or isn't known */
    char left_out[160];                   /* what of the last page poppler doesn't draw */
    uint64_t max_decoded;                 /* pixels of images: the pages' limit, but at least the default */
    uint64_t pages;                       /* number of pages that poppler finds */
    uint64_t missing;                     /* and of those that the tree names beside them */
} document;

static bool pdf_sniff(const uint8_t *data, size_t len) { return ocrvl_pdf_begins(data, len, NULL); }

static void pdf_free(void *doc)
{
    document *d = doc;
    g_free(d->label);
    g_free(d->text);
    ocrvl_pdf_lines_free(&d->lines);
    ocrvl_pdf_own_free(&d->own_text);
    ocrvl_pdf_tags_free(d->tags);
    ocrvl_fonts_free(&d->fonts);
    ocrvl_pdf_marks_free(&d->marks);
    ocrvl_pdf_objects_close(&d->marks.pdf);
    ocrvl_pdf_info_free(&d->info);
    g_clear_object(&d->page);
    if (d->poppler)
        g_object_unref(d->poppler);
    ocrvl_pdf_checker_free(d->checker);
    ocrvl_pdf_picture_sizes_free(d->sizes);
    ocrvl_buf_free(&d->damage);
    ocrvl_free(d->password);
    ocrvl_free(d->mended);
    ocrvl_pdf_found_free(&d->found);
    ocrvl_scans_free(d->scans);
    ocrvl_free(d->own);
    ocrvl_free(d);
}

/* ---- opening ----------------------------------------------------------------------------------------- */

/* Tries whether text can be written onto the document within the limits of this process, for those who will do it in
 * one without limits. */
static ocrvl_status try_writing(document *d, const ocrvl_input *in, ocrvl_error *err)
{
    const ocrvl_source_options *opt = in->opt;
    if (!d->shared || !d->data || !(opt->onto || opt->text_boxes || opt->drop_hidden_text || opt->writing))
        return OCRVL_OK;
    ocrvl_status st = opt->pdfa ? ocrvl_qpdf_rehearse(d->data, d->len, d->password, err)
                                : ocrvl_pdf_objects_try(d->data, d->len, d->password, err);
    if (st && opt->onto)
        return ocrvl_fail(err, st, "PDF: writing text onto its pages takes too much memory");
    if (st) {
        d->data = NULL;
        d->len = 0;
    }
    return OCRVL_OK;
}

/* Sets what is read, the file or the file without its hidden text, and the document onto which text may be written,
 * which is the same; nothing if that can't be made, or if nobody knows what is lost of it. */
static ocrvl_status prepare(document *d, const ocrvl_input *in, ocrvl_error *err)
{
    ocrvl_error why;
    d->bytes = d->found.data;
    d->bytes_len = d->found.len;
    if (in->opt->password && !(d->password = ocrvl_strdup(in->opt->password)))
        return ocrvl_fail_nomem(err);
    if (d->found.end.lost)
        return OCRVL_OK;
    ocrvl_status st = OCRVL_OK;
    if (in->opt->drop_hidden_text)
        st = ocrvl_pdf_drop_hidden(&d->own, &d->len, d->bytes, d->bytes_len, in->opt->password, &why);
    if (st == OCRVL_E_NOMEM)
        return ocrvl_fail_nomem(err);
    if (d->own) {
        d->bytes = d->own;
        d->bytes_len = d->len;
    }
    d->data = st ? NULL : d->bytes;
    d->len = st ? 0 : d->bytes_len;
    return try_writing(d, in, err);
}

/* Takes the sizes of the pictures that poppler reads, if there are any and qpdf tells them. */
static void know_sizes(document *d)
{
    ocrvl_pdf_picture_sizes *sizes = NULL;
    if (d->pictured && d->mended)
        sizes = ocrvl_pdf_picture_sizes_open(d->mended, d->mended_len, NULL);
    else if (d->pictured)
        sizes = ocrvl_pdf_picture_sizes_open(d->bytes, d->bytes_len, d->password);
    if (!sizes)
        return;
    ocrvl_pdf_picture_sizes_free(d->sizes);
    d->sizes = sizes;
}

/* Has poppler read the document as qpdf mends it, once; nothing happens if that isn't possible, or loses pages. */
static ocrvl_status mend(document *d, ocrvl_error *err)
{
    size_t len;
    PopplerDocument *better;
    if (d->tried)
        return OCRVL_OK;
    d->tried = true;
    ocrvl_status st = ocrvl_pdf_mend(&d->mended, &len, d->bytes, d->bytes_len, d->password, d->max_decoded, err);
    if (st || !d->mended)
        return st;
    st = ocrvl_pdf_open_poppler(&better, d->mended, len, NULL, NULL);
    uint64_t n = better ? (uint64_t)poppler_document_get_n_pages(better) : 0;
    if (!better || n < d->pages) {
        g_clear_object(&better);
        ocrvl_free(d->mended);
        d->mended = NULL;
        return st == OCRVL_E_NOMEM ? ocrvl_fail_nomem(err) : OCRVL_OK;
    }
    g_clear_object(&d->poppler);
    d->poppler = better;
    d->pages = d->pages ? d->pages : n;
    d->mended_len = len;
    know_sizes(d);
    return OCRVL_OK;
}

/* Opens the document in poppler, mended if poppler can't open it or finds fewer pages than qpdf. */
static ocrvl_status open_document(document *d, uint64_t found, ocrvl_error *err)
{
    ocrvl_error why = {0};
    ocrvl_status st = ocrvl_pdf_open_poppler(&d->poppler, d->bytes, d->bytes_len, d->password, &why);
    uint64_t n = d->poppler ? (uint64_t)poppler_document_get_n_pages(d->poppler) : 0;
    if (st && st != OCRVL_E_FORMAT) {
        ocrvl_fail(err, st, "%s", why.message);
        return st;
    }
    if (!n || found > n) {
        ocrvl_status mended = mend(d, err);
        if (mended)
            return mended;
    }
    if (!d->poppler)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s", why.message);
    d->pages = (uint64_t)poppler_document_get_n_pages(d->poppler);
    return OCRVL_OK;
}

static ocrvl_status pdf_open(void **doc, const ocrvl_input *in, uint64_t *pages, ocrvl_error *err)
{
    *doc = NULL;
    document *d = ocrvl_alloc(sizeof *d);
    if (!d)
        return ocrvl_fail_nomem(err);
    d->opt = in->opt;
    d->shared = in->shared;
    uint64_t most = in->opt->max_pixels;
    d->max_decoded = most > OCRVL_MAX_PIXELS ? most : OCRVL_MAX_PIXELS;
    ocrvl_pdf_heard heard;
    ocrvl_pdf_heard_begin(&heard);
    ocrvl_status st = ocrvl_pdf_find(&d->found, in->data, in->len, in->opt->password, err);
    if (st == OCRVL_OK)
        st = prepare(d, in, err);
    if (st == OCRVL_OK)
        st = open_document(d, d->found.count.pages, err);
    ocrvl_pdf_heard_end(&heard);
    if (st == OCRVL_OK && d->data && in->opt->originals)
        d->scans = ocrvl_scans_open(d->data, d->len, in->opt->password);
    if (st) {
        pdf_free(d);
        return st;
    }
    d->pictured = ocrvl_pdf_is_pictured(in->data, in->len);
    know_sizes(d);
    if (d->pictured && !d->sizes)
        d->most_pixels = ocrvl_pdf_largest_picture(in->data, in->len);
    *doc = d;
    const ocrvl_pdf_kids *kids = &d->found.count.kids;
    bool all = kids->told && kids->told <= d->pages && !d->found.end.update;
    d->missing = kids->lost;
    *pages = d->pages + d->missing + (d->found.end.lost && !all); /* the lost part counts as a page */
    return OCRVL_OK;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void describe(document *d, PopplerPage *page, uint64_t index, ocrvl_page_place *place)
{
    char number[24];
    PopplerRectangle crop;
    poppler_page_get_crop_box(page, &crop);
    const double corners[4] = {crop.x1, crop.y1, crop.x2, crop.y2};
    memcpy(place->pdf_box, corners, sizeof corners);
    g_free(d->label);
    g_free(d->text);
    d->label = poppler_page_get_label(page);
    d->text = d->opt->text_layer ? poppler_page_get_text(page) : NULL;
    place->text_layer = d->text && *d->text ? d->text : NULL;
    snprintf(number, sizeof number, "%llu", (unsigned long long)index + 1);
    place->document = d->data;
    place->document_len = d->len;
    if (d->label && d->label[0] && strcmp(d->label, number) != 0) /* poppler returns the number if there are no
                                                                   * labels */
        place->label = d->label;
}

static ocrvl_pdf_limits limits_of(const document *d) { return (ocrvl_pdf_limits){d->opt->max_pixels, d->max_decoded}; }

/* Lets the page's largest picture, and the page of so many pixels, be unpacked. Pictures' dictionaries are never
 * packed, so that the file shows whether one may be JPEG 2000. */
static void make_room(const document *d, double page_pixels)
{
    static const char jpx[] = "JPXDecode";
    bool large = d->largest > 1e7, any_jpx = large && memmem(d->bytes, d->bytes_len, jpx, sizeof jpx - 1);
    uint64_t each = any_jpx ? OCRVL_ROOM_JPEG2000 + OCRVL_ROOM_PAGE : OCRVL_ROOM_PAGE;
    ocrvl_confine_room(each * (uint64_t)d->largest + OCRVL_ROOM_PAGE * (uint64_t)page_pixels);
}

/* Learns of the page's pictures what their dictionaries say. */
static void know_pictures(document *d, uint64_t index)
{
    d->most = d->longest = (ocrvl_pdf_picture_size){0};
    d->sized = d->sizes && ocrvl_pdf_picture_sizes_largest(d->sizes, index, (double)d->max_decoded, OCRVL_PICTURE_SIDE,
                                                           &d->most, &d->longest);
    d->pictured_page = d->pictured && (!d->sized || fmax(d->longest.width, d->longest.height) > 0);
}

/* Whether the page's pictures are within the limits, which has to be known before one of them is unpacked. One that
 * poppler will leave out without a word is told of. */
static ocrvl_status check_pictures(document *d, ocrvl_error *err)
{
    bool known = d->sized;
    ocrvl_pdf_picture_size most = d->most, longest = d->longest;
    if (known && most.width * most.height > (double)d->max_decoded)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "PDF: a picture of %.0f x %.0f pixels is over the limit of %llu",
                          most.width, most.height, (unsigned long long)d->max_decoded);
    if (!known && d->most_pixels > d->max_decoded)
        return ocrvl_fail(err, OCRVL_E_LIMIT,
                          "PDF: a page with pictures, of which one in the document has up to %llu pixels",
                          (unsigned long long)d->most_pixels);
    d->largest = known ? most.width * most.height : (double)d->most_pixels;
    make_room(d, 0);
    if (fmax(longest.width, longest.height) > OCRVL_PICTURE_SIDE)
        snprintf(d->left_out, sizeof d->left_out,
                 "a picture of %.0f x %.0f pixels is missing, because pictures with a side of over %.0f pixels can't "
                 "be drawn",
                 longest.width, longest.height, OCRVL_PICTURE_SIDE);
    return OCRVL_OK;
}

/* *img is NULL if the page has to be rendered. */
static ocrvl_status examine_images(ocrvl_image **img, bool *whole, const document *d, PopplerPage *page,
                                   const ocrvl_pdf_pictures *p, ocrvl_pdf_size points, ocrvl_error *err)
{
    ocrvl_pdf_limits limits = limits_of(d);
    return d->opt->render_always ? OCRVL_OK : ocrvl_pdf_scan_take(img, whole, p, page, points, &limits, err);
}

/* Chooses a resolution at which the smallest text has an x-height of about 20 pixels (0.48 of the font size in common
 * faces). Images may have smaller text than the page: with them the resolution isn't lower than the default, nor than
 * their own if they make up the page. It is rounded up to a step of 25, unless it exceeds a step by very little. */
static double choose_dpi(const document *d, PopplerPage *page, const ocrvl_pdf_pictures *p, ocrvl_pdf_size points)
{
    double text = ocrvl_pdf_smallest_text(page), dpi = text > 0 ? 20 * 72 / (OCRVL_X_OF_SIZE * text) : DEFAULT_DPI;
    if (p->covered > 0.02)
        dpi = fmax(dpi, DEFAULT_DPI);
    ocrvl_pdf_limits limits = limits_of(d);
    if (p->covered > 0.5)
        dpi = fmax(dpi, ocrvl_pdf_pictures_finest(p, page, points, &limits));
    return fmin(fmax(ceil(dpi / 25 - 0.05) * 25, MIN_DPI), MAX_DPI);
}

static bool reads_nothing(const document *d)
{
    return d->opt->own_text && d->opt->small_images && d->opt->own_text_only;
}

/* Whether a small image of the page does. */
static bool is_small_enough(const document *d)
{
    return reads_nothing(d) || (d->own_text.text.whole && d->opt->small_images);
}

/* ocrvl_own_text.draw */
static ocrvl_status draw_part(void *user, const ocrvl_box *part, ocrvl_image **img, ocrvl_error *err)
{
    document *d = user;
    const ocrvl_own_text *own = &d->own_text.text;
    ocrvl_box all = {0, 0, (int32_t)own->width, (int32_t)own->height}, b = part ? *part : all;
    double scale = own->dpi / 72;
    *img = NULL;
    if (!d->page || b.x0 < 0 || b.y0 < 0 || b.x1 > all.x1 || b.y1 > all.y1 || b.x0 >= b.x1 || b.y0 >= b.y1)
        return ocrvl_fail(err, OCRVL_E_ARG, "the page has no such part");
    return ocrvl_pdf_draw_image(img, d->page, (uint32_t)(b.x1 - b.x0), (uint32_t)(b.y1 - b.y0), b.x0 / scale,
                                b.y0 / scale, scale, d->opt->max_pixels, d->shared, err);
}

static ocrvl_pdf_marks *marks_of(document *d)
{
    if (!d->marks_sought)
        ocrvl_pdf_objects_open_whole(&d->marks.pdf, d->bytes, d->bytes_len, d->password);
    d->marks_sought = true;
    return d->marks.pdf ? &d->marks : NULL;
}

/* Tells the tags of the page's words, if the document is tagged. */
static ocrvl_status take_tags(document *d, const ocrvl_pdf_page *p, ocrvl_error *err)
{
    PopplerRectangle crop;
    ocrvl_status st = OCRVL_OK;
    if (!d->tags_sought)
        st = ocrvl_pdf_tags_open(&d->tags, d->bytes, d->bytes_len, d->password, err);
    d->tags_sought = true;
    if (st || !d->tags || !p->marks || !d->own_text.text.word_count)
        return st;
    poppler_page_get_crop_box(p->page, &crop);
    const double corners[4] = {crop.x1, crop.y1, crop.x2, crop.y2};
    return ocrvl_pdf_tags_page(d->tags, &d->own_text, p, corners, err);
}

/* The page's own text as it will be told in *img, or, if that is NULL, in an image of so many pixels an inch. If that
 * image needn't be looked at, *img becomes a small one. */
static ocrvl_status take_own_text(document *d, PopplerPage *page, const ocrvl_pdf_pictures *pictures, uint64_t index,
                                  ocrvl_pdf_size points, double dpi, ocrvl_image **img, ocrvl_page_place *place,
                                  ocrvl_error *err)
{
    const ocrvl_image *scan = *img;
    ocrvl_pdf_page p = {d->poppler, page, points.w, points.h, 0, 0, 0, &d->fonts, pictures, index, marks_of(d)};
    p.dpi = scan ? scan->dpi_x : ocrvl_pdf_fit_dpi(dpi, points, d->opt->max_pixels);
    p.width = scan ? scan->width : ocrvl_pdf_pixels(points.w, p.dpi);
    p.height = scan ? scan->height : ocrvl_pdf_pixels(points.h, p.dpi);
    ocrvl_status st = ocrvl_pdf_own_text(&d->own_text, &p, err);
    if (st == OCRVL_E_FORMAT) /* it can't be drawn, which will be said of the page image */
        return OCRVL_OK;
    if (!st)
        st = take_tags(d, &p, err);
    if (st)
        return st;
    place->own_text = &d->own_text.text;
    if (scan || !is_small_enough(d))
        return OCRVL_OK;
    d->own_text.text.draw = draw_part;
    d->own_text.text.draw_user = d;
    *img = d->own_text.small;
    d->own_text.small = NULL;
    return *img ? OCRVL_OK : ocrvl_image_new(img, 1, 1, 1, p.dpi, p.dpi, 1, err);
}

/* Sets place->own_text to a text without lines if some of the page's text can't be seen, to say so. */
static ocrvl_status tell_unseen(document *d, PopplerPage *page, const ocrvl_pdf_pictures *pictures, uint64_t index,
                                ocrvl_pdf_size points, const ocrvl_image *img, ocrvl_page_place *place,
                                ocrvl_error *err)
{
    uint32_t width = ocrvl_image_width(img), height = ocrvl_image_height(img);
    ocrvl_pdf_page p = {d->poppler, page,     points.w, points.h,   width, height, 72 * width / points.w,
                        &d->fonts,  pictures, index,    marks_of(d)};
    ocrvl_status st = ocrvl_pdf_own_text(&d->own_text, &p, err);
    if (st)
        return st == OCRVL_E_FORMAT ? OCRVL_OK : st;
    const ocrvl_own_text *t = &d->own_text.text;
    d->own_text.text = (ocrvl_own_text){.width = t->width, .height = t->height, .dpi = t->dpi, .doubt = t->doubt};
    place->own_text = d->own_text.text.doubt ? &d->own_text.text : NULL;
    return OCRVL_OK;
}

static ocrvl_status look(document *d, PopplerPage *page, ocrvl_pdf_size points, ocrvl_error *err)
{
    ocrvl_pdf_page p = {.document = d->poppler, .page = page, .points_w = points.w, .points_h = points.h};
    return ocrvl_pdf_own_look(&d->own_text, &p, err);
}

/* The page as its own text alone, if that can be told without looking for pictures, of which it seems to have none:
 * *img stays NULL if it can't. */
static ocrvl_status take_text_alone(document *d, PopplerPage *page, uint64_t index, ocrvl_pdf_size points,
                                    ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    static const ocrvl_pdf_pictures none = {.id = {-1, -1, -1}};
    if (!d->opt->own_text || !d->opt->small_images || d->pictured_page)
        return OCRVL_OK;
    double dpi = d->opt->dpi > 0 ? d->opt->dpi : choose_dpi(d, page, &none, points);
    return take_own_text(d, page, NULL, index, points, dpi, img, place, err);
}

/* The page as an image, and what is on it. */
static ocrvl_status take_page(document *d, PopplerPage *page, ocrvl_pdf_size points, uint64_t index, ocrvl_image **img,
                              ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_pdf_pictures p;
    bool whole = false;
    ocrvl_pdf_pictures_find(&p, page, points);
    ocrvl_status st = p.count ? check_pictures(d, err) : OCRVL_OK;
    if (st == OCRVL_OK && !reads_nothing(d))
        st = examine_images(img, &whole, d, page, &p, points, err);
    place->native = *img != NULL;
    if (*img) /* not by poppler's drawing */
        d->left_out[0] = '\0';
    if (st == OCRVL_OK && *img && whole && d->scans)
        ocrvl_scans_take(d->scans, index, (*img)->width, (*img)->height, place);
    if (st == OCRVL_OK && d->opt->own_text && d->pictured_page && !*img && p.covered < FEW_PICTURES)
        st = look(d, page, points, err);
    double dpi = d->opt->dpi > 0 || st || *img ? d->opt->dpi : choose_dpi(d, page, &p, points);
    if (dpi > 0) {
        double fit = ocrvl_pdf_fit_dpi(dpi, points, d->opt->max_pixels);
        make_room(d, (double)ocrvl_pdf_pixels(points.w, fit) * ocrvl_pdf_pixels(points.h, fit));
    }
    if (st == OCRVL_OK && d->opt->own_text)
        st = take_own_text(d, page, p.count ? &p : NULL, index, points, dpi, img, place, err);
    if (st == OCRVL_OK && !*img)
        st = ocrvl_pdf_render(img, page, points, dpi, d->opt->max_pixels, d->shared, err);
    if (st == OCRVL_OK && d->opt->drop_hidden_text && !d->opt->own_text)
        st = tell_unseen(d, page, p.count ? &p : NULL, index, points, *img, place, err);
    if (st == OCRVL_OK && d->opt->text_boxes)
        st = ocrvl_pdf_lines_boxes(&d->lines, page, points, *img, place, err);
    return st;
}

static ocrvl_status read_page(document *d, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_pdf_size points;
    PopplerPage *page = poppler_document_get_page(d->poppler, (int)index);
    if (!page)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the page cannot be read");
    describe(d, page, index, place);
    char language[OCRVL_PDF_LANG_BYTES] = "";
    if (!d->info.read)
        ocrvl_pdf_language(language, d->data, d->len, d->opt->password);
    ocrvl_status known = ocrvl_pdf_info_read(&d->info, d->poppler, language, err);
    if (known) {
        g_object_unref(page);
        return known;
    }
    place->info = d->info.any ? &d->info.info : NULL;
    poppler_page_get_size(page, &points.w, &points.h);
    double least = d->tried ? 0.01 : OCRVL_PDF_LEAST; /* a box that is smaller may be the wrong one */
    if (!(points.w > least && points.h > least && points.w < 1e6 && points.h < 1e6)) {
        g_object_unref(page);
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: a page of %g x %g points has no valid size", points.w, points.h);
    }
    know_pictures(d, index);
    ocrvl_status st = d->opt->own_text && !d->pictured_page ? look(d, page, points, err) : OCRVL_OK;
    if (!st)
        st = take_text_alone(d, page, index, points, img, place, err);
    if (!st && !*img)
        st = take_page(d, page, points, index, img, place, err);
    if (!st && place->text_layer)
        st = ocrvl_pdf_lines_place(&d->lines, page, points, *img, place, err);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    if (!st && place->own_text && place->own_text->draw)
        d->page = page;
    else
        g_object_unref(page);
    return st;
}

/* ---- damage ------------------------------------------------------------------------------------------ */

/* Whether hardly a pixel is dark, and there is no text that its image, which may be a small one, need not show. */
static bool is_blank(const ocrvl_image *img, const ocrvl_own_text *own)
{
    enum { FEW = 50, DARK = 200 };
    size_t n = (size_t)ocrvl_image_width(img) * ocrvl_image_height(img) * ocrvl_image_channels(img), dark = 0;
    const uint8_t *p = ocrvl_image_data(img);
    for (size_t i = 0; i < n && dark < FEW; i++)
        dark += p[i] < DARK;
    return dark < FEW && !(own && own->line_count);
}

/* Sets d->damage to what of the page is missing. *mendable means that more of it can be shown. */
static void find_damage(document *d, uint64_t index, ocrvl_pdf_care care, bool *mendable)
{
    ocrvl_buf_clear(&d->damage);
    if (!d->checker)
        d->checker = ocrvl_pdf_checker_open(d->bytes, d->bytes_len, d->password);
    if (d->checker)
        ocrvl_pdf_checker_page(d->checker, (size_t)index, care, d->max_decoded, &d->damage, mendable);
}

/* Has the document mended, if it wasn't, and reads the page again if it was. */
static ocrvl_status read_again(document *d, uint64_t index, ocrvl_pdf_heard *heard, const ocrvl_page_place *before,
                               ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    const uint8_t *was = d->mended;
    ocrvl_status st = mend(d, err);
    if (st || d->mended == was)
        return st;
    if (heard->misread)
        heard->lost[0] = '\0'; /* it is said again unless it is mended */
    ocrvl_image_free(*img);
    g_clear_object(&d->page);
    *img = NULL;
    *place = *before;
    return read_page(d, index, img, place, err);
}

/* Whether libjpeg may have been given a damaged picture: it told standard error so, or poppler didn't have to decode
 * the page's pictures. */
static bool maybe_damaged(long said, const ocrvl_page_place *place)
{
    return said != ocrvl_said_count() || said >= OCRVL_SAID_BYTES || (place->own_text && place->own_text->draw);
}

/* Reads the page of a mended document, if poppler stumbled over what can be mended; *st is the first reading's. */
static void read_mended(document *d, uint64_t index, ocrvl_pdf_heard *heard, const ocrvl_page_place *before,
                        ocrvl_status *st, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    if (!heard->unbalanced && !heard->misread && *st != OCRVL_E_FORMAT)
        return;
    bool glyphs = *st && err && strstr(err->message, "user-font");
    ocrvl_status mended = read_again(d, index, heard, before, img, place, err);
    *st = *img || mended ? mended : *st;
    if (!*st && glyphs && !d->left_out[0])
        snprintf(d->left_out, sizeof d->left_out, "a font lacks glyphs that it draws");
}

/* Tells of a JPEG of which libjpeg told standard error while poppler drew it, if it isn't among the pictures that are
 * looked at: one in the midst of content, or in a pattern of a form. */
static void tell_of_jpeg(document *d, long said)
{
    static const char *const words[] = {"Corrupt JPEG data: premature end", "Corrupt JPEG data: bad Huffman code",
                                        "Corrupt JPEG data: found marker", "Premature end of JPEG file"};
    char *text = d->damage.len ? NULL : ocrvl_alloc(OCRVL_SAID_BYTES + 1);
    if (!text)
        return;
    ocrvl_said_since(said, text);
    bool any = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        any |= strstr(text, words[i]) != NULL;
    if (any)
        ocrvl_buf_puts(&d->damage, "a JPEG picture is cut or damaged, and part of it is missing");
    ocrvl_free(text);
}

/* Reads the page, and looks for damage: of JPEGs before poppler sees them, as libjpeg would tell standard error of
 * it, or if it can be heard, only where it did; of the rest if there is a reason. */
static ocrvl_status read_whole(document *d, uint64_t index, ocrvl_pdf_heard *heard, ocrvl_image **img,
                               ocrvl_page_place *place, ocrvl_error *err)
{
    const ocrvl_page_place before = *place;
    long said = ocrvl_said_count();
    bool mendable = false, briefly = d->pictured && said >= 0;
    find_damage(d, index, !d->pictured ? OCRVL_PDF_SUMS : briefly ? OCRVL_PDF_BRIEFLY : OCRVL_PDF_FULLY, &mendable);
    ocrvl_status st = mendable ? mend(d, err) : OCRVL_OK;
    if (!st)
        st = read_page(d, index, img, place, err);
    read_mended(d, index, heard, &before, &st, img, place, err);
    bool closely = !st && (heard->error[0] || d->found.end.lost || is_blank(*img, place->own_text));
    mendable = false;
    if (!st && (closely || (briefly && maybe_damaged(said, place))))
        find_damage(d, index, closely ? OCRVL_PDF_CLOSELY : OCRVL_PDF_FULLY, &mendable);
    if (mendable)
        return read_again(d, index, heard, &before, img, place, err);
    if (!st)
        tell_of_jpeg(d, said);
    return st;
}

/* Tells what poppler said of the page, which isn't told otherwise. */
static void tell_heard(document *d, const char *heard)
{
    size_t n = sizeof OCRVL_PDF_NO_MAPS - 1;
    if (strncmp(heard, OCRVL_PDF_NO_MAPS, n) == 0)
        ocrvl_buf_printf(&d->damage,
                         "text is missing, because the character maps of %.*s aren't installed (/usr/share/poppler, "
                         "package poppler-data)",
                         (int)strcspn(heard + n, "'"), heard + n);
    else
        ocrvl_buf_printf(&d->damage, "part of the page is damaged or missing: %s", heard);
}

static ocrvl_status pdf_page(void *doc, uint64_t index, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    document *d = doc;
    ocrvl_pdf_heard heard;
    *img = NULL;
    g_clear_object(&d->page);
    ocrvl_buf_clear(&d->damage);
    d->left_out[0] = '\0';
    d->largest = 0;
    if (index >= d->pages && index < d->pages + d->missing)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: a page that the document names is missing from the file");
    if (index >= d->pages)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PDF: the end of the file is missing, and the pages in it are lost");
    ocrvl_pdf_heard_begin(&heard);
    ocrvl_status st = read_whole(d, index, &heard, img, place, err);
    ocrvl_pdf_heard_end(&heard);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
        return st;
    }
    const char *heard_of = heard.lost[0] || !is_blank(*img, place->own_text) ? heard.lost : heard.error;
    bool told = d->left_out[0] && strstr(heard_of, "cairo"); /* in our own words */
    if (!d->damage.len && heard_of[0] && !told)
        tell_heard(d, heard_of);
    if (!d->damage.len && d->found.end.lost && is_blank(*img, place->own_text))
        ocrvl_buf_puts(&d->damage, "the end of the file is missing, and with it what the page shows");
    if (d->left_out[0])
        ocrvl_buf_printf(&d->damage, "%s%s", d->damage.len ? "; " : "", d->left_out);
    place->damage = d->damage.len ? d->damage.data : NULL;
    return d->damage.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

const ocrvl_document_format ocrvl_format_pdf = {"application/pdf", pdf_sniff, pdf_open, pdf_free, pdf_page};
