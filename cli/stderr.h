/* Writes to standard error. */
#ifndef OCRVL_CLI_STDERR_H
#define OCRVL_CLI_STDERR_H

#include <stddef.h>

/* Writes all of it, or as much as possible; errors are ignored because they could not be reported. */
void cli_stderr(const char *data, size_t len);

#endif
