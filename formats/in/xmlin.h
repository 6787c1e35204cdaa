/* XML input, event by event (libxml2's reader): no network, no DTD, no entities except HTML's; libxml2 caps depth and
 * sizes. HTML that isn't XML is parsed whole and then walked. */
#ifndef OCRVL_IN_XMLIN_H
#define OCRVL_IN_XMLIN_H

#include "ocrvl.h"

typedef struct ocrvl_xmlin ocrvl_xmlin;
typedef enum ocrvl_xml_event {
    OCRVL_XML_END,
    OCRVL_XML_OPEN,
    OCRVL_XML_CLOSE,
    OCRVL_XML_TEXT,
    OCRVL_XML_BAD
} ocrvl_xml_event;

OCRVL_MUST_CHECK ocrvl_status ocrvl_xmlin_open(ocrvl_xmlin **out, const char *data, size_t len, bool html,
                                               ocrvl_error *err);
void ocrvl_xmlin_free(ocrvl_xmlin *x);
/* OCRVL_XML_BAD means that the file is not well-formed; nothing more can be read, and OCRVL_XML_END follows. An empty
 * element opens and closes. */
ocrvl_xml_event ocrvl_xmlin_next(ocrvl_xmlin *x);
/* Name of the element that opened or closed, without prefix. All strings are valid until the next event. */
const char *ocrvl_xmlin_name(const ocrvl_xmlin *x);
/* Returns NULL if there is no such attribute. */
const char *ocrvl_xmlin_attr(ocrvl_xmlin *x, const char *name);
const char *ocrvl_xmlin_text(const ocrvl_xmlin *x);
/* Approximately how many bytes of data have been parsed; 0 for HTML. */
size_t ocrvl_xmlin_done(const ocrvl_xmlin *x);
/* Sets *err to the file's fault, after OCRVL_XML_BAD. */
ocrvl_status ocrvl_xmlin_fail(const ocrvl_xmlin *x, ocrvl_error *err);

/* Whether the element is among the first bytes of a file, whatever its prefix. */
bool ocrvl_xmlin_begins(const char *data, size_t len, const char *name);

#endif
