#include "read/thinking.h"

#include <string.h>

#include "base/error.h"
#include "read/growing.h"

static size_t after_spaces(const char *s, size_t at) { return at + strspn(s + at, " \t\r\n"); }

static bool stands_at(const char *s, size_t at, const char *tag) { return strncmp(s + at, tag, strlen(tag)) == 0; }

/* Where the tag stands from `at` on; len: nowhere. */
static size_t find(const ocrvl_transcript *s, size_t at, const char *tag)
{
    const char *p = strstr(s->text + at, tag);
    return p ? (size_t)(p - s->text) : s->len;
}

ocrvl_status ocrvl_cut_thinking(ocrvl_transcript *s, bool begun, ocrvl_buf *thought, bool *unfinished, ocrvl_error *err)
{
    static const char think[] = "<think>", end[] = "</think>", answer[] = "<answer>", after[] = "</answer>";
    size_t from = s->text ? after_spaces(s->text, 0) : 0;
    bool opened = s->text && stands_at(s->text, from, think);
    if (!s->text || !(opened || begun))
        return OCRVL_OK;
    from = opened ? after_spaces(s->text, from + strlen(think)) : from;
    size_t to = find(s, from, end), first = to < s->len ? after_spaces(s->text, to + strlen(end)) : s->len,
           last = s->len;
    *unfinished = *unfinished || to == s->len;
    if (thought->len)
        ocrvl_buf_putc(thought, '\n');
    while (to > from && strchr(" \t\r\n", s->text[to - 1]))
        to--;
    ocrvl_buf_put(thought, s->text + from, to - from);
    if (stands_at(s->text, first, answer)) {
        first = after_spaces(s->text, first + strlen(answer));
        last = find(s, first, after);
    }
    ocrvl_growing g = {0};
    ocrvl_transcript out = {0};
    ocrvl_growing_part(&g, s, first, last);
    ocrvl_growing_own(&g, "");
    ocrvl_status st = thought->failed ? ocrvl_fail_nomem(err) : ocrvl_growing_end(&g, &out, err);
    if (st) {
        ocrvl_growing_free(&g);
        return st;
    }
    ocrvl_transcript_free(s);
    *s = out;
    return OCRVL_OK;
}
