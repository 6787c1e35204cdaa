/* The forward pass, stage by stage, against Hugging Face's float32 run; greedy tokens and log-probabilities; the same
 * bits for any number of threads, alone and in a batch. */
#include <errno.h>

#include "model/engine.h"
#include "model/pixels.h"
#include "ocrvl_dev.h"
#include "vectors.h"

/* Largest difference allowed, of the largest value of a stage (DESIGN section 5). */
static const double tolerance = 2e-4;

typedef struct expected { /* one prompt of prompts.json and what is checked while it runs */
    const char *folder;   /* of the tensors */
    const ocrvl_json *prompt;
    size_t stages; /* seen and checked */
} expected;

typedef struct checkpoint {
    const char *folder;
    const char *expect;
} checkpoint;

static const checkpoint checkpoints[] = {
    {"tiny", "tiny/expect"}, {"tiny-resaved", "tiny/expect"}, {"tiny-untied", "tiny-untied/expect"}};

static void compare(const char *what, const float *got, const float *want, size_t n)
{
    double worst = 0, top = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - want[i]);
        assert_true(d == d);
        worst = d > worst ? d : worst;
        top = fabs(want[i]) > top ? fabs(want[i]) : top;
    }
    if (worst > tolerance * top)
        fail_msg("%s: off by %g of %g", what, worst, top);
}

static void check_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    expected *e = user;
    const ocrvl_json *t = ocrvl_json_get(ocrvl_json_get(e->prompt, "tensors"), name);
    if (!t)
        return;
    const ocrvl_json *shape = ocrvl_json_get(t, "shape");
    size_t want_rows = (size_t)vectors_int(ocrvl_json_at(shape, 0));
    assert_int_equal(columns, vectors_int(ocrvl_json_at(shape, 1)));
    float *want = vectors_f32(e->folder, vectors_string(ocrvl_json_get(t, "file")), want_rows * columns);
    if (strncmp(name, "decoder.", 8) == 0) {
        const ocrvl_json *picked = ocrvl_json_get(e->prompt, "rows");
        assert_int_equal(ocrvl_json_length(picked), want_rows);
        for (size_t i = 0; i < want_rows; i++) {
            size_t row = (size_t)vectors_int(ocrvl_json_at(picked, i));
            assert_true(row < rows);
            compare(name, values + row * columns, want + i * columns, columns);
        }
    } else {
        assert_int_equal(rows, want_rows);
        compare(name, values, want, rows * columns);
    }
    ocrvl_free(want);
    e->stages++;
}

/* The patches of the prompt's pictures, from the processor's own pixel values. */
static float *patches_of(const ocrvl_json *prompt, const ocrvl_json *pictures, ocrvl_patch_grid *grids, size_t *count)
{
    const ocrvl_json *names = ocrvl_json_get(prompt, "images"), *thw = ocrvl_json_get(prompt, "image_grid_thw");
    size_t total = 0;
    float *out = ocrvl_alloc(1);
    *count = ocrvl_json_length(names);
    for (size_t i = 0; i < *count; i++) {
        const char *name = vectors_string(ocrvl_json_at(names, i));
        const ocrvl_json *g = ocrvl_json_at(thw, i);
        grids[i] = (ocrvl_patch_grid){.t = (uint32_t)vectors_int(ocrvl_json_at(g, 0)),
                                      .h = (uint32_t)vectors_int(ocrvl_json_at(g, 1)),
                                      .w = (uint32_t)vectors_int(ocrvl_json_at(g, 2))};
        size_t n = (size_t)grids[i].t * grids[i].h * grids[i].w * 1176;
        for (size_t k = 0; k < ocrvl_json_length(pictures); k++)
            if (strcmp(vectors_string(ocrvl_json_get(ocrvl_json_at(pictures, k), "name")), name) == 0) {
                float *one = vectors_f32("processor",
                                         vectors_string(ocrvl_json_get(ocrvl_json_at(pictures, k), "pixel_values")), n);
                out = ocrvl_realloc_array(out, total + n, sizeof *out);
                memcpy(out + total, one, n * sizeof *out);
                ocrvl_free(one);
            }
        total += n;
    }
    return out;
}

static double logprob(const float *logits, size_t n, int32_t id)
{
    double top = logits[0], sum = 0;
    for (size_t i = 0; i < n; i++)
        top = logits[i] > top ? logits[i] : top;
    for (size_t i = 0; i < n; i++)
        sum += exp(logits[i] - top);
    return logits[id] - top - log(sum);
}

static int32_t best(const float *logits, size_t n)
{
    size_t b = 0;
    for (size_t i = 1; i < n; i++)
        b = logits[i] > logits[b] ? i : b;
    return (int32_t)b;
}

/* Feeds tokens one by one after the prompt: the best each time (forced NULL), or those given; logprobs of each. */
static void go_on(ocrvl_engine *e, const ocrvl_kv *prompt, int32_t delta, const float *logits, const int32_t *forced,
                  size_t steps, int32_t *ids, double *logprobs)
{
    const ocrvl_config *c = &e->m->config;
    ocrvl_kv kv = {0};
    float *x = ocrvl_alloc_array(c->width, sizeof *x), *now = ocrvl_alloc_array(c->vocab, sizeof *now);
    assert_true(x && now);
    assert_ok(ocrvl_kv_reserve(&kv, c, prompt->len + steps, err));
    ocrvl_kv_copy(&kv, prompt, c, prompt->len);
    memcpy(now, logits, c->vocab * sizeof *now);
    for (size_t i = 0; i < steps; i++) {
        ids[i] = forced ? forced[i] : best(now, c->vocab);
        logprobs[i] = logprob(now, c->vocab, ids[i]);
        int32_t at = (int32_t)kv.len + delta, pos[3] = {at, at, at};
        ocrvl_run run = {.kv = &kv, .rows = 1};
        ocrvl_engine_embed(e, &ids[i], 1, x);
        assert_ok(ocrvl_engine_decode(e, x, pos, &run, 1, err));
        assert_ok(ocrvl_engine_logits(e, x, 1, now, err));
    }
    ocrvl_kv_free(&kv);
    ocrvl_free(x);
    ocrvl_free(now);
}

static void check_tokens(ocrvl_engine *e, const ocrvl_kv *kv, int32_t delta, const float *logits,
                         const ocrvl_json *want, bool forced)
{
    size_t n;
    int32_t *ids = vectors_ints(ocrvl_json_get(want, "ids"), &n), got[64];
    double logprobs[64];
    assert_true(n > 10 && n <= 64);
    go_on(e, kv, delta, logits, forced ? ids : NULL, n, got, logprobs);
    for (size_t i = 0; i < n; i++) {
        double p = vectors_number(ocrvl_json_at(ocrvl_json_get(want, "logprobs"), i));
        assert_int_equal(got[i], ids[i]);
        assert_true(fabs(logprobs[i] - p) < 2e-4 * (1 + fabs(p)));
    }
    ocrvl_free(ids);
}

/* Runs one prompt; logits [vocab] of its last position go to `logits`. */
static void run_prompt(ocrvl_engine *e, const ocrvl_json *prompt, const ocrvl_json *pictures, ocrvl_kv *kv,
                       int32_t *delta, float *logits)
{
    const ocrvl_config *c = &e->m->config;
    ocrvl_patch_grid grids[4];
    size_t n, count, seen = 0;
    int32_t *ids = vectors_ints(ocrvl_json_get(prompt, "ids"), &n), *pos = ocrvl_alloc_array(3 * n, sizeof *pos);
    float *patches = patches_of(prompt, pictures, grids, &count);
    float *x = ocrvl_alloc_array(n, c->width * sizeof *x), *visual = ocrvl_alloc_array(n, c->width * sizeof *x);
    assert_true(pos && patches && x && visual);
    assert_ok(ocrvl_engine_encode(e, patches, grids, count, visual, err));
    ocrvl_engine_embed(e, ids, n, x);
    for (size_t i = 0; i < n; i++)
        if (ids[i] == c->image_token)
            memcpy(x + i * c->width, visual + seen++ * c->width, c->width * sizeof *x);
    if (e->on_stage)
        e->on_stage(e->user, "decoder.embeds", x, n, c->width);
    assert_ok(ocrvl_mrope_positions(ids, n, grids, count, c->merge, c->image_token, c->video_token, pos, delta, err));
    for (size_t axis = 0; axis < 3; axis++)
        for (size_t i = 0; i < n; i++)
            assert_int_equal(pos[axis * n + i], vectors_int(ocrvl_json_at(
                                                    ocrvl_json_at(ocrvl_json_get(prompt, "position_ids"), axis), i)));
    assert_int_equal(*delta, vectors_int(ocrvl_json_get(prompt, "rope_delta")));
    ocrvl_run run = {.kv = kv, .rows = n};
    assert_ok(ocrvl_kv_reserve(kv, c, n, err));
    assert_ok(ocrvl_engine_decode(e, x, pos, &run, 1, err));
    float *all = ocrvl_alloc_array(n, c->vocab * sizeof *all);
    assert_non_null(all);
    assert_ok(ocrvl_engine_logits(e, x, n, all, err));
    memcpy(logits, all + (n - 1) * c->vocab, c->vocab * sizeof *all);
    ocrvl_free(all);
    ocrvl_free(ids);
    ocrvl_free(pos);
    ocrvl_free(patches);
    ocrvl_free(x);
    ocrvl_free(visual);
}

static void check_checkpoint(const checkpoint *at)
{
    char path[256];
    ocrvl_weights *m;
    ocrvl_engine e;
    snprintf(path, sizeof path, VECTORS "%s", at->folder);
    assert_ok(ocrvl_weights_open(&m, path, err));
    assert_ok(ocrvl_engine_init(&e, m, NULL, err));
    snprintf(path, sizeof path, "%s/prompts.json", at->expect);
    ocrvl_json *root = vectors_json(path), *processor = vectors_json("processor/processor.json");
    const ocrvl_json *prompts = ocrvl_json_get(root, "prompts");
    float *logits = ocrvl_alloc_array(m->config.vocab, sizeof *logits);
    assert_non_null(logits);
    assert_int_equal(ocrvl_json_length(prompts), 3);
    for (size_t i = 0; i < 3; i++) {
        expected want = {at->expect, ocrvl_json_at(prompts, i), 0};
        ocrvl_kv kv = {0};
        int32_t delta;
        const ocrvl_json *tensors = ocrvl_json_get(want.prompt, "tensors");
        e.on_stage = check_stage;
        e.user = &want;
        run_prompt(&e, want.prompt, ocrvl_json_get(processor, "images"), &kv, &delta, logits);
        e.on_stage = NULL;
        assert_int_equal(want.stages, ocrvl_json_length(tensors) - 1); /* all but the logits */
        float *l = vectors_f32(at->expect, vectors_string(ocrvl_json_get(ocrvl_json_get(tensors, "logits"), "file")),
                               m->config.vocab);
        compare("logits", logits, l, m->config.vocab);
        ocrvl_free(l);
        check_tokens(&e, &kv, delta, logits, ocrvl_json_get(want.prompt, "greedy"), false);
        check_tokens(&e, &kv, delta, logits, ocrvl_json_get(want.prompt, "nll"), true);
        ocrvl_kv_free(&kv);
    }
    ocrvl_free(logits);
    ocrvl_json_free(root);
    ocrvl_json_free(processor);
    ocrvl_engine_free(&e);
    ocrvl_weights_free(m);
}

static void tied_sharded_bf16(void **state) { (void)state, check_checkpoint(&checkpoints[0]); }

static void resaved_by_transformers_5(void **state)
{
    ocrvl_config was, is;
    (void)state;
    check_checkpoint(&checkpoints[1]);
    assert_ok(ocrvl_config_load(&was, VECTORS "tiny", err));
    assert_ok(ocrvl_config_load(&is, VECTORS "tiny-resaved", err));
    assert_int_equal(is.min_pixels, was.min_pixels);
    assert_int_equal(is.max_pixels, was.max_pixels);
    assert_int_equal(is.max_pixels, 12845056);
    assert_memory_equal(is.mean, was.mean, sizeof is.mean);
    assert_memory_equal(is.std, was.std, sizeof is.std);
    ocrvl_config_free(&was);
    ocrvl_config_free(&is);
}

static void untied_f16(void **state) { (void)state, check_checkpoint(&checkpoints[2]); }

/* Three threads and one, packed weights and mapped ones: the same bits of every stage of every prompt. */
typedef struct record {
    float *data;
    size_t len;
} record;

static void keep_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    record *r = user;
    (void)name;
    r->data = ocrvl_realloc_array(r->data, r->len + rows * columns, sizeof *r->data);
    memcpy(r->data + r->len, values, rows * columns * sizeof *values);
    r->len += rows * columns;
}

static void unpack(ocrvl_weights *m)
{
    ocrvl_mat *all[] = {&m->patch_embed.w,   &m->merger.in.w,    &m->merger.out.w,  &m->head.w,
                        &m->blocks[0].qkv.w, &m->blocks[0].in.w, &m->layers[0].q.w, &m->layers[0].down.w};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ocrvl_free(all[i]->packed);
        all[i]->packed = NULL;
    }
}

/* Every stage of every prompt, on three threads or one; packed matrices are dropped to be packed as they are used. */
static void record_prompts(record *r, const char *dir, ocrvl_precision precision, bool other_way)
{
    ocrvl_json *root = vectors_json("tiny/expect/prompts.json"), *processor = vectors_json("processor/processor.json");
    ocrvl_pool *pool = NULL;
    ocrvl_weights *m;
    ocrvl_engine e;
    assert_ok(ocrvl_weights_open_as(&m, dir, precision, err));
    if (other_way) {
        assert_ok(ocrvl_pool_new(&pool, 3, err));
        unpack(m);
    }
    assert_ok(ocrvl_engine_init(&e, m, pool, err));
    e.on_stage = keep_stage;
    e.user = r;
    for (size_t i = 0; i < 3; i++) {
        ocrvl_kv kv = {0};
        int32_t delta;
        float logits[520];
        run_prompt(&e, ocrvl_json_at(ocrvl_json_get(root, "prompts"), i), ocrvl_json_get(processor, "images"), &kv,
                   &delta, logits);
        keep_stage(r, "logits", logits, 1, 520);
        ocrvl_kv_free(&kv);
    }
    ocrvl_engine_free(&e);
    ocrvl_weights_free(m);
    ocrvl_pool_free(pool);
    ocrvl_json_free(root);
    ocrvl_json_free(processor);
}

static void threads_and_packing_change_no_bit(void **state)
{
    (void)state;
    for (int bf16 = 0; bf16 < 2; bf16++) {
        record r[2] = {{0}};
        for (int mode = 0; mode < 2; mode++)
            record_prompts(&r[mode], VECTORS "tiny", bf16 ? OCRVL_PRECISION_BF16 : OCRVL_PRECISION_FLOAT32, mode == 1);
        assert_int_equal(r[0].len, r[1].len);
        assert_memory_equal(r[0].data, r[1].data, r[0].len * sizeof(float));
        ocrvl_free(r[0].data);
        ocrvl_free(r[1].data);
    }
}

/* Text prompts of several lengths in one pass, then a step of each together: what each gives alone; and a prompt in two
 * halves gives what it gives whole. */
static void check_batches(const char *dir, ocrvl_precision precision)
{
    enum { N = 4, MOST = 75, WIDTH = 96, VOCAB = 520 };
    static const size_t length[N] = {75, 1, 17, 49};
    ocrvl_weights *m;
    ocrvl_engine e;
    assert_ok(ocrvl_weights_open_as(&m, dir, precision, err));
    assert_ok(ocrvl_engine_init(&e, m, NULL, err));
    ocrvl_kv alone[N] = {{0}}, decode_batch[N] = {{0}};
    ocrvl_run runs[N];
    size_t total = 0, at = 0;
    float *x = ocrvl_alloc_array((size_t)N * MOST, WIDTH * sizeof *x), *y = ocrvl_alloc_array(MOST, WIDTH * sizeof *y);
    int32_t ids[N * MOST], pos[3 * N * MOST], one[3 * MOST];
    for (size_t r = 0; r < N; r++)
        total += length[r];
    for (size_t r = 0; r < N; r++) {
        assert_ok(ocrvl_kv_reserve(&decode_batch[r], &m->config, length[r], err));
        assert_ok(ocrvl_kv_reserve(&alone[r], &m->config, length[r] + 20, err));
        runs[r] = (ocrvl_run){.kv = &decode_batch[r], .rows = length[r]};
        for (size_t i = 0; i < length[r]; i++, at++) {
            ids[at] = (int32_t)((r * 101 + i * 37) % 490);
            pos[at] = pos[total + at] = pos[2 * total + at] = (int32_t)i;
        }
    }
    ocrvl_engine_embed(&e, ids, total, x);
    assert_ok(ocrvl_engine_decode(&e, x, pos, runs, N, err));
    at = 0;
    for (size_t r = 0; r < N; r++) {
        size_t half = length[r] / 2;
        ocrvl_engine_embed(&e, ids + at, length[r], y);
        for (size_t part = 0; part < 2; part++) {
            size_t from = part ? half : 0, n = part ? length[r] - half : half;
            for (size_t i = 0; i < n; i++)
                one[i] = one[n + i] = one[2 * n + i] = (int32_t)(from + i);
            ocrvl_run run = {.kv = &alone[r], .rows = n};
            if (n)
                assert_ok(ocrvl_engine_decode(&e, y + from * WIDTH, one, &run, 1, err));
        }
        assert_memory_equal(x + at * WIDTH, y, length[r] * WIDTH * sizeof *x);
        at += length[r];
        ocrvl_kv_free(&alone[r]);
        ocrvl_kv_free(&decode_batch[r]);
    }
    ocrvl_free(x);
    ocrvl_free(y);
    ocrvl_engine_free(&e);
    ocrvl_weights_free(m);
}

static void batches_change_no_bit(void **state)
{
    (void)state;
    check_batches(VECTORS "tiny", OCRVL_PRECISION_FLOAT32);
    check_batches(VECTORS "tiny", OCRVL_PRECISION_BF16);
}

/* Runs the prompts on a checkpoint; tells how far logits are off at most, of what the vectors say is the most allowed
 * if `most` is 0, and how many of the 120 greedy tokens are the reference's. */
static void check_narrow(const char *dir, double most, size_t tokens)
{
    ocrvl_weights *m;
    ocrvl_engine e;
    size_t same = 0;
    assert_ok(ocrvl_weights_open_as(&m, dir, OCRVL_PRECISION_BF16, err));
    assert_true(m->low_precision);
    assert_ok(ocrvl_engine_init(&e, m, NULL, err));
    ocrvl_json *root = vectors_json("tiny/expect/prompts.json"), *processor = vectors_json("processor/processor.json");
    for (size_t i = 0; i < 3; i++) {
        const ocrvl_json *prompt = ocrvl_json_at(ocrvl_json_get(root, "prompts"), i);
        ocrvl_kv kv = {0};
        int32_t delta, got[40];
        float logits[520];
        double logprobs[40], worst = 0;
        double allowed = vectors_number(ocrvl_json_get(ocrvl_json_get(prompt, "bf16"), "max_abs_diff"));
        run_prompt(&e, prompt, ocrvl_json_get(processor, "images"), &kv, &delta, logits);
        const ocrvl_json *tensor = ocrvl_json_get(ocrvl_json_get(prompt, "tensors"), "logits");
        float *want = vectors_f32("tiny/expect", vectors_string(ocrvl_json_get(tensor, "file")), 520);
        for (size_t j = 0; j < 520; j++)
            worst = fabs(logits[j] - want[j]) > worst ? fabs(logits[j] - want[j]) : worst;
        print_message("# %s: logits off by %.3f\n", dir, worst);
        if (!(worst <= (most > 0 ? most : allowed)))
            fail_msg("prompt %zu: logits off by %g", i, worst);
        go_on(&e, &kv, delta, logits, NULL, 40, got, logprobs);
        size_t n;
        int32_t *ids = vectors_ints(ocrvl_json_get(ocrvl_json_get(prompt, "greedy"), "ids"), &n);
        assert_int_equal(n, 40);
        for (size_t j = 0; j < n && got[j] == ids[j]; j++)
            same++;
        ocrvl_free(ids);
        ocrvl_free(want);
        ocrvl_kv_free(&kv);
    }
    print_message("# %s: %zu of 120 greedy tokens\n", dir, same);
    assert_true(same >= tokens);
    ocrvl_json_free(root);
    ocrvl_json_free(processor);
    ocrvl_engine_free(&e);
    ocrvl_weights_free(m);
}

/* Products of bfloat16: logits no further from Hugging Face's float32 ones than its own bfloat16 run is, and the same
 * greedy tokens (the vectors' margins are all over 1). */
static void bf16_is_as_near_as_the_reference(void **state) { (void)state, check_narrow(VECTORS "tiny", 0, 120); }

static int write_file(void *user, const void *data, size_t len) { return fwrite(data, 1, len, user) == len ? 0 : EIO; }

/* tiny, packed: in a folder of its own, which stays until the test ends. */
static void pack_tiny(char folder[64], ocrvl_dev_pack type)
{
    char path[128];
    snprintf(folder, 64, "/tmp/ocrvl-pack-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "cp " VECTORS "tiny/*config.json %s", folder);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_ok(ocrvl_dev_pack_weights(VECTORS "tiny", type, write_file, f, err));
    assert_int_equal(fclose(f), 0);
}

static void drop_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* Integers: what they lose of these small matrices, the same bits for any number of threads, no packing twice. */
static void packed_checkpoints(void **state)
{
    (void)state;
    static const struct {
        ocrvl_dev_pack type;
        double most;
        size_t tokens;
    } packs[] = {{OCRVL_DEV_PACK_INT8, 0.6, 120}, {OCRVL_DEV_PACK_INT4, 1.3, 115}};
    for (size_t i = 0; i < 2; i++) {
        char folder[64];
        record r[2] = {{0}};
        pack_tiny(folder, packs[i].type);
        check_narrow(folder, packs[i].most, packs[i].tokens);
        for (int mode = 0; mode < 2; mode++)
            record_prompts(&r[mode], folder, OCRVL_PRECISION_AUTO, mode == 1);
        assert_int_equal(r[0].len, r[1].len);
        assert_memory_equal(r[0].data, r[1].data, r[0].len * sizeof(float));
        ocrvl_free(r[0].data);
        ocrvl_free(r[1].data);
        check_batches(folder, OCRVL_PRECISION_AUTO);
        ocrvl_error error;
        assert_int_equal(ocrvl_dev_pack_weights(folder, OCRVL_DEV_PACK_INT8, write_file, NULL, &error),
                         OCRVL_E_UNSUPPORTED);
        drop_folder(folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tied_sharded_bf16),
                                       cmocka_unit_test(resaved_by_transformers_5),
                                       cmocka_unit_test(untied_f16),
                                       cmocka_unit_test(threads_and_packing_change_no_bit),
                                       cmocka_unit_test(batches_change_no_bit),
                                       cmocka_unit_test(bf16_is_as_near_as_the_reference),
                                       cmocka_unit_test(packed_checkpoints)};
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
