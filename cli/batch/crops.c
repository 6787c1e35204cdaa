/* ocrvl crops: images of doubtful lines with their text, to be corrected. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/each.h"
#include "document.h"
#include "images.h"
#include "inputs.h"
#include "line_image.h"
#include "names.h"
#include "options.h"
#include "output.h"
#include "signals.h"

typedef struct crops_args {
    const char *output, *password;
    cli_list images;
    cli_decoding decoding;
    double below;
    bool all, quiet, verbose;
} crops_args;

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "DIR",
     .offset = offsetof(crops_args, output),
     .help =
         "The folder to write to; it is made if it isn't there. Folders below a folder of FILEs are made in it too. "
         "What is there already stays as it is, since somebody may have corrected it."},
    {.name = "below",
     .kind = CLI_OPTION_NUMBER,
     .arg = "C",
     .offset = offsetof(crops_args, below),
     .least = 0,
     .most = 1,
     .help = "Write the lines whose confidence, or that of one of their words, is below C. The default is 0.6."},
    {.name = "all",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(crops_args, all),
     .help = "Write all lines, also those of results that give no confidence."},
    {.name = "images",
     .kind = CLI_OPTION_FILES,
     .arg = "PATH",
     .offset = offsetof(crops_args, images),
     .help = "A folder or a file that has the page images. " CLI_IMAGES_HELP},
    {.name = "password",
     .kind = CLI_OPTION_TEXT,
     .arg = "P",
     .offset = offsetof(crops_args, password),
     .help = "Password of PDFs that have the images. Other users of the machine can see it in the list of processes."},
    CLI_DECODING_OPTIONS(crops_args, decoding),
    CLI_MESSAGE_OPTIONS(crops_args, quiet, verbose),
    CLI_HELP_OPTION,
};

typedef struct cropping {
    const cli_command *cmd;
    crops_args *args;
    cli_log log;
    cli_inputs inputs;
    cli_images images;
    const char *file; /* the results that are read, */
    const char *stem; /* and what its lines are called */
    uint64_t lines, pages, kept, placeless;
    cli_exit worst;
} cropping;

/* The page in hand. */
typedef struct cropped_page {
    cropping *c;
    const ocrvl_page *tree;
    const char *stem;
    uint64_t number, line;
    const ocrvl_image *img;
} cropped_page;

static cli_exit no_memory(const cropping *c)
{
    cli_error(&c->log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* ---- which lines ------------------------------------------------------------------------------------- */

static bool is_below(const cropping *c, float confidence)
{
    return confidence >= 0 && (double)confidence < c->args->below;
}

static bool is_wanted(const cropping *c, const ocrvl_node *line, const ocrvl_node_info *info)
{
    bool wanted = c->args->all || is_below(c, info->confidence);
    for (const ocrvl_node *w = ocrvl_node_first(line); w && !wanted; w = ocrvl_node_next(w)) {
        ocrvl_node_info word = {.size = sizeof word};
        ocrvl_node_get_info(w, &word);
        wanted = is_below(c, word.confidence);
    }
    return wanted && *info->text;
}

/* Calls fn for each wanted line of the nodes, which are at most four levels deep, in reading order; number counts all
 * lines. fn NULL: stops at the first. Returns whether there is one, unless fn failed. */
static bool each_line(cropped_page *p, const ocrvl_node *node,
                      cli_exit (*fn)(cropped_page *p, const ocrvl_node_info *line), cli_exit *status)
{
    bool any = false;
    for (; node && !*status && (fn || !any); node = ocrvl_node_next(node)) {
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(node, &info);
        if (info.kind != OCRVL_LINE) {
            any |= each_line(p, ocrvl_node_first(node), fn, status);
            continue;
        }
        p->line++;
        if (!is_wanted(p->c, node, &info))
            continue;
        any = true;
        if (fn)
            *status = fn(p, &info);
    }
    return any;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

/* DIR/STEM-PAGE-LINE and the suffix. */
static char *name_of(const cropped_page *p, const char *suffix)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%s/%s-%04llu-%04llu%s", p->c->args->output, p->stem, (unsigned long long)p->number,
                     (unsigned long long)p->line, suffix);
    return b.failed ? NULL : ocrvl_buf_steal(&b, NULL);
}

static cli_exit failed(const cropping *c, const char *name, int e)
{
    ocrvl_error err;
    (void)ocrvl_fail_errno(&err, e, name);
    return cli_output_failed(&c->log, name, &err);
}

/* Writes a file of an image, or of text if that is NULL. */
static cli_exit put_file(cropping *c, const char *name, const ocrvl_image *img, const char *text)
{
    ocrvl_error err;
    cli_output *o = NULL;
    if (cli_inputs_overwritten(&c->inputs, c->cmd, name))
        return CLI_EXIT_USAGE;
    ocrvl_status st = cli_output_open(&o, name, &err);
    if (!st && img)
        st = ocrvl_image_write_png(img, cli_output_write, o, &err);
    if (!st && !img) { /* an error of writing is returned by the commit */
        (void)cli_output_write(o, text, strlen(text));
        (void)cli_output_write(o, "\n", 1);
    }
    if (!st) {
        st = cli_output_commit(o, &err);
        o = NULL;
    }
    cli_output_discard(o);
    return st ? cli_output_failed(&c->log, name, &err) : CLI_EXIT_OK;
}

/* Writes a line, unless it is there. The text comes last, so that what has a text is whole. */
static cli_exit put_line(cropped_page *p, const ocrvl_node_info *line)
{
    cropping *c = p->c;
    ocrvl_error err;
    ocrvl_page_info page = {.size = sizeof page};
    ocrvl_image *img = NULL;
    char *text = name_of(p, ".gt.txt"), *picture = name_of(p, ".png");
    cli_exit status = text && picture ? CLI_EXIT_OK : no_memory(c);
    bool there = !status && ocrvl_file_exists(text);
    ocrvl_page_get_info(p->tree, &page);
    c->kept += there;
    if (!status && !there && cli_line_image(&img, p->img, line, page.rotation, &err)) {
        cli_error(&c->log, picture, 0, "%s", err.message);
        status = cli_exit_of(err.status, CLI_EXIT_PAGES);
    }
    c->placeless += !status && !there && !img;
    if (img) {
        int e = cli_make_folders(picture);
        status = e ? failed(c, picture, e) : put_file(c, picture, img, NULL);
        if (!status)
            status = put_file(c, text, NULL, line->text);
        c->lines += !status;
    }
    ocrvl_image_free(img);
    ocrvl_free(text);
    ocrvl_free(picture);
    return status;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* Whether the page has a line that is to be written. */
static bool has_lines(cropped_page p)
{
    cli_exit status = CLI_EXIT_OK;
    return each_line(&p, ocrvl_page_first(p.tree), NULL, &status);
}

static cli_exit put_page(cropped_page *p)
{
    cli_exit status = CLI_EXIT_OK;
    cli_signals_keep();
    (void)each_line(p, ocrvl_page_first(p->tree), put_line, &status);
    p->c->pages++;
    return status;
}

/* A page of a batch. */
static cli_exit take_kept(void *user, const char *stem, uint64_t number, const ocrvl_page *tree, batch_image_fn image,
                          void *image_user)
{
    cropping *c = user;
    cropped_page p = {.c = c, .tree = tree, .stem = stem, .number = number};
    if (cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (!has_lines(p))
        return CLI_EXIT_OK;
    ocrvl_image *img = image(image_user);
    p.img = img;
    cli_exit status = img ? put_page(&p) : CLI_EXIT_OK;
    if (!img) {
        cli_error(&c->log, stem, number, "the page's image can't be made any more");
        c->worst = cli_exit_worse(c->worst, CLI_EXIT_INPUT);
    }
    ocrvl_image_free(img);
    return status;
}

/* A page of a file of results. */
static cli_exit take_page(cropping *c, ocrvl_page *tree, ocrvl_page_place *place)
{
    cropped_page p = {.c = c, .tree = tree, .stem = c->stem, .number = place->index + 1};
    ocrvl_image *img = NULL;
    if (!has_lines(p))
        return CLI_EXIT_OK;
    cli_exit status = cli_images_find(&c->images, c->file, tree, place, &img);
    if (status && status != CLI_EXIT_LIMIT) { /* it was told; the others may have theirs */
        c->worst = cli_exit_worse(c->worst, status);
        return CLI_EXIT_OK;
    }
    p.img = img;
    if (!status && img)
        status = put_page(&p);
    ocrvl_image_free(img);
    return status;
}

/* Handles one document of results. Other than OK means that the run has to end. */
static cli_exit do_file(cropping *c, size_t input)
{
    ocrvl_results *in = NULL;
    ocrvl_error err;
    cli_exit over = CLI_EXIT_OK;
    c->file = c->inputs.paths[input];
    c->stem = c->inputs.stems[input];
    ocrvl_status st = ocrvl_results_open(&in, c->file, &err);
    while (!st && !over && !cli_signals_stopped()) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_results_next(in, &page, &place, &err);
        if (st || !page)
            break;
        over = take_page(c, page, &place);
        ocrvl_page_free(page);
    }
    if (st) {
        cli_error(&c->log, c->file, 0, "%s", err.message);
        c->worst = cli_exit_worse(c->worst, cli_exit_of(st, CLI_EXIT_INPUT));
    }
    ocrvl_results_free(in);
    return !over && cli_signals_stopped() ? CLI_EXIT_STOPPED : over;
}

static cli_exit do_files(cropping *c, char **operands, size_t count)
{
    cli_exit status = cli_decoding_begin(&c->log, &c->args->decoding);
    if (!status)
        status = cli_inputs_take(&c->inputs, c->cmd, &c->log, ocrvl_results_knows, operands, count);
    if (!status)
        status = cli_inputs_distinct(&c->inputs, c->cmd, &c->log, true);
    for (size_t i = 0; i < c->inputs.count && !status; i++)
        status = do_file(c, i);
    cli_images_free(&c->images);
    cli_decoding_end(&c->args->decoding);
    return status;
}

/* ---- the command ------------------------------------------------------------------------------------- */

static void tell(const cropping *c, uint64_t unread)
{
    cli_note(&c->log, c->args->output, 0, "%llu line%s of %llu page%s, each as an image (.png) and its text (.gt.txt)",
             (unsigned long long)c->lines, c->lines == 1 ? "" : "s", (unsigned long long)c->pages,
             c->pages == 1 ? "" : "s");
    if (c->kept)
        cli_note(&c->log, c->args->output, 0, "%llu %s there already and stayed as %s", (unsigned long long)c->kept,
                 c->kept == 1 ? "line was" : "lines were", c->kept == 1 ? "it was" : "they were");
    if (c->placeless)
        cli_note(&c->log, NULL, 0, "%llu line%s left out, since the results don't say where on the page %s",
                 (unsigned long long)c->placeless, c->placeless == 1 ? " was" : "s were",
                 c->placeless == 1 ? "it is" : "they are");
    if (unread)
        cli_note(&c->log, NULL, 0, "%llu document%s not been read yet and %s left out", (unsigned long long)unread,
                 unread == 1 ? " has" : "s have", unread == 1 ? "was" : "were");
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    crops_args args = {.below = 0.6};
    size_t count;
    uint64_t unread = 0;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    cropping c = {.cmd = self, .args = &args};
    c.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose};
    c.images =
        (cli_images){.log = &c.log, .given = &args.images, .password = args.password, .decoding = &args.decoding};
    if (!args.output)
        return cli_usage_error(self, "name the folder to write to: -o DIR");
    if (count == 1 && batch_is_folder(argv[1]))
        status = batch_each(argv[1], &c.log, take_kept, &c, &unread);
    else
        status = do_files(&c, argv + 1, count);
    if (!status || status == CLI_EXIT_STOPPED)
        tell(&c, unread);
    cli_inputs_free(&c.inputs);
    return status ? status : c.worst;
}

static const char *const usage[] = {"-o DIR [OPTIONS] [FILE...]", "-o DIR [OPTIONS] OUT", NULL};

const cli_command cli_command_crops = {
    .name = "crops",
    .summary = "write the images and texts of doubtful lines, to be corrected",
    .usage = usage,
    .about = "Writes the lines of results (the JSON of ocrvl read, hOCR, ALTO, PAGE XML, TSV), or of OUT, the folder "
             "of an ocrvl batch, that were read with little confidence: each as an image, NAME.png, with its text "
             "beside it, NAME.gt.txt, as kraken and Tesseract are trained with. Without FILE, or where FILE is -, "
             "standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
