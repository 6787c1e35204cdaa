#include "in/pdf_info.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

enum { DEPTH = 12, ENTRIES = 5000, TEXT = 2000, STRINGS = 9 };

/* Strings while they are collected: their offsets, as the memory that they are in moves. SIZE_MAX: there is none. */
typedef struct collecting {
    ocrvl_pdf_info *to;
    PopplerDocument *document;
    size_t strings[STRINGS];
    size_t *titles; /* [count] of the outline's entries */
    size_t count, cap, titles_cap;
    bool failed;
} collecting;

void ocrvl_pdf_info_free(ocrvl_pdf_info *i)
{
    ocrvl_buf_free(&i->strings);
    ocrvl_free(i->outline);
    *i = (ocrvl_pdf_info){0};
}

/* Keeps a text of one line, cut where it is very long; its offset, or SIZE_MAX if there is nothing to keep. */
static size_t keep(collecting *c, const char *s)
{
    size_t at = c->to->strings.len, n = 0;
    bool space = true;
    if (!s || !g_utf8_validate(s, -1, NULL))
        return SIZE_MAX;
    for (; *s && n < TEXT; s = g_utf8_next_char(s), n++) {
        gunichar u = g_utf8_get_char(s);
        bool blank = g_unichar_isspace(u) || g_unichar_iscntrl(u);
        if (!blank)
            ocrvl_buf_put_codepoint(&c->to->strings, u);
        else if (!space)
            ocrvl_buf_putc(&c->to->strings, ' ');
        space = blank;
    }
    if (c->to->strings.len > at && c->to->strings.data[c->to->strings.len - 1] == ' ')
        c->to->strings.len--;
    if (c->to->strings.len == at)
        return SIZE_MAX;
    ocrvl_buf_putc(&c->to->strings, '\0');
    return at;
}

static size_t keep_own(collecting *c, gchar *s)
{
    size_t at = keep(c, s);
    g_free(s);
    return at;
}

static size_t keep_date(collecting *c, GDateTime *date)
{
    GDateTime *utc = date ? g_date_time_to_utc(date) : NULL;
    size_t at = utc ? keep_own(c, g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ")) : SIZE_MAX;
    g_clear_pointer(&utc, g_date_time_unref);
    g_clear_pointer(&date, g_date_time_unref);
    return at;
}

/* Whether it may be a tag as BCP 47 has them. */
static bool is_tag(const char *tag)
{
    size_t n = strspn(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
    return n >= 2 && tag[n] == '\0' && g_ascii_isalpha(tag[0]) && g_ascii_isalpha(tag[1]) &&
           (n < 3 || tag[2] == '-' || n == 3 || tag[3] == '-') && tag[n - 1] != '-';
}

/* The language that the catalog or else the XMP metadata names. */
static size_t keep_language(collecting *c, const char *language)
{
    if (is_tag(language))
        return keep(c, language);
    gchar *xmp = poppler_document_get_metadata(c->document);
    const char *at = xmp ? strstr(xmp, "dc:language") : NULL, *li = at ? strstr(at, "<rdf:li>") : NULL;
    char tag[36];
    size_t n = 0;
    for (li = li && li - at < 100 ? li + strlen("<rdf:li>") : "";
         n < sizeof tag - 1 && (g_ascii_isalnum(*li) || *li == '-');)
        tag[n++] = *li++;
    tag[n] = '\0';
    g_free(xmp);
    return is_tag(tag) ? keep(c, tag) : SIZE_MAX;
}

static uint64_t page_of(PopplerDocument *document, const PopplerAction *action)
{
    int n = 0;
    if (!action || action->type != POPPLER_ACTION_GOTO_DEST || !action->goto_dest.dest)
        return 0;
    const PopplerDest *dest = action->goto_dest.dest;
    if (dest->type == POPPLER_DEST_NAMED && dest->named_dest) {
        PopplerDest *found = poppler_document_find_dest(document, dest->named_dest);
        n = found ? found->page_num : 0;
        if (found)
            poppler_dest_free(found);
    } else {
        n = dest->page_num;
    }
    return n > 0 && n <= poppler_document_get_n_pages(document) ? (uint64_t)n : 0;
}

static void add_entry(collecting *c, PopplerIndexIter *iter, uint32_t level)
{
    PopplerAction *action = poppler_index_iter_get_action(iter);
    size_t title = action ? keep(c, action->any.title) : SIZE_MAX;
    if (title != SIZE_MAX) {
        c->failed |= !OCRVL_ARRAY_RESERVE(c->to->outline, c->cap, c->count + 1) ||
                     !OCRVL_ARRAY_RESERVE(c->titles, c->titles_cap, c->count + 1);
        if (!c->failed) {
            c->titles[c->count] = title;
            c->to->outline[c->count++] = (ocrvl_outline_entry){NULL, level, page_of(c->document, action)};
        }
    }
    if (action)
        poppler_action_free(action);
}

/* Follows the outline without recursion: it may be endless. */
static void walk_outline(collecting *c)
{
    PopplerIndexIter *open[DEPTH] = {poppler_index_iter_new(c->document)};
    uint32_t depth = open[0] ? 1 : 0;
    size_t steps = 0;
    while (depth && !c->failed) {
        PopplerIndexIter *iter = open[depth - 1], *child = NULL;
        bool over = c->count >= ENTRIES || ++steps > 2 * ENTRIES;
        size_t before = c->count;
        if (!over)
            add_entry(c, iter, depth);
        if (!over && depth < DEPTH && c->count > before)
            child = poppler_index_iter_get_child(iter);
        if (child) {
            open[depth++] = child;
            continue;
        }
        while (depth && (over || !poppler_index_iter_next(open[depth - 1]))) {
            poppler_index_iter_free(open[--depth]);
        }
    }
    while (depth)
        poppler_index_iter_free(open[--depth]);
}

static const char *string_at(const ocrvl_pdf_info *i, size_t at)
{
    return at == SIZE_MAX ? NULL : i->strings.data + at;
}

static void point(collecting *c)
{
    ocrvl_pdf_info *i = c->to;
    const char **to[STRINGS] = {&i->info.title,    &i->info.author,   &i->info.subject,
                                &i->info.keywords, &i->info.creator,  &i->info.producer,
                                &i->info.created,  &i->info.modified, &i->info.language};
    for (int k = 0; k < STRINGS; k++) {
        *to[k] = string_at(i, c->strings[k]);
        i->any |= *to[k] != NULL;
    }
    for (size_t k = 0; k < c->count; k++)
        i->outline[k].title = string_at(i, c->titles[k]);
    i->info.outline = i->outline;
    i->info.outline_count = c->count;
    i->any |= c->count > 0;
}

ocrvl_status ocrvl_pdf_info_read(ocrvl_pdf_info *i, PopplerDocument *document, const char *language, ocrvl_error *err)
{
    collecting c = {.to = i, .document = document};
    if (i->read)
        return OCRVL_OK;
    i->read = true;
    c.strings[0] = keep_own(&c, poppler_document_get_title(document));
    c.strings[1] = keep_own(&c, poppler_document_get_author(document));
    c.strings[2] = keep_own(&c, poppler_document_get_subject(document));
    c.strings[3] = keep_own(&c, poppler_document_get_keywords(document));
    c.strings[4] = keep_own(&c, poppler_document_get_creator(document));
    c.strings[5] = keep_own(&c, poppler_document_get_producer(document));
    c.strings[6] = keep_date(&c, poppler_document_get_creation_date_time(document));
    c.strings[7] = keep_date(&c, poppler_document_get_modification_date_time(document));
    c.strings[8] = keep_language(&c, language);
    walk_outline(&c);
    bool failed = c.failed || i->strings.failed;
    if (!failed)
        point(&c);
    ocrvl_free(c.titles);
    if (failed) {
        ocrvl_pdf_info_free(i);
        return ocrvl_fail_nomem(err);
    }
    return OCRVL_OK;
}
