#include "generate/template.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

enum { MOST = 4 << 20 };

/* Bytes of a line break, as it is or as a string of Jinja spells it; 0: none. */
static size_t line_break(const char *s) { return *s == '\n' ? 1 : strncmp(s, "\\n", 2) == 0 ? 2 : 0; }

/* "<|im_start|>assistant", a line break, "<think>", a line break, and not the end of the thought at once. */
static bool opens_thought(const char *s)
{
    static const char turn[] = "<|im_start|>assistant", think[] = "<think>";
    if (strncmp(s, turn, sizeof turn - 1) != 0)
        return false;
    s += sizeof turn - 1;
    size_t n = line_break(s);
    if (n == 0 || strncmp(s + n, think, sizeof think - 1) != 0)
        return false;
    s += n + sizeof think - 1;
    return line_break(s) > 0 && line_break(s + line_break(s)) == 0;
}

ocrvl_template ocrvl_template_of(const char *text, const ocrvl_family *f)
{
    ocrvl_template t = {.there = true, .system = f->system && strstr(text, f->system)};
    for (const char *s = text; !t.thinks && (s = strchr(s, '<')); s++)
        t.thinks = opens_thought(s);
    return t;
}

static ocrvl_status read_one(ocrvl_template *t, const char *dir, const char *name, bool json, const ocrvl_family *f,
                             ocrvl_error *err)
{
    char *path = ocrvl_path_join(dir, name), *text = NULL;
    ocrvl_json *root = NULL;
    size_t len;
    ocrvl_status st = OCRVL_OK;
    if (!path)
        return ocrvl_fail_nomem(err);
    if (ocrvl_file_exists(path) && json)
        st = ocrvl_json_load(&root, path, MOST, err);
    else if (ocrvl_file_exists(path))
        st = ocrvl_file_read(&text, &len, path, MOST, err);
    const char *found = root ? ocrvl_json_string(ocrvl_json_get(root, "chat_template"), NULL) : text;
    if (!st && found)
        *t = ocrvl_template_of(found, f);
    ocrvl_json_free(root);
    ocrvl_free(text);
    ocrvl_free(path);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

ocrvl_status ocrvl_template_read(ocrvl_template *t, const char *dir, const ocrvl_family *f, ocrvl_error *err)
{
    static const struct {
        const char *name;
        bool json;
    } places[] = {{"chat_template.jinja", false}, {"chat_template.json", true}, {"tokenizer_config.json", true}};
    ocrvl_status st = OCRVL_OK;
    *t = (ocrvl_template){0};
    for (size_t i = 0; i < sizeof places / sizeof *places && !st && !t->there; i++)
        st = read_one(t, dir, places[i].name, places[i].json, f, err);
    return st;
}
