/* assert_true for programs that are no cmocka tests as well. */
#ifndef OCRVL_TESTS_MUST_H
#define OCRVL_TESTS_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define must(what)                                                                                                     \
    do {                                                                                                               \
        if (!(what)) {                                                                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
