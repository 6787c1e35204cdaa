/* Damaged content and pictures of PDFs: what is mended looks as it would have, and what is missing is told. */
#include "damaged.h"

#include <zlib.h>

static void unbalanced_content(void **state)
{
    static const struct {
        const char *content, *form, *sound, *sound_form;
    } cases[] = {{"Q " PRINT, NULL, PRINT, NULL},
                 {"q Q Q Q " PRINT, NULL, PRINT, NULL},
                 {PRINT "Q 1 0 0 1 0 -20 cm " PRINT, NULL, PRINT "1 0 0 1 0 -20 cm " PRINT, NULL},
                 {"q 1 0 0 1 9 9 cm Q Q (Q) pop " PRINT, NULL, PRINT, NULL},
                 {"/X Do 1 0 0 1 0 -30 cm " PRINT, "Q " PRINT, "/X Do 1 0 0 1 0 -30 cm " PRINT, PRINT}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes damaged = make_page(cases[i].content, NULL, cases[i].form);
        bytes sound = make_page(cases[i].sound, NULL, cases[i].sound_form);
        expect_mended(&sound, &damaged, cases[i].content);
        bytes_free(&damaged);
        bytes_free(&sound);
    }
}

/* ---- what is missing --------------------------------------------------------------------------------- */

static void missing_parts(void **state)
{
    static const char *const cases[][2] = {
        {PRINT, NULL},
        {"", NULL},
        {"/X Do", NULL},
        {"/X Do /X Do", NULL},
        {"/Y Do", "the picture or form Y"},
        {"BT /G 12 Tf 10 50 Td (The minutes) Tj ET", "the font G"},
        {PRINT "/Y Do", "the picture or form Y"},
        {"BI /W 4 /H 4 /CS /G /BPC 8 ID abcd " PRINT, "a picture without an end"},
        {PRINT "BT /F 12 Tf 10 20 Td (is cut he", "Unterminated string"},
        {"foo 1 2 bar " PRINT, NULL}, /* unknown operators do nothing */
        {"ET Q " PRINT, NULL},
        {"\001\002 /F 12 Tf BT \200\201" PRINT "(", "Unterminated string"},
        {"/P <</MCID 0 BDC " PRINT " EMC", "Dictionary key must be a name"}, /* takes all for its keys */
        {"/Pattern cs /P scn " PRINT, "Unknown pattern"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = make_page(cases[i][0], NULL, NULL);
        expect_said(&b, cases[i][1], cases[i][0]);
        bytes_free(&b);
    }
}

/* A form may use what the page's resources have. */
static void resources_of_the_page(void **state)
{
    (void)state;
    bytes b = make_page("/X Do", NULL, "q /X Do Q BT /F 12 Tf 10 50 Td (The minutes) Tj /G 9 Tf ET");
    char said[500];
    ocrvl_image_free(read_damaged(&b, said));
    assert_non_null(strstr(said, "lacks the font G"));
    assert_null(strstr(said, "font F"));
    assert_null(strstr(said, "form X"));
    bytes_free(&b);
}

/* Content that is packed: whole, without its checksum, with a wrong one, of which readers take no notice, cut, by an
 * unknown filter, gone. */
static void packed_content(void **state)
{
    static const struct {
        const char *filter;
        int lost; /* bytes at its end, or all but so many */
        const char *said;
        bool wrong; /* the last byte is another */
    } cases[] = {
        {"/Filter/FlateDecode", 0, NULL, false},
        {"/Filter/FlateDecode", 3, NULL, false},
        {"/Filter/FlateDecode", 0, "content of the page is damaged, and part of it is missing or wrong", true},
        {"/Filter[/FlateDecode]", 0, "content of the page is damaged, and part of it is missing or wrong", true},
        {"/Filter/FlateDecode", 20, "content of the page is damaged", false},
        {"/Filter/FlateDecode", -9, "content of the page is damaged", false},
        {"/Filter/FooDecode", 0, "the unknown filter FooDecode", false},
        {NULL, 0, "content of the page is missing", false}};
    const char content[] = PRINT "q 1 0 0 1 0 -30 cm " PRINT "Q BT /F 9 Tf 5 5 Td (0123456789abcdefghijkl) Tj ET";
    uint8_t packed[300];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdf p;
        char text[100];
        uLongf len = sizeof packed;
        assert_int_equal(compress(packed, &len, (const Bytef *)content, sizeof content - 1), Z_OK);
        packed[len - 1] ^= cases[i].wrong;
        begin_page(&p, "", "/MediaBox[0 0 200 100]/Resources<<" HELVETICA ">>");
        snprintf(text, sizeof text, "<<%s", cases[i].filter ? cases[i].filter : "");
        if (cases[i].filter)
            object(&p, text, packed, cases[i].lost < 0 ? (size_t)-cases[i].lost : len - (size_t)cases[i].lost);
        else
            object(&p, "null", NULL, 0);
        end(&p);
        snprintf(text, sizeof text, "%s without %d", cases[i].filter ? cases[i].filter : "no content", cases[i].lost);
        expect_said(&p.b, cases[i].said, text);
        bytes_free(&p.b);
    }
}

typedef struct bits {
    uint8_t data[1000];
    size_t count;
} bits;

static void put_bits(bits *b, const char *s)
{
    for (; *s; s++)
        if (*s != ' ') {
            b->data[b->count / 8] |= (uint8_t)((*s == '1') << (7 - b->count % 8));
            b->count++;
        }
}

/* A black bar at pixels 8 to 15 of each row, by ITU-T T.6: the first row in horizontal mode, the others as it. */
static bits make_fax(bool end_mark)
{
    bits b = {0};
    put_bits(&b, "001 10011 000101 1");
    for (int y = 1; y < HEIGHT; y++)
        put_bits(&b, "111");
    if (end_mark)
        put_bits(&b, "000000000001 000000000001");
    return b;
}

#define FAX "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 200/Rows 280>>"

static void damaged_pictures(void **state)
{
    (void)state;
    uint8_t *scan = make_scan(1);
    unsigned long jpeg_len;
    unsigned char *jpeg = make_jpeg(scan, &jpeg_len);
    uint8_t *flate = malloc(compressBound(WIDTH * HEIGHT));
    uLongf flate_len = compressBound(WIDTH * HEIGHT);
    assert_non_null(flate);
    assert_int_equal(compress(flate, &flate_len, scan, WIDTH * HEIGHT), Z_OK);
    uint8_t *altered = malloc(flate_len);
    assert_non_null(altered);
    memcpy(altered, flate, flate_len);
    altered[flate_len - 1] ^= 1;
    bits fax = make_fax(true), bare = make_fax(false);
    static const char cut[] = "picture of 200 x 280 pixels is cut or damaged", jp2[] = "\0\0\0\x0CjP  \r\n\x87\n";
    const struct {
        const char *image;
        const void *data;
        size_t len;
        const char *said;
    } cases[] = {
        {GREY, scan, WIDTH * HEIGHT, NULL},
        {GREY, scan, WIDTH * HEIGHT / 2, cut},
        {GREY, scan, 0, cut},
        {GREY, scan, WIDTH * HEIGHT - 1, NULL}, /* no one sees it */
        {GREY "/Filter/DCTDecode", jpeg, jpeg_len, NULL},
        {GREY "/Filter/DCTDecode", jpeg, jpeg_len - 2, NULL}, /* the end mark alone is missing */
        {GREY "/Filter/DCTDecode", jpeg, jpeg_len / 2, cut},
        {GREY "/Filter[/DCTDecode]", jpeg, jpeg_len / 2, cut},
        {GREY "/Filter/DCTDecode", scan, 1000, cut},
        {GREY "/Filter/FlateDecode", flate, flate_len, NULL},
        {GREY "/Filter/FlateDecode", flate, flate_len - 4, NULL}, /* the checksum is missing */
        {GREY "/Filter/FlateDecode", altered, flate_len, cut},
        {GREY "/Filter/FlateDecode", flate, flate_len / 2, cut},
        {GREY "/Filter/FlateDecode", scan, 1000, cut},
        {FAX, fax.data, (fax.count + 7) / 8, NULL},
        {FAX, bare.data, (bare.count + 7) / 8, NULL},
        {FAX, bare.data, bare.count / 8 / 2, cut},
        {GREY "/Filter/JPXDecode", jp2, sizeof jp2 - 1, cut},
        {GREY "/Filter/FooDecode", scan, 1000, "unknown filter FooDecode"},
        {GREY "/Filter[/FlateDecode/FooDecode]", flate, flate_len, "unknown filter FooDecode"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char what[100];
        scan_spec s = {.image = cases[i].image};
        bytes b = make_pdf(&s, cases[i].data, cases[i].len);
        snprintf(what, sizeof what, "case %zu, %.60s", i, cases[i].image);
        expect_said(&b, cases[i].said, what);
        bytes_free(&b);
    }
    free(scan);
    free(jpeg);
    free(flate);
    free(altered);
}

/* Each picture is grey, one byte a pixel: runs of 100 and literals by PackBits; LZW as eight literals after each clear
 * code, of 9 bits all; a JBIG2 page of one segment more. */
static void cut_without_a_sound(void **state)
{
    static const char cut[] = "is cut or damaged";
    uint8_t runs[WIDTH * HEIGHT / 50], jbig2[80] = {0, 0, 0, 0, 48, 0, 1, 0, 0, 0, 19, 0, 0, 0, 200, 0, 0, 1, 24};
    bits lzw = {0};
    (void)state;
    for (size_t i = 0; i < sizeof runs; i += 2) { /* 100 pixels each */
        runs[i] = 257 - 100;
        runs[i + 1] = (uint8_t)(i / 4 % 2 * 200);
    }
    put_bits(&lzw, "100000000 000000000 100000010 100000011 100000100 100000101 100000110"); /* 1 to 6 bytes: 21 */
    put_bits(&lzw, "100000001");
    memcpy(jbig2 + 30, "\0\0\0\1\x26\0\1\0\0\0\x1C", 11); /* an immediate generic region of 28 bytes */
    const struct {
        const char *image;
        int width, height;
        const void *data;
        size_t len;
        const char *said;
    } cases[] = {{GREY "/Filter/RunLengthDecode", 0, 0, runs, sizeof runs, NULL},
                 {GREY "/Filter/RL", 0, 0, runs, sizeof runs / 2, cut},
                 {GREY "/Filter/RunLengthDecode", 0, 0, runs, 0, cut},
                 {GREY "/Filter/LZWDecode", 3, 7, lzw.data, (lzw.count + 7) / 8, NULL},
                 {GREY "/Filter/LZWDecode", 3, 7, lzw.data, 5, cut},
                 {GREY "/Filter[/LZW]", 3, 7, lzw.data, 0, cut},
                 {"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", 0, 0, jbig2, 60, cut},
                 {"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", 0, 0, jbig2, 25, cut},
                 {"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", 0, 0, jbig2, 0, cut},
                 {GREY "/Filter[/ASCII85Decode/FlateDecode]", 0, 0, "", 0, cut}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char what[100];
        scan_spec s = {.image = cases[i].image, .width = cases[i].width, .height = cases[i].height};
        bytes b = make_pdf(&s, cases[i].data, cases[i].len);
        snprintf(what, sizeof what, "case %zu, %.60s", i, cases[i].image);
        expect_said(&b, cases[i].said, what);
        bytes_free(&b);
    }
}

/* Pictures in a pattern, in an annotation's look, and as the mask of another are looked at, too. */
static void pictures_beside_the_content(void **state)
{
    static const char half[] = "<</Type/XObject/Subtype/Image/Width 20/Height 20" GREY "/Filter/RunLengthDecode";
    static const char *const cases[][4] = {
        /* entries of the page, its resources, and objects 6 and 7; 5 is the picture */
        {"", "/Pattern<</P 6 0 R>>",
         "<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 99 99]/XStep 99/YStep 99"
         "/Resources<</XObject<</I 5 0 R>>>>",
         "<<>>"},
        {"/Annots[7 0 R]", "", "<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</I 5 0 R>>>>",
         "<</Type/Annot/Subtype/Stamp/F 4/Rect[0 0 99 99]/AP<</N 6 0 R>>>>"},
        {"/Annots[7 0 R]", "", "<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</I 5 0 R>>>>",
         "<</Type/Annot/Subtype/Widget/F 4/Rect[0 0 99 99]/AS/On/AP<</N<</On 6 0 R>>>>>>"},
        {"", "/XObject<</I 6 0 R>>",
         "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/SMask 5 0 R", "<<>>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdf p;
        char text[600];
        const char content[] = "/Pattern cs /P scn 0 0 99 99 re f q 99 0 0 99 0 0 cm /I Do Q";
        const char *drawn = i == 3 ? strchr(content, 'q') : content;
        snprintf(text, sizeof text, "/MediaBox[0 0 99 99]%s/Resources<<%s>>", cases[i][0], cases[i][1]);
        begin_page(&p, "", text);
        object(&p, "<<", i == 1 || i == 2 ? "" : drawn, i == 1 || i == 2 ? 0 : i == 0 ? 33 : strlen(drawn));
        object(&p, half, "\x9D\x20", 2);
        object(&p, cases[i][2], i == 3 ? "\0" : "q 99 0 0 99 0 0 cm /I Do Q", i == 3 ? 1 : 26);
        object(&p, cases[i][3], NULL, 0);
        end(&p);
        expect_said(&p.b, "picture of 20 x 20 pixels is cut", cases[i][2]);
        bytes_free(&p.b);
    }
}

/* Where the data of a JPEG end, its picture is white; what is above is as in the whole. */
static void part_of_a_jpeg(void **state)
{
    (void)state;
    uint8_t *scan = make_scan(1);
    char said[500];
    unsigned long len;
    unsigned char *jpeg = make_jpeg(scan, &len);
    scan_spec s = {.image = GREY "/Filter/DCTDecode"};
    bytes whole = make_pdf(&s, jpeg, len), part = make_pdf(&s, jpeg, len / 2);
    ocrvl_image *a = read_damaged(&whole, said), *b = read_damaged(&part, said);
    const uint8_t *p = ocrvl_image_data(a), *q = ocrvl_image_data(b);
    uint32_t same = 0, white = 0;
    assert_int_equal(ocrvl_image_height(b), HEIGHT);
    while (same < HEIGHT && memcmp(p + same * WIDTH, q + same * WIDTH, WIDTH) == 0)
        same++;
    for (uint32_t y = HEIGHT;
         y > same && q[y * WIDTH - 1] == 255 && memcmp(q + (y - 1) * WIDTH, q + (y - 1) * WIDTH + 1, WIDTH - 1) == 0;
         y--)
        white++;
    assert_true(same > HEIGHT / 4 && same < 3 * HEIGHT / 4);
    assert_int_equal(same + white, HEIGHT);
    ocrvl_image_free(a);
    ocrvl_image_free(b);
    bytes_free(&whole);
    bytes_free(&part);
    free(scan);
    free(jpeg);
}

/* poppler draws nothing of a JPEG 2000 that is cut. */
static void part_of_a_jp2(void **state)
{
    (void)state;
    char said[500];
    bytes jp2 = bytes_load("tests/fuzz/corpus/source/rgb.jp2");
    scan_spec s = {.image = "/Filter/JPXDecode", .width = 24, .height = 18};
    bytes whole = make_pdf(&s, jp2.data, jp2.len), part = make_pdf(&s, jp2.data, jp2.len * 7 / 10);
    ocrvl_image *a = read_damaged(&whole, said);
    assert_string_equal(said, "");
    ocrvl_image *b = read_damaged(&part, said);
    assert_non_null(strstr(said, "is cut or damaged"));
    size_t n = (size_t)ocrvl_image_width(a) * ocrvl_image_height(a);
    assert_int_equal((size_t)ocrvl_image_width(b) * ocrvl_image_height(b), n);
    uint64_t differ = 0;
    for (size_t i = 0; i < n; i++)
        differ += (uint64_t)abs((int)rgb_at(a, (uint32_t)i, 0, 0) - (int)rgb_at(b, (uint32_t)i, 0, 0));
    assert_true(differ < 20 * n);
    ocrvl_image_free(a);
    ocrvl_image_free(b);
    bytes_free(&whole);
    bytes_free(&part);
    bytes_free(&jp2);
}

/* A JPEG that is longer than what poppler draws is drawn smaller: with ink beside it here, so that it is no scan. */
static void long_jpeg(void **state)
{
    enum { LONG = 40000, THIN = 40 };
    (void)state;
    char said[500];
    unsigned long len;
    uint8_t *pixels = malloc(LONG * THIN);
    assert_non_null(pixels);
    for (size_t i = 0; i < LONG * THIN; i++)
        pixels[i] = i % LONG < LONG / 2 ? 0 : 255;
    unsigned char *jpeg = make_jpeg_of(pixels, LONG, THIN, &len);
    scan_spec s = {.image = GREY "/Filter/DCTDecode",
                   .width = LONG,
                   .height = THIN,
                   .place = "90 0 0 60 3 3",
                   .after = "0 70 20 20 re f"};
    bytes b = make_pdf(&s, jpeg, len);
    ocrvl_image *img = read_damaged(&b, said);
    uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img);
    assert_string_equal(said, "");
    assert_true(rgb_at(img, w / 4, h * 3 / 4, 0) < 20);
    assert_true(rgb_at(img, w * 3 / 4, h * 3 / 4, 0) > 235);
    ocrvl_image_free(img);
    bytes_free(&b);
    free(jpeg);
    free(pixels);
}

/* Type 3 fonts without glyphs, or with one that is no stream, keep nothing else of the page from being drawn. */
static void fonts_without_glyphs(void **state)
{
    static const char *const glyphs[][2] = {{"/CharProcs<</a 7 0 R/b 7 0 R>>", NULL},
                                            {"/CharProcs<</a 7 0 R/b 6 0 R>>", "a font lacks glyphs that it draws"},
                                            {"/CharProcs<<>>", "a font lacks glyphs that it draws"},
                                            {"", "a font lacks glyphs that it draws"}};
    (void)state;
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++) {
        pdf p;
        char text[400], said[500];
        const char content[] = "BT /T 12 Tf 10 20 Td (ab) Tj ET 10 50 50 40 re f";
        begin_page(&p, "", "/MediaBox[0 0 200 100]/Resources<</Font<</T 5 0 R>>>>");
        object(&p, "<<", content, sizeof content - 1);
        snprintf(text, sizeof text,
                 "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 98"
                 "/Widths[1 1]/Encoding<</Differences[97/a/b]>>%s>>",
                 glyphs[i][0]);
        object(&p, text, NULL, 0);
        object(&p, "<<>>", NULL, 0);
        object(&p, "<<", "1 0 0 0 1 1 d1 0 0 1 1 re f", 27);
        end(&p);
        ocrvl_image *img = read_damaged(&p.b, said);
        uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img);
        assert_int_equal(rgb_at(img, w / 6, h * 3 / 10, 0), 0);
        assert_int_equal(rgb_at(img, w * 16 / 200, h * 75 / 100, 0), i < 2 ? 0 : 255); /* the first glyph */
        if (glyphs[i][1] ? !strstr(said, glyphs[i][1]) : said[0] != '\0')
            fail_msg("%s: %s", glyphs[i][0], said);
        ocrvl_image_free(img);
        bytes_free(&p.b);
    }
}

/* Text by a character map that isn't there: the map is named. */
static void unknown_character_map(void **state)
{
    (void)state;
    pdf p;
    const char content[] = "BT /T 12 Tf 10 20 Td <00410042> Tj ET 10 50 50 40 re f";
    begin_page(&p, "", "/MediaBox[0 0 200 100]/Resources<</Font<</T 5 0 R>>>>");
    object(&p, "<<", content, sizeof content - 1);
    object(&p, "<</Type/Font/Subtype/Type0/BaseFont/Far/Encoding/Far-H/DescendantFonts[6 0 R]>>", NULL, 0);
    object(&p,
           "<</Type/Font/Subtype/CIDFontType0/BaseFont/Far/CIDSystemInfo<</Registry(Adobe)/Ordering(Far1)"
           "/Supplement 0>>>>",
           NULL, 0);
    end(&p);
    expect_said(&p.b, "Couldn't find 'Far-H' CMap file for 'Adobe-Far1' collection", "a collection");
    bytes_free(&p.b);
}

/* What a JPEG says of itself goes before what its dictionary says. */
static void dictionaries_that_are_wrong(void **state)
{
    static const scan_spec wrong[] = {
        {.image = RGB "/Filter/DCTDecode"},
        {.image = "/ColorSpace/DeviceCMYK/BitsPerComponent 8/Filter/DCTDecode"},
        {.image = "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/DCTDecode"},
        {.image = GREY "/Filter/DCTDecode", .width = WIDTH - 30},
        {.image = GREY "/Filter/DCTDecode", .height = HEIGHT - 40},
        {.image = RGB "/Filter/DCTDecode", .width = WIDTH + 99, .height = 2 * HEIGHT},
        {.image = RGB "/Filter/DCTDecode/Decode[0 1 0 1 0 1]"},
    };
    (void)state;
    uint8_t *scan = make_scan(1);
    unsigned long len;
    unsigned char *jpeg = make_jpeg(scan, &len);
    scan_spec right = {.image = GREY "/Filter/DCTDecode"};
    bytes sound = make_pdf(&right, jpeg, len);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bytes b = make_pdf(&wrong[i], jpeg, len);
        expect_mended(&sound, &b, wrong[i].image);
        bytes_free(&b);
    }
    bytes_free(&sound);
    free(scan);
    free(jpeg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbalanced_content),
        cmocka_unit_test(missing_parts),
        cmocka_unit_test(resources_of_the_page),
        cmocka_unit_test(packed_content),
        cmocka_unit_test(damaged_pictures),
        cmocka_unit_test(cut_without_a_sound),
        cmocka_unit_test(pictures_beside_the_content),
        cmocka_unit_test(part_of_a_jpeg),
        cmocka_unit_test(part_of_a_jp2),
        cmocka_unit_test(dictionaries_that_are_wrong),
        cmocka_unit_test(long_jpeg),
        cmocka_unit_test(fonts_without_glyphs),
        cmocka_unit_test(unknown_character_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
