/* ocrvl batch merge. */
#ifndef OCRVL_CLI_BATCH_MERGE_H
#define OCRVL_CLI_BATCH_MERGE_H

#include "command.h"

cli_exit batch_merge(const cli_command *self, int argc, char **argv);

#endif
