/* ocrvl convert: results of any tool to any format. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "document.h"
#include "options.h"
#include "results.h"

typedef struct convert_args {
    cli_results_args results;
    const char *onto, *password;
    bool quiet, verbose;
} convert_args;

static const cli_option options[] = {
    CLI_RESULTS_OPTIONS(convert_args, results),
    {.name = "onto",
     .kind = CLI_OPTION_NAME,
     .arg = "PDF",
     .offset = offsetof(convert_args, onto),
     .help = "Put the text onto the pages of PDF, the first page of the results onto the first, unless JSON says onto "
             "which; the output is PDF with it. The format must be pdf."},
    {.name = "password",
     .kind = CLI_OPTION_TEXT,
     .arg = "P",
     .offset = offsetof(convert_args, password),
     .help = "Password of the file that --onto names. Other users of the machine can see it in the list of processes."},
    CLI_MESSAGE_OPTIONS(convert_args, quiet, verbose),
    CLI_HELP_OPTION,
};

/* ---- what gets lost ---------------------------------------------------------------------------------- */

enum {
    BOXES = 1,
    CONFIDENCES = 2,
    ROLES = 4,
    SPANS = 8, /* of cells */
    TABLES = 16,
    LANGUAGES = 32,
    OUTLINES = 64, /* baselines and corners */
    FORMULAS = 128,
    ORIGINS = 256,
    HAND = 512,
    WARNINGS = 1024,
    ALL = 2047
};
static const char *const features[] = {
    "boxes",     "confidences", "roles of blocks",       "spans of cells", "tables",  "languages",
    "baselines", "LaTeX",       "where boxes come from", "handwriting",    "warnings"};

/* What the format can say; split: each page in a file of its own. */
static unsigned says(ocrvl_format format, bool one)
{
    switch (format) {
    case OCRVL_FORMAT_JSON:
    case OCRVL_FORMAT_JSONL:
        return ALL;
    case OCRVL_FORMAT_HOCR:
        return BOXES | CONFIDENCES | SPANS | TABLES | LANGUAGES | OUTLINES | WARNINGS;
    case OCRVL_FORMAT_ALTO:
        return BOXES | CONFIDENCES | ROLES | (one ? SPANS : 0u) | TABLES | LANGUAGES | OUTLINES | HAND | WARNINGS;
    case OCRVL_FORMAT_PAGE:
        return BOXES | CONFIDENCES | ROLES | SPANS | TABLES | LANGUAGES | OUTLINES | HAND | WARNINGS;
    case OCRVL_FORMAT_TSV:
        return BOXES | CONFIDENCES;
    case OCRVL_FORMAT_MARKDOWN:
    case OCRVL_FORMAT_DOLMA:
        return SPANS | TABLES | FORMULAS;
    case OCRVL_FORMAT_HTML:
        return ROLES | SPANS | TABLES | LANGUAGES | FORMULAS | WARNINGS;
    case OCRVL_FORMAT_PDF:
        return LANGUAGES;
    default:
        return 0;
    }
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
    f |= i.baseline[1].x != 0 || i.quad[2].x != 0 ? OUTLINES : 0u;
    f |= i.latex ? FORMULAS : 0u;
    f |= i.handwritten ? HAND : 0u;
    for (const ocrvl_node *c = ocrvl_node_first(n); c; c = ocrvl_node_next(c)) /* at most three deep */
        f |= of_node(c);
    return f;
}

static void tell_losses(const cli_log *log, ocrvl_format format, bool one, const ocrvl_page *page,
                        const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    unsigned has = 0;
    if (!log->verbose)
        return;
    ocrvl_page_get_info(page, &info);
    has |= info.warnings ? WARNINGS : 0u;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n))
        has |= of_node(n);
    has &= ~says(format, one);
    for (unsigned i = 0; i < sizeof features / sizeof *features; i++)
        if (has & 1u << i)
            cli_detail(log, place->file, place->index + 1, "%s can't say: %s", ocrvl_format_name(format), features[i]);
}

/* ---- the command ------------------------------------------------------------------------------------- */

typedef struct converting {
    cli_log log;
    cli_results results;
    const uint8_t *onto; /* the PDF that the pages are of, or NULL */
    size_t onto_len;
    cli_exit worst;
} converting;

/* Results of a PDF say which page they are of; others come in order. */
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

static cli_exit open_onto(converting *c, const cli_command *self, const convert_args *args)
{
    ocrvl_error err;
    if (!args->onto)
        return CLI_EXIT_OK;
    if (c->results.format != OCRVL_FORMAT_PDF || args->results.pdfa)
        return cli_usage_error(self, "--onto needs the format pdf, without --pdfa");
    if (cli_document_overwritten(self, args->results.output, &args->onto, 1))
        return CLI_EXIT_USAGE;
    c->results.opt.password = args->password;
    ocrvl_status st = ocrvl_file_map(&c->onto, &c->onto_len, args->onto, &err);
    if (!st && c->onto_len == 0)
        st = ocrvl_fail(&err, OCRVL_E_FORMAT, "%s: no bytes at all", args->onto);
    if (st)
        cli_error(&c->log, args->onto, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_INPUT);
}

/* One document. Not OK: the run is over. */
static cli_exit do_file(converting *c, const char *file, bool alone)
{
    ocrvl_results *in;
    ocrvl_error err;
    uint64_t pages = 0;
    cli_exit over = CLI_EXIT_OK;
    ocrvl_status st = ocrvl_results_open(&in, file, &err);
    for (bool more = !st; more && !over;) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_results_next(in, &page, &place, &err);
        more = page != NULL;
        if (!page)
            break;
        pages++;
        c->results.opt.pages = alone ? place.pages : 0;
        tell_losses(&c->log, c->results.format, c->results.args->split, page, &place);
        set_document(c, &place);
        over = cli_results_page(&c->results, page, &place);
        ocrvl_page_free(page);
    }
    if (st) {
        cli_error(&c->log, file, pages ? pages + 1 : 0, "%s", err.message);
        c->worst = cli_exit_worse(c->worst, cli_exit_of(st, CLI_EXIT_INPUT));
    } else if (!over && pages == 0) {
        cli_error(&c->log, file, 0, "no page in it");
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
    const char *const *files = cli_document_files(self, argv + 1, &count);
    if (!files)
        return CLI_EXIT_USAGE;
    c.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose};
    status = cli_results_begin(&c.results, self, &args.results, files, count, &c.log);
    if (!status)
        status = open_onto(&c, self, &args);
    if (!status)
        status = cli_results_open(&c.results);
    for (size_t i = 0; i < count && !status; i++)
        status = do_file(&c, files[i], count == 1);
    if (!status)
        status = cli_results_finish(&c.results);
    cli_results_free(&c.results);
    ocrvl_file_unmap(c.onto, c.onto_len);
    return status ? status : c.worst;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_convert = {
    .name = "convert",
    .summary = "convert results from one format to another",
    .usage = usage,
    .about =
        "Converts results (the JSON of ocrvl read, hOCR, ALTO 2 to 4, PAGE XML, Tesseract's TSV; the format is told by "
        "the content) to any format that ocrvl read writes. Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
