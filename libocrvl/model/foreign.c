#include "model/foreign.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hub.h"
#include "base/mem.h"
#include "model/family.h"

/* ---- places ------------------------------------------------------------------------------------------ */

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

/* What a folder is told by: the pattern of a name in it. */
typedef struct sign {
    const char *pattern, *what;
} sign;

/* What the first of the signs that is in the folder says; NULL if there is none of them. */
static const char *what_signs(const char *dir, const sign *signs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        DIR *d = opendir(*dir ? dir : ".");
        bool found = false;
        for (const struct dirent *e; d && !found && (e = readdir(d));)
            found = fnmatch(signs[i].pattern, e->d_name, 0) == 0;
        if (d)
            closedir(d);
        if (found)
            return signs[i].what;
    }
    return NULL;
}

static bool begins_with(const char *path, const char *magic)
{
    char head[16] = "";
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0, k = strlen(magic);
    if (f)
        fclose(f);
    return n >= k && memcmp(head, magic, k) == 0;
}

bool ocrvl_foreign_is_gguf(const char *path) { return begins_with(path, "GGUF"); }

static const char *what_file(const char *path)
{
    if (ocrvl_foreign_is_gguf(path))
        return "a GGUF file, as llama.cpp has them: make a folder of it and its mmproj with "
               "'ocrvl pack -o DIR MODEL.gguf MMPROJ.gguf'";
    if (ends_in(path, ".safetensors"))
        return "a file of weights: name the folder that it is in";
    return "a file, not a checkpoint's folder";
}

#define PICKLED "what PyTorch has pickled can't be read: save it again as safetensors"
#define ONNX "ONNX files can't be read: take the checkpoint that they were made from"

static const char *what_folder(const char *dir)
{
    static const sign signs[] = {
        {"*.gguf", "GGUF files, as llama.cpp has them: make a folder of the model and its mmproj with "
                   "'ocrvl pack -o DIR MODEL.gguf MMPROJ.gguf'"},
        {"adapter_config.json", "an adapter (LoRA), not a model: merge it into its base model first"},
        {"config.json", "the file that config.json links to is not in the hub's cache: run 'ocrvl pull' again"},
        {"snapshots", "a folder of the hub's cache: name the folder in its snapshots, or the model's id"},
        {"models--*", "the hub's cache itself: name a model in it by its id (Owner/Name)"},
        {"params.json", "a checkpoint in its maker's own layout, without the config.json of Hugging Face's"},
        {"model_index.json", "a pipeline of diffusers, which draws images and doesn't read them"},
        {"*.traineddata", "Tesseract's data, which Tesseract alone can use"},
        {"*.pdiparams", "a model of PaddlePaddle, which ocrvl doesn't run"},
        {"*.onnx", ONNX},
        {"*.safetensors", "weights without the config.json and tokenizer.json that belong to them"},
        {"*.pt", PICKLED},
        {"*.pth", PICKLED},
        {"pytorch_model*.bin", PICKLED}};
    const char *what = what_signs(dir, signs, sizeof signs / sizeof *signs);
    return what ? what : "not a checkpoint folder";
}

/* The id at the end of the address of a model's page on the hub; NULL if `name` is something else. */
static const char *id_of_address(const char *name)
{
    const char *at = strstr(name, "://"), *host = at ? at + 3 : name, *path = strchr(host, '/');
    bool hub = strncmp(host, "huggingface.co/", 15) == 0 || strncmp(host, "hf.co/", 6) == 0;
    return path && (at || hub) && ocrvl_hub_is_id(path + 1) ? path + 1 : NULL;
}

ocrvl_status ocrvl_foreign_place(const char *dir, ocrvl_error *err)
{
    struct stat st;
    const char *id = id_of_address(dir);
    char *path = ocrvl_path_join(dir, "config.json");
    if (!path)
        return ocrvl_fail_nomem(err);
    bool there = stat(*dir ? dir : ".", &st) == 0;
    if (!there && ocrvl_hub_is_id(dir))
        ocrvl_fail(err, OCRVL_E_MODEL,
                   "%s: missing: there is no such folder, and no such model in the hub's cache: "
                   "fetch it with 'ocrvl pull %s'",
                   path, dir);
    else if (!there && id)
        ocrvl_fail(err, OCRVL_E_MODEL, "%s: an address, not a folder: fetch the model with 'ocrvl pull %s'", dir, id);
    else
        ocrvl_fail(err, OCRVL_E_MODEL, "%s: missing: %s", path,
                   !there                ? "there is no such folder"
                   : S_ISDIR(st.st_mode) ? what_folder(dir)
                                         : what_file(dir));
    ocrvl_free(path);
    return OCRVL_E_MODEL;
}

/* ---- other models ------------------------------------------------------------------------------------ */

static const struct {
    const char *type, *what;
} others[] = {{"paligemma", "PaliGemma"},
              {"gemma3", "Gemma 3"},
              {"llava", "LLaVA"},
              {"llava_next", "LLaVA-NeXT"},
              {"llava_onevision", "LLaVA-OneVision"},
              {"idefics2", "Idefics 2"},
              {"idefics3", "Idefics 3 or a Docling model of its kind"},
              {"smolvlm", "SmolVLM"},
              {"mllama", "Llama 3.2 Vision"},
              {"pixtral", "Pixtral"},
              {"mistral3", "Mistral 3 or a model with a Pixtral tower, such as LightOnOCR"},
              {"internvl", "InternVL"},
              {"internvl_chat", "InternVL"},
              {"minicpmv", "MiniCPM-V"},
              {"florence2", "Florence-2"},
              {"got_ocr2", "GOT-OCR 2"},
              {"vision-encoder-decoder", "an encoder with a decoder, such as TrOCR, Donut or Nougat"},
              {"glm4v", "GLM-4V"},
              {"glm_ocr", "GLM-OCR"},
              {"paddleocr_vl", "PaddleOCR-VL"},
              {"dots_ocr", "dots.ocr"},
              {"deepseek_vl_v2", "DeepSeek-VL2 or DeepSeek-OCR"},
              {"deepseekocr", "DeepSeek-OCR"},
              {"hunyuan_vl", "HunyuanOCR"},
              {"phi3_v", "Phi-3 Vision"},
              {"qwen2_5_omni", "Qwen2.5-Omni"},
              {"qwen3_vl_moe", "Qwen3-VL with experts; only its dense sizes run"},
              {"qwen3_5", "Qwen3.5, whose decoder isn't one of attention alone"},
              {"qwen2", "Qwen2, which sees no pictures"},
              {"qwen2_5", "Qwen2.5, which sees no pictures"},
              {"qwen3", "Qwen3, which sees no pictures"},
              {"llama", "Llama, which sees no pictures"},
              {"mistral", "Mistral, which sees no pictures"}};

/* "Qwen2-VL, Qwen2.5-VL and Qwen3-VL" */
static void list_families(char *text, size_t cap)
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; ocrvl_family_at(i) && at < cap; i++)
        at += (size_t)snprintf(text + at, cap - at, "%s%s",
                               i == 0                   ? ""
                               : ocrvl_family_at(i + 1) ? ", "
                                                        : " and ",
                               ocrvl_family_at(i)->name);
}

ocrvl_status ocrvl_foreign_type(const char *path, const char *type, ocrvl_error *err)
{
    char families[128];
    list_families(families, sizeof families);
    for (size_t i = 0; type && i < sizeof others / sizeof *others; i++)
        if (strcmp(type, others[i].type) == 0)
            return ocrvl_fail(err, OCRVL_E_MODEL, "%s: model_type is %s (%s); ocrvl runs %s", path, type,
                              others[i].what, families);
    if (!type)
        return ocrvl_fail(err, OCRVL_E_MODEL, "%s: model_type is missing; ocrvl runs %s", path, families);
    return ocrvl_fail(err, OCRVL_E_MODEL, "%s: model_type is '%.60s'; ocrvl runs %s", path, type, families);
}

/* ---- other numbers ----------------------------------------------------------------------------------- */

ocrvl_status ocrvl_foreign_kind(const char *path, ocrvl_numbers_kind kind, ocrvl_error *err)
{
    const char *name = ocrvl_numbers_name(kind);
    return ocrvl_fail(err, OCRVL_E_MODEL,
                      "%s: quantization_config: the weights are %s: run 'ocrvl pack -o DIR' first, which makes a "
                      "checkpoint of them that can be read",
                      path, name);
}

ocrvl_status ocrvl_foreign_weights(const char *dir, ocrvl_error *err)
{
    static const sign signs[] = {
        {"*.incomplete", "a download broke off here"},
        {"*.gguf", "make a folder of the GGUF file and its mmproj with 'ocrvl pack -o DIR MODEL.gguf MMPROJ.gguf'"},
        {"model-*-of-*.safetensors", "the index, which says what is in its shards, is missing"},
        {"*.safetensors", "weights of another name are there"},
        {"pytorch_model*.bin*", PICKLED},
        {"*.pth", PICKLED},
        {"*.onnx", ONNX},
        {"onnx", ONNX},
        {"tf_model.h5", "TensorFlow's files can't be read: save them again as safetensors"},
        {"flax_model*.msgpack", "Flax's files can't be read: save them again as safetensors"}};
    const char *what = what_signs(dir, signs, sizeof signs / sizeof *signs);
    return ocrvl_fail(err, OCRVL_E_MODEL, "%s: neither model.safetensors nor model.safetensors.index.json%s%s", dir,
                      what ? "; " : "", what ? what : "");
}
