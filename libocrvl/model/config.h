/* The contents of a checkpoint's JSON files: config.json (flat or nested), processor_config.json or
 * preprocessor_config.json, generation_config.json and our own ocrvl.json. Every number is checked against a range that
 * keeps all later products small. */
#ifndef OCRVL_MODEL_CONFIG_H
#define OCRVL_MODEL_CONFIG_H

#include "ocrvl.h"

enum { OCRVL_MAX_STOPS = 16, OCRVL_MAX_TEMPORAL = 8 };

typedef struct ocrvl_config {
    /* decoder */
    size_t width, layers, heads, kv_heads, head_dim, intermediate, vocab, context;
    float rms_eps;
    double rope_theta;
    size_t mrope[3]; /* half-dims that t, h and w rotate; their sum is head_dim / 2 */
    bool tied;
    bool bf16_cache; /* keys and values are stored as bfloat16 instead of float32; set when the weights are opened */
    /* vision tower */
    size_t v_width, v_depth, v_heads, v_head_dim, v_mlp;
    size_t patch, merge, temporal;
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
    bool no_system;                /* the prompt begins with the user's turn */
    char *system;                  /* owned; NULL means the template's default */
    char *task;                    /* owned; the checkpoint's preferred prompt, or NULL if it names none */
    struct ocrvl_json *prompts;    /* owned; {"text": "...", ...}: texts that replace ours; or NULL */
    size_t line_height, max_width; /* size of a line reader's images */
    double confidence_temperature; /* logits are divided by it before probabilities become confidences; 1 leaves them
                                    * unchanged */
} ocrvl_config;

/* Fails with OCRVL_E_MODEL if the model isn't a Qwen2-VL, or if a key is missing or out of range; the message names
 * file and key. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_config_load(ocrvl_config *c, const char *dir, ocrvl_error *err);
void ocrvl_config_free(ocrvl_config *c);
/* Whether a token ends an answer. */
bool ocrvl_config_is_stop(const ocrvl_config *c, int32_t id);
/* The profile's own text for a task, or NULL; owned by c. */
const char *ocrvl_config_prompt(const ocrvl_config *c, const char *task);

#endif
