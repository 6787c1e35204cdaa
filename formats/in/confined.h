/* A document that is decoded in a process of its own. */
#ifndef OCRVL_IN_CONFINED_H
#define OCRVL_IN_CONFINED_H

#include "in/bytes.h"
#include "in/decoder.h"

/* ocrvl_source_options.page_millis of 0. */
#define OCRVL_PAGE_MILLIS 50000u
/* What the clock may show if a decoder may work for so many milliseconds. */
uint32_t ocrvl_confined_clock(uint32_t millis);

typedef struct ocrvl_confined ocrvl_confined;

/* Opens the bytes, which are kept open for it (ocrvl_bytes_file) and must stay, with options in which every limit but
 * decoder_memory is filled in. *pages as ocrvl_document_format.open gives it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_confined_open(ocrvl_confined **out, ocrvl_decoder_kind kind, ocrvl_bytes *bytes,
                                                  const ocrvl_source_options *opt, uint64_t *pages, ocrvl_error *err);
/* As ocrvl_document_format.page. A page that broke a limit or ended its process has failed; the next call begins a new
 * one. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_confined_page(ocrvl_confined *c, uint64_t index, ocrvl_image **img,
                                                  ocrvl_page_place *place, ocrvl_error *err);
/* The same of a video, whose options have every limit but that one filled in: *count frames come, *rate a second. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_confined_open_video(ocrvl_confined **out, ocrvl_bytes *bytes,
                                                        const ocrvl_video_options *opt, uint32_t *count, double *rate,
                                                        ocrvl_error *err);
/* As ocrvl_video_next, but there is a next one. Nothing more comes after an error. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_confined_frame(ocrvl_confined *c, ocrvl_image **img, double *seconds,
                                                   ocrvl_error *err);
void ocrvl_confined_free(ocrvl_confined *c);

#endif
