/* The contents of a checkpoint's JSON files: config.json (flat or nested), processor_config.json or
 * preprocessor_config.json, generation_config.json and our own ocrvl.json. Every number is checked against a range that
 * keeps all later products small. */
#ifndef OCRVL_MODEL_CONFIG_H
#define OCRVL_MODEL_CONFIG_H

#include "model/family.h"
#include "model/numbers.h"
#include "ocrvl.h"

enum {
    OCRVL_MAX_STOPS = 16,
    OCRVL_MAX_TEMPORAL = 8,
    OCRVL_MAX_BLOCKS = 512,
    OCRVL_MAX_DEEP = 16,
    OCRVL_MAX_SCRIPTS = 16
};

typedef struct ocrvl_config {
    const ocrvl_family *family; /* a row of the table */
    ocrvl_numbers numbers;      /* of the matrices; PLAIN or FP8 unless the config was loaded to be packed */
    /* decoder */
    size_t width, layers, heads, kv_heads, head_dim, intermediate, vocab, context;
    float rms_eps;
    double rope_theta;
    size_t mrope[3];  /* half-dims that t, h and w rotate; their sum is head_dim / 2 */
    bool mrope_mixed; /* the axes take turns along a head: t h w t h w ... */
    bool tied;
    bool bf16_cache; /* keys and values are stored as bfloat16 instead of float32; set when the weights are opened */
    /* vision tower */
    size_t v_width, v_depth, v_heads, v_head_dim, v_mlp;
    size_t v_window; /* visual tokens along a window's side; 0: all blocks attend to the whole frame */
    uint64_t v_whole[OCRVL_MAX_BLOCKS / 64]; /* with windows: a bit for each block that attends to the whole frame */
    size_t v_places;                         /* side of the square grid of learned places; 0: there are none */
    size_t v_deep[OCRVL_MAX_DEEP];           /* blocks after which visual tokens are made for the first layers */
    size_t v_deep_count;
    size_t patch, merge, temporal;
    double tokens_per_second; /* steps of t in a second of video; 0: t counts slots */
    /* tokens */
    int32_t image_token, video_token;
    int32_t stops[OCRVL_MAX_STOPS];
    size_t stop_count;
    /* images */
    uint64_t min_pixels, max_pixels;
    float mean[3], std[3];
    double rescale;
    /* generation */
    bool do_sample;
    double temperature, top_p, repetition_penalty;
    size_t top_k; /* 0 means no limit */
    /* profile: ocrvl.json */
    bool line_reader;
    bool no_system;                      /* the prompt begins with the user's turn */
    char *system;                        /* owned; NULL means the template's default */
    char *task;                          /* owned; the checkpoint's preferred prompt, or NULL if it names none */
    char *profile;                       /* owned; the name of a fine-tune's row (generate/profiles.h), or NULL */
    bool no_profile;                     /* it is none of them, whatever it is called */
    struct ocrvl_json *prompts;          /* owned; {"text": "...", ...}: texts that replace ours; or NULL */
    size_t line_height, max_width;       /* size of a line reader's images */
    char scripts[OCRVL_MAX_SCRIPTS * 5]; /* that a line reader reads: codes of ISO 15924 with a space between them;
                                          * empty: the profile doesn't say */
    double confidence_temperature; /* logits are divided by it before probabilities become confidences; 1 leaves them
                                    * unchanged */
} ocrvl_config;

/* Fails with OCRVL_E_MODEL if the model is of none of the families, or if a key is missing or out of range; the message
 * names file and key. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_config_load(ocrvl_config *c, const char *dir, ocrvl_error *err);
/* The same from the text of a config.json alone; `path` is its name in messages. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_config_parse(ocrvl_config *c, const char *text, size_t len, const char *path,
                                                 ocrvl_error *err);
/* As ocrvl_config_load, also if the matrices are in a layout that the engine can't compute with. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_config_load_any(ocrvl_config *c, const char *dir, ocrvl_error *err);
void ocrvl_config_free(ocrvl_config *c);
/* Visual tokens that the tower makes of one: itself, and what is added after the first layers. */
static inline size_t ocrvl_config_levels(const ocrvl_config *c) { return 1 + c->v_deep_count; }
/* The width of a row's queries: heads times head_dim, which need not be the decoder's width. */
static inline size_t ocrvl_config_queries(const ocrvl_config *c) { return c->heads * c->head_dim; }
/* Whether a token ends an answer. */
bool ocrvl_config_is_stop(const ocrvl_config *c, int32_t id);
/* What the system turn of a conversation says that brings none of its own; NULL if there is no such turn. */
const char *ocrvl_config_system(const ocrvl_config *c);
/* The profile's own text for a task, or NULL; owned by c. */
const char *ocrvl_config_prompt(const ocrvl_config *c, const char *task);

#endif
