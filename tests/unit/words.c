/* Words, scripts, languages and directions of text. */
#include "testing.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/words.h"

/* The words with | between them; checks that both kinds of offsets say the same. */
static void assert_words(const char *text, const char *want)
{
    ocrvl_word_span *words;
    size_t count, n = strlen(text), last = 0;
    ocrvl_buf b = {0};
    assert_ok(ocrvl_text_words(text, n, &words, &count, err));
    for (size_t i = 0; i < count; i++) {
        const ocrvl_word_span *w = &words[i];
        assert_true(w->byte_start >= last && w->byte_start < w->byte_end && w->byte_end <= n);
        assert_int_equal(w->cp_start, ocrvl_utf8_count(text, w->byte_start));
        assert_int_equal(w->cp_end, ocrvl_utf8_count(text, w->byte_end));
        last = w->byte_end;
        if (i)
            ocrvl_buf_putc(&b, '|');
        ocrvl_buf_put(&b, text + w->byte_start, w->byte_end - w->byte_start);
    }
    assert_string_equal(b.data ? b.data : "", want);
    ocrvl_buf_free(&b);
    ocrvl_free(words);
}

static void spaced_scripts(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words(" \t\n\r", "");
    assert_words("one", "one");
    assert_words("  Don't stop, (really) - no.  ", "Don't|stop,|(really)|-|no.");
    assert_words("foo-bar.baz@x.org/a?b=1", "foo-bar.baz@x.org/a?b=1");
    assert_words("12,50\u00A0€\u3000neu\u2003x\xC2\x85"
                 "y",
                 "12,50|€|neu|x|y");                    /* all of White_Space */
    assert_words("zero\u200Bwidth", "zero\u200Bwidth"); /* not white space */
    assert_words("Привет, мир! Καλημέρα κόσμε·", "Привет,|мир!|Καλημέρα|κόσμε·");
    assert_words("שלום עולם. مرحبا بالعالم؟", "שלום|עולם.|مرحبا|بالعالم؟");
    assert_words("한국어는 띄어쓰기를 한다.", "한국어는|띄어쓰기를|한다.");
    assert_words("cafe\u0301 \U0001F469\u200D\U0001F680 ok", "cafe\u0301|\U0001F469\u200D\U0001F680|ok");
}

static void unspaced_scripts(void **state)
{
    (void)state;
    assert_words("東京、大阪。", "東京、|大阪。");
    assert_words("私は「東京」に行く。", "私|は|「東京」|に|行く。");
    assert_words("你好世界", "你好|世界");
    assert_words("ภาษาไทย", "ภาษา|ไทย");
    assert_words("สวัสดีครับ", "สวัสดี|ครับ");
    assert_words("ພາສາລາວ", "ພາສາ|ລາວ");
    assert_words("ខ្ញុំស្រឡាញ់អ្នក", "ខ្ញុំ|ស្រឡាញ់|អ្នក");
    assert_words("foo-bar.x東京baz", "foo-bar.x|東京|baz"); /* Latin stays whole beside it */
    assert_words("サーバーerror", "サーバー|error");
    assert_words("\U00020000\U00020001 x", "\U00020000|\U00020001|x"); /* beyond the BMP */
}

static void ill_formed(void **state)
{
    ocrvl_word_span *words;
    size_t count;
    (void)state;
    assert_ok(ocrvl_text_words("a\xFF \xE6\x9D\xB1\xE4\xBA", 8, &words, &count, err));
    assert_int_equal(count, 2);
    assert_int_equal(words[0].byte_end, 2);
    assert_int_equal(words[1].byte_start, 3);
    assert_int_equal(words[1].byte_end, 8);
    assert_int_equal(words[1].cp_end, 5);
    ocrvl_free(words);
    assert_ok(ocrvl_text_words(NULL, 0, &words, &count, err));
    assert_int_equal(count, 0);
    ocrvl_free(words);
}

static void no_memory(void **state)
{
    static const char text[] = "eins zwei 東京、大阪。 a b c d e f g h i j k l m n o p q r s t u v w x y z";
    ocrvl_word_span *words;
    size_t count;
    long n = 1;
    (void)state;
    for (;; n++) {
        ocrvl_error e;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_text_words(text, strlen(text), &words, &count, &e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            break;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(words);
    }
    assert_true(n > 3);
    assert_int_equal(count, 30);
    ocrvl_free(words);
}

static const char *lang(const char *s) { return ocrvl_text_language(s, strlen(s)); }

static const char *script(const char *s) { return ocrvl_text_script(s, strlen(s)); }

static int direction(const char *s) { return (int)ocrvl_text_direction(s, strlen(s)); }

static void languages(void **state)
{
    (void)state;
    assert_string_equal(lang("Καλημέρα, world"), "el");
    assert_string_equal(lang("שלום"), "he");
    assert_string_equal(lang("გამარჯობა"), "ka");
    assert_string_equal(lang("Բարեւ"), "hy");
    assert_string_equal(lang("ไทย"), "th");
    assert_string_equal(lang("한국어 漢字"), "ko");
    assert_string_equal(lang("東京都に行く"), "ja");
    assert_string_equal(lang("日本国憲法の"), "ja");
    assert_string_equal(lang("コンピューター"), "ja");
    assert_null(lang("東京"));
    assert_null(lang("The letter α is Greek"));
    assert_null(lang("the letter の is kana"));
    assert_null(lang("Привет"));
    assert_null(lang("مرحبا"));
    assert_null(lang("नमस्ते"));
    assert_null(lang("12.5 %"));
    assert_null(lang(""));
}

static void scripts(void **state)
{
    (void)state;
    assert_string_equal(script("abc 123"), "Latn");
    assert_string_equal(script("Привет x"), "Cyrl");
    assert_string_equal(script("東京"), "Hani");
    assert_string_equal(script("ab яю"), "Latn"); /* of equals the first */
    assert_string_equal(script("яю ab"), "Cyrl");
    assert_null(script("12 + 3 = 15 \xFF"));
    assert_null(script(""));
}

static void directions(void **state)
{
    (void)state;
    assert_int_equal(direction("12 (abc) שלום"), OCRVL_DIR_LTR);
    assert_int_equal(direction("12 שלום abc"), OCRVL_DIR_RTL);
    assert_int_equal(direction("\"مرحبا\""), OCRVL_DIR_RTL);
    assert_int_equal(direction("12 + 3"), OCRVL_DIR_NONE);
    assert_int_equal(direction(""), OCRVL_DIR_NONE);
}

static bool is_of(const char *text, const char *scripts) { return ocrvl_text_is_of(text, strlen(text), scripts); }

static void own_scripts(void **state)
{
    (void)state;
    assert_true(is_of("שלום OpenDocs", "Arab Hebr"));
    assert_false(is_of("Latin words and one ب", "Arab Hebr"));
    assert_true(is_of("Latin words", "Latn Grek Cyrl"));
    assert_true(is_of("٢٠٤٨", "Arab Hebr"));
    assert_false(is_of("2048", "Arab Hebr"));
    assert_true(is_of("2048", "Latn"));
    assert_true(is_of("— *", "Arab Hebr"));
    assert_true(is_of("", "Arab"));
    assert_true(is_of("汉字", "Hans Hant"));
    assert_true(is_of("かな漢字", "Jpan"));
    assert_true(is_of("한글", "Kore"));
    assert_false(is_of("한글", "Hans"));
    assert_false(is_of("a\xff\xfe", "Arab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spaced_scripts), cmocka_unit_test(unspaced_scripts), cmocka_unit_test(ill_formed),
        cmocka_unit_test(no_memory),      cmocka_unit_test(languages),        cmocka_unit_test(scripts),
        cmocka_unit_test(directions),     cmocka_unit_test(own_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
