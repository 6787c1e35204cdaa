/* Videos by libav. They are read from memory only: nothing that a file names is opened. A first pass over the packets
 * finds when each frame is shown; a second one decodes and selects. It uses one thread, so that every run gives the
 * same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/confined.h"
#include "in/libav.h"
#include "ocrvl_formats.h"

#define CONTAINERS "mov,mp4,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,gif"
#define CODECS                                                                                                         \
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,mpeg4,msmpeg4v2,msmpeg4,mpeg2video,mpeg1video,h263,flv,mjpeg,theora,"   \
    "wmv1,wmv2,wmv3,vc1,ffv1,png,gif,rawvideo,huffyuv,ffvhuff,utvideo,prores,dnxhd,dvvideo,qtrle,cinepak"
#define MAX_STREAMS 64
#define MAX_FRAMES 1000000u
#define MAX_FILE_BYTES (4ull << 30)

struct ocrvl_video {
    char *name;
    ocrvl_bytes bytes;
    ocrvl_confined
        *confined; /* another process decodes it, and there is nothing of what follows but count, next and rate;
                               * or NULL */
    double rate;   /* frames to take a second */
    ocrvl_video_options opt;
    double deadline;
    ocrvl_libav av; /* empty until a video is opened in this process */
    AVFormatContext *format;
    AVIOContext *io;
    size_t at; /* where io reads next */
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame, *shown, *rgb; /* frame: being decoded; shown: the latest complete one; rgb: converted */
    bool has_shown, drained;
    int64_t shown_at; /* in time_base, like times */
    struct SwsContext *scale;
    int stream;
    AVRational time_base;
    int64_t *times;       /* [frames] of the video, rising */
    uint32_t frames;      /* in the video */
    uint32_t count, next; /* number of frames to take, and the next one */
    double duration;      /* in seconds */
    int width, height;    /* of the first frame taken, before rotation; 0 until then */
    uint32_t turn;        /* degrees clockwise */
};

static ocrvl_status fail_av(const ocrvl_video *v, int code, const char *what, ocrvl_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "unknown error";
    if (code == AVERROR(ENOMEM))
        return ocrvl_fail_nomem(err);
    v->av.av_strerror(code, text, sizeof text);
    return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: %s", what, text);
}

static ocrvl_status check_time(const ocrvl_video *v, ocrvl_error *err)
{
    if (ocrvl_clock() > v->deadline)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the video takes more than %g s to decode", v->opt.max_millis / 1000.0);
    return OCRVL_OK;
}

/* ---- bytes to packets -------------------------------------------------------------------------------- */

static int read_bytes(void *user, uint8_t *to, int n)
{
    ocrvl_video *v = user;
    size_t left = v->bytes.len - v->at, take = n > 0 && (size_t)n < left ? (size_t)n : left;
    if (take == 0)
        return AVERROR_EOF;
    memcpy(to, v->bytes.data + v->at, take);
    v->at += take;
    return (int)take;
}

static int64_t seek_bytes(void *user, int64_t offset, int whence)
{
    ocrvl_video *v = user;
    int64_t len = (int64_t)v->bytes.len, from = 0;
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE)
        return len;
    if (whence == SEEK_CUR)
        from = (int64_t)v->at;
    else if (whence == SEEK_END)
        from = len;
    if (offset < -from || offset > len - from)
        return AVERROR(EINVAL);
    v->at = (size_t)(from + offset);
    return (int64_t)v->at;
}

static int refuse_open(AVFormatContext *s, AVIOContext **io, const char *url, int flags, AVDictionary **options)
{
    (void)s, (void)url, (void)flags, (void)options;
    *io = NULL;
    return AVERROR(EPERM);
}

static void close_format(ocrvl_video *v)
{
    v->av.avformat_close_input(&v->format);
    if (v->io)
        v->av.av_freep(&v->io->buffer);
    v->av.avio_context_free(&v->io);
}

/* Checks the sizes that the container gives. Sizes that only the frames themselves give are limited by their
 * decoder. */
static ocrvl_status check_sizes(const ocrvl_video *v, ocrvl_error *err)
{
    for (unsigned i = 0; i < v->format->nb_streams; i++) {
        const AVCodecParameters *p = v->format->streams[i]->codecpar;
        if (p->codec_type == AVMEDIA_TYPE_VIDEO && (int64_t)p->width * p->height > (int64_t)v->opt.max_pixels)
            return ocrvl_fail(err, OCRVL_E_LIMIT, "frames of %d x %d pixels are over the limit of %llu", p->width,
                              p->height, (unsigned long long)v->opt.max_pixels);
    }
    return OCRVL_OK;
}

/* Reads the beginning, with limits for the decoders that guess what containers don't say. */
static int read_streams(ocrvl_video *v)
{
    unsigned n = v->format->nb_streams;
    AVDictionary **options = ocrvl_alloc_array(n + 1, sizeof *options);
    int e = options ? 0 : AVERROR(ENOMEM);
    for (unsigned i = 0; e >= 0 && i < n; i++) {
        e = v->av.av_dict_set_int(&options[i], "max_pixels", (int64_t)v->opt.max_pixels, 0);
        e = e < 0 ? e : v->av.av_dict_set_int(&options[i], "threads", 1, 0);
    }
    e = e < 0 ? e : v->av.avformat_find_stream_info(v->format, options);
    for (unsigned i = 0; options && i < n; i++)
        v->av.av_dict_free(&options[i]);
    ocrvl_free(options);
    return e;
}

static ocrvl_status open_format(ocrvl_video *v, ocrvl_error *err)
{
    enum { STEP = 65536 };
    const AVInputFormat *input = NULL;
    AVDictionary *options = NULL;
    uint8_t *buffer = v->av.av_malloc(STEP);
    v->at = 0;
    v->io = buffer ? v->av.avio_alloc_context(buffer, STEP, 0, v, read_bytes, NULL, seek_bytes) : NULL;
    v->format = v->io ? v->av.avformat_alloc_context() : NULL;
    if (!v->format) {
        if (!v->io)
            v->av.av_free(buffer);
        return ocrvl_fail_nomem(err);
    }
    int e = v->av.av_probe_input_buffer2(v->io, &input, NULL, NULL, 0, 0);
    if (e == AVERROR(ENOMEM))
        return ocrvl_fail_nomem(err);
    if (e < 0 || v->av.av_match_list(input->name, CONTAINERS, ',') <= 0)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "this is not a video in a known container");
    v->format->pb = v->io;
    v->format->io_open = refuse_open;
    e = v->av.av_dict_set_int(&options, "max_streams", MAX_STREAMS, 0);
    e = e < 0 ? e : v->av.av_dict_set(&options, "format_whitelist", CONTAINERS, 0);
    e = e < 0 ? e : v->av.av_dict_set(&options, "codec_whitelist", CODECS, 0);
    e = e < 0 ? e : v->av.av_dict_set(&options, "protocol_whitelist", "none", 0);
    e = e < 0 ? e : v->av.avformat_open_input(&v->format, NULL, input, &options);
    v->av.av_dict_free(&options);
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    if (e >= 0)
        v->av.av_format_inject_global_side_data(v->format);
#endif
    ocrvl_status st = e < 0 ? fail_av(v, e, "a broken video", err) : check_sizes(v, err);
    if (!st && (e = read_streams(v)) < 0)
        st = fail_av(v, e, "a broken video", err);
    return st;
}

static ocrvl_status open_codec(ocrvl_video *v, ocrvl_error *err)
{
    const AVCodec *decoder = NULL;
    v->stream = v->av.av_find_best_stream(v->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (v->stream == AVERROR_DECODER_NOT_FOUND ||
        (v->stream >= 0 && v->av.av_match_list(decoder->name, CODECS, ',') <= 0))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the codec of the video is unknown");
    if (v->stream < 0)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the file has no pictures");
    const AVStream *s = v->format->streams[v->stream];
    v->time_base = s->time_base;
    v->codec = v->av.avcodec_alloc_context3(decoder);
    if (!v->codec)
        return ocrvl_fail_nomem(err);
    int e = v->av.avcodec_parameters_to_context(v->codec, s->codecpar);
    v->codec->pkt_timebase = s->time_base;
    v->codec->thread_count = 1;
    v->codec->max_pixels = (int64_t)v->opt.max_pixels;
    e = e < 0 ? e : v->av.avcodec_open2(v->codec, decoder, NULL);
    return e < 0 ? fail_av(v, e, "a broken video", err) : OCRVL_OK;
}

/* The next packet of the video stream. Returns false if there is none, or if *st says why. */
static bool read_packet(ocrvl_video *v, ocrvl_status *st, ocrvl_error *err)
{
    for (;;) {
        *st = check_time(v, err);
        if (*st)
            return false;
        v->av.av_packet_unref(v->packet);
        int e = v->av.av_read_frame(v->format, v->packet);
        if (e == AVERROR(ENOMEM))
            *st = ocrvl_fail_nomem(err);
        if (e < 0)
            return false;
        if (v->packet->stream_index == v->stream)
            return true;
    }
}

/* ---- which frames ------------------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Times that the container doesn't give follow one another by one. */
static int64_t time_or_next(int64_t time, int64_t other, int64_t last)
{
    if (time != AV_NOPTS_VALUE || other != AV_NOPTS_VALUE)
        return time != AV_NOPTS_VALUE ? time : other;
    return last < INT64_MAX ? last + 1 : last;
}

static ocrvl_status read_times(ocrvl_video *v, ocrvl_error *err)
{
    size_t cap = 0;
    int64_t last = -1;
    ocrvl_status st;
    while (read_packet(v, &st, err)) {
        if (v->packet->flags & AV_PKT_FLAG_DISCARD)
            continue;
        if (v->frames == MAX_FRAMES)
            return ocrvl_fail(err, OCRVL_E_LIMIT, "the video has more than %u frames", MAX_FRAMES);
        if (!OCRVL_ARRAY_RESERVE(v->times, cap, v->frames + 1))
            return ocrvl_fail_nomem(err);
        last = time_or_next(v->packet->pts, v->packet->dts, last);
        v->times[v->frames++] = last;
    }
    if (!st && v->frames == 0)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the video has no frame");
    if (!st)
        qsort(v->times, v->frames, sizeof *v->times, by_time);
    return st;
}

static double seconds_between(const ocrvl_video *v, int64_t from, int64_t to)
{
    return ((double)to - (double)from) * av_q2d(v->time_base);
}

static ocrvl_status choose_count(ocrvl_video *v, ocrvl_error *err)
{
    /* The last frame is shown as long as the others. There is a single division, so that whole and half seconds are
     * exact. */
    double n = v->frames, ticks = (double)v->times[v->frames - 1] - (double)v->times[0];
    double duration = n > 1 ? ticks * n * v->time_base.num / ((n - 1) * v->time_base.den) : 0;
    if (duration > v->opt.max_seconds)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%.0f seconds are over the limit of %.0f", duration, v->opt.max_seconds);
    double least = 2 * ceil(v->opt.min_frames / 2.0), most = 2 * floor(fmin(v->opt.max_frames, n) / 2);
    v->duration = duration;
    double want = 2 * nearbyint(fmin(fmax(duration * v->opt.fps, least), most) / 2);
    v->count = want < 2 ? 1 : (uint32_t)want;
    return OCRVL_OK;
}

/* When frame k of those to take is shown: the middles of torch.linspace's steps, in its float32. */
static int64_t wanted_time(const ocrvl_video *v, uint32_t k)
{
    if (v->count < 2)
        return v->times[0];
    float last = (float)(v->frames - 1), step = last / (float)(v->count - 1);
    float at = k < v->count / 2 ? step * (float)k : last - step * (float)(v->count - 1 - k);
    size_t i = at < 0 ? 0 : (size_t)nearbyintf(at);
    return v->times[i < v->frames ? i : v->frames - 1];
}

/* ---- opening ----------------------------------------------------------------------------------------- */

static ocrvl_status take_options(ocrvl_video_options *to, const ocrvl_video_options *from, const char *path,
                                 ocrvl_error *err)
{
    memset(to, 0, sizeof *to);
    if (from && from->size == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "ocrvl_video_options.size is not set");
    if (from)
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
    to->size = sizeof *to;
    to->urls = to->urls && path && ocrvl_url_is(path);
    to->fps = to->fps == 0 ? 2 : to->fps;
    to->min_frames = to->min_frames ? to->min_frames : 4;
    to->max_frames = to->max_frames ? to->max_frames : 768;
    to->max_seconds = to->max_seconds == 0 ? 7200 : to->max_seconds;
    to->max_file_bytes = to->max_file_bytes ? to->max_file_bytes : to->urls ? OCRVL_URL_MAX_BYTES : MAX_FILE_BYTES;
    to->max_pixels = to->max_pixels ? to->max_pixels : 64000000;
    to->max_millis = to->max_millis ? to->max_millis : 600000;
    if (!(to->fps > 0 && to->fps <= 1000) || !(to->max_seconds > 0) || to->max_frames < to->min_frames)
        return ocrvl_fail(err, OCRVL_E_ARG, "fps, frames or seconds are out of range");
    if (to->max_pixels > INT64_MAX)
        to->max_pixels = INT64_MAX;
    return OCRVL_OK;
}

static ocrvl_status open_bytes(ocrvl_video *v, ocrvl_error *err)
{
    if (v->bytes.len > v->opt.max_file_bytes)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%zu bytes are over the limit of %llu", v->bytes.len,
                          (unsigned long long)v->opt.max_file_bytes);
    if (v->bytes.len == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "the file is empty");
    if (v->opt.decoders)
        return ocrvl_confined_open_video(&v->confined, &v->bytes, &v->opt, &v->count, &v->rate, err);
    ocrvl_status st = ocrvl_libav_load(&v->av, err);
    if (st)
        return st;
    if (v->av.av_log_get_level() == AV_LOG_INFO)
        v->av.av_log_set_level(AV_LOG_QUIET);
    v->deadline = ocrvl_clock() + v->opt.max_millis / 1000.0;
    v->packet = v->av.av_packet_alloc();
    v->frame = v->av.av_frame_alloc();
    v->shown = v->av.av_frame_alloc();
    v->rgb = v->av.av_frame_alloc();
    if (!v->packet || !v->frame || !v->shown || !v->rgb)
        return ocrvl_fail_nomem(err);
    st = open_format(v, err);
    if (!st)
        st = open_codec(v, err);
    if (!st)
        st = read_times(v, err);
    if (!st)
        st = choose_count(v, err);
    if (st)
        return st;
    v->rate = v->duration > 0 ? v->count / v->duration : 0;
    close_format(v); /* not every container can seek back */
    return open_format(v, err);
}

/* If path is NULL, data and len are the video. */
static ocrvl_status open_any(ocrvl_video **out, const char *path, const void *data, size_t len, const char *name,
                             const ocrvl_video_options *opt, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_video *v = ocrvl_alloc(sizeof *v);
    if (!v)
        return ocrvl_fail_nomem(err);
    v->bytes.data = data;
    v->bytes.len = len;
    ocrvl_status st = take_options(&v->opt, opt, path, err);
    if (!st && !(v->name = v->opt.urls ? ocrvl_url_name(name) : ocrvl_strdup(name)))
        st = ocrvl_fail_nomem(err);
    if (!st && path) {
        ocrvl_url_options how = {v->opt.max_file_bytes, v->opt.url_millis, v->opt.private_addresses, NULL, NULL};
        st = ocrvl_bytes_get(&v->bytes, path, v->opt.urls, &how, v->name, err);
    }
    if (!st)
        st = ocrvl_bytes_name_error(v->name, open_bytes(v, err), err);
    if (st)
        ocrvl_video_free(v);
    else
        *out = v;
    return st;
}

bool ocrvl_video_supported(void) { return !ocrvl_video_lack(); }

ocrvl_status ocrvl_video_open(ocrvl_video **out, const char *path, const ocrvl_video_options *opt, ocrvl_error *err)
{
    return open_any(out, path, NULL, 0, path, opt, err);
}

ocrvl_status ocrvl_video_open_memory(ocrvl_video **out, const void *data, size_t len, const char *name,
                                     const ocrvl_video_options *opt, ocrvl_error *err)
{
    return open_any(out, NULL, data, len, name ? name : "-", opt, err);
}

/* What FFmpeg holds; nothing, unless its libraries were loaded. */
static void free_decoding(ocrvl_video *v)
{
    close_format(v);
    v->av.avcodec_free_context(&v->codec);
    v->av.av_packet_free(&v->packet);
    v->av.av_frame_free(&v->frame);
    v->av.av_frame_free(&v->shown);
    v->av.av_frame_free(&v->rgb);
    v->av.sws_freeContext(v->scale);
}

void ocrvl_video_free(ocrvl_video *v)
{
    if (!v)
        return;
    ocrvl_confined_free(v->confined);
    if (v->av.sws_freeContext)
        free_decoding(v);
    ocrvl_bytes_free(&v->bytes);
    ocrvl_free(v->times);
    ocrvl_free(v->name);
    ocrvl_free(v);
}

uint32_t ocrvl_video_count(const ocrvl_video *v) { return v->count; }

double ocrvl_video_rate(const ocrvl_video *v) { return v->rate; }

/* ---- frames ------------------------------------------------------------------------------------------ */

/* How far the frame is to be rotated clockwise, in quarter turns. */
static uint32_t turn_of(const ocrvl_video *v, const AVFrame *frame)
{
    const AVFrameSideData *side = v->av.av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    double angle =
        side && side->size >= 9 * sizeof(int32_t) ? v->av.av_display_rotation_get((int32_t *)(void *)side->data) : 0;
    return isfinite(angle) ? (uint32_t)((int)nearbyint(-angle / 90) & 3) * 90 : 0;
}

/* Converts the shown frame to RGB, at the size of the first one. swscale writes a little beyond rows, so it gets a
 * frame of its own. */
static ocrvl_status convert(ocrvl_video *v, ocrvl_error *err)
{
    const AVFrame *f = v->shown;
    int *inverse, *table, from_full, to_full, brightness, contrast, saturation;
    if (v->width == 0) {
        v->width = f->width;
        v->height = f->height;
        v->turn = turn_of(v, f);
    }
    v->scale = v->av.sws_getCachedContext(v->scale, f->width, f->height, (enum AVPixelFormat)f->format, v->width,
                                          v->height, AV_PIX_FMT_RGB24,
                                          SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    if (!v->scale)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the pixels of the frames can't be converted");
    if (v->av.sws_getColorspaceDetails(v->scale, &inverse, &from_full, &table, &to_full, &brightness, &contrast,
                                       &saturation) >= 0) {
        if (f->color_range != AVCOL_RANGE_UNSPECIFIED)
            from_full = f->color_range == AVCOL_RANGE_JPEG;
        v->av.sws_setColorspaceDetails(v->scale, v->av.sws_getCoefficients(f->colorspace), from_full, table, to_full,
                                       brightness, contrast, saturation);
    }
    if (!v->rgb->data[0]) {
        v->rgb->format = AV_PIX_FMT_RGB24;
        v->rgb->width = v->width;
        v->rgb->height = v->height;
        int e = v->av.av_frame_get_buffer(v->rgb, 0);
        if (e < 0)
            return fail_av(v, e, "a frame", err);
    }
    if (v->av.sws_scale(v->scale, (const uint8_t *const *)f->data, f->linesize, 0, f->height, v->rgb->data,
                        v->rgb->linesize) != v->height)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the pixels of the frames can't be converted");
    return OCRVL_OK;
}

static ocrvl_status give(ocrvl_video *v, ocrvl_image **img, ocrvl_error *err)
{
    ocrvl_status st = convert(v, err);
    if (!st)
        st = ocrvl_image_new(img, (uint32_t)v->width, (uint32_t)v->height, 3, 0, 0, v->opt.max_pixels, err);
    if (st)
        return st;
    for (size_t y = 0, row = (size_t)v->width * 3; y < (size_t)v->height; y++)
        memcpy((*img)->data + y * row, v->rgb->data[0] + (ptrdiff_t)y * v->rgb->linesize[0], row);
    if (v->turn == 0)
        return OCRVL_OK;
    ocrvl_image *upright;
    st = ocrvl_image_turn(&upright, *img, v->turn, err);
    ocrvl_image_free(*img);
    *img = upright;
    return st;
}

/* Decodes one more frame into `shown`, or sets `drained`. Data that can't be decoded are skipped. */
static ocrvl_status decode(ocrvl_video *v, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (;;) {
        int e = v->av.avcodec_receive_frame(v->codec, v->frame);
        if (e == AVERROR(ENOMEM))
            return ocrvl_fail_nomem(err);
        if (e >= 0 && v->frame->width > 0 && v->frame->height > 0) {
            v->shown_at =
                time_or_next(v->frame->best_effort_timestamp, AV_NOPTS_VALUE, v->has_shown ? v->shown_at : -1);
            v->av.av_frame_unref(v->shown);
            v->av.av_frame_move_ref(v->shown, v->frame);
            v->has_shown = true;
            return OCRVL_OK;
        }
        v->drained = e == AVERROR_EOF;
        if (v->drained)
            return OCRVL_OK;
        bool more = read_packet(v, &st, err);
        if (st)
            return st;
        if (!more && v->av.avcodec_send_packet(v->codec, NULL) == AVERROR_EOF)
            v->drained = true; /* the decoder was flushed before and has no more frames */
        if (v->drained)
            return OCRVL_OK;
        if (more && v->av.avcodec_send_packet(v->codec, v->packet) == AVERROR(ENOMEM))
            return ocrvl_fail_nomem(err);
    }
}

static ocrvl_status next_frame(ocrvl_video *v, ocrvl_image **img, double *seconds, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    int64_t wanted = wanted_time(v, v->next);
    while (!st && !v->drained && (!v->has_shown || v->shown_at < wanted))
        st = decode(v, err);
    if (!st && !v->has_shown)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "the video has no frame that can be decoded within the limits");
    if (!st)
        st = give(v, img, err);
    *seconds = st ? 0 : seconds_between(v, v->times[0], v->shown_at);
    return st;
}

ocrvl_status ocrvl_video_next(ocrvl_video *v, ocrvl_image **img, double *seconds, ocrvl_error *err)
{
    *img = NULL;
    if (v->next >= v->count)
        return OCRVL_OK;
    ocrvl_status st =
        v->confined ? ocrvl_confined_frame(v->confined, img, seconds, err) : next_frame(v, img, seconds, err);
    v->next = st ? v->count : v->next + 1;
    return st;
}
