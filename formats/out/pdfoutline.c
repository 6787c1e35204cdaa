#include "out/pdfoutline.h"

#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { LEVELS = 64 };

void ocrvl_put_pdf_string(ocrvl_buf *b, const char *s, size_t n)
{
    ocrvl_buf_puts(b, "<FEFF");
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        c = c == OCRVL_UTF8_BAD || c < 0x20 ? 0xFFFD : c;
        if (c >= 0x10000)
            ocrvl_buf_printf(b, "%04X%04X", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
        else
            ocrvl_buf_printf(b, "%04X", c);
    }
    ocrvl_buf_putc(b, '>');
}

void ocrvl_pdf_outline_free(ocrvl_pdf_outline *o)
{
    ocrvl_buf_free(&o->file);
    ocrvl_buf_free(&o->titles);
    ocrvl_buf_free(&o->labels);
    ocrvl_free(o->entries);
    ocrvl_free(o->pages);
    *o = (ocrvl_pdf_outline){0};
}

static void take_entries(ocrvl_pdf_outline *o, const ocrvl_document_info *info)
{
    for (size_t i = 0; i < info->outline_count && !o->failed; i++) {
        const ocrvl_outline_entry *e = &info->outline[i];
        o->failed |= !OCRVL_ARRAY_RESERVE(o->entries, o->cap, o->count + 1);
        if (o->failed || !e->page)
            continue;
        o->entries[o->count++] = (ocrvl_pdf_entry){.title = o->titles.len, .level = e->level, .page = e->page - 1};
        ocrvl_buf_put(&o->titles, e->title, strlen(e->title) + 1);
    }
}

/* A page without a label of its own is called by its number. */
static void take_label(ocrvl_pdf_outline *o, const ocrvl_page_place *place)
{
    ocrvl_buf_printf(&o->labels, "%zu << ", o->page_count);
    if (place->label) {
        ocrvl_buf_puts(&o->labels, "/P ");
        ocrvl_put_pdf_string(&o->labels, place->label, strlen(place->label));
    } else {
        ocrvl_buf_printf(&o->labels, "/S /D /St %llu", (unsigned long long)place->index + 1);
    }
    ocrvl_buf_puts(&o->labels, " >> ");
    o->labelled |= place->label != NULL;
}

void ocrvl_pdf_outline_take(ocrvl_pdf_outline *o, const ocrvl_page_place *place)
{
    if (!o->page_count) {
        ocrvl_buf_puts(&o->file, place->file);
        if (place->info)
            take_entries(o, place->info);
    }
    take_label(o, place);
    o->failed |= o->file.failed || o->titles.failed || o->labels.failed ||
                 !OCRVL_ARRAY_RESERVE(o->pages, o->page_cap, o->page_count + 1);
    if (o->failed)
        return;
    o->pages[o->page_count++] = strcmp(o->file.data, place->file) == 0 ? place->index : UINT64_MAX;
}

/* The page of the file that is made which is a document's page; page_count: there is none. */
static size_t place_of(const ocrvl_pdf_outline *o, uint64_t page)
{
    size_t i = 0;
    while (i < o->page_count && o->pages[i] != page)
        i++;
    return i;
}

size_t ocrvl_pdf_outline_link(ocrvl_pdf_outline *o)
{
    size_t open[LEVELS] = {0}, depth = 0, kept = 0, top = 0; /* open: entries from 1, outermost first */
    for (size_t i = 0; i < o->count; i++) {
        ocrvl_pdf_entry e = o->entries[i];
        e.place = place_of(o, e.page);
        if (e.place == o->page_count)
            continue;
        while (depth && (depth == LEVELS || o->entries[open[depth - 1] - 1].level >= e.level))
            top = open[--depth];
        ocrvl_pdf_entry *parent = depth ? &o->entries[open[depth - 1] - 1] : NULL;
        e.parent = depth ? open[depth - 1] : 0;
        e.previous = parent ? parent->last : depth == 0 ? top : 0;
        kept++;
        if (e.previous)
            o->entries[e.previous - 1].next = kept;
        if (parent) {
            parent->first = parent->first ? parent->first : kept;
            parent->last = kept;
            parent->count++;
        }
        o->entries[kept - 1] = e;
        open[depth++] = kept;
    }
    return o->count = kept;
}

/* The reference on line i. */
static void put_page(ocrvl_buf *b, const char *pages, size_t i)
{
    while (i-- && strchr(pages, '\n'))
        pages = strchr(pages, '\n') + 1;
    ocrvl_buf_put(b, pages, strcspn(pages, "\n"));
}

static void put_link(ocrvl_buf *b, const char *name, size_t entry, size_t root)
{
    if (entry)
        ocrvl_buf_printf(b, " /%s %zu 0 R", name, root + entry);
}

void ocrvl_put_pdf_outline(ocrvl_buf *b, const ocrvl_pdf_outline *o, size_t i, size_t root, const char *pages)
{
    if (i == 0) {
        size_t last = 0, n = 0;
        for (size_t k = 0; k < o->count; k++)
            if (!o->entries[k].parent)
                last = k + 1, n++;
        ocrvl_buf_printf(b, "<< /Type /Outlines /First %zu 0 R /Last %zu 0 R /Count %zu >>", root + 1, root + last, n);
        return;
    }
    const ocrvl_pdf_entry *e = &o->entries[i - 1];
    const char *title = o->titles.data + e->title;
    ocrvl_buf_puts(b, "<< /Title ");
    ocrvl_put_pdf_string(b, title, strlen(title));
    ocrvl_buf_printf(b, " /Parent %zu 0 R", root + e->parent);
    put_link(b, "Prev", e->previous, root);
    put_link(b, "Next", e->next, root);
    put_link(b, "First", e->first, root);
    put_link(b, "Last", e->last, root);
    if (e->count) /* closed */
        ocrvl_buf_printf(b, " /Count -%zu", e->count);
    ocrvl_buf_puts(b, " /Dest [");
    put_page(b, pages, e->place);
    ocrvl_buf_puts(b, " /Fit] >>");
}
