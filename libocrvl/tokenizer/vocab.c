#include "tokenizer/vocab.h"

#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

void ocrvl_vocab_free(ocrvl_vocab *v)
{
    ocrvl_free(v->tokens);
    ocrvl_buf_free(&v->bytes);
    ocrvl_free(v->merges);
    ocrvl_free(v->by_bytes);
    ocrvl_free(v->by_pair);
    memset(v, 0, sizeof *v);
}

void ocrvl_vocab_begin(ocrvl_vocab *v, const char *file, size_t limit)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    v->seed = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)&now;
    v->file = file;
    v->limit = limit && limit < OCRVL_MAX_TOKENS ? limit : OCRVL_MAX_TOKENS;
}

/* murmur3's finalizer */
static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDu;
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53u;
    return h ^ h >> 33;
}

static uint64_t hash_bytes(uint64_t seed, const char *s, size_t len)
{
    uint64_t h = mix(seed ^ len), w;
    for (; len >= 8; s += 8, len -= 8) {
        memcpy(&w, s, 8);
        h = mix(h ^ w) + seed;
    }
    w = 0;
    memcpy(&w, s, len);
    return mix(h ^ w);
}

/* The byte that a code point of the byte alphabet (GPT-2's bytes_to_unicode) stands for, or -1. */
static int byte_of(uint32_t c)
{
    if ((c >= 0x21 && c <= 0x7E) || (c >= 0xA1 && c <= 0xAC) || (c >= 0xAE && c <= 0xFF))
        return (int)c;
    if (c < 256 || c > 323)
        return -1;
    int n = (int)c - 256; /* byte number n of those that aren't printable: 00..20, 7F..A0, AD */
    return n <= 0x20 ? n : n <= 66 ? n - 33 + 0x7F : 0xAD;
}

/* Appends the bytes that a key stands for. Returns false and appends nothing if the key isn't of the byte alphabet. */
static bool put_key(ocrvl_buf *out, const char *key, size_t len)
{
    size_t before = out->len, n = 0;
    char *p = ocrvl_buf_reserve(out, len);
    if (!p)
        return true; /* a failed allocation is recorded in out->failed */
    for (size_t i = 0; i < len; n++) {
        int b = byte_of(ocrvl_utf8_next(key, len, &i));
        if (b < 0) {
            out->data[before] = '\0';
            return false;
        }
        p[n] = (char)b;
    }
    ocrvl_buf_grew(out, n);
    return true;
}

/* Room for the token of this id; those between are zeroed: not present. */
static bool reserve_token(ocrvl_vocab *v, size_t id)
{
    size_t before = v->token_cap;
    if (!OCRVL_ARRAY_RESERVE(v->tokens, v->token_cap, id + 1))
        return false;
    if (v->token_cap > before)
        memset(v->tokens + before, 0, (v->token_cap - before) * sizeof *v->tokens);
    return true;
}

/* Grows the table to include the token's id and appends the token's bytes. */
static ocrvl_status put_token(ocrvl_vocab *v, const char *text, size_t len, int64_t id, bool is_key, ocrvl_error *err)
{
    if (id < 0 || (uint64_t)id >= v->limit)
        return ocrvl_fail(err, OCRVL_E_MODEL, "%s: token \"%.*s\" has id %lld, but ids go from 0 to %zu", v->file,
                          (int)(len < 60 ? len : 60), text, (long long)id, v->limit - 1);
    if (!reserve_token(v, (size_t)id))
        return ocrvl_fail_nomem(err);
    ocrvl_token *t = &v->tokens[id];
    if (t->flags & OCRVL_TOKEN_PRESENT)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: token \"%.*s\" has id %lld, which another token has", v->file,
                          (int)(len < 60 ? len : 60), text, (long long)id);
    t->at = (uint32_t)v->bytes.len;
    t->flags = OCRVL_TOKEN_PRESENT;
    if (!is_key || !put_key(&v->bytes, text, len)) {
        ocrvl_buf_put(&v->bytes, text, len);
        t->flags |= OCRVL_TOKEN_RAW;
    }
    if (v->bytes.failed)
        return ocrvl_fail_nomem(err);
    if (v->bytes.len > UINT32_MAX)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: the tokens take over 4 GiB", v->file);
    t->len = (uint32_t)(v->bytes.len - t->at);
    if ((size_t)id >= v->size)
        v->size = (size_t)id + 1;
    return OCRVL_OK;
}

ocrvl_status ocrvl_vocab_add(ocrvl_vocab *v, const char *key, size_t len, int64_t id, ocrvl_error *err)
{
    return put_token(v, key, len, id, true, err);
}

/* The slot in by_bytes of the token with these bytes, or the free slot for it. */
static size_t find_bytes(const ocrvl_vocab *v, const char *s, size_t len, uint8_t raw)
{
    size_t i = hash_bytes(v->seed, s, len) & v->by_bytes_mask;
    for (; v->by_bytes[i]; i = (i + 1) & v->by_bytes_mask) {
        const ocrvl_token *t = &v->tokens[v->by_bytes[i] - 1];
        if (t->len == len && (t->flags & OCRVL_TOKEN_RAW) == raw && memcmp(v->bytes.data + t->at, s, len) == 0)
            break;
    }
    return i;
}

/* The id, or -1. */
static int64_t lookup(const ocrvl_vocab *v, const char *s, size_t len, uint8_t raw)
{
    return (int64_t)v->by_bytes[find_bytes(v, s, len, raw)] - 1;
}

/* Allocates a table of at least twice count slots and stores its size less one in *mask. */
static uint32_t *new_table(size_t count, size_t *mask)
{
    size_t n = 512;
    while (n < count * 2)
        n *= 2;
    *mask = n - 1;
    return ocrvl_alloc_array(n, sizeof(uint32_t));
}

ocrvl_status ocrvl_vocab_index(ocrvl_vocab *v, size_t added, ocrvl_error *err)
{
    v->by_bytes = new_table(v->size + added, &v->by_bytes_mask);
    if (!v->by_bytes)
        return ocrvl_fail_nomem(err);
    for (size_t id = 0; id < v->size; id++) {
        const ocrvl_token *t = &v->tokens[id];
        if (!(t->flags & OCRVL_TOKEN_PRESENT))
            continue;
        size_t i = find_bytes(v, v->bytes.data + t->at, t->len, t->flags & OCRVL_TOKEN_RAW);
        if (v->by_bytes[i])
            return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: ids %u and %zu are the same token", v->file,
                              (unsigned)v->by_bytes[i] - 1, id);
        v->by_bytes[i] = (uint32_t)id + 1;
    }
    for (unsigned b = 0; b < 256; b++) {
        char c = (char)b;
        int64_t id = lookup(v, &c, 1, 0);
        if (id < 0)
            return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: byte 0x%02X has no token: this is not a byte-level vocabulary",
                              v->file, b);
        v->byte_ids[b] = (uint32_t)id;
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_vocab_add_added(ocrvl_vocab *v, const char *text, size_t len, int64_t id, bool special,
                                   ocrvl_error *err)
{
    int64_t plain = lookup(v, text, len, 0), known = plain >= 0 ? plain : lookup(v, text, len, OCRVL_TOKEN_RAW);
    if (len == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: added token %lld is empty", v->file, (long long)id);
    if (known >= 0 && known != id)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: added token \"%.*s\" has id %lld but the vocabulary says %lld",
                          v->file, (int)(len < 60 ? len : 60), text, (long long)id, (long long)known);
    if (known < 0) {
        ocrvl_status st = put_token(v, text, len, id, false, err);
        if (st)
            return st;
        v->by_bytes[find_bytes(v, text, len, OCRVL_TOKEN_RAW)] = (uint32_t)id + 1;
    }
    ocrvl_token *t = &v->tokens[id];
    if (t->flags & OCRVL_TOKEN_ADDED)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: added token %lld is listed twice", v->file, (long long)id);
    t->flags |= OCRVL_TOKEN_ADDED | (special ? OCRVL_TOKEN_SPECIAL : 0);
    return OCRVL_OK;
}

ocrvl_status ocrvl_vocab_add_merge(ocrvl_vocab *v, const char *left, size_t left_len, const char *right,
                                   size_t right_len, ocrvl_error *err)
{
    size_t from = v->bytes.len; /* the bytes of both halves are appended after the tokens' bytes while they are looked
                                 * up */
    bool ok = put_key(&v->bytes, left, left_len);
    size_t middle = v->bytes.len;
    ok = ok && put_key(&v->bytes, right, right_len);
    if (v->bytes.failed)
        return ocrvl_fail_nomem(err);
    const char *s = v->bytes.data + from;
    size_t n = v->bytes.len - from, half = middle - from;
    int64_t a = ok ? lookup(v, s, half, 0) : -1, b = ok ? lookup(v, s + half, n - half, 0) : -1;
    int64_t ab = ok ? lookup(v, s, n, 0) : -1;
    v->bytes.len = from;
    if (a < 0 || b < 0 || ab < 0 || half == 0 || half == n)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: merge %zu (\"%.*s\" \"%.*s\"): %s", v->file, v->merge_count,
                          (int)(left_len < 60 ? left_len : 60), left, (int)(right_len < 60 ? right_len : 60), right,
                          a < 0 || b < 0 ? "a half is not in the vocabulary" : "the whole is not in the vocabulary");
    if (v->merge_count >= OCRVL_MAX_TOKENS)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: the file has over %u merges", v->file, OCRVL_MAX_TOKENS);
    if (!OCRVL_ARRAY_RESERVE(v->merges, v->merge_cap, v->merge_count + 1))
        return ocrvl_fail_nomem(err);
    v->merges[v->merge_count++] = (ocrvl_merge){(uint32_t)a, (uint32_t)b, (uint32_t)ab};
    return OCRVL_OK;
}

static size_t find_pair(const ocrvl_vocab *v, uint32_t left, uint32_t right)
{
    size_t i = mix(((uint64_t)left << 32 | right) ^ v->seed) & v->by_pair_mask;
    for (; v->by_pair[i]; i = (i + 1) & v->by_pair_mask) {
        const ocrvl_merge *m = &v->merges[v->by_pair[i] - 1];
        if (m->left == left && m->right == right)
            break;
    }
    return i;
}

ocrvl_status ocrvl_vocab_end(ocrvl_vocab *v, ocrvl_error *err)
{
    v->by_pair = new_table(v->merge_count, &v->by_pair_mask);
    if (!v->by_pair)
        return ocrvl_fail_nomem(err);
    for (size_t rank = 0; rank < v->merge_count; rank++) {
        size_t i = find_pair(v, v->merges[rank].left, v->merges[rank].right);
        if (v->by_pair[i])
            return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: merges %u and %zu are the same", v->file,
                              (unsigned)v->by_pair[i] - 1, rank);
        v->by_pair[i] = (uint32_t)rank + 1;
    }
    ocrvl_free(v->by_bytes);
    v->by_bytes = NULL;
    v->file = NULL;
    return OCRVL_OK;
}

int64_t ocrvl_vocab_rank(const ocrvl_vocab *v, uint32_t left, uint32_t right)
{
    return (int64_t)v->by_pair[find_pair(v, left, right)] - 1;
}
