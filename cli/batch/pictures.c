#include "batch/pictures.h"

#include <string.h>

#include "base/mem.h"
#include "images.h"
#include "reading.h"

/* Why there are no decoders any more; NULL: there are. */
static const char *why_lost(const batch_pictures *p) { return p->decoders ? ocrvl_decoders_lost(p->decoders) : NULL; }

/* page: from 1; 0: of the document. If there are no decoders any more, that says nothing of the document. */
static cli_exit fail(const batch_pictures *p, uint64_t page, const char *why)
{
    const char *lost = why_lost(p);
    if (lost) {
        cli_error(p->log, NULL, 0, "%s", lost);
        return CLI_EXIT_LIMIT;
    }
    cli_error(p->log, p->name, page, "the page images for its outputs can't be read: %s", why);
    return CLI_EXIT_INPUT;
}

cli_exit batch_pictures_open(batch_pictures *p, const batch_args *args, const cli_log *log, const batch_doc *d,
                             const char *path, bool pdf)
{
    ocrvl_error err;
    ocrvl_source_options opt;
    cli_document_options(&args->read.document, &opt);
    opt.originals = true;
    opt.text_boxes = pdf && args->read.redo == CLI_REDO_SKIP;
    opt.drop_hidden_text = pdf && args->read.redo == CLI_REDO_REPLACE;
    opt.writing = pdf;
    opt.pdfa = args->results.pdfa != OCRVL_PDFA_NONE;
    p->log = log;
    p->name = d->name;
    p->decoders = opt.decoders;
    if (ocrvl_source_open(&p->src, path, &opt, &err) == OCRVL_OK)
        return CLI_EXIT_OK;
    p->src = NULL;
    return fail(p, 0, err.message);
}

static void drop(batch_pictures *p)
{
    ocrvl_image_free(p->img);
    ocrvl_page_free(p->empty);
    p->img = NULL;
    p->empty = NULL;
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
    if (why_lost(p) || (!same && info.status != OCRVL_PAGE_FAILED))
        return fail(p, place->index + 1,
                    st ? err.message : "the page isn't the one that was read, so the file may have changed");
    if (st || !p->img)
        return CLI_EXIT_OK;
    cli_images_put_place(place, &from, p->img);
    place->info = from.info;
    bool keeps = from.document && from.text_box_count > 0;
    return keeps && cli_reading_empty_page(&p->empty, p->img, NULL) ? batch_no_memory(p->log) : CLI_EXIT_OK;
}

void batch_pictures_free(batch_pictures *p)
{
    drop(p);
    ocrvl_source_free(p->src);
    *p = (batch_pictures){0};
}

ocrvl_image *batch_picture_of(const batch_state *state, const ocrvl_source_options *options, const batch_doc *d,
                              uint32_t page)
{
    const char *reason = batch_reasons[d->pages[page].reason];
    bool deadly = strcmp(reason, "crash") == 0 || strcmp(reason, "timeout") == 0 || strcmp(reason, "memory") == 0;
    char *path = batch_doc_path(state, d);
    ocrvl_page_span span = {page + 1, page + 1};
    ocrvl_source_options opt = *options;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *src = NULL;
    ocrvl_image *img = NULL;
    opt.spans = &span;
    opt.span_count = 1;
    opt.small_images = opt.own_text_only = false;
    if (path && !deadly && !ocrvl_source_open(&src, path, &opt, NULL) && ocrvl_source_next(src, &img, &place, NULL))
        img = NULL;
    ocrvl_source_free(src);
    ocrvl_free(path);
    return img;
}
