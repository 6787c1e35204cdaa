/* Reading the reference vectors (tests/vectors/data, see the README there). */
#ifndef OCRVL_TESTS_VECTORS_H
#define OCRVL_TESTS_VECTORS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "testing.h"

#define VECTORS "tests/vectors/data/"

static inline ocrvl_json *vectors_json(const char *name)
{
    char path[512];
    ocrvl_json *v;
    snprintf(path, sizeof path, VECTORS "%s", name);
    assert_ok(ocrvl_json_load(&v, path, 1 << 28, err));
    return v;
}

/* n floats of a raw file, or of NAME.xz where only that is there. */
static inline float *vectors_f32(const char *folder, const char *name, size_t n)
{
    char path[512], command[600];
    float *out = ocrvl_alloc_array(n, sizeof *out);
    snprintf(path, sizeof path, VECTORS "%s/%s", folder, name);
    assert_non_null(out);
    if (ocrvl_file_exists(path))
        snprintf(command, sizeof command, "cat '%s'", path);
    else
        snprintf(command, sizeof command, "xz -dc '%s.xz'", path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_int_equal(fread(out, sizeof *out, n, f), n);
    assert_int_equal(fgetc(f), EOF);
    assert_int_equal(pclose(f), 0);
    return out;
}

/* A PNG as RGB. */
static inline uint8_t *vectors_png(const char *folder, const char *name, size_t *width, size_t *height)
{
    char path[512];
    png_image image = {.version = PNG_IMAGE_VERSION};
    snprintf(path, sizeof path, VECTORS "%s/%s", folder, name);
    assert_int_not_equal(png_image_begin_read_from_file(&image, path), 0);
    image.format = PNG_FORMAT_RGB;
    uint8_t *out = ocrvl_alloc(PNG_IMAGE_SIZE(image));
    assert_non_null(out);
    assert_int_not_equal(png_image_finish_read(&image, NULL, out, 0, NULL), 0);
    *width = image.width;
    *height = image.height;
    return out;
}

static inline int64_t vectors_int(const ocrvl_json *v)
{
    int64_t n;
    assert_true(ocrvl_json_int(v, &n));
    return n;
}

static inline double vectors_number(const ocrvl_json *v)
{
    double d;
    assert_true(ocrvl_json_number(v, &d));
    return d;
}

static inline const char *vectors_string(const ocrvl_json *v)
{
    const char *s = ocrvl_json_string(v, NULL);
    assert_non_null(s);
    return s;
}

/* A list of whole numbers in new memory. */
static inline int32_t *vectors_ints(const ocrvl_json *v, size_t *n)
{
    *n = ocrvl_json_length(v);
    int32_t *out = ocrvl_alloc_array(*n, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < *n; i++)
        out[i] = (int32_t)vectors_int(ocrvl_json_at(v, i));
    return out;
}

#endif
