/* ocrvl_planner: what reading a page will take, before any weight is read. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "kern/gemm.h"
#include "model/cost.h"
#include "model/safetensors.h"
#include "page/layout.h"
#include "read/looks.h"
#include "read/prompts.h"

/* Weights up to this size are kept packed in float32 as well (weights.c); of an answer, tokens that a line of text makes; of a
 * line reader's batch, strips; the sizes that are measured; bytes of the program, its libraries and their work. */
enum { PACKED = 64 << 20, LINE_TOKENS = 18, PROMPT = 128, BATCH = 24, SIDE = 1024, ROWS = 192 };
#define PROGRAM (48u << 20)

typedef struct checkpoint {
    ocrvl_config config;
    uint64_t bytes; /* of its weights as stored */
    bool narrow;    /* computed in bfloat16 */
} checkpoint;

struct ocrvl_planner {
    checkpoint main, line; /* line: of a page reader's companion, or main again */
    bool has_line;
    uint32_t threads;
    double flops, narrow_flops; /* a second, of all threads */
    double bandwidth;           /* bytes a second */
};

static ocrvl_status look_up(checkpoint *k, const char *dir, ocrvl_error *err)
{
    ocrvl_tensors *t;
    uint64_t narrow = 0;
    ocrvl_status st = ocrvl_config_load(&k->config, dir, err);
    if (st)
        return st;
    st = ocrvl_tensors_open(&t, dir, err);
    if (st) {
        ocrvl_config_free(&k->config);
        return st;
    }
    for (size_t i = 0; i < ocrvl_tensors_count(t); i++) {
        const ocrvl_tensor *x = ocrvl_tensors_at(t, i);
        k->bytes += x->bytes;
        narrow += strcmp(x->dtype, "BF16") == 0 ? x->bytes : 0;
    }
    k->narrow = k->bytes > PACKED && 2 * narrow > k->bytes && ocrvl_kern_best()->bf16;
    ocrvl_tensors_free(t);
    return OCRVL_OK;
}

/* Products of ROWS x SIDE x SIDE for a twentieth of a second: FLOP a second. */
static double measure(const ocrvl_work *w, ocrvl_mat *m, const float *x, size_t rows, float *out)
{
    double from = ocrvl_clock(), now;
    size_t n = 0;
    do {
        ocrvl_gemm(w, x, rows, m->k, m, NULL, out, m->n);
        n++;
        now = ocrvl_clock();
    } while (now - from < 0.05);
    return 2.0 * (double)rows * (double)m->n * (double)m->k * (double)n / (now - from);
}

static ocrvl_status measure_machine(ocrvl_planner *p, ocrvl_error *err)
{
    ocrvl_pool *pool;
    ocrvl_work w = {0};
    size_t deep = 24 * SIDE; /* 50 MB of bfloat16: more than caches hold */
    ocrvl_status st = ocrvl_pool_new(&pool, p->threads, err);
    if (st)
        return st;
    p->threads = ocrvl_pool_threads(pool);
    st = ocrvl_work_init(&w, pool, err);
    if (!st)
        st = ocrvl_work_narrow(&w, err);
    uint16_t *weights = ocrvl_alloc_aligned(deep * SIDE, sizeof *weights);
    float *x = ocrvl_alloc_aligned(ROWS * SIDE, sizeof *x), *out = ocrvl_alloc_aligned(deep, ROWS * sizeof *out / 8);
    if (!st && (!weights || !x || !out))
        st = ocrvl_fail_nomem(err);
    if (!st) {
        ocrvl_mat m = {.n = SIDE, .k = SIDE, .type = OCRVL_BF16, .data = weights};
        p->flops = measure(&w, &m, x, ROWS, out);
        m.way = w.kern->bf16 ? OCRVL_WAY_BF16 : OCRVL_WAY_FLOAT;
        p->narrow_flops = measure(&w, &m, x, ROWS, out);
        m.n = deep;
        p->bandwidth = measure(&w, &m, x, 1, out); /* 2 FLOP and 2 bytes for each weight */
    }
    ocrvl_free(weights);
    ocrvl_free(x);
    ocrvl_free(out);
    ocrvl_work_free(&w);
    ocrvl_pool_free(pool);
    return st;
}

ocrvl_status ocrvl_planner_new(ocrvl_planner **out, const char *dir, const char *line_dir, uint32_t threads,
                               ocrvl_error *err)
{
    *out = NULL;
    ocrvl_planner *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    p->threads = threads;
    ocrvl_status st = look_up(&p->main, dir, err);
    if (!st && line_dir && !p->main.config.line_reader) {
        st = look_up(&p->line, line_dir, err);
        p->has_line = !st;
    }
    if (!st)
        st = measure_machine(p, err);
    if (st)
        ocrvl_planner_free(p);
    else
        *out = p;
    return st;
}

void ocrvl_planner_free(ocrvl_planner *p)
{
    if (!p)
        return;
    ocrvl_config_free(&p->main.config);
    ocrvl_config_free(&p->line.config);
    ocrvl_free(p);
}

/* ---- a page ------------------------------------------------------------------------------------------ */

static double speed(const ocrvl_planner *p, const checkpoint *k) { return k->narrow ? p->narrow_flops : p->flops; }

/* Seconds of a pass: arithmetic, or, token by token, the reading of the weights where that takes longer. */
static double seconds_of(const ocrvl_planner *p, const checkpoint *k, const ocrvl_pass_shape *s, double answer)
{
    double flops = speed(p, k), item = k->narrow ? 2 : 4;
    double token = fmax((double)s->sequences * ocrvl_token_flop(&k->config) / flops,
                        ocrvl_token_parameters(&k->config) * item / p->bandwidth);
    return (ocrvl_vision_flop(&k->config, s) + (double)s->sequences * ocrvl_prompt_flop(&k->config, s)) / flops +
           answer * token;
}

static uint64_t resident_weights(const checkpoint *k) { return k->bytes <= PACKED ? 3 * k->bytes : k->bytes; }

/* The strips of a line reader: as many looks as lines, read in batches. */
static void plan_lines(const ocrvl_planner *p, const checkpoint *k, const ocrvl_layout *l, ocrvl_page_plan *plan,
                       bool main)
{
    const ocrvl_config *c = &k->config;
    double width = 0;
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_box *b = &l->lines[i].ink;
        width += 1.6 * (b->x1 - b->x0) / fmax(1, b->y1 - b->y0) * (double)c->line_height / 1.5;
    }
    double strips = fmax((double)l->line_count, width / (double)c->max_width), mean = strips > 0 ? width / strips : 0;
    size_t patches = (size_t)(mean / (double)c->patch + 1) * (c->line_height / c->patch);
    ocrvl_pass_shape one = {.patches = patches, .longest = patches, .tokens = patches / (c->merge * c->merge) + 24,
                            .answer = (size_t)(mean / 5) + 24, .sequences = 1, .threads = 1};
    double batch = fmin(BATCH, fmax(1, strips / (2.0 * p->threads)));
    ocrvl_pass_shape all = one;
    all.patches = (size_t)((double)patches * batch);
    all.sequences = (size_t)batch;
    plan->seconds += seconds_of(p, k, &all, mean / 9) * strips / batch;
    plan->memory += resident_weights(k) + p->threads * ocrvl_pass_bytes(c, &all);
    if (!main)
        return;
    plan->looks = (uint32_t)strips;
    plan->look_width = (uint32_t)fmin(mean, (double)c->max_width);
    plan->look_height = (uint32_t)c->line_height;
    plan->visual_tokens = (uint64_t)((double)(patches / (c->merge * c->merge)) * strips);
}

static ocrvl_status plan_looks(const ocrvl_planner *p, const ocrvl_layout *l, const ocrvl_image *img,
                               const ocrvl_read_options *o, ocrvl_page_plan *plan, ocrvl_error *err)
{
    const ocrvl_config *c = &p->main.config;
    ocrvl_task task = {0};
    ocrvl_looks looks;
    uint64_t largest = 0;
    size_t answer = o->limits.max_tokens ? o->limits.max_tokens : 4096;
    if (o->task && !ocrvl_task_by_name(&task, o->task))
        return ocrvl_fail(err, OCRVL_E_ARG, "no prompt is called '%s'", o->task);
    answer = answer < c->context / 2 ? answer : c->context / 2;
    ocrvl_look_limits limits = {o->min_pixels, o->max_pixels, task.longest_side, task.output == OCRVL_OUTPUT_GROUNDING, 1024,
                                answer};
    ocrvl_status st = ocrvl_plan_looks(&looks, c, l, img->dpi_x, &limits, err);
    if (st)
        return st;
    plan->looks = (uint32_t)looks.count;
    plan->x_height = looks.x_height;
    double expected = fmin((double)answer, (double)l->line_count * LINE_TOKENS) / (double)looks.count;
    for (size_t i = 0; i < looks.count; i++) {
        const ocrvl_look *k = &looks.look[i];
        size_t tokens = ocrvl_look_tokens(k, c), patches = tokens * c->merge * c->merge;
        ocrvl_pass_shape s = {patches, patches, tokens + PROMPT, answer, 1, p->threads, p->main.narrow};
        uint64_t bytes = ocrvl_pass_bytes(c, &s);
        plan->visual_tokens += tokens;
        plan->seconds += seconds_of(p, &p->main, &s, expected);
        if (bytes > largest) {
            largest = bytes;
            plan->look_width = k->width;
            plan->look_height = k->height;
        }
    }
    plan->memory += resident_weights(&p->main) + largest;
    return OCRVL_OK;
}

ocrvl_status ocrvl_planner_page(ocrvl_planner *p, const ocrvl_image *img, const ocrvl_read_options *opt,
                                ocrvl_page_plan *plan, ocrvl_error *err)
{
    ocrvl_read_options o = {0};
    ocrvl_page_plan out = {.size = plan->size, .width = img->width, .height = img->height};
    ocrvl_layout *l;
    double from = ocrvl_clock();
    if (opt)
        memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    ocrvl_layout_options how = {o.layout, o.keep_rotation, o.keep_skew};
    ocrvl_status st = ocrvl_layout_new(&l, img, &how, err);
    if (st)
        return st;
    out.lines = (uint32_t)l->line_count;
    out.memory = PROGRAM + (uint64_t)img->width * img->height * (img->channels + 2);
    out.seconds = ocrvl_clock() - from;
    if (l->line_count && p->main.config.line_reader)
        plan_lines(p, &p->main, l, &out, true);
    else if (l->line_count) {
        st = plan_looks(p, l, img, &o, &out, err);
        if (!st && p->has_line)
            plan_lines(p, &p->line, l, &out, false);
    }
    ocrvl_layout_free(l);
    if (!st)
        memcpy(plan, &out, plan->size < sizeof out ? plan->size : sizeof out);
    return st;
}
