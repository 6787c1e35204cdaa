/* ocrvl batch: archives, with a journal. */
#include <string.h>

#include "batch/args.h"
#include "batch/manage.h"
#include "batch/merge.h"
#include "batch/report.h"
#include "batch/run.h"
#include "batch/status.h"
#include "batch/worker.h"
#include "options.h"

const char *const batch_progresses[] = {"auto", "json", "none", NULL};
const char *const batch_places[] = {"mirror", "beside", "mets", NULL};

const cli_option batch_options[] = {
    {.name = "format",
     .letter = 'f',
     .kind = CLI_OPTION_LIST,
     .arg = "FORMAT",
     .offset = offsetof(batch_args, results.formats),
     .help = "What to write of each document: text, json, jsonl, hocr, alto, page, tsv, markdown, html, dolma, pdf, "
             "csv or xlsx; txt "
             "and md are text and markdown. Several, with commas between them or each with an option of its own, are "
             "written in one run. The default is jsonl."},
    {.name = "place",
     .kind = CLI_OPTION_CHOICE,
     .arg = "HOW",
     .offset = offsetof(batch_args, place),
     .choices = batch_places,
     .help =
         "Where outputs go. With mirror each format has a folder in OUT, in which the folders of the inputs are "
         "made anew. With beside outputs stand next to the documents, where they replace files of their names. With "
         "mets, for METS files as inputs, they go to FULLTEXT (alto) or OCR-D-OCR (page) beside the METS file, to "
         "which they are added. The default is mirror."},
    {.name = "file-grp",
     .kind = CLI_OPTION_NAME,
     .arg = "USE",
     .offset = offsetof(batch_args, file_group),
     .help = "The fileGrp of a METS file that has the images. The default is the first of OCR-D-IMG, MAX, DEFAULT and "
             "ORIGINAL."},
    {.name = "keep-suffix",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, keep_suffix),
     .help = "Keep the suffix of a document in the names of its outputs: a.tif becomes a.tif.txt and not a.txt."},
    {.name = "alto-single",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, results.alto_single),
     .help = "In ALTO, write all pages of a document to one file. By default, where there are several, each has a file "
             "of its own: NAME-0001.xml and so on."},
    CLI_FORM_OPTIONS(batch_args, results),
    {.name = "reread",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, reread),
     .help = "Read all pages again, with the options and the model that are given now. Outputs stay until they are "
             "replaced."},
    {.name = "no-keep",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, no_keep),
     .help = "Drop the results of a unit of work when the outputs of all its documents are written. Nothing can be "
             "exported later, and what is to be read again is read from its first page on."},
    {.name = "no-dedupe",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, no_dedupe),
     .help = "Read each document by itself. By default one that has the same bytes as another takes its results, under "
             "its own name, if none of them failed or is partial."},
    {.name = "unit",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(batch_args, unit),
     .least = 1,
     .most = 100000,
     .help = "Take small documents of a folder together up to about N pages, and share out a document of more pages by "
             "ranges of N. The default is 64."},
    {.name = "jobs",
     .letter = 'j',
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(batch_args, jobs),
     .least = 1,
     .most = 256,
     .help = "Let N processes read, each with the threads that --threads says, or one. The default is one for each "
             "processor with a line reader, and one that uses all processors with a page model or with --threads."},
    {.name = "decoders",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(batch_args, decoders),
     .least = 1,
     .most = 4096,
     .help = "Let at most N documents be open in decoders at a time, and no more than N processes read. By default a "
             "process opens the next document while pages of those before it are being read."},
    {.name = "doc-timeout",
     .kind = CLI_OPTION_NUMBER,
     .arg = "SECONDS",
     .offset = offsetof(batch_args, doc_timeout),
     .least = 1,
     .most = 4000000,
     .help = "Begin no more pages of a document once it has taken SECONDS; its remaining pages fail. By default a "
             "document may take as long as its pages do."},
    {.name = "shard",
     .kind = CLI_OPTION_NAME,
     .arg = "K/N",
     .offset = offsetof(batch_args, shard_text),
     .help = "Do only every Nth unit of work, from number K on, which counts from 0. With auto, or auto/N, K and N are "
             "what Slurm, PBS, Grid Engine or Kubernetes say of the task."},
    {.name = "wait",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, wait),
     .help = "Wait until the work that other processes have claimed is done, or their claims have expired."},
    {.name = "lease",
     .kind = CLI_OPTION_COUNT,
     .arg = "SECONDS",
     .offset = offsetof(batch_args, lease),
     .least = 9,
     .most = 1000000,
     .help = "Take over work that another machine has claimed and given no sign of for SECONDS. The default is 180."},
    {.name = "grace",
     .kind = CLI_OPTION_COUNT,
     .arg = "SECONDS",
     .offset = offsetof(batch_args, grace),
     .least = 0,
     .most = 1000000,
     .help = "After a signal, give the pages in progress up to SECONDS to finish. The default is 60."},
    {.name = "settle",
     .kind = CLI_OPTION_COUNT,
     .arg = "SECONDS",
     .offset = offsetof(batch_args, settle),
     .least = 0,
     .most = 1000000,
     .help = "Leave files alone that changed less than SECONDS ago: a scanner may still be writing them. The default "
             "is 0."},
    {.name = "include",
     .kind = CLI_OPTION_LIST,
     .arg = "GLOB",
     .offset = offsetof(batch_args, include),
     .help = "From folders, take only the files whose name, or whose path below the folder, matches the shell pattern "
             "GLOB. "
             "Several patterns may be given, with commas between them or with an option for each; one has to match."},
    {.name = "exclude",
     .kind = CLI_OPTION_LIST,
     .arg = "GLOB",
     .offset = offsetof(batch_args, exclude),
     .help = "From folders, leave out the files that match GLOB, in the same way as with --include."},
    {.name = "watch",
     .kind = CLI_OPTION_COUNT,
     .arg = "SECONDS",
     .offset = offsetof(batch_args, watch),
     .least = 1,
     .most = 1000000,
     .help = "When all is done, look for new documents every SECONDS until a signal comes. For status: show the "
             "status again every SECONDS until everything is finished."},
    {.name = "max-failures",
     .kind = CLI_OPTION_NAME,
     .arg = "N|P%",
     .offset = offsetof(batch_args, max_failures),
     .help =
         "Stop when more than N pages have failed or, once 100 pages have been read, more than P percent of them. A "
         "document that can't be opened counts as one page."},
    {.name = "below",
     .kind = CLI_OPTION_NAME,
     .arg = "DIR",
     .offset = offsetof(batch_args, below),
     .help = "Call each document by its path below DIR, which is needed where several have the same name. By default a "
             "file that is named is called by its own name, and one in a folder that is named by its path below that "
             "folder."},
    {.name = "follow-links",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, follow_links),
     .help = "Follow symbolic links to files that lie outside the folder that was named."},
    {.name = "null",
     .letter = '0',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, nul),
     .help = "Names on standard input end with a NUL, not with a line."},
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, json),
     .help = "For status: print a JSON object. For report: print the list of pages, an object a line."},
    {.name = "prometheus",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, prometheus),
     .help = "For status: print metrics in the text format of Prometheus, as node_exporter's textfile folder takes "
             "them."},
    {.name = "failed",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, failed),
     .help = "For status: list each document and page that failed, is partial or is missing, and why."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(batch_args, output),
     .help = "For report: write to FILE. The default is report.html in OUT, and standard output with --json."},
    {.name = "worst",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(batch_args, worst),
     .least = 0,
     .most = 1000000,
     .help = "For report: show N pages. The default is 200."},
    {.name = "inputs",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, inputs),
     .help = "For verify: check also whether the documents have changed since they were read."},
    {.name = "status",
     .kind = CLI_OPTION_NAME,
     .arg = "STATUS",
     .offset = offsetof(batch_args, status),
     .help = "For retry: only pages and documents with that status, such as partial, or outputs that can't be written "
             "(unwritten). The default is failed, missing and unwritten."},
    {.name = "reason",
     .kind = CLI_OPTION_NAME,
     .arg = "REASON",
     .offset = offsetof(batch_args, reason),
     .help = "For retry: only what failed for that reason."},
    {.name = "doc",
     .kind = CLI_OPTION_NAME,
     .arg = "NAME",
     .offset = offsetof(batch_args, doc),
     .help = "For retry: only the document of that name, as status --failed writes it."},
    CLI_READ_OPTIONS(batch_args, read),
    CLI_MESSAGE_OPTIONS(batch_args, quiet, verbose),
    {.name = "progress",
     .kind = CLI_OPTION_CHOICE,
     .arg = "HOW",
     .offset = offsetof(batch_args, shown),
     .choices = batch_progresses,
     .help = "How run shows its progress: auto draws a line if standard error is a terminal, json writes a JSON object "
             "to standard error every second, and none shows nothing. The default is auto."},
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(batch_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

/* An action and what runs it; argv[0] is the action's name. */
static const struct {
    const char *name;
    cli_exit (*run)(const cli_command *self, int argc, char **argv);
} actions[] = {{"run", batch_run},           {"status", batch_status}, {"verify", batch_verify},
               {"retry", batch_retry},       {"export", batch_export}, {"merge", batch_merge},
               {"manifest", batch_manifest}, {"report", batch_report}, {"work", batch_worker_run}};
enum { ACTIONS = sizeof actions / sizeof *actions - 1, ALL_ACTIONS }; /* the last isn't for users */

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    batch_args ignored = BATCH_DEFAULTS;
    size_t operands;
    cli_exit status;
    const char *names[ACTIONS];
    for (size_t i = 0; i < ALL_ACTIONS; i++)
        if (argc > 1 && strcmp(argv[1], actions[i].name) == 0)
            return actions[i].run(self, argc - 1, argv + 1);
    for (size_t i = 0; i < ACTIONS; i++)
        names[i] = actions[i].name;
    if (argc > 1 && argv[1][0] != '-') {
        const char *near = cli_nearest(argv[1], names, ACTIONS);
        return near ? cli_usage_error(self, "unknown action '%s' (did you mean '%s'?)", argv[1], near)
                    : cli_usage_error(self, "unknown action '%s'", argv[1]);
    }
    if (!cli_options_parse(self, &ignored, argc, argv, &operands, &status)) /* --help */
        return status;
    return cli_usage_error(self, "the action has to come first");
}

static const char *const usage[] = {"run [OPTIONS] OUT [INPUT...]",
                                    "status [--failed] [--json] [--prometheus] [--watch S] OUT",
                                    "verify [--inputs] OUT",
                                    "retry [--status STATUS] [--reason REASON] [--doc NAME] OUT",
                                    "export -f FORMAT OUT",
                                    "report [--json] [-o FILE] [--worst N] OUT",
                                    "merge OUT [PART...]",
                                    "manifest OUT",
                                    NULL};

const cli_command cli_command_batch = {
    .name = "batch",
    .summary = "read archives: go on after any stop, lose nothing",
    .usage = usage,
    .about = "Reads any number of documents, in folders or not, and keeps in OUT a journal of every page, its result "
             "and the outputs. A run that was stopped, killed or cut off is begun again by the same command, or by "
             "'ocrvl batch run OUT', and goes on where it was.",
    .options = batch_options,
    .operands = SIZE_MAX,
    .run = run,
};
