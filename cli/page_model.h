/* What the commands for page models share: prompts, the resolution at which pages are encoded, and the accompanying
 * line reader. */
#ifndef OCRVL_CLI_PAGE_MODEL_H
#define OCRVL_CLI_PAGE_MODEL_H

#include "command.h"
#include "messages.h"
#include "ocrvl.h"

typedef struct cli_pixel_args { /* 0 means not given */
    uint64_t min_pixels, max_pixels, min_tokens, max_tokens;
} cli_pixel_args;

typedef struct cli_budget_args { /* 0 means not given */
    double seconds;
    uint64_t memory;
} cli_budget_args;

typedef struct cli_line_args {
    cli_list dirs;
    bool none;
} cli_line_args;

enum { CLI_LINE_MODELS = 8 };

typedef struct cli_line_models { /* must be zero-initialised */
    char *folders[CLI_LINE_MODELS];
    size_t found; /* folders */
    ocrvl_model *at[CLI_LINE_MODELS];
    size_t count; /* those that are open */
} cli_line_models;

typedef struct cli_task_args { /* NULL means not given */
    const char *name, *file, *find, *languages;
} cli_task_args;

typedef struct cli_task { /* must be zero-initialised; to be freed with cli_task_free */
    const char *name;     /* not owned; NULL means the checkpoint's own task */
    char *text;           /* replaces the task's prompt; NULL means none */
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
    {                                                                                                                  \
        .name = "max-memory", .kind = CLI_OPTION_BYTES, .arg = "N", .offset = offsetof(T, in.memory), .least = 1,      \
        .most = UINT64_MAX,                                                                                            \
        .help = "Keep to N bytes of memory, by smaller pictures; K, M or G after the number multiply it by powers "    \
                "of 1024. The default is what the machine or its limits for the program leave."                        \
    }

#define CLI_PIXEL_OPTIONS(T, in)                                                                                       \
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
     .kind = CLI_OPTION_LIST,                                                                                          \
     .arg = "DIR,...",                                                                                                 \
     .offset = offsetof(T, in.dirs),                                                                                   \
     .help = "Folder of the line reader that helps a page model: it says where words stand and what has no ink. "      \
             "With several, or with some beside a line reader, each line is read by the one for its script; the "      \
             "ocrvl.json of each says which scripts it reads. The default is nano and the readers of other scripts "   \
             "that are installed with it. May be given several times."},                                               \
    {                                                                                                                  \
        .name = "no-line-model", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.none),                              \
        .help = "Use the model alone. Words of a page model then have no boxes."                                       \
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
        .help = "Tell a page model which languages to expect: tags or names with commas between them. One alone is "   \
                "also noted in the output as the language of text whose script doesn't tell."                          \
    }

/* Side in pixels of the square that a visual token covers in all published checkpoints. */
enum { CLI_TOKEN_SIDE = 28 };

/* The limits in pixels (0 means the checkpoint's) from those in tokens, which cover side x side pixels. */
cli_exit cli_pixel_limits(const cli_command *cmd, const cli_pixel_args *args, uint32_t side, uint64_t *min_pixels,
                          uint64_t *max_pixels);

/* Finds the line readers beside the model that --model names (or NULL), makes a planner for all of them with the
 * budgets, before there is memory for any, and opens the model; reduces max_pixels as cli_budget_pixels does. If the
 * budgets can't be met it reports that and returns CLI_EXIT_LIMIT. */
cli_exit cli_budget_open(const cli_log *log, const cli_budget_args *args, const char *model, const cli_line_args *line,
                         uint64_t threads, cli_line_models *lines, ocrvl_planner **planner, ocrvl_model **out,
                         uint64_t *max_pixels);
/* Reduces the limit of pixels of a page image to what the budgets permit; 0 is the library's own limit. */
void cli_budget_pixels(const ocrvl_planner *p, uint64_t *max_pixels);

/* Checkpoints from this size on may take minutes for a page: it is worth a fifth of a second to know. */
#define CLI_SLOW_BYTES (256ull << 20)
/* Notes, once, what will take over two minutes, and how it can be made shorter. */
void cli_warn_slow(const cli_log *log, const char *file, uint64_t page, const char *what, double seconds);

cli_exit cli_line_check(const cli_command *cmd, const cli_line_args *args);

/* Makes a planner for the model of that folder and the line readers beside it, whose folders are found by this. If none
 * is named, a page model has nano and the readers of other scripts that are installed, and nano has these; none are used
 * if --no-line-model says so or, after a note, if nano isn't installed. strict: one that can't be opened is an error,
 * which otherwise is left to cli_line_open. */
cli_exit cli_line_planner(const cli_log *log, const char *model, const cli_line_args *args, uint64_t threads,
                          bool strict, cli_line_models *lines, ocrvl_planner **out);
/* Opens the line readers that were found. */
cli_exit cli_line_open(const cli_log *log, cli_line_models *m);
void cli_line_free(cli_line_models *m);
/* Gives them to the session of a model of that kind. */
void cli_line_session(const cli_line_models *m, ocrvl_reader beside, ocrvl_session_options *opt);

/* Finds the named prompt, reads its file, and fills in the text to be found. */
cli_exit cli_task_load(const cli_command *cmd, const cli_log *log, const cli_task_args *args, cli_task *out);
void cli_task_free(cli_task *t);

/* Whether there is a prompt of that name; if not, a usage error lists the prompts. */
bool cli_prompt_known(const cli_command *cmd, const char *name, const char **text);

#endif
