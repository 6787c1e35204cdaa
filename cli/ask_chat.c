/* ocrvl ask --chat: a conversation. */
#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "base/array.h"
#include "base/mem.h"
#include "signals.h"

/* Takes ownership of text. */
static cli_exit remember(cli_asking *q, const char *role, char *text)
{
    if (!OCRVL_ARRAY_RESERVE(q->turns, q->turn_cap, q->turn_count + 1)) {
        ocrvl_free(text);
        return cli_asking_no_memory(q);
    }
    q->turns[q->turn_count++] = (ocrvl_turn){role, text};
    return CLI_EXIT_OK;
}

/* Reads a line of standard input without its end; *more is whether there was one. */
static cli_exit read_line(cli_asking *q, ocrvl_buf *line, bool *more)
{
    int c;
    ocrvl_buf_clear(line);
    while ((c = getchar()) != EOF && c != '\n' && line->len < CLI_MAX_SAID)
        ocrvl_buf_putc(line, c ? (char)c : ' ');
    *more = c != EOF || line->len > 0;
    if (cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (line->failed)
        return cli_asking_no_memory(q);
    if (c != EOF && c != '\n') {
        cli_error(&q->log, "-", 0, "a line of more than %d bytes", CLI_MAX_SAID);
        return CLI_EXIT_LIMIT;
    }
    if (ferror(stdin)) {
        cli_error(&q->log, "-", 0, "can't be read");
        return CLI_EXIT_INPUT;
    }
    return CLI_EXIT_OK;
}

static cli_exit answer_line(cli_asking *q, char *line)
{
    char *answer = NULL;
    const cli_question question = {.text = line};
    cli_progress_page(&q->progress);
    cli_exit over = cli_asking_ask_one(q, &question, &answer);
    if (over)
        return over;
    char *said = ocrvl_strdup(line);
    over = said ? remember(q, "user", said) : cli_asking_no_memory(q);
    if (over) {
        ocrvl_free(answer);
        return over;
    }
    over = remember(q, "assistant", answer);
    q->ask.turns = q->turns;
    q->ask.turn_count = q->turn_count;
    return over;
}

cli_exit cli_asking_chat(cli_asking *q)
{
    ocrvl_buf line = {0};
    cli_exit over = CLI_EXIT_OK;
    for (bool more = true; !over && more;) {
        over = read_line(q, &line, &more);
        if (!over && line.len && line.data[strspn(line.data, " \t\r")])
            over = answer_line(q, line.data);
    }
    ocrvl_buf_free(&line);
    return over;
}
