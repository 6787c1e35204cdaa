#define _GNU_SOURCE /* F_GET_SEALS */

#include "in/received.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

static ocrvl_status unsound(ocrvl_error *err)
{
    return ocrvl_fail(err, OCRVL_E_FORMAT, "what came of the page isn't sound");
}

/* Whether the file is memory of at least that size which nobody can change or shorten any more. */
static bool is_sealed(int file, uint64_t least)
{
    const int wanted = F_SEAL_SHRINK | F_SEAL_WRITE;
    struct stat s;
    int seals = file < 0 ? -1 : fcntl(file, F_GET_SEALS);
    return seals >= 0 && (seals & wanted) == wanted && fstat(file, &s) == 0 && s.st_size >= 0 &&
           (uint64_t)s.st_size >= least;
}

/* Maps len bytes; writing to them changes nothing for others. */
static ocrvl_status map(void **out, int file, uint64_t len, int protection, ocrvl_error *err)
{
    *out = mmap(NULL, (size_t)len, protection, MAP_PRIVATE, file, 0);
    if (*out != MAP_FAILED)
        return OCRVL_OK;
    *out = NULL;
    return errno == ENOMEM ? ocrvl_fail_nomem(err) : ocrvl_fail_errno(err, errno, "a decoded page");
}

ocrvl_status ocrvl_received_bytes(const uint8_t **data, uint64_t len, int file, ocrvl_error *err)
{
    void *p;
    *data = NULL;
    if (len == 0)
        return OCRVL_OK;
    if (len > SIZE_MAX || !is_sealed(file, len))
        return unsound(err);
    ocrvl_status st = map(&p, file, len, PROT_READ, err);
    *data = p;
    return st;
}

static double dpi_of(double dpi) { return dpi > 0 && dpi < 1e6 ? dpi : 0; }

ocrvl_status ocrvl_received_image(ocrvl_image **img, const ocrvl_decode_reply *r, int file, uint64_t max_pixels,
                                  ocrvl_error *err)
{
    void *p;
    *img = NULL;
    if (r->width == 0 && r->height == 0)
        return OCRVL_OK;
    if (r->width == 0 || r->height == 0 || r->width > OCRVL_MAX_SIDE || r->height > OCRVL_MAX_SIDE ||
        (uint64_t)r->width * r->height > max_pixels || (r->channels != 1 && r->channels != 3))
        return unsound(err);
    uint64_t len = (uint64_t)r->width * r->height * r->channels;
    if (!is_sealed(file, len))
        return unsound(err);
    ocrvl_image *i = ocrvl_alloc(sizeof *i);
    if (!i)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = map(&p, file, len, PROT_READ | PROT_WRITE, err);
    if (st) {
        ocrvl_free(i);
        return st;
    }
    *i = (ocrvl_image){r->width, r->height, r->channels, dpi_of(r->dpi_x), dpi_of(r->dpi_y), p, (size_t)len, false, 0};
    *img = i;
    return OCRVL_OK;
}
