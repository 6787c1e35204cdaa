/* ocrvl_formats.h - documents in, results out: sources give page images, writers take result trees.
 * The conventions of ocrvl.h hold here too. A source or writer is used by one thread at a time. */
#ifndef OCRVL_FORMATS_H
#define OCRVL_FORMATS_H

#include "ocrvl.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- decoders ---------------------------------------------------------------------------------------- */

/* Starts processes that decode documents, each one of them, confined: no files but fonts, no network, limits on time
 * and memory. Sources and videos that are given one are decoded so; others in the process that opens them. */
typedef struct ocrvl_decoders ocrvl_decoders;

/* Forks the process that does it. To be called while this process has one thread. Many threads may then use it. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_decoders_new(ocrvl_decoders **out, ocrvl_error *err);
/* After all sources and videos that use it. */
OCRVL_API void ocrvl_decoders_free(ocrvl_decoders *d);
/* What of the confinement this system can't do, a sentence; NULL: nothing. It is done without that. */
OCRVL_API const char *ocrvl_decoders_lack(void);
/* Why one could not be started, a sentence: the process that starts them is gone, as if somebody has killed it, or the
 * system has no process left. NULL: all could. What sources and videos fail of from then on says nothing of them. */
OCRVL_API const char *ocrvl_decoders_lost(ocrvl_decoders *d);

/* ---- sources ----------------------------------------------------------------------------------------- */

typedef struct ocrvl_source ocrvl_source; /* a document that gives page images, one after the other */

typedef struct ocrvl_page_span { /* pages of a document, 1-based, inclusive */
    uint64_t first, last;        /* last 0: to the document's end */
} ocrvl_page_span;

typedef struct ocrvl_source_options {
    size_t size;
    double dpi;                     /* PDF pages that are rendered: 0 chooses by the smallest text, 300 by default */
    bool render_always;             /* PDF: render even where a page is one scanned image */
    bool text_layer;                /* PDF: give each page's own text (ocrvl_page_place.text_layer) */
    const char *password;           /* PDF; NULL: none */
    uint64_t first_page, last_page; /* 1-based, inclusive; 0: from the first, to the last */
    uint64_t max_file_bytes;        /* 0: 4 GiB, of a URL 256 MiB */
    uint64_t max_pixels;            /* of a page image; 0: 400 million */
    uint64_t max_pages;             /* 0: 100,000 */
    bool urls;                      /* the path may be a data:, http: or https: URL */
    bool private_addresses; /* URLs: also hosts that aren't on the public internet, and the environment's proxies */
    uint32_t url_millis;    /* URLs: until all of it is there, wall clock; 0: 60,000 */
    bool text_boxes;        /* PDF: give the places of each page's own text (ocrvl_page_place.text_boxes) */
    /* PDF: first remove its invisible text, as OCR programs leave it; visible text stays. Where that can't be done,
     * ocrvl_page_place.document is NULL. Without own_text, own_text.doubt of a page says what of it is left. */
    bool drop_hidden_text;
    /* Give ocrvl_page_place.original also where that takes work: the picture that a PDF's page is, or fax or JPEG
     * data put together from a TIFF's strips. */
    bool originals;
    /* Asked while bytes of a pipe, standard input or a URL are waited for, also when a signal handler returns. True
     * ends the opening with OCRVL_E_CANCELED; NULL means never. */
    bool (*canceled)(void *user);
    void *canceled_user;
    bool own_text; /* PDF: give each page's own text as far as its ink bears it out (ocrvl_page_place.own_text) */
    /* PDF, with own_text: pages on which there is nothing else to read may come as small images, while width, height
     * and dpi of ocrvl_page_place are as they would be. */
    bool small_images;
    bool own_text_only; /* PDF, with both: nobody will read the pages, so all of them come as small images */
    /* [span_count] Of first_page to last_page only the pages that lie in one of these, in the document's order; a page
     * that lies in several comes once. They must stay until the source is freed. 0: all pages. */
    const ocrvl_page_span *spans;
    size_t span_count;
    ocrvl_decoders
        *decoders; /* to decode the pages in another process; must stay until the source is freed. NULL: none */
    /* With decoders: milliseconds of processor time that a page may take, and opening the document. 0: 50,000 */
    uint32_t page_millis;
    /* With decoders: bytes that decoding may take. 0: 2 GiB, and beside them what a page or picture that is within
     * max_pixels needs by its format, up to 28 bytes a pixel, but no more than half of the machine's memory in all. */
    uint64_t decoder_memory;
    /* PDF, with decoders: opening it fails with OCRVL_E_NOMEM if writing text onto its pages takes more memory, as the
     * process that is to do so has no such limit. With text_boxes or drop_hidden_text ocrvl_page_place.document is NULL
     * instead. */
    bool onto;
    /* With decoders: the same by the clock, for a decoder that doesn't work but waits, or a caller in a hurry.
     * 0: ten times page_millis, since other programs may be at work on the machine. */
    uint32_t page_clock_millis;
    /* PDF: text will be put onto the document, which is tried with decoders as with text_boxes; as PDF/A it takes more,
     * since contents are unpacked. */
    bool writing, pdfa;
} ocrvl_source_options;

typedef struct ocrvl_outline_entry {
    const char *title; /* UTF-8, one line, not empty */
    uint32_t level;    /* from 1; an entry is at most one deeper than the one before it */
    uint64_t page;     /* where it leads, 1-based; 0: that isn't known */
} ocrvl_outline_entry;

/* What a document says of itself. Strings are UTF-8; NULL: it doesn't say. */
typedef struct ocrvl_document_info {
    const char *title, *author, *subject, *keywords, *creator, *producer;
    const char *created, *modified;     /* "2026-11-24T10:00:00Z" */
    const char *language;               /* BCP 47 */
    const ocrvl_outline_entry *outline; /* [outline_count] */
    size_t outline_count;
} ocrvl_document_info;

/* What is known of a page before or after it is rendered. */
typedef struct ocrvl_page_place {
    size_t size;
    /* as named by the user; "-" for standard input; a URL shortened, without user and password */
    const char *file;
    const char *media_type; /* "application/pdf" */
    uint64_t index;         /* 0-based page in the document */
    uint64_t pages;         /* in the document; 0: not known (a stream) */
    const char *label;      /* printed page label, as a PDF's "iv"; NULL: none */
    const char *sha256;     /* of the input document, 64 hex digits; NULL: not computed */
    uint32_t width, height; /* of the page image; 0 before it is made */
    double dpi_x, dpi_y;
    double pdf_box[4];      /* PDF: the crop box in points (left, bottom, right, top); all zero elsewhere */
    bool native;            /* PDF: the page image is the scan's own pixels */
    const char *text_layer; /* PDF, with the option: what the document says stands on the page; NULL: nothing */
    const ocrvl_text_place *text_places; /* [text_place_count] the same line by line, with boxes in the page image */
    size_t text_place_count;
    const ocrvl_image *image; /* the page image, for formats that hold it; NULL: none */
    /* the bytes of the one picture that the page image is, or NULL; until the next page */
    const void *original;
    size_t original_len;
    /* "image/jpeg"; "image/g4": ITU-T T.6 without markers, all rows, the first bit the highest, black as it is;
     * "image/g4-negative": white as black; "image/jp2", grey or sRGB. */
    const char *original_type;
    /* PDF: the whole file that the page is in, for the PDF writer to put text onto; it lasts as long as the source.
     * NULL if there is none, if the file's end is missing, or if that took more memory than decoders may have. */
    const void *document;
    size_t document_len;
    const ocrvl_box *text_boxes; /* PDF, with the option: where its own text stands, in pixels of the page image */
    size_t text_box_count;
    const char *md5; /* of the input document if that is an image file, 32 hex digits; NULL: none */
    /* PDF, with the option: what the document itself says, exactly, maybe nothing; NULL: it isn't known */
    const ocrvl_own_text *own_text;
    const char *damage; /* what of the page is damaged or missing, a sentence; NULL: nothing that is known of */
    bool no_page;       /* the document couldn't be opened: a failed page stands for it, in formats that can say so */
    /* what the document says of itself, on the first of its pages that comes; it lasts as long as the source. NULL: on
     * others, and if it says nothing */
    const ocrvl_document_info *info;
} ocrvl_page_place;

/* Whether `head`, a file's first bytes (1024 or more, or all of them), begin a document that ocrvl_source_open knows.
 * */
OCRVL_API bool ocrvl_source_knows(const void *head, size_t len);

/* Opens a file; path "-" is standard input, which is read to its end first. Messages begin with the path. A URL is
 * fetched first, with at most 5 redirects and none from https: to http:; with the option `urls` only. The format is
 * told by the first bytes, never by the name. OCRVL_E_UNSUPPORTED: no known format; OCRVL_E_ARG: options that
 * contradict themselves, or first_page is past the end; OCRVL_E_PASSWORD, OCRVL_E_IO, OCRVL_E_FORMAT, OCRVL_E_LIMIT as
 * their names say. opt may be NULL. A file that is cut short by others while it is open is not survived. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_source_open(ocrvl_source **out, const char *path,
                                                          const ocrvl_source_options *opt, ocrvl_error *err);
/* The same from memory; data must stay until the source is freed. name is what messages call it (NULL: "-"). */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_source_open_memory(ocrvl_source **out, const void *data, size_t len,
                                                                 const char *name, const ocrvl_source_options *opt,
                                                                 ocrvl_error *err);
OCRVL_API void ocrvl_source_free(ocrvl_source *src);
/* The next page: *img is its image and *place describes it (size set by the caller, strings borrowed until the next
 * call). At the end of the document OCRVL_OK with *img NULL. A page that can't be made gives its error with *img NULL
 * and *place filled (width 0); the next call goes on with the following page, or ends if nothing more can be read.
 * With decoders, a page that takes too long is OCRVL_E_TIMEOUT, one that takes too much memory is OCRVL_E_NOMEM, and
 * one that ends its process is OCRVL_E_CRASH. Messages name neither document nor page. A page whose pixels are all
 * grey has 1 channel, whatever the file's. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_source_next(ocrvl_source *src, ocrvl_image **img, ocrvl_page_place *place,
                                                          ocrvl_error *err);
/* Pages that will come out of ocrvl_source_next in all, 0 if not known beforehand (a stream of images). */
OCRVL_API uint64_t ocrvl_source_count(const ocrvl_source *src);

/* ---- results ----------------------------------------------------------------------------------------- */

typedef struct ocrvl_results ocrvl_results; /* a document of results that gives its pages, one after the other */

/* Whether `head`, a file's first bytes (1024 or more, or all of them), begin results that ocrvl_results_open knows. */
OCRVL_API bool ocrvl_results_knows(const void *head, size_t len);

/* Opens ocrvl.page/1 JSON (lines or an array), hOCR, ALTO 2 to 4, PAGE XML or Tesseract's TSV, told by its first bytes;
 * path "-" is standard input. OCRVL_E_UNSUPPORTED: none of these; messages begin with the path. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_results_open(ocrvl_results **out, const char *path, ocrvl_error *err);
/* The same from memory; data must stay until the results are freed. name is what messages call it. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_results_open_memory(ocrvl_results **out, const void *data, size_t len,
                                                                  const char *name, ocrvl_error *err);
OCRVL_API void ocrvl_results_free(ocrvl_results *r);
/* The next page, to be freed by the caller, and what is told of its place (as ocrvl_source_next); at the end OCRVL_OK
 * with *page NULL. A page that is no sound one gives its error; the next call goes on after it, or ends if nothing more
 * can be read. What a format doesn't say of boxes is that they were measured. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_results_next(ocrvl_results *r, ocrvl_page **page, ocrvl_page_place *place,
                                                           ocrvl_error *err);

/* Takes the bytes. Returns 0, or an errno value that becomes ocrvl_error.sys_errno of OCRVL_E_IO. */
typedef int (*ocrvl_write_fn)(void *user, const void *data, size_t len);

/* ---- METS -------------------------------------------------------------------------------------------- */

typedef struct ocrvl_mets ocrvl_mets; /* a METS file: the pages of a work, in order */

typedef struct ocrvl_mets_file { /* a file that belongs to a page */
    const char *href;            /* relative to the METS file; NULL: the page has none */
    const char *sha256;          /* 64 hex digits */
    uint64_t bytes;
} ocrvl_mets_file;

/* Whether `head`, a file's first bytes (1024 or more, or all of them), are those of a METS file. */
OCRVL_API bool ocrvl_mets_knows(const void *head, size_t len);
/* Opens a METS file of at most 256 MiB. Its pages are those of the structMap PHYSICAL that have an image in the fileGrp
 * whose USE is `group`, or if that is NULL in the first that is there of OCR-D-IMG, MAX, DEFAULT and ORIGINAL, and those
 * of the TYPE page that have none. No entity is expanded and nothing else is opened. OCRVL_E_FORMAT: it is none, or has
 * no such group, or no page has an image; messages begin with "METS:". */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_mets_open(ocrvl_mets **out, const char *path, const char *group,
                                                        ocrvl_error *err);
OCRVL_API void ocrvl_mets_free(ocrvl_mets *m);
OCRVL_API size_t ocrvl_mets_count(const ocrvl_mets *m); /* pages, at least one */
/* The link to a page's image as it stands there; NULL if it has none, or past the end. */
OCRVL_API const char *ocrvl_mets_image(const ocrvl_mets *m, size_t page);
/* Writes the METS file with a fileGrp `use` that has the files ([ocrvl_mets_count], one for each page), each with ID,
 * MIMETYPE, SIZE and SHA-256 and a pointer in its page's div; a group of that use that was there is replaced, all else
 * stays. To be called once. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_mets_write(ocrvl_mets *m, const char *use, const char *media_type,
                                                         const ocrvl_mets_file *files, ocrvl_write_fn fn, void *user,
                                                         ocrvl_error *err);

/* ---- IIIF manifests ---------------------------------------------------------------------------------- */

typedef struct ocrvl_iiif ocrvl_iiif; /* a manifest: the pages of a work, in order, as images behind URLs */

/* Whether `head`, a file's first bytes (1024 or more, or all of them), are those of a IIIF Presentation document. */
OCRVL_API bool ocrvl_iiif_knows(const void *head, size_t len);
/* Opens a manifest of IIIF Presentation 2 or 3 of at most 64 MiB; with the option `urls` path may be a URL, which is
 * read as a source's is (opt may be NULL). Its pages are its canvases. OCRVL_E_FORMAT: it is none; others as of a
 * source. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_iiif_open(ocrvl_iiif **out, const char *path,
                                                        const ocrvl_source_options *opt, ocrvl_error *err);
OCRVL_API void ocrvl_iiif_free(ocrvl_iiif *m);
OCRVL_API size_t ocrvl_iiif_count(const ocrvl_iiif *m); /* pages, at least one */
/* The http: or https: address of a page's image, at its full size where its service gives that; NULL: it has none. */
OCRVL_API const char *ocrvl_iiif_image(const ocrvl_iiif *m, size_t page);

/* ---- videos ------------------------------------------------------------------------------------------ */

typedef struct ocrvl_video ocrvl_video; /* a video that gives some of its frames, as Qwen2-VL is to see them */

typedef struct ocrvl_video_options {
    size_t size;
    double fps;                      /* frames to take of a second; 0: 2 */
    uint32_t min_frames, max_frames; /* 0: 4 and 768; made even, upwards and downwards */
    double max_seconds;              /* a longer video is OCRVL_E_LIMIT; 0: 7200 */
    uint64_t max_file_bytes;         /* as of a source */
    uint64_t max_pixels;             /* of a frame; 0: 64 million */
    /* For opening and decoding all of it; 0: 600,000. With decoders processor time, and ten times that by the clock;
     * else by the clock. */
    uint32_t max_millis;
    bool urls, private_addresses; /* as of a source */
    uint32_t url_millis;
    ocrvl_decoders *decoders; /* as of a source; max_millis is the limit on time */
    uint64_t decoder_memory;
} ocrvl_video_options;

/* Whether this library reads videos: it may have been built without FFmpeg, or FFmpeg's libraries, which are loaded
 * when the first video is opened, may be missing. Opening one is then OCRVL_E_UNSUPPORTED. */
OCRVL_API bool ocrvl_video_supported(void);
/* Why videos can't be read, as a clause, or NULL if they can be. The text is constant. It loads FFmpeg's libraries. */
OCRVL_API const char *ocrvl_video_lack(void);
/* Opens a file ("-": standard input), with the option `urls` a URL. How many frames there will be is the published rule
 * (qwen_vl_utils): the duration times fps, within min_frames, max_frames and what the video has, rounded to an even
 * number, spread evenly from the first to the last; a video of one frame gives it once. Messages begin with the path.
 * OCRVL_E_UNSUPPORTED: not a video in a known container, or its codec isn't known; OCRVL_E_FORMAT: broken;
 * OCRVL_E_LIMIT, OCRVL_E_IO, OCRVL_E_ARG as their names say. Of a video that is cut short come the frames that are
 * there. opt may be NULL. The messages of libav, which go to standard error by default for the whole process, are
 * turned off if the process has not changed their level itself. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_video_open(ocrvl_video **out, const char *path,
                                                         const ocrvl_video_options *opt, ocrvl_error *err);
/* The same from memory, which must stay until the video is freed. name is what messages call it (NULL: "-"). */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_video_open_memory(ocrvl_video **out, const void *data, size_t len,
                                                                const char *name, const ocrvl_video_options *opt,
                                                                ocrvl_error *err);
OCRVL_API void ocrvl_video_free(ocrvl_video *v);
/* How many frames come out of ocrvl_video_next in all. */
OCRVL_API uint32_t ocrvl_video_count(const ocrvl_video *v);
/* How many of them are of a second, by the video's duration; 0 if it has none. */
OCRVL_API double ocrvl_video_rate(const ocrvl_video *v);
/* The next frame, RGB, upright, all of one size, and when it is shown (seconds is not NULL). A frame that can't be
 * decoded is replaced by the one after it, or at the end by the last one. At the end OCRVL_OK with *img NULL. After an
 * error, which is OCRVL_E_FORMAT if no frame can be decoded, nothing more comes. Messages don't name the video. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_video_next(ocrvl_video *v, ocrvl_image **img, double *seconds,
                                                         ocrvl_error *err);

/* ---- writers ----------------------------------------------------------------------------------------- */

typedef struct ocrvl_writer ocrvl_writer; /* a document that takes pages, in order */

typedef enum ocrvl_format {
    OCRVL_FORMAT_TEXT = 1, /* form feed between pages, blank line between blocks */
    OCRVL_FORMAT_JSON,     /* an array of ocrvl.page/1 objects */
    OCRVL_FORMAT_JSONL,    /* one ocrvl.page/1 object a line, flushed as each page ends */
    OCRVL_FORMAT_HOCR,     /* hOCR 1.2 as polyglot XHTML */
    OCRVL_FORMAT_ALTO,     /* ALTO 4.4; all pages in one file */
    OCRVL_FORMAT_PAGE,     /* PAGE XML 2019-07-15; a document is one page: see ocrvl_format_one_page */
    OCRVL_FORMAT_TSV,      /* the columns of Tesseract's TSV */
    OCRVL_FORMAT_MARKDOWN, /* CommonMark with pipe tables, HTML where cells span */
    OCRVL_FORMAT_HTML,     /* to read, in one file */
    OCRVL_FORMAT_DOLMA,    /* Dolma JSON Lines as olmOCR writes them, an object a document */
    OCRVL_FORMAT_PDF,      /* page images with invisible text, or a PDF's own pages */
    OCRVL_FORMAT_CSV,      /* the tables alone, RFC 4180, with a blank line between them */
    OCRVL_FORMAT_XLSX      /* the tables alone, each on a sheet of a workbook */
} ocrvl_format;

/* By its name in lower case ("hocr"); false: no such format. */
OCRVL_API bool ocrvl_format_by_name(const char *name, ocrvl_format *format);
OCRVL_API const char *ocrvl_format_name(ocrvl_format format);
/* All names, parted by spaces: "text json jsonl ..." */
OCRVL_API const char *ocrvl_format_names(void);
/* Whether it can say that a document couldn't be opened (ocrvl_page_place.no_page). Others are given no such page. */
OCRVL_API bool ocrvl_format_says_failures(ocrvl_format format);
/* Whether a document of the format holds one page only, so that each page needs a writer of its own. */
OCRVL_API bool ocrvl_format_one_page(ocrvl_format format);

typedef enum ocrvl_pdfa { OCRVL_PDFA_NONE = 0, OCRVL_PDFA_1B, OCRVL_PDFA_2B } ocrvl_pdfa;

typedef struct ocrvl_writer_options {
    size_t size;
    bool join_hyphens;        /* text, Markdown, HTML, Dolma: join words broken at line ends */
    const char *model;        /* the model's name, for the formats that record it; NULL: none */
    const char *model_sha256; /* 64 hex digits or NULL */
    const char *settings;     /* "key=value;..." for the formats that record it; NULL: none */
    const char *datetime; /* "2026-11-24" or "2026-11-24T10:00:00Z", for ALTO's Processing; JSON then gives the seconds
                                 that pages took. NULL: both left out, so that output is reproducible */
    ocrvl_pdfa pdfa;      /* PDF: the standard that the file says it keeps */
    uint64_t pages;       /* that will come, 0 if not known (hOCR says it; ALTO says more of a single one) */
    bool flat_tables;     /* ALTO: a table's cells as blocks of the page, for readers that look no deeper */
    uint32_t table;       /* CSV: only this table of each page, counted from 1; 0: all */
    const char *password; /* PDF: of the documents that text is put onto; NULL: none */
    /* Called with what a user wants to know about how a document was made: that a signature is lost, that pages were
     * written as images. May be NULL. */
    void (*on_note)(void *user, const char *file, const char *text);
    void *note_user;
    /* HTML: the text alone, as a page to read. By default the page's image, if ocrvl_page_place.image has it, stands
     * beside the text, in which lines are those of the page and doubtful words are marked. */
    bool no_images;
    bool seconds; /* JSON: give the seconds that pages took, also without a datetime; no two runs are then the same */
    /* JSON: numbers with all their digits, and what a document's structure is told by, so that the page that is read
     * back is the page that was written. */
    bool exact;
    bool pdfa_rasterize; /* PDF/A: pages of a PDF that can't be made such without a loss become their images */
    /* Called when a page of a PDF, or (page 0) what belongs to all of it, can't be made PDF/A without a loss, with the
     * reason. Unless it becomes an image, it stays as it is, and the document doesn't say that it is PDF/A. May be
     * NULL. */
    void (*on_unfit)(void *user, const char *file, uint64_t page, const char *why);
} ocrvl_writer_options;

/* The PDF writer puts the text onto the pages themselves where ocrvl_page_place.document has them; with
 * pdfa_rasterize a page with text_boxes stays without it. What PDF/A asks for is added and, where nothing is lost by
 * it, mended. A document that is one PDF's pages, all of them, is that PDF, with the text added: encrypted if it was,
 * all else untouched. Of several, or of some of its pages, a new document is made of what the pages hold (no form or
 * layers), with title, author, outline and page labels of the first. The bytes must stay until the writer is finished
 * or has taken a page of another document. */

OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_writer_new(ocrvl_writer **out, ocrvl_format format, ocrvl_write_fn fn,
                                                         void *user, const ocrvl_writer_options *opt, ocrvl_error *err);
/* A failed page is a page too (see ocrvl_builder_fail). */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_writer_page(ocrvl_writer *w, const ocrvl_page *page,
                                                          const ocrvl_page_place *place, ocrvl_error *err);
/* Writes what ends the document. Not calling it leaves the output incomplete. hOCR and ALTO have at least one page, or
 * this is OCRVL_E_ARG. After OCRVL_E_IO or OCRVL_E_NOMEM the output is incomplete for good: all calls but _free say so.
 */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_writer_finish(ocrvl_writer *w, ocrvl_error *err);
OCRVL_API void ocrvl_writer_free(ocrvl_writer *w);

/* A copy of the page's image, of the page's size, on which its blocks with their roles, in the reading order, its
 * lines, words and the places of its warnings are drawn. OCRVL_E_ARG: the image has another size. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_image_overlay(ocrvl_image **out, const ocrvl_image *img,
                                                            const ocrvl_page *page, ocrvl_error *err);

/* A page image as PNG (with its dpi) or PNM (P5 or P6), for `ocrvl raster`. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_image_write_png(const ocrvl_image *img, ocrvl_write_fn fn, void *user,
                                                              ocrvl_error *err);
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_image_write_pnm(const ocrvl_image *img, ocrvl_write_fn fn, void *user,
                                                              ocrvl_error *err);

#ifdef __cplusplus
}
#endif
#endif /* OCRVL_FORMATS_H */
