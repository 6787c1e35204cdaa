/* Journals of one process: results, and the lines that say that they are there. */
#include "batch/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "batch/gzip.h"
#include "batch/line.h"
#include "output.h"

/* Results are synced together: at most so many pages, or so many seconds. */
enum { TOGETHER = 16 };
#define TOGETHER_SECONDS 1.0

/* The reason for which a page failed, by the library's code. */
static const char *reason_of(const char *code)
{
    static const char *const bugs[] = {"arg", "internal", "canceled", NULL};
    if (!code)
        return NULL;
    if (strcmp(code, "nomem") == 0)
        return "memory";
    for (size_t i = 0; bugs[i]; i++)
        if (strcmp(code, bugs[i]) == 0)
            return "bug";
    return batch_index_of(batch_reasons, code) ? code : "format";
}

const char *batch_reason_of(ocrvl_status st) { return reason_of(ocrvl_status_name(st)); }

/* ---- confidences ------------------------------------------------------------------------------------- */

typedef struct confidences {
    float *values;
    size_t count, cap;
    bool no_memory;
} confidences;

static void collect(confidences *c, const ocrvl_node *node)
{
    for (; node; node = ocrvl_node_next(node)) { /* at most four levels deep */
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(node, &info);
        if (info.kind != OCRVL_LINE)
            collect(c, ocrvl_node_first(node));
        else if (info.confidence >= 0 && OCRVL_ARRAY_RESERVE(c->values, c->cap, c->count + 1))
            c->values[c->count++] = info.confidence;
    }
}

float batch_worst_tenth(const ocrvl_page *page)
{
    confidences c = {0};
    double sum = 0;
    collect(&c, ocrvl_page_first(page));
    if (c.count)
        qsort(c.values, c.count, sizeof *c.values, ocrvl_compare_floats);
    size_t n = (c.count + 9) / 10;
    for (size_t i = 0; i < n; i++)
        sum += c.values[i];
    ocrvl_free(c.values);
    return n ? (float)(sum / (double)n) : -1;
}

/* ---- lines ------------------------------------------------------------------------------------------- */

static cli_exit open_journal(batch_record *r)
{
    char name[160];
    if (r->journal.path)
        return CLI_EXIT_OK;
    snprintf(name, sizeof name, "%s.jsonl", r->store->self);
    cli_exit status = batch_file_create(&r->journal, r->store, "journal", name);
    if (status)
        return status;
    ocrvl_buf b = {0};
    batch_line_begin(&b, "run");
    batch_line_text(&b, "ocrvl", ocrvl_version());
    batch_line_count(&b, "at", (uint64_t)time(NULL));
    batch_line_end(&b, 0);
    status = b.failed ? batch_no_memory(r->store->log) : batch_file_append(&r->journal, r->store, b.data, b.len);
    ocrvl_buf_free(&b);
    return status;
}

cli_exit batch_record_line(batch_record *r, const ocrvl_buf *line, bool sync)
{
    cli_exit status = line->failed ? batch_no_memory(r->store->log) : open_journal(r);
    if (!status)
        status = batch_file_append(&r->journal, r->store, line->data, line->len);
    return status || !sync ? status : batch_file_sync(&r->journal, r->store);
}

void batch_record_about(ocrvl_buf *b, const char *type, const batch_doc *d)
{
    batch_line_begin(b, type);
    batch_line_name(b, "doc", d->name);
    ocrvl_buf_printf(b, ",\"of\":\"%08x\"", (unsigned)d->of);
    if (d->revoked)
        batch_line_count(b, "again", d->revoked);
}

void batch_record_outputs(ocrvl_buf *b, const char *type, const batch_doc *d, const ocrvl_buf *files)
{
    batch_line_begin(b, type);
    batch_line_name(b, "doc", d->name);
    ocrvl_buf_printf(b, ",\"sum\":\"%08x\"", (unsigned)batch_doc_sum(d));
    batch_line_count(b, "at", (uint64_t)time(NULL));
    ocrvl_buf_printf(b, ",\"out\":%s", files->data ? files->data : "[]");
    batch_line_end(b, 0);
}

cli_exit batch_record_loss(batch_record *r, batch_state *state, batch_doc *d, unsigned format, const char *reason,
                           const char *message)
{
    ocrvl_buf b = {0};
    batch_line line;
    batch_record_about(&b, "g", d);
    batch_line_text(&b, "f", ocrvl_format_name((ocrvl_format)format));
    batch_line_text(&b, "r", reason);
    batch_line_text(&b, "msg", message);
    batch_line_count(&b, "at", (uint64_t)time(NULL));
    batch_line_end(&b, 0);
    cli_exit status = batch_record_line(r, &b, true);
    if (!status && batch_line_parse(&line, b.data, b.len - 1) &&
        !batch_state_lose(state, d, format, batch_index_of(batch_reasons, reason), line.crc))
        status = batch_no_memory(r->store->log);
    ocrvl_buf_free(&b);
    return status;
}

cli_exit batch_record_commit(batch_record *r)
{
    if (!r->lines.len)
        return CLI_EXIT_OK;
    cli_exit status = r->lines.failed ? batch_no_memory(r->store->log) : batch_file_sync(&r->results, r->store);
    if (!status)
        status = batch_record_line(r, &r->lines, true);
    ocrvl_buf_clear(&r->lines);
    r->line_count = 0;
    r->committed = ocrvl_clock();
    return status;
}

static void put_warnings(ocrvl_buf *b, const ocrvl_page *page, uint32_t count)
{
    if (!count)
        return;
    ocrvl_buf_puts(b, ",\"w\":[");
    for (uint32_t i = 0; i < count; i++) {
        const char *code;
        ocrvl_page_warning(page, i, &code, NULL);
        ocrvl_buf_puts(b, i ? "," : "");
        ocrvl_json_put_string(b, code, strlen(code));
    }
    ocrvl_buf_putc(b, ']');
}

/* total: pages of the document, if nothing has said so yet; or 0. */
static void put_page_line(batch_record *r, const batch_doc *d, uint64_t number, uint64_t total, const ocrvl_page *page,
                          bool skipped, const ocrvl_buf *member)
{
    ocrvl_buf *b = &r->lines;
    size_t from = b->len;
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    batch_record_about(b, "p", d);
    batch_line_count(b, "p", number);
    if (total)
        batch_line_count(b, "n", total);
    if (r->as)
        batch_line_name(b, "as", r->as);
    batch_line_text(b, "s", skipped ? "skipped" : ocrvl_page_status_name(info.status));
    batch_line_text(b, "r", reason_of(info.error_code));
    put_warnings(b, page, info.warnings);
    batch_line_number(b, "sec", info.seconds, 2);
    if (info.confidence >= 0)
        batch_line_number(b, "conf", info.confidence, 4);
    float worst = batch_worst_tenth(page);
    if (worst >= 0)
        batch_line_number(b, "worst", worst, 4);
    batch_line_text(b, "u", r->unit);
    batch_line_count(b, "off", r->results.end);
    batch_line_count(b, "len", member->len);
    ocrvl_buf_printf(b, ",\"sum\":\"%08x\"", (unsigned)r->sum);
    batch_line_end(b, from);
}

/* ---- results ----------------------------------------------------------------------------------------- */

/* The page as a line of JSON. */
static ocrvl_status put_json(ocrvl_buf *b, const ocrvl_page *page, const ocrvl_page_place *place,
                             const ocrvl_writer_options *opt, ocrvl_error *err)
{
    ocrvl_writer *w;
    ocrvl_writer_options exact = *opt;
    exact.exact = true;
    ocrvl_status st = ocrvl_writer_new(&w, OCRVL_FORMAT_JSONL, cli_put_in_buf, b, &exact, err);
    if (!st)
        st = ocrvl_writer_page(w, page, place, err);
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    return !st && b->failed ? ocrvl_fail_nomem(err) : st;
}

static cli_exit open_results(batch_record *r)
{
    char name[180];
    if (r->results.path)
        return CLI_EXIT_OK;
    snprintf(name, sizeof name, "%s.%s.gz", r->unit, r->store->self);
    return batch_file_create(&r->results, r->store, "results", name);
}

cli_exit batch_record_page(batch_record *r, const batch_doc *d, const ocrvl_page *page, const ocrvl_page_place *place,
                           bool skipped)
{
    ocrvl_buf json = {0}, member = {0};
    ocrvl_error err;
    cli_exit status = open_results(r);
    ocrvl_status st = status ? OCRVL_OK : put_json(&json, page, place, r->opt, &err);
    if (!st && !status) {
        r->sum = batch_crc32(json.data, json.len);
        st = batch_gzip(&member, json.data, json.len, &err);
    }
    if (st) {
        cli_error(r->store->log, d->name, place->index + 1, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_OUTPUT);
    }
    if (!status) {
        put_page_line(r, d, place->index + 1, d->total ? 0 : place->pages, page, skipped, &member);
        status = batch_file_append(&r->results, r->store, member.data, member.len);
    }
    ocrvl_buf_free(&json);
    ocrvl_buf_free(&member);
    r->line_count++;
    if (!status && (r->alone || r->line_count >= TOGETHER || ocrvl_clock() - r->committed > TOGETHER_SECONDS))
        status = batch_record_commit(r);
    return status;
}

void batch_record_unit(batch_record *r, const char *unit)
{
    batch_file_close(&r->results);
    snprintf(r->unit, sizeof r->unit, "%s", unit);
}

void batch_record_free(batch_record *r)
{
    batch_file_close(&r->results);
    batch_file_close(&r->journal);
    ocrvl_buf_free(&r->lines);
}
