#include "inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/mem.h"
#include "options.h"

/* Folders in folders, and files in all. */
enum { MAX_DEPTH = 32, MAX_FILES = 1000000 };

/* How much of a file tells its format; a PDF's mark is within the first 1024 bytes. */
enum { HEAD = 4096 };

typedef struct taking {
    cli_inputs *in;
    const cli_log *log;
    cli_known_fn known;
    size_t top; /* bytes of the named folder's path, with its slash */
} taking;

int cli_compare_names(const char *a, const char *b)
{
    while (*a && *b) {
        size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
        if (n && m) {
            size_t za = strspn(a, "0"), zb = strspn(b, "0");
            za = za < n ? za : n - 1; /* a lone zero is a number */
            zb = zb < m ? zb : m - 1;
            if (n - za != m - zb)
                return n - za < m - zb ? -1 : 1;
            int by_value = memcmp(a + za, b + zb, n - za);
            if (by_value)
                return by_value;
            if (n != m) /* the same value: fewer zeros first */
                return n < m ? -1 : 1;
            a += n;
            b += m;
        } else if (*a == *b) {
            a++;
            b++;
        } else {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

static cli_exit no_memory(const cli_log *log)
{
    cli_error(log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* Takes ownership of stem. */
static cli_exit add(cli_inputs *in, const cli_log *log, const char *path, char *stem)
{
    if (!stem || !OCRVL_ARRAY_RESERVE(in->paths, in->path_cap, in->count + 1) ||
        !OCRVL_ARRAY_RESERVE(in->stems, in->stem_cap, in->count + 1)) {
        ocrvl_free(stem);
        return no_memory(log);
    }
    in->paths[in->count] = path;
    in->stems[in->count++] = stem;
    return CLI_EXIT_OK;
}

/* The first len bytes of path, without the suffix of its last name. */
static char *without_suffix(const char *path, size_t len)
{
    size_t end = len;
    while (end > 0 && path[end - 1] != '.' && path[end - 1] != '/')
        end--;
    bool suffix = end > 1 && path[end - 1] == '.' && path[end - 2] != '/';
    return ocrvl_strndup(path, suffix ? end - 1 : len);
}

bool cli_is_url(const char *path)
{
    return strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0;
}

/* What an operand's outputs are called: the last part of its path, or of a URL's. */
static char *operand_stem(const char *path)
{
    if (strcmp(path, "-") == 0)
        return ocrvl_strdup("stdin");
    if (strncasecmp(path, "data:", 5) == 0)
        return ocrvl_strdup("data");
    size_t len = cli_is_url(path) ? strcspn(path, "?#") : strlen(path), from = len;
    while (from > 0 && path[from - 1] != '/')
        from--;
    return from < len ? without_suffix(path + from, len - from) : ocrvl_strdup("index");
}

/* ---- folders ----------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) { return cli_compare_names(*(char *const *)a, *(char *const *)b); }

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ocrvl_free(names[i]);
    ocrvl_free(names);
}

/* The names in a folder, sorted. */
static cli_exit list(const taking *t, const char *folder, char ***names, size_t *count)
{
    size_t cap = 0;
    const char *entry;
    int error = 0;
    cli_exit status = CLI_EXIT_OK;
    *names = NULL;
    *count = 0;
    DIR *d = opendir(folder);
    if (!d) {
        cli_error(t->log, folder, 0, "%s", strerror(errno));
        return CLI_EXIT_INPUT;
    }
    while (!status && (entry = ocrvl_folder_next(d, &error))) {
        if (entry[0] == '.')
            continue;
        char *name = ocrvl_strdup(entry);
        if (!name || !OCRVL_ARRAY_RESERVE(*names, cap, *count + 1)) {
            ocrvl_free(name);
            status = no_memory(t->log);
        } else if (*count == MAX_FILES) {
            ocrvl_free(name);
            cli_error(t->log, folder, 0, "more than %d files in a folder", MAX_FILES);
            status = CLI_EXIT_LIMIT;
        } else {
            (*names)[(*count)++] = name;
        }
    }
    closedir(d);
    if (error) {
        cli_error(t->log, folder, 0, "%s", strerror(error));
        status = CLI_EXIT_INPUT;
    }
    if (*count)
        qsort(*names, *count, sizeof **names, compare);
    return status;
}

/* Whether the file's first bytes are those of a document; one that can't be opened is, so that it is reported. */
static bool is_known(const taking *t, const char *path)
{
    char head[HEAD];
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == EACCES;
    for (ssize_t n = 1; n > 0 && len<sizeof head; len += n> 0 ? (size_t)n : 0)
        n = read(fd, head + len, sizeof head - len);
    close(fd);
    return t->known(head, len);
}

/* Takes a file of a folder; takes ownership of path. */
static cli_exit take_found(taking *t, char *path)
{
    cli_inputs *in = t->in;
    if (!OCRVL_ARRAY_RESERVE(in->own, in->own_cap, in->own_count + 1)) {
        ocrvl_free(path);
        return no_memory(t->log);
    }
    in->own[in->own_count++] = path;
    if (in->count == MAX_FILES) {
        cli_error(t->log, NULL, 0, "more than %d documents", MAX_FILES);
        return CLI_EXIT_LIMIT;
    }
    return add(in, t->log, path, without_suffix(path + t->top, strlen(path) - t->top));
}

/* Takes the documents in a folder. A link to a folder isn't followed, so that there is no circle. */
static cli_exit take_folder(taking *t, const char *folder, int depth)
{
    char **names;
    size_t count;
    cli_exit status = list(t, folder, &names, &count);
    if (!status && depth == MAX_DEPTH) {
        cli_error(t->log, folder, 0, "folders lie more than %d deep in each other", MAX_DEPTH);
        status = CLI_EXIT_LIMIT;
    }
    for (size_t i = 0; i < count && !status; i++) {
        struct stat self, target;
        char *path = ocrvl_path_join(folder, names[i]);
        if (!path)
            status = no_memory(t->log);
        else if (lstat(path, &self) == 0 && S_ISDIR(self.st_mode))
            status = take_folder(t, path, depth + 1);
        else if (stat(path, &target) == 0 && S_ISREG(target.st_mode) && is_known(t, path)) {
            status = take_found(t, path);
            path = NULL;
        }
        ocrvl_free(path);
    }
    free_names(names, count);
    return status;
}

static cli_exit take_operand(taking *t, const char *path)
{
    struct stat s;
    size_t before = t->in->count, len = strlen(path);
    if (!t->known || strcmp(path, "-") == 0 || stat(path, &s) != 0 || !S_ISDIR(s.st_mode))
        return add(t->in, t->log, path, operand_stem(path));
    t->top = len + (len > 0 && path[len - 1] != '/');
    cli_exit status = take_folder(t, path, 0);
    if (!status && t->in->count == before) {
        cli_error(t->log, path, 0, "there is no document in this folder");
        status = CLI_EXIT_INPUT;
    }
    return status;
}

/* ---- all --------------------------------------------------------------------------------------------- */

cli_exit cli_inputs_take(cli_inputs *in, const cli_command *cmd, const cli_log *log, cli_known_fn known,
                         char **operands, size_t count)
{
    taking t = {.in = in, .log = log, .known = known};
    if (count == 0 && isatty(STDIN_FILENO))
        return cli_usage_error(cmd, "no FILE given, and standard input is a terminal");
    if (count == 0)
        return take_operand(&t, "-");
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = take_operand(&t, operands[i]);
    return status;
}

struct cli_file_id {
    dev_t dev;
    ino_t ino;
};

static int compare_ids(const void *a, const void *b)
{
    const struct cli_file_id *x = a, *y = b;
    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return (x->ino > y->ino) - (x->ino < y->ino);
}

static bool identify(const char *path, struct cli_file_id *id)
{
    struct stat s;
    if (strcmp(path, "-") == 0 || stat(path, &s) != 0 || !S_ISREG(s.st_mode))
        return false;
    *id = (struct cli_file_id){s.st_dev, s.st_ino};
    return true;
}

static bool make_ids(cli_inputs *in)
{
    in->ids = ocrvl_alloc_array(in->count, sizeof *in->ids);
    for (size_t i = 0; i < in->count && in->ids; i++)
        in->id_count += identify(in->paths[i], &in->ids[in->id_count]);
    if (in->id_count)
        qsort(in->ids, in->id_count, sizeof *in->ids, compare_ids);
    return in->ids != NULL;
}

bool cli_inputs_overwritten(cli_inputs *in, const cli_command *cmd, const char *output)
{
    struct cli_file_id id;
    if (!output || !identify(output, &id))
        return false;
    if (!in->ids && !make_ids(in))
        return cli_usage_error(cmd, "out of memory");
    if (!bsearch(&id, in->ids, in->id_count, sizeof *in->ids, compare_ids))
        return false;
    cli_usage_error(cmd, "the output '%s' is also an input", output);
    return true;
}

void cli_inputs_free(cli_inputs *in)
{
    ocrvl_free(in->ids);
    free_names(in->stems, in->count);
    free_names(in->own, in->own_count);
    ocrvl_free(in->paths);
    memset(in, 0, sizeof *in);
}

/* ---- names of what is made of them ------------------------------------------------------------------- */

typedef struct named { /* an input, and what its outputs will be called */
    const char *name, *path;
} named;

static int compare_named(const void *a, const void *b)
{
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

cli_exit cli_inputs_distinct(const cli_inputs *in, const cli_command *cmd, const cli_log *log, bool folders)
{
    named *all = ocrvl_alloc_array(in->count, sizeof *all);
    if (!all)
        return no_memory(log);
    for (size_t i = 0; i < in->count; i++) {
        const char *slash = folders ? NULL : strrchr(in->stems[i], '/');
        all[i] = (named){slash ? slash + 1 : in->stems[i], in->paths[i]};
    }
    qsort(all, in->count, sizeof *all, compare_named);
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 1; i < in->count && !status; i++)
        if (compare_named(&all[i - 1], &all[i]) == 0)
            status = cli_usage_error(cmd, "the outputs of '%s' and '%s' would have the same name", all[i - 1].path,
                                     all[i].path);
    ocrvl_free(all);
    return status;
}
