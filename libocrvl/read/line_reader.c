#include "read/line_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "model/pixels.h"

/* Strips that are read together. Few leave the decoder's products thin, many hold too much memory and end far apart. */
enum { BATCH = 24 };

struct ocrvl_line_reader {
    const ocrvl_model *m;
    ocrvl_pool *pool;
    ocrvl_engine *engines; /* [threads]: batches are shared out, each is read by one thread */
    size_t engine_count;
    ocrvl_ids before, after; /* the prompt around the picture */
    ocrvl_kv prefix;         /* of `before` */
};

typedef struct slot { /* one strip of a batch */
    const ocrvl_strip *strip;
    size_t index; /* in the job */
    ocrvl_kv kv;
    int32_t next; /* position of the next token, on all axes */
    ocrvl_ids ids;
    double *logprobs, end; /* end: of the end token */
    size_t limit;
    ocrvl_sampler sampler;
    bool done, cut;
} slot;

typedef struct batch {
    ocrvl_line_reader *r;
    ocrvl_engine *e;
    slot *slots;
    size_t count, live;
    float *x;      /* rows of embeddings */
    int32_t *pos;  /* [3][rows] */
    ocrvl_run *runs;
    float *logits; /* [count][vocab] */
} batch;

typedef struct reading_job {
    ocrvl_line_reader *r;
    const ocrvl_line_job *job;
    size_t *order; /* strips by width */
    ocrvl_reading *out;
    size_t per;    /* strips of a batch */
    atomic_size_t done;
    atomic_bool stop, canceled;
    ocrvl_status st; /* of the first batch that failed; guarded by stop being set first */
    atomic_flag failed;
    ocrvl_error err;
} reading_job;

/* ---- the reader -------------------------------------------------------------------------------------- */

/* The prompt's ids before and after the picture's placeholders. */
static ocrvl_status split_prompt(ocrvl_line_reader *r, ocrvl_error *err)
{
    ocrvl_chat c = {.model = r->m};
    ocrvl_status st = ocrvl_chat_begin(&c, "user", err);
    if (!st)
        st = ocrvl_chat_picture(&c, 1, false, err);
    if (!st)
        st = ocrvl_chat_end(&c, err);
    if (!st)
        st = ocrvl_chat_answer(&c, err);
    bool after = false;
    for (size_t i = 0; !st && i < c.ids.len; i++)
        if (c.ids.data[i] == r->m->weights->config.image_token)
            after = true;
        else if (!ocrvl_ids_push(after ? &r->after : &r->before, c.ids.data[i]))
            st = ocrvl_fail_nomem(err);
    ocrvl_chat_free(&c);
    return st;
}

static ocrvl_status run_prefix(ocrvl_line_reader *r, ocrvl_error *err)
{
    const ocrvl_config *c = &r->m->weights->config;
    size_t n = r->before.len;
    float *x = ocrvl_alloc_aligned(n, c->width * sizeof *x);
    int32_t *pos = ocrvl_alloc_array(n, 3 * sizeof *pos);
    ocrvl_run run = {&r->prefix, n};
    ocrvl_status st = x && pos ? ocrvl_kv_reserve(&r->prefix, c, n, err) : ocrvl_fail_nomem(err);
    if (!st) {
        for (size_t i = 0; i < n; i++)
            pos[i] = pos[n + i] = pos[2 * n + i] = (int32_t)i;
        ocrvl_engine_embed(&r->engines[0], r->before.data, n, x);
        st = ocrvl_engine_decode(&r->engines[0], x, pos, &run, 1, err);
    }
    ocrvl_free(x);
    ocrvl_free(pos);
    return st;
}

ocrvl_status ocrvl_line_reader_new(ocrvl_line_reader **out, const ocrvl_model *m, ocrvl_pool *pool, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_line_reader *r = ocrvl_alloc(sizeof *r);
    if (!r)
        return ocrvl_fail_nomem(err);
    r->m = m;
    r->pool = pool;
    size_t threads = ocrvl_pool_threads(pool);
    r->engines = ocrvl_alloc_array(threads, sizeof *r->engines);
    ocrvl_status st = r->engines ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (; !st && r->engine_count < threads; r->engine_count += !st)
        st = ocrvl_engine_init(&r->engines[r->engine_count], m->weights, NULL, err);
    if (!st)
        st = split_prompt(r, err);
    if (!st)
        st = run_prefix(r, err);
    if (st)
        ocrvl_line_reader_free(r);
    else
        *out = r;
    return st;
}

void ocrvl_line_reader_free(ocrvl_line_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->engine_count; i++)
        ocrvl_engine_free(&r->engines[i]);
    ocrvl_free(r->engines);
    ocrvl_ids_free(&r->before);
    ocrvl_ids_free(&r->after);
    ocrvl_kv_free(&r->prefix);
    ocrvl_free(r);
}

void ocrvl_readings_free(ocrvl_reading *r, size_t count)
{
    for (size_t i = 0; r && i < count; i++)
        ocrvl_transcript_free(&r[i].transcript);
    ocrvl_free(r);
}

static size_t visual_tokens(const ocrvl_config *c, const ocrvl_strip *s)
{
    size_t side = c->patch * c->merge;
    return s->height / side * (s->width / side);
}

void ocrvl_line_usage(const ocrvl_line_reader *r, const ocrvl_strip *s, uint64_t *image, uint64_t *prompt)
{
    *image = visual_tokens(&r->m->weights->config, s);
    *prompt = r->before.len + *image + r->after.len;
}

/* ---- a batch ----------------------------------------------------------------------------------------- */

/* Letters are seldom narrower than a fifth of the line's height; a few more for the end and for bytes of rare ones. */
static size_t token_limit(const ocrvl_strip *s, uint32_t asked)
{
    size_t by_width = s->width * 5 / s->height + 24;
    return asked && asked < by_width ? asked : by_width;
}

static ocrvl_status encode(batch *b, float **visual, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    size_t rows = 0, at = 0, size = ocrvl_patch_size(c);
    for (size_t i = 0; i < b->count; i++)
        rows += b->slots[i].strip->height / c->patch * (b->slots[i].strip->width / c->patch);
    ocrvl_patch_grid *grids = ocrvl_alloc_array(b->count, sizeof *grids);
    float *patches = ocrvl_alloc_aligned(rows, size * sizeof *patches);
    *visual = ocrvl_alloc_aligned(rows / (c->merge * c->merge), c->width * sizeof **visual);
    ocrvl_status st = grids && patches && *visual ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < b->count; i++) {
        const ocrvl_strip *s = b->slots[i].strip;
        grids[i] = (ocrvl_patch_grid){1, s->height / (uint32_t)c->patch, s->width / (uint32_t)c->patch};
        ocrvl_patchify(c, s->grey, s->height, s->width, 1, patches + at * size);
        at += (size_t)grids[i].h * grids[i].w;
    }
    if (!st)
        st = ocrvl_engine_encode(b->e, patches, grids, b->count, *visual, err);
    ocrvl_free(grids);
    ocrvl_free(patches);
    return st;
}

/* Positions of one strip's rows (visual tokens, then the rest of the prompt), written from row `at` of `rows`. */
static void place_rows(batch *b, slot *s, size_t rows, size_t at)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    size_t side = c->patch * c->merge, h = s->strip->height / side, w = s->strip->width / side;
    int32_t start = (int32_t)b->r->before.len;
    int32_t *t = b->pos + at, *y = t + rows, *x = y + rows;
    for (size_t i = 0; i < h * w; i++) {
        t[i] = start;
        y[i] = start + (int32_t)(i / w);
        x[i] = start + (int32_t)(i % w);
    }
    s->next = start + (int32_t)(h > w ? h : w);
    for (size_t i = 0; i < b->r->after.len; i++)
        t[h * w + i] = y[h * w + i] = x[h * w + i] = s->next++;
}

static ocrvl_status make_slots(batch *b, size_t *rows, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    *rows = 0;
    for (size_t i = 0; i < b->count; i++) {
        slot *s = &b->slots[i];
        size_t prompt = b->r->before.len + visual_tokens(c, s->strip) + b->r->after.len;
        if (prompt + s->limit > c->context)
            s->limit = c->context > prompt ? c->context - prompt : 0;
        s->logprobs = ocrvl_alloc_array(s->limit, sizeof *s->logprobs);
        if (!s->logprobs)
            return ocrvl_fail_nomem(err);
        ocrvl_status st = ocrvl_kv_reserve(&s->kv, c, prompt + s->limit, err);
        if (st)
            return st;
        ocrvl_kv_copy(&s->kv, &b->r->prefix, c, b->r->prefix.len);
        *rows += prompt - b->r->before.len;
    }
    b->x = ocrvl_alloc_aligned(*rows, c->width * sizeof *b->x);
    b->pos = ocrvl_alloc_array(*rows, 3 * sizeof *b->pos);
    b->runs = ocrvl_alloc_array(b->count, sizeof *b->runs);
    b->logits = ocrvl_alloc_aligned(b->count, c->vocab * sizeof *b->logits);
    return b->x && b->pos && b->runs && b->logits ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* The prompts of all strips in one pass; leaves the logits of each one's last token. */
static ocrvl_status read_prompts(batch *b, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    float *visual = NULL;
    size_t rows, at = 0, seen = 0;
    ocrvl_status st = encode(b, &visual, err);
    if (!st)
        st = make_slots(b, &rows, err);
    for (size_t i = 0; !st && i < b->count; i++) {
        size_t n = visual_tokens(c, b->slots[i].strip);
        memcpy(b->x + at * c->width, visual + seen * c->width, n * c->width * sizeof *b->x);
        ocrvl_engine_embed(b->e, b->r->after.data, b->r->after.len, b->x + (at + n) * c->width);
        place_rows(b, &b->slots[i], rows, at);
        b->runs[i] = (ocrvl_run){&b->slots[i].kv, n + b->r->after.len};
        at += n + b->r->after.len;
        seen += n;
    }
    ocrvl_free(visual);
    if (!st)
        st = ocrvl_engine_decode(b->e, b->x, b->pos, b->runs, b->count, err);
    if (st)
        return st;
    at = 0;
    for (size_t i = 0; i < b->count; i++) { /* the last rows move to the front: row i is at or before its old place */
        at += b->runs[i].rows;
        memmove(b->x + i * c->width, b->x + (at - 1) * c->width, c->width * sizeof *b->x);
    }
    return ocrvl_engine_logits(b->e, b->x, b->count, b->logits, err);
}

/* Takes a token for each strip that goes on, whose logits stand in the order of the live slots. */
static ocrvl_status choose(batch *b, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    size_t row = 0;
    for (size_t i = 0; i < b->count; i++) {
        slot *s = &b->slots[i];
        if (s->done)
            continue;
        const float *logits = b->logits + row++ * c->vocab;
        int32_t id;
        ocrvl_status st = ocrvl_sample(&s->sampler, logits, c->vocab, s->ids.data, s->ids.len, &id, err);
        if (st)
            return st;
        s->cut = s->ids.len >= s->limit && !ocrvl_config_is_stop(c, id);
        s->done = s->cut || ocrvl_config_is_stop(c, id);
        double logprob = s->cut ? -INFINITY : ocrvl_token_logprob(logits, c->vocab, id, c->confidence_temperature);
        if (s->done) {
            s->end = logprob;
            b->live--;
            continue;
        }
        s->logprobs[s->ids.len] = logprob;
        if (!ocrvl_ids_push(&s->ids, id))
            return ocrvl_fail_nomem(err);
    }
    return OCRVL_OK;
}

/* Feeds the last token of every strip that goes on. */
static ocrvl_status step(batch *b, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    size_t row = 0;
    for (size_t i = 0; i < b->count; i++) {
        slot *s = &b->slots[i];
        if (s->done)
            continue;
        ocrvl_engine_embed(b->e, &s->ids.data[s->ids.len - 1], 1, b->x + row * c->width);
        b->pos[row] = b->pos[b->live + row] = b->pos[2 * b->live + row] = s->next++;
        b->runs[row++] = (ocrvl_run){&s->kv, 1};
    }
    ocrvl_status st = ocrvl_engine_decode(b->e, b->x, b->pos, b->runs, row, err);
    return st ? st : ocrvl_engine_logits(b->e, b->x, row, b->logits, err);
}

/* Of a line that ran to its limit, how many tokens there are before its end begins to repeat itself; one copy is kept. */
static size_t without_repeats(const ocrvl_ids *ids)
{
    enum { LONGEST = 40, LEAST = 12 }; /* of a unit; of all copies together */
    for (size_t p = 1; p <= LONGEST && 3 * p <= ids->len; p++) {
        size_t span = p;
        while (span < ids->len && ids->data[ids->len - 1 - span] == ids->data[ids->len - 1 - span + p])
            span++;
        if (span >= 3 * p && span >= LEAST)
            return ids->len - span + p;
    }
    return ids->len;
}

static ocrvl_status detokenize(const batch *b, const slot *s, ocrvl_reading *out, ocrvl_error *err)
{
    size_t n = s->cut ? without_repeats(&s->ids) : s->ids.len;
    out->tokens = (uint32_t)s->ids.len;
    out->cut = s->cut;
    out->likelihood = s->end;
    for (size_t i = 0; i < s->ids.len; i++)
        out->likelihood += s->logprobs[i];
    return ocrvl_detokenize(b->r->m->tokenizer, s->ids.data, s->logprobs, n, false, &out->transcript, err);
}

static void free_batch(batch *b)
{
    for (size_t i = 0; b->slots && i < b->count; i++) {
        ocrvl_kv_free(&b->slots[i].kv);
        ocrvl_ids_free(&b->slots[i].ids);
        ocrvl_free(b->slots[i].logprobs);
        ocrvl_sampler_free(&b->slots[i].sampler);
    }
    ocrvl_free(b->slots);
    ocrvl_free(b->x);
    ocrvl_free(b->pos);
    ocrvl_free(b->runs);
    ocrvl_free(b->logits);
}

/* Whether to stop now: canceled, failed elsewhere, or out of time. */
static bool must_stop(reading_job *j)
{
    if (ocrvl_canceled(j->job->cancel)) {
        atomic_store(&j->canceled, true);
        atomic_store(&j->stop, true);
    } else if (j->job->deadline > 0 && ocrvl_clock() > j->job->deadline)
        atomic_store(&j->stop, true);
    return atomic_load(&j->stop);
}

static void skip(ocrvl_reading *r)
{
    r->skipped = true;
    r->likelihood = -INFINITY;
}

static ocrvl_status read_batch(reading_job *j, batch *b, size_t first, ocrvl_error *err)
{
    const ocrvl_config *c = &b->r->m->weights->config;
    b->slots = ocrvl_alloc_array(b->count, sizeof *b->slots);
    if (!b->slots)
        return ocrvl_fail_nomem(err);
    b->live = b->count;
    for (size_t i = 0; i < b->count; i++) {
        slot *s = &b->slots[i];
        s->index = j->order[first + i];
        s->strip = &j->job->strips[s->index];
        s->limit = token_limit(s->strip, j->job->max_tokens);
        ocrvl_sampler_init(&s->sampler, c, j->job->temperature, j->job->seed ^ (s->index + 1) * 0x9E3779B97F4A7C15u);
    }
    ocrvl_status st = read_prompts(b, err);
    while (!st) {
        st = choose(b, err);
        if (st || b->live == 0 || must_stop(j))
            break;
        st = step(b, err);
    }
    for (size_t i = 0; !st && i < b->count; i++)
        if (b->slots[i].done)
            st = detokenize(b, &b->slots[i], &j->out[b->slots[i].index], err);
        else
            skip(&j->out[b->slots[i].index]);
    return st;
}

static void run_batch(void *user, unsigned worker, size_t task)
{
    reading_job *j = user;
    size_t first = task * j->per;
    ocrvl_error err = {0};
    batch b = {.r = j->r, .e = &j->r->engines[worker],
               .count = j->job->count - first < j->per ? j->job->count - first : j->per};
    if (must_stop(j)) {
        for (size_t i = 0; i < b.count; i++)
            skip(&j->out[j->order[first + i]]);
        return;
    }
    ocrvl_status st = read_batch(j, &b, first, &err);
    free_batch(&b);
    if (st && !atomic_flag_test_and_set(&j->failed)) {
        j->st = st;
        j->err = err;
        atomic_store(&j->stop, true);
    }
    size_t done = atomic_fetch_add(&j->done, b.count) + b.count;
    if (worker == 0 && j->job->progress && j->job->progress(j->job->user, done, j->job->count)) {
        atomic_store(&j->canceled, true);
        atomic_store(&j->stop, true);
    }
}

typedef struct by_width {
    uint32_t width;
    size_t index;
} by_width;

static int compare_width(const void *a, const void *b)
{
    const by_width *x = a, *y = b;
    if (x->width != y->width)
        return x->width > y->width ? -1 : 1; /* the longest first: what is left at the end is short */
    return x->index < y->index ? -1 : x->index > y->index;
}

static ocrvl_status sort_strips(reading_job *j, ocrvl_error *err)
{
    size_t n = j->job->count;
    by_width *w = ocrvl_alloc_array(n, sizeof *w);
    j->order = ocrvl_alloc_array(n, sizeof *j->order);
    if (!w || !j->order) {
        ocrvl_free(w);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < n; i++)
        w[i] = (by_width){j->job->strips[i].width, i};
    if (n)
        qsort(w, n, sizeof *w, compare_width);
    for (size_t i = 0; i < n; i++)
        j->order[i] = w[i].index;
    ocrvl_free(w);
    return OCRVL_OK;
}

ocrvl_status ocrvl_line_read(ocrvl_line_reader *r, const ocrvl_line_job *job, ocrvl_reading **out, ocrvl_error *err)
{
    size_t threads = r->engine_count, fair = (job->count + 2 * threads - 1) / (2 * threads);
    reading_job j = {.r = r, .job = job, .per = fair < 4 ? 4 : fair > BATCH ? BATCH : fair, .failed = ATOMIC_FLAG_INIT};
    *out = NULL;
    j.out = ocrvl_alloc_array(job->count, sizeof *j.out);
    ocrvl_status st = j.out ? sort_strips(&j, err) : ocrvl_fail_nomem(err);
    if (!st) {
        ocrvl_pool_run(r->pool, (job->count + j.per - 1) / j.per, run_batch, &j);
        st = j.st;
        if (st && err)
            *err = j.err;
        if (!st && (atomic_load(&j.canceled) || ocrvl_canceled(job->cancel)))
            st = ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    }
    ocrvl_free(j.order);
    if (st)
        ocrvl_readings_free(j.out, job->count);
    else
        *out = j.out;
    return st;
}

/* ---- a second look ----------------------------------------------------------------------------------- */

/* How much wider a doubtful strip is drawn; what is doubtful (see MODEL.md for how these were chosen). */
static const double stretches[] = {1.08, 1.15};
#define DOUBTFUL (-1.0)

/* The strips of doubtful readings, stretched -> again [*count], and which they are -> from [*count]. */
static ocrvl_status stretch_doubtful(const ocrvl_line_reader *r, const ocrvl_line_job *job, const ocrvl_reading *readings,
                                     double factor, ocrvl_strip *again, size_t *from, size_t *count, ocrvl_error *err)
{
    uint32_t most = (uint32_t)r->m->weights->config.max_width;
    ocrvl_status st = OCRVL_OK;
    *count = 0;
    for (size_t i = 0; !st && i < job->count; i++) {
        if (readings[i].skipped || readings[i].likelihood > DOUBTFUL)
            continue;
        st = ocrvl_strip_stretch(&again[*count], &job->strips[i], factor, most, err);
        from[*count] = i;
        *count += !st;
    }
    return st;
}

static ocrvl_status read_again(ocrvl_line_reader *r, const ocrvl_line_job *job, ocrvl_reading *readings,
                               const ocrvl_strip *strips, const size_t *from, size_t count, ocrvl_error *err)
{
    ocrvl_line_job again = *job;
    ocrvl_reading *other;
    again.strips = strips;
    again.count = count;
    again.progress = NULL;
    ocrvl_status st = ocrvl_line_read(r, &again, &other, err);
    if (st)
        return st;
    for (size_t i = 0; i < count; i++)
        if (other[i].likelihood > readings[from[i]].likelihood) {
            ocrvl_reading kept = readings[from[i]];
            readings[from[i]] = other[i];
            other[i] = kept;
        }
    ocrvl_readings_free(other, count);
    return OCRVL_OK;
}

static bool is_greedy(const ocrvl_line_reader *r, const ocrvl_line_job *job)
{
    ocrvl_sampler s;
    ocrvl_sampler_init(&s, &r->m->weights->config, job->temperature, job->seed);
    bool greedy = s.greedy;
    ocrvl_sampler_free(&s);
    return greedy;
}

ocrvl_status ocrvl_line_read_again(ocrvl_line_reader *r, const ocrvl_line_job *job, ocrvl_reading *readings,
                                   ocrvl_error *err)
{
    if (!is_greedy(r, job))
        return OCRVL_OK;
    ocrvl_strip *again = ocrvl_alloc_array(job->count, sizeof *again);
    size_t *from = ocrvl_alloc_array(job->count, sizeof *from), count = 0;
    ocrvl_status st = again && from ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t k = 0; !st && k < sizeof stretches / sizeof *stretches; k++) {
        st = stretch_doubtful(r, job, readings, stretches[k], again, from, &count, err);
        if (!st && count)
            st = read_again(r, job, readings, again, from, count, err);
        for (size_t i = 0; i < count; i++)
            ocrvl_free(again[i].grey);
    }
    ocrvl_free(again);
    ocrvl_free(from);
    return st;
}
