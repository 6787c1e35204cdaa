/* The line reader: strips of text lines to text, many at a time, with a small checkpoint whose profile says reader line. */
#ifndef OCRVL_READ_LINE_READER_H
#define OCRVL_READ_LINE_READER_H

#include "base/cancel.h"
#include "generate/checkpoint.h"
#include "generate/sampling.h"
#include "generate/transcript.h"
#include "layout/layout.h"
#include "model/engine.h"

typedef struct ocrvl_line_reader ocrvl_line_reader; /* one for each session */

/* Runs the part of the prompt before the picture once. pool and model must outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_reader_new(ocrvl_line_reader **out, const ocrvl_model *m, ocrvl_pool *pool,
                                                    ocrvl_error *err);
void ocrvl_line_reader_free(ocrvl_line_reader *r);

typedef struct ocrvl_reading { /* of one strip */
    ocrvl_transcript transcript;
    uint32_t tokens;   /* generated, the end token not counted */
    double likelihood; /* ln of that of all tokens and the end; -INFINITY if it was cut or skipped */
    bool cut;          /* the token limit ended it */
    bool skipped;      /* time ran out before it was read */
} ocrvl_reading;

void ocrvl_readings_free(ocrvl_reading *r, size_t count);

typedef struct ocrvl_line_job {
    const ocrvl_strip *strips;
    size_t count;
    float temperature; /* see ocrvl_sampler_init */
    uint64_t seed;
    uint32_t max_tokens;        /* a strip; 0: by its width */
    double deadline;            /* of the monotonic clock, seconds; 0: none */
    const ocrvl_cancel_token *cancel; /* or NULL */
    ocrvl_progress_fn progress; /* called on the calling thread; or NULL */
    void *user;
} ocrvl_line_job;

/* Reads all strips -> *out [count]. What a strip says doesn't depend on the others, nor on the threads.
 * OCRVL_E_CANCELED: `cancel` or the progress function said so. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_read(ocrvl_line_reader *r, const ocrvl_line_job *job, ocrvl_reading **out,
                                              ocrvl_error *err);

/* Shows the strips whose readings are doubtful once more, drawn a little wider, and keeps the likelier reading of each. Letters that
 * ran together or fell between two visual tokens come to stand otherwise. Nothing where tokens are drawn by chance. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_read_again(ocrvl_line_reader *r, const ocrvl_line_job *job,
                                                    ocrvl_reading *readings, ocrvl_error *err);

/* Visual and prompt tokens of a strip, for the usage account. */
void ocrvl_line_usage(const ocrvl_line_reader *r, const ocrvl_strip *s, uint64_t *image, uint64_t *prompt);

#endif
