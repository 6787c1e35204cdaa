#include "batch/reuse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "batch/kept.h"
#include "batch/line.h"

/* ---- results of another document --------------------------------------------------------------------- */

static cli_exit take_page(batch_record *r, batch_state *state, batch_doc *d, const batch_doc *twin, uint32_t page)
{
    ocrvl_buf text = {0};
    ocrvl_results *in = NULL;
    ocrvl_page *tree = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_error err;
    cli_exit status = batch_result_read(state, &twin->pages[page], &text);
    ocrvl_status st = status ? OCRVL_OK : ocrvl_results_open_memory(&in, text.data, text.len, twin->name, &err);
    if (!st && !status)
        st = ocrvl_results_next(in, &tree, &place, &err);
    if (st) {
        cli_error(state->store->log, twin->name, page + 1, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_OUTPUT);
    }
    place.file = d->name;
    place.pages = twin->total;
    if (!status)
        status = batch_record_page(r, d, tree, &place, twin->pages[page].status == BATCH_SKIPPED);
    if (!status && !d->total && !batch_doc_set_total(state, d, twin->total))
        status = batch_no_memory(state->store->log);
    ocrvl_page_free(tree);
    ocrvl_results_free(in);
    ocrvl_buf_free(&text);
    return status;
}

cli_exit batch_take_results(batch_record *r, batch_state *state, batch_doc *d, const batch_doc *twin)
{
    cli_exit status = CLI_EXIT_OK;
    r->as = twin->name;
    for (uint32_t p = 0; p < twin->total && !status; p++)
        if (twin->pages[p].status != BATCH_LEFT && batch_doc_page(d, p).status == BATCH_PENDING)
            status = take_page(r, state, d, twin, p);
    r->as = NULL;
    return status;
}

/* ---- results that are damaged ------------------------------------------------------------------------ */

void batch_revoke_line(ocrvl_buf *b, const batch_doc *d, uint32_t line)
{
    size_t from = b->len;
    batch_record_about(b, "v", d);
    ocrvl_buf_printf(b, ",\"line\":\"%08x\"", (unsigned)line);
    batch_line_end(b, from);
}

cli_exit batch_revoke_damaged(batch_record *r, const batch_state *state, const batch_doc *d, size_t *count)
{
    ocrvl_buf lines = {0};
    *count = 0;
    for (uint32_t p = 0; p < d->known; p++) {
        ocrvl_buf text = {0};
        const batch_page *page = &d->pages[p];
        bool kept = page->status != BATCH_PENDING && page->status != BATCH_LEFT;
        if (kept && batch_result_read(state, page, &text) != CLI_EXIT_OK) {
            batch_revoke_line(&lines, d, page->line);
            ++*count;
        }
        ocrvl_buf_free(&text);
    }
    cli_exit status = *count ? batch_record_line(r, &lines, true) : CLI_EXIT_OK;
    ocrvl_buf_free(&lines);
    return status;
}

cli_exit batch_revoke_found(batch_record *r, const batch_state *state)
{
    ocrvl_buf lines = {0};
    struct stat st;
    for (size_t i = 0; i < state->count; i++) {
        const batch_doc *d = &state->docs[i];
        char *path = batch_doc_state(d) == BATCH_DOC_MISSING && !d->url ? batch_doc_path(state, d) : NULL;
        if (path && stat(path, &st) == 0)
            batch_revoke_line(&lines, d, d->line);
        ocrvl_free(path);
    }
    cli_exit status = lines.len || lines.failed ? batch_record_line(r, &lines, true) : CLI_EXIT_OK;
    ocrvl_buf_free(&lines);
    return status;
}

/* ---- results that aren't kept ------------------------------------------------------------------------ */

static cli_exit remove_results(const batch_state *state, size_t file)
{
    char *path = batch_store_path(state->store, "results", state->results[file]);
    cli_exit status = !path                             ? CLI_EXIT_LIMIT
                      : unlink(path) && errno != ENOENT ? batch_store_failed(state->store, path, errno)
                                                        : CLI_EXIT_OK;
    ocrvl_free(path);
    return status;
}

/* Whether its results may still be wanted. */
static bool is_wanted(const batch_doc *d) { return d->lost || batch_doc_state(d) == BATCH_DOC_PENDING; }

/* The unit of a results file, UNIT.HOST.PID.RANDOM.gz. */
static uint32_t unit_of(const char *name) { return (uint32_t)strtoul(name, NULL, 16); }

cli_exit batch_drop_unit(const batch_state *state, uint32_t unit)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < state->count; i++)
        if (state->docs[i].unit == unit && is_wanted(&state->docs[i]))
            return CLI_EXIT_OK;
    for (size_t i = 0; i < state->result_count && !status; i++)
        if (unit_of(state->results[i]) == unit)
            status = remove_results(state, i);
    return status;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

cli_exit batch_drop_finished(const batch_state *state)
{
    cli_exit status = CLI_EXIT_OK;
    size_t n = 0;
    uint32_t *pending = ocrvl_alloc_array(state->count + 1, sizeof *pending);
    if (!pending)
        return batch_no_memory(state->store->log);
    for (size_t i = 0; i < state->count; i++)
        if (is_wanted(&state->docs[i]))
            pending[n++] = state->docs[i].unit;
    if (n)
        qsort(pending, n, sizeof *pending, compare);
    for (size_t i = 0; i < state->result_count && !status; i++) {
        uint32_t unit = unit_of(state->results[i]);
        if (!n || !bsearch(&unit, pending, n, sizeof *pending, compare))
            status = remove_results(state, i);
    }
    ocrvl_free(pending);
    return status;
}
