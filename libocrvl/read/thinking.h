/* Answers of models that think before they answer: <think>...</think><answer>...</answer>. */
#ifndef OCRVL_READ_THINKING_H
#define OCRVL_READ_THINKING_H

#include "base/buf.h"
#include "generate/transcript.h"

/* Leaves of an answer that begins with <think>, or whose prompt ended with it (begun), what comes after </think>, and of
 * that, if it is in <answer>, what is inside. What was thought is added to `thought`. *unfinished is set if the answer
 * ended in the middle of it: nothing is left then. Other answers stay as they are. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_cut_thinking(ocrvl_transcript *s, bool begun, ocrvl_buf *thought, bool *unfinished,
                                                 ocrvl_error *err);

#endif
