#include "generate/decoder.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "tokenizer/ids.h"

typedef struct engine_decoder {
    ocrvl_decoder d; /* first: the two are one pointer */
    ocrvl_engine *prompts, *steps;
    const struct engine_decoder *from; /* until the prompt is run */
    ocrvl_kv kv;
    int32_t delta; /* a token's position on all axes is its place plus this */
    /* of one that keeps: */
    ocrvl_ids ids; /* [kv.len] the tokens in the cache, GENERATED for one of an answer that stands for a picture */
    float *visual; /* [levels][tokens][width] of the pictures; NULL before the first prompt */
    size_t tokens;
} engine_decoder;

enum { GENERATED = -1 };

/* ---- one pass ---------------------------------------------------------------------------------------- */

/* Rows, positions and runs of all sequences. */
typedef struct passing {
    size_t rows;
    float *x;     /* [rows][width] */
    int32_t *pos; /* [3][rows] */
    ocrvl_run *runs;
    /* of prompts that show something */
    size_t tokens;
    float *visual; /* [levels][tokens][width]; a decoder's that keeps, or p's own */
    bool lent;
    uint32_t *at; /* [tokens] the row of its run where each stands */
} passing;

static void free_passing(passing *p)
{
    ocrvl_free(p->x);
    ocrvl_free(p->pos);
    ocrvl_free(p->runs);
    if (!p->lent)
        ocrvl_free(p->visual);
    ocrvl_free(p->at);
}

static ocrvl_status start_passing(passing *p, const ocrvl_config *c, size_t rows, size_t runs, ocrvl_error *err)
{
    p->rows = rows;
    p->x = ocrvl_alloc_aligned(rows, c->width * sizeof *p->x);
    p->pos = ocrvl_alloc_array(rows, 3 * sizeof *p->pos);
    p->runs = ocrvl_alloc_array(runs, sizeof *p->runs);
    return p->x && p->pos && p->runs ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* ---- prompts ----------------------------------------------------------------------------------------- */

/* How many of a prompt's tokens aren't run, since their keys and values are there. The last one is always run. */
static size_t shared(const ocrvl_prefill_input *in)
{
    const engine_decoder *d = (const engine_decoder *)in->d;
    size_t n = 0, most = in->prompt.count - 1;
    if (d->from)
        return d->from->kv.len;
    most = most < d->ids.len ? most : d->ids.len;
    while (n < most && d->ids.data[n] == in->prompt.ids[n])
        n++;
    return n;
}

static bool shows(const ocrvl_config *c, int32_t id) { return id == c->image_token || id == c->video_token; }

static ocrvl_status check_prompts(const ocrvl_config *c, const ocrvl_prefill_input *in, size_t count, ocrvl_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (in[i].prompt.count == 0 || in[i].prompt.count <= shared(&in[i]))
            return ocrvl_fail(err, OCRVL_E_ARG, "the prompt is empty");
        if (in[i].d->keeps && count > 1)
            return ocrvl_fail(err, OCRVL_E_ARG, "a prompt whose tokens are kept is run alone");
        if (in[i].prompt.count + in[i].room > c->context)
            return ocrvl_fail(
                err, OCRVL_E_LIMIT,
                "a prompt of %zu tokens and an answer of up to %zu don't fit into the model's context of %zu tokens",
                in[i].prompt.count, in[i].room, c->context);
    }
    return OCRVL_OK;
}

/* The positions of one prompt, and those of its rows that aren't shared -> p from row `row` on. */
static ocrvl_status place_prompt(passing *p, size_t row, const ocrvl_config *c, const ocrvl_prefill_input *in,
                                 const ocrvl_patch_grid *grids, ocrvl_error *err)
{
    engine_decoder *d = (engine_decoder *)in->d;
    size_t n = in->prompt.count, skip = in->d->kept;
    int32_t *at = ocrvl_alloc_array(n, 3 * sizeof *at);
    if (!at)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_mrope_positions(in->prompt.ids, n, grids, in->prompt.pictures, c->merge, c->image_token,
                                            c->video_token, at, &d->delta, err);
    for (size_t axis = 0; !st && axis < 3; axis++)
        memcpy(p->pos + axis * p->rows + row, at + axis * n + skip, (n - skip) * sizeof *at);
    ocrvl_free(at);
    return st;
}

/* Embeds a prompt's rows from row `row` on, with the visual tokens in the places that wait for them: run i, whose
 * prompt begins with visual token *seen of all. */
static void embed_prompt(passing *p, size_t i, size_t row, ocrvl_engine *e, const ocrvl_prefill_input *in, size_t *seen)
{
    const ocrvl_config *c = &e->m->config;
    ocrvl_run *run = &p->runs[i];
    size_t skip = in->d->kept;
    const int32_t *ids = in->prompt.ids + skip;
    float *x = p->x + row * c->width;
    for (size_t k = 0; k < skip; k++)
        *seen += shows(c, in->prompt.ids[k]);
    size_t first = *seen;
    ocrvl_engine_embed(e, ids, run->rows, x);
    for (size_t k = 0; k < run->rows; k++)
        if (shows(c, ids[k])) {
            memcpy(x + k * c->width, p->visual + *seen * c->width, c->width * sizeof *x);
            p->at[(*seen)++] = (uint32_t)k;
        }
    if (ocrvl_config_levels(c) == 1)
        return;
    run->visual = *seen - first;
    run->at = p->at + first;
    run->deep = p->visual + (p->tokens + first) * c->width;
    run->deep_stride = p->tokens * c->width;
}

/* Room for all that the prompts show, and what the tower makes of it. */
static ocrvl_status encode(passing *p, engine_decoder *d, const ocrvl_pictures *pictures, ocrvl_error *err)
{
    ocrvl_engine *e = d->prompts;
    const ocrvl_config *c = &e->m->config;
    p->tokens = pictures->rows / (c->merge * c->merge);
    p->at = ocrvl_alloc_array(p->tokens + 1, sizeof *p->at);
    p->lent = d->visual;
    if (p->lent && p->tokens != d->tokens)
        return ocrvl_fail(err, OCRVL_E_ARG, "a further prompt shows other pictures");
    p->visual =
        p->lent ? d->visual : ocrvl_alloc_aligned(p->tokens * ocrvl_config_levels(c), c->width * sizeof *p->visual);
    if (!p->visual || !p->at)
        return ocrvl_fail_nomem(err);
    return p->lent ? OCRVL_OK
                   : ocrvl_engine_encode(e, pictures->patches, pictures->grids, pictures->count, p->visual, err);
}

/* Makes the cache of one sequence ready, with what it shares in it. */
static ocrvl_status start_cache(const ocrvl_config *c, const ocrvl_prefill_input *in, ocrvl_error *err)
{
    engine_decoder *d = (engine_decoder *)in->d;
    d->kv.len = d->from ? 0 : d->d.kept;
    d->ids.len = d->ids.len < d->kv.len ? d->ids.len : d->kv.len;
    ocrvl_status st = ocrvl_kv_reserve(&d->kv, c, in->prompt.count + in->room_now, err);
    if (!st && d->from)
        ocrvl_kv_copy(&d->kv, &d->from->kv, c, d->from->kv.len);
    d->from = NULL;
    return st;
}

/* Notes tokens whose keys and values are in the cache now. */
static ocrvl_status keep(engine_decoder *d, const int32_t *ids, size_t count, bool answer, ocrvl_error *err)
{
    const ocrvl_config *c = &d->prompts->m->config;
    for (size_t i = 0; i < count; i++)
        if (!ocrvl_ids_push(&d->ids, answer && shows(c, ids[i]) ? GENERATED : ids[i]))
            return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

static ocrvl_status gather_prompts(passing *p, const ocrvl_prefill_input *in, size_t count,
                                   const ocrvl_pictures *pictures, ocrvl_error *err)
{
    ocrvl_engine *e = ((engine_decoder *)in[0].d)->prompts;
    const ocrvl_config *c = &e->m->config;
    size_t rows = 0, row = 0, seen = 0;
    const ocrvl_patch_grid *grids = pictures->grids;
    for (size_t i = 0; i < count; i++) {
        in[i].d->kept = shared(&in[i]);
        rows += in[i].prompt.count - in[i].d->kept;
    }
    ocrvl_status st = start_passing(p, c, rows, count, err);
    if (!st)
        st = encode(p, (engine_decoder *)in[0].d, pictures, err);
    for (size_t i = 0; !st && i < count; grids += in[i++].prompt.pictures) {
        p->runs[i] = (ocrvl_run){
            .kv = &((engine_decoder *)in[i].d)->kv, .rows = in[i].prompt.count - in[i].d->kept, .last_only = true};
        st = place_prompt(p, row, c, &in[i], grids, err);
        if (!st)
            embed_prompt(p, i, row, e, &in[i], &seen);
        if (!st)
            st = start_cache(c, &in[i], err);
        row += p->runs[i].rows;
    }
    if (!st && e->on_stage)
        e->on_stage(e->user, "decoder.embeds", p->x, p->rows, c->width);
    return st;
}

/* The prompt has been run: its tokens and what it shows are the decoder's to keep. */
static ocrvl_status keep_prompt(passing *p, const ocrvl_prefill_input *in, ocrvl_error *err)
{
    engine_decoder *d = (engine_decoder *)in->d;
    d->visual = p->visual;
    d->tokens = p->tokens;
    p->lent = true;
    return keep(d, in->prompt.ids + d->d.kept, in->prompt.count - d->d.kept, false, err);
}

static ocrvl_status prefill(const ocrvl_prefill_input *in, size_t count, const ocrvl_pictures *pictures, float *logits,
                            ocrvl_error *err)
{
    ocrvl_engine *e = ((engine_decoder *)in[0].d)->prompts;
    passing p = {0};
    ocrvl_status st = check_prompts(&e->m->config, in, count, err);
    if (!st)
        st = gather_prompts(&p, in, count, pictures, err);
    if (!st)
        st = ocrvl_engine_decode(e, p.x, p.pos, p.runs, count, err);
    if (!st && in[0].d->keeps)
        st = keep_prompt(&p, &in[0], err);
    if (!st)
        st = ocrvl_engine_logits(e, p.x, count, logits, err);
    free_passing(&p);
    return st;
}

/* ---- tokens ------------------------------------------------------------------------------------------ */

static ocrvl_status gather(passing *p, const ocrvl_decode_input *inputs, size_t count, ocrvl_error *err)
{
    ocrvl_engine *e = ((engine_decoder *)inputs[0].d)->steps;
    const ocrvl_config *c = &e->m->config;
    size_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += inputs[i].count;
    ocrvl_status st = start_passing(p, c, rows, count, err);
    for (size_t i = 0, row = 0; !st && i < count; row += inputs[i++].count) {
        engine_decoder *x = (engine_decoder *)inputs[i].d;
        p->runs[i] = (ocrvl_run){.kv = &x->kv, .rows = inputs[i].count};
        ocrvl_engine_embed(e, inputs[i].ids, inputs[i].count, p->x + row * c->width);
        for (size_t k = 0; k < 3 * inputs[i].count; k++)
            p->pos[k / inputs[i].count * p->rows + row + k % inputs[i].count] =
                (int32_t)(x->kv.len + k % inputs[i].count) + x->delta;
        size_t need = x->kv.len + inputs[i].count;
        st = ocrvl_kv_reserve(&x->kv, c, need > x->kv.cap ? need + need / 2 : need, err);
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
    for (size_t i = 0; !st && i < count; i++)
        if (inputs[i].d->keeps)
            st = keep((engine_decoder *)inputs[i].d, inputs[i].ids, inputs[i].count, true, err);
    if (!st)
        st = ocrvl_engine_logits(e, p.x, p.rows, logits, err);
    free_passing(&p);
    return st;
}

static void truncate_tokens(ocrvl_decoder *d, size_t tokens)
{
    engine_decoder *x = (engine_decoder *)d;
    x->kv.len -= tokens;
    x->ids.len -= x->d.keeps ? tokens : 0;
}

static void free_decoder(ocrvl_decoder *d)
{
    engine_decoder *x = (engine_decoder *)d;
    if (!x)
        return;
    ocrvl_kv_free(&x->kv);
    ocrvl_ids_free(&x->ids);
    ocrvl_free(x->visual);
    ocrvl_free(x);
}

ocrvl_status ocrvl_decoder_new(ocrvl_decoder **out, ocrvl_engine *prompts, ocrvl_engine *steps,
                               const ocrvl_decoder *from, ocrvl_error *err)
{
    *out = NULL;
    engine_decoder *x = ocrvl_alloc(sizeof *x);
    if (!x)
        return ocrvl_fail_nomem(err);
    x->d = (ocrvl_decoder){.vocab = steps->m->config.vocab,
                           .prefill = prefill,
                           .decode = decode,
                           .truncate = truncate_tokens,
                           .free = free_decoder};
    x->prompts = prompts;
    x->steps = steps;
    x->from = (const engine_decoder *)from;
    *out = &x->d;
    return OCRVL_OK;
}
