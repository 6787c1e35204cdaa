#include "out/html_held.h"

#include "out/parts.h"

enum { MOST_HELD = 1 << 16 }; /* bytes: the running lines of some hundred pages */

static void to_text(void *user, const void *data, size_t len) { ocrvl_buf_put(user, data, len); }

static void free_state(void *state)
{
    ocrvl_html_state *s = state;
    ocrvl_xml_free(s->held);
    ocrvl_buf_free(&s->text);
}

ocrvl_html_state *ocrvl_html_state_of(ocrvl_writer *w)
{
    return ocrvl_writer_state(w, sizeof(ocrvl_html_state), free_state);
}

void ocrvl_html_hold(ocrvl_writer *w)
{
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    if (!s || w->xml == s->held)
        return;
    if (!s->held && !(s->held = ocrvl_xml_new(to_text, &s->text, false))) {
        w->nomem = true;
        return;
    }
    s->open = true;
    s->main = w->xml;
    w->xml = s->held;
}

void ocrvl_html_unhold(ocrvl_writer *w)
{
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    if (!s || !s->held || w->xml != s->held)
        return;
    ocrvl_xml_flush(s->held);
    w->nomem |= s->text.failed || ocrvl_xml_failed(s->held);
    w->xml = s->main;
}

void ocrvl_html_release(ocrvl_writer *w)
{
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    if (!s || !s->open)
        return;
    ocrvl_html_unhold(w);
    s->open = false;
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
    if (s->text.len && !s->text.failed)
        ocrvl_xml_raw(w->xml, s->text.data);
    ocrvl_buf_clear(&s->text);
}

bool ocrvl_html_may_go_on(ocrvl_writer *w)
{
    const ocrvl_html_state *s = ocrvl_html_state_of(w);
    return s && s->open && s->text.len < MOST_HELD;
}
