/* ocrvl_dev.h - what the project's own program and tests need beyond the installed API. Not installed; no promise. */
#ifndef OCRVL_DEV_H
#define OCRVL_DEV_H

#include "ocrvl.h"

typedef enum ocrvl_dev_opening {
    OCRVL_DEV_OPEN_AUTO = 0, /* as ocrvl_model_open does */
    /* products of what isn't packed in float32, or of what is stored in bfloat16 in that */
    OCRVL_DEV_OPEN_FLOAT32,
    OCRVL_DEV_OPEN_BF16,
    OCRVL_DEV_OPEN_NO_WEIGHTS /* config and tokenizer alone: for ocrvl_dev_tokenize and ocrvl_model_get_info */
} ocrvl_dev_opening;

/* As ocrvl_model_open, otherwise. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_model_open(ocrvl_model **out, const char *dir, ocrvl_dev_opening how,
                                                   ocrvl_error *err);
/* Whether the folder has files of weights, by their names. */
bool ocrvl_dev_has_weights(const char *dir);

/* The ids of a text; see ocrvl_tokenizer_encode. *ids is freed with ocrvl_dev_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_tokenize(const ocrvl_model *m, const char *text, size_t len, bool parse_special,
                                                 int32_t **ids, size_t *count, ocrvl_error *err);
void ocrvl_dev_free(void *p);

typedef struct ocrvl_tensor_info {
    const char *name, *dtype; /* borrowed from the model */
    uint32_t rank;
    uint64_t shape[8];
    uint64_t bytes;
} ocrvl_tensor_info;

/* Tensor i in the order of the names; false past the end. */
bool ocrvl_dev_tensor(const ocrvl_model *m, size_t i, ocrvl_tensor_info *info);

typedef struct ocrvl_trace_options {
    size_t size;
    /* JSON: a list of messages, or an object that holds one as "messages"; or NULL, and then: */
    const char *messages_file;
    const char *image;   /* one picture, or NULL */
    const char *prompt;  /* the user's text, NULL: none */
    const char *system;  /* NULL: the profile's or template's default */
    bool vision_ids;     /* "Picture N: " before pictures */
    uint32_t greedy;     /* tokens to go on with; end tokens do not stop it */
    const char *nll;     /* text whose tokens are fed after the prompt, or NULL */
    const char *out_dir; /* must exist */
    uint32_t threads;    /* 0: one per processor */
} ocrvl_trace_options;

/* Makes the picture that a message names; the caller of ocrvl_dev_trace brings it, since formats are not the library's.
 */
typedef ocrvl_status (*ocrvl_load_image_fn)(void *user, const char *path, ocrvl_image **out, ocrvl_error *err);

/* Frames of a video, which the caller of ocrvl_dev_trace brings as well; it frees them too. */
typedef struct ocrvl_dev_video {
    ocrvl_image **frames; /* [count], all of one size */
    double *seconds;      /* [count] when each is shown, or NULL: by the rate */
    size_t count;
    double rate; /* frames of a second; 0: 2 */
} ocrvl_dev_video;

typedef struct ocrvl_dev_loaders {
    ocrvl_load_image_fn image;
    ocrvl_status (*video)(void *user, const char *path, ocrvl_dev_video *out, ocrvl_error *err); /* NULL: refused */
    void (*free_video)(void *user, ocrvl_dev_video *v);
    void *user;
} ocrvl_dev_loaders;

/* Runs one prompt and writes out_dir/trace.json and one raw float32 file a tensor, with the names, rows and fields of
 * the reference vectors (tests/vectors/data/README.md). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_trace(const ocrvl_model *m, const ocrvl_trace_options *o,
                                              const ocrvl_dev_loaders *load, ocrvl_error *err);

/* ---- packing ----------------------------------------------------------------------------------------- */

typedef enum ocrvl_dev_pack {
    OCRVL_DEV_PACK_BF16,
    OCRVL_DEV_PACK_INT8,
    OCRVL_DEV_PACK_INT4,
    OCRVL_DEV_PACK_FLOAT32
} ocrvl_dev_pack;

/* Takes all bytes, or returns an errno value. */
typedef int (*ocrvl_dev_write_fn)(void *user, const void *data, size_t len);

/* What rounding did to the matrices: the root of the mean square of its errors, of that of their numbers. */
typedef struct ocrvl_dev_packed {
    uint64_t matrices; /* that were rounded */
    uint64_t int4;     /* of these, to 4 bits */
    double error;      /* over all of them */
    double worst;      /* of one */
    char worst_name[200];
} ocrvl_dev_packed;

typedef struct ocrvl_dev_packer ocrvl_dev_packer;

/* Opens what is to be packed: one folder of a checkpoint, or the files of one in GGUF, decoder and vision tower, in any
 * order. Every tensor is proved to be there in its shape. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_packer_open(ocrvl_dev_packer **out, const char *const *paths, size_t count,
                                                    ocrvl_error *err);
void ocrvl_dev_packer_free(ocrvl_dev_packer *p);
/* Name and text of file i that is to stand beside the new weights in place of the checkpoint's own; NULL past the
 * end. */
const char *ocrvl_dev_packer_file(const ocrvl_dev_packer *p, size_t i, const char **text, size_t *len);
/* Writes the tensors as one safetensors file with the large matrices in another type (MODEL.md, "Packed checkpoints").
 * told: NULL, or where to tell what it cost. OCRVL_E_UNSUPPORTED: they are integers already. OCRVL_E_IO: the writing
 * failed. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_packer_write(const ocrvl_dev_packer *p, ocrvl_dev_pack type,
                                                     ocrvl_dev_write_fn write, void *user, ocrvl_dev_packed *told,
                                                     ocrvl_error *err);
/* Both of a folder, without its other files. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_pack_weights(const char *dir, ocrvl_dev_pack type, ocrvl_dev_write_fn write,
                                                     void *user, ocrvl_error *err);

/* ---- fetching (in libocrvl-formats) ------------------------------------------------------------------- */

typedef struct ocrvl_dev_get {
    const char *url;   /* http: or https: */
    const char *token; /* sent to the URL's own scheme, host and port alone, as a bearer's; or NULL */
    uint64_t from;     /* bytes that are there already: what follows them is asked for. Advances with what comes */
    /* Takes a piece of the file, whose first byte stands at `at`: 0 if a server that knows no parts sends all. */
    ocrvl_status (*take)(void *user, uint64_t at, const void *data, size_t len, ocrvl_error *err);
    bool (*canceled)(void *user); /* asked now and then: true ends it with OCRVL_E_CANCELED; or NULL */
    void *user;
    /* what came of it: */
    uint32_t status; /* of the last answer, 0 if there was none */
    uint32_t wait;   /* seconds after which the server wants to be asked again; 0 if it doesn't say */
    bool again;      /* the failure is one that may pass: to be tried again, from `from` */
} ocrvl_dev_get;

/* Fetches a file. Follows 10 redirects, never from https: to http:; certificates are verified by the authorities of
 * $CURL_CA_BUNDLE, $SSL_CERT_FILE and $SSL_CERT_DIR or else the system's; the environment's proxies are used. Messages
 * don't name the URL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_http_get(ocrvl_dev_get *get, ocrvl_error *err);

/* ---- measuring --------------------------------------------------------------------------------------- */

typedef enum ocrvl_bench_precision {
    /* as ocrvl_precision in model/weights.h */
    OCRVL_BENCH_AUTO = 0,
    OCRVL_BENCH_FLOAT32,
    OCRVL_BENCH_BF16,
    OCRVL_BENCH_INT8 /* of random weights alone */
} ocrvl_bench_precision;

typedef struct ocrvl_bench_options {
    size_t size;
    const char *dir;   /* a checkpoint, or NULL: random weights of */
    const char *shape; /* "2b", "2.5-3b", "nano": one of those in model/bench.c */
    ocrvl_bench_precision precision;
    uint32_t threads; /* 0: one per processor */
    uint32_t runs;    /* of each measurement; the median counts. 0: 5 */
    /* pixels of the picture, multiples of patch * merge; 0: 980 x 1008, with crops 1036 x 1036, or a line reader's
     * strip */
    uint32_t width, height;
    uint32_t tokens; /* of an answer, for the page's time; 0: 512, or 1000 with crops */
    uint32_t crops;  /* of a page that is read by blocks, whose time is given too; 0: none */
    bool cpu_time;   /* count the seconds that processors worked for us, by thread, and not those that passed */
} ocrvl_bench_options;

typedef struct ocrvl_bench_row {
    const char *name; /* "decode 4": the stage; borrowed until the call returns */
    const char *unit; /* of value and limit: "GB/s", "tokens/s", "s" */
    double value;
    double limit; /* what the machine as measured would give at most (of "s": at least); 0: none known */
} ocrvl_bench_row;

typedef void (*ocrvl_bench_fn)(void *user, const ocrvl_bench_row *row);

/* Measures the machine, then the engine stage by stage, and tells each row as it is known. OCRVL_E_ARG: an unknown
 * shape or a wrong size. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_dev_bench(const ocrvl_bench_options *o, ocrvl_bench_fn report, void *user,
                                              ocrvl_error *err);

#endif
