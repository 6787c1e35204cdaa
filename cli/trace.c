/* ocrvl trace: writes every stage of the engine in numbers, for comparison with the reference. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "decoding.h"
#include "frames.h"
#include "generate.h"
#include "model.h"
#include "ocrvl_dev.h"
#include "ocrvl_formats.h"
#include "options.h"

typedef struct trace_args {
    const char *model, *messages, *image, *prompt, *system, *nll, *output;
    uint64_t greedy, threads;
    unsigned precision;
    bool vision_ids, quiet;
} trace_args;

static const char *const precisions[] = {"auto", "float32", "bf16", NULL}; /* in the order of ocrvl_dev_opening */

static const cli_option options[] = {
    CLI_MODEL_OPTION(trace_args, model),
    {.name = "messages",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(trace_args, messages),
     .help = "The conversation: a JSON array of messages as chat templates take it, or an object that holds one as "
             "\"messages\". An image part names its file by \"image\", seen from the working directory; a video part "
             "its file by \"video\", or there a list of images, its frames: two of a second, or \"sample_fps\"."},
    {.name = "image",
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(trace_args, image),
     .help = "In place of --messages: one user turn that shows this image (of a document its first page) and says "
             "--prompt."},
    {.name = "prompt",
     .kind = CLI_OPTION_TEXT,
     .arg = "TEXT",
     .offset = offsetof(trace_args, prompt),
     .help = "What the user says, after --image if there is one."},
    {.name = "system",
     .kind = CLI_OPTION_TEXT,
     .arg = "TEXT",
     .offset = offsetof(trace_args, system),
     .help = "What the system turn says. By default what the checkpoint's ocrvl.json says, or else its chat template."},
    {.name = "vision-ids",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(trace_args, vision_ids),
     .help =
         "Number the pictures: \"Picture 1: \" stands before the first, as the chat template's add_vision_id does."},
    {.name = "greedy",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(trace_args, greedy),
     .least = 0,
     .most = UINT32_MAX,
     .help = "Decode N tokens greedily after the prompt; an end token does not stop it. The default is none."},
    {.name = "nll",
     .kind = CLI_OPTION_TEXT,
     .arg = "TEXT",
     .offset = offsetof(trace_args, nll),
     .help = "Compute as well the log-probabilities of TEXT as the answer."},
    {.name = "precision",
     .kind = CLI_OPTION_CHOICE,
     .arg = "PRECISION",
     .offset = offsetof(trace_args, precision),
     .help =
         "auto, float32 or bf16. auto, the default, is what reading uses; with float32 every stage can be held to a "
         "reference run in it. What a checkpoint holds as integers stays so.",
     .choices = precisions},
    CLI_THREADS_OPTION(trace_args, threads),
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "OUTDIR",
     .offset = offsetof(trace_args, output),
     .help = "The folder to write trace.json and the tensors to; it is made if it isn't there."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(trace_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

/* The first page of the document at path. */
static ocrvl_status load_image(void *user, const char *path, ocrvl_image **out, ocrvl_error *err)
{
    ocrvl_source *src;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source_options opt = {.size = sizeof opt, .last_page = 1};
    cli_decoding_source(user, &opt);
    *out = NULL;
    ocrvl_status st = ocrvl_source_open(&src, path, &opt, err);
    if (st)
        return st;
    st = ocrvl_source_next(src, out, &place, err);
    if (!st && !*out)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "%s: the document has no page", path);
    ocrvl_source_free(src);
    return st;
}

static ocrvl_status load_video(void *user, const char *path, ocrvl_dev_video *out, ocrvl_error *err)
{
    ocrvl_video *v;
    ocrvl_video_options opt = {.size = sizeof opt};
    cli_decoding_video(user, &opt);
    ocrvl_status st = ocrvl_video_open(&v, path, &opt, err);
    if (st)
        return st;
    st = cli_frames_take(out, v, err);
    ocrvl_video_free(v);
    return st;
}

static void free_video(void *user, ocrvl_dev_video *v)
{
    (void)user;
    cli_frames_free(v);
}

/* Makes the folder if it doesn't exist, and checks that it can be written to. */
static cli_exit prepare_folder(const cli_log *log, const char *dir)
{
    ocrvl_error err;
    if ((mkdir(dir, 0777) == 0 || errno == EEXIST) && access(dir, W_OK | X_OK) == 0)
        return CLI_EXIT_OK;
    ocrvl_status st = ocrvl_fail_errno(&err, errno, dir);
    cli_error(log, dir, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_OUTPUT);
}

/* Whether writing failed: other failures were checked before, so only a full disk is left. */
static cli_exit side_of(const ocrvl_error *err)
{
    bool full = err->sys_errno == ENOSPC || err->sys_errno == EDQUOT || err->sys_errno == EFBIG;
    return full ? CLI_EXIT_OUTPUT : CLI_EXIT_INPUT;
}

static cli_exit trace(const cli_log *log, const trace_args *args, const ocrvl_model *m, cli_decoding *decoding)
{
    ocrvl_error err;
    ocrvl_trace_options opt = {
        .size = sizeof opt,
        .messages_file = args->messages,
        .image = args->image,
        .prompt = args->prompt,
        .system = args->system,
        .vision_ids = args->vision_ids,
        .greedy = (uint32_t)args->greedy,
        .nll = args->nll,
        .out_dir = args->output,
        .threads = (uint32_t)args->threads,
    };
    const ocrvl_dev_loaders load = {load_image, load_video, free_video, decoding};
    ocrvl_status st = ocrvl_dev_trace(m, &opt, &load, &err);
    if (st)
        cli_error(log, NULL, 0, "%s", err.message);
    return cli_exit_of(st, side_of(&err));
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    trace_args args = {0};
    size_t count;
    cli_exit status;
    ocrvl_model *m = NULL;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (!args.output)
        return cli_usage_error(self, "no folder to write to: give -o OUTDIR");
    if (args.messages && (args.image || args.prompt || args.system))
        return cli_usage_error(
            self, "--messages holds the whole conversation: it goes without --image, --prompt and --system");
    if (!args.messages && !args.image && !args.prompt)
        return cli_usage_error(self, "nothing to trace: give --messages FILE, or --image FILE, --prompt TEXT or both");
    cli_log log = {.command = self->name, .quiet = args.quiet};
    cli_decoding decoding = {.in_process = false};
    status = cli_decoding_begin(&log, &decoding);
    if (!status)
        status = cli_model_open_as(&log, args.model, (ocrvl_dev_opening)args.precision, &m);
    if (!status)
        status = prepare_folder(&log, args.output);
    if (!status)
        status = trace(&log, &args, m, &decoding);
    ocrvl_model_free(m);
    cli_decoding_end(&decoding);
    return status;
}

static const char *const usage[] = {"[OPTIONS] --messages FILE -o OUTDIR",
                                    "[OPTIONS] [--image FILE] [--prompt TEXT] -o OUTDIR", NULL};

const cli_command cli_command_trace = {
    .name = "trace",
    .summary = "write the numbers of every stage of the engine",
    .usage = usage,
    .about = "Runs a checkpoint on a conversation and writes token ids, positions and the tensors of every stage, to "
             "be compared with those of the reference implementation.",
    .options = options,
    .operands = 0,
    .run = run,
};
