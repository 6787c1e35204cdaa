/* Measures the machine (memory, arithmetic) and the engine (products, vision, prompt, decoding). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "model/cost.h"
#include "model/engine.h"
#include "model/pixels.h"
#include "ocrvl_dev.h"

enum {
    RUNS = 5,
    MAX_RUNS = 101,
    MAX_BATCH = 16,
    PAGES = 8,          /* read together, at most */
    STREAM = 512 << 20, /* bytes read to measure memory: far over any cache */
    PIECE = 1 << 20,
    ROUNDS = 1000000,
    DRAFT = 7, /* tokens checked beside each one */
    STEPS = 8, /* decoding steps of one run */
    SIDE = 16384
};

/* A page read by blocks, as the page reader does it (read/mineru.c): visual tokens on a side of the picture that its
 * layout is told from, and on the sides of a crop; crops that are written together. */
enum { LAYOUT_SIDE = 37, CROP_HIGH = 10, CROP_WIDE = 20, CROPS = MAX_BATCH };

/* Tokens of the turn around a picture, and of an answer. */
enum { TURN = 24, CROP_TOKENS = CROP_HIGH * CROP_WIDE + TURN, ANSWER = 512, ANSWERS = 1000 };

/* Shapes as published. The tower of Qwen2.5-VL has windows of 4 visual tokens in all blocks but every eighth; that of
 * Qwen3-VL makes more visual tokens after three of its blocks. */
typedef struct shape {
    const char *name, *type;
    size_t width, layers, heads, kv_heads, head_dim, intermediate, vocab, mrope[3];
    size_t v_width, v_depth, v_heads, v_mlp, patch, deep[3];
    bool tied, line;
} shape;

static const shape shapes[] = {
    /* clang-format off */
    {"2b", "qwen2_vl", 1536, 28, 12, 2, 128, 8960, 151936, {16, 24, 24}, 1280, 32, 16, 5120, 14, {0}, true, false},
    {"7b", "qwen2_vl", 3584, 28, 28, 4, 128, 18944, 152064, {16, 24, 24}, 1280, 32, 16, 5120, 14, {0}, false, false},
    {"mineru", "qwen2_vl", 896, 24, 14, 2, 64, 4864, 151936, {8, 12, 12}, 1280, 32, 16, 5120, 14, {0}, true, false},
    {"2.5-3b", "qwen2_5_vl", 2048, 36, 16, 2, 128, 11008, 151936, {16, 24, 24}, 1280, 32, 16, 3420, 14, {0}, true, false},
    {"2.5-7b", "qwen2_5_vl", 3584, 28, 28, 4, 128, 18944, 152064, {16, 24, 24}, 1280, 32, 16, 3420, 14, {0}, false, false},
    {"3-2b", "qwen3_vl", 2048, 28, 16, 8, 128, 6144, 151936, {24, 20, 20}, 1024, 24, 16, 4096, 16, {5, 11, 17}, true, false},
    {"3-4b", "qwen3_vl", 2560, 36, 32, 8, 128, 9728, 151936, {24, 20, 20}, 1024, 24, 16, 4096, 16, {5, 11, 17}, true, false},
    {"3-8b", "qwen3_vl", 4096, 36, 32, 8, 128, 12288, 151936, {24, 20, 20}, 1152, 27, 16, 4304, 16, {8, 16, 24}, false, false},
    {"nano", "qwen2_vl", 256, 4, 4, 2, 64, 704, 832, {8, 12, 12}, 192, 8, 3, 768, 14, {0}, true, true},
    /* clang-format on */
};

typedef struct bench {
    const ocrvl_bench_options *o;
    ocrvl_bench_fn report;
    void *user;
    ocrvl_pool *pool;
    ocrvl_weights *m;
    ocrvl_engine e;
    size_t runs, tokens; /* tokens: of the prompt */
    ocrvl_patch_grid grid;
    ocrvl_kv kv[MAX_BATCH];
    float *x, *logits;
    int32_t *pos;
    double bandwidth, flops; /* bytes and operations a second while the last stage ran, 0 unknown */
    struct stream *stream;
    double vision, prompt, step[MAX_BATCH]; /* seconds; a step of so many sequences, less one */
    double least[2]; /* seconds that the machine would take at least for the vision and the prompt; 0 unknown */
    ocrvl_status st; /* of what was measured last */
    ocrvl_error *err;
} bench;

static void row(const bench *b, const char *name, const char *unit, double value, double limit)
{
    ocrvl_bench_row r = {name, unit, value, limit};
    b->report(b->user, &r);
}

/* Seconds: of the clock, or those that the processors worked for us, shared out among our threads. */
static double now(const bench *b)
{
    struct timespec t;
    if (!b->o->cpu_time)
        return ocrvl_clock();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec) / ocrvl_pool_threads(b->pool);
}

typedef enum limit { NO_LIMIT, BY_MEMORY, BY_BF16, BY_INT8 } limit;

static double machine(bench *b, limit by);

static double middle(double *t, size_t n)
{
    qsort(t, n, sizeof *t, ocrvl_compare_doubles);
    return t[n / 2];
}

/* The median of as many runs as asked for, in seconds; what fails ends it. What limits the stage is measured before
 * each of them, since other programs may be at work as well. */
static double median(bench *b, limit by, void (*work)(bench *b, void *arg), void *arg)
{
    double t[MAX_RUNS], most[MAX_RUNS];
    size_t n = 0;
    while (n < b->runs && !b->st) {
        most[n] = machine(b, by);
        double from = now(b);
        work(b, arg);
        t[n++] = now(b) - from;
    }
    if (b->st)
        return 0;
    if (by == BY_MEMORY)
        b->bandwidth = middle(most, n);
    else
        b->flops = by == NO_LIMIT ? 0 : middle(most, n);
    return middle(t, n);
}

/* ---- the machine ------------------------------------------------------------------------------------- */

typedef struct stream {
    char *data;  /* STREAM zeros */
    bool *found; /* [workers], so that the reads are needed */
} stream;

/* The C library's search takes the widest loads that the processor has. */
static void read_piece(void *user, unsigned worker, size_t task)
{
    const stream *s = user;
    s->found[worker] |= memchr(s->data + task * PIECE, 1, PIECE) != NULL;
}

static void read_all(bench *b, void *arg) { ocrvl_pool_run(b->pool, STREAM / PIECE, read_piece, arg); }

static void peak_task(void *user, unsigned worker, size_t task)
{
    void (*peak)(size_t rounds) = *(void (**)(size_t))user;
    (void)worker, (void)task;
    peak(ROUNDS);
}

static void peak_run(bench *b, void *arg) { ocrvl_pool_run(b->pool, ocrvl_pool_threads(b->pool), peak_task, arg); }

/* Bytes or operations a second; 0 if it isn't known. */
static double machine(bench *b, limit by)
{
    const ocrvl_kern *kern = b->e.work.kern;
    void (*peak)(size_t rounds) = by == BY_BF16 ? kern->peak_bf16 : by == BY_INT8 ? kern->peak_int8 : NULL;
    double amount = (double)ROUNDS * OCRVL_PEAK_STEPS * (by == BY_INT8 ? 128 : 64) * ocrvl_pool_threads(b->pool);
    double from = now(b);
    if (by == BY_MEMORY) {
        read_all(b, b->stream);
        amount = STREAM;
    } else if (peak)
        peak_run(b, &peak);
    else
        return 0;
    return amount / (now(b) - from);
}

/* What limits products with a matrix. */
static limit limit_of(const ocrvl_mat *w)
{
    return w->mode == OCRVL_GEMM_FLOAT ? NO_LIMIT : w->mode == OCRVL_GEMM_BF16 ? BY_BF16 : BY_INT8;
}

static void measure_machine(bench *b)
{
    const ocrvl_kern *kern = b->e.work.kern;
    double steps = (double)ROUNDS * OCRVL_PEAK_STEPS * ocrvl_pool_threads(b->pool);
    void (*peaks[])(size_t) = {kern->peak_bf16, kern->peak_int8};
    row(b, "memory reads", "GB/s", STREAM / median(b, NO_LIMIT, read_all, b->stream) / 1e9, 0);
    if (peaks[0])
        row(b, "bf16 peak", "GFLOPS", steps * 64 / median(b, NO_LIMIT, peak_run, &peaks[0]) / 1e9, 0);
    if (peaks[1])
        row(b, "int8 peak", "GOPS", steps * 128 / median(b, NO_LIMIT, peak_run, &peaks[1]) / 1e9, 0);
}

/* ---- the engine -------------------------------------------------------------------------------------- */

typedef struct one_product {
    const ocrvl_mat *w;
    size_t m;
    float *x, *out;
} one_product;

static void multiply(bench *b, void *arg)
{
    one_product *p = arg;
    ocrvl_gemm(&b->e.work, p->x, p->m, p->w->k, p->w, NULL, p->out, p->w->n);
}

static void measure_product(bench *b, const ocrvl_mat *w)
{
    char name[80];
    one_product p = {.w = w, .m = b->tokens};
    p.x = ocrvl_alloc_aligned(p.m, w->k * sizeof *p.x);
    p.out = ocrvl_alloc_aligned(p.m, w->n * sizeof *p.out);
    if (!b->st && p.x && p.out) {
        double t = median(b, limit_of(w), multiply, &p);
        snprintf(name, sizeof name, "product %zu x %zu x %zu", p.m, w->n, w->k);
        row(b, name, "GFLOPS", 2.0 * (double)p.m * (double)w->n * (double)w->k / t / 1e9, b->flops / 1e9);
    } else if (!b->st)
        b->st = ocrvl_fail_nomem(b->err);
    ocrvl_free(p.x);
    ocrvl_free(p.out);
}

static size_t patches_of(const bench *b) { return (size_t)b->grid.h * b->grid.w; }

/* Seconds that so much arithmetic takes at least, as fast as the machine was while it was measured; 0 unknown. */
static double least(const bench *b, double flop) { return b->flops > 0 ? flop / b->flops : 0; }

static double vision_flop(const bench *b)
{
    ocrvl_pass_shape pass = {.patches = patches_of(b), .longest = patches_of(b)};
    return ocrvl_vision_flop(&b->m->config, &pass);
}

static double prompt_flop(const bench *b)
{
    const ocrvl_config *c = &b->m->config;
    return 2 * (double)b->tokens * (ocrvl_token_parameters(c) - (double)c->vocab * (double)c->width);
}

static void encode(bench *b, void *arg)
{
    float **buf = arg;
    if (!b->st)
        b->st = ocrvl_engine_encode(&b->e, buf[0], &b->grid, 1, buf[1], b->err);
}

/* The seconds of the vision tower; 0 after a failure. */
static double time_vision(bench *b)
{
    const ocrvl_config *c = &b->m->config;
    size_t n = patches_of(b);
    double t = 0;
    float *buf[2] = {ocrvl_alloc_aligned(n, ocrvl_patch_size(c) * sizeof(float)),
                     ocrvl_alloc_aligned(n * ocrvl_config_levels(c), c->width * sizeof(float))};
    if (buf[0] && buf[1])
        t = median(b, limit_of(&b->m->blocks[0].in.w), encode, buf);
    else
        b->st = ocrvl_fail_nomem(b->err);
    ocrvl_free(buf[0]);
    ocrvl_free(buf[1]);
    return t;
}

static void measure_vision(bench *b)
{
    double n = (double)patches_of(b);
    b->vision = time_vision(b);
    b->least[0] = least(b, vision_flop(b));
    if (b->st)
        return;
    row(b, "vision", "s", b->vision, b->least[0]);
    row(b, "vision", "patches/s", n / b->vision, b->least[0] > 0 ? n / b->least[0] : 0);
}

static void place(bench *b, size_t rows, size_t from, bool same)
{
    for (size_t axis = 0; axis < 3; axis++)
        for (size_t i = 0; i < rows; i++)
            b->pos[axis * rows + i] = (int32_t)(same ? from : from + i);
}

static void run_prompt(bench *b, void *arg)
{
    ocrvl_run run = {.kv = &b->kv[0], .rows = b->tokens};
    (void)arg;
    b->kv[0].len = 0;
    place(b, b->tokens, 0, false);
    memset(b->x, 0, b->tokens * b->m->config.width * sizeof *b->x);
    for (size_t i = 0; i < b->tokens * b->m->config.width; i++)
        b->x[i] = (float)(i % 7) - 3;
    if (!b->st)
        b->st = ocrvl_engine_decode(&b->e, b->x, b->pos, &run, 1, b->err);
    if (!b->st)
        b->st = ocrvl_engine_logits(&b->e, b->x, 1, b->logits, b->err);
}

static void run_steps(bench *b, void *arg)
{
    size_t batch = *(size_t *)arg;
    ocrvl_run runs[MAX_BATCH];
    int32_t ids[MAX_BATCH];
    for (size_t i = 0; i < batch; i++) {
        ids[i] = (int32_t)i + 1;
        b->kv[i].len = b->tokens;
        runs[i] = (ocrvl_run){.kv = &b->kv[i], .rows = 1};
    }
    for (size_t s = 0; s < STEPS && !b->st; s++) {
        place(b, batch, b->tokens + s, true);
        ocrvl_engine_embed(&b->e, ids, batch, b->x);
        b->st = ocrvl_engine_decode(&b->e, b->x, b->pos, runs, batch, b->err);
        if (!b->st)
            b->st = ocrvl_engine_logits(&b->e, b->x, batch, b->logits, b->err);
    }
}

/* One sequence's token and a draft. */
static void run_draft(bench *b, void *arg)
{
    static const int32_t ids[DRAFT + 1] = {1, 2, 3, 4, 5, 6, 7, 8};
    ocrvl_run run = {.kv = &b->kv[0], .rows = DRAFT + 1};
    (void)arg;
    b->kv[0].len = b->tokens;
    place(b, DRAFT + 1, b->tokens, false);
    ocrvl_engine_embed(&b->e, ids, DRAFT + 1, b->x);
    if (!b->st)
        b->st = ocrvl_engine_decode(&b->e, b->x, b->pos, &run, 1, b->err);
    if (!b->st)
        b->st = ocrvl_engine_logits(&b->e, b->x, DRAFT + 1, b->logits, b->err);
}

static const size_t batches[] = {1, 4, 8};

/* The seconds of a prompt, which so many sequences have in common afterwards; 0 after a failure. */
static double time_prompt(bench *b, size_t sequences)
{
    const ocrvl_config *c = &b->m->config;
    for (size_t i = 0; i < sequences && !b->st; i++)
        b->st = ocrvl_kv_reserve(&b->kv[i], c, b->tokens + STEPS, b->err);
    double t = median(b, limit_of(&b->m->layers[0].gate.w), run_prompt, NULL);
    for (size_t i = 1; i < sequences && !b->st; i++)
        ocrvl_kv_copy(&b->kv[i], &b->kv[0], c, b->tokens);
    return t;
}

static void measure_decoder(bench *b)
{
    double bytes = (double)ocrvl_weights_step_bytes(b->m), n = (double)b->tokens;
    b->prompt = time_prompt(b, PAGES);
    b->least[1] = least(b, prompt_flop(b));
    if (b->st)
        return;
    row(b, "prompt", "tokens/s", n / b->prompt, b->least[1] > 0 ? n / b->least[1] : 0);
    for (size_t i = 0; i < sizeof batches / sizeof *batches && !b->st; i++) {
        char name[32];
        size_t batch = batches[i];
        double t = median(b, BY_MEMORY, run_steps, &batch) / STEPS;
        b->step[batch - 1] = t;
        snprintf(name, sizeof name, "decode, batch %zu", batch);
        if (!b->st)
            row(b, name, "tokens/s", (double)batch / t, (double)batch * b->bandwidth / bytes);
    }
    double t = median(b, BY_MEMORY, run_draft, NULL);
    if (!b->st)
        row(b, "decode, drafts", "tokens/s", (DRAFT + 1) / t, (DRAFT + 1) * b->bandwidth / bytes);
}

/* What a page of so many that are read together takes. */
static void measure_page(bench *b, size_t batch)
{
    char name[32];
    double tokens = b->o->tokens ? b->o->tokens : ANSWER;
    snprintf(name, sizeof name, batch == 1 ? "page" : "page, batch %zu", batch);
    row(b, name, "s", b->vision + b->prompt + b->step[batch - 1] * tokens / (double)batch, 0);
}

/* What a page takes whose layout is told from the picture that was measured, with an answer for each of its crops. */
static void measure_blocks(bench *b)
{
    double crops = b->o->crops, tokens = b->o->tokens ? b->o->tokens : ANSWERS, n = crops < CROPS ? crops : CROPS;
    double layout = b->vision + b->prompt, bound = b->least[0] + b->least[1], part, sum;
    size_t together = (size_t)n;
    b->grid.h = (uint32_t)(CROP_HIGH * b->m->config.merge);
    b->grid.w = (uint32_t)(CROP_WIDE * b->m->config.merge);
    b->tokens = CROP_TOKENS;
    sum = time_vision(b), part = least(b, vision_flop(b));
    sum += time_prompt(b, together), part += least(b, prompt_flop(b));
    double steps = median(b, BY_MEMORY, run_steps, &together) / STEPS * tokens / n;
    double reads = (double)ocrvl_weights_step_bytes(b->m) * tokens / n / b->bandwidth;
    if (b->st)
        return;
    bool known = bound > 0 && part > 0;
    row(b, "blocks: layout", "s", layout, known ? bound : 0);
    row(b, "blocks: crops", "s", crops * sum, known ? crops * part : 0);
    row(b, "blocks: answers", "s", steps, reads);
    row(b, "page by blocks", "s", layout + crops * sum + steps, known ? bound + crops * part + reads : 0);
}

/* ---- setting up -------------------------------------------------------------------------------------- */

static ocrvl_config config_of(const shape *s)
{
    const ocrvl_family *f = ocrvl_family_of_type(s->type);
    ocrvl_config c = {.family = f,
                      .width = s->width,
                      .layers = s->layers,
                      .heads = s->heads,
                      .kv_heads = s->kv_heads,
                      .head_dim = s->head_dim,
                      .intermediate = s->intermediate,
                      .vocab = s->vocab,
                      .context = 32768,
                      .rms_eps = 1e-6f,
                      .rope_theta = 1e6,
                      .mrope = {s->mrope[0], s->mrope[1], s->mrope[2]},
                      .mrope_mixed = f->mrope_mixed,
                      .tied = s->tied,
                      .v_width = s->v_width,
                      .v_depth = s->v_depth,
                      .v_heads = s->v_heads,
                      .v_head_dim = s->v_width / s->v_heads,
                      .v_mlp = s->v_mlp,
                      .v_window = f->windows ? 4 : 0,
                      .v_whole = {0x80808080u},
                      .v_places = f->places ? 48 : 0,
                      .v_deep = {s->deep[0], s->deep[1], s->deep[2]},
                      .v_deep_count = f->deepstack ? 3 : 0,
                      .patch = s->patch,
                      .merge = 2,
                      .temporal = 2,
                      .line_reader = s->line,
                      .line_height = 2 * s->patch};
    return c;
}

static ocrvl_status make_weights(bench *b)
{
    const ocrvl_bench_options *o = b->o;
    if (o->dir)
        return ocrvl_weights_open_as(&b->m, o->dir, (ocrvl_precision)o->precision, b->err);
    for (size_t i = 0; o->shape && i < sizeof shapes / sizeof *shapes; i++) {
        if (strcmp(shapes[i].name, o->shape) != 0)
            continue;
        ocrvl_config c = config_of(&shapes[i]);
        return ocrvl_weights_random(&b->m, &c, (ocrvl_precision)o->precision, b->err);
    }
    return ocrvl_fail(b->err, OCRVL_E_ARG, "there is no shape named '%s'", o->shape ? o->shape : "");
}

static ocrvl_status set_up(bench *b)
{
    double from = ocrvl_clock();
    ocrvl_status st = make_weights(b);
    if (st)
        return st;
    double opened = ocrvl_clock() - from;
    const ocrvl_config *c = &b->m->config;
    size_t side = c->patch * c->merge, width = b->o->width, height = b->o->height;
    if (!width && b->o->crops)
        width = height = LAYOUT_SIDE * side;
    if (!width || !height)
        width = c->line_reader ? 40 * side : 35 * side, height = c->line_reader ? c->line_height : 36 * side;
    if (width % side || height % side || width > SIDE || height > SIDE)
        return ocrvl_fail(b->err, OCRVL_E_ARG, "%zu x %zu pixels are not multiples of %zu up to %d", width, height,
                          side, SIDE);
    b->grid = (ocrvl_patch_grid){.t = 1, .h = (uint32_t)(height / c->patch), .w = (uint32_t)(width / c->patch)};
    b->tokens = patches_of(b) / (c->merge * c->merge) + (c->line_reader ? 0 : TURN);
    size_t most = (b->tokens > CROP_TOKENS ? b->tokens : CROP_TOKENS) + MAX_BATCH;
    b->x = ocrvl_alloc_aligned(most, c->width * sizeof *b->x);
    b->pos = ocrvl_alloc_array(most, 3 * sizeof *b->pos);
    b->logits = ocrvl_alloc_aligned(MAX_BATCH, c->vocab * sizeof *b->logits);
    if (!b->x || !b->pos || !b->logits)
        return ocrvl_fail_nomem(b->err);
    st = ocrvl_engine_init(&b->e, b->m, b->pool, b->err);
    if (!st && b->o->dir)
        row(b, "opening", "s", opened, 0);
    return st;
}

static void measure(bench *b)
{
    const ocrvl_layer *l = &b->m->layers[0];
    measure_machine(b);
    const ocrvl_mat *mats[] = {&l->gate.w, &l->down.w, &b->m->blocks[0].in.w, &b->m->blocks[0].down.w};
    for (size_t i = 0; i < sizeof mats / sizeof *mats && !b->st; i++)
        measure_product(b, mats[i]);
    if (!b->st)
        measure_vision(b);
    if (!b->st)
        measure_decoder(b);
    for (size_t i = 0; i < sizeof batches / sizeof *batches && !b->st; i++)
        measure_page(b, batches[i]);
    if (b->o->crops && !b->st)
        measure_blocks(b);
}

ocrvl_status ocrvl_dev_bench(const ocrvl_bench_options *o, ocrvl_bench_fn report, void *user, ocrvl_error *err)
{
    stream s = {NULL, NULL};
    bench b = {.o = o, .report = report, .user = user, .err = err, .stream = &s};
    b.runs = o->runs == 0 ? RUNS : o->runs < MAX_RUNS ? o->runs : MAX_RUNS;
    ocrvl_status st = ocrvl_pool_new(&b.pool, o->threads, err);
    if (!st)
        st = set_up(&b);
    if (!st) {
        s.data = ocrvl_alloc_aligned(STREAM, 1);
        s.found = ocrvl_alloc_array(ocrvl_pool_threads(b.pool), sizeof *s.found);
        st = s.data && s.found ? OCRVL_OK : ocrvl_fail_nomem(err);
    }
    if (!st) {
        measure(&b);
        st = b.st;
    }
    for (size_t i = 0; i < MAX_BATCH; i++)
        ocrvl_kv_free(&b.kv[i]);
    ocrvl_free(s.data);
    ocrvl_free(s.found);
    ocrvl_free(b.x);
    ocrvl_free(b.pos);
    ocrvl_free(b.logits);
    ocrvl_engine_free(&b.e);
    ocrvl_weights_free(b.m);
    ocrvl_pool_free(b.pool);
    return st;
}
