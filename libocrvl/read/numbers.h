/* Numbers, which a line reader sees without the words that would tell it what they are. */
#ifndef OCRVL_READ_NUMBERS_H
#define OCRVL_READ_NUMBERS_H

#include "read/result.h"

/* Puts the point or comma that the ink shows, where the reader missed it or took the one for the other, into those of
 * the result's last words, from `first` on, that are figures alone and stand on a line of the layout. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_put_number_marks(ocrvl_result *r, size_t line, size_t first, ocrvl_error *err);

#endif
