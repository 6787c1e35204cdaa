#include "base/arena.h"

#include <stdint.h>

#include "base/mem.h"

#define CHUNK 16384u

typedef struct ocrvl_arena_chunk {
    struct ocrvl_arena_chunk *before;
    size_t used, size;
    _Alignas(16) unsigned char data[];
} ocrvl_arena_chunk;

void *ocrvl_arena_take(ocrvl_arena *a, size_t size, size_t align)
{
    ocrvl_arena_chunk *c = a->last;
    size_t at = c ? (c->used + align - 1) & ~(align - 1) : 0;
    if (size > SIZE_MAX / 2)
        return NULL;
    if (!c || at > c->size || size > c->size - at) {
        size_t room = size > CHUNK ? size : CHUNK;
        c = ocrvl_alloc(sizeof *c + room);
        if (!c)
            return NULL;
        c->size = room;
        c->before = a->last;
        a->last = c;
        at = 0;
    }
    c->used = at + size;
    return c->data + at;
}

void ocrvl_arena_free(ocrvl_arena *a)
{
    while (a->last) {
        ocrvl_arena_chunk *before = a->last->before;
        ocrvl_free(a->last);
        a->last = before;
    }
}
