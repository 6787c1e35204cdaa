#include "generate/schema.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"

enum {
    WHITE_SPACE = 16,
    MAX_STRING = 4096,
    MAX_DIGITS = 24,
    MAX_POWER = 2,
    MAX_ITEMS = 4096,
    MAX_NODES = 4096,
    NESTING = 64
};

enum { NUL = 1, BOOL = 2, INTEGER = 4, NUMBER = 8, STRING = 16, ARRAY = 32, OBJECT = 64, ALL = 127 };

typedef struct node node;

typedef struct property {
    char *name; /* as JSON, with its quotes; owned */
    node *value;
    bool required;
} property;

struct node {
    unsigned types;
    char **words; /* enum: the values as JSON; owned */
    size_t word_count;
    property *properties;
    size_t property_count;
    bool others; /* an object of any properties */
    node *items;
    node *value; /* of each of an object of any properties */
    uint32_t min_items, max_items, min_length, max_length;
    const ocrvl_json *source; /* while parsing: so that $ref finds what is there already */
    node *next;               /* of all nodes */
};

struct ocrvl_schema {
    node *root, *all;
    node any;
    size_t nodes;
};

/* ---- parsing ----------------------------------------------------------------------------------------- */

typedef struct parsing {
    ocrvl_schema *s;
    const ocrvl_json *root;
    ocrvl_error *err;
    ocrvl_status st;
} parsing;

static void wrong(parsing *p, ocrvl_status st, const char *key, const char *what)
{
    if (!p->st)
        p->st = ocrvl_fail(p->err, st, "schema: %s %s", key, what);
}

static node *new_node(parsing *p, const ocrvl_json *source)
{
    if (p->st)
        return NULL;
    if (p->s->nodes++ == MAX_NODES) {
        p->st = ocrvl_fail(p->err, OCRVL_E_LIMIT, "schema: more than %d parts", MAX_NODES);
        return NULL;
    }
    node *n = ocrvl_alloc(sizeof *n);
    if (!n) {
        p->st = ocrvl_fail_nomem(p->err);
        return NULL;
    }
    n->source = source;
    n->max_items = MAX_ITEMS;
    n->max_length = MAX_STRING;
    n->items = n->value = &p->s->any;
    n->next = p->s->all;
    p->s->all = n;
    return n;
}

static unsigned type_of_name(const char *name)
{
    static const struct {
        const char *name;
        unsigned type;
    } types[] = {{"null", NUL},      {"boolean", BOOL}, {"integer", INTEGER}, {"number", INTEGER | NUMBER},
                 {"string", STRING}, {"array", ARRAY},  {"object", OBJECT}};
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return 0;
}

static unsigned read_types(parsing *p, const ocrvl_json *v)
{
    unsigned types = type_of_name(ocrvl_json_string(v, NULL));
    for (size_t i = 0; i < ocrvl_json_length(v) && ocrvl_json_is_array(v); i++)
        types |= type_of_name(ocrvl_json_string(ocrvl_json_at(v, i), NULL));
    if (v && !types)
        wrong(p, OCRVL_E_FORMAT, "type", "names no type");
    return v ? types : ALL;
}

/* A value as compact JSON. Numbers are written as whole ones or not at all: other ways to write them are many. */
static bool put_value(ocrvl_buf *b, const ocrvl_json *v)
{
    size_t len;
    const char *s = ocrvl_json_string(v, &len);
    int64_t n;
    bool truth;
    if (s)
        ocrvl_json_put_string(b, s, len);
    else if (ocrvl_json_int(v, &n))
        ocrvl_buf_printf(b, "%lld", (long long)n);
    else if (ocrvl_json_bool(v, &truth))
        ocrvl_buf_puts(b, truth ? "true" : "false");
    else if (ocrvl_json_is_null(v))
        ocrvl_buf_puts(b, "null");
    else
        return false;
    return true;
}

static char *value_text(parsing *p, const ocrvl_json *v, const char *key)
{
    ocrvl_buf b = {0};
    if (!put_value(&b, v))
        wrong(p, OCRVL_E_UNSUPPORTED, key, "holds something else than strings, whole numbers, true, false and null");
    char *text = ocrvl_buf_steal(&b, NULL);
    if (!text && !p->st)
        p->st = ocrvl_fail_nomem(p->err);
    return text;
}

static unsigned word_types(const node *n)
{
    unsigned types = 0;
    for (size_t i = 0; i < n->word_count; i++) {
        char c = n->words[i][0];
        types |= c == '"' ? STRING : c == 'n' ? NUL : c == 't' || c == 'f' ? BOOL : INTEGER | NUMBER;
    }
    return types;
}

static void read_words(parsing *p, node *n, const ocrvl_json *values, const ocrvl_json *constant)
{
    size_t count = constant ? 1 : ocrvl_json_length(values);
    if (!constant && (!ocrvl_json_is_array(values) || count == 0)) {
        wrong(p, OCRVL_E_FORMAT, "enum", "is not a list of values");
        return;
    }
    n->words = ocrvl_alloc_array(count, sizeof *n->words);
    if (!n->words) {
        p->st = ocrvl_fail_nomem(p->err);
        return;
    }
    for (size_t i = 0; i < count && !p->st; i++)
        n->words[n->word_count++] = value_text(p, constant ? constant : ocrvl_json_at(values, i), "enum");
    if (!p->st)
        n->types = word_types(n);
}

static uint32_t read_count(parsing *p, const ocrvl_json *o, const char *key, uint32_t otherwise)
{
    const ocrvl_json *v = ocrvl_json_get(o, key);
    int64_t n;
    if (!v)
        return otherwise;
    if (!ocrvl_json_int(v, &n) || n < 0 || n > 1 << 20)
        wrong(p, OCRVL_E_FORMAT, key, "is not a count");
    return p->st ? otherwise : (uint32_t)n;
}

static node *parse(parsing *p, const ocrvl_json *v, unsigned depth);

typedef struct listing {
    parsing *p;
    node *n;
    const ocrvl_json *required;
    unsigned depth;
} listing;

static bool is_required(const ocrvl_json *list, const char *key)
{
    for (size_t i = 0; i < ocrvl_json_length(list); i++) {
        const char *s = ocrvl_json_string(ocrvl_json_at(list, i), NULL);
        if (s && strcmp(s, key) == 0)
            return true;
    }
    return false;
}

static bool add_property(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    listing *l = user;
    ocrvl_buf b = {0};
    ocrvl_json_put_string(&b, key, key_len);
    property *q = &l->n->properties[l->n->property_count++];
    q->name = ocrvl_buf_steal(&b, NULL);
    q->required = is_required(l->required, key);
    q->value = parse(l->p, value, l->depth + 1);
    if (!q->name && !l->p->st)
        l->p->st = ocrvl_fail_nomem(l->p->err);
    return !l->p->st;
}

static void read_object(parsing *p, node *n, const ocrvl_json *v, unsigned depth)
{
    const ocrvl_json *properties = ocrvl_json_get(v, "properties"), *required = ocrvl_json_get(v, "required");
    bool others = true;
    ocrvl_json_bool(ocrvl_json_get(v, "additionalProperties"), &others);
    if (properties && !ocrvl_json_is_object(properties))
        wrong(p, OCRVL_E_FORMAT, "properties", "is not an object");
    size_t count = ocrvl_json_length(properties);
    n->properties = ocrvl_alloc_array(count, sizeof *n->properties);
    if (!n->properties && !p->st)
        p->st = ocrvl_fail_nomem(p->err);
    listing l = {p, n, required, depth};
    if (!p->st)
        ocrvl_json_each(properties, add_property, &l);
    n->others = count == 0 && others;
    for (size_t i = 0; i < ocrvl_json_length(required) && !p->st; i++) {
        const char *name = ocrvl_json_string(ocrvl_json_at(required, i), NULL);
        if (!name || !ocrvl_json_get(properties, name))
            wrong(p, OCRVL_E_UNSUPPORTED, "required", "names what properties doesn't");
    }
}

static bool known_key(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    static const char *const known[] = {
        "type",  "properties",  "required", "items",    "minItems", "maxItems", "minLength",   "maxLength",
        "enum",  "const",       "anyOf",    "oneOf",    "$ref",     "$defs",    "definitions", "additionalProperties",
        "title", "description", "default",  "examples", "format",   "$schema",  "$id",         "$comment"};
    parsing *p = user;
    (void)key_len, (void)value;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], key) == 0)
            return true;
    wrong(p, OCRVL_E_UNSUPPORTED, key, "is a keyword that cannot be guaranteed");
    return false;
}

/* What a "#/a/b" points to, or NULL. */
static const ocrvl_json *resolve(const parsing *p, const char *ref)
{
    const ocrvl_json *v = p->root;
    if (*ref++ != '#')
        return NULL;
    while (v && *ref) {
        char key[256];
        size_t n = strcspn(ref + 1, "/");
        if (*ref != '/' || n >= sizeof key)
            return NULL;
        memcpy(key, ref + 1, n);
        key[n] = '\0';
        v = ocrvl_json_get(v, key);
        ref += 1 + n;
    }
    return v;
}

/* Alternatives of different types become one node. */
static void read_alternatives(parsing *p, node *n, const ocrvl_json *list, unsigned depth)
{
    n->types = 0;
    if (!ocrvl_json_is_array(list) || ocrvl_json_length(list) == 0)
        wrong(p, OCRVL_E_FORMAT, "anyOf", "is not a list of schemas");
    for (size_t i = 0; i < ocrvl_json_length(list) && !p->st; i++) {
        node *a = parse(p, ocrvl_json_at(list, i), depth + 1);
        if (!a)
            return;
        unsigned types = a->word_count ? word_types(a) : a->types;
        if (types & n->types || (a->word_count && i))
            wrong(p, OCRVL_E_UNSUPPORTED, "anyOf", "has two alternatives of one type, or an enum after others");
        if (a->word_count && !p->st) {
            n->words = a->words, n->word_count = a->word_count;
            a->words = NULL, a->word_count = 0;
            n->types |= types;
            continue;
        }
        n->types |= types;
        if (types & OBJECT)
            n->properties = a->properties, n->property_count = a->property_count, n->others = a->others,
            a->properties = NULL, a->property_count = 0;
        if (types & ARRAY)
            n->items = a->items, n->min_items = a->min_items, n->max_items = a->max_items;
        if (types & STRING)
            n->min_length = a->min_length, n->max_length = a->max_length;
    }
}

static node *parse_reference(parsing *p, const char *ref, unsigned depth)
{
    const ocrvl_json *v = resolve(p, ref);
    if (!v) {
        wrong(p, OCRVL_E_UNSUPPORTED, "$ref", "points out of the schema, or to nothing");
        return NULL;
    }
    for (node *n = p->s->all; n; n = n->next)
        if (n->source == v)
            return n;
    return parse(p, v, depth + 1);
}

static void read_node(parsing *p, node *n, const ocrvl_json *v, unsigned depth)
{
    const ocrvl_json *any = ocrvl_json_get(v, "anyOf"), *values = ocrvl_json_get(v, "enum");
    const ocrvl_json *constant = ocrvl_json_get(v, "const"), *items = ocrvl_json_get(v, "items");
    any = any ? any : ocrvl_json_get(v, "oneOf");
    if (any) {
        read_alternatives(p, n, any, depth);
        return;
    }
    n->types = read_types(p, ocrvl_json_get(v, "type"));
    if (values || constant) {
        read_words(p, n, values, constant);
        return;
    }
    n->min_items = read_count(p, v, "minItems", 0);
    n->max_items = read_count(p, v, "maxItems", MAX_ITEMS);
    n->min_length = read_count(p, v, "minLength", 0);
    n->max_length = read_count(p, v, "maxLength", MAX_STRING);
    if (n->min_items > n->max_items || n->min_length > n->max_length)
        wrong(p, OCRVL_E_FORMAT, "a minimum", "is over its maximum");
    if (n->types & OBJECT)
        read_object(p, n, v, depth);
    if (items && n->types & ARRAY)
        n->items = parse(p, items, depth + 1);
}

static node *parse(parsing *p, const ocrvl_json *v, unsigned depth)
{
    bool anything = false;
    const char *ref = ocrvl_json_string(ocrvl_json_get(v, "$ref"), NULL);
    if (p->st)
        return NULL;
    if (depth > NESTING)
        wrong(p, OCRVL_E_LIMIT, "the schema", "is nested too deeply");
    if (ocrvl_json_bool(v, &anything) && anything)
        return &p->s->any;
    if (!ocrvl_json_is_object(v))
        wrong(p, OCRVL_E_FORMAT, "a schema", "is neither an object nor true");
    if (!p->st)
        ocrvl_json_each(v, known_key, p);
    if (p->st)
        return NULL;
    if (ref)
        return parse_reference(p, ref, depth);
    node *n = new_node(p, v);
    if (n)
        read_node(p, n, v, depth);
    return p->st ? NULL : n;
}

ocrvl_status ocrvl_schema_parse(ocrvl_schema **out, const char *text, size_t len, ocrvl_error *err)
{
    ocrvl_json *root;
    *out = NULL;
    ocrvl_status st = ocrvl_json_parse(&root, text, len, "schema", err);
    if (st)
        return st;
    ocrvl_schema *s = ocrvl_alloc(sizeof *s);
    parsing p = {s, root, err, OCRVL_OK};
    if (!s)
        p.st = ocrvl_fail_nomem(err);
    else {
        s->any = (node){.types = ALL,
                        .others = true,
                        .items = &s->any,
                        .value = &s->any,
                        .max_items = MAX_ITEMS,
                        .max_length = MAX_STRING};
        s->root = parse(&p, root, 0);
    }
    ocrvl_json_free(root);
    if (p.st)
        ocrvl_schema_free(s);
    else
        *out = s;
    return p.st;
}

void ocrvl_schema_free(ocrvl_schema *s)
{
    for (node *n = s ? s->all : NULL, *next; n; n = next) {
        next = n->next;
        for (size_t i = 0; i < n->word_count; i++)
            ocrvl_free(n->words[i]);
        for (size_t i = 0; i < n->property_count; i++)
            ocrvl_free(n->properties[i].name);
        ocrvl_free(n->words);
        ocrvl_free(n->properties);
        ocrvl_free(n);
    }
    ocrvl_free(s);
}

/* ---- the machine ------------------------------------------------------------------------------------- */

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
    const node *n = f->node;
    for (size_t i = f->index; i < n->word_count; i++)
        if (n->words[i][f->at] == '\0' && strncmp(n->words[i], n->words[f->index], f->at) == 0)
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
    const node *n = f->node;
    static const struct {
        uint8_t first;
        unsigned type;
        const char *word;
    } words[] = {{'n', NUL, "null"}, {'t', BOOL, "true"}, {'f', BOOL, "false"}};
    *f = (ocrvl_schema_frame){.node = n};
    if (n->word_count) {
        if (narrow(word_name, n, &f->index, (uint32_t)n->word_count - 1, 0, b)) {
            f->phase = CHOICE;
            f->at = 1;
            return true;
        }
    }
    unsigned types = n->word_count ? n->types & ~word_types(n) : n->types;
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
    const node *n = f->node;
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
    const node *n = f->node;
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
    const node *n = f->node;
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
    const node *n = f->node;
    switch (f->phase) {
    case FIRST_KEY:
    case NEXT:
        if (b == '}' && (n->others || may_close(n, f->count))) {
            pop(s);
            return true;
        }
        if (f->phase == FIRST_KEY)
            return begin_key(f, b);
        if (b != ',' || (!n->others && f->count >= n->property_count))
            return false;
        f->phase = NEXT_KEY;
        f->white = 0;
        return true;
    case NEXT_KEY: return begin_key(f, b);
    case COLON: f->flag = 0; return b == ':' && push(s, n->others ? n->value : n->properties[f->index].value);
    case FIRST_ITEM:
        if (b == ']' && n->min_items == 0) {
            pop(s);
            return true;
        }
        f->phase = NEXT_ITEM;
        f->count = 1;
        return n->max_items > 0 && push(s, n->items) && begin_value(s, b);
    default:
        if (b == ']' && f->count >= n->min_items) {
            pop(s);
            return true;
        }
        if (b != ',' || f->count >= n->max_items)
            return false;
        f->count++;
        return push(s, n->items);
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
        const node *n = f->node;
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
    const node *n = f->node;
    return f->phase == TEXT && f->part == LETTERS && f->count + bytes <= (f->flag ? MAX_STRING : n->max_length);
}
