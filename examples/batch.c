/* Reads several pages at a time, with which a page model is faster, and writes a line of JSON for each, in order:
 * batch MODEL FILE... >pages.jsonl */
#include <ocrvl_formats.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 4, WAITING = 64 };

typedef struct waiting { /* a page that was added to the batch and not taken yet */
    ocrvl_image *img;
    uint64_t index;
    char *file; /* of argv */
} waiting;

typedef struct reading {
    ocrvl_batch *batch;
    ocrvl_writer *writer;
    waiting queue[WAITING]; /* a ring */
    size_t first, count;
    int failed;
} reading;

static int write_file(void *user, const void *data, size_t len)
{
    return fwrite(data, 1, len, user) == len ? 0 : errno;
}

static void report(reading *r, const char *what, const ocrvl_error *err)
{
    fprintf(stderr, "batch: %s: %s\n", what, err->message);
    r->failed = 1;
}

/* Takes the page that was added first. */
static void take(reading *r, ocrvl_error *err)
{
    waiting *w = &r->queue[r->first];
    ocrvl_page *page;
    ocrvl_page_place place = {.size = sizeof place, .file = w->file, .index = w->index};
    if (ocrvl_batch_next(r->batch, &page, err) || ocrvl_writer_page(r->writer, page, &place, err))
        report(r, w->file, err);
    ocrvl_page_free(page);
    ocrvl_image_free(w->img);
    r->first = (r->first + 1) % WAITING;
    r->count--;
}

/* Adds all pages of a document, taking those that are ready in between. */
static void add(reading *r, char *file, ocrvl_error *err)
{
    ocrvl_source *source;
    if (ocrvl_source_open(&source, file, NULL, err)) {
        report(r, file, err);
        return;
    }
    for (;;) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        while (r->count && (!ocrvl_batch_wants(r->batch) || r->count == WAITING))
            take(r, err);
        ocrvl_status status = ocrvl_source_next(source, &img, &place, err);
        if (!status && !img)
            break;
        ocrvl_page_input in = {.size = sizeof in, .image = img};
        if (status || ocrvl_batch_add(r->batch, &in, NULL, err)) {
            report(r, file, err);
            ocrvl_image_free(img);
            continue;
        }
        r->queue[(r->first + r->count++) % WAITING] = (waiting){img, place.index, file};
    }
    ocrvl_source_free(source);
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_model *model = NULL;
    ocrvl_session *session = NULL;
    reading r = {0};
    if (argc < 3)
        return fprintf(stderr, "usage: batch MODEL FILE...\n"), 2;
    if (ocrvl_model_open(&model, *argv[1] ? argv[1] : NULL, &err) || ocrvl_session_new(&session, model, NULL, &err) ||
        ocrvl_batch_new(&r.batch, session, AT_ONCE, &err) ||
        ocrvl_writer_new(&r.writer, OCRVL_FORMAT_JSONL, write_file, stdout, NULL, &err)) {
        report(&r, argv[1], &err);
    } else {
        for (int i = 2; i < argc; i++)
            add(&r, argv[i], &err);
        while (r.count)
            take(&r, &err);
        if (ocrvl_writer_finish(r.writer, &err))
            report(&r, "standard output", &err);
    }
    ocrvl_writer_free(r.writer);
    ocrvl_batch_free(r.batch);
    ocrvl_session_free(session);
    ocrvl_model_free(model);
    return r.failed;
}
