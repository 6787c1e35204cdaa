/* TIFF directories inside JPEG, PNG and WebP: Exif (CIPA DC-008) and what else is built like it. The bytes are a
 * file's: nothing outside them is read, whatever they say. */
#ifndef OCRVL_BASE_EXIF_H
#define OCRVL_BASE_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_exif {
    unsigned orientation; /* 1..8; 1 if not told */
    double dpi_x, dpi_y;  /* 0 if not told */
} ocrvl_exif;

/* Takes what an APP1 segment says, p being its contents; another segment leaves *e as it is. */
void ocrvl_exif_read(ocrvl_exif *e, const uint8_t *p, size_t len);
/* The same of what follows the mark "Exif" there, as the chunk eXIf of PNG holds it; other bytes leave *e as it is. */
void ocrvl_exif_read_tiff(ocrvl_exif *e, const uint8_t *p, size_t len);

enum { OCRVL_EXIF_ORIENTATION = 32 };
/* What an APP1 segment contains that says nothing but the orientation, 1..8. */
void ocrvl_exif_put_orientation(uint8_t to[OCRVL_EXIF_ORIENTATION], unsigned orientation);

typedef struct ocrvl_tiff_part { /* the bytes from "II" or "MM" on */
    const uint8_t *p;
    size_t len;
    bool big;
} ocrvl_tiff_part;

/* False: no TIFF header stands at p. */
bool ocrvl_tiff_begin(ocrvl_tiff_part *t, const uint8_t *p, size_t len);
/* Where the entry of `tag`, 12 bytes, stands in the first directory, 0 if it isn't there. */
size_t ocrvl_tiff_entry(const ocrvl_tiff_part *t, uint32_t tag);
/* The number of 32 bits at i, which is no more than len - 4. */
uint32_t ocrvl_tiff_get32(const ocrvl_tiff_part *t, size_t i);

#endif
