/* Places of patches, M-RoPE ids and the rotary tables at the real sizes. */
#include "model/rope.h"
#include "vectors.h"

enum { IMAGE = 151655, VIDEO = 151656 };

static ocrvl_patch_grid grid_of(const ocrvl_json *v)
{
    return (ocrvl_patch_grid){.t = (uint32_t)vectors_int(ocrvl_json_at(v, 0)),
                              .h = (uint32_t)vectors_int(ocrvl_json_at(v, 1)),
                              .w = (uint32_t)vectors_int(ocrvl_json_at(v, 2))};
}

static void patches(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("rope.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "vision_positions");
    assert_true(ocrvl_json_length(cases) > 1);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        const ocrvl_json *grids = ocrvl_json_get(ocrvl_json_at(cases, i), "grid_thw");
        const ocrvl_json *hw = ocrvl_json_get(ocrvl_json_at(cases, i), "hw");
        size_t at = 0;
        for (size_t g = 0; g < ocrvl_json_length(grids); g++) {
            ocrvl_patch_grid grid = grid_of(ocrvl_json_at(grids, g));
            size_t n = (size_t)grid.h * grid.w;
            uint32_t *y = ocrvl_alloc_array(n, sizeof *y), *x = ocrvl_alloc_array(n, sizeof *x);
            assert_true(y && x);
            ocrvl_vision_positions(grid, 2, y, x);
            for (size_t k = 0; k < n * grid.t; k++, at++) {
                assert_int_equal(y[k % n], vectors_int(ocrvl_json_at(ocrvl_json_at(hw, at), 0)));
                assert_int_equal(x[k % n], vectors_int(ocrvl_json_at(ocrvl_json_at(hw, at), 1)));
            }
            ocrvl_free(y);
            ocrvl_free(x);
        }
        assert_int_equal(at, ocrvl_json_length(hw));
    }
    ocrvl_json_free(root);
}

/* The grids of one row of a batch, in the order of its placeholders: pictures and videos have lists of their own. */
static size_t grids_of_row(const ocrvl_json *c, const int32_t *ids, size_t n, size_t used[2], ocrvl_patch_grid *grids)
{
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        if (ids[i] != IMAGE && ids[i] != VIDEO) {
            i++;
            continue;
        }
        int video = ids[i] == VIDEO;
        const ocrvl_json *list = ocrvl_json_get(c, video ? "video_grid_thw" : "image_grid_thw");
        ocrvl_patch_grid g = grid_of(ocrvl_json_at(list, used[video]++));
        grids[count++] = g;
        i += (size_t)g.t * (g.h / 2) * (g.w / 2);
    }
    return count;
}

/* One row without its padding, which has no positions of its own. The rule of the published model counts where
 * transformers 5 departs from it (`first_rule`). */
static void check_row(const ocrvl_json *c, size_t row, size_t used[2])
{
    size_t n, kept = 0;
    int32_t *ids = vectors_ints(ocrvl_json_at(ocrvl_json_get(c, "input_ids"), row), &n), delta;
    const ocrvl_json *mask = ocrvl_json_at(ocrvl_json_get(c, "attention_mask"), row);
    const ocrvl_json *rule = ocrvl_json_get(c, "first_rule");
    const ocrvl_json *want = ocrvl_json_get(rule ? rule : c, "position_ids");
    const ocrvl_json *deltas = ocrvl_json_get(rule ? rule : c, "rope_deltas");
    int32_t *pos = ocrvl_alloc_array(3 * n, sizeof *pos);
    size_t *from = ocrvl_alloc_array(n, sizeof *from);
    assert_true(pos && from);
    for (size_t i = 0; i < n; i++)
        if (!mask || vectors_int(ocrvl_json_at(mask, i))) {
            ids[kept] = ids[i];
            from[kept++] = i;
        }
    ocrvl_patch_grid grids[16];
    size_t count = grids_of_row(c, ids, kept, used, grids);
    assert_ok(ocrvl_mrope_positions(ids, kept, grids, count, 2, IMAGE, VIDEO, pos, &delta, err));
    for (size_t axis = 0; axis < 3; axis++)
        for (size_t i = 0; i < kept; i++) {
            /* [row][t,h,w][token]: see the README beside the data */
            const ocrvl_json *list = ocrvl_json_at(ocrvl_json_at(want, row), axis);
            assert_int_equal(pos[axis * kept + i], vectors_int(ocrvl_json_at(list, from[i])));
        }
    assert_int_equal(delta, vectors_int(ocrvl_json_at(deltas, row)));
    ocrvl_free(ids);
    ocrvl_free(pos);
    ocrvl_free(from);
}

static void prompts(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("rope.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) > 5);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        const ocrvl_json *c = ocrvl_json_at(cases, i);
        size_t used[2] = {0, 0};
        for (size_t r = 0; r < ocrvl_json_length(ocrvl_json_get(c, "input_ids")); r++)
            check_row(c, r, used);
    }
    ocrvl_json_free(root);
}

static void misfits_are_refused(void **state)
{
    (void)state;
    int32_t ids[] = {1, IMAGE, IMAGE, 2}, pos[12], delta;
    ocrvl_patch_grid four = {.t = 1, .h = 4, .w = 4}, two = {.t = 1, .h = 2, .w = 4};
    assert_int_equal(ocrvl_mrope_positions(ids, 4, &four, 1, 2, IMAGE, VIDEO, pos, &delta, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_mrope_positions(ids, 4, NULL, 0, 2, IMAGE, VIDEO, pos, &delta, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_mrope_positions(ids, 1, &two, 1, 2, IMAGE, VIDEO, pos, &delta, NULL), OCRVL_E_ARG);
    assert_ok(ocrvl_mrope_positions(ids, 4, &two, 1, 2, IMAGE, VIDEO, pos, &delta, err));
}

static void check_angles(const ocrvl_json *t, const char *key, size_t row, const float *got, size_t n)
{
    const ocrvl_json *want = ocrvl_json_at(ocrvl_json_get(t, key), row);
    assert_true(ocrvl_json_length(want) >= n);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(got[i] - vectors_number(ocrvl_json_at(want, i))) <= 2e-6);
}

static void tables(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("rope.json");
    const ocrvl_json *t = ocrvl_json_get(ocrvl_json_get(root, "tables"), "text");
    const ocrvl_json *points = ocrvl_json_get(t, "points_thw");
    static const size_t sections[3] = {16, 24, 24};
    float freq[64], cos[64], sin[64];
    ocrvl_rope_frequencies(freq, 64, 1e6);
    assert_true(ocrvl_json_length(points) > 3);
    for (size_t i = 0; i < ocrvl_json_length(points); i++) {
        size_t n;
        int32_t *pos = vectors_ints(ocrvl_json_at(points, i), &n);
        ocrvl_mrope_turn(freq, sections, false, pos, cos, sin);
        check_angles(t, "cos", i, cos, 64);
        check_angles(t, "sin", i, sin, 64);
        ocrvl_free(pos);
    }
    t = ocrvl_json_get(ocrvl_json_get(root, "tables"), "vision");
    ocrvl_rope_frequencies(freq, 20, 1e4);
    const ocrvl_json *want = ocrvl_json_get(t, "inv_freq");
    assert_int_equal(ocrvl_json_length(want), 20);
    for (size_t i = 0; i < 20; i++)
        assert_true(fabs(freq[i] - vectors_number(ocrvl_json_at(want, i))) <= 1e-7);
    points = ocrvl_json_get(t, "points_hw");
    for (size_t i = 0; i < ocrvl_json_length(points); i++) {
        for (size_t j = 0; j < 40; j++) { /* the first 20 turn by row, the next by column */
            float angle = (float)vectors_int(ocrvl_json_at(ocrvl_json_at(points, i), j / 20)) * freq[j % 20];
            cos[j] = cosf(angle);
            sin[j] = sinf(angle);
        }
        check_angles(t, "cos", i, cos, 40);
        check_angles(t, "sin", i, sin, 40);
    }
    ocrvl_json_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(patches), cmocka_unit_test(prompts),
                                       cmocka_unit_test(misfits_are_refused), cmocka_unit_test(tables)};
    return cmocka_run_group_tests_name("rope", tests, NULL, NULL);
}
