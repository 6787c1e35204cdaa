/* How the options of a command are sorted for people, and what they type. */
#ifndef OCRVL_CLI_HELP_GROUPS_H
#define OCRVL_CLI_HELP_GROUPS_H

#include "command.h"

/* Calls fn for each group of the command's options that isn't empty, in order: with its title (NULL if the command has
 * so few options that they are one), then for each of its options. */
void cli_help_each(const cli_command *cmd, void (*title)(void *user, const char *title),
                   void (*option)(void *user, const cli_option *o), void *user);

/* Example i of the command, what is typed after "ocrvl", and what it does; false: there are no more. */
bool cli_help_example(const cli_command *cmd, size_t i, const char **typed, const char **does);

#endif
