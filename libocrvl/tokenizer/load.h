/* Reads a tokenizer from its files. */
#ifndef OCRVL_TOKENIZER_LOAD_H
#define OCRVL_TOKENIZER_LOAD_H

#include "tokenizer/added.h"
#include "tokenizer/split.h"
#include "tokenizer/vocab.h"

struct ocrvl_tokenizer { /* the structure behind ocrvl_tokenizer (tokenizer/tokenizer.h) */
    ocrvl_vocab vocab;
    bool nfc;
    ocrvl_splitter *split;        /* NULL if text isn't split */
    ocrvl_added added;            /* found in the text as it is given */
    ocrvl_added added_normalized; /* found in the text after NFC */
};

/* Both fill a zeroed tokenizer; after a failure it may be half filled. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_load_tokenizer_json(struct ocrvl_tokenizer *t, const char *path, size_t limit,
                                                        ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_load_vocab_and_merges(struct ocrvl_tokenizer *t, const char *vocab_path,
                                                          const char *merges_path, const char *config_path,
                                                          size_t limit, ocrvl_error *err);

#endif
