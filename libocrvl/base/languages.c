#include "base/languages.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *tag, *three, *english;
} languages[] = {
    {"af", "afr", "Afrikaans"},
    {"am", "amh", "Amharic"},
    {"ar", "ara", "Arabic"},
    {"as", "asm", "Assamese"},
    {"az", "aze", "Azerbaijani"},
    {"be", "bel", "Belarusian"},
    {"bg", "bul", "Bulgarian"},
    {"bn", "ben", "Bengali"},
    {"bo", "bod", "Tibetan"},
    {"br", "bre", "Breton"},
    {"bs", "bos", "Bosnian"},
    {"ca", "cat", "Catalan"},
    {"co", "cos", "Corsican"},
    {"cs", "ces", "Czech"},
    {"cu", "chu", "Old Church Slavonic"},
    {"cy", "cym", "Welsh"},
    {"da", "dan", "Danish"},
    {"de", "deu", "German"},
    {"de", "frk", "German"},
    {"dv", "div", "Divehi"},
    {"dz", "dzo", "Dzongkha"},
    {"el", "ell", "Greek"},
    {"grc", "grc", "Greek"},
    {"en", "eng", "English"},
    {"enm", "enm", "English"},
    {"eo", "epo", "Esperanto"},
    {"es", "spa", "Spanish"},
    {"et", "est", "Estonian"},
    {"eu", "eus", "Basque"},
    {"fa", "fas", "Persian"},
    {"fi", "fin", "Finnish"},
    {"fo", "fao", "Faroese"},
    {"fr", "fra", "French"},
    {"frm", "frm", "French"},
    {"fy", "fry", "Western Frisian"},
    {"ga", "gle", "Irish"},
    {"gd", "gla", "Gaelic"},
    {"gl", "glg", "Galician"},
    {"gu", "guj", "Gujarati"},
    {"he", "heb", "Hebrew"},
    {"hi", "hin", "Hindi"},
    {"hr", "hrv", "Croatian"},
    {"ht", "hat", "Haitian"},
    {"hu", "hun", "Hungarian"},
    {"hy", "hye", "Armenian"},
    {"id", "ind", "Indonesian"},
    {"is", "isl", "Icelandic"},
    {"it", "ita", "Italian"},
    {"iu", "iku", "Inuktitut"},
    {"ja", "jpn", "Japanese"},
    {"jv", "jav", "Javanese"},
    {"ka", "kat", "Georgian"},
    {"kk", "kaz", "Kazakh"},
    {"km", "khm", "Khmer"},
    {"kn", "kan", "Kannada"},
    {"ko", "kor", "Korean"},
    {"ku", "kur", "Kurdish"},
    {"ky", "kir", "Kyrgyz"},
    {"la", "lat", "Latin"},
    {"lb", "ltz", "Luxembourgish"},
    {"lo", "lao", "Lao"},
    {"lt", "lit", "Lithuanian"},
    {"lv", "lav", "Latvian"},
    {"mi", "mri", "M\xC4\x81ori"},
    {"mk", "mkd", "Macedonian"},
    {"ml", "mal", "Malayalam"},
    {"mn", "mon", "Mongolian"},
    {"mr", "mar", "Marathi"},
    {"ms", "msa", "Malay"},
    {"mt", "mlt", "Maltese"},
    {"my", "mya", "Burmese"},
    {"ne", "nep", "Nepali"},
    {"nl", "nld", "Dutch"},
    {"no", "nor", "Norwegian"},
    {"nb", "nob", "Norwegian Bokm\xC3\xA5l"},
    {"nn", "nno", "Norwegian Nynorsk"},
    {"oc", "oci", "Occitan"},
    {"or", "ori", "Oriya"},
    {"pa", "pan", "Punjabi"},
    {"pl", "pol", "Polish"},
    {"ps", "pus", "Pashto"},
    {"pt", "por", "Portuguese"},
    {"qu", "que", "Quechua"},
    {"ro", "ron", "Romanian"},
    {"ru", "rus", "Russian"},
    {"sa", "san", "Sanskrit"},
    {"sd", "snd", "Sindhi"},
    {"si", "sin", "Sinhala"},
    {"sk", "slk", "Slovak"},
    {"sl", "slv", "Slovene"},
    {"sq", "sqi", "Albanian"},
    {"sr", "srp", "Serbian"},
    {"su", "sun", "Sundanese"},
    {"sv", "swe", "Swedish"},
    {"sw", "swa", "Swahili"},
    {"ta", "tam", "Tamil"},
    {"te", "tel", "Telugu"},
    {"tg", "tgk", "Tajik"},
    {"th", "tha", "Thai"},
    {"ti", "tir", "Tigrinya"},
    {"tl", "tgl", "Tagalog"},
    {"to", "ton", "Tonga"},
    {"tr", "tur", "Turkish"},
    {"tt", "tat", "Tatar"},
    {"ug", "uig", "Uighur"},
    {"uk", "ukr", "Ukrainian"},
    {"ur", "urd", "Urdu"},
    {"uz", "uzb", "Uzbek"},
    {"vi", "vie", "Vietnamese"},
    {"yi", "yid", "Yiddish"},
    {"yo", "yor", "Yoruba"},
    {"zh", "zho", "Chinese"},
    {"zh-Hans", "chi_sim", "Chinese"},
    {"zh-Hant", "chi_tra", "Chinese"},
    {"zu", "zul", "Zulu"},
};
#define LANGUAGES (sizeof languages / sizeof *languages)

const char *ocrvl_language_english(const char *tag)
{
    size_t n = tag ? strcspn(tag, "-") : 0;
    for (size_t i = 0; n && i < LANGUAGES; i++)
        if (strlen(languages[i].tag) == n && strncasecmp(languages[i].tag, tag, n) == 0)
            return languages[i].english;
    return NULL;
}

/* Letters and digits in parts of at most 8 characters, the first part of 2 or 3 letters. */
static bool is_tag(const char *s)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t n = strspn(s, letters);
    if (n < 2 || n > 3 || strspn(s, "0123456789"))
        return false;
    for (s += n; *s == '-'; s += n) {
        n = strspn(++s, letters);
        if (n < 1 || n > 8)
            return false;
    }
    return *s == '\0';
}

const char *ocrvl_language_tag(const char *name)
{
    for (size_t i = 0; i < LANGUAGES; i++)
        if (strcasecmp(languages[i].three, name) == 0 || strcasecmp(languages[i].english, name) == 0)
            return languages[i].tag;
    return is_tag(name) ? name : NULL;
}
