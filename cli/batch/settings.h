/* What a batch was begun with: OUT/.ocrvl/batch.json, made once. */
#ifndef OCRVL_CLI_BATCH_SETTINGS_H
#define OCRVL_CLI_BATCH_SETTINGS_H

#include "base/json.h"
#include "batch/args.h"
#include "batch/store.h"

typedef struct batch_settings { /* must be zero-initialised */
    ocrvl_json *kept;           /* batch.json; NULL: the batch hasn't begun */
    char **words;               /* [count] the options that it says, for cli_options_parse, with "batch" before them */
    size_t count;
    char *paths[2 + CLI_LINE_MODELS]; /* memory of names that were made absolute */
    uint32_t fingerprint;             /* its first eight digits */
} batch_settings;

/* Loads batch.json if it is there. */
cli_exit batch_settings_load(batch_settings *s, const batch_store *store);
void batch_settings_free(batch_settings *s);

/* Parses the kept options and then those of the command line, of which the last count, into args, and counts the
 * operands. Says which differ from the kept ones: CLI_EXIT_USAGE after a message. Those that shape results may differ
 * with args->reread, and those that shape outputs if `outputs` says so. */
cli_exit batch_settings_parse(batch_settings *s, const cli_command *cmd, batch_args *args, int argc, char **argv,
                              bool outputs, size_t *operands);

/* Makes batch.json of the options and the model, or checks the model against it. With `again` it is made anew, under
 * another fingerprint, so that all pages are pending. r is begun. */
cli_exit batch_settings_fix(batch_settings *s, const batch_store *store, const batch_args *args, const cli_reading *r,
                            bool again);

/* What outputs say about model and settings, from batch.json. */
void batch_settings_describe(const batch_settings *s, ocrvl_writer_options *opt);

/* Whether the model is a line reader. */
bool batch_settings_reads_lines(const batch_settings *s);

#endif
