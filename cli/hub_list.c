#include "hub_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"

#define INDEX "model.safetensors.index.json"
enum { MAX_INDEX = 64 << 20 };

/* What is read of a checkpoint's folder, or told of it. */
static const char *const wanted[] = {"config.json",
                                     "generation_config.json",
                                     "preprocessor_config.json",
                                     "processor_config.json",
                                     "video_preprocessor_config.json",
                                     "tokenizer.json",
                                     "tokenizer_config.json",
                                     "vocab.json",
                                     "merges.txt",
                                     "added_tokens.json",
                                     "special_tokens_map.json",
                                     "chat_template.json",
                                     "chat_template.jinja",
                                     "ocrvl.json",
                                     INDEX,
                                     "README.md",
                                     "LICENSE"};

void cli_hub_list_free(cli_hub_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_free(l->files[i].name);
    ocrvl_free(l->files);
}

/* "model-00001-of-00002.safetensors", of any number of digits */
static bool is_shard(const char *name)
{
    static const char *const between[] = {"model-", "-of-", ".safetensors"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(between[i]), digits = strncmp(name, between[i], n) == 0 ? strspn(name + n, "0123456789") : 0;
        if (strncmp(name, between[i], n) != 0 || (digits > 0) != (i < 2))
            return false;
        name += n + digits;
    }
    return !*name;
}

static bool is_single(const char *name) { return strcmp(name, "model.safetensors") == 0; }

static bool is_wanted(const char *name)
{
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strcmp(name, wanted[i]) == 0)
            return true;
    return is_single(name) || is_shard(name);
}

static bool is_hex(const char *s, size_t digits)
{
    return s && strlen(s) == digits && strspn(s, "0123456789abcdef") == digits;
}

static ocrvl_status add_file(cli_hub_list *l, const char *name, const ocrvl_json *sibling, ocrvl_error *err)
{
    const ocrvl_json *lfs = ocrvl_json_get(sibling, "lfs");
    bool large = ocrvl_json_is_object(lfs);
    const char *digest =
        ocrvl_json_string(large ? ocrvl_json_get(lfs, "sha256") : ocrvl_json_get(sibling, "blobId"), NULL);
    int64_t size;
    if (!is_hex(digest, large ? OCRVL_SHA256_HEX - 1 : OCRVL_SHA1_HEX - 1) ||
        !ocrvl_json_int(ocrvl_json_get(large ? lfs : sibling, "size"), &size) || size < 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "the hub's list has no size or digest of %s", name);
    if (!OCRVL_ARRAY_RESERVE(l->files, l->cap, l->count + 1))
        return ocrvl_fail_nomem(err);
    cli_hub_file *f = &l->files[l->count];
    *f = (cli_hub_file){.name = ocrvl_strdup(name), .lfs = large, .size = (uint64_t)size};
    if (!f->name)
        return ocrvl_fail_nomem(err);
    memcpy(f->digest, digest, strlen(digest) + 1);
    l->count++;
    return OCRVL_OK;
}

/* Of weights that are there both whole and in parts the whole is read. */
static void drop_parts(cli_hub_list *l)
{
    bool single = false;
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        single |= is_single(l->files[i].name);
    for (size_t i = 0; i < l->count; i++) {
        bool shard = is_shard(l->files[i].name);
        l->weights |= single || shard;
        if (single && shard)
            ocrvl_free(l->files[i].name);
        else
            l->files[n++] = l->files[i];
    }
    l->count = n;
}

typedef struct looking {
    const cli_hub_list *list;
    const char *missing;
} looking;

static bool is_listed(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    looking *l = user;
    const char *name = ocrvl_json_string(value, NULL);
    bool found = false;
    (void)key, (void)key_len;
    for (size_t i = 0; name && !found && i < l->list->count; i++)
        found = strcmp(l->list->files[i].name, name) == 0;
    l->missing = found ? NULL : name ? name : "";
    return found;
}

ocrvl_status cli_hub_list_check(const cli_hub_list *l, const char *index, ocrvl_error *err)
{
    ocrvl_json *root;
    looking k = {l, NULL};
    bool whole = false, listed = false;
    for (size_t i = 0; i < l->count; i++) {
        whole = whole || is_single(l->files[i].name);
        listed = listed || strcmp(l->files[i].name, INDEX) == 0;
    }
    if (!l->weights)
        return ocrvl_fail(err, OCRVL_E_MODEL, "it has no weights as safetensors");
    if (whole)
        return OCRVL_OK;
    if (!listed)
        return ocrvl_fail(err, OCRVL_E_MODEL, "its weights are in parts, without the index that says what is in them");
    ocrvl_status st = ocrvl_json_load(&root, index, MAX_INDEX, err);
    if (st)
        return st;
    if (!ocrvl_json_each(ocrvl_json_get(root, "weight_map"), is_listed, &k))
        st = ocrvl_fail(err, OCRVL_E_MODEL, INDEX ": it names %.200s, which the hub doesn't have",
                        k.missing && *k.missing ? k.missing : "a part");
    ocrvl_json_free(root);
    return st;
}

bool cli_hub_is_weights(const cli_hub_file *f) { return is_single(f->name) || is_shard(f->name); }

static int weights_last(const void *a, const void *b)
{
    const cli_hub_file *x = a, *y = b;
    return cli_hub_is_weights(x) != cli_hub_is_weights(y) ? (cli_hub_is_weights(x) ? 1 : -1) : strcmp(x->name, y->name);
}

ocrvl_status cli_hub_list_read(cli_hub_list *l, const char *json, size_t len, ocrvl_error *err)
{
    ocrvl_json *root;
    ocrvl_status st = ocrvl_json_parse(&root, json, len, "the hub's list of files", err);
    if (st)
        return st;
    const char *commit = ocrvl_json_string(ocrvl_json_get(root, "sha"), NULL);
    const ocrvl_json *siblings = ocrvl_json_get(root, "siblings");
    if (is_hex(commit, OCRVL_SHA1_HEX - 1) && ocrvl_json_is_array(siblings))
        memcpy(l->commit, commit, OCRVL_SHA1_HEX);
    else
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the hub's list of files has no commit or no files");
    for (size_t i = 0; !st && i < ocrvl_json_length(siblings); i++) {
        const ocrvl_json *sibling = ocrvl_json_at(siblings, i);
        const char *name = ocrvl_json_string(ocrvl_json_get(sibling, "rfilename"), NULL);
        if (name && is_wanted(name))
            st = add_file(l, name, sibling, err);
    }
    ocrvl_json_free(root);
    if (st)
        return st;
    drop_parts(l);
    if (l->count)
        qsort(l->files, l->count, sizeof *l->files, weights_last);
    return OCRVL_OK;
}
