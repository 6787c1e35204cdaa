#include "read/numbers.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/number_marks.h"

/* Of a word of figures with at most one mark between them: how many figures, and the mark's place, 0 for none; false:
 * it is no such word. */
static bool is_number(const char *s, size_t *figures, size_t *mark)
{
    size_t n = strspn(s, "0123456789"), more = s[n] ? strspn(s + n + 1, "0123456789") : 0;
    *mark = s[n] ? n : 0;
    *figures = n + more;
    return n > 0 && (s[n] == '\0' || (strchr(".,:", s[n]) && more > 0 && s[n + 1 + more] == '\0'));
}

ocrvl_status ocrvl_put_number_marks(ocrvl_result *r, size_t line, size_t first, ocrvl_error *err)
{
    for (size_t i = first; i < r->count; i++) {
        ocrvl_result_word *w = &r->words[i];
        size_t figures, mark, at, n = strlen(w->text);
        bool comma;
        if (w->box.x1 <= w->box.x0 || !is_number(w->text, &figures, &mark) ||
            !(at = ocrvl_find_number_mark(r->layout, line, w->box, figures, &comma)) || (mark && mark != at))
            continue;
        if (!mark) {
            char *text = ocrvl_realloc_array(w->text, n + 2, 1);
            if (!text)
                return ocrvl_fail_nomem(err);
            memmove(text + at + 1, text + at, n - at + 1);
            w->text = text;
        }
        w->text[at] = comma ? ',' : '.';
    }
    return OCRVL_OK;
}
