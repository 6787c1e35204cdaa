#include "generate/repetition.h"

#include <string.h>

#include "base/array.h"
#include "base/mem.h"

/* A unit longer than PERIOD isn't looked for. Text without a line end that repeats for LINE symbols, or LEADER of a
 * single one, is a loop; LINE is also what a repetition of rows must exceed, so that short ones are never touched. */
enum { PERIOD = 256, LINE = 160, LEADER = 320, ROWS = 8, CHECK = 8 };
enum { DIGITS = 0x40000000 };
/* Of a line that ran to its limit: the longest unit, and the fewest tokens of all its copies together. */
enum { LINE_PERIOD = 40, LINE_LEAST = 12 };

void ocrvl_repetition_free(ocrvl_repetition *g)
{
    ocrvl_free(g->sym);
    ocrvl_free(g->symbols);
    g->sym = NULL;
    g->symbols = NULL;
    g->len = g->sym_cap = g->symbol_cap = g->tokens = 0;
}

/* Line ends in the first n symbols. */
static uint32_t newlines_in(const ocrvl_repetition *g, size_t n) { return n ? g->symbols[n - 1].newlines : 0; }

bool ocrvl_repetition_push(ocrvl_repetition *g, int32_t id)
{
    size_t n;
    uint32_t ends = 0;
    const char *text = ocrvl_tokenizer_bytes(g->tokenizer, id, &n);
    bool digits = n > 0;
    for (size_t i = 0; i < n; i++) {
        digits &= text[i] >= '0' && text[i] <= '9';
        ends += text[i] == '\n';
    }
    if (!OCRVL_ARRAY_RESERVE(g->sym, g->sym_cap, g->len + 1) ||
        !OCRVL_ARRAY_RESERVE(g->symbols, g->symbol_cap, g->len + 1))
        return false;
    g->tokens++;
    if (digits && g->len && g->sym[g->len - 1] == DIGITS)
        return true;
    g->sym[g->len] = digits ? (uint32_t)DIGITS : (uint32_t)id;
    g->symbols[g->len] = (struct ocrvl_symbol){g->tokens - 1, newlines_in(g, g->len) + ends};
    g->len++;
    return true;
}

void ocrvl_repetition_truncate(ocrvl_repetition *g, const int32_t *ids, size_t tokens)
{
    g->len = g->tokens = 0;
    for (size_t i = 0; i < tokens; i++)
        (void)!ocrvl_repetition_push(g, ids[i]); /* it had room for more before */
}

/* How many symbols at the end of sym [len] repeat with period p, the first copy counted. */
static size_t periodic(const uint32_t *sym, size_t len, size_t p)
{
    size_t n = p;
    while (n < len && sym[len - 1 - n] == sym[len - 1 - n + p])
        n++;
    return n;
}

static bool too_many(const ocrvl_repetition *g, size_t p, size_t span)
{
    size_t ends = newlines_in(g, g->len) - newlines_in(g, g->len - p); /* in one copy */
    if (ends == 0)
        return span > (p == 1 ? LEADER : LINE);
    size_t rows = span / p * ends, most = g->lines + g->lines / 4 + ROWS;
    return g->lines ? rows > most : span > LINE && rows > 64;
}

bool ocrvl_repetition_find(const ocrvl_repetition *g, size_t *start)
{
    if (g->len < LINE / 4 || g->len % CHECK)
        return false;
    for (size_t p = 1; p <= PERIOD && 2 * p <= g->len; p++) {
        size_t span = periodic(g->sym, g->len, p);
        if (span >= 3 * p && too_many(g, p, span)) {
            *start = g->symbols[g->len - span + p].from;
            return true;
        }
    }
    return false;
}

size_t ocrvl_repetition_trim(const int32_t *ids, size_t count)
{
    for (size_t p = 1; p <= LINE_PERIOD && 3 * p <= count; p++) {
        size_t span = periodic((const uint32_t *)ids, count, p);
        if (span >= 3 * p && span >= LINE_LEAST)
            return count - span + p;
    }
    return count;
}
