#include "structure/marks.h"

#include <stddef.h>
#include <string.h>

#include "base/bullets.h"
#include "base/utf8.h"

static bool is_bullet(const char *s, uint32_t *value)
{
    size_t n = strlen(s), at = 0;
    uint32_t c = n ? ocrvl_utf8_next(s, n, &at) : 0;
    bool box = c == 0x2717 || (c >= 0x2610 && c <= 0x2612); /* of a list of things to do */
    *value = at == n && (box || ocrvl_is_bullet(c)) ? c : 0;
    return *value != 0;
}

/* What stands within sentences too. */
static bool is_dash(uint32_t c)
{
    return c == '-' || c == '*' || c == 0xB7 || (c >= 0x2010 && c <= 0x2015) || c == 0x2192 || c == 0x2212;
}

uint32_t ocrvl_roman(const char *s, size_t n)
{
    static const char *const tens[] = {"", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc"};
    static const char *const ones[] = {"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"};
    for (uint32_t t = 10; t-- > 0;) {
        size_t len = strlen(tens[t]);
        if (len > n || memcmp(s, tens[t], len) != 0)
            continue;
        for (uint32_t o = 0; o < 10; o++)
            if (strlen(ones[o]) == n - len && memcmp(s + len, ones[o], n - len) == 0)
                return t * 10 + o;
    }
    return 0;
}

ocrvl_mark ocrvl_mark_of(const char *s)
{
    ocrvl_mark m = {OCRVL_MARK_NONE, 0, false};
    bool open = *s == '(';
    if (is_bullet(s, &m.value))
        return (ocrvl_mark){OCRVL_MARK_BULLET, m.value, !is_dash(m.value)};
    s += open;
    size_t digits = strspn(s, "0123456789"), letters = strspn(s, "ivx"), n = digits ? digits : letters ? letters : 1;
    char end = n <= 5 && strlen(s) >= n ? s[n] : '\0';
    if (n > 4 || !(end == ')' || (end == '.' && !open)) || s[n + 1] != '\0')
        return m;
    m.surely = end == ')';
    if (digits && digits < 4) {
        for (size_t i = 0; i < digits; i++)
            m.value = 10 * m.value + (uint32_t)(s[i] - '0');
        m.kind = OCRVL_MARK_NUMBER;
    } else if (!digits && letters && ocrvl_roman(s, letters) && (letters > 1 || *s == 'i')) {
        m.kind = OCRVL_MARK_ROMAN;
        m.value = ocrvl_roman(s, letters);
    } else if (n == 1 && ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))) {
        m.kind = OCRVL_MARK_LETTER;
        m.value = *s >= 'a' ? (uint32_t)(*s - 'a') + 1 : (uint32_t)(*s - 'A') + OCRVL_MARK_CAPITAL;
    }
    return m;
}

bool ocrvl_mark_follows(const ocrvl_mark *a, const ocrvl_mark *b)
{
    if (a->kind == OCRVL_MARK_BULLET || b->kind == OCRVL_MARK_BULLET)
        return a->kind == b->kind && a->value == b->value;
    if (a->kind == b->kind)
        return b->value == a->value + 1;
    /* "i", "v" and "x" are letters as well: h, i, j */
    bool i_after_h = a->kind == OCRVL_MARK_LETTER && a->value == 8 && b->kind == OCRVL_MARK_ROMAN && b->value == 1;
    bool j_after_i = a->kind == OCRVL_MARK_ROMAN && a->value == 1 && b->kind == OCRVL_MARK_LETTER && b->value == 10;
    bool v_after_iv = a->kind == OCRVL_MARK_ROMAN && b->kind == OCRVL_MARK_LETTER &&
                      ((a->value == 4 && b->value == 22) || (a->value == 9 && b->value == 24));
    bool after_v = a->kind == OCRVL_MARK_LETTER && b->kind == OCRVL_MARK_ROMAN &&
                   ((a->value == 22 && b->value == 6) || (a->value == 24 && b->value == 11));
    return i_after_h || j_after_i || v_after_iv || after_v;
}

uint32_t ocrvl_number_depth(const char *s)
{
    uint32_t parts = 0;
    for (;; s++) {
        size_t n = strspn(s, "0123456789");
        if (n == 0 && parts == 0 && *s >= 'A' && *s <= 'Z' && (s[1] == '.' || s[1] == '\0'))
            n = 1;
        if (n == 0 || n > 3)
            return 0;
        parts++;
        s += n;
        if (*s == '\0' || (*s == '.' && s[1] == '\0'))
            return parts;
        if (*s != '.')
            return 0;
    }
}

bool ocrvl_names_caption(const char *s)
{
    static const char *const names[] = {"figure",  "fig",    "table", "tab",     "abbildung", "abb",     "tabelle",
                                        "tableau", "figura", "tabla", "tavola",  "tabella",   "listing", "scheme",
                                        "chart",   "plate",  "map",   "exhibit", "algorithm", "photo",   "schema"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = 0;
        while (names[i][n] && (s[n] | 32) == names[i][n])
            n++;
        if (!names[i][n] && (s[n] == '\0' || (s[n] == '.' && s[n + 1] == '\0')))
            return s[0] >= 'A' && s[0] <= 'Z';
    }
    return false;
}
