/* The pre-tokenizer: cuts text into pieces by a regular expression (ICU's engine). */
#ifndef OCRVL_TOKENIZER_SPLIT_H
#define OCRVL_TOKENIZER_SPLIT_H

#include "ocrvl.h"

typedef struct ocrvl_splitter ocrvl_splitter; /* immutable; may be shared among threads */

/* The patterns of Qwen2's and GPT-2's tokenizers. */
extern const char *const ocrvl_split_qwen2, *const ocrvl_split_gpt2;

/* `file` is what messages name as the pattern's source. Fails with OCRVL_E_UNSUPPORTED if ICU can't read the
 * pattern. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_splitter_new(ocrvl_splitter **out, const char *pattern, size_t len,
                                                 const char *file, ocrvl_error *err);
void ocrvl_splitter_free(ocrvl_splitter *s);

typedef ocrvl_status (*ocrvl_piece_fn)(void *user, const char *piece, size_t len, ocrvl_error *err);
/* Calls fn for each match and each gap between matches, in order, until fn fails; pieces are never empty. text is
 * well-formed UTF-8. Fails with OCRVL_E_LIMIT if the pattern takes too long or too much memory. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_split(const ocrvl_splitter *s, const char *text, size_t len, ocrvl_piece_fn fn,
                                          void *user, ocrvl_error *err);

#endif
