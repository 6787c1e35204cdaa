#include "tokenizer/split.h"

#include <unicode/uregex.h>

#include "base/error.h"
#include "base/mem.h"
#include "unicode/unicode.h"

const char *const ocrvl_split_qwen2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
                                      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const char *const ocrvl_split_gpt2 =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

#define MAX_PATTERN 65536
/* Time limit for all matches in a text, in ICU's units of 10,000 saved backtracking states. The patterns above save
 * some ten states a character; a pattern that backtracks without end is stopped after some seconds. */
#define TIME_LIMIT(len) (20000 + (int32_t)((len) / 500))
/* Bytes of such states: enough for a run of two million characters of white space. */
#define STACK_LIMIT (64 << 20)

struct ocrvl_splitter {
    URegularExpression *compiled; /* only cloned, never used itself */
};

ocrvl_status ocrvl_splitter_new(ocrvl_splitter **out, const char *pattern, size_t len, const char *file,
                                ocrvl_error *err)
{
    ocrvl_utf16 u = {0};
    UErrorCode code = U_ZERO_ERROR;
    UParseError where = {0};
    *out = NULL;
    if (len > MAX_PATTERN)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: the Split pattern of %zu bytes is too long", file, len);
    ocrvl_splitter *s = ocrvl_alloc(sizeof *s);
    ocrvl_status st = s ? ocrvl_utf16_set(&u, pattern, len, err) : ocrvl_fail_nomem(err);
    if (!st) {
        s->compiled = uregex_open(u.data, u.len, 0, &where, &code);
        if (code == U_MEMORY_ALLOCATION_ERROR)
            st = ocrvl_fail_nomem(err);
        else if (U_FAILURE(code))
            st = ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: the Split pattern cannot be used, at character %d (%s)",
                            file, (int)where.offset, u_errorName(code));
    }
    ocrvl_utf16_free(&u);
    if (st) {
        ocrvl_splitter_free(s);
        return st;
    }
    *out = s;
    return OCRVL_OK;
}

void ocrvl_splitter_free(ocrvl_splitter *s)
{
    if (!s)
        return;
    if (s->compiled)
        uregex_close(s->compiled);
    ocrvl_free(s);
}

typedef struct cursor { /* one position, in UTF-8 and in UTF-16 */
    const char *text;
    size_t byte;
    int32_t unit;
} cursor;

/* Passes the piece up to `unit` to fn and moves the cursor there. */
static ocrvl_status piece_to(cursor *at, int32_t unit, ocrvl_piece_fn fn, void *user, ocrvl_error *err)
{
    size_t from = at->byte;
    while (at->unit < unit) {
        unsigned char c = (unsigned char)at->text[at->byte];
        at->byte += c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        at->unit += c < 0xF0 ? 1 : 2;
    }
    return at->byte > from ? fn(user, at->text + from, at->byte - from, err) : OCRVL_OK;
}

static ocrvl_status find_all(URegularExpression *re, int32_t len, cursor *at, ocrvl_piece_fn fn, void *user,
                             ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    while (uregex_findNext(re, &code)) {
        ocrvl_status st = piece_to(at, uregex_start(re, 0, &code), fn, user, err);
        if (!st)
            st = piece_to(at, uregex_end(re, 0, &code), fn, user, err);
        if (st)
            return st;
    }
    if (code == U_REGEX_TIME_OUT || code == U_REGEX_STACK_OVERFLOW)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the tokenizer's Split pattern takes too %s on this text",
                          code == U_REGEX_TIME_OUT ? "long" : "much memory");
    return U_FAILURE(code) ? ocrvl_fail_icu(err, code, "the tokenizer's Split pattern")
                           : piece_to(at, len, fn, user, err);
}

ocrvl_status ocrvl_split(const ocrvl_splitter *s, const char *text, size_t len, ocrvl_piece_fn fn, void *user,
                         ocrvl_error *err)
{
    ocrvl_utf16 u = {0};
    UErrorCode code = U_ZERO_ERROR;
    cursor at = {text, 0, 0};
    ocrvl_status st = ocrvl_utf16_set(&u, text, len, err);
    if (st)
        return st;
    URegularExpression *re = uregex_clone(s->compiled, &code);
    uregex_setTimeLimit(re, TIME_LIMIT(len), &code);
    uregex_setStackLimit(re, STACK_LIMIT, &code);
    uregex_setText(re, u.data, u.len, &code);
    if (U_FAILURE(code))
        st = ocrvl_fail_icu(err, code, "the tokenizer's Split pattern");
    else
        st = find_all(re, u.len, &at, fn, user, err);
    uregex_close(re);
    ocrvl_utf16_free(&u);
    return st;
}
