#include "hub_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "ocrvl_dev.h"
#include "signals.h"

/* Failures in a row, without a byte that came in between; bytes of a file that the hub keeps in git itself. */
enum { TRIES = 6, MAX_GIT = 256 << 20 };

/* ---- trying again ------------------------------------------------------------------------------------ */

/* Waits as long as the server wants, or 1, 2, 4, ... seconds. */
static void wait_before(const cli_hub *h, const char *what, unsigned tries, uint32_t wanted, const ocrvl_error *err)
{
    unsigned seconds = wanted ? wanted : 1u << (tries - 1);
    struct timespec t = {.tv_sec = (time_t)seconds};
    cli_note(h->log, NULL, 0, "%s: %s; trying again in %u s", what, err->message, seconds);
    while (nanosleep(&t, &t) && errno == EINTR && !cli_signals_stopped())
        ;
}

/* Gets until it is there, or fails for good. */
static ocrvl_status get_on(const cli_hub *h, ocrvl_dev_get *get, const char *what, ocrvl_error *err)
{
    for (unsigned tries = 1;; tries++) {
        uint64_t from = get->from;
        ocrvl_status st = ocrvl_dev_http_get(get, err);
        if (!st || !get->again || (tries == TRIES && get->from <= from))
            return st;
        tries = get->from > from ? 1 : tries;
        cli_progress_wipe(h->progress);
        wait_before(h, what, tries, get->wait, err);
        if (cli_signals_stopped())
            return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    }
}

/* ---- a text ------------------------------------------------------------------------------------------ */

typedef struct texting {
    ocrvl_buf *out;
    size_t most;
} texting;

static ocrvl_status take_text(void *user, uint64_t at, const void *data, size_t len, ocrvl_error *err)
{
    texting *t = user;
    if (at == 0)
        ocrvl_buf_clear(t->out);
    if (len > t->most - t->out->len)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the server sends more than %zu bytes", t->most);
    ocrvl_buf_put(t->out, data, len);
    return t->out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status cli_hub_text(const cli_hub *h, const char *url, const char *what, size_t max_bytes, ocrvl_buf *out,
                          uint32_t *status, ocrvl_error *err)
{
    texting t = {out, max_bytes};
    ocrvl_status st;
    ocrvl_dev_get get = {
        .url = url, .token = h->token, .take = take_text, .canceled = cli_signals_canceled, .user = &t};
    st = get_on(h, &get, what, err);
    *status = get.status;
    return st;
}

/* ---- a file ------------------------------------------------------------------------------------------ */

typedef struct filing {
    const cli_hub *h;
    const cli_hub_file *f;
    int fd;
    bool write_failed;
} filing;

static ocrvl_status take_piece(void *user, uint64_t at, const void *data, size_t len, ocrvl_error *err)
{
    filing *g = user;
    const char *bytes = data;
    if (at > g->f->size || len > g->f->size - at)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "the server sends more than the %llu bytes of its list",
                          (unsigned long long)g->f->size);
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(g->fd, bytes + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g->write_failed = true;
            return ocrvl_fail_errno(err, errno, g->f->name);
        }
        done += (size_t)n;
    }
    cli_progress_bytes(g->h->progress, g->f->name, at + len, g->f->size);
    return OCRVL_OK;
}

/* Opens what there is of a file, for this process alone; *from: how much that is. */
static ocrvl_status open_part(filing *g, const char *path, uint64_t *from, ocrvl_error *err)
{
    struct stat st;
    g->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (g->fd < 0 || fstat(g->fd, &st)) {
        g->write_failed = true;
        return ocrvl_fail_errno(err, errno, path);
    }
    if (flock(g->fd, LOCK_EX | LOCK_NB))
        return ocrvl_fail(err, OCRVL_E_IO, "%s is being fetched by another process", g->f->name);
    *from = (uint64_t)st.st_size <= g->f->size ? (uint64_t)st.st_size : 0;
    return OCRVL_OK;
}

/* "blob SIZE", NUL and the bytes, as git has it. */
static ocrvl_status git_digest(char hex[OCRVL_SHA1_HEX], const uint8_t *data, size_t len, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "blob %zu", len);
    ocrvl_buf_putc(&b, '\0');
    ocrvl_buf_put(&b, data, len);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : ocrvl_sha1_hex(hex, b.data, b.len, err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status check_digest(const cli_hub_file *f, const char *path, ocrvl_error *err)
{
    char hex[OCRVL_SHA256_HEX];
    const uint8_t *data;
    size_t len;
    ocrvl_status st = ocrvl_file_map(&data, &len, path, err);
    if (st)
        return st;
    st = f->lfs ? ocrvl_sha256_hex(hex, data, len, err) : git_digest(hex, data, len, err);
    ocrvl_file_unmap(data, len);
    if (st || strcmp(hex, f->digest) == 0)
        return st;
    return ocrvl_fail(err, OCRVL_E_FORMAT, "the digest of %s is %s and not, as the hub's list says, %s", f->name, hex,
                      f->digest);
}

/* What is missing of the file, from byte `from` on. */
static ocrvl_status fetch_rest(filing *g, const char *url, uint64_t from, uint32_t *status, ocrvl_error *err)
{
    ocrvl_dev_get get = {.url = url,
                         .token = g->h->token,
                         .from = from,
                         .take = take_piece,
                         .canceled = cli_signals_canceled,
                         .user = g};
    ocrvl_status st = OCRVL_OK;
    cli_progress_file(g->h->progress);
    g->h->progress->done = from;
    while (!st && get.from < g->f->size) {
        uint64_t had = get.from;
        st = get_on(g->h, &get, g->f->name, err);
        *status = get.status;
        if (!st && get.from <= had)
            st = ocrvl_fail(err, OCRVL_E_IO, "the server sends %llu bytes of %llu", (unsigned long long)get.from,
                            (unsigned long long)g->f->size);
    }
    if (!st && ftruncate(g->fd, (off_t)g->f->size)) {
        g->write_failed = true;
        st = ocrvl_fail_errno(err, errno, g->f->name);
    }
    return st;
}

/* Fetches and checks. What was there before may have been damaged: then all of it is fetched anew. */
static ocrvl_status fill(filing *g, const char *url, const char *part, uint32_t *status, ocrvl_error *err)
{
    uint64_t from = 0;
    ocrvl_status st = open_part(g, part, &from, err);
    for (bool again = true; !st && again;) {
        st = fetch_rest(g, url, from, status, err);
        if (st)
            return st;
        st = check_digest(g->f, part, err);
        again = st == OCRVL_E_FORMAT && from > 0;
        if (st == OCRVL_E_FORMAT && !again)
            unlink(part);
        from = 0;
        st = again ? OCRVL_OK : st;
    }
    return st;
}

ocrvl_status cli_hub_file_fetch(const cli_hub *h, const char *url, const cli_hub_file *f, const char *blobs,
                                bool *written, uint32_t *status, ocrvl_error *err)
{
    filing g = {.h = h, .f = f, .fd = -1};
    ocrvl_buf part = {0};
    char *whole = ocrvl_path_join(blobs, f->digest);
    ocrvl_status st = OCRVL_OK;
    ocrvl_buf_printf(&part, "%s/%s.incomplete", blobs, f->digest);
    if (!whole || part.failed)
        st = ocrvl_fail_nomem(err);
    else if (!f->lfs && f->size > MAX_GIT)
        st = ocrvl_fail(err, OCRVL_E_LIMIT, "%s is too large for a file without SHA-256", f->name);
    if (!st)
        st = fill(&g, url, part.data, status, err);
    if (!st && (fsync(g.fd) || rename(part.data, whole))) {
        g.write_failed = true;
        st = ocrvl_fail_errno(err, errno, whole);
    }
    if (g.fd >= 0)
        close(g.fd);
    *written = !g.write_failed;
    ocrvl_buf_free(&part);
    ocrvl_free(whole);
    return st;
}
