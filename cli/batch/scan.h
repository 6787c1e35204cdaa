/* Finds the documents of a batch: files, and folders with all that is in them. */
#ifndef OCRVL_CLI_BATCH_SCAN_H
#define OCRVL_CLI_BATCH_SCAN_H

#include <sys/stat.h>

#include "batch/args.h"
#include "batch/state.h"

typedef struct batch_found {
    char *name;    /* below its root */
    uint32_t root; /* index of batch_scan.roots */
    uint64_t size;
    int64_t mtime; /* nanoseconds */
    char *mets;    /* as of batch_input */
    char *url;
    bool own; /* it is an output of this batch */
} batch_found;

typedef struct batch_scan { /* must be zero-initialised */
    const cli_log *log;
    const char *out;                   /* the batch's own folder is left out */
    uint32_t settle;                   /* files younger than this many seconds are left out; 0: none are */
    const cli_list *include, *exclude; /* patterns of names */
    bool follow;                       /* links that lead out of the folder that was named */
    /* Takes the pages of a file or URL that is named and is a list of pages (*is then): METS, IIIF. */
    cli_exit (*take_list)(struct batch_scan *scan, const char *path, bool *is);
    void *list_user;
    const char *below;      /* the folder below which what is named is called; a real path, or NULL: its own */
    const char *file_group; /* of images in METS files; NULL: the usual ones */
    char **roots;
    size_t root_count, root_cap;
    batch_found *found; /* [count] */
    size_t count, cap;
    uint64_t passed, young, links_out; /* files that are no documents; too young; links that aren't followed */
    cli_exit worst;                    /* CLI_EXIT_INPUT if something could not be looked at */
} batch_scan;

/* Adds an operand: a folder, a file, or "-": names of files on standard input, each on a line or ended by a NUL. What
 * can't be looked at is reported, and is in scan->worst; other than OK means that there is no memory. */
cli_exit batch_scan_add(batch_scan *scan, const char *path, bool nul);
/* Adds a document; the root: index of scan->roots. */
cli_exit batch_scan_found(batch_scan *scan, const batch_input *input, uint32_t root);
/* The index of a root, made absolute unless it is a URL. */
cli_exit batch_scan_root(batch_scan *scan, const char *path, uint32_t *out);
/* The same of the folder that a file is in. */
cli_exit batch_scan_folder(batch_scan *scan, const char *path, uint32_t *out);
/* What of a real path is below scan->below, "" if it is that; NULL if it isn't below it, or there is none. */
const char *batch_scan_below(const batch_scan *scan, const char *real);
/* Reads the first bytes of a file, as many as there are up to `size`. False: it can't be opened, and *len is 0. */
bool batch_scan_head(const char *path, char *head, size_t size, size_t *len);
/* Reports what can't be looked at. */
cli_exit batch_scan_cannot(batch_scan *scan, const char *path, const char *why);
/* When the file was changed, in nanoseconds. */
int64_t batch_mtime(const struct stat *st);
/* Compares two batch_found by name. */
int batch_compare_found(const void *a, const void *b);
/* Sorts by name; what was found twice is there once. */
void batch_scan_sort(batch_scan *scan);
void batch_scan_free(batch_scan *scan);

/* Leaves out what is an output of the batch. */
void batch_scan_leave_own(batch_scan *scan);

/* Whether a file of that name may have several pages. */
bool batch_may_have_pages(const char *name);

/* Adds what is new to the state, in units of at most `unit` pages' worth of files, and appends it to the list `to`,
 * which is made if there is something to append. */
cli_exit batch_scan_record(const batch_scan *scan, batch_state *state, batch_file *to, uint64_t unit);

/* Writes a list of all documents that are known. */
cli_exit batch_scan_record_all(const batch_state *state, batch_file *to);

/* Records that a document's file is another one now; what was read of it is forgotten. */
cli_exit batch_scan_record_one(batch_state *state, batch_file *to, const batch_doc *d, uint64_t size, int64_t mtime);

#endif
