#include "tokenizer/entries.h"

#include <string.h>

#include "base/error.h"

/* How many bytes of a string from the file a message quotes. */
static int quoted_length(size_t len) { return len < 60 ? (int)len : 60; }

static bool last_string_is(const ocrvl_stream *s, const char *want)
{
    return s->string_len == strlen(want) && memcmp(s->string, want, s->string_len) == 0;
}

/* Reads "key": of the next member; returns false after the last member and at invalid JSON. */
static bool next_key(ocrvl_stream *s, bool *first)
{
    ocrvl_status st;
    return ocrvl_stream_more(s, first, '}', &st, NULL) && ocrvl_stream_string(s, NULL) == OCRVL_OK &&
           ocrvl_stream_take(s, ':') && ocrvl_stream_peek(s);
}

/* Reads the members of "model"; returns false at invalid JSON. */
static bool find_in_model(ocrvl_entries *e, ocrvl_stream *s)
{
    bool first = true;
    while (next_key(s, &first)) {
        bool is_vocab = last_string_is(s, "vocab"), is_merges = last_string_is(s, "merges");
        const char *from = s->at;
        if (!ocrvl_stream_skip(s))
            return false;
        if (is_vocab && !e->vocab) { /* a duplicate is refused by the parser of the rest */
            e->vocab = from;
            e->vocab_end = s->at;
        } else if (is_merges && !e->merges) {
            e->merges = from;
            e->merges_end = s->at;
        }
    }
    return s->at > s->text && s->at[-1] == '}';
}

static void put_null(ocrvl_buf *rest, const char *from, const char *end)
{
    ocrvl_buf_puts(rest, "null");
    for (; (from = memchr(from, '\n', (size_t)(end - from))) != NULL; from++)
        ocrvl_buf_putc(rest, '\n');
}

ocrvl_status ocrvl_entries_find(ocrvl_entries *e, ocrvl_buf *rest, const char *text, size_t len, ocrvl_error *err)
{
    ocrvl_stream s;
    bool first = true, good;
    memset(e, 0, sizeof *e);
    ocrvl_stream_begin(&s, text, len, "");
    good = ocrvl_stream_take(&s, '{');
    while (good && next_key(&s, &first)) {
        if (last_string_is(&s, "model") && ocrvl_stream_take(&s, '{'))
            good = find_in_model(e, &s);
        else
            good = ocrvl_stream_skip(&s);
    }
    bool memory = !s.unescaped.failed, swapped = e->vocab && e->merges && e->merges < e->vocab;
    const char *at = text, *spans[2][2] = {{e->vocab, e->vocab_end}, {e->merges, e->merges_end}};
    ocrvl_stream_free(&s);
    for (int i = 0; i < 2; i++) {
        const char **span = spans[i ^ swapped];
        if (!span[0])
            continue;
        ocrvl_buf_put(rest, at, (size_t)(span[0] - at));
        put_null(rest, span[0], span[1]);
        at = span[1];
    }
    ocrvl_buf_put(rest, at, (size_t)(text + len - at));
    return memory && !rest->failed ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static ocrvl_status at_end(ocrvl_stream *s, ocrvl_error *err)
{
    ocrvl_stream_peek(s);
    return s->at == s->end ? OCRVL_OK : ocrvl_stream_fail(s, "there is something after the end", err);
}

ocrvl_status ocrvl_entries_vocab(ocrvl_vocab *v, ocrvl_stream *s, size_t added, ocrvl_error *err)
{
    bool first = true;
    ocrvl_status st = OCRVL_OK;
    if (!ocrvl_stream_take(s, '{') || ocrvl_stream_peek(s) == '}')
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: the vocabulary is missing, empty or not an object", v->file);
    while (!st && ocrvl_stream_more(s, &first, '}', &st, err)) {
        int64_t id = 0;
        st = ocrvl_stream_string(s, err);
        if (!st && !ocrvl_stream_take(s, ':'))
            st = ocrvl_stream_fail(s, "':' is expected", err);
        if (!st && !ocrvl_stream_int(s, &id))
            st = ocrvl_fail(err, OCRVL_E_FORMAT, "%s: the id of token \"%.*s\" is not an integer, or too great",
                            v->file, quoted_length(s->string_len), s->string);
        if (!st)
            st = ocrvl_vocab_add(v, s->string, s->string_len, id, err);
    }
    if (!st)
        st = at_end(s, err);
    return st ? st : ocrvl_vocab_index(v, added, err);
}

static ocrvl_status not_a_merge(const ocrvl_vocab *v, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: merge %zu is neither a string nor a pair of strings", v->file,
                      v->merge_count);
}

/* Parses "a b", with exactly one space. */
static ocrvl_status add_merge_line(ocrvl_vocab *v, const char *s, size_t len, ocrvl_error *err)
{
    const char *space = memchr(s, ' ', len);
    size_t left = space ? (size_t)(space - s) : 0;
    if (!space || memchr(space + 1, ' ', len - left - 1))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: merge %zu (\"%.*s\") is not two tokens and a space", v->file,
                          v->merge_count, quoted_length(len), s);
    return ocrvl_vocab_add_merge(v, s, left, space + 1, len - left - 1, err);
}

static ocrvl_status merge_string(const ocrvl_vocab *v, ocrvl_stream *s, ocrvl_error *err)
{
    return ocrvl_stream_peek(s) == '"' ? ocrvl_stream_string(s, err) : not_a_merge(v, err);
}

/* Parses ["a", "b"], after the opening bracket. */
static ocrvl_status add_merge_pair(ocrvl_vocab *v, ocrvl_stream *s, ocrvl_buf *left, ocrvl_error *err)
{
    ocrvl_status st = merge_string(v, s, err);
    if (st)
        return st;
    ocrvl_buf_clear(left);
    ocrvl_buf_put(left, s->string, s->string_len);
    if (left->failed)
        return ocrvl_fail_nomem(err);
    st = ocrvl_stream_take(s, ',') ? merge_string(v, s, err) : not_a_merge(v, err);
    if (!st && !ocrvl_stream_take(s, ']'))
        st = not_a_merge(v, err);
    return st ? st : ocrvl_vocab_add_merge(v, left->data, left->len, s->string, s->string_len, err);
}

ocrvl_status ocrvl_entries_merges(ocrvl_vocab *v, ocrvl_stream *s, ocrvl_error *err)
{
    bool first = true;
    ocrvl_buf left = {0};
    ocrvl_status st = OCRVL_OK;
    if (!ocrvl_stream_take(s, '['))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: model.merges is missing or not an array", v->file);
    while (!st && ocrvl_stream_more(s, &first, ']', &st, err)) {
        if (ocrvl_stream_take(s, '['))
            st = add_merge_pair(v, s, &left, err);
        else {
            st = merge_string(v, s, err);
            if (!st)
                st = add_merge_line(v, s->string, s->string_len, err);
        }
    }
    ocrvl_buf_free(&left);
    return st ? st : at_end(s, err);
}

ocrvl_status ocrvl_entries_merge_lines(ocrvl_vocab *v, const char *text, size_t len, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t from = 0, to; !st && from < len; from = to + 1) {
        const char *newline = memchr(text + from, '\n', len - from);
        to = newline ? (size_t)(newline - text) : len;
        size_t end = to > from && text[to - 1] == '\r' ? to - 1 : to;
        bool header = from == 0 && end >= 8 && memcmp(text, "#version", 8) == 0;
        if (end > from && !header)
            st = add_merge_line(v, text + from, end - from, err);
    }
    return st;
}
