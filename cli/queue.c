#include "queue.h"

#include "base/mem.h"

static void free_page(cli_queued *p)
{
    ocrvl_free((char *)p->place.file);
    ocrvl_free((char *)p->place.label);
    ocrvl_free((char *)p->place.sha256);
    ocrvl_free((void *)(uintptr_t)p->place.text_boxes);
    ocrvl_free((void *)(uintptr_t)p->place.original);
    ocrvl_image_free(p->img);
    ocrvl_source_free(p->source);
    ocrvl_free(p);
}

/* Puts a copy of *s, if there is one, in its place. */
static bool copy(const char **s)
{
    bool wanted = *s != NULL;
    *s = wanted ? ocrvl_strdup(*s) : NULL;
    return *s || !wanted;
}

/* The same of bytes. */
static bool copy_bytes(const void **bytes, size_t len)
{
    bool wanted = *bytes != NULL;
    *bytes = wanted ? ocrvl_strndup(*bytes, len) : NULL;
    return *bytes || !wanted;
}

cli_queued *cli_queue_put(cli_queue *q, ocrvl_image *img, const ocrvl_page_place *place)
{
    cli_queued *p = ocrvl_alloc(sizeof *p);
    if (!p) {
        ocrvl_image_free(img);
        return NULL;
    }
    p->place = *place;
    p->place.text_layer = NULL; /* these are for reading, from the caller's own */
    p->place.text_places = NULL;
    p->place.text_place_count = 0;
    p->img = img;
    bool copied = copy(&p->place.file);
    copied = copy(&p->place.label) && copied;
    copied = copy(&p->place.sha256) && copied;
    const void *boxes = p->place.text_boxes;
    copied = copy_bytes(&boxes, p->place.text_box_count * sizeof *p->place.text_boxes) && copied;
    p->place.text_boxes = boxes;
    copied = copy_bytes(&p->place.original, p->place.original_len) && copied;
    if (!copied) {
        free_page(p);
        return NULL;
    }
    if (q->last)
        q->last->next = p;
    else
        q->first = p;
    return q->last = p;
}

/* What the results may be reading gives way. */
static void retire(cli_queue *q, ocrvl_source *src)
{
    ocrvl_source_free(q->done);
    q->done = src;
}

void cli_queue_source(cli_queue *q, ocrvl_source *src)
{
    if (q->last)
        q->last->source = src;
    else
        retire(q, src);
}

void cli_queue_drop(cli_queue *q)
{
    cli_queued *p = q->first;
    q->first = p->next;
    q->last = q->first ? q->last : NULL;
    if (p->source)
        retire(q, p->source);
    p->source = NULL;
    free_page(p);
}

void cli_queue_free(cli_queue *q)
{
    while (q->first)
        cli_queue_drop(q);
    retire(q, NULL);
}
