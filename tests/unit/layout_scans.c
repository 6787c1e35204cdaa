/* Finding the lines of pages that are hard to see: grain, heavy ink, what lies beside the page. */
#include "drawn_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "layout/strips.h"
#include "layout/unread.h"

static uint32_t seed;

/* [0, n) */
static uint32_t chance(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static size_t figures(const ocrvl_layout *l)
{
    size_t n = 0;
    for (size_t b = 0; b < l->block_count; b++)
        n += l->blocks[b].role == OCRVL_ROLE_FIGURE;
    return n;
}

/* Coarse paper whose grain is nearly half as dark as the faint letters on it: the specks are no halftone, and each line
 * is found whole. */
static void faint_on_grained_paper(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1800, 170, 110);
    ocrvl_box boxes[8];
    write_column(&s, 200, 300, 5, 4, boxes);
    write_column(&s, 200, 1000, 5, 4, boxes + 4);
    seed = 1;
    for (size_t i = 0; i < 1300 * 1800; i++)
        s.img->data[i] = (uint8_t)(s.img->data[i] - 9 + (int)chance(19));
    for (int i = 0; i < 60000; i++) {
        uint32_t x = chance(1298), y = chance(1798), deep = 8 + chance(13), w = 1 + chance(2), h = 1 + chance(2);
        for (uint32_t k = 0; k < w * h; k++)
            s.img->data[(y + k / w) * 1300 + x + k % w] -= (uint8_t)deep;
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(figures(l), 0);
    assert_order(l, boxes, 8, 5, 6);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

static const char *const long_words[] = {"delahasteblondell anoldbathtables", "noosphantoneshade lebantonelladosep",
                                         "toleansthedepload holbensteadapol", "sodalpenthanebel tablesanddoldenstol"};

/* Lines set so close that little white is left between them are no picture. */
static void heavy_lines_set_close(void **state)
{
    (void)state;
    sheet s = new_sheet(1500, 1900, 255, 0);
    enum { PITCH = 50 };
    ocrvl_box boxes[30];
    for (int32_t i = 0; i < 30; i++)
        for (int32_t k = 0; k < 4; k++) { /* heavy strokes */
            ocrvl_box b = write_text(&s, 150 + k, 200 + PITCH * i + k % 3, 5, long_words[i * 7 % 4]);
            boxes[i] = k ? boxes[i] : b;
            boxes[i].x1 = b.x1;
        }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(figures(l), 0);
    assert_order(l, boxes, 30, 5, 3);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A word whose letters an underline joins is a line like others. */
static void underlined_word(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1400, 255, 0);
    ocrvl_box boxes[9];
    write_column(&s, 200, 200, 5, 4, boxes);
    boxes[4] = write_text(&s, 500, 560, 5, "hotels");
    fill(&s, boxes[4].x0, 558, boxes[4].x1, 564, 0);
    write_column(&s, 200, 800, 5, 4, boxes + 5);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 9, 5, 8);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* An underline that letters don't touch isn't in the picture of its line. */
static void underlined_line(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1000, 255, 0);
    ocrvl_box boxes[6];
    write_column(&s, 200, 200, 5, 6, boxes);
    for (int32_t i = 0; i < 6; i += 2) /* lines without tails */
        fill(&s, boxes[i].x0, 207 + 70 * i, boxes[i].x1, 213 + 70 * i, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    ocrvl_strip *strips;
    size_t count;
    assert_order(l, boxes, 6, 5, 9);
    assert_ok(ocrvl_layout_strips(l, 0, STRIPS(28, 1232), &strips, &count, err));
    assert_int_equal(count, 1);
    for (size_t i = (size_t)strips[0].width * 25; i < (size_t)strips[0].width * 28; i++)
        assert_true(strips[0].grey[i] > 200);
    ocrvl_strips_free(strips, count);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A stroke of a pen under lines, which leans, bends and touches the letters of the lines above and below, joins no lines
 * and makes no picture of them. */
static void underlined_by_hand(void **state)
{
    (void)state;
    for (int down = -1; down <= 1; down += 2) {
        sheet s = new_sheet(1500, 1200, 255, 0);
        enum { PITCH = 56 };
        ocrvl_box boxes[14];
        for (int32_t i = 0; i < 14; i++)
            boxes[i] = write_text(&s, 150, 200 + PITCH * i, 5, long_words[i * 7 % 4]);
        for (int32_t i = 2; i < 12; i += 3)
            for (int32_t x = 160; x < 1000; x++) {
                int32_t y = 200 + PITCH * i + 8 + (int32_t)(8 * (down * (x - 580) / 420.0 + 0.4 * sin(x / 130.0)));
                fill(&s, x, y - 3, x + 1, y + 3, 0);
            }
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_int_equal(figures(l), 0);
        assert_order(l, boxes, 14, 5, 12);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* What a reader is shown of lines of letters that are all of one height, as capitals are: on a page of nothing else they
 * fill the picture, among lines of other letters it reaches from their ascenders to their tails. */
static void lines_of_capitals(void **state)
{
    (void)state;
    for (int mixed = 0; mixed < 2; mixed++) {
        sheet s = new_sheet(1300, 1400, 255, 0);
        for (int32_t i = 0; i < 12; i++)
            write_text(&s, 200, 200 + 80 * i, 5, mixed && i != 5 ? texts[i % 6] : "noosanosenoonase");
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_int_equal(l->line_count, 12);
        const ocrvl_layout_line *line = &l->lines[5];
        assert_true(line->shown[0] >= line->ink.y0 && line->shown[1] <= line->ink.y1);
        assert_true(line->shown[0] <= 575 && line->shown[1] >= 600);
        if (mixed)
            assert_true(line->shown[1] - line->shown[0] > 45);
        else
            assert_true(line->shown[1] - line->shown[0] < 40 && line->ink.y1 - line->ink.y0 > 45);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* The same where all lines are short, and dust stands over one as an accent would: a receipt's. */
static void short_lines_of_capitals(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1400, 255, 0);
    for (int32_t i = 0; i < 12; i++)
        write_text(&s, 200, 200 + 80 * i, 5, i % 2 ? "noosano" : "senoon");
    fill(&s, 225, 547, 231, 553, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->line_count, 12);
    for (size_t i = 4; i < 7; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        int32_t base = 200 + 80 * (int32_t)i;
        assert_true(line->shown[0] <= base - 25 && line->shown[1] >= base && line->shown[1] - line->shown[0] < 50);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A knot in the middle of a rule between paragraphs is no dash alone on a line; without the rule it is one. */
static void knot_of_a_rule(void **state)
{
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        sheet s = new_sheet(1300, 1400, 255, 0);
        ocrvl_box boxes[8];
        write_column(&s, 200, 200, 5, 4, boxes);
        write_column(&s, 200, 700, 5, 4, boxes + 4);
        fill(&s, 500, 545, 530, 552, 0);
        if (rule) {
            fill(&s, 300, 546, 492, 550, 0);
            fill(&s, 538, 546, 730, 550, 0);
        }
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_int_equal(l->line_count, rule ? 8 : 9);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

static void draw_ring(const sheet *s, int32_t x, int32_t y, int32_t radius)
{
    for (int32_t dy = -radius; dy <= radius; dy++)
        for (int32_t dx = -radius; dx <= radius; dx++)
            if (abs((int)lround(hypot(dx, dy)) - radius + 3) <= 3)
                fill(s, x + dx, y + dy, x + dx + 1, y + dy + 1, 0);
}

/* A ring with letters along it is a figure, and no letter in it a line; a ring around a line of text is none. */
static void seal(void **state)
{
    (void)state;
    for (int lettered = 0; lettered < 2; lettered++) {
        sheet s = new_sheet(1300, 1200, 255, 0);
        ocrvl_box boxes[8];
        write_column(&s, 200, 200, 5, 6, boxes);
        draw_ring(&s, 600, 850, 190);
        for (int i = 0; i < 12 && lettered; i++)
            write_text(&s, 588 + (int32_t)(145 * cos(i * 0.5236)), 866 + (int32_t)(145 * sin(i * 0.5236)), 5,
                       i % 2 ? "o" : "e");
        if (!lettered)
            boxes[6] = write_text(&s, 470, 866, 5, "hotelbed");
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_order(l, boxes, lettered ? 6 : 7, 5, 5);
        assert_int_equal(figures(l), lettered);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* Beside the fold of an open book stand the ends of the next page's lines, cut off by the image's side: they are no
 * lines, and the page ends at the fold. Without a fold a column at the side is one like others. */
static void next_page(void **state)
{
    (void)state;
    for (int32_t fold = 0; fold < 2; fold++)
        for (int32_t right = 0; right < 2; right++) {
            sheet s = new_sheet(1500, 1500, 235, 20);
            ocrvl_box boxes[40];
            write_column(&s, right ? 250 : 400, 200, 5, 16, boxes);
            for (int32_t i = 0; i < 16; i++)
                write_text(&s, right ? 1280 : -44, 230 + 70 * i, 5, "tablebeds");
            for (int32_t k = 0; k < 30 && fold; k++) {
                int32_t at = (right ? 1215 : 255) + k;
                fill(&s, at, 0, at + 1, 1500, (uint8_t)(235 - 8 * (k < 15 ? k : 29 - k)));
            }
            ocrvl_layout *l = inspect(s.img, NULL);
            if (fold) {
                const bool gave[16] = {true, true, true, true, true, true, true, true,
                                       true, true, true, true, true, true, true, true};
                ocrvl_unread unread;
                assert_order(l, boxes, 16, 5, 4);
                assert_int_equal(ocrvl_layout_unread(&unread, l, gave, NULL), OCRVL_OK);
                assert_int_equal(unread.count, 0);
                ocrvl_unread_free(&unread);
                assert_true(right ? abs(l->border.x1 - 1230) < 4 : abs(l->border.x0 - 270) < 4);
            } else {
                assert_int_equal(l->line_count, 32);
            }
            ocrvl_layout_free(l);
            ocrvl_image_free(s.img);
        }
}

/* Letters of dots that stand apart, as needles print them, are lines of whole letters, neither dust nor a screen. */
static void letters_of_dots(void **state)
{
    (void)state;
    sheet s = new_sheet(1700, 1900, 250, 0);
    ocrvl_box boxes[8];
    for (int32_t i = 0; i < 8; i++)
        boxes[i] =
            write_text(&s, 150, 200 + 80 * i, 5, i % 2 ? "hellobananapersonlosbeds" : "thetablesandthelandsheld");
    for (size_t i = 0; i < 1700 * 1900; i++) { /* of each cell of 5 pixels 3 are printed, grey */
        bool dot = i % 1700 % 5 < 3 && i / 1700 % 5 < 3;
        s.img->data[i] = s.img->data[i] == 0 ? dot ? 90 : 250 : 250;
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(figures(l), 0);
    assert_order(l, boxes, 8, 5, 5);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Writes a line so heavily that its letters run together. */
static ocrvl_box write_smeared(const sheet *s, int32_t x, int32_t y, const char *text)
{
    ocrvl_box box = write_text(s, x, y, 5, text);
    for (int32_t k = 1; k <= 6; k++)
        box.x1 = write_text(s, x + k, y, 5, text).x1;
    return box;
}

/* Two lines whose letters run together and touch those of the other line are two lines. */
static void lines_that_touch(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1400, 255, 0);
    ocrvl_box boxes[8];
    write_column(&s, 200, 200, 5, 6, boxes);
    boxes[6] = write_smeared(&s, 200, 760, "planson thephaseof bedsplan");
    boxes[7] = write_smeared(&s, 200, 800, "boatsthe hellobandt tallend");
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 8, 5, 9);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Lines set so close that tails meet the ascenders below them: letters that reach over two lines are parted, and each
 * line holds its own letters, all of them, and no others. */
static void tails_that_touch(void **state)
{
    (void)state;
    enum { LINES = 9, SIZE = 5, PITCH = 8 * SIZE };
    static const char *const close[] = {"the posts phone people and the plans hold",
                                        "all the beds that then hold and bend that",
                                        "no postal plans open the pond tops to all"};
    sheet s = new_sheet(1500, 1400, 255, 0);
    ocrvl_box boxes[LINES];
    for (int32_t i = 0; i < LINES; i++)
        boxes[i] = write_text(&s, 150, 300 + PITCH * i, SIZE, close[i % 3]);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->line_count, LINES);
    for (size_t i = 0; i < LINES; i++) {
        const ocrvl_box *b = &l->lines[i].ink;
        assert_holds(
            *b, (ocrvl_box){boxes[i].x0, 300 + PITCH * (int32_t)i - 5 * SIZE, boxes[i].x1, 300 + PITCH * (int32_t)i},
            SIZE, SIZE);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Short lines below each other, each a few pieces of letters that run together, are no seal. */
static void words_run_together(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1400, 255, 0);
    ocrvl_box boxes[9];
    write_column(&s, 200, 200, 5, 6, boxes);
    boxes[6] = write_smeared(&s, 350, 660, "hats banana");
    boxes[7] = write_smeared(&s, 350, 699, "bells"); /* each piece ends at another height */
    write_smeared(&s, 530, 708, "tall");
    boxes[7].x1 = write_smeared(&s, 680, 717, "has").x1;
    boxes[7].y1 = 717;
    boxes[8] = write_smeared(&s, 350, 766, "hats banana");
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 9, 5, 9);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A heading beside the rim of a seal, whose letters stand on no line: the heading is a line without them. */
static void heading_beside_seal(void **state)
{
    (void)state;
    static const int32_t off[10] = {-13, 0, 0, 12, 0, 0, -12, 0, 13, 0};
    sheet s = new_sheet(1300, 1400, 255, 0);
    ocrvl_box boxes[7], heading = {0};
    write_column(&s, 200, 200, 5, 6, boxes);
    for (int32_t i = 0; i < 10; i++)
        fill(&s, 240 + 24 * i, 645 + off[i], 254 + 24 * i, 670 + off[i], 0);
    heading = write_text(&s, 545, 670, 5, "tables and");
    ocrvl_layout *l = inspect(s.img, NULL);
    bool found = false;
    for (size_t i = 0; i < l->line_count; i++)
        found |= abs(l->lines[i].ink.x0 - heading.x0) < 9 && abs(l->lines[i].ink.x1 - heading.x1) < 9;
    assert_true(found);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A letter that is printed so faintly that it falls into crumbs doesn't part its line. */
static void letter_in_crumbs(void **state)
{
    (void)state;
    static const int32_t deep[5] = {0, 5, 10, 5, 0};
    sheet s = new_sheet(1300, 1400, 255, 0);
    ocrvl_box boxes[7];
    write_column(&s, 200, 200, 5, 6, boxes);
    boxes[6] = write_text(&s, 200, 620, 5, "dots banana    tables and");
    for (int32_t i = 0; i < 5; i++)
        fill(&s, 564 + 10 * i, 594 + deep[i], 572 + 10 * i, 606 + deep[i], 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 7, 5, 5);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* How far down the page sinks at column x, towards a spine at its left: less at its head than at its foot. */
static double sunk(double x, double y, double by) { return by * (0.6 + 0.4 * y / 2500) * exp(-x / 300); }

static double height_sunk(double x, double y, double by) { return y + sunk(x, y, by); }

/* The box around a line of a level page once the page is bent. */
static ocrvl_box bent_box(ocrvl_box b, double by)
{
    double top[2] = {height_sunk(b.x0, b.y0, by), height_sunk(b.x1, b.y0, by)};
    double foot[2] = {height_sunk(b.x0, b.y1, by), height_sunk(b.x1, b.y1, by)};
    return (ocrvl_box){b.x0, (int32_t)fmin(top[0], top[1]), b.x1, (int32_t)ceil(fmax(foot[0], foot[1]))};
}

static void bend_sheet(sheet *s, double by)
{
    ocrvl_image *img = s->img, *flat = NULL;
    assert_ok(ocrvl_image_turn(&flat, img, 0, err));
    for (uint32_t y = 0; y < img->height; y++)
        for (uint32_t x = 0; x < img->width; x++) {
            double from = y, sink = sunk(x, y, by);
            for (int i = 0; i < 4; i++) /* the place that sinks to here */
                sink = sunk(x, from = y - sink, by);
            long row = lround(from);
            img->data[(size_t)y * img->width + x] =
                row < 0 || row >= (long)img->height ? 255 : flat->data[(size_t)row * img->width + x];
        }
    ocrvl_image_free(flat);
}

/* Lines that bend at a book's spine, up or down, are found whole, straight, and at their places on the bent page. */
static void bent_lines(void **state)
{
    (void)state;
    enum { LINES = 30 };
    for (int by = -90; by <= 90; by += 180) {
        sheet s = new_sheet(1800, 2500, 255, 0);
        ocrvl_box boxes[LINES];
        char text[64];
        for (int32_t i = 0; i < LINES; i++) {
            snprintf(text, sizeof text, "%s %s", texts[i % 6], texts[(i + 1) % 6]);
            boxes[i] = write_text(&s, 130, 180 + 70 * i, 5, text);
        }
        bend_sheet(&s, by);
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_int_equal(l->line_count, LINES);
        for (size_t i = 0; i < LINES; i++) {
            const ocrvl_layout_line *k = &l->lines[i];
            assert_true(fabsf(k->baseline[1] - k->baseline[0]) < 5);
            assert_holds(ocrvl_layout_box_to_page(l, k->ink), bent_box(boxes[i], by), 5, 8);
            double foot = 180 + 70 * (double)i;
            for (int part = 0; part <= 4; part++) {
                float x = (float)k->ink.x0 + (float)(k->ink.x1 - k->ink.x0) * (float)part / 4;
                ocrvl_point at = ocrvl_layout_to_page(l, x, (k->baseline[0] + k->baseline[1]) / 2);
                assert_true(fabs((double)at.y - height_sunk((double)x, foot, by)) < 5);
            }
        }
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* A page of straight lines has no bend, nor has one with too little text to tell, or with blots alone. */
static void no_bend(void **state)
{
    (void)state;
    static const size_t lines[] = {30, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        sheet s = new_sheet(1800, 2500, 255, 0);
        ocrvl_box boxes[30];
        write_column(&s, 130, 180, 5, lines[i], boxes);
        seed = 7;
        for (int k = 0; k < 4000 && lines[i] == 0; k++) {
            int32_t x = (int32_t)chance(1760), y = (int32_t)chance(2460);
            fill(&s, x, y, x + 8 + (int32_t)chance(18), y + 14 + (int32_t)chance(14), 0);
        }
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_int_equal(l->bend.count, 0);
        assert_int_equal(l->grey->height, l->flat_height);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faint_on_grained_paper),
        cmocka_unit_test(heavy_lines_set_close),
        cmocka_unit_test(underlined_word),
        cmocka_unit_test(underlined_line),
        cmocka_unit_test(underlined_by_hand),
        cmocka_unit_test(lines_of_capitals),
        cmocka_unit_test(short_lines_of_capitals),
        cmocka_unit_test(knot_of_a_rule),
        cmocka_unit_test(seal),
        cmocka_unit_test(next_page),
        cmocka_unit_test(letters_of_dots),
        cmocka_unit_test(lines_that_touch),
        cmocka_unit_test(tails_that_touch),
        cmocka_unit_test(words_run_together),
        cmocka_unit_test(letter_in_crumbs),
        cmocka_unit_test(heading_beside_seal),
        cmocka_unit_test(bent_lines),
        cmocka_unit_test(no_bend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
