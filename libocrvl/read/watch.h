/* Tells how far the encoding of pictures and the run of a prompt are. */
#ifndef OCRVL_READ_WATCH_H
#define OCRVL_READ_WATCH_H

#include "generate/prompt.h"
#include "model/engine.h"

typedef struct ocrvl_watch {
    void (*tell)(void *user, double part); /* 0..1; NULL: nobody wants to know */
    void *user;
    double encoding; /* the part of the work that encoding is */
} ocrvl_watch;

/* Has the engine tell of its work on these pictures and a prompt of so many tokens, which is estimated by its
 * operations, until ocrvl_watch_end; w must stay as long. The thread that runs the prompt is the one that tells. */
void ocrvl_watch_begin(ocrvl_watch *w, ocrvl_engine *e, const ocrvl_config *c, const ocrvl_pictures *shown,
                       size_t tokens);
void ocrvl_watch_end(ocrvl_engine *e);

#endif
