/* Function calling in the form of Qwen's chat templates: the functions stand in the system turn between <tools> and </tools>,
 * a call comes as JSON between <tool_call> and </tool_call>. Nothing is ever executed. */
#ifndef OCRVL_READ_TOOLS_H
#define OCRVL_READ_TOOLS_H

#include "base/buf.h"
#include "ocrvl.h"

/* What a system turn says of the tools, after its own text. tools: a JSON list of functions, bare or as
 * {"type": "function", "function": {...}}. OCRVL_E_FORMAT: not that. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tools_describe(ocrvl_buf *out, const char *tools, ocrvl_error *err);

/* The first call in an answer: *name and *arguments (a JSON object) in new memory (ocrvl_free), both NULL if there is none or
 * it is malformed. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tools_call(const char *answer, size_t len, char **name, char **arguments,
                                               ocrvl_error *err);

#endif
