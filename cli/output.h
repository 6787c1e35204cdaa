/* Where results go: standard output, or a file that appears complete or not at all. */
#ifndef OCRVL_CLI_OUTPUT_H
#define OCRVL_CLI_OUTPUT_H

#include "base/buf.h"
#include "exit.h"
#include "messages.h"
#include "ocrvl.h"

typedef struct cli_output cli_output;

/* path NULL or "-": standard output. A new or regular file is written beside, under a name of its own that begins with
 * a dot, and takes its place in cli_output_commit: with the mode of the file that stood there, else as umask says;
 * a symbolic link stays and the file that it names is replaced; a file that may not be written is not replaced.
 * Anything else (a device, a FIFO) is written as it is. Failures are OCRVL_E_IO with sys_errno, or OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status cli_output_open(cli_output **out, const char *path, ocrvl_error *err);

/* An ocrvl_write_fn; user is the cli_output. Buffers. After a failure every call returns the same errno value. */
int cli_output_write(void *user, const void *data, size_t len);

/* Whether it is a regular file to be, whose name is the caller's to choose: no device, FIFO or standard output. */
bool cli_output_is_file(const cli_output *o);

/* Hands on what is buffered, so that whoever reads the output has it. */
OCRVL_MUST_CHECK ocrvl_status cli_output_flush(cli_output *o, ocrvl_error *err);

/* Writes the rest, sees that it is on the disk, puts the file in its place and frees o, whatever is returned. */
OCRVL_MUST_CHECK ocrvl_status cli_output_commit(cli_output *o, ocrvl_error *err);

/* Frees o (NULL is accepted) and leaves no file behind; what stood at the file's place still stands there. */
void cli_output_discard(cli_output *o);

/* Says that err befell the output `path`, and the exit status for it. A reader that went away is no message
 * and CLI_EXIT_PIPE. */
cli_exit cli_output_failed(const cli_log *log, const char *path, const ocrvl_error *err);

/* Writes b to standard output: what commands with a short answer do at their end. A failed b is out of memory. */
cli_exit cli_output_buf(const cli_log *log, const ocrvl_buf *b);

/* A file's name by a pattern in which %d, or %0Nd with N from 1 to 9, is `number`, and %% a percent sign. False: another %
 * stands in it. *numbered: whether it holds a number. */
bool cli_output_name(ocrvl_buf *b, const char *pattern, uint64_t number, bool *numbered);

/* FILE.EXT as FILE-NNNN.EXT, the number with at least four digits. */
void cli_output_numbered(ocrvl_buf *b, const char *path, uint64_t number);

/* Whether the two names lead to the same existing regular file. "-" and NULL lead to none. */
bool cli_same_file(const char *a, const char *b);

#endif
