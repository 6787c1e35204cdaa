/* A command and its option table: the one source of parsing, of --help and of the OPTIONS sections in the man pages. */
#ifndef OCRVL_CLI_COMMAND_H
#define OCRVL_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exit.h"

/* The kinds, and what each stores. */
typedef enum cli_option_kind {
    CLI_OPTION_FLAG = 1, /* bool: true */
    CLI_OPTION_TEXT,     /* const char * */
    CLI_OPTION_NAME,     /* const char *, not empty: a file, a folder, a format */
    CLI_OPTION_COUNT,    /* uint64_t in least..most */
    CLI_OPTION_BYTES,    /* uint64_t in least..most; K, M, G after it are powers of 1024 */
    CLI_OPTION_NUMBER,   /* double in least..most */
    CLI_OPTION_CHOICE,   /* unsigned: the place in `choices` */
    CLI_OPTION_PAGES,    /* cli_page_range */
    CLI_OPTION_HELP      /* nothing: the help is printed and the command ends */
} cli_option_kind;

typedef struct cli_page_range { /* 1-based, inclusive; 0: open */
    uint64_t first, last;
} cli_page_range;

typedef struct cli_option {
    const char *name; /* without its dashes; NULL ends a table */
    char letter;      /* 0: none */
    cli_option_kind kind;
    const char *arg;  /* "DIR"; NULL where there is no value */
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
    const char *summary;      /* for the list of commands: no capital, no full stop */
    const char *const *usage; /* what may follow the name, one string a form; NULL-terminated */
    const char *about;        /* sentences, for --help */
    const cli_option *options;
    size_t operands; /* at most */
    cli_exit (*run)(const struct cli_command *self, int argc, char **argv);
} cli_command;

extern const cli_command cli_command_read, cli_command_ask, cli_command_plan, cli_command_raster, cli_command_inspect,
    cli_command_tokens, cli_command_trace, cli_command_bench, cli_command_pack, cli_command_prompts, cli_command_convert,
    cli_command_norm, cli_command_help, cli_command_ocrvl;

/* The commands that `ocrvl NAME` runs, NULL-terminated; cli_command_ocrvl isn't among them. */
extern const cli_command *const cli_commands[];

/* By its name; NULL: no such command. */
const cli_command *cli_command_by_name(const char *name);

/* Of n names the one that `word` is most likely meant to be, or NULL if none is near. */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

#endif
