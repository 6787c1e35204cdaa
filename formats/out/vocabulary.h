/* The words of a document as far as it has been written, to tell whether a hyphen at a line's end belongs to its word
 * ("salt-replaceable") or only breaks it ("under-standing"): by how the word stands elsewhere within a line. */
#ifndef OCRVL_OUT_VOCABULARY_H
#define OCRVL_OUT_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_vocabulary_entry {
    uint64_t hash; /* of a form; 0: the place is free */
    uint32_t count;
} ocrvl_vocabulary_entry;

typedef struct ocrvl_vocabulary { /* zero-initialise */
    ocrvl_vocabulary_entry *entries;
    uint32_t used, places; /* places: a power of two, or 0 */
    bool failed;           /* memory was exhausted */
} ocrvl_vocabulary;

void ocrvl_vocabulary_free(ocrvl_vocabulary *v); /* afterwards it is empty and usable */

/* Learns the words of a page's text, but for those that are broken at line ends. Once there are 65,536 forms, new ones
 * are not learnt, so that the memory is bounded (2 MiB). */
void ocrvl_vocabulary_learn(ocrvl_vocabulary *v, const char *text);

/* For a line that ends in `head` and a hyphen, before a line that begins with `tail`: whether the hyphen is the word's
 * own. It is if the whole word stands more often with the hyphen than without it; and, if it stands nowhere else, if
 * both parts are words and one of them has that part in another word with a hyphen. */
bool ocrvl_vocabulary_keeps_hyphen(const ocrvl_vocabulary *v, const char *head, size_t head_len, const char *tail,
                                   size_t tail_len);

/* Of a name, to tell documents apart. */
uint64_t ocrvl_vocabulary_hash(const char *name);

#endif
