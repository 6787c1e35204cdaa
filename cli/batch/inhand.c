#include "batch/inhand.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/line.h"

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

static bool begin(batch_begun_list *l, const char *doc, uint32_t page)
{
    char *copy = ocrvl_strdup(doc);
    if (!copy || !OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1)) {
        ocrvl_free(copy);
        return false;
    }
    l->items[l->count++] = (batch_begun){copy, page};
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
        good = begin(l, d->name, 0);
    }
    return good;
}

/* name: a buffer to work in. */
static bool take_line(batch_begun_list *l, const batch_state *state, const batch_line *line, ocrvl_buf *name)
{
    uint32_t page = (uint32_t)batch_line_count_of(line, "p");
    bool named = batch_line_name_of(line, "doc", name), good, writes = batch_line_is(line, "t", "w");
    if (!named && writes)
        return begin_unit(l, state, batch_line_hex_of(line, "u", &good));
    if (!named)
        return !name->failed;
    if (writes || batch_line_is(line, "t", "d"))
        end(l, name->data, 0, true);
    if (writes)
        return begin(l, name->data, 0);
    if (batch_line_is(line, "t", "b")) {
        end(l, name->data, 0, false); /* it is open */
        return begin(l, name->data, page);
    }
    if (batch_line_is(line, "t", "p")) {
        end(l, name->data, page, false);
        if (page == 1)
            end(l, name->data, 0, false);
    }
    return true;
}

cli_exit batch_begun_read(batch_begun_list *l, const batch_state *state, const char *process)
{
    const batch_store *store = state->store;
    char name[220];
    const uint8_t *data;
    size_t len, at = 0;
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
    for (const uint8_t *end_of; memory && at < len && (end_of = memchr(data + at, '\n', len - at));) {
        size_t n = (size_t)(end_of - data) - at;
        batch_line line;
        memory = !batch_line_parse(&line, (const char *)data + at, n) || take_line(l, state, &line, &text);
        at += n + 1;
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
