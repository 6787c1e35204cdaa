#include "in/source.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/bytes.h"
#include "in/confined.h"
#include "in/pixels.h"

#define MAX_FILE_BYTES (4ull << 30)
#define MAX_PAGES 100000u

struct ocrvl_source {
    const ocrvl_document_format *format;
    void *doc;                /* opened by this process; or NULL */
    ocrvl_confined *confined; /* or by another one */
    char *name;
    ocrvl_bytes bytes;
    uint64_t pages;      /* in the document */
    uint64_t next, last; /* the next page, 0-based, and the end of the range (exclusive) */
    uint64_t count;      /* of the pages that are to be given */
    ocrvl_source_options opt;
    char sha256[OCRVL_SHA256_HEX]; /* empty until the first page is asked for */
    char md5[OCRVL_MD5_HEX];       /* the same, and empty unless it is an image file */
};

/* If the caller was built with another version of the header, only the members that both know are read. to->urls then
 * says that path is a URL. */
static ocrvl_status take_options(ocrvl_source_options *to, const ocrvl_source_options *from, const char *path,
                                 ocrvl_error *err)
{
    memset(to, 0, sizeof *to);
    if (from && from->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_source_options.size is not set");
    if (from)
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
    to->size = sizeof *to;
    to->urls = to->urls && path && ocrvl_url_is(path);
    if (to->last_page && to->last_page < to->first_page)
        return ocrvl_fail(err, OCRVL_E_ARG, "pages %llu to %llu are not a range", (unsigned long long)to->first_page,
                          (unsigned long long)to->last_page);
    if (!(to->dpi >= 0 && to->dpi <= 10000))
        return ocrvl_fail(err, OCRVL_E_ARG, "dpi is out of range");
    to->max_file_bytes = to->max_file_bytes ? to->max_file_bytes : to->urls ? OCRVL_URL_MAX_BYTES : MAX_FILE_BYTES;
    to->max_pixels = to->max_pixels ? to->max_pixels : OCRVL_MAX_PIXELS;
    to->max_pages = to->max_pages ? to->max_pages : MAX_PAGES;
    to->page_millis = to->page_millis ? to->page_millis : OCRVL_PAGE_MILLIS;
    to->page_clock_millis = to->page_clock_millis ? to->page_clock_millis : ocrvl_confined_clock(to->page_millis);
    return OCRVL_OK;
}

/* NULL if it is none that is known. */
static const ocrvl_document_format *sniff(ocrvl_decoder_kind *kind, const uint8_t *data, size_t len)
{
    /* PDF comes last, because its mark may follow other bytes. */
    for (*kind = OCRVL_DECODE_TIFF; *kind <= OCRVL_DECODE_PDF; ++*kind)
        if (ocrvl_decoder_format(*kind)->sniff(data, len))
            return ocrvl_decoder_format(*kind);
    return NULL;
}

bool ocrvl_source_knows(const void *head, size_t len)
{
    ocrvl_decoder_kind kind;
    return len > 0 && sniff(&kind, head, len) != NULL;
}

/* The first page from `page` on, both 0-based, that is to be given; s->last if there is none. */
static uint64_t next_wanted(const ocrvl_source *s, uint64_t page)
{
    uint64_t best = s->opt.span_count ? s->last : page;
    for (size_t i = 0; i < s->opt.span_count; i++) {
        const ocrvl_page_span *span = &s->opt.spans[i];
        uint64_t first = span->first ? span->first - 1 : 0, from = first > page ? first : page;
        if ((!span->last || from < span->last) && from < best)
            best = from;
    }
    return best < s->last ? best : s->last;
}

/* The end of the pages that are wanted from `page` on, which is itself wanted, as far as one span goes. */
static uint64_t end_wanted(const ocrvl_source *s, uint64_t page)
{
    uint64_t end = s->opt.span_count ? page + 1 : s->last;
    for (size_t i = 0; i < s->opt.span_count; i++) {
        const ocrvl_page_span *span = &s->opt.spans[i];
        uint64_t last = span->last ? span->last : s->last;
        if ((!span->first || span->first - 1 <= page) && last > end)
            end = last;
    }
    return end < s->last ? end : s->last;
}

static uint64_t count_wanted(const ocrvl_source *s)
{
    uint64_t n = 0;
    for (uint64_t page = s->next; page < s->last;) {
        uint64_t end = end_wanted(s, page);
        n += end - page;
        page = next_wanted(s, end);
    }
    return n;
}

static ocrvl_status set_range(ocrvl_source *s, ocrvl_error *err)
{
    uint64_t first = s->opt.first_page ? s->opt.first_page - 1 : 0;
    uint64_t last = s->opt.last_page && s->opt.last_page < s->pages ? s->opt.last_page : s->pages;
    if (first >= s->pages)
        return ocrvl_fail(err, OCRVL_E_ARG, "%s: there is no page %llu in a document of %llu", s->name,
                          (unsigned long long)first + 1, (unsigned long long)s->pages);
    s->last = last;
    s->next = next_wanted(s, first);
    s->count = count_wanted(s);
    if (s->count > s->opt.max_pages)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: %llu pages are over the limit of %llu", s->name,
                          (unsigned long long)s->count, (unsigned long long)s->opt.max_pages);
    return OCRVL_OK;
}

static ocrvl_status open_format(ocrvl_source *s, ocrvl_decoder_kind kind, ocrvl_error *err)
{
    ocrvl_input in = {.data = s->bytes.data, .len = s->bytes.len, .opt = &s->opt};
    return s->opt.decoders ? ocrvl_confined_open(&s->confined, kind, &s->bytes, &s->opt, &s->pages, err)
                           : s->format->open(&s->doc, &in, &s->pages, err);
}

static ocrvl_status open_document(ocrvl_source *s, ocrvl_error *err)
{
    ocrvl_decoder_kind kind;
    if (s->bytes.len > s->opt.max_file_bytes)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: %llu bytes are over the limit of %llu", s->name,
                          (unsigned long long)s->bytes.len, (unsigned long long)s->opt.max_file_bytes);
    if (s->bytes.len == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: the file is empty", s->name);
    s->format = sniff(&kind, s->bytes.data, s->bytes.len);
    if (!s->format)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED,
                          "%s: not a PDF, TIFF, PNG, JPEG, PNM, JPEG 2000, WebP, GIF, BMP, HEIF or AVIF file", s->name);
    ocrvl_status st = ocrvl_bytes_name_error(s->name, open_format(s, kind, err), err);
    return st ? st : set_range(s, err);
}

static ocrvl_status get_bytes(ocrvl_source *s, const char *path, ocrvl_error *err)
{
    ocrvl_url_options how = {s->opt.max_file_bytes, s->opt.url_millis, s->opt.private_addresses, s->opt.canceled,
                             s->opt.canceled_user};
    return ocrvl_bytes_get(&s->bytes, path, s->opt.urls, &how, s->name, err);
}

/* If path is NULL, data and len are the input. */
static ocrvl_status open_any(ocrvl_source **out, const char *path, const void *data, size_t len, const char *name,
                             const ocrvl_source_options *opt, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_source *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->bytes.data = data;
    s->bytes.len = len;
    ocrvl_status st = take_options(&s->opt, opt, path, err);
    if (st == OCRVL_OK && !(s->name = s->opt.urls ? ocrvl_url_name(name) : ocrvl_strdup(name)))
        st = ocrvl_fail_nomem(err);
    if (st == OCRVL_OK && path)
        st = get_bytes(s, path, err);
    if (st == OCRVL_OK)
        st = open_document(s, err);
    s->opt.password = NULL;
    if (st)
        ocrvl_source_free(s);
    else
        *out = s;
    return st;
}

ocrvl_status ocrvl_source_open(ocrvl_source **out, const char *path, const ocrvl_source_options *opt, ocrvl_error *err)
{
    return open_any(out, path, NULL, 0, path, opt, err);
}

ocrvl_status ocrvl_source_open_memory(ocrvl_source **out, const void *data, size_t len, const char *name,
                                      const ocrvl_source_options *opt, ocrvl_error *err)
{
    return open_any(out, NULL, data, len, name ? name : "-", opt, err);
}

void ocrvl_source_free(ocrvl_source *s)
{
    if (!s)
        return;
    if (s->doc)
        s->format->free(s->doc);
    ocrvl_confined_free(s->confined);
    ocrvl_bytes_free(&s->bytes);
    ocrvl_free(s->name);
    ocrvl_free(s);
}

uint64_t ocrvl_source_count(const ocrvl_source *s) { return s->count; }

static void give_place(ocrvl_page_place *to, const ocrvl_page_place *from)
{
    size_t size = to->size < sizeof *from ? to->size : sizeof *from;
    size_t asked = to->size;
    memcpy(to, from, size);
    to->size = asked;
}

/* Image files have an MD5, their failed pages too; st is what came before, which goes before a failure of this. */
static ocrvl_status put_md5(ocrvl_source *s, ocrvl_page_place *p, ocrvl_status st, ocrvl_error *err)
{
    ocrvl_status own = OCRVL_OK;
    if (!p->media_type || strncmp(p->media_type, "image/", 6) != 0)
        return st;
    if (!s->md5[0])
        own = ocrvl_md5_hex(s->md5, s->bytes.data, s->bytes.len, st ? NULL : err);
    p->md5 = s->md5[0] ? s->md5 : NULL;
    return st ? st : own;
}

ocrvl_status ocrvl_source_next(ocrvl_source *s, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    *img = NULL;
    if (place->size < sizeof place->size)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_page_place.size is not set");
    if (s->next >= s->last)
        return OCRVL_OK;
    ocrvl_status st = s->sha256[0] ? OCRVL_OK : ocrvl_sha256_hex(s->sha256, s->bytes.data, s->bytes.len, err);
    ocrvl_page_place p = {.size = sizeof p,
                          .file = s->name,
                          .media_type = s->format->media_type,
                          .index = s->next,
                          .pages = s->pages,
                          .sha256 = s->sha256[0] ? s->sha256 : NULL};
    s->next = next_wanted(s, s->next + 1);
    if (st == OCRVL_OK)
        st = s->confined ? ocrvl_confined_page(s->confined, p.index, img, &p, err)
                         : ocrvl_decoder_page(s->format, s->doc, p.index, img, &p, err);
    st = put_md5(s, &p, st, err);
    if (st == OCRVL_OK) {
        p.image = *img;
        if (p.index + 1 != (s->opt.first_page ? s->opt.first_page : 1))
            p.info = NULL;
        ocrvl_pixels_shrink_grey(*img);
        p.width = ocrvl_image_width(*img);
        p.height = ocrvl_image_height(*img);
        ocrvl_image_dpi(*img, &p.dpi_x, &p.dpi_y);
        if (p.own_text && p.own_text->draw) { /* the image is a small one */
            p.width = p.own_text->width;
            p.height = p.own_text->height;
            p.dpi_x = p.dpi_y = p.own_text->dpi;
        }
    } else {
        ocrvl_image_free(*img);
        *img = NULL;
    }
    give_place(place, &p);
    return st;
}
