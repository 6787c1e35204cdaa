#include "tokenizer/ids.h"

#include <string.h>

#include "base/mem.h"

void ocrvl_ids_free(ocrvl_ids *ids)
{
    ocrvl_free(ids->data);
    memset(ids, 0, sizeof *ids);
}

bool ocrvl_ids_push(ocrvl_ids *ids, int32_t id)
{
    if (ids->len == ids->cap) {
        size_t cap = ids->cap ? 2 * ids->cap : 64;
        int32_t *p = ocrvl_realloc_array(ids->data, cap, sizeof *p);
        if (!p)
            return false;
        ids->data = p;
        ids->cap = cap;
    }
    ids->data[ids->len++] = id;
    return true;
}
