/* The page images that results belong to: given by the user, or found by the names in the results. */
#ifndef OCRVL_CLI_IMAGES_H
#define OCRVL_CLI_IMAGES_H

#include "command.h"
#include "decoding.h"
#include "messages.h"

/* What the help of an option for page images says after what they are for. */
#define CLI_IMAGES_HELP                                                                                                \
    "The option can be given several times. A page's image is the one with the name that the results give, whatever "  \
    "its suffix, or else the next of the files that were given. Without the option it is looked for by that name in "  \
    "the current folder and beside the results."

typedef struct cli_images { /* zero-initialised but for log, given, password, decoding and dispensable */
    const cli_log *log;
    const cli_list *given; /* files and folders, or none */
    const char *password;
    const cli_decoding *decoding;
    bool dispensable;       /* the command has an option --no-images */
    bool no_memory;         /* for a name */
    char *path;             /* of the document that is open, or NULL */
    ocrvl_source *src;      /* it, at page `next`, 0-based */
    ocrvl_source *done;     /* the one before, whose bytes a writer may still need */
    uint64_t next;          /* of src */
    size_t turn, turn_page; /* where names don't tell: the given file whose page is next, and that page */
} cli_images;

/* Finds the image of a page of results, whose place says the name and the page of its document, beside `results`, the
 * file they come from. An image of other size is made the page's size if its sides are in the same proportion; a page
 * whose size the results don't say gets the image's. *img is new; place gets what its document's place has of it.
 * CLI_EXIT_USAGE, after a message, if there is none. */
cli_exit cli_images_find(cli_images *f, const char *results, ocrvl_page *page, ocrvl_page_place *place,
                         ocrvl_image **img);
/* Puts a page's image, and what its document's place has of it, into the place of the page's results. */
void cli_images_put_place(ocrvl_page_place *to, const ocrvl_page_place *from, const ocrvl_image *img);
void cli_images_free(cli_images *f);

#endif
