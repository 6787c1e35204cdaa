/* What the vectors don't show of the tokenizer: its pieces, the other file layout, added tokens, long words, threads.
 */
#include "testing.h"

#include <time.h>

#include "base/error.h"
#include "base/json.h"
#include "base/threads.h"
#include "tokenizer/bpe.h"
#include "tokenizer/load.h"
#include "tokenizer_files.h"

static ocrvl_tokenizer *opened(const char *dir)
{
    ocrvl_tokenizer *t = NULL;
    assert_ok(ocrvl_tokenizer_open(&t, dir, 0, err));
    return t;
}

static ocrvl_ids encoded(const ocrvl_tokenizer *t, const char *text, size_t len, bool parse_special)
{
    ocrvl_ids ids = {0};
    assert_ok(ocrvl_tokenizer_encode(t, text, len, parse_special, &ids, err));
    return ids;
}

/* The tokens of the text, | between them. */
static void assert_tokens(const ocrvl_tokenizer *t, const char *text, bool parse_special, const char *want)
{
    ocrvl_ids ids = encoded(t, text, strlen(text), parse_special);
    ocrvl_buf b = {0};
    for (size_t i = 0; i < ids.len; i++) {
        size_t len;
        const char *s = ocrvl_tokenizer_bytes(t, ids.data[i], &len);
        if (i)
            ocrvl_buf_putc(&b, '|');
        ocrvl_buf_put(&b, s, len);
    }
    assert_string_equal(b.data ? b.data : "", want);
    ocrvl_buf_free(&b);
    ocrvl_ids_free(&ids);
}

static ocrvl_status put_piece(void *user, const char *piece, size_t len, ocrvl_error *err)
{
    (void)err;
    if (((ocrvl_buf *)user)->len)
        ocrvl_buf_putc(user, '|');
    ocrvl_buf_put(user, piece, len);
    return OCRVL_OK;
}

static void assert_pieces(const char *pattern, const char *text, const char *want)
{
    ocrvl_splitter *s;
    ocrvl_buf b = {0};
    assert_ok(ocrvl_splitter_new(&s, pattern, strlen(pattern), "f", err));
    assert_ok(ocrvl_split(s, text, strlen(text), put_piece, &b, err));
    assert_string_equal(b.data ? b.data : "", want);
    ocrvl_buf_free(&b);
    ocrvl_splitter_free(s);
}

static void pieces(void **state)
{
    (void)state;
    assert_pieces(ocrvl_split_qwen2, "", "");
    assert_pieces(ocrvl_split_qwen2, "Hello  world's 123!?\n\n x", "Hello| | world|'s| |1|2|3|!?\n\n| x");
    assert_pieces(ocrvl_split_qwen2, "DON'T we'LLx it\u2019s", "DON|'T| we|'LL|x| it|\u2019s");
    assert_pieces(ocrvl_split_qwen2, "a'\u017Fb \u00BD\u2167", "a|'\u017F|b| |\u00BD|\u2167");
    assert_pieces(ocrvl_split_qwen2, "a\u0301 e", "a|\u0301| e"); /* a mark is no letter */
    assert_pieces(ocrvl_split_qwen2, "x\u00A0\u3000y\u200Bz\xC2\x85 ", "x|\u00A0|\u3000y|\u200Bz|\xC2\x85 ");
    assert_pieces(ocrvl_split_qwen2, "\U00010400\U0001F600!", "\U00010400|\U0001F600!");
    assert_pieces(ocrvl_split_gpt2, "Hello  world's 123!?\n\n x", "Hello| | world|'s| 123|!?|\n\n| x");
    assert_pieces(ocrvl_split_gpt2, "DON'T", "DON|'|T");
    assert_pieces("b+", "abbacb", "a|bb|ac|b"); /* gaps are pieces too */
    assert_pieces("(?=b)|x*", "abc", "a|b|c");  /* empty matches cut, but are none */
}

static ocrvl_status stop_at_b(void *user, const char *piece, size_t len, ocrvl_error *err)
{
    (void)len;
    ++*(int *)user;
    return *piece == 'b' ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

static void pieces_stop(void **state)
{
    ocrvl_splitter *s;
    ocrvl_error e;
    int calls = 0;
    (void)state;
    assert_ok(ocrvl_splitter_new(&s, ".", 1, "f", err));
    assert_int_equal(ocrvl_split(s, "abc", 3, stop_at_b, &calls, &e), OCRVL_E_NOMEM);
    assert_int_equal(calls, 2);
    ocrvl_splitter_free(s);
    ocrvl_splitter_free(NULL);
}

/* A pattern that goes back and back ends by itself; so does one that wants all memory. */
static void pieces_of_a_bad_pattern(void **state)
{
    const char *patterns[] = {"(a+)+b", ocrvl_split_qwen2};
    enum { N = 4000000 };
    char *text = ocrvl_alloc(N);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ocrvl_splitter *s;
        ocrvl_error e;
        ocrvl_buf b = {0};
        memset(text, i ? ' ' : 'a', N);
        assert_ok(ocrvl_splitter_new(&s, patterns[i], strlen(patterns[i]), "f", err));
        assert_int_equal(ocrvl_split(s, text, i ? N : 40, put_piece, &b, &e), OCRVL_E_LIMIT);
        assert_string_equal(e.message, i ? "the tokenizer's Split pattern takes too much memory on this text"
                                         : "the tokenizer's Split pattern takes too long on this text");
        ocrvl_buf_free(&b);
        ocrvl_splitter_free(s);
    }
    ocrvl_free(text);
}

static void looking_up(void **state)
{
    ocrvl_tokenizer *t = opened(TINY);
    size_t len;
    (void)state;
    assert_int_equal(ocrvl_tokenizer_size(t), 512);
    assert_int_equal(ocrvl_tokenizer_special(t, "<|im_start|>"), 499);
    assert_int_equal(ocrvl_tokenizer_special(t, "<|im_start|"), -1);
    assert_int_equal(ocrvl_tokenizer_special(t, "in"), -1); /* a token, but none that was added */
    assert_int_equal(ocrvl_tokenizer_special(t, ""), -1);
    assert_true(ocrvl_tokenizer_is_special(t, 499));
    assert_false(ocrvl_tokenizer_is_special(t, 258));
    assert_memory_equal(ocrvl_tokenizer_bytes(t, 258, &len), "in", 2);
    assert_int_equal(len, 2);
    assert_memory_equal(ocrvl_tokenizer_bytes(t, 499, &len), "<|im_start|>", 12);
    assert_int_equal(len, 12);
    static const int32_t none[] = {-1, 512, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(ocrvl_tokenizer_bytes(t, none[i], &len));
        assert_int_equal(len, 0);
        assert_false(ocrvl_tokenizer_is_special(t, none[i]));
    }
    ocrvl_buf b = {0};
    const int32_t ids[] = {499, 258, -7, 100000, 500};
    assert_ok(ocrvl_tokenizer_decode(t, ids, 5, true, &b, err));
    assert_string_equal(b.data, "in");
    assert_ok(ocrvl_tokenizer_decode(t, ids, 5, false, &b, err)); /* appends */
    assert_string_equal(b.data, "in<|im_start|>in<|im_end|>");
    assert_ok(ocrvl_tokenizer_decode(t, NULL, 0, false, &b, err));
    ocrvl_buf_free(&b);
    ocrvl_tokenizer_free(t);
    ocrvl_tokenizer_free(NULL);
}

/* Every single byte has a token of just that byte. */
static void byte_alphabet(void **state)
{
    ocrvl_tokenizer *t = opened(TINY);
    bool seen[256] = {0};
    (void)state;
    for (int32_t id = 0; id < 256; id++) {
        size_t len;
        const char *s = ocrvl_tokenizer_bytes(t, id, &len);
        assert_int_equal(len, 1);
        assert_false(seen[(unsigned char)*s]);
        seen[(unsigned char)*s] = true;
    }
    ocrvl_tokenizer_free(t);
}

static void ill_formed_is_fffd(void **state)
{
    ocrvl_tokenizer *t = opened(TINY);
    static const char bad[] = "a\xFF\xE6\x9D"
                              "b\xED\xA0\x80<|im_end|>\xC0",
                      good[] = "a\uFFFD\uFFFDb\uFFFD\uFFFD\uFFFD<|im_end|>\uFFFD";
    (void)state;
    for (int parse = 0; parse < 2; parse++) {
        ocrvl_ids a = encoded(t, bad, sizeof bad - 1, parse), b = encoded(t, good, sizeof good - 1, parse);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len * sizeof *a.data);
        ocrvl_ids_free(&a);
        ocrvl_ids_free(&b);
    }
    ocrvl_tokenizer_free(t);
}

static void added_tokens(void **state)
{
    (void)state;
    put_changed("\"added_tokens\": [",
                "\"added_tokens\": ["
                "{\"id\": 512, \"content\": \"<a>\", \"special\": true, \"normalized\": false},"
                "{\"id\": 513, \"content\": \"<a><b>\", \"special\": true, \"normalized\": false},"
                "{\"id\": 514, \"content\": \"<b>\", \"special\": false, \"normalized\": false},"
                "{\"id\": 515, \"content\": \"e\\u0301\", \"special\": false, \"normalized\": true},"
                "{\"id\": 600, \"content\": \"<b>c\", \"special\": false, \"normalized\": false},");
    ocrvl_tokenizer *t = opened(folder);
    assert_int_equal(ocrvl_tokenizer_size(t), 601);
    assert_int_equal(ocrvl_tokenizer_special(t, "\u00E9"), 515);
    assert_tokens(t, "<a><b>", true, "<a><b>");       /* the longest */
    assert_tokens(t, "<a><b>", false, "<|a|>|<|b|>"); /* special: text, and with it what stands inside */
    assert_tokens(t, "x<b>c<b>d<b", false, "x|<b>c|<b>|d|<|b");
    assert_tokens(t, "\u00E9<a>e\u0301", true, "e\u0301|<a>|e\u0301"); /* found after NFC, given as written */
    assert_tokens(t, "<|im_start|>", false, "<|||im|_|st|art|||>");
    ocrvl_tokenizer_free(t);
}

/* Without a normalizer text stays as it is, and added tokens are taken as they are written. */
static void no_normalizer(void **state)
{
    (void)state;
    put_changed("\"normalizer\": {\n  \"type\": \"NFC\"\n }", "\"normalizer\": null");
    ocrvl_tokenizer *t = opened(folder);
    assert_tokens(t, "e\u0301", true, "e|\xCC|\x81");
    ocrvl_tokenizer_free(t);
    put_changed("{\n  \"type\": \"NFC\"\n }", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}]}");
    t = opened(folder);
    assert_tokens(t, "e\u0301", true, "\xC3|\xA9");
    ocrvl_tokenizer_free(t);
}

/* ByteLevel alone splits as GPT-2 did, or not at all. */
static void plain_byte_level(void **state)
{
    static const char before[] = "\"pre_tokenizer\": {", after[] = "\"unused\": {";
    static const char *const uses[] = {"", ", \"use_regex\": true", ", \"use_regex\": false"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char to[200];
        snprintf(to, sizeof to, "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false%s}, %s",
                 uses[i], after);
        put_changed(before, to);
        ocrvl_tokenizer *t = opened(folder);
        assert_tokens(t, "in\n\nin", true, i == 2 ? "in|\n\n|in" : "in|\n|\n|in");
        assert_int_equal(t->split == NULL, i == 2);
        ocrvl_tokenizer_free(t);
    }
}

static bool put_member(void *user, const char *key, size_t len, const ocrvl_json *value)
{
    ocrvl_buf *b = user;
    int64_t id = 0;
    ocrvl_buf_puts(b, b->len ? "," : "{");
    ocrvl_json_put_string(b, key, len);
    ocrvl_buf_printf(b, ":%d", ocrvl_json_int(value, &id) ? (int)id : -1);
    return true;
}

/* The tiny tokenizer as vocab.json, merges.txt and tokenizer_config.json. */
static void put_old_layout(const char *newline)
{
    ocrvl_json *root = NULL;
    ocrvl_buf vocab = {0}, merges = {0};
    char *config;
    size_t len;
    assert_ok(ocrvl_json_parse(&root, tiny_json, tiny_len, "tiny", err));
    const ocrvl_json *model = ocrvl_json_get(root, "model"), *list = ocrvl_json_get(model, "merges");
    ocrvl_json_each(ocrvl_json_get(model, "vocab"), put_member, &vocab);
    ocrvl_buf_putc(&vocab, '}');
    ocrvl_buf_printf(&merges, "#version: 0.2%s", newline);
    for (size_t i = 0; i < ocrvl_json_length(list); i++)
        ocrvl_buf_printf(&merges, "%s%s", ocrvl_json_string(ocrvl_json_at(list, i), NULL), newline);
    assert_ok(ocrvl_file_read(&config, &len, TINY "/tokenizer_config.json", 1 << 20, err));
    put_file("vocab.json", vocab.data, vocab.len);
    put_file("merges.txt", merges.data, merges.len);
    put_file("tokenizer_config.json", config, len);
    char *path = ocrvl_path_join(folder, "tokenizer.json");
    unlink(path);
    ocrvl_free(path);
    ocrvl_free(config);
    ocrvl_buf_free(&vocab);
    ocrvl_buf_free(&merges);
    ocrvl_json_free(root);
}

static void old_layout(void **state)
{
    static const char *const newlines[] = {"\n", "\r\n", "\n\n"};
    ocrvl_tokenizer *a = opened(TINY);
    ocrvl_json *root = NULL;
    (void)state;
    assert_ok(ocrvl_json_load(&root, TINY "/tokens.json", 1 << 20, err));
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) > 50);
    for (size_t n = 0; n < 3; n++) {
        put_old_layout(newlines[n]);
        ocrvl_tokenizer *b = opened(folder);
        assert_int_equal(ocrvl_tokenizer_size(a), ocrvl_tokenizer_size(b));
        for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
            size_t len;
            const char *text = ocrvl_json_string(ocrvl_json_get(ocrvl_json_at(cases, i), "text"), &len);
            ocrvl_ids x = encoded(a, text, len, true), y = encoded(b, text, len, true);
            assert_int_equal(x.len, y.len);
            if (x.len)
                assert_memory_equal(x.data, y.data, x.len * sizeof *x.data);
            ocrvl_ids_free(&x);
            ocrvl_ids_free(&y);
        }
        ocrvl_tokenizer_free(b);
    }
    ocrvl_json_free(root);
    ocrvl_tokenizer_free(a);
}

/* Scanning for the best merge again and again: what the queue must come to. */
static size_t merge_by_scanning(const ocrvl_vocab *v, const char *s, size_t len, uint32_t *ids)
{
    size_t n = len;
    for (size_t i = 0; i < n; i++)
        ids[i] = v->byte_ids[(unsigned char)s[i]];
    for (;;) {
        int64_t best = -1;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            int64_t rank = ocrvl_vocab_rank(v, ids[i], ids[i + 1]);
            if (rank >= 0 && (best < 0 || rank < best)) {
                best = rank;
                at = i;
            }
        }
        if (best < 0)
            return n;
        ids[at] = v->merges[best].result;
        memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
        n--;
    }
}

static void merging_as_by_scanning(void **state)
{
    static const char alphabet[] = "      iinnttteeerrroooaassthd\n.";
    ocrvl_tokenizer *t = opened(TINY);
    ocrvl_bpe bpe = {0};
    uint32_t seed = 7;
    size_t merged = 0;
    (void)state;
    for (size_t round = 0; round < 3000; round++) {
        char text[200];
        uint32_t want[200];
        size_t len = round % 150 + 1;
        ocrvl_ids ids = {0};
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        assert_ok(ocrvl_bpe_piece(&bpe, &t->vocab, text, len, &ids, err));
        size_t n = merge_by_scanning(&t->vocab, text, len, want);
        assert_int_equal(ids.len, n);
        assert_memory_equal(ids.data, want, n * sizeof *want);
        merged += len - n;
        ocrvl_ids_free(&ids);
    }
    assert_true(merged > 50000);
    ocrvl_bpe_free(&bpe);
    ocrvl_tokenizer_free(t);
}

/* A word of a million letters: scanning would take hours. */
static void long_word(void **state)
{
    enum { N = 1000000 };
    char *text = ocrvl_alloc(N);
    ocrvl_tokenizer *t = opened(TINY);
    ocrvl_buf b = {0};
    uint32_t seed = 1;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = "inteorash"[(seed >> 16) % 9];
    }
    clock_t from = clock();
    ocrvl_ids ids = encoded(t, text, N, true);
    assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 20);
    assert_ok(ocrvl_tokenizer_decode(t, ids.data, ids.len, false, &b, err));
    assert_true(ids.len < N * 3 / 4 && b.len == N && memcmp(b.data, text, N) == 0);
    ocrvl_ids_free(&ids);
    ocrvl_buf_free(&b);
    ocrvl_tokenizer_free(t);
    ocrvl_free(text);
}

typedef struct shared {
    const ocrvl_tokenizer *t;
    ocrvl_ids want;
    bool same[64];
} shared;

static const char shared_text[] = "It's the 3rd line: \u00E9\u0301 \u6771\u4EAC, don't\n\n<|im_end|> stop.";

static void encode_too(void *user, unsigned worker, size_t task)
{
    shared *s = user;
    ocrvl_ids ids = {0};
    ocrvl_error e;
    (void)worker;
    s->same[task] = !ocrvl_tokenizer_encode(s->t, shared_text, sizeof shared_text - 1, true, &ids, &e) &&
                    ids.len == s->want.len && memcmp(ids.data, s->want.data, ids.len * sizeof *ids.data) == 0;
    ocrvl_ids_free(&ids);
}

static void among_threads(void **state)
{
    ocrvl_tokenizer *t = opened(TINY);
    shared s = {.t = t, .want = encoded(t, shared_text, sizeof shared_text - 1, true)};
    ocrvl_pool *p;
    (void)state;
    assert_ok(ocrvl_pool_new(&p, 4, err));
    ocrvl_pool_run(p, 64, encode_too, &s);
    ocrvl_pool_free(p);
    for (size_t i = 0; i < 64; i++)
        assert_true(s.same[i]);
    ocrvl_ids_free(&s.want);
    ocrvl_tokenizer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces),           cmocka_unit_test(pieces_stop),
        cmocka_unit_test(looking_up),       cmocka_unit_test(pieces_of_a_bad_pattern),
        cmocka_unit_test(byte_alphabet),    cmocka_unit_test(ill_formed_is_fffd),
        cmocka_unit_test(added_tokens),     cmocka_unit_test(no_normalizer),
        cmocka_unit_test(plain_byte_level), cmocka_unit_test(old_layout),
        cmocka_unit_test(long_word),        cmocka_unit_test(merging_as_by_scanning),
        cmocka_unit_test(among_threads),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
