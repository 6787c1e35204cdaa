/* A searchable PDF: the page image, and on it the text, invisible (pdftext.c). Objects go out as pages come; what is
 * kept is their offsets and the font's code points.
 *
 * A page is as large as its image at its resolution; of unknown resolution its longer side is A4's. It is turned
 * upright by /Rotate. A page without an image has its text alone, or is empty. Asked to be PDF/A (ISO 19005-1 level B
 * or -2 level B) the file says so in its XMP; it is built alike in any case. Nothing depends on the time unless a date
 * is given. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "out/parts.h"
#include "out/pdfparts.h"
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
    uint64_t *offsets; /* of object i; 0: not written yet */
    size_t count, cap; /* objects, the first (0) being none */
    uint64_t written;  /* bytes before those in w->buf */
    ocrvl_buf kids, title, lang;
    ocrvl_pdf_codes codes;
    bool failed;
} document;

static void document_free(void *state)
{
    document *d = state;
    ocrvl_free(d->offsets);
    ocrvl_buf_free(&d->kids);
    ocrvl_buf_free(&d->title);
    ocrvl_buf_free(&d->lang);
    ocrvl_pdf_codes_free(&d->codes);
}

/* A number for an object that is to come. */
static size_t reserve(document *d)
{
    if (d->count == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 256;
        uint64_t *p = ocrvl_realloc_array(d->offsets, cap, sizeof *p);
        d->failed |= !p;
        if (!p)
            return 0;
        d->offsets = p;
        d->cap = cap;
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

/* A text string as UTF-16 in hexadecimal. */
static void put_text_string(ocrvl_buf *b, const char *s, size_t n)
{
    ocrvl_buf_puts(b, "<FEFF");
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        c = c == OCRVL_UTF8_BAD || c < 0x20 ? 0xFFFD : c;
        if (c >= 0x10000)
            ocrvl_buf_printf(b, "%04X%04X", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
        else
            ocrvl_buf_printf(b, "%04X", c);
    }
    ocrvl_buf_putc(b, '>');
}

/* ---- pages ------------------------------------------------------------------------------------------- */

#define A4_LONG 841.89
#define MOST 14400.0 /* points, of a side: PDF 1.7, annex C */

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

/* The image object, and in *content the operators that show it. Returns its number, 0 if there is none. */
static size_t put_image(ocrvl_writer *w, document *d, const ocrvl_page_place *place, double width, double height,
                        ocrvl_buf *content)
{
    ocrvl_pdf_image image;
    ocrvl_buf dictionary = {0};
    if (!place->image)
        return 0;
    size_t number = reserve(d);
    ocrvl_pdf_image_make(&image, place);
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
    ocrvl_put_pdf_text(&content, &d->codes, page, width, height);
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
    ocrvl_buf_puts(&w->buf, " >>");
    end_object(w);
    ocrvl_buf_printf(&d->kids, "%zu 0 R\n", number);
}

static document *begin(ocrvl_writer *w)
{
    document *d = ocrvl_writer_state(w, sizeof *d, document_free);
    if (!d || d->count)
        return d;
    for (int i = 0; i < FIRST_FREE; i++)
        reserve(d);
    ocrvl_buf_printf(&w->buf, "%%PDF-1.%c\n%%\xE2\xE3\xCF\xD3\n", w->opt.pdfa == OCRVL_PDFA_1B ? '4' : '7');
    return d;
}

static void pdf_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    document *d = begin(w);
    const char *lang;
    if (!d)
        return;
    if (w->pages == 1) {
        ocrvl_buf_puts(&d->title, place->file);
        if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
            ocrvl_buf_puts(&d->lang, lang);
    }
    put_page(w, d, page, place);
    d->written += w->buf.len;
    w->nomem |= d->failed || d->kids.failed || d->title.failed || d->lang.failed;
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Each code's code point. */
static void put_unicode_map(ocrvl_writer *w, document *d)
{
    const ocrvl_pdf_codes *c = &d->codes;
    ocrvl_buf b = {0};
    ocrvl_buf_puts(
        &b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) "
            "/Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t i = 0; i < c->count; i++) {
        uint32_t p = c->points[i];
        if (i % 100 == 0)
            ocrvl_buf_printf(&b, "%zu beginbfchar\n", c->count - i < 100 ? c->count - i : (size_t)100);
        if (p >= 0x10000)
            ocrvl_buf_printf(&b, "<%04zX> <%04X%04X>\n", i + 1, 0xD800 + ((p - 0x10000) >> 10), 0xDC00 + (p & 0x3FF));
        else
            ocrvl_buf_printf(&b, "<%04zX> <%04X>\n", i + 1, p);
        if (i % 100 == 99 || i + 1 == c->count)
            ocrvl_buf_puts(&b, "endbfchar\n");
    }
    ocrvl_buf_puts(&b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    put_deflated(w, d, UNICODE_MAP, "", &b);
    ocrvl_buf_free(&b);
}

static void put_font(ocrvl_writer *w, document *d)
{
    ocrvl_buf b = {0};
    begin_object(w, d, FONT);
    ocrvl_buf_printf(
        &w->buf,
        "<< /Type /Font /Subtype /Type0 /BaseFont /GlyphLess /Encoding /Identity-H /DescendantFonts [%d 0 R] "
        "/ToUnicode %d 0 R >>",
        DESCENDANT, UNICODE_MAP);
    end_object(w);
    begin_object(w, d, DESCENDANT);
    ocrvl_buf_printf(&w->buf,
                     "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLess /CIDSystemInfo << /Registry (Adobe) "
                     "/Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 500 /CIDToGIDMap %d 0 R >>",
                     DESCRIPTOR, GLYPH_MAP);
    end_object(w);
    begin_object(w, d, DESCRIPTOR);
    ocrvl_buf_printf(&w->buf,
                     "<< /Type /FontDescriptor /FontName /GlyphLess /Flags 5 /FontBBox [0 -200 500 800] /ItalicAngle 0 "
                     "/Ascent 800 /Descent -200 /CapHeight 800 /StemV 80 /FontFile2 %d 0 R >>",
                     FONT_FILE);
    end_object(w);
    ocrvl_buf_put(&b, ocrvl_glyphless, OCRVL_GLYPHLESS_BYTES);
    put_deflated(w, d, FONT_FILE, "/Length1 636", &b);
    ocrvl_buf_clear(&b);
    ocrvl_buf_put(&b, "\0\0", 2);
    for (size_t i = 0; i < d->codes.count; i++) /* never glyph 0, which PDF/A forbids to show */
        ocrvl_buf_put(&b, "\0\1", 2);
    put_deflated(w, d, GLYPH_MAP, "", &b);
    ocrvl_buf_free(&b);
    put_unicode_map(w, d);
}

/* "D:20261124100000Z" of the date given, which is in Universal Time or says its offset; "" if it isn't whole. */
static void pdf_date(char out[32], const char *date)
{
    char zone[8] = "Z";
    size_t n = strlen(date);
    bool time = n >= 19;
    if (time && (date[n - 6] == '+' || date[n - 6] == '-'))
        snprintf(zone, sizeof zone, "%.3s'%.2s'", date + n - 6, date + n - 2);
    snprintf(out, 32, "D:%.4s%.2s%.2s%.2s%.2s%.2s%s", date, date + 5, date + 8, time ? date + 11 : "00",
             time ? date + 14 : "00", time ? date + 17 : "00", zone);
}

/* The same moment in XMP: without fractions, so that it equals that of the information dictionary. */
static void xmp_date(char out[32], const char *date)
{
    size_t n = strlen(date);
    bool time = n >= 19, zone = time && (date[n - 6] == '+' || date[n - 6] == '-');
    snprintf(out, 32, "%.10sT%.8s%s", date, time ? date + 11 : "00:00:00", zone ? date + n - 6 : "Z");
}

static void put_xml_text(ocrvl_buf *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        c = c == OCRVL_UTF8_BAD || c < 0x20 || (c & 0xFFFE) == 0xFFFE ? 0xFFFD : c;
        if (c == '&' || c == '<' || c == '>')
            ocrvl_buf_printf(b, "&#%u;", c);
        else
            ocrvl_buf_put_codepoint(b, c);
    }
}

static void put_metadata(ocrvl_writer *w, document *d)
{
    static const char mark[] = "\xEF\xBB\xBF";
    char date[32];
    ocrvl_buf b = {0};
    ocrvl_buf_printf(
        &b,
        "<?xpacket begin=\"%s\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description rdf:about=\"\" "
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
        "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
        "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">",
        mark);
    put_xml_text(&b, d->title.data, d->title.len);
    ocrvl_buf_puts(&b, "</rdf:li></rdf:Alt></dc:title>\n<pdf:Producer>ocrvl " OCRVL_VERSION_STRING "</pdf:Producer>\n");
    if (w->opt.datetime) {
        xmp_date(date, w->opt.datetime);
        ocrvl_buf_printf(&b, "<xmp:CreateDate>%s</xmp:CreateDate>\n", date);
    }
    if (w->opt.pdfa)
        ocrvl_buf_printf(&b, "<pdfaid:part>%d</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n",
                         w->opt.pdfa == OCRVL_PDFA_1B ? 1 : 2);
    ocrvl_buf_puts(&b, "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>");
    d->failed |= b.failed;
    if (!b.failed)
        put_stream(w, d, METADATA, "/Type /Metadata /Subtype /XML", b.data, b.len);
    ocrvl_buf_free(&b);
}

static void put_information(ocrvl_writer *w, document *d)
{
    char date[32];
    begin_object(w, d, INFO);
    ocrvl_buf_puts(&w->buf, "<< /Title ");
    put_text_string(&w->buf, d->title.data ? d->title.data : "", d->title.len);
    ocrvl_buf_puts(&w->buf, " /Producer (ocrvl " OCRVL_VERSION_STRING ")");
    if (w->opt.datetime) {
        pdf_date(date, w->opt.datetime);
        ocrvl_buf_printf(&w->buf, " /CreationDate (%s)", date);
    }
    ocrvl_buf_puts(&w->buf, " >>");
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

static void put_catalog(ocrvl_writer *w, document *d)
{
    begin_object(w, d, CATALOG);
    ocrvl_buf_printf(&w->buf, "<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /OutputIntents [%d 0 R]", PAGES,
                     METADATA, INTENT);
    if (is_tag(&d->lang))
        ocrvl_buf_printf(&w->buf, " /Lang (%s)", d->lang.data);
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
    ocrvl_sha256_hex(id, w->buf.data, w->buf.len); /* the font, the title, and where everything stands */
    ocrvl_buf_printf(
        &w->buf, "trailer\n<< /Size %zu /Root %d 0 R /Info %d 0 R /ID [<%.32s> <%.32s>] >>\nstartxref\n%llu\n%%%%EOF\n",
        d->count, CATALOG, INFO, id, id, (unsigned long long)start);
}

static void pdf_end(ocrvl_writer *w)
{
    document *d = begin(w);
    if (!d || d->failed) {
        w->nomem = true;
        return;
    }
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
