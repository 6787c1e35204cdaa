/* The page images of a document that was read, for outputs that show them: the document is opened once more. */
#ifndef OCRVL_CLI_BATCH_PICTURES_H
#define OCRVL_CLI_BATCH_PICTURES_H

#include "batch/args.h"
#include "batch/state.h"

typedef struct batch_pictures { /* must be zero-initialised */
    ocrvl_source *src;
    ocrvl_image *img;  /* of the page in hand */
    ocrvl_page *empty; /* what a PDF gets for a page that has text of its own, which stays; or NULL */
    const cli_log *log;
    const char *name;         /* of the document, for messages */
    ocrvl_decoders *decoders; /* that may be lost; or NULL */
} batch_pictures;

/* Opens the document at `path`. CLI_EXIT_INPUT, after a message, if it can't be opened;
 * CLI_EXIT_LIMIT if there are no decoders any more. */
cli_exit batch_pictures_open(batch_pictures *p, const batch_args *args, const cli_log *log, const batch_doc *d,
                             const char *path, bool pdf);
/* Takes the next page, whose result is `page`: place gets its image, and what a PDF is made of. All of it lasts until
 * the next call. CLI_EXIT_INPUT, after a message, if it isn't the page that was read; CLI_EXIT_LIMIT as above. */
cli_exit batch_pictures_next(batch_pictures *p, const ocrvl_page *page, ocrvl_page_place *place);
void batch_pictures_free(batch_pictures *p);

/* The image of one page, 0-based, of a document with those options once more, which is new. NULL: it can't be made, or
 * who made it died of it. */
ocrvl_image *batch_picture_of(const batch_state *state, const ocrvl_source_options *options, const batch_doc *d,
                              uint32_t page);

#endif
