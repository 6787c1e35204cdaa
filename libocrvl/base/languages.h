/* Languages by the names that file formats give them: BCP 47 ("de"), ISO 639-2 or -3 as in Tesseract ("deu"), and
 * English as in PAGE XML ("German"). */
#ifndef OCRVL_BASE_LANGUAGES_H
#define OCRVL_BASE_LANGUAGES_H

/* PAGE's name for the tag's language, whatever its subtags; NULL for NULL and for languages that aren't in the
 * table. */
const char *ocrvl_language_english(const char *tag);
/* The tag of a language as a file names it: by a tag (returned as it is), three letters or an English name, in any
 * case; NULL for other names. */
const char *ocrvl_language_tag(const char *name);

#endif
