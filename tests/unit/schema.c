/* Schemas as masks: whatever tokens are drawn at random among those allowed, the text is JSON that follows the schema.
 * With an argument N the program prints N such texts for the schema on its standard input, for validators elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "generate/constraint.h"
#include "testing.h"

enum { MOST = 6000 };

static ocrvl_model *model;
static uint32_t seed = 3;

static uint32_t draw(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(seed >> 4) * n) >> 28);
}

/* A text of random allowed tokens; after a while the end is taken wherever it is allowed, and short tokens are. */
static void random_text(ocrvl_constraint *sm, ocrvl_buf *out)
{
    const ocrvl_config *c = &model->weights->config;
    ocrvl_logit_mask *m = ocrvl_constraint_begin(sm);
    bool *allowed = ocrvl_alloc_array(c->vocab, sizeof *allowed);
    ocrvl_buf_clear(out);
    for (size_t n = 0;; n++) {
        size_t count = 0, k, len;
        assert_true(n < MOST);
        assert_ok(m->allow(m, allowed, err));
        for (size_t i = 0; i < c->vocab; i++)
            count += allowed[i];
        int32_t chosen = -1;
        static const char closing[] = "\"}],:0";
        for (size_t i = 0; i < sizeof closing - 1 && n > 60 && chosen < 0; i++)
            for (size_t t = 0; t < c->vocab && chosen < 0; t++) {
                const char *b = ocrvl_tokenizer_bytes(model->tokenizer, (int32_t)t, &len);
                if (allowed[t] && len == 1 && *b == closing[i])
                    chosen = (int32_t)t;
            }
        k = draw((uint32_t)count);
        for (size_t i = 0; i < c->vocab && chosen < 0; i++)
            if (allowed[i] && k-- == 0)
                chosen = (int32_t)i;
        if (chosen == c->stops[0] || chosen == c->stops[1])
            break;
        const char *b = ocrvl_tokenizer_bytes(model->tokenizer, chosen, &len);
        ocrvl_buf_put(out, b, len);
        assert_ok(m->take(m, chosen, err));
    }
    ocrvl_free(allowed);
}

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_model_open(&model, "tests/vectors/data/tiny", err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_model_free(model);
    return 0;
}

static void follows(const char *text, bool (*right)(const ocrvl_json *v))
{
    ocrvl_schema *s;
    ocrvl_constraint *m;
    ocrvl_buf out = {0};
    assert_ok(ocrvl_schema_parse(&s, text, strlen(text), err));
    assert_ok(ocrvl_constraint_new(&m, s, model, err));
    for (int i = 0; i < 60; i++) {
        ocrvl_json *v;
        random_text(m, &out);
        assert_ok(ocrvl_json_parse(&v, out.data ? out.data : "", out.len, out.data, err));
        if (!right(v))
            fail_msg("%s: %s", text, out.data);
        ocrvl_json_free(v);
    }
    ocrvl_buf_free(&out);
    ocrvl_constraint_free(m);
    ocrvl_schema_free(s);
}

static bool is_invoice(const ocrvl_json *v)
{
    double d;
    int64_t n;
    const ocrvl_json *total = ocrvl_json_get(v, "total"), *items = ocrvl_json_get(v, "items");
    const char *currency = ocrvl_json_string(ocrvl_json_get(v, "currency"), NULL);
    bool ok =
        ocrvl_json_is_object(v) && ocrvl_json_string(ocrvl_json_get(v, "number"), NULL) &&
        (ocrvl_json_is_null(total) || ocrvl_json_number(total, &d)) && ocrvl_json_is_array(items) &&
        ocrvl_json_length(items) >= 1 && ocrvl_json_length(items) <= 3 &&
        (!ocrvl_json_get(v, "currency") ||
         (currency && (strcmp(currency, "EUR") == 0 || strcmp(currency, "EURO") == 0 || strcmp(currency, "USD") == 0)));
    for (size_t i = 0; i < ocrvl_json_length(items); i++)
        ok = ok && ocrvl_json_int(ocrvl_json_get(ocrvl_json_at(items, i), "quantity"), &n) &&
             ocrvl_json_string(ocrvl_json_get(ocrvl_json_at(items, i), "what"), NULL);
    return ok && ocrvl_json_length(v) >= 3 && ocrvl_json_length(v) <= 5;
}

static void invoices(void **state)
{
    (void)state;
    follows(
        "{\"type\": \"object\", \"title\": \"an invoice\", \"properties\": {"
        "\"number\": {\"type\": \"string\"}, \"note\": {\"type\": \"string\"},"
        "\"total\": {\"type\": [\"number\", \"null\"]},"
        "\"currency\": {\"enum\": [\"EUR\", \"EURO\", \"USD\"]},"
        "\"items\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 3, \"items\": {\"$ref\": \"#/$defs/item\"}}},"
        "\"required\": [\"number\", \"total\", \"items\"],"
        "\"$defs\": {\"item\": {\"type\": \"object\", \"properties\": {\"what\": {\"type\": \"string\"}, \"quantity\": "
        "{\"type\": \"integer\"}}, \"required\": [\"what\", \"quantity\"]}}}",
        is_invoice);
}

static bool is_short(const ocrvl_json *v)
{
    size_t len;
    const char *s = ocrvl_json_string(v, &len);
    return s && ocrvl_utf8_count(s, len) >= 2 && ocrvl_utf8_count(s, len) <= 5;
}

static bool is_one_of(const ocrvl_json *v)
{
    int64_t n;
    return ocrvl_json_is_null(v) || (ocrvl_json_int(v, &n) && (n == 1 || n == 12 || n == -3));
}

static bool is_either(const ocrvl_json *v)
{
    bool b;
    return ocrvl_json_bool(v, &b) || ocrvl_json_string(v, NULL) || ocrvl_json_is_array(v);
}

/* {"name": string}, and nothing else */
static bool is_person(const ocrvl_json *v)
{
    return ocrvl_json_is_object(v) && ocrvl_json_length(v) == 1 && ocrvl_json_string(ocrvl_json_get(v, "name"), NULL);
}

static bool is_person_or_null(const ocrvl_json *v) { return ocrvl_json_is_null(v) || is_person(v); }

/* Before and after the alternatives that refer to the same definition. */
static bool is_meeting(const ocrvl_json *v)
{
    return ocrvl_json_is_object(v) && ocrvl_json_length(v) == 3 && is_person(ocrvl_json_get(v, "chair")) &&
           is_person_or_null(ocrvl_json_get(v, "guest")) && is_person(ocrvl_json_get(v, "clerk"));
}

/* {"label": "leaf" or "node" or null, "below": null or another} */
static bool is_chain(const ocrvl_json *v)
{
    const ocrvl_json *below = ocrvl_json_get(v, "below"), *label = ocrvl_json_get(v, "label");
    const char *s = ocrvl_json_string(label, NULL);
    bool right = ocrvl_json_is_null(label) || (s && (strcmp(s, "leaf") == 0 || strcmp(s, "node") == 0));
    return ocrvl_json_is_object(v) && ocrvl_json_length(v) == 2 && right &&
           (ocrvl_json_is_null(below) || is_chain(below));
}

/* A string or an array of such and of null */
static bool is_tree(const ocrvl_json *v)
{
    if (ocrvl_json_string(v, NULL))
        return true;
    bool right = ocrvl_json_is_array(v);
    for (size_t i = 0; i < ocrvl_json_length(v) && right; i++)
        right = ocrvl_json_is_null(ocrvl_json_at(v, i)) || is_tree(ocrvl_json_at(v, i));
    return right;
}

/* As pydantic writes the schemas of its models. */
static void alternatives(void **state)
{
    (void)state;
    follows("{\"$defs\": {\"Person\": {\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}}, "
            "\"required\": [\"name\"]}}, \"type\": \"object\", \"properties\": {"
            "\"chair\": {\"$ref\": \"#/$defs/Person\"},"
            "\"guest\": {\"anyOf\": [{\"$ref\": \"#/$defs/Person\"}, {\"type\": \"null\"}]},"
            "\"clerk\": {\"$ref\": \"#/$defs/Person\"}}, \"required\": [\"chair\", \"guest\", \"clerk\"]}",
            is_meeting);
    follows("{\"$defs\": {\"Chain\": {\"type\": \"object\", \"properties\": {"
            "\"label\": {\"anyOf\": [{\"type\": \"null\"}, {\"enum\": [\"leaf\", \"node\"]}]},"
            "\"below\": {\"anyOf\": [{\"$ref\": \"#/$defs/Chain\"}, {\"type\": \"null\"}]}},"
            "\"required\": [\"label\", \"below\"]}}, \"$ref\": \"#/$defs/Chain\"}",
            is_chain);
    follows(
        "{\"$defs\": {\"Tree\": {\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"maxItems\": 2, \"items\": "
        "{\"anyOf\": [{\"$ref\": \"#/$defs/Tree\"}, {\"type\": \"null\"}]}}]}}, \"$ref\": \"#/$defs/Tree\"}",
        is_tree);
}

static bool is_anything(const ocrvl_json *v) { return v != NULL; }

static void values(void **state)
{
    (void)state;
    follows("{\"type\": \"string\", \"minLength\": 2, \"maxLength\": 5}", is_short);
    follows("{\"enum\": [1, 12, null, -3]}", is_one_of);
    follows("{\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": "
            "\"integer\"}}]}",
            is_either);
    follows("true", is_anything);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *says;
        ocrvl_status st;
    } cases[] = {
        {"{\"type\": \"string\", \"pattern\": \"a+\"}", "pattern", OCRVL_E_UNSUPPORTED},
        {"{\"type\": \"number\", \"minimum\": 3}", "minimum", OCRVL_E_UNSUPPORTED},
        {"{\"type\": \"sting\"}", "type", OCRVL_E_FORMAT},
        {"{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"string\"}]}", "anyOf", OCRVL_E_UNSUPPORTED},
        {"{\"anyOf\": [{\"type\": \"object\", \"properties\": {\"a\": true}}, {}]}", "one type", OCRVL_E_UNSUPPORTED},
        {"{\"anyOf\": [{\"enum\": [1]}, {\"enum\": [null]}]}", "two enums", OCRVL_E_UNSUPPORTED},
        {"{\"anyOf\": [{\"$ref\": \"#\"}, {\"type\": \"null\"}]}", "of itself", OCRVL_E_FORMAT},
        {"{\"$ref\": \"http://example.org/s\"}", "$ref", OCRVL_E_UNSUPPORTED},
        {"{\"type\": \"object\", \"properties\": {\"a\": {}}, \"required\": [\"b\"]}", "required", OCRVL_E_UNSUPPORTED},
        {"{\"enum\": [1.5]}", "enum", OCRVL_E_UNSUPPORTED},
        {"{\"enum\": []}", "enum", OCRVL_E_FORMAT},
        {"{\"type\": \"array\", \"minItems\": 3, \"maxItems\": 2}", "maximum", OCRVL_E_FORMAT},
        {"[]", "schema", OCRVL_E_FORMAT},
        {"{", "JSON", OCRVL_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_schema *s;
        ocrvl_error err = {0};
        assert_int_equal(ocrvl_schema_parse(&s, cases[i].schema, strlen(cases[i].schema), &err), cases[i].st);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_null(s);
    }
}

/* What may not stand is refused byte by byte. */
static void machine(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
    } cases[] = {{"{\"a\": 1}", true},
                 {"{\"a\":1,\"b\":\"x\"}", true},
                 {"{\"b\":\"x\"}", false},
                 {"{\"a\":1.5}", false},
                 {"{\"a\":01}", false},
                 {"{\"a\":1,}", false},
                 {"{\"a\":1", false},
                 {"{}", false},
                 {"{\"a\":-0}", true},
                 {"{\"a\":1,\"b\":\"\\u00e9\\n\"}", true},
                 {"{\"a\":1,\"b\":\"\xC3\xA9\"}", true},
                 {"{\"a\":1,\"b\":\"\xC3\"}", false},
                 {"{\"a\":1,\"b\":\"\\ud800\"}", false},
                 {"{\"a\":1,\"b\":\"\t\"}", false},
                 {"[1]", false},
                 {"{\"a\":1}x", false}};
    static const char text[] = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":"
                               "\"string\"}},\"required\":[\"a\"]}";
    ocrvl_schema *s;
    assert_ok(ocrvl_schema_parse(&s, text, sizeof text - 1, err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_schema_state at;
        bool taken = true;
        ocrvl_schema_start(s, &at);
        for (const char *p = cases[i].text; *p && taken; p++)
            taken = ocrvl_schema_take(&at, (uint8_t)*p);
        if ((taken && ocrvl_schema_complete(&at)) != cases[i].whole)
            fail_msg("%s", cases[i].text);
    }
    ocrvl_schema_free(s);
}

static int print_texts(int n)
{
    char text[65536];
    size_t len = fread(text, 1, sizeof text, stdin);
    ocrvl_schema *s;
    ocrvl_constraint *m;
    ocrvl_error err;
    ocrvl_buf out = {0};
    if (ocrvl_model_open(&model, "tests/vectors/data/tiny", &err) || ocrvl_schema_parse(&s, text, len, &err) ||
        ocrvl_constraint_new(&m, s, model, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        random_text(m, &out);
        for (size_t k = 0; k < out.len; k++)
            putchar(out.data[k] == '\n' ? ' ' : out.data[k]);
        putchar('\n');
    }
    ocrvl_buf_free(&out);
    ocrvl_constraint_free(m);
    ocrvl_schema_free(s);
    ocrvl_model_free(model);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(invoices), cmocka_unit_test(values),
                                       cmocka_unit_test(alternatives), cmocka_unit_test(refused),
                                       cmocka_unit_test(machine)};
    if (argc == 2)
        return print_texts((int)strtol(argv[1], NULL, 10));
    return cmocka_run_group_tests_name("schema", tests, set_up, tear_down);
}
