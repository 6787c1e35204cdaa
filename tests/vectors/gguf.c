/* Models in GGUF against gguf's own dequantisation and transformers' float32 run on its numbers (make_gguf.py): blocks
 * of every type, each family's tensors under llama.cpp's names, tokenizers from metadata. */
#include <errno.h>
#include <unistd.h>

#include "families.h"
#include "model/gguf.h"
#include "ocrvl_dev.h"
#include "tokenizer/tokenizer.h"

static const double tolerance = 2e-4; /* of the largest logit, as for all stages (DESIGN section 5) */

static const struct {
    const char *name, *family;
    size_t window, deep;
    bool tied;
    uint64_t least, most; /* pixels of a picture */
} models[] = {{"gguf-qwen2", "Qwen2-VL", 0, 0, true, 3136, 12845056},
              {"gguf-qwen2_5", "Qwen2.5-VL", 4, 0, false, 3136, 12845056},
              {"gguf-qwen3", "Qwen3-VL", 0, 1, true, 65536, 16777216}};
enum { MODELS = sizeof models / sizeof *models };

static uint8_t *bytes_of(const char *hex, size_t *n)
{
    *n = strlen(hex) / 2;
    uint8_t *out = ocrvl_alloc(*n);
    assert_non_null(out);
    for (size_t i = 0; i < *n; i++) {
        unsigned b;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &b), 1);
        out[i] = (uint8_t)b;
    }
    return out;
}

/* To the bit, but for the sign of zero. */
static void every_type(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("gguf-blocks.json");
    for (size_t i = 0; i < ocrvl_json_length(root); i++) {
        const ocrvl_json *t = ocrvl_json_at(root, i), *want = ocrvl_json_get(t, "numbers");
        const char *name = vectors_string(ocrvl_json_get(t, "name"));
        const ocrvl_gguf_type *type = ocrvl_gguf_type_of((uint32_t)vectors_int(ocrvl_json_get(t, "type")));
        size_t len, n = ocrvl_json_length(want);
        uint8_t *data = bytes_of(vectors_string(ocrvl_json_get(t, "data")), &len);
        float *got = ocrvl_alloc_array(n, sizeof *got);
        assert_non_null(type);
        assert_non_null(got);
        assert_string_equal(type->name, name);
        assert_int_equal(n / type->numbers * type->bytes, len);
        ocrvl_gguf_widen(&ocrvl_kern_plain, type, got, data, n);
        for (size_t k = 0; k < n; k++)
            if (got[k] != (float)vectors_number(ocrvl_json_at(want, k)))
                fail_msg("%s: number %zu is %.9g", name, k, (double)got[k]);
        ocrvl_free(data);
        ocrvl_free(got);
    }
    ocrvl_json_free(root);
}

static int write_file(void *user, const void *data, size_t len) { return fwrite(data, 1, len, user) == len ? 0 : EIO; }

/* Packs a model into a new folder, which is the caller's to remove. */
static ocrvl_dev_packed pack(char folder[64], const char *name, ocrvl_dev_pack type)
{
    char model[128], mmproj[128], path[160];
    const char *const paths[] = {model, mmproj}, *made, *text;
    size_t len;
    ocrvl_dev_packer *p;
    ocrvl_dev_packed told;
    snprintf(folder, 64, "/tmp/ocrvl-gguf-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(model, sizeof model, VECTORS "%s/model.gguf", name);
    snprintf(mmproj, sizeof mmproj, VECTORS "%s/mmproj.gguf", name);
    assert_ok(ocrvl_dev_packer_open(&p, paths, 2, err));
    for (size_t i = 0; (made = ocrvl_dev_packer_file(p, i, &text, &len)); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, made);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(text, 1, len, f), len);
        assert_int_equal(fclose(f), 0);
    }
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_ok(ocrvl_dev_packer_write(p, type, write_file, f, &told, err));
    assert_int_equal(fclose(f), 0);
    ocrvl_dev_packer_free(p);
    return told;
}

static void drop(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static double largest(const float *v, size_t n)
{
    double top = 0;
    for (size_t i = 0; i < n; i++)
        top = fabs((double)v[i]) > top ? fabs((double)v[i]) : top;
    return top;
}

/* The worst difference of the prompts' last logits, of the largest; *right: greedy tokens as the reference's. */
static double logits_off(opened *o, const char *name, size_t *right)
{
    double worst = 0;
    float *blob = vectors_f32(name, "expect.f32", blob_size(name)), logits[VOCABULARY];
    *right = 0;
    for (size_t k = 0; k < PROMPTS; k++) {
        const ocrvl_json *prompt = ocrvl_json_at(o->prompts, k);
        const float *want = blob + vectors_int(ocrvl_json_get(prompt, "logits"));
        ocrvl_kv kv = {0};
        int32_t delta;
        run_prompt(&o->e, prompt, &kv, &delta, logits, NULL);
        for (size_t i = 0; i < VOCABULARY; i++)
            worst = fmax(worst, fabs((double)logits[i] - (double)want[i]) / largest(want, VOCABULARY));
        *right += run_greedy(&o->e, prompt, &kv, delta, logits);
        ocrvl_kv_free(&kv);
    }
    ocrvl_free(blob);
    return worst;
}

/* Packed without rounding the logits are those of the reference; made integers they aren't far. */
static void every_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODELS; i++) {
        char folder[64];
        opened o;
        size_t right;
        ocrvl_dev_packed told = pack(folder, models[i].name, OCRVL_DEV_PACK_FLOAT32);
        assert_int_equal(told.matrices, 0);
        open_at(&o, models[i].name, folder, OCRVL_PRECISION_FLOAT32, 1);
        const ocrvl_config *c = &o.m->config;
        assert_string_equal(c->family->name, models[i].family);
        assert_int_equal(c->v_window, models[i].window);
        assert_int_equal(c->v_deep_count, models[i].deep);
        assert_int_equal(c->tied, models[i].tied);
        assert_int_equal(c->min_pixels, models[i].least);
        assert_int_equal(c->max_pixels, models[i].most);
        assert_true(c->mean[1] == 0.4f && c->std[2] == 0.75f);
        assert_true(ocrvl_config_is_stop(c, 500));
        double off = logits_off(&o, models[i].name, &right);
        print_message("# %s: logits off by %.1e of the largest\n", models[i].name, off);
        assert_true(off <= tolerance);
        assert_int_equal(right, PROMPTS * GREEDY);
        close_all(&o);
        drop(folder);

        told = pack(folder, models[i].name, OCRVL_DEV_PACK_INT8);
        assert_true(told.matrices > 10 && told.error > 0.001 && told.error < 0.01 && told.worst < 0.02);
        open_at(&o, models[i].name, folder, OCRVL_PRECISION_AUTO, 1);
        assert_true(o.m->low_precision && o.m->int8 > 0);
        off = logits_off(&o, models[i].name, &right);
        print_message("# %s as int8: rounding %.2g %%, logits off by %.1e\n", models[i].name, 100 * told.error, off);
        assert_true(off <= 0.1);
        close_all(&o);
        drop(folder);
    }
}

/* The tokenizer is data/tiny's, whose ids are Hugging Face's. */
static void tokens(void **state)
{
    (void)state;
    char folder[64];
    pack(folder, "gguf-qwen2", OCRVL_DEV_PACK_BF16);
    ocrvl_tokenizer *t;
    assert_ok(ocrvl_tokenizer_open(&t, folder, 0, err));
    ocrvl_json *root = vectors_json("tiny/tokens.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) > 50);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        const ocrvl_json *one = ocrvl_json_at(cases, i);
        size_t len, n;
        const char *text = ocrvl_json_string(ocrvl_json_get(one, "text"), &len);
        int32_t *want = vectors_ints(ocrvl_json_get(one, "ids"), &n);
        ocrvl_ids ids = {0};
        assert_ok(ocrvl_tokenizer_encode(t, text, len, true, &ids, err));
        assert_int_equal(ids.len, n);
        assert_memory_equal(ids.data, want, n * sizeof *want);
        ocrvl_ids_free(&ids);
        ocrvl_free(want);
    }
    ocrvl_json_free(root);
    ocrvl_tokenizer_free(t);
    drop(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_type), cmocka_unit_test(every_family),
                                       cmocka_unit_test(tokens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
