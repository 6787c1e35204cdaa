/* Lines of the journal: JSON objects, each of which ends with a checksum of itself. ocrvl-journal(5) says what they
 * mean. */
#ifndef OCRVL_CLI_BATCH_LINE_H
#define OCRVL_CLI_BATCH_LINE_H

#include "base/buf.h"

/* Begins a line of that type in b, which may hold other lines before it. */
void batch_line_begin(ocrvl_buf *b, const char *type);
void batch_line_text(ocrvl_buf *b, const char *key, const char *value); /* NULL: no member */
/* A file's name: any bytes. A percent sign and bytes that are no UTF-8 are written as %XX. */
void batch_line_name(ocrvl_buf *b, const char *key, const char *value);
void batch_line_count(ocrvl_buf *b, const char *key, uint64_t value);
void batch_line_number(ocrvl_buf *b, const char *key, double value, int decimals);
/* Ends the line that began at offset `from` of b. */
void batch_line_end(ocrvl_buf *b, size_t from);

/* A line that was read: its members, as they stand in the text, which must stay. */
typedef struct batch_line {
    struct batch_member {
        const char *key, *value; /* a text's value has its quotes */
        uint32_t key_len, value_len;
    } members[24];
    size_t count;
    uint32_t crc;
} batch_line;

/* Reads a line (without its newline). False: its checksum is wrong, or it is no object of that many members. */
bool batch_line_parse(batch_line *l, const char *text, size_t len);
/* Reads an object that is a value of a line, which has no checksum of its own. */
bool batch_line_parse_object(batch_line *l, const char *text, size_t len);
/* Whether the line has the member. */
bool batch_line_has(const batch_line *l, const char *key);
/* The text of a member without escapes (as types, states and digests are); NULL if it is no text. Not terminated. */
const char *batch_line_text_of(const batch_line *l, const char *key, size_t *len);
bool batch_line_is(const batch_line *l, const char *key, const char *text);
/* The index of a member's text in a NULL-terminated list; 0 if it isn't there. */
unsigned batch_line_index(const batch_line *l, const char *key, const char *const *names);
unsigned batch_line_format(const batch_line *l, const char *key);   /* the ocrvl_format that it names; 0: none */
uint64_t batch_line_count_of(const batch_line *l, const char *key); /* 0 if it is no count */
int64_t batch_line_int_of(const batch_line *l, const char *key);    /* 0 if it is no whole number */
double batch_line_number_of(const batch_line *l, const char *key);  /* -1 if it is no number */
uint32_t batch_line_hex_of(const batch_line *l, const char *key, bool *good); /* of eight hexadecimal digits */
/* Puts a file's name into b, which is emptied before, with its NUL. False: there is none, or no memory (b->failed). */
bool batch_line_name_of(const batch_line *l, const char *key, ocrvl_buf *b);
/* Goes through the items of a member that is a list: NULL at its end. *at is 0 before the first. */
const char *batch_line_item(const batch_line *l, const char *key, size_t *at, size_t *len);

/* The same of any list: its text and length. */
const char *batch_list_item(const char *list, size_t list_len, size_t *at, size_t *len);

/* The length of a name without its suffix. */
size_t batch_stem_length(const char *name);

typedef struct batch_output_line { /* a file that was written */
    const char *name;              /* any bytes */
    uint64_t bytes;
    uint8_t sha256[32];
} batch_output_line;

/* Appends it as an item of a line's list, in which the name of its document without suffix is a star. */
void batch_output_put(ocrvl_buf *b, const batch_output_line *o, const char *doc);
/* Reads such an item; the name is put into a buffer, which is emptied before. False: it is none, or no memory
 * (name->failed). */
bool batch_output_take(batch_output_line *o, ocrvl_buf *name, const char *item, size_t len, const char *doc);

/* Appends the bytes of a name as batch_line_name writes them, without quotes. */
void batch_name_encode(ocrvl_buf *b, const char *name);

#endif
