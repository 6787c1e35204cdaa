/* Digests against published vectors: MD5 (RFC 1321, A.5), SHA-1 and SHA-256 (FIPS 180-2, appendices A and B; NIST's
 * additional vectors). */
#include <stdlib.h>
#include <string.h>

#include "testing.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/digest.h"

static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static void check_md5(const void *data, size_t len, const char *want)
{
    char hex[OCRVL_MD5_HEX];
    assert_ok(ocrvl_md5_hex(hex, data, len, err));
    assert_string_equal(hex, want);
}

static void check_sha1(const void *data, size_t len, const char *want)
{
    char hex[OCRVL_SHA1_HEX];
    assert_ok(ocrvl_sha1_hex(hex, data, len, err));
    assert_string_equal(hex, want);
}

static void check_sha256(const void *data, size_t len, const char *want)
{
    char hex[OCRVL_SHA256_HEX];
    assert_ok(ocrvl_sha256_hex(hex, data, len, err));
    assert_string_equal(hex, want);
}

static void md5(void **state)
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
    check_md5(NULL, 0, "D41D8CD98F00B204E9800998ECF8427E");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_md5(rows[i][0], strlen(rows[i][0]), rows[i][1]);
}

static void sha1(void **state)
{
    (void)state;
    check_sha1(NULL, 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check_sha1("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
    check_sha1(two, strlen(two), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

static void sha256(void **state)
{
    (void)state;
    static const char four[] =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsm"
        "nopqrstnopqrstu";
    check_sha256(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sha256("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_sha256(two, strlen(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check_sha256(four, strlen(four), "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    check_sha256("\xbd", 1, "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
}

static void a_million(void **state)
{
    (void)state;
    char *a = malloc(1000000);
    assert_non_null(a);
    memset(a, 'a', 1000000);
    check_sha1(a, 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    check_sha256(a, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(a);
}

/* The program's own state of OpenSSL: the thread's errors, and a default context that allows nothing but FIPS. */
static void leaves_the_programs_openssl_alone(void **state)
{
    (void)state;
    assert_int_equal(EVP_set_default_properties(NULL, "fips=yes"), 1);
    ERR_raise(ERR_LIB_USER, 1);
    unsigned long before = ERR_peek_last_error();
    check_md5("abc", 3, "900150983CD24FB0D6963F7D28E17F72");
    assert_int_equal(ERR_peek_last_error(), before);
    assert_null(EVP_MD_fetch(NULL, "MD5", NULL));
    assert_int_equal(EVP_set_default_properties(NULL, ""), 1);
    ERR_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(md5),
        cmocka_unit_test(sha1),
        cmocka_unit_test(sha256),
        cmocka_unit_test(a_million),
        cmocka_unit_test(leaves_the_programs_openssl_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
