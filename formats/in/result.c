/* Detects the format of results by their first bytes, and reads the bytes. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "in/result.h"

#define MAX_BYTES (16ull << 30)

struct ocrvl_results {
    const ocrvl_result_format *format;
    void *reader;
    char *name;
    const uint8_t *data;
    size_t len;
    bool mapped, borrowed; /* borrowed: the caller's */
    size_t forgotten;      /* bytes of a mapped file that were released */
    uint64_t count;
};

#define FORGET ((size_t)16 << 20) /* bytes that are released at a time */

static ocrvl_status get_bytes(ocrvl_results *r, const char *path, ocrvl_error *err)
{
    char *read;
    if (strcmp(path, "-") != 0 && ocrvl_file_exists(path)) {
        r->mapped = true;
        return ocrvl_file_map(&r->data, &r->len, path, err);
    }
    ocrvl_status st = ocrvl_file_read(&read, &r->len, path, MAX_BYTES, err);
    if (st == OCRVL_OK)
        r->data = (const uint8_t *)read;
    return st;
}

static ocrvl_status name_error(const char *name, ocrvl_status st, ocrvl_error *err)
{
    if (st && err) {
        ocrvl_error was = *err;
        ocrvl_fail(err, st, "%s: %s", name, was.message);
        err->sys_errno = was.sys_errno;
    }
    return st;
}

/* The format, or NULL. Moves *data past a byte order mark. */
static const ocrvl_result_format *sniff(const char **data, size_t *len)
{
    static const ocrvl_result_format *const formats[] = {&ocrvl_result_json, &ocrvl_result_alto, &ocrvl_result_page,
                                                         &ocrvl_result_hocr, &ocrvl_result_tsv};
    if (*len >= 3 && memcmp(*data, "\xEF\xBB\xBF", 3) == 0) {
        *data += 3;
        *len -= 3;
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats && *len; i++)
        if (formats[i]->sniff(*data, *len))
            return formats[i];
    return NULL;
}

bool ocrvl_results_knows(const void *head, size_t len)
{
    static const char mark[] = "ocrvl.page/1"; /* other JSON isn't results */
    const char *data = head;
    const ocrvl_result_format *format = sniff(&data, &len);
    bool known = format && format != &ocrvl_result_json;
    for (size_t i = 0; !known && format && i + sizeof mark <= len; i++)
        known = memcmp(data + i, mark, sizeof mark - 1) == 0;
    return known;
}

static ocrvl_status open_format(ocrvl_results *r, ocrvl_error *err)
{
    const char *data = (const char *)r->data;
    size_t len = r->len;
    r->format = sniff(&data, &len);
    if (r->format)
        return name_error(r->name, r->format->open(&r->reader, data, len, err), err);
    return ocrvl_fail(err, len ? OCRVL_E_UNSUPPORTED : OCRVL_E_FORMAT, "%s: %s", r->name,
                      len ? "this is neither ocrvl's JSON nor hOCR, ALTO, PAGE or Tesseract's TSV"
                          : "the file is empty");
}

/* Opens a file, or if data isn't NULL the bytes there. */
static ocrvl_status open_any(ocrvl_results **out, const void *data, size_t len, const char *name, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_results *r = ocrvl_alloc(sizeof *r);
    if (!r)
        return ocrvl_fail_nomem(err);
    r->name = ocrvl_strdup(name);
    r->data = data;
    r->len = len;
    r->borrowed = data != NULL;
    ocrvl_status st = !r->name ? ocrvl_fail_nomem(err) : data ? OCRVL_OK : get_bytes(r, name, err);
    if (!st)
        st = open_format(r, err);
    if (st)
        ocrvl_results_free(r);
    else
        *out = r;
    return st;
}

ocrvl_status ocrvl_results_open(ocrvl_results **out, const char *path, ocrvl_error *err)
{
    return open_any(out, NULL, 0, path, err);
}

ocrvl_status ocrvl_results_open_memory(ocrvl_results **out, const void *data, size_t len, const char *name,
                                       ocrvl_error *err)
{
    return open_any(out, data ? data : "", data ? len : 0, name, err);
}

void ocrvl_results_free(ocrvl_results *r)
{
    if (!r)
        return;
    if (r->reader)
        r->format->free(r->reader);
    if (r->mapped)
        ocrvl_file_unmap(r->data, r->len);
    else if (!r->borrowed)
        ocrvl_free((void *)(uintptr_t)r->data);
    ocrvl_free(r->name);
    ocrvl_free(r);
}

ocrvl_status ocrvl_results_next(ocrvl_results *r, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_page_place p = {.size = sizeof p, .file = r->name, .index = r->count};
    size_t asked = place->size;
    *page = NULL;
    if (asked < sizeof place->size)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_page_place.size is not set");
    size_t done = r->mapped ? r->format->done(r->reader) : 0;
    if (done > r->forgotten && done - r->forgotten >= FORGET && done <= r->len) {
        ocrvl_file_forget(r->data, done);
        r->forgotten = done;
    }
    ocrvl_status st = r->format->next(r->reader, page, &p, err);
    if (st == OCRVL_E_ARG) { /* the file broke the builder's contract */
        st = OCRVL_E_FORMAT;
        if (err)
            err->status = st;
    }
    if (!st && *page) {
        ocrvl_page_info info = {.size = sizeof info};
        ocrvl_page_get_info(*page, &info);
        p.width = info.width;
        p.height = info.height;
        p.dpi_x = info.dpi_x;
        p.dpi_y = info.dpi_y;
        r->count++;
    }
    memcpy(place, &p, asked < sizeof p ? asked : sizeof p);
    place->size = asked;
    return st;
}
