/* What a checkpoint's JSON files say: config.json (flat or nested), preprocessor_config.json, generation_config.json and
 * our own ocrvl.json. Every number is checked against a range that keeps all later products small. */
#ifndef OCRVL_MODEL_CONFIG_H
#define OCRVL_MODEL_CONFIG_H

#include "ocrvl.h"

enum { OCRVL_MAX_STOPS = 16, OCRVL_MAX_TEMPORAL = 8 };

typedef struct ocrvl_config {
    /* decoder */
    size_t width, layers, heads, kv_heads, head_dim, intermediate, vocab, context;
    float rms_eps;
    double rope_theta;
    size_t mrope[3]; /* half-dims that turn by t, h, w; their sum is head_dim / 2 */
    bool tied;
    bool bf16_cache; /* how keys and values are kept: set as the weights are opened, false: float32 */
    /* vision tower */
    size_t v_width, v_depth, v_heads, v_head_dim, v_mlp;
    size_t patch, merge, temporal;
    /* tokens */
    int32_t image_token, video_token;
    int32_t stops[OCRVL_MAX_STOPS];
    size_t stop_count;
    /* pictures */
    uint64_t min_pixels, max_pixels;
    float mean[3], std[3];
    double rescale;
    /* generation */
    bool do_sample;
    double temperature, top_p, repetition_penalty;
    size_t top_k; /* 0: no limit */
    /* profile (DESIGN section 6) */
    bool line_reader;
    bool no_system; /* the turn begins with the user's */
    char *system;   /* owned; NULL: the template's default */
    char *task;     /* owned; the prompt that suits the checkpoint; NULL: not said */
    struct ocrvl_json *prompts; /* owned; {"text": "...", ...}: texts in place of ours; or NULL */
    size_t line_height, max_width; /* of a line reader's strips */
    double confidence_temperature; /* divides logits before probabilities are told as confidence; 1: as they are */
} ocrvl_config;

/* OCRVL_E_MODEL: not a Qwen2-VL, or a key is missing or out of range (the message names file and key). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_config_load(ocrvl_config *c, const char *dir, ocrvl_error *err);
void ocrvl_config_free(ocrvl_config *c);
/* Whether a token ends an answer. */
bool ocrvl_config_is_stop(const ocrvl_config *c, int32_t id);
/* The profile's own text for a task, or NULL. Borrowed. */
const char *ocrvl_config_prompt(const ocrvl_config *c, const char *task);

#endif
