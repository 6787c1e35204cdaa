#include "out/xmlout.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

struct ocrvl_xml {
    xmlTextWriterPtr writer;
    ocrvl_xml_sink sink;
    void *user;
    ocrvl_buf text; /* the text while it is made legal */
    bool failed;
};

/* libxml2 prints a message when its output fails, so it is never told; the sink records the failure. */
static int to_sink(void *context, const char *data, int len)
{
    ocrvl_xml *x = context;
    x->sink(x->user, data, (size_t)len);
    return len;
}

ocrvl_xml *ocrvl_xml_new(ocrvl_xml_sink sink, void *user, bool declared)
{
    xmlInitParser(); /* safe to call repeatedly; without it the first two threads would race for the encodings */
    ocrvl_xml *x = ocrvl_alloc(sizeof *x);
    if (!x)
        return NULL;
    x->sink = sink;
    x->user = user;
    xmlOutputBufferPtr out = xmlOutputBufferCreateIO(to_sink, NULL, x, NULL);
    x->writer = out ? xmlNewTextWriter(out) : NULL;
    if (!x->writer) {
        if (out)
            xmlOutputBufferClose(out);
        ocrvl_free(x);
        return NULL;
    }
    if (declared) {
        bool bad = xmlTextWriterSetIndent(x->writer, 1) < 0;
        bad |= xmlTextWriterSetIndentString(x->writer, BAD_CAST " ") < 0;
        bad |= xmlTextWriterStartDocument(x->writer, "1.0", "UTF-8", NULL) < 0;
        x->failed = bad;
    }
    return x;
}

void ocrvl_xml_free(ocrvl_xml *x)
{
    if (!x)
        return;
    xmlFreeTextWriter(x->writer);
    ocrvl_buf_free(&x->text);
    ocrvl_free(x);
}

bool ocrvl_xml_failed(const ocrvl_xml *x) { return x->failed; }

static void check(ocrvl_xml *x, int result) { x->failed |= result < 0; }

void ocrvl_xml_flush(ocrvl_xml *x)
{
    if (!x->failed)
        check(x, xmlTextWriterFlush(x->writer));
}

/* OCRVL_UTF8_BAD is not allowed. */
static bool allowed(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF);
}

/* A NUL-terminated legal copy, valid until the next call; NULL after a failure. */
static const xmlChar *legal(ocrvl_xml *x, const char *s, size_t len)
{
    ocrvl_buf_clear(&x->text);
    for (size_t i = 0; i < len;) {
        size_t from = i;
        if (allowed(ocrvl_utf8_next(s, len, &i)))
            ocrvl_buf_put(&x->text, s + from, i - from);
        else
            ocrvl_buf_put_codepoint(&x->text, 0xFFFD);
    }
    x->failed |= !ocrvl_buf_reserve(&x->text, 0);
    if (x->failed)
        return NULL;
    x->text.data[x->text.len] = '\0';
    return (const xmlChar *)x->text.data;
}

void ocrvl_xml_open(ocrvl_xml *x, const char *name)
{
    if (!x->failed)
        check(x, xmlTextWriterStartElement(x->writer, BAD_CAST name));
}

void ocrvl_xml_close(ocrvl_xml *x)
{
    if (!x->failed)
        check(x, xmlTextWriterEndElement(x->writer));
}

void ocrvl_xml_close_pair(ocrvl_xml *x)
{
    if (!x->failed)
        check(x, xmlTextWriterFullEndElement(x->writer));
}

void ocrvl_xml_attr(ocrvl_xml *x, const char *name, const char *value)
{
    if (!value || x->failed)
        return;
    const xmlChar *text = legal(x, value, strlen(value));
    if (text)
        check(x, xmlTextWriterWriteAttribute(x->writer, BAD_CAST name, text));
}

void ocrvl_xml_attr_int(ocrvl_xml *x, const char *name, int64_t value)
{
    ocrvl_xml_attr_printf(x, name, "%lld", (long long)value);
}

void ocrvl_xml_attr_number(ocrvl_xml *x, const char *name, double value, int decimals)
{
    ocrvl_buf b = {0};
    ocrvl_buf_put_number(&b, value, decimals);
    x->failed |= b.failed;
    ocrvl_xml_attr(x, name, b.data);
    ocrvl_buf_free(&b);
}

void ocrvl_xml_attr_printf(ocrvl_xml *x, const char *name, const char *fmt, ...)
{
    char value[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(value, sizeof value, fmt, ap);
    va_end(ap);
    x->failed |= n < 0 || (size_t)n >= sizeof value;
    ocrvl_xml_attr(x, name, value);
}

void ocrvl_xml_text(ocrvl_xml *x, const char *text, size_t len)
{
    const xmlChar *t = x->failed ? NULL : legal(x, text, len);
    if (t)
        check(x, xmlTextWriterWriteString(x->writer, t));
}

void ocrvl_xml_element(ocrvl_xml *x, const char *name, const char *text)
{
    if (!text)
        return;
    ocrvl_xml_open(x, name);
    ocrvl_xml_text(x, text, strlen(text));
    ocrvl_xml_close(x);
}

/* A comment must not contain "--" or end in "-". */
void ocrvl_xml_comment(ocrvl_xml *x, const char *text)
{
    x->failed |= !text;
    const xmlChar *t = x->failed ? NULL : legal(x, text, strlen(text));
    ocrvl_buf b = {0};
    if (!t)
        return;
    ocrvl_buf_putc(&b, ' ');
    for (char last = ' '; *t; last = (char)*t++) {
        if (*t == '-' && last == '-')
            ocrvl_buf_putc(&b, ' ');
        ocrvl_buf_putc(&b, (char)*t);
    }
    ocrvl_buf_putc(&b, ' ');
    x->failed |= b.failed;
    if (!x->failed)
        check(x, xmlTextWriterWriteComment(x->writer, BAD_CAST b.data));
    ocrvl_buf_free(&b);
}

void ocrvl_xml_raw(ocrvl_xml *x, const char *markup)
{
    if (!x->failed)
        check(x, xmlTextWriterWriteRaw(x->writer, BAD_CAST markup));
}
