#include "reading.h"

#include "base/error.h"
#include "signals.h"

/* Makes a page whose status is that it failed, and why. */
static ocrvl_status failed_page(ocrvl_page **out, const ocrvl_image *img, const ocrvl_error *why, ocrvl_error *err)
{
    ocrvl_builder *b;
    double x = 0, y = 0;
    *out = NULL;
    if (img)
        ocrvl_image_dpi(img, &x, &y);
    ocrvl_status st =
        ocrvl_builder_new(&b, img ? ocrvl_image_width(img) : 0, img ? ocrvl_image_height(img) : 0, x, y, err);
    if (st)
        return st;
    st = ocrvl_builder_fail(b, ocrvl_status_name(why->status), why->message, err);
    if (!st)
        st = ocrvl_builder_finish(b, out, err);
    ocrvl_builder_free(b);
    return st;
}

/* Reports the result of a page, if that is of interest. */
static void report(cli_reading *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    uint64_t n = place->index + 1;
    if (info.status == OCRVL_PAGE_PARTIAL)
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_PAGES);
    cli_tally_page(&r->tally, r->log, page, place);
    if (info.status == OCRVL_PAGE_FAILED) {
        cli_error(r->log, place->file, n, "%s", info.error_message);
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_PAGES);
        return;
    }
    ocrvl_buf b = {0};
    ocrvl_buf_put_number(&b, info.seconds, 2);
    ocrvl_buf_puts(&b, " s, confidence ");
    if (info.confidence >= 0)
        ocrvl_buf_put_number(&b, info.confidence, 2);
    else
        ocrvl_buf_puts(&b, "none");
    if (info.passes && info.output_tokens) {
        ocrvl_buf_puts(&b, ", ");
        ocrvl_buf_put_number(&b, (double)info.output_tokens / (double)info.passes, 2);
        ocrvl_buf_puts(&b, " tokens a pass");
    }
    cli_detail(r->log, place->file, n, "%s, %ux%u pixels, %llu tokens, %s", ocrvl_page_status_name(info.status),
               info.width, info.height, (unsigned long long)info.output_tokens, b.data ? b.data : "");
    ocrvl_buf_free(&b);
    if (info.thinking)
        cli_detail(r->log, place->file, n, "the model thought: %s", info.thinking);
}

/* Whether the page of a PDF that is written is to be left unchanged. */
static bool has_text(const cli_reading *r, const ocrvl_page_place *place)
{
    return r->onto_pdf && r->source.text_boxes && r->args->redo == CLI_REDO_SKIP && place->document &&
           place->text_box_count > 0;
}

ocrvl_status cli_reading_empty_page(ocrvl_page **out, const ocrvl_image *img, ocrvl_error *err)
{
    ocrvl_builder *b;
    double x, y;
    ocrvl_image_dpi(img, &x, &y);
    ocrvl_status st = ocrvl_builder_new(&b, ocrvl_image_width(img), ocrvl_image_height(img), x, y, err);
    if (!st)
        st = ocrvl_builder_finish(b, out, err);
    ocrvl_builder_free(b);
    return st;
}

/* Makes the result for a page of a PDF that has text already, which is empty. */
static cli_exit put_unread(cli_reading *r, const cli_queued *q, ocrvl_page **page)
{
    ocrvl_error err;
    ocrvl_status st = cli_reading_empty_page(page, q->img, &err);
    if (st)
        cli_error(r->log, q->place.file, q->place.index + 1, "%s", err.message);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : CLI_EXIT_OK;
}

/* Makes the result for a page that failed, and reports it. */
static cli_exit put_failed(cli_reading *r, const cli_queued *q, ocrvl_page **page)
{
    ocrvl_error err;
    uint64_t n = q->place.no_page ? 0 : q->place.index + 1;
    cli_exit side = q->place.no_page ? CLI_EXIT_INPUT : CLI_EXIT_PAGES;
    const char *file = q->place.no_page ? r->paths[q->file - 1] : q->place.file;
    r->worst = cli_exit_worse(r->worst, cli_document_failed(r->log, &r->args->document, file, n, &q->why, side));
    ocrvl_status st = failed_page(page, q->img, &q->why, &err);
    if (st)
        cli_error(r->log, q->place.file, n, "%s", err.message);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : CLI_EXIT_OK;
}

/* Writes a page, and to a PDF an empty one in its place if the page there has text that stays. */
static cli_exit write_page(cli_reading *r, const cli_queued *q, const ocrvl_page *page)
{
    ocrvl_page *pdf_page = NULL;
    cli_exit over = CLI_EXIT_OK;
    if (!q->unread && q->img && has_text(r, &q->place))
        over = put_unread(r, q, &pdf_page);
    if (!over)
        over = r->put(r->user, page, pdf_page, q);
    ocrvl_page_free(pdf_page);
    return over;
}

/* Writes the pages that need wait for no other, or all (rest), to the output. */
static cli_exit write_structured(cli_reading *r, bool rest)
{
    cli_exit over = CLI_EXIT_OK;
    ocrvl_page *page;
    while (!over && r->structure && (page = ocrvl_structure_next(r->structure, rest))) {
        while (r->queue.first->lost)
            cli_queue_drop(&r->queue);
        cli_progress_wipe(&r->progress);
        over = write_page(r, r->queue.first, page);
        ocrvl_page_free(page);
        cli_queue_drop(&r->queue);
    }
    return over;
}

/* Gives a page that has been read its place in its document. It may wait there for others, and then needn't be seen
 * any more. */
static cli_exit structure_page(cli_reading *r, cli_queued *q, ocrvl_page *page)
{
    ocrvl_error err;
    ocrvl_page_info info = {.size = sizeof info};
    bool begins = !r->structured || q->file != r->last_file;
    cli_exit over = begins ? write_structured(r, true) : CLI_EXIT_OK;
    r->last_file = q->file;
    if (over) {
        ocrvl_page_free(page);
        return over;
    }
    ocrvl_page_get_info(page, &info);
    if (!r->images) {
        ocrvl_image_free(q->img);
        q->img = NULL;
        q->place.image = NULL;
    }
    ocrvl_status st = ocrvl_structure_add(r->structure, page, begins, &err);
    if (st)
        cli_error(r->log, q->place.file, q->place.index + 1, "%s", err.message);
    bool now = r->at_once && (info.output_tokens > 0 || !q->own);
    return st ? cli_exit_of(st, CLI_EXIT_BUG) : write_structured(r, now);
}

/* Where no decoder can be started nothing can be read, and what was in hand may lack something; neither is a fault of
 * documents and pages. */
static cli_exit check_decoders(const cli_reading *r)
{
    const char *lost = r->source.decoders ? ocrvl_decoders_lost(r->source.decoders) : NULL;
    if (!lost)
        return CLI_EXIT_OK;
    cli_error(r->log, NULL, 0, "%s", lost);
    return CLI_EXIT_LIMIT;
}

/* Takes the queue's next page when it has been read. Other than OK means that the run has to end. */
static cli_exit take_next(cli_reading *r)
{
    cli_queued *q = r->queue.fresh;
    ocrvl_page *page = NULL;
    cli_exit over = CLI_EXIT_OK;
    cli_progress_at(&r->progress, q->file, q->place.index + 1, q->pages);
    bool read = q->img && !q->unread && ocrvl_batch_next(r->batch, &page, &q->why) == OCRVL_OK;
    over = check_decoders(r);
    if (!over && q->unread)
        over = put_unread(r, q, &page);
    else if (!over && read)
        report(r, page, &q->place);
    else if (!over && q->img && q->why.status == OCRVL_E_CANCELED)
        over = CLI_EXIT_STOPPED;
    else if (!over)
        over = put_failed(r, q, &page);
    r->queue.fresh = q->next;
    q->lost = over != CLI_EXIT_OK;
    if (page && !over)
        cli_tally_count(&r->tally, page);
    if (!over)
        over = structure_page(r, q, page);
    else
        ocrvl_page_free(page);
    cli_progress_wipe(&r->progress);
    return over;
}

/* Takes pages until there are none, or until another one may be read beside them; of all, none waits any more. */
static cli_exit write_ready(cli_reading *r, bool all)
{
    cli_exit over = CLI_EXIT_OK;
    while (!over && r->queue.fresh &&
           (all || !r->queue.fresh->img || r->queue.fresh->unread || !ocrvl_batch_wants(r->batch)))
        over = take_next(r);
    if (all && (!over || over == CLI_EXIT_STOPPED)) {
        cli_exit rest = write_structured(r, true);
        over = rest ? rest : over;
    }
    return over;
}

/* Says of the first page, with a model that is slow enough, if it will take minutes. */
static void warn_if_slow(cli_reading *r, const cli_queued *q)
{
    ocrvl_page_plan plan = {.size = sizeof plan};
    ocrvl_error err;
    if (!r->slow || ocrvl_planner_page(r->planner, q->img, &r->read, &plan, &err))
        return;
    r->slow = false;
    cli_warn_slow(r->log, q->place.file, q->place.index + 1, "each page like this", plan.seconds);
}

/* Hands a page of the queue, which owns all of it until it is written, to the batch. */
static ocrvl_status add_page(cli_reading *r, cli_queued *q, ocrvl_error *err)
{
    ocrvl_page_input in = {.size = sizeof in,
                           .image = q->img,
                           .text_layer = q->place.text_layer,
                           .text_places = q->place.text_places,
                           .text_place_count = q->place.text_place_count,
                           .own_text = q->place.own_text,
                           .damage = q->place.damage};
    q->own = q->place.own_text && q->place.own_text->line_count;
    warn_if_slow(r, q);
    q->place.own_text = NULL; /* the source's, until its next page */
    return ocrvl_batch_add(r->batch, &in, &r->read, err);
}

/* Takes a page of a document, or (img NULL) why there is none: it is read along with others, and written in its turn.
 */
static cli_exit do_page(cli_reading *r, ocrvl_image *img, const ocrvl_page_place *place, const ocrvl_error *why,
                        uint64_t pages)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    if (cli_signals_stopped()) {
        ocrvl_image_free(img);
        return CLI_EXIT_STOPPED;
    }
    cli_queued *q = cli_queue_put(&r->queue, img, place);
    if (!q)
        st = ocrvl_fail_nomem(&err);
    else {
        q->file = r->file;
        q->pages = pages;
        bool kept = img && has_text(r, place);
        q->unread = kept && !r->other;
        r->skipped += kept;
        r->unseen += r->source.drop_hidden_text && place->own_text && place->own_text->doubt;
        if (!img)
            q->why = *why;
        else if (q->unread)
            cli_detail(r->log, place->file, place->index + 1, "has text already: left as it is (see --redo)");
        else
            st = add_page(r, q, &err);
    }
    if (st) {
        cli_error(r->log, place->file, place->index + 1, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_BUG);
    }
    return write_ready(r, r->one_by_one);
}

/* A document that couldn't be opened has its record where the format can say so. */
static cli_exit put_unopened(cli_reading *r, cli_read_document *doc)
{
    if (!r->paths) {
        r->worst = cli_exit_worse(
            r->worst, cli_document_failed(r->log, &r->args->document, doc->path, 0, &doc->why, CLI_EXIT_INPUT));
        return CLI_EXIT_OK;
    }
    ocrvl_buf name = {0};
    cli_document_put_name(&name, doc->path, &doc->why);
    ocrvl_page_place none = {.size = sizeof none, .file = name.data ? name.data : "-", .no_page = true};
    cli_exit over = CLI_EXIT_LIMIT;
    if (name.failed)
        cli_error(r->log, doc->path, 0, "out of memory");
    else
        over = do_page(r, NULL, &none, &doc->why, 0);
    ocrvl_buf_free(&name);
    return over;
}

/* What is to be said of a document all of whose pages have come, and how bad it is. */
static void report_document(cli_reading *r, const cli_read_document *doc)
{
    if (r->skipped)
        cli_note(r->log, doc->path, 0, "%llu of %llu pages have text already and are left as they are (see --redo)",
                 (unsigned long long)r->skipped, (unsigned long long)doc->made);
    if (r->unseen)
        cli_note(r->log, doc->path, 0,
                 "%llu of %llu pages keep text that can't be seen, as it is not certain that they would look the same "
                 "without it",
                 (unsigned long long)r->unseen, (unsigned long long)doc->made);
}

cli_exit cli_reading_document(cli_reading *r, cli_read_document *doc)
{
    ocrvl_source *src;
    ocrvl_error err;
    cli_exit over = CLI_EXIT_OK;
    bool wanted = true;
    r->skipped = r->unseen = 0;
    r->file++;
    ocrvl_status st = ocrvl_source_open(&src, doc->path, &r->source, &doc->why);
    if (st && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    doc->opened = !st;
    if (st) {
        over = check_decoders(r);
        return over ? over : put_unopened(r, doc);
    }
    while (!over) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        wanted = !r->next || r->next(r->user, r->source.span_count ? 0 : ocrvl_source_count(src));
        if (!wanted)
            break;
        st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        doc->made += !st;
        doc->failed += st != OCRVL_OK;
        if (doc->name)
            place.file = doc->name;
        over = do_page(r, img, &place, &err, ocrvl_source_count(src));
    }
    report_document(r, doc);
    bool any = doc->made + doc->failed > 0;
    if (any)
        cli_queue_source(&r->queue, src);
    else
        ocrvl_source_free(src);
    if (over == CLI_EXIT_STOPPED)
        return over;
    if (!over && !any && (!wanted || r->source.span_count))
        return over; /* the pages that are wanted aren't there */
    if (!over && !any)
        r->worst = cli_exit_worse(r->worst, cli_document_empty(r->log, doc->path, &r->args->document));
    else if (doc->made == 0)
        r->worst = cli_exit_worse(r->worst, CLI_EXIT_INPUT);
    return over;
}

cli_exit cli_reading_drain(cli_reading *r) { return write_ready(r, true); }
