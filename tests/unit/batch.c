/* Pages read together against the same pages read alone: the tiny checkpoint writes what it likes, greedily or by
 * chance, and must like the same in any company. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/image.h"
#include "base/mem.h"
#include "read/session.h"
#include "sources.h"

enum { PAGES = 4 };

static ocrvl_model *big, *nano;
static ocrvl_image *images[PAGES];

static int set_up(void **state)
{
    static const char *const files[PAGES] = {"samples/pages/en-3.png", "samples/pages/it-1.jpg",
                                             "samples/pages/en-3.png", "samples/pages/en-1.pdf"};
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    for (size_t i = 0; i < PAGES; i++) {
        ocrvl_image *whole = first_page(files[i]);
        ocrvl_box top = {0, 0, (int32_t)ocrvl_image_width(whole), (int32_t)ocrvl_image_height(whole) / 6};
        assert_ok(ocrvl_image_crop(&images[i], whole, top, err));
        ocrvl_image_free(whole);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES; i++)
        ocrvl_image_free(images[i]);
    ocrvl_model_free(nano);
    ocrvl_model_free(big);
    return 0;
}

static ocrvl_session *open_session(void)
{
    ocrvl_session *s;
    ocrvl_session_options o = {.size = sizeof o, .line_model = nano, .threads = 2};
    assert_ok(ocrvl_session_new(&s, big, &o, err));
    return s;
}

/* Different for each page: how many tokens, whether by chance, drafts or not, one look or several. */
static ocrvl_read_options options(size_t i)
{
    ocrvl_read_options o = {.size = sizeof o, .max_tokens = 20 + 30 * (uint32_t)i};
    o.temperature = i % 2 ? 1.5f : -1;
    o.seed = i;
    o.no_drafts = i == 2;
    o.max_pixels = i == 0 ? 60000 : 0;
    return o;
}

/* Of the last one its document says something as well. */
static ocrvl_page_input input(size_t i)
{
    return (ocrvl_page_input){.size = sizeof(ocrvl_page_input),
                              .image = images[i],
                              .text_layer =
                                  i == 3 ? "some text that isn't there, and some text that isn't there" : NULL};
}

static void assert_same_text(const ocrvl_node *a, const ocrvl_node *b)
{
    for (; a && b; a = ocrvl_node_next(a), b = ocrvl_node_next(b)) {
        ocrvl_node_info x = {.size = sizeof x}, y = {.size = sizeof y};
        ocrvl_node_get_info(a, &x);
        ocrvl_node_get_info(b, &y);
        assert_int_equal(x.kind, y.kind);
        assert_string_equal(x.text ? x.text : "", y.text ? y.text : "");
        assert_memory_equal(&x.box, &y.box, sizeof x.box);
        assert_true(x.confidence == y.confidence);
        assert_same_text(ocrvl_node_first(a), ocrvl_node_first(b));
    }
    assert_true(!a && !b);
}

static void assert_same(const ocrvl_page *a, const ocrvl_page *b)
{
    ocrvl_page_info x = {.size = sizeof x}, y = {.size = sizeof y};
    ocrvl_page_get_info(a, &x);
    ocrvl_page_get_info(b, &y);
    assert_int_equal(x.status, y.status);
    assert_int_equal(x.warnings, y.warnings);
    assert_int_equal(x.output_tokens, y.output_tokens);
    assert_int_equal(x.prompt_tokens, y.prompt_tokens);
    assert_int_equal(x.image_tokens, y.image_tokens);
    assert_same_text(ocrvl_page_first(a), ocrvl_page_first(b));
}

/* Whether a page was shown in more looks than one. */
static bool in_parts(const ocrvl_page *page)
{
    const char *code = "", *message;
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings && strcmp(code, "parts") != 0; i++)
        ocrvl_page_warning(page, i, &code, &message);
    return strcmp(code, "parts") == 0;
}

static void company_changes_nothing(void **state)
{
    ocrvl_page *alone[PAGES];
    ocrvl_session *s = open_session();
    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        ocrvl_read_options o = options(i);
        ocrvl_page_input in = input(i);
        assert_ok(ocrvl_read(s, &in, &o, &alone[i], err));
        assert_true(in_parts(alone[i]) == (i == 0));
    }
    for (uint32_t at_once = 1; at_once <= 3; at_once++) {
        ocrvl_batch *b;
        size_t added = 0, taken = 0, most = 0;
        assert_ok(ocrvl_batch_new(&b, s, at_once, err));
        while (taken < PAGES) {
            for (; added < PAGES && ocrvl_batch_wants(b); added++) {
                ocrvl_read_options o = options(added);
                ocrvl_page_input in = input(added);
                assert_ok(ocrvl_batch_add(b, &in, &o, err));
            }
            most = added - taken > most ? added - taken : most;
            ocrvl_page *page;
            assert_ok(ocrvl_batch_next(b, &page, err));
            assert_same(alone[taken++], page);
            ocrvl_page_free(page);
        }
        assert_true(at_once == 1 ? most == 1 : most > 1);
        ocrvl_batch_free(b);
    }
    for (size_t i = 0; i < PAGES; i++)
        ocrvl_page_free(alone[i]);
    ocrvl_session_free(s);
}

typedef struct witness { /* of what the engine of prompts does */
    ocrvl_session *s;
    pthread_t here;
    size_t prefetch; /* stages on another thread */
    bool cancel;     /* the first of them cancels the session */
} witness;

static void see_stage(void *user, const char *name, const float *values, size_t rows, size_t columns)
{
    witness *w = user;
    (void)name;
    (void)values;
    (void)rows;
    (void)columns;
    w->prefetch += !pthread_equal(pthread_self(), w->here);
    if (w->prefetch && w->cancel)
        ocrvl_session_cancel(w->s);
}

/* The pages of options(1), all alike, at_once at a time: the first `good` of them come out whole; how the next one
 * ends. */
static ocrvl_status read_alike(ocrvl_session *s, uint32_t at_once, size_t good)
{
    ocrvl_batch *b;
    ocrvl_page *page, *first = NULL;
    ocrvl_status st = OCRVL_OK;
    size_t added = 0;
    assert_ok(ocrvl_batch_new(&b, s, at_once, err));
    for (size_t taken = 0; !st && taken < good + 1; taken++) {
        for (; added < good && ocrvl_batch_wants(b); added++) {
            ocrvl_read_options o = options(1);
            assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
        }
        st = ocrvl_batch_next(b, &page, NULL);
        if (first && page)
            assert_same(first, page);
        if (first)
            ocrvl_page_free(page);
        else
            first = page;
    }
    ocrvl_page_free(first);
    ocrvl_batch_free(b);
    return st;
}

/* While as many pages are being answered as may be, the next one is shown on a thread of its own; never with one at a
 * time, or where there is one thread. */
static void the_next_page_is_prefetched(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++)
        for (uint32_t at_once = 1; at_once <= 2; at_once++) {
            ocrvl_session *s;
            ocrvl_session_options o = {.size = sizeof o, .line_model = nano, .threads = threads};
            assert_ok(ocrvl_session_new(&s, big, &o, err));
            witness w = {.s = s, .here = pthread_self()};
            s->prompts.on_stage = see_stage;
            s->prompts.user = &w;
            assert_int_equal(read_alike(s, at_once, 4), OCRVL_OK);
            assert_true((w.prefetch > 0) == (threads > 1 && at_once > 1));
            ocrvl_session_free(s);
        }
}

static void canceled_while_prefetching(void **state)
{
    ocrvl_session *s = open_session();
    witness w = {.s = s, .here = pthread_self(), .cancel = true};
    (void)state;
    s->prompts.on_stage = see_stage;
    s->prompts.user = &w;
    assert_int_equal(read_alike(s, 2, 4), OCRVL_E_CANCELED);
    assert_int_equal(w.prefetch, 1);
    ocrvl_session_free(s);
}

/* A page that fails is told in its turn, and the others come out whole. */
static void a_failure_stays_its_own(void **state)
{
    ocrvl_session *s = open_session();
    ocrvl_batch *b;
    ocrvl_page *page;
    (void)state;
    assert_ok(ocrvl_batch_new(&b, s, 3, err));
    for (size_t i = 0; i < 3; i++) {
        ocrvl_read_options o = options(1);
        o.task = i == 1 ? "no such prompt" : NULL;
        assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    }
    assert_ok(ocrvl_batch_next(b, &page, err));
    ocrvl_page *first = page;
    ocrvl_error why;
    assert_int_equal(ocrvl_batch_next(b, &page, &why), OCRVL_E_ARG);
    assert_non_null(strstr(why.message, "no such prompt"));
    assert_null(page);
    assert_ok(ocrvl_batch_next(b, &page, err));
    assert_same(first, page);
    ocrvl_page_free(page);
    ocrvl_page_free(first);
    assert_ok(ocrvl_batch_next(b, &page, err));
    assert_null(page);
    ocrvl_batch_free(b);
    ocrvl_session_free(s);
}

static int never(void *user, uint64_t done, uint64_t total)
{
    (void)total;
    size_t *calls = user;
    ++*calls;
    return done >= 5;
}

/* Somebody says stop for one page; and a batch that is given up half way frees what it has. */
static void stopped_and_given_up(void **state)
{
    ocrvl_session *s = open_session();
    ocrvl_batch *b;
    ocrvl_page *page;
    size_t calls = 0;
    (void)state;
    assert_ok(ocrvl_batch_new(&b, s, 3, err));
    for (size_t i = 0; i < 4; i++) {
        ocrvl_read_options o = options(1);
        o.on_progress = i == 0 ? never : NULL;
        o.user = &calls;
        assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    }
    assert_int_equal(ocrvl_batch_next(b, &page, NULL), OCRVL_E_CANCELED);
    assert_true(calls > 0);
    assert_ok(ocrvl_batch_next(b, &page, err));
    ocrvl_page_free(page);
    ocrvl_batch_free(b);
    ocrvl_session_free(s);
}

/* A progress function that doesn't say stop, but cancels the session. */
static int cancel_once(void *user, uint64_t done, uint64_t total)
{
    ocrvl_session **s = user;
    (void)done;
    (void)total;
    if (*s)
        ocrvl_session_cancel(*s);
    *s = NULL;
    return 0;
}

/* A page or an answer in progress ends; before and after it the session does as it should. */
static void cancel_ends_what_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) { /* a page reader with a line reader, and a line reader alone */
        ocrvl_session *s, *running;
        ocrvl_page *before, *page;
        ocrvl_read_options o = options(1);
        ocrvl_session_options so = {.size = sizeof so, .line_model = i ? NULL : nano, .threads = 2};
        assert_ok(ocrvl_session_new(&s, i ? nano : big, &so, err));
        ocrvl_session_cancel(s); /* nothing runs */
        assert_ok(ocrvl_read(s, PAGE_OF(images[1]), &o, &before, err));
        ocrvl_session_cancel(s);
        running = s;
        o.on_progress = cancel_once;
        o.user = &running;
        assert_int_equal(ocrvl_read(s, PAGE_OF(images[1]), &o, &page, NULL), OCRVL_E_CANCELED);
        assert_null(running);
        assert_ok(ocrvl_read(s, PAGE_OF(images[1]), &o, &page, err));
        assert_same(before, page);
        ocrvl_page_free(page);
        ocrvl_page_free(before);
        ocrvl_session_free(s);
    }
}

static void cancel_ends_an_answer(void **state)
{
    ocrvl_session *s = open_session(), *running = s;
    ocrvl_answer *answer;
    ocrvl_ask_options o = {.size = sizeof o, .question = "?", .max_tokens = 8};
    const ocrvl_image *shown[] = {images[1]};
    (void)state;
    ocrvl_session_cancel(s);
    o.on_progress = cancel_once;
    o.user = &running;
    assert_int_equal(ocrvl_ask(s, shown, 1, &o, &answer, NULL), OCRVL_E_CANCELED);
    assert_ok(ocrvl_ask(s, shown, 1, &o, &answer, err));
    ocrvl_answer_free(answer);
    witness w = {.s = s, .cancel = true}; /* while the pictures are encoded */
    s->prompts.on_stage = see_stage;
    s->prompts.user = &w;
    assert_int_equal(ocrvl_ask(s, shown, 1, &o, &answer, NULL), OCRVL_E_CANCELED);
    w.cancel = false;
    assert_ok(ocrvl_ask(s, shown, 1, &o, &answer, err));
    ocrvl_answer_free(answer);
    ocrvl_session_free(s);
}

/* Of a batch, the pages end whose reading has begun; those that are done come out, and those added later are read. */
static void cancel_ends_pages_of_a_batch(void **state)
{
    ocrvl_session *s = open_session();
    ocrvl_batch *b;
    ocrvl_page *page, *alone;
    ocrvl_image *blank;
    ocrvl_read_options o = options(1);
    (void)state;
    assert_ok(ocrvl_read(s, PAGE_OF(images[1]), &o, &alone, err));
    assert_ok(ocrvl_image_new(&blank, 200, 100, 1, 0, 0, 0, err));
    assert_ok(ocrvl_batch_new(&b, s, 3, err));
    assert_ok(ocrvl_batch_add(b, PAGE_OF(blank), NULL, err)); /* done at once: no model sees it */
    assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    ocrvl_session_cancel(s);
    assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    assert_ok(ocrvl_batch_next(b, &page, err));
    ocrvl_page_free(page);
    assert_int_equal(ocrvl_batch_next(b, &page, NULL), OCRVL_E_CANCELED);
    assert_null(page);
    assert_int_equal(ocrvl_batch_next(b, &page, NULL), OCRVL_E_CANCELED);
    assert_ok(ocrvl_batch_next(b, &page, err));
    assert_same(alone, page);
    ocrvl_page_free(page);
    ocrvl_page_free(alone);
    ocrvl_batch_free(b);
    ocrvl_image_free(blank);
    ocrvl_session_free(s);
}

typedef struct canceler {
    ocrvl_session *s;
    atomic_bool over;
} canceler;

static void *cancel_again_and_again(void *user)
{
    canceler *c = user;
    const struct timespec pause = {.tv_nsec = 3000000};
    while (!atomic_load(&c->over)) {
        ocrvl_session_cancel(c->s);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Another thread cancels whenever it likes: a page ends or is whole, and afterwards all are whole. */
static void cancel_from_another_thread(void **state)
{
    canceler c = {.s = open_session()};
    ocrvl_page *page, *alone;
    ocrvl_read_options o = options(1);
    pthread_t thread;
    (void)state;
    assert_ok(ocrvl_read(c.s, PAGE_OF(images[1]), &o, &alone, err));
    assert_int_equal(pthread_create(&thread, NULL, cancel_again_and_again, &c), 0);
    for (size_t i = 0; i < 2; i++) {
        ocrvl_status st = ocrvl_read(c.s, PAGE_OF(images[1]), &o, &page, NULL);
        assert_true(st == OCRVL_OK || st == OCRVL_E_CANCELED);
        if (page)
            assert_same(alone, page);
        ocrvl_page_free(page);
        st = read_alike(c.s, 2, 3);
        assert_true(st == OCRVL_OK || st == OCRVL_E_CANCELED);
    }
    atomic_store(&c.over, true);
    pthread_join(thread, NULL);
    assert_ok(ocrvl_read(c.s, PAGE_OF(images[1]), &o, &page, err));
    assert_same(alone, page);
    ocrvl_page_free(page);
    ocrvl_page_free(alone);
    ocrvl_session_free(c.s);
}

/* A page ends whose next look is being shown; the page after it is read whole. */
static void stopped_while_prefetching(void **state)
{
    ocrvl_session *s = open_session();
    ocrvl_batch *b;
    ocrvl_page *page, *alone;
    ocrvl_read_options o = options(1), parts = options(0);
    size_t calls = 0;
    (void)state;
    assert_ok(ocrvl_read(s, PAGE_OF(images[1]), &o, &alone, err));
    witness w = {.s = s, .here = pthread_self()};
    s->prompts.on_stage = see_stage;
    s->prompts.user = &w;
    parts.on_progress = never;
    parts.user = &calls;
    assert_ok(ocrvl_batch_new(&b, s, 2, err));
    assert_ok(ocrvl_batch_add(b, PAGE_OF(images[0]), &parts, err));
    assert_ok(ocrvl_batch_add(b, PAGE_OF(images[1]), &o, err));
    assert_int_equal(ocrvl_batch_next(b, &page, NULL), OCRVL_E_CANCELED);
    assert_ok(ocrvl_batch_next(b, &page, err));
    assert_same(alone, page);
    assert_true(w.prefetch > 0);
    ocrvl_page_free(page);
    ocrvl_page_free(alone);
    ocrvl_batch_free(b);
    ocrvl_session_free(s);
}

/* Memory that fails at any one place: an error or a page, never a leak or a crash. */
static void no_memory(void **state)
{
    ocrvl_session *s = open_session();
    ocrvl_image *part;
    ocrvl_read_options o = {.size = sizeof o, .max_tokens = 6};
    (void)state;
    assert_ok(ocrvl_image_crop(&part, images[0], (ocrvl_box){300, 300, 900, 460}, err));
    bool failed = true;
    for (long at = 1; failed; at = at < 12 ? at + 1 : at * 3 / 2) {
        ocrvl_batch *b;
        ocrvl_page *page;
        ocrvl_mem_fail_after(at);
        ocrvl_status st = ocrvl_batch_new(&b, s, 2, NULL);
        for (size_t i = 0; !st && i < 3; i++) /* the third is shown ahead */
            st = ocrvl_batch_add(b, PAGE_OF(part), &o, NULL);
        for (size_t i = 0; !st && i < 3; i++) {
            st = ocrvl_batch_next(b, &page, NULL);
            ocrvl_page_free(page);
        }
        failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_true(st == OCRVL_OK || (failed && st == OCRVL_E_NOMEM));
        ocrvl_batch_free(b);
    }
    ocrvl_image_free(part);
    ocrvl_session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(company_changes_nothing),
        cmocka_unit_test(the_next_page_is_prefetched),
        cmocka_unit_test(canceled_while_prefetching),
        cmocka_unit_test(stopped_while_prefetching),
        cmocka_unit_test(a_failure_stays_its_own),
        cmocka_unit_test(stopped_and_given_up),
        cmocka_unit_test(cancel_ends_what_runs),
        cmocka_unit_test(cancel_ends_an_answer),
        cmocka_unit_test(cancel_ends_pages_of_a_batch),
        cmocka_unit_test(cancel_from_another_thread),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
