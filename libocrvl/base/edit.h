/* Levenshtein's distance. */
#ifndef OCRVL_BASE_EDIT_H
#define OCRVL_BASE_EDIT_H

#include <stddef.h>
#include <stdint.h>

/* Insertions, deletions and replacements that make b of a; row is scratch for m + 1 numbers. Takes n * m steps. */
size_t ocrvl_edit_distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t *row);

#endif
