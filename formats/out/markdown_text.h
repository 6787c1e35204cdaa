/* Text of a page as Markdown: what Markdown would take for markup is escaped, and how words look is said by it. */
#ifndef OCRVL_OUT_MARKDOWN_TEXT_H
#define OCRVL_OUT_MARKDOWN_TEXT_H

#include "out/styled.h"

typedef enum ocrvl_markdown_context { OCRVL_IN_TEXT, OCRVL_IN_HEADING, OCRVL_IN_CELL } ocrvl_markdown_context;

/* The footnotes of a page: what their numbers are in the document. */
enum { OCRVL_MOST_NOTES = 64 };
typedef struct ocrvl_markdown_notes {
    size_t count;
    uint32_t numbers[OCRVL_MOST_NOTES];
    char labels[OCRVL_MOST_NOTES][24]; /* "12", or "12-p3" where another page had a note 12 */
} ocrvl_markdown_notes;

/* The label of a note; NULL: the page has none of that number. */
const char *ocrvl_markdown_note(const ocrvl_markdown_notes *notes, uint32_t number);

/* Appends text with the marks of styled.h, whose lines are parted by `between` there. plain: nothing is escaped, and
 * marks are left out. A raised number becomes a reference if it is one of the notes (which may be NULL). */
void ocrvl_put_markdown_text(ocrvl_buf *b, const char *s, ocrvl_markdown_context in, const char *between, bool plain,
                             const ocrvl_markdown_notes *notes);

/* Bytes of "12." or "12)" before a space or the end, which would begin a list item; else 0. */
size_t ocrvl_markdown_ordinal(const char *s, size_t n);
/* Bytes of a bullet and its space. */
size_t ocrvl_markdown_bullet(const char *s, size_t n);

#endif
