/* Damaged PDFs: what is mended looks as it would have, what is missing is told, and what follows the end is no
 * matter. */
#define _GNU_SOURCE /* memmem */

#include <math.h>

#include "pdfs.h"

#include <zlib.h>

/* The first page; *said is set to what of it is said to be missing, "" for nothing. */
static ocrvl_image *read_damaged(const bytes *b, char said[500])
{
    ocrvl_source *s = open_bytes(b, NULL);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = next_page(s, &place);
    assert_int_equal(ocrvl_source_count(s), 1);
    assert_non_null(img);
    snprintf(said, 500, "%s", place.damage ? place.damage : "");
    ocrvl_source_free(s);
    return img;
}

static void expect_same(const ocrvl_image *a, const ocrvl_image *b, const char *what)
{
    uint32_t w = ocrvl_image_width(a), h = ocrvl_image_height(a), n = ocrvl_image_channels(a);
    if (w != ocrvl_image_width(b) || h != ocrvl_image_height(b) || n != ocrvl_image_channels(b))
        fail_msg("%s: the page is of %u x %u pixels, not %u x %u", what, ocrvl_image_width(b), ocrvl_image_height(b), w,
                 h);
    if (memcmp(ocrvl_image_data(a), ocrvl_image_data(b), (size_t)w * h * n) != 0)
        fail_msg("%s: the page looks otherwise", what);
}

/* The damaged page looks like the sound one, and nothing of it is missing. */
static void expect_mended(const bytes *sound, const bytes *damaged, const char *what)
{
    char said[500];
    ocrvl_image *a = read_damaged(sound, said);
    assert_string_equal(said, "");
    ocrvl_image *b = read_damaged(damaged, said);
    if (said[0])
        fail_msg("%s: %s", what, said);
    expect_same(a, b, what);
    ocrvl_image_free(a);
    ocrvl_image_free(b);
}

/* A page with this content, and font F and form X in its resources, and 7 and 8 as more objects. */
static bytes make_page(const char *content, const char *page, const char *form)
{
    pdf p;
    char text[600];
    begin(&p);
    object(&p, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
    object(&p, "<</Type/Pages/Kids[3 0 R]/Count 1>>", NULL, 0);
    snprintf(text, sizeof text,
             "<</Type/Page/Parent 2 0 R%s/Contents 4 0 R/Resources<</Font<</F 6 0 R>>/XObject<</X 5 0 R>>>>>>",
             page ? page : "/MediaBox[0 0 200 100]");
    object(&p, text, NULL, 0);
    object(&p, "<<", content, strlen(content));
    object(&p, "<</Type/XObject/Subtype/Form/BBox[0 0 200 100]/Resources<<>>", form ? form : "",
           form ? strlen(form) : 0);
    object(&p, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", NULL, 0);
    end(&p);
    return p.b;
}

#define PRINT "BT /F 12 Tf 10 50 Td (The minutes) Tj ET "

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

static void expect_said(const bytes *b, const char *part, const char *what)
{
    char said[500];
    ocrvl_image_free(read_damaged(b, said));
    if (part ? !strstr(said, part) : said[0] != '\0')
        fail_msg("%s: said is '%s', not '%s'", what, said, part ? part : "");
}

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

/* Content that is packed: whole, without its checksum, which readers don't look at, cut, by an unknown filter, gone. */
static void packed_content(void **state)
{
    static const struct {
        const char *filter;
        int lost; /* bytes at its end, or all but so many */
        const char *said;
    } cases[] = {{"/Filter/FlateDecode", 0, NULL},
                 {"/Filter/FlateDecode", 3, NULL},
                 {"/Filter/FlateDecode", 20, "content of the page is damaged"},
                 {"/Filter/FlateDecode", -9, "content of the page is damaged"},
                 {"/Filter/FooDecode", 0, "the unknown filter FooDecode"},
                 {NULL, 0, "content of the page is missing"}};
    const char content[] = PRINT "q 1 0 0 1 0 -30 cm " PRINT "Q BT /F 9 Tf 5 5 Td (0123456789abcdefghijkl) Tj ET";
    uint8_t packed[300];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdf p;
        char text[100];
        uLongf len = sizeof packed;
        assert_int_equal(compress(packed, &len, (const Bytef *)content, sizeof content - 1), Z_OK);
        begin(&p);
        object(&p, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
        object(&p, "<</Type/Pages/Kids[3 0 R]/Count 1>>", NULL, 0);
        object(&p,
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
               "/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
               NULL, 0);
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

/* ---- the end of the file ----------------------------------------------------------------------------- */

static void what_follows_the_end(void **state)
{
    static const char html[] = "<html><body>An object that isn't one: obj</body></html>\n";
    bytes sound = make_page(PRINT, NULL, NULL);
    (void)state;
    for (int i = 0; i < 3; i++) {
        bytes b = {0};
        bytes_put(&b, sound.data, sound.len);
        for (int k = 0; k < 200; k++)
            bytes_put(&b, i == 0 ? (const char[sizeof html]){0} : html, sizeof html - (i == 1));
        expect_mended(&sound, &b, i ? "HTML follows" : "zeros follow");
        ocrvl_source *s = open_bytes(&b, NULL);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image_free(next_page(s, &place));
        assert_non_null(place.document); /* text can be written onto it */
        assert_memory_equal(place.document, sound.data, sound.len - 1);
        ocrvl_source_free(s);
        bytes_free(&b);
    }
    bytes_free(&sound);
}

static size_t find(const bytes *b, const char *word)
{
    for (size_t i = b->len; i-- > 0;)
        if (i + strlen(word) <= b->len && memcmp(b->data + i, word, strlen(word)) == 0)
            return i;
    fail_msg("no %s", word);
    return 0;
}

/* Without table and trailer, or with a part of them, the document is whole: no page is missing. */
static void lost_tables(void **state)
{
    (void)state;
    bytes sound = make_page(PRINT, NULL, NULL);
    size_t xref = find(&sound, "xref\n0"), trailer = find(&sound, "trailer");
    const size_t ends[] = {xref, xref + 5, xref + 60, trailer, trailer + 12, sound.len - 9};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        bytes cut = {.data = sound.data, .len = ends[i]};
        expect_mended(&sound, &cut, "a lost table");
    }
    bytes_free(&sound);
}

static const char page_object[] =
    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 6 0 R>>"
    ">>>>\nendobj\n",
                  content_object[] = "4 0 obj\n<</Length 42>>\nstream\n" PRINT "\nendstream\nendobj\n"
                                     "6 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n";

/* Pages whose tree or catalog are in the lost end, and objects in a stream of objects. */
static void lost_catalogs(void **state)
{
    static const char tree[] = "2 0 obj\n<</Type /Pages/Kids[3 0 R]/Count 1>>\nendobj\n";
    static const char *const packed[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type /Pages/Kids[3 0 R]/Count 1>>",
                                         "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<<"
                                         "/Font<</F 6 0 R>>>>>>"};
    char head[100], stream[600];
    size_t one = strlen(packed[0]), two = one + strlen(packed[1]), all = two + strlen(packed[2]);
    int first = snprintf(head, sizeof head, "1 0 2 %zu 3 %zu ", one, two);
    snprintf(stream, sizeof stream,
             "9 0 obj\n<</Type/ObjStm/N 3/First %d/Length %zu>>\nstream\n%s%s%s%s\nendstream\nendobj\n", first,
             (size_t)first + all, head, packed[0], packed[1], packed[2]);
    static const char earlier[] =
        "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\nxref\n0 0\ntrailer\n<</Root 1 0 R/Size "
        "9>>\nstartxref\n9\n%%EOF\n"; /* of a file laid out for the web */
    const char *const cases[][3] = {{page_object, content_object, ""},
                                    {earlier, page_object, content_object},
                                    {page_object, tree, content_object},
                                    {stream, content_object, ""},
                                    {content_object, stream, ""}};
    bytes sound = make_page(PRINT, NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        char what[20];
        bytes_puts(&b, "%PDF-1.5\n");
        for (int k = 0; k < 3; k++)
            bytes_puts(&b, cases[i][k]);
        snprintf(what, sizeof what, "case %zu", i);
        expect_mended(&sound, &b, what);
        bytes_free(&b);
    }
    bytes_free(&sound);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* Pages and catalogs that aren't objects, counts that are wrong, and boxes that make no page. */
static void odd_pages(void **state)
{
    static const struct {
        const char *catalog, *pages, *boxes;
    } cases[] = {
        {"<</Type/Catalog/Pages 2 0 R>>",
         "<</Type/Pages/Kids[<</Type/Page/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>]/Count "
         "1>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 9999999999>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 0>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count -1>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages<</Type/Pages/Kids[3 0 R]/Count 1>>>>", "<<>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[300 300 400 400]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/CropBox[-100 0 0 100]>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[0 0 0 0]"},
    };
    bytes sound = make_page(PRINT, NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdf p;
        char text[300];
        begin(&p);
        object(&p, cases[i].catalog, NULL, 0);
        object(&p, cases[i].pages, NULL, 0);
        snprintf(text, sizeof text, "<</Type/Page/Parent 2 0 R%s/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
                 cases[i].boxes);
        object(&p, text, NULL, 0);
        object(&p, "<<", PRINT, sizeof PRINT - 1);
        object(&p, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", NULL, 0);
        end(&p);
        snprintf(text, sizeof text, "%s %s", cases[i].pages, cases[i].boxes);
        expect_mended(&sound, &p.b, text);
        bytes_free(&p.b);
    }
    bytes_free(&sound);
}

/* A tree that says that it has one page, and has two: none is lost. */
static void pages_that_are_not_counted(void **state)
{
    pdf p;
    (void)state;
    begin(&p);
    object(&p, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
    object(&p, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 1>>", NULL, 0);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>", NULL, 0);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]>>", NULL, 0);
    end(&p);
    ocrvl_source *s = open_bytes(&p.b, NULL);
    assert_int_equal(ocrvl_source_count(s), 2);
    for (int i = 0; i < 2; i++) {
        ocrvl_image *img = next_page(s, NULL);
        assert_true(fabs(100.0 * ocrvl_image_width(img) / ocrvl_image_height(img) - (i ? 300 : 200)) < 1);
        ocrvl_image_free(img);
    }
    ocrvl_source_free(s);
    bytes_free(&p.b);
}

/* The first page of a file with a password; NULL: *status and e say why. */
static ocrvl_image *read_locked(const bytes *b, ocrvl_status *status, ocrvl_error *e)
{
    ocrvl_source_options opt = {.size = sizeof opt, .password = "secret"};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *s;
    ocrvl_image *img = NULL;
    *status = ocrvl_source_open_memory(&s, b->data, b->len, "test", &opt, e);
    if (!*status)
        *status = ocrvl_source_next(s, &img, &place, e);
    if (!*status)
        assert_null(place.damage);
    ocrvl_source_free(s);
    return img;
}

/* An encrypted file has in its trailer how it is encrypted, which is an object like others, and a part of the key,
 * which newer encryption does without. */
static void encrypted_without_trailer(void **state)
{
    (void)state;
    ocrvl_error e = {0};
    ocrvl_status st;
    bytes whole = bytes_load("tests/fuzz/corpus/source/encrypted.pdf");
    const uint8_t *table = memmem(whole.data, whole.len, "xref\n0 ", 7);
    assert_non_null(table);
    bytes cut = {0};
    bytes_put(&cut, whole.data, (size_t)(table - whole.data));
    ocrvl_image *a = read_locked(&whole, &st, &e);
    assert_int_equal(st, OCRVL_OK);
    ocrvl_image *b = read_locked(&cut, &st, &e);
    assert_int_equal(st, OCRVL_OK);
    expect_same(a, b, "without trailer");
    char *revision = memmem(cut.data, cut.len, "/R 6", 4);
    assert_non_null(revision);
    revision[3] = '4';
    assert_null(read_locked(&cut, &st, &e));
    assert_int_equal(st, OCRVL_E_FORMAT);
    assert_non_null(strstr(e.message, "without which it can't be decrypted"));
    bytes_puts(&cut, "trailer <</ID [<0011> <2233>]>>"); /* of an earlier version: then it is tried */
    ocrvl_image *c = read_locked(&cut, &st, &e);
    assert_int_equal(st, OCRVL_OK);
    ocrvl_image_free(c);
    ocrvl_image_free(a);
    ocrvl_image_free(b);
    bytes_free(&whole);
    bytes_free(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbalanced_content),
        cmocka_unit_test(missing_parts),
        cmocka_unit_test(resources_of_the_page),
        cmocka_unit_test(packed_content),
        cmocka_unit_test(damaged_pictures),
        cmocka_unit_test(part_of_a_jpeg),
        cmocka_unit_test(encrypted_without_trailer),
        cmocka_unit_test(part_of_a_jp2),
        cmocka_unit_test(dictionaries_that_are_wrong),
        cmocka_unit_test(what_follows_the_end),
        cmocka_unit_test(lost_tables),
        cmocka_unit_test(lost_catalogs),
        cmocka_unit_test(odd_pages),
        cmocka_unit_test(pages_that_are_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
