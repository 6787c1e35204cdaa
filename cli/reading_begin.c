/* What a run of reading is given: settings, model, session. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "options.h"
#include "reading.h"
#include "signals.h"

/* Weights up to this size are hashed without being asked to. */
#define HASHED (1ull << 30)

const char *const cli_read_layouts[] = {"auto", "block", "line", NULL};
const char *const cli_read_redos[] = {"skip", "keep", "replace", NULL};
const char *const cli_read_text_layers[] = {"auto", "only", "never", NULL};

/* Appends a value of the settings; characters that would end it become commas. */
static void put_value(ocrvl_buf *b, const char *name, const char *value)
{
    if (!value)
        return;
    ocrvl_buf_printf(b, ";%s=", name);
    for (; *value; value++)
        ocrvl_buf_putc(b, *value == ';' ? ',' : *value);
}

static void put_count(ocrvl_buf *b, const char *name, uint64_t value)
{
    if (value)
        ocrvl_buf_printf(b, ";%s=%llu", name, (unsigned long long)value);
}

/* Drafts aren't included, because the text is the same with and without them. */
static void put_page_settings(ocrvl_buf *b, const cli_read_args *a)
{
    put_value(b, "prompt", a->task.name);
    put_value(b, "prompt-file", a->task.file);
    put_value(b, "find", a->task.find);
    put_value(b, "lang", a->task.languages);
    put_count(b, "min-pixels", a->pixels.min_pixels);
    put_count(b, "max-pixels", a->pixels.max_pixels);
    put_count(b, "min-tokens-image", a->pixels.min_tokens);
    put_count(b, "max-tokens-image", a->pixels.max_tokens);
    put_count(b, "max-memory", a->budget.memory);
    if (a->budget.seconds > 0) {
        ocrvl_buf_puts(b, ";time-budget=");
        ocrvl_buf_put_number(b, a->budget.seconds, 3);
    }
    if (a->retries != CLI_RETRIES_DEFAULT)
        ocrvl_buf_printf(b, ";retries=%llu", (unsigned long long)a->retries);
    if (a->strict)
        ocrvl_buf_puts(b, ";strict=true");
}

/* The settings that shaped the result, for formats that record them. Threads aren't included, because the result does
 * not depend on them. */
static void put_settings(ocrvl_buf *b, const cli_read_args *a)
{
    ocrvl_buf_printf(b, "layout=%s", cli_read_layouts[a->layout]);
    if (a->text_layer != CLI_TEXT_LAYER_AUTO)
        put_value(b, "text-layer", cli_read_text_layers[a->text_layer]);
    if (a->document.dpi > 0) {
        ocrvl_buf_puts(b, ";dpi=");
        ocrvl_buf_put_number(b, a->document.dpi, 3);
    }
    if (a->keep_rotation)
        ocrvl_buf_puts(b, ";keep-rotation=true");
    if (a->keep_skew)
        ocrvl_buf_puts(b, ";keep-skew=true");
    if (a->diplomatic)
        ocrvl_buf_puts(b, ";diplomatic=true");
    put_page_settings(b, a);
    if (a->generate.temperature > 0) {
        ocrvl_buf_puts(b, ";temperature=");
        ocrvl_buf_put_number(b, a->generate.temperature, 6);
    }
    if (a->generate.sample)
        ocrvl_buf_puts(b, ";sample=true");
    put_count(b, "seed", a->generate.seed);
    put_count(b, "max-tokens", a->generate.max_tokens);
    if (a->generate.timeout > 0) {
        ocrvl_buf_puts(b, ";timeout=");
        ocrvl_buf_put_number(b, a->generate.timeout, 3);
    }
}

/* The option that asks a page model for something else than a page's text; NULL if there is none does. */
static const char *asks_otherwise(const cli_read_args *a)
{
    bool other_task = a->task.name && strcmp(a->task.name, "text") != 0;
    return other_task ? "--prompt" : a->task.file ? "--prompt-file" : a->task.find ? "--find" : NULL;
}

static void set_options(cli_reading *r)
{
    const cli_read_args *a = r->args;
    bool pdf = r->onto_pdf;
    cli_document_options(&a->document, &r->source);
    if (a->generate.timeout > 0) /* decoding has the page's time too, but a second at least, so that there is a page */
        r->source.page_clock_millis = (uint32_t)fmin(UINT32_MAX, ceil(fmax(a->generate.timeout, 1) * 1000));
    r->source.text_boxes = r->any_pdf;
    r->source.originals = r->any_pdf;
    /* Text goes onto a PDF's own page where it has none; other formats want all of it. */
    r->source.own_text = a->text_layer != CLI_TEXT_LAYER_NEVER && (!pdf || r->other) && !asks_otherwise(a);
    r->source.small_images = !r->images;
    r->source.own_text_only = a->text_layer == CLI_TEXT_LAYER_ONLY;
    r->read.own_text_only = a->text_layer == CLI_TEXT_LAYER_ONLY;
    r->source.drop_hidden_text = pdf && a->redo == CLI_REDO_REPLACE;
    r->source.pdfa = r->opt->pdfa != OCRVL_PDFA_NONE;
    r->opt->password = a->document.password;
    r->read.size = sizeof r->read;
    r->read.layout = (ocrvl_layout_mode)a->layout;
    r->read.keep_rotation = a->keep_rotation;
    r->read.keep_skew = a->keep_skew;
    r->read.temperature = (float)a->generate.temperature;
    r->read.sample = a->generate.sample;
    r->read.seed = a->generate.seed;
    cli_generate_limits(&a->generate, &r->read.max_tokens, &r->read.max_millis);
    r->read.languages = a->task.languages;
    r->read.retries = a->retries == CLI_RETRIES_DEFAULT ? 0 : a->retries ? (int32_t)a->retries : OCRVL_NONE;
    r->read.no_drafts = a->no_drafts;
    r->read.strict = a->strict;
    r->read.diplomatic = a->diplomatic;
    r->read.on_progress = cli_progress_lines;
    r->read.on_prompt = cli_progress_prompt;
    r->read.user = &r->progress;
}

/* A line reader ignores options for page models, but refuses tasks that it can't do. */
static cli_exit check_line_reader(cli_reading *r, const char *name)
{
    const cli_read_args *a = r->args;
    const char *asked = asks_otherwise(a);
    if (!asked && a->strict)
        asked = "--strict";
    if (asked) {
        cli_error(r->log, name, 0, "reads lines and can't do what %s asks: that takes a Qwen2-VL checkpoint", asked);
        return CLI_EXIT_MODEL;
    }
    const cli_pixel_args *k = &a->pixels;
    if (k->min_pixels || k->max_pixels || k->min_tokens || k->max_tokens || a->budget.seconds > 0 ||
        a->retries != CLI_RETRIES_DEFAULT)
        cli_note(r->log, name, 0, "reads lines: options for page models have no effect on it");
    return CLI_EXIT_OK;
}

/* Opens the line readers beside the model. */
static cli_exit open_lines(cli_reading *r)
{
    ocrvl_model_info line = {.size = sizeof line};
    ocrvl_buf names = {0};
    cli_exit status = cli_line_open(r->log, &r->lines);
    for (size_t i = 0; i < r->lines.count; i++) {
        ocrvl_model_get_info(r->lines.at[i], &line);
        ocrvl_buf_printf(&names, "%s%s", i ? "," : "", line.name);
    }
    if (names.len)
        put_value(&r->settings, "line-model", names.data);
    r->settings.failed |= names.failed;
    ocrvl_buf_free(&names);
    return status;
}

/* Prepares the line reader for a page model, and the settings that only a page model has. */
static cli_exit prepare_page_model(cli_reading *r, const ocrvl_model_info *info)
{
    r->progress.unit = "token";
    r->read.task = r->task.name;
    r->read.prompt = r->task.text;
    cli_exit status =
        cli_pixel_limits(r->cmd, &r->args->pixels, info->patch * info->merge, &r->read.min_pixels, &r->read.max_pixels);
    return status ? status : open_lines(r);
}

/* Sets what the output says about the model. */
static cli_exit describe_model(cli_reading *r, const ocrvl_model_info *info)
{
    ocrvl_error err;
    r->opt->model = info->name;
    r->opt->settings = r->settings.data;
    if (!r->hash || (!r->args->hash && info->weight_bytes > HASHED))
        return CLI_EXIT_OK;
    ocrvl_status st = ocrvl_model_sha256(r->model, r->sha256, &err);
    if (st)
        cli_error(r->log, info->name, 0, "%s", err.message);
    r->opt->model_sha256 = r->sha256;
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit prepare_model(cli_reading *r)
{
    ocrvl_model_info info = {.size = sizeof info};
    cli_exit status =
        cli_budget_open(r->log, &r->args->budget, r->args->model, &r->args->line, r->args->generate.threads, &r->lines,
                        &r->planner, &r->model, &r->source.max_pixels);
    r->read.planner = r->planner;
    if (status)
        return status;
    ocrvl_model_get_info(r->model, &info);
    r->source.text_layer = info.reader == OCRVL_READER_PAGE; /* for drafts */
    r->slow = info.reader == OCRVL_READER_PAGE && info.weight_bytes > CLI_SLOW_BYTES && !r->log->quiet;
    r->reader = info.reader;
    status = info.reader == OCRVL_READER_LINE ? check_line_reader(r, info.name) : prepare_page_model(r, &info);
    if (!status && info.reader == OCRVL_READER_LINE)
        status = open_lines(r);
    return status ? status : describe_model(r, &info);
}

cli_exit cli_reading_begin(cli_reading *r)
{
    ocrvl_error err;
    ocrvl_session_options opt = {.size = sizeof opt, .threads = (uint32_t)r->args->generate.threads};
    cli_exit status = CLI_EXIT_OK;
    if (r->read.own_text_only)
        r->opt->settings = r->settings.data;
    else
        status = prepare_model(r);
    if (status)
        return status;
    cli_line_session(&r->lines, r->reader, &opt);
    ocrvl_status st = ocrvl_session_new(&r->session, r->model, &opt, &err);
    cli_signals_session(r->session);
    if (!st)
        st = ocrvl_batch_new(&r->batch, r->session, (uint32_t)r->args->batch, &err);
    if (!st)
        st = ocrvl_structure_new(&r->structure, r->structured ? CLI_STRUCTURE_AHEAD : 0, &err);
    if (st)
        cli_error(r->log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

cli_exit cli_reading_settle(cli_reading *r)
{
    put_settings(&r->settings, r->args);
    if (r->settings.failed) {
        cli_error(r->log, NULL, 0, "out of memory");
        return CLI_EXIT_LIMIT;
    }
    set_options(r);
    return cli_task_load(r->cmd, r->log, &r->args->task, &r->task);
}

cli_exit cli_reading_check(const cli_command *cmd, const cli_read_args *a)
{
    const char *asked = a->text_layer == CLI_TEXT_LAYER_ONLY ? asks_otherwise(a) : NULL;
    if (asked)
        return cli_usage_error(cmd, "--text-layer only and %s contradict each other", asked);
    return cli_line_check(cmd, &a->line);
}

void cli_reading_free(cli_reading *r)
{
    ocrvl_batch_free(r->batch);
    ocrvl_structure_free(r->structure);
    cli_queue_free(&r->queue);
    cli_signals_session(NULL);
    ocrvl_session_free(r->session);
    cli_line_free(&r->lines);
    ocrvl_model_free(r->model);
    ocrvl_planner_free(r->planner);
    cli_task_free(&r->task);
    ocrvl_buf_free(&r->settings);
    cli_tally_free(&r->tally);
}
