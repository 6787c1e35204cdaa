#include "read/html_blocks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "markup/tag.h"
#include "read/growing.h"

#define SCALE 1024.0 /* of boxes: BBOX_SCALE in datalab-to/chandra */
enum { MAX_VALUE = 64 };

/* What a block's label makes of its paragraphs. */
static const struct {
    const char *label;
    ocrvl_role role;
    uint32_t level;
} labels[] = {{"Caption", OCRVL_ROLE_CAPTION, 0},        {"Footnote", OCRVL_ROLE_FOOTNOTE, 0},
              {"Page-Header", OCRVL_ROLE_HEADER, 0},     {"Page-Footer", OCRVL_ROLE_FOOTER, 0},
              {"Section-Header", OCRVL_ROLE_HEADING, 2}, {"Form", OCRVL_ROLE_FORM_FIELD, 0},
              {"Code-Block", OCRVL_ROLE_CODE, 0},        {"Image", OCRVL_ROLE_FIGURE, 0},
              {"Figure", OCRVL_ROLE_FIGURE, 0}};

typedef struct reading {
    const ocrvl_transcript *t;
    ocrvl_tag_text text; /* of t */
    ocrvl_growing g;
    ocrvl_model_regions *regions;
    size_t *bad;
    uint32_t width, height;
    size_t at;       /* the byte in hand */
    unsigned divs;   /* that are open */
    unsigned tables; /* that are open */
    bool in_region;  /* the last region is open: its text is what is added now */
    bool equation;   /* all of its text is a formula */
} reading;

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The tag at i, which must be a '<'. */
static bool tag_at(const reading *r, size_t i, ocrvl_tag *k)
{
    return ocrvl_tag_name_at(&r->text, i, k) && ocrvl_tag_close(&r->text, true, k);
}

static bool is_tag(const ocrvl_tag *k, const char *name) { return strcmp(k->name, name) == 0; }

static bool attribute(const reading *r, const ocrvl_tag *k, const char *name, size_t *from, size_t *to)
{
    return ocrvl_tag_attribute(&r->text, k, name, from, to);
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* Four numbers, with or without brackets and commas, as a box on the page; false: none that can be. */
static bool read_box(const reading *r, size_t from, size_t to, ocrvl_box *box)
{
    double v[4];
    size_t n = 0, i = from;
    for (; n < 4; n++) {
        while (i < to && (is_space(r->t->text[i]) || strchr("[,(", r->t->text[i])))
            i++;
        size_t begin = i;
        for (v[n] = 0; i < to && i - begin < 6 && r->t->text[i] >= '0' && r->t->text[i] <= '9'; i++)
            v[n] = v[n] * 10 + (r->t->text[i] - '0');
        if (i == begin || !(v[n] <= SCALE))
            return false;
        if (i < to && r->t->text[i] == '.')
            for (i++; i < to && r->t->text[i] >= '0' && r->t->text[i] <= '9';)
                i++; /* a fraction of a 1024th is less than a pixel or two */
    }
    for (; i < to; i++)
        if (!is_space(r->t->text[i]) && !strchr("])", r->t->text[i]))
            return false;
    int32_t low[2], high[2];
    for (size_t k = 0; k < 2; k++) {
        double side = k ? r->height : r->width, a = fmin(v[k], v[k + 2]), z = fmax(v[k], v[k + 2]);
        low[k] = (int32_t)(a * side / SCALE);
        high[k] = (int32_t)(z * side / SCALE);
        if (low[k] >= high[k])
            return false;
    }
    *box = (ocrvl_box){low[0], low[1], high[0], high[1]};
    return true;
}

static void end_region(reading *r)
{
    if (!r->in_region)
        return;
    ocrvl_model_region *k = &r->regions->list[r->regions->count - 1];
    if (r->equation)
        ocrvl_growing_own(&r->g, "\n$$");
    k->to = r->g.text.len;
    bool text = false;
    for (size_t i = k->from; i < k->to; i++)
        text = text || !is_space(r->g.text.data[i]);
    if (!text) /* nothing but what parts blocks */
        k->to = k->from;
    if (!text && k->role != OCRVL_ROLE_FIGURE)
        r->regions->count--;
    r->in_region = r->equation = false;
    ocrvl_growing_own(&r->g, "\n\n");
}

/* Whether there is a <math> before the block's end, or what may be one. */
static bool has_math(const ocrvl_transcript *t, size_t at)
{
    const char *math = strstr(t->text + at, "<math"), *end = strstr(t->text + at, "</div");
    return math && (!end || math < end);
}

static void begin_block(reading *r, const ocrvl_tag *k)
{
    size_t from, to;
    ocrvl_model_region region = {.role = OCRVL_ROLE_PARAGRAPH};
    char label[MAX_VALUE] = "";
    if (attribute(r, k, "data-label", &from, &to))
        snprintf(label, sizeof label, "%.*s", (int)(to - from < MAX_VALUE ? to - from : MAX_VALUE - 1),
                 r->t->text + from);
    bool boxed = attribute(r, k, "data-bbox", &from, &to);
    if (!*label && !boxed)
        return;
    if (!boxed || !read_box(r, from, to, &region.box))
        ++*r->bad;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i].label, label) == 0) {
            region.role = labels[i].role;
            region.level = labels[i].level;
        }
    ocrvl_growing_own(&r->g, "\n\n");
    region.from = region.to = r->g.text.len;
    if (!ocrvl_model_regions_add(r->regions, &region)) {
        r->g.failed = true;
        return;
    }
    r->in_region = true;
    r->equation = strcmp(label, "Equation-Block") == 0 && !has_math(r->t, k->end);
    if (r->equation)
        ocrvl_growing_own(&r->g, "$$\n");
}

static void division(reading *r, const ocrvl_tag *k)
{
    if (k->closing) {
        r->divs -= r->divs > 0;
        if (r->divs == 0)
            end_region(r);
        return;
    }
    if (r->divs == 0) {
        end_region(r);
        begin_block(r, k);
    }
    r->divs++;
}

/* ---- text -------------------------------------------------------------------------------------------- */

static bool at_line_start(const reading *r) { return r->g.text.len == 0 || r->g.text.data[r->g.text.len - 1] == '\n'; }

/* Text of our own for a byte of the answer, whose probability it has. */
static void put_for(reading *r, const char *text)
{
    size_t at = r->g.text.len;
    ocrvl_growing_own(&r->g, text);
    if (!r->g.failed && r->g.text.len > at)
        r->g.logprob[at] = r->t->logprob[r->at];
}

static void put_mark(reading *r, char c)
{
    char reference[8];
    snprintf(reference, sizeof reference, "&#%d;", c);
    put_for(r, reference);
}

/* A character of text, without its meaning in Markdown. */
static void put_character(reading *r)
{
    char c = r->t->text[r->at];
    bool first = at_line_start(r);
    if (is_space(c)) {
        if (!first && r->g.text.data[r->g.text.len - 1] != ' ')
            ocrvl_growing_own(&r->g, " ");
    } else if (c == '&' && r->at + 1 < r->t->len && r->t->text[r->at + 1] == '#') {
        ocrvl_growing_part(&r->g, r->t, r->at, r->at + 2); /* of a reference */
        r->at++;
    } else if (c && (strchr("\\`*_[]#|$~>", c) || (first && strchr("-+=:.)", c)))) {
        put_mark(r, c);
    } else if ((c == '.' || c == ')') && r->at && r->t->text[r->at - 1] >= '0' && r->t->text[r->at - 1] <= '9') {
        put_mark(r, c); /* which may end an item's number */
    } else {
        ocrvl_growing_part(&r->g, r->t, r->at, r->at + 1);
    }
    r->at++;
}

/* The character reference at `at`, put as what it stands for; false: there is none. */
static bool put_reference(reading *r)
{
    uint32_t out[2];
    size_t end, count = ocrvl_tag_reference(&r->text, r->at, false, &end, out);
    ocrvl_buf b = {0};
    if (!count || out[0] < ' ')
        return false;
    for (size_t i = 0; i < count; i++)
        ocrvl_buf_put_codepoint(&b, out[i]);
    if (b.failed)
        r->g.failed = true;
    else
        put_for(r, b.data);
    ocrvl_buf_free(&b);
    r->at = end;
    return true;
}

/* What stands up to `end` as it is, its references resolved; line: without line ends. */
static void put_verbatim(reading *r, size_t end, bool line)
{
    while (r->at < end && !r->g.failed) {
        char c = r->t->text[r->at];
        if (c == '&' && put_reference(r))
            continue;
        if (line && (c == '\n' || c == '\r'))
            ocrvl_growing_own(&r->g, " ");
        else
            ocrvl_growing_part(&r->g, r->t, r->at, r->at + 1);
        r->at++;
    }
}

/* Where "</name" stands from `at` on; the text's end if it doesn't. */
static size_t find_end(const reading *r, const char *name)
{
    char end[OCRVL_TAG_NAME + 3];
    snprintf(end, sizeof end, "</%s", name);
    const char *p = strstr(r->t->text + r->at, end);
    return p ? (size_t)(p - r->t->text) : r->t->len;
}

static void formula(reading *r, const ocrvl_tag *k)
{
    size_t from, to;
    bool block = !r->tables && attribute(r, k, "display", &from, &to) && to - from == 5 &&
                 memcmp(r->t->text + from, "block", 5) == 0;
    r->at = k->end;
    size_t end = find_end(r, "math");
    while (r->at < end && is_space(r->t->text[r->at]))
        r->at++;
    size_t last = end;
    while (last > r->at && is_space(r->t->text[last - 1]))
        last--;
    ocrvl_growing_own(&r->g, block ? "\n\n$$\n" : "$");
    put_verbatim(r, last, true);
    ocrvl_growing_own(&r->g, block ? "\n$$\n\n" : "$");
    r->at = end;
}

static void code(reading *r, const ocrvl_tag *k)
{
    ocrvl_tag inner;
    r->at = k->end;
    size_t end = find_end(r, "pre");
    if (r->at < end && r->t->text[r->at] == '<' && tag_at(r, r->at, &inner) && is_tag(&inner, "code") &&
        inner.end <= end)
        r->at = inner.end;
    size_t last = end;
    if (last - r->at >= 7 && memcmp(r->t->text + last - 7, "</code>", 7) == 0)
        last -= 7;
    ocrvl_growing_own(&r->g, "\n\n~~~~~~\n");
    put_verbatim(r, last, false);
    ocrvl_growing_own(&r->g, "\n~~~~~~\n\n");
    r->at = end;
}

static void picture(reading *r, const ocrvl_tag *k)
{
    size_t from, to;
    if (attribute(r, k, "alt", &from, &to) && to > from) {
        ocrvl_growing_own(&r->g, r->tables ? "" : "\n\n");
        ocrvl_growing_own(&r->g, "<img alt=\"");
        for (size_t i = from; i < to && !r->g.failed; i++)
            if (r->t->text[i] == '\n' || r->t->text[i] == '\r' || r->t->text[i] == '"')
                ocrvl_growing_own(&r->g, " ");
            else if (r->t->text[i] == '<')
                ocrvl_growing_own(&r->g, "&lt;");
            else
                ocrvl_growing_part(&r->g, r->t, i, i + 1);
        ocrvl_growing_own(&r->g, r->tables ? "\">" : "\">\n\n");
    }
    r->at = k->end;
}

/* A box to tick: it has a state. */
static void input(reading *r, const ocrvl_tag *k)
{
    size_t from, to;
    bool box =
        attribute(r, k, "type", &from, &to) && ((to - from == 8 && memcmp(r->t->text + from, "checkbox", 8) == 0) ||
                                                (to - from == 5 && memcmp(r->t->text + from, "radio", 5) == 0));
    if (box)
        put_for(r, attribute(r, k, "checked", &from, &to) ? "\u2611 " : "\u2610 ");
    else if (attribute(r, k, "value", &from, &to))
        for (r->at = from; r->at < to && !r->g.failed;)
            put_character(r);
    r->at = k->end;
}

static void put_tag(reading *r, const ocrvl_tag *k)
{
    if (is_tag(k, "div")) {
        bool inner = r->divs > (k->closing ? 1 : 0) && !r->tables;
        division(r, k);
        ocrvl_growing_own(&r->g, inner ? "\n\n" : "");
        r->at = k->end;
    } else if (is_tag(k, "math") && !k->closing) {
        formula(r, k);
    } else if (is_tag(k, "pre") && !k->closing && !r->tables) {
        code(r, k);
    } else if (is_tag(k, "img")) {
        picture(r, k);
    } else if (is_tag(k, "input")) {
        input(r, k);
    } else if (is_tag(k, "math") || is_tag(k, "pre")) {
        r->at = k->end;
    } else {
        if (is_tag(k, "table"))
            r->tables = k->closing ? r->tables - (r->tables > 0) : r->tables + 1;
        for (; r->at < k->end && !r->g.failed; r->at++)
            if (is_space(r->t->text[r->at]))
                ocrvl_growing_own(&r->g, " ");
            else
                ocrvl_growing_part(&r->g, r->t, r->at, r->at + 1);
    }
}

/* What comes next inside a block that is a formula without <math>. */
static void put_equation(reading *r, const ocrvl_tag *k, bool tagged)
{
    if (tagged && is_tag(k, "div"))
        put_tag(r, k);
    else if (tagged)
        r->at = k->end; /* other tags have no place in a formula */
    else
        put_verbatim(r, r->at + 1, true);
}

ocrvl_status ocrvl_html_blocks(const ocrvl_transcript *answer, uint32_t width, uint32_t height, ocrvl_transcript *out,
                               ocrvl_model_regions *regions, size_t *bad, ocrvl_error *err)
{
    reading r = {.t = answer,
                 .text = {NULL, answer->text, answer->len},
                 .regions = regions,
                 .bad = bad,
                 .width = width,
                 .height = height};
    while (r.at < answer->len && !r.g.failed) {
        ocrvl_tag k;
        bool tagged = answer->text[r.at] == '<' && tag_at(&r, r.at, &k);
        if (r.equation)
            put_equation(&r, &k, tagged);
        else if (tagged)
            put_tag(&r, &k);
        else
            put_character(&r);
    }
    end_region(&r);
    if (!r.g.failed)
        return ocrvl_growing_end(&r.g, out, err);
    ocrvl_growing_free(&r.g);
    return ocrvl_fail_nomem(err);
}
