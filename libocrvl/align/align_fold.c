#include "align/align_parts.h"
#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

/* U+00C0..U+017F in lower case without accents. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiijjjjkkkllllllllllnnnnnnnnnooooooo"
                            "orrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* The second letter of a letter that is written as two, else 0. base_of gives the first one. */
static uint32_t second_of(uint32_t c)
{
    switch (c) {
    case 0xC6: /* AE */
    case 0xE6:
    case 0x152: /* OE */
    case 0x153: return 'e';
    case 0xDF: /* sharp s */ return 's';
    case 0xFB00: /* ff */ return 'f';
    case 0xFB01: /* fi */
    case 0xFB02: /* fl, whose l counts as i */ return 'i';
    default: return 0;
    }
}

static bool is_nothing(uint32_t c)
{
    return c <= ' ' || (c >= 0x7F && c <= 0xA0) || c == 0xAD || (c >= 0x300 && c <= 0x36F) ||
           (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) ||
           c == 0x3000 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

static bool is_space(uint32_t c)
{
    return c <= ' ' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

static uint32_t punctuation_of(uint32_t c)
{
    if (c == '`' || c == '"' || c == 0xB4 || c == 0xAB || c == 0xBB || (c >= 0x2018 && c <= 0x201F) ||
        (c >= 0x2032 && c <= 0x2037) || c == 0x2039 || c == 0x203A)
        return '\'';
    if (c == 0xAC || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == '=' || c == '~')
        return '-';
    if (c == 0xB7 || c == 0x2022 || c == 0x2024 || c == 0x2026)
        return '.';
    return c;
}

/* One code point for all those that a reader of small letters confuses; 0 for characters that don't count. */
static uint32_t base_of(uint32_t c)
{
    if (is_nothing(c))
        return 0;
    if (c >= 0xFF01 && c <= 0xFF5E)
        c -= 0xFF01 - '!';
    if (c >= 0xC0 && c <= 0x17F)
        c = (uint32_t)(unsigned char)latin[c - 0xC0];
    else if (c >= 0xFB00 && c <= 0xFB02)
        c = 'f';
    else if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    else if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
        c += 32;
    else if (c >= 0x400 && c <= 0x40F)
        c += 80;
    else
        c = punctuation_of(c);
    if (c == 'l' || c == '1' || c == '|' || c == '!')
        return 'i';
    return c == '0' ? 'o' : c;
}

/* Leaders and rules: a run of these counts as one, because nobody writes exactly as many dots as there are. */
static bool is_leader(uint32_t c) { return c == '.' || c == '-' || c == '_' || c == '*'; }

void ocrvl_align_side_free(ocrvl_align_side *s)
{
    ocrvl_free(s->code);
    ocrvl_free(s->unit);
    ocrvl_free(s->begins);
    ocrvl_free(s->start);
    *s = (ocrvl_align_side){0};
}

ocrvl_status ocrvl_align_side_begin(ocrvl_align_side *s, size_t units, ocrvl_error *err)
{
    s->start = ocrvl_alloc_array(units + 1, sizeof *s->start);
    return s->start ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static bool make_room(ocrvl_align_side *s, size_t more)
{
    size_t need = s->n + more;
    return OCRVL_ARRAY_RESERVE(s->code, s->code_cap, need) && OCRVL_ARRAY_RESERVE(s->unit, s->unit_cap, need) &&
           OCRVL_ARRAY_RESERVE(s->begins, s->begins_cap, need);
}

static void put(ocrvl_align_side *s, uint32_t c, bool begins)
{
    s->code[s->n] = c;
    s->begins[s->n] = begins;
    s->unit[s->n++] = (uint32_t)s->units;
}

ocrvl_status ocrvl_align_side_add(ocrvl_align_side *s, const char *text, size_t len, ocrvl_error *err)
{
    size_t begin = s->n;
    uint32_t last = 0;   /* the code before; 0 is a space */
    bool hyphen = false; /* the last character that counts is a hyphen right after a letter */
    for (size_t i = 0; i < len && !s->cut;) {
        uint32_t raw = ocrvl_utf8_next(text, len, &i), c = base_of(raw), more = second_of(raw);
        if (c == 0 && !is_space(raw))
            continue;
        if (c && c == last && is_leader(c)) {
            hyphen = false;
            continue;
        }
        if (c && s->n + 2 > OCRVL_ALIGN_MAX_POINTS) {
            s->cut = true;
            s->included = s->units;
            s->n = begin;
            break;
        }
        if (c) {
            if (!make_room(s, 2))
                return ocrvl_fail_nomem(err);
            put(s, c, last == 0 || s->n == begin);
            if (more)
                put(s, more, false);
            hyphen = c == '-' && last;
        }
        last = c;
    }
    /* Drops the hyphen of a word broken at the line's end, which the model may have left out, but not a dash of its
     * own. */
    if (hyphen && s->n - begin > 1)
        s->n--;
    s->start[++s->units] = (uint32_t)s->n;
    s->included = s->cut ? s->included : s->units;
    return OCRVL_OK;
}
