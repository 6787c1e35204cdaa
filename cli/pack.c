/* ocrvl pack: a checkpoint in a smaller type. */
#include <errno.h>
#include <stdio.h>
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
    const char *const *paths; /* [count] what is packed: a folder, or files of GGUF */
    size_t count;
    unsigned type;
    bool quiet;
} pack_args;

static const char *const types[] = {"bf16", "int8", "int4", "float32", NULL}; /* in the order of ocrvl_dev_pack */

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
         "Type of the large matrices: int8, int4 (for the decoder's MLPs, without the first and the last; all other "
         "matrices are int8), bf16, the default, or float32, which loses nothing and is meant for comparisons.",
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

static cli_exit write_text(const cli_log *log, const char *to, const char *text, size_t len)
{
    ocrvl_error err;
    cli_output *out;
    ocrvl_status st = cli_output_open(&out, to, &err);
    if (!st) {
        int failed = cli_output_write(out, text, len);
        st = failed ? ocrvl_fail_errno(&err, failed, "cannot write") : OCRVL_OK;
    }
    return finish(log, out, to, st, &err);
}

static cli_exit copy_file(const cli_log *log, const char *from, const char *to)
{
    ocrvl_error err;
    char *data;
    size_t len;
    ocrvl_status st = ocrvl_file_read(&data, &len, from, MAX_OTHER, &err);
    if (st) {
        cli_error(log, from, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_MODEL);
    }
    cli_exit status = write_text(log, to, data, len);
    ocrvl_free(data);
    return status;
}

static bool is_made(const ocrvl_dev_packer *p, const char *name)
{
    const char *made, *text;
    size_t len;
    for (size_t i = 0; (made = ocrvl_dev_packer_file(p, i, &text, &len)); i++)
        if (strcmp(made, name) == 0)
            return true;
    return false;
}

static cli_exit write_made(const cli_log *log, const ocrvl_dev_packer *p, const char *to)
{
    const char *name, *text;
    size_t len;
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; !status && (name = ocrvl_dev_packer_file(p, i, &text, &len)); i++) {
        char *target = ocrvl_path_join(to, name);
        status = target ? write_text(log, target, text, len) : CLI_EXIT_LIMIT;
        ocrvl_free(target);
    }
    return status;
}

/* Copies the checkpoint's other files, but for those that the packer made anew. */
static cli_exit copy_others(const cli_log *log, const ocrvl_dev_packer *p, const char *from, const char *to)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others && !status; i++) {
        char *source = ocrvl_path_join(from, others[i]), *target = ocrvl_path_join(to, others[i]);
        if (!source || !target)
            status = CLI_EXIT_LIMIT;
        else if (ocrvl_file_exists(source) && !is_made(p, others[i]))
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

static void tell_error(const cli_log *log, const pack_args *args, const ocrvl_dev_packed *told)
{
    unsigned long long rest = told->matrices - told->int4;
    const char *type = strcmp(types[args->type], "int4") == 0 ? "int8" : types[args->type]; /* of the rest */
    char are[96];
    if (told->int4)
        snprintf(are, sizeof are, "%llu matrices are int4 and %llu int8", (unsigned long long)told->int4, rest);
    else
        snprintf(are, sizeof are, "%llu matrices are %s", rest, type);
    if (told->matrices)
        cli_note(log, args->output, 0, "%s; rounding changed them by %.2g %%, at most %.2g %% (%s)", are,
                 100 * told->error, 100 * told->worst, told->worst_name);
}

static cli_exit pack_weights(const cli_log *log, const pack_args *args, const ocrvl_dev_packer *p)
{
    ocrvl_error err;
    writing w = {0};
    ocrvl_dev_packed told;
    cli_exit status;
    char *path = ocrvl_path_join(args->output, "model.safetensors");
    ocrvl_status st = path ? cli_output_open(&w.out, path, &err) : ocrvl_fail_nomem(&err);
    bool opened = !st;
    if (opened)
        st = ocrvl_dev_packer_write(p, (ocrvl_dev_pack)args->type, write_part, &w, &told, &err);
    if (opened && st && !w.failed) {
        cli_output_discard(w.out);
        cli_error(log, args->paths[0], 0, "%s", err.message);
        status = cli_exit_of(st, CLI_EXIT_MODEL);
    } else
        status = finish(log, w.out, path, st, &err);
    ocrvl_free(path);
    if (!status)
        tell_error(log, args, &told);
    return status;
}

/* Whether both folders are the same: then the new weights would be beside those that they were made from. */
static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* That the new folder's config and tokenizer go together, which those of a checkpoint do already. */
static cli_exit prove(const cli_log *log, const char *dir)
{
    ocrvl_model *m;
    cli_exit status = cli_model_open_as(log, dir, OCRVL_DEV_OPEN_NO_WEIGHTS, &m);
    ocrvl_model_free(m);
    return status;
}

static cli_exit pack_into(const cli_log *log, const pack_args *args, const ocrvl_dev_packer *p, bool folder)
{
    ocrvl_error err;
    if (mkdir(args->output, 0777) != 0 && errno != EEXIST) {
        ocrvl_status st = ocrvl_fail_errno(&err, errno, "cannot make the folder");
        cli_error(log, args->output, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_OUTPUT);
    }
    cli_exit status = write_made(log, p, args->output);
    if (!status && !folder)
        status = prove(log, args->output);
    if (!status)
        status = pack_weights(log, args, p);
    return !status && folder ? copy_others(log, p, args->paths[0], args->output) : status;
}

/* The file that an error is about: the first, unless its message begins with another. */
static const char *file_of(const pack_args *args, const ocrvl_error *err)
{
    for (size_t i = 1; i < args->count; i++)
        if (strncmp(err->message, args->paths[i], strlen(args->paths[i])) == 0)
            return args->paths[i];
    return args->paths[0];
}

static cli_exit pack(const cli_log *log, const pack_args *args)
{
    ocrvl_error err;
    ocrvl_dev_packer *p;
    ocrvl_status st = ocrvl_dev_packer_open(&p, args->paths, args->count, &err);
    if (st) {
        cli_error(log, file_of(args, &err), 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_MODEL);
    }
    struct stat what;
    bool folder = stat(args->paths[0], &what) == 0 && S_ISDIR(what.st_mode);
    cli_exit status = pack_into(log, args, p, folder);
    ocrvl_dev_packer_free(p);
    return status;
}

/* One folder, or the id of one. */
static cli_exit pack_folder(const cli_command *self, const cli_log *log, pack_args *args)
{
    char *dir;
    cli_exit status = cli_model_named(log, args->model, &dir);
    if (status)
        return status;
    args->paths = (const char *const[]){dir};
    args->count = 1;
    status = same_folder(dir, args->output) ? cli_usage_error(self, "OUTDIR is the checkpoint's own folder")
                                            : pack(log, args);
    ocrvl_free(dir);
    return status;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    pack_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (count > 0 && args.model)
        return cli_usage_error(self, "two checkpoints: '%s' and '%s'", args.model, argv[1]);
    if (count > 0)
        args.model = argv[1];
    if (!args.model)
        args.model = getenv("OCRVL_MODEL");
    if (!args.model || !*args.model)
        return cli_usage_error(self, "no checkpoint: give its folder");
    if (!args.output)
        return cli_usage_error(self, "no folder to write to: give -o OUTDIR");
    cli_log log = {.command = self->name, .quiet = args.quiet};
    if (count < 2)
        return pack_folder(self, &log, &args);
    args.paths = (const char *const *)(argv + 1);
    args.count = count;
    return pack(&log, &args);
}

static const char *const usage[] = {"[OPTIONS] -o OUTDIR [DIR]", "[OPTIONS] -o OUTDIR MODEL.gguf MMPROJ.gguf", NULL};

const cli_command cli_command_pack = {
    .name = "pack",
    .summary = "write a checkpoint in a smaller type, or make one from GGUF files",
    .usage = usage,
    .about = "Writes a checkpoint anew with its large matrices in a smaller type, which makes it faster and takes less "
             "memory, or makes a checkpoint from llama.cpp's files (GGUF). The new folder is a checkpoint for ocrvl; "
             "with --type bf16 other programs can read it too. A message says how much the matrices changed.",
    .options = options,
    .operands = 64,
    .run = run,
};
