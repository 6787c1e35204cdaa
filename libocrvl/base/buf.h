/* A growing byte string. Once an append has run out of memory, the buffer is `failed` and ignores further appends, so
 * that a writer checks once, at its end. */
#ifndef OCRVL_BASE_BUF_H
#define OCRVL_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_buf { /* must be zero-initialised */
    char *data;            /* len bytes and a NUL; NULL before the first append */
    size_t len, cap;
    bool failed;
} ocrvl_buf;

void ocrvl_buf_free(ocrvl_buf *b);  /* afterwards the buffer is empty and usable */
void ocrvl_buf_clear(ocrvl_buf *b); /* empties the buffer without releasing its memory */
void ocrvl_buf_put(ocrvl_buf *b, const void *data, size_t len);
void ocrvl_buf_puts(ocrvl_buf *b, const char *s);
void ocrvl_buf_putc(ocrvl_buf *b, char c);
void ocrvl_buf_put_codepoint(ocrvl_buf *b, uint32_t c); /* appends c in UTF-8; U+FFFD if c is not a scalar value */
__attribute__((format(printf, 2, 3))) void ocrvl_buf_printf(ocrvl_buf *b, const char *fmt, ...);
void ocrvl_buf_put_uint(ocrvl_buf *b, uint64_t v); /* appends it in decimal digits */
/* Appends a number with a point whatever the locale, with at most `decimals` decimals (0..9) and without trailing
 * zeros; "0" for NaN and infinity. Large numbers get only the decimals that a double can represent. */
void ocrvl_buf_put_number(ocrvl_buf *b, double v, int decimals);
/* Reserves n more bytes, which the caller fills and then adds with ocrvl_buf_grew; returns NULL if the buffer
 * failed. */
char *ocrvl_buf_reserve(ocrvl_buf *b, size_t n);
void ocrvl_buf_grew(ocrvl_buf *b, size_t n);
/* Passes the bytes (never NULL unless failed) to the caller, who frees them with ocrvl_free, and empties the buffer. */
char *ocrvl_buf_steal(ocrvl_buf *b, size_t *len);

#endif
