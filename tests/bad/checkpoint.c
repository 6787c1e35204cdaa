/* Broken checkpoints: each is refused with OCRVL_E_MODEL and one line that names what is wrong; none crashes. The cases
 * are made from the tiny checkpoint of the vectors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "testing.h"

static const char *source = "tests/vectors/data/tiny-resaved";
static const char *const names[] = {"config.json",           "generation_config.json", "model.safetensors",
                                    "processor_config.json", "tokenizer.json",         "tokenizer_config.json"};
enum { NAMES = sizeof names / sizeof *names };

static char folder[] = "/tmp/ocrvl-bad-XXXXXX";

static void path_of(char *path, size_t cap, const char *name) { snprintf(path, cap, "%s/%s", folder, name); }

static void put(const char *name, const void *data, size_t len)
{
    char path[512];
    path_of(path, sizeof path, name);
    unlink(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void drop(const char *name)
{
    char path[512];
    path_of(path, sizeof path, name);
    assert_int_equal(unlink(path), 0);
}

static char *get(const char *name, size_t *len)
{
    char path[512], *data;
    snprintf(path, sizeof path, "%s/%s", source, name);
    assert_ok(ocrvl_file_read(&data, len, path, 1 << 26, err));
    return data;
}

/* The whole checkpoint as links to the good files. */
static void restore(void)
{
    for (size_t i = 0; i < NAMES; i++) {
        char from[1024], to[512], here[512];
        assert_non_null(getcwd(here, sizeof here));
        snprintf(from, sizeof from, "%s/%s/%s", here, source, names[i]);
        path_of(to, sizeof to, names[i]);
        unlink(to);
        assert_int_equal(symlink(from, to), 0);
    }
    char extra[512];
    path_of(extra, sizeof extra, "model.safetensors.index.json");
    unlink(extra);
    path_of(extra, sizeof extra, "ocrvl.json");
    unlink(extra);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* The folder is refused, and the message says `part`. */
static void refused(const char *part)
{
    ocrvl_error err = {0};
    ocrvl_model *m;
    ocrvl_status st = ocrvl_model_open(&m, folder, &err);
    ocrvl_model_free(m);
    if (st != OCRVL_E_MODEL || !strstr(err.message, part) || strchr(err.message, '\n'))
        fail_msg("wanted \"%s\": status %d, \"%s\"", part, (int)st, err.message);
}

/* model.safetensors with this header before `data` bytes of zeros. */
static void put_header(const char *header, size_t data)
{
    size_t n = strlen(header);
    uint8_t *file = ocrvl_alloc(8 + n + data);
    assert_non_null(file);
    for (size_t i = 0; i < 8; i++)
        file[i] = (uint8_t)((uint64_t)n >> (8 * i));
    memcpy(file + 8, header, n);
    put("model.safetensors", file, 8 + n + data);
    ocrvl_free(file);
}

static void good_is_accepted(void **state)
{
    (void)state;
    ocrvl_model *m;
    restore();
    assert_ok(ocrvl_model_open(&m, folder, err));
    ocrvl_model_free(m);
}

static void missing_files(void **state)
{
    (void)state;
    static const char *const needed[] = {"config.json", "model.safetensors", "tokenizer.json"};
    for (size_t i = 0; i < 3; i++) {
        restore();
        drop(needed[i]);
        refused(needed[i]);
    }
}

static void headers(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        const char *says;
    } cases[] = {
        {"[1, 2]", 0, "not a JSON object"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]", 8, "not valid JSON"},
        {"{\"a\": 7}", 0, "tensor a"},
        {"{\"a\": {\"dtype\": \"Q4\", \"shape\": [2], \"data_offsets\": [0, 8]}}", 8, "dtype"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 80]}}", 8, "past the end"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}", 8, "rising"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [-8, 0]}}", 8, "rising"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 8]}}", 8, "don't fit"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [-2], \"data_offsets\": [0, 8]}}", 8, "shape"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": 2, \"data_offsets\": [0, 8]}}", 8, "shape"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [4611686018427387904, 4], \"data_offsets\": [0, 0]}}", 0,
         "overflows"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [1,1,1,1,1,1,1,1,1], \"data_offsets\": [0, 4]}}", 4, "8 sizes"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
         " \"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [4, 12]}}",
         12, "overlaps"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
         " \"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [12, 16]}}",
         16, "has a gap"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}", 12, "after the last"},
        {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
         " \"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 16]}}",
         16, "not valid JSON"},
        {"{}", 0, "is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        restore();
        put_header(cases[i].header, cases[i].data);
        refused(cases[i].says);
    }
    restore();
    put("model.safetensors", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", 10);
    refused("cut short");
    put("model.safetensors", "", 0);
    refused("cut short");
}

static void cut_weights(void **state)
{
    (void)state;
    size_t len;
    restore();
    char *data = get("model.safetensors", &len);
    for (size_t i = 0; i < 40; i++) {
        put("model.safetensors", data, len * i / 40);
        refused("model.safetensors");
    }
    ocrvl_free(data);
}

/* The text of config.json with one part replaced. */
static void change_config(const char *from, const char *to)
{
    size_t len;
    char *text = get("config.json", &len), *at = strstr(text, from);
    ocrvl_buf b = {0};
    assert_non_null(at);
    ocrvl_buf_put(&b, text, (size_t)(at - text));
    ocrvl_buf_puts(&b, to);
    ocrvl_buf_puts(&b, at + strlen(from));
    put("config.json", b.data, b.len);
    ocrvl_buf_free(&b);
    ocrvl_free(text);
}

static void configs(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"\"qwen2_vl\"", "\"llama\"", "model_type"},
        {"\"hidden_size\": 96", "\"hidden_size\": 97", "hidden_size"},
        {"\"hidden_size\": 96", "\"hidden_size\": 1000000000", "hidden_size"},
        {"\"hidden_size\": 96", "\"hidden_size\": \"96\"", "hidden_size"},
        {"\"hidden_size\": 96", "\"hidden_size\": 192", "mrope_section"},
        {"\"intermediate_size\": 160", "\"intermediate_size\": 161", "has shape [160, 96]"},
        {"\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4", "layers.3."},
        {"\"num_hidden_layers\": 3", "\"num_hidden_layers\": 0", "num_hidden_layers"},
        {"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4", "num_key_value_heads"},
        {"\"vocab_size\": 520", "\"vocab_size\": 519", "vocab_size"},
        {"\"use_sliding_window\": false", "\"use_sliding_window\": true", "sliding"},
        {"\"depth\": 2", "\"depth\": 3", "blocks.2."},
        {"\"embed_dim\": 64", "\"embed_dim\": 62", "embed_dim"},
        {"\"patch_size\": 14", "\"patch_size\": 7", "patch"},
        {"\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", "lm_head"},
        {"\"image_token_id\": 510", "\"image_token_id\": 52000", "image_token_id"},
        {"\"mrope_section\"", "\"other_section\"", "mrope_section"},
        {"\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"", "rope_scaling's type"},
        {"\"model_type\"", "\"quantization_config\": {\"quant_method\": \"awq\"}, \"model_type\"",
         "quantization_config"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        restore();
        change_config(cases[i].from, cases[i].to);
        if (strcmp(cases[i].says, "vocab_size") == 0)
            refused("[520, 96]");
        else
            refused(cases[i].says);
    }
    restore();
    put("config.json", "{", 1);
    refused("config.json");
    put("config.json", "[]", 2);
    refused("config.json");
    restore();
    put("processor_config.json", "{\"image_processor\": [1, 2]}", 27);
    refused("image_processor");
    put("processor_config.json", "{\"image_processor\": {\"image_std\": [0, 1, 1]}}", 45);
    refused("image_std");
    put("processor_config.json", "{\"processor_class\": \"Qwen2VLProcessor\"}", 39);
    put("preprocessor_config.json", "{\"min_pixels\": 9, \"max_pixels\": 8}", 34);
    refused("min_pixels");
    drop("preprocessor_config.json");
    restore();
    put("ocrvl.json", "{\"reader\": \"mind\"}", 18);
    refused("reader");
    put("ocrvl.json", "{\"reader\": \"line\", \"line_height\": 30}", 37);
    refused("line_height");
}

/* What only later families have. */
static void families(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *from, *to, *says;
    } cases[] = {
        {"qwen2_5-tied", "\"window_size\": 112", "\"window_size\": 27", "window_size"},
        {"qwen2_5-tied", "\"fullatt_block_indexes\": [", "\"fullatt_block_indexes\": [-1,", "fullatt_block_indexes"},
        {"qwen2_5-tied", "\"fullatt_block_indexes\": [", "\"fullatt_block_indexes\": [600,", "fullatt_block_indexes"},
        {"qwen2_5-tied", "\"hidden_act\": \"silu\"", "\"hidden_act\": \"gelu\"", "hidden_act"},
        {"qwen2_5-tied", "\"intermediate_size\": 43", "\"intermediate_size\": 44",
         "mlp.gate_proj.weight has shape [43, 32]"},
        {"qwen2_5-tied", "\"out_hidden_size\": 64", "\"out_hidden_size\": 32", "out_hidden_size"},
        {"qwen2_5-tied", "\"tokens_per_second\": 2", "\"tokens_per_second\": -2", "tokens_per_second"},
        {"qwen3-tied", "\"rope_theta\": 10000.0", "\"rope_theta\": 5000.0",
         "vision_config.rope_parameters.rope_theta is not 10000"},
        {"qwen3-tied", "\"head_dim\": 32", "\"head_dim\": 33", "hidden_size"},
        {"qwen3-tied", "\"head_dim\": 32", "\"head_dim\": 1000000", "head_dim"},
        {"qwen3-tied", "\"num_position_embeddings\": 64", "\"num_position_embeddings\": 65", "is not a square"},
        {"qwen3-tied", "\"num_position_embeddings\": 64", "\"num_position_embeddings\": 81",
         "pos_embed.weight has shape"},
        {"qwen3-tied", "\"deepstack_visual_indexes\": [", "\"deepstack_visual_indexes\": [2,", "rising list"},
        {"qwen3-tied", "\"deepstack_visual_indexes\": [", "\"deepstack_visual_indexes\": [9,", "rising list"},
        {"qwen3-tied", "\"deepstack_visual_indexes\": [", "\"deepstack_visual_indexes\": [0,0,0,0,0,", "short list"},
        {"qwen3-tied", "\"attention_bias\": false", "\"attention_bias\": true", "attention_bias"},
    };
    const char *was = source;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        snprintf(path, sizeof path, "tests/vectors/data/%s", cases[i].folder);
        source = path;
        restore();
        change_config(cases[i].from, cases[i].to);
        refused(cases[i].says);
    }
    source = was;
    restore();
}

static void indexes(void **state)
{
    (void)state;
    static const struct {
        const char *index, *says;
    } cases[] = {
        {"{\"weight_map\": {\"a\": \"part-1.safetensors\"}}", "part-1.safetensors: missing"},
        {"{\"weight_map\": {\"a\": \"../model.safetensors\"}}", "weight_map"},
        {"{\"weight_map\": {\"a\": \"/etc/passwd\"}}", "weight_map"},
        {"{\"weight_map\": {\"a\": 7}}", "weight_map"},
        {"{\"weight_map\": {}}", "weight_map"},
        {"{}", "weight_map"},
        {"{\"weight_map\": {\"a\": \"whole.safetensors\"}}", "tensor a is in none"},
    };
    size_t len;
    char *data = get("model.safetensors", &len);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        restore();
        drop("model.safetensors");
        put("whole.safetensors", data, len);
        put("model.safetensors.index.json", cases[i].index, strlen(cases[i].index));
        refused(cases[i].says);
    }
    static const char twice[] = "{\"weight_map\": {\"a\": \"whole.safetensors\", \"b\": \"twice.safetensors\"}}";
    put("model.safetensors.index.json", twice, sizeof twice - 1);
    put("twice.safetensors", data, len);
    refused("two shards");
    ocrvl_free(data);
}

static uint32_t seed = 7;

static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Bytes changed at random: refused or, by luck, still a checkpoint; never anything else. */
static void mutations(void **state)
{
    (void)state;
    static const char *const which[] = {"config.json", "processor_config.json", "generation_config.json",
                                        "model.safetensors"};
    for (size_t w = 0; w < 4; w++) {
        size_t len;
        char *data = get(which[w], &len), *copy = ocrvl_alloc(len);
        size_t reach = len < 8000 ? len : 8000; /* the header, of weights */
        restore();
        for (size_t round = 0; round < 120; round++) {
            memcpy(copy, data, len);
            for (size_t k = 0; k <= round % 3; k++)
                copy[draw() % reach] = (char)draw();
            put(which[w], copy, len);
            ocrvl_model *m;
            ocrvl_error err = {0};
            ocrvl_status st = ocrvl_model_open(&m, folder, &err);
            assert_true(st == OCRVL_OK || (st == OCRVL_E_MODEL && err.message[0]));
            ocrvl_model_free(m);
        }
        ocrvl_free(data);
        ocrvl_free(copy);
    }
}

/* Every allocation of opening fails once: OCRVL_E_NOMEM, and nothing leaks. */
static void fail_each_allocation(void)
{
    bool failed = true;
    restore();
    for (long n = 1; failed; n += n < 200 ? 1 : 37) {
        ocrvl_model *m;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_model_open(&m, folder, NULL);
        failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, failed ? OCRVL_E_NOMEM : OCRVL_OK);
        ocrvl_model_free(m);
        assert_true(n < 100000);
    }
}

static void no_memory(void **state)
{
    const char *was = source;
    (void)state;
    fail_each_allocation();
    source = "tests/vectors/data/qwen3-tied";
    fail_each_allocation();
    source = was;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_is_accepted), cmocka_unit_test(missing_files), cmocka_unit_test(headers),
        cmocka_unit_test(cut_weights),      cmocka_unit_test(configs),       cmocka_unit_test(families),
        cmocka_unit_test(indexes),          cmocka_unit_test(mutations),     cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests_name("checkpoint", tests, set_up, tear_down);
}
