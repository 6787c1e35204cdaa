/* The writers. Without arguments a test of what can be told byte by byte; with a folder it writes there the samples
 * that tests/schema/outputs.sh holds to schemas and specifications. */
#include <errno.h>

#include "base/mem.h"
#include "written_pages.h"

/* ---- writing ----------------------------------------------------------------------------------------- */

typedef struct sheet { /* a page of an output */
    ocrvl_page *page;
    ocrvl_page_place place;
} sheet;

static int into_buf(void *user, const void *data, size_t len)
{
    ocrvl_buf_put(user, data, len);
    return 0;
}

static ocrvl_status write_all(ocrvl_buf *out, ocrvl_format format, const sheet *sheets, size_t count,
                              const ocrvl_writer_options *opt, ocrvl_error *err)
{
    ocrvl_writer *w;
    ocrvl_status st = ocrvl_writer_new(&w, format, into_buf, out, opt, err);
    for (size_t i = 0; !st && i < count; i++)
        st = ocrvl_writer_page(w, sheets[i].page, &sheets[i].place, err);
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    return st;
}

#define PLACE(...)                                                                                                     \
    {                                                                                                                  \
        .size = sizeof(ocrvl_page_place), __VA_ARGS__                                                                  \
    }
static const char hash[] = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852b855";
static const char evil_name[] = "dir/a\"b;c\nd%\xFF\x01 &<>'.pdf";

static void write_file(const char *dir, const char *name, ocrvl_format format, const sheet *sheets, size_t count,
                       const ocrvl_writer_options *opt)
{
    char path[1024];
    ocrvl_buf out = {0};
    if (ocrvl_format_one_page(format) && count > 1) { /* each in a file of its own: NAME-1, NAME-2, ... */
        for (size_t i = 0; i < count; i++) {
            snprintf(path, sizeof path, "%s-%zu", name, i + 1);
            write_file(dir, path, format, sheets + i, 1, opt);
        }
        return;
    }
    snprintf(path, sizeof path, "%s/%s.%s", dir, name, ocrvl_format_name(format));
    MUST(write_all(&out, format, sheets, count, opt, err));
    FILE *f = fopen(path, "wb");
    if (!f || (out.len && fwrite(out.data, 1, out.len, f) != out.len) || fclose(f) != 0) {
        perror(path);
        exit(99);
    }
    ocrvl_buf_free(&out);
}

#define RANDOM_PAGES 80

static int write_samples(const char *dir)
{
    sheet full[] = {
        {page_of_all(),
         PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .pages = 9, .label = "iv", .index = 3,
               .sha256 = hash, .width = 1000, .height = 1400, .pdf_box = {0, 0, 240.5, 336}, .native = true)},
        {page_of_scripts(),
         PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .pages = 9, .index = 4)},
        {finish(builder(20, 30)), PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .index = 5)},
        {page_failed(), PLACE(.file = "scan \xC3\xBC.pdf", .index = 6, .pdf_box = {10, 10, 605, 852})},
        {page_failed(), PLACE(.file = "other.tif", .media_type = "image/tiff", .index = 0)},
        {page_partial(), PLACE(.file = "other.tif", .media_type = "image/tiff", .index = 1)},
    };
    sheet hostile[] = {{page_hostile(), PLACE(.file = evil_name, .label = evil_name, .media_type = evil_name)}};
    ocrvl_writer_options opt = {.size = sizeof opt,
                                .model = "Qwen2-VL-2B & \"friends\"",
                                .model_sha256 = hash,
                                .settings =
                                    "dpi=300;temperature=0;greedy;layout=auto;x=1e5;y=-0.5;z=007;ok=true;dpi=1;;=2",
                                .datetime = "2026-11-24T10:00:00.5+01:00",
                                .pages = 6};
    ocrvl_writer_options one = {.size = sizeof one, .pages = 1};
    ocrvl_writer_options flat = {.size = sizeof flat, .flat_tables = true}, flat_one = flat;
    flat_one.pages = 1;
    ocrvl_writer_options evil = {.size = sizeof evil, .model = evil_name, .settings = evil_name, .join_hyphens = true};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        write_file(dir, "full", f, full, 6, &opt);
        write_file(dir, "one", f, full, 1, &one);
        write_file(dir, "flat", f, full, 6, &flat);
        write_file(dir, "flatone", f, full, 1, &flat_one);
        write_file(dir, "bare", f, full + 2, 1, NULL);
        write_file(dir, "failed", f, full + 3, 2, NULL);
        write_file(dir, "hostile", f, hostile, 1, &evil);
    }
    uint64_t seed = 20261124;
    sheet random[RANDOM_PAGES];
    for (uint64_t i = 0; i < RANDOM_PAGES; i++)
        random[i] = (sheet){random_page(&seed), PLACE(.file = "random.tif", .media_type = "image/tiff", .index = i)};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++)
        write_file(dir, "random", f, random, RANDOM_PAGES, NULL);
    for (size_t i = 0; i < RANDOM_PAGES; i++)
        ocrvl_page_free(random[i].page);
    for (size_t i = 0; i < 6; i++)
        ocrvl_page_free(full[i].page);
    ocrvl_page_free(hostile[0].page);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------------------- */

static void check_text(const sheet *sheets, size_t count, bool join, const char *want)
{
    ocrvl_buf out = {0};
    ocrvl_writer_options opt = {.size = sizeof opt, .join_hyphens = join};
    assert_ok(write_all(&out, OCRVL_FORMAT_TEXT, sheets, count, &opt, err));
    assert_string_equal(out.data ? out.data : "", want);
    ocrvl_buf_free(&out);
}

static sheet text_sheet(const char *const *blocks)
{
    ocrvl_builder *b = builder(10, 10);
    for (; *blocks; blocks++) {
        OPEN(b, .kind = OCRVL_BLOCK);
        for (const char *s = *blocks; *s;) {
            char line[128];
            size_t len = strcspn(s, "\n");
            snprintf(line, sizeof line, "%.*s", (int)len, s);
            OPEN(b, .kind = OCRVL_LINE, .text = line);
            CLOSE(b);
            s += len + (s[len] == '\n');
        }
        CLOSE(b);
    }
    return (sheet){finish(b), PLACE(.file = "f")};
}

static void test_text(void **state)
{
    (void)state;
    sheet s[4] = {text_sheet((const char *const[]){"one\ntwo", "", "three", NULL}),
                  {finish(builder(10, 10)), PLACE(.file = "f")},
                  {page_failed(), PLACE(.file = "f")},
                  text_sheet((const char *const[]){"end", NULL})};
    check_text(s, 0, false, "");
    check_text(s, 1, false, "one\ntwo\n\nthree\n");
    check_text(s, 1, true, "one\ntwo\n\nthree\n");
    check_text(s, 4, false, "one\ntwo\n\nthree\n\f\f\fend\n");
    check_text(s + 1, 2, true, "\f");
    sheet broken = text_sheet((const char *const[]){"mi-\nnu\xC2\xAC\ntes 2\xC2\xAC\nx", NULL});
    check_text(&broken, 1, true, "minutes\n2\xC2\xAC\nx\n");
    ocrvl_page_free(broken.page);
    for (int i = 0; i < 4; i++)
        ocrvl_page_free(s[i].page);
}

static void test_join(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *joined;
    } cases[] = {
        {"an inter-\nnational word", "an international\nword"},
        {"inter-\nnational", "international"},
        {"in-\nter-\nnational end", "international\nend"},
        {"soft\xC2\xAD\nhyphen x", "softhyphen\nx"},
        {"true\xE2\x80\x90\nhyphen", "truehyphen"},
        {"Stra\xC3\x9F-\n\xC3\xA4hnlich", "Stra\xC3\x9F\xC3\xA4hnlich"},
        {"\xD0\xBF\xD0\xB5\xD1\x80\xD0\xB5-\n\xD0\xBD\xD0\xBE\xD1\x81",
         "\xD0\xBF\xD0\xB5\xD1\x80\xD0\xB5\xD0\xBD\xD0\xBE\xD1\x81"},
        {"\xCE\xBB\xCF\x8C-\n\xCE\xB3\xCE\xBF\xCF\x82", "\xCE\xBB\xCF\x8C\xCE\xB3\xCE\xBF\xCF\x82"},
        {"Jean-\nPaul", "Jean-\nPaul"},                 /* upper case */
        {"\xC3\x84-\n\xC3\x84", "\xC3\x84-\n\xC3\x84"}, /* upper case, not ASCII */
        {"A-\n\xC4\x90", "A-\n\xC4\x90"},               /* U+0110 */
        {"A-\n\xC4\x91", "A\xC4\x91"},                  /* U+0111 */
        {"pages 10-\nand on", "pages 10-\nand on"},     /* not a letter before */
        {"a --\nb", "a --\nb"},                         /* a dash */
        {"a \xE2\x80\x94\nb", "a \xE2\x80\x94\nb"},     /* another */
        {"-\nb", "-\nb"},
        {"1-\n2", "1-\n2"},
        {"trailing- \nspace on", "trailingspace\non"},
        {"end-", "end-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sheet s = text_sheet((const char *const[]){cases[i].lines, NULL});
        char want[256];
        snprintf(want, sizeof want, "%s\n", cases[i].joined);
        check_text(&s, 1, true, want);
        snprintf(want, sizeof want, "%s\n", cases[i].lines);
        check_text(&s, 1, false, want);
        ocrvl_page_free(s.page);
    }
    sheet s = text_sheet((const char *const[]){"bro-", "ken", NULL}); /* not across blocks */
    check_text(&s, 1, true, "bro-\n\nken\n");
    ocrvl_page_free(s.page);
}

/* The whole of a small page, by hand, in each format. */
static ocrvl_page *small_page(void)
{
    ocrvl_builder *b = builder(100, 50);
    OPEN(b, .kind = OCRVL_BLOCK, .lang = "en", BOX(5, 6, 95, 40));
    OPEN(b, .kind = OCRVL_LINE, .text = "Hi yo-", BOX(5, 6, 95, 20), .baseline = {{5, 18}, {95, 18}});
    OPEN(b, .kind = OCRVL_WORD, .text = "Hi", .confidence = 0.5f, .box = {5, 6, 40, 20},
         .origin = OCRVL_ORIGIN_ALIGNED);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_WORD, .text = "yo-", .start = 3, .confidence = -1, .box = {50, 7, 95, 20},
         .origin = OCRVL_ORIGIN_NATIVE);
    CLOSE(b);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "del");
    CLOSE(b);
    CLOSE(b);
    return finish(b);
}

static const char small_json[] =
    "{\"schema\":\"ocrvl.page/1\",\"generator\":{\"name\":\"ocrvl\",\"version\":\"" OCRVL_VERSION_STRING
    "\",\"model\":\"m\"},"
    "\"source\":{\"file\":\"a.png\",\"media_type\":\"image/png\",\"pages\":1},"
    "\"page\":{\"index\":0,\"width\":100,\"height\":50,\"dpi\":[300,300],\"rotation\":0},\"status\":\"ok\","
    "\"languages\":[{\"lang\":\"en\",\"share\":1}],\"confidence\":0.5,\"text\":\"Hi yo-\\ndel\",\"blocks\":["
    "{\"id\":\"b1\",\"type\":\"paragraph\",\"text\":\"Hi yo-\\ndel\",\"span\":[0,10],\"bbox\":[5,6,95,40],"
    "\"geometry\":\"detected\",\"confidence\":0.5,\"lang\":\"en\",\"lines\":["
    "{\"id\":\"b1l1\",\"text\":\"Hi yo-\",\"span\":[0,6],\"bbox\":[5,6,95,20],\"geometry\":\"detected\","
    "\"baseline\":[[5,18],[95,18]],\"confidence\":0.5,\"script\":\"Latn\",\"words\":["
    "{\"text\":\"Hi\",\"span\":[0,2],\"bbox\":[5,6,40,20],\"geometry\":\"interpolated\",\"confidence\":0.5},"
    "{\"text\":\"yo-\",\"span\":[3,6],\"bbox\":[50,7,95,20],\"geometry\":\"native\",\"confidence\":null}]},"
    "{\"id\":\"b1l2\",\"text\":\"del\",\"span\":[7,10],\"geometry\":\"none\",\"confidence\":null,\"script\":\"Latn\"}]}"
    "]}";

static const char small_hocr[] =
    "<div class=\"ocr_page\" id=\"page_1\" title=\"image &quot;a.png&quot;; bbox 0 0 100 50; ppageno 0; scan_res 300 "
    "300; "
    "x_source &quot;a.png&quot; &quot;0&quot;\">\n"
    "<div class=\"ocr_carea\" id=\"block_1_1\" title=\"bbox 5 6 95 40\">\n"
    "<p class=\"ocr_par\" id=\"par_1_1_1\" title=\"bbox 5 6 95 40\" lang=\"en\">\n"
    "<span class=\"ocr_line\" id=\"line_1_1_1\" title=\"bbox 5 6 95 20; baseline 0 -2\">"
    "<span class=\"ocrx_word\" id=\"word_1_1_1_1\" title=\"bbox 5 6 40 20; x_wconf 50\">Hi</span> "
    "<span class=\"ocrx_word\" id=\"word_1_1_1_2\" title=\"bbox 50 7 95 20\">yo-</span></span>\n"
    "<span class=\"ocr_line\" id=\"line_1_1_2\" title=\"bbox 5 6 95 40\">"
    "<span class=\"ocrx_word\" id=\"word_1_1_2_1\" title=\"bbox 5 6 95 40\">del</span></span>\n"
    "</p>\n</div>\n</div>\n</body>\n</html>\n";

static const char small_alto[] =
    "  <Page ID=\"page_1\" PHYSICAL_IMG_NR=\"1\" WIDTH=\"100\" HEIGHT=\"50\" PC=\"0.5\" LANG=\"en\" "
    "PROCESSINGREFS=\"PROC_OCR\">\n"
    "   <PrintSpace ID=\"space_1\" HPOS=\"0\" VPOS=\"0\" WIDTH=\"100\" HEIGHT=\"50\">\n"
    "    <TextBlock ID=\"block_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"90\" HEIGHT=\"34\" TAGREFS=\"TAG_paragraph\" "
    "LANG=\"en\">\n"
    "     <TextLine ID=\"line_1_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"90\" HEIGHT=\"14\" BASELINE=\"5 18 95 18\">\n"
    "      <String ID=\"string_1_1_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"35\" HEIGHT=\"14\" CONTENT=\"Hi\" WC=\"0.5\"/>\n"
    "      <SP HPOS=\"40\" VPOS=\"6\" WIDTH=\"10\" HEIGHT=\"14\"/>\n"
    "      <String ID=\"string_1_1_1_2\" HPOS=\"50\" VPOS=\"7\" WIDTH=\"45\" HEIGHT=\"13\" CONTENT=\"yo\" "
    "SUBS_TYPE=\"HypPart1\" SUBS_CONTENT=\"yodel\"/>\n"
    "      <HYP CONTENT=\"-\"/>\n"
    "     </TextLine>\n"
    "     <TextLine ID=\"line_1_1_2\">\n"
    "      <String ID=\"string_1_1_2_1\" CONTENT=\"del\" SUBS_TYPE=\"HypPart2\" SUBS_CONTENT=\"yodel\"/>\n"
    "     </TextLine>\n"
    "    </TextBlock>\n   </PrintSpace>\n  </Page>\n </Layout>\n</alto>\n";

/* Where the head ends and the pages begin. */
static const char *body(const ocrvl_buf *out, const char *mark)
{
    const char *at = strstr(out->data, mark);
    assert_non_null(at);
    return at;
}

static void test_small_page(void **state)
{
    (void)state;
    sheet s = {small_page(), PLACE(.file = "a.png", .media_type = "image/png", .pages = 1)};
    ocrvl_writer_options opt = {.size = sizeof opt, .model = "m", .pages = 2};
    ocrvl_buf out = {0}, want = {0};
    assert_ok(write_all(&out, OCRVL_FORMAT_JSONL, &s, 1, &opt, err));
    ocrvl_buf_printf(&want, "%s\n", small_json);
    assert_string_equal(out.data, want.data);
    ocrvl_buf_clear(&out);
    ocrvl_buf_clear(&want);
    sheet two[] = {s, s};
    assert_ok(write_all(&out, OCRVL_FORMAT_JSON, two, 2, &opt, err));
    ocrvl_buf_printf(&want, "[\n%s,\n%s\n]\n", small_json, small_json);
    assert_string_equal(out.data, want.data);
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_JSON, NULL, 0, &opt, err));
    assert_string_equal(out.data, "[]\n");
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_HOCR, &s, 1, &opt, err));
    assert_string_equal(body(&out, "<div class=\"ocr_page\""), small_hocr);
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_ALTO, &s, 1, &opt, err));
    assert_string_equal(body(&out, "  <Page "), small_alto);
    ocrvl_buf_free(&out);
    ocrvl_buf_free(&want);
    ocrvl_page_free(s.page);
}

/* Pages come out as they go in, and the same bytes come out each time. */
/* A page that was written exactly, read back. The place is the reader's. */
static sheet read_back(ocrvl_results **in, const ocrvl_buf *json)
{
    sheet s = {NULL, PLACE(0)};
    assert_ok(ocrvl_results_open_memory(in, json->data, json->len, "kept", err));
    assert_ok(ocrvl_results_next(*in, &s.page, &s.place, err));
    assert_non_null(s.page);
    return s;
}

/* Kept results don't tell where a word stands that is found first where it stands, and the page that is read back is
 * the one that was written. */
static void test_exact(void **state)
{
    (void)state;
    const ocrvl_writer_options plain = {.size = sizeof plain, .settings = ""},
                               exact = {.size = sizeof exact, .exact = true};
    uint64_t seed = 17;
    for (int i = 0; i <= 40; i++) {
        ocrvl_builder *b = i ? NULL : builder(100, 50);
        if (b) {
            OPEN(b, .kind = OCRVL_BLOCK);
            OPEN(b, .kind = OCRVL_LINE,
                 .text = "\xC3\xA4"
                         "a a \xC3\xA4 a");
            OPEN(b, .kind = OCRVL_WORD, .text = "a", .start = 3);
            CLOSE(b);
            OPEN(b, .kind = OCRVL_WORD, .text = "\xC3\xA4", .start = 5);
            CLOSE(b);
            OPEN(b, .kind = OCRVL_WORD, .text = "a", .start = 7);
            CLOSE(b);
            CLOSE(b);
            CLOSE(b);
        }
        ocrvl_buf want = {0}, kept = {0}, got = {0};
        ocrvl_results *in;
        sheet s = {b ? finish(b) : random_page(&seed), PLACE(.file = "a.tif", .media_type = "image/tiff")};
        assert_ok(write_all(&want, OCRVL_FORMAT_JSONL, &s, 1, &plain, err));
        assert_ok(write_all(&kept, OCRVL_FORMAT_JSONL, &s, 1, &exact, err));
        assert_true(kept.len > 0 && want.len > 0);
        if (b) {
            assert_non_null(strstr(kept.data, "{\"text\":\"a\",\"span\":[3,4],"));
            assert_non_null(strstr(kept.data, "{\"text\":\"\xC3\xA4\",\"geometry\""));
            assert_non_null(strstr(kept.data, "{\"text\":\"a\",\"geometry\""));
        }
        sheet back = read_back(&in, &kept);
        assert_ok(write_all(&got, OCRVL_FORMAT_JSONL, &back, 1, &plain, err));
        assert_string_equal(got.data, want.data);
        ocrvl_page_free(back.page);
        ocrvl_results_free(in);
        ocrvl_page_free(s.page);
        ocrvl_buf_free(&want);
        ocrvl_buf_free(&kept);
        ocrvl_buf_free(&got);
    }
}

static void test_streaming(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png")};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_buf out = {0}, again = {0};
        ocrvl_writer *w;
        assert_ok(ocrvl_writer_new(&w, f, into_buf, &out, NULL, err));
        size_t before = 0, pages = ocrvl_format_one_page(f) ? 1 : 3;
        /* comes when the document ends, and begins anew with page 1 */
        bool whole = f == OCRVL_FORMAT_DOLMA || f == OCRVL_FORMAT_XLSX;
        const char *last = f == OCRVL_FORMAT_MARKDOWN ? "A **word**" : f == OCRVL_FORMAT_CSV ? "far" : "Foot";
        for (size_t i = 0; i < pages; i++) {
            assert_ok(ocrvl_writer_page(w, s.page, &s.place, err));
            if (whole || f == OCRVL_FORMAT_PDF) /* whose text is deflated */
                continue;
            assert_true(out.len > before + 30);
            assert_non_null(strstr(out.data + before, last));
            before = out.len;
        }
        assert_ok(ocrvl_writer_finish(w, err));
        assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG);
        assert_int_equal(ocrvl_writer_finish(w, NULL), OCRVL_E_ARG);
        ocrvl_writer_free(w);
        assert_ok(write_all(&again, f, (sheet[]){s, s, s}, pages, NULL, err));
        assert_int_equal(out.len, again.len);
        assert_memory_equal(out.data, again.data, out.len);
        ocrvl_buf_free(&out);
        ocrvl_buf_free(&again);
    }
    ocrvl_writer *w;
    ocrvl_buf out = {0};
    assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_PAGE, into_buf, &out, NULL, err));
    assert_ok(ocrvl_writer_page(w, s.page, &s.place, err));
    assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG); /* one page it is */
    assert_ok(ocrvl_writer_finish(w, err));
    ocrvl_writer_free(w);
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
    ocrvl_writer_free(NULL);
}

/* Tables alone: spans, empty cells, quotes, a blank line between two. */
static void test_csv(void **state)
{
    (void)state;
    ocrvl_builder *b = builder(1000, 1400);
    ocrvl_buf out = {0};
    block_at(b, OCRVL_ROLE_PARAGRAPH, 0, "no table", 10);
    table(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE, BOX(100, 1000, 900, 1240));
    cell(b, 0, 0, 1, 1, false, "a, b");
    cell(b, 1, 0, 1, 1, false, NULL);
    cell(b, 2, 0, 1, 1, false, "\"c\"");
    CLOSE(b);
    sheet s = {finish(b), PLACE(.file = "a.png")};
    assert_ok(write_all(&out, OCRVL_FORMAT_CSV, &s, 1, NULL, err));
    assert_string_equal(out.data,
                        "Head & <tail>,,tall,\r\na,,,\r\nc d,,,far\r\n\r\n\"a, b\"\r\n\"\"\r\n\"\"\"c\"\"\"\r\n");
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
}

static int full_disk(void *user, const void *data, size_t len)
{
    size_t *left = user;
    (void)data;
    if (len > *left)
        return *left = 0, ENOSPC;
    *left -= len;
    return 0;
}

/* Wherever the disk is full, that call or a later one says so, and so does all that follows. */
static void test_full_disk(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png")};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_buf out = {0};
        assert_ok(write_all(&out, f, &s, 1, NULL, err));
        for (size_t room = 0; room < out.len; room += room + 777 < out.len ? 777 : 1) {
            size_t left = room;
            ocrvl_writer *w;
            ocrvl_error e = {0};
            assert_ok(ocrvl_writer_new(&w, f, full_disk, &left, NULL, err));
            ocrvl_status st = ocrvl_writer_page(w, s.page, &s.place, &e);
            if (st == OCRVL_OK)
                st = ocrvl_writer_finish(w, &e);
            assert_int_equal(st, OCRVL_E_IO);
            assert_int_equal(e.sys_errno, ENOSPC);
            e.sys_errno = 0;
            assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, &e), OCRVL_E_IO);
            assert_int_equal(e.sys_errno, ENOSPC);
            ocrvl_writer_free(w);
        }
        ocrvl_buf_free(&out);
    }
    ocrvl_page_free(s.page);
}

static void test_allocations(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png", .sha256 = hash)};
    ocrvl_writer_options opt = {
        .size = sizeof opt, .model = "m", .settings = "a=b", .datetime = "2026-01-01", .pages = 1};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++)
        for (long n = 1;; n++) {
            ocrvl_buf out = {0};
            if (!ocrvl_buf_reserve(&out, 1000000)) /* what the test needs is not what fails */
                fail();
            ocrvl_mem_fail_after(n);
            ocrvl_status st = write_all(&out, f, &s, 1, &opt, NULL);
            ocrvl_mem_fail_after(0);
            ocrvl_buf_free(&out);
            if (st == OCRVL_OK) {
                assert_true(n > 2);
                break;
            }
            assert_int_equal(st, OCRVL_E_NOMEM);
        }
    ocrvl_page_free(s.page);
}

static void test_options(void **state)
{
    (void)state;
    ocrvl_buf out = {0};
    ocrvl_writer *w;
    sheet s = {finish(builder(5, 5)), PLACE(.file = "a", .sha256 = "abc")};
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "0000-01-01",
                                      "2026-1-1",
                                      "2026-01-01T",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00+1:00",
                                      "2026-01-01T00:00:00Zx",
                                      "2026-01-01 00:00:00"};
    static const char *const good[] = {"2024-02-29", "2026-01-01T23:59:59", "2026-01-01T00:00:00.123Z",
                                       "2000-02-29T00:00:00-05:30"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ocrvl_writer_options o = {.size = sizeof o, .datetime = bad[i]};
        assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_ALTO, into_buf, &out, &o, NULL), OCRVL_E_ARG);
        assert_null(w);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ocrvl_writer_options o = {.size = sizeof o, .datetime = good[i]};
        assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_ALTO, into_buf, &out, &o, err));
        ocrvl_writer_free(w);
    }
    ocrvl_writer_options o = {.model = "m"}; /* no size */
    assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_JSON, into_buf, &out, &o, NULL), OCRVL_E_ARG);
    o = (ocrvl_writer_options){.size = sizeof o, .model_sha256 = "E3B0"};
    assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_JSON, into_buf, &out, &o, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_writer_new(&w, (ocrvl_format)0, into_buf, &out, NULL, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_writer_new(&w, (ocrvl_format)(LAST_FORMAT + 1), into_buf, &out, NULL, NULL), OCRVL_E_ARG);
    for (ocrvl_format f = OCRVL_FORMAT_HOCR; f <= OCRVL_FORMAT_ALTO; f++) {
        assert_ok(ocrvl_writer_new(&w, f, into_buf, &out, NULL, err));
        assert_int_equal(ocrvl_writer_finish(w, NULL), OCRVL_E_ARG);                 /* not without a page */
        assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG); /* its sha256 is none */
        s.place.sha256 = NULL;
        assert_int_equal(ocrvl_writer_page(w, s.page, &(ocrvl_page_place){.file = "a"}, NULL), OCRVL_E_ARG);
        assert_ok(ocrvl_writer_page(w, s.page, &s.place, err)); /* neither has hurt it */
        assert_ok(ocrvl_writer_finish(w, err));
        s.place.sha256 = "abc";
        ocrvl_writer_free(w);
    }
    ocrvl_page_free(s.page);
    ocrvl_buf_free(&out);
}

static void test_formats(void **state)
{
    (void)state;
    char names[128] = "";
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_format back;
        assert_true(ocrvl_format_by_name(ocrvl_format_name(f), &back));
        assert_int_equal(back, f);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? " " : "", ocrvl_format_name(f));
    }
    assert_string_equal(names, ocrvl_format_names());
    ocrvl_format f;
    assert_false(ocrvl_format_by_name("", &f));
    assert_false(ocrvl_format_by_name("HOCR", &f));
}

/* ---- Markdown ---------------------------------------------------------------------------------------- */

static void check_markdown(ocrvl_builder *b, const char *want)
{
    ocrvl_buf out = {0};
    sheet s = {finish(b), PLACE(.file = "a")};
    assert_ok(write_all(&out, OCRVL_FORMAT_MARKDOWN, &s, 1, NULL, err));
    assert_string_equal(out.data, want);
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
}

static void test_markdown(void **state)
{
    (void)state;
    ocrvl_builder *b = builder(1000, 1400);
    plain_block(b, OCRVL_ROLE_TITLE, "C# in *one*", "line #");
    plain_block(b, OCRVL_ROLE_HEADING, "Two", NULL);
    plain_block(b, OCRVL_ROLE_PARAGRAPH, "- a dash, snake_case, _under_ [x] <b> &amp; A&B 2~3 $5", "1. no list");
    plain_block(b, OCRVL_ROLE_PARAGRAPH, "    no code", "===");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "\xE2\x80\xA2 first", "and on");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "12) second", "and on");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "third", NULL);
    plain_block(b, OCRVL_ROLE_CODE, "x = `y`", "```");
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = "a_1^2");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_SEPARATOR);
    CLOSE(b);
    /* brackets alone, a dollar before a number, and bars outside tables mean nothing */
    check_markdown(b, "# C\\# in \\*one\\* line \\#\n\n## Two\n\n"
                      "\\- a dash, snake_case, \\_under\\_ [x] \\<b> \\&amp; A\\&B 2\\~3 $5\n1\\. no list\n\n"
                      "no code\n\\===\n\n- first\n  and on\n12) second\n    and on\n- third\n\n"
                      "````\nx = `y`\n```\n````\n\n$$\na_1^2\n$$\n\n---\n");
    b = builder(1000, 1400);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, true, "a|b");
    cell(b, 0, 1, 1, 1, true, "- c");
    cell(b, 1, 1, 1, 1, false, "d");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, false, "e");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 2, true, "f<g");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, true, "h");
    CLOSE(b);
    check_markdown(b, "| a\\|b | - c |\n| --- | --- |\n|  | d |\n\n|  |\n| --- |\n| e |\n\n"
                      "<table><tr><th colspan=\"2\">f&lt;g</th></tr></table>\n\n| h |\n| --- |\n");
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_samples(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_join),        cmocka_unit_test(test_small_page),
        cmocka_unit_test(test_exact),     cmocka_unit_test(test_streaming),   cmocka_unit_test(test_csv),
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_allocations), cmocka_unit_test(test_options),
        cmocka_unit_test(test_formats),   cmocka_unit_test(test_markdown),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
