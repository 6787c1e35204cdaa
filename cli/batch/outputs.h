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

/* Writes the outputs of a document all of whose pages are there, and makes them durable. CLI_EXIT_INPUT, after a
 * message: the document itself is needed for its images, and can't be had. Appends a JSON array to
 * `files`: for each its name below OUT (or, with --place beside, below its root), its bytes and SHA-256. If pages can't
 * be the PDF/A that was asked for, a member "unfit" follows: for each of the first 32 a string that says why. */
cli_exit batch_outputs_write(const batch_outputs *o, const batch_state *state, const batch_doc *d, ocrvl_buf *files);

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
