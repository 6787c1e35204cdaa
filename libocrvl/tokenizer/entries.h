/* The two great lists of a tokenizer's files, tokens and merges, read into its tables. */
#ifndef OCRVL_TOKENIZER_ENTRIES_H
#define OCRVL_TOKENIZER_ENTRIES_H

#include "base/json_stream.h"
#include "tokenizer/vocab.h"

/* Where the two stand in the text of a tokenizer.json; NULL: nowhere. */
typedef struct ocrvl_entries {
    const char *vocab, *vocab_end, *merges, *merges_end;
} ocrvl_entries;

/* Finds them and appends the text to `rest` with null in their places, each followed by as many newlines as were there,
 * so that whoever parses the rest counts lines right. What isn't valid JSON is left for that parser to find. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_find(ocrvl_entries *e, ocrvl_buf *rest, const char *text, size_t len,
                                                 ocrvl_error *err);

/* An object of ids by token, to the end of the stream. Indexes the vocabulary with room for `added` tokens. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_vocab(ocrvl_vocab *v, ocrvl_stream *s, size_t added, ocrvl_error *err);
/* An array of "a b" or ["a", "b"], to the end of the stream. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_merges(ocrvl_vocab *v, ocrvl_stream *s, ocrvl_error *err);
/* merges.txt: lines "a b"; one that begins with #version at the top and empty ones are passed over. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_merge_lines(ocrvl_vocab *v, const char *text, size_t len, ocrvl_error *err);

#endif
