/* http: and https: by libcurl. Each redirect is a transfer of its own, so that every URL is checked in the same way. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "in/url.h"

enum { MAX_REDIRECTS = 5, CONNECT_MILLIS = 15000 };

typedef struct transfer {
    CURL *curl;
    const ocrvl_url_options *opt;
    double deadline;
    ocrvl_buf body;
    bool too_large;
    char refused[INET6_ADDRSTRLEN]; /* the address that was refused because it isn't public; else empty */
    char message[CURL_ERROR_SIZE];
} transfer;

static size_t receive(char *data, size_t size, size_t n, void *user)
{
    transfer *t = user;
    n *= size; /* size is always 1 */
    t->too_large = n > t->opt->max_bytes - t->body.len;
    if (t->too_large)
        return 0;
    ocrvl_buf_put(&t->body, data, n);
    return t->body.failed ? 0 : n;
}

/* libcurl calls this with the address to which it is about to connect, so it doesn't matter what the name resolves to
 * elsewhere. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *a)
{
    transfer *t = user;
    (void)purpose;
    if (!t->opt->private_addresses && !ocrvl_address_is_public(&a->addr, a->addrlen)) {
        const void *bytes = a->family == AF_INET ? (const void *)&((struct sockaddr_in *)(void *)&a->addr)->sin_addr
                                                 : (const void *)&((struct sockaddr_in6 *)(void *)&a->addr)->sin6_addr;
        if ((a->family != AF_INET && a->family != AF_INET6) ||
            !inet_ntop(a->family, bytes, t->refused, sizeof t->refused))
            memcpy(t->refused, "its address", sizeof "its address");
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    const transfer *t = user;
    (void)total, (void)now, (void)up_total, (void)up_now;
    return t->opt->canceled && t->opt->canceled(t->opt->canceled_user);
}

/* Uses the certificate authorities that the environment names for curl and for OpenSSL, because archives have
 * authorities of their own. */
static CURLcode trust(CURL *c)
{
    const char *file = getenv("CURL_CA_BUNDLE"), *dir = getenv("SSL_CERT_DIR");
    file = file && *file ? file : getenv("SSL_CERT_FILE");
    CURLcode e = file && *file ? curl_easy_setopt(c, CURLOPT_CAINFO, file) : CURLE_OK;
    return e || !dir || !*dir ? e : curl_easy_setopt(c, CURLOPT_CAPATH, dir);
}

int ocrvl_http_set_up(void *curl, char *message)
{
    CURL *c = curl;
    CURLcode e = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    e = e ? e : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_ERRORBUFFER, message);
    e = e ? e : curl_easy_setopt(c, CURLOPT_USERAGENT, "ocrvl/" OCRVL_VERSION_STRING);
    e = e ? e : curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    e = e ? e : curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    e = e ? e : curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    e = e ? e : curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    return (int)(e ? e : trust(c));
}

/* Settings that are the same for every redirect. */
static CURLcode set_up(transfer *t)
{
    CURL *c = t->curl;
    CURLcode e = (CURLcode)ocrvl_http_set_up(c, t->message);
    e = e ? e : curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    e = e ? e : curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    e = e ? e : curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    e = e ? e : curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    e = e ? e : curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    e = e ? e : curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    if (!t->opt->private_addresses)
        e = e ? e : curl_easy_setopt(c, CURLOPT_PROXY, "");
    if (t->opt->max_bytes <= INT64_MAX)
        e = e ? e : curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->opt->max_bytes);
    return e;
}

static ocrvl_status too_slow(const transfer *t, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_LIMIT, "the answer was not complete within %g s", t->opt->max_millis / 1000.0);
}

static ocrvl_status explain(const transfer *t, CURLcode code, ocrvl_error *err)
{
    long number = 0;
    if (t->body.failed || code == CURLE_OUT_OF_MEMORY)
        return ocrvl_fail_nomem(err);
    if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "there are more than %llu bytes", (unsigned long long)t->opt->max_bytes);
    if (code == CURLE_COULDNT_CONNECT && t->refused[0])
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s isn't public: private addresses are refused", t->refused);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return too_slow(t, err);
    case CURLE_ABORTED_BY_CALLBACK: return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    case CURLE_URL_MALFORMAT: return ocrvl_fail(err, OCRVL_E_FORMAT, "not a well-formed URL");
    case CURLE_LOGIN_DENIED:
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "ocrvl doesn't send a user name or password from a URL");
    case CURLE_HTTP_RETURNED_ERROR:
        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &number);
        return ocrvl_fail(err, OCRVL_E_IO, "the server answered with status %ld", number);
    case CURLE_PARTIAL_FILE: return ocrvl_fail(err, OCRVL_E_IO, "the connection ended before the document did");
    default:
        ocrvl_fail(err, OCRVL_E_IO, "%s", t->message[0] ? t->message : curl_easy_strerror(code));
        if (err && curl_easy_getinfo(t->curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK)
            err->sys_errno = (int)number;
        return OCRVL_E_IO;
    }
}

/* A handle for one request: until 8.0 libcurl takes a header that begins with a space for the rest of the last header
 * of the handle's request before, which is freed. */
static ocrvl_status renew(transfer *t, ocrvl_error *err)
{
    curl_easy_cleanup(t->curl);
    t->curl = curl_easy_init();
    if (!t->curl)
        return ocrvl_fail_nomem(err);
    CURLcode e = set_up(t);
    return e ? explain(t, e, err) : OCRVL_OK;
}

/* Makes one request. *status is the answer's; *redirect (ocrvl_free) is the URL to which it redirects, or NULL. */
static ocrvl_status get(transfer *t, const char *url, long *status, char **redirect, ocrvl_error *err)
{
    double left = (t->deadline - ocrvl_clock()) * 1000;
    long millis = left < 1 ? 0 : (long)left;
    const char *to = NULL;
    *redirect = NULL;
    if (millis == 0)
        return too_slow(t, err);
    ocrvl_status st = renew(t, err);
    if (st)
        return st;
    ocrvl_buf_clear(&t->body);
    t->refused[0] = t->message[0] = '\0';
    CURLcode e = curl_easy_setopt(t->curl, CURLOPT_URL, url);
    e = e ? e : curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS, millis);
    e = e ? e : curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT_MS, millis < CONNECT_MILLIS ? millis : CONNECT_MILLIS);
    e = e ? e : curl_easy_perform(t->curl);
    e = e ? e : curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, status);
    e = e ? e : curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &to);
    if (e)
        return explain(t, e, err);
    if (to && !(*redirect = ocrvl_strdup(to)))
        return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

static ocrvl_status follow(transfer *t, const char *url, ocrvl_error *err)
{
    char *at = ocrvl_strdup(url), *next;
    ocrvl_status st = at ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (int hops = 1; !st; hops++) {
        long status;
        st = get(t, at, &status, &next, err);
        if (!st && !next) {
            if (status < 200 || status > 299)
                st = ocrvl_fail(err, OCRVL_E_IO, "the server answered with status %ld", status);
            break;
        }
        if (!st)
            st = hops > MAX_REDIRECTS
                     ? ocrvl_fail(err, OCRVL_E_LIMIT, "there were more than %d redirects", MAX_REDIRECTS)
                     : ocrvl_url_check_redirect(at, next, err);
        ocrvl_free(at);
        at = next;
    }
    ocrvl_free(at);
    return st;
}

ocrvl_status ocrvl_http_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt, ocrvl_error *err)
{
    transfer t = {.opt = opt, .deadline = ocrvl_clock() + opt->max_millis / 1000.0};
    *data = NULL;
    *len = 0;
    ocrvl_status st = follow(&t, url, err);
    curl_easy_cleanup(t.curl);
    if (st) {
        ocrvl_buf_free(&t.body);
        return st;
    }
    *data = ocrvl_buf_steal(&t.body, len);
    return *data ? OCRVL_OK : ocrvl_fail_nomem(err);
}
