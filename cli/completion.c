#include "completion.h"

#include <string.h>

#include "command.h"
#include "ocrvl_formats.h"

/* The words that may follow an option: its choices, or formats. Returns false if it takes something else. */
static bool put_values(ocrvl_buf *b, const cli_option *o)
{
    if (o->kind == CLI_OPTION_LIST)
        ocrvl_buf_puts(b, ocrvl_format_names());
    for (size_t i = 0; o->kind == CLI_OPTION_CHOICE && o->choices[i]; i++)
        ocrvl_buf_printf(b, "%s%s", i ? " " : "", o->choices[i]);
    return o->kind == CLI_OPTION_LIST || o->kind == CLI_OPTION_CHOICE;
}

/* Whether the value is something that no shell can know. */
static bool is_free(const cli_option *o)
{
    return o->kind == CLI_OPTION_COUNT || o->kind == CLI_OPTION_BYTES || o->kind == CLI_OPTION_NUMBER ||
           o->kind == CLI_OPTION_PAGES;
}

static void put_names(ocrvl_buf *b)
{
    for (size_t i = 0; cli_commands[i]; i++)
        ocrvl_buf_printf(b, "%s%s", i ? " " : "", cli_commands[i]->name);
}

/* The first sentence, without what shells take for more than text. */
static void put_brief(ocrvl_buf *b, const char *help, const char *unwanted)
{
    for (; *help && !(help[0] == '.' && (help[1] == ' ' || !help[1])); help++)
        ocrvl_buf_putc(b, strchr(unwanted, *help) ? ' ' : *help);
}

/* ---- bash -------------------------------------------------------------------------------------------- */

static void put_bash_option(ocrvl_buf *b, const char *command, const cli_option *o)
{
    ocrvl_buf values = {0};
    bool known = o->arg && put_values(&values, o);
    if (known || (o->arg && is_free(o)))
        ocrvl_buf_printf(b, "        %s:--%s) words='%s' ;;\n", command, o->name,
                         known && values.data ? values.data : "");
    b->failed |= values.failed;
    ocrvl_buf_free(&values);
}

static void put_bash(ocrvl_buf *b)
{
    ocrvl_buf_puts(
        b, "# bash completion for ocrvl, made by: ocrvl help --completion bash\n"
           "_ocrvl() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words='' free=1\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '");
    put_names(b);
    ocrvl_buf_puts(b, "' -- \"$cur\"))\n        return\n    fi\n");
    ocrvl_buf_puts(b, "    case ${COMP_WORDS[1]}:$prev in\n");
    for (size_t i = 0; cli_commands[i]; i++)
        for (const cli_option *o = cli_commands[i]->options; o->name; o++)
            put_bash_option(b, cli_commands[i]->name, o);
    ocrvl_buf_puts(b,
                   "        *) free='' ;;\n    esac\n    if [ -n \"$free\" ]; then\n"
                   "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n        return\n    fi\n"
                   "    case $cur in\n    -*) ;;\n    *) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n    esac\n"
                   "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        ocrvl_buf_printf(b, "        %s) words='", cli_commands[i]->name);
        for (const cli_option *o = cli_commands[i]->options; o->name; o++)
            ocrvl_buf_printf(b, "--%s ", o->name);
        ocrvl_buf_puts(b, "' ;;\n");
    }
    ocrvl_buf_puts(b, "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                      "complete -o filenames -F _ocrvl ocrvl\n");
}

/* ---- zsh --------------------------------------------------------------------------------------------- */

static void put_zsh_option(ocrvl_buf *b, const cli_option *o)
{
    ocrvl_buf values = {0};
    ocrvl_buf_printf(b, "            '*--%s%s[", o->name, o->arg ? "=" : "");
    put_brief(b, o->help, "'[]:`$\\");
    ocrvl_buf_putc(b, ']');
    if (o->arg && put_values(&values, o))
        ocrvl_buf_printf(b, ":%s:(%s)", o->arg, values.data ? values.data : "");
    else if (o->arg)
        ocrvl_buf_printf(b, ":%s:%s", o->arg, is_free(o) ? " " : "_files");
    ocrvl_buf_puts(b, "' \\\n");
    b->failed |= values.failed;
    ocrvl_buf_free(&values);
}

static void put_zsh(ocrvl_buf *b)
{
    ocrvl_buf_puts(b, "#compdef ocrvl\n# zsh completion, made by: ocrvl help --completion zsh\n_ocrvl() {\n"
                      "    if (( CURRENT == 2 )); then\n        compadd -- ");
    put_names(b);
    ocrvl_buf_puts(b, "\n        return\n    fi\n    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
                      "    case $command in\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        ocrvl_buf_printf(b, "        %s) _arguments \\\n", cli_commands[i]->name);
        for (const cli_option *o = cli_commands[i]->options; o->name; o++)
            put_zsh_option(b, o);
        ocrvl_buf_puts(b, "            '*:file:_files' ;;\n");
    }
    ocrvl_buf_puts(b, "    esac\n}\n_ocrvl \"$@\"\n");
}

/* ---- fish -------------------------------------------------------------------------------------------- */

static void put_fish_option(ocrvl_buf *b, const char *command, const cli_option *o)
{
    ocrvl_buf values = {0};
    ocrvl_buf_printf(b, "complete -c ocrvl -n '__fish_seen_subcommand_from %s' -l %s", command, o->name);
    if (o->letter)
        ocrvl_buf_printf(b, " -s %c", o->letter);
    if (o->arg && put_values(&values, o))
        ocrvl_buf_printf(b, " -xa '%s'", values.data ? values.data : "");
    else if (o->arg)
        ocrvl_buf_puts(b, is_free(o) ? " -x" : " -rF");
    b->failed |= values.failed;
    ocrvl_buf_puts(b, " -d '");
    put_brief(b, o->help, "'\\");
    ocrvl_buf_puts(b, "'\n");
    ocrvl_buf_free(&values);
}

static void put_fish(ocrvl_buf *b)
{
    ocrvl_buf_puts(b, "# fish completion for ocrvl, made by: ocrvl help --completion fish\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        const cli_command *c = cli_commands[i];
        ocrvl_buf_printf(b, "complete -c ocrvl -n __fish_use_subcommand -fa %s -d '", c->name);
        put_brief(b, c->summary, "'\\");
        ocrvl_buf_puts(b, "'\n");
        for (const cli_option *o = c->options; o->name; o++)
            put_fish_option(b, c->name, o);
    }
}

void cli_completion(ocrvl_buf *b, unsigned shell)
{
    if (shell == CLI_SHELL_BASH)
        put_bash(b);
    else if (shell == CLI_SHELL_ZSH)
        put_zsh(b);
    else if (shell == CLI_SHELL_FISH)
        put_fish(b);
}
