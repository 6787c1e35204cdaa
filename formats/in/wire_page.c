#include "in/wire_page.h"

#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Who adds a member to one of these adds it here as well, if it is one that crosses. */
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(ocrvl_page_place) == 248, "ocrvl_page_place has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_own_text) == 160, "ocrvl_own_text has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_own_word) == 56, "ocrvl_own_word has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_own_tag) == 64, "ocrvl_own_tag has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_own_line) == 48, "ocrvl_own_line has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_text_style) == 24, "ocrvl_text_style has other members than wire_page.c knows");
_Static_assert(sizeof(ocrvl_document_info) == 88, "ocrvl_document_info has other members than wire_page.c knows");
#endif

enum { MOST_ITEMS = 4000000, MOST_LEVELS = 1000 };
/* Where bytes of a page are: nowhere, at an offset of the file, in the message, in a file of their own. */
enum { NOWHERE, IN_FILE, IN_MESSAGE, ELSEWHERE };

/* ---- writing ----------------------------------------------------------------------------------------- */

static void put_texts(ocrvl_buf *b, const ocrvl_page_place *p)
{
    ocrvl_wire_put_count(b, p->text_place_count);
    for (size_t i = 0; i < p->text_place_count; i++) {
        ocrvl_wire_put_text(b, p->text_places[i].text);
        ocrvl_wire_put_box(b, &p->text_places[i].box);
    }
    ocrvl_wire_put_count(b, p->text_boxes ? p->text_box_count : 0);
    for (size_t i = 0; p->text_boxes && i < p->text_box_count; i++)
        ocrvl_wire_put_box(b, &p->text_boxes[i]);
}

static void put_styles(ocrvl_buf *b, const ocrvl_own_text *t)
{
    ocrvl_wire_put_count(b, t->style_count);
    for (size_t i = 0; i < t->style_count; i++) {
        const ocrvl_text_style *s = &t->styles[i];
        ocrvl_wire_put_text(b, s->font);
        ocrvl_wire_put_number(b, (double)s->size);
        ocrvl_wire_put_count(b, s->colour);
        ocrvl_wire_put_count(b, s->number);
        ocrvl_wire_put_count(b, (uint64_t)(s->bold | s->italic << 1 | s->mono << 2 | s->underlined << 3));
    }
}

static void put_lines(ocrvl_buf *b, const ocrvl_own_text *t)
{
    ocrvl_wire_put_count(b, t->word_count);
    for (size_t i = 0; i < t->word_count; i++) {
        const ocrvl_own_word *w = &t->words[i];
        ocrvl_wire_put_text(b, w->text);
        ocrvl_wire_put_box(b, &w->box);
        ocrvl_wire_put_count(b, w->style);
        ocrvl_wire_put_count(b, w->raised);
        ocrvl_wire_put_text(b, w->link);
        ocrvl_wire_put_count(b, w->tag);
        ocrvl_wire_put_count(b, w->place);
        ocrvl_wire_put_text(b, w->lang);
    }
    ocrvl_wire_put_count(b, t->line_count);
    for (size_t i = 0; i < t->line_count; i++) {
        const ocrvl_own_line *l = &t->lines[i];
        ocrvl_wire_put_count(b, l->first);
        ocrvl_wire_put_count(b, l->count);
        ocrvl_wire_put_box(b, &l->box);
        ocrvl_wire_put_number(b, (double)l->baseline);
        ocrvl_wire_put_number(b, (double)l->x_height);
        ocrvl_wire_put_count(b, l->field);
        ocrvl_wire_put_count(b, l->turn);
    }
}

static void put_tags(ocrvl_buf *b, const ocrvl_own_text *t)
{
    ocrvl_wire_put_count(b, t->tagged_tables);
    ocrvl_wire_put_text(b, t->tag_fault);
    ocrvl_wire_put_count(b, t->tag_count);
    for (size_t i = 0; i < t->tag_count; i++) {
        const ocrvl_own_tag *g = &t->tags[i];
        const uint32_t numbers[] = {g->role, g->level, g->table, g->row, g->col, g->row_span, g->col_span};
        ocrvl_wire_put_count(b, (uint64_t)(g->told | g->continues << 1 | g->header << 2));
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            ocrvl_wire_put_count(b, numbers[k]);
        ocrvl_wire_put_text(b, g->alt);
        ocrvl_wire_put_box(b, &g->box);
    }
}

static void put_own(ocrvl_buf *b, const ocrvl_own_text *t)
{
    ocrvl_wire_put_count(b, t != NULL);
    if (!t)
        return;
    ocrvl_wire_put_count(b, t->width);
    ocrvl_wire_put_count(b, t->height);
    ocrvl_wire_put_number(b, t->dpi);
    ocrvl_wire_put_count(b, t->whole);
    ocrvl_wire_put_count(b, t->draw != NULL);
    ocrvl_wire_put_text(b, t->doubt);
    ocrvl_wire_put_bytes(b, t->verdicts, t->verdicts ? t->font_count : 0);
    put_styles(b, t);
    put_tags(b, t);
    put_lines(b, t);
    ocrvl_wire_put_count(b, t->rule_count);
    for (size_t i = 0; i < t->rule_count; i++) {
        ocrvl_wire_put_box(b, &t->rules[i].box);
        ocrvl_wire_put_count(b, t->rules[i].vertical);
    }
}

/* The members of the document's information, in the order in which they cross. */
enum { INFO_TEXTS = 9 };
static void info_texts(ocrvl_document_info *i, const char **texts[INFO_TEXTS])
{
    const char **all[INFO_TEXTS] = {&i->title,    &i->author,  &i->subject,  &i->keywords, &i->creator,
                                    &i->producer, &i->created, &i->modified, &i->language};
    memcpy(texts, all, sizeof all);
}

static void put_info(ocrvl_buf *b, const ocrvl_document_info *info)
{
    ocrvl_wire_put_count(b, info != NULL);
    if (!info)
        return;
    ocrvl_document_info i = *info;
    const char **texts[INFO_TEXTS];
    info_texts(&i, texts);
    for (int k = 0; k < INFO_TEXTS; k++)
        ocrvl_wire_put_text(b, *texts[k]);
    ocrvl_wire_put_count(b, i.outline_count);
    for (size_t k = 0; k < i.outline_count; k++) {
        ocrvl_wire_put_text(b, i.outline[k].title);
        ocrvl_wire_put_count(b, i.outline[k].level);
        ocrvl_wire_put_count(b, i.outline[k].page);
    }
}

static bool lies_in(const ocrvl_wire_file *f, const void *data, size_t len)
{
    uintptr_t at = (uintptr_t)data, from = (uintptr_t)f->data;
    return at >= from && at - from <= f->len && len <= f->len - (at - from);
}

static void put_original(ocrvl_buf *b, const ocrvl_page_place *p, const ocrvl_wire_file *file)
{
    bool inside = p->original && lies_in(file, p->original, p->original_len);
    ocrvl_wire_put_count(b, !p->original ? NOWHERE : inside ? IN_FILE : IN_MESSAGE);
    if (inside) {
        ocrvl_wire_put_count(b, (uint64_t)((const uint8_t *)p->original - file->data));
        ocrvl_wire_put_count(b, p->original_len);
    } else if (p->original) {
        ocrvl_wire_put_bytes(b, p->original, p->original_len);
    }
    ocrvl_wire_put_text(b, p->original_type);
}

void ocrvl_wire_put_page(ocrvl_buf *b, const ocrvl_page_place *p, const ocrvl_wire_file *file, bool info)
{
    ocrvl_wire_put_text(b, p->media_type);
    ocrvl_wire_put_text(b, p->label);
    ocrvl_wire_put_text(b, p->text_layer);
    ocrvl_wire_put_text(b, p->damage);
    for (int i = 0; i < 4; i++)
        ocrvl_wire_put_number(b, p->pdf_box[i]);
    ocrvl_wire_put_count(b, p->native);
    put_original(b, p, file);
    ocrvl_wire_put_count(b, !p->document ? NOWHERE : p->document == file->data ? IN_FILE : ELSEWHERE);
    put_own(b, p->own_text);
    put_texts(b, p);
    put_info(b, info ? p->info : NULL);
}

/* ---- reading ----------------------------------------------------------------------------------------- */

void ocrvl_wire_page_free(ocrvl_wire_page *p)
{
    ocrvl_free(p->lines);
    ocrvl_free(p->words);
    ocrvl_free(p->styles);
    ocrvl_free(p->rules);
    ocrvl_free(p->tags);
    ocrvl_free(p->places);
    ocrvl_free(p->boxes);
    ocrvl_free(p->outline);
    memset(p, 0, sizeof *p);
}

/* Types are told from a list, since whoever gets a page may keep them for good. */
static const char *take_type(ocrvl_wire *w)
{
    static const char *const types[] = {"application/pdf",
                                        "application/octet-stream",
                                        "image/tiff",
                                        "image/png",
                                        "image/jpeg",
                                        "image/webp",
                                        "image/gif",
                                        "image/bmp",
                                        "image/jp2",
                                        "image/heif",
                                        "image/x-portable-anymap",
                                        "image/g4",
                                        "image/g4-negative"};
    const char *s = ocrvl_wire_text(w);
    for (size_t i = 0; s && i < sizeof types / sizeof *types; i++)
        if (strcmp(s, types[i]) == 0)
            return types[i];
    w->bad |= s != NULL;
    return NULL;
}

/* Memory for n things that `w` promises; false if there is none. */
static bool room(void **out, size_t n, size_t size)
{
    *out = ocrvl_alloc_array(n, size);
    return *out != NULL;
}
#define ROOM(p, n) room((void **)&(p), n, sizeof *(p))

static bool take_styles(ocrvl_wire_page *p, ocrvl_wire *w)
{
    size_t n = ocrvl_wire_items(w, 40, MOST_ITEMS);
    if (!ROOM(p->styles, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        ocrvl_text_style *s = &p->styles[i];
        s->font = ocrvl_wire_some_text(w);
        s->size = (float)ocrvl_wire_number(w, -1e9, 1e9);
        s->colour = (uint32_t)ocrvl_wire_count(w, 0xFFFFFF);
        s->number = (uint32_t)ocrvl_wire_count(w, OCRVL_MOST_FONTS - 1);
        uint64_t flags = ocrvl_wire_count(w, 15);
        s->bold = flags & 1;
        s->italic = flags >> 1 & 1;
        s->mono = flags >> 2 & 1;
        s->underlined = flags >> 3 & 1;
    }
    p->own.styles = p->styles;
    p->own.style_count = n;
    return true;
}

enum { MOST_TABLE = 1000000 }; /* rows and columns that a cell may be in */

static bool take_tags(ocrvl_wire_page *p, ocrvl_wire *w)
{
    p->own.tagged_tables = ocrvl_wire_flag(w);
    p->own.tag_fault = ocrvl_wire_text(w);
    size_t n = ocrvl_wire_items(w, 8 * 9 + sizeof(ocrvl_box), MOST_ITEMS);
    if (!ROOM(p->tags, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        ocrvl_own_tag *g = &p->tags[i];
        uint64_t flags = ocrvl_wire_count(w, 7);
        g->told = flags & 1;
        g->continues = flags >> 1 & 1;
        g->header = flags >> 2 & 1;
        g->role = (ocrvl_role)ocrvl_wire_count(w, OCRVL_ROLE_QUOTE);
        g->level = (uint32_t)ocrvl_wire_count(w, 6);
        g->table = (uint32_t)ocrvl_wire_count(w, n);
        g->row = (uint32_t)ocrvl_wire_count(w, MOST_TABLE);
        g->col = (uint32_t)ocrvl_wire_count(w, MOST_TABLE);
        g->row_span = (uint32_t)ocrvl_wire_count(w, MOST_TABLE);
        g->col_span = (uint32_t)ocrvl_wire_count(w, MOST_TABLE);
        g->alt = ocrvl_wire_text(w);
        g->box = ocrvl_wire_box(w, p->own.width, p->own.height, true);
    }
    p->own.tags = p->tags;
    p->own.tag_count = n;
    return true;
}

static bool take_words(ocrvl_wire_page *p, ocrvl_wire *w)
{
    size_t n = ocrvl_wire_items(w, 73, MOST_ITEMS);
    if (!ROOM(p->words, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        ocrvl_own_word *word = &p->words[i];
        word->text = ocrvl_wire_some_text(w);
        word->box = ocrvl_wire_box(w, p->own.width, p->own.height, true);
        word->style = (uint32_t)ocrvl_wire_count(w, UINT32_MAX);
        word->raised = (uint32_t)ocrvl_wire_count(w, ocrvl_utf8_count(word->text, strlen(word->text)));
        word->link = ocrvl_wire_text(w);
        word->tag = (uint32_t)ocrvl_wire_count(w, UINT32_MAX);
        word->place = (uint32_t)ocrvl_wire_count(w, UINT32_MAX);
        word->lang = ocrvl_wire_text(w);
        w->bad |= word->tag > p->own.tag_count && word->tag != OCRVL_TAG_ARTIFICIAL;
        w->bad |= !*word->text || (word->style >= p->own.style_count && word->style != UINT32_MAX);
    }
    p->own.words = p->words;
    p->own.word_count = n;
    return true;
}

static bool take_lines(ocrvl_wire_page *p, ocrvl_wire *w)
{
    size_t n = ocrvl_wire_items(w, 64, MOST_ITEMS);
    if (!ROOM(p->lines, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        ocrvl_own_line *l = &p->lines[i];
        l->first = (size_t)ocrvl_wire_count(w, p->own.word_count);
        l->count = (size_t)ocrvl_wire_count(w, p->own.word_count - l->first);
        l->box = ocrvl_wire_box(w, p->own.width, p->own.height, true);
        l->baseline = (float)ocrvl_wire_number(w, -1e9, 1e9);
        l->x_height = (float)ocrvl_wire_number(w, -1e9, 1e9);
        l->field = ocrvl_wire_flag(w);
        l->turn = (uint16_t)ocrvl_wire_count(w, 270);
        w->bad |= l->count == 0 || l->turn % 90 != 0;
    }
    p->own.lines = p->lines;
    p->own.line_count = n;
    return true;
}

static bool take_rules(ocrvl_wire_page *p, ocrvl_wire *w)
{
    size_t n = ocrvl_wire_items(w, 24, MOST_ITEMS);
    if (!ROOM(p->rules, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        p->rules[i].box = ocrvl_wire_box(w, p->own.width, p->own.height, true);
        p->rules[i].vertical = ocrvl_wire_flag(w);
    }
    p->own.rules = p->rules;
    p->own.rule_count = n;
    return true;
}

static void take_verdicts(ocrvl_wire_page *p, ocrvl_wire *w)
{
    size_t n;
    const uint8_t *from = ocrvl_wire_bytes(w, &n);
    w->bad |= n > sizeof p->verdicts;
    for (size_t i = 0; i < n && !w->bad; i++) {
        p->verdicts[i] = from[i];
        w->bad |= from[i] > OCRVL_VERDICT_UNTOLD;
    }
    p->own.verdicts = p->verdicts;
    p->own.font_count = w->bad ? 0 : n;
}

/* The page's own text, of a page image of width x height unless it can be drawn. */
static bool take_own(ocrvl_wire_page *p, ocrvl_wire *w, uint32_t width, uint32_t height, uint64_t max_pixels)
{
    if (!ocrvl_wire_flag(w))
        return true;
    ocrvl_own_text *t = &p->own;
    t->width = (uint32_t)ocrvl_wire_count(w, OCRVL_MAX_SIDE);
    t->height = (uint32_t)ocrvl_wire_count(w, OCRVL_MAX_SIDE);
    t->dpi = ocrvl_wire_number(w, 0, 1e6);
    t->whole = ocrvl_wire_flag(w);
    p->drawable = ocrvl_wire_flag(w);
    t->doubt = ocrvl_wire_text(w);
    w->bad |= t->width == 0 || t->height == 0 || (uint64_t)t->width * t->height > max_pixels;
    w->bad |= !p->drawable && width && (t->width != width || t->height != height);
    take_verdicts(p, w);
    p->place.own_text = t;
    return take_styles(p, w) && take_tags(p, w) && take_words(p, w) && take_lines(p, w) && take_rules(p, w);
}

static bool take_texts(ocrvl_wire_page *p, ocrvl_wire *w, uint32_t width, uint32_t height)
{
    size_t n = ocrvl_wire_items(w, 25, MOST_ITEMS);
    if (!ROOM(p->places, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        p->places[i].text = ocrvl_wire_some_text(w);
        p->places[i].box = ocrvl_wire_box(w, width, height, false);
    }
    size_t m = ocrvl_wire_items(w, sizeof(ocrvl_box), MOST_ITEMS);
    if (!ROOM(p->boxes, m))
        return false;
    for (size_t i = 0; i < m; i++)
        p->boxes[i] = ocrvl_wire_box(w, width, height, false);
    p->place.text_places = n ? p->places : NULL;
    p->place.text_place_count = n;
    p->place.text_boxes = m ? p->boxes : NULL;
    p->place.text_box_count = m;
    return true;
}

static bool take_info(ocrvl_wire_page *p, ocrvl_wire *w)
{
    const char **texts[INFO_TEXTS];
    if (!ocrvl_wire_flag(w))
        return true;
    info_texts(&p->info, texts);
    for (int k = 0; k < INFO_TEXTS; k++)
        *texts[k] = ocrvl_wire_text(w);
    size_t n = ocrvl_wire_items(w, 25, MOST_ITEMS);
    if (!ROOM(p->outline, n))
        return false;
    uint32_t before = 0;
    for (size_t i = 0; i < n; i++) {
        ocrvl_outline_entry *e = &p->outline[i];
        e->title = ocrvl_wire_some_text(w);
        e->level = (uint32_t)ocrvl_wire_count(w, MOST_LEVELS);
        e->page = ocrvl_wire_count(w, UINT32_MAX);
        w->bad |= !*e->title || e->level == 0 || e->level > before + 1;
        before = e->level;
    }
    p->info.outline = p->outline;
    p->info.outline_count = n;
    p->informed = true;
    return true;
}

static void take_original(ocrvl_wire_page *p, ocrvl_wire *w, const ocrvl_wire_file *file)
{
    uint64_t where = ocrvl_wire_count(w, IN_MESSAGE);
    if (where == IN_FILE) {
        size_t at = (size_t)ocrvl_wire_count(w, file->len);
        p->place.original_len = (size_t)ocrvl_wire_count(w, file->len - at);
        p->place.original = file->data + at;
    } else if (where == IN_MESSAGE) {
        p->place.original = ocrvl_wire_bytes(w, &p->place.original_len);
    }
    p->place.original_type = take_type(w);
    w->bad |= p->place.original && !p->place.original_type;
}

ocrvl_status ocrvl_wire_take_page(ocrvl_wire_page *p, ocrvl_wire *w, const ocrvl_wire_file *file, uint32_t width,
                                  uint32_t height, uint64_t max_pixels, ocrvl_error *err)
{
    ocrvl_wire_page_free(p);
    ocrvl_page_place *place = &p->place;
    place->media_type = take_type(w);
    place->label = ocrvl_wire_text(w);
    place->text_layer = ocrvl_wire_text(w);
    place->damage = ocrvl_wire_text(w);
    for (int i = 0; i < 4; i++)
        place->pdf_box[i] = ocrvl_wire_number(w, -1e30, 1e30);
    place->native = ocrvl_wire_flag(w);
    take_original(p, w, file);
    uint64_t where = ocrvl_wire_count(w, ELSEWHERE);
    p->whole_file = where == IN_FILE;
    p->other_file = where == ELSEWHERE;
    bool fits = take_own(p, w, width, height, max_pixels) && take_texts(p, w, width, height) && take_info(p, w);
    w->bad |= fits && w->at != w->end;
    if (!fits || w->bad)
        ocrvl_wire_page_free(p);
    if (!fits)
        return ocrvl_fail_nomem(err);
    return w->bad ? ocrvl_fail(err, OCRVL_E_FORMAT, "what was told of the page isn't sound") : OCRVL_OK;
}
