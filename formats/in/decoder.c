/* The process that decodes: it opens the one document that it was given and makes its pages, and trusts nobody. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */

#include "in/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/message.h"
#include "in/pixels.h"
#include "in/wire_page.h"

typedef struct decoder {
    int sock;
    const uint8_t *data; /* the document; NULL if it is empty */
    size_t len;
    ocrvl_open_request how;
    const ocrvl_document_format *format; /* NULL: a video */
    void *doc;
    ocrvl_video *video;
    ocrvl_page_place place; /* of the last page, which is valid until the next */
    uint64_t pages;
    double rate;
    bool other_sent; /* place.document, where it isn't the file */
} decoder;

const ocrvl_document_format *ocrvl_decoder_format(ocrvl_decoder_kind kind)
{
    static const ocrvl_document_format *const formats[] = {&ocrvl_format_tiff, &ocrvl_format_pictures,
                                                           &ocrvl_format_pdf};
    return formats[kind];
}

/* ---- replies ----------------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool seal(int fd)
{
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

static int new_memory(void) { return memfd_create("ocrvl page", MFD_CLOEXEC | MFD_ALLOW_SEALING); }

/* A copy of the bytes in a sealed file; -1 if there is no memory for it. */
static int pack(const void *data, size_t len)
{
    int fd = new_memory();
    if (fd < 0 || (write_all(fd, data, len) && seal(fd)))
        return fd;
    close(fd);
    return -1;
}

/* The pixels in a sealed file, which they are taken out of if they lie in one. */
static int pack_image(ocrvl_decode_reply *r, ocrvl_image *img)
{
    size_t n = (size_t)img->width * img->height * img->channels;
    int fd = img->shared ? fcntl(img->fd, F_DUPFD_CLOEXEC, 0) : pack(img->data, n);
    bool was_shared = img->shared;
    ocrvl_image_drop_pixels(img); /* a file can't be sealed while it is mapped for writing */
    if (fd >= 0 && was_shared && (ftruncate(fd, (off_t)n) != 0 || !seal(fd))) {
        close(fd);
        fd = -1;
    }
    r->width = img->width;
    r->height = img->height;
    r->channels = img->channels;
    r->dpi_x = img->dpi_x;
    r->dpi_y = img->dpi_y;
    return fd;
}

/* The file without hidden text, once. */
static int pack_document(decoder *d, ocrvl_decode_reply *r)
{
    const ocrvl_page_place *p = &d->place;
    int fd = pack(p->document, p->document_len);
    r->document = fd >= 0 ? p->document_len : 0;
    d->other_sent = fd >= 0;
    return fd;
}

static void fail_reply(ocrvl_decode_reply *r, ocrvl_status st, const ocrvl_error *err)
{
    *r = (ocrvl_decode_reply){.error = *err};
    r->error.status = st;
}

/* Sends the reply, with the page's place and image, or either or none of them. */
static void answer(decoder *d, ocrvl_decode_reply *r, const ocrvl_buf *body, ocrvl_image *img)
{
    ocrvl_error err;
    int files[OCRVL_MESSAGE_FILES] = {-1, -1, -1};
    size_t n = 0;
    bool other = body && d->place.document && d->place.document != d->data && !d->other_sent, fails = false;
    if (body) {
        files[n++] = body->failed ? -1 : pack(body->data, body->len);
        r->body = body->len;
    }
    if (img)
        files[n++] = pack_image(r, img);
    if (other)
        files[n++] = pack_document(d, r);
    for (size_t i = 0; i < n; i++)
        fails |= files[i] < 0;
    if (fails)
        fail_reply(r, ocrvl_fail_nomem(&err), &err);
    bool sent = ocrvl_message_send(d->sock, r, sizeof *r, files, fails ? 0 : n);
    for (size_t i = 0; i < n; i++)
        if (files[i] >= 0)
            close(files[i]);
    if (!sent)
        _exit(0); /* nobody is interested any more */
}

/* ---- requests ---------------------------------------------------------------------------------------- */

static ocrvl_status open_document(decoder *d, ocrvl_error *err)
{
    ocrvl_open_request *h = &d->how;
    h->source.password = h->has_password ? h->password : NULL;
    h->video.size = sizeof h->video;
    if (h->kind == OCRVL_DECODE_VIDEO) {
        ocrvl_status st = ocrvl_video_open_memory(&d->video, d->data, d->len, "-", &h->video, err);
        if (st && strncmp(err->message, "-: ", 3) == 0) /* whoever asks knows its name */
            memmove(err->message, err->message + 3, strlen(err->message + 3) + 1);
        d->pages = st ? 0 : ocrvl_video_count(d->video);
        d->rate = st ? 0 : ocrvl_video_rate(d->video);
        return st;
    }
    ocrvl_input in = {d->data, d->len, &h->source, true};
    d->format = ocrvl_decoder_format(h->kind);
    return d->format->open(&d->doc, &in, &d->pages, err);
}

static void open_request(decoder *d)
{
    ocrvl_error err = {0};
    ocrvl_decode_reply r = {0};
    ocrvl_status st = open_document(d, &err);
    if (st)
        fail_reply(&r, st, &err);
    r.pages = d->pages;
    r.rate = d->rate;
    answer(d, &r, NULL, NULL);
    if (st)
        _exit(0);
}

/* What the reader has found out about fonts that the last page told of. */
static void take_verdicts(const decoder *d, const ocrvl_decode_request *q)
{
    const ocrvl_own_text *own = d->place.own_text;
    if (own && own->verdicts && q->verdict_count == own->font_count && q->verdict_count <= sizeof q->verdicts)
        memcpy(own->verdicts, q->verdicts, q->verdict_count);
}

/* An image for which there was no memory may be missing from the page without a word, or pass for a broken one; whoever
 * last found no memory has left its mark. */
static ocrvl_status check_memory(ocrvl_status st, int code, ocrvl_error *err)
{
    return (!st || st == OCRVL_E_FORMAT) && code == ENOMEM ? ocrvl_fail_nomem(err) : st;
}

ocrvl_status ocrvl_decoder_page(const ocrvl_document_format *format, void *doc, uint64_t index, ocrvl_image **img,
                                ocrvl_page_place *place, ocrvl_error *err)
{
    errno = 0;
    ocrvl_status st = format->page(doc, index, img, place, err);
    return check_memory(st, errno, err);
}

static void page_request(decoder *d, const ocrvl_decode_request *q)
{
    ocrvl_error err = {0};
    ocrvl_decode_reply r = {0};
    ocrvl_buf body = {0};
    ocrvl_image *img = NULL;
    ocrvl_status st;
    take_verdicts(d, q);
    ocrvl_confine_room(0);
    d->place = (ocrvl_page_place){.size = sizeof d->place, .index = q->index, .pages = d->pages};
    if (d->video) {
        st = ocrvl_video_next(d->video, &img, &r.seconds, &err);
    } else {
        d->place.media_type = d->format->media_type;
        st = ocrvl_decoder_page(d->format, d->doc, q->index, &img, &d->place, &err);
    }
    if (!st && img && !d->video)
        ocrvl_pixels_shrink_grey(img);
    if (st) {
        ocrvl_image_free(img);
        img = NULL;
        fail_reply(&r, st, &err);
    }
    ocrvl_wire_file file = {d->data, d->len};
    ocrvl_wire_put_page(&body, &d->place, &file, q->info);
    answer(d, &r, &body, img);
    ocrvl_image_free(img);
    ocrvl_buf_free(&body);
}

static void part_request(decoder *d, const ocrvl_decode_request *q)
{
    ocrvl_error err = {0};
    ocrvl_decode_reply r = {0};
    ocrvl_image *img = NULL;
    const ocrvl_own_text *own = d->place.own_text;
    errno = 0;
    ocrvl_status st = own && own->draw ? own->draw(own->draw_user, q->has_part ? &q->part : NULL, &img, &err)
                                       : ocrvl_fail(&err, OCRVL_E_ARG, "there is no page to draw");
    st = check_memory(st, errno, &err);
    if (st) {
        ocrvl_image_free(img);
        fail_reply(&r, st, &err);
    }
    answer(d, &r, NULL, st ? NULL : img);
    if (!st)
        ocrvl_image_free(img);
}

/* Receives a request of that size; without one the process ends. */
static void receive(const decoder *d, void *request, size_t size)
{
    int files[OCRVL_MESSAGE_FILES];
    ocrvl_message_wait for_ever = {0};
    if (ocrvl_message_receive(d->sock, request, size, NULL, files, &for_ever) != OCRVL_MESSAGE_CAME)
        _exit(0);
}

static void map_document(decoder *d, int file)
{
    struct stat s;
    if (fstat(file, &s) != 0)
        _exit(1);
    if (s.st_size > 0) {
        void *p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (p == MAP_FAILED)
            _exit(1);
        d->data = p;
        d->len = (size_t)s.st_size;
    }
    close(file);
}

_Noreturn void ocrvl_decoder_run(int sock, int file, const ocrvl_confinement *c, uint64_t memory, uint64_t most)
{
    decoder d = {.sock = sock};
    ocrvl_decode_request q;
    map_document(&d, file);
    ocrvl_confine(c, memory, most);
    receive(&d, &d.how, sizeof d.how);
    ocrvl_confine_seconds(d.how.seconds);
    open_request(&d);
    for (;;) {
        receive(&d, &q, sizeof q);
        ocrvl_confine_seconds(q.seconds);
        if (q.kind == OCRVL_ASK_PAGE)
            page_request(&d, &q);
        else
            part_request(&d, &q);
    }
}
