/* The pre-tokenizer: text cut into pieces by a regular expression (ICU's engine). */
#ifndef OCRVL_TOKENIZER_SPLIT_H
#define OCRVL_TOKENIZER_SPLIT_H

#include "ocrvl.h"

typedef struct ocrvl_splitter ocrvl_splitter; /* immutable; may be shared among threads */

/* What Qwen2's and GPT-2's tokenizers split by. */
extern const char *const ocrvl_split_qwen2, *const ocrvl_split_gpt2;

/* `file` is what messages call the pattern's place. A pattern that ICU can't read: OCRVL_E_UNSUPPORTED. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_splitter_new(ocrvl_splitter **out, const char *pattern, size_t len,
                                                 const char *file, ocrvl_error *err);
void ocrvl_splitter_free(ocrvl_splitter *s);

typedef ocrvl_status (*ocrvl_piece_fn)(void *user, const char *piece, size_t len, ocrvl_error *err);
/* Calls fn for each match and each gap between matches, in order, until it fails; never with an empty piece. text is
 * well-formed UTF-8. A pattern that takes too long or too much memory: OCRVL_E_LIMIT. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_split(const ocrvl_splitter *s, const char *text, size_t len, ocrvl_piece_fn fn,
                                          void *user, ocrvl_error *err);

#endif
