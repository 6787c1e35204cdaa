/* Text in visual order, the order on the page, by the Unicode Bidirectional Algorithm (UAX #9, in ICU). */
#include "unicode/visual.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ubidi.h>
#include <unicode/uchar.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "ocrvl_dev.h"
#include "unicode/unicode.h"

static bool has_rtl(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) /* U+0590, where Hebrew begins, is the first right-to-left character */
        if ((unsigned char)s[i] >= 0xD6)
            return true;
    return false;
}

static ocrvl_status reorder(ocrvl_buf *out, UBiDi *bidi, const ocrvl_utf16 *u, ocrvl_direction dir, ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    UBiDiLevel level = dir == OCRVL_DIR_RTL ? 1 : dir == OCRVL_DIR_NONE ? UBIDI_DEFAULT_LTR : 0;
    ubidi_setPara(bidi, u->data, u->len, level, NULL, &code);
    int32_t runs = ubidi_countRuns(bidi, &code);
    if (U_FAILURE(code))
        return ocrvl_fail_icu(err, code, "order of text");
    for (int32_t r = 0; r < runs; r++) {
        int32_t start, length;
        bool rtl = ubidi_getVisualRun(bidi, r, &start, &length) == UBIDI_RTL;
        for (int32_t i = 0; i < length;) {
            UChar32 c;
            int32_t at = rtl ? start + length - i : start + i, before = at;
            if (rtl)
                U16_PREV(u->data, start, at, c);
            else
                U16_NEXT(u->data, at, start + length, c);
            i += rtl ? before - at : at - before;
            ocrvl_buf_put_codepoint(out, (uint32_t)c);
        }
    }
    return out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status ocrvl_text_visual(char **out, const char *utf8, size_t len, ocrvl_direction dir, ocrvl_error *err)
{
    ocrvl_utf16 u = {0};
    ocrvl_buf b = {0};
    ocrvl_status st = OCRVL_OK;
    *out = NULL;
    if (dir != OCRVL_DIR_RTL && !has_rtl(utf8, len)) {
        *out = ocrvl_strndup(utf8, len);
        return *out ? OCRVL_OK : ocrvl_fail_nomem(err);
    }
    UBiDi *bidi = ubidi_open();
    if (!bidi)
        st = ocrvl_fail_nomem(err);
    if (!st)
        st = ocrvl_utf16_set(&u, utf8, len, err);
    if (!st)
        st = reorder(&b, bidi, &u, dir, err);
    if (!st && !(*out = ocrvl_buf_steal(&b, NULL)))
        st = ocrvl_fail_nomem(err);
    ubidi_close(bidi);
    ocrvl_utf16_free(&u);
    ocrvl_buf_free(&b);
    return st;
}

typedef struct standing { /* a word */
    int32_t at;           /* its leftmost unit's place from the left */
    size_t word;
} standing;

static int from_left(const void *a, const void *b)
{
    const standing *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : (x->word > y->word) - (x->word < y->word);
}

/* Where the words of the line u, parted by spaces, stand -> places [n]. */
static ocrvl_status find_places(const ocrvl_utf16 *u, UBiDi *bidi, int32_t *map, standing *places, size_t n,
                                ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    ubidi_setPara(bidi, u->data, u->len, UBIDI_DEFAULT_LTR, NULL, &code);
    ubidi_getLogicalMap(bidi, map, &code);
    if (U_FAILURE(code))
        return ocrvl_fail_icu(err, code, "order of text");
    for (size_t i = 0; i < n; i++)
        places[i] = (standing){INT32_MAX, i};
    for (size_t i = 0, word = 0; i < (size_t)u->len; i++) {
        bool space = u->data[i] == ' ';
        word += space;
        if (!space && word < n && map[i] < places[word].at)
            places[word].at = map[i];
    }
    return OCRVL_OK;
}

static ocrvl_status order_words(const ocrvl_buf *line, size_t n, size_t *order, ocrvl_error *err)
{
    ocrvl_utf16 u = {0};
    UBiDi *bidi = ubidi_open();
    standing *places = ocrvl_alloc_array(n, sizeof *places);
    int32_t *map = NULL;
    ocrvl_status st = bidi && places ? ocrvl_utf16_set(&u, line->data, line->len, err) : ocrvl_fail_nomem(err);
    if (!st && !(map = ocrvl_alloc_array((size_t)u.len, sizeof *map)))
        st = ocrvl_fail_nomem(err);
    if (!st)
        st = find_places(&u, bidi, map, places, n, err);
    if (!st)
        qsort(places, n, sizeof *places, from_left);
    for (size_t i = 0; !st && i < n; i++)
        order[i] = places[i].word;
    ocrvl_free(map);
    ocrvl_free(places);
    ubidi_close(bidi);
    ocrvl_utf16_free(&u);
    return st;
}

ocrvl_status ocrvl_text_visual_order(const char *const *words, size_t n, size_t *order, ocrvl_error *err)
{
    bool rtl = false;
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
        rtl |= has_rtl(words[i], strlen(words[i]));
    }
    if (!rtl || n < 2)
        return OCRVL_OK;
    ocrvl_buf line = {0};
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_printf(&line, "%s%s", i ? " " : "", words[i]);
    ocrvl_status st = line.failed ? ocrvl_fail_nomem(err) : order_words(&line, n, order, err);
    ocrvl_buf_free(&line);
    return st;
}

bool ocrvl_text_is_zero_width(uint32_t character)
{
    int8_t type = u_charType((UChar32)character);
    return type == U_NON_SPACING_MARK || type == U_FORMAT_CHAR;
}
