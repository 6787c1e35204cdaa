/* The options of ocrvl batch. */
#ifndef OCRVL_CLI_BATCH_ARGS_H
#define OCRVL_CLI_BATCH_ARGS_H

#include "reading.h"
#include "results.h"

enum { BATCH_MIRROR, BATCH_BESIDE, BATCH_METS };
enum { BATCH_PROGRESS_AUTO, BATCH_PROGRESS_JSON, BATCH_PROGRESS_NONE };
extern const char *const batch_progresses[];
extern const char *const batch_places[];

typedef struct batch_shard { /* every `count`th unit from number `index` on; count 0: all */
    uint64_t index, count;
} batch_shard;

typedef struct batch_args { /* to begin with BATCH_DEFAULTS */
    cli_read_args read;
    cli_results_args results; /* without names */
    unsigned place, shown;    /* shown: BATCH_PROGRESS_AUTO... */
    cli_list include, exclude;
    uint64_t unit, settle, jobs, lease, grace, worst, watch; /* jobs, watch 0: not given */
    uint64_t decoders;                                       /* documents open at a time; 0: not given */
    double doc_timeout;                                      /* seconds; 0: none */
    batch_shard shard;
    const char *shard_text, *file_group, *below, *output, *status, *reason, *doc, *max_failures;
    bool inputs, keep_suffix, wait, follow_links, reread, nul, json, failed, prometheus;
    bool no_keep, no_dedupe;
    bool quiet, verbose, no_progress;
} batch_args;

#define BATCH_DEFAULTS                                                                                                 \
    {                                                                                                                  \
        .read = CLI_READ_DEFAULTS, .unit = 64, .lease = 180, .grace = 60, .worst = 200                                 \
    }

extern const cli_option batch_options[];

#endif
