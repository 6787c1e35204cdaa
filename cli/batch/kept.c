#include "batch/kept.h"

#include "base/mem.h"
#include "batch/gzip.h"
#include "reading.h"

/* The longest JSON of a page that is believed. */
#define MAX_PAGE ((size_t)1 << 30)

enum { WAITING = CLI_STRUCTURE_AHEAD + 2 };

typedef struct waiting { /* where a page comes from; its place is its reader's */
    ocrvl_buf text;
    ocrvl_results *in;
    ocrvl_page_place place;
} waiting;

struct batch_kept {
    const batch_state *state;
    const batch_doc *doc;
    batch_told told;
    bool begun, now; /* now: the page that came last needs wait for no other */
    uint32_t next;   /* the page that is read next */
    ocrvl_structure *structure;
    waiting waiting[WAITING]; /* a ring; the first is that of the page in the caller's hand, if `held` */
    size_t first, count;
    ocrvl_page *held;
};

cli_exit batch_result_read(const batch_state *state, const batch_page *page, ocrvl_buf *text)
{
    ocrvl_buf member = {0};
    ocrvl_error err = {0};
    const batch_store *store = state->store;
    char *path = batch_store_path(store, "results", state->results[page->file]);
    if (!path)
        return CLI_EXIT_LIMIT;
    int e = batch_read_at(&member, path, page->offset, page->length);
    cli_exit status = e ? batch_store_failed(store, path, e) : CLI_EXIT_OK;
    if (!status && batch_gunzip(text, member.data, member.len, MAX_PAGE, &err)) {
        cli_error(store->log, path, 0, "the member at %llu: %s", (unsigned long long)page->offset, err.message);
        status = cli_exit_of(err.status, CLI_EXIT_OUTPUT);
    }
    if (!status && batch_crc32(text->data, text->len) != page->crc) {
        cli_error(store->log, path, 0, "the result at %llu is not the one that was recorded",
                  (unsigned long long)page->offset);
        status = CLI_EXIT_OUTPUT;
    }
    ocrvl_buf_free(&member);
    ocrvl_free(path);
    return status;
}

cli_exit batch_kept_open(batch_kept **out, const batch_state *state, const batch_doc *doc, batch_told told)
{
    batch_kept *k = ocrvl_alloc(sizeof *k);
    *out = NULL;
    if (k)
        *k = (batch_kept){.state = state, .doc = doc, .told = told};
    if (!k || ocrvl_structure_new(&k->structure, told ? CLI_STRUCTURE_AHEAD : 0, NULL)) {
        ocrvl_free(k);
        return batch_no_memory(state->store->log);
    }
    *out = k;
    return CLI_EXIT_OK;
}

static void free_waiting(waiting *w)
{
    ocrvl_results_free(w->in);
    ocrvl_buf_free(&w->text);
    *w = (waiting){0};
}

/* Whether the page's text was read, or there is none: what isn't so has text of its own. */
static bool was_read(const ocrvl_page *page)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    return info.output_tokens > 0 || !*info.text;
}

/* Reads the next page, which then waits for those after it. */
static cli_exit take_page(batch_kept *k, const batch_page *page)
{
    waiting *w = &k->waiting[(k->first + k->count) % WAITING];
    ocrvl_page *tree = NULL;
    ocrvl_error err;
    const char *file = k->state->results[page->file];
    *w = (waiting){.place = {.size = sizeof w->place}};
    cli_exit status = batch_result_read(k->state, page, &w->text);
    k->count++;
    if (status)
        return status;
    ocrvl_status st = ocrvl_results_open_memory(&w->in, w->text.data, w->text.len, file, &err);
    if (!st)
        st = ocrvl_results_next(w->in, &tree, &w->place, &err);
    if (!st && !tree)
        st = OCRVL_E_FORMAT;
    k->now = !st && k->told == BATCH_TOLD_AT_ONCE && was_read(tree);
    if (!st)
        st = ocrvl_structure_add(k->structure, tree, !k->told || !k->begun, &err);
    k->begun = true;
    if (!st)
        return CLI_EXIT_OK;
    if (st == OCRVL_E_NOMEM)
        return batch_no_memory(k->state->store->log);
    cli_error(k->state->store->log, file, 0, "the result at %llu can't be read", (unsigned long long)page->offset);
    return cli_exit_of(st, CLI_EXIT_OUTPUT);
}

static void drop(batch_kept *k)
{
    if (!k->held)
        return;
    ocrvl_page_free(k->held);
    k->held = NULL;
    free_waiting(&k->waiting[k->first]);
    k->first = (k->first + 1) % WAITING;
    k->count--;
}

cli_exit batch_kept_next(batch_kept *k, const ocrvl_page **page, ocrvl_page_place *place)
{
    cli_exit status = CLI_EXIT_OK;
    drop(k);
    while (!status && !(k->held = ocrvl_structure_next(k->structure, k->now || k->next == k->doc->total)) &&
           k->next < k->doc->total) {
        const batch_page *p = &k->doc->pages[k->next++];
        if (p->status != BATCH_LEFT)
            status = take_page(k, p);
    }
    *page = k->held;
    if (k->held)
        *place = k->waiting[k->first].place;
    return status;
}

void batch_kept_free(batch_kept *k)
{
    if (!k)
        return;
    drop(k);
    for (; k->count > 0; k->count--, k->first = (k->first + 1) % WAITING)
        free_waiting(&k->waiting[k->first]);
    ocrvl_structure_free(k->structure);
    ocrvl_free(k);
}
