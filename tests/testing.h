/* What every test program includes: cmocka, the public headers, and the path of the source tree. */
#ifndef OCRVL_TESTING_H
#define OCRVL_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ocrvl.h"

/* Fails with the library's own message. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        ocrvl_error err_ = {0};                                                                                        \
        ocrvl_error *err = &err_;                                                                                      \
        ocrvl_status st_ = (call);                                                                                     \
        if (st_ != OCRVL_OK)                                                                                           \
            fail_msg("%s: %s: %s", #call, ocrvl_status_name(st_), err_.message);                                       \
    } while (0)

/* Strips so high and at most so wide, of visual tokens of 28 pixels (layout/strips.h). */
#define STRIPS(height, max_width) (&(ocrvl_strip_size){(height), (max_width), 28})

/* A page of which nothing but its image is known. */
#define PAGE_OF(img) (&(ocrvl_page_input){.size = sizeof(ocrvl_page_input), .image = (img)})

#endif
