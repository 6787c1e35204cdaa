/* Boxes in JSON, as the families after Qwen2-VL write them. */
#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "markup/grounding.h"
#include "unicode/unicode.h"

typedef struct reading {
    ocrvl_grounding *g;
    double full[2], side[2]; /* of the image: in the answer's numbers, in pixels */
    ocrvl_buf labels;
    size_t source_cap, item_cap, fault_cap;
} reading;

static bool put_fault(reading *r, ocrvl_grounding_reason reason, uint32_t start, uint32_t end)
{
    ocrvl_grounding *g = r->g;
    if (!OCRVL_ARRAY_RESERVE(g->faults, r->fault_cap, g->fault_count + 1))
        return false;
    g->faults[g->fault_count++] = (ocrvl_grounding_fault){reason, start, end};
    return true;
}

/* Sorts a box's corners, and keeps them inside the image. */
static void place(const reading *r, ocrvl_grounding_item *item, const double v[4])
{
    for (size_t k = 0; k < 2; k++) {
        double low = fmin(v[k], v[k + 2]), high = fmax(v[k], v[k + 2]), full = r->full[k];
        double ends[2] = {fmin(fmax(low, 0), full), fmin(fmax(high, 0), full)};
        item->clamped |= low < 0 || high > full;
        for (size_t i = 0; i < 2; i++) {
            item->points[i][k] = ends[i] * 1000 / full;
            item->pixels[i][k] = ends[i] * r->side[k] / full;
            item->pixels_int[i][k] = (int64_t)floor(item->pixels[i][k] + 0.5);
        }
    }
}

/* The label goes to the end of r->labels; the item points to it once these are complete. */
static void take_label(reading *r, const ocrvl_json *object, ocrvl_grounding_item *item)
{
    static const char *const keys[] = {"label", "text_content", "text", "content"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *label = ocrvl_json_string(ocrvl_json_get(object, keys[i]), &item->label_len);
        if (!label)
            continue;
        ocrvl_buf_put(&r->labels, label, item->label_len);
        item->label = label;
        return;
    }
    item->label_len = 0;
}

/* An object of the answer, bytes [from, to) and code points [start, end) of the input. */
static bool put_object(reading *r, const ocrvl_json *object, size_t from, size_t to, uint32_t start, uint32_t end)
{
    ocrvl_grounding *g = r->g;
    const ocrvl_json *box = ocrvl_json_get(object, "bbox_2d");
    double v[4];
    if (!box)
        return !ocrvl_json_get(object, "point_2d") || put_fault(r, OCRVL_GROUNDING_POINTS, start, end);
    if (!ocrvl_json_is_array(box))
        return put_fault(r, OCRVL_GROUNDING_SYNTAX, start, end);
    if (ocrvl_json_length(box) != 4)
        return put_fault(r, OCRVL_GROUNDING_POINTS, start, end);
    for (size_t i = 0; i < 4; i++)
        if (!ocrvl_json_number(ocrvl_json_at(box, i), &v[i]) || !isfinite(v[i]))
            return put_fault(r, OCRVL_GROUNDING_SYNTAX, start, end);
    ocrvl_grounding_item item = {.kind = OCRVL_GROUNDING_BOX, .from = from, .to = to, .start = start, .end = end};
    place(r, &item, v);
    take_label(r, object, &item);
    if (!OCRVL_ARRAY_RESERVE(g->items, r->item_cap, g->item_count + 1))
        return false;
    g->items[g->item_count++] = item;
    return !r->labels.failed;
}

/* What is known of the object that may be open: the answer is read once, and only innermost objects count. */
typedef struct scan {
    size_t from; /* its first byte */
    uint32_t start;
    bool open, string, escaped;
} scan;

/* Takes the next byte; true if it closes an object. */
static bool take(scan *s, char c, size_t at, uint32_t cp)
{
    if (s->string) {
        s->string = s->escaped || c != '"';
        s->escaped = !s->escaped && c == '\\';
        if (c == '\n') /* no JSON string has one: this was no object */
            *s = (scan){0, 0, false, false, false};
        return false;
    }
    if (c == '{')
        *s = (scan){at, cp, true, false, false};
    s->string = s->open && c == '"';
    if (c != '}' || !s->open)
        return false;
    s->open = false;
    return true;
}

static bool parse(reading *r, const char *s, size_t n)
{
    scan at = {0, 0, false, false, false};
    ocrvl_error ignored;
    uint32_t cp = 0;
    for (size_t i = 0; i < n; cp++) {
        size_t first = i;
        ocrvl_utf8_next(s, n, &i);
        if (!OCRVL_ARRAY_RESERVE(r->g->source, r->source_cap, (size_t)r->g->text_count + 1))
            return false;
        r->g->source[r->g->text_count++] = cp;
        if (!take(&at, s[first], first, cp))
            continue;
        ocrvl_json *object;
        ocrvl_status st = ocrvl_json_parse(&object, s + at.from, i - at.from, "", &ignored);
        bool ok = st != OCRVL_E_NOMEM && (st ? put_fault(r, OCRVL_GROUNDING_SYNTAX, at.start, cp + 1)
                                             : put_object(r, object, at.from, i, at.start, cp + 1));
        ocrvl_json_free(object);
        if (!ok)
            return false;
    }
    return true;
}

/* Labels follow one another in the order of the items. */
static bool settle(reading *r)
{
    ocrvl_grounding *g = r->g;
    g->labels = ocrvl_buf_steal(&r->labels, NULL);
    const char *at = g->labels;
    for (size_t i = 0; at && i < g->item_count; i++)
        if (g->items[i].label) {
            g->items[i].label = at;
            at += g->items[i].label_len;
        }
    return g->labels != NULL;
}

ocrvl_status ocrvl_grounding_parse_json(ocrvl_grounding **out, const char *text, size_t len, uint32_t full_width,
                                        uint32_t full_height, uint32_t width, uint32_t height, ocrvl_error *err)
{
    *out = NULL;
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    reading r = {.g = ocrvl_alloc(sizeof *r.g),
                 .full = {full_width ? full_width : 1, full_height ? full_height : 1},
                 .side = {width, height}};
    ocrvl_buf input = {0};
    for (size_t i = 0; i < len;)
        ocrvl_buf_put_codepoint(&input, ocrvl_utf8_next(text, len, &i));
    size_t n = 0;
    char *copy = ocrvl_buf_steal(&input, &n);
    bool ok = r.g && copy;
    if (ok) {
        r.g->input = copy;
        r.g->text = ocrvl_strndup(copy, n);
        r.g->text_len = n;
        ok = r.g->text && parse(&r, copy, n) && settle(&r);
    } else
        ocrvl_free(copy);
    ocrvl_buf_free(&r.labels);
    if (!ok) {
        ocrvl_grounding_free(r.g);
        return ocrvl_fail_nomem(err);
    }
    *out = r.g;
    return OCRVL_OK;
}
