#include "queue.h"

#include <string.h>

#include "base/mem.h"

static void free_page(cli_queued *p)
{
    ocrvl_free((char *)p->place.file);
    ocrvl_free((char *)p->place.label);
    ocrvl_free((char *)p->place.sha256);
    ocrvl_free((char *)p->place.text_layer);
    ocrvl_free((char *)p->place.damage);
    ocrvl_free((void *)(uintptr_t)p->place.text_places);
    ocrvl_free((void *)(uintptr_t)p->place.text_boxes);
    ocrvl_free((void *)(uintptr_t)p->place.original);
    ocrvl_image_free(p->img);
    ocrvl_source_free(p->source);
    ocrvl_free(p);
}

/* Replaces *s by a copy, unless it is NULL. */
static bool copy(const char **s)
{
    bool wanted = *s != NULL;
    *s = wanted ? ocrvl_strdup(*s) : NULL;
    return *s || !wanted;
}

/* The same for bytes. */
static bool copy_bytes(const void **bytes, size_t len)
{
    bool wanted = *bytes != NULL;
    *bytes = wanted ? ocrvl_strndup(*bytes, len) : NULL;
    return *bytes || !wanted;
}

/* The same of the lines that the document says stand on the page, their texts behind them in one piece of memory. */
static bool copy_places(ocrvl_page_place *place)
{
    const ocrvl_text_place *from = place->text_places;
    size_t n = place->text_place_count, bytes = n * sizeof *from;
    place->text_places = NULL;
    for (size_t i = 0; i < n; i++)
        bytes += strlen(from[i].text) + 1;
    ocrvl_text_place *to = n ? ocrvl_alloc(bytes) : NULL;
    if (!to)
        return n == 0;
    char *text = (char *)(to + n);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(from[i].text) + 1;
        to[i] = (ocrvl_text_place){memcpy(text, from[i].text, len), from[i].box};
        text += len;
    }
    place->text_places = to;
    return true;
}

cli_queued *cli_queue_put(cli_queue *q, ocrvl_image *img, const ocrvl_page_place *place)
{
    cli_queued *p = ocrvl_alloc(sizeof *p);
    if (!p) {
        ocrvl_image_free(img);
        return NULL;
    }
    p->place = *place;
    p->img = img;
    bool copied = copy(&p->place.file);
    copied = copy(&p->place.label) && copied;
    copied = copy(&p->place.sha256) && copied;
    copied = copy(&p->place.text_layer) && copied;
    copied = copy(&p->place.damage) && copied;
    copied = copy_places(&p->place) && copied;
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
    q->fresh = q->fresh ? q->fresh : p;
    return q->last = p;
}

/* Frees the document that results may have been reading, in favour of src. */
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
    q->fresh = q->fresh == p ? p->next : q->fresh;
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
