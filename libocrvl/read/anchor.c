#include "read/anchor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Characters of a piece; pieces and pictures of a page; dots per inch of images that don't say (img2pdf's, by which
 * olmOCR makes PDFs of them). */
enum { MOST_PIECE = 250, MOST_PIECES = 20000, MOST_PICTURES = 256, OTHER_DPI = 96 };

typedef struct element { /* a line of the anchor */
    ocrvl_buf line;
    size_t length; /* characters */
    double x, y;
    bool taken;
} element;

/* ---- pieces ------------------------------------------------------------------------------------------ */

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

/* Quotes and ligatures as ftfy's fix_text has them, which every piece went through. */
static void put_repaired(ocrvl_buf *b, uint32_t c)
{
    static const char *const ligatures[] = {"ff", "fi", "fl", "ffi", "ffl"};
    if (c == 0x2018 || c == 0x2019 || c == 0x201A || c == 0x201B)
        ocrvl_buf_putc(b, '\'');
    else if (c >= 0x201C && c <= 0x201F)
        ocrvl_buf_putc(b, '"');
    else if (c >= 0xFB00 && c <= 0xFB04)
        ocrvl_buf_puts(b, ligatures[c - 0xFB00]);
    else
        ocrvl_buf_put_codepoint(b, c == OCRVL_UTF8_BAD ? 0xFFFD : c);
}

static void put_escaped(ocrvl_buf *b, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(s, len, &i);
        if (c == '[' || c == ']')
            ocrvl_buf_printf(b, "\\%c", (char)c);
        else if (c == '\n' || c == '\r' || c == '\t')
            ocrvl_buf_puts(b, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else
            put_repaired(b, c);
    }
}

/* Byte offset of character n. */
static size_t at_character(const char *s, size_t len, size_t n)
{
    size_t i = 0;
    while (n-- > 0 && i < len)
        (void)ocrvl_utf8_next(s, len, &i);
    return i;
}

/* A long piece keeps its beginning and its end, whole words where it has some. */
static void put_capped(ocrvl_buf *b, const char *s, size_t len)
{
    size_t length = ocrvl_utf8_count(s, len), half = MOST_PIECE / 2 - 3;
    if (length <= MOST_PIECE) {
        ocrvl_buf_put(b, s, len);
        return;
    }
    size_t head = at_character(s, len, half), tail = at_character(s, len, length - half);
    size_t cut = head, from = tail;
    while (cut > 0 && s[cut - 1] != ' ')
        cut--;
    while (from < len && s[from] != ' ')
        from++;
    ocrvl_buf_put(b, s, cut > 1 ? cut - 1 : head);
    ocrvl_buf_puts(b, " ... ");
    from = from + 1 < len ? from + 1 : tail;
    ocrvl_buf_put(b, s + from, len - from);
}

/* A whole number; -0 is one too, as Python writes it. */
static void put_whole(ocrvl_buf *b, double v)
{
    ocrvl_buf_printf(b, "%s%lld", signbit(v) && rint(v) == 0 ? "-" : "", llrint(v));
}

static void put_text(element *e, const ocrvl_anchor_text *t)
{
    ocrvl_buf b = {0};
    size_t from = 0, to = t->len;
    while (from < to && is_space(t->text[from]))
        from++;
    while (to > from && is_space(t->text[to - 1]))
        to--;
    put_escaped(&b, t->text + from, to - from);
    ocrvl_buf_putc(&e->line, '[');
    put_whole(&e->line, t->x);
    ocrvl_buf_putc(&e->line, 'x');
    put_whole(&e->line, t->y);
    ocrvl_buf_putc(&e->line, ']');
    put_capped(&e->line, b.data ? b.data : "", b.len);
    ocrvl_buf_putc(&e->line, '\n');
    e->line.failed |= b.failed;
    ocrvl_buf_free(&b);
    e->x = t->x;
    e->y = t->y;
}

static void put_picture(element *e, const ocrvl_anchor_picture *p)
{
    ocrvl_buf_puts(&e->line, "[Image ");
    put_whole(&e->line, p->x0);
    ocrvl_buf_putc(&e->line, 'x');
    put_whole(&e->line, p->y0);
    ocrvl_buf_puts(&e->line, " to ");
    put_whole(&e->line, p->x1);
    ocrvl_buf_putc(&e->line, 'x');
    put_whole(&e->line, p->y1);
    ocrvl_buf_puts(&e->line, "]\n");
    e->x = p->x0;
    e->y = p->y0;
}

/* ---- pictures ---------------------------------------------------------------------------------------- */

static bool touch(const ocrvl_anchor_picture *a, const ocrvl_anchor_picture *b)
{
    double across = fmax(a->x0, b->x0) - fmin(a->x1, b->x1), down = fmax(a->y0, b->y0) - fmin(a->y1, b->y1);
    return across <= 0.5 && down <= 0.5;
}

/* Pictures that touch, or touch one that does, are one -> out, which has room for as many; how many they are. */
static size_t merge(const ocrvl_anchor_picture *p, size_t count, ocrvl_anchor_picture *out)
{
    size_t group[MOST_PICTURES], n = 0;
    for (size_t i = 0; i < count; i++)
        group[i] = i;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            size_t from = group[j], to = group[i];
            for (size_t k = 0; from != to && touch(&p[i], &p[j]) && k < count; k++)
                group[k] = group[k] == from ? to : group[k];
        }
    for (size_t i = 0; i < count; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first &= group[j] != group[i];
        if (!first)
            continue;
        out[n] = p[i];
        for (size_t j = i + 1; j < count; j++)
            if (group[j] == group[i])
                out[n] = (ocrvl_anchor_picture){fmin(out[n].x0, p[j].x0), fmin(out[n].y0, p[j].y0),
                                                fmax(out[n].x1, p[j].x1), fmax(out[n].y1, p[j].y1)};
        n++;
    }
    return n;
}

/* ---- the choice -------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const element *x = *(element *const *)a, *y = *(element *const *)b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Takes those of e[first..end) with the least and the greatest x and y, of pictures by their far corner. *length grows
 * by theirs. */
static void take_edges(element *e, const ocrvl_anchor_picture *pictures, size_t first, size_t end, size_t *length)
{
    size_t edge[4] = {first, first, first, first};
    for (size_t i = first; i < end; i++) {
        double far_x = pictures ? pictures[i].x1 : e[i].x, far_y = pictures ? pictures[i].y1 : e[i].y;
        double best_x = pictures ? pictures[edge[1]].x1 : e[edge[1]].x;
        double best_y = pictures ? pictures[edge[3]].y1 : e[edge[3]].y;
        edge[0] = e[i].x < e[edge[0]].x ? i : edge[0];
        edge[1] = far_x > best_x ? i : edge[1];
        edge[2] = e[i].y < e[edge[2]].y ? i : edge[2];
        edge[3] = far_y > best_y ? i : edge[3];
    }
    for (size_t k = 0; k < 4 && first < end; k++) {
        *length += e[edge[k]].taken ? 0 : e[edge[k]].length;
        e[edge[k]].taken = true;
    }
}

/* Takes others in a random order until one is too long. order [n] is used up. */
static void take_others(element **order, size_t n, size_t *length, size_t most)
{
    uint64_t seed = 1;
    for (size_t i = n; i > 1; i--) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t k = (size_t)((seed >> 33) % i);
        element *other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
    for (size_t i = 0; i < n && *length + order[i]->length <= most; i++) {
        order[i]->taken = true;
        *length += order[i]->length;
    }
}

/* Writes the elements [pictures, then texts] that there is room for. */
static ocrvl_status put_elements(ocrvl_buf *out, element *e, size_t pictures, size_t count,
                                 const ocrvl_anchor_picture *boxes, size_t most, ocrvl_error *err)
{
    size_t length = out->len, all = length, n = 0; /* what is there is ASCII */
    element **order = ocrvl_alloc_array(count, sizeof(element *));
    if (!order)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        all += e[i].length;
    if (all > most) {
        take_edges(e, boxes, 0, pictures, &length);
        take_edges(e, NULL, pictures, count, &length);
        for (size_t i = 0; i < count; i++)
            if (!e[i].taken)
                order[n++] = &e[i];
        take_others(order, n, &length, most);
        n = 0;
    }
    for (size_t i = 0; i < count; i++)
        if (all <= most || e[i].taken)
            order[n++] = &e[i];
    if (all > most && n)
        qsort(order, n, sizeof(element *), by_place);
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_put(out, order[i]->line.data, order[i]->line.len);
    ocrvl_free(order);
    return out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

static bool is_empty(const ocrvl_anchor_text *t)
{
    for (size_t i = 0; i < t->len; i++)
        if (!is_space(t->text[i]))
            return false;
    return true;
}

ocrvl_status ocrvl_anchor_put(ocrvl_buf *out, const ocrvl_anchor *a, size_t most, ocrvl_error *err)
{
    ocrvl_anchor_picture boxes[MOST_PICTURES];
    size_t given = a->picture_count < MOST_PICTURES ? a->picture_count : MOST_PICTURES;
    size_t pictures = merge(a->pictures, given, boxes), n = 0;
    size_t texts = a->text_count < MOST_PIECES ? a->text_count : MOST_PIECES;
    element *e = ocrvl_alloc_array(pictures + texts, sizeof *e);
    if (!e)
        return ocrvl_fail_nomem(err);
    long long tenths = llrint(a->width * 10), high = llrint(a->height * 10);
    ocrvl_buf_printf(out, "Page dimensions: %lld.%lldx%lld.%lld\n", tenths / 10, tenths % 10, high / 10, high % 10);
    for (; n < pictures; n++)
        put_picture(&e[n], &boxes[n]);
    for (size_t i = 0; i < texts; i++)
        if (!is_empty(&a->texts[i]))
            put_text(&e[n++], &a->texts[i]);
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < n; i++) {
        e[i].length = ocrvl_utf8_count(e[i].line.data ? e[i].line.data : "", e[i].line.len);
        st = e[i].line.failed ? ocrvl_fail_nomem(err) : st;
    }
    if (!st)
        st = put_elements(out, e, pictures, n, boxes, most, err);
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_free(&e[i].line);
    ocrvl_free(e);
    return st;
}

/* ---- a page ------------------------------------------------------------------------------------------ */

typedef struct gathering {
    const ocrvl_page_job *j;
    double width, height; /* pixels of the upright page */
    double across, down;  /* points of its pixels */
    ocrvl_anchor a;
    ocrvl_anchor_text *texts;
    ocrvl_buf *lines; /* [text_count], where texts are put together; or NULL */
    ocrvl_anchor_picture pictures[MOST_PICTURES];
} gathering;

static void measure(gathering *g)
{
    const ocrvl_layout *l = g->j->layout;
    bool side = l->rotation % 180 == 90;
    double x = g->j->in.image->dpi_x > 0 ? g->j->in.image->dpi_x : OTHER_DPI,
           y = g->j->in.image->dpi_y > 0 ? g->j->in.image->dpi_y : x;
    g->width = side ? l->page_height : l->page_width;
    g->height = side ? l->page_width : l->page_height;
    g->across = 72 / (side ? y : x);
    g->down = 72 / (side ? x : y);
    g->a.width = g->width * g->across;
    g->a.height = g->height * g->down;
}

static void add_picture(gathering *g, double x0, double y0, double x1, double y1)
{
    if (g->a.picture_count < MOST_PICTURES)
        g->pictures[g->a.picture_count++] = (ocrvl_anchor_picture){x0 * g->across, (g->height - y1) * g->down,
                                                                   x1 * g->across, (g->height - y0) * g->down};
}

/* x, y: where the baseline begins, in pixels of the upright page. */
static void add_text(gathering *g, const char *text, size_t len, double x, double y)
{
    g->texts[g->a.text_count++] = (ocrvl_anchor_text){text, len, x * g->across, (g->height - y) * g->down};
}

/* The document's own lines, and the figures that were found. */
static ocrvl_status gather_layer(gathering *g, ocrvl_error *err)
{
    const ocrvl_page_input *in = &g->j->in;
    const ocrvl_layout *l = g->j->layout;
    g->texts = ocrvl_alloc_array(in->text_place_count, sizeof *g->texts);
    if (!g->texts)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < in->text_place_count; i++) {
        ocrvl_box b =
            ocrvl_box_turn(in->text_places[i].box, (int32_t)l->page_width, (int32_t)l->page_height, l->rotation);
        add_text(g, in->text_places[i].text, strlen(in->text_places[i].text), b.x0, b.y1 - 0.2 * (b.y1 - b.y0));
    }
    for (size_t i = 0; i < l->block_count; i++)
        if (l->blocks[i].role == OCRVL_ROLE_FIGURE) {
            ocrvl_box b = l->blocks[i].box;
            add_picture(g, b.x0, b.y0, b.x1, b.y1);
        }
    return OCRVL_OK;
}

/* What the line reader says, line by line, on a picture of the whole page. */
static ocrvl_status gather_lines(gathering *g, ocrvl_error *err)
{
    const ocrvl_page_job *j = g->j;
    g->texts = ocrvl_alloc_array(j->layout->line_count, sizeof *g->texts);
    g->lines = ocrvl_alloc_array(j->layout->line_count, sizeof *g->lines);
    if (!g->texts || !g->lines)
        return ocrvl_fail_nomem(err);
    add_picture(g, 0, 0, g->width, g->height);
    for (size_t i = 0; j->lines.readings && i < j->lines.count; i++) {
        const ocrvl_transcript *t = &j->lines.readings[i].transcript;
        ocrvl_buf *b = &g->lines[j->lines.strips[i].line];
        ocrvl_buf_puts(b, b->len ? " " : "");
        ocrvl_buf_put(b, t->text ? t->text : "", t->len);
        if (b->failed)
            return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < j->layout->line_count; i++) {
        const ocrvl_layout_line *l = &j->layout->lines[i];
        add_text(g, g->lines[i].data ? g->lines[i].data : "", g->lines[i].len, l->ink.x0, l->baseline[0]);
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_anchor_of_page(ocrvl_buf *out, const ocrvl_page_job *j, ocrvl_error *err)
{
    gathering *g = ocrvl_alloc(sizeof *g);
    if (!g)
        return ocrvl_fail_nomem(err);
    g->j = j;
    measure(g);
    ocrvl_status st = j->in.text_place_count ? gather_layer(g, err) : gather_lines(g, err);
    g->a.texts = g->texts;
    g->a.pictures = g->pictures;
    if (!st)
        st = ocrvl_anchor_put(out, &g->a, OCRVL_ANCHOR_MOST, err);
    for (size_t i = 0; g->lines && i < j->layout->line_count; i++)
        ocrvl_buf_free(&g->lines[i]);
    ocrvl_free(g->lines);
    ocrvl_free(g->texts);
    ocrvl_free(g);
    return st;
}
