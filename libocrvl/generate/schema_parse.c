#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "generate/schema_parts.h"

enum { MAX_NODES = 4096, NESTING = 64 };

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
    n->words_of = n->object = n->array = n->string = n;
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

unsigned ocrvl_schema_word_types(const node *n)
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
        n->types = ocrvl_schema_word_types(n);
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

/* What they are is settled when all parts are there, since they may refer to what is just being read. */
static void read_alternatives(parsing *p, node *n, const ocrvl_json *list, unsigned depth)
{
    size_t count = ocrvl_json_length(list);
    if (!ocrvl_json_is_array(list) || count == 0) {
        wrong(p, OCRVL_E_FORMAT, "anyOf", "is not a list of schemas");
        return;
    }
    n->alternatives = ocrvl_alloc_array(count, sizeof *n->alternatives);
    if (!n->alternatives)
        p->st = ocrvl_fail_nomem(p->err);
    while (n->alternative_count < count && !p->st) {
        node *a = parse(p, ocrvl_json_at(list, n->alternative_count), depth + 1);
        n->alternatives[n->alternative_count++] = a;
    }
}

static void settle(parsing *p, node *n);

/* Alternatives of different types become one node. */
static void add_alternative(parsing *p, node *n, node *a)
{
    settle(p, a);
    if (a->types & n->types || (a->words_of->word_count && n->words_of->word_count))
        wrong(p, OCRVL_E_UNSUPPORTED, "anyOf", "has two alternatives of one type, or two enums");
    n->types |= a->types;
    if (a->words_of->word_count)
        n->words_of = a->words_of;
    if (a->types & OBJECT)
        n->object = a->object;
    if (a->types & ARRAY)
        n->array = a->array;
    if (a->types & STRING)
        n->string = a->string;
}

static void settle(parsing *p, node *n)
{
    if (n->settled == SETTLING)
        wrong(p, OCRVL_E_FORMAT, "anyOf", "is an alternative of itself");
    if (n->settled != UNSETTLED)
        return;
    n->settled = SETTLING;
    for (size_t i = 0; i < n->alternative_count && !p->st; i++)
        add_alternative(p, n, n->alternatives[i]);
    n->settled = SETTLED;
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
                        .words_of = &s->any,
                        .object = &s->any,
                        .array = &s->any,
                        .string = &s->any,
                        .max_items = MAX_ITEMS,
                        .max_length = MAX_STRING};
        s->root = parse(&p, root, 0);
        for (node *n = s->all; n && !p.st; n = n->next)
            settle(&p, n);
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
        ocrvl_free(n->alternatives);
        ocrvl_free(n);
    }
    ocrvl_free(s);
}
