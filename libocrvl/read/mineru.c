#include "read/mineru.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/resample.h"
#include "base/utf8.h"
#include "read/otsl.h"

enum { MAX_BLOCKS = 1024, RATIO = 50, LARGE = 100 /* thousandths of a side */ };
#define INSIDE 0.9 /* the part of a block that is inside another one */

/* The kinds of blocks, and the role of their text if it is no paragraph: what stands below a picture or a table belongs
 * to it as its caption does. */
static const struct {
    const char *name;
    ocrvl_mineru_kind kind;
    ocrvl_role role;
    ocrvl_mineru_part part;
} kinds[] = {{"text", OCRVL_MINERU_TEXT, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_OF_TABLE},
             {"title", OCRVL_MINERU_TITLE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"doc_title", OCRVL_MINERU_TITLE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"paragraph_title", OCRVL_MINERU_SUBTITLE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"table", OCRVL_MINERU_TABLE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"equation", OCRVL_MINERU_FORMULA, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_OF_TABLE},
             {"code", OCRVL_MINERU_CODE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"algorithm", OCRVL_MINERU_CODE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"image", OCRVL_MINERU_FIGURE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"chart", OCRVL_MINERU_FIGURE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"unknown", OCRVL_MINERU_FIGURE, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"image_block", OCRVL_MINERU_PICTURES, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"list", OCRVL_MINERU_GROUP, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"equation_block", OCRVL_MINERU_GROUP, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"inline_formula", OCRVL_MINERU_GROUP, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE}, /* read with its text */
             {"formula_number", OCRVL_MINERU_TEXT, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"aside_text", OCRVL_MINERU_TEXT, OCRVL_ROLE_OTHER, OCRVL_MINERU_ALONE},
             {"ref_text", OCRVL_MINERU_TEXT, OCRVL_ROLE_LIST_ITEM, OCRVL_MINERU_ALONE},
             {"index", OCRVL_MINERU_TEXT, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"phonetic", OCRVL_MINERU_TEXT, OCRVL_ROLE_PARAGRAPH, OCRVL_MINERU_ALONE},
             {"list_item", OCRVL_MINERU_TEXT, OCRVL_ROLE_LIST_ITEM, OCRVL_MINERU_ALONE},
             {"image_caption", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_OF_PICTURE},
             {"table_caption", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"code_caption", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"caption", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"table_footnote", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"image_footnote", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"footnote", OCRVL_MINERU_TEXT, OCRVL_ROLE_CAPTION, OCRVL_MINERU_ALONE},
             {"header", OCRVL_MINERU_TEXT, OCRVL_ROLE_HEADER, OCRVL_MINERU_ALONE},
             {"footer", OCRVL_MINERU_TEXT, OCRVL_ROLE_FOOTER, OCRVL_MINERU_ALONE},
             {"page_number", OCRVL_MINERU_TEXT, OCRVL_ROLE_PAGE_NUMBER, OCRVL_MINERU_ALONE},
             {"page_footnote", OCRVL_MINERU_TEXT, OCRVL_ROLE_FOOTNOTE, OCRVL_MINERU_ALONE}};

/* ---- the layout -------------------------------------------------------------------------------------- */

static bool take(const char **s, const char *text)
{
    size_t n = strlen(text);
    bool there = strncmp(*s, text, n) == 0;
    *s += there ? n : 0;
    return there;
}

static bool take_number(const char **s, uint32_t *value)
{
    const char *p = *s + strspn(*s, " \t\r\n");
    size_t n = strspn(p, "0123456789");
    *value = 0;
    for (size_t i = 0; i < n && i < 5; i++)
        *value = *value * 10 + (uint32_t)(p[i] - '0');
    *s = p + n;
    return n > 0 && n <= 4 && *value <= 1000;
}

static bool take_kind(const char **s, ocrvl_mineru_block *b)
{
    size_t n = strcspn(*s, "<");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == n && strncasecmp(kinds[i].name, *s, n) == 0) {
            b->kind = kinds[i].kind;
            b->role = kinds[i].role;
            b->part = kinds[i].part;
            *s += n;
            return true;
        }
    return false;
}

/* The block's turn, which the answer says as where its head points. */
static uint32_t take_turn(const char **s)
{
    static const struct {
        const char *token;
        uint32_t turn;
    } turns[] = {{"<|rotate_right|>", 270}, {"<|rotate_down|>", 180}, {"<|rotate_left|>", 90}};
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        if (take(s, turns[i].token))
            return turns[i].turn;
    return 0;
}

/* A block from its numbers on; tail: what follows it, up to the next. */
static bool read_block(const char *s, const char *end, ocrvl_mineru_block *b, uint32_t width, uint32_t height)
{
    uint32_t v[4];
    for (size_t i = 0; i < 4; i++)
        if (!take_number(&s, &v[i]))
            return false;
    if (!take(&s, "<|box_end|><|ref_start|>") || !take_kind(&s, b) || !take(&s, "<|ref_end|>"))
        return false;
    b->turn = take_turn(&s);
    const char *on = strstr(s, "txt_contd_tgt");
    b->goes_on = b->kind == OCRVL_MINERU_TEXT && on && on < end;
    const uint32_t side[2] = {width, height};
    int32_t low[2], high[2];
    for (size_t k = 0; k < 2; k++) {
        uint32_t a = v[k] < v[k + 2] ? v[k] : v[k + 2], z = v[k] < v[k + 2] ? v[k + 2] : v[k];
        low[k] = (int32_t)nearbyint((double)a * side[k] / 1000);
        high[k] = (int32_t)nearbyint((double)z * side[k] / 1000);
        if (low[k] >= high[k])
            return false;
    }
    b->box = (ocrvl_box){low[0], low[1], high[0], high[1]};
    uint32_t wide = v[2] > v[0] ? v[2] - v[0] : v[0] - v[2], high_by = v[3] > v[1] ? v[3] - v[1] : v[1] - v[3];
    b->large = (wide > LARGE && high_by > LARGE) || wide * high_by > LARGE * LARGE;
    return true;
}

static double area(ocrvl_box b) { return b.x1 > b.x0 && b.y1 > b.y0 ? (double)(b.x1 - b.x0) * (b.y1 - b.y0) : 0; }

static bool is_inside(const ocrvl_mineru_block *a, const ocrvl_mineru_block *b)
{
    ocrvl_box both = {a->box.x0 > b->box.x0 ? a->box.x0 : b->box.x0, a->box.y0 > b->box.y0 ? a->box.y0 : b->box.y0,
                      a->box.x1 < b->box.x1 ? a->box.x1 : b->box.x1, a->box.y1 < b->box.y1 ? a->box.y1 : b->box.y1};
    return area(both) >= INSIDE * area(a->box);
}

/* Whether block i stands inside one of that kind. */
static bool is_in_one(const ocrvl_mineru *m, size_t i, ocrvl_mineru_kind kind)
{
    for (size_t k = 0; k < m->count; k++)
        if (k != i && m->blocks[k].kind == kind && is_inside(&m->blocks[i], &m->blocks[k]))
            return true;
    return false;
}

/* Whether a block is read with another one that it is inside of, or not at all. */
static bool is_left_out(const ocrvl_mineru *m, size_t i)
{
    const ocrvl_mineru_block *b = &m->blocks[i];
    switch (b->kind) {
    case OCRVL_MINERU_PICTURES:
    case OCRVL_MINERU_GROUP: return true;
    case OCRVL_MINERU_FIGURE:
        return !m->pictures || !b->large || is_in_one(m, i, OCRVL_MINERU_TABLE) ||
               is_in_one(m, i, OCRVL_MINERU_PICTURES);
    default:
        return (b->part == OCRVL_MINERU_OF_TABLE && is_in_one(m, i, OCRVL_MINERU_TABLE)) ||
               (b->part == OCRVL_MINERU_OF_PICTURE &&
                (is_in_one(m, i, OCRVL_MINERU_FIGURE) || is_in_one(m, i, OCRVL_MINERU_PICTURES)));
    }
}

static bool keep_figure(ocrvl_mineru *m, ocrvl_box box, size_t before)
{
    if (!OCRVL_ARRAY_RESERVE(m->figures, m->figure_cap, m->figure_count + 1))
        return false;
    m->figures[m->figure_count++] = (ocrvl_mineru_figure){box, before};
    return true;
}

static ocrvl_status leave_out(ocrvl_mineru *m, ocrvl_error *err)
{
    size_t kept = 0;
    bool *out = ocrvl_alloc_array(m->count + 1, sizeof *out), *in_table = ocrvl_alloc_array(m->count + 1, sizeof *out);
    if (!out || !in_table) {
        ocrvl_free(out);
        ocrvl_free(in_table);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < m->count; i++) {
        out[i] = is_left_out(m, i);
        in_table[i] = m->blocks[i].kind == OCRVL_MINERU_FIGURE && is_in_one(m, i, OCRVL_MINERU_TABLE);
    }
    bool failed = false;
    for (size_t i = 0; i < m->count && !failed; i++)
        if (!out[i])
            m->blocks[kept++] = m->blocks[i];
        else if (m->blocks[i].kind == OCRVL_MINERU_FIGURE && !in_table[i])
            failed = !keep_figure(m, m->blocks[i].box, kept);
    m->count = kept;
    ocrvl_free(out);
    ocrvl_free(in_table);
    return failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status ocrvl_mineru_layout(ocrvl_mineru *m, const char *answer, uint32_t width, uint32_t height, bool pictures,
                                 ocrvl_error *err)
{
    static const char begin[] = "<|box_start|>";
    m->pictures = pictures;
    for (const char *s = strstr(answer, begin); s;) {
        const char *next = strstr(s + 1, begin), *end = next ? next : s + strlen(s);
        ocrvl_mineru_block b = {0};
        bool good = read_block(s + sizeof begin - 1, end, &b, width, height);
        m->bad += !good;
        if (good && m->count < MAX_BLOCKS) {
            if (!OCRVL_ARRAY_RESERVE(m->blocks, m->cap, m->count + 1))
                return ocrvl_fail_nomem(err);
            m->blocks[m->count++] = b;
        }
        s = next;
    }
    return leave_out(m, err);
}

const char *ocrvl_mineru_prompt(ocrvl_mineru_kind kind)
{
    return kind == OCRVL_MINERU_TABLE     ? "\nTable Recognition:"
           : kind == OCRVL_MINERU_FORMULA ? "\nFormula Recognition:"
           : kind == OCRVL_MINERU_FIGURE  ? "\nImage Analysis:"
                                          : "\nText Recognition:";
}

/* ---- pictures ---------------------------------------------------------------------------------------- */

static void padded(uint32_t *width, uint32_t *height)
{
    uint32_t wide = (*height + RATIO - 1) / RATIO, high = (*width + RATIO - 1) / RATIO;
    *width = wide > *width ? wide : *width;
    *height = high > *height ? high : *height;
}

static void enlarged(uint32_t least, uint32_t *width, uint32_t *height)
{
    uint32_t side = *width < *height ? *width : *height;
    if (side >= least)
        return;
    *width = (uint32_t)ceil(*width * ((double)least / side));
    *height = (uint32_t)ceil(*height * ((double)least / side));
}

void ocrvl_mineru_size(const ocrvl_mineru_block *b, uint32_t least, uint32_t *width, uint32_t *height)
{
    uint32_t w = (uint32_t)(b->box.x1 - b->box.x0), h = (uint32_t)(b->box.y1 - b->box.y0);
    bool side = b->turn % 180 != 0;
    *width = side ? h : w;
    *height = side ? w : h;
    padded(width, height);
    enlarged(least, width, height);
}

/* Bands of white on both sides of a picture that is too long. */
static ocrvl_status pad(ocrvl_image **img, ocrvl_error *err)
{
    const ocrvl_image *from = *img;
    ocrvl_image *to;
    uint32_t w = from->width, h = from->height, wide = w, high = h;
    padded(&wide, &high);
    if (wide == w && high == h)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_image_new(&to, wide, high, from->channels, 0, 0, 0, err);
    if (st)
        return st;
    for (uint32_t y = 0; y < h; y++)
        memcpy(to->data + (((size_t)(high - h) / 2 + y) * wide + (wide - w) / 2) * from->channels,
               from->data + (size_t)y * w * from->channels, (size_t)w * from->channels);
    ocrvl_image_free(*img);
    *img = to;
    return OCRVL_OK;
}

static ocrvl_status enlarge(ocrvl_image **img, uint32_t least, ocrvl_error *err)
{
    const ocrvl_image *from = *img;
    uint32_t w = from->width, h = from->height;
    uint8_t *data;
    ocrvl_image *to = NULL;
    enlarged(least, &w, &h);
    if (w == from->width && h == from->height)
        return OCRVL_OK;
    ocrvl_status st =
        ocrvl_resize_bicubic(&data, from->data, from->height, from->width, from->channels, h, w, false, err);
    if (st)
        return st;
    st = ocrvl_image_new(&to, w, h, from->channels, 0, 0, 0, err);
    if (!st) {
        memcpy(to->data, data, (size_t)w * h * from->channels);
        ocrvl_image_free(*img);
        *img = to;
    }
    ocrvl_free(data);
    return st;
}

ocrvl_status ocrvl_mineru_cut(ocrvl_image **out, const ocrvl_image *page, const ocrvl_mineru_block *b, uint32_t least,
                              ocrvl_error *err)
{
    ocrvl_image *part;
    *out = NULL;
    ocrvl_status st = ocrvl_image_crop(&part, page, b->box, err);
    if (st)
        return st;
    if (b->turn) {
        ocrvl_image *turned;
        st = ocrvl_image_turn(&turned, part, b->turn, err);
        ocrvl_image_free(part);
        part = st ? NULL : turned;
    }
    if (!st)
        st = pad(&part, err);
    if (!st)
        st = enlarge(&part, least, err);
    if (st)
        ocrvl_image_free(part);
    else
        *out = part;
    return st;
}

/* ---- the text ---------------------------------------------------------------------------------------- */

static size_t first_of(const ocrvl_transcript *t) { return t->text ? strspn(t->text, " \t\r\n") : 0; }

static size_t last_of(const ocrvl_transcript *t)
{
    size_t n = t->len;
    while (n && strchr(" \t\r\n", t->text[n - 1]))
        n--;
    return n;
}

/* A title is one line. */
static void put_title(ocrvl_growing *g, const ocrvl_transcript *t, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        const char *line = memchr(t->text + i, '\n', to - i);
        size_t end = line ? (size_t)(line - t->text) : to;
        ocrvl_growing_part(g, t, i, end);
        if (line)
            ocrvl_growing_own(g, " ");
        i = end + (line != NULL);
    }
}

static bool begins_formula(const char *s) { return strncmp(s, "\\[", 2) == 0 || strncmp(s, "$$", 2) == 0; }

static ocrvl_status put_block(ocrvl_growing *g, const ocrvl_mineru_block *b, size_t from, size_t to, ocrvl_error *err)
{
    const ocrvl_transcript *t = &b->said;
    bool own;
    switch (b->kind) {
    case OCRVL_MINERU_TITLE:
    case OCRVL_MINERU_SUBTITLE:
        ocrvl_growing_own(g, b->kind == OCRVL_MINERU_TITLE ? "# " : "## ");
        put_title(g, t, from, to);
        break;
    case OCRVL_MINERU_TABLE: return ocrvl_otsl_to_html(g, t, err);
    case OCRVL_MINERU_FIGURE: return ocrvl_mineru_picture(g, t, err);
    case OCRVL_MINERU_FORMULA:
        own = begins_formula(t->text + from);
        ocrvl_growing_own(g, own ? "" : "$$\n");
        ocrvl_growing_part(g, t, from, to);
        ocrvl_growing_own(g, own ? "" : "\n$$");
        break;
    case OCRVL_MINERU_CODE:
        own = strncmp(t->text + from, "```", 3) == 0;
        ocrvl_growing_own(g, own ? "" : "```\n");
        ocrvl_growing_part(g, t, from, to);
        ocrvl_growing_own(g, own ? "" : "\n```");
        break;
    default: ocrvl_growing_part(g, t, from, to);
    }
    return OCRVL_OK;
}

/* Whether there is an ideograph of Chinese or Japanese in the text, as the client looks for: no space is put before it.
 */
static bool has_ideograph(const ocrvl_transcript *t)
{
    for (size_t i = 0; i < t->len;) {
        uint32_t c = ocrvl_utf8_next(t->text, t->len, &i);
        if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF))
            return true;
    }
    return false;
}

/* A picture of which nothing is said. */
static bool add_figure(ocrvl_model_regions *regions, size_t at, ocrvl_box box)
{
    ocrvl_model_region r = {.from = at, .to = at, .box = box, .role = OCRVL_ROLE_FIGURE};
    return !regions || ocrvl_model_regions_add(regions, &r);
}

/* The pictures that stand before block i. */
static bool add_figures(const ocrvl_mineru *m, size_t *next, size_t i, size_t at, ocrvl_model_regions *regions)
{
    for (; *next < m->figure_count && m->figures[*next].before <= i; ++*next)
        if (!add_figure(regions, at, m->figures[*next].box))
            return false;
    return true;
}

ocrvl_status ocrvl_mineru_join(const ocrvl_mineru *m, ocrvl_transcript *out, ocrvl_model_regions *regions,
                               ocrvl_error *err)
{
    ocrvl_growing g = {0};
    ocrvl_status st = OCRVL_OK;
    bool text = false, any = false; /* the last thing said is a text that may go on; there was one before */
    size_t figure = 0;
    for (size_t i = 0; !st && i < m->count; i++) {
        const ocrvl_mineru_block *b = &m->blocks[i];
        size_t from = first_of(&b->said), to = last_of(&b->said);
        if (!add_figures(m, &figure, i, g.text.len, regions))
            st = ocrvl_fail_nomem(err);
        if (st || (from >= to && b->kind != OCRVL_MINERU_FIGURE))
            continue;
        if (from >= to) {
            st = add_figure(regions, g.text.len, b->box) ? OCRVL_OK : ocrvl_fail_nomem(err);
            continue;
        }
        bool on = b->goes_on && any;
        const char *join = regions || !on || !text ? "\n\n" : has_ideograph(&b->said) ? "" : " ";
        ocrvl_growing_own(&g, g.text.len == 0 ? "" : join);
        ocrvl_model_region region = {.from = g.text.len, .box = b->box, .role = b->role, .continues = on};
        region.level = region.role == OCRVL_ROLE_LIST_ITEM;
        st = put_block(&g, b, from, to, err);
        region.to = g.text.len;
        if (!st && regions && !ocrvl_model_regions_add(regions, &region))
            st = ocrvl_fail_nomem(err);
        text = b->kind == OCRVL_MINERU_TEXT && b->role == OCRVL_ROLE_PARAGRAPH;
        any = any || text;
    }
    if (!st && !add_figures(m, &figure, SIZE_MAX, g.text.len, regions))
        st = ocrvl_fail_nomem(err);
    if (!st)
        return ocrvl_growing_end(&g, out, err);
    ocrvl_growing_free(&g);
    return st;
}

void ocrvl_mineru_free(ocrvl_mineru *m)
{
    for (size_t i = 0; i < m->count; i++)
        ocrvl_transcript_free(&m->blocks[i].said);
    ocrvl_free(m->blocks);
    ocrvl_free(m->figures);
    memset(m, 0, sizeof *m);
}
