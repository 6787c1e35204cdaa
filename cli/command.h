/* A command and its option table, from which parsing, --help and the OPTIONS sections of the man pages are derived. */
#ifndef OCRVL_CLI_COMMAND_H
#define OCRVL_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exit.h"
#include "ocrvl_formats.h"

/* The kinds of options, with the type of the value that each stores. */
typedef enum cli_option_kind {
    CLI_OPTION_FLAG = 1, /* bool: true */
    CLI_OPTION_TEXT,     /* const char * */
    CLI_OPTION_NAME,     /* const char *, not empty: a file, a folder, a format */
    CLI_OPTION_COUNT,    /* uint64_t in least..most */
    CLI_OPTION_BYTES,    /* uint64_t in least..most; a suffix K, M or G means powers of 1024 */
    CLI_OPTION_NUMBER,   /* double in least..most */
    CLI_OPTION_CHOICE,   /* unsigned: the index in `choices` */
    CLI_OPTION_LIST,     /* cli_list: values with commas between them, which add to those given before */
    CLI_OPTION_FILES,    /* cli_list: a file's name, which adds to those given before */
    CLI_OPTION_PAGES,    /* cli_pages */
    CLI_OPTION_HELP      /* no value: the help is printed and the command ends */
} cli_option_kind;

#define CLI_LIST 32

typedef struct cli_list {
    struct {
        const char *text; /* len bytes, not empty, in the command line */
        size_t len;
    } items[CLI_LIST];
    size_t count;
} cli_list;

typedef struct cli_pages {
    ocrvl_page_span spans[64];
    size_t count; /* 0: all pages */
} cli_pages;

typedef struct cli_option {
    const char *name; /* without its dashes; NULL ends a table */
    char letter;      /* 0 means none */
    cli_option_kind kind;
    const char *arg;  /* "DIR"; NULL for options without value */
    size_t offset;    /* of the value in the command's struct */
    const char *help; /* sentences without markup */
    uint64_t least, most;
    const char *const *choices; /* NULL-terminated */
} cli_option;

/* The last rows of every table. */
#define CLI_HELP_OPTION                                                                                                \
    {.name = "help", .letter = 'h', .kind = CLI_OPTION_HELP, .help = "Print this help."}, { .name = NULL }

typedef struct cli_command {
    const char *name;         /* "" for ocrvl itself */
    const char *summary;      /* for the list of commands: without capital letter and full stop */
    const char *const *usage; /* what may follow the name, one string for each form; NULL-terminated */
    const char *about;        /* sentences for --help */
    const cli_option *options;
    size_t operands; /* the most operands that are accepted */
    cli_exit (*run)(const struct cli_command *self, int argc, char **argv);
} cli_command;

extern const cli_command cli_command_read, cli_command_batch, cli_command_ask, cli_command_plan, cli_command_raster,
    cli_command_inspect, cli_command_tokens, cli_command_trace, cli_command_bench, cli_command_pack, cli_command_pull,
    cli_command_prompts, cli_command_convert, cli_command_crops, cli_command_norm, cli_command_help,
    cli_command_version, cli_command_ocrvl;

/* The commands that `ocrvl NAME` runs, NULL-terminated; cli_command_ocrvl isn't among them. */
extern const cli_command *const cli_commands[];

/* The command of that name, or NULL. */
const cli_command *cli_command_by_name(const char *name);

/* The one of n names that `word` is most likely meant to be, or NULL if none is similar. */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

#endif
