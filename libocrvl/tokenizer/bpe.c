#include "tokenizer/bpe.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

typedef struct ocrvl_bpe_symbol {
    uint32_t id;
    int32_t prev, next; /* -1 means none */
    bool gone;          /* merged into its left neighbour */
} symbol;

void ocrvl_bpe_free(ocrvl_bpe *b)
{
    ocrvl_free(b->symbols);
    ocrvl_free(b->queue);
    memset(b, 0, sizeof *b);
}

/* A binary heap of rank << 32 | position with the least entry on top. */
static void push(uint64_t *heap, size_t *n, uint64_t x)
{
    size_t i = (*n)++;
    for (; i > 0 && heap[(i - 1) / 2] > x; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = x;
}

static uint64_t pop(uint64_t *heap, size_t *n)
{
    uint64_t top = heap[0], x = heap[--*n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < *n; i = child) {
        if (child + 1 < *n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= x)
            break;
        heap[i] = heap[child];
    }
    heap[i] = x;
    return top;
}

/* Each merge removes one entry and adds at most two, so the queue never has more than 2 * len entries. */
static bool reserve_scratch(ocrvl_bpe *b, size_t len)
{
    return len <= SIZE_MAX / 2 && OCRVL_ARRAY_RESERVE(b->symbols, b->symbol_cap, len) &&
           OCRVL_ARRAY_RESERVE(b->queue, b->queue_cap, 2 * len);
}

static void offer(ocrvl_bpe *b, size_t *queued, const ocrvl_vocab *v, int32_t left)
{
    const symbol *s = &b->symbols[left];
    int64_t rank = ocrvl_vocab_rank(v, s->id, b->symbols[s->next].id);
    if (rank >= 0)
        push(b->queue, queued, (uint64_t)rank << 32 | (uint32_t)left);
}

/* Whether the pair that a queue entry was made for still exists: its symbols may have been merged since. */
static bool holds(const ocrvl_bpe *b, const ocrvl_vocab *v, int32_t at, uint32_t rank)
{
    const symbol *s = &b->symbols[at];
    return !s->gone && s->next >= 0 && ocrvl_vocab_rank(v, s->id, b->symbols[s->next].id) == rank;
}

ocrvl_status ocrvl_bpe_piece(ocrvl_bpe *b, const ocrvl_vocab *v, const char *s, size_t len, ocrvl_ids *ids,
                             ocrvl_error *err)
{
    size_t queued = 0;
    if (len == 0)
        return OCRVL_OK;
    if (len > INT32_MAX)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a word of %zu bytes is too long", len);
    if (!reserve_scratch(b, len))
        return ocrvl_fail_nomem(err);
    int32_t n = (int32_t)len;
    for (int32_t i = 0; i < n; i++)
        b->symbols[i] = (symbol){v->byte_ids[(unsigned char)s[i]], i - 1, i + 1 < n ? i + 1 : -1, false};
    for (int32_t i = 0; i + 1 < n; i++)
        offer(b, &queued, v, i);
    while (queued) {
        uint64_t top = pop(b->queue, &queued);
        int32_t at = (int32_t)(uint32_t)top;
        uint32_t rank = (uint32_t)(top >> 32);
        if (!holds(b, v, at, rank))
            continue;
        symbol *left = &b->symbols[at], *right = &b->symbols[left->next];
        left->id = v->merges[rank].result;
        left->next = right->next;
        right->gone = true;
        if (left->next >= 0)
            b->symbols[left->next].prev = at;
        if (left->prev >= 0)
            offer(b, &queued, v, left->prev);
        if (left->next >= 0)
            offer(b, &queued, v, at);
    }
    for (int32_t i = 0; i >= 0; i = b->symbols[i].next)
        if (!ocrvl_ids_push(ids, (int32_t)b->symbols[i].id))
            return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}
