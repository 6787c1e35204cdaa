/* What the commands that open documents share. */
#ifndef OCRVL_CLI_DOCUMENT_H
#define OCRVL_CLI_DOCUMENT_H

#include "base/buf.h"
#include "command.h"
#include "decoding.h"
#include "messages.h"
#include "ocrvl_formats.h"

/* Default of --max-image-pixels, which is the library's own. */
#define CLI_MAX_IMAGE_PIXELS 400000000ull

typedef struct cli_document_args {
    double dpi;
    cli_pages pages;
    const char *password, *password_file;
    char *password_read; /* from the file */
    uint64_t max_pixels, max_pages, max_bytes;
    bool private_addresses;
    cli_decoding decoding;
} cli_document_args;

/* Rows of an option table; `in` is the struct T's member of type cli_document_args. */
#define CLI_DOCUMENT_OPTIONS(T, in)                                                                                    \
    {.name = "pages",                                                                                                  \
     .kind = CLI_OPTION_PAGES,                                                                                         \
     .arg = "LIST",                                                                                                    \
     .offset = offsetof(T, in.pages),                                                                                  \
     .help = "Only these pages of each document, counted from 1: 3, 2-5, 2-, -5, or several of these with commas "     \
             "between them, as 1,3,7-. They come in the document's order."},                                           \
        {.name = "dpi",                                                                                                \
         .kind = CLI_OPTION_NUMBER,                                                                                    \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.dpi),                                                                                \
         .least = 18,                                                                                                  \
         .most = 2400,                                                                                                 \
         .help =                                                                                                       \
             "Render every PDF page at N pixels per inch. By default a page that is one scanned image is taken in "    \
             "the scan's own pixels, and any other is rendered at what its smallest text needs, as a rule 300."},      \
        {.name = "password",                                                                                           \
         .kind = CLI_OPTION_TEXT,                                                                                      \
         .arg = "P",                                                                                                   \
         .offset = offsetof(T, in.password),                                                                           \
         .help = "Password of encrypted PDFs. Other users of the machine can see it in the list of processes."},       \
        {.name = "password-file",                                                                                      \
         .kind = CLI_OPTION_NAME,                                                                                      \
         .arg = "FILE",                                                                                                \
         .offset = offsetof(T, in.password_file),                                                                      \
         .help = "Password of encrypted PDFs: the first line of FILE, which others needn't be able to read."},         \
        {.name = "max-image-pixels",                                                                                   \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.max_pixels),                                                                         \
         .least = 1,                                                                                                   \
         .most = UINT64_MAX,                                                                                           \
         .help = "Refuse page images of more than N pixels. The default is 400000000."},                               \
        {.name = "max-pages",                                                                                          \
         .kind = CLI_OPTION_COUNT,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.max_pages),                                                                          \
         .least = 1,                                                                                                   \
         .most = UINT64_MAX,                                                                                           \
         .help = "Refuse documents of more than N pages. The default is 100000."},                                     \
        {.name = "max-bytes",                                                                                          \
         .kind = CLI_OPTION_BYTES,                                                                                     \
         .arg = "N",                                                                                                   \
         .offset = offsetof(T, in.max_bytes),                                                                          \
         .least = 1,                                                                                                   \
         .most = UINT64_MAX,                                                                                           \
         .help =                                                                                                       \
             "Refuse documents of more than N bytes; K, M or G after the number multiply it by powers of 1024. The "   \
             "default is 4G, and 256M for URLs."},                                                                     \
        CLI_DECODING_OPTIONS(T, in.decoding),                                                                          \
    {                                                                                                                  \
        .name = "private-addresses", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.private_addresses),             \
        .help = "Fetch URLs also from hosts that aren't on the public internet, and through the environment's "        \
                "proxies. By default they are refused."                                                                \
    }

#define CLI_MESSAGE_OPTIONS(T, quiet_, verbose_)                                                                       \
    {.name = "quiet",                                                                                                  \
     .letter = 'q',                                                                                                    \
     .kind = CLI_OPTION_FLAG,                                                                                          \
     .offset = offsetof(T, quiet_),                                                                                    \
     .help = "Print errors only: no notes and no progress."},                                                          \
    {                                                                                                                  \
        .name = "verbose", .letter = 'v', .kind = CLI_OPTION_FLAG, .offset = offsetof(T, verbose_),                    \
        .help = "Print more about each page."                                                                          \
    }

/* Reads the password's file, if one is named, and begins what decodes documents. To be called before the process has
 * threads; what it has got is freed by cli_document_end, also if it failed, after all documents are closed. */
cli_exit cli_document_begin(const cli_command *cmd, const cli_log *log, cli_document_args *args);
void cli_document_end(cli_document_args *args);

/* Sets the library's options from args, which keeps owning the strings. */
void cli_document_options(const cli_document_args *args, ocrvl_source_options *opt);

/* Reports that a document could not be opened, or that a page (1-based; 0 means none) could not be made. Returns the
 * exit status that this means. */
cli_exit cli_document_failed(const cli_log *log, const cli_document_args *args, const char *file, uint64_t page,
                             const ocrvl_error *err, cli_exit side);

/* Appends the name that results give a document that failed to open: its own, or a URL without what may be secret in
 * it, which the error's message begins with. */
void cli_document_put_name(ocrvl_buf *b, const char *file, const ocrvl_error *err);

/* Reports that a document gave no page. Returns CLI_EXIT_INPUT. */
cli_exit cli_document_empty(const cli_log *log, const char *file, const cli_document_args *args);

#endif
