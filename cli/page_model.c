#include "page_model.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document.h"
#include "model.h"
#include "options.h"

/* Limit of a prompt's text. */
#define MAX_PROMPT (1u << 20)

/* ---- resolution -------------------------------------------------------------------------------------- */

static uint64_t tokens_to_pixels(uint64_t tokens, uint64_t side)
{
    uint64_t one = side * side;
    return tokens > UINT64_MAX / one ? UINT64_MAX : tokens * one;
}

cli_exit cli_pixel_limits(const cli_command *cmd, const cli_pixel_args *args, uint32_t side, uint64_t *min_pixels,
                          uint64_t *max_pixels)
{
    uint64_t least = tokens_to_pixels(args->min_tokens, side), most = tokens_to_pixels(args->max_tokens, side);
    *min_pixels = args->min_pixels > least ? args->min_pixels : least;
    *max_pixels = args->max_pixels && (!most || args->max_pixels < most) ? args->max_pixels : most;
    if (*max_pixels && *min_pixels > *max_pixels)
        return cli_usage_error(cmd, "pictures of at least %llu and at most %llu pixels",
                               (unsigned long long)*min_pixels, (unsigned long long)*max_pixels);
    return CLI_EXIT_OK;
}

void cli_warn_slow(const cli_log *log, const char *file, uint64_t page, const char *what, double seconds)
{
    if (seconds > 120)
        cli_note(log, file, page,
                 "%s will take about %.0f minutes here; --time-budget SECONDS or --max-pixels N make it shorter", what,
                 seconds / 60);
}

/* ---- the line reader --------------------------------------------------------------------------------- */

cli_exit cli_line_check(const cli_command *cmd, const cli_line_args *args)
{
    return args->dir && args->none ? cli_usage_error(cmd, "--line-model and --no-line-model contradict each other")
                                   : CLI_EXIT_OK;
}

cli_exit cli_line_open(const cli_log *log, const cli_line_args *args, ocrvl_model **out)
{
    ocrvl_model_info info = {.size = sizeof info};
    *out = NULL;
    if (args->none)
        return CLI_EXIT_OK;
    char *dir;
    cli_exit status = cli_line_folder(log, args->dir, &dir);
    if (!status && dir)
        status = cli_model_open_folder(log, dir, out);
    if (!status && *out) {
        ocrvl_model_get_info(*out, &info);
        if (info.reader != OCRVL_READER_LINE) {
            cli_error(log, dir, 0, "reads whole pages; --line-model takes a line reader");
            status = CLI_EXIT_MODEL;
        }
    }
    ocrvl_free(dir);
    return status;
}

/* ---- budgets ----------------------------------------------------------------------------------------- */

/* The line reader's folder, newly allocated; NULL if there is none or none that is valid, which is reported where it is
 * opened. */
static char *line_folder(const cli_line_args *line)
{
    static const cli_log silent = {.quiet = true};
    char *dir = NULL;
    if (line->none || cli_line_folder(&silent, line->dir, &dir) || !dir)
        return NULL;
    char *config = ocrvl_path_join(dir, "config.json");
    if (!config || !ocrvl_file_exists(config)) {
        ocrvl_free(dir);
        dir = NULL;
    }
    ocrvl_free(config);
    return dir;
}

static cli_exit open_planner(const cli_log *log, const cli_budget_args *args, const char *dir,
                             const cli_line_args *line, uint64_t threads, ocrvl_planner **out)
{
    ocrvl_error err;
    char *beside = line_folder(line);
    ocrvl_status st = ocrvl_planner_new(out, dir, beside, (uint32_t)threads, &err);
    if (!st)
        st = ocrvl_planner_limit(*out, args->memory, args->seconds, &err);
    ocrvl_free(beside);
    if (st)
        cli_error(log, dir, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

void cli_budget_pixels(const ocrvl_planner *p, uint64_t *max_pixels)
{
    uint64_t most = ocrvl_planner_max_pixels(p), given = *max_pixels ? *max_pixels : CLI_MAX_IMAGE_PIXELS;
    if (most < given)
        *max_pixels = most ? most : 1;
}

cli_exit cli_budget_open(const cli_log *log, const cli_budget_args *args, const char *model, const cli_line_args *line,
                         uint64_t threads, ocrvl_planner **planner, ocrvl_model **out, uint64_t *max_pixels)
{
    char *dir;
    cli_exit status = cli_model_folder(log, model, &dir);
    if (!status)
        status = open_planner(log, args, dir, line, threads, planner);
    if (!status)
        status = cli_model_open_folder(log, dir, out);
    if (!status)
        cli_budget_pixels(*planner, max_pixels);
    ocrvl_free(dir);
    return status;
}

/* ---- prompts ----------------------------------------------------------------------------------------- */

bool cli_prompt_known(const cli_command *cmd, const char *name, const char **text)
{
    const char *known, *summary;
    size_t len;
    ocrvl_buf b = {0};
    for (size_t i = 0; ocrvl_prompt_at(i, &known, &summary, &len, text); i++) {
        if (strcmp(known, name) == 0) {
            ocrvl_buf_free(&b);
            return true;
        }
        ocrvl_buf_printf(&b, "%s%s", i ? " " : "", known);
    }
    cli_usage_error(cmd, "unknown prompt '%s'; there are: %s", name, b.data ? b.data : "");
    ocrvl_buf_free(&b);
    return false;
}

static cli_exit check_task(const cli_command *cmd, const cli_task_args *args)
{
    const char *text;
    if (args->find && (args->name || args->file))
        return cli_usage_error(cmd, "--find is a prompt of its own: without --prompt and --prompt-file");
    if (!args->name)
        return CLI_EXIT_OK;
    if (!cli_prompt_known(cmd, args->name, &text))
        return CLI_EXIT_USAGE;
    if (!args->file && strstr(text, "{question}"))
        return cli_usage_error(cmd, "the prompt '%s' wants a question: that is ocrvl ask", args->name);
    if (!args->file && strstr(text, "{target}"))
        return cli_usage_error(cmd, "the prompt '%s' wants to know what: --find TEXT", args->name);
    return CLI_EXIT_OK;
}

static cli_exit read_file(const cli_log *log, const char *file, char **text)
{
    ocrvl_error err;
    size_t len;
    ocrvl_status st = ocrvl_file_read(text, &len, file, MAX_PROMPT, &err);
    if (st)
        cli_error(log, file, 0, "%s", err.message);
    else if (!ocrvl_utf8_valid(*text, len) || strlen(*text) != len) {
        cli_error(log, file, 0, "not a text in UTF-8");
        st = OCRVL_E_FORMAT;
    }
    while (!st && len && (*text)[len - 1] == '\n')
        (*text)[--len] = '\0';
    return cli_exit_of(st, CLI_EXIT_INPUT);
}

/* The prompt `find` with `what` filled in. Returns NULL if memory is exhausted. */
static char *find_text(const char *text, const char *what)
{
    static const char place[] = "{target}";
    const char *at = strstr(text, place);
    size_t len;
    ocrvl_buf b = {0};
    ocrvl_buf_put(&b, text, at ? (size_t)(at - text) : strlen(text));
    ocrvl_buf_puts(&b, what);
    if (at)
        ocrvl_buf_puts(&b, at + sizeof place - 1);
    while (b.len && b.data[b.len - 1] == '\n')
        b.data[--b.len] = '\0';
    char *made = ocrvl_buf_steal(&b, &len);
    ocrvl_buf_free(&b);
    return made;
}

cli_exit cli_task_load(const cli_command *cmd, const cli_log *log, const cli_task_args *args, cli_task *out)
{
    const char *text;
    *out = (cli_task){.name = args->name};
    cli_exit status = check_task(cmd, args);
    if (status)
        return status;
    if (args->file)
        return read_file(log, args->file, &out->text);
    if (!args->find)
        return CLI_EXIT_OK;
    out->name = "find";
    if (!cli_prompt_known(cmd, out->name, &text))
        return CLI_EXIT_USAGE;
    out->text = find_text(text, args->find);
    if (out->text)
        return CLI_EXIT_OK;
    cli_error(log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

void cli_task_free(cli_task *t) { ocrvl_free(t->text); }
