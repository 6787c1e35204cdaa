/* Words, scripts and directions of a line of text (ICU). */
#ifndef OCRVL_UNICODE_WORDS_H
#define OCRVL_UNICODE_WORDS_H

#include "ocrvl.h"

typedef struct ocrvl_word_span {
    size_t byte_start, byte_end; /* offsets in the text */
    uint32_t cp_start, cp_end;   /* the same in code points */
} ocrvl_word_span;

/* Splits at white space (White_Space); punctuation stays with its word, as archives' formats want it. Runs of scripts
 * without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) are split further by ICU's dictionary word breaks. *out is to
 * be freed with ocrvl_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_text_words(const char *text, size_t len, ocrvl_word_span **out, size_t *count,
                                               ocrvl_error *err);

/* The BCP 47 tag of the language, if the script alone determines it (el for Greek, he for Hebrew, ka, hy, th, ko for
 * Hangul, ja if there is kana, ...); NULL for Latin, Cyrillic, Arabic, Han alone and others. Never to be freed. */
const char *ocrvl_text_language(const char *text, size_t len);
/* Stores a word's language and direction in word->lang and word->dir if its text determines them and its line has
 * others. */
void ocrvl_text_differs(const char *text, const ocrvl_node_info *line, ocrvl_node_info *word);
/* Whether a third of the text's letters or more are of these scripts, codes of ISO 15924 with a space between them.
 * Figures alone are of Latin script; signs alone are of any. */
bool ocrvl_text_is_of(const char *text, size_t len, const char *scripts);
/* The direction of the first strong character outside isolates (UAX #9, P2); OCRVL_DIR_NONE without one. */
ocrvl_direction ocrvl_text_direction(const char *text, size_t len);

#endif
