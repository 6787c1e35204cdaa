#include "out/styled.h"

#include <string.h>

#include "base/utf8.h"

/* From the outermost to the innermost. */
enum { LINK, BOLD, ITALIC, MONO, LOOKS };

typedef struct look {
    const char *link; /* NULL: none */
    bool has[LOOKS];
} look;

static const char opens[LOOKS] = {OCRVL_LINK, OCRVL_BOLD, OCRVL_ITALIC, OCRVL_MONO};
static const char ends[LOOKS] = {OCRVL_LINK_END, OCRVL_BOLD_END, OCRVL_ITALIC_END, OCRVL_MONO_END};

bool ocrvl_is_safe_link(const char *link)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "ftp://", "#page="};
    for (const char *c = link; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '<' || *c == '>' || *c == '"' || *c == '\\')
            return false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncmp(link, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

/* What a word may look like in this block: of what all of a heading is nothing is told. */
static look allowed(const ocrvl_node *block)
{
    ocrvl_role role = ocrvl_info(block).role;
    look a = {.has = {true, true, true, true}};
    if (role == OCRVL_ROLE_CODE)
        a.has[BOLD] = a.has[ITALIC] = a.has[MONO] = false;
    if (role != OCRVL_ROLE_TITLE && role != OCRVL_ROLE_HEADING)
        return a;
    size_t words = 0, italic = 0, mono = 0;
    for (const ocrvl_node *line = ocrvl_node_first(block); line; line = ocrvl_node_next(line))
        for (const ocrvl_node *w = ocrvl_node_first(line); w; w = ocrvl_node_next(w)) {
            const ocrvl_text_style *s = ocrvl_info(w).style;
            words++;
            italic += s && s->italic;
            mono += s && s->mono;
        }
    a.has[BOLD] = false;
    a.has[ITALIC] = italic * 2 <= words;
    a.has[MONO] = mono * 2 <= words;
    return a;
}

static look look_of(const ocrvl_node *word, const look *allowed)
{
    look l = {0};
    ocrvl_node_info i = word ? ocrvl_info(word) : (ocrvl_node_info){0};
    l.link = i.link && ocrvl_is_safe_link(i.link) ? i.link : NULL;
    l.has[LINK] = l.link != NULL;
    l.has[BOLD] = i.style && i.style->bold && allowed->has[BOLD];
    l.has[ITALIC] = i.style && i.style->italic && allowed->has[ITALIC];
    l.has[MONO] = i.style && i.style->mono && allowed->has[MONO] && !strchr(i.text, '`');
    return l;
}

static bool same(const look *a, const look *b, int which)
{
    return a->has[which] == b->has[which] && (which != LINK || !a->link || strcmp(a->link, b->link) == 0);
}

/* How many looks, from the outermost on, stay when b follows a. */
static int staying(const look *a, const look *b)
{
    int n = 0;
    while (n < LOOKS && same(a, b, n))
        n++;
    return n;
}

static void close(ocrvl_buf *b, const look *from, int staying)
{
    for (int i = LOOKS - 1; i >= staying; i--)
        if (from->has[i])
            ocrvl_buf_putc(b, ends[i]);
}

static void open(ocrvl_buf *b, const look *to, int staying)
{
    for (int i = staying; i < LOOKS; i++) {
        if (!to->has[i])
            continue;
        ocrvl_buf_putc(b, opens[i]);
        if (i == LINK) {
            ocrvl_buf_puts(b, to->link);
            ocrvl_buf_putc(b, OCRVL_LINK_TEXT);
        }
    }
}

uint32_t ocrvl_note_number(const char *text, size_t *len)
{
    uint32_t n = 0;
    for (*len = 0; *len < 4 && text[*len] >= '0' && text[*len] <= '9'; ++*len)
        n = 10 * n + (uint32_t)(text[*len] - '0');
    return n;
}

/* Writes a word, with marks around what is raised at its end. */
static void put_word(ocrvl_buf *b, const ocrvl_piece *p)
{
    uint32_t raised = p->word ? ocrvl_info(p->word).raised : 0;
    size_t at = p->len;
    for (uint32_t i = 0; i < raised && at; i++)
        at = ocrvl_utf8_before(p->text, at);
    ocrvl_buf_put(b, p->text, at);
    if (at == p->len)
        return;
    ocrvl_buf_putc(b, OCRVL_RAISED);
    ocrvl_buf_put(b, p->text + at, p->len - at);
    ocrvl_buf_putc(b, OCRVL_RAISED_END);
}

/* Bytes of the mark of a sentence at the end of a text. A word looks as its first character does, but what ends the
 * sentence isn't code. */
static size_t sentence_end(const ocrvl_buf *b)
{
    bool mark = b->len > 1 && strchr(".,:;", b->data[b->len - 1]) != NULL;
    char before = mark ? b->data[b->len - 2] : '\0';
    return mark &&
           (before >= 'a' || (before >= 'A' && before <= 'Z') || (before >= '0' && before <= '9') || before == ')');
}

/* Ends looks before the space that parts two words. */
static void close_before_gap(ocrvl_buf *b, const look *from, int staying)
{
    size_t n = from->has[MONO] && staying <= MONO ? sentence_end(b) : 0;
    char mark = n ? b->data[b->len - 1] : '\0';
    b->len -= n;
    close(b, from, staying);
    if (n)
        ocrvl_buf_putc(b, mark);
}

static void put_line(ocrvl_buf *b, const ocrvl_node *line, look *now, const look *allowed, bool item, bool *begun)
{
    ocrvl_pieces it;
    ocrvl_piece p;
    const char *at = ocrvl_info(line).text;
    bool first = true;
    ocrvl_pieces_begin(&it, line);
    while (ocrvl_pieces_next(&it, &p)) {
        look next = first && item ? (look){0} : look_of(p.word, allowed); /* an item's mark is no text */
        int n = staying(now, &next);
        if (p.space || first)
            close_before_gap(b, now, n);
        else
            close(b, now, n);
        if (first && *begun)
            ocrvl_buf_putc(b, '\n');
        ocrvl_buf_put(b, at, (size_t)(p.text - at));
        open(b, &next, n);
        put_word(b, &p);
        at = p.text + p.len;
        *now = next;
        first = false;
        *begun = true;
    }
}

void ocrvl_put_styled(ocrvl_buf *b, const ocrvl_node *block, const ocrvl_vocabulary *join)
{
    ocrvl_buf text = {0};
    look may = allowed(block), now = {0};
    bool begun = false;
    for (const ocrvl_node *line = ocrvl_node_first(block); line; line = ocrvl_node_next(line))
        put_line(&text, line, &now, &may, !begun && ocrvl_info(block).role == OCRVL_ROLE_LIST_ITEM, &begun);
    close_before_gap(&text, &now, 0);
    b->failed |= text.failed;
    if (join && text.data)
        ocrvl_put_joined(b, text.data, join);
    else
        ocrvl_buf_put(b, text.data ? text.data : "", text.len);
    ocrvl_buf_free(&text);
}
