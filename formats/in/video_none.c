/* What stands for video.c in a build without FFmpeg (make VIDEO=0): no video can be opened. */
#include "base/error.h"
#include "in/video_load.h"
#include "ocrvl_formats.h"

#define LACK "this ocrvl was built without FFmpeg"

static ocrvl_status refuse(ocrvl_video **out, const char *name, ocrvl_error *err)
{
    *out = NULL;
    return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: videos can't be read: %s", name ? name : "-", LACK);
}

bool ocrvl_video_load(void) { return false; }

bool ocrvl_video_supported(void) { return false; }

const char *ocrvl_video_lack(void) { return LACK; }

ocrvl_status ocrvl_video_open(ocrvl_video **out, const char *path, const ocrvl_video_options *opt, ocrvl_error *err)
{
    (void)opt;
    return refuse(out, path, err);
}

ocrvl_status ocrvl_video_open_memory(ocrvl_video **out, const void *data, size_t len, const char *name,
                                     const ocrvl_video_options *opt, ocrvl_error *err)
{
    (void)data;
    (void)len;
    (void)opt;
    return refuse(out, name, err);
}

void ocrvl_video_free(ocrvl_video *v) { (void)v; }

uint32_t ocrvl_video_count(const ocrvl_video *v)
{
    (void)v;
    return 0;
}

double ocrvl_video_rate(const ocrvl_video *v)
{
    (void)v;
    return 0;
}

ocrvl_status ocrvl_video_next(ocrvl_video *v, ocrvl_image **img, double *seconds, ocrvl_error *err)
{
    (void)v;
    *img = NULL;
    *seconds = 0;
    return ocrvl_fail(err, OCRVL_E_ARG, "no video is open");
}
