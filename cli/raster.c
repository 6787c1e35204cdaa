/* ocrvl raster: writes the page images that `read` would read. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "document.h"
#include "images.h"
#include "inputs.h"
#include "names.h"
#include "options.h"
#include "output.h"
#include "signals.h"

typedef struct raster_args {
    unsigned format;
    const char *output;
    cli_document_args document;
    cli_list images;
    bool overlay, quiet, verbose;
} raster_args;

enum { PNG, PNM };
static const char *const formats[] = {"png", "pnm", NULL};

static const cli_option options[] = {
    {.name = "format",
     .letter = 'f',
     .kind = CLI_OPTION_CHOICE,
     .arg = "FORMAT",
     .offset = offsetof(raster_args, format),
     .choices = formats,
     .help = "What to write: png or pnm (P5 for grey, P6 for colour). The default is png."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "PATTERN",
     .offset = offsetof(raster_args, output),
     .help = "Write each page to a file of its own, named by PATTERN: %d becomes the page's number, %03d the same with "
             "zeros to three digits, and %% a percent sign. Numbers run on from one FILE to the next. Without %d all "
             "pages go to one file, one after the other, as they do to standard output."},
    {.name = "overlay",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(raster_args, overlay),
     .help =
         "Take results as FILEs, such as the JSON of ocrvl read, and draw on each page's image what they say of it: "
         "blocks with their roles, numbered in the reading order, lines, words in the colour of their confidence, "
         "and the places of warnings."},
    {.name = "images",
     .kind = CLI_OPTION_FILES,
     .arg = "PATH",
     .offset = offsetof(raster_args, images),
     .help = "With --overlay, where the page images are, as for ocrvl convert."},
    CLI_DOCUMENT_OPTIONS(raster_args, document),
    CLI_MESSAGE_OPTIONS(raster_args, quiet, verbose),
    CLI_HELP_OPTION,
};

typedef struct rastering {
    const cli_command *cmd;
    const raster_args *args;
    cli_inputs inputs;
    cli_log log;
    bool numbered;      /* the pattern has %d: one file for each page */
    uint64_t before;    /* pages of the FILEs before this one */
    cli_output *output; /* the only output, if not numbered */
    uint64_t written;   /* pages */
    cli_exit worst;
} rastering;

static ocrvl_status write_image(const rastering *r, const ocrvl_image *img, cli_output *o, ocrvl_error *err)
{
    return r->args->format == PNM ? ocrvl_image_write_pnm(img, cli_output_write, o, err)
                                  : ocrvl_image_write_png(img, cli_output_write, o, err);
}

/* Writes the page to a file of its own. Other than OK means that the run has to end. */
static cli_exit write_numbered(rastering *r, const ocrvl_image *img, uint64_t number)
{
    ocrvl_buf name = {0};
    ocrvl_error err;
    cli_output *o = NULL;
    cli_exit status;
    cli_pattern has;
    if (!cli_pattern_expand(&name, r->args->output, NULL, number, &has) || name.failed) {
        ocrvl_buf_free(&name);
        cli_error(&r->log, NULL, 0, "out of memory");
        return CLI_EXIT_LIMIT;
    }
    if (cli_inputs_overwritten(&r->inputs, r->cmd, name.data))
        status = CLI_EXIT_USAGE;
    else {
        ocrvl_status st = cli_output_open(&o, name.data, &err);
        if (!st)
            st = write_image(r, img, o, &err);
        if (!st) {
            st = cli_output_commit(o, &err);
            o = NULL;
        }
        status = st ? cli_output_failed(&r->log, name.data, &err) : CLI_EXIT_OK;
    }
    cli_output_discard(o);
    ocrvl_buf_free(&name);
    return status;
}

static cli_exit write_page(rastering *r, const ocrvl_image *img, const ocrvl_page_place *place)
{
    ocrvl_error err;
    cli_exit status = CLI_EXIT_OK;
    cli_signals_keep();
    if (place->damage) {
        cli_error(&r->log, place->file, place->index + 1, "partial: %s", place->damage);
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_PAGES);
    }
    cli_detail(&r->log, place->file, place->index + 1, "%ux%u pixels", ocrvl_image_width(img), ocrvl_image_height(img));
    if (r->numbered)
        status = write_numbered(r, img, r->before + place->index + 1);
    else {
        ocrvl_status st = write_image(r, img, r->output, &err);
        if (!st)
            st = cli_output_flush(r->output, &err);
        status = st ? cli_output_failed(&r->log, r->args->output, &err) : CLI_EXIT_OK;
    }
    r->written += !status;
    return status;
}

/* Handles one document. Other than OK means that the run has to end. */
static cli_exit do_file(rastering *r, const char *file)
{
    ocrvl_source *src;
    ocrvl_source_options opt;
    ocrvl_error err;
    uint64_t made = 0, seen = 0, end = 0;
    cli_exit over = CLI_EXIT_OK;
    cli_document_options(&r->args->document, &opt);
    ocrvl_status st = ocrvl_source_open(&src, file, &opt, &err);
    if (st && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (st) {
        r->worst =
            cli_exit_worse(r->worst, cli_document_failed(&r->log, &r->args->document, file, 0, &err, CLI_EXIT_INPUT));
        return CLI_EXIT_OK;
    }
    for (; !over && !cli_signals_stopped(); seen++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        end = place.index + 1;
        if (img) {
            made++;
            over = write_page(r, img, &place);
        } else
            r->worst = cli_exit_worse(
                r->worst, cli_document_failed(&r->log, &r->args->document, file, end, &err, CLI_EXIT_PAGES));
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    r->before += end;
    if (!over && cli_signals_stopped())
        over = CLI_EXIT_STOPPED;
    else if (seen == 0)
        r->worst = cli_exit_worse(r->worst, cli_document_empty(&r->log, file, &r->args->document));
    else if (made == 0)
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_INPUT);
    return over;
}

/* Draws a page of results; takes ownership of it. */
static cli_exit draw_page(rastering *r, cli_images *images, const char *file, ocrvl_page *page, ocrvl_page_place *place)
{
    ocrvl_error err;
    ocrvl_image *img, *drawn = NULL;
    cli_exit status = cli_images_find(images, file, page, place, &img);
    if (!status && img) {
        ocrvl_status st = ocrvl_image_overlay(&drawn, img, page, &err);
        if (st)
            cli_error(&r->log, place->file, place->index + 1, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_INPUT);
    }
    if (!status && drawn) {
        place->index = r->written;
        status = write_page(r, drawn, place);
    }
    ocrvl_image_free(img);
    ocrvl_image_free(drawn);
    ocrvl_page_free(page);
    return status;
}

/* Handles one document of results. Other than OK means that the run has to end. */
static cli_exit do_results(rastering *r, const char *file)
{
    ocrvl_results *in;
    ocrvl_error err;
    cli_images images = {.log = &r->log,
                         .given = &r->args->images,
                         .password = r->args->document.password,
                         .decoding = &r->args->document.decoding};
    cli_exit over = CLI_EXIT_OK;
    ocrvl_status st = ocrvl_results_open(&in, file, &err);
    bool opened = !st;
    while (opened && !over && !cli_signals_stopped()) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_results_next(in, &page, &place, &err);
        if (st || !page)
            break;
        over = draw_page(r, &images, file, page, &place);
    }
    if (st) {
        cli_error(&r->log, file, 0, "%s", err.message);
        r->worst = cli_exit_worse(r->worst, cli_exit_of(st, CLI_EXIT_INPUT));
    }
    cli_images_free(&images);
    if (opened)
        ocrvl_results_free(in);
    return !over && cli_signals_stopped() ? CLI_EXIT_STOPPED : over;
}

static cli_exit run_rastering(rastering *r)
{
    ocrvl_error err;
    cli_exit over = CLI_EXIT_OK;
    if (!r->numbered && cli_output_open(&r->output, r->args->output, &err))
        return cli_output_failed(&r->log, r->args->output, &err);
    for (size_t i = 0; i < r->inputs.count && !over; i++)
        over = r->args->overlay ? do_results(r, r->inputs.paths[i]) : do_file(r, r->inputs.paths[i]);
    bool stopped = over == CLI_EXIT_STOPPED;
    if ((!over || stopped) && r->output && r->written) {
        cli_output *o = r->output;
        r->output = NULL;
        if (cli_output_commit(o, &err))
            over = cli_output_failed(&r->log, r->args->output, &err);
    }
    cli_output_discard(r->output);
    if (over == CLI_EXIT_STOPPED)
        return cli_output_stopped(&r->log, r->args->output, r->written, "page");
    return over ? over : r->worst;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    raster_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    rastering r = {.cmd = self, .args = &args};
    r.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose};
    ocrvl_buf trial = {0};
    cli_pattern has = {false, false};
    bool fine = !args.output || cli_pattern_expand(&trial, args.output, NULL, 1, &has);
    ocrvl_buf_free(&trial);
    r.numbered = has.number;
    if (!fine)
        return cli_usage_error(self, "in '%s' only %%d, %%0Nd and %%%% may follow a percent sign", args.output);
    if (!args.output && isatty(STDOUT_FILENO))
        return cli_usage_error(self, "images don't belong on a terminal: use -o PATTERN, or -o - if you insist");
    if (args.images.count && !args.overlay)
        return cli_usage_error(self, "--images is for --overlay");
    status = cli_document_begin(self, &r.log, &args.document);
    if (!status)
        status = cli_inputs_take(&r.inputs, self, &r.log, args.overlay ? ocrvl_results_knows : ocrvl_source_knows,
                                 argv + 1, count);
    if (!status && !r.numbered && cli_inputs_overwritten(&r.inputs, self, args.output))
        status = CLI_EXIT_USAGE;
    if (!status)
        status = run_rastering(&r);
    cli_inputs_free(&r.inputs);
    cli_document_end(&args.document);
    return status;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_raster = {
    .name = "raster",
    .summary = "write the page images of documents as PNG or PNM",
    .usage = usage,
    .about =
        "Writes the page images that ocrvl read would read, with their resolution; with --overlay, what results say "
        "of them drawn on them. Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
