/* Languages by the names that file formats give them: BCP 47 ("de"), ISO 639-2 or -3 as Tesseract has it ("deu"), and
 * English as PAGE XML has it ("German"). */
#ifndef OCRVL_BASE_LANGUAGES_H
#define OCRVL_BASE_LANGUAGES_H

/* PAGE's name for the tag's language, whatever subtags follow; NULL for NULL and for what isn't in the table. */
const char *ocrvl_language_english(const char *tag);
/* The tag of what a file calls a language: a tag (given back as it is), three letters or an English name, case aside;
 * NULL if it is none. */
const char *ocrvl_language_tag(const char *name);

#endif
