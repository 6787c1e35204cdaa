#include "names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"

/* Suffixes that aren't the format's name. The first of a format is the one that its files get. */
static const struct {
    ocrvl_format format;
    const char *suffix;
} suffixes[] = {
    {OCRVL_FORMAT_TEXT, "txt"},      {OCRVL_FORMAT_MARKDOWN, "md"},   {OCRVL_FORMAT_ALTO, "xml"},
    {OCRVL_FORMAT_ALTO, "alto.xml"}, {OCRVL_FORMAT_PAGE, "page.xml"}, {OCRVL_FORMAT_DOLMA, "dolma.jsonl"},
    {OCRVL_FORMAT_HTML, "html"},     {OCRVL_FORMAT_HTML, "htm"},
};
enum { SUFFIXES = sizeof suffixes / sizeof *suffixes };

const char *cli_suffix(ocrvl_format format)
{
    for (size_t i = 0; i < SUFFIXES; i++)
        if (suffixes[i].format == format)
            return suffixes[i].suffix;
    return ocrvl_format_name(format);
}

bool cli_format_called(const char *word, size_t len, ocrvl_format *format)
{
    char name[32];
    if (len >= sizeof name)
        return false;
    memcpy(name, word, len);
    name[len] = '\0';
    if (ocrvl_format_by_name(name, format))
        return true;
    bool text = strcmp(name, "txt") == 0, markdown = strcmp(name, "md") == 0;
    *format = text ? OCRVL_FORMAT_TEXT : OCRVL_FORMAT_MARKDOWN;
    return text || markdown;
}

/* Whether name ends with a point and the suffix, and something stands before them. */
static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), n = strlen(suffix);
    return len > n + 1 && name[len - n - 1] == '.' && name[len - n - 2] != '/' &&
           strcasecmp(name + len - n, suffix) == 0;
}

size_t cli_suffix_of(const char *name, ocrvl_format *format, bool *vague)
{
    size_t longest = 0;
    *vague = false;
    for (size_t i = 0; i < SUFFIXES; i++)
        if (ends_with(name, suffixes[i].suffix) && strlen(suffixes[i].suffix) + 1 > longest) {
            longest = strlen(suffixes[i].suffix) + 1;
            *format = suffixes[i].format;
            *vague = strcmp(suffixes[i].suffix, "xml") == 0;
        }
    const char *point = strrchr(name, '.');
    ocrvl_format by_name;
    if (!longest && point && ocrvl_format_by_name(point + 1, &by_name) && ends_with(name, point + 1)) {
        longest = strlen(point);
        *format = by_name;
    }
    return longest;
}

bool cli_pattern_expand(ocrvl_buf *b, const char *pattern, const char *stem, uint64_t number, cli_pattern *found)
{
    const char *slash = stem ? strrchr(stem, '/') : NULL;
    *found = (cli_pattern){false, false};
    for (const char *p = pattern; *p; p++) {
        if (*p != '%') {
            ocrvl_buf_putc(b, *p);
        } else if (p[1] == '%') {
            ocrvl_buf_putc(b, *p++);
        } else if (p[1] == 's' && stem) {
            ocrvl_buf_puts(b, slash ? slash + 1 : stem);
            found->stem = true;
            p++;
        } else {
            bool wide = p[1] == '0' && p[2] >= '1' && p[2] <= '9';
            int width = wide ? p[2] - '0' : 1;
            p += wide ? 3 : 1;
            if (*p != 'd')
                return false;
            ocrvl_buf_printf(b, "%0*llu", width, (unsigned long long)number);
            found->number = true;
        }
    }
    return true;
}

void cli_name_put(ocrvl_buf *b, const char *name, ocrvl_format format, cli_naming how)
{
    ocrvl_format known;
    bool vague;
    size_t cut = how == CLI_NAME_REPLACE ? cli_suffix_of(name, &known, &vague) : 0;
    ocrvl_buf_put(b, name, strlen(name) - cut);
    if (how != CLI_NAME_AS_IS)
        ocrvl_buf_printf(b, ".%s", cli_suffix(format));
}

int cli_make_folders(const char *file)
{
    char *path = ocrvl_strdup(file);
    int e = path ? 0 : ENOMEM;
    for (char *p = path && *path ? strchr(path + 1, '/') : NULL; p && !e; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            e = errno;
        *p = '/';
    }
    ocrvl_free(path);
    return e;
}
