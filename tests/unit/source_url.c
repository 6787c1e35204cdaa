/* URLs: data: by itself, http: against a server of our own that is started here, and which addresses are public. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sources.h"

#include "base/clock.h"
#include "base/mem.h"
#include "in/url.h"

static const char dot[] = "P5 1 1 255\n\007";
static int port;

/* ---- the server -------------------------------------------------------------------------------------- */

static bool give(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t did = send(fd, data, n, MSG_NOSIGNAL);
        if (did <= 0)
            return false;
        data += did;
        n -= (size_t)did;
    }
    return true;
}

static void say(int fd, const char *s) { give(fd, s, strlen(s)); }

static void redirect(int fd, const char *to)
{
    char text[300];
    snprintf(text, sizeof text,
             "HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: %s\r\nContent-Length: 3\r\n\r\nno\n", to);
    say(fd, text);
}

static void endless(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1000 && give(fd, "10\r\nP5 1 1 255\n\007\007\007\007\007\r\n", 22); i++)
        ;
}

static void dribble(int fd)
{
    struct pollfd gone = {.fd = fd, .events = POLLIN};
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 100 && poll(&gone, 1, 50) == 0; i++)
        give(fd, "P", 1);
}

static void answer(int fd, const char *request)
{
    static const struct {
        const char *path, *text;
    } fixed[] = {
        {"/404 ", "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\nP5 1 1 255\nx"},
        {"/500 ", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
        {"/304 ", "HTTP/1.1 304 Not Modified\r\n\r\n"},
        {"/empty ", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
        {"/text ", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\nhello"},
        {"/large ", "HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\nP5 1 1 255\nx"},
        {"/cut ", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nP5 1 1 255\nx"},
        {"/cut-chunked ", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nP5 1 1 255\nx\r\n"},
        {"/until-end ", "HTTP/1.1 200 OK\r\n\r\nP5 1 1 255\nx"},
        {"/junk ", "P5 1 1 255\nx"},
    };
    char path[100], to[100];
    const char *at = strstr(request, "GET http://") == request ? strchr(request + 11, '/') : strchr(request, '/');
    int n;
    for (size_t i = 0; at && i < sizeof fixed / sizeof *fixed; i++)
        if (strncmp(at, fixed[i].path, strlen(fixed[i].path)) == 0)
            say(fd, fixed[i].text);
    if (!at || sscanf(at, "%99s", path) != 1)
        return;
    snprintf(to, sizeof to, "http://u:p@127.0.0.1:%d/ok", port);
    if (strcmp(path, "/ok") == 0) {
        bool clean = strstr(request, "User-Agent: ocrvl/" OCRVL_VERSION_STRING "\r\n") && !strstr(request, "Cookie") &&
                     !strstr(request, "Authorization") && !strstr(request, "Referer");
        say(fd, clean ? "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" : "HTTP/1.1 500 What\r\n\r\n");
        give(fd, dot, 12);
    } else if (sscanf(path, "/hops/%d", &n) == 1) {
        snprintf(to, sizeof to, n > 1 ? "%d" : "/ok", n - 1);
        redirect(fd, to);
    } else if (strcmp(path, "/loop") == 0)
        redirect(fd, "/loop");
    else if (strcmp(path, "/to-ftp") == 0)
        redirect(fd, "ftp://127.0.0.1/ok");
    else if (strcmp(path, "/to-file") == 0)
        redirect(fd, "file:///etc/passwd");
    else if (strcmp(path, "/to-user") == 0)
        redirect(fd, to);
    else if (strcmp(path, "/endless") == 0)
        endless(fd);
    else if (strcmp(path, "/dribble") == 0)
        dribble(fd);
    else if (strcmp(path, "/silent") == 0) {
        struct pollfd gone = {.fd = fd, .events = POLLIN};
        poll(&gone, 1, 5000);
    }
}

static void serve(int listener)
{
    alarm(120); /* so that nothing outlives a test that died */
    for (;;) {
        char request[4096];
        size_t n = 0;
        int fd = accept(listener, NULL, NULL);
        struct timeval wait = {.tv_sec = 5};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        request[0] = '\0';
        while (!strstr(request, "\r\n\r\n")) {
            ssize_t got = recv(fd, request + n, sizeof request - 1 - n, 0);
            if (got <= 0)
                break;
            n += (size_t)got;
            request[n] = '\0';
        }
        answer(fd, request);
        close(fd);
    }
}

static int start(void **state)
{
    static pid_t child;
    static const char *const proxies[] = {"http_proxy",  "https_proxy", "all_proxy", "no_proxy",
                                          "HTTPS_PROXY", "ALL_PROXY",   "NO_PROXY"};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        unsetenv(proxies[i]);
    if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 8) ||
        getsockname(listener, (struct sockaddr *)&a, &len))
        return -1;
    port = ntohs(a.sin_port);
    child = fork();
    if (child == 0)
        serve(listener);
    close(listener);
    *state = &child;
    return child < 0;
}

static int stop(void **state)
{
    kill(*(pid_t *)*state, SIGKILL);
    return waitpid(*(pid_t *)*state, NULL, 0) < 0;
}

/* ---- http: ------------------------------------------------------------------------------------------- */

static const ocrvl_source_options local = {.size = sizeof local, .urls = true, .private_addresses = true};

static const char *here(const char *path)
{
    static char url[300];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    return url;
}

static void expect_dot(const char *url, const ocrvl_source_options *opt)
{
    ocrvl_source *src;
    ocrvl_page_place place = {.size = sizeof place};
    assert_ok(ocrvl_source_open(&src, url, opt, err));
    ocrvl_image *img = next_page(src, &place);
    assert_int_equal(ocrvl_image_data(img)[0], 7);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
}

static void refuse(const char *url, const ocrvl_source_options *opt, ocrvl_status want, const char *part)
{
    ocrvl_error e = {0};
    ocrvl_source *src;
    ocrvl_status st = ocrvl_source_open(&src, url, opt, &e);
    assert_null(src);
    if (st != want || !strstr(e.message, part))
        fail_msg("%s: %s: %s, wanted %s: ...%s...", url, ocrvl_status_name(st), e.message, ocrvl_status_name(want),
                 part);
}

static void fetched(void **state)
{
    (void)state;
    static const char *const good[] = {"/ok", "/hops/1", "/hops/5", "/ok#fragment"};
    ocrvl_source *src;
    ocrvl_page_place place = {.size = sizeof place};
    assert_ok(ocrvl_source_open(&src, here("/ok"), &local, err));
    ocrvl_image_free(next_page(src, &place));
    assert_string_equal(place.file, here("/ok"));
    assert_string_equal(place.media_type, "image/x-portable-anymap");
    ocrvl_source_free(src);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect_dot(here(good[i]), &local);
    char upper[100];
    snprintf(upper, sizeof upper, "HTTP://127.0.0.1:%d/ok", port);
    expect_dot(upper, &local);
    assert_ok(ocrvl_source_open(&src, here("/until-end"), &local, err));
    ocrvl_source_free(src);
}

/* Without the option a URL is a path like any other. */
static void only_if_asked(void **state)
{
    (void)state;
    ocrvl_source_options opt = {.size = sizeof opt, .private_addresses = true};
    ocrvl_error e = {0};
    ocrvl_source *src;
    assert_int_equal(ocrvl_source_open(&src, here("/ok"), &opt, &e), OCRVL_E_IO);
    assert_int_equal(e.sys_errno, ENOENT);
    assert_int_equal(ocrvl_source_open(&src, here("/ok"), NULL, &e), OCRVL_E_IO);
    opt.size = offsetof(ocrvl_source_options, urls); /* a caller of before */
    opt.urls = true;
    assert_int_equal(ocrvl_source_open(&src, here("/ok"), &opt, &e), OCRVL_E_IO);
    refuse("no-such-file", &local, OCRVL_E_IO, "no-such-file: ");
    refuse("ftp://127.0.0.1/ok", &local, OCRVL_E_UNSUPPORTED, "ftp://127.0.0.1/ok: only data:, http: and https:");
    refuse("file:///etc/passwd", &local, OCRVL_E_UNSUPPORTED, "only data:, http: and https:");
}

static void bad_answers(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        ocrvl_status st;
        const char *part;
    } cases[] = {
        {"/404", OCRVL_E_IO, "/404: the server answered with status 404"},
        {"/500", OCRVL_E_IO, "status 500"},
        {"/304", OCRVL_E_IO, "status 304"},
        {"/empty", OCRVL_E_FORMAT, "/empty: the file is empty"},
        {"/text", OCRVL_E_UNSUPPORTED, "/text: not a PDF"},
        {"/large", OCRVL_E_LIMIT, "more than 268435456 bytes"},
        {"/cut", OCRVL_E_IO, "the connection ended before the document did"},
        {"/cut-chunked", OCRVL_E_IO, "/cut-chunked: "},
        {"/junk", OCRVL_E_IO, "/junk: "},
        {"/closed", OCRVL_E_IO, "/closed: "},
        {"/hops/6", OCRVL_E_LIMIT, "more than 5 redirects"},
        {"/loop", OCRVL_E_LIMIT, "more than 5 redirects"},
        {"/to-ftp", OCRVL_E_UNSUPPORTED, "the server redirects to a URL that is not http: or https:"},
        {"/to-file", OCRVL_E_UNSUPPORTED, "the server redirects to a URL that is not http: or https:"},
        {"/to-user", OCRVL_E_UNSUPPORTED, "ocrvl doesn't send a user name or password from a URL"},
        {"/a b", OCRVL_E_FORMAT, "not a well-formed URL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(here(cases[i].path), &local, cases[i].st, cases[i].part);
    char url[100];
    snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%d/ok", port);
    refuse(url, &local, OCRVL_E_UNSUPPORTED, "http://127.0.0.1:");
    snprintf(url, sizeof url, "https://127.0.0.1:%d/ok", port);
    refuse(url, &local, OCRVL_E_IO, "/ok: ");
    refuse("http://", &local, OCRVL_E_FORMAT, "http://: not a well-formed URL");
}

static void nobody_listens(void **state)
{
    (void)state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    char url[100];
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, so that no other takes the port, but not listening */
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(a.sin_port));
    ocrvl_error e = {0};
    ocrvl_source *src;
    assert_int_equal(ocrvl_source_open(&src, url, &local, &e), OCRVL_E_IO);
    assert_int_equal(e.sys_errno, ECONNREFUSED);
    close(fd);
}

static void sizes(void **state)
{
    (void)state;
    ocrvl_source_options opt = local;
    opt.max_file_bytes = 12;
    expect_dot(here("/ok"), &opt);
    opt.max_file_bytes = 11; /* said beforehand */
    refuse(here("/ok"), &opt, OCRVL_E_LIMIT, "more than 11 bytes");
    opt.max_file_bytes = 10000; /* never said */
    refuse(here("/endless"), &opt, OCRVL_E_LIMIT, "more than 10000 bytes");
}

static void times(void **state)
{
    (void)state;
    static const char *const slow[] = {"/silent", "/dribble"};
    ocrvl_source_options opt = local;
    opt.url_millis = 200;
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        double begin = ocrvl_clock();
        refuse(here(slow[i]), &opt, OCRVL_E_LIMIT, "the answer was not complete within 0.2 s");
        assert_true(ocrvl_clock() - begin < 3);
    }
}

static void private_refused(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "localhost",         "127.1", "2130706433", "0x7f.1",
                                        "0",         "[::ffff:127.0.0.1]"};
    ocrvl_source_options opt = {.size = sizeof opt, .urls = true};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char url[100];
        snprintf(url, sizeof url, "http://%s:%d/ok", hosts[i], port);
        refuse(url, &opt, OCRVL_E_UNSUPPORTED, "isn't public: private addresses are refused");
    }
    refuse(here("/ok"), &opt, OCRVL_E_UNSUPPORTED, "/ok: 127.0.0.1 isn't public");
    /* A proxy, which would resolve the name out of our sight, is used only where addresses don't count. */
    char proxy[100];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", port);
    setenv("http_proxy", proxy, 1);
    refuse("http://192.0.2.1/ok", &opt, OCRVL_E_UNSUPPORTED, "192.0.2.1 isn't public");
    expect_dot("http://192.0.2.1/ok", &local);
    unsetenv("http_proxy");
}

static void out_of_memory(void **state)
{
    (void)state;
    bool happened = true;
    for (long n = 1; happened; n++) {
        ocrvl_error e = {0};
        ocrvl_source *src;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_source_open(&src, here("/hops/1"), &local, &e);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (st != (happened ? OCRVL_E_NOMEM : OCRVL_OK))
            fail_msg("allocation %ld: %s: %s", n, ocrvl_status_name(st), e.message);
        ocrvl_source_free(src);
        assert_true(n < 100);
    }
}

static void redirects_between_schemes(void **state)
{
    (void)state;
    assert_ok(ocrvl_url_check_redirect("http://a/", "https://b/", err));
    assert_ok(ocrvl_url_check_redirect("https://a/", "HTTPS://b/", err));
    assert_ok(ocrvl_url_check_redirect("http://a/", "http://b/", err));
    assert_int_equal(ocrvl_url_check_redirect("https://a/", "http://a/", NULL), OCRVL_E_UNSUPPORTED);
    assert_int_equal(ocrvl_url_check_redirect("HTTPS://a/", "http://a/", NULL), OCRVL_E_UNSUPPORTED);
    assert_int_equal(ocrvl_url_check_redirect("http://a/", "gopher://a/", NULL), OCRVL_E_UNSUPPORTED);
    assert_int_equal(ocrvl_url_check_redirect("http://a/", "data:,x", NULL), OCRVL_E_UNSUPPORTED);
}

/* ---- addresses --------------------------------------------------------------------------------------- */

static bool is_public(const char *text)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
        return ocrvl_address_is_public((struct sockaddr *)&in4, sizeof in4);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    assert_false(ocrvl_address_is_public((struct sockaddr *)&in6, sizeof in6 - 1));
    return ocrvl_address_is_public((struct sockaddr *)&in6, sizeof in6);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const public[] = {"1.1.1.1",        "9.255.255.255",    "11.0.0.0",        "100.63.255.255",
                                         "100.128.0.0",    "126.255.255.255",  "128.0.0.0",       "169.253.255.255",
                                         "172.15.255.255", "172.32.0.0",       "192.167.255.255", "192.169.0.0",
                                         "198.17.255.255", "198.20.0.0",       "223.255.255.255", "2606:4700::1111",
                                         "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2a00:1450::1",    "2001:200::1",
                                         "3ffe::1",        "203.0.114.0"};
    static const char *const others[] = {
        "0.0.0.0",     "0.1.2.3",         "10.0.0.0",        "10.255.255.255",   "100.64.0.0",      "100.127.255.255",
        "127.0.0.1",   "127.255.255.255", "169.254.169.254", "172.16.0.0",       "172.31.255.255",  "192.0.0.1",
        "192.0.2.255", "192.88.99.1",     "192.168.0.1",     "198.18.0.0",       "198.19.255.255",  "198.51.100.1",
        "203.0.113.1", "224.0.0.1",       "239.255.255.255", "240.0.0.1",        "255.255.255.255", "::",
        "::1",         "::1.1.1.1",       "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",  "64:ff9b:1::1",
        "100::1",      "2001::1",         "2001:1ff::1",     "2001:db8::1",      "2002:101:101::1", "3fff::1",
        "3fff:fff::1", "4000::1",         "fc00::1",         "fd12::1",          "fe80::1",         "fec0::1",
        "ff02::1"};
    for (size_t i = 0; i < sizeof public / sizeof *public; i++)
        if (!is_public(public[i]))
            fail_msg("%s is public", public[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_public(others[i]))
            fail_msg("%s isn't public", others[i]);
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(ocrvl_address_is_public(&other, sizeof other));
}

/* ---- data: and names --------------------------------------------------------------------------------- */

static void expect_data(const char *url, const char *want, size_t n)
{
    char *data;
    size_t len;
    assert_ok(ocrvl_url_read(&data, &len, url, NULL, err));
    assert_int_equal(len, n);
    assert_memory_equal(data, want, n);
    assert_int_equal(data[n], 0);
    ocrvl_free(data);
}

static void data_urls(void **state)
{
    (void)state;
    expect_data("data:,", "", 0);
    expect_data("data:,A%20brief%20note", "A brief note", 12);
    expect_data("DATA:text/plain;charset=US-ASCII,a,b", "a,b", 3);
    expect_data("data:;base64,", "", 0);
    expect_data("data:;base64,Zg==", "f", 1);
    expect_data("data:;base64,Zm8=", "fo", 2);
    expect_data("data:;base64,Zm9v", "foo", 3);
    expect_data("data:image/png;x=y;BASE64,Zm9vYg%3d%3D", "foob", 4);
    expect_data("data:;base64,+/%2B%2f", "\xfb\xff\xbf", 3);
    expect_data("data:application/octet-stream,%00%ff%7F", "\0\xff\x7f", 3);
    expect_data("data:base64,Zm9v", "Zm9v", 4); /* a media type of that name: no ';' before it */
    expect_dot("data:image/x-portable-anymap;base64,UDUgMSAxIDI1NQoH", &local);
    expect_dot("data:,P5%201%201%20255%0A%07", &local);
    char *data;
    size_t len;
    ocrvl_url_options opt = {.max_bytes = 3};
    ocrvl_error e;
    assert_ok(ocrvl_url_read(&data, &len, "data:,abc", &opt, err));
    ocrvl_free(data);
    assert_int_equal(ocrvl_url_read(&data, &len, "data:,abcd", &opt, &e), OCRVL_E_LIMIT);
    assert_int_equal(ocrvl_url_read(&data, &len, "data:;base64,Zm9vYg==", &opt, &e), OCRVL_E_LIMIT);
    assert_string_equal(e.message, "there are more than 3 bytes");
    assert_null(data);
}

static void bad_data_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *part;
        uint64_t offset;
    } cases[] = {
        {"data:", "the data: URL has no comma", 0},
        {"data:image/png;base64", "the data: URL has no comma", 0},
        {"data:im\x01ge/png,x", "not a media type at offset 7", 7},
        {"data:,%", "not a character of a URL at offset 6", 6},
        {"data:,%4", "not a character", 6},
        {"data:,a%4g", "not a character", 7},
        {"data:,a b", "not a character", 7},
        {"data:,a\n", "not a character", 7},
        {"data:,\xc3\xa4", "not a character", 6},
        {"data:,a#b", "not a character", 7},
        {"data:;base64,Zg", "cut short", 15},
        {"data:;base64,Zg=", "cut short", 16},
        {"data:;base64,Z", "cut short", 14},
        {"data:;base64,Zg===", "not base64", 17},
        {"data:;base64,Zg==Zg==", "not base64", 17},
        {"data:;base64,=", "not base64", 13},
        {"data:;base64,Z===", "not base64", 14},
        {"data:;base64,Zg=g", "not base64", 16},
        {"data:;base64,Zh==", "not base64", 16}, /* bits left over */
        {"data:;base64,Zm9=", "not base64", 16},
        {"data:;base64,Zm-v", "not base64", 15},
        {"data:;base64,Zm9v%00", "not base64", 17},
        {"data:;base64,Zm9v%0A", "not base64", 17},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_error e = {0};
        char *data;
        size_t len;
        ocrvl_status st = ocrvl_url_read(&data, &len, cases[i].url, NULL, &e);
        if (st != OCRVL_E_FORMAT || !strstr(e.message, cases[i].part) || e.offset != cases[i].offset || data)
            fail_msg("%s: %s at %d", cases[i].url, e.message, (int)e.offset);
    }
    refuse("data:image/png;base64,AAAA!", &local, OCRVL_E_FORMAT, "data:image/png;base64,...: not base64 at offset 26");
}

static void names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"http://example.org/a.pdf?x=1", "http://example.org/a.pdf?x=1"},
        {"https://me:pass@example.org/@", "https://example.org/@"},
        {"https://me:p@ss@example.org", "https://example.org"},
        {"https://example.org?user@x", "https://example.org?user@x"},
        {"data:image/png;base64,AAAA", "data:image/png;base64,..."},
        {"data:", "data:,..."},
        /* cut at whole characters */
        {"http://a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4"
         "bbbbbbbbbb\xc3\xa4"
         "ccccccccccccccccccccccccccccccccccccend",
         "http://a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
         "ccccccccccccccccccccccccccccccccccccend"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *name = ocrvl_url_name(cases[i][0]);
        assert_string_equal(name, cases[i][1]);
        ocrvl_free(name);
    }
    assert_true(ocrvl_url_is("http://x") && ocrvl_url_is("data:,") && ocrvl_url_is("git+ssh://x"));
    assert_false(ocrvl_url_is("http:x") || ocrvl_url_is("-") || ocrvl_url_is("/a://b") || ocrvl_url_is("://") ||
                 ocrvl_url_is("1a://") || ocrvl_url_is("") || ocrvl_url_is("database:x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fetched),
                                       cmocka_unit_test(only_if_asked),
                                       cmocka_unit_test(bad_answers),
                                       cmocka_unit_test(nobody_listens),
                                       cmocka_unit_test(sizes),
                                       cmocka_unit_test(times),
                                       cmocka_unit_test(private_refused),
                                       cmocka_unit_test(out_of_memory),
                                       cmocka_unit_test(redirects_between_schemes),
                                       cmocka_unit_test(addresses),
                                       cmocka_unit_test(data_urls),
                                       cmocka_unit_test(bad_data_urls),
                                       cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, start, stop);
}
