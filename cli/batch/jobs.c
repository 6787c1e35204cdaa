#include "batch/jobs.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/machine.h"
#include "base/mem.h"
#include "batch/weights.h"
#include "batch/work.h"
#include "page_model.h"

enum { MOST = 256, WIDTH = 2480, HEIGHT = 3508 };
#define MIB (UINT64_C(1) << 20)
/* Weights up to this size are packed by each process for itself (model/weights.h). */
#define PACKED (64 * MIB)
/* So much for each process is enough without asking what a page takes, which means measuring the machine. */
#define PLENTY (4096 * MIB)
/* Of a decoder, besides the page image: its program and libraries. */
#define DECODER (64 * MIB)

/* ---- what there is ----------------------------------------------------------------------------------- */

static uint64_t from_environment(const char *name)
{
    const char *s = getenv(name);
    char *end;
    uint64_t v = s ? strtoull(s, &end, 10) : 0;
    return s && *s >= '0' && *s <= '9' && !*end && v < UINT64_MAX / MIB ? v : 0;
}

/* The memory that Slurm gives to the task on this machine, in MiB there; clusters that don't enforce it by control
 * groups end jobs that take more. */
static uint64_t slurm_memory(void)
{
    uint64_t node = from_environment("SLURM_MEM_PER_NODE"), cpu = from_environment("SLURM_MEM_PER_CPU");
    uint64_t cpus = from_environment("SLURM_CPUS_ON_NODE");
    uint64_t all = node ? node : cpus && cpu < UINT64_MAX / MIB / cpus ? cpu * cpus : 0;
    return all ? all * MIB : UINT64_MAX;
}

static uint64_t memory_given(const batch_args *a)
{
    uint64_t machine = ocrvl_machine_memory(), slurm = slurm_memory();
    uint64_t least = machine < slurm ? machine : slurm;
    return a->read.budget.memory && a->read.budget.memory < least ? a->read.budget.memory : least;
}

/* ---- what it takes ----------------------------------------------------------------------------------- */

/* Strokes as high and as far apart as those of a letter's text. */
static void draw_text(ocrvl_image *img)
{
    uint8_t *pixels = ocrvl_image_pixels(img);
    for (size_t y = 300; y + 300 < HEIGHT; y++)
        for (size_t x = 300; x + 300 < WIDTH; x++)
            if (y % 60 < 26 && x % 20 < 6 && x % 200 < 170)
                pixels[y * WIDTH + x] = 0;
}

/* What a process takes for such a page, with its decoder. */
static cli_exit ask_plan(const batch_setup *s, const char *dir, batch_memory *m)
{
    const cli_read_args *a = &s->args.read;
    ocrvl_planner *planner = NULL;
    cli_line_models lines = {.found = 0};
    ocrvl_image *img = NULL;
    ocrvl_page_plan plan = {.size = sizeof plan};
    ocrvl_error err = {0};
    uint64_t weights = batch_weights_of(dir).bytes;
    cli_exit status = cli_line_planner(&s->log, dir, &a->line, a->generate.threads, false, &lines, &planner);
    ocrvl_status st = status ? OCRVL_OK : ocrvl_image_new(&img, WIDTH, HEIGHT, 1, 300, 300, 0, &err);
    if (!st && !status) {
        draw_text(img);
        st = ocrvl_planner_limit(planner, a->budget.memory, 0, &err);
    }
    if (!st && !status)
        st = ocrvl_planner_page(planner, img, &s->reading.read, &plan, &err);
    if (st) {
        cli_error(&s->log, dir, 0, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_MODEL);
    }
    m->shared = weights > PACKED && weights < plan.memory ? weights : 0;
    m->each = plan.memory - m->shared + plan.beside * (a->batch > 1 && !ocrvl_planner_reads_lines(planner));
    m->each += DECODER + 3 * (uint64_t)WIDTH * HEIGHT;
    ocrvl_image_free(img);
    ocrvl_planner_free(planner);
    cli_line_free(&lines);
    return status;
}

size_t batch_jobs_in(uint64_t memory, const batch_memory *of, size_t jobs)
{
    uint64_t left = memory > of->shared ? memory - of->shared : 0, fit = of->each ? left / of->each : jobs;
    return fit < 1 ? 1 : fit < jobs ? (size_t)fit : jobs;
}

/* Takes as few as memory holds, and says so. */
static cli_exit fit(batch_setup *s, size_t *jobs)
{
    batch_memory m = {0};
    char *dir = NULL;
    uint64_t memory = memory_given(&s->args);
    if (*jobs < 2 || memory == UINT64_MAX || s->args.read.text_layer == CLI_TEXT_LAYER_ONLY)
        return CLI_EXIT_OK;
    cli_exit status = cli_model_folder(&s->log, s->args.read.model, &dir);
    if (!status && memory / *jobs < PLENTY + batch_weights_of(dir).bytes)
        status = ask_plan(s, dir, &m);
    size_t few = status ? *jobs : batch_jobs_in(memory, &m, *jobs);
    if (few < *jobs)
        cli_note(&s->log, NULL, 0,
                 "%zu process%s instead of %zu, since each takes about %llu MiB and %llu MiB may be used", few,
                 few == 1 ? " reads" : "es read", *jobs, (unsigned long long)(m.each / MIB),
                 (unsigned long long)(memory / MIB));
    *jobs = few;
    ocrvl_free(dir);
    return status;
}

cli_exit batch_choose_jobs(batch_setup *s, size_t *out)
{
    const batch_args *a = &s->args;
    size_t units = batch_pending_most(&s->state, &a->shard), jobs = a->jobs;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!jobs)
        jobs = batch_settings_reads_lines(&s->settings) && !a->read.generate.threads && processors > 0
                   ? (size_t)processors
                   : 1;
    jobs = jobs < units ? jobs : units;
    if (!jobs) /* what was put off is done after all else */
        jobs = batch_pending_put_off(&s->state) > 0;
    jobs = a->decoders && a->decoders < jobs ? a->decoders : jobs;
    *out = jobs < MOST ? jobs : MOST;
    return fit(s, out);
}
