#include "tokenizer/added.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"

void ocrvl_added_free(ocrvl_added *a)
{
    for (size_t i = 0; i < a->count; i++)
        ocrvl_free(a->tokens[i].text);
    ocrvl_free(a->tokens);
    memset(a, 0, sizeof *a);
}

bool ocrvl_added_put(ocrvl_added *a, const char *text, size_t len, int32_t id, bool special)
{
    if (!OCRVL_ARRAY_RESERVE(a->tokens, a->cap, a->count + 1))
        return false;
    char *copy = ocrvl_strndup(text, len);
    if (!copy)
        return false;
    a->tokens[a->count++] = (ocrvl_added_token){copy, len, id, special};
    a->starts[(unsigned char)text[0]] = true;
    return true;
}

static int by_text(const void *pa, const void *pb)
{
    const ocrvl_added_token *a = pa, *b = pb;
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

void ocrvl_added_sort(ocrvl_added *a)
{
    if (a->count)
        qsort(a->tokens, a->count, sizeof *a->tokens, by_text);
}

/* Among tokens [low, high), which share their first `depth` bytes: the first whose next byte is `byte` or greater. */
static size_t first_not_less(const ocrvl_added *a, size_t low, size_t high, size_t depth, unsigned byte)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ocrvl_added_token *t = &a->tokens[middle];
        if (t->len <= depth || (unsigned char)t->text[depth] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const ocrvl_added_token *longest_at(const ocrvl_added *a, const char *text, size_t len)
{
    const ocrvl_added_token *best = NULL;
    size_t low = 0, high = a->count;
    for (size_t depth = 0; depth < len; depth++) {
        unsigned byte = (unsigned char)text[depth];
        low = first_not_less(a, low, high, depth, byte);
        high = first_not_less(a, low, high, depth, byte + 1);
        if (low == high)
            break;
        if (a->tokens[low].len == depth + 1)
            best = &a->tokens[low];
    }
    return best;
}

const ocrvl_added_token *ocrvl_added_find(const ocrvl_added *a, const char *text, size_t len, size_t *at)
{
    for (size_t i = *at; a->count && i < len; i++) {
        if (!a->starts[(unsigned char)text[i]])
            continue;
        const ocrvl_added_token *t = longest_at(a, text + i, len - i);
        if (t) {
            *at = i;
            return t;
        }
    }
    return NULL;
}
