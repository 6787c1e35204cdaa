/* Arrays that grow: the one rule by which a list gets room for more members. */
#ifndef OCRVL_BASE_ARRAY_H
#define OCRVL_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes `data`, a pointer variable to an array of `cap` members (NULL with 0), hold at least `need` members; `cap` is a
 * size_t variable. New members are not zeroed. Returns false if memory fails or a size would overflow; data and cap
 * stay as they were. The arguments are evaluated more than once. The array is freed with ocrvl_free. */
#define OCRVL_ARRAY_RESERVE(data, cap, need)                                                                           \
    ((need) <= (cap) || ocrvl_array_grow(&(data), &(cap), need, sizeof *(data)))

/* What the macro calls. data: the address of the pointer variable; need is over *cap. The capacity at least doubles, so
 * that adding members one by one takes time in proportion to their number. */
bool ocrvl_array_grow(void *data, size_t *cap, size_t need, size_t size);

#endif
