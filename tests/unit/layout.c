/* Finding the lines of drawn pages. */
#include "drawn_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "layout/layout_parts.h"

static void one_column(void **state)
{
    (void)state;
    sheet s = new_sheet(900, 800, 255, 0);
    ocrvl_box boxes[12];
    write_column(&s, 100, 100, 4, 12, boxes);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->rotation, 0);
    assert_true(l->skew == 0);
    assert_memory_equal(l->grey->data, s.img->data, 900 * 800); /* nothing to turn: the same pixels */
    assert_order(l, boxes, 12, 4, 1);
    for (size_t i = 0; i < 12; i++) {
        assert_float_equal(l->lines[i].baseline[0], 100.0 + 56.0 * (double)i, 1.5);
        assert_float_equal(l->lines[i].baseline[1], 100.0 + 56.0 * (double)i, 1.5);
        assert_float_equal(l->lines[i].x_height, 20, 1.5);
        assert_false(l->lines[i].inverted);
    }
    size_t lines = 0;
    for (size_t b = 0; b < l->block_count; b++) {
        assert_int_equal(l->blocks[b].role, OCRVL_ROLE_PARAGRAPH);
        assert_int_equal(l->blocks[b].first_line, lines);
        lines += l->blocks[b].lines;
    }
    assert_int_equal(lines, 12);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A heading over two columns, a page number below: the heading, the left column, the right one, the number. */
static void columns_in_order(void **state)
{
    (void)state;
    sheet s = new_sheet(1500, 1100, 255, 0);
    ocrvl_box boxes[32];
    boxes[0] = write_text(&s, 350, 120, 8, "the last landed");
    write_column(&s, 100, 240, 4, 12, boxes + 1);
    write_column(&s, 760, 240, 4, 12, boxes + 13);
    boxes[25] = write_text(&s, 730, 1020, 4, "lo");
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 26, 8, 1);
    assert_int_equal(l->blocks[0].role, OCRVL_ROLE_HEADING);
    assert_int_equal(l->blocks[1].role, OCRVL_ROLE_PARAGRAPH);
    assert_int_equal(l->blocks[l->block_count - 1].role, OCRVL_ROLE_PAGE_NUMBER);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Numbers of a list and a quantity column: single narrow letters far beside the lines are lines. */
static void single_letters(void **state)
{
    (void)state;
    sheet s = new_sheet(1400, 800, 255, 0);
    ocrvl_box boxes[24];
    for (int32_t r = 0; r < 8; r++) {
        boxes[3 * r] = write_text(&s, 100, 100 + r * 70, 4, r % 2 ? "l" : "d");
        boxes[3 * r + 1] = write_text(&s, 400, 100 + r * 70, 4, texts[r % 6]);
        boxes[3 * r + 2] = write_text(&s, 1300, 100 + r * 70, 4, r % 2 ? "b" : "l");
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 24, 4, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A page of contents: titles, rows of dots, and numbers, the first of which is a single figure. */
static sheet draw_contents(size_t lines)
{
    sheet s = new_sheet(1400, 900, 255, 0);
    for (int32_t r = 0; r < (int32_t)lines; r++) {
        write_text(&s, 100, 100 + r * 90, 4, r % 2 ? "the tables" : "names");
        for (int32_t x = 360; x < 1200; x += 18)
            fill(&s, x, 96 + r * 90, x + 4, 100 + r * 90, 0);
        write_text(&s, 1240, 100 + r * 90, 4, r ? "bo" : "b");
    }
    return s;
}

/* A title, the dots behind it and the number that they lead to are one line. The dots make its letters no lower, and no
 * strip shows them. */
static void dot_leaders(void **state)
{
    (void)state;
    sheet s = draw_contents(8);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->line_count, 8);
    assert_int_equal(l->leader_count, 8);
    for (size_t i = 0; i < 8; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        const ocrvl_leader *dots = &l->leaders[i];
        ocrvl_strip *strips;
        size_t n;
        assert_true(line->ink.x0 < 110 && line->ink.x1 > 1240);
        assert_true(fabs(line->x_height - 20) < 2 && line->ink.y1 - line->ink.y0 >= 28);
        assert_true(dots->line == i && abs(dots->box.x0 - 360) < 3 && abs(dots->box.x1 - 1192) < 3);
        assert_ok(ocrvl_layout_strips(l, i, STRIPS(28, 840), &strips, &n, err));
        assert_int_equal(n, 2);
        assert_true(strips[0].x1 < 360 && strips[1].x0 > 1192);
        ocrvl_strips_free(strips, n);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* The dots of a form without anything behind them belong to its label; a halftone's rows of dots are no leaders. */
static void dots_of_forms_and_halftones(void **state)
{
    (void)state;
    sheet s = new_sheet(1400, 900, 255, 0);
    write_text(&s, 100, 100, 4, "names");
    for (int32_t x = 300; x < 1200; x += 8)
        fill(&s, x, 96, x + 4, 100, 0);
    for (int32_t y = 300; y < 700; y += 9)
        for (int32_t x = 200; x < 900; x += 9)
            fill(&s, x, y, x + 5, y + 5, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->leader_count, 1);
    assert_int_equal(l->leaders[0].line, 0);
    assert_true(l->lines[0].ink.x0 < 110 && l->lines[0].ink.x1 > 1190);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

static void write_dashes(sheet *s, int32_t x0, int32_t x1, int32_t y)
{
    for (int32_t x = x0; x < x1; x += 25)
        fill(s, x, y, x + 14, y + 5, 0);
}

/* A receipt's dashed rules, close below its lines, are rules: no line takes their dashes. Dashes that lead from one word
 * to another are none. */
static void dashed_rules(void **state)
{
    (void)state;
    sheet s = new_sheet(1200, 900, 255, 0);
    ocrvl_box boxes[16];
    for (int32_t r = 0; r < 8; r++) {
        boxes[2 * r] = write_text(&s, 100, 100 + r * 90, 4, texts[r % 6]);
        boxes[2 * r + 1] = write_text(&s, 1000, 100 + r * 90, 4, "bed");
        if (r % 2)
            write_dashes(&s, 60, 1150, 103 + r * 90);
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 16, 4, 1);
    assert_int_equal(l->rule_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const ocrvl_box *b = &l->rules[i].box;
        assert_true(abs(b->x0 - 60) < 3 && abs(b->x1 - 1149) < 3 && abs(b->y0 - 193 - 180 * (int32_t)i) < 3);
    }
    ocrvl_layout_free(l);
    write_text(&s, 100, 860, 4, "names");
    write_dashes(&s, 300, 700, 848);
    write_text(&s, 730, 860, 4, "hats");
    l = inspect(s.img, NULL);
    assert_int_equal(l->rule_count, 4);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* The darkest pixel of column x of a strip. */
static uint8_t darkest(const ocrvl_strip *s, uint32_t x)
{
    uint8_t least = 255;
    for (uint32_t y = 0; y < s->height; y++)
        least = s->grey[y * s->width + x] < least ? s->grey[y * s->width + x] : least;
    return least;
}

/* Cells whose letters nearly touch the rules between them are lines of their own, a dash is a cell, one at the image's
 * side, as the shadow of the paper's edge leaves it, is none, and no strip shows a rule: what stands at its ends is
 * paper. */
static void cells_between_rules(void **state)
{
    (void)state;
    enum { ROWS = 7, HIGH = 56 };
    sheet s = new_sheet(1300, 600, 255, 0);
    ocrvl_box cells[2 * ROWS];
    for (int32_t r = 0; r < ROWS; r++) {
        int32_t base = 142 + r * HIGH;
        cells[2 * r] = write_text(&s, 104, base, 4, r % 2 ? "the tables" : "labels");
        if (r == 3)
            fill(&s, 608, base - 12, 624, base - 9, 0);
        if (r == 4)
            fill(&s, 2, base - 12, 18, base - 9, 0);
        cells[2 * r + 1] = r == 3 ? (ocrvl_box){608, base - 12, 624, base - 9} : write_text(&s, 606, base, 4, "banana");
    }
    for (int32_t r = 0; r <= ROWS; r++)
        fill(&s, 98, 100 + r * HIGH, 1102, 102 + r * HIGH, 0);
    for (int32_t x = 98; x < 1200; x += 501)
        fill(&s, x, 100, x + 3, 102 + ROWS * HIGH, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->line_count, 2 * ROWS);
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_strip *strips;
        size_t n;
        assert_true(abs(l->lines[i].ink.x0 - cells[i].x0) <= 6);
        assert_ok(ocrvl_layout_strips(l, i, STRIPS(28, 840), &strips, &n, err));
        assert_int_equal(n, 1);
        assert_true(darkest(&strips[0], 0) > 200);
        ocrvl_strips_free(strips, n);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A picture printed as a screen of dots, some so large that they run together, is a figure, and nothing in it is text,
 * neither its dots nor the light between them. The lines around it are found. */
static void screened_picture(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1500, 255, 0);
    ocrvl_box boxes[8], figure = {0};
    write_column(&s, 100, 100, 4, 4, boxes);
    write_column(&s, 100, 1300, 4, 4, boxes + 4);
    for (int32_t y = 0; y < 86; y++)
        for (int32_t x = 0; x < 60; x++) {
            int32_t half = 1 + (x * 4 / 60 + y * 4 / 86) % 5;
            fill(&s, 300 + 10 * x - half, 350 + 10 * y - half, 300 + 10 * x + half, 350 + 10 * y + half, 0);
        }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 8, 4, 1);
    size_t figures = 0;
    for (size_t b = 0; b < l->block_count; b++)
        if (l->blocks[b].role == OCRVL_ROLE_FIGURE) {
            figure = l->blocks[b].box;
            figures++;
        } else {
            assert_int_equal(l->blocks[b].role, OCRVL_ROLE_PARAGRAPH);
        }
    assert_int_equal(figures, 1);
    assert_true(abs(figure.x0 - 300) < 40 && abs(figure.x1 - 900) < 40);
    assert_true(abs(figure.y0 - 350) < 40 && abs(figure.y1 - 1210) < 40);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A page on a table: dark, and full of short grain that looks like small letters. The page is found in it, and nothing
 * beside it is a line. */
static void page_on_a_table(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1500, 90, 0);
    ocrvl_box boxes[12];
    uint32_t grain = 1;
    for (int i = 0; i < 12000; i++) {
        grain = grain * 1664525 + 1013904223;
        int32_t x = (int32_t)(grain >> 16) % 1260, y = (int32_t)(grain >> 8 & 0xFFFF) % 1490;
        fill(&s, x, y, x + 8 + i % 20, y + 2, i % 3 ? 30 : 150);
    }
    fill(&s, 150, 130, 1180, 1400, 235);
    fill(&s, 150, 200, 153, 1100, 60); /* the edges' shadow, which is no rule */
    fill(&s, 400, 1397, 1100, 1400, 60);
    write_column(&s, 260, 300, 4, 12, boxes);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 12, 4, 1);
    assert_int_equal(l->rule_count, 0);
    assert_true(abs(l->border.x0 - 150) < 4 && abs(l->border.y0 - 130) < 4);
    assert_true(abs(l->border.x1 - 1180) < 4 && abs(l->border.y1 - 1400) < 4);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A dark band along the top with light letters on it is a part of the page, which then fills the image. */
static void band_with_text(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 1300, 255, 0);
    ocrvl_box boxes[13];
    fill(&s, 0, 0, 1300, 180, 40);
    sheet light = s;
    light.ink = 250;
    boxes[0] = write_text(&light, 100, 110, 5, "the tables and the lands");
    write_column(&s, 100, 320, 4, 12, boxes + 1);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 13, 5, 1);
    assert_int_equal(l->border.x1, 0);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* n lines below each other, `pitch` pixels apart, in letters of 4 pixels a cell. */
static void write_lines(const sheet *s, int32_t x, int32_t y, int32_t pitch, size_t n, ocrvl_box *boxes)
{
    for (size_t i = 0; i < n; i++)
        boxes[i] = write_text(s, x, y + (int32_t)i * pitch, 4, texts[i % 6]);
}

/* Two columns under a headline, the right one lower by `shift` and of another pitch, with a gutter of `gap` pixels. */
static void read_columns(int32_t shift, int32_t pitch, int32_t gap)
{
    sheet s = new_sheet(1500, 1300, 255, 0);
    ocrvl_box boxes[32];
    boxes[0] = write_text(&s, 250, 120, 8, "the last landed post");
    write_lines(&s, 100, 240, 56, 12, boxes + 1);
    write_lines(&s, 100 + 24 * 24 + gap, 240 + shift, pitch, 12, boxes + 13);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 25, 8, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Columns whose lines don't stand on the same baselines: by a few pixels, by half a line, and by another at every line.
 */
static void staggered_columns(void **state)
{
    (void)state;
    read_columns(6, 56, 50);
    read_columns(6, 56, 80);
    read_columns(28, 56, 80);
    read_columns(0, 61, 50);
    read_columns(0, 61, 80);
    read_columns(9, 50, 50);
}

/* A rule between paragraphs is a block between them; an underline is none. */
static void rules(void **state)
{
    (void)state;
    sheet s = new_sheet(900, 1000, 255, 0);
    ocrvl_box boxes[10];
    write_column(&s, 100, 100, 4, 5, boxes);
    write_column(&s, 100, 500, 4, 5, boxes + 5);
    fill(&s, 200, 410, 700, 413, 0);
    fill(&s, boxes[7].x0, 500 + 2 * 56 + 10, boxes[7].x0 + 300, 500 + 2 * 56 + 13, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 10, 4, 1);
    assert_int_equal(l->block_count, 3);
    assert_int_equal(l->blocks[1].role, OCRVL_ROLE_SEPARATOR);
    assert_true(abs(l->blocks[1].box.x0 - 200) <= 1 && abs(l->blocks[1].box.x1 - 700) <= 1);
    assert_true(abs(l->blocks[1].box.y0 - 410) <= 1 && abs(l->blocks[1].box.y1 - 413) <= 1);
    assert_int_equal(l->blocks[2].first_line, 5);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Cells of a ruled table are lines of their own, row by row. */
static void table_cells(void **state)
{
    (void)state;
    sheet s = new_sheet(1300, 700, 255, 0);
    ocrvl_box boxes[18];
    for (int32_t r = 0; r < 6; r++) {
        static const char *const cells[] = {"tea potts", "ten", "total"};
        for (int32_t c = 0; c < 3; c++)
            boxes[r * 3 + c] = write_text(&s, 120 + c * 360, 120 + r * 90, 4, cells[c]);
        fill(&s, 90, 150 + r * 90, 1200, 153 + r * 90, 0);
    }
    for (int32_t c = 0; c < 4; c++)
        fill(&s, 90 + c * 360, 60, 93 + c * 360, 603, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 18, 4, 1);
    size_t rules = 0;
    for (size_t b = 0; b < l->block_count; b++)
        rules += l->blocks[b].role == OCRVL_ROLE_SEPARATOR;
    assert_true(rules >= 10);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A line set wide to fill its measure stays one line. */
static void wide_spaces(void **state)
{
    (void)state;
    sheet s = new_sheet(1000, 700, 255, 0);
    ocrvl_box boxes[10];
    write_column(&s, 100, 100, 4, 10, boxes);
    fill(&s, 0, boxes[4].y0 - 4, 1000, boxes[4].y1 + 4, 255);
    boxes[4] = write_text(&s, 100, 324, 4, "boats   held   on   the  d");
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 10, 4, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Writing whose joined letters end on different heights: a low stroke and a tall one beside it are no neighbours, and
 * the letters to their left stand lower than those to their right, but the line is one line. */
static void joined_writing(void **state)
{
    (void)state;
    sheet s = new_sheet(900, 500, 255, 0);
    ocrvl_box boxes[4];
    for (int32_t r = 0, y = 100; r < 4; r++, y += 80) {
        for (int32_t x = 100; x < 340; x += 30)
            fill(&s, x, y - 16, x + 24, y + 12, 0);
        fill(&s, 340, y - 30, 350, y + 4, 0);
        fill(&s, 360, y - 4, 400, y + 8, 0);
        for (int32_t x = 404; x < 704; x += 30)
            fill(&s, x, y - 22, x + 24, y, 0);
        boxes[r] = (ocrvl_box){100, y - 30, 698, y + 12};
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 4, 8, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Few letters of joined writing stand on the line, and those that hang lower on one side make no slope; the marks above
 * stand in the strip. */
static void joined_is_level(void **state)
{
    (void)state;
    static const int32_t hang[] = {7, 9, 0, 13, 8, 0, 8, 12, 0, 9, 0, 12, 0, 5, 0, 14, 0, 0, 9, 0, 12, 0, 0, 6};
    sheet s = new_sheet(1000, 560, 255, 0);
    for (int32_t r = 0, y = 100; r < 5; r++, y += 80)
        for (int32_t k = 0, x = 100; k < 24; k++, x += 32) {
            fill(&s, x, y - 26, x + 26, y + hang[k], 0);
            if (k % 5 == 2)
                fill(&s, x + 6, y - 38, x + 18, y - 32, 0);
        }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_int_equal(l->line_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_float_equal(l->lines[i].baseline[0], l->lines[i].baseline[1], 1.5);
        assert_true(l->lines[i].shown[0] <= 100 + 80 * (int32_t)i - 38);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

static ocrvl_image *turned(const ocrvl_image *in, uint32_t quarters)
{
    ocrvl_image *out = NULL;
    assert_ok(ocrvl_image_new(&out, quarters & 1 ? in->height : in->width, quarters & 1 ? in->width : in->height, 1, 0,
                              0, 0, err));
    for (uint32_t y = 0; y < out->height; y++)
        for (uint32_t x = 0; x < out->width; x++) {
            uint32_t u = quarters == 1 ? y : quarters == 2 ? in->width - 1 - x : in->width - 1 - y;
            uint32_t v = quarters == 1 ? in->height - 1 - x : quarters == 2 ? in->height - 1 - y : x;
            out->data[(size_t)y * out->width + x] = in->data[(size_t)v * in->width + u];
        }
    return out;
}

/* The same page on each side: it is turned upright, and boxes lead back to the ink. */
static void rotation(void **state)
{
    (void)state;
    sheet s = new_sheet(1100, 1500, 255, 0);
    ocrvl_box boxes[24];
    write_column(&s, 120, 150, 4, 24, boxes);
    for (uint32_t q = 1; q < 4; q++) {
        ocrvl_image *img = turned(s.img, q);
        ocrvl_layout *l = inspect(img, NULL);
        int32_t w = 1100, h = 1500;
        assert_int_equal(l->rotation, 360 - 90 * q);
        assert_int_equal(l->line_count, 24);
        assert_memory_equal(l->grey->data, s.img->data, (size_t)w * h);
        for (size_t i = 0; i < 24; i++) {
            ocrvl_box b = boxes[i], t = q == 1   ? (ocrvl_box){h - b.y1, b.x0, h - b.y0, b.x1}
                                        : q == 2 ? (ocrvl_box){w - b.x1, h - b.y1, w - b.x0, h - b.y0}
                                                 : (ocrvl_box){b.y0, w - b.x1, b.y1, w - b.x0};
            assert_holds(ocrvl_layout_box_to_page(l, l->lines[i].ink), t, 16, 1);
        }
        ocrvl_layout_free(l);
        ocrvl_layout_options keep = {.keep_rotation = true};
        l = inspect(img, &keep);
        assert_int_equal(l->rotation, 0);
        ocrvl_layout_free(l);
        ocrvl_image_free(img);
    }
    ocrvl_image_free(s.img);
}

/* A page leaning by some degrees: the angle is found, and the ends of baselines lead back to where they were drawn. */
static void skew(void **state)
{
    (void)state;
    const double angles[] = {2.5, -3, 0.4, 6.4, -9, 13, -15, 17, -19};
    sheet flat = new_sheet(1100, 1500, 255, 0);
    ocrvl_box boxes[20];
    write_column(&flat, 200, 300, 4, 20, boxes);
    for (size_t k = 0; k < sizeof angles / sizeof *angles; k++) {
        sheet s = new_sheet(1100, 1500, 255, 0);
        double a = angles[k] * 3.14159265358979 / 180, c = cos(a), n = sin(a);
        for (int32_t y = 0; y < 1500; y++) /* turned counter-clockwise by the angle about the middle */
            for (int32_t x = 0; x < 1100; x++) {
                double u = x - 550, v = y - 750;
                int32_t fx = (int32_t)lround(u * c - v * n + 550), fy = (int32_t)lround(u * n + v * c + 750);
                if (fx >= 0 && fy >= 0 && fx < 1100 && fy < 1500)
                    s.img->data[y * 1100 + x] = flat.img->data[fy * 1100 + fx];
            }
        fill(&s, 250, 4, 256, 34, 0); /* a stroke at the page's edge, which isn't that of the upright image */
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_float_equal(l->skew, angles[k], 0.15);
        assert_int_equal(l->line_count, 20);
        for (size_t i = 0; i < 20; i++) {
            double u = boxes[i].x0 - 550, v = 300 + 56.0 * (double)i - 750;
            ocrvl_point p = ocrvl_layout_to_page(l, (float)l->lines[i].ink.x0, l->lines[i].baseline[0]);
            assert_float_equal(p.x, u * c + v * n + 550, 6);
            assert_float_equal(p.y, v * c - u * n + 750, 4);
        }
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
    ocrvl_image_free(flat.img);
}

/* Light letters: on a dark page, and in a dark box on a light one. */
static void inverted(void **state)
{
    (void)state;
    sheet s = new_sheet(900, 800, 20, 230);
    ocrvl_box boxes[12];
    write_column(&s, 100, 100, 4, 12, boxes);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 12, 4, 1);
    for (size_t i = 0; i < 12; i++)
        assert_true(l->lines[i].inverted);
    ocrvl_strip *strips;
    size_t n;
    assert_ok(ocrvl_layout_strips(l, 0, STRIPS(28, 1232), &strips, &n, err));
    assert_int_equal(n, 1);
    assert_true(strips[0].grey[0] > 200); /* paper is light in a strip */
    ocrvl_strips_free(strips, n);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);

    s = new_sheet(900, 1000, 250, 10);
    write_column(&s, 100, 400, 4, 8, boxes + 1);
    fill(&s, 60, 100, 840, 280, 10);
    s.ink = 250;
    boxes[0] = write_text(&s, 150, 200, 6, "the tall tables");
    l = inspect(s.img, NULL);
    assert_order(l, boxes, 9, 6, 1);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(l->lines[i].inverted, i == 0);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Letters of several sizes, from 9 pixels a line to 180. */
static void sizes(void **state)
{
    (void)state;
    for (int32_t size = 1; size <= 20; size += size < 4 ? 1 : 8) {
        sheet s = new_sheet((uint32_t)(170 * size), (uint32_t)(110 * size), 255, 0);
        ocrvl_box boxes[6];
        write_column(&s, 10 * size, 16 * size, size, 6, boxes);
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_order(l, boxes, 6, size, 2);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* Black scanner borders, punch holes, specks: the text alone is found. */
static void dirt(void **state)
{
    (void)state;
    sheet s = new_sheet(1000, 1000, 210, 30);
    ocrvl_box boxes[12];
    write_column(&s, 180, 160, 4, 12, boxes);
    fill(&s, 0, 0, 60, 1000, 0);
    fill(&s, 0, 0, 1000, 25, 0);
    fill(&s, 980, 0, 1000, 1000, 0);
    for (int32_t k = 0; k < 2; k++)
        for (int32_t y = -30; y < 30; y++)
            for (int32_t x = -30; x < 30; x++)
                if (x * x + y * y < 900)
                    s.img->data[(300 + k * 300 + y) * 1000 + 110 + x] = 10;
    uint32_t seed = 1;
    for (int k = 0; k < 300; k++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t x = 60 + (seed >> 8) % 900, y = 30 + (seed >> 20) % 950;
        s.img->data[y * 1000 + x] = 40;
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 12, 4, 3);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A halftone picture between paragraphs is a figure, and no lines are seen in it. */
static void picture(void **state)
{
    (void)state;
    sheet s = new_sheet(1000, 1300, 255, 0);
    ocrvl_box boxes[10];
    write_column(&s, 100, 100, 4, 5, boxes);
    write_column(&s, 100, 1020, 4, 5, boxes + 5);
    for (int32_t y = 420; y < 900; y += 8)
        for (int32_t x = 150; x < 750; x += 8) {
            int32_t r = 2 + (x / 40 + y / 56) % 5;
            fill(&s, x, y, x + r, y + r, 0);
        }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 10, 4, 1);
    size_t figures = 0;
    for (size_t b = 0; b < l->block_count; b++)
        if (l->blocks[b].role == OCRVL_ROLE_FIGURE) {
            const ocrvl_box *f = &l->blocks[b].box;
            assert_true(abs(f->x0 - 150) < 20 && abs(f->x1 - 750) < 20 && abs(f->y0 - 420) < 20 &&
                        abs(f->y1 - 900) < 20);
            figures++;
        }
    assert_int_equal(figures, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Letters whose feet and heads run together, as serifs do on screens, aren't rules; a bar as thick is one. */
static void serifs_that_touch(void **state)
{
    (void)state;
    sheet s = new_sheet(1000, 400, 255, 0);
    for (int32_t i = 0; i < 4; i++)
        write_text(&s, 40, 60 + 56 * i, 4, texts[i]);
    for (int32_t i = 0; i < 30; i++) { /* letters like an o, and at first like an m, a hair apart */
        int32_t x = 40 + 20 * i;
        fill(&s, x, 264, x + 18, 267, 0);
        fill(&s, x, 281, x + 18, 284, 0);
        for (int32_t stem = 0; stem < 18; stem += i < 7 ? 5 : 15)
            fill(&s, x + stem, 264, x + stem + 3, 284, 0);
    }
    fill(&s, 40, 340, 640, 343, 0);
    ocrvl_layout *l = inspect(s.img, NULL);
    size_t rules = 0;
    for (size_t i = 0; i < l->block_count; i++)
        rules += l->blocks[i].role == OCRVL_ROLE_SEPARATOR;
    assert_int_equal(rules, 1);
    assert_int_equal(l->line_count, 5);
    int32_t lost = 0;
    for (int32_t x = 40; x < 640; x += 20) { /* every letter still has its ink */
        int32_t y0 = 0, y1 = 0;
        lost += !ocrvl_ink_rows(l, 4, x, x + 18, &y0, &y1) || y0 > 265 || y1 < 283;
    }
    assert_int_equal(lost, 0);
    assert_holds(l->lines[4].ink, (ocrvl_box){40, 264, 638, 284}, 4, 1);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* A small image isn't turned by an angle that moves its ends by less than three pixels. */
static void small_lean(void **state)
{
    (void)state;
    for (int32_t drift = 0; drift <= 8; drift += 2) {
        sheet s = new_sheet(420, 260, 255, 0);
        for (int32_t i = 0; i < 7; i++)
            for (int32_t k = 0; k < 6; k++)
                write_text(&s, 20 + 62 * k, 40 + 30 * i + drift * (20 + 62 * k) / 420, 2,
                           (const char *const[]){"tall", "beds", "hold", "ends", "boat", "lots"}[(i + k) % 6]);
        ocrvl_layout *l = inspect(s.img, NULL);
        assert_true((l->skew != 0) == (drift > 2));
        assert_int_equal(l->line_count, 7);
        ocrvl_layout_free(l);
        ocrvl_image_free(s.img);
    }
}

/* A line that the upper edge cuts through its small letters isn't one, however much longer it is than the whole one
 * below; cut through its ascenders it can be read. */
static void cut_by_the_edge(void **state)
{
    (void)state;
    sheet s = new_sheet(1100, 160, 255, 0);
    write_text(&s, 20, 60, 4, "plans that hold on banal and labels phone");
    write_text(&s, 20, 116, 4, "dots on beds");
    for (int32_t cells = 2; cells <= 6; cells++) {
        ocrvl_image *part;
        if (cells == 5)
            continue; /* the edge touches the small letters */
        assert_ok(ocrvl_image_crop(&part, s.img, (ocrvl_box){0, 60 - 4 * cells, 1100, 160}, err));
        ocrvl_layout *l = inspect(part, &(ocrvl_layout_options){.keep_rotation = true, .keep_skew = true});
        assert_int_equal(l->line_count, cells < 5 ? 1 : 2);
        ocrvl_layout_free(l);
        ocrvl_image_free(part);
    }
    ocrvl_image_free(s.img);
}

static void check_extreme(uint32_t w, uint32_t h, uint32_t channels, int kind)
{
    ocrvl_image *img = NULL;
    assert_ok(ocrvl_image_new(&img, w, h, channels, 0, 0, 0, err));
    uint32_t seed = 7;
    for (size_t i = 0; i < (size_t)w * h * channels; i++) {
        seed = seed * 1664525 + 1013904223;
        img->data[i] = kind == 0 ? 0 : kind == 1 ? 255 : kind == 2 ? (uint8_t)(seed >> 24) : (i / 7 % 2 ? 255 : 0);
    }
    for (int mode = OCRVL_LAYOUT_AUTO; mode <= OCRVL_LAYOUT_LINE; mode++) {
        ocrvl_layout_options opt = {.mode = (ocrvl_layout_mode)mode};
        ocrvl_layout *l = inspect(img, &opt);
        if (kind < 2)
            assert_int_equal(l->line_count, 0);
        for (size_t i = 0; i < l->line_count; i++) {
            const ocrvl_box *b = &l->lines[i].ink;
            assert_true(b->x0 >= 0 && b->y0 >= 0 && b->x0 < b->x1 && b->y0 < b->y1);
            assert_true(b->x1 <= (int32_t)l->grey->width && b->y1 <= (int32_t)l->grey->height);
            ocrvl_strip *strips;
            size_t n;
            assert_ok(ocrvl_layout_strips(l, i, STRIPS(28, 1232), &strips, &n, err));
            ocrvl_strips_free(strips, n);
        }
        ocrvl_layout_free(l);
    }
    ocrvl_image_free(img);
}

static void extremes(void **state)
{
    (void)state;
    const uint32_t shapes[][2] = {{1, 1}, {20000, 1}, {1, 20000}, {2, 2}, {31, 33}, {700, 40}, {600, 800}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int kind = 0; kind < 4; kind++)
            check_extreme(shapes[i][0], shapes[i][1], i % 2 ? 3 : 1, kind);
}

/* Every allocation of ours may fail: an error comes back and nothing is lost. */
static void out_of_memory(void **state)
{
    (void)state;
    sheet s = new_sheet(400, 300, 255, 0);
    ocrvl_box boxes[3];
    write_column(&s, 20, 60, 2, 3, boxes);
    ocrvl_status st;
    long n = 0;
    do {
        ocrvl_layout *l = NULL;
        ocrvl_error err;
        ocrvl_mem_fail_after(++n);
        st = ocrvl_layout_new(&l, s.img, NULL, &err);
        ocrvl_mem_fail_after(0);
        assert_true(st == OCRVL_OK || st == OCRVL_E_NOMEM);
        assert_true((l != NULL) == (st == OCRVL_OK));
        ocrvl_layout_free(l);
    } while (st != OCRVL_OK && n < 1000);
    assert_true(n > 20 && n < 1000);
    ocrvl_image_free(s.img);
}

/* The same page gives the same layout. */
static void same_again(void **state)
{
    (void)state;
    sheet s = new_sheet(900, 800, 200, 60);
    ocrvl_box boxes[12];
    write_column(&s, 100, 100, 4, 12, boxes);
    ocrvl_layout *a = inspect(s.img, NULL), *b = inspect(s.img, NULL);
    assert_int_equal(a->line_count, b->line_count);
    assert_memory_equal(a->lines, b->lines, a->line_count * sizeof *a->lines);
    assert_int_equal(a->block_count, b->block_count);
    ocrvl_layout_free(a);
    ocrvl_layout_free(b);
    ocrvl_image_free(s.img);
}

/* Rows that are made of the ink of known rules go; others, one that a rule merely runs through, and one of strokes as
 * short as letters stay. */
static void rows_of_rules(void **state)
{
    (void)state;
    ocrvl_ink_mask mask = {.ink = pixCreate(300, 200, 1), .factor = 1, .up = 1};
    pixRasterop(mask.ink, 50, 20, 4, 150, PIX_SET, NULL, 0, 0);
    pixRasterop(mask.ink, 100, 20, 40, 150, PIX_SET, NULL, 0, 0);
    pixRasterop(mask.ink, 200, 20, 50, 4, PIX_SET, NULL, 0, 0);
    pixRasterop(mask.ink, 200, 20, 3, 30, PIX_SET, NULL, 0, 0);
    ocrvl_row at[] = {{.box = {50, 20, 54, 170}, .glyphs = 1},
                      {.box = {100, 20, 140, 170}, .glyphs = 2},
                      {.box = {200, 20, 250, 50}, .glyphs = 3}};
    ocrvl_rows rows = {at, 3, 3};
    const ocrvl_known_line line = {.box = {0, 180, 100, 200}, .baseline = 195, .x_height = 12};
    const ocrvl_own_rule known[] = {
        {{51, 0, 53, 200}, true}, {{110, 0, 112, 200}, true}, {{200, 21, 250, 23}, false}, {{201, 20, 202, 50}, true}};
    ocrvl_layout_drop_rules(&rows, &mask, &line, 1, known, 4);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.at[0].glyphs, 2);
    assert_int_equal(rows.at[1].glyphs, 3);
    pixDestroy(&mask.ink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column),
        cmocka_unit_test(columns_in_order),
        cmocka_unit_test(staggered_columns),
        cmocka_unit_test(single_letters),
        cmocka_unit_test(dot_leaders),
        cmocka_unit_test(screened_picture),
        cmocka_unit_test(page_on_a_table),
        cmocka_unit_test(band_with_text),
        cmocka_unit_test(cells_between_rules),
        cmocka_unit_test(dots_of_forms_and_halftones),
        cmocka_unit_test(dashed_rules),
        cmocka_unit_test(table_cells),
        cmocka_unit_test(rules),
        cmocka_unit_test(rows_of_rules),
        cmocka_unit_test(picture),
        cmocka_unit_test(wide_spaces),
        cmocka_unit_test(joined_writing),
        cmocka_unit_test(joined_is_level),
        cmocka_unit_test(rotation),
        cmocka_unit_test(skew),
        cmocka_unit_test(inverted),
        cmocka_unit_test(sizes),
        cmocka_unit_test(dirt),
        cmocka_unit_test(serifs_that_touch),
        cmocka_unit_test(small_lean),
        cmocka_unit_test(cut_by_the_edge),
        cmocka_unit_test(extremes),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
