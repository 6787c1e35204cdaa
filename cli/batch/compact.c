#include "batch/compact.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "batch/claim.h"
#include "batch/journals.h"
#include "batch/kept.h"
#include "batch/line.h"
#include "batch/scan.h"

typedef struct compacting {
    batch_setup *s;
    batch_file results, journal;
    ocrvl_buf lines, name;
} compacting;

/* ---- results ----------------------------------------------------------------------------------------- */

/* Copies the result of a page; its record then says where it is in the new file. */
static cli_exit copy_result(compacting *c, batch_page *page)
{
    const batch_store *store = &c->s->store;
    ocrvl_buf member = {0}, text = {0};
    char *path = batch_store_path(store, "results", c->s->state.results[page->file]);
    if (!path)
        return CLI_EXIT_LIMIT;
    int e = batch_read_at(&member, path, page->offset, page->length);
    cli_exit status = e ? batch_store_failed(store, path, e) : batch_result_read(&c->s->state, page, &text);
    page->offset = c->results.end;
    if (!status)
        status = batch_file_append(&c->results, store, member.data, member.len);
    ocrvl_buf_free(&member);
    ocrvl_buf_free(&text);
    ocrvl_free(path);
    return status;
}

static cli_exit copy_document(compacting *c, batch_doc *d)
{
    cli_exit status = CLI_EXIT_OK;
    for (uint32_t p = 0; p < d->known && !status; p++)
        if (d->pages[p].status != BATCH_PENDING && d->pages[p].status != BATCH_LEFT)
            status = copy_result(c, &d->pages[p]);
    return status;
}

/* dropped: those of finished documents are. */
static bool has_results(const batch_doc *d, bool dropped)
{
    dropped &= batch_doc_state(d) == BATCH_DOC_DONE;
    for (uint32_t p = 0; p < d->known && !dropped; p++)
        if (d->pages[p].status != BATCH_PENDING && d->pages[p].status != BATCH_LEFT)
            return true;
    return false;
}

/* Copies the results of all units, whose documents stand together, each unit into a file. */
static cli_exit copy_results(compacting *c)
{
    batch_state *s = &c->s->state;
    const batch_store *store = &c->s->store;
    cli_exit status = CLI_EXIT_OK;
    uint32_t unit = 0;
    for (size_t i = 0; i < s->count && !status; i++) {
        batch_doc *d = &s->docs[s->order[i]];
        char name[180];
        if (!has_results(d, c->s->args.no_keep))
            continue;
        if (!c->results.path || d->unit != unit) {
            status = batch_file_sync(&c->results, store);
            batch_file_close(&c->results);
            snprintf(name, sizeof name, "%08x.%s.gz", (unsigned)d->unit, store->self);
            if (!status)
                status = batch_file_create(&c->results, store, "results", name);
            unit = d->unit;
        }
        if (!status)
            status = copy_document(c, d);
    }
    if (!status)
        status = batch_file_sync(&c->results, store);
    batch_file_close(&c->results);
    return status;
}

/* ---- the journal ------------------------------------------------------------------------------------- */

static bool is_key(const struct batch_member *m, const char *key)
{
    return m->key_len == strlen(key) && memcmp(m->key, key, m->key_len) == 0;
}

/* Whether no page before it is there: its line has to say how many the document has, as one that no longer counts may
 * have been the only one to do so. */
static bool is_first(const batch_doc *d, const batch_page *page)
{
    const batch_page *p = d->pages;
    while (p < page && (p->status == BATCH_PENDING || p->status == BATCH_LEFT))
        p++;
    return p == page;
}

/* Writes a line anew; page: whose result it tells, or NULL. */
static void put_line(compacting *c, const batch_line *l, const batch_doc *d, const batch_page *page)
{
    ocrvl_buf *b = &c->lines;
    size_t from = b->len;
    for (size_t i = 0; i + 1 < l->count; i++) { /* the last is the checksum */
        const struct batch_member *m = &l->members[i];
        ocrvl_buf_printf(b, "%s\"%.*s\":", i ? "," : "{", (int)m->key_len, m->key);
        if (page && is_key(m, "off"))
            ocrvl_buf_put_uint(b, page->offset);
        else if (page && is_key(m, "u"))
            ocrvl_buf_printf(b, "\"%08x\"", (unsigned)d->unit);
        else
            ocrvl_buf_put(b, m->value, m->value_len);
    }
    if (page && d->total && !batch_line_has(l, "n") && is_first(d, page))
        batch_line_count(b, "n", d->total);
    batch_line_end(b, from);
}

/* Whether a line about outputs is of the results that there are; or of the document's failure. */
static bool counts(const batch_line *l, const batch_doc *d)
{
    bool good;
    uint32_t sum = batch_line_hex_of(l, "sum", &good);
    return batch_line_has(l, "out") ? good && sum == d->written : l->crc == d->line && d->status != BATCH_DOC_PENDING;
}

static void take_line(compacting *c, const batch_line *l)
{
    bool good;
    batch_doc *d = batch_line_name_of(l, "doc", &c->name) ? batch_state_find(&c->s->state, c->name.data) : NULL;
    uint64_t number = batch_line_count_of(l, "p");
    if (!d)
        return;
    if (batch_line_is(l, "t", "p") && number && number <= d->known && d->pages[number - 1].line == l->crc) {
        put_line(c, l, d, &d->pages[number - 1]);
        d->pages[number - 1].line = 0; /* it is there now */
    } else if (batch_line_is(l, "t", "n") && batch_line_hex_of(l, "of", &good) == d->of && good) {
        put_line(c, l, d, NULL);
    } else if (batch_line_is(l, "t", "g") && batch_line_hex_of(l, "of", &good) == d->of && good &&
               !batch_state_is_void(&c->s->state, d, l->crc)) {
        put_line(c, l, d, NULL);
    } else if ((batch_line_is(l, "t", "d") || batch_line_is(l, "t", "x")) && counts(l, d)) {
        put_line(c, l, d, NULL);
    }
}

static cli_exit flush(compacting *c, size_t least)
{
    if (c->lines.len < least && !c->lines.failed)
        return CLI_EXIT_OK;
    cli_exit status = c->lines.failed ? batch_no_memory(&c->s->log)
                                      : batch_file_append(&c->journal, &c->s->store, c->lines.data, c->lines.len);
    ocrvl_buf_clear(&c->lines);
    return status;
}

static cli_exit take_journal(compacting *c, const batch_journal *j)
{
    const uint8_t *data;
    size_t len, at = 0;
    ocrvl_error err;
    cli_exit status = CLI_EXIT_OK;
    char *path = batch_store_path(&c->s->store, "journal", j->name);
    if (!path)
        return CLI_EXIT_LIMIT;
    if (ocrvl_file_map(&data, &len, path, &err)) {
        status = batch_store_failed(&c->s->store, path, err.sys_errno ? err.sys_errno : EIO);
        ocrvl_free(path);
        return status;
    }
    for (const uint8_t *end; !status && at < len && at < j->read && (end = memchr(data + at, '\n', len - at));) {
        size_t n = (size_t)(end - data) - at;
        batch_line line;
        if (batch_line_parse(&line, (const char *)data + at, n))
            take_line(c, &line);
        at += n + 1;
        status = flush(c, 1 << 20);
    }
    ocrvl_file_unmap(data, len);
    ocrvl_free(path);
    return status;
}

/* Writes what still counts of all journals, beside, and then gives it its name. */
static cli_exit fold_journals(compacting *c)
{
    const batch_store *store = &c->s->store;
    char beside[180], name[180];
    snprintf(beside, sizeof beside, ".%s", store->self);
    snprintf(name, sizeof name, "%s.jsonl", store->self);
    cli_exit status = batch_file_create(&c->journal, store, "journal", beside);
    for (size_t i = 0; i < c->s->state.journal_count && !status; i++)
        if (!c->s->state.journals[i].inputs)
            status = take_journal(c, &c->s->state.journals[i]);
    if (!status)
        status = flush(c, 0);
    if (!status)
        status = batch_file_sync(&c->journal, store);
    char *path = batch_store_path(store, "journal", name), *folder = batch_store_path(store, "journal", "");
    if (!status && (!path || !folder))
        status = CLI_EXIT_LIMIT;
    if (!status && rename(c->journal.path, path) != 0)
        status = batch_store_failed(store, path, errno);
    if (!status)
        status = batch_sync_folder(store, folder);
    batch_file_close(&c->journal);
    ocrvl_free(path);
    ocrvl_free(folder);
    return status;
}

/* ---- what was folded --------------------------------------------------------------------------------- */

static cli_exit remove_file(const batch_store *store, const char *folder, const char *name)
{
    char *path = batch_store_path(store, folder, name);
    cli_exit status = !path                             ? CLI_EXIT_LIMIT
                      : unlink(path) && errno != ENOENT ? batch_store_failed(store, path, errno)
                                                        : CLI_EXIT_OK;
    ocrvl_free(path);
    return status;
}

/* Journals go before the results that they tell of. */
static cli_exit remove_old(const batch_setup *s)
{
    const batch_state *state = &s->state;
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < state->journal_count && !status; i++)
        status = remove_file(&s->store, state->journals[i].inputs ? "inputs" : "journal", state->journals[i].name);
    char *folder = batch_store_path(&s->store, "journal", "");
    if (!status)
        status = folder ? batch_sync_folder(&s->store, folder) : CLI_EXIT_LIMIT;
    for (size_t i = 0; i < state->result_count && !status; i++)
        status = remove_file(&s->store, "results", state->results[i]);
    ocrvl_free(folder);
    return status;
}

static cli_exit check_alone(const batch_setup *s, batch_claim *claim)
{
    cli_exit status = batch_claim_open(claim, &s->store, s->store.self, (long)getpid(), (double)s->args.lease);
    if (!status && batch_claims_others(claim)) {
        cli_error(&s->log, s->store.out, 0, "a process may be at work in it: try again when it has ended");
        status = CLI_EXIT_AGAIN;
    }
    return status;
}

cli_exit batch_compact(batch_setup *s)
{
    compacting c = {.s = s};
    batch_claim claim = {.fd = -1};
    batch_file list = {0};
    cli_exit status = check_alone(s, &claim);
    if (!status)
        status = batch_scan_record_all(&s->state, &list);
    if (!status)
        status = copy_results(&c);
    if (!status)
        status = fold_journals(&c);
    if (!status)
        status = remove_old(s);
    batch_file_close(&list);
    batch_file_close(&c.results);
    batch_file_close(&c.journal);
    ocrvl_buf_free(&c.lines);
    ocrvl_buf_free(&c.name);
    batch_claim_close(&claim);
    return status;
}
