/* ALTO 2 to 4. Lengths in 1/10 mm or 1/1200 inch become pixels at 300 dpi, since the file doesn't give the image's
 * resolution. Tags that name roles, as ours do, are used. Blocks, and lines within them, come in the ReadingOrder;
 * those that it doesn't name come at the end. A table's cell has its position in its ID, as we write it; cells that are
 * among the blocks become a table again. */
#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"
#include "in/xmlin.h"

#define TAGS 100000u

typedef struct tag {
    char id[64], label[64];
} tag;

typedef struct alto {
    ocrvl_xmlin *x;
    ocrvl_draft draft;
    ocrvl_order *order;
    double dpi; /* 0 means that the unit is pixels */
    tag *tags;
    size_t count, cap;
    ocrvl_buf file, sha256, label, text; /* text: of the element whose text is read */
    bool wanted, digest;                 /* digest: it is the file's SHA-256 */
    uint32_t row, col;                   /* of the open table; row counts from 1 */
    bool table;
    uint32_t flat;        /* the block whose cells are among the blocks, counting from 1; 0 means none */
    bool in_order;        /* inside the ReadingOrder */
    bool strings;         /* the line has had one */
    bool spaces;          /* the file marks spaces: it has had an SP, or is ours */
    bool ours;            /* we wrote it */
    ocrvl_box last;       /* of the line's last String */
    double width, height; /* of the page, in the file's unit */
} alto;

static bool sniff(const char *data, size_t len) { return ocrvl_xmlin_begins(data, len, "alto"); }

static void alto_free(void *reader)
{
    alto *a = reader;
    ocrvl_xmlin_free(a->x);
    ocrvl_draft_free(&a->draft);
    ocrvl_buf_free(&a->file);
    ocrvl_buf_free(&a->sha256);
    ocrvl_buf_free(&a->label);
    ocrvl_buf_free(&a->text);
    ocrvl_order_free(a->order);
    ocrvl_free(a->tags);
    ocrvl_free(a);
}

static ocrvl_status alto_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    alto *a = ocrvl_alloc(sizeof *a);
    *out = a;
    if (!a)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_order_new(&a->order, err);
    return st ? st : ocrvl_xmlin_open(&a->x, data, len, false, err);
}

/* ---- attributes -------------------------------------------------------------------------------------- */

static bool number(alto *a, const char *name, double *out)
{
    const char *s = ocrvl_xmlin_attr(a->x, name);
    return s && ocrvl_parse_number(&s, out);
}

static ocrvl_box box_of(alto *a)
{
    double x, y, w, h;
    if (!number(a, "HPOS", &x) || !number(a, "VPOS", &y) || !number(a, "WIDTH", &w) || !number(a, "HEIGHT", &h))
        return (ocrvl_box){0};
    return ocrvl_draft_box(&a->draft, x, y, x + w, y + h);
}

static float confidence_of(alto *a, const char *name)
{
    double v;
    return number(a, name, &v) && v >= 0 && v <= 1 ? (float)v : -1;
}

static void keep_tag(alto *a)
{
    const char *id = ocrvl_xmlin_attr(a->x, "ID"), *label = ocrvl_xmlin_attr(a->x, "LABEL");
    if (!id || !label || strlen(id) >= sizeof a->tags->id || strlen(label) >= sizeof a->tags->label || a->count == TAGS)
        return;
    if (!OCRVL_ARRAY_RESERVE(a->tags, a->cap, a->count + 1))
        return;
    memcpy(a->tags[a->count].id, id, strlen(id) + 1);
    memcpy(a->tags[a->count++].label, label, strlen(label) + 1);
}

/* The label of the element's next tag at *refs, which is advanced; NULL at the end. */
static const char *next_label(const alto *a, const char **refs)
{
    while (*refs && **refs) {
        const char *from = *refs + strspn(*refs, " \t\r\n");
        size_t n = strcspn(from, " \t\r\n");
        *refs = from + n;
        for (size_t i = 0; i < a->count && n; i++)
            if (strlen(a->tags[i].id) == n && memcmp(a->tags[i].id, from, n) == 0)
                return a->tags[i].label;
    }
    return NULL;
}

static void follow_tags(alto *a)
{
    const char *refs = ocrvl_xmlin_attr(a->x, "TAGREFS"), *label;
    while ((label = next_label(a, &refs)) != NULL) {
        if (strlen(label) == 1 && label[0] >= '1' && label[0] <= '6')
            a->draft.block.level = (uint32_t)(label[0] - '0');
        else if (ocrvl_role_by_name(label, &a->draft.block.role))
            continue;
    }
}

static ocrvl_direction direction_of(alto *a)
{
    const char *d = ocrvl_xmlin_attr(a->x, "BASEDIRECTION");
    return !d                      ? OCRVL_DIR_NONE
           : strcmp(d, "rtl") == 0 ? OCRVL_DIR_RTL
           : strcmp(d, "ttb") == 0 ? OCRVL_DIR_TTB
           : strcmp(d, "ltr") == 0 ? OCRVL_DIR_LTR
                                   : OCRVL_DIR_NONE;
}

/* ---- elements ---------------------------------------------------------------------------------------- */

static size_t rank_here(alto *a) { return ocrvl_order_rank(a->order, ocrvl_xmlin_attr(a->x, "ID")); }

/* Reads the numbers in ID="cell_PAGE_BLOCK_ROW_COLUMN", as we write it, with _ROWS_COLUMNS appended if the cell spans
 * more; returns false for other IDs. */
static bool cell_id(const char *id, uint32_t v[6])
{
    size_t n = 0;
    if (!id || strncmp(id, "cell_", 5) != 0)
        return false;
    v[4] = v[5] = 1;
    for (id += 4; n < 6 && *id == '_'; n++) {
        double number;
        id++;
        if (!ocrvl_parse_number(&id, &number) || number < 1 || number > 1e6)
            return false;
        v[n] = (uint32_t)number;
    }
    return *id == '\0' && (n == 4 || n == 6);
}

/* Reads a cell's spans from its tags to v[4] and v[5], and whether it is a header. */
static bool cell_tags(alto *a, uint32_t v[6])
{
    static const char *const names[] = {"rowspan=", "colspan="};
    const char *refs = ocrvl_xmlin_attr(a->x, "TAGREFS"), *label;
    bool header = false;
    while ((label = next_label(a, &refs)) != NULL) {
        header |= strcmp(label, "header") == 0;
        for (int i = 0; i < 2; i++) {
            const char *at = strstr(label, names[i]);
            double n;
            at = at ? at + 8 : "";
            if (ocrvl_parse_number(&at, &n) && n >= 1 && n <= 1e6)
                v[4 + i] = (uint32_t)n;
        }
    }
    return header;
}

/* Opens a cell at the position in its ID, or else the next cell of the row. */
static void open_cell(alto *a)
{
    uint32_t v[6] = {0, 0, a->row ? a->row : 1, a->col + 1, 1, 1};
    bool ours = cell_id(ocrvl_xmlin_attr(a->x, "ID"), v), header = cell_tags(a, v);
    a->col += !ours;
    ocrvl_draft_cell(&a->draft, v[2] - 1, v[3] - 1, v[4], v[5], box_of(a));
    a->draft.cell.header = header;
    a->draft.cell.dir = direction_of(a);
}

/* Whether a block is the cell of a table, as --alto-flat-tables writes it. */
static bool is_flat_cell(alto *a, uint32_t *block)
{
    uint32_t v[6];
    const char *refs = ocrvl_xmlin_attr(a->x, "TAGREFS"), *label;
    if (!cell_id(ocrvl_xmlin_attr(a->x, "ID"), v))
        return false;
    while ((label = next_label(a, &refs)) != NULL)
        if (strcmp(label, "table") == 0) {
            *block = v[1];
            return true;
        }
    return false;
}

static void open_text_block(alto *a)
{
    uint32_t flat = 0;
    if (!a->table && is_flat_cell(a, &flat) && flat != a->flat) {
        ocrvl_draft_block(&a->draft, OCRVL_ROLE_TABLE, (ocrvl_box){0}, NULL);
        a->draft.rank = rank_here(a);
    }
    a->flat = flat;
    if (a->table || flat) {
        open_cell(a);
        return;
    }
    const char *lang = ocrvl_xmlin_attr(a->x, "LANG");
    ocrvl_draft_block(&a->draft, OCRVL_ROLE_PARAGRAPH, box_of(a), lang ? lang : ocrvl_xmlin_attr(a->x, "language"));
    a->draft.rank = rank_here(a);
    a->draft.block.dir = direction_of(a);
    follow_tags(a);
    if (a->draft.block.role == OCRVL_ROLE_TABLE) /* a table has no lines of its own */
        a->draft.block.role = OCRVL_ROLE_PARAGRAPH;
}

/* An Illustration or GraphicalElement. */
static void open_picture(alto *a, ocrvl_role role)
{
    a->flat = 0;
    ocrvl_draft_block(&a->draft, role, box_of(a), NULL);
    a->draft.rank = rank_here(a);
}

static void open_composed(alto *a)
{
    const char *type = ocrvl_xmlin_attr(a->x, "TYPE");
    if (type && strcmp(type, "table") == 0) {
        open_picture(a, OCRVL_ROLE_TABLE);
        a->table = true;
        a->row = a->col = 0;
    } else if (a->table) {
        a->row++;
        a->col = 0;
    }
}

/* "x,y x,y ...", eScriptorium's "x y x y ...", or, before 4.2, its height. */
static void take_baseline(alto *a, const char *points)
{
    ocrvl_points p;
    double high;
    const char *s = points;
    size_t n = points ? ocrvl_parse_points(points, p.at, OCRVL_MAX_POINTS) : 0;
    ocrvl_node_info *line = &a->draft.line;
    if (n)
        ocrvl_draft_baseline(&a->draft, &p, n);
    else if (s && ocrvl_parse_number(&s, &high) && line->box.x1) {
        line->baseline[0] = (ocrvl_point){(float)line->box.x0, (float)(high * a->draft.scale)};
        line->baseline[1] = (ocrvl_point){(float)line->box.x1, (float)(high * a->draft.scale)};
    }
}

static void open_line(alto *a)
{
    const char *refs = ocrvl_xmlin_attr(a->x, "TAGREFS"), *label;
    ocrvl_draft_line(&a->draft, box_of(a), ocrvl_xmlin_attr(a->x, "LANG"));
    ocrvl_node_info *line = &a->draft.line;
    a->draft.line_rank = rank_here(a);
    line->dir = direction_of(a);
    line->confidence = -1;
    while ((label = next_label(a, &refs)) != NULL)
        line->handwritten |= strcmp(label, "handwriting") == 0;
    a->strings = false;
    take_baseline(a, ocrvl_xmlin_attr(a->x, "BASELINE"));
}

static void take_polygon(alto *a)
{
    const char *points = ocrvl_xmlin_attr(a->x, "POINTS");
    ocrvl_points p;
    if (a->draft.line.kind && !a->strings && points)
        ocrvl_draft_outline(&a->draft, &p, ocrvl_parse_points(points, p.at, OCRVL_MAX_POINTS));
}

/* Whether the String of that box stands apart from the one before it: letters of a word stand closer than 15 % of their
 * height. Our own files have an SP wherever there is a space. */
static bool apart(const alto *a, const ocrvl_box *box)
{
    const ocrvl_box *last = &a->last;
    int64_t gap = box->x0 - last->x1 > last->x0 - box->x1 ? box->x0 - last->x1 : last->x0 - box->x1;
    int64_t high = box->y1 - box->y0 > last->y1 - last->y0 ? box->y1 - box->y0 : last->y1 - last->y0;
    return !a->ours && box->x1 && last->x1 && gap * 20 >= high * 3;
}

static void take_string(alto *a)
{
    const char *content = ocrvl_xmlin_attr(a->x, "CONTENT"), *lang = ocrvl_xmlin_attr(a->x, "LANG");
    ocrvl_draft *d = &a->draft;
    ocrvl_box box = box_of(a);
    if (!content)
        return;
    if (a->strings && d->line.kind && d->text.len && (!a->spaces || apart(a, &box)) &&
        !ocrvl_utf8_unspaced(d->text.data, d->text.len, content, strlen(content)))
        ocrvl_draft_text(d, " ", 1);
    a->strings = true;
    a->last = box;
    ocrvl_draft_word_begin(d, box, confidence_of(a, "WC"), lang);
    ocrvl_draft_text(d, content, strlen(content));
}

/* Whether the text ends in the hyphen that content is, whichever of the signs for it the two take. */
static bool says_hyphen(const ocrvl_buf *text, const char *content)
{
    static const char *const hyphens[] = {"-", "\u00AD", "\u2010", "\u00AC", "\u2E17", "="};
    bool in_text = false, in_content = false;
    for (size_t i = 0; i < sizeof hyphens / sizeof *hyphens; i++) {
        size_t n = strlen(hyphens[i]);
        in_text |= text->len > n && memcmp(text->data + text->len - n, hyphens[i], n) == 0;
        in_content |= strcmp(content, hyphens[i]) == 0;
    }
    return in_text && in_content;
}

/* Where the String ends in the hyphen already, as in files of the BnF, the HYP says it once more. */
static void take_hyphen(alto *a)
{
    const char *content = ocrvl_xmlin_attr(a->x, "CONTENT");
    const ocrvl_buf *text = &a->draft.text;
    if (content && !(a->strings && text->len && says_hyphen(text, content)))
        ocrvl_draft_text(&a->draft, content, strlen(content));
    ocrvl_draft_word_end(&a->draft);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* Called when the page's size is known, which may come with its PrintSpace. */
static void begin_page(alto *a)
{
    double most = 1e6, w = a->width, h = a->height;
    a->draft.scale = a->dpi > 0 ? 300 / a->dpi : 1;
    w = ceil(w * a->draft.scale);
    h = ceil(h * a->draft.scale);
    if (!(w >= 1 && h >= 1 && w <= most && h <= most))
        w = h = 0;
    ocrvl_draft_page(&a->draft, (uint32_t)w, (uint32_t)h, a->dpi > 0 ? 300 : 0, a->dpi > 0 ? 300 : 0);
}

static void open_page(alto *a, ocrvl_page_place *place)
{
    const char *label = ocrvl_xmlin_attr(a->x, "PRINTED_IMG_NR"), *class = ocrvl_xmlin_attr(a->x, "PAGECLASS");
    double n, turn = 0;
    a->width = a->height = 0;
    number(a, "WIDTH", &a->width);
    number(a, "HEIGHT", &a->height);
    ocrvl_buf_clear(&a->label);
    if (label)
        ocrvl_buf_puts(&a->label, label);
    place->label = label ? a->label.data : NULL;
    place->file = a->file.len ? a->file.data : place->file;
    place->sha256 = a->sha256.len ? a->sha256.data : NULL;
    if (number(a, "PHYSICAL_IMG_NR", &n) && n >= 1 && n <= 1e9)
        place->index = (uint64_t)n - 1;
    begin_page(a);
    if (a->draft.failed)
        return;
    if (number(a, "ROTATION", &turn) && fabs(turn) <= 360) {
        double quarter = round(turn / 90) * 90;
        ocrvl_builder_set_geometry(a->draft.builder, (uint32_t)((int)quarter + 360) % 360, turn - quarter);
    }
    if (class && strcmp(class, "failed") == 0)
        a->draft.failed =
            ocrvl_builder_fail(a->draft.builder, "failed", "the page failed when it was read", &a->draft.why);
    else if (class && strcmp(class, "partial") == 0)
        a->draft.failed =
            ocrvl_builder_warn(a->draft.builder, "partial", "the page was read in part", true, &a->draft.why);
}

/* Where the page's size isn't told, the print space is the page; else it is the page's border. */
static void open_print_space(alto *a)
{
    double w, h, x, y, k = a->draft.scale;
    if (!number(a, "WIDTH", &w) || !number(a, "HEIGHT", &h))
        return;
    if (a->draft.unsized) {
        a->width = w;
        a->height = h;
        begin_page(a);
    } else if (number(a, "HPOS", &x) && number(a, "VPOS", &y) && a->draft.builder) {
        ocrvl_builder_set_border(a->draft.builder, ocrvl_draft_box(&a->draft, x * k, y * k, (x + w) * k, (y + h) * k));
    }
}

static void open_element(alto *a, const char *name)
{
    if (strcmp(name, "String") == 0)
        take_string(a);
    else if (strcmp(name, "SP") == 0) {
        ocrvl_draft_word_end(&a->draft);
        ocrvl_draft_text(&a->draft, " ", 1);
        a->spaces = true;
    } else if (strcmp(name, "HYP") == 0)
        take_hyphen(a);
    else if (strcmp(name, "TextLine") == 0)
        open_line(a);
    else if (strcmp(name, "TextBlock") == 0)
        open_text_block(a);
    else if (strcmp(name, "Polygon") == 0)
        take_polygon(a);
    else if (strcmp(name, "ComposedBlock") == 0)
        open_composed(a);
    else if (strcmp(name, "Illustration") == 0)
        open_picture(a, OCRVL_ROLE_FIGURE);
    else if (strcmp(name, "GraphicalElement") == 0)
        open_picture(a, OCRVL_ROLE_SEPARATOR);
    else if (strcmp(name, "PrintSpace") == 0)
        open_print_space(a);
}

/* The open table ends where its ComposedBlock ends; rows are counted in the depth. */
static void close_element(alto *a, const char *name)
{
    if (strcmp(name, "TextLine") == 0)
        ocrvl_draft_line_end(&a->draft);
    else if (strcmp(name, "TextBlock") == 0 && (a->table || a->flat))
        ocrvl_draft_cell_end(&a->draft);
    else if (strcmp(name, "TextBlock") == 0 || strcmp(name, "Illustration") == 0 ||
             strcmp(name, "GraphicalElement") == 0)
        ocrvl_draft_block_end(&a->draft);
}

/* Elements before the pages. */
static void head_element(alto *a, const char *name)
{
    size_t n = strlen(name);
    const char *where = ocrvl_xmlin_attr(a->x, "fileIdentifierLocation");
    a->digest = strcmp(name, "fileIdentifier") == 0 && where && strcmp(where, "sha256") == 0;
    a->wanted = a->digest || strcmp(name, "MeasurementUnit") == 0 || strcmp(name, "fileName") == 0 ||
                strcmp(name, "softwareName") == 0;
    ocrvl_buf_clear(&a->text);
    if (n > 3 && strcmp(name + n - 3, "Tag") == 0)
        keep_tag(a);
    a->in_order |= strcmp(name, "ReadingOrder") == 0;
    if (!a->in_order)
        return;
    if (strcmp(name, "ElementRef") == 0)
        ocrvl_order_add(a->order, -1, ocrvl_xmlin_attr(a->x, "REF"));
    else if (strcmp(name, "OrderedGroup") == 0 || strcmp(name, "UnorderedGroup") == 0)
        ocrvl_order_open(a->order, -1, NULL);
}

static void head_close(alto *a, const char *name)
{
    const char *text = a->text.data ? a->text.data : "";
    if (strcmp(name, "MeasurementUnit") == 0)
        a->dpi = strcmp(text, "mm10") == 0 ? 254 : strcmp(text, "inch1200") == 0 ? 1200 : 0;
    if (strcmp(name, "fileName") == 0 && a->file.len == 0)
        ocrvl_buf_puts(&a->file, text);
    if (a->digest && a->wanted && a->sha256.len == 0 && ocrvl_is_sha256(text))
        ocrvl_buf_puts(&a->sha256, text);
    if (strcmp(name, "softwareName") == 0)
        a->ours |= strcmp(text, "ocrvl") == 0;
    a->spaces |= a->ours;
    if (a->in_order && (strcmp(name, "OrderedGroup") == 0 || strcmp(name, "UnorderedGroup") == 0))
        ocrvl_order_close(a->order);
    a->in_order &= strcmp(name, "ReadingOrder") != 0;
    a->wanted = false;
}

static ocrvl_status read_page(alto *a, ocrvl_page **page, ocrvl_error *err)
{
    unsigned depth = 0, table = 0; /* of ComposedBlocks; of the table's, where 0 means none */
    for (;;) {
        ocrvl_xml_event e = ocrvl_xmlin_next(a->x);
        if (e == OCRVL_XML_END || e == OCRVL_XML_BAD)
            return ocrvl_xmlin_fail(a->x, err);
        if (e == OCRVL_XML_TEXT)
            continue;
        const char *name = ocrvl_xmlin_name(a->x);
        bool composed = strcmp(name, "ComposedBlock") == 0, was = a->table;
        if (e == OCRVL_XML_OPEN) {
            depth += composed;
            open_element(a, name);
            table = composed && a->table && !was ? depth : table;
            continue;
        }
        if (strcmp(name, "Page") == 0) {
            if (ocrvl_order_failed(a->order) && !a->draft.failed)
                a->draft.failed = ocrvl_fail_nomem(&a->draft.why);
            return ocrvl_draft_finish(&a->draft, page, err);
        }
        if (composed && depth-- == table && a->table) {
            ocrvl_draft_block_end(&a->draft);
            a->table = false;
        }
        close_element(a, name);
    }
}

static ocrvl_status alto_next(void *reader, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    alto *a = reader;
    for (;;) {
        ocrvl_xml_event e = ocrvl_xmlin_next(a->x);
        if (e == OCRVL_XML_END)
            return OCRVL_OK;
        if (e == OCRVL_XML_BAD)
            return ocrvl_xmlin_fail(a->x, err);
        if (e == OCRVL_XML_TEXT && a->wanted)
            ocrvl_buf_puts(&a->text, ocrvl_xmlin_text(a->x));
        if (e == OCRVL_XML_CLOSE)
            head_close(a, ocrvl_xmlin_name(a->x));
        if (e != OCRVL_XML_OPEN)
            continue;
        if (strcmp(ocrvl_xmlin_name(a->x), "Page") != 0) {
            head_element(a, ocrvl_xmlin_name(a->x));
            continue;
        }
        a->table = false;
        a->flat = 0;
        open_page(a, place);
        return read_page(a, page, err);
    }
}

static size_t alto_done(const void *p) { return ocrvl_xmlin_done(((const alto *)p)->x); }

const ocrvl_result_format ocrvl_result_alto = {sniff, alto_open, alto_free, alto_next, alto_done};
