/* Lines of the journal: JSON objects, each of which ends with a checksum of itself. ocrvl-journal(5) says what they
 * mean. */
#ifndef OCRVL_CLI_BATCH_LINE_H
#define OCRVL_CLI_BATCH_LINE_H

#include "base/buf.h"
#include "base/json.h"

/* Begins a line of that type in b, which may hold other lines before it. */
void batch_line_begin(ocrvl_buf *b, const char *type);
void batch_line_text(ocrvl_buf *b, const char *key, const char *value); /* NULL: no member */
/* A file's name: any bytes. A percent sign and bytes that are no UTF-8 are written as %XX. */
void batch_line_name(ocrvl_buf *b, const char *key, const char *value);
void batch_line_count(ocrvl_buf *b, const char *key, uint64_t value);
void batch_line_number(ocrvl_buf *b, const char *key, double value, int decimals);
/* Ends the line that began at offset `from` of b. */
void batch_line_end(ocrvl_buf *b, size_t from);

/* The object of a line (without its newline), or NULL if its checksum is wrong or it is no object. */
ocrvl_json *batch_line_parse(const char *line, size_t len);
const char *batch_line_get(const ocrvl_json *o, const char *key);              /* NULL if it is no text */
uint64_t batch_line_get_count(const ocrvl_json *o, const char *key);           /* 0 if it is no count */
double batch_line_get_number(const ocrvl_json *o, const char *key);            /* -1 if it is no number */
char *batch_line_get_name(const ocrvl_json *o, const char *key);               /* newly allocated, or NULL */
uint32_t batch_line_get_hex(const ocrvl_json *o, const char *key, bool *good); /* of eight hexadecimal digits */

/* Appends the bytes of a name as batch_line_name writes them, without quotes. */
void batch_name_encode(ocrvl_buf *b, const char *name);

#endif
