/* Names of outputs: suffixes of formats, and names made from those of inputs. */
#ifndef OCRVL_CLI_NAMES_H
#define OCRVL_CLI_NAMES_H

#include "base/buf.h"
#include "ocrvl_formats.h"

/* What the format's files end with, without the point: "txt", "json". No two formats have the same. */
const char *cli_suffix(ocrvl_format format);

/* The format that a user calls by these bytes: its name, or txt or md. */
bool cli_format_called(const char *word, size_t len, ocrvl_format *format);

/* The length of the known suffix that a file's name ends with, with its point, and its format; 0 if it has none. The
 * suffix xml alone is that of ALTO, but may mean another format: *vague. */
size_t cli_suffix_of(const char *name, ocrvl_format *format, bool *vague);

/* What a pattern holds besides plain text. */
typedef struct cli_pattern {
    bool number; /* %d or %0Nd, with N from 1 to 9 */
    bool stem;   /* %s */
} cli_pattern;

/* Expands a pattern: %d and %0Nd become `number`, %s the last part of `stem`, %% a percent sign. Returns false if the
 * pattern has another %. */
bool cli_pattern_expand(ocrvl_buf *b, const char *pattern, const char *stem, uint64_t number, cli_pattern *found);

/* Appends the name of the file that `format` gets: as it is, or with the format's suffix after it, in place of a known
 * suffix or not. */
typedef enum cli_naming { CLI_NAME_AS_IS, CLI_NAME_ADD, CLI_NAME_REPLACE } cli_naming;
void cli_name_put(ocrvl_buf *b, const char *name, ocrvl_format format, cli_naming how);

/* Makes the folders in which the file is to be, as far as they are missing. Returns 0 or an errno value. */
int cli_make_folders(const char *file);

#endif
