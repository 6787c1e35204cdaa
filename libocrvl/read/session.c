#include "read/session.h"

#include <stdio.h>
#include <string.h>

#include "base/image.h"
#include "base/languages.h"
#include "layout/layout.h"

bool ocrvl_job_is_known(const ocrvl_page_job *j) { return j->layout && !j->layout->grey; }

ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err)
{
    const ocrvl_own_text *own = j->in.own_text;
    const ocrvl_image *page = j->page;
    bool known = own && ocrvl_job_is_known(j); /* then the image may be a small one */
    ocrvl_status st = ocrvl_builder_new(&j->b, known ? own->width : page->width, known ? own->height : page->height,
                                        known ? own->dpi : page->dpi_x, known ? own->dpi : page->dpi_y, err);
    if (!st && own && own->doubt)
        st = ocrvl_builder_warn(j->b, "text_layer", own->doubt, false, err);
    if (!st && own && own->tag_fault)
        st = ocrvl_builder_warn(j->b, "structure", own->tag_fault, false, err);
    if (!st && j->own.tag_warning)
        st = ocrvl_builder_warn(j->b, "structure", j->own.tag_warning, false, err);
    if (!st && j->in.damage)
        st = ocrvl_builder_warn(j->b, "damaged", j->in.damage, true, err);
    if (!st && j->own.differing)
        st = ocrvl_builder_warn(
            j->b, "text_layer",
            "a font's characters are not the letters that it shows, so its text was read from the image", false, err);
    if (!st && j->opt.own_text_only && !j->own.text)
        st = ocrvl_builder_warn(j->b, "text_layer",
                                "the page has no visible text of its own, and its image was not read", false, err);
    if (st)
        return st;
    if (j->opt.languages && !strchr(j->opt.languages, ','))
        ocrvl_builder_set_language(j->b, ocrvl_language_tag(j->opt.languages));
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
    ocrvl_own_page_free(&j->own);
    ocrvl_image_free(j->drawn);
}
