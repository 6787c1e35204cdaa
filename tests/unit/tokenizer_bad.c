/* Broken tokenizer files: what must be said about each; want of memory at each allocation; random damage. */
#include "testing.h"

#include "base/utf8.h"
#include "tokenizer_files.h"

/* Opens the folder, which must fail so, with one clean line that begins with the file's path. */
static void assert_refused(const char *file, size_t vocab, ocrvl_status want, const char *part)
{
    ocrvl_tokenizer *t = (ocrvl_tokenizer *)1;
    ocrvl_error e = {0};
    char *path = *file ? ocrvl_path_join(folder, file) : ocrvl_strdup(folder);
    ocrvl_status st = ocrvl_tokenizer_open(&t, folder, vocab, &e);
    if (st != want || t)
        fail_msg("%s, not %s: %s (wanted: %s)", ocrvl_status_name(st), ocrvl_status_name(want), e.message, part);
    if (strncmp(e.message, path, strlen(path)) != 0 || !strstr(e.message, part))
        fail_msg("\"%s\" doesn't say \"%s\" of %s", e.message, part, path);
    ocrvl_free(path);
}

typedef struct change {
    const char *from, *to;
    ocrvl_status status;
    const char *part;
} change;

static void each_refused(const change *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_changed(rows[i].from, rows[i].to);
        assert_refused("tokenizer.json", 0, rows[i].status, rows[i].part);
    }
}

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FORMAT OCRVL_E_FORMAT
#define MODEL OCRVL_E_MODEL
#define UNSUPPORTED OCRVL_E_UNSUPPORTED
#define LIMIT OCRVL_E_LIMIT

static void vocabulary(void **state)
{
    static const change rows[] = {
        {"\"!\": 0", "\"!\": 1", FORMAT, "has id 1, which another token has"},
        {"\"!\": 0", "\"!\": -1", MODEL, "token \"!\" has id -1, but ids go from 0 to 4194303"},
        {"\"!\": 0", "\"!\": 4194304", MODEL, "token \"!\" has id 4194304"},
        {"\"!\": 0", "\"!\": 2147483648", MODEL, "has id 2147483648"},
        {"\"!\": 0", "\"!\": 999999999999999999", MODEL, "has id 999999999999999999"},
        {"\"!\": 0", "\"!\": 9223372036854775808", FORMAT, "the id of token \"!\" is not an integer, or too great"},
        {"\"!\": 0", "\"!\": 00", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\": 0e0", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\": ", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\" 0", FORMAT, "not valid JSON at line 177: ':' is expected"},
        {"\"!\": 0", "\"!\": 0 0", FORMAT, "not valid JSON at line 177: ',' or '}' is expected"},
        {"\"!\": 0", "\"\x01\": 0", FORMAT, "not valid JSON at line 177: a string contains a control character"},
        {"\"!\": 0", "\"\\q\": 0", FORMAT, "not valid JSON at line 177: an escape is invalid"},
        {"\"!\": 0", "\"\xC0\x80\": 0", FORMAT, "not valid JSON at line 177: a string is not well-formed UTF-8"},
        {"\"!\": 0", "3", FORMAT, "not valid JSON at line 177: a string is expected"},
        {"\"!\": 0", "\"!\": \"0\"", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\": 0.5", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\": null", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0", "\"!\": [0]", FORMAT, "the id of token \"!\" is not an integer"},
        {"\"!\": 0,", "", FORMAT, "byte 0x21 has no token"},
        {"\"!\": 0", "\"!!\": 0", FORMAT, "byte 0x21 has no token"},
        {"\"!\": 0", "\" \": 0", FORMAT, "byte 0x21 has no token"}, /* a space isn't of the byte alphabet */
        {"\"!\": 0", "\"!\": 0, \"!\": 600", FORMAT, "ids 0 and 600 are the same token"},
        {"\"vocab\": {", "\"vocab\": {}, \"vocab\": {", FORMAT, "duplicate object key"},
        {"\"vocab\": {", "\"vocab\": {]}, \"x\": {", FORMAT, "not valid JSON"},
        {"\"vocab\": {", "\"vocab\": [], \"x\": {", FORMAT, "the vocabulary is missing, empty or not an object"},
        {"\"vocab\": {", "\"vocab\": {}, \"x\": {", FORMAT, "the vocabulary is missing, empty or not an object"},
        {"\"vocab\": {", "\"x\": {", FORMAT, "the vocabulary is missing, empty or not an object"},
    };
    (void)state;
    each_refused(rows, COUNT(rows));
}

static void merges(void **state)
{
    static const change rows[] = {
        {"\"Ġ Ġ\"", "\"ĠĠ\"", FORMAT, "merge 0 (\"ĠĠ\") is not two tokens and a space"},
        {"\"Ġ Ġ\"", "\"Ġ Ġ Ġ\"", FORMAT, "merge 0 (\"Ġ Ġ Ġ\") is not two tokens and a space"},
        {"\"Ġ Ġ\"", "\"\"", FORMAT, "merge 0"},
        {"\"Ġ Ġ\"", "\" \"", FORMAT, "merge 0"},
        {"\"Ġ Ġ\"", "\" Ġ\"", FORMAT, "merge 0"},
        {"\"Ġ Ġ\"", "\"Ġ qqq\"", FORMAT, "merge 0 (\"Ġ\" \"qqq\"): a half is not in the vocabulary"},
        {"\"Ġ Ġ\"", "\"Ġ \\u0001\"", FORMAT, "merge 0"},
        {"\"Ġ Ġ\"", "\"Ġ \\u0000\"", FORMAT, "merge 0"},
        {"\"i n\"", "\"q q\"", FORMAT, "merge 2 (\"q\" \"q\"): the whole is not in the vocabulary"},
        {"\"ĠĠ ĠĠ\"", "\"Ġ Ġ\"", FORMAT, "merges 0 and 1 are the same"},
        {"\"Ġ Ġ\"", "5", FORMAT, "merge 0 is neither a string nor a pair of strings"},
        {"\"Ġ Ġ\"", "[\"Ġ\"]", FORMAT, "merge 0 is neither a string nor a pair of strings"},
        {"\"Ġ Ġ\"", "[\"Ġ\", \"Ġ\", \"Ġ\"]", FORMAT, "merge 0 is neither a string nor a pair of strings"},
        {"\"Ġ Ġ\"", "[\"Ġ\", 1]", FORMAT, "merge 0 is neither a string nor a pair of strings"},
        {"\"Ġ Ġ\"", "[\"Ġ\", \"\"]", FORMAT, "merge 0"},
        {"\"Ġ Ġ\"", "{\"Ġ\": \"Ġ\"}", FORMAT, "merge 0 is neither a string nor a pair of strings"},
        {"\"merges\": [", "\"merges\": {}, \"x\": [", FORMAT, "model.merges is missing or not an array"},
        {"\"Ġ Ġ\",", "\"Ġ Ġ\"", FORMAT, "',' or ']' is expected"},
        {"\"merges\": [", "\"x\": [", FORMAT, "model.merges is missing or not an array"},
    };
    (void)state;
    each_refused(rows, COUNT(rows));
}

static void added_tokens(void **state)
{
    static const change rows[] = {
        {"\"id\": 498", "\"id\": 497", FORMAT, "token \"<|endoftext|>\" has id 497, which another token has"},
        {"\"id\": 499", "\"id\": 498", FORMAT, "token \"<|im_start|>\" has id 498, which another token has"},
        {"\"id\": 498", "\"id\": -5", MODEL, "has id -5"},
        {"\"id\": 498", "\"id\": 99999999999", MODEL, "has id 99999999999"},
        {"\"id\": 498", "\"id\": \"498\"", FORMAT, "added_tokens[0] has no integer id"},
        {"\"id\": 498,", "", FORMAT, "added_tokens[0] has no integer id"},
        {"\"content\": \"<|endoftext|>\"", "\"content\": \"\"", FORMAT, "added token 498 is empty"},
        {"\"content\": \"<|endoftext|>\"", "\"content\": 5", FORMAT, "added token 498: its content is missing"},
        {"\"content\": \"<|endoftext|>\"", "\"content\": \"in\"", FORMAT, "has id 498 but the vocabulary says 258"},
        {"\"content\": \"<|im_start|>\"", "\"content\": \"<|endoftext|>\"", FORMAT,
         "has id 499 but the vocabulary says 498"},
        {"\"content\": \"<|endoftext|>\",\n   \"single_word\": false",
         "\"content\": \"\\u001b[1m\", \"single_word\": 1", UNSUPPORTED,
         "added token \"?[1m\": single_word"}, /* nothing of the file reaches the terminal as it is */
        {"\"single_word\": false", "\"single_word\": true", UNSUPPORTED, "added token \"<|endoftext|>\": single_word"},
        {"\"lstrip\": false", "\"lstrip\": true", UNSUPPORTED, "added token \"<|endoftext|>\": lstrip"},
        {"\"rstrip\": false", "\"rstrip\": true", UNSUPPORTED, "added token \"<|endoftext|>\": rstrip"},
        {"\"special\": true", "\"special\": \"yes\"", FORMAT, "special or normalized is not true or false"},
        {"\"normalized\": false", "\"normalized\": 0", FORMAT, "special or normalized is not true or false"},
        {"\"added_tokens\": [", "\"added_tokens\": 3, \"x\": [", FORMAT, "added_tokens is not an array"},
        {"\"added_tokens\": [", "\"added_tokens\": [3, ", FORMAT, "added_tokens[0] has no integer id"},
    };
    (void)state;
    each_refused(rows, COUNT(rows));
}

/* What would change the ids and isn't done is refused by name. */
static void settings(void **state)
{
    static const change rows[] = {
        {"\"type\": \"NFC\"", "\"type\": \"NFKC\"", UNSUPPORTED, "normalizer \"NFKC\" is not supported"},
        {"\"type\": \"NFC\"", "\"type\": 3", UNSUPPORTED, "normalizer is not supported"},
        {"\"type\": \"NFC\"", "\"type\": \"Sequence\"", UNSUPPORTED, "normalizer \"Sequence\""},
        {"\"type\": \"NFC\"",
         "\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"Lowercase\"}]", UNSUPPORTED,
         "normalizer \"Lowercase\""},
        {"\"type\": \"Split\"", "\"type\": \"Digits\"", UNSUPPORTED, "pre_tokenizer, at this place, \"Digits\""},
        {"\"type\": \"Sequence\"", "\"type\": \"Metaspace\"", UNSUPPORTED, "pre_tokenizer \"Metaspace\""},
        {"\"pre_tokenizer\"", "\"x\"", UNSUPPORTED, "pre_tokenizer is not supported"},
        {"\"pretokenizers\": [", "\"pretokenizers\": [], \"x\": [", UNSUPPORTED,
         "pre_tokenizer that is an empty Sequence"},
        {"\"behavior\": \"Isolated\"", "\"behavior\": \"Removed\"", UNSUPPORTED, "Split behavior \"Removed\""},
        {"\"invert\": false", "\"invert\": true", UNSUPPORTED, "Split invert"},
        {"\"Regex\"", "\"String\"", UNSUPPORTED, "Split without a Regex"},
        {"(?i:", "(?i", UNSUPPORTED, "the Split pattern cannot be used, at character"},
        {"\\\\p{L}", "\\\\p{Nonsense}", UNSUPPORTED, "U_REGEX_PROPERTY_SYNTAX"},
        {"\"use_regex\": false", "\"use_regex\": true", UNSUPPORTED, "ByteLevel with use_regex after Split"},
        {"\"use_regex\": false", "\"use_regex\": 3", FORMAT, "use_regex is not true or false"},
        {"\"add_prefix_space\": false", "\"add_prefix_space\": true", UNSUPPORTED, "add_prefix_space"},
        {"\"post_processor\": {\n  \"type\": \"ByteLevel\"",
         "\"post_processor\": {\n  \"type\": \"TemplateProcessing\"", UNSUPPORTED,
         "post_processor \"TemplateProcessing\""},
        {"\"decoder\": {\n  \"type\": \"ByteLevel\"", "\"decoder\": {\n  \"type\": \"WordPiece\"", UNSUPPORTED,
         "decoder \"WordPiece\""},
        {"\"decoder\"", "\"x\"", UNSUPPORTED, "decoder is not supported"},
        {"\"type\": \"BPE\"", "\"type\": \"Unigram\"", UNSUPPORTED, "model type \"Unigram\""},
        {"\"dropout\": null", "\"dropout\": 0.1", UNSUPPORTED, "dropout"},
        {"\"ignore_merges\": false", "\"ignore_merges\": true", UNSUPPORTED, "ignore_merges"},
        {"\"continuing_subword_prefix\": \"\"", "\"continuing_subword_prefix\": \"##\"", UNSUPPORTED,
         "continuing_subword"},
        {"\"end_of_word_suffix\": \"\"", "\"end_of_word_suffix\": \"</w>\"", UNSUPPORTED, "end_of_word_suffix"},
        {"\"model\": {", "\"x\": {", FORMAT, "the file has no \"model\""},
    };
    (void)state;
    each_refused(rows, COUNT(rows));
}

static void beyond_the_embedding(void **state)
{
    ocrvl_tokenizer *t;
    (void)state;
    put_file("tokenizer.json", tiny_json, tiny_len);
    assert_refused("tokenizer.json", 511, MODEL, "token \"<|video_pad|>\" has id 511, but ids go from 0 to 510");
    assert_refused("tokenizer.json", 100, MODEL, "ids go from 0 to 99");
    assert_ok(ocrvl_tokenizer_open(&t, folder, 512, err));
    ocrvl_tokenizer_free(t);
    put_changed("\"id\": 511", "\"id\": 4194303"); /* far off, but allowed */
    assert_ok(ocrvl_tokenizer_open(&t, folder, 0, err));
    assert_int_equal(ocrvl_tokenizer_size(t), 4194304);
    ocrvl_tokenizer_free(t);
}

static void put_long_content(size_t n)
{
    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, "\"content\": \"");
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_putc(&b, 'x');
    ocrvl_buf_putc(&b, '"');
    put_changed("\"content\": \"<|endoftext|>\"", b.data);
    ocrvl_buf_free(&b);
}

static void sizes(void **state)
{
    ocrvl_tokenizer *t;
    char *path = ocrvl_path_join(folder, "tokenizer.json");
    (void)state;
    put_long_content(1024);
    assert_ok(ocrvl_tokenizer_open(&t, folder, 0, err));
    ocrvl_tokenizer_free(t);
    put_long_content(1025);
    assert_refused("tokenizer.json", 0, FORMAT, "added token 498: its content is too long");

    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, "\"added_tokens\": [");
    for (size_t i = 0; i < 65536; i++)
        ocrvl_buf_puts(&b, "0,");
    put_changed("\"added_tokens\": [", b.data);
    assert_refused("tokenizer.json", 0, LIMIT, "over 65536 added tokens");
    ocrvl_buf_clear(&b);
    ocrvl_buf_puts(&b, "(?i:");
    for (size_t i = 0; i < 70000; i++)
        ocrvl_buf_putc(&b, 'x');
    put_changed("(?i:", b.data);
    assert_refused("tokenizer.json", 0, LIMIT, "the Split pattern of 70");
    ocrvl_buf_free(&b);

    assert_int_equal(truncate(path, 2147483647), 0); /* 2 GB that aren't there */
    assert_refused("tokenizer.json", 0, LIMIT, "more than 67108864 bytes");
    ocrvl_free(path);
}

static void not_even_json(void **state)
{
    static const char *const texts[] = {"", "[]", "3", "null", "{}", "\"\xFF\"", "{\"model\": {}}"};
    ocrvl_error e;
    ocrvl_tokenizer *t;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        put_file("tokenizer.json", texts[i], strlen(texts[i]));
        assert_refused("tokenizer.json", 0, i == 4 || i == 6 ? UNSUPPORTED : FORMAT,
                       i == 4 || i == 6 ? "decoder" : "not");
    }
    put_changed("\n  ]\n }\n}", "\n  ]\n }\n} 1"); /* the line is right though the great lists were cut out */
    assert_refused("tokenizer.json", 0, FORMAT, "not valid JSON at line 921");
    for (size_t n = 0; n < tiny_len - 2; n += 101) { /* cut off */
        put_file("tokenizer.json", tiny_json, n);
        assert_refused("tokenizer.json", 0, FORMAT, "not valid JSON at line");
    }
    char *deep = ocrvl_alloc(1000000);
    memset(deep, '[', 1000000);
    put_file("tokenizer.json", deep, 1000000);
    assert_refused("tokenizer.json", 0, FORMAT, "depth");
    ocrvl_free(deep);
    assert_int_equal(ocrvl_tokenizer_open(&t, "/nonexistent", 0, &e), MODEL);
    assert_string_equal(e.message, "/nonexistent: the folder has neither tokenizer.json nor vocab.json and merges.txt");
    assert_int_equal(ocrvl_tokenizer_open(&t, "/nonexistent", 0, NULL), MODEL);
}

static void use_old_layout(const char *vocab, const char *merge_lines, const char *config)
{
    char *path = ocrvl_path_join(folder, "tokenizer.json");
    unlink(path);
    ocrvl_free(path);
    put_file("vocab.json", vocab, strlen(vocab));
    put_file("merges.txt", merge_lines, strlen(merge_lines));
    put_file("tokenizer_config.json", config, strlen(config));
}

/* The vocabulary as the tiny tokenizer.json holds it. */
static char *tiny_vocab(void)
{
    const char *from = strstr(tiny_json, "\"vocab\": {") + 9, *to = strchr(from, '}');
    while (to[1] != ',' || to[2] != '\n') /* '}' is a token too */
        to = strchr(to + 1, '}');
    return ocrvl_strndup(from, (size_t)(to + 1 - from));
}

static void old_layout(void **state)
{
    static const char config[] =
        "{\"added_tokens_decoder\": {\"498\": {\"content\": \"<|im_end|>\", \"special\": true}}}";
    char *vocab = tiny_vocab();
    ocrvl_tokenizer *t;
    (void)state;
    use_old_layout(vocab, "#version: 0.2\ni n\n", config);
    assert_ok(ocrvl_tokenizer_open(&t, folder, 0, err));
    assert_int_equal(ocrvl_tokenizer_special(t, "<|im_end|>"), 498);
    ocrvl_tokenizer_free(t);
    use_old_layout(vocab, "#version: 0.2\ni n\nin\n", config);
    assert_refused("merges.txt", 0, FORMAT, "merge 1 (\"in\") is not two tokens and a space");
    use_old_layout(vocab, "i n\ni n", config);
    assert_refused("merges.txt", 0, FORMAT, "merges 0 and 1 are the same");
    use_old_layout(vocab, "i \xFF\n", config);
    assert_refused("merges.txt", 0, FORMAT, "a half is not in the vocabulary");
    use_old_layout("{\"a\": 0}", "", config);
    assert_refused("vocab.json", 0, FORMAT, "byte 0x00 has no token");
    use_old_layout("[", "", config);
    assert_refused("vocab.json", 0, FORMAT, "the vocabulary is missing, empty or not an object");
    use_old_layout("{", "", config);
    assert_refused("vocab.json", 0, FORMAT, "not valid JSON");
    use_old_layout(vocab, "", "{}");
    assert_refused("tokenizer_config.json", 0, MODEL, "added_tokens_decoder is missing");
    use_old_layout(vocab, "", "{\"added_tokens_decoder\": {\"4x\": {}}}");
    assert_refused("tokenizer_config.json", 0, FORMAT, "\"4x\" is not an id");
    use_old_layout(vocab, "", "{\"added_tokens_decoder\": {\"99999999999999999999\": {\"content\": \"<x>\"}}}");
    assert_refused("tokenizer_config.json", 0, MODEL, "has id 9223372036854775807");
    use_old_layout(vocab, "", "{\"added_tokens_decoder\": {}, \"add_prefix_space\": true}");
    assert_refused("tokenizer_config.json", 0, UNSUPPORTED, "add_prefix_space");
    char *path = ocrvl_path_join(folder, "tokenizer_config.json");
    unlink(path);
    assert_refused("", 0, MODEL, "without tokenizer.json the folder needs tokenizer_config.json");
    ocrvl_free(path);
    path = ocrvl_path_join(folder, "merges.txt");
    unlink(path);
    assert_refused("", 0, MODEL, "without tokenizer.json the folder needs merges.txt tokenizer_config.json");
    ocrvl_free(path);
    path = ocrvl_path_join(folder, "vocab.json");
    unlink(path);
    ocrvl_free(path);
    ocrvl_free(vocab);
}

static const char sample[] = "It's \xFF 3 e\u0301 in the <|im_end|> \u6771\u4EAC\n\n  x";

static ocrvl_status there_and_back(ocrvl_error *e)
{
    ocrvl_tokenizer *t;
    ocrvl_ids ids = {0};
    ocrvl_buf b = {0};
    ocrvl_status st = ocrvl_tokenizer_open(&t, folder, 0, e);
    if (!st)
        st = ocrvl_tokenizer_encode(t, sample, sizeof sample - 1, true, &ids, e);
    if (!st)
        st = ocrvl_tokenizer_decode(t, ids.data, ids.len, false, &b, e);
    ocrvl_tokenizer_free(t);
    ocrvl_ids_free(&ids);
    ocrvl_buf_free(&b);
    return st;
}

static void each_allocation_fails(void)
{
    for (long n = 1;; n++) {
        ocrvl_error e = {0};
        ocrvl_mem_fail_after(n);
        ocrvl_status st = there_and_back(&e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            assert_true(n > 40);
            return;
        }
        if (st != OCRVL_E_NOMEM || strcmp(e.message, "out of memory") != 0)
            fail_msg("allocation %ld: %s: %s", n, ocrvl_status_name(st), e.message);
    }
}

static void no_memory(void **state)
{
    char *vocab = tiny_vocab();
    (void)state;
    put_changed("\"added_tokens\": [",
                "\"added_tokens\": [{\"id\": 512, \"content\": \"e\\u0301\", \"normalized\": true},");
    each_allocation_fails();
    use_old_layout(vocab, "i n\n", "{\"added_tokens_decoder\": {\"498\": {\"content\": \"<|im_end|>\"}}}");
    each_allocation_fails();
    ocrvl_free(vocab);
}

static uint32_t random_below(uint64_t *seed, size_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % n);
}

/* One to four changes: a byte, a piece left out, a piece repeated elsewhere, a number or a literal put in. */
static void damage(ocrvl_buf *b, uint64_t *seed)
{
    static const char *const literals[] = {"0",    "-1", "4194303", "2147483647", "1e9",  "\"\"", "[]", "{}",
                                           "null", "\"", "\\u0000", "\xFF",       "true", " ",    ",",  "\\\\"};
    for (uint32_t k = random_below(seed, 4) + 1; k > 0; k--) {
        ocrvl_buf c = {0};
        size_t at = random_below(seed, b->len), n = random_below(seed, 40);
        n = n < b->len - at ? n : b->len - at;
        ocrvl_buf_put(&c, b->data, at);
        switch (random_below(seed, 4)) {
        case 0:
            ocrvl_buf_putc(&c, (char)random_below(seed, 256));
            at++;
            break;
        case 1: at += n; break;
        case 2: ocrvl_buf_put(&c, b->data + random_below(seed, b->len - n), n); break;
        default: ocrvl_buf_puts(&c, literals[random_below(seed, COUNT(literals))]); at += random_below(seed, 2);
        }
        ocrvl_buf_put(&c, b->data + at, b->len - at);
        ocrvl_buf_free(b);
        *b = c;
    }
}

static void random_damage(void **state)
{
    uint64_t seed = 20260101;
    size_t refused = 0, taken = 0;
    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        ocrvl_error e = {0};
        ocrvl_buf b = {0};
        ocrvl_buf_put(&b, tiny_json, tiny_len);
        damage(&b, &seed);
        put_file("tokenizer.json", b.data, b.len);
        ocrvl_status st = there_and_back(&e);
        st ? refused++ : taken++;
        bool clean = e.message[0] && ocrvl_utf8_valid(e.message, strlen(e.message)) && !strpbrk(e.message, "\n\r\x1B");
        if (st && ((st != FORMAT && st != MODEL && st != UNSUPPORTED && st != LIMIT) || !clean))
            fail_msg("round %zu: %s: %s", i, ocrvl_status_name(st), e.message);
        ocrvl_buf_free(&b);
    }
    assert_true(refused > 1000 && taken > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vocabulary),    cmocka_unit_test(merges),     cmocka_unit_test(added_tokens),
        cmocka_unit_test(settings),      cmocka_unit_test(sizes),      cmocka_unit_test(beyond_the_embedding),
        cmocka_unit_test(not_even_json), cmocka_unit_test(old_layout), cmocka_unit_test(no_memory),
        cmocka_unit_test(random_damage),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
