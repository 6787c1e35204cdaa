/* What one run of ocrvl ask holds, and its parts: the pages that are shown, the questions, a conversation. */
#ifndef OCRVL_CLI_ASKING_H
#define OCRVL_CLI_ASKING_H

#include "answers.h"
#include "document.h"
#include "generate.h"
#include "inputs.h"
#include "ocrvl_dev.h"
#include "output.h"
#include "page_model.h"
#include "progress.h"
#include "questions.h"

/* Pages for one question, since a larger number would leave each too small a share of the context to be legible; bytes
 * of a schema, of tools, of a line of a conversation. */
enum { CLI_MAX_SHOWN = 64, CLI_MAX_SAID = 1 << 20 };

typedef struct cli_ask_args {
    const char *model, *schema, *tools, *questions, *output;
    cli_document_args document;
    cli_pixel_args pixels;
    cli_line_args line;
    cli_budget_args budget;
    cli_generate_args generate;
    bool json, each, chat, as_is, quiet, verbose, no_progress;
} cli_ask_args;

typedef struct cli_asking { /* one run of the command */
    const cli_command *cmd;
    const cli_ask_args *args;
    cli_questions questions; /* none with --chat */
    cli_inputs inputs;
    cli_log log;
    cli_progress progress;
    ocrvl_source_options source;
    ocrvl_ask_options ask;
    char *schema, *tools;
    ocrvl_model *model;
    cli_line_models lines; /* beside it */
    ocrvl_planner *planner;
    ocrvl_session *session;
    cli_output *output;
    ocrvl_image *images[CLI_MAX_SHOWN];
    cli_shown_page pages[CLI_MAX_SHOWN];
    char *names[CLI_MAX_SHOWN]; /* of the pages' files */
    size_t shown;
    ocrvl_inquiry *inquiry; /* about them; NULL before the first question */
    uint64_t pixels;        /* of all images */
    ocrvl_dev_video video;  /* of which there may be one */
    ocrvl_turn *turns;
    size_t turn_count, turn_cap;
    uint64_t answers; /* that were written */
    cli_exit worst;
} cli_asking;

/* Reports it. */
cli_exit cli_asking_no_memory(const cli_asking *q);
/* Asks each question about the pages, and prints the answers. Other than OK means that the run has to end. */
cli_exit cli_asking_ask(cli_asking *q);
/* Asks one question. If copy isn't NULL, it gets the answer's text, newly allocated. */
cli_exit cli_asking_ask_one(cli_asking *q, const cli_question *question, char **copy);
/* Prints, with --each, that there are no answers about a page, because of `why`. */
cli_exit cli_asking_no_page(cli_asking *q, const cli_shown_page *page, const ocrvl_error *why);

/* Handles one document: asks about its pages, or collects them for the questions. Other than OK means that the run has
 * to end. */
cli_exit cli_asking_file(cli_asking *q, const char *file);
/* Frees the pages and what is known of them. */
void cli_asking_forget(cli_asking *q);

/* Takes questions from standard input, each answered with those before it in mind. */
cli_exit cli_asking_chat(cli_asking *q);

#endif
