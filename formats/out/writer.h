/* What the writers share: the handle, and where bytes go. There is one file for each format. Each format has a `page`
 * and an `end` function that only append: failures are recorded in the writer's buffer, XML or errno, and are checked
 * once, in writer.c. */
#ifndef OCRVL_OUT_WRITER_H
#define OCRVL_OUT_WRITER_H

#include "base/buf.h"
#include "ocrvl_formats.h"
#include "out/table_end.h"
#include "out/vocabulary.h"
#include "out/xmlout.h"

typedef struct ocrvl_writer_ops {
    void (*page)(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place);
    void (*end)(ocrvl_writer *w); /* NULL if nothing ends the document */
    bool xml, declared;           /* written through w->xml; declared: with an XML declaration and indented */
    bool needs_page;              /* a document without a page would not be valid */
    bool says_failures;           /* that a document has no page because it couldn't be opened */
    bool says_broken;             /* which words are broken at line ends, whatever the options say */
    bool one_page;                /* a document of several pages would not be valid */
} ocrvl_writer_ops;

extern const ocrvl_writer_ops ocrvl_text_ops, ocrvl_json_ops, ocrvl_jsonl_ops, ocrvl_hocr_ops, ocrvl_alto_ops,
    ocrvl_page_ops, ocrvl_tsv_ops, ocrvl_markdown_ops, ocrvl_html_ops, ocrvl_dolma_ops, ocrvl_pdf_ops, ocrvl_csv_ops,
    ocrvl_xlsx_ops;

struct ocrvl_writer {
    const ocrvl_writer_ops *ops;
    ocrvl_write_fn fn;
    void *user;
    ocrvl_writer_options opt; /* its strings are owned by the writer */
    uint64_t pages;           /* pages begun so far, including the current one */
    ocrvl_table_end last;     /* the table that ends the page before */
    uint64_t tables;          /* CSV, XLSX: begun so far */
    ocrvl_vocabulary words;   /* of the document so far, the current page included, */
    uint64_t words_file;      /* whose file's name has this hash, */
    uint64_t words_page;      /* and of which this is the current page's index */
    ocrvl_buf buf;            /* text and JSON: a page's output; hOCR and ALTO: scratch for attributes */
    ocrvl_xml *xml;
    char *file;          /* hOCR: the file of the first page's document */
    uint64_t next_index; /* hOCR: its first page that has no number yet */
    void *state;         /* state of the format, if it has any */
    void (*free_state)(void *state);
    bool nomem;          /* memory was exhausted; never reset */
    int sys_errno;       /* errno of a failed write; never reset */
    char why[256];       /* this, of ocrvl_writer_fail, */
    ocrvl_status failed; /* the status of the first failure; never reset */
    bool finished;
};

/* The words by which broken ones are joined, or NULL if the options don't ask for that. */
static inline const ocrvl_vocabulary *ocrvl_joining(const ocrvl_writer *w)
{
    return w->opt.join_hyphens ? &w->words : NULL;
}

/* Passes bytes to the caller's function, unless it has failed already. */
void ocrvl_writer_put(ocrvl_writer *w, const void *data, size_t len);

/* A failure of what the document is made with; it sticks. */
void ocrvl_writer_fail(ocrvl_writer *w, ocrvl_status st, const ocrvl_error *err);

/* Passes a note to the caller's function, if there is one. */
void ocrvl_writer_note(const ocrvl_writer *w, const char *file, const char *text);

/* Whether it is an xsd:date or xsd:dateTime, as ALTO demands: 2026-11-24, 2026-11-24T10:00:00Z. */
bool ocrvl_is_datetime(const char *s);
/* The format's own state, zeroed when it is first asked for; `clear` releases its contents but not the state itself.
 * Returns NULL if memory is exhausted, which is recorded. */
void *ocrvl_writer_state(ocrvl_writer *w, size_t size, void (*clear)(void *state));

#endif
