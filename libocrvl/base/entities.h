/* The named character references of HTML, all of them. */
#ifndef OCRVL_BASE_ENTITIES_H
#define OCRVL_BASE_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

#define OCRVL_ENTITY_NAME 31 /* the longest name, in bytes */

/* What &name; stands for, the name being of len bytes that hold no NUL: one or two code points in out, and how many; 0:
 * there is no such name. */
size_t ocrvl_entity(const char *name, size_t len, uint32_t out[2]);

/* Where no semicolon follows the name: the longest name that s begins with and that HTML takes without one, which takes
 * *used of its len bytes. Returns as ocrvl_entity. */
size_t ocrvl_entity_prefix(const char *s, size_t len, size_t *used, uint32_t out[2]);

#endif
