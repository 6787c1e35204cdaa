#include "read/check_boxes.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "layout/check_box.h"

enum { MOST_LETTERS = 3 };

const char *ocrvl_check_box_text(bool checked) { return checked ? "\u2611" : "\u2610"; }

ocrvl_status ocrvl_put_check_boxes(ocrvl_result *r, size_t line, size_t first, ocrvl_error *err)
{
    for (size_t i = first; i < r->count; i++) {
        ocrvl_result_word *w = &r->words[i];
        bool checked;
        if (w->box.x1 <= w->box.x0 || ocrvl_utf8_count(w->text, strlen(w->text)) > MOST_LETTERS ||
            !ocrvl_is_check_box(r->layout, line, w->box, &checked))
            continue;
        char *text = ocrvl_strdup(ocrvl_check_box_text(checked));
        if (!text)
            return ocrvl_fail_nomem(err);
        ocrvl_text_free(w->text);
        w->text = text;
    }
    return OCRVL_OK;
}

bool ocrvl_is_check_box_text(const char *s) { return strcmp(s, "\u2610") == 0 || strcmp(s, "\u2611") == 0; }

bool ocrvl_are_check_boxes(const ocrvl_result *r, size_t first)
{
    for (size_t i = first; i < r->count; i++)
        if (!ocrvl_is_check_box_text(r->words[i].text))
            return false;
    return r->count > first;
}

bool ocrvl_begins_with_check_box(const char *s)
{
    return strncmp(s, "\u2610", 3) == 0 || strncmp(s, "\u2611", 3) == 0 || strncmp(s, "\u2612", 3) == 0;
}
