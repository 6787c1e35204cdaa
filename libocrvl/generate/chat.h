/* The chat template (ChatML as published with Qwen2-VL), built turn by turn into text and ids. What we write ourselves
 * may hold special tokens; what comes from a user or document never becomes one. */
#ifndef OCRVL_GENERATE_CHAT_H
#define OCRVL_GENERATE_CHAT_H

#include "generate/checkpoint.h"
#include "generate/prompt.h"

typedef struct ocrvl_chat { /* zero-initialise and set model */
    const ocrvl_model *model;
    bool vision_ids; /* "Picture N: ", "Video N: " before each */
    bool at_once;    /* models that think are to answer without a thought */
    ocrvl_ids ids;   /* placeholders expanded, one per visual token */
    ocrvl_buf text;  /* the prompt as the template gives it, one placeholder a picture */
    ocrvl_buf plain; /* since the last special token: not yet turned into ids */
    size_t pictures, videos, turns;
} ocrvl_chat;

void ocrvl_chat_free(ocrvl_chat *c);
/* Opens a turn. Before a first turn that isn't the system's comes the default system turn, unless the profile says no.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_begin(ocrvl_chat *c, const char *role, ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_text(ocrvl_chat *c, const char *text, size_t len, ocrvl_error *err);
/* A picture of so many visual tokens. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_picture(ocrvl_chat *c, size_t tokens, ocrvl_error *err);
/* A video of so many visual tokens, as ocrvl_pictures_add_video added it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_video(ocrvl_chat *c, const ocrvl_clip *v, size_t tokens, ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_end(ocrvl_chat *c, ocrvl_error *err);
/* The generation prompt: what the assistant's turn begins with, and the thought of models that think. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_answer(ocrvl_chat *c, ocrvl_error *err);
/* Turns what is left into ids. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chat_flush(ocrvl_chat *c, ocrvl_error *err);

#endif
