/* What the reading of a schema (schema_parse.c) leaves to the machine (schema_machine.c). */
#ifndef OCRVL_GENERATE_SCHEMA_PARTS_H
#define OCRVL_GENERATE_SCHEMA_PARTS_H

#include "base/json.h"
#include "generate/schema.h"

enum { MAX_STRING = 4096, MAX_ITEMS = 4096 };

enum { NUL = 1, BOOL = 2, INTEGER = 4, NUMBER = 8, STRING = 16, ARRAY = 32, OBJECT = 64, ALL = 127 };

typedef struct node node;

typedef struct property {
    char *name; /* as JSON, with its quotes; owned */
    node *value;
    bool required;
} property;

struct node {
    unsigned types;
    /* Where its words, its properties or value, its items and its lengths stand: in itself, or in one of its alternatives,
     * which others may refer to as well. */
    const node *words_of, *object, *array, *string;
    node **alternatives; /* anyOf, oneOf; owned */
    size_t alternative_count;
    enum { UNSETTLED, SETTLING, SETTLED } settled; /* whether types and the above are those of the alternatives */
    char **words;                                  /* enum: the values as JSON; owned */
    size_t word_count;
    property *properties;
    size_t property_count;
    bool others; /* an object of any properties */
    node *items;
    node *value; /* of each of an object of any properties */
    uint32_t min_items, max_items, min_length, max_length;
    const ocrvl_json *source; /* while parsing: so that $ref finds what is there already */
    node *next;               /* of all nodes */
};

struct ocrvl_schema {
    node *root, *all;
    node any;
    size_t nodes;
};

/* The types of an enum's values. */
unsigned ocrvl_schema_word_types(const node *n);

#endif
