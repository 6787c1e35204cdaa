/* Any bytes as what a server answers. It is a thread that listens at 127.0.0.1; answers to redirects are parted by
 * NULs. */
#define FUZZ_CHANGES 25
#include "fuzz/fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "in/url.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: image/png\r\n\r\nhello"),
    FUZZ_SEED("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    FUZZ_SEED("HTTP/1.0 302 Found\r\nLocation: /next\r\nSet-Cookie: a=b\r\n\r\n\0HTTP/1.0 200 "
              "OK\r\n\r\nbytes until the end"),
    FUZZ_SEED("HTTP/1.0 302 Found\r\nLocation:/a\r\n\r\n\0HTTP/1.0 302 d\r\n folded\r\nLocation: "
              "/b\r\n\r\n"), /* libcurl 7.88 */
    FUZZ_SEED("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    FUZZ_SEED("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: "
              "gzip\r\nContent-Length: 3\r\n\r\nabc"),
    {0}};

enum { MOST = 1 << 16 };

/* What is answered next; there is one request at a time, but the answer to one that was given up may go on. */
static struct {
    int listener;
    pthread_mutex_t lock;
    uint8_t data[MOST];
    size_t size, at;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void answer(int fd)
{
    static uint8_t part[MOST]; /* of the one thread */
    char request[4096];
    size_t n = 0;
    for (ssize_t got; n < sizeof request - 1 && (got = read(fd, request + n, sizeof request - 1 - n)) > 0;) {
        n += (size_t)got;
        request[n] = '\0';
        if (strstr(request, "\r\n\r\n"))
            break;
    }
    pthread_mutex_lock(&server.lock);
    fuzz_seed next = fuzz_part(server.data, server.size, &server.at);
    memcpy(part, next.text, next.len);
    pthread_mutex_unlock(&server.lock);
    (void)!send(fd, part, next.len, MSG_NOSIGNAL);
}

static void *serve(void *unused)
{
    for (;;) {
        int fd = accept(server.listener, NULL, NULL);
        if (fd < 0)
            return unused;
        answer(fd);
        close(fd);
    }
}

static uint16_t begin(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_t thread;
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(server.listener >= 0 && bind(server.listener, (struct sockaddr *)&a, len) == 0 &&
         listen(server.listener, 8) == 0 && getsockname(server.listener, (struct sockaddr *)&a, &len) == 0);
    must(pthread_create(&thread, NULL, serve, NULL) == 0 && pthread_detach(thread) == 0);
    return ntohs(a.sin_port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint16_t port;
    char url[64], *bytes;
    size_t len;
    ocrvl_error err;
    port = port ? port : begin();
    pthread_mutex_lock(&server.lock);
    server.size = size < MOST ? size : MOST;
    server.at = 0;
    if (size)
        memcpy(server.data, data, server.size);
    pthread_mutex_unlock(&server.lock);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/page", port);
    ocrvl_url_options opt = {.max_bytes = 1000, .max_millis = 2000, .private_addresses = true};
    ocrvl_status st = ocrvl_http_read(&bytes, &len, url, &opt, &err);
    fuzz_check(st, &err);
    must(st ? !bytes : len <= 1000 && bytes[len] == '\0');
    ocrvl_free(bytes);
    return 0;
}
