#include "tally.h"

#include <string.h>

static struct cli_tally_kind *find(cli_tally *t, const char *code)
{
    size_t i = 0;
    while (i < t->count && strncmp(t->kinds[i].code, code, sizeof t->kinds[i].code - 1) != 0)
        i++;
    if (i < t->count)
        return &t->kinds[i];
    bool room = t->count + 1 < CLI_TALLY_KINDS;
    if (!room)
        code = "other";
    struct cli_tally_kind *k = &t->kinds[t->count];
    t->count += room;
    strncpy(k->code, code, sizeof k->code - 1);
    return k;
}

static void keep(struct cli_tally_kind *k, const char *message, const ocrvl_page_place *place)
{
    if (k->count < CLI_TALLY_SHOWN) {
        k->page[k->count] = place->index + 1;
        ocrvl_buf_puts(&k->file[k->count], place->file);
        ocrvl_buf_puts(&k->message[k->count], message);
    }
    k->count++;
}

/* Warnings of this code before warning i. */
static uint64_t earlier(const ocrvl_page *page, uint32_t i)
{
    const char *code, *other;
    uint64_t n = 0;
    ocrvl_page_warning(page, i, &code, NULL);
    for (uint32_t k = 0; k < i && n <= CLI_TALLY_SHOWN; k++) {
        ocrvl_page_warning(page, k, &other, NULL);
        n += strcmp(code, other) == 0;
    }
    return n;
}

void cli_tally_page(cli_tally *t, const cli_log *log, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *code, *message;
        ocrvl_page_warning(page, i, &code, &message);
        uint64_t before = earlier(page, i);
        if (info.status == OCRVL_PAGE_PARTIAL) {
            if (before < CLI_TALLY_SHOWN)
                cli_error(log, place->file, place->index + 1, "partial: %s: %s", code, message);
            else if (before == CLI_TALLY_SHOWN)
                cli_error(log, place->file, place->index + 1, "partial: %s: more of these are in the output", code);
            continue;
        }
        struct cli_tally_kind *k = find(t, code);
        k->pages += before == 0;
        keep(k, message, place);
    }
}

void cli_tally_count(cli_tally *t, const ocrvl_page *page)
{
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    t->status[info.status]++;
}

void cli_tally_print(const cli_tally *t, const cli_log *log)
{
    for (size_t i = 0; i < CLI_TALLY_KINDS; i++) {
        const struct cli_tally_kind *k = &t->kinds[i];
        if (k->count > CLI_TALLY_SHOWN)
            cli_detail(log, NULL, 0, "%s: %llu warnings on %llu page%s; the first are:", k->code,
                       (unsigned long long)k->count, (unsigned long long)k->pages, k->pages == 1 ? "" : "s");
        for (size_t n = 0; n < k->count && n < CLI_TALLY_SHOWN; n++)
            if (k->file[n].data && k->message[n].data)
                cli_detail(log, k->file[n].data, k->page[n], "%s: %s", k->code, k->message[n].data);
    }
    ocrvl_buf b = {0};
    uint64_t all = 0;
    for (int s = 0; s < 4; s++) {
        all += t->status[s];
        if (t->status[s])
            ocrvl_buf_printf(&b, ", %llu %s", (unsigned long long)t->status[s],
                             ocrvl_page_status_name((ocrvl_page_status)s));
    }
    if (all && b.data)
        cli_detail(log, NULL, 0, "%llu page%s%s", (unsigned long long)all, all == 1 ? "" : "s", b.data);
    ocrvl_buf_free(&b);
}

void cli_tally_free(cli_tally *t)
{
    for (size_t i = 0; i < CLI_TALLY_KINDS; i++)
        for (size_t n = 0; n < CLI_TALLY_SHOWN; n++) {
            ocrvl_buf_free(&t->kinds[i].file[n]);
            ocrvl_buf_free(&t->kinds[i].message[n]);
        }
}
