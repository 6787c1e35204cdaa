#include "base/image.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

ocrvl_status ocrvl_image_new(ocrvl_image **out, uint32_t width, uint32_t height, uint32_t channels, double dpi_x,
                             double dpi_y, const ocrvl_limits *limits, ocrvl_error *err)
{
    uint64_t max = limits && limits->max_pixels ? limits->max_pixels : OCRVL_MAX_PIXELS;
    *out = NULL;
    if (width == 0 || height == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "image of %u x %u pixels", width, height);
    if (channels != 1 && channels != 3)
        return ocrvl_fail(err, OCRVL_E_ARG, "image of %u channels", channels);
    if (width > OCRVL_MAX_SIDE || height > OCRVL_MAX_SIDE || (uint64_t)width * height > max)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "image of %u x %u pixels is over the limit of %llu", width, height,
                          (unsigned long long)max);
    size_t n = (size_t)width * height * channels;
    ocrvl_image *img = ocrvl_alloc(sizeof *img);
    if (!img || !(img->data = ocrvl_realloc_array(NULL, n, 1))) {
        ocrvl_free(img);
        return ocrvl_fail_nomem(err);
    }
    memset(img->data, 255, n);
    img->width = width;
    img->height = height;
    img->channels = channels;
    img->dpi_x = dpi_x > 0 && dpi_x < 1e6 ? dpi_x : 0;
    img->dpi_y = dpi_y > 0 && dpi_y < 1e6 ? dpi_y : 0;
    *out = img;
    return OCRVL_OK;
}

void ocrvl_image_free(ocrvl_image *img)
{
    if (!img)
        return;
    ocrvl_free(img->data);
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
