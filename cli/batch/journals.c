#include "batch/journals.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/mem.h"
#include "batch/line.h"

/* How much of a file is taken at a time, and the longest line. */
enum { PIECE = 1 << 22, MAX_LINE = 1 << 20, MAX_PAGES = 1 << 24 };

typedef struct reading_journal {
    batch_state *state;
    batch_written_list *written; /* NULL: the state is read; or else the outputs are */
    const char *name;            /* of the file, without its suffix */
    bool no_memory;
    bool looked; /* whether the lists were read again for it */
} reading_journal;

static cli_exit take_folder(batch_state *s, const char *folder, bool inputs);

/* ---- lines ------------------------------------------------------------------------------------------- */

static void take_input(reading_journal *r, const ocrvl_json *o)
{
    char *root = batch_line_get_name(o, "root"), *name = batch_line_get_name(o, "name"),
         *mets = batch_line_get_name(o, "mets");
    const char *unit = batch_line_get(o, "unit");
    int64_t mtime = 0;
    (void)ocrvl_json_int(ocrvl_json_get(o, "mtime"), &mtime);
    if (root && name && unit)
        r->no_memory |= batch_state_add(r->state, root, name, batch_line_get_count(o, "size"), mtime,
                                        strtoull(unit, NULL, 16), batch_line_get_count(o, "seen"), mets) != CLI_EXIT_OK;
    ocrvl_free(root);
    ocrvl_free(name);
    ocrvl_free(mets);
}

/* The document that a line is about, or NULL if it is about none, or about another state of its file. */
static batch_doc *line_doc(reading_journal *r, const ocrvl_json *o)
{
    bool good;
    char *name = batch_line_get_name(o, "doc");
    uint32_t of = batch_line_get_hex(o, "of", &good);
    batch_doc *d = name && good ? batch_state_find(r->state, name) : NULL;
    if (name && good && (!d || d->of != of) && !r->looked) { /* it may have been found since the lists were read */
        r->looked = true;
        r->no_memory |= take_folder(r->state, "inputs", true) != CLI_EXIT_OK;
        d = batch_state_find(r->state, name);
    }
    ocrvl_free(name);
    return d && d->of == of ? d : NULL;
}

/* Makes room for the record of a page. */
static batch_page *page_place(reading_journal *r, batch_doc *d, uint64_t page)
{
    if (page >= MAX_PAGES)
        return NULL;
    if (!batch_doc_reserve(d, (uint32_t)page + 1)) {
        r->no_memory = true;
        return NULL;
    }
    return &d->pages[page];
}

/* Whether of two results of a page the new one counts: the one whose file's name is first, so that all processes agree. */
static bool counts(reading_journal *r, const batch_page *old, const batch_page *fresh)
{
    if (old->status == BATCH_PENDING)
        return true;
    r->state->irreproducible += old->crc != fresh->crc;
    return old->file != fresh->file && strcmp(r->state->results[fresh->file], r->state->results[old->file]) < 0;
}

static void take_page(reading_journal *r, const ocrvl_json *o, batch_doc *d, uint32_t line)
{
    char file[320];
    bool good;
    uint64_t number = batch_line_get_count(o, "page");
    const char *unit = batch_line_get(o, "unit"), *result = batch_line_get(o, "result");
    batch_page p = {.offset = batch_line_get_count(o, "offset"),
                    .length = (uint32_t)batch_line_get_count(o, "length"),
                    .crc = batch_line_get_hex(o, "sum", &good),
                    .line = line,
                    .seconds = (float)batch_line_get_number(o, "seconds"),
                    .confidence = (float)batch_line_get_number(o, "confidence"),
                    .worst = (float)batch_line_get_number(o, "worst"),
                    .status = (uint8_t)batch_index_of(batch_page_status_names, batch_line_get(o, "status")),
                    .reason = (uint8_t)batch_index_of(batch_reasons, batch_line_get(o, "reason")),
                    .warnings = (uint16_t)ocrvl_json_length(ocrvl_json_get(o, "warnings"))};
    if (!good || !p.status || number == 0 || (!result && !unit) || batch_state_is_void(r->state, d, line))
        return;
    snprintf(file, sizeof file, "%s.%s.gz", unit ? unit : "", r->name);
    r->no_memory |= !batch_state_result(r->state, result ? result : file, &p.file);
    batch_page *to = page_place(r, d, number - 1);
    if (to && !r->no_memory && counts(r, to, &p))
        *to = p;
}

static void take_document(reading_journal *r, const ocrvl_json *o, batch_doc *d, uint32_t line)
{
    const char *status = batch_line_get(o, "status");
    bool good;
    uint32_t sum = batch_line_get_hex(o, "sum", &good);
    unsigned i = batch_index_of(batch_doc_status_names, status);
    if (i == BATCH_DOC_DONE && good) {
        d->written = sum;
        d->interrupted = false;
    } else if ((i == BATCH_DOC_FAILED || i == BATCH_DOC_MISSING) && !batch_state_is_void(r->state, d, line)) {
        d->status = (uint8_t)i;
        d->line = line;
        d->reason = (uint8_t)batch_index_of(batch_reasons, batch_line_get(o, "reason"));
    }
}

static void take_written(reading_journal *r, const ocrvl_json *o, const batch_doc *d)
{
    const ocrvl_json *outputs = ocrvl_json_get(o, "outputs");
    batch_written_list *l = r->written;
    bool good;
    if (batch_line_get_hex(o, "sum", &good) != d->written || !good)
        return;
    for (size_t i = 0; i < ocrvl_json_length(outputs) && !r->no_memory; i++) {
        const ocrvl_json *f = ocrvl_json_at(outputs, i);
        const char *sha256 = batch_line_get(f, "sha256");
        batch_written_file w = {.doc = d,
                                .name = batch_line_get_name(f, "name"),
                                .bytes = batch_line_get_count(f, "bytes"),
                                .time = batch_line_get_count(o, "time")};
        bool sound = w.name && ocrvl_is_sha256(sha256);
        if (sound && OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1)) {
            memcpy(w.sha256, sha256, sizeof w.sha256);
            l->items[l->count++] = w;
        } else {
            ocrvl_free(w.name);
            r->no_memory |= sound;
        }
    }
}

static void take_event(reading_journal *r, const ocrvl_json *o)
{
    const char *type = batch_line_get(o, "t");
    bool good;
    uint32_t line = batch_line_get_hex(o, "crc", &good);
    if (!type || !ocrvl_json_get(o, "doc"))
        return;
    batch_doc *d = line_doc(r, o);
    if (!d)
        return;
    if (r->written) {
        if (strcmp(type, "doc") == 0 || strcmp(type, "export") == 0)
            take_written(r, o, d);
    } else if (strcmp(type, "page") == 0) {
        take_page(r, o, d, line);
    } else if (strcmp(type, "open") == 0) {
        uint64_t pages = batch_line_get_count(o, "pages");
        r->no_memory |= !batch_doc_set_total(r->state, d, pages < MAX_PAGES ? (uint32_t)pages : 0);
    } else if (strcmp(type, "doc") == 0) {
        take_document(r, o, d, line);
    } else if (strcmp(type, "write") == 0) {
        d->interrupted = true;
    } else if (strcmp(type, "void") == 0) {
        r->no_memory |= !batch_state_void(r->state, d, batch_line_get_hex(o, "line", &good));
    }
}

/* Takes the whole lines of a piece; returns how many bytes they are. */
static size_t take_lines(reading_journal *r, const char *data, size_t len, bool inputs)
{
    size_t at = 0;
    while (!r->no_memory) {
        const char *end = memchr(data + at, '\n', len - at);
        if (!end)
            break;
        static const char begun[] = "{\"t\":\"begin\""; /* tells who dies, and nothing else */
        size_t n = (size_t)(end - data) - at;
        bool skip = n > sizeof begun && memcmp(data + at, begun, sizeof begun - 1) == 0;
        ocrvl_json *o = skip ? NULL : batch_line_parse(data + at, n);
        r->state->torn += !o && !skip;
        if (o && inputs)
            take_input(r, o);
        else if (o)
            take_event(r, o);
        ocrvl_json_free(o);
        at += n + 1;
    }
    return at;
}

/* ---- files ------------------------------------------------------------------------------------------- */

static cli_exit take_file(batch_state *s, const char *folder, size_t index, batch_written_list *written)
{
    batch_journal *j = &s->journals[index];
    struct stat st;
    char name[256], *path = batch_store_path(s->store, folder, j->name);
    cli_exit status = CLI_EXIT_OK;
    if (!path)
        return CLI_EXIT_LIMIT;
    snprintf(name, sizeof name, "%.*s", (int)(strlen(j->name) - 6), j->name);
    reading_journal r = {.state = s, .name = name, .written = written};
    for (bool more = stat(path, &st) == 0; more && !status;) {
        j = &s->journals[index]; /* it may have moved */
        uint64_t left = (uint64_t)st.st_size > j->read ? (uint64_t)st.st_size - j->read : 0;
        ocrvl_buf b = {0};
        int e = left ? batch_read_at(&b, path, j->read, left < PIECE ? (size_t)left : PIECE) : 0;
        size_t taken = e || !b.data ? 0 : take_lines(&r, b.data, b.len, j->inputs);
        if (taken == 0 && b.len > MAX_LINE) { /* no line of ours */
            s->torn++;
            taken = b.len;
        }
        s->journals[index].read += taken;
        more = taken > 0;
        ocrvl_buf_free(&b);
        if (e && e != ENOENT && e != EIO)
            status = batch_store_failed(s->store, path, e);
        if (r.no_memory)
            status = CLI_EXIT_LIMIT;
    }
    ocrvl_free(path);
    return status;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The index of a file among those that were read before, or a new one. */
static cli_exit journal_index(batch_state *s, const char *name, bool inputs, size_t *out)
{
    for (*out = 0; *out < s->journal_count; ++*out)
        if (s->journals[*out].inputs == inputs && strcmp(s->journals[*out].name, name) == 0)
            return CLI_EXIT_OK;
    char *copy = ocrvl_strdup(name);
    if (!copy || !OCRVL_ARRAY_RESERVE(s->journals, s->journal_cap, s->journal_count + 1)) {
        ocrvl_free(copy);
        return batch_no_memory(s->store->log);
    }
    s->journals[s->journal_count++] = (batch_journal){.name = copy, .inputs = inputs};
    return CLI_EXIT_OK;
}

/* The files of a folder that end with .jsonl, by name. */
static cli_exit list_files(const batch_state *s, const char *folder, char ***names, size_t *count)
{
    char *path = batch_store_path(s->store, folder, "");
    DIR *d = path ? opendir(path) : NULL;
    cli_exit status = !path ? CLI_EXIT_LIMIT : d ? CLI_EXIT_OK : batch_store_failed(s->store, path, errno);
    size_t cap = 0;
    *names = NULL;
    *count = 0;
    for (struct dirent *e = d ? readdir(d) : NULL; e && !status; e = readdir(d)) {
        size_t len = strlen(e->d_name);
        if (len <= 6 || len > 200 || strcmp(e->d_name + len - 6, ".jsonl") != 0)
            continue;
        char *name = ocrvl_strdup(e->d_name);
        if (name && OCRVL_ARRAY_RESERVE(*names, cap, *count + 1)) {
            (*names)[(*count)++] = name;
        } else {
            ocrvl_free(name);
            status = batch_no_memory(s->store->log);
        }
    }
    if (d)
        closedir(d);
    ocrvl_free(path);
    if (*count)
        qsort(*names, *count, sizeof **names, compare_names);
    return status;
}

static cli_exit take_folder(batch_state *s, const char *folder, bool inputs)
{
    char **names;
    size_t count;
    cli_exit status = list_files(s, folder, &names, &count);
    for (size_t i = 0; i < count; i++) {
        size_t at;
        if (!status)
            status = journal_index(s, names[i], inputs, &at);
        if (!status)
            status = take_file(s, folder, at, NULL);
        ocrvl_free(names[i]);
    }
    ocrvl_free(names);
    return status;
}

cli_exit batch_journals_refresh(batch_state *s)
{
    size_t before = s->count;
    cli_exit status = take_folder(s, "inputs", true);
    if (!status)
        status = take_folder(s, "journal", false);
    return status || s->count == before ? status : batch_state_sort(s);
}

/* ---- outputs ----------------------------------------------------------------------------------------- */

static int compare_written(const void *a, const void *b)
{
    const batch_written_file *x = a, *y = b;
    int by_name = strcmp(x->name, y->name);
    if (by_name)
        return by_name;
    return (x->time < y->time) - (x->time > y->time); /* the last one first */
}

cli_exit batch_journals_written(batch_state *s, batch_written_list *l)
{
    cli_exit status = CLI_EXIT_OK;
    size_t n = 0;
    for (size_t i = 0; i < s->journal_count && !status; i++) {
        if (s->journals[i].inputs)
            continue;
        s->journals[i].read = 0;
        status = take_file(s, "journal", i, l);
    }
    if (l->count)
        qsort(l->items, l->count, sizeof *l->items, compare_written);
    for (size_t i = 0; i < l->count; i++) {
        if (n && strcmp(l->items[n - 1].name, l->items[i].name) == 0)
            ocrvl_free(l->items[i].name);
        else
            l->items[n++] = l->items[i];
    }
    l->count = n;
    return status;
}

void batch_written_free(batch_written_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_free(l->items[i].name);
    ocrvl_free(l->items);
    *l = (batch_written_list){0};
}
