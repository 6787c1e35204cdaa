/* What a planner knows: the shapes of its checkpoints, whose weights aren't read, and what the machine does in a
 * second. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/nano.h"
#include "kern/gemm.h"
#include "model/weights.h"
#include "read/plan_parts.h"

enum { SIDE = 1024, ROWS = 192 }; /* of the products that are measured */

static bool is_read_by_tokens(const char *name, bool has_head)
{
    return strstr(name, "layers.") || strstr(name, "lm_head") || (!has_head && strstr(name, "embed_tokens"));
}

static void count_bytes(ocrvl_plan_model *k, const ocrvl_tensors *t)
{
    uint64_t low_precision = 0;
    bool packed = false, has_head = false;
    for (size_t i = 0; i < ocrvl_tensors_count(t); i++)
        has_head |= strstr(ocrvl_tensors_at(t, i)->name, "lm_head") != NULL;
    for (size_t i = 0; i < ocrvl_tensors_count(t); i++) {
        const ocrvl_tensor *x = ocrvl_tensors_at(t, i);
        k->bytes += x->bytes;
        k->step += is_read_by_tokens(x->name, has_head) ? x->bytes : 0;
        bool low = strcmp(x->dtype, "BF16") == 0 || strcmp(x->dtype, "F8_E4M3") == 0;
        low_precision += low ? x->bytes : 0;
        packed |= ocrvl_is_half_of_packed(x->name);
    }
    k->low_precision =
        packed || (!ocrvl_weights_are_small(k->bytes) && 2 * low_precision > k->bytes && ocrvl_kern_best()->bf16);
}

static void free_checkpoint(ocrvl_plan_model *k) { ocrvl_config_free(&k->config); }

static ocrvl_status look_up(ocrvl_plan_model *k, const char *dir, ocrvl_error *err)
{
    ocrvl_tensors *t;
    ocrvl_status st = ocrvl_config_load(&k->config, dir, err);
    if (st)
        return st;
    st = ocrvl_tensors_open(&t, dir, err);
    if (st)
        return st;
    count_bytes(k, t);
    ocrvl_tensors_free(t);
    char *name = ocrvl_model_name_of(dir);
    st = name ? ocrvl_profile_find(&k->profile, dir, name, &k->config, err) : ocrvl_fail_nomem(err);
    ocrvl_free(name);
    return st;
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

ocrvl_status ocrvl_planner_measure_machine(ocrvl_planner *p, ocrvl_error *err)
{
    ocrvl_pool *pool;
    ocrvl_work w = {0};
    size_t deep = 24 * SIDE; /* 50 MB of bfloat16: more than caches hold */
    ocrvl_status st = ocrvl_pool_new(&pool, p->threads, err);
    if (st)
        return st;
    st = ocrvl_work_init(&w, pool, err);
    if (!st)
        st = ocrvl_work_reserve_rounded(&w, err);
    uint16_t *weights = ocrvl_alloc_aligned(deep * SIDE, sizeof *weights);
    float *x = ocrvl_alloc_aligned(ROWS * SIDE, sizeof *x), *out = ocrvl_alloc_aligned(deep, ROWS * sizeof *out / 8);
    if (!st && (!weights || !x || !out))
        st = ocrvl_fail_nomem(err);
    if (!st) {
        ocrvl_mat m = {.n = SIDE, .k = SIDE, .type = OCRVL_BF16, .data = weights};
        p->flops = measure(&w, &m, x, ROWS, out);
        m.mode = w.kern->bf16 ? OCRVL_GEMM_BF16 : OCRVL_GEMM_FLOAT;
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

static ocrvl_status count_threads(ocrvl_planner *p, ocrvl_error *err)
{
    ocrvl_pool *pool;
    ocrvl_status st = ocrvl_pool_new(&pool, p->threads, err);
    if (st)
        return st;
    p->threads = ocrvl_pool_threads(pool);
    ocrvl_pool_free(pool);
    return OCRVL_OK;
}

ocrvl_status ocrvl_planner_new(ocrvl_planner **out, const char *dir, const char *line_dir, uint32_t threads,
                               ocrvl_error *err)
{
    *out = NULL;
    ocrvl_planner *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    p->threads = threads;
    p->max_memory = UINT64_MAX;
    char *nano = NULL;
    ocrvl_status st = count_threads(p, err);
    if (!st && !dir)
        st = ocrvl_nano_find(&nano, err);
    if (!st)
        st = look_up(&p->main, dir ? dir : nano, err);
    ocrvl_free(nano);
    if (!st && line_dir && !p->main.config.line_reader) {
        st = look_up(&p->line, line_dir, err);
        p->has_line = !st;
    }
    if (st)
        ocrvl_planner_free(p);
    else
        *out = p;
    return st;
}

ocrvl_status ocrvl_planner_add_line(ocrvl_planner *p, const char *line_dir, ocrvl_error *err)
{
    bool beside = !p->main.config.line_reader && !p->has_line;
    if (!beside && p->more_count == OCRVL_PLAN_MORE)
        return ocrvl_fail(err, OCRVL_E_ARG, "there may be %d line readers at most", OCRVL_MAX_TONGUES);
    ocrvl_plan_model *k = beside ? &p->line : &p->more[p->more_count];
    ocrvl_status st = look_up(k, line_dir, err);
    p->has_line |= beside && !st;
    p->more_count += !beside; /* what was looked up in part is freed */
    return st;
}

bool ocrvl_planner_reads_lines(const ocrvl_planner *p) { return p->main.config.line_reader; }

void ocrvl_planner_free(ocrvl_planner *p)
{
    if (!p)
        return;
    free_checkpoint(&p->main);
    free_checkpoint(&p->line);
    for (size_t i = 0; i < p->more_count; i++)
        free_checkpoint(&p->more[i]);
    ocrvl_free(p);
}
