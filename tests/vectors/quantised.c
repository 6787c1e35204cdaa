/* Quantised checkpoints of safetensors (AWQ, GPTQ, compressed-tensors, FP8), packed without rounding: transformers'
 * logits for the numbers that they stand for (make_quantised.py). */
#include <errno.h>

#include "families.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
