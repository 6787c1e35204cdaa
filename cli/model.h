/* Which model: -m DIR, else $OCRVL_MODEL, else the nano that came with the program. */
#ifndef OCRVL_CLI_MODEL_H
#define OCRVL_CLI_MODEL_H

#include "command.h"
#include "messages.h"
#include "ocrvl.h"

#define CLI_MODEL_OPTION(T, member)                                                                                    \
    {                                                                                                                  \
        .name = "model", .letter = 'm', .kind = CLI_OPTION_TEXT, .arg = "DIR", .offset = offsetof(T, member),          \
        .help = "Folder of the checkpoint to use. By default $OCRVL_MODEL, or else the small nano that comes with "    \
                "ocrvl."                                                                                               \
    }

/* Opens it; dir is the value of -m or NULL. Says on failure why (the status is returned), and once that nano was taken
 * by default. */
cli_exit cli_model_open(const cli_log *log, const char *dir, ocrvl_model **out);

/* The folder that cli_model_open opens, in new memory. */
cli_exit cli_model_folder(const cli_log *log, const char *dir, char **out);

/* The folder of the line reader beside a page model: dir, or nano's where dir is NULL; NULL, which a note says, where
 * there is no nano. In new memory. */
cli_exit cli_line_folder(const cli_log *log, const char *dir, char **out);

/* Opens what stands in dir. */
cli_exit cli_model_open_folder(const cli_log *log, const char *dir, ocrvl_model **out);

#endif
