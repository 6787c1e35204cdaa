/* What the writers share: the handle and where bytes go. One file a format; each has a `page` and an `end` that only
 * append: failures stick to the writer's buffer, XML or errno and are looked at once, in writer.c. */
#ifndef OCRVL_OUT_WRITER_H
#define OCRVL_OUT_WRITER_H

#include "base/buf.h"
#include "ocrvl_formats.h"
#include "out/xmlout.h"

typedef struct ocrvl_writer_ops {
    void (*page)(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place);
    void (*end)(ocrvl_writer *w); /* NULL: nothing ends the document */
    bool xml, declared;           /* goes through w->xml, with an XML declaration and indented */
    bool needs_page;              /* a document without a page would not be valid */
    bool one_page;                /* nor would one of several */
} ocrvl_writer_ops;

extern const ocrvl_writer_ops ocrvl_text_ops, ocrvl_json_ops, ocrvl_jsonl_ops, ocrvl_hocr_ops, ocrvl_alto_ops,
    ocrvl_page_ops, ocrvl_tsv_ops, ocrvl_markdown_ops, ocrvl_html_ops, ocrvl_dolma_ops, ocrvl_pdf_ops;

struct ocrvl_writer {
    const ocrvl_writer_ops *ops;
    ocrvl_write_fn fn;
    void *user;
    ocrvl_writer_options opt; /* its strings are the writer's own */
    uint64_t pages;           /* begun so far, this one included */
    ocrvl_buf buf;            /* text and JSON: a page's output; hOCR and ALTO: scratch for attributes */
    ocrvl_xml *xml;
    char *file;          /* hOCR: the first page's document, */
    uint64_t next_index; /* and the first page in it that has no number yet */
    void *state;         /* what a format keeps of its own, */
    void (*free_state)(void *state);
    bool nomem;          /* this, */
    int sys_errno;       /* this, */
    char why[256];       /* this, of ocrvl_writer_fail, */
    ocrvl_status failed; /* and so this stick */
    bool finished;
};

/* Hands bytes to the caller's function, unless it has failed already. */
void ocrvl_writer_put(ocrvl_writer *w, const void *data, size_t len);

/* A failure of what the document is made with; it sticks. */
void ocrvl_writer_fail(ocrvl_writer *w, ocrvl_status st, const ocrvl_error *err);

/* Tells the caller who asked to be told. */
void ocrvl_writer_note(const ocrvl_writer *w, const char *file, const char *text);

/* The format's own state, zeroed when it is first asked for; `clear` frees what it holds, not the state. NULL: no
 * memory, which is noted. */
void *ocrvl_writer_state(ocrvl_writer *w, size_t size, void (*clear)(void *state));

#endif
