/* Filling an ocrvl_error. */
#ifndef OCRVL_BASE_ERROR_H
#define OCRVL_BASE_ERROR_H

#include "ocrvl.h"

/* Fills in the error (err may be NULL) and returns st, so that a failing function ends in `return ocrvl_fail(...)`. A
 * message that is too long is cut at a code point. Control characters and ill-formed UTF-8 become '?', since a message
 * may quote a file; its arguments may point into err's old message. */
__attribute__((format(printf, 3, 4))) ocrvl_status ocrvl_fail(ocrvl_error *err, ocrvl_status st, const char *fmt, ...);

/* Like ocrvl_fail with OCRVL_E_IO, or OCRVL_E_NOMEM if errno_value is ENOMEM: stores errno_value, and its text after
 * "WHAT: ". */
ocrvl_status ocrvl_fail_errno(ocrvl_error *err, int errno_value, const char *what);

/* Like ocrvl_fail with OCRVL_E_NOMEM and the usual message. Inline, so that the compiler's analyzer sees that it is
 * never OCRVL_OK. */
static inline ocrvl_status ocrvl_fail_nomem(ocrvl_error *err)
{
    ocrvl_fail(err, OCRVL_E_NOMEM, "out of memory");
    return OCRVL_E_NOMEM;
}

#endif
