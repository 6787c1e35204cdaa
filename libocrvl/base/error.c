#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const char *ocrvl_status_name(ocrvl_status status)
{
    static const char *const names[] = {"ok",    "argument", "memory",   "limit",    "io",      "format", "unsupported",
                                        "model", "password", "canceled", "internal", "timeout", "crash"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *ocrvl_version(void) { return OCRVL_VERSION_STRING; }

unsigned ocrvl_reading_revision(void) { return OCRVL_READING_REVISION; }

/* Makes s one clean line of UTF-8 in place: ill-formed bytes and control characters become '?', and a code point cut
 * off at the end is removed. The result is never longer. */
static void tidy(char *s)
{
    size_t n = strlen(s), to = 0;
    for (size_t i = 0; i < n;) {
        size_t from = i;
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        if (c == OCRVL_UTF8_BAD && i == n && (unsigned char)s[from] >= 0xC2 && (unsigned char)s[from] <= 0xF4)
            break;
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == OCRVL_UTF8_BAD)
            s[to++] = '?';
        else {
            memmove(s + to, s + from, i - from);
            to += i - from;
        }
    }
    s[to] = '\0';
}

ocrvl_status ocrvl_fail(ocrvl_error *err, ocrvl_status st, const char *fmt, ...)
{
    char text[sizeof err->message]; /* the arguments may point into err */
    if (!err)
        return st;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tidy(text);
    memset(err, 0, sizeof *err);
    err->status = st;
    memcpy(err->message, text, strlen(text));
    return st;
}

ocrvl_status ocrvl_fail_errno(ocrvl_error *err, int errno_value, const char *what)
{
    char text[128];
    if (strerror_r(errno_value, text, sizeof text) != 0)
        snprintf(text, sizeof text, "error %d", errno_value);
    /* A long path is cut at its end, so that the reason fits. */
    size_t n = strlen(what), space = sizeof err->message - sizeof ": " - strlen(text);
    if (n > space)
        for (n = space; n > 0 && ((unsigned char)what[n] & 0xC0) == 0x80;)
            n--;
    ocrvl_status st =
        ocrvl_fail(err, errno_value == ENOMEM ? OCRVL_E_NOMEM : OCRVL_E_IO, "%.*s: %s", (int)n, what, text);
    if (err)
        err->sys_errno = errno_value;
    return st;
}
