/* Pages as Markdown, for the writers that hold it. */
#ifndef OCRVL_OUT_MARKDOWN_H
#define OCRVL_OUT_MARKDOWN_H

#include "base/buf.h"
#include "ocrvl.h"

typedef struct ocrvl_markdown_style {
    bool plain; /* text as it stands, without the backslashes that keep it from being taken for markup */
    bool join;  /* words that are broken at line ends are put together */
} ocrvl_markdown_style;

/* The model's own Markdown if the page has it, else its blocks: ends in a line break unless there is nothing. */
void ocrvl_put_markdown(ocrvl_buf *b, const ocrvl_page *page, ocrvl_markdown_style style);

#endif
