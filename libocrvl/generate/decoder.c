#include "generate/decoder.h"

#include "base/error.h"
#include "base/mem.h"

typedef struct engine_decoder {
    ocrvl_decoder d; /* first: the two are one pointer */
    ocrvl_engine *prompts, *steps;
    ocrvl_kv kv;
    int32_t delta;
} engine_decoder;

static ocrvl_status run_prompt(ocrvl_decoder *d, const ocrvl_chat *chat, const ocrvl_pictures *pictures, size_t room,
                               float *logits, ocrvl_error *err)
{
    engine_decoder *x = (engine_decoder *)d;
    return ocrvl_prompt_run(x->prompts, chat, pictures, room, &x->kv, &x->delta, NULL, logits, err);
}

/* Rows, positions and runs of what is fed to all sequences. */
typedef struct passing {
    size_t rows;
    float *x;     /* [rows][width] */
    int32_t *pos; /* [3][rows] */
    ocrvl_run *runs;
} passing;

static void free_passing(passing *p)
{
    ocrvl_free(p->x);
    ocrvl_free(p->pos);
    ocrvl_free(p->runs);
}

static ocrvl_status gather(passing *p, const ocrvl_decode_input *inputs, size_t count, ocrvl_error *err)
{
    ocrvl_engine *e = ((engine_decoder *)inputs[0].d)->steps;
    const ocrvl_config *c = &e->m->config;
    for (size_t i = 0; i < count; i++)
        p->rows += inputs[i].count;
    p->x = ocrvl_alloc_aligned(p->rows, c->width * sizeof *p->x);
    p->pos = ocrvl_alloc_array(p->rows, 3 * sizeof *p->pos);
    p->runs = ocrvl_alloc_array(count, sizeof *p->runs);
    ocrvl_status st = p->x && p->pos && p->runs ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0, row = 0; !st && i < count; row += inputs[i++].count) {
        engine_decoder *x = (engine_decoder *)inputs[i].d;
        p->runs[i] = (ocrvl_run){&x->kv, inputs[i].count};
        ocrvl_engine_embed(e, inputs[i].ids, inputs[i].count, p->x + row * c->width);
        for (size_t k = 0; k < 3 * inputs[i].count; k++)
            p->pos[k / inputs[i].count * p->rows + row + k % inputs[i].count] =
                (int32_t)(x->kv.len + k % inputs[i].count) + x->delta;
        st = ocrvl_kv_reserve(&x->kv, c, x->kv.len + inputs[i].count, err);
    }
    return st;
}

static ocrvl_status decode(const ocrvl_decode_input *inputs, size_t count, float *logits, ocrvl_error *err)
{
    ocrvl_engine *e = ((engine_decoder *)inputs[0].d)->steps;
    passing p = {0};
    ocrvl_status st = gather(&p, inputs, count, err);
    if (!st)
        st = ocrvl_engine_decode(e, p.x, p.pos, p.runs, count, err);
    if (!st)
        st = ocrvl_engine_logits(e, p.x, p.rows, logits, err);
    free_passing(&p);
    return st;
}

static void truncate_tokens(ocrvl_decoder *d, size_t tokens) { ((engine_decoder *)d)->kv.len -= tokens; }

static void free_decoder(ocrvl_decoder *d)
{
    engine_decoder *x = (engine_decoder *)d;
    if (!x)
        return;
    ocrvl_kv_free(&x->kv);
    ocrvl_free(x);
}

ocrvl_status ocrvl_decoder_new(ocrvl_decoder **out, ocrvl_engine *prompts, ocrvl_engine *steps, ocrvl_error *err)
{
    *out = NULL;
    engine_decoder *x = ocrvl_alloc(sizeof *x);
    if (!x)
        return ocrvl_fail_nomem(err);
    x->d = (ocrvl_decoder){steps->m->config.vocab, run_prompt, decode, truncate_tokens, free_decoder};
    x->prompts = prompts;
    x->steps = steps;
    *out = &x->d;
    return OCRVL_OK;
}
