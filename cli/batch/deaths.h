/* Pages that were in hand when runs died: SIGKILL, a power cut or a job that was ended as a whole say nothing against
 * them, but a page that is there again and again may be what they die of. */
#ifndef OCRVL_CLI_BATCH_DEATHS_H
#define OCRVL_CLI_BATCH_DEATHS_H

#include "batch/claim.h"
#include "batch/state.h"

/* Deaths of runs with a page in hand after which its document is put off to the end and read alone, and further ones,
 * over it alone, after which it has failed. */
enum { BATCH_PUT_OFF = 3, BATCH_GIVE_UP = 2 };

typedef struct batch_deaths { /* must be zero-initialised */
    struct batch_death {
        uint32_t doc, page;       /* index; from 1, 0: the document or its outputs */
        unsigned writing;         /* the ocrvl_format that was being written; 0: the page was in hand, or all formats */
        uint32_t together, alone; /* deaths with others in hand, and over it alone */
    } * items;
    size_t count, cap;
} batch_deaths;

/* Whether it has to be given up. */
bool batch_death_is_of_it(const struct batch_death *death);

/* Counts, by the last lines of the journals of processes that are gone and of which no run has said that it took care
 * of what they had in hand. Documents with too many are put off (batch_doc.put_off). claim: an open one. */
cli_exit batch_deaths_count(batch_deaths *l, batch_state *state, batch_claim *claim);
void batch_deaths_free(batch_deaths *l);

#endif
