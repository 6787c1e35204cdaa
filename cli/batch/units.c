/* Puts documents that were found into units of work, and writes the list. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "batch/line.h"
#include "batch/scan.h"

/* Bytes of a file that may hold several pages which count as a page of work. */
enum { PAGE_BYTES = 1 << 18 };

bool batch_may_have_pages(const char *name)
{
    const char *point = strrchr(name, '.');
    return !point || strncasecmp(point, ".tif", 4) == 0 || strcasecmp(point, ".pdf") == 0;
}

/* The pages that a file may have, as far as its name and size tell. */
static uint64_t weight(const batch_found *f) { return batch_may_have_pages(f->name) ? 1 + f->size / PAGE_BYTES : 1; }

static size_t folder_length(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

/* Whether both are in one folder. */
static bool beside(const batch_found *a, const batch_found *b)
{
    size_t n = folder_length(a->name);
    return a->root == b->root && n == folder_length(b->name) && strncmp(a->name, b->name, n) == 0;
}

static uint64_t add_to_hash(uint64_t h, const char *s)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return (h ^ '/') * 1099511628211u;
}

/* Whether the state knows the file as it is now, where it is now. */
static bool is_known(const batch_scan *scan, const batch_state *state, const batch_found *f)
{
    const batch_doc *d = batch_state_find(state, f->name);
    return d && d->size == f->size && d->mtime == f->mtime && strcmp(state->roots[d->root], scan->roots[f->root]) == 0;
}

/* How often the file has been another one, which is of that size and time now; d may be NULL. */
static uint16_t changes_of(const batch_doc *d, uint64_t size, int64_t mtime)
{
    bool changed = d && (d->size != size || d->mtime != mtime);
    return !d ? 0 : changed && d->changes < UINT16_MAX ? (uint16_t)(d->changes + 1) : d->changes;
}

static void put_line(ocrvl_buf *b, const char *root, const batch_input *f, uint32_t unit, uint64_t now)
{
    size_t from = b->len;
    batch_line_begin(b, "input");
    batch_line_name(b, "root", root);
    batch_line_name(b, "name", f->name);
    if (f->mets)
        batch_line_name(b, "mets", f->mets);
    if (f->url)
        batch_line_name(b, "url", f->url);
    batch_line_count(b, "size", f->size);
    ocrvl_buf_printf(b, ",\"mtime\":%lld,\"u\":\"%08x\"", (long long)f->mtime, (unsigned)unit);
    batch_line_count(b, "seen", now);
    if (f->changes)
        batch_line_count(b, "changes", f->changes);
    batch_line_end(b, from);
}

/* Records the new ones of found[from, to), which are a unit. */
static cli_exit record_unit(const batch_scan *scan, batch_state *state, ocrvl_buf *b, size_t from, size_t to,
                            uint64_t now)
{
    uint64_t h = 1469598103934665603u;
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = from; i < to; i++)
        if (!is_known(scan, state, &scan->found[i]))
            h = add_to_hash(h, scan->found[i].name);
    uint32_t number = (uint32_t)(h ^ h >> 32);
    for (size_t i = from; i < to && !status; i++) {
        const batch_found *f = &scan->found[i];
        if (is_known(scan, state, f))
            continue;
        batch_input in = {f->name, f->size, f->mtime,
                          f->mets, f->url,  changes_of(batch_state_find(state, f->name), f->size, f->mtime)};
        put_line(b, scan->roots[f->root], &in, number, now);
        status = batch_state_add(state, scan->roots[f->root], &in, number, now);
    }
    return status || !b->failed ? status : batch_no_memory(scan->log);
}

/* Writes the lines to the list, which is made with the first. */
static cli_exit flush(const batch_state *state, batch_file *to, ocrvl_buf *b)
{
    char name[160];
    cli_exit status = CLI_EXIT_OK;
    if (!b->len)
        return status;
    snprintf(name, sizeof name, "%s.jsonl", state->store->self);
    if (!to->path)
        status = batch_file_create(to, state->store, "inputs", name);
    if (!status)
        status = batch_file_append(to, state->store, b->data, b->len);
    ocrvl_buf_clear(b);
    return status;
}

cli_exit batch_scan_record(const batch_scan *scan, batch_state *state, batch_file *to, uint64_t unit)
{
    ocrvl_buf b = {0};
    uint64_t now = (uint64_t)time(NULL);
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < scan->count && !status;) {
        uint64_t pages = weight(&scan->found[i]);
        size_t end = i + 1;
        while (end < scan->count && beside(&scan->found[i], &scan->found[end]) &&
               pages + weight(&scan->found[end]) <= unit)
            pages += weight(&scan->found[end++]);
        status = record_unit(scan, state, &b, i, end, now);
        if (!status && b.len > 1 << 20)
            status = flush(state, to, &b);
        i = end;
    }
    if (!status)
        status = flush(state, to, &b);
    ocrvl_buf_free(&b);
    if (!status)
        status = batch_file_sync(to, state->store);
    return status ? status : batch_state_sort(state);
}

/* The document as it is known, but for its file's size and time. */
static batch_input input_of(const batch_state *state, const batch_doc *d, uint64_t size, int64_t mtime)
{
    return (batch_input){.name = d->name,
                         .size = size,
                         .mtime = mtime,
                         .mets = d->mets ? state->metses[d->mets - 1] : NULL,
                         .url = d->url ? state->urls[d->url - 1] : NULL,
                         .changes = changes_of(d, size, mtime)};
}

cli_exit batch_scan_record_all(const batch_state *state, batch_file *to)
{
    ocrvl_buf b = {0};
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < state->count && !status; i++) {
        const batch_doc *d = &state->docs[state->order[i]];
        batch_input in = input_of(state, d, d->size, d->mtime);
        put_line(&b, state->roots[d->root], &in, d->unit, d->seen);
        if (b.failed)
            status = batch_no_memory(state->store->log);
        else if (b.len > 1 << 20)
            status = flush(state, to, &b);
    }
    if (!status)
        status = flush(state, to, &b);
    ocrvl_buf_free(&b);
    return status ? status : batch_file_sync(to, state->store);
}

cli_exit batch_scan_record_one(batch_state *state, batch_file *to, const batch_doc *d, uint64_t size, int64_t mtime)
{
    ocrvl_buf b = {0};
    uint64_t now = (uint64_t)time(NULL), seen = now > d->seen ? now : d->seen;
    batch_input in = input_of(state, d, size, mtime);
    put_line(&b, state->roots[d->root], &in, d->unit, seen);
    cli_exit status = b.failed ? batch_no_memory(state->store->log) : flush(state, to, &b);
    if (!status)
        status = batch_file_sync(to, state->store);
    ocrvl_buf_free(&b);
    return status ? status : batch_state_add(state, state->roots[d->root], &in, d->unit, seen);
}
