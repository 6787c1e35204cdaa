/* Quantised checkpoints of safetensors (AWQ, GPTQ, compressed-tensors, FP8), packed without rounding: transformers'
 * logits for the numbers that they stand for (make_quantised.py). */
#include <errno.h>

#include "families.h"
#include "kern/fp8.h"
#include "ocrvl_dev.h"
#include "quantised.h"

static const double tolerance = 2e-4; /* of the largest logit (DESIGN section 5) */

static int write_file(void *user, const void *data, size_t len) { return fwrite(data, 1, len, user) == len ? 0 : EIO; }

/* Packs the folder into a new one. */
static ocrvl_dev_packed pack(char made[64], const char *folder, ocrvl_dev_pack type)
{
    char path[128], command[256];
    const char *name, *text;
    size_t len;
    ocrvl_dev_packer *p;
    ocrvl_dev_packed told;
    snprintf(made, 64, "/tmp/ocrvl-made-XXXXXX");
    assert_non_null(mkdtemp(made));
    snprintf(command, sizeof command, "cp %s/*.json %s; rm %s/*index.json", folder, made, made);
    assert_int_equal(system(command), 0);
    assert_ok(ocrvl_dev_packer_open(&p, &folder, 1, err));
    for (size_t i = 0; (name = ocrvl_dev_packer_file(p, i, &text, &len)); i++)
        quantised_put(made, name, text, len);
    snprintf(path, sizeof path, "%s/model.safetensors", made);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_ok(ocrvl_dev_packer_write(p, type, write_file, f, &told, err));
    assert_int_equal(fclose(f), 0);
    ocrvl_dev_packer_free(p);
    return told;
}

static double logits_off(opened *o, const ocrvl_json *kind, const float *blob)
{
    double worst = 0;
    for (size_t k = 0; k < PROMPTS; k++) {
        const float *want = blob + vectors_int(ocrvl_json_at(ocrvl_json_get(kind, "logits"), k));
        float logits[VOCABULARY];
        double top = 0;
        ocrvl_kv kv = {0};
        int32_t delta;
        run_prompt(&o->e, ocrvl_json_at(o->prompts, k), &kv, &delta, logits, NULL);
        for (size_t i = 0; i < VOCABULARY; i++)
            top = fmax(top, fabs((double)want[i]));
        for (size_t i = 0; i < VOCABULARY; i++)
            worst = fmax(worst, fabs((double)logits[i] - (double)want[i]) / top);
        ocrvl_kv_free(&kv);
    }
    return worst;
}

/* The root of the mean square of the difference of all rows' logits. */
static double rows_off(opened *o, opened *exact)
{
    double sum = 0, count = 0;
    for (size_t k = 0; k < PROMPTS; k++) {
        const ocrvl_json *prompt = ocrvl_json_at(o->prompts, k);
        float logits[VOCABULARY], *got, *want;
        ocrvl_kv kv[2] = {{0}};
        int32_t delta;
        run_prompt(&o->e, prompt, &kv[0], &delta, logits, &got);
        run_prompt(&exact->e, prompt, &kv[1], &delta, logits, &want);
        size_t n = ocrvl_json_length(ocrvl_json_get(prompt, "ids")) * VOCABULARY;
        for (size_t i = 0; i < n; i++)
            sum += ((double)got[i] - (double)want[i]) * ((double)got[i] - (double)want[i]);
        count += (double)n;
        ocrvl_free(got);
        ocrvl_free(want);
        ocrvl_kv_free(&kv[0]);
        ocrvl_kv_free(&kv[1]);
    }
    return sqrt(sum / count);
}

static void every_kind(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("quantised/expect.json");
    float *blob = vectors_f32("quantised", "expect.f32", blob_size("quantised"));
    assert_int_equal(ocrvl_json_length(root), 8);
    for (size_t i = 0; i < ocrvl_json_length(root); i++) {
        const ocrvl_json *kind = ocrvl_json_at(root, i);
        const char *name = vectors_string(ocrvl_json_get(kind, "name"));
        char folder[64], made[64];
        opened o;
        quantised_folder(folder, kind, NULL);
        ocrvl_dev_packed told = pack(made, folder, OCRVL_DEV_PACK_FLOAT32);
        assert_int_equal(told.matrices, 0);
        open_at(&o, QUANTISED_BASE, made, OCRVL_PRECISION_FLOAT32, 1);
        double off = logits_off(&o, kind, blob);
        print_message("# %s: logits off by %.1e of the largest\n", name, off);
        if (!(off <= tolerance))
            fail_msg("%s: logits off by %g of the largest", name, off);
        close_all(&o);
        quantised_drop(made);
        told = pack(made, folder, OCRVL_DEV_PACK_INT8);
        assert_true(told.matrices > 10 && told.error > 0.001 && told.error < 0.01);
        open_at(&o, QUANTISED_BASE, made, OCRVL_PRECISION_AUTO, 1);
        assert_true(o.m->layers[0].q.w.scales);
        close_all(&o);
        quantised_drop(made);
        quantised_drop(folder);
    }
    ocrvl_json_free(root);
    ocrvl_free(blob);
}

/* All 256 codes: torch's numbers, and exact in bfloat16. */
static void codes_of_fp8(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("quantised/fp8.json");
    assert_int_equal(ocrvl_json_length(root), 256);
    for (unsigned i = 0; i < 256; i++) {
        const ocrvl_json *want = ocrvl_json_at(root, i);
        uint8_t code = (uint8_t)i;
        uint16_t half;
        float wide, number = ocrvl_fp8_widen(code);
        ocrvl_kern_best()->widen_fp8(&half, &code, 1);
        ocrvl_kern_best()->widen(&wide, &half, OCRVL_BF16, 1);
        if (ocrvl_json_is_null(want))
            assert_true(isnan(number) && isnan(wide));
        else
            assert_true(number == (float)vectors_number(want) && wide == number);
    }
    ocrvl_json_free(root);
}

/* Opened as they are: in float32 the reference's logits, in bfloat16 no further off than the reference's own bfloat16
 * is from its float32. */
static void fp8_as_it_is(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("quantised/expect.json");
    float *blob = vectors_f32("quantised", "expect.f32", blob_size("quantised"));
    size_t found = 0;
    for (size_t i = 0; i < ocrvl_json_length(root); i++) {
        const ocrvl_json *kind = ocrvl_json_at(root, i);
        const char *name = vectors_string(ocrvl_json_get(kind, "name"));
        char folder[64];
        if (strncmp(name, "fp8", 3) != 0)
            continue;
        quantised_folder(folder, kind, NULL);
        opened exact, low;
        open_at(&exact, QUANTISED_BASE, folder, OCRVL_PRECISION_FLOAT32, 1);
        open_at(&low, QUANTISED_BASE, folder, OCRVL_PRECISION_BF16, 3);
        const ocrvl_mat *q = &low.m->layers[0].q.w;
        assert_true(q->type == OCRVL_FP8 && q->mode == OCRVL_GEMM_BF16 && low.m->layers[1].q.w.type == OCRVL_BF16);
        assert_int_equal(exact.m->layers[0].q.w.mode, OCRVL_GEMM_FLOAT);
        double off = logits_off(&exact, kind, blob), rms = rows_off(&low, &exact);
        double allowed = vectors_number(ocrvl_json_get(kind, "bf16_off"));
        print_message("# %s: logits off by %.1e of the largest; in bfloat16 by %.4f (%.4f)\n", name, off, rms, allowed);
        if (!(off <= tolerance && rms <= allowed))
            fail_msg("%s: logits off by %g of the largest, in bfloat16 by %g", name, off, rms);
        close_all(&exact);
        close_all(&low);
        quantised_drop(folder);
        found++;
    }
    assert_int_equal(found, 3);
    ocrvl_json_free(root);
    ocrvl_free(blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind), cmocka_unit_test(codes_of_fp8),
                                       cmocka_unit_test(fp8_as_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
