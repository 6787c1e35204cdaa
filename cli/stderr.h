/* Writes to standard error. */
#ifndef OCRVL_CLI_STDERR_H
#define OCRVL_CLI_STDERR_H

#include <stddef.h>

/* Writes all of it, or as much as possible; errors are ignored because they could not be reported. */
void cli_stderr(const char *data, size_t len);

/* From now on what libraries print on the stream stderr is dropped, but for what says that a file of theirs is
 * missing, which becomes a message of ours, once. Sanitizers and the C library itself write to the descriptor, and
 * are still heard. */
void cli_stderr_ours_alone(void);

#endif
