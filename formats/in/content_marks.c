#include "in/content_marks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/content_tokens.h"

#define FAR 1e6 /* no page is so large */
enum { DEEP = 64, MARKS = 256, OPERANDS = 8, MOST_SHOWN = 200000, MOST_OPERATORS = 4000000 };

typedef struct font_state { /* the part of the graphics state that is about text */
    const ocrvl_widths *widths;
    double size, character, word, across, leading, rise;
} font_state;

typedef struct state {
    ocrvl_matrix ctm;
    font_state type;
} state;

typedef struct scan {
    ocrvl_content_tokens in;
    const ocrvl_marks_names *names;
    ocrvl_marks_list *out;
    state stack[DEEP], *now;
    size_t over; /* q operators beyond those that fit */
    ocrvl_matrix text, line;
    uint32_t marks[MARKS]; /* the first is that around the content */
    size_t marked;         /* BMC and BDC without their EMC */
    ocrvl_content_token operands[OPERANDS];
    size_t count; /* of operands, of which the last are kept */
} scan;

ocrvl_matrix ocrvl_matrix_then(ocrvl_matrix m, ocrvl_matrix n)
{
    return (ocrvl_matrix){m.a * n.a + m.b * n.c, m.a * n.b + m.b * n.d,       m.c * n.a + m.d * n.c,
                          m.c * n.b + m.d * n.d, m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f};
}

static bool is_near(double v) { return v > -FAR && v < FAR; } /* NaN isn't */

static uint32_t mark_of(const scan *s) { return s->marks[s->marked < MARKS ? s->marked : MARKS - 1]; }

static void add(scan *s, ocrvl_marks_shown shown)
{
    ocrvl_marks_list *o = s->out;
    if (!is_near(shown.x0) || !is_near(shown.y0) || !is_near(shown.x1) || !is_near(shown.y1) || !is_near(shown.size))
        return;
    if (o->count == MOST_SHOWN)
        o->cut = true;
    else if (!OCRVL_ARRAY_RESERVE(o->at, o->cap, o->count + 1))
        o->failed = true;
    else
        o->at[o->count++] = shown;
}

/* ---- operands ---------------------------------------------------------------------------------------- */

/* Operand i of the last n; an empty token if there are fewer. */
static ocrvl_content_token operand(const scan *s, size_t n, size_t i)
{
    if (n > s->count || n > OPERANDS)
        return (ocrvl_content_token){0, 0};
    return s->operands[(s->count - n + i) % OPERANDS];
}

static double number(const scan *s, size_t n, size_t i) { return ocrvl_token_number(&s->in, operand(s, n, i)); }

static ocrvl_matrix matrix(const scan *s)
{
    return (ocrvl_matrix){number(s, 6, 0), number(s, 6, 1), number(s, 6, 2),
                          number(s, 6, 3), number(s, 6, 4), number(s, 6, 5)};
}

/* ---- text -------------------------------------------------------------------------------------------- */

static int hex(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

typedef struct reading { /* of a string's bytes, as the codes of characters */
    const font_state *type;
    double width; /* so far, in units of text space */
    uint32_t code;
    bool half; /* of a code was read */
} reading;

static void read_byte(reading *r, uint8_t byte)
{
    const ocrvl_widths *w = r->type->widths;
    bool two = w && w->two;
    if (two && !r->half) {
        r->code = byte;
        r->half = true;
        return;
    }
    uint32_t code = two ? r->code << 8 | byte : byte;
    r->half = false;
    double width = w ? w->usual : 500;
    if (w && code >= w->first && code - w->first < w->count && w->at[code - w->first] >= 0)
        width = (double)w->at[code - w->first];
    double space = !two && code == ' ' ? r->type->word : 0;
    r->width += (width / 1000 * r->type->size + r->type->character + space) * r->type->across;
}

/* The bytes of "(...)". */
static void read_literal(reading *r, const uint8_t *p, size_t n)
{
    for (size_t i = 1; i + 1 < n; i++) {
        uint8_t c = p[i];
        if (c != '\\') {
            read_byte(r, c);
            continue;
        }
        c = p[++i];
        if (c >= '0' && c <= '7') {
            unsigned v = 0;
            for (int k = 0; k < 3 && i + 1 < n && p[i] >= '0' && p[i] <= '7'; k++)
                v = v * 8 + (unsigned)(p[i++] - '0');
            i--;
            read_byte(r, (uint8_t)v);
        } else if (c == '\r' || c == '\n') { /* the line goes on */
            i += c == '\r' && i + 1 < n && p[i + 1] == '\n';
        } else {
            const char *at = c ? strchr("n\nr\rt\tb\bf\f", c) : NULL;
            read_byte(r, at && strchr("nrtbf", c) ? (uint8_t)at[1] : c);
        }
    }
}

static void read_hex(reading *r, const uint8_t *p, size_t n)
{
    int high = -1;
    for (size_t i = 1; i < n; i++) {
        int v = hex(p[i]);
        if (v < 0)
            continue;
        if (high >= 0)
            read_byte(r, (uint8_t)(high << 4 | v));
        high = high >= 0 ? -1 : v;
    }
    if (high >= 0)
        read_byte(r, (uint8_t)(high << 4));
}

static void read_string(reading *r, const ocrvl_content_tokens *in, ocrvl_content_token t)
{
    const uint8_t *p = in->data + t.from;
    if (t.to > t.from && *p == '(')
        read_literal(r, p, t.to - t.from);
    else if (t.to > t.from && *p == '<')
        read_hex(r, p, t.to - t.from);
}

/* How far the strings and numbers of an array lead. */
static double array_width(const font_state *type, const ocrvl_content_tokens *in, ocrvl_content_token array)
{
    ocrvl_content_tokens within = {in->data, array.to, array.from + 1};
    reading r = {.type = type};
    ocrvl_content_token t;
    while (ocrvl_tokens_next(&within, &t)) {
        uint8_t c = in->data[t.from];
        if (c == '(' || c == '<')
            read_string(&r, in, t);
        else
            r.width -= ocrvl_token_number(in, t) / 1000 * type->size * type->across;
    }
    return r.width;
}

/* Text of an operand is shown, and what follows stands after it. */
static void show(scan *s, ocrvl_content_token t)
{
    const font_state *type = &s->now->type;
    reading r = {.type = type};
    if (t.from == t.to)
        return;
    if (s->in.data[t.from] == '[')
        r.width = array_width(type, &s->in, t);
    else
        read_string(&r, &s->in, t);
    ocrvl_matrix raised = {1, 0, 0, 1, 0, type->rise}, m = ocrvl_matrix_then(s->text, s->now->ctm),
                 at = ocrvl_matrix_then(raised, m);
    double along = sqrt(m.a * m.a + m.b * m.b),
           size = along > 0 ? fabs(type->size * (m.a * m.d - m.b * m.c)) / along : 0;
    add(s, (ocrvl_marks_shown){mark_of(s), false, (float)at.e, (float)at.f, (float)(at.e + r.width * m.a),
                               (float)(at.f + r.width * m.b), (float)size, type->widths ? type->widths->font : 0});
    s->text = ocrvl_matrix_then((ocrvl_matrix){1, 0, 0, 1, r.width, 0}, s->text);
}

static void move(scan *s, double x, double y)
{
    s->line = ocrvl_matrix_then((ocrvl_matrix){1, 0, 0, 1, x, y}, s->line);
    s->text = s->line;
}

/* Handles operators that set or move text; returns whether it is one. */
static bool do_text(scan *s, ocrvl_content_token op)
{
    font_state *type = &s->now->type;
    const ocrvl_content_tokens *in = &s->in;
    char name[OCRVL_TOKEN_NAME];
    if (ocrvl_token_is(in, op, "Tj") || ocrvl_token_is(in, op, "TJ")) {
        show(s, operand(s, 1, 0));
    } else if (ocrvl_token_is(in, op, "'") || ocrvl_token_is(in, op, "\"")) {
        if (in->data[op.from] == '"') {
            type->word = number(s, 3, 0);
            type->character = number(s, 3, 1);
        }
        move(s, 0, -type->leading);
        show(s, operand(s, 1, 0));
    } else if (ocrvl_token_is(in, op, "Td") || ocrvl_token_is(in, op, "TD")) {
        type->leading = in->data[op.from + 1] == 'D' ? -number(s, 2, 1) : type->leading;
        move(s, number(s, 2, 0), number(s, 2, 1));
    } else if (ocrvl_token_is(in, op, "T*")) {
        move(s, 0, -type->leading);
    } else if (ocrvl_token_is(in, op, "Tm")) {
        s->text = s->line = matrix(s);
    } else if (ocrvl_token_is(in, op, "BT")) {
        s->text = s->line = (ocrvl_matrix){1, 0, 0, 1, 0, 0};
    } else if (ocrvl_token_is(in, op, "Tf")) {
        bool named = ocrvl_token_name(in, operand(s, 2, 0), name);
        type->widths = named ? s->names->font(s->names->user, name) : NULL;
        type->size = number(s, 2, 1);
    } else if (ocrvl_token_is(in, op, "Tc")) {
        type->character = number(s, 1, 0);
    } else if (ocrvl_token_is(in, op, "Tw")) {
        type->word = number(s, 1, 0);
    } else if (ocrvl_token_is(in, op, "Tz")) {
        type->across = number(s, 1, 0) / 100;
    } else if (ocrvl_token_is(in, op, "TL")) {
        type->leading = number(s, 1, 0);
    } else if (ocrvl_token_is(in, op, "Ts")) {
        type->rise = number(s, 1, 0);
    } else {
        return false;
    }
    return true;
}

/* ---- marks, pictures and states ---------------------------------------------------------------------- */

/* The MCID in a dictionary, or -1. */
static int64_t id_of(const ocrvl_content_tokens *in, ocrvl_content_token dict)
{
    ocrvl_content_tokens within = {in->data, dict.to, dict.from + 2};
    ocrvl_content_token t;
    char name[OCRVL_TOKEN_NAME];
    while (ocrvl_tokens_next(&within, &t))
        if (ocrvl_token_name(in, t, name) && strcmp(name, "/MCID") == 0 && ocrvl_tokens_next(&within, &t)) {
            double v = ocrvl_token_number(in, t);
            return v >= 0 && v < 1e9 ? (int64_t)v : -1;
        }
    return -1;
}

static void begin_mark(scan *s, bool properties)
{
    ocrvl_content_token tag = operand(s, properties ? 2 : 1, 0), p = properties ? operand(s, 2, 1) : tag;
    char name[OCRVL_TOKEN_NAME] = "", of[OCRVL_TOKEN_NAME];
    uint32_t outer = mark_of(s), mark;
    bool dict = properties && p.to - p.from > 3 && s->in.data[p.from] == '<';
    bool named = properties && ocrvl_token_name(&s->in, p, of);
    (void)ocrvl_token_name(&s->in, tag, name);
    mark = s->names->mark(s->names->user, name, named ? of : NULL, dict ? id_of(&s->in, p) : -1);
    if (++s->marked < MARKS)
        s->marks[s->marked] = mark == UINT32_MAX ? outer : mark;
}

static void show_picture(scan *s, const ocrvl_matrix *m)
{
    double x0 = m->e + fmin(0, m->a) + fmin(0, m->c), x1 = m->e + fmax(0, m->a) + fmax(0, m->c);
    double y0 = m->f + fmin(0, m->b) + fmin(0, m->d), y1 = m->f + fmax(0, m->b) + fmax(0, m->d);
    add(s, (ocrvl_marks_shown){mark_of(s), true, (float)x0, (float)y0, (float)x1, (float)y1, 0, 0});
}

static void push(scan *s)
{
    if (s->now + 1 == s->stack + DEEP) {
        s->over++;
        return;
    }
    s->now[1] = s->now[0];
    s->now++;
}

static void pop(scan *s)
{
    if (s->over)
        s->over--;
    else if (s->now > s->stack)
        s->now--;
}

/* Returns false if the end of an image can't be found. */
static bool do_operator(scan *s, ocrvl_content_token op)
{
    const ocrvl_content_tokens *in = &s->in;
    char name[OCRVL_TOKEN_NAME];
    if (do_text(s, op))
        return true;
    if (ocrvl_token_is(in, op, "q")) {
        push(s);
    } else if (ocrvl_token_is(in, op, "Q")) {
        pop(s);
    } else if (ocrvl_token_is(in, op, "cm")) {
        s->now->ctm = ocrvl_matrix_then(matrix(s), s->now->ctm);
    } else if (ocrvl_token_is(in, op, "BDC") || ocrvl_token_is(in, op, "BMC")) {
        begin_mark(s, in->data[op.from + 1] == 'D');
    } else if (ocrvl_token_is(in, op, "EMC")) {
        s->marked -= s->marked > 0;
    } else if (ocrvl_token_is(in, op, "Do")) {
        if (ocrvl_token_name(in, operand(s, 1, 0), name) &&
            s->names->shows(s->names->user, name, &s->now->ctm, mark_of(s)))
            show_picture(s, &s->now->ctm);
    } else if (ocrvl_token_is(in, op, "ID")) {
        show_picture(s, &s->now->ctm);
        return ocrvl_tokens_skip_image(&s->in);
    }
    return true;
}

void ocrvl_content_marks(ocrvl_marks_list *out, const uint8_t *data, size_t len, const ocrvl_matrix *ctm, uint32_t mark,
                         const ocrvl_marks_names *names)
{
    scan s = {.in = {data, len, 0}, .names = names, .out = out, .marks = {mark}};
    ocrvl_content_token t;
    s.now = s.stack;
    *s.now = (state){*ctm, {.across = 1}};
    s.text = s.line = (ocrvl_matrix){1, 0, 0, 1, 0, 0};
    while (ocrvl_tokens_next(&s.in, &t) && !out->failed && !out->cut) {
        if (ocrvl_token_is_operand(&s.in, t)) {
            s.operands[s.count++ % OPERANDS] = t;
            continue;
        }
        out->cut |= ++out->operators > MOST_OPERATORS;
        if (!do_operator(&s, t))
            break;
        s.count = 0;
    }
}
