/* Generation against scripted decoders ("oracles" that play any text) and the tiny checkpoint: drafts change nothing,
 * loops are cut and other branches tried, honest repetition is left alone. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "generate/chat.h"
#include "generate/generate.h"
#include "testing.h"

enum { VOCAB = 520, STOP = 500, MOST = 4000 };

/* Says script[n] after n tokens; where the script is over, the end token. */
typedef struct oracle {
    ocrvl_decoder d;
    int32_t input_len[MOST]; /* tokens so far */
    size_t len;
    int32_t (*next)(const struct oracle *o); /* of fed[0..len) */
    const int32_t *script;
    size_t script_len;
    size_t passes;
} oracle;

static int32_t by_script(const oracle *o) { return o->len < o->script_len ? o->script[o->len] : STOP; }

static void say(const oracle *o, float *logits)
{
    for (size_t i = 0; i < VOCAB; i++)
        logits[i] = (float)(i % 7) * 0.01f;
    logits[o->next(o)] = 12;
}

static ocrvl_status prefill(const ocrvl_prefill_input *inputs, size_t count, const ocrvl_pictures *pictures,
                            float *logits, ocrvl_error *err)
{
    (void)pictures, (void)err;
    for (size_t i = 0; i < count; i++) {
        ((oracle *)inputs[i].d)->len = 0;
        say((oracle *)inputs[i].d, logits + i * VOCAB);
    }
    return OCRVL_OK;
}

static ocrvl_status decode(const ocrvl_decode_input *inputs, size_t count, float *logits, ocrvl_error *err)
{
    (void)err;
    for (size_t f = 0; f < count; f++) {
        oracle *o = (oracle *)inputs[f].d;
        o->passes++;
        for (size_t i = 0; i < inputs[f].count; i++, logits += VOCAB) {
            assert_true(o->len < MOST);
            o->input_len[o->len++] = inputs[f].ids[i];
            say(o, logits);
        }
    }
    return OCRVL_OK;
}

static void truncate_oracle(ocrvl_decoder *d, size_t tokens)
{
    assert_true(tokens <= ((oracle *)d)->len);
    ((oracle *)d)->len -= tokens;
}

static ocrvl_tokenizer *tokenizer;
static ocrvl_config config = {
    .vocab = VOCAB, .stops = {STOP}, .stop_count = 1, .confidence_temperature = 1, .repetition_penalty = 1};

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_tokenizer_open(&tokenizer, "tests/vectors/data/tiny", VOCAB, err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_tokenizer_free(tokenizer);
    return 0;
}

static oracle make_oracle(int32_t (*next)(const oracle *o), const int32_t *script, size_t len)
{
    return (oracle){
        .d = {VOCAB, prefill, decode, truncate_oracle, NULL}, .next = next, .script = script, .script_len = len};
}

static ocrvl_account no_limit;
static const ocrvl_prompt nothing;

static ocrvl_generate_options options(void)
{
    return (ocrvl_generate_options){
        .time = &no_limit, .tokenizer = tokenizer, .config = &config, .max_tokens = 1000, .temperature = -1};
}

static ocrvl_ids ids_of(const char *text)
{
    ocrvl_ids ids = {0};
    assert_ok(ocrvl_tokenizer_encode(tokenizer, text, strlen(text), false, &ids, err));
    return ids;
}

static void plays_the_script(void **state)
{
    (void)state;
    ocrvl_ids script = ids_of("Invoice 2024-0117\nTotal: 42.50 EUR");
    oracle o = make_oracle(by_script, script.data, script.len);
    ocrvl_generate_options opt = options();
    ocrvl_generation g;
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_int_equal(g.finish, OCRVL_FINISH_END);
    assert_int_equal(g.ids.len, script.len);
    assert_memory_equal(g.ids.data, script.data, script.len * sizeof *script.data);
    for (size_t i = 0; i < g.ids.len; i++)
        assert_true(g.logprobs[i] < 0 && g.logprobs[i] > -0.01);
    ocrvl_generation_free(&g);
    opt.max_tokens = 5;
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_int_equal(g.finish, OCRVL_FINISH_LENGTH);
    assert_int_equal(g.ids.len, 5);
    ocrvl_generation_free(&g);
    ocrvl_ids_free(&script);
}

/* A sequence ends with the token that makes it less likely than it may be, and not where it is just as likely. */
static void ends_where_unlikely(void **state)
{
    (void)state;
    ocrvl_ids script = ids_of("Invoice 2024-0117\nTotal: 42.50 EUR");
    oracle o = make_oracle(by_script, script.data, script.len);
    ocrvl_config unsure = config;
    unsure.confidence_temperature = 8;
    ocrvl_generate_options opt = options();
    opt.config = &unsure;
    ocrvl_generation g, cut;
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_true(g.logprobs[3] < -0.01);
    opt.least_likelihood = g.logprobs[0] + g.logprobs[1] + g.logprobs[2];
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &cut, err));
    assert_int_equal(cut.finish, OCRVL_FINISH_UNLIKELY);
    assert_int_equal(cut.ids.len, 4);
    ocrvl_generation_free(&cut);
    opt.least_likelihood = 0;
    for (size_t i = 0; i < g.ids.len; i++)
        opt.least_likelihood += g.logprobs[i];
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &cut, err));
    assert_int_equal(cut.finish, OCRVL_FINISH_END);
    assert_int_equal(cut.ids.len, script.len);
    ocrvl_generation_free(&cut);
    ocrvl_generation_free(&g);
    ocrvl_ids_free(&script);
}

static uint32_t seed;

static uint32_t draw(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Random scripts of few letters, so that they repeat themselves; hints are the script with errors. */
static void drafts_change_nothing(void **state)
{
    (void)state;
    for (seed = 1; seed < 200000; seed += 1777) {
        uint32_t kept = seed;
        int32_t script[300], draft_source[300];
        size_t n = 20 + draw(280);
        for (size_t i = 0; i < n; i++) {
            script[i] = i > 40 && draw(3) ? script[i - 37] : (int32_t)(60 + draw(9));
            draft_source[i] = draw(12) ? script[i] : 61;
        }
        ocrvl_generate_options opt = options();
        ocrvl_generation plain, drafted;
        oracle o = make_oracle(by_script, script, n);
        opt.lines = 1000;
        opt.retries = 2;
        assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &plain, err));
        size_t passes = o.passes;
        opt.draft_source = draft_source;
        opt.draft_source_count = n;
        opt.draft = 1 + draw(15);
        o = make_oracle(by_script, script, n);
        assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &drafted, err));
        assert_int_equal(plain.finish, drafted.finish);
        assert_int_equal(plain.ids.len, drafted.ids.len);
        assert_memory_equal(plain.ids.data, drafted.ids.data, plain.ids.len * sizeof(int32_t));
        assert_memory_equal(plain.logprobs, drafted.logprobs, plain.ids.len * sizeof(double));
        assert_true(o.passes <= passes && drafted.accepted <= drafted.drafted);
        if (n > 150 && opt.draft > 4)
            assert_true(2 * o.passes < passes);
        ocrvl_generation_free(&plain);
        ocrvl_generation_free(&drafted);
        seed = kept;
    }
}

/* After "A B " it says "loop\n" for ever, unless it was once made to say something else there: then "end" follows. */
static int32_t looper(const oracle *o)
{
    static int32_t unit[] = {70, 71, 72, 73, 198};
    if (o->len < 3)
        return (int32_t)(60 + o->len);
    for (size_t i = 3; i < o->len; i++)
        if (o->input_len[i] != unit[(i - 3) % 5])
            return o->len < i + 4 ? 80 + (int32_t)(o->len - i) : STOP;
    return unit[(o->len - 3) % 5];
}

static void loops_are_cut(void **state)
{
    (void)state;
    for (size_t drafts = 0; drafts < 2; drafts++) {
        oracle o = make_oracle(looper, NULL, 0);
        ocrvl_generate_options opt = options();
        ocrvl_generation g;
        opt.lines = 12;
        opt.retries = 1;
        opt.draft = drafts * 8;
        assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
        assert_int_equal(g.finish, OCRVL_FINISH_END);
        assert_int_equal(g.loops, 1);
        assert_int_equal(g.ids.len, 3 + 5 + 4); /* one copy of the unit is kept, then another branch */
        ocrvl_generation_free(&g);
        opt.retries = 0;
        o = make_oracle(looper, NULL, 0);
        assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
        assert_int_equal(g.finish, OCRVL_FINISH_LOOP);
        assert_int_equal(g.ids.len, 3 + 5);
        ocrvl_generation_free(&g);
    }
}

/* "| 1 | a |\n| 2 | a |\n...": the counter runs away. */
static void counters_that_run_away(void **state)
{
    (void)state;
    ocrvl_buf text = {0};
    for (int i = 1; i <= 200; i++)
        ocrvl_buf_printf(&text, "| %d | - |\n", i);
    ocrvl_ids script = ids_of(text.data);
    oracle o = make_oracle(by_script, script.data, script.len);
    ocrvl_generate_options opt = options();
    ocrvl_generation g;
    opt.max_tokens = 3000;
    opt.lines = 20;
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_int_equal(g.finish, OCRVL_FINISH_LOOP);
    assert_true(g.ids.len < 40);
    ocrvl_generation_free(&g);
    opt.lines = 250; /* a page that has the rows */
    o = make_oracle(by_script, script.data, script.len);
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_int_equal(g.finish, OCRVL_FINISH_END);
    assert_int_equal(g.ids.len, script.len);
    ocrvl_generation_free(&g);
    ocrvl_ids_free(&script);
    ocrvl_buf_free(&text);
}

static void honest_repetition_stays(void **state)
{
    (void)state;
    ocrvl_buf text = {0};
    for (int i = 0; i < 30; i++)
        ocrvl_buf_puts(&text, "do. do. do.\n");
    ocrvl_buf_puts(&text, "Chapter 1 ");
    for (int i = 0; i < 90; i++)
        ocrvl_buf_puts(&text, ".");
    ocrvl_buf_puts(&text, " 7\n");
    ocrvl_ids script = ids_of(text.data);
    oracle o = make_oracle(by_script, script.data, script.len);
    ocrvl_generate_options opt = options();
    ocrvl_generation g;
    opt.lines = 31;
    opt.max_tokens = 2000;
    assert_ok(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, err));
    assert_int_equal(g.finish, OCRVL_FINISH_END);
    assert_int_equal(g.loops, 0);
    assert_int_equal(g.ids.len, script.len);
    ocrvl_generation_free(&g);
    ocrvl_ids_free(&script);
    ocrvl_buf_free(&text);
}

static int stop_after_ten(void *user, uint64_t done, uint64_t total)
{
    (void)user, (void)total;
    return done >= 10;
}

static void canceled(void **state)
{
    (void)state;
    ocrvl_ids script = ids_of("a longer text that will never be finished, since somebody says stop");
    oracle o = make_oracle(by_script, script.data, script.len);
    ocrvl_generate_options opt = options();
    ocrvl_generation g;
    opt.progress = stop_after_ten;
    assert_int_equal(ocrvl_generate(&o.d, &nothing, NULL, &opt, &g, NULL), OCRVL_E_CANCELED);
    assert_null(g.ids.data);
    ocrvl_ids_free(&script);
}

/* The engine itself: with drafts from its own words and wrong hints, the same tokens in fewer passes. */
static void engine_with_drafts(void **state)
{
    (void)state;
    ocrvl_model *m;
    ocrvl_engine e;
    ocrvl_generation g[2];
    assert_ok(ocrvl_model_open(&m, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_engine_init(&e, m->weights, NULL, err));
    for (size_t way = 0; way < 2; way++) {
        ocrvl_chat chat = {.model = m};
        ocrvl_pictures none = {0};
        ocrvl_decoder *d;
        assert_ok(ocrvl_chat_begin(&chat, "user", err));
        assert_ok(ocrvl_chat_text(&chat, "Write a short list of three items.", 34, err));
        assert_ok(ocrvl_chat_end(&chat, err));
        assert_ok(ocrvl_chat_answer(&chat, err));
        assert_ok(ocrvl_decoder_new(&d, &e, &e, NULL, err));
        ocrvl_generate_options opt = {.tokenizer = m->tokenizer,
                                      .config = &m->weights->config,
                                      .max_tokens = 120,
                                      .temperature = -1,
                                      .draft = way ? 7 : 0,
                                      .time = &no_limit};
        if (way) {
            opt.draft_source = g[0].ids.data;
            opt.draft_source_count = g[0].ids.len;
        }
        ocrvl_prompt prompt = {chat.ids.data, chat.ids.len, 0};
        assert_ok(ocrvl_generate(d, &prompt, &none, &opt, &g[way], err));
        d->free(d);
        ocrvl_chat_free(&chat);
    }
    assert_int_equal(g[0].ids.len, g[1].ids.len);
    assert_memory_equal(g[0].ids.data, g[1].ids.data, g[0].ids.len * sizeof(int32_t));
    assert_memory_equal(g[0].logprobs, g[1].logprobs, g[0].ids.len * sizeof(double));
    assert_true(g[1].passes * 2 < g[0].passes);
    ocrvl_generation_free(&g[0]);
    ocrvl_generation_free(&g[1]);
    ocrvl_engine_free(&e);
    ocrvl_model_free(m);
}

/* Sampling: reproducible by seed, never outside top k, and near the distribution. */
static void sampling(void **state)
{
    (void)state;
    ocrvl_config c = {.do_sample = true, .temperature = 1, .top_p = 1, .top_k = 3, .repetition_penalty = 1};
    float logits[6] = {0, logf(2), logf(4), logf(1), -3, -9};
    size_t seen[6] = {0};
    ocrvl_sampler a, b;
    ocrvl_sampler_init(&a, &c, 0, 42);
    ocrvl_sampler_init(&b, &c, 0, 42);
    for (int i = 0; i < 7000; i++) {
        int32_t x, y;
        assert_ok(ocrvl_sample(&a, logits, 6, NULL, 0, &x, err));
        assert_ok(ocrvl_sample(&b, logits, 6, NULL, 0, &y, err));
        assert_int_equal(x, y);
        seen[x]++;
    }
    assert_int_equal(seen[3] + seen[4] + seen[5], 0); /* of equals the smaller id is kept */
    assert_true(seen[0] > 850 && seen[0] < 1150 && seen[1] > 1850 && seen[1] < 2150 && seen[2] > 3850);
    ocrvl_sampler_free(&a);
    ocrvl_sampler_free(&b);
    c.top_k = 1;
    ocrvl_sampler_init(&a, &c, 0, 1);
    assert_true(a.greedy); /* the published way to say greedy */
    c.repetition_penalty = 100;
    ocrvl_sampler_init(&a, &c, -1, 1);
    int32_t transcript = 2, id;
    assert_ok(ocrvl_sample(&a, logits, 6, &transcript, 1, &id, err));
    assert_int_equal(id, 1);
    ocrvl_sampler_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_the_script),
                                       cmocka_unit_test(ends_where_unlikely),
                                       cmocka_unit_test(drafts_change_nothing),
                                       cmocka_unit_test(loops_are_cut),
                                       cmocka_unit_test(counters_that_run_away),
                                       cmocka_unit_test(honest_repetition_stays),
                                       cmocka_unit_test(canceled),
                                       cmocka_unit_test(engine_with_drafts),
                                       cmocka_unit_test(sampling)};
    return cmocka_run_group_tests_name("generate", tests, set_up, tear_down);
}
