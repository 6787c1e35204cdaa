/* Quantised checkpoints that lie: each is refused with one line that names the key or the tensor. */
#include "vectors/quantised.h"
#include "ocrvl_dev.h"

static ocrvl_json *kinds;

static const ocrvl_json *kind_of(const char *name)
{
    for (size_t i = 0; i < ocrvl_json_length(kinds); i++)
        if (strcmp(vectors_string(ocrvl_json_get(ocrvl_json_at(kinds, i), "name")), name) == 0)
            return ocrvl_json_at(kinds, i);
    fail_msg("no %s", name);
    return NULL;
}

static void refused(const char *folder, const char *says)
{
    ocrvl_error e = {0};
    ocrvl_dev_packer *p;
    ocrvl_status st = ocrvl_dev_packer_open(&p, &folder, 1, &e);
    ocrvl_dev_packer_free(p);
    if (st != OCRVL_E_MODEL || !strstr(e.message, says) || strchr(e.message, '\n'))
        fail_msg("wanted \"%s\": status %d, \"%s\"", says, (int)st, e.message);
}

#define CT(format, weights)                                                                                            \
    "{\"quant_method\": \"compressed-tensors\", \"format\": \"" format                                                 \
    "\", \"config_groups\": {\"group_0\": {\"weights\": " weights "}}}"

static void configs(void **state)
{
    static const struct {
        const char *kind, *config, *says;
    } cases[] = {
        {"awq", "{\"quant_method\": \"awq\", \"bits\": 3, \"group_size\": 32}", "bits is not 4"},
        {"awq", "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 0}", "group_size is not"},
        {"awq", "{\"quant_method\": \"awq\", \"bits\": 4}", "group_size is not"},
        {"awq", "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 32, \"version\": \"gemv\"}",
         "version is not gemm"},
        {"awq", "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 16}", "qzeros is not of type I32"},
        {"awq", "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 32}", ".qzeros is not of type I32"},
        {"awq", "{\"quant_method\": \"quark\"}", "quantization_config: the weights are quantised"},
        {"awq", "{}", "quantization_config: the weights are quantised"},
        {"gptq", "{\"quant_method\": \"gptq\", \"bits\": 2, \"group_size\": 32}", "bits is neither 4 nor 8"},
        {"gptq", "{\"quant_method\": \"gptq\", \"bits\": 8, \"group_size\": 32}", "tensor model."},
        {"gptq", "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 32, \"checkpoint_format\": \"marlin\"}",
         "checkpoint_format is neither"},
        {"gptq", "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": -1}", "qzeros is not of type I32"},
        {"packed", CT("pack-quantized", "7"), "config_groups has a group without weights"},
        {"packed", "{\"quant_method\": \"compressed-tensors\"}", "config_groups is missing or empty"},
        {"packed", CT("marlin-24", "{\"num_bits\": 4, \"type\": \"int\", \"strategy\": \"group\", \"group_size\": 32}"),
         "the weights are sparse integers (marlin-24)"},
        {"packed", CT("pack-quantized", "{\"num_bits\": 4, \"type\": \"int\", \"strategy\": \"tensor\"}"),
         "strategy is neither group nor channel"},
        {"packed", CT("pack-quantized", "{\"num_bits\": 4, \"type\": \"int\", \"strategy\": \"group\"}"),
         "group_size is not"},
        {"packed", CT("pack-quantized", "{\"num_bits\": 8, \"type\": \"int\", \"strategy\": \"channel\"}"),
         "weight_packed doesn't have the shape"},
        {"packed", CT("nvfp4", "{\"num_bits\": 4, \"type\": \"float\", \"strategy\": \"group\"}"), "num_bits is not 8"},
        {"fp8-block", "{\"quant_method\": \"fp8\", \"weight_block_size\": [0, 128]}",
         "weight_block_size is not two sizes"},
        {"fp8-block", "{\"quant_method\": \"fp8\", \"weight_block_size\": 128}", "weight_block_size is not two sizes"},
        {"fp8-block", "{\"quant_method\": \"fp8\", \"weight_block_size\": [64, 64]}", "weight_scale_inv is neither"},
        {"fp8-block", "{\"quant_method\": \"fp8\"}", "weight_scale_inv is neither"},
        {"fp8-block", "{\"quant_method\": \"fp8\", \"fmt\": \"e5m2\"}", "fmt is not e4m3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[64];
        quantised_folder(folder, kind_of(cases[i].kind), cases[i].config);
        refused(folder, cases[i].says);
        quantised_drop(folder);
    }
}

/* One text in the header of the quantised file replaced by another of its length. */
static void tensors(void **state)
{
    static const struct {
        const char *kind, *from, *to, *says;
    } cases[] = {
        {"awq", "down_proj.qzeros", "down_proj.qzerox", "down_proj.qzeros is not of type I32 and shape [3, 8]"},
        {"awq", "down_proj.scales", "down_proj.scalex", "down_proj.scales is not of floats and shape [3, 64]"},
        {"awq", "gate_proj.qweight", "gate_proj.qweighx", "mlp.gate_proj.weight is missing"},
        {"awq", "\"dtype\":\"F16\"", "\"dtype\":\"I16\"", "scales is not of floats"},
        {"gptq", "down_proj.g_idx\":{\"dtype\":\"I32\"", "down_proj.g_idx\":{\"dtype\":\"F32\"",
         "g_idx is not of type I32"},
        {"packed", "down_proj.weight_shape", "down_proj.weight_shapx", "weight_shape is not two whole numbers"},
        {"packed", "down_proj.weight_scale", "down_proj.weight_scalx", "weight_scale is not of floats"},
        {"fp8", "down_proj.weight_scale", "down_proj.weight_scalx", "weight_scale_inv is missing, or not of floats"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[64], path[128];
        size_t len, n = strlen(cases[i].from);
        bool found = false;
        quantised_folder(folder, kind_of(cases[i].kind), NULL);
        snprintf(path, sizeof path, "%s/quantised.safetensors", folder);
        char *data = quantised_get(path, &len);
        for (size_t k = 0; k + n < len && !found; k++) {
            found = memcmp(data + k, cases[i].from, n) == 0;
            if (found)
                memcpy(data + k, cases[i].to, n);
        }
        assert_true(found);
        quantised_put(folder, "quantised.safetensors", data, len);
        refused(folder, cases[i].says);
        ocrvl_free(data);
        quantised_drop(folder);
    }
}

/* A group that isn't there, in GPTQ's list of groups. */
static void groups(void **state)
{
    char folder[64], path[128];
    size_t len;
    (void)state;
    quantised_folder(folder, kind_of("gptq"), NULL);
    snprintf(path, sizeof path, "%s/quantised.safetensors", folder);
    char *data = quantised_get(path, &len);
    ocrvl_json *header;
    uint64_t n;
    memcpy(&n, data, sizeof n);
    assert_ok(ocrvl_json_parse(&header, data + 8, (size_t)n, "header", err));
    const ocrvl_json *t = ocrvl_json_get(header, "model.language_model.layers.0.mlp.up_proj.g_idx");
    size_t at = 8 + (size_t)n + (size_t)vectors_int(ocrvl_json_at(ocrvl_json_get(t, "data_offsets"), 0));
    static const int32_t lies[] = {2, -2, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memcpy(data + at + 8, &lies[i], sizeof lies[i]);
        quantised_put(folder, "quantised.safetensors", data, len);
        refused(folder, "up_proj.g_idx names a group that is not there");
    }
    ocrvl_json_free(header);
    ocrvl_free(data);
    quantised_drop(folder);
}

/* What -m opens: FP8 as it is, unless its scales are missing; the others are to be packed first. */
static void opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < ocrvl_json_length(kinds); i++) {
        const ocrvl_json *kind = ocrvl_json_at(kinds, i);
        bool fp8 = strncmp(vectors_string(ocrvl_json_get(kind, "name")), "fp8", 3) == 0;
        char folder[64];
        ocrvl_error e = {0};
        ocrvl_model *m;
        quantised_folder(folder, kind, NULL);
        ocrvl_status st = ocrvl_model_open(&m, folder, &e);
        ocrvl_model_free(m);
        assert_int_equal(st, fp8 ? OCRVL_OK : OCRVL_E_MODEL);
        assert_true(fp8 || strstr(e.message, "run 'ocrvl pack -o DIR' first"));
        quantised_drop(folder);
    }
    char folder[64];
    ocrvl_error e = {0};
    ocrvl_model *m;
    quantised_folder(folder, kind_of("fp8-block"), "{\"quant_method\": \"fp8\", \"weight_block_size\": [16, 48]}");
    assert_int_equal(ocrvl_model_open(&m, folder, &e), OCRVL_E_MODEL);
    assert_non_null(strstr(e.message, "weight_scale_inv is missing, or neither one number"));
    quantised_drop(folder);
}

static int set_up(void **state)
{
    (void)state;
    kinds = vectors_json("quantised/expect.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_json_free(kinds);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(configs), cmocka_unit_test(tensors), cmocka_unit_test(groups),
                                       cmocka_unit_test(opened)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
