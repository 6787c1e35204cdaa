/* JSON that ends early. */
#ifndef OCRVL_READ_COMPLETE_H
#define OCRVL_READ_COMPLETE_H

#include "ocrvl.h"

/* The beginning of a JSON value, as a cut answer is, made whole -> *out, to be freed with ocrvl_free: an open string
 * ends where it was cut, a value that isn't there or isn't whole is null, and objects get the properties that their
 * schema names and they lack, as null. schema is a JSON schema. OCRVL_E_FORMAT: it isn't the beginning of JSON. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_json_complete(char **out, const char *text, size_t len, const char *schema,
                                                  ocrvl_error *err);

#endif
