/* The examples of the CommonMark Spec: what the Markdown reader makes of each, and what the spec's HTML says, both
 * brought to lines "KIND[ list=N][ quote=N][ ordered][ item]: TEXT" with white space folded.
 * tests/commonmark/differences.txt lists those that differ; one that isn't listed, or is and no longer differs, fails.
 * `commonmark NUMBER...` prints both sides. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/entities.h"
#include "markup/markup.h"

#define EXAMPLES 652

static struct {
    char *markdown, *html;
} examples[EXAMPLES + 1];
static bool listed[EXAMPLES + 1];

/* ---- lines of the form ------------------------------------------------------------------------------- */

typedef struct line {
    unsigned heading, list, quote;
    bool ordered, item;
} line;

/* Appends text with its white space folded; a block without text says nothing. */
static void put_line(ocrvl_buf *out, const line *k, const char *text, size_t len)
{
    ocrvl_buf folded = {0};
    for (size_t i = 0; i < len; i++) {
        bool space = strchr(" \n\r\t", text[i]) != NULL;
        if (!space || (folded.len && folded.data[folded.len - 1] != ' '))
            ocrvl_buf_putc(&folded, space ? ' ' : text[i]);
    }
    if (folded.len && folded.data[folded.len - 1] == ' ')
        folded.data[--folded.len] = '\0';
    if (folded.len) {
        if (k->heading)
            ocrvl_buf_printf(out, "h%u", k->heading);
        else
            ocrvl_buf_puts(out, "text");
        if (k->list)
            ocrvl_buf_printf(out, " list=%u", k->list);
        if (k->quote)
            ocrvl_buf_printf(out, " quote=%u", k->quote);
        ocrvl_buf_printf(out, "%s%s: %s\n", k->ordered ? " ordered" : "", k->item ? " item" : "", folded.data);
    }
    ocrvl_buf_free(&folded);
}

static char *of_reader(const char *markdown)
{
    ocrvl_markup *m;
    ocrvl_buf out = {0};
    assert_ok(ocrvl_markup_parse(&m, markdown, strlen(markdown), OCRVL_MARKUP_MARKDOWN, err));
    for (uint32_t i = 0; i < m->block_count; i++) {
        const ocrvl_markup_block *b = &m->blocks[i];
        line k = {b->level, b->list, b->quote, b->ordered, b->marker.count > 0};
        if (b->role == OCRVL_ROLE_SEPARATOR)
            ocrvl_buf_puts(&out, "rule\n");
        else if (b->role == OCRVL_ROLE_TABLE)
            for (uint32_t c = b->first_cell; c < b->first_cell + b->cell_count; c++)
                put_line(&out, &k, m->text + m->cells[c].text.at, m->cells[c].text.len);
        else
            put_line(&out, &k, m->text + b->text.at, b->text.len);
    }
    ocrvl_markup_free(m);
    ocrvl_buf_putc(&out, '\n');
    return ocrvl_buf_steal(&out, NULL);
}

/* ---- of the spec's HTML ------------------------------------------------------------------------------ */

typedef struct reader {
    ocrvl_buf out, text;
    line at;
    bool ordered[64]; /* by depth of lists */
} reader;

static void flush(reader *r)
{
    r->at.ordered = r->at.list && r->ordered[r->at.list];
    size_t before = r->out.len;
    put_line(&r->out, &r->at, r->text.data ? r->text.data : "", r->text.len);
    if (r->out.len > before)
        r->at.item = false;
    ocrvl_buf_clear(&r->text);
}

/* The text at s up to `end`, its entities undone. */
static void put_text(ocrvl_buf *b, const char *s, const char *end)
{
    for (; s < end; s++) {
        size_t n = strspn(s + 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        uint32_t c[2];
        size_t count = *s == '&' && s[n + 1] == ';' ? ocrvl_entity(s + 1, n, c) : 0;
        for (size_t i = 0; i < count; i++)
            ocrvl_buf_put_codepoint(b, c[i]);
        if (count)
            s += n + 1;
        else
            ocrvl_buf_putc(b, *s);
    }
}

static bool is_block(const char *name)
{
    static const char *const names[] = {"p",     "pre", "li", "ul",     "ol",    "blockquote", "div",
                                        "table", "tr",  "td", "h1",     "h2",    "h3",         "h4",
                                        "h5",    "h6",  "hr", "script", "style", "del",        NULL};
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void take_tag(reader *r, const char *s, const char *end)
{
    char name[16] = "";
    bool closing = s[1] == '/';
    size_t n = strspn(s + 1 + closing, "abcdefghijklmnopqrstuvwxyz0123456789");
    const char *alt = strstr(s, "alt=\"");
    memcpy(name, s + 1 + closing, n < sizeof name ? n : 0);
    if (strcmp(name, "img") == 0 && alt && alt < end)
        put_text(&r->text, alt + 5, strchr(alt + 5, '"'));
    if (strcmp(name, "br") == 0)
        ocrvl_buf_putc(&r->text, ' ');
    if (!is_block(name))
        return;
    flush(r);
    int step = closing ? -1 : 1;
    if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6')
        r->at.heading = closing ? 0 : (unsigned)(name[1] - '0');
    else if (strcmp(name, "hr") == 0)
        ocrvl_buf_puts(&r->out, "rule\n");
    else if (strcmp(name, "blockquote") == 0)
        r->at.quote = (unsigned)((int)r->at.quote + step);
    else if (strcmp(name, "li") == 0)
        r->at.item = !closing;
    else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0) {
        r->at.list = (unsigned)((int)r->at.list + step);
        r->ordered[r->at.list] = closing ? r->ordered[r->at.list] : name[0] == 'o';
        r->at.item = false;
    }
}

static char *of_html(const char *s)
{
    reader r = {.at = {0}};
    while (*s) {
        const char *next = strchr(s, '<'), *end = next ? strchr(next, '>') : NULL;
        put_text(&r.text, s, end ? next : s + strlen(s));
        if (!end)
            break;
        if (strncmp(next, "<!--", 4) == 0 && strstr(next, "-->"))
            end = strstr(next, "-->") + 2;
        take_tag(&r, next, end);
        s = end + 1;
    }
    flush(&r);
    ocrvl_buf_free(&r.text);
    ocrvl_buf_putc(&r.out, '\n');
    return ocrvl_buf_steal(&r.out, NULL);
}

/* ---- the files --------------------------------------------------------------------------------------- */

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    ocrvl_buf b = {0};
    char part[4096];
    size_t n;
    assert_non_null(f);
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        ocrvl_buf_put(&b, part, n);
    fclose(f);
    return ocrvl_buf_steal(&b, NULL);
}

/* The bytes from s to `end`, with tabs for their arrows. */
static char *copy(const char *s, const char *end)
{
    ocrvl_buf b = {0};
    for (; s < end; s++)
        if (strncmp(s, "\u2192", 3) == 0) {
            ocrvl_buf_putc(&b, '\t');
            s += 2;
        } else
            ocrvl_buf_putc(&b, *s);
    return ocrvl_buf_steal(&b, NULL);
}

static const char *line_after(const char *s) { return strchr(s, '\n') ? strchr(s, '\n') + 1 : s + strlen(s); }

static int load(void **state)
{
    char *all = slurp("tests/commonmark/examples.txt"), *list = slurp("tests/commonmark/differences.txt");
    unsigned number = 0;
    (void)state;
    for (const char *s = all, *from = NULL;; s = line_after(s)) {
        bool ends = *s == '\0' || strncmp(s, "@example ", 9) == 0 || strncmp(s, "@section ", 9) == 0;
        if (ends && from) {
            examples[number].html = copy(from, s);
            from = NULL;
        }
        if (*s == '\0')
            break;
        if (strncmp(s, "@example ", 9) == 0) {
            assert_int_equal(strtoul(s + 9, NULL, 10), ++number);
            assert_true(number <= EXAMPLES);
            from = line_after(s);
        } else if (strncmp(s, "@html\n", 6) == 0) {
            examples[number].markdown = copy(from, s);
            from = line_after(s);
        }
    }
    assert_int_equal(number, EXAMPLES);
    for (char *s = list; *s; s = (char *)line_after(s))
        for (char *p = s, *end; *s != '#' && *p && *p != '\n'; p = end) {
            unsigned long n = strtoul(p, &end, 10);
            if (end == p)
                break;
            assert_true(n >= 1 && n <= EXAMPLES && !listed[n]);
            listed[n] = true;
        }
    free(all);
    free(list);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= EXAMPLES; i++) {
        free(examples[i].markdown);
        free(examples[i].html);
    }
    return 0;
}

/* ---- the comparison ---------------------------------------------------------------------------------- */

static bool differs(unsigned i, bool print)
{
    char *got = of_reader(examples[i].markdown), *want = of_html(examples[i].html);
    bool other = strcmp(got, want) != 0;
    if (print)
        printf("# %u\n%s# spec:\n%s# reader:\n%s\n", i, examples[i].markdown, want, got);
    free(got);
    free(want);
    return other;
}

static void known_differences_alone(void **state)
{
    unsigned changed = 0;
    (void)state;
    for (unsigned i = 1; i <= EXAMPLES; i++) {
        bool other = differs(i, false);
        if (other != listed[i]) {
            print_error("example %u %s\n", i, other ? "differs and isn't listed" : "is listed and no longer differs");
            changed++;
        }
    }
    assert_int_equal(changed, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_differences_alone)};
    if (argc < 2)
        return cmocka_run_group_tests(tests, load, unload);
    load(NULL);
    for (int i = 1; i < argc; i++)
        differs((unsigned)strtoul(argv[i], NULL, 10), true);
    return unload(NULL);
}
