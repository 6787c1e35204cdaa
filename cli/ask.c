/* ocrvl ask: questions about pages. */
#include <string.h>

#include "asking.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "frames.h"
#include "model.h"
#include "options.h"
#include "signals.h"

static const cli_option options[] = {
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(cli_ask_args, json),
     .help = "Print an object for each answer, one a line: what was answered, how sure the model is, and where on the "
             "pages the answer stands."},
    {.name = "each",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(cli_ask_args, each),
     .help = "Ask about each page on its own, and print an answer for each. By default all pages are shown together."},
    {.name = "chat",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(cli_ask_args, chat),
     .help = "Take questions from standard input, one a line, and answer each with what was said before in mind."},
    {.name = "questions",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(cli_ask_args, questions),
     .help = "Ask each question in FILE, of which each line is one, or an object with a question, an id and a schema "
             "of its own. The pages are read once for all of them."},
    {.name = "schema",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(cli_ask_args, schema),
     .help = "Answer with JSON that follows the JSON schema in FILE."},
    {.name = "tools",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(cli_ask_args, tools),
     .help = "Offer the model the functions that FILE describes as a JSON list. Calls are printed as objects with "
             "name and arguments; nothing is executed."},
    {.name = "as-is",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(cli_ask_args, as_is),
     .help = "Give the model the question alone, without asking for a brief answer in the page's words."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(cli_ask_args, output),
     .help = "Write to FILE instead of standard output. It appears when it is complete, or a signal ends the run."},
    CLI_MODEL_OPTION(cli_ask_args, model),
    CLI_DOCUMENT_OPTIONS(cli_ask_args, document),
    CLI_PIXEL_OPTIONS(cli_ask_args, pixels),
    CLI_LINE_MODEL_OPTIONS(cli_ask_args, line),
    CLI_BUDGET_OPTIONS(cli_ask_args, budget, "the pages of an answer"),
    CLI_GENERATE_OPTIONS(cli_ask_args, generate, "End an answer after SECONDS. The default, 0, is never.",
                         "Let the model write at most N tokens for an answer. The default is 1024."),
    CLI_MESSAGE_OPTIONS(cli_ask_args, quiet, verbose),
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(cli_ask_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

static cli_exit read_json(cli_asking *q, const char *file, char **text)
{
    ocrvl_error err;
    ocrvl_json *json = NULL;
    size_t len;
    if (!file)
        return CLI_EXIT_OK;
    ocrvl_status st = ocrvl_file_read(text, &len, file, CLI_MAX_SAID, &err);
    if (!st)
        st = ocrvl_json_parse(&json, *text, len, file, &err);
    ocrvl_json_free(json);
    if (st)
        cli_error(&q->log, file, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_INPUT);
}

/* The options' user is the progress, which the run holds. */
static void on_estimate(void *user, double seconds, uint64_t visual_tokens)
{
    cli_asking *q = (cli_asking *)(void *)((char *)user - offsetof(cli_asking, progress));
    (void)visual_tokens;
    cli_warn_slow(&q->log, NULL, 0, "the answer", seconds);
}

static void set_options(cli_asking *q)
{
    const cli_ask_args *a = q->args;
    cli_document_options(&a->document, &q->source);
    q->ask.size = sizeof q->ask;
    q->ask.tools = q->tools;
    q->ask.plain = a->as_is || a->chat;
    q->ask.temperature = (float)a->generate.temperature;
    q->ask.sample = a->generate.sample;
    q->ask.seed = a->generate.seed;
    cli_generate_limits(&a->generate, &q->ask.max_tokens, &q->ask.max_millis);
    q->ask.on_progress = cli_progress_lines;
    q->ask.user = &q->progress;
    q->ask.on_estimate = on_estimate;
    q->ask.on_prompt = cli_progress_prompt;
    q->progress.unit = "token";
}

static cli_exit prepare(cli_asking *q)
{
    ocrvl_error err;
    ocrvl_model_info info = {.size = sizeof info};
    ocrvl_session_options opt = {.size = sizeof opt, .threads = (uint32_t)q->args->generate.threads};
    cli_exit status =
        cli_budget_open(&q->log, &q->args->budget, q->args->model, &q->args->line, q->args->generate.threads, &q->lines,
                        &q->planner, &q->model, &q->source.max_pixels);
    q->ask.planner = q->planner;
    if (status)
        return status;
    ocrvl_model_get_info(q->model, &info);
    if (info.reader == OCRVL_READER_LINE) {
        cli_error(&q->log, info.name, 0,
                  "reads lines and answers no questions: name a checkpoint that reads pages, such as "
                  "Qwen2-VL-2B-Instruct, with -m DIR or $OCRVL_MODEL");
        return CLI_EXIT_MODEL;
    }
    status =
        cli_pixel_limits(q->cmd, &q->args->pixels, info.patch * info.merge, &q->ask.min_pixels, &q->ask.max_pixels);
    if (!status)
        status = cli_line_open(&q->log, &q->lines);
    if (status)
        return status;
    cli_line_session(&q->lines, info.reader, &opt);
    ocrvl_status st = info.weight_bytes > CLI_SLOW_BYTES ? ocrvl_planner_measure(q->planner, &err) : OCRVL_OK;
    if (!st)
        st = ocrvl_session_new(&q->session, q->model, &opt, &err);
    cli_signals_session(q->session);
    if (st)
        cli_error(&q->log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit run_asking(cli_asking *q)
{
    ocrvl_error err;
    cli_exit over = read_json(q, q->args->schema, &q->schema);
    if (!over)
        over = read_json(q, q->args->tools, &q->tools);
    set_options(q);
    if (!over && cli_output_open(&q->output, q->args->output, &err))
        return cli_output_failed(&q->log, q->args->output, &err);
    if (!over)
        over = prepare(q);
    for (size_t i = 0; i < q->inputs.count && !over; i++)
        over = cli_asking_file(q, q->inputs.paths[i]);
    if (!over && q->args->chat)
        over = cli_asking_chat(q);
    else if (!over && !q->args->each) {
        cli_progress_page(&q->progress);
        over = cli_asking_ask(q);
    }
    if ((over && over != CLI_EXIT_STOPPED) || !q->answers)
        return over;
    ocrvl_status st = cli_output_commit(q->output, &err);
    q->output = NULL;
    if (st)
        return cli_output_failed(&q->log, q->args->output, &err);
    return over ? cli_output_stopped(&q->log, q->args->output, q->answers, "answer") : CLI_EXIT_OK;
}

static void free_asking(cli_asking *q)
{
    cli_asking_forget(q);
    cli_frames_free(&q->video);
    cli_questions_free(&q->questions);
    for (size_t i = 0; i < q->turn_count; i++)
        ocrvl_free((char *)q->turns[i].text);
    ocrvl_free(q->turns);
    cli_output_discard(q->output);
    cli_signals_session(NULL);
    ocrvl_session_free(q->session);
    cli_line_free(&q->lines);
    ocrvl_model_free(q->model);
    ocrvl_planner_free(q->planner);
    ocrvl_free(q->schema);
    ocrvl_free(q->tools);
    cli_inputs_free(&q->inputs);
}

/* Returns CLI_EXIT_USAGE, after an error message, if options contradict each other. */
static cli_exit check_args(const cli_asking *q)
{
    const cli_ask_args *a = q->args;
    if (a->chat && a->each)
        return cli_usage_error(q->cmd, "--chat and --each contradict each other");
    if (a->chat && a->questions)
        return cli_usage_error(q->cmd, "--chat and --questions contradict each other");
    if (a->schema && a->tools)
        return cli_usage_error(q->cmd, "--schema and --tools contradict each other");
    return cli_line_check(q->cmd, &a->line);
}

/* Reads the file of --questions, or takes the first operand, unless there is a conversation. */
static cli_exit take_questions(cli_asking *q, char ***operands, size_t *count)
{
    const cli_ask_args *a = q->args;
    cli_question *list;
    if (a->chat)
        return CLI_EXIT_OK;
    if (!a->questions) {
        if (*count == 0 || !**operands || !(**operands)[strspn(**operands, " \t\n")])
            return cli_usage_error(q->cmd, "no QUESTION");
        q->questions.list = list = ocrvl_alloc(sizeof *list);
        if (!list || !(list->text = ocrvl_strdup(*(*operands)++)))
            return cli_asking_no_memory(q);
        q->questions.count = q->questions.cap = 1;
        --*count;
        return CLI_EXIT_OK;
    }
    cli_exit status = cli_questions_read(&q->questions, &q->log, a->questions);
    for (size_t i = 0; !status && a->tools && i < q->questions.count; i++)
        if (q->questions.list[i].schema)
            return cli_usage_error(q->cmd, "--tools and the schema in line %llu of '%s' contradict each other",
                                   (unsigned long long)q->questions.list[i].line, a->questions);
    return status;
}

/* Takes the question, unless questions come from elsewhere, and the files from the operands; fails after an error
 * message. */
static cli_exit take_operands(cli_asking *q, char **operands, size_t count)
{
    const cli_ask_args *a = q->args;
    cli_exit status = check_args(q);
    if (!status)
        status = take_questions(q, &operands, &count);
    if (status)
        return status;
    for (size_t i = 0; a->chat && i < count; i++)
        if (strcmp(operands[i], "-") == 0)
            return cli_usage_error(q->cmd, "--chat takes questions from standard input, not a document");
    if (count || !a->chat)
        status = cli_inputs_take(&q->inputs, q->cmd, &q->log, ocrvl_source_knows, operands, count);
    if (!status && cli_inputs_overwritten(&q->inputs, q->cmd, a->output))
        return CLI_EXIT_USAGE;
    return status;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    cli_ask_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    cli_asking q = {.cmd = self, .args = &args};
    q.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose, .progress = &q.progress};
    status = cli_document_begin(self, &q.log, &args.document);
    if (!status)
        status = take_operands(&q, argv + 1, count);
    if (!status) {
        cli_progress_init(&q.progress, !args.quiet && !args.no_progress, q.inputs.count);
        status = run_asking(&q);
        cli_progress_wipe(&q.progress);
    }
    free_asking(&q);
    cli_document_end(&args.document);
    return status ? status : q.worst;
}

static const char *const usage[] = {"[OPTIONS] QUESTION [FILE...]", "--questions QUESTIONS [OPTIONS] [FILE...]",
                                    "--chat [OPTIONS] [FILE...]", NULL};

const cli_command cli_command_ask = {
    .name = "ask",
    .summary = "answer questions about documents",
    .usage = usage,
    .about =
        "Shows a page model the pages of the FILEs, all together, and prints its answer to QUESTION. One FILE may be a "
        "video. Without FILE, or where FILE is -, standard input is read. With --questions the questions come from a "
        "file, with --chat from "
        "standard input.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
