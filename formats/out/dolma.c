/* Dolma JSON Lines as olmOCR writes them: an object for each document. Its text is the pages' Markdown (not escaped, as
 * a language model wants it) separated by line breaks, and its attributes describe each page.
 *
 * A document ends where the file's name changes or its pages begin anew, so its text is buffered until then. A page
 * whose text is missing has an empty span. `id` is the SHA-1 of the text. */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/utf8.h"
#include "out/markdown.h"
#include "out/parts.h"
#include "out/writer.h"

typedef struct document { /* the pages so far; the lists are JSON without brackets */
    ocrvl_buf text, spans, languages, valid, turns, tables, diagrams, file;
    ocrvl_buf about;      /* what it says of itself: members, each after a comma */
    uint64_t count;       /* code points of the text */
    uint64_t start, page; /* of the last page: where it begins, and its number in the document */
    uint64_t pages, total, failed, input, output;
    bool begun;
} document;

static void document_free(void *state)
{
    document *d = state;
    ocrvl_buf *all[] = {&d->text,   &d->spans,    &d->languages, &d->valid, &d->turns,
                        &d->tables, &d->diagrams, &d->file,      &d->about};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ocrvl_buf_free(all[i]);
}

static void begin_document(document *d)
{
    ocrvl_buf *all[] = {&d->text,   &d->spans,    &d->languages, &d->valid, &d->turns,
                        &d->tables, &d->diagrams, &d->file,      &d->about};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ocrvl_buf_clear(all[i]);
    d->count = d->start = d->page = d->pages = d->total = d->failed = d->input = d->output = 0;
    d->begun = false;
}

/* Ends the last page's span at d->count. */
static void end_page(document *d)
{
    ocrvl_buf_printf(&d->spans, "%s[%llu,%llu,%llu]", d->pages > 1 ? "," : "", (unsigned long long)d->start,
                     (unsigned long long)d->count, (unsigned long long)d->page);
}

static void put_list(ocrvl_buf *b, const char *name, const ocrvl_buf *list)
{
    b->failed |= list->failed;
    ocrvl_buf_printf(b, ",\"%s\":[%s]", name, list->data ? list->data : "");
}

static void put_document(ocrvl_writer *w, document *d)
{
    ocrvl_buf *b = &w->buf;
    char id[OCRVL_SHA1_HEX];
    end_page(d);
    ocrvl_error err;
    ocrvl_status st = ocrvl_sha1_hex(id, d->text.data, d->text.len, &err);
    if (st)
        ocrvl_writer_fail(w, st, &err);
    ocrvl_buf_printf(b, "{\"id\":\"%s\",\"text\":", id);
    b->failed |= d->text.failed || d->file.failed || d->spans.failed;
    ocrvl_json_put_string(b, d->text.data ? d->text.data : "", d->text.len);
    ocrvl_buf_puts(b, ",\"source\":\"ocrvl\"");
    if (w->opt.datetime) {
        ocrvl_buf_printf(b, ",\"added\":\"%.10s\",\"created\":\"%.10s\"", w->opt.datetime, w->opt.datetime);
    }
    ocrvl_buf_puts(b, ",\"metadata\":{\"Source-File\":");
    ocrvl_json_put_string(b, d->file.data ? d->file.data : "", d->file.len);
    ocrvl_buf_puts(b, ",\"ocrvl-version\":\"" OCRVL_VERSION_STRING "\"");
    b->failed |= d->about.failed;
    ocrvl_buf_put(b, d->about.data ? d->about.data : "", d->about.len);
    if (w->opt.model) {
        ocrvl_buf_puts(b, ",\"model\":");
        ocrvl_json_put_string(b, w->opt.model, strlen(w->opt.model));
    }
    ocrvl_buf_printf(b,
                     ",\"pdf-total-pages\":%llu,\"total-input-tokens\":%llu,\"total-output-tokens\":%llu,"
                     "\"total-failed-pages\":%llu},\"attributes\":{\"pdf_page_numbers\":[%s]",
                     (unsigned long long)d->total, (unsigned long long)d->input, (unsigned long long)d->output,
                     (unsigned long long)d->failed, d->spans.data ? d->spans.data : "");
    put_list(b, "primary_language", &d->languages);
    put_list(b, "is_rotation_valid", &d->valid);
    put_list(b, "rotation_correction", &d->turns);
    put_list(b, "is_table", &d->tables);
    put_list(b, "is_diagram", &d->diagrams);
    ocrvl_buf_puts(b, "}}\n");
}

/* Whether more than half of the page's blocks with contents have that role. */
static bool mostly(const ocrvl_page *page, ocrvl_role role)
{
    size_t all = 0, those = 0;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        all++;
        those += ocrvl_info(n).role == role;
    }
    return those * 2 > all;
}

static void put_attributes(document *d, const ocrvl_page *page, const ocrvl_page_info *info)
{
    const char *comma = d->pages > 1 ? "," : "", *lang;
    ocrvl_buf_puts(&d->languages, comma);
    if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
        ocrvl_json_put_string(&d->languages, lang, strcspn(lang, "-"));
    else
        ocrvl_buf_puts(&d->languages, "null");
    ocrvl_buf_printf(&d->valid, "%s%s", comma, info->rotation == 0 ? "true" : "false");
    ocrvl_buf_printf(&d->turns, "%s%u", comma, info->rotation);
    ocrvl_buf_printf(&d->tables, "%s%s", comma, mostly(page, OCRVL_ROLE_TABLE) ? "true" : "false");
    ocrvl_buf_printf(&d->diagrams, "%s%s", comma, mostly(page, OCRVL_ROLE_FIGURE) ? "true" : "false");
}

static void put_about(document *d, const ocrvl_document_info *info)
{
    const char *name, *value;
    for (size_t i = 0; value = ocrvl_info_field(info, i, &name), name; i++)
        if (value) {
            ocrvl_buf_printf(&d->about, ",\"%s\":", name);
            ocrvl_json_put_string(&d->about, value, strlen(value));
        }
}

static void dolma_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    document *d = ocrvl_writer_state(w, sizeof *d, document_free);
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_buf text = {0};
    if (!d)
        return;
    if (d->begun && (strcmp(d->file.data ? d->file.data : "", place->file) != 0 || place->index < d->page)) {
        put_document(w, d);
        begin_document(d);
    }
    if (place->info && !d->about.len)
        put_about(d, place->info);
    ocrvl_put_markdown(&text, page, (ocrvl_markdown_style){.plain = true, .join = ocrvl_joining(w)});
    if (text.len && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    if (d->begun) {
        if (d->count > d->start) { /* as in olmOCR, a page with text ends in a line break, except for the last page */
            ocrvl_buf_putc(&d->text, '\n');
            d->count++;
        }
        end_page(d);
    } else {
        ocrvl_buf_puts(&d->file, place->file);
    }
    d->begun = true;
    d->pages++;
    d->page = place->index + 1;
    d->total = place->pages > d->page ? place->pages : d->page > d->total ? d->page : d->total;
    d->failed += info.status == OCRVL_PAGE_FAILED;
    d->input += info.image_tokens + info.prompt_tokens;
    d->output += info.output_tokens;
    d->start = d->count;
    ocrvl_buf_put(&d->text, text.data, text.len);
    d->count += ocrvl_utf8_count(text.data ? text.data : "", text.len);
    put_attributes(d, page, &info);
    d->text.failed |= text.failed;
    w->nomem |= d->text.failed || d->file.failed || d->spans.failed || d->languages.failed;
    ocrvl_buf_free(&text);
}

static void dolma_end(ocrvl_writer *w)
{
    document *d = ocrvl_writer_state(w, sizeof *d, document_free);
    if (d && d->begun)
        put_document(w, d);
}

const ocrvl_writer_ops ocrvl_dolma_ops = {.page = dolma_page, .end = dolma_end};
