#include "in/content_plain.h"

#include <math.h>

#include "base/content_tokens.h"
#include "in/content_marks.h"

#define DARK 0.5  /* the brightest of what counts as such */
#define SHORT 7.0 /* points: nothing that is taken for a border is as short; underscores are that are drawn as lines */
#define THIN 2.0
enum { OPERANDS = 6, DEEP = 64 };

typedef struct state {
    ocrvl_matrix ctm;
    double line; /* width */
} state;

typedef struct scan {
    ocrvl_content_tokens in;
    state stack[DEEP], *now;
    double path[4];                         /* from m to l, in the user space of the page */
    int points;                             /* of the path; more than two, or of other operators: it is no line */
    ocrvl_content_token operands[OPERANDS]; /* the first ones */
    size_t count;
} scan;

static bool is_one_of(const scan *s, ocrvl_content_token op, const char *const *words)
{
    for (; *words; words++)
        if (ocrvl_token_is(&s->in, op, *words))
            return true;
    return false;
}

static double number(const scan *s, size_t i) { return ocrvl_token_number(&s->in, s->operands[i]); }

/* Whether the operands of g, rg or k are a dark colour. */
static bool is_dark(const scan *s)
{
    if (s->count == 1)
        return number(s, 0) <= DARK;
    if (s->count == 3)
        return 0.3 * number(s, 0) + 0.59 * number(s, 1) + 0.11 * number(s, 2) <= DARK;
    if (s->count != 4)
        return false;
    double ink = 0.3 * number(s, 0) + 0.59 * number(s, 1) + 0.11 * number(s, 2) + number(s, 3);
    return ink >= 1 - DARK;
}

/* ---- short lines ------------------------------------------------------------------------------------- */

static void add_point(scan *s, bool first)
{
    const ocrvl_matrix *m = &s->now->ctm;
    double x = number(s, 0), y = number(s, 1);
    s->points = first ? 1 : s->points == 1 ? 2 : 3;
    if (s->points < 3) {
        s->path[2 * s->points - 2] = x * m->a + y * m->c + m->e;
        s->path[2 * s->points - 1] = x * m->b + y * m->d + m->f;
    }
}

static bool is_short_line(const scan *s)
{
    const ocrvl_matrix *m = &s->now->ctm;
    double scale = fmax(fabs(m->a) + fabs(m->c), fabs(m->b) + fabs(m->d));
    return s->points == 2 && fabs(s->path[2] - s->path[0]) <= SHORT && fabs(s->path[3] - s->path[1]) <= SHORT &&
           s->now->line * scale <= THIN;
}

/* Follows what sets the state, or draws a line. Returns whether it is such an operator, and plain. */
static bool do_line(scan *s, ocrvl_content_token op)
{
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
    } else if ((ocrvl_token_is(in, op, "m") || ocrvl_token_is(in, op, "l")) && s->count == 2) {
        add_point(s, s->in.data[op.from] == 'm');
    } else {
        return ocrvl_token_is(in, op, "S") && is_short_line(s);
    }
    return true;
}

/* ---- operators --------------------------------------------------------------------------------------- */

static bool is_plain(scan *s, ocrvl_content_token op, const ocrvl_plain_names *names)
{
    static const char *const harmless[] = {"Tj", "TJ", "Td", "TD", "Tm", "T*",  "'",   "\"", "BT", "ET",
                                           "Tc", "Tw", "Tz", "TL", "Ts", "BMC", "EMC", "MP", "DP", "G",
                                           "RG", "K",  "J",  "j",  "M",  "d",   "ri",  "i",  NULL};
    static const char *const colours[] = {"g", "rg", "k", NULL};
    char name[OCRVL_TOKEN_NAME];
    bool named = s->count && ocrvl_token_name(&s->in, s->operands[0], name);
    if (is_one_of(s, op, harmless))
        return true;
    if (is_one_of(s, op, colours))
        return is_dark(s);
    if (ocrvl_token_is(&s->in, op, "Tf"))
        return named && names->font(names->user, name);
    if (ocrvl_token_is(&s->in, op, "gs"))
        return named && names->state(names->user, name);
    if (ocrvl_token_is(&s->in, op, "BDC"))
        return s->count && !ocrvl_token_is(&s->in, s->operands[0], "/OC");
    return do_line(s, op);
}

bool ocrvl_content_is_plain(const uint8_t *data, size_t len, const ocrvl_plain_names *names)
{
    scan s = {.in = {data, len, 0}};
    ocrvl_content_token t;
    s.now = s.stack;
    *s.now = (state){{1, 0, 0, 1, 0, 0}, 1};
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
