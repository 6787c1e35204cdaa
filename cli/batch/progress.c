#include "batch/progress.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/counts.h"
#include "stderr.h"

void batch_progress_init(batch_progress *p, bool wanted)
{
    memset(p, 0, sizeof *p);
    p->on = wanted && isatty(STDERR_FILENO);
}

/* Hours, minutes and seconds. */
static void put_time(ocrvl_buf *b, double seconds)
{
    unsigned long s = (unsigned long)seconds;
    ocrvl_buf_printf(b, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

void batch_progress_show(batch_progress *p, const batch_state *state)
{
    enum { KEPT = sizeof p->at / sizeof *p->at };
    batch_counts c;
    ocrvl_buf b = {0};
    if (!p->on)
        return;
    batch_count(state, &c);
    uint64_t done = c.total - c.pages[BATCH_PENDING], left = c.docs[BATCH_DOC_PENDING], finished = c.documents - left;
    size_t now = p->count++ % KEPT, first = p->count > KEPT ? p->count % KEPT : 0;
    p->at[now] = ocrvl_clock();
    p->pages[now] = done;
    double seconds = p->at[now] - p->at[first], rate = seconds > 0 ? (double)(done - p->pages[first]) / seconds : 0;
    ocrvl_buf_printf(&b, "\r\033[K%llu of %llu documents, %llu pages, %llu failed, ", (unsigned long long)finished,
                     (unsigned long long)c.documents, (unsigned long long)done,
                     (unsigned long long)c.pages[BATCH_FAILED]);
    ocrvl_buf_put_number(&b, rate, 2);
    ocrvl_buf_puts(&b, " pages/s");
    if (rate > 0 && finished) {
        ocrvl_buf_puts(&b, ", about ");
        put_time(&b, (double)done / (double)finished * (double)left / rate);
        ocrvl_buf_puts(&b, " left");
    }
    if (!b.failed)
        cli_stderr(b.data, b.len);
    p->shown = true;
    ocrvl_buf_free(&b);
}

void batch_progress_wipe(batch_progress *p)
{
    if (p->shown)
        cli_stderr("\r\033[K", 4);
    p->shown = false;
}
