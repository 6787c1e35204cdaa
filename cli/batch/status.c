#include "batch/status.h"

#include <string.h>

#include "batch/args.h"
#include "batch/journals.h"
#include "batch/line.h"
#include "batch/settings.h"
#include "options.h"
#include "output.h"

void batch_count(const batch_state *s, batch_counts *c)
{
    memset(c, 0, sizeof *c);
    c->documents = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[i];
        uint32_t n = d->total > d->known ? d->total : d->known;
        c->docs[batch_doc_state(d)]++;
        c->total += n;
        for (uint32_t p = 0; p < n; p++)
            c->pages[batch_doc_page(d, p).status]++;
    }
}

cli_exit batch_counts_exit(const batch_counts *c)
{
    if (c->docs[BATCH_DOC_PENDING])
        return CLI_EXIT_AGAIN;
    if (c->docs[BATCH_DOC_FAILED] || c->docs[BATCH_DOC_MISSING])
        return CLI_EXIT_INPUT;
    return c->pages[BATCH_FAILED] || c->pages[BATCH_PARTIAL] ? CLI_EXIT_PAGES : CLI_EXIT_OK;
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
    put_counts(b, c->pages, batch_page_status_names, BATCH_PAGE_STATUSES);
}

static void put_object(ocrvl_buf *b, const char *key, const uint64_t *counts, const char *const *names, size_t n)
{
    ocrvl_buf_printf(b, ",\"%s\":{", key);
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_printf(b, "%s\"%s\":%llu", i ? "," : "", names[i], (unsigned long long)counts[i]);
    ocrvl_buf_putc(b, '}');
}

static void put_json(ocrvl_buf *b, const batch_state *s, const batch_counts *c)
{
    ocrvl_buf_printf(b, "{\"finished\":%s", c->docs[BATCH_DOC_PENDING] ? "false" : "true");
    put_object(b, "documents", c->docs, batch_doc_status_names, BATCH_DOC_STATUSES);
    put_object(b, "pages", c->pages, batch_page_status_names, BATCH_PAGE_STATUSES);
    ocrvl_buf_printf(b, ",\"torn_lines\":%llu,\"irreproducible\":%llu}\n", (unsigned long long)s->torn,
                     (unsigned long long)s->irreproducible);
}

/* What is wrong, a line each: the document, its page if it is one, status and reason. */
static void put_failed(ocrvl_buf *b, const batch_state *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[s->order[i]];
        ocrvl_buf name = {0};
        batch_name_encode(&name, d->name);
        const char *shown = name.data ? name.data : "";
        batch_doc_status status = batch_doc_state(d);
        if (status == BATCH_DOC_FAILED || status == BATCH_DOC_MISSING)
            ocrvl_buf_printf(b, "%s\t\t%s\t%s\n", shown, batch_doc_status_names[status], batch_reasons[d->reason]);
        for (uint32_t p = 0; p < d->known; p++) {
            const batch_page *page = &d->pages[p];
            if (page->status == BATCH_FAILED || page->status == BATCH_PARTIAL)
                ocrvl_buf_printf(b, "%s\t%u\t%s\t%s\n", shown, (unsigned)p + 1, batch_page_status_names[page->status],
                                 batch_reasons[page->reason]);
        }
        ocrvl_buf_free(&name);
    }
}

cli_exit batch_status(const cli_command *self, int argc, char **argv)
{
    batch_args args = BATCH_DEFAULTS;
    size_t operands;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &operands, &status))
        return status;
    if (operands != 1)
        return cli_usage_error(self, "status takes the folder of one batch");
    cli_log log = {.command = self->name, .quiet = args.quiet, .verbose = args.verbose};
    batch_store store = {0};
    batch_settings settings = {0};
    batch_state state = {.store = &store};
    batch_counts counts;
    ocrvl_buf b = {0};
    status = batch_store_open(&store, argv[1], false, &log);
    if (!status)
        status = batch_settings_load(&settings, &store);
    state.fingerprint = settings.fingerprint;
    if (!status)
        status = batch_journals_refresh(&state);
    if (!status) {
        batch_count(&state, &counts);
        if (args.json)
            put_json(&b, &state, &counts);
        else if (args.failed)
            put_failed(&b, &state);
        else {
            batch_counts_put(&b, &counts);
            ocrvl_buf_putc(&b, '\n');
        }
        status = cli_output_buf(&log, &b);
        status = status ? status : batch_counts_exit(&counts);
    }
    ocrvl_buf_free(&b);
    batch_state_free(&state);
    batch_settings_free(&settings);
    batch_store_free(&store);
    return status;
}
