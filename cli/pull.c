/* ocrvl pull: a checkpoint from the Hugging Face hub into the cache that Python's client of it keeps. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hub.h"
#include "base/mem.h"
#include "hub_fetch.h"
#include "names.h"
#include "ocrvl_dev.h"
#include "options.h"
#include "signals.h"

/* Bytes of the hub's list, of a token, and those that a disk must have left. */
enum { MAX_LIST = 16 << 20, MAX_TOKEN = 512, SPARE = 64 << 20 };

typedef struct pull_args {
    bool list, any, quiet, verbose, no_progress;
} pull_args;

static const cli_option options[] = {
    {.name = "list",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pull_args, list),
     .help = "Fetch nothing but the hub's list, and print the size and name of each file that would be fetched."},
    {.name = "any",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pull_args, any),
     .help = "Fetch the weights also of a checkpoint that ocrvl can't use as it is."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pull_args, quiet),
     .help = "Print errors only: no notes and no progress."},
    {.name = "verbose",
     .letter = 'v',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pull_args, verbose),
     .help = "Print what is done with each file."},
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pull_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

typedef struct pulling {
    const pull_args *args;
    cli_log log;
    cli_progress progress;
    cli_hub hub;
    char *address, *token;
    const char *id; /* as it was given */
    char *name;     /* of the model, without the revision */
    const char *revision;
    cli_hub_list list;
    char *folder, *blobs, *snapshot; /* in the cache */
} pulling;

static cli_exit no_memory(const pulling *p)
{
    cli_error(&p->log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* A new string by a format; NULL if memory is exhausted. */
__attribute__((format(printf, 1, 2))) static char *made(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *s = n < 0 ? NULL : ocrvl_alloc((size_t)n + 1);
    va_start(args, format);
    if (s)
        vsnprintf(s, (size_t)n + 1, format, args);
    va_end(args);
    return s;
}

/* ---- the hub ----------------------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* As Python's client has it. */
static bool is_offline(void)
{
    static const char *const yes[] = {"1", "ON", "YES", "TRUE"};
    const char *value = variable("HF_HUB_OFFLINE");
    for (size_t i = 0; value && i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(value, yes[i]) == 0)
            return true;
    return false;
}

static cli_exit find_address(pulling *p)
{
    const char *a = variable("OCRVL_HUB");
    a = a ? a : variable("HF_ENDPOINT");
    p->address = ocrvl_strdup(a ? a : "https://huggingface.co");
    if (!p->address)
        return no_memory(p);
    for (size_t n = strlen(p->address); n && p->address[n - 1] == '/';)
        p->address[--n] = '\0';
    p->hub.address = p->address;
    if (strncmp(p->address, "https://", 8) == 0 || strncmp(p->address, "http://", 7) == 0)
        return CLI_EXIT_OK;
    cli_error(&p->log, NULL, 0, "the hub's address must begin with https:// or http://, and is '%s'", p->address);
    return CLI_EXIT_USAGE;
}

/* The file in which Python's client keeps the token; NULL if there is no home. */
static char *token_file(void)
{
    const char *path = variable("HF_TOKEN_PATH"), *home = variable("HF_HOME"), *cache = variable("XDG_CACHE_HOME");
    if (path)
        return ocrvl_strdup(path);
    if (home)
        return made("%s/token", home);
    if (cache)
        return made("%s/huggingface/token", cache);
    home = variable("HOME");
    return home ? made("%s/.cache/huggingface/token", home) : NULL;
}

/* $HF_TOKEN or what the file holds, if either is there. */
static cli_exit find_token(pulling *p)
{
    const char *named = variable("HF_TOKEN");
    char *file = named ? NULL : token_file();
    ocrvl_error err;
    size_t len;
    ocrvl_status st = OCRVL_OK;
    if (named && !(p->token = ocrvl_strdup(named)))
        return no_memory(p);
    if (file && ocrvl_file_exists(file))
        st = ocrvl_file_read(&p->token, &len, file, MAX_TOKEN, &err);
    if (st)
        cli_error(&p->log, file, 0, "%s", err.message);
    ocrvl_free(file);
    if (st)
        return cli_exit_of(st, CLI_EXIT_INPUT);
    if (p->token)
        p->token[strcspn(p->token, "\r\n")] = '\0';
    for (const char *c = p->token; c && *c; c++)
        if (*c <= ' ' || *c > '~' || c - p->token >= MAX_TOKEN) {
            cli_error(&p->log, NULL, 0, "the token for the hub isn't one: it must be one word of letters and signs");
            return CLI_EXIT_INPUT;
        }
    bool safe = strncmp(p->address, "https://", 8) == 0; /* from listeners on the way */
    p->hub.token = p->token && *p->token && safe ? p->token : NULL;
    return CLI_EXIT_OK;
}

/* Reports that something couldn't be fetched. */
static cli_exit failed(pulling *p, const char *what, uint32_t status, bool written, const ocrvl_error *err)
{
    cli_progress_wipe(&p->progress);
    if (err->status == OCRVL_E_CANCELED && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (status == 401 || status == 403)
        cli_error(&p->log, p->id, 0,
                  "the hub doesn't show %s (%u): there is no such model, or it wants a token, and that its terms are "
                  "accepted on its page: put the token in $HF_TOKEN",
                  what, (unsigned)status);
    else if (status == 404)
        cli_error(&p->log, p->id, 0, "the hub has no such model or revision, or no %s of it (404)", what);
    else
        cli_error(&p->log, p->id, 0, "%s: %s", what, err->message);
    return written ? cli_exit_of(err->status, CLI_EXIT_INPUT) : CLI_EXIT_OUTPUT;
}

static cli_exit get_list(pulling *p)
{
    ocrvl_buf text = {0}, url = {0};
    ocrvl_error err;
    uint32_t status = 0;
    ocrvl_buf_printf(&url, "%s/api/models/%s/revision/", p->address, p->name);
    for (const char *s = p->revision; *s; s++)
        if (*s == '/')
            ocrvl_buf_puts(&url, "%2F");
        else
            ocrvl_buf_putc(&url, *s);
    ocrvl_buf_puts(&url, "?blobs=true");
    if (url.failed)
        return no_memory(p);
    ocrvl_status st = cli_hub_text(&p->hub, url.data, "the list of files", MAX_LIST, &text, &status, &err);
    ocrvl_buf_free(&url);
    if (!st) {
        status = 0;
        st = cli_hub_list_read(&p->list, text.data ? text.data : "", text.len, &err);
    }
    ocrvl_buf_free(&text);
    return st ? failed(p, "the list of files", status, true, &err) : CLI_EXIT_OK;
}

/* ---- the cache --------------------------------------------------------------------------------------- */

static cli_exit cant_write(pulling *p, const char *path)
{
    cli_error(&p->log, path, 0, "%s", strerror(errno));
    return CLI_EXIT_OUTPUT;
}

static cli_exit make_cache(pulling *p)
{
    ocrvl_error err;
    ocrvl_status st = ocrvl_hub_folder(&p->folder, p->id, &err);
    if (st)
        return no_memory(p);
    if (!p->folder) {
        cli_error(&p->log, NULL, 0, "there is no home for a cache: name one in $HF_HOME");
        return CLI_EXIT_USAGE;
    }
    p->blobs = made("%s/blobs", p->folder);
    p->snapshot = made("%s/snapshots/%s", p->folder, p->list.commit);
    return p->blobs && p->snapshot ? CLI_EXIT_OK : no_memory(p);
}

static char *path_of(const pulling *p, const cli_hub_file *f) { return ocrvl_path_join(p->blobs, f->digest); }

static bool is_there(const pulling *p, const cli_hub_file *f)
{
    struct stat st;
    char *path = path_of(p, f);
    bool there = path && stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == f->size;
    ocrvl_free(path);
    return there;
}

/* Whether the disk has room for what isn't there yet. */
static cli_exit check_room(pulling *p)
{
    struct statvfs v;
    uint64_t need = 0;
    for (size_t i = 0; i < p->list.count; i++)
        need += is_there(p, &p->list.files[i]) ? 0 : p->list.files[i].size;
    if (need == 0 || statvfs(p->blobs, &v))
        return CLI_EXIT_OK;
    uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
    if (need <= room && room - need >= SPARE)
        return CLI_EXIT_OK;
    cli_error(&p->log, p->blobs, 0, "there is no room: %.1f MB are wanted, and %.1f MB are free", (double)need / 1e6,
              (double)room / 1e6);
    return CLI_EXIT_OUTPUT;
}

/* Puts a link to a blob into the snapshot, or the commit into refs, in the place of what is there. */
static cli_exit put_link(pulling *p, const cli_hub_file *f)
{
    char *to = made("../../blobs/%s", f->digest), *at = ocrvl_path_join(p->snapshot, f->name),
         *draft = made("%s/.%s.%ld", p->snapshot, f->name, (long)getpid());
    cli_exit status = to && at && draft ? CLI_EXIT_OK : no_memory(p);
    if (!status && (symlink(to, draft) || rename(draft, at))) {
        status = cant_write(p, at);
        unlink(draft);
    }
    ocrvl_free(to);
    ocrvl_free(at);
    ocrvl_free(draft);
    return status;
}

static cli_exit put_ref(pulling *p)
{
    char *at = made("%s/refs/%s", p->folder, p->revision), *draft = made("%s/refs/.%ld", p->folder, (long)getpid());
    cli_exit status = at && draft ? CLI_EXIT_OK : no_memory(p);
    errno = status ? 0 : cli_make_folders(at);
    FILE *f = status || errno ? NULL : fopen(draft, "we");
    if (!status && (!f || fputs(p->list.commit, f) < 0))
        status = cant_write(p, at);
    if (f && fclose(f) && !status)
        status = cant_write(p, at);
    if (!status && rename(draft, at))
        status = cant_write(p, at);
    if (status && draft)
        unlink(draft);
    ocrvl_free(at);
    ocrvl_free(draft);
    return status;
}

/* ---- the files --------------------------------------------------------------------------------------- */

static cli_exit fetch(pulling *p, const cli_hub_file *f)
{
    ocrvl_error err;
    uint32_t status = 0;
    bool written = true;
    if (is_there(p, f)) {
        cli_detail(&p->log, p->id, 0, "%s: there already", f->name);
        return put_link(p, f);
    }
    char *url = made("%s/%s/resolve/%s/%s", p->address, p->name, p->list.commit, f->name);
    if (!url)
        return no_memory(p);
    ocrvl_status st = cli_hub_file_fetch(&p->hub, url, f, p->blobs, &written, &status, &err);
    ocrvl_free(url);
    if (st)
        return failed(p, f->name, status == 200 || status == 206 ? 0 : status, written, &err);
    cli_progress_wipe(&p->progress);
    cli_detail(&p->log, p->id, 0, "%s: %" PRIu64 " bytes", f->name, f->size);
    return put_link(p, f);
}

/* Whether ocrvl can use the checkpoint, by what is there before its weights. */
static cli_exit check_model(pulling *p)
{
    ocrvl_error err;
    ocrvl_model *m;
    if (p->args->any)
        return CLI_EXIT_OK;
    char *index = ocrvl_path_join(p->snapshot, "model.safetensors.index.json");
    if (!index)
        return no_memory(p);
    ocrvl_status st = cli_hub_list_check(&p->list, index, &err);
    ocrvl_free(index);
    if (!st)
        st = ocrvl_dev_model_open(&m, p->snapshot, OCRVL_DEV_OPEN_NO_WEIGHTS, &err);
    if (!st) {
        ocrvl_model_free(m);
        return CLI_EXIT_OK;
    }
    const char *message = err.message;
    size_t n = strlen(p->snapshot);
    if (strncmp(message, p->snapshot, n) == 0 && message[n] == '/')
        message += n + 1;
    cli_error(&p->log, p->id, 0, "%s; its weights were not fetched (--any fetches them)", message);
    return CLI_EXIT_MODEL;
}

static cli_exit fetch_all(pulling *p)
{
    char *refs = made("%s/refs/x", p->folder), *blob = made("%s/x", p->blobs), *link = made("%s/x", p->snapshot);
    cli_exit status = refs && blob && link ? CLI_EXIT_OK : no_memory(p);
    int e = status ? 0 : cli_make_folders(refs);
    e = e || status ? e : cli_make_folders(blob);
    e = e || status ? e : cli_make_folders(link);
    if (e) {
        errno = e;
        status = cant_write(p, p->folder);
    }
    ocrvl_free(refs);
    ocrvl_free(blob);
    ocrvl_free(link);
    bool checked = false;
    if (!status)
        status = check_room(p);
    for (size_t i = 0; !status && i < p->list.count; i++) {
        if (!checked && cli_hub_is_weights(&p->list.files[i])) {
            checked = true;
            status = check_model(p);
        }
        if (!status)
            status = fetch(p, &p->list.files[i]);
    }
    if (!status && !checked)
        status = check_model(p);
    return status || strcmp(p->revision, p->list.commit) == 0 ? status : put_ref(p);
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static cli_exit print_list(pulling *p)
{
    uint64_t all = 0;
    for (size_t i = 0; i < p->list.count; i++) {
        printf("%12" PRIu64 "  %s\n", p->list.files[i].size, p->list.files[i].name);
        all += p->list.files[i].size;
    }
    printf("%12" PRIu64 "  %s@%s\n", all, p->name, p->list.commit);
    return fflush(stdout) || ferror(stdout) ? cant_write(p, "-") : CLI_EXIT_OK;
}

static cli_exit run_pulling(pulling *p)
{
    const char *at = strchr(p->id, '@');
    p->name = ocrvl_strndup(p->id, at ? (size_t)(at - p->id) : strlen(p->id));
    p->revision = at ? at + 1 : "main";
    if (!p->name)
        return no_memory(p);
    if (is_offline()) {
        cli_error(&p->log, p->id, 0, "nothing is fetched from the hub while $HF_HUB_OFFLINE is set");
        return CLI_EXIT_INPUT;
    }
    cli_exit status = find_address(p);
    if (!status)
        status = find_token(p);
    if (!status)
        status = get_list(p);
    if (!status && p->args->list)
        return print_list(p);
    if (!status)
        status = make_cache(p);
    if (!status)
        status = fetch_all(p);
    if (status)
        return status;
    printf("%s\n", p->snapshot);
    return fflush(stdout) || ferror(stdout) ? cant_write(p, "-") : CLI_EXIT_OK;
}

static void free_pulling(pulling *p)
{
    cli_hub_list_free(&p->list);
    ocrvl_free(p->address);
    ocrvl_free(p->token);
    ocrvl_free(p->name);
    ocrvl_free(p->folder);
    ocrvl_free(p->blobs);
    ocrvl_free(p->snapshot);
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    pull_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (count == 0 || !ocrvl_hub_is_id(argv[1]))
        return cli_usage_error(self,
                               count ? "'%s' is not the id of a model, Owner/Name or Owner/Name@REVISION"
                                     : "name a model by its id, such as Qwen/Qwen2-VL-2B-Instruct",
                               argv[1]);
    pulling p = {.args = &args, .id = argv[1]};
    p.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose, .progress = &p.progress};
    p.hub.log = &p.log;
    p.hub.progress = &p.progress;
    cli_progress_init(&p.progress, !args.quiet && !args.no_progress, 1);
    status = run_pulling(&p);
    cli_progress_wipe(&p.progress);
    free_pulling(&p);
    return status;
}

static const char *const usage[] = {"[OPTIONS] MODEL", NULL};

const cli_command cli_command_pull = {
    .name = "pull",
    .summary = "fetch a checkpoint from the Hugging Face hub",
    .usage = usage,
    .about = "Fetches the files that ocrvl needs of MODEL, which is OWNER/NAME or OWNER/NAME@REVISION, into the cache "
             "that Python's client of the hub keeps, "
             "goes on where it was broken off, checks their digests, and prints the folder. Afterwards -m MODEL finds "
             "it.",
    .options = options,
    .operands = 1,
    .run = run,
};
