/* Inline markup: the marks in a raw text are found and dropped; the rest keeps its position in the input. One pass from
 * left to right finds everything but emphasis, which CommonMark's delimiter algorithm resolves at the end. All
 * look-ahead is cached or bounded, so that the time is linear in the text. */
#include <string.h>
#include <unicode/uchar.h>

#include "markup/markup_parts.h"

#define NOWHERE OCRVL_MARKUP_NOWHERE
#define MAX_PARENTHESES 32

typedef struct inliner {
    ocrvl_markup_parser *p;
    ocrvl_markup_scratch *s;
    uint32_t *c; /* [n] */
    const uint32_t *src;
    uint32_t n;
    bool have_ticks;
    uint32_t tick; /* the next run of backticks that hasn't been passed */
    /* the next position of each, from the last search; n means none */
    uint32_t dollar, dollars, parenthesis, bracket, comment;
    ocrvl_markup_tag_class script; /* the <sup> or <sub> that is open, else 0 */
    uint32_t script_at;
    bool html; /* the text is HTML's, not Markdown's */
} inliner;

static void drop(inliner *x, uint32_t from, uint32_t to)
{
    if (to > from)
        memset(x->s->drop + from, 1, to - from);
}

static bool is_punctuation(uint32_t c) /* ASCII */
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static bool is_alnum(uint32_t c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

static bool is_space(uint32_t c) { return c == '\n' || ocrvl_markup_is_blank(c); }

/* ---- look-ahead -------------------------------------------------------------------------------------- */

static bool ends_dollar(const inliner *x, uint32_t i) /* a "$" that can close inline math */
{
    return x->c[i] == '$' && i > 0 && !is_space(x->c[i - 1]) && x->c[i - 1] != '\\' &&
           (i + 1 == x->n || (!is_digit(x->c[i + 1]) && x->c[i + 1] != '$'));
}

static bool two(const inliner *x, uint32_t i, uint32_t a, uint32_t b)
{
    return x->c[i] == a && i + 1 < x->n && x->c[i + 1] == b;
}

static bool ends_dollars(const inliner *x, uint32_t i) { return two(x, i, '$', '$'); }

static bool ends_parenthesis(const inliner *x, uint32_t i) { return two(x, i, '\\', ')'); }

static bool ends_bracket(const inliner *x, uint32_t i) { return two(x, i, '\\', ']'); }

static bool ends_comment(const inliner *x, uint32_t i)
{
    return two(x, i, '-', '-') && i + 2 < x->n && x->c[i + 2] == '>';
}

/* The first position at or after `from`; *cache holds the last result, and `from` never decreases. */
static uint32_t find_next(const inliner *x, uint32_t *cache, uint32_t from, bool (*is)(const inliner *, uint32_t))
{
    if (*cache < from)
        for (*cache = from; *cache < x->n && !is(x, *cache);)
            ++*cache;
    return *cache;
}

/* ---- code -------------------------------------------------------------------------------------------- */

static void find_ticks(inliner *x)
{
    ocrvl_markup_scratch *s = x->s;
    uint32_t longest = 0;
    x->have_ticks = true;
    x->tick = s->tick_count = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t from = i;
        while (i < x->n && x->c[i] == '`')
            i++;
        if (i == from)
            continue;
        if (!OCRVL_MARKUP_RESERVE(x->p, s->ticks, s->tick_cap, s->tick_count + 1))
            return;
        s->ticks[s->tick_count++] = (ocrvl_markup_ticks){from, i - from, NOWHERE};
        longest = i - from > longest ? i - from : longest;
    }
    if (!OCRVL_MARKUP_RESERVE(x->p, s->last, s->last_cap, longest + 1))
        return;
    memset(s->last, 0xFF, (longest + 1) * sizeof *s->last);
    for (uint32_t k = s->tick_count; k-- > 0;) {
        s->ticks[k].next = s->last[s->ticks[k].len];
        s->last[s->ticks[k].len] = k;
    }
}

static uint32_t code(inliner *x, uint32_t i)
{
    ocrvl_markup_scratch *s = x->s;
    if (!x->have_ticks)
        find_ticks(x);
    while (!x->p->failed && x->tick < s->tick_count && s->ticks[x->tick].at + s->ticks[x->tick].len <= i)
        x->tick++;
    if (x->p->failed || x->tick == s->tick_count)
        return i + 1;
    const ocrvl_markup_ticks *open = &s->ticks[x->tick];
    uint32_t end = open->at + open->len;
    if (open->at != i || open->next == NOWHERE)
        return end;
    const ocrvl_markup_ticks *close = &s->ticks[open->next];
    drop(x, i, end);
    drop(x, close->at, close->at + close->len);
    return close->at + close->len;
}

/* ---- links, images, footnotes ------------------------------------------------------------------------ */

static uint32_t title_end(const uint32_t *c, uint32_t n, uint32_t i)
{
    uint32_t quote = c[i];
    while (++i < n && c[i] != quote && c[i] != '\n')
        ;
    if (i == n || c[i] != quote)
        return n;
    while (++i < n && ocrvl_markup_is_blank(c[i]))
        ;
    return i;
}

uint32_t ocrvl_markup_destination(const uint32_t *c, uint32_t n, uint32_t i, bool any)
{
    unsigned depth = 1;
    bool address = any;
    if (i == n || c[i] != '(')
        return 0;
    for (i++; i < n && depth; i++) {
        if (c[i] == '\n' || ocrvl_markup_is_blank(c[i]))
            break;
        address = address || c[i] == '/' || c[i] == '.' || c[i] == '#' || c[i] == ':' || c[i] == '@';
        depth += c[i] == '(';
        depth -= c[i] == ')';
        if (depth > MAX_PARENTHESES)
            return 0;
    }
    if (!address)
        return 0;
    if (depth == 0)
        return i;
    while (i < n && ocrvl_markup_is_blank(c[i]))
        i++;
    if (depth == 1 && i < n && (c[i] == '"' || c[i] == '\''))
        i = title_end(c, n, i);
    return depth == 1 && i < n && c[i] == ')' ? i + 1 : 0;
}

/* The superscript or subscript form of c in Unicode, or 0. */
static uint32_t as_script(uint32_t c, bool sub)
{
    static const uint32_t super_digits[] = {0x2070, 0xB9, 0xB2, 0xB3, 0x2074, 0x2075, 0x2076, 0x2077, 0x2078, 0x2079};
    if (is_digit(c))
        return sub ? 0x2080 + c - '0' : super_digits[c - '0'];
    switch (c) {
    case '+': return sub ? 0x208A : 0x207A;
    case '-':
    case 0x2212: /* minus */ return sub ? 0x208B : 0x207B;
    case '=': return sub ? 0x208C : 0x207C;
    case '(': return sub ? 0x208D : 0x207D;
    case ')': return sub ? 0x208E : 0x207E;
    case 'n': return sub ? 0x2099 : 0x207F;
    case 'i': return sub ? 0x1D62 : 0x2071;
    default: return 0;
    }
}

static void to_script(inliner *x, uint32_t from, uint32_t to, bool sub)
{
    for (uint32_t i = from; i < to; i++)
        if (!x->s->drop[i] && !as_script(x->c[i], sub))
            return;
    for (uint32_t i = from; i < to; i++)
        if (!x->s->drop[i])
            x->c[i] = as_script(x->c[i], sub);
}

/* [^12], which stands for a raised number */
static uint32_t footnote_mark(inliner *x, uint32_t i)
{
    uint32_t to = i + 2;
    if (!two(x, i, '[', '^'))
        return 0;
    while (to < x->n && is_digit(x->c[to]) && to - i < 8)
        to++;
    if (to == i + 2 || to == x->n || x->c[to] != ']')
        return 0;
    to_script(x, i + 2, to, false);
    drop(x, i, i + 2);
    drop(x, to, to + 1);
    return to + 1;
}

static uint32_t open_bracket(inliner *x, uint32_t i)
{
    ocrvl_markup_scratch *s = x->s;
    bool image = x->c[i] == '!';
    if (image && !two(x, i, '!', '['))
        return i + 1;
    uint32_t past = image ? 0 : footnote_mark(x, i);
    if (past)
        return past;
    if (OCRVL_MARKUP_RESERVE(x->p, s->brackets, s->bracket_cap, s->bracket_count + 1))
        s->brackets[s->bracket_count++] = (ocrvl_markup_bracket){i, image};
    return i + 1 + image;
}

static uint32_t close_bracket(inliner *x, uint32_t i)
{
    ocrvl_markup_scratch *s = x->s;
    if (s->bracket_count == 0)
        return i + 1;
    ocrvl_markup_bracket open = s->brackets[--s->bracket_count];
    uint32_t end = ocrvl_markup_destination(x->c, x->n, i + 1, open.image);
    if (!end)
        return i + 1;
    drop(x, open.at, open.at + 1 + open.image);
    drop(x, i, end);
    return end;
}

/* ---- math, escapes, entities ------------------------------------------------------------------------- */

static uint32_t dollar(inliner *x, uint32_t i)
{
    if (two(x, i, '$', '$')) {
        uint32_t end = find_next(x, &x->dollars, i + 2, ends_dollars);
        return end < x->n ? end + 2 : i + 2;
    }
    if (i + 1 == x->n || is_space(x->c[i + 1]))
        return i + 1;
    uint32_t end = find_next(x, &x->dollar, i + 1, ends_dollar);
    return end < x->n ? end + 1 : i + 1;
}

static uint32_t backslash(inliner *x, uint32_t i)
{
    uint32_t next = i + 1 < x->n ? x->c[i + 1] : 0;
    if (next == '(' || next == '[') {
        uint32_t end = next == '(' ? find_next(x, &x->parenthesis, i + 2, ends_parenthesis)
                                   : find_next(x, &x->bracket, i + 2, ends_bracket);
        if (end < x->n)
            return end + 2;
    }
    if (next != '\n' && !is_punctuation(next))
        return i + 1;
    drop(x, i, i + 1);
    return next == '\n' ? i + 1 : i + 2;
}

static uint32_t entity(inliner *x, uint32_t i)
{
    ocrvl_tag_text t = {x->c, NULL, x->n};
    uint32_t out[2];
    size_t end, count = ocrvl_tag_reference(&t, i, x->html, &end, out);
    if (!count)
        return i + 1;
    for (size_t k = 0; k < count; k++)
        x->c[i + k] = out[k] == '\n' ? ' ' : out[k];
    drop(x, i + (uint32_t)count, (uint32_t)end);
    return (uint32_t)end;
}

/* ---- tags -------------------------------------------------------------------------------------------- */

/* <https://...>, <a@b.org>: the position of '>', or 0. */
static uint32_t autolink(const inliner *x, uint32_t i)
{
    bool address = false;
    if (i + 1 == x->n || !is_alnum(x->c[i + 1]))
        return 0;
    for (i++; i < x->n && !is_space(x->c[i]) && x->c[i] != '<'; i++) {
        if (x->c[i] == '>')
            return address ? i : 0;
        address = address || x->c[i] == '@' || (x->c[i] == '/' && x->c[i - 1] == '/');
    }
    return 0;
}

static void script(inliner *x, const ocrvl_markup_tag *tag, uint32_t i)
{
    if (tag->closing && x->script == tag->class)
        to_script(x, x->script_at, i, tag->class == OCRVL_TAG_SUB);
    x->script = tag->closing ? OCRVL_TAG_UNKNOWN : tag->class;
    x->script_at = tag->end;
}

static uint32_t markup_tag(inliner *x, uint32_t i)
{
    ocrvl_markup_tag tag;
    uint32_t from, to;
    if (two(x, i, '<', '!') && i + 3 < x->n && two(x, i + 2, '-', '-')) {
        uint32_t end = find_next(x, &x->comment, i + 4, ends_comment);
        if (end == x->n)
            return i + 1;
        ocrvl_markup_note(x->p, OCRVL_MARKUP_COMMENT, x->src[i]);
        drop(x, i, end + 3);
        return end + 3;
    }
    if (!ocrvl_markup_tag_at(x->c, x->n, i, &tag)) {
        uint32_t end = autolink(x, i);
        if (!end)
            return i + 1;
        drop(x, i, i + 1);
        drop(x, end, end + 1);
        return end + 1;
    }
    if (tag.class == OCRVL_TAG_SUP || tag.class == OCRVL_TAG_SUB)
        script(x, &tag, i);
    if (tag.class == OCRVL_TAG_IMG && ocrvl_markup_attribute(x->c, &tag, "alt", &from, &to)) {
        drop(x, i, from);
        drop(x, to, tag.end);
        return tag.end;
    }
    drop(x, i, tag.end);
    if (tag.class >= OCRVL_TAG_TABLE)
        ocrvl_markup_note(x->p, OCRVL_MARKUP_STRAY_TAG, x->src[i]);
    if (tag.class == OCRVL_TAG_BR || (tag.class >= OCRVL_TAG_BLOCK)) {
        x->c[i] = '\n';
        x->s->drop[i] = 0;
    }
    return tag.end;
}

/* ---- emphasis ---------------------------------------------------------------------------------------- */

static bool is_mark(uint32_t c) { return c < 128 ? is_punctuation(c) : u_ispunct((UChar32)c); }

static bool is_white(uint32_t c) { return c < 128 ? c <= ' ' : u_isUWhiteSpace((UChar32)c); }

/* CommonMark's left- and right-flanking, except that a mark between digits ("2*3*4"), or a single one between letters
 * or digits, is text. */
static void flank(const inliner *x, ocrvl_markup_delim *d)
{
    uint32_t before = d->at ? x->c[d->at - 1] : ' ', after = d->at + d->count < x->n ? x->c[d->at + d->count] : ' ';
    bool left = !is_white(after) && (!is_mark(after) || is_white(before) || is_mark(before));
    bool right = !is_white(before) && (!is_mark(before) || is_white(after) || is_mark(after));
    if ((is_digit(before) && is_digit(after)) || (d->count == 1 && is_alnum(before) && is_alnum(after)))
        left = right = false;
    d->opens = left && (d->c != '_' || !right || is_mark(before));
    d->closes = right && (d->c != '_' || !left || is_mark(after));
}

static uint32_t delimiters(inliner *x, uint32_t i)
{
    ocrvl_markup_scratch *s = x->s;
    ocrvl_markup_delim d = {.at = i, .c = x->c[i]};
    while (i + d.count < x->n && x->c[i + d.count] == d.c)
        d.count++;
    d.whole = d.count;
    if (d.c == '~' && d.count != 2)
        return i + d.count;
    flank(x, &d);
    if ((d.opens || d.closes) && OCRVL_MARKUP_RESERVE(x->p, s->delims, s->delim_cap, s->delim_count + 1)) {
        d.prev = s->delim_count ? s->delim_count - 1 : NOWHERE;
        d.next = NOWHERE;
        if (s->delim_count)
            s->delims[s->delim_count - 1].next = s->delim_count;
        s->delims[s->delim_count++] = d;
    }
    return i + d.count;
}

static void unlink_delim(ocrvl_markup_delim *all, uint32_t k)
{
    if (all[k].prev != NOWHERE)
        all[all[k].prev].next = all[k].next;
    if (all[k].next != NOWHERE)
        all[all[k].next].prev = all[k].prev;
}

/* Kind of a closer: after a failed search, closers of the same kind need no further one. */
static unsigned kind_of(const ocrvl_markup_delim *d)
{
    return d->c == '~' ? 0 : 1 + (d->c == '_') * 6 + d->opens * 3 + d->whole % 3;
}

static bool pairs(const ocrvl_markup_delim *open, const ocrvl_markup_delim *close)
{
    if (!open->opens || open->c != close->c)
        return false;
    bool both = open->closes || close->opens; /* CommonMark's rule of three */
    return open->c == '~' || !both || (open->whole + close->whole) % 3 != 0 ||
           (open->whole % 3 == 0 && close->whole % 3 == 0);
}

/* Drops the marks of one pair, whose closer is k. Returns the closer to continue with. */
static uint32_t join(inliner *x, uint32_t open, uint32_t k)
{
    ocrvl_markup_delim *all = x->s->delims, *o = &all[open], *c = &all[k];
    uint32_t use = o->count >= 2 && c->count >= 2 ? 2 : 1, next = c->next;
    drop(x, o->at + o->count - use, o->at + o->count);
    drop(x, c->at, c->at + use);
    o->count -= use;
    c->count -= use;
    c->at += use;
    o->next = k; /* delimiters between the two are text */
    c->prev = open;
    if (o->count == 0)
        unlink_delim(all, open);
    if (c->count > 0)
        return k;
    unlink_delim(all, k);
    return next;
}

static void emphasis(inliner *x)
{
    ocrvl_markup_delim *all = x->s->delims;
    uint32_t bottom[13], k = x->s->delim_count ? 0 : NOWHERE; /* bottom: there is no opener at or before it */
    for (unsigned i = 0; i < 13; i++)
        bottom[i] = NOWHERE;
    while (k != NOWHERE) {
        if (!all[k].closes) {
            k = all[k].next;
            continue;
        }
        uint32_t *stop = &bottom[kind_of(&all[k])], open = all[k].prev;
        while (open != NOWHERE && (*stop == NOWHERE || open > *stop) && !pairs(&all[open], &all[k]))
            open = all[open].prev;
        if (open != NOWHERE && (*stop == NOWHERE || open > *stop)) {
            k = join(x, open, k);
            continue;
        }
        uint32_t next = all[k].next;
        *stop = all[k].prev;
        if (!all[k].opens)
            unlink_delim(all, k);
        k = next;
    }
}

/* ---- out --------------------------------------------------------------------------------------------- */

static uint32_t step(inliner *x, uint32_t i)
{
    switch (x->c[i]) {
    case '\\': return backslash(x, i);
    case '`': return code(x, i);
    case '$': return dollar(x, i);
    case '<': return markup_tag(x, i);
    case '&': return entity(x, i);
    case '*':
    case '_':
    case '~': return delimiters(x, i);
    case '!':
    case '[': return open_bracket(x, i);
    case ']': return close_bracket(x, i);
    default: return i + 1;
    }
}

/* Adds what isn't dropped, line by line. */
static void put_lines(ocrvl_markup_parser *p, const ocrvl_markup_raw *raw, const uint8_t *dropped, bool collapse)
{
    uint32_t line = NOWHERE, space = NOWHERE; /* the line break and the first space that have to be added before the
                                               * next text */
    bool any = false, inside = false;         /* any: text was added; inside: text was added in this line */
    for (uint32_t i = 0; i < raw->n && !p->failed; i++) {
        uint32_t c = raw->c[i];
        if (dropped && dropped[i])
            continue;
        if (c == '\n') {
            line = any && line == NOWHERE ? i : line;
            space = NOWHERE;
            inside = false;
            continue;
        }
        if (ocrvl_markup_is_blank(c)) {
            space = inside && space == NOWHERE ? i : space;
            continue;
        }
        if (line != NOWHERE)
            ocrvl_markup_run_put(p, '\n', raw->src[line]);
        for (uint32_t k = space; k < i; k++) {
            if (dropped && dropped[k])
                continue;
            ocrvl_markup_run_put(p, collapse ? ' ' : raw->c[k], raw->src[k]);
            if (collapse)
                break;
        }
        ocrvl_markup_run_put(p, c, raw->src[i]);
        line = space = NOWHERE;
        any = inside = true;
    }
}

void ocrvl_markup_put_text(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, bool inlines, bool collapse)
{
    inliner x = {.p = p, .s = &p->scratch, .c = raw->c, .src = raw->src, .n = raw->n, .html = collapse};
    bool ok = OCRVL_MARKUP_RESERVE(p, p->scratch.drop, p->scratch.drop_cap, raw->n);
    if (ok && inlines && raw->n) {
        memset(x.s->drop, 0, raw->n);
        x.s->delim_count = x.s->bracket_count = 0;
        for (uint32_t i = 0; i < x.n && !p->failed;)
            i = step(&x, i);
        if (!p->failed)
            emphasis(&x);
    }
    if (ok)
        put_lines(p, raw, inlines ? p->scratch.drop : NULL, collapse);
    raw->n = 0;
}
