/* The frames of a video, all of them in memory. */
#ifndef OCRVL_CLI_FRAMES_H
#define OCRVL_CLI_FRAMES_H

#include "ocrvl_dev.h"
#include "ocrvl_formats.h"

/* Takes all frames that the video gives. On failure *out holds nothing. */
OCRVL_MUST_CHECK ocrvl_status cli_frames_take(ocrvl_dev_video *out, ocrvl_video *v, ocrvl_error *err);
/* Frees them; *f may hold nothing. */
void cli_frames_free(ocrvl_dev_video *f);

#endif
