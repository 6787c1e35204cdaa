#include "batch/outputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "batch/kept.h"
#include "batch/line.h"
#include "batch/pictures.h"

/* The outputs of one document in one format. */
typedef struct making {
    const batch_outputs *o;
    cli_results_args args;
    cli_results results;
    cli_inputs inputs;
    const char *path;
    char *stem;
} making;

enum { MOST_UNFIT = 32 }; /* pages whose reasons are kept */

typedef struct written {
    char **names;
    size_t count, cap;
    size_t unfit;   /* pages that can't be the PDF/A that was asked for, */
    ocrvl_buf whys; /* and why: JSON strings with commas between them */
    bool no_memory;
} written;

char *batch_output_stem(const batch_args *args, const char *name)
{
    return ocrvl_strndup(name, args->keep_suffix ? strlen(name) : batch_stem_length(name));
}

/* ---- names ------------------------------------------------------------------------------------------- */

static void note_written(void *user, const char *name)
{
    written *w = user;
    char *copy = ocrvl_strdup(name);
    if (copy && OCRVL_ARRAY_RESERVE(w->names, w->cap, w->count + 1)) {
        w->names[w->count++] = copy;
        return;
    }
    ocrvl_free(copy);
    w->no_memory = true;
}

static void note_unfit(void *user, uint64_t page, const char *why)
{
    written *w = user;
    ocrvl_buf text = {0};
    if (w->unfit++ >= MOST_UNFIT)
        return;
    if (page)
        ocrvl_buf_printf(&text, "page %llu: ", (unsigned long long)page);
    ocrvl_buf_puts(&text, why);
    ocrvl_buf_puts(&w->whys, w->whys.len ? "," : "");
    ocrvl_json_put_string(&w->whys, text.data ? text.data : "", text.len);
    w->no_memory |= text.failed || w->whys.failed;
    ocrvl_buf_free(&text);
}

static void free_written(written *w)
{
    ocrvl_buf_free(&w->whys);
    for (size_t i = 0; i < w->count; i++)
        ocrvl_free(w->names[i]);
    ocrvl_free(w->names);
}

const char *batch_mets_use(ocrvl_format format) { return format == OCRVL_FORMAT_PAGE ? "OCR-D-OCR" : "FULLTEXT"; }

char *batch_output_folder(const batch_outputs *o, const batch_state *state, const batch_doc *d, ocrvl_format format)
{
    const char *root = state->roots[d->root];
    if (o->args->place == BATCH_MIRROR)
        return ocrvl_path_join(o->store->out, ocrvl_format_name(format));
    if (o->args->place == BATCH_BESIDE || !d->mets)
        return ocrvl_strdup(root);
    const char *mets = state->metses[d->mets - 1], *slash = strrchr(mets, '/');
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%s/%.*s%s", root[1] ? root : "", slash ? (int)(slash - mets) + 1 : 0, mets,
                     batch_mets_use(format));
    return ocrvl_buf_steal(&b, NULL);
}

/* What a document's outputs are called in that folder. */
static char *stem_in_folder(const batch_outputs *o, const batch_doc *d)
{
    const char *slash = o->args->place == BATCH_METS ? strrchr(d->name, '/') : NULL;
    return batch_output_stem(o->args, slash ? slash + 1 : d->name);
}

/* Makes a folder's names durable, and those of the folders above it up to `top`. */
static cli_exit sync_above(const batch_store *store, const char *file, size_t top)
{
    char *path = ocrvl_strdup(file);
    cli_exit status = path ? CLI_EXIT_OK : batch_no_memory(store->log);
    for (char *slash = path ? strrchr(path, '/') : NULL; slash && !status; slash = strrchr(path, '/')) {
        *slash = '\0';
        if (strlen(path) < top)
            break;
        status = batch_sync_folder(store, path);
    }
    ocrvl_free(path);
    return status;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static cli_exit begin(making *m, const batch_outputs *o, const batch_state *state, const batch_doc *d, const char *path,
                      size_t format, written *w)
{
    const cli_list *list = &o->args->results.formats;
    ocrvl_format f = OCRVL_FORMAT_JSONL;
    m->o = o;
    m->args = o->args->results;
    m->args.formats.count = 1;
    m->args.formats.items[0] = list->items[format];
    (void)cli_format_called(list->items[format].text, list->items[format].len, &f);
    char *dir = batch_output_folder(o, state, d, f);
    m->args.dir = dir;
    m->path = path;
    m->stem = stem_in_folder(o, d);
    m->inputs = (cli_inputs){.paths = &m->path, .stems = &m->stem, .count = 1};
    if (!dir || !m->stem)
        return batch_no_memory(o->log);
    cli_exit status = cli_results_begin(&m->results, o->cmd, &m->args, &m->inputs, o->log);
    m->results.keep_hyphens |= o->args->read.diplomatic;
    const ocrvl_writer_options form = m->results.opt; /* as the options say */
    m->results.opt = o->opt;
    m->results.opt.pdfa = form.pdfa;
    m->results.opt.pdfa_rasterize = form.pdfa_rasterize;
    m->results.opt.on_unfit = form.on_unfit;
    m->results.opt.on_note = form.on_note;
    m->results.opt.note_user = form.note_user;
    m->results.opt.pages = batch_doc_count(d);
    m->results.several = m->results.opt.pages > 1;
    m->results.written = note_written;
    m->results.told_unfit = note_unfit;
    m->results.user = w;
    return status ? status : cli_results_open(&m->results);
}

static void end(making *m)
{
    cli_results_free(&m->results);
    ocrvl_free((char *)(uintptr_t)m->args.dir);
    ocrvl_free(m->stem);
    ocrvl_free(m->inputs.ids);
}

/* Puts a page into all formats; pictures without a source: no format shows any. */
static cli_exit put_page(const ocrvl_page *page, ocrvl_page_place *place, batch_pictures *pictures, making *all,
                         size_t formats)
{
    cli_exit status = pictures->src ? batch_pictures_next(pictures, page, place) : CLI_EXIT_OK;
    for (size_t i = 0; i < formats && !status; i++) {
        all[i].results.pdf_page = pictures->empty;
        status = cli_results_page(&all[i].results, page, place);
    }
    return status;
}

/* Puts all pages of the document into all formats. */
static cli_exit put_pages(const batch_state *state, const batch_doc *d, batch_told told, batch_pictures *pictures,
                          making *all, size_t formats)
{
    batch_kept *kept;
    const ocrvl_page *page = NULL;
    cli_exit status = batch_kept_open(&kept, state, d, told);
    while (!status) {
        ocrvl_page_place place = {.size = sizeof place};
        status = batch_kept_next(kept, &page, &place);
        if (status || !page)
            break;
        status = put_page(page, &place, pictures, all, formats);
    }
    batch_kept_free(kept);
    return status;
}

static uint8_t nibble(char c) { return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10); }

/* Appends what was written: name, bytes, digest. */
static cli_exit put_file(const batch_outputs *o, const batch_doc *d, const char *name, size_t top, ocrvl_buf *files)
{
    uint64_t bytes;
    char hex[OCRVL_SHA256_HEX];
    ocrvl_error err;
    ocrvl_status st = ocrvl_sha256_file(hex, &bytes, name, &err);
    if (st) {
        cli_error(o->log, name, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_OUTPUT);
    }
    batch_output_line line = {.name = name + top, .bytes = bytes};
    for (size_t i = 0; i < sizeof line.sha256; i++)
        line.sha256[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    ocrvl_buf_puts(files, files->len > 1 ? "," : "");
    batch_output_put(files, &line, d->name);
    return CLI_EXIT_OK;
}

static cli_exit put_files(const batch_outputs *o, const batch_doc *d, const written *w, size_t top, ocrvl_buf *files)
{
    cli_exit status = w->no_memory ? batch_no_memory(o->log) : CLI_EXIT_OK;
    ocrvl_buf_putc(files, '[');
    for (size_t i = 0; i < w->count && !status; i++) {
        status = put_file(o, d, w->names[i], top, files);
        const char *slash = strrchr(w->names[i], '/'), *before = i ? strrchr(w->names[i - 1], '/') : NULL;
        bool same = before && slash - w->names[i] == before - w->names[i - 1] &&
                    strncmp(w->names[i], w->names[i - 1], (size_t)(slash - w->names[i])) == 0;
        if (!status && !same)
            status = sync_above(o->store, w->names[i], top - 1);
    }
    ocrvl_buf_putc(files, ']');
    if (w->unfit)
        ocrvl_buf_printf(files, ",\"unfit\":[%s]", w->whys.data ? w->whys.data : "");
    return status || !files->failed ? status : batch_no_memory(o->log);
}

cli_exit batch_outputs_write(const batch_outputs *o, const batch_state *state, const batch_doc *d, ocrvl_buf *files)
{
    size_t formats = o->args->results.formats.count, begun = 0;
    const char *root = state->roots[d->root];
    making *all = ocrvl_alloc_array(formats, sizeof *all);
    char *path = batch_doc_path(state, d);
    written w = {0};
    batch_pictures pictures = {0};
    batch_told told = BATCH_TOLD_ALONE;
    bool shown = false, pdf = false, lines = true;
    cli_exit status = all && path ? CLI_EXIT_OK : batch_no_memory(o->log);
    for (; begun < formats && !status; begun++) {
        status = begin(&all[begun], o, state, d, path, begun, &w);
        shown |= cli_results_show_images(&all[begun].results);
        pdf |= cli_results_has(&all[begun].results, OCRVL_FORMAT_PDF);
        told = cli_results_tell_structure(&all[begun].results) ? BATCH_TOLD_ALL : told;
        lines &= cli_results_has(&all[begun].results, OCRVL_FORMAT_JSONL);
    }
    if (!status && shown)
        status = batch_pictures_open(&pictures, o->args, o->log, d, path, pdf);
    if (!status)
        status = put_pages(state, d, lines ? BATCH_TOLD_AT_ONCE : told, &pictures, all, formats);
    for (size_t i = 0; i < formats && !status; i++)
        status = cli_results_finish(&all[i].results);
    if (!status)
        status = put_files(o, d, &w, strlen(o->args->place == BATCH_MIRROR ? o->store->out : root) + 1, files);
    while (begun > 0)
        end(&all[--begun]);
    batch_pictures_free(&pictures); /* a writer may have used its document until then */
    free_written(&w);
    ocrvl_free(all);
    ocrvl_free(path);
    return status;
}

/* ---- what a process that was killed has left --------------------------------------------------------- */

/* The length of the digits at s, if there are at least n. */
static size_t digits_at(const char *s, size_t n)
{
    size_t len = strspn(s, "0123456789");
    return len >= n ? len : 0;
}

/* Whether the entry is what cli_output calls the unfinished BASE.SUFFIX or BASE-0001.SUFFIX: .NAME.PID-N */
static bool is_left(const char *entry, const char *base, const char *suffix)
{
    size_t len = strlen(base), n = strlen(suffix);
    if (entry[0] != '.' || strncmp(entry + 1, base, len) != 0)
        return false;
    const char *p = entry + 1 + len;
    if (*p == '-')
        p += 1 + digits_at(p + 1, 4);
    if (*p != '.' || strncmp(p + 1, suffix, n) != 0 || p[1 + n] != '.')
        return false;
    p += 2 + n;
    size_t pid = digits_at(p, 1);
    if (!pid || p[pid] != '-')
        return false;
    size_t count = digits_at(p + pid + 1, 1);
    return count && p[pid + 1 + count] == '\0';
}

static void clean_format(const char *folder, const char *stem, const char *suffix)
{
    char *path = ocrvl_path_join(folder, stem), *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        *slash = '\0';
    DIR *d = slash ? opendir(path) : NULL;
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (is_left(e->d_name, slash + 1, suffix))
            (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    ocrvl_free(path);
}

void batch_outputs_clean(const batch_outputs *o, const batch_state *state, const batch_doc *d)
{
    char *stem = stem_in_folder(o, d);
    const cli_list *list = &o->args->results.formats;
    for (size_t i = 0; stem && i < list->count; i++) {
        ocrvl_format f;
        if (!cli_format_called(list->items[i].text, list->items[i].len, &f))
            continue;
        char *folder = batch_output_folder(o, state, d, f);
        if (folder)
            clean_format(folder, stem, cli_suffix(f));
        ocrvl_free(folder);
    }
    ocrvl_free(stem);
}
