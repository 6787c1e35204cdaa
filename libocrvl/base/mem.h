/* The only allocator of libocrvl. Any call can return NULL; tests make the Nth one fail. */
#ifndef OCRVL_BASE_MEM_H
#define OCRVL_BASE_MEM_H

#include <stddef.h>

/* n zeroed bytes; for n = 0 a pointer that may be freed. */
__attribute__((malloc)) void *ocrvl_alloc(size_t n);
/* count * size zeroed bytes; NULL if the product overflows. */
__attribute__((malloc)) void *ocrvl_alloc_array(size_t count, size_t size);
/* Like realloc with an overflow check; new bytes are not zeroed. On failure p stays valid and unchanged. */
void *ocrvl_realloc_array(void *p, size_t count, size_t size);
/* count * size zeroed bytes at a multiple of 64, for vector kernels; to be freed with ocrvl_free. */
__attribute__((malloc)) void *ocrvl_alloc_aligned(size_t count, size_t size);
/* As ocrvl_alloc_aligned, but the bytes are anything: for room of which each part is written before it is read. What of it
 * is never touched takes no memory and no time. */
__attribute__((malloc)) void *ocrvl_alloc_room(size_t count, size_t size);
/* A copy of n bytes with a NUL after them. */
__attribute__((malloc)) char *ocrvl_strndup(const char *s, size_t n);
__attribute__((malloc)) char *ocrvl_strdup(const char *s);
void ocrvl_free(void *p);

/* Makes the nth allocation from now on (1 is the next one) and all later ones return NULL; 0 turns this off. For tests
 * only. */
void ocrvl_mem_fail_after(long n);
/* The same for the nth alone; those after it succeed again. */
void ocrvl_mem_fail_once(long n);
/* Whether a failure that was asked for by either has happened since. */
int ocrvl_mem_failed(void);

#endif
