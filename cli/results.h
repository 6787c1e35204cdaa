/* The destination of pages that were read or converted: one document, or a document for each page. */
#ifndef OCRVL_CLI_RESULTS_H
#define OCRVL_CLI_RESULTS_H

#include "command.h"
#include "inputs.h"
#include "messages.h"
#include "names.h"
#include "ocrvl_formats.h"
#include "output.h"

typedef struct cli_results_args {
    cli_list formats;
    const char *output, *dir;
    bool split, alto_single, join_hyphens, keep_hyphens, no_images, alto_flat_tables, pdfa_rasterize;
    unsigned pdfa;
} cli_results_args;

extern const char *const cli_results_pdfa[]; /* in the order of ocrvl_pdfa */

/* Rows about how results look; `in` as below. */
#define CLI_FORM_OPTIONS(T, in)                                                                                        \
    {.name = "pdfa",                                                                                                   \
     .kind = CLI_OPTION_CHOICE,                                                                                        \
     .arg = "LEVEL",                                                                                                   \
     .offset = offsetof(T, in.pdfa),                                                                                   \
     .choices = cli_results_pdfa,                                                                                      \
     .help = "In PDF, keep to PDF/A and say so: 1b or 2b. The pages of a PDF are kept, and what the standard asks "    \
             "for is added or mended. Where that isn't possible without a loss, as with a font that isn't "            \
             "embedded, a message names the page, which stays as it is, the file doesn't say that it is PDF/A, and "   \
             "the exit status is 1. The default is none."},                                                            \
        {.name = "pdfa-rasterize",                                                                                     \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.pdfa_rasterize),                                                                     \
         .help = "With --pdfa, turn those pages, and no others, into images with a text layer."},                      \
        {.name = "no-images",                                                                                          \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.no_images),                                                                          \
         .help = "In HTML, write a plain page to read. By default the page's image stands beside the text, to check "  \
                 "one against the other. PDFs that ocrvl convert makes have white pages then."},                       \
        {.name = "alto-flat-tables",                                                                                   \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.alto_flat_tables),                                                                   \
         .help =                                                                                                       \
             "In ALTO, write the cells of tables as blocks of the page, for readers that don't look into composed "    \
             "blocks."},                                                                                               \
        {.name = "join-hyphens",                                                                                       \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.join_hyphens),                                                                       \
         .help =                                                                                                       \
             "In text and Dolma, join words that are broken at the ends of lines. By default they stay as they "       \
             "stand on the page. In Markdown and in HTML without images they are joined. A hyphen stays in a word "    \
             "that has it elsewhere in the document, up to that page, more often than not."},                          \
    {                                                                                                                  \
        .name = "keep-hyphens", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.keep_hyphens),                       \
        .help = "In Markdown and HTML, too, leave words that are broken at the ends of lines as they are."             \
    }

/* Rows of an option table; `in` is the struct T's member of type cli_results_args. */
#define CLI_RESULTS_OPTIONS(T, in)                                                                                     \
    {.name = "format",                                                                                                 \
     .letter = 'f',                                                                                                    \
     .kind = CLI_OPTION_LIST,                                                                                          \
     .arg = "FORMAT",                                                                                                  \
     .offset = offsetof(T, in.formats),                                                                                \
     .help = "What to write: text, json, jsonl, hocr, alto, page, tsv, markdown, html, dolma, pdf, csv or xlsx; txt "  \
             "and md are text and markdown. Several, with commas between them or each with an option of its own, are " \
             "written in one run, each to a file with the suffix of its format. The default is what the suffix of "    \
             "--output says, or text."},                                                                               \
        {.name = "output",                                                                                             \
         .letter = 'o',                                                                                                \
         .kind = CLI_OPTION_NAME,                                                                                      \
         .arg = "FILE",                                                                                                \
         .offset = offsetof(T, in.output),                                                                             \
         .help = "Write to FILE instead of standard output. It appears when it is complete, or a signal ends the "     \
                 "run, and what stood there before is kept until then. With %s in FILE each input has an output of "   \
                 "its own, in which the input's name without its suffix stands in that place; the format's suffix "    \
                 "is added unless a suffix follows it."},                                                              \
        {.name = "output-dir",                                                                                         \
         .kind = CLI_OPTION_NAME,                                                                                      \
         .arg = "DIR",                                                                                                 \
         .offset = offsetof(T, in.dir),                                                                                \
         .help = "Write an output for each input to DIR, under the input's name with the format's suffix. Folders "    \
                 "below a folder that is read are made there too."},                                                   \
        {.name = "split",                                                                                              \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.split),                                                                              \
         .help = "Write each page to a file of its own. The name that --output gives is then a pattern: %d becomes "   \
                 "the page's number, %03d the same with zeros to three digits, and %% a percent sign. Numbers run on " \
                 "from one FILE to the next. In CSV each table has a file of its own."},                               \
        {.name = "alto-single",                                                                                        \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.alto_single),                                                                        \
         .help = "In ALTO, write all pages to the one file that --output names. By default, where there are several, " \
                 "each has a file of its own: NAME.xml becomes NAME-0001.xml and so on."},                             \
        CLI_FORM_OPTIONS(T, in)

/* One format of the document in hand. */
typedef struct cli_sink {
    ocrvl_format format;
    char *name;           /* of the file that --output or --output-dir leads to; NULL: standard output */
    cli_output *output;   /* the only output, unless the output is split */
    ocrvl_writer *writer; /* made with the first page: without pages there is no output */
    uint64_t tables;      /* that --split has written */
    uint32_t table;       /* the one of the page that is written alone, 1-based; 0: all of the page */
    /* One file for each page although no pattern was given: the first page waits here until it is known whether it is
     * the only one, which gets the name without number. */
    bool numbered;
    ocrvl_buf first;
} cli_sink;

typedef struct cli_results { /* set by cli_results_begin; the strings of opt are the caller's */
    const cli_command *cmd;
    const cli_results_args *args;
    cli_inputs *inputs;
    const cli_log *log;
    ocrvl_writer_options opt;
    cli_sink sinks[CLI_LIST];
    size_t sink_count;
    bool keep_hyphens; /* words broken at the ends of lines aren't joined without being asked for */
    bool by_input;     /* each input has outputs of its own */
    /* After a failure: what was wrong with the pages or the writer; OCRVL_OK if it was the place of the output. */
    ocrvl_status unwritable;
    bool unfit;            /* something that was written isn't the PDF/A that was asked for */
    size_t input;          /* whose outputs are open */
    uint64_t pages, total; /* of the outputs in hand; of all */
    bool several;          /* set by the caller: more than one page is known to come */
    /* Set by the caller for one page: what a PDF gets in its place, because its own page is to stay as it is. */
    const ocrvl_page *pdf_page;
    void (*written)(void *user, const char *name); /* told of each file that is in its place; may be NULL */
    /* Told of each page, 1-based, that can't be the PDF/A that was asked for; 0: the document; may be NULL. */
    void (*told_unfit)(void *user, uint64_t page, const char *why);
    void *user;
} cli_results;

/* Checks the arguments; returns CLI_EXIT_USAGE after an error message if they are wrong. */
cli_exit cli_results_begin(cli_results *r, const cli_command *cmd, const cli_results_args *args, cli_inputs *inputs,
                           const cli_log *log);
/* Whether any, or any other, of the formats to be written is this one. */
bool cli_results_has(const cli_results *r, ocrvl_format format);
bool cli_results_has_other(const cli_results *r, ocrvl_format format);
/* Whether what is written shows the pages' images. */
bool cli_results_show_images(const cli_results *r);
/* Whether any of the formats tells the structure of documents. */
bool cli_results_tell_structure(const cli_results *r);
/* Called before the work, so that a place that can't be written is found now and not hours later. */
cli_exit cli_results_open(cli_results *r);
/* Says of which input, 0-based, the pages are that come now. Inputs come in their order. */
cli_exit cli_results_input(cli_results *r, size_t input);
/* Writes the next page; its bytes have been passed on when this returns. From here on a signal ends the run as
 * described at cli_signals_keep. r->opt must be set; opt.pages is the number of pages, or 0 if it isn't known. */
cli_exit cli_results_page(cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place);
cli_exit cli_results_finish(cli_results *r);
/* CLI_EXIT_PAGES if something that was written isn't what was asked for, else OK. */
cli_exit cli_results_verdict(const cli_results *r);
/* Ends a run that a signal stopped: closes the output after the pages that it has, and reports how many they are.
 * Returns CLI_EXIT_STOPPED if that succeeded. */
cli_exit cli_results_stop(cli_results *r);
/* Frees what r owns; an unfinished output is removed. */
void cli_results_free(cli_results *r);

#endif
