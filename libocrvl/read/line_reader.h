/* The line reader: strips of text lines to text, many at a time, with a small checkpoint whose profile says reader
 * line. Strips of like width are a group: their pictures are encoded at once, their prompts are run in one pass, and
 * they are decoded in one batch. */
#ifndef OCRVL_READ_LINE_READER_H
#define OCRVL_READ_LINE_READER_H

#include "generate/checkpoint.h"
#include "read/lines.h"
#include "read/reader.h"

/* Of checkpoints m [count], 1 to OCRVL_MAX_TONGUES, of which each line is read by the one for its script
 * (read/tongue.h, read/script_choice.h); the first reads what none is for. threads: how many may read groups at a time;
 * the checkpoints must outlive it. OCRVL_E_ARG: one of them isn't a line reader. OCRVL_E_MODEL: it is shown strips of
 * another size. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_reader_new(ocrvl_line_reader **out, const ocrvl_model *const *m, size_t count,
                                                    unsigned threads, ocrvl_error *err);
void ocrvl_line_reader_free(ocrvl_line_reader *r);
/* Its first checkpoint's; borrowed. */
const ocrvl_config *ocrvl_line_reader_config(const ocrvl_line_reader *r);

/* Adds the strips of a line of the layout to l, as this reader is shown them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_reader_cut(const ocrvl_line_reader *r, ocrvl_lines *l,
                                                    const ocrvl_layout *layout, size_t line, ocrvl_error *err);

/* Adds text to what strip `strip` of l is expected to say. All strips must have been cut. If it is right the strip is
 * read faster; what is read is the same in any case. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_reader_expect(const ocrvl_line_reader *r, ocrvl_lines *l, size_t strip,
                                                       const char *text, size_t len, ocrvl_error *err);

typedef struct ocrvl_line_options {
    double temperature; /* see ocrvl_sampler_init */
    uint64_t seed;
    uint32_t max_tokens; /* of a strip; 0 takes as many as its width needs */
    double deadline;     /* of the monotonic clock, seconds; 0 if there is none */
    bool once;           /* doubtful strips aren't read again */
} ocrvl_line_options;

/* Reads the strips of `lines` into its readings, which must be NULL; they are complete when the reading's groups are
 * over. The strips whose readings are doubtful are then shown once more, drawn a little wider, and the likelier reading
 * of each is kept: letters that ran together or fell between two visual tokens come to stand otherwise. Before that, of
 * several checkpoints, others are tried on some of them. Not so where tokens are drawn by chance. lines and r must
 * outlive the reading. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_line_reading_new(ocrvl_page_reading **out, ocrvl_line_reader *r, ocrvl_lines *lines,
                                                     const ocrvl_line_options *o, ocrvl_error *err);

/* Reads the lines of a job with its session's line reader into job->lines: beside a page reader greedily and however
 * many tokens it takes, whatever the options say. */
extern const ocrvl_reader_ops ocrvl_line_reader_ops;

/* ---- what it costs, for plans ------------------------------------------------------------------------ */

/* Strips of a group when `count` are shared out among so many threads. */
size_t ocrvl_line_group_size(size_t count, size_t threads);
/* The most tokens that a strip so wide and high is let say. */
size_t ocrvl_line_token_limit(uint32_t width, uint32_t height);

#endif
