/* align FOLDER RESULT.jsonl...: how well ocrvl_align puts a page's text on its lines. The lines are those of
 * `ocrvl read -f jsonl` with what the line reader saw there; the words are those of the truth FOLDER/NAME.json, as they
 * are and spoilt in one way at a time by a generator with a fixed seed (SEED=N: another one). A word's right line is
 * the one whose box covers over half of the box of its line in the truth and lies over half inside it; words of lines
 * that the layout didn't find aren't counted.
 *
 * right: words on their right line (of a text given twice, either copy); tails: ends of words broken over two lines.
 * found: of the words that have no ink of their own (invented, or one too many), those flagged. unread: of the lines
 * that lost at least 3/5 of their letters, those flagged. false: right words flagged; lines flagged that lost at most
 * 2/5. EACH=1 prints the rates of each page, too, EACH=2 also what goes wrong. Exit status 1 if the sums over all pages
 * miss the goals in reaches_goals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "align/align.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { MAX_PAGES = 256, MAX_LINES = 4096, MAX_WORDS = 65536, MAX_SETS = 64 };

typedef enum spoil {
    AS_IS,
    JOINED,
    SHUFFLED,
    WORDS_LOST,
    LINES_LOST,
    WORDS_TWICE,
    PASSAGES_TWICE,
    WORDS_INVENTED,
    WORDS_REPLACED,
    SENTENCES_INVENTED,
    ALL_AT_ONCE,
    ANOTHER_PAGE,
    SPOILS
} spoil;

static const char *const spoil_names[] = {"as is",          "hyphens joined",     "blocks shuffled", "words lost",
                                          "lines lost",     "words twice",        "passages twice",  "words invented",
                                          "words replaced", "sentences invented", "all at once",     "another page's"};

typedef struct box {
    double x0, y0, x1, y1;
} box;

/* A word given to the alignment. origin: the word of the truth, shared by its copies, or -1: invented. */
typedef struct word {
    char *text;
    long origin;
    long line, last_line; /* in the truth */
} word;

typedef struct page {
    char name[64];
    ocrvl_json *truth, *result;
    ocrvl_align_line *lines;
    size_t line_count;
    long *right; /* [truth_lines] the line that it is, or -1 */
    size_t truth_lines;
    word *words; /* of the truth */
    size_t word_count;
} page;

typedef struct rates {
    size_t pages, words, right, invented, found, lost, unread, genuine, false_words, kept, false_lines, tails,
        right_tails;
    double worst_ms;
} rates;

/* ---- numbers at random, the same each time ---- */

typedef struct dice {
    uint64_t state;
} dice;

static uint64_t roll(dice *d, uint64_t n)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (d->state * 0x2545F4914F6CDD1Dull >> 33) % n;
}

static dice dice_of(const char *name, spoil how)
{
    const char *seed = getenv("SEED");
    dice d = {0xCBF29CE484222325ull + (uint64_t)how + (seed ? strtoull(seed, NULL, 10) * 1000003 : 0)};
    for (; *name; name++)
        d.state = (d.state ^ (unsigned char)*name) * 0x100000001B3ull;
    d.state |= 1;
    for (int i = 0; i < 8; i++)
        roll(&d, 2);
    return d;
}

/* ---- pages ---- */

static double number(const ocrvl_json *v)
{
    double d = 0;
    return ocrvl_json_number(v, &d) ? d : 0;
}

static double area(box b) { return b.x1 > b.x0 && b.y1 > b.y0 ? (b.x1 - b.x0) * (b.y1 - b.y0) : 0; }

static bool matches(box a, box b)
{
    box both = {a.x0 > b.x0 ? a.x0 : b.x0, a.y0 > b.y0 ? a.y0 : b.y0, a.x1 < b.x1 ? a.x1 : b.x1,
                a.y1 < b.y1 ? a.y1 : b.y1};
    return area(both) > 0.5 * area(a) && area(both) > 0.5 * area(b);
}

static void *must(void *p)
{
    if (!p)
        exit(2);
    return p;
}

static void take_lines(page *p, const ocrvl_json *lines, box *boxes)
{
    for (size_t i = 0; i < ocrvl_json_length(lines) && p->line_count < MAX_LINES; i++) {
        const ocrvl_json *l = ocrvl_json_at(lines, i), *b = ocrvl_json_get(l, "bbox");
        ocrvl_align_line *to = &p->lines[p->line_count];
        boxes[p->line_count++] = (box){number(ocrvl_json_at(b, 0)), number(ocrvl_json_at(b, 1)),
                                       number(ocrvl_json_at(b, 2)), number(ocrvl_json_at(b, 3))};
        to->text = ocrvl_json_string(ocrvl_json_get(l, "text"), &to->len);
        to->extent = (float)(boxes[p->line_count - 1].x1 - boxes[p->line_count - 1].x0);
        to->weight = (float)number(ocrvl_json_get(l, "confidence"));
    }
}

static void take_words(page *p, const char *text, long line)
{
    for (size_t n; *text; text += n) {
        text += strspn(text, " \t\n");
        n = strcspn(text, " \t\n");
        if (n == 0 || p->word_count == MAX_WORDS)
            break;
        word *w = &p->words[p->word_count];
        *w = (word){must(ocrvl_strndup(text, n)), (long)p->word_count, line, line};
        p->word_count++;
    }
}

static void take_truth(page *p, const box *boxes)
{
    const ocrvl_json *lines = ocrvl_json_get(p->truth, "lines");
    bool *used = must(ocrvl_alloc_array(p->line_count, sizeof *used));
    p->truth_lines = ocrvl_json_length(lines);
    p->right = must(ocrvl_alloc_array(p->truth_lines, sizeof *p->right));
    p->words = must(ocrvl_alloc_array(MAX_WORDS, sizeof *p->words));
    for (size_t i = 0; i < p->truth_lines; i++) {
        const ocrvl_json *l = ocrvl_json_at(lines, i);
        const char *text = ocrvl_json_string(ocrvl_json_get(l, "text"), NULL);
        box t = {number(ocrvl_json_get(l, "x0")), number(ocrvl_json_get(l, "y0")), number(ocrvl_json_get(l, "x1")),
                 number(ocrvl_json_get(l, "y1"))};
        p->right[i] = -1;
        for (size_t k = 0; k < p->line_count && p->right[i] < 0; k++)
            if (!used[k] && matches(t, boxes[k])) {
                p->right[i] = (long)k;
                used[k] = true;
            }
        take_words(p, text ? text : "", (long)i);
    }
    ocrvl_free(used);
}

static bool load(page *p, const char *folder, const char *path)
{
    static box boxes[MAX_LINES];
    char truth[512];
    ocrvl_error err = {0};
    const char *slash = strrchr(path, '/');
    snprintf(p->name, sizeof p->name, "%s", slash ? slash + 1 : path);
    p->name[strcspn(p->name, ".")] = '\0';
    snprintf(truth, sizeof truth, "%s/%s.json", folder, p->name);
    if (ocrvl_json_load(&p->truth, truth, 1 << 26, &err) || ocrvl_json_load(&p->result, path, 1 << 26, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    p->lines = must(ocrvl_alloc_array(MAX_LINES, sizeof *p->lines));
    const ocrvl_json *blocks = ocrvl_json_get(p->result, "blocks");
    for (size_t i = 0; i < ocrvl_json_length(blocks); i++) {
        const ocrvl_json *block = ocrvl_json_at(blocks, i);
        const ocrvl_json *cells = ocrvl_json_get(ocrvl_json_get(block, "table"), "cells");
        take_lines(p, ocrvl_json_get(block, "lines"), boxes);
        for (size_t c = 0; c < ocrvl_json_length(cells); c++)
            take_lines(p, ocrvl_json_get(ocrvl_json_at(cells, c), "lines"), boxes);
    }
    take_truth(p, boxes);
    return true;
}

static size_t letters(const char *s) { return ocrvl_utf8_count(s, strlen(s)); }

/* ---- spoiling: each takes words and gives words; texts are borrowed from the pages or kept in `joined` ---- */

typedef struct text {
    word *words;
    size_t n;
    char *joined[MAX_LINES];
    size_t joined_count;
} text;

static void push(text *t, word w)
{
    if (t->n < MAX_WORDS)
        t->words[t->n++] = w;
}

static bool ends_in_hyphen(const char *s)
{
    size_t n = strlen(s);
    return n > 1 && (s[n - 1] == '-' || (n > 2 && (unsigned char)s[n - 2] == 0xC2 && (unsigned char)s[n - 1] == 0xAC));
}

static void join_hyphens(text *to, const text *from)
{
    for (size_t i = 0; i < from->n; i++) {
        word w = from->words[i];
        if (i + 1 < from->n && w.line >= 0 && from->words[i + 1].line == w.line + 1 && ends_in_hyphen(w.text) &&
            to->joined_count < MAX_LINES) {
            ocrvl_buf b = {0};
            ocrvl_buf_put(&b, w.text, strlen(w.text) - ((unsigned char)w.text[strlen(w.text) - 1] == 0xAC ? 2 : 1));
            ocrvl_buf_puts(&b, from->words[++i].text);
            w.text = to->joined[to->joined_count++] = must(ocrvl_buf_steal(&b, NULL));
            w.last_line = from->words[i].line;
        }
        push(to, w);
    }
}

/* Blocks of 3 to 10 lines in any order. */
static void shuffle(text *to, const text *from, dice *d)
{
    size_t starts[MAX_LINES + 1], n = 0;
    for (size_t i = 0, lines = 0; i < from->n && n < MAX_LINES; i++)
        if (i == 0 || from->words[i].line != from->words[i - 1].line) {
            if (lines == 0) {
                starts[n++] = i;
                lines = 3 + roll(d, 8);
            }
            lines--;
        }
    starts[n] = from->n;
    size_t order[MAX_LINES];
    for (size_t i = 0; i < n; i++) {
        size_t k = roll(d, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = starts[order[i]]; k < starts[order[i] + 1]; k++)
            push(to, from->words[k]);
}

static void lose_words(text *to, const text *from, dice *d)
{
    for (size_t i = 0; i < from->n; i++)
        if (roll(d, 10) != 0)
            push(to, from->words[i]);
}

static void lose_lines(text *to, const text *from, dice *d)
{
    bool lost = false;
    for (size_t i = 0; i < from->n; i++) {
        if (i == 0 || from->words[i].line != from->words[i - 1].line)
            lost = roll(d, 10) == 0;
        if (!lost)
            push(to, from->words[i]);
    }
}

static void double_words(text *to, const text *from, dice *d)
{
    for (size_t i = 0; i < from->n; i++) {
        push(to, from->words[i]);
        if (roll(d, 10) == 0)
            push(to, from->words[i]);
    }
}

/* Passages of 5 to 40 words, said again right after or a while later: a tenth of all words. */
static void double_passages(text *to, const text *from, dice *d)
{
    for (size_t i = 0; i < from->n; i++) {
        push(to, from->words[i]);
        if (roll(d, 225) == 0) {
            size_t len = 5 + roll(d, 36), end = i + 1, later = roll(d, 2) ? roll(d, 30) : 0;
            size_t start = end > len ? end - len : 0;
            for (; later > 0 && i + 1 < from->n; later--)
                push(to, from->words[++i]);
            for (size_t k = start; k < end; k++)
                push(to, from->words[k]);
        }
    }
}

/* Words of four letters or more of other pages in the place of such words. */
static void replace(text *to, const text *from, dice *d, const page *pages, size_t count, const page * not )
{
    for (size_t i = 0; i < from->n; i++) {
        const page *p = &pages[roll(d, count)];
        const word *w = p->word_count > 0 ? &p->words[roll(d, p->word_count)] : NULL;
        if (w && p != not &&roll(d, 10) == 0 && letters(w->text) > 3 && letters(from->words[i].text) > 3)
            push(to, (word){w->text, -1, -1, -1});
        else
            push(to, from->words[i]);
    }
}

/* Words of other pages: runs of so many, one run for each `every` words. */
static void invent(text *to, const text *from, dice *d, const page *pages, size_t count, const page * not, size_t least,
                   size_t most, size_t every)
{
    for (size_t i = 0; i < from->n; i++) {
        push(to, from->words[i]);
        if (roll(d, every) != 0 || count < 2)
            continue;
        const page *p = &pages[roll(d, count)];
        while (p == not || p->word_count == 0)
            p = &pages[roll(d, count)];
        size_t len = least + roll(d, most - least + 1), at = roll(d, p->word_count);
        for (size_t k = at; k < at + len && k < p->word_count; k++)
            push(to, (word){p->words[k].text, -1, -1, -1});
    }
}

static void apply(text *to, const text *from, spoil how, dice *d, const page *pages, size_t count, const page *p)
{
    to->n = 0;
    switch (how) {
    case JOINED: join_hyphens(to, from); break;
    case SHUFFLED: shuffle(to, from, d); break;
    case WORDS_LOST: lose_words(to, from, d); break;
    case LINES_LOST: lose_lines(to, from, d); break;
    case WORDS_TWICE: double_words(to, from, d); break;
    case PASSAGES_TWICE: double_passages(to, from, d); break;
    case WORDS_INVENTED: invent(to, from, d, pages, count, p, 1, 1, 10); break;
    case WORDS_REPLACED: replace(to, from, d, pages, count, p); break;
    case SENTENCES_INVENTED: invent(to, from, d, pages, count, p, 5, 25, 150); break;
    case ANOTHER_PAGE:
        p = p + 1 < pages + count ? p + 1 : pages;
        for (size_t i = 0; i < p->word_count; i++)
            push(to, (word){p->words[i].text, -1, -1, -1});
        break;
    default:
        for (size_t i = 0; i < from->n; i++)
            push(to, from->words[i]);
    }
}

/* ---- measuring ---- */

static void measure_words(rates *r, const page *p, const text *t, const ocrvl_alignment *al, bool list)
{
    uint8_t *state = must(ocrvl_alloc(p->word_count)); /* 1 given, 2 on its line, 4 unflagged, 8 flagged */
    for (size_t i = 0; i < t->n; i++) {
        const word *w = &t->words[i];
        const ocrvl_align_place *a = &al->words[i];
        if (w->origin < 0) {
            r->invented++;
            r->found += a->unsupported;
            if (list && !a->unsupported)
                printf("    kept: %s (line %d, %.2f)\n", w->text, (int)a->line, a->score);
            continue;
        }
        if (p->right[w->line] < 0)
            continue;
        if (state[w->origin] & 12) { /* a second copy: one of the two must be flagged */
            r->invented++;
            r->found += a->unsupported || (state[w->origin] & 8);
            if (list && !a->unsupported && !(state[w->origin] & 8))
                printf("    kept twice: %s (line %d, %.2f)\n", w->text, (int)a->line, a->score);
        }
        state[w->origin] |= 1 | (a->line == p->right[w->line] ? 2 : 0) | (a->unsupported ? 8 : 4);
        if (w->last_line != w->line && p->right[w->last_line] >= 0 && a->line >= 0) {
            r->tails++;
            r->right_tails += a->last_line == p->right[w->last_line];
        }
        if (list && a->line == p->right[w->line] && a->unsupported)
            printf("    doubted: %s (line %d, %.2f): %.*s\n", w->text, (int)a->line, a->score,
                   (int)p->lines[a->line].len, p->lines[a->line].text);
        if (list && a->line != p->right[w->line])
            printf("    wrong: %s (line %d, not %ld, %.2f%s): %.*s\n", w->text, (int)a->line, p->right[w->line],
                   a->score, a->unsupported ? ", flagged" : "", (int)p->lines[p->right[w->line]].len,
                   p->lines[p->right[w->line]].text);
    }
    for (size_t i = 0; i < p->word_count; i++)
        if (state[i] & 1) {
            r->words++;
            r->right += state[i] >> 1 & 1;
            r->genuine++;
            r->false_words += !(state[i] & 4);
        }
    ocrvl_free(state);
}

static void measure_lines(rates *r, const page *p, const text *t, const ocrvl_alignment *al, bool list)
{
    size_t *before = must(ocrvl_alloc_array(p->truth_lines, sizeof *before));
    size_t *after = must(ocrvl_alloc_array(p->truth_lines, sizeof *after));
    bool *given = must(ocrvl_alloc_array(p->word_count, sizeof *given));
    for (size_t i = 0; i < t->n; i++)
        if (t->words[i].origin >= 0) {
            long o = t->words[i].origin;
            given[o] = true;
            if (t->words[i].last_line != t->words[i].line && o + 1 < (long)p->word_count)
                given[o + 1] = true;
        }
    for (size_t i = 0; i < p->word_count; i++) {
        before[p->words[i].line] += letters(p->words[i].text);
        after[p->words[i].line] += given[i] ? letters(p->words[i].text) : 0;
    }
    for (size_t i = 0; i < p->truth_lines; i++) {
        if (p->right[i] < 0 || before[i] == 0)
            continue;
        bool unread = al->lines[p->right[i]].unread;
        bool lost = after[i] * 5 <= before[i] * 2, kept = after[i] * 5 >= before[i] * 3;
        r->lost += lost;
        r->unread += lost && unread;
        r->kept += kept;
        r->false_lines += kept && unread;
        if (list && ((lost && !unread) || (kept && unread)))
            printf("    line %ld %s: %.*s (%.2f)\n", p->right[i], unread ? "flagged" : "not flagged",
                   (int)p->lines[p->right[i]].len, p->lines[p->right[i]].text, al->lines[p->right[i]].score);
    }
    ocrvl_free(before);
    ocrvl_free(after);
    ocrvl_free(given);
}

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void measure(rates *r, const page *pages, size_t count, const page *p, spoil how, bool list)
{
    static const spoil each[] = {JOINED, SHUFFLED, LINES_LOST, PASSAGES_TWICE, WORDS_INVENTED, SENTENCES_INVENTED};
    text a = {must(ocrvl_alloc_array(MAX_WORDS, sizeof(word))), 0, {0}, 0},
         b = {must(ocrvl_alloc_array(MAX_WORDS, sizeof(word))), 0, {0}, 0};
    dice d = dice_of(p->name, how);
    for (size_t i = 0; i < p->word_count; i++)
        push(&b, p->words[i]);
    if (how == ALL_AT_ONCE)
        for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
            apply(&a, &b, each[i], &d, pages, count, p);
            word *spare = a.words;
            a.words = b.words;
            b.words = spare;
            b.n = a.n;
        }
    apply(&a, &b, how, &d, pages, count, p);
    ocrvl_align_word *words = must(ocrvl_alloc_array(a.n, sizeof *words));
    for (size_t i = 0; i < a.n; i++)
        words[i] = (ocrvl_align_word){a.words[i].text, strlen(a.words[i].text)};
    ocrvl_alignment *al;
    ocrvl_error err = {0};
    double start = milliseconds();
    if (ocrvl_align(p->lines, p->line_count, words, a.n, &al, &err) != OCRVL_OK) {
        fprintf(stderr, "%s: %s\n", p->name, err.message);
        exit(2);
    }
    double ms = milliseconds() - start;
    r->worst_ms = ms > r->worst_ms ? ms : r->worst_ms;
    r->pages++;
    measure_words(r, p, &a, al, list);
    measure_lines(r, p, &a, al, list);
    ocrvl_alignment_free(al);
    ocrvl_free(words);
    for (size_t i = 0; i < a.joined_count; i++)
        ocrvl_free(a.joined[i]);
    ocrvl_free(a.words);
    ocrvl_free(b.words);
}

static void add(rates *to, const rates *r)
{
    to->pages += r->pages, to->words += r->words, to->right += r->right, to->invented += r->invented,
        to->found += r->found;
    to->lost += r->lost, to->unread += r->unread, to->genuine += r->genuine, to->false_words += r->false_words;
    to->kept += r->kept, to->false_lines += r->false_lines, to->tails += r->tails, to->right_tails += r->right_tails;
    to->worst_ms = r->worst_ms > to->worst_ms ? r->worst_ms : to->worst_ms;
}

static void print_share(size_t a, size_t b)
{
    if (b > 0)
        printf(" %6.2f%% %-6zu", 100.0 * (double)a / (double)b, b);
    else
        printf(" %7s %-6s", "-", "");
}

static void print(const char *name, const rates *r)
{
    printf("%-20s", name);
    print_share(r->right, r->words);
    print_share(r->right_tails, r->tails);
    print_share(r->found, r->invented);
    print_share(r->unread, r->lost);
    print_share(r->false_words, r->genuine);
    print_share(r->false_lines, r->kept);
    printf(" %6.1f\n", r->worst_ms);
}

static bool holds(const char *what, size_t a, size_t b, double least)
{
    bool good = b == 0 || (double)a >= least * (double)b;
    if (!good)
        printf("missed: %s: %.2f%% of %zu, not %.0f%%\n", what, 100.0 * (double)a / (double)b, b, least * 100);
    return good;
}

static bool reaches_goals(const rates *by)
{
    bool good = holds("right lines", by[AS_IS].right, by[AS_IS].words, 0.98);
    size_t lost = 0, unread = 0, genuine = 0, flagged = 0;
    for (int i = 0; i < SPOILS; i++) {
        if (by[i].invented > 0 && i != WORDS_REPLACED)
            good &= holds(spoil_names[i], by[i].found, by[i].invented, 0.90);
        lost += by[i].lost;
        unread += by[i].unread;
        genuine += by[i].genuine;
        flagged += by[i].false_words;
    }
    good &= holds("unread lines flagged", unread, lost, 0.90);
    good &= holds("right words unflagged", genuine - flagged, genuine, 0.98);
    return good;
}

static size_t set_of(char (*names)[64], size_t *count, const char *name)
{
    char set[64];
    memcpy(set, name, sizeof set);
    char *dash = strrchr(set, '-');
    if (dash)
        *dash = '\0';
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], set) == 0)
            return i;
    if (*count == MAX_SETS)
        exit(2);
    memcpy(names[*count], set, sizeof set);
    return (*count)++;
}

int main(int argc, char **argv)
{
    static page pages[MAX_PAGES];
    static char names[MAX_SETS][64];
    rates by[SPOILS] = {{0}}, sets[MAX_SETS] = {{0}}, all = {0};
    size_t count = 0, set_count = 0;
    const char *each = getenv("EACH");
    for (int i = 2; i < argc && count < MAX_PAGES; i++)
        if (!load(&pages[count++], argv[1], argv[i]))
            return 2;
    printf("%-20s %-14s %-14s %-14s %-14s %-14s %-14s %s\n", "", "right", "tails", "found", "unread", "false words",
           "false lines", "ms");
    for (size_t i = 0; i < count; i++)
        for (int how = 0; how < SPOILS; how++) {
            rates one = {0};
            char name[96];
            snprintf(name, sizeof name, "%.63s %s", pages[i].name, spoil_names[how]);
            if (each && *each == '2')
                printf("%s\n", name);
            measure(&one, pages, count, &pages[i], (spoil)how, each && *each == '2');
            if (each)
                print(name, &one);
            add(&by[how], &one);
            add(&sets[set_of(names, &set_count, pages[i].name)], &one);
            add(&all, &one);
        }
    for (int i = 0; i < SPOILS; i++)
        print(spoil_names[i], &by[i]);
    for (size_t i = 0; i < set_count; i++)
        print(names[i], &sets[i]);
    print("all", &all);
    return reaches_goals(by) ? 0 : 1;
}
