#include "unicode/words.h"

#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/unicode.h"

#define SCRIPTS 32 /* scripts that are counted in one text */

enum { OWN_SHARE = 3 }; /* a third of the letters is enough: Arabic lines name things in Latin ones */

static uint32_t next(const char *s, size_t n, size_t *i)
{
    uint32_t c = ocrvl_utf8_next(s, n, i);
    return c == OCRVL_UTF8_BAD ? 0xFFFD : c;
}

/* Whether c is of a script without spaces between words; the punctuation of these scripts counts too. */
static bool is_unspaced(uint32_t c)
{
    static const UScriptCode scripts[] = {USCRIPT_HAN, USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_THAI,
                                          USCRIPT_LAO, USCRIPT_KHMER,    USCRIPT_MYANMAR};
    if (c < 0x0E00) /* Thai is the first of these scripts */
        return false;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (uscript_hasScript((UChar32)c, scripts[i]))
            return true;
    return false;
}

static bool is_opening(uint32_t c)
{
    int8_t type = u_charType((UChar32)c);
    return type == U_START_PUNCTUATION || type == U_INITIAL_PUNCTUATION;
}

/* Whether a word may end between two neighbours where ICU finds a boundary: only beside a letter of a script without
 * spaces, and only so that punctuation isn't left alone. */
static bool may_break(uint32_t before, uint32_t after)
{
    if (!is_unspaced(before) && !is_unspaced(after))
        return false;
    return !is_opening(before) && (u_isalnum((UChar32)after) || is_opening(after));
}

typedef struct splitter {
    UBreakIterator *breaks; /* breaks of the whole text; NULL if it has no script without spaces */
    ocrvl_utf16 units;
    ocrvl_word_span *words;
    size_t count, cap;
} splitter;

static ocrvl_status open_breaks(splitter *s, const char *text, size_t len, ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    bool unspaced = false;
    for (size_t i = 0; i < len && !unspaced;)
        unspaced = is_unspaced(next(text, len, &i));
    if (!unspaced)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_utf16_set(&s->units, text, len, err);
    if (st)
        return st;
    s->breaks = ubrk_open(UBRK_WORD, "", s->units.data, s->units.len, &code); /* "" stands for no language's own
                                                                               * rules */
    return U_FAILURE(code) ? ocrvl_fail_icu(err, code, "word breaks") : OCRVL_OK;
}

static bool put_word(splitter *s, ocrvl_word_span word)
{
    if (!OCRVL_ARRAY_RESERVE(s->words, s->cap, s->count + 1))
        return false;
    s->words[s->count++] = word;
    return true;
}

static bool split(splitter *s, const char *text, size_t len)
{
    ocrvl_word_span word = {0};
    uint32_t before = ' ', cp = 0;
    int32_t unit = 0;
    bool inside = false;
    for (size_t i = 0; i < len; cp++) {
        size_t from = i;
        uint32_t c = next(text, len, &i);
        bool space = u_isUWhiteSpace((UChar32)c);
        bool ends = inside && (space || (s->breaks && may_break(before, c) && ubrk_isBoundary(s->breaks, unit)));
        if (ends) {
            word.byte_end = from;
            word.cp_end = cp;
            if (!put_word(s, word))
                return false;
        }
        if (!space && (!inside || ends)) {
            word.byte_start = from;
            word.cp_start = cp;
        }
        inside = !space;
        before = c;
        unit += c < 0x10000 ? 1 : 2;
    }
    word.byte_end = len;
    word.cp_end = cp;
    return !inside || put_word(s, word);
}

ocrvl_status ocrvl_text_words(const char *text, size_t len, ocrvl_word_span **out, size_t *count, ocrvl_error *err)
{
    splitter s = {0};
    *out = NULL;
    *count = 0;
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    ocrvl_status st = open_breaks(&s, text, len, err);
    if (!st && !split(&s, text, len))
        st = ocrvl_fail_nomem(err);
    ubrk_close(s.breaks);
    ocrvl_utf16_free(&s.units);
    if (st) {
        ocrvl_free(s.words);
        return st;
    }
    *out = s.words;
    *count = s.count;
    return OCRVL_OK;
}

typedef struct tally { /* the number of letters in each script; scripts past the first SCRIPTS aren't counted */
    UScriptCode script[SCRIPTS];
    size_t letters[SCRIPTS], count;
} tally;

static size_t letters_of(const tally *t, UScriptCode s)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->script[i] == s)
            return t->letters[i];
    return 0;
}

/* Returns the script of most letters (the first one if several are equal), or USCRIPT_COMMON if no letter has a
 * script. */
static UScriptCode count_scripts(const char *text, size_t len, tally *t)
{
    t->count = 0;
    for (size_t i = 0; i < len;) {
        UErrorCode code = U_ZERO_ERROR;
        UChar32 c = (UChar32)next(text, len, &i);
        bool latin = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        UScriptCode s = latin                       ? USCRIPT_LATIN
                        : c >= 0x80 && u_isalpha(c) ? uscript_getScript(c, &code)
                                                    : USCRIPT_COMMON;
        size_t k = 0;
        if (U_FAILURE(code) || s <= USCRIPT_INHERITED || s == USCRIPT_UNKNOWN)
            continue;
        while (k < t->count && t->script[k] != s)
            k++;
        if (k == t->count && k < SCRIPTS) {
            t->script[k] = s;
            t->letters[k] = 0;
            t->count++;
        }
        if (k < SCRIPTS)
            t->letters[k]++;
    }
    size_t best = 0;
    for (size_t k = 1; k < t->count; k++)
        best = t->letters[k] > t->letters[best] ? k : best;
    return t->count ? t->script[best] : USCRIPT_COMMON;
}

const char *ocrvl_text_script(const char *text, size_t len)
{
    tally t;
    UScriptCode s = count_scripts(text, len, &t);
    return s == USCRIPT_COMMON ? NULL : uscript_getShortName(s);
}

const char *ocrvl_text_language(const char *text, size_t len)
{
    /* Scripts in which only one living language, or hardly another, is written. */
    static const struct {
        UScriptCode script;
        const char *language;
    } known[] = {
        {USCRIPT_GREEK, "el"},    {USCRIPT_HEBREW, "he"},   {USCRIPT_GEORGIAN, "ka"}, {USCRIPT_ARMENIAN, "hy"},
        {USCRIPT_THAI, "th"},     {USCRIPT_LAO, "lo"},      {USCRIPT_KHMER, "km"},    {USCRIPT_HANGUL, "ko"},
        {USCRIPT_HIRAGANA, "ja"}, {USCRIPT_KATAKANA, "ja"}, {USCRIPT_GUJARATI, "gu"}, {USCRIPT_GURMUKHI, "pa"},
        {USCRIPT_TAMIL, "ta"},    {USCRIPT_TELUGU, "te"},   {USCRIPT_KANNADA, "kn"},  {USCRIPT_MALAYALAM, "ml"},
        {USCRIPT_ORIYA, "or"},    {USCRIPT_SINHALA, "si"},  {USCRIPT_THAANA, "dv"},   {USCRIPT_CHEROKEE, "chr"},
    };
    tally t;
    UScriptCode most = count_scripts(text, len, &t);
    size_t kana = letters_of(&t, USCRIPT_HIRAGANA) + letters_of(&t, USCRIPT_KATAKANA);
    if (kana && kana + letters_of(&t, USCRIPT_HAN) >= letters_of(&t, most)) /* the three scripts of Japanese count as
                                                                             * one */
        return "ja";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].script == most)
            return known[i].language;
    return NULL;
}

ocrvl_direction ocrvl_text_direction(const char *text, size_t len)
{
    size_t isolates = 0;
    for (size_t i = 0; i < len;) {
        UCharDirection d = u_charDirection((UChar32)next(text, len, &i));
        if (d == U_LEFT_TO_RIGHT_ISOLATE || d == U_RIGHT_TO_LEFT_ISOLATE || d == U_FIRST_STRONG_ISOLATE)
            isolates++;
        else if (d == U_POP_DIRECTIONAL_ISOLATE && isolates)
            isolates--;
        else if (d == U_LEFT_TO_RIGHT && !isolates)
            return OCRVL_DIR_LTR;
        else if ((d == U_RIGHT_TO_LEFT || d == U_RIGHT_TO_LEFT_ARABIC) && !isolates)
            return OCRVL_DIR_RTL;
    }
    return OCRVL_DIR_NONE;
}

void ocrvl_text_differs(const char *text, const ocrvl_node_info *line, ocrvl_node_info *word)
{
    size_t len = strlen(text);
    const char *lang = ocrvl_text_language(text, len);
    ocrvl_direction dir = ocrvl_text_direction(text, len);
    word->lang = lang && (!line->lang || strcmp(lang, line->lang) != 0) ? lang : NULL;
    word->dir = dir != line->dir ? dir : OCRVL_DIR_NONE;
}

/* Whether c is used in a script that a code of ISO 15924 stands for; some stand for several. */
static bool is_of_code(UChar32 c, const char *code)
{
    static const struct {
        const char *code;
        UScriptCode scripts[3]; /* the last one repeated */
    } several[] = {{"Hans", {USCRIPT_HAN, USCRIPT_HAN, USCRIPT_HAN}},
                   {"Hant", {USCRIPT_HAN, USCRIPT_HAN, USCRIPT_HAN}},
                   {"Jpan", {USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HAN}},
                   {"Kore", {USCRIPT_HANGUL, USCRIPT_HAN, USCRIPT_HAN}}};
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        if (strcmp(code, several[i].code) == 0)
            return uscript_hasScript(c, several[i].scripts[0]) || uscript_hasScript(c, several[i].scripts[1]) ||
                   uscript_hasScript(c, several[i].scripts[2]);
    int32_t script = u_getPropertyValueEnum(UCHAR_SCRIPT, code);
    return script != UCHAR_INVALID_CODE && uscript_hasScript(c, (UScriptCode)script);
}

static bool is_of_any(UChar32 c, const char *scripts)
{
    for (const char *at = scripts; strlen(at) >= 4; at += 4 + (at[4] == ' ')) {
        char code[5] = {0};
        memcpy(code, at, 4);
        if (is_of_code(c, code))
            return true;
    }
    return false;
}

bool ocrvl_text_is_of(const char *text, size_t len, const char *scripts)
{
    uint64_t all = 0, own = 0;
    bool figures = false;
    for (size_t i = 0; i < len;) {
        UChar32 c = (UChar32)next(text, len, &i);
        if (c >= '0' && c <= '9')
            figures = true;
        else if (u_isalnum(c)) {
            all++;
            own += is_of_any(c, scripts);
        }
    }
    return all ? OWN_SHARE * own >= all : !figures || is_of_any('a', scripts);
}
