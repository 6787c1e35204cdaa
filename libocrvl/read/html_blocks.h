/* Answers in HTML, as Chandra writes them: a page as <div data-bbox="x0 y0 x1 y1" data-label="..."> with its boxes in
 * 1024ths of the page's sides, each with a piece of HTML; or HTML without such blocks. */
#ifndef OCRVL_READ_HTML_BLOCKS_H
#define OCRVL_READ_HTML_BLOCKS_H

#include "generate/transcript.h"
#include "read/regions.h"

/* The answer as Markdown in which nothing but tags and formulas has a meaning (*out, freed before), for
 * ocrvl_markup_parse: <math> between dollars, <input> as a box, <pre> as a fence, and what Markdown would take for
 * marks as character references. Each block that has a label is a region (added to *regions), with its box on a page
 * of that size; *bad counts blocks whose box can't be believed. Bounded by the answer's length; any bytes will do. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_html_blocks(const ocrvl_transcript *answer, uint32_t width, uint32_t height,
                                                ocrvl_transcript *out, ocrvl_model_regions *regions, size_t *bad,
                                                ocrvl_error *err);

#endif
