/* Makes a document's outputs of the results that are kept. */
#ifndef OCRVL_CLI_BATCH_OUTPUTS_H
#define OCRVL_CLI_BATCH_OUTPUTS_H

#include "batch/args.h"
#include "batch/state.h"

typedef struct batch_outputs { /* where to and as what */
    const cli_command *cmd;
    const batch_store *store;
    const batch_args *args;
    const cli_log *log;
    ocrvl_writer_options opt;
} batch_outputs;

/* Who takes care of what becomes of the writing. */
typedef struct batch_writing {
    bool one_by_one; /* formats are written one after the other, so that it is known which one somebody dies of */
    bool all;        /* formats that are lost are tried, too */
    /* Called when a format begins (0: all of them together), and again with each page and before the end. May be NULL. */
    cli_exit (*goes_on)(void *user, const batch_doc *d, unsigned format);
    /* An output can't be written, for that reason, which was told: it is done without. */
    cli_exit (*lose)(void *user, batch_doc *d, unsigned format, const char *reason);
    void *user;
} batch_writing;

/* Writes the outputs of a document all of whose pages are there, and makes them durable. writing: formats that are lost
 * are left out unless all are tried, and one that can't be written for want of the document's images, by its own limits or without memory is
 * lost; NULL: all are written, or it fails. Appends a JSON array to `files`: for each its name below OUT (or, with
 * --place beside, below its root), its bytes and SHA-256. If pages can't be the PDF/A that was asked for, a member
 * "unfit" follows: for each of the first 32 a string that says why. */
cli_exit batch_outputs_write(const batch_outputs *o, const batch_state *state, batch_doc *d,
                             const batch_writing *writing, ocrvl_buf *files);

/* Removes what a process that was killed while it wrote these outputs has left beside their places. */
void batch_outputs_clean(const batch_outputs *o, const batch_state *state, const batch_doc *d);

/* The folder in which a document's outputs of that format are, newly allocated: OUT/FORMAT, its root, or the folder of
 * its METS file and the use that they have there. */
char *batch_output_folder(const batch_outputs *o, const batch_state *state, const batch_doc *d, ocrvl_format format);
/* The USE of a format's files in METS. */
const char *batch_mets_use(ocrvl_format format);

/* The name without its suffix, unless suffixes are kept: what outputs are called. */
char *batch_output_stem(const batch_args *args, const char *name);

#endif
