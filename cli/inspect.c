/* ocrvl inspect: describes a checkpoint. */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model.h"
#include "ocrvl_dev.h"
#include "options.h"
#include "output.h"

enum { MAX_README = 1 << 20 };

typedef struct inspect_args {
    const char *model;
    bool json, tensors, hash, quiet;
} inspect_args;

static const cli_option options[] = {
    CLI_MODEL_OPTION(inspect_args, model),
    {.name = "json",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(inspect_args, json),
     .help = "Print one JSON object instead of a table."},
    {.name = "tensors",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(inspect_args, tensors),
     .help = "List the tensors as well, in the order of their names: name, type, shape and bytes."},
    {.name = "hash",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(inspect_args, hash),
     .help = "Print the SHA-256 of the weights as well, which reads all of them."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(inspect_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

static const char *reader_name(ocrvl_reader reader) { return reader == OCRVL_READER_LINE ? "line" : "page"; }

static unsigned long long wide(uint64_t v) { return v; }

/* 15415552 as "14.7 MiB" */
static void put_size(ocrvl_buf *b, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    size_t unit = 0;
    for (; v >= 1024 && unit < 4; unit++)
        v /= 1024;
    ocrvl_buf_put_number(b, v, 1);
    ocrvl_buf_printf(b, " %s", units[unit]);
}

/* Bytes of keys and values, which the engine stores as 32-bit floats. */
static uint64_t cache_bytes(const ocrvl_model_info *i)
{
    return 2ull * i->layers * i->kv_heads * i->head_dim * sizeof(float);
}

/* What the folder's README.md says of the licence, in the head of YAML that the hub wants: the value of "license", or
 * of "license_name" if that says more. Newly allocated; NULL if it says nothing. */
static char *find_licence(const char *dir)
{
    char *path = ocrvl_path_join(dir, "README.md"), *text = NULL, *found = NULL;
    size_t len = 0;
    ocrvl_error ignored;
    ocrvl_status st =
        path && ocrvl_file_exists(path) ? ocrvl_file_read(&text, &len, path, MAX_README, &ignored) : OCRVL_E_IO;
    const char *end = st || strncmp(text, "---\n", 4) != 0 ? NULL : strstr(text + 4, "\n---");
    for (const char *line = text ? text + 4 : NULL; end && line && line < end; line = strchr(line, '\n') + 1) {
        bool name = strncmp(line, "license_name:", 13) == 0;
        const char *value = line + (name ? 13 : 8);
        if (!name && strncmp(line, "license:", 8) != 0)
            continue;
        value += strspn(value, " \"'");
        size_t n = strcspn(value, "\"'\r\n");
        if (n && n < 100 && (name || !found)) {
            ocrvl_free(found);
            found = ocrvl_strndup(value, n);
        }
    }
    ocrvl_free(path);
    ocrvl_free(text);
    return found;
}

static void put_table(ocrvl_buf *b, const ocrvl_model_info *i, const char *licence, const char *sha256)
{
    ocrvl_buf_printf(b, "name         %s\n", i->name);
    ocrvl_buf_printf(b, "family       %s\n", i->family);
    if (licence)
        ocrvl_buf_printf(b, "licence      %s, by its README.md\n", licence);
    ocrvl_buf_printf(b, "reader       %s\n", reader_name(i->reader));
    if (i->profile)
        ocrvl_buf_printf(b, "profile      %s, read with the prompt \"%s\"\n", i->profile, i->task);
    else if (i->task)
        ocrvl_buf_printf(b, "prompt       %s, by its ocrvl.json\n", i->task);
    if (*i->scripts)
        ocrvl_buf_printf(b, "scripts      %s\n", i->scripts);
    if (i->tensors) {
        ocrvl_buf_printf(b, "parameters   %llu in %llu tensors\n", wide(i->parameters), wide(i->tensors));
        ocrvl_buf_printf(b, "weights      %s, %llu bytes (", i->dtype, wide(i->weight_bytes));
        put_size(b, i->weight_bytes);
        ocrvl_buf_puts(b, ")\n");
    } else
        ocrvl_buf_printf(b, "parameters   %llu by config.json\nweights      none in the folder\n", wide(i->parameters));
    ocrvl_buf_printf(b, "vision       %u blocks of width %u, %u heads\n", i->vision_depth, i->vision_width,
                     i->vision_heads);
    ocrvl_buf_printf(b, "patches      %ux%u pixels, merged %ux%u: a visual token covers %ux%u\n", i->patch, i->patch,
                     i->merge, i->merge, i->patch * i->merge, i->patch * i->merge);
    ocrvl_buf_printf(b, "pixels       %llu to %llu an image\n", wide(i->min_pixels), wide(i->max_pixels));
    ocrvl_buf_printf(b, "decoder      %u layers of width %u, inside %u; %u heads of %u, %u for keys and values\n",
                     i->layers, i->width, i->intermediate, i->heads, i->head_dim, i->kv_heads);
    ocrvl_buf_printf(b, "vocabulary   %u tokens, output head %s\n", i->vocabulary,
                     i->tied ? "tied to the embedding" : "of its own");
    ocrvl_buf_printf(b, "context      %u tokens of %llu bytes each, ", i->context, wide(cache_bytes(i)));
    put_size(b, cache_bytes(i) * i->context);
    ocrvl_buf_puts(b, " when full\n");
    if (sha256)
        ocrvl_buf_printf(b, "sha256       %s\n", sha256);
}

static void put_json_field(ocrvl_buf *b, const char *name, const char *value)
{
    ocrvl_buf_printf(b, "\"%s\":", name);
    ocrvl_json_put_string(b, value, strlen(value));
    ocrvl_buf_putc(b, ',');
}

static void put_json(ocrvl_buf *b, const ocrvl_model_info *i, const char *licence, const char *sha256)
{
    ocrvl_buf_putc(b, '{');
    put_json_field(b, "name", i->name);
    put_json_field(b, "family", i->family);
    if (licence)
        put_json_field(b, "licence", licence);
    put_json_field(b, "reader", reader_name(i->reader));
    if (i->profile)
        put_json_field(b, "profile", i->profile);
    if (i->task)
        put_json_field(b, "prompt", i->task);
    if (*i->scripts)
        put_json_field(b, "scripts", i->scripts);
    ocrvl_buf_printf(b, "\"parameters\":%llu,\"tensors\":%llu,\"weight_bytes\":%llu,", wide(i->parameters),
                     wide(i->tensors), wide(i->weight_bytes));
    put_json_field(b, "dtype", i->dtype);
    if (sha256)
        put_json_field(b, "sha256", sha256);
    ocrvl_buf_printf(
        b, "\"vision\":{\"depth\":%u,\"width\":%u,\"heads\":%u,\"patch\":%u,\"merge\":%u,\"temporal_patch\":%u},",
        i->vision_depth, i->vision_width, i->vision_heads, i->patch, i->merge, i->temporal_patch);
    ocrvl_buf_printf(b,
                     "\"decoder\":{\"layers\":%u,\"width\":%u,\"heads\":%u,\"head_dim\":%u,\"kv_heads\":%u,"
                     "\"intermediate\":%u,",
                     i->layers, i->width, i->heads, i->head_dim, i->kv_heads, i->intermediate);
    ocrvl_buf_printf(b, "\"vocabulary\":%u,\"context\":%u,\"cache_bytes_per_token\":%llu,\"tied\":%s},", i->vocabulary,
                     i->context, wide(cache_bytes(i)), i->tied ? "true" : "false");
    ocrvl_buf_printf(b, "\"pixels\":{\"min\":%llu,\"max\":%llu}", wide(i->min_pixels), wide(i->max_pixels));
}

static void put_tensor(ocrvl_buf *b, const ocrvl_tensor_info *t, bool json)
{
    if (json) {
        ocrvl_buf_puts(b, "{\"name\":");
        ocrvl_json_put_string(b, t->name, strlen(t->name));
        ocrvl_buf_printf(b, ",\"dtype\":\"%s\",\"shape\":[", t->dtype);
    } else
        ocrvl_buf_printf(b, "%s\t%s\t[", t->name, t->dtype);
    for (uint32_t k = 0; k < t->rank && k < 8; k++)
        ocrvl_buf_printf(b, "%s%llu", k ? "," : "", wide(t->shape[k]));
    ocrvl_buf_printf(b, json ? "],\"bytes\":%llu}" : "]\t%llu\n", wide(t->bytes));
}

static void put_tensors(ocrvl_buf *b, const ocrvl_model *m, bool json)
{
    ocrvl_tensor_info t;
    ocrvl_buf_puts(b, json ? ",\"tensor_list\":[" : "\n");
    for (size_t i = 0; ocrvl_dev_tensor(m, i, &t); i++) {
        if (json && i > 0)
            ocrvl_buf_putc(b, ',');
        put_tensor(b, &t, json);
    }
    if (json)
        ocrvl_buf_putc(b, ']');
}

static cli_exit inspect(const cli_log *log, const inspect_args *args, const char *dir, const ocrvl_model *m)
{
    char hex[65];
    ocrvl_error err;
    ocrvl_buf b = {0};
    ocrvl_model_info info = {.size = sizeof info};
    ocrvl_model_get_info(m, &info);
    if (args->hash) {
        ocrvl_status st = ocrvl_model_sha256(m, hex, &err);
        if (st) {
            cli_error(log, info.name, 0, "%s", err.message);
            return cli_exit_of(st, CLI_EXIT_MODEL);
        }
    }
    char *licence = find_licence(dir);
    (args->json ? put_json : put_table)(&b, &info, licence, args->hash ? hex : NULL);
    ocrvl_free(licence);
    if (args->tensors)
        put_tensors(&b, m, args->json);
    if (args->json)
        ocrvl_buf_puts(&b, "}\n");
    cli_exit status = cli_output_buf(log, &b);
    ocrvl_buf_free(&b);
    return status;
}

/* A folder without weights is described by its other files. */
static cli_exit inspect_folder(const cli_log *log, const inspect_args *args, const char *dir)
{
    ocrvl_model *m;
    bool weights = ocrvl_dev_has_weights(dir);
    cli_exit status = cli_model_open_as(log, dir, weights ? OCRVL_DEV_OPEN_AUTO : OCRVL_DEV_OPEN_NO_WEIGHTS, &m);
    if (!status)
        status = inspect(log, args, dir, m);
    ocrvl_model_free(m);
    return status;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    inspect_args args = {0};
    size_t count;
    cli_exit status;
    char *dir;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (count > 0 && args.model)
        return cli_usage_error(self, "two folders: '%s' and '%s'", args.model, argv[1]);
    cli_log log = {.command = self->name, .quiet = args.quiet};
    status = cli_model_folder(&log, count > 0 ? argv[1] : args.model, &dir);
    if (!status)
        status = inspect_folder(&log, &args, dir);
    ocrvl_free(dir);
    return status;
}

static const char *const usage[] = {"[OPTIONS] [DIR]", NULL};

const cli_command cli_command_inspect = {
    .name = "inspect",
    .summary = "tell what a checkpoint is",
    .usage = usage,
    .about =
        "Opens a checkpoint, proves its files against each other, and tells what it is: family, reader, parameters, "
        "shapes, vocabulary and limits. A folder without weights is described by its other files.",
    .options = options,
    .operands = 1,
    .run = run,
};
