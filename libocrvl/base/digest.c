#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

/* The last error's reason; the queue is the thread's, and the program may have errors of its own in it. */
static ocrvl_status fail(ocrvl_error *err, const char *name)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    if (code == 0 || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        return ocrvl_fail_nomem(err);
    return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "libcrypto can't compute %s: %s", name,
                      reason ? reason : "unknown reason");
}

static ocrvl_status digest(char *hex, size_t room, const char *name, const void *data, size_t len, ocrvl_error *err)
{
    const char *digits = room == OCRVL_MD5_HEX ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t n = 0;
    ocrvl_status st = OCRVL_OK;
    hex[0] = '\0';
    ERR_set_mark();
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new(); /* of its own: the program's may refuse MD5 */
    if (!context || !EVP_Q_digest(context, name, NULL, len ? data : "", len, bytes, &n) || n != room / 2)
        st = fail(err, name);
    OSSL_LIB_CTX_free(context);
    ERR_pop_to_mark();
    for (size_t i = 0; i < n && !st; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
        hex[2 * i + 2] = '\0';
    }
    return st;
}

ocrvl_status ocrvl_md5_hex(char hex[OCRVL_MD5_HEX], const void *data, size_t len, ocrvl_error *err)
{
    return digest(hex, OCRVL_MD5_HEX, "MD5", data, len, err);
}

ocrvl_status ocrvl_sha1_hex(char hex[OCRVL_SHA1_HEX], const void *data, size_t len, ocrvl_error *err)
{
    return digest(hex, OCRVL_SHA1_HEX, "SHA1", data, len, err);
}

ocrvl_status ocrvl_sha256_hex(char hex[OCRVL_SHA256_HEX], const void *data, size_t len, ocrvl_error *err)
{
    return digest(hex, OCRVL_SHA256_HEX, "SHA2-256", data, len, err);
}

ocrvl_status ocrvl_sha256_file(char hex[OCRVL_SHA256_HEX], uint64_t *bytes, const char *path, ocrvl_error *err)
{
    const uint8_t *data;
    size_t len;
    hex[0] = '\0';
    ocrvl_status st = ocrvl_file_map(&data, &len, path, err);
    if (st)
        return st;
    st = ocrvl_sha256_hex(hex, data, len, err);
    ocrvl_file_unmap(data, len);
    *bytes = len;
    return st;
}

bool ocrvl_is_sha256(const char *s)
{
    return s && strlen(s) == OCRVL_SHA256_HEX - 1 && strspn(s, "0123456789abcdefABCDEF") == OCRVL_SHA256_HEX - 1;
}
