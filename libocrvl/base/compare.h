/* Orders of numbers for qsort, rising. NaN must not be among them. */
#ifndef OCRVL_BASE_COMPARE_H
#define OCRVL_BASE_COMPARE_H

int ocrvl_compare_doubles(const void *a, const void *b);
int ocrvl_compare_floats(const void *a, const void *b);

#endif
