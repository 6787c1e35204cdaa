#include "out/vocabulary.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { FIRST_PLACES = 1 << 10, MOST_PLACES = 1 << 17 };                    /* half of them are used at most */
static const uint64_t BASIS = 0xCBF29CE484222325u, PRIME = 0x100000001B3u; /* FNV-1a */

typedef struct part { /* of a word between hyphens */
    const char *s;
    size_t len;
} part;

/* ---- letters ----------------------------------------------------------------------------------------- */

static bool is_hyphen(uint32_t c) { return c == '-' || c == 0xAD || c == 0x2010 || c == 0x2011; }

static bool is_letter(uint32_t c)
{
    bool ascii = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return ascii || (c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x2BFF) && c < 0x3000);
}

/* The small letter of a capital one where the two are a fixed step apart: ASCII, Latin-1, Greek, Cyrillic, Armenian. */
static uint32_t small(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 0x20;
    return c >= 0x400 && c <= 0x40F ? c + 0x50 : c >= 0x531 && c <= 0x556 ? c + 0x30 : c;
}

static uint64_t add(uint64_t h, uint32_t c) { return (h ^ c) * PRIME; }

static uint64_t add_part(uint64_t h, part p)
{
    for (size_t i = 0; i < p.len;)
        h = add(h, small(ocrvl_utf8_next(p.s, p.len, &i)));
    return h;
}

/* ---- forms ------------------------------------------------------------------------------------------- */

static uint64_t word(part p) { return add_part(BASIS, p) | 1; }
static uint64_t joined(part a, part b) { return add_part(add_part(BASIS, a), b) | 1; }
static uint64_t pair(part a, part b) { return add_part(add(add_part(BASIS, a), '-'), b) | 1; }
static uint64_t first_of_pair(part a) { return add(add_part(BASIS, a), '-') | 1; }
static uint64_t second_of_pair(part b) { return add_part(add(BASIS, '-'), b) | 1; }

static uint32_t place_of(const ocrvl_vocabulary *v, uint64_t hash)
{
    uint32_t at = (uint32_t)(hash >> 32) & (v->places - 1);
    while (v->entries[at].hash && v->entries[at].hash != hash)
        at = (at + 1) & (v->places - 1);
    return at;
}

static uint32_t count_of(const ocrvl_vocabulary *v, uint64_t hash)
{
    return v->places ? v->entries[place_of(v, hash)].count : 0;
}

static bool grow(ocrvl_vocabulary *v)
{
    ocrvl_vocabulary larger = {.places = v->places ? v->places * 2 : FIRST_PLACES, .used = v->used};
    if (larger.places > MOST_PLACES)
        return false;
    larger.entries = ocrvl_alloc(larger.places * sizeof *larger.entries);
    if (!larger.entries) {
        v->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < v->places; i++)
        if (v->entries[i].hash)
            larger.entries[place_of(&larger, v->entries[i].hash)] = v->entries[i];
    ocrvl_free(v->entries);
    *v = larger;
    return true;
}

static void count(ocrvl_vocabulary *v, uint64_t hash)
{
    if (v->failed)
        return;
    uint32_t at = v->places ? place_of(v, hash) : 0;
    if (v->places && v->entries[at].hash) {
        v->entries[at].count += v->entries[at].count < UINT32_MAX;
        return;
    }
    if (v->used >= v->places / 2) {
        if (!grow(v))
            return;
        at = place_of(v, hash);
    }
    v->entries[at] = (ocrvl_vocabulary_entry){.hash = hash, .count = 1};
    v->used++;
}

/* ---- words ------------------------------------------------------------------------------------------- */

/* The letters at s, up to what is none. */
static part letters(const char *s, size_t n)
{
    size_t i = 0;
    for (size_t next = 0; i < n; i = next)
        if (!is_letter(ocrvl_utf8_next(s, n, &next)))
            break;
    return (part){s, i};
}

/* Learns the word that begins with p, and the parts after its hyphens; returns its end in s. *broken: a line's end
 * breaks it, before this word or after it. */
static size_t learn_word(ocrvl_vocabulary *v, const char *s, size_t n, part p, bool *broken)
{
    bool whole = !*broken, compound = false;
    *broken = false;
    size_t i = (size_t)(p.s - s) + p.len;
    while (i < n) {
        size_t after = i;
        if (!is_hyphen(ocrvl_utf8_next(s, n, &after)))
            break;
        part next = letters(s + after, n - after);
        *broken = next.len == 0 && (after >= n || strchr(" \r\n", s[after]));
        if (next.len == 0)
            break;
        if (whole) { /* else p isn't all of its part */
            count(v, pair(p, next));
            count(v, first_of_pair(p));
        }
        count(v, second_of_pair(next));
        compound = whole = true;
        p = next;
        i = after + next.len;
    }
    if (whole && !compound && !*broken)
        count(v, word(p));
    return i;
}

void ocrvl_vocabulary_learn(ocrvl_vocabulary *v, const char *text)
{
    size_t n = strlen(text);
    bool broken = false;
    for (size_t i = 0; i < n;) {
        part p = letters(text + i, n - i);
        if (p.len)
            i = learn_word(v, text, n, p, &broken);
        else
            (void)ocrvl_utf8_next(text, n, &i);
    }
}

/* The letters with which s ends. */
static part last_letters(const char *s, size_t n)
{
    size_t from = n;
    for (size_t i = n; i > 0;) {
        size_t next = i = ocrvl_utf8_before(s, i);
        if (!is_letter(ocrvl_utf8_next(s, n, &next)))
            break;
        from = i;
    }
    return (part){s + from, n - from};
}

bool ocrvl_vocabulary_keeps_hyphen(const ocrvl_vocabulary *v, const char *head, size_t head_len, const char *tail,
                                   size_t tail_len)
{
    part a = last_letters(head, head_len), b = letters(tail, tail_len);
    if (!a.len || !b.len)
        return false;
    uint32_t with = count_of(v, pair(a, b)), without = count_of(v, joined(a, b));
    if (with || without)
        return with > without;
    return count_of(v, word(a)) && count_of(v, word(b)) &&
           (count_of(v, first_of_pair(a)) || count_of(v, second_of_pair(b)));
}

uint64_t ocrvl_vocabulary_hash(const char *name) { return word((part){name, strlen(name)}); }

void ocrvl_vocabulary_free(ocrvl_vocabulary *v)
{
    ocrvl_free(v->entries);
    *v = (ocrvl_vocabulary){.used = 0};
}
