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

/* ---- side by side -------------------------------------------------------------------------------------- */

static size_t count_lines(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t at = 0; at < len; at += strcspn(s + at, "\n") + 1)
        n++;
    return n;
}

/* Appends a piece of another transcript, or with from NULL a character of our own. */
static void put_part(ocrvl_transcript *to, const ocrvl_transcript *from, size_t at, size_t len, char own)
{
    for (size_t i = 0; i < len; i++, to->len++) {
        to->text[to->len] = from ? from->text[at + i] : own;
        to->logprob[to->len] = from ? from->logprob[at + i] : 0;
    }
}

/* The lines of a from `from` on, each with that of b behind it. */
static void put_beside(ocrvl_transcript *to, const ocrvl_transcript *a, size_t from, const ocrvl_transcript *b)
{
    size_t j = 0;
    put_part(to, a, 0, from, 0);
    for (size_t i = from; i < a->len;) {
        size_t n = strcspn(a->text + i, "\n"), m = strcspn(b->text + j, "\n");
        put_part(to, a, i, n, 0);
        put_part(to, NULL, 0, n && m, ' ');
        put_part(to, b, j, m, 0);
        i += n + 1;
        j += m + 1;
        put_part(to, NULL, 0, i < a->len, '\n');
    }
}

ocrvl_status ocrvl_join_beside(ocrvl_transcript *a, size_t from, const ocrvl_transcript *b, ocrvl_error *err)
{
    size_t lines = count_lines(a->text + from, a->len - from);
    if (!a->text || lines == 0 || !b->text || lines != count_lines(b->text, b->len))
        return ocrvl_join(a, b, false, err);
    ocrvl_transcript to = *a;
    size_t most = a->len + b->len + lines + 1;
    to.len = 0;
    to.text = ocrvl_alloc(most);
    to.logprob = ocrvl_alloc_array(most, sizeof *to.logprob);
    if (!to.text || !to.logprob) {
        ocrvl_free(to.text);
        ocrvl_free(to.logprob);
        return ocrvl_fail_nomem(err);
    }
    put_beside(&to, a, from, b);
    to.text[to.len] = '\0';
    ocrvl_free(a->text);
    ocrvl_free(a->logprob);
    *a = to;
    return OCRVL_OK;
}
