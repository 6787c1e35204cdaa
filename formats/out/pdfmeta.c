#include "out/pdfmeta.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "out/parts.h"
#include "out/pdfoutline.h"
#include "out/writer.h"

enum { TEXTS = 6 };

static void list(const ocrvl_pdf_meta *m, ocrvl_buf *out[TEXTS])
{
    const ocrvl_buf *all[TEXTS] = {&m->title, &m->author, &m->subject, &m->keywords, &m->created, &m->language};
    for (int i = 0; i < TEXTS; i++)
        out[i] = (ocrvl_buf *)(uintptr_t)all[i];
}

void ocrvl_pdf_meta_free(ocrvl_pdf_meta *m)
{
    ocrvl_buf *all[TEXTS];
    list(m, all);
    for (int i = 0; i < TEXTS; i++)
        ocrvl_buf_free(all[i]);
}

bool ocrvl_pdf_meta_failed(const ocrvl_pdf_meta *m)
{
    ocrvl_buf *all[TEXTS];
    bool failed = false;
    list(m, all);
    for (int i = 0; i < TEXTS; i++)
        failed |= all[i]->failed;
    return failed;
}

static void put(ocrvl_buf *b, const char *s)
{
    if (s)
        ocrvl_buf_puts(b, s);
}

void ocrvl_pdf_meta_take(ocrvl_pdf_meta *m, const ocrvl_page *page, const ocrvl_page_place *place)
{
    static const ocrvl_document_info none = {0};
    const ocrvl_document_info *info = place->info ? place->info : &none;
    const char *lang = info->language;
    if (!lang && ocrvl_page_languages(page, &lang, NULL, 1) == 0)
        lang = NULL;
    put(&m->title, info->title ? info->title : ocrvl_base_name(place->file));
    put(&m->author, info->author);
    put(&m->subject, info->subject);
    put(&m->keywords, info->keywords);
    put(&m->created, info->created && ocrvl_is_datetime(info->created) ? info->created : NULL);
    put(&m->language, lang);
}

/* The given date as "D:20261124100000Z"; it is in UTC or has an offset. "" if it is only a date. */
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

/* The same moment in XMP, without fractions, so that it equals that of the information dictionary. */
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

/* <name><kind><rdf:li>text</rdf:li></kind></name>, if there is a text. */
static void put_list(ocrvl_buf *b, const char *name, const char *kind, const char *item, const ocrvl_buf *text)
{
    if (!text->len)
        return;
    ocrvl_buf_printf(b, "<%s><rdf:%s><rdf:li%s>", name, kind, item);
    put_xml_text(b, text->data, text->len);
    ocrvl_buf_printf(b, "</rdf:li></rdf:%s></%s>\n", kind, name);
}

static void put_date(ocrvl_buf *b, const char *name, const char *date)
{
    char text[32];
    xmp_date(text, date);
    ocrvl_buf_printf(b, "<xmp:%s>%s</xmp:%s>\n", name, text, name);
}

void ocrvl_put_pdf_xmp(ocrvl_buf *b, const ocrvl_pdf_meta *m, const char *now, ocrvl_pdfa standard)
{
    static const char mark[] = "\xEF\xBB\xBF", language[] = " xml:lang=\"x-default\"";
    ocrvl_buf_printf(
        b,
        "<?xpacket begin=\"%s\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description rdf:about=\"\" "
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
        "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n",
        mark);
    put_list(b, "dc:title", "Alt", language, &m->title);
    put_list(b, "dc:creator", "Seq", "", &m->author);
    put_list(b, "dc:description", "Alt", language, &m->subject);
    if (m->keywords.len) {
        ocrvl_buf_puts(b, "<pdf:Keywords>");
        put_xml_text(b, m->keywords.data, m->keywords.len);
        ocrvl_buf_puts(b, "</pdf:Keywords>\n");
    }
    ocrvl_buf_puts(b, "<pdf:Producer>ocrvl " OCRVL_VERSION_STRING "</pdf:Producer>\n");
    if (m->created.len || now)
        put_date(b, "CreateDate", m->created.len ? m->created.data : now);
    if (m->created.len && now)
        put_date(b, "ModifyDate", now);
    if (standard)
        ocrvl_buf_printf(b, "<pdfaid:part>%d</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n",
                         standard == OCRVL_PDFA_1B ? 1 : 2);
    ocrvl_buf_puts(b, "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>");
}

static void put_string(ocrvl_buf *b, const char *key, const ocrvl_buf *text)
{
    if (!text->len)
        return;
    ocrvl_buf_printf(b, " /%s ", key);
    ocrvl_put_pdf_string(b, text->data, text->len);
}

static void put_pdf_date(ocrvl_buf *b, const char *key, const char *date)
{
    char text[32];
    pdf_date(text, date);
    ocrvl_buf_printf(b, " /%s (%s)", key, text);
}

void ocrvl_put_pdf_information(ocrvl_buf *b, const ocrvl_pdf_meta *m, const char *now)
{
    ocrvl_buf_puts(b, "<<");
    put_string(b, "Title", &m->title);
    put_string(b, "Author", &m->author);
    put_string(b, "Subject", &m->subject);
    put_string(b, "Keywords", &m->keywords);
    ocrvl_buf_puts(b, " /Producer (ocrvl " OCRVL_VERSION_STRING ")");
    if (m->created.len || now)
        put_pdf_date(b, "CreationDate", m->created.len ? m->created.data : now);
    if (m->created.len && now)
        put_pdf_date(b, "ModDate", now);
    ocrvl_buf_puts(b, " >>");
}
