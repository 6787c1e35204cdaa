/* What stands behind ocrvl_session, and one page on its way through it. */
#ifndef OCRVL_READ_SESSION_H
#define OCRVL_READ_SESSION_H

#include "generate/generate.h"
#include "read/line_reader.h"

struct ocrvl_session {
    const ocrvl_model *m;
    ocrvl_pool *pool, *prompt_pool; /* of as many threads each; prompts are run on the latter */
    const ocrvl_model *line_model; /* m itself if it reads lines; NULL: none */
    ocrvl_line_reader *lines;      /* of line_model */
    ocrvl_engine prompts, steps;   /* of m, if it reads pages: what sees and runs prompts, and what goes on from there */
    /* Makes what generates: over the engines, or, in tests, a script. */
    ocrvl_status (*new_decoder)(ocrvl_session *s, ocrvl_decoder **out, ocrvl_error *err);
    void *script; /* a test's own */
    ocrvl_cancel_source cancel;
};

typedef struct ocrvl_page_job {
    ocrvl_session *s;
    ocrvl_cancel_token cancel; /* of s, since the page was begun */
    const ocrvl_image *img;
    ocrvl_read_options opt;
    ocrvl_account time;
    ocrvl_layout *layout;
    ocrvl_strip *strips;     /* of all lines, in their order */
    ocrvl_reading *readings; /* what the line reader says of each; NULL without one */
    size_t count, cap;
    ocrvl_builder *b;
    uint64_t image_tokens, prompt_tokens, output_tokens, passes;
} ocrvl_page_job;

/* Layout, and the strips of all lines if there is a line reader. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err);
/* Reads the strips, within what the account leaves; greedily, whatever the options say, beside a page reader. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_read_lines(ocrvl_page_job *j, ocrvl_error *err);
/* The builder, with the page's geometry and the rotation's warning. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err);
void ocrvl_job_free(ocrvl_page_job *j);

#endif
