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
#include "batch/record.h"

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
    const char *slash = o->args->place == BATCH_METS && d->mets ? strrchr(d->name, '/') : NULL;
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

static ocrvl_format format_of(const batch_outputs *o, size_t i)
{
    ocrvl_format format = OCRVL_FORMAT_JSONL;
    const cli_list *list = &o->args->results.formats;
    (void)cli_format_called(list->items[i].text, list->items[i].len, &format); /* it was checked */
    return format;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static cli_exit begin(making *m, const batch_outputs *o, const batch_state *state, const batch_doc *d, const char *path,
                      size_t format, written *w)
{
    const cli_list *list = &o->args->results.formats;
    m->o = o;
    m->args = o->args->results;
    m->args.formats.count = 1;
    m->args.formats.items[0] = list->items[format];
    char *dir = batch_output_folder(o, state, d, format_of(o, format));
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

static cli_exit goes_on(const batch_writing *w, const batch_doc *d, unsigned format)
{
    return w && w->goes_on ? w->goes_on(w->user, d, format) : CLI_EXIT_OK;
}

/* Puts all pages of the document into all formats. */
static cli_exit put_pages(const batch_state *state, const batch_doc *d, batch_told told, const batch_writing *writing,
                          unsigned format, batch_pictures *pictures, making *all, size_t formats)
{
    batch_kept *kept;
    const ocrvl_page *page = NULL;
    cli_exit status = batch_kept_open(&kept, state, d, told);
    while (!status) {
        ocrvl_page_place place = {.size = sizeof place};
        status = goes_on(writing, d, format);
        if (!status)
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

/* Writes the outputs in `count` formats. *why: the reason, if it is these outputs that can't be written; else NULL. */
static cli_exit write_formats(const batch_outputs *o, const batch_state *state, const batch_doc *d, const size_t *which,
                              size_t count, const batch_writing *writing, written *w, const char **why)
{
    size_t begun = 0;
    making *all = ocrvl_alloc_array(count, sizeof *all);
    char *path = batch_doc_path(state, d);
    batch_pictures pictures = {0};
    batch_told told = BATCH_TOLD_ALONE;
    bool shown = false, pdf = false, lines = true;
    unsigned format = writing && writing->one_by_one ? (unsigned)format_of(o, which[0]) : 0;
    cli_exit status = all && path ? goes_on(writing, d, format) : batch_no_memory(o->log);
    *why = NULL;
    for (; begun < count && !status; begun++) {
        status = begin(&all[begun], o, state, d, path, which[begun], w);
        shown |= cli_results_show_images(&all[begun].results);
        pdf |= cli_results_has(&all[begun].results, OCRVL_FORMAT_PDF);
        told = cli_results_tell_structure(&all[begun].results) ? BATCH_TOLD_ALL : told;
        lines &= cli_results_has(&all[begun].results, OCRVL_FORMAT_JSONL);
    }
    if (!status && shown)
        status = batch_pictures_open(&pictures, o->args, o->log, d, path, pdf);
    if (!status)
        status = put_pages(state, d, lines ? BATCH_TOLD_AT_ONCE : told, writing, format, &pictures, all, count);
    for (size_t i = 0; i < count && !status; i++)
        status = cli_results_finish(&all[i].results);
    if (status == CLI_EXIT_INPUT)
        *why = "io"; /* of the document's images */
    while (begun > 0) {
        if (status && all[begun - 1].results.unwritable)
            *why = batch_reason_of(all[begun - 1].results.unwritable);
        end(&all[--begun]);
    }
    batch_pictures_free(&pictures); /* a writer may have used its document until then */
    ocrvl_free(all);
    ocrvl_free(path);
    return status;
}

/* Forgets what was written after the first `count` files, and removes it unless it is to be written again. */
static void take_back(written *w, size_t count, bool again)
{
    for (; w->count > count; w->count--) {
        if (!again)
            (void)unlink(w->names[w->count - 1]);
        ocrvl_free(w->names[w->count - 1]);
    }
    w->unfit = again ? 0 : w->unfit;
    if (again)
        ocrvl_buf_clear(&w->whys);
}

/* Writes them one after the other, without those that can't be written. */
static cli_exit write_one_by_one(const batch_outputs *o, const batch_state *state, batch_doc *d, const size_t *which,
                                 size_t count, const batch_writing *writing, written *w)
{
    cli_exit status = CLI_EXIT_OK;
    batch_writing each = *writing;
    each.one_by_one = true;
    for (size_t i = 0; i < count && !status; i++) {
        const char *why;
        size_t before = w->count;
        status = write_formats(o, state, d, &which[i], 1, &each, w, &why);
        if (!status || !why)
            continue;
        take_back(w, before, false);
        status = writing->lose(writing->user, d, format_of(o, which[i]), why);
    }
    return status;
}

cli_exit batch_outputs_write(const batch_outputs *o, const batch_state *state, batch_doc *d,
                             const batch_writing *writing, ocrvl_buf *files)
{
    size_t which[CLI_LIST], count = 0;
    const char *root = state->roots[d->root], *why = NULL;
    written w = {0};
    cli_exit status = CLI_EXIT_OK;
    bool one_by_one = writing && writing->one_by_one;
    for (size_t i = 0; i < o->args->results.formats.count; i++)
        if (!writing || writing->all || !(d->lost & 1u << format_of(o, i)))
            which[count++] = i;
    if (count && !one_by_one)
        status = write_formats(o, state, d, which, count, writing, &w, &why);
    if (one_by_one || (status && why && writing)) {
        take_back(&w, 0, true);
        status = write_one_by_one(o, state, d, which, count, writing, &w);
    }
    if (!status)
        status = put_files(o, d, &w, strlen(o->args->place == BATCH_MIRROR ? o->store->out : root) + 1, files);
    free_written(&w);
    return status;
}

/* ---- what a process that was killed has left --------------------------------------------------------- */

/* Whether the entry is what cli_output calls the unfinished BASE.SUFFIX or BASE-0001.SUFFIX: .NAME.ocrvl-N */
static bool is_left(const char *entry, const char *base, const char *suffix)
{
    size_t len = strlen(base), n = strlen(suffix);
    if (entry[0] != '.' || strncmp(entry + 1, base, len) != 0)
        return false;
    const char *p = entry + 1 + len;
    if (*p == '-' && strspn(p + 1, "0123456789") >= 4)
        p += 1 + strspn(p + 1, "0123456789");
    if (*p != '.' || strncmp(p + 1, suffix, n) != 0)
        return false;
    p += 1 + n;
    return strncmp(p, ".ocrvl-", 7) == 0 && p[7] && p[7 + strspn(p + 7, "0123456789")] == '\0';
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
