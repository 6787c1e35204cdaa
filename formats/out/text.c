/* Plain text: a page's blocks with a blank line between them and with their line breaks; a form feed separates pages,
 * so that the nth piece of the output is page n whatever happened to the pages before it. */
#include <string.h>

#include "out/parts.h"
#include "out/writer.h"

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
            ocrvl_put_joined(&w->buf, i.text, &w->words);
    }
    if (w->buf.len > from)
        ocrvl_buf_putc(&w->buf, '\n');
}

const ocrvl_writer_ops ocrvl_text_ops = {.page = text_page};
