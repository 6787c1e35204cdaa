#include "generate/chat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

void ocrvl_chat_free(ocrvl_chat *c)
{
    ocrvl_ids_free(&c->ids);
    ocrvl_buf_free(&c->text);
    ocrvl_buf_free(&c->plain);
}

/* Text between two special tokens is split and merged as one piece, whatever parts it was given in. */
ocrvl_status ocrvl_chat_flush(ocrvl_chat *c, ocrvl_error *err)
{
    if (c->plain.failed || c->text.failed)
        return ocrvl_fail_nomem(err);
    if (c->plain.len == 0)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_tokenizer_encode(c->model->tokenizer, c->plain.data, c->plain.len, false, &c->ids, err);
    ocrvl_buf_clear(&c->plain);
    return st;
}

ocrvl_status ocrvl_chat_text(ocrvl_chat *c, const char *text, size_t len, ocrvl_error *err)
{
    ocrvl_buf_put(&c->plain, text, len);
    ocrvl_buf_put(&c->text, text, len);
    return c->plain.failed || c->text.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

static ocrvl_status put(ocrvl_chat *c, const char *text, ocrvl_error *err)
{
    return ocrvl_chat_text(c, text, strlen(text), err);
}

static ocrvl_status special(ocrvl_chat *c, int32_t id, const char *text, size_t times, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_chat_flush(c, err);
    if (st)
        return st;
    ocrvl_buf_puts(&c->text, text);
    for (size_t i = 0; i < times; i++)
        if (!ocrvl_ids_push(&c->ids, id))
            return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

/* A tag that is one token in most vocabularies, and text in others. */
static ocrvl_status put_tag(ocrvl_chat *c, const char *tag, ocrvl_error *err)
{
    int32_t id = ocrvl_tokenizer_special(c->model->tokenizer, tag);
    return id < 0 ? put(c, tag, err) : special(c, id, tag, 1, err);
}

static ocrvl_status open_turn(ocrvl_chat *c, const char *role, ocrvl_error *err)
{
    c->turns++;
    ocrvl_status st = special(c, c->model->im_start, "<|im_start|>", 1, err);
    if (!st)
        st = put(c, role, err);
    return st ? st : put(c, "\n", err);
}

ocrvl_status ocrvl_chat_begin(ocrvl_chat *c, const char *role, ocrvl_error *err)
{
    const ocrvl_config *config = &c->model->weights->config;
    const char *system = ocrvl_config_system(config);
    if (c->turns == 0 && strcmp(role, "system") != 0 && system) {
        ocrvl_status st = open_turn(c, "system", err);
        if (!st)
            st = put(c, system, err);
        if (!st)
            st = ocrvl_chat_end(c, err);
        if (st)
            return st;
    }
    return open_turn(c, role, err);
}

static ocrvl_status put_label(ocrvl_chat *c, const char *kind, size_t number, ocrvl_error *err)
{
    char label[48];
    snprintf(label, sizeof label, "%s %zu: ", kind, number);
    return c->vision_ids ? put(c, label, err) : OCRVL_OK;
}

/* One placeholder in the text, and as many in the ids as there are visual tokens. */
static ocrvl_status put_visual(ocrvl_chat *c, int32_t id, const char *name, size_t tokens, ocrvl_error *err)
{
    ocrvl_status st = special(c, c->model->vision_start, "<|vision_start|>", 1, err);
    if (!st)
        st = special(c, id, name, tokens, err);
    return st ? st : special(c, c->model->vision_end, "<|vision_end|>", 1, err);
}

ocrvl_status ocrvl_chat_picture(ocrvl_chat *c, size_t tokens, ocrvl_error *err)
{
    ocrvl_status st = put_label(c, "Picture", ++c->pictures, err);
    return st ? st : put_visual(c, c->model->weights->config.image_token, "<|image_pad|>", tokens, err);
}

/* "<1.5 seconds>", with a point whatever the locale. */
static ocrvl_status put_time(ocrvl_chat *c, double seconds, ocrvl_error *err)
{
    char number[64], text[96];
    int n = snprintf(number, sizeof number, "%.1f", fmin(fmax(seconds, 0), 1e9));
    snprintf(text, sizeof text, "<%.*s.%c seconds>", (int)strspn(number, "0123456789"), number, number[n - 1]);
    return put(c, text, err);
}

ocrvl_status ocrvl_chat_video(ocrvl_chat *c, const ocrvl_clip *v, size_t tokens, ocrvl_error *err)
{
    const ocrvl_config *config = &c->model->weights->config;
    size_t slots = config->family->video == OCRVL_VIDEO_STAMPS ? ocrvl_clip_slots(v, config) : 0;
    ocrvl_status st = put_label(c, "Video", ++c->videos, err);
    if (!st && slots == 0)
        return put_visual(c, config->video_token, "<|video_pad|>", tokens, err);
    for (size_t i = 0; !st && i < slots; i++) {
        st = put_time(c, ocrvl_clip_time(v, config, i), err);
        if (!st)
            st = put_visual(c, config->video_token, "<|video_pad|>", tokens / slots, err);
    }
    return st;
}

ocrvl_status ocrvl_chat_end(ocrvl_chat *c, ocrvl_error *err)
{
    ocrvl_status st = special(c, c->model->im_end, "<|im_end|>", 1, err);
    return st ? st : put(c, "\n", err);
}

/* A thought that the model goes on with, or one that has ended. */
static ocrvl_status put_thought(ocrvl_chat *c, ocrvl_error *err)
{
    ocrvl_status st = put_tag(c, "<think>", err);
    if (!st)
        st = put(c, c->at_once ? "\n\n" : "\n", err);
    if (!st && c->at_once)
        st = put_tag(c, "</think>", err);
    return st || !c->at_once ? st : put(c, "\n\n", err);
}

ocrvl_status ocrvl_chat_answer(ocrvl_chat *c, ocrvl_error *err)
{
    ocrvl_status st = special(c, c->model->im_start, "<|im_start|>", 1, err);
    if (!st)
        st = put(c, "assistant\n", err);
    if (!st && c->model->thinks)
        st = put_thought(c, err);
    return st ? st : ocrvl_chat_flush(c, err);
}
