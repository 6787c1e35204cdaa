#include "batch/counts.h"

#include <string.h>

void batch_count(const batch_state *s, batch_counts *c)
{
    memset(c, 0, sizeof *c);
    c->documents = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[i];
        uint32_t n = d->total > d->known ? d->total : d->known;
        batch_doc_status state = batch_doc_state(d);
        bool changed = state == BATCH_DOC_PENDING && d->changed;
        bool duplicate = state == BATCH_DOC_DONE && batch_doc_duplicate(d);
        c->docs[changed ? BATCH_DOC_CHANGED : duplicate ? BATCH_DOC_DUPLICATE : state]++;
        c->unfit += state == BATCH_DOC_DONE && d->unfit;
        for (unsigned lost = state == BATCH_DOC_DONE ? d->lost : 0; lost; lost &= lost - 1)
            c->unwritten++;
        for (uint32_t p = 0; p < n; p++) {
            uint8_t status = batch_doc_page(d, p).status;
            c->pages[status] += status != BATCH_LEFT;
            c->total += status != BATCH_LEFT;
        }
    }
}

uint64_t batch_counts_pending(const batch_counts *c) { return c->docs[BATCH_DOC_PENDING] + c->docs[BATCH_DOC_CHANGED]; }

bool batch_failures_parse(const char *text, batch_failures *out)
{
    size_t digits = strspn(text, "0123456789");
    *out = (batch_failures){.percent = text[digits] == '%'};
    for (size_t i = 0; i < digits && digits < 10; i++)
        out->most = out->most * 10 + (uint64_t)(text[i] - '0');
    return digits && digits < 10 && !text[digits + out->percent] && (!out->percent || out->most <= 100);
}

bool batch_failures_exceeded(const batch_failures *f, const batch_counts *c)
{
    uint64_t failed = c->pages[BATCH_FAILED] + c->docs[BATCH_DOC_FAILED];
    uint64_t read = c->total - c->pages[BATCH_PENDING] + c->docs[BATCH_DOC_FAILED];
    return f->percent ? read >= 100 && failed * 100 > f->most * read : failed > f->most;
}

cli_exit batch_counts_exit(const batch_counts *c)
{
    if (batch_counts_pending(c))
        return CLI_EXIT_AGAIN;
    if (c->docs[BATCH_DOC_FAILED] || c->docs[BATCH_DOC_MISSING])
        return CLI_EXIT_INPUT;
    return c->pages[BATCH_FAILED] || c->pages[BATCH_PARTIAL] || c->unfit || c->unwritten ? CLI_EXIT_PAGES : CLI_EXIT_OK;
}

/* "3 of them failed": the counts that aren't 0, as a list. */
static void put_counts(ocrvl_buf *b, const uint64_t *counts, const char *const *names, size_t n)
{
    const char *between = ": ";
    for (size_t i = 0; i < n; i++) {
        if (counts[i])
            ocrvl_buf_printf(b, "%s%llu %s", between, (unsigned long long)counts[i], names[i]);
        between = counts[i] ? ", " : between;
    }
}

void batch_counts_put(ocrvl_buf *b, const batch_counts *c)
{
    ocrvl_buf_printf(b, "%llu document%s", (unsigned long long)c->documents, c->documents == 1 ? "" : "s");
    put_counts(b, c->docs, batch_doc_status_names, BATCH_DOC_STATUSES);
    ocrvl_buf_printf(b, "; %llu page%s", (unsigned long long)c->total, c->total == 1 ? "" : "s");
    put_counts(b, c->pages, batch_page_status_names, BATCH_LEFT);
    if (c->unwritten)
        ocrvl_buf_printf(b, "; %llu output%s can't be written", (unsigned long long)c->unwritten,
                         c->unwritten == 1 ? "" : "s");
    if (c->unfit)
        ocrvl_buf_printf(b, "; %llu document%s not the PDF/A that was asked for", (unsigned long long)c->unfit,
                         c->unfit == 1 ? " is" : "s are");
}
