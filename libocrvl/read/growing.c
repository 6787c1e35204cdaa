#include "read/growing.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

static void put(ocrvl_growing *g, const char *text, size_t n, const float *logprob)
{
    size_t at = g->text.len;
    if (g->failed || n == 0)
        return;
    ocrvl_buf_put(&g->text, text, n);
    g->failed = g->text.failed || !OCRVL_ARRAY_RESERVE(g->logprob, g->cap, at + n);
    if (g->failed)
        return;
    if (logprob)
        memcpy(g->logprob + at, logprob, n * sizeof *logprob);
    else
        memset(g->logprob + at, 0, n * sizeof *g->logprob);
}

void ocrvl_growing_part(ocrvl_growing *g, const ocrvl_transcript *t, size_t from, size_t to)
{
    put(g, t->text + from, to - from, t->logprob + from);
}

void ocrvl_growing_own(ocrvl_growing *g, const char *text) { put(g, text, strlen(text), NULL); }

ocrvl_status ocrvl_growing_end(ocrvl_growing *g, ocrvl_transcript *out, ocrvl_error *err)
{
    ocrvl_transcript_free(out);
    float *logprob = g->failed ? NULL : ocrvl_realloc_array(g->logprob, g->text.len + 1, sizeof *logprob);
    if (logprob) {
        g->logprob = NULL;
        out->logprob = logprob;
        out->text = ocrvl_buf_steal(&g->text, &out->len);
    }
    ocrvl_growing_free(g);
    if (out->text)
        return OCRVL_OK;
    ocrvl_transcript_free(out);
    return ocrvl_fail_nomem(err);
}

void ocrvl_growing_free(ocrvl_growing *g)
{
    ocrvl_buf_free(&g->text);
    ocrvl_free(g->logprob);
    memset(g, 0, sizeof *g);
}
