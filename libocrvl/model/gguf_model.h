/* A model of llama.cpp's: the file of the decoder (which may be split), and that of the vision tower ("mmproj"). */
#ifndef OCRVL_MODEL_GGUF_MODEL_H
#define OCRVL_MODEL_GGUF_MODEL_H

#include "model/family.h"
#include "model/gguf.h"
#include "model/raw.h"

typedef struct ocrvl_gguf_model {
    const ocrvl_gguf *text, *vision; /* whose metadata count */
    const ocrvl_family *family;
    ocrvl_raws *s;
    ocrvl_error *err;
    ocrvl_status st; /* of the first failure */
} ocrvl_gguf_model;

/* A tensor of any of the files, or NULL. */
const ocrvl_gguf_tensor *ocrvl_gguf_model_tensor(const ocrvl_gguf_model *m, const char *name);

/* Fails with OCRVL_E_MODEL: "FILE: key KEY WHAT". Always returns m->st. */
ocrvl_status ocrvl_gguf_model_wrong(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, const char *what);
/* A whole number of a key in [low, high]; without it `otherwise`, or a failure if that is negative. */
int64_t ocrvl_gguf_model_whole(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, int64_t low, int64_t high,
                               int64_t otherwise);
double ocrvl_gguf_model_real(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, double low, double high,
                             double otherwise);
/* A key of the decoder: its architecture, a point and the rest, in `name`. */
const char *ocrvl_gguf_model_key(const ocrvl_gguf_model *m, const char *rest, char name[128]);

/* A text for the new folder, to be written and then handed to the second; NULL after a failure. */
ocrvl_buf *ocrvl_gguf_model_file(ocrvl_gguf_model *m, const char *name);
void ocrvl_gguf_model_filed(ocrvl_gguf_model *m, const ocrvl_buf *b);

/* Write texts for the new folder to m->s. gguf_config.c: config.json, preprocessor_config.json, generation_config.json;
 * gguf_tokens.c: vocab.json, merges.txt, tokenizer_config.json, chat_template.jinja. */
void ocrvl_gguf_write_config(ocrvl_gguf_model *m);
void ocrvl_gguf_write_tokenizer(ocrvl_gguf_model *m);
/* The id of a token by its text, -1 if there is none. */
int64_t ocrvl_gguf_token(const ocrvl_gguf_model *m, const char *text);

#endif
