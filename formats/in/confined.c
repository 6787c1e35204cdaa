#include "in/confined.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/machine.h"
#include "base/mem.h"
#include "in/decoders.h"
#include "in/received.h"
#include "in/wire_page.h"

/* ocrvl_source_options.decoder_memory of 0, for pages of ordinary size. */
#define ORDINARY_MEMORY (UINT64_C(2) << 30)

struct ocrvl_confined {
    ocrvl_source_options opt; /* of a video what applies to it */
    ocrvl_wire_file file;
    int fd; /* of the document; the bytes' */
    ocrvl_decoding decoder;
    ocrvl_open_request how;
    uint64_t pages;
    double rate;         /* of a video */
    double clock;        /* seconds that a page, or the whole video, may take by the clock; how.seconds is their work */
    double left;         /* seconds of processor time that the one in hand may still take, */
    double clock_left;   /* and by the clock */
    const uint8_t *body; /* of the last page, mapped; its texts lie in it */
    size_t body_len;
    ocrvl_wire_page page;
    bool drawable;           /* parts of the last page may be wanted */
    const uint8_t *document; /* the file onto which text may be written, if it isn't the one that was opened */
    size_t document_len;
    bool informed;            /* info is known */
    const uint8_t *info_body; /* where its texts lie */
    size_t info_len;
    ocrvl_wire_page info_page; /* and its outline */
};

static void forget_page(ocrvl_confined *c)
{
    ocrvl_wire_page_free(&c->page);
    ocrvl_file_unmap(c->body, c->body_len);
    c->body = NULL;
    c->body_len = 0;
    c->drawable = false;
}

void ocrvl_confined_free(ocrvl_confined *c)
{
    if (!c)
        return;
    ocrvl_decoding_end(&c->decoder);
    forget_page(c);
    ocrvl_wire_page_free(&c->info_page);
    ocrvl_file_unmap(c->info_body, c->info_len);
    ocrvl_file_unmap(c->document, c->document_len);
    ocrvl_free(c);
}

static void close_files(const int *files)
{
    for (size_t i = 0; i < OCRVL_MESSAGE_FILES; i++)
        if (files[i] >= 0)
            close(files[i]);
}

/* Sends a request that may take as long as the page may still take. */
static ocrvl_status ask(ocrvl_confined *c, const void *request, size_t len, ocrvl_decode_reply *r, int *files,
                        ocrvl_error *err)
{
    pid_t pid = c->decoder.pid;
    double now = ocrvl_clock(), worked = ocrvl_clock_of(pid);
    ocrvl_message_wait wait = {now + fmax(c->clock_left, 0.001), pid, worked + fmax(c->left, 0.001), c->opt.canceled,
                               c->opt.canceled_user};
    ocrvl_status st = ocrvl_decoding_ask(&c->decoder, request, len, r, files, &wait, err);
    c->clock_left -= ocrvl_clock() - now;
    if (st == OCRVL_E_TIMEOUT && c->clock_left <= 0)
        return ocrvl_fail(err, st, "it takes longer than %g seconds by the clock to decode", c->clock);
    if (st == OCRVL_E_TIMEOUT)
        return ocrvl_fail(err, st, "it takes longer than %g seconds to decode", c->how.seconds);
    if (!st)
        c->left -= fmax(0, ocrvl_clock_of(pid) - worked);
    return st;
}

uint32_t ocrvl_confined_clock(uint32_t millis) { return millis < UINT32_MAX / 10 ? millis * 10 : UINT32_MAX; }

/* A page begins, or a video. */
static void set_time(ocrvl_confined *c)
{
    c->left = c->how.seconds;
    c->clock_left = c->clock;
}

/* The error that a reply tells of, if it is one that there can be. */
static ocrvl_status replied(const ocrvl_decode_reply *r, ocrvl_error *err)
{
    ocrvl_status st = r->error.status;
    if (st == OCRVL_OK)
        return OCRVL_OK;
    if ((unsigned)st > OCRVL_E_CRASH)
        st = OCRVL_E_FORMAT;
    ocrvl_fail(err, st, "%s", r->error.message);
    if (err) {
        err->sys_errno = r->error.sys_errno;
        err->offset = r->error.offset;
    }
    return st;
}

/* A decoder of which a reply isn't sound is not asked again. */
static ocrvl_status distrust(ocrvl_confined *c, ocrvl_status st, ocrvl_error *err)
{
    if (st != OCRVL_E_FORMAT)
        return st;
    ocrvl_decoding_end(&c->decoder);
    return ocrvl_fail(err, OCRVL_E_CRASH, "the process that decoded it gave an answer that isn't sound");
}

/* What a decoder may take for the largest page that the limit of pixels lets through, if the caller has set no limit of
 * memory: but not more than half of the machine's. */
static uint64_t most_memory(const ocrvl_source_options *opt)
{
    uint64_t pixels = opt->max_pixels, half = ocrvl_machine_memory() / 2;
    uint64_t most = pixels < (UINT64_C(1) << 56) ? ORDINARY_MEMORY + pixels * OCRVL_ROOM_JPEG2000 : UINT64_MAX;
    most = most < half ? most : half;
    return most > ORDINARY_MEMORY ? most : ORDINARY_MEMORY;
}

/* Starts a decoder and lets it open the document. */
static ocrvl_status begin(ocrvl_confined *c, uint64_t *pages, ocrvl_error *err)
{
    int files[OCRVL_MESSAGE_FILES];
    ocrvl_decode_reply r;
    uint64_t memory = c->opt.decoder_memory ? c->opt.decoder_memory : ORDINARY_MEMORY;
    uint64_t most = c->opt.decoder_memory ? c->opt.decoder_memory : most_memory(&c->opt);
    ocrvl_status st = ocrvl_decoding_start(&c->decoder, c->opt.decoders, c->fd, c->how.kind, memory, most, err);
    if (!st)
        st = ask(c, &c->how, sizeof c->how, &r, files, err);
    if (st)
        return st;
    close_files(files);
    st = replied(&r, err);
    if (st)
        ocrvl_decoding_end(&c->decoder);
    *pages = r.pages;
    c->rate = r.rate;
    return st;
}

/* The first page of a stream of images from which more of them may be wanted: what is told by ranges is told by that.
 * */
static uint64_t last_wanted(const ocrvl_source_options *opt)
{
    uint64_t first = opt->first_page;
    for (size_t i = 0; i < opt->span_count; i++)
        first = opt->spans[i].first >= first ? opt->spans[i].first + 1 : first;
    return first;
}

static ocrvl_status fill_request(ocrvl_confined *c, ocrvl_decoder_kind kind, const ocrvl_source_options *opt,
                                 ocrvl_error *err)
{
    ocrvl_open_request *h = &c->how;
    h->kind = kind;
    h->source = *opt;
    h->source.first_page = last_wanted(opt);
    h->source.last_page = 0;
    h->source.spans = NULL;
    h->source.span_count = 0;
    h->source.password = NULL;
    h->source.canceled = NULL;
    h->source.canceled_user = NULL;
    h->source.decoders = NULL;
    h->seconds = opt->page_millis / 1000.0;
    c->clock = opt->page_clock_millis / 1000.0;
    if (!opt->password)
        return OCRVL_OK;
    size_t n = strlen(opt->password);
    if (n > OCRVL_MOST_PASSWORD)
        return ocrvl_fail(err, OCRVL_E_PASSWORD, "a password of over %d bytes is none", OCRVL_MOST_PASSWORD);
    memcpy(h->password, opt->password, n + 1);
    h->has_password = true;
    return OCRVL_OK;
}

/* Makes a document that isn't open yet. */
static ocrvl_status new_confined(ocrvl_confined **out, ocrvl_bytes *bytes, ocrvl_error *err)
{
    ocrvl_confined *c = ocrvl_alloc(sizeof *c);
    *out = NULL;
    if (!c)
        return ocrvl_fail_nomem(err);
    c->decoder = (ocrvl_decoding){.sock = -1, .said = -1};
    ocrvl_status st = ocrvl_bytes_file(bytes, &c->fd, err);
    c->file = (ocrvl_wire_file){bytes->data, bytes->len};
    if (st)
        ocrvl_confined_free(c);
    else
        *out = c;
    return st;
}

/* Opens what the request asks for; frees it on failure. */
static ocrvl_status open_confined(ocrvl_confined **out, ocrvl_confined *c, ocrvl_error *err)
{
    set_time(c);
    ocrvl_status st = begin(c, &c->pages, err);
    if (st)
        ocrvl_confined_free(c);
    else
        *out = c;
    return st;
}

ocrvl_status ocrvl_confined_open(ocrvl_confined **out, ocrvl_decoder_kind kind, ocrvl_bytes *bytes,
                                 const ocrvl_source_options *opt, uint64_t *pages, ocrvl_error *err)
{
    ocrvl_confined *c;
    *out = NULL;
    ocrvl_status st = new_confined(&c, bytes, err);
    if (st)
        return st;
    c->opt = *opt;
    c->opt.password = NULL;
    c->opt.spans = NULL;
    st = fill_request(c, kind, opt, err);
    if (st) {
        ocrvl_confined_free(c);
        return st;
    }
    st = open_confined(out, c, err);
    *pages = st ? 0 : c->pages;
    return st;
}

ocrvl_status ocrvl_confined_open_video(ocrvl_confined **out, ocrvl_bytes *bytes, const ocrvl_video_options *opt,
                                       uint32_t *count, double *rate, ocrvl_error *err)
{
    ocrvl_confined *c;
    *out = NULL;
    ocrvl_status st = new_confined(&c, bytes, err);
    if (st)
        return st;
    c->opt = (ocrvl_source_options){.size = sizeof c->opt,
                                    .decoders = opt->decoders,
                                    .decoder_memory = opt->decoder_memory,
                                    .max_pixels = opt->max_pixels};
    c->how.kind = OCRVL_DECODE_VIDEO;
    c->how.video = *opt;
    c->how.video.decoders = NULL;
    c->how.video.max_millis = UINT32_MAX; /* that is seen to here */
    c->how.seconds = opt->max_millis / 1000.0;
    c->clock = ocrvl_confined_clock(opt->max_millis) / 1000.0;
    st = open_confined(out, c, err);
    if (!st && c->pages > opt->max_frames) {
        ocrvl_confined_free(c);
        *out = NULL;
        return ocrvl_fail(err, OCRVL_E_CRASH, "the process that decodes it tells of more frames than there are");
    }
    *count = st ? 0 : (uint32_t)c->pages;
    *rate = st || !(c->rate > 0 && c->rate < 1e9) ? 0 : c->rate;
    return st;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* A new decoder where the last one has ended. */
static ocrvl_status ensure(ocrvl_confined *c, ocrvl_error *err)
{
    uint64_t pages;
    ocrvl_decoding_check(&c->decoder);
    if (c->decoder.pid)
        return OCRVL_OK;
    ocrvl_status st = begin(c, &pages, err);
    if (!st && pages != c->pages) {
        ocrvl_decoding_end(&c->decoder);
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the document has changed while it was read");
    }
    return st;
}

/* ocrvl_own_text.draw */
static ocrvl_status draw_part(void *user, const ocrvl_box *part, ocrvl_image **img, ocrvl_error *err)
{
    ocrvl_confined *c = user;
    ocrvl_decode_request q = {.kind = OCRVL_ASK_PART, .has_part = part != NULL, .seconds = fmax(c->left, 1)};
    int files[OCRVL_MESSAGE_FILES];
    ocrvl_decode_reply r;
    *img = NULL;
    if (!c->drawable || !c->decoder.pid)
        return ocrvl_fail(err, OCRVL_E_ARG, "the page has no such part");
    if (part)
        q.part = *part;
    const ocrvl_own_text *own = &c->page.own;
    uint32_t width = part ? (uint32_t)(part->x1 - part->x0) : own->width;
    uint32_t height = part ? (uint32_t)(part->y1 - part->y0) : own->height;
    ocrvl_status st = ask(c, &q, sizeof q, &r, files, err);
    if (st)
        return st;
    st = replied(&r, err);
    if (!st) {
        st = ocrvl_received_image(img, &r, files[0], c->opt.max_pixels, err);
        if (!st && (!*img || r.width != width || r.height != height))
            st = OCRVL_E_FORMAT;
        st = distrust(c, st, err);
    }
    close_files(files);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    return st;
}

/* The document's information, which comes once, and stays: it has a mapping of the message to itself. */
static ocrvl_status take_info(ocrvl_confined *c, const ocrvl_decode_reply *r, int file, ocrvl_error *err)
{
    if (!c->page.informed || c->informed)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_received_bytes(&c->info_body, r->body, file, err);
    if (st)
        return st;
    c->info_len = (size_t)r->body;
    ocrvl_wire w = {c->info_body, c->info_body + c->info_len, false};
    return ocrvl_wire_take_page(&c->info_page, &w, &c->file, r->width, r->height, c->opt.max_pixels, err);
}

/* Takes a page's message apart. */
static ocrvl_status take_body(ocrvl_confined *c, const ocrvl_decode_reply *r, const int *files, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_received_bytes(&c->body, r->body, files[0], err);
    if (st)
        return st;
    c->body_len = (size_t)r->body;
    ocrvl_wire w = {c->body, c->body + c->body_len, false};
    st = ocrvl_wire_take_page(&c->page, &w, &c->file, r->width, r->height, c->opt.max_pixels, err);
    return st ? st : take_info(c, r, files[0], err);
}

/* The file without hidden text, which comes once. */
static ocrvl_status take_document(ocrvl_confined *c, const ocrvl_decode_reply *r, int file, ocrvl_error *err)
{
    if (c->document || !r->document)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_received_bytes(&c->document, r->document, file, err);
    c->document_len = st ? 0 : (size_t)r->document;
    return st;
}

/* What is known of the page, as the caller is to have it. */
static void give_place(ocrvl_confined *c, ocrvl_page_place *place)
{
    const ocrvl_page_place *p = &c->page.place;
    place->media_type = p->media_type ? p->media_type : place->media_type;
    place->label = p->label;
    place->text_layer = p->text_layer;
    place->text_places = p->text_places;
    place->text_place_count = p->text_place_count;
    place->text_boxes = p->text_boxes;
    place->text_box_count = p->text_box_count;
    place->damage = p->damage;
    memcpy(place->pdf_box, p->pdf_box, sizeof place->pdf_box);
    place->native = p->native;
    place->original = p->original;
    place->original_len = p->original_len;
    place->original_type = p->original_type;
    if (c->page.whole_file) {
        place->document = c->file.data;
        place->document_len = c->file.len;
    } else if (c->page.other_file) {
        place->document = c->document;
        place->document_len = c->document_len;
    }
    place->own_text = p->own_text;
    if (p->own_text && c->page.drawable) {
        c->page.own.draw = draw_part;
        c->page.own.draw_user = c;
        c->drawable = true;
    }
    place->info = c->info_page.informed ? &c->info_page.info : NULL;
}

/* Takes all that came with a reply. */
static ocrvl_status take_reply(ocrvl_confined *c, const ocrvl_decode_reply *r, const int *files, ocrvl_image **img,
                               ocrvl_page_place *place, ocrvl_error *err)
{
    const int image = r->body ? 1 : 0, document = image + (r->width != 0); /* where they are among the files */
    ocrvl_status st = ocrvl_received_image(img, r, files[image], c->opt.max_pixels, err);
    if (!st)
        st = take_body(c, r, files, err);
    if (!st)
        st = take_document(c, r, files[document], err);
    if (!st && !r->error.status && !*img)
        st = OCRVL_E_FORMAT;
    st = distrust(c, st, err);
    if (st)
        return st;
    c->informed = true;
    give_place(c, place);
    return replied(r, err);
}

/* Asks for a page and takes what comes of it. */
static ocrvl_status request_page(ocrvl_confined *c, ocrvl_decode_request *q, ocrvl_image **img, ocrvl_page_place *place,
                                 double *seconds, ocrvl_error *err)
{
    int files[OCRVL_MESSAGE_FILES];
    ocrvl_decode_reply r;
    *img = NULL;
    q->kind = OCRVL_ASK_PAGE;
    q->seconds = fmax(c->left, 1);
    ocrvl_status st = ask(c, q, sizeof *q, &r, files, err);
    if (st)
        return st;
    st = take_reply(c, &r, files, img, place, err);
    *seconds = r.seconds;
    close_files(files);
    if (st) {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    return st;
}

ocrvl_status ocrvl_confined_page(ocrvl_confined *c, uint64_t index, ocrvl_image **img, ocrvl_page_place *place,
                                 ocrvl_error *err)
{
    ocrvl_decode_request q = {.index = index, .info = !c->informed};
    double none;
    *img = NULL;
    if (c->page.place.own_text) {
        q.verdict_count = c->page.own.font_count;
        memcpy(q.verdicts, c->page.verdicts, q.verdict_count);
    }
    forget_page(c);
    set_time(c);
    ocrvl_status st = ensure(c, err);
    return st ? st : request_page(c, &q, img, place, &none, err);
}

ocrvl_status ocrvl_confined_frame(ocrvl_confined *c, ocrvl_image **img, double *seconds, ocrvl_error *err)
{
    ocrvl_decode_request q = {.index = 0};
    ocrvl_page_place none = {.size = sizeof none};
    *img = NULL;
    *seconds = 0;
    if (!c->decoder.pid)
        return ocrvl_fail(err, OCRVL_E_CRASH, "the process that decoded it has ended");
    forget_page(c);
    ocrvl_status st = request_page(c, &q, img, &none, seconds, err);
    if (!st && !(*seconds >= 0 && *seconds < 1e9))
        *seconds = 0;
    return st;
}
