#include "read/prepare.h"

#include "base/image.h"
#include "layout/layout.h"
#include "read/own_tags.h"
#include "read/upright.h"

/* The layout of the document's own text alone. */
static ocrvl_status prepare_known(ocrvl_page_job *j, ocrvl_error *err)
{
    const ocrvl_own_text *own = j->own.text ? j->own.text : j->in.own_text;
    return ocrvl_layout_of_known(&j->layout, own ? own->width : j->in.image->width,
                                 own ? own->height : j->in.image->height, j->own.rotation, j->own.known, j->own.count,
                                 own ? own->rules : NULL, own ? own->rule_count : 0, err);
}

/* The layout of the page image, which is drawn if only a small one came, and evened if its pixels aren't square. */
static ocrvl_status prepare_ink(ocrvl_page_job *j, ocrvl_error *err)
{
    const ocrvl_own_text *own = j->in.own_text;
    if (own && own->draw) {
        ocrvl_status st = own->draw(own->draw_user, NULL, &j->drawn, err);
        if (st)
            return st;
        j->page = j->in.image = j->drawn;
    }
    if (!j->own.count && !j->in.text_place_count) { /* the pages of PDFs with text are drawn with square ones */
        ocrvl_status st = ocrvl_image_square(&j->square, j->page, err);
        if (st)
            return st;
        j->in.image = j->square ? j->square : j->page;
    }
    ocrvl_layout_options how = {.mode = j->opt.layout,
                                .keep_rotation = j->opt.keep_rotation,
                                .turned = j->own.rotation > 0,
                                .rotation = j->own.rotation,
                                .keep_skew = j->opt.keep_skew,
                                .known = j->own.known,
                                .known_count = j->own.count,
                                .rules = j->own.count ? j->own.text->rules : NULL,
                                .rule_count = j->own.count ? j->own.text->rule_count : 0};
    ocrvl_status st = ocrvl_layout_new(&j->layout, j->in.image, &how, err);
    return st ? st : ocrvl_find_upright(j, err);
}

/* Takes the document's own text, as far as some of it, read, bears it out. *alone: it is all of the page. */
static ocrvl_status take_own(ocrvl_page_job *j, bool *alone, ocrvl_error *err)
{
    const ocrvl_own_text *own = j->in.own_text;
    bool mixed = j->s->reader->one_thread; /* a page reader's answer is for all of a page */
    *alone = j->opt.own_text_only;
    if (!own || !own->line_count || !(*alone || mixed || own->whole))
        return OCRVL_OK;
    ocrvl_status st = ocrvl_own_page_make(&j->own, own, j->opt.keep_rotation, err);
    *alone |= !st && own->whole && !j->own.differing;
    if (!st && !*alone && !mixed)
        ocrvl_own_page_free(&j->own);
    return st;
}

ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err)
{
    bool alone;
    j->page = j->in.image;
    ocrvl_status st = take_own(j, &alone, err);
    if (!st)
        st = alone ? prepare_known(j, err) : prepare_ink(j, err);
    if (!st)
        st = ocrvl_own_tags_reblock(j->layout, &j->own, err);
    return st;
}
