#define _XOPEN_SOURCE 700 /* realpath */

#include "batch/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/mem.h"
#include "inputs.h"
#include "ocrvl_formats.h"

enum { MAX_DEPTH = 64, HEAD = 4096 };

/* Files that are taken by their name, so that one whose bytes are broken has its record too. */
static const char *const suffixes[] = {"pdf",  "tif",  "tiff", "png", "jpg",  "jpeg", "jpe", "jfif", "jp2",
                                       "jpx",  "jpf",  "j2k",  "j2c", "jpc",  "pnm",  "pbm", "pgm",  "ppm",
                                       "webp", "heic", "heif", "hif", "avif", "bmp",  "dib", "gif",  NULL};

static bool has_suffix(const char *name)
{
    const char *point = strrchr(name, '.');
    for (size_t i = 0; point && suffixes[i]; i++)
        if (strcasecmp(point + 1, suffixes[i]) == 0)
            return true;
    return false;
}

bool batch_scan_head(const char *path, char *head, size_t size, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *len = 0;
    if (fd < 0)
        return false;
    ssize_t n = 1;
    for (; n > 0 && *len<size; *len += n> 0 ? (size_t)n : 0)
        n = read(fd, head + *len, size - *len);
    close(fd);
    return n >= 0;
}

/* Whether the file's first bytes are those of a document; one that can't be read is, so that it has its record. */
static bool begins_document(const char *path)
{
    char head[HEAD];
    size_t len;
    return !batch_scan_head(path, head, sizeof head, &len) || ocrvl_source_knows(head, len);
}

int64_t batch_mtime(const struct stat *st) { return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec; }

static void free_found(batch_found *f)
{
    ocrvl_free(f->name);
    ocrvl_free(f->mets);
    ocrvl_free(f->url);
}

cli_exit batch_scan_found(batch_scan *s, const batch_input *in, uint32_t root)
{
    batch_found f = {.name = ocrvl_strdup(in->name),
                     .root = root,
                     .size = in->size,
                     .mtime = in->mtime,
                     .mets = in->mets ? ocrvl_strdup(in->mets) : NULL,
                     .url = in->url ? ocrvl_strdup(in->url) : NULL};
    if (!f.name || (in->mets && !f.mets) || (in->url && !f.url) ||
        !OCRVL_ARRAY_RESERVE(s->found, s->cap, s->count + 1)) {
        free_found(&f);
        return batch_no_memory(s->log);
    }
    s->found[s->count++] = f;
    return CLI_EXIT_OK;
}

static cli_exit found_file(batch_scan *s, const char *name, uint32_t root, const struct stat *st)
{
    return batch_scan_found(s, &(batch_input){.name = name, .size = (uint64_t)st->st_size, .mtime = batch_mtime(st)},
                            root);
}

cli_exit batch_scan_cannot(batch_scan *s, const char *path, const char *why)
{
    cli_error(s->log, path, 0, "%s", why);
    s->worst = cli_exit_worse(s->worst, CLI_EXIT_INPUT);
    return CLI_EXIT_OK;
}

/* So that the batch goes on from any working directory. */
cli_exit batch_scan_root(batch_scan *s, const char *path, uint32_t *out)
{
    char *real = cli_is_url(path) ? NULL : realpath(path, NULL);
    char *copy = cli_is_url(path) ? ocrvl_strdup(path) : real ? ocrvl_strdup(real) : NULL;
    free(real);
    for (size_t i = 0; copy && i < s->root_count; i++)
        if (strcmp(s->roots[i], copy) == 0) {
            ocrvl_free(copy);
            *out = (uint32_t)i;
            return CLI_EXIT_OK;
        }
    if (!copy || !OCRVL_ARRAY_RESERVE(s->roots, s->root_cap, s->root_count + 1)) {
        ocrvl_free(copy);
        return batch_no_memory(s->log);
    }
    s->roots[s->root_count] = copy;
    *out = (uint32_t)s->root_count++;
    return CLI_EXIT_OK;
}

/* Whether a link leads out of the folder that was named. */
static bool leads_out(const batch_scan *s, const char *path, uint32_t root)
{
    char *real = realpath(path, NULL);
    size_t len = strlen(s->roots[root]);
    bool out = !real || strncmp(real, s->roots[root], len) != 0 || (real[len] != '/' && s->roots[root][len - 1] != '/');
    free(real);
    return out;
}

static bool too_young(const batch_scan *s, const struct stat *st)
{
    return s->settle && time(NULL) - st->st_mtime < (time_t)s->settle;
}

/* Whether any of the patterns is the file's name or its path. */
static bool matches(const cli_list *patterns, const char *name)
{
    const char *slash = strrchr(name, '/');
    for (size_t i = 0; i < patterns->count; i++) {
        char *pattern = ocrvl_strndup(patterns->items[i].text, patterns->items[i].len);
        bool is = pattern && (fnmatch(pattern, name, 0) == 0 || (slash && fnmatch(pattern, slash + 1, 0) == 0));
        ocrvl_free(pattern);
        if (is)
            return true;
    }
    return false;
}

static bool is_wanted(const batch_scan *s, const char *name)
{
    return (!s->include->count || matches(s->include, name)) && !matches(s->exclude, name);
}

/* A file of a folder. path: root + '/' + name. */
static cli_exit take_file(batch_scan *s, const char *path, const char *name, uint32_t root, const struct stat *st)
{
    if (!is_wanted(s, name))
        return CLI_EXIT_OK;
    if (!has_suffix(name) && !begins_document(path)) {
        s->passed++;
        return CLI_EXIT_OK;
    }
    if (too_young(s, st)) {
        s->young++;
        return CLI_EXIT_OK;
    }
    return found_file(s, name, root, st);
}

static bool is_own_folder(const batch_scan *s, const struct stat *st)
{
    struct stat own;
    return stat(s->out, &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

static cli_exit take_folder(batch_scan *s, ocrvl_buf *path, size_t top, uint32_t root, int depth);

/* A name in a folder; path is the folder's and gets the name. */
static cli_exit take_entry(batch_scan *s, ocrvl_buf *path, size_t top, uint32_t root, int depth, const char *entry)
{
    struct stat st;
    size_t len = path->len;
    cli_exit status = CLI_EXIT_OK;
    if (entry[0] == '.')
        return CLI_EXIT_OK;
    ocrvl_buf_printf(path, "/%s", entry);
    if (path->failed)
        return batch_no_memory(s->log);
    bool is = lstat(path->data, &st) == 0, link = is && S_ISLNK(st.st_mode);
    if (link)
        is = stat(path->data, &st) == 0;
    if (link && is && (!s->follow || S_ISDIR(st.st_mode)) && leads_out(s, path->data, root))
        s->links_out++;
    else if (is && S_ISDIR(st.st_mode) && !link && !is_own_folder(s, &st)) /* no link to a folder: no circle */
        status = take_folder(s, path, top, root, depth + 1);
    else if (is && S_ISREG(st.st_mode))
        status = take_file(s, path->data, path->data + top, root, &st);
    else if (!is && link && errno == ENOENT && has_suffix(entry) && is_wanted(s, path->data + top))
        status = batch_scan_cannot(s, path->data, "the link leads to a file that isn't there");
    else if (!is && errno != ENOENT)
        status = batch_scan_cannot(s, path->data, strerror(errno));
    path->len = len;
    path->data[len] = '\0';
    return status;
}

static cli_exit take_folder(batch_scan *s, ocrvl_buf *path, size_t top, uint32_t root, int depth)
{
    DIR *d = depth < MAX_DEPTH ? opendir(path->data) : NULL;
    if (!d)
        return batch_scan_cannot(s, path->data,
                                 depth < MAX_DEPTH ? strerror(errno) : "folders lie too deep in each other");
    cli_exit status = CLI_EXIT_OK;
    int error = 0;
    for (const char *name; !status && (name = ocrvl_folder_next(d, &error));)
        status = take_entry(s, path, top, root, depth, name);
    closedir(d);
    if (error)
        status = batch_scan_cannot(s, path->data, strerror(error));
    return status;
}

const char *batch_scan_below(const batch_scan *s, const char *real)
{
    size_t n = s->below ? strlen(s->below) : 0;
    if (!n || strncmp(real, s->below, n) != 0)
        return NULL;
    if (n == 1) /* the root of all */
        return real + 1;
    return real[n] == '/' ? real + n + 1 : real[n] ? NULL : real + n;
}

cli_exit batch_scan_folder(batch_scan *s, const char *path, uint32_t *root)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? ocrvl_strndup(path, slash > path ? (size_t)(slash - path) : 1) : ocrvl_strdup(".");
    cli_exit status = dir ? batch_scan_root(s, dir, root) : batch_no_memory(s->log);
    ocrvl_free(dir);
    return status;
}

static cli_exit is_not_below(batch_scan *s, const char *path)
{
    return batch_scan_cannot(s, path, "it is not in the folder that --below names");
}

/* A file that was named: its folder is its root, or that of --below. */
static cli_exit take_named(batch_scan *s, const char *path, const struct stat *st)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    uint32_t root = 0;
    cli_exit status = batch_scan_folder(s, path, &root);
    if (status || !s->below)
        return status ? status : found_file(s, base, root, st);
    const char *folder = batch_scan_below(s, s->roots[root]);
    if (!folder)
        return is_not_below(s, path);
    char *name = *folder ? ocrvl_path_join(folder, base) : ocrvl_strdup(base);
    status = name ? batch_scan_root(s, s->below, &root) : batch_no_memory(s->log);
    if (!status)
        status = found_file(s, name, root, st);
    ocrvl_free(name);
    return status;
}

static cli_exit take_named_folder(batch_scan *s, const char *path)
{
    uint32_t root = 0;
    ocrvl_buf b = {0};
    cli_exit status = batch_scan_root(s, path, &root);
    if (status)
        return status;
    if (s->below && !batch_scan_below(s, s->roots[root]))
        return is_not_below(s, path);
    ocrvl_buf_puts(&b, s->roots[root]);
    if (s->below)
        status = batch_scan_root(s, s->below, &root);
    if (b.len == 1) /* the root of all: its names begin after its slash */
        b.len = 0;
    if (!status && !b.failed) {
        size_t top = strlen(s->roots[root]);
        status = take_folder(s, &b, top > 1 ? top + 1 : 1, root, 0);
    }
    status = b.failed ? batch_no_memory(s->log) : status;
    ocrvl_buf_free(&b);
    return status;
}

static cli_exit take_path(batch_scan *s, const char *path)
{
    struct stat st;
    bool list = false;
    cli_exit taken = s->take_list(s, path, &list);
    if (list)
        return taken;
    if (stat(path, &st) != 0)
        return batch_scan_cannot(s, path, strerror(errno));
    if (S_ISREG(st.st_mode))
        return take_named(s, path, &st);
    if (!S_ISDIR(st.st_mode))
        return batch_scan_cannot(s, path, "neither a file nor a folder");
    return take_named_folder(s, path);
}

/* Names on standard input. */
static cli_exit take_list(batch_scan *s, bool nul)
{
    char *line = NULL;
    size_t cap = 0;
    cli_exit status = CLI_EXIT_OK;
    for (ssize_t n; !status && (n = getdelim(&line, &cap, nul ? '\0' : '\n', stdin)) > 0;) {
        if (line[n - 1] == (nul ? '\0' : '\n'))
            line[--n] = '\0';
        if (n > 0)
            status = take_path(s, line);
    }
    free(line);
    return status;
}

cli_exit batch_scan_add(batch_scan *s, const char *path, bool nul)
{
    return strcmp(path, "-") == 0 ? take_list(s, nul) : take_path(s, path);
}

int batch_compare_found(const void *a, const void *b)
{
    return strcmp(((const batch_found *)a)->name, ((const batch_found *)b)->name);
}

void batch_scan_sort(batch_scan *s)
{
    size_t n = 0;
    if (s->count)
        qsort(s->found, s->count, sizeof *s->found, batch_compare_found);
    for (size_t i = 0; i < s->count; i++) {
        if (n && batch_compare_found(&s->found[n - 1], &s->found[i]) == 0 && s->found[n - 1].root == s->found[i].root)
            free_found(&s->found[i]);
        else
            s->found[n++] = s->found[i];
    }
    s->count = n;
}

void batch_scan_leave_own(batch_scan *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->found[i].own)
            free_found(&s->found[i]);
        else
            s->found[n++] = s->found[i];
    }
    s->count = n;
}

void batch_scan_free(batch_scan *s)
{
    for (size_t i = 0; i < s->count; i++)
        free_found(&s->found[i]);
    for (size_t i = 0; i < s->root_count; i++)
        ocrvl_free(s->roots[i]);
    ocrvl_free(s->found);
    ocrvl_free(s->roots);
    memset(s, 0, sizeof *s);
}
