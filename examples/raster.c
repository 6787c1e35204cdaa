/* Makes the page images of a document, to which all boxes refer: raster FILE PREFIX writes PREFIX-1.png, PREFIX-2.png,
 * ... */
#include <ocrvl_formats.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* The library writes by a function of ours, which gives an errno value or 0. */
static int write_file(void *user, const void *data, size_t len)
{
    return fwrite(data, 1, len, user) == len ? 0 : errno;
}

static ocrvl_status write_page(const ocrvl_image *img, const char *prefix, uint64_t page, ocrvl_error *err)
{
    char name[4096];
    snprintf(name, sizeof name, "%s-%" PRIu64 ".png", prefix, page);
    FILE *f = fopen(name, "wb");
    if (!f) {
        snprintf(err->message, sizeof err->message, "%.200s can't be written", name);
        return OCRVL_E_IO;
    }
    ocrvl_status status = ocrvl_image_write_png(img, write_file, f, err);
    fclose(f);
    return status;
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_source *source;
    ocrvl_source_options options = {.size = sizeof options, .dpi = 150, .render_always = true};
    ocrvl_status status;
    if (argc != 3)
        return fprintf(stderr, "usage: raster FILE PREFIX\n"), 2;
    if (ocrvl_source_open(&source, argv[1], &options, &err))
        return fprintf(stderr, "raster: %s\n", err.message), 1;
    int failed = 0;
    for (;;) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        status = ocrvl_source_next(source, &img, &place, &err);
        if (!status && !img)
            break;
        if (!status)
            status = write_page(img, argv[2], place.index + 1, &err);
        if (status) {
            fprintf(stderr, "raster: page %" PRIu64 ": %s\n", place.index + 1, err.message);
            failed = 1;
        }
        ocrvl_image_free(img);
    }
    ocrvl_source_free(source);
    return failed;
}
