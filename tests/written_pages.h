/* Pages for the tests of the writers: with every role and many scripts, failed and partial ones, hostile text, and
 * pages drawn at random. A failure in building one ends the program. */
#ifndef OCRVL_TESTS_WRITTEN_PAGES_H
#define OCRVL_TESTS_WRITTEN_PAGES_H

#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ocrvl_formats.h"

static void must(ocrvl_status st, const ocrvl_error *err)
{
    if (st) {
        fprintf(stderr, "writer: %s: %s\n", ocrvl_status_name(st), err->message);
        exit(99);
    }
}

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        ocrvl_error e = {0}, *err = &e;                                                                                \
        must(call, err);                                                                                               \
    } while (0)
#define OPEN(b, ...) MUST(ocrvl_builder_open(b, &(ocrvl_node_info){.size = sizeof(ocrvl_node_info), __VA_ARGS__}, err))
#define CLOSE(b) MUST(ocrvl_builder_close(b, err))
#define BOX(...) .box = {__VA_ARGS__}, .origin = OCRVL_ORIGIN_INK

static ocrvl_builder *builder(uint32_t width, uint32_t height)
{
    ocrvl_builder *b;
    MUST(ocrvl_builder_new(&b, width, height, width ? 300 : 0, width ? 300 : 0, err));
    return b;
}

static ocrvl_page *finish(ocrvl_builder *b)
{
    ocrvl_page *page;
    MUST(ocrvl_builder_finish(b, &page, err));
    ocrvl_builder_free(b);
    return page;
}

/* A line in the given box, its words (split at spaces) as wide as their letters. */
static void line_in(ocrvl_builder *b, const char *text, ocrvl_box box)
{
    uint32_t n = (uint32_t)strlen(text), at = 0;
    float base = (float)box.y1 - 10;
    OPEN(b, .kind = OCRVL_LINE, .text = text, .box = box, .origin = OCRVL_ORIGIN_INK,
         .baseline = {{(float)box.x0, base}, {(float)box.x1, base - 2}});
    for (const char *s = text; *s; at++) {
        char word[256];
        size_t len = strcspn(s, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        uint32_t byte = (uint32_t)(s - text), count = 0;
        for (size_t i = 0; i < len; i++)
            count += ((unsigned char)s[i] & 0xC0) != 0x80;
        int32_t w = box.x1 - box.x0;
        static const ocrvl_text_style bold = {
            .font = "Times & Co-Bold", .size = 17.5f, .colour = 0xFF0080, .bold = true};
        bool title = strcmp(word, "Title") == 0;
        OPEN(b, .kind = OCRVL_WORD, .text = word, .start = at, .confidence = 0.9375f, .origin = OCRVL_ORIGIN_ALIGNED,
             .style = title ? &bold : NULL, .link = title ? "https://example.org/?a&b" : NULL,
             .box = {box.x0 + (int32_t)(byte * (uint32_t)w / n), box.y0,
                     box.x0 + (int32_t)((byte + (uint32_t)len) * (uint32_t)w / n), box.y1});
        CLOSE(b);
        at += count;
        s += len + (s[len] == ' ');
        if (!*s)
            break;
    }
    CLOSE(b);
}

/* A block of lines parted by '\n', 50 px each, from y on. */
static void block_at(ocrvl_builder *b, ocrvl_role role, uint32_t level, const char *lines, int32_t y)
{
    int32_t count = 1;
    for (const char *s = lines; *s; s++)
        count += *s == '\n';
    OPEN(b, .kind = OCRVL_BLOCK, .role = role, .level = level, BOX(100, y, 900, y + 50 * count));
    for (; *lines; y += 50) {
        char line[512];
        size_t len = strcspn(lines, "\n");
        snprintf(line, sizeof line, "%.*s", (int)len, lines);
        line_in(b, line, (ocrvl_box){100, y, 900, y + 44});
        lines += len + (lines[len] == '\n');
    }
    CLOSE(b);
}

static void plain_block(ocrvl_builder *b, ocrvl_role role, const char *line1, const char *line2)
{
    OPEN(b, .kind = OCRVL_BLOCK, .role = role);
    OPEN(b, .kind = OCRVL_LINE, .text = line1);
    CLOSE(b);
    if (line2) {
        OPEN(b, .kind = OCRVL_LINE, .text = line2);
        CLOSE(b);
    }
    CLOSE(b);
}

static void cell(ocrvl_builder *b, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols, bool header,
                 const char *text)
{
    int32_t x = 100 + (int32_t)col * 200, y = 1000 + (int32_t)row * 60;
    ocrvl_box box = {x, y, x + 200 * (int32_t)cols, y + 60 * (int32_t)rows};
    OPEN(b, .kind = OCRVL_CELL, .row = row, .col = col, .row_span = rows, .col_span = cols, .header = header,
         .box = box, .origin = OCRVL_ORIGIN_MODEL);
    if (text)
        line_in(b, text, (ocrvl_box){box.x0 + 5, box.y0 + 5, box.x1 - 5, box.y1 - 5});
    CLOSE(b);
}

static void table(ocrvl_builder *b)
{
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE, BOX(100, 1000, 900, 1240));
    cell(b, 0, 0, 1, 2, true, "Head & <tail>");
    cell(b, 0, 2, 2, 1, true, "tall");
    cell(b, 1, 0, 1, 1, true, "a");
    cell(b, 1, 1, 1, 1, false, NULL);
    cell(b, 2, 0, 1, 1, false, "c d");
    cell(b, 2, 3, 1, 1, false, "far"); /* nothing at columns 1 and 2 */
    CLOSE(b);
}

/* Every role, and words broken in each way. */
static ocrvl_page *page_of_all(void)
{
    ocrvl_builder *b = builder(1000, 1400);
    ocrvl_builder_set_geometry(b, 0, 0.14);
    ocrvl_builder_set_border(b, (ocrvl_box){0, 5, 990, 1395});
    ocrvl_builder_set_usage(b, 1200, 30, 456, 1.5);
    block_at(b, OCRVL_ROLE_HEADER, 0, "Running head", 10);
    block_at(b, OCRVL_ROLE_PAGE_NUMBER, 0, "17", 60);
    block_at(b, OCRVL_ROLE_TITLE, 1, "The Title", 110);
    for (uint32_t level = 0; level <= 6; level++)
        block_at(b, OCRVL_ROLE_HEADING, level, "A heading", 160 + 50 * (int32_t)level);
    block_at(b, OCRVL_ROLE_PARAGRAPH, 0, "An inter-\nnational word, in-\nter\xC2\xAD\nrupted twice\xE2\x80\x90\nOver",
             520);
    block_at(b, OCRVL_ROLE_LIST_ITEM, 0, "1. caf\xC3\xA9 \xC3\xA9tude", 780);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FIGURE, .box = {600, 700, 900, 900}, .origin = OCRVL_ORIGIN_INK);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FIGURE); /* without a box */
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FIGURE, BOX(600, 900, 900, 950)); /* with text in it */
    line_in(b, "a label", (ocrvl_box){610, 905, 700, 945});
    CLOSE(b);
    block_at(b, OCRVL_ROLE_CAPTION, 0, "Fig. 1: nothing", 900);
    table(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE); /* without cells */
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = "\\frac{a}{b} < \"c\"");
    OPEN(b, .kind = OCRVL_LINE, .text = "a/b < \"c\"", .confidence = 0.5f);
    CLOSE(b);
    CLOSE(b);
    block_at(b, OCRVL_ROLE_CODE, 0, "if (a && b)", 950);
    block_at(b, OCRVL_ROLE_SEPARATOR, 0, "", 1250);
    block_at(b, OCRVL_ROLE_FOOTNOTE, 0, "* a note", 1260);
    block_at(b, OCRVL_ROLE_FORM_FIELD, 0, "Name:", 1300);
    block_at(b, OCRVL_ROLE_OTHER, 0, "stamp", 1300);
    OPEN(b, .kind = OCRVL_BLOCK, .lang = "en-GB", .dir = OCRVL_DIR_LTR); /* lines in every state of knowledge */
    OPEN(b, .kind = OCRVL_LINE, .text = " no words here, no  box ", .handwritten = true);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "(half-covered) line", BOX(100, 1310, 900, 1350), .lang = "de", .x_height = 20,
         .quad = {{99.6f, 1310}, {900, 1305.4f}, {901, 1345}, {100, 1350}}, .baseline = {{100, 1340}, {900, 1335}});
    OPEN(b, .kind = OCRVL_WORD, .text = "covered", .start = 6, .confidence = 1, .lang = "fr",
         BOX(200, 1312, 300, 1349));
    CLOSE(b);
    CLOSE(b);
    static const ocrvl_point around[6] = {{50, 1352},  {400, 1356.4f}, {950, 1351},
                                          {950, 1375}, {400, 1380},    {50, 1376}};
    static const ocrvl_point along[3] = {{52, 1370}, {400.4f, 1374}, {948, 1369}};
    OPEN(b, .kind = OCRVL_LINE, .text = "along the curve", BOX(50, 1351, 950, 1380), .polygon = around,
         .polygon_count = 6, .curve = along, .curve_count = 3, .baseline = {{52, 1370}, {948, 1369}});
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "", BOX(100, 1350, 900, 1360));
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "unsure", BOX(100, 1360, 900, 1390),
         .quad = {{100, 1360}, {900, 1360}, {900, 1390}, {100, 1390}});
    OPEN(b, .kind = OCRVL_WORD, .text = "unsure", .confidence = -1);
    CLOSE(b);
    CLOSE(b);
    CLOSE(b);
    block_at(b, OCRVL_ROLE_FOOTER, 0, "Foot", 1350);
    MUST(ocrvl_builder_markdown(b, "# The Title\n\nA **word** & more", err));
    return finish(b);
}

/* Arabic from right to left, Chinese without spaces, code points over U+FFFF, vertical lines. */
static ocrvl_page *page_of_scripts(void)
{
    ocrvl_builder *b = builder(1000, 1400);
    ocrvl_builder_set_geometry(b, 90, -0.5);
    OPEN(b, .kind = OCRVL_BLOCK, .lang = "ar", .dir = OCRVL_DIR_RTL, BOX(100, 100, 900, 200));
    OPEN(b, .kind = OCRVL_LINE, .text = "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7 \xD8\xA8\xD9\x83",
         .dir = OCRVL_DIR_RTL, BOX(100, 100, 900, 160), .baseline = {{900, 150}, {100, 146}});
    OPEN(b, .kind = OCRVL_WORD, .text = "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7", BOX(500, 100, 900, 160));
    CLOSE(b);
    OPEN(b, .kind = OCRVL_WORD, .text = "\xD8\xA8\xD9\x83", .start = 6, .confidence = 0.5f, BOX(100, 105, 450, 160));
    CLOSE(b);
    CLOSE(b);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .lang = "zh-Hant", .dir = OCRVL_DIR_TTB, BOX(100, 300, 200, 800));
    OPEN(b, .kind = OCRVL_LINE, .text = "\xE4\xBD\xA0\xE5\xA5\xBD\xF0\xA0\xAE\xB7\xF0\x9F\x98\x80",
         BOX(100, 300, 200, 800));
    OPEN(b, .kind = OCRVL_WORD, .text = "\xE4\xBD\xA0\xE5\xA5\xBD", .confidence = 0.75f, BOX(100, 300, 200, 500));
    CLOSE(b);
    OPEN(b, .kind = OCRVL_WORD, .text = "\xF0\xA0\xAE\xB7", .start = 2, .confidence = 0.25f, BOX(100, 500, 200, 600));
    CLOSE(b);
    CLOSE(b);
    CLOSE(b);
    return finish(b);
}

static ocrvl_page *page_failed(void)
{
    ocrvl_builder *b = builder(0, 0);
    MUST(ocrvl_builder_fail(b, "format", "page -- is broken -->\n<here>-", err));
    return finish(b);
}

static ocrvl_page *page_partial(void)
{
    ocrvl_builder *b = builder(1000, 1400);
    MUST(ocrvl_builder_warn(b, "rotated", "the page was turned by 90 degrees", false, err));
    MUST(ocrvl_builder_warn(b, "cut", "--> stopped after 100 tokens", true, err));
    plain_block(b, OCRVL_ROLE_PARAGRAPH, "cut sh", NULL);
    return finish(b);
}

/* Every code point that anything could trip over, markup of each format, and one word of a megabyte. */
static ocrvl_page *page_hostile(void)
{
    static const char markup[] =
        "]]> --> <script>alert('x')</script> &amp; &#0; \" ' ; \\ </span> <!-- {{ \\u0000 \xEF\xBB\xBF";
    ocrvl_builder *b = builder(1000000, 5);
    ocrvl_buf all = {0};
    for (uint32_t c = 1; c < 0x3100; c++)
        ocrvl_buf_put_codepoint(&all, c);
    for (uint32_t c = 0xFD00; c < 0x10000; c++)
        ocrvl_buf_put_codepoint(&all, c);
    for (uint32_t plane = 1; plane <= 16; plane++)
        for (uint32_t c = 0xFFF0; c < 0x10000; c++)
            ocrvl_buf_put_codepoint(&all, plane << 16 | c);
    plain_block(b, OCRVL_ROLE_PARAGRAPH, all.data, markup);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = all.data);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    OPEN(b, .kind = OCRVL_CELL, .row = 3, .col = 2, .row_span = 5, .col_span = 4);
    OPEN(b, .kind = OCRVL_LINE, .text = markup);
    CLOSE(b);
    CLOSE(b);
    CLOSE(b);
    plain_block(b, OCRVL_ROLE_HEADING, "\xE2\x80\xAE unpaired \xE2\x81\xA6 \xE2\x80\xAB bidi", "\xE2\x80\xAC-");
    ocrvl_buf_clear(&all);
    for (int i = 0; i < 350000; i++)
        ocrvl_buf_puts(&all, "\xE4\xB8\x80");
    OPEN(b, .kind = OCRVL_BLOCK);
    OPEN(b, .kind = OCRVL_LINE, .text = all.data, BOX(0, 0, 1000000, 5), .baseline = {{0, 5}, {0, 0}});
    OPEN(b, .kind = OCRVL_WORD, .text = all.data, BOX(999999, 4, 1000000, 5));
    CLOSE(b);
    CLOSE(b);
    CLOSE(b);
    MUST(ocrvl_builder_markdown(b, markup, err));
    MUST(ocrvl_builder_warn(b, markup, markup, true, err));
    MUST(ocrvl_builder_fail(b, "--", "\xFF\x01-", err));
    ocrvl_buf_free(&all);
    return finish(b);
}

/* ---- random pages ------------------------------------------------------------------------------------ */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

static ocrvl_box random_box(uint64_t *seed)
{
    int32_t x = (int32_t)draw(seed, 900), y = (int32_t)draw(seed, 1300);
    ocrvl_box box = {x, y, x + 1 + (int32_t)draw(seed, 100), y + 1 + (int32_t)draw(seed, 100)};
    return draw(seed, 3) ? box : (ocrvl_box){0};
}

/* A line of letters, hyphens, spaces and worse; some of its runs are words, which may hold spaces and touch. */
static void random_line(ocrvl_builder *b, uint64_t *seed)
{
    static const char *const parts[] = {"a",
                                        "b",
                                        "Z",
                                        "-",
                                        "\xC2\xAD",
                                        "\xE2\x80\x90",
                                        " ",
                                        " ",
                                        "\xE3\x80\x80",
                                        "\xC2\xA0",
                                        "\xE4\xB8\x80",
                                        "\xD9\x85",
                                        "\xF0\x9F\x98\x80",
                                        "\xCC\x81",
                                        "<",
                                        "&",
                                        "\"",
                                        ";",
                                        "\t",
                                        "\x02",
                                        "7",
                                        "e",
                                        "n"};
    const char *piece[24];
    char text[128] = "";
    uint32_t n = draw(seed, 20);
    for (uint32_t i = 0; i < n; i++) {
        piece[i] = parts[draw(seed, sizeof parts / sizeof *parts)];
        memcpy(text + strlen(text), piece[i], strlen(piece[i]) + 1);
    }
    float y = (float)draw(seed, 1400);
    OPEN(b, .kind = OCRVL_LINE, .text = text, .box = random_box(seed), .origin = OCRVL_ORIGIN_INK,
         .baseline = {{10, y}, {(float)draw(seed, 1000), y + 3}}, .quad = {{y, y}, {-3, 4.5f}, {1, 2}, {y, 0}},
         .handwritten = draw(seed, 2), .lang = draw(seed, 2) ? "de" : NULL, .dir = (ocrvl_direction)draw(seed, 4));
    for (uint32_t i = 0, next; i < n; i = next) {
        char word[128] = "";
        next = i + 1 + draw(seed, 4) % (n - i);
        for (uint32_t k = i; k < next; k++)
            memcpy(word + strlen(word), piece[k], strlen(piece[k]) + 1);
        if (draw(seed, 3) == 0)
            continue;
        OPEN(b, .kind = OCRVL_WORD, .text = word, .start = i, .box = random_box(seed), .origin = OCRVL_ORIGIN_ALIGNED,
             .confidence = (float)draw(seed, 1200) / 1000 - 0.1f, .lang = draw(seed, 4) ? NULL : "en");
        CLOSE(b);
    }
    CLOSE(b);
}

static void random_table(ocrvl_builder *b, uint64_t *seed)
{
    uint32_t free_from[8] = {0}, rows = draw(seed, 6);
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t col = 0; col < 8; col++) {
            uint32_t cols = 1, high = 1 + draw(seed, 3);
            if (free_from[col] > row || draw(seed, 3) == 0)
                continue;
            while (col + cols < 8 && free_from[col + cols] <= row && draw(seed, 3) == 0)
                cols++;
            for (uint32_t c = col; c < col + cols; c++)
                free_from[c] = row + high;
            OPEN(b, .kind = OCRVL_CELL, .row = row, .col = col, .row_span = high, .col_span = cols,
                 .header = draw(seed, 2), .box = random_box(seed), .origin = OCRVL_ORIGIN_MODEL);
            for (uint32_t lines = draw(seed, 3); lines > 0; lines--)
                random_line(b, seed);
            CLOSE(b);
        }
}

static ocrvl_page *random_page(uint64_t *seed)
{
    ocrvl_builder *b = builder(1000, 1400);
    ocrvl_builder_set_geometry(b, 90 * draw(seed, 4), (double)draw(seed, 100) / 10 - 5);
    for (uint32_t blocks = draw(seed, 12); blocks > 0; blocks--) {
        ocrvl_role role = (ocrvl_role)draw(seed, OCRVL_ROLE_OTHER + 1);
        OPEN(b, .kind = OCRVL_BLOCK, .role = role, .level = draw(seed, 7), .box = random_box(seed),
             .origin = OCRVL_ORIGIN_NATIVE, .lang = draw(seed, 2) ? "en" : NULL, .dir = (ocrvl_direction)draw(seed, 4));
        if (role == OCRVL_ROLE_TABLE)
            random_table(b, seed);
        else
            for (uint32_t lines = draw(seed, 6); lines > 0; lines--)
                random_line(b, seed);
        CLOSE(b);
    }
    return finish(b);
}

#define LAST_FORMAT OCRVL_FORMAT_XLSX

#endif
