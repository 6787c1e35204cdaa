#include "read/page_reader.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "markup/markup.h"
#include "model/pixels.h"
#include "read/anchor.h"
#include "read/compose.h"
#include "read/html_blocks.h"
#include "read/mineru.h"
#include "read/olmocr.h"
#include "read/plan.h"
#include "read/session.h"
#include "read/stitch.h"
#include "read/thinking.h"
#include "read/watch.h"

/* Branches after a loop, unless the options say otherwise. */
enum { RETRIES = 2 };
/* How often a page is turned because an answer says so. */
enum { MAX_TURNS = 3 };

typedef struct answer { /* to one tile */
    ocrvl_decoder *d;
    ocrvl_chat chat;
    ocrvl_sequence *g;
    size_t tokens; /* visual */
    ocrvl_transcript transcript;
    uint32_t turn; /* that an answer in olmOCR's JSON wants, clockwise */
} answer;

typedef struct page_reading {
    ocrvl_page_reading base; /* first: the two are one pointer */
    ocrvl_task task;
    ocrvl_buf prompt; /* the task's text with its places filled */
    ocrvl_tiles tiles;
    ocrvl_tile_limits limits; /* that they were planned with */
    ocrvl_image *upright;     /* the page turned, if it was; else NULL */
    ocrvl_ids draft_source;
    ocrvl_transcript transcript;
    ocrvl_model_regions regions; /* of the transcript, if the model named any */
    size_t bad_regions;
    ocrvl_transcript markdown; /* of blocks: the transcript, with paragraphs that go on in one piece */
    ocrvl_buf thought;         /* what the model said before its answers */
    bool unfinished;           /* an answer ended in the middle of that */
    uint32_t turned;           /* degrees counter-clockwise that the model had the page turned by */
    unsigned turns;            /* how often */
    /* Where blocks are read one by one after the page's layout: the layout is known, and all blocks up to `asked` are
     * answered or in the tiles. */
    ocrvl_mineru blocks;
    bool laid_out;
    size_t asked, first; /* first: the block in tile 0 */
    unsigned loops;
    bool cut[OCRVL_FINISH_TIME + 1]; /* by how a tile ended */
    answer answers[OCRVL_MAX_TILES];
} page_reading;

static page_reading *of(const ocrvl_page_reading *p) { return (page_reading *)(uintptr_t)p; }

/* Whether the page's layout is asked for first, and then each of its blocks. */
static bool by_blocks(const page_reading *p) { return p->task.output == OCRVL_OUTPUT_LAYOUT; }

static const ocrvl_image *page_of(const page_reading *p) { return p->upright ? p->upright : p->base.j->in.image; }

/* ---- what is asked ----------------------------------------------------------------------------------- */

static ocrvl_status choose_task(page_reading *p, ocrvl_error *err)
{
    const ocrvl_model *m = p->base.j->s->m;
    ocrvl_status st = ocrvl_task_choose(&p->task, &p->base.j->opt, &m->weights->config, m->profile, err);
    if (st)
        return st;
    ocrvl_buf anchor = {0};
    if (ocrvl_task_has(&p->task, "{anchor}"))
        st = ocrvl_anchor_of_page(&anchor, p->base.j, err);
    ocrvl_task_values v = {.languages = p->base.j->opt.languages,
                           .anchor = anchor.data,
                           .boxes = ocrvl_task_boxes(m->weights->config.family)};
    if (!st)
        ocrvl_task_fill(&p->task, &v, &p->prompt);
    ocrvl_buf_free(&anchor);
    return !st && p->prompt.failed ? ocrvl_fail_nomem(err) : st;
}

static ocrvl_status plan(page_reading *p, ocrvl_error *err)
{
    const ocrvl_config *c = &p->base.j->s->m->weights->config;
    ocrvl_tile_plan found = {0};
    p->limits = ocrvl_plan_limits(&p->task, &p->base.j->opt, c, p->base.j->s->m->profile);
    ocrvl_status st = ocrvl_plan_page_tiles(p->base.j->opt.planner, &found, c, p->base.j->layout, p->base.j->in.image,
                                            &p->limits, p->base.j->time.spent, err);
    p->tiles = found.tiles;
    if (!st && found.note.len)
        st = ocrvl_builder_warn(p->base.j->b, "budget", found.note.data, false, err);
    ocrvl_buf_free(&found.note);
    if (!st && p->base.j->layout->rotation)
        st = ocrvl_image_turn(&p->upright, p->base.j->in.image, p->base.j->layout->rotation, err);
    if (!st && by_blocks(p)) { /* the whole page, squeezed */
        const ocrvl_image *page = page_of(p);
        uint32_t side = ocrvl_plan_layout_side(c, p->tiles.most);
        p->tiles.tile[0] =
            (ocrvl_tile){.part = {0, 0, (int32_t)page->width, (int32_t)page->height}, .width = side, .height = side};
    }
    return st;
}

/* Text that may stand in the answer: the document's own text layer, then what the line reader says. */
static ocrvl_status make_draft_source(page_reading *p, ocrvl_error *err)
{
    const ocrvl_tokenizer *t = p->base.j->s->m->tokenizer;
    ocrvl_buf lines = {0};
    ocrvl_status st = OCRVL_OK;
    if (p->base.j->opt.no_drafts)
        return OCRVL_OK;
    if (p->base.j->in.text_layer)
        st = ocrvl_tokenizer_encode(t, p->base.j->in.text_layer, strlen(p->base.j->in.text_layer), false,
                                    &p->draft_source, err);
    for (size_t i = 0; p->base.j->lines.readings && i < p->base.j->lines.count; i++) {
        const ocrvl_transcript *said = &p->base.j->lines.readings[i].transcript;
        ocrvl_buf_put(&lines, said->text ? said->text : "", said->len);
        ocrvl_buf_putc(&lines, '\n');
    }
    if (!st && lines.failed)
        st = ocrvl_fail_nomem(err);
    if (!st && lines.len)
        st = ocrvl_tokenizer_encode(t, lines.data, lines.len, false, &p->draft_source, err);
    ocrvl_buf_free(&lines);
    return st;
}

/* ---- a tile ------------------------------------------------------------------------------------------ */

/* The part of the page that a tile shows. */
static ocrvl_status cut(const page_reading *p, size_t i, ocrvl_image **out, ocrvl_error *err)
{
    const ocrvl_config *c = &p->base.j->s->m->weights->config;
    if (!p->laid_out)
        return ocrvl_image_crop(out, page_of(p), p->tiles.tile[i].part, err);
    return ocrvl_mineru_cut(out, page_of(p), &p->blocks.blocks[p->first + i], (uint32_t)(c->patch * c->merge), err);
}

static ocrvl_status show(const page_reading *p, size_t i, ocrvl_pictures *pictures, size_t *tokens, ocrvl_error *err)
{
    const ocrvl_tile *k = &p->tiles.tile[i];
    ocrvl_image *part;
    uint8_t *resized = NULL;
    ocrvl_status st = cut(p, i, &part, err);
    if (!st)
        st = ocrvl_resize_bicubic(&resized, part->data, part->height, part->width, part->channels, k->height, k->width,
                                  false, err);
    if (!st)
        st = ocrvl_pictures_add_pixels(pictures, &p->base.j->s->m->weights->config, resized, k->height, k->width,
                                       part->channels, tokens, err);
    ocrvl_free(resized);
    ocrvl_image_free(part);
    return st;
}

static ocrvl_status make_chat(const page_reading *p, size_t i, ocrvl_chat *chat, size_t tokens, ocrvl_error *err)
{
    const char *text = p->laid_out      ? ocrvl_mineru_prompt(p->blocks.blocks[p->first + i].kind)
                       : p->prompt.data ? p->prompt.data
                                        : "";
    ocrvl_status st = ocrvl_chat_begin(chat, "user", err);
    if (!st && p->task.text_first)
        st = ocrvl_chat_text(chat, text, strlen(text), err);
    if (!st)
        st = ocrvl_chat_picture(chat, tokens, err);
    if (!st && !p->task.text_first)
        st = ocrvl_chat_text(chat, text, strlen(text), err);
    if (!st)
        st = ocrvl_chat_end(chat, err);
    return st ? st : ocrvl_chat_answer(chat, err);
}

static const ocrvl_profile *profile_of(const page_reading *p)
{
    return ocrvl_profile_for(p->base.j->s->m->profile, p->task.name);
}

static ocrvl_penalties penalties_of(const page_reading *p, size_t i)
{
    const ocrvl_profile *own = profile_of(p);
    return !p->laid_out                                                ? own->page
           : p->blocks.blocks[p->first + i].kind == OCRVL_MINERU_TABLE ? own->table
                                                                       : own->block;
}

static ocrvl_tile_limits limits_of(const page_reading *p, size_t i)
{
    const ocrvl_config *c = &p->base.j->s->m->weights->config;
    return p->laid_out ? ocrvl_plan_block_limits(&p->limits, ocrvl_tile_tokens(&p->tiles.tile[i], c)) : p->limits;
}

static ocrvl_generate_options how(const page_reading *p, size_t i)
{
    const ocrvl_read_options *o = &p->base.j->opt;
    float temperature = o->temperature > 0 || !o->sample ? o->temperature : (float)profile_of(p)->temperature;
    return (ocrvl_generate_options){
        .tokenizer = p->base.j->s->m->tokenizer,
        .config = &p->base.j->s->m->weights->config,
        .max_tokens = limits_of(p, i).answer_tokens,
        .temperature = ocrvl_sampler_temperature(temperature, o->sample),
        .penalties = penalties_of(p, i),
        .seed = o->seed,
        .lines = p->base.j->layout->line_count,
        .retries = o->retries < 0 ? 0
                   : o->retries   ? (unsigned)o->retries
                                  : RETRIES,
        .draft_source = p->draft_source.data,
        .draft_source_count = p->draft_source.len,
        .draft = o->no_drafts ? 0 : OCRVL_DRAFT,
        .time = &p->base.j->time,
        .cancel = {&p->base.j->cancel},
        .progress = o->on_progress,
        .user = o->user,
    };
}

/* Ends the answer's generation and frees what made it. */
static ocrvl_status end_answer(answer *a, ocrvl_generation *g, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_sequence_end(a->g, g, err);
    if (a->d)
        a->d->free(a->d);
    a->g = NULL;
    a->d = NULL;
    return st;
}

static bool in_time(const ocrvl_page_reading *p) { return !ocrvl_account_is_over(&p->j->time); }

static ocrvl_status prefill(ocrvl_page_reading *reading, size_t i, unsigned worker, ocrvl_error *err)
{
    page_reading *p = of(reading);
    answer *a = &p->answers[i];
    ocrvl_pictures pictures = {0};
    ocrvl_generate_options o = how(p, i);
    (void)worker;
    a->chat.model = p->base.j->s->m;
    ocrvl_status st = show(p, i, &pictures, &a->tokens, err);
    if (!st)
        st = make_chat(p, i, &a->chat, a->tokens, err);
    if (!st)
        st = p->base.j->s->new_decoder(p->base.j->s, &a->d, err);
    if (!st)
        st = ocrvl_sequence_new(&a->g, a->d, &o, err);
    ocrvl_prompt prompt = {a->chat.ids.data, a->chat.ids.len, 1};
    p->base.j->s->prompts.cancel[0] = &p->base.j->cancel;
    ocrvl_watch w = {.tell = reading->watched ? p->base.j->opt.on_prompt : NULL, .user = p->base.j->opt.user};
    if (reading->watched)
        ocrvl_watch_begin(&w, &p->base.j->s->prompts, o.config, &pictures, prompt.count);
    if (!st)
        st = ocrvl_sequences_prefill(&a->g, &prompt, 1, &pictures, err);
    if (reading->watched)
        ocrvl_watch_end(&p->base.j->s->prompts);
    p->base.j->s->prompts.cancel[0] = NULL;
    ocrvl_pictures_free(&pictures);
    if (st) {
        ocrvl_status ended = end_answer(a, NULL, NULL); /* which has nothing to add */
        (void)ended;
    }
    return st;
}

static void drop(ocrvl_page_reading *p, size_t i)
{
    (void)i;
    of(p)->cut[OCRVL_FINISH_TIME] = true;
}

static void account(page_reading *p, const answer *a, const ocrvl_generation *g)
{
    p->base.j->image_tokens += a->tokens;
    p->base.j->prompt_tokens += a->chat.ids.len;
    p->base.j->output_tokens += g->ids.len;
    p->base.j->passes += g->passes + 1; /* the prompt gives the first token */
    p->loops += g->loops;
    p->cut[g->finish] = true;
}

static ocrvl_status take(ocrvl_page_reading *reading, size_t i, ocrvl_error *err)
{
    page_reading *p = of(reading);
    answer *a = &p->answers[i];
    ocrvl_generation g = {0};
    ocrvl_status st = end_answer(a, &g, err);
    if (!st)
        st = ocrvl_detokenize(p->base.j->s->m->tokenizer, g.ids.data, g.logprobs, g.ids.len,
                              p->task.output == OCRVL_OUTPUT_GROUNDING || by_blocks(p), &a->transcript, err);
    if (!st && p->task.output == OCRVL_OUTPUT_OLMOCR_JSON)
        st = ocrvl_olmocr_text(&a->transcript, &a->turn, err);
    if (!st && !by_blocks(p))
        st = ocrvl_cut_thinking(&a->transcript, p->base.j->s->m->thinks, &p->thought, &p->unfinished, err);
    if (!st)
        account(p, a, &g);
    ocrvl_generation_free(&g);
    return st;
}

static ocrvl_sequence *const *sequences(const ocrvl_page_reading *p, size_t i, size_t *count)
{
    const answer *a = &of(p)->answers[i];
    *count = a->g != NULL;
    return &a->g;
}

static uint64_t bytes(const ocrvl_page_reading *reading, size_t i)
{
    const page_reading *p = of(reading);
    ocrvl_tile_limits limits = limits_of(p, i);
    return p->answers[i].g ? ocrvl_plan_sequence_bytes(p->base.j->opt.planner, &p->tiles.tile[i], &limits) : 0;
}

static bool fits(const ocrvl_page_reading *reading, size_t i, uint64_t held)
{
    const page_reading *p = of(reading);
    ocrvl_tile_limits limits = limits_of(p, i);
    return ocrvl_plan_fits(p->base.j->opt.planner, held, &p->tiles.tile[i], &limits);
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static void free_answer(answer *a)
{
    ocrvl_transcript_free(&a->transcript);
    ocrvl_chat_free(&a->chat);
    *a = (answer){0};
}

/* The layout's answer, or those of blocks, are kept, and their tiles are free again. */
static ocrvl_status keep_answers(page_reading *p, ocrvl_error *err)
{
    const ocrvl_image *page = page_of(p);
    ocrvl_status st = OCRVL_OK;
    if (!p->laid_out && p->answers[0].transcript.text)
        st = ocrvl_mineru_layout(&p->blocks, p->answers[0].transcript.text, page->width, page->height, p->task.pictures,
                                 err);
    for (size_t i = 0; i < p->tiles.count; i++) {
        answer *a = &p->answers[i];
        if (p->laid_out) {
            p->blocks.blocks[p->first + i].said = a->transcript;
            memset(&a->transcript, 0, sizeof a->transcript);
        }
        free_answer(a);
    }
    p->laid_out = true;
    return st;
}

/* The size that a block is shown in: its own, within what the checkpoint, the options, the context and the memory
 * allow. */
static ocrvl_status tile_of_block(const page_reading *p, ocrvl_tile *k, const ocrvl_mineru_block *b, ocrvl_error *err)
{
    const ocrvl_config *c = &p->base.j->s->m->weights->config;
    uint64_t most = p->tiles.most, width, height, token = c->patch * c->merge;
    uint32_t w, h;
    ocrvl_mineru_size(b, (uint32_t)token, &w, &h);
    ocrvl_status st =
        ocrvl_smart_resize(h, w, token, c->min_pixels < most ? c->min_pixels : most, most, &height, &width, err);
    *k = (ocrvl_tile){.part = b->box, .width = (uint32_t)width, .height = (uint32_t)height};
    return st;
}

/* How far an answer wants the page turned, counter-clockwise; 0: not at all. The number in front matter is what olmOCR
 * was trained on and what its pipeline gives to Pillow, which turns that way; the one in JSON is clockwise. */
static ocrvl_status wanted_turn(const page_reading *p, uint32_t *degrees, ocrvl_error *err)
{
    ocrvl_markup *m;
    const ocrvl_transcript *said = &p->answers[0].transcript;
    *degrees = 0;
    if (p->tiles.count == 1 && p->task.output == OCRVL_OUTPUT_OLMOCR_JSON)
        *degrees = (360 - p->answers[0].turn) % 360;
    if (p->task.output != OCRVL_OUTPUT_FRONT_MATTER || p->tiles.count != 1 || !said->text)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_markup_parse(&m, said->text, said->len, OCRVL_MARKUP_MARKDOWN, err);
    if (!st && m->front.rotation_valid == 0 && m->front.rotation > 0)
        *degrees = (uint32_t)m->front.rotation;
    if (!st)
        ocrvl_markup_free(m);
    return st;
}

/* Asks about the page once more, turned as the answer wants it, until an answer is content or all ways were tried. */
static ocrvl_status turn_page(page_reading *p, ocrvl_error *err)
{
    uint32_t degrees;
    ocrvl_tile *k = &p->tiles.tile[0];
    ocrvl_status st = p->base.j->opt.keep_rotation ? OCRVL_OK : wanted_turn(p, &degrees, err);
    if (st || p->base.j->opt.keep_rotation || !degrees || p->turns == MAX_TURNS || !in_time(&p->base))
        return st;
    ocrvl_image *turned;
    st = ocrvl_image_turn(&turned, page_of(p), 360 - degrees, err);
    if (st)
        return st;
    if (degrees % 180)
        *k = (ocrvl_tile){.width = k->height, .height = k->width};
    k->part = (ocrvl_box){0, 0, (int32_t)turned->width, (int32_t)turned->height};
    ocrvl_image_free(p->upright);
    p->upright = turned;
    p->turned = (p->turned + degrees) % 360;
    p->turns++;
    free_answer(&p->answers[0]);
    p->base.groups = 1;
    return OCRVL_OK;
}

/* The next blocks, as many as there are tiles; or the page once more. */
static ocrvl_status more(ocrvl_page_reading *reading, ocrvl_error *err)
{
    page_reading *p = of(reading);
    reading->groups = 0;
    if (!by_blocks(p))
        return turn_page(p, err);
    ocrvl_status st = keep_answers(p, err);
    p->first = p->asked;
    p->tiles.count = 0;
    for (; !st && p->asked < p->blocks.count && p->tiles.count < OCRVL_MAX_TILES; p->asked++)
        st = tile_of_block(p, &p->tiles.tile[p->tiles.count++], &p->blocks.blocks[p->asked], err);
    reading->groups = st ? 0 : p->tiles.count;
    reading->together = OCRVL_BLOCKS_TOGETHER;
    return st;
}

static ocrvl_status join_all(page_reading *p, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    if (by_blocks(p)) {
        st = ocrvl_mineru_join(&p->blocks, &p->markdown, NULL, err);
        return st ? st : ocrvl_mineru_join(&p->blocks, &p->transcript, &p->regions, err);
    }
    if (p->task.output == OCRVL_OUTPUT_HTML) /* in one tile */
        return p->answers[0].transcript.text
                   ? ocrvl_html_blocks(&p->answers[0].transcript, page_of(p)->width, page_of(p)->height, &p->transcript,
                                       &p->regions, &p->bad_regions, err)
                   : OCRVL_OK;
    size_t band = 0; /* where the text of the band in hand begins */
    for (size_t i = 0; !st && i < p->tiles.count; i++) {
        const ocrvl_tile *k = &p->tiles.tile[i];
        const ocrvl_transcript *said = &p->answers[i].transcript;
        if (k->beside) {
            st = ocrvl_join_beside(&p->transcript, band, said, err);
            continue;
        }
        /* the first band of a second column doesn't overlap with what is before it */
        bool overlap = i > 0 && k->part.x0 == k[-1].part.x0;
        band = p->transcript.len;
        st = ocrvl_join(&p->transcript, said, overlap, err);
        band += p->transcript.text ? strspn(p->transcript.text + band, "\n") : 0;
    }
    return st;
}

/* ---- the account ------------------------------------------------------------------------------------- */

static ocrvl_status warn(const page_reading *p, bool happened, const char *code, const char *message, bool partial,
                         ocrvl_error *err)
{
    return happened ? ocrvl_builder_warn(p->base.j->b, code, message, partial, err) : OCRVL_OK;
}

static ocrvl_status warn_all(const page_reading *p, ocrvl_error *err)
{
    char parts[64], loops[64], bad[64], turn[80];
    snprintf(parts, sizeof parts, "the page was shown in %zu parts", p->tiles.count);
    snprintf(loops, sizeof loops, "%u loop%s cut", p->loops, p->loops == 1 ? " was" : "s were");
    size_t worse = p->blocks.bad + p->bad_regions;
    snprintf(bad, sizeof bad,
             by_blocks(p) ? "%zu block%s of the layout can't be understood" : "%zu block%s without a box", worse,
             worse == 1 ? "" : "s");
    snprintf(turn, sizeof turn, "the model had the page turned by %u degrees clockwise", (360 - p->turned) % 360);
    ocrvl_status st = warn(p, p->tiles.count > 1 && !by_blocks(p), "parts", parts, false, err);
    if (!st)
        st = warn(p, worse > 0, "layout", bad, false, err);
    if (!st)
        st = warn(p, p->turned > 0, "rotation", turn, false, err);
    if (!st)
        st = warn(p, p->unfinished, "thinking", "the answer ended while the model was still thinking", true, err);
    if (!st)
        st = warn(p, by_blocks(p) && !p->blocks.count, "layout", "the model found no block to read", true, err);
    if (!st)
        st = warn(p, p->loops > 0, "loop_cut", loops, p->cut[OCRVL_FINISH_LOOP], err);
    if (!st)
        st = warn(p, p->cut[OCRVL_FINISH_LENGTH], "token_limit", "the answer ended at the token limit", true, err);
    return st ? st : warn(p, p->cut[OCRVL_FINISH_TIME], "time_limit", "time ran out", true, err);
}

static ocrvl_status finish(ocrvl_page_reading *reading, ocrvl_error *err)
{
    page_reading *p = of(reading);
    ocrvl_composing c = {.b = p->base.j->b,
                         .layout = p->base.j->layout,
                         .lines = &p->base.j->lines,
                         .transcript = &p->transcript,
                         .output = by_blocks(p) ? OCRVL_OUTPUT_MARKDOWN : p->task.output,
                         .strict = p->base.j->opt.strict,
                         .diplomatic = p->base.j->opt.diplomatic,
                         .boxes = p->base.j->s->m->weights->config.family->boxes,
                         .shown_width = p->tiles.tile[0].width,
                         .shown_height = p->tiles.tile[0].height};
    ocrvl_status st = join_all(p, err);
    c.regions = p->regions.count ? &p->regions : NULL;
    c.markdown = p->markdown.text;
    if (!st)
        st = warn_all(p, err);
    if (!st && p->thought.len)
        st = ocrvl_builder_thinking(p->base.j->b, p->thought.data, err);
    return st ? st : ocrvl_compose(&c, err);
}

static void free_reading(ocrvl_page_reading *reading)
{
    page_reading *p = of(reading);
    for (size_t i = 0; i < p->tiles.count; i++) {
        answer *a = &p->answers[i];
        ocrvl_status st = end_answer(a, NULL, NULL); /* the error is reported already, or nobody is left to read it */
        (void)st;
        ocrvl_chat_free(&a->chat);
        ocrvl_transcript_free(&a->transcript);
    }
    ocrvl_buf_free(&p->prompt);
    ocrvl_image_free(p->upright);
    ocrvl_ids_free(&p->draft_source);
    ocrvl_transcript_free(&p->transcript);
    ocrvl_transcript_free(&p->markdown);
    ocrvl_model_regions_free(&p->regions);
    ocrvl_buf_free(&p->thought);
    ocrvl_mineru_free(&p->blocks);
    ocrvl_free(p);
}

/* Chooses the task, plans the tiles and gathers text for drafts. A blank page never reaches the model. */
static ocrvl_status begin(ocrvl_page_reading **out, ocrvl_page_job *j, ocrvl_error *err)
{
    *out = NULL;
    if (!j->layout->line_count)
        return OCRVL_OK;
    page_reading *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    p->base.reader = &ocrvl_page_reader_ops;
    p->base.j = j;
    ocrvl_status st = choose_task(p, err);
    if (!st)
        st = plan(p, err);
    if (!st)
        st = make_draft_source(p, err);
    p->base.groups = p->base.sequences = p->tiles.count;
    if (st)
        free_reading(&p->base);
    else
        *out = &p->base;
    return st;
}

const ocrvl_reader_ops ocrvl_page_reader_ops = {
    .begin = begin,
    .in_time = in_time,
    .drop = drop,
    .prefill = prefill,
    .sequences = sequences,
    .take = take,
    .more = more,
    .finish = finish,
    .free = free_reading,
    .bytes = bytes,
    .fits = fits,
};
