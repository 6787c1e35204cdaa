/* Text to token ids and back, as Hugging Face tokenizers does it for Qwen2: NFC between special tokens, the
 * checkpoint's Split regex, byte-level BPE by merge rank. Immutable; may be shared among threads. */
#ifndef OCRVL_TOKENIZER_TOKENIZER_H
#define OCRVL_TOKENIZER_TOKENIZER_H

#include "base/buf.h"
#include "tokenizer/ids.h"

typedef struct ocrvl_tokenizer ocrvl_tokenizer;

/* Reads DIR/tokenizer.json, or DIR/vocab.json and DIR/merges.txt with the added tokens of DIR/tokenizer_config.json.
 * The files are hostile: sizes are capped, ids must be unique and below `vocab` (the rows of the embedding; 0 means
 * unchecked), and merges must make tokens of the vocabulary. Fails with OCRVL_E_FORMAT or OCRVL_E_MODEL and a message
 * with the file and the fault. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_open(ocrvl_tokenizer **out, const char *dir, size_t vocab,
                                                   ocrvl_error *err);
void ocrvl_tokenizer_free(ocrvl_tokenizer *t);

/* Appends the ids of the text. With parse_special, the text of special tokens becomes those tokens (for text that we
 * wrote); without it, it is ordinary text (for text from a document or user). Ill-formed UTF-8 is read as U+FFFD. ids
 * may have grown even after a failure. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_encode(const ocrvl_tokenizer *t, const char *text, size_t len,
                                                     bool parse_special, ocrvl_ids *ids, ocrvl_error *err);
/* The bytes of one id, which may be part of a code point; owned by t. Special tokens give their text. Ids without a
 * token (padding rows of the embedding) and ids out of range give length 0. */
const char *ocrvl_tokenizer_bytes(const ocrvl_tokenizer *t, int32_t id, size_t *len);
bool ocrvl_tokenizer_is_special(const ocrvl_tokenizer *t, int32_t id);
/* The id of a token by its exact text ("<|im_end|>"), or -1. */
int32_t ocrvl_tokenizer_special(const ocrvl_tokenizer *t, const char *text);
size_t ocrvl_tokenizer_size(const ocrvl_tokenizer *t); /* greatest id + 1 */
/* Appends the text of the ids: their bytes are joined, then each maximal ill-formed part of UTF-8 becomes U+FFFD. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tokenizer_decode(const ocrvl_tokenizer *t, const int32_t *ids, size_t count,
                                                     bool skip_special, ocrvl_buf *out, ocrvl_error *err);

#endif
