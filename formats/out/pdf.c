/* A searchable PDF: the page image, and on it the text, invisible (pdftext.c). Objects are written as pages come; only
 * their offsets and the font's code points stay in memory. Pages of an input PDF get the text onto themselves (qpdf.c):
 * they are retained until all pages of that PDF have come, because if no other document follows, the output is that
 * PDF.
 *
 * A page is as large as its image at its resolution; if that is unknown, its longer side is that of A4. /Rotate turns
 * it upright. A page without an image has only its text, or is empty. If PDF/A (ISO 19005-1 level B or -2 level B) is
 * requested, the file says so in its XMP; it is built the same way in any case. Nothing depends on the time unless a
 * date is given. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "out/parts.h"
#include "out/pdflinks.h"
#include "out/pdfmeta.h"
#include "out/pdfoutline.h"
#include "out/pdfparts.h"
#include "out/qpdf.h"
#include "out/writer.h"

enum {
    CATALOG = 1,
    PAGES,
    FONT,
    DESCENDANT,
    DESCRIPTOR,
    FONT_FILE,
    GLYPH_MAP,
    UNICODE_MAP,
    METADATA,
    INTENT,
    PROFILE,
    INFO,
    FIRST_FREE
};

typedef struct document {
    uint64_t *offsets; /* of object i; 0 means not written yet */
    size_t count, cap; /* number of objects; object 0 doesn't exist */
    uint64_t written;  /* bytes written before those in w->buf */
    ocrvl_buf kids;
    ocrvl_pdf_meta meta;
    ocrvl_pdf_codes codes;
    ocrvl_pdf_outline outline;
    bool failed, named; /* named: links lead to pages by their names */
    bool nonconforming; /* a page isn't PDF/A, though that was asked for */
    bool own_unfit;     /* what belongs to all of the input PDF isn't */
    ocrvl_qpdf *own;    /* the input PDF whose pages are retained, or NULL */
    ocrvl_qpdf_info own_info;
    const void *own_data;         /* its bytes */
    const void *unfit;            /* the last input PDF that could not be opened, so that it isn't tried again; or
                                   * NULL */
    uint64_t own_count, own_next; /* number of its pages that came, and the lowest that may come next */
    ocrvl_buf own_file;
} document;

static void document_free(void *state)
{
    document *d = state;
    ocrvl_free(d->offsets);
    ocrvl_buf_free(&d->kids);
    ocrvl_pdf_meta_free(&d->meta);
    ocrvl_buf_free(&d->own_file);
    ocrvl_pdf_codes_free(&d->codes);
    ocrvl_pdf_outline_free(&d->outline);
    ocrvl_qpdf_free(d->own);
}

/* Allocates the number of a later object. */
static size_t reserve(document *d)
{
    if (!OCRVL_ARRAY_RESERVE(d->offsets, d->cap, d->count + 1)) {
        d->failed = true;
        return 0;
    }
    d->offsets[d->count] = 0;
    return d->count++;
}

static void begin_object(ocrvl_writer *w, document *d, size_t number)
{
    if (!d->failed)
        d->offsets[number] = d->written + w->buf.len;
    ocrvl_buf_printf(&w->buf, "%zu 0 obj\n", number);
}

static void end_object(ocrvl_writer *w) { ocrvl_buf_puts(&w->buf, "\nendobj\n"); }

static void put_stream(ocrvl_writer *w, document *d, size_t number, const char *dictionary, const void *data,
                       size_t len)
{
    begin_object(w, d, number);
    ocrvl_buf_printf(&w->buf, "<< /Length %zu%s%s >>\nstream\n", len, *dictionary ? " " : "", dictionary);
    ocrvl_buf_put(&w->buf, data, len);
    ocrvl_buf_puts(&w->buf, "\nendstream");
    end_object(w);
}

static void put_deflated(ocrvl_writer *w, document *d, size_t number, const char *dictionary, const ocrvl_buf *data)
{
    ocrvl_buf packed = {0}, dict = {0};
    packed.failed = data->failed;
    ocrvl_deflate(&packed, data->data, data->len);
    ocrvl_buf_printf(&dict, "%s%s/Filter /FlateDecode", dictionary, *dictionary ? " " : "");
    d->failed |= packed.failed || dict.failed;
    if (!d->failed)
        put_stream(w, d, number, dict.data, packed.data, packed.len);
    ocrvl_buf_free(&packed);
    ocrvl_buf_free(&dict);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

#define A4_LONG 841.89
#define MOST 14400.0 /* limit of a side in points: PDF 1.7, annex C */

static void page_size(const ocrvl_page_info *info, const ocrvl_page_place *place, double *width, double *height)
{
    const double *box = place->pdf_box;
    double w = info->width, h = info->height, longer = w > h ? w : h;
    if (info->width == 0) {
        bool known = box[2] > box[0] && box[3] > box[1];
        *width = known ? box[2] - box[0] : 595.276;
        *height = known ? box[3] - box[1] : A4_LONG;
    } else if (info->dpi_x >= 1 && info->dpi_y >= 1) {
        *width = w * 72 / info->dpi_x;
        *height = h * 72 / info->dpi_y;
    } else {
        *width = w * A4_LONG / longer;
        *height = h * A4_LONG / longer;
    }
    longer = *width > *height ? *width : *height;
    if (longer > MOST) {
        *width *= MOST / longer;
        *height *= MOST / longer;
    }
    *width = *width < 3 ? 3 : *width;
    *height = *height < 3 ? 3 : *height;
}

/* Writes the image object, and to *content the operators that show it. Returns the object's number, or 0 if there is
 * none. */
static size_t put_image(ocrvl_writer *w, document *d, const ocrvl_page_place *place, double width, double height,
                        ocrvl_buf *content)
{
    ocrvl_pdf_image image;
    ocrvl_buf dictionary = {0};
    if (!place->image)
        return 0;
    size_t number = reserve(d);
    ocrvl_pdf_image_make(&image, place, w->opt.pdfa != OCRVL_PDFA_1B);
    ocrvl_buf_printf(&dictionary, "/Type /XObject /Subtype /Image %s",
                     image.dictionary.data ? image.dictionary.data : "");
    d->failed |= image.dictionary.failed || image.data.failed || dictionary.failed;
    if (!d->failed)
        put_stream(w, d, number, dictionary.data, image.bytes, image.len);
    ocrvl_buf_puts(content, "q ");
    for (int i = 0; i < 6; i++) {
        ocrvl_buf_put_number(content, image.matrix[i] * (i % 2 ? height : width), 3);
        ocrvl_buf_putc(content, ' ');
    }
    ocrvl_buf_puts(content, "cm /Im1 Do Q\n");
    ocrvl_buf_free(&dictionary);
    ocrvl_pdf_image_free(&image);
    return number;
}

static void put_page(ocrvl_writer *w, document *d, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_buf content = {0};
    double width, height;
    size_t number = reserve(d), contents = reserve(d);
    page_size(&info, place, &width, &height);
    size_t image = put_image(w, d, place, width, height, &content);
    ocrvl_pdf_sheet sheet = {.width = width, .height = height, .font = "F1"};
    ocrvl_put_pdf_text(&content, &d->codes, page, &sheet);
    put_deflated(w, d, contents, "", &content);
    ocrvl_buf_free(&content);
    begin_object(w, d, number);
    ocrvl_buf_printf(&w->buf, "<< /Type /Page /Parent %d 0 R /MediaBox [0 0 ", PAGES);
    ocrvl_buf_put_number(&w->buf, width, 3);
    ocrvl_buf_putc(&w->buf, ' ');
    ocrvl_buf_put_number(&w->buf, height, 3);
    ocrvl_buf_printf(&w->buf, "] /Contents %zu 0 R /Resources << /Font << /F1 %d 0 R >>", contents, FONT);
    if (image)
        ocrvl_buf_printf(&w->buf, " /XObject << /Im1 %zu 0 R >>", image);
    ocrvl_buf_puts(&w->buf, " >>");
    if (info.rotation)
        ocrvl_buf_printf(&w->buf, " /Rotate %u", info.rotation);
    bool of_first = d->outline.page_count && d->outline.pages[d->outline.page_count - 1] != UINT64_MAX;
    d->named |= ocrvl_put_pdf_links(&w->buf, page, width, height, of_first);
    ocrvl_buf_puts(&w->buf, " >>");
    end_object(w);
    ocrvl_buf_printf(&d->kids, "%zu 0 R\n", number);
}

/* The writer's state; the first call allocates it and the numbers of the objects at the end. */
static document *state_of(ocrvl_writer *w)
{
    document *d = ocrvl_writer_state(w, sizeof *d, document_free);
    for (int i = 0; d && d->count < FIRST_FREE && i < FIRST_FREE; i++)
        reserve(d);
    return d;
}

static void begin(ocrvl_writer *w, document *d)
{
    if (d->written + w->buf.len == 0)
        ocrvl_buf_printf(&w->buf, "%%PDF-1.%c\n%%\xE2\xE3\xCF\xD3\n", w->opt.pdfa == OCRVL_PDFA_1B ? '4' : '7');
}

/* ---- pages of an input PDF --------------------------------------------------------------------------- */

static void note(const ocrvl_writer *w, const document *d, const char *text)
{
    ocrvl_writer_note(w, d->own_file.data ? d->own_file.data : "-", text);
}

/* Records a failure with the input PDF. */
static void note_signature(const ocrvl_writer *w, const document *d)
{
    if (d->own_info.signed_ && ocrvl_qpdf_changed(d->own))
        note(w, d, "the PDF is signed, but its signatures are not valid for the document with text");
}

typedef struct copying {
    ocrvl_writer *w;
    document *d;
} copying;

static size_t copy_reserve(void *user) { return reserve(((copying *)user)->d); }

static void copy_object(void *user, size_t number, const ocrvl_buf *object, const void *stream, size_t len)
{
    copying *c = user;
    ocrvl_buf *b = &c->w->buf;
    begin_object(c->w, c->d, number);
    ocrvl_buf_put(b, object->data, object->len);
    if (stream) {
        ocrvl_buf_puts(b, "\nstream\n");
        ocrvl_buf_put(b, stream, len);
        ocrvl_buf_puts(b, "\nendstream");
    }
    end_object(c->w);
    c->d->written += b->len;
    ocrvl_writer_put(c->w, b->data, b->len);
    c->w->nomem |= b->failed;
    ocrvl_buf_clear(b);
}

static void copy_page(void *user, size_t number) { ocrvl_buf_printf(&((copying *)user)->d->kids, "%zu 0 R\n", number); }

static void let_go(document *d)
{
    ocrvl_qpdf_free(d->own);
    d->own = NULL;
    d->own_data = NULL;
}

/* Copies the retained pages into our own document. */
static void put_retained(ocrvl_writer *w, document *d)
{
    copying c = {w, d};
    const ocrvl_qpdf_target to = {&c, PAGES, copy_reserve, copy_object, copy_page};
    ocrvl_error err;
    if (!d->own)
        return;
    begin(w, d);
    note_signature(w, d);
    if (d->own_info.encrypted)
        note(w, d, "the PDF is encrypted, but the document made from its pages is not");
    ocrvl_status st = ocrvl_qpdf_copy(d->own, &to, &err);
    if (st)
        ocrvl_writer_fail(w, st, &err);
    let_go(d);
}

/* Tells once per document that its pages are written as images. */
static void note_images(ocrvl_writer *w, document *d, const ocrvl_page_place *place, const char *why)
{
    ocrvl_buf text = {0};
    if (d->own_file.data && strcmp(d->own_file.data, place->file) == 0)
        return;
    ocrvl_buf_clear(&d->own_file);
    ocrvl_buf_puts(&d->own_file, place->file);
    ocrvl_buf_printf(&text, "text can't be written onto its own pages, so they are stored as images: %s", why);
    if (!text.failed)
        note(w, d, text.data);
    ocrvl_buf_free(&text);
}

/* Holds a page of the input PDF, or with UINT64_MAX what belongs to all of it, against PDF/A; *fit: it is, or was made,
 * such. What isn't is told. */
static ocrvl_status examine(ocrvl_writer *w, document *d, const ocrvl_page_place *place, uint64_t page, bool *fit,
                            ocrvl_error *err)
{
    ocrvl_buf why = {0};
    ocrvl_status st = ocrvl_qpdf_examine(d->own, page, w->opt.pdfa, &why, err);
    *fit = !st && !why.len;
    if (!st && why.len && w->opt.on_unfit)
        w->opt.on_unfit(w->opt.note_user, place->file, page == UINT64_MAX ? 0 : page + 1, why.data);
    ocrvl_buf_free(&why);
    return st;
}

/* Returns false if that failed. */
static bool examine_document(ocrvl_writer *w, document *d, const ocrvl_page_place *place)
{
    ocrvl_error err;
    bool fit;
    ocrvl_status st = examine(w, d, place, UINT64_MAX, &fit, &err);
    d->own_unfit = !fit;
    if (st)
        ocrvl_writer_fail(w, st, &err);
    return !st;
}

/* Whether the page stays itself in PDF/A, which it may not be then. */
static bool stays(ocrvl_writer *w, document *d, const ocrvl_page_place *place)
{
    ocrvl_error err;
    bool fit;
    if (place->index >= d->own_info.pages)
        return true; /* which will be told of */
    ocrvl_status st = examine(w, d, place, place->index, &fit, &err);
    if (st)
        ocrvl_writer_fail(w, st, &err);
    fit &= !d->own_unfit;
    if (!fit && w->opt.pdfa_rasterize && place->image)
        return false;
    d->nonconforming |= !fit;
    return true;
}

/* Opens the input PDF of the page, unless it is known to be unfit. */
static bool open_own(ocrvl_writer *w, document *d, const ocrvl_page_place *place)
{
    ocrvl_error err;
    if (place->document == d->unfit)
        return false;
    ocrvl_status st =
        ocrvl_qpdf_open(&d->own, &d->own_info, place->document, place->document_len, w->opt.password, &err);
    if (!st && place->pages && d->own_info.pages != place->pages)
        st = ocrvl_fail(&err, OCRVL_E_FORMAT, "the PDF is too damaged to tell which page is which");
    w->nomem |= st == OCRVL_E_NOMEM;
    if (st) {
        note_images(w, d, place, err.message);
        let_go(d);
        d->unfit = place->document;
        return false;
    }
    ocrvl_buf_clear(&d->own_file);
    ocrvl_buf_puts(&d->own_file, place->file);
    if (d->own_info.damaged)
        note(w, d, "the PDF is damaged; what can be recovered is written anew");
    d->own_data = place->document;
    d->own_count = 0;
    return !w->opt.pdfa || examine_document(w, d, place);
}

/* Retains the page's input PDF, after writing the retained pages of another one. Returns false if its pages have to be
 * images. */
static bool hold(ocrvl_writer *w, document *d, const ocrvl_page_place *place)
{
    bool same = place->document && d->own_data == place->document && place->index >= d->own_next;
    if (!same)
        put_retained(w, d);
    if (place->document && (same || open_own(w, d, place))) {
        if (!w->opt.pdfa || stays(w, d, place))
            return true;
        put_retained(w, d);
        return false;
    }
    if (!place->document && place->image && strcmp(place->media_type, "application/pdf") == 0)
        note_images(w, d, place, "it is damaged, or that takes too much memory");
    return false;
}

/* ---- a page ------------------------------------------------------------------------------------------ */

static void pdf_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    document *d = state_of(w);
    ocrvl_error err;
    if (!d)
        return;
    if (w->pages == 1)
        ocrvl_pdf_meta_take(&d->meta, page, place);
    ocrvl_pdf_outline_take(&d->outline, place);
    d->failed |= d->outline.failed;
    if (hold(w, d, place)) {
        bool keep = w->opt.pdfa && w->opt.pdfa_rasterize && place->text_box_count > 0;
        ocrvl_status st = keep ? ocrvl_qpdf_keep(d->own, place, &err) : ocrvl_qpdf_add(d->own, page, place, &err);
        if (st)
            ocrvl_writer_fail(w, st, &err);
        d->own_count++;
        d->own_next = place->index + 1;
    } else {
        begin(w, d);
        put_page(w, d, page, place);
        d->written += w->buf.len;
    }
    w->nomem |= d->failed || d->kids.failed || ocrvl_pdf_meta_failed(&d->meta);
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Writes the invisible font for the code points that the pages used. */
static void put_font(ocrvl_writer *w, document *d)
{
    ocrvl_buf b = {0}, length = {0};
    begin_object(w, d, FONT);
    ocrvl_buf_printf(&w->buf, "<< %s /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", OCRVL_PDF_FONT, DESCENDANT,
                     UNICODE_MAP);
    end_object(w);
    begin_object(w, d, DESCENDANT);
    ocrvl_buf_printf(&w->buf, "<< %s /FontDescriptor %d 0 R /CIDToGIDMap %d 0 R /W ", OCRVL_PDF_DESCENDANT, DESCRIPTOR,
                     GLYPH_MAP);
    ocrvl_put_pdf_widths(&w->buf, &d->codes);
    ocrvl_buf_puts(&w->buf, " >>");
    end_object(w);
    begin_object(w, d, DESCRIPTOR);
    ocrvl_buf_printf(&w->buf, "<< %s /FontFile2 %d 0 R >>", OCRVL_PDF_DESCRIPTOR, FONT_FILE);
    end_object(w);
    ocrvl_buf_put(&b, ocrvl_glyphless, OCRVL_GLYPHLESS_BYTES);
    ocrvl_buf_printf(&length, "/Length1 %d", OCRVL_GLYPHLESS_BYTES);
    put_deflated(w, d, FONT_FILE, length.failed ? "" : length.data, &b);
    ocrvl_buf_free(&length);
    ocrvl_buf_clear(&b);
    ocrvl_put_pdf_glyph_map(&b, &d->codes);
    put_deflated(w, d, GLYPH_MAP, "", &b);
    ocrvl_buf_clear(&b);
    ocrvl_put_pdf_unicode_map(&b, &d->codes);
    put_deflated(w, d, UNICODE_MAP, "", &b);
    ocrvl_buf_free(&b);
}

static void put_metadata(ocrvl_writer *w, document *d)
{
    ocrvl_buf b = {0};
    ocrvl_put_pdf_xmp(&b, &d->meta, w->opt.datetime, d->nonconforming ? OCRVL_PDFA_NONE : w->opt.pdfa);
    d->failed |= b.failed;
    if (!b.failed)
        put_stream(w, d, METADATA, "/Type /Metadata /Subtype /XML", b.data, b.len);
    ocrvl_buf_free(&b);
}

static void put_information(ocrvl_writer *w, document *d)
{
    begin_object(w, d, INFO);
    ocrvl_put_pdf_information(&w->buf, &d->meta, w->opt.datetime);
    end_object(w);
}

static void put_intent(ocrvl_writer *w, document *d)
{
    ocrvl_buf b = {0};
    begin_object(w, d, INTENT);
    ocrvl_buf_printf(&w->buf,
                     "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) "
                     "/DestOutputProfile %d 0 R >>",
                     PROFILE);
    end_object(w);
    ocrvl_put_srgb(&b);
    put_deflated(w, d, PROFILE, "/N 3", &b);
    ocrvl_buf_free(&b);
}

static bool is_tag(const ocrvl_buf *b)
{
    return b->len >= 2 && b->len <= 35 &&
           strspn(b->data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == b->len;
}

/* Writes the outline; its object's number, or 0 if there is nothing to write. */
static size_t put_outline(ocrvl_writer *w, document *d)
{
    size_t n = d->failed ? 0 : ocrvl_pdf_outline_link(&d->outline), root = n ? reserve(d) : 0;
    for (size_t i = 0; i < n; i++)
        reserve(d);
    for (size_t i = 0; n && i <= n && !d->failed; i++) {
        begin_object(w, d, root + i);
        ocrvl_put_pdf_outline(&w->buf, &d->outline, i, root, d->kids.data ? d->kids.data : "");
        end_object(w);
    }
    return root;
}

static void put_catalog(ocrvl_writer *w, document *d)
{
    size_t outline = put_outline(w, d);
    begin_object(w, d, CATALOG);
    ocrvl_buf_printf(&w->buf, "<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /OutputIntents [%d 0 R]", PAGES,
                     METADATA, INTENT);
    if (is_tag(&d->meta.language))
        ocrvl_buf_printf(&w->buf, " /Lang (%s)", d->meta.language.data);
    if (outline)
        ocrvl_buf_printf(&w->buf, " /Outlines %zu 0 R", outline);
    if (d->named)
        ocrvl_put_pdf_names(&w->buf, d->outline.pages, d->outline.page_count, d->kids.data ? d->kids.data : "");
    if (d->outline.labelled)
        ocrvl_buf_printf(&w->buf, " /PageLabels << /Nums [ %s] >>", d->outline.labels.data);
    ocrvl_buf_puts(&w->buf, " >>");
    end_object(w);
    begin_object(w, d, PAGES);
    ocrvl_buf_printf(&w->buf, "<< /Type /Pages /Count %llu /Kids [\n%s] >>", (unsigned long long)w->pages,
                     d->kids.data ? d->kids.data : "");
    end_object(w);
}

static void put_table(ocrvl_writer *w, document *d)
{
    char id[OCRVL_SHA256_HEX];
    uint64_t start = d->written + w->buf.len;
    ocrvl_buf_printf(&w->buf, "xref\n0 %zu\n0000000000 65535 f \n", d->count);
    for (size_t i = 1; i < d->count; i++)
        ocrvl_buf_printf(&w->buf, "%010llu 00000 n \n", (unsigned long long)d->offsets[i]);
    if (w->buf.failed)
        return;
    ocrvl_error err;
    /* the font, the title, where everything stands */
    ocrvl_status st = ocrvl_sha256_hex(id, w->buf.data, w->buf.len, &err);
    if (st)
        ocrvl_writer_fail(w, st, &err);
    ocrvl_buf_printf(
        &w->buf, "trailer\n<< /Size %zu /Root %d 0 R /Info %d 0 R /ID [<%.32s> <%.32s>] >>\nstartxref\n%llu\n%%%%EOF\n",
        d->count, CATALOG, INFO, id, id, (unsigned long long)start);
}

/* Has the input PDF say that it is PDF/A. */
static ocrvl_status claim(ocrvl_writer *w, document *d, ocrvl_error *err)
{
    ocrvl_buf xmp = {0}, information = {0}, srgb = {0}, profile = {0};
    ocrvl_put_pdf_xmp(&xmp, &d->meta, w->opt.datetime, w->opt.pdfa);
    ocrvl_put_pdf_information(&information, &d->meta, w->opt.datetime);
    ocrvl_put_srgb(&srgb);
    profile.failed = srgb.failed;
    ocrvl_deflate(&profile, srgb.data, srgb.len);
    ocrvl_pdfa_parts parts = {&xmp, &information, &profile, is_tag(&d->meta.language) ? d->meta.language.data : NULL};
    bool fine = !xmp.failed && !information.failed && !profile.failed;
    ocrvl_status st = fine ? ocrvl_qpdf_claim(d->own, w->opt.pdfa, &parts, err) : ocrvl_fail_nomem(err);
    if (!st && d->own_info.encrypted)
        note(w, d, "the PDF is encrypted, which PDF/A isn't");
    ocrvl_buf_free(&xmp);
    ocrvl_buf_free(&information);
    ocrvl_buf_free(&srgb);
    ocrvl_buf_free(&profile);
    return st;
}

/* The output is the input PDF with its text. */
static void put_whole(ocrvl_writer *w, document *d)
{
    const void *data;
    size_t len;
    ocrvl_error err;
    ocrvl_status st = w->opt.pdfa && !d->nonconforming ? claim(w, d, &err) : OCRVL_OK;
    if (!st)
        st = ocrvl_qpdf_write(d->own, &data, &len, &err);
    note_signature(w, d);
    if (st)
        ocrvl_writer_fail(w, st, &err);
    else
        ocrvl_writer_put(w, data, len);
}

static void pdf_end(ocrvl_writer *w)
{
    document *d = state_of(w);
    if (!d || d->failed) {
        w->nomem = true;
        return;
    }
    if (d->own && d->own_count == d->own_info.pages && d->own_count == w->pages) {
        put_whole(w, d);
        return;
    }
    put_retained(w, d);
    begin(w, d);
    put_font(w, d);
    put_metadata(w, d);
    put_information(w, d);
    put_intent(w, d);
    put_catalog(w, d);
    if (!d->failed)
        put_table(w, d);
    w->nomem |= d->failed;
}

const ocrvl_writer_ops ocrvl_pdf_ops = {.page = pdf_page, .end = pdf_end, .needs_page = true};
