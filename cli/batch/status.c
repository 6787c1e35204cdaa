#include "batch/status.h"

#include <time.h>

#include "batch/counts.h"
#include "batch/journals.h"
#include "batch/line.h"
#include "batch/setup.h"
#include "output.h"

static void put_object(ocrvl_buf *b, const char *key, const uint64_t *counts, const char *const *names, size_t n)
{
    ocrvl_buf_printf(b, ",\"%s\":{", key);
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_printf(b, "%s\"%s\":%llu", i ? "," : "", names[i], (unsigned long long)counts[i]);
    ocrvl_buf_putc(b, '}');
}

static void put_json(ocrvl_buf *b, const batch_state *s, const batch_counts *c)
{
    ocrvl_buf_printf(b, "{\"finished\":%s", batch_counts_pending(c) ? "false" : "true");
    put_object(b, "documents", c->docs, batch_doc_status_names, BATCH_DOC_STATUSES);
    put_object(b, "pages", c->pages, batch_page_status_names, BATCH_LEFT);
    ocrvl_buf_printf(b, ",\"unwritten\":%llu,\"torn_lines\":%llu,\"irreproducible\":%llu}\n",
                     (unsigned long long)c->unwritten, (unsigned long long)s->torn,
                     (unsigned long long)s->irreproducible);
}

/* What is wrong, a line each: the document, its page if it is one, status and reason, and the format of an output that
 * can't be written. */
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
                                 batch_page_why(s, page));
        }
        for (size_t k = 0; k < s->loss_count && d->lost; k++)
            if (s->losses[k].doc == s->order[i])
                ocrvl_buf_printf(b, "%s\t\tunwritten\t%s\t%s\n", shown, batch_reasons[s->losses[k].reason],
                                 ocrvl_format_name((ocrvl_format)s->losses[k].format));
        ocrvl_buf_free(&name);
    }
}

static void put_gauge(ocrvl_buf *b, const char *name, const char *help, const uint64_t *counts,
                      const char *const *names, size_t n)
{
    ocrvl_buf_printf(b, "# HELP ocrvl_batch_%s %s\n# TYPE ocrvl_batch_%s gauge\n", name, help, name);
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_printf(b, "ocrvl_batch_%s{status=\"%s\"} %llu\n", name, names[i], (unsigned long long)counts[i]);
}

static void put_metrics(ocrvl_buf *b, const batch_state *s, const batch_counts *c)
{
    put_gauge(b, "documents", "Documents by status.", c->docs, batch_doc_status_names, BATCH_DOC_STATUSES);
    put_gauge(b, "pages", "Pages by status.", c->pages, batch_page_status_names, BATCH_LEFT);
    ocrvl_buf_printf(b,
                     "# HELP ocrvl_batch_torn_lines Lines of journals that were cut short and passed over.\n"
                     "# TYPE ocrvl_batch_torn_lines gauge\nocrvl_batch_torn_lines %llu\n",
                     (unsigned long long)s->torn);
}

static cli_exit show(batch_setup *s, batch_counts *counts)
{
    ocrvl_buf b = {0};
    batch_count(&s->state, counts);
    if (s->args.json)
        put_json(&b, &s->state, counts);
    else if (s->args.prometheus)
        put_metrics(&b, &s->state, counts);
    else if (s->args.failed)
        put_failed(&b, &s->state);
    else {
        batch_counts_put(&b, counts);
        ocrvl_buf_putc(&b, '\n');
    }
    cli_exit status = cli_output_buf(&s->log, &b);
    ocrvl_buf_free(&b);
    return status;
}

cli_exit batch_status(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    batch_counts counts;
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        status = show(&s, &counts);
        while (!status && s.args.watch && batch_counts_pending(&counts)) {
            struct timespec pause = {(time_t)s.args.watch, 0};
            (void)nanosleep(&pause, NULL);
            status = batch_journals_refresh(&s.state);
            if (!status)
                status = show(&s, &counts);
        }
        status = status ? status : batch_counts_exit(&counts);
    }
    batch_setup_free(&s);
    return status;
}
