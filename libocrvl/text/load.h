/* A tokenizer read from its files. */
#ifndef OCRVL_TEXT_LOAD_H
#define OCRVL_TEXT_LOAD_H

#include "text/added.h"
#include "text/split.h"
#include "text/tokenizer.h"
#include "text/vocab.h"

struct ocrvl_tokenizer {
    ocrvl_vocab vocab;
    bool nfc;
    ocrvl_splitter *split;        /* NULL: text isn't split */
    ocrvl_added added;            /* looked for in the text as given */
    ocrvl_added added_normalized; /* looked for after NFC */
};

/* Fill a zeroed tokenizer; on failure it may be half filled. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_load_tokenizer_json(ocrvl_tokenizer *t, const char *path, size_t limit,
                                                        ocrvl_error *err);
OCRVL_MUST_CHECK ocrvl_status ocrvl_load_vocab_and_merges(ocrvl_tokenizer *t, const char *vocab_path,
                                                          const char *merges_path, const char *config_path,
                                                          size_t limit, ocrvl_error *err);

#endif
