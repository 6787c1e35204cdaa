/* A video's frames to patches: their size by the published rule, and each slot of the grid its own frames in the order
 * that the reference's reshape and transpose give. */
#include "testing.h"

#include "base/mem.h"
#include "generate/prompt.h"
#include "model/pixels.h"

static ocrvl_config config = {.patch = 14,
                              .merge = 2,
                              .temporal = 2,
                              .rescale = 1.0 / 255,
                              .mean = {0.5f, 0.25f, 0.125f},
                              .std = {0.5f, 0.25f, 2.0f}};

static ocrvl_image *noise(uint32_t width, uint32_t height, uint32_t channels, uint32_t state)
{
    ocrvl_image *img;
    assert_ok(ocrvl_image_new(&img, width, height, channels, 0, 0, 0, err));
    for (size_t i = 0; i < (size_t)width * height * channels; i++) {
        state = state * 1664525 + 1013904223;
        ocrvl_image_pixels(img)[i] = (uint8_t)(state >> 24);
    }
    return img;
}

static void sizes(void **state)
{
    (void)state;
    /* as smart_resize of qwen_vl_utils 0.0.11 gives them under its limits for so many frames */
    static const struct {
        size_t frames;
        uint32_t height, width, want_height, want_width;
    } cases[] = {{2, 720, 1280, 560, 1008},  {4, 1080, 1920, 560, 1008},  {64, 1080, 1920, 532, 980},
                 {100, 720, 1280, 420, 784}, {768, 1080, 1920, 224, 420}, {4, 100, 100, 336, 336},
                 {40, 480, 640, 476, 644},   {766, 480, 640, 280, 364},   {1, 720, 1280, 560, 1008}};
    static const size_t budgets[] = {1, 2, 3, 40, 127, 128, 135, 300, 5000};
    uint64_t h, w;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t slots = (cases[i].frames + 1) / 2;
        assert_ok(ocrvl_video_size(&config, cases[i].height, cases[i].width, cases[i].frames, 0, &h, &w, err));
        assert_int_equal(h, cases[i].want_height);
        assert_int_equal(w, cases[i].want_width);
        for (size_t k = 0; k < sizeof budgets / sizeof *budgets; k++) {
            assert_ok(ocrvl_video_size(&config, cases[i].height, cases[i].width, cases[i].frames, budgets[k] * slots,
                                       &h, &w, err));
            assert_true(h / 28 * (w / 28) <= budgets[k]);
            assert_true(h / 28 * (w / 28) <= 768);
            assert_true(h / 28 * (w / 28) * 3 >= (budgets[k] < 128 ? budgets[k] : 128)); /* and not much less */
        }
    }
}

/* pixel_values of the reference: [t][temporal][3][gh/m][m][patch][gw/m][m][patch] transposed to
 * [t][gh/m][gw/m][m][m][3][temporal][patch][patch]. */
static void check_patches(const ocrvl_pictures *p, size_t skip, uint8_t *const *frames, size_t count, size_t channels)
{
    ocrvl_patch_grid g = p->grids[p->count - 1];
    size_t height = g.h * 14, width = g.w * 14;
    const float *got = p->patches + skip * 1176;
    for (size_t t = 0; t < g.t; t++)
        for (size_t by = 0; by < g.h / 2; by++)
            for (size_t bx = 0; bx < g.w / 2; bx++)
                for (size_t m = 0; m < 4; m++)
                    for (size_t c = 0; c < 3; c++)
                        for (size_t f = 0; f < 2; f++)
                            for (size_t i = 0; i < 196; i++, got++) {
                                size_t frame = 2 * t + f < count ? 2 * t + f : count - 1;
                                size_t y = (by * 2 + m / 2) * 14 + i / 14, x = (bx * 2 + m % 2) * 14 + i % 14;
                                uint8_t v = frames[frame][(y * width + x) * channels + (channels == 3 ? c : 0)];
                                float want = (v / 255.0f - config.mean[c]) / config.std[c];
                                if (!(*got >= want - 1e-5f && *got <= want + 1e-5f))
                                    fail_msg("slot %zu block %zu,%zu of %zu rows: %g, not %g", t, bx, by, height,
                                             (double)*got, (double)want);
                            }
    assert_ptr_equal(got, p->patches + p->rows * 1176);
}

static void patches(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 5; count++) {
        uint32_t channels = count % 2 ? 3 : 1;
        ocrvl_image *img[5] = {NULL};
        uint8_t *scaled[5];
        ocrvl_pictures p = {0};
        size_t tokens, first, still = count == 4 ? 2 : 0; /* a picture before it stays as it is */
        if (still)
            assert_ok(ocrvl_pictures_add_pixels(&p, &config, (const uint8_t[28 * 56]){9}, 28, 56, 1, &tokens, err));
        first = p.rows;
        for (size_t i = 0; i < count; i++)
            img[i] = noise(200, 120, channels, (uint32_t)i + 1);
        ocrvl_clip clip = {.frames = (const ocrvl_image *const *)img, .count = count};
        assert_ok(ocrvl_pictures_add_video(&p, &config, &clip, 40 * ((count + 1) / 2), &tokens, err));
        assert_int_equal(p.count, still ? 2 : 1);
        ocrvl_patch_grid g = p.grids[p.count - 1];
        assert_int_equal(g.t, (count + 1) / 2);
        for (size_t i = 0; i < count; i++)
            assert_ok(ocrvl_resize_bicubic(&scaled[i], ocrvl_image_data(img[i]), 120, 200, channels, g.h * 14, g.w * 14,
                                           false, err));
        check_patches(&p, first, scaled, count, channels);
        for (size_t i = 0; i < count; i++) {
            ocrvl_free(scaled[i]);
            ocrvl_image_free(img[i]);
        }
        ocrvl_pictures_free(&p);
    }
}

/* One grid whose t goes by seconds, or a grid for each slot: the same patches. */
static void families(void **state)
{
    (void)state;
    ocrvl_image *img[5] = {NULL};
    for (size_t i = 0; i < 5; i++)
        img[i] = noise(200, 120, 3, (uint32_t)i + 1);
    ocrvl_clip clip = {.frames = (const ocrvl_image *const *)img, .count = 5, .rate = 1.5};
    ocrvl_pictures p[3] = {{0}};
    static const char *const types[] = {"qwen2_vl", "qwen2_5_vl", "qwen3_vl"};
    size_t tokens[3];
    for (size_t i = 0; i < 3; i++) {
        config.family = ocrvl_family_of_type(types[i]);
        config.tokens_per_second = i == 1 ? 2 : 0;
        assert_ok(ocrvl_pictures_add_video(&p[i], &config, &clip, 120, &tokens[i], err));
        assert_int_equal(p[i].count, i == 2 ? 3 : 1);
        assert_int_equal(p[i].grids[0].t, i == 2 ? 1 : 3);
        assert_true(p[i].grids[0].step == (i == 1 ? (float)(2 * 2 / 1.5) : 0));
        assert_int_equal(tokens[i], tokens[0]);
        assert_int_equal(p[i].rows, p[0].rows);
        assert_memory_equal(p[i].patches, p[0].patches, p[0].rows * 1176 * sizeof(float));
    }
    config.family = ocrvl_family_of_type("qwen2_vl");
    config.tokens_per_second = 0;
    for (size_t i = 0; i < 3; i++)
        ocrvl_pictures_free(&p[i]);
    for (size_t i = 0; i < 5; i++)
        ocrvl_image_free(img[i]);
}

static ocrvl_status add(ocrvl_pictures *p, const ocrvl_image *const *frames, size_t count, ocrvl_error *err)
{
    size_t tokens;
    ocrvl_clip clip = {.frames = frames, .count = count};
    return ocrvl_pictures_add_video(p, &config, &clip, 0, &tokens, err);
}

/* Grey frames among others are as if they were in colour. */
static void grey_among_others(void **state)
{
    (void)state;
    ocrvl_image *grey = noise(60, 60, 1, 1), *wide = noise(60, 60, 3, 1), *other = noise(60, 60, 3, 2);
    ocrvl_pictures p[2] = {{0}};
    for (size_t i = 0; i < 60 * 60 * 3; i++)
        ocrvl_image_pixels(wide)[i] = ocrvl_image_data(grey)[i / 3];
    assert_ok(add(&p[0], (const ocrvl_image *const[]){grey, other, other, grey, grey}, 5, err));
    assert_ok(add(&p[1], (const ocrvl_image *const[]){wide, other, other, wide, wide}, 5, err));
    assert_int_equal(p[0].rows, p[1].rows);
    assert_memory_equal(p[0].patches, p[1].patches, p[0].rows * 1176 * sizeof(float));
    for (size_t i = 0; i < 2; i++)
        ocrvl_pictures_free(&p[i]);
    ocrvl_image_free(grey);
    ocrvl_image_free(wide);
    ocrvl_image_free(other);
}

static void refused(void **state)
{
    (void)state;
    ocrvl_image *a = noise(60, 60, 3, 1), *wider = noise(61, 60, 3, 1), *grey = noise(60, 60, 1, 1),
                *thin = noise(60 * 201, 60, 1, 1);
    ocrvl_pictures p = {0};
    assert_int_equal(add(&p, NULL, 0, NULL), OCRVL_E_ARG);
    assert_int_equal(add(&p, (const ocrvl_image *const[]){a, wider}, 2, NULL), OCRVL_E_ARG);
    assert_int_equal(add(&p, (const ocrvl_image *const[]){thin}, 1, NULL), OCRVL_E_UNSUPPORTED);
    assert_int_equal(p.count, 0);
    bool happened = true;
    for (long n = 1; happened; n++) {
        ocrvl_mem_fail_after(n);
        ocrvl_status st = add(&p, (const ocrvl_image *const[]){a, grey}, 2, NULL);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
        assert_int_equal(p.count, happened ? 0 : 1);
    }
    ocrvl_pictures_free(&p);
    ocrvl_image_free(a);
    ocrvl_image_free(wider);
    ocrvl_image_free(grey);
    ocrvl_image_free(thin);
}

int main(void)
{
    config.family = ocrvl_family_of_type("qwen2_vl");
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(patches), cmocka_unit_test(families),
                                       cmocka_unit_test(grey_among_others), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
