/* UTF-8, strictly: no overlong forms, no surrogates, nothing over U+10FFFF. */
#ifndef OCRVL_BASE_UTF8_H
#define OCRVL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OCRVL_UTF8_BAD 0xFFFFFFFFu

/* Reads the code point at s[*i], i < n, and advances *i. At ill-formed bytes it advances by one maximal part (Unicode,
 * chapter 3, "U+FFFD substitution of maximal subparts") and returns OCRVL_UTF8_BAD. */
uint32_t ocrvl_utf8_next(const char *s, size_t n, size_t *i);
/* Writes c as 1..4 bytes (U+FFFD if c is not a scalar value) and returns how many. */
size_t ocrvl_utf8_encode(char out[4], uint32_t c);
bool ocrvl_utf8_valid(const char *s, size_t n);
/* The number of code points; an ill-formed part counts as one. */
size_t ocrvl_utf8_count(const char *s, size_t n);
/* The byte offset of code point k, or n if there are fewer code points. */
size_t ocrvl_utf8_offset(const char *s, size_t n, size_t k);
/* Where the code point before byte i begins, i > 0: the last byte before i that doesn't go on with one. */
static inline size_t ocrvl_utf8_before(const char *s, size_t i)
{
    while (--i > 0 && ((unsigned char)s[i] & 0xC0) == 0x80)
        ;
    return i;
}
/* Whether c at the end of a line may say that a word goes on in the next one. U+00AC is what ABBYY's ALTO and
 * transcriptions of Transkribus have there. */
static inline bool ocrvl_is_end_hyphen(uint32_t c) { return c == '-' || c == 0xAC || c == 0xAD || c == 0x2010; }
/* Whether letters of that code point run from right to left: Hebrew, Arabic and related scripts with their presentation
 * forms, and the scripts of U+10800 to U+10FFF and U+1E800 to U+1EFFF; not their figures nor the marks that they share. */
static inline bool ocrvl_runs_leftwards(uint32_t c)
{
    bool right = (c >= 0x590 && c < 0x900) || (c >= 0xFB1D && c < 0xFE00) || (c >= 0xFE70 && c < 0xFF00) ||
                 (c >= 0x10800 && c < 0x11000) || (c >= 0x1E800 && c < 0x1F000);
    return right && !(c >= 0x660 && c <= 0x669) && !(c >= 0x6F0 && c <= 0x6F9) && c != 0x60C && c != 0x61B &&
           c != 0x61F;
}
/* How many more of the text's letters run from right to left than from left to right. */
int64_t ocrvl_utf8_leftward(const char *s, size_t n);
/* c, or the small letter of one from A to Z, whatever the locale. */
static inline char ocrvl_ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
/* Whether two words with these characters at their seam are written without a space between them: Han, kana and the
 * like. */
bool ocrvl_utf8_unspaced(const char *before, size_t before_len, const char *after, size_t after_len);

#endif
