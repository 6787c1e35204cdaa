/* A session that answers one prompt after the other from a list, in as many decoders as it makes. */
#ifndef OCRVL_TESTS_SCENE_H
#define OCRVL_TESTS_SCENE_H

#include <stdio.h>

#include "scripted.h"

enum { SCENE_MOST = 8 };

typedef struct scene {
    const char *const *answers;
    size_t next, patches[SCENE_MOST];
    char prompts[SCENE_MOST][2048]; /* each with the turns around it, cut */
    script decoders[SCENE_MOST];
    size_t made;
} scene;

static scene now;

static inline ocrvl_status scene_play(const ocrvl_prefill_input *inputs, size_t count, const ocrvl_pictures *pictures,
                                      float *logits, ocrvl_error *e)
{
    script *s = (script *)inputs[0].d;
    assert_true(now.next < SCENE_MOST && now.answers[now.next]);
    const char *answer = now.answers[now.next];
    assert_ok(ocrvl_tokenizer_encode(s->model->tokenizer, answer, strlen(answer), true, &s->ids, err));
    now.patches[now.next] = pictures->rows;
    ocrvl_status st = script_prefill(inputs, count, pictures, logits, e);
    snprintf(now.prompts[now.next++], sizeof now.prompts[0], "%.*s", (int)s->prompt.len, s->prompt.data);
    return st;
}

static inline ocrvl_status scene_give(ocrvl_session *session, ocrvl_decoder **out, ocrvl_error *e)
{
    (void)e;
    assert_true(now.made < SCENE_MOST);
    script *s = &now.decoders[now.made++];
    script_play(s, session, session->m, "", 0);
    s->d.prefill = scene_play;
    session->new_decoder = scene_give;
    *out = &s->d;
    return OCRVL_OK;
}

/* Begins one: answers, NULL at the end. */
static inline void scene_begin(ocrvl_session *session, const char *const *answers)
{
    now = (scene){.answers = answers};
    session->new_decoder = scene_give;
}

static inline void scene_end(void)
{
    for (size_t i = 0; i < now.made; i++)
        script_free(&now.decoders[i]);
}

#endif
