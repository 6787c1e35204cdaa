#include "read/decoder.h"

#include "base/error.h"
#include "base/mem.h"

typedef struct engine_decoder {
    ocrvl_decoder d; /* first: the two are one pointer */
    ocrvl_engine *e;
    ocrvl_kv kv;
    int32_t delta;
} engine_decoder;

static ocrvl_status run_prompt(ocrvl_decoder *d, const ocrvl_chat *chat, const ocrvl_pictures *pictures, size_t room,
                               float *logits, ocrvl_error *err)
{
    engine_decoder *x = (engine_decoder *)d;
    return ocrvl_prompt_run(x->e, chat, pictures, room, &x->kv, &x->delta, NULL, logits, err);
}

static ocrvl_status feed(ocrvl_decoder *d, const int32_t *ids, size_t count, float *logits, ocrvl_error *err)
{
    engine_decoder *x = (engine_decoder *)d;
    size_t width = x->e->m->config.width;
    int32_t *pos = ocrvl_alloc_array(count, 3 * sizeof *pos);
    float *rows = ocrvl_alloc_aligned(count, width * sizeof *rows);
    ocrvl_run run = {&x->kv, count};
    ocrvl_status st = pos && rows ? ocrvl_kv_reserve(&x->kv, &x->e->m->config, x->kv.len + count, err)
                                  : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < count; i++)
        pos[i] = pos[count + i] = pos[2 * count + i] = (int32_t)(x->kv.len + i) + x->delta;
    if (!st) {
        ocrvl_engine_embed(x->e, ids, count, rows);
        st = ocrvl_engine_decode(x->e, rows, pos, &run, 1, err);
    }
    if (!st)
        st = ocrvl_engine_logits(x->e, rows, count, logits, err);
    ocrvl_free(pos);
    ocrvl_free(rows);
    return st;
}

static void rewind_tokens(ocrvl_decoder *d, size_t tokens) { ((engine_decoder *)d)->kv.len -= tokens; }

static void free_decoder(ocrvl_decoder *d)
{
    engine_decoder *x = (engine_decoder *)d;
    if (!x)
        return;
    ocrvl_kv_free(&x->kv);
    ocrvl_free(x);
}

ocrvl_status ocrvl_decoder_new(ocrvl_decoder **out, ocrvl_engine *e, ocrvl_error *err)
{
    *out = NULL;
    engine_decoder *x = ocrvl_alloc(sizeof *x);
    if (!x)
        return ocrvl_fail_nomem(err);
    x->d = (ocrvl_decoder){e->m->config.vocab, run_prompt, feed, rewind_tokens, free_decoder};
    x->e = e;
    *out = &x->d;
    return OCRVL_OK;
}
