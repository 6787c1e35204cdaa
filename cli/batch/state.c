#include "batch/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/gzip.h"

const char *const batch_page_status_names[] = {"pending", "ok", "blank", "partial", "skipped", "failed", "left", NULL};
const char *const batch_doc_status_names[] = {"pending", "done", "failed", "missing", "changed", "duplicate", NULL};
const char *const batch_reasons[] = {"none",  "format",   "unsupported", "limit", "timeout", "memory",
                                     "crash", "password", "io",          "model", "bug",     NULL};

unsigned batch_index_of(const char *const *names, const char *name)
{
    for (unsigned i = 1; name && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

/* ---- documents by name ------------------------------------------------------------------------------- */

static uint64_t hash(const char *s)
{
    uint64_t h = 1469598103934665603u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

static size_t slot_of(const batch_state *s, const char *name)
{
    size_t i = hash(name) & (s->slot_count - 1);
    while (s->slots[i] && strcmp(s->docs[s->slots[i] - 1].name, name) != 0)
        i = (i + 1) & (s->slot_count - 1);
    return i;
}

static bool grow_slots(batch_state *s)
{
    if ((s->count + 1) * 2 <= s->slot_count)
        return true;
    size_t n = s->slot_count ? s->slot_count * 2 : 1024;
    uint32_t *slots = ocrvl_alloc_array(n, sizeof *slots);
    if (!slots)
        return false;
    ocrvl_free(s->slots);
    s->slots = slots;
    s->slot_count = n;
    for (size_t i = 0; i < s->count; i++)
        s->slots[slot_of(s, s->docs[i].name)] = (uint32_t)i + 1;
    return true;
}

batch_doc *batch_state_find(const batch_state *s, const char *name)
{
    uint32_t at = s->slot_count ? s->slots[slot_of(s, name)] : 0;
    return at ? &s->docs[at - 1] : NULL;
}

/* The index of a text in a list, to which it is added if it isn't there. */
static bool text_index(char ***list, size_t *count, size_t *cap, const char *text, uint32_t *out)
{
    for (size_t i = *count; i-- > 0;)
        if (strcmp((*list)[i], text) == 0) {
            *out = (uint32_t)i;
            return true;
        }
    char *copy = ocrvl_strdup(text);
    if (!copy || !OCRVL_ARRAY_RESERVE(*list, *cap, *count + 1)) {
        ocrvl_free(copy);
        return false;
    }
    (*list)[*count] = copy;
    *out = (uint32_t)(*count)++;
    return true;
}

static void free_pages(batch_doc *d)
{
    if (d->room > 1)
        ocrvl_free(d->pages);
}

/* A new document, of which only the name is known. */
static batch_doc *new_doc(batch_state *s, const char *name)
{
    if (!grow_slots(s) || !OCRVL_ARRAY_RESERVE(s->docs, s->doc_cap, s->count + 1))
        return NULL;
    batch_doc *d = &s->docs[s->count];
    size_t size = strlen(name) + 1;
    *d = (batch_doc){.name = ocrvl_arena_take(&s->arena, size, 1)};
    if (!d->name)
        return NULL;
    memcpy(d->name, name, size);
    s->slots[slot_of(s, name)] = (uint32_t)++s->count;
    return d;
}

/* Where a document's image is: of each document another place, so that none is sought. */
static bool add_url(batch_state *s, batch_doc *d, const char *url)
{
    char *copy = ocrvl_strdup(url);
    if (!copy || !OCRVL_ARRAY_RESERVE(s->urls, s->url_cap, s->url_count + 1)) {
        ocrvl_free(copy);
        return false;
    }
    s->urls[s->url_count++] = copy;
    d->url = (uint32_t)s->url_count;
    return true;
}

/* Forgets what is said of the document's outputs by the line with that checksum, or by all lines if it is 0. */
static void forget_losses(batch_state *s, batch_doc *d, uint32_t line)
{
    size_t n = 0;
    uint16_t lost = 0;
    for (size_t i = 0; i < s->loss_count && d->lost; i++) {
        const batch_loss *l = &s->losses[i];
        bool of_it = l->doc == (uint32_t)(d - s->docs);
        if (of_it && (!line || l->line == line))
            continue;
        lost |= of_it ? (uint16_t)(1u << l->format) : 0;
        s->losses[n++] = *l;
    }
    s->loss_count = d->lost ? n : s->loss_count;
    d->lost = lost;
}

bool batch_state_written(batch_state *s, batch_doc *d, uint32_t sum, bool unfit)
{
    if (d->written && d->written != sum) {
        if (!OCRVL_ARRAY_RESERVE(s->rewritings, s->rewriting_cap, s->rewriting_count + 1))
            return false;
        s->rewritings[s->rewriting_count++] = (batch_rewriting){(uint32_t)(d - s->docs), d->written, d->unfit};
    }
    d->written = sum;
    d->unfit = unfit;
    return true;
}

void batch_state_settle(batch_state *s)
{
    for (size_t i = 0; i < s->rewriting_count; i++) {
        batch_rewriting *r = &s->rewritings[i], was;
        batch_doc *d = &s->docs[r->doc];
        uint32_t sum = batch_doc_sum(d);
        if (d->written == sum || r->sum != sum)
            continue;
        was = (batch_rewriting){r->doc, d->written, d->unfit};
        d->written = r->sum;
        d->unfit = r->unfit;
        *r = was;
    }
}

bool batch_state_lose(batch_state *s, batch_doc *d, unsigned format, unsigned reason, uint32_t line)
{
    for (size_t i = 0; i < s->loss_count && d->lost; i++)
        if (s->losses[i].doc == (uint32_t)(d - s->docs) && s->losses[i].line == line)
            return true; /* it is known */
    if (!OCRVL_ARRAY_RESERVE(s->losses, s->loss_cap, s->loss_count + 1))
        return false;
    s->losses[s->loss_count++] = (batch_loss){(uint32_t)(d - s->docs), line, (uint8_t)format, (uint8_t)reason};
    d->lost |= (uint16_t)(1u << format);
    return true;
}

cli_exit batch_state_add(batch_state *s, const char *root, const batch_input *in, uint32_t unit, uint64_t seen)
{
    char version[80];
    batch_doc *d = batch_state_find(s, in->name);
    uint32_t at = 0, of_mets = 0;
    if (d && (d->changes != in->changes ? d->changes > in->changes : d->seen > seen))
        return CLI_EXIT_OK;
    if (!text_index(&s->roots, &s->root_count, &s->root_cap, root, &at) ||
        (in->mets && !text_index(&s->metses, &s->mets_count, &s->mets_cap, in->mets, &of_mets)) ||
        (!d && !(d = new_doc(s, in->name))))
        return batch_no_memory(s->store->log);
    /* A file that is again what it once was is read again: its outputs are those of what it was meanwhile. */
    int n = snprintf(version, sizeof version, "%llu:%lld:%08x", (unsigned long long)in->size, (long long)in->mtime,
                     (unsigned)s->fingerprint);
    if (in->changes)
        snprintf(version + n, sizeof version - (size_t)n, ":%u", (unsigned)in->changes);
    uint32_t of = batch_crc32(version, strlen(version));
    if (d->of != of) { /* another state of the file: what was read of it is forgotten */
        free_pages(d);
        forget_losses(s, d, 0);
        *d = (batch_doc){.name = d->name,
                         .size = in->size,
                         .mtime = in->mtime,
                         .of = of,
                         .changes = in->changes,
                         .changed = d->of != 0};
    }
    d->root = at;
    d->mets = in->mets ? of_mets + 1 : 0;
    d->unit = unit;
    d->seen = seen < UINT32_MAX ? (uint32_t)seen : UINT32_MAX;
    if (in->url && !(d->url && strcmp(s->urls[d->url - 1], in->url) == 0) && !add_url(s, d, in->url))
        return batch_no_memory(s->store->log);
    return CLI_EXIT_OK;
}

char *batch_doc_path(const batch_state *s, const batch_doc *d)
{
    return d->url ? ocrvl_strdup(s->urls[d->url - 1]) : ocrvl_path_join(s->roots[d->root], d->name);
}

/* ---- results ----------------------------------------------------------------------------------------- */

bool batch_state_result(batch_state *s, const char *name, uint32_t *out)
{
    if (s->result_count && strcmp(s->results[s->result_count - 1], name) == 0) { /* as a rule */
        *out = (uint32_t)s->result_count - 1;
        return true;
    }
    char *copy = ocrvl_strdup(name);
    if (!copy || !OCRVL_ARRAY_RESERVE(s->results, s->result_cap, s->result_count + 1)) {
        ocrvl_free(copy);
        return false;
    }
    s->results[s->result_count] = copy;
    *out = (uint32_t)s->result_count++;
    return true;
}

bool batch_state_codes(batch_state *s, const char *codes, uint8_t *out)
{
    const size_t most = sizeof s->codes / sizeof *s->codes;
    size_t i = 0;
    while (i < s->code_count && strcmp(s->codes[i], codes) != 0)
        i++;
    if (i == s->code_count && i < most && !(s->codes[s->code_count++] = ocrvl_strdup(codes))) {
        s->code_count--;
        return false;
    }
    *out = i < most ? (uint8_t)(i + 1) : 0;
    return true;
}

const char *batch_page_why(const batch_state *s, const batch_page *p)
{
    return p->status == BATCH_PARTIAL && p->codes ? s->codes[p->codes - 1] : batch_reasons[p->reason];
}

/* Lines that were revoked: a hash table of their checksums with the document's index; 0 is an empty place. */
static uint64_t void_key(const batch_state *s, const batch_doc *d, uint32_t line)
{
    return ((uint64_t)(d - s->docs) + 1) << 32 | line;
}

static size_t void_slot(const batch_state *s, uint64_t key)
{
    size_t i = (key * 0x9E3779B97F4A7C15u >> 20) & (s->void_slots - 1);
    while (s->voids[i] && s->voids[i] != key)
        i = (i + 1) & (s->void_slots - 1);
    return i;
}

bool batch_state_is_void(const batch_state *s, const batch_doc *d, uint32_t line)
{
    return s->void_count && s->voids[void_slot(s, void_key(s, d, line))];
}

static bool grow_voids(batch_state *s)
{
    if ((s->void_count + 1) * 2 <= s->void_slots)
        return true;
    size_t n = s->void_slots ? s->void_slots * 2 : 64, was = s->void_slots;
    uint64_t *old = s->voids, *voids = ocrvl_alloc_array(n, sizeof *voids);
    if (!voids)
        return false;
    s->voids = voids;
    s->void_slots = n;
    for (size_t i = 0; i < was; i++)
        if (old[i])
            s->voids[void_slot(s, old[i])] = old[i];
    ocrvl_free(old);
    return true;
}

static bool put_void(batch_state *s, uint64_t key)
{
    if (!grow_voids(s))
        return false;
    size_t i = void_slot(s, key);
    s->void_count += s->voids[i] == 0;
    s->voids[i] = key;
    return true;
}

bool batch_state_void(batch_state *s, batch_doc *d, uint32_t line)
{
    if (!put_void(s, void_key(s, d, line)))
        return false;
    d->revoked++;
    for (uint32_t p = 0; p < d->known; p++)
        if (d->pages[p].line == line)
            d->pages[p] = (batch_page){.status = BATCH_PENDING};
    if (d->line == line)
        d->status = BATCH_DOC_PENDING;
    forget_losses(s, d, line);
    return true;
}

/* Units whose outputs were begun lie in the same table, where no document is. */
static uint64_t begun_key(uint32_t unit) { return (uint64_t)UINT32_MAX << 32 | unit; }

bool batch_state_begun(batch_state *s, uint32_t unit) { return put_void(s, begun_key(unit)); }

bool batch_state_was_begun(const batch_state *s, uint32_t unit)
{
    return s->void_count && s->voids[void_slot(s, begun_key(unit))];
}

bool batch_state_end(batch_state *s, const char *process)
{
    uint32_t at;
    return text_index(&s->ended, &s->ended_count, &s->ended_cap, process, &at);
}

bool batch_state_was_ended(const batch_state *s, const char *process)
{
    for (size_t i = 0; i < s->ended_count; i++)
        if (strcmp(s->ended[i], process) == 0)
            return true;
    return false;
}

void batch_unit_name(char name[BATCH_UNIT], uint32_t unit) { snprintf(name, BATCH_UNIT, "%08x", (unsigned)unit); }

void batch_claim_name(char name[BATCH_CLAIM], const batch_doc *d, bool ranges, uint32_t range)
{
    snprintf(name, BATCH_CLAIM, ranges ? "%08x-%u" : "%08x", (unsigned)d->unit, (unsigned)range);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

batch_page batch_doc_page(const batch_doc *d, uint32_t page)
{
    return page < d->known ? d->pages[page] : (batch_page){.status = BATCH_PENDING};
}

/* Gives the document room for so many pages, more than it has. */
static bool make_room(batch_state *s, batch_doc *d, size_t room)
{
    batch_page *had = d->room > 1 ? d->pages : NULL;
    batch_page *pages = room == 1 ? ocrvl_arena_take(&s->arena, sizeof *pages, _Alignof(batch_page))
                                  : ocrvl_realloc_array(had, room, sizeof *pages);
    if (!pages)
        return false;
    if (!had && d->known)
        memcpy(pages, d->pages, d->known * sizeof *pages);
    d->pages = pages;
    d->room = (uint32_t)room;
    return true;
}

bool batch_doc_reserve(batch_state *s, batch_doc *d, uint32_t count)
{
    /* As a rule all are known, and most documents have one. */
    if (count > d->room && !make_room(s, d, count < d->total ? d->total : count < 8 ? count : (size_t)count * 2))
        return false;
    while (d->known < count)
        d->pages[d->known++] = (batch_page){.status = BATCH_PENDING};
    return true;
}

bool batch_state_wants(const batch_state *s, uint32_t page)
{
    for (size_t i = 0; s->pages && i < s->pages->count; i++)
        if (page >= s->pages->spans[i].first && (!s->pages->spans[i].last || page <= s->pages->spans[i].last))
            return true;
    return !s->pages;
}

bool batch_doc_set_total(batch_state *s, batch_doc *d, uint32_t total)
{
    d->total = total;
    if (!s->pages)
        return true;
    if (!batch_doc_reserve(s, d, total))
        return false;
    for (uint32_t i = 0; i < total; i++)
        if (d->pages[i].status == BATCH_PENDING && !batch_state_wants(s, i + 1))
            d->pages[i].status = BATCH_LEFT;
    return true;
}

uint32_t batch_doc_ranges(const batch_doc *d) { return d->per && d->total > d->per ? (d->total - 1) / d->per + 1 : 1; }

bool batch_doc_range_pending(const batch_doc *d, uint32_t range)
{
    uint64_t from = (uint64_t)range * d->per, to = from + d->per;
    for (uint64_t i = from; i < to && i < d->total; i++)
        if (batch_doc_page(d, (uint32_t)i).status == BATCH_PENDING)
            return true;
    return false;
}

bool batch_doc_read(const batch_doc *d)
{
    if (!d->total || d->known < d->total)
        return false;
    for (uint32_t i = 0; i < d->total; i++)
        if (d->pages[i].status == BATCH_PENDING)
            return false;
    return true;
}

bool batch_doc_duplicate(const batch_doc *d)
{
    for (uint32_t i = 0; i < d->known; i++)
        if (d->pages[i].taken)
            return true;
    return false;
}

uint32_t batch_doc_count(const batch_doc *d)
{
    uint32_t n = d->total;
    for (uint32_t i = 0; i < d->known; i++)
        n -= d->pages[i].status == BATCH_LEFT;
    return n;
}

uint32_t batch_doc_sum(const batch_doc *d)
{
    uint32_t sum = (d->total + ((uint32_t)d->lost << 15) + d->changes * 40503u) * 2654435761u;
    for (uint32_t i = 0; i < d->known; i++)
        sum = (sum << 5 | sum >> 27) ^ (d->pages[i].crc + i);
    return sum ? sum : 1;
}

batch_doc_status batch_doc_state(const batch_doc *d)
{
    if (d->status == BATCH_DOC_FAILED || d->status == BATCH_DOC_MISSING)
        return (batch_doc_status)d->status;
    return batch_doc_read(d) && d->written == batch_doc_sum(d) ? BATCH_DOC_DONE : BATCH_DOC_PENDING;
}

/* ---- all --------------------------------------------------------------------------------------------- */

typedef struct named {
    const char *name;
    uint32_t at;
} named;

static int compare(const void *a, const void *b) { return strcmp(((const named *)a)->name, ((const named *)b)->name); }

/* Puts the documents' indices in the order of their names, which as a rule they have already. */
static bool sort_order(batch_state *s)
{
    size_t sorted = 0;
    while (sorted + 1 < s->count && strcmp(s->docs[sorted].name, s->docs[sorted + 1].name) < 0)
        sorted++;
    if (sorted + 1 >= s->count) {
        for (size_t i = 0; i < s->count; i++)
            s->order[i] = (uint32_t)i;
        return true;
    }
    named *all = ocrvl_alloc_array(s->count, sizeof *all);
    if (!all)
        return false;
    for (size_t i = 0; i < s->count; i++)
        all[i] = (named){s->docs[i].name, (uint32_t)i};
    qsort(all, s->count, sizeof *all, compare);
    for (size_t i = 0; i < s->count; i++)
        s->order[i] = all[i].at;
    ocrvl_free(all);
    return true;
}

cli_exit batch_state_sort(batch_state *s)
{
    bool done = OCRVL_ARRAY_RESERVE(s->order, s->order_cap, s->count + 1) && sort_order(s);
    return done ? CLI_EXIT_OK : batch_no_memory(s->store->log);
}

void batch_state_free(batch_state *s)
{
    for (size_t i = 0; i < s->count; i++)
        free_pages(&s->docs[i]);
    for (size_t i = 0; i < s->root_count; i++)
        ocrvl_free(s->roots[i]);
    for (size_t i = 0; i < s->result_count; i++)
        ocrvl_free(s->results[i]);
    for (size_t i = 0; i < s->code_count; i++)
        ocrvl_free(s->codes[i]);
    for (size_t i = 0; i < s->journal_count; i++)
        ocrvl_free(s->journals[i].name);
    ocrvl_arena_free(&s->arena);
    ocrvl_free(s->docs);
    ocrvl_free(s->order);
    ocrvl_free(s->slots);
    for (size_t i = 0; i < s->mets_count; i++)
        ocrvl_free(s->metses[i]);
    for (size_t i = 0; i < s->url_count; i++)
        ocrvl_free(s->urls[i]);
    for (size_t i = 0; i < s->ended_count; i++)
        ocrvl_free(s->ended[i]);
    ocrvl_free(s->ended);
    ocrvl_free(s->losses);
    ocrvl_free(s->rewritings);
    ocrvl_free(s->roots);
    ocrvl_free(s->metses);
    ocrvl_free(s->urls);
    ocrvl_free(s->results);
    ocrvl_free(s->journals);
    ocrvl_free(s->voids);
    memset(s, 0, sizeof *s);
}
