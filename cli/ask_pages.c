/* ocrvl ask: the pages and the video that are shown. */
#include <string.h>

#include "asking.h"
#include "base/mem.h"
#include "frames.h"
#include "signals.h"

void cli_asking_forget(cli_asking *q)
{
    ocrvl_inquiry_free(q->inquiry);
    q->inquiry = NULL;
    for (size_t i = 0; i < q->shown; i++) {
        ocrvl_image_free(q->images[i]);
        ocrvl_free(q->names[i]);
    }
    q->shown = 0;
    q->pixels = 0;
}

/* Adds a page for the question; takes ownership of the image. */
static cli_exit add_page(cli_asking *q, ocrvl_image *img, const char *file, uint64_t page)
{
    uint64_t most = q->source.max_pixels ? q->source.max_pixels : CLI_MAX_IMAGE_PIXELS;
    uint64_t pixels = (uint64_t)ocrvl_image_width(img) * ocrvl_image_height(img);
    if (q->shown < CLI_MAX_SHOWN && pixels <= most - q->pixels) {
        char *name = ocrvl_strdup(file);
        q->names[q->shown] = name;
        q->pages[q->shown] = (cli_shown_page){name, page};
        q->images[q->shown++] = img;
        q->pixels += pixels;
        return name ? CLI_EXIT_OK : cli_asking_no_memory(q);
    }
    ocrvl_image_free(img);
    if (q->shown == CLI_MAX_SHOWN)
        cli_error(
            &q->log, file, page,
            "more than %d pages can't be shown together: choose some with --pages, or ask about each alone with --each",
            CLI_MAX_SHOWN);
    else
        cli_error(&q->log, file, page,
                  "the pages have more than %llu pixels together: choose some with --pages, or ask about each alone "
                  "with --each",
                  (unsigned long long)most);
    return CLI_EXIT_LIMIT;
}

/* With --each, asks about one page; takes ownership of the image. img is NULL if it can't be made, because of `why`. */
static cli_exit ask_page(cli_asking *q, ocrvl_image *img, const char *file, uint64_t page, const ocrvl_error *why)
{
    cli_shown_page shown = {file, page};
    cli_progress_page(&q->progress);
    if (!img) {
        cli_progress_wipe(&q->progress);
        return cli_asking_no_page(q, &shown, why);
    }
    cli_exit status = add_page(q, img, file, page);
    if (!status)
        status = cli_asking_ask(q);
    cli_asking_forget(q);
    return status;
}

/* The video's frames are shown with each question. */
static ocrvl_status take_frames(cli_asking *q, ocrvl_video *v, ocrvl_error *err)
{
    ocrvl_status st = cli_frames_take(&q->video, v, err);
    q->ask.frames = (const ocrvl_image *const *)q->video.frames;
    q->ask.frame_count = q->video.count;
    q->ask.frame_seconds = q->video.seconds;
    q->ask.frame_rate = q->video.rate;
    return st;
}

/* Handles a file that may be a video: returns true if it is one, and sets *over to other than OK if the run has to
 * end. */
static bool do_video(cli_asking *q, const char *file, cli_exit *over)
{
    ocrvl_video *v;
    ocrvl_error err;
    ocrvl_video_options o = {
        .size = sizeof o, .urls = q->source.urls, .private_addresses = q->source.private_addresses};
    cli_decoding_video(&q->args->document.decoding, &o);
    *over = CLI_EXIT_OK;
    if (strcmp(file, "-") == 0 || ocrvl_video_open(&v, file, &o, &err))
        return false;
    if (q->args->each || q->video.count) {
        cli_error(&q->log, file, 0, "one video at most, and not with --each");
        *over = CLI_EXIT_USAGE;
    } else {
        ocrvl_status st = take_frames(q, v, &err);
        if (st)
            *over = cli_document_failed(&q->log, &q->args->document, file, 0, &err, CLI_EXIT_INPUT);
    }
    ocrvl_video_free(v);
    return true;
}

cli_exit cli_asking_file(cli_asking *q, const char *file)
{
    ocrvl_source *src;
    ocrvl_error err;
    uint64_t pages = 0;
    cli_exit over = CLI_EXIT_OK;
    bool each = q->args->each;
    cli_progress_file(&q->progress);
    if (ocrvl_source_open(&src, file, &q->source, &err)) {
        if (cli_signals_stopped())
            return CLI_EXIT_STOPPED;
        if (err.status == OCRVL_E_UNSUPPORTED && do_video(q, file, &over))
            return over;
        cli_exit status = cli_document_failed(&q->log, &q->args->document, file, 0, &err, CLI_EXIT_INPUT);
        const char *lack = err.status == OCRVL_E_UNSUPPORTED ? ocrvl_video_lack() : NULL;
        if (lack)
            cli_note(&q->log, file, 0, "videos can't be read: %s", lack);
        q->worst = cli_exit_worse(q->worst, status);
        return each ? CLI_EXIT_OK : status;
    }
    cli_progress_pages(&q->progress, ocrvl_source_count(src));
    for (; !over; pages++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img;
        ocrvl_status st = ocrvl_source_next(src, &img, &place, &err);
        if (!st && !img)
            break;
        if (cli_signals_stopped()) {
            ocrvl_image_free(img);
            over = CLI_EXIT_STOPPED;
            break;
        }
        uint64_t n = place.index + 1;
        cli_exit status = st ? cli_document_failed(&q->log, &q->args->document, place.file, n, &err,
                                                   each ? CLI_EXIT_PAGES : CLI_EXIT_INPUT)
                             : CLI_EXIT_OK;
        q->worst = cli_exit_worse(q->worst, status);
        if (each)
            over = ask_page(q, img, place.file, n, &err);
        else
            over = st ? status : add_page(q, img, place.file, n);
    }
    ocrvl_source_free(src);
    if (!over && pages == 0) {
        cli_exit status = cli_document_empty(&q->log, file, &q->args->document);
        q->worst = cli_exit_worse(q->worst, status);
        over = each ? CLI_EXIT_OK : status;
    }
    return over;
}
