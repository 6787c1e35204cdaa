/* How many processes are to read. */
#ifndef OCRVL_CLI_BATCH_JOBS_H
#define OCRVL_CLI_BATCH_JOBS_H

#include "batch/setup.h"

/* As many as --jobs says, or as there are processors for a line reader, but no more than there are units of work, than
 * --decoders lets open documents, and than memory holds: of --max-memory, or of what the machine, its control group or
 * Slurm gives, by what ocrvl plan tells of a page of A4 at 300 dpi. That memory holds fewer is said once. 0: there is
 * nothing to do. */
cli_exit batch_choose_jobs(batch_setup *s, size_t *jobs);

/* Bytes that each further process takes, and that all of them share: the weights of a model of more than 64 MB are
 * mapped. */
typedef struct batch_memory {
    uint64_t each, shared;
} batch_memory;
/* How many processes fit; at least one. */
size_t batch_jobs_in(uint64_t memory, const batch_memory *of, size_t jobs);

#endif
