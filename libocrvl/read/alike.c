#include "read/alike.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/words.h"

enum { LATIN, CYRILLIC, GREEK, SCRIPTS };
#define SETTLED 0.8 /* of a page's letters: it is written in that script */

/* Letters that look alike; 0: a script has none that does. */
static const uint16_t alike[][SCRIPTS] = {
    {'A', 0x410, 0x391}, {'B', 0x412, 0x392}, {'C', 0x421, 0},     {'E', 0x415, 0x395}, {'H', 0x41D, 0x397},
    {'I', 0x406, 0x399}, {'J', 0x408, 0},     {'K', 0x41A, 0x39A}, {'M', 0x41C, 0x39C}, {'N', 0, 0x39D},
    {'O', 0x41E, 0x39F}, {'P', 0x420, 0x3A1}, {'S', 0x405, 0},     {'T', 0x422, 0x3A4}, {'X', 0x425, 0x3A7},
    {'Y', 0x423, 0x3A5}, {'Z', 0, 0x396},     {'a', 0x430, 0x3B1}, {'c', 0x441, 0},     {'e', 0x435, 0},
    {'i', 0x456, 0},     {'j', 0x458, 0},     {'k', 0x43A, 0x3BA}, {'o', 0x43E, 0x3BF}, {'p', 0x440, 0x3C1},
    {'s', 0x455, 0},     {'v', 0, 0x3BD},     {'x', 0x445, 0x3C7}, {'y', 0x443, 0x3B3}, {'u', 0, 0x3C5}};

/* SCRIPTS: of none of the three. */
static int script_of(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7))
        return LATIN;
    if ((c >= 0x370 && c < 0x400) || (c >= 0x1F00 && c < 0x2000))
        return GREEK;
    return c >= 0x400 && c < 0x530 ? CYRILLIC : SCRIPTS;
}

/* The letter of another script that c looks like; 0: none. */
static uint32_t counterpart(uint32_t c, int script)
{
    int own = script_of(c);
    for (size_t i = 0; own < SCRIPTS && i < sizeof alike / sizeof *alike; i++)
        if (alike[i][own] == c)
            return alike[i][script];
    return 0;
}

/* The figure that a Cyrillic or Greek letter looks like; 0: none. */
static char figure_like(uint32_t c)
{
    if (c == 0x43E || c == 0x41E || c == 0x3BF || c == 0x39F)
        return '0';
    return c == 0x437 || c == 0x417 ? '3' : 0;
}

typedef struct tally {
    size_t of[SCRIPTS], letters, figures;
    size_t noughts, threes; /* letters that look like these figures */
} tally;

static void count(tally *t, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(text, len, &i);
        int script = script_of(c);
        if (script < SCRIPTS) {
            t->of[script]++;
            t->letters++;
        }
        t->noughts += figure_like(c) == '0';
        t->threes += figure_like(c) == '3';
        t->figures += c >= '0' && c <= '9';
    }
}

/* The script that a word's letters are to be written in; SCRIPTS: they stay. page: that of the page, or SCRIPTS. */
static int settle_word(const tally *t, const char *word, size_t len, int page)
{
    int best = LATIN, scripts = 0;
    for (int k = 0; k < SCRIPTS; k++) {
        scripts += t->of[k] > 0;
        if (t->of[k] > t->of[best] || (t->of[k] == t->of[best] && k == page))
            best = k;
    }
    if (scripts > 1)
        return best;
    if (scripts == 0 || page == SCRIPTS || best == page || (page != LATIN && t->letters > 1)) /* HTTP is Latin there */
        return SCRIPTS;
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(word, len, &i);
        if (script_of(c) < SCRIPTS && counterpart(c, page) == 0)
            return SCRIPTS;
    }
    return page;
}

/* Whether a word's letters are figures: they look like some and stand among others, or, on a page without other
 * letters of their scripts, alone. An o stays one there. */
static bool is_number(const tally *word, const tally *page)
{
    bool alone = page->of[CYRILLIC] + page->of[GREEK] == page->noughts + page->threes && word->noughts == 0;
    return word->letters > 0 && word->noughts + word->threes == word->letters && (word->figures > 0 || alone);
}

/* What a letter becomes. */
static uint32_t settled(uint32_t c, int script, bool number)
{
    if (number && figure_like(c))
        return (unsigned char)figure_like(c);
    uint32_t other = script < SCRIPTS && script_of(c) != script ? counterpart(c, script) : 0;
    return other ? other : c;
}

/* Writes a word anew at out[*n]; each letter's probability is that of the bytes that it had. */
static void write_word(ocrvl_transcript *out, size_t *n, const ocrvl_transcript *t, size_t from, size_t to, int script,
                       bool number)
{
    for (size_t i = from; i < to;) {
        size_t at = i;
        uint32_t c = ocrvl_utf8_next(t->text, to, &i), s = settled(c, script, number);
        if (s == c) {
            memcpy(out->text + *n, t->text + at, i - at);
            memcpy(out->logprob + *n, t->logprob + at, (i - at) * sizeof *t->logprob);
            *n += i - at;
            continue;
        }
        size_t len = ocrvl_utf8_encode(out->text + *n, s);
        for (size_t k = 0; k < len; k++)
            out->logprob[*n + k] = 0;
        for (size_t k = at; k < i; k++)
            out->logprob[*n] += t->logprob[k];
        *n += len;
    }
}

/* all: the page's letters; page: its script, or SCRIPTS. */
static ocrvl_status settle(ocrvl_transcript *t, const tally *all, int page, ocrvl_error *err)
{
    ocrvl_word_span *words;
    size_t count_of, n = 0, done = 0;
    ocrvl_status st = ocrvl_text_words(t->text, t->len, &words, &count_of, err);
    if (st)
        return st;
    ocrvl_transcript out = {ocrvl_alloc_array(2 * t->len + 1, 1), 0, ocrvl_alloc_array(2 * t->len + 1, sizeof(float))};
    if (!out.text || !out.logprob) {
        ocrvl_transcript_free(&out);
        ocrvl_free(words);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < count_of; i++) {
        const char *word = t->text + words[i].byte_start;
        size_t len = words[i].byte_end - words[i].byte_start;
        tally own = {.letters = 0};
        count(&own, word, len);
        write_word(&out, &n, t, done, words[i].byte_start, SCRIPTS, false);
        write_word(&out, &n, t, words[i].byte_start, words[i].byte_end, settle_word(&own, word, len, page),
                   is_number(&own, all));
        done = words[i].byte_end;
    }
    write_word(&out, &n, t, done, t->len, SCRIPTS, false);
    out.len = n;
    ocrvl_transcript_free(t);
    *t = out;
    ocrvl_free(words);
    return OCRVL_OK;
}

ocrvl_status ocrvl_settle_scripts(ocrvl_lines *l, ocrvl_error *err)
{
    tally all = {.letters = 0};
    int page = SCRIPTS;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < l->count; i++)
        count(&all, l->readings[i].transcript.text ? l->readings[i].transcript.text : "",
              l->readings[i].transcript.len);
    for (int k = 0; k < SCRIPTS; k++)
        if (all.letters > 0 && (double)all.of[k] >= SETTLED * (double)all.letters)
            page = k;
    for (size_t i = 0; !st && i < l->count; i++) {
        tally own = {.letters = 0};
        ocrvl_transcript *t = &l->readings[i].transcript;
        if (t->len > 0)
            count(&own, t->text, t->len);
        if (own.of[CYRILLIC] + own.of[GREEK] > 0 || (own.of[LATIN] > 0 && page != LATIN && page != SCRIPTS))
            st = settle(t, &all, page, err);
    }
    return st;
}
