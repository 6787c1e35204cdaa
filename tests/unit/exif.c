/* EXIF as JPEG's reader and PDF's writer take it, sound and broken. */
#include "testing.h"

#include <string.h>

#include "base/exif.h"

/* "Exif", a little-endian TIFF header, and a directory of one entry: ORIENTATION of the type at 0 with the value 6. */
static const uint8_t sound[] = {'E',  'x',  'i', 'f', 0, 0, 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0,
                                0x12, 0x01, 3,   0,   1, 0, 0,   0,   6,   0, 0, 0, 0, 0, 0, 0};
enum { MARK = 6, TYPE = 18, VALUE = 24, OFFSET = 10, COUNT = 14 };

static unsigned orientation_of(const uint8_t *p, size_t len)
{
    ocrvl_exif e = {.orientation = 1};
    ocrvl_exif_read(&e, p, len);
    return e.orientation;
}

static unsigned with(size_t at, uint8_t byte)
{
    uint8_t p[sizeof sound];
    memcpy(p, sound, sizeof p);
    p[at] = byte;
    return orientation_of(p, sizeof p);
}

static void orientation(void **state)
{
    (void)state;
    assert_int_equal(orientation_of(sound, sizeof sound), 6);
    for (uint8_t v = 0; v < 12; v++)
        assert_int_equal(with(VALUE, v), v >= 1 && v <= 8 ? v : 1);
    uint8_t made[OCRVL_EXIF_ORIENTATION];
    ocrvl_exif_put_orientation(made, 6);
    assert_memory_equal(made, sound, sizeof sound);
    static const uint8_t big[] = {'E',  'x',  'i', 'f', 0, 0, 'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1,
                                  0x01, 0x12, 0,   3,   0, 0, 0,   1,   0, 8,   0, 0, 0, 0, 0, 0};
    assert_int_equal(orientation_of(big, sizeof big), 8);
}

static void broken(void **state)
{
    (void)state;
    assert_int_equal(with(0, 'e'), 1);    /* another segment */
    assert_int_equal(with(MARK, 'J'), 1); /* no TIFF header */
    assert_int_equal(with(MARK + 2, 0), 1);
    assert_int_equal(with(TYPE, 4), 1);     /* no SHORT */
    assert_int_equal(with(OFFSET, 7), 1);   /* the directory within the header, */
    assert_int_equal(with(OFFSET, 250), 1); /* and outside */
    assert_int_equal(with(OFFSET + 3, 255), 1);
    assert_int_equal(with(COUNT, 0), 1);
    assert_int_equal(with(COUNT, 255), 6); /* more entries than there are */
    for (size_t n = 0; n < sizeof sound - 4; n++) {
        uint8_t p[sizeof sound];
        memcpy(p, sound, n);
        assert_int_equal(orientation_of(p, n), 1);
    }
}

/* A rational: at 8 bytes before the end, 300 dots for each of the unit. */
static void density(void **state)
{
    (void)state;
    uint8_t p[] = {'E', 'x', 'i', 'f', 0, 0, 'I', 'I', '*',  0,    8,    0,    0, 0, 2, 0, 0x1A, 0x01,
                   5,   0,   1,   0,   0, 0, 38,  0,   0,    0,    0x28, 0x01, 3, 0, 1, 0, 0,    0,
                   3,   0,   0,   0,   0, 0, 0,   0,   0x2C, 0x01, 0,    0,    1, 0, 0, 0};
    ocrvl_exif e = {.orientation = 1};
    ocrvl_exif_read(&e, p, sizeof p);
    assert_true(e.dpi_x > 761.9 && e.dpi_x < 762.1 && e.dpi_y == 0 && e.orientation == 1);
    p[24] = 39; /* it goes over the end */
    ocrvl_exif_read(&e, p, sizeof p);
    assert_true(e.dpi_x == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientation),
        cmocka_unit_test(broken),
        cmocka_unit_test(density),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
