/* A JSON schema as a machine that takes a JSON text byte by byte and knows at every place what may follow: with it a
 * model's answer is valid by construction.
 *
 * Taken: type (also a list), properties, required, items, minItems, maxItems, minLength, maxLength, enum, const, anyOf
 * and oneOf of alternatives that differ in type, $ref into the schema itself, true. Properties come in the order in
 * which the schema names them; an object that names none (and doesn't forbid others) may have any. Annotations (title,
 * description, default, examples, format, $schema, $id, $comment) say nothing. Any other keyword is refused: what could
 * not be guaranteed is not promised. White space between tokens is at most WHITE_SPACE bytes; strings end at their
 * maxLength or MAX_STRING code points, numbers at MAX_DIGITS digits and exponents at MAX_POWER, arrays at maxItems or
 * MAX_ITEMS. */
#ifndef OCRVL_GENERATE_SCHEMA_H
#define OCRVL_GENERATE_SCHEMA_H

#include "ocrvl.h"

typedef struct ocrvl_schema ocrvl_schema; /* immutable */

enum { OCRVL_SCHEMA_DEPTH = 32 };

typedef struct ocrvl_schema_frame {
    const void *node;
    const char *word;
    uint8_t phase, part, white, flag;
    uint32_t at, index, count;
} ocrvl_schema_frame;

typedef struct ocrvl_schema_state { /* may be copied */
    ocrvl_schema_frame frame[OCRVL_SCHEMA_DEPTH];
    uint32_t depth; /* 0: the text is complete */
} ocrvl_schema_state;

/* OCRVL_E_FORMAT: not JSON or not a schema; OCRVL_E_UNSUPPORTED: a keyword that can't be promised (the message names
 * it). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_schema_parse(ocrvl_schema **out, const char *text, size_t len, ocrvl_error *err);
void ocrvl_schema_free(ocrvl_schema *s);

void ocrvl_schema_start(const ocrvl_schema *s, ocrvl_schema_state *state);
/* Takes one byte; false: it may not stand here (the state is then of no use). */
OCRVL_MUST_CHECK bool ocrvl_schema_take(ocrvl_schema_state *state, uint8_t byte);
/* Whether the text may end here. */
bool ocrvl_schema_complete(const ocrvl_schema_state *state);
/* Whether it is inside a string, between code points, with room for `bytes` more: then any UTF-8 without '"', '\\' and
 * controls goes on. */
bool ocrvl_schema_in_string(const ocrvl_schema_state *state, size_t bytes);

#endif
