#include "generate/profiles.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { MAX_README = 1 << 20, MAX_CONFIG = 4 << 20, MAX_TOKENIZER = 64 << 20 };

/* The first row whose marks are all in a name is the name's. Sources of numbers:
 * mineru: opendatalab/mineru-vl-utils, mineru_client.py. olmocr: allenai/olmocr, pipeline.py at v0.1.60 (0225), v0.2.1
 * and v0.4.27. rolmocr, nanonets: their cards, as the runners in allenai/olmocr's olmocr/bench have them.
 * infinity-parser: infly-ai/INF-MLLM, Infinity-Parser/inference. firered: FireRedTeam/FireRed-OCR, README.md. chandra:
 * datalab-to/chandra, model/util.py and settings.py. numarkdown: numindai/NuMarkdown, README.md, whose 5000 tokens are
 * too few where thinking takes five times the answer's, as it says. */
static const ocrvl_profile profiles[] = {
    {.name = "mineru",
     .marks = {"mineru"},
     .token = "<|rotate_up|>",
     .task = "mineru",
     .also = "mineru-pictures",
     .page = {0, 0, 100},
     .block = {1, 0.05, 100},
     .table = {1, 0.005, 100}},
    {.name = "rolmocr", .marks = {"rolmocr"}, .task = "rolmocr", .temperature = 0.2, .answer_tokens = 4096},
    {.name = "olmocr-0225",
     .marks = {"olmocr", "0225"},
     .task = "olmocr-0225",
     .temperature = 0.1,
     .answer_tokens = 3000},
    {.name = "olmocr-0725",
     .marks = {"olmocr", "0725"},
     .task = "olmocr-0725",
     .temperature = 0.1,
     .answer_tokens = 4500},
    {.name = "olmocr-0825",
     .marks = {"olmocr", "0825"},
     .task = "olmocr-0725",
     .temperature = 0.1,
     .answer_tokens = 4500},
    {.name = "olmocr", .marks = {"olmocr"}, .task = "olmocr", .temperature = 0.1, .answer_tokens = 8000},
    {.name = "nanonets", .marks = {"nanonets-ocr"}, .task = "nanonets"},
    {.name = "infinity-parser",
     .marks = {"infinity-parser"},
     .task = "infinity-parser",
     .min_pixels = 200704,
     .max_pixels = 1806336,
     .answer_tokens = 8192},
    {.name = "numarkdown",
     .marks = {"numarkdown"},
     .task = "numarkdown",
     .min_pixels = 78400,
     .max_pixels = 3920000,
     .temperature = 0.7,
     .answer_tokens = 8192},
    {.name = "firered", .marks = {"firered-ocr"}, .task = "firered", .answer_tokens = 8192},
    {.name = "chandra",
     .marks = {"chandra"},
     .task = "chandra",
     .also = "chandra-html",
     .max_pixels = 3072 * 2048,
     .answer_tokens = 12384},
};

const ocrvl_profile *ocrvl_profile_at(size_t i) { return i < sizeof profiles / sizeof *profiles ? &profiles[i] : NULL; }

const ocrvl_profile *ocrvl_profile_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

/* Names in GGUF files have spaces where the hub's have hyphens. */
static char plain(char c) { return c == ' ' || c == '_' ? '-' : ocrvl_ascii_lower(c); }

static bool holds(const char *name, size_t len, const char *mark)
{
    size_t n = strlen(mark), k;
    for (size_t i = 0; i + n <= len; i++) {
        for (k = 0; k < n && plain(name[i + k]) == mark[k]; k++)
            ;
        if (k == n)
            return true;
    }
    return false;
}

const ocrvl_profile *ocrvl_profile_of_name(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        const char *const *marks = profiles[i].marks;
        if (holds(name, len, marks[0]) && (!marks[1] || holds(name, len, marks[1])))
            return &profiles[i];
    }
    return NULL;
}

const ocrvl_profile *ocrvl_profile_for(const ocrvl_profile *profile, const char *task)
{
    static const ocrvl_profile none;
    bool taught =
        profile && task && (strcmp(task, profile->task) == 0 || (profile->also && strcmp(task, profile->also) == 0));
    return taught ? profile : &none;
}

/* ---- the files of a checkpoint ------------------------------------------------------------------------ */

/* A small file's text; NULL if there is none that can be read. OCRVL_E_NOMEM is the one error. */
static ocrvl_status text_of(char **text, const char *dir, const char *name, size_t most)
{
    char *path = ocrvl_path_join(dir, name);
    size_t len;
    ocrvl_error ignored;
    *text = NULL;
    if (!path)
        return OCRVL_E_NOMEM;
    ocrvl_status st = ocrvl_file_exists(path) ? ocrvl_file_read(text, &len, path, most, &ignored) : OCRVL_OK;
    ocrvl_free(path);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

/* By config.json's _name_or_path, which a fine-tune saved by transformers has of what it was loaded from. */
static ocrvl_status by_config(const ocrvl_profile **found, const char *dir)
{
    char *text;
    ocrvl_json *root = NULL;
    ocrvl_error ignored;
    ocrvl_status st = text_of(&text, dir, "config.json", MAX_CONFIG);
    if (!st && text)
        st = ocrvl_json_parse(&root, text, strlen(text), "config.json", &ignored);
    const char *name = root ? ocrvl_json_string(ocrvl_json_get(root, "_name_or_path"), NULL) : NULL;
    if (name)
        *found = ocrvl_profile_of_name(name, strlen(name));
    ocrvl_json_free(root);
    ocrvl_free(text);
    return st == OCRVL_E_NOMEM ? st : OCRVL_OK;
}

/* By the first title of README.md, else by the base_model that its head of YAML names: one or a list, as a checkpoint
 * that somebody else packed or quantised has it. */
static ocrvl_status by_readme(const ocrvl_profile **found, const char *dir)
{
    char *text;
    ocrvl_status st = text_of(&text, dir, "README.md", MAX_README);
    const ocrvl_profile *title = NULL, *base = NULL;
    bool head = text && strncmp(text, "---\n", 4) == 0, in_base = false, titled = false;
    for (const char *line = text; line && *line && !titled;) {
        const char *end = line + strcspn(line, "\n");
        bool rule = strncmp(line, "---", 3) == 0 && line != text, item = *line == '-' || *line == ' ';
        in_base = head && (strncmp(line, "base_model:", 11) == 0 || (in_base && item && !rule));
        if (in_base && !base)
            base = ocrvl_profile_of_name(line, (size_t)(end - line));
        titled = !head && strncmp(line, "# ", 2) == 0;
        title = titled ? ocrvl_profile_of_name(line, (size_t)(end - line)) : NULL;
        head = head && !rule;
        line = *end ? end + 1 : end;
    }
    ocrvl_free(text);
    *found = title ? title : base;
    return st;
}

/* By a special token that only one fine-tune has. transformers 5 names such tokens in tokenizer.json alone. */
static ocrvl_status by_tokens(const ocrvl_profile **found, const char *dir)
{
    static const char *const files[] = {"tokenizer_config.json", "added_tokens.json", "tokenizer.json"};
    ocrvl_status st = OCRVL_OK;
    for (size_t k = 0; k < sizeof files / sizeof *files && !*found && !st; k++) {
        char *text;
        st = text_of(&text, dir, files[k], MAX_TOKENIZER);
        for (size_t i = 0; text && !*found && i < sizeof profiles / sizeof *profiles; i++)
            if (profiles[i].token && strstr(text, profiles[i].token))
                *found = &profiles[i];
        ocrvl_free(text);
    }
    return st;
}

ocrvl_status ocrvl_profile_find(const ocrvl_profile **profile, const char *dir, const char *name, const ocrvl_config *c,
                                ocrvl_error *err)
{
    *profile = NULL;
    if (c->line_reader || c->no_profile)
        return OCRVL_OK;
    if (c->profile) {
        *profile = ocrvl_profile_by_name(c->profile);
        return *profile
                   ? OCRVL_OK
                   : ocrvl_fail(err, OCRVL_E_MODEL, "%s/ocrvl.json: profile \"%s\" doesn't exist", dir, c->profile);
    }
    static ocrvl_status (*const ways[])(const ocrvl_profile **, const char *) = {by_config, by_readme, by_tokens};
    *profile = ocrvl_profile_of_name(name, strlen(name));
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !*profile; i++)
        if (ways[i](profile, dir))
            return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}
