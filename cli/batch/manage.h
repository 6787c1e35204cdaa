/* What can be done with the results of a batch: ocrvl batch verify, retry, export and manifest. */
#ifndef OCRVL_CLI_BATCH_MANAGE_H
#define OCRVL_CLI_BATCH_MANAGE_H

#include "command.h"

cli_exit batch_verify(const cli_command *self, int argc, char **argv);
cli_exit batch_retry(const cli_command *self, int argc, char **argv);
cli_exit batch_export(const cli_command *self, int argc, char **argv);
cli_exit batch_manifest(const cli_command *self, int argc, char **argv);

#endif
