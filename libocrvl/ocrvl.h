/* ocrvl.h - the public API of libocrvl: pages of documents to a tree of text with boxes and confidences.
 *
 * Conventions, true of every function unless it says otherwise:
 * - A fallible function returns ocrvl_status and takes a caller-owned ocrvl_error (or NULL) last. On failure *out is
 *   NULL and nothing is leaked.
 * - What comes back through `out` belongs to the caller, who gives it to the matching _free (NULL is accepted). A const
 *   pointer that is returned is borrowed from the object in the first parameter.
 * - Text is UTF-8. Boxes are pixels, origin top left, right and bottom exclusive.
 * - Option structs begin with `size`: write  T o = { .size = sizeof o };
 * - In options and arguments, a field that is 0, NULL or false means its default, which its comment names. Where there
 *   may be none of a thing and that isn't the default, OCRVL_NONE (any negative value) says so. What limits something
 *   has no value for "no limit" of its own, unless that is the default: its type's greatest value is one that is never
 *   reached.
 * - In results, 0, NULL or false means that a field doesn't apply or isn't known; where 0 is a value like others (a
 *   confidence, the number of a picture), a negative value means that there is none.
 * - Models, images and pages are immutable once made and may be shared among threads. A session is used by one thread
 *   at a time (ocrvl_session_cancel excepted).
 * - The library itself never prints, exits, aborts, sets a locale or installs a signal handler. Not all that it is
 *   built on is so: GLib, below poppler, aborts the process where it gets no memory, and its warnings go to standard
 *   error (g_log_set_handler takes them); libjpeg, inside poppler, writes what it finds wrong with a picture to
 *   standard error. Both concern PDF only. Leptonica's messages are turned off for the process, once, with the first
 *   page that any thread reads; whoever wants them calls setMsgSeverity after that. */
#ifndef OCRVL_H
#define OCRVL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OCRVL_VERSION_MAJOR 0
#define OCRVL_VERSION_MINOR 1
#define OCRVL_VERSION_PATCH 0
#define OCRVL_VERSION_STRING "0.1.0"

#if defined(__GNUC__)
#define OCRVL_API __attribute__((visibility("default")))
#define OCRVL_MUST_CHECK __attribute__((warn_unused_result))
#else
#define OCRVL_API
#define OCRVL_MUST_CHECK
#endif

#define OCRVL_NONE (-1) /* see above */

/* ---- handles ----------------------------------------------------------------------------------------- */

typedef struct ocrvl_model ocrvl_model;     /* a checkpoint: weights, tokenizer, profile; immutable */
typedef struct ocrvl_planner ocrvl_planner; /* knows a checkpoint's shapes, this machine's speed, and budgets */
typedef struct ocrvl_session ocrvl_session; /* threads and scratch for reading pages with one model */
typedef struct ocrvl_image ocrvl_image;     /* one raster */
typedef struct ocrvl_page ocrvl_page;       /* one result tree; immutable */
typedef struct ocrvl_node ocrvl_node;       /* a block, cell, line or word, borrowed from its page */
typedef struct ocrvl_builder ocrvl_builder; /* makes an ocrvl_page */

/* ---- errors ------------------------------------------------------------------------------------------ */

typedef enum ocrvl_status {
    /* values are pinned: never renumber */
    OCRVL_OK = 0,
    OCRVL_E_ARG = 1,         /* the caller broke the contract */
    OCRVL_E_NOMEM = 2,       /* no memory */
    OCRVL_E_LIMIT = 3,       /* a limit (pixels, bytes, pages, memory, time) was reached */
    OCRVL_E_IO = 4,          /* see ocrvl_error.sys_errno */
    OCRVL_E_FORMAT = 5,      /* input bytes are malformed */
    OCRVL_E_UNSUPPORTED = 6, /* well formed, but not handled */
    OCRVL_E_MODEL = 7,       /* the folder is not a usable checkpoint of the families */
    OCRVL_E_PASSWORD = 8,    /* the document is encrypted and no right password was given */
    OCRVL_E_CANCELED = 9,    /* a callback or ocrvl_session_cancel said stop */
    OCRVL_E_INTERNAL = 10,   /* a bug in libocrvl */
    OCRVL_E_TIMEOUT = 11,    /* a page took longer than it may to be decoded */
    OCRVL_E_CRASH = 12       /* the process that decoded a page has died of it */
} ocrvl_status;

typedef struct ocrvl_error { /* caller-owned, never allocates */
    ocrvl_status status;
    int sys_errno;     /* 0 if none */
    uint64_t offset;   /* byte position in the input, 0 if unknown */
    char message[256]; /* one line of UTF-8 without newline or control characters */
} ocrvl_error;

/* The name of a status in lower case ("limit", "format"), never NULL. It is the `code` in JSON errors. */
OCRVL_API const char *ocrvl_status_name(ocrvl_status status);

/* OCRVL_VERSION_STRING of the library that runs. */
OCRVL_API const char *ocrvl_version(void);
/* Raised by every change of the program that changes what is read of some page: results of the same revision, model and
 * options are equal. */
enum { OCRVL_READING_REVISION = 6 };
OCRVL_API unsigned ocrvl_reading_revision(void);

/* ---- image ------------------------------------------------------------------------------------------- */

typedef struct ocrvl_box {
    int32_t x0, y0, x1, y1; /* x1, y1 exclusive; all zero: no box */
} ocrvl_box;

/* Makes a white raster of 1 (grey) or 3 (RGB) channels of 8 bits, with rows packed without padding and white = 255.
 * width and height are 1 to 1,000,000, and width * height is at most max_pixels (0 means 400 million); a larger image
 * is OCRVL_E_LIMIT. A dpi of 0 means that it is unknown. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_image_new(ocrvl_image **out, uint32_t width, uint32_t height,
                                                        uint32_t channels, double dpi_x, double dpi_y,
                                                        uint64_t max_pixels, ocrvl_error *err);
OCRVL_API void ocrvl_image_free(ocrvl_image *img);
OCRVL_API uint32_t ocrvl_image_width(const ocrvl_image *img);
OCRVL_API uint32_t ocrvl_image_height(const ocrvl_image *img);
OCRVL_API uint32_t ocrvl_image_channels(const ocrvl_image *img);
/* Pixels per inch, 0 where unknown. */
OCRVL_API void ocrvl_image_dpi(const ocrvl_image *img, double *dpi_x, double *dpi_y);
/* [height][width][channels] */
OCRVL_API const uint8_t *ocrvl_image_data(const ocrvl_image *img);
/* The same pixels for writing. Only the maker of an image may use this, before the image is shared. */
OCRVL_API uint8_t *ocrvl_image_pixels(ocrvl_image *img);

/* ---- the result tree --------------------------------------------------------------------------------- */

typedef enum ocrvl_kind {
    OCRVL_BLOCK = 1, /* holds lines, or cells if its role is table */
    OCRVL_CELL,      /* of a table; holds lines */
    OCRVL_LINE,      /* holds words */
    OCRVL_WORD
} ocrvl_kind;

typedef enum ocrvl_role {
    /* of a block; the JSON names are those of ocrvl_role_name */
    OCRVL_ROLE_PARAGRAPH = 0,
    OCRVL_ROLE_TITLE,
    OCRVL_ROLE_HEADING,
    OCRVL_ROLE_LIST_ITEM,
    OCRVL_ROLE_TABLE,
    OCRVL_ROLE_FIGURE,
    OCRVL_ROLE_CAPTION,
    OCRVL_ROLE_FORMULA,
    OCRVL_ROLE_CODE,
    OCRVL_ROLE_FOOTNOTE,
    OCRVL_ROLE_HEADER,
    OCRVL_ROLE_FOOTER,
    OCRVL_ROLE_PAGE_NUMBER,
    OCRVL_ROLE_FORM_FIELD,
    OCRVL_ROLE_SEPARATOR,
    OCRVL_ROLE_OTHER,
    OCRVL_ROLE_QUOTE /* the last */
} ocrvl_role;

typedef enum ocrvl_origin {
    /* where a box comes from: a box is never invented */
    OCRVL_ORIGIN_NONE = 0, /* no box */
    OCRVL_ORIGIN_INK,      /* measured on the page's ink ("detected" in JSON) */
    OCRVL_ORIGIN_ALIGNED,  /* text put on measured ink ("interpolated") */
    OCRVL_ORIGIN_MODEL,    /* the model said so ("model") */
    OCRVL_ORIGIN_NATIVE    /* the document's own text layer ("native") */
} ocrvl_origin;

typedef enum ocrvl_direction { OCRVL_DIR_NONE = 0, OCRVL_DIR_LTR, OCRVL_DIR_RTL, OCRVL_DIR_TTB } ocrvl_direction;

typedef enum ocrvl_page_status {
    OCRVL_PAGE_OK = 0,
    OCRVL_PAGE_BLANK,   /* no text found: nothing was read */
    OCRVL_PAGE_PARTIAL, /* cut at a limit, or text that the checks doubt: see the warnings */
    OCRVL_PAGE_FAILED   /* nothing could be read: see error_code and error_message */
} ocrvl_page_status;

typedef struct ocrvl_point {
    float x, y; /* pixels */
} ocrvl_point;

typedef struct ocrvl_text_style { /* how text looks, as a document says */
    const char *font;             /* its name, without a subset's tag: "NimbusSanL-Bold"; never NULL */
    float size;                   /* points; 0: not known */
    uint32_t colour;              /* 0xRRGGBB */
    bool bold, italic;            /* as the font's name says */
    bool mono;                    /* all characters are of one width */
    bool underlined;
    uint32_t number; /* of an ocrvl_own_text's style: its font's, in verdicts; of a page's: its own */
} ocrvl_text_style;

/* What a node says; the same struct describes a node to the builder. Fields that don't apply to a kind are 0. */
typedef struct ocrvl_node_info {
    size_t size;
    ocrvl_kind kind;
    ocrvl_role role;         /* blocks */
    uint32_t level;          /* titles and headings: 1..6. List items: how deep, from 1; paragraphs, code and quotes:
                                of the list item that they belong to, or 0. Else 0 */
    bool continues;          /* blocks: it goes on from the paragraph or list item before it, in another column, on the
                                page before, or past what stands between */
    const char *text;        /* NUL-terminated UTF-8, never NULL from a page. A line's holds its words; a cell's and a
                                block's are its lines joined by '\n'; of a table, rows by '\n' and cells by '\t' */
    uint32_t start, end;     /* [start, end) of text in the page's text, in Unicode code points */
    ocrvl_box box;           /* in the page image as it came, not as deskewed */
    ocrvl_origin origin;     /* of box */
    ocrvl_point quad[4];     /* lines: the four corners in the page image, clockwise from the upper left corner of the
                                upright line; all zero if unknown */
    ocrvl_point baseline[2]; /* lines: its ends in the page image, from left to right on the upright page, whatever the
                                direction of the text; all zero if unknown */
    float x_height;          /* lines: pixels; 0 if unknown */
    float confidence;        /* 0..1, or negative: none */
    const char *lang;        /* BCP 47, or NULL: not told */
    ocrvl_direction dir;
    bool handwritten;              /* lines */
    uint32_t row, col;             /* cells: 0-based */
    uint32_t row_span, col_span;   /* cells: >= 1 */
    bool header;                   /* cells */
    const char *latex;             /* formulas, or NULL */
    const ocrvl_text_style *style; /* words: how they look, or NULL: that isn't known */
    uint32_t raised;               /* words: code points at their end that are raised, as a note's mark is; 0: none */
    const char *link;              /* words: where they lead, an address or "#page=3" of the same document; or NULL */
    ocrvl_role given; /* blocks: the role before the page's structure was told, see ocrvl_builder_set_guessed */
    bool told;        /* blocks: the document says what it is, and nothing is guessed */
    const char *alt;  /* figures: what they show, in words, as the document says; or NULL */
    const ocrvl_point *polygon; /* [polygon_count] lines that bend, or whose outline a file describes by more than
                                      four points: the outline in the page image. Of a line that was read here: along
                                      its upper side from left to right on the upright page, as many points as `curve`
                                      has, and back along its lower side. NULL: its quad, if known, is all */
    const ocrvl_point *curve;   /* [curve_count] lines that bend: the baseline point by point, of which `baseline`
                                      has the first and the last one. NULL: it is straight, or unknown */
    uint32_t polygon_count, curve_count; /* 3 to OCRVL_MAX_POINTS, or 0 */
} ocrvl_node_info;

#define OCRVL_MAX_POINTS 4096u

typedef struct ocrvl_page_info {
    size_t size;
    ocrvl_page_status status;
    const char *error_code;    /* failed pages: an ocrvl_status_name or a word of its own; else NULL */
    const char *error_message; /* failed pages; else NULL */
    uint32_t width, height;    /* pixels of the page image; 0 if it could not be made */
    double dpi_x, dpi_y;       /* 0: unknown */
    uint32_t rotation;         /* 0, 90, 180, 270: degrees clockwise that turned the page image upright */
    double skew;               /* degrees, counter-clockwise positive, that the upright text was leaning */
    ocrvl_box border;          /* of the page in its image, which may show a desk or a scanner's lid as well; all zero:
                                  the page fills the image, or its edges aren't known */
    float confidence;          /* 0..1, or negative: none */
    const char *text;          /* all blocks in reading order, joined by "\n\n" */
    const char *markdown;      /* or NULL */
    uint32_t warnings;         /* how many */
    uint64_t image_tokens, prompt_tokens, output_tokens;
    uint64_t passes;      /* through the decoder to write output_tokens; fewer, as drafts were right. 0: not known */
    double seconds;       /* spent reading, of pages read together its share; 0: not measured */
    const char *thinking; /* what the model thought before its answer, which isn't part of the page; or NULL */
    bool guessed;         /* the blocks' roles are told by how the page looks, not by a model or a file */
} ocrvl_page_info;

OCRVL_API const char *ocrvl_role_name(ocrvl_role role);                 /* "list_item"; never NULL */
OCRVL_API bool ocrvl_role_by_name(const char *name, ocrvl_role *role);  /* false: no such role */
OCRVL_API const char *ocrvl_page_status_name(ocrvl_page_status status); /* "partial"; never NULL */

OCRVL_API void ocrvl_page_free(ocrvl_page *page);
/* info->size must be set; strings are borrowed from the page. */
OCRVL_API void ocrvl_page_get_info(const ocrvl_page *page, ocrvl_page_info *info);
/* Warning i of info.warnings: a short code in lower_snake_case and a sentence. Either pointer may be NULL. */
OCRVL_API void ocrvl_page_warning(const ocrvl_page *page, uint32_t i, const char **code, const char **message);
/* Where on the page image the warning belongs; all zero: to the page as a whole. */
OCRVL_API ocrvl_box ocrvl_page_warning_box(const ocrvl_page *page, uint32_t i);
/* Style i of the page's words, in the order in which words have them first; NULL: there are no more. */
OCRVL_API const ocrvl_text_style *ocrvl_page_style(const ocrvl_page *page, uint32_t i);
/* The languages that text of the page is tagged with, by share of code points, greatest first:
 * fills at most cap and returns how many there are. */
OCRVL_API size_t ocrvl_page_languages(const ocrvl_page *page, const char **langs, double *shares, size_t cap);
/* First block in reading order, or NULL. */
OCRVL_API const ocrvl_node *ocrvl_page_first(const ocrvl_page *page);
OCRVL_API const ocrvl_node *ocrvl_node_first(const ocrvl_node *node); /* first child, or NULL */
OCRVL_API const ocrvl_node *ocrvl_node_next(const ocrvl_node *node);  /* next sibling, or NULL */
/* info->size must be set; strings are borrowed from the page. */
OCRVL_API void ocrvl_node_get_info(const ocrvl_node *node, ocrvl_node_info *info);

/* A page is built in reading order: open a block (and a cell, in a table), add lines with their words, and close what
 * was opened. Any function may return OCRVL_E_NOMEM; wrong nesting, a box outside the page and ill-formed UTF-8 are
 * OCRVL_E_ARG. width and height may be 0 only for a failed page. Text is made legal for XML, HTML and JSON without
 * changing the number of code points: tabs and line breaks within a line become spaces (they stay in Markdown and
 * LaTeX), other control characters and noncharacters become U+FFFD. An empty box means that there is no box. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_new(ocrvl_builder **out, uint32_t width, uint32_t height,
                                                          double dpi_x, double dpi_y, ocrvl_error *err);
OCRVL_API void ocrvl_builder_free(ocrvl_builder *b);
OCRVL_API void ocrvl_builder_set_geometry(ocrvl_builder *b, uint32_t rotation, double skew);
/* From now on boxes, corners and baselines, the border's too, are given in an image so many times as wide and as high
 * as the page's, such as one with square pixels; a factor that isn't positive is 1. */
OCRVL_API void ocrvl_builder_set_scale(ocrvl_builder *b, double across, double down);
/* Sets the page's border; an empty box, one that reaches out of the image and the whole image mean that there is
 * none. */
OCRVL_API void ocrvl_builder_set_border(ocrvl_builder *b, ocrvl_box border);
/* For a page that is built again: the roles of its blocks were told by how the page looks, and what they were before is
 * in `given`, so that ocrvl_structure_add tells them anew. To be called before the first block. */
OCRVL_API void ocrvl_builder_set_guessed(ocrvl_builder *b);
OCRVL_API void ocrvl_builder_set_usage(ocrvl_builder *b, uint64_t image_tokens, uint64_t prompt_tokens,
                                       uint64_t output_tokens, double seconds);
/* From now on lines that have a direction and no language have this one, which must stay until the builder is freed. */
OCRVL_API void ocrvl_builder_set_language(ocrvl_builder *b, const char *tag);
OCRVL_API void ocrvl_builder_set_passes(ocrvl_builder *b, uint64_t passes);
/* Marks the page as failed; the tree keeps what it has. code and message are copied, and ill-formed UTF-8 in them
 * becomes U+FFFD. If this is called several times, the first failure is kept. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_fail(ocrvl_builder *b, const char *code, const char *message,
                                                           ocrvl_error *err);
/* Adds a warning. If `partial` is true, the page's status becomes partial. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_warn(ocrvl_builder *b, const char *code, const char *message,
                                                           bool partial, ocrvl_error *err);
/* The same about a part of the page; a box that isn't one within the page is left out. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_warn_at(ocrvl_builder *b, const char *code, const char *message,
                                                              ocrvl_box box, bool partial, ocrvl_error *err);
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_markdown(ocrvl_builder *b, const char *markdown,
                                                               ocrvl_error *err);
/* What becomes the page's `thinking`. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_thinking(ocrvl_builder *b, const char *thinking,
                                                               ocrvl_error *err);
/* Opens a node below the one that is open. The builder makes text, start and end of blocks, cells and tables. A line
 * needs its text; a word needs its text and its offset in the line's text (`start`, in code points, from which `end`
 * follows), at which that text must stand, and words are added in the order of the text. A line may have no words.
 * Cells are added row by row, with rising columns, and must not overlap; a table of more than 1000 columns or a million
 * positions is OCRVL_E_LIMIT. A node other than a word has the given confidence if that is over 0, and otherwise the
 * mean of its words' confidences, weighted by code points. Strings are copied. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_open(ocrvl_builder *b, const ocrvl_node_info *info,
                                                           ocrvl_error *err);
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_close(ocrvl_builder *b, ocrvl_error *err);
/* Ends the page. Its status is failed if ocrvl_builder_fail was called, else partial if a warning said so, else blank
 * if there is no text, else ok. Its confidence is the mean of its words' confidences, weighted by code points. The
 * builder still belongs to the caller. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_builder_finish(ocrvl_builder *b, ocrvl_page **out, ocrvl_error *err);
/* Gives a finished page another size, as for one whose size is known only when all its boxes are. OCRVL_E_ARG, and the
 * page is as it was: a box reaches out of that size, or it is none that ocrvl_builder_new takes for such a page. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_page_set_size(ocrvl_page *page, uint32_t width, uint32_t height,
                                                            ocrvl_error *err);

/* ---- structure of documents -------------------------------------------------------------------------- */

/* What is known of a document's structure by its pages so far: its body's type, the ladder of its headings, what comes
 * back at the heads and feet of its pages, the list and the paragraph that are open. ocrvl_read and ocrvl_batch_next
 * give pages whose structure is told by each page alone; here it is told anew by all of these. */
typedef struct ocrvl_structure ocrvl_structure;

/* A page leaves when so many more of its document have come (ahead, 0 to 5), which then have their say: more memory and
 * a later page, but a running head is known on the first page as well. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_structure_new(ocrvl_structure **out, uint32_t ahead, ocrvl_error *err);
OCRVL_API void ocrvl_structure_free(ocrvl_structure *s);
/* Takes the page over, also if it fails, which is for want of memory alone; nobody else may be using it. begins: it is
 * its document's first; pages of another document must all have been taken out before it. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_structure_add(ocrvl_structure *s, ocrvl_page *page, bool begins,
                                                            ocrvl_error *err);
/* The page that came first, with its roles, levels and continuations, given to the caller; NULL if it has to wait for
 * others. rest: none will come, so that it doesn't wait. Pages of a page model keep what it said. */
OCRVL_API ocrvl_page *ocrvl_structure_next(ocrvl_structure *s, bool rest);

/* ---- model ------------------------------------------------------------------------------------------- */

typedef enum ocrvl_reader { OCRVL_READER_PAGE = 1, OCRVL_READER_LINE = 2 } ocrvl_reader;

typedef struct ocrvl_model_info {
    size_t size;
    const char *name;                           /* the folder's last part; borrowed */
    ocrvl_reader reader;                        /* by its ocrvl.json; a folder without one is a page reader */
    uint64_t parameters, tensors, weight_bytes; /* as stored; a tied head counts once */
    const char *dtype;                          /* "BF16", or "F16+F32" or "BF16+INT4" when mixed; borrowed */
    uint32_t vision_depth, vision_width, vision_heads;
    uint32_t layers, width, heads, kv_heads, intermediate, vocabulary;
    uint32_t patch, merge, temporal_patch; /* one visual token covers patch * merge pixels a side */
    uint64_t min_pixels, max_pixels;
    uint32_t context;    /* max_position_embeddings */
    bool tied;           /* head shared with the embedding */
    const char *family;  /* "Qwen2-VL", "Qwen2.5-VL" or "Qwen3-VL" */
    uint32_t head_dim;   /* of a query or key; heads times it need not be width */
    const char *profile; /* the fine-tune that its files say it is (ocrvl-prompts(7)), or NULL */
    const char *task;    /* the prompt that a page is read with unless options say otherwise; NULL: "text" */
    /* What a line reader says it reads: codes of ISO 15924 with a space between them; "": it doesn't say. Borrowed. */
    const char *scripts;
} ocrvl_model_info;

/* Opens a checkpoint folder in the Hugging Face layout; if dir is NULL, that of nano, the small line reader, as it is
 * installed. Weights are mapped rather than copied where their form allows. Fails with OCRVL_E_MODEL if the checkpoint
 * is of none of the families, a file or tensor is missing, or a shape is not what the config says (the message names
 * it), and with OCRVL_E_IO, OCRVL_E_FORMAT or OCRVL_E_NOMEM. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_model_open(ocrvl_model **out, const char *dir, ocrvl_error *err);
OCRVL_API void ocrvl_model_free(ocrvl_model *m);
OCRVL_API void ocrvl_model_get_info(const ocrvl_model *m, ocrvl_model_info *info);
/* Writes the SHA-256 of model.safetensors as 64 hex digits and a NUL. For shards it is the digest of their digests, one
 * a line in the order of the files' names. Every byte of the weights is read. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_model_sha256(const ocrvl_model *m, char hex[65], ocrvl_error *err);

/* ---- reading ----------------------------------------------------------------------------------------- */

typedef struct ocrvl_session_options {
    size_t size;
    uint32_t threads; /* 0: one per processor the process may use */
    /* For a page reader: a line reader that finds where its words stand, drafts its text and finds text without ink. It
     * must outlive the session. If it is NULL, words of a page reader have no boxes. */
    const ocrvl_model *line_model;
    /* Line readers of other scripts [more_line_model_count, at most 7], beside line_model, which then isn't NULL, or
     * beside a model that is itself a line reader: each line is read by the one for its script. The one named first
     * reads what none is for. They must outlive the session, and read strips of one size. */
    const ocrvl_model *const *more_line_models;
    size_t more_line_model_count;
} ocrvl_session_options;

typedef enum ocrvl_layout_mode {
    OCRVL_LAYOUT_AUTO = 0, /* columns, blocks and lines are looked for */
    OCRVL_LAYOUT_BLOCK,    /* the image is one block of lines */
    OCRVL_LAYOUT_LINE      /* the image is one line, maybe cut out closely or with pieces of its neighbours */
} ocrvl_layout_mode;

/* Called from time to time on the thread that called ocrvl_read, with the number of lines that are done and their
 * total. In a batch it is called for the page that is to be taken next. A result other than 0 stops the reading with
 * OCRVL_E_CANCELED. */
typedef int (*ocrvl_progress_fn)(void *user, uint64_t done, uint64_t total);

typedef struct ocrvl_text_place { /* a line of what a document says stands on a page */
    const char *text;             /* UTF-8 */
    ocrvl_box box;                /* in pixels of the page image */
} ocrvl_text_place;

/* Whether what a font's characters are said to be is what can be read on a page. */
typedef enum ocrvl_verdict {
    OCRVL_VERDICT_NONE = 0, /* nobody has looked yet */
    OCRVL_VERDICT_AGREES,
    OCRVL_VERDICT_DIFFERS,
    OCRVL_VERDICT_UNTOLD /* it was looked for in vain */
} ocrvl_verdict;

typedef struct ocrvl_own_word { /* as the document says it */
    const char *text;           /* UTF-8 in logical order, without white space */
    ocrvl_box box;              /* around its glyphs, in pixels of the page image, within it */
    uint32_t style;             /* in ocrvl_own_text.styles: its first character's */
    uint32_t raised;            /* code points at its end that are raised, as a note's mark is; 0: none */
    const char *link;           /* where it leads: an address, or "#page=3" of the same document; or NULL */
    /* of a tagged document: which of the tags it is of, counted from 1, or OCRVL_TAG_ARTIFICIAL: it is none of what the
     * document says, but a running head or decoration; 0: the tags don't tell */
    uint32_t tag;
    uint32_t place;   /* in the order of the tag's words as they are drawn */
    const char *lang; /* BCP 47, as the tags say; or NULL */
} ocrvl_own_word;

#define OCRVL_TAG_ARTIFICIAL UINT32_MAX

/* A block or cell of a page as the structure tree of its document says. */
typedef struct ocrvl_own_tag {
    ocrvl_role role; /* of a block */
    uint32_t level;  /* as that of ocrvl_node_info */
    bool told;       /* false: the tree says where it stands in reading order, but not what it is */
    bool continues;  /* it goes on from an earlier page, or past what stands between */
    uint32_t table;  /* which table of the page it is a cell of, counted from 1; 0: it is a block, and the rest is 0 */
    uint32_t row, col, row_span, col_span;
    bool header;
    const char *alt; /* of figures: what they show, in words; or NULL */
    ocrvl_box box;   /* of figures, in pixels of the page image; all zero: not known */
} ocrvl_own_tag;

typedef struct ocrvl_own_line { /* words that stand on one baseline; between two of them is a space */
    size_t first, count;        /* in ocrvl_own_text.words, in logical order; count > 0 */
    ocrvl_box box;              /* around its words */
    float baseline;             /* y of it, or x where the text is turned */
    float x_height;             /* pixels */
    bool field;                 /* it fills a field of a form, or is a note that was typed onto the page */
    uint16_t turn;              /* degrees clockwise that the text is turned by: 0, 90, 180, 270 */
} ocrvl_own_line;

typedef struct ocrvl_own_rule { /* a line of a table or a frame, an underline, the border of a shaded area */
    ocrvl_box box;              /* in pixels of the page image */
    bool vertical;
} ocrvl_own_rule;

/* What a document itself says stands on a page and what the page's ink bears out. */
typedef struct ocrvl_own_text {
    uint32_t width, height; /* of the page image that boxes are in; that which is there may be smaller (see draw) */
    double dpi;
    const ocrvl_own_line *lines; /* [line_count] */
    size_t line_count;
    const ocrvl_own_word *words; /* [word_count] */
    size_t word_count;
    const ocrvl_text_style *styles; /* [style_count] */
    size_t style_count;
    const ocrvl_own_rule *rules; /* [rule_count] what is drawn on the page */
    size_t rule_count;
    /* [font_count] an ocrvl_verdict for each font of the document: reading a page sets those that it finds, and the
     * document's later pages are without text of fonts that differ; or NULL. */
    uint8_t *verdicts;
    size_t font_count;
    bool whole;                /* there is no other ink on the page that might be text */
    const char *doubt;         /* why some of the document's text isn't here, a sentence; NULL: all of it is */
    const ocrvl_own_tag *tags; /* [tag_count] in reading order; none: the document isn't tagged */
    size_t tag_count;
    bool tagged_tables;    /* the document tags its tables: what it doesn't tag so is none */
    const char *tag_fault; /* why tags that there are can't be followed in full, a sentence; or NULL */
    /* Draws a part of the page, or all of it (NULL), as the page image of width x height shows it. It is called on the
     * thread that calls ocrvl_read or ocrvl_batch_add, until that returns. NULL: the page image is of that size. */
    ocrvl_status (*draw)(void *user, const ocrvl_box *part, ocrvl_image **out, ocrvl_error *err);
    void *draw_user;
} ocrvl_own_text;

/* A page to be read. All of it is borrowed, and must stay unchanged until the page has been read, that is until
 * ocrvl_read returns or ocrvl_batch_next hands the page over. */
typedef struct ocrvl_page_input {
    size_t size;
    const ocrvl_image *image; /* must not be NULL */
    /* the document's own text of the page, which is used for drafts and never trusted; or NULL */
    const char *text_layer;
    /* [text_place_count] the same line by line, for prompts with {anchor}; or NULL */
    const ocrvl_text_place *text_places;
    size_t text_place_count;
    const ocrvl_own_text *own_text; /* taken as it is, without reading, if it is all of the page, and by line readers
                                       also if there is other ink; needed until ocrvl_read or ocrvl_batch_add returns;
                                       NULL: there is none */
    /* what of the page is damaged or missing, which makes it partial; needed as long as the image; NULL: nothing */
    const char *damage;
} ocrvl_page_input;

typedef struct ocrvl_read_options { /* settings, the same for any page */
    size_t size;
    ocrvl_layout_mode layout;
    bool keep_rotation; /* don't look for a page that lies on its side or head */
    bool keep_skew;     /* don't deskew */
    float temperature;  /* at which tokens are drawn; 0: the likeliest is taken always, unless `sample` is set */
    bool sample;        /* tokens are drawn as the checkpoint's generation_config.json says, where temperature is 0 */
    uint64_t seed;      /* of sampling, where there is any */
    /* Page readers: */
    /* name of a prompt (ocrvl_prompt_at); NULL: the one that suits the checkpoint, "text" for most */
    const char *task;
    const char *prompt;              /* a text in place of the task's, whose answer is taken as the task's would be */
    const char *languages;           /* hint: tags or names, comma separated; NULL: none. One alone is that of lines
                                        whose script doesn't tell theirs */
    uint64_t min_pixels, max_pixels; /* of one tile of the page; 0: the checkpoint's */
    int32_t retries;                 /* other branches tried after a loop; 0: 2; OCRVL_NONE: none */
    bool no_drafts;                  /* one token at a time: slower, the same text */
    bool strict;                     /* text without ink or ink without text makes the page partial */
    bool diplomatic; /* any reader: text as it was read: no normalization (NFC otherwise), and white space within lines
                           as it is (otherwise one space) */
    /* generated for a line or, of a page reader, for each tile; 0: the model's own, or 4096 for a page reader */
    uint32_t max_tokens;
    uint32_t max_millis; /* of the page, wall clock; 0: no limit */
    ocrvl_progress_fn on_progress;
    void *user;
    const ocrvl_planner *planner; /* of the session's checkpoints, with budgets (ocrvl_planner_limit); NULL: none */
    bool own_text_only;           /* nothing is read; a page without own_text is blank, which a warning says */
    /* Called, with `user`, while a page model encodes a part of the page and runs its prompt: how much of this work is
     * done, 0..1; not of parts that are encoded while others are answered. Or NULL. */
    void (*on_prompt)(void *user, double part);
} ocrvl_read_options;

/* The model must outlive the session. If it is NULL, pages are taken with the option own_text_only alone, and nothing
 * can be asked. opt may be NULL. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_session_new(ocrvl_session **out, const ocrvl_model *m,
                                                          const ocrvl_session_options *opt, ocrvl_error *err);
OCRVL_API void ocrvl_session_free(ocrvl_session *s);
/* Ends what is in progress in the session with OCRVL_E_CANCELED, and nothing else: an ocrvl_read or ocrvl_ask that was
 * called and hasn't returned, and the pages of a batch that were added and aren't done. A page that is done comes out
 * of its batch whole, and what is begun after this call isn't affected, so a call while nothing is in progress has no
 * effect. A page that is all but done may still come out whole. May be called from any thread or signal handler, while
 * the session exists. */
OCRVL_API void ocrvl_session_cancel(ocrvl_session *s);
/* Reads one page. The result is the same, to the last bit, for any number of threads. opt may be NULL.
 * OCRVL_E_UNSUPPORTED: the model can't do what was asked. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_read(ocrvl_session *s, const ocrvl_page_input *in,
                                                   const ocrvl_read_options *opt, ocrvl_page **out, ocrvl_error *err);

/* Pages that are read together: where a page model answers for several at a time, its weights are read once for all. */
typedef struct ocrvl_batch ocrvl_batch;

/* at_once is the number of tiles that are answered at a time, 1 to 64; 0 means 1. Each keeps its keys and values in
 * memory; fewer are answered at a time if the planner of the pages' options has no memory for them. With more than one
 * tile and more than one thread, the next tile is prefetched meanwhile on a thread of the batch's own. A session has
 * one batch at a time, and must outlive it. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_batch_new(ocrvl_batch **out, ocrvl_session *s, uint32_t at_once,
                                                        ocrvl_error *err);
OCRVL_API void ocrvl_batch_free(ocrvl_batch *b);
/* Whether another page should be added before the next is taken: there is memory for it, and no page is ready. */
OCRVL_API bool ocrvl_batch_wants(const ocrvl_batch *b);
/* Adds a page, whose lines the line reader reads at once. The structs `in` and `opt` (which may be NULL) are copied,
 * but what they point at must stay until the page is taken. An error of the page is returned when it is taken; the only
 * errors here are OCRVL_E_NOMEM, and OCRVL_E_ARG if there is no image. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_batch_add(ocrvl_batch *b, const ocrvl_page_input *in,
                                                        const ocrvl_read_options *opt, ocrvl_error *err);
/* Reads until the page that was added first is done, and hands it over; *page is NULL if there is none left. The page
 * is the one that ocrvl_read would give, to the last bit, whatever it was read together with; its seconds are its share
 * of the work. If it failed, the other pages are not affected. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_batch_next(ocrvl_batch *b, ocrvl_page **page, ocrvl_error *err);

/* ---- planning ---------------------------------------------------------------------------------------- */

typedef struct ocrvl_page_plan {
    size_t size;
    uint32_t width, height;           /* pixels of the page image */
    uint32_t lines;                   /* found on it; 0: blank */
    double x_height;                  /* of its text, pixels of the page image; 0: not known */
    uint32_t tiles;                   /* parts in which a page model is shown the page, or strips of a line reader */
    uint32_t tile_width, tile_height; /* pixels of the largest tile as the model sees it */
    uint64_t visual_tokens;           /* of all tiles */
    uint64_t memory; /* bytes resident at the most: weights, page and work; a bound, to about a tenth */
    double seconds;  /* estimated from a short measurement of this machine; a guess for the answer's length */
    /* of memory, what the page goes on holding while others are read together with it (ocrvl_batch) */
    uint64_t beside;
    char budget[240]; /* what the budgets change, as ocrvl_read warns of it; empty: nothing */
} ocrvl_page_plan;

/* Reads the checkpoint's JSON and the headers of its weights, not the weights. dir is as for ocrvl_model_open.
 * line_dir: the line reader beside a page reader, or NULL; beside a line reader it is ignored. threads 0: one for each
 * processor. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_new(ocrvl_planner **out, const char *dir, const char *line_dir,
                                                          uint32_t threads, ocrvl_error *err);
/* Counts a line reader in: the one beside a page reader that has none yet, or a further one
 * (ocrvl_session_options.more_line_models). OCRVL_E_ARG: there are seven further ones. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_add_line(ocrvl_planner *p, const char *line_dir,
                                                               ocrvl_error *err);
/* Whether the model is a line reader. */
OCRVL_API bool ocrvl_planner_reads_lines(const ocrvl_planner *p);
OCRVL_API void ocrvl_planner_free(ocrvl_planner *p);
/* Sets the budgets to which ocrvl_planner_page keeps, and ocrvl_read and ocrvl_ask with this planner in their options:
 * a page model is shown smaller images. max_memory is in bytes of the whole program; 0 means what this process may use.
 * max_seconds is for one page or answer; 0 means no budget, and otherwise the machine is measured for about a fifth of
 * a second. A new planner has no budgets. OCRVL_E_LIMIT means that the weights and the smallest tile don't fit; no
 * bound on memory is set then. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_limit(ocrvl_planner *p, uint64_t max_memory, double max_seconds,
                                                            ocrvl_error *err);
/* Measures this machine, for about a fifth of a second, unless that has been done. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_measure(ocrvl_planner *p, ocrvl_error *err);
/* The bound on memory in bytes; UINT64_MAX if there is none. */
OCRVL_API uint64_t ocrvl_planner_max_memory(const ocrvl_planner *p);
/* The largest number of pixels of a page image with which the smallest tile still fits into memory; UINT64_MAX if there
 * is no bound. */
OCRVL_API uint64_t ocrvl_planner_max_pixels(const ocrvl_planner *p);
/* Estimates what reading the page with these options (which may be NULL) will take. The first call measures the machine
 * for about a fifth of a second. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_page(ocrvl_planner *p, const ocrvl_image *img,
                                                           const ocrvl_read_options *opt, ocrvl_page_plan *plan,
                                                           ocrvl_error *err);

/* ---- asking ------------------------------------------------------------------------------------------ */

typedef struct ocrvl_turn { /* of a conversation before the question */
    const char *role;       /* "system", "user", "assistant", or "tool": what a function that was called gave back */
    const char *text;
} ocrvl_turn;

typedef struct ocrvl_ask_options {
    size_t size;
    const char *question;    /* must not be NULL */
    const char *schema;      /* a JSON schema: the answer is JSON that follows it by construction; or NULL */
    const char *tools;       /* a JSON list of functions that the model may call (nothing is executed); or NULL */
    const ocrvl_turn *turns; /* what was said before; pictures stand in the first user turn */
    size_t turn_count;
    /* [frame_count] of a video, all of one size, shown before the pictures; or NULL */
    const ocrvl_image *const *frames;
    size_t frame_count;
    bool plain;                      /* the question goes to the model as it is, without the prompt around it */
    uint64_t min_pixels, max_pixels; /* of one picture; 0: the checkpoint's */
    float temperature;               /* this, sample and seed as in ocrvl_read_options */
    bool sample;
    uint64_t seed;
    uint32_t max_tokens; /* of the answer; 0: 1024 */
    uint32_t max_millis; /* of the answer, wall clock; 0: no limit */
    ocrvl_progress_fn on_progress;
    void *user;
    const ocrvl_planner *planner; /* as in ocrvl_read_options */
    /* of the video's frames: when each is shown [frame_count], rising, or NULL; how many are of a second. Without them
     * it is two, from 0 on. */
    const double *frame_seconds;
    double frame_rate;
    /* Called, with `user`, before the model is run, with what the planner, if its machine was measured
     * (ocrvl_planner_measure), expects this to take; NULL: it isn't */
    void (*on_estimate)(void *user, double seconds, uint64_t visual_tokens);
    /* Called, with `user`, while the pictures are encoded and the prompt is run: how much of this work is done, 0..1;
     * or NULL. */
    void (*on_prompt)(void *user, double part);
} ocrvl_ask_options;

typedef struct ocrvl_answer ocrvl_answer; /* immutable */

typedef struct ocrvl_answer_info {
    size_t size;
    const char *text;   /* without white space at its ends */
    float confidence;   /* 0..1: the product of its tokens' probabilities */
    bool complete;      /* the model ended it itself: no limit of tokens or time did. An answer by a schema is JSON also
                           when it was cut, in which what is missing is null */
    int32_t image;      /* the picture on which the answer's words stand, 0-based; -1: not found on any */
    ocrvl_box box;      /* there, in the picture as it came */
    uint32_t calls;     /* of functions that the model wants called (ocrvl_answer_call) */
    uint32_t bad_calls; /* that it wrote besides: malformed, or of functions that weren't offered */
    uint64_t image_tokens, prompt_tokens, output_tokens;
    const char *budget;   /* how the budgets changed what was shown; NULL: not */
    uint64_t kept_tokens; /* of the prompt's, those that an inquiry kept from the question before */
    const char *thinking; /* what the model thought before its answer, which isn't part of it; or NULL */
} ocrvl_answer_info;

/* Estimates what a question about this picture alone will take, with a page model; of the plan the members for lines
 * stay 0. opt may be NULL. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_planner_question(ocrvl_planner *p, const ocrvl_image *img,
                                                               const ocrvl_ask_options *opt, ocrvl_page_plan *plan,
                                                               ocrvl_error *err);

/* Asks a page model about pictures (count may be 0). Several pictures are called "Picture 1", "Picture 2", ... Where
 * the session has a line reader, it says where the answer stands. OCRVL_E_UNSUPPORTED: the model reads lines only, or
 * the schema holds what can't be guaranteed; OCRVL_E_LIMIT: the pictures don't fit the model's context. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_ask(ocrvl_session *s, const ocrvl_image *const *images, size_t count,
                                                  const ocrvl_ask_options *opt, ocrvl_answer **out, ocrvl_error *err);

/* Pictures or a video about which several questions are asked, or a conversation is held: they are prepared and encoded
 * once, with the first question, and what each prompt has in common with the one before it and its answer isn't run
 * again. */
typedef struct ocrvl_inquiry ocrvl_inquiry;

/* Of the options frames, pixels, planner, max_tokens (for which the context is to have room) and on_estimate count
 * here, the rest in ocrvl_inquiry_ask; `images` is copied, but the images and frames are borrowed. An inquiry holds
 * memory for the pictures as they are shown, and for the keys and values of one prompt and answer. It is used by one
 * thread at a time, as the session is, which must outlive it. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_inquiry_new(ocrvl_inquiry **out, ocrvl_session *s,
                                                          const ocrvl_image *const *images, size_t count,
                                                          const ocrvl_ask_options *opt, ocrvl_error *err);
OCRVL_API void ocrvl_inquiry_free(ocrvl_inquiry *q);
/* The answer is the one that ocrvl_ask would give to this question alone, to the last bit. After an error the next
 * question may be asked. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_inquiry_ask(ocrvl_inquiry *q, const ocrvl_ask_options *opt,
                                                          ocrvl_answer **out, ocrvl_error *err);
OCRVL_API void ocrvl_answer_get_info(const ocrvl_answer *a, ocrvl_answer_info *info);
OCRVL_API void ocrvl_answer_free(ocrvl_answer *a);
/* Call i, in the order of the answer: the function's name, and its arguments as a JSON object in one line. False past
 * the end. */
OCRVL_API bool ocrvl_answer_call(const ocrvl_answer *a, uint32_t i, const char **name, const char **arguments);

/* ---- prompts ----------------------------------------------------------------------------------------- */

/* Prompt i in the order of the names: its name, what it is for (summary_len bytes, no NUL) and its text with places
 * such as {question}. False past the end. All borrowed, never freed. */
OCRVL_API bool ocrvl_prompt_at(size_t i, const char **name, const char **summary, size_t *summary_len,
                               const char **text);

/* ---- text -------------------------------------------------------------------------------------------- */

typedef enum ocrvl_norm { OCRVL_NFC = 1, OCRVL_NFD, OCRVL_NFKC, OCRVL_NFKD } ocrvl_norm;
/* Ill-formed UTF-8 becomes U+FFFD, one for each maximal part. *out is NUL-terminated, given back with ocrvl_text_free.
 */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_normalize(char **out, size_t *out_len, ocrvl_norm form, const char *utf8,
                                                        size_t len, ocrvl_error *err);
/* The code points in the order in which they stand on the page from left to right (UAX #9), none mirrored; dir is that
 * of the paragraph, OCRVL_DIR_NONE: by its first letter. *out is NUL-terminated, given back with ocrvl_text_free. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_text_visual(char **out, const char *utf8, size_t len, ocrvl_direction dir,
                                                          ocrvl_error *err);

/* ISO 15924 of the script that most letters have ("Latn"), or NULL. Never freed. Any bytes are taken. */
OCRVL_API const char *ocrvl_text_script(const char *text, size_t len);

/* Whether a character takes no room beside others: a mark that stands on its letter (general category Mn), or one that
 * only says how others look (Cf). */
OCRVL_API bool ocrvl_text_is_zero_width(uint32_t character);

typedef struct ocrvl_text_options {
    size_t size;
    ocrvl_norm form;           /* 0: left as it is */
    bool fold;                 /* for search: NFKC_Casefold, and quotes and dashes as on a keyboard */
    bool unhyphenate;          /* words broken at line ends put together */
    const char *transliterate; /* ICU's name of a transliteration ("Greek-Latin"), or NULL */
} ocrvl_text_options;

/* Code points [out_start, out_end) of the output came of [in_start, in_end) of the input; straight: one of one. */
typedef struct ocrvl_text_run {
    uint32_t out_start, out_end, in_start, in_end;
    bool straight;
} ocrvl_text_run;

/* Changes a text: broken words, then transliteration, folding and the form. *map, if wanted (else NULL), tells of all
 * output, in order; given back with ocrvl_text_map_free. Ill-formed UTF-8 becomes U+FFFD, each maximal part being one
 * of the input. OCRVL_E_LIMIT: over 64 MiB; OCRVL_E_ARG: no such transliteration. */
OCRVL_API OCRVL_MUST_CHECK ocrvl_status ocrvl_text_transform(char **out, size_t *out_len, ocrvl_text_run **map,
                                                             size_t *runs, const ocrvl_text_options *opt,
                                                             const char *utf8, size_t len, ocrvl_error *err);
OCRVL_API void ocrvl_text_map_free(ocrvl_text_run *map);
OCRVL_API void ocrvl_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif /* OCRVL_H */
