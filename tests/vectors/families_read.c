/* The families after Qwen2-VL as reading uses them: prompts through decoders, pictures to patches. */
#include "families.h"
#include "generate/decoder.h"
#include "model/pixels.h"

/* Both prompts through the decoders that reading uses, in one pass and then a token: the bits of the engine alone. */
static void decoders_give_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        opened o;
        open_checkpoint(&o, checkpoints[i].name, OCRVL_PRECISION_FLOAT32, 1);
        const ocrvl_config *c = &o.m->config;
        ocrvl_prefill_input in[PROMPTS];
        ocrvl_pictures p = {0};
        int32_t *ids[PROMPTS];
        float got[PROMPTS][VOCABULARY], want[VOCABULARY];
        size_t rows[PROMPTS], size = o.m->patch_embed.w.k;
        assert_ok(ocrvl_pictures_reserve(&p, c, PROMPTS * MOST_GRIDS, 10000, err));
        for (size_t k = 0; k < PROMPTS; k++) {
            const ocrvl_json *prompt = ocrvl_json_at(o.prompts, k);
            size_t n, grids = grids_of(prompt, p.grids + p.count, &rows[k]);
            ids[k] = vectors_ints(ocrvl_json_get(prompt, "ids"), &n);
            float *patches = make_patches(rows[k], size);
            memcpy(p.patches + p.rows * size, patches, rows[k] * size * sizeof *patches);
            ocrvl_free(patches);
            p.count += grids;
            p.rows += rows[k];
            in[k] = (ocrvl_prefill_input){NULL, {ids[k], n, grids}, 4, 4};
            assert_ok(ocrvl_decoder_new(&in[k].d, &o.e, &o.e, NULL, err));
        }
        assert_true(p.rows <= 10000);
        assert_ok(in[0].d->prefill(in, PROMPTS, &p, got[0], err));
        for (size_t k = 0; k < PROMPTS; k++) {
            const ocrvl_json *prompt = ocrvl_json_at(o.prompts, k);
            ocrvl_kv kv = {0};
            int32_t delta, next = (int32_t)vectors_int(ocrvl_json_at(ocrvl_json_get(prompt, "greedy"), 0));
            run_prompt(&o.e, prompt, &kv, &delta, want, NULL);
            assert_memory_equal(got[k], want, sizeof want);
            ocrvl_decode_input step = {in[k].d, &next, 1};
            assert_ok(in[k].d->decode(&step, 1, want, err));
            size_t best = 0;
            for (size_t j = 1; j < VOCABULARY; j++)
                best = want[j] > want[best] ? j : best;
            assert_int_equal(best, vectors_int(ocrvl_json_at(ocrvl_json_get(prompt, "greedy"), 1)));
            in[k].d->free(in[k].d);
            ocrvl_free(ids[k]);
            ocrvl_kv_free(&kv);
        }
        ocrvl_pictures_free(&p);
        close_all(&o);
    }
}

/* Runs a prompt on the decoder; changed: a place where another token stands, or SIZE_MAX. logits [VOCABULARY] */
static void run_changed(ocrvl_decoder *d, const int32_t *ids, size_t n, const ocrvl_pictures *p, size_t changed,
                        float *logits)
{
    int32_t *own = ocrvl_alloc_array(n, sizeof *own);
    assert_non_null(own);
    memcpy(own, ids, n * sizeof *own);
    if (changed < n)
        own[changed] = own[changed] == 7 ? 8 : 7;
    const ocrvl_prefill_input in = {d, {own, n, p->count}, GREEDY, 0}; /* the cache grows */
    assert_ok(d->prefill(&in, 1, p, logits, err));
    ocrvl_free(own);
}

/* Prompts one after another, each with an answer of six tokens, on a decoder that keeps, and each on a new one: the
 * same bits. The prompts differ from the first in one token, from the last one to the first. */
static void keep_and_compare(opened *o, const ocrvl_json *prompt)
{
    const ocrvl_config *c = &o->m->config;
    size_t n, patches, runs = 0, size = o->m->patch_embed.w.k;
    ocrvl_patch_grid grids[MOST_GRIDS];
    size_t count = grids_of(prompt, grids, &patches), last = SIZE_MAX;
    int32_t *ids = vectors_ints(ocrvl_json_get(prompt, "ids"), &n);
    ocrvl_pictures all = {.grids = grids, .count = count, .rows = patches, .patches = make_patches(patches, size)},
                   none = all;
    const int32_t answer[] = {5, c->image_token, 11, 5, 300, 17};
    ocrvl_decoder *keeper;
    none.patches = NULL; /* nothing may be encoded again */
    assert_ok(ocrvl_decoder_new(&keeper, &o->e, &o->e, NULL, err));
    keeper->keeps = true;
    for (size_t i = n; i-- > 0; i = i > 8 ? i - 3 : i) {
        float got[6][VOCABULARY], want[6][VOCABULARY];
        ocrvl_decoder *once;
        if (ids[i] == c->image_token || ids[i] == c->video_token)
            continue;
        assert_ok(ocrvl_decoder_new(&once, &o->e, &o->e, NULL, err));
        run_changed(once, ids, n, &all, i, want[0]);
        run_changed(keeper, ids, n, runs ? &none : &all, i, got[0]);
        assert_memory_equal(got[0], want[0], sizeof *got);
        assert_int_equal(keeper->kept, runs == 0 ? 0 : i < last ? i : n - 1);
        last = i;
        runs++;
        ocrvl_decode_input a = {once, answer, 6}, b = {keeper, answer, 6};
        assert_ok(once->decode(&a, 1, want[0], err));
        assert_ok(keeper->decode(&b, 1, got[0], err));
        assert_memory_equal(got, want, sizeof got);
        keeper->truncate(keeper, 2);
        once->free(once);
    }
    assert_true(runs > 5);
    keeper->free(keeper);
    ocrvl_free(all.patches);
    ocrvl_free(ids);
}

static void kept_tokens_change_nothing(void **state)
{
    static const ocrvl_precision ways[] = {OCRVL_PRECISION_FLOAT32, OCRVL_PRECISION_BF16};
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++)
        for (size_t way = 0; way < 2; way++) {
            opened o;
            open_checkpoint(&o, checkpoints[i].name, ways[way], 1);
            for (size_t k = 0; k < PROMPTS; k++)
                keep_and_compare(&o, ocrvl_json_at(o.prompts, k));
            close_all(&o);
        }
}

/* Pictures of data/processor as each checkpoint's own patches, scaled by its own rule: what the processor makes. */
static void pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        const char *name = checkpoints[i].name;
        opened o;
        open_checkpoint(&o, name, OCRVL_PRECISION_FLOAT32, 1);
        const ocrvl_config *c = &o.m->config;
        const ocrvl_json *shown = ocrvl_json_get(o.root, "shown");
        float *blob = vectors_f32(name, "expect.f32", blob_size(name));
        assert_int_equal(ocrvl_json_length(shown), 2);
        for (size_t k = 0; k < 2; k++) {
            const ocrvl_json *one = ocrvl_json_at(shown, k), *grid = ocrvl_json_get(one, "grid");
            size_t width, height, tokens, size = ocrvl_patch_size(c);
            uint8_t *rgb = vectors_png("processor", vectors_string(ocrvl_json_get(one, "name")), &width, &height);
            ocrvl_pictures p = {0};
            ocrvl_image *img;
            assert_ok(ocrvl_image_new(&img, (uint32_t)width, (uint32_t)height, 3, 0, 0, 0, err));
            memcpy(ocrvl_image_pixels(img), rgb, width * height * 3);
            assert_ok(ocrvl_pictures_add(&p, c, img, 0, 0, &tokens, err));
            assert_int_equal(p.grids[0].h, vectors_int(ocrvl_json_at(grid, 1)));
            assert_int_equal(p.grids[0].w, vectors_int(ocrvl_json_at(grid, 2)));
            const float *want = blob + vectors_int(ocrvl_json_get(one, "at")), *sums = want + p.rows * 16;
            for (size_t row = 0; row < p.rows; row++) {
                double sum = 0;
                for (size_t j = 0; j < size; j++)
                    sum += p.patches[row * size + j];
                for (size_t j = 0; j < 16; j++)
                    assert_true(fabsf(p.patches[row * size + j] - want[row * 16 + j]) <= 1e-6f);
                assert_true(fabs(sum - sums[row]) <= 1e-6 * (double)size);
            }
            ocrvl_pictures_free(&p);
            ocrvl_image_free(img);
            ocrvl_free(rgb);
        }
        ocrvl_free(blob);
        close_all(&o);
    }
}

/* Keys that config.json may leave out stand for what the classes of transformers 5.24 take then. */
static void what_is_left_out(void **state)
{
    static const struct {
        const char *type, *tower;
        float eps;
        double theta, steps;
        size_t window, depth, patch, context;
    } families[] = {{"qwen2_vl", "\"embed_dim\": 32, \"hidden_size\": 64", 1e-5f, 1e6, 0, 0, 32, 14, 32768},
                    {"qwen2_5_vl", "\"hidden_size\": 32, \"intermediate_size\": 8", 1e-5f, 1e6, 4, 4, 32, 14, 32768},
                    {"qwen3_vl", "\"hidden_size\": 32, \"intermediate_size\": 8", 1e-6f, 5e5, 0, 0, 27, 16, 128000}};
    (void)state;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        char text[1000];
        ocrvl_config c;
        snprintf(text, sizeof text,
                 "{\"model_type\": \"%s\", \"hidden_size\": 64, \"num_hidden_layers\": 4, \"num_attention_heads\": 4,"
                 "\"head_dim\": 16, \"intermediate_size\": 96, \"vocab_size\": 152000,"
                 "\"rope_scaling\": {\"type\": \"mrope\", \"mrope_section\": [2, 3, 3]},"
                 "\"vision_config\": {%s, \"num_heads\": 2}}",
                 families[i].type, families[i].tower);
        assert_ok(ocrvl_config_parse(&c, text, strlen(text), "config.json", err));
        assert_true(c.rms_eps == families[i].eps && c.rope_theta == families[i].theta);
        assert_true(c.tokens_per_second == families[i].steps && c.v_window == families[i].window);
        assert_false(c.tied);
        assert_true(c.v_depth == families[i].depth && c.patch == families[i].patch && c.context == families[i].context);
        for (size_t k = 0; k < 32; k++)
            assert_int_equal(c.v_whole[0] >> k & 1, i == 1 && k % 8 == 7);
        assert_int_equal(c.v_deep_count, i == 2 ? 3 : 0);
        for (size_t k = 0; k < c.v_deep_count; k++)
            assert_int_equal(c.v_deep[k], 8 * (k + 1));
        ocrvl_config_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(decoders_give_the_same),
                                       cmocka_unit_test(kept_tokens_change_nothing), cmocka_unit_test(pictures),
                                       cmocka_unit_test(what_is_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
