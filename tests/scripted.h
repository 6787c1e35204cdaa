/* A decoder that plays a text, for a session of the tiny checkpoint: what a big model would say, token by token. */
#ifndef OCRVL_TESTS_SCRIPTED_H
#define OCRVL_TESTS_SCRIPTED_H

#include "read/session.h"
#include "testing.h"

typedef struct script {
    ocrvl_decoder d;
    const ocrvl_model *model; /* whose tokens they are */
    ocrvl_ids ids;
    size_t at;
    bool for_ever;            /* begins again at its end */
    size_t pictures, patches; /* shown so far */
    ocrvl_buf prompt;         /* the last prompt's text */
} script;

static inline void script_say(const script *s, float *logits)
{
    const ocrvl_config *c = &s->model->weights->config;
    size_t at = s->for_ever ? s->at % s->ids.len : s->at;
    for (size_t i = 0; i < c->vocab; i++)
        logits[i] = 0;
    logits[at < s->ids.len ? s->ids.data[at] : c->stops[0]] = 14;
}

static size_t script_widest; /* sequences that were decoded in one pass, the most so far */

/* The prompt's text, with one placeholder for each picture or video. */
static inline void script_note_prompt(script *s, const ocrvl_prompt *p)
{
    const ocrvl_config *c = &s->model->weights->config;
    ocrvl_buf_clear(&s->prompt);
    for (size_t i = 0; i < p->count; i++) {
        size_t n;
        const char *bytes = ocrvl_tokenizer_bytes(s->model->tokenizer, p->ids[i], &n);
        bool shown = p->ids[i] == c->image_token || p->ids[i] == c->video_token;
        if (!i || !shown || p->ids[i] != p->ids[i - 1])
            ocrvl_buf_put(&s->prompt, bytes, n);
    }
}

static inline ocrvl_status script_prefill(const ocrvl_prefill_input *inputs, size_t count,
                                          const ocrvl_pictures *pictures, float *logits, ocrvl_error *err)
{
    script *s = (script *)inputs[0].d;
    (void)err;
    assert_int_equal(count, 1);
    s->pictures += pictures->count;
    s->patches += pictures->rows;
    script_note_prompt(s, &inputs[0].prompt);
    script_say(s, logits);
    return OCRVL_OK;
}

static inline ocrvl_status script_decode(const ocrvl_decode_input *inputs, size_t count, float *logits,
                                         ocrvl_error *err)
{
    (void)err;
    script_widest = count > script_widest ? count : script_widest;
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < inputs[f].count; i++) {
            script *s = (script *)inputs[f].d;
            s->at++;
            script_say(s, logits);
            logits += s->model->weights->config.vocab;
        }
    return OCRVL_OK;
}

static inline void script_truncate(ocrvl_decoder *d, size_t tokens) { ((script *)d)->at -= tokens; }

static inline void script_keep(ocrvl_decoder *d) { (void)d; }

static inline ocrvl_status script_give(ocrvl_session *s, ocrvl_decoder **out, ocrvl_error *err)
{
    (void)err;
    *out = &((script *)s->script)->d;
    return OCRVL_OK;
}

/* Makes the session say the text (special tokens parsed) instead of what its model would. */
static inline void script_play(script *s, ocrvl_session *session, const ocrvl_model *m, const char *text, size_t len)
{
    s->model = m;
    s->at = 0;
    s->ids.len = 0;
    s->d = (ocrvl_decoder){.vocab = m->weights->config.vocab,
                           .prefill = script_prefill,
                           .decode = script_decode,
                           .truncate = script_truncate,
                           .free = script_keep};
    assert_ok(ocrvl_tokenizer_encode(m->tokenizer, text, len, true, &s->ids, err));
    session->new_decoder = script_give;
    session->script = s;
}

static inline void script_free(script *s)
{
    ocrvl_ids_free(&s->ids);
    ocrvl_buf_free(&s->prompt);
}

#endif
