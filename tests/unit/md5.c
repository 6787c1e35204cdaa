/* MD5 against the test suite of RFC 1321 (A.5), and around the length where the padding takes a second block. */
#include <string.h>

#include "testing.h"

#include "base/md5.h"

static void check(const void *data, size_t len, const char *want)
{
    char hex[OCRVL_MD5_HEX];
    ocrvl_md5_hex(hex, data, len);
    assert_string_equal(hex, want);
}

static void published(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a", "0CC175B9C0F1B6A831C399E269772661"},
        {"abc", "900150983CD24FB0D6963F7D28E17F72"},
        {"message digest", "F96B697D7CB7938D525A2F31AAF161D0"},
        {"abcdefghijklmnopqrstuvwxyz", "C3FCD3D76192E4007DFB496CCA67E13B"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "D174AB98D277D9F5A5611C2C9F419D9F"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57EDF4A22BE3C955AC49DA2E2107B67A"}};
    check(NULL, 0, "D41D8CD98F00B204E9800998ECF8427E");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i][0], strlen(rows[i][0]), rows[i][1]);
}

/* Zero bytes; what md5sum of GNU coreutils says. */
static void padding(void **state)
{
    (void)state;
    static const char zero[1000];
    check(zero, 55, "C9EA3314B91C9FD4E38F9432064FD1F2");
    check(zero, 56, "E3C4DD21A9171FD39D208EFA09BF7883");
    check(zero, 57, "AB9D8EF2FFA9145D6C325CEFA41D5D4E");
    check(zero, 63, "65CECFB980D72FDE57D175D6EC1C3F64");
    check(zero, 64, "3B5D3C7D207E37DCEEEDD301E35E2E58");
    check(zero, 65, "1EF5E829303A139CE967440E0CDCA10C");
    check(zero, 1000, "EDE3D3B685B4E137BA4CB2521329A75E");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(padding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
