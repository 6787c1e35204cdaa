/* FFmpeg's libraries, loaded when a video is opened. With the codecs that they need they are half of the libraries that
 * a program with libocrvl-formats would otherwise start with, and half of what the dynamic linker has to do. */
#ifndef OCRVL_IN_LIBAV_H
#define OCRVL_IN_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>

#include "ocrvl_formats.h"

#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100) /* later versions do so by themselves */
#define OCRVL_LIBAV_INJECTS(f) f(av_format_inject_global_side_data)
#else
#define OCRVL_LIBAV_INJECTS(f)
#endif

/* The functions that are used: of libavformat and what it needs itself, libavcodec and libavutil; of libswscale. */
#define OCRVL_LIBAV_FUNCTIONS(f)                                                                                       \
    f(av_strerror) f(av_malloc) f(av_free) f(av_freep) f(av_dict_set) f(av_dict_set_int) f(av_dict_free)               \
        f(av_match_list) f(av_log_get_level) f(av_log_set_level) f(av_display_rotation_get) f(avio_alloc_context)      \
            f(avio_context_free) f(avformat_alloc_context) f(avformat_open_input) f(avformat_close_input)              \
                f(avformat_find_stream_info) OCRVL_LIBAV_INJECTS(f) f(av_probe_input_buffer2) f(av_find_best_stream)   \
                    f(av_read_frame) f(av_packet_alloc) f(av_packet_unref) f(av_packet_free) f(av_frame_alloc)         \
                        f(av_frame_unref) f(av_frame_move_ref) f(av_frame_get_buffer) f(av_frame_get_side_data)        \
                            f(av_frame_free) f(avcodec_alloc_context3) f(avcodec_parameters_to_context)                \
                                f(avcodec_open2) f(avcodec_send_packet) f(avcodec_receive_frame)                       \
                                    f(avcodec_free_context)
#define OCRVL_LIBSWSCALE_FUNCTIONS(f)                                                                                  \
    f(sws_getCachedContext) f(sws_getColorspaceDetails) f(sws_setColorspaceDetails) f(sws_getCoefficients)             \
        f(sws_scale) f(sws_freeContext)

/* Each under its own name. */
typedef struct ocrvl_libav {
#define OCRVL_LIBAV_MEMBER(name) __typeof__(name) *name;
    OCRVL_LIBAV_FUNCTIONS(OCRVL_LIBAV_MEMBER)
    OCRVL_LIBSWSCALE_FUNCTIONS(OCRVL_LIBAV_MEMBER)
#undef OCRVL_LIBAV_MEMBER
} ocrvl_libav;

/* Loads the libraries of the versions that this was built with, if they aren't loaded yet; they stay for as long as the
 * process. OCRVL_E_UNSUPPORTED: one is missing; then *av is empty. Any thread may call it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_libav_load(ocrvl_libav *av, ocrvl_error *err);

#endif
