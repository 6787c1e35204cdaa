#include "decoding.h"

#include <math.h>
#include <sys/resource.h>

/* Pages come in files in memory, and a process can't have one that is larger than its files may be. */
static bool files_are_small(const cli_decoding *d)
{
    struct rlimit r;
    uint64_t wanted = d->memory ? d->memory : UINT64_C(2) << 30;
    return getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_cur != RLIM_INFINITY && r.rlim_cur < wanted;
}

cli_exit cli_decoding_begin(const cli_log *log, cli_decoding *d)
{
    ocrvl_error err;
    if (d->in_process)
        return CLI_EXIT_OK;
    if (files_are_small(d)) {
        cli_note(
            log, NULL, 0,
            "documents are decoded in this process (--in-process), since the limit on the size of files (ulimit -f) "
            "is less than --decoder-memory");
        return CLI_EXIT_OK;
    }
    ocrvl_status st = ocrvl_decoders_new(&d->decoders, &err);
    if (st) {
        cli_error(log, NULL, 0, "%s (with --in-process none is needed)", err.message);
        return CLI_EXIT_LIMIT;
    }
    const char *lack = ocrvl_decoders_lack();
    if (lack)
        cli_detail(log, NULL, 0, "%s", lack);
    return CLI_EXIT_OK;
}

void cli_decoding_end(cli_decoding *d)
{
    ocrvl_decoders_free(d->decoders);
    d->decoders = NULL;
}

static uint32_t millis(double seconds) { return (uint32_t)ceil(seconds * 1000); }

void cli_decoding_source(const cli_decoding *d, ocrvl_source_options *opt)
{
    opt->decoders = d->decoders;
    opt->page_millis = millis(d->page_timeout > 0 ? d->page_timeout : CLI_PAGE_TIMEOUT);
    opt->decoder_memory = d->memory;
}

void cli_decoding_video(const cli_decoding *d, ocrvl_video_options *opt)
{
    opt->decoders = d->decoders;
    opt->decoder_memory = d->memory;
    if (d->page_timeout > 0)
        opt->max_millis = millis(d->page_timeout);
}
