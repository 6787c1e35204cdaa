#include "in/content.h"

#include <string.h>

#include "base/array.h"
#include "base/content_tokens.h"

#define DEEP 128   /* depth of nested q operators; PDF 1.7 (annex C) knows readers that stop at 28 */
#define OPERANDS 3 /* the most that any operator examined here needs */

typedef struct state { /* a graphics state, and what happened since its q */
    int mode;
    bool drawn;        /* the font is of Type 3 */
    bool white, clear; /* the fill colour is white; nothing of it is opaque */
    size_t start;      /* where the q is */
    size_t first_cut;  /* the first cut since the q */
    bool effect;       /* something other than hidden text was done */
    int marks;         /* BMC and BDC operators without their EMC */
} state;

typedef ocrvl_content_token token;

typedef struct scan {
    ocrvl_content_tokens in;
    const ocrvl_content_names *names;
    ocrvl_cuts *cuts;
    state stack[DEEP];
    unsigned depth;
    token operands[OPERANDS], last; /* the first operands, and the last one */
    size_t count;                   /* number of operands */
    size_t loose;                   /* the first cut since text was last positioned; SIZE_MAX if there is none */
    bool every, suspects;           /* all text is looked for, or what may be hidden otherwise than by its mode */
    size_t layer;                   /* marks that are open since that of a layer, which may be hidden for the moment */
    size_t under;                   /* with suspects: text before it is under a picture */
    size_t level;                   /* q operators without their Q, where only those are counted */
} scan;

/* ---- hidden text ------------------------------------------------------------------------------------- */

static ocrvl_cut *add_cut(scan *s, size_t from, size_t to)
{
    ocrvl_cuts *c = s->cuts;
    if (!OCRVL_ARRAY_RESERVE(c->list, c->cap, c->count + 1)) {
        c->failed = true;
        return NULL;
    }
    ocrvl_cut *cut = &c->list[c->count++];
    *cut = (ocrvl_cut){from, to, " "};
    return cut;
}

/* Writes what " does apart from showing text: word and character spacing, and the next line. Returns false if the cut
 * has no space for it. */
static bool put_spacing(const scan *s, ocrvl_cut *cut)
{
    static const char *const after[] = {" Tw ", " Tc T*"};
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        size_t len = s->operands[i].to - s->operands[i].from;
        if (len > 20)
            return false;
        memcpy(cut->instead + n, s->in.data + s->operands[i].from, len);
        memcpy(cut->instead + n + len, after[i], strlen(after[i]) + 1);
        n += len + strlen(after[i]);
    }
    return true;
}

static bool is_wanted(const scan *s, token op)
{
    const state *now = &s->stack[s->depth];
    return (s->every && !s->layer) || (now->mode == 3 && !now->drawn) ||
           (s->suspects && !s->layer && (now->white || now->clear || now->mode == 7 || op.from < s->under));
}

/* Handles Tj, TJ, ' and ". */
static void show(scan *s, token op)
{
    state *now = &s->stack[s->depth];
    char c = (char)s->in.data[op.from];
    bool moves = c == '\'' || c == '"';
    s->loose = moves ? SIZE_MAX : s->loose;
    if (!is_wanted(s, op) || s->count == 0) {
        if (s->loose != SIZE_MAX) /* visible text begins where hidden text ended */
            s->cuts->count = s->loose;
        s->loose = SIZE_MAX;
        now->effect = true;
        return;
    }
    size_t at = s->cuts->count;
    ocrvl_cut *cut = add_cut(s, s->operands[0].from, op.to);
    if (cut && c == '\'')
        memcpy(cut->instead, "T*", 3);
    if (cut && c == '"' && (s->count != 3 || !put_spacing(s, cut))) {
        s->cuts->count = at;
        now->effect = true;
        return;
    }
    s->loose = s->loose == SIZE_MAX ? at : s->loose;
}

static bool push(scan *s, token op)
{
    if (s->depth + 1 == DEEP)
        return false;
    state *now = &s->stack[s->depth + 1];
    *now = s->stack[s->depth++];
    now->start = op.from;
    now->first_cut = s->cuts->count;
    now->effect = false;
    now->marks = 0;
    return true;
}

static void pop(scan *s, token op)
{
    if (s->depth == 0)
        return;
    state *now = &s->stack[s->depth--];
    s->stack[s->depth].effect |= now->effect || now->marks != 0;
    if (!now->effect && now->marks == 0 && s->cuts->count > now->first_cut) {
        s->cuts->count = now->first_cut;
        if (s->loose != SIZE_MAX && s->loose > now->first_cut) /* it was one of those that are now one */
            s->loose = now->first_cut;
        add_cut(s, now->start, op.to);
    }
}

/* Whether an operator changes nothing but the state, which Q restores. */
static bool sets_state(const scan *s, token op)
{
    static const char *const ops[] = {"cm", "BT", "ET", "Tc", "Tw", "Tz",  "TL",  "Tf", "Tr", "Ts", "Td", "TD",
                                      "Tm", "T*", "g",  "G",  "rg", "RG",  "k",   "K",  "cs", "CS", "sc", "SC",
                                      "w",  "J",  "j",  "M",  "d",  "scn", "SCN", "ri", "i",  "gs"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ocrvl_token_is(&s->in, op, ops[i]))
            return true;
    return false;
}

static void set_mode(scan *s)
{
    token t = s->operands[0];
    uint8_t c = s->count == 1 && t.to == t.from + 1 ? s->in.data[t.from] : 0;
    s->stack[s->depth].mode = c >= '0' && c <= '7' ? c - '0' : 0;
}

/* Whether a number is that digit, with or without decimals. */
static bool is_digit(const scan *s, token t, char digit)
{
    size_t i = t.from;
    if (i == t.to || s->in.data[i++] != (uint8_t)digit)
        return false;
    if (i < t.to && s->in.data[i++] != '.')
        return false;
    while (i < t.to && s->in.data[i] == '0')
        i++;
    return i == t.to;
}

static bool are_digits(const scan *s, char digit)
{
    for (size_t i = 0; i < s->count && i < OPERANDS; i++)
        if (!is_digit(s, s->operands[i], digit))
            return false;
    return s->count > 0;
}

/* Keeps track of what fills. */
static void set_fill(scan *s, token op)
{
    state *now = &s->stack[s->depth];
    char name[160];
    if (ocrvl_token_is(&s->in, op, "g") || ocrvl_token_is(&s->in, op, "rg") || ocrvl_token_is(&s->in, op, "sc") ||
        ocrvl_token_is(&s->in, op, "scn"))
        now->white = s->count <= OPERANDS ? are_digits(s, '1') : are_digits(s, '0') && is_digit(s, s->last, '0');
    else if (ocrvl_token_is(&s->in, op, "k"))
        now->white = are_digits(s, '0') && is_digit(s, s->last, '0');
    else if (ocrvl_token_is(&s->in, op, "cs"))
        now->white = false;
    else if (ocrvl_token_is(&s->in, op, "gs") && s->count && ocrvl_token_name(&s->in, s->operands[0], name) &&
             s->names->is_clear)
        now->clear = s->names->is_clear(s->names->user, name, now->clear);
}

/* Returns false if the end of an image can't be found. */
static bool do_operator(scan *s, token op)
{
    state *now = &s->stack[s->depth];
    char name[160];
    if (s->suspects)
        set_fill(s, op);
    if (ocrvl_token_is(&s->in, op, "q"))
        return push(s, op);
    if (ocrvl_token_is(&s->in, op, "Q")) {
        pop(s, op);
    } else if (ocrvl_token_is(&s->in, op, "Tj") || ocrvl_token_is(&s->in, op, "TJ") ||
               ocrvl_token_is(&s->in, op, "'") || ocrvl_token_is(&s->in, op, "\"")) {
        show(s, op);
    } else if (ocrvl_token_is(&s->in, op, "BMC") || ocrvl_token_is(&s->in, op, "BDC")) {
        now->marks++;
        s->layer += s->layer > 0 || (s->count && ocrvl_token_is(&s->in, s->operands[0], "/OC"));
    } else if (ocrvl_token_is(&s->in, op, "EMC")) {
        s->layer -= s->layer > 0;
        now->effect |= --now->marks < 0;
    } else if (ocrvl_token_is(&s->in, op, "ID")) {
        now->effect = true;
        return ocrvl_tokens_skip_image(&s->in);
    } else if (!sets_state(s, op)) {
        now->effect = true;
        if (ocrvl_token_is(&s->in, op, "Do") && s->count && ocrvl_token_name(&s->in, s->last, name))
            s->names->shows(s->names->user, name);
    } else if (ocrvl_token_is(&s->in, op, "Tr")) {
        set_mode(s);
    } else if (ocrvl_token_is(&s->in, op, "Tf")) {
        now->drawn =
            s->count && ocrvl_token_name(&s->in, s->operands[0], name) && s->names->is_drawn(s->names->user, name);
    } else if (ocrvl_token_is(&s->in, op, "BT") || ocrvl_token_is(&s->in, op, "ET") ||
               ocrvl_token_is(&s->in, op, "Td") || ocrvl_token_is(&s->in, op, "TD") ||
               ocrvl_token_is(&s->in, op, "Tm") || ocrvl_token_is(&s->in, op, "T*")) {
        s->loose = SIZE_MAX;
    }
    return true;
}

/* Goes through the content; act returns false if nothing is certain any more. */
static bool each_operator(scan *s, bool (*act)(scan *s, token op))
{
    token t;
    s->cuts->count = 0;
    while (ocrvl_tokens_next(&s->in, &t) && !s->cuts->failed) {
        if (ocrvl_token_is_operand(&s->in, t)) {
            if (s->count < OPERANDS)
                s->operands[s->count] = t;
            s->last = t;
            s->count++;
            continue;
        }
        if (!act(s, t))
            return false;
        s->count = 0;
    }
    return !s->cuts->failed;
}

bool ocrvl_content_hidden(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    scan s = {.in = {data, len, 0}, .names = names, .cuts = cuts, .loose = SIZE_MAX};
    return each_operator(&s, do_operator);
}

bool ocrvl_content_text(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    scan s = {.in = {data, len, 0}, .names = names, .cuts = cuts, .loose = SIZE_MAX, .every = true};
    return each_operator(&s, do_operator);
}

/* Sets s->under to where the last picture, or form, is. */
static bool find_last_picture(scan *s, token op)
{
    if (ocrvl_token_is(&s->in, op, "Do") || ocrvl_token_is(&s->in, op, "ID"))
        s->under = op.from;
    return !ocrvl_token_is(&s->in, op, "ID") || ocrvl_tokens_skip_image(&s->in);
}

bool ocrvl_content_suspects(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    scan look = {.in = {data, len, 0}, .names = names, .cuts = cuts};
    scan s = {.in = {data, len, 0}, .names = names, .cuts = cuts, .loose = SIZE_MAX, .suspects = true};
    if (!each_operator(&look, find_last_picture))
        return false;
    s.under = look.under;
    return each_operator(&s, do_operator);
}

/* ---- balance ----------------------------------------------------------------------------------------- */

static bool weigh(scan *s, token op)
{
    char name[160];
    if (ocrvl_token_is(&s->in, op, "q")) {
        s->level++;
    } else if (ocrvl_token_is(&s->in, op, "Q")) {
        if (s->level == 0)
            add_cut(s, op.from, op.to);
        s->level -= s->level > 0;
    } else if (ocrvl_token_is(&s->in, op, "ID")) {
        return ocrvl_tokens_skip_image(&s->in);
    } else if (ocrvl_token_is(&s->in, op, "Do") && s->count && ocrvl_token_name(&s->in, s->last, name)) {
        s->names->shows(s->names->user, name);
    } else if (ocrvl_token_is(&s->in, op, "Tf") && s->count && ocrvl_token_name(&s->in, s->operands[0], name)) {
        s->names->is_drawn(s->names->user, name);
    }
    return true;
}

bool ocrvl_content_unbalanced(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names)
{
    scan s = {.in = {data, len, 0}, .names = names, .cuts = cuts};
    return each_operator(&s, weigh);
}
