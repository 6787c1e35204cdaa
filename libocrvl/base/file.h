/* Whole files: read or mapped. */
#ifndef OCRVL_BASE_FILE_H
#define OCRVL_BASE_FILE_H

#include "ocrvl.h"

/* Reads a regular file, pipe or (path "-") standard input into memory with a NUL after it; freed with ocrvl_free.
 * Over max_bytes: OCRVL_E_LIMIT. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_read(char **data, size_t *len, const char *path, uint64_t max_bytes,
                                              ocrvl_error *err);
/* The same, ending with OCRVL_E_CANCELED once `canceled` (or NULL) is true: it is asked after each piece that came and when a
 * signal interrupts the waiting for one. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_read_until(char **data, size_t *len, const char *path, uint64_t max_bytes,
                                                    bool (*canceled)(void *user), void *user, ocrvl_error *err);
/* Maps a regular file for reading. An empty file gives data NULL, len 0. Undone with ocrvl_file_unmap. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_file_map(const uint8_t **data, size_t *len, const char *path, ocrvl_error *err);
/* The first len bytes of a mapped file need not stay in memory; they may be read again. */
void ocrvl_file_forget(const uint8_t *data, size_t len);
void ocrvl_file_unmap(const uint8_t *data, size_t len);
/* Whether a regular file (or link to one) stands there. */
bool ocrvl_file_exists(const char *path);
/* DIR/NAME, or NAME if DIR is empty, in new memory (ocrvl_free); NULL: no memory. */
char *ocrvl_path_join(const char *dir, const char *name);

#endif
