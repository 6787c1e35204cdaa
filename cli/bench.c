/* ocrvl bench: measures the machine, and the engine on it. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "model.h"
#include "ocrvl_dev.h"
#include "options.h"
#include "output.h"

typedef struct bench_args {
    const char *model;
    unsigned shape, precision;
    uint64_t width, height, tokens, crops, runs, threads;
    bool cpu_time, json, quiet;
} bench_args;

static const char *const shapes[] = {"2b", "7b", "mineru", "2.5-3b", "2.5-7b", "3-2b", "3-4b", "3-8b", "nano", NULL};
static const char *const precisions[] = {"auto", "float32", "bf16", "int8", NULL};

static const cli_option options[] = {
    {.name = "model",
     .letter = 'm',
     .kind = CLI_OPTION_NAME,
     .arg = "DIR",
     .offset = offsetof(bench_args, model),
     .help = "Measure on the checkpoint in this folder, or of this id (Owner/Name) in the Hugging Face hub's cache."},
    {.name = "shape",
     .kind = CLI_OPTION_CHOICE,
     .arg = "SHAPE",
     .offset = offsetof(bench_args, shape),
     .help = "Without -m: measure on random weights made in memory, in the shape of Qwen2-VL's 2b (5 GB of memory) or "
             "7b (17 GB), MinerU2.5, Qwen2.5-VL's 3b or 7b, Qwen3-VL's 2b, 4b or 8b, or nano. By default 2b.",
     .choices = shapes},
    {.name = "precision",
     .kind = CLI_OPTION_CHOICE,
     .arg = "PRECISION",
     .offset = offsetof(bench_args, precision),
     .help = "How the weights are computed: auto, the default, is what reading uses; float32; bf16; or, with random "
             "weights, int8, as ocrvl pack makes it.",
     .choices = precisions},
    {.name = "width",
     .kind = CLI_OPTION_COUNT,
     .arg = "PIXELS",
     .offset = offsetof(bench_args, width),
     .help = "Width of the image; with --height, both multiples of a visual token's side, 28 or 32. By default 35 x 36 "
             "of these (980 x 1008), with --crops 37 x 37, or a line of 40.",
     .least = 28,
     .most = 16384},
    {.name = "height",
     .kind = CLI_OPTION_COUNT,
     .arg = "PIXELS",
     .offset = offsetof(bench_args, height),
     .help = "Its height.",
     .least = 28,
     .most = 16384},
    {.name = "tokens",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(bench_args, tokens),
     .help = "Give the time of a page whose answer has N tokens. By default 512, or 1000 for a page that is read by "
             "blocks.",
     .least = 1,
     .most = 1000000},
    {.name = "crops",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(bench_args, crops),
     .help = "Also measure a page that is read block by block, as MinerU2.5 reads it: the whole image for its layout, "
             "then N crops of 200 visual tokens, whose answers are written 16 at a time.",
     .least = 1,
     .most = 1000},
    {.name = "runs",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(bench_args, runs),
     .help = "Measure each stage N times and take the median. By default 5.",
     .least = 1,
     .most = 101},
    {.name = "threads",
     .kind = CLI_OPTION_COUNT,
     .arg = "N",
     .offset = offsetof(bench_args, threads),
     .help = "Threads to compute with. By default one for each processor.",
     .least = 1,
     .most = 256},
    {.name = "cpu-time",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(bench_args, cpu_time),
     .help = "Count the time that processors worked for us, divided by the threads, and not the time that passed: for "
             "machines that are busy otherwise. Threads that wait for each other go unseen."},
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(bench_args, json),
     .help = "Print one JSON object a row as soon as it is known, instead of a table."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(bench_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

typedef struct printing {
    cli_output *out;
    bool json;
    ocrvl_status st; /* of the first row that couldn't be printed */
    ocrvl_error err;
} printing;

/* The share of the machine's limit that was reached. */
static double share(const ocrvl_bench_row *r)
{
    if (!(r->limit > 0) || !(r->value > 0))
        return 0;
    return strcmp(r->unit, "s") == 0 ? r->limit / r->value : r->value / r->limit;
}

static void put_padded(ocrvl_buf *b, double v, int decimals)
{
    ocrvl_buf number = {0};
    ocrvl_buf_put_number(&number, v, decimals);
    ocrvl_buf_printf(b, "%12s", number.data ? number.data : "");
    b->failed |= number.failed;
    ocrvl_buf_free(&number);
}

static void put_row(ocrvl_buf *b, const ocrvl_bench_row *r)
{
    int decimals = r->value < 10 ? 3 : r->value < 1000 ? 1 : 0;
    ocrvl_buf_printf(b, "%-32s", r->name);
    put_padded(b, r->value, decimals);
    ocrvl_buf_printf(b, " %-10s", r->unit);
    if (r->limit > 0) {
        put_padded(b, r->limit, decimals);
        put_padded(b, 100 * share(r), 0);
        ocrvl_buf_puts(b, " %");
    }
    ocrvl_buf_putc(b, '\n');
}

static void put_json_row(ocrvl_buf *b, const ocrvl_bench_row *r)
{
    ocrvl_buf_puts(b, "{\"stage\":");
    ocrvl_json_put_string(b, r->name, strlen(r->name));
    ocrvl_buf_puts(b, ",\"value\":");
    ocrvl_buf_put_number(b, r->value, 6);
    ocrvl_buf_puts(b, ",\"unit\":");
    ocrvl_json_put_string(b, r->unit, strlen(r->unit));
    if (r->limit > 0) {
        ocrvl_buf_puts(b, ",\"limit\":");
        ocrvl_buf_put_number(b, r->limit, 6);
        ocrvl_buf_puts(b, ",\"share\":");
        ocrvl_buf_put_number(b, share(r), 4);
    }
    ocrvl_buf_puts(b, "}\n");
}

static void print_row(void *user, const ocrvl_bench_row *r)
{
    printing *p = user;
    ocrvl_buf b = {0};
    if (p->st)
        return;
    (p->json ? put_json_row : put_row)(&b, r);
    cli_output_write(p->out, b.data, b.len); /* an error is returned by the flush */
    p->st = cli_output_flush(p->out, &p->err);
    ocrvl_buf_free(&b);
}

static cli_exit measure(const cli_log *log, const bench_args *args, const char *dir)
{
    ocrvl_error err;
    printing p = {.json = args->json};
    ocrvl_bench_options o = {.size = sizeof o,
                             .dir = dir,
                             .shape = shapes[args->shape],
                             .precision = (ocrvl_bench_precision)args->precision,
                             .threads = (uint32_t)args->threads,
                             .runs = (uint32_t)args->runs,
                             .width = (uint32_t)args->width,
                             .height = (uint32_t)args->height,
                             .tokens = (uint32_t)args->tokens,
                             .crops = (uint32_t)args->crops,
                             .cpu_time = args->cpu_time};
    if (cli_output_open(&p.out, NULL, &err))
        return cli_output_failed(log, NULL, &err);
    ocrvl_status st = ocrvl_dev_bench(&o, print_row, &p, &err);
    if (st)
        cli_error(log, dir, 0, "%s", err.message);
    ocrvl_status written = cli_output_commit(p.out, &p.err);
    if (st)
        return st == OCRVL_E_ARG ? CLI_EXIT_USAGE : cli_exit_of(st, CLI_EXIT_MODEL);
    return written || p.st ? cli_output_failed(log, NULL, &p.err) : CLI_EXIT_OK;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    bench_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (!args.width != !args.height)
        return cli_usage_error(self, "--width and --height go together");
    if (args.model && precisions[args.precision] && strcmp(precisions[args.precision], "int8") == 0)
        return cli_usage_error(self, "--precision int8 is for random weights: pack the checkpoint with --type int8");
    cli_log log = {.command = self->name, .quiet = args.quiet};
    char *dir = NULL;
    status = args.model ? cli_model_named(&log, args.model, &dir) : CLI_EXIT_OK;
    if (!status)
        status = measure(&log, &args, dir);
    ocrvl_free(dir);
    return status;
}

static const char *const usage[] = {"[OPTIONS]", NULL};

const cli_command cli_command_bench = {
    .name = "bench",
    .summary = "measure the machine and the engine",
    .usage = usage,
    .about = "Measures what the machine can do (memory, arithmetic) and how fast the engine is on it, stage by stage: "
             "products, the vision tower, the prompt, decoding; each with its share of what the machine would allow.",
    .options = options,
    .operands = 0,
    .run = run,
};
