/* ocrvl batch report. */
#ifndef OCRVL_CLI_BATCH_REPORT_H
#define OCRVL_CLI_BATCH_REPORT_H

#include "command.h"

cli_exit batch_report(const cli_command *self, int argc, char **argv);

#endif
