/* Text to token ids and back, as Hugging Face tokenizers does it for Qwen2: NFC between special tokens, the
 * checkpoint's Split regex, byte-level BPE by merge rank. Immutable; may be shared among threads. */
#ifndef OCRVL_TOKENIZER_TOKENIZER_H
#define OCRVL_TOKENIZER_TOKENIZER_H

#include "base/buf.h"
#include "tokenizer/ids.h"

typedef struct ocrvl_tokenizer ocrvl_tokenizer;

/* Reads DIR/tokenizer.json, or DIR/vocab.json and DIR/merges.txt with the added tokens of DIR/tokenizer_config.json.
 * The file is hostile: sizes are capped, ids must be unique and below `vocab` (the embedding's rows; 0: unchecked),
 * merges must make tokens of the vocabulary. OCRVL_E_FORMAT or OCRVL_E_MODEL with the file and what is wrong. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_open(ocrvl_tokenizer **out, const char *dir, size_t vocab,
                                                   ocrvl_error *err);
void ocrvl_tokenizer_free(ocrvl_tokenizer *t);

/* Appends the ids of the text. parse_special: the text of special tokens in it becomes those tokens (for text that we
 * wrote); otherwise it is ordinary text (for text from a document or user). Ill-formed UTF-8 is read as U+FFFD.
 * On failure ids may have grown. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_encode(const ocrvl_tokenizer *t, const char *text, size_t len,
                                                     bool parse_special, ocrvl_ids *ids, ocrvl_error *err);
/* The raw bytes of one id (may be a part of a code point), borrowed; special tokens give their text; ids without a
 * token (padding rows of the embedding) and ids out of range give length 0. */
const char *ocrvl_tokenizer_bytes(const ocrvl_tokenizer *t, int32_t id, size_t *len);
bool ocrvl_tokenizer_is_special(const ocrvl_tokenizer *t, int32_t id);
/* The id of a token by its exact text ("<|im_end|>"), or -1. */
int32_t ocrvl_tokenizer_special(const ocrvl_tokenizer *t, const char *text);
size_t ocrvl_tokenizer_size(const ocrvl_tokenizer *t); /* greatest id + 1 */
/* Appends the text of the ids: bytes joined, then ill-formed UTF-8 as U+FFFD per maximal part. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_decode(const ocrvl_tokenizer *t, const int32_t *ids, size_t count,
                                                     bool skip_special, ocrvl_buf *out, ocrvl_error *err);

#endif
