/* The writers. Without arguments a test of what can be told byte by byte; with a folder it writes there the samples
 * that tests/schema/outputs.sh holds to schemas and specifications. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ocrvl_formats.h"
#include "testing.h"

/* ---- building pages; a failure here ends the program -------------------------------------------------- */

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

/* ---- writing ----------------------------------------------------------------------------------------- */

typedef struct sheet { /* a page of an output */
    ocrvl_page *page;
    ocrvl_page_place place;
} sheet;

static int into_buf(void *user, const void *data, size_t len)
{
    ocrvl_buf_put(user, data, len);
    return 0;
}

static ocrvl_status write_all(ocrvl_buf *out, ocrvl_format format, const sheet *sheets, size_t count,
                              const ocrvl_writer_options *opt, ocrvl_error *err)
{
    ocrvl_writer *w;
    ocrvl_status st = ocrvl_writer_new(&w, format, into_buf, out, opt, err);
    for (size_t i = 0; !st && i < count; i++)
        st = ocrvl_writer_page(w, sheets[i].page, &sheets[i].place, err);
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    return st;
}

#define PLACE(...)                                                                                                     \
    {                                                                                                                  \
        .size = sizeof(ocrvl_page_place), __VA_ARGS__                                                                  \
    }
static const char hash[] = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852b855";
static const char evil_name[] = "dir/a\"b;c\nd%\xFF\x01 &<>'.pdf";

static void write_file(const char *dir, const char *name, ocrvl_format format, const sheet *sheets, size_t count,
                       const ocrvl_writer_options *opt)
{
    char path[1024];
    ocrvl_buf out = {0};
    if (ocrvl_format_one_page(format) && count > 1) { /* each in a file of its own: NAME-1, NAME-2, ... */
        for (size_t i = 0; i < count; i++) {
            snprintf(path, sizeof path, "%s-%zu", name, i + 1);
            write_file(dir, path, format, sheets + i, 1, opt);
        }
        return;
    }
    snprintf(path, sizeof path, "%s/%s.%s", dir, name, ocrvl_format_name(format));
    MUST(write_all(&out, format, sheets, count, opt, err));
    FILE *f = fopen(path, "wb");
    if (!f || (out.len && fwrite(out.data, 1, out.len, f) != out.len) || fclose(f) != 0) {
        perror(path);
        exit(99);
    }
    ocrvl_buf_free(&out);
}

#define RANDOM_PAGES 80

static int write_samples(const char *dir)
{
    sheet full[] = {
        {page_of_all(),
         PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .pages = 9, .label = "iv", .index = 3,
               .sha256 = hash, .width = 1000, .height = 1400, .pdf_box = {0, 0, 240.5, 336}, .native = true)},
        {page_of_scripts(),
         PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .pages = 9, .index = 4)},
        {finish(builder(20, 30)), PLACE(.file = "scan \xC3\xBC.pdf", .media_type = "application/pdf", .index = 5)},
        {page_failed(), PLACE(.file = "scan \xC3\xBC.pdf", .index = 6, .pdf_box = {10, 10, 605, 852})},
        {page_failed(), PLACE(.file = "other.tif", .media_type = "image/tiff", .index = 0)},
        {page_partial(), PLACE(.file = "other.tif", .media_type = "image/tiff", .index = 1)},
    };
    sheet hostile[] = {{page_hostile(), PLACE(.file = evil_name, .label = evil_name, .media_type = evil_name)}};
    ocrvl_writer_options opt = {.size = sizeof opt,
                                .model = "Qwen2-VL-2B & \"friends\"",
                                .model_sha256 = hash,
                                .settings =
                                    "dpi=300;temperature=0;greedy;layout=auto;x=1e5;y=-0.5;z=007;ok=true;dpi=1;;=2",
                                .datetime = "2026-11-24T10:00:00.5+01:00",
                                .pages = 6};
    ocrvl_writer_options one = {.size = sizeof one, .pages = 1};
    ocrvl_writer_options flat = {.size = sizeof flat, .flat_tables = true}, flat_one = flat;
    flat_one.pages = 1;
    ocrvl_writer_options evil = {.size = sizeof evil, .model = evil_name, .settings = evil_name, .join_hyphens = true};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        write_file(dir, "full", f, full, 6, &opt);
        write_file(dir, "one", f, full, 1, &one);
        write_file(dir, "flat", f, full, 6, &flat);
        write_file(dir, "flatone", f, full, 1, &flat_one);
        write_file(dir, "bare", f, full + 2, 1, NULL);
        write_file(dir, "failed", f, full + 3, 2, NULL);
        write_file(dir, "hostile", f, hostile, 1, &evil);
    }
    uint64_t seed = 20261124;
    sheet random[RANDOM_PAGES];
    for (uint64_t i = 0; i < RANDOM_PAGES; i++)
        random[i] = (sheet){random_page(&seed), PLACE(.file = "random.tif", .media_type = "image/tiff", .index = i)};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++)
        write_file(dir, "random", f, random, RANDOM_PAGES, NULL);
    for (size_t i = 0; i < RANDOM_PAGES; i++)
        ocrvl_page_free(random[i].page);
    for (size_t i = 0; i < 6; i++)
        ocrvl_page_free(full[i].page);
    ocrvl_page_free(hostile[0].page);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------------------- */

static void check_text(const sheet *sheets, size_t count, bool join, const char *want)
{
    ocrvl_buf out = {0};
    ocrvl_writer_options opt = {.size = sizeof opt, .join_hyphens = join};
    assert_ok(write_all(&out, OCRVL_FORMAT_TEXT, sheets, count, &opt, err));
    assert_string_equal(out.data ? out.data : "", want);
    ocrvl_buf_free(&out);
}

static sheet text_sheet(const char *const *blocks)
{
    ocrvl_builder *b = builder(10, 10);
    for (; *blocks; blocks++) {
        OPEN(b, .kind = OCRVL_BLOCK);
        for (const char *s = *blocks; *s;) {
            char line[128];
            size_t len = strcspn(s, "\n");
            snprintf(line, sizeof line, "%.*s", (int)len, s);
            OPEN(b, .kind = OCRVL_LINE, .text = line);
            CLOSE(b);
            s += len + (s[len] == '\n');
        }
        CLOSE(b);
    }
    return (sheet){finish(b), PLACE(.file = "f")};
}

static void test_text(void **state)
{
    (void)state;
    sheet s[4] = {text_sheet((const char *const[]){"one\ntwo", "", "three", NULL}),
                  {finish(builder(10, 10)), PLACE(.file = "f")},
                  {page_failed(), PLACE(.file = "f")},
                  text_sheet((const char *const[]){"end", NULL})};
    check_text(s, 0, false, "");
    check_text(s, 1, false, "one\ntwo\n\nthree\n");
    check_text(s, 1, true, "one\ntwo\n\nthree\n");
    check_text(s, 4, false, "one\ntwo\n\nthree\n\f\f\fend\n");
    check_text(s + 1, 2, true, "\f");
    for (int i = 0; i < 4; i++)
        ocrvl_page_free(s[i].page);
}

static void test_join(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *joined;
    } cases[] = {
        {"an inter-\nnational word", "an international\nword"},
        {"inter-\nnational", "international"},
        {"in-\nter-\nnational end", "international\nend"},
        {"soft\xC2\xAD\nhyphen x", "softhyphen\nx"},
        {"true\xE2\x80\x90\nhyphen", "truehyphen"},
        {"Stra\xC3\x9F-\n\xC3\xA4hnlich", "Stra\xC3\x9F\xC3\xA4hnlich"},
        {"\xD0\xBF\xD0\xB5\xD1\x80\xD0\xB5-\n\xD0\xBD\xD0\xBE\xD1\x81",
         "\xD0\xBF\xD0\xB5\xD1\x80\xD0\xB5\xD0\xBD\xD0\xBE\xD1\x81"},
        {"\xCE\xBB\xCF\x8C-\n\xCE\xB3\xCE\xBF\xCF\x82", "\xCE\xBB\xCF\x8C\xCE\xB3\xCE\xBF\xCF\x82"},
        {"Jean-\nPaul", "Jean-\nPaul"},                 /* upper case */
        {"\xC3\x84-\n\xC3\x84", "\xC3\x84-\n\xC3\x84"}, /* upper case, not ASCII */
        {"A-\n\xC4\x90", "A-\n\xC4\x90"},               /* U+0110 */
        {"A-\n\xC4\x91", "A\xC4\x91"},                  /* U+0111 */
        {"pages 10-\nand on", "pages 10-\nand on"},     /* not a letter before */
        {"a --\nb", "a --\nb"},                         /* a dash */
        {"a \xE2\x80\x94\nb", "a \xE2\x80\x94\nb"},     /* another */
        {"-\nb", "-\nb"},
        {"1-\n2", "1-\n2"},
        {"trailing- \nspace on", "trailingspace\non"},
        {"end-", "end-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sheet s = text_sheet((const char *const[]){cases[i].lines, NULL});
        char want[256];
        snprintf(want, sizeof want, "%s\n", cases[i].joined);
        check_text(&s, 1, true, want);
        snprintf(want, sizeof want, "%s\n", cases[i].lines);
        check_text(&s, 1, false, want);
        ocrvl_page_free(s.page);
    }
    sheet s = text_sheet((const char *const[]){"bro-", "ken", NULL}); /* not across blocks */
    check_text(&s, 1, true, "bro-\n\nken\n");
    ocrvl_page_free(s.page);
}

/* The whole of a small page, by hand, in each format. */
static ocrvl_page *small_page(void)
{
    ocrvl_builder *b = builder(100, 50);
    OPEN(b, .kind = OCRVL_BLOCK, .lang = "en", BOX(5, 6, 95, 40));
    OPEN(b, .kind = OCRVL_LINE, .text = "Hi yo-", BOX(5, 6, 95, 20), .baseline = {{5, 18}, {95, 18}});
    OPEN(b, .kind = OCRVL_WORD, .text = "Hi", .confidence = 0.5f, .box = {5, 6, 40, 20},
         .origin = OCRVL_ORIGIN_ALIGNED);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_WORD, .text = "yo-", .start = 3, .confidence = -1, .box = {50, 7, 95, 20},
         .origin = OCRVL_ORIGIN_NATIVE);
    CLOSE(b);
    CLOSE(b);
    OPEN(b, .kind = OCRVL_LINE, .text = "del");
    CLOSE(b);
    CLOSE(b);
    return finish(b);
}

static const char small_json[] =
    "{\"schema\":\"ocrvl.page/1\",\"generator\":{\"name\":\"ocrvl\",\"version\":\"" OCRVL_VERSION_STRING
    "\",\"model\":\"m\"},"
    "\"source\":{\"file\":\"a.png\",\"media_type\":\"image/png\",\"pages\":1},"
    "\"page\":{\"index\":0,\"width\":100,\"height\":50,\"dpi\":[300,300],\"rotation\":0},\"status\":\"ok\","
    "\"languages\":[{\"lang\":\"en\",\"share\":1}],\"confidence\":0.5,\"text\":\"Hi yo-\\ndel\",\"blocks\":["
    "{\"id\":\"b1\",\"type\":\"paragraph\",\"text\":\"Hi yo-\\ndel\",\"span\":[0,10],\"bbox\":[5,6,95,40],"
    "\"geometry\":\"detected\",\"confidence\":0.5,\"lang\":\"en\",\"lines\":["
    "{\"id\":\"b1l1\",\"text\":\"Hi yo-\",\"span\":[0,6],\"bbox\":[5,6,95,20],\"geometry\":\"detected\","
    "\"baseline\":[[5,18],[95,18]],\"confidence\":0.5,\"script\":\"Latn\",\"words\":["
    "{\"text\":\"Hi\",\"span\":[0,2],\"bbox\":[5,6,40,20],\"geometry\":\"interpolated\",\"confidence\":0.5},"
    "{\"text\":\"yo-\",\"span\":[3,6],\"bbox\":[50,7,95,20],\"geometry\":\"native\",\"confidence\":null}]},"
    "{\"id\":\"b1l2\",\"text\":\"del\",\"span\":[7,10],\"geometry\":\"none\",\"confidence\":null,\"script\":\"Latn\"}]}"
    "]}";

static const char small_hocr[] =
    "<div class=\"ocr_page\" id=\"page_1\" title=\"image &quot;a.png&quot;; bbox 0 0 100 50; ppageno 0; scan_res 300 "
    "300; "
    "x_source &quot;a.png&quot; &quot;0&quot;\">\n"
    "<div class=\"ocr_carea\" id=\"block_1_1\" title=\"bbox 5 6 95 40\">\n"
    "<p class=\"ocr_par\" id=\"par_1_1_1\" title=\"bbox 5 6 95 40\" lang=\"en\">\n"
    "<span class=\"ocr_line\" id=\"line_1_1_1\" title=\"bbox 5 6 95 20; baseline 0 -2\">"
    "<span class=\"ocrx_word\" id=\"word_1_1_1_1\" title=\"bbox 5 6 40 20; x_wconf 50\">Hi</span> "
    "<span class=\"ocrx_word\" id=\"word_1_1_1_2\" title=\"bbox 50 7 95 20\">yo-</span></span>\n"
    "<span class=\"ocr_line\" id=\"line_1_1_2\" title=\"bbox 5 6 95 40\">"
    "<span class=\"ocrx_word\" id=\"word_1_1_2_1\" title=\"bbox 5 6 95 40\">del</span></span>\n"
    "</p>\n</div>\n</div>\n</body>\n</html>\n";

static const char small_alto[] =
    "  <Page ID=\"page_1\" PHYSICAL_IMG_NR=\"1\" WIDTH=\"100\" HEIGHT=\"50\" PC=\"0.5\" LANG=\"en\" "
    "PROCESSINGREFS=\"PROC_OCR\">\n"
    "   <PrintSpace ID=\"space_1\" HPOS=\"0\" VPOS=\"0\" WIDTH=\"100\" HEIGHT=\"50\">\n"
    "    <TextBlock ID=\"block_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"90\" HEIGHT=\"34\" TAGREFS=\"TAG_paragraph\" "
    "LANG=\"en\">\n"
    "     <TextLine ID=\"line_1_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"90\" HEIGHT=\"14\" BASELINE=\"5 18 95 18\">\n"
    "      <String ID=\"string_1_1_1_1\" HPOS=\"5\" VPOS=\"6\" WIDTH=\"35\" HEIGHT=\"14\" CONTENT=\"Hi\" WC=\"0.5\"/>\n"
    "      <SP HPOS=\"40\" VPOS=\"6\" WIDTH=\"10\" HEIGHT=\"14\"/>\n"
    "      <String ID=\"string_1_1_1_2\" HPOS=\"50\" VPOS=\"7\" WIDTH=\"45\" HEIGHT=\"13\" CONTENT=\"yo\" "
    "SUBS_TYPE=\"HypPart1\" SUBS_CONTENT=\"yodel\"/>\n"
    "      <HYP CONTENT=\"-\"/>\n"
    "     </TextLine>\n"
    "     <TextLine ID=\"line_1_1_2\">\n"
    "      <String ID=\"string_1_1_2_1\" CONTENT=\"del\" SUBS_TYPE=\"HypPart2\" SUBS_CONTENT=\"yodel\"/>\n"
    "     </TextLine>\n"
    "    </TextBlock>\n   </PrintSpace>\n  </Page>\n </Layout>\n</alto>\n";

/* Where the head ends and the pages begin. */
static const char *body(const ocrvl_buf *out, const char *mark)
{
    const char *at = strstr(out->data, mark);
    assert_non_null(at);
    return at;
}

static void test_small_page(void **state)
{
    (void)state;
    sheet s = {small_page(), PLACE(.file = "a.png", .media_type = "image/png", .pages = 1)};
    ocrvl_writer_options opt = {.size = sizeof opt, .model = "m", .pages = 2};
    ocrvl_buf out = {0}, want = {0};
    assert_ok(write_all(&out, OCRVL_FORMAT_JSONL, &s, 1, &opt, err));
    ocrvl_buf_printf(&want, "%s\n", small_json);
    assert_string_equal(out.data, want.data);
    ocrvl_buf_clear(&out);
    ocrvl_buf_clear(&want);
    sheet two[] = {s, s};
    assert_ok(write_all(&out, OCRVL_FORMAT_JSON, two, 2, &opt, err));
    ocrvl_buf_printf(&want, "[\n%s,\n%s\n]\n", small_json, small_json);
    assert_string_equal(out.data, want.data);
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_JSON, NULL, 0, &opt, err));
    assert_string_equal(out.data, "[]\n");
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_HOCR, &s, 1, &opt, err));
    assert_string_equal(body(&out, "<div class=\"ocr_page\""), small_hocr);
    ocrvl_buf_clear(&out);
    assert_ok(write_all(&out, OCRVL_FORMAT_ALTO, &s, 1, &opt, err));
    assert_string_equal(body(&out, "  <Page "), small_alto);
    ocrvl_buf_free(&out);
    ocrvl_buf_free(&want);
    ocrvl_page_free(s.page);
}

/* Pages come out as they go in, and the same bytes come out each time. */
static void test_streaming(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png")};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_buf out = {0}, again = {0};
        ocrvl_writer *w;
        assert_ok(ocrvl_writer_new(&w, f, into_buf, &out, NULL, err));
        size_t before = 0, pages = ocrvl_format_one_page(f) ? 1 : 3;
        /* comes when the document ends, and begins anew with page 1 */
        bool whole = f == OCRVL_FORMAT_DOLMA || f == OCRVL_FORMAT_XLSX;
        const char *last = f == OCRVL_FORMAT_MARKDOWN ? "A **word**" : f == OCRVL_FORMAT_CSV ? "far" : "Foot";
        for (size_t i = 0; i < pages; i++) {
            assert_ok(ocrvl_writer_page(w, s.page, &s.place, err));
            if (whole || f == OCRVL_FORMAT_PDF) /* whose text is deflated */
                continue;
            assert_true(out.len > before + 30);
            assert_non_null(strstr(out.data + before, last));
            before = out.len;
        }
        assert_ok(ocrvl_writer_finish(w, err));
        assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG);
        assert_int_equal(ocrvl_writer_finish(w, NULL), OCRVL_E_ARG);
        ocrvl_writer_free(w);
        assert_ok(write_all(&again, f, (sheet[]){s, s, s}, pages, NULL, err));
        assert_int_equal(out.len, again.len);
        assert_memory_equal(out.data, again.data, out.len);
        ocrvl_buf_free(&out);
        ocrvl_buf_free(&again);
    }
    ocrvl_writer *w;
    ocrvl_buf out = {0};
    assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_PAGE, into_buf, &out, NULL, err));
    assert_ok(ocrvl_writer_page(w, s.page, &s.place, err));
    assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG); /* one page it is */
    assert_ok(ocrvl_writer_finish(w, err));
    ocrvl_writer_free(w);
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
    ocrvl_writer_free(NULL);
}

/* Tables alone: spans, empty cells, quotes, a blank line between two. */
static void test_csv(void **state)
{
    (void)state;
    ocrvl_builder *b = builder(1000, 1400);
    ocrvl_buf out = {0};
    block_at(b, OCRVL_ROLE_PARAGRAPH, 0, "no table", 10);
    table(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE, BOX(100, 1000, 900, 1240));
    cell(b, 0, 0, 1, 1, false, "a, b");
    cell(b, 1, 0, 1, 1, false, NULL);
    cell(b, 2, 0, 1, 1, false, "\"c\"");
    CLOSE(b);
    sheet s = {finish(b), PLACE(.file = "a.png")};
    assert_ok(write_all(&out, OCRVL_FORMAT_CSV, &s, 1, NULL, err));
    assert_string_equal(out.data,
                        "Head & <tail>,,tall,\r\na,,,\r\nc d,,,far\r\n\r\n\"a, b\"\r\n\"\"\r\n\"\"\"c\"\"\"\r\n");
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
}

static int full_disk(void *user, const void *data, size_t len)
{
    size_t *left = user;
    (void)data;
    if (len > *left)
        return *left = 0, ENOSPC;
    *left -= len;
    return 0;
}

/* Wherever the disk is full, that call or a later one says so, and so does all that follows. */
static void test_full_disk(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png")};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_buf out = {0};
        assert_ok(write_all(&out, f, &s, 1, NULL, err));
        for (size_t room = 0; room < out.len; room += room + 777 < out.len ? 777 : 1) {
            size_t left = room;
            ocrvl_writer *w;
            ocrvl_error e = {0};
            assert_ok(ocrvl_writer_new(&w, f, full_disk, &left, NULL, err));
            ocrvl_status st = ocrvl_writer_page(w, s.page, &s.place, &e);
            if (st == OCRVL_OK)
                st = ocrvl_writer_finish(w, &e);
            assert_int_equal(st, OCRVL_E_IO);
            assert_int_equal(e.sys_errno, ENOSPC);
            e.sys_errno = 0;
            assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, &e), OCRVL_E_IO);
            assert_int_equal(e.sys_errno, ENOSPC);
            ocrvl_writer_free(w);
        }
        ocrvl_buf_free(&out);
    }
    ocrvl_page_free(s.page);
}

static void test_allocations(void **state)
{
    (void)state;
    sheet s = {page_of_all(), PLACE(.file = "a.png", .sha256 = hash)};
    ocrvl_writer_options opt = {
        .size = sizeof opt, .model = "m", .settings = "a=b", .datetime = "2026-01-01", .pages = 1};
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++)
        for (long n = 1;; n++) {
            ocrvl_buf out = {0};
            if (!ocrvl_buf_reserve(&out, 1000000)) /* what the test needs is not what fails */
                fail();
            ocrvl_mem_fail_after(n);
            ocrvl_status st = write_all(&out, f, &s, 1, &opt, NULL);
            ocrvl_mem_fail_after(0);
            ocrvl_buf_free(&out);
            if (st == OCRVL_OK) {
                assert_true(n > 2);
                break;
            }
            assert_int_equal(st, OCRVL_E_NOMEM);
        }
    ocrvl_page_free(s.page);
}

static void test_options(void **state)
{
    (void)state;
    ocrvl_buf out = {0};
    ocrvl_writer *w;
    sheet s = {finish(builder(5, 5)), PLACE(.file = "a", .sha256 = "abc")};
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "0000-01-01",
                                      "2026-1-1",
                                      "2026-01-01T",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00+1:00",
                                      "2026-01-01T00:00:00Zx",
                                      "2026-01-01 00:00:00"};
    static const char *const good[] = {"2024-02-29", "2026-01-01T23:59:59", "2026-01-01T00:00:00.123Z",
                                       "2000-02-29T00:00:00-05:30"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ocrvl_writer_options o = {.size = sizeof o, .datetime = bad[i]};
        assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_ALTO, into_buf, &out, &o, NULL), OCRVL_E_ARG);
        assert_null(w);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ocrvl_writer_options o = {.size = sizeof o, .datetime = good[i]};
        assert_ok(ocrvl_writer_new(&w, OCRVL_FORMAT_ALTO, into_buf, &out, &o, err));
        ocrvl_writer_free(w);
    }
    ocrvl_writer_options o = {.model = "m"}; /* no size */
    assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_JSON, into_buf, &out, &o, NULL), OCRVL_E_ARG);
    o = (ocrvl_writer_options){.size = sizeof o, .model_sha256 = "E3B0"};
    assert_int_equal(ocrvl_writer_new(&w, OCRVL_FORMAT_JSON, into_buf, &out, &o, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_writer_new(&w, (ocrvl_format)0, into_buf, &out, NULL, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_writer_new(&w, (ocrvl_format)(LAST_FORMAT + 1), into_buf, &out, NULL, NULL), OCRVL_E_ARG);
    for (ocrvl_format f = OCRVL_FORMAT_HOCR; f <= OCRVL_FORMAT_ALTO; f++) {
        assert_ok(ocrvl_writer_new(&w, f, into_buf, &out, NULL, err));
        assert_int_equal(ocrvl_writer_finish(w, NULL), OCRVL_E_ARG);                 /* not without a page */
        assert_int_equal(ocrvl_writer_page(w, s.page, &s.place, NULL), OCRVL_E_ARG); /* its sha256 is none */
        s.place.sha256 = NULL;
        assert_int_equal(ocrvl_writer_page(w, s.page, &(ocrvl_page_place){.file = "a"}, NULL), OCRVL_E_ARG);
        assert_ok(ocrvl_writer_page(w, s.page, &s.place, err)); /* neither has hurt it */
        assert_ok(ocrvl_writer_finish(w, err));
        s.place.sha256 = "abc";
        ocrvl_writer_free(w);
    }
    ocrvl_page_free(s.page);
    ocrvl_buf_free(&out);
}

static void test_formats(void **state)
{
    (void)state;
    char names[128] = "";
    for (ocrvl_format f = OCRVL_FORMAT_TEXT; f <= LAST_FORMAT; f++) {
        ocrvl_format back;
        assert_true(ocrvl_format_by_name(ocrvl_format_name(f), &back));
        assert_int_equal(back, f);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? " " : "", ocrvl_format_name(f));
    }
    assert_string_equal(names, ocrvl_format_names());
    ocrvl_format f;
    assert_false(ocrvl_format_by_name("", &f));
    assert_false(ocrvl_format_by_name("HOCR", &f));
}

/* ---- Markdown ---------------------------------------------------------------------------------------- */

static void check_markdown(ocrvl_builder *b, const char *want)
{
    ocrvl_buf out = {0};
    sheet s = {finish(b), PLACE(.file = "a")};
    assert_ok(write_all(&out, OCRVL_FORMAT_MARKDOWN, &s, 1, NULL, err));
    assert_string_equal(out.data, want);
    ocrvl_buf_free(&out);
    ocrvl_page_free(s.page);
}

static void test_markdown(void **state)
{
    (void)state;
    ocrvl_builder *b = builder(1000, 1400);
    plain_block(b, OCRVL_ROLE_TITLE, "C# in *one*", "line #");
    plain_block(b, OCRVL_ROLE_HEADING, "Two", NULL);
    plain_block(b, OCRVL_ROLE_PARAGRAPH, "- a dash, snake_case, _under_ [x] <b> &amp; A&B 2~3 $5", "1. no list");
    plain_block(b, OCRVL_ROLE_PARAGRAPH, "    no code", "===");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "\xE2\x80\xA2 first", "and on");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "12) second", "and on");
    plain_block(b, OCRVL_ROLE_LIST_ITEM, "third", NULL);
    plain_block(b, OCRVL_ROLE_CODE, "x = `y`", "```");
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = "a_1^2");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_SEPARATOR);
    CLOSE(b);
    /* brackets alone, a dollar before a number, and bars outside tables mean nothing */
    check_markdown(b, "# C\\# in \\*one\\* line \\#\n\n## Two\n\n"
                      "\\- a dash, snake_case, \\_under\\_ [x] \\<b> \\&amp; A\\&B 2\\~3 $5\n1\\. no list\n\n"
                      "no code\n\\===\n\n- first\n  and on\n12) second\n    and on\n- third\n\n"
                      "````\nx = `y`\n```\n````\n\n$$\na_1^2\n$$\n\n---\n");
    b = builder(1000, 1400);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, true, "a|b");
    cell(b, 0, 1, 1, 1, true, "- c");
    cell(b, 1, 1, 1, 1, false, "d");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, false, "e");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 2, true, "f<g");
    CLOSE(b);
    OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, 1, 1, true, "h");
    CLOSE(b);
    check_markdown(b, "| a\\|b | - c |\n| --- | --- |\n|  | d |\n\n|  |\n| --- |\n| e |\n\n"
                      "<table><tr><th colspan=\"2\">f&lt;g</th></tr></table>\n\n| h |\n| --- |\n");
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_samples(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),        cmocka_unit_test(test_join),    cmocka_unit_test(test_small_page),
        cmocka_unit_test(test_streaming),   cmocka_unit_test(test_csv),     cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_allocations), cmocka_unit_test(test_options), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_markdown),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
