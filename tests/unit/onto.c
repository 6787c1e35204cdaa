/* Text onto the pages of a PDF: what the library's options and callbacks say of it, and every allocation that fails.
 * The rest is in tests/cli/onto.sh. */
#include "base/mem.h"
#include "sources.h"

static ocrvl_page *make_page(uint32_t width, uint32_t height)
{
    ocrvl_builder *b;
    ocrvl_page *page;
    ocrvl_box box = {10, 10, (int32_t)width - 10, 60};
    assert_ok(ocrvl_builder_new(&b, width, height, 300, 300, err));
    assert_ok(ocrvl_builder_open(
        b, &(ocrvl_node_info){.size = sizeof(ocrvl_node_info), .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_PARAGRAPH},
        err));
    assert_ok(ocrvl_builder_open(b,
                                 &(ocrvl_node_info){.size = sizeof(ocrvl_node_info),
                                                    .kind = OCRVL_LINE,
                                                    .text = "some words",
                                                    .box = box,
                                                    .origin = OCRVL_ORIGIN_INK},
                                 err));
    assert_ok(ocrvl_builder_close(b, err));
    assert_ok(ocrvl_builder_close(b, err));
    assert_ok(ocrvl_builder_finish(b, &page, err));
    ocrvl_builder_free(b);
    return page;
}

/* Pages of text alone, 300 x 200 pixels at 300 dpi. */
static bytes make_pdf(unsigned pages)
{
    bytes b = {0};
    ocrvl_writer *w;
    assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_PDF, bytes_write, &b, NULL, err));
    for (unsigned i = 0; i < pages; i++) {
        ocrvl_page *page = make_page(300, 200);
        ocrvl_page_place place = {.size = sizeof place, .file = "x", .width = 300, .height = 200};
        assert_ok(ocrvl_writer_page(w, page, &place, err));
        ocrvl_page_free(page);
    }
    assert_ok(ocrvl_writer_finish(w, err));
    ocrvl_writer_free(w);
    return b;
}

/* Reads the PDF and writes it with text, the first `most` pages of it. The status of whatever fails first. */
static ocrvl_status again(const bytes *in, bytes *out, bool drop, unsigned most, ocrvl_page *page, ocrvl_error *err)
{
    ocrvl_source_options so = {.size = sizeof so, .text_boxes = true, .drop_hidden_text = drop};
    ocrvl_source *src;
    ocrvl_writer *w = NULL;
    ocrvl_status st = ocrvl_source_open_memory(&src, in->data, in->len, "x.pdf", &so, err);
    if (!st)
        st = ocrvl_writer_new(&w, OCRVL_FORMAT_PDF, bytes_write, out, NULL, err);
    for (unsigned i = 0; i < most && !st; i++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        st = ocrvl_source_next(src, &img, &place, err);
        if (!st)
            st = ocrvl_writer_page(w, page, &place, err);
        ocrvl_image_free(img);
    }
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    ocrvl_source_free(src);
    return st;
}

static void a_page_says_where_its_text_is(void **state)
{
    bytes b = make_pdf(1);
    ocrvl_source_options so = {.size = sizeof so, .text_boxes = true};
    ocrvl_source *src;
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    (void)state;
    assert_ok(ocrvl_source_open_memory(&src, b.data, b.len, "x.pdf", &so, err));
    assert_ok(ocrvl_source_next(src, &img, &place, err));
    assert_ptr_equal(place.document, b.data);
    assert_int_equal(place.document_len, b.len);
    assert_int_equal(place.text_box_count, 2); /* some, words */
    const ocrvl_box *box = place.text_boxes;
    assert_in_range(box[0].x0, 9, 11);
    assert_in_range(box[1].x1, 263, 267); /* 10 of the 11 characters, with the space after them, share 280 pixels */
    assert_in_range(box[0].y1, 55, 65);
    assert_true(box[0].x1 < box[1].x0);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    so.drop_hidden_text = true;
    assert_ok(ocrvl_source_open_memory(&src, b.data, b.len, "x.pdf", &so, err));
    assert_ok(ocrvl_source_next(src, &img, &place, err));
    assert_ptr_not_equal(place.document, b.data);
    assert_int_equal(place.text_box_count, 0);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
}

static size_t occurrences(const bytes *b, const char *what)
{
    size_t n = 0, len = strlen(what);
    for (size_t i = 0; i + len <= b->len; i++)
        n += memcmp(b->data + i, what, len) == 0;
    return n;
}

static void text_that_is_there_is_not_put_again(void **state)
{
    bytes b = make_pdf(2), out = {0};
    ocrvl_page *page = make_page(300, 200);
    (void)state;
    assert_ok(again(&b, &out, false, 2, page, err));
    assert_int_equal(out.len, b.len); /* nothing was added: the very bytes */
    assert_memory_equal(out.data, b.data, b.len);
    bytes_free(&out);
    assert_ok(again(&b, &out, true, 2, page, err));
    assert_int_equal(occurrences(&out, "/Ocrvl1"), 2);
    bytes_free(&out);
    assert_ok(again(&b, &out, true, 1, page, err)); /* a document of one of its pages */
    assert_int_equal(occurrences(&out, "/Ocrvl1"), 1);
    assert_int_equal(occurrences(&out, "/Type /Page\n"), 1);
    bytes_free(&out);
    ocrvl_page_free(page);
    bytes_free(&b);
}

typedef struct told {
    unsigned count;
    char text[400];
} told;

static void on_note(void *user, const char *file, const char *text)
{
    told *t = user;
    t->count++;
    snprintf(t->text, sizeof t->text, "%s: %s", file, text);
}

static void a_document_that_is_none_becomes_images(void **state)
{
    static const char junk[] = "%PDF-1.4\nnothing more";
    bytes out = {0};
    told t = {0};
    ocrvl_page *page = make_page(300, 200);
    ocrvl_writer_options wo = {.size = sizeof wo, .on_note = on_note, .note_user = &t};
    ocrvl_page_place place = {.size = sizeof place,
                              .file = "y.pdf",
                              .document = junk,
                              .document_len = sizeof junk - 1,
                              .pdf_box = {0, 0, 72, 48},
                              .pages = 2};
    ocrvl_writer *w;
    (void)state;
    assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_PDF, bytes_write, &out, &wo, err));
    for (place.index = 0; place.index < 2; place.index++)
        assert_ok(ocrvl_writer_page(w, page, &place, err));
    assert_ok(ocrvl_writer_finish(w, err));
    ocrvl_writer_free(w);
    assert_int_equal(t.count, 1);
    assert_non_null(strstr(t.text, "y.pdf: text can't be written onto its own pages"));
    assert_int_equal(occurrences(&out, "/Type /Page "), 2);
    ocrvl_page_free(page);
    bytes_free(&out);
}

static void every_failed_allocation_is_told(void **state)
{
    ocrvl_page *page = make_page(300, 200);
    (void)state;
    for (unsigned pages = 1; pages <= 2; pages++) { /* all of one, one of two */
        bytes b = make_pdf(pages);
        for (long n = 1, more = 1; more; n++) {
            bytes out = {0};
            ocrvl_error err;
            ocrvl_mem_fail_after(n);
            ocrvl_status st = again(&b, &out, true, 1, page, &err);
            more = ocrvl_mem_failed();
            ocrvl_mem_fail_after(0);
            if (st != (more ? OCRVL_E_NOMEM : OCRVL_OK))
                fail_msg("allocation %ld, %u pages: %s", n, pages, st ? err.message : "nothing is said");
            bytes_free(&out);
        }
        bytes_free(&b);
    }
    ocrvl_page_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_says_where_its_text_is),
        cmocka_unit_test(text_that_is_there_is_not_put_again),
        cmocka_unit_test(a_document_that_is_none_becomes_images),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
