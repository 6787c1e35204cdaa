#define _XOPEN_SOURCE 700 /* realpath */

#include "batch/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "batch/claim.h"
#include "batch/counts.h"
#include "batch/deaths.h"
#include "batch/iiif.h"
#include "batch/jobs.h"
#include "batch/journals.h"
#include "batch/mets.h"
#include "batch/reuse.h"
#include "batch/scan.h"
#include "batch/supervise.h"
#include "batch/work.h"
#include "inputs.h"
#include "names.h"
#include "options.h"
#include "signals.h"

typedef struct running { /* one run */
    batch_setup s;
    batch_scan scan;
    batch_file list;
} running;

/* ---- names ------------------------------------------------------------------------------------------- */

typedef struct output_name { /* what a document's outputs are called, so that equal ones are found */
    char *stem;
    const char *name, *mets;
} output_name;

static int compare(const void *a, const void *b)
{
    return strcmp(((const output_name *)a)->stem, ((const output_name *)b)->stem);
}

/* Whether the file system of OUT takes names for equal that differ in case. */
static bool ignores_case(const batch_store *store)
{
    struct stat a, b;
    char *path = ocrvl_strdup(store->base);
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        memcpy(slash, "/.OCRVL", 7);
    bool same =
        slash && stat(store->base, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
    ocrvl_free(path);
    return same;
}

/* The stem in the form in which equal names are equal: NFC, and folded where the file system does so. mets: the file
 * whose page it is, beside which its outputs go into one folder with --place mets; or NULL. */
static char *comparable(const batch_args *args, const char *name, const char *mets, bool fold)
{
    const char *slash = args->place == BATCH_METS && mets ? strrchr(mets, '/') : NULL, *base = strrchr(name, '/');
    ocrvl_buf path = {0};
    if (slash && base)
        ocrvl_buf_printf(&path, "%.*s%s", (int)(slash - mets), mets, base);
    char *stem = batch_output_stem(args, path.data ? path.data : name), *out = NULL;
    ocrvl_buf_free(&path);
    size_t len;
    ocrvl_text_options opt = {.size = sizeof opt, .form = OCRVL_NFC, .fold = fold};
    if (stem && ocrvl_text_transform(&out, &len, NULL, NULL, &opt, stem, strlen(stem), NULL))
        out = NULL;
    char *copy = out ? ocrvl_strdup(out) : NULL;
    ocrvl_text_free(out);
    ocrvl_free(stem);
    return copy;
}

/* Whether the outputs of both would have different names if they kept their suffixes. */
static bool suffix_helps(const batch_args *args, const output_name *a, const output_name *b, bool fold)
{
    batch_args kept = *args;
    kept.keep_suffix = true;
    char *x = comparable(&kept, a->name, a->mets, fold), *y = comparable(&kept, b->name, b->mets, fold);
    bool differ = !args->keep_suffix && x && y && strcmp(x, y) != 0;
    ocrvl_free(x);
    ocrvl_free(y);
    return differ;
}

static batch_found *find_found(const batch_scan *s, const char *name)
{
    return bsearch(&(batch_found){.name = (char *)(uintptr_t)name}, s->found, s->count, sizeof *s->found,
                   batch_compare_found);
}

/* Marks an output of a document that the batch knows, which was found as if it were one, to be left out. */
static cli_exit mark_own(running *r, const char *name, const char *output)
{
    batch_found *f =
        batch_state_find(&r->s.state, output) || strcmp(name, output) == 0 ? NULL : find_found(&r->scan, output);
    if (f)
        f->own = true;
    return CLI_EXIT_OK;
}

static cli_exit refuse_replacing(running *r, const char *name, const char *output)
{
    if (!find_found(&r->scan, output) && !batch_state_find(&r->s.state, output))
        return CLI_EXIT_OK;
    return cli_usage_error(r->s.cmd, "the output of '%s' would replace the document '%s'%s", name, output,
                           r->s.args.keep_suffix ? "" : ": --keep-suffix helps");
}

/* Does that with what a document's outputs beside it are called. */
static cli_exit with_outputs(running *r, const char *name, cli_exit (*fn)(running *, const char *, const char *))
{
    const cli_list *formats = &r->s.args.results.formats;
    char *stem = batch_output_stem(&r->s.args, name);
    cli_exit status = stem ? CLI_EXIT_OK : batch_no_memory(&r->s.log);
    for (size_t i = 0; i < formats->count && !status; i++) {
        ocrvl_format format;
        ocrvl_buf output = {0};
        if (!cli_format_called(formats->items[i].text, formats->items[i].len, &format))
            continue;
        ocrvl_buf_printf(&output, "%s.%s", stem, cli_suffix(format));
        status = output.failed ? batch_no_memory(&r->s.log) : fn(r, name, output.data);
        ocrvl_buf_free(&output);
    }
    ocrvl_free(stem);
    return status;
}

/* Outputs beside the documents may be found as documents, as PDFs are. The batch's own are left out, and none may
 * replace a document. */
static cli_exit check_outputs(running *r)
{
    const batch_state *s = &r->s.state;
    cli_exit status = CLI_EXIT_OK;
    if (r->s.args.place != BATCH_BESIDE || !r->scan.count)
        return status;
    for (size_t i = 0; i < s->count && !status; i++)
        status = with_outputs(r, s->docs[i].name, mark_own);
    batch_scan_leave_own(&r->scan);
    for (size_t i = 0; i < r->scan.count && !status; i++)
        status = with_outputs(r, r->scan.found[i].name, refuse_replacing);
    return status;
}

/* Refuses documents whose outputs would have one name, before anything is read. */
static cli_exit check_names(running *r)
{
    size_t n = r->scan.count, known = r->s.state.count;
    if (!n) /* what is known was checked when it was found */
        return CLI_EXIT_OK;
    output_name *all = ocrvl_alloc_array(n + known, sizeof *all);
    bool fold = ignores_case(&r->s.store), failed = !all;
    cli_exit status = CLI_EXIT_OK;
    size_t count = 0;
    for (size_t i = 0; i < n + known && !failed; i++) {
        const batch_state *s = &r->s.state;
        const batch_doc *d = i < n ? NULL : &s->docs[i - n];
        const char *name = d ? d->name : r->scan.found[i].name;
        const char *mets = !d ? r->scan.found[i].mets : d->mets ? s->metses[d->mets - 1] : NULL;
        if (i >= n && n && find_found(&r->scan, name))
            continue; /* the same document, found again */
        all[count] = (output_name){comparable(&r->s.args, name, mets, fold), name, mets};
        failed = !all[count++].stem;
    }
    if (count && !failed)
        qsort(all, count, sizeof *all, compare);
    for (size_t i = 1; i < count && !failed && !status; i++)
        if (strcmp(all[i - 1].stem, all[i].stem) == 0)
            status = cli_usage_error(
                r->s.cmd, "the outputs of '%s' and '%s' would have the same name%s", all[i - 1].name, all[i].name,
                strcmp(all[i - 1].name, all[i].name) == 0              ? ": name a folder that holds both with --below"
                : suffix_helps(&r->s.args, &all[i - 1], &all[i], fold) ? ": --keep-suffix helps"
                                                                       : "");
    for (size_t i = 0; i < count; i++)
        ocrvl_free(all[i].stem);
    ocrvl_free(all);
    return failed ? batch_no_memory(&r->s.log) : status;
}

/* Whether two paths lead to different files that are both there. */
static bool are_two(const batch_state *s, const batch_doc *d, const batch_found *f, const char *root)
{
    struct stat a, b;
    char *old = batch_doc_path(s, d), *fresh = ocrvl_path_join(root, f->name);
    bool two = !old || !fresh ||
               (stat(old, &a) == 0 && stat(fresh, &b) == 0 && (a.st_dev != b.st_dev || a.st_ino != b.st_ino));
    ocrvl_free(old);
    ocrvl_free(fresh);
    return two;
}

/* A document of a name that the batch knows below another folder was moved, or it is another one, which would take the
 * known one's place, results and outputs, in silence: it is refused before anything is read. */
static cli_exit check_roots(running *r)
{
    const batch_state *s = &r->s.state;
    for (size_t i = 0; i < r->scan.count; i++) {
        const batch_found *f = &r->scan.found[i];
        const char *root = r->scan.roots[f->root];
        const batch_doc *d = batch_state_find(s, f->name);
        if (!d || strcmp(s->roots[d->root], root) == 0)
            continue;
        bool two = !f->url && are_two(s, d, f, root), same = d->size == f->size && d->mtime == f->mtime;
        if (two || (!same && !r->s.args.reread))
            return cli_usage_error(r->s.cmd,
                                   "the batch has '%s' from '%s' already, and the one from '%s' would replace it: %s",
                                   f->name, s->roots[d->root], root,
                                   two ? "name a folder that holds both with --below, or another folder for the outputs"
                                       : "--reread reads it again if it was moved and changed");
    }
    return CLI_EXIT_OK;
}

/* ---- steps ------------------------------------------------------------------------------------------- */

/* Takes the pages that a METS file or a manifest lists. */
static cli_exit take_list(batch_scan *s, const char *path, bool *is)
{
    running *r = s->list_user;
    char head[8192];
    size_t n = 0;
    if (!cli_is_url(path))
        (void)batch_scan_head(path, head, sizeof head, &n);
    *is = true;
    if (ocrvl_mets_knows(head, n))
        return batch_scan_mets(s, path);
    *is = cli_is_url(path) || ocrvl_iiif_knows(head, n);
    if (!*is)
        return CLI_EXIT_OK;
    if (r->s.args.place != BATCH_MIRROR)
        return batch_scan_cannot(
            s, path, "the images of a manifest are on a server, where no outputs can be written: use --place mirror");
    ocrvl_source_options opt;
    cli_document_options(&r->s.args.read.document, &opt);
    return batch_scan_iiif(s, path, &opt);
}

static cli_exit scan(running *r, char **inputs, size_t count)
{
    const cli_log *log = &r->s.log;
    char *below = r->s.args.below ? realpath(r->s.args.below, NULL) : NULL;
    if (r->s.args.below && !below)
        return cli_usage_error(r->s.cmd, "'%s' for --below: %s", r->s.args.below, strerror(errno));
    r->scan = (batch_scan){.log = log,
                           .out = r->s.store.out,
                           .settle = (uint32_t)r->s.args.settle,
                           .follow = r->s.args.follow_links,
                           .include = &r->s.args.include,
                           .exclude = &r->s.args.exclude,
                           .below = below,
                           .file_group = r->s.args.file_group,
                           .take_list = take_list,
                           .list_user = r};
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = batch_scan_add(&r->scan, inputs[i], r->s.args.nul);
    r->scan.below = NULL;
    free(below);
    batch_scan_sort(&r->scan);
    if (r->scan.passed)
        cli_note(log, NULL, 0,
                 r->scan.passed == 1 ? "%llu file is not a document and was passed over"
                                     : "%llu files are not documents and were passed over",
                 (unsigned long long)r->scan.passed);
    if (r->scan.young)
        cli_note(log, NULL, 0,
                 r->scan.young == 1 ? "%llu file is too young and was left alone"
                                    : "%llu files are too young and were left alone",
                 (unsigned long long)r->scan.young);
    if (r->scan.links_out && r->s.args.follow_links)
        cli_note(log, NULL, 0,
                 r->scan.links_out == 1
                     ? "%llu link leads to a folder elsewhere and was not followed: name that folder"
                     : "%llu links lead to folders elsewhere and were not followed: name these folders",
                 (unsigned long long)r->scan.links_out);
    else if (r->scan.links_out)
        cli_note(log, NULL, 0,
                 r->scan.links_out == 1
                     ? "%llu link leads out of its folder and was not followed (see --follow-links)"
                     : "%llu links lead out of their folder and were not followed (see --follow-links)",
                 (unsigned long long)r->scan.links_out);
    return status;
}

/* Frees the model that settings were made with, before others open it. */
static void close_model(running *r)
{
    cli_reading *g = &r->s.reading;
    ocrvl_batch_free(g->batch);
    ocrvl_session_free(g->session);
    cli_line_free(&g->lines);
    ocrvl_model_free(g->model);
    ocrvl_planner_free(g->planner);
    g->batch = NULL;
    g->session = NULL;
    g->model = NULL;
    g->planner = NULL;
    g->read.planner = NULL;
}

/* Waits; false: a signal came. */
static bool linger(uint64_t seconds)
{
    struct timespec second = {1, 0};
    for (uint64_t i = 0; i < seconds && !cli_signals_stopped(); i++)
        (void)nanosleep(&second, NULL);
    return !cli_signals_stopped();
}

/* Looks what runs have died of that were before this one. */
static cli_exit count_deaths(running *r, batch_deaths *deaths)
{
    batch_claim claim = {.fd = -1};
    const batch_store *store = &r->s.store;
    cli_exit status = batch_claim_open(&claim, store, store->self, (long)getpid(), (double)r->s.args.lease);
    if (!status)
        status = batch_deaths_count(deaths, &r->s.state, &claim);
    batch_claim_close(&claim);
    return status;
}

static cli_exit work(running *r, char **words, size_t count)
{
    batch_deaths deaths = {0};
    batch_coordinator c = {.setup = &r->s, .words = words, .count = count, .deaths = &deaths};
    batch_setup_outputs(&r->s);
    close_model(r);
    cli_exit status = count_deaths(r, &deaths);
    while (!status) {
        status = batch_choose_jobs(&r->s, &c.jobs);
        if (!status && c.jobs)
            status = batch_coordinate(&c);
        if (!status)
            status = batch_journals_refresh(&r->s.state);
        size_t left = batch_pending_units(&r->s.state, &r->s.args.shard) + batch_pending_put_off(&r->s.state);
        if (!r->s.args.wait || !left || !linger(1))
            break;
    }
    batch_deaths_free(&deaths);
    return status;
}

/* Says how it stands. What is left to others doesn't make this run unfinished. */
static cli_exit end(running *r, cli_exit over)
{
    batch_counts c;
    ocrvl_buf b = {0};
    cli_exit status = batch_journals_refresh(&r->s.state);
    if (!status && (!over || over == CLI_EXIT_STOPPED))
        status = batch_mets_finish(&r->s);
    if (!status && r->s.args.no_keep)
        status = batch_drop_finished(&r->s.state);
    batch_tell_damage(&r->s.state, &r->s.log);
    batch_count(&r->s.state, &c);
    batch_counts_put(&b, &c);
    cli_note(&r->s.log, NULL, 0, "%s", b.data ? b.data : "");
    ocrvl_buf_free(&b);
    bool stopped = over == CLI_EXIT_STOPPED || cli_signals_stopped();
    cli_signals_forget();
    if (over && over != CLI_EXIT_STOPPED)
        return over;
    if (batch_counts_pending(&c) && !stopped) {
        size_t units = batch_pending_units(&r->s.state, &r->s.args.shard) + batch_pending_put_off(&r->s.state);
        if (units)
            cli_note(&r->s.log, NULL, 0, "others hold what is left here: %zu unit%s of work", units,
                     units == 1 ? "" : "s");
        c.docs[BATCH_DOC_PENDING] = c.docs[BATCH_DOC_CHANGED] = 0;
    }
    if (!status)
        status = batch_counts_exit(&c);
    return status == CLI_EXIT_AGAIN ? status : cli_exit_worse(status, r->scan.worst);
}

/* Records what the scan has found. */
static cli_exit record_found(running *r)
{
    batch_setup *s = &r->s;
    cli_exit status = batch_journals_refresh(&s->state);
    if (!status)
        status = check_roots(r);
    if (!status)
        status = check_outputs(r);
    if (!status)
        status = check_names(r);
    return status ? status : batch_scan_record(&r->scan, &s->state, &r->list, s->args.unit);
}

/* Makes documents pending that were missing, as those of a share that wasn't mounted, and are there now. */
static cli_exit look_for_missing(running *r)
{
    batch_record record = {.store = &r->s.store, .opt = &r->s.opt};
    cli_exit status = batch_revoke_found(&record, &r->s.state);
    bool any = record.journal.path != NULL;
    batch_record_free(&record);
    return status || !any ? status : batch_journals_refresh(&r->s.state);
}

/* Looks for further documents again and again, and reads them, until a signal comes. */
static cli_exit watch(running *r, char **inputs, size_t count, char **words, size_t word_count)
{
    cli_exit over = CLI_EXIT_OK;
    while (!over && linger(r->s.args.watch)) {
        batch_scan_free(&r->scan);
        over = scan(r, inputs, count);
        if (!over)
            over = record_found(r);
        if (!over)
            over = look_for_missing(r);
        if (!over)
            over = work(r, words, word_count);
    }
    return over ? over : CLI_EXIT_STOPPED;
}

static cli_exit go(running *r, char **inputs, size_t count, char **words, size_t word_count)
{
    batch_setup *s = &r->s;
    if (s->args.max_failures && !batch_failures_parse(s->args.max_failures, &(batch_failures){0}))
        return cli_usage_error(s->cmd, "'%s' for --max-failures must be a number, or one with a percent sign",
                               s->args.max_failures);
    if (!s->settings.kept && count == 0)
        return cli_usage_error(s->cmd, "nothing was begun in '%s': name the documents to be read", s->store.out);
    cli_exit status = cli_reading_check(s->cmd, &s->args.read);
    if (!status)
        status = scan(r, inputs, count);
    if (!status && !s->settings.kept) /* before there are settings, which would then stay */
        status = check_outputs(r);
    if (!status && !s->settings.kept)
        status = check_names(r);
    if (!status && !s->settings.kept && !r->scan.count && !s->args.watch) {
        cli_note(&s->log, NULL, 0, "no document was found, and nothing was begun");
        return r->scan.worst;
    }
    if (!status)
        status = cli_reading_settle(&s->reading);
    if (!status && (!s->settings.kept || s->args.reread))
        status = batch_setup_read(s, s->args.reread);
    s->state.fingerprint = s->settings.fingerprint;
    if (!status)
        status = record_found(r);
    if (!status)
        status = look_for_missing(r);
    if (status)
        return status;
    batch_claims_clean(&s->store);
    status = work(r, words, word_count);
    if (!status && s->args.watch)
        status = watch(r, inputs, count, words, word_count);
    return end(r, status);
}

cli_exit batch_run(const cli_command *self, int argc, char **argv)
{
    running r = {.s = {.cmd = self, .args = BATCH_DEFAULTS}};
    size_t operands = 0, count = (size_t)argc - 1;
    cli_exit status;
    char **words = ocrvl_alloc_array(count + 1, sizeof *words); /* parsing moves the operands */
    if (!words)
        return CLI_EXIT_LIMIT;
    memcpy(words, argv + 1, count * sizeof *words);
    if (batch_setup_parse(&r.s, argc, argv, true, &operands, &status)) {
        cli_signals_keep();
        status = go(&r, argv + 2, operands - 1, words, count);
    }
    batch_file_close(&r.list);
    batch_scan_free(&r.scan);
    batch_setup_free(&r.s);
    ocrvl_free(words);
    return status;
}
