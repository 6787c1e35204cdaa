#include "tokenizer/ids.h"

#include <string.h>

#include "base/array.h"
#include "base/mem.h"

void ocrvl_ids_free(ocrvl_ids *ids)
{
    ocrvl_free(ids->data);
    memset(ids, 0, sizeof *ids);
}

bool ocrvl_ids_push(ocrvl_ids *ids, int32_t id)
{
    if (!OCRVL_ARRAY_RESERVE(ids->data, ids->cap, ids->len + 1))
        return false;
    ids->data[ids->len++] = id;
    return true;
}
