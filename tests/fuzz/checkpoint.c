/* Any bytes as the files of a checkpoint: the first byte says which (s: weights, t: tokenizer.json, v: vocab.json,
 * merges.txt and tokenizer_config.json, c: config.json and its neighbours), and a NUL stands between files. */
#define FUZZ_CHANGES 40
#include "fuzz/fuzz.h"

#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"
#include "model/safetensors.h"
#include "tokenizer/tokenizer.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED(
        "s\x7D\0\0\0\0\0\0\0"
        "{\"__metadata__\":{\"ocrvl.packing\":\"1\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        "\"b\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[8,10]}}  0123456789"),
    FUZZ_SEED("t{\"version\":\"1.0\",\"added_tokens\":[{\"id\":5,\"content\":\"<|im_end|>\",\"special\":true,"
              "\"normalized\":false}],"
              "\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
              "\"Split\",\"pattern\":"
              "{\"Regex\":\"\\\\p{L}+|\\\\s+\"},\"behavior\":\"Isolated\",\"invert\":false},{\"type\":\"ByteLevel\","
              "\"add_prefix_space\":false,"
              "\"trim_offsets\":false,\"use_regex\":false}]},\"decoder\":{\"type\":\"ByteLevel\"},\"model\":{\"type\":"
              "\"BPE\","
              "\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"\\u0120\":3,\"aba\":4},\"merges\":[\"a b\",[\"ab\",\"a\"]]}}"),
    FUZZ_SEED("v{\"a\":0,\"b\":1,\"ab\":2}\0#version: 0.2\na "
              "b\n\0{\"added_tokens_decoder\":{\"3\":{\"content\":\"<s>\",\"special\":true}}}"),
    FUZZ_SEED(
        "c{\"model_type\":\"qwen2_vl\",\"hidden_size\":64,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"num_key_"
        "value_heads\":2,"
        "\"intermediate_size\":128,\"vocab_size\":300,\"max_position_embeddings\":512,\"rms_norm_eps\":1e-6,\"rope_"
        "theta\":1e6,"
        "\"rope_scaling\":{\"type\":\"mrope\",\"mrope_section\":[2,3,3]},\"image_token_id\":9,\"video_token_id\":10,"
        "\"vision_config\":{\"embed_dim\":32,\"depth\":2,\"num_heads\":2,\"mlp_ratio\":2,\"hidden_size\":64,\"patch_"
        "size\":14,"
        "\"spatial_merge_size\":2,\"temporal_patch_size\":2}}\0{\"min_pixels\":3136,\"max_pixels\":100000,\"image_"
        "mean\":[0.5,0.5,0.5],"
        "\"image_std\":[0.5,0.5,0.5]}\0{\"eos_token_id\":[1,2],\"temperature\":0.1}\0{\"reader\":\"line\",\"line_"
        "height\":28}"),
    {0}};

static char folder[] = "/dev/shm/ocrvl-fuzz-XXXXXX";

static void put(const char *name, fuzz_seed file)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    must(f && fwrite(file.text, 1, file.len, f) == file.len && fclose(f) == 0);
}

static void clean(void)
{
    static const char *const names[] = {"model.safetensors",
                                        "tokenizer.json",
                                        "vocab.json",
                                        "merges.txt",
                                        "tokenizer_config.json",
                                        "config.json",
                                        "preprocessor_config.json",
                                        "generation_config.json",
                                        "ocrvl.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void end(void)
{
    clean();
    rmdir(folder);
}

static void read_weights(void)
{
    ocrvl_tensors *t;
    ocrvl_error err;
    uint64_t sum = 0;
    ocrvl_status st = ocrvl_tensors_open(&t, folder, &err);
    fuzz_check(st, &err);
    for (size_t i = 0; !st && i < ocrvl_tensors_count(t); i++) {
        const ocrvl_tensor *tensor = ocrvl_tensors_at(t, i);
        for (uint64_t k = 0; k < tensor->bytes; k++)
            sum += ((const uint8_t *)tensor->data)[k];
        must(ocrvl_tensors_find(t, tensor->name) == tensor);
    }
    must(sum < UINT64_MAX);
    if (!st)
        ocrvl_tensors_free(t);
}

static void read_tokenizer(void)
{
    static const char text[] = "ab a\xCC\x81<|im_end|>ba\xFF";
    ocrvl_tokenizer *t;
    ocrvl_error err;
    ocrvl_ids ids = {0};
    ocrvl_buf back = {0};
    ocrvl_status st = ocrvl_tokenizer_open(&t, folder, 0, &err);
    fuzz_check(st, &err);
    if (st)
        return;
    st = ocrvl_tokenizer_encode(t, text, sizeof text - 1, true, &ids, &err);
    if (!st)
        st = ocrvl_tokenizer_decode(t, ids.data, ids.len, false, &back, &err);
    fuzz_check(st, &err);
    ocrvl_ids_free(&ids);
    ocrvl_buf_free(&back);
    ocrvl_tokenizer_free(t);
}

static void read_config(void)
{
    ocrvl_config c = {0};
    ocrvl_error err;
    ocrvl_status st = ocrvl_config_load(&c, folder, &err);
    fuzz_check(st, &err);
    must(st || (c.heads && c.kv_heads && c.patch && c.merge && c.min_pixels <= c.max_pixels));
    ocrvl_config_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    size_t at = 1;
    if (size == 0)
        return 0;
    if (!begun) {
        must(mkdtemp(folder));
        atexit(end);
        begun = true;
    }
    clean();
    if (data[0] == 's') {
        put("model.safetensors", (fuzz_seed){(const char *)data + 1, size - 1});
        read_weights();
    } else if (data[0] == 't') {
        put("tokenizer.json", (fuzz_seed){(const char *)data + 1, size - 1});
        read_tokenizer();
    } else if (data[0] == 'v') {
        put("vocab.json", fuzz_part(data, size, &at));
        put("merges.txt", fuzz_part(data, size, &at));
        put("tokenizer_config.json", fuzz_part(data, size, &at));
        read_tokenizer();
    } else {
        static const char *const names[] = {"config.json", "preprocessor_config.json", "generation_config.json",
                                            "ocrvl.json"};
        for (size_t i = 0; i < 4; i++) {
            fuzz_seed part = fuzz_part(data, size, &at);
            if (part.len)
                put(names[i], part);
        }
        read_config();
    }
    return 0;
}
