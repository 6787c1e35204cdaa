#include "read/watch.h"

#include "model/cost.h"

/* What the engine tells of its work. */
static void on_work(void *user, bool layers, size_t done, size_t all)
{
    const ocrvl_watch *w = user;
    double part = (double)done / (double)all;
    w->tell(w->user, layers ? w->encoding + (1 - w->encoding) * part : w->encoding * part);
}

void ocrvl_watch_begin(ocrvl_watch *w, ocrvl_engine *e, const ocrvl_config *c, const ocrvl_pictures *shown,
                       size_t tokens)
{
    ocrvl_pass_shape shape = {.tokens = tokens};
    for (size_t i = 0; shown->patches && i < shown->count; i++) {
        size_t patches = (size_t)shown->grids[i].h * shown->grids[i].w;
        shape.patches += patches * shown->grids[i].t;
        shape.longest = patches > shape.longest ? patches : shape.longest;
    }
    double tower = ocrvl_vision_flop(c, &shape);
    w->encoding = shape.patches ? tower / (tower + ocrvl_prompt_flop(c, &shape)) : 0;
    e->on_work = w->tell ? on_work : NULL;
    e->work_user = w;
}

void ocrvl_watch_end(ocrvl_engine *e) { e->on_work = NULL; }
