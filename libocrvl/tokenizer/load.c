#include "tokenizer/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "tokenizer/entries.h"
#include "unicode/normalize.h"
#include "unicode/unicode.h"

#define MAX_FILE ((size_t)64 << 20)
#define MAX_ADDED 65536
#define MAX_ADDED_LEN 1024

typedef struct loader {
    struct ocrvl_tokenizer *t;
    const char *file;
    ocrvl_error *err;
    ocrvl_status st; /* status of a callback that failed */
} loader;

static bool is_string(const ocrvl_json *v, const char *want)
{
    size_t len;
    const char *s = ocrvl_json_string(v, &len);
    return s && len == strlen(want) && memcmp(s, want, len) == 0;
}

static bool absent(const ocrvl_json *v) { return !v || ocrvl_json_is_null(v); }

/* Whether an option is off, in any spelling: absent, null, false, 0 or "". */
static bool is_off(const ocrvl_json *v)
{
    bool b;
    double x;
    return absent(v) || is_string(v, "") || (ocrvl_json_bool(v, &b) && !b) || (ocrvl_json_number(v, &x) && x == 0);
}

static ocrvl_status unsupported(const loader *l, const char *what, const ocrvl_json *value)
{
    const char *s = ocrvl_json_string(value, NULL);
    return ocrvl_fail(l->err, OCRVL_E_UNSUPPORTED, "%s: %s%s%.60s%s is not supported", l->file, what, s ? " \"" : "",
                      s ? s : "", s ? "\"" : "");
}

/* Adds an added token whose id is known. */
static ocrvl_status add_added(loader *l, const ocrvl_json *v, int64_t id)
{
    static const char *const unhandled[] = {"single_word", "lstrip", "rstrip"};
    size_t len;
    const char *text = ocrvl_json_string(ocrvl_json_get(v, "content"), &len);
    bool special = false, normalized = false;
    if (!text || len > MAX_ADDED_LEN)
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: added token %lld: its content is %s", l->file, (long long)id,
                          text ? "too long" : "missing or not a string");
    for (size_t i = 0; i < sizeof unhandled / sizeof *unhandled; i++)
        if (!is_off(ocrvl_json_get(v, unhandled[i])))
            return ocrvl_fail(l->err, OCRVL_E_UNSUPPORTED, "%s: added token \"%.60s\": %s is not supported", l->file,
                              text, unhandled[i]);
    const ocrvl_json *s = ocrvl_json_get(v, "special"), *n = ocrvl_json_get(v, "normalized");
    if ((s && !ocrvl_json_bool(s, &special)) || (n && !ocrvl_json_bool(n, &normalized)))
        return ocrvl_fail(l->err, OCRVL_E_FORMAT,
                          "%s: added token \"%.60s\": special or normalized is not true or false", l->file, text);
    ocrvl_status st = ocrvl_vocab_add_added(&l->t->vocab, text, len, id, special, l->err);
    if (st)
        return st;
    if (!normalized)
        return ocrvl_added_put(&l->t->added, text, len, (int32_t)id, special) ? OCRVL_OK : ocrvl_fail_nomem(l->err);
    ocrvl_buf b = {0};
    if (l->t->nfc)
        st = ocrvl_normalize_to(&b, OCRVL_NFC, text, len, l->err);
    else
        ocrvl_buf_put(&b, text, len);
    if (!st && (b.failed || !ocrvl_added_put(&l->t->added_normalized, b.data, b.len, (int32_t)id, special)))
        st = ocrvl_fail_nomem(l->err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status add_added_array(loader *l, const ocrvl_json *added)
{
    for (size_t i = 0, n = ocrvl_json_length(added); i < n; i++) {
        const ocrvl_json *v = ocrvl_json_at(added, i);
        int64_t id;
        if (!ocrvl_json_int(ocrvl_json_get(v, "id"), &id))
            return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: added_tokens[%zu] has no integer id", l->file, i);
        ocrvl_status st = add_added(l, v, id);
        if (st)
            return st;
    }
    return OCRVL_OK;
}

/* Takes null, something of the type `only`, or a Sequence of such under `key`; *any: there is one. what: for messages.
 */
static ocrvl_status read_only(loader *l, const ocrvl_json *v, const char *only, const char *key, const char *what,
                              bool *any)
{
    const ocrvl_json *type = ocrvl_json_get(v, "type"), *list = ocrvl_json_get(v, key);
    *any = !absent(v) && is_string(type, only);
    if (absent(v) || *any)
        return OCRVL_OK;
    if (!is_string(type, "Sequence") || !ocrvl_json_is_array(list))
        return unsupported(l, what, type);
    for (size_t i = 0, n = ocrvl_json_length(list); i < n; i++) {
        const ocrvl_json *one = ocrvl_json_get(ocrvl_json_at(list, i), "type");
        if (!is_string(one, only))
            return unsupported(l, what, one);
        *any = true;
    }
    return OCRVL_OK;
}

static ocrvl_status read_normalizer(loader *l, const ocrvl_json *v)
{
    bool any;
    ocrvl_status st = read_only(l, v, "NFC", "normalizers", "normalizer", &any);
    l->t->nfc |= any;
    return st;
}

static ocrvl_status read_split(loader *l, const ocrvl_json *v)
{
    size_t len;
    const char *regex = ocrvl_json_string(ocrvl_json_get(ocrvl_json_get(v, "pattern"), "Regex"), &len);
    if (!regex)
        return ocrvl_fail(l->err, OCRVL_E_UNSUPPORTED,
                          "%s: pre_tokenizer Split without a Regex pattern is not supported", l->file);
    if (!is_string(ocrvl_json_get(v, "behavior"), "Isolated"))
        return unsupported(l, "pre_tokenizer Split behavior", ocrvl_json_get(v, "behavior"));
    if (!is_off(ocrvl_json_get(v, "invert")))
        return unsupported(l, "pre_tokenizer Split invert", NULL);
    return ocrvl_splitter_new(&l->t->split, regex, len, l->file, l->err);
}

static ocrvl_status read_byte_level(loader *l, const ocrvl_json *v)
{
    const ocrvl_json *use = ocrvl_json_get(v, "use_regex");
    bool on = true;
    if (use && !ocrvl_json_bool(use, &on))
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: use_regex is not true or false", l->file);
    if (!is_off(ocrvl_json_get(v, "add_prefix_space")))
        return unsupported(l, "pre_tokenizer add_prefix_space", NULL);
    if (!on)
        return OCRVL_OK;
    if (l->t->split)
        return unsupported(l, "pre_tokenizer ByteLevel with use_regex after Split", NULL);
    return ocrvl_splitter_new(&l->t->split, ocrvl_split_gpt2, strlen(ocrvl_split_gpt2), l->file, l->err);
}

/* Accepts ByteLevel, or a Sequence of at most one Split followed by ByteLevel. */
static ocrvl_status read_pre_tokenizer(loader *l, const ocrvl_json *v)
{
    const ocrvl_json *type = ocrvl_json_get(v, "type"), *list = ocrvl_json_get(v, "pretokenizers");
    size_t n = ocrvl_json_length(list);
    if (is_string(type, "ByteLevel"))
        return read_byte_level(l, v);
    if (!is_string(type, "Sequence") || !ocrvl_json_is_array(list))
        return unsupported(l, "pre_tokenizer", type);
    for (size_t i = 0; i < n; i++) {
        const ocrvl_json *one = ocrvl_json_at(list, i), *kind = ocrvl_json_get(one, "type");
        ocrvl_status st;
        if (i + 1 == n && is_string(kind, "ByteLevel"))
            st = read_byte_level(l, one);
        else if (i == 0 && n == 2 && is_string(kind, "Split"))
            st = read_split(l, one);
        else
            st = unsupported(l, "pre_tokenizer, at this place,", kind);
        if (st)
            return st;
    }
    return n ? OCRVL_OK : unsupported(l, "pre_tokenizer that is an empty Sequence", NULL);
}

/* A ByteLevel post-processor only moves offsets and is accepted; others would add tokens. */
static ocrvl_status read_post_processor(loader *l, const ocrvl_json *v)
{
    bool any;
    return read_only(l, v, "ByteLevel", "processors", "post_processor", &any);
}

/* unk_token, fuse_unk and byte_fallback have no effect here, because every byte has a token. */
static ocrvl_status read_model(loader *l, const ocrvl_json *model)
{
    static const char *const unhandled[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix",
                                            "ignore_merges"};
    if (!ocrvl_json_is_object(model))
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: the file has no \"model\"", l->file);
    if (!is_string(ocrvl_json_get(model, "type"), "BPE"))
        return unsupported(l, "model type", ocrvl_json_get(model, "type"));
    for (size_t i = 0; i < sizeof unhandled / sizeof *unhandled; i++)
        if (!is_off(ocrvl_json_get(model, unhandled[i])))
            return unsupported(l, unhandled[i], NULL);
    return OCRVL_OK;
}

/* Reads tokens and merges from the text of a tokenizer.json. */
static ocrvl_status read_entries(loader *l, const ocrvl_entries *e, const char *text, size_t added)
{
    ocrvl_stream s;
    ocrvl_stream_begin(&s, text, 0, l->file);
    s.at = e->vocab ? e->vocab : text;
    s.end = e->vocab ? e->vocab_end : text;
    ocrvl_status st = ocrvl_entries_vocab(&l->t->vocab, &s, added, l->err);
    s.at = e->merges ? e->merges : text;
    s.end = e->merges ? e->merges_end : text;
    if (!st)
        st = ocrvl_entries_merges(&l->t->vocab, &s, l->err);
    ocrvl_stream_free(&s);
    return st;
}

static ocrvl_status finish(loader *l)
{
    ocrvl_added_sort(&l->t->added);
    ocrvl_added_sort(&l->t->added_normalized);
    return ocrvl_vocab_end(&l->t->vocab, l->err);
}

static ocrvl_status read_tokenizer(loader *l, const ocrvl_json *root, const ocrvl_entries *e, const char *text)
{
    const ocrvl_json *added = ocrvl_json_get(root, "added_tokens"), *decoder = ocrvl_json_get(root, "decoder");
    if (!ocrvl_json_is_object(root))
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: the file is not a JSON object", l->file);
    if (!absent(added) && !ocrvl_json_is_array(added))
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: added_tokens is not an array", l->file);
    if (ocrvl_json_length(added) > MAX_ADDED)
        return ocrvl_fail(l->err, OCRVL_E_LIMIT, "%s: the file has over %d added tokens", l->file, MAX_ADDED);
    if (!is_string(ocrvl_json_get(decoder, "type"), "ByteLevel"))
        return unsupported(l, "decoder", ocrvl_json_get(decoder, "type"));
    ocrvl_status st = read_normalizer(l, ocrvl_json_get(root, "normalizer"));
    if (!st)
        st = read_pre_tokenizer(l, ocrvl_json_get(root, "pre_tokenizer"));
    if (!st)
        st = read_post_processor(l, ocrvl_json_get(root, "post_processor"));
    if (!st)
        st = read_model(l, ocrvl_json_get(root, "model"));
    if (!st)
        st = read_entries(l, e, text, ocrvl_json_length(added));
    if (!st)
        st = add_added_array(l, added);
    return st ? st : finish(l);
}

static ocrvl_status read_file(char **text, size_t *len, const char *path, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_file_read(text, len, path, MAX_FILE, err);
    if (!st)
        st = ocrvl_file_check_lfs(*text, *len, path, err);
    if (st) {
        ocrvl_free(*text);
        *text = NULL;
    }
    return st;
}

ocrvl_status ocrvl_load_tokenizer_json(struct ocrvl_tokenizer *t, const char *path, size_t limit, ocrvl_error *err)
{
    loader l = {.t = t, .file = path, .err = err};
    ocrvl_json *root = NULL;
    ocrvl_entries entries;
    ocrvl_buf rest = {0};
    char *text;
    size_t len;
    ocrvl_vocab_begin(&t->vocab, path, limit);
    ocrvl_status st = read_file(&text, &len, path, err);
    if (!st)
        st = ocrvl_entries_find(&entries, &rest, text, len, err);
    if (!st) {
        st = ocrvl_json_parse(&root, rest.data, rest.len, path, err);
        if (st && err)
            err->offset = 0; /* the offset would be one in the rest */
    }
    if (!st)
        st = read_tokenizer(&l, root, &entries, text);
    ocrvl_json_free(root);
    ocrvl_buf_free(&rest);
    ocrvl_free(text);
    return st;
}

static ocrvl_status read_vocab_json(loader *l, const char *path, size_t added)
{
    ocrvl_stream s;
    char *text;
    size_t len;
    l->file = l->t->vocab.file = path;
    ocrvl_status st = read_file(&text, &len, path, l->err);
    if (st)
        return st;
    ocrvl_stream_begin(&s, text, len, path);
    st = ocrvl_entries_vocab(&l->t->vocab, &s, added, l->err);
    ocrvl_stream_free(&s);
    ocrvl_free(text);
    return st;
}

static ocrvl_status read_merges_txt(loader *l, const char *path)
{
    char *text;
    size_t len;
    l->file = l->t->vocab.file = path;
    ocrvl_status st = read_file(&text, &len, path, l->err);
    if (st)
        return st;
    st = ocrvl_entries_merge_lines(&l->t->vocab, text, len, l->err);
    ocrvl_free(text);
    return st;
}

static bool add_from_decoder(void *user, const char *key, size_t len, const ocrvl_json *value)
{
    loader *l = user;
    char *end;
    long long id = strtoll(key, &end, 10);
    if (len == 0 || key[0] < '0' || key[0] > '9' || end != key + len)
        l->st = ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: added_tokens_decoder: \"%.60s\" is not an id", l->file, key);
    else
        l->st = add_added(l, value, id);
    return l->st == OCRVL_OK;
}

static ocrvl_status read_config(loader *l, const ocrvl_json *config, const char *path)
{
    const ocrvl_json *added = ocrvl_json_get(config, "added_tokens_decoder");
    l->file = l->t->vocab.file = path;
    if (!ocrvl_json_is_object(added))
        return ocrvl_fail(l->err, OCRVL_E_MODEL,
                          "%s: added_tokens_decoder is missing, so the special tokens are unknown", path);
    if (!is_off(ocrvl_json_get(config, "add_prefix_space")))
        return unsupported(l, "add_prefix_space", NULL);
    return ocrvl_json_each(added, add_from_decoder, l) ? OCRVL_OK : l->st;
}

ocrvl_status ocrvl_load_vocab_and_merges(struct ocrvl_tokenizer *t, const char *vocab_path, const char *merges_path,
                                         const char *config_path, size_t limit, ocrvl_error *err)
{
    loader l = {.t = t, .file = vocab_path, .err = err};
    ocrvl_json *config = NULL;
    ocrvl_vocab_begin(&t->vocab, vocab_path, limit);
    t->nfc = true;
    ocrvl_status st = ocrvl_json_load(&config, config_path, MAX_FILE, err);
    size_t added = ocrvl_json_length(ocrvl_json_get(config, "added_tokens_decoder"));
    if (!st && added > MAX_ADDED)
        st = ocrvl_fail(err, OCRVL_E_LIMIT, "%s: the file has over %d added tokens", config_path, MAX_ADDED);
    if (!st)
        st = read_vocab_json(&l, vocab_path, added);
    if (!st)
        st = read_merges_txt(&l, merges_path);
    if (!st)
        st = read_config(&l, config, config_path);
    if (!st)
        st = ocrvl_splitter_new(&t->split, ocrvl_split_qwen2, strlen(ocrvl_split_qwen2), vocab_path, err);
    ocrvl_json_free(config);
    t->vocab.file = merges_path; /* only merges can still be wrong */
    return st ? st : finish(&l);
}
