/* What passes between a process that wants a document decoded and the confined one that does it (see decoders.c). Each
 * request has one reply; structs cross as they are, since both are the same program. */
#ifndef OCRVL_IN_DECODER_H
#define OCRVL_IN_DECODER_H

#include "in/confine.h"
#include "in/glyphs.h"
#include "in/source.h"

typedef enum ocrvl_decoder_kind {
    OCRVL_DECODE_TIFF,
    OCRVL_DECODE_PICTURES,
    OCRVL_DECODE_PDF,
    OCRVL_DECODE_VIDEO
} ocrvl_decoder_kind;

/* As ocrvl_document_format.page; that there was no memory for something which the page is then without is an error
 * too. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_decoder_page(const ocrvl_document_format *format, void *doc, uint64_t index,
                                                 ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err);
/* The format that is behind a kind which isn't OCRVL_DECODE_VIDEO. */
const ocrvl_document_format *ocrvl_decoder_format(ocrvl_decoder_kind kind);

enum { OCRVL_MOST_PASSWORD = 1000 };

/* The first request, with the document's file. Pointers in the options mean nothing to the other process. */
typedef struct ocrvl_open_request {
    ocrvl_decoder_kind kind;
    ocrvl_source_options source;
    ocrvl_video_options video;
    bool has_password;
    char password[OCRVL_MOST_PASSWORD + 1];
    double seconds;
} ocrvl_open_request;

typedef enum ocrvl_request_kind { OCRVL_ASK_PAGE, OCRVL_ASK_PART } ocrvl_request_kind;

/* Each later one. */
typedef struct ocrvl_decode_request {
    ocrvl_request_kind kind;
    uint64_t index; /* of the page, or the frame in turn */
    bool info;      /* what the document says of itself is wanted as well */
    bool has_part;
    ocrvl_box part;       /* of the page before, to be drawn */
    size_t verdict_count; /* what is known of the fonts that the page before told of */
    uint8_t verdicts[OCRVL_MOST_FONTS];
    double seconds;
} ocrvl_decode_request;

/* With it come, where they aren't empty, sealed memfds in this order: `body` bytes (wire_page.h), the image's pixels,
 * and `document` bytes, which are the file onto which text may be written if it isn't the one that was opened. */
typedef struct ocrvl_decode_reply {
    ocrvl_error error; /* status OCRVL_OK: there is none */
    uint64_t body, document;
    uint32_t width, height, channels; /* 0: there is no image */
    double dpi_x, dpi_y;
    uint64_t pages; /* of the document, or frames of the video */
    double rate;    /* of the video */
    double seconds; /* at which the frame is shown */
} ocrvl_decode_reply;

/* Serves requests on the socket, about the document in the open file, until the other side closes it. Confines the
 * process first. */
_Noreturn void ocrvl_decoder_run(int sock, int file, const ocrvl_confinement *c, uint64_t memory, uint64_t most);

#endif
