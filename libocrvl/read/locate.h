/* Where words stand on a page. */
#ifndef OCRVL_READ_LOCATE_H
#define OCRVL_READ_LOCATE_H

#include "ocrvl.h"

/* Looks for a text among the words of a page: the run of words that is most like it, if at least `least` (0..1) of its
 * characters agree, letter case and white space aside. *score: how much agrees; *box: around the run's words that have
 * boxes. False: nowhere. A text of over 200 code points isn't looked for. */
bool ocrvl_locate(const ocrvl_page *page, const char *text, double least, ocrvl_box *box, double *score);

#endif
