/* accuracy FOLDER RESULT.jsonl...: results of `ocrvl read -f jsonl` beside the truth FOLDER/NAME.json (lines with x0,
 * y0, x1, y1, text in reading order). A line of the truth is found if a line shares over half of the wider one's width
 * and over half of the lower one's height with it, as tests/accuracy/pages has it: the truth's boxes hold their lines
 * loosely, a page number's is twice its size, and the line is no worse found for that. FOLDER/untold.tsv, if it is
 * there, names by page and box what was seen on the pages: "text" that the truth leaves out, and the "box" that a line of
 * the truth should have. Found and false are counted without it and, in the last two columns, with it. Errors are Levenshtein distances
 * over code points (words: over white-space words) of the whole page's text, in NFC with every white space as one
 * space, by the length of the truth, summed over pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ocrvl.h"

enum { MAX_LINES = 4096, MAX_SETS = 64 };

typedef struct box {
    double x0, y0, x1, y1;
} box;

typedef struct score {
    char name[64];
    size_t pages, truth, found, lines, false_lines, disordered;
    size_t seen_found, seen_false; /* with what was seen on the pages */
    size_t chars, char_errors, words, word_errors;
} score;

static double least(double a, double b) { return a < b ? a : b; }

static double most(double a, double b) { return a > b ? a : b; }

/* The share of the boxes' widths and heights that they have in common; 0: the one isn't the other. */
static double match(box a, box b)
{
    double w = least(a.x1, b.x1) - most(a.x0, b.x0), h = least(a.y1, b.y1) - most(a.y0, b.y0);
    double wide = w / most(1, most(a.x1 - a.x0, b.x1 - b.x0)), high = h / most(1, least(a.y1 - a.y0, b.y1 - b.y0));
    return wide > 0.5 && high > 0.5 ? wide * high : 0;
}

static double number(const ocrvl_json *v)
{
    double d = 0;
    return ocrvl_json_number(v, &d) ? d : 0;
}

static size_t take_lines(const ocrvl_json *lines, box *out, size_t n)
{
    for (size_t i = 0; i < ocrvl_json_length(lines) && n < MAX_LINES; i++) {
        const ocrvl_json *b = ocrvl_json_get(ocrvl_json_at(lines, i), "bbox");
        out[n++] = (box){number(ocrvl_json_at(b, 0)), number(ocrvl_json_at(b, 1)), number(ocrvl_json_at(b, 2)),
                         number(ocrvl_json_at(b, 3))};
    }
    return n;
}

/* Lines of a page object and of the cells of its tables, in order. */
static size_t found_lines(const ocrvl_json *page, box *out)
{
    const ocrvl_json *blocks = ocrvl_json_get(page, "blocks");
    size_t n = 0;
    for (size_t i = 0; i < ocrvl_json_length(blocks); i++) {
        const ocrvl_json *block = ocrvl_json_at(blocks, i);
        const ocrvl_json *cells = ocrvl_json_get(ocrvl_json_get(block, "table"), "cells");
        n = take_lines(ocrvl_json_get(block, "lines"), out, n);
        for (size_t c = 0; c < ocrvl_json_length(cells); c++)
            n = take_lines(ocrvl_json_get(ocrvl_json_at(cells, c), "lines"), out, n);
    }
    return n;
}

/* How many must be taken out of the sequence for the rest to rise. */
static size_t out_of_order(const size_t *seq, size_t n)
{
    size_t best = 0, len[MAX_LINES];
    for (size_t i = 0; i < n; i++) {
        len[i] = 1;
        for (size_t j = 0; j < i; j++)
            if (seq[j] < seq[i] && len[j] + 1 > len[i])
                len[i] = len[j] + 1;
        best = len[i] > best ? len[i] : best;
    }
    return n - best;
}

/* ---- what was seen on the pages ---- */

typedef struct untold {
    char page[64], text[256];
    bool is_text; /* that the truth leaves out; else the box of a line of the truth */
    box box;
} untold;

static untold *seen;
static size_t seen_count;

static void read_seen(const char *folder)
{
    char path[512], line[512], what[8];
    snprintf(path, sizeof path, "%s/untold.tsv", folder);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        untold u = {0};
        if (sscanf(line, "%63[^\t]\t%7s\t%lf\t%lf\t%lf\t%lf\t%255[^\n]", u.page, what, &u.box.x0, &u.box.y0, &u.box.x1,
                   &u.box.y1, u.text) != 7)
            continue; /* the head */
        u.is_text = strcmp(what, "text") == 0;
        untold *more = realloc(seen, (seen_count + 1) * sizeof *seen);
        if (!more)
            exit(2);
        seen = more;
        seen[seen_count++] = u;
    }
    if (f)
        fclose(f);
}

/* The box that a line of the truth should have. */
static box right_box(const char *page, const char *text, box b)
{
    for (size_t i = 0; i < seen_count; i++)
        if (!seen[i].is_text && strcmp(seen[i].page, page) == 0 && strcmp(seen[i].text, text) == 0 &&
            seen[i].box.x0 < b.x1 && seen[i].box.x1 > b.x0 && seen[i].box.y0 < b.y1 && seen[i].box.y1 > b.y0)
            return seen[i].box;
    return b;
}

/* Whether at least half of a box is text that the truth leaves out. */
static bool is_untold(const char *page, box b)
{
    double share = 0, area = most(1, (b.x1 - b.x0) * (b.y1 - b.y0));
    for (size_t i = 0; i < seen_count; i++) {
        double w = least(b.x1, seen[i].box.x1) - most(b.x0, seen[i].box.x0),
               h = least(b.y1, seen[i].box.y1) - most(b.y0, seen[i].box.y0);
        if (seen[i].is_text && strcmp(seen[i].page, page) == 0 && w > 0 && h > 0)
            share += w * h / area;
    }
    return share >= 0.5;
}

/* with_seen: only found and false are counted, with what was seen on the page. */
static void score_lines(score *s, const ocrvl_json *truth, const ocrvl_json *page, bool with_seen)
{
    static box found[MAX_LINES];
    static bool used[MAX_LINES];
    size_t n = found_lines(page, found), seq[MAX_LINES], matched = 0;
    const ocrvl_json *lines = ocrvl_json_get(truth, "lines");
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < ocrvl_json_length(lines) && i < MAX_LINES; i++) {
        const ocrvl_json *l = ocrvl_json_at(lines, i);
        const char *text = ocrvl_json_string(ocrvl_json_get(l, "text"), NULL);
        box t = {number(ocrvl_json_get(l, "x0")), number(ocrvl_json_get(l, "y0")), number(ocrvl_json_get(l, "x1")),
                 number(ocrvl_json_get(l, "y1"))};
        if (with_seen)
            t = right_box(s->name, text ? text : "", t);
        s->truth += !with_seen;
        size_t best = n;
        for (size_t k = 0; k < n; k++)
            if (!used[k] && match(t, found[k]) > (best < n ? match(t, found[best]) : 0))
                best = k;
        if (best < n) {
            used[best] = true;
            seq[matched++] = best;
        }
    }
    if (with_seen) {
        s->seen_found += matched;
        for (size_t k = 0; k < n; k++)
            s->seen_false += !used[k] && !is_untold(s->name, found[k]);
        return;
    }
    s->found += matched;
    s->lines += n;
    s->false_lines += n - matched;
    s->disordered += out_of_order(seq, matched);
}

/* NFC code points with every white space as one space, trimmed. */
static uint32_t *points(const char *text, size_t len, size_t *n)
{
    char *nfc;
    size_t k, at = 0;
    uint32_t *out;
    if (ocrvl_normalize(&nfc, &k, OCRVL_NFC, text, len, NULL))
        exit(2);
    out = ocrvl_alloc_array(k + 1, sizeof *out);
    for (size_t i = 0; i < k;) {
        uint32_t c = ocrvl_utf8_next(nfc, k, &i);
        if (c == ' ' || (c >= 9 && c <= 13) || c == 0xA0) {
            if (at && out[at - 1] != ' ')
                out[at++] = ' ';
        } else
            out[at++] = c;
    }
    *n = at && out[at - 1] == ' ' ? at - 1 : at;
    ocrvl_text_free(nfc);
    return out;
}

static size_t distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t *row = ocrvl_alloc_array(m + 1, sizeof *row), d = ocrvl_edit_distance(a, n, b, m, row);
    ocrvl_free(row);
    return d;
}

/* Each word as one number: FNV-1a of its code points. */
static uint32_t *words_of(const uint32_t *p, size_t n, size_t *count)
{
    uint32_t *out = ocrvl_alloc_array(n + 1, sizeof *out), h = 2166136261u;
    *count = 0;
    for (size_t i = 0; i <= n; i++)
        if (i == n || p[i] == ' ') {
            if (i && p[i - 1] != ' ')
                out[(*count)++] = h;
            h = 2166136261u;
        } else
            h = (h ^ p[i]) * 16777619u;
    return out;
}

static void score_text(score *s, const ocrvl_json *truth, const ocrvl_json *page)
{
    ocrvl_buf want = {0};
    size_t n, m, wn, wm, len;
    const ocrvl_json *lines = ocrvl_json_get(truth, "lines");
    for (size_t i = 0; i < ocrvl_json_length(lines); i++) {
        const char *t = ocrvl_json_string(ocrvl_json_get(ocrvl_json_at(lines, i), "text"), &len);
        ocrvl_buf_put(&want, t ? t : "", t ? len : 0);
        ocrvl_buf_putc(&want, '\n');
    }
    const char *got = ocrvl_json_string(ocrvl_json_get(page, "text"), &len);
    uint32_t *a = points(want.data ? want.data : "", want.len, &n), *b = points(got ? got : "", got ? len : 0, &m);
    uint32_t *wa = words_of(a, n, &wn), *wb = words_of(b, m, &wm);
    s->chars += n;
    s->char_errors += distance(a, n, b, m);
    s->words += wn;
    s->word_errors += distance(wa, wn, wb, wm);
    ocrvl_free(a), ocrvl_free(b), ocrvl_free(wa), ocrvl_free(wb);
    ocrvl_buf_free(&want);
}

static void add(score *to, const score *s)
{
    to->pages += s->pages, to->truth += s->truth, to->found += s->found, to->lines += s->lines;
    to->false_lines += s->false_lines, to->disordered += s->disordered;
    to->seen_found += s->seen_found, to->seen_false += s->seen_false;
    to->chars += s->chars, to->char_errors += s->char_errors, to->words += s->words, to->word_errors += s->word_errors;
}

static double percent(size_t a, size_t b) { return b ? 100.0 * (double)a / (double)b : 0; }

static void print(const score *s)
{
    printf("%-20s %5zu %6zu %7.1f%% %6.1f%% %7zu %8.2f%% %7.2f%% %7.1f%% %6.1f%%\n", s->name, s->pages, s->truth,
           percent(s->found, s->truth), percent(s->false_lines, s->lines), s->disordered,
           percent(s->char_errors, s->chars), percent(s->word_errors, s->words), percent(s->seen_found, s->truth),
           percent(s->seen_false, s->lines));
}

/* NAME of .../NAME.jsonl */
static void name_of(const char *path, char *name, size_t cap)
{
    const char *slash = strrchr(path, '/');
    snprintf(name, cap, "%s", slash ? slash + 1 : path);
    name[strcspn(name, ".")] = '\0';
}

/* The score of the set that a page's name is of: the name without its number. */
static score *set_of(score *sets, size_t *count, const char *name)
{
    char set[64];
    snprintf(set, sizeof set, "%s", name);
    char *dash = strrchr(set, '-');
    if (dash)
        *dash = '\0';
    for (size_t i = 0; i < *count; i++)
        if (strcmp(sets[i].name, set) == 0)
            return &sets[i];
    if (*count == MAX_SETS)
        exit(2);
    snprintf(sets[*count].name, sizeof sets[*count].name, "%s", set);
    return &sets[(*count)++];
}

int main(int argc, char **argv)
{
    static score sets[MAX_SETS], all = {.name = "all"};
    size_t count = 0;
    bool each = getenv("EACH") != NULL;
    read_seen(argc > 1 ? argv[1] : ".");
    printf("%-20s %5s %6s %8s %7s %7s %9s %8s %8s %7s\n", "set", "pages", "lines", "found", "false", "order", "CER",
           "WER", "(found", "false)");
    for (int i = 2; i < argc; i++) {
        char name[64], path[512];
        ocrvl_error err = {0};
        ocrvl_json *truth, *page;
        name_of(argv[i], name, sizeof name);
        snprintf(path, sizeof path, "%s/%s.json", argv[1], name);
        if (ocrvl_json_load(&truth, path, 1 << 26, &err) || ocrvl_json_load(&page, argv[i], 1 << 26, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 2;
        }
        score one = {.pages = 1};
        snprintf(one.name, sizeof one.name, "%s", name);
        score_lines(&one, truth, page, false);
        score_lines(&one, truth, page, true);
        score_text(&one, truth, page);
        if (each)
            print(&one);
        add(set_of(sets, &count, name), &one);
        add(&all, &one);
        ocrvl_json_free(truth);
        ocrvl_json_free(page);
    }
    for (size_t i = 0; i < count; i++)
        print(&sets[i]);
    print(&all);
    free(seen);
    return 0;
}
