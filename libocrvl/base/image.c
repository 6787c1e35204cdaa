#define _GNU_SOURCE /* memfd_create */

#include "base/image.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/resample.h"

/* An image without pixels. */
static ocrvl_status new_image(ocrvl_image **out, uint32_t width, uint32_t height, uint32_t channels, double dpi_x,
                              double dpi_y, uint64_t max_pixels, ocrvl_error *err)
{
    uint64_t max = max_pixels ? max_pixels : OCRVL_MAX_PIXELS;
    *out = NULL;
    if (width == 0 || height == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "an image of %u x %u pixels has no area", width, height);
    if (channels != 1 && channels != 3)
        return ocrvl_fail(err, OCRVL_E_ARG, "an image can't have %u channels", channels);
    if (width > OCRVL_MAX_SIDE || height > OCRVL_MAX_SIDE || (uint64_t)width * height > max)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "image of %u x %u pixels is over the limit of %llu", width, height,
                          (unsigned long long)max);
    ocrvl_image *img = ocrvl_alloc(sizeof *img);
    if (!img)
        return ocrvl_fail_nomem(err);
    img->width = width;
    img->height = height;
    img->channels = channels;
    img->dpi_x = dpi_x > 0 && dpi_x < 1e6 ? dpi_x : 0;
    img->dpi_y = dpi_y > 0 && dpi_y < 1e6 ? dpi_y : 0;
    *out = img;
    return OCRVL_OK;
}

static size_t bytes_of(const ocrvl_image *img) { return (size_t)img->width * img->height * img->channels; }

ocrvl_status ocrvl_image_new(ocrvl_image **out, uint32_t width, uint32_t height, uint32_t channels, double dpi_x,
                             double dpi_y, uint64_t max_pixels, ocrvl_error *err)
{
    ocrvl_status st = new_image(out, width, height, channels, dpi_x, dpi_y, max_pixels, err);
    ocrvl_image *img = *out;
    if (st)
        return st;
    img->data = ocrvl_realloc_array(NULL, bytes_of(img), 1);
    if (!img->data) {
        ocrvl_free(img);
        *out = NULL;
        return ocrvl_fail_nomem(err);
    }
    memset(img->data, 255, bytes_of(img));
    return OCRVL_OK;
}

/* False: errno says why. */
static bool map_shared(ocrvl_image *img)
{
    size_t n = bytes_of(img);
    int fd = memfd_create("ocrvl image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *p =
        fd >= 0 && ftruncate(fd, (off_t)n) == 0 ? mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (p == MAP_FAILED && fd >= 0) {
        int e = errno;
        close(fd);
        errno = e;
    }
    if (p == MAP_FAILED)
        return false;
    img->data = p;
    img->mapped = n;
    img->shared = true;
    img->fd = fd;
    return true;
}

ocrvl_status ocrvl_image_new_shared(ocrvl_image **out, uint32_t width, uint32_t height, uint32_t channels, double dpi_x,
                                    double dpi_y, uint64_t max_pixels, ocrvl_error *err)
{
    ocrvl_status st = new_image(out, width, height, channels, dpi_x, dpi_y, max_pixels, err);
    if (!st && !map_shared(*out)) {
        bool memory = errno == ENOMEM || errno == EFBIG || errno == EMFILE;
        st = memory ? ocrvl_fail_nomem(err) : ocrvl_fail_errno(err, errno, "memory for an image");
        ocrvl_free(*out);
        *out = NULL;
    }
    return st;
}

void ocrvl_image_drop_pixels(ocrvl_image *img)
{
    if (img->mapped)
        munmap(img->data, img->mapped);
    else
        ocrvl_free(img->data);
    if (img->shared)
        close(img->fd);
    img->data = NULL;
    img->mapped = 0;
    img->shared = false;
}

void ocrvl_image_free(ocrvl_image *img)
{
    if (!img)
        return;
    ocrvl_image_drop_pixels(img);
    ocrvl_free(img);
}

uint32_t ocrvl_image_width(const ocrvl_image *img) { return img->width; }

uint32_t ocrvl_image_height(const ocrvl_image *img) { return img->height; }

uint32_t ocrvl_image_channels(const ocrvl_image *img) { return img->channels; }

void ocrvl_image_dpi(const ocrvl_image *img, double *dpi_x, double *dpi_y)
{
    *dpi_x = img->dpi_x;
    *dpi_y = img->dpi_y;
}

const uint8_t *ocrvl_image_data(const ocrvl_image *img) { return img->data; }

uint8_t *ocrvl_image_pixels(ocrvl_image *img) { return img->data; }

ocrvl_status ocrvl_image_turn(ocrvl_image **out, const ocrvl_image *img, uint32_t degrees, ocrvl_error *err)
{
    bool side = degrees % 180 == 90;
    uint64_t all = (uint64_t)img->width * img->height;
    ocrvl_status st =
        ocrvl_image_new(out, side ? img->height : img->width, side ? img->width : img->height, img->channels,
                        side ? img->dpi_y : img->dpi_x, side ? img->dpi_x : img->dpi_y, all, err);
    if (st)
        return st;
    size_t w = img->width, h = img->height, n = img->channels;
    for (size_t y = 0; y < (*out)->height; y++)
        for (size_t x = 0; x < (*out)->width; x++) {
            size_t from_x = degrees == 90 ? y : degrees == 180 ? w - 1 - x : degrees == 270 ? w - 1 - y : x;
            size_t from_y = degrees == 90 ? h - 1 - x : degrees == 180 ? h - 1 - y : degrees == 270 ? x : y;
            memcpy((*out)->data + (y * (*out)->width + x) * n, img->data + (from_y * w + from_x) * n, n);
        }
    return OCRVL_OK;
}

ocrvl_status ocrvl_image_square(ocrvl_image **out, const ocrvl_image *img, ocrvl_error *err)
{
    double least = 1.1, most = 3, dpi = fmax(img->dpi_x, img->dpi_y), low = fmin(img->dpi_x, img->dpi_y);
    *out = NULL;
    if (!(low > 0) || dpi < least * low || dpi > most * low)
        return OCRVL_OK;
    double w = round(img->width * dpi / img->dpi_x), h = round(img->height * dpi / img->dpi_y);
    if (w > OCRVL_MAX_SIDE || h > OCRVL_MAX_SIDE || w * h > OCRVL_MAX_PIXELS)
        return OCRVL_OK;
    ocrvl_image *even = ocrvl_alloc(sizeof *even);
    if (!even)
        return ocrvl_fail_nomem(err);
    *even = (ocrvl_image){(uint32_t)w, (uint32_t)h, img->channels, dpi, dpi, NULL, 0, false, 0};
    ocrvl_status st = ocrvl_resize_bicubic(&even->data, img->data, img->height, img->width, img->channels, even->height,
                                           even->width, false, err);
    if (st)
        ocrvl_free(even);
    else
        *out = even;
    return st;
}

bool ocrvl_box_is_empty(ocrvl_box b) { return b.x1 <= b.x0 || b.y1 <= b.y0; }

ocrvl_box ocrvl_box_union(ocrvl_box a, ocrvl_box b)
{
    if (ocrvl_box_is_empty(a) || ocrvl_box_is_empty(b))
        return ocrvl_box_is_empty(b) ? a : b;
    return (ocrvl_box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0, a.x1 > b.x1 ? a.x1 : b.x1,
                       a.y1 > b.y1 ? a.y1 : b.y1};
}

ocrvl_box ocrvl_box_turn(ocrvl_box b, int32_t w, int32_t h, uint32_t degrees)
{
    switch (degrees) {
    case 90: return (ocrvl_box){h - b.y1, b.x0, h - b.y0, b.x1};
    case 180: return (ocrvl_box){w - b.x1, h - b.y1, w - b.x0, h - b.y0};
    case 270: return (ocrvl_box){b.y0, w - b.x1, b.y1, w - b.x0};
    default: return b;
    }
}

ocrvl_status ocrvl_image_crop(ocrvl_image **out, const ocrvl_image *img, ocrvl_box part, ocrvl_error *err)
{
    *out = NULL;
    if (part.x0 < 0 || part.y0 < 0 || part.x1 <= part.x0 || part.y1 <= part.y0 || (uint32_t)part.x1 > img->width ||
        (uint32_t)part.y1 > img->height)
        return ocrvl_fail(err, OCRVL_E_ARG, "the part is not inside the image");
    uint64_t all = (uint64_t)img->width * img->height;
    uint32_t w = (uint32_t)(part.x1 - part.x0), h = (uint32_t)(part.y1 - part.y0);
    ocrvl_status st = ocrvl_image_new(out, w, h, img->channels, img->dpi_x, img->dpi_y, all, err);
    size_t row = (size_t)w * img->channels;
    for (size_t y = 0; !st && y < h; y++)
        memcpy((*out)->data + y * row,
               img->data + (((size_t)part.y0 + y) * img->width + (size_t)part.x0) * img->channels, row);
    return st;
}
