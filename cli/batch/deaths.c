#include "batch/deaths.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "batch/inhand.h"

/* Whether the document, or the page of it, is still to be read. */
static bool is_pending(const batch_doc *d, uint32_t page)
{
    return batch_doc_state(d) == BATCH_DOC_PENDING &&
           (batch_doc_read(d) || batch_doc_page(d, page - 1).status == BATCH_PENDING);
}

static bool add(batch_deaths *l, const batch_state *s, const batch_begun *begun)
{
    const batch_doc *d = batch_state_find(s, begun->doc);
    uint32_t page = begun->page ? begun->page : 1; /* who dies while a document is opened dies of its first page */
    if (!d || !is_pending(d, page) || (begun->writing && d->lost & 1u << begun->writing))
        return true;
    struct batch_death *at = NULL;
    for (size_t i = 0; i < l->count && !at; i++)
        if (l->items[i].doc == (uint32_t)(d - s->docs) && l->items[i].page == page &&
            l->items[i].writing == begun->writing)
            at = &l->items[i];
    if (!at) {
        if (!OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1))
            return false;
        at = &l->items[l->count++];
        *at = (struct batch_death){.doc = (uint32_t)(d - s->docs), .page = page, .writing = begun->writing};
    }
    at->together += !begun->alone;
    at->alone += begun->alone;
    return true;
}

/* Whether the process is gone, and nobody has taken care of what it had in hand. */
static bool is_lost(const batch_state *s, batch_claim *claim, const char *process)
{
    char name[220];
    snprintf(name, sizeof name, ".%.200s", process);
    return !batch_state_was_ended(s, process) && !batch_claim_is_held(claim, name);
}

cli_exit batch_deaths_count(batch_deaths *l, batch_state *s, batch_claim *claim)
{
    cli_exit status = CLI_EXIT_OK;
    bool memory = true;
    for (size_t i = 0; i < s->journal_count && !status && memory; i++) {
        char process[220];
        batch_begun_list begun = {0};
        const batch_journal *j = &s->journals[i];
        snprintf(process, sizeof process, "%.*s", (int)(strlen(j->name) - strlen(".jsonl")), j->name);
        if (j->inputs || !is_lost(s, claim, process))
            continue;
        status = batch_begun_read(&begun, s, process);
        for (size_t b = 0; b < begun.count && memory; b++)
            memory = add(l, s, &begun.items[b]);
        batch_begun_free(&begun);
    }
    for (size_t i = 0; i < l->count; i++)
        s->docs[l->items[i].doc].put_off |= l->items[i].together >= BATCH_PUT_OFF;
    return memory ? status : batch_no_memory(s->store->log);
}

void batch_deaths_free(batch_deaths *l)
{
    ocrvl_free(l->items);
    *l = (batch_deaths){0};
}
