/* ocrvl_dev_trace: one prompt, every stage written down under the names of the reference vectors. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "generate/decoder.h"
#include "generate/sampling.h"
#include "model/pixels.h"
#include "ocrvl_dev.h"

enum { MAX_MESSAGES = 4 << 20, MAX_TEXT = 1 << 20, MAX_STEPS = 100000 };

typedef struct trace {
    const ocrvl_model *m;
    const ocrvl_trace_options *o;
    const ocrvl_dev_loaders *load;
    ocrvl_engine engine;
    ocrvl_chat chat;
    ocrvl_pictures pictures;
    size_t rows[13], row_count; /* positions that the decoder's tensors hold */
    ocrvl_buf tensors;          /* JSON members so far */
    ocrvl_status st;            /* first failure of a tensor's file */
    ocrvl_error *err;
} trace;

/* ---- the prompt -------------------------------------------------------------------------------------- */

static ocrvl_status add_picture(trace *t, const char *path, ocrvl_error *err)
{
    ocrvl_image *img;
    size_t tokens;
    ocrvl_status st = t->load->image(t->load->user, path, &img, err);
    if (st)
        return st;
    st = ocrvl_pictures_add(&t->pictures, &t->m->weights->config, img, 0, 0, &tokens, err);
    ocrvl_image_free(img);
    return st ? st : ocrvl_chat_picture(&t->chat, tokens, err);
}

static ocrvl_status show_video(trace *t, const ocrvl_dev_video *v, ocrvl_error *err)
{
    size_t tokens;
    ocrvl_clip clip = {(const ocrvl_image *const *)v->frames, v->count, v->seconds, v->rate};
    ocrvl_status st = ocrvl_pictures_add_video(&t->pictures, &t->m->weights->config, &clip, 0, &tokens, err);
    return st ? st : ocrvl_chat_video(&t->chat, &clip, tokens, err);
}

static ocrvl_status add_video_file(trace *t, const char *path, ocrvl_error *err)
{
    ocrvl_dev_video v = {0};
    if (!t->load->video)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "videos can't be read here");
    ocrvl_status st = t->load->video(t->load->user, path, &v, err);
    if (!st)
        st = show_video(t, &v, err);
    t->load->free_video(t->load->user, &v);
    return st;
}

/* A video as a list of its frames' files, "sample_fps" of which are of a second. */
static ocrvl_status add_frames(trace *t, const ocrvl_json *part, const ocrvl_json *list, ocrvl_error *err)
{
    ocrvl_dev_video v = {.frames = ocrvl_alloc_array(ocrvl_json_length(list) + 1, sizeof *v.frames)};
    ocrvl_status st = v.frames ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!ocrvl_json_number(ocrvl_json_get(part, "sample_fps"), &v.rate))
        v.rate = 0;
    for (size_t i = 0; !st && i < ocrvl_json_length(list); i++) {
        const char *path = ocrvl_json_string(ocrvl_json_at(list, i), NULL);
        st = path ? t->load->image(t->load->user, path, &v.frames[i], err)
                  : ocrvl_fail(err, OCRVL_E_FORMAT, "%s: a frame that is no file name", t->o->messages_file);
        v.count += !st;
    }
    if (!st)
        st = show_video(t, &v, err);
    for (size_t i = 0; i < v.count; i++)
        ocrvl_image_free(v.frames[i]);
    ocrvl_free(v.frames);
    return st;
}

static ocrvl_status add_part(trace *t, const ocrvl_json *part, ocrvl_error *err)
{
    size_t len;
    const ocrvl_json *video = ocrvl_json_get(part, "video");
    const char *clip = ocrvl_json_string(video, NULL);
    const char *type = ocrvl_json_string(ocrvl_json_get(part, "type"), NULL);
    const char *image = ocrvl_json_string(ocrvl_json_get(part, "image"), NULL);
    const char *text = ocrvl_json_string(ocrvl_json_get(part, "text"), &len);
    if (image)
        return add_picture(t, image, err);
    if (clip)
        return add_video_file(t, clip, err);
    if (video && ocrvl_json_is_array(video))
        return add_frames(t, part, video, err);
    if (type && strcmp(type, "video") == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: a video has no file name or list of them under \"video\"",
                          t->o->messages_file);
    if (type && strcmp(type, "image") == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: a picture has no file name under \"image\"", t->o->messages_file);
    if (text)
        return ocrvl_chat_text(&t->chat, text, len, err);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: a part that is neither text, image nor video", t->o->messages_file);
}

static ocrvl_status add_message(trace *t, const ocrvl_json *message, ocrvl_error *err)
{
    size_t len;
    const char *role = ocrvl_json_string(ocrvl_json_get(message, "role"), NULL);
    const ocrvl_json *content = ocrvl_json_get(message, "content");
    const char *text = ocrvl_json_string(content, &len);
    if (!role || (!text && !ocrvl_json_is_array(content)))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: a message without role or content", t->o->messages_file);
    ocrvl_status st = ocrvl_chat_begin(&t->chat, role, err);
    if (!st && text)
        st = ocrvl_chat_text(&t->chat, text, len, err);
    for (size_t i = 0; !st && !text && i < ocrvl_json_length(content); i++)
        st = add_part(t, ocrvl_json_at(content, i), err);
    return st ? st : ocrvl_chat_end(&t->chat, err);
}

static ocrvl_status add_messages(trace *t, ocrvl_error *err)
{
    ocrvl_json *root;
    ocrvl_status st = ocrvl_json_load(&root, t->o->messages_file, MAX_MESSAGES, err);
    if (st)
        return st;
    const ocrvl_json *list = ocrvl_json_is_array(root) ? root : ocrvl_json_get(root, "messages");
    if (!ocrvl_json_is_array(list) || ocrvl_json_length(list) == 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "%s: no list of messages", t->o->messages_file);
    for (size_t i = 0; !st && i < ocrvl_json_length(list); i++)
        st = add_message(t, ocrvl_json_at(list, i), err);
    ocrvl_json_free(root);
    return st;
}

static ocrvl_status add_turn(trace *t, const char *role, const char *image, const char *text, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_chat_begin(&t->chat, role, err);
    if (!st && image)
        st = add_picture(t, image, err);
    if (!st && text)
        st = ocrvl_chat_text(&t->chat, text, strlen(text), err);
    return st ? st : ocrvl_chat_end(&t->chat, err);
}

static ocrvl_status make_prompt(trace *t, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    if (t->o->messages_file)
        st = add_messages(t, err);
    else {
        if (t->o->system)
            st = add_turn(t, "system", NULL, t->o->system, err);
        if (!st)
            st = add_turn(t, "user", t->o->image, t->o->prompt, err);
    }
    return st ? st : ocrvl_chat_answer(&t->chat, err);
}

/* The first 8 positions, the first 4 visual tokens, the last: rising, each once. */
static void choose_rows(trace *t)
{
    const ocrvl_config *c = &t->m->weights->config;
    size_t n = t->chat.ids.len, visual = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t id = t->chat.ids.data[i];
        bool picture = (id == c->image_token || id == c->video_token) && visual < 4;
        visual += picture;
        if (i < 8 || picture || i == n - 1)
            t->rows[t->row_count++] = i;
    }
}

/* ---- files ------------------------------------------------------------------------------------------- */

static ocrvl_status write_file(const char *dir, const char *name, const void *data, size_t len, ocrvl_error *err)
{
    char *path = ocrvl_path_join(dir, name);
    if (!path)
        return ocrvl_fail_nomem(err);
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(data, 1, len, f) == len;
    int e = errno;
    if (f && fclose(f) != 0 && ok) {
        ok = false;
        e = errno;
    }
    ocrvl_status st = ok ? OCRVL_OK : ocrvl_fail_errno(err, e, path);
    ocrvl_free(path);
    return st;
}

/* Writes NAME.f32 and notes its shape. */
static void write_tensor(trace *t, const char *name, const float *values, size_t rows, size_t columns)
{
    char file[64];
    if (t->st)
        return;
    snprintf(file, sizeof file, "%s.f32", name);
    t->st = write_file(t->o->out_dir, file, values, rows * columns * sizeof *values, t->err);
    ocrvl_buf_printf(&t->tensors, "%s\n  \"%s\": {\"file\": \"%s\", \"shape\": [", t->tensors.len ? "," : "", name,
                     file);
    if (rows > 1 || strcmp(name, "logits") != 0)
        ocrvl_buf_printf(&t->tensors, "%zu, ", rows);
    ocrvl_buf_printf(&t->tensors, "%zu]}", columns);
}

static void on_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    trace *t = user;
    if (strncmp(name, "decoder.", 8) != 0 || rows < t->chat.ids.len) {
        write_tensor(t, name, values, rows, columns);
        return;
    }
    float *picked = ocrvl_alloc_array(t->row_count, columns * sizeof *picked);
    if (!picked) {
        t->st = ocrvl_fail_nomem(t->err);
        return;
    }
    for (size_t i = 0; i < t->row_count; i++)
        memcpy(picked + i * columns, values + t->rows[i] * columns, columns * sizeof *picked);
    write_tensor(t, name, picked, t->row_count, columns);
    ocrvl_free(picked);
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

static void put_ints(ocrvl_buf *b, const int32_t *v, size_t n)
{
    ocrvl_buf_putc(b, '[');
    for (size_t i = 0; i < n; i++)
        ocrvl_buf_printf(b, "%s%d", i ? ", " : "", v[i]);
    ocrvl_buf_putc(b, ']');
}

static void put_doubles(ocrvl_buf *b, const double *v, size_t n)
{
    ocrvl_buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        ocrvl_buf_puts(b, i ? ", " : "");
        ocrvl_buf_put_number(b, v[i], 9);
    }
    ocrvl_buf_putc(b, ']');
}

static void put_key(ocrvl_buf *b, const char *key) { ocrvl_buf_printf(b, ",\n \"%s\": ", key); }

static double margin_of(const float *logits, size_t vocab, int32_t best)
{
    double second = -INFINITY;
    for (size_t i = 0; i < vocab; i++)
        if ((int32_t)i != best && logits[i] > second)
            second = logits[i];
    return logits[best] - second;
}

/* One continuation after the prompt: the greedy one (forced NULL) or the given tokens. */
typedef struct continuation {
    int32_t *ids;
    double *logprobs, *margins;
    size_t count;
} continuation;

static void free_continuation(continuation *n)
{
    ocrvl_free(n->ids);
    ocrvl_free(n->logprobs);
    ocrvl_free(n->margins);
}

/* The decoder is left where the prompt ends, whose logits are `logits`. */
static ocrvl_status go_on(trace *t, ocrvl_decoder *d, const float *logits, const int32_t *forced, continuation *n,
                          ocrvl_error *err)
{
    const ocrvl_config *c = &t->m->weights->config;
    size_t fed = 0;
    float *now = ocrvl_alloc_array(c->vocab, sizeof *now);
    n->ids = ocrvl_alloc_array(n->count, sizeof *n->ids);
    n->logprobs = ocrvl_alloc_array(n->count, sizeof *n->logprobs);
    n->margins = ocrvl_alloc_array(n->count, sizeof *n->margins);
    ocrvl_status st = now && n->ids && n->logprobs && n->margins ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st)
        memcpy(now, logits, c->vocab * sizeof *now);
    for (size_t i = 0; !st && i < n->count; i++) {
        int32_t best = ocrvl_best_token(now, c->vocab);
        n->ids[i] = forced ? forced[i] : best;
        n->logprobs[i] = ocrvl_token_logprob(now, c->vocab, n->ids[i], 1);
        n->margins[i] = margin_of(now, c->vocab, best);
        ocrvl_decode_input in = {d, &n->ids[i], 1};
        if (i + 1 < n->count) {
            st = d->decode(&in, 1, now, err);
            fed += !st;
        }
    }
    d->truncate(d, fed);
    ocrvl_free(now);
    return st;
}

static ocrvl_status put_greedy(trace *t, ocrvl_buf *b, ocrvl_decoder *d, const float *logits, ocrvl_error *err)
{
    continuation n = {.count = t->o->greedy};
    ocrvl_status st = go_on(t, d, logits, NULL, &n, err);
    if (!st) {
        put_key(b, "greedy");
        ocrvl_buf_puts(b, "{\"ids\": ");
        put_ints(b, n.ids, n.count);
        ocrvl_buf_puts(b, ", \"logprobs\": ");
        put_doubles(b, n.logprobs, n.count);
        ocrvl_buf_puts(b, ", \"margins\": ");
        put_doubles(b, n.margins, n.count);
        ocrvl_buf text = {0};
        st = ocrvl_tokenizer_decode(t->m->tokenizer, n.ids, n.count, false, &text, err);
        ocrvl_buf_puts(b, ", \"text\": ");
        ocrvl_json_put_string(b, text.data ? text.data : "", text.len);
        ocrvl_buf_putc(b, '}');
        ocrvl_buf_free(&text);
    }
    free_continuation(&n);
    return st;
}

static ocrvl_status put_nll(trace *t, ocrvl_buf *b, ocrvl_decoder *d, const float *logits, ocrvl_error *err)
{
    ocrvl_ids ids = {0};
    continuation n = {0};
    ocrvl_status st = ocrvl_tokenizer_encode(t->m->tokenizer, t->o->nll, strlen(t->o->nll), false, &ids, err);
    n.count = ids.len;
    if (!st)
        st = go_on(t, d, logits, ids.data, &n, err);
    if (!st) {
        double sum = 0;
        for (size_t i = 0; i < n.count; i++)
            sum -= n.logprobs[i];
        put_key(b, "nll");
        ocrvl_buf_puts(b, "{\"text\": ");
        ocrvl_json_put_string(b, t->o->nll, strlen(t->o->nll));
        ocrvl_buf_puts(b, ", \"ids\": ");
        put_ints(b, n.ids, n.count);
        ocrvl_buf_puts(b, ", \"logprobs\": ");
        put_doubles(b, n.logprobs, n.count);
        ocrvl_buf_puts(b, ", \"sum\": ");
        ocrvl_buf_put_number(b, sum, 9);
        ocrvl_buf_puts(b, ", \"mean\": ");
        ocrvl_buf_put_number(b, n.count ? sum / (double)n.count : 0, 9);
        ocrvl_buf_putc(b, '}');
    }
    free_continuation(&n);
    ocrvl_ids_free(&ids);
    return st;
}

static void put_prompt(const trace *t, ocrvl_buf *b, const int32_t *pos, int32_t delta)
{
    size_t n = t->chat.ids.len;
    ocrvl_buf_puts(b, "{\n \"text\": ");
    ocrvl_json_put_string(b, t->chat.text.data ? t->chat.text.data : "", t->chat.text.len);
    put_key(b, "ids");
    put_ints(b, t->chat.ids.data, n);
    put_key(b, "image_grid_thw");
    ocrvl_buf_putc(b, '[');
    for (size_t i = 0; i < t->pictures.count; i++) {
        ocrvl_patch_grid g = t->pictures.grids[i];
        ocrvl_buf_printf(b, "%s[%u, %u, %u]", i ? ", " : "", g.t, g.h, g.w);
    }
    ocrvl_buf_putc(b, ']');
    put_key(b, "position_ids");
    for (size_t axis = 0; axis < 3; axis++) {
        ocrvl_buf_puts(b, axis ? ", " : "[");
        put_ints(b, pos + axis * n, n);
    }
    ocrvl_buf_putc(b, ']');
    put_key(b, "rope_delta");
    ocrvl_buf_printf(b, "%d", delta);
    put_key(b, "rows");
    ocrvl_buf_putc(b, '[');
    for (size_t i = 0; i < t->row_count; i++)
        ocrvl_buf_printf(b, "%s%zu", i ? ", " : "", t->rows[i]);
    ocrvl_buf_putc(b, ']');
}

static size_t room_needed(const trace *t) { return t->o->greedy + (t->o->nll ? strlen(t->o->nll) : 0); }

/* Runs the prompt, whose stages are written down, and finds its positions pos [3][ids]. */
static ocrvl_status run_prompt(trace *t, ocrvl_decoder *d, int32_t *pos, int32_t *delta, float *logits,
                               ocrvl_error *err)
{
    const ocrvl_config *c = &t->m->weights->config;
    size_t room = room_needed(t);
    ocrvl_prefill_input in = {d, {t->chat.ids.data, t->chat.ids.len, t->pictures.count}, room, room};
    if (t->pictures.rows)
        write_tensor(t, "pixel_values", t->pictures.patches, t->pictures.rows, ocrvl_patch_size(c));
    t->engine.on_stage = on_stage;
    t->engine.user = t;
    ocrvl_status st = ocrvl_mrope_positions(t->chat.ids.data, t->chat.ids.len, t->pictures.grids, t->pictures.count,
                                            c->merge, c->image_token, c->video_token, pos, delta, err);
    if (!st)
        st = d->prefill(&in, 1, &t->pictures, logits, err);
    t->engine.on_stage = NULL;
    if (!st)
        write_tensor(t, "logits", logits, 1, c->vocab);
    return st ? st : t->st;
}

static ocrvl_status write_trace(trace *t, ocrvl_decoder *d, const int32_t *pos, int32_t delta, const float *logits,
                                ocrvl_error *err)
{
    ocrvl_buf b = {0};
    ocrvl_status st = OCRVL_OK;
    put_prompt(t, &b, pos, delta);
    put_key(&b, "tensors");
    ocrvl_buf_printf(&b, "{%s\n }", t->tensors.data);
    if (t->o->greedy)
        st = put_greedy(t, &b, d, logits, err);
    if (!st && t->o->nll)
        st = put_nll(t, &b, d, logits, err);
    ocrvl_buf_puts(&b, "\n}\n");
    if (!st)
        st = b.failed || t->tensors.failed ? ocrvl_fail_nomem(err)
                                           : write_file(t->o->out_dir, "trace.json", b.data, b.len, err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status run(trace *t, ocrvl_error *err)
{
    ocrvl_decoder *d = NULL;
    int32_t delta = 0, *pos = ocrvl_alloc_array(t->chat.ids.len, 3 * sizeof *pos);
    float *logits = ocrvl_alloc_array(t->m->weights->config.vocab, sizeof *logits);
    ocrvl_status st = logits && pos ? ocrvl_decoder_new(&d, &t->engine, &t->engine, NULL, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = run_prompt(t, d, pos, &delta, logits, err);
    if (!st)
        st = write_trace(t, d, pos, delta, logits, err);
    if (d)
        d->free(d);
    ocrvl_free(pos);
    ocrvl_free(logits);
    return st;
}

ocrvl_status ocrvl_dev_trace(const ocrvl_model *m, const ocrvl_trace_options *o, const ocrvl_dev_loaders *load,
                             ocrvl_error *err)
{
    trace t = {.m = m, .o = o, .load = load, .err = err, .chat = {.model = m, .vision_ids = o->vision_ids}};
    ocrvl_pool *pool = NULL;
    if (o->greedy > MAX_STEPS || (o->nll && strlen(o->nll) > MAX_TEXT))
        return ocrvl_fail(err, OCRVL_E_LIMIT, "more than %d tokens asked for", MAX_STEPS);
    ocrvl_status st = ocrvl_pool_new(&pool, o->threads, err);
    if (!st)
        st = ocrvl_engine_init(&t.engine, m->weights, pool, err);
    if (!st)
        st = make_prompt(&t, err);
    if (!st) {
        choose_rows(&t);
        st = run(&t, err);
    }
    ocrvl_chat_free(&t.chat);
    ocrvl_pictures_free(&t.pictures);
    ocrvl_buf_free(&t.tensors);
    if (t.engine.m)
        ocrvl_engine_free(&t.engine);
    ocrvl_pool_free(pool);
    return st;
}
