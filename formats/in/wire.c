#include "in/wire.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define NONE UINT64_MAX /* the length of a text that isn't there */

void ocrvl_wire_put_count(ocrvl_buf *b, uint64_t v) { ocrvl_buf_put(b, &v, sizeof v); }

void ocrvl_wire_put_number(ocrvl_buf *b, double v) { ocrvl_buf_put(b, &v, sizeof v); }

void ocrvl_wire_put_bytes(ocrvl_buf *b, const void *data, size_t len)
{
    ocrvl_wire_put_count(b, len);
    ocrvl_buf_put(b, data, len);
}

void ocrvl_wire_put_text(ocrvl_buf *b, const char *s)
{
    if (!s) {
        ocrvl_wire_put_count(b, NONE);
        return;
    }
    ocrvl_wire_put_bytes(b, s, strlen(s));
    ocrvl_buf_putc(b, '\0');
}

void ocrvl_wire_put_box(ocrvl_buf *b, const ocrvl_box *box) { ocrvl_buf_put(b, box, sizeof *box); }

/* Copies the next len bytes to `to`, or zeros. */
static void take(ocrvl_wire *w, void *to, size_t len)
{
    w->bad |= (size_t)(w->end - w->at) < len;
    if (w->bad) {
        memset(to, 0, len);
        return;
    }
    memcpy(to, w->at, len);
    w->at += len;
}

static uint64_t take_count(ocrvl_wire *w)
{
    uint64_t v;
    take(w, &v, sizeof v);
    return v;
}

uint64_t ocrvl_wire_count(ocrvl_wire *w, uint64_t most)
{
    uint64_t v = take_count(w);
    w->bad |= v > most;
    return w->bad ? 0 : v;
}

size_t ocrvl_wire_items(ocrvl_wire *w, size_t least, size_t most)
{
    uint64_t n = ocrvl_wire_count(w, most);
    w->bad |= n > (size_t)(w->end - w->at) / least;
    return w->bad ? 0 : (size_t)n;
}

double ocrvl_wire_number(ocrvl_wire *w, double least, double most)
{
    double v;
    take(w, &v, sizeof v);
    w->bad |= !(v >= least && v <= most);
    return w->bad ? 0 : v;
}

bool ocrvl_wire_flag(ocrvl_wire *w) { return ocrvl_wire_count(w, 1) != 0; }

const uint8_t *ocrvl_wire_bytes(ocrvl_wire *w, size_t *len)
{
    uint64_t n = take_count(w);
    w->bad |= n > (size_t)(w->end - w->at);
    *len = w->bad ? 0 : (size_t)n;
    const uint8_t *p = w->at;
    w->at += *len;
    return p;
}

const char *ocrvl_wire_text(ocrvl_wire *w)
{
    uint64_t n = take_count(w);
    if (w->bad || n == NONE)
        return NULL;
    w->bad |= n >= (size_t)(w->end - w->at);
    const char *s = (const char *)w->at;
    w->bad |= w->bad || s[n] != '\0' || memchr(s, 0, (size_t)n) || !ocrvl_utf8_valid(s, (size_t)n);
    if (w->bad)
        return NULL;
    w->at += n + 1;
    return s;
}

const char *ocrvl_wire_some_text(ocrvl_wire *w)
{
    const char *s = ocrvl_wire_text(w);
    w->bad |= !s;
    return s ? s : "";
}

ocrvl_box ocrvl_wire_box(ocrvl_wire *w, uint32_t width, uint32_t height, bool ordered)
{
    ocrvl_box b;
    take(w, &b, sizeof b);
    int64_t x0 = b.x0, y0 = b.y0, x1 = b.x1, y1 = b.y1;
    w->bad |= x0 < 0 || x1 < 0 || y0 < 0 || y1 < 0 || x0 > width || x1 > width || y0 > height || y1 > height;
    w->bad |= ordered && (x1 < x0 || y1 < y0);
    return w->bad ? (ocrvl_box){0} : b;
}
