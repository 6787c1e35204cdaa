/* URLs as inputs: data: (RFC 2397), http: and https:. */
#ifndef OCRVL_IN_URL_H
#define OCRVL_IN_URL_H

#include <sys/socket.h>

#include "ocrvl.h"

#define OCRVL_URL_MAX_BYTES (256ull << 20)

typedef struct ocrvl_url_options {
    uint64_t max_bytes;           /* 0 means OCRVL_URL_MAX_BYTES */
    uint32_t max_millis;          /* from the first connection to the last byte, with redirects; 0 means 60,000 */
    bool private_addresses;       /* see ocrvl_address_is_public; also permits the environment's proxies */
    bool (*canceled)(void *user); /* asked now and then: true ends it with OCRVL_E_CANCELED; or NULL */
    void *canceled_user;
} ocrvl_url_options;

/* Whether path begins like a URL: with a scheme and "://", or with "data:". */
bool ocrvl_url_is(const char *path);
/* The URL's name in messages and results, newly allocated: a data: URL without its data, others without user name and
 * password; the middle of long ones is "...". path must be a URL by ocrvl_url_is. Returns NULL if memory is
 * exhausted. */
char *ocrvl_url_name(const char *url);
/* Reads the bytes behind a URL, followed by a NUL; to be freed with ocrvl_free. Messages don't name the URL. Fails with
 * OCRVL_E_UNSUPPORTED for other schemes, for a URL with a user name, and for what ocrvl_http_read refuses;
 * OCRVL_E_FORMAT for a malformed URL; OCRVL_E_LIMIT if it is too large, too slow or redirected too often; OCRVL_E_IO if
 * it can't be read. opt may be NULL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_url_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt,
                                             ocrvl_error *err);
/* The same for http: and https: only; all members of opt are set. Follows 5 redirects, never from https: to http:.
 * Addresses that aren't public are refused, whatever the name, also at each redirect; no proxy is used then, because it
 * would resolve the names. Nothing is sent but the request, without cookies or passwords; certificates are verified. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_http_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt,
                                              ocrvl_error *err);
/* Sets what all requests by libcurl have in common on a handle (a CURL *): http: and https: alone, no redirect by
 * itself, certificates verified against the authorities that the environment names. message: room for CURL_ERROR_SIZE
 * bytes. Returns a CURLcode. */
int ocrvl_http_set_up(void *curl, char *message);
/* Whether a redirect from one http: or https: URL to another may be followed. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_url_check_redirect(const char *from, const char *to, ocrvl_error *err);
/* Whether the address belongs to the public internet: not private, loopback, link-local, multicast, reserved or for
 * documentation by IANA's registries of special addresses. An IPv6 address that stands for an IPv4 address (mapped,
 * NAT64) is judged by that one; other families are not public. */
bool ocrvl_address_is_public(const struct sockaddr *address, size_t len);

#endif
