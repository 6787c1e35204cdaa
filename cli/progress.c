#include "progress.h"

#include <stdarg.h>
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

/* Whether the line may be written now: ten times a second at the most, and at once where there is none. */
static bool is_time(cli_progress *p, double *t)
{
    *t = now();
    return p->on && (*t - p->last >= 0.1 || !p->shown);
}

__attribute__((format(printf, 3, 4))) static void show(cli_progress *p, double t, const char *format, ...)
{
    char line[256] = WIPE;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line + sizeof WIPE - 1, sizeof line - sizeof WIPE + 1, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof line - sizeof WIPE + 1)
        cli_stderr(line, sizeof WIPE - 1 + (size_t)n);
    p->shown = true;
    p->last = t;
}

/* The file and the page, as far as they are known. */
static void put_place(char *s, size_t size, const cli_progress *p)
{
    int n = 0;
    *s = '\0';
    if (p->files > 1)
        n = snprintf(s, size, "file %llu/%llu, ", (unsigned long long)p->file, (unsigned long long)p->files);
    if (p->pages >= p->page)
        snprintf(s + n, size - (size_t)n, "page %llu/%llu", (unsigned long long)p->page, (unsigned long long)p->pages);
    else
        snprintf(s + n, size - (size_t)n, "page %llu", (unsigned long long)p->page);
}

int cli_progress_lines(void *user, uint64_t done, uint64_t total)
{
    cli_progress *p = user;
    double t;
    char place[96], lines[64] = "", left[32] = "";
    if (p->page == 0 || !is_time(p, &t))
        return cli_signals_stopped();
    put_place(place, sizeof place, p);
    if (p->unit && done)
        snprintf(lines, sizeof lines, ", %s %llu", p->unit, (unsigned long long)done);
    else if (!p->unit && total)
        snprintf(lines, sizeof lines, ", line %llu/%llu", (unsigned long long)done, (unsigned long long)total);
    put_left(left, sizeof left, p, t, total && !p->unit ? (double)done / (double)total : 0);
    show(p, t, "%s%s%s", place, lines, left);
    return cli_signals_stopped();
}

enum { BAR = 20 };

/* "[########------------] 40 %" */
static void put_bar(char out[BAR + 16], double part)
{
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    int full = (int)(part * BAR);
    out[0] = '[';
    memset(out + 1, '#', (size_t)full);
    memset(out + 1 + full, '-', (size_t)(BAR - full));
    snprintf(out + 1 + BAR, 15, "] %d %%", (int)(part * 100));
}

void cli_progress_prompt(void *user, double part)
{
    cli_progress *p = user;
    double t;
    char place[96], bar[BAR + 16];
    if (p->page == 0 || !is_time(p, &t))
        return;
    put_place(place, sizeof place, p);
    put_bar(bar, part);
    show(p, t, "%s, looking at it %s", place, bar);
}

void cli_progress_bytes(cli_progress *p, const char *name, uint64_t done, uint64_t all)
{
    double t;
    char bar[BAR + 16];
    if (!is_time(p, &t))
        return;
    put_bar(bar, all ? (double)done / (double)all : 0);
    double rate = t > p->began ? (double)(done - p->done) / (t - p->began) : 0;
    show(p, t, "%.60s %s of %.1f MB, %.1f MB/s", name, bar, (double)all / 1e6, rate / 1e6);
}

void cli_progress_wipe(cli_progress *p)
{
    if (p->shown)
        cli_stderr(WIPE, sizeof WIPE - 1);
    p->shown = false;
}
