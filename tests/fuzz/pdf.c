/* Any bytes as a PDF whose own text is taken, whose hidden text is removed, and onto which a page of text is put. */
#define FUZZ_CHANGES 6
#include "fuzz/fuzz.h"

#include "ocrvl_formats.h"

const char *const fuzz_folders[] = {"tests/fuzz/corpus/source/text.pdf", "tests/fuzz/corpus/source/object-streams.pdf",
                                    "tests/fuzz/corpus/source/mask.pdf", "tests/fuzz/corpus/source/encrypted.pdf",
                                    NULL};
const fuzz_seed fuzz_seeds[] = {FUZZ_SEED("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 "
                                          "obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page"
                                          "/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 "
                                          "R>>>>>>endobj 4 0 obj<</Length 74>>stream\n"
                                          "BT 3 Tr /F 12 Tf 9 50 Td (hid) Tj 0 Tr (seen) ' ET q BT 3 Tr (x) Tj ET Q   "
                                          "\nendstream endobj 5 0 obj<</Type/Font/Subtype"
                                          "/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
                                {0}};

/* A page of one line, put onto the page that its place names. */
static ocrvl_status put_text(const ocrvl_image *img, const ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_builder *b = NULL;
    ocrvl_page *page = NULL;
    ocrvl_writer *w = NULL;
    double x, y;
    int32_t width = (int32_t)ocrvl_image_width(img), height = (int32_t)ocrvl_image_height(img);
    ocrvl_node_info block = {.size = sizeof block, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_PARAGRAPH};
    ocrvl_node_info line = {.size = sizeof line, .kind = OCRVL_LINE, .text = "put on", .box = {0, 0, width, height}};
    line.origin = OCRVL_ORIGIN_INK;
    ocrvl_image_dpi(img, &x, &y);
    ocrvl_status st = ocrvl_builder_new(&b, (uint32_t)width, (uint32_t)height, x, y, err);
    st = st ? st : ocrvl_builder_open(b, &block, err);
    st = st ? st : ocrvl_builder_open(b, &line, err);
    st = st ? st : ocrvl_builder_close(b, err);
    st = st ? st : ocrvl_builder_close(b, err);
    st = st ? st : ocrvl_builder_finish(b, &page, err);
    st = st ? st : ocrvl_writer_new(&w, OCRVL_FORMAT_PDF, fuzz_nowhere, NULL, NULL, err);
    st = st ? st : ocrvl_writer_page(w, page, place, err);
    st = st ? st : ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    ocrvl_page_free(page);
    ocrvl_builder_free(b);
    return st;
}

static void read_pages(const uint8_t *data, size_t size, const ocrvl_source_options *opt)
{
    ocrvl_error err;
    ocrvl_source *s;
    ocrvl_status st = ocrvl_source_open_memory(&s, data, size, "any", opt, &err);
    fuzz_check(st, &err);
    for (int k = 0; !st && k < 4; k++) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_status read = ocrvl_source_next(s, &img, &place, &err);
        fuzz_check(read, &err);
        if (!read && !img)
            break;
        if (!read)
            fuzz_check(put_text(img, &place, &err), &err);
        ocrvl_image_free(img);
    }
    if (!st)
        ocrvl_source_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ocrvl_source_options opt = {.size = sizeof opt,
                                .max_pixels = 250000,
                                .max_pages = 20,
                                .dpi = 20,
                                .password = "secret",
                                .text_boxes = true,
                                .text_layer = true,
                                .originals = true};
    if (size < 5 || memcmp(data, "%PDF", 4) != 0) /* the target source has all else */
        return 0;
    opt.drop_hidden_text = true;
    read_pages(data, size, &opt);
    opt.drop_hidden_text = false;
    opt.own_text = opt.small_images = true;
    read_pages(data, size, &opt);
    return 0;
}
