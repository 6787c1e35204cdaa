/* The structure tree of a PDF, by qpdf. */
#ifndef OCRVL_IN_PDF_TREE_H
#define OCRVL_IN_PDF_TREE_H

#include "in/pdf_contents.h"
#include "in/tag_tree.h"

/* Bounds on the elements and the marked content of a tree that is followed, and on its depth. */
enum { OCRVL_TREE_ELEMENTS = 300000, OCRVL_TREE_LEAVES = 600000, OCRVL_TREE_DEPTH = 100 };

typedef enum ocrvl_tree_fault {
    OCRVL_TREE_SOUND = 0,
    OCRVL_TREE_NONE,  /* the document isn't tagged */
    OCRVL_TREE_LARGE, /* a bound was met; of the rest nothing is known */
    OCRVL_TREE_CYCLIC /* an element is met twice, and isn't followed a second time */
} ocrvl_tree_fault;

/* Reads the tree of an open document without following cycles. OCRVL_E_NOMEM alone, and *t is empty. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_tree_read(ocrvl_tag_tree *t, ocrvl_tree_fault *fault, qpdf_data pdf,
                                                  ocrvl_error *err);

#endif
