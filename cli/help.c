#include "help.h"

#include <string.h>

#include "base/utf8.h"
#include "help_groups.h"

enum { WIDTH = 79, INDENT = 26 };

void cli_help_wrap(ocrvl_buf *b, const char *text, size_t column, size_t indent)
{
    bool fresh = true;
    while (*text) {
        size_t n = strcspn(text, " "), cells = ocrvl_utf8_count(text, n);
        if (!fresh && column + 1 + cells > WIDTH) {
            ocrvl_buf_printf(b, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!fresh) {
            ocrvl_buf_putc(b, ' ');
            column++;
        }
        ocrvl_buf_put(b, text, n);
        column += cells;
        fresh = false;
        text += n;
        text += strspn(text, " ");
    }
    ocrvl_buf_putc(b, '\n');
}

static void put_name(ocrvl_buf *b, const cli_command *cmd)
{
    ocrvl_buf_puts(b, "ocrvl");
    if (*cmd->name)
        ocrvl_buf_printf(b, " %s", cmd->name);
}

void cli_help_usage(ocrvl_buf *b, const cli_command *cmd)
{
    for (size_t i = 0; cmd->usage[i]; i++) {
        ocrvl_buf_puts(b, i == 0 ? "Usage: " : "       ");
        put_name(b, cmd);
        ocrvl_buf_printf(b, "%s%s\n", *cmd->usage[i] ? " " : "", cmd->usage[i]);
    }
}

static void put_title(void *user, const char *title) { ocrvl_buf_printf(user, "\n%s:\n", title ? title : "Options"); }

static void put_option(void *user, const cli_option *o)
{
    ocrvl_buf *b = user;
    size_t from = b->len;
    if (o->letter)
        ocrvl_buf_printf(b, "  -%c, --%s", o->letter, o->name);
    else
        ocrvl_buf_printf(b, "      --%s", o->name);
    if (o->arg)
        ocrvl_buf_printf(b, " %s", o->arg);
    size_t column = b->len - from;
    if (column + 2 > INDENT) {
        ocrvl_buf_putc(b, '\n');
        column = 0;
    }
    if (column < INDENT)
        ocrvl_buf_printf(b, "%*s", (int)(INDENT - column), "");
    cli_help_wrap(b, o->help, INDENT, INDENT);
}

static void put_examples(ocrvl_buf *b, const cli_command *cmd)
{
    const char *typed, *does;
    for (size_t i = 0; cli_help_example(cmd, i, &typed, &does); i++)
        ocrvl_buf_printf(b, "%s  ocrvl %s\n      %s\n", i ? "" : "\nExamples:\n", typed, does);
}

void cli_help_text(ocrvl_buf *b, const cli_command *cmd)
{
    cli_help_usage(b, cmd);
    ocrvl_buf_putc(b, '\n');
    cli_help_wrap(b, cmd->about, 0, 0);
    if (cmd == &cli_command_ocrvl) {
        ocrvl_buf_puts(b, "\nCommands:\n");
        for (size_t i = 0; cli_commands[i]; i++)
            ocrvl_buf_printf(b, "  %-10s%s\n", cli_commands[i]->name, cli_commands[i]->summary);
    }
    put_examples(b, cmd);
    cli_help_each(cmd, put_title, put_option, b);
}

/* A hyphen that begins an option is written as a minus sign, so that it can be copied; a backslash is escaped. */
static void put_roff_char(ocrvl_buf *b, const char *text, const char *p)
{
    bool begins_word = p == text || strchr(" (", p[-1]);
    if (*p == '\\')
        ocrvl_buf_puts(b, "\\e");
    else if (*p == '-' && (begins_word || p[-1] == '-'))
        ocrvl_buf_puts(b, "\\-");
    else
        ocrvl_buf_putc(b, *p);
}

/* Each sentence begins a line, as mdoc demands. No word of a help text begins with a dot or an apostrophe, which roff
 * would take for a macro. */
static void put_roff_text(ocrvl_buf *b, const char *text)
{
    ocrvl_buf sentence = {0};
    for (const char *p = text; *p; p++) {
        put_roff_char(&sentence, text, p);
        bool ends = strchr(".!?", *p) && (p[1] == ' ' || p[1] == '\0');
        if (!ends && p[1] != '\0')
            continue;
        cli_help_wrap(b, sentence.data ? sentence.data : "", 0, 0);
        b->failed |= sentence.failed;
        ocrvl_buf_clear(&sentence);
        p += ends && p[1] == ' ';
    }
    ocrvl_buf_free(&sentence);
}

typedef struct roff { /* a list of options that is being written */
    ocrvl_buf *b;
    bool open;
} roff;

static void put_roff_title(void *user, const char *title)
{
    roff *r = user;
    if (r->open)
        ocrvl_buf_puts(r->b, ".El\n");
    if (title)
        ocrvl_buf_printf(r->b, ".Ss %s\n", title);
    ocrvl_buf_puts(r->b, ".Bl -tag -width Ds\n");
    r->open = true;
}

static void put_roff_option(void *user, const cli_option *o)
{
    ocrvl_buf *b = ((roff *)user)->b;
    ocrvl_buf_puts(b, ".It");
    if (o->letter && o->arg)
        ocrvl_buf_printf(b, " Fl %c Ar %s ,", o->letter, o->arg);
    else if (o->letter)
        ocrvl_buf_printf(b, " Fl %c ,", o->letter);
    ocrvl_buf_printf(b, " Fl -%s", o->name);
    if (o->arg)
        ocrvl_buf_printf(b, " Ar %s", o->arg);
    ocrvl_buf_putc(b, '\n');
    put_roff_text(b, o->help);
}

void cli_help_roff(ocrvl_buf *b, const cli_command *cmd)
{
    roff r = {b, false};
    cli_help_each(cmd, put_roff_title, put_roff_option, &r);
    ocrvl_buf_puts(b, ".El\n");
}
