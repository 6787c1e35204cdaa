#include "batch/iiif.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "batch/gzip.h"
#include "inputs.h"

/* What a manifest is called, newly allocated: a file by its name without suffix; of a URL's path, in which it usually
 * is WORK/manifest.json, the part before. */
static char *work_name(const char *path)
{
    bool url = cli_is_url(path);
    size_t end = url ? strcspn(path, "?#") : strlen(path), from;
    for (bool again = url;; again = false) {
        while (end > 0 && path[end - 1] == '/')
            end--;
        for (from = end; from > 0 && path[from - 1] != '/';)
            from--;
        if (!again || strncmp(path + from, "manifest", 8) != 0)
            break;
        end = from;
    }
    const char *point = url ? NULL : strrchr(path + from, '.');
    return ocrvl_strndup(path + from, point && point > path + from ? (size_t)(point - path - from) : end - from);
}

static cli_exit add_canvas(batch_scan *s, const char *work, size_t number, const char *image, uint32_t root)
{
    ocrvl_buf name = {0};
    const char *url = image ? image : "";
    ocrvl_buf_printf(&name, "%s/%04zu", work, number);
    batch_input in = {.name = name.data, .mtime = batch_crc32(url, strlen(url)), .url = url};
    cli_exit status = name.failed ? batch_no_memory(s->log) : batch_scan_found(s, &in, root);
    ocrvl_buf_free(&name);
    return status;
}

cli_exit batch_scan_iiif(batch_scan *s, const char *path, const ocrvl_source_options *opt)
{
    ocrvl_iiif *m;
    ocrvl_error err;
    uint32_t root = 0;
    if (ocrvl_iiif_open(&m, path, opt, &err))
        return batch_scan_cannot(s, path, err.message);
    char *work = work_name(path);
    cli_exit status = !work              ? batch_no_memory(s->log)
                      : cli_is_url(path) ? batch_scan_root(s, path, &root)
                                         : batch_scan_folder(s, path, &root);
    for (size_t i = 0; i < ocrvl_iiif_count(m) && !status; i++)
        status = add_canvas(s, work, i + 1, ocrvl_iiif_image(m, i), root);
    ocrvl_free(work);
    ocrvl_iiif_free(m);
    return status;
}
