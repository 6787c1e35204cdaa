/* XML output through libxml2's text writer. Every text is made legal on its way: ill-formed UTF-8 and characters that
 * XML 1.0 doesn't allow become U+FFFD (the text writer lets both pass, and the file then doesn't parse). Failures are
 * recorded. */
#ifndef OCRVL_OUT_XMLOUT_H
#define OCRVL_OUT_XMLOUT_H

#include "ocrvl.h"

typedef struct ocrvl_xml ocrvl_xml;
typedef void (*ocrvl_xml_sink)(void *user, const void *data, size_t len);

/* declared: with an XML declaration and indented elements. Returns NULL if memory is exhausted. */
ocrvl_xml *ocrvl_xml_new(ocrvl_xml_sink sink, void *user, bool declared);
void ocrvl_xml_free(ocrvl_xml *x);
bool ocrvl_xml_failed(const ocrvl_xml *x);
/* Passes everything so far to the sink. */
void ocrvl_xml_flush(ocrvl_xml *x);

void ocrvl_xml_open(ocrvl_xml *x, const char *name);
void ocrvl_xml_close(ocrvl_xml *x);                                     /* <a/> if it is empty */
void ocrvl_xml_close_pair(ocrvl_xml *x);                                /* <a></a>, as HTML demands */
void ocrvl_xml_attr(ocrvl_xml *x, const char *name, const char *value); /* no attribute if value is NULL */
void ocrvl_xml_attr_int(ocrvl_xml *x, const char *name, int64_t value);
void ocrvl_xml_attr_number(ocrvl_xml *x, const char *name, double value, int decimals);
__attribute__((format(printf, 3, 4))) void ocrvl_xml_attr_printf(ocrvl_xml *x, const char *name, const char *fmt, ...);
void ocrvl_xml_text(ocrvl_xml *x, const char *text, size_t len);
/* <name>text</name>; nothing if text is NULL. */
void ocrvl_xml_element(ocrvl_xml *x, const char *name, const char *text);
void ocrvl_xml_comment(ocrvl_xml *x, const char *text); /* NULL means that memory for the text was exhausted, which is a
                                                         * failure */
/* Writes our own markup unchanged. */
void ocrvl_xml_raw(ocrvl_xml *x, const char *markup);

#endif
