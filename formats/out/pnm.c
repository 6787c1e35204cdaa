/* A page image as raw PGM (P5) or PPM (P6). */
#include <stdio.h>

#include "base/error.h"
#include "ocrvl_formats.h"

ocrvl_status ocrvl_image_write_pnm(const ocrvl_image *img, ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    char head[48];
    uint32_t width = ocrvl_image_width(img), height = ocrvl_image_height(img), channels = ocrvl_image_channels(img);
    int n = snprintf(head, sizeof head, "P%c\n%u %u\n255\n", channels == 1 ? '5' : '6', width, height);
    int e = fn(user, head, (size_t)n);
    if (e == 0)
        e = fn(user, ocrvl_image_data(img), (size_t)width * height * channels);
    return e ? ocrvl_fail_errno(err, e, "cannot write the PNM image") : OCRVL_OK;
}
