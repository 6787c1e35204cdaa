#include "batch/progress.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "batch/args.h"
#include "batch/counts.h"
#include "batch/line.h"
#include "stderr.h"

void batch_progress_init(batch_progress *p, unsigned how)
{
    memset(p, 0, sizeof *p);
    p->json = how == BATCH_PROGRESS_JSON;
    p->on = p->json || (how == BATCH_PROGRESS_AUTO && isatty(STDERR_FILENO));
}

/* The page that took longest; its document's index, or SIZE_MAX. */
static size_t slowest(const batch_state *s, uint32_t *page)
{
    size_t doc = SIZE_MAX;
    float most = 0;
    for (size_t i = 0; i < s->count; i++)
        for (uint32_t p = 0; p < s->docs[i].known; p++)
            if (s->docs[i].pages[p].seconds > most) {
                most = s->docs[i].pages[p].seconds;
                doc = i;
                *page = p;
            }
    return doc;
}

/* Documents of which some pages are read and others aren't. */
static uint64_t in_hand(const batch_state *s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        bool any = false;
        for (uint32_t p = 0; p < s->docs[i].known && !any; p++)
            any = s->docs[i].pages[p].status != BATCH_PENDING && s->docs[i].pages[p].status != BATCH_LEFT;
        n += any && batch_doc_state(&s->docs[i]) == BATCH_DOC_PENDING;
    }
    return n;
}

static void put_json(ocrvl_buf *b, const batch_state *s, const batch_counts *c, double rate, double left)
{
    uint32_t page = 0;
    size_t slow = slowest(s, &page);
    ocrvl_buf_printf(b,
                     "{\"documents\":%llu,\"documents_finished\":%llu,\"documents_in_hand\":%llu,\"pages_done\":%llu",
                     (unsigned long long)c->documents, (unsigned long long)(c->documents - batch_counts_pending(c)),
                     (unsigned long long)in_hand(s), (unsigned long long)(c->total - c->pages[BATCH_PENDING]));
    ocrvl_buf_printf(b, ",\"pages_failed\":%llu,\"pages_partial\":%llu,\"pages_per_second\":",
                     (unsigned long long)c->pages[BATCH_FAILED], (unsigned long long)c->pages[BATCH_PARTIAL]);
    ocrvl_buf_put_number(b, rate, 3);
    if (left >= 0) {
        ocrvl_buf_puts(b, ",\"seconds_left\":");
        ocrvl_buf_put_number(b, left, 0);
    }
    if (slow != SIZE_MAX) {
        ocrvl_buf_puts(b, ",\"slowest\":{\"doc\":");
        ocrvl_buf name = {0};
        batch_name_encode(&name, s->docs[slow].name);
        ocrvl_json_put_string(b, name.data ? name.data : "", name.len);
        ocrvl_buf_free(&name);
        ocrvl_buf_printf(b, ",\"page\":%u,\"seconds\":", (unsigned)page + 1);
        ocrvl_buf_put_number(b, (double)s->docs[slow].pages[page].seconds, 2);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_puts(b, "}\n");
}

/* Hours, minutes and seconds. */
static void put_time(ocrvl_buf *b, double seconds)
{
    unsigned long s = (unsigned long)seconds;
    ocrvl_buf_printf(b, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void put_line(ocrvl_buf *b, const batch_state *s, const batch_counts *c, double rate, double left)
{
    uint32_t page = 0;
    size_t slow = slowest(s, &page);
    ocrvl_buf_printf(b, "\r\033[K%llu of %llu documents (%llu in hand), %llu pages, %llu failed, %llu partial, ",
                     (unsigned long long)(c->documents - batch_counts_pending(c)), (unsigned long long)c->documents,
                     (unsigned long long)in_hand(s), (unsigned long long)(c->total - c->pages[BATCH_PENDING]),
                     (unsigned long long)c->pages[BATCH_FAILED], (unsigned long long)c->pages[BATCH_PARTIAL]);
    ocrvl_buf_put_number(b, rate, 2);
    ocrvl_buf_puts(b, " pages/s");
    if (left >= 0) {
        ocrvl_buf_puts(b, ", about ");
        put_time(b, left);
        ocrvl_buf_puts(b, " left");
    }
    if (slow != SIZE_MAX) {
        ocrvl_buf_puts(b, ", slowest ");
        ocrvl_buf_put_number(b, (double)s->docs[slow].pages[page].seconds, 1);
        ocrvl_buf_puts(b, " s");
    }
}

void batch_progress_show(batch_progress *p, const batch_state *state)
{
    enum { KEPT = sizeof p->at / sizeof *p->at };
    batch_counts c;
    ocrvl_buf b = {0};
    if (!p->on)
        return;
    batch_count(state, &c);
    uint64_t done = c.total - c.pages[BATCH_PENDING], left = batch_counts_pending(&c), finished = c.documents - left;
    size_t now = p->count++ % KEPT, first = p->count > KEPT ? p->count % KEPT : 0;
    p->at[now] = ocrvl_clock();
    p->pages[now] = done;
    double seconds = p->at[now] - p->at[first], rate = seconds > 0 ? (double)(done - p->pages[first]) / seconds : 0;
    double time_left = rate > 0 && finished ? (double)done / (double)finished * (double)left / rate : -1;
    if (p->json)
        put_json(&b, state, &c, rate, time_left);
    else
        put_line(&b, state, &c, rate, time_left);
    if (!b.failed)
        cli_stderr(b.data, b.len);
    p->shown = !p->json;
    ocrvl_buf_free(&b);
}

void batch_progress_wipe(batch_progress *p)
{
    if (p->shown)
        cli_stderr("\r\033[K", 4);
    p->shown = false;
}
