#include "batch/worst.h"

#include <stdlib.h>

#include "base/mem.h"

static float score_of(const batch_page *p)
{
    /* Of ink without text nobody is unsure: such a page stands before those whose words are doubtful. */
    float warned = 0.05f * (float)(p->warnings < 8 ? p->warnings : 8) + (p->unread ? 0.5f : 0);
    switch ((batch_page_status)p->status) {
    case BATCH_FAILED: return -3;
    case BATCH_PARTIAL: return -2 + (p->worst >= 0 ? p->worst : 0);
    case BATCH_BLANK: return 2 - warned; /* nothing is to be seen on them */
    case BATCH_SKIPPED: return 3;
    case BATCH_OK:
    case BATCH_PENDING:
    case BATCH_LEFT:
    case BATCH_PAGE_STATUSES: break;
    }
    return (p->worst >= 0 ? p->worst : 1) - warned;
}

static int compare(const void *a, const void *b)
{
    const batch_ranked *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score < y->score ? -1 : 1;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    return x->page < y->page ? -1 : x->page > y->page;
}

batch_ranked *batch_rank(const batch_state *s, size_t *count)
{
    size_t n = 0;
    *count = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->docs[i].known;
    batch_ranked *all = ocrvl_alloc_array(n, sizeof *all);
    for (size_t i = 0; i < s->count && all; i++) {
        const batch_doc *d = &s->docs[s->order[i]];
        for (uint32_t p = 0; p < d->known; p++)
            if (d->pages[p].status != BATCH_PENDING && d->pages[p].status != BATCH_LEFT)
                all[(*count)++] = (batch_ranked){score_of(&d->pages[p]), (uint32_t)i, p};
    }
    if (all && *count)
        qsort(all, *count, sizeof *all, compare);
    for (size_t i = 0; i < *count; i++)
        all[i].doc = s->order[all[i].doc];
    return all;
}
