/* Function calling in the form of Qwen's chat templates: the functions stand in the system turn between <tools> and
 * </tools>, a call comes as JSON between <tool_call> and </tool_call>, what a function gave back stands in a user's
 * turn between <tool_response> and </tool_response>. Models of Qwen2's time may call in an older form of Qwen-Agent's,
 * which is understood too: a line "✿FUNCTION✿: name" and a line "✿ARGS✿: {...}". Nothing is ever executed. */
#ifndef OCRVL_READ_TOOLS_H
#define OCRVL_READ_TOOLS_H

#include "base/buf.h"
#include "ocrvl.h"

/* What a system turn says of the tools, after its own text. tools: a JSON list of functions, bare or as
 * {"type": "function", "function": {...}}. OCRVL_E_FORMAT: not that. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tools_describe(ocrvl_buf *out, const char *tools, ocrvl_error *err);

typedef struct ocrvl_call {
    char *name, *arguments; /* arguments: a JSON object in one line */
} ocrvl_call;

typedef struct ocrvl_calls { /* zero-initialise */
    ocrvl_call *list;
    size_t count, cap;
    size_t bad; /* calls that are left out: malformed, or of a function that wasn't offered */
} ocrvl_calls;

/* The calls in an answer, in their order; tools as above. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tools_calls(ocrvl_calls *out, const char *answer, size_t len, const char *tools,
                                                ocrvl_error *err);
void ocrvl_calls_free(ocrvl_calls *c);

#endif
