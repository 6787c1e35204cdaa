/* Tables in OTSL (Lysak et al., "Optimized Table Tokenization for Table Structure Recognition", 2023), as MinerU2.5
 * writes them: each cell begins with a token, <fcel> (with text) or <ecel> (empty), and what a cell to the left or
 * above spans is <lcel>, <ucel> or <xcel> (both); <nl> ends a row. */
#ifndef OCRVL_READ_OTSL_H
#define OCRVL_READ_OTSL_H

#include "read/growing.h"

/* Adds the table as HTML. An answer without cells is added as it is. Rows that are too short end in empty cells. Of
 * tables over 100,000 places the rest is left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_otsl_to_html(ocrvl_growing *out, const ocrvl_transcript *t, ocrvl_error *err);

#endif
