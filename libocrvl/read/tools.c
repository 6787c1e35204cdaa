#include "read/tools.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"

static const char before[] = "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are "
                             "provided with function signatures within <tools></tools> XML tags:\n<tools>";
static const char after[] = "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
                            "within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, "
                            "\"arguments\": <args-json-object>}\n</tool_call>";

static bool is_function(const ocrvl_json *v)
{
    const ocrvl_json *inner = ocrvl_json_get(v, "function");
    return ocrvl_json_string(ocrvl_json_get(inner ? inner : v, "name"), NULL) != NULL;
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
        if (!is_function(v)) {
            st = ocrvl_fail(err, OCRVL_E_FORMAT, "tools: function %zu has no name", i + 1);
            break;
        }
        ocrvl_buf_puts(out, wrapped ? "\n" : "\n{\"type\": \"function\", \"function\": ");
        ocrvl_json_put(out, v);
        ocrvl_buf_puts(out, wrapped ? "" : "}");
    }
    ocrvl_buf_puts(out, after);
    ocrvl_json_free(root);
    return st ? st : out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

/* What stands between the tags; a call whose end tag is missing goes to the end. */
static const char *find_call(const char *answer, size_t len, size_t *call_len)
{
    static const char open[] = "<tool_call>", close[] = "</tool_call>";
    const char *end = answer + len;
    for (const char *p = answer; p + sizeof open - 1 <= end; p++) {
        if (memcmp(p, open, sizeof open - 1) != 0)
            continue;
        const char *from = p + sizeof open - 1, *to = from;
        while (to + sizeof close - 1 <= end && memcmp(to, close, sizeof close - 1) != 0)
            to++;
        *call_len = (size_t)((to + sizeof close - 1 <= end ? to : end) - from);
        return from;
    }
    return NULL;
}

ocrvl_status ocrvl_tools_call(const char *answer, size_t len, char **name, char **arguments, ocrvl_error *err)
{
    ocrvl_json *root;
    ocrvl_buf b = {0};
    size_t n;
    const char *call = find_call(answer, len, &n);
    *name = *arguments = NULL;
    if (!call || ocrvl_json_parse(&root, call, n, "tool call", NULL))
        return OCRVL_OK;
    const char *called = ocrvl_json_string(ocrvl_json_get(root, "name"), NULL);
    const ocrvl_json *args = ocrvl_json_get(root, "arguments");
    ocrvl_status st = OCRVL_OK;
    if (called && ocrvl_json_is_object(args)) {
        ocrvl_json_put(&b, args);
        *name = ocrvl_strdup(called);
        *arguments = ocrvl_buf_steal(&b, NULL);
        if (!*name || !*arguments)
            st = ocrvl_fail_nomem(err);
    }
    ocrvl_json_free(root);
    return st;
}
