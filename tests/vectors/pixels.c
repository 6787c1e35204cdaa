/* smart_resize, Pillow's bicubic to the byte, and pixel values. */
#include "model/pixels.h"
#include "vectors.h"

static void smart_resize(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("smart_resize.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) > 100);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        const ocrvl_json *c = ocrvl_json_at(cases, i);
        uint64_t h = 7, w = 7;
        ocrvl_status st = ocrvl_smart_resize(
            (uint64_t)vectors_int(ocrvl_json_get(c, "height")), (uint64_t)vectors_int(ocrvl_json_get(c, "width")),
            (uint64_t)vectors_int(ocrvl_json_get(c, "factor")), (uint64_t)vectors_int(ocrvl_json_get(c, "min_pixels")),
            (uint64_t)vectors_int(ocrvl_json_get(c, "max_pixels")), &h, &w, NULL);
        if (ocrvl_json_get(c, "error")) {
            assert_int_not_equal(st, OCRVL_OK);
            continue;
        }
        assert_int_equal(st, OCRVL_OK);
        assert_int_equal(h, vectors_int(ocrvl_json_get(c, "h")));
        assert_int_equal(w, vectors_int(ocrvl_json_get(c, "w")));
    }
    ocrvl_json_free(root);
}

static void check_resize(const uint8_t *rgb, size_t width, size_t height, const char *file, bool pillow13)
{
    size_t w, h;
    uint8_t *want = vectors_png("processor", file, &w, &h), *got;
    assert_ok(ocrvl_resize_bicubic(&got, rgb, height, width, 3, h, w, pillow13, err));
    assert_memory_equal(got, want, w * h * 3);
    ocrvl_free(got);
    ocrvl_free(want);
}

static void check_patches(const ocrvl_json *c)
{
    size_t w, h;
    ocrvl_config config = {.patch = 14,
                           .merge = 2,
                           .temporal = 2,
                           .rescale = 0.00392156862745098,
                           .mean = {0.48145466f, 0.4578275f, 0.40821073f},
                           .std = {0.26862954f, 0.26130258f, 0.27577711f}};
    uint8_t *picture = vectors_png("processor", vectors_string(ocrvl_json_get(c, "resized")), &w, &h);
    size_t n = h / 14 * (w / 14);
    const ocrvl_json *shape = ocrvl_json_get(c, "pixel_values_shape");
    assert_int_equal(vectors_int(ocrvl_json_at(shape, 0)), n);
    assert_int_equal(vectors_int(ocrvl_json_at(shape, 1)), ocrvl_patch_size(&config));
    float *want = vectors_f32("processor", vectors_string(ocrvl_json_get(c, "pixel_values")), n * 1176);
    float *got = ocrvl_alloc_array(n * 1176, sizeof *got);
    assert_non_null(got);
    ocrvl_patchify(&config, picture, h, w, 3, got);
    for (size_t i = 0; i < n * 1176; i++)
        assert_true(fabsf(got[i] - want[i]) <= 1e-6f);
    ocrvl_free(got);
    ocrvl_free(want);
    ocrvl_free(picture);
}

static void pictures(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("processor/processor.json");
    const ocrvl_json *images = ocrvl_json_get(root, "images");
    assert_true(ocrvl_json_length(images) >= 15);
    for (size_t i = 0; i < ocrvl_json_length(images); i++) {
        const ocrvl_json *c = ocrvl_json_at(images, i);
        size_t width, height;
        uint64_t h, w;
        uint8_t *rgb = vectors_png("processor", vectors_string(ocrvl_json_get(c, "rgb")), &width, &height);
        assert_ok(ocrvl_smart_resize(height, width, 28, (uint64_t)vectors_int(ocrvl_json_get(c, "min_pixels")),
                                     (uint64_t)vectors_int(ocrvl_json_get(c, "max_pixels")), &h, &w, err));
        assert_int_equal(h, vectors_int(ocrvl_json_get(c, "resized_height")));
        assert_int_equal(w, vectors_int(ocrvl_json_get(c, "resized_width")));
        check_resize(rgb, width, height, vectors_string(ocrvl_json_get(c, "resized")), true);
        const ocrvl_json *first = ocrvl_json_get(c, "resized_width_first");
        check_resize(rgb, width, height, vectors_string(first ? first : ocrvl_json_get(c, "resized")), false);
        check_patches(c);
        ocrvl_free(rgb);
    }
    ocrvl_json_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(smart_resize), cmocka_unit_test(pictures)};
    return cmocka_run_group_tests_name("pixels", tests, NULL, NULL);
}
