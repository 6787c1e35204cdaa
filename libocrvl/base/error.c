#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ocrvl_status_name(ocrvl_status status)
{
    static const char *const names[] = {"ok",     "argument",    "memory", "limit",    "io",      "format",
                                        "unsupported", "model", "password", "canceled", "internal"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *ocrvl_version(void) { return OCRVL_VERSION_STRING; }

/* Makes s one clean line and cuts a code point that snprintf left in halves. */
static void tidy(char *s)
{
    size_t n = strlen(s), lead = n;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
            s[i] = '?';
    while (lead > 0 && ((unsigned char)s[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char c = (unsigned char)s[lead - 1];
    size_t want = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (lead - 1 + want > n)
        s[lead - 1] = '\0';
}

ocrvl_status ocrvl_fail(ocrvl_error *err, ocrvl_status st, const char *fmt, ...)
{
    if (!err)
        return st;
    va_list ap;
    memset(err, 0, sizeof *err);
    err->status = st;
    va_start(ap, fmt);
    vsnprintf(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    tidy(err->message);
    return st;
}

ocrvl_status ocrvl_fail_errno(ocrvl_error *err, int errno_value, const char *what)
{
    char text[128];
    if (strerror_r(errno_value, text, sizeof text) != 0)
        snprintf(text, sizeof text, "error %d", errno_value);
    ocrvl_fail(err, OCRVL_E_IO, "%s: %s", what, text);
    if (err)
        err->sys_errno = errno_value;
    return OCRVL_E_IO;
}

ocrvl_status ocrvl_fail_nomem(ocrvl_error *err) { return ocrvl_fail(err, OCRVL_E_NOMEM, "out of memory"); }
