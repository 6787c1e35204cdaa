/* What stands behind ocrvl_session, and one page on its way through it. */
#ifndef OCRVL_READ_SESSION_H
#define OCRVL_READ_SESSION_H

#include "generate/checkpoint.h"
#include "read/lines.h"
#include "read/own_text.h"
#include "read/reader.h"

struct ocrvl_session {
    const ocrvl_model *m;
    ocrvl_pool *pool, *prompt_pool; /* of as many threads each; prompts are run on the latter */
    const ocrvl_reader_ops *reader; /* what m is */
    ocrvl_line_reader *lines;       /* of m if it reads lines, else of the line reader beside it; or NULL */
    ocrvl_engine prompts,
        steps; /* of m, if it reads pages: what encodes and runs prompts, and what goes on from there */
    /* Makes what generates: over the engines, or, in tests, a script. */
    ocrvl_status (*new_decoder)(ocrvl_session *s, ocrvl_decoder **out, ocrvl_error *err);
    void *script; /* a test's own */
    ocrvl_cancel_source cancel;
};

/* One page. in.image is what is read: once the job is prepared, the image with square pixels. */
struct ocrvl_page_job {
    ocrvl_session *s;
    ocrvl_cancel_token cancel; /* of s, since the page was begun */
    ocrvl_page_input in;
    const ocrvl_image *page; /* the image as it came */
    ocrvl_read_options opt;
    ocrvl_account time;
    ocrvl_image *square; /* what is read instead of in.image, whose pixels aren't square; NULL if they are */
    ocrvl_image *drawn;  /* the page image, where the one that came was too small to be read; or NULL */
    ocrvl_own_page own;  /* the document's own text; empty if there is none, or it isn't wanted */
    ocrvl_layout *layout;
    ocrvl_lines lines; /* what the line reader says of them; empty without one */
    ocrvl_builder *b;
    uint64_t image_tokens, prompt_tokens, output_tokens, passes;
};

/* Whether there is nothing to read: the layout is of the document's own text alone. */
bool ocrvl_job_is_known(const ocrvl_page_job *j);
/* The builder, with the page's geometry and the rotation's warning. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err);
void ocrvl_job_free(ocrvl_page_job *j);

#endif
