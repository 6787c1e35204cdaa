/* TIFF in: chains of pages that are broken in the middle, data that are cut or damaged, and what is refused. */
#include "tiffs.h"

static uint32_t get32(const bytes *b, size_t at)
{
    return b->data[at] | (uint32_t)b->data[at + 1] << 8 | (uint32_t)b->data[at + 2] << 16 |
           (uint32_t)b->data[at + 3] << 24;
}

static void set32(bytes *b, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

static size_t directory(const bytes *b, unsigned n, size_t *link)
{
    size_t at = get32(b, 4);
    for (*link = 4; n > 0; n--) {
        *link = at + 2 + 12 * (size_t)(b->data[at] | b->data[at + 1] << 8);
        at = get32(b, *link);
    }
    return at;
}

/* Reads all; returns how many pages failed and checks the widths of the others. */
static unsigned count_failures(const bytes *b, unsigned *good, const char *message)
{
    unsigned bad = 0;
    ocrvl_source *src = open_bytes(b, NULL);
    *good = 0;
    for (;;) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_error e = {0};
        ocrvl_status st = ocrvl_source_next(src, &img, &place, &e);
        if (st == OCRVL_OK && !img)
            break;
        if (st) {
            assert_non_null(strstr(e.message, message));
            bad++;
        } else {
            (*good)++;
            assert_int_equal(ocrvl_image_width(img), 20 + place.index);
        }
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    return bad;
}

static void a_bad_page_does_not_take_the_others(void **state)
{
    (void)state;
    spec pages[4];
    unsigned good;
    size_t link;
    for (uint32_t i = 0; i < 4; i++) {
        pages[i] = plain;
        pages[i].width = 20 + i;
        pages[i].mode = "wl";
        pages[i].rows = pages[i].height; /* one strip is all of the page */
        pages[i].compression = COMPRESSION_LZW;
    }
    for (unsigned victim = 0; victim < 4; victim++) {
        bytes b = make_tiff(pages, 4);
        size_t dir = directory(&b, victim, &link);
        for (size_t e = dir + 2;; e += 12) /* its strip lies past the end */
            if ((b.data[e] | b.data[e + 1] << 8) == TIFFTAG_STRIPOFFSETS) {
                set32(&b, get32(&b, e + 4) == 1 ? e + 8 : get32(&b, e + 8), 0x7FFFFFF0);
                break;
            }
        assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
        assert_int_equal(good, 3);
        bytes_free(&b);
        b = make_tiff(pages, 4);
        dir = directory(&b, victim, &link); /* a directory without a width */
        b.data[dir + 2] = 0xFF, b.data[dir + 3] = 0xFE;
        assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
        assert_int_equal(good, 3);
        bytes_free(&b);
    }
    bytes b = make_tiff(pages, 4); /* the chain leads out of the file */
    directory(&b, 2, &link);
    set32(&b, link, 0x7FFFFFF0);
    assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
    assert_int_equal(good, 2);
    for (unsigned back = 0; back < 4; back++) { /* the chain runs in a circle */
        directory(&b, 1, &link);
        bytes_free(&b);
        b = make_tiff(pages, 4);
        size_t to = directory(&b, back, &link);
        directory(&b, 4, &link);
        set32(&b, link, (uint32_t)to);
        assert_int_equal(count_failures(&b, &good, "circle"), 1);
        assert_int_equal(good, 4);
    }
    bytes_free(&b);
}

static uint8_t *entry(const bytes *b, size_t dir, uint16_t tag)
{
    uint8_t *e = b->data + dir + 2;
    for (unsigned n = b->data[dir]; n > 0; n--, e += 12)
        if ((e[0] | e[1] << 8) == tag)
            return e;
    fail_msg("no tag %u", tag);
    return NULL;
}

static void expect_rows(const spec *s, const ocrvl_image *img)
{
    uint8_t want[3];
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++) {
            expected_pixel(want, s, x, y);
            assert_int_equal(rgb_at(img, x, y, 0), want[0]);
        }
}

/* Of a strip that ends early there is what can be decoded, and the page is said to be damaged. */
static void cut_strips(void **state)
{
    (void)state;
    static const uint16_t schemes[] = {COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4, COMPRESSION_JPEG,
                                       COMPRESSION_LZW,       COMPRESSION_PACKBITS,  COMPRESSION_ADOBE_DEFLATE};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        spec s = plain;
        size_t link;
        s.mode = "wl";
        s.width = 400;
        s.rows = s.height;
        s.bits = schemes[i] == COMPRESSION_CCITTFAX3 || schemes[i] == COMPRESSION_CCITTFAX4 ? 1 : 8;
        s.compression = schemes[i];
        bytes b = make_tiff(&s, 1);
        uint8_t *count = entry(&b, directory(&b, 0, &link), TIFFTAG_STRIPBYTECOUNTS) + 8;
        unsigned n = count[0] | (unsigned)count[1] << 8;
        count[0] = (uint8_t)(n / 2), count[1] = (uint8_t)(n / 2 >> 8);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_source *src = open_bytes(&b, NULL);
        ocrvl_image *img = next_page(src, &place);
        assert_non_null(place.damage);
        assert_null(place.original);
        if (s.bits == 8 && schemes[i] != COMPRESSION_JPEG) { /* the first rows are as they were, the last ones white */
            spec top = s;
            top.height = s.height / 3;
            expect_rows(&top, img);
            assert_int_equal(rgb_at(img, 399, s.height - 1, 0), 255);
        }
        ocrvl_image_free(img);
        ocrvl_source_free(src);
        bytes_free(&b);
    }
}

/* A file that ends within its third strip has the rows of the first two. */
static void cut_file(void **state)
{
    (void)state;
    spec s = plain;
    s.mode = "wl";
    s.height = 60;
    s.rows = 20;
    size_t link;
    bytes b = make_tiff(&s, 1);
    uint8_t *at = entry(&b, directory(&b, 0, &link), TIFFTAG_STRIPOFFSETS) + 8;
    uint8_t *third = b.data + (at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16) + 8;
    third[0] = third[1] = third[2] = 0xFF; /* its data begin past the end */
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *src = open_bytes(&b, NULL);
    ocrvl_image *img = next_page(src, &place);
    assert_non_null(place.damage);
    size_t row = (size_t)ocrvl_image_width(img) * ocrvl_image_channels(img);
    const uint8_t *p = ocrvl_image_data(img) + 40 * row;
    for (size_t i = 0; i < 20 * row; i++)
        assert_int_equal(p[i], 255);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
}

/* Of a strip of more rows than the page has the first are taken, whatever they are packed by, and Deflate's sum is
 * looked at, before which libtiff stops. */
static void wrong_sum(void **state)
{
    (void)state;
    spec s = plain, top = plain;
    size_t link;
    s.mode = "wl";
    s.rows = s.height;
    s.compression = COMPRESSION_ADOBE_DEFLATE;
    top.height = 30;
    bytes b = make_tiff(&s, 1);
    size_t dir = directory(&b, 0, &link);
    entry(&b, dir, TIFFTAG_IMAGELENGTH)[8] = entry(&b, dir, TIFFTAG_ROWSPERSTRIP)[8] = (uint8_t)top.height;
    const uint8_t *at = entry(&b, dir, TIFFTAG_STRIPOFFSETS) + 8, *n = entry(&b, dir, TIFFTAG_STRIPBYTECOUNTS) + 8;
    uint8_t *end = b.data + (at[0] | (size_t)at[1] << 8) + (n[0] | (size_t)n[1] << 8);
    for (int wrong = 0; wrong < 2; wrong++) {
        ocrvl_page_place place = {.size = sizeof place};
        end[-1] ^= (uint8_t)wrong;
        ocrvl_image *img = read_first(&b, &place);
        assert_int_equal(place.damage != NULL, wrong);
        expect_rows(&top, img);
        ocrvl_image_free(img);
    }
    bytes_free(&b);
}

static void huge_tiles(void **state)
{
    (void)state;
    spec s = plain;
    size_t link;
    s.mode = "wl";
    s.tiled = true;
    bytes b = make_tiff(&s, 1);
    uint8_t *e = entry(&b, directory(&b, 0, &link), TIFFTAG_TILEWIDTH);
    e[2] = 4;                                         /* LONG */
    e[10] = 1;                                        /* 65568 */
    expect_error(&b, NULL, OCRVL_E_FORMAT, "TIFF: "); /* too few tiles' worth of data */
    e = entry(&b, directory(&b, 0, &link), TIFFTAG_TILELENGTH);
    e[2] = 4;
    e[10] = 1;
    expect_error(&b, NULL, OCRVL_E_LIMIT, "tiles of 65568 x 65552");
    bytes_free(&b);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    spec s = plain;
    bytes b = make_tiff(&s, 1);
    ocrvl_source_options small = {.size = sizeof small, .max_pixels = 45 * 37 - 1};
    expect_error(&b, &small, OCRVL_E_LIMIT, "45 x 37");
    set32(&b, 4, 0);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "the TIFF has no page");
    set32(&b, 4, 0xFFFFFF00);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "TIFF: ");
    bytes_free(&b);
    s.bits = 16;
    b = make_tiff(&s, 1);
    size_t link, dir = directory(&b, 0, &link), n = b.data[dir];
    for (size_t i = 0; i < n; i++) { /* one tag becomes SampleFormat: complex numbers */
        uint8_t *e = b.data + dir + 2 + 12 * i;
        if ((e[0] | e[1] << 8) == TIFFTAG_PLANARCONFIG)
            e[0] = TIFFTAG_SAMPLEFORMAT & 255, e[1] = TIFFTAG_SAMPLEFORMAT >> 8, e[8] = SAMPLEFORMAT_COMPLEXIEEEFP;
    }
    expect_error(&b, NULL, OCRVL_E_UNSUPPORTED, "complex numbers");
    bytes_free(&b);
    s = plain; /* no memory is asked for that no page needs */
    s.mode = "wl";
    s.width = 60000;
    b = make_tiff(&s, 1);
    uint8_t *samples = entry(&b, directory(&b, 0, &link), TIFFTAG_SAMPLESPERPIXEL) + 8;
    samples[0] = samples[1] = 0xFF;
    expect_error(&b, NULL, OCRVL_E_LIMIT, "are over the limit");
    bytes_free(&b);
    s = plain;
    s.samples = 2;
    s.photometric = PHOTOMETRIC_RGB;
    b = make_tiff(&s, 1);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "too few");
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_page_does_not_take_the_others),
        cmocka_unit_test(cut_strips),
        cmocka_unit_test(cut_file),
        cmocka_unit_test(wrong_sum),
        cmocka_unit_test(huge_tiles),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    TIFFSetWarningHandler(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
