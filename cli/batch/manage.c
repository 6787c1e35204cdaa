#include "batch/manage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/journals.h"
#include "batch/kept.h"
#include "batch/line.h"
#include "batch/record.h"
#include "batch/reuse.h"
#include "batch/setup.h"
#include "options.h"

/* ---- verify ------------------------------------------------------------------------------------------ */

typedef struct verifying {
    batch_setup *s;
    ocrvl_buf out;
    uint64_t differences;
} verifying;

static void differs(verifying *v, const char *name, const char *how)
{
    batch_name_encode(&v->out, name);
    ocrvl_buf_printf(&v->out, ": %s\n", how);
    v->differences++;
}

/* The digest of a file's bytes; false, after a line, if it can't be read. */
static bool digest_of(verifying *v, const char *name, const char *path, char hex[OCRVL_SHA256_HEX], uint64_t *bytes)
{
    ocrvl_error err;
    if (ocrvl_sha256_file(hex, bytes, path, &err) == OCRVL_OK)
        return true;
    differs(v, name, err.sys_errno == ENOENT ? "is missing" : err.message);
    return false;
}

static void verify_outputs(verifying *v, const batch_written_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const batch_written_file *f = &l->items[i];
        const char *top = v->s->args.place == BATCH_MIRROR ? v->s->store.out : v->s->state.roots[f->doc->root];
        char hex[OCRVL_SHA256_HEX], *path = ocrvl_path_join(top, f->name);
        uint64_t bytes;
        if (path && digest_of(v, f->name, path, hex, &bytes) && (bytes != f->bytes || strcmp(hex, f->sha256) != 0))
            differs(v, f->name, "has changed since it was written");
        v->out.failed |= !path;
        ocrvl_free(path);
    }
}

/* The result of a page: whether it is the one that was recorded. Its text, for the first page, names the input's
 * digest. */
static void verify_result(verifying *v, const batch_doc *d, uint32_t page, ocrvl_buf *text)
{
    char how[80];
    if (batch_result_read(&v->s->state, &d->pages[page], text) == CLI_EXIT_OK)
        return;
    snprintf(how, sizeof how, "page %u: the result is not the one that was recorded", (unsigned)page + 1);
    differs(v, d->name, how);
}

/* The document's file: whether it is the one that was read, as a page's result tells. */
static void verify_input(verifying *v, const batch_doc *d, const ocrvl_buf *text)
{
    ocrvl_results *in = NULL;
    ocrvl_page *tree = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    char hex[OCRVL_SHA256_HEX], *path = d->url ? NULL : batch_doc_path(&v->s->state, d);
    uint64_t bytes;
    bool told = path && text->len && !ocrvl_results_open_memory(&in, text->data, text->len, d->name, NULL) &&
                !ocrvl_results_next(in, &tree, &place, NULL) && place.sha256;
    if (told && digest_of(v, d->name, path, hex, &bytes) && strcmp(hex, place.sha256) != 0)
        differs(v, d->name, "has changed since it was read");
    ocrvl_page_free(tree);
    ocrvl_results_free(in);
    ocrvl_free(path);
}

static void verify_documents(verifying *v)
{
    batch_state *state = &v->s->state;
    for (size_t i = 0; i < state->count; i++) {
        const batch_doc *d = &state->docs[state->order[i]];
        ocrvl_buf text = {0}, first = {0};
        for (uint32_t p = 0; p < d->known; p++) {
            ocrvl_buf_clear(&text);
            bool dropped = v->s->args.no_keep && batch_doc_state(d) == BATCH_DOC_DONE;
            if (dropped || d->pages[p].status == BATCH_PENDING || d->pages[p].status == BATCH_LEFT)
                continue;
            verify_result(v, d, p, &text);
            if (v->s->args.inputs && !first.len)
                ocrvl_buf_put(&first, text.data, text.len);
        }
        if (v->s->args.inputs && first.len)
            verify_input(v, d, &first);
        ocrvl_buf_free(&text);
        ocrvl_buf_free(&first);
    }
}

cli_exit batch_verify(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    verifying v = {.s = &s};
    batch_written_list l = {0};
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        status = batch_journals_written(&s.state, &l);
        if (!status) {
            verify_outputs(&v, &l);
            verify_documents(&v);
            status = cli_output_buf(&s.log, &v.out);
        }
        if (!status && v.differences)
            status = CLI_EXIT_PAGES;
    }
    batch_written_free(&l);
    ocrvl_buf_free(&v.out);
    batch_setup_free(&s);
    return status;
}

/* ---- manifest ---------------------------------------------------------------------------------------- */

/* A line as sha256sum writes it: of a name with a backslash or the end of a line in it, these are escaped, and a backslash
 * before the line says so. */
static void put_manifest_line(ocrvl_buf *b, const char *sha256, const char *name)
{
    ocrvl_buf_clear(b);
    if (strpbrk(name, "\\\n\r"))
        ocrvl_buf_putc(b, '\\');
    ocrvl_buf_put(b, sha256, 64);
    ocrvl_buf_puts(b, "  ");
    for (; *name; name++) {
        const char *plain = "\\\n\r", *escaped = "\\nr", *at = strchr(plain, *name);
        if (at)
            ocrvl_buf_putc(b, '\\');
        ocrvl_buf_putc(b, at ? escaped[at - plain] : *name);
    }
    ocrvl_buf_putc(b, '\n');
}

cli_exit batch_manifest(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    batch_written_list l = {0};
    ocrvl_error err;
    cli_output *o = NULL;
    ocrvl_buf line = {0};
    bool failed = false;
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        char *path = ocrvl_path_join(s.store.out, "manifest-sha256.txt");
        status = path ? batch_journals_written(&s.state, &l) : batch_no_memory(&s.log);
        ocrvl_status st = status ? OCRVL_OK : cli_output_open(&o, path, &err);
        for (size_t i = 0; i < l.count && o; i++) { /* an error of writing is returned by the commit */
            put_manifest_line(&line, l.items[i].sha256, l.items[i].name);
            (void)cli_output_write(o, line.data, line.len);
            failed |= line.failed;
        }
        ocrvl_buf_free(&line);
        if (failed) {
            cli_output_discard(o);
            o = NULL;
            status = batch_no_memory(&s.log);
        }
        if (o)
            st = cli_output_commit(o, &err);
        if (st)
            status = cli_output_failed(&s.log, path, &err);
        ocrvl_free(path);
    }
    batch_written_free(&l);
    batch_setup_free(&s);
    return status;
}

/* ---- retry ------------------------------------------------------------------------------------------- */

#define UNWRITTEN "unwritten" /* what --failed and --status call an output that can't be written */

/* Whether a status and reason are among those that are asked for. */
static bool is_asked(const batch_args *a, const char *status, const char *reason)
{
    bool by_default = strcmp(status, "failed") == 0 || strcmp(status, "missing") == 0 || strcmp(status, UNWRITTEN) == 0;
    if (a->status ? strcmp(a->status, status) != 0 : !by_default)
        return false;
    return !a->reason || strcmp(a->reason, reason) == 0;
}

static uint64_t retry_document(const batch_args *a, const batch_state *s, const batch_doc *d, ocrvl_buf *b)
{
    uint64_t n = 0;
    batch_doc_status status = batch_doc_state(d);
    if ((status == BATCH_DOC_FAILED || status == BATCH_DOC_MISSING) &&
        is_asked(a, batch_doc_status_names[status], batch_reasons[d->reason])) {
        batch_revoke_line(b, d, d->line);
        n++;
    }
    for (uint32_t p = 0; p < d->known; p++) {
        const batch_page *page = &d->pages[p];
        if (page->status != BATCH_PENDING && page->status != BATCH_LEFT &&
            is_asked(a, batch_page_status_names[page->status], batch_reasons[page->reason])) {
            batch_revoke_line(b, d, page->line);
            n++;
        }
    }
    bool other = n > 0; /* results, of which any output may be written */
    for (size_t i = 0; i < s->loss_count && d->lost; i++) {
        const batch_loss *l = &s->losses[i];
        if (&s->docs[l->doc] != d || (!other && !is_asked(a, UNWRITTEN, batch_reasons[l->reason])))
            continue;
        batch_revoke_line(b, d, l->line);
        n += !other;
    }
    return n;
}

static cli_exit check_retry(const batch_setup *s)
{
    const batch_args *a = &s->args;
    if (a->status && strcmp(a->status, UNWRITTEN) != 0 && !batch_index_of(batch_page_status_names, a->status) &&
        !batch_index_of(batch_doc_status_names, a->status))
        return cli_usage_error(s->cmd, "'%s' is no status", a->status);
    if (a->reason && !batch_index_of(batch_reasons, a->reason))
        return cli_usage_error(s->cmd, "'%s' is no reason", a->reason);
    return CLI_EXIT_OK;
}

cli_exit batch_retry(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    batch_record record = {.store = &s.store, .opt = &s.opt};
    ocrvl_buf b = {0}, name = {0};
    uint64_t n = 0;
    bool found = false;
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        status = check_retry(&s);
        for (size_t i = 0; i < s.state.count && !status; i++) {
            const batch_doc *d = &s.state.docs[s.state.order[i]];
            ocrvl_buf_clear(&name);
            batch_name_encode(&name, d->name);
            if (s.args.doc && strcmp(name.data ? name.data : "", s.args.doc) != 0 && strcmp(d->name, s.args.doc) != 0)
                continue;
            found = true;
            n += retry_document(&s.args, &s.state, d, &b);
        }
        if (!status && s.args.doc && !found)
            status = cli_usage_error(s.cmd, "no document of the batch is called '%s'", s.args.doc);
        if (!status && n)
            status = batch_record_line(&record, &b, true);
        if (!status)
            cli_note(&s.log, NULL, 0, "pages, documents and outputs that 'ocrvl batch run %s' will try again: %llu",
                     s.store.out, (unsigned long long)n);
    }
    batch_record_free(&record);
    ocrvl_buf_free(&name);
    ocrvl_buf_free(&b);
    batch_setup_free(&s);
    return status;
}

/* ---- export ------------------------------------------------------------------------------------------ */

typedef struct exporting {
    const cli_log *log;
    bool no_images, unwritten, unfit; /* some output lacks the document's images, can't be written, is no PDF/A */
} exporting;

/* An output that can't be written costs neither the document's other ones nor other documents'. */
static cli_exit go_without(void *user, batch_doc *d, unsigned format, const char *reason)
{
    exporting *e = user;
    cli_error(e->log, d->name, 0, "its output in the format %s is left out", ocrvl_format_name((ocrvl_format)format));
    e->no_images |= strcmp(reason, "io") == 0;
    e->unwritten = true;
    return CLI_EXIT_OK;
}

static cli_exit export_document(batch_setup *s, batch_record *record, batch_doc *d, exporting *e)
{
    ocrvl_buf files = {0}, b = {0};
    const batch_writing writing = {.all = true, .lose = go_without, .user = e};
    cli_exit status = batch_outputs_write(&s->outputs, &s->state, d, &writing, &files);
    batch_record_outputs(&b, "x", d, &files);
    e->unfit |= !status && strstr(files.data ? files.data : "", "],\"unfit\":[");
    if (!status)
        status = batch_record_line(record, &b, false);
    ocrvl_buf_free(&files);
    ocrvl_buf_free(&b);
    return status;
}

cli_exit batch_export(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .exports = true, .args = BATCH_DEFAULTS};
    batch_record record = {.store = &s.store, .opt = &s.opt};
    exporting e = {.log = &s.log};
    uint64_t left = 0;
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        if (s.args.no_keep)
            status =
                cli_usage_error(self, "the results of this batch aren't kept (--no-keep): there is nothing to export");
        for (size_t i = 0; i < s.state.count && !status; i++) {
            batch_doc *d = &s.state.docs[s.state.order[i]];
            if (batch_doc_read(d))
                status = export_document(&s, &record, d, &e);
            else
                left += batch_doc_state(d) == BATCH_DOC_PENDING;
        }
        if (!status)
            status = batch_file_sync(&record.journal, &s.store);
        if (!status && left) {
            cli_note(&s.log, NULL, 0, "%llu documents have not been read yet and were left out",
                     (unsigned long long)left);
            status = CLI_EXIT_AGAIN;
        }
        if (!status)
            status = e.no_images ? CLI_EXIT_INPUT : e.unwritten || e.unfit ? CLI_EXIT_PAGES : CLI_EXIT_OK;
    }
    batch_record_free(&record);
    batch_setup_free(&s);
    return status;
}
