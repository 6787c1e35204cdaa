/* The folder OUT/.ocrvl and the files that a process appends to. Nobody else ever writes to a process's files. */
#ifndef OCRVL_CLI_BATCH_STORE_H
#define OCRVL_CLI_BATCH_STORE_H

#include "base/buf.h"
#include "exit.h"
#include "messages.h"

typedef struct batch_store {
    const cli_log *log;
    const char *out; /* as the user named it */
    char *base;      /* OUT/.ocrvl */
    char self[128];  /* HOST.PID.RANDOM: what this process's files are called */
} batch_store;

/* Random digits, and the name of a process with them: HOST.PID.TOKEN. In the host's name points become lines. */
enum { BATCH_TOKEN = 13 };
void batch_token(char token[BATCH_TOKEN]);
void batch_name_process(char *name, size_t size, long pid, const char *token);

/* Opens the folder; with `make` it and the folders in it are made as far as they are missing. Without, OUT that is no
 * folder of a batch is CLI_EXIT_USAGE after a message. */
cli_exit batch_store_open(batch_store *s, const char *out, bool make, const cli_log *log);
void batch_store_free(batch_store *s);

/* OUT/.ocrvl/FOLDER/NAME, newly allocated; folder may be "". NULL: no memory, which was said. */
char *batch_store_path(const batch_store *s, const char *folder, const char *name);

/* Reports what a call failed with (errno) on that file; returns CLI_EXIT_OUTPUT, or CLI_EXIT_LIMIT without memory. */
cli_exit batch_store_failed(const batch_store *s, const char *path, int e);
cli_exit batch_no_memory(const cli_log *log);

/* Makes the names in a folder durable. */
cli_exit batch_sync_folder(const batch_store *s, const char *path);

/* Makes OUT/.ocrvl/NAME with these bytes, durably. If it is there, *made is false, unless it is to be replaced. */
cli_exit batch_store_make(const batch_store *s, const char *name, const char *data, size_t len, bool replace,
                          bool *made);

/* A file that grows. */
typedef struct batch_file { /* must be zero-initialised; to be closed with batch_file_close */
    char *path;             /* NULL: not open */
    int fd;
    uint64_t end; /* bytes that were written */
    bool dirty;   /* written and not synced */
} batch_file;

/* Makes the file FOLDER/NAME, durably, or goes on with it. */
cli_exit batch_file_create(batch_file *f, const batch_store *s, const char *folder, const char *name);
/* Appends all of it. */
cli_exit batch_file_append(batch_file *f, const batch_store *s, const void *data, size_t len);
cli_exit batch_file_sync(batch_file *f, const batch_store *s);
void batch_file_close(batch_file *f);

/* Reads len bytes at an offset of a file into b. Returns 0 or an errno value; EIO if it is shorter. */
int batch_read_at(ocrvl_buf *b, const char *path, uint64_t offset, size_t len);

#endif
