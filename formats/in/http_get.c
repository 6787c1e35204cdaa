/* A large file over http: or https:, piece by piece, by libcurl. Each redirect is a request of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/url.h"
#include "ocrvl_dev.h"

enum { MAX_REDIRECTS = 10, CONNECT_SECONDS = 30, SILENT_SECONDS = 60, MAX_WAIT = 3600 };

typedef struct getting {
    CURL *curl;
    ocrvl_dev_get *get;
    ocrvl_status st; /* of get->take */
    ocrvl_error *err;
    bool began;
    char message[CURL_ERROR_SIZE];
} getting;

static long status_of(const getting *g)
{
    long status = 0;
    return curl_easy_getinfo(g->curl, CURLINFO_RESPONSE_CODE, &status) ? 0 : status;
}

/* Where a 206's part begins; a server that sends another part than was asked for is not believed. */
static bool part_is_right(const getting *g)
{
    struct curl_header *h;
    char *end;
    if (curl_easy_header(g->curl, "Content-Range", 0, CURLH_HEADER, -1, &h) || strncasecmp(h->value, "bytes ", 6) != 0)
        return false;
    return strtoull(h->value + 6, &end, 10) == g->get->from && end != h->value + 6 && *end == '-';
}

/* The body of an answer that holds the file: `from` becomes the place of its first byte. */
static size_t receive(char *data, size_t size, size_t n, void *user)
{
    getting *g = user;
    long status = status_of(g);
    n *= size; /* size is always 1 */
    if (status != 200 && status != 206)
        return n;
    if (!g->began && status == 206 && !part_is_right(g)) {
        g->st = ocrvl_fail(g->err, OCRVL_E_IO, "the server sent another part than it was asked for");
        return 0;
    }
    if (!g->began && status == 200)
        g->get->from = 0;
    g->began = true;
    g->st = g->get->take(g->get->user, g->get->from, data, n, g->err);
    g->get->from += n;
    return g->st ? 0 : n;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    const getting *g = user;
    (void)total, (void)now, (void)up_total, (void)up_now;
    return g->get->canceled && g->get->canceled(g->get->user);
}

static CURLcode set_up(getting *g)
{
    CURL *c = g->curl;
    CURLcode e = (CURLcode)ocrvl_http_set_up(c, g->message);
    e = e ? e : curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    e = e ? e : curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    e = e ? e : curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEDATA, g);
    e = e ? e : curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    e = e ? e : curl_easy_setopt(c, CURLOPT_XFERINFODATA, g);
    return e ? e : curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

static ocrvl_status explain(getting *g, CURLcode code, ocrvl_error *err)
{
    if (g->st)
        return g->st;
    switch (code) {
    case CURLE_OUT_OF_MEMORY: return ocrvl_fail_nomem(err);
    case CURLE_ABORTED_BY_CALLBACK: return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    case CURLE_URL_MALFORMAT: return ocrvl_fail(err, OCRVL_E_FORMAT, "not a well-formed URL");
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_COULDNT_CONNECT: g->get->again = true; break;
    default: break;
    }
    if (code == CURLE_PARTIAL_FILE)
        return ocrvl_fail(err, OCRVL_E_IO, "the connection ended before the file did");
    return ocrvl_fail(err, OCRVL_E_IO, "%s", g->message[0] ? g->message : curl_easy_strerror(code));
}

/* Whether two URLs have the same scheme, host and port, as they are written. */
static bool same_origin(const char *a, const char *b)
{
    const char *x = strstr(a, "://"), *y = strstr(b, "://");
    if (!x || !y)
        return false;
    size_t n = (size_t)(x - a) + 3 + strcspn(x + 3, "/?#"), m = (size_t)(y - b) + 3 + strcspn(y + 3, "/?#");
    return n == m && strncasecmp(a, b, n) == 0;
}

/* A handle for one request (see url_http.c). */
static ocrvl_status renew(getting *g, ocrvl_error *err)
{
    curl_easy_cleanup(g->curl);
    g->curl = curl_easy_init();
    if (!g->curl)
        return ocrvl_fail_nomem(err);
    CURLcode e = set_up(g);
    return e ? explain(g, e, err) : OCRVL_OK;
}

/* One request, with the token if there is one. */
static ocrvl_status ask(getting *g, const char *url, const char *token, ocrvl_error *err)
{
    char range[32], header[600];
    struct curl_slist *headers = NULL;
    ocrvl_status st = renew(g, err);
    if (st)
        return st;
    snprintf(range, sizeof range, "%llu-", (unsigned long long)g->get->from);
    g->message[0] = '\0';
    if (token) {
        int n = snprintf(header, sizeof header, "Authorization: Bearer %s", token);
        headers = n > 0 && (size_t)n < sizeof header ? curl_slist_append(NULL, header) : NULL;
        if (!headers)
            return ocrvl_fail(err, OCRVL_E_ARG, "the token can't be sent");
    }
    CURLcode e = curl_easy_setopt(g->curl, CURLOPT_URL, url);
    e = e ? e : curl_easy_setopt(g->curl, CURLOPT_HTTPHEADER, headers);
    e = e ? e : curl_easy_setopt(g->curl, CURLOPT_RANGE, g->get->from ? range : NULL);
    e = e ? e : curl_easy_perform(g->curl);
    g->get->status = (uint32_t)status_of(g);
    curl_easy_setopt(g->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return e ? explain(g, e, err) : OCRVL_OK;
}

static void note_wait(getting *g)
{
    struct curl_header *h;
    char *end;
    if (curl_easy_header(g->curl, "Retry-After", 0, CURLH_HEADER, -1, &h))
        return;
    unsigned long seconds = strtoul(h->value, &end, 10);
    if (end != h->value && !*end)
        g->get->wait = seconds < MAX_WAIT ? (uint32_t)seconds : MAX_WAIT;
}

/* Follows redirects; a token that has been left at home stays there. */
static ocrvl_status follow(getting *g, ocrvl_error *err)
{
    const char *token = g->get->token, *to = NULL;
    char *url = ocrvl_strdup(g->get->url);
    ocrvl_status st = url ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (int i = 0; !st && i <= MAX_REDIRECTS; i++) {
        st = ask(g, url, token, err);
        bool redirect = !st && g->get->status >= 300 && g->get->status < 400;
        if (!redirect || curl_easy_getinfo(g->curl, CURLINFO_REDIRECT_URL, &to) || !to)
            break;
        st = i == MAX_REDIRECTS ? ocrvl_fail(err, OCRVL_E_IO, "there were more than %d redirects", MAX_REDIRECTS)
                                : ocrvl_url_check_redirect(url, to, err);
        if (!st && !same_origin(url, to))
            token = NULL;
        ocrvl_free(url);
        url = st ? NULL : ocrvl_strdup(to);
        if (!st && !url)
            st = ocrvl_fail_nomem(err);
    }
    ocrvl_free(url);
    return st;
}

ocrvl_status ocrvl_dev_http_get(ocrvl_dev_get *get, ocrvl_error *err)
{
    getting g = {.get = get, .err = err};
    get->status = get->wait = 0;
    get->again = false;
    ocrvl_status st = follow(&g, err);
    if (!st && get->status != 200 && get->status != 206) {
        note_wait(&g);
        get->again = get->status == 429 || get->status >= 500;
        st = ocrvl_fail(err, OCRVL_E_IO, "the server answered with status %u", (unsigned)get->status);
    }
    curl_easy_cleanup(g.curl);
    return st;
}
