#include "base/hub.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

enum { LONGEST = 96 }; /* of a part of an id, as the hub has it */

static bool is_part(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

static size_t part_len(const char *s)
{
    size_t n = 0;
    while (is_part(s[n]))
        n++;
    return n <= LONGEST && s[0] != '.' ? n : 0;
}

bool ocrvl_hub_is_id(const char *name)
{
    size_t owner = part_len(name), n = owner && name[owner] == '/' ? part_len(name + owner + 1) : 0;
    if (n == 0)
        return false;
    char before = '@'; /* the revision, whose parts are "refs/pr/1" or one alone */
    for (const char *at = name + owner + 1 + n; *at; at += 1 + n, before = '/') {
        n = *at == before ? part_len(at + 1) : 0;
        if (n == 0)
            return false;
    }
    return true;
}

/* The folder that holds models--Owner--Name; empty if there is no home. */
static void put_cache(ocrvl_buf *b)
{
    static const struct {
        const char *name, *below;
    } places[] = {{"HF_HUB_CACHE", ""},
                  {"HUGGINGFACE_HUB_CACHE", ""},
                  {"HF_HOME", "/hub"},
                  {"XDG_CACHE_HOME", "/huggingface/hub"},
                  {"HOME", "/.cache/huggingface/hub"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *value = getenv(places[i].name);
        if (!value || !*value)
            continue;
        ocrvl_buf_puts(b, value);
        ocrvl_buf_puts(b, places[i].below);
        return;
    }
}

/* What refs/REVISION says, a commit; or the revision itself, which may be one. */
static ocrvl_status put_commit(ocrvl_buf *b, const char *model, const char *revision, ocrvl_error *err)
{
    ocrvl_buf path = {0};
    char *text = NULL;
    size_t len = 0, n;
    ocrvl_buf_printf(&path, "%s/refs/%s", model, revision);
    if (path.failed)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_file_exists(path.data) ? ocrvl_file_read(&text, &len, path.data, 4096, err) : OCRVL_OK;
    n = text ? part_len(text) : 0;
    if (!st && n)
        ocrvl_buf_put(b, text, n);
    else if (!st)
        ocrvl_buf_puts(b, revision);
    ocrvl_free(text);
    ocrvl_buf_free(&path);
    return st;
}

ocrvl_status ocrvl_hub_folder(char **dir, const char *id, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    const char *slash = strchr(id, '/'), *at = strchr(id, '@');
    *dir = NULL;
    put_cache(&b);
    if (b.len) {
        ocrvl_buf_puts(&b, "/models--");
        ocrvl_buf_put(&b, id, (size_t)(slash - id));
        ocrvl_buf_puts(&b, "--");
        ocrvl_buf_put(&b, slash + 1, at ? (size_t)(at - slash) - 1 : strlen(slash + 1));
        *dir = ocrvl_buf_steal(&b, NULL);
    }
    bool failed = b.failed || (b.len && !*dir);
    ocrvl_buf_free(&b);
    return failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status ocrvl_hub_find(char **dir, const char *id, ocrvl_error *err)
{
    ocrvl_buf found = {0};
    struct stat st;
    char *model;
    *dir = NULL;
    if (!ocrvl_hub_is_id(id))
        return OCRVL_OK;
    const char *at = strchr(id, '@');
    ocrvl_status status = ocrvl_hub_folder(&model, id, err);
    if (status || !model)
        return status;
    ocrvl_buf_printf(&found, "%s/snapshots/", model);
    status = found.failed ? ocrvl_fail_nomem(err) : put_commit(&found, model, at ? at + 1 : "main", err);
    if (!status && found.failed)
        status = ocrvl_fail_nomem(err);
    if (!status && stat(found.data, &st) == 0 && S_ISDIR(st.st_mode))
        *dir = ocrvl_buf_steal(&found, NULL);
    ocrvl_free(model);
    ocrvl_buf_free(&found);
    return status;
}

const char *ocrvl_hub_name_of(const char *path, size_t *len)
{
    static const char models[] = "/models--", snapshots[] = "/snapshots/";
    const char *at = NULL;
    for (const char *p = path; (p = strstr(p, models)); p++)
        at = p + sizeof models - 1;
    const char *end = at ? strstr(at, snapshots) : NULL, *name = at ? strstr(at, "--") : NULL;
    size_t commit = end ? part_len(end + sizeof snapshots - 1) : 0;
    if (!name || name + 2 >= end || !commit || end[sizeof snapshots - 1 + commit] != '\0' ||
        memchr(at, '/', (size_t)(end - at)))
        return NULL;
    *len = (size_t)(end - name) - 2;
    return name + 2;
}
