/* ocrvl batch status. */
#ifndef OCRVL_CLI_BATCH_STATUS_H
#define OCRVL_CLI_BATCH_STATUS_H

#include "command.h"

cli_exit batch_status(const cli_command *self, int argc, char **argv);

#endif
