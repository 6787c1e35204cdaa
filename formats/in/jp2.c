/* JPEG 2000 by openjpeg, as files (JP2) and bare codestreams: grey, RGB and sYCC, with alpha laid on white. */
#include <math.h>
#include <string.h>

#include <openjpeg.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confine.h"
#include "in/pixels.h"
#include "in/samples.h"
#include "in/source.h"

#define BOX "\0\0\0\x0CjP  \r\n\x87\n"
#define STREAM "\xFF\x4F\xFF\x51"

static bool is_stream(const uint8_t *data, size_t len) { return len >= 12 && memcmp(data, STREAM, 4) == 0; }

static bool jp2_sniff(const uint8_t *data, size_t len)
{
    return (len >= 12 && memcmp(data, BOX, 12) == 0) || is_stream(data, len);
}

typedef struct bytes {
    const uint8_t *data;
    size_t len, at;
} bytes;

static OPJ_SIZE_T read_bytes(void *to, OPJ_SIZE_T n, void *user)
{
    bytes *b = user;
    size_t room = b->len - b->at, take = n < room ? n : room;
    if (take == 0)
        return (OPJ_SIZE_T)-1;
    memcpy(to, b->data + b->at, take);
    b->at += take;
    return take;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T n, void *user)
{
    bytes *b = user;
    size_t room = b->len - b->at;
    if (n < 0 || (uint64_t)n > room)
        return -1;
    b->at += (size_t)n;
    return n;
}

static OPJ_BOOL seek_bytes(OPJ_OFF_T at, void *user)
{
    bytes *b = user;
    if (at < 0 || (uint64_t)at > b->len)
        return OPJ_FALSE;
    b->at = (size_t)at;
    return OPJ_TRUE;
}

static void say_nothing(const char *text, void *user)
{
    (void)text;
    (void)user;
}

/* Sample of a component at a pixel of the image, as 0..255, where `most` is white. */
static int sample(const opj_image_comp_t *c, uint32_t x, uint32_t y, int64_t most)
{
    uint32_t cx = x / c->dx, cy = y / c->dy;
    cx = cx < c->w ? cx : c->w - 1;
    cy = cy < c->h ? cy : c->h - 1;
    int64_t v = c->data[(size_t)cy * c->w + cx];
    v += c->sgnd ? (int64_t)1 << (c->prec - 1) : 0;
    v = v < 0 ? 0 : v > most ? most : v;
    return (int)(v * 255 / most);
}

static uint8_t clamp(double v) { return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5); }

static void from_ycc(uint8_t p[3])
{
    double y = p[0], cb = p[1] - 128.0, cr = p[2] - 128.0;
    p[0] = clamp(y + 1.402 * cr);
    p[1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    p[2] = clamp(y + 1.772 * cb);
}

typedef struct form { /* which components are what */
    uint32_t colours; /* 1 or 3 */
    int alpha;        /* or -1 */
    bool ycc;
    int64_t most[4]; /* what is white, or opaque, of each component */
} form;

static int64_t most_of(const opj_image_comp_t *c) { return ((int64_t)1 << c->prec) - 1; }

/* Whether the colours fill so few of their bits that they have been given more than they need; then white is what
 * they do fill (in/samples.h). */
static void find_white(form *f, const opj_image_t *j)
{
    ocrvl_samples s;
    bool deep = true;
    for (uint32_t i = 0; i < f->colours; i++)
        deep &= j->comps[i].prec == 16 && !j->comps[i].sgnd;
    if (!deep || f->ycc)
        return;
    (void)ocrvl_samples_begin(&s, OCRVL_SAMPLE_UNSIGNED, 16);
    for (uint32_t i = 0; i < f->colours; i++) {
        const opj_image_comp_t *c = &j->comps[i];
        size_t n = (size_t)c->w * c->h;
        for (size_t k = 0; k < n && !ocrvl_samples_are_clear(&s); k++) {
            uint16_t v = (uint16_t)(c->data[k] < 0 ? 0 : c->data[k] > 65535 ? 65535 : c->data[k]);
            ocrvl_samples_measure(&s, (const uint8_t *)&v, 0);
        }
    }
    ocrvl_samples_settle(&s);
    for (uint32_t i = 0; i < f->colours; i++)
        f->most[i] = (int64_t)s.high;
}

static ocrvl_status find_form(form *f, const opj_image_t *j, ocrvl_error *err)
{
    uint32_t n = j->numcomps;
    *f = (form){.colours = n >= 3 ? 3 : 1, .alpha = n == 2 || n == 4 ? (int)n - 1 : -1};
    if (n < 1 || n > 4 || j->color_space == OPJ_CLRSPC_CMYK || j->color_space == OPJ_CLRSPC_EYCC)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "JPEG 2000: images of %u components of this kind are not supported",
                          n);
    for (uint32_t i = 0; i < n; i++) {
        const opj_image_comp_t *c = &j->comps[i];
        if (c->prec < 1 || c->prec > 31 || !c->dx || !c->dy || !c->w || !c->h || !c->data)
            return ocrvl_fail(err, OCRVL_E_FORMAT, "JPEG 2000: component %u is broken", i);
    }
    if (f->alpha >= 0 && n == 4 && !j->comps[3].alpha)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "JPEG 2000: images of four colours are not supported");
    for (uint32_t i = 0; i < n; i++)
        f->most[i] = most_of(&j->comps[i]);
    f->ycc = f->colours == 3 && (j->color_space == OPJ_CLRSPC_SYCC || j->comps[1].dx > 1);
    find_white(f, j);
    return OCRVL_OK;
}

/* alpha: [height][width] */
static void put_pixels(ocrvl_image *img, uint8_t *alpha, const opj_image_t *j, const form *f)
{
    for (uint32_t y = 0; y < img->height; y++) {
        uint8_t *to = img->data + (size_t)y * img->width * img->channels;
        for (uint32_t x = 0; x < img->width; x++, to += f->colours) {
            uint8_t in[4];
            for (uint32_t c = 0; c < f->colours; c++)
                in[c] = (uint8_t)sample(&j->comps[c], x, y, f->most[c]);
            if (f->ycc)
                from_ycc(in);
            in[f->colours] = f->alpha < 0 ? 255 : (uint8_t)sample(&j->comps[f->alpha], x, y, f->most[f->alpha]);
            ocrvl_pixels_lay_on_white(to, alpha++, in, 1, f->colours);
        }
    }
}

/* The head is read, and the size proved, before the pixels are decoded. */
static ocrvl_status read_image(ocrvl_image **img, opj_codec_t *codec, opj_stream_t *stream, opj_image_t **j,
                               uint64_t max_pixels, ocrvl_error *err)
{
    form f;
    if (!opj_read_header(stream, codec, j))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "JPEG 2000: the header is broken");
    uint32_t width = (*j)->x1 - (*j)->x0, height = (*j)->y1 - (*j)->y0;
    if ((*j)->x1 <= (*j)->x0 || (*j)->y1 <= (*j)->y0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "JPEG 2000: the image has no size");
    ocrvl_status st = ocrvl_image_new(img, width, height, (*j)->numcomps >= 3 ? 3 : 1, 0, 0, max_pixels, err);
    if (st)
        return st;
    ocrvl_confine_room(OCRVL_ROOM_JPEG2000 * (uint64_t)width * height);
    if (!opj_decode(codec, stream, *j) || !opj_end_decompress(codec, stream))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "JPEG 2000: the image is broken or cut");
    st = find_form(&f, *j, err);
    uint8_t *alpha = st ? NULL : ocrvl_alloc_array(width, height);
    if (!st && !alpha)
        st = ocrvl_fail_nomem(err);
    if (!st)
        put_pixels(*img, alpha, *j, &f);
    if (!st && f.alpha >= 0)
        ocrvl_pixels_choose_ground(*img, alpha);
    ocrvl_free(alpha);
    return st;
}

/* lenient: with what there is of data that are cut. */
static ocrvl_status decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool lenient,
                           ocrvl_error *err)
{
    bytes b = {data, len, 0};
    opj_dparameters_t parameters;
    opj_image_t *j = NULL;
    ocrvl_status st = OCRVL_E_NOMEM;
    opj_codec_t *codec = opj_create_decompress(is_stream(data, len) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
    opj_stream_t *stream = opj_stream_create(1 << 16, OPJ_TRUE);
    opj_set_default_decoder_parameters(&parameters);
    if (codec && stream && opj_setup_decoder(codec, &parameters)) {
        opj_decoder_set_strict_mode(codec, !lenient);
        opj_set_error_handler(codec, say_nothing, NULL);
        opj_set_warning_handler(codec, say_nothing, NULL);
        opj_set_info_handler(codec, say_nothing, NULL);
        opj_stream_set_user_data(stream, &b, NULL);
        opj_stream_set_user_data_length(stream, len);
        opj_stream_set_read_function(stream, read_bytes);
        opj_stream_set_skip_function(stream, skip_bytes);
        opj_stream_set_seek_function(stream, seek_bytes);
        st = read_image(img, codec, stream, &j, max_pixels, err);
    } else {
        st = ocrvl_fail_nomem(err);
    }
    opj_image_destroy(j);
    if (stream)
        opj_stream_destroy(stream);
    if (codec)
        opj_destroy_codec(codec);
    return st;
}

static ocrvl_status jp2_decode(ocrvl_image **img, const uint8_t *data, size_t len, uint64_t max_pixels, bool *cut,
                               ocrvl_error *err)
{
    ocrvl_error why;
    ocrvl_status st = decode(img, data, len, max_pixels, false, &why);
    if (st == OCRVL_E_FORMAT && *img) { /* the header is sound */
        ocrvl_image_free(*img);
        *img = NULL;
        *cut = decode(img, data, len, max_pixels, true, NULL) == OCRVL_OK;
        if (*cut)
            return OCRVL_OK;
    }
    if (st && err)
        *err = why;
    return st;
}

const ocrvl_picture_format ocrvl_picture_jp2 = {"image/jp2", jp2_sniff, NULL, jp2_decode};
