/* Folders of quantised checkpoints for tests: those of make_quantised.py, beside the rest of qwen2_5-tied. */
#ifndef OCRVL_TESTS_QUANTISED_H
#define OCRVL_TESTS_QUANTISED_H

#include <unistd.h>

#include "base/buf.h"
#include "vectors.h"

#define QUANTISED_BASE "qwen2_5-tied"

static inline void quantised_put(const char *folder, const char *name, const void *data, size_t len)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static inline char *quantised_get(const char *path, size_t *len)
{
    char *data;
    assert_ok(ocrvl_file_read(&data, len, path, 1 << 26, err));
    return data;
}

/* The floats that are in the other file are called something else here, which nobody looks for. */
static inline void quantised_rename(char *data, size_t len)
{
    static const char layer[] = "model.language_model.layers.0.", end[] = "_proj.weight\"";
    size_t n = sizeof end - 1;
    for (size_t i = 0; i + 100 < len; i++)
        for (size_t k = i + sizeof layer - 1; memcmp(data + i, layer, sizeof layer - 1) == 0 && k < i + 60; k++)
            if (memcmp(data + k, end, n) == 0)
                data[k + n - 2] = 'x';
}

/* A folder in /tmp, the caller's to remove, of one of expect.json's kinds; with another quantization_config unless that
 * is NULL. */
static inline void quantised_folder(char folder[64], const ocrvl_json *kind, const char *config)
{
    char path[256];
    size_t len;
    ocrvl_buf b = {0};
    const char *name = vectors_string(ocrvl_json_get(kind, "name"));
    snprintf(folder, 64, "/tmp/ocrvl-quantised-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *data = quantised_get(VECTORS QUANTISED_BASE "/model.safetensors", &len);
    quantised_rename(data, len);
    quantised_put(folder, "base.safetensors", data, len);
    ocrvl_free(data);
    snprintf(path, sizeof path, VECTORS "quantised/%s.safetensors", name);
    data = quantised_get(path, &len);
    quantised_put(folder, "quantised.safetensors", data, len);
    ocrvl_free(data);
    ocrvl_buf_printf(&b,
                     "{\"weight_map\": {\"%s\": \"quantised.safetensors\", \"model.visual.merger.ln_q.weight\": "
                     "\"base.safetensors\"}}",
                     vectors_string(ocrvl_json_get(kind, "tensor")));
    quantised_put(folder, "model.safetensors.index.json", b.data, b.len);
    ocrvl_buf_clear(&b);
    data = quantised_get(VECTORS QUANTISED_BASE "/config.json", &len);
    ocrvl_buf_puts(&b, "{\"quantization_config\": ");
    if (config)
        ocrvl_buf_puts(&b, config);
    else
        ocrvl_json_put(&b, ocrvl_json_get(kind, "config"), false);
    ocrvl_buf_putc(&b, ',');
    ocrvl_buf_put(&b, data + 1, len - 1);
    quantised_put(folder, "config.json", b.data, b.len);
    ocrvl_buf_free(&b);
    ocrvl_free(data);
    static const char *const others[] = {"preprocessor_config.json", "generation_config.json", "tokenizer.json",
                                         "tokenizer_config.json"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(path, sizeof path, VECTORS QUANTISED_BASE "/%s", others[i]);
        data = quantised_get(path, &len);
        quantised_put(folder, others[i], data, len);
        ocrvl_free(data);
    }
}

static inline void quantised_drop(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

#endif
