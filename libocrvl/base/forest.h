/* Sets of things numbered from 0, as a forest: parent[i] is another of i's set, or i itself, which names the set. */
#ifndef OCRVL_BASE_FOREST_H
#define OCRVL_BASE_FOREST_H

#include <stdint.h>

/* The one that names i's set. */
static inline uint32_t ocrvl_forest_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Makes one set of a's and b's, named by the smaller of their names. */
static inline void ocrvl_forest_join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = ocrvl_forest_root(parent, a);
    b = ocrvl_forest_root(parent, b);
    parent[a > b ? a : b] = a < b ? a : b;
}

#endif
