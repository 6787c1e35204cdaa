#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"
#include "stderr.h"

/* Returns to the line's beginning and clears it. */
#define WIPE "\r\033[K"

static double now(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec * 1e-9 : 0;
}

void cli_progress_init(cli_progress *p, bool wanted, uint64_t files)
{
    const char *term = getenv("TERM");
    memset(p, 0, sizeof *p);
    p->on = wanted && term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
    p->files = files;
}

void cli_progress_file(cli_progress *p)
{
    p->file++;
    p->page = p->pages = p->done = 0;
    p->began = now();
}

void cli_progress_pages(cli_progress *p, uint64_t pages) { p->pages = pages; }

void cli_progress_page(cli_progress *p)
{
    p->done = p->page++;
    cli_progress_lines(p, 0, 0);
}

void cli_progress_at(cli_progress *p, uint64_t file, uint64_t page, uint64_t pages)
{
    bool same = p->file == file;
    p->done = same ? p->done + 1 : 0;
    p->began = same ? p->began : now();
    p->file = file;
    p->page = page;
    p->pages = pages;
    cli_progress_lines(p, 0, 0);
}

/* Writes the time left for this file, estimated from its pages so far; nothing in the first two seconds. */
static void put_left(char *s, size_t size, const cli_progress *p, double t, double part)
{
    double done = (double)p->done + part, spent = t - p->began;
    if (p->pages < p->page || spent < 2 || done <= 0)
        return;
    double left = spent / done * ((double)(p->pages - p->page + 1) - part);
    if (left >= 0 && left < 360000)
        snprintf(s, size, ", %d:%02d left", (int)left / 60, (int)left % 60);
}

int cli_progress_lines(void *user, uint64_t done, uint64_t total)
{
    cli_progress *p = user;
    double t;
    if (!p->on || p->page == 0 || ((t = now()) - p->last < 0.1 && p->shown))
        return cli_signals_stopped();
    char file[64] = "", page[64], lines[64] = "", left[32] = "", line[256];
    if (p->files > 1)
        snprintf(file, sizeof file, "file %llu/%llu, ", (unsigned long long)p->file, (unsigned long long)p->files);
    if (p->pages >= p->page)
        snprintf(page, sizeof page, "page %llu/%llu", (unsigned long long)p->page, (unsigned long long)p->pages);
    else
        snprintf(page, sizeof page, "page %llu", (unsigned long long)p->page);
    if (p->unit && done)
        snprintf(lines, sizeof lines, ", %s %llu", p->unit, (unsigned long long)done);
    else if (!p->unit && total)
        snprintf(lines, sizeof lines, ", line %llu/%llu", (unsigned long long)done, (unsigned long long)total);
    put_left(left, sizeof left, p, t, total && !p->unit ? (double)done / (double)total : 0);
    int n = snprintf(line, sizeof line, WIPE "%s%s%s%s", file, page, lines, left);
    if (n > 0 && (size_t)n < sizeof line)
        cli_stderr(line, (size_t)n);
    p->shown = true;
    p->last = t;
    return cli_signals_stopped();
}

void cli_progress_wipe(cli_progress *p)
{
    if (p->shown)
        cli_stderr(WIPE, sizeof WIPE - 1);
    p->shown = false;
}
