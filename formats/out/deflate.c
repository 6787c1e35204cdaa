#include <zlib.h>

#include "out/pdfparts.h"

#define STEP 65536u

void ocrvl_deflate(ocrvl_buf *out, const void *data, size_t len)
{
    z_stream z = {0};
    const uint8_t *p = data ? data : (const uint8_t *)""; /* to which a length of 0 may be added */
    if (out->failed || deflateInit(&z, 6) != Z_OK) {
        out->failed = true;
        return;
    }
    for (int result = Z_OK; result != Z_STREAM_END && !out->failed;) {
        uInt in = len < STEP ? (uInt)len : STEP;
        char *room = ocrvl_buf_reserve(out, STEP);
        if (!room)
            break;
        z.next_in = (z_const Bytef *)(uintptr_t)p;
        z.avail_in = in;
        z.next_out = (Bytef *)room;
        z.avail_out = STEP;
        result = deflate(&z, in == len ? Z_FINISH : Z_NO_FLUSH);
        if (result == Z_STREAM_ERROR)
            out->failed = true;
        p += in - z.avail_in;
        len -= in - z.avail_in;
        ocrvl_buf_grew(out, STEP - z.avail_out);
    }
    deflateEnd(&z);
}
