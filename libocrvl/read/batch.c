/* Pages on their way through a session: several of a page model's tiles are decoded in one batch, so that the weights
 * are read once for all of them, while the next one is shown; each page comes out as if it had been read alone. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/assemble.h"
#include "read/leftward.h"
#include "read/line_reader.h"
#include "read/own_check.h"
#include "read/plan.h"
#include "read/prefetch.h"
#include "read/prepare.h"
#include "read/schedule.h"
#include "structure/structure.h"

/* How many pages a batch has at a time for each tile that is decoded at a time: those that wait for one before them as
 * well. */
enum { HELD = 2, MOST = 64 };

typedef struct entry { /* a page */
    ocrvl_batch *b;
    struct entry *next;
    ocrvl_page_job job;
    uint64_t held;                 /* bytes of its image */
    ocrvl_progress_fn on_progress; /* the caller's */
    void (*on_prompt)(void *user, double part);
    void *user;
    ocrvl_page_reading *reading; /* of a reader whose tiles are answered beside others; NULL while there is none */
    size_t asked, taken;         /* tiles */
    bool done;
    ocrvl_page *page; /* of one that is done and hasn't failed */
    ocrvl_status st;
    ocrvl_error err;
} entry;

struct ocrvl_batch {
    ocrvl_session *s;
    size_t at_once; /* tiles */
    entry *first, *last;
    size_t held;
    const ocrvl_planner *planner; /* of the last page */
    ocrvl_decode_batch decode_batch;
    ocrvl_prefetch prefetch; /* the first tile that wasn't asked for, while at_once others are answered */
};

static size_t tiles(const entry *e) { return e->reading ? e->reading->groups : 0; }

static void free_entry(entry *e)
{
    ocrvl_page_reading_free(e->reading);
    ocrvl_job_free(&e->job);
    ocrvl_page_free(e->page);
    ocrvl_free(e);
}

ocrvl_status ocrvl_batch_new(ocrvl_batch **out, ocrvl_session *s, uint32_t at_once, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_batch *b = ocrvl_alloc(sizeof *b);
    if (!b)
        return ocrvl_fail_nomem(err);
    b->s = s;
    b->at_once = at_once == 0 ? 1 : at_once < MOST ? at_once : MOST;
    b->decode_batch.share = 1;
    *out = b;
    return OCRVL_OK;
}

void ocrvl_batch_free(ocrvl_batch *b)
{
    if (!b)
        return;
    ocrvl_prefetch_cancel(&b->prefetch, NULL);
    for (entry *e = b->first, *next; e; e = next) {
        next = e->next;
        free_entry(e);
    }
    ocrvl_decode_batch_free(&b->decode_batch);
    ocrvl_free(b);
}

/* ---- one page ---------------------------------------------------------------------------------------- */

/* The page's tiles are done; their memory is freed. */
static void end(entry *e, ocrvl_status st)
{
    e->st = st;
    e->done = true;
    if (e->reading)
        ocrvl_prefetch_cancel(&e->b->prefetch, e->reading);
    ocrvl_page_reading_free(e->reading);
    e->reading = NULL;
    ocrvl_job_free(&e->job);
    memset(&e->job, 0, sizeof e->job);
}

/* Does some of a page's work on this thread: here is where it is timed. */
static ocrvl_status timed(entry *e, ocrvl_status (*work)(entry *e, ocrvl_error *err))
{
    double from = ocrvl_clock();
    ocrvl_status st = work(e, &e->err);
    e->job.time.spent += e->b->decode_batch.share * (ocrvl_clock() - from);
    return st;
}

static ocrvl_status prepare(entry *e, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_own_check(&e->job, err);
    if (!st)
        st = ocrvl_job_prepare(&e->job, err);
    return st ? st : ocrvl_job_begin(&e->job, err);
}

/* What the line reader says of the page, for a page reader beside it. */
static ocrvl_status read_lines(entry *e, ocrvl_error *err)
{
    ocrvl_page_reading *lines;
    ocrvl_status st = ocrvl_job_read(&lines, &e->job, &ocrvl_line_reader_ops, err);
    ocrvl_page_reading_free(lines);
    return st;
}

/* A page that needn't be read. */
static ocrvl_status take_known(entry *e, ocrvl_error *err)
{
    ocrvl_page_job *j = &e->job;
    ocrvl_status st = ocrvl_order_leftward(j->layout, &j->lines, &j->own, err);
    return st ? st : ocrvl_assemble(j->b, j->layout, &j->lines, &j->own, j->opt.diplomatic, err);
}

static ocrvl_status begin_reading(entry *e, ocrvl_error *err)
{
    const ocrvl_reader_ops *r = e->b->s->reader;
    return r->one_thread ? ocrvl_job_read(&e->reading, &e->job, r, err) : r->begin(&e->reading, &e->job, err);
}

static ocrvl_status begin(entry *e)
{
    const ocrvl_session *s = e->b->s;
    if (!s->m && !e->job.opt.own_text_only)
        return ocrvl_fail(&e->err, OCRVL_E_ARG, "a session without a model can only take a document's own text");
    ocrvl_status st = timed(e, prepare);
    if (!st && ocrvl_job_is_known(&e->job))
        return timed(e, take_known);
    if (!st && s->lines && s->reader != &ocrvl_line_reader_ops)
        st = timed(e, read_lines);
    return st ? st : timed(e, begin_reading);
}

static ocrvl_status compose(entry *e, ocrvl_error *err)
{
    return e->reading ? e->reading->reader->finish(e->reading, err) : OCRVL_OK;
}

static ocrvl_status finish(entry *e)
{
    ocrvl_page_job *j = &e->job;
    ocrvl_status st = timed(e, compose);
    if (st)
        return st;
    ocrvl_builder_set_usage(j->b, j->image_tokens, j->prompt_tokens, j->output_tokens, j->time.spent);
    ocrvl_builder_set_passes(j->b, j->passes);
    st = ocrvl_builder_finish(j->b, &e->page, &e->err);
    if (!st && (st = ocrvl_structure_of_page(e->page, &e->err))) {
        ocrvl_page_free(e->page);
        e->page = NULL;
    }
    return st;
}

/* Reports the progress of the page that will come out next, and of no other. */
static int report(void *user, uint64_t done, uint64_t total)
{
    const entry *e = user;
    return e == e->b->first ? e->on_progress(e->user, done, total) : 0;
}

static void report_prompt(void *user, double part)
{
    const entry *e = user;
    if (e == e->b->first)
        e->on_prompt(e->user, part);
}

static void set_options(entry *e, const ocrvl_read_options *opt)
{
    ocrvl_read_options *o = &e->job.opt;
    if (opt)
        memcpy(o, opt, opt->size < sizeof *o ? opt->size : sizeof *o);
    e->job.time.limit = 1e-3 * o->max_millis;
    e->on_progress = o->on_progress;
    e->user = o->user;
    e->on_prompt = o->on_prompt;
    if (o->on_progress)
        o->on_progress = report;
    if (o->on_prompt)
        o->on_prompt = report_prompt;
    o->user = e;
}

ocrvl_status ocrvl_batch_add(ocrvl_batch *b, const ocrvl_page_input *in, const ocrvl_read_options *opt,
                             ocrvl_error *err)
{
    if (!in->image)
        return ocrvl_fail(err, OCRVL_E_ARG, "the page has no image");
    entry *e = ocrvl_alloc(sizeof *e);
    if (!e)
        return ocrvl_fail_nomem(err);
    *e = (entry){.b = b, .job = {.s = b->s, .cancel = ocrvl_cancel_watch(&b->s->cancel)}};
    memcpy(&e->job.in, in, in->size < sizeof e->job.in ? in->size : sizeof e->job.in);
    e->held = ocrvl_plan_image_bytes(in->image);
    if (b->last)
        b->last->next = e;
    else
        b->first = e;
    b->last = e;
    b->held++;
    set_options(e, opt);
    b->planner = e->job.opt.planner;
    b->decode_batch.share = ocrvl_prefetch_share(&b->prefetch);
    ocrvl_status st = begin(e);
    e->job.in.own_text = NULL; /* used up */
    e->held += e->job.drawn ? ocrvl_plan_image_bytes(e->job.drawn) : 0;
    if (!st && !tiles(e))
        st = finish(e);
    if (st || !tiles(e))
        end(e, st);
    return OCRVL_OK;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

/* Tiles that are being answered, and those that wait. */
static void count_tiles(const ocrvl_batch *b, size_t *live, size_t *waiting)
{
    *live = *waiting = 0;
    for (const entry *e = b->first; e; e = e->next) {
        *live += e->asked - e->taken;
        *waiting += tiles(e) - e->asked;
    }
}

/* Bytes that pages and answers hold; *largest: those of the largest page image. */
static uint64_t bytes_held(const ocrvl_batch *b, uint64_t *largest)
{
    uint64_t sum = 0;
    *largest = 0;
    for (const entry *e = b->first; e; e = e->next) {
        sum += e->held;
        *largest = e->held > *largest ? e->held : *largest;
        for (size_t i = 0; i < e->asked; i++)
            sum += e->reading->reader->bytes(e->reading, i);
    }
    return sum;
}

/* Tiles that may be prefetched. One page at a time stays alone. */
static size_t prefetch(const ocrvl_batch *b) { return b->at_once > 1 && ocrvl_prefetch_helps(b->s); }

/* Whether there is room for another page, as large as the largest, beside what is there. */
static bool has_room_for_page(const ocrvl_batch *b)
{
    uint64_t largest, bytes = bytes_held(b, &largest);
    const ocrvl_prefetch *p = &b->prefetch;
    return p->thread ? p->p->reader->fits(p->p, p->tile, bytes + largest)
                     : ocrvl_plan_fits(b->planner, bytes + largest, NULL, NULL);
}

bool ocrvl_batch_wants(const ocrvl_batch *b)
{
    size_t live, waiting;
    count_tiles(b, &live, &waiting);
    if (b->first && (b->first->done || !has_room_for_page(b)))
        return false;
    return live + waiting < b->at_once + prefetch(b) && b->held < HELD * b->at_once;
}

/* Asks whether a page has more tiles, once all of those it had have been taken. */
static ocrvl_status find_more(entry *e)
{
    const ocrvl_reader_ops *reader = e->reading->reader;
    ocrvl_status st = reader->more ? reader->more(e->reading, &e->err) : OCRVL_OK;
    e->asked = e->taken = 0;
    if (!reader->more || st)
        e->reading->groups = 0;
    return st;
}

/* Ends a page of which something has failed, or whose tiles have all been taken. */
static void settle(entry *e, ocrvl_status st)
{
    if (!st && e->taken < tiles(e))
        return;
    if (!st)
        st = find_more(e);
    if (!st && tiles(e))
        return;
    if (!st)
        st = finish(e);
    e->asked = e->taken = 0;
    end(e, st);
}

/* Runs the prompt of the page's next tile. */
static ocrvl_status prefill(entry *e, ocrvl_error *err)
{
    e->reading->watched = true;
    ocrvl_status st = e->reading->reader->prefill(e->reading, e->asked, 0, err);
    e->reading->watched = false;
    return st;
}

/* Whether the page's next tile can be shown now. */
static bool has_room(const entry *e)
{
    uint64_t largest;
    return e->reading->reader->fits(e->reading, e->asked, bytes_held(e->b, &largest));
}

/* The page's next tile is shown, or dropped if the page's time is up; whether it is being answered now. */
static bool ask_one(entry *e)
{
    ocrvl_prefetch *ahead = &e->b->prefetch;
    bool sent = ocrvl_prefetch_has(ahead, e->reading, e->asked),
         shown = sent || e->reading->reader->in_time(e->reading);
    ocrvl_status st = OCRVL_OK;
    if (!shown) {
        e->reading->reader->drop(e->reading, e->asked);
        e->taken++;
    } else if (sent)
        st = ocrvl_prefetch_take(ahead, &e->err);
    else {
        e->b->decode_batch.share = ocrvl_prefetch_share(ahead);
        st = timed(e, prefill);
    }
    e->asked++;
    if (st || !shown)
        settle(e, st);
    return !st && shown;
}

/* Asks for tiles until enough are being answered, and starts the next one's prefetch. */
static void ask(ocrvl_batch *b)
{
    size_t live, waiting;
    count_tiles(b, &live, &waiting);
    for (entry *e = b->first; e; e = e->next)
        while (e->asked < tiles(e)) {
            bool sent = ocrvl_prefetch_has(&b->prefetch, e->reading, e->asked);
            if (live && !sent && !has_room(e))
                return;
            if (live >= (e->reading->together > b->at_once ? e->reading->together : b->at_once)) {
                if (prefetch(b) && e->reading->reader->in_time(e->reading))
                    ocrvl_prefetch_start(&b->prefetch, b->s, e->reading, e->asked);
                return;
            }
            live += ask_one(e);
        }
}

/* The sequence of a tile on its way, or NULL. */
static ocrvl_sequence *sequence(const entry *e, size_t i)
{
    size_t n;
    ocrvl_sequence *const *gs = e->reading->reader->sequences(e->reading, i, &n);
    return n ? gs[0] : NULL;
}

/* The sequences that are on their way -> gs; how many. */
static size_t gather(const ocrvl_batch *b, ocrvl_sequence **gs)
{
    size_t n = 0;
    for (const entry *e = b->first; e; e = e->next)
        for (size_t i = 0; i < e->asked && n < MOST; i++)
            if (sequence(e, i))
                gs[n++] = sequence(e, i);
    return n;
}

/* Takes the answers that are over. */
static void collect(ocrvl_batch *b)
{
    for (entry *e = b->first; e; e = e->next)
        for (size_t i = 0; i < e->asked; i++) {
            const ocrvl_sequence *g = sequence(e, i);
            if (!g || !ocrvl_sequence_finished(g))
                continue;
            ocrvl_status st = e->reading->reader->take(e->reading, i, &e->err);
            e->taken++;
            settle(e, st);
        }
}

static void go_on(ocrvl_batch *b)
{
    ocrvl_sequence *gs[MOST];
    ask(b);
    b->decode_batch.share = ocrvl_prefetch_share(&b->prefetch);
    ocrvl_decode_batch_step(&b->decode_batch, gs, gather(b, gs));
    collect(b);
}

ocrvl_status ocrvl_batch_next(ocrvl_batch *b, ocrvl_page **page, ocrvl_error *err)
{
    entry *e = b->first;
    *page = NULL;
    if (!e)
        return OCRVL_OK;
    while (!e->done)
        go_on(b);
    b->first = e->next;
    b->last = b->first ? b->last : NULL;
    b->held--;
    ocrvl_status st = e->st;
    if (st && err)
        *err = e->err;
    *page = e->page;
    e->page = NULL;
    free_entry(e);
    return st;
}

ocrvl_status ocrvl_read(ocrvl_session *s, const ocrvl_page_input *in, const ocrvl_read_options *opt, ocrvl_page **out,
                        ocrvl_error *err)
{
    ocrvl_batch *b;
    *out = NULL;
    ocrvl_status st = ocrvl_batch_new(&b, s, 1, err);
    if (!st)
        st = ocrvl_batch_add(b, in, opt, err);
    if (!st)
        st = ocrvl_batch_next(b, out, err);
    ocrvl_batch_free(b);
    return st;
}
