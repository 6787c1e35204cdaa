#include "read/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* The value of "key:" in the head, or NULL; *len its length. */
static const char *head_value(const char *head, const char *key, size_t *len)
{
    size_t n = strlen(key);
    for (const char *line = head; *line && strncmp(line, "---\n", 4) != 0; line += strcspn(line, "\n") + 1)
        if (strncmp(line, key, n) == 0 && line[n] == ':') {
            const char *v = line + n + 1 + strspn(line + n + 1, " ");
            *len = strcspn(v, "\n");
            return v;
        }
    return NULL;
}

static bool value_is(const char *head, const char *key, const char *value)
{
    size_t len;
    const char *v = head_value(head, key, &len);
    return v && len == strlen(value) && memcmp(v, value, len) == 0;
}

static const char *body_of(const ocrvl_prompt_file *f)
{
    const char *rule = strstr(f->text, "---\n");
    return rule ? rule + 4 : f->text;
}

bool ocrvl_task_by_name(ocrvl_task *t, const char *name)
{
    static const struct {
        const char *name;
        ocrvl_prompt_output output;
    } outputs[] = {{"text", OCRVL_OUTPUT_TEXT},
                   {"markdown", OCRVL_OUTPUT_MARKDOWN},
                   {"json", OCRVL_OUTPUT_JSON},
                   {"grounding", OCRVL_OUTPUT_GROUNDING},
                   {"front-matter", OCRVL_OUTPUT_FRONT_MATTER},
                   {"olmocr-json", OCRVL_OUTPUT_OLMOCR_JSON},
                   {"html", OCRVL_OUTPUT_HTML},
                   {"layout", OCRVL_OUTPUT_LAYOUT}};
    const ocrvl_prompt_file *f = ocrvl_prompt_files;
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    if (!f->name)
        return false;
    *t = (ocrvl_task){.name = f->name, .text = body_of(f)};
    t->len = strlen(t->text);
    t->len -= t->len && t->text[t->len - 1] == '\n'; /* the file's; one before it is the prompt's own */
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (value_is(f->text, "output", outputs[i].name))
            t->output = outputs[i].output;
    t->text_first = value_is(f->text, "order", "text-first");
    t->pictures = value_is(f->text, "pictures", "yes");
    size_t len;
    const char *side = head_value(f->text, "longest-side", &len);
    t->longest_side = side ? (uint32_t)strtoul(side, NULL, 10) : 0;
    return true;
}

bool ocrvl_task_of_text(ocrvl_task *t, const char *like, const char *text, size_t len)
{
    if (!ocrvl_task_by_name(t, like))
        return false;
    t->name = NULL;
    t->text = text;
    t->len = len;
    return true;
}

ocrvl_status ocrvl_task_choose(ocrvl_task *t, const ocrvl_read_options *o, const ocrvl_config *c,
                               const ocrvl_profile *profile, ocrvl_error *err)
{
    const char *own = c->task ? c->task : profile ? profile->task : "text";
    const char *name = o->task ? o->task : own, *text = o->prompt ? o->prompt : ocrvl_config_prompt(c, name);
    bool found = text ? ocrvl_task_of_text(t, name, text, strlen(text)) : ocrvl_task_by_name(t, name);
    return found ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_ARG, "no prompt is called '%s'", name);
}

const char *ocrvl_task_boxes(const ocrvl_family *f)
{
    static const char json[] = "Output a JSON list of objects, each with \"bbox_2d\" ([x1, y1, x2, y2]) and \"label\".";
    return f->boxes == OCRVL_BOX_TAGS ? NULL : json;
}

bool ocrvl_task_has(const ocrvl_task *t, const char *place)
{
    const char *at = strstr(t->text, place);
    return at && (size_t)(at - t->text) < t->len;
}

static void put_value(ocrvl_buf *out, const char *name, size_t len, const ocrvl_task_values *v)
{
    const struct {
        const char *name, *before, *value, *after;
    } places[] = {{"languages", " The text is in: ", v->languages, "."},
                  {"question", "", v->question, ""},
                  {"schema", "", v->schema, ""},
                  {"target", "", v->target, ""},
                  {"anchor", "", v->anchor, ""},
                  {"boxes", " ", v->boxes, ""}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strlen(places[i].name) == len && memcmp(places[i].name, name, len) == 0) {
            if (!places[i].value || !*places[i].value)
                return;
            ocrvl_buf_puts(out, places[i].before);
            ocrvl_buf_puts(out, places[i].value);
            ocrvl_buf_puts(out, places[i].after);
            return;
        }
    ocrvl_buf_putc(out, '{'); /* no place of ours: it stays as it is */
    ocrvl_buf_put(out, name, len);
    ocrvl_buf_putc(out, '}');
}

void ocrvl_task_fill(const ocrvl_task *t, const ocrvl_task_values *v, ocrvl_buf *out)
{
    for (size_t i = 0; i < t->len;) {
        const char *p = t->text + i;
        size_t n = 0;
        while (*p == '{' && i + 1 + n < t->len && p[1 + n] >= 'a' && p[1 + n] <= 'z')
            n++;
        if (n && i + 1 + n < t->len && p[1 + n] == '}') {
            put_value(out, p + 1, n, v);
            i += n + 2;
        } else {
            ocrvl_buf_putc(out, *p);
            i++;
        }
    }
}

bool ocrvl_prompt_at(size_t i, const char **name, const char **summary, size_t *summary_len, const char **text)
{
    const ocrvl_prompt_file *f = ocrvl_prompt_files;
    while (f->name && i-- > 0)
        f++;
    if (!f->name)
        return false;
    *name = f->name;
    *summary = head_value(f->text, "summary", summary_len);
    *text = body_of(f);
    return true;
}
