/* The families after Qwen2-VL, stage by stage, against transformers' float32 run on tiny random checkpoints
 * (make_families.py): pictures whose windows the edges cut, sides of one visual token, videos, tied and untied heads,
 * both spellings of tensors and configs; in bfloat16 and packed; alone and in company, on one thread and on three. */
#include <errno.h>

#include "families.h"
#include "model/cost.h"
#include "ocrvl_dev.h"

/* Largest difference allowed, of the largest value of a stage (DESIGN section 5). */
static const double tolerance = 2e-4;

typedef struct expected {
    const ocrvl_json *prompt; /* one of expect.json */
    float *blob;              /* expect.f32 */
    size_t stages;            /* seen and checked */
    double worst;             /* difference, of the largest value of its stage */
} expected;

static double compare(const char *what, const float *got, const float *want, size_t n, double top)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - want[i]);
        worst = fmax(worst, d / top);
        if (!(d <= tolerance * top))
            fail_msg("%s: number %zu is off by %g of %g", what, i, d, top);
    }
    return worst;
}

static double largest(const float *v, size_t n)
{
    double top = 0;
    for (size_t i = 0; i < n; i++)
        top = fabs(v[i]) > top ? fabs(v[i]) : top;
    return top;
}

/* Some rows in full, and the sum of each. */
static void check_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    expected *e = user;
    const ocrvl_json *t = ocrvl_json_get(ocrvl_json_get(e->prompt, "stages"), name);
    if (!t)
        fail_msg("the reference has no stage %s", name);
    const ocrvl_json *picked = ocrvl_json_get(t, "rows"), *shape = ocrvl_json_get(t, "shape");
    size_t count = ocrvl_json_length(picked);
    const float *want = e->blob + vectors_int(ocrvl_json_get(t, "at"));
    assert_int_equal(rows, vectors_int(ocrvl_json_at(shape, 0)));
    assert_int_equal(columns, vectors_int(ocrvl_json_at(shape, 1)));
    double top = largest(want, count * columns);
    for (size_t i = 0; i < count; i++)
        e->worst = fmax(e->worst, compare(name, values + (size_t)vectors_int(ocrvl_json_at(picked, i)) * columns,
                                          want + i * columns, columns, top));
    for (size_t i = 0; i < rows; i++) {
        float sum = 0;
        for (size_t j = 0; j < columns; j++)
            sum += values[i * columns + j];
        compare(name, &sum, want + count * columns + i, 1, top * sqrt((double)columns));
    }
    e->stages++;
}

static void check_members(const checkpoint *at, const ocrvl_weights *m)
{
    const ocrvl_config *c = &m->config;
    assert_string_equal(c->family->name, at->family);
    assert_int_equal(c->v_window, at->window);
    assert_int_equal(c->v_deep_count, at->deep);
    assert_int_equal(c->tied, at->tied);
    assert_int_equal(c->v_mlp, 43);
    assert_false(m->low_precision);
    uint64_t numbers = 0;
    for (size_t i = 0; i < ocrvl_tensors_count(m->tensors); i++) {
        const ocrvl_tensor *t = ocrvl_tensors_at(m->tensors, i);
        numbers += t->bytes / (strcmp(t->dtype, "F32") == 0 ? 4 : 2);
    }
    assert_int_equal(ocrvl_all_parameters(c), numbers);
}

static void every_stage(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        const char *name = checkpoints[i].name;
        opened o;
        open_checkpoint(&o, name, OCRVL_PRECISION_FLOAT32, 1);
        check_members(&checkpoints[i], o.m);
        float *blob = vectors_f32(name, "expect.f32", blob_size(name)), logits[VOCABULARY];
        for (size_t k = 0; k < PROMPTS; k++) {
            expected want = {ocrvl_json_at(o.prompts, k), blob, 0, 0};
            ocrvl_kv kv = {0};
            int32_t delta;
            o.e.on_stage = check_stage;
            o.e.user = &want;
            run_prompt(&o.e, want.prompt, &kv, &delta, logits, NULL);
            o.e.on_stage = NULL;
            size_t stages = 1 + o.m->config.v_depth + o.m->config.v_deep_count + 1 + 1 + o.m->config.layers + 1;
            assert_int_equal(want.stages, stages);
            const float *l = blob + vectors_int(ocrvl_json_get(want.prompt, "logits"));
            double off = compare(name, logits, l, VOCABULARY, largest(l, VOCABULARY));
            print_message("# %s, prompt %zu: worst stage %.1e of its largest, logits %.1e\n", name, k, want.worst, off);
            assert_int_equal(run_greedy(&o.e, want.prompt, &kv, delta, logits), GREEDY);
            ocrvl_kv_free(&kv);
        }
        ocrvl_free(blob);
        close_all(&o);
    }
}

/* The root of the mean square of what the logits of all rows are off, from those of the checkpoint in float32;
 * *allowed: the same of the reference's own run in bfloat16. */
static double logits_off(opened *o, opened *exact, double *allowed)
{
    double sum = 0, theirs = 0, count = 0;
    for (size_t k = 0; k < PROMPTS; k++) {
        const ocrvl_json *prompt = ocrvl_json_at(o->prompts, k);
        float logits[VOCABULARY], *got, *want;
        ocrvl_kv kv[2] = {{0}};
        int32_t delta;
        run_prompt(&o->e, prompt, &kv[0], &delta, logits, &got);
        run_prompt(&exact->e, prompt, &kv[1], &delta, logits, &want);
        double n = (double)(ocrvl_json_length(ocrvl_json_get(prompt, "ids")) * VOCABULARY);
        double off = vectors_number(ocrvl_json_get(prompt, "bf16_off"));
        for (size_t i = 0; i < (size_t)n; i++)
            sum += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        theirs += off * off * n;
        count += n;
        ocrvl_free(got);
        ocrvl_free(want);
        ocrvl_kv_free(&kv[0]);
        ocrvl_kv_free(&kv[1]);
    }
    *allowed = sqrt(theirs / count);
    return sqrt(sum / count);
}

static int write_file(void *user, const void *data, size_t len) { return fwrite(data, 1, len, user) == len ? 0 : EIO; }

/* Packs a checkpoint into a folder of its own, which is the caller's to remove. */
static void pack(char folder[64], const char *name, ocrvl_dev_pack type)
{
    char command[256], path[128];
    snprintf(folder, 64, "/tmp/ocrvl-family-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "cp " VECTORS "%s/*config.json %s", name, folder);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    snprintf(path, sizeof path, VECTORS "%s", name);
    assert_ok(ocrvl_dev_pack_weights(path, type, write_file, f, err));
    assert_int_equal(fclose(f), 0);
}

static void drop(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* Low precisions: bfloat16 no further from float32 than the reference's own run in it; of integers as much further as
 * their steps are coarser, with every matrix packed, those too whose rows aren't a multiple of 16. */
static void low_precisions(void **state)
{
    static const struct {
        ocrvl_dev_pack type;
        double most; /* of what is allowed of bfloat16 */
    } forms[] = {{OCRVL_DEV_PACK_BF16, 1}, {OCRVL_DEV_PACK_INT8, 3}, {OCRVL_DEV_PACK_INT4, 6}};
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        opened exact;
        open_checkpoint(&exact, checkpoints[i].name, OCRVL_PRECISION_FLOAT32, 1);
        for (size_t k = 0; k < 3; k++) {
            char folder[64];
            opened o;
            double allowed;
            pack(folder, checkpoints[i].name, forms[k].type);
            open_at(&o, checkpoints[i].name, folder, OCRVL_PRECISION_BF16, 1);
            assert_true(o.m->low_precision);
            assert_true(k == 0 || (o.m->blocks[0].in.w.scales && o.m->blocks[0].down.w.scales && o.m->head.w.scales));
            double off = logits_off(&o, &exact, &allowed);
            print_message("# %s, form %zu: logits off by %.4f (%.4f)\n", checkpoints[i].name, k, off, allowed);
            if (!(off <= forms[k].most * allowed))
                fail_msg("%s, form %zu: logits off by %g", checkpoints[i].name, k, off);
            close_all(&o);
            drop(folder);
        }
        close_all(&exact);
    }
}

typedef struct record {
    float *data;
    size_t len;
} record;

static void keep_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    record *r = user;
    (void)name;
    r->data = ocrvl_realloc_array(r->data, r->len + rows * columns, sizeof *r->data);
    assert_non_null(r->data);
    memcpy(r->data + r->len, values, rows * columns * sizeof *values);
    r->len += rows * columns;
}

/* One thread and three, in float32, bfloat16 and 8 bits: the same bits of every stage. */
static void threads_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++)
        for (int form = 0; form < 3; form++) {
            record r[2] = {{NULL, 0}, {NULL, 0}};
            char folder[64];
            pack(folder, checkpoints[i].name, form == 2 ? OCRVL_DEV_PACK_INT8 : OCRVL_DEV_PACK_BF16);
            for (unsigned t = 0; t < 2; t++) {
                opened o;
                float logits[VOCABULARY];
                open_at(&o, checkpoints[i].name, folder, form ? OCRVL_PRECISION_BF16 : OCRVL_PRECISION_FLOAT32,
                        t ? 3 : 1);
                o.e.on_stage = keep_stage;
                o.e.user = &r[t];
                for (size_t k = 0; k < PROMPTS; k++) {
                    ocrvl_kv kv = {0};
                    int32_t delta;
                    run_prompt(&o.e, ocrvl_json_at(o.prompts, k), &kv, &delta, logits, NULL);
                    keep_stage(&r[t], "logits", logits, 1, VOCABULARY);
                    ocrvl_kv_free(&kv);
                }
                close_all(&o);
            }
            assert_int_equal(r[0].len, r[1].len);
            assert_memory_equal(r[0].data, r[1].data, r[0].len * sizeof(float));
            ocrvl_free(r[0].data);
            ocrvl_free(r[1].data);
            drop(folder);
        }
}

/* Both prompts in one pass of the decoder: what each gives alone. */
static void batches_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        opened o;
        ready r[PROMPTS];
        ocrvl_kv kv[PROMPTS] = {{0}}, alone[PROMPTS] = {{0}};
        ocrvl_run runs[PROMPTS];
        size_t rows = 0, at = 0;
        open_checkpoint(&o, checkpoints[i].name, OCRVL_PRECISION_FLOAT32, 1);
        size_t d = o.m->config.width;
        for (size_t k = 0; k < PROMPTS; k++) {
            r[k] = get_ready(&o.e, ocrvl_json_at(o.prompts, k));
            assert_ok(ocrvl_kv_reserve(&kv[k], &o.m->config, r[k].rows, err));
            assert_ok(ocrvl_kv_reserve(&alone[k], &o.m->config, r[k].rows, err));
            runs[k] = run_of(&o.e, &r[k], &kv[k]);
            rows += r[k].rows;
        }
        float *x = ocrvl_alloc_array(rows, d * sizeof *x);
        int32_t *pos = ocrvl_alloc_array(rows, 3 * sizeof *pos);
        assert_true(x && pos);
        for (size_t k = 0; k < PROMPTS; at += r[k++].rows) {
            memcpy(x + at * d, r[k].x, r[k].rows * d * sizeof *x);
            for (size_t axis = 0; axis < 3; axis++)
                memcpy(pos + axis * rows + at, r[k].pos + axis * r[k].rows, r[k].rows * sizeof *pos);
        }
        assert_ok(ocrvl_engine_decode(&o.e, x, pos, runs, PROMPTS, err));
        at = 0;
        for (size_t k = 0; k < PROMPTS; at += r[k++].rows) {
            ocrvl_run run = run_of(&o.e, &r[k], &alone[k]);
            assert_ok(ocrvl_engine_decode(&o.e, r[k].x, r[k].pos, &run, 1, err));
            assert_memory_equal(x + at * d, r[k].x, r[k].rows * d * sizeof *x);
            ocrvl_kv_free(&kv[k]);
            ocrvl_kv_free(&alone[k]);
        }
        for (size_t k = 0; k < PROMPTS; k++)
            free_ready(&r[k]);
        ocrvl_free(x);
        ocrvl_free(pos);
        close_all(&o);
    }
}

/* Each allocation of the tower fails once: the error is told, nothing is lost, and the next try gives the tokens. */
static void want_of_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        opened o;
        ocrvl_patch_grid grids[MOST_GRIDS];
        size_t patches;
        bool happened = true;
        open_checkpoint(&o, checkpoints[i].name, OCRVL_PRECISION_FLOAT32, 1);
        const ocrvl_config *c = &o.m->config;
        size_t count = grids_of(ocrvl_json_at(o.prompts, 0), grids, &patches), tokens = patches / 4;
        float *pixels = make_patches(patches, o.m->patch_embed.w.k);
        float *visual = ocrvl_alloc_array(tokens * ocrvl_config_levels(c), c->width * sizeof *visual);
        assert_non_null(visual);
        for (long n = 1; happened; n++) {
            ocrvl_engine e;
            ocrvl_mem_fail_after(n);
            ocrvl_status st = ocrvl_engine_init(&e, o.m, NULL, NULL);
            if (!st) {
                st = ocrvl_engine_encode(&e, pixels, grids, count, visual, NULL);
                ocrvl_engine_free(&e);
            }
            happened = ocrvl_mem_failed();
            ocrvl_mem_fail_after(0);
            assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
            assert_true(happened || n > 8);
        }
        ocrvl_free(pixels);
        ocrvl_free(visual);
        close_all(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_stage), cmocka_unit_test(low_precisions),
                                       cmocka_unit_test(threads_change_no_bit), cmocka_unit_test(batches_change_no_bit),
                                       cmocka_unit_test(want_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
