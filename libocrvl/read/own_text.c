#include "read/own_text.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LARGER 1.12f /* than the body: a heading's type */
enum { HEADING_LINES = 3, MOST_LEVEL = 6, HEADING_WORDS = 24 };

void ocrvl_own_page_free(ocrvl_own_page *o)
{
    ocrvl_free(o->known);
    ocrvl_free(o->line);
    *o = (ocrvl_own_page){0};
}

static const ocrvl_own_word *words_of(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    return &o->text->words[l->first];
}

static const ocrvl_text_style *style_of(const ocrvl_own_page *o, const ocrvl_own_word *w)
{
    static const ocrvl_text_style none = {.font = ""};
    return w->style < o->text->style_count ? &o->text->styles[w->style] : &none;
}

/* The style of most of a line's bytes. */
static const ocrvl_text_style *main_style(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    const ocrvl_own_word *w = words_of(o, l);
    const ocrvl_text_style *best = style_of(o, w), *open = NULL;
    size_t most = 0, run = 0;
    for (size_t i = 0; i < l->count;
         i++) { /* runs of one style; one that comes back counts anew, which does for this */
        const ocrvl_text_style *s = style_of(o, &w[i]);
        run = s == open ? run + strlen(w[i].text) : strlen(w[i].text);
        open = s;
        if (run > most) {
            most = run;
            best = s;
        }
    }
    return best;
}

/* ---- marks of lists, numbers of headings ------------------------------------------------------------- */

static bool is_one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(s, *list) == 0)
            return true;
    return false;
}

static bool is_bullet(const char *s)
{
    static const char *const marks[] = {"\u2022", "\u25E6", "\u25AA", "\u25AB", "\u25CF", "\u25CB", "\u25A0",
                                        "\u25A1", "\u2023", "\u2043", "\u27A2", "\u2713", "\u2756", "\u2013",
                                        "\u2014", "-",      "*",      "\u00B7", NULL};
    return is_one_of(s, marks);
}

/* Of "3.", "12)", "(4)", "b)", "(iv)": whether it is such a mark. */
static bool is_ordinal(const char *s)
{
    bool open = *s == '(';
    s += open;
    size_t digits = strspn(s, "0123456789"), letters = strspn(s, "ivx");
    size_t n = digits ? digits : letters ? letters : ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')) ? 1 : 0;
    if (n == 0 || n > 4)
        return false;
    if (!digits && !open && s[n] != ')') /* "a." may be an initial */
        return false;
    return (s[n] == ')' && s[n + 1] == '\0') || (!open && s[n] == '.' && s[n + 1] == '\0');
}

/* How many parts a heading's number has: 3 of "2.10.1" or "A.1.2."; 0: it is none. */
static uint32_t number_depth(const char *s)
{
    uint32_t parts = 0;
    for (;; s++) {
        size_t n = strspn(s, "0123456789");
        if (n == 0 && parts == 0 && *s >= 'A' && *s <= 'Z' && (s[1] == '.' || s[1] == '\0'))
            n = 1;
        if (n == 0 || n > 3)
            return 0;
        parts++;
        s += n;
        if (*s == '\0' || (*s == '.' && s[1] == '\0'))
            return parts;
        if (*s != '.')
            return 0;
    }
}

/* ---- lines ------------------------------------------------------------------------------------------- */

static bool begins_item(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    const char *first = words_of(o, l)->text;
    return l->count > 1 && (is_bullet(first) || is_ordinal(first));
}

static uint32_t style_key(const ocrvl_text_style *s)
{
    return ((uint32_t)fminf(s->size * 10 + 0.5f, 1e8f) << 1 | s->bold) + 2;
}

/* The size of most characters, to half a point. */
static float body_size(const ocrvl_own_page *o)
{
    enum { SIZES = 200 };
    size_t count[SIZES] = {0}, best = 0;
    for (size_t i = 0; i < o->text->word_count; i++) {
        size_t k = (size_t)fminf(style_of(o, &o->text->words[i])->size * 2 + 0.5f, SIZES - 1);
        count[k] += strlen(o->text->words[i].text);
        best = count[k] > count[best] ? k : best;
    }
    return (float)best / 2;
}

/* Whether a word of it is of a font that differs from what can be read. */
static bool differs(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    for (size_t i = 0; i < l->count && o->text->verdicts; i++) {
        uint32_t font = style_of(o, &words_of(o, l)[i])->number;
        if (font < o->text->font_count && o->text->verdicts[font] == OCRVL_VERDICT_DIFFERS)
            return true;
    }
    return false;
}

ocrvl_status ocrvl_own_page_make(ocrvl_own_page *out, const ocrvl_own_text *text, ocrvl_error *err)
{
    *out = (ocrvl_own_page){.text = text};
    out->known = ocrvl_alloc_array(text->line_count + 1, sizeof *out->known);
    out->line = ocrvl_alloc_array(text->line_count + 1, sizeof *out->line);
    if (!out->known || !out->line) {
        ocrvl_own_page_free(out);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < text->line_count; i++) {
        const ocrvl_own_line *l = &text->lines[i];
        if (differs(out, l)) {
            out->differing++;
            continue;
        }
        if (l->turn)
            continue;
        out->line[out->count] = (uint32_t)i;
        out->known[out->count++] =
            (ocrvl_known_line){l->box, l->baseline, l->x_height, style_key(main_style(out, l)), begins_item(out, l)};
    }
    out->body = body_size(out);
    return OCRVL_OK;
}

/* ---- roles ------------------------------------------------------------------------------------------- */

static const ocrvl_own_line *line_at(const ocrvl_own_page *o, const ocrvl_layout *l, size_t i)
{
    uint32_t known = l->lines[i].known;
    return known ? &o->text->lines[o->line[known - 1]] : NULL;
}

static bool ends_sentence(const char *s)
{
    size_t n = strlen(s);
    return n && strchr(".,;:?!", s[n - 1]);
}

/* A heading's level by its number, else by its size beside the body's. */
static uint32_t level_of(const ocrvl_own_page *o, const ocrvl_own_line *l, float size)
{
    uint32_t depth = l->count > 1 ? number_depth(words_of(o, l)->text) : 0;
    float ratio = o->body > 0 ? size / o->body : 1;
    if (depth)
        return depth < MOST_LEVEL ? depth : MOST_LEVEL;
    return ratio >= 1.7f ? 1 : ratio >= 1.35f ? 2 : ratio >= LARGER ? 3 : 4;
}

static bool is_heading(const ocrvl_own_page *o, const ocrvl_layout *l, const ocrvl_layout_block *k)
{
    const ocrvl_own_line *first = line_at(o, l, k->first_line), *last = line_at(o, l, k->first_line + k->lines - 1);
    const ocrvl_text_style *s = main_style(o, first);
    size_t words = 0, letters = 0;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        const ocrvl_own_line *line = line_at(o, l, i);
        words += line->count;
        for (size_t w = 0; w < line->count; w++)
            for (const char *c = words_of(o, line)[w].text; *c; c++)
                letters += (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (unsigned char)*c >= 0xC3;
    }
    if (k->lines > HEADING_LINES || words > HEADING_WORDS || letters < 2 || !(o->body > 0))
        return false;
    if (s->size >= LARGER * o->body)
        return true;
    return s->bold && s->size >= 0.95f * o->body && k->lines == 1 &&
           (number_depth(words_of(o, first)->text) > 1 || !ends_sentence(words_of(o, last)[last->count - 1].text));
}

void ocrvl_own_roles(const ocrvl_own_page *o, ocrvl_layout *l)
{
    for (size_t i = 0; i < l->block_count; i++) {
        ocrvl_layout_block *k = &l->blocks[i];
        bool known = k->lines > 0;
        for (size_t n = 0; n < k->lines; n++)
            known &= l->lines[k->first_line + n].known > 0;
        if (!known || (k->role != OCRVL_ROLE_PARAGRAPH && k->role != OCRVL_ROLE_HEADING))
            continue;
        const ocrvl_own_line *first = line_at(o, l, k->first_line);
        if (is_heading(o, l, k)) {
            k->role = OCRVL_ROLE_HEADING;
            k->level = level_of(o, first, main_style(o, first)->size);
        } else {
            k->role = begins_item(o, first) ? OCRVL_ROLE_LIST_ITEM : OCRVL_ROLE_PARAGRAPH;
        }
    }
}
