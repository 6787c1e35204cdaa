/* ocrvl plan: predicts the cost of reading documents, before any weight is loaded. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "document.h"
#include "inputs.h"
#include "model.h"
#include "options.h"
#include "output.h"
#include "page_model.h"

typedef struct plan_args {
    const char *model;
    cli_document_args document;
    cli_task_args task;
    cli_pixel_args pixels;
    cli_line_args line;
    cli_budget_args budget;
    bool json, ask, keep_rotation, quiet;
    uint64_t threads, max_tokens, batch;
} plan_args;

enum { MAX_BATCH = 64 };

static const cli_option options[] = {
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(plan_args, json),
     .help = "Print an object for each page, one a line, instead of a table."},
    CLI_MODEL_OPTION(plan_args, model),
    CLI_DOCUMENT_OPTIONS(plan_args, document),
    CLI_TASK_OPTION(plan_args, task),
    CLI_PIXEL_OPTIONS(plan_args, pixels),
    CLI_LINE_MODEL_OPTIONS(plan_args, line),
    CLI_BUDGET_OPTIONS(plan_args, budget, "a page"),
    {.name = "keep-rotation",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(plan_args, keep_rotation),
     .help = "Take pages as upright; by default pages that lie on a side or on their head are turned."},
    {.name = "threads",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(plan_args, threads),
     .least = 1,
     .most = 256,
     .help = "Plan for N threads. The default is one for each processor."},
    {.name = "max-tokens",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(plan_args, max_tokens),
     .least = 1,
     .most = UINT32_MAX,
     .help = "Plan for answers of at most N tokens for each tile of a page, as with ocrvl read --max-tokens."},
    {.name = "batch",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(plan_args, batch),
     .least = 1,
     .most = MAX_BATCH,
     .help =
         "Count the memory of up to N pages that are written at a time, in the row for all. The default is 4, as of "
         "ocrvl read --batch."},
    {.name = "ask",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(plan_args, ask),
     .help = "Tell what a question about each page would take (ocrvl ask --each), not what reading it will."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(plan_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

typedef struct planning { /* one run of the command */
    const cli_command *cmd;
    const plan_args *args;
    cli_inputs inputs;
    cli_log log;
    ocrvl_source_options source;
    ocrvl_read_options read;
    ocrvl_planner *planner;
    cli_output *output;
    uint64_t pages, tokens, memory; /* totals so far; memory: the most that a single page takes */
    uint64_t beside[MAX_BATCH + 1]; /* the most memory that pages occupy beside others, the greatest first */
    double seconds;
    cli_exit worst;
} planning;

static unsigned long long wide(uint64_t v) { return v; }

/* Writes the contents of b, and frees it. Other than OK means that the run has to end. */
static cli_exit put(planning *p, ocrvl_buf *b)
{
    ocrvl_error err;
    ocrvl_status st = b->failed ? ocrvl_fail_nomem(&err) : OCRVL_OK;
    if (!st) {
        (void)cli_output_write(p->output, b->data, b->len); /* an error is returned by the flush */
        st = cli_output_flush(p->output, &err);
    }
    ocrvl_buf_free(b);
    return st ? cli_output_failed(&p->log, NULL, &err) : CLI_EXIT_OK;
}

/* ---- the table --------------------------------------------------------------------------------------- */

/* An unknown number is written as a dash. */
static void put_cell(ocrvl_buf *b, double v, int decimals, int width)
{
    ocrvl_buf cell = {0};
    if (v > 0)
        ocrvl_buf_put_number(&cell, v, decimals);
    ocrvl_buf_printf(b, "%*s  ", width, cell.data ? cell.data : "-");
    b->failed |= cell.failed;
    ocrvl_buf_free(&cell);
}

static void put_size(ocrvl_buf *b, uint32_t width, uint32_t height)
{
    char cell[32] = "-";
    if (width)
        snprintf(cell, sizeof cell, "%ux%u", width, height);
    ocrvl_buf_printf(b, "%11s  ", cell);
}

static void put_costs(ocrvl_buf *b, uint64_t tokens, uint64_t memory, double seconds)
{
    put_cell(b, (double)tokens, 0, 7);
    put_cell(b, (double)memory / (1 << 20), 0, 7);
    put_cell(b, seconds, 1, 8);
}

static cli_exit put_head(planning *p)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%5s  %11s  %4s  %8s  %5s  %5s  %11s  %7s  %7s  %8s  %s\n", "page", "pixels", "dpi",
                     "x-height", "lines", "tiles", "tile", "tokens", "MiB", "seconds", "file");
    return put(p, &b);
}

static void put_row(ocrvl_buf *b, const ocrvl_page_plan *x, const char *file, uint64_t page, double dpi)
{
    ocrvl_buf_printf(b, "%5llu  ", wide(page));
    put_size(b, x->width, x->height);
    put_cell(b, dpi, 0, 4);
    put_cell(b, x->x_height, 1, 8);
    ocrvl_buf_printf(b, "%5u  %5u  ", x->lines, x->tiles);
    put_size(b, x->tile_width, x->tile_height);
    put_costs(b, x->visual_tokens, x->memory, x->seconds);
    for (; *file; file++) /* a name must neither break the row nor control a terminal */
        ocrvl_buf_putc(b, (unsigned char)*file < 0x20 || *file == 0x7F ? '?' : *file);
    ocrvl_buf_putc(b, '\n');
}

static void note_beside(planning *p, uint64_t bytes)
{
    for (size_t i = 0; i < MAX_BATCH + 1; i++)
        if (bytes > p->beside[i]) {
            uint64_t smaller = p->beside[i];
            p->beside[i] = bytes;
            bytes = smaller;
        }
}

/* Memory of the run: that of a page in prefill, and of the pages that are decoded meanwhile, as far as they fit. With
 * one thread the page in prefill is one of the batch. */
static uint64_t memory_together(const planning *p)
{
    uint64_t sum = p->memory, most = ocrvl_planner_max_memory(p->planner);
    size_t pages = p->args->batch + (p->args->batch > 1 && p->args->threads != 1);
    for (size_t i = 1; i < pages && i < p->pages && p->beside[i] <= most - sum; i++)
        sum += p->beside[i];
    return sum;
}

static cli_exit put_total(planning *p)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%5s  %11s  %4s  %8s  %5s  %5s  %11s  ", "all", "", "", "", "", "", "");
    put_costs(&b, p->tokens, memory_together(p), p->seconds);
    ocrvl_buf_printf(&b, "%llu pages\n", wide(p->pages));
    return put(p, &b);
}

/* ---- JSON Lines -------------------------------------------------------------------------------------- */

static void put_member(ocrvl_buf *b, const char *name, const char *value)
{
    ocrvl_buf_printf(b, "\"%s\":", name);
    ocrvl_json_put_string(b, value, strlen(value));
}

static void put_number(ocrvl_buf *b, const char *name, double v, int decimals)
{
    ocrvl_buf_printf(b, ",\"%s\":", name);
    ocrvl_buf_put_number(b, v, decimals);
}

static void put_object(ocrvl_buf *b, const ocrvl_page_plan *x, const char *file, uint64_t page, double dpi)
{
    ocrvl_buf_putc(b, '{');
    put_member(b, "file", file);
    ocrvl_buf_printf(b, ",\"page\":%llu,\"width\":%u,\"height\":%u", wide(page), x->width, x->height);
    if (dpi > 0)
        put_number(b, "dpi", dpi, 2);
    ocrvl_buf_printf(b, ",\"lines\":%u", x->lines);
    if (x->x_height > 0)
        put_number(b, "x_height", x->x_height, 1);
    ocrvl_buf_printf(b, ",\"tiles\":%u,\"tile\":[%u,%u],\"visual_tokens\":%llu,\"memory\":%llu", x->tiles,
                     x->tile_width, x->tile_height, wide(x->visual_tokens), wide(x->memory));
    if (x->beside)
        ocrvl_buf_printf(b, ",\"beside\":%llu", wide(x->beside));
    put_number(b, "seconds", x->seconds, 2);
    if (x->budget[0]) {
        ocrvl_buf_puts(b, ",\"warnings\":[{\"code\":\"budget\",");
        put_member(b, "message", x->budget);
        ocrvl_buf_puts(b, "}]");
    }
    ocrvl_buf_puts(b, "}\n");
}

static void put_error(ocrvl_buf *b, const ocrvl_error *why, const char *file, uint64_t page)
{
    ocrvl_buf_putc(b, '{');
    put_member(b, "file", file);
    ocrvl_buf_printf(b, ",\"page\":%llu,\"error\":{", wide(page));
    put_member(b, "code", ocrvl_status_name(why->status));
    ocrvl_buf_putc(b, ',');
    put_member(b, "message", why->message);
    ocrvl_buf_puts(b, "}}\n");
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static ocrvl_status plan_page(planning *p, const ocrvl_image *img, ocrvl_page_plan *plan, ocrvl_error *err)
{
    ocrvl_ask_options ask = {.size = sizeof ask,
                             .min_pixels = p->read.min_pixels,
                             .max_pixels = p->read.max_pixels,
                             .max_tokens = p->read.max_tokens};
    return p->args->ask ? ocrvl_planner_question(p->planner, img, &ask, plan, err)
                        : ocrvl_planner_page(p->planner, img, &p->read, plan, err);
}

/* img is NULL if the page can't be made, because of `why`. Other than OK means that the run has to end. */
static cli_exit do_page(planning *p, const ocrvl_image *img, const ocrvl_page_place *place, ocrvl_error *why)
{
    ocrvl_buf b = {0};
    double dpi = 0, dpi_y;
    ocrvl_page_plan plan = {.size = sizeof plan};
    uint64_t page = place->index + 1;
    if (!img || plan_page(p, img, &plan, why)) {
        p->worst = cli_exit_worse(
            p->worst, cli_document_failed(&p->log, &p->args->document, place->file, page, why, CLI_EXIT_PAGES));
        if (!p->args->json)
            return CLI_EXIT_OK;
        put_error(&b, why, place->file, page);
        return put(p, &b);
    }
    ocrvl_image_dpi(img, &dpi, &dpi_y);
    p->pages++;
    p->tokens += plan.visual_tokens;
    p->memory = plan.memory > p->memory ? plan.memory : p->memory;
    note_beside(p, plan.beside);
    p->seconds += plan.seconds;
    if (plan.budget[0])
        cli_note(&p->log, place->file, page, "budget: %s", plan.budget);
    (p->args->json ? put_object : put_row)(&b, &plan, place->file, page, dpi);
    return put(p, &b);
}

/* Handles one document. Other than OK means that the run has to end. */
static cli_exit do_file(planning *p, const char *file)
{
    ocrvl_source *src;
    ocrvl_error err;
    uint64_t made = 0, seen = 0;
    cli_exit over = CLI_EXIT_OK;
    if (ocrvl_source_open(&src, file, &p->source, &err)) {
        p->worst =
            cli_exit_worse(p->worst, cli_document_failed(&p->log, &p->args->document, file, 0, &err, CLI_EXIT_INPUT));
        return CLI_EXIT_OK;
    }
    for (; !over; seen++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        ocrvl_status st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        made += !st;
        over = do_page(p, img, &place, &err);
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    if (!over && seen == 0)
        p->worst = cli_exit_worse(p->worst, cli_document_empty(&p->log, file, &p->args->document));
    else if (made == 0)
        p->worst = cli_exit_worse(p->worst, CLI_EXIT_INPUT);
    return over;
}

static cli_exit set_options(planning *p)
{
    const plan_args *a = p->args;
    cli_document_options(&a->document, &p->source);
    p->read.size = sizeof p->read;
    p->read.keep_rotation = a->keep_rotation;
    p->read.task = a->task.name;
    p->read.max_tokens = (uint32_t)a->max_tokens;
    return cli_pixel_limits(p->cmd, &a->pixels, CLI_TOKEN_SIDE, &p->read.min_pixels, &p->read.max_pixels);
}

/* Reading respects the machine's memory without being asked to; planning is still useful if it is exceeded. */
static cli_exit set_budgets(planning *p, const char *dir)
{
    ocrvl_error err;
    const cli_budget_args *a = &p->args->budget;
    ocrvl_status st = ocrvl_planner_limit(p->planner, a->memory, a->seconds, &err);
    if (st == OCRVL_E_LIMIT && !a->memory) {
        cli_note(&p->log, dir, 0, "can't be read with on this machine: %s", err.message);
        st = OCRVL_OK;
    } else if (st)
        cli_error(&p->log, dir, 0, "%s", err.message);
    cli_budget_pixels(p->planner, &p->source.max_pixels);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit prepare(planning *p)
{
    char *dir = NULL;
    cli_line_models lines = {.found = 0};
    cli_exit status = cli_model_folder(&p->log, p->args->model, &dir);
    if (!status)
        status = cli_line_planner(&p->log, dir, &p->args->line, p->args->threads, true, &lines, &p->planner);
    if (!status)
        status = set_budgets(p, dir);
    cli_line_free(&lines);
    ocrvl_free(dir);
    return status;
}

static cli_exit run_planning(planning *p)
{
    ocrvl_error err;
    cli_exit over = prepare(p);
    if (!over && cli_output_open(&p->output, NULL, &err))
        over = cli_output_failed(&p->log, NULL, &err);
    if (!over && !p->args->json)
        over = put_head(p);
    for (size_t i = 0; i < p->inputs.count && !over; i++)
        over = do_file(p, p->inputs.paths[i]);
    if (!over && !p->args->json && p->pages > 1)
        over = put_total(p);
    if (over)
        return over;
    ocrvl_status st = cli_output_commit(p->output, &err);
    p->output = NULL;
    return st ? cli_output_failed(&p->log, NULL, &err) : CLI_EXIT_OK;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    plan_args args = {.batch = 4};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    planning p = {.cmd = self, .args = &args};
    cli_task task;
    p.log = (cli_log){.command = self->name, .quiet = args.quiet};
    status = cli_document_begin(self, &p.log, &args.document);
    if (!status)
        status = cli_line_check(self, &args.line);
    if (!status)
        status = cli_inputs_take(&p.inputs, self, &p.log, ocrvl_source_knows, argv + 1, count);
    if (!status)
        status = cli_task_load(self, &p.log, &args.task, &task);
    if (!status)
        status = set_options(&p);
    if (!status)
        status = run_planning(&p);
    cli_output_discard(p.output);
    ocrvl_planner_free(p.planner);
    cli_inputs_free(&p.inputs);
    cli_document_end(&args.document);
    return status ? status : p.worst;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_plan = {
    .name = "plan",
    .summary = "tell what reading documents will take",
    .usage = usage,
    .about =
        "Prints for each page of the FILEs, without loading the model, its size and text, how large the model will "
        "see it, and the memory and the seconds that reading it will take. Without FILE, or where FILE is -, "
        "standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
