#include "in/libav.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "in/video_load.h"

#define FORMAT "libavformat.so." AV_STRINGIFY(LIBAVFORMAT_VERSION_MAJOR)
#define SCALE "libswscale.so." AV_STRINGIFY(LIBSWSCALE_VERSION_MAJOR)
#define LACK "FFmpeg's libraries, " FORMAT " and " SCALE ", can't be loaded"

typedef struct function {
    const char *name;
    size_t at; /* its offset in ocrvl_libav */
} function;

#define FUNCTION(name) {#name, offsetof(ocrvl_libav, name)},
static const function of_format[] = {OCRVL_LIBAV_FUNCTIONS(FUNCTION)};
static const function of_scale[] = {OCRVL_LIBSWSCALE_FUNCTIONS(FUNCTION)};

static bool load(ocrvl_libav *av, const char *library, const function *f, size_t count)
{
    void *from = dlopen(library, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    bool all = from != NULL;
    for (size_t i = 0; all && i < count; i++) {
        void *address = dlsym(from, f[i].name);
        memcpy((char *)av + f[i].at, &address, sizeof address);
        all = address != NULL;
    }
    if (from)
        dlclose(from);
    return all;
}

static bool load_all(ocrvl_libav *av)
{
    return load(av, FORMAT, of_format, sizeof of_format / sizeof *of_format) &&
           load(av, SCALE, of_scale, sizeof of_scale / sizeof *of_scale);
}

ocrvl_status ocrvl_libav_load(ocrvl_libav *av, ocrvl_error *err)
{
    memset(av, 0, sizeof *av);
    if (load_all(av))
        return OCRVL_OK;
    memset(av, 0, sizeof *av);
    return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "videos can't be read: %s", LACK);
}

bool ocrvl_video_load(void)
{
    ocrvl_libav av = {0};
    return load_all(&av);
}

const char *ocrvl_video_lack(void) { return ocrvl_video_load() ? NULL : LACK; }
