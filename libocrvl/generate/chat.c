#include "generate/chat.h"

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

ocrvl_status ocrvl_chat_picture(ocrvl_chat *c, size_t tokens, bool video, ocrvl_error *err)
{
    const ocrvl_config *config = &c->model->weights->config;
    size_t number = video ? ++c->videos : ++c->pictures;
    ocrvl_status st = OCRVL_OK;
    if (c->vision_ids) {
        char label[48];
        snprintf(label, sizeof label, "%s %zu: ", video ? "Video" : "Picture", number);
        st = put(c, label, err);
    }
    if (!st)
        st = special(c, c->model->vision_start, "<|vision_start|>", 1, err);
    if (!st)
        st = special(c, video ? config->video_token : config->image_token, video ? "<|video_pad|>" : "<|image_pad|>",
                     tokens, err);
    return st ? st : special(c, c->model->vision_end, "<|vision_end|>", 1, err);
}

ocrvl_status ocrvl_chat_end(ocrvl_chat *c, ocrvl_error *err)
{
    ocrvl_status st = special(c, c->model->im_end, "<|im_end|>", 1, err);
    return st ? st : put(c, "\n", err);
}

ocrvl_status ocrvl_chat_answer(ocrvl_chat *c, ocrvl_error *err)
{
    ocrvl_status st = special(c, c->model->im_start, "<|im_start|>", 1, err);
    if (!st)
        st = put(c, "assistant\n", err);
    return st ? st : ocrvl_chat_flush(c, err);
}
