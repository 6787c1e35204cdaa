/* Answers of ocrvl ask, written as text or as JSON Lines. */
#ifndef OCRVL_CLI_ANSWERS_H
#define OCRVL_CLI_ANSWERS_H

#include "base/buf.h"
#include "ocrvl.h"
#include "questions.h"

typedef enum cli_answer_form {
    CLI_ANSWER_WHOLE = 0, /* the text with its line breaks, and a newline */
    CLI_ANSWER_LINE,      /* the text in one line */
    CLI_ANSWER_JSON       /* an object in one line */
} cli_answer_form;

/* A page that the model was given. */
typedef struct cli_shown_page {
    const char *file;
    uint64_t page; /* 1-based */
} cli_shown_page;

typedef struct cli_answer { /* one question's answer and its circumstances */
    const cli_question *question;
    const cli_shown_page *page;    /* the page that the answer is on, or the only page; NULL if unknown */
    const ocrvl_answer *answer;    /* NULL if there is none; `why` then says why */
    const ocrvl_answer_info *info; /* of answer */
    const ocrvl_error *why;
    bool schema; /* the answer is JSON by a schema */
} cli_answer;

void cli_answer_put(ocrvl_buf *b, cli_answer_form form, const cli_answer *a);

#endif
