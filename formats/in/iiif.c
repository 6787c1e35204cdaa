/* IIIF Presentation 2 and 3: the images of a work's canvases, in order (iiif.io/api/presentation). */
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "in/url.h"
#include "ocrvl_formats.h"

enum { MAX_BYTES = 64 << 20, MAX_PAGES = 100000, MAX_URL = 4096 };

struct ocrvl_iiif {
    char **images; /* [count] NULL: the canvas has none */
    size_t count, cap;
};

bool ocrvl_iiif_knows(const void *head, size_t len)
{
    static const char context[] = "iiif.io/api/presentation/";
    const char *s = head;
    size_t i = 0;
    while (i < len && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t'))
        i++;
    if (i == len || s[i] != '{')
        return false;
    for (; i + sizeof context - 1 <= len; i++)
        if (memcmp(s + i, context, sizeof context - 1) == 0)
            return true;
    return false;
}

/* ---- one canvas -------------------------------------------------------------------------------------- */

static const char *text_of(const ocrvl_json *v, const char *key, const char *other)
{
    const char *s = ocrvl_json_string(ocrvl_json_get(v, key), NULL);
    return s ? s : ocrvl_json_string(ocrvl_json_get(v, other), NULL);
}

/* The value itself, or the first of a list of them. */
static const ocrvl_json *first_of(const ocrvl_json *v) { return ocrvl_json_is_array(v) ? ocrvl_json_at(v, 0) : v; }

/* The picture that is painted on a canvas: of a choice the first, which is the default. */
static const ocrvl_json *picture_of(const ocrvl_json *canvas)
{
    const ocrvl_json *page = ocrvl_json_at(ocrvl_json_get(canvas, "items"), 0);
    const ocrvl_json *three = first_of(ocrvl_json_get(ocrvl_json_at(ocrvl_json_get(page, "items"), 0), "body"));
    if (three)
        return ocrvl_json_get(three, "items") ? ocrvl_json_at(ocrvl_json_get(three, "items"), 0) : three;
    const ocrvl_json *two = ocrvl_json_get(ocrvl_json_at(ocrvl_json_get(canvas, "images"), 0), "resource");
    return ocrvl_json_get(two, "default") ? ocrvl_json_get(two, "default") : two;
}

/* What a request for the whole image at its full size ends with, by the version of the image API; NULL: the service
 * gives the sizes alone that it has made, and the picture's own address is as good as any. */
static const char *full_size(const ocrvl_json *service)
{
    const ocrvl_json *profile = ocrvl_json_get(service, "profile"), *limits = ocrvl_json_at(profile, 1);
    const char *level = ocrvl_json_string(first_of(profile), NULL), *type = text_of(service, "type", "@type");
    const char *context = text_of(service, "@context", "dcterms:conformsTo");
    if (level && strstr(level, "level0"))
        return NULL;
    if ((type && strcmp(type, "ImageService3") == 0) || (context && strstr(context, "/image/3/")))
        return "full/max/0/default.jpg";
    bool limited = ocrvl_json_get(limits, "maxWidth") || ocrvl_json_get(limits, "maxArea");
    if ((type && strcmp(type, "ImageService2") == 0) || (context && strstr(context, "/image/2/")) ||
        (level && strstr(level, "/image/2/")))
        return limited ? "full/max/0/default.jpg" : "full/full/0/default.jpg";
    return "full/full/0/native.jpg";
}

static bool is_address(const char *s)
{
    return s && strlen(s) <= MAX_URL && (strncasecmp(s, "http://", 7) == 0 || strncasecmp(s, "https://", 8) == 0);
}

/* The address of the picture at its full size, newly allocated; NULL if there is none, or without memory (*failed). */
static char *address_of(const ocrvl_json *picture, bool *failed)
{
    const ocrvl_json *service = first_of(ocrvl_json_get(picture, "service"));
    const char *base = text_of(service, "id", "@id"), *own = text_of(picture, "id", "@id");
    const char *end = is_address(base) ? full_size(service) : NULL;
    ocrvl_buf b = {0};
    if (end)
        ocrvl_buf_printf(&b, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/", end);
    else if (is_address(own))
        ocrvl_buf_puts(&b, own);
    else
        return NULL;
    *failed |= b.failed;
    return ocrvl_buf_steal(&b, NULL);
}

/* ---- the manifest ------------------------------------------------------------------------------------ */

static ocrvl_status take_canvases(ocrvl_iiif *m, const ocrvl_json *root, ocrvl_error *err)
{
    const ocrvl_json *list = ocrvl_json_get(root, "items");
    bool failed = false;
    if (!list)
        list = ocrvl_json_get(ocrvl_json_at(ocrvl_json_get(root, "sequences"), 0), "canvases");
    size_t n = ocrvl_json_is_array(list) ? ocrvl_json_length(list) : 0;
    const char *type = text_of(ocrvl_json_at(list, 0), "type", "@type");
    if (!n || !type || (strcmp(type, "Canvas") != 0 && strcmp(type, "sc:Canvas") != 0))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "IIIF: the file has no canvases, so it isn't a manifest of a work");
    if (n > MAX_PAGES)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "IIIF: there are more than %d canvases", MAX_PAGES);
    for (size_t i = 0; i < n && !failed; i++) {
        failed = !OCRVL_ARRAY_RESERVE(m->images, m->cap, m->count + 1);
        if (!failed)
            m->images[m->count++] = address_of(picture_of(ocrvl_json_at(list, i)), &failed);
    }
    return failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

static ocrvl_status load(ocrvl_json **root, const char *path, const ocrvl_source_options *opt, ocrvl_error *err)
{
    if (!opt || !opt->urls || !ocrvl_url_is(path))
        return ocrvl_json_load(root, path, MAX_BYTES, err);
    ocrvl_url_options how = {.max_bytes = MAX_BYTES,
                             .max_millis = opt->url_millis,
                             .private_addresses = opt->private_addresses,
                             .canceled = opt->canceled,
                             .canceled_user = opt->canceled_user};
    char *data;
    size_t len;
    ocrvl_status st = ocrvl_url_read(&data, &len, path, &how, err);
    if (st)
        return st;
    st = ocrvl_json_parse(root, data, len, "IIIF", err);
    ocrvl_free(data);
    return st;
}

ocrvl_status ocrvl_iiif_open(ocrvl_iiif **out, const char *path, const ocrvl_source_options *opt, ocrvl_error *err)
{
    ocrvl_json *root;
    *out = NULL;
    ocrvl_status st = load(&root, path, opt, err);
    if (st)
        return st;
    ocrvl_iiif *m = ocrvl_alloc(sizeof *m);
    st = m ? take_canvases(m, root, err) : ocrvl_fail_nomem(err);
    ocrvl_json_free(root);
    if (st)
        ocrvl_iiif_free(m);
    else
        *out = m;
    return st;
}

void ocrvl_iiif_free(ocrvl_iiif *m)
{
    for (size_t i = 0; m && i < m->count; i++)
        ocrvl_free(m->images[i]);
    if (m)
        ocrvl_free(m->images);
    ocrvl_free(m);
}

size_t ocrvl_iiif_count(const ocrvl_iiif *m) { return m->count; }

const char *ocrvl_iiif_image(const ocrvl_iiif *m, size_t page) { return page < m->count ? m->images[page] : NULL; }
