/* Text of a page as Markdown: what Markdown would take for markup is escaped, and how words look is said by it. */
#ifndef OCRVL_OUT_MARKDOWN_TEXT_H
#define OCRVL_OUT_MARKDOWN_TEXT_H

#include "out/styled.h"

typedef enum ocrvl_markdown_context { OCRVL_IN_TEXT, OCRVL_IN_HEADING, OCRVL_IN_CELL } ocrvl_markdown_context;

/* Appends text with the marks of styled.h, whose lines are parted by `between` there. plain: nothing is escaped, and
 * marks are left out. */
void ocrvl_put_markdown_text(ocrvl_buf *b, const char *s, ocrvl_markdown_context in, const char *between, bool plain);

/* Bytes of "12." or "12)" before a space or the end, which would begin a list item; else 0. */
size_t ocrvl_markdown_ordinal(const char *s, size_t n);
/* Bytes of a bullet and its space. */
size_t ocrvl_markdown_bullet(const char *s, size_t n);

#endif
