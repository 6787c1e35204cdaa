/* Damaged PDFs and what is expected of them. */
#ifndef OCRVL_TESTS_DAMAGED_H
#define OCRVL_TESTS_DAMAGED_H

#include "pdfs.h"

/* The first page; *said is set to what of it is said to be missing, "" for nothing. */
static inline ocrvl_image *read_damaged(const bytes *b, char said[500])
{
    ocrvl_source *s = open_bytes(b, NULL);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = next_page(s, &place);
    assert_int_equal(ocrvl_source_count(s), 1);
    assert_non_null(img);
    snprintf(said, 500, "%s", place.damage ? place.damage : "");
    ocrvl_source_free(s);
    return img;
}

static inline void expect_same(const ocrvl_image *a, const ocrvl_image *b, const char *what)
{
    uint32_t w = ocrvl_image_width(a), h = ocrvl_image_height(a), n = ocrvl_image_channels(a);
    if (w != ocrvl_image_width(b) || h != ocrvl_image_height(b) || n != ocrvl_image_channels(b))
        fail_msg("%s: the page is of %u x %u pixels, not %u x %u", what, ocrvl_image_width(b), ocrvl_image_height(b), w,
                 h);
    if (memcmp(ocrvl_image_data(a), ocrvl_image_data(b), (size_t)w * h * n) != 0)
        fail_msg("%s: the page looks otherwise", what);
}

/* The damaged page looks like the sound one, and nothing of it is missing. */
static inline void expect_mended(const bytes *sound, const bytes *damaged, const char *what)
{
    char said[500];
    ocrvl_image *a = read_damaged(sound, said);
    assert_string_equal(said, "");
    ocrvl_image *b = read_damaged(damaged, said);
    if (said[0])
        fail_msg("%s: %s", what, said);
    expect_same(a, b, what);
    ocrvl_image_free(a);
    ocrvl_image_free(b);
}

static inline void expect_said(const bytes *b, const char *part, const char *what)
{
    char said[500];
    ocrvl_image_free(read_damaged(b, said));
    if (part ? !strstr(said, part) : said[0] != '\0')
        fail_msg("%s: said is '%s', not '%s'", what, said, part ? part : "");
}

/* A page with this content, and font F and form X in its resources, and 7 and 8 as more objects. */
static inline bytes make_page(const char *content, const char *page, const char *form)
{
    pdf p;
    char text[600];
    snprintf(text, sizeof text, "%s/Resources<</Font<</F 6 0 R>>/XObject<</X 5 0 R>>>>",
             page ? page : "/MediaBox[0 0 200 100]");
    begin_page(&p, "", text);
    object(&p, "<<", content, strlen(content));
    object(&p, "<</Type/XObject/Subtype/Form/BBox[0 0 200 100]/Resources<<>>", form ? form : "",
           form ? strlen(form) : 0);
    object(&p, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", NULL, 0);
    end(&p);
    return p.b;
}

#define PRINT "BT /F 12 Tf 10 50 Td (The minutes) Tj ET "

#endif
