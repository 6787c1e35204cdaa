#include "batch/weights.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/gzip.h"

static bool is_weights(const char *name)
{
    const char *point = strrchr(name, '.');
    return point && (strcmp(point, ".safetensors") == 0 || strcmp(point, ".gguf") == 0);
}

batch_weights batch_weights_of(const char *dir)
{
    batch_weights w = {0};
    DIR *d = opendir(dir);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        struct stat st;
        char text[400];
        if (!is_weights(e->d_name) || fstatat(dirfd(d), e->d_name, &st, 0) != 0)
            continue;
        snprintf(text, sizeof text, "%s:%llu:%lld.%09ld", e->d_name, (unsigned long long)st.st_size,
                 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        w.bytes += (uint64_t)st.st_size;
        w.stamp += batch_crc32(text, strlen(text)); /* in whatever order they come */
    }
    if (d)
        closedir(d);
    return w;
}
