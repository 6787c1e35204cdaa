/* olmOCR's front matter, and the roles that can be determined only from a finished block's text. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "markup/markup_parts.h"

#define MAX_FRONT_LINES 40u
#define MAX_VALUE 32u

/* ---- front matter ------------------------------------------------------------------------------------ */

typedef struct front_line {
    char key[MAX_VALUE], value[MAX_VALUE]; /* longer ones are cut */
    uint32_t value_at;
} front_line;

static uint32_t line_end(const ocrvl_markup_parser *p, uint32_t i)
{
    while (i < p->n && p->in[i] != '\n' && p->in[i] != '\r')
        i++;
    return i;
}

static uint32_t after_break(const ocrvl_markup_parser *p, uint32_t i)
{
    if (i < p->n)
        i += p->in[i] == '\r' && i + 1 < p->n && p->in[i + 1] == '\n' ? 2 : 1;
    return i;
}

static bool is_dashes(const ocrvl_markup_parser *p, uint32_t i, uint32_t end)
{
    while (end > i && ocrvl_markup_is_blank(p->in[end - 1]))
        end--;
    return end - i == 3 && p->in[i] == '-' && p->in[i + 1] == '-' && p->in[i + 2] == '-';
}

/* A line of key: value, in ASCII. */
static bool read_line(const ocrvl_markup_parser *p, uint32_t i, uint32_t end, front_line *line)
{
    uint32_t k = 0, v = 0;
    memset(line, 0, sizeof *line);
    for (; i < end && ((p->in[i] >= 'a' && p->in[i] <= 'z') || p->in[i] == '_'); i++)
        if (k < MAX_VALUE - 1)
            line->key[k++] = (char)p->in[i];
    if (k == 0 || i == end || p->in[i++] != ':')
        return false;
    while (i < end && ocrvl_markup_is_blank(p->in[i]))
        i++;
    while (end > i && ocrvl_markup_is_blank(p->in[end - 1]))
        end--;
    if (end - i >= 2 && (p->in[i] == '"' || p->in[i] == '\'') && p->in[end - 1] == p->in[i]) {
        i++;
        end--;
    }
    line->value_at = i;
    for (; i < end && v < MAX_VALUE - 1; i++)
        line->value[v++] = p->in[i] < 128 ? (char)p->in[i] : '?';
    return true;
}

static bool equals_any(const char *value, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

static const char *const yes[] = {"true", "True", "TRUE", "yes", NULL};
static const char *const no[] = {"false", "False", "FALSE", "no", NULL};
static const char *const none[] = {"", "~", "null", "Null", "None", "none", NULL};

static bool take_flag(int *out, const char *value)
{
    *out = equals_any(value, yes) ? 1 : equals_any(value, no) ? 0 : -1;
    return *out >= 0 || equals_any(value, none);
}

static bool take_rotation(int *out, const char *value)
{
    static const char *const degrees[] = {"0", "90", "180", "270"};
    *out = -1;
    for (int k = 0; k < 4; k++)
        if (strcmp(value, degrees[k]) == 0)
            *out = 90 * k;
    return *out >= 0 || equals_any(value, none);
}

/* Accepts a language tag of letters, digits and hyphens. */
static bool take_language(ocrvl_markup_parser *p, const front_line *line)
{
    ocrvl_markup_run run;
    if (equals_any(line->value, none))
        return true;
    for (const char *s = line->value; *s; s++)
        if (!((*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z') || *s == '-'))
            return false;
    ocrvl_markup_run_begin(p, &run);
    for (uint32_t k = 0; line->value[k]; k++)
        ocrvl_markup_run_put(p, (unsigned char)line->value[k], line->value_at + k);
    ocrvl_markup_run_end(p, &run);
    p->doc->front.language = run;
    return true;
}

static bool is_known(const char *key)
{
    static const char *const keys[] = {"primary_language", "is_rotation_valid", "rotation_correction",
                                       "is_table",         "is_diagram",        NULL};
    return equals_any(key, keys);
}

static bool take_line(ocrvl_markup_parser *p, const front_line *line)
{
    ocrvl_markup_front *f = &p->doc->front;
    if (strcmp(line->key, "primary_language") == 0)
        return take_language(p, line);
    if (strcmp(line->key, "is_rotation_valid") == 0)
        return take_flag(&f->rotation_valid, line->value);
    if (strcmp(line->key, "rotation_correction") == 0)
        return take_rotation(&f->rotation, line->value);
    if (strcmp(line->key, "is_table") == 0)
        return take_flag(&f->table, line->value);
    return strcmp(line->key, "is_diagram") == 0 && take_flag(&f->diagram, line->value);
}

/* Where the line of closing dashes begins; p->n if this is not front matter. */
static uint32_t find_end(const ocrvl_markup_parser *p, uint32_t from)
{
    bool known = false;
    uint32_t i = from;
    for (uint32_t lines = 0; i < p->n && lines < MAX_FRONT_LINES; lines++) {
        front_line line;
        uint32_t end = line_end(p, i);
        if (is_dashes(p, i, end))
            return known ? i : p->n;
        if (!read_line(p, i, end, &line))
            return p->n;
        known = known || is_known(line.key);
        i = after_break(p, end);
    }
    return p->n;
}

uint32_t ocrvl_markup_front_matter(ocrvl_markup_parser *p)
{
    ocrvl_markup_front *f = &p->doc->front;
    uint32_t i = 0;
    *f = (ocrvl_markup_front){.rotation_valid = -1, .table = -1, .diagram = -1, .rotation = -1};
    while (i < p->n && (p->in[i] == '\n' || p->in[i] == '\r' || ocrvl_markup_is_blank(p->in[i])))
        i++;
    uint32_t end = line_end(p, i);
    if (!is_dashes(p, i, end))
        return 0;
    i = after_break(p, end);
    uint32_t stop = find_end(p, i);
    if (stop == p->n)
        return 0;
    f->present = true;
    while (i < stop) {
        front_line line;
        end = line_end(p, i);
        if (!read_line(p, i, end, &line) || !take_line(p, &line))
            ocrvl_markup_note(p, OCRVL_MARKUP_FRONT_MATTER, i);
        i = after_break(p, end);
    }
    f->end = after_break(p, line_end(p, stop));
    return f->end;
}

/* ---- roles ------------------------------------------------------------------------------------------- */

static const char *skip_any(const char *s, const char *const *what)
{
    for (bool more = true; more;) {
        more = false;
        for (const char *const *w = what; *w; w++) {
            size_t n = strlen(*w);
            if (strncmp(s, *w, n) == 0) {
                s += n;
                more = true;
            }
        }
    }
    return s;
}

/* Skips one of the words, in any ASCII case, and `stop` after it; returns NULL if none of them is there. */
static const char *skip_word(const char *s, const char *const *words)
{
    for (; *words; words++) {
        size_t n = 0;
        while ((*words)[n] && ocrvl_ascii_lower(s[n]) == (*words)[n])
            n++;
        if (!(*words)[n])
            return s + n;
    }
    return NULL;
}

/* Skips 1 to 4 digits; returns NULL if there are none or more. */
static const char *skip_number(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n >= 1 && n <= 4 ? s + n : NULL;
}

static const char *skip_spaces(const char *s) { return s + strspn(s, " "); }

static bool is_page_number(const char *s)
{
    static const char *const pages[] = {"page", "seite", "página", "pagina", "side", "sida", "strana", NULL};
    static const char *const ofs[] = {"of", "von", "de", "sur", "di", "van", "av", "af", "z", "/", NULL};
    static const char *const left[] = {" ", "-", "\xE2\x80\x93", "\xE2\x80\x94", "[", NULL};
    static const char *const right[] = {" ", "-", "\xE2\x80\x93", "\xE2\x80\x94", "]", NULL};
    const char *word = skip_word(s, pages);
    const char *end = skip_number(word ? skip_spaces(word) : skip_any(s, left));
    if (!end)
        return false;
    if (!word)
        return *skip_any(end, right) == '\0';
    const char *of = skip_word(skip_spaces(end), ofs);
    end = of ? skip_number(skip_spaces(of)) : end;
    return end && *end == '\0';
}

/* "Figure 2: ...", "Fig. 2. ...": a number followed by a mark or the end, as opposed to a sentence that begins so. */
static bool is_caption(const char *s)
{
    static const char *const words[] = {"figure",  "fig.", "fig",   "abbildung", "abb.",  "figura", "table",
                                        "tabelle", "tab.", "plate", "photo",     "chart", "map",    NULL};
    const char *end = skip_word(s, words);
    end = end && *end == ' ' ? skip_spaces(end) : NULL;
    if (!end || *end < '0' || *end > '9')
        return false;
    end += strspn(end, "0123456789.-");
    if (end[-1] == '.' || end[-1] == '-') /* "2." or "2-": the mark itself */
        end--;
    else if (*end >= 'a' && *end <= 'z' && (end[1] == ':' || end[1] == '.')) /* "2a:" */
        end++;
    return *end == '\0' || *end == '\n' || *end == ':' || *end == '.' || *end == '-' ||
           strncmp(end, " \xE2\x80\x93", 4) == 0 || strncmp(end, " \xE2\x80\x94", 4) == 0 ||
           strncmp(end, " -", 2) == 0 || strncmp(end, " |", 2) == 0;
}

void ocrvl_markup_roles(ocrvl_markup_parser *p)
{
    ocrvl_markup *doc = p->doc;
    for (uint32_t i = 1; i < doc->block_count; i++)
        if (doc->blocks[i].role == OCRVL_ROLE_PARAGRAPH && doc->blocks[i - 1].role == OCRVL_ROLE_FIGURE &&
            is_caption(p->text.data + doc->blocks[i].text.at))
            doc->blocks[i].role = OCRVL_ROLE_CAPTION;
    for (uint32_t k = 0; k < 2 && doc->block_count > 1; k++) {
        ocrvl_markup_block *b = &doc->blocks[k ? doc->block_count - 1 : 0];
        if (b->role == OCRVL_ROLE_PARAGRAPH && is_page_number(p->text.data + b->text.at))
            b->role = OCRVL_ROLE_PAGE_NUMBER;
    }
}
