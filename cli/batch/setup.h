/* What every action on a batch begins with: the folder, its settings, and what is known of its pages. */
#ifndef OCRVL_CLI_BATCH_SETUP_H
#define OCRVL_CLI_BATCH_SETUP_H

#include "batch/args.h"
#include "batch/outputs.h"
#include "batch/settings.h"
#include "batch/state.h"

typedef struct batch_setup { /* to begin with {.cmd, .args = BATCH_DEFAULTS} */
    const cli_command *cmd;
    bool exports; /* the options that shape outputs need not be the kept ones */
    batch_args args;
    cli_log log, quiet; /* quiet: without notes */
    batch_store store;
    batch_settings settings;
    batch_state state;
    cli_reading reading;
    ocrvl_writer_options opt;
    batch_outputs outputs;
} batch_setup;

/* Parses the command line, in which the folder is the first operand, and opens the folder; `make`: it is made if it is
 * missing. *operands counts the operands, which are argv[1..]. False: the command has to end with *end. */
bool batch_setup_parse(batch_setup *s, int argc, char **argv, bool make, size_t *operands, cli_exit *end);
/* The same for an action that takes one folder which is there, up to what is known of its pages. */
bool batch_setup_open(batch_setup *s, int argc, char **argv, cli_exit *end);
/* Opens the model, and makes sure that it is the one of the batch; `again`: it may be another one. */
cli_exit batch_setup_read(batch_setup *s, bool again);
/* Prepares the writing of outputs, once the settings are fixed. */
void batch_setup_outputs(batch_setup *s);
/* Says what of the journals is passed over. */
void batch_tell_damage(const batch_state *state, const cli_log *log);
void batch_setup_free(batch_setup *s);

#endif
