/* Broken GGUF files: each is refused with one line that names the file and the key or tensor; none crashes. The cases
 * are made from those of the vectors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "ocrvl_dev.h"
#include "testing.h"

#define VECTORS "tests/vectors/data/"

static char path[] = "/tmp/ocrvl-bad-gguf-XXXXXX";

typedef struct bytes {
    uint8_t *data;
    size_t len;
} bytes;

static bytes get(const char *name)
{
    bytes b;
    char *data;
    assert_ok(ocrvl_file_read(&data, &b.len, name, 1 << 26, err));
    b.data = (uint8_t *)data;
    return b;
}

static void put(const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* The bytes at the end of the first `text` in b. */
static uint8_t *after(bytes b, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n < b.len; i++)
        if (memcmp(b.data + i, text, n) == 0)
            return b.data + i + n;
    fail_msg("no %s", text);
    return NULL;
}

static ocrvl_status try_files(const char *one, const char *two, ocrvl_error *e)
{
    const char *const paths[] = {one, two};
    ocrvl_dev_packer *p;
    ocrvl_status st = ocrvl_dev_packer_open(&p, paths, 2, e);
    ocrvl_dev_packer_free(p);
    return st;
}

/* The changed file with the other one of its model is refused, and the message says `says` and where. */
static void refused(const char *other, const char *says)
{
    ocrvl_error e = {0};
    ocrvl_status st = try_files(path, other, &e);
    bool right = st == OCRVL_E_MODEL || st == OCRVL_E_FORMAT || st == OCRVL_E_UNSUPPORTED;
    if (!right || !strstr(e.message, says) || !strstr(e.message, ": ") || strchr(e.message, '\n'))
        fail_msg("wanted \"%s\": status %d, \"%s\"", says, (int)st, e.message);
}

typedef struct change {
    const char *at; /* the bytes behind it are changed, after `skip` of them */
    size_t skip;
    const char *to;
    size_t len;
    const char *says;
} change;

#define TO(s) (s), sizeof(s) - 1

static void change_all(const char *file, const char *other, const change *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bytes b = get(file);
        uint8_t *at = list[i].at ? after(b, list[i].at) : b.data;
        memcpy(at + list[i].skip, list[i].to, list[i].len);
        put(b.data, b.len);
        refused(other, list[i].says);
        ocrvl_free(b.data);
    }
}

#define HUGE_COUNT TO("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F")

/* After a key: its type in 4 bytes, then the value; of an array the items' type in 4 and their number in 8. */
static void decoders(void **state)
{
    (void)state;
    static const change list[] = {
        {NULL, 0, TO("GGML"), "not a GGUF file"},
        {NULL, 4, TO("\1"), "version 1 of GGUF"},
        {NULL, 4, TO("\0\0\0\3"), "little-endian"},
        {NULL, 8, HUGE_COUNT, "more tensors"},
        {NULL, 16, HUGE_COUNT, "more metadata keys"},
        {NULL, 16, TO("\1\0\0\0\0\0\0\0"), "tensor"},
        {NULL, 24, HUGE_COUNT, "cut short"},
        {"general.architecture", 0, TO("\x0D"), "general.architecture: its type"},
        {"general.architecture", 4, HUGE_COUNT, "general.architecture: its string"},
        {"general.architecture", 12, TO("llamavl"), "key general.architecture is 'llamavl'"},
        {"general.architecture", 12, TO("qwen2\n\n"), "key general.architecture is 'qwen2"},
        {"qwen2vl.context_lengt", 0, TO("\n"), "name of a metadata key is not valid"},
        {"qwen2vl.block_coun", 0, TO("x"), "qwen2vl.block_count is missing"},
        {"qwen2vl.block_count", 4, TO("\3"), "blk.2."},
        {"qwen2vl.block_count", 4, TO("\0"), "key qwen2vl.block_count is not a whole number"},
        {"qwen2vl.block_count", 4, TO("\xFF\xFF\xFF\xFF"), "key qwen2vl.block_count is not a whole number"},
        {"qwen2vl.embedding_length", 4, TO("\x80"), "mrope_section"},
        {"qwen2vl.feed_forward_length", 4, TO("\x41"), "mlp.gate_proj.weight has shape [64, 64]"},
        {"qwen2vl.attention.head_count", 4, TO("\0"), "qwen2vl.attention.head_count"},
        {"qwen2vl.attention.head_count_kv", 4, TO("\3"), "num_key_value_heads"},
        {"qwen2vl.rope.freq_base", 4, TO("\0\0\xC0\x7F"), "qwen2vl.rope.freq_base is not a number"},
        {"qwen2vl.rope.dimension_sections", 4, TO("\x08"), "qwen2vl.rope.dimension_sections"},
        {"qwen2vl.rope.dimension_sections", 16, TO("\xFF\xFF\xFF\xFF"), "rope.dimension_sections is not"},
        {"tokenizer.ggml.model", 12, TO("bert"), "key tokenizer.ggml.model is not gpt2"},
        {"tokenizer.ggml.pre", 12, TO("llama"), "key tokenizer.ggml.pre is not qwen2"},
        {"tokenizer.ggml.tokens", 4, TO("\x09"), "tokenizer.ggml.tokens: it is an array of an unknown type"},
        {"tokenizer.ggml.tokens", 8, HUGE_COUNT, "tokenizer.ggml.tokens: its array is longer"},
        {"tokenizer.ggml.tokens", 16, HUGE_COUNT, "tokenizer.ggml.tokens: its array is longer"},
        {"tokenizer.ggml.tokens", 24, TO("\xFF"), "tokenizer.ggml.tokens has a token"},
        {"tokenizer.ggml.token_type", 16, TO("\7"), "tokenizer.ggml.token_type has a type"},
        {"tokenizer.ggml.merges", 24, TO("\n"), "tokenizer.ggml.merges has a merge"},
        {"tokenizer.ggml.eos_token_id", 4, TO("\0\0\0\x10"), "tokenizer.ggml.eos_token_id"},
        {"token_embd.weight", 0, TO("\5"), "tensor token_embd.weight: it doesn't have"},
        {"token_embd.weight", 4, TO("\0\0\0\0\0\0\0\0"), "tensor token_embd.weight: its shape is empty"},
        {"token_embd.weight", 4, HUGE_COUNT, "tensor token_embd.weight: its shape is empty or overflows"},
        {"token_embd.weight", 4, TO("\x41"), "tensor token_embd.weight: its rows are not whole blocks"},
        {"token_embd.weight", 20, TO("\x0A"), "tensor token_embd.weight: it is of type 10 (Q2_K)"},
        {"token_embd.weight", 20, TO("\x63"), "type 99 (unknown)"},
        {"token_embd.weight", 24, TO("\x20"), "tensor token_embd.weight: its data don't begin"},
        {"token_embd.weigh", 0, TO("\n"), "the name of a tensor is not valid"},
        {"blk.0.attn_q.weigh", 0, TO("x"), "tensor blk.0.attn_q.weight is missing"},
        {"blk.0.attn_norm.weight", 4, TO("\x20"), "don't begin where the data of the tensor before"},
    };
    change_all(VECTORS "gguf-qwen2/model.gguf", VECTORS "gguf-qwen2/mmproj.gguf", list, sizeof list / sizeof *list);
}

static void towers(void **state)
{
    (void)state;
    static const change two[] = {
        {"clip.projector_type", 12, TO("llava"), "key clip.projector_type is 'llavavl"},
        {"clip.projector_typ", 0, TO("x"), "clip.projector_type is missing"},
        {"clip.vision.patch_size", 4, TO("\7"), "v.patch_embd.weight isn't of plain floats and [32, 3, 7, 7]"},
        {"clip.vision.attention.layer_norm_epsilon", 4, TO("\0\0\x80\x3F"), "layer_norm_epsilon is not 0.000001"},
        {"clip.vision.image_mean", 8, TO("\2"), "cut short"},
        {"clip.vision.image_mean", 16, TO("\0\0\xC0\x7F"), "clip.vision.image_mean is not three numbers"},
        {"clip.vision.block_count", 4, TO("\x05"), "tensor v.blk."},
        {"clip.vision.embedding_length", 4, TO("\x28"), "v.patch_embd.weight"},
        {"v.blk.0.attn_q.weigh", 0, TO("x"), "tensor v.blk.0.attn_q.weight is missing"},
        {"v.patch_embd.weight.", 0, TO("x"), "v.patch_embd.weight.1 is missing"},
    };
    static const change three[] = {
        {"clip.vision.block_count", 4, TO("\1"), "key clip.vision.is_deepstack_layers is not"},
        {"v.deepstack.1.fc", 0, TO("x"), "tensor v.deepstack.1.fc1.weight is missing"},
        {"v.position_embd.weigh", 0, TO("x"), "num_position_embeddings"},
    };
    change_all(VECTORS "gguf-qwen2/mmproj.gguf", VECTORS "gguf-qwen2/model.gguf", two, sizeof two / sizeof *two);
    change_all(VECTORS "gguf-qwen3/mmproj.gguf", VECTORS "gguf-qwen3/model.gguf", three, sizeof three / sizeof *three);
}

/* Cut anywhere, and with bytes changed at random: refused or, by luck, still a model. */
static void cut_and_changed(void **state)
{
    (void)state;
    bytes b = get(VECTORS "gguf-qwen2/model.gguf");
    const char *other = VECTORS "gguf-qwen2/mmproj.gguf";
    uint32_t seed = 7;
    for (size_t i = 0; i < 40; i++) {
        put(b.data, b.len * i / 40);
        refused(other, path);
    }
    for (size_t i = 0; i < 300; i++) {
        bytes c = {ocrvl_alloc(b.len), b.len};
        ocrvl_error e = {0};
        assert_non_null(c.data);
        memcpy(c.data, b.data, b.len);
        for (size_t k = 0; k < 4; k++) {
            seed = seed * 1664525u + 1013904223u;
            c.data[(seed >> 8) % 20000] = (uint8_t)(seed >> 3);
        }
        put(c.data, c.len);
        ocrvl_status st = try_files(path, other, &e);
        if (st && (!e.message[0] || strchr(e.message, '\n') || st == OCRVL_E_INTERNAL))
            fail_msg("status %d, \"%s\"", (int)st, e.message);
        ocrvl_free(c.data);
    }
    ocrvl_free(b.data);
}

static void want_of_memory(void **state)
{
    (void)state;
    bool happened = true;
    for (long n = 1; happened; n++) {
        ocrvl_mem_fail_after(n);
        ocrvl_status st = try_files(VECTORS "gguf-qwen3/model.gguf", VECTORS "gguf-qwen3/mmproj.gguf", NULL);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
        assert_true(happened || n > 50);
    }
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(decoders), cmocka_unit_test(towers),
                                       cmocka_unit_test(cut_and_changed), cmocka_unit_test(want_of_memory)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
