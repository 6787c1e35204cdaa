/* ocrvl batch run. */
#ifndef OCRVL_CLI_BATCH_RUN_H
#define OCRVL_CLI_BATCH_RUN_H

#include "command.h"

cli_exit batch_run(const cli_command *self, int argc, char **argv);

#endif
