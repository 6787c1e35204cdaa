/* ocrvl convert: results of any tool to any format. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/languages.h"
#include "base/mem.h"
#include "document.h"
#include "images.h"
#include "options.h"
#include "results.h"
#include "signals.h"

typedef struct convert_args {
    cli_results_args results;
    cli_list onto, images;
    const char *password;
    cli_decoding decoding;
    bool quiet, verbose;
} convert_args;

static const cli_option options[] = {
    CLI_RESULTS_OPTIONS(convert_args, results),
    {.name = "onto",
     .kind = CLI_OPTION_FILES,
     .arg = "FILE",
     .offset = offsetof(convert_args, onto),
     .help = "Put the text onto the pages of FILE, a PDF, the first page of the results onto the first, unless JSON "
             "says onto which; the output is that PDF with the text. The format must be pdf. An image, or several with "
             "an option each, are taken as with --images."},
    {.name = "images",
     .kind = CLI_OPTION_FILES,
     .arg = "PATH",
     .offset = offsetof(convert_args, images),
     .help = "A folder or a file that has the page images, which pdf and html show. " CLI_IMAGES_HELP},
    {.name = "password",
     .kind = CLI_OPTION_TEXT,
     .arg = "P",
     .offset = offsetof(convert_args, password),
     .help = "Password of PDFs that --onto and --images name. Other users of the machine can see it in the list of "
             "processes."},
    CLI_DECODING_OPTIONS(convert_args, decoding),
    CLI_MESSAGE_OPTIONS(convert_args, quiet, verbose),
    CLI_HELP_OPTION,
};

/* ---- losses ------------------------------------------------------------------------------------------ */

enum {
    BOXES = 1 << 0,
    CONFIDENCES = 1 << 1,
    ROLES = 1 << 2,
    SPANS = 1 << 3, /* of cells */
    TABLES = 1 << 4,
    LANGUAGES = 1 << 5,
    TAGS = 1 << 6,     /* languages that PAGE has no name for */
    OUTLINES = 1 << 7, /* baselines and corners */
    FORMULAS = 1 << 8,
    ORIGINS = 1 << 9,
    HAND = 1 << 10,
    WARNINGS = 1 << 11,
    VERTICAL = 1 << 12,
    LEVELS = 1 << 13,
    RESOLUTION = 1 << 14,
    TURNS = 1 << 15,
    LABELS = 1 << 16,
    DIGESTS = 1 << 17,
    ALL = (1 << 18) - 1
};
static const char *const features[] = {"boxes",
                                       "confidences",
                                       "roles of blocks",
                                       "spans of cells",
                                       "tables",
                                       "languages",
                                       "languages but for those that the format lists",
                                       "baselines",
                                       "LaTeX",
                                       "where boxes come from",
                                       "handwriting",
                                       "warnings",
                                       "lines from top to bottom",
                                       "levels of headings",
                                       "resolution",
                                       "how the page was turned",
                                       "page labels",
                                       "the document's SHA-256"};

/* The features that the format can express. */
static unsigned says(ocrvl_format format)
{
    static const unsigned all_three = BOXES | CONFIDENCES | SPANS | TABLES | LANGUAGES | OUTLINES | WARNINGS | LEVELS;
    switch (format) {
    case OCRVL_FORMAT_JSON:
    case OCRVL_FORMAT_JSONL: return ALL;
    case OCRVL_FORMAT_HOCR: return all_three | TAGS | RESOLUTION;
    case OCRVL_FORMAT_ALTO: return all_three | TAGS | ROLES | HAND | VERTICAL | TURNS | LABELS | DIGESTS;
    case OCRVL_FORMAT_PAGE: return all_three | ROLES | HAND | VERTICAL | RESOLUTION | TURNS | LABELS | DIGESTS;
    case OCRVL_FORMAT_TSV: return BOXES | CONFIDENCES;
    case OCRVL_FORMAT_MARKDOWN:
    case OCRVL_FORMAT_DOLMA: return SPANS | TABLES | FORMULAS | LEVELS;
    case OCRVL_FORMAT_HTML: return ROLES | SPANS | TABLES | LANGUAGES | TAGS | FORMULAS | WARNINGS | LEVELS;
    case OCRVL_FORMAT_CSV: return TABLES;
    case OCRVL_FORMAT_XLSX: return TABLES | SPANS;
    case OCRVL_FORMAT_PDF: return LANGUAGES | TAGS | RESOLUTION;
    default: return 0;
    }
}

/* Whether PAGE's name of the language is as precise as its tag. */
static bool listed(const char *tag)
{
    const char *name = ocrvl_language_english(tag), *back = name ? ocrvl_language_tag(name) : NULL;
    return back && strcmp(back, tag) == 0;
}

static unsigned of_node(const ocrvl_node *n)
{
    ocrvl_node_info i = {.size = sizeof i};
    ocrvl_node_get_info(n, &i);
    unsigned f = 0;
    f |= i.box.x1 > i.box.x0 ? BOXES : 0u;
    f |= i.origin > OCRVL_ORIGIN_INK ? ORIGINS : 0u;
    f |= i.kind == OCRVL_WORD && i.confidence >= 0 ? CONFIDENCES : 0u;
    f |= i.kind == OCRVL_BLOCK && i.role != OCRVL_ROLE_PARAGRAPH ? ROLES : 0u;
    f |= i.kind == OCRVL_CELL ? TABLES : 0u;
    f |= i.kind == OCRVL_CELL && (i.row_span > 1 || i.col_span > 1) ? SPANS : 0u;
    f |= i.lang ? LANGUAGES : 0u;
    f |= i.lang && !listed(i.lang) ? TAGS : 0u;
    f |= i.baseline[1].x != 0 || i.quad[2].x != 0 ? OUTLINES : 0u;
    f |= i.latex ? FORMULAS : 0u;
    f |= i.handwritten ? HAND : 0u;
    f |= i.dir == OCRVL_DIR_TTB ? VERTICAL : 0u;
    f |= i.level ? LEVELS : 0u;
    for (const ocrvl_node *c = ocrvl_node_first(n); c; c = ocrvl_node_next(c)) /* at most three levels deep */
        f |= of_node(c);
    return f;
}

/* What the page and its place hold. */
static unsigned of_page(const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    unsigned has = 0;
    ocrvl_page_get_info(page, &info);
    has |= info.warnings ? WARNINGS : 0u;
    has |= info.dpi_x > 0 ? RESOLUTION : 0u;
    has |= info.rotation || info.skew != 0 ? TURNS : 0u;
    has |= place->label ? LABELS : 0u;
    has |= place->sha256 ? DIGESTS : 0u;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n))
        has |= of_node(n);
    return has;
}

/* Formats that hold tables alone leave out the text around them, which is told also to those who didn't ask. */
static void report_lost_text(const cli_log *log, ocrvl_format format, const ocrvl_page *page,
                             const ocrvl_page_place *place)
{
    size_t blocks = 0;
    if (format != OCRVL_FORMAT_CSV && format != OCRVL_FORMAT_XLSX)
        return;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = {.size = sizeof i};
        ocrvl_node_get_info(n, &i);
        blocks += i.role != OCRVL_ROLE_TABLE && i.end > i.start;
    }
    if (blocks)
        cli_note(log, place->file, place->index + 1, "%s holds tables alone: the text of %zu other block%s is left out",
                 ocrvl_format_name(format), blocks, blocks > 1 ? "s" : "");
}

/* What the results' reader could not take over. */
static void report_left_out(const cli_log *log, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *code, *message;
        ocrvl_page_warning(page, i, &code, &message);
        if (strcmp(code, "text_left_out") == 0)
            cli_note(log, place->file, place->index + 1, "%s", message);
        else if (strcmp(code, "page_size") == 0)
            cli_detail(log, place->file, place->index + 1, "%s", message);
    }
}

static void report_losses(const cli_log *log, ocrvl_format format, unsigned has, const ocrvl_page_place *place)
{
    has &= ~says(format);
    if (has & LANGUAGES)
        has &= ~(unsigned)TAGS;
    for (unsigned i = 0; i < sizeof features / sizeof *features; i++)
        if (has & 1u << i)
            cli_detail(log, place->file, place->index + 1, "%s can't say: %s", ocrvl_format_name(format), features[i]);
}

/* ---- the command ------------------------------------------------------------------------------------- */

typedef struct converting {
    cli_log log;
    cli_inputs inputs;
    cli_results results;
    cli_list given; /* of --images and --onto, if that is images */
    cli_images images;
    bool shown;          /* a format shows the page images */
    const char *file;    /* the results that are read */
    const uint8_t *onto; /* the PDF to which the pages belong, or NULL */
    size_t onto_len;
    cli_exit worst;
} converting;

/* Results of a PDF say to which page they belong; others come in order. */
static void set_document(const converting *c, ocrvl_page_place *place)
{
    if (!c->onto)
        return;
    if (!place->media_type || strcmp(place->media_type, "application/pdf") != 0)
        place->index = c->results.pages;
    place->pages = 0;
    place->document = c->onto;
    place->document_len = c->onto_len;
}

/* Maps the PDF onto which the pages go, which must be one that can be opened: without it pages would be white. */
static cli_exit map_onto(converting *c, const convert_args *args, const char *file)
{
    ocrvl_error err;
    ocrvl_source *src = NULL;
    ocrvl_source_options opt = {.size = sizeof opt, .password = args->password, .onto = true};
    opt.pdfa = args->results.pdfa != OCRVL_PDFA_NONE;
    c->results.opt.password = args->password;
    cli_decoding_source(&args->decoding, &opt);
    ocrvl_status st = ocrvl_file_map(&c->onto, &c->onto_len, file, &err);
    if (!st && c->onto_len == 0)
        st = ocrvl_fail(&err, OCRVL_E_FORMAT, "%s: the file is empty", file);
    if (!st)
        st = ocrvl_source_open_memory(&src, c->onto, c->onto_len, file, &opt, &err);
    ocrvl_source_free(src);
    if (st)
        cli_error(&c->log, file, 0, "%s%s", err.message,
                  st == OCRVL_E_PASSWORD && !args->password ? " (give it with --password)" : "");
    return cli_exit_of(st, CLI_EXIT_INPUT);
}

static bool is_pdf(const convert_args *args, const char *file)
{
    ocrvl_source *src;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = NULL;
    ocrvl_source_options opt = {.size = sizeof opt, .last_page = 1, .max_pixels = 1};
    ocrvl_error err;
    cli_decoding_source(&args->decoding, &opt);
    if (ocrvl_source_open(&src, file, &opt, &err))
        return err.status != OCRVL_E_UNSUPPORTED && err.status != OCRVL_E_ARG; /* it is reported where it is mapped */
    (void)!ocrvl_source_next(src, &img, &place, &err);                         /* too large, but its place is known */
    bool pdf = place.media_type && strcmp(place.media_type, "application/pdf") == 0;
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    return pdf;
}

static cli_exit open_onto(converting *c, const cli_command *self, const convert_args *args)
{
    const cli_list *onto = &args->onto;
    bool pdf = onto->count == 1 && is_pdf(args, onto->items[0].text);
    c->given = args->images;
    for (size_t i = 0; i < onto->count && !pdf; i++) {
        if (c->given.count == CLI_LIST)
            return cli_usage_error(self, "more than %d images: name their folder with --images", CLI_LIST);
        c->given.items[c->given.count++] = onto->items[i];
    }
    bool pages = cli_results_has(&c->results, OCRVL_FORMAT_PDF), html = cli_results_has(&c->results, OCRVL_FORMAT_HTML);
    c->shown = !args->results.no_images && ((pages && !pdf) || html);
    c->images = (cli_images){.log = &c->log,
                             .given = &c->given,
                             .password = args->password,
                             .decoding = &args->decoding,
                             .dispensable = true};
    if (!onto->count)
        return CLI_EXIT_OK;
    if (!pages)
        return cli_usage_error(self, "--onto needs the format pdf");
    for (size_t i = 0; i < onto->count; i++)
        if (cli_same_file(args->results.output, onto->items[i].text))
            return cli_usage_error(self, "the output '%s' is also an input", onto->items[i].text);
    if (pdf && c->results.by_input)
        return cli_usage_error(self, "--onto is one PDF, and can't have an output for each input");
    return pdf ? map_onto(c, args, onto->items[0].text) : CLI_EXIT_OK;
}

/* A page that waits until it is known whether it is its document's only one; it owns the strings of place. */
typedef struct waiting {
    ocrvl_page *page; /* NULL if none waits */
    ocrvl_page_place place;
    char *strings[4];
} waiting;

static void free_waiting(waiting *w)
{
    ocrvl_page_free(w->page);
    for (size_t i = 0; i < sizeof w->strings / sizeof *w->strings; i++)
        ocrvl_free(w->strings[i]);
    memset(w, 0, sizeof *w);
}

static ocrvl_status wait_for_next(waiting *w, ocrvl_page *page, const ocrvl_page_place *place, ocrvl_error *err)
{
    const char **own[] = {&w->place.file, &w->place.media_type, &w->place.label, &w->place.sha256};
    w->page = page;
    w->place = *place;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!*own[i])
            continue;
        w->strings[i] = ocrvl_strdup(*own[i]);
        if (!w->strings[i])
            return ocrvl_fail_nomem(err);
        *own[i] = w->strings[i];
    }
    return OCRVL_OK;
}

/* Writes the page that waits, if there is one. */
static cli_exit put_waiting(converting *c, waiting *w)
{
    cli_exit over = CLI_EXIT_OK;
    ocrvl_image *img = NULL;
    if (w->page) {
        unsigned has = c->log.verbose ? of_page(w->page, &w->place) : 0;
        for (size_t i = 0; i < c->results.sink_count; i++) {
            report_losses(&c->log, c->results.sinks[i].format, has, &w->place);
            report_lost_text(&c->log, c->results.sinks[i].format, w->page, &w->place);
        }
        report_left_out(&c->log, w->page, &w->place);
        if (c->shown)
            over = cli_images_find(&c->images, c->file, w->page, &w->place, &img);
        set_document(c, &w->place);
        if (!over)
            over = cli_results_page(&c->results, w->page, &w->place);
        ocrvl_image_free(img);
    }
    free_waiting(w);
    return over;
}

/* Reports that a page, or with page 0 the document, can't be read; the others still are. */
static void fail(converting *c, const char *file, uint64_t page, ocrvl_status st, const ocrvl_error *err)
{
    cli_error(&c->log, file, page, "%s", err->message);
    c->worst = cli_exit_worse(c->worst, cli_exit_of(st, CLI_EXIT_INPUT));
}

/* Handles one document, the input of that number. Other than OK means that the run has to end. */
static cli_exit do_file(converting *c, size_t input)
{
    const char *file = c->inputs.paths[input];
    bool alone = c->inputs.count == 1 || c->results.by_input;
    c->file = file;
    ocrvl_results *in;
    ocrvl_error err;
    uint64_t pages = 0;
    waiting w = {0};
    cli_exit over = cli_results_input(&c->results, input);
    if (over)
        return over;
    ocrvl_status st = ocrvl_results_open(&in, file, &err);
    bool opened = !st;
    for (bool more = opened; more && !over && !cli_signals_stopped();) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_results_next(in, &page, &place, &err);
        more = st || page;
        pages += more;
        c->results.opt.pages = alone && !more && pages == 1;
        c->results.several = more && pages > 1;
        over = put_waiting(c, &w);
        if (page && !over)
            st = wait_for_next(&w, page, &place, &err);
        else
            ocrvl_page_free(page);
        if (st)
            fail(c, file, pages, st, &err);
        more &= st != OCRVL_E_NOMEM;
    }
    if (!over && cli_signals_stopped()) {
        over = put_waiting(c, &w);
        over = over ? over : CLI_EXIT_STOPPED;
    }
    free_waiting(&w);
    if (!opened && over)
        return over;
    if (!opened)
        fail(c, file, 0, st, &err);
    else if (!over && pages == 0) {
        cli_error(&c->log, file, 0, "the document has no page");
        c->worst = cli_exit_worse(c->worst, CLI_EXIT_INPUT);
    }
    ocrvl_results_free(in);
    return over;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    convert_args args = {0};
    converting c = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    c.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose};
    status = cli_decoding_begin(&c.log, &args.decoding);
    if (!status)
        status = cli_inputs_take(&c.inputs, self, &c.log, ocrvl_results_knows, argv + 1, count);
    if (!status)
        status = cli_results_begin(&c.results, self, &args.results, &c.inputs, &c.log);
    if (!status)
        status = open_onto(&c, self, &args);
    if (!status)
        status = cli_results_open(&c.results);
    for (size_t i = 0; i < c.inputs.count && !status; i++)
        status = do_file(&c, i);
    if (!status)
        status = cli_results_finish(&c.results);
    else if (status == CLI_EXIT_STOPPED)
        status = cli_results_stop(&c.results);
    c.worst = cli_exit_worse(c.worst, cli_results_verdict(&c.results));
    cli_results_free(&c.results);
    cli_images_free(&c.images);
    cli_decoding_end(&args.decoding);
    ocrvl_file_unmap(c.onto, c.onto_len);
    cli_inputs_free(&c.inputs);
    return status ? status : c.worst;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_convert = {
    .name = "convert",
    .summary = "convert results from one format to another",
    .usage = usage,
    .about =
        "Converts results (the JSON of ocrvl read, hOCR, ALTO 2 to 4, PAGE XML, Tesseract's TSV; the format is told by "
        "the content) to any format that ocrvl read writes. A FILE that is a folder stands for the results in it. "
        "Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
