#include "out/continued.h"

#include <math.h>
#include <string.h>

#include "out/parts.h"

#define SAME_SIDE 0.02   /* of the page's width */
#define MARGIN 0.12      /* of its height: running lines stand there, */
enum { MOST_LINES = 3 }; /* so many at most */

/* Whether a block may stand between two parts of a table: a running line, a page number, a rule, nothing. */
static bool is_between(const ocrvl_node_info *i, const ocrvl_page_info *page)
{
    bool above = i->box.y1<MARGIN * page->height, below = i->box.y0>(1 - MARGIN) * page->height;
    int lines = 1;
    for (const char *c = i->text; *c; c++)
        lines += *c == '\n';
    return !*i->text || i->role == OCRVL_ROLE_HEADER || i->role == OCRVL_ROLE_FOOTER ||
           i->role == OCRVL_ROLE_PAGE_NUMBER || (ocrvl_has_box(i) && lines <= MOST_LINES && (above || below));
}

/* The page's first or last table, if nothing of the page stands before or after it. */
static const ocrvl_node *outermost(const ocrvl_page *page, bool last)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    const ocrvl_node *found = NULL;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        bool table = i.role == OCRVL_ROLE_TABLE && ocrvl_node_first(n) && ocrvl_has_box(&i);
        if (table)
            found = n;
        else if (is_between(&i, &info))
            continue;
        else
            found = NULL;
        if (!last)
            return found;
    }
    return found;
}

const ocrvl_node *ocrvl_last_table(const ocrvl_page *page) { return outermost(page, true); }

/* The texts of a table's head, a line for each of its rows: the first one is taken for a row of it in any case. Returns
 * how many rows there are. */
static uint32_t put_head(ocrvl_buf *b, const ocrvl_node *table)
{
    uint32_t row = 0;
    for (const ocrvl_node *c = ocrvl_node_first(table); c; c = ocrvl_node_next(c)) {
        ocrvl_node_info i = ocrvl_info(c);
        if (i.row > 0 && !i.header)
            break;
        for (; row < i.row; row++)
            ocrvl_buf_putc(b, '\n');
        ocrvl_buf_puts(b, i.text);
        ocrvl_buf_putc(b, '\t');
    }
    return row + 1;
}

static ocrvl_table_end end_of(const ocrvl_node *table, const ocrvl_page_info *page, uint64_t index)
{
    ocrvl_table_grid g;
    ocrvl_node_info i = ocrvl_info(table);
    ocrvl_grid_begin(&g, table);
    return (ocrvl_table_end){.any = page->width > 0,
                             .page = index,
                             .columns = g.columns,
                             .x0 = (double)i.box.x0 / (page->width ? page->width : 1),
                             .x1 = (double)i.box.x1 / (page->width ? page->width : 1)};
}

const ocrvl_node *ocrvl_continued_table(ocrvl_table_end *last, const ocrvl_page *page, const ocrvl_page_place *place,
                                        uint32_t *repeats)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    const ocrvl_node *first = outermost(page, false), *end = outermost(page, true);
    ocrvl_buf row = {0};
    *repeats = 0;
    uint32_t rows = 0;
    if (first && last->any && place->index == last->page + 1) {
        ocrvl_table_end t = end_of(first, &info, place->index);
        rows = put_head(&row, first);
        if (t.columns != last->columns || fabs(t.x0 - last->x0) > SAME_SIDE || fabs(t.x1 - last->x1) > SAME_SIDE)
            first = NULL;
        *repeats = first && row.data && last->head.data && strcmp(row.data, last->head.data) == 0 ? rows : 0;
    } else {
        first = NULL;
    }
    bool whole = end && first == end; /* it may go on once more, with the head that it had at first */
    ocrvl_buf head = whole ? last->head : (ocrvl_buf){0};
    if (!whole)
        ocrvl_buf_free(&last->head);
    if (end && !whole)
        (void)put_head(&head, end);
    *last = end ? end_of(end, &info, place->index) : (ocrvl_table_end){0};
    last->head = head;
    ocrvl_buf_free(&row);
    return first;
}
