/* The task prompts: prompts/NAME.txt, embedded. A file is a head of "key: value" lines, a line "---", and the text, in
 * which {languages}, {question}, {schema}, {target}, {anchor} and {boxes} are filled in. */
#ifndef OCRVL_READ_TASKS_H
#define OCRVL_READ_TASKS_H

#include "base/buf.h"
#include "generate/profiles.h"

typedef struct ocrvl_prompt_file {
    const char *name, *text; /* both NULL: the end */
} ocrvl_prompt_file;
extern const ocrvl_prompt_file ocrvl_prompt_files[]; /* in the order of their names; made by the Makefile */

typedef enum ocrvl_prompt_output {
    OCRVL_OUTPUT_TEXT = 0,
    OCRVL_OUTPUT_MARKDOWN,
    OCRVL_OUTPUT_JSON,
    OCRVL_OUTPUT_GROUNDING,
    OCRVL_OUTPUT_FRONT_MATTER, /* Markdown after YAML about the page (olmOCR) */
    OCRVL_OUTPUT_OLMOCR_JSON,  /* JSON that holds the text as natural_text (olmOCR-7B-0225) */
    OCRVL_OUTPUT_HTML,         /* HTML, in blocks that may have boxes (Chandra) */
    OCRVL_OUTPUT_LAYOUT        /* the page's blocks, each of which is then shown by itself (mineru.h) */
} ocrvl_prompt_output;

typedef struct ocrvl_task {
    const char *name; /* borrowed; NULL for a text of the user's */
    const char *text; /* borrowed: of the file, or what was given */
    size_t len;
    ocrvl_prompt_output output;
    bool text_first;       /* the prompt stands before the picture */
    bool pictures;         /* of a layout: pictures are read as other blocks are */
    uint32_t longest_side; /* of the picture in pixels; 0 if it has no limit of its own */
} ocrvl_task;

/* Tokens of the answer about a page, unless the options or the profile say otherwise. */
enum { OCRVL_PAGE_ANSWER = 4096 };

typedef struct ocrvl_task_values { /* any may be NULL */
    const char *languages;         /* BCP 47 tags or names, comma separated */
    const char *question, *schema, *target, *anchor, *boxes;
} ocrvl_task_values;

/* How a family is told to write boxes, or NULL if it needn't be. */
const char *ocrvl_task_boxes(const ocrvl_family *f);

/* False: no prompt of that name. */
bool ocrvl_task_by_name(ocrvl_task *t, const char *name);
/* A text of the user's with the output and order of a named task. */
bool ocrvl_task_of_text(ocrvl_task *t, const char *like, const char *text, size_t len);
/* What is asked of a checkpoint: as the options say, else its ocrvl.json (in its config), else the profile of the
 * fine-tune that it is (may be NULL). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_task_choose(ocrvl_task *t, const ocrvl_read_options *o, const ocrvl_config *c,
                                                const ocrvl_profile *profile, ocrvl_error *err);
/* Whether the text has a place, which is given with its braces. */
bool ocrvl_task_has(const ocrvl_task *t, const char *place);
/* The text with its places filled; values are put in as they are. */
void ocrvl_task_fill(const ocrvl_task *t, const ocrvl_task_values *v, ocrvl_buf *out);

#endif
