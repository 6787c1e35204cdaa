/* Any bytes as text: normal forms, changes with their map, words, scripts and visual order. The first byte chooses. */
#define FUZZ_CHANGES 200
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/words.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("a\xC3\x85ngstr\xC3\xB6m e\xCC\x81 \xEF\xAC\x81 \xE2\x84\xA6\xF0\x9D\x94\x84"),
    FUZZ_SEED("bhar-\nbour and co-\n  operate soft\xC2\xAD\nened \xE2\x80\x9Cquote\xE2\x80\x9D"),
    FUZZ_SEED("c\xCE\xB1\xCE\xB2\xCE\xB3 \xD0\x90\xD0\xB1"),
    FUZZ_SEED("d\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D abc 123 \xD8\xB3\xD9\x84\xD8\xA7\xD9\x85"),
    FUZZ_SEED("e\xE4\xB8\xAD\xE6\x96\x87\xE0\xB8\xA0\xE0\xB8\xB2\xE0\xB8\xA9\xE0\xB8\xB2 \xFF\xE2\x82"),
    {0}};

static void transform(const char *text, size_t len, uint8_t how)
{
    static const char *const ways[] = {NULL, "Greek-Latin", "Latin-ASCII", "no such way"};
    ocrvl_text_options opt = {.size = sizeof opt,
                              .form = (ocrvl_norm)(how % 5),
                              .fold = how & 8,
                              .unhyphenate = how & 16,
                              .transliterate = ways[how >> 6]};
    char *out;
    size_t n, runs;
    ocrvl_text_run *map;
    ocrvl_error err;
    ocrvl_status st = ocrvl_text_transform(&out, &n, &map, &runs, &opt, text, len, &err);
    fuzz_check(st, &err);
    if (st)
        return;
    must(ocrvl_utf8_valid(out, n) && out[n] == '\0');
    uint32_t at = 0, in = (uint32_t)ocrvl_utf8_count(text, len);
    for (size_t i = 0; i < runs; i++) {
        must(map[i].out_start == at && map[i].out_end >= at && map[i].in_start <= map[i].in_end && map[i].in_end <= in);
        at = map[i].out_end;
    }
    must(at == ocrvl_utf8_count(out, n));
    ocrvl_text_map_free(map);
    ocrvl_text_free(out);
}

static void take_apart(const char *text, size_t len)
{
    ocrvl_word_span *words;
    size_t count, end = 0;
    char *seen;
    ocrvl_error err;
    ocrvl_status st = ocrvl_text_words(text, len, &words, &count, &err);
    fuzz_check(st, &err);
    for (size_t i = 0; !st && i < count; i++) {
        must(words[i].byte_start >= end && words[i].byte_start < words[i].byte_end && words[i].byte_end <= len);
        end = words[i].byte_end;
    }
    if (!st)
        ocrvl_free(words);
    (void)ocrvl_text_script(text, len);
    (void)ocrvl_text_language(text, len);
    st = ocrvl_text_visual(&seen, text, len, ocrvl_text_direction(text, len), &err);
    fuzz_check(st, &err);
    if (!st)
        ocrvl_text_free(seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    transform((const char *)data + 1, size - 1, data[0]);
    take_apart((const char *)data + 1, size - 1);
    return 0;
}
