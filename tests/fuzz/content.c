/* Any bytes as the contents of a PDF's page, of which hidden text is to be found, and whether it is plain. */
#define FUZZ_CHANGES 500
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "in/content.h"
#include "in/content_plain.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("q 1 0 0 1 5 5 cm BT 3 Tr /F1 12 Tf 10 20 Td (hid\\)den) Tj [(a) -120 (b)] TJ T* <414> Tj 0 Tr (seen) ' "
              "ET Q /Im Do"),
    FUZZ_SEED("BT /G 9 Tf 3 Tr 1 2 (x) \" 5 Tc 3 Tw 90 Tz 12 TL (y) Tj ET BI /W 4 /H 1 /BPC 8 /CS /G ID abcd EI q BT "
              "(z) Tj ET Q"),
    FUZZ_SEED("q q Q BT 3 Tr q (bad) Tj Q ET /OC /P BDC BT (m) Tj ET EMC % comment\n<< /A [1 (2) <<>>] >> /B DP"),
    FUZZ_SEED("q q Q BT 3 Tr q (a) Tj q (b) Tj Q ET (c) Tj Q Q E (d) Tj Q"),
    FUZZ_SEED("/P << /MCID 0 >> BDC q 1 0 0 1 72 700 cm []0 d 0 J 0.4 w 0 0.2 m 3.5 0.2 l S Q 0 0 0.2 rg 0 g 0 0 0 1 k "
              "/S gs BT "
              "/F 9 Tf (a) Tj ET EMC"),
    {0}};

static bool is_drawn(void *user, const char *font)
{
    (void)user;
    return font[1] == 'G';
}

static void shows(void *user, const char *object) { must(user && object[0] == '/'); }

static bool is_fine(void *user, const char *name)
{
    must(user && name[0] == '/');
    return name[1] != 'G';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int user;
    ocrvl_content_names names = {.user = &user, .is_drawn = is_drawn, .shows = shows};
    ocrvl_cuts cuts = {0};
    if (ocrvl_content_hidden(&cuts, data, size, &names))
        for (size_t i = 0; i < cuts.count; i++)
            must(cuts.list[i].from <= cuts.list[i].to && cuts.list[i].to <= size &&
                 (i == 0 || cuts.list[i].from >= cuts.list[i - 1].to));
    ocrvl_free(cuts.list);
    const ocrvl_plain_names plain = {&user, is_fine, is_fine};
    ocrvl_painted painted = {0};
    ocrvl_content_is_plain(data, size, &plain, &painted);
    ocrvl_painted_free(&painted);
    return 0;
}
