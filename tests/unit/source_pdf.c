/* PDF in: scans given as they are, everything else rendered; turned and cropped pages, what is drawn over a scan, the
 * choice of resolution, limits, labels, passwords, broken pages. */
#include <math.h>

#include "pdfs.h"

#include <cairo-pdf.h>

/* The scan turned by an orientation number, laid into the page image at (left, top). */
static void expect_scan(const ocrvl_image *img, const uint8_t *scan, unsigned channels, unsigned o, uint32_t left,
                        uint32_t top)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t right = WIDTH - 1 - x, down = HEIGHT - 1 - y;
            const uint32_t at[9][2] = {{0, 0}, {x, y},    {right, y},    {right, down}, {x, down},
                                       {y, x}, {down, x}, {down, right}, {y, right}};
            for (unsigned c = 0; c < channels; c++)
                if (rgb_at(img, left + at[o][0], top + at[o][1], c) != scan[(y * WIDTH + x) * channels + c])
                    fail_msg("pixel %u,%u of the scan is %u", x, y, rgb_at(img, left + at[o][0], top + at[o][1], c));
        }
}

static void check_scan(const scan_spec *s, unsigned channels, unsigned o)
{
    uint8_t *scan = make_scan(channels);
    bytes b = make_pdf(s, scan, WIDTH * HEIGHT * channels);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = read_first(&b, &place);
    if (!place.native)
        fail_msg("page %s, place %s is not taken for a scan", s->page ? s->page : "", s->place ? s->place : "");
    assert_int_equal(ocrvl_image_width(img), o < 5 ? WIDTH : HEIGHT);
    assert_int_equal(ocrvl_image_height(img), o < 5 ? HEIGHT : WIDTH);
    assert_int_equal(ocrvl_image_channels(img), channels);
    expect_scan(img, scan, channels, o, 0, 0);
    ocrvl_image_free(img);
    bytes_free(&b);
    free(scan);
}

static ocrvl_image *render_spec(const scan_spec *s, ocrvl_page_place *place)
{
    uint8_t *scan = make_scan(1);
    bytes b = make_pdf(s, scan, WIDTH * HEIGHT);
    ocrvl_image *img = read_first(&b, place);
    bytes_free(&b);
    free(scan);
    return img;
}

/* ---- scans ------------------------------------------------------------------------------------------- */

static void scans_come_as_they_are(void **state)
{
    (void)state;
    scan_spec s = {.image = GREY};
    check_scan(&s, 1, 1);
    s.image = RGB;
    check_scan(&s, 3, 1);
    s.before = "1 1 1 rg 0 0 96 134.4 re f";
    check_scan(&s, 3, 1);
    s.after = "BT 3 Tr /F 9 Tf 10 10 Td (not seen) Tj ET"; /* the text layer of an earlier OCR */
    check_scan(&s, 3, 1);
    ocrvl_page_place place = {.size = sizeof place};
    s = (scan_spec){.image = GREY};
    ocrvl_image *img = render_spec(&s, &place);
    expect_dpi(img, 150, 150, 0.01);
    ocrvl_image_free(img);
    s.media = "0 0 192 134.4";
    s.place = "192 0 0 134.4 0 0";
    img = render_spec(&s, &place);
    assert_true(place.native);
    expect_dpi(img, 75, 150, 0.01);
    ocrvl_image_free(img);
}

static void turned_and_cropped(void **state)
{
    (void)state;
    static const scan_spec specs[] = {
        {.image = GREY, .page = "/Rotate 90"},
        {.image = GREY, .page = "/Rotate 180"},
        {.image = GREY, .page = "/Rotate 270"},
        {.image = GREY, .place = "-96 0 0 134.4 96 0"},
        {.image = GREY, .place = "0 96 -134.4 0 134.4 0", .media = "0 0 134.4 96"},
        {.image = GREY, .place = "0 96 134.4 0 0 0", .media = "0 0 134.4 96"},
        {.image = GREY, .media = "-50 -50 200 300", .page = "/CropBox[10 20 106 154.4]", .place = "96 0 0 134.4 10 20"},
        {.image = GREY,
         .media = "-50 -50 200 300",
         .page = "/CropBox[10 20 106 154.4]/Rotate 90",
         .place = "96 0 0 134.4 10 20"},
        {.image = GREY, .place = "96.4 0 0 134.8 -0.2 -0.2"},
    };
    static const unsigned want[] = {6, 3, 8, 2, 8, 7, 1, 6, 1};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        check_scan(&specs[i], 1, want[i]);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image_free(render_spec(&specs[6], &place));
    static const double box[] = {10, 20, 106, 154.4};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(place.pdf_box[i] - box[i]) < 1e-9);
}

/* The page is shown whole: white is added where the scan doesn't reach. */
static void margins(void **state)
{
    (void)state;
    static const struct {
        const char *media, *place, *page;
        unsigned width, height, orientation, left, top;
    } cases[] = {{"0 0 120 160", "96 0 0 134.4 6 12", "", 250, 333, 1, 13, 28},
                 {"0 0 120 160", "96 0 0 134.4 6 12", "/Rotate 90", 333, 250, 6, 25, 13},
                 {"0 0 100 134.4", "96 0 0 134.4 0 0", "", 208, 280, 1, 0, 0},
                 {"0 0 100 134.4", "96 0 0 134.4 4 0", "", 208, 280, 1, 8, 0},
                 {"0 0 96 141.6", "96 0 0 134.4 0 0", "", 200, 295, 1, 0, 15},
                 {"0 0 96 141.6", "96 0 0 134.4 0 7.2", "", 200, 295, 1, 0, 0}};
    uint8_t *scan = make_scan(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scan_spec s = {.image = GREY, .media = cases[i].media, .place = cases[i].place, .page = cases[i].page};
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = render_spec(&s, &place);
        assert_true(place.native);
        expect_dpi(img, 150, 150, 0.01);
        assert_int_equal(place.width, cases[i].width);
        assert_int_equal(place.height, cases[i].height);
        expect_scan(img, scan, 1, cases[i].orientation, cases[i].left, cases[i].top);
        unsigned x = cases[i].left ? 0 : place.width - 1, y = cases[i].top ? 0 : place.height - 1;
        assert_int_equal(rgb_at(img, x, y, 0), 255);
        ocrvl_image_free(img);
    }
    free(scan);
}

static void other_encodings(void **state)
{
    (void)state;
    uint8_t *scan = make_scan(1), bits[WIDTH / 8 * HEIGHT] = {0}, *bilevel = malloc(WIDTH * HEIGHT);
    assert_non_null(bilevel);
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++) {
        bits[i / 8] |= (uint8_t)((scan[i] > 128) << (7 - i % 8));
        bilevel[i] = scan[i] > 128 ? 255 : 0;
    }
    static const char *const images[] = {"/ColorSpace/DeviceGray/BitsPerComponent 1",
                                         "/ImageMask true/BitsPerComponent 1"};
    for (int i = 0; i < 2; i++) {
        scan_spec s = {.image = images[i]};
        bytes b = make_pdf(&s, bits, sizeof bits);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = read_first(&b, &place);
        assert_true(place.native);
        assert_int_equal(ocrvl_image_channels(img), 1);
        expect_scan(img, bilevel, 1, 1, 0, 0);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
    unsigned long len;
    unsigned char *out = make_jpeg(scan, &len);
    bytes jpeg = {0};
    bytes_put(&jpeg, out, len);
    ocrvl_image *itself = read_first(&jpeg, NULL);
    scan_spec s = {.image = GREY "/Filter/DCTDecode"};
    bytes b = make_pdf(&s, out, len);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = read_first(&b, &place);
    assert_true(place.native);
    expect_scan(img, ocrvl_image_data(itself), 1, 1, 0, 0);
    ocrvl_image_free(img);
    ocrvl_image_free(itself);
    bytes_free(&b);
    bytes_free(&jpeg);
    free(out);
    free(scan);
    free(bilevel);
}

static void originals_are_given_where_they_are_the_page(void **state)
{
    static const struct {
        scan_spec spec;
        bool given;
    } cases[] = {
        {{.image = GREY "/Filter/DCTDecode"}, true},
        {{.image = GREY "/Filter[/DCTDecode]"}, false}, /* a list of filters isn't looked into */
        {{.image = "/ColorSpace[/ICCBased 6 0 R]/BitsPerComponent 8/Filter/DCTDecode"}, false}, /* 6 is no profile */
        {{.image = GREY "/Filter/DCTDecode/Decode[1 0]"}, false},
        {{.image = GREY "/Filter/DCTDecode/Mask[0 3]"}, false},
        {{.image = GREY "/Filter/DCTDecode", .page = "/Rotate 180"}, false},
        {{.image = GREY "/Filter/DCTDecode", .media = "0 0 110 150"}, false}, /* margins */
        {{.image = GREY "/Filter/DCTDecode", .after = "BT /F 8 Tf 30 30 Td (stamp) Tj ET"}, false},
    };
    uint8_t *scan = make_scan(1);
    unsigned long len;
    unsigned char *jpeg = make_jpeg(scan, &len);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int asked = 0; asked < 2; asked++) {
            ocrvl_source_options opt = {.size = sizeof opt, .originals = asked};
            ocrvl_page_place place = {.size = sizeof place};
            bytes b = make_pdf(&cases[i].spec, jpeg, len);
            ocrvl_source *src = open_bytes(&b, &opt);
            ocrvl_image_free(next_page(src, &place));
            if ((place.original != NULL) != (asked && cases[i].given))
                fail_msg("case %zu: %s", i, place.original ? "given" : "not given");
            if (place.original) {
                assert_string_equal(place.original_type, "image/jpeg");
                assert_int_equal(place.original_len, len);
                assert_memory_equal(place.original, jpeg, len);
            }
            ocrvl_source_free(src);
            bytes_free(&b);
        }
    free(jpeg);
    free(scan);
}

/* Whatever is drawn on a scan is part of the page. */
static void what_is_drawn_over_a_scan_is_seen(void **state)
{
    (void)state;
    static const scan_spec specs[] = {
        {.image = GREY, .after = "BT /F 8 Tf 30 30 Td (stamp) Tj ET"},
        {.image = GREY, .after = "1 1 1 rg 20 60 40 20 re f"},          /* blotted out */
        {.image = GREY, .after = "1 1 0 rg 20 4 40 8 re f"},            /* a mark of colour */
        {.image = GREY, .after = "0.5 w 10 6 m 90 6 l S"},              /* a line */
        {.image = GREY, .after = "q 30 0 0 30 50 90 cm /I Do Q"},       /* another picture */
        {.image = GREY, .after = "BT /F 6 Tf 70 4 Td (page 12) Tj ET"}, /* a page number */
        {.image = GREY,
         .page = "/Annots[6 0 R]",
         .more = "<</Type/Annot/Subtype/Square/Rect[10 2 40 12]/C[0 0 0]/F 4>>"},
        {.image = GREY,
         .page = "/Annots[6 0 R]",
         .more =
             "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(filled in)/DA(/Helv 8 Tf 0 g)/Rect[10 2 60 14]/F 4/P 3 0 R>>"},
    };
    ocrvl_page_place place = {.size = sizeof place};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        scan_spec bare = {.image = GREY};
        uint8_t *scan = make_scan(1);
        bytes with = make_pdf(&specs[i], scan, WIDTH * HEIGHT), without = make_pdf(&bare, scan, WIDTH * HEIGHT);
        ocrvl_source_options opt = {.size = sizeof opt, .render_always = true, .dpi = 300};
        ocrvl_source *src = open_bytes(&with, NULL), *ref = open_bytes(&without, &opt);
        ocrvl_image *img = next_page(src, &place), *page = next_page(ref, NULL);
        if (place.native)
            fail_msg("page %zu passes for a bare scan", i);
        expect_dpi(img, 300, 300, 0.01);
        unsigned differ = 0;
        for (uint32_t y = 0; y < place.height; y++)
            for (uint32_t x = 0; x < place.width; x++)
                differ += abs((int)rgb_at(img, x, y, 2) - (int)rgb_at(page, x, y, 2)) > 60;
        assert_true(differ > 100);
        ocrvl_image_free(img);
        ocrvl_image_free(page);
        ocrvl_source_free(src);
        ocrvl_source_free(ref);
        bytes_free(&with);
        bytes_free(&without);
        free(scan);
    }
    scan_spec hidden = {.image = GREY,
                        .page = "/Annots[6 0 R]", /* not shown, so not there */
                        .more = "<</Type/Annot/Subtype/Square/Rect[10 2 40 12]/C[0 0 0]/F 2>>"};
    check_scan(&hidden, 1, 1);
}

/* A picture that fills the page isn't the page if it is too coarse for print, or if there is print on it. */
static void backgrounds_are_not_scans(void **state)
{
    static const struct {
        int width, height;
        const char *colour;
        bool noisy;
    } cases[] = {{1, 1, "0", false},   {8, 8, "0", false},    {256, 1, "0", false},       {1, 256, "0", false},
                 {40, 56, "0", false}, {200, 20, "0", false}, {WIDTH, HEIGHT, "0", true}, {WIDTH, HEIGHT, "1", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        uint32_t seed = 5;
        size_t len = (size_t)cases[i].width * (size_t)cases[i].height;
        uint8_t *ground = malloc(len);
        assert_non_null(ground);
        for (size_t k = 0; k < len; k++) /* the grain of a photograph */
            ground[k] = cases[i].noisy ? (uint8_t)(100 + next_random(&seed) % 60) : 230;
        snprintf(text, sizeof text, "%s g BT /F 9 Tf 10 60 Td (The minutes of) Tj 0 -20 Td (it) Tj ET",
                 cases[i].colour);
        scan_spec s = {.image = GREY, .after = text, .width = cases[i].width, .height = cases[i].height};
        bytes b = make_pdf(&s, ground, len);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = read_first(&b, &place);
        if (place.native)
            fail_msg("case %zu passes for a bare scan", i);
        unsigned ink = 0, other = 0; /* on the line of print, and as high a strip without any */
        double scale = place.height / 134.4;
        for (uint32_t y = (uint32_t)(65 * scale); y < (uint32_t)(75 * scale); y++)
            for (uint32_t x = 0; x < place.width; x++) {
                uint32_t above = y - (uint32_t)(40 * scale);
                ink += cases[i].colour[0] == '0' ? rgb_at(img, x, y, 0) < 60 : rgb_at(img, x, y, 0) > 200;
                other += cases[i].colour[0] == '0' ? rgb_at(img, x, above, 0) < 60 : rgb_at(img, x, above, 0) > 200;
            }
        if (ink < 300 || other > ink / 10)
            fail_msg("case %zu: %u pixels of ink on the line, %u beside it", i, ink, other);
        ocrvl_image_free(img);
        bytes_free(&b);
        free(ground);
    }
}

static void asked_to_render(void **state)
{
    (void)state;
    uint8_t *scan = make_scan(1);
    scan_spec s = {.image = GREY, .page = "/Rotate 90"};
    bytes b = make_pdf(&s, scan, WIDTH * HEIGHT);
    ocrvl_source_options opt = {.size = sizeof opt, .render_always = true};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *src = open_bytes(&b, &opt);
    ocrvl_image *img = next_page(src, &place);
    assert_false(place.native);
    assert_int_equal(place.width, 560);
    assert_int_equal(place.height, 400);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
    free(scan);
}

/* ---- rendering --------------------------------------------------------------------------------------- */

static cairo_status_t take(void *closure, const unsigned char *data, unsigned len)
{
    bytes_put(closure, data, len);
    return CAIRO_STATUS_SUCCESS;
}

/* Pages of 200 x 100 points with 40 letters of each size given, 0 ends. */
static bytes make_text(const double *sizes, double grey, double red)
{
    bytes b = {0};
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(take, &b, 200, 100);
    cairo_t *cr = cairo_create(s);
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_source_rgb(cr, red > 0 ? red : grey, grey, grey);
    for (; *sizes > 0; sizes++) {
        cairo_set_font_size(cr, *sizes);
        for (int i = 0; i < 8; i++) {
            cairo_move_to(cr, 5, 10 + 10 * i);
            cairo_show_text(cr, "xxxxx");
        }
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(s);
    return b;
}

static void resolution_by_text(void **state)
{
    (void)state;
    static const double sizes[] = {10, 5, 3, 7.2, 12, 30, 0}, want[] = {300, 600, 600, 425, 250, 150};
    bytes b = make_text(sizes, 0, 0);
    ocrvl_source *src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 6);
    for (size_t i = 0; i < 6; i++) {
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = next_page(src, &place);
        expect_dpi(img, want[i], want[i], 0.01);
        assert_int_equal(place.width, floor(200 * want[i] / 72 + 0.5));
        assert_int_equal(place.height, floor(100 * want[i] / 72 + 0.5));
        assert_false(place.native);
        assert_null(place.label);
        assert_int_equal(ocrvl_image_channels(img), 1);
        assert_int_equal(rgb_at(img, 0, 0, 0), 255);
        if (i == 0) { /* an x at its place: from 5 points on, its foot at 10 */
            unsigned dark = 0;
            for (uint32_t y = 21; y < 42; y++)
                for (uint32_t x = 20; x < 50; x++)
                    dark += rgb_at(img, x, y, 0) < 100;
            assert_true(dark > 50);
        }
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    ocrvl_source_options opt = {.size = sizeof opt, .dpi = 100, .first_page = 2, .last_page = 2};
    src = open_bytes(&b, &opt);
    ocrvl_image *img = next_page(src, NULL);
    expect_dpi(img, 100, 100, 0.01);
    assert_int_equal(ocrvl_image_width(img), 278);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
}

/* What the document says stands on the page comes with it, if asked for. */
static void text_layers(void **state)
{
    (void)state;
    static const double sizes[] = {10, 0};
    bytes b = make_text(sizes, 0, 0);
    for (int asked = 0; asked < 2; asked++) {
        ocrvl_source_options opt = {.size = sizeof opt, .text_layer = asked};
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_source *src = open_bytes(&b, &opt);
        ocrvl_image *img = next_page(src, &place);
        if (asked)
            assert_non_null(strstr(place.text_layer, "xxxxx"));
        else
            assert_null(place.text_layer);
        assert_int_equal(place.text_place_count, asked ? 8 : 0);
        /* lines begin at 5 and every 10 points, rendered at 300 dpi */
        for (size_t i = 0; i < place.text_place_count; i++) {
            ocrvl_box box = place.text_places[i].box;
            int32_t baseline = (int32_t)(10 + 10 * i) * 300 / 72;
            assert_string_equal(place.text_places[i].text, "xxxxx");
            assert_true(box.x0 >= 18 && box.x0 <= 24 && box.x1 > box.x0 + 60 && box.x1 < box.x0 + 160);
            assert_true(box.y0 < baseline - 15 && box.y1 >= baseline && box.y1 < baseline + 30);
        }
        ocrvl_image_free(img);
        ocrvl_source_free(src);
    }
    bytes_free(&b);
}

/* A few characters in smaller type than the rest don't count: footnote marks, microprint. */
static void a_little_small_text(void **state)
{
    (void)state;
    static const struct {
        int small;
        double dpi;
    } cases[] = {{0, 250}, {3, 250}, {30, 500}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdf p;
        char text[512];
        begin_page(&p, "", "/MediaBox[0 0 2400 100]/Resources<<" HELVETICA ">>");
        int n = snprintf(text, sizeof text, "BT /F 12 Tf 9 30 Td (%0*d) Tj /F 6 Tf 0 30 Td (%.*s) Tj ET", 300, 0,
                         cases[i].small, "123456789012345678901234567890");
        object(&p, "<<", text, (size_t)n);
        end(&p);
        ocrvl_image *img = read_first(&p.b, NULL);
        expect_dpi(img, cases[i].dpi, cases[i].dpi, 0.01);
        ocrvl_image_free(img);
        bytes_free(&p.b);
    }
}

/* Scans in strips or layers aren't taken apart, but keep their resolution, in whole steps. */
static void resolution_by_pictures(void **state)
{
    (void)state;
    static const struct {
        const char *media, *place, *after;
        double dpi;
    } cases[] = {{"0 0 96 134.4", "96 0 0 67.2 0 67.2", "q 96 0 0 67.2 0 0 cm /I Do Q", 300}, /* 150 x 300 dpi twice */
                 {"0 0 48 67.2", "48 0 0 33.6 0 33.6", "q 48 0 0 33.6 0 0 cm /I Do Q", 425},  /* 424 */
                 {"0 0 48 67.2", "48 0 0 67.2 0 0", "q 48 0 0 67.2 0 0 cm /I Do Q 0 0 m 48 60 l S", 300},
                 {"0 0 24 33.6", "24 0 0 33.6 0 0", "q 24 0 0 33.6 0 0 cm /I Do Q 0 0 m 24 30 l S", 600},
                 {"0 0 24 33.6", "12 0 0 16.8 0 0", "", 300}}; /* an illustration */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scan_spec s = {.image = GREY, .media = cases[i].media, .place = cases[i].place, .after = cases[i].after};
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = render_spec(&s, &place);
        assert_false(place.native);
        expect_dpi(img, cases[i].dpi, cases[i].dpi, 0.01);
        ocrvl_image_free(img);
    }
}

static void colour_only_where_there_is_some(void **state)
{
    (void)state;
    static const double sizes[] = {10, 0};
    bytes b = make_text(sizes, 0.5, 0);
    ocrvl_image *img = read_first(&b, NULL);
    assert_int_equal(ocrvl_image_channels(img), 1);
    ocrvl_image_free(img);
    bytes_free(&b);
    b = make_text(sizes, 0, 1);
    img = read_first(&b, NULL);
    assert_int_equal(ocrvl_image_channels(img), 3);
    ocrvl_image_free(img);
    bytes_free(&b);
}

/* Rather less resolution than no page, and it is said. */
static void limit_of_pixels(void **state)
{
    (void)state;
    static const double sizes[] = {10, 0};
    bytes b = make_text(sizes, 0, 0);
    ocrvl_source_options opt = {.size = sizeof opt, .max_pixels = 20000};
    ocrvl_source *src = open_bytes(&b, &opt);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = next_page(src, &place);
    assert_true(place.width * place.height <= 20000 && place.width * place.height > 19000);
    expect_dpi(img, place.width / 200.0 * 72, place.width / 200.0 * 72, 0.3);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
    scan_spec s = {.image = GREY, .media = "0 0 14400 14400"};
    img = render_spec(&s, &place); /* 200 inches: more than cairo's surfaces hold at 300 dpi */
    assert_true(place.width < 32767 && (uint64_t)place.width * place.height <= 400000000);
    ocrvl_image_free(img);
    uint8_t *scan = make_scan(1);
    s.media = NULL;
    b = make_pdf(&s, scan, WIDTH * HEIGHT);
    opt.max_pixels = WIDTH * HEIGHT - 1; /* a scan's own pixels can't be fewer */
    expect_error(&b, &opt, OCRVL_E_LIMIT, "200 x 280");
    opt.render_always = true;
    src = open_bytes(&b, &opt);
    img = next_page(src, &place);
    assert_true(place.width * place.height < WIDTH * HEIGHT);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
    free(scan);
}

/* A page that shows a picture whose dictionary has this in it, through a form, and one with another picture. */
static pdf begin_bomb(const char *dict)
{
    static const uint8_t black[8] = {0};
    char text[200];
    pdf p;
    begin(&p);
    object(&p, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
    object(&p, "<</Type/Pages/Kids[3 0 R 7 0 R]/Count 2/Resources<</XObject<</I 9 0 R/J 10 0 R>>>>>>", NULL, 0);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 4 0 R>>", NULL, 0);
    object(&p, "<<", "/I Do", 5);
    snprintf(text, sizeof text, "<<%s/BitsPerComponent 1/ColorSpace/DeviceGray", dict);
    object(&p, text, "", 0);
    object(&p, "<<", "36 0 0 36 0 0 cm /J Do", 22);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 6 0 R>>", NULL, 0);
    object(&p, "30000", NULL, 0);
    object(&p, "<</Subtype/Form/BBox[0 0 72 72]/Resources<</XObject<</K 5 0 R/L 9 0 R>>>>", "72 0 0 72 0 0 cm /K Do",
           22);
    object(&p, "<</Subtype/Image/Width 8/Height 8/BitsPerComponent 1/ColorSpace/DeviceGray", black, 8);
    end(&p);
    return p;
}

/* A picture of 900 million pixels is not decoded, however its size is written, and the next page is none the worse for
 * it. */
static void picture_bombs(void **state)
{
    (void)state;
    static const char *const dicts[] = {
        "/Subtype/Image/Width 30000/Height 30000", "/Subtype/Image/W#69dth 30000/Height 30000",
        "/Subtype/Image/Width 8 0 R/Height 30000", "/S#75btype/#49mage/#57idth 8 0 R/#48eight 8 0 R",
        "/Subtype/Image/Height 8 0 R/Filler[[[(a)]]]/Width 30000.0"};
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++) {
        pdf p = begin_bomb(dicts[i]);
        expect_error(&p.b, NULL, OCRVL_E_LIMIT, "a picture of 30000 x 30000 pixels is over the limit");
        ocrvl_source_options own = {.size = sizeof own, .own_text = true, .small_images = true};
        expect_error(&p.b, &own, OCRVL_E_LIMIT, "a picture of 30000 x 30000 pixels is over the limit");
        ocrvl_source_options opt = {.size = sizeof opt, .first_page = 2};
        ocrvl_source *src = open_bytes(&p.b, &opt);
        ocrvl_image *img = next_page(src, NULL);
        assert_int_equal(rgb_at(img, 100, 200, 0), 0);
        ocrvl_image_free(img);
        ocrvl_source_free(src);
        bytes_free(&p.b);
    }
}

/* A picture that is too wide to be drawn is told of, and the page is there. In a decoder, as poppler 22.12 doesn't give
 * back the 160 bytes of a surface that it leaves out. */
static void picture_left_out(void **state)
{
    (void)state;
    pdf p = begin_bomb("/Subtype/Image/Width 40000/Height 100");
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source_options opt = {.size = sizeof opt};
    assert_ok(ocrvl_decoders_new(&opt.decoders, err));
    ocrvl_source *src = open_bytes(&p.b, &opt);
    ocrvl_image *img = next_page(src, &place);
    assert_int_equal(ocrvl_image_width(img), 300);
    assert_non_null(place.damage);
    assert_non_null(strstr(place.damage, "a picture of 40000 x 100 pixels is missing"));
    ocrvl_image_free(img);
    img = next_page(src, &place);
    assert_null(place.damage);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    ocrvl_decoders_free(opt.decoders);
    bytes_free(&p.b);
}

/* A page that is wider than any surface is drawn in parts: a bar runs through their seam at 8192. */
static void wide_page(void **state)
{
    (void)state;
    pdf p;
    begin_page(&p, "", "/MediaBox[0 0 9000 72]");
    object(&p, "<<", "1920 36 96 36 re 8976 0 24 72 re f", 34);
    end(&p);
    ocrvl_source_options opt = {.size = sizeof opt, .dpi = 300, .render_always = true};
    ocrvl_source *src = open_bytes(&p.b, &opt);
    ocrvl_image *img = next_page(src, NULL);
    assert_int_equal(ocrvl_image_width(img), 37500);
    assert_int_equal(ocrvl_image_height(img), 300);
    expect_dpi(img, 300, 300, 0.01);
    for (uint32_t x = 7900; x < 8500; x++) {
        assert_int_equal(rgb_at(img, x, 75, 0), x >= 8000 && x < 8400 ? 0 : 255);
        assert_int_equal(rgb_at(img, x, 225, 0), 255);
    }
    assert_int_equal(rgb_at(img, 37399, 299, 0), 255);
    assert_int_equal(rgb_at(img, 37400, 299, 0), 0);
    assert_int_equal(rgb_at(img, 37499, 0, 0), 0);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&p.b);
}

/* ---- documents --------------------------------------------------------------------------------------- */

static void labels_and_lost_pages(void **state)
{
    (void)state;
    pdf p;
    begin(&p);
    object(&p, "<</Type/Catalog/Pages 2 0 R/PageLabels<</Nums[0<</S/r>>2<</S/D>>]>>>>", NULL, 0);
    object(&p, "<</Type/Pages/Kids[3 0 R 9 0 R 5 0 R]/Count 3>>", NULL, 0);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 4 0 R>>", NULL, 0);
    object(&p, "<<", "0 0 36 36 re f", 14);
    object(&p, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 144]/Contents 4 0 R>>", NULL, 0);
    end(&p);
    ocrvl_source *src = open_bytes(&p.b, NULL);
    ocrvl_page_place place = {.size = sizeof place};
    assert_int_equal(ocrvl_source_count(src), 3);
    ocrvl_image *img = next_page(src, &place);
    assert_string_equal(place.label, "i");
    assert_int_equal(place.pages, 3);
    assert_int_equal(place.height, 300);
    assert_int_equal(rgb_at(img, 100, 200, 0), 0);
    assert_int_equal(rgb_at(img, 100, 100, 0), 255);
    assert_int_equal(rgb_at(img, 200, 200, 0), 255);
    ocrvl_image_free(img);
    img = next_page(src, &place); /* poppler moves up what comes after the lost page */
    assert_string_equal(place.label, "ii");
    assert_int_equal(place.index, 1);
    assert_int_equal(place.height, 600);
    ocrvl_image_free(img);
    ocrvl_error e;
    assert_int_equal(ocrvl_source_next(src, &img, &place, &e), OCRVL_E_FORMAT);
    assert_non_null(strstr(e.message, "missing from the file"));
    assert_null(img);
    assert_int_equal(place.index, 2);
    assert_null(next_page(src, &place));
    ocrvl_source_free(src);
    bytes_free(&p.b);
}

/* Of a file that was cut there is what is found in it. That it isn't all is said of the page, or after it. */
static void cut_files(void **state)
{
    (void)state;
    uint8_t *scan = make_scan(1);
    scan_spec s = {.image = GREY};
    bytes b = make_pdf(&s, scan, WIDTH * HEIGHT);
    free(scan);
    for (size_t len = b.len - 400; len > b.len / 2; len -= 5000) {
        bytes part = {.data = b.data, .len = len};
        ocrvl_error e = {0};
        bool told = false;
        ocrvl_source *src;
        if (ocrvl_source_open_memory(&src, part.data, part.len, "test", NULL, &e) == OCRVL_OK) {
            ocrvl_image *img;
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_status last = OCRVL_OK;
            uint64_t n = ocrvl_source_count(src);
            for (uint64_t i = 0; i < n; i++) {
                last = ocrvl_source_next(src, &img, &place, &e);
                ocrvl_image_free(img);
                told |= !last && place.damage;
            }
            told |= last == OCRVL_E_FORMAT && strstr(e.message, "the end of the file is missing");
            assert_true(told);
            assert_null(next_page(src, NULL));
            ocrvl_source_free(src);
        } else
            assert_int_equal(e.status, OCRVL_E_FORMAT);
    }
    bytes_puts(&b, "<!-- a web server's farewell -->\n");
    ocrvl_source *src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 1);
    ocrvl_source_free(src);
    bytes_free(&b);
}

/* qpdf --encrypt secret owner 256 -- of a page with a black square. */
static void passwords(void **state)
{
    (void)state;
    bytes b = bytes_load("tests/fuzz/corpus/source/encrypted.pdf");
    expect_error(&b, NULL, OCRVL_E_PASSWORD, "needs a password");
    ocrvl_source_options opt = {.size = sizeof opt, .password = "guess"};
    expect_error(&b, &opt, OCRVL_E_PASSWORD, "the password is wrong");
    static const char *const right[] = {"secret", "owner"};
    for (int i = 0; i < 2; i++) {
        opt.password = right[i];
        ocrvl_source *src = open_bytes(&b, &opt);
        ocrvl_image *img = next_page(src, NULL);
        assert_int_equal(rgb_at(img, 100, 200, 0), 0);
        ocrvl_image_free(img);
        ocrvl_source_free(src);
    }
    bytes_free(&b);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    bytes b = {0};
    bytes_puts(&b, "%PDF-1.4\nnothing more");
    expect_error(&b, NULL, OCRVL_E_FORMAT, "PDF");
    bytes_free(&b);
    bytes_puts(&b, "some bytes before the mark %PDF-1.4\n");
    expect_error(&b, NULL, OCRVL_E_FORMAT, "PDF");
    bytes_free(&b);
    pdf p;
    begin(&p);
    object(&p, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
    object(&p, "<</Type/Pages/Kids[]/Count 0>>", NULL, 0);
    end(&p);
    expect_error(&p.b, NULL, OCRVL_E_FORMAT, "PDF");
    bytes_free(&p.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scans_come_as_they_are),
        cmocka_unit_test(turned_and_cropped),
        cmocka_unit_test(margins),
        cmocka_unit_test(other_encodings),
        cmocka_unit_test(originals_are_given_where_they_are_the_page),
        cmocka_unit_test(what_is_drawn_over_a_scan_is_seen),
        cmocka_unit_test(backgrounds_are_not_scans),
        cmocka_unit_test(asked_to_render),
        cmocka_unit_test(resolution_by_text),
        cmocka_unit_test(text_layers),
        cmocka_unit_test(a_little_small_text),
        cmocka_unit_test(resolution_by_pictures),
        cmocka_unit_test(colour_only_where_there_is_some),
        cmocka_unit_test(limit_of_pixels),
        cmocka_unit_test(picture_bombs),
        cmocka_unit_test(picture_left_out),
        cmocka_unit_test(wide_page),
        cmocka_unit_test(labels_and_lost_pages),
        cmocka_unit_test(cut_files),
        cmocka_unit_test(passwords),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
