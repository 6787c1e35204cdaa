/* What MinerU2.5-Pro says of a picture, asked for an analysis: fields between tokens, as its makers' client takes them
 * (mineru_vl_utils/post_process/image_analysis_postprocess.py). */
#include <stdio.h>
#include <string.h>

#include "read/mineru.h"
#include "read/otsl.h"

typedef struct field { /* bytes of the answer */
    size_t from, to;
} field;

static size_t find(const ocrvl_transcript *t, size_t from, const char *token)
{
    const char *at = strstr(t->text + from, token);
    return at ? (size_t)(at - t->text) : t->len;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static field trimmed(const ocrvl_transcript *t, field f)
{
    while (f.from < f.to && is_space(t->text[f.from]))
        f.from++;
    while (f.to > f.from && is_space(t->text[f.to - 1]))
        f.to--;
    return f;
}

/* The field of a name; where the answer was cut it ends with the answer. */
static field field_of(const ocrvl_transcript *t, const char *name)
{
    char begin[40], end[40];
    snprintf(begin, sizeof begin, "<|%s_start|>", name);
    snprintf(end, sizeof end, "<|%s_end|>", name);
    size_t at = find(t, 0, begin);
    if (at == t->len)
        return (field){0, 0};
    at += strlen(begin);
    return trimmed(t, (field){at, find(t, at, end)});
}

static bool is(const ocrvl_transcript *t, field f, const char *text)
{
    return f.to - f.from == strlen(text) && memcmp(t->text + f.from, text, f.to - f.from) == 0;
}

static bool begins(const ocrvl_transcript *t, field f, const char *text)
{
    return f.to - f.from >= strlen(text) && memcmp(t->text + f.from, text, strlen(text)) == 0;
}

/* A figure's text is one line, in which no sign means anything. */
static void put_caption(ocrvl_growing *g, const ocrvl_transcript *t, field f)
{
    ocrvl_growing_own(g, "![");
    for (size_t i = f.from; i < f.to;) {
        size_t n = i;
        while (n < f.to && !strchr("\\[]`*_<&$\r\n", t->text[n]))
            n++;
        ocrvl_growing_part(g, t, i, n);
        if (n == f.to)
            break;
        bool line = t->text[n] == '\n' || t->text[n] == '\r';
        ocrvl_growing_own(g, line ? " " : "\\");
        if (!line)
            ocrvl_growing_part(g, t, n, n + 1);
        i = n + 1;
    }
    ocrvl_growing_own(g, "](.)");
}

static ocrvl_status put_table(ocrvl_growing *g, const ocrvl_transcript *t, field f, ocrvl_error *err)
{
    const ocrvl_transcript part = {t->text + f.from, f.to - f.from, t->logprob ? t->logprob + f.from : NULL};
    if (find(t, f.from, "<fcel>") < f.to || find(t, f.from, "<ecel>") < f.to)
        return ocrvl_otsl_to_html(g, &part, err);
    ocrvl_growing_part(g, t, f.from, f.to);
    return OCRVL_OK;
}

static void put_between(ocrvl_growing *g, const ocrvl_transcript *t, field f, const char *before, const char *after)
{
    ocrvl_growing_own(g, before);
    ocrvl_growing_part(g, t, f.from, f.to);
    ocrvl_growing_own(g, after);
}

ocrvl_status ocrvl_mineru_picture(ocrvl_growing *g, const ocrvl_transcript *said, ocrvl_error *err)
{
    field class = field_of(said, "class"), caption = field_of(said, "caption"), content = field_of(said, "content");
    bool holds = content.from < content.to;
    if (is(said, class, "pure_table") && holds)
        return put_table(g, said, content, err);
    if (is(said, class, "pure_formula") && holds) {
        bool own = begins(said, content, "\\[") || begins(said, content, "$$");
        put_between(g, said, content, own ? "" : "$$\n", own ? "" : "\n$$");
        return OCRVL_OK;
    }
    bool fields = class.to || caption.to || content.to;
    put_caption(g, said, fields ? caption : trimmed(said, (field){0, said->len}));
    if (!holds || is(said, class, "natural_image") || is(said, class, "chemical"))
        return OCRVL_OK; /* what it writes for chemical formulas is wrong too often, its makers say */
    ocrvl_growing_own(g, "\n\n");
    bool code = is(said, class, "flowchart") && !begins(said, content, "```");
    put_between(g, said, content, code ? "```mermaid\n" : "", code ? "\n```" : "");
    return OCRVL_OK;
}
