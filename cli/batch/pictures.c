#include "batch/pictures.h"

#include <string.h>

#include "base/mem.h"

cli_exit batch_pictures_open(batch_pictures *p, const batch_args *args, const cli_log *log, const batch_doc *d,
                             const char *path, bool pdf)
{
    ocrvl_error err;
    ocrvl_source_options opt;
    cli_document_options(&args->read.document, &opt);
    opt.originals = true;
    opt.text_boxes = pdf && args->read.redo == CLI_REDO_SKIP;
    opt.drop_hidden_text = pdf && args->read.redo == CLI_REDO_REPLACE;
    p->log = log;
    p->name = d->name;
    if (ocrvl_source_open(&p->src, path, &opt, &err) == OCRVL_OK)
        return CLI_EXIT_OK;
    p->src = NULL;
    cli_error(p->log, d->name, 0, "its images can't be had for its outputs: %s", err.message);
    return CLI_EXIT_INPUT;
}

static void drop(batch_pictures *p)
{
    ocrvl_image_free(p->img);
    ocrvl_page_free(p->empty);
    p->img = NULL;
    p->empty = NULL;
}

/* A page of the image's size without text. */
static ocrvl_status make_empty(batch_pictures *p, const ocrvl_page_info *info)
{
    ocrvl_builder *b;
    ocrvl_status st = ocrvl_builder_new(&b, info->width, info->height, info->dpi_x, info->dpi_y, NULL);
    if (st)
        return st;
    st = ocrvl_builder_finish(b, &p->empty, NULL);
    ocrvl_builder_free(b);
    return st;
}

/* What the results' place doesn't know. Its name, label and digest are those of the result. */
static void take_place(ocrvl_page_place *to, const ocrvl_page_place *from, const ocrvl_image *img)
{
    to->image = img;
    to->original = from->original;
    to->original_len = from->original_len;
    to->original_type = from->original_type;
    to->document = from->document;
    to->document_len = from->document_len;
    memcpy(to->pdf_box, from->pdf_box, sizeof to->pdf_box);
    to->native = from->native;
    to->info = from->info;
}

cli_exit batch_pictures_next(batch_pictures *p, const ocrvl_page *page, ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_place from = {.size = sizeof from};
    ocrvl_error err;
    drop(p);
    ocrvl_page_get_info(page, &info);
    ocrvl_status st = ocrvl_source_next(p->src, &p->img, &from, &err);
    bool same = st ? info.width == 0 : p->img && from.index == place->index && ocrvl_image_width(p->img) == info.width;
    if (!same && info.status != OCRVL_PAGE_FAILED) {
        cli_error(p->log, p->name, place->index + 1, "its image isn't what was read: has the file changed?");
        return CLI_EXIT_INPUT;
    }
    if (st || !p->img)
        return CLI_EXIT_OK;
    take_place(place, &from, p->img);
    bool keeps = from.document && from.text_box_count > 0;
    return keeps && make_empty(p, &info) ? batch_no_memory(p->log) : CLI_EXIT_OK;
}

void batch_pictures_free(batch_pictures *p)
{
    drop(p);
    ocrvl_source_free(p->src);
    *p = (batch_pictures){0};
}
