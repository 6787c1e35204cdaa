#include "batch/supervise.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "batch/counts.h"
#include "batch/inhand.h"
#include "batch/journals.h"
#include "batch/line.h"
#include "batch/progress.h"
#include "batch/spawn.h"
#include "batch/worker.h"
#include "signals.h"

enum { TICK = 100, MAX_IDLE_DEATHS = 3 }; /* milliseconds; deaths in a row that nothing in hand is to blame for */

typedef struct slot { /* a place for one worker */
    batch_child child;
    bool over;                 /* its last worker found nothing to do, or was stopped */
    bool timed_out;            /* it was killed by us, since it did nothing for too long */
    double alive;              /* when its journal last grew */
    off_t size;                /* of its journal then */
    char *alone;               /* the document that its worker does alone, or NULL, */
    char page[12];             /* and the page that another one has died of */
    batch_begun_list suspects; /* documents that are to be done alone, before others */
    batch_claim claim;         /* on the unit that the suspects are in */
    char claim_name[160];
    unsigned idle_deaths; /* in a row, of workers that had finished nothing */
    bool dead;            /* too many: it gets no more workers */
} slot;

typedef struct coordinator {
    const batch_coordinator *c;
    batch_setup *s;
    slot *slots;         /* [jobs] */
    batch_worker booker; /* for pages that nobody could read */
    batch_file list;
    batch_claim no_claim;
    batch_progress progress;
    struct {
        bool on;
        batch_failures are;
    } failures;
    cli_exit failed; /* what a worker could not go on for */
    double stopped;  /* when the signal came; 0: none did */
    double touched, refreshed;
    size_t put_off; /* documents before this one were looked at, whether they are put off */
} coordinator;

/* ---- workers ----------------------------------------------------------------------------------------- */

static bool start(coordinator *k, slot *t)
{
    static char quiet[] = "--quiet", silent[] = "--no-progress", one[] = "--threads=1", none[] = "", name[] = "run";
    const batch_coordinator *c = k->c;
    char **words = ocrvl_alloc_array(c->count + 7, sizeof *words), open[24] = "";
    size_t n = 0;
    if (k->s->args.decoders)
        snprintf(open, sizeof open, "%llu", (unsigned long long)(k->s->args.decoders / c->jobs));
    if (words) {
        words[n++] = t->alone ? t->alone : none;
        words[n++] = t->alone ? t->page : none;
        words[n++] = open;
        words[n++] = name;
        words[n++] = silent;
        if (!k->s->args.verbose)
            words[n++] = quiet;
        if (c->jobs > 1)
            words[n++] = one;
        memcpy(words + n, c->words, c->count * sizeof *words);
        n += c->count;
    }
    k->failed = words ? batch_spawn(&t->child, &k->s->store, words, n) : batch_no_memory(&k->s->log);
    ocrvl_free(words);
    t->alive = ocrvl_clock();
    t->size = -1;
    t->timed_out = false;
    return !k->failed;
}

/* What a worker died of that did that, as journals call it. */
static const char *cause(const slot *t, int status, const char *did, char *message, size_t size)
{
    int sig = WTERMSIG(status);
    if (t->timed_out) {
        snprintf(message, size, "nothing came of it for too long (--page-timeout)");
        return "timeout";
    }
    snprintf(message, size, "the process that %s it was ended by signal %d", did, sig);
    return sig == SIGKILL ? "memory" : "crash";
}

/* An output that processes die of. */
static cli_exit lose(coordinator *k, const char *doc, unsigned format, const char *reason, const char *message)
{
    cli_error(&k->s->log, doc, 0, "its output in the format %s is left out: %s",
              ocrvl_format_name((ocrvl_format)format), message);
    return batch_work_lose(&k->booker, doc, format, reason, message);
}

/* The page, or output, that a worker died of which did one document alone: begun is its last line. */
static cli_exit book(coordinator *k, slot *t, const batch_begun *begun, int status)
{
    char message[120];
    const char *reason = cause(t, status, begun->writing ? "wrote" : "read", message, sizeof message);
    const batch_doc *d = batch_state_find(&k->s->state, t->alone);
    if (begun->writing)
        return lose(k, t->alone, begun->writing, reason, message);
    uint32_t page = begun->page;
    if (!page && d) /* it was being opened for one */
        page = batch_begun_page(&k->s->state, d, 1);
    cli_error(&k->s->log, t->alone, page, "%s", message);
    return batch_work_give_up(&k->booker, t->alone, page, reason, message);
}

/* Claims a unit for the worker that does a document of it alone. */
static cli_exit take_claim(const coordinator *k, slot *t, const char *unit, bool *got)
{
    cli_exit status = CLI_EXIT_OK;
    *got = false;
    if (!t->claim.own)
        status = batch_claim_open(&t->claim, &k->s->store, t->claim_name, (long)getpid(), (double)k->s->args.lease);
    return status ? status : batch_claim_take(&t->claim, unit, got);
}

/* Takes over the unit in which a worker has died, so that what it had in hand is done alone. */
static cli_exit take_over(coordinator *k, slot *t, batch_begun_list *begun)
{
    char unit[BATCH_CLAIM];
    bool got = false;
    const batch_doc *d = batch_state_find(&k->s->state, begun->items[0].doc);
    if (!d)
        return CLI_EXIT_OK;
    uint32_t page = begun->items[0].page;
    bool ranges = page && batch_doc_ranges(d) > 1;
    batch_claim_name(unit, d, ranges, ranges ? (page - 1) / d->per : 0);
    cli_exit status = take_claim(k, t, unit, &got);
    if (!status && got) { /* or another worker has it by now, and will die of it if it must */
        t->suspects = *begun;
        *begun = (batch_begun_list){0};
    }
    return status;
}

/* Says that a process is gone whose death this run has seen. */
static cli_exit record_end(coordinator *k, const slot *t)
{
    ocrvl_buf b = {0};
    batch_line_begin(&b, "k");
    batch_line_name(&b, "who", t->child.name);
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(&k->booker.record, &b, false);
    ocrvl_buf_free(&b);
    return status;
}

static void forget_alone(slot *t)
{
    ocrvl_free(t->alone);
    t->alone = NULL;
    batch_begun_free(&t->suspects);
    batch_claim_release(&t->claim);
}

/* A slot in which all workers die, as where there is no memory for one more: the others do what it held, unless all are
 * so. */
static cli_exit give_slot_up(coordinator *k, slot *t)
{
    bool any = false;
    t->dead = t->over = true;
    forget_alone(t);
    for (size_t i = 0; i < k->c->jobs; i++) {
        any |= !k->slots[i].dead;
        k->slots[i].over = k->slots[i].dead;
    }
    if (any)
        cli_note(&k->s->log, NULL, 0,
                 "one process fewer reads from now on, since %d in a row have died before they had finished a page",
                 MAX_IDLE_DEATHS + 1);
    else
        cli_error(&k->s->log, NULL, 0, "the processes that read die with nothing in hand");
    return any ? CLI_EXIT_OK : CLI_EXIT_BUG;
}

/* A worker was killed, or has crashed, or it couldn't go on. */
static cli_exit died(coordinator *k, slot *t, int status)
{
    batch_begun_list begun = {0};
    bool blames = WIFSIGNALED(status);
    cli_exit over = record_end(k, t);
    if (!over)
        over = batch_journals_refresh(&k->s->state);
    if (!over)
        over = batch_begun_read(&begun, &k->s->state, t->child.name);
    blames &= begun.count > 0;
    t->idle_deaths = blames || begun.did ? 0 : t->idle_deaths + 1;
    if (!over && blames && t->alone)
        over = book(k, t, &begun.items[begun.count - 1], status);
    else if (!over && blames)
        over = take_over(k, t, &begun);
    batch_begun_free(&begun);
    if (!over && t->idle_deaths > MAX_IDLE_DEATHS)
        over = give_slot_up(k, t);
    if (!over)
        over = batch_journals_refresh(&k->s->state);
    return over;
}

/* Whether the document that was done alone is to be done further. */
static bool goes_on(const coordinator *k, const char *name)
{
    const batch_doc *d = batch_state_find(&k->s->state, name);
    return d && batch_doc_state(d) == BATCH_DOC_PENDING;
}

/* A document is alone no longer: the next suspect, or the unit is given back. */
static void next_alone(const coordinator *k, slot *t)
{
    if (t->alone && goes_on(k, t->alone))
        return;
    ocrvl_free(t->alone);
    t->alone = NULL;
    while (t->suspects.count && !t->alone) {
        const batch_begun *next = &t->suspects.items[--t->suspects.count];
        t->alone = next->doc;
        snprintf(t->page, sizeof t->page, "%u", (unsigned)next->page);
        if (!goes_on(k, t->alone)) {
            ocrvl_free(t->alone);
            t->alone = NULL;
        }
    }
    if (!t->alone)
        forget_alone(t);
}

/* Removes what a worker leaves in the folder of claims when it is killed. */
static void forget_claims(const coordinator *k, const slot *t)
{
    char name[160];
    snprintf(name, sizeof name, ".%s", t->child.name);
    char *path = batch_store_path(&k->s->store, "claims", name);
    if (path)
        unlink(path);
    ocrvl_free(path);
}

/* Whether a worker has ended by itself for want of something, which nothing in its hands is to blame for. */
static bool cannot_go_on(int status)
{
    return WIFEXITED(status) && (WEXITSTATUS(status) == BATCH_WORKER_LOST || WEXITSTATUS(status) == BATCH_NOT_STARTED);
}

static void ended(coordinator *k, slot *t, int status)
{
    bool alone = t->alone != NULL, lost = cannot_go_on(status);
    forget_claims(k, t);
    if ((WIFSIGNALED(status) || lost) && !k->stopped && !k->failed) {
        cli_exit over = died(k, t, status);
        k->failed = over ? over : k->failed;
        next_alone(k, t);
        return;
    }
    if (WIFSIGNALED(status) || lost) /* by us, when its time was over */
        (void)record_end(k, t);
    int code = WIFEXITED(status) && !lost ? WEXITSTATUS(status) : CLI_EXIT_AGAIN;
    t->over = !alone || code != CLI_EXIT_OK;
    if (code != CLI_EXIT_OK && code != CLI_EXIT_AGAIN)
        k->failed = cli_exit_worse(k->failed, (cli_exit)code);
    if (alone && code == CLI_EXIT_OK) {
        cli_exit over = batch_journals_refresh(&k->s->state);
        k->failed = over ? over : k->failed;
        if (t->alone && goes_on(k, t->alone)) { /* it can't be helped: others may */
            ocrvl_free(t->alone);
            t->alone = NULL;
        }
        next_alone(k, t);
    }
}

/* ---- watching ---------------------------------------------------------------------------------------- */

/* For how many seconds a worker may write nothing: a page has its time to be decoded, which is ten times as long by the
 * clock if a process of its own does it, and as much again to be read. */
static double patience(const batch_args *args)
{
    const cli_decoding *d = &args->read.document.decoding;
    return d->page_timeout > 0 ? d->page_timeout * (d->in_process ? 2 : 12) : 600;
}

/* Seconds that a worker may take to load its model before it has a journal, from however slow a file server. */
#define LOADING 3600.0

/* Kills a worker that has written nothing for too long, or whose journal somebody has removed. */
static void watch(const coordinator *k, slot *t, double now)
{
    char name[160];
    struct stat st;
    snprintf(name, sizeof name, "%s.jsonl", t->child.name);
    char *path = batch_store_path(&k->s->store, "journal", name);
    bool there = path && stat(path, &st) == 0;
    ocrvl_free(path);
    double least = t->size < 0 ? LOADING : 0;
    if (there && st.st_size != t->size) {
        t->alive = now;
        t->size = st.st_size;
    } else if (now - t->alive > fmax(least, patience(&k->s->args)) && !t->timed_out) {
        t->timed_out = true;
        kill(t->child.pid, SIGKILL);
    }
}

/* Keeps the claims of a worker alive: it may be busy with one page for long. */
static void touch(const coordinator *k, const slot *t)
{
    char name[160];
    snprintf(name, sizeof name, ".%s", t->child.name);
    char *path = batch_store_path(&k->s->store, "claims", name);
    if (path)
        (void)utimensat(AT_FDCWD, path, NULL, 0);
    ocrvl_free(path);
    batch_claim_touch(&t->claim);
}

/* Sends a signal to all workers. */
static void signal_all(const coordinator *k, int sig)
{
    for (size_t i = 0; i < k->c->jobs; i++)
        if (k->slots[i].child.pid)
            kill(k->slots[i].child.pid, sig);
}

/* Looks how it stands: to show it, and whether too many pages have failed. */
static void look(coordinator *k, double now)
{
    batch_counts c;
    k->refreshed = now;
    if (batch_journals_refresh(&k->s->state))
        return;
    batch_progress_show(&k->progress, &k->s->state);
    batch_count(&k->s->state, &c);
    if (k->failures.on && !k->failed && batch_failures_exceeded(&k->failures.are, &c)) {
        cli_error(&k->s->log, NULL, 0, "more pages have failed than --max-failures %s allows: see status --failed",
                  k->s->args.max_failures);
        k->failed = CLI_EXIT_PAGES;
    }
}

/* Whatever has to be done again and again; returns how many workers there are. */
static size_t tick(coordinator *k)
{
    struct pollfd fds[256];
    size_t live = 0, jobs = k->c->jobs;
    for (size_t i = 0; i < jobs; i++)
        if (k->slots[i].child.pid)
            fds[live++] = (struct pollfd){.fd = k->slots[i].child.pipe, .events = POLLIN};
    (void)poll(fds, (nfds_t)live, TICK);
    double now = ocrvl_clock();
    if ((cli_signals_stopped() || k->failed) && k->stopped <= 0) {
        k->stopped = now;
        signal_all(k, SIGUSR1);
    }
    if (k->stopped > 0 && now - k->stopped > (double)k->s->args.grace)
        signal_all(k, SIGKILL);
    bool keep = now - k->touched > (double)k->s->args.lease / 9;
    k->touched = keep ? now : k->touched;
    for (size_t i = 0; i < jobs; i++) {
        slot *t = &k->slots[i];
        int status;
        if (t->child.pid && keep)
            touch(k, t);
        if (t->child.pid)
            watch(k, t, now);
        if (batch_child_ended(&t->child, &status))
            ended(k, t, status);
    }
    if ((k->progress.on || k->failures.on) && now - k->refreshed > 1)
        look(k, now);
    return live;
}

/* ---- what runs have died of -------------------------------------------------------------------------- */

/* Pages that runs died of when nothing else was in hand. */
static cli_exit give_up_killers(coordinator *k)
{
    cli_exit over = CLI_EXIT_OK;
    for (size_t i = 0; i < k->c->deaths->count && !over; i++) {
        const struct batch_death *death = &k->c->deaths->items[i];
        const batch_doc *d = &k->s->state.docs[death->doc];
        char message[120];
        if (!batch_death_is_of_it(death) || batch_doc_state(d) != BATCH_DOC_PENDING)
            continue;
        snprintf(message, sizeof message, "ocrvl died %u times while it %s, %u times of it alone",
                 (unsigned)(death->together + death->alone),
                 death->writing ? "wrote it"
                 : death->page  ? "read this page"
                                : "opened it",
                 (unsigned)death->alone);
        if (death->writing) {
            over = lose(k, d->name, death->writing, "crash", message);
            continue;
        }
        cli_error(&k->s->log, d->name, death->page, "%s", message);
        over = batch_work_give_up(&k->booker, d->name, death->page, "crash", message);
    }
    return over ? over : batch_journals_refresh(&k->s->state);
}

/* Takes the next document that was put off, to be done alone, if nobody else has it. */
static bool take_put_off(coordinator *k)
{
    slot *t = &k->slots[0];
    const batch_state *s = &k->s->state;
    bool got = false;
    while (!got && k->put_off < s->count && !k->failed && !cli_signals_stopped()) {
        const batch_doc *d = &s->docs[k->put_off++];
        char unit[BATCH_CLAIM];
        if (!d->put_off || batch_doc_state(d) != BATCH_DOC_PENDING)
            continue;
        batch_claim_name(unit, d, false, 0);
        k->failed = take_claim(k, t, unit, &got);
        t->alone = got ? ocrvl_strdup(d->name) : NULL;
        memcpy(t->page, "0", 2);
        t->over = t->dead = !t->alone;
        t->idle_deaths = 0;
    }
    return got && t->alone;
}

static void run_slots(coordinator *k)
{
    bool live = true;
    while (live) {
        live = false;
        for (size_t i = 0; i < k->c->jobs; i++) {
            slot *t = &k->slots[i];
            if (!t->child.pid && !t->over && !k->failed && !cli_signals_stopped())
                (void)start(k, t);
        }
        live = tick(k) > 0;
        for (size_t i = 0; i < k->c->jobs; i++)
            live |= k->slots[i].child.pid || (!k->slots[i].over && !k->failed && !cli_signals_stopped());
    }
}

static void run(coordinator *k)
{
    k->failed = give_up_killers(k);
    if (!k->failed)
        run_slots(k);
    for (size_t i = 1; i < k->c->jobs; i++) /* one does the rest */
        k->slots[i].dead = true;
    while (take_put_off(k))
        run_slots(k);
}

cli_exit batch_coordinate(const batch_coordinator *c)
{
    coordinator k = {.c = c, .s = c->setup, .no_claim = {.fd = -1}};
    k.slots = ocrvl_alloc_array(c->jobs, sizeof *k.slots);
    if (!k.slots)
        return batch_no_memory(&c->setup->log);
    for (size_t i = 0; i < c->jobs; i++) {
        k.slots[i].claim.fd = -1;
        snprintf(k.slots[i].claim_name, sizeof k.slots[i].claim_name, "%.100s.%zu", c->setup->store.self, i);
    }
    batch_worker_join(&k.booker, c->setup, &k.list, &k.no_claim);
    const batch_args *a = &c->setup->args;
    batch_progress_init(&k.progress, a->quiet || a->no_progress ? BATCH_PROGRESS_NONE : a->shown);
    k.failures.on = a->max_failures && batch_failures_parse(a->max_failures, &k.failures.are);
    run(&k);
    if (k.progress.on || k.failures.on) /* what came last */
        look(&k, 0);
    batch_progress_wipe(&k.progress);
    for (size_t i = 0; i < c->jobs; i++) {
        ocrvl_free(k.slots[i].alone);
        batch_begun_free(&k.slots[i].suspects);
        batch_claim_close(&k.slots[i].claim);
    }
    batch_worker_free(&k.booker);
    batch_file_close(&k.list);
    ocrvl_free(k.slots);
    return k.failed ? k.failed : cli_signals_stopped() ? CLI_EXIT_STOPPED : CLI_EXIT_OK;
}
