/* Documents that have the same bytes as another one, whose results they take. */
#ifndef OCRVL_CLI_BATCH_DUPLICATE_H
#define OCRVL_CLI_BATCH_DUPLICATE_H

#include "batch/state.h"

typedef struct batch_sizes { /* documents by the size of their files; must be zero-initialised */
    struct batch_sized *items;
    size_t count;
} batch_sizes;

typedef enum batch_alike {
    BATCH_UNIQUE,  /* no document whose results are known has these bytes */
    BATCH_AWAITED, /* one of the `unit` has, which isn't read yet */
    BATCH_ALIKE,   /* *twin has */
} batch_alike;

/* Whether another document has the same bytes as docs[index], whose file is at `path`. unit: [unit_count] documents
 * that are in hand, of which only those count that stand before `index` there. All pages of *twin are read, and none of
 * them failed or is partial, as that may be another time's fault. What can't be told, for lack of memory or of a file,
 * is UNIQUE: it is then read. */
batch_alike batch_find_twin(batch_sizes *sizes, const batch_state *state, uint32_t index, const char *path,
                            const uint32_t *unit, size_t unit_count, uint32_t *twin);
void batch_sizes_free(batch_sizes *sizes);

#endif
