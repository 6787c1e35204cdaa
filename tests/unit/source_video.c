/* Videos: made here by libav's own encoders, frame i of known grey, and read back: which frames come, when, and what is
 * in them; cut and changed ones never crash. */
#include <errno.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/log.h>

#include "sources.h"

#include "in/confine.h"

#include "base/mem.h"

enum { WIDTH = 64, HEIGHT = 48 };

typedef struct making {
    const char *container;
    enum AVCodecID codec;
    int fps, frames, b_frames;
    int rotate; /* degrees clockwise */
    int side;   /* of square frames; 0: WIDTH x HEIGHT */
} making;

static const making kinds[] = {{"avi", AV_CODEC_ID_MPEG4, 10, 30, 0, 0, 0},
                               {"matroska", AV_CODEC_ID_FFV1, 25, 50, 0, 0, 0},
                               {"mp4", AV_CODEC_ID_MPEG4, 10, 25, 2, 0, 0},
                               {"mpegts", AV_CODEC_ID_MPEG2VIDEO, 25, 40, 2, 0, 0}};

/* Luma of frame i, the right half of every frame brighter by 60. */
static int luma(int i, int x, int width) { return 30 + 2 * i + (x >= width / 2 ? 60 : 0); }

static int rgb_of(int y) { return ((y - 16) * 255 + 109) / 219; }

static void paint(AVFrame *f, int i)
{
    assert_true(av_frame_make_writable(f) >= 0);
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? f->height / 2 : f->height); y++)
            for (int x = 0; x < (p ? f->width / 2 : f->width); x++)
                f->data[p][y * f->linesize[p] + x] = (uint8_t)(p ? 128 : luma(i, x, f->width));
}

static void drain(AVCodecContext *c, AVFormatContext *to, AVPacket *packet)
{
    while (avcodec_receive_packet(c, packet) >= 0) {
        packet->duration = 1;
        av_packet_rescale_ts(packet, c->time_base, to->streams[0]->time_base);
        assert_true(av_interleaved_write_frame(to, packet) >= 0);
    }
}

static bytes make(const making *m)
{
    AVFormatContext *to;
    assert_true(avformat_alloc_output_context2(&to, NULL, m->container, NULL) >= 0);
    AVCodecContext *c = avcodec_alloc_context3(avcodec_find_encoder(m->codec));
    AVStream *s = avformat_new_stream(to, NULL);
    c->width = m->side ? m->side : WIDTH;
    c->height = m->side ? m->side : HEIGHT;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = s->time_base = (AVRational){1, m->fps};
    c->framerate = s->avg_frame_rate = (AVRational){m->fps, 1};
    c->gop_size = 12;
    c->max_b_frames = m->b_frames;
    c->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    c->global_quality = FF_QP2LAMBDA;
    c->thread_count = 1;
    if (to->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_true(avcodec_open2(c, NULL, NULL) >= 0);
    assert_true(avcodec_parameters_from_context(s->codecpar, c) >= 0);
    if (m->rotate) {
        uint8_t *matrix = av_stream_new_side_data(s, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t));
        assert_non_null(matrix);
        av_display_rotation_set((int32_t *)(void *)matrix, m->rotate);
    }
    char path[] = "/tmp/ocrvl-video-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && avio_open(&to->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(to, NULL) >= 0);
    AVFrame *f = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    f->format = c->pix_fmt;
    f->width = c->width;
    f->height = c->height;
    f->quality = FF_QP2LAMBDA;
    assert_true(av_frame_get_buffer(f, 0) >= 0);
    for (int i = 0; i < m->frames; i++) {
        paint(f, i);
        f->pts = i;
        assert_true(avcodec_send_frame(c, f) >= 0);
        drain(c, to, packet);
    }
    avcodec_send_frame(c, NULL);
    drain(c, to, packet);
    assert_true(av_write_trailer(to) >= 0);
    assert_true(avio_closep(&to->pb) >= 0);
    bytes b = bytes_load(path);
    close(fd);
    unlink(path);
    av_packet_free(&packet);
    av_frame_free(&f);
    avcodec_free_context(&c);
    avformat_free_context(to);
    return b;
}

static ocrvl_video *open_video(const bytes *b, const ocrvl_video_options *opt)
{
    ocrvl_video *v;
    assert_ok(ocrvl_video_open_memory(&v, b->data, b->len, "test", opt, err));
    return v;
}

/* The frames that come are these. */
static void expect_frames(const making *m, const ocrvl_video_options *opt, const int *want, unsigned count)
{
    bytes b = make(m);
    ocrvl_video *v = open_video(&b, opt);
    assert_int_equal(ocrvl_video_count(v), count);
    for (unsigned k = 0; k <= count; k++) {
        ocrvl_image *img;
        double seconds = -1;
        assert_ok(ocrvl_video_next(v, &img, &seconds, err));
        if (k == count) {
            assert_null(img);
            break;
        }
        assert_int_equal(ocrvl_image_width(img), WIDTH);
        assert_int_equal(ocrvl_image_height(img), HEIGHT);
        assert_int_equal(ocrvl_image_channels(img), 3);
        for (unsigned y = 0; y < HEIGHT; y++)
            for (unsigned x = 0; x < WIDTH; x++)
                for (unsigned c = 0; c < 3; c++) {
                    int is = (int)rgb_at(img, x, y, c), should = rgb_of(luma(want[k], (int)x, WIDTH));
                    bool edge = x >= WIDTH / 2 - 8 && x < WIDTH / 2 + 8; /* rings in a lossy codec */
                    if (abs(is - should) > 1 && !(edge && m->codec != AV_CODEC_ID_FFV1))
                        fail_msg("%s: frame %u at %u,%u: %d, not %d of frame %d", m->container, k, x, y, is, should,
                                 want[k]);
                }
        if (!(seconds > (double)want[k] / m->fps - 0.002 && seconds < (double)want[k] / m->fps + 0.002))
            fail_msg("%s: frame %u at %g s", m->container, k, seconds);
        ocrvl_image_free(img);
    }
    ocrvl_video_free(v);
    bytes_free(&b);
}

/* The numbers are those of torch.linspace(0, frames - 1, n).round() for qwen_vl_utils' n. */
static void frames(void **state)
{
    (void)state;
    expect_frames(&kinds[0], NULL, (const int[]){0, 6, 12, 17, 23, 29}, 6);
    expect_frames(&kinds[1], NULL, (const int[]){0, 16, 33, 49}, 4);
    expect_frames(&kinds[2], NULL, (const int[]){0, 8, 16, 24}, 4); /* 2.5 pairs: halves to even */
    expect_frames(&kinds[3], NULL, (const int[]){0, 13, 26, 39}, 4);
    making m = kinds[0];
    m.frames = 1;
    expect_frames(&m, NULL, (const int[]){0}, 1);
    m.frames = 2;
    expect_frames(&m, NULL, (const int[]){0, 1}, 2);
    m.frames = 3;
    expect_frames(&m, NULL, (const int[]){0, 2}, 2);
    m.frames = 35; /* 3.5 pairs: halves to even */
    expect_frames(&m, NULL, (const int[]){0, 5, 10, 15, 19, 24, 29, 34}, 8);
}

static void options(void **state)
{
    (void)state;
    int all[30];
    for (int i = 0; i < 30; i++)
        all[i] = i;
    ocrvl_video_options opt = {.size = sizeof opt, .fps = 10};
    expect_frames(&kinds[0], &opt, all, 30);
    opt.fps = 1000; /* more than there are */
    expect_frames(&kinds[0], &opt, all, 30);
    opt.max_frames = 5; /* made even */
    expect_frames(&kinds[0], &opt, (const int[]){0, 10, 19, 29}, 4);
    opt = (ocrvl_video_options){.size = sizeof opt, .fps = 0.01, .min_frames = 1};
    expect_frames(&kinds[0], &opt, (const int[]){0, 29}, 2);
}

static void refuse(const bytes *b, const ocrvl_video_options *opt, ocrvl_status want, const char *message)
{
    ocrvl_error e = {0};
    ocrvl_video *v;
    ocrvl_status st = ocrvl_video_open_memory(&v, b->data, b->len, "test", opt, &e);
    if (v || st != want || !strstr(e.message, message))
        fail_msg("%s: %s, wanted %s: %s", ocrvl_status_name(st), e.message, ocrvl_status_name(want), message);
}

/* In a process of its own a video gives the same, and says the same where it is refused. */
static void confined(void **state)
{
    (void)state;
    ocrvl_video_options opt = {.size = sizeof opt};
    assert_ok(ocrvl_decoders_new(&opt.decoders, err));
    expect_frames(&kinds[0], &opt, (const int[]){0, 6, 12, 17, 23, 29}, 6);
    expect_frames(&kinds[3], &opt, (const int[]){0, 13, 26, 39}, 4);
    bytes b = make(&kinds[0]);
    ocrvl_video *v = open_video(&b, &opt), *here = open_video(&b, NULL);
    assert_true(ocrvl_video_rate(v) > 0 && ocrvl_video_rate(v) >= ocrvl_video_rate(here) &&
                ocrvl_video_rate(v) <= ocrvl_video_rate(here));
    ocrvl_video_free(v);
    ocrvl_video_free(here);
    opt.max_seconds = 2.9;
    refuse(&b, &opt, OCRVL_E_LIMIT, "test: ");
    opt.max_seconds = 0;
    opt.max_pixels = WIDTH * HEIGHT - 1;
    refuse(&b, &opt, OCRVL_E_LIMIT, "test: ");
    bytes_free(&b);
    ocrvl_decoders_free(opt.decoders);
}

/* The status that a video ends with. */
static ocrvl_status end_of(const bytes *b, const ocrvl_video_options *opt, ocrvl_error *e)
{
    ocrvl_image *img;
    double seconds;
    ocrvl_video *v;
    ocrvl_status st = ocrvl_video_open_memory(&v, b->data, b->len, "test", opt, e);
    for (uint32_t i = 0, n = st ? 0 : ocrvl_video_count(v); !st && i < n; i++) {
        st = ocrvl_video_next(v, &img, &seconds, e);
        ocrvl_image_free(img);
    }
    ocrvl_video_free(v);
    return st;
}

/* The limits of the process that decodes it; an address space is not limited in a sanitized build. */
static void confined_limits(void **state)
{
    (void)state;
    making m = {"matroska", AV_CODEC_ID_FFV1, 25, 110, 0, 0, 600};
    bytes b = make(&m);
    ocrvl_error e;
    ocrvl_video_options opt = {.size = sizeof opt, .max_millis = 1};
    assert_ok(ocrvl_decoders_new(&opt.decoders, err));
    assert_int_equal(end_of(&b, &opt, &e), OCRVL_E_TIMEOUT);
    assert_non_null(strstr(e.message, "it takes longer than 0.0"));
    opt.max_millis = 0;
    opt.decoder_memory = 1 << 20;
    if (!ocrvl_confine_is_sanitized()) {
        assert_int_equal(end_of(&b, &opt, &e), OCRVL_E_NOMEM);
        assert_non_null(strstr(e.message, "it takes more than 1 MiB of memory to decode"));
    }
    opt.decoder_memory = 0;
    assert_int_equal(end_of(&b, &opt, &e), OCRVL_OK);
    bytes_free(&b);
    ocrvl_decoders_free(opt.decoders);
}

static void refused(void **state)
{
    (void)state;
    static const char *const others[] = {"P5 1 1 255\nx",
                                         "hello",
                                         "%PDF-1.4\n",
                                         "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
                                         "ffconcat version 1.0\nfile /etc/passwd\n",
                                         "<?xml version=\"1.0\"?><MPD type=\"static\"></MPD>"};
    bytes b = make(&kinds[0]), none = {0};
    ocrvl_video_options opt = {.size = sizeof opt, .max_seconds = 2.9};
    refuse(&b, &opt, OCRVL_E_LIMIT, "test: 3 seconds are over the limit of 3");
    opt = (ocrvl_video_options){.size = sizeof opt, .max_pixels = WIDTH * HEIGHT - 1};
    refuse(&b, &opt, OCRVL_E_LIMIT, "test: frames of 64 x 48 pixels are over the limit of 3071");
    opt = (ocrvl_video_options){.size = sizeof opt, .max_file_bytes = b.len - 1};
    refuse(&b, &opt, OCRVL_E_LIMIT, "bytes are over the limit");
    opt = (ocrvl_video_options){.size = sizeof opt, .fps = -1};
    refuse(&b, &opt, OCRVL_E_ARG, "out of range");
    opt = (ocrvl_video_options){.size = sizeof opt, .min_frames = 8, .max_frames = 4};
    refuse(&b, &opt, OCRVL_E_ARG, "out of range");
    refuse(&b, &(ocrvl_video_options){0}, OCRVL_E_ARG, "size");
    refuse(&none, NULL, OCRVL_E_FORMAT, "test: the file is empty");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bytes o = {0};
        bytes_puts(&o, others[i]);
        refuse(&o, NULL, OCRVL_E_UNSUPPORTED, "test: this is not a video in a known container");
        bytes_free(&o);
    }
    bytes_free(&b);
    ocrvl_error e = {0};
    ocrvl_video *v;
    assert_int_equal(ocrvl_video_open(&v, "no-such-file.avi", NULL, &e), OCRVL_E_IO);
    assert_int_equal(e.sys_errno, ENOENT);
}

static void file_and_limits_of_time(void **state)
{
    (void)state;
    char path[] = "/tmp/ocrvl-video-XXXXXX";
    making m = {"matroska", AV_CODEC_ID_FFV1, 25, 110, 0, 0, 600};
    bytes b = make(&m);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, b.data, b.len), b.len);
    close(fd);
    ocrvl_video_options opt = {.size = sizeof opt, .max_millis = 1};
    ocrvl_error e = {0};
    ocrvl_image *img = NULL;
    double seconds;
    ocrvl_video *v;
    ocrvl_status st = ocrvl_video_open(&v, path, &opt, &e);
    for (int i = 0; !st && i < 8; i++) {
        ocrvl_image_free(img);
        st = ocrvl_video_next(v, &img, &seconds, &e);
    }
    assert_int_equal(st, OCRVL_E_LIMIT);
    assert_non_null(strstr(e.message, "takes more than 0.001 s"));
    ocrvl_video_free(v);
    assert_ok(ocrvl_video_open(&v, path, NULL, err));
    assert_int_equal(ocrvl_video_count(v), 8); /* 4.4 s */
    assert_true(ocrvl_video_rate(v) > 8 / 4.5 && ocrvl_video_rate(v) < 8 / 4.3);
    ocrvl_video_free(v);
    unlink(path);
    bytes_free(&b);
}

/* A quarter turn clockwise brings the dark left half to the top. */
static void turned(void **state)
{
    (void)state;
    for (int turn = 90; turn <= 270; turn += 90) {
        making m = kinds[2];
        m.rotate = turn;
        bytes b = make(&m);
        ocrvl_video *v = open_video(&b, NULL);
        ocrvl_image *img;
        double seconds;
        assert_ok(ocrvl_video_next(v, &img, &seconds, err));
        assert_int_equal(ocrvl_image_width(img), turn == 180 ? WIDTH : HEIGHT);
        assert_int_equal(ocrvl_image_height(img), turn == 180 ? HEIGHT : WIDTH);
        unsigned first = rgb_at(img, 2, 2, 0),
                 last = rgb_at(img, ocrvl_image_width(img) - 3, ocrvl_image_height(img) - 3, 0);
        assert_true(turn == 90 ? first < last : first > last);
        ocrvl_image_free(img);
        ocrvl_video_free(v);
        bytes_free(&b);
    }
}

/* libav is silenced, unless the process has said how loud it is to be. */
static void silence(void **state)
{
    (void)state;
    bytes b = make(&kinds[0]);
    av_log_set_level(AV_LOG_FATAL);
    ocrvl_video_free(open_video(&b, NULL));
    assert_int_equal(av_log_get_level(), AV_LOG_FATAL);
    av_log_set_level(AV_LOG_INFO);
    ocrvl_video_free(open_video(&b, NULL));
    assert_int_equal(av_log_get_level(), AV_LOG_QUIET);
    bytes_free(&b);
}

/* Whatever it is: an error with a message, or frames of one size. Returns how many. */
static unsigned read_any(const uint8_t *data, size_t len)
{
    ocrvl_video_options opt = {.size = sizeof opt, .max_frames = 4, .max_pixels = 100000, .max_millis = 3000};
    uint8_t *exact = malloc(len ? len : 1);
    ocrvl_error e = {0};
    ocrvl_video *v;
    unsigned n = 0;
    uint32_t width = 0, height = 0;
    assert_non_null(exact);
    if (len)
        memcpy(exact, data, len);
    ocrvl_status st = ocrvl_video_open_memory(&v, exact, len, "any", &opt, &e);
    while (!st) {
        ocrvl_image *img;
        double seconds;
        st = ocrvl_video_next(v, &img, &seconds, &e);
        if (!st && !img)
            break;
        assert_true(st ? !img : n < 4);
        if (st)
            break;
        if (n++ == 0) {
            width = ocrvl_image_width(img);
            height = ocrvl_image_height(img);
        }
        assert_true(ocrvl_image_width(img) == width && ocrvl_image_height(img) == height);
        ocrvl_image_free(img);
    }
    if (st) {
        /* "no memory" is what libav says of absurd sizes, too */
        if (e.status != st || !e.message[0] || st == OCRVL_E_INTERNAL || st == OCRVL_E_ARG)
            fail_msg("%s: %s", ocrvl_status_name(st), e.message);
    } else
        assert_int_equal(n, ocrvl_video_count(v));
    ocrvl_video_free(v);
    free(exact);
    return n;
}

static void cut_and_changed(void **state)
{
    (void)state;
    uint32_t random = 1;
    unsigned read = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        making m = kinds[i];
        m.frames = 10;
        bytes b = make(&m), c = {0};
        alarm(240); /* a hang ends the test */
        for (size_t len = 0; len < b.len; len += b.len / 60)
            read += read_any(b.data, len);
        for (int k = 0; k < 150; k++) {
            c.len = 0;
            bytes_put(&c, b.data, b.len);
            for (unsigned n = 1 + next_random(&random) % 8; n > 0; n--) {
                size_t reach = next_random(&random) % 2 && c.len > 600 ? 600 : c.len; /* headers more often */
                c.data[next_random(&random) % reach] = (uint8_t)next_random(&random);
            }
            read += read_any(c.data, c.len);
        }
        alarm(0);
        bytes_free(&b);
        bytes_free(&c);
    }
    assert_true(read > 500); /* most of them have frames left */
}

static void out_of_memory(void **state)
{
    (void)state;
    bytes b = make(&kinds[0]);
    bool happened = true;
    for (long n = 1; happened; n++) {
        ocrvl_error e = {0};
        ocrvl_video *v;
        ocrvl_image *img = NULL;
        double seconds;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_video_open_memory(&v, b.data, b.len, "test", NULL, &e);
        if (!st)
            st = ocrvl_video_next(v, &img, &seconds, &e);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
        ocrvl_image_free(img);
        ocrvl_video_free(v);
        assert_true(n < 100);
    }
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(silence),
                                       cmocka_unit_test(frames),
                                       cmocka_unit_test(options),
                                       cmocka_unit_test(confined),
                                       cmocka_unit_test(confined_limits),
                                       cmocka_unit_test(refused),
                                       cmocka_unit_test(file_and_limits_of_time),
                                       cmocka_unit_test(turned),
                                       cmocka_unit_test(cut_and_changed),
                                       cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
