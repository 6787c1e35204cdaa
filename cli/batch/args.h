/* The options of ocrvl batch. */
#ifndef OCRVL_CLI_BATCH_ARGS_H
#define OCRVL_CLI_BATCH_ARGS_H

#include "reading.h"
#include "results.h"

enum { BATCH_MIRROR, BATCH_BESIDE };
extern const char *const batch_places[];

typedef struct batch_args { /* to begin with BATCH_DEFAULTS */
    cli_read_args read;
    cli_results_args results; /* without names */
    unsigned place;
    uint64_t unit, settle;
    bool keep_suffix, follow_links, reread, nul, json, failed;
    bool quiet, verbose, no_progress;
} batch_args;

#define BATCH_DEFAULTS                                                                                                 \
    {                                                                                                                  \
        .read = CLI_READ_DEFAULTS, .unit = 64                                                                          \
    }

extern const cli_option batch_options[];

#endif
