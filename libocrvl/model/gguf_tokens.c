/* The tokenizer of a GGUF file, as the files that Qwen2's tokenizer had before tokenizer.json: the pre-tokeniser
 * "qwen2" is theirs. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/gguf_model.h"

enum { NORMAL = 1, CONTROL = 3, USER_DEFINED = 4, UNUSED = 5 }; /* of tokenizer.ggml.token_type */

#define TOKENS "tokenizer.ggml.tokens"
#define TYPES "tokenizer.ggml.token_type"
#define MERGES "tokenizer.ggml.merges"

int64_t ocrvl_gguf_token(const ocrvl_gguf_model *m, const char *text)
{
    ocrvl_gguf_strings s = ocrvl_gguf_strings_of(ocrvl_gguf_find(m->text, TOKENS));
    size_t len, want = strlen(text);
    const char *token;
    for (int64_t id = 0; (token = ocrvl_gguf_next(&s, &len)); id++)
        if (len == want && memcmp(token, text, len) == 0)
            return id;
    return -1;
}

static void demand(ocrvl_gguf_model *m, const char *key, const char *want)
{
    size_t len;
    char what[80] = "is not ";
    const char *s = ocrvl_gguf_string(ocrvl_gguf_find(m->text, key), &len);
    strncat(what, want, 32);
    strncat(what, ", the only one supported", 32);
    if (!s || len != strlen(want) || memcmp(s, want, len) != 0)
        ocrvl_gguf_model_wrong(m, m->text, key, what);
}

/* Puts ID: TEXT or the like of every token of a kind, with commas. */
typedef void (*put_fn)(ocrvl_buf *b, const char *s, size_t len, int64_t id, int64_t type);

static void put_vocab(ocrvl_buf *b, const char *s, size_t len, int64_t id, int64_t type)
{
    (void)type;
    ocrvl_json_put_string(b, s, len);
    ocrvl_buf_printf(b, ":%" PRId64, id);
}

static void put_added(ocrvl_buf *b, const char *s, size_t len, int64_t id, int64_t type)
{
    ocrvl_buf_printf(b, "\n  \"%" PRId64 "\": {\"content\": ", id);
    ocrvl_json_put_string(b, s, len);
    ocrvl_buf_printf(b,
                     ", \"lstrip\": false, \"normalized\": false, \"rstrip\": false, \"single_word\": false, "
                     "\"special\": %s}",
                     type == CONTROL ? "true" : "false");
}

static void put_tokens(ocrvl_gguf_model *m, ocrvl_buf *b, bool added, put_fn put)
{
    const ocrvl_gguf_value *types = ocrvl_gguf_find(m->text, TYPES);
    ocrvl_gguf_strings s = ocrvl_gguf_strings_of(ocrvl_gguf_find(m->text, TOKENS));
    size_t len, count = 0;
    const char *token;
    for (int64_t id = 0; !m->st && !b->failed && (token = ocrvl_gguf_next(&s, &len)); id++) {
        int64_t type;
        if (!ocrvl_gguf_int_at(types, (uint64_t)id, &type) || type < NORMAL || type > UNUSED || type == 2)
            ocrvl_gguf_model_wrong(m, m->text, TYPES, "has a type that no token of a byte-level tokenizer has");
        else if (!ocrvl_utf8_valid(token, len) || len == 0)
            ocrvl_gguf_model_wrong(m, m->text, TOKENS, "has a token that is empty or ill-formed UTF-8");
        else if (type != UNUSED && (type != NORMAL) == added) {
            ocrvl_buf_puts(b, count++ ? "," : "");
            put(b, token, len, id, type);
        }
    }
}

static void put_merges(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    ocrvl_gguf_strings s = ocrvl_gguf_strings_of(ocrvl_gguf_find(m->text, MERGES));
    size_t len;
    const char *merge;
    if (s.left == 0)
        ocrvl_gguf_model_wrong(m, m->text, MERGES, "is missing or empty");
    ocrvl_buf_puts(b, "#version: 0.2\n");
    while (!m->st && !b->failed && (merge = ocrvl_gguf_next(&s, &len))) {
        if (len == 0 || !memchr(merge, ' ', len) || memchr(merge, '\n', len) || memchr(merge, '\r', len))
            ocrvl_gguf_model_wrong(m, m->text, MERGES, "has a merge that is not two tokens and a space");
        ocrvl_buf_put(b, merge, len);
        ocrvl_buf_putc(b, '\n');
    }
}

static void write_vocab(ocrvl_gguf_model *m)
{
    ocrvl_buf *b = ocrvl_gguf_model_file(m, "vocab.json");
    if (!b)
        return;
    ocrvl_buf_putc(b, '{');
    put_tokens(m, b, false, put_vocab);
    ocrvl_buf_puts(b, "}\n");
    ocrvl_gguf_model_filed(m, b);
}

static void write_merges(ocrvl_gguf_model *m)
{
    ocrvl_buf *b = ocrvl_gguf_model_file(m, "merges.txt");
    if (!b)
        return;
    put_merges(m, b);
    ocrvl_gguf_model_filed(m, b);
}

static void write_added(ocrvl_gguf_model *m)
{
    ocrvl_buf *b = ocrvl_gguf_model_file(m, "tokenizer_config.json");
    if (!b)
        return;
    ocrvl_buf_puts(b,
                   "{\"tokenizer_class\": \"Qwen2Tokenizer\", \"add_prefix_space\": false,\n"
                   " \"eos_token\": \"<|im_end|>\", \"pad_token\": \"<|endoftext|>\",\n \"added_tokens_decoder\": {");
    put_tokens(m, b, true, put_added);
    ocrvl_buf_puts(b, "}}\n");
    ocrvl_gguf_model_filed(m, b);
}

static void write_template(ocrvl_gguf_model *m)
{
    size_t len;
    const char *chat = ocrvl_gguf_string(ocrvl_gguf_find(m->text, "tokenizer.chat_template"), &len);
    ocrvl_buf *b = chat ? ocrvl_gguf_model_file(m, "chat_template.jinja") : NULL;
    if (!b)
        return;
    ocrvl_buf_put(b, chat, len);
    ocrvl_gguf_model_filed(m, b);
}

void ocrvl_gguf_write_tokenizer(ocrvl_gguf_model *m)
{
    uint64_t count = ocrvl_gguf_length(ocrvl_gguf_find(m->text, TOKENS));
    demand(m, "tokenizer.ggml.model", "gpt2");
    demand(m, "tokenizer.ggml.pre", "qwen2");
    if (count == 0 || count > m->s->config.vocab)
        ocrvl_gguf_model_wrong(m, m->text, TOKENS, "is empty, or has more tokens than token_embd.weight has rows");
    if (ocrvl_gguf_length(ocrvl_gguf_find(m->text, TYPES)) != count)
        ocrvl_gguf_model_wrong(m, m->text, TYPES, "is not as long as tokenizer.ggml.tokens");
    write_vocab(m);
    write_merges(m);
    write_added(m);
    write_template(m);
}
