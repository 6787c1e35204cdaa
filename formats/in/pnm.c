/* Netpbm's formats: PBM, PGM and PPM, plain (P1 P2 P3) and raw (P4 P5 P6), and PAM (P7). Samples of any maxval up to
 * 65535 are scaled to 8 bits; alpha is laid on white. Of a file that is cut, or has a bad sample, the rows before are
 * given. */
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/pixels.h"
#include "in/samples.h"
#include "in/source.h"

typedef struct header {
    unsigned type; /* 1..7 */
    uint32_t width, height, maxval;
    uint32_t depth; /* samples a pixel, alpha included */
    bool alpha;
    bool ink;      /* for bitmaps, in which 1 is black */
    size_t raster; /* where the samples begin */
} header;

typedef struct scanner {
    const uint8_t *data;
    size_t len, at;
} scanner;

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool pnm_sniff(const uint8_t *data, size_t len)
{
    return len >= 3 && data[0] == 'P' && data[1] >= '1' && data[1] <= '7' && (is_space(data[2]) || data[2] == '#');
}

/* Skips white space, and comments from # to the end of the line. */
static void skip_space(scanner *s)
{
    while (s->at < s->len && (is_space(s->data[s->at]) || s->data[s->at] == '#')) {
        const uint8_t *p = s->data + s->at;
        const uint8_t *end = *p == '#' ? memchr(p, '\n', s->len - s->at) : p;
        s->at = end ? (size_t)(end - s->data) + 1 : s->len;
    }
}

static bool read_number(scanner *s, uint32_t *out)
{
    uint32_t v = 0;
    size_t digits = 0;
    skip_space(s);
    for (; s->at < s->len && s->data[s->at] >= '0' && s->data[s->at] <= '9'; s->at++, digits++) {
        if (v > 100000000)
            return false;
        v = 10 * v + (s->data[s->at] - '0');
    }
    *out = v;
    return digits > 0;
}

static bool read_word(scanner *s, char *word, size_t cap)
{
    size_t n = 0;
    skip_space(s);
    for (; s->at < s->len && !is_space(s->data[s->at]); s->at++)
        if (n + 1 < cap)
            word[n++] = (char)s->data[s->at];
    word[n] = '\0';
    return n > 0;
}

static bool read_pam(scanner *s, header *h)
{
    char word[24];
    bool black_and_white = false, told = false;
    while (read_word(s, word, sizeof word)) {
        if (strcmp(word, "ENDHDR") == 0) {
            h->alpha = told ? h->alpha : h->depth == 2 || h->depth == 4;
            return h->depth >= 1 && h->depth <= 4 && (!black_and_white || h->maxval == 1);
        }
        if (strcmp(word, "TUPLTYPE") == 0) {
            if (!read_word(s, word, sizeof word))
                return false;
            told = true;
            h->alpha = strstr(word, "_ALPHA") != NULL;
            black_and_white = strncmp(word, "BLACKANDWHITE", 13) == 0;
            continue;
        }
        uint32_t *field = strcmp(word, "WIDTH") == 0    ? &h->width
                          : strcmp(word, "HEIGHT") == 0 ? &h->height
                          : strcmp(word, "DEPTH") == 0  ? &h->depth
                          : strcmp(word, "MAXVAL") == 0 ? &h->maxval
                                                        : NULL;
        if (!field || !read_number(s, field))
            return false;
    }
    return false;
}

static ocrvl_status read_header(header *h, const uint8_t *data, size_t len, ocrvl_error *err)
{
    scanner s = {.data = data, .len = len, .at = 2};
    *h = (header){.type = data[1] - '0', .maxval = 1, .depth = 1};
    bool pam = h->type == 7, bitmap = h->type == 1 || h->type == 4;
    bool ok = pam ? read_pam(&s, h) : read_number(&s, &h->width) && read_number(&s, &h->height);
    if (!pam && !bitmap)
        ok = ok && read_number(&s, &h->maxval);
    if (!pam)
        h->depth = h->type == 3 || h->type == 6 ? 3 : 1;
    h->ink = bitmap;
    if (!ok || h->width == 0 || h->height == 0 || s.at >= len || !is_space(data[s.at]) || h->maxval == 0 ||
        h->maxval > 65535 || h->depth - h->alpha == 2 || h->depth - h->alpha == 0 ||
        (pam && h->depth == 4 && !h->alpha))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "PNM: malformed header");
    h->raster = s.at + 1; /* one white space ends the header */
    return OCRVL_OK;
}

static bool is_plain(const header *h) { return h->type <= 3; }

static size_t row_bytes(const header *h)
{
    size_t samples = (size_t)h->width * h->depth;
    return h->type == 4 ? (samples + 7) / 8 : samples * (h->maxval > 255 ? 2 : 1);
}

static size_t pnm_extent(const uint8_t *data, size_t len)
{
    header h;
    if (read_header(&h, data, len, NULL) != OCRVL_OK)
        return len;
    if (is_plain(&h)) { /* a plain raster contains no P, but a comment may */
        scanner s = {.data = data, .len = len, .at = h.raster};
        for (;;) {
            skip_space(&s);
            if (s.at >= len || pnm_sniff(data + s.at, len - s.at))
                return s.at;
            s.at++;
        }
    }
    size_t room = len - h.raster, row = row_bytes(&h);
    return row > room / h.height ? len : h.raster + row * h.height;
}

/* Reads one row of samples, converted to 8 bits each. Returns false if the data end or a sample is over maxval. */
static bool read_samples(scanner *s, const header *h, uint8_t *to)
{
    size_t n = (size_t)h->width * h->depth;
    for (size_t i = 0; i < n; i++) {
        uint32_t v;
        if (h->type == 1) {
            skip_space(s);
            if (s->at >= s->len)
                return false;
            v = (uint32_t)s->data[s->at++] - '0';
        } else if (h->type <= 3) {
            if (!read_number(s, &v))
                return false;
        } else if (h->type == 4) {
            v = s->data[s->at + i / 8] >> (7 - i % 8) & 1;
        } else if (h->maxval > 255) {
            v = (uint32_t)s->data[s->at + 2 * i] << 8 | s->data[s->at + 2 * i + 1];
        } else {
            v = s->data[s->at + i];
        }
        if (v > h->maxval)
            return false;
        to[i] = (uint8_t)(h->maxval == 65535 ? v >> 8 : (v * 255 + h->maxval / 2) / h->maxval);
        if (h->ink)
            to[i] ^= 255;
    }
    if (!is_plain(h))
        s->at += row_bytes(h);
    return true;
}

/* Sets the maxval to what raw samples of two bytes without alpha fill, if they have been given more bits than they need
 * (in/samples.h). s->at is the raster's beginning, and of `rows` rows there are all bytes. */
static void find_white(header *h, const scanner *s, uint32_t rows)
{
    ocrvl_samples scale;
    size_t n = rows * (row_bytes(h) / 2);
    if (is_plain(h) || h->maxval <= 255 || h->alpha || !ocrvl_samples_begin(&scale, OCRVL_SAMPLE_UNSIGNED, 16))
        return;
    scale.high = h->maxval;
    for (size_t i = 0; i < n && !ocrvl_samples_are_clear(&scale); i++) {
        uint16_t v = (uint16_t)(s->data[s->at + 2 * i] << 8 | s->data[s->at + 2 * i + 1]);
        ocrvl_samples_measure(&scale, (const uint8_t *)&v, 0);
    }
    ocrvl_samples_settle(&scale);
    h->maxval = (uint32_t)scale.high;
}

/* The rows whose samples can be all there. */
static uint32_t rows_there(const header *h, size_t len)
{
    size_t rows = is_plain(h) ? h->height : (len - h->raster) / row_bytes(h);
    return rows < h->height ? (uint32_t)rows : h->height;
}

/* s->at is the raster's beginning. Returns how many rows there are before the data end or a sample is bad. row and
 * alpha hold a row's samples and the whole image's alpha, if it has any. */
static uint32_t read_raster(ocrvl_image *img, scanner *s, const header *h, uint8_t *row, uint8_t *alpha)
{
    size_t width = h->width, channels = img->channels;
    uint32_t rows = rows_there(h, s->len);
    for (uint32_t y = 0; y < rows; y++) {
        uint8_t *to = img->data + y * width * channels;
        if (!is_plain(h) && h->maxval == 255 && !h->alpha) {
            memcpy(to, s->data + s->at, width * channels);
            s->at += width * channels;
            continue;
        }
        if (!read_samples(s, h, h->alpha ? row : to)) {
            memset(to, 255, width * channels);
            return y;
        }
        if (h->alpha)
            ocrvl_pixels_lay_on_white(to, alpha + y * width, row, width, channels);
    }
    return rows;
}

static ocrvl_status pnm_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    header h;
    uint8_t *row = NULL, *alpha = NULL;
    ocrvl_status st = read_header(&h, data, len, err);
    if (st == OCRVL_OK)
        st = ocrvl_image_new(img, h.width, h.height, h.depth - h.alpha, 0, 0, max_pixels, err);
    if (st)
        return st;
    if (h.alpha && (!(row = ocrvl_alloc_array(h.width, h.depth)) || !(alpha = ocrvl_alloc_array(h.width, h.height))))
        st = ocrvl_fail_nomem(err);
    scanner s = {.data = data, .len = len, .at = h.raster};
    find_white(&h, &s, rows_there(&h, len));
    uint32_t rows = st ? 0 : read_raster(*img, &s, &h, row, alpha);
    if (!st && rows == 0) {
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "PNM: the first row has a bad sample, or isn't all in the file");
        if (err)
            err->offset = s.at;
    }
    *cut = rows < h.height;
    if (!st && h.alpha) {
        memset(alpha + (size_t)h.width * rows, 255, (size_t)h.width * (h.height - rows)); /* missing isn't clear */
        ocrvl_pixels_choose_ground(*img, alpha);
    }
    ocrvl_free(row);
    ocrvl_free(alpha);
    return st;
}

const ocrvl_picture_format ocrvl_picture_pnm = {"image/x-portable-anymap", pnm_sniff, pnm_extent, pnm_decode};
