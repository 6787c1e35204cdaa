/* What reads pages, behind one interface: the line reader (line_reader.c) and the page reader (page_reader.c). A reader
 * says how a page is begun, which sequences it wants generated, and what is made of them. Sequences come in groups
 * whose prompts are run in one pass: strips of lines of like width, or one tile of a page. Who schedules them is
 * schedule.c, for one page at a time and a group on each thread, or batch.c, for several pages and all threads on one
 * pass. Small models' products are too thin to be shared among threads, large models' weights are best read once for
 * all sequences: hence the two. */
#ifndef OCRVL_READ_READER_H
#define OCRVL_READ_READER_H

#include "generate/generate.h"

typedef struct ocrvl_page_job ocrvl_page_job;
typedef struct ocrvl_page_reading ocrvl_page_reading;
typedef struct ocrvl_line_reader ocrvl_line_reader; /* one for each session that has one */

typedef struct ocrvl_reader_ops {
    bool one_thread; /* each group is generated on one thread; else a group is one sequence, and all threads work on it
                      */
    /* A page whose layout is known and whose builder is begun; the job must outlive the reading. *out NULL: there is
     * nothing to read. */
    ocrvl_status (*begin)(ocrvl_page_reading **out, ocrvl_page_job *j, ocrvl_error *err);
    /* Whether there is time for another group; one that there is no time for is dropped instead of being generated. */
    bool (*in_time)(const ocrvl_page_reading *p);
    void (*drop)(ocrvl_page_reading *p, size_t group);
    /* Makes the group's sequences and runs their prompts, once. May be called on another thread than the rest, while
     * nothing is asked about this group; worker is that thread's number where there is a thread for each group. The
     * seconds are the caller's to account for. */
    ocrvl_status (*prefill)(ocrvl_page_reading *p, size_t group, unsigned worker, ocrvl_error *err);
    /* Its sequences [*count]; *count is 0 before and after. */
    ocrvl_sequence *const *(*sequences)(const ocrvl_page_reading *p, size_t group, size_t *count);
    /* Ends its sequences, all of which are over, and keeps what they say. */
    ocrvl_status (*take)(ocrvl_page_reading *p, size_t group, ocrvl_error *err);
    /* After all groups: says in p->groups how many more there are, counted from 0 again. NULL: never any. */
    ocrvl_status (*more)(ocrvl_page_reading *p, ocrvl_error *err);
    /* After all of them: fills the job's builder. */
    ocrvl_status (*finish)(ocrvl_page_reading *p, ocrvl_error *err);
    void (*free)(ocrvl_page_reading *p);
    /* Of readers whose groups all threads work on: the bytes that a group's sequence holds while it is on its way, 0
     * where memory is no matter; and whether there is room for a group beside so many bytes. */
    uint64_t (*bytes)(const ocrvl_page_reading *p, size_t group);
    bool (*fits)(const ocrvl_page_reading *p, size_t group, uint64_t held);
} ocrvl_reader_ops;

struct ocrvl_page_reading { /* what each reader's own begins with */
    const ocrvl_reader_ops *reader;
    ocrvl_page_job *j;                /* NULL: lines that are on no page (ocrvl_line_reading_new) */
    size_t groups;                    /* how many are wanted now */
    size_t together;                  /* groups that are decoded in one pass at least, if there is room for them; 0: as
                                         many as are asked for */
    size_t sequences;                 /* in all of them, for the progress function, which isn't called if it is 0 */
    bool watched;                     /* while a prompt is run: on the thread on which on_prompt may be called */
    const ocrvl_cancel_token *cancel; /* or NULL */
    ocrvl_cancel_source failed;       /* one of its groups has: the sequences on their way end with OCRVL_E_CANCELED, */
    ocrvl_cancel_token stop;          /* since they hold this */
    ocrvl_progress_fn progress;       /* or NULL */
    void *user;
};

/* NULL is accepted. */
static inline void ocrvl_page_reading_free(ocrvl_page_reading *p)
{
    if (p)
        p->reader->free(p);
}

#endif
