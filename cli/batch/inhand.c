#include "batch/inhand.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/line.h"

/* How much of a journal's end is looked at: some hundred lines. */
enum { TAIL = 1 << 18 };

/* Takes away what is no longer in hand: that page, or all of the document. */
static void end(batch_begun_list *l, const char *doc, uint32_t page, bool all)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        bool over = strcmp(l->items[i].doc, doc) == 0 && (all || l->items[i].page == page);
        if (over)
            ocrvl_free(l->items[i].doc);
        else
            l->items[n++] = l->items[i];
    }
    l->count = n;
}

/* Copies the name. */
static bool begin(batch_begun_list *l, batch_begun begun)
{
    end(l, begun.doc, begun.page, false); /* it may have been left */
    char *copy = ocrvl_strdup(begun.doc);
    if (!copy || !OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1)) {
        ocrvl_free(copy);
        return false;
    }
    begun.doc = copy;
    l->items[l->count++] = begun;
    return true;
}

/* Of a unit whose outputs were begun: the documents that are read and have none. */
static bool begin_unit(batch_begun_list *l, const batch_state *state, uint32_t unit)
{
    bool good = true;
    for (size_t i = 0; i < state->count && good; i++) {
        const batch_doc *d = &state->docs[i];
        if (d->unit != unit || batch_doc_state(d) != BATCH_DOC_PENDING || !batch_doc_read(d))
            continue;
        end(l, d->name, 0, true);
        good = begin(l, (batch_begun){.doc = d->name, .outputs = true});
    }
    return good;
}

static bool is_unit_written(const char *line, size_t len)
{
    static const char writes[] = "{\"t\":\"w\",\"u\"";
    return len > sizeof writes && memcmp(line, writes, sizeof writes - 1) == 0;
}

/* Where the last lines begin, and which of them is the last that says that a unit is being written. */
static size_t find_tail(const char *data, size_t len, size_t *written)
{
    size_t from = len > TAIL ? len - TAIL : 0;
    const char *end = from ? memchr(data + from, '\n', len - from) : NULL;
    from = end ? (size_t)(end - data) + 1 : from;
    *written = SIZE_MAX;
    for (size_t at = from; at < len && (end = memchr(data + at, '\n', len - at)); at = (size_t)(end - data) + 1)
        if (is_unit_written(data + at, (size_t)(end - data) - at))
            *written = at;
    return from;
}

/* Whether what the line tells of is still so, and no page was made pending again since. */
static bool is_current(const batch_state *state, const batch_line *line, const char *doc)
{
    bool told;
    const batch_doc *d = batch_state_find(state, doc);
    uint32_t of = batch_line_hex_of(line, "of", &told);
    return d && (!told || (of == d->of && batch_line_count_of(line, "again") == d->revoked));
}

/* name: a buffer to work in. */
static bool take_line(batch_begun_list *l, const batch_state *state, const batch_line *line, ocrvl_buf *name)
{
    uint32_t page = (uint32_t)batch_line_count_of(line, "p");
    bool named = batch_line_name_of(line, "doc", name), good, writes = batch_line_is(line, "t", "w");
    bool begins = batch_line_is(line, "t", "b");
    if (!named && writes)
        return begin_unit(l, state, batch_line_hex_of(line, "u", &good));
    if (!named)
        return !name->failed;
    if (writes || batch_line_is(line, "t", "d"))
        end(l, name->data, 0, true);
    if (begins)
        end(l, name->data, 0, false); /* it is open */
    if (writes || begins) {
        batch_begun it = {.doc = name->data, .page = page, .alone = batch_line_has(line, "alone"), .outputs = writes};
        it.writing = writes ? batch_line_format(line, "f") : 0;
        return !is_current(state, line, name->data) || begin(l, it);
    }
    l->did |= !batch_line_is(line, "t", "n");
    if (batch_line_is(line, "t", "n") && batch_line_has(line, "per"))
        end(l, name->data, 0, false); /* its ranges are begun for themselves */
    if (batch_line_is(line, "t", "p")) {
        end(l, name->data, page, false);
        if (page == 1)
            end(l, name->data, 0, false);
    }
    return true;
}

uint32_t batch_begun_page(const batch_state *state, const batch_doc *d, uint32_t from)
{
    uint32_t end = d->total > d->known ? d->total : d->known, i = from > 1 ? from - 1 : 0;
    while (i < end && !(batch_state_wants(state, i + 1) && batch_doc_page(d, i).status == BATCH_PENDING))
        i++;
    return i < end ? i + 1 : d->known && !d->total ? end + 1 : 0;
}

cli_exit batch_begun_read(batch_begun_list *l, const batch_state *state, const char *process)
{
    const batch_store *store = state->store;
    char name[220];
    const uint8_t *data;
    size_t len, written;
    snprintf(name, sizeof name, "%s.jsonl", process);
    char *path = batch_store_path(store, "journal", name);
    if (!path)
        return CLI_EXIT_LIMIT;
    bool there = ocrvl_file_exists(path) && ocrvl_file_map(&data, &len, path, NULL) == OCRVL_OK;
    ocrvl_free(path);
    if (!there)
        return CLI_EXIT_OK;
    bool memory = true;
    ocrvl_buf text = {0};
    const char *lines = (const char *)data, *end_of;
    size_t at = find_tail(lines, len, &written);
    for (; memory && at < len && (end_of = memchr(lines + at, '\n', len - at)); at = (size_t)(end_of - lines) + 1) {
        size_t n = (size_t)(end_of - lines) - at;
        batch_line line;
        if (at == written || !is_unit_written(lines + at, n))
            memory = !batch_line_parse(&line, lines + at, n) || take_line(l, state, &line, &text);
    }
    ocrvl_file_unmap(data, len);
    ocrvl_buf_free(&text);
    return memory ? CLI_EXIT_OK : batch_no_memory(store->log);
}

void batch_begun_free(batch_begun_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_free(l->items[i].doc);
    ocrvl_free(l->items);
    *l = (batch_begun_list){0};
}
