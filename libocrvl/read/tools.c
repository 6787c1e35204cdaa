#include "read/tools.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"

static const char before[] =
    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are "
    "provided with function signatures within <tools></tools> XML tags:\n<tools>";
static const char after[] =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
    "within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, "
    "\"arguments\": <args-json-object>}\n</tool_call>";

static const char *name_of(const ocrvl_json *v)
{
    const ocrvl_json *inner = ocrvl_json_get(v, "function");
    return ocrvl_json_string(ocrvl_json_get(inner ? inner : v, "name"), NULL);
}

ocrvl_status ocrvl_tools_describe(ocrvl_buf *out, const char *tools, ocrvl_error *err)
{
    ocrvl_json *root;
    ocrvl_status st = ocrvl_json_parse(&root, tools, strlen(tools), "tools", err);
    if (st)
        return st;
    if (!ocrvl_json_is_array(root) || ocrvl_json_length(root) == 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "tools: not a list of functions");
    ocrvl_buf_puts(out, before);
    for (size_t i = 0; !st && i < ocrvl_json_length(root); i++) {
        const ocrvl_json *v = ocrvl_json_at(root, i);
        bool wrapped = ocrvl_json_get(v, "function") != NULL;
        if (!name_of(v)) {
            st = ocrvl_fail(err, OCRVL_E_FORMAT, "tools: function %zu has no name", i + 1);
            break;
        }
        ocrvl_buf_puts(out, wrapped ? "\n" : "\n{\"type\": \"function\", \"function\": ");
        ocrvl_json_put(out, v, true);
        ocrvl_buf_puts(out, wrapped ? "" : "}");
    }
    ocrvl_buf_puts(out, after);
    ocrvl_json_free(root);
    return st ? st : out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

/* ---- calls ------------------------------------------------------------------------------------------- */

enum { MOST_CALLS = 256, MOST_ENDS = 8 };

typedef struct taking {
    ocrvl_calls *out;
    const ocrvl_json *tools; /* the list */
    const char *end;         /* of the answer */
    ocrvl_error *err;
} taking;

/* The first `what` in [from, end); end: none. */
static const char *find(const char *from, const char *end, const char *what)
{
    size_t n = strlen(what);
    for (; (size_t)(end - from) >= n; from++)
        if (memcmp(from, what, n) == 0)
            return from;
    return end;
}

static bool is_offered(const taking *t, const char *name)
{
    for (size_t i = 0; i < ocrvl_json_length(t->tools); i++) {
        const char *offered = name_of(ocrvl_json_at(t->tools, i));
        if (offered && strcmp(offered, name) == 0)
            return true;
    }
    return false;
}

static ocrvl_status add(taking *t, const char *name, const ocrvl_json *arguments)
{
    ocrvl_calls *out = t->out;
    ocrvl_buf b = {0};
    if (!name || !ocrvl_json_is_object(arguments) || !is_offered(t, name) || out->count == MOST_CALLS) {
        out->bad++;
        return OCRVL_OK;
    }
    if (!OCRVL_ARRAY_RESERVE(out->list, out->cap, out->count + 1))
        return ocrvl_fail_nomem(t->err);
    ocrvl_json_put(&b, arguments, false);
    ocrvl_call call = {ocrvl_strdup(name), ocrvl_buf_steal(&b, NULL)};
    out->list[out->count++] = call;
    return call.name && call.arguments ? OCRVL_OK : ocrvl_fail_nomem(t->err);
}

/* Arguments may be an object, or one written as a string. */
static ocrvl_status add_object(taking *t, const ocrvl_json *call)
{
    size_t len;
    ocrvl_json *inner = NULL;
    const ocrvl_json *arguments = ocrvl_json_get(call, "arguments");
    const char *text = ocrvl_json_string(arguments, &len);
    if (text && !ocrvl_json_parse(&inner, text, len, "arguments", NULL))
        arguments = inner;
    ocrvl_status st = add(t, ocrvl_json_string(ocrvl_json_get(call, "name"), NULL), arguments);
    ocrvl_json_free(inner);
    return st;
}

/* A call that begins at *at, after its tag, up to an end tag with which it is JSON, since strings may hold that too;
 * one without an end tag goes to the end. */
static ocrvl_status take_tagged(taking *t, const char **at)
{
    static const char close[] = "</tool_call>";
    const char *from = *at, *first = find(from, t->end, close), *to = first;
    for (int i = 0; i < MOST_ENDS; i++) {
        ocrvl_json *call;
        *at = to < t->end ? to + sizeof close - 1 : to;
        if (!ocrvl_json_parse(&call, from, (size_t)(to - from), "call", NULL)) {
            ocrvl_status st = add_object(t, call);
            ocrvl_json_free(call);
            return st;
        }
        if (to == t->end)
            break;
        to = find(*at, t->end, close);
    }
    *at = first < t->end ? first + sizeof close - 1 : first;
    t->out->bad++;
    return OCRVL_OK;
}

static const char *skip(const char *p, const char *end)
{
    while (p < end && strchr(" \t\r\n:", *p))
        p++;
    return p;
}

/* The older form, at what follows its first mark. */
static ocrvl_status take_marked(taking *t, const char **at)
{
    static const char mark[] = "\xE2\x9C\xBF", args[] = "\xE2\x9C\xBF"
                                                        "ARGS"
                                                        "\xE2\x9C\xBF";
    const char *name = skip(*at, t->end), *stop = find(name, t->end, mark), *to = stop;
    *at = stop;
    while (to > name && strchr(" \t\r\n", to[-1]))
        to--;
    if (stop == t->end || find(stop, t->end, args) != stop) {
        t->out->bad++;
        return OCRVL_OK;
    }
    const char *from = skip(stop + sizeof args - 1, t->end);
    *at = find(from, t->end, mark);
    ocrvl_json *arguments = NULL;
    char *copy = ocrvl_strndup(name, (size_t)(to - name));
    if (!copy)
        return ocrvl_fail_nomem(t->err);
    (void)!ocrvl_json_parse(&arguments, from, (size_t)(*at - from), "arguments", NULL); /* NULL is no object */
    ocrvl_status st = add(t, copy, arguments);
    ocrvl_json_free(arguments);
    ocrvl_free(copy);
    return st;
}

ocrvl_status ocrvl_tools_calls(ocrvl_calls *out, const char *answer, size_t len, const char *tools, ocrvl_error *err)
{
    static const char tag[] = "<tool_call>", mark[] = "\xE2\x9C\xBF"
                                                      "FUNCTION"
                                                      "\xE2\x9C\xBF";
    ocrvl_json *root;
    ocrvl_status st = ocrvl_json_parse(&root, tools, strlen(tools), "tools", err);
    taking t = {out, root, answer + len, err};
    for (const char *at = answer; !st && at < t.end;) {
        const char *tagged = find(at, t.end, tag), *marked = find(at, t.end, mark);
        bool first = tagged < marked;
        at = first ? tagged + sizeof tag - 1 : marked < t.end ? marked + sizeof mark - 1 : t.end;
        if (first || marked < t.end)
            st = first ? take_tagged(&t, &at) : take_marked(&t, &at);
    }
    ocrvl_json_free(root);
    return st;
}

void ocrvl_calls_free(ocrvl_calls *c)
{
    for (size_t i = 0; i < c->count; i++) {
        ocrvl_free(c->list[i].name);
        ocrvl_free(c->list[i].arguments);
    }
    ocrvl_free(c->list);
    *c = (ocrvl_calls){0};
}
