/* Who is at which unit of work: files in OUT/.ocrvl/claims, on any file system whose link() is atomic.
 *
 * A process has a file of its own there. A unit is claimed by a link to it, which is kept alive by touching the file,
 * and is stale once it wasn't touched for the lease, as the file system's own clock says, or at once if its holder was
 * a process of this machine that is gone. No claim has to be perfect: a unit that two hold is read twice, with one
 * result. */
#ifndef OCRVL_CLI_BATCH_CLAIM_H
#define OCRVL_CLI_BATCH_CLAIM_H

#include "batch/store.h"

typedef struct batch_claim { /* must be zero-initialised */
    const batch_store *store;
    char *own;  /* the process's file; NULL: there is none */
    char *held; /* the unit's file, while one is held */
    int fd;
    double lease; /* seconds */
} batch_claim;

/* Makes the process's file, as `name`; pid is the process that holds what is claimed. */
cli_exit batch_claim_open(batch_claim *c, const batch_store *store, const char *name, long pid, double lease);
/* Claims a unit; *got tells whether that worked. Another one must not be held. */
cli_exit batch_claim_take(batch_claim *c, const char *unit, bool *got);
/* Keeps the claim alive: to be called every lease/9 seconds. */
void batch_claim_touch(const batch_claim *c);
void batch_claim_release(batch_claim *c);
void batch_claim_close(batch_claim *c);

/* Whether the claim on a unit, if there is one, is held by anybody who may be alive. */
bool batch_claim_is_held(batch_claim *c, const char *unit);

/* Whether anybody else may be alive who has a file there. */
bool batch_claims_others(const batch_claim *c);

/* Removes what processes of this machine have left that are gone. */
void batch_claims_clean(const batch_store *store);

#endif
