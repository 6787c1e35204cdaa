/* Budgets: what reading a page will take, before any weight is read, and what is made smaller to keep to a bound. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/machine.h"
#include "model/pixels.h"
#include "read/anchor.h"
#include "read/mineru.h"
#include "read/plan.h"
#include "read/plan_parts.h"

/* Tokens that a line of text makes of an answer, of a prompt's text, those that there is room for in a prompt, and
 * those of one with what a page holds already. */
enum {
    LINE_TOKENS = 18,
    BLOCK_TOKENS = 16, /* of a layout's answer for a block */
    PROMPT = 128,
    PROMPT_ROOM = 1024,
    ANCHOR = OCRVL_ANCHOR_MOST / 2
};
/* Of the smallest tile that budgets make of a page: visual tokens, and those of its answer; visual tokens of a picture
 * without text. */
enum { SMALLEST = 256, SHORT = 256, PICTURE = 1280 };
#define AGAIN                                                                                                          \
    1.4 /* how often a line reader is shown a strip, doubtful ones being read up to three times: 1.45 on the sample    \
           pages */
/* Tiles mustn't depend on how many threads there are: they are made for the memory that so many would take. */
enum { THREADS = 16 };

/* ---- budgets ----------------------------------------------------------------------------------------- */

static void put_bytes(ocrvl_buf *b, uint64_t n)
{
    bool large = n >= 10ull << 30;
    ocrvl_buf_put_number(b, (double)n / (large ? 1 << 30 : 1 << 20), large);
    ocrvl_buf_puts(b, large ? " GiB" : " MiB");
}

static ocrvl_status too_large(const ocrvl_planner *p, const char *what, uint64_t need, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    put_bytes(&b, need);
    ocrvl_buf_puts(&b, " of memory, more than the ");
    put_bytes(&b, p->max_memory);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err)
                               : ocrvl_fail(err, OCRVL_E_LIMIT, "%s takes at least %s that there may be", what, b.data);
    ocrvl_buf_free(&b);
    return st;
}

static uint64_t smallest_bytes(const ocrvl_planner *p)
{
    return ocrvl_plan_base_bytes(p, NULL) +
           (p->main.config.line_reader ? 0 : ocrvl_plan_tile_bytes(p, SMALLEST, SMALLEST, PROMPT, SHORT));
}

ocrvl_status ocrvl_planner_limit(ocrvl_planner *p, uint64_t max_memory, double max_seconds, ocrvl_error *err)
{
    uint64_t need = smallest_bytes(p);
    p->max_memory = max_memory ? max_memory : ocrvl_machine_memory();
    p->max_seconds = max_seconds;
    if (need > p->max_memory) {
        ocrvl_status st = too_large(p, "reading with this checkpoint", need, err);
        p->max_memory = UINT64_MAX;
        return st;
    }
    return max_seconds > 0 && !(p->bandwidth > 0) ? ocrvl_planner_measure_machine(p, err) : OCRVL_OK;
}

uint64_t ocrvl_planner_max_memory(const ocrvl_planner *p) { return p->max_memory; }

uint64_t ocrvl_planner_max_pixels(const ocrvl_planner *p)
{
    return p->max_memory == UINT64_MAX ? UINT64_MAX : (p->max_memory - smallest_bytes(p)) / (3 + OCRVL_PLAN_LAYOUT);
}

/* The most visual tokens of one tile, up to `most`, with which no more than `room` bytes are resident; 0: not even the
 * smallest tile. */
static size_t tokens_in(const ocrvl_planner *p, uint64_t room, size_t most, const ocrvl_tile_limits *limits)
{
    size_t low = most < SMALLEST ? most : SMALLEST, high = most;
    if (ocrvl_plan_tile_bytes(p, low, low, limits->prompt_tokens, limits->answer_tokens) > room)
        return 0;
    while (low < high) {
        size_t middle = high - (high - low) / 2;
        if (ocrvl_plan_tile_bytes(p, middle, middle, limits->prompt_tokens, limits->answer_tokens) > room)
            high = middle - 1;
        else
            low = middle;
    }
    return low;
}

ocrvl_tile_limits ocrvl_plan_limits(const ocrvl_task *t, const ocrvl_read_options *o, const ocrvl_config *c,
                                    const ocrvl_profile *profile)
{
    const ocrvl_profile *own = ocrvl_profile_for(profile, t->name);
    size_t answer = own->answer_tokens ? own->answer_tokens : OCRVL_PAGE_ANSWER;
    return (ocrvl_tile_limits){
        .min_pixels = o->min_pixels ? o->min_pixels : own->min_pixels,
        .max_pixels = o->max_pixels ? o->max_pixels : own->max_pixels,
        .longest_side = t->longest_side,
        .one_tile =
            t->output == OCRVL_OUTPUT_GROUNDING || t->output == OCRVL_OUTPUT_LAYOUT || t->output == OCRVL_OUTPUT_HTML,
        .prompt_tokens = PROMPT_ROOM + (ocrvl_task_has(t, "{anchor}") ? ANCHOR : 0),
        .answer_tokens = ocrvl_answer_limit(o->max_tokens, answer, c),
    };
}

static uint64_t page_bytes(const ocrvl_planner *p, const ocrvl_layout *l, const ocrvl_image *img)
{
    return ocrvl_plan_base_bytes(p, l) + ocrvl_plan_image_bytes(img);
}

/* Adds up what the tiles cost. */
static void count_costs(const ocrvl_planner *p, ocrvl_tile_plan *out, const ocrvl_layout *l, const ocrvl_image *img,
                        const ocrvl_tile_limits *limits)
{
    uint64_t base = page_bytes(p, l, img);
    double answer = fmin((double)limits->answer_tokens, (double)l->line_count * LINE_TOKENS);
    size_t prompt = limits->prompt_tokens - PROMPT_ROOM + PROMPT;
    out->seconds = 0;
    out->memory = 0;
    for (size_t i = 0; i < out->tiles.count; i++) {
        size_t tokens = ocrvl_tile_tokens(&out->tiles.tile[i], &p->main.config);
        uint64_t bytes = base + ocrvl_plan_tile_bytes(p, tokens, tokens, limits->prompt_tokens, limits->answer_tokens);
        ocrvl_pass_shape s = ocrvl_plan_tile_shape(p, tokens, tokens, prompt, 0);
        if (p->bandwidth > 0)
            out->seconds += ocrvl_plan_seconds(p, &p->main, &s, answer / (double)out->tiles.count);
        if (bytes > out->memory) {
            out->memory = bytes;
            out->largest = i;
        }
    }
}

static void put_seconds(ocrvl_buf *b, double s)
{
    ocrvl_buf_put_number(b, s, s < 10);
    ocrvl_buf_puts(b, " s");
}

static void tell_memory(const ocrvl_planner *p, ocrvl_tile_plan *out, uint64_t most)
{
    ocrvl_buf_puts(&out->note, "to keep to ");
    put_bytes(&out->note, p->max_memory);
    ocrvl_buf_printf(&out->note, " of memory the page was shown in pictures of at most %llu pixels",
                     (unsigned long long)most);
}

/* seconds is 0 where time isn't the reason. */
static void tell_letters(const ocrvl_planner *p, ocrvl_tile_plan *out, bool smaller, double seconds)
{
    ocrvl_buf *b = &out->note;
    if (seconds > 0) {
        ocrvl_buf_puts(b, "to keep to ");
        put_seconds(b, p->max_seconds);
        ocrvl_buf_putc(b, ' ');
    }
    if (smaller && out->tiles.x_height > 0) {
        ocrvl_buf_puts(b, "letters were shown smaller, an x ");
        ocrvl_buf_put_number(b, out->tiles.scale * out->tiles.x_height, 1);
        ocrvl_buf_puts(b, " pixels high");
    } else
        ocrvl_buf_puts(b, smaller ? "the page was shown smaller" : "letters can't be shown smaller");
    if (seconds <= p->max_seconds)
        return;
    ocrvl_buf_puts(b, smaller ? ", as small as can be read, and still the page takes about "
                              : ", and the page takes about ");
    put_seconds(b, seconds);
}

/* Tiles with letters as high as the seconds allow, from the height that reads best down to the least. */
static ocrvl_status fit_letters(const ocrvl_planner *p, ocrvl_tile_plan *out, const ocrvl_layout *l,
                                const ocrvl_image *img, ocrvl_tile_limits *limits, double spent, ocrvl_error *err)
{
    double wanted = 0, seconds = 0;
    for (double x = OCRVL_X_TARGET;; x -= 0.5) {
        bool last = x - 0.5 < OCRVL_X_LEAST;
        limits->x_height = x < OCRVL_X_TARGET ? x : 0;
        ocrvl_status st = ocrvl_plan_tiles(&out->tiles, &p->main.config, l, img->dpi_x, limits, err);
        if (st && (st != OCRVL_E_LIMIT || p->max_memory == UINT64_MAX || last))
            return st;
        wanted = fmax(wanted, out->tiles.scale);
        if (st)
            continue;
        count_costs(p, out, l, img, limits);
        seconds = p->max_seconds > 0 ? spent + out->seconds : 0;
        if (seconds > p->max_seconds && !last)
            continue;
        if (out->tiles.scale < wanted || seconds > p->max_seconds)
            tell_letters(p, out, out->tiles.scale < wanted, seconds);
        return OCRVL_OK;
    }
}

/* *most: pixels of a tile that the memory allows, UINT64_MAX: any that the context does. */
static ocrvl_status fit_memory(const ocrvl_planner *p, const ocrvl_layout *l, const ocrvl_image *img,
                               const ocrvl_tile_limits *limits, uint64_t *most, ocrvl_error *err)
{
    ocrvl_planner any = *p;
    any.threads = THREADS;
    const ocrvl_config *c = &p->main.config;
    uint64_t base = page_bytes(&any, l, img), side = c->patch * c->merge;
    size_t others = limits->prompt_tokens + limits->answer_tokens, all = c->context > others ? c->context - others : 1;
    size_t tokens = p->max_memory > base ? tokens_in(&any, p->max_memory - base, all, limits) : 0;
    *most = tokens < all ? tokens * side * side : UINT64_MAX;
    if (tokens)
        return OCRVL_OK;
    base += ocrvl_plan_tile_bytes(&any, SMALLEST, SMALLEST, limits->prompt_tokens, limits->answer_tokens);
    return too_large(p, "reading this page", base, err);
}

ocrvl_status ocrvl_plan_page_tiles(const ocrvl_planner *p, ocrvl_tile_plan *out, const ocrvl_config *c,
                                   const ocrvl_layout *l, const ocrvl_image *img, const ocrvl_tile_limits *limits,
                                   double spent, ocrvl_error *err)
{
    if (!p)
        return ocrvl_plan_tiles(&out->tiles, c, l, img->dpi_x, limits, err);
    ocrvl_tile_limits fitting = *limits;
    uint64_t most;
    ocrvl_status st = fit_memory(p, l, img, limits, &most, err);
    if (st)
        return st;
    c = &p->main.config;
    bool held = most < (limits->max_pixels && limits->max_pixels < c->max_pixels ? limits->max_pixels : c->max_pixels);
    if (held)
        fitting.max_pixels = most;
    st = fit_letters(p, out, l, img, &fitting, spent, err);
    if (!st && held && out->tiles.wanted > most) {
        ocrvl_buf letters = out->note;
        out->note = (ocrvl_buf){0};
        tell_memory(p, out, most);
        if (letters.len)
            ocrvl_buf_printf(&out->note, "; %s", letters.data);
        ocrvl_buf_free(&letters);
    }
    return st || !out->note.failed ? st : ocrvl_fail_nomem(err);
}

/* ---- several pages ----------------------------------------------------------------------------------- */

uint64_t ocrvl_plan_sequence_bytes(const ocrvl_planner *p, const ocrvl_tile *k, const ocrvl_tile_limits *limits)
{
    if (!p)
        return 0;
    size_t tokens = ocrvl_tile_tokens(k, &p->main.config);
    ocrvl_pass_shape s = ocrvl_plan_tile_shape(p, tokens, tokens, limits->prompt_tokens, limits->answer_tokens);
    return ocrvl_sequence_bytes(&p->main.config, &s);
}

bool ocrvl_plan_fits(const ocrvl_planner *p, uint64_t held, const ocrvl_tile *k, const ocrvl_tile_limits *limits)
{
    if (!p || p->max_memory == UINT64_MAX)
        return true;
    size_t tokens = k ? ocrvl_tile_tokens(k, &p->main.config) : SMALLEST;
    size_t prompt = limits ? limits->prompt_tokens : PROMPT_ROOM,
           answer = limits ? limits->answer_tokens : OCRVL_PAGE_ANSWER;
    uint64_t need = ocrvl_plan_base_bytes(p, NULL) + held + ocrvl_plan_tile_bytes(p, tokens, tokens, prompt, answer);
    return need <= p->max_memory;
}

/* ---- pictures of a question -------------------------------------------------------------------------- */

/* Visual tokens of the pictures, with no more than `most` pixels each; *longest: those of the largest. */
static ocrvl_status count_shown(const ocrvl_config *c, const ocrvl_shown *s, uint64_t most, size_t *tokens,
                                size_t *longest, ocrvl_error *err)
{
    size_t side = c->patch * c->merge;
    *tokens = s->extra;
    *longest = 0;
    for (size_t i = 0; i < s->count; i++) {
        uint64_t height, width;
        ocrvl_pixel_range r = ocrvl_pixels_up_to(s->ranges[i], most);
        ocrvl_status st =
            ocrvl_smart_resize(s->images[i]->height, s->images[i]->width, side, r.least, r.most, &height, &width, err);
        if (st)
            return st;
        size_t n = (size_t)(height / side * (width / side));
        *tokens += n;
        *longest = n > *longest ? n : *longest;
    }
    return OCRVL_OK;
}

static void tell_pictures(const ocrvl_planner *p, ocrvl_buf *note, uint64_t most, bool memory, double seconds)
{
    ocrvl_buf_puts(note, "to keep to ");
    if (memory) {
        put_bytes(note, p->max_memory);
        ocrvl_buf_puts(note, " of memory");
    }
    if (seconds > 0) {
        ocrvl_buf_puts(note, memory ? " and " : "");
        put_seconds(note, p->max_seconds);
    }
    ocrvl_buf_printf(note, " pictures were shown smaller, of at most %llu pixels", (unsigned long long)most);
    if (seconds <= p->max_seconds)
        return;
    ocrvl_buf_puts(note, ", and still the answer takes about ");
    put_seconds(note, seconds);
}

ocrvl_pixel_range ocrvl_range_in_question(const ocrvl_config *c, const ocrvl_image *img, uint64_t letters,
                                          ocrvl_pixel_range limits)
{
    uint64_t own = (uint64_t)img->width * img->height,
             plain = (uint64_t)PICTURE * c->patch * c->merge * c->patch * c->merge;
    uint64_t wanted = own < plain ? own : plain;
    wanted = letters > wanted ? letters : wanted;
    wanted = wanted > limits.least ? wanted : limits.least;
    return ocrvl_pixels_up_to((ocrvl_pixel_range){letters > own ? letters : limits.least, wanted}, limits.most);
}

const ocrvl_config *ocrvl_planner_config(const ocrvl_planner *p) { return &p->main.config; }

ocrvl_status ocrvl_planner_measure(ocrvl_planner *p, ocrvl_error *err)
{
    return p->bandwidth > 0 ? OCRVL_OK : ocrvl_planner_measure_machine(p, err);
}

ocrvl_status ocrvl_plan_pictures(const ocrvl_planner *p, const ocrvl_config *c, const ocrvl_shown *s,
                                 ocrvl_shown_plan *out, ocrvl_buf *note, ocrvl_error *err)
{
    size_t tokens, longest, side = c->patch * c->merge;
    uint64_t base, need, least = SMALLEST * side * side, *most = &out->most;
    bool memory = false, time = false;
    double seconds;
    *out = (ocrvl_shown_plan){.most = UINT64_MAX};
    if (!p)
        return OCRVL_OK;
    ocrvl_planner any = *p;
    any.threads = THREADS;
    base = ocrvl_plan_base_bytes(&any, NULL);
    for (size_t i = 0; i < s->count; i++)
        base += ocrvl_plan_image_bytes(s->images[i]);
    for (;;) {
        ocrvl_status st = count_shown(c, s, *most, &tokens, &longest, err);
        if (st)
            return st;
        ocrvl_pass_shape shape = ocrvl_plan_tile_shape(p, tokens, longest, s->prompt, 0);
        need = base + ocrvl_plan_tile_bytes(&any, tokens, longest, s->prompt, s->answer);
        seconds = p->bandwidth > 0 ? ocrvl_plan_seconds(p, &p->main, &shape, LINE_TOKENS) : 0;
        bool large = need > p->max_memory, late = p->max_seconds > 0 && seconds > p->max_seconds;
        memory |= large;
        time |= late;
        if ((!large && !late) || *most <= least || !s->count)
            break;
        uint64_t seen = longest * side * side; /* of the largest */
        *most = (*most < seen ? *most : seen) * 9 / 10;
        *most = *most > least ? *most : least;
    }
    out->tokens = tokens;
    out->seconds = seconds;
    out->memory = need;
    if (need > p->max_memory)
        return too_large(p, "what is shown together", need, err);
    if (memory || time)
        tell_pictures(p, note, *most, memory, time ? fmax(seconds, 1e-9) : 0);
    return note->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

/* ---- a page ------------------------------------------------------------------------------------------ */

static double line_reader_seconds(const ocrvl_planner *p, const ocrvl_plan_model *k, const ocrvl_layout *l)
{
    ocrvl_strips_shown t = ocrvl_plan_strips(p, &k->config, l);
    ocrvl_pass_shape s = ocrvl_plan_strips_shape(&k->config, t.width, t.group);
    return AGAIN * ocrvl_plan_seconds(p, k, &s, t.width / 9) * t.count / t.group;
}

/* A page of a line reader: its tiles are strips. */
static void plan_lines(const ocrvl_planner *p, const ocrvl_layout *l, ocrvl_page_plan *plan)
{
    const ocrvl_config *c = &p->main.config;
    ocrvl_strips_shown t = ocrvl_plan_strips(p, c, l);
    ocrvl_pass_shape one = ocrvl_plan_strips_shape(c, t.width, 1);
    plan->seconds += line_reader_seconds(p, &p->main, l);
    plan->memory += ocrvl_plan_base_bytes(p, l) - OCRVL_PLAN_PROGRAM;
    plan->tiles = (uint32_t)t.count;
    plan->tile_width = (uint32_t)fmin(t.width, (double)c->max_width);
    plan->tile_height = (uint32_t)c->line_height;
    plan->visual_tokens = (uint64_t)((double)(one.patches / (c->merge * c->merge)) * t.count);
}

/* Adds a picture that is shown by itself, its prompt and its part of the answers that are written together. */
static void add_shown(const ocrvl_planner *p, size_t tokens, const ocrvl_tile_limits *limits, uint64_t base,
                      ocrvl_page_plan *plan)
{
    ocrvl_pass_shape s = ocrvl_plan_tile_shape(p, tokens, tokens, PROMPT / 4, 0);
    uint64_t bytes = base + ocrvl_plan_tile_bytes(p, tokens, tokens, limits->prompt_tokens, limits->answer_tokens);
    plan->seconds += ocrvl_plan_seconds(p, &p->main, &s, 0);
    plan->memory = bytes > plan->memory ? bytes : plan->memory;
    plan->visual_tokens += tokens;
}

/* A page that is read block by block: its layout, then each block of text, and each of its pictures if these are read, at its own resolution, so many in one pass.
 */
static ocrvl_status plan_blocks(const ocrvl_planner *p, const ocrvl_layout *l, const ocrvl_image *img, bool pictures,
                                const ocrvl_tiles *tiles, const ocrvl_tile_limits *limits, ocrvl_page_plan *plan,
                                ocrvl_error *err)
{
    const ocrvl_config *c = &p->main.config;
    uint64_t base = page_bytes(p, l, img), token = c->patch * c->merge, width, height, held = 0;
    size_t blocks = 0;
    plan->memory = 0;
    plan->tile_width = plan->tile_height = ocrvl_plan_layout_side(c, tiles->most);
    add_shown(p, (size_t)(plan->tile_width / token * (plan->tile_height / token)), limits, base, plan);
    for (size_t i = 0; i < l->block_count; i++) {
        const ocrvl_box *b = &l->blocks[i].box;
        bool read = l->blocks[i].lines || (pictures && l->blocks[i].role == OCRVL_ROLE_FIGURE);
        if (!read || b->x1 <= b->x0 || b->y1 <= b->y0)
            continue;
        ocrvl_mineru_block block = {.box = *b};
        uint32_t w, h;
        ocrvl_mineru_size(&block, (uint32_t)token, &w, &h);
        ocrvl_status st = ocrvl_smart_resize(h, w, token, c->min_pixels < tiles->most ? c->min_pixels : tiles->most,
                                             tiles->most, &height, &width, err);
        if (st)
            return st;
        ocrvl_tile k = {.width = (uint32_t)width, .height = (uint32_t)height};
        ocrvl_tile_limits own = ocrvl_plan_block_limits(limits, ocrvl_tile_tokens(&k, c));
        add_shown(p, ocrvl_tile_tokens(&k, c), &own, base + held, plan);
        held += blocks++ < OCRVL_BLOCKS_TOGETHER - 1 ? ocrvl_plan_sequence_bytes(p, &k, &own) : 0;
    }
    size_t together = blocks < OCRVL_BLOCKS_TOGETHER ? blocks : OCRVL_BLOCKS_TOGETHER;
    double answers = (double)l->line_count * LINE_TOKENS;
    plan->seconds += ocrvl_plan_answer_seconds(p, &p->main, 1, (double)blocks * BLOCK_TOKENS);
    if (together)
        plan->seconds += ocrvl_plan_answer_seconds(p, &p->main, together, answers / (double)together);
    plan->tiles = (uint32_t)blocks + 1;
    plan->x_height = tiles->x_height;
    plan->beside = ocrvl_plan_image_bytes(img) + held;
    return OCRVL_OK;
}

static ocrvl_status plan_tiles(const ocrvl_planner *p, const ocrvl_layout *l, const ocrvl_image *img,
                               const ocrvl_read_options *o, ocrvl_page_plan *plan, ocrvl_error *err)
{
    const ocrvl_config *c = &p->main.config;
    ocrvl_task task;
    ocrvl_tile_plan tiles = {0};
    ocrvl_status st = ocrvl_task_choose(&task, o, c, p->main.profile, err);
    if (st)
        return st;
    ocrvl_tile_limits limits = ocrvl_plan_limits(&task, o, c, p->main.profile);
    st = ocrvl_plan_page_tiles(p, &tiles, c, l, img, &limits, plan->seconds, err);
    bool blocks = task.output == OCRVL_OUTPUT_LAYOUT;
    if (!st && blocks)
        st = plan_blocks(p, l, img, task.pictures, &tiles.tiles, &limits, plan, err);
    else if (!st) {
        plan->tiles = (uint32_t)tiles.tiles.count;
        plan->x_height = tiles.tiles.x_height;
        plan->tile_width = tiles.tiles.tile[tiles.largest].width;
        plan->tile_height = tiles.tiles.tile[tiles.largest].height;
        plan->seconds += tiles.seconds;
        plan->memory = tiles.memory;
        plan->beside =
            ocrvl_plan_image_bytes(img) + ocrvl_plan_sequence_bytes(p, &tiles.tiles.tile[tiles.largest], &limits);
    }
    for (size_t i = 0; !st && !blocks && i < tiles.tiles.count; i++)
        plan->visual_tokens += ocrvl_tile_tokens(&tiles.tiles.tile[i], c);
    if (!st && tiles.note.len)
        memcpy(plan->budget, tiles.note.data,
               tiles.note.len < sizeof plan->budget ? tiles.note.len : sizeof plan->budget - 1);
    ocrvl_buf_free(&tiles.note);
    return st;
}

ocrvl_status ocrvl_planner_page(ocrvl_planner *p, const ocrvl_image *img, const ocrvl_read_options *opt,
                                ocrvl_page_plan *plan, ocrvl_error *err)
{
    ocrvl_read_options o = {0};
    ocrvl_page_plan out = {.size = plan->size, .width = img->width, .height = img->height};
    ocrvl_layout *l;
    ocrvl_image *square;
    double from = ocrvl_clock();
    if (opt)
        memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    ocrvl_layout_options how = {.mode = o.layout, .keep_rotation = o.keep_rotation, .keep_skew = o.keep_skew};
    ocrvl_status st = ocrvl_image_square(&square, img, err);
    if (st)
        return st;
    img = square ? square : img;
    st = ocrvl_layout_new(&l, img, &how, err);
    if (st) {
        ocrvl_image_free(square);
        return st;
    }
    out.lines = (uint32_t)l->line_count;
    out.memory = OCRVL_PLAN_PROGRAM + ocrvl_plan_image_bytes(img);
    out.seconds = ocrvl_clock() - from;
    if (!(p->bandwidth > 0))
        st = ocrvl_planner_measure_machine(p, err);
    if (!st && l->line_count && p->main.config.line_reader)
        plan_lines(p, l, &out);
    else if (!st && l->line_count) {
        out.seconds += p->has_line ? line_reader_seconds(p, &p->line, l) : 0;
        st = plan_tiles(p, l, img, &o, &out, err);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(square);
    if (!st)
        memcpy(plan, &out, plan->size < sizeof out ? plan->size : sizeof out);
    return st;
}
