/* URLs as inputs: data: (RFC 2397), http: and https:. */
#ifndef OCRVL_IN_URL_H
#define OCRVL_IN_URL_H

#include <sys/socket.h>

#include "ocrvl.h"

#define OCRVL_URL_MAX_BYTES (256ull << 20)

typedef struct ocrvl_url_options {
    uint64_t max_bytes;     /* 0: OCRVL_URL_MAX_BYTES */
    uint32_t max_millis;    /* from the first connection to the last byte, redirects included; 0: 60,000 */
    bool private_addresses; /* see ocrvl_address_is_public; also lets the environment's proxies take part */
    bool (*canceled)(void *user); /* asked now and then: true ends it with OCRVL_E_CANCELED; or NULL */
    void *canceled_user;
} ocrvl_url_options;

/* Whether it begins as a URL: a scheme and "://", or "data:". */
bool ocrvl_url_is(const char *path);
/* What messages and results call it, in new memory: a data: URL without its data, others without user name and
 * password; for the middle of long ones "...". Only for what ocrvl_url_is says is one. NULL: no memory. */
char *ocrvl_url_name(const char *url);
/* The bytes behind a URL, with a NUL after them; freed with ocrvl_free. Messages don't name it. OCRVL_E_UNSUPPORTED:
 * another scheme, a user name in it, or what ocrvl_http_read refuses; OCRVL_E_FORMAT: not a well-formed URL;
 * OCRVL_E_LIMIT: too large, too slow or redirected too often; OCRVL_E_IO: it can't be had. opt may be NULL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_url_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt,
                                             ocrvl_error *err);
/* The same of http: and https: alone; opt is whole. Follows 5 redirects, never from https: to http:. Refused are
 * addresses that aren't public, whatever the name, and at each redirect. Where those count no proxy is used, as it
 * would resolve the names. Nothing is sent but the request, without cookies or passwords; certificates are verified. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_http_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt,
                                              ocrvl_error *err);
/* Whether a redirect from one http: or https: URL to another may be followed. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_url_check_redirect(const char *from, const char *to, ocrvl_error *err);
/* Whether the address is one of the public internet's: not private, loopback, link-local, multicast, reserved or for
 * documentation by IANA's registries of special addresses. IPv6 that stands for an IPv4 address (mapped, NAT64) is
 * judged by that; other families are not public. */
bool ocrvl_address_is_public(const struct sockaddr *address, size_t len);

#endif
