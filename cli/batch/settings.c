#define _XOPEN_SOURCE 700 /* realpath */

#include "batch/settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/weights.h"
#include "options.h"

enum { MAX_BYTES = 1 << 20 };

/* Raised with the meaning of what is in OUT/.ocrvl. */
#define FORMAT "ocrvl.batch/2"

/* Options that say how the work is done, or what a command prints: they may be others each time. */
static const char *const passing[] = {"threads",       "batch",
                                      "password",      "hash",
                                      "quiet",         "verbose",
                                      "no-progress",   "reread",
                                      "null",          "json",
                                      "failed",        "settle",
                                      "unit",          "follow-links",
                                      "no-drafts",     "private-addresses",
                                      "jobs",          "wait",
                                      "shard",         "page-timeout",
                                      "lease",         "grace",
                                      "status",        "reason",
                                      "doc",           "inputs",
                                      "output",        "worst",
                                      "password-file", "decoder-memory",
                                      "in-process",    "include",
                                      "below",         "exclude",
                                      "watch",         "max-failures",
                                      "prometheus",    "progress",
                                      "decoders",      "doc-timeout",
                                      "no-dedupe",     NULL};

/* Options that say what is made of the results. */
static const char *const outward[] = {
    "format", "no-keep",   "file-grp",     "place",        "keep-suffix",      "alto-single",    "pdfa",
    "redo",   "no-images", "join-hyphens", "keep-hyphens", "alto-flat-tables", "pdfa-rasterize", NULL};

static bool is_among(const char *const *names, const char *word)
{
    size_t len = strcspn(word, "=");
    for (; *names; names++)
        if (strlen(*names) == len && strncmp(*names, word, len) == 0)
            return true;
    return false;
}

/* ---- options as words -------------------------------------------------------------------------------- */

static void put_list(ocrvl_buf *b, const cli_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_buf_printf(b, "%s%.*s", i ? "," : "", (int)l->items[i].len, l->items[i].text);
}

static void put_pages(ocrvl_buf *b, const cli_pages *p)
{
    for (size_t i = 0; i < p->count; i++) {
        ocrvl_buf_printf(b, "%s%llu-", i ? "," : "", (unsigned long long)p->spans[i].first);
        if (p->spans[i].last)
            ocrvl_buf_put_uint(b, p->spans[i].last);
    }
}

/* Appends the option's value as a command line has it; nothing if it is its default. */
static void put_value(ocrvl_buf *b, const cli_option *o, const void *values, const void *defaults)
{
    const void *v = (const char *)values + o->offset, *d = (const char *)defaults + o->offset;
    const char *text = NULL;
    switch (o->kind) {
    case CLI_OPTION_FLAG:
    case CLI_OPTION_HELP: break;
    case CLI_OPTION_TEXT:
    case CLI_OPTION_NAME:
        text = *(const char *const *)v;
        ocrvl_buf_puts(b, text ? text : "");
        break;
    case CLI_OPTION_COUNT:
    case CLI_OPTION_BYTES:
        if (*(const uint64_t *)v != *(const uint64_t *)d)
            ocrvl_buf_put_uint(b, *(const uint64_t *)v);
        break;
    case CLI_OPTION_NUMBER:
        if (fabs(*(const double *)v - *(const double *)d) > 0)
            ocrvl_buf_put_number(b, *(const double *)v, 9);
        break;
    case CLI_OPTION_CHOICE:
        if (*(const unsigned *)v != *(const unsigned *)d)
            ocrvl_buf_puts(b, o->choices[*(const unsigned *)v]);
        break;
    case CLI_OPTION_FILES:
    case CLI_OPTION_LIST: put_list(b, v); break;
    case CLI_OPTION_PAGES: put_pages(b, v); break;
    }
}

/* Makes words of the options that aren't passing and have no default value. */
static bool put_words(char ***words, size_t *count, size_t *cap, const batch_args *args)
{
    static const batch_args defaults = BATCH_DEFAULTS;
    for (const cli_option *o = batch_options; o->name; o++) {
        ocrvl_buf value = {0}, word = {0};
        if (is_among(passing, o->name) || o->kind == CLI_OPTION_HELP)
            continue;
        put_value(&value, o, args, &defaults);
        if (o->kind == CLI_OPTION_FLAG && *(const bool *)((const char *)args + o->offset))
            ocrvl_buf_printf(&word, "--%s", o->name);
        else if (value.len)
            ocrvl_buf_printf(&word, "--%s=%s", o->name, value.data);
        bool failed = value.failed || word.failed;
        ocrvl_buf_free(&value);
        if (word.len && !failed) {
            if (!OCRVL_ARRAY_RESERVE(*words, *cap, *count + 1))
                failed = true;
            else
                (*words)[(*count)++] = ocrvl_buf_steal(&word, NULL);
        }
        ocrvl_buf_free(&word);
        if (failed)
            return false;
    }
    return true;
}

static void free_words(char **words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ocrvl_free(words[i]);
    ocrvl_free(words);
}

/* ---- batch.json -------------------------------------------------------------------------------------- */

static cli_exit take_kept(batch_settings *s, const batch_store *store, const char *path)
{
    const ocrvl_json *options = ocrvl_json_get(s->kept, "options");
    const char *format = ocrvl_json_string(ocrvl_json_get(s->kept, "format"), NULL);
    const char *print = ocrvl_json_string(ocrvl_json_get(s->kept, "fingerprint"), NULL);
    size_t cap = 0;
    if (!format || strcmp(format, FORMAT) != 0 || !ocrvl_is_sha256(print)) {
        cli_error(store->log, path, 0, "this version of ocrvl reads batches of the format " FORMAT ", and not %.40s",
                  format ? format : "this file");
        return CLI_EXIT_USAGE;
    }
    char digits[9] = {0};
    memcpy(digits, print, 8);
    s->fingerprint = (uint32_t)strtoul(digits, NULL, 16);
    if (s->words) /* the arguments are made of these, and stay */
        return CLI_EXIT_OK;
    for (size_t i = 0; i <= ocrvl_json_length(options); i++) {
        const char *word = i ? ocrvl_json_string(ocrvl_json_at(options, i - 1), NULL) : "batch";
        if (!word)
            continue;
        if (!OCRVL_ARRAY_RESERVE(s->words, cap, s->count + 1) || !(s->words[s->count] = ocrvl_strdup(word)))
            return batch_no_memory(store->log);
        s->count++;
    }
    return CLI_EXIT_OK;
}

cli_exit batch_settings_load(batch_settings *s, const batch_store *store)
{
    ocrvl_error err;
    char *path = batch_store_path(store, "", "batch.json");
    cli_exit status = path ? CLI_EXIT_OK : CLI_EXIT_LIMIT;
    ocrvl_json_free(s->kept);
    s->kept = NULL;
    if (path && ocrvl_file_exists(path)) {
        if (ocrvl_json_load(&s->kept, path, MAX_BYTES, &err)) {
            cli_error(store->log, path, 0, "%s", err.message);
            status = cli_exit_of(err.status, CLI_EXIT_INPUT);
        } else {
            status = take_kept(s, store, path);
        }
    }
    ocrvl_free(path);
    return status;
}

void batch_settings_free(batch_settings *s)
{
    ocrvl_json_free(s->kept);
    free_words(s->words, s->count);
    for (size_t i = 0; i < sizeof s->paths / sizeof *s->paths; i++)
        ocrvl_free(s->paths[i]);
    memset(s, 0, sizeof *s);
}

void batch_settings_describe(const batch_settings *s, ocrvl_writer_options *opt)
{
    opt->model = ocrvl_json_string(ocrvl_json_get(s->kept, "model"), NULL);
    opt->model_sha256 = ocrvl_json_string(ocrvl_json_get(s->kept, "model_sha256"), NULL);
    opt->settings = ocrvl_json_string(ocrvl_json_get(s->kept, "settings"), NULL);
}

bool batch_settings_reads_lines(const batch_settings *s)
{
    const char *reader = ocrvl_json_string(ocrvl_json_get(s->kept, "reader"), NULL);
    return reader && strcmp(reader, "line") == 0;
}

/* ---- the command line -------------------------------------------------------------------------------- */

/* Makes a name [*len] that is given relative to a working directory absolute, in the memory that *kept has. */
static cli_exit make_one_absolute(char **kept, const char **name, size_t *len)
{
    if (!*len || **name == '/' || (*len == 4 && memcmp(*name, "nano", 4) == 0))
        return CLI_EXIT_OK;
    char *text = ocrvl_strndup(*name, *len);
    if (!text)
        return CLI_EXIT_LIMIT;
    char *real = realpath(text, NULL);
    ocrvl_free(text);
    if (!real)
        return CLI_EXIT_OK;
    ocrvl_free(*kept);
    *kept = ocrvl_strdup(real);
    free(real);
    if (!*kept)
        return CLI_EXIT_LIMIT;
    *name = *kept;
    *len = strlen(*kept);
    return CLI_EXIT_OK;
}

static cli_exit make_absolute(batch_settings *s, batch_args *args)
{
    const char **names[] = {&args->read.model, &args->read.task.file};
    cli_list *lines = &args->read.line.dirs;
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < 2 && !status; i++) {
        size_t len = *names[i] ? strlen(*names[i]) : 0;
        status = make_one_absolute(&s->paths[i], names[i], &len);
    }
    for (size_t i = 0; i < lines->count && i < CLI_LINE_MODELS && !status; i++)
        status = make_one_absolute(&s->paths[2 + i], &lines->items[i].text, &lines->items[i].len);
    return status;
}

static bool has_word(char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* Says which options differ from the kept ones. With --reread those that shape results may. */
static cli_exit compare(const batch_settings *s, const cli_command *cmd, const batch_args *args, bool outputs)
{
    char **words = NULL;
    size_t count = 0, cap = 0;
    bool fine = put_words(&words, &count, &cap, args);
    ocrvl_buf differ = {0};
    bool formats = false, shapes = false;
    for (size_t i = 0; fine && i < count + s->count; i++) {
        const char *word = i < count ? words[i] : s->words[i - count];
        bool kept = i < count ? has_word(s->words, s->count, word) : has_word(words, count, word);
        bool may = is_among(outward, word + 2) ? outputs : args->reread;
        if (kept || may || strcmp(word, "batch") == 0)
            continue;
        ocrvl_buf_printf(&differ, "%s%s%s", differ.len ? ", " : "", i < count ? "" : "not ", word);
        formats |= strncmp(word, "--format=", 9) == 0;
        shapes |= !is_among(outward, word + 2);
    }
    cli_exit status = fine ? CLI_EXIT_OK : CLI_EXIT_LIMIT;
    if (differ.len)
        status = cli_usage_error(cmd, "the folder was made with other options than those given now: %s%s", differ.data,
                                 shapes    ? " (--reread reads all pages again with these)"
                                 : formats ? " (batch export writes further formats)"
                                           : "");
    ocrvl_buf_free(&differ);
    free_words(words, count);
    return status;
}

cli_exit batch_settings_parse(batch_settings *s, const cli_command *cmd, batch_args *args, int argc, char **argv,
                              bool outputs, size_t *operands)
{
    cli_exit status = CLI_EXIT_OK;
    size_t none;
    if (s->kept && !cli_options_parse(cmd, args, (int)s->count, s->words, &none, &status))
        return status;
    cli_list formats = args->results.formats, lines = args->read.line.dirs;
    args->results.formats.count = args->read.line.dirs.count = 0;
    if (!cli_options_parse(cmd, args, argc, argv, operands, &status))
        return status;
    if (!args->results.formats.count)
        args->results.formats = formats;
    if (!args->read.line.dirs.count)
        args->read.line.dirs = lines;
    status = make_absolute(s, args);
    return status || !s->kept ? status : compare(s, cmd, args, outputs);
}

/* ---- the fingerprint --------------------------------------------------------------------------------- */

/* What shapes results, a line each. */
static bool put_shape(ocrvl_buf *b, char *const *words, size_t count, const cli_reading *r, const char *sha256,
                      const char *line_sha256, uint64_t readings)
{
    if (readings)
        ocrvl_buf_printf(b, "reading %llu\n", (unsigned long long)readings);
    ocrvl_buf_printf(b, "revision %u\nmodel %s\nline model %s\n", ocrvl_reading_revision(), sha256, line_sha256);
    for (size_t i = 0; i < count; i++)
        if (!is_among(outward, words[i] + 2) &&
            !is_among((const char *const[]){"model", "line-model", NULL}, words[i] + 2))
            ocrvl_buf_printf(b, "%s\n", words[i]);
    ocrvl_buf_printf(b, "prompt %s\n", r->task.text ? r->task.text : "");
    return !b->failed;
}

static void put_member(ocrvl_buf *b, const char *key, const char *value)
{
    if (!value)
        return;
    ocrvl_buf_printf(b, ",\"%s\":", key);
    ocrvl_json_put_string(b, value, strlen(value));
}

typedef struct large_weights {
    char sha256[OCRVL_SHA256_HEX],
        stamp[9]; /* stamp: "" if results tell the digest, as they do of weights up to 1 GiB */
} large_weights;

static void put_settings(ocrvl_buf *b, char *const *words, size_t count, const cli_reading *r,
                         const large_weights *large, const char *line_sha256, const char *print, uint64_t readings)
{
    ocrvl_buf_puts(b, "{\"format\":\"" FORMAT "\"");
    ocrvl_model_info info = {.size = sizeof info};
    if (r->model)
        ocrvl_model_get_info(r->model, &info);
    if (readings)
        ocrvl_buf_printf(b, ",\"rereadings\":%llu", (unsigned long long)readings);
    put_member(b, "ocrvl", ocrvl_version());
    put_member(b, "fingerprint", print);
    put_member(b, "reader", r->model && info.reader == OCRVL_READER_LINE ? "line" : "page");
    put_member(b, "model", r->opt->model);
    put_member(b, "model_sha256", *r->sha256 ? r->sha256 : NULL);
    put_member(b, "weights", *large->stamp ? large->stamp : NULL);
    put_member(b, "weights_sha256", *large->stamp ? large->sha256 : NULL);
    put_member(b, "line_model_sha256", *line_sha256 ? line_sha256 : NULL);
    put_member(b, "settings", r->settings.data);
    ocrvl_buf_puts(b, ",\"options\":[");
    for (size_t i = 0; i < count; i++) {
        ocrvl_buf_puts(b, i ? "," : "");
        ocrvl_json_put_string(b, words[i], strlen(words[i]));
    }
    ocrvl_buf_puts(b, "]}\n");
}

/* The digest of the weights: the kept one as long as their files are the same, or else they are read. */
static ocrvl_status take_digest(large_weights *w, const batch_settings *s, const cli_reading *r, ocrvl_error *err)
{
    const char *stamp = ocrvl_json_string(ocrvl_json_get(s->kept, "weights"), NULL);
    const char *kept = ocrvl_json_string(ocrvl_json_get(s->kept, "weights_sha256"), NULL);
    char *dir = NULL;
    snprintf(w->sha256, sizeof w->sha256, "%s", r->sha256);
    if (*w->sha256 || !r->model)
        return OCRVL_OK;
    if (cli_model_folder(r->log, r->args->model, &dir))
        return ocrvl_fail(err, OCRVL_E_IO, "the model's folder isn't there any more");
    snprintf(w->stamp, sizeof w->stamp, "%08x", (unsigned)batch_weights_of(dir).stamp);
    ocrvl_free(dir);
    if (!stamp || strcmp(stamp, w->stamp) != 0 || !ocrvl_is_sha256(kept))
        return ocrvl_model_sha256(r->model, w->sha256, err);
    memcpy(w->sha256, kept, sizeof w->sha256);
    return OCRVL_OK;
}

/* Whether what is kept by one of these keys, or that there is none of it, is another text. */
static bool is_other(const batch_settings *s, const char *key, const char *or_key, const char *text)
{
    const char *kept = ocrvl_json_string(ocrvl_json_get(s->kept, key), NULL);
    if (!kept && or_key)
        kept = ocrvl_json_string(ocrvl_json_get(s->kept, or_key), NULL);
    return strcmp(kept ? kept : "", text) != 0;
}

static cli_exit check_print(const batch_settings *s, const batch_store *store, const char *print, const char *sha256,
                            const char *line_sha256)
{
    if (!is_other(s, "fingerprint", NULL, print))
        return CLI_EXIT_OK;
    bool model = is_other(s, "weights_sha256", "model_sha256", sha256);
    bool lines = is_other(s, "line_model_sha256", NULL, line_sha256);
    cli_error(store->log, store->out, 0, "its results were read by another %s; --reread reads all pages again",
              model && lines ? "model, and with other line readers beside it"
              : model        ? "model"
              : lines        ? "set of line readers beside the model (see --line-model)"
                             : "version of ocrvl, or with another prompt");
    return CLI_EXIT_USAGE;
}

/* The digests of the line readers' weights, in their order, with a comma between them. */
static ocrvl_status put_digests(ocrvl_buf *b, const cli_reading *r, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && i < r->lines.count; i++) {
        char sha256[65];
        st = ocrvl_model_sha256(r->lines.at[i], sha256, err);
        if (!st)
            ocrvl_buf_printf(b, "%s%s", i ? "," : "", sha256);
    }
    return st ? st : b->failed ? OCRVL_E_NOMEM : OCRVL_OK;
}

cli_exit batch_settings_fix(batch_settings *s, const batch_store *store, const batch_args *args, const cli_reading *r,
                            bool again)
{
    char **words = NULL, print[OCRVL_SHA256_HEX];
    size_t count = 0, cap = 0;
    ocrvl_buf shape = {0}, file = {0}, digests = {0};
    ocrvl_error err;
    bool made = false;
    large_weights large = {0};
    int64_t readings = 0; /* how often --reread was given */
    (void)ocrvl_json_int(ocrvl_json_get(s->kept, "rereadings"), &readings);
    readings += s->kept && again;
    ocrvl_status st = put_words(&words, &count, &cap, args) ? OCRVL_OK : OCRVL_E_NOMEM;
    if (!st)
        st = put_digests(&digests, r, &err);
    const char *line_sha256 = digests.data ? digests.data : "";
    if (!st)
        st = take_digest(&large, s, r, &err);
    if (!st)
        st = put_shape(&shape, words, count, r, large.sha256, line_sha256, (uint64_t)readings) ? OCRVL_OK
                                                                                               : OCRVL_E_NOMEM;
    if (!st)
        st = ocrvl_sha256_hex(print, shape.data, shape.len, &err);
    cli_exit status = cli_exit_of(st, CLI_EXIT_MODEL);
    if (st)
        cli_error(store->log, NULL, 0, "%s", st == OCRVL_E_NOMEM ? "out of memory" : err.message);
    if (!status && (!s->kept || again)) {
        put_settings(&file, words, count, r, &large, line_sha256, print, (uint64_t)readings);
        status = file.failed ? batch_no_memory(store->log)
                             : batch_store_make(store, "batch.json", file.data, file.len, s->kept && again, &made);
        if (!status)
            status = batch_settings_load(s, store);
    }
    if (!status)
        status = check_print(s, store, print, large.sha256, line_sha256);
    ocrvl_buf_free(&shape);
    ocrvl_buf_free(&file);
    ocrvl_buf_free(&digests);
    free_words(words, count);
    return status;
}
