/* Any bytes as results (ocrvl convert): read by whatever format they look like, and written in every one. */
#define FUZZ_CHANGES 15
#include "fuzz/fuzz.h"

#include "ocrvl_formats.h"

const char *const fuzz_folders[] = {"tests/schema/foreign", NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("{\"schema\":\"ocrvl.page/"
              "1\",\"source\":{\"file\":\"a.png\",\"pages\":1},\"page\":{\"index\":0,\"width\":90,\"height\":50,"
              "\"dpi\":[300,300],\"rotation\":0},\"status\":\"ok\",\"blocks\":[{\"type\":\"table\",\"bbox\":[1,2,80,40]"
              ",\"table\":{"
              "\"cells\":[{\"row\":0,\"col\":0,\"col_span\":2,\"lines\":[{\"text\":\"a "
              "b\",\"span\":[0,3],\"words\":[{\"text\":\"a\","
              "\"span\":[0,1],\"bbox\":[1,2,9,9],\"confidence\":0.5}]}]}]}},{\"type\":\"formula\",\"formula\":{"
              "\"latex\":\"x^2\"},"
              "\"lines\":[{\"text\":\"x2\",\"span\":[4,6]}]}]}"),
    FUZZ_SEED("[{\"schema\":\"ocrvl.page/"
              "1\",\"status\":\"failed\",\"error\":{\"code\":\"a\",\"message\":\"b\"},\"warnings\":[{\"code\":"
              "\"no_page_image\",\"message\":\"c\"}],\"document\":{\"title\":\"t\",\"outline\":[{\"title\":\"o\","
              "\"level\":1,\"page\":1}]}}]"),
    {0}};

static void write_page(ocrvl_format format, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_writer *w;
    ocrvl_error err;
    ocrvl_status st = ocrvl_writer_new(&w, format, fuzz_nowhere, NULL, NULL, &err);
    if (!st)
        st = ocrvl_writer_page(w, page, place, &err);
    if (!st)
        st = ocrvl_writer_finish(w, &err);
    fuzz_check(st, &err);
    ocrvl_writer_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ocrvl_format formats[] = {OCRVL_FORMAT_JSONL, OCRVL_FORMAT_HOCR, OCRVL_FORMAT_ALTO,
                                           OCRVL_FORMAT_PAGE,  OCRVL_FORMAT_TSV,  OCRVL_FORMAT_MARKDOWN,
                                           OCRVL_FORMAT_HTML,  OCRVL_FORMAT_PDF,  OCRVL_FORMAT_TEXT,
                                           OCRVL_FORMAT_DOLMA, OCRVL_FORMAT_CSV};
    ocrvl_results *r;
    ocrvl_error err;
    ocrvl_status st = ocrvl_results_open_memory(&r, data, size, "any", &err);
    fuzz_check(st, &err);
    for (int n = 0; !st && n < 4; n++) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_status read = ocrvl_results_next(r, &page, &place, &err);
        fuzz_check(read, &err);
        must(!read || !page);
        if (!read && !page)
            break;
        for (size_t i = 0; page && i < sizeof formats / sizeof *formats; i++)
            write_page(formats[i], page, &place);
        ocrvl_page_free(page);
    }
    if (!st)
        ocrvl_results_free(r);
    return 0;
}
