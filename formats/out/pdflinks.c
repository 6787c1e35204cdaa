#include "out/pdflinks.h"

#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "out/parts.h"
#include "out/pdfparts.h"

enum { MOST_LINKS = 5000, DEEP = 8 };

typedef struct linking {
    ocrvl_buf *b;
    double sx, sy, height; /* points a pixel; of the page */
    bool inner, met;       /* met: a link to another page of the document */
    size_t count;
    const char *open; /* the link that is being gathered, or NULL */
    ocrvl_box box;
} linking;

/* The page, from 1, that a link within the document leads to; 0: it isn't one. */
static unsigned long page_of(const char *link)
{
    return strncmp(link, "#page=", 6) == 0 ? strtoul(link + 6, NULL, 10) : 0;
}

/* A string in parentheses, as URIs have few characters that need an escape. */
static void put_uri(ocrvl_buf *b, const char *s)
{
    ocrvl_buf_putc(b, '(');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '(' || c == ')' || c == '\\' || c < 0x20 || c >= 0x7F)
            ocrvl_buf_printf(b, "\\%03o", c);
        else
            ocrvl_buf_putc(b, *s);
    }
    ocrvl_buf_putc(b, ')');
}

/* Writes the link that is open. */
static void end_link(linking *k)
{
    const char *link = k->open;
    unsigned long page = link ? page_of(link) : 0;
    k->open = NULL;
    if (!link || (*link == '#' && (!page || !k->inner)) || k->count == MOST_LINKS)
        return;
    const double rect[4] = {k->box.x0 * k->sx, k->height - k->box.y1 * k->sy, k->box.x1 * k->sx,
                            k->height - k->box.y0 * k->sy};
    ocrvl_buf_puts(k->b, k->count++ ? "\n" : " /Annots [");
    ocrvl_buf_puts(k->b, "<< /Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [");
    for (int i = 0; i < 4; i++) {
        ocrvl_buf_put_number(k->b, rect[i], 2);
        ocrvl_buf_putc(k->b, ' ');
    }
    ocrvl_buf_puts(k->b, "] ");
    if (page) {
        ocrvl_buf_printf(k->b, "/Dest /p%lu >>", page);
        k->met = true;
    } else {
        ocrvl_buf_puts(k->b, "/A << /S /URI /URI ");
        put_uri(k->b, link);
        ocrvl_buf_puts(k->b, " >> >>");
    }
}

/* Words of a line that lead to one place are one link. */
static void put_line(linking *k, const ocrvl_node *line)
{
    for (const ocrvl_node *w = ocrvl_node_first(line); w; w = ocrvl_node_next(w)) {
        ocrvl_node_info i = ocrvl_info(w);
        bool linked = i.link && ocrvl_has_box(&i);
        if (k->open && (!linked || strcmp(k->open, i.link) != 0))
            end_link(k);
        if (!linked)
            continue;
        k->box = k->open ? ocrvl_box_union(k->box, i.box) : i.box;
        k->open = i.link;
    }
    end_link(k);
}

static void put_nodes(linking *k, const ocrvl_node *first, int depth)
{
    for (const ocrvl_node *n = first; n && depth < DEEP; n = ocrvl_node_next(n))
        if (ocrvl_info(n).kind == OCRVL_LINE)
            put_line(k, n);
        else
            put_nodes(k, ocrvl_node_first(n), depth + 1);
}

bool ocrvl_put_pdf_links(ocrvl_buf *b, const ocrvl_page *page, double width, double height, bool inner)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    linking k = {.b = b,
                 .sx = info.width ? width / info.width : 1,
                 .sy = info.height ? height / info.height : 1,
                 .height = height,
                 .inner = inner};
    put_nodes(&k, ocrvl_page_first(page), 0);
    if (k.count)
        ocrvl_buf_putc(b, ']');
    return k.met;
}

void ocrvl_put_pdf_names(ocrvl_buf *b, const uint64_t *pages, size_t count, const char *refs)
{
    ocrvl_buf_puts(b, " /Dests <<");
    for (size_t i = 0; i < count && *refs; i++) {
        size_t n = strcspn(refs, "\n");
        if (pages[i] != UINT64_MAX)
            ocrvl_buf_printf(b, " /p%llu [%.*s /Fit]", (unsigned long long)pages[i] + 1, (int)n, refs);
        refs += n + (refs[n] == '\n');
    }
    ocrvl_buf_puts(b, " >>");
}
