#include "out/markdown_text.h"

#include <string.h>

#include "base/bullets.h"
#include "base/utf8.h"

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

size_t ocrvl_markdown_ordinal(const char *s, size_t n)
{
    size_t digits = 0;
    while (digits < n && digits < 9 && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    bool mark = digits > 0 && digits < n && (s[digits] == '.' || s[digits] == ')');
    return mark && (digits + 1 == n || s[digits + 1] == ' ') ? digits + 1 : 0;
}

size_t ocrvl_markdown_bullet(const char *s, size_t n)
{
    size_t at = 0;
    uint32_t c = n ? ocrvl_utf8_next(s, n, &at) : 0;
    return (c == '+' || ocrvl_is_bullet(c)) && at < n && s[at] == ' ' ? at + 1 : 0;
}

/* Whether byte i of the line would be markup. */
static bool needs_escape(const char *s, size_t n, size_t i, ocrvl_markdown_context in)
{
    char c = s[i], next = i + 1 < n ? s[i + 1] : '\0';
    switch (c) {
    case '`':
    case '*':
    case '~': return true;
    case '$': return next < '0' || next > '9'; /* "$5" doesn't begin a formula, nor end one */
    case '\\': return !next || (next > ' ' && !alnum(next));
    case '[': return next == '^';
    case ']': return next == '(' || next == '[' || next == ':';
    case '<': return alnum(next) || next == '/' || next == '!' || next == '?';
    case '|': return in == OCRVL_IN_CELL;
    case '_': return !(i > 0 && alnum(s[i - 1]) && alnum(next));
    case '&': return alnum(next) || next == '#';
    case '#': return (i == 0 && in == OCRVL_IN_TEXT) || in == OCRVL_IN_HEADING;
    case '>': return i == 0 && in != OCRVL_IN_CELL;
    case '-':
    case '+':
    case '=': return i == 0 && in == OCRVL_IN_TEXT && (next == '\0' || next == ' ' || next == c);
    case '.':
    case ')': return in == OCRVL_IN_TEXT && i > 0 && i + 1 == ocrvl_markdown_ordinal(s, n);
    default: return false;
    }
}

typedef struct state { /* from one line to the next */
    bool code;
    const char *link; /* up to OCRVL_LINK_TEXT; NULL: none is open */
    const ocrvl_markdown_notes *notes;
} state;

const char *ocrvl_markdown_note(const ocrvl_markdown_notes *notes, uint32_t number)
{
    for (size_t i = 0; notes && number && i < notes->count; i++)
        if (notes->numbers[i] == number)
            return notes->labels[i];
    return NULL;
}

/* Writes what is raised, if it is the mark of a note; how many bytes it has with the marks around it, else those of its
 * first mark. */
static size_t put_raised(ocrvl_buf *b, const char *s, const state *now)
{
    size_t n;
    uint32_t number = ocrvl_note_number(s + 1, &n);
    const char *label = !now->code && s[1 + n] == OCRVL_RAISED_END ? ocrvl_markdown_note(now->notes, number) : NULL;
    if (!label)
        return 1;
    ocrvl_buf_printf(b, "[^%s]", label);
    return n + 2;
}

static void end_link(ocrvl_buf *b, state *now)
{
    size_t n = now->link ? (size_t)(strchr(now->link, OCRVL_LINK_TEXT) - now->link) : 0;
    bool page = n && *now->link == '#', round = n && (memchr(now->link, '(', n) || memchr(now->link, ')', n));
    if (now->link && !page) {
        ocrvl_buf_puts(b, round ? "](<" : "](");
        ocrvl_buf_put(b, now->link, n);
        ocrvl_buf_puts(b, round ? ">)" : ")");
    }
    now->link = NULL;
}

/* Writes a mark; how many bytes it has. A page of the document has no place in Markdown to lead to. */
static size_t put_mark(ocrvl_buf *b, const char *s, state *now)
{
    switch (*s) {
    case OCRVL_BOLD:
    case OCRVL_BOLD_END: ocrvl_buf_puts(b, "**"); return 1;
    case OCRVL_ITALIC:
    case OCRVL_ITALIC_END: ocrvl_buf_putc(b, '*'); return 1;
    case OCRVL_MONO:
    case OCRVL_MONO_END:
        ocrvl_buf_putc(b, '`');
        now->code = *s == OCRVL_MONO;
        return 1;
    case OCRVL_LINK:
        now->link = s + 1;
        if (s[1] != '#')
            ocrvl_buf_putc(b, '[');
        return (size_t)(strchr(s, OCRVL_LINK_TEXT) + 1 - s);
    case OCRVL_RAISED: return put_raised(b, s, now);
    case OCRVL_RAISED_END: return 1;
    default: end_link(b, now); return 1;
    }
}

static bool is_mark(char c)
{
    return (c >= OCRVL_BOLD && c <= OCRVL_LINK_END) || (c >= OCRVL_LINK_TEXT && c <= OCRVL_RAISED_END);
}

static size_t mark_length(const char *s) { return *s == OCRVL_LINK ? (size_t)(strchr(s, OCRVL_LINK_TEXT) + 1 - s) : 1; }

/* Writes a line without the white space around it, which would be markup too. */
static void put_line(ocrvl_buf *b, const char *s, size_t n, ocrvl_markdown_context in, bool plain, state *now)
{
    for (size_t i = 0; i < n;) {
        bool pipe = in == OCRVL_IN_CELL && s[i] == '|';
        if (is_mark(s[i])) {
            i += plain ? mark_length(s + i) : put_mark(b, s + i, now);
            continue;
        }
        if (plain || now->code ? pipe : needs_escape(s, n, i, in))
            ocrvl_buf_putc(b, '\\');
        ocrvl_buf_putc(b, s[i++]);
    }
}

/* Finds the next line of *s without the spaces around it; returns false at the end. Empty lines are skipped. */
static bool next_line(const char **s, const char **line, size_t *len)
{
    while (**s) {
        const char *from = *s + strspn(*s, " "), *end = *s + strcspn(*s, "\n");
        *s = *end ? end + 1 : end;
        for (*len = from < end ? (size_t)(end - from) : 0; *len && from[*len - 1] == ' ';)
            --*len;
        *line = from;
        if (*len)
            return true;
    }
    return false;
}

void ocrvl_put_markdown_text(ocrvl_buf *b, const char *s, ocrvl_markdown_context in, const char *between, bool plain,
                             const ocrvl_markdown_notes *notes)
{
    const char *line;
    size_t len, count = 0;
    state now = {.notes = notes};
    while (next_line(&s, &line, &len)) {
        if (count++)
            ocrvl_buf_puts(b, between);
        put_line(b, line, len, in, plain, &now);
    }
}
