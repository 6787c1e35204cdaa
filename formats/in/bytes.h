/* The bytes of an input, wherever they are. */
#ifndef OCRVL_IN_BYTES_H
#define OCRVL_IN_BYTES_H

#include "in/url.h"

typedef struct ocrvl_bytes { /* must be zero-initialised, which means no bytes */
    const uint8_t *data;
    size_t len;
    enum { OCRVL_BYTES_BORROWED, OCRVL_BYTES_MAPPED, OCRVL_BYTES_OWNED } holding;
    bool open;
    int fd; /* of a file that holds them, if it is open */
} ocrvl_bytes;

/* A regular file is mapped, whatever its size; a pipe, standard input ("-") and, if `url` says that path is one, a URL
 * are read until their end, until there are more than opt->max_bytes (OCRVL_E_LIMIT), or until opt->canceled says so
 * (OCRVL_E_CANCELED). The other members of opt are for URLs. Messages begin with `name`. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_bytes_get(ocrvl_bytes *b, const char *path, bool url, const ocrvl_url_options *opt,
                                              const char *name, ocrvl_error *err);
void ocrvl_bytes_free(ocrvl_bytes *b);
/* A file that holds the bytes, for another process to map: the file itself, or one in memory, to which they are copied.
 * It is closed by ocrvl_bytes_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_bytes_file(ocrvl_bytes *b, int *fd, ocrvl_error *err);

/* Puts a document's name before the message in *err; returns st. */
ocrvl_status ocrvl_bytes_name_error(const char *name, ocrvl_status st, ocrvl_error *err);

#endif
