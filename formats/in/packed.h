/* How much there is in packed data of pictures, told without unpacking them: of PackBits runs, LZW and JBIG2, of whose
 * cuts decoders don't tell. */
#ifndef OCRVL_IN_PACKED_H
#define OCRVL_IN_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes that run-length data unpack to (ISO 32000-1, 7.4.5), as far as they go. */
uint64_t ocrvl_packed_runs(const uint8_t *data, size_t len);

/* The same of LZW data (7.4.4). early: codes become longer one code early, as they do unless EarlyChange is 0. */
uint64_t ocrvl_packed_lzw(const uint8_t *data, size_t len, bool early);

/* Whether the segments of embedded JBIG2 data (ITU-T T.88, 7.2) are all there, and there is one. */
bool ocrvl_packed_jbig2(const uint8_t *data, size_t len);

#endif
