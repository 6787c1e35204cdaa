#include "in/xmlin.h"

#include <libxml/HTMLparser.h>
#include <libxml/xmlreader.h>
#include <limits.h>
#include <string.h>

#include "base/entities.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

#define ATTRIBUTES 16 /* limit of attributes that are read of one element */

struct ocrvl_xmlin {
    xmlTextReaderPtr reader;
    xmlDocPtr document; /* for HTML; else NULL */
    bool empty;         /* the element that opened has yet to close */
    bool broken;        /* nothing more can be read */
    char *values[ATTRIBUTES];
    size_t count;
    char entity[9];
    const char *text;
    char message[128];
    int line;
};

static void remember(void *user, const char *message, xmlParserSeverities severity, xmlTextReaderLocatorPtr at)
{
    ocrvl_xmlin *x = user;
    bool error = severity == XML_PARSER_SEVERITY_ERROR || severity == XML_PARSER_SEVERITY_VALIDITY_ERROR;
    if (!error || x->message[0])
        return;
    size_t n = strcspn(message, "\n");
    n = n < sizeof x->message ? n : sizeof x->message - 1;
    memcpy(x->message, message, n);
    x->message[n] = '\0';
    x->line = xmlTextReaderLocatorLineNumber(at);
}

ocrvl_status ocrvl_xmlin_open(ocrvl_xmlin **out, const char *data, size_t len, bool html, ocrvl_error *err)
{
    ocrvl_xmlin *x = ocrvl_alloc(sizeof *x);
    *out = NULL;
    if (!x)
        return ocrvl_fail_nomem(err);
    if (len > INT_MAX) {
        ocrvl_free(x);
        return ocrvl_fail(err, OCRVL_E_LIMIT, "an XML file over 2 GiB can't be read");
    }
    xmlInitParser();
    if (html) {
        x->document = htmlReadMemory(data, (int)len, NULL, ocrvl_utf8_valid(data, len) ? "UTF-8" : NULL,
                                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
        x->reader = x->document ? xmlReaderWalker(x->document) : NULL;
    } else {
        x->reader = xmlReaderForMemory(data, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
        if (x->reader)
            xmlTextReaderSetErrorHandler(x->reader, remember, x);
    }
    if (!x->reader) {
        const xmlError *why = xmlGetLastError();
        bool memory = !why || why->code == XML_ERR_NO_MEMORY || why->code == XML_ERR_OK;
        ocrvl_xmlin_free(x);
        return memory ? ocrvl_fail_nomem(err)
                      : ocrvl_fail(err, OCRVL_E_FORMAT, "the file can't be read as %s", html ? "HTML" : "XML");
    }
    *out = x;
    return OCRVL_OK;
}

static void forget(ocrvl_xmlin *x)
{
    while (x->count)
        xmlFree(x->values[--x->count]);
}

void ocrvl_xmlin_free(ocrvl_xmlin *x)
{
    if (!x)
        return;
    forget(x);
    if (x->reader)
        xmlFreeTextReader(x->reader);
    if (x->document)
        xmlFreeDoc(x->document);
    ocrvl_free(x);
}

/* Reads an HTML entity as text; other entities are dropped. */
static bool take_entity(ocrvl_xmlin *x)
{
    const char *name = (const char *)xmlTextReaderConstName(x->reader);
    uint32_t points[2];
    size_t count = name ? ocrvl_entity(name, strlen(name), points) : 0, len = 0;
    for (size_t i = 0; i < count; i++)
        len += ocrvl_utf8_encode(x->entity + len, points[i]);
    x->entity[len] = '\0';
    if (count == 0)
        return false;
    x->text = x->entity;
    return true;
}

ocrvl_xml_event ocrvl_xmlin_next(ocrvl_xmlin *x)
{
    forget(x);
    if (x->empty) {
        x->empty = false;
        return OCRVL_XML_CLOSE;
    }
    for (;;) {
        int result = x->broken ? 0 : xmlTextReaderRead(x->reader);
        x->broken |= result < 0;
        if (result <= 0)
            return result < 0 ? OCRVL_XML_BAD : OCRVL_XML_END;
        switch (xmlTextReaderNodeType(x->reader)) {
        case XML_READER_TYPE_ELEMENT: x->empty = xmlTextReaderIsEmptyElement(x->reader) == 1; return OCRVL_XML_OPEN;
        case XML_READER_TYPE_END_ELEMENT: return OCRVL_XML_CLOSE;
        case XML_READER_TYPE_TEXT:
        case XML_READER_TYPE_CDATA:
        case XML_READER_TYPE_WHITESPACE:
        case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
            x->text = (const char *)xmlTextReaderConstValue(x->reader);
            if (x->text)
                return OCRVL_XML_TEXT;
            break;
        case XML_READER_TYPE_ENTITY_REFERENCE:
            if (take_entity(x))
                return OCRVL_XML_TEXT;
            break;
        default: break;
        }
    }
}

const char *ocrvl_xmlin_name(const ocrvl_xmlin *x)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(x->reader);
    return name ? name : "";
}

const char *ocrvl_xmlin_attr(ocrvl_xmlin *x, const char *name)
{
    char *value = x->count < ATTRIBUTES ? (char *)xmlTextReaderGetAttribute(x->reader, (const xmlChar *)name) : NULL;
    if (value)
        x->values[x->count++] = value;
    return value;
}

const char *ocrvl_xmlin_text(const ocrvl_xmlin *x) { return x->text; }

size_t ocrvl_xmlin_done(const ocrvl_xmlin *x)
{
    long n = x->document || x->broken ? 0 : xmlTextReaderByteConsumed(x->reader);
    return n > 0 ? (size_t)n : 0;
}

ocrvl_status ocrvl_xmlin_fail(const ocrvl_xmlin *x, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_FORMAT, "not well-formed XML at line %d: %s", x->line,
                      x->message[0] ? x->message : "no end");
}

bool ocrvl_xmlin_begins(const char *data, size_t len, const char *name)
{
    size_t n = strlen(name), end = len < 4096 ? len : 4096;
    for (size_t i = 0; i + n + 1 < end; i++)
        if ((data[i] == '<' || data[i] == ':') && memcmp(data + i + 1, name, n) == 0 &&
            strchr(" \t\r\n>", data[i + 1 + n]) && data[i + 1 + n])
            return true;
    return false;
}
