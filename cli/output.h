/* The destination of results: standard output, or a file that appears complete or not at all. */
#ifndef OCRVL_CLI_OUTPUT_H
#define OCRVL_CLI_OUTPUT_H

#include "base/buf.h"
#include "exit.h"
#include "messages.h"
#include "ocrvl.h"

typedef struct cli_output cli_output;

/* path NULL or "-" means standard output. A new or regular file is written beside its place under a temporary name that
 * begins with a dot, and replaces it in cli_output_commit. It gets the mode of the file that it replaces, or else one
 * by umask; a symbolic link stays, and the file that it points to is replaced; a file without write permission is not
 * replaced. Anything else (a device, a FIFO) is written directly. Fails with OCRVL_E_IO and sys_errno, or with
 * OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status cli_output_open(cli_output **out, const char *path, ocrvl_error *err);

/* An ocrvl_write_fn whose user is the cli_output. It buffers. After a failure every call returns the same errno
 * value. */
int cli_output_write(void *user, const void *data, size_t len);

/* Whether the output will be a regular file whose name the caller can choose, and not a device, a FIFO or standard
 * output. */
bool cli_output_is_file(const cli_output *o);

/* Writes out the buffer, so that the output's reader gets it. */
OCRVL_MUST_CHECK ocrvl_status cli_output_flush(cli_output *o, ocrvl_error *err);

/* Writes the rest, syncs it to the disk, puts the file in its place and frees o, whatever it returns. */
OCRVL_MUST_CHECK ocrvl_status cli_output_commit(cli_output *o, ocrvl_error *err);

/* Frees o (NULL is accepted) without leaving a file; the file that was to be replaced stays. */
void cli_output_discard(cli_output *o);

/* Reports err for the output `path`, and returns the exit status. If the reader has closed the output, it prints
 * nothing and returns CLI_EXIT_PIPE. */
cli_exit cli_output_failed(const cli_log *log, const char *path, const ocrvl_error *err);
/* Reports that a signal has ended the run, and how many pages or answers (`what`, in the singular) the output holds. */
cli_exit cli_output_stopped(const cli_log *log, const char *path, uint64_t count, const char *what);

/* An ocrvl_write_fn whose user is an ocrvl_buf. */
int cli_put_in_buf(void *user, const void *data, size_t len);
/* Writes b to standard output, for commands with a short result. If b failed, memory is exhausted. */
cli_exit cli_output_buf(const cli_log *log, const ocrvl_buf *b);

/* Turns FILE.EXT into FILE-NNNN.EXT; the number has at least four digits. */
void cli_output_numbered(ocrvl_buf *b, const char *path, uint64_t number);

/* Whether both names lead to the same existing regular file. "-" and NULL lead to none. */
bool cli_same_file(const char *a, const char *b);

#endif
