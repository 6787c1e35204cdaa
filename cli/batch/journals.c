#include "batch/journals.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/line.h"

/* How much of a file is taken at a time, and the longest line. */
enum { PIECE = 1 << 22, MAX_LINE = 1 << 20, MAX_PAGES = 100000 };

typedef struct reading_journal {
    batch_state *state;
    batch_written_list *written;     /* NULL: the state is read; or else the outputs are */
    const char *name;                /* of the file, without its suffix */
    ocrvl_buf text, root, mets, url; /* names of the line in hand */
    size_t last;                     /* index of the document of the line before */
    bool no_memory;
    bool looked; /* whether the lists were read again for it */
} reading_journal;

static cli_exit take_folder(batch_state *s, const char *folder, bool inputs);

/* ---- lines ------------------------------------------------------------------------------------------- */

static void take_input(reading_journal *r, const batch_line *l)
{
    bool good;
    uint32_t unit = batch_line_hex_of(l, "u", &good);
    bool of_mets = batch_line_has(l, "mets"), by_url = batch_line_has(l, "url");
    if (!good || !batch_line_name_of(l, "name", &r->text) || !batch_line_name_of(l, "root", &r->root) ||
        (of_mets && !batch_line_name_of(l, "mets", &r->mets)) || (by_url && !batch_line_name_of(l, "url", &r->url))) {
        r->no_memory |= r->text.failed || r->root.failed || r->mets.failed || r->url.failed;
        return;
    }
    const uint64_t changes = batch_line_count_of(l, "changes");
    batch_input in = {.name = r->text.data,
                      .size = batch_line_count_of(l, "size"),
                      .mtime = batch_line_int_of(l, "mtime"),
                      .mets = of_mets ? r->mets.data : NULL,
                      .url = by_url ? r->url.data : NULL,
                      .changes = changes < UINT16_MAX ? (uint16_t)changes : UINT16_MAX};
    uint64_t seen = batch_line_count_of(l, "seen");
    r->no_memory |= batch_state_add(r->state, r->root.data, &in, unit, seen) != CLI_EXIT_OK;
}

/* The document of that name: as a rule the one of the line before, or the one after it. */
static batch_doc *near_doc(const batch_state *s, size_t last, const char *name)
{
    for (size_t i = last; i < s->count && i < last + 2; i++)
        if (strcmp(s->docs[i].name, name) == 0)
            return &s->docs[i];
    return batch_state_find(s, name);
}

/* The document that a line is about, or NULL if it is about none, or about another state of its file. Lines about
 * outputs don't tell the state: they tell the results. */
static batch_doc *line_doc(reading_journal *r, const batch_line *l)
{
    bool told, any = batch_line_has(l, "out");
    uint32_t of = batch_line_hex_of(l, "of", &told);
    if ((!told && !any) || !batch_line_name_of(l, "doc", &r->text)) {
        r->no_memory |= r->text.failed;
        return NULL;
    }
    batch_doc *d = near_doc(r->state, r->last, r->text.data);
    if ((!d || (!any && d->of != of)) && !r->looked) { /* it may have been found since the lists were read */
        r->looked = true;
        r->no_memory |= take_folder(r->state, "inputs", true) != CLI_EXIT_OK;
        d = batch_state_find(r->state, r->text.data);
    }
    r->last = d ? (size_t)(d - r->state->docs) : 0;
    return d && (any || d->of == of) ? d : NULL;
}

/* How many pages a document may have, so that a line that lies doesn't take all memory. */
static uint64_t most_pages(const batch_state *s)
{
    uint64_t most = s->max_pages ? s->max_pages : MAX_PAGES;
    return most < UINT32_MAX / 2 ? most : UINT32_MAX / 2;
}

/* Makes room for the record of a page. */
static batch_page *page_place(reading_journal *r, batch_doc *d, uint64_t page)
{
    if (page >= most_pages(r->state))
        return NULL;
    if (!batch_doc_reserve(r->state, d, (uint32_t)page + 1)) {
        r->no_memory = true;
        return NULL;
    }
    return &d->pages[page];
}

/* Whether of two results of a page the new one counts: the one whose file's name is first, so that all processes
 * agree. */
static bool counts(reading_journal *r, const batch_page *old, const batch_page *fresh)
{
    if (old->status == BATCH_PENDING)
        return true;
    r->state->irreproducible += old->crc != fresh->crc;
    return old->file != fresh->file && strcmp(r->state->results[fresh->file], r->state->results[old->file]) < 0;
}

/* Whether a list of texts has that one. */
static bool has_item(const batch_line *l, const char *key, const char *text)
{
    size_t at = 0, len, n = strlen(text);
    const char *item;
    while ((item = batch_line_item(l, key, &at, &len)))
        if (len == n + 2 && memcmp(item + 1, text, n) == 0) /* in quotes */
            return true;
    return false;
}

/* Takes what a page's warnings are called, each once. They come from us and are short words; what isn't is left out. */
static void take_codes(reading_journal *r, const batch_line *l, batch_page *p)
{
    char codes[200];
    size_t at = 0, len, n = 0;
    uint8_t number = 0;
    const char *item;
    while ((item = batch_line_item(l, "w", &at, &len))) {
        bool word = len > 2 && strspn(item + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") == len - 2;
        bool known = false;
        for (size_t i = 0; word && i < n && !known; i += strcspn(codes + i, ",") + 1)
            known = strncmp(codes + i, item + 1, len - 2) == 0 && strchr(",", codes[i + len - 2]);
        if (word && !known && n + len < sizeof codes)
            n += (size_t)snprintf(codes + n, sizeof codes - n, "%s%.*s", n ? "," : "", (int)len - 2, item + 1);
    }
    r->no_memory |= n && !batch_state_codes(r->state, codes, &number);
    p->codes = number;
}

static size_t count_items(const batch_line *l, const char *key)
{
    size_t at = 0, len, n = 0;
    while (batch_line_item(l, key, &at, &len))
        n++;
    return n;
}

static void take_total(reading_journal *r, const batch_line *l, batch_doc *d)
{
    uint64_t pages = batch_line_count_of(l, "n");
    if (pages && pages <= most_pages(r->state))
        r->no_memory |= !batch_doc_set_total(r->state, d, (uint32_t)pages);
    uint64_t per = batch_line_count_of(l, "per");
    d->per = per && per <= most_pages(r->state) ? (uint32_t)per : d->per;
}

static void take_page(reading_journal *r, const batch_line *l, batch_doc *d)
{
    char file[320];
    bool good, of_unit;
    uint64_t number = batch_line_count_of(l, "p");
    uint32_t unit = batch_line_hex_of(l, "u", &of_unit);
    const size_t warnings = count_items(l, "w");
    batch_page p = {.offset = batch_line_count_of(l, "off"),
                    .length = (uint32_t)batch_line_count_of(l, "len"),
                    .crc = batch_line_hex_of(l, "sum", &good),
                    .line = l->crc,
                    .seconds = (float)batch_line_number_of(l, "sec"),
                    .confidence = (float)batch_line_number_of(l, "conf"),
                    .worst = (float)batch_line_number_of(l, "worst"),
                    .status = (uint8_t)batch_line_index(l, "s", batch_page_status_names),
                    .reason = (uint8_t)batch_line_index(l, "r", batch_reasons),
                    .warnings = warnings < 63 ? warnings & 63 : 63,
                    .unread = has_item(l, "w", "unread"),
                    .taken = batch_line_has(l, "as")};
    if (warnings)
        take_codes(r, l, &p);
    take_total(r, l, d);
    if (!good || !of_unit || !p.status || number == 0 || batch_state_is_void(r->state, d, l->crc))
        return;
    snprintf(file, sizeof file, "%08x.%s.gz", (unsigned)unit, r->name);
    r->no_memory |= !batch_state_result(r->state, file, &p.file);
    batch_page *to = page_place(r, d, number - 1);
    if (to && !r->no_memory && counts(r, to, &p))
        *to = p;
    d->changed = false;
}

static void take_document(reading_journal *r, const batch_line *l, batch_doc *d)
{
    bool good;
    uint32_t sum = batch_line_hex_of(l, "sum", &good);
    unsigned i = batch_line_index(l, "s", batch_doc_status_names);
    if (batch_line_has(l, "out") && good) {
        r->no_memory |= !batch_state_written(r->state, d, sum, count_items(l, "unfit") > 0);
    } else if ((i == BATCH_DOC_FAILED || i == BATCH_DOC_MISSING) && !batch_state_is_void(r->state, d, l->crc)) {
        d->status = (uint8_t)i;
        d->line = l->crc;
        d->reason = (uint8_t)batch_line_index(l, "r", batch_reasons);
    }
}

/* An output of the document can't be written. */
static void take_loss(reading_journal *r, const batch_line *l, batch_doc *d)
{
    unsigned format = batch_line_format(l, "f");
    if (format && !batch_state_is_void(r->state, d, l->crc))
        r->no_memory |= !batch_state_lose(r->state, d, format, batch_line_index(l, "r", batch_reasons), l->crc);
}

static void take_written_file(reading_journal *r, const batch_output_line *o, const batch_doc *d, uint64_t time)
{
    static const char digits[] = "0123456789abcdef";
    batch_written_list *l = r->written;
    batch_written_file w = {.doc = d, .bytes = o->bytes, .time = time, .name = ocrvl_strdup(o->name)};
    for (size_t i = 0; i < sizeof o->sha256; i++) {
        w.sha256[2 * i] = digits[o->sha256[i] >> 4];
        w.sha256[2 * i + 1] = digits[o->sha256[i] & 15];
    }
    if (w.name && OCRVL_ARRAY_RESERVE(l->items, l->cap, l->count + 1)) {
        l->items[l->count++] = w;
    } else {
        ocrvl_free(w.name);
        r->no_memory = true;
    }
}

static void take_written(reading_journal *r, const batch_line *l, const batch_doc *d)
{
    const char *item;
    size_t at = 0, len;
    bool good;
    batch_output_line file;
    if (batch_line_hex_of(l, "sum", &good) != d->written || !good)
        return;
    while (!r->no_memory && (item = batch_line_item(l, "out", &at, &len))) {
        if (batch_output_take(&file, &r->text, item, len, d->name))
            take_written_file(r, &file, d, batch_line_count_of(l, "at"));
        r->no_memory |= r->text.failed;
    }
}

static void take_event(reading_journal *r, const batch_line *l)
{
    bool good;
    batch_doc *d = batch_line_has(l, "doc") ? line_doc(r, l) : NULL;
    if (!r->written && batch_line_is(l, "t", "w"))
        r->no_memory |= !batch_state_begun(r->state, batch_line_hex_of(l, "u", &good));
    if (!r->written && batch_line_is(l, "t", "k") && batch_line_name_of(l, "who", &r->text))
        r->no_memory |= !batch_state_end(r->state, r->text.data);
    if (!d)
        return;
    if (r->written) {
        if (batch_line_is(l, "t", "d") || batch_line_is(l, "t", "x"))
            take_written(r, l, d);
    } else if (batch_line_is(l, "t", "p")) {
        take_page(r, l, d);
    } else if (batch_line_is(l, "t", "n")) {
        take_total(r, l, d);
    } else if (batch_line_is(l, "t", "d")) {
        take_document(r, l, d);
    } else if (batch_line_is(l, "t", "g")) {
        take_loss(r, l, d);
    } else if (batch_line_is(l, "t", "v")) {
        r->no_memory |= !batch_state_void(r->state, d, batch_line_hex_of(l, "line", &good));
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
        static const char begun[] = "{\"t\":\"b\""; /* tells who dies, and nothing else */
        size_t n = (size_t)(end - data) - at;
        bool skip = n > sizeof begun && memcmp(data + at, begun, sizeof begun - 1) == 0;
        batch_line line;
        bool good = !skip && batch_line_parse(&line, data + at, n);
        r->state->torn += !good && !skip;
        if (good && inputs)
            take_input(r, &line);
        else if (good)
            take_event(r, &line);
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
    ocrvl_buf_free(&r.text);
    ocrvl_buf_free(&r.root);
    ocrvl_buf_free(&r.mets);
    ocrvl_buf_free(&r.url);
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
    int error = 0;
    for (const char *entry; !status && (entry = ocrvl_folder_next(d, &error));) {
        size_t len = strlen(entry);
        if (len <= 6 || len > 200 || strcmp(entry + len - 6, ".jsonl") != 0)
            continue;
        char *name = ocrvl_strdup(entry);
        if (name && OCRVL_ARRAY_RESERVE(*names, cap, *count + 1)) {
            (*names)[(*count)++] = name;
        } else {
            ocrvl_free(name);
            status = batch_no_memory(s->store->log);
        }
    }
    if (error)
        status = batch_store_failed(s->store, path, error);
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
    batch_state_settle(s);
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
