#define _XOPEN_SOURCE 700 /* realpath */

#include "batch/mets.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "batch/journals.h"

/* The folder of a path's file, with its slash: its length. */
static size_t folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* ---- inputs ------------------------------------------------------------------------------------------ */

/* Whether a link is to a file beside the METS file or below. */
static bool is_near(const char *href)
{
    if (!*href || *href == '/' || strchr(href, ':'))
        return false;
    for (const char *p = href; *p; p += strspn(p, "/")) {
        size_t n = strcspn(p, "/");
        if (n == 2 && memcmp(p, "..", 2) == 0)
            return false;
        p += n;
    }
    return true;
}

/* The name of a linked file below the root, newly allocated; NULL without memory. */
static char *linked_name(const char *mets, const char *href)
{
    ocrvl_buf b = {0};
    if (strncmp(href, "./", 2) == 0)
        href += 2;
    ocrvl_buf_put(&b, mets, folder_of(mets));
    ocrvl_buf_puts(&b, href);
    return ocrvl_buf_steal(&b, NULL);
}

static unsigned digit(char c) { return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a') + 10; }

/* A URL's text with its bytes for %XX, newly allocated. */
static char *decoded(const char *href)
{
    char *copy = ocrvl_strdup(href), *to = copy;
    for (const char *p = href; copy && *p; p++) {
        bool code = *p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]);
        *to++ = code ? (char)(digit(p[1]) << 4 | digit(p[2])) : *p;
        p += code ? 2 : 0;
    }
    if (copy)
        *to = '\0';
    return copy;
}

static bool is_there(const char *root, const char *name)
{
    char *path = name ? ocrvl_path_join(root, name) : NULL;
    bool there = path && ocrvl_file_exists(path);
    ocrvl_free(path);
    return there;
}

/* What the document is called that a page is: its image below the root; a page that has none there is page-NNNN, and
 * *near false. Links may be URLs with %XX, though most are plain names. NULL without memory. */
static char *page_name(const char *root, const char *mets, const char *href, size_t number, bool *near)
{
    ocrvl_buf b = {0};
    *near = href && is_near(href);
    if (!*near) {
        ocrvl_buf_printf(&b, "%.*spage-%04zu", (int)folder_of(mets), mets, number);
        return ocrvl_buf_steal(&b, NULL);
    }
    char *name = linked_name(mets, href);
    char *plain = strchr(href, '%') && !is_there(root, name) ? decoded(href) : NULL;
    char *other = plain && is_near(plain) ? linked_name(mets, plain) : NULL;
    if (is_there(root, other)) {
        ocrvl_free(name);
        name = other;
        other = NULL;
    }
    ocrvl_free(other);
    ocrvl_free(plain);
    return name;
}

static cli_exit add_page(batch_scan *s, const char *path, const char *mets, uint32_t root, const char *href,
                         size_t number)
{
    struct stat st = {0};
    char why[300];
    bool near;
    char *name = page_name(s->roots[root], mets, href, number, &near);
    char *file = name && near ? ocrvl_path_join(s->roots[root], name) : NULL;
    cli_exit status = !name || (near && !file) ? batch_no_memory(s->log) : CLI_EXIT_OK;
    snprintf(why, sizeof why, "'%.200s' is no file beside or below the METS file", href ? href : "");
    if (!status && href && !near)
        status = batch_scan_cannot(s, path, why);
    if (file)
        (void)!stat(file, &st); /* one that is missing has its record */
    batch_input in = {
        .name = name, .size = (uint64_t)st.st_size, .mtime = batch_mtime(&st), .mets = mets, .url = near ? NULL : ""};
    if (!status)
        status = batch_scan_found(s, &in, root);
    ocrvl_free(file);
    ocrvl_free(name);
    return status;
}

/* The METS file's absolute path, cut into its root (ended by a NUL) and what is below: the folder of --below, or that
 * which its own folder is in. */
static char *split_path(const batch_scan *s, const char *path, const char **below)
{
    char *real = realpath(path, NULL), *copy = real ? ocrvl_strdup(real) : NULL;
    free(real);
    const char *rest = copy ? batch_scan_below(s, copy) : NULL;
    if (rest) {
        size_t at = (size_t)(rest - copy);
        copy[at - 1] = '\0';
        *below = copy + at;
        return copy;
    }
    size_t end = copy ? folder_of(copy) : 0;
    if (end < 2) {
        *below = copy ? copy + 1 : NULL;
        return copy;
    }
    copy[end - 1] = '\0';
    size_t cut = folder_of(copy);
    copy[end - 1] = '/';
    copy[cut - 1] = '\0';
    *below = copy + cut;
    return copy;
}

cli_exit batch_scan_mets(batch_scan *s, const char *path)
{
    ocrvl_mets *m;
    ocrvl_error err;
    const char *below = NULL;
    uint32_t root = 0;
    if (ocrvl_mets_open(&m, path, s->file_group, &err))
        return batch_scan_cannot(s, path, err.message);
    char *top = split_path(s, path, &below);
    cli_exit status = top ? batch_scan_root(s, *top ? top : "/", &root) : batch_no_memory(s->log);
    for (size_t i = 0; i < ocrvl_mets_count(m) && !status; i++)
        status = add_page(s, path, below, root, ocrvl_mets_image(m, i), i + 1);
    ocrvl_free(top);
    ocrvl_mets_free(m);
    return status;
}

/* ---- outputs ----------------------------------------------------------------------------------------- */

typedef struct finishing {
    batch_setup *s;
    batch_written_list written;
    const char *mets; /* below its root */
    uint32_t root;
} finishing;

static int compare_name(const void *key, const void *item)
{
    return strcmp(key, ((const batch_written_file *)item)->name);
}

/* The file that was written of the page of this image: USE/STEM.SUFFIX beside the METS file, or of an image file with
 * several the first one's, USE/STEM-0001.SUFFIX. */
static const batch_written_file *written_of(const finishing *f, const batch_doc *d, ocrvl_format format)
{
    char *folder = batch_output_folder(&f->s->outputs, &f->s->state, d, format);
    char *stem = batch_output_stem(&f->s->args, d->name);
    const char *root = f->s->state.roots[f->root], *base = stem ? stem + folder_of(stem) : NULL;
    const batch_written_file *found = NULL;
    ocrvl_buf name = {0};
    for (int first = 0; first < 2 && folder && stem && !found; first++) {
        ocrvl_buf_clear(&name);
        ocrvl_buf_printf(&name, "%s/%s%s.%s", folder + strlen(root) + (root[1] != '\0'), base, first ? "-0001" : "",
                         cli_suffix(format));
        if (!name.failed && f->written.count)
            found = bsearch(name.data, f->written.items, f->written.count, sizeof *f->written.items, compare_name);
    }
    ocrvl_buf_free(&name);
    ocrvl_free(stem);
    ocrvl_free(folder);
    return found;
}

/* Replaces the METS file, unless that are its bytes. */
static cli_exit replace(const finishing *f, const char *path, const ocrvl_buf *text)
{
    const uint8_t *data;
    size_t len;
    ocrvl_error err;
    cli_output *o;
    bool same = false;
    if (!ocrvl_file_map(&data, &len, path, NULL)) {
        same = len == text->len && memcmp(data, text->data, len) == 0;
        ocrvl_file_unmap(data, len);
    }
    if (same)
        return CLI_EXIT_OK;
    ocrvl_status st = cli_output_open(&o, path, &err);
    if (!st) {
        (void)cli_output_write(o, text->data, text->len); /* an error is returned by the commit */
        st = cli_output_commit(o, &err);
    }
    return st ? cli_output_failed(&f->s->log, path, &err) : CLI_EXIT_OK;
}

/* Adds the files of one format. */
static cli_exit add_group(const finishing *f, const char *path, ocrvl_format format)
{
    ocrvl_mets *m;
    ocrvl_error err;
    ocrvl_buf text = {0};
    ocrvl_status st = ocrvl_mets_open(&m, path, f->s->args.file_group, &err);
    size_t count = st ? 0 : ocrvl_mets_count(m);
    ocrvl_mets_file *files = ocrvl_alloc_array(count, sizeof *files);
    if (!files)
        st = OCRVL_E_NOMEM;
    for (size_t i = 0; i < count && !st; i++) {
        bool near;
        char *name = page_name(f->s->state.roots[f->root], f->mets, ocrvl_mets_image(m, i), i + 1, &near);
        const batch_doc *d = name ? batch_state_find(&f->s->state, name) : NULL;
        const batch_written_file *w = d ? written_of(f, d, format) : NULL;
        if (w)
            files[i] = (ocrvl_mets_file){w->name + folder_of(f->mets), w->sha256, w->bytes};
        ocrvl_free(name);
    }
    bool page = format == OCRVL_FORMAT_PAGE;
    if (!st)
        st = ocrvl_mets_write(m, batch_mets_use(format),
                              page ? "application/vnd.prima.page+xml" : "application/alto+xml", files, cli_put_in_buf,
                              &text, &err);
    ocrvl_mets_free(m);
    ocrvl_free(files);
    cli_exit status = cli_exit_of(st, CLI_EXIT_INPUT);
    if (st == OCRVL_E_NOMEM || text.failed)
        status = batch_no_memory(&f->s->log);
    else if (st)
        cli_error(&f->s->log, path, 0, "%s", err.message);
    if (!status)
        status = replace(f, path, &text);
    ocrvl_buf_free(&text);
    return status;
}

/* Whether all documents of the METS file are finished. */
static bool is_finished(const finishing *f)
{
    const batch_state *s = &f->s->state;
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[i];
        if (d->mets && d->root == f->root && strcmp(s->metses[d->mets - 1], f->mets) == 0 &&
            batch_doc_state(d) == BATCH_DOC_PENDING)
            return false;
    }
    return true;
}

static cli_exit finish_one(finishing *f, const batch_doc *d)
{
    const cli_list *formats = &f->s->args.results.formats;
    f->mets = f->s->state.metses[d->mets - 1];
    f->root = d->root;
    if (!is_finished(f))
        return CLI_EXIT_OK;
    char *path = ocrvl_path_join(f->s->state.roots[d->root], f->mets);
    cli_exit status = path ? CLI_EXIT_OK : batch_no_memory(&f->s->log);
    for (size_t i = 0; i < formats->count && !status; i++) {
        ocrvl_format format;
        if (cli_format_called(formats->items[i].text, formats->items[i].len, &format))
            status = add_group(f, path, format);
    }
    ocrvl_free(path);
    return status;
}

cli_exit batch_mets_finish(batch_setup *s)
{
    finishing f = {.s = s};
    const batch_doc *last = NULL;
    if (s->args.place != BATCH_METS)
        return CLI_EXIT_OK;
    cli_exit status = batch_journals_written(&s->state, &f.written);
    for (size_t i = 0; i < s->state.count && !status; i++) { /* by name: those of one METS file follow each other */
        const batch_doc *d = &s->state.docs[s->state.order[i]];
        if (d->mets && (!last || last->mets != d->mets || last->root != d->root))
            status = finish_one(&f, d);
        last = d->mets ? d : last;
    }
    batch_written_free(&f.written);
    return status;
}
