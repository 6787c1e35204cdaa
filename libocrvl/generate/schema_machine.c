#include <string.h>

#include "generate/schema_parts.h"

enum { WHITE_SPACE = 16, MAX_DIGITS = 24, MAX_POWER = 2 };

enum phase {
    VALUE,     /* before a value */
    WORD,      /* in true, false, null: word, at */
    CHOICE,    /* in an enum's value: index is the first that fits so far, at */
    DIGITS,    /* in a number: part, count */
    TEXT,      /* in a string: part, at (of an escape or code point), count of code points; flag: it is a key */
    FIRST_KEY, /* after { */
    KEY,       /* in a property's name: index, at */
    NEXT_KEY,  /* after , in an object */
    COLON,
    NEXT, /* after a value in an object */
    FIRST_ITEM,
    NEXT_ITEM /* after a value in an array */
};

enum { SIGN, ZERO, WHOLE, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER }; /* of a number */
enum { LETTERS, ESCAPE, HEX, LATER };                                        /* of a string */

static bool is_white(uint8_t b) { return b == ' ' || b == '\n'; }

static bool is_digit(uint8_t b) { return b >= '0' && b <= '9'; }

static ocrvl_schema_frame *top(ocrvl_schema_state *s) { return &s->frame[s->depth - 1]; }

static const node *node_of(const ocrvl_schema_frame *f) { return f->node; }

static bool push(ocrvl_schema_state *s, const node *n)
{
    if (s->depth == OCRVL_SCHEMA_DEPTH)
        return false;
    s->frame[s->depth++] = (ocrvl_schema_frame){.node = n, .phase = VALUE};
    return true;
}

void ocrvl_schema_start(const ocrvl_schema *s, ocrvl_schema_state *state)
{
    state->depth = 0;
    (void)push(state, s->root);
}

/* The first of the names from *index on, up to `last`, that begins as names[*index] does up to `at` and goes on with b.
 */
static bool narrow(const char *(*name)(const node *, size_t), const node *n, uint32_t *index, uint32_t last,
                   uint32_t at, uint8_t b)
{
    const char *so_far = name(n, *index);
    for (uint32_t i = *index; i <= last; i++) {
        const char *x = name(n, i);
        if (b && strncmp(x, so_far, at) == 0 && (uint8_t)x[at] == b) {
            *index = i;
            return true;
        }
    }
    return false;
}

static const char *word_name(const node *n, size_t i) { return n->words[i]; }

static const char *property_name(const node *n, size_t i) { return n->properties[i].name; }

/* Whether one of an enum's values is complete: those of numbers can be the beginning of another. */
static bool choice_complete(const ocrvl_schema_frame *f)
{
    const node *n = node_of(f)->words_of;
    for (size_t i = f->index; i < n->word_count; i++)
        if (strncmp(n->words[i], n->words[f->index], f->at) == 0 && n->words[i][f->at] == '\0')
            return true;
    return false;
}

/* The last property that may come next: the first that is required from `from` on, or the last of all. */
static uint32_t last_choice(const node *n, uint32_t from)
{
    uint32_t i = from;
    while (i + 1 < n->property_count && !n->properties[i].required)
        i++;
    return i;
}

static bool may_close(const node *n, uint32_t from)
{
    for (size_t i = from; i < n->property_count; i++)
        if (n->properties[i].required)
            return false;
    return true;
}

static bool begin_value(ocrvl_schema_state *s, uint8_t b)
{
    ocrvl_schema_frame *f = top(s);
    const node *n = f->node, *w = n->words_of;
    static const struct {
        uint8_t first;
        unsigned type;
        const char *word;
    } words[] = {{'n', NUL, "null"}, {'t', BOOL, "true"}, {'f', BOOL, "false"}};
    *f = (ocrvl_schema_frame){.node = n};
    if (w->word_count) {
        if (narrow(word_name, w, &f->index, (uint32_t)w->word_count - 1, 0, b)) {
            f->phase = CHOICE;
            f->at = 1;
            return true;
        }
    }
    unsigned types = w->word_count ? n->types & ~ocrvl_schema_word_types(w) : n->types;
    for (size_t i = 0; i < 3; i++)
        if (b == words[i].first && types & words[i].type) {
            f->phase = WORD;
            f->word = words[i].word;
            f->at = 1;
            return true;
        }
    if ((b == '-' || is_digit(b)) && types & (INTEGER | NUMBER)) {
        f->phase = DIGITS;
        f->part = b == '-' ? SIGN : b == '0' ? ZERO : WHOLE;
        f->count = 1;
        return true;
    }
    f->phase = b == '"' ? TEXT : b == '[' ? FIRST_ITEM : FIRST_KEY;
    bool room = s->depth < OCRVL_SCHEMA_DEPTH; /* for what an array or object holds */
    return (b == '"' && types & STRING) || (b == '[' && types & ARRAY && room) || (b == '{' && types & OBJECT && room);
}

static bool number_complete(const ocrvl_schema_frame *f)
{
    return f->part == ZERO || f->part == WHOLE || f->part == FRACTION || f->part == POWER;
}

/* Whether b goes on with the number. */
static bool more_digits(ocrvl_schema_frame *f, uint8_t b)
{
    const node *n = f->node;
    bool real = n->types & NUMBER, digit = is_digit(b);
    uint8_t to;
    switch (f->part) {
    case SIGN: to = b == '0' ? ZERO : WHOLE; break;
    case ZERO:
    case WHOLE:
        if (digit && f->part == ZERO)
            return false;
        if (!digit && !real)
            return false;
        to = digit ? WHOLE : b == '.' ? POINT : EXPONENT;
        digit |= b == '.' || b == 'e' || b == 'E';
        break;
    case POINT: to = FRACTION; break;
    case FRACTION:
        to = digit ? FRACTION : EXPONENT;
        digit |= b == 'e' || b == 'E';
        break;
    case EXPONENT:
        to = digit ? POWER : EXPONENT_SIGN;
        digit |= b == '+' || b == '-';
        break;
    default: /* EXPONENT_SIGN, POWER: few digits, so that every reader has a number for it */
        to = POWER;
        digit = digit && f->at < MAX_POWER;
        break;
    }
    /* a number never ends in the middle: what must follow has room */
    if (!digit || f->count >= MAX_DIGITS + (number_complete(f) ? 0u : 4u))
        return false;
    f->part = to;
    f->count++;
    f->at += to == POWER;
    return true;
}

/* The bounds of the bytes after a lead byte, as Unicode's table 3-7 has them. */
static bool lead_byte(ocrvl_schema_frame *f, uint8_t b)
{
    if (b < 0xC2 || b > 0xF4)
        return false;
    f->part = LATER;
    f->at = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
    f->index = b; /* its second byte's range depends on it */
    return true;
}

static bool later_byte(ocrvl_schema_frame *f, uint8_t b)
{
    uint8_t low = f->index == 0xE0 ? 0xA0 : f->index == 0xF0 ? 0x90 : 0x80;
    uint8_t high = f->index == 0xED ? 0x9F : f->index == 0xF4 ? 0x8F : 0xBF;
    if (b < low || b > high)
        return false;
    f->index = 0;
    f->at--;
    if (f->at == 0) {
        f->part = LETTERS;
        f->count++;
    }
    return true;
}

/* After a backslash. \u takes four digits that are neither a surrogate nor zero. */
static bool escape_byte(ocrvl_schema_frame *f, uint8_t b)
{
    if (f->part == ESCAPE && b == 'u') {
        f->part = HEX;
        f->at = 4;
        f->index = 0;
        return true;
    }
    if (f->part == ESCAPE) {
        f->part = LETTERS;
        f->count++;
        return b && strchr("\"\\/bfnrt", b);
    }
    uint32_t letter = (b | 0x20u) - 'a', digit = is_digit(b) ? b - (uint32_t)'0' : letter < 6 ? letter + 10 : 16;
    f->index = f->index * 16 + digit;
    f->at--;
    if (digit == 16 || (f->at == 2 && f->index >= 0xD8 && f->index < 0xE0) || (f->at == 0 && f->index == 0))
        return false;
    if (f->at == 0) {
        f->part = LETTERS;
        f->count++;
        f->index = 0;
    }
    return true;
}

/* The frame's value is over. */
static void pop(ocrvl_schema_state *s)
{
    s->depth--;
    if (s->depth) {
        ocrvl_schema_frame *f = top(s);
        f->white = 0;
        f->phase = f->phase == COLON ? NEXT : NEXT_ITEM;
    }
}

static bool take_text(ocrvl_schema_state *s, uint8_t b)
{
    ocrvl_schema_frame *f = top(s);
    const node *n = node_of(f)->string;
    uint32_t most = f->flag ? MAX_STRING : n->max_length, least = f->flag ? 0 : n->min_length;
    if (f->part == LATER)
        return later_byte(f, b);
    if (f->part != LETTERS)
        return escape_byte(f, b);
    if (b == '"' && f->count >= least) {
        if (f->flag) {
            f->phase = COLON;
            f->white = 0;
        } else
            pop(s);
        return true;
    }
    if (b == '"' || b < 0x20 || b == 0x7F || f->count >= most)
        return false;
    if (b == '\\') {
        f->part = ESCAPE;
        return true;
    }
    if (b >= 0x80)
        return lead_byte(f, b);
    f->count++;
    return true;
}

/* The opening quote of a name. Properties before it that were passed over are left out. */
static bool begin_key(ocrvl_schema_frame *f, uint8_t b)
{
    const node *n = node_of(f)->object;
    if (b != '"')
        return false;
    if (n->others) {
        f->phase = TEXT;
        f->flag = 1;
        f->part = LETTERS;
        f->at = f->index = f->count = 0;
        return true;
    }
    if (f->count >= n->property_count)
        return false;
    f->phase = KEY;
    f->index = f->count;
    f->at = 1;
    return true;
}

static bool take_key(ocrvl_schema_frame *f, uint8_t b)
{
    const node *n = node_of(f)->object;
    if (!narrow(property_name, n, &f->index, last_choice(n, f->count), f->at, b))
        return false;
    f->at++;
    if (n->properties[f->index].name[f->at] == '\0') {
        f->count = f->index + 1; /* the next may come from there on */
        f->phase = COLON;
        f->white = 0;
    }
    return true;
}

static bool take_structure(ocrvl_schema_state *s, uint8_t b)
{
    ocrvl_schema_frame *f = top(s);
    const node *o = node_of(f)->object, *a = node_of(f)->array;
    switch (f->phase) {
    case FIRST_KEY:
    case NEXT:
        if (b == '}' && (o->others || may_close(o, f->count))) {
            pop(s);
            return true;
        }
        if (f->phase == FIRST_KEY)
            return begin_key(f, b);
        if (b != ',' || (!o->others && f->count >= o->property_count))
            return false;
        f->phase = NEXT_KEY;
        f->white = 0;
        return true;
    case NEXT_KEY: return begin_key(f, b);
    case COLON: f->flag = 0; return b == ':' && push(s, o->others ? o->value : o->properties[f->index].value);
    case FIRST_ITEM:
        if (b == ']' && a->min_items == 0) {
            pop(s);
            return true;
        }
        f->phase = NEXT_ITEM;
        f->count = 1;
        return a->max_items > 0 && push(s, a->items) && begin_value(s, b);
    default:
        if (b == ']' && f->count >= a->min_items) {
            pop(s);
            return true;
        }
        if (b != ',' || f->count >= a->max_items)
            return false;
        f->count++;
        return push(s, a->items);
    }
}

bool ocrvl_schema_take(ocrvl_schema_state *s, uint8_t b)
{
    if (s->depth == 0)
        return false;
    ocrvl_schema_frame *f = top(s);
    switch (f->phase) {
    case WORD:
        if ((uint8_t)f->word[f->at] != b)
            return false;
        if (f->word[++f->at] == '\0')
            pop(s);
        return true;
    case CHOICE: {
        const node *n = node_of(f)->words_of;
        if (narrow(word_name, n, &f->index, (uint32_t)n->word_count - 1, f->at, b)) {
            f->at++;
            if (b == '"' || b == 'e' ||
                b == 'l') /* the end of a string, of true, false, null: nothing longer begins so */
                if (n->words[f->index][f->at] == '\0')
                    pop(s);
            return true;
        }
        if (!choice_complete(f))
            return false;
        pop(s);
        return s->depth && ocrvl_schema_take(s, b);
    }
    case DIGITS:
        if (more_digits(f, b))
            return true;
        if (!number_complete(f))
            return false;
        pop(s);
        return s->depth && ocrvl_schema_take(s, b);
    case TEXT: return take_text(s, b);
    case KEY: return take_key(f, b);
    default: break;
    }
    if (is_white(b))
        return f->white++ < WHITE_SPACE && s->depth > (f->phase == VALUE ? 1u : 0u);
    return f->phase == VALUE ? begin_value(s, b) : take_structure(s, b);
}

bool ocrvl_schema_complete(const ocrvl_schema_state *s)
{
    if (s->depth != 1)
        return s->depth == 0;
    const ocrvl_schema_frame *f = &s->frame[0];
    return (f->phase == DIGITS && number_complete(f)) || (f->phase == CHOICE && choice_complete(f));
}

bool ocrvl_schema_in_string(const ocrvl_schema_state *s, size_t bytes)
{
    if (s->depth == 0)
        return false;
    const ocrvl_schema_frame *f = &s->frame[s->depth - 1];
    const node *n = node_of(f)->string;
    return f->phase == TEXT && f->part == LETTERS && f->count + bytes <= (f->flag ? MAX_STRING : n->max_length);
}
