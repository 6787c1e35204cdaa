#include "out/htmlview.h"

#include <math.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "out/jpeg.h"
#include "out/parts.h"

/* The image is to be read on a screen beside its text: letters of 10 points are then 17 pixels high. */
enum { SIDE = 2000, QUALITY = 70 };

static void put_text(ocrvl_writer *w, const char *s) { ocrvl_xml_text(w->xml, s, strlen(s)); }

/* An element with text, and a line end. */
static void put_line(ocrvl_writer *w, const char *tag, const char *class, const char *text)
{
    ocrvl_xml_open(w->xml, tag);
    ocrvl_xml_attr(w->xml, "class", class);
    put_text(w, text);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

/* ---- boxes ------------------------------------------------------------------------------------------- */

/* An element that lies over the image, in the image's pixels. */
void ocrvl_view_put_box(ocrvl_writer *w, const ocrvl_box *box)
{
    ocrvl_xml_open(w->xml, "i");
    ocrvl_xml_attr_printf(w->xml, "style", "--x:%d;--y:%d;--w:%d;--h:%d", box->x0, box->y0, box->x1 - box->x0,
                          box->y1 - box->y0);
    ocrvl_xml_close_pair(w->xml);
}

static const char *origin_text(ocrvl_origin origin)
{
    switch (origin) {
    case OCRVL_ORIGIN_INK: return "measured on the ink";
    case OCRVL_ORIGIN_ALIGNED: return "put on measured ink";
    case OCRVL_ORIGIN_MODEL: return "place said by the model";
    case OCRVL_ORIGIN_NATIVE: return "the document's own text";
    case OCRVL_ORIGIN_NONE: break;
    }
    return "place not known";
}

static const char *origin_class(ocrvl_origin origin)
{
    static const char *const classes[] = {" no", "", "", " mo", " own"};
    return (unsigned)origin < sizeof classes / sizeof *classes ? classes[origin] : "";
}

/* ---- words ------------------------------------------------------------------------------------------- */

/* How sure the reading is, for a style: 0 is sure. */
static int doubt(float confidence)
{
    return confidence < 0 || confidence >= 0.95f ? 0 : confidence >= 0.8f ? 1 : confidence >= 0.5f ? 2 : 3;
}

static void put_word(ocrvl_writer *w, const ocrvl_node *word)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(word);
    int d = doubt(i.confidence), percent = (int)lroundf(i.confidence * 100);
    ocrvl_xml_open(x, "span");
    ocrvl_xml_attr_printf(x, "class", "w d%d%s", d, origin_class(i.origin));
    ocrvl_xml_attr(x, "lang", i.lang);
    if (d >= 2)
        ocrvl_xml_attr(x, "tabindex", "0");
    if (i.confidence >= 0) {
        ocrvl_xml_attr_printf(x, "data-c", "%d", percent);
        ocrvl_xml_attr_printf(x, "title", "%d %% sure, %s", percent, origin_text(i.origin));
    } else {
        ocrvl_xml_attr(x, "title", origin_text(i.origin));
    }
    if (ocrvl_has_box(&i))
        ocrvl_view_put_box(w, &i.box);
    put_text(w, i.text);
    ocrvl_xml_close_pair(x);
}

static void put_row(ocrvl_writer *w, const ocrvl_node *line)
{
    ocrvl_node_info i = ocrvl_info(line);
    ocrvl_pieces it;
    ocrvl_piece p;
    ocrvl_xml_open(w->xml, "span");
    ocrvl_xml_attr(w->xml, "class", i.handwritten ? "l hand" : "l");
    if (ocrvl_has_box(&i))
        ocrvl_view_put_box(w, &i.box);
    ocrvl_pieces_begin(&it, line);
    while (ocrvl_pieces_next(&it, &p)) {
        if (p.space)
            put_text(w, " ");
        if (p.word)
            put_word(w, p.word);
        else
            ocrvl_xml_text(w->xml, p.text, p.len);
    }
    ocrvl_xml_close_pair(w->xml);
}

void ocrvl_view_put_text(ocrvl_writer *w, const ocrvl_node *node)
{
    for (const ocrvl_node *n = ocrvl_node_first(node); n; n = ocrvl_node_next(n)) {
        put_row(w, n);
        ocrvl_put_newline(w);
    }
}

/* ---- a page's frame ---------------------------------------------------------------------------------- */

static void put_warning(ocrvl_writer *w, const ocrvl_page *page, uint32_t i)
{
    const char *code, *message;
    ocrvl_box box = ocrvl_page_warning_box(page, i);
    ocrvl_page_warning(page, i, &code, &message);
    ocrvl_xml_open(w->xml, "li");
    if (box.x1) {
        ocrvl_xml_attr(w->xml, "class", "w at");
        ocrvl_xml_attr(w->xml, "tabindex", "0");
        ocrvl_view_put_box(w, &box);
    }
    ocrvl_xml_element(w->xml, "b", code);
    put_text(w, ": ");
    put_text(w, message);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_warnings(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_info *info)
{
    if (info->status == OCRVL_PAGE_FAILED) {
        ocrvl_buf_clear(&w->buf);
        ocrvl_buf_printf(&w->buf, "This could not be read: %s", info->error_message);
        w->nomem |= w->buf.failed;
        put_line(w, "p", "failed", w->buf.data ? w->buf.data : "");
    }
    if (!info->warnings)
        return;
    ocrvl_xml_open(w->xml, "ul");
    ocrvl_xml_attr(w->xml, "class", "warn");
    ocrvl_put_newline(w);
    for (uint32_t i = 0; i < info->warnings; i++)
        put_warning(w, page, i);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_image(ocrvl_writer *w, const ocrvl_page_info *info, const ocrvl_page_place *place)
{
    ocrvl_buf jpeg = {0};
    ocrvl_error err;
    ocrvl_status st = ocrvl_jpeg_put(&jpeg, place->image, SIDE, QUALITY, &err);
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_puts(&w->buf, "data:image/jpeg;base64,");
    if (st)
        ocrvl_writer_fail(w, st, &err);
    else
        ocrvl_base64_put(&w->buf, jpeg.data, jpeg.len);
    w->nomem |= w->buf.failed;
    ocrvl_buf_free(&jpeg);
    ocrvl_xml_open(w->xml, "img");
    ocrvl_xml_attr_printf(w->xml, "alt", "Image of page %llu", (unsigned long long)place->index + 1);
    ocrvl_xml_attr_int(w->xml, "width", info->width);
    ocrvl_xml_attr_int(w->xml, "height", info->height);
    ocrvl_xml_attr(w->xml, "src", w->buf.data ? w->buf.data : "");
    ocrvl_xml_close(w->xml);
    ocrvl_put_newline(w);
}

static void put_heading(ocrvl_writer *w, const ocrvl_page_info *info, const ocrvl_page_place *place)
{
    ocrvl_buf *b = &w->buf;
    ocrvl_buf_clear(b);
    if (place->no_page)
        ocrvl_buf_puts(b, place->file);
    else
        ocrvl_buf_printf(b, "Page %llu", (unsigned long long)place->index + 1);
    if (place->label)
        ocrvl_buf_printf(b, " (%s)", place->label);
    w->nomem |= b->failed;
    put_line(w, "h2", NULL, b->data ? b->data : "");
    ocrvl_buf_clear(b);
    if (!w->file && !(w->file = ocrvl_strdup(place->file)))
        w->nomem = true;
    else if (strcmp(w->file, place->file) != 0) /* the document's title has the first */
        ocrvl_buf_printf(b, "%s: ", place->file);
    ocrvl_buf_puts(b, ocrvl_page_status_name(info->status));
    if (info->confidence >= 0)
        ocrvl_buf_printf(b, ", %d %% sure", (int)lroundf(info->confidence * 100));
    if (info->width)
        ocrvl_buf_printf(b, ", %u × %u pixels", info->width, info->height);
    if (info->dpi_x > 0)
        ocrvl_buf_printf(b, ", %d dpi", (int)lround(info->dpi_x));
    if (info->rotation)
        ocrvl_buf_printf(b, ", turned by %u degrees to be read", info->rotation);
    w->nomem |= b->failed;
    put_line(w, "p", "facts", b->data ? b->data : "");
}

void ocrvl_view_begin(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    const char *lang;
    bool shown = place->image && info.width;
    ocrvl_xml_open(w->xml, "section");
    ocrvl_xml_attr_printf(w->xml, "id", "page-%llu", (unsigned long long)w->pages);
    ocrvl_put_newline(w);
    put_heading(w, &info, place);
    ocrvl_xml_open(w->xml, "div");
    ocrvl_xml_attr(w->xml, "class", shown ? "page" : "page bare");
    if (shown)
        ocrvl_xml_attr_printf(w->xml, "style", "--pw:%u", info.width);
    ocrvl_put_newline(w);
    if (shown)
        put_image(w, &info, place);
    ocrvl_xml_open(w->xml, "div");
    ocrvl_xml_attr(w->xml, "class", "side");
    ocrvl_put_newline(w);
    put_warnings(w, page, &info);
    ocrvl_xml_open(w->xml, "div");
    ocrvl_xml_attr(w->xml, "class", "text");
    if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
        ocrvl_xml_attr(w->xml, "lang", lang);
    ocrvl_put_newline(w);
}

void ocrvl_view_end(ocrvl_writer *w)
{
    for (int close = 0; close < 4; close++) {
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
}

/* ---- the document's frame ---------------------------------------------------------------------------- */

void ocrvl_view_put_top(ocrvl_writer *w, const ocrvl_page_place *place)
{
    static const char *const legend[][2] = {{"w d0", "95 % sure or more"},
                                            {"w d1", "80 to 94 %"},
                                            {"w d2", "50 to 79 %"},
                                            {"w d3", "less than 50 %"},
                                            {"w d0 own", "the document's own text"},
                                            {"w d0 mo", "place said by the model"},
                                            {"w d0 no", "place not known"}};
    ocrvl_xml *x = w->xml;
    ocrvl_xml_open(x, "header");
    ocrvl_put_newline(w);
    put_line(w, "h1", NULL, place->file);
    ocrvl_xml_open(x, "p");
    ocrvl_xml_attr(x, "class", "legend");
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++) {
        put_text(w, i ? " " : "");
        ocrvl_xml_open(x, "span");
        ocrvl_xml_attr(x, "class", legend[i][0]);
        put_text(w, legend[i][1]);
        ocrvl_xml_close_pair(x);
    }
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    put_line(
        w, "p", NULL,
        "Pointing at a word marks its place on the image, and the other way round. The Tab key goes through doubtful "
        "words.");
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_raw(x, "<nav id=\"tools\" hidden=\"hidden\" aria-label=\"Doubtful words\"><label>Doubtful below <input "
                     "id=\"below\" type=\"range\" min=\"0\" max=\"100\" value=\"80\"/> <output id=\"at\">80 "
                     "%</output></label> <button type=\"button\" id=\"next\">Next doubtful word (n)</button> <button "
                     "type=\"button\" id=\"back\">The one before (p)</button> <span id=\"count\" "
                     "role=\"status\"></span></nav>\n");
}
