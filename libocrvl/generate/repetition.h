/* Finds a model that has run into a loop, by the tokens it wrote and the ink it was shown. */
#ifndef OCRVL_GENERATE_REPETITION_H
#define OCRVL_GENERATE_REPETITION_H

#include "tokenizer/tokenizer.h"

typedef struct ocrvl_repetition { /* zero-initialise; set tokenizer and lines */
    const ocrvl_tokenizer *tokenizer;
    size_t lines;  /* of ink that the page has; 0 if it isn't known (then only plain loops are found) */
    uint32_t *sym; /* [len] what each token counts as: itself, or one symbol for any run of digits */
    struct ocrvl_symbol {
        size_t from;       /* its first token */
        uint32_t newlines; /* line ends up to its end */
    } * symbols;           /* [len] */
    size_t len, sym_cap, symbol_cap, tokens;
} ocrvl_repetition;

void ocrvl_repetition_free(ocrvl_repetition *g);
/* Takes the next token. Returns false if memory fails. */
OCRVL_MUST_CHECK bool ocrvl_repetition_push(ocrvl_repetition *g, int32_t id);
/* Forgets all but the first `tokens` tokens. */
void ocrvl_repetition_truncate(ocrvl_repetition *g, const int32_t *ids, size_t tokens);

/* Whether the end repeats more than the page can. Tables, dot leaders and indexes repeat honestly: what has line ends
 * may repeat as often as the page has lines, what has none as long as a long line. Digits are taken as alike, so that
 * counters which run away are found too. *start: the first token of the second copy; everything from there is the loop.
 */
bool ocrvl_repetition_find(const ocrvl_repetition *g, size_t *start);

/* Of a text too short to be watched (a line) that ran to its limit: how many tokens there are before its end begins to
 * repeat itself, one copy kept; count where it doesn't. */
size_t ocrvl_repetition_trim(const int32_t *ids, size_t count);

#endif
