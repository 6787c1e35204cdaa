#include "in/fontdirs.h"

#include <stddef.h>

#include <fontconfig/fontconfig.h>

static void tell(FcStrList *list, void (*each)(void *user, const char *path), void *user)
{
    for (const FcChar8 *path; list && (path = FcStrListNext(list));)
        each(user, (const char *)path);
    if (list)
        FcStrListDone(list);
}

void ocrvl_fontdirs(void (*each)(void *user, const char *path), void *user)
{
    if (!FcInit())
        return;
    tell(FcConfigGetFontDirs(NULL), each, user);
    tell(FcConfigGetCacheDirs(NULL), each, user);
    tell(FcConfigGetConfigFiles(NULL), each, user);
}
