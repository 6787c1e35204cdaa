#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "help.h"
#include "messages.h"
#include "output.h"

cli_exit cli_usage_error(const cli_command *cmd, const char *fmt, ...)
{
    char text[512];
    cli_log log = {.command = *cmd->name ? cmd->name : NULL};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cli_error(&log, NULL, 0, "%s; see 'ocrvl%s%s --help'", text, *cmd->name ? " " : "", cmd->name);
    return CLI_EXIT_USAGE;
}

/* Whether the word is rather a file or a URL than a command. */
static bool is_document(const char *word)
{
    struct stat s;
    return stat(word, &s) == 0 || strchr(word, '/') || strncasecmp(word, "data:", 5) == 0;
}

cli_exit cli_command_unknown(const char *name)
{
    const char *names[32];
    size_t n = 0;
    for (; cli_commands[n] && n < sizeof names / sizeof *names; n++)
        names[n] = cli_commands[n]->name;
    const char *near = cli_nearest(name, names, n);
    if (is_document(name))
        return cli_usage_error(&cli_command_ocrvl, "'%s' is no command; to read it: ocrvl read %s", name, name);
    if (near)
        return cli_usage_error(&cli_command_ocrvl, "unknown command '%s' (did you mean '%s'?)", name, near);
    return cli_usage_error(&cli_command_ocrvl, "unknown command '%s'", name);
}

/* Accepts only digits, in range. */
static bool parse_count(const char *s, size_t n, uint64_t *out)
{
    uint64_t v = 0;
    if (n == 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(s[i] - '0');
        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static bool parse_bytes(const char *s, uint64_t *out)
{
    size_t n = strlen(s);
    unsigned shift = 0;
    if (n > 0) {
        const char *unit = strchr("KMG", s[n - 1]);
        if (unit) {
            shift = s[n - 1] == 'K' ? 10 : s[n - 1] == 'M' ? 20 : 30;
            n--;
        }
    }
    if (!parse_count(s, n, out) || *out > UINT64_MAX >> shift)
        return false;
    *out <<= shift;
    return true;
}

/* Accepts digits with at most one point; no sign, exponent, "nan" or hexadecimal. */
static bool parse_number(const char *s, double *out)
{
    char *end;
    if (s[strspn(s, "0123456789.")] != '\0' || !strpbrk(s, "0123456789"))
        return false;
    *out = strtod(s, &end);
    return *end == '\0' && isfinite(*out);
}

/* A, A-, -B or A-B */
static bool parse_span(const char *s, size_t len, ocrvl_page_span *out)
{
    const char *dash = memchr(s, '-', len);
    ocrvl_page_span r = {1, 0};
    size_t n = dash ? (size_t)(dash - s) : len, rest = dash ? len - n - 1 : 0;
    if (n + rest == 0)
        return false;
    if (n > 0 && (!parse_count(s, n, &r.first) || r.first == 0))
        return false;
    if (!dash)
        r.last = r.first;
    else if (rest > 0 && (!parse_count(dash + 1, rest, &r.last) || r.last == 0))
        return false;
    if (r.last && r.last < r.first)
        return false;
    *out = r;
    return true;
}

/* Spans with commas between them. */
static bool parse_pages(const char *s, cli_pages *out)
{
    out->count = 0;
    for (;; s++) {
        size_t n = strcspn(s, ",");
        if (out->count == sizeof out->spans / sizeof *out->spans || !parse_span(s, n, &out->spans[out->count++]))
            return false;
        s += n;
        if (*s == '\0')
            return true;
    }
}

static bool add_item(cli_list *out, const char *s, size_t len)
{
    if (len == 0 || out->count == CLI_LIST)
        return false;
    out->items[out->count].text = s;
    out->items[out->count++].len = len;
    return true;
}

/* Adds the values between the commas. */
static bool parse_list(const char *s, cli_list *out)
{
    for (;; s++) {
        size_t n = strcspn(s, ",");
        if (!add_item(out, s, n))
            return false;
        s += n;
        if (*s == '\0')
            return true;
    }
}

static bool parse_choice(const char *s, const char *const *choices, unsigned *out)
{
    for (unsigned i = 0; choices[i]; i++)
        if (strcmp(s, choices[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}

/* Describes what a value must be, for messages: "a whole number from 1 to 256". */
static void describe(const cli_option *o, char *s, size_t size)
{
    unsigned long long least = o->least, most = o->most;
    const char *what = o->kind == CLI_OPTION_NUMBER ? "a number" : "a whole number";
    switch (o->kind) {
    case CLI_OPTION_PAGES: snprintf(s, size, "page numbers such as 3, 2-5, 2-, -5 or 1,3,7-, counted from 1"); return;
    case CLI_OPTION_NAME: snprintf(s, size, "a name, not nothing"); return;
    case CLI_OPTION_LIST: snprintf(s, size, "names with commas between them, at most %d in all", CLI_LIST); return;
    case CLI_OPTION_FILES: snprintf(s, size, "a name, and at most %d of them", CLI_LIST); return;
    case CLI_OPTION_CHOICE: {
        ocrvl_buf b = {0};
        for (size_t i = 0; o->choices[i]; i++)
            ocrvl_buf_printf(&b, "%s%s", i == 0 ? "" : o->choices[i + 1] ? ", " : " or ", o->choices[i]);
        snprintf(s, size, "%s", b.data ? b.data : "");
        ocrvl_buf_free(&b);
        return;
    }
    default:
        if (o->most == UINT64_MAX)
            snprintf(s, size, "%s from %llu up%s", what, least,
                     o->kind == CLI_OPTION_BYTES ? ", K, M or G after it" : "");
        else
            snprintf(s, size, "%s from %llu to %llu", what, least, most);
    }
}

/* Stores the value; returns false if it is not valid. */
static bool store(const cli_option *o, void *values, const char *s)
{
    void *at = (char *)values + o->offset;
    uint64_t *count = at;
    double *number = at;
    switch (o->kind) {
    case CLI_OPTION_TEXT:
    case CLI_OPTION_NAME: *(const char **)at = s; return o->kind == CLI_OPTION_TEXT || *s != '\0';
    case CLI_OPTION_COUNT: return parse_count(s, strlen(s), count) && *count >= o->least && *count <= o->most;
    case CLI_OPTION_BYTES: return parse_bytes(s, count) && *count >= o->least && *count <= o->most;
    case CLI_OPTION_NUMBER: return parse_number(s, number) && *number >= (double)o->least && *number <= (double)o->most;
    case CLI_OPTION_CHOICE: return parse_choice(s, o->choices, at);
    case CLI_OPTION_PAGES: return parse_pages(s, at);
    case CLI_OPTION_LIST: return parse_list(s, at);
    case CLI_OPTION_FILES: return add_item(at, s, strlen(s));
    case CLI_OPTION_FLAG:
    case CLI_OPTION_HELP: break;
    }
    return false;
}

typedef struct parser {
    const cli_command *cmd;
    void *values;
    int argc, next; /* argv[next] is the next word */
    char **argv;
    cli_exit status;
} parser;

static bool wrong(parser *p, cli_exit status)
{
    p->status = status;
    return false;
}

/* Applies o, which messages call `shown`; if value is NULL, it is taken from the next word. */
static bool apply(parser *p, const cli_option *o, const char *shown, const char *value)
{
    char must[256];
    if (o->kind == CLI_OPTION_HELP) {
        ocrvl_buf b = {0};
        cli_log log = {.command = p->cmd->name};
        cli_help_text(&b, p->cmd);
        p->status = cli_output_buf(&log, &b);
        ocrvl_buf_free(&b);
        return false;
    }
    if (o->kind == CLI_OPTION_FLAG) {
        *((bool *)((char *)p->values + o->offset)) = true;
        return true;
    }
    if (!value && p->next == p->argc)
        return wrong(p, cli_usage_error(p->cmd, "option '%s' needs a value (%s)", shown, o->arg));
    if (!value)
        value = p->argv[p->next++];
    if (store(o, p->values, value))
        return true;
    describe(o, must, sizeof must);
    return wrong(p, cli_usage_error(p->cmd, "'%s' for option '%s' must be %s", value, shown, must));
}

static bool unknown_long(parser *p, const char *word, size_t len)
{
    char name[64], hint[96] = "";
    const char *names[64];
    size_t n = 0;
    for (const cli_option *o = p->cmd->options; o->name && n < sizeof names / sizeof *names; o++)
        names[n++] = o->name;
    snprintf(name, sizeof name, "%.*s", (int)(len < 63 ? len : 63), word);
    const char *near = cli_nearest(name, names, n);
    if (near)
        snprintf(hint, sizeof hint, " (did you mean '--%s'?)", near);
    return wrong(p, cli_usage_error(p->cmd, "unknown option '--%s'%s", name, hint));
}

static bool parse_long(parser *p, const char *word)
{
    char shown[64];
    const char *value = strchr(word, '=');
    size_t len = value ? (size_t)(value - word) : strlen(word);
    for (const cli_option *o = p->cmd->options; o->name; o++) {
        if (strlen(o->name) != len || strncmp(o->name, word, len) != 0)
            continue;
        snprintf(shown, sizeof shown, "--%s", o->name);
        if (value && !o->arg)
            return wrong(p, cli_usage_error(p->cmd, "option '%s' takes no value", shown));
        return apply(p, o, shown, value ? value + 1 : NULL);
    }
    return unknown_long(p, word, len);
}

static bool parse_letters(parser *p, const char *word)
{
    for (; *word; word++) {
        char shown[3] = {'-', *word, '\0'};
        const cli_option *o = p->cmd->options;
        while (o->name && o->letter != *word)
            o++;
        if (!o->name)
            return wrong(p, cli_usage_error(p->cmd, "unknown option '%s'", shown));
        bool rest = o->arg && word[1];
        if (!apply(p, o, shown, rest ? word + 1 : NULL))
            return false;
        if (rest)
            return true;
    }
    return true;
}

bool cli_options_parse(const cli_command *cmd, void *values, int argc, char **argv, size_t *operands, cli_exit *status)
{
    parser p = {.cmd = cmd, .values = values, .argc = argc, .next = 1, .argv = argv};
    size_t n = 0;
    bool only_operands = false;
    while (p.next < argc) {
        char *word = argv[p.next++];
        bool fine = true;
        if (only_operands || word[0] != '-' || word[1] == '\0')
            argv[1 + n++] = word; /* never beyond p.next */
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else
            fine = word[1] == '-' ? parse_long(&p, word + 2) : parse_letters(&p, word + 1);
        if (!fine) {
            *status = p.status;
            return false;
        }
    }
    *operands = n;
    if (n > cmd->operands) {
        *status = cli_usage_error(cmd, "unexpected operand '%s'", argv[1 + cmd->operands]);
        return false;
    }
    return true;
}
