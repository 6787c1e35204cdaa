#include "in/hidden.h"

#include "base/error.h"
#include "in/pdf_contents.h"

ocrvl_status ocrvl_pdf_drop_hidden(uint8_t **out, size_t *out_len, const void *data, size_t len, const char *password,
                                   ocrvl_error *err)
{
    ocrvl_pdf_walk w = {.pdf = ocrvl_pdf_objects_open(data, len, password), .find = ocrvl_content_hidden};
    *out = NULL;
    *out_len = 0;
    ocrvl_status st = ocrvl_pdf_objects_check(w.pdf, err);
    int n = st ? 0 : qpdf_get_num_pages(w.pdf);
    for (int i = 0; i < n && !w.failed; i++)
        ocrvl_pdf_walk_page(&w, (size_t)i);
    if (!st)
        st = w.failed ? ocrvl_fail_nomem(err) : ocrvl_pdf_objects_check(w.pdf, err);
    if (!st && w.changed)
        st = ocrvl_pdf_objects_write(out, out_len, w.pdf, false, err);
    ocrvl_buf_free(&w.seen);
    ocrvl_pdf_objects_close(&w.pdf);
    return st;
}
