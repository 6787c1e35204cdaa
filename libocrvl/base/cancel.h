/* Cancellation: what is running is told to stop, and what begins later isn't. */
#ifndef OCRVL_BASE_CANCEL_H
#define OCRVL_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Counts how often cancellation was asked for. Any thread and any signal handler may add to it; zero-initialise. */
typedef atomic_uint ocrvl_cancel_source;

/* What an operation holds from its beginning to its end. Zero-initialised, it is never canceled. */
typedef struct ocrvl_cancel_token {
    const ocrvl_cancel_source *source; /* must outlive the token */
    unsigned count;                    /* of the source, when the operation began */
} ocrvl_cancel_token;

static inline ocrvl_cancel_token ocrvl_cancel_watch(const ocrvl_cancel_source *source)
{
    return (ocrvl_cancel_token){source, atomic_load(source)};
}

/* Cancels every operation whose token was made before this. */
static inline void ocrvl_cancel_all(ocrvl_cancel_source *source) { atomic_fetch_add(source, 1); }

/* token may be NULL: never. */
static inline bool ocrvl_canceled(const ocrvl_cancel_token *token)
{
    return token && token->source && atomic_load(token->source) != token->count;
}

#endif
