/* Any bytes as what a decoder says of a page. The first byte says how: of an even one the rest is the message, of an
 * odd one it changes a sound message, four bytes a change: where (two), what is put there, and how often. */
#define FUZZ_CHANGES 200
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "in/wire_page.h"
#include "ocrvl_formats.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("\1"),
    FUZZ_SEED("\1\0\0\1\1\0\10\377\4"),
    FUZZ_SEED("\1\0\40\177\1\0\100\200\10\1\0\0\2"),
    FUZZ_SEED("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    {0}};

enum { WIDTH = 200, HEIGHT = 100, MOST = 1 << 16 };

static const char file[] = "the bytes of a document";

/* A page of two lines in two fonts, with all else that there may be. */
static void put_sound(ocrvl_buf *b)
{
    static const ocrvl_own_word words[] = {{.text = "Some", .box = {10, 10, 50, 20}, .link = "https://example.org/"},
                                           {.text = "words2", .box = {60, 10, 90, 20}, .style = 1, .raised = 1},
                                           {.text = "below", .box = {10, 40, 50, 50}, .style = UINT32_MAX}};
    static const ocrvl_own_line lines[] = {
        {.first = 0, .count = 2, .box = {10, 10, 90, 20}, .baseline = 19, .x_height = 6},
        {.first = 2, .count = 1, .box = {10, 40, 50, 50}, .baseline = 49, .x_height = 6}};
    static const ocrvl_text_style styles[] = {{.font = "Times", .size = 10, .number = 0},
                                              {.font = "Arial", .size = 8, .number = 1, .bold = true}};
    static const ocrvl_own_rule rules[] = {{.box = {5, 30, 195, 31}}};
    static const ocrvl_outline_entry outline[] = {{.title = "One", .level = 1, .page = 1},
                                                  {.title = "Two", .level = 2}};
    static const ocrvl_text_place places[] = {{.text = "layer", .box = {1, 2, 30, 40}}};
    static const ocrvl_box boxes[] = {{1, 2, 30, 40}};
    static uint8_t verdicts[2];
    static const ocrvl_document_info info = {
        .title = "A title", .author = "An author", .outline = outline, .outline_count = 2};
    const ocrvl_own_text own = {.width = WIDTH,
                                .height = HEIGHT,
                                .dpi = 72,
                                .words = words,
                                .word_count = 3,
                                .lines = lines,
                                .line_count = 2,
                                .styles = styles,
                                .style_count = 2,
                                .rules = rules,
                                .rule_count = 1,
                                .verdicts = verdicts,
                                .font_count = 2,
                                .doubt = "a doubt"};
    const ocrvl_page_place place = {.size = sizeof place,
                                    .media_type = "application/pdf",
                                    .label = "iv",
                                    .text_layer = "layer",
                                    .text_places = places,
                                    .text_place_count = 1,
                                    .text_boxes = boxes,
                                    .text_box_count = 1,
                                    .damage = "part is missing",
                                    .pdf_box = {0, 0, 200, 100},
                                    .own_text = &own,
                                    .info = &info};
    ocrvl_wire_file f = {(const uint8_t *)file, sizeof file - 1};
    ocrvl_wire_put_page(b, &place, &f, true);
    must(!b->failed && b->len < MOST);
}

static void in_page(const ocrvl_box *b)
{
    must(b->x0 >= 0 && b->x0 <= b->x1 && b->x1 <= WIDTH && b->y0 >= 0 && b->y0 <= b->y1 && b->y1 <= HEIGHT);
}

/* What readers rely on. */
static void check(const ocrvl_wire_page *p)
{
    const ocrvl_own_text *t = p->place.own_text;
    size_t length = p->place.text_layer ? strlen(p->place.text_layer) : 0;
    for (size_t i = 0; i < p->place.text_place_count; i++)
        length += strlen(p->place.text_places[i].text);
    for (size_t i = 0; i < p->info.outline_count; i++)
        length += strlen(p->info.outline[i].title);
    must(length < MOST);
    for (size_t i = 0; t && i < t->word_count; i++) {
        in_page(&t->words[i].box);
        must(strlen(t->words[i].text) >= t->words[i].raised);
        must(t->words[i].style < t->style_count || t->words[i].style == UINT32_MAX);
    }
    for (size_t i = 0; t && i < t->line_count; i++)
        must(t->lines[i].first <= t->word_count && t->lines[i].count <= t->word_count - t->lines[i].first);
}

static bool take(const uint8_t *data, size_t len)
{
    ocrvl_wire_page p = {0};
    ocrvl_error err;
    ocrvl_wire w = {data, data + len, false};
    ocrvl_wire_file f = {(const uint8_t *)file, sizeof file - 1};
    ocrvl_status st = ocrvl_wire_take_page(&p, &w, &f, WIDTH, HEIGHT, 20000000, &err);
    must(st == OCRVL_OK || st == OCRVL_E_FORMAT);
    if (!st)
        check(&p);
    ocrvl_wire_page_free(&p);
    return st == OCRVL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ocrvl_buf b = {0};
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) {
        ocrvl_buf_put(&b, data + 1, size - 1);
    } else {
        put_sound(&b);
        must(size > 1 || take((const uint8_t *)b.data, b.len));
        for (size_t i = 1; i + 4 <= size; i += 4)
            for (size_t k = 0, at = data[i] * 256u + data[i + 1]; k < 1u + data[i + 3] % 16; k++)
                b.data[(at + k) % b.len] = (char)data[i + 2];
    }
    uint8_t *exact = malloc(b.len ? b.len : 1);
    must(exact);
    if (b.len)
        memcpy(exact, b.data, b.len);
    (void)take(exact, b.len);
    free(exact);
    ocrvl_buf_free(&b);
    return 0;
}
