/* A block's text with marks for how its words look and where they lead: for the formats that say so by markup within
 * the text. */
#ifndef OCRVL_OUT_STYLED_H
#define OCRVL_OUT_STYLED_H

#include "out/parts.h"

/* The marks: control characters, of which no text of a page has any. An address stands between OCRVL_LINK and
 * OCRVL_LINK_TEXT. What is opened last is closed first, and all is closed at the end. */
enum {
    OCRVL_BOLD = 1,
    OCRVL_BOLD_END,
    OCRVL_ITALIC,
    OCRVL_ITALIC_END,
    OCRVL_MONO,
    OCRVL_MONO_END,
    OCRVL_LINK,
    OCRVL_LINK_END,
    OCRVL_LINK_TEXT = 14,
    OCRVL_RAISED = 15,
    OCRVL_RAISED_END = 16
};

/* Appends the text of a block, its lines parted by '\n'. join: as for ocrvl_put_joined, or NULL. Titles,
 * headings and code are as their kind is: of these only links are told, and in headings what is set apart within
 * them. */
void ocrvl_put_styled(ocrvl_buf *b, const ocrvl_node *block, const ocrvl_vocabulary *join);

/* The number at the beginning of a footnote, its bytes in *len: what it is to be found by; 0: it has none. */
uint32_t ocrvl_note_number(const char *text, size_t *len);

/* Whether an address is one that a reader may be led to: of the web, of mail, or a page of the document. */
bool ocrvl_is_safe_link(const char *link);

#endif
