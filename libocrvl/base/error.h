/* Filling an ocrvl_error. */
#ifndef OCRVL_BASE_ERROR_H
#define OCRVL_BASE_ERROR_H

#include "ocrvl.h"

/* Writes the error (err may be NULL) and returns st, so that a failing function ends in `return ocrvl_fail(...)`.
 * The message is cut to fit at a code point; control characters and ill-formed UTF-8 in it become '?': it may hold file
 * content, or err's old message. */
__attribute__((format(printf, 3, 4))) ocrvl_status ocrvl_fail(ocrvl_error *err, ocrvl_status st, const char *fmt, ...);

/* As ocrvl_fail with OCRVL_E_IO, errno_value and its text after "WHAT: ". */
ocrvl_status ocrvl_fail_errno(ocrvl_error *err, int errno_value, const char *what);

/* OCRVL_E_NOMEM with the usual message. */
ocrvl_status ocrvl_fail_nomem(ocrvl_error *err);

#endif
