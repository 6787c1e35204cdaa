#include "in/source.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "in/pixels.h"

#define MAX_FILE_BYTES (4ull << 30)
#define MAX_PAGES 100000u

typedef enum holding { BORROWED, MAPPED, OWNED } holding; /* whose the input bytes are */

struct ocrvl_source {
    const ocrvl_document_format *format;
    void *doc;
    char *name;
    const uint8_t *data;
    size_t len;
    holding holding;
    uint64_t pages;      /* in the document */
    uint64_t next, last; /* 0-based page to come, and the end of the range (exclusive) */
    ocrvl_source_options opt;
    char sha256[OCRVL_SHA256_HEX]; /* empty until the first page is asked for */
};

/* Of a caller built with another version of the header only what both know is read. */
static ocrvl_status take_options(ocrvl_source_options *to, const ocrvl_source_options *from, ocrvl_error *err)
{
    memset(to, 0, sizeof *to);
    if (from && from->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_source_options.size is not set");
    if (from)
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
    to->size = sizeof *to;
    if (to->last_page && to->last_page < to->first_page)
        return ocrvl_fail(err, OCRVL_E_ARG, "pages %llu to %llu", (unsigned long long)to->first_page,
                          (unsigned long long)to->last_page);
    if (!(to->dpi >= 0 && to->dpi <= 10000))
        return ocrvl_fail(err, OCRVL_E_ARG, "dpi is out of range");
    ocrvl_limits *l = &to->limits;
    l->max_file_bytes = l->max_file_bytes ? l->max_file_bytes : MAX_FILE_BYTES;
    l->max_pixels = l->max_pixels ? l->max_pixels : OCRVL_MAX_PIXELS;
    l->max_pages = l->max_pages ? l->max_pages : MAX_PAGES;
    return OCRVL_OK;
}

static const ocrvl_document_format *sniff(const uint8_t *data, size_t len)
{
    /* PDF last: its mark may stand behind other bytes. */
    static const ocrvl_document_format *const formats[] = {&ocrvl_format_tiff, &ocrvl_format_pictures,
                                                           &ocrvl_format_pdf};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->sniff(data, len))
            return formats[i];
    return NULL;
}

static ocrvl_status set_range(ocrvl_source *s, ocrvl_error *err)
{
    uint64_t first = s->opt.first_page ? s->opt.first_page - 1 : 0;
    uint64_t last = s->opt.last_page && s->opt.last_page < s->pages ? s->opt.last_page : s->pages;
    if (first >= s->pages)
        return ocrvl_fail(err, OCRVL_E_ARG, "%s: no page %llu in a document of %llu", s->name,
                          (unsigned long long)first + 1, (unsigned long long)s->pages);
    if (last - first > s->opt.limits.max_pages)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: %llu pages are over the limit of %llu", s->name,
                          (unsigned long long)(last - first), (unsigned long long)s->opt.limits.max_pages);
    s->next = first;
    s->last = last;
    return OCRVL_OK;
}

/* Puts the document's name before what a format said of it. */
static ocrvl_status name_error(const char *name, ocrvl_status st, ocrvl_error *err)
{
    if (st && err) {
        ocrvl_error was = *err;
        ocrvl_fail(err, st, "%s: %s", name, was.message);
        err->sys_errno = was.sys_errno;
        err->offset = was.offset;
    }
    return st;
}

static ocrvl_status open_document(ocrvl_source *s, ocrvl_error *err)
{
    if (s->len > s->opt.limits.max_file_bytes)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: %llu bytes are over the limit of %llu", s->name,
                          (unsigned long long)s->len, (unsigned long long)s->opt.limits.max_file_bytes);
    if (s->len == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: no bytes at all", s->name);
    s->format = sniff(s->data, s->len);
    if (!s->format)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: not a PDF, TIFF, PNG, JPEG or PNM file", s->name);
    ocrvl_input in = {.data = s->data, .len = s->len, .opt = &s->opt};
    ocrvl_status st = name_error(s->name, s->format->open(&s->doc, &in, &s->pages, err), err);
    return st ? st : set_range(s, err);
}

static ocrvl_status get_bytes(ocrvl_source *s, const char *path, ocrvl_error *err)
{
    char *read;
    if (strcmp(path, "-") != 0 && ocrvl_file_exists(path)) {
        s->holding = MAPPED;
        return ocrvl_file_map(&s->data, &s->len, path, err);
    }
    ocrvl_status st = ocrvl_file_read(&read, &s->len, path, s->opt.limits.max_file_bytes, err);
    if (st == OCRVL_OK) {
        s->holding = OWNED;
        s->data = (const uint8_t *)read;
    }
    return st;
}

/* path NULL: data and len are the input. */
static ocrvl_status open_any(ocrvl_source **out, const char *path, const void *data, size_t len, const char *name,
                             const ocrvl_source_options *opt, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_source *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->data = data;
    s->len = len;
    ocrvl_status st = take_options(&s->opt, opt, err);
    if (st == OCRVL_OK && !(s->name = ocrvl_strdup(name)))
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
    if (s->holding == MAPPED)
        ocrvl_file_unmap(s->data, s->len);
    if (s->holding == OWNED)
        ocrvl_free((void *)(uintptr_t)s->data);
    ocrvl_free(s->name);
    ocrvl_free(s);
}

uint64_t ocrvl_source_count(const ocrvl_source *s) { return s->last - (s->opt.first_page ? s->opt.first_page - 1 : 0); }

static void give_place(ocrvl_page_place *to, const ocrvl_page_place *from)
{
    size_t size = to->size < sizeof *from ? to->size : sizeof *from;
    size_t asked = to->size;
    memcpy(to, from, size);
    to->size = asked;
}

ocrvl_status ocrvl_source_next(ocrvl_source *s, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    *img = NULL;
    if (place->size < sizeof place->size)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_page_place.size is not set");
    if (s->next >= s->last)
        return OCRVL_OK;
    if (!s->sha256[0])
        ocrvl_sha256_hex(s->sha256, s->data, s->len);
    ocrvl_page_place p = {.size = sizeof p,
                          .file = s->name,
                          .media_type = s->format->media_type,
                          .index = s->next,
                          .pages = s->pages,
                          .sha256 = s->sha256};
    ocrvl_status st = s->format->page(s->doc, s->next++, img, &p, err);
    if (st == OCRVL_OK) {
        p.image = *img;
        ocrvl_pixels_shrink_grey(*img);
        p.width = ocrvl_image_width(*img);
        p.height = ocrvl_image_height(*img);
        ocrvl_image_dpi(*img, &p.dpi_x, &p.dpi_y);
    }
    give_place(place, &p);
    return st;
}
