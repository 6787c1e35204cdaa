/* Plain text: a page's blocks with a blank line between, its lines as they stand; a form feed between pages, so that
 * the nth piece of the output is page n whatever became of the pages before it. */
#include <string.h>

#include "base/utf8.h"
#include "out/parts.h"
#include "out/writer.h"

static size_t skip_space(const char *s, size_t n, size_t i)
{
    for (size_t next = i; i < n; i = next)
        if (!ocrvl_is_space(ocrvl_utf8_next(s, n, &next)))
            break;
    return i;
}

static size_t word_end(const char *s, size_t n, size_t i)
{
    for (size_t next = i; i < n; i = next)
        if (ocrvl_is_space(ocrvl_utf8_next(s, n, &next)))
            break;
    return i;
}

/* A broken word goes whole to the line where it begins; a line that loses all its text to it goes too.
 * Works on the block's text, whose lines none is empty of. */
static void put_joined(ocrvl_buf *b, const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        size_t end = i + strcspn(s + i, "\n"), last = end;
        while (last > i && s[last - 1] == ' ')
            last--;
        size_t hyphen = ocrvl_hyphen(s + i, last - i), next = end < n ? skip_space(s, n, end + 1) : n;
        if (!hyphen || !ocrvl_begins_lower(s + next, n - next)) {
            ocrvl_buf_put(b, s + i, end - i);
            i = end;
            if (i < n) {
                ocrvl_buf_putc(b, '\n');
                i++;
            }
            continue;
        }
        ocrvl_buf_put(b, s + i, last - hyphen - i);
        size_t stop = word_end(s, n, next);
        i = next;
        if (stop < n && s[stop] != '\n') {
            ocrvl_buf_put(b, s + next, stop - next);
            ocrvl_buf_putc(b, '\n');
            i = skip_space(s, n, stop);
        }
    }
}

static void text_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    (void)place;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    if (w->pages > 1)
        ocrvl_buf_putc(&w->buf, '\f');
    size_t from = w->buf.len;
    if (!w->opt.join_hyphens)
        ocrvl_buf_puts(&w->buf, info.text);
    for (const ocrvl_node *n = ocrvl_page_first(page); w->opt.join_hyphens && n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (!*i.text)
            continue;
        if (w->buf.len > from)
            ocrvl_buf_puts(&w->buf, "\n\n");
        if (i.role == OCRVL_ROLE_TABLE)
            ocrvl_buf_puts(&w->buf, i.text);
        else
            put_joined(&w->buf, i.text);
    }
    if (w->buf.len > from)
        ocrvl_buf_putc(&w->buf, '\n');
}

const ocrvl_writer_ops ocrvl_text_ops = {.page = text_page};
