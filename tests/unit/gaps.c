/* Readings with more or fewer words than their strip. */
#include "testing.h"

#include <string.h>

#include "base/mem.h"
#include "read/gaps.h"

enum { HEIGHT = 28, WIDTH = 560, LETTER = 7, WITHIN = 2 };

/* Draws words of so many letters, 0 ends them, with `between` columns between two words; widths of 28. */
static void draw(ocrvl_strip *s, const int *letters, uint32_t between)
{
    uint32_t x = 9;
    *s = (ocrvl_strip){.width = WIDTH, .height = HEIGHT, .grey = ocrvl_alloc_array((size_t)WIDTH * HEIGHT, 1)};
    assert_non_null(s->grey);
    memset(s->grey, 230, (size_t)WIDTH * HEIGHT);
    for (; *letters; letters++, x += between - WITHIN)
        for (int i = 0; i < *letters; i++, x += LETTER + WITHIN)
            for (uint32_t y = 8; y < 20; y++)
                memset(s->grey + (size_t)y * WIDTH + x, 30, LETTER);
}

static void assert_fit(bool want, const int *letters, uint32_t between, const char *text)
{
    ocrvl_strip s;
    bool fit;
    draw(&s, letters, between);
    assert_ok(ocrvl_words_fit_gaps(&fit, &s, text, strlen(text), err));
    if (fit != want)
        fail_msg("\"%s\": %s", text, fit ? "fits" : "doesn't fit");
    ocrvl_free(s.grey);
}

static void words(void **state)
{
    (void)state;
    static const int five[] = {2, 5, 5, 3, 12, 0}, view[] = {2, 4, 6, 9, 0}, one[] = {7, 0};
    assert_fit(true, five, 6, "Os itens devem ser selecionados");
    assert_fit(false, five, 6, "Os itens devem selecionados");
    assert_fit(false, five, 6, "Os devem selecionados");
    assert_fit(false, five, 6, "Ositensdevem selecionados");
    assert_fit(true, view, 6, "et view Viewet definerer");
    assert_fit(false, view, 6, "et view view Viewet definerer");
    assert_fit(false, view, 6, "et view definerer");
    assert_fit(true, one, 6, "devemse");
}

/* Gaps that might be either prove nothing; words set close have fewer wide gaps than spaces. */
static void unclear(void **state)
{
    (void)state;
    static const int five[] = {2, 5, 5, 3, 12, 0};
    assert_fit(true, five, 3, "Os itens devem selecionados");
    assert_fit(true, five, 6, "Os itens devem ser selecio nados");
    assert_fit(true, five, 6, "\u4E00\u4E8C\u4E09 \u56DB\u4E94");
    assert_fit(true, (const int[]){0}, 6, "nothing there");
    assert_fit(true, five, 6, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(unclear)};
    return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
