/* The file of ask --questions. */
#ifndef OCRVL_CLI_QUESTIONS_H
#define OCRVL_CLI_QUESTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "exit.h"
#include "messages.h"

typedef struct cli_question {
    char *text;
    char *id;      /* as JSON, or NULL */
    char *schema;  /* JSON, or NULL */
    uint64_t line; /* of the file, 1-based; 0: not from a file */
} cli_question;

typedef struct cli_questions { /* must be zero-initialised */
    cli_question *list;        /* [count] */
    size_t count, cap;
} cli_questions;

void cli_questions_free(cli_questions *q);
/* Reads a question a line, or, where the first line that isn't blank begins with {, an object a line with the members
 * question, id and schema. Blank lines are passed over. Reports what is wrong with the file by its line. */
cli_exit cli_questions_read(cli_questions *q, const cli_log *log, const char *file);

#endif
