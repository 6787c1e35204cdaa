/* What videos are decoded with, before one is opened. */
#ifndef OCRVL_IN_VIDEO_LOAD_H
#define OCRVL_IN_VIDEO_LOAD_H

#include <stdbool.h>

/* Loads FFmpeg's libraries, so that the processes which are forked later have them. Returns false if they can't be
 * loaded. */
bool ocrvl_video_load(void);

#endif
