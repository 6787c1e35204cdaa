#include "command.h"

#include <string.h>

const cli_command *const cli_commands[] = {&cli_command_read,    &cli_command_ask,     &cli_command_batch,
                                           &cli_command_plan,    &cli_command_prompts, &cli_command_convert,
                                           &cli_command_crops,   &cli_command_norm,    &cli_command_raster,
                                           &cli_command_inspect, &cli_command_pull,    &cli_command_pack,
                                           &cli_command_tokens,  &cli_command_trace,   &cli_command_bench,
                                           &cli_command_help,    &cli_command_version, NULL};

const cli_command *cli_command_by_name(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}

/* Edits (insert, delete, change, swap neighbours) between two short words; words over 31 bytes are far from any. */
static size_t distance(const char *a, const char *b)
{
    size_t d[32][32], n = strlen(a), m = strlen(b);
    if (n > 31 || m > 31)
        return SIZE_MAX;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

const char *cli_nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, names[i]);
        bool begins = strlen(word) >= 2 && strncmp(names[i], word, strlen(word)) == 0;
        if (begins)
            d = 0;
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}
