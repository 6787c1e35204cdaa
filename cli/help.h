/* What option tables look like to people: usage lines, --help, and the OPTIONS section of a man page. */
#ifndef OCRVL_CLI_HELP_H
#define OCRVL_CLI_HELP_H

#include "base/buf.h"
#include "command.h"

/* "Usage: ocrvl read [OPTIONS] [FILE...]", one line a form. */
void cli_help_usage(ocrvl_buf *b, const cli_command *cmd);
/* All that `ocrvl COMMAND --help` prints. */
void cli_help_text(ocrvl_buf *b, const cli_command *cmd);
/* The options as an mdoc(7) list. */
void cli_help_roff(ocrvl_buf *b, const cli_command *cmd);
/* Appends text in lines of at most 79 columns: the first follows what stands in `column` already, the others are
 * indented by `indent`. Ends with a newline. */
void cli_help_wrap(ocrvl_buf *b, const char *text, size_t column, size_t indent);

#endif
