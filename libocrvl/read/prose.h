/* Running text, told from what stands in columns, forms and lists. */
#ifndef OCRVL_READ_PROSE_H
#define OCRVL_READ_PROSE_H

#include "read/result.h"

/* Whether a block is running text: several lines that are wide and reach its right side. lines [layout->line_count]:
 * what stands on each line of the layout. */
bool ocrvl_is_prose(const ocrvl_result *r, const ocrvl_result_line *lines, const ocrvl_layout_block *k);

#endif
