#include "model/engine.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

ocrvl_status ocrvl_engine_init(ocrvl_engine *e, const ocrvl_weights *m, ocrvl_pool *pool, ocrvl_error *err)
{
    memset(e, 0, sizeof *e);
    e->m = m;
    ocrvl_status st = ocrvl_work_init(&e->work, pool, err);
    if (!st && m->low_precision)
        st = ocrvl_work_reserve_rounded(&e->work, err);
    if (st)
        ocrvl_engine_free(e);
    return st;
}

void ocrvl_engine_free(ocrvl_engine *e)
{
    for (size_t i = 0; i < OCRVL_ENGINE_BUFFERS; i++)
        ocrvl_free(e->buf[i].data);
    ocrvl_work_free(&e->work);
    memset(e, 0, sizeof *e);
}

float *ocrvl_engine_buffer(ocrvl_engine *e, size_t i, size_t n)
{
    if (n > e->buf[i].cap) {
        ocrvl_free(e->buf[i].data);
        e->buf[i].data = ocrvl_alloc_aligned(n, sizeof(float));
        e->buf[i].cap = e->buf[i].data ? n : 0;
    }
    return e->buf[i].data;
}

ocrvl_status ocrvl_engine_check_cancel(const ocrvl_engine *e, ocrvl_error *err)
{
    for (size_t i = 0; i < sizeof e->cancel / sizeof *e->cancel; i++)
        if (ocrvl_canceled(e->cancel[i]))
            return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    return OCRVL_OK;
}
