/* The two large lists of a tokenizer's files, tokens and merges, read into its tables. */
#ifndef OCRVL_TOKENIZER_ENTRIES_H
#define OCRVL_TOKENIZER_ENTRIES_H

#include "base/json_stream.h"
#include "tokenizer/vocab.h"

/* Where the two lists begin in the text of a tokenizer.json; NULL if the text doesn't have them. */
typedef struct ocrvl_entries {
    const char *vocab, *vocab_end, *merges, *merges_end;
} ocrvl_entries;

/* Finds the lists and appends the text to `rest` with null in place of each, followed by as many newlines as the list
 * had, so that whoever parses the rest counts lines right. Invalid JSON is left for that parser to report. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_find(ocrvl_entries *e, ocrvl_buf *rest, const char *text, size_t len,
                                                 ocrvl_error *err);

/* Reads an object of ids by token, to the end of the stream. Indexes the vocabulary with capacity for `added` more
 * tokens. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_vocab(ocrvl_vocab *v, ocrvl_stream *s, size_t added, ocrvl_error *err);
/* Reads an array of "a b" or ["a", "b"], to the end of the stream. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_merges(ocrvl_vocab *v, ocrvl_stream *s, ocrvl_error *err);
/* Reads merges.txt: lines of "a b". A first line that begins with #version is skipped, and so are empty lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_entries_merge_lines(ocrvl_vocab *v, const char *text, size_t len, ocrvl_error *err);

#endif
