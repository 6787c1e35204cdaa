/* Completion for shells, made from the option tables. */
#ifndef OCRVL_CLI_COMPLETION_H
#define OCRVL_CLI_COMPLETION_H

#include "base/buf.h"

enum { CLI_SHELL_NONE, CLI_SHELL_BASH, CLI_SHELL_ZSH, CLI_SHELL_FISH };

/* The script for the shell. */
void cli_completion(ocrvl_buf *b, unsigned shell);

#endif
