/* HTML's tags and character references, as models write them: the one reader of both, of Markdown with tags in it and
 * of answers that are HTML. */
#ifndef OCRVL_MARKUP_TAG_H
#define OCRVL_MARKUP_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OCRVL_TAG_NAME = 16 };

/* n characters: code points, or the bytes of UTF-8 if `points` is NULL. What tags are told by is ASCII. */
typedef struct ocrvl_tag_text {
    const uint32_t *points;
    const char *bytes;
    size_t n;
} ocrvl_tag_text;

typedef struct ocrvl_tag {
    char name[OCRVL_TAG_NAME]; /* in lower case; longer ones are cut */
    bool closing;
    size_t attributes, end; /* position after the name; position after '>' */
} ocrvl_tag;

/* Reads the name of the tag that may begin with the '<' at i, and where it ends: a letter, then letters, digits, '_'
 * and '-'. Returns false if what stands there isn't a name before a space, '/' or '>'; tag->end is 0. */
bool ocrvl_tag_name_at(const ocrvl_tag_text *t, size_t i, ocrvl_tag *tag);
/* Finds the end of a tag whose name has been read; returns false if no attributes follow ("<b 2 or a > 3") or if there
 * is no end before another '<'. html: quoted values may hold a '<', as in HTML, where a tag ends within 16,384
 * characters; in Markdown a quotation mark that nothing answers would swallow what follows. */
bool ocrvl_tag_close(const ocrvl_tag_text *t, bool html, ocrvl_tag *tag);
/* Stores an attribute's value in [*from, *to), an empty one if it has none; returns false if the whole tag doesn't have
 * the attribute. name is in lower case. */
bool ocrvl_tag_attribute(const ocrvl_tag_text *t, const ocrvl_tag *tag, const char *name, size_t *from, size_t *to);

/* The character reference ("&amp;", "&#38;", "&#x26;") at i, which ends at *end: its one or two code points, and how
 * many; 0 if there is none. html: the semicolon may be missing after some names, as in HTML. */
size_t ocrvl_tag_reference(const ocrvl_tag_text *t, size_t i, bool html, size_t *end, uint32_t out[2]);

#endif
