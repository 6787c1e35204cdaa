#include "read/tongue.h"

#include "base/error.h"
#include "base/mem.h"

/* The prompt's ids before and after the picture's placeholders. */
static ocrvl_status split_prompt(ocrvl_tongue *t, ocrvl_error *err)
{
    ocrvl_chat c = {.model = t->m};
    ocrvl_status st = ocrvl_chat_begin(&c, "user", err);
    if (!st)
        st = ocrvl_chat_picture(&c, 1, err);
    if (!st)
        st = ocrvl_chat_end(&c, err);
    if (!st)
        st = ocrvl_chat_answer(&c, err);
    bool after = false;
    for (size_t i = 0; !st && i < c.ids.len; i++)
        if (c.ids.data[i] == t->m->weights->config.image_token)
            after = true;
        else if (!ocrvl_ids_push(after ? &t->after : &t->before, c.ids.data[i]))
            st = ocrvl_fail_nomem(err);
    ocrvl_chat_free(&c);
    return st;
}

static ocrvl_status run_prefix(ocrvl_tongue *t, ocrvl_error *err)
{
    const ocrvl_config *c = &t->m->weights->config;
    ocrvl_pictures none = {0};
    float *logits = ocrvl_alloc_aligned(c->vocab, sizeof *logits);
    ocrvl_status st =
        logits ? ocrvl_decoder_new(&t->prefix, &t->engines[0], &t->engines[0], NULL, err) : ocrvl_fail_nomem(err);
    ocrvl_prefill_input in = {t->prefix, {t->before.data, t->before.len, 0}, 0, 0};
    if (!st)
        st = t->prefix->prefill(&in, 1, &none, logits, err);
    ocrvl_free(logits);
    return st;
}

ocrvl_status ocrvl_tongue_init(ocrvl_tongue *t, const ocrvl_model *m, unsigned threads, ocrvl_error *err)
{
    t->m = m;
    t->engines = ocrvl_alloc_array(threads, sizeof *t->engines);
    ocrvl_status st = t->engines ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (; !st && t->engine_count < threads; t->engine_count += !st)
        st = ocrvl_engine_init(&t->engines[t->engine_count], m->weights, NULL, err);
    if (!st)
        st = split_prompt(t, err);
    return st ? st : run_prefix(t, err);
}

void ocrvl_tongue_free(ocrvl_tongue *t)
{
    if (t->prefix)
        t->prefix->free(t->prefix);
    for (size_t i = 0; i < t->engine_count; i++)
        ocrvl_engine_free(&t->engines[i]);
    ocrvl_free(t->engines);
    ocrvl_ids_free(&t->before);
    ocrvl_ids_free(&t->after);
}

ocrvl_strip_size ocrvl_tongue_strip_size(const ocrvl_config *c)
{
    return (ocrvl_strip_size){(uint32_t)c->line_height, (uint32_t)c->max_width, (uint32_t)(c->patch * c->merge)};
}

size_t ocrvl_tongue_visual_tokens(const ocrvl_tongue *t, const ocrvl_strip *s)
{
    const ocrvl_config *c = ocrvl_tongue_config(t);
    size_t side = c->patch * c->merge;
    return s->height / side * (s->width / side);
}

size_t ocrvl_tongue_prompt_tokens(const ocrvl_tongue *t, const ocrvl_strip *s)
{
    return t->before.len + ocrvl_tongue_visual_tokens(t, s) + t->after.len;
}
