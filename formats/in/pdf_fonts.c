#include "in/pdf_fonts.h"

#include <string.h>

#include <poppler.h>

#include "base/error.h"
#include "base/mem.h"

enum { AT_ONCE = 64 }; /* pages that are scanned at once, as poppler copies its list of objects each time */

void ocrvl_pdf_fonts_free(ocrvl_pdf_fonts *f)
{
    for (size_t i = 0; i < f->count; i++)
        ocrvl_free(f->names[i]);
    if (f->info)
        g_object_unref(f->info);
    memset(f, 0, sizeof *f);
}

/* Takes one more font of the document, each of which poppler tells once. False: no memory. */
static bool take(ocrvl_pdf_fonts *f, const char *name)
{
    size_t k = 0;
    while (k < f->count && strcmp(f->names[k], name) != 0)
        k++;
    if (k < f->count)
        f->several[k] = true;
    else if (k < OCRVL_MOST_FONTS && (f->names[k] = ocrvl_strdup(name)))
        f->count++;
    return k == OCRVL_MOST_FONTS || f->names[k];
}

/* Scans the pages up to that one, and some more. */
static bool scan(ocrvl_pdf_fonts *f, PopplerDocument *document, uint64_t index)
{
    PopplerFontsIter *i = NULL;
    bool fine = true;
    if (index < f->scanned)
        return true;
    if (!f->info)
        f->info = poppler_font_info_new(document);
    uint64_t end = (index / AT_ONCE + 1) * AT_ONCE;
    bool any = poppler_font_info_scan(f->info, (int)(end - f->scanned), &i) && i;
    f->scanned = end;
    for (bool more = any; more && fine; more = poppler_fonts_iter_next(i)) {
        const char *name = poppler_fonts_iter_get_full_name(i);
        fine = take(f, name ? name : "");
    }
    if (i)
        poppler_fonts_iter_free(i);
    return fine;
}

ocrvl_status ocrvl_pdf_fonts_forget(ocrvl_pdf_fonts *f, void *document, uint64_t index, ocrvl_fonts *fonts,
                                    ocrvl_error *err)
{
    if (!scan(f, document, index))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; f->several[i] && k < fonts->count; k++)
            if (strcmp(fonts->names[k], f->names[i]) == 0)
                fonts->verdicts[k] = OCRVL_VERDICT_NONE;
    return OCRVL_OK;
}
