#include "read/session.h"

#include <stdio.h>

#include "base/image.h"
#include "layout/layout.h"

ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err)
{
    const ocrvl_image *page = j->page;
    ocrvl_status st = ocrvl_builder_new(&j->b, page->width, page->height, page->dpi_x, page->dpi_y, err);
    if (st)
        return st;
    if (j->square)
        ocrvl_builder_set_scale(j->b, (double)j->square->width / page->width, (double)j->square->height / page->height);
    ocrvl_builder_set_geometry(j->b, j->layout->rotation, j->layout->skew);
    if (j->layout->border.x1 > 0)
        ocrvl_builder_set_border(j->b, ocrvl_layout_box_to_page(j->layout, j->layout->border));
    if (!j->layout->rotation)
        return OCRVL_OK;
    char message[80];
    snprintf(message, sizeof message, "the page was turned by %u degrees to be read", j->layout->rotation);
    return ocrvl_builder_warn(j->b, "rotated", message, false, err);
}

void ocrvl_job_free(ocrvl_page_job *j)
{
    ocrvl_builder_free(j->b);
    ocrvl_lines_free(&j->lines);
    ocrvl_layout_free(j->layout);
    ocrvl_image_free(j->square);
}
