#include "page_model.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/nano.h"
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
    if (args->dirs.count && args->none)
        return cli_usage_error(cmd, "--line-model and --no-line-model contradict each other");
    if (args->dirs.count > CLI_LINE_MODELS - 1)
        return cli_usage_error(cmd, "--line-model names %zu line readers; there may be %d at most", args->dirs.count,
                               CLI_LINE_MODELS - 1);
    return CLI_EXIT_OK;
}

static cli_exit find_named(const cli_log *log, const cli_line_args *args, cli_line_models *m)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; !status && i < args->dirs.count; i++) {
        char *name = ocrvl_strndup(args->dirs.items[i].text, args->dirs.items[i].len);
        if (!name) {
            cli_error(log, NULL, 0, "out of memory");
            return CLI_EXIT_LIMIT;
        }
        status = cli_line_folder(log, name, &m->folders[m->found]);
        m->found += m->folders[m->found] != NULL;
        ocrvl_free(name);
    }
    return status;
}

/* Those of other scripts that are installed beside nano. */
static cli_exit find_others(const cli_log *log, const char *nano, cli_line_models *m)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && i < OCRVL_NANO_OTHERS; i++) {
        st = ocrvl_nano_find_other(&m->folders[m->found], nano, i, &err);
        m->found += m->folders[m->found] != NULL;
    }
    if (st)
        cli_error(log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

/* Those that are installed: beside a page model nano and the others, beside nano the others, beside another line reader
 * none. */
static cli_exit find_installed(const cli_log *log, const char *model, ocrvl_reader beside, cli_line_models *m)
{
    char *nano = NULL;
    if (beside == OCRVL_READER_LINE && !cli_model_is_nano(model))
        return CLI_EXIT_OK;
    cli_exit status = cli_line_folder(log, NULL, &nano);
    if (!status && nano && beside == OCRVL_READER_PAGE)
        m->folders[m->found++] = nano;
    if (!status && nano)
        status = find_others(log, nano, m);
    if (beside == OCRVL_READER_LINE)
        ocrvl_free(nano);
    return status;
}

static cli_exit find_folders(const cli_log *log, const cli_line_args *args, const char *model, ocrvl_reader beside,
                             cli_line_models *m)
{
    return args->none         ? CLI_EXIT_OK
           : args->dirs.count ? find_named(log, args, m)
                              : find_installed(log, model, beside, m);
}

static cli_exit open_line(const cli_log *log, const char *dir, ocrvl_model **out)
{
    ocrvl_model_info info = {.size = sizeof info};
    cli_exit status = cli_model_open_folder(log, dir, out);
    if (status)
        return status;
    ocrvl_model_get_info(*out, &info);
    if (info.reader == OCRVL_READER_LINE)
        return CLI_EXIT_OK;
    cli_error(log, dir, 0, "reads whole pages; --line-model takes a line reader");
    return CLI_EXIT_MODEL;
}

cli_exit cli_line_open(const cli_log *log, cli_line_models *m)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; !status && i < m->found; i++) {
        status = open_line(log, m->folders[i], &m->at[m->count]);
        m->count += m->at[m->count] != NULL;
    }
    return status;
}

void cli_line_free(cli_line_models *m)
{
    for (size_t i = 0; i < m->count; i++)
        ocrvl_model_free(m->at[i]);
    for (size_t i = 0; i < m->found; i++)
        ocrvl_free(m->folders[i]);
    *m = (cli_line_models){.count = 0};
}

void cli_line_session(const cli_line_models *m, ocrvl_reader beside, ocrvl_session_options *opt)
{
    size_t first = beside == OCRVL_READER_PAGE && m->count;
    opt->line_model = first ? m->at[0] : NULL;
    opt->more_line_models = (const ocrvl_model *const *)m->at + first;
    opt->more_line_model_count = m->count - first;
}

/* ---- budgets ----------------------------------------------------------------------------------------- */

/* Adds the line reader of that folder to the plan. Unless it is asked for, what can't be opened is left out: it is
 * reported where it is opened. */
static ocrvl_status plan_line(ocrvl_planner *p, const char *dir, bool strict, ocrvl_error *err)
{
    char *config = ocrvl_path_join(dir, "config.json");
    if (!config)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = strict || ocrvl_file_exists(config) ? ocrvl_planner_add_line(p, dir, err) : OCRVL_OK;
    ocrvl_free(config);
    return st;
}

cli_exit cli_line_planner(const cli_log *log, const char *model, const cli_line_args *args, uint64_t threads,
                          bool strict, cli_line_models *lines, ocrvl_planner **out)
{
    ocrvl_error err;
    cli_exit status = CLI_EXIT_OK;
    ocrvl_status st = ocrvl_planner_new(out, model, NULL, (uint32_t)threads, &err);
    if (!st)
        status = find_folders(log, args, model, ocrvl_planner_reads_lines(*out) ? OCRVL_READER_LINE : OCRVL_READER_PAGE,
                              lines);
    for (size_t i = 0; !st && !status && i < lines->found; i++)
        st = plan_line(*out, lines->folders[i], strict, &err);
    if (st)
        cli_error(log, model, 0, "%s", err.message);
    return status ? status : cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit limit_planner(const cli_log *log, const cli_budget_args *args, const char *dir, ocrvl_planner *planner)
{
    ocrvl_error err;
    ocrvl_status st = ocrvl_planner_limit(planner, args->memory, args->seconds, &err);
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
                         uint64_t threads, cli_line_models *lines, ocrvl_planner **planner, ocrvl_model **out,
                         uint64_t *max_pixels)
{
    char *dir;
    cli_exit status = cli_model_folder(log, model, &dir);
    if (!status)
        status = cli_line_planner(log, dir, line, threads, false, lines, planner);
    if (!status)
        status = limit_planner(log, args, dir, *planner);
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
