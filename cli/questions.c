#include "questions.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Bytes of the file. */
enum { MAX_FILE = 16 << 20 };

void cli_questions_free(cli_questions *q)
{
    for (size_t i = 0; i < q->count; i++) {
        ocrvl_free(q->list[i].text);
        ocrvl_free(q->list[i].id);
        ocrvl_free(q->list[i].schema);
    }
    ocrvl_free(q->list);
}

typedef struct reading {
    const cli_log *log;
    const char *file;
    uint64_t line;
    cli_question *to;
    cli_exit status;
} reading;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static cli_exit
wrong(reading *r, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_error(r->log, r->file, 0, "line %llu: %s", (unsigned long long)r->line, text);
    return r->status = CLI_EXIT_INPUT;
}

static cli_exit no_memory(reading *r)
{
    cli_error(r->log, NULL, 0, "out of memory");
    return r->status = CLI_EXIT_LIMIT;
}

static char *as_json(const ocrvl_json *v)
{
    ocrvl_buf b = {0};
    ocrvl_json_put(&b, v, false);
    char *text = ocrvl_buf_steal(&b, NULL);
    ocrvl_buf_free(&b);
    return text;
}

static bool take_member(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    reading *r = user;
    double number;
    size_t len;
    const char *text = ocrvl_json_string(value, &len);
    char **to = NULL;
    if (strcmp(key, "question") == 0 && !(text && strlen(text) == len))
        wrong(r, "\"question\" must be a string");
    else if (strcmp(key, "question") == 0)
        to = &r->to->text;
    else if (strcmp(key, "id") == 0 && !text && !ocrvl_json_number(value, &number))
        wrong(r, "\"id\" must be a string or a number");
    else if (strcmp(key, "id") == 0)
        to = &r->to->id;
    else if (strcmp(key, "schema") == 0)
        to = &r->to->schema;
    else
        wrong(r, "there is no member \"%.*s\": an object holds question, id and schema",
              key_len < 40 ? (int)key_len : 40, key);
    if (to && !(*to = to == &r->to->text ? ocrvl_strdup(text) : as_json(value)))
        no_memory(r);
    return !r->status;
}

static cli_exit take_object(reading *r, const char *line, size_t len)
{
    ocrvl_json *v;
    ocrvl_error err;
    if (ocrvl_json_parse(&v, line, len, "object", &err))
        return wrong(r, "not a JSON object in one line");
    if (ocrvl_json_is_object(v))
        (void)ocrvl_json_each(v, take_member, r); /* which says in r->status whether it came to the end */
    else
        wrong(r, "not a JSON object");
    ocrvl_json_free(v);
    if (!r->status && !(r->to->text && r->to->text[strspn(r->to->text, " \t\r\n")]))
        wrong(r, "there is no \"question\"");
    return r->status;
}

static cli_exit take_text(reading *r, const char *line, size_t len)
{
    if (memchr(line, 0, len))
        return wrong(r, "a question can't hold a NUL");
    r->to->text = ocrvl_strndup(line, len);
    return r->to->text ? CLI_EXIT_OK : no_memory(r);
}

static cli_exit take_lines(cli_questions *q, reading *r, const char *data, size_t len)
{
    bool objects = len && data[strspn(data, " \t\r\n")] == '{';
    for (const char *at = data, *end = data + len, *next; at < end && !r->status; at = next + 1) {
        next = memchr(at, '\n', (size_t)(end - at));
        next = next ? next : end;
        const char *to = next;
        while (to > at && strchr(" \t\r", to[-1]) && to[-1])
            to--;
        r->line++;
        if (to == at)
            continue;
        if (!OCRVL_ARRAY_RESERVE(q->list, q->cap, q->count + 1))
            return no_memory(r);
        r->to = &q->list[q->count++];
        *r->to = (cli_question){.line = r->line};
        r->status = objects ? take_object(r, at, (size_t)(to - at)) : take_text(r, at, (size_t)(to - at));
    }
    return r->status;
}

cli_exit cli_questions_read(cli_questions *q, const cli_log *log, const char *file)
{
    reading r = {.log = log, .file = file};
    ocrvl_error err;
    char *data;
    size_t len;
    ocrvl_status st = ocrvl_file_read(&data, &len, file, MAX_FILE, &err);
    if (st) {
        cli_error(log, file, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_INPUT);
    }
    if (!ocrvl_utf8_valid(data, len)) {
        cli_error(log, file, 0, "not a text in UTF-8");
        r.status = CLI_EXIT_INPUT;
    } else
        r.status = take_lines(q, &r, data, len);
    ocrvl_free(data);
    if (!r.status && q->count == 0) {
        cli_error(log, file, 0, "there are no questions in it");
        r.status = CLI_EXIT_INPUT;
    }
    return r.status;
}
