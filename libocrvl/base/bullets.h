/* Characters that mark the items of lists. */
#ifndef OCRVL_BASE_BULLETS_H
#define OCRVL_BASE_BULLETS_H

#include <stdbool.h>
#include <stdint.h>

bool ocrvl_is_bullet(uint32_t c);

#endif
