/* Text, Markdown and front matter to blocks: what is written, and the blocks that it must give (see describe). */
#include "markups.h"

typedef struct example {
    const char *text, *want;
} example;

static void check(const char *text, ocrvl_markup_mode mode, const char *want)
{
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, text, strlen(text), mode, err));
    check_markup(m, text, strlen(text));
    char *got = describe(m);
    if (strcmp(got, want) != 0)
        fail_msg("of:\n%s\nwanted:\n%s\ngot:\n%s", text, want, got);
    ocrvl_free(got);
    ocrvl_markup_free(m);
}

static void check_all(const example *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check(e[i].text, OCRVL_MARKUP_MARKDOWN, e[i].want);
}

#define CHECK(examples) check_all(examples, sizeof(examples) / sizeof *(examples))

static void plain_text(void **state)
{
    (void)state;
    static const example e[] = {
        {"", ""},
        {" \n\t\n", ""},
        {"one\ntwo\n\nthree", "paragraph: one\\ntwo\nparagraph: three\n"},
        {"  # *one*  \n <b>&amp;  $ \r\n\r\n\\[ | ", "paragraph: # *one*\\n<b>&amp;  $\nparagraph: \\[ |\n"},
        {"a\rb\r\rc", "paragraph: a\\nb\nparagraph: c\n"},
        {"Text.\n \t\n12\n", "paragraph: Text.\npage_number: 12\n"},
        {"12", "paragraph: 12\n"},
        {"---\nprimary_language: de\n---\nText", "paragraph: Text\n"},
    };
    for (size_t i = 0; i < sizeof e / sizeof *e; i++)
        check(e[i].text, OCRVL_MARKUP_PLAIN, e[i].want);
}

static void headings(void **state)
{
    (void)state;
    static const example e[] = {
        {"# One", "heading 1: One\n"},
        {"###### Six ######", "heading 6: Six\n"},
        {"####### Seven", "paragraph: ####### Seven\n"},
        {"#No", "paragraph: #No\n"},
        {"#", ""},
        {"## C#", "heading 2: C#\n"},
        {"## A \\#", "heading 2: A #\n"},
        {"  ### **A** B\ntext", "heading 3: A B\nparagraph: text\n"},
        {"text\n# A\nmore", "paragraph: text\nheading 1: A\nparagraph: more\n"},
        {"One\n===", "heading 1: One\n"},
        {"One\n---", "heading 2: One\n"},
        {"One\nTwo\n===", "heading 1: One\\nTwo\n"},
        {"One\nTwo\n---", "paragraph: One\\nTwo\nseparator: \n"},
        {"One\n\n===", "paragraph: One\nparagraph: ===\n"},
    };
    CHECK(e);
}

static void paragraphs(void **state)
{
    (void)state;
    static const example e[] = {
        {"one  \ntwo\\\nthree\n   four", "paragraph: one\\ntwo\\nthree\\nfour\n"},
        {"one<br>two<br/>\nthree", "paragraph: one\\ntwo\\nthree\n"},
        {"one\r\ntwo\r\n\r\nthree", "paragraph: one\\ntwo\nparagraph: three\n"},
        {"***\nA\n* * *\nB\n\n___", "separator: \nparagraph: A\nseparator: \nparagraph: B\nseparator: \n"},
        {"a    b", "paragraph: a    b\n"},
        {"Name: ____ Date: ____", "paragraph: Name: ____ Date: ____\n"},
    };
    CHECK(e);
}

static void inline_marks(void **state)
{
    (void)state;
    static const example e[] = {
        {"**bold** *em* __bold__ _em_ ***both*** ~~gone~~", "paragraph: bold em bold em both gone\n"},
        {"*a **b** c* **a *b* c**", "paragraph: a b c a b c\n"},
        {"**a*", "paragraph: *a\n"},
        {"a*b*c 2*3*4 2**3**4 snake_case_name", "paragraph: a*b*c 2*3*4 2**3**4 snake_case_name\n"},
        {"word* * Note ** x", "paragraph: word* * Note ** x\n"},
        {"p < 0.05* and 0.01**", "paragraph: p < 0.05* and 0.01**\n"},
        {"\u4E2D**\u7C97\u4F53**\u6587", "paragraph: \u4E2D\u7C97\u4F53\u6587\n"},
        {"~5 ~~ 6", "paragraph: ~5 ~~ 6\n"},
        {"`a*b*` ``x`y`` `open", "paragraph: a*b* x`y `open\n"},
        {"``quoted''", "paragraph: ``quoted''\n"},
        {"[text](http://a.b/c) [t](x.html \"T\") [t](<b>)", "paragraph: text t [t]()\n"},
        {"[illegible] [word](?) [a] (b) [1] [x]: y", "paragraph: [illegible] [word](?) [a] (b) [1] [x]: y\n"},
        {"see ![a *sign*](s.png) here", "paragraph: see a sign here\n"},
        {"<https://a.b> <a@b.c> <not a tag> <name> a<b", "paragraph: https://a.b a@b.c <not a tag> <name> a<b\n"},
        {"<-a@b> <", "paragraph: <-a@b> <\n"},
        {"\\*a\\* \\# \\a C:\\dir", "paragraph: *a* # \\a C:\\dir\n"},
        {"<b>a</b><i class=\"x>y\">b</i> <span>c</span><u>d", "paragraph: ab cd\n"},
        {"<b 2 or a> 3 <i class=x>i</i> <p\u03B1> <b data-x = \"<\">",
         "paragraph: <b 2 or a> 3 i <p\u03B1> <b data-x = \"<\">\n"},
        {"x<!-- no -->y", "paragraph: xy\n!comment\n"},
        {"x <!-- no", "paragraph: x <!-- no\n"},
        {"word[^1] and[^12] and[^a]", "paragraph: word\u00B9 and\u00B9\u00B2 and[^a]\n"},
    };
    CHECK(e);
}

static void entities(void **state)
{
    (void)state;
    static const example e[] = {
        {"&amp; &lt;b&gt; &quot; &copy; &euro; &frac12; &Alpha;", "paragraph: & <b> \" \u00A9 \u20AC \u00BD \u0391\n"},
        {"&#65;&#x42;&#X43; &#0; &#xD800; &#x110000; &#99999999999;", "paragraph: ABC \uFFFD \uFFFD \uFFFD \uFFFD\n"},
        {"&nosuch; &amp &; &#; &#x; &#12a;", "paragraph: &nosuch; &amp &; &#; &#x; &#12a;\n"},
        {"&#42;a&#42; a&nbsp;b&nbsp;", "paragraph: *a* a\u00A0b\n"},
        {"a &NotEqualTilde; b &CounterClockwiseContourIntegral; &fjlig;", "paragraph: a \u2242\u0338 b \u2233 fj\n"},
        {"&copy 2024 &ampamp; &notit; &not;in", "paragraph: &copy 2024 &ampamp; &notit; \u00ACin\n"},
        {"AT&T R&D; &ThisIsAVeryLongName;", "paragraph: AT&T R&D; &ThisIsAVeryLongName;\n"},
    };
    CHECK(e);
}

static void scripts(void **state)
{
    (void)state;
    static const example e[] = {
        {"10<sup>6</sup> m<sup>-2</sup> H<sub>2</sub>O x<sub>n</sub> x<sup>(n+1)</sup>",
         "paragraph: 10\u2076 m\u207B\u00B2 H\u2082O x\u2099 x\u207D\u207F\u207A\u00B9\u207E\n"},
        {"19<sup>th</sup> a<sup>*</sup> <sup>open", "paragraph: 19th a* open\n"},
        {"a<sup>1</sub> b<sup>1 2</sup>", "paragraph: a1 b1 2\n"},
    };
    CHECK(e);
}

static void lists(void **state)
{
    (void)state;
    static const example e[] = {
        {"- a\n- b\n* c\n+ d", "list_item list=1 -: a\nlist_item list=1 -: b\nlist_item list=1 *: c\n"
                               "list_item list=1 +: d\n"},
        {"\u2022 a\n\u2022 b", "list_item list=1 \u2022: a\nlist_item list=1 \u2022: b\n"},
        {"1. a\n2) b\n10. c", "list_item list=1 ordered 1.: a\nlist_item list=1 ordered 2): b\n"
                              "list_item list=1 ordered 10.: c\n"},
        {"- a\n  b\nc\n\n  d\n\ne", "list_item list=1 -: a\\nb\\nc\nlist_item list=1 continued: d\nparagraph: e\n"},
        {"- a\n  - b\n    - c\n- d", "list_item list=1 -: a\nlist_item list=2 -: b\nlist_item list=3 -: c\n"
                                     "list_item list=1 -: d\n"},
        {"1. a\n  - b\n  - c\n2. d", "list_item list=1 ordered 1.: a\nlist_item list=2 -: b\n"
                                     "list_item list=2 -: c\nlist_item list=1 ordered 2.: d\n"},
        {"1. a\n - b", "list_item list=1 ordered 1.: a\nlist_item list=1 -: b\n"},
        {"- - a", "list_item list=1 -: \nlist_item list=2 -: a\n"},
        {"-\n- b\n-", "list_item list=1 -: \nlist_item list=1 -: b\nlist_item list=1 -: \n"},
        {"text\n- a", "paragraph: text\nlist_item list=1 -: a\n"},
        {"born in\n1984. Then", "paragraph: born in\\n1984. Then\n"},
        {"- # H\n- ```\n  x\n  ```", "heading 1 list=1 -: H\ncode list=1 -: x\n"},
        {"- [ ] open\n- [x] done", "list_item list=1 -: [ ] open\nlist_item list=1 -: [x] done\n"},
        {"-5 degrees\n\n1.5 m", "paragraph: -5 degrees\nparagraph: 1.5 m\n"},
        {"<ul><li>a</li><li>b<ol><li>c</ol></ul>d",
         "list_item list=1: a\nlist_item list=1: b\nlist_item list=2 ordered 1.: c\nparagraph: d\n"},
        {"<ol><li>a<ul><li>b</li></ul></li><li>c<p>d</p></li></ol>",
         "list_item list=1 ordered 1.: a\nlist_item list=2: b\nlist_item list=1 ordered 2.: c\n"
         "list_item list=1 ordered: d\n"},
        {"<ol start=\"3\"><li>a<li> 4. b<li value=9>(x) c<li>d</ol>",
         "list_item list=1 ordered 3.: a\nlist_item list=1 ordered: 4. b\nlist_item list=1 ordered: (x) c\n"
         "list_item list=1 ordered 10.: d\n"},
        {"<ol type=i><li>a</ol>", "list_item list=1 ordered: a\n"},
        {"</ol><li>a</li><ol start=99999999999><li></li><li>b</ol>", "list_item: a\nlist_item list=1 ordered 2.: b\n"},
    };
    CHECK(e);
}

static void quotes(void **state)
{
    (void)state;
    static const example e[] = {
        {"> a\n> b\nc\n\nd", "paragraph quote=1: a\\nb\\nc\nparagraph: d\n"},
        {"> a\n>\n> b", "paragraph quote=1: a\nparagraph quote=1: b\n"},
        {">> a\n> > b", "paragraph quote=2: a\\nb\n"},
        {"> - a\n>   b\n> # c", "list_item list=1 quote=1 -: a\\nb\nheading 1 quote=1: c\n"},
        {"> ```\n> x\n> ```\n> y", "code quote=1: x\nparagraph quote=1: y\n"},
        {"> ```\n> x\ny", "code quote=1: x\nparagraph: y\n!code_not_closed\n"},
        {"> | a | b |\n> |---|---|\n> | 1 | 2 |", "table quote=1 2x2: [0,0h]a[0,1h]b[1,0]1[1,1]2\n"},
        {"> <table><tr><td>a\n> b</td></tr>\n> </table>", "table quote=1 1x1: [0,0]a b\n"},
    };
    CHECK(e);
}

static void code(void **state)
{
    (void)state;
    static const example e[] = {
        {"```python\nx  =  *1*\n\n  y\n```\nz", "code: x  =  *1*\\n\\n  y\nparagraph: z\n"},
        {"~~~\n```\n~~~", "code: ```\n"},
        {"  ```\n    a\n  b\n  ```", "code:   a\\nb\n"},
        {"````\n```\n````", "code: ```\n"},
        {"```\nopen", "code: open\n!code_not_closed\n"},
        {"``` not a fence", "paragraph: ``` not a fence\n"},
        {"    a\n      b\n\n    c\nd", "code: a\\n  b\\n\\nc\nparagraph: d\n"},
        {"text\n    more", "paragraph: text\\nmore\n"},
        {"```markdown\n# A\n\ntext\n```\n", "heading 1: A\nparagraph: text\n!fence_around\n"},
        {"Here it is:\n```html\n<table><tr><td>x</td></tr></table>\n```\nBye",
         "paragraph: Here it is:\ntable 1x1: [0,0]x\nparagraph: Bye\n!fence_around\n"},
        {"```md\n```c\nx\n```\ny\n```", "code: x\nparagraph: y\n!fence_around\n"},
    };
    CHECK(e);
}

static void formulas(void **state)
{
    (void)state;
    static const example e[] = {
        {"$$ x^2 $$", "formula: x^2\n"},
        {"$$\na_1 &= b \\\\\n  c\n$$", "formula: a_1 &= b \\\\\\nc\n"},
        {"text\n\\[ a*b*c \\] (1)", "paragraph: text\nformula: a*b*c\nparagraph: (1)\n"},
        {"\\begin{align*}\na &= b\n\\end{align*}\nmore",
         "formula: \\begin{align*}\\na &= b\\n\\end{align*}\nparagraph: more\n"},
        {"\\begin{equation}\\begin{array}{c}1\\end{array}\\end{equation}",
         "formula: \\begin{equation}\\begin{array}{c}1\\end{array}\\end{equation}\n"},
        {"\\begin{tabular}{c}a\\end{tabular}", "paragraph: \\begin{tabular}{c}a\\end{tabular}\n"},
        {"Let $a_b^*$, \\(c_d*e*f\\) and $$g_h$$ be.", "paragraph: Let $a_b^*$, \\(c_d*e*f\\) and $$g_h$$ be.\n"},
        {"cost $5 and *then* $10", "paragraph: cost $5 and then $10\n"},
        {"\\$5 and $5-*a*-$6", "paragraph: $5 and $5-a-$6\n"},
        {"$$$ cheap\n\nnext", "paragraph: $$$ cheap\nparagraph: next\n!formula_not_closed\n"},
        {"\\[ open\n\nnext \\]", "paragraph: [ open\nparagraph: next ]\n!formula_not_closed\n"},
        {"$$\n\nx\n$$", "paragraph: $$\nparagraph: x\\n$$\n!formula_not_closed*2\n"},
        {"- $$x$$\n> $$\n> y\n> $$", "formula list=1 -: x\nformula quote=1: y\n"},
        {"$$$$", ""},
    };
    CHECK(e);
}

static void figures(void **state)
{
    (void)state;
    static const example e[] = {
        {"![A cat & dog](cat.png)", "figure: A cat & dog\n"},
        {"![](x.png \"T\")", "figure: \n"},
        {"text\n![a](x)\nmore", "paragraph: text\nfigure: a\nparagraph: more\n"},
        {"![a [b] c](x)\nFigure 1: A cat.\n\nFigure 2 shows", "figure: a [b] c\ncaption: Figure 1: A cat.\n"
                                                              "paragraph: Figure 2 shows\n"},
        {"![a](x)\n\nFig. 2a. Text", "figure: a\ncaption: Fig. 2a. Text\n"},
        {"![a](x)\n\nFigure 2", "figure: a\ncaption: Figure 2\n"},
        {"![a](x)\n\nFigure 2 shows that", "figure: a\nparagraph: Figure 2 shows that\n"},
        {"![a](x)\n\nFigurehead", "figure: a\nparagraph: Figurehead\n"},
        {"Figure 1: A cat.\n\nx", "paragraph: Figure 1: A cat.\nparagraph: x\n"},
        {"text <img src=\"x\" alt=\"A &lt; B\"> more", "paragraph: text\nfigure: A < B\nparagraph: more\n"},
        {"<img data-alt='no' alt='yes'>", "figure: yes\n"}, /* the name of an attribute is a whole word */
        {"<figure><img alt='a'><figcaption>cap</figcaption></figure>", "figure: a\ncaption: cap\n"},
        {"![open](x", "paragraph: ![open](x\n"},
    };
    CHECK(e);
}

static void furniture(void **state)
{
    (void)state;
    static const example e[] = {
        {"- 12 -\n\ntext", "page_number: - 12 -\nparagraph: text\n"},
        {"text\n\n12", "paragraph: text\npage_number: 12\n"},
        {"text\n\n**\u2014 7 \u2014**", "paragraph: text\npage_number: \u2014 7 \u2014\n"},
        {"Page 3 of 9\n\ntext\n\n[ 4 ]", "page_number: Page 3 of 9\nparagraph: text\npage_number: [ 4 ]\n"},
        {"text\n\nSeite 3 von 9", "paragraph: text\npage_number: Seite 3 von 9\n"},
        {"text\n\n12\n\nmore", "paragraph: text\nparagraph: 12\nparagraph: more\n"},
        {"text\n\n12345", "paragraph: text\nparagraph: 12345\n"},
        {"text\n\n(12)", "paragraph: text\nparagraph: (12)\n"},
        {"text\n\nPage three", "paragraph: text\nparagraph: Page three\n"},
        {"text\n\nPage 3 of", "paragraph: text\nparagraph: Page 3 of\n"},
        {"12", "paragraph: 12\n"},
        {"<header>A\n\nB</header>C<footer>D</footer><page_number>ix</page_number>",
         "header: A\nparagraph: B\nparagraph: C\nfooter: D\npage_number: ix\n"},
        {"<watermark>DRAFT</watermark>\n<signature>J. Doe</signature>", "other: DRAFT\nother: J. Doe\n"},
        {"<h2 id=\"x\">A</h2><p>b</p><hr/>", "heading 2: A\nparagraph: b\nseparator: \n"},
        {"<div align='center'>\n\n# A\n\n</div>", "heading 1: A\n"},
    };
    CHECK(e);
}

static void footnotes(void **state)
{
    (void)state;
    static const example e[] = {
        {"a[^1]\n\n[^1]: Note *one*\nmore\n[^*]: two\n\nafter",
         "paragraph: a\u00B9\nfootnote 1: Note one\\nmore\nfootnote *: two\nparagraph: after\n"},
        {"[^3]:", "footnote 3: \n"},
        {"[^3]:\n[^4]: x", "footnote 3: \nfootnote 4: x\n"},
        {"- [^3]: x", "list_item list=1 -: \nfootnote list=1 continued 3: x\n"},
        {"[^3]:\n# H", "footnote 3: \nheading 1: H\n"},
        {"[^a b]: x", "paragraph: [^a b]: x\n"},
    };
    CHECK(e);
}

static void comments(void **state)
{
    (void)state;
    static const example e[] = {
        {"a\n<!-- x\n\ny <p> -->b", "paragraph: a\\nb\n!comment\n"},
        {"<!-- x --> <p>a", "paragraph: a\n!comment\n"},
    };
    CHECK(e);
}

static void depth(void **state)
{
    (void)state;
    static const example e[] = {
        {">>>>>>>>>>>>>>>> 16", "paragraph quote=16: 16\n"},
        {">>>>>>>>>>>>>>>>> 17", "paragraph quote=16: > 17\n!too_deep\n"},
    };
    CHECK(e);
}

static void check_front(const char *text, const char *want)
{
    ocrvl_markup *m;
    ocrvl_buf b = {0};
    assert_ok(ocrvl_markup_parse(&m, text, strlen(text), OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, text, strlen(text));
    const ocrvl_markup_front *f = &m->front;
    ocrvl_buf_printf(&b, "%d [%s] %d %d %d %d", f->present, m->text + f->language.at, f->rotation_valid, f->rotation,
                     f->table, f->diagram);
    assert_string_equal(b.data, want);
    ocrvl_buf_free(&b);
    ocrvl_markup_free(m);
}

static void front_matter(void **state)
{
    (void)state;
    check_front("---\nprimary_language: en\nis_rotation_valid: True\nrotation_correction: 270\nis_table: False\n"
                "is_diagram: true\n---\ntext",
                "1 [en] 1 270 0 1");
    check_front("\n---\r\nprimary_language: 'pt-BR'\r\nrotation_correction: null\r\n---", "1 [pt-BR] -1 -1 -1 -1");
    check_front("---\nprimary_language: null\nis_table: no\n---\n", "1 [] -1 -1 0 -1");
    check_front("----\nprimary_language: en\n---", "0 [] -1 -1 -1 -1");
    check_front("text", "0 [] -1 -1 -1 -1");
    check("---\nis_table: maybe\nother: x\nrotation_correction: 45\n---\ntext", OCRVL_MARKUP_MARKDOWN,
          "paragraph: text\n!front_matter*3\n");
    check("---\nis_table: true\nnot a key\n---", OCRVL_MARKUP_MARKDOWN,
          "separator: \nparagraph: is_table: true\\nnot a key\nseparator: \n");
    check("---\nauthor: me\n---\n", OCRVL_MARKUP_MARKDOWN, "separator: \nheading 2: author: me\n");
    check("---\nis_table: true\n", OCRVL_MARKUP_MARKDOWN, "separator: \nparagraph: is_table: true\n");
}

static void sources(void **state)
{
    (void)state;
    const char *text = "\u00E9 *b*\n&amp;<br>c";
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, text, strlen(text), OCRVL_MARKUP_MARKDOWN, err));
    static const uint32_t want[] = {0, 1, 3, 5, 6, 11, 15};
    assert_string_equal(m->text + m->blocks[0].text.at, "\u00E9 b\n&\nc");
    assert_int_equal(m->blocks[0].text.count, 7);
    assert_memory_equal(m->source + m->blocks[0].text.first, want, sizeof want);
    ocrvl_markup_free(m);
}

static void refusals(void **state)
{
    (void)state;
    ocrvl_markup *m;
    ocrvl_error err;
    assert_int_equal(ocrvl_markup_parse(&m, "", 0, 0, &err), OCRVL_E_ARG);
    assert_null(m);
    assert_int_equal(ocrvl_markup_parse(&m, "", ((size_t)64 << 20) + 1, OCRVL_MARKUP_PLAIN, &err), OCRVL_E_LIMIT);
    assert_null(m);
    ocrvl_markup_free(NULL);
    for (int r = 0; r < OCRVL_MARKUP_REPAIRS; r++) {
        assert_true(*ocrvl_markup_repair_message(r));
        for (const char *s = ocrvl_markup_repair_code(r); *s; s++)
            assert_true((*s >= 'a' && *s <= 'z') || *s == '_' || *s == '8');
    }
    assert_string_equal(ocrvl_markup_repair_code(OCRVL_MARKUP_REPAIRS), "");
}

static void ill_formed_text(void **state)
{
    (void)state;
    ocrvl_markup *m;
    const char text[] = "a\xFF*b\0c*\xE2\x82";
    assert_ok(ocrvl_markup_parse(&m, text, sizeof text - 1, OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, text, sizeof text - 1);
    assert_string_equal(m->text + m->blocks[0].text.at, "a\uFFFDb\uFFFDc\uFFFD");
    assert_int_equal(m->repairs[OCRVL_MARKUP_BAD_UTF8].count, 2);
    assert_int_equal(m->repairs[OCRVL_MARKUP_BAD_UTF8].at, 1);
    ocrvl_markup_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text),     cmocka_unit_test(headings), cmocka_unit_test(paragraphs),
        cmocka_unit_test(inline_marks),   cmocka_unit_test(entities), cmocka_unit_test(scripts),
        cmocka_unit_test(lists),          cmocka_unit_test(quotes),   cmocka_unit_test(code),
        cmocka_unit_test(formulas),       cmocka_unit_test(figures),  cmocka_unit_test(furniture),
        cmocka_unit_test(footnotes),      cmocka_unit_test(comments), cmocka_unit_test(depth),
        cmocka_unit_test(front_matter),   cmocka_unit_test(sources),  cmocka_unit_test(refusals),
        cmocka_unit_test(ill_formed_text)};
    return cmocka_run_group_tests_name("markup", tests, NULL, NULL);
}
