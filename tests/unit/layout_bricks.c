/* Gaps filled and runs kept, beside Leptonica's closing and opening. */
#include "testing.h"

#include "base/mem.h"
#include "layout/layout_parts.h"

static uint32_t seed = 1;

static uint32_t chance(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

/* Runs and gaps of up to `longest` pixels; what lies behind the rows' ends in Leptonica's words is set. */
static PIX *draw(int32_t w, int32_t h, uint32_t longest, bool upright)
{
    PIX *pix = pixCreate(w, h, 1);
    assert_non_null(pix);
    pixSetAll(pix);
    for (int32_t a = 0, lines = upright ? w : h; a < lines; a++)
        for (int32_t b = 0, length = upright ? h : w; b < length;) {
            bool on = chance(2);
            for (uint32_t n = 1 + chance(longest); n && b < length; n--, b++)
                pixSetPixel(pix, upright ? a : b, upright ? b : a, on);
        }
    return pix;
}

static void assert_same(PIX *ours, PIX *theirs)
{
    l_int32 same = 0;
    assert_non_null(ours);
    assert_non_null(theirs);
    assert_int_equal(pixEqual(ours, theirs, &same), 0);
    assert_true(same);
    pixDestroy(&ours);
    pixDestroy(&theirs);
}

static const int32_t sides[][2] = {{1, 1}, {31, 40}, {32, 32}, {33, 7}, {200, 150}, {257, 300}, {64, 97}};

static void close_gaps(void **state)
{
    (void)state;
    static const int32_t lengths[] = {1, 3, 5, 13, 31, 33, 65, 101};
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (int upright = 0; upright < 2; upright++) {
                int32_t n = lengths[i];
                PIX *pix = draw(sides[s][0], sides[s][1], (uint32_t)n + 3, upright);
                assert_same(ocrvl_close_gaps(pix, n, upright),
                            upright ? pixCloseBrick(NULL, pix, 1, n) : pixCloseBrick(NULL, pix, n, 1));
                pixDestroy(&pix);
            }
}

static void keep_runs(void **state)
{
    (void)state;
    static const int32_t lengths[] = {1, 2, 3, 8, 31, 32, 33, 64, 100, 149};
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (int upright = 0; upright < 2; upright++) {
                int32_t n = lengths[i];
                PIX *pix = draw(sides[s][0], sides[s][1], 2 * (uint32_t)n, upright);
                assert_same(ocrvl_keep_runs(pix, n, upright),
                            upright ? pixOpenBrick(NULL, pix, 1, n) : pixOpenBrick(NULL, pix, n, 1));
                pixDestroy(&pix);
            }
}

static void no_memory(void **state)
{
    (void)state;
    PIX *pix = draw(100, 100, 9, false);
    ocrvl_mem_fail_after(1);
    assert_null(ocrvl_close_gaps(pix, 5, false));
    assert_null(ocrvl_keep_runs(pix, 5, true));
    ocrvl_mem_fail_after(0);
    pixDestroy(&pix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_gaps),
        cmocka_unit_test(keep_runs),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
