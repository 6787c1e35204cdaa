/* The words that the content of a PDF's page is written in: operands and operators. */
#ifndef OCRVL_BASE_CONTENT_TOKENS_H
#define OCRVL_BASE_CONTENT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_content_token { /* bytes [from, to) */
    size_t from, to;
} ocrvl_content_token;

typedef struct ocrvl_content_tokens { /* content, and where its next token is looked for */
    const uint8_t *data;
    size_t len, at;
} ocrvl_content_tokens;

/* Reads the next token; an array, dictionary or string counts as one, found by its brackets. Returns false at the
 * end. */
bool ocrvl_tokens_next(ocrvl_content_tokens *s, ocrvl_content_token *t);
/* Skips the data of an inline image, which begin after one white space and end before EI between white space that is
 * followed by something like content. Returns false if no end is found. */
bool ocrvl_tokens_skip_image(ocrvl_content_tokens *s);

bool ocrvl_token_is(const ocrvl_content_tokens *s, ocrvl_content_token t, const char *word);
bool ocrvl_token_is_operand(const ocrvl_content_tokens *s, ocrvl_content_token t);

enum { OCRVL_TOKEN_NAME = 160 };
/* Reads a name, with its slash, and decodes its #xx. Returns false if it isn't one, or is longer than PDF 1.7 (annex C)
 * allows. */
bool ocrvl_token_name(const ocrvl_content_tokens *s, ocrvl_content_token t, char out[OCRVL_TOKEN_NAME]);
/* The value of a number; 0 of what is none. */
double ocrvl_token_number(const ocrvl_content_tokens *s, ocrvl_content_token t);

#endif
