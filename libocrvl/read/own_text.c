#include "read/own_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "read/own_tags.h"
#include "read/own_turn.h"
#include "structure/marks.h"

enum { FIELD = 1 };         /* the style of what fills a field, which has none */
enum { MOST_LINES = 5000 }; /* of a page that is looked at closely */

void ocrvl_own_page_free(ocrvl_own_page *o)
{
    ocrvl_free(o->known);
    ocrvl_free(o->line);
    ocrvl_own_turned_free(o->turned);
    ocrvl_own_tags_free(o);
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

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Whether a line that begins as `mark` is in a list: by the mark alone, or as another line of the page, which begins
 * at the same place or further in, has the one before or after it. */
static bool begins_item(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    ocrvl_mark m = l->count > 1 ? ocrvl_mark_of(words_of(o, l)->text) : (ocrvl_mark){0};
    if (m.kind == OCRVL_MARK_NONE || m.surely || (m.kind == OCRVL_MARK_NUMBER && m.value == 1))
        return m.kind != OCRVL_MARK_NONE;
    for (size_t i = 0; i < o->text->line_count && o->text->line_count <= MOST_LINES; i++) {
        const ocrvl_own_line *k = &o->text->lines[i];
        ocrvl_mark other = k->count > 1 ? ocrvl_mark_of(words_of(o, k)->text) : (ocrvl_mark){0};
        if (k != l && abs(k->box.x0 - l->box.x0) <= l->x_height &&
            (ocrvl_mark_follows(&m, &other) || ocrvl_mark_follows(&other, &m)))
            return true;
    }
    return false;
}

/* In code single words are bold, and lines that are mostly such words go on as the others do. */
static uint32_t style_key(const ocrvl_text_style *s, bool code)
{
    return ((uint32_t)fminf(s->size * 10 + 0.5f, 1e8f) << 2 | (uint32_t)code << 1 | (!code && s->bold)) + 4;
}

static bool is_mono(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (!style_of(o, &words_of(o, l)[i])->mono)
            return false;
    return true;
}

/* Whether a line is of a program: in type of one width, unless it goes on from the line before it. */
static bool is_code(const ocrvl_own_page *o, const ocrvl_own_line *l)
{
    if (!is_mono(o, l))
        return false;
    const ocrvl_own_line *before = l > o->text->lines ? l - 1 : NULL;
    if (!before || is_mono(o, before))
        return true;
    const char *last = words_of(o, before)[before->count - 1].text;
    float step = l->baseline - before->baseline;
    bool ends = strchr(".:;", last[strlen(last) - 1]) != NULL;
    return ends || abs(l->box.x0 - before->box.x0) > l->x_height || step < 0 || step > 3.4f * l->x_height;
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

/* Adds the level lines of o->text. */
static void add_lines(ocrvl_own_page *out)
{
    const ocrvl_own_text *text = out->text;
    for (size_t i = 0; i < text->line_count; i++) {
        const ocrvl_own_line *l = &text->lines[i];
        if (!l->field && differs(out, l)) {
            out->differing++;
            continue;
        }
        if (l->turn)
            continue;
        out->line[out->count] = (uint32_t)i;
        bool code = !l->field && is_code(out, l);
        out->known[out->count++] = (ocrvl_known_line){l->box,
                                                      l->baseline,
                                                      l->x_height,
                                                      l->field ? FIELD : style_key(main_style(out, l), code),
                                                      !code && begins_item(out, l),
                                                      code};
    }
}

ocrvl_status ocrvl_own_page_make(ocrvl_own_page *out, const ocrvl_own_text *text, bool keep_rotation, ocrvl_error *err)
{
    uint32_t rotation = keep_rotation ? 0 : ocrvl_own_rotation(text);
    *out = (ocrvl_own_page){.text = text, .rotation = rotation};
    ocrvl_status st = rotation ? ocrvl_own_turned(&out->turned, text, rotation, err) : OCRVL_OK;
    out->text = out->turned ? out->turned : text;
    if (!st)
        st = ocrvl_own_tags_take(out, err);
    if (!st) {
        out->known = ocrvl_alloc_array(out->text->line_count + 1, sizeof *out->known);
        out->line = ocrvl_alloc_array(out->text->line_count + 1, sizeof *out->line);
        st = out->known && out->line ? OCRVL_OK : ocrvl_fail_nomem(err);
    }
    if (st) {
        ocrvl_own_page_free(out);
        return st;
    }
    add_lines(out);
    if (rotation && out->count == 0) { /* nothing of it is taken, so the image will tell how it is to be turned */
        ocrvl_own_page_free(out);
        return ocrvl_own_page_make(out, text, true, err);
    }
    return OCRVL_OK;
}
