/* How a model generates text: threads, limits and sampling. */
#ifndef OCRVL_CLI_GENERATE_H
#define OCRVL_CLI_GENERATE_H

#include "command.h"
#include "ocrvl.h"

typedef struct cli_generate_args { /* 0 means not given */
    uint64_t threads, max_tokens, seed;
    double timeout; /* in seconds */
    double temperature;
    bool sample;
} cli_generate_args;

#define CLI_THREADS_OPTION(T, member)                                                                                  \
    {                                                                                                                  \
        .name = "threads", .kind = CLI_OPTION_COUNT, .arg = "N", .offset = offsetof(T, member), .least = 1,            \
        .most = 256,                                                                                                   \
        .help = "Work with N threads. The default is one for each processor. The result is the same for any number."   \
    }

/* Rows of an option table; `in` is the struct T's member of type cli_generate_args. */
#define CLI_GENERATE_OPTIONS(T, in, timeout_help, max_tokens_help)                                                     \
    CLI_THREADS_OPTION(T, in.threads),                                                                                 \
        {.name = "timeout",                                                                                            \
         .kind = CLI_OPTION_NUMBER,                                                                                    \
         .arg = "SECONDS",                                                                                             \
         .offset = offsetof(T, in.timeout),                                                                            \
         .least = 0,                                                                                                   \
         .most = 4000000,                                                                                              \
         .help = timeout_help},                                                                                        \
        {.name = "max-tokens",                                                                                         \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.max_tokens),                                                                         \
         .least = 1,                                                                                                   \
         .most = UINT32_MAX,                                                                                           \
         .help = max_tokens_help},                                                                                     \
        {.name = "temperature",                                                                                        \
         .kind = CLI_OPTION_NUMBER,                                                                                    \
         .arg = "T",                                                                                                   \
         .offset = offsetof(T, in.temperature),                                                                        \
         .least = 0,                                                                                                   \
         .most = 10,                                                                                                   \
         .help = "Draw tokens at temperature T. The default, 0, takes the likeliest token always."},                   \
        {.name = "sample",                                                                                             \
         .kind = CLI_OPTION_FLAG,                                                                                      \
         .offset = offsetof(T, in.sample),                                                                             \
         .help = "Draw tokens as the checkpoint's generation_config.json says, instead of taking the likeliest."},     \
    {                                                                                                                  \
        .name = "seed", .kind = CLI_OPTION_COUNT, .arg = "N", .offset = offsetof(T, in.seed), .least = 0,              \
        .most = UINT64_MAX, .help = "Where tokens are drawn, start from seed N. The default is 0."                     \
    }

/* The limits as the library takes them. */
void cli_generate_limits(const cli_generate_args *args, uint32_t *max_tokens, uint32_t *max_millis);

#endif
