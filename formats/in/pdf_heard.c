/* poppler-glib gives poppler's errors to GLib's log, as "Syntax error at position 329: Unexpected end of file in flate
 * stream"; they are not for users' eyes there, and nobody hears them unless a handler is set. */
#include "in/pdf_heard.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

/* Handlers are the process's, pages are a thread's. */
static _Thread_local ocrvl_pdf_heard *listener;

/* Whether the message begins with `begin` and, if that isn't all of it, goes on somewhere with `then`. */
static bool says(const char *message, const char *begin, const char *then)
{
    size_t n = strlen(begin);
    return strncmp(message, begin, n) == 0 && strstr(message + n, then);
}

/* Whether it means that something isn't shown. Others are of no consequence (unknown operators, colours out of range),
 * or it isn't known of which: they are a reason to look closer. */
static bool means_loss(const char *m)
{
    static const char *const lost[][2] = {
        {"Unexpected end of file in ", ""},
        {"Bad ", " in flate stream"},
        {"Bad LZW stream", ""},
        {"Bad ", " in CCITTFax stream"},
        {"CCITTFax row is wrong length", ""},
        {"Could not find start of jpeg data", ""},
        {"Tile part length size inconsistent", ""},
        {"Failed to decode ", ""},
        {"Did no succeed opening JPX Stream.", ""},
        {"", " in JBIG2"},
        {"Unknown filter ", ""},
        {OCRVL_PDF_NO_MAPS, ""}, /* then the font is unknown as well */
        {"Couldn't find '", "' CMap file"},
        {"Unknown font tag ", ""},
        {"No font in show", ""},
        {"font resource is not a dictionary", ""},
        {"XObject '", ""},
        {"Bad image parameters", ""},
        {"Bad form ", ""},
        {"Bad filter name", ""},
        {"Bad 'Filter' attribute", ""},
        {"Unterminated string", ""},
        {"Weird page contents", ""},
        {"Invalid XRef entry", ""},
        {"Couldn't create a font", ""},
        {"Unknown pattern ", ""},
    };
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
        if (says(m, lost[i][0], lost[i][1]))
            return true;
    return false;
}

/* Whether poppler takes no stream for one, or not all of it: that of a length that is negative, or no number. qpdf
 * looks for its end. */
static bool is_misread(const char *m)
{
    return says(m, "Weird page contents", "") || says(m, "XObject '", "wrong type");
}

/* Keeps a message if it is the first. */
static void keep(char *to, size_t size, const char *text)
{
    if (to[0])
        return;
    snprintf(to, size, "%s", text);
    for (char *c = to; *c; c++)
        *c = *c >= ' ' && *c < 127 ? *c : ' ';
}

/* "Syntax warning at position 5: text" -> "text", NULL for what is no error. */
static const char *text_of(const char *message)
{
    const char *colon = strstr(message, ": ");
    if (!colon)
        return message;
    bool warning = g_str_has_prefix(message, "Syntax warning") || g_str_has_prefix(message, "Config error");
    return warning && !means_loss(colon + 2) ? NULL : colon + 2;
}

static void hear(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer user)
{
    ocrvl_pdf_heard *h = listener;
    (void)user;
    if (!h) {
        g_log_default_handler(domain, level, message, NULL);
        return;
    }
    const char *text = message ? text_of(message) : NULL;
    if (!text)
        return;
    h->unbalanced |= g_str_has_prefix(text, "Restoring state when no valid states to pop");
    h->misread |= is_misread(text);
    if (!strstr(text, " DA string")) /* of a form's field that may be empty */
        keep(h->error, sizeof h->error, text);
    if (means_loss(text))
        keep(h->lost, sizeof h->lost, text);
}

void ocrvl_pdf_heard_begin(ocrvl_pdf_heard *h)
{
    *h = (ocrvl_pdf_heard){.outer = listener};
    h->handler = g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, hear, NULL);
    listener = h;
}

void ocrvl_pdf_heard_end(ocrvl_pdf_heard *h)
{
    listener = h->outer;
    g_log_remove_handler("Poppler", h->handler);
}
