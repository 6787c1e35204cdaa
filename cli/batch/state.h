/* What is known of a batch: the documents that were found, and what the journals of all processes say of their pages.
 * */
#ifndef OCRVL_CLI_BATCH_STATE_H
#define OCRVL_CLI_BATCH_STATE_H

#include "base/arena.h"
#include "batch/store.h"
#include "command.h"

typedef enum batch_page_status {
    BATCH_PENDING = 0,
    BATCH_OK,
    BATCH_BLANK,
    BATCH_PARTIAL,
    BATCH_SKIPPED, /* has text, and stays as it is */
    BATCH_FAILED,
    BATCH_LEFT, /* --pages leaves it out: there is no record of it */
    BATCH_PAGE_STATUSES
} batch_page_status;

typedef enum batch_doc_status {
    BATCH_DOC_PENDING = 0,
    BATCH_DOC_DONE,   /* all pages are there, and the outputs */
    BATCH_DOC_FAILED, /* it can't be opened: no page is known */
    BATCH_DOC_MISSING,
    BATCH_DOC_CHANGED,   /* pending, since its file isn't the one that was known: counts alone tell it from PENDING */
    BATCH_DOC_DUPLICATE, /* done, with the results of another that has the same bytes: counts alone tell it from DONE */
    BATCH_DOC_STATUSES
} batch_doc_status;

typedef struct batch_page {
    uint64_t offset; /* of its member in the results file */
    uint32_t length, crc;
    uint32_t file;                    /* index of batch_state.results */
    uint32_t line;                    /* checksum of the line that says so */
    float seconds, confidence, worst; /* confidence of all; of the worst tenth of its lines; negative: none */
    uint8_t status;                   /* batch_page_status */
    uint8_t reason;                   /* an index of batch_reasons; 0: none */
    uint16_t warnings : 6;            /* how many, up to 63 */
    uint16_t codes : 8;               /* index + 1 of batch_state.codes: which; 0: none, or more kinds than fit in */
    uint16_t unread : 1;              /* one of them is of ink that looks like text and gave none */
    uint16_t taken : 1;               /* of another document that has the same bytes */
} batch_page;

typedef struct batch_doc {
    char *name;        /* below its root: any bytes */
    uint64_t size;     /* as it was found */
    int64_t mtime;     /* nanoseconds */
    batch_page *pages; /* [known]; of one page as a rule, then it lies in the arena */
    uint32_t unit;     /* the unit of work that it is in */
    uint32_t seen;     /* when it was found, seconds since 1970 */
    uint32_t known, room;
    uint32_t total;   /* pages; 0: not known yet */
    uint32_t per;     /* it is read in ranges of so many pages, each a unit of work of its own; 0: it isn't */
    uint32_t mets;    /* index + 1 of batch_state.metses: the METS file whose page it is; 0: none */
    uint32_t url;     /* index + 1 of batch_state.urls: where its image is; 0: it is a file */
    uint32_t root;    /* index of batch_state.roots */
    uint32_t of;      /* checksum of size, mtime, fingerprint, changes: what lines about this state of it say */
    uint32_t line;    /* checksum of the line that says that it is FAILED or MISSING */
    uint32_t written; /* batch_doc_sum of the results of which outputs were written; 0: none were */
    uint16_t changes; /* how often its file had been another one before */
    uint16_t lost;    /* formats (1 << ocrvl_format) in which it can't be written; see batch_loss */
    uint8_t status;   /* FAILED and MISSING as told; PENDING and DONE follow of the rest */
    uint8_t reason;
    uint8_t revoked;  /* how many of its lines are, modulo 256; lines say it, so that none is like a revoked one */
    bool changed : 1; /* it was known in another state */
    bool put_off : 1; /* runs died with it in hand: it is read last, and alone (batch/deaths.h) */
    bool reread : 1;  /* this process found its results damaged, and has read it again */
    bool unfit : 1;   /* its PDF isn't the PDF/A that was asked for */
} batch_doc;

typedef struct batch_loss { /* an output that can't be written: who does it dies of it, or it needs what is gone */
    uint32_t doc;           /* index */
    uint32_t line;          /* checksum of the line that says so */
    uint8_t format, reason; /* ocrvl_format; index of batch_reasons */
} batch_loss;

typedef struct batch_rewriting { /* that a document's outputs were written, of other results than `written` says */
    uint32_t doc, sum;
    bool unfit;
} batch_rewriting;

typedef struct batch_input { /* a document as it was found */
    const char *name;        /* below its root */
    uint64_t size;
    int64_t mtime;    /* nanoseconds */
    const char *mets; /* the METS file whose page it is, below the root; NULL: none */
    const char *url;  /* where its image is, "" if a IIIF canvas has none; NULL: it is a file */
    uint16_t changes; /* as of batch_doc */
} batch_input;

typedef struct batch_journal {
    char *name;
    uint64_t read; /* bytes */
    bool inputs;   /* lists documents */
} batch_journal;

typedef struct batch_state { /* must be zero-initialised */
    const batch_store *store;
    const cli_pages *pages; /* that are asked for of each document; NULL: all */
    uint64_t max_pages;     /* of a document; 0: as many as sources give. Lines about further ones don't count */
    uint32_t fingerprint;   /* the first eight digits of the batch's */
    ocrvl_arena arena;      /* names, and the record of a document's one page */
    batch_doc *docs;
    size_t count, doc_cap;
    uint32_t *order; /* [count] indices of docs, by name; made by batch_state_sort */
    uint32_t *slots; /* hash table of names: index + 1 */
    size_t slot_count, order_cap;
    char **roots, **results, **metses, **urls;
    char *codes[255]; /* lists of codes that pages' warnings have, each once, with commas between them */
    size_t code_count;
    size_t root_count, root_cap, mets_count, mets_cap, url_count, url_cap, result_count, result_cap;
    batch_journal *journals;
    size_t journal_count, journal_cap;
    uint64_t *voids; /* see batch_state_void */
    size_t void_count, void_slots;
    batch_loss *losses;
    size_t loss_count, loss_cap;
    batch_rewriting *rewritings;
    size_t rewriting_count, rewriting_cap;
    char **ended; /* names of processes whose death a run has seen, and taken care of what they had in hand */
    size_t ended_count, ended_cap;
    uint64_t torn;           /* lines passed over because they aren't whole */
    uint64_t irreproducible; /* pages of which there are two results that differ */
} batch_state;

extern const char *const batch_page_status_names[], *const batch_doc_status_names[], *const batch_reasons[];
/* The index of a name in a NULL-terminated list; 0 if it isn't there. */
unsigned batch_index_of(const char *const *names, const char *name);

/* Sorts by name; called after documents were added. */
cli_exit batch_state_sort(batch_state *s);
void batch_state_free(batch_state *s);

batch_doc *batch_state_find(const batch_state *s, const char *name); /* NULL: none */
/* Makes the document known, or replaces what is known of it if it is another state of its file. */
cli_exit batch_state_add(batch_state *s, const char *root, const batch_input *input, uint32_t unit, uint64_t seen);
/* Where the document is: a path or a URL, newly allocated; NULL without memory. */
char *batch_doc_path(const batch_state *s, const batch_doc *d);

/* The index of a results file's name. False: no memory. */
bool batch_state_result(batch_state *s, const char *name, uint32_t *out);
/* The number of a list of codes for batch_page.codes; 0 if there are too many. False: no memory. */
bool batch_state_codes(batch_state *s, const char *codes, uint8_t *out);
/* Why the page is as it is: the codes of its warnings if it is partial, or else its reason, "none" for none. */
const char *batch_page_why(const batch_state *s, const batch_page *p);
/* Revokes the line with that checksum which is about the document, whether it was seen yet or not. False: no memory. */
bool batch_state_void(batch_state *s, batch_doc *d, uint32_t line);
bool batch_state_is_void(const batch_state *s, const batch_doc *d, uint32_t line);

/* Notes that the document's outputs were written of the results with that sum. Lines come in the order of their files'
 * names, not of time, so all such sums are kept until batch_state_settle, which takes that of the results that there
 * are, if it is among them. False: no memory. */
bool batch_state_written(batch_state *s, batch_doc *d, uint32_t sum, bool unfit);
void batch_state_settle(batch_state *s);

/* Notes that an output can't be written. False: no memory. */
bool batch_state_lose(batch_state *s, batch_doc *d, unsigned format, unsigned reason, uint32_t line);

/* Notes that the outputs of a unit were begun. False: no memory. */
bool batch_state_begun(batch_state *s, uint32_t unit);
bool batch_state_was_begun(const batch_state *s, uint32_t unit);

/* Notes that a run has taken care of what a process that died had in hand. False: no memory. */
bool batch_state_end(batch_state *s, const char *process);
bool batch_state_was_ended(const batch_state *s, const char *process);

/* How many ranges the document is read in; 1 if it isn't read so. */
uint32_t batch_doc_ranges(const batch_doc *d);
/* Whether a page of the range is pending. */
bool batch_doc_range_pending(const batch_doc *d, uint32_t range);

/* What files call a unit: eight hexadecimal digits. */
enum { BATCH_UNIT = 9 };
void batch_unit_name(char name[BATCH_UNIT], uint32_t unit);
/* What claims on it are called: with `range`, on those of a document's pages. */
enum { BATCH_CLAIM = 24 };
void batch_claim_name(char name[BATCH_CLAIM], const batch_doc *d, bool ranges, uint32_t range);

/* The page's record, or one that is pending if there is none; pages count from 0. */
batch_page batch_doc_page(const batch_doc *d, uint32_t page);
/* Whether the page of that number, which counts from 1, is asked for of each document. */
bool batch_state_wants(const batch_state *s, uint32_t page);
/* Says how many pages the document has, and leaves out those that aren't asked for. False: no memory. */
bool batch_doc_set_total(batch_state *s, batch_doc *d, uint32_t total);
/* Makes room for the records of `count` pages. False: no memory. */
bool batch_doc_reserve(batch_state *s, batch_doc *d, uint32_t count);
/* Whether all pages are there. */
bool batch_doc_read(const batch_doc *d);
/* Whether its results are those of another document. */
bool batch_doc_duplicate(const batch_doc *d);
/* How many pages it has that aren't left out. */
uint32_t batch_doc_count(const batch_doc *d);
/* Checksum of the results of all pages, and of the formats that can't be written of them; never 0. */
uint32_t batch_doc_sum(const batch_doc *d);
/* DONE, FAILED, MISSING, or PENDING. */
batch_doc_status batch_doc_state(const batch_doc *d);

#endif
