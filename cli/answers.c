#include "answers.h"

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

static void put_member(ocrvl_buf *b, const char *name, const char *value)
{
    ocrvl_buf_printf(b, "\"%s\":", name);
    ocrvl_json_put_string(b, value, strlen(value));
}

/* Writes the text as JSON in one line; returns false if it isn't JSON. */
static bool put_json_text(ocrvl_buf *b, const char *text)
{
    ocrvl_json *v;
    if (ocrvl_json_parse(&v, text, strlen(text), "answer", NULL))
        return false;
    ocrvl_json_put(b, v, false);
    ocrvl_json_free(v);
    return true;
}

static void put_calls(ocrvl_buf *b, const ocrvl_answer *answer, const char *between)
{
    const char *name, *arguments;
    for (uint32_t i = 0; ocrvl_answer_call(answer, i, &name, &arguments); i++) {
        ocrvl_buf_puts(b, i ? between : "");
        ocrvl_buf_putc(b, '{');
        put_member(b, "name", name);
        ocrvl_buf_printf(b, ",\"arguments\":%s}", arguments);
    }
}

/* The model's text must not control a terminal: control characters become U+FFFD, and in one line, line breaks become
 * spaces. */
static void put_plain(ocrvl_buf *b, const char *text, bool one_line)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(text, n, &i);
        bool breaks = c == '\n' || c == '\r';
        if (breaks && one_line)
            c = ' ';
        bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == OCRVL_UTF8_BAD;
        ocrvl_buf_put_codepoint(b, control && c != '\n' && c != '\t' ? 0xFFFD : c);
    }
}

static void put_text(ocrvl_buf *b, cli_answer_form form, const cli_answer *a)
{
    if (a->info && a->info->calls)
        put_calls(b, a->answer, form == CLI_ANSWER_LINE ? " " : "\n");
    else if (a->info && !(a->schema && put_json_text(b, a->info->text)))
        put_plain(b, a->info->text, form == CLI_ANSWER_LINE);
    ocrvl_buf_putc(b, '\n');
}

static void put_info(ocrvl_buf *b, const cli_answer *a)
{
    const ocrvl_answer_info *i = a->info;
    ocrvl_buf_puts(b, ",\"answer\":");
    if (!(a->schema && put_json_text(b, i->text)))
        ocrvl_json_put_string(b, i->text, strlen(i->text));
    ocrvl_buf_puts(b, ",\"confidence\":");
    ocrvl_buf_put_number(b, i->confidence, 4);
    ocrvl_buf_printf(b, ",\"complete\":%s", i->complete ? "true" : "false");
    if (i->budget) {
        ocrvl_buf_puts(b, ",\"warnings\":[{\"code\":\"budget\",");
        put_member(b, "message", i->budget);
        ocrvl_buf_puts(b, "}]");
    }
    if (i->calls) {
        ocrvl_buf_puts(b, ",\"calls\":[");
        put_calls(b, a->answer, ",");
        ocrvl_buf_putc(b, ']');
    }
}

static void put_object(ocrvl_buf *b, const cli_answer *a)
{
    ocrvl_buf_putc(b, '{');
    if (a->question->id)
        ocrvl_buf_printf(b, "\"id\":%s,", a->question->id);
    put_member(b, "question", a->question->text);
    if (a->info)
        put_info(b, a);
    if (a->page) {
        ocrvl_buf_putc(b, ',');
        put_member(b, "file", a->page->file);
        ocrvl_buf_printf(b, ",\"page\":%llu", (unsigned long long)a->page->page);
    }
    if (a->info && a->info->image >= 0) {
        const ocrvl_box *x = &a->info->box;
        ocrvl_buf_printf(b, ",\"bbox\":[%d,%d,%d,%d]", (int)x->x0, (int)x->y0, (int)x->x1, (int)x->y1);
    }
    if (a->info)
        ocrvl_buf_printf(b, ",\"tokens\":{\"image\":%llu,\"prompt\":%llu,\"output\":%llu}",
                         (unsigned long long)a->info->image_tokens, (unsigned long long)a->info->prompt_tokens,
                         (unsigned long long)a->info->output_tokens);
    else {
        ocrvl_buf_puts(b, ",\"error\":{");
        put_member(b, "code", ocrvl_status_name(a->why->status));
        ocrvl_buf_putc(b, ',');
        put_member(b, "message", a->why->message);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_puts(b, "}\n");
}

void cli_answer_put(ocrvl_buf *b, cli_answer_form form, const cli_answer *a)
{
    if (form == CLI_ANSWER_JSON)
        put_object(b, a);
    else
        put_text(b, form, a);
}
