/* PDFs whose frame is damaged: beginning, end, table, tree of pages. What is mended looks as it would have, what is
 * missing is told, and what stands around the document is no matter. */
#define _GNU_SOURCE /* memmem */

#include <math.h>

#include "damaged.h"

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

/* Bytes before the document, more than readers skip, and a first line that is another or gone. */
static void what_stands_before(void **state)
{
    bytes sound = make_page(PRINT, NULL, NULL);
    static const char *const heads[] = {"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
                                        "%!PS-Adobe-3.0 PDF-1.4\n", "", "\xEF\xBB\xBF \n"};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        bytes b = {0};
        bytes_puts(&b, heads[i]);
        bytes_put(&b, sound.data + (i == 1 || i == 2 ? 9 : 0), sound.len - (i == 1 || i == 2 ? 9 : 0));
        expect_mended(&sound, &b, heads[i]);
        bytes_free(&b);
    }
    for (size_t n = 1000; n <= 50000; n += 7000) {
        bytes b = {0};
        while (b.len < n)
            bytes_puts(&b, "%PDF-files are attached below. ");
        bytes_puts(&b, "\n");
        bytes_put(&b, sound.data, sound.len);
        expect_mended(&sound, &b, "a letter before it");
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

/* A file that is cut within a stream shows what there is of it, and has no page more than it says. */
static void cut_streams(void **state)
{
    (void)state;
    char said[500];
    bytes b = {0};
    bytes_puts(
        &b, "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\n"
            "endobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>\nendobj\n"
            "4 0 obj\n<</Length 9000>>\nstream\n0 0 100 100 re f\n(100 0 100 100");
    ocrvl_image *img = read_damaged(&b, said);
    uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img);
    assert_int_equal(rgb_at(img, w / 4, h / 2, 0), 0);
    assert_int_equal(rgb_at(img, 3 * w / 4, h / 2, 0), 255);
    assert_non_null(strstr(said, "Unterminated string"));
    ocrvl_image_free(img);
    bytes_free(&b);
}

/* What is cut may be a later version of a document that is whole; prose after it isn't one. */
static void begun_updates(void **state)
{
    static const char *const cases[] = {"4 0 obj\n<</Length 90>>\nstream\n" PRINT, "9 0 obj\n<</Type/Annot/Sub",
                                        "<p>1 0 obj</p>\n", "1 0 obj is what it was called, and 2 0 obj stream\n"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = make_page(PRINT, NULL, NULL);
        for (int k = 0; k < (i < 2 ? 1 : 100); k++)
            bytes_puts(&b, cases[i]);
        ocrvl_source *s = open_bytes(&b, NULL);
        assert_int_equal(ocrvl_source_count(s), i < 2 ? 2 : 1);
        ocrvl_image_free(next_page(s, NULL));
        ocrvl_source_free(s);
        bytes_free(&b);
    }
}

/* No password opens what is encrypted for the owner of a certificate. */
static void other_encryption(void **state)
{
    (void)state;
    bytes sound = make_page(PRINT, NULL, NULL), b = {0};
    size_t trailer = find(&sound, "/Size");
    bytes_put(&b, sound.data, trailer);
    bytes_puts(&b, "/Encrypt<</Filter/Adobe.PubSec/V 4>>/ID[<00><00>]");
    bytes_put(&b, sound.data + trailer, sound.len - trailer);
    ocrvl_source_options opt = {.size = sizeof opt, .password = "secret"};
    expect_error(&b, NULL, OCRVL_E_UNSUPPORTED, "encrypted by a method that uses no password");
    expect_error(&b, &opt, OCRVL_E_UNSUPPORTED, "encrypted by a method that uses no password");
    bytes_free(&b);
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
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[null 3 0 R 7 (x) 4 0 R]/Count 5>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 3 0 R<</Type/Pages/Kids[2 0 R]>>]/Count 3>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids 3 0 R/Count 1>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[<</Type/Pages/Count 0>>]/Count 1>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages<</Type/Pages/Kids[3 0 R]/Count 1>>>>", "<<>>", "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[300 300 400 400]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/CropBox[-100 0 0 100]>>",
         "/MediaBox[0 0 200 100]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[0 0 0 0]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[10 10 11 10.5]"},
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
         "/MediaBox[0 0 200 100]/CropBox[199 0 400 100]"},
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

/* The first page of a file with a password, which is whole or not; NULL: *status and e say why. */
static ocrvl_image *read_locked(const bytes *b, bool whole, ocrvl_status *status, ocrvl_error *e)
{
    ocrvl_source_options opt = {.size = sizeof opt, .password = "secret"};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *s;
    ocrvl_image *img = NULL;
    *status = ocrvl_source_open_memory(&s, b->data, b->len, "test", &opt, e);
    if (!*status)
        *status = ocrvl_source_next(s, &img, &place, e);
    if (!*status)
        assert_int_equal(place.damage == NULL, whole);
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
    ocrvl_image *a = read_locked(&whole, true, &st, &e);
    assert_int_equal(st, OCRVL_OK);
    ocrvl_image *b = read_locked(&cut, true, &st, &e);
    assert_int_equal(st, OCRVL_OK);
    expect_same(a, b, "without trailer");
    char *revision = memmem(cut.data, cut.len, "/R 6", 4);
    assert_non_null(revision);
    revision[3] = '4';
    assert_null(read_locked(&cut, true, &st, &e));
    assert_int_equal(st, OCRVL_E_FORMAT);
    assert_non_null(strstr(e.message, "without which it can't be decrypted"));
    bytes_puts(&cut, "trailer <</ID [<0011> <2233>]>>"); /* of an earlier version: then it is tried */
    ocrvl_image *c = read_locked(&cut, false, &st, &e);  /* not of this one, and so the key is another */
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
        cmocka_unit_test(what_follows_the_end),
        cmocka_unit_test(what_stands_before),
        cmocka_unit_test(lost_tables),
        cmocka_unit_test(cut_streams),
        cmocka_unit_test(begun_updates),
        cmocka_unit_test(other_encryption),
        cmocka_unit_test(lost_catalogs),
        cmocka_unit_test(odd_pages),
        cmocka_unit_test(pages_that_are_not_counted),
        cmocka_unit_test(encrypted_without_trailer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
