#include "batch/report.h"

#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/counts.h"
#include "batch/kept.h"
#include "batch/line.h"
#include "batch/pictures.h"
#include "batch/setup.h"
#include "batch/worst.h"
#include "options.h"

enum { THUMB = 120, SHOWN_LINES = 3 }; /* pixels across a thumbnail; lines with doubtful words beside it */
#define DOUBTFUL 0.6f

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>ocrvl batch report</title>\n<style>\n"
    "body{font:15px/1.4 sans-serif;margin:1.5em auto;max-width:75em;padding:0 1em;color:#222;background:#fff}\n"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.15em .8em .15em 0;text-align:left;vertical-align:top}\n"
    "td.n{text-align:right}summary{display:flex;gap:1em;align-items:flex-start;padding:.5em;cursor:pointer}\n"
    "details{border-top:1px solid #bbb}details[open]{background:#f4f4f4}summary img,summary .none{width:120px;"
    "flex:none;border:1px solid #bbb}summary .none{height:4em;background:#eee}summary b{font-weight:600}\n"
    ".box{max-height:24em;overflow:auto}@media print{.box{max-height:none}}"
    "q{color:#555}mark{background:#fd6;color:#222}.failed{color:#a00}.partial{color:#850}iframe{width:100%;height:85vh;"
    "border:1px solid #bbb;background:#fff}\n"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}details[open]{background:#262626}"
    "q{color:#aaa}a{color:#8bf}.failed{color:#f88}.partial{color:#db6}}\n"
    "</style>\n</head>\n<body>\n<h1>ocrvl batch report</h1>\n";

typedef struct reporting {
    batch_setup *s;
    ocrvl_buf out;
} reporting;

/* ---- text -------------------------------------------------------------------------------------------- */

static void put_escaped(ocrvl_buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        switch (text[i]) {
        case '&': ocrvl_buf_puts(b, "&amp;"); break;
        case '<': ocrvl_buf_puts(b, "&lt;"); break;
        case '>': ocrvl_buf_puts(b, "&gt;"); break;
        case '"': ocrvl_buf_puts(b, "&quot;"); break;
        default: ocrvl_buf_putc(b, text[i]);
        }
}

static void put_name(ocrvl_buf *b, const char *name)
{
    ocrvl_buf encoded = {0};
    batch_name_encode(&encoded, name);
    put_escaped(b, encoded.data ? encoded.data : "", encoded.len);
    ocrvl_buf_free(&encoded);
}

static bool is_doubtful(const ocrvl_node_info *word) { return word->confidence >= 0 && word->confidence < DOUBTFUL; }

/* ---- images ------------------------------------------------------------------------------------------ */

/* The mean of a rectangle's samples. */
static uint8_t mean(const ocrvl_image *img, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1)
{
    uint32_t channels = ocrvl_image_channels(img);
    size_t row = (size_t)ocrvl_image_width(img) * channels;
    uint64_t sum = 0, n = 0;
    for (uint32_t y = y0; y < y1; y++)
        for (size_t i = (size_t)x0 * channels; i < (size_t)x1 * channels; i++, n++)
            sum += ocrvl_image_data(img)[y * row + i];
    return n ? (uint8_t)(sum / n) : 255;
}

/* A small grey copy of the image, as an element. */
static void put_thumbnail(ocrvl_buf *b, const ocrvl_image *img)
{
    uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img), tw = w < THUMB ? w : THUMB;
    uint32_t th = (uint32_t)((uint64_t)h * tw / w);
    ocrvl_image *thumb;
    ocrvl_buf png = {0};
    th = th ? (th < 4 * THUMB ? th : 4 * THUMB) : 1;
    if (ocrvl_image_new(&thumb, tw, th, 1, 0, 0, 0, NULL))
        return;
    for (uint32_t y = 0; y < th; y++)
        for (uint32_t x = 0; x < tw; x++)
            ocrvl_image_pixels(thumb)[(size_t)y * tw + x] =
                mean(img, (uint32_t)((uint64_t)x * w / tw), (uint32_t)((uint64_t)y * h / th),
                     (uint32_t)((uint64_t)(x + 1) * w / tw), (uint32_t)((uint64_t)(y + 1) * h / th));
    if (!ocrvl_image_write_png(thumb, cli_put_in_buf, &png, NULL)) {
        ocrvl_buf_printf(b, "<img alt=\"\" width=\"%u\" height=\"%u\" src=\"data:image/png;base64,", (unsigned)tw,
                         (unsigned)th);
        ocrvl_base64_put(b, png.data, png.len);
        ocrvl_buf_puts(b, "\">");
    }
    ocrvl_buf_free(&png);
    ocrvl_image_free(thumb);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* The view of one page that ocrvl read -f html makes, in a frame. */
static void put_view(reporting *r, const ocrvl_page *tree, ocrvl_page_place *place, const ocrvl_image *img)
{
    ocrvl_buf html = {0};
    ocrvl_writer *w;
    place->image = img;
    ocrvl_status st = ocrvl_writer_new(&w, OCRVL_FORMAT_HTML, cli_put_in_buf, &html, &r->s->opt, NULL);
    if (!st)
        st = ocrvl_writer_page(w, tree, place, NULL);
    if (!st)
        st = ocrvl_writer_finish(w, NULL);
    ocrvl_writer_free(w);
    if (!st && !html.failed) {
        ocrvl_buf_puts(&r->out, "<iframe loading=\"lazy\" title=\"page and text\" srcdoc=\"");
        put_escaped(&r->out, html.data, html.len);
        ocrvl_buf_puts(&r->out, "\"></iframe>\n");
    }
    ocrvl_buf_free(&html);
}

/* A line's words, the doubtful ones marked. */
static void put_line(ocrvl_buf *b, const ocrvl_node *line)
{
    ocrvl_buf_puts(b, "<br><q>");
    for (const ocrvl_node *w = ocrvl_node_first(line); w; w = ocrvl_node_next(w)) {
        ocrvl_node_info i = {.size = sizeof i};
        ocrvl_node_get_info(w, &i);
        bool doubtful = is_doubtful(&i);
        ocrvl_buf_puts(b, doubtful ? "<mark>" : "");
        put_escaped(b, i.text, strlen(i.text));
        ocrvl_buf_puts(b, doubtful ? "</mark>" : "");
        ocrvl_buf_puts(b, ocrvl_node_next(w) ? " " : "");
    }
    ocrvl_buf_puts(b, "</q>");
}

/* The first lines with doubtful words; *left: how many more may be put. The nodes are at most four levels deep. */
static void put_doubtful(ocrvl_buf *b, const ocrvl_node *node, size_t *left)
{
    for (; node && *left; node = ocrvl_node_next(node)) {
        ocrvl_node_info i = {.size = sizeof i};
        bool any = false;
        ocrvl_node_get_info(node, &i);
        if (i.kind != OCRVL_LINE) {
            put_doubtful(b, ocrvl_node_first(node), left);
            continue;
        }
        for (const ocrvl_node *w = ocrvl_node_first(node); w && !any; w = ocrvl_node_next(w)) {
            ocrvl_node_get_info(w, &i);
            any = is_doubtful(&i);
        }
        if (any)
            put_line(b, node);
        *left -= any;
    }
}

/* What is to be said of a page beside its thumbnail. */
static void put_summary(reporting *r, const batch_doc *d, uint32_t page, const ocrvl_page *tree)
{
    const batch_page *p = &d->pages[page];
    const char *status = batch_page_status_names[p->status];
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_buf *b = &r->out;
    ocrvl_buf_puts(b, "<span><b>");
    put_name(b, d->name);
    ocrvl_buf_printf(b, "</b>, page %u: <span class=\"%s\">%s</span>", (unsigned)page + 1, status, status);
    if (p->worst >= 0) {
        ocrvl_buf_puts(b, ", worst tenth of lines ");
        ocrvl_buf_put_number(b, p->worst, 2);
        ocrvl_buf_puts(b, ", all ");
        ocrvl_buf_put_number(b, p->confidence, 2);
    }
    if (tree)
        ocrvl_page_get_info(tree, &info);
    if (info.error_message) {
        ocrvl_buf_puts(b, "<br>");
        put_escaped(b, info.error_message, strlen(info.error_message));
    }
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *message;
        ocrvl_page_warning(tree, i, NULL, &message);
        ocrvl_buf_puts(b, "<br>");
        put_escaped(b, message, strlen(message));
    }
    if (tree) {
        size_t lines = SHOWN_LINES;
        put_doubtful(b, ocrvl_page_first(tree), &lines);
    }
    ocrvl_buf_puts(b, "</span>");
}

/* The page, which is number `rank` from 0 on of the list. */
static cli_exit put_page(reporting *r, const batch_doc *d, uint32_t page, size_t rank)
{
    ocrvl_buf text = {0};
    ocrvl_results *in = NULL;
    ocrvl_page *tree = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    bool dropped = r->s->args.no_keep && batch_doc_state(d) == BATCH_DOC_DONE;
    cli_exit status = dropped ? CLI_EXIT_OK : batch_result_read(&r->s->state, &d->pages[page], &text);
    if (!status && !dropped &&
        (ocrvl_results_open_memory(&in, text.data, text.len, d->name, NULL) ||
         ocrvl_results_next(in, &tree, &place, NULL)))
        tree = NULL;
    ocrvl_image *img = status ? NULL : batch_picture_of(&r->s->state, &r->s->reading.source, d, page);
    ocrvl_buf_printf(&r->out, "<details id=\"p%zu\"><summary>", rank);
    if (img)
        put_thumbnail(&r->out, img);
    else
        ocrvl_buf_puts(&r->out, "<span class=\"none\"></span>");
    put_summary(r, d, page, tree);
    ocrvl_buf_puts(&r->out, "</summary>\n");
    if (tree)
        put_view(r, tree, &place, img);
    ocrvl_buf_puts(&r->out, "</details>\n");
    ocrvl_image_free(img);
    ocrvl_page_free(tree);
    ocrvl_results_free(in);
    ocrvl_buf_free(&text);
    return status;
}

/* ---- totals ------------------------------------------------------------------------------------------ */

static void put_counts(ocrvl_buf *b, const char *what, const uint64_t *counts, const char *const *names, size_t n)
{
    ocrvl_buf_printf(b, "<table><tr><th colspan=\"2\">%s</th></tr>\n", what);
    for (size_t i = 0; i < n; i++)
        if (counts[i])
            ocrvl_buf_printf(b, "<tr><td>%s</td><td class=\"n\">%llu</td></tr>\n", names[i],
                             (unsigned long long)counts[i]);
    ocrvl_buf_puts(b, "</table>\n");
}

/* How many pages are partial for each code that warnings have; lists: how many are by the lists of codes. */
static void put_codes(ocrvl_buf *b, const batch_state *s, const uint64_t *lists)
{
    struct {
        const char *text;
        size_t len;
        uint64_t pages;
    } kinds[64];
    size_t n = 0, k;
    for (size_t i = 0; i < s->code_count; i++) {
        size_t len;
        for (const char *at = s->codes[i]; *at && lists[i]; at += len + (at[len] == ',')) {
            len = strcspn(at, ",");
            for (k = 0; k < n && (kinds[k].len != len || memcmp(kinds[k].text, at, len) != 0);)
                k++;
            if (k == sizeof kinds / sizeof *kinds)
                continue;
            if (k == n) {
                kinds[n].text = at;
                kinds[n].len = len;
                kinds[n++].pages = 0;
            }
            kinds[k].pages += lists[i];
        }
    }
    ocrvl_buf_puts(b, n ? "<table><tr><th colspan=\"2\">Why pages are partial</th></tr>\n" : "");
    for (k = 0; k < n; k++)
        ocrvl_buf_printf(b, "<tr><td>%.*s</td><td class=\"n\">%llu</td></tr>\n", (int)kinds[k].len, kinds[k].text,
                         (unsigned long long)kinds[k].pages);
    ocrvl_buf_puts(b, n ? "</table>\n" : "");
}

/* Why pages failed, by reason, or are partial, by what their warnings are called. */
static void put_reasons(ocrvl_buf *b, const batch_state *s)
{
    uint64_t failed[UINT8_MAX + 1] = {0}, partial[UINT8_MAX + 1] = {0}, any = 0;
    size_t reasons = 0;
    for (size_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < s->docs[i].known; k++) {
            const batch_page *p = &s->docs[i].pages[k];
            failed[p->reason] += p->status == BATCH_FAILED;
            partial[p->codes] += p->status == BATCH_PARTIAL;
            any += p->status == BATCH_FAILED;
        }
    while (batch_reasons[reasons])
        reasons++;
    if (any)
        put_counts(b, "Why pages failed", failed, batch_reasons, reasons);
    put_codes(b, s, partial + 1);
}

/* The documents of the pages that come first, `most` of them, each with its worst page; the first `shown` pages are in
 * the report. */
static cli_exit put_worst(ocrvl_buf *b, const batch_state *s, const batch_ranked *all, size_t count, size_t shown,
                          uint64_t most)
{
    bool *seen = ocrvl_alloc_array(s->count, sizeof *seen);
    if (!seen)
        return batch_no_memory(s->store->log);
    ocrvl_buf_puts(
        b, "<h2>Documents with their worst page</h2>\n<div class=\"box\"><table>\n<tr><th>document</th><th>pages</th>"
           "<th>worst page</th><th>its status</th><th>worst tenth of its lines</th></tr>\n");
    for (size_t i = 0; i < count && most; i++) {
        const batch_doc *d = &s->docs[all[i].doc];
        const batch_page *p = &d->pages[all[i].page];
        const char *status = batch_page_status_names[p->status];
        if (seen[all[i].doc])
            continue;
        seen[all[i].doc] = true;
        most--;
        ocrvl_buf_puts(b, "<tr><td>");
        put_name(b, d->name);
        ocrvl_buf_printf(b, "</td><td class=\"n\">%u</td><td class=\"n\">", (unsigned)d->total);
        if (i < shown)
            ocrvl_buf_printf(b, "<a href=\"#p%zu\">", i);
        ocrvl_buf_printf(b, "%u%s", (unsigned)all[i].page + 1, i < shown ? "</a>" : "");
        const char *why = p->reason || p->codes ? batch_page_why(s, p) : "";
        ocrvl_buf_printf(b, "</td><td class=\"%s\">%s%s%s</td><td class=\"n\">", status, status, *why ? ": " : "", why);
        if (p->worst >= 0)
            ocrvl_buf_put_number(b, p->worst, 2);
        ocrvl_buf_puts(b, "</td></tr>\n");
    }
    ocrvl_buf_puts(b, "</table></div>\n");
    ocrvl_free(seen);
    return CLI_EXIT_OK;
}

/* Documents of which no page is known. */
static void put_documents(ocrvl_buf *b, const batch_state *s)
{
    bool any = false;
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[s->order[i]];
        batch_doc_status status = batch_doc_state(d);
        if (status != BATCH_DOC_FAILED && status != BATCH_DOC_MISSING)
            continue;
        ocrvl_buf_puts(b, any ? "" : "<h2>Documents that could not be opened</h2>\n<table>\n");
        any = true;
        ocrvl_buf_puts(b, "<tr><td>");
        put_name(b, d->name);
        ocrvl_buf_printf(b, "</td><td class=\"failed\">%s</td><td>%s</td></tr>\n", batch_doc_status_names[status],
                         status == BATCH_DOC_FAILED ? batch_reasons[d->reason] : "");
    }
    ocrvl_buf_puts(b, any ? "</table>\n" : "");
}

static void put_losses(ocrvl_buf *b, const batch_state *s)
{
    for (size_t i = 0; i < s->loss_count; i++) {
        const batch_loss *l = &s->losses[i];
        ocrvl_buf_puts(b, i ? "" : "<h2>Outputs that could not be written</h2>\n<table>\n");
        ocrvl_buf_puts(b, "<tr><td>");
        put_name(b, s->docs[l->doc].name);
        ocrvl_buf_printf(b, "</td><td>%s</td><td class=\"failed\">%s</td></tr>\n",
                         ocrvl_format_name((ocrvl_format)l->format), batch_reasons[l->reason]);
    }
    ocrvl_buf_puts(b, s->loss_count ? "</table>\n" : "");
}

/* all: [count], of which the first `shown` are put with their images. */
static cli_exit put_html(reporting *r, const batch_ranked *all, size_t count, size_t shown, cli_output *o)
{
    batch_state *s = &r->s->state;
    batch_counts c;
    cli_exit status = CLI_EXIT_OK;
    batch_count(s, &c);
    ocrvl_buf_puts(&r->out, head);
    put_counts(&r->out, "Documents", c.docs, batch_doc_status_names, BATCH_DOC_STATUSES);
    put_counts(&r->out, "Pages", c.pages, batch_page_status_names, BATCH_LEFT);
    put_reasons(&r->out, s);
    put_documents(&r->out, s);
    put_losses(&r->out, s);
    status = put_worst(&r->out, s, all, count, shown, r->s->args.worst);
    ocrvl_buf_puts(&r->out, "<h2>Pages that need a person first</h2>\n");
    for (size_t i = 0; i < shown && !status; i++) {
        status = put_page(r, &s->docs[all[i].doc], all[i].page, i);
        if (r->out.failed)
            status = batch_no_memory(&r->s->log);
        else
            (void)cli_output_write(o, r->out.data, r->out.len); /* an error is returned by the commit */
        ocrvl_buf_clear(&r->out);
    }
    ocrvl_buf_puts(&r->out, "</body>\n</html>\n");
    return status;
}

/* The list for scripts: an object a line. */
static void put_json(ocrvl_buf *b, const batch_state *s, const batch_ranked *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const batch_doc *d = &s->docs[all[i].doc];
        const batch_page *p = &d->pages[all[i].page];
        ocrvl_buf name = {0};
        batch_name_encode(&name, d->name);
        ocrvl_buf_puts(b, "{\"doc\":");
        ocrvl_json_put_string(b, name.data ? name.data : "", name.len);
        ocrvl_buf_free(&name);
        ocrvl_buf_printf(b, ",\"page\":%u,\"status\":\"%s\"", (unsigned)all[i].page + 1,
                         batch_page_status_names[p->status]);
        if (p->reason)
            ocrvl_buf_printf(b, ",\"reason\":\"%s\"", batch_reasons[p->reason]);
        if (p->worst >= 0) {
            ocrvl_buf_puts(b, ",\"worst\":");
            ocrvl_buf_put_number(b, p->worst, 4);
            ocrvl_buf_puts(b, ",\"confidence\":");
            ocrvl_buf_put_number(b, p->confidence, 4);
        }
        ocrvl_buf_printf(b, ",\"warnings\":%u", (unsigned)p->warnings);
        if (p->codes)
            ocrvl_buf_printf(b, ",\"codes\":\"%s\"", s->codes[p->codes - 1]);
        ocrvl_buf_puts(b, "}\n");
    }
}

static cli_exit report(batch_setup *s)
{
    reporting r = {.s = s};
    ocrvl_error err;
    cli_output *o = NULL;
    size_t count;
    char *by_default = ocrvl_path_join(s->store.out, "report.html");
    const char *path = s->args.output ? s->args.output : s->args.json ? "-" : by_default;
    batch_ranked *all = batch_rank(&s->state, &count);
    cli_exit status = all && by_default ? CLI_EXIT_OK : batch_no_memory(&s->log);
    size_t shown = count < s->args.worst ? count : (size_t)s->args.worst;
    ocrvl_status st = status ? OCRVL_OK : cli_output_open(&o, path, &err);
    if (o && s->args.json)
        put_json(&r.out, &s->state, all, shown);
    else if (o)
        status = put_html(&r, all, count, shown, o);
    if (o && !status) {
        (void)cli_output_write(o, r.out.data, r.out.len);
        st = cli_output_commit(o, &err);
        o = NULL;
    }
    cli_output_discard(o);
    if (st)
        status = cli_output_failed(&s->log, path, &err);
    ocrvl_buf_free(&r.out);
    ocrvl_free(all);
    ocrvl_free(by_default);
    return status;
}

cli_exit batch_report(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    cli_exit status;
    if (batch_setup_open(&s, argc, argv, &status)) {
        status = cli_reading_settle(&s.reading);
        if (!status)
            status = report(&s);
    }
    batch_setup_free(&s);
    return status;
}
