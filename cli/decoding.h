/* How documents are decoded: in processes of their own, within limits. */
#ifndef OCRVL_CLI_DECODING_H
#define OCRVL_CLI_DECODING_H

#include "command.h"
#include "messages.h"
#include "ocrvl_formats.h"

/* Default of --page-timeout. */
#define CLI_PAGE_TIMEOUT 50.0

typedef struct cli_decoding {
    double page_timeout; /* seconds; 0: not given */
    uint64_t memory;     /* bytes; 0: not given */
    bool in_process;
    ocrvl_decoders *decoders; /* between _begin and _end, unless in_process */
} cli_decoding;

/* Rows of an option table; `in` is the struct T's member of type cli_decoding. */
#define CLI_DECODING_OPTIONS(T, in)                                                                                    \
    {.name = "page-timeout",                                                                                           \
     .kind = CLI_OPTION_NUMBER,                                                                                        \
     .arg = "SECONDS",                                                                                                 \
     .offset = offsetof(T, in.page_timeout),                                                                           \
     .least = 1,                                                                                                       \
     .most = 4000000,                                                                                                  \
     .help = "Give a page up that takes more than SECONDS of processor time to be decoded, that is, to be drawn or "   \
             "unpacked, or ten times as long by the clock: it has failed, and the next page is read. The default is "  \
             "50. For a video as a whole the default is 600. In ocrvl batch, also kill a process that has finished "   \
             "no page for twelve times SECONDS by the clock, with --in-process for twice SECONDS, by default for 600 " \
             "seconds. The page that it was reading is then tried once more by itself; if that process has to be "     \
             "killed too, the page has failed."},                                                                      \
        {.name = "decoder-memory",                                                                                     \
         .kind = CLI_OPTION_BYTES,                                                                                     \
         .arg = "SIZE",                                                                                                \
         .offset = offsetof(T, in.memory),                                                                             \
         .least = 1 << 20,                                                                                             \
         .most = UINT64_C(1) << 50,                                                                                    \
         .help = "Give a page up that takes more than SIZE bytes of memory to be decoded: it has failed, and the "     \
                 "next page is read. K, M or G after the number multiply it by powers of 1024. The default is 2G, "    \
                 "and more for a page or picture of very many pixels that --max-image-pixels lets through: 8 to 28 "   \
                 "bytes a pixel by its format, up to half of the machine's memory."},                                  \
    {                                                                                                                  \
        .name = "in-process", .kind = CLI_OPTION_FLAG, .offset = offsetof(T, in.in_process),                           \
        .help = "Decode documents in the process that reads them, without these limits. A document that makes a "      \
                "decoder crash then ends the whole run, and one that takes it over has all that you may do. This is "  \
                "for debuggers, and for systems on which no process can be started."                                   \
    }

/* Starts what starts the decoders. To be called before the process has threads. */
cli_exit cli_decoding_begin(const cli_log *log, cli_decoding *d);
/* After all sources that use it. */
void cli_decoding_end(cli_decoding *d);

/* Sets the library's options. */
void cli_decoding_source(const cli_decoding *d, ocrvl_source_options *opt);
void cli_decoding_video(const cli_decoding *d, ocrvl_video_options *opt);

#endif
