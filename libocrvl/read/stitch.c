#include "read/stitch.h"

#include <string.h>

#include "base/edit.h"
#include "base/error.h"
#include "base/mem.h"

/* Lines that an overlap can hold, and bytes of a line that are compared. */
enum { LINES = 4, REACH = 400 };

/* Two readings of one line: at most three tenths of it differ. */
static bool alike(const char *a, size_t n, const char *b, size_t m)
{
    uint32_t x[REACH], y[REACH];
    size_t row[REACH + 1];
    n = n < REACH ? n : REACH;
    m = m < REACH ? m : REACH;
    for (size_t i = 0; i < n; i++)
        x[i] = (uint8_t)a[i];
    for (size_t i = 0; i < m; i++)
        y[i] = (uint8_t)b[i];
    size_t longer = n > m ? n : m;
    return longer >= 3 && 10 * ocrvl_edit_distance(x, n, y, m, row) <= 3 * longer;
}

typedef struct span {
    size_t from, len;
} span;

/* The first (or, from the end, the last) lines with text, in their order; returns how many. */
static size_t some_lines(const ocrvl_transcript *s, bool from_end, span out[LINES])
{
    size_t n = 0, at = 0;
    span all[LINES];
    while (at < s->len && (from_end || n < LINES)) {
        size_t len = strcspn(s->text + at, "\n");
        if (strspn(s->text + at, " \t") < len)
            all[n++ % LINES] = (span){at, len};
        at += len + 1;
    }
    size_t count = n < LINES ? n : LINES;
    for (size_t i = 0; i < count; i++)
        out[i] = all[(n - count + i) % LINES];
    return count;
}

/* Where b begins to say something new. */
static size_t new_from(const ocrvl_transcript *a, const ocrvl_transcript *b)
{
    span tail[LINES], head[LINES];
    size_t n = some_lines(a, true, tail), m = some_lines(b, false, head);
    for (size_t k = n < m ? n : m; k > 0; k--) {
        bool same = true;
        for (size_t i = 0; i < k && same; i++)
            same = alike(a->text + tail[n - k + i].from, tail[n - k + i].len, b->text + head[i].from, head[i].len);
        if (same) {
            size_t end = head[k - 1].from + head[k - 1].len;
            return end < b->len ? end + 1 : b->len;
        }
    }
    return 0;
}

ocrvl_status ocrvl_join(ocrvl_transcript *a, const ocrvl_transcript *b, bool overlap, ocrvl_error *err)
{
    size_t from = overlap && a->len ? new_from(a, b) : 0, more = b->len - from;
    size_t gap = a->len && more ? (from ? a->text[a->len - 1] != '\n' : 2) : 0;
    char *text = ocrvl_realloc_array(a->text, a->len + gap + more + 1, 1);
    if (!text)
        return ocrvl_fail_nomem(err);
    a->text = text;
    float *logprob = ocrvl_realloc_array(a->logprob, a->len + gap + more + 1, sizeof *logprob);
    if (!logprob)
        return ocrvl_fail_nomem(err);
    a->logprob = logprob;
    memset(text + a->len, '\n', gap);
    memset(logprob + a->len, 0, gap * sizeof *logprob);
    if (more) {
        memcpy(text + a->len + gap, b->text + from, more);
        memcpy(logprob + a->len + gap, b->logprob + from, more * sizeof *logprob);
    }
    a->len += gap + more;
    text[a->len] = '\0';
    return OCRVL_OK;
}
