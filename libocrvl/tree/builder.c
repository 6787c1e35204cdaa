/* The builder of the result tree, which takes nodes in reading order.
 *
 * Everything of a page (nodes, texts, the page itself) lies in one arena, which only grows; the builder
 * hands it over when the page is finished.
 *
 * What the builder makes of the text that it is given, so that no writer has to think of it again:
 * - Each code point stays one code point, so offsets that the caller worked out stay right. Control characters (C0,
 * DEL, C1) and noncharacters become U+FFFD; what moves to another line or column (tab, newline, carriage return,
 * U+0085, U+2028, U+2029) becomes a space within a line, since lines and cells are joined by newlines and tabs.
 *   Markdown and LaTeX keep their tabs and newlines. After this every text is legal in XML 1.0 and HTML.
 * - A block without text (a figure), or an empty line, adds nothing to the page's text: its offsets are where it
 * stands. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tree/tree.h"

#define MAX_COLUMNS 1000u /* of a table: HTML's own limit of colspan */
#define MAX_POSITIONS 1000000u
#define MAX_STYLES 1000u /* of a page; words of others have none */
#define MAX_COORDINATE (2.0f * OCRVL_MAX_SIDE)

ocrvl_status ocrvl_builder_new(ocrvl_builder **out, uint32_t width, uint32_t height, double dpi_x, double dpi_y,
                               ocrvl_error *err)
{
    *out = NULL;
    if (width > OCRVL_MAX_SIDE || height > OCRVL_MAX_SIDE || !width != !height)
        return ocrvl_fail(err, OCRVL_E_ARG, "a page of %u x %u pixels", width, height);
    ocrvl_builder *b = ocrvl_alloc(sizeof *b);
    if (!b)
        return ocrvl_fail_nomem(err);
    b->info.width = width;
    b->info.height = height;
    bool known = dpi_x > 0 && dpi_x < 1e6 && dpi_y > 0 && dpi_y < 1e6;
    b->info.dpi_x = known ? dpi_x : 0;
    b->info.dpi_y = known ? dpi_y : 0;
    *out = b;
    return OCRVL_OK;
}

void ocrvl_builder_free(ocrvl_builder *b)
{
    if (!b)
        return;
    ocrvl_arena_free(&b->arena);
    ocrvl_buf_free(&b->text);
    ocrvl_free(b->until);
    ocrvl_free(b);
}

void ocrvl_builder_set_geometry(ocrvl_builder *b, uint32_t rotation, double skew)
{
    b->info.rotation = rotation % 360 / 90 * 90;
    b->info.skew = fabs(skew) < 360 ? skew : 0;
}

void ocrvl_builder_set_scale(ocrvl_builder *b, double across, double down)
{
    b->across = across > 0 && across < MAX_COORDINATE ? across : 1;
    b->down = down > 0 && down < MAX_COORDINATE ? down : 1;
}

static int32_t outwards(double v, uint32_t most) { return v < 0 ? (int32_t)v : v > most ? (int32_t)most : (int32_t)v; }

/* A box of the scaled image in the page's, from where it begins to where it ends. */
static ocrvl_box scaled_back(const ocrvl_builder *b, ocrvl_box k)
{
    if (!(b->across > 0) || k.x1 <= k.x0 || k.y1 <= k.y0)
        return k;
    return (ocrvl_box){outwards(floor(k.x0 / b->across), b->info.width),
                       outwards(floor(k.y0 / b->down), b->info.height), outwards(ceil(k.x1 / b->across), b->info.width),
                       outwards(ceil(k.y1 / b->down), b->info.height)};
}

static void scale_back(const ocrvl_builder *b, ocrvl_node_info *info)
{
    if (!(b->across > 0))
        return;
    info->box = scaled_back(b, info->box);
    for (int i = 0; i < 4; i++)
        info->quad[i] = (ocrvl_point){(float)(info->quad[i].x / b->across), (float)(info->quad[i].y / b->down)};
    for (int i = 0; i < 2; i++)
        info->baseline[i] =
            (ocrvl_point){(float)(info->baseline[i].x / b->across), (float)(info->baseline[i].y / b->down)};
    info->x_height = (float)(info->x_height / b->down);
}

/* Sets *points to the page's own copy of them, in the page's image. */
static ocrvl_status keep_points(ocrvl_builder *b, const ocrvl_point **points, uint32_t n, ocrvl_error *err)
{
    double across = b->across > 0 ? b->across : 1, down = b->across > 0 ? b->down : 1;
    ocrvl_point *own = n ? ocrvl_tree_take(b, n * sizeof *own) : NULL;
    if (n && !own)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        own[i] = (ocrvl_point){(float)((*points)[i].x / across), (float)((*points)[i].y / down)};
    *points = own;
    return OCRVL_OK;
}

/* The box in the page's image, or an empty one if it isn't one within the page. */
static ocrvl_box box_within(const ocrvl_builder *b, ocrvl_box box)
{
    ocrvl_box k = scaled_back(b, box);
    int32_t w = (int32_t)b->info.width, h = (int32_t)b->info.height;
    bool within = k.x0 >= 0 && k.y0 >= 0 && k.x0 < k.x1 && k.y0 < k.y1 && k.x1 <= w && k.y1 <= h;
    return within ? k : (ocrvl_box){0};
}

void ocrvl_builder_set_guessed(ocrvl_builder *b) { b->guessed = b->again = true; }

void ocrvl_builder_set_border(ocrvl_builder *b, ocrvl_box border)
{
    ocrvl_box k = box_within(b, border);
    bool whole = k.x0 == 0 && k.y0 == 0 && k.x1 == (int32_t)b->info.width && k.y1 == (int32_t)b->info.height;
    b->info.border = whole ? (ocrvl_box){0} : k;
}

void ocrvl_builder_set_language(ocrvl_builder *b, const char *tag) { b->language = tag; }

void ocrvl_builder_set_passes(ocrvl_builder *b, uint64_t passes) { b->info.passes = passes; }

void ocrvl_builder_set_usage(ocrvl_builder *b, uint64_t image_tokens, uint64_t prompt_tokens, uint64_t output_tokens,
                             double seconds)
{
    b->info.image_tokens = image_tokens;
    b->info.prompt_tokens = prompt_tokens;
    b->info.output_tokens = output_tokens;
    b->info.seconds = seconds > 0 && seconds < 1e12 ? seconds : 0;
}

ocrvl_status ocrvl_tree_refuse_finished(const ocrvl_builder *b, ocrvl_error *err)
{
    return b->finished ? ocrvl_fail(err, OCRVL_E_ARG, "the page is finished") : OCRVL_OK;
}

/* Messages may quote files: ill-formed UTF-8 in them is mended, not refused. The first failure is the one that is kept.
 */
ocrvl_status ocrvl_builder_fail(ocrvl_builder *b, const char *code, const char *message, ocrvl_error *err)
{
    const char *kept_code, *kept_message;
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    if (st || b->failed)
        return st;
    if ((st = ocrvl_tree_text(b, &kept_code, NULL, NULL, code && *code ? code : "internal", OCRVL_TEXT_LOSSY, err)) ||
        (st = ocrvl_tree_text(b, &kept_message, NULL, NULL, message, OCRVL_TEXT_LOSSY, err)))
        return st;
    b->info.error_code = kept_code;
    b->info.error_message = kept_message;
    b->failed = true;
    return OCRVL_OK;
}

ocrvl_status ocrvl_builder_warn(ocrvl_builder *b, const char *code, const char *message, bool partial, ocrvl_error *err)
{
    return ocrvl_builder_warn_at(b, code, message, (ocrvl_box){0}, partial, err);
}

ocrvl_status ocrvl_builder_warn_at(ocrvl_builder *b, const char *code, const char *message, ocrvl_box box, bool partial,
                                   ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    if (st)
        return st;
    ocrvl_tree_warning *w = ocrvl_tree_take(b, sizeof *w);
    if (!w)
        return ocrvl_fail_nomem(err);
    if ((st = ocrvl_tree_text(b, &w->code, NULL, NULL, code, OCRVL_TEXT_LOSSY, err)) ||
        (st = ocrvl_tree_text(b, &w->message, NULL, NULL, message, OCRVL_TEXT_LOSSY, err)))
        return st;
    w->box = box_within(b, box);
    if (b->last_warning)
        b->last_warning->next = w;
    else
        b->first_warning = w;
    b->last_warning = w;
    b->info.warnings++;
    b->partial |= partial;
    return OCRVL_OK;
}

ocrvl_status ocrvl_builder_markdown(ocrvl_builder *b, const char *markdown, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    return st ? st : ocrvl_tree_text(b, &b->info.markdown, NULL, NULL, markdown, OCRVL_TEXT_LINES, err);
}

ocrvl_status ocrvl_builder_thinking(ocrvl_builder *b, const char *thinking, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    return st ? st : ocrvl_tree_text(b, &b->info.thinking, NULL, NULL, thinking, OCRVL_TEXT_LINES, err);
}

/* ---- opening a node ---------------------------------------------------------------------------------- */

bool ocrvl_tree_is_language(const char *s)
{
    for (size_t part = 0, n = 0;; s++) {
        bool alpha = (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');
        if (alpha || (part && *s >= '0' && *s <= '9')) {
            if (++n > 8)
                return false;
        } else if (*s == '-' || *s == '\0') {
            if (n < (part ? 1u : 2u))
                return false;
            if (*s == '\0')
                return true;
            part++;
            n = 0;
        } else {
            return false;
        }
    }
}

/* An empty box is no box. */
static ocrvl_status check_box(const ocrvl_builder *b, ocrvl_node_info *info, ocrvl_error *err)
{
    ocrvl_box *x = &info->box;
    if (x->x0 < 0 || x->y0 < 0 || x->x1 < x->x0 || x->y1 < x->y0 || (uint32_t)x->x1 > b->info.width ||
        (uint32_t)x->y1 > b->info.height)
        return ocrvl_fail(err, OCRVL_E_ARG, "box %d %d %d %d is not inside a page of %u x %u", x->x0, x->y0, x->x1,
                          x->y1, b->info.width, b->info.height);
    if (x->x1 == x->x0 || x->y1 == x->y0) {
        memset(x, 0, sizeof *x);
        info->origin = OCRVL_ORIGIN_NONE;
    } else if (info->origin == OCRVL_ORIGIN_NONE) {
        return ocrvl_fail(err, OCRVL_E_ARG, "a box without origin");
    }
    return OCRVL_OK;
}

static bool points_valid(const ocrvl_point *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(p[i].x) <= MAX_COORDINATE) || !(fabsf(p[i].y) <= MAX_COORDINATE))
            return false;
    return true;
}

/* What isn't more than a corner's or an end's worth of points is none. */
static ocrvl_status check_points(const ocrvl_point **points, uint32_t *count, ocrvl_error *err)
{
    if (!*points || *count < 3) {
        *points = NULL;
        *count = 0;
    }
    if (*count > OCRVL_MAX_POINTS)
        return ocrvl_fail(err, OCRVL_E_ARG, "a line's outline or baseline of %u points", *count);
    if (!points_valid(*points, *count))
        return ocrvl_fail(err, OCRVL_E_ARG, "a line's outline or baseline isn't on a page");
    return OCRVL_OK;
}

static bool has_level(const ocrvl_node_info *info)
{
    switch (info->role) {
    case OCRVL_ROLE_TITLE:
    case OCRVL_ROLE_HEADING:
    case OCRVL_ROLE_LIST_ITEM:
    case OCRVL_ROLE_CODE:
    case OCRVL_ROLE_QUOTE: return true;
    case OCRVL_ROLE_PARAGRAPH: return info->kind == OCRVL_BLOCK;
    default: return false;
    }
}

/* Takes what the caller says down to what applies to the kind, and checks it. */
static ocrvl_status check_info(const ocrvl_builder *b, ocrvl_node_info *info, ocrvl_error *err)
{
    bool line = info->kind == OCRVL_LINE, block = info->kind == OCRVL_BLOCK, cell = info->kind == OCRVL_CELL;
    if ((unsigned)info->role > OCRVL_ROLE_QUOTE || info->level > 6 || (unsigned)info->origin > OCRVL_ORIGIN_NATIVE ||
        (unsigned)info->dir > OCRVL_DIR_TTB)
        return ocrvl_fail(err, OCRVL_E_ARG, "a node with a role, level, origin or direction that doesn't exist");
    if (!points_valid(info->quad, 4) || !points_valid(info->baseline, 2))
        return ocrvl_fail(err, OCRVL_E_ARG, "a line's corners or baseline are no places on a page");
    if (info->lang && !*info->lang)
        info->lang = NULL;
    if (info->lang && !ocrvl_tree_is_language(info->lang))
        return ocrvl_fail(err, OCRVL_E_ARG, "\"%s\" is no language tag", info->lang);
    if (!block)
        info->role = OCRVL_ROLE_PARAGRAPH;
    if (!has_level(info))
        info->level = 0;
    if (!block)
        info->continues = false;
    if (info->role != OCRVL_ROLE_FORMULA)
        info->latex = NULL;
    if (info->role != OCRVL_ROLE_FIGURE || (info->alt && !*info->alt))
        info->alt = NULL;
    if (!line) {
        memset(info->quad, 0, sizeof info->quad);
        memset(info->baseline, 0, sizeof info->baseline);
        info->polygon = info->curve = NULL;
        info->handwritten = false;
    }
    if (!line || !(info->x_height > 0 && info->x_height < MAX_COORDINATE))
        info->x_height = 0;
    if (!cell) {
        info->row = info->col = info->row_span = info->col_span = 0;
        info->header = false;
    }
    if (info->kind != OCRVL_WORD) {
        info->style = NULL;
        info->raised = 0;
        info->link = NULL;
    }
    if (!(info->confidence >= 0))
        info->confidence = -1;
    else if (info->confidence > 1)
        info->confidence = 1;
    ocrvl_status st = check_points(&info->polygon, &info->polygon_count, err);
    if (!st)
        st = check_points(&info->curve, &info->curve_count, err);
    return st ? st : check_box(b, info, err);
}

static ocrvl_status check_nesting(const ocrvl_builder *b, ocrvl_kind kind, ocrvl_error *err)
{
    const ocrvl_node *top = b->depth ? b->open[b->depth - 1] : NULL;
    ocrvl_kind want = OCRVL_BLOCK;
    if (top && top->info.kind == OCRVL_BLOCK)
        want = top->info.role == OCRVL_ROLE_TABLE ? OCRVL_CELL : OCRVL_LINE;
    else if (top && top->info.kind == OCRVL_CELL)
        want = OCRVL_LINE;
    else if (top)
        want = OCRVL_WORD;
    if (kind != want || (top && top->info.kind == OCRVL_WORD))
        return ocrvl_fail(err, OCRVL_E_ARG, "a node of kind %d can't be opened here", (int)kind);
    return OCRVL_OK;
}

/* Cells come row by row, from the first column to the last, and don't overlap. */
static ocrvl_status place_cell(ocrvl_builder *b, const ocrvl_node_info *i, ocrvl_error *err)
{
    const ocrvl_node *last = b->open[0]->last;
    if (i->row_span == 0 || i->col_span == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "a cell that spans nothing");
    if (i->col >= MAX_COLUMNS || i->col_span > MAX_COLUMNS - i->col || i->row >= MAX_POSITIONS ||
        i->row_span > MAX_POSITIONS - i->row)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a cell at row %u and column %u", i->row, i->col);
    if (last && (i->row < last->info.row || (i->row == last->info.row && i->col <= last->info.col)))
        return ocrvl_fail(err, OCRVL_E_ARG, "the cell at row %u and column %u comes too late", i->row, i->col);
    uint32_t columns = i->col + i->col_span > b->columns ? i->col + i->col_span : b->columns;
    uint32_t rows = i->row + i->row_span > b->rows ? i->row + i->row_span : b->rows;
    if ((uint64_t)columns * rows > MAX_POSITIONS)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a table of %u rows and %u columns", rows, columns);
    for (uint32_t c = i->col; c < i->col + i->col_span; c++)
        if (b->until[c] > i->row)
            return ocrvl_fail(err, OCRVL_E_ARG, "the cell at row %u and column %u overlaps another", i->row, i->col);
    for (uint32_t c = i->col; c < i->col + i->col_span; c++)
        b->until[c] = i->row + i->row_span;
    b->columns = columns;
    b->rows = rows;
    return OCRVL_OK;
}

/* Words come in the order of the text; what lies between two of them belongs to the line alone. */
static ocrvl_status place_word(ocrvl_builder *b, ocrvl_node *n, ocrvl_error *err)
{
    const ocrvl_node *line = b->open[b->depth - 1];
    if (n->count == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "a word without text");
    if (n->info.start < b->word_cp || n->info.start > line->count || n->count > line->count - n->info.start)
        return ocrvl_fail(err, OCRVL_E_ARG, "a word at %u in a line of %u characters, after one that ends at %u",
                          n->info.start, line->count, b->word_cp);
    size_t at = b->word_byte;
    for (uint32_t k = b->word_cp; k < n->info.start; k++)
        ocrvl_utf8_next(line->info.text, line->length, &at);
    if (n->length > line->length - at || memcmp(line->info.text + at, n->info.text, n->length) != 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "the word at %u does not stand there in its line", n->info.start);
    n->info.raised = n->info.raised < n->count ? n->info.raised : 0;
    n->offset = n->info.start;
    b->word_cp = n->offset + n->count;
    b->word_byte = at + n->length;
    return OCRVL_OK;
}

static bool same_style(const ocrvl_text_style *a, const ocrvl_text_style *b)
{
    return a->size == b->size && a->colour == b->colour && a->bold == b->bold && a->italic == b->italic &&
           a->mono == b->mono && a->underlined == b->underlined && strcmp(a->font, b->font) == 0;
}

static ocrvl_tree_style *find_style(const ocrvl_builder *b, const ocrvl_text_style *wanted)
{
    ocrvl_tree_style *s = b->used_style;
    if (s && same_style(&s->style, wanted))
        return s;
    for (s = b->first_style; s && !same_style(&s->style, wanted); s = s->next)
        ;
    return s;
}

static ocrvl_status add_style(ocrvl_builder *b, ocrvl_text_style wanted, ocrvl_tree_style **out, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tree_text(b, &wanted.font, NULL, NULL, wanted.font, OCRVL_TEXT_LOSSY, err);
    if (st || (*out = find_style(b, &wanted))) /* mended, it may be another's name */
        return st;
    ocrvl_tree_style *s = ocrvl_tree_take(b, sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->style = wanted;
    s->style.number = b->style_count++;
    if (b->last_style)
        b->last_style->next = s;
    else
        b->first_style = s;
    b->last_style = *out = s;
    return OCRVL_OK;
}

/* Sets *style to the page's own copy of it, which is made if there is none; to NULL if there are too many. */
static ocrvl_status keep_style(ocrvl_builder *b, const ocrvl_text_style **style, ocrvl_error *err)
{
    ocrvl_text_style wanted = **style;
    wanted.font = wanted.font ? wanted.font : "";
    wanted.size = wanted.size > 0 && wanted.size < 1e5f ? wanted.size : 0;
    wanted.colour &= 0xFFFFFF;
    ocrvl_tree_style *s = find_style(b, &wanted);
    ocrvl_status st = s || b->style_count == MAX_STYLES ? OCRVL_OK : add_style(b, wanted, &s, err);
    if (st)
        return st;
    b->used_style = s;
    *style = s ? &s->style : NULL;
    return OCRVL_OK;
}

static ocrvl_status open_strings(ocrvl_builder *b, ocrvl_node *n, ocrvl_error *err)
{
    ocrvl_node_info *i = &n->info;
    ocrvl_status st = OCRVL_OK;
    bool leaf = i->kind == OCRVL_LINE || i->kind == OCRVL_WORD;
    if (leaf)
        st = ocrvl_tree_text(b, &i->text, &n->length, &n->count, i->text, OCRVL_TEXT_ONE_LINE, err);
    else
        i->text = "";
    if (!st && i->latex)
        st = ocrvl_tree_text(b, &i->latex, NULL, NULL, i->latex, OCRVL_TEXT_LINES, err);
    if (!st && i->alt)
        st = ocrvl_tree_text(b, &i->alt, NULL, NULL, i->alt, OCRVL_TEXT_LOSSY, err);
    if (!st && i->link)
        st = ocrvl_tree_text(b, &i->link, NULL, NULL, i->link, OCRVL_TEXT_LOSSY, err);
    if (!st && i->style)
        st = keep_style(b, &i->style, err);
    if (!st)
        st = keep_points(b, &i->polygon, i->polygon_count, err);
    if (!st)
        st = keep_points(b, &i->curve, i->curve_count, err);
    if (!st && i->lang && !(i->lang = ocrvl_tree_copy(b, i->lang, strlen(i->lang))))
        st = ocrvl_fail_nomem(err);
    return st;
}

static ocrvl_status open_table(ocrvl_builder *b, ocrvl_error *err)
{
    if (!b->until && !(b->until = ocrvl_alloc_array(MAX_COLUMNS, sizeof *b->until)))
        return ocrvl_fail_nomem(err);
    memset(b->until, 0, MAX_COLUMNS * sizeof *b->until);
    b->rows = b->columns = 0;
    return OCRVL_OK;
}

/* The role of a block before its structure was told; what holds cells or a formula does so under any role. */
static ocrvl_role given_role(const ocrvl_builder *b, const ocrvl_node_info *i)
{
    bool fixed = i->role == OCRVL_ROLE_TABLE || i->role == OCRVL_ROLE_FORMULA || i->given == OCRVL_ROLE_TABLE ||
                 i->given == OCRVL_ROLE_FORMULA || (unsigned)i->given > OCRVL_ROLE_QUOTE;
    return b->again && i->kind == OCRVL_BLOCK && !fixed ? i->given : i->role;
}

ocrvl_status ocrvl_builder_open(ocrvl_builder *b, const ocrvl_node_info *info, ocrvl_error *err)
{
    ocrvl_node_info mine = {0};
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    if (st)
        return st;
    if (info->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_node_info.size is not set");
    memcpy(&mine, info, info->size < sizeof mine ? info->size : sizeof mine);
    mine.size = sizeof mine;
    scale_back(b, &mine);
    if (mine.kind == OCRVL_LINE && !mine.lang && mine.dir != OCRVL_DIR_NONE)
        mine.lang = b->language;
    if ((st = check_nesting(b, mine.kind, err)) || (st = check_info(b, &mine, err)))
        return st;
    ocrvl_node *n = ocrvl_tree_take(b, sizeof *n);
    if (!n)
        return ocrvl_fail_nomem(err);
    n->info = mine;
    n->info.given = given_role(b, &mine);
    n->given_level = mine.level;
    n->given_on = mine.continues;
    if ((st = open_strings(b, n, err)))
        return st;
    if (mine.kind == OCRVL_WORD)
        st = place_word(b, n, err);
    else if (mine.kind == OCRVL_CELL)
        st = place_cell(b, &mine, err);
    else if (mine.kind == OCRVL_BLOCK && mine.role == OCRVL_ROLE_TABLE)
        st = open_table(b, err);
    if (st)
        return st;
    if (mine.kind == OCRVL_LINE) {
        b->word_cp = 0;
        b->word_byte = 0;
    }
    ocrvl_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
    ocrvl_node **first = parent ? &parent->first : &b->first, **last = parent ? &parent->last : &b->last;
    if (*last)
        (*last)->next = n;
    else
        *first = n;
    *last = n;
    b->open[b->depth++] = n;
    return OCRVL_OK;
}

/* ---- closing a node ---------------------------------------------------------------------------------- */

/* A word's confidence is what was given. Of the rest, what was given counts if it is over 0 (a struct left zero says
 * nothing), else the mean of the words'; a line whose words have none stands for them. */
static void close_confidence(ocrvl_node *n, ocrvl_node *parent)
{
    ocrvl_node_info *i = &n->info;
    if (i->kind == OCRVL_WORD || (i->kind == OCRVL_LINE && n->weight == 0 && i->confidence > 0)) {
        if (i->confidence >= 0) {
            n->sum = (double)i->confidence * n->count;
            n->weight = n->count;
        }
    } else if (!(i->confidence > 0)) {
        i->confidence = n->weight > 0 ? (float)(n->sum / n->weight) : -1;
    }
    if (parent) {
        parent->sum += n->sum;
        parent->weight += n->weight;
    }
}

static void put_text(ocrvl_builder *b, const char *s, size_t n, uint32_t count)
{
    ocrvl_buf_put(&b->text, s, n);
    b->count += count;
}

/* Puts the lines of a block or cell, whose start is set, into the page's text. */
static void place_lines(ocrvl_builder *b, ocrvl_node *parent)
{
    for (ocrvl_node *line = parent->first; line; line = line->next) {
        if (line->count && b->count > parent->info.start)
            put_text(b, "\n", 1, 1);
        line->info.start = b->count;
        put_text(b, line->info.text, line->length, line->count);
        line->info.end = b->count;
        for (ocrvl_node *word = line->first; word; word = word->next) {
            word->info.start = line->info.start + word->offset;
            word->info.end = word->info.start + word->count;
        }
    }
}

static bool lines_have_text(const ocrvl_node *parent)
{
    for (const ocrvl_node *line = parent->first; line; line = line->next)
        if (line->count)
            return true;
    return false;
}

/* Ends a block's or cell's text, which begins at byte `from` of the page's. */
static bool end_text(ocrvl_builder *b, ocrvl_node *n, size_t from)
{
    n->info.end = b->count;
    if (b->text.failed)
        return false;
    if (b->text.len > from && !(n->info.text = ocrvl_tree_copy(b, b->text.data + from, b->text.len - from)))
        return false;
    return true;
}

static bool place_cells(ocrvl_builder *b, ocrvl_node *table)
{
    for (ocrvl_node *cell = table->first, *before = NULL; cell; before = cell, cell = cell->next) {
        if (before)
            put_text(b, cell->info.row > before->info.row ? "\n" : "\t", 1, 1);
        size_t from = b->text.len;
        cell->info.start = b->count;
        place_lines(b, cell);
        if (!end_text(b, cell, from))
            return false;
    }
    return true;
}

/* The block's text at the end of the page's, and with it the offsets of all that it holds. */
static ocrvl_status close_block(ocrvl_builder *b, ocrvl_node *block, ocrvl_error *err)
{
    bool table = block->info.role == OCRVL_ROLE_TABLE;
    bool text = table ? block->first && (block->first->next || lines_have_text(block->first)) : lines_have_text(block);
    size_t bytes = b->text.len;
    uint32_t count = b->count;
    if (text && b->count)
        put_text(b, "\n\n", 2, 2);
    size_t from = b->text.len;
    block->info.start = b->count;
    bool ok = true;
    if (table)
        ok = place_cells(b, block);
    else
        place_lines(b, block);
    ok = ok && end_text(b, block, from);
    if (ok && b->text.len <= OCRVL_TREE_MAX_TEXT)
        return OCRVL_OK;
    b->text.failed = false;
    b->text.len = bytes;
    b->count = count;
    return ok ? ocrvl_fail(err, OCRVL_E_LIMIT, "the page's text is over %u bytes", OCRVL_TREE_MAX_TEXT)
              : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_builder_close(ocrvl_builder *b, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    if (st)
        return st;
    if (b->depth == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "no node is open");
    ocrvl_node *n = b->open[b->depth - 1];
    if (n->info.kind == OCRVL_BLOCK && (st = close_block(b, n, err)))
        return st;
    b->depth--;
    close_confidence(n, b->depth ? b->open[b->depth - 1] : NULL);
    return OCRVL_OK;
}
