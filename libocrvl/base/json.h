/* Reading of JSON from untrusted files (by jansson), and writing of JSON strings. */
#ifndef OCRVL_BASE_JSON_H
#define OCRVL_BASE_JSON_H

#include "base/buf.h"
#include "ocrvl.h"

typedef struct ocrvl_json ocrvl_json; /* a value; all values but the root are owned by the root */

/* Parses one value; `name` is its source's name in messages. The depth is capped (2048), and so is the number of values
 * (OCRVL_E_LIMIT); duplicate keys and NaN are refused. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_json_parse(ocrvl_json **out, const char *text, size_t len, const char *name,
                                               ocrvl_error *err);
/* Reads and parses a file of at most max_bytes. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_json_load(ocrvl_json **out, const char *path, size_t max_bytes, ocrvl_error *err);
void ocrvl_json_free(ocrvl_json *root);
/* A reference to a value that outlives its root; freed like a root. */
ocrvl_json *ocrvl_json_keep(const ocrvl_json *v);

/* All of these accept NULL or a value of another kind as v, and then return NULL, false or 0. */
const ocrvl_json *ocrvl_json_get(const ocrvl_json *v, const char *key);
const ocrvl_json *ocrvl_json_at(const ocrvl_json *v, size_t i);
size_t ocrvl_json_length(const ocrvl_json *v); /* of an array or object */
bool ocrvl_json_is_array(const ocrvl_json *v);
bool ocrvl_json_is_object(const ocrvl_json *v);
bool ocrvl_json_is_null(const ocrvl_json *v);
bool ocrvl_json_int(const ocrvl_json *v, int64_t *out);   /* for integers */
bool ocrvl_json_number(const ocrvl_json *v, double *out); /* for integers and reals */
bool ocrvl_json_bool(const ocrvl_json *v, bool *out);
const char *ocrvl_json_string(const ocrvl_json *v, size_t *len); /* may contain NUL; len may be NULL */

/* Calls fn for each member of an object in file order until fn returns false; returns whether all members were
 * visited. */
bool ocrvl_json_each(const ocrvl_json *v,
                     bool (*fn)(void *user, const char *key, size_t key_len, const ocrvl_json *value), void *user);

/* Appends a value as JSON in one line: members in the order of the file, numbers with as few digits as can be read
 * back. With `spaced` there is a space after each comma and colon, as Python writes JSON and models are trained on
 * it. */
void ocrvl_json_put(ocrvl_buf *b, const ocrvl_json *v, bool spaced);
/* Appends s as a quoted JSON string. Ill-formed UTF-8 becomes U+FFFD. */
void ocrvl_json_put_string(ocrvl_buf *b, const char *s, size_t len);

#endif
