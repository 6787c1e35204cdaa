#include "read/prepare.h"

#include "base/image.h"
#include "layout/layout.h"
#include "read/upright.h"

ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_layout_options how = {
        .mode = j->opt.layout, .keep_rotation = j->opt.keep_rotation, .keep_skew = j->opt.keep_skew};
    ocrvl_status st = OCRVL_OK;
    j->page = j->in.image;
    if (!j->in.text_place_count) /* of a PDF, whose pages are drawn with square ones */
        st = ocrvl_image_square(&j->square, j->page, err);
    if (j->square)
        j->in.image = j->square;
    if (!st)
        st = ocrvl_layout_new(&j->layout, j->in.image, &how, err);
    return st ? st : ocrvl_find_upright(j, err);
}
