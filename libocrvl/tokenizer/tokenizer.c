#include "tokenizer/tokenizer.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/bpe.h"
#include "tokenizer/load.h"
#include "unicode/normalize.h"
#include "unicode/unicode.h"

static ocrvl_status load(ocrvl_tokenizer *t, const char *dir, size_t vocab, ocrvl_error *err)
{
    static const char *const names[] = {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json"};
    char *paths[4] = {0};
    bool there[4] = {0}, memory = true;
    ocrvl_status st;
    for (size_t i = 0; i < 4 && memory; i++) {
        paths[i] = ocrvl_path_join(dir, names[i]);
        memory = paths[i] != NULL;
        there[i] = memory && ocrvl_file_exists(paths[i]);
    }
    if (!memory)
        st = ocrvl_fail_nomem(err);
    else if (there[0])
        st = ocrvl_load_tokenizer_json(t, paths[0], vocab, err);
    else if (!there[1] && !there[2])
        st = ocrvl_fail(err, OCRVL_E_MODEL, "%s: the folder has neither tokenizer.json nor vocab.json and merges.txt",
                        dir);
    else if (!there[1] || !there[2] || !there[3])
        st = ocrvl_fail(err, OCRVL_E_MODEL, "%s: without tokenizer.json the folder needs%s%s%s", dir,
                        there[1] ? "" : " vocab.json", there[2] ? "" : " merges.txt",
                        there[3] ? "" : " tokenizer_config.json");
    else
        st = ocrvl_load_vocab_and_merges(t, paths[1], paths[2], paths[3], vocab, err);
    for (size_t i = 0; i < 4; i++)
        ocrvl_free(paths[i]);
    return st;
}

ocrvl_status ocrvl_tokenizer_open(ocrvl_tokenizer **out, const char *dir, size_t vocab, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_tokenizer *t = ocrvl_alloc(sizeof *t);
    if (!t)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = load(t, dir, vocab, err);
    if (st) {
        ocrvl_tokenizer_free(t);
        return st;
    }
    *out = t;
    return OCRVL_OK;
}

void ocrvl_tokenizer_free(ocrvl_tokenizer *t)
{
    if (!t)
        return;
    ocrvl_vocab_free(&t->vocab);
    ocrvl_splitter_free(t->split);
    ocrvl_added_free(&t->added);
    ocrvl_added_free(&t->added_normalized);
    ocrvl_free(t);
}

typedef struct encoder {
    const ocrvl_tokenizer *t;
    bool parse_special;
    ocrvl_bpe bpe;
    ocrvl_ids *ids;
} encoder;

typedef ocrvl_status (*text_fn)(encoder *e, const char *text, size_t len, ocrvl_error *err);

/* Pushes the ids of the added tokens in the text and passes what lies between them to `rest`. Added tokens that aren't
 * special are found in any text, as in the reference. */
static ocrvl_status split_at_added(encoder *e, const ocrvl_added *added, const char *text, size_t len, text_fn rest,
                                   ocrvl_error *err)
{
    size_t from = 0, at = 0;
    const ocrvl_added_token *token;
    while ((token = ocrvl_added_find(added, text, len, &at))) {
        if (!token->special || e->parse_special) {
            ocrvl_status st = at > from ? rest(e, text + from, at - from, err) : OCRVL_OK;
            if (!st && !ocrvl_ids_push(e->ids, token->id))
                st = ocrvl_fail_nomem(err);
            if (st)
                return st;
            from = at + token->len;
        }
        at += token->len;
    }
    return len > from ? rest(e, text + from, len - from, err) : OCRVL_OK;
}

static ocrvl_status encode_piece(void *user, const char *piece, size_t len, ocrvl_error *err)
{
    encoder *e = user;
    return ocrvl_bpe_piece(&e->bpe, &e->t->vocab, piece, len, e->ids, err);
}

static ocrvl_status encode_pieces(encoder *e, const char *text, size_t len, ocrvl_error *err)
{
    return e->t->split ? ocrvl_split(e->t->split, text, len, encode_piece, e, err) : encode_piece(e, text, len, err);
}

static ocrvl_status encode_normalized(encoder *e, const char *text, size_t len, ocrvl_error *err)
{
    return split_at_added(e, &e->t->added_normalized, text, len, encode_pieces, err);
}

static ocrvl_status encode_between(encoder *e, const char *text, size_t len, ocrvl_error *err)
{
    if (!e->t->nfc)
        return encode_normalized(e, text, len, err);
    ocrvl_buf b = {0};
    ocrvl_status st = ocrvl_normalize_to(&b, OCRVL_NFC, text, len, err);
    if (!st)
        st = encode_normalized(e, b.data, b.len, err);
    ocrvl_buf_free(&b);
    return st;
}

/* Appends the text with U+FFFD in place of ill-formed parts. */
static void put_well_formed(ocrvl_buf *out, const char *s, size_t len)
{
    size_t done = 0;
    for (size_t i = 0; i < len;) {
        size_t from = i;
        if (ocrvl_utf8_next(s, len, &i) != OCRVL_UTF8_BAD)
            continue;
        ocrvl_buf_put(out, s + done, from - done);
        ocrvl_buf_put_codepoint(out, 0xFFFD);
        done = i;
    }
    if (len > done)
        ocrvl_buf_put(out, s + done, len - done);
}

ocrvl_status ocrvl_tokenizer_encode(const ocrvl_tokenizer *t, const char *text, size_t len, bool parse_special,
                                    ocrvl_ids *ids, ocrvl_error *err)
{
    encoder e = {.t = t, .parse_special = parse_special, .ids = ids};
    ocrvl_buf b = {0};
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    if (!ocrvl_utf8_valid(text, len)) {
        put_well_formed(&b, text, len);
        text = b.data;
        len = b.len;
    }
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : split_at_added(&e, &t->added, text, len, encode_between, err);
    ocrvl_bpe_free(&e.bpe);
    ocrvl_buf_free(&b);
    return st;
}

static const ocrvl_token *token_of(const ocrvl_tokenizer *t, int32_t id)
{
    return id >= 0 && (size_t)id < t->vocab.size ? &t->vocab.tokens[id] : NULL;
}

const char *ocrvl_tokenizer_bytes(const ocrvl_tokenizer *t, int32_t id, size_t *len)
{
    const ocrvl_token *k = token_of(t, id);
    *len = k ? k->len : 0;
    return t->vocab.bytes.data + (k ? k->at : 0);
}

bool ocrvl_tokenizer_is_special(const ocrvl_tokenizer *t, int32_t id)
{
    const ocrvl_token *k = token_of(t, id);
    return k && (k->flags & OCRVL_TOKEN_SPECIAL);
}

static int32_t find_exact(const ocrvl_added *a, const char *text, size_t len)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->tokens[i].len == len && memcmp(a->tokens[i].text, text, len) == 0)
            return a->tokens[i].id;
    return -1;
}

int32_t ocrvl_tokenizer_special(const ocrvl_tokenizer *t, const char *text)
{
    int32_t id = find_exact(&t->added, text, strlen(text));
    return id >= 0 ? id : find_exact(&t->added_normalized, text, strlen(text));
}

size_t ocrvl_tokenizer_size(const ocrvl_tokenizer *t) { return t->vocab.size; }

ocrvl_status ocrvl_tokenizer_decode(const ocrvl_tokenizer *t, const int32_t *ids, size_t count, bool skip_special,
                                    ocrvl_buf *out, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    for (size_t i = 0; i < count; i++) {
        size_t len;
        const char *s = ocrvl_tokenizer_bytes(t, ids[i], &len);
        if (len && !(skip_special && ocrvl_tokenizer_is_special(t, ids[i])))
            ocrvl_buf_put(&b, s, len);
    }
    put_well_formed(out, b.data, b.len);
    ocrvl_status st = b.failed || out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    ocrvl_buf_free(&b);
    return st;
}
