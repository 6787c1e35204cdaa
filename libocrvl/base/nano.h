/* Where nano stands, the small line reader that is installed with the library. */
#ifndef OCRVL_BASE_NANO_H
#define OCRVL_BASE_NANO_H

#include "ocrvl.h"

/* Its folder, in new memory (ocrvl_free): beside the program that runs, as both are installed or as they stand in the
 * source tree, or else where the library was built to be installed. OCRVL_E_MODEL: it is in none of these;
 * OCRVL_E_NOMEM. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_nano_find(char **dir, ocrvl_error *err);

#endif
