/* Documents are decoded by processes that can do nothing else, one for each document.
 *
 *     this process --orders--> starter --fork--> decoder, confined, of one document
 *          \_______________ requests, replies, page images _______________/
 *
 * The libraries that take PDFs, JPEG 2000, HEIF and videos apart are large, and what they are given was written by
 * strangers. They can't be interrupted, some end the process when memory runs out, and a fault in one may hand the
 * process to whoever made the file. So no page is decoded here: if a decoder takes too long, needs too much or dies,
 * its page has failed, and the next page is decoded by a new one.
 *
 * A process that has threads must not fork and go on in the child. Hence the starter: it is forked once, before there
 * are threads, loads the list of fonts when the first PDF comes and FFmpeg when the first video does, and forks a
 * decoder for each document. The other way, to run the program anew for each document, takes 30 ms of processor for
 * linking and 11 to 24 for fonts, and a decoder from the starter 4 ms in all (SPEED.md); it would also need the program
 * to be ocrvl.
 *
 * The document goes to the decoder as an open file. What comes back is a reply of fixed size and a memfd with seals
 * that prove that nobody changes or shortens it any more: what belongs to the page (wire_page.h), and its pixels,
 * which are mapped and never copied. All of that is taken for hostile: sizes are compared with the file's, counts and
 * offsets with what is there, texts must be UTF-8, boxes lie on the page. Drawing a part of the last page is a
 * request as well.
 *
 * Decoders are killed and waited for by the starter, their parent, so that no process number can mean another process.
 * If this process dies the starter sees its socket close, and the decoders die with the starter (PR_SET_PDEATHSIG). */
#define _GNU_SOURCE /* close_range */

#include "in/decoders.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/said.h"
#include "in/video_load.h"

struct ocrvl_decoders {
    pid_t pid;
    int sock;
    const char *lost;     /* why it can start none; NULL: it can */
    pthread_mutex_t lock; /* an order and its answer belong together */
};

typedef struct order {
    pid_t end; /* the decoder to be ended; 0: one is to be started, of the files that come with this */
    ocrvl_decoder_kind kind;
    uint64_t memory, most;
} order;

typedef struct receipt {
    pid_t pid;  /* of the decoder that was started */
    int error;  /* errno; 0: done */
    int status; /* of the decoder that was ended, as waitpid has it */
} receipt;

/* Files that come with an order to start. */
enum { SOCKET, DOCUMENT, SAID };

/* ---- the starter ------------------------------------------------------------------------------------- */

static void close_from(unsigned first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
#endif
    struct rlimit r;
    unsigned most = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 65536 ? (unsigned)r.rlim_cur : 65536;
    for (; first < most; first++)
        close((int)first);
}

/* Keeps standard error, on which fontconfig says if it lacks its configuration, and the socket, which becomes
 * descriptor 3. */
static void keep_socket_alone(int sock)
{
    int none = open("/dev/null", O_RDWR);
    if (sock != 3)
        dup2(sock, 3);
    dup2(none, STDIN_FILENO);
    dup2(none, STDOUT_FILENO);
    close_from(4);
}

/* Signals that are meant for the program are none of the starter's business, and its children's. */
static void reset_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ};
    sigset_t none;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGXCPU, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void decode(const order *o, const int *files, const ocrvl_confinement *c, pid_t starter)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "ocrvl-decoder");
    if (getppid() != starter) /* it has died meanwhile */
        _exit(0);
    if (!ocrvl_confine_is_sanitized())
        ocrvl_said_listen(files[SAID]);
    close(files[SAID]);
    close(3);
    ocrvl_decoder_run(files[SOCKET], files[DOCUMENT], c, o->memory, o->most);
}

static void start_decoder(const order *o, const int *files, const ocrvl_confinement *c, receipt *r)
{
    pid_t self = getpid();
    if (files[SAID] < 0) {
        r->error = EINVAL;
        return;
    }
    r->pid = fork();
    if (r->pid == 0)
        decode(o, files, c, self);
    r->error = r->pid < 0 ? errno : 0;
}

static _Noreturn void serve_orders(void)
{
    ocrvl_confinement plain, fonts;
    bool prepared = false, with_fonts = false, with_video = false;
    order o;
    int files[OCRVL_MESSAGE_FILES];
    ocrvl_message_wait for_ever = {0};
    prctl(PR_SET_NAME, "ocrvl-starter");
    while (ocrvl_message_receive(3, &o, sizeof o, NULL, files, &for_ever) == OCRVL_MESSAGE_CAME) {
        receipt r = {0};
        if (o.end) {
            r.error = kill(o.end, SIGKILL) == 0 && waitpid(o.end, &r.status, 0) == o.end ? 0 : errno;
        } else {
            bool pdf = o.kind == OCRVL_DECODE_PDF;
            if (pdf && !with_fonts)
                ocrvl_confinement_prepare(&fonts, true);
            if (!pdf && !prepared)
                ocrvl_confinement_prepare(&plain, false);
            if (o.kind == OCRVL_DECODE_VIDEO && !with_video)
                with_video = ocrvl_video_load(); /* a decoder without them says so */
            with_fonts |= pdf;
            prepared |= !pdf;
            start_decoder(&o, files, pdf ? &fonts : &plain, &r);
        }
        for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++)
            if (files[i] >= 0)
                close(files[i]);
        if (!ocrvl_message_send(3, &r, sizeof r, NULL, 0))
            break;
    }
    _exit(0);
}

ocrvl_status ocrvl_decoders_new(ocrvl_decoders **out, ocrvl_error *err)
{
    int ends[2];
    *out = NULL;
    ocrvl_decoders *d = ocrvl_alloc(sizeof *d);
    if (!d)
        return ocrvl_fail_nomem(err);
    if (!ocrvl_message_pair(ends)) {
        int e = errno;
        ocrvl_free(d);
        return ocrvl_fail_errno(err, e, "a process for decoding");
    }
    d->pid = fork();
    if (d->pid == 0) {
        keep_socket_alone(ends[1]);
        reset_signals();
        serve_orders();
    }
    int e = errno;
    close(ends[1]);
    d->sock = ends[0];
    if (d->pid < 0) {
        close(d->sock);
        ocrvl_free(d);
        return ocrvl_fail_errno(err, e, "a process for decoding");
    }
    pthread_mutex_init(&d->lock, NULL);
    *out = d;
    return OCRVL_OK;
}

void ocrvl_decoders_free(ocrvl_decoders *d)
{
    if (!d)
        return;
    close(d->sock);
    while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    pthread_mutex_destroy(&d->lock);
    ocrvl_free(d);
}

const char *ocrvl_decoders_lack(void) { return ocrvl_confinement_lack(); }

/* ---- decoders ---------------------------------------------------------------------------------------- */

static bool give_order(ocrvl_decoders *d, const order *o, const int *files, size_t count, receipt *r)
{
    int none[OCRVL_MESSAGE_FILES];
    ocrvl_message_wait for_ever = {0};
    pthread_mutex_lock(&d->lock);
    bool done = ocrvl_message_send(d->sock, o, sizeof *o, files, count) &&
                ocrvl_message_receive(d->sock, r, sizeof *r, NULL, none, &for_ever) == OCRVL_MESSAGE_CAME;
    if (!done)
        d->lost = "the process that starts the decoders has died";
    pthread_mutex_unlock(&d->lock);
    return done;
}

const char *ocrvl_decoders_lost(ocrvl_decoders *d)
{
    pthread_mutex_lock(&d->lock);
    const char *lost = d->lost;
    pthread_mutex_unlock(&d->lock);
    return lost;
}

/* The system can't give what a decoder takes. */
static ocrvl_status lack(ocrvl_decoders *d, int e, ocrvl_error *err)
{
    pthread_mutex_lock(&d->lock);
    d->lost = "no process for decoding can be started: there are too many of them or of open files, or no memory";
    pthread_mutex_unlock(&d->lock);
    return ocrvl_fail_errno(err, e, "a process for decoding");
}

ocrvl_status ocrvl_decoding_start(ocrvl_decoding *d, ocrvl_decoders *of, int file, ocrvl_decoder_kind kind,
                                  uint64_t memory, uint64_t most, ocrvl_error *err)
{
    order o = {.kind = kind, .memory = memory, .most = most};
    receipt r = {0};
    int ends[2], said = -1;
    *d = (ocrvl_decoding){.sock = -1, .said = -1};
    if (!ocrvl_message_pair(ends))
        return lack(of, errno, err);
    if (!ocrvl_said_new(&said)) {
        int e = errno;
        close(ends[0]);
        close(ends[1]);
        return lack(of, e, err);
    }
    const int files[] = {ends[1], file, said};
    bool done = give_order(of, &o, files, 3, &r);
    close(ends[1]);
    if (done && !r.error) {
        *d = (ocrvl_decoding){of, r.pid, ends[0], said, memory};
        return OCRVL_OK;
    }
    close(ends[0]);
    close(said);
    if (!done)
        return ocrvl_fail(err, OCRVL_E_CRASH, "%s", ocrvl_decoders_lost(of));
    return lack(of, r.error, err);
}

/* Ends the process; returns its status as waitpid has it. */
static int end(ocrvl_decoding *d)
{
    order o = {.end = d->pid};
    receipt r = {0};
    if (!d->pid)
        return 0;
    (void)give_order(d->of, &o, NULL, 0, &r);
    close(d->sock);
    close(d->said);
    *d = (ocrvl_decoding){.sock = -1, .said = -1};
    return r.status;
}

void ocrvl_decoding_end(ocrvl_decoding *d) { (void)end(d); }

void ocrvl_decoding_check(ocrvl_decoding *d)
{
    struct pollfd p = {.fd = d->sock, .events = POLLIN};
    if (d->pid && poll(&p, 1, 0) > 0) /* it says nothing that it isn't asked for */
        ocrvl_decoding_end(d);
}

/* Whether the last words of the process were that memory ran out: poppler, GLib and C++ end it themselves then. */
static bool lacked_memory(const ocrvl_decoding *d)
{
    char text[OCRVL_SAID_BYTES + 1];
    ocrvl_said_read(d->said, text);
    return strstr(text, "ut of memory") || strstr(text, "bad_alloc") || strstr(text, "failed to allocate") ||
           strstr(text, "could not allocate");
}

static ocrvl_status fail_memory(uint64_t memory, ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_NOMEM, "it takes more than %llu MiB of memory to decode",
                      (unsigned long long)(memory >> 20));
}

/* The process is gone, or has sent something that isn't a reply. */
static ocrvl_status explain_death(ocrvl_decoding *d, ocrvl_error *err)
{
    uint64_t memory = d->memory;
    bool lacked = lacked_memory(d);
    int status = end(d), sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (lacked)
        return fail_memory(memory, err);
    if (sig == SIGXCPU)
        return ocrvl_fail(err, OCRVL_E_TIMEOUT, "it takes too long to decode");
    if (sig == SIGKILL)
        return ocrvl_fail(err, OCRVL_E_NOMEM,
                          "the process that decoded it was killed, as the system does when memory runs out");
    if (sig)
        return ocrvl_fail(err, OCRVL_E_CRASH, "the process that decoded it was ended by signal %d", sig);
    return ocrvl_fail(err, OCRVL_E_CRASH, "the process that decoded it has ended with status %d",
                      WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

ocrvl_status ocrvl_decoding_ask(ocrvl_decoding *d, const void *request, size_t len, ocrvl_decode_reply *reply,
                                int *files, const ocrvl_message_wait *wait, ocrvl_error *err)
{
    ocrvl_message_result got = OCRVL_MESSAGE_CLOSED;
    for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++)
        files[i] = -1;
    if (ocrvl_message_send(d->sock, request, len, NULL, 0))
        got = ocrvl_message_receive(d->sock, reply, sizeof *reply, NULL, files, wait);
    reply->error.message[sizeof reply->error.message - 1] = '\0';
    if (got == OCRVL_MESSAGE_CAME && reply->error.status == OCRVL_E_NOMEM) {
        /* What it lacked may be missing from its pages from now on. */
        for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++)
            if (files[i] >= 0)
                close(files[i]);
        uint64_t memory = d->memory;
        ocrvl_decoding_end(d);
        return fail_memory(memory, err);
    }
    if (got == OCRVL_MESSAGE_CAME)
        return OCRVL_OK;
    if (got == OCRVL_MESSAGE_CLOSED)
        return explain_death(d, err);
    ocrvl_decoding_end(d);
    if (got == OCRVL_MESSAGE_CANCELED)
        return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    return ocrvl_fail(err, OCRVL_E_TIMEOUT, "it takes too long to decode");
}
