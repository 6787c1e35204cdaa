/* Confines a process that parses what strangers wrote, so that nobody who takes it over gets anything by it: it can
 * read fonts and the system's public data, compute, and answer on its socket. */
#ifndef OCRVL_IN_CONFINE_H
#define OCRVL_IN_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/* What can be prepared once for many processes. */
typedef struct ocrvl_confinement {
    int rules; /* a Landlock ruleset; -1: there is none */
} ocrvl_confinement;

/* Loads fonts as well, if asked, so that no later process has to. */
void ocrvl_confinement_prepare(ocrvl_confinement *c, bool fonts);
void ocrvl_confinement_free(ocrvl_confinement *c);
/* For ever, for this process, which has one thread: no files but those that are open and fonts, no network, no other
 * process, no core dumps, and beside the memory that it has `memory` bytes, or as ocrvl_confine_room says up to `most`.
 * What the kernel can't do isn't done. */
void ocrvl_confine(const ocrvl_confinement *c, uint64_t memory, uint64_t most);
/* A page or picture within the limit of pixels takes so many bytes to be decoded: a confined process may have them
 * beside the ordinary `memory`. 0: no more than that. Does nothing in a process that isn't confined. */
void ocrvl_confine_room(uint64_t bytes);
/* The bytes that a decoder may take for a pixel: OpenJPEG has two copies of three channels as 32-bit numbers. */
enum { OCRVL_ROOM_JPEG2000 = 28, OCRVL_ROOM_HEIF = 24, OCRVL_ROOM_PICTURE = 12, OCRVL_ROOM_PAGE = 8 };
/* So many seconds of processor time from now on, and a few more; then a signal ends the process. Whoever waits for it
 * watches the time as well; this is for the case that nobody does. */
void ocrvl_confine_seconds(double seconds);
/* Whether this build looks for faults of memory by itself: its reports are to be seen, and its address space can't be
 * limited. */
bool ocrvl_confine_is_sanitized(void);
/* What of it this kernel can't do, a sentence; NULL: nothing. */
const char *ocrvl_confinement_lack(void);

#endif
