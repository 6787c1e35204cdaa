/* What the commands that drive a page model have in common: what it is asked, how large it sees pages, and the line
 * reader beside it. */
#ifndef OCRVL_CLI_PAGE_MODEL_H
#define OCRVL_CLI_PAGE_MODEL_H

#include "command.h"
#include "messages.h"
#include "ocrvl.h"

typedef struct cli_pixel_args { /* 0: not given */
    uint64_t min_pixels, max_pixels, min_tokens, max_tokens;
} cli_pixel_args;

typedef struct cli_budget_args { /* 0: not given */
    double seconds;
    uint64_t memory;
} cli_budget_args;

typedef struct cli_line_args {
    const char *dir;
    bool none;
} cli_line_args;

typedef struct cli_task_args { /* NULL: not given */
    const char *name, *file, *find, *languages;
} cli_task_args;

typedef struct cli_task { /* freed with cli_task_free; zero-initialise */
    const char *name;     /* borrowed; NULL: the one that suits the checkpoint */
    char *text;           /* in place of the task's; NULL: none */
} cli_task;

/* Rows of an option table; `in` is the struct T's member of the type named above. */
#define CLI_BUDGET_OPTIONS(T, in, of)                                                                                  \
    {.name = "time-budget",                                                                                            \
     .kind = CLI_OPTION_NUMBER,                                                                                        \
     .arg = "SECONDS",                                                                                                 \
     .offset = offsetof(T, in.seconds),                                                                                \
     .least = 0,                                                                                                       \
     .most = 4000000,                                                                                                  \
     .help = "Show a page model " of " so small that it is done in about SECONDS, as this machine's speed is "         \
             "measured to be, but never smaller than can be read. The default, 0, is as large as reads best."},        \
        {.name = "max-memory",                                                                                         \
         .kind = CLI_OPTION_BYTES,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.memory),                                                                             \
         .least = 1,                                                                                                   \
         .most = UINT64_MAX,                                                                                           \
         .help = "Keep to N bytes of memory, by smaller pictures; K, M or G after the number multiply it by powers "   \
                 "of 1024. The default is what the machine or its limits for the program leave."}

#define CLI_PIXEL_OPTIONS(T, in)                                                                                        \
    {.name = "min-pixels",                                                                                             \
     .kind = CLI_OPTION_COUNT,                                                                                         \
     .arg = "N",                                                                                                       \
     .offset = offsetof(T, in.min_pixels),                                                                             \
     .least = 1,                                                                                                       \
     .most = UINT64_MAX,                                                                                               \
     .help = "Show a page model pictures of at least N pixels. The default is the checkpoint's."},                     \
        {.name = "max-pixels",                                                                                         \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.max_pixels),                                                                         \
         .least = 1,                                                                                                   \
         .most = UINT64_MAX,                                                                                           \
         .help = "Show a page model pictures of at most N pixels. The default is the checkpoint's."},                  \
        {.name = "min-tokens-image",                                                                                   \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.min_tokens),                                                                         \
         .least = 1,                                                                                                   \
         .most = UINT32_MAX,                                                                                           \
         .help = "The same as --min-pixels, in visual tokens, of which each covers 28x28 pixels. Of both the "         \
                 "narrower counts."},                                                                                  \
    {                                                                                                                  \
        .name = "max-tokens-image", .kind = CLI_OPTION_COUNT, .arg = "N", .offset = offsetof(T, in.max_tokens),        \
        .least = 1, .most = UINT32_MAX,                                                                                \
        .help = "The same as --max-pixels, in visual tokens. Of both the narrower counts."                             \
    }

#define CLI_LINE_MODEL_OPTIONS(T, in)                                                                                  \
    {.name = "line-model",                                                                                             \
     .kind = CLI_OPTION_NAME,                                                                                          \
     .arg = "DIR",                                                                                                     \
     .offset = offsetof(T, in.dir),                                                                                    \
     .help = "Folder of the line reader that helps a page model: it says where words stand and what has no ink. The "  \
             "default is nano."},                                                                                      \
    {                                                                                                                  \
        .name = "no-line-model", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.none),                              \
        .help = "Use a page model alone; its words then have no boxes."                                                \
    }

#define CLI_TASK_OPTION(T, in)                                                                                         \
    {                                                                                                                  \
        .name = "prompt", .kind = CLI_OPTION_NAME, .arg = "NAME", .offset = offsetof(T, in.name),                      \
        .help = "What a page model is asked for: text, markdown, tables, handwriting or another name that ocrvl "      \
                "prompts lists. The default suits the checkpoint, and is text for most."                               \
    }

#define CLI_TASK_MORE_OPTIONS(T, in)                                                                                   \
    {.name = "prompt-file",                                                                                            \
     .kind = CLI_OPTION_NAME,                                                                                          \
     .arg = "FILE",                                                                                                    \
     .offset = offsetof(T, in.file),                                                                                   \
     .help = "Ask with the text of FILE in place of the prompt's own. The answer is taken as one to --prompt is."},    \
        {.name = "find",                                                                                               \
         .kind = CLI_OPTION_NAME,                                                                                      \
         .arg = "TEXT",                                                                                                \
         .offset = offsetof(T, in.find),                                                                               \
         .help = "Ask where TEXT stands on the page, with the prompt find; what is found has boxes."},                 \
    {                                                                                                                  \
        .name = "lang", .kind = CLI_OPTION_NAME, .arg = "LIST", .offset = offsetof(T, in.languages),                   \
        .help = "Tell a page model which languages to expect: tags or names with commas between them."                 \
    }

/* Side of the square that a visual token covers in all published checkpoints. */
enum { CLI_TOKEN_SIDE = 28 };

/* The limits in pixels (0: the checkpoint's), of tokens that cover side x side pixels. */
cli_exit cli_pixel_limits(const cli_command *cmd, const cli_pixel_args *args, uint32_t side, uint64_t *min_pixels,
                         uint64_t *max_pixels);

/* The model that --model names (or NULL), of which is known before that there is memory for it: a planner for it and the line
 * reader beside it, with the budgets; and what they leave of max_pixels, as cli_budget_pixels has it. Where they can't be
 * kept to, that has been said, and the status is CLI_EXIT_LIMIT. */
cli_exit cli_budget_open(const cli_log *log, const cli_budget_args *args, const char *model, const cli_line_args *line,
                         uint64_t threads, ocrvl_planner **planner, ocrvl_model **out, uint64_t *max_pixels);
/* What the budgets leave of the pixels that a page image may have; 0 is the library's own limit. */
void cli_budget_pixels(const ocrvl_planner *p, uint64_t *max_pixels);

cli_exit cli_line_check(const cli_command *cmd, const cli_line_args *args);

/* Opens the line reader. *out is NULL where there is to be none, or (a note says so) nano isn't there. */
cli_exit cli_line_open(const cli_log *log, const cli_line_args *args, ocrvl_model **out);

/* Finds the prompt that is named, reads the file, fills in what is to be found. */
cli_exit cli_task_load(const cli_command *cmd, const cli_log *log, const cli_task_args *args, cli_task *out);
void cli_task_free(cli_task *t);

/* Whether there is a prompt of that name; if not, the usage error that lists them is said. */
bool cli_prompt_known(const cli_command *cmd, const char *name, const char **text);

#endif
