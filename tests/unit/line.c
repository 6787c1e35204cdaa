/* Images that are one line, and second looks at doubtful ones. */
#include "sheet.h"
#include "sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/resample.h"
#include "layout/layout.h"
#include "read/line_reader.h"
#include "read/prepare.h"
#include "read/schedule.h"
#include "read/session.h"

static ocrvl_model *nano;
static ocrvl_session *session;

static int set_up(void **state)
{
    ocrvl_session_options o = {.size = sizeof o, .threads = 2};
    (void)state;
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    assert_ok(ocrvl_session_new(&session, nano, &o, err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_session_free(session);
    ocrvl_model_free(nano);
    return 0;
}

static ocrvl_layout *tile(const ocrvl_image *img, ocrvl_layout_mode mode)
{
    ocrvl_layout_options opt = {.mode = mode, .keep_rotation = true, .keep_skew = true};
    ocrvl_layout *l;
    assert_ok(ocrvl_layout_new(&l, img, &opt, err));
    return l;
}

/* The drawn line alone is found, to the pixel at its ends and with no ink of its own left out. */
static void assert_found(const ocrvl_image *img, ocrvl_layout_mode mode, ocrvl_box ink, int32_t more)
{
    ocrvl_layout *l = tile(img, mode);
    assert_int_equal(l->line_count, 1);
    ocrvl_box b = l->lines[0].ink;
    if (abs(b.x0 - ink.x0) > 2 || abs(b.x1 - ink.x1) > 2 || b.y0 > ink.y0 + 1 || b.y1 < ink.y1 - 1 ||
        b.y0 < ink.y0 - more || b.y1 > ink.y1 + more)
        fail_msg("line at %d,%d,%d,%d is said to be at %d,%d,%d,%d", ink.x0, ink.y0, ink.x1, ink.y1, b.x0, b.y0, b.x1,
                 b.y1);
    ocrvl_layout_free(l);
}

/* Cut to its ink on all sides, whether it is said to be a line or not; with the feet and heads of its neighbours; light
 * on dark; over a rule. Two lines aren't one. */
static void drawn_lines(void **state)
{
    const char *text = "the tables and the lands on the tall beds";
    (void)state;
    for (int32_t size = 2; size <= 6; size++)
        for (int dark = 0; dark < 2; dark++) {
            uint8_t paper = dark ? 20 : 240, ink = dark ? 235 : 15;
            sheet s = new_sheet(42 * 6 * (uint32_t)size, 30 * (uint32_t)size, paper, ink);
            /* its descenders are in sight */
            write_text(&s, 2 * size, -1 * size, size, "plans that hold on banal and labels phone");
            ocrvl_box b = write_text(&s, 2 * size, 15 * size, size, text);
            write_text(&s, 2 * size, 31 * size, size, "hello banana person los those hosts boats");
            assert_found(s.img, OCRVL_LAYOUT_LINE, b, 2 * size);
            ocrvl_image *tight, *two;
            assert_ok(ocrvl_image_crop(&tight, s.img, b, err));
            for (int mode = OCRVL_LAYOUT_AUTO; mode <= OCRVL_LAYOUT_LINE; mode++)
                assert_found(tight, (ocrvl_layout_mode)mode, (ocrvl_box){0, 0, b.x1 - b.x0, b.y1 - b.y0}, 1);
            ocrvl_image_free(tight);
            assert_ok(ocrvl_image_crop(&two, s.img, (ocrvl_box){0, 6 * size, 252 * size, 30 * size}, err));
            ocrvl_layout *l = tile(two, OCRVL_LAYOUT_AUTO);
            assert_int_equal(l->line_count, 2);
            ocrvl_layout_free(l);
            ocrvl_image_free(two);
            fill(&s, 0, 17 * size + 1, 42 * 6 * size, 17 * size + 1 + size / 2, ink);
            assert_found(s.img, OCRVL_LAYOUT_LINE, b, 3 * size);
            ocrvl_image_free(s.img);
        }
}

/* A line that climbs or falls is followed, whatever is said of deskewing. */
static void leaning_lines(void **state)
{
    (void)state;
    for (int32_t drift = -40; drift <= 40; drift += 20) {
        sheet s = new_sheet(1000, 120, 255, 0);
        const char *words[] = {"the", "tables", "and", "the", "lands", "on", "the", "beds"};
        int32_t x = 20;
        for (size_t i = 0; i < 8; i++) {
            write_text(&s, x, 66 - drift / 2 + drift * (x + 40) / 1000, 4, words[i]);
            x += 24 * ((int32_t)strlen(words[i]) + 1);
        }
        ocrvl_layout *l = tile(s.img, OCRVL_LAYOUT_LINE);
        assert_int_equal(l->line_count, 1);
        const ocrvl_layout_line *r = &l->lines[0];
        double found = (r->baseline[1] - r->baseline[0]) / (r->ink.x1 - r->ink.x0) * 1000;
        if (fabs(found - drift) > 8)
            fail_msg("a lean of %d is said to be %.1f", drift, found);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

static void put_words(ocrvl_buf *b, const ocrvl_node *n)
{
    for (; n; n = ocrvl_node_next(n)) {
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(n, &info);
        if (info.kind == OCRVL_WORD)
            ocrvl_buf_printf(b, "%s ", info.text);
        put_words(b, ocrvl_node_first(n));
    }
}

static char *read_line(const ocrvl_image *img, ocrvl_box part)
{
    ocrvl_image *cut;
    ocrvl_page *page;
    ocrvl_read_options o = {.size = sizeof o, .layout = OCRVL_LAYOUT_LINE};
    assert_ok(ocrvl_image_crop(&cut, img, part, err));
    assert_ok(ocrvl_read(session, PAGE_OF(cut), &o, &page, err));
    ocrvl_buf text = {0};
    put_words(&text, ocrvl_page_first(page));
    assert_true(text.len > 0 && !text.failed);
    ocrvl_page_free(page);
    ocrvl_image_free(cut);
    return text.data;
}

static int32_t within(int32_t v, uint32_t most) { return v < 0 ? 0 : v > (int32_t)most ? (int32_t)most : v; }

/* The lines of a page read one by one, cut out with little room and with pieces of their neighbours: nearly all say
 * what they say on the page. */
static void cut_out_of_a_page(void **state)
{
    ocrvl_image *img = first_page("samples/pages/en-3.png");
    ocrvl_layout *l;
    size_t same[2] = {0, 0};
    (void)state;
    assert_ok(ocrvl_layout_new(&l, img, NULL, err));
    assert_true(l->line_count > 20 && l->skew == 0);
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_box b = l->lines[i].ink;
        int32_t h = b.y1 - b.y0;
        char *alone = NULL;
        for (int way = 0; way < 3; way++) {
            int32_t more = way == 0 ? h / 5 : way == 1 ? 1 : h * 3 / 5;
            ocrvl_box part = {within(b.x0 - more, img->width), within(b.y0 - more, img->height),
                              within(b.x1 + more, img->width), within(b.y1 + more, img->height)};
            char *text = read_line(img, part);
            if (way)
                same[way - 1] += strcmp(text, alone) == 0;
            ocrvl_free(way ? text : NULL);
            alone = way ? alone : text;
        }
        ocrvl_free(alone);
    }
    assert_true(same[0] * 7 >= l->line_count * 6);
    assert_true(same[1] * 7 >= l->line_count * 6);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

/* Strips of all lines of a page. */
static ocrvl_strip *strips_of(const ocrvl_layout *l, size_t *count)
{
    ocrvl_strip *all = NULL;
    *count = 0;
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_strip *some;
        size_t n;
        assert_ok(ocrvl_layout_strips(l, i, STRIPS(28, 1232), &some, &n, err));
        all = ocrvl_realloc_array(all, *count + n, sizeof *all);
        assert_non_null(all);
        memcpy(all + *count, some, n * sizeof *some);
        *count += n;
        ocrvl_free(some);
    }
    return all;
}

/* What the line reader says of strips -> lines->readings. */
static void read_strips(ocrvl_lines *lines, float temperature, bool once)
{
    ocrvl_line_options o = {.temperature = temperature, .once = once};
    ocrvl_page_reading *p;
    lines->readings = NULL;
    assert_ok(ocrvl_line_reading_new(&p, session->lines, lines, &o, err));
    assert_ok(ocrvl_schedule_run(p, session->pool, err));
    ocrvl_page_reading_free(p);
}

/* What was sure stays, what was doubtful gets likelier or stays, and some of it changes; by chance nothing is read
 * twice. */
static void read_again_wider(void **state)
{
    ocrvl_image *img = first_page("samples/pages/it-1.jpg");
    ocrvl_layout *l;
    size_t count, changed = 0, sure = 0;
    (void)state;
    assert_ok(ocrvl_layout_new(&l, img, NULL, err));
    ocrvl_lines lines = {.strips = strips_of(l, &count)};
    lines.count = count;
    read_strips(&lines, -1, true);
    ocrvl_reading *first = lines.readings;
    read_strips(&lines, -1, false);
    ocrvl_reading *second = lines.readings;
    for (size_t i = 0; i < count; i++) {
        bool same = strcmp(first[i].transcript.text, second[i].transcript.text) == 0;
        assert_true(second[i].likelihood >= first[i].likelihood);
        assert_true(same || second[i].likelihood > first[i].likelihood);
        sure += first[i].likelihood > -1;
        changed += !same;
        assert_true(first[i].likelihood <= -1 || (same && first[i].likelihood == second[i].likelihood));
    }
    assert_true(sure > 0 && changed > 0 && sure + changed <= count);
    ocrvl_readings_free(second, count);
    double tokens[2] = {0};
    for (int once = 0; once < 2; once++) {
        read_strips(&lines, 1, once);
        for (size_t i = 0; i < count; i++)
            tokens[once] += lines.readings[i].tokens;
        ocrvl_readings_free(lines.readings, count);
    }
    assert_true(tokens[0] == tokens[1]);
    lines.readings = first;
    ocrvl_lines_free(&lines);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

/* All strips of a page, to be freed with ocrvl_lines_free. */
static ocrvl_lines strips_of_page(const char *path)
{
    ocrvl_image *img = first_page(path);
    ocrvl_layout *l;
    ocrvl_lines all = {.count = 0};
    assert_ok(ocrvl_layout_new(&l, img, NULL, err));
    all.strips = strips_of(l, &all.count);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
    return all;
}

/* Reads strips whose `at`th allocation fails: an error or readings, never a leak. False: all went well. */
static bool fails_at(ocrvl_lines *lines, size_t max_tokens, long at)
{
    ocrvl_line_options o = {.temperature = -1, .max_tokens = max_tokens};
    ocrvl_page_reading *p;
    ocrvl_mem_fail_after(at);
    ocrvl_status st = ocrvl_line_reading_new(&p, session->lines, lines, &o, NULL);
    if (!st)
        st = ocrvl_schedule_run(p, session->pool, NULL);
    bool failed = ocrvl_mem_failed();
    ocrvl_mem_fail_after(0);
    assert_true(st == OCRVL_OK || (failed && st == OCRVL_E_NOMEM));
    ocrvl_page_reading_free(p);
    ocrvl_readings_free(lines->readings, lines->count);
    lines->readings = NULL;
    return failed;
}

/* Memory that fails at any one place while a few strips are read, some of them twice: an error or readings, never a
 * leak. */
static void no_memory(void **state)
{
    ocrvl_lines all = strips_of_page("samples/pages/it-1.jpg");
    (void)state;
    bool failed = true;
    for (long at = 1; failed; at = at < 40 ? at + 1 : at * 6 / 5) {
        ocrvl_lines lines = {.strips = all.strips, .count = all.count < 6 ? all.count : 6};
        failed = fails_at(&lines, 8, at);
    }
    ocrvl_lines_free(&all);
}

/* A strip is drawn wider, padded with paper, or narrower where there is no room. */
static void stretched(void **state)
{
    uint8_t grey[28 * 112];
    ocrvl_strip s = {.grey = grey, .width = 112, .height = 28, .line = 3, .x0 = 5, .x1 = 90}, out;
    (void)state;
    memset(grey, 200, sizeof grey);
    for (size_t y = 5; y < 20; y++)
        memset(grey + y * 112 + 100, 10, 12); /* up to the right edge */
    assert_ok(ocrvl_strip_stretch(&out, &s, 1.1, STRIPS(28, 140), err));
    assert_int_equal(out.width, 140);
    assert_int_equal(out.height, 28);
    assert_true(out.line == 3 && out.x0 == 5 && out.x1 == 90);
    assert_int_equal(out.grey[10 * 140 + 120], 10);
    assert_int_equal(out.grey[10 * 140 + 122], 10);
    assert_int_equal(out.grey[10 * 140 + 124], 200);
    assert_int_equal(out.grey[10 * 140 + 100], 200);
    ocrvl_free(out.grey);
    assert_ok(ocrvl_strip_stretch(&out, &s, 1.1, STRIPS(28, 120), err));
    assert_int_equal(out.width, 112);
    assert_int_equal(out.grey[10 * 112 + 95], 10);
    assert_int_equal(out.grey[10 * 112 + 103], 200);
    ocrvl_free(out.grey);
}

/* Pieces of a strip overlap, show all of it from its first column to its last, and are cut between letters. */
static void pieces_of_a_strip(void **state)
{
    enum { WIDE = 560, LETTER = 10, PITCH = 14 };
    uint8_t grey[28 * WIDE];
    ocrvl_strip s = {.grey = grey, .width = WIDE, .height = 28, .line = 3, .x0 = 5, .x1 = 900}, *out;
    size_t n;
    (void)state;
    memset(grey, 200, sizeof grey);
    for (size_t y = 5; y < 23; y++)
        for (size_t x = 0; x < WIDE; x++)
            grey[y * WIDE + x] = x % PITCH < LETTER ? 10 : 200;
    for (unsigned pieces = 2; pieces <= 3; pieces++) {
        assert_ok(ocrvl_strip_pieces(&out, &n, &s, pieces, STRIPS(28, 840), err));
        assert_true(n >= pieces && n <= pieces + 1);
        assert_true(out[0].x0 == 0 && out[n - 1].x1 == WIDE);
        for (size_t i = 0; i < n; i++) {
            assert_true(out[i].line == 3 && out[i].height == 28 && out[i].width < WIDE);
            assert_true(out[i].x0 % PITCH == 0 && (i + 1 == n || out[i].x1 % PITCH == LETTER));
            assert_true(i == 0 || (out[i].x0 > out[i - 1].x0 && out[i].x0 + 3 * PITCH < out[i - 1].x1));
        }
        ocrvl_strips_free(out, n);
    }
}

/* A line in which typed x strike words out is read in pieces where its readings go round in them, and nothing of it is
 * lost; with memory that fails, or with fewer tokens than a line may have, there is no such reading. */
static void read_in_pieces(void **state)
{
    ocrvl_lines all = strips_of_page("samples/pages/cs-typewriter-1.jpg");
    (void)state;
    ocrvl_lines lines = {.strips = all.strips + 7, .count = 1};
    read_strips(&lines, -1, false);
    assert_string_equal(lines.readings[0].transcript.text,
                        "je vidět málo policie.Ví o xxxxxxxxxxxx telegramu, který zaslal");
    assert_false(lines.readings[0].cut || lines.readings[0].lost);
    ocrvl_readings_free(lines.readings, 1);
    bool failed = true;
    for (long at = 64; failed; at = at * 3 / 2)
        failed = fails_at(&lines, 0, at);
    ocrvl_lines_free(&all);
}

/* A white page with a part of a sample: the beginnings of n lines, 400 pixels of each. */
static ocrvl_image *page_of_few(size_t n)
{
    ocrvl_image *whole = first_page("samples/pages/en-3.png"), *img;
    ocrvl_layout *l = tile(whole, OCRVL_LAYOUT_AUTO);
    assert_ok(ocrvl_image_new(&img, 1000, 1400, 1, 0, 0, 0, err));
    memset(img->data, 255, (size_t)1000 * 1400);
    for (size_t i = 0; i < n; i++) {
        const ocrvl_box *b = &l->lines[8 + i].ink;
        for (int32_t y = b->y0; y < b->y1; y++)
            memcpy(img->data + (size_t)(200 + 100 * (int32_t)i + y - b->y0) * 1000 + 150,
                   l->grey->data + (size_t)y * l->grey->width + b->x0, 400);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(whole);
    return img;
}

/* Two lines of a few words have too few letters for their shapes to tell which way up they are: reading does. Told to
 * keep the page as it is, it stays. */
static void few_lines_turned(void **state)
{
    (void)state;
    ocrvl_image *img = page_of_few(2);
    for (uint32_t turn = 0; turn < 360; turn += 90) {
        ocrvl_image *turned;
        assert_ok(ocrvl_image_turn(&turned, img, turn, err));
        for (int keep = 0; keep < 2; keep++) {
            ocrvl_page_job j = {.s = session, .in.image = turned, .opt.keep_rotation = keep != 0};
            assert_ok(ocrvl_job_prepare(&j, err));
            assert_int_equal(j.layout->rotation, keep ? 0 : (360 - turn) % 360);
            assert_true(keep || j.layout->line_count == 2);
            ocrvl_job_free(&j);
        }
        ocrvl_image_free(turned);
    }
    ocrvl_image_free(img);
}

/* Where the lines of a page are said to be; how many there are. */
static size_t lines_of(const ocrvl_image *img, ocrvl_box *boxes, size_t most)
{
    ocrvl_page *page;
    ocrvl_page_input in = {.size = sizeof in, .image = img};
    size_t n = 0;
    assert_ok(ocrvl_read(session, &in, NULL, &page, err));
    for (const ocrvl_node *b = ocrvl_page_first(page); b; b = ocrvl_node_next(b))
        for (const ocrvl_node *l = ocrvl_node_first(b); l; l = ocrvl_node_next(l)) {
            ocrvl_node_info info = {.size = sizeof info};
            ocrvl_node_get_info(l, &info);
            assert_true(n < most);
            boxes[n++] = info.box;
            assert_true(info.baseline[0].y > (float)info.box.y0 && info.baseline[0].y < (float)info.box.y1);
        }
    ocrvl_page_free(page);
    return n;
}

/* A fax of half as many lines downwards as across is read as it was sent, and its boxes are those of the fax. */
static void pixels_not_square(void **state)
{
    (void)state;
    ocrvl_image *img = page_of_few(3), *flat;
    ocrvl_box as_sent[8], squashed[8];
    uint8_t *half;
    assert_ok(ocrvl_image_new(&flat, 1000, 700, 1, 204, 102, 0, err));
    assert_ok(ocrvl_resize_bicubic(&half, img->data, 1400, 1000, 1, 700, 1000, false, err));
    memcpy(flat->data, half, (size_t)1000 * 700);
    ocrvl_free(half);
    assert_int_equal(lines_of(img, as_sent, 8), 3);
    assert_int_equal(lines_of(flat, squashed, 8), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(abs(as_sent[i].x0 - squashed[i].x0) < 4 && abs(as_sent[i].x1 - squashed[i].x1) < 4);
        assert_true(abs(as_sent[i].y0 - 2 * squashed[i].y0) < 8 && abs(as_sent[i].y1 - 2 * squashed[i].y1) < 8);
    }
    ocrvl_image_free(flat);
    ocrvl_image_free(img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_lines),       cmocka_unit_test(leaning_lines), cmocka_unit_test(cut_out_of_a_page),
        cmocka_unit_test(read_again_wider),  cmocka_unit_test(stretched),     cmocka_unit_test(few_lines_turned),
        cmocka_unit_test(pixels_not_square), cmocka_unit_test(no_memory),     cmocka_unit_test(pieces_of_a_strip),
        cmocka_unit_test(read_in_pieces),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
