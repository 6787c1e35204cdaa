/* JSON read as it comes, without a tree: a vocabulary of 150,000 members takes jansson 0.1 s and 40 MB. Strict (RFC
 * 8259, well-formed UTF-8), no recursion; memory only for strings with escapes. */
#ifndef OCRVL_BASE_JSON_STREAM_H
#define OCRVL_BASE_JSON_STREAM_H

#include "base/buf.h"
#include "ocrvl.h"

typedef struct ocrvl_stream {
    const char *text, *at, *end;
    const char *file;   /* for messages */
    const char *string; /* what ocrvl_stream_string read last, until it reads again; not NUL-terminated */
    size_t string_len;
    ocrvl_buf unescaped;
} ocrvl_stream;

void ocrvl_stream_begin(ocrvl_stream *s, const char *text, size_t len, const char *file);
void ocrvl_stream_free(ocrvl_stream *s);

/* The next character that isn't white space, not yet taken; '\0' at the end. */
char ocrvl_stream_peek(ocrvl_stream *s);
/* Takes that character if it is c. */
bool ocrvl_stream_take(ocrvl_stream *s, char c);
/* Takes a string. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_stream_string(ocrvl_stream *s, ocrvl_error *err);
/* Takes an integer of 64 bits, written without fraction and exponent; false if none stands there. */
bool ocrvl_stream_int(ocrvl_stream *s, int64_t *out);
/* For the members between brackets: takes the comma before all but the first; false at `close`, which it takes, and on
 * failure, which *st tells. */
bool ocrvl_stream_more(ocrvl_stream *s, bool *first, char close, ocrvl_status *st, ocrvl_error *err);
/* Takes any value without looking into it further than brackets and strings; false at something else. */
bool ocrvl_stream_skip(ocrvl_stream *s);
/* The character of the escape that s, of len bytes, begins with, its backslash first; two escaped surrogates that belong
 * together are one, and a surrogate alone is given as it is. -1: none. *used: the bytes it takes, 0 if there is none. */
int32_t ocrvl_json_escape(const char *s, size_t len, size_t *used);
/* OCRVL_E_FORMAT: "FILE: not valid JSON at line N: WHAT". */
ocrvl_status ocrvl_stream_fail(const ocrvl_stream *s, const char *what, ocrvl_error *err);

#endif
