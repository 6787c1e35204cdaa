/* METS files as inputs, and the files that are added to them. */
#ifndef OCRVL_CLI_BATCH_METS_H
#define OCRVL_CLI_BATCH_METS_H

#include "batch/scan.h"
#include "batch/setup.h"

/* Adds the images of its pages. Its root is the folder that its own folder is in. */
cli_exit batch_scan_mets(batch_scan *scan, const char *path);

/* Adds to each METS file whose documents are all finished what was written of them, unless that is in it. */
cli_exit batch_mets_finish(batch_setup *s);

#endif
