/* What passes of a model take: seconds and bytes. */
#include <math.h>

#include "base/image.h"
#include "generate/generate.h"
#include "model/weights.h"
#include "read/line_reader.h"
#include "read/plan.h"
#include "read/plan_parts.h"

enum { LINE_PROMPT = 24 }; /* tokens of a line reader's prompt */
#define DRAFTED 3.0        /* tokens a pass */

static double speed(const ocrvl_planner *p, const ocrvl_plan_model *k)
{
    return k->low_precision ? p->narrow_flops : p->flops;
}

/* Seconds of an answer: of each pass arithmetic, or the reading of the weights where that takes longer. A line reader
 * beside gives drafts: on the sample pages they make 4.5 tokens a pass of an answer that is all words, and 3 are
 * counted on. */
double ocrvl_plan_answer_seconds(const ocrvl_planner *p, const ocrvl_plan_model *k, size_t sequences, double answer)
{
    bool drafts = p->has_line && k == &p->main;
    double rows = (double)(drafts ? sequences * (OCRVL_DRAFT + 1) : sequences);
    double reads = (double)k->step * (ocrvl_weights_are_small(k->bytes) ? 2 : 1) / p->bandwidth;
    return (drafts ? answer / DRAFTED : answer) * fmax(rows * ocrvl_token_flop(&k->config) / speed(p, k), reads);
}

double ocrvl_plan_seconds(const ocrvl_planner *p, const ocrvl_plan_model *k, const ocrvl_pass_shape *s, double answer)
{
    double prompts = (double)s->sequences * ocrvl_prompt_flop(&k->config, s);
    return (ocrvl_vision_flop(&k->config, s) + prompts) / speed(p, k) +
           ocrvl_plan_answer_seconds(p, k, s->sequences, answer);
}

uint64_t ocrvl_plan_image_bytes(const ocrvl_image *img)
{
    return (uint64_t)img->width * img->height * (img->channels + OCRVL_PLAN_LAYOUT);
}

ocrvl_strips_shown ocrvl_plan_strips(const ocrvl_planner *p, const ocrvl_config *c, const ocrvl_layout *l)
{
    double width = 0;
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_box *b = &l->lines[i].ink;
        width += 1.6 * (b->x1 - b->x0) / fmax(1, b->y1 - b->y0) * (double)c->line_height / 1.5;
    }
    double count = fmax(1, fmax((double)l->line_count, width / (double)c->max_width));
    return (ocrvl_strips_shown){count, width / count,
                                fmin(count, (double)ocrvl_line_group_size((size_t)count, p->threads))};
}

ocrvl_pass_shape ocrvl_plan_strips_shape(const ocrvl_config *c, double width, double count)
{
    size_t patches = (size_t)(width / (double)c->patch + 1) * (c->line_height / c->patch);
    return (ocrvl_pass_shape){.patches = (size_t)((double)patches * count),
                              .longest = patches,
                              .tokens = patches / (c->merge * c->merge) + LINE_PROMPT,
                              .answer = ocrvl_line_token_limit((uint32_t)width, (uint32_t)c->line_height),
                              .sequences = (size_t)count,
                              .threads = 1};
}

/* Of a line reader, weights and work; l NULL: the least. */
static uint64_t line_reader_bytes(const ocrvl_planner *p, const ocrvl_plan_model *k, const ocrvl_layout *l)
{
    ocrvl_strips_shown t =
        l ? ocrvl_plan_strips(p, &k->config, l) : (ocrvl_strips_shown){1, (double)k->config.line_height, 1};
    ocrvl_pass_shape s = ocrvl_plan_strips_shape(&k->config, t.width, t.group);
    return ocrvl_weights_resident(k->bytes, true) + p->threads * ocrvl_pass_bytes(&k->config, &s);
}

ocrvl_pass_shape ocrvl_plan_tile_shape(const ocrvl_planner *p, size_t tokens, size_t longest, size_t prompt,
                                       size_t answer)
{
    size_t merged = p->main.config.merge * p->main.config.merge;
    return (ocrvl_pass_shape){tokens * merged, longest * merged,     tokens + prompt, answer, 1,
                              p->threads,      p->main.low_precision};
}

uint64_t ocrvl_plan_tile_bytes(const ocrvl_planner *p, size_t tokens, size_t longest, size_t prompt, size_t answer)
{
    ocrvl_pass_shape s = ocrvl_plan_tile_shape(p, tokens, longest, prompt, answer);
    return ocrvl_pass_bytes(&p->main.config, &s);
}

uint64_t ocrvl_plan_base_bytes(const ocrvl_planner *p, const ocrvl_layout *l)
{
    uint64_t base = OCRVL_PLAN_PROGRAM;
    base +=
        p->main.config.line_reader ? line_reader_bytes(p, &p->main, l) : ocrvl_weights_resident(p->main.bytes, false);
    for (size_t i = 0; i < p->more_count; i++)
        base += line_reader_bytes(p, &p->more[i], l);
    return base + (p->has_line ? line_reader_bytes(p, &p->line, l) : 0);
}
