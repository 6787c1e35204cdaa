/* The choice of the model: -m DIR, else $OCRVL_MODEL, else the nano that comes with the program. A name that is no
 * folder but "Owner/Name" may stand for a model in the cache of the Hugging Face hub (base/hub.h). */
#ifndef OCRVL_CLI_MODEL_H
#define OCRVL_CLI_MODEL_H

#include "command.h"
#include "messages.h"
#include "ocrvl_dev.h"

#define CLI_MODEL_OPTION(T, member)                                                                                    \
    {                                                                                                                  \
        .name = "model", .letter = 'm', .kind = CLI_OPTION_TEXT, .arg = "DIR", .offset = offsetof(T, member),          \
        .help =                                                                                                        \
            "Folder of the checkpoint to use, the id (Owner/Name) of one in the Hugging Face hub's cache, or nano, "   \
            "the small one that comes with ocrvl. By default $OCRVL_MODEL, or else nano."                              \
    }

/* Opens the model; dir is the value of -m or NULL. Prints why it failed, if it fails, and once that nano is used by
 * default. */
cli_exit cli_model_open(const cli_log *log, const char *dir, ocrvl_model **out);

/* The same, opened otherwise. */
cli_exit cli_model_open_as(const cli_log *log, const char *dir, ocrvl_dev_opening how, ocrvl_model **out);

/* The folder that a name stands for, newly allocated: the name itself, unless it is the id of a model in the cache. */
cli_exit cli_model_named(const cli_log *log, const char *name, char **out);

/* The folder that cli_model_open opens, newly allocated. */
cli_exit cli_model_folder(const cli_log *log, const char *dir, char **out);

/* Whether the value of -m, or NULL, stands for the nano that comes with ocrvl. */
bool cli_model_is_nano(const char *dir);

/* The folder of the line reader that accompanies a page model, newly allocated: dir, or nano's if dir is NULL. It is
 * NULL, after a note, if there is no nano. */
cli_exit cli_line_folder(const cli_log *log, const char *dir, char **out);

/* Opens the model in dir. */
cli_exit cli_model_open_folder(const cli_log *log, const char *dir, ocrvl_model **out);

#endif
