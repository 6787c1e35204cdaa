/* Words, scripts and directions of a line of text (ICU). */
#ifndef OCRVL_UNICODE_WORDS_H
#define OCRVL_UNICODE_WORDS_H

#include "ocrvl.h"

typedef struct ocrvl_word_span {
    size_t byte_start, byte_end;   /* in the text */
    uint32_t cp_start, cp_end;     /* the same in code points */
} ocrvl_word_span;

/* Splits at white space (White_Space), punctuation staying with its word, as archives' formats want words; runs of
 * scripts without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) are split further by ICU's dictionary word breaks.
 * *out freed with ocrvl_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_text_words(const char *text, size_t len, ocrvl_word_span **out, size_t *count,
                                               ocrvl_error *err);

/* A BCP 47 tag only where the script alone tells the language (el for Greek, he for Hebrew, ka, hy, th, ko for Hangul,
 * ja if there is kana, ...); NULL for Latin, Cyrillic, Arabic, Han alone and others. Never freed. */
const char *ocrvl_text_language(const char *text, size_t len);
/* What a word's own text says of its language and direction, in word->lang and dir, where its line says otherwise. */
void ocrvl_text_differs(const char *text, const ocrvl_node_info *line, ocrvl_node_info *word);
/* By the first strong character's direction, isolates apart (UAX #9, P2); OCRVL_DIR_NONE without one. */
ocrvl_direction ocrvl_text_direction(const char *text, size_t len);

#endif
