#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "structure/structure_parts.h"

#define NOTE_SIZE 0.93f /* times the body's at the most */
#define SAME_SIZE 0.04f
enum { CAPTION_LINES = 8 };

static int32_t line_height(const ocrvl_facts *f) { return f->lines ? (f->box.y1 - f->box.y0) / (int32_t)f->lines : 1; }

static int32_t shared(const ocrvl_facts *a, const ocrvl_facts *b)
{
    int32_t x0 = a->box.x0 > b->box.x0 ? a->box.x0 : b->box.x0, x1 = a->box.x1 < b->box.x1 ? a->box.x1 : b->box.x1;
    return x1 - x0;
}

/* ---- captions and footnotes -------------------------------------------------------------------------- */

/* Of "3", "3.1:", "IV." whether a caption's number; *ends: something parts it from the caption's text. */
static bool is_caption_number(const char *s, bool *ends)
{
    size_t n = strspn(s, "0123456789.-"), roman = strspn(s, "IVX");
    n = n ? n : roman ? roman : *s >= 'A' && *s <= 'Z' ? 1 : 0;
    if (n == 1 && *s >= 'A' && *s <= 'Z' && s[1] >= '0' && s[1] <= '9')
        n += strspn(s + 1, "0123456789.-");
    *ends = n && (s[n] == ':' || s[n - 1] == '.' || s[n] == ')');
    return n && (s[n] == '\0' || (*ends && s[n + 1] == '\0'));
}

static bool is_picture(const ocrvl_facts *f)
{
    return f->node->info.role == OCRVL_ROLE_FIGURE || f->node->info.role == OCRVL_ROLE_TABLE;
}

static bool is_caption(const ocrvl_sheet *s, size_t i)
{
    const ocrvl_facts *f = &s->facts[i];
    bool ends;
    if (f->lines > CAPTION_LINES || !ocrvl_names_caption(f->first) || !is_caption_number(f->second, &ends))
        return false;
    return ends || (i > 0 && is_picture(f - 1)) || (i + 1 < s->count && is_picture(f + 1));
}

/* Whether a word is the mark of a footnote, or begins with one. */
static bool is_note_mark(const char *s)
{
    static const uint32_t marks[] = {'*', 0x2020, 0x2021, 0xA7, 0xB6, 0xB9, 0xB2, 0xB3, 0x2070};
    size_t n = strlen(s), at = 0, digits = strspn(s, "0123456789");
    uint32_t c = n ? ocrvl_utf8_next(s, n, &at) : 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (c == marks[i])
            return true;
    return (digits && digits < 4 && (s[digits] == '\0' || s[digits] == '.' || s[digits] >= 'A')) ||
           (c >= 0x2074 && c <= 0x2079);
}

/* Whether nothing but notes and the page's foot stands below it in its column. */
static bool is_lowest(const ocrvl_sheet *s, size_t i, float body)
{
    const ocrvl_facts *f = &s->facts[i];
    for (size_t k = 0; k < s->count; k++) {
        const ocrvl_facts *o = &s->facts[k];
        ocrvl_role r = o->node->info.role;
        if (o->text && o->box.y0 > f->box.y0 && shared(f, o) > 0 && o->size > NOTE_SIZE * body &&
            r != OCRVL_ROLE_FOOTER && r != OCRVL_ROLE_PAGE_NUMBER)
            return false;
    }
    return true;
}

static bool is_note(const ocrvl_sheet *s, size_t i, float body)
{
    const ocrvl_facts *f = &s->facts[i];
    return f->size > 0 && !f->measured && f->size <= NOTE_SIZE * body && f->box.y0 > (int32_t)(s->height / 3) &&
           is_note_mark(f->first) && is_lowest(s, i, body);
}

/* ---- quotes ------------------------------------------------------------------------------------------ */

/* The edges of the column that a block stands in, by the paragraphs right before and after it in its column; false:
 * there are none. */
static bool find_column(const ocrvl_sheet *s, size_t i, int32_t *left, int32_t *right)
{
    const ocrvl_facts *f = &s->facts[i];
    bool any = false;
    for (size_t k = i > 3 ? i - 3 : 0; k < s->count && k <= i + 3; k++) {
        const ocrvl_facts *o = &s->facts[k];
        if (k == i || !o->text || o->lines < 2 || o->node->info.role != OCRVL_ROLE_PARAGRAPH || o->node->info.level ||
            shared(f, o) * 2 < f->box.x1 - f->box.x0)
            continue;
        *left = any && *left < o->box.x0 ? *left : o->box.x0;
        *right = any && *right > o->box.x1 ? *right : o->box.x1;
        any = true;
    }
    return any;
}

static bool is_quote(const ocrvl_sheet *s, size_t i)
{
    const ocrvl_facts *f = &s->facts[i];
    int32_t left = 0, right = 0, em = line_height(f);
    if (f->node->info.level || f->lines < 2 || f->mark.kind != OCRVL_MARK_NONE || !find_column(s, i, &left, &right))
        return false;
    return f->box.x0 - left > em * 3 / 2 && right - f->box.x1 > em / 2 && f->rest_left - f->box.x0 < em / 4 + 2 &&
           f->first_left - f->box.x0 < 3 * em && f->words > 8;
}

static bool is_plain(const ocrvl_facts *f) { return f->text && f->node->info.role == OCRVL_ROLE_PARAGRAPH; }

void ocrvl_blocks_apply(const ocrvl_sheet *s, float body)
{
    for (size_t i = 0; i < s->count; i++) {
        ocrvl_facts *f = &s->facts[i];
        bool plain = is_plain(f) || (f->text && f->node->info.role == OCRVL_ROLE_LIST_ITEM);
        if (!plain)
            continue;
        if (f->mono && !(f->mark.kind == OCRVL_MARK_BULLET && f->mark.surely))
            f->node->info.role = OCRVL_ROLE_CODE;
        else if (is_caption(s, i))
            f->node->info.role = OCRVL_ROLE_CAPTION;
        else if (body > 0 && is_note(s, i, body))
            f->node->info.role = OCRVL_ROLE_FOOTNOTE;
    }
}

/* ---- what goes on ------------------------------------------------------------------------------------ */

static bool ends_sentence(const char *s)
{
    static const char *const ends[] = {".", "!", "?", ":", ";", "\u2026", "\u3002", NULL};
    size_t n = strlen(s);
    while (n && (s[n - 1] == ')' || s[n - 1] == '"' || s[n - 1] == '\'' || s[n - 1] == ']'))
        n--;
    if (n >= 3 && memcmp(s + n - 3, "\u201D", 3) == 0)
        n -= 3;
    for (size_t i = 0; ends[i]; i++) {
        size_t len = strlen(ends[i]);
        if (n >= len && memcmp(s + n - len, ends[i], len) == 0)
            return true;
    }
    return n == 0;
}

static bool begins_lower(const char *s)
{
    size_t n = strlen(s), at = 0;
    while (*s == '(' || *s == '"' || *s == '\'')
        s++, n--;
    uint32_t c = n ? ocrvl_utf8_next(s, n, &at) : 0;
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF) || (c >= 0x3B1 && c <= 0x3CE) ||
           (c >= 0x430 && c <= 0x45F);
}

static bool is_aside(ocrvl_role r)
{
    return r == OCRVL_ROLE_HEADER || r == OCRVL_ROLE_FOOTER || r == OCRVL_ROLE_PAGE_NUMBER ||
           r == OCRVL_ROLE_FOOTNOTE || r == OCRVL_ROLE_CAPTION || r == OCRVL_ROLE_FIGURE || r == OCRVL_ROLE_SEPARATOR ||
           r == OCRVL_ROLE_OTHER;
}

static void leave_open(ocrvl_flow *f, const ocrvl_facts *k)
{
    size_t n = strlen(k->last);
    *f = (ocrvl_flow){.open = !ends_sentence(k->last),
                      .role = k->node->info.role,
                      .level = k->node->info.level,
                      .size = k->size,
                      .bold = k->bold,
                      .hyphen = n > 1 && k->last[n - 1] == '-'};
}

/* Whether the block may go on from what is open: in the next column or on the next page, or after what stands
 * between. */
static bool goes_on(const ocrvl_flow *f, const ocrvl_facts *before, const ocrvl_facts *k)
{
    bool like = fabsf(k->size - f->size) <= (k->measured ? 4 : 1) * SAME_SIZE * f->size && k->bold == f->bold;
    bool below = before && k->box.y0 >= before->box.y1 - line_height(k) / 2 && shared(before, k) > 0;
    if (!f->open || !like || k->mark.kind != OCRVL_MARK_NONE)
        return false;
    if (begins_lower(k->first))
        return !below || f->hyphen;
    return !below && k->first_left - k->box.x0 < line_height(k) / 2 && !f->hyphen && f->role == OCRVL_ROLE_PARAGRAPH;
}

void ocrvl_flow_apply(ocrvl_flow *f, const ocrvl_sheet *s)
{
    const ocrvl_facts *before = NULL; /* on this page */
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_facts *k = &s->facts[i];
        ocrvl_node_info *info = &k->node->info;
        bool told = info->continues && before; /* by a model, which saw the page */
        info->continues = false;
        if (is_aside(info->role) || (!k->text && info->role != OCRVL_ROLE_TABLE))
            continue;
        if (is_plain(k) && is_quote(s, i))
            info->role = OCRVL_ROLE_QUOTE;
        if (info->role != OCRVL_ROLE_PARAGRAPH && info->role != OCRVL_ROLE_LIST_ITEM) {
            f->open = false;
            continue;
        }
        if (info->role == OCRVL_ROLE_PARAGRAPH && (goes_on(f, before, k) || told)) {
            info->continues = true;
            info->level = f->role == OCRVL_ROLE_LIST_ITEM || f->role == OCRVL_ROLE_PARAGRAPH ? f->level : 0;
        }
        leave_open(f, k);
        before = k;
    }
}
