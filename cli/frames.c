#include "frames.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

ocrvl_status cli_frames_take(ocrvl_dev_video *out, ocrvl_video *v, ocrvl_error *err)
{
    uint32_t most = ocrvl_video_count(v);
    *out = (ocrvl_dev_video){.frames = ocrvl_alloc_array(most, sizeof *out->frames),
                             .seconds = ocrvl_alloc_array(most, sizeof *out->seconds),
                             .rate = ocrvl_video_rate(v)};
    ocrvl_status st = out->frames && out->seconds ? OCRVL_OK : ocrvl_fail_nomem(err);
    while (!st && out->count < most) {
        st = ocrvl_video_next(v, &out->frames[out->count], &out->seconds[out->count], err);
        if (!st && !out->frames[out->count])
            break;
        out->count += !st;
    }
    if (st)
        cli_frames_free(out);
    return st;
}

void cli_frames_free(ocrvl_dev_video *f)
{
    for (size_t i = 0; i < f->count; i++)
        ocrvl_image_free(f->frames[i]);
    ocrvl_free(f->frames);
    ocrvl_free(f->seconds);
    memset(f, 0, sizeof *f);
}
