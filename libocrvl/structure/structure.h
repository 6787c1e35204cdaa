/* The structure of a document, by what its pages are like: see ocrvl_structure in ocrvl.h. */
#ifndef OCRVL_STRUCTURE_STRUCTURE_H
#define OCRVL_STRUCTURE_STRUCTURE_H

#include "ocrvl.h"

/* Gives the blocks of a page their roles and levels by this page alone. Pages whose roles a model gave stay as they
 * are. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_structure_of_page(ocrvl_page *page, ocrvl_error *err);

#endif
