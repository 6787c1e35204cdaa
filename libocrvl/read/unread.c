#include "read/unread.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/unread.h"

enum { MAX_WARNINGS = 50 }; /* of a page */
#define MUCH 0.05           /* of a page's text */

static bool overlap(const ocrvl_box *a, const ocrvl_box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* Whether one of the region's lines was read as something that can't stand there. */
static bool is_hopeless(const ocrvl_layout *l, const ocrvl_line_fate *fates, const ocrvl_box *region)
{
    for (size_t i = 0; i < l->line_count; i++)
        if (fates[i] == OCRVL_LINE_HOPELESS && overlap(&l->lines[i].ink, region))
            return true;
    return false;
}

static ocrvl_status warn_of(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_line_fate *fates,
                            const ocrvl_unread *u, ocrvl_error *err)
{
    bool much = u->share > MUCH;
    ocrvl_status st = OCRVL_OK;
    char message[128];
    for (size_t i = 0; !st && i < u->count && i < MAX_WARNINGS; i++) {
        const char *text = is_hopeless(l, fates, &u->boxes[i])
                               ? "script: what looks like text can't be read, maybe as the reader lacks its script"
                               : "what looks like text gave none";
        st = ocrvl_builder_warn_at(b, "unread", text, ocrvl_layout_box_to_page(l, u->boxes[i]), much, err);
    }
    if (st || !u->count)
        return st;
    if (u->count > MAX_WARNINGS) {
        snprintf(message, sizeof message, "%zu more regions look like text and gave none", u->count - MAX_WARNINGS);
        st = ocrvl_builder_warn(b, "unread", message, much, err);
    }
    if (st || !much)
        return st;
    snprintf(message, sizeof message, "%zu regions, %.0f %% of what looks like text, gave no text", u->count,
             u->share * 100);
    return ocrvl_builder_warn(b, "unread", message, true, err);
}

ocrvl_status ocrvl_warn_unread(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_line_fate *fates, size_t *covered,
                               ocrvl_error *err)
{
    ocrvl_unread u;
    bool *gave = ocrvl_alloc_array(l->line_count + 1, sizeof *gave);
    *covered = 0;
    if (!gave)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < l->line_count; i++)
        gave[i] = fates[i] == OCRVL_LINE_READ || fates[i] == OCRVL_LINE_SKIPPED || l->lines[i].known;
    ocrvl_status st = ocrvl_layout_unread(&u, l, gave, err);
    ocrvl_free(gave);
    if (st)
        return st;
    for (size_t i = 0; i < l->line_count; i++) {
        bool told = false;
        for (size_t k = 0; k < u.count && !told; k++)
            told = overlap(&l->lines[i].ink, &u.boxes[k]);
        *covered += told && (fates[i] == OCRVL_LINE_DROPPED || fates[i] == OCRVL_LINE_EMPTY) && !l->lines[i].known;
    }
    st = warn_of(b, l, fates, &u, err);
    ocrvl_unread_free(&u);
    return st;
}
