#include "base/scripts.h"

#include <stddef.h>
#include <string.h>

/* ScriptSimpleType of PAGE 2019-07-15, in order. */
/* clang-format off */
static const char *const names[] = {
    "Adlm - Adlam", "Afak - Afaka", "Aghb - Caucasian Albanian", "Ahom - Ahom, Tai Ahom", "Arab - Arabic",
    "Aran - Arabic (Nastaliq variant)", "Armi - Imperial Aramaic", "Armn - Armenian", "Avst - Avestan",
    "Bali - Balinese", "Bamu - Bamum", "Bass - Bassa Vah", "Batk - Batak", "Beng - Bengali", "Bhks - Bhaiksuki",
    "Blis - Blissymbols", "Bopo - Bopomofo", "Brah - Brahmi", "Brai - Braille", "Bugi - Buginese", "Buhd - Buhid",
    "Cakm - Chakma", "Cans - Unified Canadian Aboriginal Syllabics", "Cari - Carian", "Cham - Cham",
    "Cher - Cherokee", "Cirt - Cirth", "Copt - Coptic", "Cprt - Cypriot", "Cyrl - Cyrillic",
    "Cyrs - Cyrillic (Old Church Slavonic variant)", "Deva - Devanagari (Nagari)", "Dsrt - Deseret (Mormon)",
    "Dupl - Duployan shorthand, Duployan stenography", "Egyd - Egyptian demotic", "Egyh - Egyptian hieratic",
    "Egyp - Egyptian hieroglyphs", "Elba - Elbasan", "Ethi - Ethiopic", "Geok - Khutsuri (Asomtavruli and Nuskhuri)",
    "Geor - Georgian (Mkhedruli)", "Glag - Glagolitic", "Goth - Gothic", "Gran - Grantha", "Grek - Greek",
    "Gujr - Gujarati", "Guru - Gurmukhi", "Hanb - Han with Bopomofo", "Hang - Hangul",
    "Hani - Han (Hanzi, Kanji, Hanja)", "Hano - Hanunoo (Hanun\xC3\xB3o)", "Hans - Han (Simplified variant)",
    "Hant - Han (Traditional variant)", "Hatr - Hatran", "Hebr - Hebrew", "Hira - Hiragana",
    "Hluw - Anatolian Hieroglyphs", "Hmng - Pahawh Hmong", "Hrkt - Japanese syllabaries",
    "Hung - Old Hungarian (Hungarian Runic)", "Inds - Indus (Harappan)", "Ital - Old Italic (Etruscan, Oscan etc.)",
    "Jamo - Jamo", "Java - Javanese", "Jpan - Japanese", "Jurc - Jurchen", "Kali - Kayah Li", "Kana - Katakana",
    "Khar - Kharoshthi", "Khmr - Khmer", "Khoj - Khojki", "Kitl - Khitan large script", "Kits - Khitan small script",
    "Knda - Kannada", "Kore - Korean (alias for Hangul + Han)", "Kpel - Kpelle", "Kthi - Kaithi",
    "Lana - Tai Tham (Lanna)", "Laoo - Lao", "Latf - Latin (Fraktur variant)", "Latg - Latin (Gaelic variant)",
    "Latn - Latin", "Leke - Leke", "Lepc - Lepcha (R\xC3\xB3ng)", "Limb - Limbu", "Lina - Linear A",
    "Linb - Linear B", "Lisu - Lisu (Fraser)", "Loma - Loma", "Lyci - Lycian", "Lydi - Lydian", "Mahj - Mahajani",
    "Mand - Mandaic, Mandaean", "Mani - Manichaean", "Marc - Marchen", "Maya - Mayan hieroglyphs",
    "Mend - Mende Kikakui", "Merc - Meroitic Cursive", "Mero - Meroitic Hieroglyphs", "Mlym - Malayalam",
    "Modi - Modi, Mo\xE1\xB8\x8D\xC4\xAB", "Mong - Mongolian", "Moon - Moon (Moon code, Moon script, Moon type)",
    "Mroo - Mro, Mru", "Mtei - Meitei Mayek (Meithei, Meetei)", "Mult - Multani", "Mymr - Myanmar (Burmese)",
    "Narb - Old North Arabian (Ancient North Arabian)", "Nbat - Nabataean", "Newa - Newa, Newar, Newari",
    "Nkgb - Nakhi Geba", "Nkoo - N\xE2\x80\x99Ko", "Nshu - N\xC3\xBCshu", "Ogam - Ogham",
    "Olck - Ol Chiki (Ol Cemet\xE2\x80\x99, Ol, Santali)", "Orkh - Old Turkic, Orkhon Runic", "Orya - Oriya",
    "Osge - Osage", "Osma - Osmanya", "Palm - Palmyrene", "Pauc - Pau Cin Hau", "Perm - Old Permic",
    "Phag - Phags-pa", "Phli - Inscriptional Pahlavi", "Phlp - Psalter Pahlavi", "Phlv - Book Pahlavi",
    "Phnx - Phoenician", "Piqd - Klingon (KLI pIqaD)", "Plrd - Miao (Pollard)", "Prti - Inscriptional Parthian",
    "Rjng - Rejang (Redjang, Kaganga)", "Roro - Rongorongo", "Runr - Runic", "Samr - Samaritan", "Sara - Sarati",
    "Sarb - Old South Arabian", "Saur - Saurashtra", "Sgnw - SignWriting", "Shaw - Shavian (Shaw)",
    "Shrd - Sharada, \xC5\x9A\xC4\x81rad\xC4\x81", "Sidd - Siddham", "Sind - Khudawadi, Sindhi", "Sinh - Sinhala",
    "Sora - Sora Sompeng", "Sund - Sundanese", "Sylo - Syloti Nagri", "Syrc - Syriac",
    "Syre - Syriac (Estrangelo variant)", "Syrj - Syriac (Western variant)", "Syrn - Syriac (Eastern variant)",
    "Tagb - Tagbanwa", "Takr - Takri", "Tale - Tai Le", "Talu - New Tai Lue", "Taml - Tamil", "Tang - Tangut",
    "Tavt - Tai Viet", "Telu - Telugu", "Teng - Tengwar", "Tfng - Tifinagh (Berber)",
    "Tglg - Tagalog (Baybayin, Alibata)", "Thaa - Thaana", "Thai - Thai", "Tibt - Tibetan", "Tirh - Tirhuta",
    "Ugar - Ugaritic", "Vaii - Vai", "Visp - Visible Speech", "Wara - Warang Citi (Varang Kshiti)", "Wole - Woleai",
    "Xpeo - Old Persian", "Xsux - Cuneiform, Sumero-Akkadian", "Yiii - Yi", "Zinh - Code for inherited script",
    "Zmth - Mathematical notation", "Zsye - Symbols (Emoji variant)", "Zsym - Symbols",
    "Zxxx - Code for unwritten documents", "Zyyy - Code for undetermined script", "Zzzz - Code for uncoded script"};
/* clang-format on */

const char *ocrvl_script_page_name(const char *code)
{
    size_t low = 0, high = sizeof names / sizeof *names;
    if (!code || strlen(code) != 4)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = memcmp(names[middle], code, 4);
        if (c == 0)
            return names[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
