#include "batch/deaths.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "batch/inhand.h"

/* Whether what was begun is still to be done. */
static bool is_pending(const batch_doc *d, const batch_begun *begun)
{
    if (batch_doc_state(d) != BATCH_DOC_PENDING || begun->outputs != batch_doc_read(d))
        return false;
    return begun->outputs || !begun->page || batch_doc_page(d, begun->page - 1).status == BATCH_PENDING;
}

static bool add(batch_deaths *l, const batch_state *s, const batch_begun *begun)
{
    const batch_doc *d = batch_state_find(s, begun->doc);
    if (!d || !is_pending(d, begun) || (begun->writing && d->lost & 1u << begun->writing))
        return true;
    uint32_t page = begun->page;
    if (!begun->outputs && (!page || (page == 1 && !d->known && !d->total)))
        page = batch_begun_page(s, d, 1);
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

bool batch_death_is_of_it(const struct batch_death *death)
{
    return death->alone >= BATCH_GIVE_UP && death->together + death->alone >= BATCH_PUT_OFF + BATCH_GIVE_UP;
}

/* Who has died of all outputs of a document may have died of any of them. */
static void count_outputs(batch_deaths *l)
{
    for (size_t i = 0; i < l->count; i++)
        for (size_t all = 0; all < l->count && l->items[i].writing; all++)
            if (l->items[all].doc == l->items[i].doc && !l->items[all].writing)
                l->items[i].together += l->items[all].together;
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
    count_outputs(l);
    for (size_t i = 0; i < l->count; i++)
        s->docs[l->items[i].doc].put_off |= l->items[i].together + l->items[i].alone >= BATCH_PUT_OFF;
    return memory ? status : batch_no_memory(s->store->log);
}

void batch_deaths_free(batch_deaths *l)
{
    ocrvl_free(l->items);
    *l = (batch_deaths){0};
}
