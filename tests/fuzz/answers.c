/* Any bytes as the answer of a fine-tune: the first chooses the reading. Blocks of HTML with boxes, thinking, olmOCR's
 * JSON, front matter, and MinerU's layout with the same bytes as what its blocks say. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "markups.h"
#include "read/html_blocks.h"
#include "read/mineru.h"
#include "read/olmocr.h"
#include "read/thinking.h"

enum { WIDTH = 1654, HEIGHT = 2339 };

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("h<div data-bbox=\"1 2 30 40\" data-label=\"Text\"><p>a * b <math>x &lt; 1</math><br>c</p></div>"
              "<div data-bbox=\"[5, 6, 1024, 80]\" data-label=\"Table\"><table><tr><td><input type=radio checked>d</td>"
              "</tr></table></div><div data-bbox='1 1 9 9' data-label=Image><img alt='e \"f'></div>"
              "<div data-label='Code-Block'><pre><code>g &amp;</code></pre></div>"),
    FUZZ_SEED("h<div data-label=\"Equation-Block\" data-bbox=\"0 0 1 1\">x<sup>2</sup>&#955;</div><div><div>y</div>"),
    FUZZ_SEED("t<think>one\ntwo</think>\n<answer>\n# three\n</answer>"),
    FUZZ_SEED("j{\"primary_language\":\"en\",\"natural_text\":\"a\\n\\ud83d\\ude00\\\"\"}"),
    FUZZ_SEED("f---\nprimary_language: en\nis_rotation_valid: False\nrotation_correction: 90\nis_table: no\n---\n<img>a"
              "</img>\n\n\u2611 b"),
    FUZZ_SEED("m<|box_start|>10 20 500 300<|box_end|><|ref_start|>image<|ref_end|><|rotate_up|>\n"
              "<|box_start|>10 320 500 400<|box_end|><|ref_start|>text<|ref_end|><|rotate_left|>txt_contd_tgt\n"
              "<|box_start|>10 420 500 500<|box_end|><|ref_start|>table<|ref_end|>\n"),
    {0}};

/* Regions stand in the order of the text, without overlaps, inside it, with boxes on the page. */
static void check_regions(const ocrvl_model_regions *r, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < r->count; i++) {
        const ocrvl_model_region *k = &r->list[i];
        must(k->from >= at && k->to >= k->from && k->to <= len);
        must(k->box.x0 >= 0 && k->box.x0 <= k->box.x1 && k->box.x1 <= WIDTH && k->box.y0 >= 0 &&
             k->box.y0 <= k->box.y1 && k->box.y1 <= HEIGHT);
        must(k->to == k->from || ocrvl_model_regions_find(r, k->from) == i);
        at = k->to;
    }
}

static void check_markdown(const ocrvl_transcript *t)
{
    ocrvl_markup *m;
    must(t->text && strlen(t->text) <= t->len);
    if (ocrvl_markup_parse(&m, t->text, t->len, OCRVL_MARKUP_MARKDOWN, NULL))
        return;
    check_markup(m, t->text, t->len);
    ocrvl_markup_free(m);
}

static ocrvl_transcript copy_of(const char *text, size_t len)
{
    ocrvl_transcript t = {ocrvl_strndup(text, len), 0, ocrvl_alloc_array(len + 1, sizeof *t.logprob)};
    must(t.text && t.logprob);
    t.len = strlen(t.text);
    return t;
}

static void read_html(const ocrvl_transcript *t)
{
    ocrvl_transcript out = {0};
    ocrvl_model_regions r = {0};
    size_t bad = 0;
    must(ocrvl_html_blocks(t, WIDTH, HEIGHT, &out, &r, &bad, NULL) == OCRVL_OK);
    must(out.len <= 64 * (t->len + 1) && bad <= t->len);
    check_regions(&r, out.len);
    check_markdown(&out);
    ocrvl_model_regions_free(&r);
    ocrvl_transcript_free(&out);
}

static void read_blocks(const ocrvl_transcript *t)
{
    ocrvl_transcript out = {0};
    ocrvl_model_regions r = {0};
    ocrvl_mineru m = {0};
    must(ocrvl_mineru_layout(&m, t->text, WIDTH, HEIGHT, t->len % 2 == 0, NULL) == OCRVL_OK);
    must(m.count <= 1024 && m.figure_count <= 1024);
    for (size_t i = 0; i < m.count && i < 20; i++)
        m.blocks[i].said = copy_of(t->text, t->len < 200 ? t->len : 200);
    must(ocrvl_mineru_join(&m, &out, NULL, NULL) == OCRVL_OK);
    check_markdown(&out);
    must(ocrvl_mineru_join(&m, &out, &r, NULL) == OCRVL_OK);
    check_regions(&r, out.len);
    check_markdown(&out);
    ocrvl_mineru_free(&m);
    ocrvl_model_regions_free(&r);
    ocrvl_transcript_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    ocrvl_transcript t = copy_of((const char *)data + 1, size - 1);
    ocrvl_buf thought = {0};
    bool unfinished = false;
    uint32_t turn;
    switch (data[0]) {
    case 'h': read_html(&t); break;
    case 'm': read_blocks(&t); break;
    case 'j': must(ocrvl_olmocr_text(&t, &turn, NULL) == OCRVL_OK && turn % 90 == 0); break;
    case 't': must(ocrvl_cut_thinking(&t, size % 2, &thought, &unfinished, NULL) == OCRVL_OK); break;
    default: check_markdown(&t);
    }
    ocrvl_buf_free(&thought);
    ocrvl_transcript_free(&t);
    return 0;
}
