/* Letters of Latin, Cyrillic and Greek that look alike, settled by the script of their word and of their page. */
#ifndef OCRVL_READ_ALIKE_H
#define OCRVL_READ_ALIKE_H

#include "read/lines.h"

/* In words of several of the three scripts, letters that look like one of the word's most frequent script become that
 * one, in place; of two scripts as frequent, the page's. Words of which every letter looks like a Latin one are Latin
 * on a Latin page; on others single letters follow the page. A Cyrillic or Greek o among figures is a nought, and a
 * Cyrillic ze a three, also where it stands alone on a page without other such letters. What looks like nothing else
 * stays. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_settle_scripts(ocrvl_lines *l, ocrvl_error *err);

#endif
