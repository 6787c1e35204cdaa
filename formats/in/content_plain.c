#include "in/content_plain.h"

#include <math.h>

#include "base/content_tokens.h"
#include "in/content_marks.h"

#define DARK 0.5   /* the brightest of what counts as such */
#define LIGHT 0.85 /* the darkest of an area on which dark text stands out, and which looks like no ink of its own */
/* Points: nothing that is taken for a border is as short. Underscores that are drawn as lines are, and marks of lists. */
#define SHORT 7.0
#define THIN 2.0
#define ROUND 16.0 /* points: of no area is a corner rounder */
#define LEVEL 0.01 /* points, from one end of a line to the other */
enum { OPERANDS = 6, DEEP = 64, MOST_PIECES = 64, SIDES = 4 };

typedef struct state {
    ocrvl_matrix ctm;
    double line;         /* width */
    double fill, stroke; /* how bright their colours are */
} state;

typedef struct piece { /* of a path, from one m or re to the next, in the user space of the page */
    double x0, y0, x1, y1;
    int lines, curves;
    bool level; /* all lines run along or across the page, and no curve is large */
} piece;

typedef struct scan {
    ocrvl_content_tokens in;
    state stack[DEEP], *now;
    piece path[MOST_PIECES];
    size_t pieces;                          /* of the path; more than there is room for aren't kept */
    double at[2];                           /* the path's last point */
    bool clips;                             /* with the path, once it is painted */
    ocrvl_content_token operands[OPERANDS]; /* the first ones */
    size_t count;
    ocrvl_painted *painted;
} scan;

static bool is_one_of(const scan *s, ocrvl_content_token op, const char *const *words)
{
    for (; *words; words++)
        if (ocrvl_token_is(&s->in, op, *words))
            return true;
    return false;
}

static double number(const scan *s, size_t i) { return ocrvl_token_number(&s->in, s->operands[i]); }

/* How bright the colour is that the operands of g, rg or k give; negative: they give none. */
static double brightness(const scan *s)
{
    if (s->count == 1)
        return fmax(number(s, 0), 0);
    if (s->count != 3 && s->count != 4)
        return -1;
    double sum = 0.3 * number(s, 0) + 0.59 * number(s, 1) + 0.11 * number(s, 2);
    return fmax(s->count == 3 ? sum : 1 - sum - number(s, 3), 0);
}

/* ---- paths ------------------------------------------------------------------------------------------- */

/* The place that two operands give. */
static void place(const scan *s, size_t operand, double out[2])
{
    const ocrvl_matrix *m = &s->now->ctm;
    double x = number(s, operand), y = number(s, operand + 1);
    out[0] = x * m->a + y * m->c + m->e;
    out[1] = x * m->b + y * m->d + m->f;
}

static piece *last_piece(scan *s) { return s->pieces && s->pieces <= MOST_PIECES ? &s->path[s->pieces - 1] : NULL; }

static void begin_piece(scan *s, const double at[2])
{
    s->pieces += s->pieces <= MOST_PIECES;
    if (last_piece(s))
        *last_piece(s) = (piece){at[0], at[1], at[0], at[1], 0, 0, true};
    s->at[0] = at[0];
    s->at[1] = at[1];
}

/* Goes on to a place, straight or in a curve. */
static void go_on(scan *s, const double to[2], bool curve)
{
    piece *p = last_piece(s);
    double across = fabs(to[0] - s->at[0]), up = fabs(to[1] - s->at[1]);
    if (p) {
        p->lines += !curve;
        p->curves += curve;
        p->level &= curve ? fmax(across, up) <= ROUND : fmin(across, up) <= LEVEL;
        p->x0 = fmin(p->x0, to[0]);
        p->y0 = fmin(p->y0, to[1]);
        p->x1 = fmax(p->x1, to[0]);
        p->y1 = fmax(p->y1, to[1]);
    }
    s->at[0] = to[0];
    s->at[1] = to[1];
}

static void add_rectangle(scan *s)
{
    const ocrvl_matrix *m = &s->now->ctm;
    double at[2], w = number(s, 2), h = number(s, 3);
    place(s, 0, at);
    begin_piece(s, at);
    const double corners[SIDES][2] = {{at[0] + w * m->a, at[1] + w * m->b},
                                      {at[0] + w * m->a + h * m->c, at[1] + w * m->b + h * m->d},
                                      {at[0] + h * m->c, at[1] + h * m->d},
                                      {at[0], at[1]}};
    for (size_t i = 0; i < SIDES; i++)
        go_on(s, corners[i], false);
}

/* Adds to the path, in which all points of a curve count. Returns whether the operator does that. */
static bool build_path(scan *s, ocrvl_content_token op)
{
    const ocrvl_content_tokens *in = &s->in;
    double to[2];
    if (s->count == 2 && (ocrvl_token_is(in, op, "m") || ocrvl_token_is(in, op, "l"))) {
        place(s, 0, to);
        if (in->data[op.from] == 'm')
            begin_piece(s, to);
        else
            go_on(s, to, false);
    } else if (s->count == 6 && ocrvl_token_is(in, op, "c")) {
        for (size_t i = 0; i < 6; i += 2) {
            place(s, i, to);
            go_on(s, to, true);
        }
    } else if (s->count == 4 && ocrvl_token_is(in, op, "re")) {
        add_rectangle(s);
    } else if (ocrvl_token_is(in, op, "W") || ocrvl_token_is(in, op, "W*")) {
        s->clips = true;
    } else {
        return s->count == 0 && ocrvl_token_is(in, op, "h");
    }
    return true;
}

static bool is_small(const piece *p) { return fmax(p->x1 - p->x0, p->y1 - p->y0) <= SHORT; }
static bool is_thin(const piece *p) { return fmin(p->x1 - p->x0, p->y1 - p->y0) <= THIN; }
static bool is_area(const piece *p) { return p->level && p->lines <= SIDES + 1 && p->curves <= 3 * SIDES; }

/* Whether the path, as an area, is what a table or a box may have: a rule, or a light ground; or a mark of a list. */
static bool fill(scan *s)
{
    for (size_t i = 0; i < s->pieces; i++) {
        const piece *p = &s->path[i];
        bool fine = is_thin(p) || (is_area(p) && s->now->fill >= LIGHT);
        if (is_small(p))
            continue;
        if (!fine || !ocrvl_painted_add(s->painted, (ocrvl_painted_box){p->x0, p->y0, p->x1, p->y1, s->now->fill}))
            return false;
    }
    return true;
}

/* Adds a line along or across the page. */
static bool add_line(scan *s, double x0, double y0, double x1, double y1, double width)
{
    double half = width / 2;
    bool level = x1 - x0 > y1 - y0;
    double more_x = level ? 0 : half, more_y = level ? half : 0;
    return ocrvl_painted_add(s->painted,
                             (ocrvl_painted_box){x0 - more_x, y0 - more_y, x1 + more_x, y1 + more_y, s->now->stroke});
}

/* The same of its outline: thin lines along and across, frames, and lines as short as underscores. */
static bool stroke(scan *s)
{
    const ocrvl_matrix *m = &s->now->ctm;
    double width = s->now->line * fmax(fabs(m->a) + fabs(m->c), fabs(m->b) + fabs(m->d));
    bool fine = width <= THIN;
    for (size_t i = 0; i < s->pieces && fine; i++) {
        const piece *p = &s->path[i];
        bool one = p->lines == 1 && !p->curves;
        if (one && is_small(p))
            continue;
        if (one && p->level)
            fine = add_line(s, p->x0, p->y0, p->x1, p->y1, width);
        else
            fine = p->lines >= SIDES && is_area(p) && add_line(s, p->x0, p->y0, p->x1, p->y0, width) &&
                   add_line(s, p->x0, p->y1, p->x1, p->y1, width) && add_line(s, p->x0, p->y0, p->x0, p->y1, width) &&
                   add_line(s, p->x1, p->y0, p->x1, p->y1, width);
    }
    return fine;
}

/* Whether the operator paints the path, and that is plain. A clip may be a rectangle: what it takes of text is seen by
 * the ink that the text lacks. */
static bool paint(scan *s, ocrvl_content_token op)
{
    static const char *const fills[] = {"f", "F", "f*", NULL}, *const strokes[] = {"S", "s", NULL};
    bool plain = s->pieces <= MOST_PIECES;
    if (s->clips)
        plain &= s->pieces == 1 && s->path[0].level && s->path[0].lines >= SIDES && !s->path[0].curves;
    if (is_one_of(s, op, fills))
        plain = plain && fill(s);
    else if (is_one_of(s, op, strokes))
        plain = plain && stroke(s);
    else
        plain &= ocrvl_token_is(&s->in, op, "n");
    s->pieces = 0;
    s->clips = false;
    return plain;
}

/* ---- state ------------------------------------------------------------------------------------------- */

/* Follows what sets the state. Returns whether it is such an operator, and plain. */
static bool set_state(scan *s, ocrvl_content_token op)
{
    static const char *const fills[] = {"g", "rg", "k", NULL}, *const strokes[] = {"G", "RG", "K", NULL};
    const ocrvl_content_tokens *in = &s->in;
    if (ocrvl_token_is(in, op, "q")) {
        if (s->now + 1 == s->stack + DEEP)
            return false;
        s->now[1] = s->now[0];
        s->now++;
    } else if (ocrvl_token_is(in, op, "Q")) {
        s->now -= s->now > s->stack;
    } else if (ocrvl_token_is(in, op, "cm") && s->count == 6) {
        ocrvl_matrix m = {number(s, 0), number(s, 1), number(s, 2), number(s, 3), number(s, 4), number(s, 5)};
        s->now->ctm = ocrvl_matrix_then(m, s->now->ctm);
    } else if (ocrvl_token_is(in, op, "w") && s->count == 1) {
        s->now->line = number(s, 0);
    } else if (is_one_of(s, op, fills)) {
        s->now->fill = brightness(s);
        return s->now->fill >= 0;
    } else if (is_one_of(s, op, strokes)) {
        s->now->stroke = brightness(s);
        return s->now->stroke >= 0;
    } else {
        return false;
    }
    return true;
}

/* ---- operators --------------------------------------------------------------------------------------- */

static bool is_plain(scan *s, ocrvl_content_token op, const ocrvl_plain_names *names)
{
    static const char *const texts[] = {"Tj", "TJ", "'", "\"", NULL};
    static const char *const harmless[] = {"Td",  "TD",  "Tm", "T*", "BT", "ET", "Tc", "Tw", "Tz", "TL", "Ts",
                                           "BMC", "EMC", "MP", "DP", "J",  "j",  "M",  "d",  "ri", "i",  NULL};
    char name[OCRVL_TOKEN_NAME];
    bool named = s->count && ocrvl_token_name(&s->in, s->operands[0], name);
    if (is_one_of(s, op, texts))
        return s->now->fill <= DARK;
    if (is_one_of(s, op, harmless))
        return true;
    if (ocrvl_token_is(&s->in, op, "Tf"))
        return named && names->font(names->user, name);
    if (ocrvl_token_is(&s->in, op, "gs"))
        return named && names->state(names->user, name);
    if (ocrvl_token_is(&s->in, op, "BDC"))
        return s->count && !ocrvl_token_is(&s->in, s->operands[0], "/OC");
    return set_state(s, op) || build_path(s, op) || paint(s, op);
}

bool ocrvl_content_is_plain(const uint8_t *data, size_t len, const ocrvl_plain_names *names, ocrvl_painted *painted)
{
    scan s = {.in = {data, len, 0}, .painted = painted};
    ocrvl_content_token t;
    s.now = s.stack;
    *s.now = (state){.ctm = {1, 0, 0, 1, 0, 0}, .line = 1};
    while (ocrvl_tokens_next(&s.in, &t)) {
        if (ocrvl_token_is_operand(&s.in, t)) {
            if (s.count < OPERANDS)
                s.operands[s.count] = t;
            s.count++;
            continue;
        }
        if (!is_plain(&s, t, names))
            return false;
        s.count = 0;
    }
    return true;
}
