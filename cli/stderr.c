#define _GNU_SOURCE /* fopencookie */

#include "stderr.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void cli_stderr(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

#ifdef __GLIBC__

/* Without its configuration fontconfig finds no fonts, and text of PDFs that don't embed theirs isn't drawn. The
 * stream is line-buffered: what comes is whole lines, if they aren't very long. */
static ssize_t hear(void *unused, const char *data, size_t len)
{
    static const char lost[] = "Fontconfig error: Cannot load default config file";
    static atomic_bool told;
    static const char ours[] =
        "ocrvl: fontconfig can't load its configuration (/etc/fonts/fonts.conf, /usr/share/fontconfig): "
        "text of PDFs whose fonts aren't embedded may be missing\n";
    (void)unused;
    if (memmem(data, len, lost, sizeof lost - 1) && !atomic_exchange(&told, true))
        cli_stderr(ours, sizeof ours - 1);
    return (ssize_t)len;
}

void cli_stderr_ours_alone(void)
{
    FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){.write = hear});
    if (!f)
        return;
    setvbuf(f, NULL, _IOLBF, 0);
    stderr = f;
}

#else

void cli_stderr_ours_alone(void) {}

#endif
