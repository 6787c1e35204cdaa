/* ocrvl ask: questions about pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "document.h"
#include "frames.h"
#include "generate.h"
#include "inputs.h"
#include "model.h"
#include "options.h"
#include "output.h"
#include "page_model.h"
#include "progress.h"
#include "signals.h"

/* Pages for one question, since a larger number would leave each too small a share of the context to be legible; bytes
 * of a schema, of tools, of a line of a conversation. */
enum { MAX_PAGES = 64, MAX_TEXT = 1 << 20 };

typedef struct ask_args {
    const char *model, *schema, *tools, *output;
    cli_document_args document;
    cli_pixel_args pixels;
    cli_line_args line;
    cli_budget_args budget;
    cli_generate_args generate;
    bool json, each, chat, as_is, quiet, verbose, no_progress;
} ask_args;

static const cli_option options[] = {
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(ask_args, json),
     .help = "Print an object for each answer, one a line: what was answered, how sure the model is, and where on the "
             "pages the answer stands."},
    {.name = "each",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(ask_args, each),
     .help = "Ask about each page on its own, and print an answer for each. By default all pages are shown together."},
    {.name = "chat",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(ask_args, chat),
     .help = "Take questions from standard input, one a line, and answer each with what was said before in mind."},
    {.name = "schema",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(ask_args, schema),
     .help = "Answer with JSON that follows the JSON schema in FILE."},
    {.name = "tools",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(ask_args, tools),
     .help = "Offer the model the functions that FILE describes as a JSON list. Calls are printed as objects with "
             "name and arguments; nothing is executed."},
    {.name = "as-is",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(ask_args, as_is),
     .help = "Give the model the question alone, without asking for a brief answer in the page's words."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(ask_args, output),
     .help = "Write to FILE instead of standard output. It appears when it is complete, or a signal ends the run."},
    CLI_MODEL_OPTION(ask_args, model),
    CLI_DOCUMENT_OPTIONS(ask_args, document),
    CLI_PIXEL_OPTIONS(ask_args, pixels),
    CLI_LINE_MODEL_OPTIONS(ask_args, line),
    CLI_BUDGET_OPTIONS(ask_args, budget, "the pages of an answer"),
    CLI_GENERATE_OPTIONS(ask_args, generate, "End an answer after SECONDS. The default, 0, is never.",
                         "Let the model write at most N tokens for an answer. The default is 1024."),
    CLI_MESSAGE_OPTIONS(ask_args, quiet, verbose),
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(ask_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

typedef struct asking { /* one run of the command */
    const cli_command *cmd;
    const ask_args *args;
    const char *question; /* NULL with --chat */
    cli_inputs inputs;
    cli_log log;
    cli_progress progress;
    ocrvl_source_options source;
    ocrvl_ask_options ask;
    char *schema, *tools;
    ocrvl_model *model, *line_model;
    ocrvl_planner *planner;
    ocrvl_session *session;
    cli_output *output;
    ocrvl_image *images[MAX_PAGES];
    cli_shown_page pages[MAX_PAGES];
    char *names[MAX_PAGES]; /* of the pages' files */
    size_t shown;
    uint64_t pixels;       /* of all images */
    ocrvl_dev_video video; /* of which there may be one */
    ocrvl_turn *turns;
    size_t turn_count, turn_cap;
    uint64_t answers; /* that were written */
    cli_exit worst;
} asking;

static cli_exit no_memory(const asking *q)
{
    cli_error(&q->log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* ---- answers ----------------------------------------------------------------------------------------- */

static cli_exit put_answer(asking *q, const cli_answer *a)
{
    ocrvl_buf b = {0};
    ocrvl_error err;
    cli_signals_keep();
    cli_answer_form form = q->args->json                    ? CLI_ANSWER_JSON
                           : q->args->each || q->args->chat ? CLI_ANSWER_LINE
                                                            : CLI_ANSWER_WHOLE;
    cli_answer_put(&b, form, a);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(&err) : OCRVL_OK;
    if (!st) {
        (void)cli_output_write(q->output, b.data, b.len); /* an error is returned by the flush */
        st = cli_output_flush(q->output, &err);
    }
    ocrvl_buf_free(&b);
    q->answers += !st;
    return st ? cli_output_failed(&q->log, q->args->output, &err) : CLI_EXIT_OK;
}

/* Reports how the answer came about, if that is of interest. */
static void report(asking *q, const cli_shown_page *page, const ocrvl_answer_info *info)
{
    ocrvl_buf b = {0};
    const char *file = page ? page->file : NULL;
    uint64_t n = page ? page->page : 0;
    if (!info->complete) {
        cli_error(&q->log, file, n, "the answer was cut at a limit of tokens or time");
        q->worst = cli_exit_worse(q->worst, CLI_EXIT_PAGES);
    }
    if (info->bad_calls) {
        cli_error(&q->log, file, n, "%u of the calls of functions %s malformed, or not of a function that is offered",
                  info->bad_calls, info->bad_calls == 1 ? "is" : "are");
        q->worst = cli_exit_worse(q->worst, CLI_EXIT_PAGES);
    }
    if (info->budget)
        cli_detail(&q->log, file, n, "budget: %s", info->budget);
    ocrvl_buf_put_number(&b, info->confidence, 2);
    cli_detail(&q->log, file, n, "%llu visual tokens, %llu of the question, %llu of the answer, confidence %s",
               (unsigned long long)info->image_tokens, (unsigned long long)info->prompt_tokens,
               (unsigned long long)info->output_tokens, b.data ? b.data : "");
    ocrvl_buf_free(&b);
}

/* Reports that there is no answer. A fault that the library finds in a schema or in tools is the file's. */
static cli_exit failed(asking *q, const ocrvl_error *err)
{
    const char *file = q->args->schema ? q->args->schema : q->args->tools;
    bool its_fault = err->status == OCRVL_E_FORMAT || err->status == OCRVL_E_UNSUPPORTED;
    cli_error(&q->log, its_fault ? file : NULL, 0, "%s", err->message);
    return cli_exit_of(err->status, CLI_EXIT_INPUT);
}

/* Asks about the pages, and prints the answer. If copy isn't NULL, it gets the answer's text, newly allocated. */
static cli_exit ask(asking *q, const char *question, char **copy)
{
    ocrvl_error err;
    ocrvl_answer *answer;
    ocrvl_answer_info info = {.size = sizeof info};
    q->ask.question = question;
    ocrvl_status st = ocrvl_ask(q->session, (const ocrvl_image *const *)q->images, q->shown, &q->ask, &answer, &err);
    cli_progress_wipe(&q->progress);
    if (st == OCRVL_E_CANCELED && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (st)
        return failed(q, &err);
    ocrvl_answer_get_info(answer, &info);
    const cli_shown_page *only = q->shown == 1 ? &q->pages[0] : NULL;
    cli_answer a = {
        .question = question, .page = info.image >= 0 ? &q->pages[info.image] : only, .answer = answer, .info = &info};
    a.schema = q->schema != NULL;
    report(q, only, &info);
    cli_exit status = put_answer(q, &a);
    if (!status && copy) {
        *copy = ocrvl_strdup(info.text);
        status = *copy ? CLI_EXIT_OK : no_memory(q);
    }
    ocrvl_answer_free(answer);
    return status;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void forget_pages(asking *q)
{
    for (size_t i = 0; i < q->shown; i++) {
        ocrvl_image_free(q->images[i]);
        ocrvl_free(q->names[i]);
    }
    q->shown = 0;
    q->pixels = 0;
}

/* Adds a page for the question; takes ownership of the image. */
static cli_exit add_page(asking *q, ocrvl_image *img, const char *file, uint64_t page)
{
    uint64_t most = q->source.max_pixels ? q->source.max_pixels : CLI_MAX_IMAGE_PIXELS;
    uint64_t pixels = (uint64_t)ocrvl_image_width(img) * ocrvl_image_height(img);
    if (q->shown < MAX_PAGES && pixels <= most - q->pixels) {
        char *name = ocrvl_strdup(file);
        q->names[q->shown] = name;
        q->pages[q->shown] = (cli_shown_page){name, page};
        q->images[q->shown++] = img;
        q->pixels += pixels;
        return name ? CLI_EXIT_OK : no_memory(q);
    }
    ocrvl_image_free(img);
    if (q->shown == MAX_PAGES)
        cli_error(&q->log, file, page,
                  "more than %d pages can't be shown together: choose by --pages, or ask of --each", MAX_PAGES);
    else
        cli_error(&q->log, file, page,
                  "the pages have more than %llu pixels together: choose by --pages, or ask of --each",
                  (unsigned long long)most);
    return CLI_EXIT_LIMIT;
}

/* With --each, asks about one page; takes ownership of the image. img is NULL if it can't be made, because of `why`. */
static cli_exit ask_page(asking *q, ocrvl_image *img, const char *file, uint64_t page, const ocrvl_error *why)
{
    cli_shown_page shown = {file, page};
    cli_answer none = {.question = q->question, .page = &shown, .why = why};
    cli_progress_page(&q->progress);
    if (!img) {
        cli_progress_wipe(&q->progress);
        return put_answer(q, &none);
    }
    cli_exit status = add_page(q, img, file, page);
    if (!status)
        status = ask(q, q->question, NULL);
    forget_pages(q);
    return status;
}

static void forget_video(asking *q) { cli_frames_free(&q->video); }

/* The video's frames are shown with each question. */
static ocrvl_status take_frames(asking *q, ocrvl_video *v, ocrvl_error *err)
{
    ocrvl_status st = cli_frames_take(&q->video, v, err);
    q->ask.frames = (const ocrvl_image *const *)q->video.frames;
    q->ask.frame_count = q->video.count;
    q->ask.frame_seconds = q->video.seconds;
    q->ask.frame_rate = q->video.rate;
    return st;
}

/* Handles a file that may be a video: returns true if it is one, and sets *over to other than OK if the run has to
 * end. */
static bool do_video(asking *q, const char *file, cli_exit *over)
{
    ocrvl_video *v;
    ocrvl_error err;
    ocrvl_video_options o = {
        .size = sizeof o, .urls = q->source.urls, .private_addresses = q->source.private_addresses};
    *over = CLI_EXIT_OK;
    if (strcmp(file, "-") == 0 || ocrvl_video_open(&v, file, &o, &err))
        return false;
    if (q->args->each || q->video.count) {
        cli_error(&q->log, file, 0, "one video at most, and not with --each");
        *over = CLI_EXIT_USAGE;
    } else {
        ocrvl_status st = take_frames(q, v, &err);
        if (st)
            *over = cli_document_failed(&q->log, &q->args->document, file, 0, &err, CLI_EXIT_INPUT);
    }
    ocrvl_video_free(v);
    return true;
}

/* Handles one document: asks about its pages, or collects them for the question. Other than OK means that the run has
 * to end. */
static cli_exit do_file(asking *q, const char *file)
{
    ocrvl_source *src;
    ocrvl_error err;
    uint64_t pages = 0;
    cli_exit over = CLI_EXIT_OK;
    bool each = q->args->each;
    cli_progress_file(&q->progress);
    if (ocrvl_source_open(&src, file, &q->source, &err)) {
        if (cli_signals_stopped())
            return CLI_EXIT_STOPPED;
        if (err.status == OCRVL_E_UNSUPPORTED && do_video(q, file, &over))
            return over;
        cli_exit status = cli_document_failed(&q->log, &q->args->document, file, 0, &err, CLI_EXIT_INPUT);
        if (err.status == OCRVL_E_UNSUPPORTED && !ocrvl_video_supported())
            cli_note(&q->log, file, 0, "videos can't be read: this ocrvl was built without FFmpeg");
        q->worst = cli_exit_worse(q->worst, status);
        return each ? CLI_EXIT_OK : status;
    }
    cli_progress_pages(&q->progress, ocrvl_source_count(src));
    for (; !over; pages++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        ocrvl_status st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        if (cli_signals_stopped()) {
            ocrvl_image_free(img);
            over = CLI_EXIT_STOPPED;
            break;
        }
        uint64_t n = place.index + 1;
        cli_exit status = st ? cli_document_failed(&q->log, &q->args->document, place.file, n, &err,
                                                   each ? CLI_EXIT_PAGES : CLI_EXIT_INPUT)
                             : CLI_EXIT_OK;
        q->worst = cli_exit_worse(q->worst, status);
        if (each)
            over = ask_page(q, img, place.file, n, &err);
        else
            over = st ? status : add_page(q, img, place.file, n);
    }
    ocrvl_source_free(src);
    if (!over && pages == 0) {
        cli_exit status = cli_document_empty(&q->log, file, &q->args->document);
        q->worst = cli_exit_worse(q->worst, status);
        over = each ? CLI_EXIT_OK : status;
    }
    return over;
}

/* ---- a conversation ---------------------------------------------------------------------------------- */

/* Takes ownership of text. */
static cli_exit remember(asking *q, const char *role, char *text)
{
    if (!OCRVL_ARRAY_RESERVE(q->turns, q->turn_cap, q->turn_count + 1)) {
        ocrvl_free(text);
        return no_memory(q);
    }
    q->turns[q->turn_count++] = (ocrvl_turn){role, text};
    return CLI_EXIT_OK;
}

/* Reads a line of standard input without its end; *more is whether there was one. */
static cli_exit read_line(asking *q, ocrvl_buf *line, bool *more)
{
    int c;
    ocrvl_buf_clear(line);
    while ((c = getchar()) != EOF && c != '\n' && line->len < MAX_TEXT)
        ocrvl_buf_putc(line, c ? (char)c : ' ');
    *more = c != EOF || line->len > 0;
    if (cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (line->failed)
        return no_memory(q);
    if (c != EOF && c != '\n') {
        cli_error(&q->log, "-", 0, "a line of more than %d bytes", MAX_TEXT);
        return CLI_EXIT_LIMIT;
    }
    if (ferror(stdin)) {
        cli_error(&q->log, "-", 0, "can't be read");
        return CLI_EXIT_INPUT;
    }
    return CLI_EXIT_OK;
}

static cli_exit answer_line(asking *q, const char *line)
{
    char *answer = NULL;
    cli_progress_page(&q->progress);
    cli_exit over = ask(q, line, &answer);
    if (over)
        return over;
    char *said = ocrvl_strdup(line);
    over = said ? remember(q, "user", said) : no_memory(q);
    if (over) {
        ocrvl_free(answer);
        return over;
    }
    over = remember(q, "assistant", answer);
    q->ask.turns = q->turns;
    q->ask.turn_count = q->turn_count;
    return over;
}

static cli_exit chat(asking *q)
{
    ocrvl_buf line = {0};
    cli_exit over = CLI_EXIT_OK;
    for (bool more = true; !over && more;) {
        over = read_line(q, &line, &more);
        if (!over && line.len && line.data[strspn(line.data, " \t\r")])
            over = answer_line(q, line.data);
    }
    ocrvl_buf_free(&line);
    return over;
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static cli_exit read_json(asking *q, const char *file, char **text)
{
    ocrvl_error err;
    ocrvl_json *json = NULL;
    size_t len;
    if (!file)
        return CLI_EXIT_OK;
    ocrvl_status st = ocrvl_file_read(text, &len, file, MAX_TEXT, &err);
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
    asking *q = (asking *)(void *)((char *)user - offsetof(asking, progress));
    (void)visual_tokens;
    cli_warn_slow(&q->log, NULL, 0, "the answer", seconds);
}

static void set_options(asking *q)
{
    const ask_args *a = q->args;
    cli_document_options(&a->document, &q->source);
    q->ask.size = sizeof q->ask;
    q->ask.schema = q->schema;
    q->ask.tools = q->tools;
    q->ask.plain = a->as_is || a->chat;
    q->ask.temperature = (float)a->generate.temperature;
    q->ask.sample = a->generate.sample;
    q->ask.seed = a->generate.seed;
    cli_generate_limits(&a->generate, &q->ask.max_tokens, &q->ask.max_millis);
    q->ask.on_progress = cli_progress_lines;
    q->ask.user = &q->progress;
    q->ask.on_estimate = on_estimate;
    q->progress.unit = "token";
}

static cli_exit prepare(asking *q)
{
    ocrvl_error err;
    ocrvl_model_info info = {.size = sizeof info};
    ocrvl_session_options opt = {.size = sizeof opt, .threads = (uint32_t)q->args->generate.threads};
    cli_exit status = cli_budget_open(&q->log, &q->args->budget, q->args->model, &q->args->line,
                                      q->args->generate.threads, &q->planner, &q->model, &q->source.max_pixels);
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
        status = cli_line_open(&q->log, &q->args->line, &q->line_model);
    if (status)
        return status;
    opt.line_model = q->line_model;
    ocrvl_status st = info.weight_bytes > CLI_SLOW_BYTES ? ocrvl_planner_measure(q->planner, &err) : OCRVL_OK;
    if (!st)
        st = ocrvl_session_new(&q->session, q->model, &opt, &err);
    cli_signals_session(q->session);
    if (st)
        cli_error(&q->log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit run_asking(asking *q)
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
        over = do_file(q, q->inputs.paths[i]);
    if (!over && q->args->chat)
        over = chat(q);
    else if (!over && !q->args->each) {
        cli_progress_page(&q->progress);
        over = ask(q, q->question, NULL);
    }
    if ((over && over != CLI_EXIT_STOPPED) || !q->answers)
        return over;
    ocrvl_status st = cli_output_commit(q->output, &err);
    q->output = NULL;
    if (st)
        return cli_output_failed(&q->log, q->args->output, &err);
    return over ? cli_output_stopped(&q->log, q->args->output, q->answers, "answer") : CLI_EXIT_OK;
}

static void free_asking(asking *q)
{
    forget_pages(q);
    forget_video(q);
    for (size_t i = 0; i < q->turn_count; i++)
        ocrvl_free((char *)q->turns[i].text);
    ocrvl_free(q->turns);
    cli_output_discard(q->output);
    cli_signals_session(NULL);
    ocrvl_session_free(q->session);
    ocrvl_model_free(q->line_model);
    ocrvl_model_free(q->model);
    ocrvl_planner_free(q->planner);
    ocrvl_free(q->schema);
    ocrvl_free(q->tools);
    cli_inputs_free(&q->inputs);
}

/* Takes the question and the files from the operands; returns CLI_EXIT_USAGE, after an error message, if they are
 * wrong. */
static cli_exit take_operands(asking *q, char **operands, size_t count)
{
    const ask_args *a = q->args;
    if (a->chat && a->each)
        return cli_usage_error(q->cmd, "--chat and --each contradict each other");
    if (a->schema && a->tools)
        return cli_usage_error(q->cmd, "--schema and --tools contradict each other");
    if (!a->chat && (count == 0 || !operands[0][strspn(operands[0], " \t\n")]))
        return cli_usage_error(q->cmd, "no QUESTION");
    if (!a->chat) {
        q->question = *operands++;
        count--;
    }
    for (size_t i = 0; a->chat && i < count; i++)
        if (strcmp(operands[i], "-") == 0)
            return cli_usage_error(q->cmd, "--chat takes questions from standard input, not a document");
    cli_exit status = CLI_EXIT_OK;
    if (count || !a->chat)
        status = cli_inputs_take(&q->inputs, q->cmd, &q->log, ocrvl_source_knows, operands, count);
    if (status)
        return status;
    if (cli_inputs_overwritten(&q->inputs, q->cmd, a->output))
        return CLI_EXIT_USAGE;
    return cli_line_check(q->cmd, &a->line);
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    ask_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    asking q = {.cmd = self, .args = &args};
    q.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose, .progress = &q.progress};
    status = cli_document_password(self, &q.log, &args.document);
    if (!status)
        status = take_operands(&q, argv + 1, count);
    if (!status) {
        cli_progress_init(&q.progress, !args.quiet && !args.no_progress, q.inputs.count);
        status = run_asking(&q);
        cli_progress_wipe(&q.progress);
    }
    free_asking(&q);
    ocrvl_free(args.document.password_read);
    return status ? status : q.worst;
}

static const char *const usage[] = {"[OPTIONS] QUESTION [FILE...]", "--chat [OPTIONS] [FILE...]", NULL};

const cli_command cli_command_ask = {
    .name = "ask",
    .summary = "answer questions about documents",
    .usage = usage,
    .about =
        "Shows a page model the pages of the FILEs, all together, and prints its answer to QUESTION. One FILE may be a "
        "video. Without FILE, or where FILE is -, standard input is read. With --chat the questions come from standard "
        "input.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
