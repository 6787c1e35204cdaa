/* ocrvl pack: a checkpoint in a smaller type. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "model.h"
#include "ocrvl_dev.h"
#include "options.h"
#include "output.h"

typedef struct pack_args {
    const char *model, *output;
    unsigned type;
    bool quiet;
} pack_args;

static const char *const types[] = {"bf16", "int8", "int4", NULL}; /* in the order of ocrvl_dev_pack */

static const cli_option options[] = {
    {.name = "model",
     .letter = 'm',
     .kind = CLI_OPTION_NAME,
     .arg = "DIR",
     .offset = offsetof(pack_args, model),
     .help =
         "Folder of the checkpoint to pack, or the id (Owner/Name) of one in the Hugging Face hub's cache. By default "
         "$OCRVL_MODEL."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "OUTDIR",
     .offset = offsetof(pack_args, output),
     .help = "Folder to write the new checkpoint to; it is made if there is none."},
    {.name = "type",
     .kind = CLI_OPTION_CHOICE,
     .arg = "TYPE",
     .offset = offsetof(pack_args, type),
     .help =
         "Type of the large matrices: int8, int4 (the vision tower, the head, the first and the last layer int8 all "
         "the same), or bf16, the default, of a checkpoint in float16 or float32.",
     .choices = types},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(pack_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

/* Files of a checkpoint besides its weights, which are copied if they exist. */
static const char *const others[] = {"config.json",
                                     "generation_config.json",
                                     "preprocessor_config.json",
                                     "processor_config.json",
                                     "tokenizer.json",
                                     "tokenizer_config.json",
                                     "vocab.json",
                                     "merges.txt",
                                     "ocrvl.json",
                                     "chat_template.json",
                                     "chat_template.jinja",
                                     "added_tokens.json",
                                     "special_tokens_map.json",
                                     "README.md", /* with the licence, and the name by which a fine-tune is told */
                                     "LICENSE"};

enum { MAX_OTHER = 256 << 20 };

/* Finishes a file that was written with status st. */
static cli_exit finish(const cli_log *log, cli_output *out, const char *path, ocrvl_status st, ocrvl_error *err)
{
    if (st)
        cli_output_discard(out);
    else
        st = cli_output_commit(out, err);
    return st ? cli_output_failed(log, path, err) : CLI_EXIT_OK;
}

static cli_exit copy_file(const cli_log *log, const char *from, const char *to)
{
    ocrvl_error err;
    char *data;
    size_t len;
    cli_output *out;
    ocrvl_status st = ocrvl_file_read(&data, &len, from, MAX_OTHER, &err);
    if (st) {
        cli_error(log, from, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_MODEL);
    }
    st = cli_output_open(&out, to, &err);
    if (!st) {
        int failed = cli_output_write(out, data, len);
        st = failed ? ocrvl_fail_errno(&err, failed, "cannot write") : OCRVL_OK;
    }
    ocrvl_free(data);
    return finish(log, out, to, st, &err);
}

static cli_exit copy_others(const cli_log *log, const char *from, const char *to)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others && !status; i++) {
        char *source = ocrvl_path_join(from, others[i]), *target = ocrvl_path_join(to, others[i]);
        if (!source || !target)
            status = CLI_EXIT_LIMIT;
        else if (ocrvl_file_exists(source))
            status = copy_file(log, source, target);
        ocrvl_free(source);
        ocrvl_free(target);
    }
    return status;
}

typedef struct writing {
    cli_output *out;
    bool failed;
} writing;

static int write_part(void *user, const void *data, size_t len)
{
    writing *w = user;
    int failed = cli_output_write(w->out, data, len);
    w->failed = failed != 0;
    return failed;
}

static cli_exit pack_weights(const cli_log *log, const pack_args *args)
{
    ocrvl_error err;
    writing w = {0};
    cli_exit status;
    char *path = ocrvl_path_join(args->output, "model.safetensors");
    ocrvl_status st = path ? cli_output_open(&w.out, path, &err) : ocrvl_fail_nomem(&err);
    bool opened = !st;
    if (opened)
        st = ocrvl_dev_pack_weights(args->model, (ocrvl_dev_pack)args->type, write_part, &w, &err);
    if (opened && st && !w.failed) {
        cli_output_discard(w.out);
        cli_error(log, args->model, 0, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_MODEL);
    } else
        status = finish(log, w.out, path, st, &err);
    ocrvl_free(path);
    return status;
}

/* Whether both folders are the same: then the new weights would be beside those that they were made from. */
static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static cli_exit pack_folder(const cli_log *log, const pack_args *args)
{
    ocrvl_error err;
    if (mkdir(args->output, 0777) != 0 && errno != EEXIST) {
        ocrvl_status st = ocrvl_fail_errno(&err, errno, "cannot make the folder");
        cli_error(log, args->output, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_OUTPUT);
    }
    cli_exit status = pack_weights(log, args);
    return status ? status : copy_others(log, args->model, args->output);
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    pack_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (count > 0 && args.model)
        return cli_usage_error(self, "two folders: '%s' and '%s'", args.model, argv[1]);
    if (count > 0)
        args.model = argv[1];
    if (!args.model)
        args.model = getenv("OCRVL_MODEL");
    if (!args.model || !*args.model)
        return cli_usage_error(self, "no checkpoint: give its folder");
    if (!args.output)
        return cli_usage_error(self, "no folder to write to: give -o OUTDIR");
    cli_log log = {.command = self->name, .quiet = args.quiet};
    char *dir;
    status = cli_model_named(&log, args.model, &dir);
    if (status)
        return status;
    args.model = dir;
    status = same_folder(dir, args.output) ? cli_usage_error(self, "OUTDIR is the checkpoint's own folder")
                                           : pack_folder(&log, &args);
    ocrvl_free(dir);
    return status;
}

static const char *const usage[] = {"[OPTIONS] -o OUTDIR [DIR]", NULL};

const cli_command cli_command_pack = {
    .name = "pack",
    .summary = "write a checkpoint in a smaller type",
    .usage = usage,
    .about = "Writes a checkpoint anew with its large matrices in a smaller type, which makes it faster and takes less "
             "memory. The new folder is a checkpoint for ocrvl; with --type bf16 it is one for other programs too.",
    .options = options,
    .operands = 1,
    .run = run,
};
