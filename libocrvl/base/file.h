/* Reads or maps whole files. */
#ifndef OCRVL_BASE_FILE_H
#define OCRVL_BASE_FILE_H

#include <dirent.h>

#include "ocrvl.h"

/* Reads a regular file, a pipe, or standard input (path "-") into memory with a NUL after it; to be freed with
 * ocrvl_free. Fails with OCRVL_E_LIMIT if there are more than max_bytes. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_read(char **data, size_t *len, const char *path, uint64_t max_bytes,
                                              ocrvl_error *err);
/* The same, ending with OCRVL_E_CANCELED once `canceled` (or NULL) is true: it is asked after each piece that came and
 * when a signal interrupts the waiting for one. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_read_until(char **data, size_t *len, const char *path, uint64_t max_bytes,
                                                    bool (*canceled)(void *user), void *user, ocrvl_error *err);
/* Maps a regular file for reading; to be undone with ocrvl_file_unmap. An empty file gives data NULL and len 0. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_map(const uint8_t **data, size_t *len, const char *path, ocrvl_error *err);
/* The same, and *fd is the open file, to be closed by the caller. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_map_open(const uint8_t **data, size_t *len, int *fd, const char *path,
                                                  ocrvl_error *err);
/* Tells the system that the first len bytes of a mapped file need not stay in memory; they may still be read again. */
void ocrvl_file_forget(const uint8_t *data, size_t len);
void ocrvl_file_unmap(const uint8_t *data, size_t len);
/* Whether path is a regular file or a link to one. */
bool ocrvl_file_exists(const char *path);
/* Fails with OCRVL_E_FORMAT if the bytes are the pointer that Git LFS leaves where a file should be. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_check_lfs(const void *data, size_t len, const char *path, ocrvl_error *err);
/* DIR/NAME, or NAME if DIR is empty, newly allocated (ocrvl_free); NULL if memory is exhausted. */
char *ocrvl_path_join(const char *dir, const char *name);
/* The next name in an open folder, until the next call; NULL at its end, or with *error (else 0) if it can't be read
 * any further. */
const char *ocrvl_folder_next(DIR *d, int *error);

#endif
