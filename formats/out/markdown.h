/* Pages as Markdown, for the writers whose formats contain it. */
#ifndef OCRVL_OUT_MARKDOWN_H
#define OCRVL_OUT_MARKDOWN_H

#include "base/buf.h"
#include "ocrvl.h"
#include "out/vocabulary.h"

typedef struct ocrvl_markdown_style {
    bool plain;                   /* text isn't escaped with the backslashes that keep it from being taken for markup */
    const ocrvl_vocabulary *join; /* words that are broken at line ends are joined by these words; NULL: they aren't */
} ocrvl_markdown_style;

/* Appends the model's own Markdown if the page has it, else its blocks. The result ends in a line break unless it is
 * empty. */
void ocrvl_put_markdown(ocrvl_buf *b, const ocrvl_page *page, ocrvl_markdown_style style);

#endif
