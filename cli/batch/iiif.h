/* IIIF manifests as inputs. */
#ifndef OCRVL_CLI_BATCH_IIIF_H
#define OCRVL_CLI_BATCH_IIIF_H

#include "batch/scan.h"
#include "ocrvl_formats.h"

/* Adds the images of a manifest's canvases, as NAME/0001 and so on, where NAME is what the manifest is called. path: a
 * file or a URL, read as opt says. */
cli_exit batch_scan_iiif(batch_scan *scan, const char *path, const ocrvl_source_options *opt);

#endif
