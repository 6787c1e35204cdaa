/* What is filled into a PDF's form, and notes that are typed onto its pages. */
#ifndef OCRVL_IN_PDF_FIELDS_H
#define OCRVL_IN_PDF_FIELDS_H

#include "in/pdf_page.h"

/* Adds the values of a page's text and choice fields, and its free-text annotations, as lines of their own, whose words
 * have the box that the document gives the whole. Where lines stand in that box already, those are marked instead. At
 * most 2000 are taken. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_fields_add(ocrvl_own_lines *o, const ocrvl_pdf_page *p, ocrvl_error *err);

#endif
