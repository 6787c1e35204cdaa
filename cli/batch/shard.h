/* --shard: which part of the work this task of an array does. */
#ifndef OCRVL_CLI_BATCH_SHARD_H
#define OCRVL_CLI_BATCH_SHARD_H

#include "batch/args.h"

/* Takes args->shard_text, if it is given, into args->shard. */
cli_exit batch_shard_take(batch_args *args, const cli_command *cmd);

#endif
