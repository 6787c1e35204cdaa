/* Parts of the page that a model named, each with its box and the text that it gave for it. */
#ifndef OCRVL_READ_REGIONS_H
#define OCRVL_READ_REGIONS_H

#include "ocrvl.h"

typedef struct ocrvl_model_region {
    size_t from, to; /* bytes of the transcript; equal: it gave no text, and the region is a figure */
    ocrvl_box box;   /* on the upright page; all zero: none that can be believed */
    ocrvl_role role; /* of its paragraphs; OCRVL_ROLE_PARAGRAPH: as the markup says */
    uint32_t level;
    bool continues; /* it goes on from the paragraph before it */
} ocrvl_model_region;

typedef struct ocrvl_model_regions { /* zero-initialise; in the order of the text, without overlaps */
    ocrvl_model_region *list;
    size_t count, cap;
} ocrvl_model_regions;

/* False: memory is exhausted. */
OCRVL_MUST_CHECK bool ocrvl_model_regions_add(ocrvl_model_regions *r, const ocrvl_model_region *region);
void ocrvl_model_regions_free(ocrvl_model_regions *r);
/* The region that byte `at` of the transcript belongs to; SIZE_MAX: none. */
size_t ocrvl_model_regions_find(const ocrvl_model_regions *r, size_t at);

#endif
