#include "read/pairs.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/check_boxes.h"
#include "read/prose.h"

enum { NAME_WORDS = 5 };
#define NAME_WIDTH 20 /* x-heights */
#define APART 24      /* x-heights from a name to its text at most, */
#define BOX_APART 4   /* and from a check box */

static bool is_check_box(const ocrvl_result *r, const ocrvl_result_line *said)
{
    return said->count == 1 && ocrvl_is_check_box_text(r->words[said->first].text);
}

/* How far right of a line its text may begin; 0: it is no name. */
static float reach_of(const ocrvl_result *r, const ocrvl_result_line *said, const ocrvl_layout_line *line)
{
    if (said->count == 0 || said->count > NAME_WORDS)
        return 0;
    const char *last = r->words[said->first + said->count - 1].text;
    size_t n = strlen(last);
    if (is_check_box(r, said))
        return BOX_APART * line->x_height;
    return n > 1 && last[n - 1] == ':' && (float)(line->ink.x1 - line->ink.x0) < NAME_WIDTH * line->x_height
               ? APART * line->x_height
               : 0;
}

static bool is_free(const ocrvl_result_line *said, const ocrvl_page_tables *t)
{
    for (size_t i = said->first; i < said->first + said->count; i++)
        if (t->table_of[i])
            return false;
    return said->count > 0;
}

/* The nearest line to the right of line `at` on its level; line_count: none within reach, or it is none to be joined.
 */
static size_t text_of(const ocrvl_result *r, const ocrvl_result_line *lines, const ocrvl_page_tables *t,
                      const bool *prose, size_t at)
{
    const ocrvl_layout *l = r->layout;
    const ocrvl_layout_line *name = &l->lines[at];
    float reach = reach_of(r, &lines[at], name);
    size_t best = l->line_count;
    for (size_t i = 0; i < l->line_count && reach > 0; i++) {
        const ocrvl_layout_line *o = &l->lines[i];
        float gap = (float)(o->ink.x0 - name->ink.x1);
        if (i == at || lines[i].count == 0 || gap < -name->x_height || gap > reach ||
            fabsf(o->baseline[0] - name->baseline[1]) > 0.5f * name->x_height)
            continue;
        if (best == l->line_count || o->ink.x0 < l->lines[best].ink.x0)
            best = i;
    }
    bool fits = best < l->line_count && (!prose[best] || is_check_box(r, &lines[at])) && is_free(&lines[best], t);
    return fits ? best : l->line_count;
}

/* Puts copies of both lines' words behind all others, as the words of the name's line, or, of a check box, of its text's,
 * which may be an item of a list. */
static ocrvl_status join(ocrvl_result *r, ocrvl_result_line *name, ocrvl_result_line *text, ocrvl_error *err)
{
    size_t n = name->count + text->count, first = r->count;
    const ocrvl_result_line *of =
        name->ink == OCRVL_NO_INK ? name : text; /* one that the document says, if there is one */
    if (!OCRVL_ARRAY_RESERVE(r->words, r->cap, r->count + n))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const ocrvl_result_word *from = &r->words[i < name->count ? name->first + i : text->first + i - name->count];
        ocrvl_result_word w = *from;
        if (!(w.text = ocrvl_strdup(from->text)))
            return ocrvl_fail_nomem(err);
        w.ink = of->ink;
        if (i == name->count) {
            w.gap = " ";
            w.gap_len = 1;
        }
        r->words[r->count++] = w;
    }
    ocrvl_result_line both = {.first = first, .count = n, .ink = of->ink, .origin = of->origin, .own = of->own};
    both.box = of->ink == OCRVL_NO_INK ? ocrvl_result_around(r, first, n) : (ocrvl_box){0};
    ocrvl_result_line *to = is_check_box(r, name) ? text : name;
    (to == name ? text : name)->count = 0;
    *to = both;
    return OCRVL_OK;
}

ocrvl_status ocrvl_join_pairs(ocrvl_result *r, ocrvl_result_line *lines, ocrvl_page_tables *tables, bool tagged,
                              ocrvl_error *err)
{
    const ocrvl_layout *l = r->layout;
    bool *prose = ocrvl_alloc_array(l->line_count + 1, sizeof *prose);
    ocrvl_status st = prose ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < l->block_count; i++) {
        const ocrvl_layout_block *k = &l->blocks[i];
        memset(prose + k->first_line, ocrvl_is_prose(r, lines, k), k->lines);
    }
    for (size_t i = 0; !st && i < l->line_count; i++) {
        if (prose[i] || !is_free(&lines[i], tables) || (tagged && !is_check_box(r, &lines[i])))
            continue;
        size_t text = text_of(r, lines, tables, prose, i), before = r->count;
        if (text == l->line_count)
            continue;
        st = join(r, &lines[i], &lines[text], err);
        uint32_t *more = st ? NULL : ocrvl_realloc_array(tables->table_of, r->count + 1, sizeof *more);
        if (!st && !more)
            st = ocrvl_fail_nomem(err);
        if (more)
            memset((tables->table_of = more) + before, 0, (r->count + 1 - before) * sizeof *more);
    }
    ocrvl_free(prose);
    return st;
}
