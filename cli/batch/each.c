#include "batch/each.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "batch/kept.h"
#include "batch/pictures.h"
#include "batch/setup.h"
#include "options.h"

typedef struct page_of { /* whose image may be asked for */
    const batch_setup *s;
    const batch_doc *d;
    uint32_t page;
} page_of;

bool batch_is_folder(const char *path)
{
    char *kept = ocrvl_path_join(path, ".ocrvl/batch.json");
    bool is = kept && ocrvl_file_exists(kept);
    ocrvl_free(kept);
    return is;
}

static ocrvl_image *make_image(void *user)
{
    const page_of *p = user;
    return batch_picture_of(&p->s->state, &p->s->reading.source, p->d, p->page);
}

static cli_exit each_page(const batch_setup *s, const batch_doc *d, batch_each_fn fn, void *user)
{
    char *stem = batch_output_stem(&s->args, d->name);
    batch_kept *kept = NULL;
    const ocrvl_page *page = NULL;
    cli_exit status = stem ? batch_kept_open(&kept, &s->state, d, BATCH_TOLD_ALONE) : batch_no_memory(&s->log);
    while (!status) {
        ocrvl_page_place place = {.size = sizeof place};
        status = batch_kept_next(kept, &page, &place);
        if (status || !page)
            break;
        page_of of = {s, d, (uint32_t)place.index};
        if (place.index < d->known)
            status = fn(user, stem, place.index + 1, page, make_image, &of);
    }
    batch_kept_free(kept);
    ocrvl_free(stem);
    return status;
}

cli_exit batch_each(const char *out, const cli_log *log, batch_each_fn fn, void *user, uint64_t *unread)
{
    char *folder = ocrvl_strdup(out), name[] = "crops", quiet[] = "--quiet";
    char *argv[] = {name, folder, quiet, NULL};
    batch_setup s = {.cmd = &cli_command_batch, .args = BATCH_DEFAULTS};
    cli_exit status = CLI_EXIT_LIMIT;
    *unread = 0;
    if (!folder)
        return batch_no_memory(log);
    if (batch_setup_open(&s, 3, argv, &status))
        status = s.args.no_keep
                     ? cli_usage_error(
                           &cli_command_batch,
                           "the results of '%s' aren't kept (--no-keep): there is nothing to take lines from", out)
                     : cli_reading_settle(&s.reading);
    for (size_t i = 0; i < s.state.count && !status; i++) {
        const batch_doc *d = &s.state.docs[s.state.order[i]];
        if (batch_doc_read(d))
            status = each_page(&s, d, fn, user);
        else
            *unread += batch_doc_state(d) == BATCH_DOC_PENDING;
    }
    batch_setup_free(&s);
    ocrvl_free(folder);
    return status;
}
