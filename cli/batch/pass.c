/* Goes through the units of work, and does those that nobody else does. */
#include <time.h>

#include "base/clock.h"
#include "batch/journals.h"
#include "batch/scan.h"
#include "batch/work.h"
#include "signals.h"

/* How often a process looks whether another one has counted a document's pages. */
enum { MAX_WAITS = 100 };

/* The end of the unit that begins there. */
static size_t unit_end(const batch_state *s, size_t from)
{
    size_t to = from + 1;
    while (to < s->count && s->docs[s->order[to]].unit == s->docs[s->order[from]].unit)
        to++;
    return to;
}

static bool unit_pending(const batch_state *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (batch_doc_state(&s->docs[s->order[i]]) == BATCH_DOC_PENDING && !s->docs[s->order[i]].put_off)
            return true;
    return false;
}

static bool is_of(const batch_shard *shard, uint64_t unit)
{
    return !shard->count || unit % shard->count == shard->index;
}

/* The ranges of the document that the unit is which have pending pages; 0: it isn't read in ranges, or all are read. */
static uint32_t pending_ranges(const batch_state *s, size_t from, size_t to)
{
    const batch_doc *d = &s->docs[s->order[from]];
    uint32_t n = 0, ranges = to - from == 1 && !d->put_off ? batch_doc_ranges(d) : 1;
    for (uint32_t i = 0; i < ranges && ranges > 1; i++)
        n += batch_doc_range_pending(d, i);
    return n;
}

/* Whether the unit is a document whose pages nobody has counted yet, and may be many. */
static bool is_uncounted(const batch_state *s, size_t from, size_t to)
{
    const batch_doc *d = &s->docs[s->order[from]];
    return to - from == 1 && !d->total && !d->url && !d->mets && !s->pages && batch_may_have_pages(d->name);
}

static size_t count_units(const batch_state *s, const batch_shard *shard, size_t uncounted)
{
    size_t n = 0;
    uint64_t number = 0;
    for (size_t from = 0; from < s->count; number++) {
        size_t to = unit_end(s, from);
        uint32_t ranges = pending_ranges(s, from, to);
        if (is_of(shard, number) && unit_pending(s, from, to))
            n += ranges ? ranges : is_uncounted(s, from, to) ? uncounted : 1;
        from = to;
    }
    return n;
}

size_t batch_pending_units(const batch_state *s, const batch_shard *shard) { return count_units(s, shard, 1); }

size_t batch_pending_put_off(const batch_state *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->docs[i].put_off && batch_doc_state(&s->docs[i]) == BATCH_DOC_PENDING;
    return n;
}

size_t batch_pending_most(const batch_state *s, const batch_shard *shard) { return count_units(s, shard, 256); }

/* Looks at the journals, if the last look is older than that. */
static cli_exit look(batch_worker *w, double seconds)
{
    if (ocrvl_clock() - w->looked < seconds)
        return CLI_EXIT_OK;
    w->looked = ocrvl_clock();
    return batch_journals_refresh(w->state);
}

/* Does a unit, or with `ranges` a range of its document's pages, if nobody else does. */
static cli_exit try_unit(batch_worker *w, size_t from, size_t to, bool ranges, uint32_t range, bool *did)
{
    char name[BATCH_CLAIM];
    bool got;
    uint32_t index = w->state->order[from];
    batch_claim_name(name, &w->state->docs[index], ranges, range);
    cli_exit status = batch_claim_take(w->claim, name, &got);
    if (status || !got) {
        w->held++;
        w->opening |= is_uncounted(w->state, from, to);
        return status;
    }
    size_t count = w->state->count;
    status = look(w, 0);
    const batch_doc *d = &w->state->docs[index];
    bool same = w->state->count == count; /* or else the order may be another one: the next pass will do it */
    bool pending = !same || (ranges ? batch_doc_range_pending(d, range) : unit_pending(w->state, from, to));
    *did |= pending;
    w->first = ranges ? range * d->per : 0;
    w->end = ranges ? w->first + d->per : 0;
    if (!status && same && pending)
        status = batch_work_unit(w, from, to);
    w->first = w->end = 0;
    batch_claim_release(w->claim);
    return status;
}

/* Does what nobody else does of a document that is read in ranges. */
static cli_exit try_ranges(batch_worker *w, size_t from, bool *did)
{
    uint32_t index = w->state->order[from];
    size_t count = w->state->count;
    cli_exit over = CLI_EXIT_OK;
    for (uint32_t i = 0; i < batch_doc_ranges(&w->state->docs[index]) && !over && w->state->count == count; i++) {
        if (cli_signals_stopped())
            over = CLI_EXIT_STOPPED;
        else if (batch_doc_range_pending(&w->state->docs[index], i))
            over = try_unit(w, from, from + 1, true, i, did);
    }
    return over;
}

/* Goes through all units once. */
static cli_exit pass(batch_worker *w, bool *did)
{
    cli_exit over = CLI_EXIT_OK;
    uint64_t number = 0;
    w->held = 0;
    w->opening = false;
    for (size_t from = 0; from < w->state->count && !over; number++) {
        size_t to = unit_end(w->state, from);
        bool mine = is_of(&w->shard, number);
        if (cli_signals_stopped())
            over = CLI_EXIT_STOPPED;
        else if (mine && pending_ranges(w->state, from, to))
            over = try_ranges(w, from, did);
        else if (mine && unit_pending(w->state, from, to))
            over = try_unit(w, from, to, false, 0, did);
        from = to;
    }
    return over;
}

cli_exit batch_work(batch_worker *w)
{
    bool did = true;
    unsigned waited = 0;
    cli_exit over = CLI_EXIT_OK;
    w->record.committed = ocrvl_clock();
    while (did && !over) { /* it ends only after a look that found nothing */
        if (w->opening) {
            static const struct timespec pause = {0, 100000000};
            (void)nanosleep(&pause, NULL);
        }
        did = false;
        over = look(w, 0);
        if (!over)
            over = pass(w, &did);
        did |= w->opening && waited++ < MAX_WAITS; /* there will be more to do once its pages are counted */
    }
    return over;
}
