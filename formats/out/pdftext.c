/* A page's text for a PDF: invisible, one text object for each line, each word on its ink.
 *
 * A word's string is as wide as the word: its glyphs are all 500 wide, or have no width if they combine with others
 * (pdf.js gives those none, whatever the font says), and the horizontal scaling does the rest. It is placed on the
 * line's baseline at the baseline's angle, and ends in a space if one follows, because readers build words from that.
 * Lines with right-to-left letters are written in visual order, from the left, because that is what poppler, pdf.js and
 * PDFBox all put back into logical order. In other lines each word is marked as a span: pdf.js stretches unmarked text
 * over its whole length, and then words are not highlighted where they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "out/cover.h"
#include "out/parts.h"
#include "out/pdfparts.h"

#define LEAN 0.1     /* sine of the angle up to which a line counts as straight */
#define STRING 8000u /* codes in one string, because PDF/A-1 allows no more than 32767 bytes */

/* ---- codes ------------------------------------------------------------------------------------------- */

void ocrvl_pdf_codes_free(ocrvl_pdf_codes *c)
{
    ocrvl_free(c->points);
    ocrvl_free(c->table);
    memset(c, 0, sizeof *c);
}

static bool grow(ocrvl_pdf_codes *c)
{
    bool room = OCRVL_ARRAY_RESERVE(c->points, c->cap, c->count + 1);
    size_t slots = 2 * c->cap;
    uint32_t *table = room ? ocrvl_alloc_array(slots, sizeof *table) : NULL;
    if (!table) {
        c->failed = true;
        return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        size_t k = c->points[i] * 2654435761u % slots;
        while (table[k])
            k = (k + 1) % slots;
        table[k] = (uint32_t)i + 1;
    }
    ocrvl_free(c->table);
    c->table = table;
    c->slots = slots;
    return true;
}

/* After 65,535 different code points, more than any font has, further ones get the code of the first. */
static uint32_t code_of(ocrvl_pdf_codes *c, uint32_t point)
{
    if (c->failed || (c->count == c->cap && !grow(c)))
        return 1;
    size_t k = point * 2654435761u % c->slots;
    while (c->table[k] && c->points[c->table[k] - 1] != point)
        k = (k + 1) % c->slots;
    if (c->table[k])
        return c->table[k];
    if (c->count == 65535)
        return 1;
    c->points[c->count++] = point;
    return c->table[k] = (uint32_t)c->count;
}

/* ---- the position of a line -------------------------------------------------------------------------- */

typedef struct axis { /* of a line, in points of the page, y upwards */
    double x, y;      /* the left end of its text, whatever the script */
    double cosine, sine, length;
    double height; /* height of the line, across the axis */
} axis;

typedef struct sheet {     /* the page */
    double sx, sy, height; /* points a pixel; height in points */
    uint32_t rotation;     /* rotation of the page, as in ocrvl_page_info */
    const char *font;
    const ocrvl_cover *taken;
} sheet;

static void to_points(const sheet *s, double x, double y, double *px, double *py)
{
    *px = x * s->sx;
    *py = s->height - y * s->sy;
}

/* The corners of a box from the view of its text: 0 is top left, and they continue clockwise. */
static void corner(const ocrvl_box *b, uint32_t rotation, int k, double *x, double *y)
{
    int at = (k + 4 - (int)(rotation / 90) % 4) % 4; /* if the page is to be turned clockwise by 90, the top of its text
                                                      * is at the left */
    *x = at == 0 || at == 3 ? b->x0 : b->x1;
    *y = at == 0 || at == 1 ? b->y0 : b->y1;
}

static double length(double x, double y) { return sqrt(x * x + y * y); }

/* Follows the baseline if there is one; otherwise it is a fifth of the box's height above the box's bottom. */
static axis axis_of(const sheet *s, const ocrvl_node_info *line, const ocrvl_box *box)
{
    axis a;
    double p[4][2] = {{0}}, x, y, x1, y1;
    uint32_t rotation = line->dir == OCRVL_DIR_TTB ? s->rotation + 270 : s->rotation;
    for (int k = 0; k < 4; k++) {
        corner(box, rotation % 360, k, &x, &y);
        if (ocrvl_has_quad(line)) {
            x = (double)line->quad[k].x;
            y = (double)line->quad[k].y;
        }
        to_points(s, x, y, &p[k][0], &p[k][1]);
    }
    a.height = (length(p[3][0] - p[0][0], p[3][1] - p[0][1]) + length(p[2][0] - p[1][0], p[2][1] - p[1][1])) / 2;
    x = p[3][0] + (p[0][0] - p[3][0]) / 5;
    y = p[3][1] + (p[0][1] - p[3][1]) / 5;
    x1 = p[2][0] + (p[1][0] - p[2][0]) / 5;
    y1 = p[2][1] + (p[1][1] - p[2][1]) / 5;
    double along_x = x1 - x, along_y = y1 - y;
    if (ocrvl_has_baseline(line)) {
        const ocrvl_point *b = line->baseline;
        to_points(s, (double)b[0].x, (double)b[0].y, &x, &y);
        to_points(s, (double)b[1].x, (double)b[1].y, &x1, &y1);
        if ((x1 - x) * along_x + (y1 - y) * along_y < 0) { /* it runs from the right to the left */
            double tx = x, ty = y;
            x = x1;
            y = y1;
            x1 = tx;
            y1 = ty;
        }
    }
    a.length = length(x1 - x, y1 - y);
    a.x = x;
    a.y = y;
    a.cosine = a.length > 0 ? (x1 - x) / a.length : 1;
    a.sine = a.length > 0 ? (y1 - y) / a.length : 0;
    a.height = a.height > 0.1 ? a.height : 0.1;
    return a;
}

/* Where a box begins and ends along the axis. Boxes are upright, so for an axis that leans a little only its steeper or
 * flatter direction counts: the corners would lengthen the word. */
static void extent(const sheet *s, const axis *a, const ocrvl_box *b, double *from, double *to)
{
    double x0, y0, x1, y1, t0, t1;
    to_points(s, b->x0, b->y0, &x0, &y0);
    to_points(s, b->x1, b->y1, &x1, &y1);
    if (fabs(a->cosine) >= fabs(a->sine)) {
        t0 = (x0 - a->x) / a->cosine;
        t1 = (x1 - a->x) / a->cosine;
    } else {
        t0 = (y0 - a->y) / a->sine;
        t1 = (y1 - a->y) / a->sine;
    }
    *from = t0 < t1 ? t0 : t1;
    *to = t0 < t1 ? t1 : t0;
}

/* ---- words ------------------------------------------------------------------------------------------- */

typedef struct span { /* a piece of a line */
    ocrvl_piece piece;
    double from, to; /* positions along the axis */
    bool space;      /* white space follows it in visual order */
} span;

typedef struct spans {
    span *list;
    size_t count;
    bool rtl; /* contains right-to-left letters */
} spans;

static bool any_rtl(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n;)
        if (ocrvl_runs_leftwards(ocrvl_utf8_next(s, n, &i)))
            return true;
    return false;
}

static bool get_spans(spans *out, const ocrvl_node *line)
{
    ocrvl_pieces it;
    ocrvl_piece p;
    size_t n = 0;
    memset(out, 0, sizeof *out);
    for (ocrvl_pieces_begin(&it, line); ocrvl_pieces_next(&it, &p);)
        n++;
    out->list = ocrvl_alloc_array(n + 1, sizeof *out->list);
    if (!out->list)
        return false;
    for (ocrvl_pieces_begin(&it, line); out->count < n && ocrvl_pieces_next(&it, &p);)
        out->list[out->count++].piece = p;
    out->rtl = any_rtl(ocrvl_info(line).text);
    return true;
}

/* Pieces without a box divide the space between the boxes before and after them, by their characters; if no piece has a
 * box, they divide the whole axis. They start at the right if the line reads from there. */
static void share_out(spans *s, size_t from, size_t to, double begin, double end, bool right)
{
    size_t sum = 0, before = 0;
    for (size_t i = from; i < to; i++)
        sum += ocrvl_utf8_count(s->list[i].piece.text, s->list[i].piece.len) + 1;
    for (size_t i = from; i < to; i++) {
        size_t n = ocrvl_utf8_count(s->list[i].piece.text, s->list[i].piece.len);
        double a = (double)before / (double)sum, b = (double)(before + n) / (double)sum;
        s->list[i].from = begin + (end - begin) * (right ? 1 - b : a);
        s->list[i].to = begin + (end - begin) * (right ? 1 - a : b);
        before += n + 1;
    }
}

static void place_spans(spans *s, const sheet *page, const axis *a, bool right)
{
    size_t none = 0; /* the first piece of the run without a box */
    for (size_t i = 0; i <= s->count; i++) {
        ocrvl_node_info info = {0};
        if (i < s->count && s->list[i].piece.word)
            info = ocrvl_info(s->list[i].piece.word);
        if (i < s->count && !ocrvl_has_box(&info))
            continue;
        if (i < s->count)
            extent(page, a, &info.box, &s->list[i].from, &s->list[i].to);
        double begin = 0, end = a->length;
        if (none > 0) /* the neighbour in the line's order */
            *(right ? &end : &begin) = right ? s->list[none - 1].from : s->list[none - 1].to;
        if (i < s->count)
            *(right ? &begin : &end) = right ? s->list[i].to : s->list[i].from;
        share_out(s, none, i, begin, end > begin ? end : begin, right);
        none = i + 1;
    }
}

static int by_place(const void *a, const void *b)
{
    const span *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->piece.text < y->piece.text ? -1 : x->piece.text > y->piece.text;
}

/* Drops pieces where the page has text already, judged by the middle of each piece. */
static void drop_taken(spans *s, const sheet *page, const axis *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        double t = (s->list[i].from + s->list[i].to) / 2, up = a->height * 0.3;
        double x = a->x + t * a->cosine - up * a->sine, y = a->y + t * a->sine + up * a->cosine;
        if (!ocrvl_cover_holds(page->taken, x / page->sx, (page->height - y) / page->sy))
            s->list[kept++] = s->list[i];
    }
    s->count = kept;
}

/* Sets the spaces after words, and puts them in visual order. In a reordered line two words have a space between them
 * if either has one before it. */
static void order_spans(spans *s)
{
    for (size_t i = 0; i + 1 < s->count; i++)
        s->list[i].space = s->list[i + 1].piece.space;
    if (!s->rtl) {
        if (s->count) /* poppler joins lines that end without a space */
            s->list[s->count - 1].space = true;
        return;
    }
    qsort(s->list, s->count, sizeof *s->list, by_place);
    for (size_t i = 0; i + 1 < s->count; i++)
        s->list[i].space = s->list[i].piece.space || s->list[i + 1].piece.space;
    if (s->count)
        s->list[s->count - 1].space = false;
}

/* Poppler sees no space between words that are nearer than 0.15 of the font size, whatever is between them: the first
 * of two such words is shortened, by at most half of itself. pdf.js puts only words that are nearer than 0.6 of the
 * size into logical order together: in right-to-left lines the first of two words that are farther apart is
 * lengthened. */
#define FLOW 0.5
#define FAR 4 /* in font sizes: parts of a line that belong together are nearer */
static void part_spans(spans *s, double size)
{
    for (size_t i = 0; i + 1 < s->count; i++) {
        span *a = &s->list[i];
        double gap = s->list[i + 1].from - a->to;
        if (s->rtl && a->space && gap > FLOW * size && gap < FAR * size)
            a->to = s->list[i + 1].from - FLOW * size;
        double most = s->list[i + 1].from - 0.2 * size, half = (a->from + a->to) / 2;
        if (a->space && a->to > most)
            a->to = most > half ? most : half;
    }
}

static void put_operand(ocrvl_buf *b, double v, int decimals)
{
    ocrvl_buf_put_number(b, v, decimals);
    ocrvl_buf_putc(b, ' ');
}

/* Writes codes as strings for Tj. U+FEFF, which no reader wants, is left out. */
static void put_strings(ocrvl_buf *b, ocrvl_pdf_codes *codes, const char *s, size_t n, bool space)
{
    size_t count = 0;
    ocrvl_buf_putc(b, '<');
    for (size_t i = 0; i < n || space;) {
        uint32_t c = i < n ? ocrvl_utf8_next(s, n, &i) : ' ';
        if (c == ' ' && i >= n)
            space = false;
        if (c == 0xFEFF)
            continue;
        if (count && count % STRING == 0)
            ocrvl_buf_puts(b, "> Tj\n<");
        ocrvl_buf_printf(b, "%04X", code_of(codes, c == OCRVL_UTF8_BAD ? 0xFFFD : c));
        count++;
    }
    ocrvl_buf_puts(b, "> Tj\n");
}

/* Makes the words of a line that leans a little upright, each at the line's height at the word's middle: readers join
 * words at an angle only if all are scaled alike (pdf.js 5.6), or not at all (poppler's layout, PDFBox). */
static void straighten(double *cosine, double *sine)
{
    if (fabs(*sine) < LEAN) {
        *cosine = *cosine < 0 ? -1 : 1;
        *sine = 0;
    } else if (fabs(*cosine) < LEAN) {
        *sine = *sine < 0 ? -1 : 1;
        *cosine = 0;
    }
}

/* How many of the characters have a width; 1 if none has. */
static size_t count_wide(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n;)
        count += !ocrvl_text_is_zero_width(ocrvl_utf8_next(s, n, &i));
    return count ? count : 1;
}

static void put_span(ocrvl_buf *b, ocrvl_pdf_codes *codes, const span *s, const axis *a, bool rtl, ocrvl_direction dir)
{
    char *visual = NULL;
    const char *text = s->piece.text;
    size_t n = s->piece.len;
    if (rtl && ocrvl_text_visual(&visual, text, n, dir, NULL) == OCRVL_OK) {
        text = visual;
        n = strlen(visual);
    }
    b->failed |= rtl && !visual;
    double mid = (s->from + s->to) / 2, half = (s->to - s->from) / 2, cosine = a->cosine, sine = a->sine;
    straighten(&cosine, &sine);
    double width = s->to - s->from, scale = 100 * width / (a->height * 0.5 * (double)count_wide(text, n));
    put_operand(b, cosine, 5);
    put_operand(b, sine, 5);
    put_operand(b, -sine, 5);
    put_operand(b, cosine, 5);
    put_operand(b, a->x + mid * a->cosine - half * cosine, 3);
    put_operand(b, a->y + mid * a->sine - half * sine, 3);
    ocrvl_buf_puts(b, "Tm ");
    put_operand(b, scale < 0.01 ? 0.01 : scale > 30000 ? 30000 : scale, 2);
    ocrvl_buf_puts(b, "Tz ");
    put_strings(b, codes, text, n, s->space);
    ocrvl_text_free(visual);
}

static bool is_tag(const char *s)
{
    return s && strlen(s) <= 35 &&
           s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void put_line(ocrvl_buf *b, ocrvl_pdf_codes *codes, const sheet *page, const ocrvl_node *line, ocrvl_box outer)
{
    spans s;
    ocrvl_node_info i = ocrvl_info(line);
    ocrvl_box box = ocrvl_box_around(line, outer);
    axis a = axis_of(page, &i, &box);
    if (!get_spans(&s, line)) {
        b->failed = true;
        return;
    }
    place_spans(&s, page, &a, i.dir == OCRVL_DIR_RTL || (i.dir == OCRVL_DIR_NONE && s.rtl));
    drop_taken(&s, page, &a);
    order_spans(&s);
    part_spans(&s, a.height);
    if (s.count && is_tag(i.lang))
        ocrvl_buf_printf(b, "/Span << /Lang (%s) >> BDC\n", i.lang);
    if (s.count) {
        ocrvl_buf_printf(b, "BT 3 Tr /%s ", page->font);
        put_operand(b, a.height, 3);
        ocrvl_buf_puts(b, "Tf\n");
    }
    for (size_t k = 0; k < s.count; k++) {
        bool apart = !s.rtl && s.count > 1;
        ocrvl_buf_puts(b, apart ? "/Span BMC " : "");
        put_span(b, codes, &s.list[k], &a, s.rtl, i.dir);
        ocrvl_buf_puts(b, apart ? "EMC\n" : "");
    }
    if (s.count)
        ocrvl_buf_puts(b, is_tag(i.lang) ? "ET EMC\n" : "ET\n");
    ocrvl_free(s.list);
}

/* Lines without any box around them divide the space of their block, or of the page, from the top. */
static void put_lines(ocrvl_buf *b, ocrvl_pdf_codes *codes, const sheet *page, const ocrvl_node *parent,
                      ocrvl_box outer)
{
    int64_t count = 0, k = 0;
    ocrvl_box box = ocrvl_box_around(parent, outer);
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line))
        count++;
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line), k++) {
        int64_t height = (int64_t)box.y1 - box.y0;
        ocrvl_box share = {box.x0, (int32_t)(box.y0 + height * k / count), box.x1,
                           (int32_t)(box.y0 + height * (k + 1) / count)};
        put_line(b, codes, page, line, share);
    }
}

void ocrvl_put_pdf_text(ocrvl_buf *out, ocrvl_pdf_codes *codes, const ocrvl_page *page, const ocrvl_pdf_sheet *on)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_cover taken;
    if (info.width == 0)
        return;
    if (!ocrvl_cover_make(&taken, info.width, info.height, on->taken, on->taken_count)) {
        out->failed = true;
        return;
    }
    sheet s = {on->width / info.width, on->height / info.height, on->height, info.rotation, on->font, &taken};
    ocrvl_box all = {0, 0, (int32_t)info.width, (int32_t)info.height};
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_box box = ocrvl_box_around(n, all);
        if (ocrvl_info(n).role != OCRVL_ROLE_TABLE)
            put_lines(out, codes, &s, n, box);
        for (const ocrvl_node *cell = ocrvl_node_first(n); cell && ocrvl_info(n).role == OCRVL_ROLE_TABLE;
             cell = ocrvl_node_next(cell))
            put_lines(out, codes, &s, cell, box);
    }
    ocrvl_cover_free(&taken);
    out->failed |= codes->failed;
}
