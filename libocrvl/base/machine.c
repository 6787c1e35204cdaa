#include "base/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The first number of a file; `other` if it has none ("max"). */
static uint64_t number_in(const char *path, uint64_t other)
{
    char line[64];
    FILE *f = fopen(path, "re");
    if (f && fgets(line, sizeof line, f) && line[0] >= '0' && line[0] <= '9')
        other = strtoull(line, NULL, 10);
    if (f)
        fclose(f);
    return other;
}

/* The smallest number in file `name` of the group and of the groups around it, below `hierarchy`. */
static uint64_t least_of_group(const char *root, const char *hierarchy, const char *group, const char *name)
{
    char inside[512], path[1024];
    uint64_t least = UINT64_MAX;
    snprintf(inside, sizeof inside, "%s", group);
    for (;;) {
        int n = snprintf(path, sizeof path, "%s/sys/fs/cgroup%s%s/%s", root, hierarchy, inside, name);
        uint64_t found = n > 0 && (size_t)n < sizeof path ? number_in(path, UINT64_MAX) : UINT64_MAX;
        least = found < least ? found : least;
        char *slash = strrchr(inside, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

uint64_t ocrvl_machine_group_memory(const char *root)
{
    char line[768];
    uint64_t least = UINT64_MAX;
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *f = fopen(line, "re");
    while (f && fgets(line, sizeof line, f)) { /* "ID:CONTROLLERS:/GROUP" */
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        uint64_t found = UINT64_MAX;
        if (!controllers[1])
            found = least_of_group(root, "", group, "memory.max");
        else if (strcmp(controllers + 1, "memory") == 0)
            found = least_of_group(root, "/memory", group, "memory.limit_in_bytes");
        least = found < least ? found : least;
    }
    if (f)
        fclose(f);
    return least;
}

uint64_t ocrvl_machine_memory(void)
{
    struct rlimit space;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t least = ocrvl_machine_group_memory("");
    if (pages > 0 && page > 0 && (uint64_t)pages * (uint64_t)page < least)
        least = (uint64_t)pages * (uint64_t)page;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && space.rlim_cur < least)
        least = space.rlim_cur;
    return least;
}
