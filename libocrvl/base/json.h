/* JSON read from files we don't trust (jansson behind it), and JSON strings written. */
#ifndef OCRVL_BASE_JSON_H
#define OCRVL_BASE_JSON_H

#include "base/buf.h"
#include "ocrvl.h"

typedef struct ocrvl_json ocrvl_json; /* a value; all but the root are borrowed from the root */

/* Parses one value; `name` is what messages call it. Depth is capped (2048), the number of values too
 * (OCRVL_E_LIMIT); duplicate keys and NaN are refused. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_json_parse(ocrvl_json **out, const char *text, size_t len, const char *name,
                                               ocrvl_error *err);
/* Reads and parses a file of at most max_bytes. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_json_load(ocrvl_json **out, const char *path, size_t max_bytes, ocrvl_error *err);
void ocrvl_json_free(ocrvl_json *root);
/* A value that outlives its root, freed as a root is. */
ocrvl_json *ocrvl_json_keep(const ocrvl_json *v);

/* All of these take v = NULL or a value of another kind and then answer "no": NULL, false, 0. */
const ocrvl_json *ocrvl_json_get(const ocrvl_json *v, const char *key);
const ocrvl_json *ocrvl_json_at(const ocrvl_json *v, size_t i);
size_t ocrvl_json_length(const ocrvl_json *v); /* of an array or object */
bool ocrvl_json_is_array(const ocrvl_json *v);
bool ocrvl_json_is_object(const ocrvl_json *v);
bool ocrvl_json_is_null(const ocrvl_json *v);
bool ocrvl_json_int(const ocrvl_json *v, int64_t *out);   /* an integer */
bool ocrvl_json_number(const ocrvl_json *v, double *out); /* an integer or real */
bool ocrvl_json_bool(const ocrvl_json *v, bool *out);
const char *ocrvl_json_string(const ocrvl_json *v, size_t *len); /* may hold NUL; len may be NULL */

/* Calls fn for each member of an object in file order until it returns false; returns whether all were seen. */
bool ocrvl_json_each(const ocrvl_json *v, bool (*fn)(void *user, const char *key, size_t key_len, const ocrvl_json *value),
                     void *user);

/* Appends a value as JSON in one line, members in the order of the file, numbers as short as they can be read back; spaced: with
 * a space after each comma and colon, as Python writes it and models are taught it. */
void ocrvl_json_put(ocrvl_buf *b, const ocrvl_json *v, bool spaced);
/* Appends s as a JSON string with its quotes. Ill-formed UTF-8 becomes U+FFFD. */
void ocrvl_json_put_string(ocrvl_buf *b, const char *s, size_t len);

#endif
