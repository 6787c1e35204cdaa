/* Where the small line readers stand that are installed with the library: nano, and those of other scripts. */
#ifndef OCRVL_BASE_NANO_H
#define OCRVL_BASE_NANO_H

#include <stddef.h>

#include "ocrvl.h"

/* Its folder, in new memory (ocrvl_free): beside the program that runs, as both are installed or as they stand in the
 * source tree, or else where the library was built to be installed. OCRVL_E_MODEL: it is in none of these;
 * OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_nano_find(char **dir, ocrvl_error *err);

/* How many readers of other scripts there may be beside nano. */
enum { OCRVL_NANO_OTHERS = 2 };

/* The folder of the i-th of them (i < OCRVL_NANO_OTHERS) beside nano's, in new memory (ocrvl_free); *dir is NULL where
 * it isn't installed. OCRVL_E_MODEL: a file of it is missing; OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_nano_find_other(char **dir, const char *nano, size_t i, ocrvl_error *err);

#endif
