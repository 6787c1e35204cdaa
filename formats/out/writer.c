/* Writers by name, their options, and the handling of failed writes. */
#include "out/writer.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"

/* The only list of the formats' names; the first one is no format. */
/* clang-format off */
#define FORMAT_LIST(F)                                                                                                 \
    F(OCRVL_FORMAT_TEXT, text)                                                                                         \
    F(OCRVL_FORMAT_JSON, json)                                                                                         \
    F(OCRVL_FORMAT_JSONL, jsonl)                                                                                       \
    F(OCRVL_FORMAT_HOCR, hocr)                                                                                         \
    F(OCRVL_FORMAT_ALTO, alto) F(OCRVL_FORMAT_PAGE, page) F(OCRVL_FORMAT_TSV, tsv) F(OCRVL_FORMAT_MARKDOWN, markdown)  \
        F(OCRVL_FORMAT_HTML, html) F(OCRVL_FORMAT_DOLMA, dolma) F(OCRVL_FORMAT_PDF, pdf)                     \
            F(OCRVL_FORMAT_CSV, csv) F(OCRVL_FORMAT_XLSX, xlsx)
/* clang-format on */

#define ROW(value, name) [value] = {#name, &ocrvl_##name##_ops},
static const struct {
    const char *name;
    const ocrvl_writer_ops *ops;
} formats[] = {FORMAT_LIST(ROW)};
#define FORMATS (sizeof formats / sizeof *formats)

bool ocrvl_format_by_name(const char *name, ocrvl_format *format)
{
    for (size_t i = 1; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0) {
            *format = (ocrvl_format)i;
            return true;
        }
    return false;
}

const char *ocrvl_format_name(ocrvl_format format)
{
    return format >= 1 && (unsigned)format < FORMATS ? formats[format].name : "unknown";
}

#define NAME(value, name) " " #name
const char *ocrvl_format_names(void) { return &FORMAT_LIST(NAME)[1]; }

bool ocrvl_format_one_page(ocrvl_format format)
{
    return format >= 1 && (unsigned)format < FORMATS && formats[format].ops->one_page;
}

bool ocrvl_format_says_failures(ocrvl_format format)
{
    return format >= 1 && (unsigned)format < FORMATS && formats[format].ops->says_failures;
}

/* ---- options ----------------------------------------------------------------------------------------- */

/* Copies s to *out; NULL stays NULL. Returns false if memory is exhausted. */
static bool keep(const char **out, const char *s)
{
    *out = s ? ocrvl_strdup(s) : NULL;
    return *out || !s;
}

static void let_go(const char *kept) { ocrvl_free((void *)(uintptr_t)kept); }

/* n digits at *s, stepping over them; -1 if they aren't there. */
static int digits(const char **s, int n)
{
    int v = 0;
    while (n-- > 0) {
        if (**s < '0' || **s > '9')
            return -1;
        v = v * 10 + (*(*s)++ - '0');
    }
    return v;
}

static bool skip(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

static bool is_time(const char **s)
{
    int h = digits(s, 2), m = skip(s, ':') ? digits(s, 2) : -1, sec = skip(s, ':') ? digits(s, 2) : -1;
    if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
        return false;
    if (skip(s, '.') && digits(s, 1) < 0)
        return false;
    while (**s >= '0' && **s <= '9')
        (*s)++;
    if (skip(s, 'Z'))
        return true;
    if (!skip(s, '+') && !skip(s, '-'))
        return true;
    h = digits(s, 2);
    m = skip(s, ':') ? digits(s, 2) : -1;
    return h >= 0 && h < 14 && m >= 0 && m <= 59;
}

bool ocrvl_is_datetime(const char *s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y = digits(&s, 4), m = skip(&s, '-') ? digits(&s, 2) : -1, d = skip(&s, '-') ? digits(&s, 2) : -1;
    if (y < 1 || m < 1 || m > 12 || d < 1)
        return false;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d > days[m - 1] + (m == 2 && leap))
        return false;
    if (*s == '\0')
        return true;
    return skip(&s, 'T') && is_time(&s) && *s == '\0';
}

static ocrvl_status keep_options(ocrvl_writer *w, const ocrvl_writer_options *opt, ocrvl_error *err)
{
    ocrvl_writer_options o = {0};
    if (opt && opt->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_writer_options.size is not set");
    if (opt)
        memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    w->opt.join_hyphens = o.join_hyphens;
    w->opt.pages = o.pages;
    w->opt.pdfa = o.pdfa;
    w->opt.flat_tables = o.flat_tables;
    w->opt.exact = o.exact;
    w->opt.no_images = o.no_images;
    w->opt.table = o.table;
    w->opt.seconds = o.seconds;
    w->opt.on_note = o.on_note;
    w->opt.on_unfit = o.on_unfit;
    w->opt.pdfa_rasterize = o.pdfa_rasterize;
    w->opt.note_user = o.note_user;
    if (o.model_sha256 && !ocrvl_is_sha256(o.model_sha256))
        return ocrvl_fail(err, OCRVL_E_ARG, "\"%s\" is no SHA-256", o.model_sha256);
    if (o.datetime && !ocrvl_is_datetime(o.datetime))
        return ocrvl_fail(err, OCRVL_E_ARG, "\"%s\" is not a date and time such as 2026-11-24T10:00:00Z", o.datetime);
    if (!keep(&w->opt.model, o.model) || !keep(&w->opt.model_sha256, o.model_sha256) ||
        !keep(&w->opt.settings, o.settings) || !keep(&w->opt.datetime, o.datetime) ||
        !keep(&w->opt.password, o.password))
        return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

/* ---- the writer -------------------------------------------------------------------------------------- */

void ocrvl_writer_put(ocrvl_writer *w, const void *data, size_t len)
{
    if (len && !w->sys_errno)
        w->sys_errno = w->fn(w->user, data, len);
}

void ocrvl_writer_note(const ocrvl_writer *w, const char *file, const char *text)
{
    if (w->opt.on_note)
        w->opt.on_note(w->opt.note_user, file, text);
}

static void put_xml(void *user, const void *data, size_t len) { ocrvl_writer_put(user, data, len); }

ocrvl_status ocrvl_writer_new(ocrvl_writer **out, ocrvl_format format, ocrvl_write_fn fn, void *user,
                              const ocrvl_writer_options *opt, ocrvl_error *err)
{
    *out = NULL;
    if (format < 1 || (unsigned)format >= FORMATS)
        return ocrvl_fail(err, OCRVL_E_ARG, "there is no output format %d", (int)format);
    ocrvl_writer *w = ocrvl_alloc(sizeof *w);
    if (!w)
        return ocrvl_fail_nomem(err);
    w->ops = formats[format].ops;
    w->fn = fn;
    w->user = user;
    ocrvl_status st = keep_options(w, opt, err);
    if (!st && w->ops->xml && !(w->xml = ocrvl_xml_new(put_xml, w, w->ops->declared)))
        st = ocrvl_fail_nomem(err);
    if (st)
        ocrvl_writer_free(w);
    else
        *out = w;
    return st;
}

void ocrvl_writer_free(ocrvl_writer *w)
{
    if (!w)
        return;
    ocrvl_xml_free(w->xml);
    ocrvl_buf_free(&w->buf);
    ocrvl_buf_free(&w->last.head);
    ocrvl_vocabulary_free(&w->words);
    let_go(w->opt.model);
    let_go(w->opt.model_sha256);
    let_go(w->opt.settings);
    let_go(w->opt.datetime);
    let_go(w->opt.password);
    if (w->free_state)
        w->free_state(w->state);
    ocrvl_free(w->state);
    ocrvl_free(w->file);
    ocrvl_free(w);
}

void *ocrvl_writer_state(ocrvl_writer *w, size_t size, void (*clear)(void *state))
{
    if (!w->state) {
        w->state = ocrvl_alloc(size);
        w->free_state = w->state ? clear : NULL;
        w->nomem |= !w->state;
    }
    return w->state;
}

void ocrvl_writer_fail(ocrvl_writer *w, ocrvl_status st, const ocrvl_error *err)
{
    w->nomem |= st == OCRVL_E_NOMEM;
    if (!*w->why)
        snprintf(w->why, sizeof w->why, "%s", err->message);
}

static ocrvl_status report(const ocrvl_writer *w, ocrvl_error *err)
{
    if (w->failed == OCRVL_E_IO)
        return ocrvl_fail_errno(err, w->sys_errno, "cannot write");
    if (w->failed == OCRVL_E_FORMAT)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s", w->why);
    return w->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

/* Passes on what is buffered and checks all errors. Half a page may have been written, so a failure is final. */
static ocrvl_status flush_and_check(ocrvl_writer *w, ocrvl_error *err)
{
    w->nomem |= w->buf.failed;
    if (w->xml) {
        ocrvl_xml_flush(w->xml);
        w->nomem |= ocrvl_xml_failed(w->xml);
    } else if (!w->nomem) {
        ocrvl_writer_put(w, w->buf.data, w->buf.len);
    }
    ocrvl_buf_clear(&w->buf);
    w->failed = w->sys_errno ? OCRVL_E_IO : w->nomem ? OCRVL_E_NOMEM : *w->why ? OCRVL_E_FORMAT : OCRVL_OK;
    return report(w, err);
}

static ocrvl_status ready(const ocrvl_writer *w, ocrvl_error *err)
{
    if (w->finished && !w->failed)
        return ocrvl_fail(err, OCRVL_E_ARG, "the document is finished");
    return report(w, err);
}

/* Where a document begins, the words of the one before are forgotten. */
static void learn_words(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = {.size = sizeof info};
    uint64_t file = ocrvl_vocabulary_hash(place->file);
    if (!w->opt.join_hyphens && !w->ops->says_broken)
        return;
    if (w->pages > 1 && (file != w->words_file || place->index <= w->words_page))
        ocrvl_vocabulary_free(&w->words);
    w->words_file = file;
    w->words_page = place->index;
    ocrvl_page_get_info(page, &info);
    ocrvl_vocabulary_learn(&w->words, info.text);
    w->nomem |= w->words.failed;
}

ocrvl_status ocrvl_writer_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_page_place p = {0};
    ocrvl_status st = ready(w, err);
    if (st)
        return st;
    if (place->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_page_place.size is not set");
    memcpy(&p, place, place->size < sizeof p ? place->size : sizeof p);
    p.size = sizeof p;
    if (p.sha256 && !ocrvl_is_sha256(p.sha256))
        return ocrvl_fail(err, OCRVL_E_ARG, "\"%s\" is no SHA-256", p.sha256);
    if (p.no_page && !w->ops->says_failures)
        return ocrvl_fail(err, OCRVL_E_ARG, "this format has no way to record a document without pages");
    if (w->ops->one_page && w->pages == 1)
        return ocrvl_fail(err, OCRVL_E_ARG, "a document of this format has one page");
    if (!p.file || !*p.file)
        p.file = "-";
    if (!p.media_type)
        p.media_type = "application/octet-stream";
    w->pages++;
    learn_words(w, page, &p);
    w->ops->page(w, page, &p);
    return flush_and_check(w, err);
}

ocrvl_status ocrvl_writer_finish(ocrvl_writer *w, ocrvl_error *err)
{
    ocrvl_status st = ready(w, err);
    if (st)
        return st;
    if (w->ops->needs_page && w->pages == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "a document of this format has at least one page");
    if (w->ops->end)
        w->ops->end(w);
    w->finished = true;
    return flush_and_check(w, err);
}
