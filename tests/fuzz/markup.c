/* Any bytes as what a model wrote: the first chooses the reading. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "markup/grounding.h"
#include "markups.h"
#include "read/mineru.h"
#include "read/otsl.h"

const char *const fuzz_folders[] = {"tests/fuzz/corpus/markup", NULL};
const fuzz_seed fuzz_seeds[] = {{0}};

static void read_grounding(const char *text, size_t len, bool json)
{
    ocrvl_grounding *g;
    if (json ? ocrvl_grounding_parse_json(&g, text, len, 1000, 700, 1654, 2339, NULL)
             : ocrvl_grounding_parse(&g, text, len, 1654, 2339, NULL))
        return;
    must(ocrvl_utf8_count(g->text, g->text_len) == g->text_count);
    for (size_t i = 0; i < g->item_count; i++)
        for (int k = 0; k < 4; k++)
            must(g->items[i].points[k][0] >= 0 && g->items[i].points[k][0] <= 1000);
    ocrvl_grounding_free(g);
}

/* A table in OTSL, and MinerU's layout of a page. */
static void read_blocks(const char *text, size_t len, bool layout)
{
    ocrvl_transcript t = {ocrvl_strndup(text, len), len, ocrvl_alloc_array(len + 1, sizeof *t.logprob)}, out = {0};
    ocrvl_growing g = {0};
    ocrvl_mineru m = {0};
    must(t.text && t.logprob);
    if (layout) {
        must(ocrvl_mineru_layout(&m, t.text, 1654, 2339, len % 2 == 0, NULL) == OCRVL_OK);
        for (size_t i = 0; i < m.count; i++)
            must(m.blocks[i].box.x0 < m.blocks[i].box.x1 && m.blocks[i].box.x1 <= 1654 &&
                 m.blocks[i].box.y0 < m.blocks[i].box.y1 && m.blocks[i].box.y1 <= 2339);
    } else {
        must(ocrvl_otsl_to_html(&g, &t, NULL) == OCRVL_OK);
        must(ocrvl_growing_end(&g, &out, NULL) == OCRVL_OK);
    }
    ocrvl_mineru_free(&m);
    ocrvl_transcript_free(&t);
    ocrvl_transcript_free(&out);
}

static void read_markup(const char *text, size_t len, ocrvl_markup_mode mode)
{
    ocrvl_markup *m;
    if (ocrvl_markup_parse(&m, text, len, mode, NULL))
        return;
    check_markup(m, text, len);
    ocrvl_markup_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    if (size == 0)
        return 0;
    if (data[0] == 'g' || data[0] == 'j')
        read_grounding(text, size - 1, data[0] == 'j');
    else if (data[0] == 'o' || data[0] == 'l')
        read_blocks(text, size - 1, data[0] == 'l');
    else
        read_markup(text, size - 1, data[0] == 'p' ? OCRVL_MARKUP_PLAIN : OCRVL_MARKUP_MARKDOWN);
    return 0;
}
