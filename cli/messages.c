#include "messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "progress.h"
#include "stderr.h"

static void put_clean(ocrvl_buf *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t from = i;
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        bool control = c == OCRVL_UTF8_BAD || c < 0x20 || (c >= 0x7F && c < 0xA0);
        if (control)
            ocrvl_buf_putc(b, '?');
        else
            ocrvl_buf_put(b, s + from, i - from);
    }
}

/* Whether a text that begins with the `len` bytes of a folder's name goes on with a file in it, and a colon. */
static bool names_file_within(const char *name, size_t len, const char *text)
{
    const char *rest = text + len, *colon = strstr(rest, ": ");
    bool within = *rest == '/' || (len > 0 && name[len - 1] == '/');
    return within && colon && colon > rest;
}

/* Writes "FILE: " and returns how much of text says the same: the library's messages may begin with the name, of which
 * they cut the end if it is long, or with that of a file in a folder, which then says enough. */
static size_t put_file(ocrvl_buf *b, const char *file, const char *text)
{
    ocrvl_buf name = {0};
    put_clean(&name, file, strlen(file));
    size_t same = 0;
    while (!name.failed && same < name.len && text[same] == name.data[same])
        same++;
    if (same > 0 && same == name.len && names_file_within(name.data, same, text)) {
        ocrvl_buf_free(&name);
        return 0;
    }
    bool repeated = strncmp(text + same, ": ", 2) == 0 && (same == name.len || same > 100);
    if (strcmp(file, "-") == 0)
        ocrvl_buf_puts(b, "standard input");
    else
        ocrvl_buf_put(b, name.data, name.len);
    ocrvl_buf_puts(b, ": ");
    ocrvl_buf_free(&name);
    return repeated ? same + 2 : 0;
}

__attribute__((format(printf, 4, 0))) static void say(const cli_log *log, const char *file, uint64_t page,
                                                      const char *fmt, va_list ap)
{
    char text[4096];
    ocrvl_buf b = {0}, rest = {0};
    if (vsnprintf(text, sizeof text, fmt, ap) < 0)
        return;
    put_clean(&rest, text, strlen(text));
    ocrvl_buf_puts(&b, "ocrvl: ");
    size_t skip = 0;
    if (file)
        skip = put_file(&b, file, rest.data ? rest.data : "");
    else if (log->command)
        ocrvl_buf_printf(&b, "%s: ", log->command);
    if (page)
        ocrvl_buf_printf(&b, "page %llu: ", (unsigned long long)page);
    ocrvl_buf_puts(&b, rest.data ? rest.data + skip : "");
    ocrvl_buf_putc(&b, '\n');
    if (log->progress)
        cli_progress_wipe(log->progress);
    if (!b.failed)
        cli_stderr(b.data, b.len);
    else
        cli_stderr("ocrvl: out of memory\n", 21);
    ocrvl_buf_free(&b);
    ocrvl_buf_free(&rest);
}

void cli_error(const cli_log *log, const char *file, uint64_t page, const char *fmt, ...)
{
    va_list ap;
    if (log->silent)
        return;
    va_start(ap, fmt);
    say(log, file, page, fmt, ap);
    va_end(ap);
}

void cli_note(const cli_log *log, const char *file, uint64_t page, const char *fmt, ...)
{
    va_list ap;
    if (log->quiet || log->silent)
        return;
    va_start(ap, fmt);
    say(log, file, page, fmt, ap);
    va_end(ap);
}

void cli_detail(const cli_log *log, const char *file, uint64_t page, const char *fmt, ...)
{
    va_list ap;
    if (!log->verbose || log->quiet)
        return;
    va_start(ap, fmt);
    say(log, file, page, fmt, ap);
    va_end(ap);
}
