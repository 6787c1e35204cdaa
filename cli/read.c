/* ocrvl read: reads documents and writes one document of text. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "document.h"
#include "generate.h"
#include "model.h"
#include "options.h"
#include "page_model.h"
#include "progress.h"
#include "queue.h"
#include "results.h"
#include "signals.h"
#include "tally.h"

typedef struct read_args {
    const char *model;
    cli_results_args results;
    cli_document_args document;
    cli_task_args task;
    cli_pixel_args pixels;
    cli_line_args line;
    cli_budget_args budget;
    cli_generate_args generate;
    unsigned layout;
    unsigned redo;
    unsigned text_layer;
    bool keep_rotation, keep_skew, no_drafts, strict, diplomatic, hash, quiet, verbose, no_progress;
    uint64_t retries; /* RETRIES_DEFAULT means not given */
    uint64_t batch;
} read_args;

#define RETRIES_DEFAULT UINT64_MAX
#define BATCH_DEFAULT 4

/* Weights up to this size are hashed without being asked to. */
#define HASHED (1ull << 30)

static const char *const layouts[] = {"auto", "block", "line", NULL}; /* in the order of ocrvl_layout_mode */

static const char *const redos[] = {"skip", "keep", "replace", NULL};
enum { REDO_SKIP, REDO_KEEP, REDO_REPLACE };

static const char *const text_layers[] = {"auto", "only", "never", NULL};
enum { TEXT_LAYER_AUTO, TEXT_LAYER_ONLY, TEXT_LAYER_NEVER };

static const cli_option options[] = {
    CLI_RESULTS_OPTIONS(read_args, results),
    {.name = "redo",
     .kind = CLI_OPTION_CHOICE,
     .arg = "HOW",
     .offset = offsetof(read_args, redo),
     .choices = redos,
     .help =
         "From PDF to PDF, what to do with a page that has text already: skip leaves it as it is, unread; keep "
         "keeps its text and adds what is read elsewhere on it; replace first takes away text that can't be seen, as "
         "other OCR left it. The default is skip."},
    {.name = "text-layer",
     .kind = CLI_OPTION_CHOICE,
     .arg = "HOW",
     .offset = offsetof(read_args, text_layer),
     .choices = text_layers,
     .help =
         "What to do with text that a PDF itself holds. With auto it is taken exactly, where it can be seen and its "
         "characters are known, and other ink is read. With only nothing is read, and no model is needed. With never "
         "the page is read from its image. The default is auto. With a prompt other than text a model reads the whole "
         "page."},
    CLI_MODEL_OPTION(read_args, model),
    CLI_DOCUMENT_OPTIONS(read_args, document),
    CLI_TASK_OPTION(read_args, task),
    CLI_TASK_MORE_OPTIONS(read_args, task),
    CLI_PIXEL_OPTIONS(read_args, pixels),
    CLI_LINE_MODEL_OPTIONS(read_args, line),
    CLI_BUDGET_OPTIONS(read_args, budget, "a page"),
    {.name = "retries",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(read_args, retries),
     .least = 0,
     .most = 16,
     .help = "Where a page model runs in a loop, try up to N other ways on from where it began. The default is 2."},
    {.name = "no-drafts",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, no_drafts),
     .help = "Let a page model write one token at a time, without drafts to check: slower, and the same text."},
    {.name = "batch",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(read_args, batch),
     .least = 1,
     .most = 64,
     .help =
         "Let a page model write the text of up to N pages at a time, which takes less time in all and more memory. "
         "With more than one thread the model is shown the next page meanwhile, unless N is 1. The result is the same "
         "for any number. The default is 4."},
    {.name = "strict",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, strict),
     .help = "Take a page for partial where a page model wrote text that has no ink, or left ink unread."},
    {.name = "diplomatic",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, diplomatic),
     .help = "Keep text as it was read. By default it is put into Unicode's NFC, and white space within a line is one "
             "space. Hyphens at the ends of lines stay, in Markdown and HTML too."},
    {.name = "layout",
     .kind = CLI_OPTION_CHOICE,
     .arg = "MODE",
     .offset = offsetof(read_args, layout),
     .choices = layouts,
     .help = "What a page holds: auto looks for columns, blocks and lines, block takes the page as one block of lines, "
             "line as a single line, however closely it was cut out. The default is auto."},
    {.name = "keep-rotation",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, keep_rotation),
     .help = "Take pages as upright; by default pages that lie on a side or on their head are turned."},
    {.name = "keep-skew",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, keep_skew),
     .help = "Take lines as level; by default leaning pages are straightened."},
    CLI_GENERATE_OPTIONS(
        read_args, generate,
        "Stop reading a page after SECONDS; what was read until then is kept. The default, 0, is never.",
        "Let a line reader write at most N tokens for a line, a page model for each tile of a page. The default is "
        "the model's own, and 4096 for a page model."),
    {.name = "hash",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, hash),
     .help = "Record the weights' SHA-256 also of a checkpoint of more than 1 GiB, which takes a while. Formats that "
             "record it are json, jsonl, alto and page."},
    CLI_MESSAGE_OPTIONS(read_args, quiet, verbose),
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

typedef struct reading { /* one run of the command */
    const cli_command *cmd;
    const read_args *args;
    cli_inputs inputs;
    cli_log log;
    cli_progress progress;
    ocrvl_source_options source;
    ocrvl_read_options read;
    cli_task task;
    ocrvl_model *model, *line_model; /* line_model: the line reader for a page model, or NULL */
    ocrvl_planner *planner;
    ocrvl_session *session;
    ocrvl_batch *batch;
    cli_queue queue;            /* pages of the batch, and between them those that could not be made */
    ocrvl_structure *structure; /* of the document; pages wait here for those after them */
    uint64_t structured;        /* the file of the last page in it, 1-based */
    char sha256[65];
    cli_results results;
    ocrvl_buf settings;
    uint64_t file; /* the file that is being opened, 1-based */
    cli_tally tally;
    uint64_t skipped; /* pages of this document that have text already */
    cli_exit worst;
} reading;

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
static void put_page_settings(ocrvl_buf *b, const read_args *a)
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
    if (a->retries != RETRIES_DEFAULT)
        ocrvl_buf_printf(b, ";retries=%llu", (unsigned long long)a->retries);
    if (a->strict)
        ocrvl_buf_puts(b, ";strict=true");
}

/* The settings that shaped the result, for formats that record them. Threads aren't included, because the result does
 * not depend on them. */
static void put_settings(ocrvl_buf *b, const read_args *a)
{
    ocrvl_buf_printf(b, "layout=%s", layouts[a->layout]);
    if (a->text_layer != TEXT_LAYER_AUTO)
        put_value(b, "text-layer", text_layers[a->text_layer]);
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
static const char *asks_otherwise(const read_args *a)
{
    bool other_task = a->task.name && strcmp(a->task.name, "text") != 0;
    return other_task ? "--prompt" : a->task.file ? "--prompt-file" : a->task.find ? "--find" : NULL;
}

static void set_options(reading *r)
{
    const read_args *a = r->args;
    bool any_pdf = cli_results_has(&r->results, OCRVL_FORMAT_PDF), pdf = any_pdf && !a->results.pdfa;
    bool other = cli_results_has_other(&r->results, OCRVL_FORMAT_PDF);
    cli_document_options(&a->document, &r->source);
    r->source.text_boxes = pdf;
    r->source.originals = any_pdf;
    /* Text goes onto a PDF's own page where it has none; other formats want all of it. */
    r->source.own_text = a->text_layer != TEXT_LAYER_NEVER && (!pdf || other) && !asks_otherwise(a);
    bool shown = cli_results_has(&r->results, OCRVL_FORMAT_HTML) && !a->results.no_images;
    r->source.small_images = !any_pdf && !shown;
    r->source.own_text_only = a->text_layer == TEXT_LAYER_ONLY;
    r->read.own_text_only = a->text_layer == TEXT_LAYER_ONLY;
    r->source.drop_hidden_text = pdf && a->redo == REDO_REPLACE;
    r->results.keep_hyphens |= a->diplomatic;
    r->results.opt.password = a->document.password;
    r->read.size = sizeof r->read;
    r->read.layout = (ocrvl_layout_mode)a->layout;
    r->read.keep_rotation = a->keep_rotation;
    r->read.keep_skew = a->keep_skew;
    r->read.temperature = (float)a->generate.temperature;
    r->read.sample = a->generate.sample;
    r->read.seed = a->generate.seed;
    cli_generate_limits(&a->generate, &r->read.max_tokens, &r->read.max_millis);
    r->read.languages = a->task.languages;
    r->read.retries = a->retries == RETRIES_DEFAULT ? 0 : a->retries ? (int32_t)a->retries : OCRVL_NONE;
    r->read.no_drafts = a->no_drafts;
    r->read.strict = a->strict;
    r->read.diplomatic = a->diplomatic;
    r->read.on_progress = cli_progress_lines;
    r->read.user = &r->progress;
}

/* Makes a page whose status is that it failed, and why. */
static ocrvl_status failed_page(ocrvl_page **out, const ocrvl_image *img, const ocrvl_error *why, ocrvl_error *err)
{
    ocrvl_builder *b;
    double x = 0, y = 0;
    *out = NULL;
    if (img)
        ocrvl_image_dpi(img, &x, &y);
    ocrvl_status st =
        ocrvl_builder_new(&b, img ? ocrvl_image_width(img) : 0, img ? ocrvl_image_height(img) : 0, x, y, err);
    if (st)
        return st;
    st = ocrvl_builder_fail(b, ocrvl_status_name(why->status), why->message, err);
    if (!st)
        st = ocrvl_builder_finish(b, out, err);
    ocrvl_builder_free(b);
    return st;
}

/* Reports the result of a page, if that is of interest. */
static void report(reading *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    uint64_t n = place->index + 1;
    if (info.status == OCRVL_PAGE_PARTIAL)
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_PAGES);
    cli_tally_page(&r->tally, &r->log, page, place);
    if (info.status == OCRVL_PAGE_FAILED) {
        cli_error(&r->log, place->file, n, "%s", info.error_message);
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_PAGES);
        return;
    }
    ocrvl_buf b = {0};
    ocrvl_buf_put_number(&b, info.seconds, 2);
    ocrvl_buf_puts(&b, " s, confidence ");
    if (info.confidence >= 0)
        ocrvl_buf_put_number(&b, info.confidence, 2);
    else
        ocrvl_buf_puts(&b, "none");
    if (info.passes && info.output_tokens) {
        ocrvl_buf_puts(&b, ", ");
        ocrvl_buf_put_number(&b, (double)info.output_tokens / (double)info.passes, 2);
        ocrvl_buf_puts(&b, " tokens a pass");
    }
    cli_detail(&r->log, place->file, n, "%s, %ux%u pixels, %llu tokens, %s", ocrvl_page_status_name(info.status),
               info.width, info.height, (unsigned long long)info.output_tokens, b.data ? b.data : "");
    ocrvl_buf_free(&b);
}

/* Whether the page of a PDF that is written is to be left unchanged. */
static bool has_text(const reading *r, const ocrvl_page_place *place)
{
    return r->source.text_boxes && r->args->redo == REDO_SKIP && place->document && place->text_box_count > 0;
}

/* Makes the result for a page of a PDF that has text already, which is empty. */
static cli_exit put_unread(reading *r, const cli_queued *q, ocrvl_page **page)
{
    ocrvl_builder *b;
    ocrvl_error err;
    double x, y;
    ocrvl_image_dpi(q->img, &x, &y);
    ocrvl_status st = ocrvl_builder_new(&b, ocrvl_image_width(q->img), ocrvl_image_height(q->img), x, y, &err);
    if (!st)
        st = ocrvl_builder_finish(b, page, &err);
    ocrvl_builder_free(b);
    if (st)
        cli_error(&r->log, q->place.file, q->place.index + 1, "%s", err.message);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : CLI_EXIT_OK;
}

/* Makes the result for a page that failed, and reports it. */
static cli_exit put_failed(reading *r, const cli_queued *q, ocrvl_page **page)
{
    ocrvl_error err;
    uint64_t n = q->place.no_page ? 0 : q->place.index + 1;
    cli_exit side = q->place.no_page ? CLI_EXIT_INPUT : CLI_EXIT_PAGES;
    const char *file = q->place.no_page ? r->inputs.paths[q->file - 1] : q->place.file;
    r->worst = cli_exit_worse(r->worst, cli_document_failed(&r->log, &r->args->document, file, n, &q->why, side));
    ocrvl_status st = failed_page(page, q->img, &q->why, &err);
    if (st)
        cli_error(&r->log, q->place.file, n, "%s", err.message);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : CLI_EXIT_OK;
}

/* Writes a page, and to a PDF an empty one in its place if the page there has text that stays. */
static cli_exit write_page(reading *r, const cli_queued *q, const ocrvl_page *page)
{
    ocrvl_page *pdf_page = NULL;
    cli_exit over = cli_results_input(&r->results, q->file - 1);
    if (!over && !q->unread && q->img && has_text(r, &q->place))
        over = put_unread(r, q, &pdf_page);
    r->results.pdf_page = pdf_page;
    r->results.opt.pages = r->results.by_input || r->inputs.count == 1 ? q->pages : 0;
    if (!over)
        over = cli_results_page(&r->results, page, &q->place);
    ocrvl_page_free(pdf_page);
    return over;
}

/* Writes the pages that need wait for no other, or all (rest), to the output. */
static cli_exit write_structured(reading *r, bool rest)
{
    cli_exit over = CLI_EXIT_OK;
    ocrvl_page *page;
    while (!over && (page = ocrvl_structure_next(r->structure, rest))) {
        while (r->queue.first->lost)
            cli_queue_drop(&r->queue);
        cli_progress_wipe(&r->progress);
        over = write_page(r, r->queue.first, page);
        ocrvl_page_free(page);
        cli_queue_drop(&r->queue);
    }
    return over;
}

/* Gives a page that has been read its place in its document. It may wait there for others, and then needn't be seen
 * any more. */
static cli_exit structure_page(reading *r, cli_queued *q, ocrvl_page *page)
{
    ocrvl_error err;
    ocrvl_page_info info = {.size = sizeof info};
    bool begins = q->file != r->structured;
    cli_exit over = begins ? write_structured(r, true) : CLI_EXIT_OK;
    r->structured = q->file;
    if (over) {
        ocrvl_page_free(page);
        return over;
    }
    ocrvl_page_get_info(page, &info);
    if (!cli_results_show_images(&r->results)) {
        ocrvl_image_free(q->img);
        q->img = NULL;
        q->place.image = NULL;
    }
    ocrvl_status st = ocrvl_structure_add(r->structure, page, begins, &err);
    if (st)
        cli_error(&r->log, q->place.file, q->place.index + 1, "%s", err.message);
    /* JSON Lines alone don't make a reader wait for the next page to be read. */
    bool now = !cli_results_has_other(&r->results, OCRVL_FORMAT_JSONL) && (info.output_tokens > 0 || !q->own);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : write_structured(r, now);
}

/* Takes the queue's next page when it has been read. Other than OK means that the run has to end. */
static cli_exit take_next(reading *r)
{
    cli_queued *q = r->queue.fresh;
    ocrvl_page *page = NULL;
    cli_exit over = CLI_EXIT_OK;
    cli_progress_at(&r->progress, q->file, q->place.index + 1, q->pages);
    if (q->unread)
        over = put_unread(r, q, &page);
    else if (q->img && ocrvl_batch_next(r->batch, &page, &q->why) == OCRVL_OK)
        report(r, page, &q->place);
    else if (q->img && q->why.status == OCRVL_E_CANCELED)
        over = CLI_EXIT_STOPPED;
    else
        over = put_failed(r, q, &page);
    r->queue.fresh = q->next;
    q->lost = over != CLI_EXIT_OK;
    if (page && !over)
        cli_tally_count(&r->tally, page);
    if (!over)
        over = structure_page(r, q, page);
    else
        ocrvl_page_free(page);
    cli_progress_wipe(&r->progress);
    return over;
}

/* Takes pages until there are none, or until another one may be read beside them; of all, none waits any more. */
static cli_exit write_ready(reading *r, bool all)
{
    cli_exit over = CLI_EXIT_OK;
    while (!over && r->queue.fresh &&
           (all || !r->queue.fresh->img || r->queue.fresh->unread || !ocrvl_batch_wants(r->batch)))
        over = take_next(r);
    if (all && (!over || over == CLI_EXIT_STOPPED)) {
        cli_exit rest = write_structured(r, true);
        over = rest ? rest : over;
    }
    return over;
}

/* Hands a page of the queue, which owns all of it until it is written, to the batch. */
static ocrvl_status add_page(reading *r, cli_queued *q, ocrvl_error *err)
{
    ocrvl_page_input in = {.size = sizeof in,
                           .image = q->img,
                           .text_layer = q->place.text_layer,
                           .text_places = q->place.text_places,
                           .text_place_count = q->place.text_place_count,
                           .own_text = q->place.own_text,
                           .damage = q->place.damage};
    q->own = q->place.own_text && q->place.own_text->line_count;
    q->place.own_text = NULL; /* the source's, until its next page */
    return ocrvl_batch_add(r->batch, &in, &r->read, err);
}

/* Takes a page of a document, or (img NULL) why there is none: it is read along with others, and written in its turn.
 */
static cli_exit do_page(reading *r, ocrvl_image *img, const ocrvl_page_place *place, const ocrvl_error *why,
                        uint64_t pages)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    if (cli_signals_stopped()) {
        ocrvl_image_free(img);
        return CLI_EXIT_STOPPED;
    }
    cli_queued *q = cli_queue_put(&r->queue, img, place);
    if (!q)
        st = ocrvl_fail_nomem(&err);
    else {
        q->file = r->file;
        q->pages = pages;
        bool kept = img && has_text(r, place);
        q->unread = kept && !cli_results_has_other(&r->results, OCRVL_FORMAT_PDF);
        r->skipped += kept;
        if (!img)
            q->why = *why;
        else if (q->unread)
            cli_detail(&r->log, place->file, place->index + 1, "has text already: left as it is (see --redo)");
        else
            st = add_page(r, q, &err);
    }
    if (st) {
        cli_error(&r->log, place->file, place->index + 1, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_BUG);
    }
    return write_ready(r, false);
}

/* A document that couldn't be opened has its record where the format can say so. */
static cli_exit put_unopened(reading *r, const char *file, const ocrvl_error *why)
{
    ocrvl_buf name = {0};
    cli_document_put_name(&name, file, why);
    ocrvl_page_place none = {.size = sizeof none, .file = name.data ? name.data : "-", .no_page = true};
    cli_exit over = do_page(r, NULL, &none, why, 0);
    ocrvl_buf_free(&name);
    return over;
}

/* Handles one document. Other than OK means that the run has to end. */
static cli_exit do_file(reading *r, const char *file)
{
    ocrvl_source *src;
    ocrvl_error err;
    uint64_t made = 0, failed = 0;
    cli_exit over = CLI_EXIT_OK;
    r->skipped = 0;
    r->file++;
    ocrvl_status st = ocrvl_source_open(&src, file, &r->source, &err);
    if (st && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (st)
        return put_unopened(r, file, &err);
    while (!over) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        made += !st;
        failed += st != OCRVL_OK;
        over = do_page(r, img, &place, &err, ocrvl_source_count(src));
    }
    if (r->skipped)
        cli_note(&r->log, file, 0, "%llu of %llu pages have text already and are left as they are (see --redo)",
                 (unsigned long long)r->skipped, (unsigned long long)made);
    if (made + failed > 0)
        cli_queue_source(&r->queue, src);
    else
        ocrvl_source_free(src);
    if (over == CLI_EXIT_STOPPED)
        return over;
    if (!over && made + failed == 0)
        r->worst = cli_exit_worse(r->worst, cli_document_empty(&r->log, file, &r->args->document));
    else if (made == 0)
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_INPUT);
    return over;
}

/* A line reader ignores options for page models, but refuses tasks that it can't do. */
static cli_exit check_line_reader(reading *r, const char *name)
{
    const read_args *a = r->args;
    const char *asked = asks_otherwise(a);
    if (!asked && a->strict)
        asked = "--strict";
    if (asked) {
        cli_error(&r->log, name, 0, "reads lines and can't do what %s asks: that takes a Qwen2-VL checkpoint", asked);
        return CLI_EXIT_MODEL;
    }
    const cli_pixel_args *k = &a->pixels;
    if (a->task.languages || k->min_pixels || k->max_pixels || k->min_tokens || k->max_tokens || a->line.dir ||
        a->budget.seconds > 0 || a->retries != RETRIES_DEFAULT)
        cli_note(&r->log, name, 0, "reads lines: options for page models have no effect on it");
    return CLI_EXIT_OK;
}

/* Prepares the line reader for a page model, and the settings that only a page model has. */
static cli_exit prepare_page_model(reading *r, const ocrvl_model_info *info)
{
    ocrvl_model_info line = {.size = sizeof line};
    r->progress.unit = "token";
    r->read.task = r->task.name;
    r->read.prompt = r->task.text;
    cli_exit status =
        cli_pixel_limits(r->cmd, &r->args->pixels, info->patch * info->merge, &r->read.min_pixels, &r->read.max_pixels);
    if (!status)
        status = cli_line_open(&r->log, &r->args->line, &r->line_model);
    if (!status && r->line_model) {
        ocrvl_model_get_info(r->line_model, &line);
        put_value(&r->settings, "line-model", line.name);
    }
    return status;
}

static bool records_hash(const cli_results *r)
{
    return cli_results_has(r, OCRVL_FORMAT_JSON) || cli_results_has(r, OCRVL_FORMAT_JSONL) ||
           cli_results_has(r, OCRVL_FORMAT_ALTO) || cli_results_has(r, OCRVL_FORMAT_PAGE);
}

/* Sets what the output says about the model. */
static cli_exit describe_model(reading *r, const ocrvl_model_info *info)
{
    ocrvl_error err;
    r->results.opt.model = info->name;
    r->results.opt.settings = r->settings.data;
    if (!records_hash(&r->results) || (!r->args->hash && info->weight_bytes > HASHED))
        return CLI_EXIT_OK;
    ocrvl_status st = ocrvl_model_sha256(r->model, r->sha256, &err);
    if (st)
        cli_error(&r->log, info->name, 0, "%s", err.message);
    r->results.opt.model_sha256 = r->sha256;
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit prepare_model(reading *r)
{
    ocrvl_model_info info = {.size = sizeof info};
    cli_exit status = cli_budget_open(&r->log, &r->args->budget, r->args->model, &r->args->line,
                                      r->args->generate.threads, &r->planner, &r->model, &r->source.max_pixels);
    r->read.planner = r->planner;
    if (status)
        return status;
    ocrvl_model_get_info(r->model, &info);
    r->source.text_layer = info.reader == OCRVL_READER_PAGE; /* for drafts */
    status = info.reader == OCRVL_READER_LINE ? check_line_reader(r, info.name) : prepare_page_model(r, &info);
    return status ? status : describe_model(r, &info);
}

/* How many pages the structure of a page is told by that come after it: none where no format tells any structure. */
static uint32_t pages_ahead(const cli_results *results)
{
    size_t without = cli_results_has(results, OCRVL_FORMAT_TEXT) + cli_results_has(results, OCRVL_FORMAT_TSV) +
                     cli_results_has(results, OCRVL_FORMAT_PDF);
    return results->sink_count > without ? 4 : 0;
}

/* Prepares a session for pages, and its model if anything is to be read. */
static cli_exit prepare(reading *r)
{
    ocrvl_error err;
    ocrvl_session_options opt = {.size = sizeof opt, .threads = (uint32_t)r->args->generate.threads};
    cli_exit status = CLI_EXIT_OK;
    if (r->read.own_text_only)
        r->results.opt.settings = r->settings.data;
    else
        status = prepare_model(r);
    if (status)
        return status;
    opt.line_model = r->line_model;
    ocrvl_status st = ocrvl_session_new(&r->session, r->model, &opt, &err);
    cli_signals_session(r->session);
    if (!st)
        st = ocrvl_batch_new(&r->batch, r->session, (uint32_t)r->args->batch, &err);
    if (!st)
        st = ocrvl_structure_new(&r->structure, pages_ahead(&r->results), &err);
    if (st)
        cli_error(&r->log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit run_reading(reading *r)
{
    put_settings(&r->settings, r->args);
    set_options(r);
    cli_exit over = cli_results_open(&r->results);
    if (!over)
        over = prepare(r);
    for (size_t i = 0; i < r->inputs.count && !over; i++)
        over = do_file(r, r->inputs.paths[i]);
    if (!over || over == CLI_EXIT_STOPPED) { /* pages may be done that stand before the one in hand */
        cli_exit rest = write_ready(r, true);
        over = rest ? rest : over;
    }
    if (over == CLI_EXIT_STOPPED)
        return cli_results_stop(&r->results);
    return over ? over : cli_results_finish(&r->results);
}

static cli_exit check_options(const cli_command *self, const read_args *a)
{
    const char *asked = a->text_layer == TEXT_LAYER_ONLY ? asks_otherwise(a) : NULL;
    if (a->diplomatic && a->results.join_hyphens)
        return cli_usage_error(self, "--diplomatic and --join-hyphens contradict each other");
    if (asked)
        return cli_usage_error(self, "--text-layer only and %s contradict each other", asked);
    return cli_line_check(self, &a->line);
}

static void free_reading(reading *r)
{
    cli_results_free(&r->results);
    ocrvl_batch_free(r->batch);
    ocrvl_structure_free(r->structure);
    cli_queue_free(&r->queue);
    cli_signals_session(NULL);
    ocrvl_session_free(r->session);
    ocrvl_model_free(r->line_model);
    ocrvl_model_free(r->model);
    ocrvl_planner_free(r->planner);
    cli_task_free(&r->task);
    ocrvl_buf_free(&r->settings);
    cli_tally_free(&r->tally);
    cli_inputs_free(&r->inputs);
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    read_args args = {.retries = RETRIES_DEFAULT, .batch = BATCH_DEFAULT};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    reading r = {.cmd = self, .args = &args};
    r.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose, .progress = &r.progress};
    status = check_options(self, &args);
    if (!status)
        status = cli_inputs_take(&r.inputs, self, &r.log, ocrvl_source_knows, argv + 1, count);
    if (!status)
        status = cli_results_begin(&r.results, self, &args.results, &r.inputs, &r.log);
    if (!status)
        status = cli_task_load(self, &r.log, &args.task, &r.task);
    if (!status) {
        cli_progress_init(&r.progress, !args.quiet && !args.no_progress, r.inputs.count);
        status = run_reading(&r);
        cli_progress_wipe(&r.progress);
        cli_tally_print(&r.tally, &r.log);
    }
    free_reading(&r);
    return status ? status : r.worst;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_read = {
    .name = "read",
    .summary = "read documents and print their text",
    .usage = usage,
    .about = "Reads scanned and born-digital documents (PDF, TIFF, PNG, JPEG, PNM) and writes their text, in one "
             "output document, in the order of the FILEs. A FILE that is a folder stands for the documents in it. "
             "Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
