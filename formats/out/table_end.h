/* What is remembered of the table that ends a page (out/continued.h). */
#ifndef OCRVL_OUT_TABLE_END_H
#define OCRVL_OUT_TABLE_END_H

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_table_end { /* of the table that ends a page; zero-initialise */
    bool any;
    uint64_t page; /* its index in the document */
    uint32_t columns;
    double x0, x1;  /* parts of the page's width */
    ocrvl_buf head; /* the texts of its head */
} ocrvl_table_end;

#endif
