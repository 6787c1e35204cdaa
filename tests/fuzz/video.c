/* Any bytes as a video. */
#define FUZZ_CHANGES 15
#define FUZZ_LARGEST 30000
#include "fuzz/fuzz.h"

#include "ocrvl_formats.h"

const char *const fuzz_folders[] = {"tests/fuzz/corpus/video", NULL};
const fuzz_seed fuzz_seeds[] = {{0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ocrvl_video_options opt = {
        .size = sizeof opt, .max_pixels = 100000, .max_frames = 8, .max_seconds = 60, .max_millis = 5000};
    ocrvl_video *v;
    ocrvl_error err;
    ocrvl_status st = ocrvl_video_open_memory(&v, data, size, "any", &opt, &err);
    fuzz_check(st, &err);
    if (st)
        return 0;
    must(ocrvl_video_count(v) >= 1 && ocrvl_video_count(v) <= 8);
    for (int i = 0; i <= 8; i++) {
        ocrvl_image *img;
        double seconds;
        st = ocrvl_video_next(v, &img, &seconds, &err);
        fuzz_check(st, &err);
        must(!img || (uint64_t)ocrvl_image_width(img) * ocrvl_image_height(img) <= 100000);
        if (!img)
            break;
        ocrvl_image_free(img);
    }
    ocrvl_video_free(v);
    return 0;
}
