#include "batch/shard.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"

/* What schedulers say of a task: its number, and of the array the first number, the step, and the last number or the
 * count. A missing name is NULL. */
typedef struct scheduler {
    const char *index, *first, *step, *last, *count;
} scheduler;

static const scheduler schedulers[] = {
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP", NULL, "SLURM_ARRAY_TASK_COUNT"},
    {"SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_STEPSIZE", "SGE_TASK_LAST", NULL},
    {"PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL},
    {"JOB_COMPLETION_INDEX", NULL, NULL, NULL, NULL},
};

/* A number of digits alone, up to `end`. */
static bool number(const char *s, const char *end, uint64_t *out)
{
    *out = 0;
    if (!s || s == end || end - s > 9)
        return false;
    for (; s < end; s++) {
        if (*s < '0' || *s > '9')
            return false;
        *out = *out * 10 + (uint64_t)(*s - '0');
    }
    return true;
}

static bool from_environment(const char *name, uint64_t *out)
{
    const char *s = name ? getenv(name) : NULL;
    return s && number(s, s + strlen(s), out);
}

/* What the scheduler says; count 0: not known. False: there is none. */
static bool ask_scheduler(batch_shard *shard)
{
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++) {
        const scheduler *s = &schedulers[i];
        uint64_t index, first = 0, step = 1, last;
        if (!from_environment(s->index, &index))
            continue;
        (void)from_environment(s->first, &first);
        if (!from_environment(s->step, &step) || step == 0)
            step = 1;
        if (index < first)
            return false;
        shard->index = (index - first) / step;
        shard->count = 0;
        if (!from_environment(s->count, &shard->count) && from_environment(s->last, &last) && last >= first)
            shard->count = (last - first) / step + 1;
        return true;
    }
    return false;
}

cli_exit batch_shard_take(batch_args *args, const cli_command *cmd)
{
    const char *text = args->shard_text, *slash = text ? strchr(text, '/') : NULL;
    batch_shard *shard = &args->shard;
    if (!text)
        return CLI_EXIT_OK;
    bool asked = strncmp(text, "auto", 4) == 0 && (text[4] == '/' || text[4] == '\0');
    if (asked && !ask_scheduler(shard))
        return cli_usage_error(cmd, "--shard auto: no scheduler says which task this is");
    if (!asked && !number(text, slash ? slash : text, &shard->index))
        return cli_usage_error(cmd, "'%s' for --shard must be K/N, auto or auto/N", text);
    if (slash && !number(slash + 1, slash + 1 + strlen(slash + 1), &shard->count))
        return cli_usage_error(cmd, "'%s' for --shard must be K/N, auto or auto/N", text);
    if (!shard->count)
        return cli_usage_error(cmd, "--shard auto: how many tasks there are isn't said; give auto/N");
    if (shard->index >= shard->count)
        return cli_usage_error(cmd, "--shard: task %llu is none of %llu, which count from 0",
                               (unsigned long long)shard->index, (unsigned long long)shard->count);
    return CLI_EXIT_OK;
}
