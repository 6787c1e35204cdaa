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

/* Takes ownership of doc. */
static bool begin(batch_begun_list *l, char *doc, uint32_t page)
{
    if (!OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1)) {
        ocrvl_free(doc);
        return false;
    }
    l->items[l->count++] = (batch_begun){doc, page};
    return true;
}

static bool take_line(batch_begun_list *l, const ocrvl_json *o)
{
    const char *type = batch_line_get(o, "t");
    char *doc = type ? batch_line_get_name(o, "doc") : NULL;
    uint32_t page = (uint32_t)batch_line_get_count(o, "page");
    if (!doc)
        return true;
    bool writes = strcmp(type, "write") == 0;
    if (writes || strcmp(type, "doc") == 0)
        end(l, doc, 0, true);
    if (writes)
        return begin(l, doc, 0);
    if (strcmp(type, "begin") == 0) {
        end(l, doc, 0, false); /* it is open */
        return begin(l, doc, page);
    }
    if (strcmp(type, "page") == 0)
        end(l, doc, page, false);
    ocrvl_free(doc);
    return true;
}

cli_exit batch_begun_read(batch_begun_list *l, const batch_store *store, const char *process)
{
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
    for (const uint8_t *end_of; memory && at < len && (end_of = memchr(data + at, '\n', len - at));) {
        size_t n = (size_t)(end_of - data) - at;
        ocrvl_json *o = batch_line_parse((const char *)data + at, n);
        memory = !o || take_line(l, o);
        ocrvl_json_free(o);
        at += n + 1;
    }
    ocrvl_file_unmap(data, len);
    return memory ? CLI_EXIT_OK : batch_no_memory(store->log);
}

void batch_begun_free(batch_begun_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_free(l->items[i].doc);
    ocrvl_free(l->items);
    *l = (batch_begun_list){0};
}
