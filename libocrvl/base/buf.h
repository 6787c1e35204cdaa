/* A growing byte string. Once an append has failed for want of memory the buffer is `failed` and ignores further
 * appends, so that a writer checks once, at its end. */
#ifndef OCRVL_BASE_BUF_H
#define OCRVL_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_buf { /* zero-initialise */
    char *data;            /* len bytes and a NUL; NULL while empty */
    size_t len, cap;
    bool failed;
} ocrvl_buf;

void ocrvl_buf_free(ocrvl_buf *b); /* leaves it empty and usable */
void ocrvl_buf_clear(ocrvl_buf *b); /* keeps the memory */
void ocrvl_buf_put(ocrvl_buf *b, const void *data, size_t len);
void ocrvl_buf_puts(ocrvl_buf *b, const char *s);
void ocrvl_buf_putc(ocrvl_buf *b, char c);
void ocrvl_buf_put_codepoint(ocrvl_buf *b, uint32_t c); /* UTF-8 of a scalar value; others become U+FFFD */
__attribute__((format(printf, 2, 3))) void ocrvl_buf_printf(ocrvl_buf *b, const char *fmt, ...);
/* A number with a point whatever the locale, at most `decimals` of them (0..9), without trailing zeros; "0" for NaN
 * and infinity. Of great numbers only the decimals that a double holds are written. */
void ocrvl_buf_put_number(ocrvl_buf *b, double v, int decimals);
/* Room for n more bytes, which the caller fills and then counts with ocrvl_buf_grew; NULL if failed. */
char *ocrvl_buf_reserve(ocrvl_buf *b, size_t n);
void ocrvl_buf_grew(ocrvl_buf *b, size_t n);
/* Hands the bytes (never NULL unless failed) to the caller, to be freed with ocrvl_free; leaves the buffer empty. */
char *ocrvl_buf_steal(ocrvl_buf *b, size_t *len);

#endif
