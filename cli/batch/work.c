#include "batch/work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/inhand.h"
#include "batch/journals.h"
#include "batch/line.h"
#include "batch/reuse.h"
#include "batch/scan.h"
#include "signals.h"

/* ---- pages ------------------------------------------------------------------------------------------- */

/* Says how many pages the document has. */
static cli_exit record_total(batch_worker *w, batch_doc *d, uint64_t pages)
{
    ocrvl_buf b = {0};
    batch_record_about(&b, "n", d);
    batch_line_count(&b, "n", pages);
    if (w->unit_count == 1 && pages > w->args->unit) {
        batch_line_count(&b, "per", w->args->unit);
        d->per = (uint32_t)w->args->unit;
    }
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(&w->record, &b, false);
    ocrvl_buf_free(&b);
    if (!batch_doc_set_total(w->state, d, (uint32_t)pages))
        return batch_no_memory(w->log);
    return status;
}

cli_exit batch_take_page(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q)
{
    batch_worker *w = user;
    batch_in_hand *h = &w->hand[q->file - w->first_file - 1];
    batch_doc *d = &w->state->docs[h->doc];
    cli_exit status = CLI_EXIT_OK;
    (void)pdf_page;
    if (q->place.index + 1 > h->last)
        h->last = q->place.index + 1;
    status = batch_record_page(&w->record, d, page, &q->place, q->unread);
    if (!d->total && q->place.pages && !batch_doc_set_total(w->state, d, (uint32_t)q->place.pages))
        status = batch_no_memory(w->log);
    return status;
}

/* A line that isn't synced: what is in hand, should this process die. page 0: the document is being opened. */
static cli_exit record_begin(batch_worker *w, const batch_doc *d, uint64_t page)
{
    ocrvl_buf b = {0};
    batch_record_about(&b, "b", d);
    if (page)
        batch_line_count(&b, "p", page);
    if (w->record.alone)
        batch_line_count(&b, "alone", 1);
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(&w->record, &b, false);
    ocrvl_buf_free(&b);
    return status;
}

/* The number of the page that comes out of a document after that one; 0: none does. */
static uint64_t next_wanted(const ocrvl_source_options *source, uint64_t page)
{
    uint64_t next = source->span_count ? 0 : page + 1;
    for (size_t i = 0; i < source->span_count; i++) {
        const ocrvl_page_span *s = &source->spans[i];
        uint64_t here = s->first > page ? s->first : page + 1;
        if ((!s->last || here <= s->last) && (!next || here < next))
            next = here;
    }
    return next;
}

bool batch_next_page(void *user, uint64_t pages)
{
    batch_worker *w = user;
    batch_in_hand *h = &w->hand[w->count - 1];
    batch_doc *d = &w->state->docs[h->doc];
    uint64_t total = d->total ? d->total : pages, next = next_wanted(&w->reading->source, h->next);
    if (!d->total && pages > 1) {        /* so that others may read some of them */
        (void)record_total(w, d, pages); /* an error comes again with the page's own line */
        h->left = batch_doc_ranges(d) > 1 && !w->record.alone;
    }
    h->late |= w->args->doc_timeout > 0 && ocrvl_clock() - h->since > w->args->doc_timeout;
    if (h->left || h->late)
        return false;
    /* Who dies of a first page is the same as who dies of its document, until it is done alone; of a range's first page
     * it was said when the document was opened. */
    bool told = w->end ? h->next == w->first : next == 1 && !w->record.alone;
    if (next && (!total || next <= total) && !told)
        (void)record_begin(w, d, next);
    h->next = next ? next : h->next;
    return true;
}

/* A page without a result: why there is none. */
static cli_exit record_absent(batch_worker *w, const batch_doc *d, uint32_t page, const char *reason,
                              const char *message)
{
    ocrvl_builder *b;
    ocrvl_page *tree = NULL;
    ocrvl_error err;
    ocrvl_page_place place = {.size = sizeof place, .file = d->name, .index = page, .pages = d->total};
    ocrvl_status st = ocrvl_builder_new(&b, 0, 0, 0, 0, &err);
    if (!st)
        st = ocrvl_builder_fail(b, reason, message, &err);
    if (!st)
        st = ocrvl_builder_finish(b, &tree, &err);
    ocrvl_builder_free(b);
    cli_exit status = st ? batch_no_memory(w->log) : batch_record_page(&w->record, d, tree, &place, false);
    ocrvl_page_free(tree);
    return status;
}

/* ---- documents --------------------------------------------------------------------------------------- */

/* Says that no page of the document is known, and why. */
static cli_exit record_failure(batch_worker *w, batch_doc *d, const char *status_name, const char *reason,
                               const char *message)
{
    ocrvl_buf b = {0};
    batch_record_about(&b, "d", d);
    batch_line_text(&b, "s", status_name);
    batch_line_text(&b, "r", reason);
    batch_line_text(&b, "msg", message);
    batch_line_count(&b, "at", (uint64_t)time(NULL));
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(&w->record, &b, true);
    ocrvl_buf_free(&b);
    return status;
}

/* The pages of the document, or of the range in hand, that aren't there fail. */
static cli_exit record_rest(batch_worker *w, const batch_doc *d, const char *reason, const char *message)
{
    uint32_t end = w->end && w->end < d->total ? w->end : d->total;
    cli_exit status = CLI_EXIT_OK;
    for (uint32_t i = w->first; i < end && !status; i++)
        if (batch_doc_page(d, i).status == BATCH_PENDING)
            status = record_absent(w, d, i, reason, message);
    return status;
}

/* The document can't be opened. If it could before, that is said of the pages that are to be read; of a METS file or a
 * manifest it is a page itself, and has its place as one. */
static cli_exit record_unopened(batch_worker *w, batch_doc *d, const char *status_name, const char *reason,
                                const char *message)
{
    bool page = d->mets || d->url, known = d->total || (d->known && !w->state->pages);
    if (!page && (!known || strcmp(status_name, "missing") == 0))
        return record_failure(w, d, status_name, reason, message);
    cli_exit status = d->total ? CLI_EXIT_OK : record_total(w, d, d->known + 1);
    return status ? status : record_rest(w, d, reason, message);
}

/* The pages of a document that are to be read, as spans; *count 0: all. */
static bool pending_spans(const batch_worker *w, const batch_doc *d, ocrvl_page_span **spans, size_t *count)
{
    const cli_pages *asked = w->state->pages;
    size_t cap = 0;
    bool open = false;
    *spans = NULL;
    *count = 0;
    for (uint32_t i = 0; i < d->known || i < d->total; i++) {
        bool here = (!w->end || (i >= w->first && i < w->end)) && batch_state_wants(w->state, i + 1);
        bool pending = here && batch_doc_page(d, i).status == BATCH_PENDING;
        if (pending && !open && !OCRVL_ARRAY_RESERVE(*spans, cap, *count + 1))
            return false;
        if (pending && !open)
            (*spans)[(*count)++].first = i + 1;
        if (pending)
            (*spans)[*count - 1].last = i + 1;
        open = pending;
    }
    if (d->total || (!d->known && !asked))
        return true;
    if (!OCRVL_ARRAY_RESERVE(*spans, cap, *count + (asked ? asked->count : 1)))
        return false;
    if (!asked)
        (*spans)[(*count)++] = (ocrvl_page_span){d->known + 1, 0}; /* a stream that was left in the middle */
    for (size_t i = 0; asked && i < asked->count; i++) {
        ocrvl_page_span s = asked->spans[i];
        s.first = s.first > d->known ? s.first : d->known + 1;
        if (!s.last || s.last >= s.first)
            (*spans)[(*count)++] = s;
    }
    return true;
}

/* Whether the file is as it was found, which of an image elsewhere is known only once it is read; if it has changed,
 * the list says so, and the document is pending again. */
static cli_exit check_file(batch_worker *w, batch_doc *d, const char *path, bool *there)
{
    struct stat st;
    *there = d->url ? *path != '\0' : stat(path, &st) == 0;
    if (d->url)
        return *there ? CLI_EXIT_OK
                      : record_unopened(w, d, "failed", "format",
                                        d->mets ? "the METS file has no image of the page beside or below it"
                                                : "the canvas has no image");
    if (!*there && (errno == ENOENT || errno == ENOTDIR)) {
        cli_error(w->log, path, 0, "%s", strerror(errno));
        return record_unopened(w, d, "missing", d->mets ? "io" : NULL, strerror(ENOENT));
    }
    if (!*there)
        return record_unopened(w, d, "failed", "io", strerror(errno));
    int64_t mtime = batch_mtime(&st);
    if (d->size == (uint64_t)st.st_size && d->mtime == mtime)
        return CLI_EXIT_OK;
    cli_note(w->log, path, 0, "the file has changed since it was found");
    return batch_scan_record_one(w->state, w->list, d, (uint64_t)st.st_size, mtime);
}

/* Opens a document and reads the pages that aren't read, as far as they leave the batch. */
static cli_exit read_document(batch_worker *w, batch_in_hand *h, const char *path)
{
    batch_doc *d = &w->state->docs[h->doc];
    ocrvl_page_span *spans;
    size_t count;
    if (!pending_spans(w, d, &spans, &count)) {
        ocrvl_free(spans);
        return batch_no_memory(w->log);
    }
    cli_reading *r = w->reading;
    h->how = (cli_read_document){.path = path, .name = d->name};
    h->last = d->known;
    if (!count && w->state->pages) { /* nobody could read the pages that are asked for, or say how many there are */
        h->how.opened = h->read = true;
        ocrvl_free(spans);
        return CLI_EXIT_OK;
    }
    r->source.spans = count ? spans : NULL;
    r->source.span_count = count;
    h->next = w->first;
    h->since = ocrvl_clock();
    for (uint32_t i = 0; i < d->known; i++)
        h->since -= d->pages[i].seconds > 0 ? (double)d->pages[i].seconds : 0;
    cli_exit over = cli_reading_document(r, &h->how);
    h->read = !over && h->how.opened && !h->left;
    r->source.spans = NULL;
    r->source.span_count = 0;
    ocrvl_free(spans);
    return over;
}

/* Takes the results of a document that has the same bytes, if there is one; *done also if they are awaited. */
static cli_exit take_twin(batch_worker *w, uint32_t index, const char *path, bool *done)
{
    uint32_t twin = 0;
    batch_doc *d = &w->state->docs[index];
    bool wanted = !w->args->no_dedupe && !w->args->no_keep && !d->url && !w->record.alone && !w->end;
    batch_alike is =
        wanted ? batch_find_twin(&w->sizes, w->state, index, path, w->unit, w->unit_count, &twin) : BATCH_UNIQUE;
    *done = is != BATCH_UNIQUE;
    w->again |= is == BATCH_AWAITED;
    return is == BATCH_ALIKE ? batch_take_results(&w->record, w->state, d, &w->state->docs[twin]) : CLI_EXIT_OK;
}

/* Makes room for a document among those that may be open at a time. */
static cli_exit make_room(batch_worker *w)
{
    bool full = w->args->decoders && w->open >= w->args->decoders;
    w->open = full ? 1 : w->open + 1;
    return full ? cli_reading_drain(w->reading) : CLI_EXIT_OK;
}

static cli_exit do_document(batch_worker *w, uint32_t index)
{
    batch_doc *d = &w->state->docs[index];
    bool there = true, taken = false;
    if (batch_doc_state(d) != BATCH_DOC_PENDING || batch_doc_read(d) || (d->put_off && !w->record.alone))
        return CLI_EXIT_OK;
    char *path = batch_doc_path(w->state, d);
    if (!path)
        return batch_no_memory(w->log);
    cli_exit status = check_file(w, d, path, &there);
    if (!status && there)
        status = take_twin(w, index, path, &taken);
    there &= !taken;
    if (!status && there)
        status = make_room(w);
    if (!status && there && !w->reading->session)
        status = w->begin(w->user);
    if (!status && there) {
        batch_in_hand *h = &w->hand[w->count++];
        *h = (batch_in_hand){.doc = index};
        status = record_begin(w, d, w->end ? batch_begun_page(w->state, d, w->first + 1) : 0);
        if (!status)
            status = read_document(w, h, path);
        if (!status && !h->how.opened)
            status = record_unopened(w, d, "failed", batch_reason_of(h->how.why.status), h->how.why.message);
        h->how.path = NULL;
    }
    ocrvl_free(path);
    return status;
}

/* What can be said of a document once all its pages have come: how many there are, and which did not come. */
static cli_exit settle_document(batch_worker *w, const batch_in_hand *h)
{
    batch_doc *d = &w->state->docs[h->doc];
    cli_exit status = CLI_EXIT_OK;
    if (!h->read)
        return status;
    if (!d->total && h->last == 0 && !h->late)
        return record_failure(w, d, "failed", "format", "the document has no page");
    if (!d->total) /* of one that is late there are more, nobody knows how many: they have one place */
        status = record_total(w, d, h->last + h->late);
    if (h->late)
        cli_error(w->log, d->name, 0, "the document took longer than --doc-timeout");
    if (!status)
        status =
            record_rest(w, d, h->late ? "timeout" : "format",
                        h->late ? "the document took longer than --doc-timeout" : "the document ends before this page");
    return status;
}

/* ---- outputs ----------------------------------------------------------------------------------------- */

/* If a document's outputs couldn't be made because its results are damaged, these are revoked: its pages are read once
 * more. */
static cli_exit mend_results(batch_worker *w, batch_doc *d, cli_exit status)
{
    size_t damaged = 0;
    if (status != CLI_EXIT_OUTPUT || d->reread)
        return status;
    cli_exit over = batch_revoke_damaged(&w->record, w->state, d, &damaged);
    d->reread = true;
    if (!damaged)
        return over ? over : status;
    cli_error(w->log, d->name, 0, "%zu of its results are missing or damaged: these pages are read again", damaged);
    return over;
}

/* Says that outputs are written: those of the unit in hand, or one of the document in hand. Said again each second,
 * since the coordinator takes who says nothing for too long for dead. */
static cli_exit record_writing(void *user, const batch_doc *d, unsigned format)
{
    batch_worker *w = user;
    ocrvl_buf b = {0};
    if (w->told > 0 && w->writing == format && ocrvl_clock() - w->told < 1)
        return CLI_EXIT_OK;
    if (format)
        batch_record_about(&b, "w", d);
    else
        batch_line_begin(&b, "w");
    batch_line_text(&b, "u", w->record.unit);
    if (format)
        batch_line_text(&b, "f", ocrvl_format_name((ocrvl_format)format));
    if (format && w->record.alone)
        batch_line_count(&b, "alone", 1);
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(&w->record, &b, false);
    ocrvl_buf_free(&b);
    w->told = ocrvl_clock();
    w->writing = format;
    return status;
}

static cli_exit lose(void *user, batch_doc *d, unsigned format, const char *reason)
{
    batch_worker *w = user;
    cli_error(w->log, d->name, 0, "its output in the format %s is left out", ocrvl_format_name((ocrvl_format)format));
    return batch_record_loss(&w->record, w->state, d, format, reason, NULL);
}

/* Writes the outputs of a document, and then the line that says so. */
static cli_exit write_document(batch_worker *w, batch_doc *d)
{
    ocrvl_buf files = {0}, b = {0};
    batch_writing writing = {.one_by_one = w->record.alone, .goes_on = record_writing, .lose = lose, .user = w};
    if (batch_state_was_begun(w->state, d->unit))
        batch_outputs_clean(w->outputs, w->state, d);
    cli_exit status = batch_outputs_write(w->outputs, w->state, d, &writing, &files);
    if (status) {
        ocrvl_buf_free(&files);
        return mend_results(w, d, status);
    }
    batch_record_outputs(&b, "d", d, &files);
    status = batch_record_line(&w->record, &b, false);
    ocrvl_buf_free(&b);
    ocrvl_buf_free(&files);
    return status;
}

/* Writes the outputs of the documents of the unit that are read and have none. */
static cli_exit write_unit(batch_worker *w)
{
    cli_exit status = CLI_EXIT_OK;
    w->told = 0;
    for (size_t i = 0; i < w->unit_count && !status; i++) {
        batch_doc *d = &w->state->docs[w->unit[i]];
        if (batch_doc_state(d) == BATCH_DOC_PENDING && batch_doc_read(d) && (!d->put_off || w->record.alone))
            status = write_document(w, d);
    }
    return status;
}

/* ---- units ------------------------------------------------------------------------------------------- */

/* Commits what was read, and takes it from the journal as anybody would. */
static cli_exit commit(batch_worker *w)
{
    cli_exit status = batch_record_commit(&w->record);
    return status ? status : batch_journals_refresh(w->state);
}

static cli_exit read_unit(batch_worker *w)
{
    cli_exit over = CLI_EXIT_OK;
    w->count = 0;
    w->open = 0;
    w->again = false;
    w->first_file = w->reading->file;
    for (size_t i = 0; i < w->unit_count && !over; i++)
        over = do_document(w, w->unit[i]);
    cli_exit rest = !over || over == CLI_EXIT_STOPPED ? cli_reading_drain(w->reading) : over;
    if (!rest)
        rest = commit(w);
    for (size_t i = 0; i < w->count && !rest; i++)
        rest = settle_document(w, &w->hand[i]);
    return rest ? rest : over;
}

cli_exit batch_work_unit(batch_worker *w, size_t from, size_t to)
{
    char unit[BATCH_UNIT];
    w->unit_count = to - from;
    if (!OCRVL_ARRAY_RESERVE(w->hand, w->cap, w->unit_count) ||
        !OCRVL_ARRAY_RESERVE(w->unit, w->unit_cap, w->unit_count))
        return batch_no_memory(w->log);
    for (size_t i = 0; i < w->unit_count; i++) /* the order may change when others find documents */
        w->unit[i] = w->state->order[from + i];
    batch_unit_name(unit, w->state->docs[w->unit[0]].unit);
    batch_record_unit(&w->record, unit);
    cli_exit over = read_unit(w), status = CLI_EXIT_OK;
    while (!over && w->again) {
        over = commit(w);
        if (!over)
            over = read_unit(w);
    }
    if (over && over != CLI_EXIT_STOPPED)
        return over;
    status = commit(w);
    if (!status && !w->end) /* the outputs of a document that is read in ranges are claimed for themselves */
        status = write_unit(w);
    if (!status)
        status = batch_file_sync(&w->record.journal, w->store);
    if (!status)
        status = batch_journals_refresh(w->state);
    if (!status && w->args->no_keep)
        status = batch_drop_unit(w->state, w->state->docs[w->unit[0]].unit);
    return status ? status : over;
}

/* Where the document is in the order of names. */
static bool find_in_order(const batch_state *s, const char *name, size_t *at)
{
    const batch_doc *d = batch_state_find(s, name);
    for (*at = 0; d && *at < s->count; ++*at)
        if (&s->docs[s->order[*at]] == d)
            return true;
    return false;
}

cli_exit batch_work_alone(batch_worker *w, const char *name, uint32_t page)
{
    size_t at;
    if (!find_in_order(w->state, name, &at))
        return CLI_EXIT_OK;
    const batch_doc *d = &w->state->docs[w->state->order[at]];
    if (page && batch_doc_ranges(d) > 1) {
        w->first = (page - 1) / d->per * d->per;
        w->end = w->first + d->per;
    }
    w->record.alone = true;
    w->reading->one_by_one = true;
    return batch_work_unit(w, at, at + 1);
}

cli_exit batch_work_give_up(batch_worker *w, const char *name, uint32_t page, const char *reason, const char *message)
{
    char unit[BATCH_UNIT];
    batch_doc *d = batch_state_find(w->state, name);
    if (!d || batch_doc_state(d) != BATCH_DOC_PENDING ||
        (page ? batch_doc_page(d, page - 1).status != BATCH_PENDING : batch_doc_read(d)))
        return CLI_EXIT_OK; /* somebody else has read it */
    batch_unit_name(unit, d->unit);
    batch_record_unit(&w->record, unit);
    cli_exit status =
        page ? record_absent(w, d, page - 1, reason, message) : record_unopened(w, d, "failed", reason, message);
    return status ? status : batch_record_commit(&w->record);
}

cli_exit batch_work_lose(batch_worker *w, const char *name, unsigned format, const char *reason, const char *message)
{
    batch_doc *d = batch_state_find(w->state, name);
    return d ? batch_record_loss(&w->record, w->state, d, format, reason, message) : CLI_EXIT_OK;
}

void batch_worker_free(batch_worker *w)
{
    batch_record_free(&w->record);
    ocrvl_free(w->hand);
    ocrvl_free(w->unit);
    batch_sizes_free(&w->sizes);
}
