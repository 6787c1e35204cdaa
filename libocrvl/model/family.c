#include "model/family.h"

#include <string.h>

#define ASSISTANT "You are a helpful assistant."

static const ocrvl_family families[] = {
    {
        .type = "qwen2_vl",
        .name = "Qwen2-VL",
        .gguf = "qwen2vl",
        .projector = "qwen2vl_merger",
        .v_width = "embed_dim",
        .v_out = "hidden_size",
        .v_activation = "quick_gelu",
        .v_mlp_ratio = true,
        .v_in = "mlp.fc1",
        .v_down = "mlp.fc2",
        .merger_norm = "ln_q",
        .merger_in = "mlp.0",
        .merger_out = "mlp.2",
        .v_ending = OCRVL_END_GELU,
        .depth = 32,
        .patch = 14,
        .context = 32768,
        .rms_eps = 1e-5,
        .rope_theta = 1e6,
        .qkv_bias = true,
        .system = ASSISTANT,
        .boxes = OCRVL_BOX_TAGS,
        .video = OCRVL_VIDEO_SLOTS,
    },
    {
        .type = "qwen2_5_vl",
        .name = "Qwen2.5-VL",
        .gguf = "qwen2vl",
        .projector = "qwen2.5vl_merger",
        .v_width = "hidden_size",
        .v_out = "out_hidden_size",
        .v_activation = "silu",
        .windows = true,
        .v_in = "mlp.gate_proj",
        .v_up = "mlp.up_proj",
        .v_down = "mlp.down_proj",
        .merger_norm = "ln_q",
        .merger_in = "mlp.0",
        .merger_out = "mlp.2",
        .v_ending = OCRVL_END_SILU,
        .v_rms = true,
        .depth = 32,
        .patch = 14,
        .context = 32768,
        .rms_eps = 1e-5,
        .rope_theta = 1e6,
        .qkv_bias = true,
        .system = ASSISTANT,
        .boxes = OCRVL_BOX_PIXELS,
        .video = OCRVL_VIDEO_SECONDS,
    },
    {
        .type = "qwen3_vl",
        .name = "Qwen3-VL",
        .gguf = "qwen3vl",
        .projector = "qwen3vl_merger",
        .v_width = "hidden_size",
        .v_out = "out_hidden_size",
        .v_activation = "gelu_pytorch_tanh",
        .places = true,
        .deepstack = true,
        .v_in = "mlp.linear_fc1",
        .v_down = "mlp.linear_fc2",
        .merger_norm = "norm",
        .merger_in = "linear_fc1",
        .merger_out = "linear_fc2",
        .v_ending = OCRVL_END_TANH_GELU,
        .patch_bias = true,
        .depth = 27,
        .patch = 16,
        .context = 128000,
        .rms_eps = 1e-6,
        .rope_theta = 5e5,
        .head_dim = 128,
        .qk_norm = true,
        .mrope_mixed = true,
        .boxes = OCRVL_BOX_THOUSAND,
        .video = OCRVL_VIDEO_STAMPS,
    },
};

const ocrvl_family *ocrvl_family_at(size_t i) { return i < sizeof families / sizeof *families ? &families[i] : NULL; }

const ocrvl_family *ocrvl_family_of_type(const char *type)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(families[i].type, type) == 0)
            return &families[i];
    return NULL;
}

const ocrvl_family *ocrvl_family_of_projector(const char *type, size_t len)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strlen(families[i].projector) == len && memcmp(families[i].projector, type, len) == 0)
            return &families[i];
    return NULL;
}
