/* Text through ICU's transformations, with a map of where each character came from.
 *
 * The text is an array of UTF-16 units, each with the range of input code points that it came from. A stage changes one
 * piece at a time: units that stay keep their ranges, and new units get the union of the ranges that they replace.
 * Normalisation cuts pieces where nothing can interact (unorm2_hasBoundaryBefore), so the ranges are as narrow as they
 * can be. */
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/urep.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/normalize.h"
#include "unicode/unicode.h"

typedef struct range {
    uint32_t from, to; /* input code points */
} range;

typedef struct text {
    UChar *units;
    range *ranges;
    int32_t len;
    size_t unit_cap, range_cap;
    bool nomem;
} text;

static void text_free(text *t)
{
    ocrvl_free(t->units);
    ocrvl_free(t->ranges);
}

static bool reserve(text *t, size_t n)
{
    bool fits = n <= INT32_MAX && OCRVL_ARRAY_RESERVE(t->units, t->unit_cap, n) &&
                OCRVL_ARRAY_RESERVE(t->ranges, t->range_cap, n);
    t->nomem |= !fits;
    return fits;
}

static void put(text *t, UChar unit, range r)
{
    if (t->nomem || !reserve(t, (size_t)t->len + 1))
        return;
    t->units[t->len] = unit;
    t->ranges[t->len++] = r;
}

static ocrvl_status take(text *t, const char *utf8, size_t len, ocrvl_error *err)
{
    uint32_t n = 0;
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    for (size_t i = 0; i < len && !t->nomem; n++) {
        uint32_t c = ocrvl_utf8_next(utf8, len, &i);
        c = c == OCRVL_UTF8_BAD ? 0xFFFD : c;
        if (c >= 0x10000)
            put(t, U16_LEAD(c), (range){n, n + 1});
        put(t, c >= 0x10000 ? U16_TRAIL(c) : (UChar)c, (range){n, n + 1});
    }
    return t->nomem ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

static range range_of(const text *t, int32_t start, int32_t end)
{
    range r = {UINT32_MAX, 0};
    for (int32_t i = start; i < end; i++) {
        r.from = t->ranges[i].from < r.from ? t->ranges[i].from : r.from;
        r.to = t->ranges[i].to > r.to ? t->ranges[i].to : r.to;
    }
    return r;
}

/* ---- normalisation and folding ----------------------------------------------------------------------- */

/* Appends the normalised form of the piece [start, end). */
static void put_normalized(text *out, const UNormalizer2 *n, const text *in, int32_t start, int32_t end,
                           ocrvl_utf16 *scratch, UErrorCode *code)
{
    scratch->len = unorm2_normalize(n, in->units + start, end - start, scratch->data, (int32_t)scratch->cap, code);
    if (*code == U_BUFFER_OVERFLOW_ERROR) {
        *code = U_ZERO_ERROR;
        if (ocrvl_utf16_reserve(scratch, (size_t)scratch->len, NULL)) {
            out->nomem = true;
            return;
        }
        scratch->len = unorm2_normalize(n, in->units + start, end - start, scratch->data, (int32_t)scratch->cap, code);
    }
    if (U_FAILURE(*code))
        return;
    bool same = scratch->len == end - start &&
                memcmp(scratch->data, in->units + start, sizeof(UChar) * (size_t)scratch->len) == 0;
    range all = range_of(in, start, end);
    for (int32_t i = 0; i < scratch->len; i++)
        put(out, scratch->data[i], same ? in->ranges[start + i] : all);
}

static ocrvl_status normalize(text *t, const UNormalizer2 *n, UErrorCode code, ocrvl_error *err)
{
    text out = {0};
    ocrvl_utf16 scratch = {0};
    ocrvl_status st = ocrvl_utf16_reserve(&scratch, 64, err);
    for (int32_t start = 0, at = 0; !st && start < t->len && U_SUCCESS(code) && !out.nomem; start = at) {
        UChar32 c;
        U16_NEXT(t->units, at, t->len, c);
        for (int32_t next = at; at < t->len; at = next) {
            U16_NEXT(t->units, next, t->len, c);
            if (unorm2_hasBoundaryBefore(n, c))
                break;
        }
        put_normalized(&out, n, t, start, at, &scratch, &code);
    }
    ocrvl_utf16_free(&scratch);
    if (!st && out.nomem)
        st = ocrvl_fail_nomem(err);
    if (!st && U_FAILURE(code))
        st = ocrvl_fail_icu(err, code, "normalization");
    if (st) {
        text_free(&out);
        return st;
    }
    text_free(t);
    *t = out;
    return OCRVL_OK;
}

/* Typographic quotes and dashes become those of a keyboard. */
static UChar plain_mark(UChar c)
{
    switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2039:
    case 0x203A:
    case 0x2032: return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0xAB:
    case 0xBB:
    case 0x2033: return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212: return '-';
    default: return c;
    }
}

static ocrvl_status fold(text *t, ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *n = unorm2_getNFKCCasefoldInstance(&code);
    ocrvl_status st = normalize(t, n, code, err);
    for (int32_t i = 0; !st && i < t->len; i++)
        t->units[i] = plain_mark(t->units[i]);
    return st;
}

/* ---- broken words ------------------------------------------------------------------------------------ */

/* Whether a line break at i (a newline) divides a word: a letter and a hyphen come before it, a small letter after
 * it. */
static bool parts_word(const text *t, int32_t i)
{
    UChar32 before, after;
    int32_t at = i - 1, next = i + 1;
    if (i < 2 || next >= t->len || !ocrvl_is_end_hyphen(t->units[at]))
        return false;
    U16_PREV(t->units, 0, at, before);
    U16_NEXT(t->units, next, t->len, after);
    int8_t type = u_charType(before);
    return (u_isalpha(before) || type == U_NON_SPACING_MARK) && u_islower(after);
}

/* A divided word is joined on the line where it begins; the white space that follows it becomes the line break. */
static ocrvl_status unhyphenate(text *t, ocrvl_error *err)
{
    text out = {0};
    bool owed = false; /* a line break is still to be inserted */
    for (int32_t i = 0; i < t->len && !out.nomem; i++) {
        bool parted = t->units[i] == '\n' && parts_word(t, i);
        if (parted) {
            out.len--;
            owed = true;
        } else if (owed && u_isUWhiteSpace(t->units[i])) {
            put(&out, '\n', t->ranges[i]);
            owed = false;
        } else {
            put(&out, t->units[i], t->ranges[i]);
        }
    }
    if (out.nomem) {
        text_free(&out);
        return ocrvl_fail_nomem(err);
    }
    text_free(t);
    *t = out;
    return OCRVL_OK;
}

/* ---- transliteration, by ICU's callbacks ------------------------------------------------------------- */

static int32_t rep_length(const UReplaceable *rep) { return ((const text *)rep)->len; }

static UChar rep_char(const UReplaceable *rep, int32_t i)
{
    const text *t = (const text *)rep;
    return i >= 0 && i < t->len ? t->units[i] : 0xFFFF;
}

static UChar32 rep_char32(const UReplaceable *rep, int32_t i)
{
    const text *t = (const text *)rep;
    UChar32 c;
    if (i < 0 || i >= t->len)
        return 0xFFFF;
    U16_GET(t->units, 0, i, t->len, c);
    return c;
}

/* ICU builds a rule's replacement at the end of the text, copies it before what it replaces, and then deletes the old
 * text and the first copy. So inserted text has no source until something just behind it is deleted, which is then its
 * source. */
static const range nowhere = {UINT32_MAX, 0};

/* Grows or shrinks [start, limit) to n units; the new units get the range of those that they replace. */
static bool splice(text *t, int32_t start, int32_t limit, int32_t n)
{
    range all = range_of(t, start, limit);
    if (t->nomem || !reserve(t, (size_t)t->len + (size_t)n))
        return false;
    size_t tail = (size_t)(t->len - limit);
    memmove(t->units + start + n, t->units + limit, tail * sizeof *t->units);
    memmove(t->ranges + start + n, t->ranges + limit, tail * sizeof *t->ranges);
    for (int32_t i = 0; i < n; i++)
        t->ranges[start + i] = all;
    for (int32_t i = start; n == 0 && i > 0 && t->ranges[i - 1].from == nowhere.from; i--)
        t->ranges[i - 1] = all;
    t->len += n - (limit - start);
    return true;
}

/* Units that still have no source get the range of their neighbour. */
static void settle(text *t)
{
    for (int32_t i = 1; i < t->len; i++)
        if (t->ranges[i].from == nowhere.from)
            t->ranges[i] = t->ranges[i - 1];
    for (int32_t i = t->len - 1; i-- > 0;)
        if (t->ranges[i].from == nowhere.from)
            t->ranges[i] = t->ranges[i + 1];
    if (t->len && t->ranges[0].from == nowhere.from)
        t->ranges[0] = (range){0, 0};
}

static void rep_replace(UReplaceable *rep, int32_t start, int32_t limit, const UChar *s, int32_t n)
{
    text *t = (text *)rep;
    n = n < 0 ? (int32_t)u_strlen(s) : n;
    if (limit - start == n && memcmp(t->units + start, s, sizeof *s * (size_t)n) == 0)
        return;
    if (splice(t, start, limit, n))
        memcpy(t->units + start, s, sizeof *s * (size_t)n);
}

static void rep_extract(UReplaceable *rep, int32_t start, int32_t limit, UChar *out)
{
    memcpy(out, ((text *)rep)->units + start, sizeof *out * (size_t)(limit - start));
}

static void rep_copy(UReplaceable *rep, int32_t start, int32_t limit, int32_t to)
{
    text *t = (text *)rep;
    int32_t n = limit - start;
    if (n <= 0 || !splice(t, to, to, n))
        return;
    int32_t from = to <= start ? start + n : start;
    memcpy(t->units + to, t->units + from, sizeof *t->units * (size_t)n);
}

static ocrvl_status transliterate(text *t, const char *id, ocrvl_error *err)
{
    UReplaceableCallbacks calls = {rep_length, rep_char, rep_char32, rep_replace, rep_extract, rep_copy};
    UErrorCode code = U_ZERO_ERROR;
    UParseError where;
    ocrvl_utf16 name = {0};
    ocrvl_status st = ocrvl_utf16_set(&name, id, strlen(id), err);
    if (st)
        return st;
    UTransliterator *tr = utrans_openU(name.data, name.len, UTRANS_FORWARD, NULL, 0, &where, &code);
    ocrvl_utf16_free(&name);
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return ocrvl_fail_nomem(err);
    if (U_FAILURE(code))
        return ocrvl_fail(err, OCRVL_E_ARG, "ICU has no transliteration named \"%s\"", id);
    int32_t limit = t->len;
    if (t->len)
        utrans_trans(tr, (UReplaceable *)t, &calls, 0, &limit, &code);
    settle(t);
    utrans_close(tr);
    if (t->nomem)
        return ocrvl_fail_nomem(err);
    return U_FAILURE(code) ? ocrvl_fail_icu(err, code, "transliteration") : OCRVL_OK;
}

/* ---- the result -------------------------------------------------------------------------------------- */

typedef struct runs {
    ocrvl_text_run *list;
    size_t count, cap;
} runs;

static bool put_run_alone(runs *m, ocrvl_text_run run)
{
    if (!OCRVL_ARRAY_RESERVE(m->list, m->cap, m->count + 1))
        return false;
    m->list[m->count++] = run;
    return true;
}

/* Records a code point of the output that came from r. Runs are of code points that map one to one (straight), or of
 * several with the same source. */
static bool put_run(runs *m, uint32_t at, range r)
{
    ocrvl_text_run *last = m->count ? &m->list[m->count - 1] : NULL;
    bool one = r.to - r.from == 1;
    if (last && last->straight && one && last->in_end == r.from) {
        last->out_end++;
        last->in_end++;
        return true;
    }
    if (last && last->straight && one &&
        last->in_end == r.to) { /* the second code point from one source: the two are not one to one any more */
        if (last->out_end - last->out_start == 1) {
            last->straight = false;
            last->out_end++;
            return true;
        }
        last->out_end--;
        last->in_end--;
        at--;
        return put_run_alone(m, (ocrvl_text_run){at, at + 2, r.from, r.to, false});
    }
    if (last && !last->straight && last->in_start == r.from && last->in_end == r.to) {
        last->out_end++;
        return true;
    }
    return put_run_alone(m, (ocrvl_text_run){at, at + 1, r.from, r.to, one});
}

static ocrvl_status give(const text *t, char **out, size_t *len, ocrvl_text_run **map, size_t *count, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    runs m = {0};
    uint32_t at = 0;
    bool fine = true;
    for (int32_t i = 0; i < t->len && fine; at++) {
        int32_t from = i;
        UChar32 c;
        U16_NEXT(t->units, i, t->len, c);
        ocrvl_buf_put_codepoint(&b, (uint32_t)c);
        fine = !map || put_run(&m, at, range_of(t, from, i));
    }
    *out = fine ? ocrvl_buf_steal(&b, len) : NULL;
    ocrvl_buf_free(&b);
    if (!*out) {
        ocrvl_free(m.list);
        return ocrvl_fail_nomem(err);
    }
    if (map) {
        *map = m.list;
        *count = m.count;
    }
    return OCRVL_OK;
}

static ocrvl_status change(text *t, const ocrvl_text_options *o, ocrvl_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    ocrvl_status st = o->unhyphenate ? unhyphenate(t, err) : OCRVL_OK;
    if (!st && o->transliterate)
        st = transliterate(t, o->transliterate, err);
    if (!st && o->fold)
        st = fold(t, err);
    if (st || !o->form)
        return st;
    const UNormalizer2 *n = ocrvl_normalizer(o->form, &code);
    return U_FAILURE(code) ? ocrvl_fail_icu(err, code, "normalization") : normalize(t, n, code, err);
}

ocrvl_status ocrvl_text_transform(char **out, size_t *out_len, ocrvl_text_run **map, size_t *runs_out,
                                  const ocrvl_text_options *opt, const char *utf8, size_t len, ocrvl_error *err)
{
    ocrvl_text_options o = {0};
    text t = {0};
    *out = NULL;
    if (map) {
        *map = NULL;
        *runs_out = 0;
    }
    if (opt->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_text_options.size is not set");
    memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    ocrvl_status st = take(&t, utf8, len, err);
    if (!st)
        st = change(&t, &o, err);
    if (!st)
        st = give(&t, out, out_len, map, runs_out, err);
    text_free(&t);
    return st;
}

void ocrvl_text_map_free(ocrvl_text_run *map) { ocrvl_free(map); }
