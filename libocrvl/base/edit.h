/* Levenshtein's distance. */
#ifndef OCRVL_BASE_EDIT_H
#define OCRVL_BASE_EDIT_H

#include <stddef.h>
#include <stdint.h>

/* The number of insertions, deletions and replacements that turn a into b; row is scratch of m + 1 numbers. Takes n * m
 * steps. */
size_t ocrvl_edit_distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t *row);

#endif
