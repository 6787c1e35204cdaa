/* The operands of a command that takes documents: files, URLs, standard input, and folders, each of which stands for
 * the documents in it. */
#ifndef OCRVL_CLI_INPUTS_H
#define OCRVL_CLI_INPUTS_H

#include "command.h"
#include "messages.h"

typedef struct cli_inputs { /* must be zero-initialised */
    const char **paths;     /* [count] what is to be opened; "-" is standard input */
    char **stems;           /* [count] the path below the folder that was named, or the file's name, without suffix */
    size_t count;
    size_t path_cap, stem_cap;
    char **own; /* [own_count] memory of paths found in folders */
    size_t own_count, own_cap;
    struct cli_file_id *ids; /* [id_count] of the regular files, sorted; made when it is asked for */
    size_t id_count;
} cli_inputs;

/* Whether a file that begins with these bytes is one that the command takes: ocrvl_source_knows or
 * ocrvl_results_knows. NULL: a folder is an operand like others. */
typedef bool (*cli_known_fn)(const void *head, size_t len);

/* Takes the operands, or "-" alone if there are none. A folder becomes the files in it and in its folders that are
 * known, in the order of their names, in which numbers count as numbers; names that begin with a dot are passed over.
 * Fails after a message: CLI_EXIT_USAGE if there are no operands and standard input is a terminal, because nobody types
 * a document; CLI_EXIT_INPUT if a folder can't be read or has no document; CLI_EXIT_LIMIT. */
cli_exit cli_inputs_take(cli_inputs *in, const cli_command *cmd, const cli_log *log, cli_known_fn known,
                         char **operands, size_t count);
void cli_inputs_free(cli_inputs *in);

/* Returns true, after a usage error, if the output, which may be NULL, would replace one of the inputs. */
bool cli_inputs_overwritten(cli_inputs *in, const cli_command *cmd, const char *output);

/* CLI_EXIT_USAGE, after a message, if what is made of two inputs would have the same name: their stem's last part, or
 * with `folders` all of it. */
cli_exit cli_inputs_distinct(const cli_inputs *in, const cli_command *cmd, const cli_log *log, bool folders);

/* The name by which a person sorts a list: as strcmp, but a run of digits counts by its value. */
bool cli_is_url(const char *path); /* http: or https: */
int cli_compare_names(const char *a, const char *b);

#endif
