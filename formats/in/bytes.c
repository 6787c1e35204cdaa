#include "in/bytes.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

ocrvl_status ocrvl_bytes_name_error(const char *name, ocrvl_status st, ocrvl_error *err)
{
    if (st && err) {
        ocrvl_error was = *err;
        ocrvl_fail(err, st, "%s: %s", name, was.message);
        err->sys_errno = was.sys_errno;
        err->offset = was.offset;
    }
    return st;
}

ocrvl_status ocrvl_bytes_get(ocrvl_bytes *b, const char *path, bool url, const ocrvl_url_options *opt, const char *name,
                             ocrvl_error *err)
{
    char *read;
    ocrvl_status st;
    if (!url && strcmp(path, "-") != 0 && ocrvl_file_exists(path)) {
        b->holding = OCRVL_BYTES_MAPPED;
        return ocrvl_file_map(&b->data, &b->len, path, err);
    }
    if (url)
        st = ocrvl_bytes_name_error(name, ocrvl_url_read(&read, &b->len, path, opt, err), err);
    else
        st = ocrvl_file_read_until(&read, &b->len, path, opt->max_bytes, opt->canceled, opt->canceled_user, err);
    if (st == OCRVL_OK) {
        b->holding = OCRVL_BYTES_OWNED;
        b->data = (const uint8_t *)read;
    }
    return st;
}

void ocrvl_bytes_free(ocrvl_bytes *b)
{
    if (b->holding == OCRVL_BYTES_MAPPED)
        ocrvl_file_unmap(b->data, b->len);
    if (b->holding == OCRVL_BYTES_OWNED)
        ocrvl_free((void *)(uintptr_t)b->data);
    memset(b, 0, sizeof *b);
}
