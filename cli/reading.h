/* Reading pages of documents, one after the other, whatever becomes of them: what ocrvl read and ocrvl batch share. */
#ifndef OCRVL_CLI_READING_H
#define OCRVL_CLI_READING_H

#include "base/buf.h"
#include "command.h"
#include "document.h"
#include "generate.h"
#include "messages.h"
#include "model.h"
#include "ocrvl_formats.h"
#include "page_model.h"
#include "progress.h"
#include "queue.h"
#include "tally.h"

typedef struct cli_read_args { /* everything that shapes a result; to begin with CLI_READ_DEFAULTS */
    const char *model;
    cli_document_args document;
    cli_task_args task;
    cli_pixel_args pixels;
    cli_line_args line;
    cli_budget_args budget;
    cli_generate_args generate;
    unsigned layout;
    unsigned redo;
    unsigned text_layer;
    bool keep_rotation, keep_skew, no_drafts, strict, diplomatic, hash;
    uint64_t retries; /* CLI_RETRIES_DEFAULT means not given */
    uint64_t batch;
} cli_read_args;

#define CLI_RETRIES_DEFAULT UINT64_MAX
#define CLI_READ_DEFAULTS                                                                                              \
    {                                                                                                                  \
        .retries = CLI_RETRIES_DEFAULT, .batch = 4                                                                     \
    }

/* How many pages the structure of a page is told by that come after it. */
enum { CLI_STRUCTURE_AHEAD = 4 };

extern const char *const cli_read_layouts[]; /* in the order of ocrvl_layout_mode */
extern const char *const cli_read_redos[];
enum { CLI_REDO_SKIP, CLI_REDO_KEEP, CLI_REDO_REPLACE };
extern const char *const cli_read_text_layers[];
enum { CLI_TEXT_LAYER_AUTO, CLI_TEXT_LAYER_ONLY, CLI_TEXT_LAYER_NEVER };

/* Rows of an option table; `in` is the struct T's member of type cli_read_args. */
#define CLI_READ_OPTIONS(T, in)                                                                                        \
    {.name = "redo",                                                                                                   \
     .kind = CLI_OPTION_CHOICE,                                                                                        \
     .arg = "HOW",                                                                                                     \
     .offset = offsetof(T, in.redo),                                                                                   \
     .choices = cli_read_redos,                                                                                        \
     .help =                                                                                                           \
         "From PDF to PDF, what to do with a page that has text already: skip leaves it as it is, unread; keep "       \
         "keeps its text and adds what is read elsewhere on it; replace first takes away text that can't be seen, as " \
         "other OCR left it. The default is skip."},                                                                   \
        {.name = "text-layer",                                                                                         \
         .kind = CLI_OPTION_CHOICE,                                                                                    \
         .arg = "HOW",                                                                                                 \
         .offset = offsetof(T, in.text_layer),                                                                         \
         .choices = cli_read_text_layers,                                                                              \
         .help = "What to do with text that a PDF itself holds. With auto it is taken exactly, where it can be seen "  \
                 "and its "                                                                                            \
                 "characters are known, and other ink is read. With only nothing is read, and no model is needed. "    \
                 "With never "                                                                                         \
                 "the page is read from its image. The default is auto. With a prompt other than text a model reads "  \
                 "the whole "                                                                                          \
                 "page."},                                                                                             \
        CLI_MODEL_OPTION(T, in.model), CLI_DOCUMENT_OPTIONS(T, in.document), CLI_TASK_OPTION(T, in.task),              \
        CLI_TASK_MORE_OPTIONS(T, in.task), CLI_PIXEL_OPTIONS(T, in.pixels), CLI_LINE_MODEL_OPTIONS(T, in.line),        \
        CLI_BUDGET_OPTIONS(T, in.budget, "a page"),                                                                    \
        {.name = "retries",                                                                                            \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.retries),                                                                            \
         .least = 0,                                                                                                   \
         .most = 16,                                                                                                   \
         .help =                                                                                                       \
             "Where a page model runs in a loop, try up to N other ways on from where it began. The default is 2."},   \
        {.name = "no-drafts",                                                                                          \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.no_drafts),                                                                          \
         .help = "Let a page model write one token at a time, without drafts to check: slower, and the same text."},   \
        {.name = "batch",                                                                                              \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.batch),                                                                              \
         .least = 1,                                                                                                   \
         .most = 64,                                                                                                   \
         .help = "Let a page model write the text of up to N pages at a time, which takes less time in all and more "  \
                 "memory. "                                                                                            \
                 "With more than one thread the model is shown the next page meanwhile, unless N is 1. The result is " \
                 "the same "                                                                                           \
                 "for any number. The default is 4."},                                                                 \
        {.name = "strict",                                                                                             \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.strict),                                                                             \
         .help = "Take a page for partial where a page model wrote text that has no ink, or left ink unread."},        \
        {.name = "diplomatic",                                                                                         \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.diplomatic),                                                                         \
         .help = "Keep text as it was read. By default it is put into Unicode's NFC, and white space within a line "   \
                 "is one "                                                                                             \
                 "space. Hyphens at the ends of lines stay, in Markdown and HTML too."},                               \
        {.name = "layout",                                                                                             \
         .kind = CLI_OPTION_CHOICE,                                                                                    \
         .arg = "MODE",                                                                                                \
         .offset = offsetof(T, in.layout),                                                                             \
         .choices = cli_read_layouts,                                                                                  \
         .help = "What a page holds: auto looks for columns, blocks and lines, block takes the page as one block of "  \
                 "lines, "                                                                                             \
                 "line as a single line, however closely it was cut out. The default is auto."},                       \
        {.name = "keep-rotation",                                                                                      \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.keep_rotation),                                                                      \
         .help = "Take pages as upright; by default pages that lie on a side or on their head are turned."},           \
        {.name = "keep-skew",                                                                                          \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.keep_skew),                                                                          \
         .help = "Take lines as level; by default leaning and bent pages are straightened."},                          \
        CLI_GENERATE_OPTIONS(                                                                                          \
            T, in.generate,                                                                                            \
            "Stop reading a page after SECONDS; what was read until then is kept. The default, 0, is never.",          \
            "Let a line reader write at most N tokens for a line, a page model for each tile of a page. The default "  \
            "is "                                                                                                      \
            "the model's own, and 4096 for a page model."),                                                            \
    {                                                                                                                  \
        .name = "hash", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.hash),                                       \
        .help =                                                                                                        \
            "Record the weights' SHA-256 also of a checkpoint of more than 1 GiB, which takes a while. Formats that "  \
            "record it are json, jsonl, alto and page."                                                                \
    }

/* A document, and what became of it. */
typedef struct cli_read_document {
    const char *path; /* what is opened */
    const char *name; /* what results call it; NULL: path */
    bool opened;
    ocrvl_error why;       /* if it could not be opened */
    uint64_t made, failed; /* pages that came out of it, and those that could not be made */
} cli_read_document;

typedef struct cli_reading { /* one run */
    const cli_command *cmd;
    const cli_read_args *args;
    const cli_log *log;
    /* What is written: onto a PDF's own pages; a PDF at all; another format; one that records the weights' SHA-256. */
    bool onto_pdf, any_pdf, other, hash;
    /* Outputs that show the pages' images; that tell the structure of whole documents, of which a page then waits for
     * pages after it, but for those that were read if pages are wanted at once. */
    bool images, structured, at_once;
    const char *const *paths;  /* by number of the file, so that those that can't be opened have a page; or NULL */
    ocrvl_writer_options *opt; /* gets what outputs say about the model and the settings */
    /* Takes each page, in order. pdf_page: what a PDF gets in its place, or NULL. Other than OK ends the run. */
    cli_exit (*put)(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q);
    /* Told before each page of a document is made, and how many it has (0: not known, as if only some are read); may be
     * NULL. False: no further page of it is wanted. */
    bool (*next)(void *user, uint64_t pages);
    void *user;
    bool one_by_one; /* no page is made before the one before it has left */
    cli_progress progress;
    cli_tally tally;
    /* From here on set by cli_reading_begin. */
    ocrvl_source_options source;
    ocrvl_read_options read;
    cli_task task;
    ocrvl_model *model;
    ocrvl_reader reader;   /* what the model is */
    cli_line_models lines; /* beside it */
    ocrvl_planner *planner;
    ocrvl_session *session;
    ocrvl_batch *batch;
    cli_queue queue;            /* pages of the batch, and between them those that could not be made */
    ocrvl_structure *structure; /* of the document; pages wait here for those after them */
    uint64_t last_file;         /* the file of the last page in it, 1-based */
    char sha256[65];
    ocrvl_buf settings;
    uint64_t file;    /* the file that is being opened, 1-based */
    uint64_t skipped; /* pages of this document that have text already */
    uint64_t unseen;  /* and those that have text which can't be seen, and stays */
    bool slow;        /* the model may take minutes for a page, which hasn't been told yet */
    cli_exit worst;   /* of what was read so far */
} cli_reading;

/* Whether the arguments contradict each other: CLI_EXIT_USAGE after a message. */
cli_exit cli_reading_check(const cli_command *cmd, const cli_read_args *args);
/* Loads the prompt, and says in r->opt and r->source what is known without a model. */
cli_exit cli_reading_settle(cli_reading *r);
/* Opens the model, and makes a session and a batch. */
cli_exit cli_reading_begin(cli_reading *r);
/* Reads a document, as far as its pages leave the batch. Other than OK means that the run has to end: a document that
 * can't be opened is reported, and is in doc and r->worst. */
cli_exit cli_reading_document(cli_reading *r, cli_read_document *doc);
/* A page of the image's size without text, as a PDF gets where its own page has text that stays. */
OCRVL_MUST_CHECK ocrvl_status cli_reading_empty_page(ocrvl_page **out, const ocrvl_image *img, ocrvl_error *err);
/* Lets all pages leave that are in hand. */
cli_exit cli_reading_drain(cli_reading *r);
void cli_reading_free(cli_reading *r);

#endif
