/* An arena: pieces of memory that are given out one after the other and go all at once, without what malloc adds to
 * each. */
#ifndef OCRVL_BASE_ARENA_H
#define OCRVL_BASE_ARENA_H

#include <stddef.h>

typedef struct ocrvl_arena { /* must be zero-initialised */
    struct ocrvl_arena_chunk *last;
} ocrvl_arena;

/* size zeroed bytes at a multiple of align, a power of two up to 16. NULL: no memory. */
void *ocrvl_arena_take(ocrvl_arena *a, size_t size, size_t align);
void ocrvl_arena_free(ocrvl_arena *a);

#endif
