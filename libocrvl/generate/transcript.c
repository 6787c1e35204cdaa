#include "generate/transcript.h"

#include <string.h>

#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "base/utf8.h"

/* The bytes of the tokens, and the log-probability of each at its first byte that isn't a space. */
static ocrvl_status join_tokens(const ocrvl_tokenizer *t, const int32_t *ids, const double *logprobs, size_t count,
                                bool special, ocrvl_buf *raw, double **logprob, ocrvl_error *err)
{
    size_t n, total = 0;
    for (size_t i = 0; i < count; i++) {
        const char *bytes = ocrvl_tokenizer_bytes(t, ids[i], &n);
        if (special || !ocrvl_tokenizer_is_special(t, ids[i]))
            ocrvl_buf_put(raw, bytes, n);
    }
    *logprob = ocrvl_alloc_array(raw->len, sizeof **logprob);
    if (!*logprob || raw->failed)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const char *bytes = ocrvl_tokenizer_bytes(t, ids[i], &n);
        if ((!special && ocrvl_tokenizer_is_special(t, ids[i])) || n == 0)
            continue;
        size_t lead = 0;
        while (lead + 1 < n && (bytes[lead] == ' ' || bytes[lead] == '\n'))
            lead++;
        (*logprob)[total + lead] = logprobs[i];
        total += n;
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_detokenize(const ocrvl_tokenizer *t, const int32_t *ids, const double *logprobs, size_t count,
                              bool special, ocrvl_transcript *out, ocrvl_error *err)
{
    ocrvl_buf raw = {0}, text = {0};
    double *logprob = NULL;
    memset(out, 0, sizeof *out);
    ocrvl_status st = join_tokens(t, ids, logprobs, count, special, &raw, &logprob, err);
    if (!st && !(out->logprob = ocrvl_alloc_array(raw.len, 3 * sizeof *out->logprob))) /* U+FFFD is three bytes */
        st = ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < raw.len;) {
        size_t from = i, start = text.len;
        ocrvl_buf_put_codepoint(&text, ocrvl_utf8_next(raw.data, raw.len, &i));
        for (size_t k = from; k < i; k++)
            out->logprob[start] += (float)logprob[k];
    }
    if (!st && !(out->text = ocrvl_buf_steal(&text, &out->len)))
        st = ocrvl_fail_nomem(err);
    ocrvl_buf_free(&raw);
    ocrvl_buf_free(&text);
    ocrvl_free(logprob);
    if (st)
        ocrvl_transcript_free(out);
    return st;
}

void ocrvl_transcript_free(ocrvl_transcript *s)
{
    ocrvl_free(s->text);
    ocrvl_free(s->logprob);
    memset(s, 0, sizeof *s);
}

float ocrvl_transcript_probability(const ocrvl_transcript *s, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += s->logprob[i];
    return (float)ocrvl_exp(sum);
}
